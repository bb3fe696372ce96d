/* HTTP Digest: the response and the grammar of its headers. */
#include <config.h>

#include "net/digest.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <string.h>

static const gnutls_digest_algorithm_t algorithms[] = {
    [DIGEST_MD5] = GNUTLS_DIG_MD5, [DIGEST_SHA256] = GNUTLS_DIG_SHA256};

static void hexadecimal(const unsigned char *data, size_t length, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * length] = '\0';
}

/* H(parts joined by ':'), up to the first NULL. */
static int hash(enum digest_algorithm algorithm, const char *const *parts, char hex[DIGEST_HEX_SIZE]) {
    unsigned char digest[32];
    gnutls_hash_hd_t handle;
    gnutls_digest_algorithm_t which = algorithms[algorithm];
    int result = 0;
    if (gnutls_hash_init(&handle, which) != 0) {
        return -EIO;
    }
    for (size_t i = 0; parts[i] != NULL && result == 0; i++) {
        if (i > 0) {
            result = gnutls_hash(handle, ":", 1);
        }
        if (result == 0) {
            result = gnutls_hash(handle, parts[i], strlen(parts[i]));
        }
    }
    gnutls_hash_deinit(handle, digest);
    if (result != 0) {
        return -EIO;
    }
    hexadecimal(digest, gnutls_hash_get_len(which), hex);
    gnutls_memset(digest, 0, sizeof digest);
    return 0;
}

static int hash_body(const struct digest_input *in, char hex[DIGEST_HEX_SIZE]) {
    unsigned char digest[32];
    gnutls_digest_algorithm_t which = algorithms[in->algorithm];
    if (gnutls_hash_fast(which, in->length > 0 ? in->body : "", in->length, digest) != 0) {
        return -EIO;
    }
    hexadecimal(digest, gnutls_hash_get_len(which), hex);
    return 0;
}

int digest_response(const struct digest_input *in, char ret_hex[DIGEST_HEX_SIZE]) {
    char ha1[DIGEST_HEX_SIZE], ha2[DIGEST_HEX_SIZE], body[DIGEST_HEX_SIZE];
    const char *const first[] = {in->username, in->realm, in->password, NULL};
    const char *second[] = {in->method, in->uri, NULL, NULL};
    int result = hash(in->algorithm, first, ha1);
    if (result == 0 && in->session) {
        char plain[DIGEST_HEX_SIZE];
        memcpy(plain, ha1, sizeof plain);
        const char *const session[] = {plain, in->nonce, in->cnonce, NULL};
        result = hash(in->algorithm, session, ha1);
    }
    if (result == 0 && in->qop != NULL && strcmp(in->qop, "auth-int") == 0) {
        result = hash_body(in, body);
        second[2] = body;
    }
    if (result == 0) {
        result = hash(in->algorithm, second, ha2);
    }
    if (result == 0) {
        const char *const with[] = {ha1, in->nonce, in->nc, in->cnonce, in->qop, ha2, NULL};
        const char *const without[] = {ha1, in->nonce, ha2, NULL};
        result = hash(in->algorithm, in->qop != NULL ? with : without, ret_hex);
    }
    gnutls_memset(ha1, 0, sizeof ha1);
    return result;
}

/* ---- grammar ----------------------------------------------------------------------------------- */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t token(const char *at) {
    return strcspn(at, " \t\r\n,=\"");
}

static void skip_spaces(struct digest_scanner *scanner) {
    while (is_space(*scanner->at)) {
        scanner->at++;
    }
}

static void keep(struct digest_scanner *scanner, size_t *length, char c) {
    if (*length + 1 < sizeof scanner->value) {
        scanner->value[(*length)++] = c;
    } else {
        scanner->too_long = true;
    }
}

static void scan_value(struct digest_scanner *scanner) {
    size_t length = 0;
    scanner->too_long = false;
    if (*scanner->at == '"') {
        scanner->at++;
        while (*scanner->at != '\0' && *scanner->at != '"') {
            if (*scanner->at == '\\' && scanner->at[1] != '\0') {
                scanner->at++;
            }
            keep(scanner, &length, *scanner->at++);
        }
        scanner->at += *scanner->at == '"' ? 1 : 0;
    } else {
        while (*scanner->at != '\0' && *scanner->at != ',' && !is_space(*scanner->at)) {
            keep(scanner, &length, *scanner->at++);
        }
    }
    if (scanner->too_long) {
        length = 0;
    }
    scanner->value[length] = '\0';
}

enum digest_piece digest_scan(struct digest_scanner *scanner) {
    size_t length = 0;
    while (length == 0) {
        while (is_space(*scanner->at) || *scanner->at == ',') {
            scanner->at++;
        }
        if (*scanner->at == '\0') {
            return DIGEST_END;
        }
        length = token(scanner->at);
        if (length == 0) { /* a stray '=' or '"' */
            scanner->at++;
        }
    }
    size_t kept = length < sizeof scanner->name ? length : sizeof scanner->name - 1;
    memcpy(scanner->name, scanner->at, kept);
    scanner->name[kept] = '\0';
    scanner->at += length;
    skip_spaces(scanner);
    if (*scanner->at != '=') {
        scanner->value[0] = '\0';
        return DIGEST_SCHEME;
    }
    scanner->at++;
    skip_spaces(scanner);
    scan_value(scanner);
    return DIGEST_PARAMETER;
}
