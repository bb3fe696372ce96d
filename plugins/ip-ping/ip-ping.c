/* plugins/ip-ping: IP.Diagnostics.IPPing. and IPPingDiagnostics.: the system's `ping`, on the order of the
 * ACS. The program begins when the session has ended; when it has, the ACS is told by 8 DIAGNOSTICS COMPLETE,
 * also of an error. Whatever is written meanwhile ends it without an event. Nothing is kept over a restart.
 */
#include <tr069/plugin.h>

#include <stddef.h>
#include <stdlib.h>

enum {
    HOST_MAX = 256,
    PATH_SIZE = HOST_MAX * 4 + 1,
    REPETITIONS_MAX = 1000,
    TIMEOUT_MAX_MS = 60000,
    OUTPUT_MAX = 4096,
    ARGS_MAX = 32,
    PREFIX_MAX = 16
};

#define REQUESTED "Requested"
#define CANCELED "Canceled"
#define NONE "None"

struct ping {
    const struct tr069_host *host;
    struct tr069_child *child;
    bool ordered; /* Requested was written, and is not committed yet */
    bool waiting; /* for the end of the session */
    char state[32];
    char interface[PATH_SIZE], target[PATH_SIZE], protocol[8];
    uint32_t repetitions, timeout_ms, size, dscp;
    uint32_t successes, failures, average_us, minimum_us, maximum_us;
};

/* ---- Numbers ---------------------------------------------------------------------------------- */

static const struct number {
    const char *name;
    size_t offset;
    uint32_t divisor; /* what is shown of it */
    bool is_result;
} numbers[] = {
    {"NumberOfRepetitions", offsetof(struct ping, repetitions), 1, false},
    {"Timeout", offsetof(struct ping, timeout_ms), 1, false},
    {"DataBlockSize", offsetof(struct ping, size), 1, false},
    {"DSCP", offsetof(struct ping, dscp), 1, false},
    {"SuccessCount", offsetof(struct ping, successes), 1, true},
    {"FailureCount", offsetof(struct ping, failures), 1, true},
    {"AverageResponseTime", offsetof(struct ping, average_us), 1000, true},
    {"MinimumResponseTime", offsetof(struct ping, minimum_us), 1000, true},
    {"MaximumResponseTime", offsetof(struct ping, maximum_us), 1000, true},
    {"AverageResponseTimeDetailed", offsetof(struct ping, average_us), 1, true},
    {"MinimumResponseTimeDetailed", offsetof(struct ping, minimum_us), 1, true},
    {"MaximumResponseTimeDetailed", offsetof(struct ping, maximum_us), 1, true},
};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static const struct number *number_named(const char *name) {
    size_t i = 0;
    while (i < NUMBERS - 1 && strcmp(numbers[i].name, name) != 0) {
        i++;
    }
    return &numbers[i];
}

static uint32_t *place_of(struct ping *ping, const struct number *number) {
    return (uint32_t *) (void *) ((char *) ping + number->offset);
}

static int number_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct number *number = number_named(at->param->name);
    uint32_t value = *place_of(tr069_ctx(at), number);
    return tr069_value_uint(ret_value, (value + number->divisor / 2) / number->divisor);
}

static int number_set(const struct tr069_at *at, const struct tr069_value *value) {
    *place_of(tr069_ctx(at), number_named(at->param->name)) = (uint32_t) value->as.number;
    return TR069_OK;
}

/* ---- The program's words ---------------------------------------------------------------------- */

/* The microseconds of "1.234" milliseconds; *text goes on behind it. */
static uint32_t read_ms(const char **text) {
    char *end;
    uint64_t micros = strtoul(*text, &end, 10) % 1000000 * 1000;
    if (*end == '.') {
        uint64_t unit = 100;
        for (end++; *end >= '0' && *end <= '9'; end++, unit /= 10) {
            micros += (uint64_t) (*end - '0') * unit;
        }
    }
    *text = end;
    return (uint32_t) micros;
}

/* "3 packets transmitted, 2 received, .." or "2 packets received"; then, of those that came, "rtt
 * min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms" or "round-trip min/avg/max = ..". False: it did not get so far. */
static bool read_summary(struct ping *ping, const char *output) {
    const char *sent = strstr(output, " packets transmitted");
    const char *times = strstr(output, "min/avg/max");
    const char *comma = sent != NULL ? strchr(sent, ',') : NULL;
    if (comma == NULL || strstr(comma, "received") == NULL) {
        return false;
    }
    unsigned long received = strtoul(comma + 1, NULL, 10);
    ping->successes = (uint32_t) (received < ping->repetitions ? received : ping->repetitions);
    ping->failures = ping->repetitions - ping->successes;
    times = times != NULL ? strstr(times, "= ") : NULL;
    if (times != NULL && ping->successes > 0) {
        times += strlen("= ");
        ping->minimum_us = read_ms(&times);
        times += *times == '/' ? 1 : 0;
        ping->average_us = read_ms(&times);
        times += *times == '/' ? 1 : 0;
        ping->maximum_us = read_ms(&times);
    }
    return true;
}

