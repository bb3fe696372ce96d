/* Text: numbers, UTF-8, XML character data, small copies. */
#include <config.h>

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static const char *skip_space(const char *text) {
    while (is_space(*text)) {
        text++;
    }
    return text;
}

/* Sign and magnitude; a magnitude beyond 64 bits is -ERANGE only if the rest is a number too. */
static int parse_number(const char *text, bool *ret_negative, uint64_t *ret_magnitude) {
    uint64_t magnitude = 0;
    bool negative, over = false;
    text = skip_space(text);
    negative = *text == '-';
    if (*text == '-' || *text == '+') {
        text++;
    }
    if (!is_digit(*text)) {
        return -EINVAL;
    }
    for (; is_digit(*text); text++) {
        unsigned digit = (unsigned) (*text - '0');
        if (magnitude > (UINT64_MAX - digit) / 10) {
            over = true;
        } else {
            magnitude = magnitude * 10 + digit;
        }
    }
    if (*skip_space(text) != '\0') {
        return -EINVAL;
    }
    *ret_negative = negative;
    *ret_magnitude = magnitude;
    return over ? -ERANGE : 0;
}

int text_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_number) {
    uint64_t magnitude = 0;
    bool negative = false;
    int64_t number;
    int r = parse_number(text, &negative, &magnitude);
    if (r < 0) {
        return r;
    }
    if (negative) {
        if (magnitude > (uint64_t) INT64_MAX + 1) {
            return -ERANGE;
        }
        number = magnitude > 0 ? -(int64_t) (magnitude - 1) - 1 : 0;
    } else {
        if (magnitude > INT64_MAX) {
            return -ERANGE;
        }
        number = (int64_t) magnitude;
    }
    if (number < min || number > max) {
        return -ERANGE;
    }
    *ret_number = number;
    return 0;
}

int text_parse_uint(const char *text, uint64_t max, uint64_t *ret_number) {
    uint64_t magnitude = 0;
    bool negative = false;
    int r = parse_number(text, &negative, &magnitude);
    if (r < 0) {
        return r;
    }
    if (magnitude > max || (negative && magnitude > 0)) {
        return -ERANGE;
    }
    *ret_number = magnitude;
    return 0;
}

int text_parse_bool(const char *text, bool *ret_yes) {
    static const struct {
        const char *name;
        bool yes;
    } names[] = {{"0", false}, {"1", true}, {"false", false}, {"true", true}};
    size_t length, i;
    text = skip_space(text);
    length = strlen(text);
    while (length > 0 && is_space(text[length - 1])) {
        length--;
    }
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == length && memcmp(names[i].name, text, length) == 0) {
            *ret_yes = names[i].yes;
            return 0;
        }
    }
    return -EINVAL;
}

size_t text_utf8_char(const char *text, size_t length, uint32_t *ret_code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *) text;
    uint32_t code;
    size_t n, i;
    if (length == 0) {
        return 0;
    }
    if (s[0] < 0x80) {
        *ret_code = s[0];
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] < 0xE0) {
        n = 2;
        code = s[0] & 0x1Fu;
    } else if (s[0] >= 0xE0 && s[0] < 0xF0) {
        n = 3;
        code = s[0] & 0x0Fu;
    } else if (s[0] >= 0xF0 && s[0] < 0xF5) {
        n = 4;
        code = s[0] & 0x07u;
    } else {
        return 0;
    }
    if (n > length) {
        return 0;
    }
    for (i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (s[i] & 0x3Fu);
    }
    if (code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return 0;
    }
    *ret_code = code;
    return n;
}

size_t text_utf8_count(const char *text, size_t length) {
    size_t count = 0, i = 0;
    while (i < length) {
        uint32_t code;
        size_t n = text_utf8_char(text + i, length - i, &code);
        i += n > 0 ? n : 1;
        count++;
    }
    return count;
}

/* 1 = goes out as it is: TAB, LF, and 32..126 but " & < > */
static const unsigned char xml_plain[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0,
};

#define PLAIN(c) xml_plain[(unsigned char) (c)]

static int xml_reference(struct buffer *out, uint32_t code) {
    char text[16];
    char *p = text + sizeof text;
    *--p = ';';
    do {
        *--p = "0123456789ABCDEF"[code & 15];
        code >>= 4;
    } while (code > 0);
    *--p = 'x';
    *--p = '#';
    *--p = '&';
    return buffer_append(out, p, (size_t) (text + sizeof text - p));
}

