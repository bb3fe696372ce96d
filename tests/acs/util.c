/* Memory, words, numbers: small things that every file of the test ACS uses. */
#include <config.h>

#include "util.h"

#include "base/text.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(void) {
    (void) fputs("test-acs: out of memory\n", stderr);
    exit(2);
}

void *must_alloc(size_t size) {
    void *memory = calloc(1, size > 0 ? size : 1);
    if (memory == NULL) {
        out_of_memory();
    }
    return memory;
}

void *must_grow(void *old, size_t size) {
    void *memory = realloc(old, size > 0 ? size : 1);
    if (memory == NULL) {
        out_of_memory();
    }
    return memory;
}

char *must_dup(const char *text) {
    if (text == NULL) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = must_alloc(size);
    memcpy(copy, text, size);
    return copy;
}

char *must_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = must_alloc((size_t) (length < 0 ? 0 : length) + 1);
    va_start(arguments, format);
    (void) vsnprintf(text, (size_t) (length < 0 ? 0 : length) + 1, format, arguments);
    va_end(arguments);
    return text;
}

void replace_text(char **place, const char *text) {
    char *copy = must_dup(text);
    free(*place);
    *place = copy;
}

static char unescaped(char c) {
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/* Copies one word to `out`; returns where it ended, NULL for an open quote. */
static const char *take_word(const char *at, char *out) {
    bool quoted = false;
    while (*at != '\0' && (quoted || (*at != ' ' && *at != '\t' && *at != '\r' && *at != '\n'))) {
        if (*at == '"') {
            quoted = !quoted;
            at++;
        } else if (quoted && *at == '\\' && at[1] != '\0') {
            *out++ = unescaped(at[1]);
            at += 2;
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    return quoted ? NULL : at;
}

int words_split(const char *line, struct words *ret_words, char *error, size_t error_size) {
    struct words words = {0};
    const char *at = line;
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (*at == '\0' || *at == '#') {
            break;
        }
        char *word = must_alloc(strlen(at) + 1);
        at = take_word(at, word);
        words.word = must_grow(words.word, (words.count + 1) * sizeof *words.word);
        words.word[words.count++] = word;
        if (at == NULL) {
            (void) snprintf(error, error_size, "a quote is not closed");
            words_free(&words);
            return -EINVAL;
        }
    }
    *ret_words = words;
    return 0;
}

void words_free(struct words *words) {
    for (size_t i = 0; i < words->count; i++) {
        free(words->word[i]);
    }
    free(words->word);
    *words = (struct words){0};
}

const char *word_value(const char *word, const char *key) {
    size_t length = strlen(key);
    return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

bool glob_match(const char *pattern, const char *text) {
    return fnmatch(pattern, text, 0) == 0;
}

bool parse_number(const char *text, uint64_t max, uint64_t *ret_number) {
    return text_parse_uint(text, max, ret_number) == 0;
}

bool parse_seconds(const char *text, unsigned *ret_ms) {
    char whole[24];
    uint64_t seconds = 0;
    uint64_t ms = 0;
    const char *dot = strchr(text, '.');
    size_t length = dot != NULL ? (size_t) (dot - text) : strlen(text);
    if (length == 0 || length >= sizeof whole) {
        return false;
    }
    memcpy(whole, text, length);
    whole[length] = '\0';
    if (!parse_number(whole, 1000000, &seconds)) {
        return false;
    }
    if (dot != NULL) {
        char fraction[4] = "000";
        for (size_t i = 0; dot[1 + i] != '\0'; i++) {
            if (i >= 3) {
                return false;
            }
            fraction[i] = dot[1 + i];
        }
        if (!parse_number(fraction, 999, &ms)) {
            return false;
        }
    }
    *ret_ms = (unsigned) (seconds * 1000 + ms);
    return true;
}

uint64_t hash_octets(const void *data, size_t length) {
    const unsigned char *octet = data;
    uint64_t hash = 1469598103934665603u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ octet[i]) * 1099511628211u;
    }
    return hash;
}

char *read_whole_file(const char *path, size_t *ret_length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *data = NULL;
    size_t length = 0;
    size_t got = 0;
    do {
        data = must_grow(data, length + 65536 + 1);
        got = fread(data + length, 1, 65536, file);
        length += got;
    } while (got > 0);
    data[length] = '\0';
    (void) fclose(file);
    if (ret_length != NULL) {
        *ret_length = length;
    }
    return data;
}
