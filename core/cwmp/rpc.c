/* The registry of RPCs, the life of a call, and the services with which handlers answer. */
#include <config.h>

#include "cwmp/rpc.h"

#include "base/text.h"
#include "cwmp/fault.h"
#include "cwmp/rpc_call.h"

#include <stdlib.h>

#define LOG_ROOM "rpc"
#include "base/log.h"

enum { METHODS_MAX = 256, METHOD_NAME_MAX = 64 };

struct entry {
    const struct tr069_rpc *rpc;
    const struct model_owner *owner; /* NULL: core */
};

struct rpcs {
    struct entry *entries;
    size_t count, capacity;
    struct rpc_call *calls;
};

/* ---- The registry ------------------------------------------------------------------------------ */

static bool known_in(const struct tr069_rpc *rpc, int ns) {
    return rpc->since <= (unsigned) ns || ns >= ENVELOPE_NS_1_2; /* 1.3 and 1.4 have no namespace of theirs */
}

static int get_rpc_methods(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    struct envelope_writer *writer = rpc_call_reply(c);
    size_t count = 0;
    for (size_t i = 0; i < c->rpcs->count; i++) {
        count += known_in(c->rpcs->entries[i].rpc, c->header.ns) ? 1 : 0;
    }
    envelope_list(writer, "MethodList", "string", count);
    for (size_t i = 0; i < c->rpcs->count; i++) {
        if (known_in(c->rpcs->entries[i].rpc, c->header.ns)) {
            envelope_element(writer, "string", c->rpcs->entries[i].rpc->method);
        }
    }
    envelope_close(writer);
    return TR069_OK;
}

static const struct tr069_rpc registry_methods[] = {{"GetRPCMethods", NULL, 0, get_rpc_methods}, {0}};

static int add(struct rpcs *rpcs, const struct tr069_rpc *rpc, const struct model_owner *owner) {
    if (rpcs->count == rpcs->capacity) {
        const size_t capacity = rpcs->capacity + 16;
        struct entry *entries = realloc(rpcs->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return -ENOMEM;
        }
        rpcs->entries = entries;
        rpcs->capacity = capacity;
    }
    rpcs->entries[rpcs->count++] = (struct entry){rpc, owner};
    return 0;
}

static int add_core(struct rpcs *rpcs, const struct tr069_rpc *methods) {
    int result = 0;
    for (; result == 0 && methods->method != NULL; methods++) {
        result = add(rpcs, methods, NULL);
    }
    return result;
}

int rpcs_new(struct rpcs **ret_rpcs) {
    static const struct tr069_rpc *const tables[] = {registry_methods, rpc_values_methods, rpc_names_methods,
                                                     rpc_attributes_methods, rpc_objects_methods};
    struct rpcs *rpcs = calloc(1, sizeof *rpcs);
    if (rpcs == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        int result = add_core(rpcs, tables[i]);
        if (result < 0) {
            rpcs_free(rpcs);
            return result;
        }
    }
    *ret_rpcs = rpcs;
    return 0;
}

void rpcs_free(struct rpcs *rpcs) {
    if (rpcs != NULL) {
        while (rpcs->calls != NULL) {
            rpc_call_free(rpcs->calls);
        }
        free(rpcs->entries);
        free(rpcs);
    }
}

static const struct entry *find_entry(const struct rpcs *rpcs, const char *method) {
    for (size_t i = 0; i < rpcs->count; i++) {
        if (strcmp(rpcs->entries[i].rpc->method, method) == 0) {
            return &rpcs->entries[i];
        }
    }
    return NULL;
}

const struct tr069_rpc *rpcs_lookup(void *user, const char *method) {
    const struct entry *entry = find_entry(user, method);
    return entry != NULL ? entry->rpc : NULL;
}

/* The methods of a plugin lie as far apart as they did when it was compiled. */
static const struct tr069_rpc *method_at(const struct tr069_plugin *plugin, size_t index) {
    const char *base = (const char *) plugin->rpcs;
    const struct tr069_rpc *rpc;
    if (base == NULL) {
        return NULL;
    }
    rpc = (const struct tr069_rpc *) (const void *) (base + index * plugin->rpc_size);
    return rpc->method != NULL ? rpc : NULL;
}

