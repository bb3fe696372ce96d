/* tr069/fake_host.h: a host for the unit test of a plugin, all of it in this header.
 *
 *     extern const struct tr069_plugin tr069_plugin;        // link the plugin's .c with the test
 *
 *     struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
 *     fake_option(fake, "interface", "wlan0");              // as in the conf file; defaults otherwise
 *     fake_program(fake, "iw", 0, "ssid Home\n");           // what a child prints, and its exit
 *     fake_start(fake);                                     // init and start
 *     fake_refresh(fake, "WiFi.SSID.{i}.");                 // as the client does once a session
 *     fake_settle(fake);                                    // children, jobs, measurements, actions end now
 *     CU_ASSERT_STRING_EQUAL(fake_get(fake, "WiFi.SSID.1.SSID"), "Home");
 *     CU_ASSERT_EQUAL(fake_free(fake), 0);                  // stop, destroy; breaches of the contract
 *
 * Nothing happens by itself: time moves with fake_advance(), children, jobs and actions end with
 * fake_settle(), a session ends with fake_session_end(). What the plugin did is found in the lists
 * (events, changes, logs, runs) and counters of struct fake_host. State, stored parameters and rows
 * stay over fake_restart(), which is what a kill -9 does.
 *
 * Paths are full names or begin below the root. It is for tests: it aborts when memory is short. */
#ifndef TR069_FAKE_HOST_H
#define TR069_FAKE_HOST_H

#include <tr069/plugin.h>

#include <ctype.h>
#include <stdlib.h>

/* Names with a text and a number, in the order in which they came. */
struct fake_pair {
    char *name;
    char *value;
    int64_t number;
};
struct fake_list {
    struct fake_pair *pairs;
    size_t count;
};

/* Something that is under way: a child, a job, a measurement, an action that the plugin asked for. */
struct fake_pending {
    struct fake_pending *next;
    struct tr069_child *child;
    void (*work)(void *user);
    void (*job_done)(void *user);
    void (*done)(void *user, int result, const char *output, size_t length);
    tr069_measure_done *measured;
    void *user;
    int result;
    char *output;
    size_t length;
};

struct tr069_timer {
    struct tr069_timer *next;
    uint64_t due;
    void (*call)(void *user);
    void *user;
};
struct tr069_watch {
    struct tr069_watch *next;
    int fd, what;
    void (*call)(void *user, int fd, int what);
    void *user;
};
struct tr069_child {
    struct fake_pending *pending;
};
struct fake_after {
    struct fake_after *next;
    void (*call)(void *user, bool well);
    void *user;
};

struct fake_host {
    struct tr069_host host; /* first: the plugin gets a pointer to it */
    const struct tr069_plugin *plugin;
    struct tr069_plugin with_tables;
    void *ctx;
    const char *root;
    enum tr069_root roots;
    bool initialised, started;
    unsigned breaches; /* of the contract; each is told on stderr */

    /* What the box is; the test sets it. */
    struct fake_list options, lists; /* lists: an entry for each item */
    struct fake_list properties;
    struct fake_list parameters;        /* of other plugins, by full name */
    struct fake_list programs, actions; /* scripted: result and output */
    uint64_t now_ms;
    int64_t wall_s;
    const char *address;
    const char *boot; /* boot_id */
    bool in_session;
    int transfer_verdict; /* what host->transfer answers */
    struct tr069_fault transfer_fault;
    const struct tr069_queued *queue; /* what host->transfers tells */
    size_t queue_count;
    const struct tr069_upload *others; /* what host->uploads tells besides the plugin's own */
    size_t other_count;
    unsigned version;               /* of the session; 0 = 12 */
    int du_verdict;                 /* what host->du_open answers, and du_result */
    struct tr069_measured measured; /* what comes of host->measure */
    int measure_verdict;            /* < 0: it is refused with this */
    int network_verdict;            /* what host->network answers */

    /* What survives a restart. */
    struct fake_list state, stored, rows;

