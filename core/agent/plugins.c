/* The plugin loader: finding, opening, checking, ordering, starting and stopping plugins. */
#include <config.h>

#include "agent/plugins.h"

#include "agent/agent_internal.h"
#include "agent/conf_file.h"
#include "agent/host.h"
#include "agent/plugin_guard.h"
#include "agent/plugin_offers.h"
#include "agent/plugin_open.h"
#include "base/buffer.h"
#include "base/log.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROOM "plugins"

struct plugins {
    struct agent *agent;
    struct plugin *first;   /* in the order of starting */
    struct plugin *zombies; /* unloaded, but a job of theirs still runs */
    struct plugin_guard *guard;
    struct buffer started; /* the names of those that plugins_scan() has started */
};

enum { STARTED_MAX = 4096 };

int plugins_new(struct agent *agent, struct plugins **ret_plugins) {
    struct plugins *plugins = calloc(1, sizeof *plugins);
    if (plugins == NULL) {
        return -ENOMEM;
    }
    plugins->agent = agent;
    buffer_init(&plugins->started, STARTED_MAX);
    *ret_plugins = plugins;
    return 0;
}

struct plugin *plugins_first(const struct plugins *plugins) {
    return plugins->first;
}

/* ---- life ---- */

/* Tables that follow from the options have an owner of their own, since they come and go with init. */
static int attach_more(struct plugin *plugin, char *error) {
    const struct tr069_plugin *descriptor = plugin->owner.plugin;
    bool asks = descriptor->size >= offsetof(struct tr069_plugin, tables) + sizeof descriptor->tables &&
                descriptor->tables != NULL;
    const struct tr069_object *objects = asks ? descriptor->tables(plugin->owner.ctx) : NULL;
    if (objects == NULL) {
        return 0;
    }
    plugin->more = (struct tr069_plugin){.name = descriptor->name,
                                         .objects = objects,
                                         .object_size = descriptor->object_size,
                                         .param_size = descriptor->param_size};
    plugin->more_owner = (struct model_owner){&plugin->more, plugin->owner.host, plugin->owner.ctx};
    int r = model_attach(plugin->agent->model, &plugin->more_owner, error, PLUGIN_ERROR_SIZE);
    if (r < 0) {
        plugin->more.objects = NULL;
    }
    return r;
}

static void detach_more(struct plugin *plugin) {
    if (plugin->more.objects != NULL) {
        model_detach(plugin->agent->model, &plugin->more_owner);
        plugin->more.objects = NULL;
    }
}

static void plugin_stop(struct plugin *plugin) {
    const struct tr069_plugin *descriptor = plugin->owner.plugin;
    if (plugin->started && descriptor->stop != NULL) {
        descriptor->stop(plugin->owner.ctx);
    }
    plugin->started = false;
    host_release(plugin);
    detach_more(plugin);
    if (plugin->initialised && descriptor->destroy != NULL) {
        descriptor->destroy(plugin->owner.ctx);
    }
    plugin->initialised = false;
    plugin->owner.ctx = NULL;
}

static int plugin_init(struct plugin *plugin, char *error) {
    void *ctx = NULL;
    plugin->initialised = true; /* destroy is called after a failed init too */
    int r = plugin->owner.plugin->init(&plugin->host.table, &ctx);
    plugin->owner.ctx = ctx;
    return r == 0 ? attach_more(plugin, error) : r;
}

static int plugin_start(struct plugin *plugin) {
    int r = plugin->owner.plugin->start != NULL ? plugin->owner.plugin->start(plugin->owner.ctx) : 0;
    plugin->started = r == 0;
    return r;
}

static int plugin_attach(struct plugin *plugin, char *error) {
    struct agent *agent = plugin->agent;
    int r = model_attach(agent->model, &plugin->owner, error, PLUGIN_ERROR_SIZE);
    if (r == 0) {
        r = rpcs_attach(agent->rpcs, &plugin->owner, error, PLUGIN_ERROR_SIZE);
        if (r < 0) {
            model_detach(agent->model, &plugin->owner);
        }
    }
    plugin->attached = r == 0;
    return r;
}

