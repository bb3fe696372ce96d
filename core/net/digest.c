/* HTTP Digest as a server. */
#include <config.h>

#include "net/digest.h"

#include "base/crypto.h"
#include "base/text.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    STAMPS_BITS = 10, /* stamps of one millisecond */
    STAMP_DIGITS = 16,
    CODE_OCTETS = 16,
    NONCE_SIZE = STAMP_DIGITS + 2 * CODE_OCTETS + 1,
    ANSWER_MAX = 4096,
    COUNT_DIGITS = 8
};

/* ---- nonces ------------------------------------------------------------------------------------- */

/* False when it cannot be made: then it is the empty text, which no answer is right with. */
static bool write_nonce(const struct digest_server *server, uint64_t stamp, char out[NONCE_SIZE]) {
    unsigned char code[CRYPTO_SHA1_SIZE];
    (void) snprintf(out, NONCE_SIZE, "%016llx", (unsigned long long) stamp);
    if (crypto_hmac_sha1(server->secret, out, STAMP_DIGITS, code) < 0) {
        out[0] = '\0';
        return false;
    }
    for (size_t i = 0; i < CODE_OCTETS; i++) {
        (void) snprintf(out + STAMP_DIGITS + 2 * i, 3, "%02x", code[i]);
    }
    return true;
}

/* The stamp of a nonce of this server, 0 of any other text. */
static uint64_t stamp_of(const struct digest_server *server, const char *nonce) {
    char digits[STAMP_DIGITS + 1], expected[NONCE_SIZE];
    if (strlen(nonce) != NONCE_SIZE - 1) {
        return 0;
    }
    memcpy(digits, nonce, STAMP_DIGITS);
    digits[STAMP_DIGITS] = '\0';
    const uint64_t stamp = strtoull(digits, NULL, 16);
    return write_nonce(server, stamp, expected) && crypto_equal(nonce, expected) ? stamp : 0;
}

static uint64_t stamp_at(const struct digest_server *server, uint64_t now_ms) {
    return (server->origin + now_ms) << STAMPS_BITS;
}

static bool is_old(const struct digest_server *server, uint64_t stamp, uint64_t now_ms) {
    const uint64_t life = (uint64_t) DIGEST_NONCE_S * 1000 << STAMPS_BITS;
    return stamp <= server->too_old || stamp + life < stamp_at(server, now_ms);
}

/* Notes that a nonce was answered with this nc; false if that may be a repetition. */
static bool use(struct digest_server *server, uint64_t stamp, uint32_t count) {
    struct digest_used *place = &server->used[0];
    for (size_t i = 0; i < DIGEST_USED; i++) {
        struct digest_used *used = &server->used[i];
        if (used->stamp == stamp) {
            const bool fresh = count > used->count;
            used->count = fresh ? count : used->count;
            return fresh;
        }
        place = used->stamp < place->stamp ? used : place;
    }
    if (place->stamp > server->too_old) {
        server->too_old = place->stamp;
    }
    *place = (struct digest_used){stamp, count};
    return true;
}

int digest_begin(struct digest_server *server, const char *realm) {
    uint32_t origin = 0;
    *server = (struct digest_server){.realm = realm};
    int r = crypto_random(&origin, sizeof origin);
    server->origin = (uint64_t) origin << 8;
    return r < 0 ? r : crypto_token(server->secret, DIGEST_SECRET);
}

void digest_challenge(struct digest_server *server, uint64_t now_ms, bool stale,
                      char ret_text[DIGEST_CHALLENGE_SIZE]) {
    const uint64_t stamp = stamp_at(server, now_ms);
    char nonce[NONCE_SIZE];
    server->newest = stamp > server->newest ? stamp : server->newest + 1;
    (void) write_nonce(server, server->newest, nonce);
    (void) snprintf(ret_text, DIGEST_CHALLENGE_SIZE,
                    "Digest realm=\"%s\", nonce=\"%s\", qop=\"auth\", algorithm=MD5%s", server->realm, nonce,
                    stale ? ", stale=true" : "");
}

/* ---- answers ------------------------------------------------------------------------------------ */

/* NULL: not there. */
struct answer {
    const char *username, *nonce, *uri, *response, *algorithm, *qop, *nc, *cnonce;
    char room[ANSWER_MAX]; /* their texts */
};

static const struct {
    const char *name;
    size_t offset;
} directives[] = {
    {"username", offsetof(struct answer, username)},
    {"nonce", offsetof(struct answer, nonce)},
    {"uri", offsetof(struct answer, uri)},
    {"response", offsetof(struct answer, response)},
    {"algorithm", offsetof(struct answer, algorithm)},
    {"qop", offsetof(struct answer, qop)},
    {"nc", offsetof(struct answer, nc)},
    {"cnonce", offsetof(struct answer, cnonce)},
};

