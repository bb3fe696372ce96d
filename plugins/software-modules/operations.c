/* The operations: one after the other, each step in the state before the next begins. Where a power cut may
 * come, what is begun can be done again: the client keeps the transfer and asks for the installation anew,
 * and the actions of the back-end are repeatable. */
#define _GNU_SOURCE
#include "modules.h"

#include <inttypes.h>
#include <stdlib.h>

enum { STATE_SIZE = 16384 };

static const char *const kind_names[OPERATION_KINDS] = {"Install", "Update", "Uninstall"};
static const char *const text_names[TEXTS] = {"url",      "uuid",     "version",
                                              "username", "password", "environment"};

static struct operation *current(const struct modules *modules) {
    struct request *request = modules->request_count > 0 ? modules->requests[0] : NULL;
    return request != NULL ? &request->operations[request->at] : NULL;
}

/* The deployment unit that the present operation works on; NULL: none (any more). */
static struct unit *target(struct modules *modules) {
    const struct operation *operation = current(modules);
    return operation != NULL && operation->target_count > 0
               ? units_find(&modules->units, operation->targets[0])
               : NULL;
}

/* ---- The state --------------------------------------------------------------------------------- */

static void operation_key(char key[TAG_SIZE], const struct request *request, size_t index) {
    (void) snprintf(key, TAG_SIZE, "operation/%" PRIu32 "/%02u", request->serial, (unsigned) index);
}

static void request_key(char key[TAG_SIZE], uint32_t serial) {
    (void) snprintf(key, TAG_SIZE, "request/%" PRIu32, serial);
}

/* "KIND BEGUN FETCHING START TARGETS...", then a line for each text. */
static int keep_operation(const struct modules *modules, const struct request *request, size_t index) {
    const struct operation *operation = &request->operations[index];
    char key[TAG_SIZE], *text = malloc(STATE_SIZE);
    int length, r = -ENOSPC;
    if (text == NULL) {
        return -ENOMEM;
    }
    length = snprintf(text, STATE_SIZE, "%d %d %d %" PRId64, (int) operation->kind, operation->begun,
                      operation->fetching, operation->start);
    for (size_t i = 0; i < operation->target_count && length < STATE_SIZE; i++) {
        length += snprintf(text + length, STATE_SIZE - (size_t) length, " %" PRIu32, operation->targets[i]);
    }
    for (size_t i = 0; i < TEXTS && length < STATE_SIZE; i++) {
        length += snprintf(text + length, STATE_SIZE - (size_t) length, "\n%s", operation->texts[i]);
    }
    if (length < STATE_SIZE) {
        operation_key(key, request, index);
        r = modules->host->state_put(modules->host, key, text);
    }
    free(text);
    return r;
}

static int keep_request(const struct modules *modules, const struct request *request) {
    char key[TAG_SIZE], text[64];
    request_key(key, request->serial);
    (void) snprintf(text, sizeof text, "%" PRIu32 " %zu %zu", request->report, request->count, request->at);
    return modules->host->state_put(modules->host, key, text);
}

/* Which requests there are, oldest first; and the number of the next. */
static int keep_queue(const struct modules *modules) {
    char text[16 * (REQUESTS_MAX + 1)];
    int length = snprintf(text, sizeof text, "%" PRIu32, modules->next_serial);
    for (size_t i = 0; i < modules->request_count; i++) {
        length +=
            snprintf(text + length, sizeof text - (size_t) length, " %" PRIu32, modules->requests[i]->serial);
    }
    return modules->host->state_put(modules->host, "queue", text);
}

static void keep_current(const struct modules *modules) {
    const struct request *request = modules->requests[0];
    if (keep_operation(modules, request, request->at) < 0) {
        modules->host->log(modules->host, TR069_ERROR, "an operation could not be stored");
    }
}

static void free_operation(struct operation *operation) {
    for (size_t i = 0; i < TEXTS; i++) {
        free(operation->texts[i]);
        operation->texts[i] = NULL;
    }
}

static void free_request(struct request *request) {
    for (size_t i = 0; request != NULL && i < OPERATIONS_MAX; i++) {
        free_operation(&request->operations[i]);
    }
    free(request);
}

