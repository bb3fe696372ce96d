/* minizip unpacks; here is what makes an archive one that this box takes. */
#define _GNU_SOURCE
#include "archive.h"

#include "minizip.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    CHUNK = 65536,
    NAME_SIZE = 512,
    END_SIZE = 22,
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_PATCH = 1 << 5,
    FLAG_STRONG = 1 << 6,
    FLAG_MASKED = 1 << 13,
    MODE_TYPE = 0170000,
    MODE_LINK = 0120000
};

/* ---- The end ----------------------------------------------------------------------------------- */

static unsigned read16(const unsigned char *at) {
    return at[0] | (unsigned) at[1] << 8;
}

static bool read_at(int fd, unsigned char *buffer, size_t length, uint64_t offset) {
    while (length > 0) {
        ssize_t got = pread(fd, buffer, length, (off_t) offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        buffer += got;
        offset += (uint64_t) got;
        length -= (size_t) got;
    }
    return true;
}

int firmware_archive_find_end(int fd, struct archive_end *ret_end, struct tr069_fault *fault) {
    unsigned char magic[4] = {0};
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return firmware_fault(fault, CAUSE_READ, "%s", strerror(errno));
    }
    ret_end->size = (uint64_t) info.st_size;
    if (ret_end->size < END_SIZE || !read_at(fd, magic, sizeof magic, 0) || memcmp(magic, "PK\3\4", 4) != 0) {
        return firmware_fault(fault, CAUSE_NOT_ZIP, "it does not begin as one (%llu octets)",
                              (unsigned long long) ret_end->size);
    }
    size_t length = ret_end->size < sizeof ret_end->record ? (size_t) ret_end->size : sizeof ret_end->record;
    if (!read_at(fd, ret_end->record, length, ret_end->size - length)) {
        return firmware_fault(fault, CAUSE_READ, "%s", strerror(errno));
    }
    for (size_t from_end = END_SIZE; from_end <= length; from_end++) {
        const unsigned char *at = ret_end->record + length - from_end;
        if (memcmp(at, "PK\5\6", 4) == 0 && read16(at + 20) == from_end - END_SIZE) {
            ret_end->at = ret_end->size - from_end;
            ret_end->entries = read16(at + 10);
            ret_end->length = from_end;
            memmove(ret_end->record, at, from_end);
            return TR069_OK;
        }
    }
    return firmware_fault(fault, CAUSE_TRUNCATED, "it has no end (%llu octets)",
                          (unsigned long long) ret_end->size);
}

/* ---- Entries ----------------------------------------------------------------------------------- */

struct check {
    struct minizip minizip;
    unzFile zip;
    const struct archive_limits *limits;
    const char *const *metadata;
    const atomic_bool *cancel;
    struct tr069_fault *fault;
    uint64_t size;          /* of the file */
    uint64_t packed, total; /* so far */
    char *text;             /* the metadata */
    size_t text_rank;       /* its place in the list of names */
    unz_file_info64 info;
    char name[NAME_SIZE];
    unsigned char chunk[CHUNK];
};

/* A relative path that stays below where it is unpacked, whatever system unpacks it. */
static bool name_is_good(const char *name, size_t length) {
    if (length == 0 || length != strlen(name) || name[0] == '/' || strchr(name, '\\') != NULL ||
        (length > 1 && name[1] == ':')) {
        return false;
    }
    for (const char *at = name; *at != '\0'; at++) {
        if ((unsigned char) *at < 0x20 || *at == 0x7f) {
            return false;
        }
    }
    for (const char *part = name; *part != '\0'; part += part[0] == '/') {
        size_t part_length = strcspn(part, "/");
        if (part_length == 2 && memcmp(part, "..", 2) == 0) {
            return false;
        }
        part += part_length;
    }
    return true;
}

