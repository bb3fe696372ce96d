/* tr069/utf8.h: is this UTF-8? For plugins that judge text from outside octet by octet. */
#ifndef TR069_UTF8_H
#define TR069_UTF8_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many octets the character has that begins here, of at most `length`: 1 for ASCII; 0 when there is no
 * well-formed one (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF). */
static inline size_t tr069_utf8(const char *text, size_t length) {
    /* by first octet: how long they are, and which second octets they allow */
    static const struct {
        unsigned char first, last, second_first, second_last;
        size_t size;
    } forms[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                 {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                 {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    size_t size = 0;
    if (length == 0 || ((unsigned char) text[0]) < 0x80) {
        return length == 0 ? 0 : 1;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        unsigned char first = (unsigned char) text[0];
        if (first >= forms[i].first && first <= forms[i].last && forms[i].size <= length &&
            (unsigned char) text[1] >= forms[i].second_first &&
            (unsigned char) text[1] <= forms[i].second_last) {
            size = forms[i].size;
        }
    }
    for (size_t i = 2; i < size; i++) {
        if (((unsigned char) text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return size;
}

#ifdef __cplusplus
}
#endif

#endif
