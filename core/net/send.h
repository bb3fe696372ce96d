/* Sending a file: HTTP(S) PUT from a file, constant memory, with Basic, Digest and redirects. */
#ifndef NET_SEND_H
#define NET_SEND_H

#include "net/acs_client.h"
#include "net/loop.h"

#include <stdint.h>

struct send;

enum send_cause {
    SEND_OK = 0,
    SEND_NO_CONTACT,     /* name not resolved, connection refused, TLS failed */
    SEND_AUTHENTICATION, /* 401, 403, 407 */
    SEND_NO_ACCESS,      /* 404, 409: no such place */
    SEND_REFUSED,        /* other answers */
    SEND_BROKEN,         /* broke off, stalled */
    SEND_LOCAL           /* the file could not be read */
};

struct send_setup {
    const char *url;
    const char *username, *password;
    bool allow_basic_plain;
    const char *path; /* a plain file; read while it is sent */
    unsigned connect_timeout_s, stall_timeout_s;
    struct net_tls tls;
    /* Once. `text`: a sentence with the URL's host and the HTTP or TLS error. */
    void (*done)(void *user, enum send_cause cause, const char *text);
    void *user;
};

/* Strings are copied. 0, -EINVAL for a bad URL or what is no plain file, -errno. done is never called from
 * inside of this. */
int send_new(struct loop *loop, const struct send_setup *setup, struct send **ret_send);
/* Octets that have left so far, and of how many. */
void send_progress(const struct send *send, uint64_t *ret_now, uint64_t *ret_total);
/* Cancels without done. Accepts NULL. */
void send_free(struct send *send);

#endif
