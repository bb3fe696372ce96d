/* plugins/software-modules: the RPC ChangeDUState and the objects SoftwareModules.*: what is protocol and
 * rule. How a bundle is checked, put into place, started and removed is the affair of a back-end, by these
 * actions:
 *
 *   du-inspect FILE         is it a good bundle? Its output tells who it is: lines KEY=VALUE (units.h)
 *   du-install FILE NAME    puts it into place under that name, again if need be
 *   du-remove NAME          takes it away; that it is not there is no mistake
 *   du-start NAME UNIT      starts an execution unit of it; du-stop NAME UNIT. Both may be missing
 *
 * One that fails may say why: its output then is a fault code, a blank, and words. And it gives an action:
 *
 *   change-du OPERATION URL UUID VERSION    "Install", "Update" or "Uninstall" of the box's own accord: told
 * by AutonomousDUStateChangeComplete, if the ACS's policy wants it */
#define _GNU_SOURCE
#include "modules.h"

#include <inttypes.h>
#include <stdlib.h>

void modules_changed(const struct modules *modules, const char *table, uint32_t instance, const char *name) {
    char path[TR069_NAME_MAX + 1];
    (void) snprintf(path, sizeof path, "%sSoftwareModules.%s.%" PRIu32 ".%s",
                    modules->host->root(modules->host), table, instance, name);
    modules->host->value_changed(modules->host, path);
}

/* ---- ChangeDUState ----------------------------------------------------------------------------- */

enum { TYPE, URL, UUID, VERSION, USERNAME, PASSWORD, ENVIRONMENT, FIELDS };

static const char *const types[] = {"InstallOpStruct", "UpdateOpStruct", "UninstallOpStruct", NULL};

static void session_ended(void *user, bool well) {
    (void) well; /* what was promised is in the state, and is done whether or not the answer came through */
    operations_work_soon(user);
}

static const char *text_of(const struct tr069_value *value) {
    return value->type != TR069_NONE ? value->as.string : "";
}

/* Of a Download by the ACS: these files come by ChangeDUState only. */
static int read_order(const struct tr069_value *fields, size_t index, struct order *ret_order,
                      struct tr069_fault *fault) {
    int kind = 0;
    while (types[kind] != NULL && strcmp(types[kind], fields[TYPE].as.string) != 0) {
        kind++;
    }
    *ret_order = (struct order){(enum operation_kind) kind,
                                {text_of(&fields[URL]), text_of(&fields[UUID]), text_of(&fields[VERSION]),
                                 text_of(&fields[USERNAME]), text_of(&fields[PASSWORD]),
                                 text_of(&fields[ENVIRONMENT])}};
    if (kind == OPERATION_INSTALL && ret_order->texts[TEXT_URL][0] == '\0') {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "Operations[%zu].URL is missing", index + 1);
    }
    if (kind == OPERATION_UNINSTALL && ret_order->texts[TEXT_UUID][0] == '\0') {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "Operations[%zu].UUID is missing", index + 1);
    }
    return TR069_OK;
}

static int change_call(const struct tr069_call *call) {
    struct modules *modules = call->ctx;
    const struct tr069_value *list = &call->args[0];
    struct order orders[OPERATIONS_MAX];
    int verdict = TR069_OK;
    for (size_t i = 0; verdict == TR069_OK && i < list->length && i < OPERATIONS_MAX; i++) {
        verdict = read_order(list->as.items + i * FIELDS, i, &orders[i], call->fault);
    }
    if (verdict == TR069_OK) {
        verdict = operations_add(modules, orders, list->length, text_of(&call->args[1]), call->fault);
    }
    return verdict == TR069_OK ? call->host->after_session(call->host, session_ended, modules) : verdict;
}

static const struct tr069_arg operation_fields[] = {
    [TYPE] = {"@type", TR069_STRING, .values = types},
    [URL] = {"URL", TR069_STRING, TR069_OPTIONAL, 1024},
    [UUID] = {"UUID", TR069_STRING, TR069_OPTIONAL, 64}, /* a wrong one is an operation's own fault */
    [VERSION] = {"Version", TR069_STRING, TR069_OPTIONAL, 32},
    [USERNAME] = {"Username", TR069_STRING, TR069_OPTIONAL, 256},
    [PASSWORD] = {"Password", TR069_STRING, TR069_OPTIONAL, 256},
    [ENVIRONMENT] = {"ExecutionEnvRef", TR069_STRING, TR069_OPTIONAL, 256},
    {0}};