static void plugin_detach(struct plugin *plugin) {
    if (plugin->attached) {
        rpcs_detach(plugin->agent->rpcs, &plugin->owner);
        model_detach(plugin->agent->model, &plugin->owner);
        plugin->attached = false;
    }
}

static void plugin_unload(struct plugins *plugins, struct plugin *plugin) {
    plugin_stop(plugin);
    plugin_detach(plugin);
    if (plugin->jobs > 0) {
        plugin->gone = true; /* its code runs on a worker: unloaded when that ends */
        plugin->next = plugins->zombies;
        plugins->zombies = plugin;
        return;
    }
    plugin_free(plugin);
}

void plugins_job_done(struct plugins *plugins, struct plugin *plugin) {
    plugin->jobs--;
    if (!plugin->gone || plugin->jobs > 0) {
        return;
    }
    struct plugin **link = &plugins->zombies;
    while (*link != NULL && *link != plugin) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = plugin->next;
    }
    plugin_free(plugin);
}

void plugins_tell_network(struct plugins *plugins) {
    for (struct plugin *plugin = plugins->first; plugin != NULL; plugin = plugin->next) {
        if (plugin->network != NULL) {
            plugin->network(plugin->network_user);
        }
    }
}

static void unload_all(struct plugins *plugins, struct plugin *plugin) {
    if (plugin != NULL) {
        unload_all(plugins, plugin->next); /* in reverse order */
        plugin_unload(plugins, plugin);
    }
}

void plugins_unload(struct plugins *plugins) {
    if (plugins != NULL) {
        struct plugin *first = plugins->first;
        plugins->first = NULL;
        unload_all(plugins, first);
    }
}

void plugins_free(struct plugins *plugins) {
    if (plugins == NULL) {
        return;
    }
    plugins_unload(plugins);
    plugin_guard_close(plugins->guard);
    buffer_free(&plugins->started);
    free(plugins);
}

static void append(struct plugins *plugins, struct plugin *plugin) {
    struct plugin **link = &plugins->first;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    plugin->next = NULL;
    *link = plugin;
}

int plugins_add_builtin(struct plugins *plugins, const struct tr069_plugin *descriptor) {
    struct plugin *plugin = plugin_new(plugins->agent, descriptor->name, NULL);
    char error[PLUGIN_ERROR_SIZE] = "";
    if (plugin == NULL) {
        return -ENOMEM;
    }
    plugin->owner.plugin = descriptor;
    int r = plugin_read_settings(plugin, NULL, &plugin->settings, error);
    r = r == 0 ? plugin_attach(plugin, error) : r;
    r = r == 0 ? plugin_init(plugin, error) : r;
    r = r == 0 ? plugin_start(plugin) : r;
    if (r < 0) {
        log_error("%s: %s", descriptor->name, error[0] != '\0' ? error : strerror(-r));
        plugin_unload(plugins, plugin);
        return r;
    }
    append(plugins, plugin);
    return 0;
}

/* ---- what plugins need ---- */

static bool given_by(const struct plugin *list, const char *feature) {
    for (; list != NULL; list = list->next) {
        if (plugin_gives(list->owner.plugin, feature)) {
            return true;
        }
    }
    return false;
}

static const char *missing(const struct plugins *plugins, const struct plugin *plugin) {
    const char *const *needs = plugin->owner.plugin->needs;
    for (; needs != NULL && *needs != NULL; needs++) {
        if (!given_by(plugins->first, *needs) && !plugin_gives(plugin->owner.plugin, *needs)) {
            return *needs;
        }
    }
    return NULL;
}

