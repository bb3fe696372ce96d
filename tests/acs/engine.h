/* What the ACS answers: the session's steps of the scenario, then commands of the control socket, then
 * nothing more (204). */
#ifndef ACS_ENGINE_H
#define ACS_ENGINE_H

#include "session.h"

/* A queued RPC of the control socket. */
struct step;

struct job {
    struct job *next;
    struct rpc *rpc; /* the engine takes it */
    /* Called once; `message` NULL: the session broke before an answer came. */
    void (*call)(void *user, const struct message *message);
    void *user;
};

void engine_answer(struct session *session, const struct message *message, struct reply *reply);
/* The session ended before all of its steps. */
void engine_abandon(struct session *session);
/* The next job of the queue, taken off; NULL for none. (control.c) */
struct job *control_next_job(struct acs *acs);

/* Whether a step can be understood; 0 or -EINVAL with a sentence. */
int step_check(struct acs *acs, const char *directory, struct step *step, char *error, size_t error_size);

#endif
