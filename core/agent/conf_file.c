/* Conf files as libconfuse is given them. */
#include <config.h>

#include "agent/conf_file.h"

#include "base/buffer.h"
#include "base/text.h"

#include <confuse.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 * 1024 };

struct conf_file {
    char *path;
    int error; /* negative errno: it could not be read */
    char *text;
    bool enabled;
    int enabled_line; /* of `enabled = true` or such, when that is all it says; or 0 */
};

/* libconfuse 3.3 counts lines wrongly behind comments; so it never sees one: only their newlines are left. */
static void drop_comments(struct buffer *text) {
    const char *c = text->data;
    char *out = text->data, quote = '\0';
    while (*c != '\0') {
        if (quote == '\0' && (*c == '#' || (c[0] == '/' && c[1] == '/'))) {
            c += strcspn(c, "\n");
        } else if (quote == '\0' && c[0] == '/' && c[1] == '*') {
            const char *end = strstr(c + 2, "*/"), *stop = end != NULL ? end + 2 : c + strlen(c);
            *out++ = ' '; /* it parts words */
            for (; c < stop; c++) {
                if (*c == '\n') {
                    *out++ = '\n';
                }
            }
        } else {
            if (quote != '\0' && *c == '\\' && c[1] != '\0') {
                *out++ = *c++;
            } else if (*c == quote) {
                quote = '\0';
            } else if (quote == '\0' && (*c == '"' || *c == '\'')) {
                quote = *c;
            }
            *out++ = *c++;
        }
    }
    buffer_cut(text, (size_t) (out - text->data));
}

/* The length of a line "[name]", or 0 for another line. */
static size_t header_length(const char *line) {
    size_t name = line[0] == '[' ? strcspn(line + 1, "]\n") : 0;
    if (name == 0 || line[1 + name] != ']') {
        return 0;
    }
    size_t length = name + 2 + strspn(line + name + 2, " \t\r");
    return line[length] == '\n' || line[length] == '\0' ? length : 0;
}

/* libconfuse ends the process when reading fails, as it does of a directory: it is given text only. */
static int load(struct conf_file *file) {
    struct buffer text;
    buffer_init(&text, FILE_MAX);
    int r = buffer_read_file(&text, file->path);
    r = r == 0 ? buffer_char(&text, '\n') : r;
    if (r == 0 && memchr(text.data, '\0', text.length) == NULL) {
        drop_comments(&text);
        file->text = text_dup(text.data);
        r = file->text != NULL ? 0 : -ENOMEM;
    } else if (r == 0 || r == -EFBIG || r == -EMSGSIZE) {
        r = -EINVAL;
    }
    buffer_free(&text);
    return r;
}

/* Most files of plugins say one thing: libconfuse needs not be set up for it, which takes longer than the
 * rest of reading a file. What is not in the plainest form is left to it. */
static void see_enabled_only(struct conf_file *file) {
    static const char blanks[] = " \t\r\n", name[] = "enabled";
    char word[sizeof "false"];
    const char *at = file->text + strspn(file->text, blanks);
    if (!text_starts(at, name)) {
        return;
    }
    at += sizeof name - 1;
    at += strspn(at, blanks);
    if (*at != '=') {
        return;
    }
    at += 1 + strspn(at + 1, blanks);
    const size_t length = strcspn(at, blanks);
    if (at[length + strspn(at + length, blanks)] != '\0' || length >= sizeof word) {
        return;
    }
    (void) snprintf(word, sizeof word, "%.*s", (int) length, at);
    if (cfg_parse_boolean(word) < 0) {
        return;
    }
    file->enabled = cfg_parse_boolean(word) == 1;
    file->enabled_line = 1;
    for (const char *c = file->text; c < at; c++) {
        file->enabled_line += *c == '\n' ? 1 : 0;
    }
}