static bool wants(const struct plugin *plugin, const struct plugin *giver) {
    const char *const *wanted = plugin->owner.plugin->wants;
    for (; wanted != NULL && *wanted != NULL; wanted++) {
        if (plugin_gives(giver->owner.plugin, *wanted)) {
            return true;
        }
    }
    return false;
}

static bool wants_one_of(const struct plugin *plugin, const struct plugin *waiting) {
    while (waiting != NULL && (waiting == plugin || !wants(plugin, waiting))) {
        waiting = waiting->next;
    }
    return waiting != NULL;
}

/* ---- scanning the directory ---- */

/* "50-wifi-ssid.conf" -> "wifi-ssid"; false for other files. */
static bool name_of(const char *file, char *name, size_t size) {
    size_t length = strlen(file);
    if (!text_ends(file, ".conf") || length < 9 || strspn(file, "0123456789") != 2 || file[2] != '-') {
        return false;
    }
    (void) snprintf(name, size, "%.*s", (int) (length - 8), file + 3);
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

/* `enabled` alone decides before the plugin is opened: a disabled one may be broken. */
static bool is_enabled(const struct plugins *plugins, const char *name, struct conf_file *file) {
    const struct config *config = plugins->agent->config;
    bool enabled = true;
    if (!conf_file_enabled(file, NULL, &enabled) && config->profile != NULL) {
        (void) conf_file_enabled(config->profile, name, &enabled);
    }
    char key[160];
    (void) snprintf(key, sizeof key, "%s.enabled=", name);
    for (char **text = config->overrides; *text != NULL; text++) {
        if (text_starts(*text, key)) {
            (void) text_parse_bool(*text + strlen(key), &enabled);
        }
    }
    return enabled;
}

static struct plugin *find(struct plugin *plugin, const char *name) {
    while (plugin != NULL && strcmp(plugin->name, name) != 0) {
        plugin = plugin->next;
    }
    return plugin;
}

/* A plugin that fails is never left half-initialised: its getters are in the model. */
static void reload_options(struct plugin *plugin, const struct conf_file *file) {
    char error[PLUGIN_ERROR_SIZE] = "";
    struct settings *settings = NULL;
    if (plugin_read_settings(plugin, file, &settings, error) < 0) {
        log_error("%s: %s; the former options stay", plugin->name, error);
        return;
    }
    if (settings_equal(settings, plugin->settings)) {
        settings_free(settings);
        return;
    }
    struct settings *former = plugin->settings; /* the plugin may point into it until it has let go */
    plugin->settings = settings;
    int r = 0;
    if (plugin->owner.plugin->reload != NULL) {
        r = plugin->owner.plugin->reload(plugin->owner.ctx);
    } else {
        plugin_stop(plugin);
        r = plugin_init(plugin, error);
        r = r == 0 ? plugin_start(plugin) : r;
    }
    if (r == 0) {
        settings_free(former);
        log_notice("%s: reloaded", plugin->name);
        return;
    }
    log_error("%s: does not work with its new options: %s; going on with the former ones", plugin->name,
              error[0] != '\0' ? error : strerror(-r));
    plugin_stop(plugin);
    plugin->settings = former;
    settings_free(settings);
    r = plugin_init(plugin, error);
    r = r == 0 ? plugin_start(plugin) : r;
    if (r < 0) {
        log_error("%s: does not work with the former options either: %s", plugin->name, strerror(-r));
        plugin->seen = false; /* unloaded with those whose file is gone */
    }
}

/* Its conf file may have another name by now. */
static void follow(struct plugin *plugin, const char *path) {
    char *copy = strcmp(plugin->file, path) != 0 ? text_dup(path) : NULL;
    if (copy != NULL) {
        free(plugin->file);
        plugin->file = copy;
    }
}

/* Opens one and puts it at the end of the waiting list. */
static void open_one(struct plugins *plugins, const char *name, const struct conf_file *file,
                     struct plugin **waiting) {
    const char *path = conf_file_path(file);
    char error[PLUGIN_ERROR_SIZE] = "out of memory", object[PATH_MAX];
    (void) snprintf(object, sizeof object, "%s/%s.so", config_path(plugins->agent->config, "plugin_dir"),
                    name);
    if (plugin_guard_is_bad(plugins->guard, name, path, object)) {
        log_error("%s: left out, because the client crashed %lld times in a row while starting it; it is "
                  "tried again "
                  "when %s or its object changes",
                  name, (long long) config_int(plugins->agent->config, "plugin_crashes"), path);
        return;
    }
    struct plugin *plugin = plugin_new(plugins->agent, name, path);
    plugin_guard_enter(plugins->guard, name);
    if (plugin == NULL || plugin_prepare(plugin, file, error) < 0) {
        log_error("%s: left out: %s", name, error);
        plugin_guard_leave(plugins->guard);
        plugin_free(plugin);
        return;
    }
    plugin_guard_leave(plugins->guard);
    plugin->seen = true;
    while (*waiting != NULL) {
        waiting = &(*waiting)->next;
    }
    *waiting = plugin;
}

static bool is_eager(const struct plugin *plugin) {
    const struct tr069_plugin *descriptor = plugin->owner.plugin;
    return descriptor->size >= offsetof(struct tr069_plugin, eager) + sizeof descriptor->eager &&
           descriptor->eager;
}

/* Is all that it wants loaded, or waiting? */
static bool finds_all(const struct plugins *plugins, const struct plugin *plugin,
                      const struct plugin *waiting) {
    const char *const *wanted = plugin->owner.plugin->wants;
    for (; wanted != NULL && *wanted != NULL; wanted++) {
        if (!given_by(plugins->first, *wanted) && !given_by(waiting, *wanted)) {
            return false;
        }
    }
    return true;
}

/* Whose turn it is. */
enum turn {
    EARLY, /* while others are still to be opened: eager ones that find all that they want, and this */
    FIRST, /* eager ones, and what they want */
    ANY
};

static bool has_turn(const struct plugins *plugins, const struct plugin *plugin, const struct plugin *waiting,
                     enum turn turn) {
    bool has = turn == ANY;
    for (const struct plugin *other = waiting; !has && other != NULL; other = other->next) {
        has = is_eager(other) && (other == plugin || wants(other, plugin)) &&
              (turn == FIRST || finds_all(plugins, other, waiting));
    }
    return has;
}

/* The next of the waiting list whose needs are met; what it wants comes first if that is possible. */
static struct plugin **choose_of(const struct plugins *plugins, struct plugin **waiting, enum turn turn) {
    struct plugin **second = NULL;
    for (struct plugin **link = waiting; *link != NULL; link = &(*link)->next) {
        if (!has_turn(plugins, *link, *waiting, turn) || missing(plugins, *link) != NULL) {
            continue;
        }
        if (!wants_one_of(*link, *waiting)) {
            return link;
        }
        second = second == NULL ? link : second;
    }
    return turn == EARLY ? NULL : second;
}

static struct plugin **choose(const struct plugins *plugins, struct plugin **waiting) {
    struct plugin **link = choose_of(plugins, waiting, FIRST);
    return link != NULL ? link : choose_of(plugins, waiting, ANY);
}

/* False: it did not start, and is gone. */
static bool start_one(struct plugins *plugins, struct plugin **link) {
    struct plugin *plugin = *link;
    plugin_guard_enter(plugins->guard, plugin->name);
    int r = plugin_start(plugin);
    plugin_guard_leave(plugins->guard);
    if (r < 0) {
        log_error("%s: left out: it did not start: %s", plugin->name, strerror(-r));
        *link = plugin->next;
        plugin_unload(plugins, plugin);
        return false;
    }
    log_debug("%s: started", plugin->name);
    const char *version = plugin->owner.plugin->version;
    (void) buffer_format(&plugins->started, "%s%s%s%s", plugins->started.length > 0 ? ", " : "", plugin->name,
                         version != NULL ? " " : "", version != NULL ? version : "");
    plugin_guard_good(plugins->guard, plugin->name);
    return true;
}

static bool start_early(struct plugins *plugins, const struct plugin *plugin) {
    struct plugin **link = &plugins->first;
    while (*link != plugin) {
        link = &(*link)->next;
    }
    return plugin->started || start_one(plugins, link);
}

/* An eager one, behind those that it wants if these have nothing to do at start. */
static void start_eagerly(struct plugins *plugins, const struct plugin *eager) {
    bool ready = true;
    for (const struct plugin *plugin = plugins->first; plugin != NULL; plugin = plugin->next) {
        if (wants(eager, plugin)) {
            ready = ready && plugin->owner.plugin->start == NULL && start_early(plugins, plugin);
        }
    }
    if (ready) {
        (void) start_early(plugins, eager);
    }
}

/* Attaches and initialises one, taken off the waiting list. */
static void admit_one(struct plugins *plugins, struct plugin **link) {
    struct plugin *plugin = *link;
    char error[PLUGIN_ERROR_SIZE] = "";
    *link = plugin->next;
    plugin_guard_enter(plugins->guard, plugin->name);
    int r = plugin_attach(plugin, error);
    if (r == 0) {
        r = plugin_init(plugin, error);
    }
    plugin_guard_leave(plugins->guard);
    if (r < 0) {
        log_error("%s: left out: %s", plugin->name, error[0] != '\0' ? error : strerror(-r));
        plugin_unload(plugins, plugin);
        return;
    }
    append(plugins, plugin);
    if (is_eager(plugin)) {
        start_eagerly(plugins, plugin);
    }
}

static void admit_early(struct plugins *plugins, struct plugin **waiting) {
    struct plugin **link;
    while ((link = choose_of(plugins, waiting, EARLY)) != NULL) {
        admit_one(plugins, link);
    }
}

/* All in order; then all are started, so that start() finds everybody there. */
static void admit(struct plugins *plugins, struct plugin **waiting) {
    for (struct plugin **link = choose(plugins, waiting); link != NULL; link = choose(plugins, waiting)) {
        admit_one(plugins, link);
    }
    while (*waiting != NULL) {
        struct plugin *plugin = *waiting;
        *waiting = plugin->next;
        log_error("%s: left out: it needs %s, which no loaded plugin gives", plugin->name,
                  missing(plugins, plugin));
        plugin_unload(plugins, plugin);
    }
}

static void start_all(struct plugins *plugins) {
    for (struct plugin **link = &plugins->first; *link != NULL;) {
        struct plugin *plugin = *link;
        if (plugin->started) {
            link = &plugin->next;
            continue;
        }
        link = start_one(plugins, link) ? &plugin->next : link;
    }
}

static void unload_unseen(struct plugins *plugins) {
    for (struct plugin **link = &plugins->first; *link != NULL;) {
        struct plugin *plugin = *link;
        if (plugin->file == NULL || plugin->seen) {
            link = &plugin->next;
            continue;
        }
        *link = plugin->next;
        log_notice("%s: unloaded", plugin->name);
        plugin_unload(plugins, plugin);
    }
}

/* What was unloaded, or did not start, may have been needed by others. */
static void unload_needy(struct plugins *plugins) {
    for (struct plugin **link = &plugins->first; *link != NULL;) {
        struct plugin *plugin = *link;
        const char *need = missing(plugins, plugin);
        if (need == NULL || plugin->file == NULL) {
            link = &plugin->next;
            continue;
        }
        log_error("%s: unloaded: it needs %s, which no loaded plugin gives", plugin->name, need);
        *link = plugin->next;
        plugin_unload(plugins, plugin);
        link = &plugins->first; /* its dependants are unloaded too */
    }
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

typedef void each_call(struct plugins *plugins, const char *name, const struct conf_file *file, void *user);

/* Calls back for each enabled conf file, in order of their names. */
static int each_file(struct plugins *plugins, each_call *call, void *user) {
    const char *directory = config_path(plugins->agent->config, "plugin_conf_dir");
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, NULL, by_name);
    if (count < 0) {
        return -errno;
    }
    for (int i = 0; i < count; i++) {
        char name[96], path[PATH_MAX];
        if (name_of(entries[i]->d_name, name, sizeof name) &&
            snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name) < (int) sizeof path) {
            struct conf_file *file = conf_file_read(path);
            if (file == NULL) {
                log_error("%s: out of memory", path);
            } else if (is_enabled(plugins, name, file)) {
                call(plugins, name, file, user);
            }
            conf_file_free(file);
        }
        free(entries[i]);
    }
    free(entries);
    return 0;
}