static bool good_method(const char *method) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t length = strlen(method);
    return length > 0 && length <= METHOD_NAME_MAX && strchr(letters, method[0]) != NULL &&
           strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == length &&
           !text_ends(method, "Response") && strcmp(method, "Fault") != 0;
}

/* Of TR-069 what a plugin may give, else X_<VENDOR>_NAME. */
static bool is_named_right(const char *method) {
    static const char *const standard[] = {
        "CancelTransfer",        "ChangeDUState",  "Download",           "FactoryReset",
        "GetAllQueuedTransfers", "GetOptions",     "GetQueuedTransfers", "Reboot",
        "ScheduleDownload",      "ScheduleInform", "SetVouchers",        "Upload"};
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
        if (strcmp(standard[i], method) == 0) {
            return true;
        }
    }
    const char *vendor = text_starts(method, "X_") ? method + 2 : "";
    const size_t length = strcspn(vendor, "_");
    return length > 0 && vendor[length] == '_' && vendor[length + 1] != '\0';
}

static int check_method(const struct rpcs *rpcs, const struct tr069_plugin *plugin,
                        const struct tr069_rpc *rpc, char *ret_error, size_t error_size) {
    const struct entry *other;
    if (!good_method(rpc->method) || rpc->call == NULL) {
        (void) snprintf(ret_error, error_size,
                        "plugin %s: the RPC \"%s\" has no handler, or a name that cannot be one",
                        plugin->name, rpc->method);
        return -EINVAL;
    }
    other = find_entry(rpcs, rpc->method);
    if (other != NULL) {
        (void) snprintf(ret_error, error_size, "the RPC %s is declared by plugin %s and by %s%s", rpc->method,
                        plugin->name, other->owner != NULL ? "plugin " : "",
                        other->owner != NULL ? other->owner->plugin->name : "the client itself");
        return -EEXIST;
    }
    if (!is_named_right(rpc->method)) {
        (void) snprintf(
            ret_error, error_size,
            "plugin %s: the RPC %s is none of TR-069's; the vendor's own are named X_<VENDOR>_NAME",
            plugin->name, rpc->method);
        return -EINVAL;
    }
    if (rpcs->count == METHODS_MAX) {
        (void) snprintf(ret_error, error_size, "plugin %s: more than %d RPCs in all", plugin->name,
                        METHODS_MAX);
        return -ENOSPC;
    }
    return 0;
}

int rpcs_attach(struct rpcs *rpcs, const struct model_owner *owner, char *ret_error, size_t error_size) {
    const struct tr069_plugin *plugin = owner->plugin;
    const struct tr069_rpc *rpc;
    size_t before = rpcs->count;

    for (size_t i = 0; (rpc = method_at(plugin, i)) != NULL; i++) {
        int result = check_method(rpcs, plugin, rpc, ret_error, error_size);
        result = result == 0 ? add(rpcs, rpc, owner) : result;
        if (result < 0) {
            rpcs->count = before;
            return result;
        }
    }
    return 0;
}

void rpcs_detach(struct rpcs *rpcs, const struct model_owner *owner) {
    size_t kept = 0;
    struct rpc_call *next;
    for (size_t i = 0; i < rpcs->count; i++) {
        if (rpcs->entries[i].owner != owner) {
            rpcs->entries[kept++] = rpcs->entries[i];
        }
    }
    rpcs->count = kept;
    for (struct rpc_call *c = rpcs->calls; c != NULL; c = next) {
        next = c->next;
        if (c->owner != owner) {
            continue;
        }
        if (c->scope != NULL && !c->completed) {
            rpc_complete(&c->call, tr069_fault(&c->fault, TR069_INTERNAL_ERROR,
                                               "%s: its plugin was taken out of service", c->method));
        } else if (c->scope == NULL) {
            rpc_call_free(c);
        }
    }
}

