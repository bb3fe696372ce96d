/* One thread waits here for everything: the HTTP server, the control socket, outgoing connection
 * requests, timers. */
#ifndef ACS_LOOP_H
#define ACS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct timer;

typedef void loop_call(void *user);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Milliseconds of the monotonic clock. */
int64_t loop_now(void);

/* Calls back whenever `fd` shows one of `events` (poll(2)). Watching it again replaces the former. */
void loop_watch(struct loop *loop, int fd, short events, loop_call *call, void *user);
void loop_unwatch(struct loop *loop, int fd);

/* One shot. The handle is good until the call or loop_cancel(). */
struct timer *loop_after(struct loop *loop, unsigned ms, loop_call *call, void *user);
void loop_cancel(struct loop *loop, struct timer *timer); /* accepts NULL */

/* Goes round until loop_stop(). `each` runs once a round and says how long the next wait may last. */
int loop_run(struct loop *loop, int (*each)(void *user), void *user);
void loop_stop(struct loop *loop);
bool loop_stopped(const struct loop *loop);

#endif
