/* ManagementServer.*: a built-in plugin, written against the same header as every other one. What the
 * firmware says are the defaults of stored parameters; what the ACS sets is in the store and wins,
 * until a firmware brings another value for that key. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROOM "config"

enum { USERNAME_MAX = 256 };

static struct agent *agent_of(const struct tr069_at *at) {
    return at->ctx;
}

/* What the ACS or a local writer set; NULL: nothing. */
static const char *stored_value(struct agent *agent, const char *name) {
    char key[TR069_NAME_MAX + 32];
    (void) text_join(key, sizeof key, "model/value/", model_root(agent->model), "ManagementServer.", name,
                     NULL);
    return store_get(agent->store, key);
}

static int parameter_key_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, session_parameter_key(agent_of(at)->session));
}

static int username_get(const struct tr069_at *at, struct tr069_value *ret_value);

static int request_url_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, agent_of(at)->request_url);
}

static const char *const instance_modes[] = {"InstanceNumber", "InstanceAlias", NULL};
static const char *const light_protocols[] = {"UDP", NULL};
static const char *const request_methods[] = {"HTTP", NULL};

/* The parameters; those with a seed or an option get their default when the table is copied. */
static const struct tr069_param template[] = {
    {"EnableCWMP", TR069_BOOLEAN, TR069_STORED, .value = "true"},
    {"URL", TR069_STRING, TR069_STORED, .max_length = 256},
    {"Username", TR069_STRING, TR069_STORED, .max_length = 256, .get = username_get},
    {"Password", TR069_STRING, TR069_STORED | TR069_HIDDEN | TR069_SECRET, .max_length = 256},
    {"PeriodicInformEnable", TR069_BOOLEAN, TR069_STORED},
    {"PeriodicInformInterval", TR069_UINT, TR069_STORED, .min = 1, .max = UINT32_MAX},
    {"PeriodicInformTime", TR069_DATETIME, TR069_STORED, .value = "0001-01-01T00:00:00Z"},
    {"ParameterKey", TR069_STRING, TR069_INFORM, .notify = TR069_NOTIFY_CAN_DENY, .get = parameter_key_get,
     .max_length = 32},
    {"ConnectionRequestURL", TR069_STRING, TR069_INFORM, .notify = TR069_NOTIFY_DEFAULT_ACTIVE,
     .get = request_url_get, .max_length = 256},
    {"ConnectionRequestUsername", TR069_STRING, TR069_STORED, .max_length = 256},
    {"ConnectionRequestPassword", TR069_STRING, TR069_STORED | TR069_HIDDEN | TR069_SECRET,
     .max_length = 256},
    {"UpgradesManaged", TR069_BOOLEAN, TR069_STORED, .value = "true"},
    {"DefaultActiveNotificationThrottle", TR069_UINT, TR069_STORED, .value = "0"},
    {"CWMPRetryMinimumWaitInterval", TR069_UINT, TR069_STORED, .min = 1, .max = 65535},
    {"CWMPRetryIntervalMultiplier", TR069_UINT, TR069_STORED, .min = 1000, .max = 65535},
    {"SupportedConnReqMethods", TR069_STRING, TR069_CSV, .value = "HTTP", .values = request_methods},
    {"AliasBasedAddressing", TR069_BOOLEAN, TR069_INFORM, .value = "true"},
    {"InstanceMode", TR069_STRING, TR069_STORED, .value = "InstanceNumber", .values = instance_modes},
    {"AutoCreateInstances", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"LightweightNotificationProtocolsSupported", TR069_STRING, TR069_CSV, .value = "UDP",
     .values = light_protocols},
    {"LightweightNotificationProtocolsUsed", TR069_STRING, TR069_STORED | TR069_CSV, .value = "",
     .values = light_protocols},
    {"UDPLightweightNotificationHost", TR069_STRING, TR069_STORED, .max_length = 256},
    {"UDPLightweightNotificationPort", TR069_UINT, TR069_STORED, .value = "7547", .min = 1, .max = 65535},
    {"InformParameterNumberOfEntries", TR069_UINT, .entries_of = "ManagementServer.InformParameter."},
    {NULL},
};
enum { PARAM_COUNT = sizeof template / sizeof template[0] };

/* What the firmware says, and which values of the ACS make way when it says something else. A login is a
 * pair: half of the firmware's with half of the ACS's opens nothing. The HTTP login is no parameter; on the
 * wire it stands for Username and Password. */
