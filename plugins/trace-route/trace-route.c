/* plugins/trace-route: IP.Diagnostics.TraceRoute. and TraceRouteDiagnostics.: the system's `traceroute`, on
 * the order of the ACS.
 */
#include "ip-ping/diagnostic.h"
#include "trace-route/hops.h"

#include <stdlib.h>

enum {
    HOPS_MAX = 64,
    TIMEOUT_MAX_MS = 60000,
    OUTPUT_MAX = 64 << 10,
    HEADERS = 28,     /* octets of IPv4 and UDP, which the program counts */
    LENGTH_MIN = 72,  /* of a packet: BusyBox refuses less with IPv6 */
    NAMES_MS = 20000, /* for the name of a hop */
    SETTLING_MS = 15000
};

struct trace {
    struct diagnostic common; /* first */
    char target[DIAGNOSTIC_TEXT_SIZE], protocol[8];
    uint32_t tries, timeout_ms, size, dscp, max_hops;
    uint32_t response_ms;
    struct hop *hops; /* NULL: there are none */
    size_t count;
};

static const struct diagnostic_field fields[] = {
    DIAGNOSTIC_FIELD("Host", TEXT, struct trace, target),
    DIAGNOSTIC_FIELD("ProtocolVersion", TEXT, struct trace, protocol),
    DIAGNOSTIC_FIELD("NumberOfTries", NUMBER, struct trace, tries),
    DIAGNOSTIC_FIELD("Timeout", NUMBER, struct trace, timeout_ms),
    DIAGNOSTIC_FIELD("DataBlockSize", NUMBER, struct trace, size),
    DIAGNOSTIC_FIELD("DSCP", NUMBER, struct trace, dscp),
    DIAGNOSTIC_FIELD("MaxHopCount", NUMBER, struct trace, max_hops),
    DIAGNOSTIC_FIELD("ResponseTime", NUMBER, struct trace, response_ms),
    {0}};

/* ---- The result ------------------------------------------------------------------------------- */

static void clear(void *ctx) {
    struct trace *trace = ctx;
    free(trace->hops);
    trace->hops = NULL;
    trace->count = 0;
}

/* "Less than 1 millisecond MUST be rounded up to 1." */
static uint32_t to_ms(uint64_t micros) {
    return (uint32_t) ((micros + 999) / 1000);
}

static uint32_t average_ms(const struct hop *hop) {
    uint64_t sum = 0;
    uint32_t answers = 0;
    for (unsigned i = 0; i < HOP_TRIES_MAX; i++) {
        sum += hop->micros[i];
        answers += hop->micros[i] > 0 ? 1 : 0;
    }
    return answers > 0 ? to_ms(sum / answers) : 0;
}

static const char *judge(void *ctx, int result, const char *output) {
    struct trace *trace = ctx;
    bool begun;
    (void) result;
    clear(trace);
    trace->hops = calloc(trace->max_hops, sizeof *trace->hops);
    if (trace->hops == NULL) {
        return "Error_Internal";
    }
    trace->count = hops_read(output, trace->hops, trace->max_hops, &begun);
    for (size_t i = 0; i < trace->count; i++) {
        trace->hops[i].tries = trace->tries; /* also where the program said less */
    }
    const struct hop *last = trace->count > 0 ? &trace->hops[trace->count - 1] : NULL;
    if (last != NULL && last->is_target) {
        trace->response_ms = average_ms(last);
        return DIAGNOSTIC_COMPLETE;
    }
    if (last != NULL && last->is_refused) {
        return "Error_NoRouteToHost";
    }
    if (trace->count == trace->max_hops) {
        return "Error_MaxHopCountExceeded";
    }
    /* the first line has the name of the host, which could be any of those words */
    const char *line = strchr(output, '\n');
    return diagnostic_error(begun && line != NULL ? line : output);
}

/* ---- A run ------------------------------------------------------------------------------------ */