/* What iputils, BusyBox and Toybox say. */
static const struct {
    const char *words, *state;
} errors[] = {
    {"bad address", "Error_CannotResolveHostName"},
    {"nknown host", "Error_CannotResolveHostName"},
    {"not known", "Error_CannotResolveHostName"},
    {"name resolution", "Error_CannotResolveHostName"},
    {"No address associated", "Error_CannotResolveHostName"},
    {"unreachable", "Error_NoRouteToHost"},
    {"No route to host", "Error_NoRouteToHost"},
};

static const char *error_in(const struct ping *ping, const char *output) {
    bool is_igd = strcmp(ping->host->root(ping->host), "Device.") != 0;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (strstr(output, errors[i].words) != NULL) {
            bool unknown = is_igd && strcmp(errors[i].state, "Error_NoRouteToHost") == 0;
            return unknown ? "Error_Other" : errors[i].state;
        }
    }
    return "Error_Other";
}

/* ---- A run ------------------------------------------------------------------------------------ */

static void set_state(struct ping *ping, const char *state) {
    (void) snprintf(ping->state, sizeof ping->state, "%s", state);
}

static void tell(const struct ping *ping, const char *name) {
    char path[TR069_NAME_MAX + 1];
    const char *root = ping->host->root(ping->host);
    (void) snprintf(path, sizeof path, "%s%s.%s", root,
                    strcmp(root, "Device.") == 0 ? "IP.Diagnostics.IPPing" : "IPPingDiagnostics", name);
    ping->host->value_changed(ping->host, path);
}

static void clear_results(struct ping *ping) {
    for (size_t i = 0; i < NUMBERS; i++) {
        if (numbers[i].is_result) {
            *place_of(ping, &numbers[i]) = 0;
        }
    }
}

static void finish(struct ping *ping, const char *state) {
    bool is_igd = strcmp(ping->host->root(ping->host), "Device.") != 0;
    set_state(ping, state);
    tell(ping, "DiagnosticsState");
    for (size_t i = 0; i < NUMBERS; i++) {
        if (numbers[i].is_result && !(is_igd && strstr(numbers[i].name, "Detailed") != NULL)) {
            tell(ping, numbers[i].name);
        }
    }
    (void) ping->host->event(ping->host, "8 DIAGNOSTICS COMPLETE", "", TR069_NOW);
}

static void on_done(void *user, int result, const char *output, size_t length) {
    struct ping *ping = user;
    char text[OUTPUT_MAX + 1];
    (void) snprintf(text, sizeof text, "%.*s", (int) (length < OUTPUT_MAX ? length : OUTPUT_MAX), output);
    ping->child = NULL;
    if (result == -ETIMEDOUT || result == -ECHILD) {
        ping->host->log(ping->host, TR069_WARNING, "the program %s",
                        result == -ETIMEDOUT ? "did not end in time" : "was killed");
        finish(ping, "Error_Internal");
    } else if (read_summary(ping, text)) {
        finish(ping, "Complete");
    } else {
        ping->host->log(ping->host, TR069_NOTICE, "no result: %s", text);
        finish(ping, error_in(ping, text));
    }
}

static bool get_below(const struct ping *ping, const char *object, const char *name, char *ret_value,
                      size_t size) {
    char path[PATH_SIZE + sizeof ".Enable"];
    size_t length = strlen(object);
    bool dotted = length > 0 && object[length - 1] == '.';
    (void) snprintf(path, sizeof path, "%s%s%s", object, dotted ? "" : ".", name);
    return ping->host->get(ping->host, path, ret_value, size) == 0;
}

/* The system's name of the interface that the ACS means, or false where it has none. */
static bool interface_name(const struct ping *ping, char *ret_name, size_t size) {
    return ping->interface[0] != '\0' && get_below(ping, ping->interface, "Name", ret_name, size) &&
           ret_name[0] != '\0' && ret_name[0] != '-';
}

