/* One plugin, from its conf file to a checked descriptor with parsed options. */
#include <config.h>

#include "agent/plugin_open.h"

#include "agent/agent_internal.h"
#include "agent/host.h"
#include "base/text.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What every conf file may say, besides the plugin's own options. */
static const struct tr069_option common_options[] = {
    {"enabled", TR069_OPTION_BOOL, "true", .help = "false: the plugin is not loaded"},
    {0},
};

void plugin_free(struct plugin *plugin) {
    if (plugin == NULL) {
        return;
    }
    settings_free(plugin->settings);
    if (plugin->handle != NULL) {
        (void) dlclose(plugin->handle);
    }
    free(plugin->name);
    free(plugin->file);
    free(plugin);
}

struct plugin *plugin_new(struct agent *agent, const char *name, const char *file) {
    struct plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL) {
        return NULL;
    }
    plugin->agent = agent;
    plugin->name = text_dup(name);
    plugin->file = file != NULL ? text_dup(file) : NULL;
    if (plugin->name == NULL || (file != NULL && plugin->file == NULL)) {
        plugin_free(plugin);
        return NULL;
    }
    host_init(plugin);
    plugin->owner.host = &plugin->host.table;
    return plugin;
}

/* The sizes that a descriptor of ABI 1.0 has; smaller ones were made by no compiler of ours. */
static int check_abi(const struct plugin *plugin, const struct tr069_plugin *descriptor, char *error) {
    if (descriptor->abi_major != TR069_ABI_MAJOR) {
        (void) snprintf(error, PLUGIN_ERROR_SIZE,
                        "it was built for ABI %u.%u, this client has %d.%d: build it again with the headers "
                        "of this client",
                        descriptor->abi_major, descriptor->abi_minor, TR069_ABI_MAJOR, TR069_ABI_MINOR);
        return -EINVAL;
    }
    if (descriptor->abi_minor > TR069_ABI_MINOR) {
        (void) snprintf(error, PLUGIN_ERROR_SIZE,
                        "it needs ABI %u.%u, this client has %d.%d: install a newer client",
                        descriptor->abi_major, descriptor->abi_minor, TR069_ABI_MAJOR, TR069_ABI_MINOR);
        return -EINVAL;
    }
    if (descriptor->size < offsetof(struct tr069_plugin, upload_size) ||
        descriptor->option_size < sizeof(struct tr069_option) ||
        descriptor->arg_size != sizeof(struct tr069_arg)) {
        (void) snprintf(error, PLUGIN_ERROR_SIZE, "its descriptor is not one: %zu octets", descriptor->size);
        return -EINVAL;
    }
    if (descriptor->name == NULL || strcmp(descriptor->name, plugin->name) != 0) {
        (void) snprintf(error, PLUGIN_ERROR_SIZE, "it calls itself '%s', but its file is named for '%s'",
                        descriptor->name != NULL ? descriptor->name : "", plugin->name);
        return -EINVAL;
    }
    if (descriptor->init == NULL) {
        (void) snprintf(error, PLUGIN_ERROR_SIZE, "it has no init function");
        return -EINVAL;
    }
    return 0;
}

