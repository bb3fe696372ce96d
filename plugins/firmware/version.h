/* What an image says of itself, and what of that runs on the box. */
#ifndef FIRMWARE_VERSION_H
#define FIRMWARE_VERSION_H

#include <tr069/plugin.h>

enum { VERSION_SIZE = 257 };

/* A version and where it is read on the box. */
struct version {
    char source[VERSION_SIZE]; /* "property:KEY" or "parameter:NAME" */
    char wanted[VERSION_SIZE]; /* what the image says; empty: nothing */
};

/* KEY=VALUE lines. False without such a line, or if its value is empty or too long. */
bool firmware_version_metadata(const char *metadata, const char *key, char *ret_value, size_t size);
/* What the source says now; empty if nothing. */
void firmware_version_running(const struct tr069_host *host, const char *source, char *ret_value,
                              size_t size);
/* Of the pairs "KEY=SOURCE" the first that both the image and the box know; else the first that the box
 * knows. */
void firmware_version_choose(const struct tr069_host *host, const char *const *pairs, const char *metadata,
                             struct version *ret_version);
/* Is the image for this box? A key's value is a list, separated by '|' or ','. Fills in what differs. */
bool firmware_version_fits(const struct tr069_host *host, const char *const *pairs, const char *metadata,
                           char *ret_image, char *ret_box, size_t size);

#endif