static void forget_operation(const struct modules *modules, struct request *request, size_t index) {
    char key[TAG_SIZE];
    operation_key(key, request, index);
    (void) modules->host->state_put(modules->host, key, NULL);
    free_operation(&request->operations[index]);
}

static void forget_request(const struct modules *modules, struct request *request) {
    char key[TAG_SIZE];
    for (size_t i = 0; i < request->count; i++) {
        forget_operation(modules, request, i);
    }
    request_key(key, request->serial);
    (void) modules->host->state_put(modules->host, key, NULL);
    free_request(request);
}

static bool load_operation(const struct modules *modules, struct request *request, size_t index) {
    struct operation *operation = &request->operations[index];
    char key[TAG_SIZE], *end;
    operation_key(key, request, index);
    const char *text = modules->host->state_get(modules->host, key);
    if (text == NULL) {
        return false;
    }
    long kind = strtol(text, &end, 10);
    operation->kind = kind >= 0 && kind < OPERATION_KINDS ? (enum operation_kind) kind : OPERATION_UNINSTALL;
    operation->begun = strtol(end, &end, 10) != 0;
    operation->fetching = strtol(end, &end, 10) != 0;
    operation->start = strtoll(end, &end, 10);
    while (*end == ' ' && operation->target_count < UNITS_MAX) {
        operation->targets[operation->target_count++] = (uint32_t) strtoul(end, &end, 10);
    }
    for (size_t i = 0; i < TEXTS; i++) {
        end += *end == '\n';
        size_t length = strcspn(end, "\n");
        operation->texts[i] = strndup(end, length);
        if (operation->texts[i] == NULL) {
            return false;
        }
        end += length;
    }
    return true;
}

static struct request *load_request(const struct modules *modules, uint32_t serial) {
    struct request *request = calloc(1, sizeof *request);
    char key[TAG_SIZE], *end;
    request_key(key, serial);
    const char *text = modules->host->state_get(modules->host, key);
    if (request == NULL || text == NULL) {
        free(request);
        return NULL;
    }
    request->serial = serial;
    request->report = (uint32_t) strtoul(text, &end, 10);
    request->count = strtoul(end, &end, 10);
    request->at = strtoul(end, &end, 10);
    bool good = request->count <= OPERATIONS_MAX && request->at < request->count;
    for (size_t i = request->at; good && i < request->count; i++) {
        good = load_operation(modules, request, i);
    }
    if (!good) {
        free_request(request);
        request = NULL;
    }
    return request;
}

void operations_load(struct modules *modules) {
    const char *text = modules->host->state_get(modules->host, "queue");
    char *end;
    modules->next_serial = text != NULL ? (uint32_t) strtoul(text, &end, 10) : 1;
    for (const char *at = text != NULL ? end : ""; *at == ' ' && modules->request_count < REQUESTS_MAX;
         at = end) {
        struct request *request = load_request(modules, (uint32_t) strtoul(at, &end, 10));
        if (request != NULL) {
            modules->requests[modules->request_count++] = request;
        } else {
            modules->host->log(modules->host, TR069_ERROR, "a stored request cannot be understood");
        }
    }
}

void operations_free(struct modules *modules) {
    for (size_t i = 0; i < modules->request_count; i++) {
        free_request(modules->requests[i]);
    }
    modules->request_count = 0;
}

/* ---- Taking over ------------------------------------------------------------------------------- */

static int copy_order(struct operation *operation, const struct order *order, struct tr069_fault *fault) {
    operation->kind = order->kind;
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = order->texts[i] != NULL ? order->texts[i] : "";
        for (const char *at = text; *at != '\0'; at++) {
            if ((unsigned char) *at < 0x20) {
                return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "the %s has a control character",
                                   text_names[i]);
            }
        }
        operation->texts[i] = strdup(text);
        if (operation->texts[i] == NULL) {
            return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "out of memory");
        }
    }
    return TR069_OK;
}

