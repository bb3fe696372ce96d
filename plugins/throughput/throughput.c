/* plugins/throughput: Download- and UploadDiagnostics of TR-143: how long a file takes from a server that the
 * ACS names, or to it. The client's own HTTP carries it (host->measure): what comes is counted and forgotten,
 * what goes is made up. The two never run at once, since one would spoil what the other measures.
 */
#include "ip-ping/diagnostic.h"

#include <stdlib.h>

enum {
    URL_MAX = 2048,
    NAME_SIZE = 64,
    PATIENCE_MS = 30000 /* beyond the time of a test: to connect, and for the answer to an upload */
};

struct throughput;

struct test {
    struct diagnostic diagnostic; /* first */
    struct throughput *both;
    struct tr069_measurement *measurement;
    bool queued; /* until the other one has ended */

    char url[URL_MAX + 1], protocol[8];
    uint32_t dscp, priority, duration_s;
    uint64_t length;

    char address[48];
    int64_t open_request_us, open_response_us, request_us, begin_us, end_us; /* 0 = unknown */
    uint64_t test_octets, total_received, total_sent;
};

struct throughput {
    const struct tr069_host *host;
    struct test *download, *upload;
};

/* ---- The end of a test ------------------------------------------------------------------------- */

/* Error_Timeout is no state of the older upload, and so on: by root, and by direction. */
static const struct {
    const char *download, *upload, *igd_download, *igd_upload;
} states[] = {
    [TR069_MEASURE_COMPLETE] = {"Complete", "Complete", "Completed", "Completed"},
    [TR069_MEASURE_NO_NAME] = {"Error_CannotResolveHostName", "Error_CannotResolveHostName",
                               "Error_InitConnectionFailed", "Error_InitConnectionFailed"},
    [TR069_MEASURE_NO_ROUTE] = {"Error_NoRouteToHost", "Error_NoRouteToHost", "Error_InitConnectionFailed",
                                "Error_InitConnectionFailed"},
    [TR069_MEASURE_NO_CONNECTION] = {"Error_InitConnectionFailed", "Error_InitConnectionFailed",
                                     "Error_InitConnectionFailed", "Error_InitConnectionFailed"},
    [TR069_MEASURE_NO_RESPONSE] = {"Error_NoResponse", "Error_NoResponse", "Error_NoResponse",
                                   "Error_NoResponse"},
    [TR069_MEASURE_LOGIN] = {"Error_LoginFailed", "Error_LoginFailed", "Error_LoginFailed",
                             "Error_LoginFailed"},
    [TR069_MEASURE_FAILED] = {"Error_TransferFailed", "Error_NoTransferComplete", "Error_TransferFailed",
                              "Error_NoTransferComplete"},
    [TR069_MEASURE_TOO_LARGE] = {"Error_IncorrectSize", "Error_Other", "Error_IncorrectSize",
                                 "Error_NoTransferComplete"},
    [TR069_MEASURE_TIMEOUT] = {"Error_Timeout", "Error_Timeout", "Error_Timeout", "Error_NoTransferComplete"},
    [TR069_MEASURE_LOCAL] = {"Error_Internal", "Error_Internal", "Error_TransferFailed",
                             "Error_NoTransferComplete"},
};

static bool is_igd(const struct tr069_host *host) {
    return strcmp(host->root(host), "Device.") != 0;
}

static bool is_upload(const struct test *test) {
    return test == test->both->upload;
}

static const char *state_of(const struct test *test, enum tr069_measure_end end) {
    if (is_igd(test->both->host)) {
        return is_upload(test) ? states[end].igd_upload : states[end].igd_download;
    }
    return is_upload(test) ? states[end].upload : states[end].download;
}

/* As DIAGNOSTIC_TIME has it. */
static int64_t time_of(int64_t micros) {
    return micros != TR069_TIME_UNKNOWN ? micros : 0;
}