/* ---- The life of a call ------------------------------------------------------------------------ */

struct rpc_call *rpc_call_of(const struct tr069_call *call) {
    return (struct rpc_call *) (uintptr_t) call;
}

void rpc_call_subject(struct rpc_call *call, const char *name, size_t length) {
    size_t used = strlen(call->subject);
    size_t room = sizeof call->subject - used - 1;
    if (room < 8 || length == 0) {
        return;
    }
    if (used > 0) {
        call->subject[used++] = ' ';
        room--;
    }
    if (length > room) {
        (void) snprintf(call->subject + used, room + 1, "%.*s...", (int) (room - 3), name);
    } else {
        (void) snprintf(call->subject + used, room + 1, "%.*s", (int) length, name);
    }
}

/* What a method of a plugin touches, told from arguments that the standard knows: no secrets. */
static void plugin_subject(struct rpc_call *call) {
    static const char *const shown[] = {"FileType", "TargetFileName", "ObjectName", "URL", "CommandKey"};
    const struct tr069_arg *args = call->call.rpc->args;
    char url[RPC_SUBJECT_SIZE];

    for (size_t i = 0; args != NULL && args[i].name != NULL; i++) {
        const struct tr069_value *value = &call->call.args[i];
        if (value->type != TR069_STRING || value->length == 0) {
            continue;
        }
        for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++) {
            if (strcmp(shown[k], args[i].name) != 0) {
                continue;
            }
            if (strcmp(shown[k], "URL") == 0) {
                text_url_for_log(url, sizeof url, value->as.string);
                rpc_call_subject(call, url, strlen(url));
            } else {
                rpc_call_subject(call, value->as.string, value->length);
            }
        }
    }
}

static void refuse(struct rpc_call *call, const struct envelope *request) {
    if (request->must_understand) {
        (void) tr069_fault(&call->fault, TR069_INVALID_ARGUMENTS,
                           "a header with mustUnderstand=\"1\" is not known here");
    } else if (request->rpc == NULL) {
        (void) tr069_fault(&call->fault, TR069_METHOD_NOT_SUPPORTED, "%.64s is not supported",
                           request->method);
    } else if (!known_in(request->rpc, call->header.ns)) {
        (void) tr069_fault(&call->fault, TR069_METHOD_NOT_SUPPORTED,
                           "%.64s is not known to the CWMP version of this session", request->method);
    } else if (request->refusal.code != 0) {
        call->fault = request->refusal;
    }
    call->settled = call->fault.code != 0;
}

struct rpc_call *rpc_call_new(struct rpc_scope *scope, const struct envelope *request,
                              const struct envelope_header *header) {
    struct rpc_call *call = calloc(1, sizeof *call);
    const struct entry *entry = find_entry(scope->rpcs, request->method);

    if (call == NULL) {
        return NULL;
    }
    call->scope = scope;
    call->rpcs = scope->rpcs;
    call->method = request->method;
    call->header = *header;
    call->must_understand = request->must_understand;
    call->owner = entry != NULL ? entry->owner : NULL;
    call->call.rpc = request->rpc;
    call->call.args = request->args;
    call->call.fault = &call->fault;
    call->call.version = (unsigned) header->ns;
    call->call.ctx = call->owner != NULL ? call->owner->ctx : NULL;
    call->call.host = call->owner != NULL ? call->owner->host : NULL;
    call->next = scope->rpcs->calls;
    scope->rpcs->calls = call;
    refuse(call, request);
    if (!call->settled && call->owner != NULL) {
        plugin_subject(call);
    }
    return call;
}

void rpc_call_free(struct rpc_call *call) {
    if (call == NULL) {
        return;
    }
    for (struct rpc_call **at = &call->rpcs->calls; *at != NULL; at = &(*at)->next) {
        if (*at == call) {
            *at = call->next;
            break;
        }
    }
    model_selection_free(call->selection);
    envelope_reader_free(call->reader);
    free(call->faults);
    free(call);
}

