/* Looks over a message before libxml2 parses it, for what libxml2 would deal with too late: a DTD, which
 * it hands out only when all of it was parsed, and tags with thousands of attributes, each of which it
 * compares with each (a message of 1 MiB kept it busy for 25 seconds). */
#include <config.h>

#include "cwmp/envelope_reader.h"

#include <string.h>
#include <strings.h>

enum { ATTRIBUTES_MAX = 256, ENCODING_SIZE = 24 };

/* The octets that matter of a text whose characters have `step` octets each. */
struct text {
    const char *data;
    size_t count, step;
};

static char at(const struct text *text, size_t i) {
    return i < text->count ? text->data[i * text->step] : '\0';
}

static bool has(const struct text *text, size_t i, const char *word) {
    while (*word != '\0' && at(text, i) == *word) {
        word++;
        i++;
    }
    return *word == '\0';
}

/* The next such character from i on; the end of the text if there is none. */
static size_t seek(const struct text *text, size_t i, char c) {
    if (text->step == 1 && i < text->count) {
        const char *found = memchr(text->data + i, c, text->count - i);
        return found != NULL ? (size_t) (found - text->data) : text->count;
    }
    while (i < text->count && at(text, i) != c) {
        i++;
    }
    return i;
}

/* Behind the next such word; the end of the text if there is none. */
static size_t behind(const struct text *text, size_t i, const char *word) {
    for (i = seek(text, i, *word); i < text->count; i = seek(text, i + 1, *word)) {
        if (has(text, i, word)) {
            return i + strlen(word);
        }
    }
    return i;
}

/* Behind a start or end tag; 0 when it has too many attributes. */
static size_t behind_tag(const struct text *text, size_t i) {
    const char *data = text->data;
    const size_t count = text->count, step = text->step;
    unsigned attributes = 0;
    for (; i < count; i++) {
        const char c = data[i * step];
        if (c > '>') {
            continue; /* a name: most octets of a tag */
        }
        if (c == '>') {
            return i + 1;
        }
        if (c == '"' || c == '\'') {
            i = seek(text, i + 1, c);
            if (++attributes > ATTRIBUTES_MAX) {
                return 0;
            }
        }
    }
    return count;
}

/* Encodings in which '<' is '<': another one would hide from these eyes what libxml2 then sees. UTF-16 of
 * octets is a message that was a string of UTF-16 when its declaration was made: it cannot be true. */
static bool good_encoding(const struct text *text, size_t end, bool *ret_untrue) {
    static const char *const good[] = {"UTF-8",     "UTF8",     "UTF-16",      "UTF-16LE", "UTF-16BE",
                                       "ASCII",     "US-ASCII", "ISO-8859-",   "ISO8859-", "ISO_8859-",
                                       "ISO-LATIN", "LATIN",    "WINDOWS-125", "CP125"};
    char name[ENCODING_SIZE] = "";
    size_t i = behind(text, 0, "encoding"), n = 0, k;
    if (i >= end) {
        return true;
    }
    while (i < end && at(text, i) != '"' && at(text, i) != '\'') {
        i++;
    }
    for (i++; i < end && n + 1 < sizeof name && at(text, i) != '"' && at(text, i) != '\''; i++) {
        name[n++] = at(text, i);
    }
    for (k = 0; k < sizeof good / sizeof good[0]; k++) {
        const size_t length = strlen(good[k]);
        /* families end in a dash, "LATIN" or a number: any member will do */
        const bool family = k >= 7;
        if (strncasecmp(name, good[k], length) == 0 && (family || name[length] == '\0')) {
            *ret_untrue = text->step == 1 && strncasecmp(name, "UTF-16", strlen("UTF-16")) == 0;
            return true;
        }
    }
    return false;
}

const char *envelope_survey(const char *data, size_t length, bool *ret_untrue) {
    struct text text = {data, length, 1};
    size_t i = 0;
    *ret_untrue = false;
    if (length >= 2 && memcmp(data, "\x1F\x8B", 2) == 0) {
        return "it is compressed (gzip), which was not asked for";
    }
    if (length >= 2 && (data[0] == '\0' || data[1] == '\0' || (unsigned char) data[0] >= 0xFE)) {
        const bool big_endian = data[0] == '\0' || (unsigned char) data[0] == 0xFE;
        text = (struct text){data + big_endian, length / 2, 2};
        i = (unsigned char) data[0] >= 0xFE; /* the byte order mark */
    }
    /* what begins otherwise is no XML, or in an encoding (UCS-4, EBCDIC) where it cannot be looked over */
    if (at(&text, i) != '<' || at(&text, i + 1) == '\0') {
        return "not XML: it does not begin with a tag";
    }
    if (has(&text, i, "<?xml") && !good_encoding(&text, behind(&text, i, "?>"), ret_untrue)) {
        return "the encoding is not one that is accepted: UTF-8 is";
    }
    while (i < text.count) {
        const char c = at(&text, i + 1);
        if (c == '/') {
            i += 2; /* an end tag: nothing to count */
        } else if (c == '?') {
            i = behind(&text, i, "?>");
        } else if (has(&text, i, "<!--")) {
            i = behind(&text, i + 4, "-->");
        } else if (has(&text, i, "<![CDATA[")) {
            i = behind(&text, i, "]]>");
        } else if (c == '!') {
            return "a DTD is not accepted";
        } else if ((i = behind_tag(&text, i)) == 0) {
            return "a tag has too many attributes";
        }
        i = seek(&text, i, '<');
    }
    return NULL;
}
