/* Basic and Digest as a server, strict about what a client must send. */
#include <config.h>

#include "auth.h"

#include "base/buffer.h"
#include "base/text.h"
#include "http.h"

#include <ctype.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char realm[] = "test-acs";

static void hex(const unsigned char *octets, size_t length, char *out) {
    for (size_t i = 0; i < length; i++) {
        (void) snprintf(out + 2 * i, 3, "%02x", octets[i]);
    }
}

void random_token(char ret_token[33]) {
    unsigned char octets[16];
    if (gnutls_rnd(GNUTLS_RND_NONCE, octets, sizeof octets) < 0) {
        memset(octets, 7, sizeof octets);
    }
    hex(octets, sizeof octets, ret_token);
}

/* H(a:b:c...) in hexadecimal; `parts` ends with NULL. */
static void hash_parts(gnutls_digest_algorithm_t algorithm, const char *const *parts, char out[DIGEST_TEXT]) {
    struct buffer text;
    unsigned char octets[64];
    buffer_init(&text, 65536);
    for (size_t i = 0; parts[i] != NULL; i++) {
        (void) buffer_text(&text, i > 0 ? ":" : "");
        (void) buffer_text(&text, parts[i]);
    }
    out[0] = '\0';
    if (gnutls_hash_fast(algorithm, buffer_string(&text), text.length, octets) == 0) {
        hex(octets, gnutls_hash_get_len(algorithm), out);
    }
    buffer_free(&text);
}

bool digest_response(const struct digest_input *input, char ret_hex[DIGEST_TEXT]) {
    gnutls_digest_algorithm_t algorithm = GNUTLS_DIG_MD5;
    if (strncasecmp(input->algorithm, "SHA-256", 7) == 0) {
        algorithm = GNUTLS_DIG_SHA256;
    } else if (*input->algorithm != '\0' && strncasecmp(input->algorithm, "MD5", 3) != 0) {
        return false;
    }
    char a1[DIGEST_TEXT];
    char a2[DIGEST_TEXT];
    hash_parts(algorithm, (const char *[]){input->user, input->realm, input->password, NULL}, a1);
    if (text_ends(input->algorithm, "-sess")) {
        char session[DIGEST_TEXT];
        hash_parts(algorithm, (const char *[]){a1, input->nonce, input->cnonce, NULL}, session);
        memcpy(a1, session, sizeof a1);
    }
    if (strcmp(input->qop, "auth-int") == 0) {
        unsigned char octets[64];
        char body[DIGEST_TEXT] = "";
        if (gnutls_hash_fast(algorithm, input->body_length > 0 ? input->body : "", input->body_length,
                             octets) == 0) {
            hex(octets, gnutls_hash_get_len(algorithm), body);
        }
        hash_parts(algorithm, (const char *[]){input->method, input->uri, body, NULL}, a2);
    } else {
        hash_parts(algorithm, (const char *[]){input->method, input->uri, NULL}, a2);
    }
    if (*input->qop == '\0') {
        hash_parts(algorithm, (const char *[]){a1, input->nonce, a2, NULL}, ret_hex);
    } else {
        hash_parts(algorithm,
                   (const char *[]){a1, input->nonce, input->nc, input->cnonce, input->qop, a2, NULL},
                   ret_hex);
    }
    return true;
}

static const char *skip_value(const char *at) {
    if (*at != '"') {
        return at + strcspn(at, ",");
    }
    for (at++; *at != '\0' && *at != '"'; at++) {
        at += *at == '\\' && at[1] != '\0' ? 1 : 0;
    }
    return *at == '"' ? at + 1 : at;
}

static char *take_value(const char *from, const char *to) {
    char *value = must_alloc((size_t) (to - from) + 1);
    char *out = value;
    if (*from == '"') {
        from++;
        to -= to > from && to[-1] == '"' ? 1 : 0;
    }
    for (; from < to; from++) {
        if (*from == '\\' && from + 1 < to) {
            from++;
        }
        *out++ = *from;
    }
    while (out > value && (out[-1] == ' ' || out[-1] == '\t')) {
        *--out = '\0';
    }
    return value;
}

char *auth_directive(const char *header, const char *name) {
    size_t length = strlen(name);
    const char *at = header + strcspn(header, " ");
    while (*at != '\0') {
        at += strspn(at, " \t,");
        size_t key = strcspn(at, "= ,");
        const char *equals = at + key + strspn(at + key, " ");
        if (*equals != '=') {
            at += key > 0 ? key : (*at != '\0' ? 1u : 0u);
            continue;
        }
        const char *value = equals + 1 + strspn(equals + 1, " ");
        const char *end = skip_value(value);
        if (key == length && strncasecmp(at, name, length) == 0) {
            return take_value(value, end);
        }
        at = end;
    }
    return NULL;
}

