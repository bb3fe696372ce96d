/* tr069/fake_services.h: a part of tr069/fake_host.h, which includes it: the services of struct tr069_host.
 */
#ifndef TR069_FAKE_HOST_H
#include <tr069/fake_host.h>
#elif !defined(TR069_FAKE_SERVICES_H)
#define TR069_FAKE_SERVICES_H

static inline struct fake_host *fake_of(const struct tr069_host *host) {
    union {
        const struct tr069_host *host;
        struct fake_host *fake;
    } view = {host};
    return view.fake;
}

/* Services other than log, options, property, state_get are for started plugins. */
static inline struct fake_host *fake_started(const struct tr069_host *host, const char *service) {
    struct fake_host *fake = fake_of(host);
    if (!fake->started) {
        fake_breach(fake, "%s was called before start", service);
    }
    return fake;
}

TR069_PRINTF(3, 4)
static inline void fake_log(const struct tr069_host *host, enum tr069_log_level level, const char *format,
                            ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fake_list_add(&fake_of(host)->logs, line, "", level);
}

static inline const struct tr069_option *fake_declared(struct fake_host *fake, const char *name,
                                                       enum tr069_option_type type,
                                                       enum tr069_option_type other) {
    const char *at = (const char *) fake->plugin->options;
    for (; at != NULL; at += fake->plugin->option_size) {
        const struct tr069_option *option = (const struct tr069_option *) (const void *) at;
        if (option->name == NULL) {
            break;
        }
        if (strcmp(option->name, name) == 0) {
            if (option->type != type && option->type != other) {
                fake_breach(fake, "option %s is of another type", name);
            }
            return option;
        }
    }
    fake_breach(fake, "option %s is not declared", name);
    return NULL;
}

static inline const char *fake_option_string(const struct tr069_host *host, const char *name) {
    struct fake_host *fake = fake_of(host);
    const struct tr069_option *option = fake_declared(fake, name, TR069_OPTION_STRING, TR069_OPTION_PATH);
    const char *value = fake_list_get(&fake->options, name);
    return value != NULL ? value : option != NULL && option->value != NULL ? option->value : "";
}

static inline int64_t fake_option_int(const struct tr069_host *host, const char *name) {
    struct fake_host *fake = fake_of(host);
    const struct tr069_option *option = fake_declared(fake, name, TR069_OPTION_INT, TR069_OPTION_INT);
    const char *value = fake_list_get(&fake->options, name);
    value = value != NULL ? value : option != NULL && option->value != NULL ? option->value : "0";
    return strtoll(value, NULL, 10);
}

static inline bool fake_option_bool(const struct tr069_host *host, const char *name) {
    struct fake_host *fake = fake_of(host);
    const struct tr069_option *option = fake_declared(fake, name, TR069_OPTION_BOOL, TR069_OPTION_BOOL);
    const char *value = fake_list_get(&fake->options, name);
    value = value != NULL ? value : option != NULL && option->value != NULL ? option->value : "false";
    return strcmp(value, "true") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "1") == 0;
}

/* Adds the items of an option's default, separated by spaces. */
static inline void fake_list_default(struct fake_host *fake, const char *name, const char *items) {
    while (*items != '\0') {
        char item[256];
        size_t length = strcspn(items, " ");
        (void) snprintf(item, sizeof item, "%.*s", (int) length, items);
        fake_list_add(&fake->lists, name, item, 1);
        items += length;
        items += strspn(items, " ");
    }
}

static inline const char *const *fake_option_list(const struct tr069_host *host, const char *name) {
    struct fake_host *fake = fake_of(host);
    const struct tr069_option *option = fake_declared(fake, name, TR069_OPTION_LIST, TR069_OPTION_LIST);
    if (fake_list_find(&fake->lists, name) == NULL && option != NULL && option->value != NULL) {
        fake_list_default(fake, name, option->value);
    }
    char **items = (char **) calloc(fake_list_count(&fake->lists, name) + 1, sizeof *items);
    size_t count = fake->item_array_count + 1;
    fake->item_arrays = (char ***) realloc(fake->item_arrays, count * sizeof *fake->item_arrays);
    if (items == NULL || fake->item_arrays == NULL) {
        abort();
    }
    fake->item_arrays[fake->item_array_count++] = items;
    count = 0;
    for (size_t i = 0; i < fake->lists.count; i++) {
        /* number 0: the list was given, and is empty */
        if (strcmp(fake->lists.pairs[i].name, name) == 0 && fake->lists.pairs[i].number != 0) {
            items[count++] = fake->lists.pairs[i].value;
        }
    }
    return (const char *const *) items;
}