static const struct {
    const char *name;
    enum seed seed;
    const char *replaces[2];
    bool hidden; /* no parameter of that name */
} seeded[] = {
    {"URL", SEED_URL, {"URL"}},
    {"Username", SEED_USERNAME, {"Username", "Password"}},
    {"Password", SEED_PASSWORD, {"Username", "Password"}},
    {"ConnectionRequestUsername",
     SEED_CONNECTION_REQUEST_USERNAME,
     {"ConnectionRequestUsername", "ConnectionRequestPassword"}},
    {"ConnectionRequestPassword",
     SEED_CONNECTION_REQUEST_PASSWORD,
     {"ConnectionRequestUsername", "ConnectionRequestPassword"}},
    {"http_username", SEED_HTTP_USERNAME, {"Username", "Password"}, true},
    {"http_password", SEED_HTTP_PASSWORD, {"Username", "Password"}, true},
};

static const struct {
    const char *name, *option;
} configured[] = {
    {"PeriodicInformEnable", "periodic_enable"},
    {"PeriodicInformInterval", "periodic_interval"},
    {"CWMPRetryMinimumWaitInterval", "retry_minimum"},
    {"CWMPRetryIntervalMultiplier", "retry_multiplier"},
};

/* Only Device:2.11 and 2.12 and later know these. */
static const struct tr069_param device2_params[] = {
    {"HTTPConnectionRequestEnable", TR069_BOOLEAN, TR069_STORED, .value = "true"},
    {"InstanceWildcardsSupported", TR069_BOOLEAN, .value = "true"},
    {"LightweightNotificationTriggerInterval", TR069_UINT, TR069_STORED, .value = "0"},
    {"LightweightNotificationTriggerTime", TR069_DATETIME, TR069_STORED, .value = "0001-01-01T00:00:00Z"},
    {NULL},
};

/* Parameters that the ACS wants in Informs with certain events (INF-11). */
static const struct tr069_param inform_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"ParameterName", TR069_STRING, TR069_STORED, .value = "", .max_length = 256},
    {"EventList", TR069_STRING, TR069_STORED, .value = "", .max_length = 1024},
    {NULL},
};

void management_server_names(struct agent *agent) {
    char mode[16];
    management_server_get(agent, "InstanceMode", mode, sizeof mode);
    model_instances(agent->model, strcmp(mode, "InstanceAlias") == 0,
                    management_server_int(agent, "AutoCreateInstances") != 0);
}

static void commit(const struct tr069_at *at) {
    driver_configure(agent_of(at));
}

static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    int verdict = TR069_OK;
    (void) at;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(changes[i].param->name, "URL") == 0 && text_url_check(changes[i].value->as.string) < 0) {
            verdict = tr069_fault(
                changes[i].fault, TR069_INVALID_VALUE,
                "not an http or https URL without user name; the box would never be heard of again");
        }
    }
    return verdict;
}

/* TR-181 ManagementServer.InformParameter.{i}.ParameterName: the full name of a parameter that is not forced.
 */
static int check_inform(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    int verdict = TR069_OK;
    for (size_t i = 0; i < count; i++) {
        const char *name = changes[i].value->as.string;
        if (strcmp(changes[i].param->name, "ParameterName") != 0 || name[0] == '\0') {
            continue;
        }
        if (name[strlen(name) - 1] == '.') {
            verdict =
                tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "a parameter is wanted, not an object");
        } else if (model_is_forced(agent_of(at)->model, name)) {
            verdict =
                tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "every Inform carries this parameter");
        }
    }
    return verdict;
}

static const struct tr069_upload uploads[] = {{"settings", TR069_UPLOAD_CONFIG,
                                               "what the ACS and the users have set, without secrets",
                                               .produce = vendor_config_produce},
                                              {NULL}};

struct management_server {
    struct tr069_plugin descriptor;
    struct tr069_param params[PARAM_COUNT];
    struct tr069_object objects[6];
    char username[USERNAME_MAX + 1]; /* what username_get() made last */
};

/* The parts that are not empty, percent-encoded, with '-' between; false: it is too long. */
static bool join_username(char *out, const char *const *parts) {
    struct buffer name;
    buffer_init(&name, USERNAME_MAX);
    for (; *parts != NULL; parts++) {
        if ((*parts)[0] != '\0') {
            (void) buffer_text(&name, name.length > 0 ? "-" : "");
            (void) text_percent_encode(&name, *parts, "_");
        }
    }
    const bool good = buffer_error(&name) == 0 && text_copy(out, USERNAME_MAX + 1, buffer_string(&name));
    buffer_free(&name);
    return good;
}