static int check_head(struct check *check) {
    const unz_file_info64 *info = &check->info;
    const struct archive_limits *limits = check->limits;
    const unsigned odd = FLAG_ENCRYPTED | FLAG_PATCH | FLAG_STRONG | FLAG_MASKED;
    if (info->size_filename >= NAME_SIZE) {
        return firmware_fault(check->fault, CAUSE_NAME, "one has %lu octets", info->size_filename);
    }
    if (!name_is_good(check->name, info->size_filename)) {
        return firmware_fault(check->fault, CAUSE_NAME, "\"%.100s\"", check->name);
    }
    if ((info->external_fa >> 16 & MODE_TYPE) == MODE_LINK) {
        return firmware_fault(check->fault, CAUSE_NAME, "\"%.100s\" is a symbolic link", check->name);
    }
    if ((info->flag & odd) != 0) {
        return firmware_fault(check->fault, CAUSE_METHOD, "\"%.100s\" is encrypted or a patch", check->name);
    }
    if (info->compression_method != 0 && info->compression_method != Z_DEFLATED) {
        return firmware_fault(check->fault, CAUSE_METHOD, "\"%.100s\": method %lu", check->name,
                              info->compression_method);
    }
    if (info->uncompressed_size > limits->entry) {
        return firmware_fault(check->fault, CAUSE_TOO_BIG, "\"%.100s\" has %llu octets, %llu are allowed",
                              check->name, (unsigned long long) info->uncompressed_size,
                              (unsigned long long) limits->entry);
    }
    if (info->uncompressed_size > limits->total - check->total) {
        return firmware_fault(check->fault, CAUSE_TOO_BIG, "more than %llu octets",
                              (unsigned long long) limits->total);
    }
    if (info->uncompressed_size > ARCHIVE_RATIO_FROM &&
        info->uncompressed_size / limits->ratio > info->compressed_size) {
        return firmware_fault(check->fault, CAUSE_RATIO, "\"%.100s\": %llu octets in %llu", check->name,
                              (unsigned long long) info->uncompressed_size,
                              (unsigned long long) info->compressed_size);
    }
    if (info->compressed_size > check->size - check->packed) { /* entries that share octets */
        return firmware_fault(check->fault, CAUSE_DAMAGED, "the entries are larger than the file");
    }
    check->packed += info->compressed_size;
    check->total += info->uncompressed_size;
    return TR069_OK;
}

/* Of several names the earlier in the list counts. */
static void begin_metadata(struct check *check, char **ret_text) {
    for (size_t rank = 0; check->metadata[rank] != NULL; rank++) {
        if (strcmp(check->metadata[rank], check->name) == 0 &&
            (check->text == NULL || rank < check->text_rank) &&
            check->info.uncompressed_size <= ARCHIVE_METADATA_MAX) {
            *ret_text = calloc(1, (size_t) check->info.uncompressed_size + 1);
            check->text_rank = rank;
            return;
        }
    }
}

static int damaged(struct check *check, const char *how) {
    return firmware_fault(check->fault, CAUSE_DAMAGED, "\"%.100s\": %s", check->name, how);
}

static int unpack(struct check *check) {
    uint64_t octets = 0, wanted = check->info.uncompressed_size;
    char *text = NULL;
    int got = 0, r = TR069_OK;
    begin_metadata(check, &text);
    if (check->minizip.unzOpenCurrentFile(check->zip) != UNZ_OK) {
        free(text);
        return damaged(check, "its header does not fit the directory");
    }
    while (r == TR069_OK && (got = check->minizip.unzReadCurrentFile(check->zip, check->chunk, CHUNK)) > 0) {
        if ((uint64_t) got > wanted - octets) {
            r = damaged(check, "it is longer than it says");
        } else if (atomic_load(check->cancel)) {
            r = firmware_fault(check->fault, CAUSE_READ, "the client ends");
        } else {
            if (text != NULL) {
                memcpy(text + octets, check->chunk, (size_t) got);
            }
            octets += (uint64_t) got;
        }
    }
    int end = check->minizip.unzCloseCurrentFile(check->zip);
    if (r == TR069_OK && got < 0) {
        r = damaged(check, got == UNZ_ERRNO ? "it ends early" : "it cannot be unpacked");
    } else if (r == TR069_OK && octets != wanted) {
        r = damaged(check, "it ends early");
    } else if (r == TR069_OK && end != UNZ_OK) {
        r = damaged(check, end == UNZ_CRCERROR ? "CRC error" : "it cannot be unpacked");
    }
    if (r != TR069_OK || text == NULL) {
        free(text);
        return r;
    }
    free(check->text);
    check->text = text;
    return TR069_OK;
}