static inline const char *fake_property_get(const struct tr069_host *host, const char *key) {
    return fake_list_get(&fake_of(host)->properties, key);
}

static inline const char *fake_state_get(const struct tr069_host *host, const char *key) {
    return fake_list_get(&fake_of(host)->state, key);
}

static inline int fake_state_put(const struct tr069_host *host, const char *key, const char *value) {
    struct fake_host *fake = fake_started(host, "state_put");
    if (value != NULL && strlen(value) > 16384) {
        return -ENOSPC;
    }
    const char *old = fake_list_get(&fake->state, key);
    if (value == NULL) {
        fake->state_writes += old != NULL;
        fake_list_remove(&fake->state, key);
    } else if (old == NULL || strcmp(old, value) != 0) {
        fake->state_writes++;
        fake_list_put(&fake->state, key, value, 0);
    }
    return 0;
}

static inline const char *fake_root(const struct tr069_host *host) {
    return fake_of(host)->root;
}

static inline void fake_value_changed(const struct tr069_host *host, const char *path) {
    struct fake_host *fake = fake_started(host, "value_changed");
    if (strncmp(path, fake->root, strlen(fake->root)) != 0) {
        fake_breach(fake, "value_changed: %s is not a full name", path);
    }
    fake_list_add(&fake->changes, path, "", 0);
}

static inline void fake_refreshed(const struct tr069_host *host, const struct tr069_object *object) {
    struct fake_host *fake = fake_started(host, "refreshed");
    if (object->refresh == NULL) {
        fake_breach(fake, "refreshed: %s has no refresh", object->path);
    }
    fake->refreshed++;
}

static inline int fake_event(const struct tr069_host *host, const char *code, const char *command_key,
                             enum tr069_event_when when) {
    fake_list_add(&fake_started(host, "event")->events, code, command_key, when);
    return 0;
}

static inline int fake_after_session(const struct tr069_host *host, void (*call)(void *user, bool well),
                                     void *user) {
    struct fake_host *fake = fake_started(host, "after_session");
    if (!fake->in_session) {
        call(user, true);
        return 0;
    }
    struct fake_after *after = (struct fake_after *) calloc(1, sizeof *after);
    if (after == NULL) {
        abort();
    }
    after->call = call;
    after->user = user;
    struct fake_after **last = &fake->after;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = after;
    return 0;
}

static inline int fake_transfer(const struct tr069_host *host, const struct tr069_transfer *transfer,
                                struct tr069_fault *fault) {
    struct fake_host *fake = fake_started(host, "transfer");
    if (fake->transfer_verdict != TR069_OK) {
        *fault = fake->transfer_fault;
        return fake->transfer_verdict;
    }
    fake->transfers++;
    fake_list_clear(&fake->requests);
    fake_list_add(&fake->requests, "method", transfer->method, 0);
    fake_list_add(&fake->requests, "command_key", transfer->command_key, 0);
    fake_list_add(&fake->requests, "file_type", transfer->file_type, 0);
    fake_list_add(&fake->requests, "url", transfer->url, 0);
    fake_list_add(&fake->requests, "username", transfer->username, 0);
    fake_list_add(&fake->requests, "password", transfer->password, 0);
    fake_list_add(&fake->requests, "target_name", transfer->target_name, 0);
    fake_list_add(&fake->requests, "file_size", "", (int64_t) transfer->file_size);
    fake_list_add(&fake->requests, "delay_s", "", transfer->delay_s);
    fake_list_add(&fake->requests, "upload", transfer->upload, 0);
    for (size_t i = 0; i < transfer->window_count; i++) {
        char window[64];
        (void) snprintf(window, sizeof window, "%u-%u mode %u retries %d",
                        (unsigned) transfer->windows[i].start_s, (unsigned) transfer->windows[i].end_s,
                        (unsigned) transfer->windows[i].mode, (int) transfer->windows[i].max_retries);
        fake_list_add(&fake->requests, "window", window, 0);
        fake_list_add(&fake->requests, "user_message", transfer->windows[i].user_message, 0);
    }
    return TR069_OK;
}

