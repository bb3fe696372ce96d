/* Hash, Base64, random: GnuTLS behind one header, so that a port to another library is small. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRYPTO_SHA256_SIZE = 32, CRYPTO_SHA1_SIZE = 20, CRYPTO_MD5_HEX = 33 };

/* 0 or -EIO. */
int crypto_sha256(const void *data, size_t length, unsigned char ret_digest[CRYPTO_SHA256_SIZE]);
/* For Annexes of TR-069 that ask for it. 0 or -EIO. */
int crypto_hmac_sha1(const char *key, const void *data, size_t length,
                     unsigned char ret_digest[CRYPTO_SHA1_SIZE]);
/* For HTTP Digest, which asks for it: of the parts with ':' between them, as small hexadecimal digits;
 * `parts` ends with NULL. 0 or -EIO. */
int crypto_md5_hex(const char *const *parts, char ret_hex[CRYPTO_MD5_HEX]);
/* The first 8 octets of SHA-256, big-endian: tells values apart, cheaply kept. */
uint64_t crypto_digest64(const void *data, size_t length);
/* Appends. Strict RFC 4648 with padding; white space at the ends is allowed. -EINVAL for anything else
 * (`out` is then as it was, and holds no error), -EMSGSIZE, -ENOMEM. */
int crypto_base64_decode(const char *text, size_t length, struct buffer *out);
int crypto_base64_encode(const void *data, size_t length, struct buffer *out);
/* How many certificates a PEM text holds, at least 1. -EINVAL: none, or one that cannot be read. */
int crypto_certificates(const void *text, size_t length);
/* Unpredictable octets. 0 or -EIO. */
int crypto_random(void *out, size_t length);
/* Uniform in [0, 1). Falls back to a weak source when the strong one fails. */
double crypto_uniform(void);
/* `length` characters of [0-9a-z], unguessable; `out` has length + 1 octets. 0, or -EIO with "". */
int crypto_token(char *out, size_t length);
/* Compares in constant time for equal lengths. */
bool crypto_equal(const char *a, const char *b);

#endif
