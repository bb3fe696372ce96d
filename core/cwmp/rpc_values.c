/* GetParameterValues and SetParameterValues (digest section 10). */
#include <config.h>

#include "cwmp/fault.h"
#include "cwmp/rpc_call.h"

#include <stdlib.h>

enum { ATTEMPTS = 2 };

/* ---- GetParameterValues ------------------------------------------------------------------------ */

int values_write(void *user, const struct model_value *value) {
    struct values_out *out = user;
    if (++out->seen > out->expected) {
        return -EAGAIN;
    }
    envelope_parameter(out->writer, value->path, value->path_length, value->type, value->text, value->length);
    return 0;
}

static int get_parameter_values(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    int result = rpc_call_select(c, &call->args[0]);

    if (result != TR069_OK) {
        return result;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct values_out out = {NULL, model_selection_count(c->selection), 0};
        c->begun = false;
        out.writer = rpc_call_reply(c);
        envelope_list(out.writer, "ParameterList", "ParameterValueStruct", out.expected);
        result = model_selection_values(c->selection, values_write, &out, call->fault);
        if (result == 0 && out.seen == out.expected) {
            envelope_close(out.writer);
            return TR069_OK;
        }
        if (result != 0 && result != -EAGAIN) {
            return result;
        }
    }
    return tr069_fault(call->fault, TR069_INTERNAL_ERROR,
                       "the number of parameters changed while they were read");
}

/* ---- SetParameterValues ------------------------------------------------------------------------ */

enum { FIELD_NAME, FIELD_VALUE, FIELDS };

static int by_path(const void *a, const void *b) {
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

/* A name twice in the list is 9003 (SPV-07). */
static int check_twice(const struct model_assignment *assignments, size_t count, struct tr069_fault *fault) {
    const char **paths = calloc(count + 1, sizeof *paths);
    int result = TR069_OK;

    if (paths == NULL) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        paths[i] = assignments[i].path;
    }
    qsort(paths, count, sizeof *paths, by_path);
    for (size_t i = 1; i < count && result == TR069_OK; i++) {
        if (strcmp(paths[i - 1], paths[i]) == 0) {
            result =
                tr069_fault(fault, TR069_INVALID_ARGUMENTS, "%.200s is in the list more than once", paths[i]);
        }
    }
    free(paths);
    return result;
}

static void read_assignments(struct rpc_call *c, const struct tr069_value *list,
                             struct model_assignment *assignments) {
    for (size_t i = 0; i < list->length; i++) {
        const struct tr069_value *name = &list->as.items[i * FIELDS + FIELD_NAME];
        const struct tr069_value *value = &list->as.items[i * FIELDS + FIELD_VALUE];
        assignments[i].path = name->as.string;
        assignments[i].text = value->as.string != NULL ? value->as.string : "";
        assignments[i].length = value->length;
        assignments[i].xsi_type = value->xsi_type;
        rpc_call_subject(c, name->as.string, name->length);
    }
}

/* The list of SetParameterValuesFault: one for each bad parameter. */
static void keep_faults(struct rpc_call *c, const struct model_assignment *assignments, size_t count) {
    c->faults = calloc(count + 1, sizeof *c->faults);
    for (size_t i = 0; c->faults != NULL && i < count; i++) {
        if (assignments[i].fault.code != 0) {
            c->faults[c->fault_count].path = assignments[i].path;
            c->faults[c->fault_count++].fault = assignments[i].fault;
        }
    }
}

static int set_all(struct rpc_call *c, struct model_assignment *assignments, size_t count, int *ret_status) {
    char *old_key = NULL;
    int result = check_twice(assignments, count, &c->fault);
    if (result != TR069_OK) {
        return result;
    }
    result = rpc_call_key(c, &c->call.args[1], &old_key);
    if (result != TR069_OK) {
        return result;
    }
    result = count > 0 ? model_set(c->scope->model, MODEL_ACS, assignments, count, ret_status, &c->fault)
                       : model_save(c->scope->model, &c->fault); /* of the key alone */
    if (result != TR069_OK) {
        rpc_call_key_undo(c, old_key);
        keep_faults(c, assignments, count);
    }
    free(old_key);
    return result;
}

static int set_parameter_values(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    size_t count = call->args[0].length;
    struct model_assignment *assignments = calloc(count + 1, sizeof *assignments);
    int status = 0, result;

    if (assignments == NULL) {
        return tr069_fault(call->fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    read_assignments(c, &call->args[0], assignments);
    result = set_all(c, assignments, count, &status);
    free(assignments);
    if (result == TR069_OK) {
        envelope_number(rpc_call_reply(c), "Status", status);
    }
    return result;
}

/* ---- The tables -------------------------------------------------------------------------------- */

static const struct tr069_arg name_fields[] = {{"", TR069_STRING, TR069_PATH, .max_length = TR069_NAME_MAX},
                                               {0}};
static const struct tr069_arg names_args[] = {{"ParameterNames", TR069_LIST, .fields = name_fields}, {0}};

static const struct tr069_arg assignment_fields[] = {
    {"Name", TR069_STRING, TR069_PATH, .max_length = TR069_NAME_MAX}, {"Value", TR069_ANY}, {0}};
static const struct tr069_arg set_args[] = {{"ParameterList", TR069_LIST, .fields = assignment_fields},
                                            {"ParameterKey", TR069_STRING, .max_length = 32},
                                            {0}};

const struct tr069_rpc rpc_values_methods[] = {{"SetParameterValues", set_args, 0, set_parameter_values},
                                               {"GetParameterValues", names_args, 0, get_parameter_values},
                                               {0}};
