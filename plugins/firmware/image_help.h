/* Images for tests: archives of every kind. */
#ifndef FIRMWARE_IMAGE_HELP_H
#define FIRMWARE_IMAGE_HELP_H

#include <stdbool.h>
#include <stdint.h>

struct image_entry {
    const char *name;
    const char *content; /* NULL: zeros */
    uint64_t octets;     /* of zeros; a hole in the file if they are stored */
    bool packed;
    bool link; /* as a symbolic link */
};

/* Entries end with a name NULL. Exits on failure. */
void image_write(const char *path, const struct image_entry *entries);

#endif