/* "OUI-ProductClass-SerialNumber", "OUI-SerialNumber" where there is no class or that is too long (digest
 * section 4). "" while the box does not know who it is. */
static const char *default_username(struct agent *agent) {
    char *out = agent->management_server->username;
    char oui[64], class[64 * 4 + 1], serial[64 * 4 + 1];
    agent_identity(agent, "ManufacturerOUI", oui, sizeof oui);
    agent_identity(agent, "ProductClass", class, sizeof class);
    agent_identity(agent, "SerialNumber", serial, sizeof serial);
    if (oui[0] == '\0' || serial[0] == '\0' ||
        (!join_username(out, (const char *const[]){oui, class, serial, NULL}) &&
         !join_username(out, (const char *const[]){oui, serial, NULL}))) {
        out[0] = '\0';
    }
    return out;
}

bool management_server_names_itself(struct agent *agent) {
    return agent->config->seeds[SEED_USERNAME][0] == '\0' && !management_server_was_set(agent, "Username");
}

/* The ACS's, else the firmware's, else one of its own. */
static int username_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct agent *agent = agent_of(at);
    if (management_server_names_itself(agent)) {
        return tr069_value_string(ret_value, default_username(agent));
    }
    const char *set = stored_value(agent, "Username");
    return tr069_value_string(ret_value, set != NULL ? set : agent->config->seeds[SEED_USERNAME]);
}

static int init(const struct tr069_host *host, void **ret_ctx) {
    *ret_ctx = ((const struct host *) (const void *) host)->plugin->agent;
    return 0;
}

static void set_default(struct management_server *server, const char *name, const char *value) {
    for (size_t i = 0; i < PARAM_COUNT && server->params[i].name != NULL; i++) {
        if (strcmp(server->params[i].name, name) == 0) {
            server->params[i].value = value;
        }
    }
}

static void forget(struct agent *agent, const char *name) {
    char key[TR069_NAME_MAX + 32], path[TR069_NAME_MAX + 1];
    (void) text_join(path, sizeof path, model_root(agent->model), "ManagementServer.", name, NULL);
    (void) text_join(key, sizeof key, "model/value/", path, NULL);
    if (store_get(agent->store, key) != NULL) {
        log_notice("%s: the firmware brings a new value, which replaces what the ACS had set", path);
        (void) store_put(agent->store, key, NULL);
    }
}

/* A firmware that says something else than the last one: what the ACS had set for that key is gone. */
static void compare_seed(struct agent *agent, const char *name, const char *value,
                         const char *const replaces[2]) {
    char key[64], digest[24];
    (void) text_join(key, sizeof key, "agent/seed/", name, NULL);
    (void) snprintf(digest, sizeof digest, "%016llx",
                    (unsigned long long) crypto_digest64(value, strlen(value)));
    const char *known = store_get(agent->store, key);
    if (known != NULL && strcmp(known, digest) == 0) {
        return;
    }
    for (size_t i = 0; known != NULL && i < 2 && replaces[i] != NULL; i++) {
        forget(agent, replaces[i]);
    }
    (void) store_put(agent->store, key, digest);
}

int management_server_new(struct agent *agent, const struct tr069_plugin **ret_descriptor) {
    struct management_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return -ENOMEM;
    }
    agent->management_server = server;
    memcpy(server->params, template, sizeof template);
    for (size_t i = 0; i < sizeof seeded / sizeof seeded[0]; i++) {
        const char *value = agent->config->seeds[seeded[i].seed];
        if (!seeded[i].hidden) {
            set_default(server, seeded[i].name, value);
        }
        compare_seed(agent, seeded[i].name, value, seeded[i].replaces);
    }
    for (size_t i = 0; i < sizeof configured / sizeof configured[0]; i++) {
        const char *value = config_string(agent->config, configured[i].option);
        const char *const replaces[2] = {configured[i].name};
        set_default(server, configured[i].name, value);
        compare_seed(agent, configured[i].name, value, replaces);
    }
    server->objects[0] = (struct tr069_object){TR069_BOTH, "ManagementServer.", server->params,
                                               .check = check, .commit = commit};
    server->objects[1] =
        (struct tr069_object){TR069_DEV2, "ManagementServer.", device2_params, .commit = commit};
    server->objects[2] = (struct tr069_object){TR069_BOTH,     "ManagementServer.InformParameter.{i}.",
                                               inform_params,  TR069_STORED_ROWS,
                                               .max_rows = 64, .check = check_inform};
    server->objects[3] = heartbeat_object();
    if (config_bool(agent->config, "standby")) {
        server->objects[4] = standby_object();
    }
    server->descriptor = (struct tr069_plugin){
        .abi_major = TR069_ABI_MAJOR,
        .abi_minor = TR069_ABI_MINOR,
        .size = sizeof(struct tr069_plugin),
        .param_size = sizeof(struct tr069_param),
        .object_size = sizeof(struct tr069_object),
        .option_size = sizeof(struct tr069_option),
        .upload_size = sizeof(struct tr069_upload),
        .uploads = uploads,
        .name = "management-server",
        .summary = "ManagementServer.*",
        .objects = server->objects,
        .init = init,
    };
    *ret_descriptor = &server->descriptor;
    return 0;
}

