/* What the loaded plugins offer: actions, RPCs, objects, file types, uploads. */
#include <config.h>

#include "agent/plugin_offers.h"

#include "base/buffer.h"
#include "base/text.h"

#include <stddef.h>
#include <string.h>

static const struct tr069_action *action_of(const struct tr069_plugin *descriptor, const char *name) {
    const char *at = (const char *) (const void *) descriptor->actions;
    for (; at != NULL; at += descriptor->action_size) {
        const struct tr069_action *action = (const struct tr069_action *) (const void *) at;
        if (action->name == NULL) {
            break;
        }
        if (strcmp(action->name, name) == 0) {
            return action;
        }
    }
    return NULL;
}

static bool gives_rpc(const struct tr069_plugin *descriptor, const char *method) {
    const char *at = (const char *) (const void *) descriptor->rpcs;
    for (; at != NULL; at += descriptor->rpc_size) {
        const struct tr069_rpc *rpc = (const struct tr069_rpc *) (const void *) at;
        if (rpc->method == NULL) {
            break;
        }
        if (strcmp(rpc->method, method) == 0) {
            return true;
        }
    }
    return false;
}

static bool gives_object(const struct tr069_plugin *descriptor, const char *path) {
    const char *at = (const char *) (const void *) descriptor->objects;
    for (; at != NULL; at += descriptor->object_size) {
        const struct tr069_object *object = (const struct tr069_object *) (const void *) at;
        if (object->path == NULL) {
            break;
        }
        if (text_starts(object->path, path)) {
            return true;
        }
    }
    return false;
}

bool plugin_gives(const struct tr069_plugin *descriptor, const char *feature) {
    if (text_starts(feature, "action:")) {
        return action_of(descriptor, feature + 7) != NULL;
    }
    if (text_starts(feature, "rpc:")) {
        return gives_rpc(descriptor, feature + 4);
    }
    return text_starts(feature, "object:") && gives_object(descriptor, feature + 7);
}

/* ---- what plugins do for others ---- */

const struct tr069_action *plugins_action(struct plugins *plugins, const char *name,
                                          struct plugin **provider) {
    for (struct plugin *plugin = *provider != NULL ? (*provider)->next : plugins_first(plugins);
         plugin != NULL; plugin = plugin->next) {
        const struct tr069_action *action = action_of(plugin->owner.plugin, name);
        if (action != NULL && plugin->started) {
            *provider = plugin;
            return action;
        }
    }
    return NULL;
}

/* How well an entry fits a file type: 0 not at all; a whole name beats every prefix. */
static size_t fit(const char *entry, const char *file_type) {
    size_t length = strlen(entry);
    if (length > 0 && entry[length - 1] == '*') {
        return strncmp(entry, file_type, length - 1) == 0 ? length : 0;
    }
    return strcmp(entry, file_type) == 0 ? SIZE_MAX : 0;
}

static bool precedes(const struct plugin *a, const struct plugin *b) {
    return a->file != NULL && b->file != NULL && strcmp(a->file, b->file) < 0;
}

const struct tr069_file *plugins_file(struct plugins *plugins, const char *file_type,
                                      struct plugin **ret_plugin) {
    const struct tr069_file *best = NULL;
    size_t best_fit = 0;
    for (struct plugin *plugin = plugins_first(plugins); plugin != NULL; plugin = plugin->next) {
        const char *at = (const char *) (const void *) plugin->owner.plugin->files;
        for (; at != NULL; at += plugin->owner.plugin->file_size) {
            const struct tr069_file *file = (const struct tr069_file *) (const void *) at;
            if (file->file_type == NULL) {
                break;
            }
            size_t now = fit(file->file_type, file_type);
            /* of equals the first by name, whenever it was loaded: a SIGHUP changes no order */
            bool before =
                now > 0 && now == best_fit && *ret_plugin != plugin && precedes(plugin, *ret_plugin);
            if (now > best_fit || before) {
                best = file;
                best_fit = now;
                *ret_plugin = plugin;
            }
        }
    }
    return best;
}

/* The uploads of one plugin, by index; NULL behind the last. One of ABI 1.0 has none. */
static const struct tr069_upload *upload_at(const struct plugin *plugin, size_t index) {
    const struct tr069_plugin *descriptor = plugin->owner.plugin;
    const struct tr069_upload *upload = NULL;
    if (descriptor->size >= offsetof(struct tr069_plugin, uploads) + sizeof descriptor->uploads &&
        descriptor->uploads != NULL) {
        upload = (const struct tr069_upload *) (const void *) ((const char *) descriptor->uploads +
                                                               index * descriptor->upload_size);
    }
    return upload != NULL && upload->name != NULL ? upload : NULL;
}

const struct tr069_upload *plugins_upload(struct plugins *plugins, const char *name,
                                          struct plugin **ret_plugin) {
    const struct tr069_upload *best = NULL, *upload;
    size_t best_fit = 0;
    for (struct plugin *plugin = plugins_first(plugins); plugin != NULL; plugin = plugin->next) {
        for (size_t i = 0; (upload = upload_at(plugin, i)) != NULL; i++) {
            size_t now = fit(upload->name, name);
            if (now > best_fit) {
                best = upload;
                best_fit = now;
                *ret_plugin = plugin;
            }
        }
    }
    return best;
}

int plugins_uploads(struct plugins *plugins, int (*each)(void *user, const struct tr069_upload *upload),
                    void *user) {
    const struct tr069_upload *upload;
    int r = 0;
    for (const struct plugin *plugin = plugins_first(plugins); plugin != NULL; plugin = plugin->next) {
        for (size_t i = 0; r == 0 && (upload = upload_at(plugin, i)) != NULL; i++) {
            r = each(user, upload);
        }
    }
    return r;
}

void plugins_command(struct plugins *plugins, const struct tr069_command *command) {
    for (struct plugin *plugin = plugins_first(plugins); plugin != NULL; plugin = plugin->next) {
        if (plugin->started && plugin->owner.plugin->command != NULL) {
            plugin->owner.plugin->command(plugin->owner.ctx, command);
        }
    }
}

void plugins_forget(struct plugins *plugins) {
    for (struct plugin *plugin = plugins_first(plugins); plugin != NULL; plugin = plugin->next) {
        if (plugin->started && plugin->owner.plugin->forget != NULL) {
            plugin->owner.plugin->forget(plugin->owner.ctx);
        }
    }
}

void plugins_list(const struct plugins *plugins, struct buffer *out) {
    for (const struct plugin *plugin = plugins_first(plugins); plugin != NULL; plugin = plugin->next) {
        const struct tr069_plugin *descriptor = plugin->owner.plugin;
        (void) buffer_format(out, "%s%s%s: %s\n", plugin->name, descriptor->version != NULL ? " " : "",
                             descriptor->version != NULL ? descriptor->version : "",
                             descriptor->summary != NULL ? descriptor->summary : "");
    }
}
