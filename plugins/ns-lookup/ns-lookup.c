/* plugins/ns-lookup: DNS.Diagnostics.NSLookupDiagnostics. and NSLookupDiagnostics.: a name is looked up, as
 * often as the ACS says, one after the other, at the name server that it says.
 */
#include "ip-ping/diagnostic.h"
#include "ns-lookup/query.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { REPETITIONS_MAX = 100, TIMEOUT_MAX_MS = 60000, ADDRESS_MAX = 45 };

struct lookup {
    struct diagnostic common; /* first */
    char name[DIAGNOSTIC_TEXT_SIZE], server[DIAGNOSTIC_TEXT_SIZE];
    uint32_t timeout_ms, repetitions, successes;
    char address[INET6_ADDRSTRLEN]; /* of `server`; empty: the system's */
    struct query *query;
    struct query_result *results; /* as many as there are repetitions; NULL: there are none */
    size_t count;
};

static const struct diagnostic_field fields[] = {
    DIAGNOSTIC_FIELD("HostName", TEXT, struct lookup, name),
    DIAGNOSTIC_FIELD("DNSServer", TEXT, struct lookup, server),
    DIAGNOSTIC_FIELD("Timeout", NUMBER, struct lookup, timeout_ms),
    DIAGNOSTIC_FIELD("NumberOfRepetitions", NUMBER, struct lookup, repetitions),
    DIAGNOSTIC_FIELD("SuccessCount", NUMBER, struct lookup, successes),
    {0}};

/* ---- A run ------------------------------------------------------------------------------------ */

static void clear(void *ctx) {
    struct lookup *lookup = ctx;
    free(lookup->results);
    lookup->results = NULL;
    lookup->count = 0;
}

static void cancel(void *ctx) {
    struct lookup *lookup = ctx;
    query_cancel(lookup->query);
    lookup->query = NULL;
}

static int ask(struct lookup *lookup, const char *name, query_done *done) {
    const struct tr069_host *host = lookup->common.host;
    char device[64];
    struct query_settings settings = {.name = name,
                                      .server = lookup->address,
                                      .device = device,
                                      .resolv_conf = host->option_string(host, "resolv_conf"),
                                      .timeout_ms = lookup->timeout_ms,
                                      .port = (uint16_t) host->option_int(host, "port")};
    if (!diagnostic_interface(&lookup->common, device, sizeof device)) {
        device[0] = '\0';
    }
    return query_start(host, &settings, done, lookup, &lookup->query);
}

static void on_result(void *user, const struct query_result *result) {
    struct lookup *lookup = user;
    lookup->query = NULL;
    lookup->results[lookup->count++] = *result;
    lookup->successes += strcmp(result->status, QUERY_SUCCESS) == 0 ? 1 : 0;
    if (lookup->count == lookup->repetitions) {
        diagnostic_finish(&lookup->common, lookup->successes > 0 ? DIAGNOSTIC_COMPLETE : "Error_Other");
    } else if (ask(lookup, lookup->name, on_result) < 0) {
        diagnostic_finish(&lookup->common, "Error_Internal");
    }
}

static void on_server(void *user, const struct query_result *result) {
    struct lookup *lookup = user;
    lookup->query = NULL;
    if (strcmp(result->status, QUERY_SUCCESS) != 0) {
        diagnostic_finish(&lookup->common, "Error_DNSServerNotResolved");
        return;
    }
    (void) snprintf(lookup->address, sizeof lookup->address, "%.*s", (int) strcspn(result->addresses, ","),
                    result->addresses);
    if (ask(lookup, lookup->name, on_result) < 0) {
        diagnostic_finish(&lookup->common, "Error_Internal");
    }
}

static bool is_address(const char *text) {
    struct in6_addr binary;
    return inet_pton(AF_INET, text, &binary) == 1 || inet_pton(AF_INET6, text, &binary) == 1;
}

/* The server's own name is asked of the system's servers. */
static int begin(void *ctx) {
    struct lookup *lookup = ctx;
    bool is_named = lookup->server[0] != '\0' && !is_address(lookup->server);
    lookup->results = calloc(lookup->repetitions, sizeof *lookup->results);
    if (lookup->results == NULL) {
        return -ENOMEM;
    }
    (void) snprintf(lookup->address, sizeof lookup->address, "%.*s", (int) sizeof lookup->address - 1,
                    is_named ? "" : lookup->server);
    return is_named ? ask(lookup, lookup->server, on_server) : ask(lookup, lookup->name, on_result);
}

/* ---- Results ---------------------------------------------------------------------------------- */

static int instances(const struct tr069_at *at, struct tr069_rows *rows) {
    struct lookup *lookup = tr069_ctx(at);
    int r = 0;
    for (size_t i = 0; i < lookup->count && r == 0; i++) {
        r = tr069_row(rows, (uint32_t) i + 1, &lookup->results[i]);
    }
    return r;
}

static int get_status(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct query_result *result = at->row;
    return tr069_value_string(ret_value, result->status);
}

static int get_type(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct query_result *result = at->row;
    const char *type = result->is_authoritative ? "Authoritative" : "NonAuthoritative";
    return tr069_value_string(ret_value, result->addresses[0] != '\0' ? type : "None");
}

static int get_name(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct query_result *result = at->row;
    return tr069_value_string(ret_value, result->name);
}

