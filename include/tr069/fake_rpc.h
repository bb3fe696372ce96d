/* tr069/fake_rpc.h: a part of tr069/fake_host.h, which includes it: RPCs and file types of the plugin. */
#ifndef TR069_FAKE_HOST_H
#include <tr069/fake_host.h>
#elif !defined(TR069_FAKE_RPC_H)
#define TR069_FAKE_RPC_H

/* ---- RPCs ------------------------------------------------------------------------------------- */

static inline void fake_call_free(struct tr069_call *call) {
    if (call != NULL) {
        union {
            const struct tr069_value *args;
            struct tr069_value *mine;
        } view = {call->args};
        free(view.mine);
        free(call);
    }
}

/* The response is a list of names and texts; lists and items appear as "+Name" and end with "-". */
static inline int fake_reply(const struct tr069_call *call, const char *name,
                             const struct tr069_value *value) {
    char *text = fake_text(value);
    fake_list_add(&fake_of(call->host)->replies, name, text, 0);
    free(text);
    return 0;
}

static inline int fake_reply_list(const struct tr069_call *call, const char *name, const char *item,
                                  size_t count) {
    char opened[128];
    (void) snprintf(opened, sizeof opened, "+%s", name);
    fake_list_add(&fake_of(call->host)->replies, opened, item, (int64_t) count);
    return 0;
}

static inline int fake_reply_item(const struct tr069_call *call, const char *item) {
    return fake_reply_list(call, item, "", 0);
}

static inline int fake_reply_end(const struct tr069_call *call) {
    fake_list_add(&fake_of(call->host)->replies, "-", "", 0);
    return 0;
}

static inline void fake_complete(const struct tr069_call *call, int verdict) {
    struct fake_host *fake = fake_started(call->host, "complete");
    if (call != fake->call) {
        fake_breach(fake, "complete: not a deferred call");
        return;
    }
    fake->completed++;
    fake->complete_verdict = verdict;
    fake_call_free(fake->call);
    fake->call = NULL;
}

static inline const struct tr069_rpc *fake_rpc(const struct fake_host *fake, const char *method) {
    const char *at = (const char *) fake->plugin->rpcs;
    for (; at != NULL; at += fake->plugin->rpc_size) {
        const struct tr069_rpc *rpc = (const struct tr069_rpc *) (const void *) at;
        if (rpc->method == NULL) {
            break;
        }
        if (strcmp(rpc->method, method) == 0) {
            return rpc;
        }
    }
    return NULL;
}

/* A list argument is written "field|field\n" a row; one list a call. */
static inline int fake_arg_list(struct fake_host *fake, const struct tr069_arg *arg, const char *text,
                                struct tr069_value *ret_value) {
    size_t count = 0, rows = 0, fields = 0;
    free(fake->items_text);
    fake->items_text = fake_copy(text);
    while (arg->fields[fields].name != NULL) {
        fields++;
    }
    for (char *at = fake->items_text; *at != '\0';) {
        size_t length = strcspn(at, "|\n");
        char *next = at[length] == '\0' ? at + length : at + length + 1;
        bool last = at[length] != '|';
        at[length] = '\0';
        fake->items = (struct tr069_value *) realloc(fake->items, (count + 1) * sizeof *fake->items);
        if (fake->items == NULL) {
            abort();
        }
        const struct tr069_arg *field = &arg->fields[count % fields];
        bool known = field->values == NULL;
        for (size_t i = 0; !known && field->values[i] != NULL; i++) {
            known = strcmp(field->values[i], at) == 0;
        }
        if (!known || fake_parse(field->type, at, &fake->items[count]) != 0 ||
            (field->max_length > 0 && fake_characters(at) > field->max_length)) {
            return tr069_fault(&fake->fault, TR069_INVALID_ARGUMENTS, "%s does not fit", field->name);
        }
        count++;
        rows += last ? 1 : 0;
        at = next;
    }
    if (count != rows * fields || (arg->max_length > 0 && rows > arg->max_length)) {
        return tr069_fault(&fake->fault, TR069_INVALID_ARGUMENTS, "%s: rows or fields", arg->name);
    }
    memset(ret_value, 0, sizeof *ret_value);
    ret_value->type = TR069_LIST;
    ret_value->length = rows;
    ret_value->as.items = fake->items;
    return TR069_OK;
}

