/* The control socket: drives a running test ACS, a line a command. See --help control. */
#ifndef ACS_CONTROL_H
#define ACS_CONTROL_H

#include "session.h"

/* 0, or -EINVAL after a line on stderr. */
int control_start(struct acs *acs, const char *path);
void control_stop(struct acs *acs);
void control_session_over(struct acs *acs, const struct session *session, bool ok);

/* --talk: sends one command, prints the answer; the exit code. */
int control_talk(const char *path, const char *command);

#endif