static const struct tr069_arg args[] = {
    {"Operations", TR069_LIST, TR069_REPEATED, 64, .fields = operation_fields},
    {"CommandKey", TR069_STRING, TR069_OPTIONAL, TR069_COMMAND_KEY_MAX},
    {0}};
static const struct tr069_rpc rpcs[] = {{"ChangeDUState", args, 12, change_call}, {0}};

/* ---- Files and actions ------------------------------------------------------------------------- */

static int accept_bundle(void *ctx, const struct tr069_transfer *transfer, struct tr069_fault *fault) {
    (void) ctx;
    return transfer->internal ? TR069_OK
                              : tr069_fault(fault, TR069_INVALID_ARGUMENTS,
                                            "deployment units are installed by ChangeDUState");
}

static const struct tr069_file files[] = {
    {BUNDLE_TYPE, accept_bundle, operations_install, .ended = operations_ended}, {0}};

static int change_action(void *ctx, const char *const *words, tr069_action_done *done, void *user) {
    static const char *const names[] = {"Install", "Update", "Uninstall"};
    struct modules *modules = ctx;
    struct tr069_fault fault;
    const char *given[4] = {"", "", "", ""};
    size_t kind = 0;
    for (size_t i = 0; words != NULL && i < 4 && words[i] != NULL; i++) {
        given[i] = words[i];
    }
    while (kind < OPERATION_KINDS && strcmp(names[kind], given[0]) != 0) {
        kind++;
    }
    if (kind == OPERATION_KINDS || (kind == OPERATION_INSTALL && given[1][0] == '\0') ||
        (kind == OPERATION_UNINSTALL && given[2][0] == '\0')) {
        return -EINVAL;
    }
    const struct order order = {(enum operation_kind) kind, {given[1], given[2], given[3]}};
    if (operations_add(modules, &order, 1, NULL, &fault) != TR069_OK) {
        modules->host->log(modules->host, TR069_ERROR, "%s is refused: %s", given[0], fault.text);
        return -ENOSPC;
    }
    operations_work_soon(modules);
    done(user, 0, "", 0);
    return 0;
}

static const struct tr069_action actions[] = {{"change-du", change_action}, {0}};

/* ---- SoftwareModules.DeploymentUnit ------------------------------------------------------------ */

static int unit_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    struct modules *modules = tr069_ctx(at);
    struct unit *units[UNITS_MAX];
    size_t count = units_select(&modules->units, NULL, NULL, NULL, units);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = tr069_row(rows, units[i]->instance, units[i]);
    }
    return r;
}

static const struct {
    const char *name;
    size_t offset;
} unit_texts[] = {
    {"UUID", offsetof(struct unit, manifest.uuid)},
    {"DUID", offsetof(struct unit, duid)},
    {"Name", offsetof(struct unit, manifest.name)},
    {"URL", offsetof(struct unit, url)},
    {"Description", offsetof(struct unit, manifest.description)},
    {"Vendor", offsetof(struct unit, manifest.vendor)},
    {"Version", offsetof(struct unit, manifest.version)},
};

static int text_of_unit(const struct unit *unit, const char *name, struct tr069_value *ret_value) {
    for (size_t i = 0; i < sizeof unit_texts / sizeof unit_texts[0]; i++) {
        if (strcmp(unit_texts[i].name, name) == 0) {
            return tr069_value_string(ret_value, (const char *) unit + unit_texts[i].offset);
        }
    }
    return -ENOENT;
}

static int get_unit_text(const struct tr069_at *at, struct tr069_value *ret_value) {
    return text_of_unit(at->row, at->param->name, ret_value);
}

static int get_unit_status(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct unit *unit = at->row;
    return tr069_value_string(ret_value, unit->status != NULL ? unit->status : "Installed");
}

static int get_unit_list(const struct tr069_at *at, struct tr069_value *ret_value) {
    static char list[2048];
    const struct modules *modules = tr069_ctx(at);
    units_executables(&modules->units, at->row, false, list, sizeof list);
    return tr069_value_string(ret_value, list);
}

static int get_unit_time(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct unit *unit = at->row;
    return tr069_value_time(ret_value,
                            strcmp(at->param->name, "Installed") == 0 ? unit->installed : unit->updated);
}