static void go_on(struct throughput *both);

static void on_measured(void *user, const struct tr069_measured *measured) {
    struct test *test = user;
    const struct tr069_host *host = test->both->host;
    /* Device:2 wants to hear of an interface only if it was named. */
    bool counts = is_igd(host) || test->diagnostic.interface[0] != '\0';
    test->measurement = NULL;
    test->open_request_us = time_of(measured->open_request_us);
    test->open_response_us = time_of(measured->open_response_us);
    test->request_us = time_of(measured->request_us);
    test->begin_us = time_of(measured->begin_us);
    test->end_us = time_of(measured->end_us);
    test->test_octets = is_upload(test) ? measured->sent : measured->received;
    test->total_received = counts ? measured->if_received : 0;
    test->total_sent = counts ? measured->if_sent : 0;
    (void) snprintf(test->address, sizeof test->address, "%s", measured->address);
    host->log(host, measured->end == TR069_MEASURE_COMPLETE ? TR069_INFO : TR069_NOTICE, "%s: %s: %s",
              is_upload(test) ? "upload" : "download", state_of(test, measured->end), measured->text);
    diagnostic_finish(&test->diagnostic, state_of(test, measured->end));
    go_on(test->both);
}

/* ---- A test ------------------------------------------------------------------------------------ */

static int start(struct test *test) {
    const struct tr069_host *host = test->both->host;
    char name[NAME_SIZE];
    bool named = diagnostic_interface(&test->diagnostic, name, sizeof name);
    if (test->diagnostic.interface[0] != '\0' && !named) {
        return -ENODEV; /* over another one it would measure something else */
    }
    const struct tr069_measure measure = {
        .url = test->url,
        .upload = is_upload(test),
        .octets = is_upload(test) && test->duration_s == 0 ? test->length
                                                           : (uint64_t) host->option_int(host, "max_size"),
        .duration_ms = test->duration_s * 1000,
        .deadline_ms = test->duration_s > 0 ? test->duration_s * 1000 + PATIENCE_MS
                                            : (uint32_t) host->option_int(host, "max_seconds") * 1000,
        .interface = named ? name : NULL,
        .ip_version = strcmp(test->protocol, "IPv4") == 0   ? 4
                      : strcmp(test->protocol, "IPv6") == 0 ? 6
                                                            : 0,
        .dscp = test->dscp,
        .priority = test->priority,
    };
    return host->measure(host, &measure, on_measured, test, &test->measurement);
}

static struct test *other_of(const struct test *test) {
    return is_upload(test) ? test->both->download : test->both->upload;
}

static int begin(void *ctx) {
    struct test *test = ctx;
    test->queued = other_of(test)->measurement != NULL;
    return test->queued ? 0 : start(test);
}

static void cancel(void *ctx) {
    struct test *test = ctx;
    test->both->host->measure_cancel(test->both->host, test->measurement);
    test->measurement = NULL;
    test->queued = false;
    go_on(test->both);
}

/* One has ended; the other may wait for that. */
static void go_on(struct throughput *both) {
    struct test *next = both->download->queued ? both->download : both->upload;
    if (next->queued) {
        next->queued = false;
        int r = start(next);
        if (r < 0) {
            both->host->log(both->host, TR069_ERROR, "cannot measure: %s", strerror(-r));
            diagnostic_finish(&next->diagnostic, state_of(next, TR069_MEASURE_LOCAL));
        }
    }
}

/* ---- Parameters -------------------------------------------------------------------------------- */

/* Of its object the callback is that test's. */
static struct tr069_at of_test(const struct tr069_at *at) {
    struct throughput *both = tr069_ctx(at);
    struct tr069_at ours = *at;
    ours.ctx = strstr(at->object->path, "Upload") != NULL ? both->upload : both->download;
    return ours;
}

