/* Settings by table; libconfuse parses, this file knows types, limits and origins. */
#include <config.h>

#include "agent/settings.h"

#include "agent/conf_file.h"
#include "base/buffer.h"
#include "base/text.h"

#include <confuse.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALUE_MAX = 4096, ITEMS_MAX = 256 };

struct setting {
    const struct tr069_option *option;
    char *text;   /* STRING and PATH as written; INT and BOOL in their usual form; NULL for a LIST */
    char *path;   /* PATH with its prefix */
    char **items; /* LIST, ends with NULL */
    int64_t number;
    bool yes;
    char *origin; /* NULL: the default */
};

struct settings {
    struct setting *list;
    size_t count;
    char *prefix;
};

static const struct tr069_option *option_at(const struct tr069_option *options, size_t stride, size_t index) {
    return (const struct tr069_option *) (const void *) ((const char *) (const void *) options +
                                                         index * stride);
}

static void items_free(char **items) {
    for (size_t i = 0; items != NULL && items[i] != NULL; i++) {
        free(items[i]);
    }
    free(items);
}

static void setting_clear(struct setting *setting) {
    free(setting->text);
    free(setting->path);
    items_free(setting->items);
    free(setting->origin);
    setting->text = setting->path = setting->origin = NULL;
    setting->items = NULL;
}

/* The prefix of relative paths; the sandbox of a test lives on it. */
static char *path_with_prefix(const char *prefix, const char *path) {
    if (path[0] == '\0' || path[0] == '/' || prefix == NULL || prefix[0] == '\0') {
        return text_dup(path);
    }
    struct buffer buffer;
    buffer_init(&buffer, 2 * PATH_MAX);
    (void) buffer_format(&buffer, "%s/%s", prefix, path);
    char *joined = buffer_error(&buffer) == 0 ? buffer_take(&buffer) : NULL;
    buffer_free(&buffer);
    return joined;
}

