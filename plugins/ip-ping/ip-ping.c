/* plugins/ip-ping: IP.Diagnostics.IPPing. and IPPingDiagnostics.: the system's `ping`, on the order of the
 * ACS.
 */
#include "ip-ping/diagnostic.h"

#include <stdlib.h>

enum { REPETITIONS_MAX = 1000, TIMEOUT_MAX_MS = 60000, OUTPUT_MAX = 4096 };

struct ping {
    struct diagnostic common; /* first */
    char target[DIAGNOSTIC_TEXT_SIZE], protocol[8];
    uint32_t repetitions, timeout_ms, size, dscp;
    uint32_t successes, failures, average_us, minimum_us, maximum_us;
};

static const struct diagnostic_field fields[] = {
    DIAGNOSTIC_FIELD("Host", TEXT, struct ping, target),
    DIAGNOSTIC_FIELD("ProtocolVersion", TEXT, struct ping, protocol),
    DIAGNOSTIC_FIELD("NumberOfRepetitions", NUMBER, struct ping, repetitions),
    DIAGNOSTIC_FIELD("Timeout", NUMBER, struct ping, timeout_ms),
    DIAGNOSTIC_FIELD("DataBlockSize", NUMBER, struct ping, size),
    DIAGNOSTIC_FIELD("DSCP", NUMBER, struct ping, dscp),
    DIAGNOSTIC_FIELD("SuccessCount", NUMBER, struct ping, successes),
    DIAGNOSTIC_FIELD("FailureCount", NUMBER, struct ping, failures),
    DIAGNOSTIC_PART("AverageResponseTime", struct ping, average_us, 1000),
    DIAGNOSTIC_PART("MinimumResponseTime", struct ping, minimum_us, 1000),
    DIAGNOSTIC_PART("MaximumResponseTime", struct ping, maximum_us, 1000),
    DIAGNOSTIC_FIELD("AverageResponseTimeDetailed", NUMBER, struct ping, average_us),
    DIAGNOSTIC_FIELD("MinimumResponseTimeDetailed", NUMBER, struct ping, minimum_us),
    DIAGNOSTIC_FIELD("MaximumResponseTimeDetailed", NUMBER, struct ping, maximum_us),
    {0}};

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

static const char *judge(void *ctx, int result, const char *output) {
    (void) result;
    return read_summary(ctx, output) ? DIAGNOSTIC_COMPLETE : diagnostic_error(output);
}

/* ---- A run ------------------------------------------------------------------------------------ */