    /* What the plugin did. */
    struct fake_list logs;        /* number = level */
    struct fake_list events;      /* value = command key, number = when */
    struct fake_list changes;     /* value_changed */
    struct fake_list runs;        /* argv, joined by spaces; number = deadline */
    struct fake_list asked;       /* actions; value = args, joined by spaces */
    struct fake_list replies;     /* the response of the last RPC */
    struct fake_list cancelled;   /* command keys */
    struct fake_list transferred; /* URLs; value = file type, number = fault code */
    struct fake_list du_results; /* operation; value = "UUID VERSION STATE UNIT UNITS", number = fault code */
    struct fake_list
        measures; /* URLs; value = "GET 1000 octets 0 ms of 60000 ms if= ip=0 dscp=0 priority=0" */
    struct fake_list requests; /* of transfers: the fields of the last one, by name */
    unsigned transfers, state_writes, factory_resets, refreshed, completed, installed;
    bool kept_configuration;
    uint64_t contact_ms;                   /* what host->contact said last; 0: nothing yet */
    unsigned du_opened, du_closed;         /* reports; the number of the last one is du_opened */
    bool du_own;                           /* the last one had no CommandKey */
    int complete_verdict, install_verdict; /* of the last deferred call and install */
    unsigned action_ends;                  /* fake_action(): how often done was called, */
    int action_result;                     /* and with what */
    char *action_output;

    struct tr069_fault fault; /* of the last thing that failed */
    char *text;               /* what fake_get returned */
    struct tr069_timer *timers;
    struct tr069_watch *watches;
    void (*network)(void *user); /* what host->network was given last */
    void *network_user;
    struct fake_pending *pending;
    struct fake_after *after;
    struct tr069_call *call;   /* a deferred RPC */
    struct tr069_value *items; /* of a list argument of the last call, */
    char *items_text;          /* and their texts */
    char ***item_arrays;       /* what option_list gave; as in the client, it stays */
    size_t item_array_count;
};

/* ---- Lists ------------------------------------------------------------------------------------ */

static inline char *fake_copy(const char *text) {
    size_t size = strlen(text != NULL ? text : "") + 1;
    char *copy = (char *) malloc(size);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, text != NULL ? text : "", size);
    return copy;
}

static inline void fake_list_add(struct fake_list *list, const char *name, const char *value,
                                 int64_t number) {
    list->pairs = (struct fake_pair *) realloc(list->pairs, (list->count + 1) * sizeof *list->pairs);
    if (list->pairs == NULL) {
        abort();
    }
    list->pairs[list->count].name = fake_copy(name);
    list->pairs[list->count].value = fake_copy(value);
    list->pairs[list->count].number = number;
    list->count++;
}

static inline struct fake_pair *fake_list_find(const struct fake_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->pairs[i].name, name) == 0) {
            return &list->pairs[i];
        }
    }
    return NULL;
}

/* The value of the first entry of that name, or NULL. */
static inline const char *fake_list_get(const struct fake_list *list, const char *name) {
    const struct fake_pair *pair = fake_list_find(list, name);
    return pair != NULL ? pair->value : NULL;
}

static inline void fake_list_remove(struct fake_list *list, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->pairs[i].name, name) == 0) {
            free(list->pairs[i].name);
            free(list->pairs[i].value);
        } else {
            list->pairs[kept++] = list->pairs[i];
        }
    }
    list->count = kept;
}

static inline void fake_list_put(struct fake_list *list, const char *name, const char *value,
                                 int64_t number) {
    struct fake_pair *pair = fake_list_find(list, name);
    if (pair == NULL) {
        fake_list_add(list, name, value, number);
        return;
    }
    char *copy = fake_copy(value);
    free(pair->value);
    pair->value = copy;
    pair->number = number;
}

/* How many entries have that name. */
static inline size_t fake_list_count(const struct fake_list *list, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += strcmp(list->pairs[i].name, name) == 0;
    }
    return count;
}

static inline void fake_list_clear(struct fake_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->pairs[i].name);
        free(list->pairs[i].value);
    }
    free(list->pairs);
    list->pairs = NULL;
    list->count = 0;
}

/* "a b c" of an argv. Free it. */
static inline char *fake_join(const char *const *words) {
    size_t size = 1;
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        size += strlen(words[i]) + 1;
    }
    char *text = (char *) calloc(1, size);
    if (text == NULL) {
        abort();
    }
    size_t length = 0;
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        length += (size_t) snprintf(text + length, size - length, "%s%s", i > 0 ? " " : "", words[i]);
    }
    return text;
}

/* The plugin broke its contract. */
TR069_PRINTF(2, 3)
static inline void fake_breach(struct fake_host *fake, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void) fprintf(stderr, "\n%s: contract: ", fake->plugin->name);
    (void) vfprintf(stderr, format, arguments);
    (void) fprintf(stderr, "\n");
    va_end(arguments);
    fake->breaches++;
}