static inline void fake_installed(const struct tr069_install *install, int verdict) {
    struct fake_host *fake = fake_started(install->host, "installed");
    fake->installed++;
    fake->install_verdict = verdict;
}

static inline int fake_timer(const struct tr069_host *host, uint64_t ms, void (*call)(void *user), void *user,
                             struct tr069_timer **ret_timer) {
    struct fake_host *fake = fake_started(host, "timer");
    struct tr069_timer *timer = (struct tr069_timer *) calloc(1, sizeof *timer);
    if (timer == NULL) {
        abort();
    }
    timer->due = fake->now_ms + ms;
    timer->call = call;
    timer->user = user;
    timer->next = fake->timers;
    fake->timers = timer;
    if (ret_timer != NULL) {
        *ret_timer = timer;
    }
    return 0;
}

static inline void fake_timer_cancel(const struct tr069_host *host, struct tr069_timer *timer) {
    struct fake_host *fake = fake_of(host);
    for (struct tr069_timer **at = &fake->timers; timer != NULL && *at != NULL; at = &(*at)->next) {
        if (*at == timer) {
            *at = timer->next;
            free(timer);
            return;
        }
    }
    if (timer != NULL) {
        fake_breach(fake, "timer_cancel: that timer has fired or was cancelled");
    }
}

static inline int fake_watch(const struct tr069_host *host, int fd, int what,
                             void (*call)(void *user, int fd, int what), void *user,
                             struct tr069_watch **ret_watch) {
    struct fake_host *fake = fake_started(host, "watch");
    struct tr069_watch *watch = (struct tr069_watch *) calloc(1, sizeof *watch);
    if (watch == NULL) {
        abort();
    }
    watch->fd = fd;
    watch->what = what;
    watch->call = call;
    watch->user = user;
    watch->next = fake->watches;
    fake->watches = watch;
    if (ret_watch != NULL) {
        *ret_watch = watch;
    }
    return 0;
}

static inline void fake_unwatch(const struct tr069_host *host, struct tr069_watch *watch) {
    struct fake_host *fake = fake_of(host);
    for (struct tr069_watch **at = &fake->watches; watch != NULL && *at != NULL; at = &(*at)->next) {
        if (*at == watch) {
            *at = watch->next;
            free(watch);
            return;
        }
    }
}

static inline struct fake_pending *fake_pend(struct fake_host *fake, void *user) {
    struct fake_pending *pending = (struct fake_pending *) calloc(1, sizeof *pending);
    if (pending == NULL) {
        abort();
    }
    pending->user = user;
    struct fake_pending **last = &fake->pending;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = pending;
    return pending;
}

static inline void fake_pending_free(struct fake_pending *pending) {
    free(pending->child);
    free(pending->output);
    free(pending);
}

/* A program is scripted by its whole command line, by its path or by its file name. */
static inline int fake_run(const struct tr069_host *host, const struct tr069_run *run, tr069_run_done *done,
                           void *user, struct tr069_child **ret_child) {
    struct fake_host *fake = fake_started(host, "run");
    if (run->argv == NULL || run->argv[0] == NULL) {
        return -EINVAL;
    }
    char *line = fake_join(run->argv);
    fake_list_add(&fake->runs, line, "", run->deadline_ms);
    const char *slash = strrchr(run->argv[0], '/');
    const struct fake_pair *script = fake_list_find(&fake->programs, line);
    script = script != NULL ? script : fake_list_find(&fake->programs, run->argv[0]);
    script =
        script != NULL ? script : fake_list_find(&fake->programs, slash != NULL ? slash + 1 : run->argv[0]);
    free(line);
    if (script == NULL) {
        return -ENOENT;
    }
    struct fake_pending *pending = fake_pend(fake, user);
    size_t length = strlen(script->value);
    size_t kept = length < run->output_max ? length : run->output_max;
    pending->output = fake_copy(run->keep_tail ? script->value + length - kept : script->value);
    pending->output[kept] = '\0';
    pending->length = kept;
    pending->result = (int) script->number;
    pending->done = done;
    pending->child = (struct tr069_child *) calloc(1, sizeof *pending->child);
    if (pending->child == NULL) {
        abort();
    }
    pending->child->pending = pending;
    if (ret_child != NULL) {
        *ret_child = pending->child;
    }
    return 0;
}

