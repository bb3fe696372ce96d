/* plugins/exec: parameters that programs read and write; the option file declares them.
 *
 * Getters answer from memory. What is older than `cache` is read when a session wants it, some programs at
 * once; who was slow is not waited for. What the ACS sets is kept in the state until its program has carried
 * it out. */
#define _GNU_SOURCE
#include "declaration.h"

#include <stdlib.h>

enum { PARAMETERS_MAX = 64, RUNNING_MAX = 4, VALUE_MAX = 4096, TRIES = 3, AGAIN_MS = 30000 };

enum work { WORK_NONE, WORK_WAITING, WORK_RUNNING };

struct parameter {
    struct exec *exec;
    struct declaration declaration;
    const struct tr069_object *object;
    char *text;           /* what the program said last; NULL: nothing yet */
    char *staged;         /* set in the request at hand, which may yet fail as a whole */
    char *wanted, *given; /* accepted; what the program that runs was given */
    enum work read, write;
    uint64_t read_ms, began_ms;
    bool slow, failed;
    unsigned tries;
};

struct exec {
    const struct tr069_host *host;
    struct parameter *parameters;
    size_t count;
    struct tr069_object *objects;
    struct tr069_param *params;
    unsigned running;
    bool after_session;
};

static void pump(struct exec *exec);

static uint64_t now_ms(const struct exec *exec) {
    return exec->host->monotonic_ms(exec->host);
}

static void full_name(const struct parameter *parameter, char *name, size_t size) {
    const struct tr069_host *host = parameter->exec->host;
    (void) snprintf(name, size, "%s%s%s", host->root(host), parameter->declaration.path,
                    parameter->declaration.name);
}

static void state_key(const struct parameter *parameter, char *key, size_t size) {
    (void) snprintf(key, size, "set/%s%s", parameter->declaration.path, parameter->declaration.name);
}

static int keep(const struct parameter *parameter, const char *value) {
    char key[TR069_NAME_MAX + 8];
    state_key(parameter, key, sizeof key);
    return parameter->exec->host->state_put(parameter->exec->host, key, value);
}

static void replace(char **text, char *with) {
    free(*text);
    *text = with;
}

/* ---- Reading ------------------------------------------------------------------------------------ */

static bool wait_for(const struct exec *exec, const struct tr069_object *object) {
    bool wait = false;
    for (size_t i = 0; i < exec->count; i++) {
        const struct parameter *parameter = &exec->parameters[i];
        wait = wait || (parameter->object == object && parameter->read != WORK_NONE && !parameter->slow);
    }
    return wait;
}

/* Without the blanks and newlines at its end; NULL when it is no value of this parameter. */
static char *value_of(const struct parameter *parameter, const char *output, size_t length) {
    struct tr069_value value;
    while (length > 0 && strchr(" \t\r\n", output[length - 1]) != NULL) {
        length--;
    }
    char *text = memchr(output, '\0', length) == NULL ? strndup(output, length) : NULL;
    if (text != NULL && exec_value(&parameter->declaration, text, &value) < 0) {
        free(text);
        text = NULL;
    }
    return text;
}

static void take_over(struct parameter *parameter, char *text) {
    const struct exec *exec = parameter->exec;
    bool changed = parameter->text != NULL && strcmp(parameter->text, text) != 0;
    char name[2 * TR069_NAME_MAX];
    replace(&parameter->text, text);
    full_name(parameter, name, sizeof name);
    if (changed && parameter->wanted == NULL) {
        exec->host->value_changed(exec->host, name);
    }
}

static void was_read(void *user, int result, const char *output, size_t length) {
    struct parameter *parameter = user;
    struct exec *exec = parameter->exec;
    const struct tr069_host *host = exec->host;
    char *text =
        result == 0 ? value_of(parameter, output != NULL ? output : "", output != NULL ? length : 0) : NULL;
    exec->running--;
    parameter->read = WORK_NONE;
    parameter->read_ms = now_ms(exec);
    parameter->slow = parameter->read_ms - parameter->began_ms >= (uint64_t) host->option_int(host, "wait");
    if (text == NULL && !parameter->failed) { /* once, until it works again */
        host->log(host, TR069_WARNING, "%s%s: %s %s", parameter->declaration.path,
                  parameter->declaration.name, parameter->declaration.get[0],
                  result == 0            ? "printed no value of its type and limits"
                  : result == -ETIMEDOUT ? "did not end in time"
                                         : "failed");
    }
    parameter->failed = text == NULL;
    if (text != NULL) {
        take_over(parameter, text);
    }
    pump(exec);
    if (!wait_for(exec, parameter->object)) {
        host->refreshed(host, parameter->object);
    }
}