static int get_environment(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_format(ret_value, "%sSoftwareModules.ExecEnv.1", at->host->root(at->host));
}

static const char *const unit_states[] = {"Installing",   "Installed",   "Updating",
                                          "Uninstalling", "Uninstalled", NULL};

static const struct tr069_param unit_params[] = {
    TR069_ALIAS_PARAM,
    {"UUID", TR069_STRING, .max_length = 36, .get = get_unit_text},
    {"DUID", TR069_STRING, .max_length = 64, .get = get_unit_text},
    {"Name", TR069_STRING, .max_length = 256, .get = get_unit_text},
    {"Status", TR069_STRING, .notify = TR069_NOTIFY_CAN_DENY, .values = unit_states, .get = get_unit_status},
    {"Resolved", TR069_BOOLEAN, .value = "true"},
    {"URL", TR069_STRING, .max_length = 2048, .get = get_unit_text},
    {"Description", TR069_STRING, .max_length = 256, .get = get_unit_text},
    {"Vendor", TR069_STRING, .max_length = 128, .get = get_unit_text},
    {"Version", TR069_STRING, .max_length = 32, .get = get_unit_text},
    {"VendorLogList", TR069_STRING, TR069_CSV, .value = ""},
    {"VendorConfigList", TR069_STRING, TR069_CSV, .value = ""},
    {"ExecutionUnitList", TR069_STRING, TR069_CSV, .get = get_unit_list},
    {"ExecutionEnvRef", TR069_STRING, .get = get_environment},
    {"Installed", TR069_DATETIME, .get = get_unit_time},
    {"LastUpdate", TR069_DATETIME, .get = get_unit_time},
    {0}};

/* ---- SoftwareModules.ExecutionUnit ------------------------------------------------------------- */

static struct executable *find_executable(struct modules *modules, uint32_t instance) {
    for (size_t i = 0; i < UNITS_MAX; i++) {
        struct unit *unit = &modules->units.list[i];
        for (size_t k = 0; unit->instance != 0 && k < unit->manifest.executable_count; k++) {
            if (unit->executables[k].instance == instance) {
                return &unit->executables[k];
            }
        }
    }
    return NULL;
}

static int by_instance(const void *a, const void *b) {
    const struct executable *const *left = a, *const *right = b;
    return (*left)->instance < (*right)->instance ? -1 : (*left)->instance > (*right)->instance;
}

static int executable_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    struct modules *modules = tr069_ctx(at);
    struct executable *list[UNITS_MAX * EXECUTABLES_MAX] = {NULL};
    size_t count = 0;
    int r = 0;
    for (size_t i = 0; i < UNITS_MAX; i++) {
        struct unit *unit = &modules->units.list[i];
        for (size_t k = 0; unit->instance != 0 && k < unit->manifest.executable_count; k++) {
            list[count++] = &unit->executables[k];
        }
    }
    qsort(list, count, sizeof(struct executable *), by_instance);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = tr069_row(rows, list[i]->instance, list[i]);
    }
    return r;
}

static int get_executable_id(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct executable *executable = at->row;
    return tr069_value_format(ret_value, "%" PRIu32, executable->instance);
}

static int get_executable_name(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct executable *executable = at->row;
    return tr069_value_string(ret_value, executable->name);
}

/* What the bundle says of itself. */
static int get_executable_text(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct executable *executable = at->row;
    return text_of_unit(executable->unit, at->param->name, ret_value);
}

static int get_executable_status(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct executable *executable = at->row;
    return tr069_value_string(ret_value, executable->active ? "Active" : "Idle");
}

static int get_executable_fault(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct executable *executable = at->row;
    return tr069_value_string(ret_value, executable->fault != NULL ? executable->fault : "NoFault");
}

/* Of a command nothing is kept. */
static int get_nothing(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_string(ret_value, "");
}

static void start_ended(void *user, int result, const char *output, size_t length) {
    struct start *start = user;
    struct modules *modules = start->modules;
    struct executable *executable = find_executable(modules, start->instance);
    (void) output;
    (void) length;
    start->instance = 0;
    if (executable == NULL) {
        return;
    }
    if (result < 0) {
        executable->fault = start->start ? "FailureOnStart" : "FailureOnStop";
    } else {
        executable->fault = NULL;
        executable->active = start->start;
    }
    modules_changed(modules, "ExecutionUnit", executable->instance, "Status");
}