static int begin(void *ctx) {
    struct trace *trace = ctx;
    char tries[16], timeout[16], hops[16], tos[16], length[16], name[256];
    (void) snprintf(tries, sizeof tries, "%u", trace->tries);
    (void) snprintf(timeout, sizeof timeout, "%u", (trace->timeout_ms + 999) / 1000);
    (void) snprintf(hops, sizeof hops, "%u", trace->max_hops);
    (void) snprintf(tos, sizeof tos, "%u", trace->dscp << 2);
    (void) snprintf(length, sizeof length, "%u",
                    trace->size + HEADERS > LENGTH_MIN ? trace->size + HEADERS : LENGTH_MIN);
    const struct diagnostic_word words[] = {
        {"-q", tries, true},
        {"-w", timeout, true},
        {"-m", hops, true},
        {"-t", tos, trace->dscp > 0},
        {"-i", name, diagnostic_interface(&trace->common, name, sizeof name)},
        {"-4", NULL, strcmp(trace->protocol, "IPv4") == 0},
        {"-6", NULL, strcmp(trace->protocol, "IPv6") == 0},
        {trace->target, length, true}};
    uint32_t hop_ms = trace->tries * (trace->timeout_ms + 1000) + NAMES_MS;
    return diagnostic_run(&trace->common, words, sizeof words / sizeof words[0],
                          trace->max_hops * hop_ms + SETTLING_MS, OUTPUT_MAX, judge);
}

/* ---- Hops ------------------------------------------------------------------------------------- */

static int instances(const struct tr069_at *at, struct tr069_rows *rows) {
    struct trace *trace = tr069_ctx(at);
    int r = 0;
    for (size_t i = 0; i < trace->count && r == 0; i++) {
        r = tr069_row(rows, (uint32_t) i + 1, &trace->hops[i]);
    }
    return r;
}

static int get_host(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct hop *hop = at->row;
    return tr069_value_string(ret_value, hop->host);
}

static int get_address(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct hop *hop = at->row;
    return tr069_value_string(ret_value, hop->address);
}

static int get_code(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct hop *hop = at->row;
    return tr069_value_uint(ret_value, hop->code);
}