bool rpc_call_orphan(struct rpc_call *call, struct envelope_reader *reader) {
    if (!call->deferred || call->completed) {
        rpc_call_free(call);
        return false;
    }
    log_warning("%s is still under way; its answer will not reach the ACS", call->call.rpc->method);
    call->scope = NULL;
    call->reader = reader;
    return true;
}

static void settle(struct rpc_call *call, int verdict) {
    call->settled = true;
    if (verdict == TR069_OK && call->depth > 0) {
        (void) tr069_fault(&call->fault, TR069_INTERNAL_ERROR, "%s: its handler left a list open",
                           call->method);
    } else if (verdict == TR069_OK) {
        call->fault = (struct tr069_fault){0};
    } else {
        fault_from_verdict(verdict, call->method, &call->fault);
    }
}

/* The slow sources that it reads: true when there is nothing to wait for any more. */
static bool refreshes_ended(struct rpc_call *call) {
    struct model *model = call->scope->model;
    if (model_refresh_pending(model) > 0) {
        if (call->scope->now.mono_ms < call->wait_until_ms) {
            return false;
        }
        model_refresh_expire(model);
    }
    call->refreshing = false;
    return true;
}

/* A call that was deferred: true when it ended or is given up. In the latter case its fault is made by
 * rpc_call_answer(), since the call's own is still the handler's to write. */
static bool deferred_ended(struct rpc_call *call) {
    if (call->completed) {
        settle(call, call->verdict);
    } else if (call->scope->now.mono_ms >= call->wait_until_ms) {
        call->settled = true;
    }
    return call->settled;
}

/* Names in its arguments and in its answer are of the session's version. */
static int execute(struct rpc_call *call) {
    struct model *model = call->scope->model;
    int verdict;

    model_speak(model, call->scope->version);
    verdict = call->call.rpc->call(&call->call);
    model_speak(model, 0);
    return verdict;
}

bool rpc_call_run(struct rpc_call *call) {
    int verdict;

    if (call->settled) {
        return true;
    }
    if (call->deferred) {
        return deferred_ended(call);
    }
    if (call->refreshing && !refreshes_ended(call)) {
        return false;
    }
    verdict = execute(call);
    if (verdict == TR069_DEFERRED && call->refreshing) {
        return false;
    }
    if (verdict == TR069_DEFERRED) {
        call->deferred = true;
        call->wait_until_ms = call->scope->now.mono_ms + call->scope->deferred_ms;
        return deferred_ended(call);
    }
    settle(call, verdict);
    return true;
}

/* A call that was given up keeps what its handler may still write to. */
static void answer_fault(const struct rpc_call *call, struct tr069_fault *ret_fault) {
    if (call->deferred && !call->completed) {
        (void) tr069_fault(ret_fault, TR069_INTERNAL_ERROR, "%s did not end in time", call->method);
    } else {
        *ret_fault = call->fault;
    }
}

int rpc_call_answer(struct rpc_call *call, const char **ret_data, size_t *ret_length,
                    struct tr069_fault *ret_fault) {
    struct envelope_writer *writer = call->scope->writer;
    int result;

    answer_fault(call, ret_fault);
    if (ret_fault->code == 0) {
        result = envelope_end(rpc_call_reply(call), ret_data, ret_length);
        if (result == 0) {
            return 0;
        }
        (void) tr069_fault(ret_fault, result == -EINVAL ? TR069_INTERNAL_ERROR : TR069_RESOURCES_EXCEEDED,
                           "%s: the response cannot be written: %s", call->method, strerror(-result));
    }
    return envelope_fault(writer, &call->header, ret_fault, call->faults, call->fault_count,
                          call->must_understand, ret_data, ret_length);
}

/* ---- Services for handlers --------------------------------------------------------------------- */

struct envelope_writer *rpc_call_reply(struct rpc_call *call) {
    if (!call->begun) {
        char name[METHOD_NAME_MAX + sizeof "Response"];
        (void) snprintf(name, sizeof name, "%sResponse", call->call.rpc->method);
        envelope_begin(call->scope->writer, &call->header, name);
        call->begun = true;
    }
    return call->scope->writer;
}

