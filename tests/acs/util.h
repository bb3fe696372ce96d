/* Small things that every file of the test ACS uses.
 *
 * The must_ functions end the program (exit 2) when memory is out: a test program has nothing to save,
 * and a test that goes on half-done would be worse. */
#ifndef ACS_UTIL_H
#define ACS_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *must_alloc(size_t size); /* zeroed */
void *must_grow(void *old, size_t size);
char *must_dup(const char *text); /* NULL gives NULL */
char *must_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Frees *place and puts a copy of `text` there. */
void replace_text(char **place, const char *text);

/* A line cut into words. Words are separated by blanks; "..." holds blanks together, also inside a
 * word (type="3 Vendor Configuration File"), and knows \" \\ \n \t; a word that begins with # starts
 * a comment. */
struct words {
    char **word;
    size_t count;
};
int words_split(const char *line, struct words *ret_words, char *error, size_t error_size);
void words_free(struct words *words);

/* "key=value" -> the value if the word begins with `key` and '=', else NULL. */
const char *word_value(const char *word, const char *key);
bool glob_match(const char *pattern, const char *text);
/* A number of at most `max`; false when `text` is none. */
bool parse_number(const char *text, uint64_t max, uint64_t *ret_number);
/* Seconds with an optional fraction ("0.5") as milliseconds. */
bool parse_seconds(const char *text, unsigned *ret_ms);
/* FNV-1a: tells messages apart. */
uint64_t hash_octets(const void *data, size_t length);
/* The whole file, NUL-terminated; NULL when it cannot be read. */
char *read_whole_file(const char *path, size_t *ret_length);

#endif