static void want_read(struct parameter *parameter) {
    const struct tr069_host *host = parameter->exec->host;
    enum tr069_root root = strcmp(host->root(host), "Device.") == 0 ? TR069_DEV2 : TR069_IGD1;
    if (parameter->read == WORK_NONE && (parameter->declaration.roots & root) != 0) {
        parameter->read = WORK_WAITING;
        parameter->began_ms = now_ms(parameter->exec);
    }
}

static int refresh(const struct tr069_at *at) {
    struct exec *exec = tr069_ctx(at);
    uint64_t now = now_ms(exec), cache = (uint64_t) at->host->option_int(at->host, "cache") * 1000;
    uint64_t wait = (uint64_t) at->host->option_int(at->host, "wait");
    for (size_t i = 0; i < exec->count; i++) {
        struct parameter *parameter = &exec->parameters[i];
        bool fresh = parameter->text != NULL && now - parameter->read_ms < cache;
        if (parameter->object == at->object && !fresh) {
            want_read(parameter);
        }
        parameter->slow =
            parameter->slow || (parameter->read != WORK_NONE && now - parameter->began_ms >= wait);
    }
    pump(exec);
    return wait_for(exec, at->object) ? TR069_DEFERRED : TR069_OK;
}

static struct parameter *parameter_at(const struct tr069_at *at) {
    struct exec *exec = tr069_ctx(at);
    for (size_t i = 0; i < exec->count; i++) {
        if (exec->parameters[i].object == at->object &&
            strcmp(exec->parameters[i].declaration.name, at->param->name) == 0) {
            return &exec->parameters[i];
        }
    }
    return NULL;
}

static int get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct parameter *parameter = parameter_at(at);
    if (parameter == NULL) {
        return -ENOENT;
    }
    const char *text = parameter->staged != NULL   ? parameter->staged
                       : parameter->wanted != NULL ? parameter->wanted
                                                   : parameter->text;
    if (text != NULL && exec_value(&parameter->declaration, text, ret_value) == 0) {
        return TR069_OK;
    }
    bool is_text = parameter->declaration.type == TR069_STRING;
    *ret_value = (struct tr069_value){.type = parameter->declaration.type};
    return is_text ? tr069_value_string(ret_value, "") : TR069_OK;
}

/* ---- Writing ------------------------------------------------------------------------------------ */

/* A value that a program would take for one of its options. */
static bool looks_like_an_option(const struct declaration *declaration, const char *text) {
    const char *const *word = declaration->set;
    bool safe = text[0] != '-';
    for (; !safe && *word != NULL; word++) {
        const char *place = strstr(*word, "%v");
        safe = strcmp(*word, "--") == 0 || (place != NULL && place > *word);
        if (place == *word) {
            return true;
        }
    }
    return !safe;
}

static char *text_of(const struct tr069_value *value) {
    char *text = NULL;
    int r = 0;
    switch (value->type) {
    case TR069_INT:
    case TR069_LONG:
        r = asprintf(&text, "%lld", (long long) value->as.integer);
        break;
    case TR069_UINT:
    case TR069_ULONG:
        r = asprintf(&text, "%llu", (unsigned long long) value->as.number);
        break;
    case TR069_BOOLEAN:
        text = strdup(value->as.boolean ? "true" : "false");
        break;
    default:
        text = strndup(value->as.string, value->length);
        break;
    }
    return r < 0 ? NULL : text;
}

static int set(const struct tr069_at *at, const struct tr069_value *value) {
    struct parameter *parameter = parameter_at(at);
    char *text = parameter != NULL ? text_of(value) : NULL;
    if (text == NULL) {
        return -ENOMEM;
    }
    if (strlen(text) > VALUE_MAX ||
        (value->type == TR069_STRING && looks_like_an_option(&parameter->declaration, text))) {
        free(text);
        return tr069_fault(at->fault, TR069_INVALID_VALUE, "%s: too long, or begins with '-'", at->path);
    }
    replace(&parameter->staged, text);
    return TR069_APPLIED_LATER;
}

