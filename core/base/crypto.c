/* Hash, Base64, random: the only file of base that knows GnuTLS. */
#include <config.h>

#include "base/crypto.h"

#include "base/text.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int crypto_sha256(const void *data, size_t length, unsigned char ret_digest[CRYPTO_SHA256_SIZE]) {
    unsigned char digest[CRYPTO_SHA256_SIZE];
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, length > 0 ? data : "", length, digest) < 0) {
        return -EIO;
    }
    memcpy(ret_digest, digest, sizeof digest);
    return 0;
}

int crypto_hmac_sha1(const char *key, const void *data, size_t length,
                     unsigned char ret_digest[CRYPTO_SHA1_SIZE]) {
    const int r = gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, strlen(key), data, length, ret_digest);
    return r < 0 ? -EIO : 0;
}

int crypto_md5_hex(const char *const *parts, char ret_hex[CRYPTO_MD5_HEX]) {
    unsigned char digest[(CRYPTO_MD5_HEX - 1) / 2];
    gnutls_hash_hd_t hash;
    int r = gnutls_hash_init(&hash, GNUTLS_DIG_MD5);
    if (r < 0) {
        return -EIO;
    }
    for (size_t i = 0; r >= 0 && parts[i] != NULL; i++) {
        r = i > 0 ? gnutls_hash(hash, ":", 1) : 0;
        r = r >= 0 ? gnutls_hash(hash, parts[i], strlen(parts[i])) : r;
    }
    gnutls_hash_deinit(hash, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        (void) snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
    }
    return r < 0 ? -EIO : 0;
}

uint64_t crypto_digest64(const void *data, size_t length) {
    unsigned char digest[CRYPTO_SHA256_SIZE];
    uint64_t first = 0;
    size_t i;
    if (crypto_sha256(data, length, digest) < 0) {
        return text_hash(data, length); /* a FIPS module in its error state: still tells values apart */
    }
    for (i = 0; i < 8; i++) {
        first = first << 8 | digest[i];
    }
    return first;
}

static int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Four characters, of which the last `padding` are '='; 3 - padding octets. */
static bool decode_group(const char *text, unsigned padding, unsigned char *out) {
    uint32_t bits = 0;
    unsigned i;
    for (i = 0; i < 4; i++) {
        int value = i < 4 - padding ? base64_value(text[i]) : 0;
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t) value;
    }
    for (i = 0; i < 3; i++) {
        unsigned char octet = (unsigned char) (bits >> (16 - 8 * i));
        if (i < 3 - padding) {
            out[i] = octet;
        } else if (octet != 0) { /* bits that belong to nothing: no encoder writes them */
            return false;
        }
    }
    return true;
}

int crypto_base64_decode(const char *text, size_t length, struct buffer *out) {
    unsigned char *place;
    unsigned padding = 0;
    size_t i, n = 0;
    while (length > 0 && is_space(*text)) {
        text++;
        length--;
    }
    while (length > 0 && is_space(text[length - 1])) {
        length--;
    }
    if (length % 4 != 0) {
        return -EINVAL;
    }
    if (length > 0) {
        padding = text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
    }
    place = (unsigned char *) buffer_reserve(out, length / 4 * 3 - padding);
    if (place == NULL) {
        return buffer_error(out);
    }
    for (i = 0; i < length; i += 4) {
        unsigned here = i + 4 == length ? padding : 0;
        if (!decode_group(text + i, here, place + n)) {
            buffer_added(out, 0);
            return -EINVAL;
        }
        n += 3 - here;
    }
    buffer_added(out, n);
    return 0;
}

int crypto_base64_encode(const void *data, size_t length, struct buffer *out) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *octets = data;
    size_t i;
    for (i = 0; i < length && buffer_error(out) == 0; i += 3) {
        size_t left = length - i;
        uint32_t bits = (uint32_t) octets[i] << 16;
        char group[4];
        bits |= left > 1 ? (uint32_t) octets[i + 1] << 8 : 0;
        bits |= left > 2 ? octets[i + 2] : 0;
        group[0] = alphabet[bits >> 18];
        group[1] = alphabet[bits >> 12 & 63];
        group[2] = '=';
        group[3] = '=';
        if (left > 1) {
            group[2] = alphabet[bits >> 6 & 63];
        }
        if (left > 2) {
            group[3] = alphabet[bits & 63];
        }
        (void) buffer_append(out, group, sizeof group);
    }
    return length > 0 ? buffer_error(out) : buffer_append(out, "", 0);
}

int crypto_certificates(const void *text, size_t length) {
    gnutls_datum_t data = {.size = (unsigned) length};
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    if (length > UINT_MAX) {
        return -EINVAL;
    }
    memcpy(&data.data, &text, sizeof text); /* read only, says its manual; its type does not */
    int r = gnutls_x509_crt_list_import2(&list, &count, &data, GNUTLS_X509_FMT_PEM, 0);
    for (unsigned i = 0; r >= 0 && i < count; i++) {
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    return r < 0 || count == 0 ? -EINVAL : (int) count;
}

int crypto_random(void *out, size_t length) {
    if (length == 0) {
        return 0;
    }
    return gnutls_rnd(GNUTLS_RND_KEY, out, length) < 0 ? -EIO : 0;
}

/* For jitter only: boxes that start in the same second differ in process id and nanoseconds. */
static uint64_t weak_random(void) {
    struct timespec t = {0};
    uint64_t x;
    (void) clock_gettime(CLOCK_MONOTONIC, &t);
    x = (uint64_t) t.tv_sec * 1000000007u + (uint64_t) t.tv_nsec * 2654435761u + (uint64_t) getpid();
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u; /* splitmix64 */
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

double crypto_uniform(void) {
    uint64_t bits;
    if (gnutls_rnd(GNUTLS_RND_NONCE, &bits, sizeof bits) < 0) {
        bits = weak_random();
    }
    return (double) (bits >> 11) * 0x1.0p-53;
}

int crypto_token(char *out, size_t length) {
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    size_t n = 0;
    while (n < length) {
        unsigned char octets[64];
        size_t i;
        if (crypto_random(octets, sizeof octets) < 0) {
            out[0] = '\0';
            return -EIO;
        }
        for (i = 0; i < sizeof octets && n < length; i++) {
            if (octets[i] < 252) { /* 7 * 36: no character is likelier than another */
                out[n++] = alphabet[octets[i] % 36];
            }
        }
        gnutls_memset(octets, 0, sizeof octets);
    }
    out[n] = '\0';
    return 0;
}

bool crypto_equal(const char *a, const char *b) {
    size_t length = strlen(a);
    return length == strlen(b) && gnutls_memcmp(a, b, length) == 0;
}