#include <tr069/fake_services.h>
#include <tr069/fake_value.h>

#include <tr069/fake_model.h>

#include <tr069/fake_rpc.h>

/* ---- What the test calls ---------------------------------------------------------------------- */

/* A host for this plugin: started at 1000 s of uptime on 2026-01-02T03:04:05Z, outside a session. */
static inline struct fake_host *fake_new(const struct tr069_plugin *plugin, enum tr069_root root) {
    struct fake_host *fake = (struct fake_host *) calloc(1, sizeof *fake);
    if (fake == NULL) {
        abort();
    }
    const struct tr069_host services = {
        .size = sizeof services,
        .abi_major = TR069_ABI_MAJOR,
        .abi_minor = TR069_ABI_MINOR,
        .log = fake_log,
        .option_string = fake_option_string,
        .option_int = fake_option_int,
        .option_bool = fake_option_bool,
        .option_list = fake_option_list,
        .property = fake_property_get,
        .state_get = fake_state_get,
        .state_put = fake_state_put,
        .get = fake_other_get,
        .set = fake_other_set,
        .root = fake_root,
        .value_changed = fake_value_changed,
        .refreshed = fake_refreshed,
        .event = fake_event,
        .after_session = fake_after_session,
        .reply = fake_reply,
        .reply_list = fake_reply_list,
        .reply_item = fake_reply_item,
        .reply_end = fake_reply_end,
        .complete = fake_complete,
        .transfer = fake_transfer,
        .installed = fake_installed,
        .action = fake_action_asked,
        .timer = fake_timer,
        .timer_cancel = fake_timer_cancel,
        .watch = fake_watch,
        .unwatch = fake_unwatch,
        .run = fake_run,
        .run_cancel = fake_run_cancel,
        .job = fake_job,
        .monotonic_ms = fake_monotonic_ms,
        .wall_clock = fake_wall_clock,
        .local_address = fake_local_address,
        .boot_id = fake_boot_id,
        .factory_reset = fake_factory_reset,
        .transfers = fake_transfers,
        .cancel = fake_cancel,
        .transferred = fake_transferred,
        .uploads = fake_uploads,
        .du_open = fake_du_open,
        .du_result = fake_du_result,
        .du_close = fake_du_close,
        .measure = fake_measure,
        .measure_cancel = fake_measure_cancel,
        .time_us = fake_time_us,
        .contact = fake_contact,
        .network = fake_network,
    };
    fake->host = services;
    fake->plugin = plugin;
    fake->roots = root;
    fake->root = root == TR069_IGD1 ? "InternetGatewayDevice." : "Device.";
    fake->now_ms = 1000000;
    fake->wall_s = 1767323045;
    fake->boot = "boot-1";
    return fake;
}

static inline void fake_option(struct fake_host *fake, const char *name, const char *value) {
    fake_list_put(&fake->options, name, value, 0);
}

/* items end with NULL. */
static inline void fake_option_items(struct fake_host *fake, const char *name, const char *const *items) {
    fake_list_remove(&fake->lists, name);
    fake_list_add(&fake->lists, name, "", 0);
    for (; *items != NULL; items++) {
        fake_list_add(&fake->lists, name, *items, 1);
    }
}

static inline void fake_property(struct fake_host *fake, const char *key, const char *value) {
    fake_list_put(&fake->properties, key, value, 0);
}

/* A program that exists: its exit (as tr069_run_done gets it) and its output. Others are -ENOENT. */
static inline void fake_program(struct fake_host *fake, const char *name, int result, const char *output) {
    fake_list_put(&fake->programs, name, output, result);
}

/* An action that another plugin offers. Others are -ENOSYS. */
static inline void fake_offer(struct fake_host *fake, const char *action, int result, const char *output) {
    fake_list_put(&fake->actions, action, output, result);
}

/* A parameter of another plugin, by its full name. */
static inline void fake_parameter(struct fake_host *fake, const char *path, const char *value) {
    fake_list_put(&fake->parameters, path, value, 0);
}

/* What --check-config asks, before fake_start(): how many mistakes it told. Its words are in fake->logs. */
static inline unsigned fake_check(struct fake_host *fake) {
    const size_t before = fake->logs.count;
    unsigned mistakes = 0;
    if (fake->initialised) {
        fake_breach(fake, "no check follows init");
    }
    if (fake->plugin->check != NULL) {
        fake->plugin->check(&fake->host);
    }
    for (size_t i = before; i < fake->logs.count; i++) {
        mistakes += fake->logs.pairs[i].number <= TR069_ERROR;
    }
    return mistakes;
}

