/* Reads build.prop, or asks Android's property system. */
#include <config.h>

#include "agent/build_prop.h"

#include "agent/android_property.h"
#include "base/crypto.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20, KEYS_MAX = 8192, PROPERTY_MAX = 16 << 10 };

#define PROPERTY_SYSTEM "Android's properties"

struct property {
    const char *key; /* into text */
    const char *value;
    unsigned line;
};

struct build_prop {
    char *path;
    struct buffer text;
    struct property *list;
    size_t count, capacity;
    struct asked **asked; /* where the properties begin that were asked for; NULL: there is a file */
};

/* A property of Android's: its value is lent to the callers of build_prop_get(). */
struct asked {
    struct asked *next;
    struct property property;
    char text[]; /* key and value */
};

static int add(struct build_prop *prop, char *line, unsigned number) {
    line += strspn(line, " \t");
    char *equals = strchr(line, '=');
    if (line[0] == '#' || equals == NULL || equals == line || prop->count >= KEYS_MAX) {
        return 0;
    }
    if (prop->count == prop->capacity) {
        size_t capacity = prop->capacity == 0 ? 64 : prop->capacity * 2;
        struct property *list = realloc(prop->list, capacity * sizeof *list);
        if (list == NULL) {
            return -ENOMEM;
        }
        prop->list = list;
        prop->capacity = capacity;
    }
    *equals = '\0';
    for (char *end = equals; end > line && (end[-1] == ' ' || end[-1] == '\t'); end--) {
        end[-1] = '\0';
    }
    char *value = equals + 1 + strspn(equals + 1, " \t");
    size_t length = strlen(value);
    while (length > 0 && strchr(" \t\r", value[length - 1]) != NULL) {
        value[--length] = '\0';
    }
    prop->list[prop->count++] = (struct property){line, value, number};
    return 0;
}

/* An editor's byte order mark is no part of a key; a NUL ends neither the file nor a value, which it makes
 * wrong. NULL: there is none. */
static char *first_line(struct buffer *text) {
    for (size_t i = 0; i < text->length; i++) {
        text->data[i] = text->data[i] != '\0' ? text->data[i] : '\001';
    }
    return text->length >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0 ? text->data + 3 : text->data;
}

int build_prop_read(const char *path, struct build_prop **ret_prop) {
    struct build_prop *prop = calloc(1, sizeof *prop);
    if (prop == NULL) {
        return -ENOMEM;
    }
    buffer_init(&prop->text, FILE_MAX);
    prop->path = text_dup(path);
    int r = prop->path != NULL ? buffer_read_file(&prop->text, path) : -ENOMEM;
    /* /system/build.prop is root's alone on newer Androids */
    if ((r == -ENOENT || r == -EACCES) && android_property_present()) {
        prop->asked = calloc(1, sizeof(struct asked *));
        r = prop->asked != NULL ? 0 : -ENOMEM;
    }
    if (r == -ENOENT) {
        r = 0;
    }
    buffer_fit(&prop->text); /* before anything points into it */
    unsigned number = 1;
    for (char *line = first_line(&prop->text); r == 0 && line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        r = add(prop, line, number);
        line = end != NULL ? end + 1 : NULL;
    }
    if (r < 0) {
        build_prop_free(prop);
        return r;
    }
    *ret_prop = prop;
    return 0;
}

void build_prop_free(struct build_prop *prop) {
    if (prop != NULL) {
        for (struct asked *asked = prop->asked != NULL ? *prop->asked : NULL, *next; asked != NULL;
             asked = next) {
            next = asked->next;
            free(asked);
        }
        free(prop->asked);
        buffer_free(&prop->text);
        free(prop->list);
        free(prop->path);
        free(prop);
    }
}

/* Each is asked for once: what was lent stays, and a value is the same all the time, as one of the file is.
 */
static const struct property *ask(const struct build_prop *prop, const char *key) {
    struct asked **end = prop->asked;
    for (; *end != NULL; end = &(*end)->next) {
        if (strcmp((*end)->property.key, key) == 0) {
            return &(*end)->property;
        }
    }
    struct buffer value;
    struct asked *asked = NULL;
    buffer_init(&value, PROPERTY_MAX);
    if (android_property_get(key, &value) == 0) {
        size_t key_size = strlen(key) + 1, value_size = strlen(buffer_string(&value)) + 1;
        asked = malloc(sizeof *asked + key_size + value_size);
        if (asked != NULL) {
            asked->next = NULL;
            asked->property = (struct property){asked->text, asked->text + key_size, 0};
            memcpy(asked->text, key, key_size);
            memcpy(asked->text + key_size, buffer_string(&value), value_size);
            *end = asked;
        }
    }
    buffer_free(&value);
    return asked != NULL ? &asked->property : NULL;
}

static const struct property *find(const struct build_prop *prop, const char *key) {
    if (prop->asked != NULL) {
        return ask(prop, key);
    }
    for (size_t i = prop->count; i-- > 0;) {
        if (strcmp(prop->list[i].key, key) == 0) {
            return &prop->list[i];
        }
    }
    return NULL;
}

const char *build_prop_get(const struct build_prop *prop, const char *key) {
    const struct property *property = find(prop, key);
    return property != NULL ? property->value : NULL;
}

static void origin_of(const struct build_prop *prop, const struct property *property, char *out,
                      size_t size) {
    if (prop->asked != NULL) {
        (void) text_copy(out, size, PROPERTY_SYSTEM);
    } else {
        (void) snprintf(out, size, "%s:%u", prop->path, property->line);
    }
}

void build_prop_origin(const struct build_prop *prop, const char *key, char *out, size_t size) {
    const struct property *property = find(prop, key);
    out[0] = '\0';
    if (property != NULL) {
        origin_of(prop, property, out, size);
    }
}

const char *build_prop_source(const struct build_prop *prop) {
    return prop->asked != NULL ? PROPERTY_SYSTEM : prop->path;
}

static const char *judge(const struct buffer *text) {
    for (size_t i = 0; i < text->length;) {
        uint32_t code = 0;
        size_t n = text_utf8_char(text->data + i, text->length - i, &code);
        if (n == 0) {
            return "the decoded text is not UTF-8";
        }
        if (code == '\n' && i + 1 == text->length) {
            return "the decoded text ends in a line break; encode it with "
                   "`printf %s VALUE | base64 -w 0`, not echo";
        }
        if (code < ' ' || (code >= 0x7f && code < 0xa0)) {
            return "the decoded text holds a control character";
        }
        i += n;
    }
    return NULL;
}

int build_prop_decode(const struct build_prop *prop, const char *key, struct buffer *out, char *ret_error,
                      size_t error_size) {
    const struct property *property = find(prop, key);
    buffer_reset(out);
    if (property == NULL || property->value[0] == '\0') {
        return 0;
    }
    int r = crypto_base64_decode(property->value, strlen(property->value), out);
    const char *why =
        r == 0 ? judge(out) : "this is not Base64; encode it with `printf %s VALUE | base64 -w 0`";
    if (r == -EMSGSIZE) {
        why = "the decoded text is too long";
    }
    if (why != NULL) {
        char where[512];
        origin_of(prop, property, where, sizeof where);
        (void) snprintf(ret_error, error_size, "%s: %s: %s", where, key, why);
        return -EINVAL;
    }
    return 0;
}
