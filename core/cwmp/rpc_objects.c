/* AddObject and DeleteObject (digest section 10). */
#include <config.h>

#include "cwmp/rpc_call.h"

#include <stdlib.h>

/* Both: the key is in the store before the rows change, and put back when they do not. */
static int change_rows(struct rpc_call *c, uint32_t *ret_instance, int *ret_status) {
    const struct tr069_value *name = &c->call.args[0];
    char *old_key = NULL;
    int result;

    rpc_call_subject(c, name->as.string, name->length);
    result = rpc_call_key(c, &c->call.args[1], &old_key);
    if (result != TR069_OK) {
        return result;
    }
    result = ret_instance != NULL
                 ? model_add_object(c->scope->model, name->as.string, ret_instance, ret_status, &c->fault)
                 : model_delete_object(c->scope->model, name->as.string, ret_status, &c->fault);
    if (result != TR069_OK) {
        rpc_call_key_undo(c, old_key);
    }
    free(old_key);
    return result;
}

static int add_object(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    uint32_t instance = 0;
    int status = 0;
    int result = change_rows(c, &instance, &status);

    if (result == TR069_OK) {
        struct envelope_writer *writer = rpc_call_reply(c);
        envelope_number(writer, "InstanceNumber", instance);
        envelope_number(writer, "Status", status);
    }
    return result;
}

static int delete_object(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    int status = 0;
    int result = change_rows(c, NULL, &status);

    if (result == TR069_OK) {
        envelope_number(rpc_call_reply(c), "Status", status);
    }
    return result;
}

static const struct tr069_arg object_args[] = {
    {"ObjectName", TR069_STRING, TR069_PATH, .max_length = TR069_NAME_MAX},
    {"ParameterKey", TR069_STRING, .max_length = 32},
    {0}};

const struct tr069_rpc rpc_objects_methods[] = {
    {"AddObject", object_args, 0, add_object}, {"DeleteObject", object_args, 0, delete_object}, {0}};
