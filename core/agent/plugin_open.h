/* One plugin, from its conf file to a checked descriptor with parsed options: what the loader and
 * --check-config share. */
#ifndef AGENT_PLUGIN_OPEN_H
#define AGENT_PLUGIN_OPEN_H

#include "agent/conf_file.h"
#include "agent/plugins.h"

enum { PLUGIN_ERROR_SIZE = 640 };

/* `file` NULL: built in. NULL when out of memory. */
struct plugin *plugin_new(struct agent *agent, const char *name, const char *file);
/* Nothing of it may run any more. Accepts NULL. */
void plugin_free(struct plugin *plugin);
/* Opens the object, checks ABI, size and name, reads the options from its conf file. 0 or negative errno with
 * a sentence in `error`, which has PLUGIN_ERROR_SIZE octets. */
int plugin_prepare(struct plugin *plugin, const struct conf_file *file, char *error);
/* Its second half, which a built-in one needs, that has no file, and a reload. */
int plugin_read_settings(struct plugin *plugin, const struct conf_file *file, struct settings **ret_settings,
                         char *error);
/* Is this "PLUGIN.KEY=VALUE" of the command line for that plugin? */
bool plugin_option_is_for(const char *override, const char *name);

#endif