/* A request begins: what one before it staged and took back is forgotten. */
static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    struct exec *exec = tr069_ctx(at);
    (void) changes;
    (void) count;
    for (size_t i = 0; i < exec->count; i++) {
        if (exec->parameters[i].object == at->object) {
            replace(&exec->parameters[i].staged, NULL);
        }
    }
    return TR069_OK;
}

static void session_ended(void *user, bool well) {
    struct exec *exec = user;
    (void) well; /* it was accepted and kept; that the ACS may not know it makes no difference */
    exec->after_session = false;
    pump(exec);
}

static void commit(const struct tr069_at *at) {
    struct exec *exec = tr069_ctx(at);
    for (size_t i = 0; i < exec->count; i++) {
        struct parameter *parameter = &exec->parameters[i];
        if (parameter->object != at->object || parameter->staged == NULL) {
            continue;
        }
        replace(&parameter->wanted, parameter->staged);
        parameter->staged = NULL;
        parameter->tries = 0;
        parameter->write = parameter->write == WORK_RUNNING ? WORK_RUNNING : WORK_WAITING;
        int r = keep(parameter, parameter->wanted);
        if (r < 0) {
            at->host->log(at->host, TR069_ERROR, "%s is not kept over a power cut: %s",
                          parameter->declaration.name, strerror(-r));
        }
    }
    if (!exec->after_session) {
        exec->after_session = true; /* outside of a session it is called at once */
        if (at->host->after_session(at->host, session_ended, exec) < 0) {
            session_ended(exec, false);
        }
    }
}

static void again(void *user) {
    struct parameter *parameter = user;
    if (parameter->wanted != NULL && parameter->write == WORK_NONE) {
        parameter->write = WORK_WAITING;
        pump(parameter->exec);
    }
}

static void give_up(struct parameter *parameter) {
    const struct tr069_host *host = parameter->exec->host;
    char name[2 * TR069_NAME_MAX];
    full_name(parameter, name, sizeof name);
    host->log(host, TR069_ERROR, "%s: %s failed %d times: the value of the ACS is not in force", name,
              parameter->declaration.set[0], TRIES);
    replace(&parameter->wanted, NULL);
    (void) keep(parameter, NULL);
    host->value_changed(host, name);
}

static void was_set(void *user, int result, const char *output, size_t length) {
    struct parameter *parameter = user;
    struct exec *exec = parameter->exec;
    bool newer = parameter->wanted == NULL ||
                 (parameter->given != NULL && strcmp(parameter->wanted, parameter->given) != 0);
    (void) output;
    (void) length;
    exec->running--;
    parameter->write = WORK_NONE;
    if (newer) { /* set once more while the program ran */
        parameter->write = parameter->wanted != NULL ? WORK_WAITING : WORK_NONE;
    } else if (result == 0) {
        replace(&parameter->text, parameter->wanted);
        parameter->wanted = NULL;
        (void) keep(parameter, NULL);
        want_read(parameter); /* did it do what it said? */
    } else if (++parameter->tries >= TRIES) {
        give_up(parameter);
        want_read(parameter);
    } else {
        exec->host->log(exec->host, TR069_WARNING, "%s: %s failed, it is tried again",
                        parameter->declaration.name, parameter->declaration.set[0]);
        (void) exec->host->timer(exec->host, AGAIN_MS, again, parameter, NULL);
    }
    replace(&parameter->given, NULL);
    pump(exec);
}

/* ---- Programs ----------------------------------------------------------------------------------- */

static int start(struct exec *exec, const char *const *argv, tr069_run_done *done,
                 struct parameter *parameter) {
    const struct tr069_host *host = exec->host;
    const struct tr069_run run = {.argv = argv,
                                  .deadline_ms = (uint32_t) host->option_int(host, "deadline") * 1000,
                                  .output_max = VALUE_MAX};
    exec->running++;
    return host->run(host, &run, done, parameter, NULL);
}

