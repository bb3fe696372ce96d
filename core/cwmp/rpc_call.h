/* One call of an RPC inside core/cwmp: what the session machine and the handlers of core share. */
#ifndef CWMP_RPC_CALL_H
#define CWMP_RPC_CALL_H

#include "base/clock.h"
#include "base/store.h"
#include "cwmp/rpc.h"

enum { RPC_SUBJECT_SIZE = 201, RPC_DEFERRED_MS = 120000 };

/* What the calls of one session have in common; the session keeps it. */
struct rpc_scope {
    struct rpcs *rpcs;
    struct model *model;
    struct store *store;
    struct envelope_writer *writer;
    int version;          /* of CWMP, 10..14, as agreed */
    uint64_t deferred_ms; /* a deferred call is given up after this */
    struct moment now;    /* set before each step */
    void (*on_ready)(void *user);
    void *user;
};

struct rpc_call {
    struct tr069_call call; /* first: what a handler sees */
    struct tr069_fault fault;
    const struct model_owner *owner; /* NULL: core */
    struct rpc_scope *scope;         /* NULL: orphaned, its session is over */
    struct envelope_reader *reader;  /* of an orphan: holds its arguments */
    struct rpc_call *next;           /* all calls that live */
    struct rpcs *rpcs;
    const char *method; /* as the ACS wrote it; lives as long as the message */
    struct envelope_header header;
    bool must_understand;
    bool begun;      /* something of the response is written */
    bool deferred;   /* it waits for rpc_complete() */
    bool completed;  /* rpc_complete() came, with `verdict` */
    bool settled;    /* the verdict is final: the answer can be written */
    bool refreshing; /* it waits for slow sources; its handler is called again then */
    int verdict;
    unsigned depth; /* lists and structures that the handler left open */
    uint64_t wait_until_ms;
    struct model_selection *selection;
    struct envelope_parameter_fault *faults; /* of SetParameterValues */
    size_t fault_count;
    char subject[RPC_SUBJECT_SIZE];
};

const struct tr069_rpc *rpcs_lookup(void *user, const char *method);

/* Makes the call of a request that was read; its refusals (unknown method, bad arguments) settle it at
 * once. NULL when out of memory. */
struct rpc_call *rpc_call_new(struct rpc_scope *scope, const struct envelope *request,
                              const struct envelope_header *header);
/* Takes it as far as it goes now: true when settled, false when it waits, until wait_until_ms at most. */
bool rpc_call_run(struct rpc_call *call);
/* Writes the response or the fault of a settled call; *ret_fault tells which (code 0: the response). 0 or
 * -errno. */
int rpc_call_answer(struct rpc_call *call, const char **ret_data, size_t *ret_length,
                    struct tr069_fault *ret_fault);
/* Its handler may still complete it: true, and `reader` is the call's now. False: it was freed. */
bool rpc_call_orphan(struct rpc_call *call, struct envelope_reader *reader);
void rpc_call_free(struct rpc_call *call);

/* ---- For the handlers of core ------------------------------------------------------------------ */

struct rpc_call *rpc_call_of(const struct tr069_call *call);
/* Begins the response; the writer for its elements. */
struct envelope_writer *rpc_call_reply(struct rpc_call *call);
/* Adds a name to what the command touched. */
void rpc_call_subject(struct rpc_call *call, const char *name, size_t length);
/* Puts ParameterKey; *ret_old is the old one (free it), for rpc_call_key_undo(). TR069_OK or FAULT. */
int rpc_call_key(struct rpc_call *call, const struct tr069_value *key, char **ret_old);
void rpc_call_key_undo(struct rpc_call *call, const char *old);
/* Starts the refreshes that a list of names needs and resolves it into call->selection. OK, FAULT, or
 * DEFERRED: the handler is called again when they ended. */
int rpc_call_select(struct rpc_call *call, const struct tr069_value *names);

/* The methods of core, each in its file; a table ends with { 0 }. */
extern const struct tr069_rpc rpc_values_methods[], rpc_names_methods[], rpc_objects_methods[],
    rpc_attributes_methods[];

#define RPC_PARAMETER_KEY "session/parameter_key"

/* A ParameterValueStruct for each value of a selection, for model_selection_values(): of GetParameterValues
 * and of the Inform. Beyond the count that was announced nothing is written, but -EAGAIN: the caller starts
 * over. */
struct values_out {
    struct envelope_writer *writer;
    size_t expected, seen;
};
int values_write(void *user, const struct model_value *value);

#endif
