/* What the files of core/net know of the loop besides loop.h. */
#ifndef NET_LOOP_INTERNAL_H
#define NET_LOOP_INTERNAL_H

#include "net/loop.h"

#include <pthread.h>
#include <stdbool.h>

/* Several may listen to one signal (children on a kernel without pidfd, and the agent). */
struct loop_listener;
int loop_listen(struct loop *loop, int signal_number, void (*call)(void *user, int signal_number), void *user,
                struct loop_listener **ret_listener);
void loop_unlisten(struct loop *loop, struct loop_listener *listener);

/* Something that owns more than the loop knows: `end` is called by loop_free() while the loop still
 * works; it must leave. */
struct loop_guest {
    void (*end)(struct loop_guest *guest);
    struct loop_guest *next, *previous;
};
void loop_enter(struct loop *loop, struct loop_guest *guest);
void loop_leave(struct loop *loop, struct loop_guest *guest);

uint64_t loop_now_ms(void); /* CLOCK_BOOTTIME */

/* A thread that gets no signal: these are the loop's. 0 or -errno. */
int thread_new(void *(*run)(void *user), void *user, pthread_t *ret_thread);

/* Worker threads (loop_jobs.c). They are made with the first job and stay until the end. */
struct jobs;
/* wake: called on a worker when a finished job waits. */
int jobs_new(void (*wake)(void *user), void *user, struct jobs **ret_jobs);
/* Waits for what runs; what still waits is dropped, neither `work` nor `done` is called for it. */
void jobs_free(struct jobs *jobs);
int jobs_add(struct jobs *jobs, void (*work)(void *user), void (*done)(void *user), void *user);
/* Calls `done` of every finished job; true if there was one. */
bool jobs_finish(struct jobs *jobs);
/* Waits until all have ended, and calls their `done`. */
bool jobs_drain(struct jobs *jobs, unsigned ms);

#endif
