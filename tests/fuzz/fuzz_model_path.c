/* Fuzz target of the model: whatever text comes as a path or value, it resolves or is a fault.
 *
 * The input is a list of lines; the first character says what is done with the rest: n N names (all, next
 * level), v values, s set PATH=VALUE, l the same by a local writer, a add, d delete, t attributes (a digit
 * first), c changed, g get, i an Inform and its answer, r a restart. */
#include "base/log.h"
#include "model/model.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int rows(const struct tr069_at *at, struct tr069_rows *list) {
    int r = tr069_row(list, 1, NULL);
    return r < 0 || at->depth > 0 ? r : tr069_row(list, UINT32_MAX, NULL);
}

static int get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_format(ret_value, "%u", (unsigned) tr069_instance(at));
}

static int set(const struct tr069_at *at, const struct tr069_value *value) {
    /* reads all of it: a sanitizer sees a text that does not end */
    size_t length = value->as.string != NULL ? strlen(value->as.string) : 0;
    return length % 7 == 6 ? tr069_fault(at->fault, TR069_INVALID_VALUE, "no") : TR069_OK;
}

static const char *const modes[] = {"On", "Off", NULL};
static const struct tr069_param params[] = {
    {"A", TR069_STRING, TR069_STORED, TR069_NOTIFY_DEFAULT_ACTIVE, .max_length = 32},
    {"B", TR069_STRING, TR069_INFORM, TR069_NOTIFY_FORCED, .get = get, .set = set},
    {"C", TR069_UINT, TR069_STORED, TR069_NOTIFY_CAN_DENY, .min = 1, .max = 99, .value = "5"},
    {"D", TR069_DATETIME, TR069_STORED},
    {"E", TR069_STRING, TR069_STORED | TR069_CSV, .values = modes},
    {"F", TR069_BASE64, TR069_STORED | TR069_HIDDEN, .max_length = 6},
    {"G", TR069_DECIMAL, TR069_STORED, .min = -1, .max = 1},
    {"H", TR069_STRING, TR069_STORED, .pattern = "([a-z]+:)*[0-9]{0,4}", .max_length = 24},
    {"N", TR069_UINT, .entries_of = "T."},
    {0},
};
static const struct tr069_param leaves[] = {{"P", TR069_STRING, TR069_STORED}, {0}};
static const struct tr069_object objects[] = {
    {TR069_DEV2, "", params},
    {TR069_DEV2, "O.Inner.", leaves},
    {TR069_DEV2, "T.{i}.", leaves, .instances = rows},
    {TR069_DEV2, "T.{i}.U.{i}.", leaves, .instances = rows},
    {TR069_DEV2, "S.{i}.", leaves, TR069_STORED_ROWS, .max_rows = 8},
    {TR069_DEV2, "S.{i}.V.{i}.", leaves, TR069_STORED_ROWS, .max_rows = 4},
    {TR069_DEV2, "W.{i}.", leaves},
    {0},
};
static const struct tr069_plugin plugin = {.param_size = sizeof(struct tr069_param),
                                           .object_size = sizeof(struct tr069_object),
                                           .name = "fuzz",
                                           .objects = objects};
static const struct model_owner owner = {&plugin, NULL, NULL};

static struct store *store;
static struct model *model;
static struct tr069_fault fault;

static void insist(bool holds) {
    if (!holds) {
        abort();
    }
}

static void start(void) {
    char error[256];
    insist(model_new(TR069_DEV2, store, &model) == 0);
    insist(model_attach(model, &owner, error, sizeof error) == 0);
}

static int on_name(void *user, const char *path, size_t length, bool writable) {
    const char *const paths[] = {path};
    struct model_selection *selection;
    (void) writable;
    insist(strlen(path) == length && length <= TR069_NAME_MAX);
    insist(model_select(model, paths, 1, &selection, &fault) == 0); /* what is named can be read */
    model_selection_free(selection);
    ++*(size_t *) user;
    return 0;
}

static int on_value(void *user, const struct model_value *value) {
    insist(strlen(value->path) == value->path_length);
    insist(value->length == 0 || memchr(value->text, '\0', value->length) == NULL);
    ++*(size_t *) user;
    return 0;
}

static void do_names(const char *path, bool next_level) {
    size_t count = 0;
    int r = model_names(model, path, next_level, on_name, &count, &fault);
    insist(r == 0 ||
           (count == 0 && (fault.code == TR069_INVALID_NAME || fault.code == TR069_INVALID_ARGUMENTS)));
}

