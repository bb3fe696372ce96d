/* HTTP Digest (RFC 2617, 7616), what client and server share: the response and the header's grammar. */
#ifndef NET_DIGEST_H
#define NET_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum digest_algorithm { DIGEST_MD5 = 0, DIGEST_SHA256 = 1 };
enum { DIGEST_HEX_SIZE = 65 };

struct digest_input {
    enum digest_algorithm algorithm;
    bool session; /* the -sess form */
    const char *username, *realm, *password;
    const char *method, *uri;
    const char *nonce;
    const char *cnonce, *nc; /* nc: 8 hexadecimal digits; not used without qop, but cnonce by -sess */
    const char *qop;         /* NULL, "auth" or "auth-int" */
    const char *body;        /* for auth-int */
    size_t length;
};

/* Writes the response in hexadecimal. 0 or -EIO. */
int digest_response(const struct digest_input *input, char ret_hex[DIGEST_HEX_SIZE]);

/* Reads the value of a WWW-Authenticate or Authorization header piece by piece. */
enum { DIGEST_NAME_SIZE = 32, DIGEST_VALUE_SIZE = 1024 };
enum digest_piece {
    DIGEST_END,
    DIGEST_SCHEME,   /* its name */
    DIGEST_PARAMETER /* name and value, unquoted */
};
struct digest_scanner {
    const char *at;              /* begins at the header's value */
    char name[DIGEST_NAME_SIZE]; /* cut if longer */
    char value[DIGEST_VALUE_SIZE];
    bool too_long; /* the value did not fit and is empty */
};
enum digest_piece digest_scan(struct digest_scanner *scanner);

#endif
