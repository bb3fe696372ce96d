/* A plugin for the rows of the conformance list: tables that the ACS may add to, and values of every kind. */
#include <tr069/plugin.h>

#include <stdlib.h>

struct tables {
    const struct tr069_host *host;
    int64_t later, applied; /* set, and in force */
    int64_t source;
    uint32_t rows[4]; /* of Own */
    size_t count;
};

/* ---- values ---- */

static int later_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_int(ret_value, ((struct tables *) tr069_ctx(at))->later);
}

static void apply_later(void *user, bool well) {
    struct tables *tables = user;
    (void) well;
    tables->applied = tables->later;
    tables->host->log(tables->host, TR069_NOTICE, "Later is %d now", (int) tables->applied);
}

static int later_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct tables *tables = tr069_ctx(at);
    int r;
    if (value->as.integer == tables->later) {
        return TR069_OK;
    }
    tables->later = value->as.integer;
    r = at->host->after_session(at->host, apply_later, tables);
    return r < 0 ? r : TR069_APPLIED_LATER;
}

static int applied_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_int(ret_value, ((struct tables *) tr069_ctx(at))->applied);
}

static int source_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_int(ret_value, ((struct tables *) tr069_ctx(at))->source);
}

static int source_set(const struct tr069_at *at, const struct tr069_value *value) {
    ((struct tables *) tr069_ctx(at))->source = value->as.integer;
    return TR069_OK;
}

static int consequence_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_int(ret_value, ((struct tables *) tr069_ctx(at))->source * 2);
}

static int broken_set(const struct tr069_at *at, const struct tr069_value *value) {
    return value->as.string[0] == '\0' ? TR069_OK : tr069_fault(at->fault, TR069_REQUEST_DENIED, "not now");
}

static int broken_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_string(ret_value, "");
}

static int64_t limit(const struct tr069_at *at, const char *name) {
    char path[TR069_NAME_MAX + 1], text[32];
    (void) snprintf(path, sizeof path, "%s%s", at->path, name);
    return at->host->get(at->host, path, text, sizeof text) == 0 ? strtol(text, NULL, 10) : 0;
}

static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    int64_t low = limit(at, "Low"), high = limit(at, "High");
    struct tr069_fault *fault = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(changes[i].param->name, "Low") == 0) {
            low = changes[i].value->as.integer;
            fault = changes[i].fault;
        } else if (strcmp(changes[i].param->name, "High") == 0) {
            high = changes[i].value->as.integer;
            fault = changes[i].fault;
        }
    }
    return fault != NULL && low > high ? tr069_fault(fault, TR069_INVALID_VALUE, "Low is above High")
                                       : TR069_OK;
}

static void commit(const struct tr069_at *at) {
    char path[TR069_NAME_MAX + 1];
    (void) snprintf(path, sizeof path, "%sConsequence", at->path);
    at->host->value_changed(at->host, path);
}

static const char *const kinds[] = {"Good", "Fine", NULL};
static const struct tr069_param value_params[] = {
    {"Low", TR069_INT, TR069_STORED, .value = "10"},
    {"High", TR069_INT, TR069_STORED, .value = "20"},
    {"Number", TR069_INT, TR069_STORED, .value = "0", .min = -5, .max = 10},
    {"Unsigned", TR069_UINT, TR069_STORED, .value = "0"},
    {"Flag", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"Kind", TR069_STRING, TR069_STORED, .value = "Good", .values = kinds},
    {"Text", TR069_STRING, TR069_STORED, .value = "", .max_length = 8},
    {"Time", TR069_DATETIME, TR069_STORED, .value = "0001-01-01T00:00:00Z"},
    {"Base", TR069_BASE64, TR069_STORED, .value = ""},
    {"Secret", TR069_STRING, TR069_STORED | TR069_HIDDEN, .value = "secret"},
    {"Later", TR069_INT, .get = later_get, .set = later_set},
    {"Applied", TR069_INT, .get = applied_get},
    {"Source", TR069_INT, .get = source_get, .set = source_set},
    {"Consequence", TR069_INT, .get = consequence_get},
    {"Broken", TR069_STRING, .get = broken_get, .set = broken_set},
    {"Reference", TR069_STRING, TR069_STORED | TR069_REFERENCE, .value = ""},
    {"References", TR069_STRING, TR069_STORED | TR069_REFERENCE | TR069_CSV, .value = ""},
    {0}};

/* ---- tables ---- */

static int own_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    struct tables *tables = tr069_ctx(at);
    for (size_t i = 0; i < tables->count; i++) {
        (void) tr069_row(rows, tables->rows[i], &tables->rows[i]);
    }
    return TR069_OK;
}

static int own_add(const struct tr069_at *at, uint32_t *ret_instance) {
    struct tables *tables = tr069_ctx(at);
    if (tables->count == 2) {
        return tr069_fault(at->fault, TR069_REQUEST_DENIED, "two are enough");
    }
    tables->rows[tables->count] = tables->count == 0 ? 5 : tables->rows[tables->count - 1] + 1;
    *ret_instance = tables->rows[tables->count++];
    return TR069_APPLIED_LATER;
}

static int own_remove(const struct tr069_at *at) {
    struct tables *tables = tr069_ctx(at);
    size_t kept = 0;
    for (size_t i = 0; i < tables->count; i++) {
        if (tables->rows[i] != tr069_instance(at)) {
            tables->rows[kept++] = tables->rows[i];
        }
    }
    tables->count = kept;
    return TR069_OK;
}

static const struct tr069_param row_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"Name", TR069_STRING, TR069_STORED, .value = "new", .max_length = 16},
    {"SubNumberOfEntries", TR069_UINT, .entries_of = "X_TR069CLIENT_Row.{i}.Sub."},
    {0}};
static const struct tr069_param sub_params[] = {
    TR069_ALIAS_PARAM, {"Name", TR069_STRING, TR069_STORED, .value = ""}, {0}};
static const struct tr069_param root_params[] = {
    {"X_TR069CLIENT_RowNumberOfEntries", TR069_UINT, .entries_of = "X_TR069CLIENT_Row."}, {0}};

static const struct tr069_object objects[] = {
    {TR069_BOTH, "", root_params},
    {TR069_BOTH, "X_TR069CLIENT_Values.", value_params, .check = check, .commit = commit},
    {TR069_BOTH, "X_TR069CLIENT_Row.{i}.", row_params, TR069_STORED_ROWS, .max_rows = 3},
    {TR069_BOTH, "X_TR069CLIENT_Row.{i}.Sub.{i}.", sub_params, TR069_STORED_ROWS},
    {TR069_BOTH, "X_TR069CLIENT_Own.{i}.", sub_params, .instances = own_rows, .add = own_add,
     .remove = own_remove},
    {0}};

static int init(const struct tr069_host *host, void **ret_ctx) {
    struct tables *tables = calloc(1, sizeof *tables);
    if (tables == NULL) {
        return -ENOMEM;
    }
    tables->host = host;
    *ret_ctx = tables;
    return 0;
}

static void destroy(void *ctx) {
    free(ctx);
}

TR069_PLUGIN(.name = "tables", .version = "1", .summary = "tables and values to test with",
             .objects = objects, .init = init, .destroy = destroy);
