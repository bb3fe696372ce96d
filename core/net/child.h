/* Child processes: argv, deadline, capped output, no shell. posix_spawn or vfork-safe exec in a process
 * group of its own, no descriptor inherited but 0, 1, 2; the default signal mask. The exit is seen by a
 * pidfd (or SIGCHLD), so nothing polls. */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include "net/loop.h"

#include <tr069/plugin.h>

/* As host->run. 0, or -errno when it could not be started (-ENOENT: no such program). */
int child_run(struct loop *loop, const struct tr069_run *run, tr069_run_done *done, void *user,
              struct tr069_child **ret_child);
/* Kills the process group; done is not called. Accepts NULL. */
void child_cancel(struct tr069_child *child);

#endif
