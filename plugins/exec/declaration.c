/* plugins/exec: reads the items of the option `parameters`: words separated by blanks. */
#define _GNU_SOURCE
#include "declaration.h"

#include <stdlib.h>

enum { VALUES_MAX = 32 };

static const struct {
    const char *name;
    enum tr069_type type;
} types[] = {{"string", TR069_STRING},      {"int", TR069_INT},
             {"long", TR069_LONG},          {"unsignedInt", TR069_UINT},
             {"unsignedLong", TR069_ULONG}, {"boolean", TR069_BOOLEAN}};

static const struct {
    const char *prefix;
    enum tr069_root roots;
} roots[] = {{"Device.", TR069_DEV2}, {"InternetGatewayDevice.", TR069_IGD1}, {"", TR069_BOTH}};

static char *next_word(char **rest) {
    char *word = *rest + strspn(*rest, " \t");
    size_t length = strcspn(word, " \t");
    *rest = word + length;
    if (**rest != '\0') {
        *(*rest)++ = '\0';
    }
    return length > 0 ? word : NULL;
}

static int number(const char *text, int64_t *ret_number) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0') {
        return -EINVAL;
    }
    *ret_number = value;
    return 0;
}

static int read_values(struct declaration *declaration, char *list) {
    size_t count = 0;
    free(declaration->values);
    declaration->values = calloc(VALUES_MAX + 1, sizeof *declaration->values);
    if (declaration->values == NULL) {
        return -ENOMEM;
    }
    for (char *at = list; at != NULL && count < VALUES_MAX;) {
        declaration->values[count++] = at;
        at = strchr(at, ',');
        if (at != NULL) {
            *at++ = '\0';
        }
    }
    return 0;
}

static int read_limit(struct declaration *declaration, char *word) {
    int64_t length = 0;
    int r = -EINVAL;
    if (strcmp(word, "secret") == 0) {
        declaration->flags |= TR069_SECRET;
        r = 0;
    } else if (strncmp(word, "min=", 4) == 0) {
        declaration->has_min = true;
        r = number(word + 4, &declaration->min);
    } else if (strncmp(word, "max=", 4) == 0) {
        declaration->has_max = true;
        r = number(word + 4, &declaration->max);
    } else if (strncmp(word, "length=", 7) == 0) {
        r = number(word + 7, &length);
        r = r == 0 && (length < 1 || length > 65536) ? -EINVAL : r;
        declaration->max_length = (size_t) length;
    } else if (strncmp(word, "values=", 7) == 0) {
        r = read_values(declaration, word + 7);
    }
    return r;
}

/* The words behind "get:" and "set:". */
static int read_programs(struct declaration *declaration, char *word, char **rest) {
    const char **argv = NULL;
    size_t count = 0;
    for (; word != NULL; word = next_word(rest)) {
        bool get = strcmp(word, "get:") == 0, set = strcmp(word, "set:") == 0;
        const char **begins = get ? declaration->get : declaration->set;
        if (get || set) {
            if (begins[0] != NULL) {
                return -EINVAL;
            }
            argv = begins;
            count = 0;
        } else if (argv == NULL || count == ARGUMENTS_MAX) {
            return -EINVAL;
        } else {
            argv[count++] = word;
        }
    }
    return declaration->get[0] != NULL ? 0 : -EINVAL;
}

static int read_path(struct declaration *declaration, char *word) {
    size_t i = 0;
    while (strncmp(word, roots[i].prefix, strlen(roots[i].prefix)) != 0) {
        i++;
    }
    word += strlen(roots[i].prefix);
    char *dot = strrchr(word, '.');
    declaration->roots = roots[i].roots;
    declaration->name = dot != NULL ? dot + 1 : word;
    if (declaration->name[0] == '\0' || strpbrk(word, "{}") != NULL || strstr(word, "..") != NULL ||
        strlen(word) > TR069_NAME_MAX) {
        return -EINVAL;
    }
    declaration->path = strndup(word, (size_t) (declaration->name - word));
    return declaration->path != NULL ? 0 : -ENOMEM;
}