static int get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct tr069_at ours = of_test(at);
    int r = diagnostic_get(&ours, ret_value);
    if (r == TR069_OK && at->param->type == TR069_UINT) {
        ret_value->as.number &= UINT32_MAX; /* counters of InternetGatewayDevice:1 */
    }
    return r;
}

static int set(const struct tr069_at *at, const struct tr069_value *value) {
    const struct tr069_at ours = of_test(at);
    return diagnostic_set(&ours, value);
}

static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    const struct tr069_at ours = of_test(at);
    static const struct {
        const char *param, *option;
    } limits[] = {{"TestFileLength", "max_size"}, {"TimeBasedTestDuration", "max_seconds"}};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof limits / sizeof limits[0]; j++) {
            int64_t most = at->host->option_int(at->host, limits[j].option);
            if (strcmp(changes[i].param->name, limits[j].param) == 0 &&
                changes[i].value->as.number > (uint64_t) most) {
                return tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "this box allows at most %lld",
                                   (long long) most);
            }
        }
    }
    return diagnostic_check(&ours, changes, count);
}

static void commit(const struct tr069_at *at) {
    const struct tr069_at ours = of_test(at);
    diagnostic_commit(&ours);
}

static const struct diagnostic_field fields[] = {
    DIAGNOSTIC_FIELD("DownloadURL", TEXT, struct test, url),
    DIAGNOSTIC_FIELD("UploadURL", TEXT, struct test, url),
    DIAGNOSTIC_FIELD("DSCP", NUMBER, struct test, dscp),
    DIAGNOSTIC_FIELD("EthernetPriority", NUMBER, struct test, priority),
    DIAGNOSTIC_FIELD("TestFileLength", LARGE, struct test, length),
    DIAGNOSTIC_FIELD("TimeBasedTestDuration", NUMBER, struct test, duration_s),
    DIAGNOSTIC_FIELD("ProtocolVersion", TEXT, struct test, protocol),
    DIAGNOSTIC_FIELD("IPAddressUsed", TEXT, struct test, address),
    DIAGNOSTIC_FIELD("ROMTime", TIME, struct test, request_us),
    DIAGNOSTIC_FIELD("BOMTime", TIME, struct test, begin_us),
    DIAGNOSTIC_FIELD("EOMTime", TIME, struct test, end_us),
    DIAGNOSTIC_FIELD("TCPOpenRequestTime", TIME, struct test, open_request_us),
    DIAGNOSTIC_FIELD("TCPOpenResponseTime", TIME, struct test, open_response_us),
    DIAGNOSTIC_FIELD("TestBytesReceived", LARGE, struct test, test_octets),
    DIAGNOSTIC_FIELD("TestBytesSent", LARGE, struct test, test_octets),
    DIAGNOSTIC_FIELD("TotalBytesReceived", LARGE, struct test, total_received),
    DIAGNOSTIC_FIELD("TotalBytesSent", LARGE, struct test, total_sent),
    {0}};
static const struct diagnostic_type download_type = {fields, "DownloadURL", begin, cancel, NULL};
static const struct diagnostic_type upload_type = {fields, "UploadURL", begin, cancel, NULL};

/* The last one stands for those that a root does not know. */
#define STATES_BOTH                                                                                          \
    DIAGNOSTIC_NONE, DIAGNOSTIC_REQUESTED, "Error_InitConnectionFailed", "Error_NoResponse",                 \
        "Error_PasswordRequestFailed", "Error_LoginFailed", "Error_NoTransferMode", "Error_NoPASV"
#define STATES_DEV2                                                                                          \
    STATES_BOTH, DIAGNOSTIC_CANCELED, DIAGNOSTIC_COMPLETE, "Error_CannotResolveHostName",                    \
        "Error_NoRouteToHost", "Error_Timeout", "Error_Internal"
#define STATES_UPLOAD "Error_NoCWD", "Error_NoSTOR", "Error_NoTransferComplete"
static const char *const download_states[] = {STATES_DEV2, "Error_TransferFailed", "Error_IncorrectSize",
                                              "Error_Other", NULL};
