/* Services for plugins. Each plugin has a table of its own, so that every call knows who calls. */
#include <config.h>

#include "agent/host.h"

#include "agent/agent_internal.h"
#include "agent/plugin_offers.h"
#include "base/log.h"
#include "base/text.h"
#include "net/child.h"
#include "net/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROOM "host"

/* Something that a plugin holds: given back when it stops. The loop's own handle hangs below. */
enum resource_kind { RESOURCE_TIMER, RESOURCE_WATCH, RESOURCE_CHILD, RESOURCE_MEASUREMENT };

struct resource {
    struct resource *next, **link;
    enum resource_kind kind;
    struct plugin *plugin;
    void *handle;
    union {
        void (*timer)(void *user);
        void (*watch)(void *user, int fd, int what);
        tr069_run_done *child;
        tr069_measure_done *measurement;
    } call;
    void *user;
};

static struct plugin *plugin_of(const struct tr069_host *host) {
    return ((const struct host *) (const void *) host)->plugin;
}

static struct agent *agent_of(const struct tr069_host *host) {
    return plugin_of(host)->agent;
}

static struct resource *resource_new(const struct tr069_host *host, enum resource_kind kind, void *user) {
    struct resource *resource = calloc(1, sizeof *resource);
    if (resource != NULL) {
        struct plugin *plugin = plugin_of(host);
        resource->kind = kind;
        resource->plugin = plugin;
        resource->user = user;
        resource->next = plugin->resources;
        resource->link = &plugin->resources;
        if (resource->next != NULL) {
            resource->next->link = &resource->next;
        }
        plugin->resources = resource;
    }
    return resource;
}

static void resource_free(struct resource *resource) {
    *resource->link = resource->next;
    if (resource->next != NULL) {
        resource->next->link = resource->link;
    }
    free(resource);
}

static void resource_cancel(struct resource *resource) {
    switch (resource->kind) {
    case RESOURCE_TIMER:
        loop_timer_cancel(resource->plugin->agent->loop, resource->handle);
        break;
    case RESOURCE_WATCH:
        loop_unwatch(resource->plugin->agent->loop, resource->handle);
        break;
    case RESOURCE_CHILD:
        child_cancel(resource->handle);
        break;
    case RESOURCE_MEASUREMENT:
        measure_free(resource->handle);
        break;
    }
    resource_free(resource);
}

static void forget_contact(struct plugin *plugin) {
    struct plugin **link = &plugin->agent->contacts;
    while (*link != NULL && *link != plugin) {
        link = &(*link)->contact_next;
    }
    if (*link != NULL) {
        *link = plugin->contact_next;
    }
}

void host_release(struct plugin *plugin) {
    forget_contact(plugin);
    plugin->network = NULL;
    while (plugin->resources != NULL) {
        resource_cancel(plugin->resources);
    }
    agent_plugin_gone(plugin->agent, plugin);
}

/* ---- log, options, properties, state ---- */