/* init and start. 0 or -errno of the one that failed. */
static inline int fake_start(struct fake_host *fake) {
    fake->initialised = true;
    int r = fake->plugin->init != NULL ? fake->plugin->init(&fake->host, &fake->ctx) : 0;
    if (r != 0) {
        return r;
    }
    if (fake->plugin->tables != NULL) { /* beside `objects`, which such a plugin does not have here */
        fake->with_tables = *fake->plugin;
        fake->with_tables.objects = fake->plugin->tables(fake->ctx);
        fake->plugin = &fake->with_tables;
    }
    fake_tables_check(fake);
    fake->started = true;
    return fake->plugin->start != NULL ? fake->plugin->start(fake->ctx) : 0;
}

/* What the client cancels after stop. */
static inline void fake_cancel_all(struct fake_host *fake) {
    while (fake->timers != NULL) {
        fake_timer_cancel(&fake->host, fake->timers);
    }
    fake->network = NULL;
    while (fake->watches != NULL) {
        fake_unwatch(&fake->host, fake->watches);
    }
    while (fake->pending != NULL) {
        struct fake_pending *pending = fake->pending;
        fake->pending = pending->next;
        fake_pending_free(pending);
    }
    while (fake->after != NULL) {
        struct fake_after *after = fake->after;
        fake->after = after->next;
        free(after);
    }
}

static inline void fake_end(struct fake_host *fake, bool orderly) {
    if (fake->started && orderly && fake->plugin->stop != NULL) {
        fake->plugin->stop(fake->ctx);
    }
    fake_cancel_all(fake);
    fake->started = false;
    if (fake->initialised && fake->plugin->destroy != NULL) {
        fake->plugin->destroy(fake->ctx);
    }
    fake->initialised = false;
    fake->ctx = NULL;
}

/* The client was killed and starts again: no stop, the state is what state_put left. (destroy is
 * called, so that nothing leaks.) orderly = it was stopped and started. */
static inline int fake_restart(struct fake_host *fake, bool orderly) {
    fake_end(fake, orderly);
    fake->in_session = false;
    return fake_start(fake);
}

/* stop and destroy. Returns how often the plugin broke its contract. Accepts NULL. */
static inline unsigned fake_free(struct fake_host *fake) {
    if (fake == NULL) {
        return 0;
    }
    fake_end(fake, true);
    unsigned breaches = fake->breaches;
    struct fake_list *lists[] = {&fake->options,   &fake->lists,       &fake->properties, &fake->parameters,
                                 &fake->programs,  &fake->actions,     &fake->state,      &fake->stored,
                                 &fake->rows,      &fake->logs,        &fake->events,     &fake->changes,
                                 &fake->runs,      &fake->asked,       &fake->replies,    &fake->requests,
                                 &fake->cancelled, &fake->transferred, &fake->du_results, &fake->measures};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        fake_list_clear(lists[i]);
    }
    fake_call_free(fake->call);
    free(fake->action_output);
    free(fake->text);
    for (size_t i = 0; i < fake->item_array_count; i++) {
        free(fake->item_arrays[i]);
    }
    free(fake->items);
    free(fake->items_text);
    free(fake->item_arrays);
    free(fake);
    return breaches;
}

/* Was a line with this text logged, at this level or a graver one? */
static inline bool fake_logged(const struct fake_host *fake, enum tr069_log_level level, const char *text) {
    for (size_t i = 0; i < fake->logs.count; i++) {
        if (fake->logs.pairs[i].number <= (int64_t) level && strstr(fake->logs.pairs[i].name, text) != NULL) {
            return true;
        }
    }
    return false;
}

static inline void fake_clocks(struct fake_host *fake, uint64_t to_ms) {
    if (to_ms > fake->now_ms) {
        if (fake->wall_s != TR069_TIME_UNKNOWN) {
            fake->wall_s += (int64_t) (to_ms / 1000 - fake->now_ms / 1000);
        }
        fake->now_ms = to_ms;
    }
}