struct conf_file *conf_file_read(const char *path) {
    struct conf_file *file = path != NULL ? calloc(1, sizeof *file) : NULL;
    if (file == NULL) {
        return NULL;
    }
    file->path = text_dup(path);
    if (file->path == NULL) {
        conf_file_free(file);
        return NULL;
    }
    file->error = load(file);
    if (file->error == 0) {
        see_enabled_only(file);
    }
    return file;
}

void conf_file_free(struct conf_file *file) {
    if (file != NULL) {
        free(file->text);
        free(file->path);
        free(file);
    }
}

const char *conf_file_path(const struct conf_file *file) {
    return file->path;
}

/* Empties all but the lines of one section, so that the numbers of the lines stay; "" is what stands before
 * the first header. */
static void keep_section(struct buffer *text, const char *section) {
    const size_t name = strlen(section);
    bool inside = name == 0;
    char *out = text->data;
    for (const char *line = text->data; *line != '\0';) {
        const size_t length = strcspn(line, "\n"), whole = length + (line[length] == '\n' ? 1 : 0);
        const bool header = header_length(line) > 0;
        if (header) {
            inside = name > 0 && strncmp(line + 1, section, name) == 0 && line[1 + name] == ']';
        }
        const size_t from = header || !inside ? length : 0;
        memmove(out, line + from, whole - from);
        out += whole - from;
        line += whole;
    }
    buffer_cut(text, (size_t) (out - text->data));
}

int conf_file_text(const struct conf_file *file, const char *section, char **ret_text, char *ret_error,
                   size_t error_size) {
    struct buffer text;
    *ret_text = NULL;
    if (file == NULL) {
        (void) snprintf(ret_error, error_size, "out of memory");
        return -ENOMEM;
    }
    if (file->error != 0) {
        (void) snprintf(ret_error, error_size, "%s: %s", file->path,
                        file->error != -EINVAL ? strerror(-file->error)
                                               : "cannot be read, or is no text of at most 256 KiB");
        return file->error;
    }
    buffer_init(&text, FILE_MAX + 1);
    int r = buffer_text(&text, file->text);
    if (r == 0 && section != NULL) {
        keep_section(&text, section);
    }
    if (r == 0 && text.data[strspn(text.data, " \t\r\n")] != '\0') { /* most files and sections say nothing */
        *ret_text = buffer_take(&text);
    }
    buffer_free(&text);
    return r;
}

/* ---- `enabled`, which decides before the plugin's own options are known ---- */

static void say_nothing(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static void say_nothing(cfg_t *cfg, const char *format, va_list arguments) {
    (void) cfg;
    (void) format;
    (void) arguments;
}

bool conf_file_enabled(const struct conf_file *file, const char *section, bool *ret_enabled) {
    cfg_opt_t options[] = {CFG_BOOL("enabled", cfg_false, CFGF_NODEFAULT),
                           CFG_STR("__unknown", NULL, CFGF_NODEFAULT), CFG_END()};
    char error[256];
    char *text = NULL;
    bool says = false;
    int line;
    if (section == NULL && conf_file_is_enabled_only(file, ret_enabled, &line)) {
        return true;
    }
    if (conf_file_text(file, section, &text, error, sizeof error) < 0 || text == NULL ||
        strstr(text, "enabled") == NULL) {
        free(text);
        return false;
    }
    cfg_t *cfg = cfg_init(options, CFGF_IGNORE_UNKNOWN);
    if (cfg != NULL) {
        (void) cfg_set_error_function(cfg, say_nothing);
        says = cfg_parse_buf(cfg, text) == CFG_SUCCESS && cfg_size(cfg, "enabled") > 0;
        if (says) {
            *ret_enabled = cfg_getbool(cfg, "enabled") == cfg_true;
        }
        (void) cfg_free(cfg);
    }
    free(text);
    return says;
}

bool conf_file_is_enabled_only(const struct conf_file *file, bool *ret_enabled, int *ret_line) {
    if (file == NULL || file->enabled_line == 0) {
        return false;
    }
    *ret_enabled = file->enabled;
    *ret_line = file->enabled_line;
    return true;
}
