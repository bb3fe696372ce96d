/* Inside of the session machine: what session.c, inform.c, report.c and version.c share. */
#ifndef CWMP_SESSION_INTERNAL_H
#define CWMP_SESSION_INTERNAL_H

#include "base/buffer.h"
#include "cwmp/rpc_call.h"
#include "cwmp/session.h"

enum {
    SESSION_REPEATS = 3,   /* of one request after fault 8005 */
    SESSION_ODDITIES = 3,  /* answers nobody asked for, in one session */
    SESSION_PROMISES = 256 /* session_after() */
};

/* Which namespace the Inform goes out in (digest section 1). Kept until the restart or another URL. */
struct version_memory {
    char *url;
    int ns;               /* 0: the highest */
    bool works;           /* an Inform of this namespace was accepted */
    bool doubtful;        /* a lower one, only because of HTTP 400 or 500: it may have meant something else */
    bool probing;         /* this session tries the highest again */
    uint64_t probe_at_ms; /* when to do so */
};

/* version.c */
void version_choose(struct version_memory *memory, const struct session_config *config, uint64_t now_ms,
                    int *ret_ns, int *ret_version);
/* The Inform was refused: `sure` when the ACS named the version as the reason. */
void version_refused(struct version_memory *memory, const struct session_config *config, bool sure);
void version_accepted(struct version_memory *memory, uint64_t now_ms);
void version_free(struct version_memory *memory);
/* "1.0,1.1" up to `version`. */
const char *version_list(int version);

struct promise {
    void (*call)(void *user, bool well);
    void *user;
};

struct session {
    struct session_setup setup;
    const struct session_config *config;
    enum session_state state;
    struct envelope_reader *reader; /* made when an answer is read; an orphaned call may take it */
    struct envelope_writer *writer; /* of the session under way */
    struct rpc_scope scope;
    struct rpc_call *call; /* WORKING */
    struct moment now;     /* of this step */

    /* the session */
    int ns, version; /* offered, then agreed */
    bool hold;       /* HoldRequests of the last answer */
    bool final_sent; /* our empty POST while not held: no more requests of ours */
    bool waiting;    /* the last verdict was WAIT */
    unsigned odd_answers;
    uint64_t refresh_until_ms;

    /* the request of ours that is out */
    const char *body;
    size_t length;
    unsigned repeats;
    uint32_t last_id; /* of all requests */
    char id[16];
    uint32_t report_id;    /* REQUESTING: the transfer */
    uint32_t du_report_id; /* and with reports_du the report on deployment units */
    bool reports_du;
    bool unreported; /* some report was not accepted */

    /* the Inform */
    struct model_selection *selection;
    bool bootstrapping;
    bool shortened;         /* some changes were left out of it, for its size */
    bool told_changes;      /* no value changed, or `4 VALUE CHANGE` is among its events */
    struct buffer identity; /* what the bootstrap mark will be: URL and identity */
    struct buffer told;     /* transfer events that it named: code NUL key NUL ... */

    /* over sessions */
    unsigned retry_count;      /* stored */
    unsigned failures;         /* in a row, since the start */
    unsigned unreported_times; /* sessions in a row that ended well, but with `unreported` */
    struct version_memory versions;
    struct promise *promises;
    size_t promise_count;
    char reason[256];
    char words[256]; /* of a fault */
};

/* inform.c */
/* Queues `0 BOOTSTRAP` when the ACS or the identity is not the one of the last delivered bootstrap. 0 or
 * -errno. */
int inform_check_bootstrap(struct session *session);
/* Makes the selection of the next Inform and starts the refreshes that it needs; how many are under way. */
int inform_prepare(struct session *session, size_t *ret_refreshes);
/* Writes the Inform to session->body. 1, 0 when there is nothing to tell, or -errno with session->reason. */
int inform_write(struct session *session);
/* The InformResponse came. */
void inform_delivered(struct session *session);

/* report.c */
/* Writes the next TransferComplete, DUStateChangeComplete or autonomous twin of them to session->body; 0 when
 * there is none (any more), -errno. */
int report_write(struct session *session);
/* The method of the one that is out. */
const char *report_name(const struct session *session);
/* Is it an event that a report delivers? */
bool report_is_event(const char *code);
void report_delivered(struct session *session);
/* Drops events of the Inform whose reports do not exist (any more): nothing could ever deliver them. */
void report_heal(struct session *session);
/* Sees to it that transfers and operations which wait for their report have their events. */
void report_queue_events(struct session *session);

void session_new_id(struct session *session);

#endif
