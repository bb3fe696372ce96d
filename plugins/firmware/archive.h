/* Is a file a whole, harmless .zip? Reads it once, in constant memory. No service of the host is used: for a
 * worker thread. */
#ifndef FIRMWARE_ARCHIVE_H
#define FIRMWARE_ARCHIVE_H

#include "cause.h"

#include <stdatomic.h>

struct archive_limits {
    uint64_t entries;
    uint64_t total, entry; /* octets when unpacked */
    uint64_t ratio;        /* unpacked to packed, of an entry larger than ARCHIVE_RATIO_FROM */
};

enum { ARCHIVE_RATIO_FROM = 16 << 20, ARCHIVE_METADATA_MAX = 65536, ARCHIVE_COMMENT_MAX = 65535 };

/* Where the archive ends: the record "end of central directory" and the comment in it. */
struct archive_end {
    uint64_t size;                                  /* of the file */
    uint64_t at;                                    /* of the record */
    uint64_t entries;                               /* as it says; 65535 may mean more */
    unsigned char record[22 + ARCHIVE_COMMENT_MAX]; /* record and comment */
    size_t length;                                  /* of them */
};

/* Faults: NOT_ZIP, TRUNCATED, READ. */
int firmware_archive_find_end(int fd, struct archive_end *ret_end, struct tr069_fault *fault);

/* Every entry: name, limits, whether it unpacks to what its CRC says. *ret_metadata gets the content of the
 * first entry of those names, NULL if there is none; the caller frees it. `cancel` ends it with READ. */
int firmware_archive_check(const char *path, const struct archive_limits *limits, const char *const *metadata,
                           const atomic_bool *cancel, char **ret_metadata, struct tr069_fault *fault);

#endif
