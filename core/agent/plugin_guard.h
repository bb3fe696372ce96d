/* A plugin that makes the daemon crash while it starts, N times in a row, is left out.
 *
 * While a plugin is being opened, initialised or started, its name stands in the file `starting` of the
 * state directory, which is mapped for that, so that a crash leaves it, and flash sees one page a start. What
 * a crash leaves behind is counted at the next start. */
#ifndef AGENT_PLUGIN_GUARD_H
#define AGENT_PLUGIN_GUARD_H

#include "base/store.h"

#include <stdbool.h>

struct plugin_guard;

/* Counts what a crash left. NULL when out of memory or without a directory: then nothing is guarded. */
struct plugin_guard *plugin_guard_open(const char *directory, struct store *store, unsigned limit);
void plugin_guard_close(struct plugin_guard *guard);
/* Whether it crashed so often. When its conf file or its object has changed since, it gets a new chance. */
bool plugin_guard_is_bad(struct plugin_guard *guard, const char *name, const char *conf, const char *object);
void plugin_guard_enter(struct plugin_guard *guard, const char *name);
void plugin_guard_leave(struct plugin_guard *guard);
/* It started: its count begins anew. */
void plugin_guard_good(struct plugin_guard *guard, const char *name);
/* All are started. */
void plugin_guard_end(struct plugin_guard *guard);

#endif
