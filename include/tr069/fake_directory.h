/* tr069/fake_directory.h: a directory for the files of a test. It needs POSIX.1-2008 (_POSIX_C_SOURCE or
 * _GNU_SOURCE), and no other header of the client.
 *
 *     const char *base = fake_directory("upload");    // $TMPDIR/upload-XXXXXX, or /tmp/upload-XXXXXX
 *
 * It is removed with all that is in it when the process exits, also when a test gave up half-way. With KEEP
 * in the environment it stays, and is named on stderr. */
#ifndef TR069_FAKE_DIRECTORY_H
#define TR069_FAKE_DIRECTORY_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest path of one, with its end: what a test builds from it needs no more than PATH_MAX, nor a socket
 * in it more than its 108 octets. */
enum { FAKE_DIRECTORY_SIZE = 96 };

struct fake_directory {
    struct fake_directory *next;
    pid_t owner; /* a child that exits does not remove what is its parent's */
    char path[FAKE_DIRECTORY_SIZE];
};

static inline struct fake_directory **fake_directories(void) {
    static struct fake_directory *first;
    return &first;
}

/* A file, a link itself, or a directory with all in it. */
static inline void fake_remove_at(int at, const char *name) {
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            fake_remove_at(fd, entry->d_name);
        }
    }
    if (list != NULL) {
        (void) closedir(list);
    } else if (fd >= 0) {
        (void) close(fd);
    }
    (void) unlinkat(at, name, fd >= 0 ? AT_REMOVEDIR : 0);
}

/* Removes one that fake_directory() gave in the same source file, before the exit does; the path is gone with
 * it. */
static inline void fake_directory_remove(const char *path) {
    struct fake_directory **link = fake_directories();
    while (*link != NULL && (*link)->path != path) {
        link = &(*link)->next;
    }
    struct fake_directory *directory = *link;
    if (directory == NULL) {
        return;
    }
    *link = directory->next;
    if (directory->owner == getpid()) {
        if (getenv("KEEP") != NULL) {
            (void) fprintf(stderr, "kept: %s\n", path);
        } else {
            fake_remove_at(AT_FDCWD, path);
        }
    }
    free(directory);
}

static inline void fake_directories_remove(void) {
    while (*fake_directories() != NULL) {
        fake_directory_remove((*fake_directories())->path);
    }
}

/* Makes a new one; `name` tells people whose it is. The path, absolute if TMPDIR is, stays valid until the
 * exit. Where none can be made, the test program ends with 99, which automake calls a hard error. */
static inline const char *fake_directory(const char *name) {
    struct fake_directory *directory = calloc(1, sizeof *directory), **first = fake_directories();
    const char *parent = getenv("TMPDIR");
    if (directory == NULL || (*first == NULL && atexit(fake_directories_remove) != 0)) {
        abort();
    }
    if (snprintf(directory->path, sizeof directory->path, "%s/%s-XXXXXX", parent != NULL ? parent : "/tmp",
                 name) >= (int) sizeof directory->path) {
        (void) fprintf(stderr, "TMPDIR: %s is too long\n", parent);
        exit(99);
    }
    if (mkdtemp(directory->path) == NULL) {
        perror(directory->path);
        exit(99);
    }
    directory->owner = getpid();
    directory->next = *first;
    *first = directory;
    return directory->path;
}

#endif