static enum auth_verdict check_basic(const struct auth_rules *rules, const char *header) {
    gnutls_datum_t in = {.data = (unsigned char *) must_dup(header + 6),
                         .size = (unsigned) strlen(header + 6)};
    gnutls_datum_t out = {0};
    enum auth_verdict verdict = AUTH_WRONG;
    if (gnutls_base64_decode2(&in, &out) == 0) {
        char *expected = must_format("%s:%s", rules->user, rules->password);
        if (out.size == strlen(expected) && memcmp(out.data, expected, out.size) == 0) {
            verdict = AUTH_OK;
        }
        free(expected);
        gnutls_free(out.data);
    }
    free(in.data);
    return verdict;
}

static struct nonce *find_nonce(struct auth_rules *rules, const char *text) {
    for (size_t i = 0; i < NONCE_KEPT; i++) {
        if (rules->nonces[i].text[0] != '\0' && strcmp(rules->nonces[i].text, text) == 0) {
            return &rules->nonces[i];
        }
    }
    return NULL;
}

static bool nonce_is_good(const struct auth_rules *rules, const struct nonce *nonce, unsigned connection) {
    if (rules->next && nonce->used > 0) {
        return false;
    }
    if (rules->stale_after > 0 && nonce->used >= rules->stale_after) {
        return false;
    }
    switch (rules->rule) {
    case NONCE_ANY:
        return true;
    case NONCE_CONNECTION:
        return nonce->connection == connection;
    case NONCE_ONCE:
        return nonce->used == 0;
    }
    return false;
}

struct directives {
    char *user, *realm, *nonce, *uri, *response, *algorithm, *qop, *nc, *cnonce, *opaque;
};

static char *directive(const char *header, const char *name) {
    char *value = auth_directive(header, name);
    return value != NULL ? value : must_dup("");
}

static void directives_read(struct directives *d, const char *header) {
    d->user = directive(header, "username");
    d->realm = directive(header, "realm");
    d->nonce = directive(header, "nonce");
    d->uri = directive(header, "uri");
    d->response = directive(header, "response");
    d->algorithm = directive(header, "algorithm");
    d->qop = directive(header, "qop");
    d->nc = directive(header, "nc");
    d->cnonce = directive(header, "cnonce");
    d->opaque = directive(header, "opaque");
}

static void directives_free(struct directives *d) {
    char *all[] = {d->user,      d->realm, d->nonce, d->uri,    d->response,
                   d->algorithm, d->qop,   d->nc,    d->cnonce, d->opaque};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        free(all[i]);
    }
}

/* auth, if it is offered. */
static const char *offered_qop(const struct auth_rules *rules) {
    return strcmp(rules->qop, "auth-int") == 0 ? "auth-int" : "auth";
}

/* What RFC 2617 asks of the client besides the right response. */
static void check_rules(const struct auth_rules *rules, const struct directives *d, struct nonce *nonce,
                        const char *url, char *fault, size_t size) {
    unsigned long nc = strtoul(d->nc, NULL, 16);
    if (strcmp(d->uri, url) != 0) {
        (void) snprintf(fault, size, "uri is \"%s\", the request is for \"%s\"", d->uri, url);
    } else if (strcmp(d->realm, realm) != 0) {
        (void) snprintf(fault, size, "realm is \"%s\"", d->realm);
    } else if (strcmp(d->opaque, rules->opaque) != 0) {
        (void) snprintf(fault, size, "opaque is not given back: \"%s\"", d->opaque);
    } else if (*rules->qop != '\0' && strcmp(d->qop, offered_qop(rules)) != 0) {
        (void) snprintf(fault, size, "qop is \"%s\" though %s is offered", d->qop, offered_qop(rules));
    } else if (*rules->qop != '\0' && *d->cnonce == '\0') {
        (void) snprintf(fault, size, "cnonce is missing or empty");
    } else if (*rules->qop != '\0' && (strlen(d->nc) != 8 || nc != nonce->last_nc + 1ul)) {
        (void) snprintf(fault, size, "nc is \"%s\" after %08x", d->nc, nonce->last_nc);
    }
    nonce->last_nc = (unsigned) nc;
}

