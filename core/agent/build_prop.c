/* Reads build.prop. */
#include <config.h>

#include "agent/build_prop.h"

#include "base/crypto.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, KEYS_MAX = 8192 };

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
};

static int read_all(const char *path, struct buffer *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = 0;
    for (;;) {
        char *room = buffer_reserve(out, 4096);
        if (room == NULL) {
            r = buffer_error(out) == -EMSGSIZE ? -EFBIG : buffer_error(out);
            break;
        }
        ssize_t n = read(fd, room, 4096);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            r = n < 0 ? -errno : 0;
            break;
        }
        buffer_added(out, (size_t) n);
    }
    (void) close(fd);
    return r;
}

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

int build_prop_read(const char *path, struct build_prop **ret_prop) {
    struct build_prop *prop = calloc(1, sizeof *prop);
    if (prop == NULL) {
        return -ENOMEM;
    }
    buffer_init(&prop->text, FILE_MAX);
    prop->path = text_dup(path);
    int r = prop->path != NULL ? read_all(path, &prop->text) : -ENOMEM;
    if (r == -ENOENT) {
        r = 0;
    }
    unsigned number = 1;
    for (char *line = prop->text.data; r == 0 && line != NULL; number++) {
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
        buffer_free(&prop->text);
        free(prop->list);
        free(prop->path);
        free(prop);
    }
}

static const struct property *find(const struct build_prop *prop, const char *key) {
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

void build_prop_origin(const struct build_prop *prop, const char *key, char *out, size_t size) {
    const struct property *property = find(prop, key);
    out[0] = '\0';
    if (property != NULL) {
        (void) snprintf(out, size, "%s:%u", prop->path, property->line);
    }
}

static const char *judge(const struct buffer *text) {
    for (size_t i = 0; i < text->length;) {
        uint32_t code = 0;
        size_t n = text_utf8_char(text->data + i, text->length - i, &code);
        if (n == 0) {
            return "the decoded text is not UTF-8";
        }
        if (code < ' ' || code == 0x7f) {
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
    const char *why = r == 0 ? judge(out) : "this is not Base64; encode it with `printf %s VALUE | base64`";
    if (r == -EMSGSIZE) {
        why = "the decoded text is too long";
    }
    if (why != NULL) {
        (void) snprintf(ret_error, error_size, "%s:%u: %s: %s", prop->path, property->line, key, why);
        return -EINVAL;
    }
    return 0;
}