/* One character that is not plain; returns how many octets of `text` it was. */
static size_t xml_special(struct buffer *out, const char *text, size_t length) {
    uint32_t code = 0;
    size_t n;
    switch (*text) {
    case '&':
        (void) buffer_append(out, "&amp;", 5);
        return 1;
    case '<':
        (void) buffer_append(out, "&lt;", 4);
        return 1;
    case '>':
        (void) buffer_append(out, "&gt;", 4);
        return 1;
    case '"':
        (void) buffer_append(out, "&quot;", 6);
        return 1;
    default:
        break;
    }
    n = text_utf8_char(text, length, &code);
    if (n == 0 || (code < 32 && code != '\r') || code == 0xFFFE || code == 0xFFFF) {
        (void) buffer_char(out, '?');
        return n > 0 ? n : 1;
    }
    (void) xml_reference(out, code);
    return n;
}

int text_xml(struct buffer *out, const char *text, size_t length) {
    const char *end = text + length;
    while (text < end) {
        const char *run = text;
        while (end - run >= 4 && (PLAIN(run[0]) & PLAIN(run[1]) & PLAIN(run[2]) & PLAIN(run[3])) != 0) {
            run += 4;
        }
        while (run < end && PLAIN(*run)) {
            run++;
        }
        if (run > text && buffer_append(out, text, (size_t) (run - text)) < 0) {
            break;
        }
        text = run;
        if (text < end) {
            text += xml_special(out, text, (size_t) (end - text));
            if (buffer_error(out) < 0) {
                break;
            }
        }
    }
    return buffer_error(out);
}

int text_xml_element(struct buffer *out, const char *name, const char *text, size_t length) {
    size_t name_length = strlen(name);
    (void) buffer_append(out, "<", 1);
    (void) buffer_append(out, name, name_length);
    if (length == 0) {
        return buffer_append(out, "/>", 2);
    }
    (void) buffer_append(out, ">", 1);
    (void) text_xml(out, text, length);
    (void) buffer_append(out, "</", 2);
    (void) buffer_append(out, name, name_length);
    return buffer_append(out, ">", 1);
}

uint64_t text_hash(const void *data, size_t length) {
    const unsigned char *octets = data;
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ octets[i]) * 0x100000001B3u;
    }
    return hash;
}

bool text_copy(char *out, size_t size, const char *text) {
    size_t length = strnlen(text, size);
    bool fits = length < size;
    if (size == 0) {
        return false;
    }
    if (!fits) {
        length = size - 1;
        while (length > 0 && ((unsigned char) text[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(out, text, length);
    out[length] = '\0';
    return fits;
}

bool text_join(char *out, size_t size, ...) {
    const char *part;
    size_t used = 0;
    bool fits = size > 0;
    va_list parts;
    va_start(parts, size);
    while (fits && (part = va_arg(parts, const char *)) != NULL) {
        size_t length = strlen(part);
        fits = length < size - used;
        length = fits ? length : size - used - 1;
        memcpy(out + used, part, length);
        used += length;
    }
    va_end(parts);
    if (size > 0) {
        out[used] = '\0';
    }
    return fits;
}

bool text_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_parent(char *out, size_t size, const char *path) {
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t) (slash - path) : 0;
    while (length > 0 && path[length - 1] == '/') { /* a link with a slash behind it is what it leads to */
        length--;
    }
    bool fits = length > 0 && length < size;
    if (size > 0) {
        memcpy(out, path, fits ? length : 0);
        out[fits ? length : 0] = '\0';
    }
    return fits;
}

bool text_ends(const char *text, const char *suffix) {
    size_t length = strlen(text), tail = strlen(suffix);
    return tail <= length && memcmp(text + length - tail, suffix, tail) == 0;
}

char *text_dup(const char *text) {
    return strdup(text);
}

void text_free_secret(char *text) {
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void text_percent_decode(char *text) {
    char *out = text;
    while (*text != '\0') {
        int high = *text == '%' ? hex_digit(text[1]) : -1;
        int low = high >= 0 ? hex_digit(text[2]) : -1;
        if (low >= 0) {
            *out++ = (char) (high * 16 + low);
            text += 3;
        } else {
            *out++ = *text++;
        }
    }
    *out = '\0';
}
