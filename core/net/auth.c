/* Answers HTTP authentication challenges. */
#include <config.h>

#include "net/auth.h"

#include "base/crypto.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct algorithm {
    const char *name;
    enum digest_algorithm algorithm;
    bool session;
} algorithms[] = {
    {"MD5", DIGEST_MD5, false},
    {"MD5-sess", DIGEST_MD5, true},
    {"SHA-256", DIGEST_SHA256, false},
    {"SHA-256-sess", DIGEST_SHA256, true},
};

/* A challenge while it is being read. */
struct reading {
    struct auth_challenge challenge;
    bool usable;
    bool qop_given, qop_auth, qop_auth_int;
};

static int strength(const struct auth_challenge *challenge) {
    switch (challenge->scheme) {
    case AUTH_NONE:
        return 0;
    case AUTH_BASIC:
        return 1;
    case AUTH_DIGEST:
        return challenge->algorithm == DIGEST_SHA256 ? 3 : 2;
    }
    return 0;
}

static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, " \t,");
        size_t n = strcspn(at, " \t,");
        if (n == length && strncasecmp(at, word, n) == 0) {
            return true;
        }
        at += n;
    }
    return false;
}

static bool read_algorithm(struct auth_challenge *challenge, const char *name) {
    challenge->names_algorithm = true;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (strcasecmp(name, algorithms[i].name) == 0) {
            challenge->algorithm = algorithms[i].algorithm;
            challenge->session = algorithms[i].session;
            return true;
        }
    }
    return false;
}

static void read_parameter(struct reading *reading, const struct digest_scanner *scanner) {
    struct auth_challenge *challenge = &reading->challenge;
    const char *name = scanner->name;
    const char *value = scanner->value;
    bool good = true;
    if (strcasecmp(name, "realm") == 0) {
        good = !scanner->too_long && text_copy(challenge->realm, sizeof challenge->realm, value);
    } else if (strcasecmp(name, "nonce") == 0) {
        good = !scanner->too_long && text_copy(challenge->nonce, sizeof challenge->nonce, value);
    } else if (strcasecmp(name, "opaque") == 0) {
        challenge->has_opaque = true;
        good = !scanner->too_long && text_copy(challenge->opaque, sizeof challenge->opaque, value);
    } else if (strcasecmp(name, "algorithm") == 0) {
        good = read_algorithm(challenge, value);
    } else if (strcasecmp(name, "stale") == 0) {
        challenge->stale = strcasecmp(value, "true") == 0;
    } else if (strcasecmp(name, "qop") == 0) {
        reading->qop_given = value[strspn(value, " \t,")] != '\0';
        reading->qop_auth = has_word(value, "auth");
        reading->qop_auth_int = has_word(value, "auth-int");
    }
    if (!good) {
        reading->usable = false;
    }
}

/* One challenge was read whole: is it better than what we have? */
static void finish(struct reading *reading, bool basic_allowed, struct auth_challenge *best) {
    struct auth_challenge *challenge = &reading->challenge;
    if (challenge->scheme == AUTH_DIGEST) {
        challenge->qop = reading->qop_auth ? "auth" : reading->qop_auth_int ? "auth-int" : NULL;
        if (challenge->nonce[0] == '\0' || (reading->qop_given && challenge->qop == NULL)) {
            reading->usable = false;
        }
    }
    if (challenge->scheme == AUTH_BASIC && !basic_allowed) {
        reading->usable = false;
    }
    if (reading->usable && strength(challenge) > strength(best)) {
        *best = *challenge;
    }
}

static void start(struct reading *reading, const char *scheme) {
    memset(reading, 0, sizeof *reading);
    if (strcasecmp(scheme, "Digest") == 0) {
        reading->challenge.scheme = AUTH_DIGEST;
        reading->usable = true;
    } else if (strcasecmp(scheme, "Basic") == 0) {
        reading->challenge.scheme = AUTH_BASIC;
        reading->usable = true;
    }
}