static int keep_new(struct modules *modules, struct request *request, const char *command_key,
                    struct tr069_fault *fault) {
    int r = modules->host->du_open(modules->host, command_key, &request->report);
    if (r < 0 && command_key != NULL) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "no more requests are taken: %s", strerror(-r));
    }
    if (r < 0) {
        request->report = 0; /* of the box's own accord: it is done, and told to nobody */
    }
    r = keep_request(modules, request);
    for (size_t i = 0; r == 0 && i < request->count; i++) {
        r = keep_operation(modules, request, i);
    }
    modules->requests[modules->request_count++] = request;
    modules->next_serial++;
    r = r == 0 ? keep_queue(modules) : r;
    if (r == 0) {
        return TR069_OK;
    }
    modules->request_count--;
    (void) keep_queue(modules);
    (void) modules->host->du_close(modules->host, request->report);
    return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "the request cannot be stored: %s", strerror(-r));
}

int operations_add(struct modules *modules, const struct order *orders, size_t count, const char *command_key,
                   struct tr069_fault *fault) {
    int verdict = TR069_OK;
    if (count > OPERATIONS_MAX || modules->request_count == REQUESTS_MAX) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED,
                           count > OPERATIONS_MAX ? "at most %d operations in one request"
                                                  : "at most %d requests at a time",
                           count > OPERATIONS_MAX ? OPERATIONS_MAX : REQUESTS_MAX);
    }
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    request->serial = modules->next_serial;
    request->count = count;
    for (size_t i = 0; verdict == TR069_OK && i < count; i++) {
        verdict = copy_order(&request->operations[i], &orders[i], fault);
    }
    verdict = verdict == TR069_OK ? keep_new(modules, request, command_key, fault) : verdict;
    if (verdict != TR069_OK) {
        forget_request(modules, request);
    }
    return verdict;
}

/* ---- Results ----------------------------------------------------------------------------------- */

static void next_operation(struct modules *modules) {
    struct request *request = modules->requests[0];
    forget_operation(modules, request, request->at);
    request->at++;
    if (request->at < request->count) {
        (void) keep_request(modules, request);
        return;
    }
    if (request->report != 0) {
        (void) modules->host->du_close(modules->host, request->report);
    }
    modules->request_count--;
    memmove(&modules->requests[0], &modules->requests[1],
            modules->request_count * sizeof modules->requests[0]);
    (void) keep_queue(modules);
    request->at = 0;
    forget_request(modules, request);
}

/* Tells what came of the operation on one unit (NULL: it came to none), and goes on. */
static void conclude(struct modules *modules, struct unit *unit, const struct tr069_fault *fault) {
    const struct tr069_host *host = modules->host;
    struct request *request = modules->requests[0];
    struct operation *operation = current(modules);
    const bool well = fault->code == 0, gone = well && operation->kind == OPERATION_UNINSTALL;
    char uuid[UUID_SIZE], reference[TR069_NAME_MAX] = "", executables[2048] = "";
    struct tr069_du_result result = {.operation = kind_names[operation->kind],
                                     .uuid = operation->texts[TEXT_UUID],
                                     .unit = reference,
                                     .version = operation->texts[TEXT_VERSION],
                                     .state = "Failed",
                                     .execution_units = executables,
                                     .start = operation->start,
                                     .complete = host->wall_clock(host),
                                     .fault = *fault};
    if (!uuid_is_good(result.uuid)) {
        uuid_of_name(operation->texts[TEXT_URL], uuid);
        result.uuid = uuid;
    }
    if (unit != NULL) {
        (void) snprintf(reference, sizeof reference, "%sSoftwareModules.DeploymentUnit.%" PRIu32,
                        host->root(host), unit->instance);
        units_executables(&modules->units, unit, false, executables, sizeof executables);
        result.uuid = unit->manifest.uuid;
        result.version = unit->manifest.version;
        result.state = gone ? "Uninstalled" : "Installed";
        result.resolved = true;
        unit->status = NULL;
    }
    host->log(host, well ? TR069_NOTICE : TR069_ERROR, "%s of %s %s: %s", result.operation, result.uuid,
              result.version, well ? "done" : fault->text);
    int r = request->report != 0 ? host->du_result(host, request->report, &result) : 0;
    if (r < 0 && r != -ENOENT) {
        host->log(host, TR069_ERROR, "a result could not be stored: %s", strerror(-r));
    }
    if (gone) {
        units_remove(&modules->units, unit);
    }
    operation->fetching = false;
    operation->start = host->wall_clock(host);
    if (operation->target_count > 0) {
        operation->target_count--;
        memmove(&operation->targets[0], &operation->targets[1],
                operation->target_count * sizeof operation->targets[0]);
    }
    if (operation->target_count > 0) {
        keep_current(modules);
    } else {
        next_operation(modules);
    }
    operations_work_soon(modules);
}