static int get_times(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct hop *hop = at->row;
    char text[sizeof ret_value->buffer] = "";
    for (unsigned i = 0; i < hop->tries && i < HOP_TRIES_MAX; i++) {
        size_t length = strlen(text);
        (void) snprintf(text + length, sizeof text - length, "%s%u", i > 0 ? "," : "", to_ms(hop->micros[i]));
    }
    return tr069_value_format(ret_value, "%s", text);
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static const char *const dev2_states[] = {DIAGNOSTIC_NONE,
                                          DIAGNOSTIC_REQUESTED,
                                          DIAGNOSTIC_CANCELED,
                                          DIAGNOSTIC_COMPLETE,
                                          "Error_CannotResolveHostName",
                                          "Error_NoRouteToHost",
                                          "Error_MaxHopCountExceeded",
                                          "Error_Internal",
                                          "Error_Other",
                                          NULL};
/* TR-098 has no state for other errors: what is said then is that the host was not reached. */
static const char *const igd_states[] = {DIAGNOSTIC_NONE,
                                         DIAGNOSTIC_REQUESTED,
                                         DIAGNOSTIC_COMPLETE,
                                         "Error_CannotResolveHostName",
                                         "Error_MaxHopCountExceeded",
                                         NULL};
static const char *const protocols[] = {"Any", "IPv4", "IPv6", NULL};

#define RESULT .notify = TR069_NOTIFY_CAN_DENY
#define INPUT(least, most) TR069_UINT, .min = (least), .max = (most), DIAGNOSTIC_INPUT

#define COMMON_PARAMS                                                                                        \
    DIAGNOSTIC_INTERFACE_PARAM,                                                                              \
        {"Host",                                                                                             \
         TR069_STRING,                                                                                       \
         .max_length = DIAGNOSTIC_PATH_MAX,                                                                  \
         .pattern = DIAGNOSTIC_HOST_PATTERN,                                                                 \
         DIAGNOSTIC_INPUT,                                                                                   \
         .help = "a name or an address"},                                                                    \
        {"NumberOfTries", INPUT(1, HOP_TRIES_MAX)},                                                          \
        {"Timeout", INPUT(1, TIMEOUT_MAX_MS), .help = "ms for each, rounded up to seconds"},                 \
        {"DataBlockSize", INPUT(1, 65535), .help = "octets; at least 44 are sent"}, {"DSCP", INPUT(0, 63)},  \
        {"MaxHopCount", INPUT(1, HOPS_MAX)}, {                                                               \
        "ResponseTime", TR069_UINT, RESULT, DIAGNOSTIC_RESULT, .help = "ms, of the host; average"            \
    }
#define ENTRIES(table)                                                                                       \
    { "RouteHopsNumberOfEntries", TR069_UINT, RESULT, .entries_of = (table) }

static const struct tr069_param dev2_params[] = {
    DIAGNOSTIC_STATE_PARAM(dev2_states),
    COMMON_PARAMS,
    {"ProtocolVersion", TR069_STRING, .values = protocols, DIAGNOSTIC_INPUT},
    ENTRIES("IP.Diagnostics.TraceRoute.RouteHops."),
    {0}};
static const struct tr069_param igd_params[] = {
    DIAGNOSTIC_STATE_PARAM(igd_states), COMMON_PARAMS, ENTRIES("TraceRouteDiagnostics.RouteHops."), {0}};

#define HOST(name)                                                                                           \
    { name, TR069_STRING, RESULT, .max_length = HOP_HOST_MAX, .get = get_host }
#define ADDRESS(name)                                                                                        \
    { name, TR069_STRING, RESULT, .get = get_address, .help = "of a host that has a name" }
#define CODE(name)                                                                                           \
    { name, TR069_UINT, RESULT, .get = get_code, .help = "ICMP code; 0 also where the program tells none" }

static const struct tr069_param dev2_hop_params[] = {HOST("Host"),
                                                     ADDRESS("HostAddress"),
                                                     CODE("ErrorCode"),
                                                     {"RTTimes", TR069_STRING, TR069_CSV, .get = get_times},
                                                     {0}};
static const struct tr069_param igd_hop_params[] = {
    HOST("HopHost"),
    ADDRESS("HopHostAddress"),
    CODE("HopErrorCode"),
    {"HopRTTimes", TR069_STRING, TR069_CSV, RESULT, .get = get_times},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "IP.Diagnostics.TraceRoute.", dev2_params, DIAGNOSTIC_OBJECT},
    {TR069_DEV2, "IP.Diagnostics.TraceRoute.RouteHops.{i}.", dev2_hop_params, .instances = instances},
    {TR069_IGD1, "TraceRouteDiagnostics.", igd_params, DIAGNOSTIC_OBJECT},
    {TR069_IGD1, "TraceRouteDiagnostics.RouteHops.{i}.", igd_hop_params, .instances = instances},
    {0}};
static const struct tr069_option options[] = {DIAGNOSTIC_COMMAND_OPTION("traceroute"), {0}};
static const struct diagnostic_type type = {
    .fields = fields, .needs = "Host", .begin = begin, .clear = clear};

static int trace_init(const struct tr069_host *host, void **ret_ctx) {
    struct trace *trace = diagnostic_new(host, &type, sizeof *trace);
    if (trace == NULL) {
        return -ENOMEM;
    }
    trace->tries = 3;
    trace->timeout_ms = 5000;
    trace->size = 38;
    trace->max_hops = 30;
    (void) snprintf(trace->protocol, sizeof trace->protocol, "%s", protocols[0]);
    *ret_ctx = trace;
    return 0;
}

static void trace_destroy(void *ctx) {
    if (ctx != NULL) {
        clear(ctx);
    }
    free(ctx);
}

TR069_PLUGIN(.name = "trace-route", .version = "1", .summary = "the diagnostics TraceRoute",
             .options = options, .objects = objects, .init = trace_init, .stop = diagnostic_stop,
             .destroy = trace_destroy);
