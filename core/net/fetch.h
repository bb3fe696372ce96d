/* Fetching a file: HTTP(S) GET into a file, constant memory, resumed after a cut, with progress. */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "net/acs_client.h"
#include "net/loop.h"

#include <stdint.h>

struct fetch;

#define FETCH_TAG ".tag"

enum fetch_cause {
    FETCH_OK = 0,
    FETCH_NO_CONTACT,     /* name not resolved, connection refused, TLS failed */
    FETCH_AUTHENTICATION, /* 401, 403 */
    FETCH_NO_ACCESS,      /* 404 and other refusals */
    FETCH_INCOMPLETE,     /* broke off, stalled */
    FETCH_TOO_LARGE,      /* beyond max_size */
    FETCH_WRONG_SIZE,     /* another size than expected */
    FETCH_NO_SPACE,
    FETCH_LOCAL /* the file could not be written */
};

struct fetch_setup {
    const char *url;
    const char *username, *password;
    bool allow_basic_plain; /* answer a Basic challenge over plain http */
    /* Written here, mode 0600, fsynced before done. What an earlier run left of it is gone on with if the
     * server still has the same file: PATH FETCH_TAG holds the ETag or date of it until the file is whole. */
    const char *path;
    uint64_t expected_size; /* 0: unknown */
    uint64_t max_size;
    uint64_t keep_free; /* octets that must stay free on that file system */
    unsigned connect_timeout_s, stall_timeout_s;
    unsigned deadline_s; /* for all of it; 0: none */
    unsigned resumes;    /* how often to go on after a cut */
    struct net_tls tls;
    void (*progress)(void *user, uint64_t now, uint64_t total); /* at most once a second; total 0 = unknown */
    /* Once. `text`: a sentence with the URL's host and the HTTP or TLS error. */
    void (*done)(void *user, enum fetch_cause cause, const char *text);
    void *user;
};

int fetch_new(struct loop *loop, const struct fetch_setup *setup, struct fetch **ret_fetch);
/* Cancels without done; the partial file stays. Accepts NULL. */
void fetch_free(struct fetch *fetch);

#endif
