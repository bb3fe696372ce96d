/* plugins/device-logs: text that may leave the box. */
#ifndef DEVICE_LOGS_TEXT_H
#define DEVICE_LOGS_TEXT_H

#include <tr069/plugin.h>

#include <regex.h>

enum { WORDS_MAX = 32, MASKS_MAX = 16 };

/* What is masked. */
struct masks {
    const char *words[WORDS_MAX]; /* what stands before a secret */
    size_t word_count;
    uint32_t first[256], second[256]; /* by octet: a bit for each word that has it there */
    regex_t patterns[MASKS_MAX];
    size_t pattern_count;
};

/* From the options `secret_words` and `masks`; the words are not copied. 0, or -EINVAL, which is logged.
 * To be freed in either case. */
int device_logs_masks_read(struct masks *masks, const struct tr069_host *host);
void device_logs_masks_free(struct masks *masks);
/* Stars over the secrets of a text. */
void device_logs_mask(const struct masks *masks, char *text);

/* Copies a text; what XML cannot carry becomes '?'. Returns the octets written, at most `length`; there is
 * room for one more. */
size_t device_logs_clean(const char *from, size_t length, char *to);

#endif