struct scan {
    struct plugin *waiting;
    bool first; /* of this process: nothing is there yet that is going to be unloaded */
};

static void scan_one(struct plugins *plugins, const char *name, const struct conf_file *file, void *user) {
    struct scan *scan = user;
    struct plugin *plugin = find(plugins->first, name);
    const struct plugin *other =
        plugin != NULL && plugin->seen && plugin->file != NULL ? plugin : find(scan->waiting, name);
    if (other != NULL) {
        log_error("%s: %s is passed over: the plugin has another conf file already, %s", name,
                  conf_file_path(file), other->file);
    } else if (plugin == NULL) {
        open_one(plugins, name, file, &scan->waiting);
        if (scan->first) {
            admit_early(plugins, &scan->waiting);
        }
    } else {
        plugin->seen = true;
        if (plugin->file != NULL) {
            follow(plugin, conf_file_path(file));
            reload_options(plugin, file);
        }
    }
}

void plugins_scan(struct plugins *plugins) {
    struct agent *agent = plugins->agent;
    struct scan scan = {.first = plugins->guard == NULL};
    if (plugins->guard == NULL) {
        plugins->guard = plugin_guard_open(config_path(agent->config, "state_dir"), agent->store,
                                           (unsigned) config_int(agent->config, "plugin_crashes"));
    }
    for (struct plugin *plugin = plugins->first; plugin != NULL; plugin = plugin->next) {
        plugin->seen = false;
    }
    int r = each_file(plugins, scan_one, &scan);
    if (r < 0) {
        log_error("plugin_conf_dir %s: %s", config_path(agent->config, "plugin_conf_dir"), strerror(-r));
        return;
    }
    unload_unseen(plugins);
    admit(plugins, &scan.waiting);
    start_all(plugins);
    if (plugins->started.length > 0) {
        log_info("started: %s", buffer_string(&plugins->started)); /* a line is quicker than one for each */
        buffer_free(&plugins->started);
    }
    unload_needy(plugins);
    for (char **text = agent->config->overrides; *text != NULL; text++) {
        const struct plugin *plugin = plugins->first;
        while (plugin != NULL && !plugin_option_is_for(*text, plugin->name)) {
            plugin = plugin->next;
        }
        if (plugin == NULL) {
            log_warning("command line: -o %.*s: no such plugin is loaded", (int) strcspn(*text, "="), *text);
        }
    }
    plugin_guard_end(plugins->guard);
}

