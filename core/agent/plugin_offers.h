/* What the loaded plugins offer, and who offers it. */
#ifndef AGENT_PLUGIN_OFFERS_H
#define AGENT_PLUGIN_OFFERS_H

#include "agent/plugins.h"

/* "action:reboot", "rpc:Download", "object:DeviceInfo." */
bool plugin_gives(const struct tr069_plugin *descriptor, const char *feature);

/* Who provides an action: its entry; NULL when nobody does. *provider: whom to begin behind; NULL: the first.
 */
const struct tr069_action *plugins_action(struct plugins *plugins, const char *name,
                                          struct plugin **provider);
/* Who takes a file type: the most exact entry; NULL when nobody does. */
const struct tr069_file *plugins_file(struct plugins *plugins, const char *file_type,
                                      struct plugin **ret_plugin);
/* Who gives a file to upload: the most exact entry of that name; NULL when nobody does. */
const struct tr069_upload *plugins_upload(struct plugins *plugins, const char *name,
                                          struct plugin **ret_plugin);
/* Calls back for each of them; a return value other than 0 ends it. */
int plugins_uploads(struct plugins *plugins, int (*each)(void *user, const struct tr069_upload *upload),
                    void *user);
void plugins_command(struct plugins *plugins, const struct tr069_command *command);
void plugins_forget(struct plugins *plugins);
/* A line a plugin: name, version, summary. */
void plugins_list(const struct plugins *plugins, struct buffer *out);

#endif
