/* The trace: every message of a session in a file, for people; without secrets. Off by default, since it
 * writes a lot. */
#ifndef AGENT_TRACE_H
#define AGENT_TRACE_H

#include "base/clock.h"
#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace;

/* The file is made (0600) with the first message; where it would grow beyond `max` octets it becomes FILE.1,
 * and a new one begins. */
int trace_new(const char *path, uint64_t max, struct trace **ret_trace);
void trace_free(struct trace *trace);
void trace_switch(struct trace *trace, bool on);
bool trace_is_on(const struct trace *trace);
const char *trace_path(const struct trace *trace);
/* One message; `what` says which way it went. A file that cannot be written is said once and ends the trace.
 */
void trace_message(struct trace *trace, struct model *model, const struct moment *now, const char *what,
                   const char *message, size_t length);

#endif