static void conclude_fault(struct modules *modules, unsigned code, const char *words) {
    struct tr069_fault fault;
    (void) tr069_fault(&fault, code, "%s", words);
    conclude(modules, target(modules), &fault);
}

/* What an action of the back-end says when it fails: "9018 the words". */
static void action_fault(int result, const char *output, size_t length, struct tr069_fault *ret_fault) {
    char text[256];
    char *end;
    (void) snprintf(text, sizeof text, "%.*s", output != NULL ? (int) (length < 255 ? length : 255) : 0,
                    output != NULL ? output : "");
    text[strcspn(text, "\r\n")] = '\0';
    unsigned long code = strtoul(text, &end, 10);
    if (end != text && *end == ' ' && code >= 9000 && code <= 9899) {
        (void) tr069_fault(ret_fault, (unsigned) code, "%s", end + 1);
    } else {
        (void) tr069_fault(ret_fault, result == -ENOSPC ? TR069_DU_RESOURCES_EXCEEDED : TR069_REQUEST_DENIED,
                           "the back-end failed: %s%s%s", strerror(result < 0 ? -result : EIO),
                           text[0] != '\0' ? ": " : "", text);
    }
}

/* ---- Removing ---------------------------------------------------------------------------------- */

static int act(struct modules *modules, const char *name, const char *first, const char *second,
               tr069_action_done *done) {
    const char *args[] = {first, second, NULL};
    modules->busy = true;
    int r = modules->host->action(modules->host, name, args, done, modules);
    if (r < 0) {
        modules->busy = false;
    }
    return r;
}

/* What an update, or an installation that was given up, left behind is in the state until it is gone. */
static void leftover_removed(void *user, int result, const char *output, size_t length) {
    struct modules *modules = user;
    (void) output;
    (void) length;
    modules->busy = false;
    if (result < 0) {
        modules->host->log(modules->host, TR069_WARNING, "what an operation left could not be removed: %s",
                           strerror(-result));
    }
    (void) modules->host->state_put(modules->host, "leftover", NULL);
    operations_work_soon(modules);
}

static void removed(void *user, int result, const char *output, size_t length) {
    struct modules *modules = user;
    struct tr069_fault fault = {0};
    modules->busy = false;
    if (result < 0) {
        action_fault(result, output, length, &fault);
    }
    if (current(modules) != NULL) { /* no factory reset came in between */
        conclude(modules, target(modules), &fault);
    }
}

static void remove_target(struct modules *modules) {
    const struct unit *unit = target(modules);
    if (unit == NULL) {
        conclude_fault(modules, TR069_DU_UNKNOWN, "the deployment unit is gone");
        return;
    }
    int r = act(modules, "du-remove", unit->duid, NULL, removed);
    if (r < 0) {
        conclude_fault(modules, TR069_REQUEST_DENIED, "no back-end removes it");
    }
}

/* ---- Stopping what runs ------------------------------------------------------------------------ */

static void stop_next(struct modules *modules);
static void end_install(struct modules *modules, int verdict);
static bool was_forgotten(struct modules *modules);

static void stop_failed(struct modules *modules) {
    static const char words[] = "an execution unit of it is active and cannot be stopped";
    if (modules->install != NULL) {
        end_install(modules, tr069_fault(modules->install->fault, TR069_DU_INVALID_STATE, "%s", words));
    } else if (current(modules) != NULL) {
        conclude_fault(modules, TR069_DU_INVALID_STATE, words);
    }
}

static struct executable *first_active(struct unit *unit) {
    for (size_t i = 0; unit != NULL && i < unit->manifest.executable_count; i++) {
        if (unit->executables[i].active) {
            return &unit->executables[i];
        }
    }
    return NULL;
}

