/* Diagnostics that the ACS orders: the state machine, the parameters, and programs that do the work. */
#define _GNU_SOURCE
#include "ip-ping/diagnostic.h"

#include <stdlib.h>

/* ---- Parameters ------------------------------------------------------------------------------- */

static const struct diagnostic_field common_fields[] = {
    DIAGNOSTIC_FIELD("DiagnosticsState", TEXT, struct diagnostic, state),
    DIAGNOSTIC_FIELD("Interface", TEXT, struct diagnostic, interface),
    {0}};

static const struct diagnostic_field *field_in(const struct diagnostic_field *fields, const char *name) {
    while (fields->name != NULL && strcmp(fields->name, name) != 0) {
        fields++;
    }
    return fields->name != NULL ? fields : NULL;
}

static const struct diagnostic_field *field_named(const struct diagnostic *diagnostic, const char *name) {
    const struct diagnostic_field *field = field_in(common_fields, name);
    return field != NULL ? field : field_in(diagnostic->type->fields, name);
}

static void *place_of(struct diagnostic *diagnostic, const struct diagnostic_field *field) {
    return (char *) diagnostic + field->offset;
}

static int time_get(int64_t micros, struct tr069_value *ret_value) {
    return tr069_value_time_us(ret_value, micros != 0 ? micros : TR069_TIME_UNKNOWN);
}

int diagnostic_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct diagnostic *diagnostic = tr069_ctx(at);
    const struct diagnostic_field *field = field_named(diagnostic, at->param->name);
    if (field == NULL) {
        return -ENOENT;
    }
    const void *place = place_of(diagnostic, field);
    uint64_t divisor = field->divisor > 0 ? field->divisor : 1;
    switch (field->kind) {
    case DIAGNOSTIC_TEXT:
        return tr069_value_string(ret_value, place);
    case DIAGNOSTIC_NUMBER:
        return tr069_value_uint(ret_value, (*(const uint32_t *) place + divisor / 2) / divisor);
    case DIAGNOSTIC_LARGE:
        return tr069_value_uint(ret_value, *(const uint64_t *) place);
    case DIAGNOSTIC_FLAG:
        return tr069_value_bool(ret_value, *(const bool *) place);
    case DIAGNOSTIC_TIME:
        return time_get(*(const int64_t *) place, ret_value);
    }
    return -EINVAL;
}

int diagnostic_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct diagnostic *diagnostic = tr069_ctx(at);
    const struct diagnostic_field *field = field_named(diagnostic, at->param->name);
    if (field == NULL) {
        return -ENOENT;
    }
    void *place = place_of(diagnostic, field);
    switch (field->kind) {
    case DIAGNOSTIC_TEXT:
        (void) snprintf(place, field->size, "%s", value->as.string);
        return TR069_OK;
    case DIAGNOSTIC_NUMBER:
        *(uint32_t *) place = (uint32_t) value->as.number;
        return TR069_OK;
    case DIAGNOSTIC_LARGE:
        *(uint64_t *) place = value->as.number;
        return TR069_OK;
    case DIAGNOSTIC_FLAG:
        *(bool *) place = value->as.boolean;
        return TR069_OK;
    case DIAGNOSTIC_TIME:
        break; /* none of them is written */
    }
    return -EINVAL;
}

static bool is_result(const struct tr069_param *param) {
    return param->set == NULL && (param->get != NULL || param->entries_of != NULL);
}

static void clear_results(struct diagnostic *diagnostic) {
    for (const struct tr069_param *param = diagnostic->object->params; param->name != NULL; param++) {
        const struct diagnostic_field *field = field_named(diagnostic, param->name);
        if (is_result(param) && field != NULL) {
            memset(place_of(diagnostic, field), 0, field->size);
        }
    }
    if (diagnostic->type->clear != NULL) {
        diagnostic->type->clear(diagnostic);
    }
}

/* ---- Interfaces ------------------------------------------------------------------------------- */

static bool get_below(const struct tr069_host *host, const char *object, const char *name, char *ret_value,
                      size_t size) {
    char path[DIAGNOSTIC_TEXT_SIZE + sizeof ".Enable"];
    size_t length = strlen(object);
    bool dotted = length > 0 && object[length - 1] == '.';
    (void) snprintf(path, sizeof path, "%s%s%s", object, dotted ? "" : ".", name);
    return host->get(host, path, ret_value, size) == 0;
}