static void host_log(const struct tr069_host *host, enum tr069_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void host_log(const struct tr069_host *host, enum tr069_log_level level, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_vline((enum log_level) level, plugin_of(host)->name, format, arguments);
    va_end(arguments);
}

static const struct settings *settings_of(const struct tr069_host *host, const char *name) {
    const struct plugin *plugin = plugin_of(host);
    if (!settings_knows(plugin->settings, name)) {
        log_error("%s asks for the option '%s', which it does not declare", plugin->name, name);
    }
    return plugin->settings;
}

static const char *host_option_string(const struct tr069_host *host, const char *name) {
    const struct settings *settings = settings_of(host, name);
    const char *path = settings_path(settings, name);
    return path[0] != '\0' ? path : settings_string(settings, name);
}

static int64_t host_option_int(const struct tr069_host *host, const char *name) {
    return settings_int(settings_of(host, name), name);
}

static bool host_option_bool(const struct tr069_host *host, const char *name) {
    return settings_bool(settings_of(host, name), name);
}

static const char *const *host_option_list(const struct tr069_host *host, const char *name) {
    return settings_list(settings_of(host, name), name);
}

static const char *host_property(const struct tr069_host *host, const char *key) {
    return build_prop_get(agent_of(host)->config->firmware, key);
}

static const char *host_state_get(const struct tr069_host *host, const char *key) {
    char name[320];
    (void) text_join(name, sizeof name, "plugin/", plugin_of(host)->name, "/", key, NULL);
    return store_get(agent_of(host)->store, name);
}

static int host_state_put(const struct tr069_host *host, const char *key, const char *value) {
    char name[320];
    bool fits = text_join(name, sizeof name, "plugin/", plugin_of(host)->name, "/", key, NULL);
    return fits ? store_put(agent_of(host)->store, name, value) : -EINVAL;
}

/* ---- the model ---- */

static int host_get(const struct tr069_host *host, const char *path, char *buffer, size_t size) {
    return model_get(agent_of(host)->model, path, buffer, size);
}

static int host_set(const struct tr069_host *host, const char *path, const char *value) {
    struct model_assignment assignment = {.path = path, .text = value, .length = strlen(value)};
    struct tr069_fault fault = {0};
    int status = 0;
    int r = model_set(agent_of(host)->model, MODEL_LOCAL, &assignment, 1, &status, &fault);
    if (r == TR069_FAULT) {
        const struct tr069_fault *why = assignment.fault.code != 0 ? &assignment.fault : &fault;
        log_warning("%s sets %s: %s", plugin_of(host)->name, path, why->text);
        return why->code == TR069_INVALID_NAME ? -ENOENT : -EINVAL;
    }
    if (r == TR069_OK) {
        notify_changed(agent_of(host), path);
    }
    return r < 0 ? r : 0;
}

static const char *host_root(const struct tr069_host *host) {
    return model_root(agent_of(host)->model);
}

static void host_value_changed(const struct tr069_host *host, const char *path) {
    notify_changed(agent_of(host), path);
}

static void host_refreshed(const struct tr069_host *host, const struct tr069_object *object) {
    struct agent *agent = agent_of(host);
    model_refreshed(agent->model, &plugin_of(host)->owner, object);
    model_refreshed(agent->model, &plugin_of(host)->more_owner, object);
    session_refreshed(agent->session);
}

/* ---- session, RPCs, transfers, actions ---- */

static int host_event(const struct tr069_host *host, const char *code, const char *command_key,
                      enum tr069_event_when when) {
    struct agent *agent = agent_of(host);
    int r = events_deliverable(code) ? events_add(agent->events, code, command_key, when) : -EINVAL;
    if (r < 0) {
        log_error("%s: event %s is lost: %s", plugin_of(host)->name, code, strerror(-r));
    } else if (when == TR069_NOW) {
        driver_want(agent, code);
    }
    return r;
}

static int host_after_session(const struct tr069_host *host, void (*call)(void *user, bool well),
                              void *user) {
    return session_after(agent_of(host)->session, call, user);
}

/* A plugin of an earlier ABI has a shorter structure. */
static struct tr069_transfer whole_transfer(const struct tr069_host *host,
                                            const struct tr069_transfer *transfer) {
    struct tr069_transfer whole = {0};
    static const size_t sizes[] = {offsetof(struct tr069_transfer, upload),
                                   offsetof(struct tr069_transfer, internal)};
    unsigned minor = plugin_of(host)->owner.plugin->abi_minor;
    const size_t known = sizeof sizes / sizeof sizes[0], size = minor < known ? sizes[minor] : sizeof whole;
    memcpy(&whole, transfer, size);
    return whole;
}

static int host_transfer(const struct tr069_host *host, const struct tr069_transfer *transfer,
                         struct tr069_fault *fault) {
    const struct tr069_transfer whole = whole_transfer(host, transfer);
    return transfer_request(agent_of(host), &whole, fault);
}

static int host_transfers(const struct tr069_host *host, unsigned version,
                          int (*each)(void *user, const struct tr069_queued *queued), void *user) {
    return transfer_list(agent_of(host), (int) version, each, user);
}

static int host_cancel(const struct tr069_host *host, const char *command_key, struct tr069_fault *fault) {
    return transfer_cancel(agent_of(host), command_key, fault);
}

static int host_transferred(const struct tr069_host *host, const struct tr069_transfer *transfer,
                            const struct tr069_fault *fault, int64_t start, int64_t complete) {
    const struct tr069_transfer whole = whole_transfer(host, transfer);
    return transfer_note(agent_of(host), &whole, fault, start, complete);
}

static int host_uploads(const struct tr069_host *host,
                        int (*each)(void *user, const struct tr069_upload *upload), void *user) {
    return plugins_uploads(agent_of(host)->plugins, each, user);
}

static void host_installed(const struct tr069_install *install, int verdict) {
    transfer_installed(agent_of(install->host), install, verdict);
}

static int host_du_open(const struct tr069_host *host, const char *command_key, uint32_t *ret_report) {
    return du_reports_open(agent_of(host)->du_reports, command_key, ret_report);
}

static int host_du_result(const struct tr069_host *host, uint32_t report,
                          const struct tr069_du_result *result) {
    struct agent *agent = agent_of(host);
    bool own = du_reports_is_autonomous(agent->du_reports, report);
    return own && !du_policy(agent, result) ? 0 : du_reports_add(agent->du_reports, report, result);
}

static int host_du_close(const struct tr069_host *host, uint32_t report) {
    return du_close(agent_of(host), report);
}

static int host_action(const struct tr069_host *host, const char *name, const char *const *args,
                       tr069_action_done *done, void *user) {
    return agent_action(agent_of(host), plugin_of(host), name, args, done, user);
}

/* ---- timers, watches, children, jobs ---- */

static void on_timer(void *user) {
    struct resource *resource = user;
    void (*call)(void *) = resource->call.timer;
    void *argument = resource->user;
    resource_free(resource);
    call(argument);
}

static int host_timer(const struct tr069_host *host, uint64_t ms, void (*call)(void *user), void *user,
                      struct tr069_timer **ret_timer) {
    struct resource *resource = resource_new(host, RESOURCE_TIMER, user);
    struct tr069_timer *timer = NULL;
    if (resource == NULL) {
        return -ENOMEM;
    }
    resource->call.timer = call;
    int r = loop_timer(agent_of(host)->loop, ms, on_timer, resource, &timer);
    if (r < 0) {
        resource_free(resource);
        return r;
    }
    resource->handle = timer;
    if (ret_timer != NULL) {
        *ret_timer = (struct tr069_timer *) (void *) resource;
    }
    return 0;
}

static void host_timer_cancel(const struct tr069_host *host, struct tr069_timer *timer) {
    (void) host;
    if (timer != NULL) {
        resource_cancel((struct resource *) (void *) timer);
    }
}

static void on_watch(void *user, int fd, int what) {
    const struct resource *resource = user;
    resource->call.watch(resource->user, fd, what);
}

static int host_watch(const struct tr069_host *host, int fd, int what,
                      void (*call)(void *user, int fd, int what), void *user,
                      struct tr069_watch **ret_watch) {
    struct resource *resource = resource_new(host, RESOURCE_WATCH, user);
    struct tr069_watch *watch = NULL;
    if (resource == NULL) {
        return -ENOMEM;
    }
    resource->call.watch = call;
    int r = loop_watch(agent_of(host)->loop, fd, what, on_watch, resource, &watch);
    if (r < 0) {
        resource_free(resource);
        return r;
    }
    resource->handle = watch;
    if (ret_watch != NULL) {
        *ret_watch = (struct tr069_watch *) (void *) resource;
    }
    return 0;
}

static void host_unwatch(const struct tr069_host *host, struct tr069_watch *watch) {
    (void) host;
    if (watch != NULL) {
        resource_cancel((struct resource *) (void *) watch);
    }
}

static void on_child(void *user, int result, const char *output, size_t length) {
    struct resource *resource = user;
    tr069_run_done *call = resource->call.child;
    void *argument = resource->user;
    resource_free(resource);
    call(argument, result, output, length);
}

static int host_run(const struct tr069_host *host, const struct tr069_run *run, tr069_run_done *done,
                    void *user, struct tr069_child **ret_child) {
    struct resource *resource = resource_new(host, RESOURCE_CHILD, user);
    struct tr069_child *child = NULL;
    if (resource == NULL) {
        return -ENOMEM;
    }
    resource->call.child = done;
    struct tr069_run order = *run;
    const struct tr069_plugin *descriptor = plugin_of(host)->owner.plugin;
    order.background = descriptor->abi_minor >= 4 && run->background; /* those before have a gap there */
    int r = child_run(agent_of(host)->loop, &order, on_child, resource, &child);
    if (r < 0) {
        resource_free(resource);
        return r;
    }
    resource->handle = child;
    if (ret_child != NULL) {
        *ret_child = (struct tr069_child *) (void *) resource;
    }
    return 0;
}

static void host_run_cancel(const struct tr069_host *host, struct tr069_child *child) {
    (void) host;
    if (child != NULL) {
        resource_cancel((struct resource *) (void *) child);
    }
}

/* From the clock that never steps to the one of the wall as it is now, also if it was set meanwhile. */
static void to_wall(int64_t *time_us, int64_t offset_us) {
    if (*time_us != TR069_TIME_UNKNOWN) {
        *time_us += offset_us;
    }
}

static void on_measured(void *user, const struct tr069_measured *measured) {
    struct resource *resource = user;
    tr069_measure_done *call = resource->call.measurement;
    const struct tr069_host *host = &resource->plugin->host.table;
    void *argument = resource->user;
    struct measure *measure = resource->handle;
    struct tr069_measured wall = *measured;
    int64_t offset = host->time_us(host) - (int64_t) clock_mono_us();
    to_wall(&wall.open_request_us, offset);
    to_wall(&wall.open_response_us, offset);
    to_wall(&wall.request_us, offset);
    to_wall(&wall.begin_us, offset);
    to_wall(&wall.end_us, offset);
    resource_free(resource);
    call(argument, &wall);
    measure_free(measure);
}

static int host_measure(const struct tr069_host *host, const struct tr069_measure *what,
                        tr069_measure_done *done, void *user, struct tr069_measurement **ret_measurement) {
    struct agent *agent = agent_of(host);
    struct measure *measure = NULL;
    struct resource *resource = resource_new(host, RESOURCE_MEASUREMENT, user);
    if (resource == NULL) {
        return -ENOMEM;
    }
    resource->call.measurement = done;
    struct measure_setup setup = {.what = what,
                                  .connect_timeout_s =
                                      (unsigned) config_int(agent->config, "connect_timeout"),
                                  .stall_timeout_s = (unsigned) config_int(agent->config, "stall_timeout"),
                                  .done = on_measured,
                                  .user = resource};
    agent_fill_tls(agent, &setup.tls);
    int r = measure_new(agent->loop, &setup, &measure);
    if (r < 0) {
        resource_free(resource);
        return r;
    }
    resource->handle = measure;
    *ret_measurement = (struct tr069_measurement *) (void *) resource;
    return 0;
}

static void host_measure_cancel(const struct tr069_host *host, struct tr069_measurement *measurement) {
    (void) host;
    if (measurement != NULL) {
        resource_cancel((struct resource *) (void *) measurement);
    }
}

/* A job cannot be cancelled: its plugin stays in memory until it ended, but done() of a plugin that
 * was stopped meanwhile is not called. */
struct job {
    struct plugin *plugin;
    void *ctx;
    void (*work)(void *user);
    void (*done)(void *user);
    void *user;
};

static void job_work(void *user) {
    const struct job *job = user;
    job->work(job->user);
}

static void job_done(void *user) {
    struct job *job = user;
    if (job->plugin->initialised && !job->plugin->gone && job->plugin->owner.ctx == job->ctx) {
        job->done(job->user);
    }
    plugins_job_done(job->plugin->agent->plugins, job->plugin);
    free(job);
}

static int host_job(const struct tr069_host *host, void (*work)(void *user), void (*done)(void *user),
                    void *user) {
    struct job *job = malloc(sizeof *job);
    if (job == NULL) {
        return -ENOMEM;
    }
    *job = (struct job){plugin_of(host), plugin_of(host)->owner.ctx, work, done, user};
    int r = loop_job(agent_of(host)->loop, job_work, job_done, job);
    if (r < 0) {
        free(job);
    } else {
        job->plugin->jobs++;
    }
    return r;
}

/* ---- the rest ---- */

static uint64_t host_monotonic_ms(const struct tr069_host *host) {
    (void) host;
    return clock_mono_ms();
}

static int64_t host_wall_clock(const struct tr069_host *host) {
    return agent_now(agent_of(host)).wall_s;
}

static int64_t host_time_us(const struct tr069_host *host) {
    return clock_wall_us(agent_of(host)->clock_not_before);
}

static void host_contact(const struct tr069_host *host, uint64_t ms) {
    struct plugin *plugin = plugin_of(host);
    forget_contact(plugin);
    if (ms != UINT64_MAX) {
        plugin->contact_ms = ms;
        plugin->contact_next = plugin->agent->contacts;
        plugin->agent->contacts = plugin;
    }
}

static int host_network(const struct tr069_host *host, void (*call)(void *user), void *user) {
    struct plugin *plugin = plugin_of(host);
    plugin->network = call;
    plugin->network_user = user;
    return plugin->agent->network != NULL ? 0 : -EIO;
}

static const char *host_local_address(const struct tr069_host *host) {
    return connection_local_address(agent_of(host));
}

static const char *host_boot_id(const struct tr069_host *host) {
    return agent_of(host)->boot_id;
}

static int host_factory_reset(const struct tr069_host *host, bool keep_configuration) {
    agent_factory_reset(agent_of(host), keep_configuration);
    return 0;
}

static const struct tr069_host services = {
    .size = sizeof(struct tr069_host),
    .abi_major = TR069_ABI_MAJOR,
    .abi_minor = TR069_ABI_MINOR,
    .log = host_log,
    .option_string = host_option_string,
    .option_int = host_option_int,
    .option_bool = host_option_bool,
    .option_list = host_option_list,
    .property = host_property,
    .state_get = host_state_get,
    .state_put = host_state_put,
    .get = host_get,
    .set = host_set,
    .root = host_root,
    .value_changed = host_value_changed,
    .refreshed = host_refreshed,
    .event = host_event,
    .after_session = host_after_session,
    .reply = rpc_reply,
    .reply_list = rpc_reply_list,
    .reply_item = rpc_reply_item,
    .reply_end = rpc_reply_end,
    .complete = rpc_complete,
    .transfer = host_transfer,
    .installed = host_installed,
    .action = host_action,
    .timer = host_timer,
    .timer_cancel = host_timer_cancel,
    .watch = host_watch,
    .unwatch = host_unwatch,
    .run = host_run,
    .run_cancel = host_run_cancel,
    .job = host_job,
    .monotonic_ms = host_monotonic_ms,
    .wall_clock = host_wall_clock,
    .local_address = host_local_address,
    .boot_id = host_boot_id,
    .factory_reset = host_factory_reset,
    .transfers = host_transfers,
    .cancel = host_cancel,
    .transferred = host_transferred,
    .uploads = host_uploads,
    .du_open = host_du_open,
    .du_result = host_du_result,
    .du_close = host_du_close,
    .measure = host_measure,
    .measure_cancel = host_measure_cancel,
    .time_us = host_time_us,
    .contact = host_contact,
    .network = host_network,
};

void host_init(struct plugin *plugin) {
    plugin->host.table = services;
    plugin->host.plugin = plugin;
}