static inline int fake_arg_value(struct fake_host *fake, const struct tr069_arg *arg, const char *text,
                                 struct tr069_value *ret_value) {
    if (text == NULL) {
        memset(ret_value, 0, sizeof *ret_value);
        return (arg->flags & TR069_OPTIONAL) != 0
                   ? TR069_OK
                   : tr069_fault(&fake->fault, TR069_INVALID_ARGUMENTS, "%s is missing", arg->name);
    }
    if (arg->type == TR069_LIST) {
        return fake_arg_list(fake, arg, text, ret_value);
    }
    bool known = arg->values == NULL;
    for (size_t i = 0; !known && arg->values[i] != NULL; i++) {
        known = strcmp(arg->values[i], text) == 0;
    }
    if (!known || fake_parse(arg->type, text, ret_value) != 0 ||
        (arg->max_length > 0 && fake_characters(text) > arg->max_length)) {
        return tr069_fault(&fake->fault, TR069_INVALID_ARGUMENTS, "%s does not fit", arg->name);
    }
    return TR069_OK;
}

/* Calls an RPC of the plugin: fake_call(fake, "Reboot", "CommandKey", "key"), the method, then names and
 * texts of the arguments, which are checked as the client checks them. The verdict; the response is in
 * fake->replies, the fault in fake->fault. A deferred call is in fake->call until the plugin completes it. */
#define fake_call(fake, ...) fake_call_words(fake, (const char *const[]){__VA_ARGS__, NULL})
static inline int fake_call_words(struct fake_host *fake, const char *const *words) {
    const char *method = *words++;
    struct fake_list given = {NULL, 0};
    for (; words[0] != NULL && words[1] != NULL; words += 2) {
        fake_list_add(&given, words[0], words[1], 0);
    }
    fake_list_clear(&fake->replies);
    memset(&fake->fault, 0, sizeof fake->fault);

    const struct tr069_rpc *rpc = fake_rpc(fake, method);
    size_t count = 0;
    int r = rpc != NULL ? TR069_OK : tr069_fault(&fake->fault, TR069_METHOD_NOT_SUPPORTED, "%s", method);
    struct tr069_value *values = NULL;
    const char *at = rpc != NULL ? (const char *) rpc->args : NULL;
    for (; r == TR069_OK && at != NULL; at += fake->plugin->arg_size) {
        const struct tr069_arg *arg = (const struct tr069_arg *) (const void *) at;
        if (arg->name == NULL) {
            break;
        }
        values = (struct tr069_value *) realloc(values, (count + 1) * sizeof *values);
        if (values == NULL) {
            abort();
        }
        r = fake_arg_value(fake, arg, fake_list_get(&given, arg->name), &values[count++]);
    }
    struct tr069_call *call = (struct tr069_call *) calloc(1, sizeof *call);
    if (call == NULL) {
        abort();
    }
    call->rpc = rpc;
    call->args = values;
    call->fault = &fake->fault;
    call->ctx = fake->ctx;
    call->host = &fake->host;
    call->version = fake->version != 0 ? fake->version : 12;
    if (r == TR069_OK) {
        fake->call = call;
        r = rpc->call(call);
    }
    if (r != TR069_DEFERRED) {
        fake->call = NULL;
        fake_call_free(call);
    }
    fake_list_clear(&given);
    return r;
}

/* ---- Files ------------------------------------------------------------------------------------ */