static int fail(char *ret_error, size_t error_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int fail(char *ret_error, size_t error_size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(ret_error, error_size, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static bool one_of(const char *const *values, const char *text) {
    for (size_t i = 0; values[i] != NULL; i++) {
        if (strcmp(values[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static int check_text(const struct tr069_option *option, const char *text, char *ret_error,
                      size_t error_size) {
    if (strlen(text) > VALUE_MAX) {
        return fail(ret_error, error_size, "option '%s' is longer than %d characters", option->name,
                    VALUE_MAX);
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char) *c < ' ' && *c != '\t') {
            return fail(ret_error, error_size, "option '%s' holds a control character", option->name);
        }
    }
    if (option->values != NULL && !one_of(option->values, text)) {
        struct buffer words;
        buffer_init(&words, 512);
        for (size_t i = 0; option->values[i] != NULL; i++) {
            (void) buffer_format(&words, "%s\"%s\"", i > 0 ? ", " : "", option->values[i]);
        }
        (void) fail(ret_error, error_size, "option '%s' is \"%s\", but must be one of %s", option->name, text,
                    buffer_string(&words));
        buffer_free(&words);
        return -EINVAL;
    }
    return 0;
}

/* Each `take` puts one checked value into a setting whose old value is gone. */
static int take_text(struct setting *setting, const char *prefix, const char *text, char *ret_error,
                     size_t error_size) {
    int r = check_text(setting->option, text, ret_error, error_size);
    if (r < 0) {
        return r;
    }
    setting->text = text_dup(text);
    setting->path = setting->option->type == TR069_OPTION_PATH ? path_with_prefix(prefix, text) : NULL;
    bool ok = setting->text != NULL && (setting->option->type != TR069_OPTION_PATH || setting->path != NULL);
    return ok ? 0 : -ENOMEM;
}

static int take_int(struct setting *setting, int64_t number, char *ret_error, size_t error_size) {
    const struct tr069_option *option = setting->option;
    if ((option->min != 0 || option->max != 0) && (number < option->min || number > option->max)) {
        return fail(ret_error, error_size, "option '%s' is %lld, but must be from %lld to %lld", option->name,
                    (long long) number, (long long) option->min, (long long) option->max);
    }
    char text[32];
    (void) snprintf(text, sizeof text, "%lld", (long long) number);
    setting->number = number;
    setting->text = text_dup(text);
    return setting->text != NULL ? 0 : -ENOMEM;
}

/* The same in files and on the command line: decimal, and of 64 bits wherever the client runs. */
static int take_number(struct setting *setting, const char *text, char *ret_error, size_t error_size) {
    int64_t number = 0;
    if (text_parse_int(text, INT64_MIN, INT64_MAX, &number) < 0) {
        return fail(ret_error, error_size, "option '%s' is \"%.64s\", which is not a number",
                    setting->option->name, text);
    }
    return take_int(setting, number, ret_error, error_size);
}

static int take_bool(struct setting *setting, bool yes) {
    setting->yes = yes;
    setting->text = text_dup(yes ? "true" : "false");
    return setting->text != NULL ? 0 : -ENOMEM;
}

static int take_item(struct setting *setting, const char *text, size_t length, char *ret_error,
                     size_t error_size) {
    size_t count = 0;
    while (setting->items != NULL && setting->items[count] != NULL) {
        count++;
    }
    if (count >= ITEMS_MAX) {
        return fail(ret_error, error_size, "option '%s' has more than %d items", setting->option->name,
                    ITEMS_MAX);
    }
    char **items = realloc(setting->items, (count + 2) * sizeof *items);
    if (items == NULL) {
        return -ENOMEM;
    }
    setting->items = items;
    items[count] = strndup(text, length);
    items[count + 1] = NULL;
    return items[count] != NULL ? check_text(setting->option, items[count], ret_error, error_size) : -ENOMEM;
}

static int take_words(struct setting *setting, const char *text, char *ret_error, size_t error_size) {
    setting->items = calloc(1, sizeof *setting->items);
    if (setting->items == NULL) {
        return -ENOMEM;
    }
    for (const char *word = text + strspn(text, " "); *word != '\0'; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        int r = take_item(setting, word, length, ret_error, error_size);
        if (r < 0) {
            return r;
        }
        word += length;
    }
    return 0;
}

/* Replaces the value by what the text says, or leaves it as it was. Without an origin it is the default. */
static int setting_from_text(struct setting *setting, const char *prefix, const char *text,
                             const char *origin, char *ret_error, size_t error_size) {
    struct setting fresh = {.option = setting->option};
    bool yes = false;
    int r = -EINVAL;
    bool number_or_yes =
        setting->option->type == TR069_OPTION_INT || setting->option->type == TR069_OPTION_BOOL;
    text = text != NULL ? text : number_or_yes ? "0" : ""; /* a table without a default */
    switch (setting->option->type) {
    case TR069_OPTION_STRING:
    case TR069_OPTION_PATH:
        r = take_text(&fresh, prefix, text, ret_error, error_size);
        break;
    case TR069_OPTION_INT:
        r = take_number(&fresh, text, ret_error, error_size);
        break;
    case TR069_OPTION_BOOL:
        r = text_parse_bool(text, &yes);
        r = r < 0 ? fail(ret_error, error_size, "option '%s' is \"%s\", but must be true or false",
                         setting->option->name, text)
                  : take_bool(&fresh, yes);
        break;
    case TR069_OPTION_LIST:
        r = take_words(&fresh, text, ret_error, error_size);
        break;
    }
    if (r == 0 && origin != NULL && (fresh.origin = text_dup(origin)) == NULL) {
        r = -ENOMEM;
    }
    if (r < 0) {
        setting_clear(&fresh);
        return r;
    }
    setting_clear(setting);
    *setting = fresh;
    return 0;
}

static size_t count_options(const struct tr069_option *options, size_t stride) {
    size_t count = 0;
    while (options != NULL && option_at(options, stride, count)->name != NULL) {
        count++;
    }
    return count;
}

int settings_new(const struct tr069_option *common, const struct tr069_option *options, size_t stride,
                 const char *prefix, struct settings **ret_settings, char *ret_error, size_t error_size) {
    const size_t first = count_options(common, sizeof *common);
    const size_t count = first + count_options(options, stride);
    struct settings *settings = calloc(1, sizeof *settings);
    if (settings == NULL) {
        return -ENOMEM;
    }
    settings->list = calloc(count + 1, sizeof *settings->list);
    settings->prefix = text_dup(prefix != NULL ? prefix : "");
    int r = settings->list != NULL && settings->prefix != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct setting *setting = &settings->list[settings->count++];
        setting->option = i < first ? &common[i] : option_at(options, stride, i - first);
        r = setting_from_text(setting, prefix, setting->option->value, NULL, ret_error, error_size);
    }
    if (r < 0) {
        settings_free(settings);
        return r;
    }
    *ret_settings = settings;
    return 0;
}

void settings_free(struct settings *settings) {
    if (settings == NULL) {
        return;
    }
    for (size_t i = 0; i < settings->count; i++) {
        setting_clear(&settings->list[i]);
    }
    free(settings->list);
    free(settings->prefix);
    free(settings);
}

/* ---- libconfuse ---- */

struct parse {
    char *error;
    size_t error_size;
    bool failed;
};

/* libconfuse hands its error function no user pointer but the cfg_t; the place for the message hangs on
 * its title, which is unused at the top level. */
static void on_error(cfg_t *cfg, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
static void on_error(cfg_t *cfg, const char *format, va_list arguments) {
    struct parse *parse = (struct parse *) (void *) cfg->title;
    if (parse == NULL || parse->failed) {
        return;
    }
    parse->failed = true;
    int n = 0;
    if (cfg->filename != NULL) {
        n = snprintf(parse->error, parse->error_size, "%s:%d: ", cfg->filename, cfg->line);
    }
    if (n >= 0 && (size_t) n < parse->error_size) {
        (void) vsnprintf(parse->error + n, parse->error_size - (size_t) n, format, arguments);
    }
}

/* Called when an option was read: the only moment at which its line is known; kept as its comment. */
static int on_option(cfg_t *cfg, cfg_opt_t *opt) {
    char place[PATH_MAX + 32];
    (void) snprintf(place, sizeof place, "%s:%d", cfg->filename != NULL ? cfg->filename : "?", cfg->line);
    return cfg_opt_setcomment(opt, place) == CFG_SUCCESS ? 0 : -1;
}

/* libconfuse is asked about those only that the text may name: each costs it much more than this look. */
static bool may_be_named(const struct setting *setting, const char *text) {
    return strstr(text, setting->option->name) != NULL;
}

/* Of the options that the text may name. `not_given` is what a list holds that it does not name after all; it
 * lives until cfg_init(), which copies it. */
static cfg_opt_t *confuse_table(const struct settings *settings, const char *text, char *not_given) {
    cfg_opt_t *table = calloc(settings->count + 1, sizeof *table);
    size_t count = 0;
    for (size_t i = 0; table != NULL && i < settings->count; i++) {
        const char *name = settings->list[i].option->name;
        const cfg_opt_t string = CFG_STR(name, NULL, CFGF_NODEFAULT);
        const cfg_opt_t yes = CFG_BOOL(name, cfg_false, CFGF_NODEFAULT);
        const cfg_opt_t list = CFG_STR_LIST(name, not_given, CFGF_NONE);
        if (!may_be_named(&settings->list[i], text)) {
            continue;
        }
        switch (settings->list[i].option->type) {
        case TR069_OPTION_STRING:
        case TR069_OPTION_PATH:
        case TR069_OPTION_INT: /* libconfuse's numbers are long, which may have 32 bits */
            table[count++] = string;
            break;
        case TR069_OPTION_BOOL:
            table[count++] = yes;
            break;
        case TR069_OPTION_LIST:
            table[count++] = list;
            break;
        }
    }
    if (table != NULL) {
        const cfg_opt_t end = CFG_END();
        table[count] = end;
    }
    return table;
}

static int setting_from_confuse(struct setting *setting, const char *prefix, const char *path, cfg_opt_t *opt,
                                char *ret_error, size_t error_size) {
    struct setting fresh = {.option = setting->option};
    char why[512] = "";
    const char *text = setting->option->type != TR069_OPTION_BOOL ? cfg_opt_getnstr(opt, 0) : NULL;
    int r = 0;
    text = text != NULL ? text : "";
    switch (setting->option->type) {
    case TR069_OPTION_STRING:
    case TR069_OPTION_PATH:
        r = take_text(&fresh, prefix, text, why, sizeof why);
        break;
    case TR069_OPTION_INT:
        r = take_number(&fresh, text, why, sizeof why);
        break;
    case TR069_OPTION_BOOL:
        r = take_bool(&fresh, cfg_opt_getnbool(opt, 0) == cfg_true);
        break;
    case TR069_OPTION_LIST:
        r = take_words(&fresh, "", why, sizeof why);
        for (unsigned i = 0; r == 0 && i < cfg_opt_size(opt); i++) {
            const char *item = cfg_opt_getnstr(opt, i);
            r = take_item(&fresh, item, strlen(item), why, sizeof why);
        }
        break;
    }
    const char *place = cfg_opt_getcomment(opt) != NULL ? cfg_opt_getcomment(opt) : path;
    if (r == 0 && (fresh.origin = text_dup(place)) == NULL) {
        r = -ENOMEM;
    }
    if (r < 0) {
        setting_clear(&fresh);
        return r == -EINVAL ? fail(ret_error, error_size, "%s: %s", place, why) : r;
    }
    setting_clear(setting);
    *setting = fresh;
    return 0;
}

/* Does the file say something about it? libconfuse calls nobody when it has read {}, but then the list is
 * empty. */
static bool is_given(const struct setting *setting, cfg_opt_t *opt) {
    return opt != NULL && (cfg_opt_getcomment(opt) != NULL ||
                           (setting->option->type == TR069_OPTION_LIST && cfg_opt_size(opt) == 0));
}

/* Without a section the file wins over what is set; with one it fills in what nobody has set. */
static bool takes(const struct setting *setting, const char *section) {
    return section == NULL || setting->origin == NULL;
}

static int parse(struct settings *settings, const char *path, const char *section, char *text,
                 char *ret_error, size_t error_size) {
    char not_given[] = "{\"not given\"}";
    cfg_opt_t *table = confuse_table(settings, text, not_given);
    cfg_t *cfg = table != NULL ? cfg_init(table, CFGF_NONE) : NULL;
    FILE *stream = fmemopen(text, strlen(text), "r");
    int r = -ENOMEM;
    if (cfg == NULL || stream == NULL) {
        goto end;
    }
    struct parse state = {ret_error, error_size, false};
    char *title = cfg->title;
    cfg->title = (char *) (void *) &state;
    (void) cfg_set_error_function(cfg, on_error);
    for (size_t i = 0; i < settings->count; i++) {
        if (may_be_named(&settings->list[i], text)) {
            (void) cfg_set_validate_func(cfg, settings->list[i].option->name, on_option);
        }
    }
    cfg->filename = strdup(path); /* freed with cfg */
    if (cfg->filename != NULL) {
        r = cfg_parse_fp(cfg, stream) == CFG_SUCCESS ? 0 : -EINVAL;
    }
    if (r == -EINVAL && !state.failed) {
        (void) fail(ret_error, error_size, "%s: cannot be parsed", path);
    }
    for (size_t i = 0; r == 0 && i < settings->count; i++) {
        cfg_opt_t *opt =
            may_be_named(&settings->list[i], text) ? cfg_getopt(cfg, settings->list[i].option->name) : NULL;
        if (is_given(&settings->list[i], opt) && takes(&settings->list[i], section)) {
            r = setting_from_confuse(&settings->list[i], settings->prefix, path, opt, ret_error, error_size);
        }
    }
    cfg->title = title;
end:
    if (cfg != NULL) {
        (void) cfg_free(cfg);
    }
    free(table);
    if (stream != NULL) {
        (void) fclose(stream);
    }
    return r;
}

static struct setting *find(const struct settings *settings, const char *name) {
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->list[i].option->name, name) == 0) {
            return &settings->list[i];
        }
    }
    return NULL;
}

int settings_take(struct settings *settings, const struct conf_file *file, const char *section,
                  char *ret_error, size_t error_size) {
    char *text = NULL, origin[PATH_MAX + 32];
    bool enabled;
    int line;
    if (section == NULL && conf_file_is_enabled_only(file, &enabled, &line) &&
        find(settings, "enabled") != NULL) {
        (void) snprintf(origin, sizeof origin, "%s:%d", conf_file_path(file), line);
        return settings_set(settings, "enabled", enabled ? "true" : "false", origin, ret_error, error_size);
    }
    int r = conf_file_text(file, section, &text, ret_error, error_size);
    if (r == 0 && text != NULL) {
        r = parse(settings, conf_file_path(file), section, text, ret_error, error_size);
    }
    free(text);
    return r;
}

/* ---- access ---- */

int settings_set(struct settings *settings, const char *name, const char *text, const char *origin,
                 char *ret_error, size_t error_size) {
    struct setting *setting = find(settings, name);
    if (setting == NULL) {
        (void) fail(ret_error, error_size, "there is no option '%s'", name);
        return -ENOENT;
    }
    return setting_from_text(setting, settings->prefix, text, origin, ret_error, error_size);
}

void settings_set_prefix(struct settings *settings, const char *prefix) {
    char *copy = text_dup(prefix);
    if (copy == NULL) {
        return;
    }
    free(settings->prefix);
    settings->prefix = copy;
    for (size_t i = 0; i < settings->count; i++) {
        struct setting *setting = &settings->list[i];
        char *path =
            setting->option->type == TR069_OPTION_PATH ? path_with_prefix(prefix, setting->text) : NULL;
        if (path != NULL) {
            free(setting->path);
            setting->path = path;
        }
    }
}

const char *settings_string(const struct settings *settings, const char *name) {
    const struct setting *setting = find(settings, name);
    return setting != NULL && setting->text != NULL ? setting->text : "";
}

const char *settings_path(const struct settings *settings, const char *name) {
    const struct setting *setting = find(settings, name);
    return setting != NULL && setting->path != NULL ? setting->path : "";
}

int64_t settings_int(const struct settings *settings, const char *name) {
    const struct setting *setting = find(settings, name);
    return setting != NULL ? setting->number : 0;
}

bool settings_bool(const struct settings *settings, const char *name) {
    const struct setting *setting = find(settings, name);
    return setting != NULL && setting->yes;
}

const char *const *settings_list(const struct settings *settings, const char *name) {
    static const char *const none[] = {NULL};
    const struct setting *setting = find(settings, name);
    return setting != NULL && setting->items != NULL ? (const char *const *) setting->items : none;
}

bool settings_knows(const struct settings *settings, const char *name) {
    return find(settings, name) != NULL;
}

static const char *origin_of(const struct setting *setting) {
    return setting->origin != NULL ? setting->origin : "default";
}

const char *settings_origin(const struct settings *settings, const char *name) {
    const struct setting *setting = find(settings, name);
    return setting == NULL ? "" : origin_of(setting);
}

static void print_value(const struct setting *setting, FILE *out) {
    const struct tr069_option *option = setting->option;
    if (option->secret) {
        (void) fputs(setting->text != NULL && setting->text[0] != '\0' ? "***" : "\"\"", out);
    } else if (option->type == TR069_OPTION_LIST) {
        (void) fputc('{', out);
        for (size_t i = 0; setting->items[i] != NULL; i++) {
            (void) fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", setting->items[i]);
        }
        (void) fputc('}', out);
    } else if (option->type == TR069_OPTION_STRING || option->type == TR069_OPTION_PATH) {
        (void) fprintf(out, "\"%s\"", setting->path != NULL ? setting->path : setting->text);
    } else {
        (void) fputs(setting->text, out);
    }
}

void settings_print(const struct settings *settings, const char *section, FILE *out) {
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->list[i];
        (void) fprintf(out, "%s%s = ", section, setting->option->name);
        print_value(setting, out);
        (void) fprintf(out, "  (%s)\n", origin_of(setting));
    }
}

static bool setting_equal(const struct setting *a, const struct setting *b) {
    if (a->items == NULL || b->items == NULL) {
        return a->text != NULL && b->text != NULL && strcmp(a->text, b->text) == 0;
    }
    size_t i = 0;
    while (a->items[i] != NULL && b->items[i] != NULL && strcmp(a->items[i], b->items[i]) == 0) {
        i++;
    }
    return a->items[i] == NULL && b->items[i] == NULL;
}

const char *settings_changed(const struct settings *a, const struct settings *b, size_t *at) {
    while (*at < a->count && *at < b->count) {
        size_t i = (*at)++;
        if (!setting_equal(&a->list[i], &b->list[i])) {
            return a->list[i].option->name;
        }
    }
    return NULL;
}

bool settings_equal(const struct settings *a, const struct settings *b) {
    size_t at = 0;
    return a->count == b->count && settings_changed(a, b, &at) == NULL;
}
