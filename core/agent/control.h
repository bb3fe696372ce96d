/* The control socket: what tr069-ctl(1) talks to. A Unix stream socket, mode 0600; a client sends one line
 * and gets lines back, the last of which is `ok` or `error: why`. */
#ifndef AGENT_CONTROL_H
#define AGENT_CONTROL_H

struct agent;
struct control;

/* 0 or -errno; an empty path means no socket, and *ret_control stays NULL. */
int control_new(struct agent *agent, const char *path, struct control **ret_control);
void control_free(struct control *control);

#endif