/* The descriptor of a plugin that is a part of this program. */
static const struct tr069_plugin *linked_in(const char *name) {
    const struct tr069_plugin *descriptor = NULL;
#ifdef STATIC_PLUGINS
    char symbol[128];
    (void) snprintf(symbol, sizeof symbol, "tr069_plugin_%s", name);
    for (char *c = symbol; *c != '\0'; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    void *self = dlopen(NULL, RTLD_NOW | RTLD_LOCAL);
    if (self != NULL) {
        descriptor = dlsym(self, symbol);
        (void) dlclose(self);
    }
#else
    (void) name;
#endif
    return descriptor;
}

/* Is all there that the object says it has? The dynamic linker maps what the headers promise, and a file
 * that was cut short (a copy under way, a full disk) then ends the whole client by SIGBUS. */
static bool is_whole(const char *path) {
    enum { PARTS_MAX = 64 /* ten are usual */ };
    struct {
        ElfW(Ehdr) head;
        ElfW(Phdr) parts[PARTS_MAX];
    } start; /* as linkers lay it out; what rewrites an object may move the parts */
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 && fstat(fd, &status) == 0 ? pread(fd, &start, sizeof start, 0) : -1;
    bool whole = true; /* what is no ELF file, or not there, the linker refuses with better words */
    if (n >= (ssize_t) sizeof start.head && memcmp(start.head.e_ident, ELFMAG, SELFMAG) == 0 &&
        start.head.e_phentsize == sizeof start.parts[0]) {
        const size_t count = start.head.e_phnum < PARTS_MAX ? start.head.e_phnum : PARTS_MAX;
        const size_t size = count * sizeof start.parts[0];
        whole = start.head.e_phoff == sizeof start.head
                    ? (size_t) n >= sizeof start.head + size
                    : pread(fd, start.parts, size, (off_t) start.head.e_phoff) == (ssize_t) size;
        for (size_t i = 0; whole && i < count; i++) {
            whole = start.parts[i].p_offset <= (uint64_t) status.st_size &&
                    start.parts[i].p_filesz <= (uint64_t) status.st_size - start.parts[i].p_offset;
        }
    }
    if (fd >= 0) {
        (void) close(fd);
    }
    return whole;
}

static int plugin_open(struct plugin *plugin, const char *directory, char *error) {
    char path[PATH_MAX];
    const struct tr069_plugin *descriptor = linked_in(plugin->name);
    if (descriptor == NULL) {
        (void) snprintf(path, sizeof path, "%s/%s.so", directory, plugin->name);
        if (!is_whole(path)) {
            (void) snprintf(error, PLUGIN_ERROR_SIZE, "%.512s: the file is cut short: install it again",
                            path);
            return -EINVAL;
        }
        plugin->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (plugin->handle == NULL) {
            (void) snprintf(error, PLUGIN_ERROR_SIZE, "%s", dlerror());
            return -ENOENT;
        }
        descriptor = dlsym(plugin->handle, "tr069_plugin");
    }
    if (descriptor == NULL) {
        (void) snprintf(error, PLUGIN_ERROR_SIZE,
                        "its object exports no symbol tr069_plugin: does it say TR069_PLUGIN(...)?");
        return -EINVAL;
    }
    int r = check_abi(plugin, descriptor, error);
    if (r == 0) {
        plugin->owner.plugin = descriptor;
    }
    return r;
}

/* Is this "PLUGIN.KEY=VALUE" of the command line for that plugin? */
bool plugin_option_is_for(const char *override, const char *name) {
    size_t length = strlen(name);
    return strncmp(override, name, length) == 0 && override[length] == '.';
}

static int apply_overrides(const struct plugin *plugin, struct settings *settings, char *error) {
    char **overrides = plugin->agent->config->overrides;
    size_t length = strlen(plugin->name);
    for (size_t i = 0; overrides[i] != NULL; i++) {
        const char *text = overrides[i];
        if (!plugin_option_is_for(text, plugin->name)) {
            continue;
        }
        char key[128], why[PLUGIN_ERROR_SIZE - 160];
        const char *equals = strchr(text, '=');
        (void) snprintf(key, sizeof key, "%.*s", (int) (equals - text - (ptrdiff_t) length - 1),
                        text + length + 1);
        int r = settings_set(settings, key, equals + 1, "command line", why, sizeof why);
        if (r < 0) {
            (void) snprintf(error, PLUGIN_ERROR_SIZE, "command line: %s.%s: %s", plugin->name, key, why);
            return r;
        }
    }
    return 0;
}

int plugin_read_settings(struct plugin *plugin, const struct conf_file *file, struct settings **ret_settings,
                         char *error) {
    struct settings *settings = NULL;
    const struct tr069_plugin *descriptor = plugin->owner.plugin;
    int r = settings_new(common_options, descriptor->options, descriptor->option_size,
                         config_string(plugin->agent->config, "prefix"), &settings, error, PLUGIN_ERROR_SIZE);
    if (r == 0 && file != NULL) {
        r = settings_take(settings, file, NULL, error, PLUGIN_ERROR_SIZE);
    }
    if (r == 0) {
        r = apply_overrides(plugin, settings, error);
    }
    if (r == 0 && file != NULL && plugin->agent->config->profile != NULL) {
        r = settings_take(settings, plugin->agent->config->profile, plugin->name, error, PLUGIN_ERROR_SIZE);
    }
    if (r < 0) {
        settings_free(settings);
        return r;
    }
    *ret_settings = settings;
    return 0;
}

int plugin_prepare(struct plugin *plugin, const struct conf_file *file, char *error) {
    int r = plugin_open(plugin, config_path(plugin->agent->config, "plugin_dir"), error);
    return r == 0 ? plugin_read_settings(plugin, file, &plugin->settings, error) : r;
}
