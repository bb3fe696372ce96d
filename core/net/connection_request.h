/* The listener for connection requests (digest section 13.1): HTTP GET on one unguessable path with
 * Digest; libmicrohttpd on the loop's thread through its epoll descriptor. Every answer has an empty body
 * and says nothing of the box.
 *
 * Digest is net/digest.h: MD5, one challenge, qop=auth, and none for those that do not know it. An answer to
 * an old challenge, or a repeated one, gets 401 with stale=true and is not held against its source.
 *
 * Guessing: after 5 wrong answers from one source (an IPv4 address, an IPv6 /64) that source gets 503
 * unchecked for block_ms, and for twice as long after each further one, up to 32 times block_ms. A right
 * answer, or as much time without a wrong one, makes up for all. Others are not affected, so the ACS cannot
 * be locked out. The last 64 such sources are known.
 *
 * Connections: one source holds at most half of them, none lives longer than 4 * timeout_s, and when they are
 * all taken the source that has the most loses its oldest to the next one that comes. */
#ifndef NET_CONNECTION_REQUEST_H
#define NET_CONNECTION_REQUEST_H

#include "base/network_range.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection_request;

struct connection_request_setup {
    const char *address;    /* to listen on; NULL: any, IPv6 and IPv4 */
    uint16_t port;          /* 0: the system chooses */
    const char *path;       /* "/" and at least 16 unguessable characters; anything else is 404 */
    unsigned rate_count;    /* accepted ones ... */
    unsigned rate_window_s; /* ... in that time; beyond it 503 */
    unsigned max_connections;
    unsigned timeout_s;                 /* for a slow client */
    unsigned block_ms;                  /* for wrong answers, the first time; 0: 10 s */
    bool basic;                         /* take Basic too */
    const struct network_range *ranges; /* who may ask: others are not even heard; copied */
    size_t range_count;                 /* 0: everybody */
    /* Credentials now; asked at each request, so a change is in force at once. An empty username
     * refuses all. */
    void (*credentials)(void *user, const char **ret_username, const char **ret_password);
    /* A good request. Only note it: the answer must leave within milliseconds. */
    void (*accepted)(void *user);
    /* A refused one, for the log: the peer's address and why. */
    void (*refused)(void *user, const char *peer, const char *why);
    void *user;
};

/* Opens the port. 0 or -errno (-EADDRINUSE; -EINVAL for a bad address or path). Strings are copied. No
 * callback may free the listener. */
int connection_request_new(struct loop *loop, const struct connection_request_setup *setup,
                           struct connection_request **ret_listener);
void connection_request_free(struct connection_request *listener);
uint16_t connection_request_port(const struct connection_request *listener);

#endif