/* Every interface of both models has Enable. */
bool diagnostic_is_interface(const struct tr069_host *host, const char *path) {
    char enable[8];
    return path[0] == '\0' || get_below(host, path, "Enable", enable, sizeof enable);
}

bool diagnostic_name_of(const struct tr069_host *host, const char *path, char *ret_name, size_t size) {
    return path[0] != '\0' && get_below(host, path, "Name", ret_name, size) && ret_name[0] != '\0' &&
           ret_name[0] != '-';
}

bool diagnostic_interface(const struct diagnostic *diagnostic, char *ret_name, size_t size) {
    return diagnostic_name_of(diagnostic->host, diagnostic->interface, ret_name, size);
}

/* ---- The state -------------------------------------------------------------------------------- */

static void set_state(struct diagnostic *diagnostic, const char *state) {
    (void) snprintf(diagnostic->state, sizeof diagnostic->state, "%s", state);
}

/* The state as this root has it. */
static const char *state_here(const struct diagnostic *diagnostic, const char *state) {
    const struct tr069_param *param = diagnostic->object->params;
    while (strcmp(param->name, "DiagnosticsState") != 0) {
        param++;
    }
    const char *const *known = param->values;
    while (strcmp(*known, state) != 0 && known[1] != NULL) {
        known++;
    }
    return *known;
}

static void tell(const struct diagnostic *diagnostic, const char *name) {
    char path[TR069_NAME_MAX + 1];
    (void) snprintf(path, sizeof path, "%s%s%s", diagnostic->host->root(diagnostic->host),
                    diagnostic->object->path, name);
    diagnostic->host->value_changed(diagnostic->host, path);
}

void diagnostic_finish(struct diagnostic *diagnostic, const char *state) {
    if (!diagnostic->running) {
        return;
    }
    diagnostic->running = false;
    set_state(diagnostic, state_here(diagnostic, state));
    for (const struct tr069_param *param = diagnostic->object->params; param->name != NULL; param++) {
        if (is_result(param) || strcmp(param->name, "DiagnosticsState") == 0) {
            tell(diagnostic, param->name);
        }
    }
    (void) diagnostic->host->event(diagnostic->host, "8 DIAGNOSTICS COMPLETE", "", TR069_NOW);
}

static void begin(struct diagnostic *diagnostic, int r) {
    diagnostic->running = true;
    r = r < 0 ? r : diagnostic->type->begin(diagnostic);
    if (r < 0) {
        diagnostic->host->log(diagnostic->host, TR069_ERROR, "cannot run: %s", strerror(-r));
        diagnostic_finish(diagnostic, "Error_Internal");
    }
}

/* It was promised when the ACS wrote it, whether or not it had our answer. */
static void session_ended(void *user, bool well) {
    struct diagnostic *diagnostic = user;
    (void) well;
    diagnostic->waiting = false;
    if (!diagnostic->running && strcmp(diagnostic->state, DIAGNOSTIC_REQUESTED) == 0) {
        begin(diagnostic, 0);
    }
}

void diagnostic_stop(void *ctx) {
    struct diagnostic *diagnostic = ctx;
    if (!diagnostic->running) {
        return;
    }
    diagnostic->running = false;
    if (diagnostic->child != NULL) {
        diagnostic->host->run_cancel(diagnostic->host, diagnostic->child);
        diagnostic->child = NULL;
    }
    if (diagnostic->type->cancel != NULL) {
        diagnostic->type->cancel(diagnostic);
    }
}

/* Something was written: what runs has ended by that. */
void diagnostic_commit(const struct tr069_at *at) {
    struct diagnostic *diagnostic = tr069_ctx(at);
    bool ordered = diagnostic->ordered;
    diagnostic->object = at->object;
    diagnostic->ordered = false;
    diagnostic_stop(diagnostic);
    if (!ordered) {
        set_state(diagnostic, DIAGNOSTIC_NONE);
        return;
    }
    clear_results(diagnostic);
    if (!diagnostic->waiting) {
        diagnostic->waiting = true;
        int r = diagnostic->host->after_session(diagnostic->host, session_ended, diagnostic);
        if (r < 0) {
            diagnostic->waiting = false;
            begin(diagnostic, r);
        }
    }
}