static void do_values(const char *path) {
    const char *const paths[] = {path, "Device.B", path};
    struct model_selection *selection;
    size_t count = 0;
    if (model_select(model, paths, 3, &selection, &fault) != 0) {
        insist(fault.code == TR069_INVALID_NAME);
        return;
    }
    insist(model_selection_values(selection, on_value, &count, &fault) == 0);
    insist(model_selection_count(selection) == count);
    model_selection_free(selection);
}

static void do_set(char *path, enum model_writer writer) {
    char *text = strchr(path, '=');
    struct model_assignment assignments[2];
    int status;
    if (text == NULL) {
        return;
    }
    *text++ = '\0';
    memset(assignments, 0, sizeof assignments);
    assignments[0].path = path;
    assignments[0].text = text;
    assignments[0].length = strlen(text);
    assignments[1].path = "Device.O.Inner.P";
    assignments[1].text = "x";
    assignments[1].length = 1;
    if (model_set(model, writer, assignments, 2, &status, &fault) != 0) {
        insist(fault.code == TR069_INVALID_ARGUMENTS || fault.code == TR069_RESOURCES_EXCEEDED);
    } else {
        insist(assignments[0].fault.code == 0 && assignments[1].fault.code == 0);
    }
}

static void do_inform(const char *path) {
    const char *const extra[] = {path};
    struct model_selection *selection;
    size_t count = 0;
    bool changed;
    (void) model_changes_scan(model);
    insist(model_select_inform(model, extra, 1, &selection, &changed) == 0);
    insist(model_selection_values(selection, on_value, &count, &fault) == 0);
    insist(model_selection_count(selection) == count);
    model_changes_delivered(model, selection);
    model_selection_free(selection);
    insist((model_changes_pending(model) & (MODEL_PASSIVE | MODEL_ACTIVE)) == 0);
    insist(model_select_light(model, &selection) == 0);
    count = 0;
    insist(model_selection_values(selection, on_value, &count, &fault) == 0);
    model_light_sent(model, selection);
    model_selection_free(selection);
    insist(model_changes_pending(model) == MODEL_UNCHANGED);
}

static void do_objects(char what, const char *path) {
    uint32_t instance = 0;
    int status;
    int r = what == 'a' ? model_add_object(model, path, &instance, &status, &fault)
                        : model_delete_object(model, path, &status, &fault);
    insist(r == 0 || fault.code == TR069_INVALID_NAME || fault.code == TR069_RESOURCES_EXCEEDED);
}

static void do_attributes(const char *path) {
    struct model_attributes_change change = {path, true, 1, false, NULL};
    if (path[0] >= '0' && path[0] <= '9') {
        change.notification = path[0] - '0';
        change.path++;
    }
    (void) model_set_attributes(model, &change, 1, &fault);
}

static void one(char *line) {
    char small[16];
    switch (line[0]) {
    case 'n':
    case 'N':
        do_names(line + 1, line[0] == 'N');
        break;
    case 'v':
        do_values(line + 1);
        break;
    case 's':
        do_set(line + 1, MODEL_ACS);
        break;
    case 'l':
        do_set(line + 1, MODEL_LOCAL);
        break;
    case 'a':
    case 'd':
        do_objects(line[0], line + 1);
        break;
    case 't':
        do_attributes(line + 1);
        break;
    case 'c':
        (void) model_changed(model, line + 1);
        break;
    case 'g':
        (void) model_get(model, line + 1, small, sizeof small);
        (void) model_may_show(model, line + 1);
        break;
    case 'i':
        do_inform(line + 1);
        break;
    case 'r':
        model_free(model);
        start();
        break;
    default:
        break;
    }
}

static void no_log(void *user, enum log_level level, const char *room, const char *line) {
    (void) user;
    (void) level;
    (void) room;
    (void) line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct log_setup setup = {.level = LOG_LEVEL_DEBUG, .sink = no_log};
    const char *note;
    unsigned lines = 0;
    log_configure(&setup);
    insist(store_open(NULL, &store, &note) == 0);
    start();
    for (size_t at = 0; at < size && lines < 64; lines++) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t length = end != NULL ? (size_t) (end - (data + at)) : size - at;
        char *line = malloc(length + 1); /* exactly as long as it is */
        insist(line != NULL);
        memcpy(line, data + at, length);
        line[length] = '\0';
        one(line);
        free(line);
        at += length + 1;
    }
    model_free(model);
    store_free(store);
    return 0;
}
