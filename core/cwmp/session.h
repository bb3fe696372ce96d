/* The session machine (digest section 7): bytes, status and `now` go in; bytes and a verdict come out.
 * It performs no I/O and reads no clock, so a session is tested as data.
 *
 *   loop:  verdict = session_start(...)
 *          SEND    -> POST output, then session_answer(...) with what came
 *          WAIT    -> something of the box is not ready (a refresh, a deferred RPC): session_resume()
 *                     when on_ready was called or at wait_until_ms
 *          DONE    -> ended well; events_pending() tells whether to start another one: at once, or
 *                     after retry_ms when it is not 0 (the ACS refused a TransferComplete)
 *          FAILED  -> retry after retry_ms
 *
 * Before each SEND the caller commits the store: what a message acknowledges or promises is on disk
 * before it leaves. */
#ifndef CWMP_SESSION_H
#define CWMP_SESSION_H

#include "base/clock.h"
#include "base/store.h"
#include "cwmp/du_reports.h"
#include "cwmp/events.h"
#include "cwmp/rpc.h"
#include "cwmp/transfers.h"
#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

enum session_state {
    SESSION_IDLE,
    SESSION_PREPARING,  /* values of the Inform are being refreshed */
    SESSION_INFORMING,  /* the Inform is out */
    SESSION_REQUESTING, /* a request of ours is out */
    SESSION_LISTENING,  /* an empty POST or a response is out: it is the ACS's turn */
    SESSION_WORKING     /* a request of the ACS is being executed */
};

enum session_verdict { SESSION_SEND, SESSION_WAIT, SESSION_DONE, SESSION_FAILED };

struct session_output {
    const char *body; /* SEND: the envelope; length 0 = the empty POST. Valid until the next call */
    size_t length;
    uint64_t wait_until_ms; /* WAIT: monotonic */
    uint64_t retry_ms;      /* FAILED: how long to wait, from now; UINT64_MAX: nothing is left to report.
                               DONE: 0, or how long what stayed unreported has to wait */
    const char *reason;     /* FAILED: a sentence for the log and the status */
};

/* What the session needs to know; the agent keeps it and may change it between sessions. */
struct session_config {
    const char *manufacturer, *oui, *product_class, *serial; /* DeviceId; never change */
    const char *acs_url;       /* ManagementServer.URL now: bootstrap is decided by it */
    const char *const *inform; /* full names for every Inform besides the forced ones */
    size_t inform_count;
    int version;                /* highest CWMP version to speak, 10..14 */
    unsigned session_timeout_s; /* SessionTimeout header, at least 30 */
    uint32_t retry_minimum_s;   /* CWMPRetryMinimumWaitInterval */
    uint32_t retry_multiplier;  /* CWMPRetryIntervalMultiplier */
    struct envelope_limits limits;
    size_t max_message;      /* octets of a message of ours */
    unsigned call_timeout_s; /* a deferred RPC is given up after this; 0 = 120 */
};

struct session_setup {
    const struct session_config *config; /* kept */
    struct model *model;
    struct store *store;
    struct events *events;
    struct transfers *transfers;
    struct du_reports *du_reports; /* NULL: there are none */
    struct rpcs *rpcs;
    double (*uniform)(void); /* [0, 1) */
    /* A command of the ACS was executed (or refused); the strings live during the call. */
    void (*on_command)(void *user, const struct tr069_command *command);
    /* A WAIT can go on. Called from rpc_complete() and model_refreshed(): only note it. */
    void (*on_ready)(void *user);
    void *user;
};

int session_new(const struct session_setup *setup, struct session **ret_session);
void session_free(struct session *session);

enum session_state session_state(const struct session *session);
const char *session_state_name(enum session_state state);

/* Starts a session for the pending events; legal when IDLE. Compares acs_url and the identity with the
 * last delivered bootstrap and queues `0 BOOTSTRAP` if they differ. DONE at once when nothing is to be
 * told. No plugin may be attached or detached between this and DONE or FAILED. */
enum session_verdict session_start(struct session *session, const struct moment *now,
                                   struct session_output *ret_output);
/* The answer to what was to be sent. http_status 0: none came, `error` says why (else NULL); SESSION_HUNG_UP:
 * the same, and the ACS had closed the connection when it was asked. To the Inform that may mean the version.
 */
enum { SESSION_HUNG_UP = -1 };
enum session_verdict session_answer(struct session *session, int http_status, const char *body, size_t length,
                                    const char *error, const struct moment *now,
                                    struct session_output *ret_output);
enum session_verdict session_resume(struct session *session, const struct moment *now,
                                    struct session_output *ret_output);
/* The refresh of a slow source ended, tell the session (it calls on_ready when all of them did). */
void session_refreshed(struct session *session);
/* Ends the session as failed (shutdown, reload of a URL). */
enum session_verdict session_abort(struct session *session, const char *reason, const struct moment *now,
                                   struct session_output *ret_output);

/* Promises: `call(user, well)` once when the present session has ended; at once if there is none. */
int session_after(struct session *session, void (*call)(void *user, bool well), void *user);

/* Failed sessions since the last good one (RetryCount), and in a row since the start. */
unsigned session_retry_count(const struct session *session);
/* A factory reset: forgets the bootstrap mark, RetryCount, ParameterKey. */
void session_forget(struct session *session);
/* Stored ParameterKey. */
const char *session_parameter_key(const struct session *session);

#endif