static int set_requested(const struct tr069_at *at, const struct tr069_value *value) {
    struct modules *modules = tr069_ctx(at);
    const struct executable *executable = at->row;
    struct start *start = NULL;
    const bool active = strcmp(value->as.string, "Active") == 0;
    if (value->as.string[0] == '\0' || active == executable->active) {
        return TR069_OK;
    }
    if (active && !modules->enabled) {
        return tr069_fault(at->fault, TR069_REQUEST_DENIED, "the execution environment is disabled");
    }
    for (size_t i = 0; i < STARTS_MAX; i++) {
        start = modules->starts[i].instance == 0 ? &modules->starts[i] : start;
    }
    if (start == NULL) {
        return tr069_fault(at->fault, TR069_RESOURCES_EXCEEDED, "too many are being started or stopped");
    }
    const char *words[] = {executable->unit->duid, executable->name, NULL};
    *start = (struct start){modules, executable->instance, active};
    int r = modules->host->action(modules->host, active ? "du-start" : "du-stop", words, start_ended, start);
    if (r < 0) {
        start->instance = 0;
        return r == -ENOSYS ? tr069_fault(at->fault, TR069_REQUEST_DENIED,
                                          "nothing on this box starts or stops execution units")
                            : r;
    }
    return TR069_OK;
}

static const char *const run_states[] = {"Idle", "Starting", "Active", "Stopping", NULL};
static const char *const run_faults[] = {"NoFault",
                                         "FailureOnStart",
                                         "FailureOnAutoStart",
                                         "FailureOnStop",
                                         "FailureWhileActive",
                                         "DependencyFailure",
                                         "UnStartable",
                                         NULL};
/* empty: what a command reads as, and what puts it back after a failed request */
static const char *const run_requests[] = {"Idle", "Active", "", NULL};

static const struct tr069_param executable_params[] = {
    TR069_ALIAS_PARAM,
    {"EUID", TR069_STRING, .max_length = 64, .get = get_executable_id},
    {"Name", TR069_STRING, .max_length = 256, .get = get_executable_name},
    {"ExecEnvLabel", TR069_STRING, .max_length = 64, .get = get_executable_name},
    {"Status", TR069_STRING, .notify = TR069_NOTIFY_DEFAULT_ACTIVE, .values = run_states,
     .get = get_executable_status},
    {"RequestedState", TR069_STRING, .values = run_requests, .get = get_nothing, .set = set_requested},
    {"ExecutionFaultCode", TR069_STRING, .values = run_faults, .get = get_executable_fault},
    {"ExecutionFaultMessage", TR069_STRING, .value = ""},
    {"Vendor", TR069_STRING, .max_length = 128, .get = get_executable_text},
    {"Version", TR069_STRING, .max_length = 32, .get = get_executable_text},
    {"Description", TR069_STRING, .max_length = 256, .get = get_executable_text},
    {"References", TR069_STRING, TR069_CSV, .value = ""},
    {"AssociatedProcessList", TR069_STRING, TR069_CSV, .value = ""},
    {"VendorLogList", TR069_STRING, TR069_CSV, .value = ""},
    {"VendorConfigList", TR069_STRING, TR069_CSV, .value = ""},
    {"SupportedDataModelList", TR069_STRING, TR069_CSV, .value = ""},
    {"ExecutionEnvRef", TR069_STRING, .get = get_environment},
    {0}};

/* ---- SoftwareModules.ExecEnv ------------------------------------------------------------------- */

static int get_enabled(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct modules *modules = tr069_ctx(at);
    return tr069_value_bool(ret_value, modules->enabled);
}

static int set_enabled(const struct tr069_at *at, const struct tr069_value *value) {
    struct modules *modules = tr069_ctx(at);
    int r = at->host->state_put(at->host, "enabled", value->as.boolean ? "true" : "false");
    if (r == 0 && modules->enabled != value->as.boolean) {
        modules->enabled = value->as.boolean;
        modules_changed(modules, "ExecEnv", 1, "Status");
    }
    return r;
}

static int get_environment_status(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct modules *modules = tr069_ctx(at);
    return tr069_value_string(ret_value, modules->enabled ? "Up" : "Disabled");
}

static int get_environment_name(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, at->host->option_string(at->host, "environment"));
}