static enum auth_verdict check_digest(struct auth_rules *rules, struct request *request, const char *header,
                                      bool *ret_stale, char *fault, size_t fault_size) {
    struct directives d;
    directives_read(&d, header);
    char expected[DIGEST_TEXT] = "";
    struct digest_input input = {.algorithm = rules->algorithm,
                                 .user = rules->user,
                                 .realm = realm,
                                 .password = rules->password,
                                 .method = request->method,
                                 .uri = d.uri,
                                 .nonce = d.nonce,
                                 .nc = d.nc,
                                 .cnonce = d.cnonce,
                                 .qop = d.qop,
                                 .body = request->body.data,
                                 .body_length = request->body.length};
    struct nonce *nonce = find_nonce(rules, d.nonce);
    enum auth_verdict verdict = AUTH_WRONG;
    bool right = strcmp(d.user, rules->user) == 0 && digest_response(&input, expected) &&
                 strcasecmp(expected, d.response) == 0;
    if (right && (nonce == NULL || !nonce_is_good(rules, nonce, request->connection->number))) {
        verdict = AUTH_CHALLENGE;
        *ret_stale = nonce != NULL;
    } else if (right) {
        verdict = AUTH_OK;
        nonce->used++;
        check_rules(rules, &d, nonce, request->url, fault, fault_size);
    }
    directives_free(&d);
    return verdict;
}

enum auth_verdict auth_check(struct auth_rules *rules, struct request *request, bool *ret_stale, char *fault,
                             size_t fault_size) {
    const char *header = request_header(request, "Authorization");
    *fault = '\0';
    *ret_stale = false;
    if (rules->kind == AUTH_NONE) {
        return AUTH_OK;
    }
    if (header == NULL || rules->kind == AUTH_STRANGE) {
        return AUTH_CHALLENGE;
    }
    if (rules->kind == AUTH_BASIC) {
        return strncasecmp(header, "Basic ", 6) == 0 ? check_basic(rules, header) : AUTH_WRONG;
    }
    if (strncasecmp(header, "Digest ", 7) != 0) {
        return AUTH_WRONG;
    }
    return check_digest(rules, request, header, ret_stale, fault, fault_size);
}

/* How a challenge may be written: $r realm, $n nonce, $q qop, $a algorithm; what stands in braces is left out
 * where its value is empty. The rest comes after. */
#define USUAL "Digest realm=\"$r\", nonce=\"$n\"{, qop=\"$q\"}{, algorithm=$a}"
static const struct {
    const char *name;
    const char *before; /* a header of its own in front; NULL: none */
    const char *challenge;
    const char *after; /* one behind */
} forms[] = {
    {"usual", NULL, USUAL, NULL},
    {"unquoted", NULL, "digest realm=$r,nonce=$n{,qop=$q}{,algorithm=$a}", NULL},
    {"spaced", NULL, "DIGEST  REALM=\"$r\" ,\tNonce=\"$n\"{ , QOP=\"$q\"}{ ,Algorithm=\"$a\"}", NULL},
    {"extended", NULL,
     "Digest realm=\"$r\", domain=\"/acs /files\", charset=UTF-8, x-note=\"a, b=c\", nonce=\"$n\"{, "
     "qop=\"$q\"}"
     ", stale=false, userhash=false{, algorithm=$a}",
     NULL},
    {"after-basic", "Basic realm=\"test-acs\"", USUAL, NULL},
    {"before-basic", NULL, USUAL, "Basic realm=\"test-acs\""},
    {"after-negotiate", "Negotiate", USUAL, NULL},
};

static size_t find_form(const char *name) {
    size_t i = 0;
    while (i < sizeof forms / sizeof forms[0] && strcmp(forms[i].name, name) != 0) {
        i++;
    }
    return i;
}

static void write_form(struct buffer *out, const char *form, const char *nonce,
                       const struct auth_rules *rules) {
    const char *const values[] = {realm, nonce, rules->qop, rules->algorithm};
    static const char letters[] = "rnqa";
    for (; *form != '\0'; form++) {
        const char *dollar = *form == '{' ? strchr(form, '$') : form;
        const char *letter = *dollar == '$' ? strchr(letters, dollar[1]) : NULL;
        if (*form == '{' && letter != NULL && *values[letter - letters] == '\0') {
            form = strchr(form, '}');
        } else if (*form == '$' && letter != NULL) {
            (void) buffer_text(out, values[letter - letters]);
            form++;
        } else if (*form != '{' && *form != '}') {
            (void) buffer_char(out, *form);
        }
    }
}

static struct nonce *fresh_nonce(struct auth_rules *rules, const struct request *request) {
    struct nonce *nonce = &rules->nonces[rules->next_place++ % NONCE_KEPT];
    *nonce = (struct nonce){.connection = request->connection->number};
    random_token(nonce->text);
    return nonce;
}