static void stopped(void *user, int result, const char *output, size_t length) {
    struct modules *modules = user;
    struct executable *executable = first_active(target(modules));
    (void) output;
    (void) length;
    modules->busy = false;
    if (was_forgotten(modules) || current(modules) == NULL) {
        return;
    }
    if (result < 0) {
        stop_failed(modules);
        return;
    }
    if (executable != NULL) {
        executable->active = false;
        modules_changed(modules, "ExecutionUnit", executable->instance, "Status");
    }
    stop_next(modules);
}

/* Stops the units of the target, one after the other, then goes on with after_stop. */
static void stop_next(struct modules *modules) {
    struct unit *unit = target(modules);
    const struct executable *executable = first_active(unit);
    if (executable == NULL) {
        modules->after_stop(modules);
    } else if (act(modules, "du-stop", unit->duid, executable->name, stopped) < 0) {
        stop_failed(modules);
    }
}

/* ---- Installing -------------------------------------------------------------------------------- */

static void end_install(struct modules *modules, int verdict) {
    const struct tr069_install *install = modules->install;
    modules->install = NULL;
    modules->host->installed(install, verdict);
}

/* A factory reset came while the back-end was at work: nobody wants what it does. */
static bool was_forgotten(struct modules *modules) {
    if (modules->install == NULL || current(modules) != NULL) {
        return false;
    }
    end_install(modules,
                tr069_fault(modules->install->fault, TR069_REQUEST_DENIED, "the operation is forgotten"));
    return true;
}

static void put_into_place(void *user, int result, const char *output, size_t length) {
    struct modules *modules = user;
    const struct tr069_host *host = modules->host;
    struct unit *unit = target(modules);
    modules->busy = false;
    if (was_forgotten(modules) || modules->install == NULL) { /* or it took too long */
        (void) host->state_put(host, "leftover", modules->duid);
        operations_work_soon(modules);
        return;
    }
    if (result < 0) {
        action_fault(result, output, length, modules->install->fault);
        end_install(modules, TR069_FAULT);
        return;
    }
    const char *url = current(modules)->texts[TEXT_URL];
    char old[DUID_SIZE] = "", from[URL_SIZE];
    (void) snprintf(from, sizeof from, "%s", url[0] == '\0' && unit != NULL ? unit->url : url);
    if (unit != NULL) {
        (void) snprintf(old, sizeof old, "%s", unit->duid);
    }
    unit = units_put(&modules->units, unit, modules->duid, &modules->manifest, from, host->wall_clock(host));
    (void) host->state_put(host, "leftover", unit == NULL ? modules->duid : old[0] != '\0' ? old : NULL);
    if (unit == NULL) {
        end_install(modules, tr069_fault(modules->install->fault, TR069_DU_RESOURCES_EXCEEDED,
                                         "the deployment unit cannot be stored"));
        return;
    }
    modules->done = unit->instance;
    end_install(modules, TR069_OK);
}

static void begin_install(struct modules *modules) {
    struct unit *unit = target(modules);
    units_new_duid(&modules->units, modules->manifest.uuid, modules->duid);
    if (unit != NULL) {
        unit->status = "Updating";
    }
    if (act(modules, "du-install", modules->install->path, modules->duid, put_into_place) < 0) {
        end_install(modules, tr069_fault(modules->install->fault, TR069_REQUEST_DENIED,
                                         "no back-end puts it into place"));
    }
}

static void inspected(void *user, int result, const char *output, size_t length) {
    struct modules *modules = user;
    modules->busy = false;
    if (was_forgotten(modules) || modules->install == NULL) {
        operations_work_soon(modules);
        return;
    }
    struct tr069_fault *fault = modules->install->fault;
    if (result < 0) {
        action_fault(result, output, length, fault);
        end_install(modules, TR069_FAULT);
        return;
    }
    char *text = strndup(output, length);
    int verdict = text != NULL ? manifest_read(text, &modules->manifest, fault) : -ENOMEM;
    free(text);
    if (verdict == TR069_OK) {
        verdict = judge_bundle(modules, current(modules), target(modules), &modules->manifest, fault);
    }
    if (verdict != TR069_OK) {
        end_install(modules, verdict);
        return;
    }
    modules->after_stop = begin_install;
    stop_next(modules);
}

