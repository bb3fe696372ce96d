/* Counts crashes of plugins at start. */
#include <config.h>

#include "agent/plugin_guard.h"

#include "base/crypto.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_ROOM "plugins"

enum { NAME_SIZE = 96 };

struct plugin_guard {
    struct store *store;
    unsigned limit;
    char *name; /* the file's NAME_SIZE octets, shared with it; NULL when it is not open */
    char path[];
};

/* What has no room on the disk must be known now: a page without ends the process when it is written. The
 * file of the start before is written as it is: UBIFS, for one, takes new room for what is written again. */
static int take_room(int fd) {
    char text[NAME_SIZE];
    if (pread(fd, text, sizeof text, 0) != (ssize_t) sizeof text) {
        return posix_fallocate(fd, 0, NAME_SIZE);
    }
    const ssize_t n = pwrite(fd, text, sizeof text, 0);
    return n == (ssize_t) sizeof text ? 0 : n < 0 ? errno : ENOSPC;
}

/* A guard that cannot be written guards nothing, which is no reason not to start. */
static void open_file(struct plugin_guard *guard) {
    int fd = open(guard->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error = fd < 0 ? errno : take_room(fd);
    const bool made = fd >= 0 && error == 0;
    void *name = made ? mmap(NULL, NAME_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    guard->name = name != MAP_FAILED ? name : NULL;
    if (guard->name == NULL) {
        log_debug("%s: %s", guard->path, strerror(error != 0 ? error : errno));
    }
    if (fd >= 0) {
        (void) close(fd);
    }
}

static void write_name(struct plugin_guard *guard, const char *name) {
    (void) snprintf(guard->name, NAME_SIZE, "%s", name);
}

static void key_of(const char *name, char *key, size_t size) {
    (void) snprintf(key, size, "plugins/crashes/%s", name);
}

static void mark_key_of(const char *name, char *key, size_t size) {
    (void) snprintf(key, size, "plugins/crashed/%s", name);
}

static void count_crash(struct plugin_guard *guard) {
    char name[NAME_SIZE] = "", key[NAME_SIZE + 32];
    memcpy(name, guard->name, sizeof name - 1);
    if (name[0] == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name)) {
        return;
    }
    key_of(name, key, sizeof key);
    int64_t crashes = store_get_int(guard->store, key, 0) + 1;
    log_error("%s: the client crashed while starting it, %lld times in a row now", name, (long long) crashes);
    (void) store_put_int(guard->store, key, crashes);
    (void) store_commit(guard->store);
    write_name(guard, "");
}

struct plugin_guard *plugin_guard_open(const char *directory, struct store *store, unsigned limit) {
    const size_t size = strlen(directory) + sizeof "/starting";
    struct plugin_guard *guard = calloc(1, sizeof *guard + size);
    if (guard == NULL) {
        return NULL;
    }
    guard->store = store;
    guard->limit = limit;
    (void) snprintf(guard->path, size, "%s/starting", directory);
    open_file(guard);
    if (guard->name != NULL) {
        count_crash(guard);
    }
    return guard;
}

void plugin_guard_close(struct plugin_guard *guard) {
    if (guard != NULL) {
        plugin_guard_end(guard);
        free(guard);
    }
}

static size_t add_file(char *text, size_t size, const char *path) {
    struct stat file = {0};
    if (stat(path, &file) < 0) {
        return 0;
    }
    int n = snprintf(text, size, "%lld.%09ld:%lld:%llu ", (long long) file.st_mtim.tv_sec,
                     file.st_mtim.tv_nsec, (long long) file.st_size, (unsigned long long) file.st_ino);
    return n < 0 ? 0 : (size_t) n < size ? (size_t) n : size - 1;
}

/* Another one when either file was replaced or edited. Without an object of its own it is a part of the
 * daemon. */
static void mark_of(const char *conf, const char *object, char *mark, size_t size) {
    char text[256] = "";
    size_t length = add_file(text, sizeof text, conf);
    size_t more = add_file(text + length, sizeof text - length, object);
    if (more == 0) {
        more = add_file(text + length, sizeof text - length, "/proc/self/exe");
    }
    (void) snprintf(mark, size, "%016llx", (unsigned long long) crypto_digest64(text, length + more));
}

bool plugin_guard_is_bad(struct plugin_guard *guard, const char *name, const char *conf, const char *object) {
    char key[NAME_SIZE + 32], mark_key[NAME_SIZE + 32], mark[24];
    key_of(name, key, sizeof key);
    int64_t crashes = guard != NULL ? store_get_int(guard->store, key, 0) : 0;
    if (crashes == 0) {
        return false;
    }
    mark_of(conf, object, mark, sizeof mark);
    mark_key_of(name, mark_key, sizeof mark_key);
    const char *known = store_get(guard->store, mark_key);
    if (known != NULL && strcmp(known, mark) != 0) {
        log_notice("%s: has changed since it crashed: it is tried again", name);
        plugin_guard_good(guard, name);
        (void) store_commit(guard->store); /* before it may crash, which counts from nought */
        return false;
    }
    (void) store_put(guard->store, mark_key, mark);
    return crashes >= (int64_t) guard->limit;
}

void plugin_guard_enter(struct plugin_guard *guard, const char *name) {
    if (guard != NULL && guard->name == NULL) {
        open_file(guard);
    }
    if (guard != NULL && guard->name != NULL) {
        write_name(guard, name);
    }
}

void plugin_guard_leave(struct plugin_guard *guard) {
    if (guard != NULL && guard->name != NULL) {
        write_name(guard, "");
    }
}

void plugin_guard_good(struct plugin_guard *guard, const char *name) {
    char key[NAME_SIZE + 32];
    key_of(name, key, sizeof key);
    if (guard != NULL) {
        (void) store_put(guard->store, key, NULL);
        mark_key_of(name, key, sizeof key);
        (void) store_put(guard->store, key, NULL);
    }
}

void plugin_guard_end(struct plugin_guard *guard) {
    if (guard != NULL && guard->name != NULL) {
        (void) munmap(guard->name, NAME_SIZE);
        guard->name = NULL;
    }
}
