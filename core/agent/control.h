/* The control socket: what tr069-ctl(1) talks to. A Unix stream socket, mode 0600; a client sends one line
 * and gets lines back, the last of which is `ok` or `error: why`. */
#ifndef AGENT_CONTROL_H
#define AGENT_CONTROL_H

struct agent;
struct control;

/* NULL, or why there is none; an empty path means no socket, and *ret_control stays NULL. The directory is
 * made, mode 0700, where it is missing. What is not ours stays as it is: a file, a socket at which somebody
 * listens, what others put in our way in a directory that everybody may write to. A socket that nobody
 * listens at any more is replaced. */
const char *control_new(struct agent *agent, const char *path, struct control **ret_control);
void control_free(struct control *control);

#endif
