/* make_image FILE ENTRY...: an archive for the tests on the wire. ENTRY: NAME=TEXT, with \n in TEXT for a new
 * line, or NAME:OCTETS (a stored hole), NAME:OCTETS:packed. */
#include "image_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 256 };

static void unescape(char *text) {
    char *out = text;
    for (; *text != '\0'; text++) {
        bool escaped = text[0] == '\\' && text[1] == 'n';
        *out++ = escaped ? '\n' : *text;
        text += escaped;
    }
    *out = '\0';
}

int main(int argc, char **argv) {
    struct image_entry entries[ENTRIES_MAX + 1] = {{0}};
    if (argc < 3 || argc - 2 > ENTRIES_MAX) {
        (void) fprintf(stderr, "usage: make_image FILE ENTRY...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        char *sign = argv[i] + strcspn(argv[i], "=:");
        struct image_entry *entry = &entries[i - 2];
        bool text = *sign == '=';
        if (*sign != '\0') {
            *sign++ = '\0';
        }
        entry->name = argv[i];
        entry->packed = text || strstr(sign, ":packed") != NULL;
        if (text) {
            unescape(sign);
            entry->content = sign;
        } else {
            entry->octets = strtoull(sign, NULL, 10);
        }
    }
    image_write(argv[1], entries);
    return 0;
}