static void begin(struct ping *ping) {
    const char *argv[ARGS_MAX];
    char repetitions[16], timeout[16], size[16], tos[16], name[256];
    size_t count = 0;
    const char *const *command = ping->host->option_list(ping->host, "command");
    for (; count < PREFIX_MAX && command[count] != NULL; count++) {
        argv[count] = command[count];
    }
    (void) snprintf(repetitions, sizeof repetitions, "%u", ping->repetitions);
    (void) snprintf(timeout, sizeof timeout, "%u", (ping->timeout_ms + 999) / 1000);
    (void) snprintf(size, sizeof size, "%u", ping->size);
    (void) snprintf(tos, sizeof tos, "%u", ping->dscp << 2);
    const struct {
        const char *option, *value;
        bool is_wanted;
    } words[] = {{"-q", NULL, true},
                 {"-c", repetitions, true},
                 {"-W", timeout, true},
                 {"-s", size, true},
                 {"-Q", tos, ping->dscp > 0},
                 {"-I", name, interface_name(ping, name, sizeof name)},
                 {"-4", NULL, strcmp(ping->protocol, "IPv4") == 0},
                 {"-6", NULL, strcmp(ping->protocol, "IPv6") == 0},
                 {ping->target, NULL, true}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i].is_wanted) {
            argv[count++] = words[i].option;
        }
        if (words[i].is_wanted && words[i].value != NULL) {
            argv[count++] = words[i].value;
        }
    }
    argv[count] = NULL;
    const struct tr069_run run = {.argv = argv,
                                  .deadline_ms = ping->repetitions * (ping->timeout_ms + 1000) + 15000,
                                  .output_max = OUTPUT_MAX,
                                  .keep_tail = true,
                                  .merge_stderr = true};
    int r = command[0] != NULL ? ping->host->run(ping->host, &run, on_done, ping, &ping->child) : -ENOENT;
    if (r < 0) {
        ping->host->log(ping->host, TR069_ERROR, "cannot run: %s", strerror(-r));
        finish(ping, "Error_Internal");
    }
}

/* It was promised when the ACS wrote it, whether or not it had our answer. */
static void session_ended(void *user, bool well) {
    struct ping *ping = user;
    (void) well;
    ping->waiting = false;
    if (ping->child == NULL && strcmp(ping->state, REQUESTED) == 0) {
        begin(ping);
    }
}

static void cancel(struct ping *ping) {
    if (ping->child != NULL) {
        ping->host->run_cancel(ping->host, ping->child);
        ping->child = NULL;
    }
}

/* Something was written: what runs has ended by that. */
static void commit(const struct tr069_at *at) {
    struct ping *ping = tr069_ctx(at);
    bool ordered = ping->ordered;
    ping->ordered = false;
    cancel(ping);
    if (!ordered) {
        set_state(ping, NONE);
        return;
    }
    clear_results(ping);
    int r = ping->waiting ? 0 : ping->host->after_session(ping->host, session_ended, ping);
    if (r < 0) {
        finish(ping, "Error_Internal");
        return;
    }
    ping->waiting = strcmp(ping->state, REQUESTED) == 0 && ping->child == NULL;
}

/* ---- The other parameters --------------------------------------------------------------------- */

static const struct text {
    const char *name;
    size_t offset, size;
} texts[] = {{"Host", offsetof(struct ping, target), PATH_SIZE},
             {"Interface", offsetof(struct ping, interface), PATH_SIZE},
             {"ProtocolVersion", offsetof(struct ping, protocol), sizeof((struct ping *) NULL)->protocol},
             {"DiagnosticsState", offsetof(struct ping, state), sizeof((struct ping *) NULL)->state}};

static const struct text *text_named(const char *name) {
    size_t i = 0;
    while (i < sizeof texts / sizeof texts[0] - 1 && strcmp(texts[i].name, name) != 0) {
        i++;
    }
    return &texts[i];
}

static int text_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct ping *ping = tr069_ctx(at);
    return tr069_value_string(ret_value, (const char *) ping + text_named(at->param->name)->offset);
}

static int text_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct ping *ping = tr069_ctx(at);
    const struct text *text = text_named(at->param->name);
    (void) snprintf((char *) ping + text->offset, text->size, "%s", value->as.string);
    return TR069_OK;
}

/* Also called to put back what was, when another value of the request fails. */
static int state_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct ping *ping = tr069_ctx(at);
    ping->ordered = strcmp(value->as.string, REQUESTED) == 0;
    return text_set(at, value);
}

/* Every interface of both models has Enable. */
static bool is_interface(const struct ping *ping, const char *path) {
    char enable[8];
    return path[0] == '\0' || get_below(ping, path, "Enable", enable, sizeof enable);
}

