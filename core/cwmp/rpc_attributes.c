/* GetParameterAttributes and SetParameterAttributes (digest sections 10 and 11). */
#include <config.h>

#include "cwmp/rpc_call.h"

#include <stdlib.h>

enum { ATTEMPTS = 2 };

/* ---- GetParameterAttributes -------------------------------------------------------------------- */

struct attributes_out {
    struct envelope_writer *writer;
    size_t expected, seen;
};

static void write_access_list(struct envelope_writer *writer, const char *list) {
    size_t count = list[0] != '\0' ? 1 : 0;
    for (const char *at = list; *at != '\0'; at++) {
        count += *at == ',' ? 1 : 0;
    }
    envelope_list(writer, "AccessList", "string", count);
    while (count-- > 0) {
        struct tr069_value entity = {.type = TR069_STRING, .as.string = list, .length = strcspn(list, ",")};
        envelope_value(writer, "string", &entity);
        list += entity.length + 1;
    }
    envelope_close(writer);
}

static int write_attributes(void *user, const struct model_attributes *attributes) {
    struct attributes_out *out = user;
    if (++out->seen > out->expected) {
        return -EAGAIN;
    }
    envelope_open(out->writer, "ParameterAttributeStruct");
    envelope_element(out->writer, "Name", attributes->path);
    envelope_number(out->writer, "Notification", attributes->notification);
    write_access_list(out->writer, attributes->access_list != NULL ? attributes->access_list : "");
    envelope_close(out->writer);
    return 0;
}

static int get_parameter_attributes(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    int result = rpc_call_select(c, &call->args[0]);

    if (result != TR069_OK) {
        return result;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct attributes_out out = {NULL, model_selection_count(c->selection), 0};
        c->begun = false;
        out.writer = rpc_call_reply(c);
        envelope_list(out.writer, "ParameterList", "ParameterAttributeStruct", out.expected);
        result = model_selection_attributes(c->selection, write_attributes, &out);
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

/* ---- SetParameterAttributes -------------------------------------------------------------------- */

enum { FIELD_NAME, FIELD_NOTIFY_CHANGE, FIELD_NOTIFY, FIELD_ACCESS_CHANGE, FIELD_ACCESS, FIELDS };

/* The one entity besides the ACS that this client, and the schema, know. Others are ignored. */
static bool is_known(const struct tr069_value *entity) {
    return entity->length == strlen("Subscriber") && strcmp(entity->as.string, "Subscriber") == 0;
}

static const char *join_access(const struct tr069_value *list) {
    for (size_t i = 0; i < list->length; i++) {
        if (is_known(&list->as.items[i])) {
            return "Subscriber";
        }
    }
    return "";
}

static void read_changes(struct rpc_call *c, const struct tr069_value *list,
                         struct model_attributes_change *changes) {
    for (size_t i = 0; i < list->length; i++) {
        const struct tr069_value *row = &list->as.items[i * FIELDS];
        changes[i].path = row[FIELD_NAME].as.string;
        changes[i].change_notification = row[FIELD_NOTIFY_CHANGE].as.boolean;
        changes[i].notification = (int) row[FIELD_NOTIFY].as.integer;
        changes[i].change_access_list = row[FIELD_ACCESS_CHANGE].as.boolean;
        changes[i].access_list = join_access(&row[FIELD_ACCESS]);
        rpc_call_subject(c, row[FIELD_NAME].length > 0 ? row[FIELD_NAME].as.string : "\"\"",
                         row[FIELD_NAME].length > 0 ? row[FIELD_NAME].length : 2);
    }
}

static int set_parameter_attributes(const struct tr069_call *call) {
    struct rpc_call *c = rpc_call_of(call);
    const struct tr069_value *list = &call->args[0];
    struct model_attributes_change *changes = calloc(list->length + 1, sizeof *changes);
    int result = TR069_OK;

    if (changes == NULL) {
        return tr069_fault(call->fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    read_changes(c, list, changes);
    if (list->length > 0) {
        result = model_set_attributes(c->scope->model, changes, list->length, call->fault);
    }
    if (result == TR069_OK) {
        (void) rpc_call_reply(c);
    }
    free(changes);
    return result;
}

/* ---- The tables -------------------------------------------------------------------------------- */

static const struct tr069_arg name_fields[] = {{"", TR069_STRING, TR069_PATH, .max_length = TR069_NAME_MAX},
                                               {0}};
static const struct tr069_arg get_args[] = {{"ParameterNames", TR069_LIST, .fields = name_fields}, {0}};

static const struct tr069_arg entity_fields[] = {{"", TR069_STRING, .max_length = 64}, {0}};
static const struct tr069_arg change_fields[] = {
    {"Name", TR069_STRING, TR069_PATH, .max_length = TR069_NAME_MAX},
    {"NotificationChange", TR069_BOOLEAN},
    {"Notification", TR069_INT},
    {"AccessListChange", TR069_BOOLEAN},
    {"AccessList", TR069_LIST, .fields = entity_fields},
    {0}};
static const struct tr069_arg set_args[] = {{"ParameterList", TR069_LIST, .fields = change_fields}, {0}};

const struct tr069_rpc rpc_attributes_methods[] = {
    {"SetParameterAttributes", set_args, 0, set_parameter_attributes},
    {"GetParameterAttributes", get_args, 0, get_parameter_attributes},
    {0}};