static void tag_of(const struct modules *modules, char tag[TAG_SIZE]) {
    const struct request *request = modules->requests[0];
    (void) snprintf(tag, TAG_SIZE, "%" PRIu32 "/%zu", request->serial, request->at);
}

/* Is it the transfer of the operation at work? */
static bool is_ours(const struct modules *modules, const struct tr069_transfer *transfer) {
    const struct operation *operation = current(modules);
    char tag[TAG_SIZE];
    if (operation == NULL || !operation->fetching) {
        return false;
    }
    tag_of(modules, tag);
    return strcmp(tag, transfer->target_name) == 0;
}

int operations_install(const struct tr069_install *install) {
    struct modules *modules = install->ctx;
    if (!is_ours(modules, install->transfer) || modules->busy) {
        return tr069_fault(install->fault, TR069_REQUEST_DENIED, "no operation waits for this bundle");
    }
    modules->install = install;
    modules->done = 0;
    if (act(modules, "du-inspect", install->path, NULL, inspected) < 0) {
        modules->install = NULL;
        return tr069_fault(install->fault, TR069_REQUEST_DENIED, "no back-end inspects it");
    }
    return TR069_DEFERRED;
}

void operations_ended(void *ctx, const struct tr069_transfer *transfer, const struct tr069_fault *fault) {
    struct modules *modules = ctx;
    if (!is_ours(modules, transfer)) {
        return;
    }
    modules->install = NULL; /* also when it was given up */
    conclude(modules, fault->code == 0 ? units_find(&modules->units, modules->done) : target(modules), fault);
}

static void fetch(struct modules *modules) {
    struct operation *operation = current(modules);
    const struct unit *unit = target(modules);
    const char *url = operation->texts[TEXT_URL];
    char tag[TAG_SIZE];
    struct tr069_fault fault = {0};
    if (operation->kind == OPERATION_UPDATE && unit == NULL) {
        conclude_fault(modules, TR069_DU_UNKNOWN, "the deployment unit is gone");
        return;
    }
    tag_of(modules, tag);
    const struct tr069_transfer transfer = {.method = "ChangeDUState",
                                            .command_key = "",
                                            .file_type = BUNDLE_TYPE,
                                            .url = url[0] == '\0' && unit != NULL ? unit->url : url,
                                            .username = operation->texts[TEXT_USERNAME],
                                            .password = operation->texts[TEXT_PASSWORD],
                                            .target_name = tag,
                                            .internal = true};
    if (modules->host->transfer(modules->host, &transfer, &fault) != TR069_OK) {
        conclude(modules, target(modules), &fault);
        return;
    }
    operation->fetching = true;
    keep_current(modules);
}

/* ---- Work -------------------------------------------------------------------------------------- */

static void begin(struct modules *modules) {
    struct operation *operation = current(modules);
    struct tr069_fault fault = {0};
    operation->start = modules->host->wall_clock(modules->host);
    if (judge_begin(modules, operation, &fault) != TR069_OK) {
        conclude(modules, NULL, &fault);
        return;
    }
    operation->begun = true;
    keep_current(modules);
    operations_work_soon(modules);
}

static void work(void *user) {
    struct modules *modules = user;
    struct operation *operation = current(modules);
    const char *leftover = modules->host->state_get(modules->host, "leftover");
    modules->timer = NULL;
    if (modules->busy || modules->install != NULL) {
        return;
    }
    if (leftover != NULL) {
        if (act(modules, "du-remove", leftover, NULL, leftover_removed) < 0) {
            leftover_removed(modules, -ENOSYS, NULL, 0);
        }
        return;
    }
    if (operation == NULL || operation->fetching) {
        return;
    }
    if (!operation->begun) {
        begin(modules);
    } else if (operation->kind == OPERATION_UNINSTALL) {
        struct unit *unit = target(modules);
        if (unit != NULL) {
            unit->status = "Uninstalling";
        }
        modules->after_stop = remove_target;
        stop_next(modules);
    } else {
        fetch(modules);
    }
}

void operations_work_soon(struct modules *modules) {
    if (modules->started && modules->timer == NULL) {
        (void) modules->host->timer(modules->host, 0, work, modules, &modules->timer);
    }
}
