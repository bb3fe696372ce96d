/* Unpacks bundles. Names were checked; still nothing is followed that could lead out of the directory: each
 * part of a path is opened below the one before it, without symbolic links, and no file is opened that
 * exists. */
#define _GNU_SOURCE
#include "extract.h"

#include "firmware/minizip.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536, ENTRY_NAME_SIZE = 512, WIDTH = 16 };

#define NEW ".new"
#define GONE ".gone"

bool bundle_name_is_good(const char *name) {
    return name[0] != '\0' && name[0] != '.' && strlen(name) <= NAME_MAX && strchr(name, '/') == NULL;
}

/* ---- Removing ---------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at) {
    (void) info;
    (void) kind;
    (void) at;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

static int join(char path[PATH_MAX], const char *directory, const char *name) {
    return snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int remove_tree(const char *directory, const char *name) {
    char path[PATH_MAX];
    int r = join(path, directory, name);
    if (r == 0 && nftw(path, remove_one, WIDTH, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT) {
        r = -errno;
    }
    return r;
}

static int sync_directory(const char *directory) {
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        (void) close(fd);
    }
    return r;
}

/* Out of its place in one step: a power cut leaves it whole, or hidden. */
static int set_aside(const char *directory, const char *name) {
    char path[PATH_MAX], gone[PATH_MAX];
    int r = remove_tree(directory, GONE);
    r = r == 0 ? join(path, directory, name) : r;
    r = r == 0 ? join(gone, directory, GONE) : r;
    if (r == 0 && rename(path, gone) != 0 && errno != ENOENT) {
        r = -errno;
    }
    return r;
}

int bundle_remove(const char *directory, const char *name) {
    int r = set_aside(directory, name);
    if (r == 0 && access(directory, F_OK) == 0) {
        r = sync_directory(directory);
    }
    return r == 0 ? remove_tree(directory, GONE) : r;
}

int bundle_remove_all(const char *directory) {
    DIR *entries = opendir(directory);
    int r = entries != NULL || errno == ENOENT ? 0 : -errno;
    for (const struct dirent *entry = NULL; entries != NULL && (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            int one = remove_tree(directory, entry->d_name);
            r = one < 0 ? one : r;
        }
    }
    if (entries != NULL) {
        (void) closedir(entries);
    }
    return r;
}

/* ---- Unpacking --------------------------------------------------------------------------------- */

struct extraction {
    struct minizip minizip;
    unzFile zip;
    int root; /* where it goes */
    const atomic_bool *cancel;
    struct tr069_fault *fault;
    char name[ENTRY_NAME_SIZE];
    unsigned char chunk[CHUNK];
};

static int local_fault(struct tr069_fault *fault, int error, const char *what) {
    bool space = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return tr069_fault(fault, space ? TR069_DU_RESOURCES_EXCEEDED : TR069_REQUEST_DENIED,
                       "the bundle cannot be unpacked: %.100s: %s", what, strerror(error));
}

/* Below `at`, made if it is missing. */
static int open_directory(int at, const char *name) {
    if (mkdirat(at, name, 0755) != 0 && errno != EEXIST) {
        return -1;
    }
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fchmod(fd, 0755) != 0) { /* the client's umask is narrow */
        (void) close(fd);
        fd = -1;
    }
    return fd;
}

/* Opens the directory of an entry, and gives what is behind the last slash (empty: the entry is a directory).
 * Cuts the name up. */
static int open_parent(struct extraction *extraction, const char **ret_last) {
    int at = dup(extraction->root);
    char *part = extraction->name;
    for (char *slash; at >= 0 && (slash = strchr(part, '/')) != NULL; part = slash + 1) {
        *slash = '\0';
        if (part[0] == '\0' || strcmp(part, ".") == 0) {
            continue;
        }
        if (strcmp(part, "..") == 0) {
            errno = EINVAL;
            (void) close(at);
            return -1;
        }
        int next = open_directory(at, part);
        int error = errno;
        (void) close(at);
        errno = error;
        at = next;
    }
    *ret_last = part;
    return at;
}

static int write_all(int fd, const unsigned char *data, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return -1;
        }
        data += written;
        length -= (size_t) written;
    }
    return 0;
}

static int unpack_into(struct extraction *extraction, int fd, const char *last) {
    int got = 0, r = TR069_OK;
    if (extraction->minizip.unzOpenCurrentFile(extraction->zip) != UNZ_OK) {
        return tr069_fault(extraction->fault, TR069_TRANSFER_CORRUPTED, "\"%.100s\" cannot be unpacked",
                           last);
    }
    while (r == TR069_OK &&
           (got = extraction->minizip.unzReadCurrentFile(extraction->zip, extraction->chunk, CHUNK)) > 0) {
        if (atomic_load(extraction->cancel)) {
            r = tr069_fault(extraction->fault, TR069_REQUEST_DENIED, "the client ends");
        } else if (write_all(fd, extraction->chunk, (size_t) got) != 0) {
            r = local_fault(extraction->fault, errno, last);
        }
    }
    int end = extraction->minizip.unzCloseCurrentFile(extraction->zip);
    if (r == TR069_OK && (got < 0 || end != UNZ_OK)) {
        r = tr069_fault(extraction->fault, TR069_TRANSFER_CORRUPTED, "\"%.100s\" is damaged", last);
    }
    return r;
}