void management_server_free(struct agent *agent) {
    free(agent->management_server);
    agent->management_server = NULL;
}

void management_server_get(struct agent *agent, const char *name, char *buffer, size_t size) {
    char path[TR069_NAME_MAX + 1];
    (void) text_join(path, sizeof path, model_root(agent->model), "ManagementServer.", name, NULL);
    if (model_get(agent->model, path, buffer, size) < 0) {
        buffer[0] = '\0';
    }
}

int64_t management_server_int(struct agent *agent, const char *name) {
    char text[32];
    int64_t number = 0;
    bool yes = false;
    management_server_get(agent, name, text, sizeof text);
    if (text_parse_bool(text, &yes) == 0) {
        return yes;
    }
    (void) text_parse_int(text, INT64_MIN, INT64_MAX, &number);
    return number;
}

bool management_server_was_set(struct agent *agent, const char *name) {
    return stored_value(agent, name) != NULL;
}

/* An event list of a row: empty means every Inform. Items may be whole codes or their numbers. */
static bool event_listed(const struct agent *agent, const char *list) {
    if (list[strspn(list, " ")] == '\0') {
        return true;
    }
    static const char *const codes[] = {"0 BOOTSTRAP",
                                        "1 BOOT",
                                        "2 PERIODIC",
                                        "3 SCHEDULED",
                                        "4 VALUE CHANGE",
                                        "6 CONNECTION REQUEST",
                                        "7 TRANSFER COMPLETE",
                                        "8 DIAGNOSTICS COMPLETE",
                                        "10 AUTONOMOUS TRANSFER COMPLETE",
                                        "11 DU STATE CHANGE COMPLETE",
                                        "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
                                        "13 WAKEUP",
                                        "14 HEARTBEAT",
                                        "M Reboot",
                                        "M Download",
                                        "M ScheduleDownload",
                                        "M Upload",
                                        "M ScheduleInform",
                                        "M ChangeDUState"};
    for (const char *item = list; *item != '\0';) {
        item += strspn(item, " ,");
        size_t length = strcspn(item, ",");
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            size_t number = strcspn(codes[i], " ");
            bool same = (length == strlen(codes[i]) && strncmp(item, codes[i], length) == 0) ||
                        (codes[i][0] != 'M' && length == number && strncmp(item, codes[i], length) == 0);
            if (same && events_has(agent->events, codes[i])) {
                return true;
            }
        }
        item += length;
    }
    return false;
}

struct inform_rows {
    struct agent *agent;
    char **list;
    size_t room, count;
};

static int inform_row(void *user, const char *path, size_t length, bool writable) {
    struct inform_rows *rows = user;
    char name[TR069_NAME_MAX + 32], text[1025];
    (void) writable;
    (void) snprintf(name, sizeof name, "%.*sEnable", (int) length, path);
    if (rows->count >= rows->room || model_get(rows->agent->model, name, text, sizeof text) < 0 ||
        strcmp(text, "true") != 0) {
        return 0;
    }
    (void) snprintf(name, sizeof name, "%.*sEventList", (int) length, path);
    if (model_get(rows->agent->model, name, text, sizeof text) < 0 || !event_listed(rows->agent, text)) {
        return 0;
    }
    (void) snprintf(name, sizeof name, "%.*sParameterName", (int) length, path);
    if (model_get(rows->agent->model, name, text, sizeof text) == 0 && text[0] != '\0') {
        char *copy = text_dup(text);
        if (copy != NULL) {
            rows->list[rows->count++] = copy;
        }
    }
    return 0;
}

size_t management_server_inform(struct agent *agent, char **list, size_t room) {
    struct inform_rows rows = {agent, list, room, 0};
    struct tr069_fault fault;
    char path[TR069_NAME_MAX + 1];
    (void) model_names(agent->model, agent_path(agent, "ManagementServer.InformParameter.", path), true,
                       inform_row, &rows, &fault);
    return rows.count;
}
