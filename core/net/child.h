/* Child processes: argv, deadline, capped output, no shell. A process group of its own, no descriptor
 * inherited but 0 (/dev/null), 1, 2; default signals. The exit is seen by a pidfd (or SIGCHLD), so
 * nothing polls.
 *
 * It is over when it exited and its output ended. A grandchild that keeps the output open is waited for
 * half a second and then left alone. At the deadline the whole group gets SIGTERM, a second later
 * SIGKILL. */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include "net/loop.h"

#include <tr069/plugin.h>

/* As host->run. 0, or -errno when it could not be started (-ENOENT: no such program). The output is
 * NUL-terminated and valid during done; stderr that is not merged is logged line by line. */
int child_run(struct loop *loop, const struct tr069_run *run, tr069_run_done *done, void *user,
              struct tr069_child **ret_child);
/* Kills the process group; done is not called. Accepts NULL. */
void child_cancel(struct tr069_child *child);

#endif
