/* The ACS of the benches: one scripted session after the other on loopback, without judgement of what
 * it reads except that it must be what the script expects (a fault is not to be measured). */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { ACS_CONNECTIONS = 8 };

struct acs_connection {
    int fd;         /* -1: free */
    void *tls;      /* the session; NULL: plain */
    unsigned nonce; /* of its Digest challenge */
    char *data;     /* what came and was not yet used */
    size_t length, capacity;
    unsigned step; /* of the session */
};

struct acs {
    int fd;
    char url[64];
    struct acs_tls *tls; /* https, and Digest; NULL: http, and whoever comes */
    unsigned nonce;      /* the last one given out */
    const char *record;  /* directory for the bodies of the session in the middle, or NULL */
    uint64_t target;     /* sessions wanted: until then one follows the other after a second */
    uint64_t sessions;   /* that ended well */
    uint64_t octets_in;  /* of all requests, headers too */
    uint64_t octets_out;
    uint64_t first_octet_us; /* when the first octet of a body was there; 0: not yet */
    unsigned open;           /* sessions begun and not ended */
    unsigned pending;        /* connections */
    struct acs_connection connections[ACS_CONNECTIONS];
    char error[256];
};

uint64_t now_us(void);

/* `certificate` is where its certificate is written to: https with Digest; NULL: http. */
struct acs *acs_new(const char *certificate);
void acs_free(struct acs *acs);
/* Counts from zero again; drops connections. */
void acs_forget(struct acs *acs);
/* Waits up to `ms` for something and answers it. 0, or -1 with acs->error. */
int acs_turn(struct acs *acs, int ms);

/* runner_tls.c */
struct acs_tls *acs_tls_new(const char *file);
void acs_tls_free(struct acs_tls *tls);
/* The handshake, to its end. NULL when it failed. */
void *acs_tls_accept(struct acs_tls *tls, int fd);
void acs_tls_end(void *session);
ssize_t acs_read(const struct acs_connection *connection, char *data, size_t size);
ssize_t acs_write(const struct acs_connection *connection, const char *data, size_t length);
size_t acs_waiting(const struct acs_connection *connection);

#endif
