/* A session as the ACS sees it: which POSTs belong together, whose turn it is, how it ends. */
#ifndef ACS_SESSION_H
#define ACS_SESSION_H

#include "acs.h"
#include "http.h"
#include "rpc.h"

enum session_state {
    SESSION_OPEN,
    SESSION_ENDED, /* well */
    SESSION_FAILED /* broken, by the ACS's doing or the CPE's */
};

struct session {
    struct session *next;
    struct acs *acs;
    unsigned number;
    enum session_state state;
    struct connection *connection; /* the one of the last message; NULL when it was closed */
    char address[64];
    char device[200];
    char *events;       /* of the Inform, a line each: CODE, or CODE:KEY */
    bool may_reconnect; /* our last answer closed the connection, or pointed elsewhere */
    /* cookies: value is "token-generation" */
    char token[TOKEN_SIZE];
    char *cookie_name;
    char *cookie_path;
    unsigned cookie_count; /* set so far: 0 or the settings' count */
    unsigned cookie_generation;
    /* whose turn */
    const char *space; /* namespace of our envelopes */
    unsigned messages;
    bool inform_answered;
    bool done;      /* the CPE sent an empty POST while it was not held */
    bool hold;      /* our envelopes carry HoldRequests */
    bool hold_sent; /* the last one did */
    bool repeat_due;
    uint64_t repeat_hash; /* of the message that must come again, or whose answer was cut */
    bool cut;             /* the last answer was cut off */
    const char *repeat_why;
    bool doubtful;           /* we sent something that the CPE may refuse: it may break off */
    struct rpc *outstanding; /* sent, not answered */
    char outstanding_id[80];
    unsigned ids;
    struct job *job; /* of the control socket, that `outstanding` belongs to */
    /* the scenario */
    struct item *item;
    size_t step;
    uint64_t step_times; /* how often the present step was repeated */
    enum chaos_kind chaos;
    unsigned chaos_at;
    unsigned answers;
    uint64_t waiting_hash;   /* of the message that waits */
    struct request *waiting; /* lingering: it is answered when there is something to say */
    struct timer *timer;
};

/* Makes the reply to a request for the ACS. */
void session_post(struct acs *acs, struct request *request);
void session_connection_closed(struct acs *acs, struct connection *connection);
void session_request_gone(struct acs *acs, struct request *request);
/* A lingering session asks again what there is to say (a command came, or the time is over). */
void session_continue(struct session *session, bool time_over);
/* A session that lingers, or NULL. */
struct session *session_lingering(struct acs *acs);
void sessions_free(struct acs *acs);

/* Ended well (204) or failed; tells the scenario and the control socket. */
void session_over(struct session *session, bool ok, const char *why);
/* Settles the namespace of our envelopes, by the settings or as the Inform has it. */
void session_agree(struct session *session, const struct message *inform);
/* The reply is a SOAP message around `body`. */
void session_envelope(struct session *session, struct reply *reply, const char *id, const char *body);

#endif
