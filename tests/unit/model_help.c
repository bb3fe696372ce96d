/* See model_help.h. */
#include "model_help.h"

static void count_warning(void *user, enum log_level level, const char *room, const char *line) {
    struct help *help = user;
    (void) room;
    (void) line;
    if (level <= LOG_LEVEL_WARNING) {
        help->warnings++;
    }
}

void help_begin(struct help *help) {
    const struct log_setup setup = {.level = LOG_LEVEL_DEBUG, .sink = count_warning, .user = help};
    const char *note;
    memset(help, 0, sizeof *help);
    log_configure(&setup);
    CU_ASSERT_FATAL(store_open(NULL, &help->store, &note) == 0);
    CU_ASSERT_FATAL(model_new(TR069_DEV2, help->store, &help->model) == 0);
}

void help_restart(struct help *help) {
    model_free(help->model);
    CU_ASSERT_FATAL(model_new(TR069_DEV2, help->store, &help->model) == 0);
}

void help_end(struct help *help) {
    model_free(help->model);
    store_free(help->store);
}

void help_attach(struct help *help, const struct model_owner *owner) {
    char error[512];
    int r = model_attach(help->model, owner, error, sizeof error);
    if (r < 0) {
        (void) fprintf(stderr, "attach: %s\n", error);
    }
    CU_ASSERT_FATAL(r == 0);
}

static void say(struct help *help, const char *format, ...) TR069_PRINTF(2, 3);
static void say(struct help *help, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(help->text + help->length, sizeof help->text - help->length, format, arguments);
    va_end(arguments);
    if (n > 0 && help->length + (size_t) n < sizeof help->text) {
        help->length += (size_t) n;
    }
}

static void begin(struct help *help) {
    help->length = 0;
    help->text[0] = '\0';
}

static const char *faulted(struct help *help) {
    begin(help);
    say(help, "fault %u\n", help->fault.code);
    return help->text;
}

static int say_value(void *user, const struct model_value *value) {
    struct help *help = user;
    CU_ASSERT_EQUAL(strlen(value->path), value->path_length);
    say(help, "%s=%.*s\n", value->path, (int) value->length, value->text);
    return 0;
}

/* Copies `paths` and cuts it at spaces. */
static size_t split(char *copy, size_t size, const char *paths, const char **ret_paths, size_t max) {
    size_t count = 0;
    (void) snprintf(copy, size, "%s", paths);
    for (char *at = copy; at != NULL && count < max;) {
        char *space = strchr(at, ' ');
        if (space != NULL) {
            *space++ = '\0';
        }
        ret_paths[count++] = strcmp(at, "*") == 0 ? "" : at;
        at = space;
    }
    return count;
}

static int select_paths(struct help *help, const char *paths, struct model_selection **ret_selection) {
    char copy[4096];
    const char *list[64];
    size_t count = split(copy, sizeof copy, paths, list, 64);
    return model_select(help->model, list, count, ret_selection, &help->fault);
}

const char *help_values(struct help *help, const char *paths) {
    struct model_selection *selection;
    size_t lines = 0;
    int r = select_paths(help, paths, &selection);
    begin(help);
    if (r != 0) {
        return faulted(help);
    }
    r = model_selection_values(selection, say_value, help, &help->fault);
    if (r != 0) {
        model_selection_free(selection);
        return faulted(help);
    }
    for (const char *at = help->text; *at != '\0'; at++) {
        lines += *at == '\n' ? 1 : 0;
    }
    CU_ASSERT_EQUAL(model_selection_count(selection), lines);
    model_selection_free(selection);
    return help->text;
}

static int say_name(void *user, const char *path, size_t length, bool writable) {
    CU_ASSERT_EQUAL(strlen(path), length);
    say(user, "%s %s\n", path, writable ? "w" : "-");
    return 0;
}

const char *help_names(struct help *help, const char *path, bool next_level) {
    begin(help);
    if (model_names(help->model, path, next_level, say_name, help, &help->fault) != 0) {
        return faulted(help);
    }
    return help->text;
}

static int say_attributes(void *user, const struct model_attributes *attributes) {
    say(user, "%s=%d %s\n", attributes->path, attributes->notification, attributes->access_list);
    return 0;
}

const char *help_attributes(struct help *help, const char *paths) {
    struct model_selection *selection;
    begin(help);
    if (select_paths(help, paths, &selection) != 0) {
        return faulted(help);
    }
    (void) model_selection_attributes(selection, say_attributes, help);
    model_selection_free(selection);
    return help->text;
}

static const char *set_list(struct help *help, enum model_writer writer, va_list arguments) {
    struct model_assignment assignments[32];
    char names[32][300];
    size_t count = 0;
    const char *argument;
    int r;
    while ((argument = va_arg(arguments, const char *)) != NULL && count < 32) {
        const char *equals = strchr(argument, '=');
        (void) snprintf(names[count], sizeof names[count], "%.*s", (int) (equals - argument), argument);
        assignments[count].path = names[count];
        assignments[count].text = equals + 1;
        assignments[count].length = strlen(equals + 1);
        assignments[count].xsi_type = TR069_STRING;
        count++;
    }
    begin(help);
    r = model_set(help->model, writer, assignments, count, &help->status, &help->fault);
    say(help, "%d\n", r == 0 ? help->status : (int) help->fault.code);
    for (size_t i = 0; i < count; i++) {
        if (assignments[i].fault.code != 0) {
            CU_ASSERT_NOT_EQUAL(r, 0);
            say(help, "%s %u %s\n", assignments[i].path, assignments[i].fault.code,
                assignments[i].fault.text);
        }
    }
    return help->text;
}

const char *help_set(struct help *help, ...) {
    va_list arguments;
    va_start(arguments, help);
    const char *text = set_list(help, MODEL_ACS, arguments);
    va_end(arguments);
    return text;
}

const char *help_set_local(struct help *help, ...) {
    va_list arguments;
    va_start(arguments, help);
    const char *text = set_list(help, MODEL_LOCAL, arguments);
    va_end(arguments);
    return text;
}

const char *help_set_attributes(struct help *help, const char *path, int notification, const char *list) {
    const struct model_attributes_change change = {
        .path = path,
        .change_notification = notification >= 0,
        .notification = notification,
        .change_access_list = list != NULL,
        .access_list = list != NULL ? list : "",
    };
    begin(help);
    if (model_set_attributes(help->model, &change, 1, &help->fault) != 0) {
        return faulted(help);
    }
    say(help, "0\n");
    return help->text;
}

const char *help_inform(struct help *help, struct model_selection **ret_selection) {
    bool changed = false;
    begin(help);
    CU_ASSERT_FATAL(model_select_inform(help->model, NULL, 0, ret_selection, &changed) == 0);
    if (changed) {
        say(help, "changed\n");
    }
    CU_ASSERT_EQUAL(model_selection_values(*ret_selection, say_value, help, &help->fault), 0);
    return help->text;
}

void help_delivered(struct help *help, struct model_selection *selection) {
    model_changes_delivered(help->model, selection);
    model_selection_free(selection);
}
