/* The HTTP client of a session (digest sections 4 and 5): POSTs on one kept connection, cookies of the
 * session, Basic and Digest, redirects that resend the same POST, TLS. libcurl does the protocols. */
#ifndef NET_ACS_CLIENT_H
#define NET_ACS_CLIENT_H

#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acs_client;

/* TLS for sessions and file fetches. Strings are copied. */
struct net_tls {
    const char *ca_file;     /* trusted besides or instead of the system's; NULL: only the system's */
    bool system_store;       /* trust the system's store too */
    const char *certificate; /* of the client, PEM; NULL: none */
    const char *key;
    /* No absolute time yet: then of ca_file's chains, and of no others, notBefore is ignored, and notAfter
     * has to be after not_before, a time that has passed for certain (seconds since 1970). The rest is
     * verified as ever. Without ca_file, or with a libcurl before 7.80, the dates count all the same. */
    bool ignore_dates;
    int64_t not_before;
};

/* What a session talks to. Strings are copied at begin. */
struct acs_target {
    const char *url;
    const char *username, *password; /* sent only after a challenge; NULL or "": none */
    bool allow_basic_plain;          /* answer a Basic challenge without TLS */
    struct net_tls tls;
    unsigned connect_timeout_s; /* TCP and TLS; at least 30 */
    unsigned answer_timeout_s;  /* for one answer; at least 30 */
    size_t max_answer;          /* octets of a body */
    const char *bind_interface; /* NULL: any */
};

struct acs_answer {
    int status;       /* HTTP status of the final answer; 0: none, see error */
    const char *body; /* valid during the call */
    size_t length;
    const char *error; /* a sentence: what went wrong and with whom; NULL when status != 0 */
    bool hung_up;      /* it closed instead of an answer: status is 0 */
};
typedef void acs_client_done(void *user, const struct acs_answer *answer);

int acs_client_new(struct loop *loop, struct acs_client **ret_client);
void acs_client_free(struct acs_client *client);
/* Begins a session: no cookies, no connection, no challenge known. 0, -EINVAL for a bad URL. */
int acs_client_begin(struct acs_client *client, const struct acs_target *target);
/* POSTs; done is called once, never from inside of this call. length 0: the empty POST, without
 * Content-Type and SOAPAction. The body must stay until done. -EBUSY while one is under way. */
int acs_client_post(struct acs_client *client, const char *body, size_t length, acs_client_done *done,
                    void *user);
/* Ends the session: closes the connection, drops cookies; a POST under way is dropped without done. */
void acs_client_end(struct acs_client *client);
/* Local address of the session's connection, also while a POST is under way and after the end; "" before the
 * first. */
const char *acs_client_local_address(struct acs_client *client);
/* Features that this build of libcurl lacks and that we need ("Digest"), or NULL. */
const char *acs_client_missing_feature(struct acs_client *client);

#endif