/* The value in the place of %v, else behind the last argument. */
static int start_set(struct exec *exec, struct parameter *parameter) {
    const char *argv[ARGUMENTS_MAX + 2] = {NULL}, *value = parameter->wanted;
    char *filled = NULL;
    size_t count = 0;
    for (; parameter->declaration.set[count] != NULL; count++) {
        const char *word = parameter->declaration.set[count],
                   *place = filled == NULL ? strstr(word, "%v") : NULL;
        if (place != NULL &&
            asprintf(&filled, "%.*s%s%s", (int) (place - word), word, value, place + 2) < 0) {
            return -ENOMEM;
        }
        argv[count] = place != NULL ? filled : word;
    }
    if (filled == NULL) {
        argv[count] = value;
    }
    replace(&parameter->given, strdup(value));
    int r = parameter->given != NULL ? start(exec, argv, was_set, parameter) : -ENOMEM;
    free(filled);
    return r;
}

/* Starts what waits, as much as may run at once; writing goes first, but not during a session that ordered
 * it. */
static void pump(struct exec *exec) {
    for (size_t i = 0; i < exec->count && exec->running < RUNNING_MAX; i++) {
        struct parameter *parameter = &exec->parameters[i];
        if (parameter->write == WORK_WAITING && !exec->after_session) {
            parameter->write = WORK_RUNNING;
            if (start_set(exec, parameter) < 0) {
                exec->running += parameter->given == NULL;
                was_set(parameter, -ENOENT, NULL, 0);
                return; /* it went on by itself */
            }
        }
    }
    for (size_t i = 0; i < exec->count && exec->running < RUNNING_MAX; i++) {
        struct parameter *parameter = &exec->parameters[i];
        if (parameter->read == WORK_WAITING) {
            parameter->read = WORK_RUNNING;
            if (start(exec, parameter->declaration.get, was_read, parameter) < 0) {
                was_read(parameter, -ENOENT, NULL, 0);
                return;
            }
        }
    }
}

static void poll_all(void *user) {
    struct exec *exec = user;
    const struct tr069_host *host = exec->host;
    uint64_t poll_ms = (uint64_t) host->option_int(host, "poll") * 1000;
    for (size_t i = 0; i < exec->count; i++) {
        want_read(&exec->parameters[i]);
    }
    pump(exec);
    if (poll_ms > 0) {
        (void) host->timer(host, poll_ms, poll_all, exec, NULL);
    }
}

/* ---- Tables ------------------------------------------------------------------------------------- */

/* The entry of the object, a new one if need be. `params` has room for each parameter and for an end of each
 * object. */
static struct tr069_object *object_for(struct exec *exec, const struct declaration *declaration,
                                       size_t *count) {
    for (size_t i = 0; i < *count; i++) {
        struct tr069_object *object = &exec->objects[i];
        if (object->roots == declaration->roots && strcmp(object->path, declaration->path) == 0) {
            return object;
        }
    }
    struct tr069_object *object = &exec->objects[*count];
    *object = (struct tr069_object){.roots = declaration->roots,
                                    .path = declaration->path,
                                    .check = check,
                                    .commit = commit,
                                    .refresh = refresh,
                                    .refresh_ms = (uint32_t) exec->host->option_int(exec->host, "wait")};
    (*count)++;
    return object;
}

static int make_tables(struct exec *exec) {
    size_t objects = 0, used = 0;
    exec->objects = calloc(exec->count + 1, sizeof *exec->objects);
    exec->params = calloc(2 * exec->count + 1, sizeof *exec->params);
    if (exec->objects == NULL || exec->params == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < exec->count; i++) {
        exec->parameters[i].object = object_for(exec, &exec->parameters[i].declaration, &objects);
    }
    for (size_t o = 0; o < objects; o++) {
        exec->objects[o].params = &exec->params[used];
        for (size_t i = 0; i < exec->count; i++) {
            const struct declaration *declaration = &exec->parameters[i].declaration;
            if (exec->parameters[i].object == &exec->objects[o]) {
                exec->params[used++] =
                    (struct tr069_param){.name = declaration->name,
                                         .type = declaration->type,
                                         .flags = declaration->flags,
                                         .min = declaration->min,
                                         .max = declaration->max,
                                         .max_length = declaration->max_length,
                                         .values = (const char *const *) declaration->values,
                                         .get = get,
                                         .set = declaration->set[0] != NULL ? set : NULL,
                                         .help = "read by a program"};
            }
        }
        used++; /* the end of this object's */
    }
    return 0;
}

