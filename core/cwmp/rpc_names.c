/* GetParameterNames (digest section 10). */
#include <config.h>

#include "cwmp/rpc_call.h"

enum { ATTEMPTS = 2 };

struct names_out {
    struct envelope_writer *writer; /* NULL: only count */
    size_t expected, seen;
    char name[TR069_NAME_MAX + 1];
};

static int visit_name(void *user, const char *path, size_t path_length, bool writable) {
    struct names_out *out = user;
    out->seen++;
    if (out->writer == NULL) {
        return 0;
    }
    if (out->seen > out->expected) {
        return -EAGAIN;
    }
    (void) snprintf(out->name, sizeof out->name, "%.*s", (int) path_length, path);
    envelope_open(out->writer, "ParameterInfoStruct");
    envelope_element(out->writer, "Name", out->name);
    envelope_element(out->writer, "Writable", writable ? "1" : "0");
    envelope_close(out->writer);
    return 0;
}

static int get_parameter_names(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    const struct tr069_value *path = &call->args[0];
    const bool next_level = call->args[1].as.boolean;
    int result;

    rpc_call_subject(c, path->length > 0 ? path->as.string : "\"\"", path->length > 0 ? path->length : 2);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct names_out out = {0};
        result = model_names(c->scope->model, path->as.string, next_level, visit_name, &out, call->fault);
        if (result != 0) {
            return result;
        }
        out.expected = out.seen;
        out.seen = 0;
        c->begun = false;
        out.writer = rpc_call_reply(c);
        envelope_list(out.writer, "ParameterList", "ParameterInfoStruct", out.expected);
        result = model_names(c->scope->model, path->as.string, next_level, visit_name, &out, call->fault);
        if (result == 0 && out.seen == out.expected) {
            envelope_close(out.writer);
            return TR069_OK;
        }
        if (result != 0 && result != -EAGAIN) {
            return result;
        }
    }
    return tr069_fault(call->fault, TR069_INTERNAL_ERROR, "the number of names changed while they were read");
}

static const struct tr069_arg names_args[] = {
    {"ParameterPath", TR069_STRING, TR069_PATH, .max_length = TR069_NAME_MAX},
    {"NextLevel", TR069_BOOLEAN},
    {0}};

const struct tr069_rpc rpc_names_methods[] = {{"GetParameterNames", names_args, 0, get_parameter_names}, {0}};