/* ---- --check-config ---- */

struct check {
    FILE *out, *errors;
    unsigned mistakes;
    bool *used; /* of the command line's options */
};

/* The host of a plugin that is asked: what it says is for people, and counted. */
struct checked {
    struct host host; /* first */
    struct check *check;
};

static void check_log(const struct tr069_host *host, enum tr069_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void check_log(const struct tr069_host *host, enum tr069_log_level level, const char *format, ...) {
    const struct checked *checked = (const struct checked *) (const void *) host;
    char text[PLUGIN_ERROR_SIZE];
    va_list arguments;
    if (level > TR069_WARNING) {
        return;
    }
    va_start(arguments, format);
    (void) vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void) fflush(checked->check->out); /* both may be one file: no line into another */
    (void) fprintf(checked->check->errors, "%s: %s%s\n", checked->host.plugin->name,
                   level == TR069_WARNING ? "warning: " : "", text);
    checked->check->mistakes += level < TR069_WARNING ? 1 : 0;
}

static void ask_plugin(struct plugin *plugin, struct check *check) {
    const struct tr069_plugin *descriptor = plugin->owner.plugin;
    const struct tr069_host *all = &plugin->host.table;
    struct checked checked = {.host = {.table = {.size = all->size,
                                                 .abi_major = all->abi_major,
                                                 .abi_minor = all->abi_minor,
                                                 .log = check_log,
                                                 .option_string = all->option_string,
                                                 .option_int = all->option_int,
                                                 .option_bool = all->option_bool,
                                                 .option_list = all->option_list,
                                                 .property = all->property},
                                       .plugin = plugin},
                              .check = check};
    if (descriptor->size >= offsetof(struct tr069_plugin, check) + sizeof descriptor->check &&
        descriptor->check != NULL) {
        descriptor->check(&checked.host.table);
    }
}