static struct rpc_call *replying(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    return c->scope == NULL || c->settled || c->completed ? NULL : c;
}

int rpc_reply(const struct tr069_call *call, const char *name, const struct tr069_value *value) {
    struct rpc_call *c = replying(call);
    if (c == NULL) {
        return -ECANCELED;
    }
    envelope_value(rpc_call_reply(c), name, value);
    return 0;
}

int rpc_reply_list(const struct tr069_call *call, const char *name, const char *item, size_t count) {
    struct rpc_call *c = replying(call);
    if (c == NULL) {
        return -ECANCELED;
    }
    envelope_list(rpc_call_reply(c), name, item, count);
    c->depth++;
    return 0;
}

int rpc_reply_item(const struct tr069_call *call, const char *item) {
    struct rpc_call *c = replying(call);
    if (c == NULL) {
        return -ECANCELED;
    }
    envelope_open(rpc_call_reply(c), item);
    c->depth++;
    return 0;
}

int rpc_reply_end(const struct tr069_call *call) {
    struct rpc_call *c = replying(call);
    if (c == NULL) {
        return -ECANCELED;
    }
    if (c->depth == 0) {
        return -EINVAL;
    }
    envelope_close(rpc_call_reply(c));
    c->depth--;
    return 0;
}

void rpc_complete(const struct tr069_call *call, int verdict) {
    struct rpc_call *c = rpc_call_of(call);
    if (c->scope == NULL) {
        log_info("%s ended after its session", c->call.rpc->method);
        rpc_call_free(c);
        return;
    }
    if (c->completed) {
        return;
    }
    c->completed = true;
    c->verdict = verdict == TR069_DEFERRED ? -EINVAL : verdict;
    if (c->deferred && c->scope->on_ready != NULL) {
        c->scope->on_ready(c->scope->user);
    }
}

/* ---- What several methods of core need ---------------------------------------------------------- */

int rpc_call_key(struct rpc_call *call, const struct tr069_value *key, char **ret_old) {
    const char *old = store_get(call->scope->store, RPC_PARAMETER_KEY);
    char *copy = text_dup(old != NULL ? old : "");
    int result;
    if (copy == NULL) {
        return tr069_fault(&call->fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    result = store_put(call->scope->store, RPC_PARAMETER_KEY, key->as.string);
    if (result < 0) {
        free(copy);
        return tr069_fault(&call->fault, TR069_RESOURCES_EXCEEDED, "ParameterKey cannot be stored: %s",
                           strerror(-result));
    }
    *ret_old = copy;
    return TR069_OK;
}

void rpc_call_key_undo(struct rpc_call *call, const char *old) {
    (void) store_put(call->scope->store, RPC_PARAMETER_KEY, old[0] != '\0' ? old : NULL);
}

int rpc_call_select(struct rpc_call *call, const struct tr069_value *names) {
    struct model *model = call->scope->model;
    const bool first = call->subject[0] == '\0';
    const char **paths;
    int result;

    if (names->length == 0) {
        return tr069_fault(&call->fault, TR069_INVALID_ARGUMENTS, "ParameterNames is empty");
    }
    paths = calloc(names->length, sizeof *paths);
    if (paths == NULL) {
        return tr069_fault(&call->fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    for (size_t i = 0; i < names->length; i++) {
        const struct tr069_value *name = &names->as.items[i];
        paths[i] = name->as.string;
        if (first) {
            rpc_call_subject(call, name->length > 0 ? name->as.string : "\"\"",
                             name->length > 0 ? name->length : 2);
        }
    }
    if (model_refresh_paths(model, paths, names->length, call->scope->now.mono_ms, &call->wait_until_ms) >
        0) {
        call->refreshing = true;
        result = TR069_DEFERRED;
    } else {
        result = model_select(model, paths, names->length, &call->selection, &call->fault);
    }
    free(paths);
    return result;
}