static int read_type(struct declaration *declaration, const char *word) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, word) == 0) {
            declaration->type = types[i].type;
            return 0;
        }
    }
    return -EINVAL;
}

static bool is_program(const char *word) {
    return strcmp(word, "get:") == 0 || strcmp(word, "set:") == 0;
}

/* Up to the first program, whose "get:" or "set:" is *ret_word. */
static int read_limits(struct declaration *declaration, char **rest, char **ret_word) {
    int r = 0;
    while (r == 0 && (*ret_word = next_word(rest)) != NULL && !is_program(*ret_word)) {
        r = read_limit(declaration, *ret_word);
    }
    bool range = declaration->has_min == declaration->has_max && declaration->min <= declaration->max;
    return r == 0 && !range ? -EINVAL : r;
}

int exec_declaration_read(const char *text, struct declaration *ret, const char **ret_why) {
    *ret = (struct declaration){.words = strdup(text)};
    if (ret->words == NULL) {
        return -ENOMEM;
    }
    char *rest = ret->words, *path = next_word(&rest), *type = path != NULL ? next_word(&rest) : NULL,
         *word = NULL;
    *ret_why = "it begins with PATH TYPE, the path without tables";
    int r = type != NULL ? read_path(ret, path) : -EINVAL;
    if (r == 0) {
        *ret_why = "there is no such type";
        r = read_type(ret, type);
    }
    if (r == 0) {
        *ret_why = "a limit is min= and max=, length=, values= or secret";
        r = read_limits(ret, &rest, &word);
    }
    if (r == 0) {
        *ret_why =
            "it ends with get: PROGRAM ARGUMENT..., and set: PROGRAM ARGUMENT..., at most 32 words each";
        r = read_programs(ret, word, &rest);
    }
    return r;
}

void exec_declaration_free(struct declaration *declaration) {
    free(declaration->words);
    free(declaration->path);
    free(declaration->values);
    *declaration = (struct declaration){0};
}

static bool is_one_of(char *const *values, const char *text) {
    while (values != NULL && *values != NULL && strcmp(*values, text) != 0) {
        values++;
    }
    return values == NULL || *values != NULL;
}

static int signed_value(const struct declaration *declaration, const char *text,
                        struct tr069_value *ret_value) {
    bool narrow = declaration->type == TR069_INT;
    int64_t value;
    if (number(text, &value) < 0 || (narrow && (value < INT32_MIN || value > INT32_MAX)) ||
        (declaration->has_min && (value < declaration->min || value > declaration->max))) {
        return -EINVAL;
    }
    return tr069_value_int(ret_value, value);
}

static int unsigned_value(const struct declaration *declaration, const char *text,
                          struct tr069_value *ret_value) {
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' ||
        (declaration->type == TR069_UINT && value > UINT32_MAX) ||
        (declaration->has_min && (declaration->max < 0 || value > (uint64_t) declaration->max ||
                                  (declaration->min > 0 && value < (uint64_t) declaration->min)))) {
        return -EINVAL;
    }
    return tr069_value_uint(ret_value, value);
}

static int boolean_value(const char *text, struct tr069_value *ret_value) {
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    bool no = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    return yes || no ? tr069_value_bool(ret_value, yes) : -EINVAL;
}

int exec_value(const struct declaration *declaration, const char *text, struct tr069_value *ret_value) {
    switch (declaration->type) {
    case TR069_INT:
    case TR069_LONG:
        return signed_value(declaration, text, ret_value);
    case TR069_UINT:
    case TR069_ULONG:
        return unsigned_value(declaration, text, ret_value);
    case TR069_BOOLEAN:
        return boolean_value(text, ret_value);
    default:
        return is_one_of(declaration->values, text) ? tr069_value_string(ret_value, text) : -EINVAL;
    }
}