static const char **find_directive(struct answer *answer, const char *name, size_t length) {
    for (size_t i = 0; i < sizeof directives / sizeof directives[0]; i++) {
        if (strlen(directives[i].name) == length && strncasecmp(directives[i].name, name, length) == 0) {
            return (const char **) (void *) ((char *) answer + directives[i].offset);
        }
    }
    return NULL;
}

/* Copies a value, quoted or not, and ends it; NULL: the quotes have no end. */
static const char *copy_value(const char *from, char **out) {
    if (*from != '"') {
        const size_t length = strcspn(from, ", \t");
        memcpy(*out, from, length);
        *out += length;
        from += length;
    } else {
        for (from++; *from != '"'; from++) {
            from += *from == '\\' ? 1 : 0;
            if (*from == '\0') {
                return NULL;
            }
            *(*out)++ = *from;
        }
        from++;
    }
    *(*out)++ = '\0';
    return from;
}

/* False for what is no list of directives, or has one of ours twice: which one is meant is not ours to guess.
 * A value ends in `room` where it ends in `text` or before, since a name and a '=' were in front of it. */
static bool read_answer(const char *text, struct answer *answer) {
    char *out = answer->room;
    if (strlen(text) >= sizeof answer->room) {
        return false;
    }
    while (*(text += strspn(text, ", \t")) != '\0') {
        const size_t length = strcspn(text, "=, \t\"");
        const char **directive = find_directive(answer, text, length);
        const char *value = out;
        text += length;
        text += strspn(text, " \t");
        if (length == 0 || *text != '=' || (directive != NULL && *directive != NULL)) {
            return false;
        }
        text = copy_value(text + 1 + strspn(text + 1, " \t"), &out);
        if (text == NULL || strchr(", \t", *text) == NULL) { /* its NUL is found as well */
            return false;
        }
        if (directive != NULL) {
            *directive = value;
        }
    }
    return answer->username != NULL && answer->nonce != NULL && answer->uri != NULL &&
           answer->response != NULL;
}

/* The nc of an answer; without qop, which has none, the highest there is. 0: it is not as it must be. */
static uint32_t count_of(const struct answer *answer) {
    if (answer->qop == NULL) {
        return UINT32_MAX;
    }
    if (strcasecmp(answer->qop, "auth") != 0 || answer->cnonce == NULL || answer->nc == NULL ||
        strlen(answer->nc) != COUNT_DIGITS || strspn(answer->nc, "0123456789abcdefABCDEF") != COUNT_DIGITS) {
        return 0;
    }
    return (uint32_t) strtoul(answer->nc, NULL, 16);
}

/* It may be a whole URL, and may have a query. */
static bool names_path(const char *uri, const char *path) {
    if (strncasecmp(uri, "http://", 7) == 0) {
        uri += 7 + strcspn(uri + 7, "/");
    }
    return strcspn(uri, "?") == strlen(path) && strncmp(uri, path, strlen(path)) == 0;
}

/* Is this what somebody with the password answers? (RFC 2617 section 3.2.2) */
static bool response_is_right(const struct digest_server *server, const struct digest_request *request,
                              const struct answer *answer) {
    char who[CRYPTO_MD5_HEX], what[CRYPTO_MD5_HEX], expected[CRYPTO_MD5_HEX], given[CRYPTO_MD5_HEX];
    const char *const secret[] = {request->username, server->realm, request->password, NULL};
    const char *const asked[] = {request->method, answer->uri, NULL};
    const char *const plain[] = {who, answer->nonce, what, NULL};
    const char *const counted[] = {who, answer->nonce, answer->nc, answer->cnonce, answer->qop, what, NULL};
    if (crypto_md5_hex(secret, who) < 0 || crypto_md5_hex(asked, what) < 0 ||
        crypto_md5_hex(answer->qop != NULL ? counted : plain, expected) < 0 ||
        !text_copy(given, sizeof given, answer->response)) {
        return false;
    }
    for (char *at = given; *at != '\0'; at++) {
        *at = (char) tolower((unsigned char) *at);
    }
    return crypto_equal(given, expected);
}

enum digest_verdict digest_check(struct digest_server *server, const struct digest_request *request,
                                 uint64_t now_ms, const char *text) {
    struct answer answer = {0};
    if (request->username[0] == '\0' || !read_answer(text, &answer)) {
        return DIGEST_WRONG;
    }
    const uint32_t count = count_of(&answer);
    if (count == 0 || (answer.algorithm != NULL && strcasecmp(answer.algorithm, "MD5") != 0) ||
        !names_path(answer.uri, request->path)) {
        return DIGEST_WRONG;
    }
    const bool right = response_is_right(server, request, &answer);
    if (!crypto_equal(answer.username, request->username) || !right) {
        return DIGEST_WRONG;
    }
    const uint64_t stamp = stamp_of(server, answer.nonce);
    if (stamp == 0 || is_old(server, stamp, now_ms)) {
        return DIGEST_OLD;
    }
    return use(server, stamp, count) ? DIGEST_RIGHT : DIGEST_REPEATED;
}
