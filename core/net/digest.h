/* HTTP Digest as a server needs it on an open port: RFC 2617 with qop=auth, and RFC 2069, which has none;
 * MD5. Why it is not libmicrohttpd's: doc/architecture.md.
 *
 * A nonce is a stamp of its own, unlike any other, and a code that only this server can make: so a challenge
 * takes no memory, and whoever asks for thousands pushes out nobody's. Remembered are the nonces that were
 * answered right, the last DIGEST_USED; those as old as one that had to make room are too old. A nonce is
 * good for five minutes, with `nc` rising, and without qop for one answer. Restarted, a server knows no nonce
 * of before. */
#ifndef NET_DIGEST_H
#define NET_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

enum { DIGEST_SECRET = 32, DIGEST_USED = 64, DIGEST_NONCE_S = 300, DIGEST_CHALLENGE_SIZE = 192 };

struct digest_server {
    const char *realm; /* lent; at most 64 octets, without quotes and backslashes */
    char secret[DIGEST_SECRET + 1];
    uint64_t origin;  /* is added to the time: what goes out tells nothing of the box */
    uint64_t newest;  /* stamp */
    uint64_t too_old; /* the newest stamp that is */
    struct digest_used {
        uint64_t stamp; /* 0: free */
        uint32_t count; /* the last nc */
    } used[DIGEST_USED];
};

/* What the request is, and what the answer must show. */
struct digest_request {
    const char *method;
    const char *path;                /* what `uri` must name; its query is whatever it is */
    const char *username, *password; /* an empty username refuses all */
};

enum digest_verdict {
    DIGEST_RIGHT,
    DIGEST_WRONG,    /* the credentials, or the answer is none */
    DIGEST_OLD,      /* right, but the nonce is not, or no longer, known: a new challenge, stale */
    DIGEST_REPEATED, /* right, but it was used before: the same */
};

/* 0 or -EIO: no random octets. */
int digest_begin(struct digest_server *server, const char *realm);
/* A fresh value of WWW-Authenticate. `now_ms` never goes back. */
void digest_challenge(struct digest_server *server, uint64_t now_ms, bool stale,
                      char ret_text[DIGEST_CHALLENGE_SIZE]);
/* `answer` is what follows "Digest " in Authorization: any text. In constant time as far as the password
 * goes. */
enum digest_verdict digest_check(struct digest_server *server, const struct digest_request *request,
                                 uint64_t now_ms, const char *answer);

#endif