static void check_one(struct plugins *plugins, const char *name, const struct conf_file *file, void *user) {
    const char *path = conf_file_path(file);
    struct check *check = user;
    char error[PLUGIN_ERROR_SIZE] = "out of memory", section[128];
    const struct plugin *other = find(plugins->first, name);
    if (other != NULL) {
        (void) fprintf(check->errors, "%s: %s is passed over: the plugin has another conf file already, %s\n",
                       name, path, other->file);
        check->mistakes++;
        return;
    }
    struct plugin *plugin = plugin_new(plugins->agent, name, path);
    char **overrides = plugins->agent->config->overrides;
    for (size_t i = 0; overrides[i] != NULL; i++) {
        check->used[i] = check->used[i] || plugin_option_is_for(overrides[i], name);
    }
    if (plugin == NULL || plugin_prepare(plugin, file, error) < 0) {
        (void) fprintf(check->errors, "%s: %s\n", name, error);
        check->mistakes++;
    } else {
        (void) snprintf(section, sizeof section, "%s.", name);
        settings_print(plugin->settings, section, check->out);
        ask_plugin(plugin, check);
        append(plugins, plugin); /* for what others need of it */
        return;
    }
    plugin_free(plugin);
}

static void check_needs(const struct plugins *plugins, struct check *check) {
    for (const struct plugin *plugin = plugins->first; plugin != NULL; plugin = plugin->next) {
        const char *need = missing(plugins, plugin);
        if (need != NULL && !text_starts(need, "object:ManagementServer.")) { /* the client's own */
            (void) fprintf(check->errors, "%s: it needs %s, which no enabled plugin gives\n", plugin->name,
                           need);
            check->mistakes++;
        }
    }
}

unsigned plugins_check(struct plugins *plugins, FILE *out, FILE *errors) {
    char **overrides = plugins->agent->config->overrides;
    size_t count = 0;
    while (overrides[count] != NULL) {
        count++;
    }
    struct check check = {out, errors, 0, calloc(count + 1, sizeof(bool))};
    int r = check.used != NULL ? each_file(plugins, check_one, &check) : -ENOMEM;
    for (size_t i = 0; check.used != NULL && i < count; i++) {
        if (!check.used[i]) {
            (void) fprintf(errors, "command line: -o %.*s: no such plugin is enabled\n",
                           (int) strcspn(overrides[i], "="), overrides[i]);
            check.mistakes++;
        }
    }
    free(check.used);
    check_needs(plugins, &check);
    if (r < 0) {
        (void) fprintf(errors, "plugin_conf_dir: %s: %s\n",
                       config_path(plugins->agent->config, "plugin_conf_dir"), strerror(-r));
        check.mistakes++;
    }
    return check.mistakes;
}