static int read_parameters(struct exec *exec) {
    const struct tr069_host *host = exec->host;
    const char *const *items = host->option_list(host, "parameters");
    size_t count = 0;
    while (items != NULL && items[count] != NULL) {
        count++;
    }
    if (count > PARAMETERS_MAX) {
        host->log(host, TR069_ERROR, "parameters: more than %d", PARAMETERS_MAX);
        return -EINVAL;
    }
    exec->parameters = calloc(count + 1, sizeof *exec->parameters);
    if (exec->parameters == NULL) {
        return -ENOMEM;
    }
    for (; exec->count < count; exec->count++) {
        struct parameter *parameter = &exec->parameters[exec->count];
        const char *why = "";
        char key[TR069_NAME_MAX + 8];
        parameter->exec = exec;
        int r = exec_declaration_read(items[exec->count], &parameter->declaration, &why);
        if (r < 0) {
            exec_declaration_free(&parameter->declaration);
            host->log(host, TR069_ERROR, "parameters: \"%s\": %s", items[exec->count],
                      r == -EINVAL ? why : strerror(-r));
            return r;
        }
        state_key(parameter, key, sizeof key);
        const char *kept = parameter->declaration.set[0] != NULL ? host->state_get(host, key) : NULL;
        parameter->wanted = kept != NULL ? strdup(kept) : NULL;
        parameter->write = parameter->wanted != NULL ? WORK_WAITING : WORK_NONE;
    }
    return make_tables(exec);
}

/* ---- Life --------------------------------------------------------------------------------------- */

static int exec_init(const struct tr069_host *host, void **ret_ctx) {
    struct exec *exec = calloc(1, sizeof *exec);
    if (exec == NULL) {
        return -ENOMEM;
    }
    exec->host = host;
    *ret_ctx = exec;
    return read_parameters(exec);
}

static const struct tr069_object *exec_tables(void *ctx) {
    const struct exec *exec = ctx;
    return exec->count > 0 ? exec->objects : NULL;
}

/* What was set before a power cut is carried out; all is read, for the first session. */
static int exec_start(void *ctx) {
    poll_all(ctx);
    return 0;
}

static void exec_destroy(void *ctx) {
    struct exec *exec = ctx;
    for (size_t i = 0; exec != NULL && i < exec->count; i++) {
        struct parameter *parameter = &exec->parameters[i];
        exec_declaration_free(&parameter->declaration);
        free(parameter->text);
        free(parameter->staged);
        free(parameter->wanted);
        free(parameter->given);
    }
    if (exec != NULL) {
        free(exec->parameters);
        free(exec->objects);
        free(exec->params);
        free(exec);
    }
}

/* The state is forgotten: so is what waits in it. */
static void exec_forget(void *ctx) {
    struct exec *exec = ctx;
    for (size_t i = 0; i < exec->count; i++) {
        replace(&exec->parameters[i].wanted, NULL);
        if (exec->parameters[i].write == WORK_WAITING) {
            exec->parameters[i].write = WORK_NONE;
        }
    }
}

static const struct tr069_option options[] = {
    {"parameters", TR069_OPTION_LIST, "", .help = "PATH TYPE [LIMIT=]... get: PROGRAM... [set: PROGRAM...]"},
    {"deadline", TR069_OPTION_INT, "10", 1, 300, .help = "seconds that a program may take"},
    {"cache", TR069_OPTION_INT, "10", 0, 86400, .help = "seconds that a value serves"},
    {"wait", TR069_OPTION_INT, "1000", 1, 60000, .help = "milliseconds that a session waits"},
    {"poll", TR069_OPTION_INT, "0", 0, 86400, .help = "seconds between two looks for a change; 0: none"},
    {0}};

TR069_PLUGIN(.name = "exec", .version = "1", .summary = "parameters read and written by programs",
             .options = options, .init = exec_init, .start = exec_start, .destroy = exec_destroy,
             .forget = exec_forget, .tables = exec_tables);