static int begin(void *ctx) {
    struct ping *ping = ctx;
    char repetitions[16], timeout[16], size[16], tos[16], name[256];
    (void) snprintf(repetitions, sizeof repetitions, "%u", ping->repetitions);
    (void) snprintf(timeout, sizeof timeout, "%u", (ping->timeout_ms + 999) / 1000);
    (void) snprintf(size, sizeof size, "%u", ping->size);
    (void) snprintf(tos, sizeof tos, "%u", ping->dscp << 2);
    const struct diagnostic_word words[] = {
        {"-q", NULL, true},
        {"-c", repetitions, true},
        {"-W", timeout, true},
        {"-s", size, true},
        {"-Q", tos, ping->dscp > 0},
        {"-I", name, diagnostic_interface(&ping->common, name, sizeof name)},
        {"-4", NULL, strcmp(ping->protocol, "IPv4") == 0},
        {"-6", NULL, strcmp(ping->protocol, "IPv6") == 0},
        {ping->target, NULL, true}};
    return diagnostic_run(&ping->common, words, sizeof words / sizeof words[0],
                          ping->repetitions * (ping->timeout_ms + 1000) + 15000, OUTPUT_MAX, judge);
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static const char *const dev2_states[] = {DIAGNOSTIC_NONE,
                                          DIAGNOSTIC_REQUESTED,
                                          DIAGNOSTIC_CANCELED,
                                          DIAGNOSTIC_COMPLETE,
                                          "Error_CannotResolveHostName",
                                          "Error_NoRouteToHost",
                                          "Error_Internal",
                                          "Error_Other",
                                          NULL};
static const char *const igd_states[] = {DIAGNOSTIC_NONE,
                                         DIAGNOSTIC_REQUESTED,
                                         DIAGNOSTIC_COMPLETE,
                                         "Error_CannotResolveHostName",
                                         "Error_Internal",
                                         "Error_Other",
                                         NULL};
static const char *const protocols[] = {"Any", "IPv4", "IPv6", NULL};

#define RESULT TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, DIAGNOSTIC_RESULT
#define INPUT(most) TR069_UINT, .max = (most), DIAGNOSTIC_INPUT

/* Of both roots. One table for each, so that the whole object is checked, and committed, at once. */
#define COMMON_PARAMS                                                                                        \
    DIAGNOSTIC_INTERFACE_PARAM,                                                                              \
        {"Host",                                                                                             \
         TR069_STRING,                                                                                       \
         .max_length = DIAGNOSTIC_PATH_MAX,                                                                  \
         .pattern = DIAGNOSTIC_HOST_PATTERN,                                                                 \
         DIAGNOSTIC_INPUT,                                                                                   \
         .help = "a name or an address"},                                                                    \
        {"NumberOfRepetitions", INPUT(REPETITIONS_MAX), .min = 1},                                           \
        {"Timeout", INPUT(TIMEOUT_MAX_MS), .min = 1, .help = "ms for each, rounded up to seconds"},          \
        {"DataBlockSize", INPUT(65535), .min = 1, .help = "octets"}, {"DSCP", INPUT(63)},                    \
        {"SuccessCount", RESULT}, {"FailureCount", RESULT}, {"AverageResponseTime", RESULT, .help = "ms"},   \
        {"MinimumResponseTime", RESULT, .help = "ms"}, {                                                     \
        "MaximumResponseTime", TR069_UINT, DIAGNOSTIC_RESULT, .help = "ms"                                   \
    }

static const struct tr069_param dev2_params[] = {
    DIAGNOSTIC_STATE_PARAM(dev2_states),
    COMMON_PARAMS,
    {"ProtocolVersion", TR069_STRING, .values = protocols, DIAGNOSTIC_INPUT},
    {"AverageResponseTimeDetailed", RESULT, .help = "microseconds"},
    {"MinimumResponseTimeDetailed", RESULT, .help = "microseconds"},
    {"MaximumResponseTimeDetailed", TR069_UINT, DIAGNOSTIC_RESULT, .help = "microseconds"},
    {0}};
static const struct tr069_param igd_params[] = {DIAGNOSTIC_STATE_PARAM(igd_states), COMMON_PARAMS, {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "IP.Diagnostics.IPPing.", dev2_params, DIAGNOSTIC_OBJECT},
    {TR069_IGD1, "IPPingDiagnostics.", igd_params, DIAGNOSTIC_OBJECT},
    {0}};
static const struct tr069_option options[] = {DIAGNOSTIC_COMMAND_OPTION("ping"), {0}};
static const struct diagnostic_type type = {.fields = fields, .needs = "Host", .begin = begin};

static int ping_init(const struct tr069_host *host, void **ret_ctx) {
    struct ping *ping = diagnostic_new(host, &type, sizeof *ping);
    if (ping == NULL) {
        return -ENOMEM;
    }
    ping->repetitions = 3;
    ping->timeout_ms = 5000;
    ping->size = 56;
    (void) snprintf(ping->protocol, sizeof ping->protocol, "%s", protocols[0]);
    *ret_ctx = ping;
    return 0;
}

TR069_PLUGIN(.name = "ip-ping", .version = "1", .summary = "the diagnostics IPPing", .options = options,
             .objects = objects, .init = ping_init, .stop = diagnostic_stop, .destroy = free);
