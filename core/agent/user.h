/* The user that the client runs as, where no service manager sees to it: the options `user` and `group`. */
#ifndef AGENT_USER_H
#define AGENT_USER_H

#include "agent/config.h"

#include <stdbool.h>
#include <stddef.h>

/* Becomes the configured user for good, with that user's groups and without any capability. Before, if
 * `prepare`, the state and the spool directory and that of the control socket (whose failure is none here)
 * are made for him where they are missing. Nothing is open yet but the log, so whatever the client opens
 * later is opened with his rights: *ret_changed says that the configuration, which was read with others, is
 * to be read again. Nothing to do, and 0, when no user is configured or the process is his already. -errno
 * with one clear line in ret_error: no such user or group, a client that was not started by root, a directory
 * that cannot be made. */
int user_become(const struct config *config, bool prepare, bool *ret_changed, char *ret_error,
                size_t error_size);

#endif