static int check_entries(struct check *check, uint64_t count) {
    int r = check->minizip.unzGoToFirstFile(check->zip);
    for (uint64_t i = 0; i < count; i++) {
        if (r != UNZ_OK || check->minizip.unzGetCurrentFileInfo64(check->zip, &check->info, check->name,
                                                                  NAME_SIZE, NULL, 0, NULL, 0) != UNZ_OK) {
            return firmware_fault(check->fault, CAUSE_DAMAGED, "its directory cannot be read at entry %llu",
                                  (unsigned long long) i + 1);
        }
        check->name[check->info.size_filename < NAME_SIZE ? check->info.size_filename : NAME_SIZE - 1] = '\0';
        int verdict = check_head(check);
        verdict = verdict == TR069_OK ? unpack(check) : verdict;
        if (verdict != TR069_OK) {
            return verdict;
        }
        r = check->minizip.unzGoToNextFile(check->zip);
    }
    return TR069_OK;
}

/* Both readers, minizip and firmware_archive_find_end(), must mean the same directory. */
static int check_zip(struct check *check, const struct archive_end *end) {
    unz_global_info64 global;
    if (check->minizip.unzGetGlobalInfo64(check->zip, &global) != UNZ_OK ||
        global.size_comment != end->length - END_SIZE ||
        (end->entries != global.number_entry && end->entries != UINT16_MAX)) {
        return firmware_fault(check->fault, CAUSE_DAMAGED, "it has two ends that contradict each other");
    }
    if (global.number_entry == 0) {
        return firmware_fault(check->fault, CAUSE_DAMAGED, "it is empty");
    }
    if (global.number_entry > check->limits->entries) {
        return firmware_fault(check->fault, CAUSE_ENTRIES, "%llu, and %llu are allowed",
                              (unsigned long long) global.number_entry,
                              (unsigned long long) check->limits->entries);
    }
    return check_entries(check, global.number_entry);
}

int firmware_archive_check(const char *path, const struct archive_limits *limits, const char *const *metadata,
                           const atomic_bool *cancel, char **ret_metadata, struct tr069_fault *fault) {
    struct archive_end *end = malloc(sizeof *end);
    struct check *check = calloc(1, sizeof *check);
    char why[300];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r;
    if (end == NULL || check == NULL || fd < 0) {
        r = firmware_fault(fault, CAUSE_READ, "%s", strerror(fd < 0 ? errno : ENOMEM));
        goto out;
    }
    r = firmware_archive_find_end(fd, end, fault);
    if (r == TR069_OK && firmware_minizip_open(&check->minizip, why, sizeof why) != 0) {
        r = firmware_fault(fault, CAUSE_READ, "%s", why);
    }
    if (r != TR069_OK) {
        goto out;
    }
    check->zip = check->minizip.unzOpen64(path);
    check->limits = limits;
    check->metadata = metadata;
    check->cancel = cancel;
    check->fault = fault;
    check->size = end->size;
    if (check->zip == NULL) {
        r = firmware_fault(fault, CAUSE_DAMAGED, "its directory cannot be read");
        goto out;
    }
    r = check_zip(check, end);
    (void) check->minizip.unzClose(check->zip);
    if (r == TR069_OK) {
        *ret_metadata = check->text;
        check->text = NULL;
    }
out:
    if (fd >= 0) {
        (void) close(fd);
    }
    if (check != NULL) {
        firmware_minizip_close(&check->minizip);
        free(check->text);
    }
    free(check);
    free(end);
    return r;
}
