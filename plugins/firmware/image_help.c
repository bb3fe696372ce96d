#define _GNU_SOURCE
#include "image_help.h"

#include <minizip/zip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 65536 };

static void need(bool good, const char *what) {
    if (!good) {
        (void) fprintf(stderr, "image: %s failed\n", what);
        exit(2);
    }
}

/* What is all zeros becomes a hole. */
static uLong write_sparse(voidpf opaque, voidpf stream, const void *data, uLong size) {
    static const char zeros[CHUNK];
    (void) opaque;
    if (size >= 4096 && size <= CHUNK && memcmp(data, zeros, size) == 0) {
        return fseeko(stream, (off_t) size, SEEK_CUR) == 0 ? size : 0;
    }
    return (uLong) fwrite(data, 1, size, stream);
}

static void add(zipFile zip, const struct image_entry *entry) {
    static char zeros[CHUNK];
    /* no date: an image made twice is the same */
    const zip_fileinfo info = {.tmz_date = {.tm_mday = 1, .tm_year = 2020},
                               .external_fa = entry->link ? (uLong) 0120777 << 16 : 0};
    uint64_t octets = entry->content != NULL ? strlen(entry->content) : entry->octets;
    need(zipOpenNewFileInZip64(zip, entry->name, &info, NULL, 0, NULL, 0, NULL,
                               entry->packed ? Z_DEFLATED : 0, entry->packed ? Z_BEST_SPEED : 0,
                               octets > UINT32_MAX) == ZIP_OK,
         entry->name);
    for (uint64_t done = 0; done < octets;) {
        uint64_t part = octets - done < CHUNK ? octets - done : CHUNK;
        const void *data = entry->content != NULL ? entry->content + done : zeros;
        need(zipWriteInFileInZip(zip, data, (unsigned) part) == ZIP_OK, "writing");
        done += part;
    }
    need(zipCloseFileInZip(zip) == ZIP_OK, "ending an entry");
}

void image_write(const char *path, const struct image_entry *entries) {
    zlib_filefunc64_def functions;
    fill_fopen64_filefunc(&functions);
    functions.zwrite_file = write_sparse;
    zipFile zip = zipOpen2_64(path, APPEND_STATUS_CREATE, NULL, &functions);
    need(zip != NULL, path);
    for (; entries->name != NULL; entries++) {
        add(zip, entries);
    }
    need(zipClose(zip, NULL) == ZIP_OK, "the end");
}
