/* The one loop: descriptors, timers, signals, worker jobs and libcurl behind one wait,
 * curl_multi_poll(). Everything here is called on the loop's thread. Callbacks may add and remove
 * anything, themselves included. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct tr069_watch;
struct tr069_timer;

/* From here on SIGPIPE is ignored, if it was not handled. libcurl sets itself up on a thread of its own. */
int loop_new(struct loop **ret_loop);
/* Cancels everything that is left; waits for jobs that are running. */
void loop_free(struct loop *loop);
/* Runs until loop_stop(). 0 or -errno of the wait. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Called at the end of every turn that did something (the agent commits the store there). */
void loop_on_turn(struct loop *loop, void (*call)(void *user), void *user);

/* what: TR069_READABLE | TR069_WRITABLE; an end or an error is told as readable or writable. One watch a
 * descriptor (-EEXIST), no regular files (-EPERM). Unwatch before closing the descriptor. */
int loop_watch(struct loop *loop, int fd, int what, void (*call)(void *user, int fd, int what), void *user,
               struct tr069_watch **ret_watch);
/* Accepts NULL. */
void loop_unwatch(struct loop *loop, struct tr069_watch *watch);
/* Fires once, `ms` from now, on CLOCK_BOOTTIME. A binary heap and one timerfd. A few timers are there even
 * when memory is not: a box must not sleep for ever because it had none for a moment. */
int loop_timer(struct loop *loop, uint64_t ms, void (*call)(void *user), void *user,
               struct tr069_timer **ret_timer);
/* Accepts NULL. Not for one that has fired: it is gone when its call begins. */
void loop_timer_cancel(struct loop *loop, struct tr069_timer *timer);
/* The signal is blocked and delivered here (signalfd); several may listen to one. Before any thread is
 * made. */
int loop_signal(struct loop *loop, int signal_number, void (*call)(void *user, int signal_number),
                void *user);
/* The present or next wait ends at once, and libcurl is called. */
void loop_wake(struct loop *loop);
/* work(user) on a worker thread (at most 2), then done(user) here. -EAGAIN when 64 wait already. */
int loop_job(struct loop *loop, void (*work)(void *user), void (*done)(void *user), void *user);
/* Waits up to `ms` until every job has ended, and calls done of those that have: before what they work for
 * is freed. False: one still works, and neither it nor the loop may be freed. */
bool loop_finish_jobs(struct loop *loop, unsigned ms);

/* Waits until libcurl is set up: before it is called anywhere. 0 or -ENOMEM. */
int loop_libcurl(struct loop *loop);
/* A libcurl transfer (CURL *, without its type so that callers need no curl header). done gets the
 * CURLcode; the easy handle stays the caller's and may be added again from there. */
int loop_curl_add(struct loop *loop, void *easy, void (*done)(void *user, int code), void *user);
/* Without done. Nothing happens when it is not under way. Not from inside of a callback of libcurl. */
void loop_curl_remove(struct loop *loop, void *easy);

#endif