void auth_approve(struct auth_rules *rules, struct request *request, struct reply *reply) {
    if (rules->kind == AUTH_DIGEST && rules->next) {
        char text[80];
        (void) snprintf(text, sizeof text, "nextnonce=\"%s\"", fresh_nonce(rules, request)->text);
        reply_header(reply, "Authentication-Info", text);
    }
}

void auth_challenge(struct auth_rules *rules, struct request *request, struct reply *reply, bool stale) {
    reply->status = 401;
    request->connection->challenged = true;
    if (rules->kind != AUTH_DIGEST) {
        reply_header(reply, "WWW-Authenticate",
                     rules->kind == AUTH_BASIC ? "Basic realm=\"test-acs\"" : "Negotiate");
        return;
    }
    size_t form = find_form(rules->form);
    struct buffer text;
    buffer_init(&text, 2048);
    write_form(&text, forms[form].challenge, fresh_nonce(rules, request)->text, rules);
    if (*rules->opaque != '\0') {
        (void) buffer_format(&text, ", opaque=\"%s\"", rules->opaque);
    }
    if (stale) {
        (void) buffer_text(&text, ", stale=true");
    }
    if (forms[form].before != NULL) {
        reply_header(reply, "WWW-Authenticate", forms[form].before);
    }
    reply_header(reply, "WWW-Authenticate", buffer_string(&text));
    if (forms[form].after != NULL) {
        reply_header(reply, "WWW-Authenticate", forms[form].after);
    }
    buffer_free(&text);
}

static int nonce_rule(struct auth_rules *rules, const char *value) {
    static const char *const names[] = {"any", "connection", "once"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(names[i], value) == 0) {
            rules->rule = (enum nonce_rule) i;
            return 0;
        }
    }
    return -EINVAL;
}

static int digest_option(struct auth_rules *rules, const char *word) {
    uint64_t number = 0;
    if (word_value(word, "algorithm") != NULL) {
        replace_text(&rules->algorithm, word_value(word, "algorithm"));
    } else if (word_value(word, "qop") != NULL) {
        replace_text(&rules->qop, word_value(word, "qop"));
    } else if (word_value(word, "opaque") != NULL) {
        replace_text(&rules->opaque, word_value(word, "opaque"));
    } else if (word_value(word, "form") != NULL) {
        replace_text(&rules->form, word_value(word, "form"));
        return find_form(rules->form) < sizeof forms / sizeof forms[0] ? 0 : -EINVAL;
    } else if (strcmp(word, "next") == 0) {
        rules->next = true;
    } else if (word_value(word, "nonce") != NULL) {
        return nonce_rule(rules, word_value(word, "nonce"));
    } else if (word_value(word, "stale") != NULL &&
               parse_number(word_value(word, "stale"), 1000000, &number)) {
        rules->stale_after = (unsigned) number;
    } else {
        return -EINVAL;
    }
    return 0;
}

int auth_rules_parse(struct auth_rules *rules, const char *const *word, size_t count, char *error,
                     size_t error_size) {
    struct auth_rules made = {0};
    replace_text(&made.algorithm, "MD5");
    replace_text(&made.qop, "auth");
    replace_text(&made.opaque, "");
    replace_text(&made.form, "usual");
    int rc = 0;
    if (count >= 3 && (strcmp(word[0], "basic") == 0 || strcmp(word[0], "digest") == 0)) {
        made.kind = strcmp(word[0], "basic") == 0 ? AUTH_BASIC : AUTH_DIGEST;
        made.user = must_dup(word[1]);
        made.password = must_dup(word[2]);
        for (size_t i = 3; i < count && rc == 0; i++) {
            rc = digest_option(&made, word[i]);
        }
    } else if (count == 1 && strcmp(word[0], "strange") == 0) {
        made.kind = AUTH_STRANGE;
    } else if (count != 1 || strcmp(word[0], "none") != 0) {
        rc = -EINVAL;
    }
    if (rc < 0) {
        (void) snprintf(
            error, error_size,
            "none, basic USER PASSWORD or digest USER PASSWORD [algorithm=MD5] [qop=auth] "
            "[nonce=any|connection|once] [stale=N] [opaque=TEXT] [form=usual] [next], or strange");
        auth_rules_free(&made);
        return rc;
    }
    auth_rules_free(rules);
    *rules = made;
    return 0;
}

void auth_rules_free(struct auth_rules *rules) {
    free(rules->user);
    free(rules->password);
    free(rules->algorithm);
    free(rules->qop);
    free(rules->opaque);
    free(rules->form);
    *rules = (struct auth_rules){0};
}