static int unpack_entry(struct extraction *extraction) {
    unz_file_info64 info;
    const char *last = "";
    if (extraction->minizip.unzGetCurrentFileInfo64(extraction->zip, &info, extraction->name, ENTRY_NAME_SIZE,
                                                    NULL, 0, NULL, 0) != UNZ_OK ||
        info.size_filename >= ENTRY_NAME_SIZE) {
        return tr069_fault(extraction->fault, TR069_TRANSFER_CORRUPTED, "the archive has changed");
    }
    extraction->name[info.size_filename] = '\0';
    bool program = (info.external_fa >> 16 & 0111) != 0;
    int parent = open_parent(extraction, &last);
    if (parent < 0) {
        return local_fault(extraction->fault, errno, extraction->name);
    }
    if (last[0] == '\0' || strcmp(last, ".") == 0) {
        (void) close(parent);
        return TR069_OK;
    }
    int fd = strcmp(last, "..") != 0
                 ? openat(parent, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)
                 : -1;
    int error = errno;
    (void) close(parent);
    if (fd < 0) {
        return error == EEXIST ? tr069_fault(extraction->fault, TR069_TRANSFER_CORRUPTED,
                                             "\"%.100s\" is in the archive twice", last)
                               : local_fault(extraction->fault, error, last);
    }
    int r = unpack_into(extraction, fd, last);
    if (r == TR069_OK && fchmod(fd, program ? 0755 : 0644) != 0) {
        r = local_fault(extraction->fault, errno, last);
    }
    if (close(fd) != 0 && r == TR069_OK) {
        r = local_fault(extraction->fault, errno, last);
    }
    return r;
}

static int unpack(struct extraction *extraction, const char *archive, const char *path) {
    int r = TR069_OK, more;
    char why[300];
    if (firmware_minizip_open(&extraction->minizip, why, sizeof why) != 0) {
        return tr069_fault(extraction->fault, TR069_REQUEST_DENIED, "the bundle cannot be unpacked: %s", why);
    }
    extraction->root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    extraction->zip = extraction->root >= 0 ? extraction->minizip.unzOpen64(archive) : NULL;
    if (extraction->zip == NULL) {
        r = local_fault(extraction->fault, errno, path);
    } else {
        more = extraction->minizip.unzGoToFirstFile(extraction->zip);
        for (; r == TR069_OK && more == UNZ_OK; more = extraction->minizip.unzGoToNextFile(extraction->zip)) {
            r = unpack_entry(extraction);
        }
        (void) extraction->minizip.unzClose(extraction->zip);
    }
    if (r == TR069_OK && (fchmod(extraction->root, 0755) != 0 || syncfs(extraction->root) != 0)) {
        r = local_fault(extraction->fault, errno, path);
    }
    if (extraction->root >= 0) {
        (void) close(extraction->root);
    }
    firmware_minizip_close(&extraction->minizip);
    return r;
}

/* All of it is on disk: now it gets its name. */
static int give_name(const char *directory, const char *name, const char *path, struct tr069_fault *fault) {
    char place[PATH_MAX];
    int r = join(place, directory, name);
    r = r == 0 ? set_aside(directory, name) : r;
    if (r == 0 && rename(path, place) != 0) {
        r = -errno;
    }
    r = r == 0 ? sync_directory(directory) : r;
    (void) remove_tree(directory, GONE);
    return r == 0 ? TR069_OK : local_fault(fault, -r, name);
}

int bundle_put(const char *directory, const char *name, const char *archive, const atomic_bool *cancel,
               struct tr069_fault *fault) {
    char path[PATH_MAX];
    struct extraction *extraction = calloc(1, sizeof *extraction);
    int r = extraction != NULL ? join(path, directory, NEW) : -ENOMEM;
    if (r == 0 && mkdir(directory, 0755) != 0 && errno != EEXIST) {
        r = -errno;
    }
    r = r == 0 ? remove_tree(directory, NEW) : r;
    if (r == 0 && mkdir(path, 0700) != 0) {
        r = -errno;
    }
    if (r < 0) {
        free(extraction);
        return local_fault(fault, -r, directory);
    }
    extraction->cancel = cancel;
    extraction->fault = fault;
    r = unpack(extraction, archive, path);
    free(extraction);
    r = r == TR069_OK ? give_name(directory, name, path, fault) : r;
    if (r != TR069_OK) {
        (void) remove_tree(directory, NEW);
    }
    return r;
}