static const char *const upload_states[] = {STATES_DEV2, STATES_UPLOAD, "Error_Other", NULL};
static const char *const igd_download_states[] = {
    STATES_BOTH, "Completed", "Error_IncorrectSize", "Error_Timeout", "Error_TransferFailed", NULL};
static const char *const igd_upload_states[] = {STATES_BOTH, "Completed", STATES_UPLOAD, NULL};
static const char *const protocols[] = {"Any", "IPv4", "IPv6", NULL};

#define INPUT .get = get, .set = set
#define RESULT .get = get
#define QUIET .notify = TR069_NOTIFY_CAN_DENY

#define URL_PARAM(name, most)                                                                                \
    {                                                                                                        \
        name, TR069_STRING, .max_length = (most),                                                            \
                            .pattern = "^(https?://[^]/@?#[:space:][]+([/?#][^[:space:]]*)?|"                \
                                       "https?://\\[[0-9A-Fa-f:.]+\\](:[0-9]+)?([/?#][^[:space:]]*)?)?$",    \
                            INPUT, .help = "http or https, without credentials"                              \
    }
#define COMMON_PARAMS(states, which)                                                                         \
    {"DiagnosticsState", TR069_STRING, .notify = (which), .values = (states), INPUT},                        \
        {"Interface", TR069_STRING, .max_length = DIAGNOSTIC_PATH_MAX, INPUT,                                \
         .help = "the path of an interface; empty: as the route goes"},                                      \
        {"DSCP", TR069_UINT, .max = 63, INPUT}, {"EthernetPriority", TR069_UINT, .max = 7, INPUT},           \
        {"ROMTime", TR069_DATETIME, QUIET, RESULT, .help = "the request was sent"},                          \
        {"BOMTime", TR069_DATETIME, QUIET, RESULT, .help = "the first octets"},                              \
        {"EOMTime", TR069_DATETIME, QUIET, RESULT, .help = "the last octets; the answer to an upload"},      \
        {"TCPOpenRequestTime", TR069_DATETIME, QUIET, RESULT}, {                                             \
        "TCPOpenResponseTime", TR069_DATETIME, QUIET, RESULT                                                 \
    }
#define DEV2_PARAMS                                                                                          \
    {"TimeBasedTestDuration", TR069_UINT, .max = 999, INPUT, .help = "seconds; 0: the whole file"},          \
        {"ProtocolVersion", TR069_STRING, .values = protocols, INPUT},                                       \
        {"TotalBytesReceived", TR069_ULONG, RESULT, .help = "of the interface"}, {                           \
        "TotalBytesSent", TR069_ULONG, RESULT, .help = "of the interface"                                    \
    }

static const struct tr069_param download_params[] = {
    COMMON_PARAMS(download_states, TR069_NOTIFY_NORMAL),
    DEV2_PARAMS,
    URL_PARAM("DownloadURL", URL_MAX),
    {"DownloadTransports", TR069_STRING, TR069_CSV, .value = "HTTP"},
    {"IPAddressUsed", TR069_STRING, QUIET, .max_length = 45, RESULT},
    {"TestBytesReceived", TR069_ULONG, RESULT, .help = "with the head"},
    {0}};
static const struct tr069_param upload_params[] = {
    COMMON_PARAMS(upload_states, TR069_NOTIFY_NORMAL),
    DEV2_PARAMS,
    URL_PARAM("UploadURL", URL_MAX),
    {"UploadTransports", TR069_STRING, TR069_CSV, .value = "HTTP"},
    {"TestFileLength", TR069_ULONG, INPUT, .help = "octets"},
    {"IPAddressUsed", TR069_STRING, .max_length = 45, RESULT},
    {"TestBytesSent", TR069_ULONG, RESULT, .help = "with the head"},
    {0}};
