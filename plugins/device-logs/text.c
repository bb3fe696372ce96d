/* plugins/device-logs: text that may leave the box: valid, and without secrets. */
#define _GNU_SOURCE
#include "text.h"

#include <tr069/utf8.h>

#include <ctype.h>
#include <strings.h>

/* ---- Valid ---------------------------------------------------------------------------------------- */

/* How many octets the character here has that XML can carry; 0: it is none. U+FFFE and U+FFFF it cannot. */
static size_t sequence(const char *text, size_t length) {
    size_t size = tr069_utf8(text, length);
    return size == 3 && memcmp(text, "\xef\xbf", 2) == 0 && (unsigned char) text[2] >= 0xbe ? 0 : size;
}

static bool is_plain(char c) {
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\t';
}

size_t device_logs_clean(const char *from, size_t length, char *to) {
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        size_t size = 0;
        while (i + size < length && is_plain(from[i + size])) {
            size++;
        }
        memcpy(to + used, from + i, size);
        used += size;
        i += size;
        if (i == length || from[i] == '\r') {
            i++;
            continue;
        }
        size = (unsigned char) from[i] < 0x80 ? 0 : sequence(from + i, length - i);
        memcpy(to + used, size > 0 ? from + i : "?", size > 0 ? size : 1);
        used += size > 0 ? size : 1;
        i += size > 0 ? size : 1;
    }
    to[used] = '\0';
    return used;
}

/* ---- Without secrets -------------------------------------------------------------------------------- */

static const char *skip(const char *at, const char *any) {
    return at + strspn(at, any);
}

static const char *skip_one(const char *at, const char *any) {
    return *at != '\0' && strchr(any, *at) != NULL ? at + 1 : at;
}

/* Where the secret behind a word begins; NULL when none follows: `"word" : "secret"`, `word=secret`. */
static const char *behind_word(const char *at) {
    at = skip(skip_one(at, "\"'"), " \t");
    return *at == '=' || *at == ':' ? skip_one(skip(at + 1, " \t"), "\"'") : NULL;
}

/* The first two words are no option. */
enum { WORD_LINK, WORD_FIELD };
static const char *const fixed[] = {[WORD_LINK] = "://", [WORD_FIELD] = "authorization:"};

/* Where the secret behind this word is, and how long; 0 when there is none. It ends with its line at the
 * latest. */
static size_t secret_behind(size_t word, const char *at, const char **ret_secret) {
    if (word == WORD_LINK) { /* user and password */
        size_t length = strcspn(at, "/@ \t\n");
        *ret_secret = at;
        return at[length] == '@' ? length : 0;
    }
    if (word == WORD_FIELD) {
        *ret_secret = skip(at, " \t");
        return strcspn(*ret_secret, "\n");
    }
    *ret_secret = behind_word(at);
    return *ret_secret != NULL ? strcspn(*ret_secret, " \t\n\"',;") : 0;
}

/* Two octets rule out nearly every place of a text at the cost of two look-ups. */
static uint32_t candidates_at(const struct masks *masks, const char *at) {
    return masks->first[(unsigned char) at[0]] & masks->second[(unsigned char) at[1]];
}

static size_t secret_here(const struct masks *masks, const char *at, const char **ret_secret) {
    uint32_t candidates = candidates_at(masks, at);
    for (size_t i = 0; candidates != 0; i++, candidates >>= 1) {
        size_t length = strlen(masks->words[i]);
        if ((candidates & 1) && strncasecmp(at, masks->words[i], length) == 0 &&
            (length = secret_behind(i, at + length, ret_secret)) > 0) {
            return length;
        }
    }
    return 0;
}

static void mask_secrets(const struct masks *masks, char *text) {
    for (; *text != '\0'; text++) {
        const char *secret;
        size_t length = candidates_at(masks, text) != 0 ? secret_here(masks, text, &secret) : 0;
        if (length > 0) {
            text += secret - text;
            memset(text, '*', length);
            text += length - 1;
        }
    }
}

/* A word of one letter has any second one. */
static void mark(uint32_t *table, char c, uint32_t bit) {
    for (int octet = 0; octet < 256; octet++) {
        table[octet] |= c == '\0' || tolower(octet) == tolower((unsigned char) c) ? bit : 0;
    }
}

static int add_word(struct masks *masks, const char *word) {
    if (masks->word_count == WORDS_MAX || word[0] == '\0') {
        return -EINVAL;
    }
    uint32_t bit = (uint32_t) 1 << masks->word_count;
    mark(masks->first, word[0], bit);
    mark(masks->second, word[1], bit);
    masks->words[masks->word_count++] = word;
    return 0;
}

/* Of one line: what the last group of a pattern matched, or all of the match. */
static void mask_line(const struct masks *masks, char *line) {
    for (size_t m = 0; m < masks->pattern_count; m++) {
        const regex_t *pattern = &masks->patterns[m];
        regmatch_t match[8];
        char *at = line;
        while (*at != '\0' && regexec(pattern, at, 8, match, at == line ? 0 : REG_NOTBOL) == 0) {
            size_t group = pattern->re_nsub < 7 ? pattern->re_nsub : 7;
            while (group > 0 && match[group].rm_so < 0) {
                group--;
            }
            memset(at + match[group].rm_so, '*', (size_t) (match[group].rm_eo - match[group].rm_so));
            at += match[0].rm_eo > 0 ? match[0].rm_eo : 1;
        }
    }
}

void device_logs_mask(const struct masks *masks, char *text) {
    mask_secrets(masks, text);
    while (*text != '\0' && masks->pattern_count > 0) {
        char *end = strchrnul(text, '\n'), kept = *end;
        *end = '\0';
        mask_line(masks, text);
        *end = kept;
        text = kept != '\0' ? end + 1 : end;
    }
}

static int add_words(struct masks *masks, const struct tr069_host *host) {
    const char *const *words = host->option_list(host, "secret_words");
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        (void) add_word(masks, fixed[i]);
    }
    for (; words != NULL && *words != NULL; words++) {
        if (add_word(masks, *words) < 0) {
            host->log(host, TR069_ERROR, "secret_words: \"%s\" is empty or one too many", *words);
            return -EINVAL;
        }
    }
    return 0;
}

/* Rather no logs than logs with secrets. */
int device_logs_masks_read(struct masks *masks, const struct tr069_host *host) {
    const char *const *patterns = host->option_list(host, "masks");
    *masks = (struct masks){0};
    for (; patterns != NULL && *patterns != NULL && masks->pattern_count < MASKS_MAX; patterns++) {
        char why[128];
        regex_t *pattern = &masks->patterns[masks->pattern_count];
        int r = regcomp(pattern, *patterns, REG_EXTENDED | REG_ICASE);
        if (r != 0) {
            (void) regerror(r, pattern, why, sizeof why);
            host->log(host, TR069_ERROR, "masks: \"%s\": %s", *patterns, why);
            return -EINVAL;
        }
        masks->pattern_count++;
    }
    return add_words(masks, host);
}

void device_logs_masks_free(struct masks *masks) {
    for (size_t i = 0; i < masks->pattern_count; i++) {
        regfree(&masks->patterns[i]);
    }
    masks->pattern_count = 0;
}