/* Moves both clocks; fires the timers on the way, in their order. */
static inline void fake_advance(struct fake_host *fake, uint64_t ms) {
    uint64_t end = fake->now_ms + ms;
    for (;;) {
        struct tr069_timer **first = NULL;
        for (struct tr069_timer **at = &fake->timers; *at != NULL; at = &(*at)->next) {
            if ((*at)->due <= end && (first == NULL || (*at)->due < (*first)->due)) {
                first = at;
            }
        }
        if (first == NULL) {
            break;
        }
        struct tr069_timer *timer = *first;
        *first = timer->next;
        fake_clocks(fake, timer->due);
        timer->call(timer->user);
        free(timer);
    }
    fake_clocks(fake, end);
}

/* The descriptor that the plugin watches is ready. False when it watches none. */
static inline bool fake_ready(struct fake_host *fake) {
    struct tr069_watch *watch = fake->watches;
    if (watch != NULL) {
        watch->call(watch->user, watch->fd, watch->what);
    }
    return watch != NULL;
}

/* The kernel tells something of the network. False when the plugin does not want to know. */
static inline bool fake_news(struct fake_host *fake) {
    void (*call)(void *user) = fake->network;
    if (call != NULL) {
        call(fake->network_user);
    }
    return call != NULL;
}

/* Ends children, jobs and actions that are under way, and those that they begin. */
static inline void fake_settle(struct fake_host *fake) {
    while (fake->pending != NULL) {
        struct fake_pending *pending = fake->pending;
        fake->pending = pending->next;
        if (pending->work != NULL) {
            pending->work(pending->user);
            if (pending->job_done != NULL) {
                pending->job_done(pending->user);
            }
        } else if (pending->measured != NULL) {
            pending->measured(pending->user, &fake->measured);
        } else if (pending->done != NULL) {
            pending->done(pending->user, pending->result, pending->output, pending->length);
        }
        fake_pending_free(pending);
    }
}

static inline void fake_session_begin(struct fake_host *fake) {
    fake->in_session = true;
}

static inline void fake_session_end(struct fake_host *fake, bool well) {
    fake->in_session = false;
    while (fake->after != NULL) {
        struct fake_after *after = fake->after;
        fake->after = after->next;
        after->call(after->user, well);
        free(after);
    }
}

/* Tells the plugin of a command of the ACS, with the time of the fake's clock. */
static inline void fake_command(struct fake_host *fake, const char *method, const char *subject,
                                unsigned fault, const char *text) {
    const struct tr069_command command = {fake->wall_s, method, subject, fault, text};
    if (fake->plugin->command != NULL) {
        fake->plugin->command(fake->ctx, &command);
    }
}

static inline void fake_action_ended(void *user, int result, const char *output, size_t length) {
    struct fake_host *fake = (struct fake_host *) user;
    fake->action_ends++;
    fake->action_result = result;
    free(fake->action_output);
    fake->action_output = (char *) calloc(1, length + 1);
    if (fake->action_output == NULL) {
        abort();
    }
    memcpy(fake->action_output, output != NULL ? output : "", output != NULL ? length : 0);
}

/* Calls an action of the plugin; its end is in action_ends, action_result and action_output. */
static inline int fake_action(struct fake_host *fake, const char *name, const char *const *args) {
    const char *at = (const char *) fake->plugin->actions;
    for (; at != NULL; at += fake->plugin->action_size) {
        const struct tr069_action *action = (const struct tr069_action *) (const void *) at;
        if (action->name == NULL) {
            break;
        }
        if (strcmp(action->name, name) == 0) {
            return action->run(fake->ctx, args, fake_action_ended, fake);
        }
    }
    return -ENOENT;
}

/* What main() of a test program with CUnit does: runs these tests and returns.
 *     int main(void) {
 *         FAKE_TESTS("time", {"the zone", test_zone}, {"limits", test_limits});
 *     } */
#define FAKE_TESTS(suite, ...)                                                                               \
    do {                                                                                                     \
        CU_TestInfo fake_tests[] = {__VA_ARGS__, CU_TEST_INFO_NULL};                                         \
        CU_SuiteInfo fake_suites[] = {{suite, NULL, NULL, NULL, NULL, fake_tests}, CU_SUITE_INFO_NULL};      \
        if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(fake_suites) != CUE_SUCCESS) {     \
            return 2;                                                                                        \
        }                                                                                                    \
        CU_basic_set_mode(CU_BRM_VERBOSE);                                                                   \
        CU_ErrorCode fake_ran = CU_basic_run_tests();                                                        \
        unsigned fake_failures = CU_get_number_of_failures();                                                \
        CU_cleanup_registry();                                                                               \
        return fake_ran == CUE_SUCCESS && fake_failures == 0 ? 0 : 1;                                        \
    } while (0)

#endif