/* The other states are for the box to show. And Requested needs somebody to ask. */
static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    const struct ping *ping = tr069_ctx(at);
    const char *target = ping->target;
    const struct tr069_change *order = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *text = changes[i].value->as.string;
        if (strcmp(changes[i].param->name, "Host") == 0) {
            target = text;
        }
        if (strcmp(changes[i].param->name, "Interface") == 0 && !is_interface(ping, text)) {
            return tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "there is no such interface");
        }
        if (strcmp(changes[i].param->name, "DiagnosticsState") == 0) {
            order = &changes[i];
        }
    }
    if (order == NULL || strcmp(order->value->as.string, CANCELED) == 0) {
        return TR069_OK;
    }
    if (strcmp(order->value->as.string, REQUESTED) != 0) {
        return tr069_fault(order->fault, TR069_INVALID_VALUE, "only " REQUESTED " can be written");
    }
    return target[0] != '\0' ? TR069_OK
                             : tr069_fault(order->fault, TR069_INVALID_VALUE, "there is no Host to ask");
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static const char *const dev2_states[] = {NONE,
                                          REQUESTED,
                                          CANCELED,
                                          "Complete",
                                          "Error_CannotResolveHostName",
                                          "Error_NoRouteToHost",
                                          "Error_Internal",
                                          "Error_Other",
                                          NULL};
static const char *const igd_states[] = {
    NONE, REQUESTED, "Complete", "Error_CannotResolveHostName", "Error_Internal", "Error_Other", NULL};
static const char *const protocols[] = {"Any", "IPv4", "IPv6", NULL};

#define RESULT TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, .get = number_get
#define INPUT(most) TR069_UINT, .max = (most), .get = number_get, .set = number_set

/* Of both roots. One table for each, so that the whole object is checked, and committed, at once. */
#define COMMON_PARAMS                                                                                        \
    {"Interface",     TR069_STRING,    .max_length = HOST_MAX,                                               \
     .get = text_get, .set = text_set, .help = "the path of an interface; empty: as the route goes"},        \
        {"Host",                                                                                             \
         TR069_STRING,                                                                                       \
         .max_length = HOST_MAX,                                                                             \
         .pattern = "^([A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*)?$",                                                 \
         .get = text_get,                                                                                    \
         .set = text_set,                                                                                    \
         .help = "a name or an address"},                                                                    \
        {"NumberOfRepetitions", INPUT(REPETITIONS_MAX), .min = 1},                                           \
        {"Timeout", INPUT(TIMEOUT_MAX_MS), .min = 1, .help = "ms for each, rounded up to seconds"},          \
        {"DataBlockSize", INPUT(65535), .min = 1, .help = "octets"}, {"DSCP", INPUT(63)},                    \
        {"SuccessCount", RESULT}, {"FailureCount", RESULT}, {"AverageResponseTime", RESULT, .help = "ms"},   \
        {"MinimumResponseTime", RESULT, .help = "ms"}, {                                                     \
        "MaximumResponseTime", TR069_UINT, .get = number_get, .help = "ms"                                   \
    }

static const struct tr069_param dev2_params[] = {
    COMMON_PARAMS,
    {"DiagnosticsState", TR069_STRING, .values = dev2_states, .get = text_get, .set = state_set},
    {"ProtocolVersion", TR069_STRING, .values = protocols, .get = text_get, .set = text_set},
    {"AverageResponseTimeDetailed", RESULT, .help = "microseconds"},
    {"MinimumResponseTimeDetailed", RESULT, .help = "microseconds"},
    {"MaximumResponseTimeDetailed", TR069_UINT, .get = number_get, .help = "microseconds"},
    {0}};
static const struct tr069_param igd_params[] = {
    COMMON_PARAMS,
    {"DiagnosticsState", TR069_STRING, .values = igd_states, .get = text_get, .set = state_set},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "IP.Diagnostics.IPPing.", dev2_params, .check = check, .commit = commit},
    {TR069_IGD1, "IPPingDiagnostics.", igd_params, .check = check, .commit = commit},
    {0}};
static const struct tr069_option options[] = {
    {"command", TR069_OPTION_LIST, "ping", .help = "the program; its arguments follow"}, {0}};

static int ping_init(const struct tr069_host *host, void **ret_ctx) {
    struct ping *ping = calloc(1, sizeof *ping);
    if (ping == NULL) {
        return -ENOMEM;
    }
    ping->host = host;
    ping->repetitions = 3;
    ping->timeout_ms = 5000;
    ping->size = 56;
    set_state(ping, NONE);
    (void) snprintf(ping->protocol, sizeof ping->protocol, "%s", protocols[0]);
    *ret_ctx = ping;
    return 0;
}

static void ping_stop(void *ctx) {
    cancel(ctx);
}

TR069_PLUGIN(.name = "ip-ping", .version = "1", .summary = "the diagnostics IPPing", .options = options,
             .objects = objects, .init = ping_init, .stop = ping_stop, .destroy = free);