/* The other states are for the box to show. And Requested needs somebody to ask. */
int diagnostic_check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    struct diagnostic *diagnostic = tr069_ctx(at);
    const char *needs = diagnostic->type->needs;
    const struct diagnostic_field *field = needs != NULL ? field_named(diagnostic, needs) : NULL;
    const char *needed = field != NULL ? place_of(diagnostic, field) : "-";
    const struct tr069_change *order = NULL;
    diagnostic->ordered = false;
    for (size_t i = 0; i < count; i++) {
        const char *name = changes[i].param->name;
        if (needs != NULL && strcmp(name, needs) == 0) {
            needed = changes[i].value->as.string;
        }
        if (strcmp(name, "Interface") == 0 &&
            !diagnostic_is_interface(diagnostic->host, changes[i].value->as.string)) {
            return tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "there is no such interface");
        }
        if (strcmp(name, "DiagnosticsState") == 0) {
            order = &changes[i];
        }
    }
    if (order == NULL || strcmp(order->value->as.string, DIAGNOSTIC_CANCELED) == 0) {
        return TR069_OK;
    }
    if (strcmp(order->value->as.string, DIAGNOSTIC_REQUESTED) != 0) {
        return tr069_fault(order->fault, TR069_INVALID_VALUE, "only " DIAGNOSTIC_REQUESTED " can be written");
    }
    if (needed[0] == '\0') {
        return tr069_fault(order->fault, TR069_INVALID_VALUE, "there is no %s to ask", needs);
    }
    diagnostic->ordered = true;
    return TR069_OK;
}

void *diagnostic_new(const struct tr069_host *host, const struct diagnostic_type *type, size_t size) {
    struct diagnostic *diagnostic = calloc(1, size);
    if (diagnostic != NULL) {
        diagnostic->host = host;
        diagnostic->type = type;
        set_state(diagnostic, DIAGNOSTIC_NONE);
    }
    return diagnostic;
}

/* ---- Programs --------------------------------------------------------------------------------- */

static const char *judged(struct diagnostic *diagnostic, int result, const char *output, size_t length) {
    const struct tr069_host *host = diagnostic->host;
    if (result == -ETIMEDOUT || result == -ECHILD) {
        host->log(host, TR069_WARNING, "the program %s",
                  result == -ETIMEDOUT ? "did not end in time" : "was killed");
        return "Error_Internal";
    }
    char *text = malloc(length + 1);
    if (text == NULL) {
        return "Error_Internal";
    }
    if (length > 0) {
        memcpy(text, output, length);
    }
    text[length] = '\0';
    const char *state = diagnostic->judge(diagnostic, result, text);
    if (state != NULL && strcmp(state, DIAGNOSTIC_COMPLETE) != 0) {
        host->log(host, TR069_NOTICE, "%s: %s", state, text);
    }
    free(text);
    return state;
}

static void on_done(void *user, int result, const char *output, size_t length) {
    struct diagnostic *diagnostic = user;
    diagnostic->child = NULL;
    const char *state = judged(diagnostic, result, output, length);
    if (state != NULL) {
        diagnostic_finish(diagnostic, state);
    }
}

int diagnostic_run(struct diagnostic *diagnostic, const struct diagnostic_word *words, size_t count,
                   uint32_t deadline_ms, size_t output_max, diagnostic_judge *judge) {
    const char *argv[DIAGNOSTIC_ARGS_MAX];
    const char *const *command = diagnostic->host->option_list(diagnostic->host, "command");
    size_t used = 0;
    for (; used < DIAGNOSTIC_PREFIX_MAX && command[used] != NULL; used++) {
        argv[used] = command[used];
    }
    for (size_t i = 0; i < count; i++) {
        if (words[i].is_wanted && used < DIAGNOSTIC_ARGS_MAX - 3) {
            argv[used++] = words[i].option;
            if (words[i].value != NULL) {
                argv[used++] = words[i].value;
            }
        }
    }
    argv[used] = NULL;
    const struct tr069_run run = {.argv = argv,
                                  .deadline_ms = deadline_ms,
                                  .output_max = output_max,
                                  .keep_tail = true,
                                  .merge_stderr = true};
    diagnostic->judge = judge;
    return command[0] != NULL
               ? diagnostic->host->run(diagnostic->host, &run, on_done, diagnostic, &diagnostic->child)
               : -ENOENT;
}

/* What iputils, BusyBox, Toybox and traceroute say. */
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

const char *diagnostic_error(const char *output) {
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (strstr(output, errors[i].words) != NULL) {
            return errors[i].state;
        }
    }
    return "Error_Other";
}