static int get_active(const struct tr069_at *at, struct tr069_value *ret_value) {
    static char list[UNITS_MAX * EXECUTABLES_MAX * 64];
    const struct modules *modules = tr069_ctx(at);
    units_executables(&modules->units, NULL, true, list, sizeof list);
    return tr069_value_string(ret_value, list);
}

static const char *const environment_states[] = {"Up", "Error", "Disabled", NULL};

static const struct tr069_param environment_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .get = get_enabled, .set = set_enabled},
    {"Status", TR069_STRING, .values = environment_states, .get = get_environment_status},
    {"Name", TR069_STRING, .max_length = 256, .get = get_environment_name},
    {"Type", TR069_STRING, .value = "Bundles", .max_length = 64},
    {"Vendor", TR069_STRING, .value = "", .max_length = 128},
    {"Version", TR069_STRING, .value = "1", .max_length = 32},
    {"AllocatedDiskSpace", TR069_INT, .value = "-1", .min = -1, .max = INT32_MAX},
    {"AllocatedMemory", TR069_INT, .value = "-1", .min = -1, .max = INT32_MAX},
    {"AvailableDiskSpace", TR069_INT, .notify = TR069_NOTIFY_CAN_DENY, .value = "-1", .min = -1,
     .max = INT32_MAX},
    {"AvailableMemory", TR069_INT, .notify = TR069_NOTIFY_CAN_DENY, .value = "-1", .min = -1,
     .max = INT32_MAX},
    {"ActiveExecutionUnits", TR069_STRING, TR069_CSV, .notify = TR069_NOTIFY_CAN_DENY, .get = get_active},
    {0}};

static int environment_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    return tr069_row(rows, 1, NULL);
}

static const struct tr069_param counts[] = {
    {"ExecEnvNumberOfEntries", TR069_UINT, .entries_of = "SoftwareModules.ExecEnv."},
    {"DeploymentUnitNumberOfEntries", TR069_UINT, .entries_of = "SoftwareModules.DeploymentUnit."},
    {"ExecutionUnitNumberOfEntries", TR069_UINT, .entries_of = "SoftwareModules.ExecutionUnit."},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "SoftwareModules.", counts},
    {TR069_DEV2, "SoftwareModules.ExecEnv.{i}.", environment_params, .instances = environment_rows},
    {TR069_DEV2, "SoftwareModules.DeploymentUnit.{i}.", unit_params, .instances = unit_rows},
    {TR069_DEV2, "SoftwareModules.ExecutionUnit.{i}.", executable_params, .instances = executable_rows},
    {0}};

/* ---- The plugin -------------------------------------------------------------------------------- */

static const struct tr069_option options[] = {
    {"environment", TR069_OPTION_STRING, "bundles", .help = "the name of the execution environment"},
    {"allow_downgrade", TR069_OPTION_BOOL, "false", .help = "an update may bring an older version"},
    {0}};

static const char *const needs[] = {"action:du-inspect", "action:du-install", "action:du-remove", NULL};

static int init(const struct tr069_host *host, void **ret_ctx) {
    struct modules *modules = calloc(1, sizeof *modules);
    if (modules == NULL) {
        return -ENOMEM;
    }
    modules->host = host;
    const char *enabled = host->state_get(host, "enabled");
    modules->enabled = enabled == NULL || strcmp(enabled, "false") != 0;
    units_load(&modules->units, host);
    operations_load(modules);
    *ret_ctx = modules;
    return 0;
}

static int start(void *ctx) {
    struct modules *modules = ctx;
    modules->started = true;
    operations_work_soon(modules);
    return 0;
}

static void stop(void *ctx) {
    struct modules *modules = ctx;
    modules->started = false;
    modules->host->timer_cancel(modules->host, modules->timer);
    modules->timer = NULL;
}

static void forget(void *ctx) {
    struct modules *modules = ctx;
    operations_free(modules);
    modules->next_serial = 1;
    modules->enabled = true;
    units_forget(&modules->units);
}

static void destroy(void *ctx) {
    if (ctx != NULL) {
        operations_free(ctx);
    }
    free(ctx);
}

TR069_PLUGIN(.name = "software-modules", .version = "1",
             .summary = "the RPC ChangeDUState, and SoftwareModules.*", .options = options,
             .objects = objects, .rpcs = rpcs, .files = files, .actions = actions, .needs = needs,
             .init = init, .start = start, .stop = stop, .destroy = destroy, .forget = forget);