static inline const struct tr069_file *fake_file(const struct fake_host *fake, const char *file_type) {
    const struct tr069_file *best = NULL;
    const char *at = (const char *) fake->plugin->files;
    for (; at != NULL; at += fake->plugin->file_size) {
        const struct tr069_file *file = (const struct tr069_file *) (const void *) at;
        if (file->file_type == NULL) {
            break;
        }
        size_t length = strlen(file->file_type);
        bool prefix = length > 0 && file->file_type[length - 1] == '*';
        if (prefix ? strncmp(file->file_type, file_type, length - 1) == 0
                   : strcmp(file->file_type, file_type) == 0) {
            best = best == NULL || strlen(best->file_type) < length ? file : best;
        }
    }
    return best;
}

/* accept of the file type; fault 9003 when nobody takes it. */
static inline int fake_accept(struct fake_host *fake, const struct tr069_transfer *transfer) {
    const struct tr069_file *file = fake_file(fake, transfer->file_type);
    memset(&fake->fault, 0, sizeof fake->fault);
    if (file == NULL) {
        return tr069_fault(&fake->fault, TR069_INVALID_ARGUMENTS, "%s: no such file type",
                           transfer->file_type);
    }
    return file->accept != NULL ? file->accept(fake->ctx, transfer, &fake->fault) : TR069_OK;
}

/* Puts a fetched file into use; deferred work is done. The final verdict. */
static inline void fake_settle(struct fake_host *fake);
static inline int fake_install(struct fake_host *fake, const struct tr069_transfer *transfer,
                               const char *path) {
    const struct tr069_file *file = fake_file(fake, transfer->file_type);
    memset(&fake->fault, 0, sizeof fake->fault);
    if (file == NULL || file->install == NULL) {
        return -ENOENT;
    }
    struct tr069_install install = {transfer, path, &fake->fault, fake->ctx, &fake->host};
    unsigned before = fake->installed;
    int r = file->install(&install);
    if (r == TR069_DEFERRED) {
        fake_settle(fake);
        r = fake->installed == before + 1 ? fake->install_verdict : TR069_DEFERRED;
    }
    return r;
}

/* The client tells the plugin that an internal transfer has ended, with fake->fault. */
static inline void fake_ended(struct fake_host *fake, const struct tr069_transfer *transfer) {
    const struct tr069_file *file = fake_file(fake, transfer->file_type);
    if (file != NULL && file->ended != NULL) {
        file->ended(fake->ctx, transfer, &fake->fault);
    }
}

/* ---- Uploads ---------------------------------------------------------------------------------- */

/* Has the file of an upload made; deferred work is done. The final verdict. */
static inline int fake_produce(struct fake_host *fake, const struct tr069_transfer *transfer,
                               const char *path) {
    const struct tr069_upload *best = NULL;
    const char *name =
        transfer->upload != NULL && transfer->upload[0] != '\0' ? transfer->upload : transfer->file_type;
    const char *at = (const char *) fake->plugin->uploads;
    for (; at != NULL; at += fake->plugin->upload_size) {
        const struct tr069_upload *upload = (const struct tr069_upload *) (const void *) at;
        if (upload->name == NULL) {
            break;
        }
        size_t length = strlen(upload->name);
        bool prefix = length > 0 && upload->name[length - 1] == '*';
        if ((prefix ? strncmp(upload->name, name, length - 1) : strcmp(upload->name, name)) == 0) {
            best = best == NULL || strlen(best->name) < length ? upload : best;
        }
    }
    memset(&fake->fault, 0, sizeof fake->fault);
    if (best == NULL) {
        return -ENOENT;
    }
    struct tr069_install file = {transfer, path, &fake->fault, fake->ctx, &fake->host};
    unsigned before = fake->installed;
    int r = best->produce(&file);
    if (r == TR069_DEFERRED) {
        fake_settle(fake);
        r = fake->installed == before + 1 ? fake->install_verdict : TR069_DEFERRED;
    }
    return r;
}

#endif