static inline void fake_run_cancel(const struct tr069_host *host, struct tr069_child *child) {
    struct fake_host *fake = fake_of(host);
    for (struct fake_pending **at = &fake->pending; child != NULL && *at != NULL; at = &(*at)->next) {
        if ((*at)->child == child) {
            struct fake_pending *pending = *at;
            *at = pending->next;
            fake_pending_free(pending);
            return;
        }
    }
}

/* Ends with fake->measured, at fake_settle(). */
static inline int fake_measure(const struct tr069_host *host, const struct tr069_measure *measure,
                               tr069_measure_done *done, void *user,
                               struct tr069_measurement **ret_measurement) {
    struct fake_host *fake = fake_started(host, "measure");
    char text[256];
    if (fake->measure_verdict < 0) {
        return fake->measure_verdict;
    }
    (void) snprintf(text, sizeof text, "%s %llu octets %u ms of %u ms if=%s ip=%u dscp=%u priority=%u",
                    measure->upload ? "PUT" : "GET", (unsigned long long) measure->octets,
                    measure->duration_ms, measure->deadline_ms,
                    measure->interface != NULL ? measure->interface : "", measure->ip_version, measure->dscp,
                    measure->priority);
    fake_list_add(&fake->measures, measure->url, text, 0);
    struct fake_pending *pending = fake_pend(fake, user);
    pending->measured = done;
    *ret_measurement = (struct tr069_measurement *) (void *) pending;
    return 0;
}

static inline void fake_measure_cancel(const struct tr069_host *host, struct tr069_measurement *measurement) {
    struct fake_host *fake = fake_of(host);
    for (struct fake_pending **at = &fake->pending; measurement != NULL && *at != NULL; at = &(*at)->next) {
        if ((void *) *at == (void *) measurement) {
            struct fake_pending *pending = *at;
            *at = pending->next;
            fake_pending_free(pending);
            return;
        }
    }
}

static inline int fake_job(const struct tr069_host *host, void (*work)(void *user), void (*done)(void *user),
                           void *user) {
    struct fake_pending *pending = fake_pend(fake_started(host, "job"), user);
    pending->work = work;
    pending->job_done = done;
    return 0;
}

static inline int fake_action_asked(const struct tr069_host *host, const char *name, const char *const *args,
                                    tr069_action_done *done, void *user) {
    struct fake_host *fake = fake_started(host, "action");
    const struct fake_pair *script = fake_list_find(&fake->actions, name);
    if (script == NULL) {
        return -ENOSYS;
    }
    char *line = fake_join(args);
    fake_list_add(&fake->asked, name, line, 0);
    free(line);
    struct fake_pending *pending = fake_pend(fake, user);
    pending->output = fake_copy(script->value);
    pending->length = strlen(script->value);
    pending->result = (int) script->number;
    pending->done = done;
    return TR069_OK;
}

static inline uint64_t fake_monotonic_ms(const struct tr069_host *host) {
    return fake_of(host)->now_ms;
}

static inline int64_t fake_wall_clock(const struct tr069_host *host) {
    return fake_of(host)->wall_s;
}

static inline int64_t fake_time_us(const struct tr069_host *host) {
    const struct fake_host *fake = fake_of(host);
    const int64_t year_1 = INT64_C(-62135596800) * 1000000;
    return fake->wall_s != TR069_TIME_UNKNOWN
               ? fake->wall_s * 1000000 + (int64_t) (fake->now_ms % 1000 * 1000)
               : year_1 + (int64_t) fake->now_ms * 1000;
}

static inline const char *fake_local_address(const struct tr069_host *host) {
    const char *address = fake_of(host)->address;
    return address != NULL ? address : "";
}

static inline const char *fake_boot_id(const struct tr069_host *host) {
    return fake_of(host)->boot;
}