static const struct tr069_param igd_download_params[] = {
    COMMON_PARAMS(igd_download_states, TR069_NOTIFY_CAN_DENY),
    URL_PARAM("DownloadURL", 256),
    {"TestBytesReceived", TR069_UINT, QUIET, RESULT, .help = "with the head"},
    {"TotalBytesReceived", TR069_UINT, QUIET, RESULT, .help = "of the interface"},
    {0}};
static const struct tr069_param igd_upload_params[] = {
    COMMON_PARAMS(igd_upload_states, TR069_NOTIFY_CAN_DENY),
    URL_PARAM("UploadURL", 256),
    {"TestFileLength", TR069_UINT, INPUT, .help = "octets"},
    {"TotalBytesSent", TR069_UINT, QUIET, RESULT, .help = "of the interface"},
    {0}};

static const struct tr069_param igd_capabilities[] = {
    {"DownloadTransports", TR069_STRING, TR069_CSV, .value = "HTTP"},
    {"UploadTransports", TR069_STRING, TR069_CSV, .value = "HTTP"},
    {0}};
static const struct tr069_param supported[] = {
    {"IPv4DownloadDiagnosticsSupported", TR069_BOOLEAN, .value = "true"},
    {"IPv6DownloadDiagnosticsSupported", TR069_BOOLEAN, .value = "true"},
    {"IPv4UploadDiagnosticsSupported", TR069_BOOLEAN, .value = "true"},
    {"IPv6UploadDiagnosticsSupported", TR069_BOOLEAN, .value = "true"},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "IP.Diagnostics.DownloadDiagnostics.", download_params, .check = check, .commit = commit},
    {TR069_DEV2, "IP.Diagnostics.UploadDiagnostics.", upload_params, .check = check, .commit = commit},
    {TR069_IGD1, "DownloadDiagnostics.", igd_download_params, .check = check, .commit = commit},
    {TR069_IGD1, "UploadDiagnostics.", igd_upload_params, .check = check, .commit = commit},
    {TR069_DEV2, "IP.Diagnostics.", supported},
    {TR069_IGD1, "Capabilities.PerformanceDiagnostic.", igd_capabilities},
    {0}};
static const struct tr069_option options[] = {
    {"max_size", TR069_OPTION_INT, "1000000000", 1, INT64_C(1) << 40, .help = "octets of a test, at most"},
    {"max_seconds", TR069_OPTION_INT, "120", 1, 3600, .help = "that a test lasts, at most"},
    {0}};

static struct test *test_new(struct throughput *both, const struct diagnostic_type *type) {
    struct test *test = diagnostic_new(both->host, type, sizeof *test);
    if (test != NULL) {
        test->both = both;
        (void) snprintf(test->protocol, sizeof test->protocol, "%s", protocols[0]);
    }
    return test;
}

static int throughput_init(const struct tr069_host *host, void **ret_ctx) {
    struct throughput *both = calloc(1, sizeof *both);
    if (both == NULL) {
        return -ENOMEM;
    }
    *ret_ctx = both; /* which destroy frees */
    both->host = host;
    both->download = test_new(both, &download_type);
    both->upload = test_new(both, &upload_type);
    return both->download != NULL && both->upload != NULL ? 0 : -ENOMEM;
}

static void throughput_stop(void *ctx) {
    struct throughput *both = ctx;
    both->download->queued = both->upload->queued = false;
    diagnostic_stop(both->download);
    diagnostic_stop(both->upload);
}

static void throughput_destroy(void *ctx) {
    struct throughput *both = ctx;
    if (both != NULL) {
        free(both->download);
        free(both->upload);
        free(both);
    }
}

TR069_PLUGIN(.name = "throughput", .version = "1",
             .summary = "the diagnostics DownloadDiagnostics and UploadDiagnostics", .options = options,
             .objects = objects, .init = throughput_init, .stop = throughput_stop,
             .destroy = throughput_destroy);