void auth_read(const char *value, bool basic_allowed, struct auth_challenge *best) {
    struct digest_scanner scanner = {.at = value};
    struct reading reading;
    start(&reading, "");
    for (;;) {
        enum digest_piece piece = digest_scan(&scanner);
        if (piece == DIGEST_PARAMETER) {
            read_parameter(&reading, &scanner);
            continue;
        }
        finish(&reading, basic_allowed, best);
        if (piece == DIGEST_END) {
            return;
        }
        start(&reading, scanner.name);
    }
}

int auth_accept(struct auth *auth, const struct auth_challenge *challenge, const char *origin) {
    auth_forget(auth);
    if (!text_copy(auth->origin, sizeof auth->origin, origin)) {
        return -EIO;
    }
    int result = crypto_token(auth->cnonce, sizeof auth->cnonce - 1);
    if (result == 0) {
        auth->challenge = *challenge;
    }
    return result;
}

void auth_forget(struct auth *auth) {
    memset(auth, 0, sizeof *auth);
}

static void quoted(struct buffer *out, const char *name, const char *value) {
    (void) buffer_format(out, "%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\') {
            (void) buffer_char(out, '\\');
        }
        (void) buffer_char(out, *value);
    }
    (void) buffer_char(out, '"');
}

static const char *algorithm_name(const struct auth_challenge *challenge) {
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (algorithms[i].algorithm == challenge->algorithm && algorithms[i].session == challenge->session) {
            return algorithms[i].name;
        }
    }
    return "MD5";
}

static int digest_header(struct auth *auth, const struct auth_request *request, struct buffer *out) {
    const struct auth_challenge *challenge = &auth->challenge;
    char nc[16], response[DIGEST_HEX_SIZE];
    (void) snprintf(nc, sizeof nc, "%08x", ++auth->nc);
    const struct digest_input input = {.algorithm = challenge->algorithm,
                                       .session = challenge->session,
                                       .username = request->username,
                                       .realm = challenge->realm,
                                       .password = request->password,
                                       .method = request->method,
                                       .uri = request->uri,
                                       .nonce = challenge->nonce,
                                       .cnonce = auth->cnonce,
                                       .nc = nc,
                                       .qop = challenge->qop,
                                       .body = request->body,
                                       .length = request->length};
    int result = digest_response(&input, response);
    if (result < 0) {
        return result;
    }
    quoted(out, "Authorization: Digest username", request->username);
    quoted(out, ", realm", challenge->realm);
    quoted(out, ", nonce", challenge->nonce);
    quoted(out, ", uri", request->uri);
    quoted(out, ", response", response);
    if (challenge->names_algorithm) {
        (void) buffer_format(out, ", algorithm=%s", algorithm_name(challenge));
    }
    if (challenge->qop != NULL) {
        (void) buffer_format(out, ", qop=%s, nc=%s", challenge->qop, nc);
    }
    if (challenge->qop != NULL || challenge->session) {
        quoted(out, ", cnonce", auth->cnonce);
    }
    if (challenge->has_opaque) {
        quoted(out, ", opaque", challenge->opaque);
    }
    return buffer_error(out);
}

static int basic_header(const struct auth_request *request, struct buffer *out) {
    struct buffer plain;
    buffer_init(&plain, 4096);
    int result = buffer_format(&plain, "%s:%s", request->username, request->password);
    if (result == 0) {
        (void) buffer_text(out, "Authorization: Basic ");
        result = crypto_base64_encode(plain.data, plain.length, out);
        memset(plain.data, 0, plain.length);
    }
    buffer_free(&plain);
    return result;
}

int auth_header(struct auth *auth, const struct auth_request *request, struct buffer *out, bool *ret_sent) {
    *ret_sent = false;
    if (auth->challenge.scheme == AUTH_NONE || strcmp(auth->origin, request->origin) != 0) {
        return 0;
    }
    int result =
        auth->challenge.scheme == AUTH_BASIC ? basic_header(request, out) : digest_header(auth, request, out);
    *ret_sent = result == 0;
    return result;
}