/* Each transfer of fake->queue. */
static inline int fake_transfers(const struct tr069_host *host, unsigned version,
                                 int (*each)(void *user, const struct tr069_queued *queued), void *user) {
    struct fake_host *fake = fake_started(host, "transfers");
    int r = 0;
    (void) version;
    for (size_t i = 0; r == 0 && i < fake->queue_count; i++) {
        r = each(user, &fake->queue[i]);
    }
    return r;
}

static inline int fake_cancel(const struct tr069_host *host, const char *command_key,
                              struct tr069_fault *fault) {
    struct fake_host *fake = fake_started(host, "cancel");
    if (fake->transfer_verdict != TR069_OK) {
        *fault = fake->transfer_fault;
        return fake->transfer_verdict;
    }
    fake_list_add(&fake->cancelled, command_key, "", 0);
    return TR069_OK;
}

static inline int fake_transferred(const struct tr069_host *host, const struct tr069_transfer *transfer,
                                   const struct tr069_fault *fault, int64_t start, int64_t complete) {
    struct fake_host *fake = fake_started(host, "transferred");
    (void) start;
    (void) complete;
    fake_list_add(&fake->transferred, transfer->url, transfer->file_type, fault->code);
    return 0;
}

/* Those of the plugin, then fake->others. */
static inline int fake_uploads(const struct tr069_host *host,
                               int (*each)(void *user, const struct tr069_upload *upload), void *user) {
    struct fake_host *fake = fake_started(host, "uploads");
    const char *at = (const char *) fake->plugin->uploads;
    int r = 0;
    for (; r == 0 && at != NULL; at += fake->plugin->upload_size) {
        const struct tr069_upload *upload = (const struct tr069_upload *) (const void *) at;
        if (upload->name == NULL) {
            break;
        }
        r = each(user, upload);
    }
    for (size_t i = 0; r == 0 && i < fake->other_count; i++) {
        r = each(user, &fake->others[i]);
    }
    return r;
}

static inline int fake_du_open(const struct tr069_host *host, const char *command_key, uint32_t *ret_report) {
    struct fake_host *fake = fake_started(host, "du_open");
    if (fake->du_verdict < 0) {
        return fake->du_verdict;
    }
    fake->du_own = command_key == NULL;
    *ret_report = ++fake->du_opened;
    return 0;
}

static inline int fake_du_result(const struct tr069_host *host, uint32_t report,
                                 const struct tr069_du_result *result) {
    struct fake_host *fake = fake_started(host, "du_result");
    const char *words[] = {result->uuid, result->version,         result->state,
                           result->unit, result->execution_units, NULL};
    if (report == 0 || report > fake->du_opened || strlen(result->uuid) != 36) {
        fake_breach(fake, "du_result: no such report, or no UUID");
    }
    if (fake->du_verdict < 0) {
        return fake->du_verdict;
    }
    char *line = fake_join(words);
    fake_list_add(&fake->du_results, result->operation, line, result->fault.code);
    free(line);
    return 0;
}

static inline int fake_du_close(const struct tr069_host *host, uint32_t report) {
    struct fake_host *fake = fake_started(host, "du_close");
    (void) report;
    fake->du_closed++;
    return 0;
}

static inline void fake_contact(const struct tr069_host *host, uint64_t ms) {
    struct fake_host *fake = fake_started(host, "contact");
    fake->contact_ms = ms;
}

static inline int fake_network(const struct tr069_host *host, void (*call)(void *user), void *user) {
    struct fake_host *fake = fake_started(host, "network");
    fake->network = call;
    fake->network_user = user;
    return fake->network_verdict;
}

static inline int fake_factory_reset(const struct tr069_host *host, bool keep_configuration) {
    struct fake_host *fake = fake_started(host, "factory_reset");
    fake->factory_resets++;
    fake->kept_configuration = keep_configuration;
    fake_list_clear(&fake->state);
    fake_list_clear(&fake->stored);
    fake_list_clear(&fake->rows);
    fake_list_clear(&fake->events);
    if (fake->plugin->forget != NULL) {
        fake->plugin->forget(fake->ctx);
    }
    return 0;
}

#endif