static int get_addresses(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct query_result *result = at->row;
    return tr069_value_string(ret_value, result->addresses);
}

static int get_server(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct query_result *result = at->row;
    return tr069_value_string(ret_value, result->server);
}

static int get_time(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct query_result *result = at->row;
    return tr069_value_uint(ret_value, result->response_ms);
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static const char *const dev2_states[] = {DIAGNOSTIC_NONE,
                                          DIAGNOSTIC_REQUESTED,
                                          DIAGNOSTIC_CANCELED,
                                          DIAGNOSTIC_COMPLETE,
                                          "Error_DNSServerNotResolved",
                                          "Error_Internal",
                                          "Error_Other",
                                          NULL};
static const char *const igd_states[] = {DIAGNOSTIC_NONE,
                                         DIAGNOSTIC_REQUESTED,
                                         DIAGNOSTIC_COMPLETE,
                                         "Error_DNSServerNotResolved",
                                         "Error_Internal",
                                         "Error_Other",
                                         NULL};
static const char *const statuses[] = {
    QUERY_SUCCESS, "Error_DNSServerNotAvailable", "Error_HostNameNotResolved", "Error_Timeout", "Error_Other",
    NULL};
static const char *const types[] = {"None", "Authoritative", "NonAuthoritative", NULL};

#define RESULT .notify = TR069_NOTIFY_CAN_DENY
#define HOST(name, text)                                                                                     \
    {                                                                                                        \
        name, TR069_STRING, .max_length = DIAGNOSTIC_PATH_MAX, .pattern = DIAGNOSTIC_HOST_PATTERN,           \
                            DIAGNOSTIC_INPUT, .help = (text)                                                 \
    }
#define COMMON_PARAMS                                                                                        \
    DIAGNOSTIC_INTERFACE_PARAM, HOST("HostName", "below the system's domain unless it is a whole name"),     \
        HOST("DNSServer", "name or address; empty: the system's"),                                           \
        {"Timeout", TR069_UINT, .min = 1, .max = TIMEOUT_MAX_MS, DIAGNOSTIC_INPUT, .help = "ms"},            \
        {"NumberOfRepetitions", TR069_UINT, .min = 1, .max = REPETITIONS_MAX, DIAGNOSTIC_INPUT}, {           \
        "SuccessCount", TR069_UINT, RESULT, DIAGNOSTIC_RESULT                                                \
    }
#define ENTRIES(table)                                                                                       \
    { "ResultNumberOfEntries", TR069_UINT, RESULT, .entries_of = (table) }

static const struct tr069_param dev2_params[] = {DIAGNOSTIC_STATE_PARAM(dev2_states),
                                                 COMMON_PARAMS,
                                                 ENTRIES("DNS.Diagnostics.NSLookupDiagnostics.Result."),
                                                 {0}};
static const struct tr069_param igd_params[] = {
    DIAGNOSTIC_STATE_PARAM(igd_states), COMMON_PARAMS, ENTRIES("NSLookupDiagnostics.Result."), {0}};
static const struct tr069_param result_params[] = {
    {"Status", TR069_STRING, RESULT, .values = statuses, .get = get_status},
    {"AnswerType", TR069_STRING, RESULT, .values = types, .get = get_type},
    {"HostNameReturned", TR069_STRING, .max_length = QUERY_NAME_MAX, .get = get_name},
    {"IPAddresses", TR069_STRING, TR069_CSV, RESULT, .max_length = ADDRESS_MAX, .get = get_addresses},
    {"DNSServerIP", TR069_STRING, RESULT, .max_length = ADDRESS_MAX, .get = get_server},
    {"ResponseTime", TR069_UINT, RESULT, .get = get_time, .help = "ms"},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "DNS.Diagnostics.NSLookupDiagnostics.", dev2_params, DIAGNOSTIC_OBJECT},
    {TR069_DEV2, "DNS.Diagnostics.NSLookupDiagnostics.Result.{i}.", result_params, .instances = instances},
    {TR069_IGD1, "NSLookupDiagnostics.", igd_params, DIAGNOSTIC_OBJECT},
    {TR069_IGD1, "NSLookupDiagnostics.Result.{i}.", result_params, .instances = instances},
    {0}};
static const struct tr069_option options[] = {
    {"resolv_conf", TR069_OPTION_PATH, "/etc/resolv.conf", .help = "the system's name servers and domain"},
    {"port", TR069_OPTION_INT, "53", .min = 1, .max = 65535, .help = "of name servers"},
    {0}};
static const struct diagnostic_type type = {
    .fields = fields, .needs = "HostName", .begin = begin, .cancel = cancel, .clear = clear};

static int lookup_init(const struct tr069_host *host, void **ret_ctx) {
    struct lookup *lookup = diagnostic_new(host, &type, sizeof *lookup);
    if (lookup == NULL) {
        return -ENOMEM;
    }
    lookup->timeout_ms = 5000;
    lookup->repetitions = 1;
    *ret_ctx = lookup;
    return 0;
}

static void lookup_destroy(void *ctx) {
    if (ctx != NULL) {
        clear(ctx);
    }
    free(ctx);
}

TR069_PLUGIN(.name = "ns-lookup", .version = "1", .summary = "the diagnostics NSLookup", .options = options,
             .objects = objects, .init = lookup_init, .stop = diagnostic_stop, .destroy = lookup_destroy);
