/* For the tests of the store. */
#include <config.h>

#include "store_help.h"

#include "base/crypto.h"

#include "cunit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void help_empty(const char *directory) {
    DIR *list = opendir(directory);
    struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            help_unlink(directory, entry->d_name);
        }
    }
    if (list != NULL) {
        (void) closedir(list);
    }
}

char *help_path(const char *directory, const char *name) {
    struct buffer path;
    char *text;
    buffer_init(&path, 4096);
    (void) buffer_format(&path, "%s/%s", directory, name);
    text = buffer_take(&path);
    if (text == NULL) {
        abort(); /* used in the cleanup too, where CUnit takes no assertion */
    }
    return text;
}

bool help_exists(const char *directory, const char *name) {
    char *path = help_path(directory, name);
    struct stat info;
    bool exists = lstat(path, &info) == 0;
    free(path);
    return exists;
}

void help_unlink(const char *directory, const char *name) {
    char *path = help_path(directory, name);
    (void) unlink(path);
    free(path);
}

void help_read(const char *directory, const char *name, struct buffer *out) {
    char *path = help_path(directory, name), chunk[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;
    CU_ASSERT_FATAL(fd >= 0);
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        (void) buffer_append(out, chunk, (size_t) n);
    }
    (void) close(fd);
    free(path);
}

void help_write(const char *directory, const char *name, const char *data, size_t length) {
    char *path = help_path(directory, name);
    int fd;
    (void) unlink(path); /* it may be the same file as another one */
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, data, length), (ssize_t) length);
    CU_ASSERT_EQUAL(close(fd), 0);
    free(path);
}

void help_write_signed(const char *directory, const char *name, const char *data, size_t length) {
    unsigned char digest[CRYPTO_SHA256_SIZE];
    struct buffer all;
    size_t i;
    buffer_init(&all, 100000);
    (void) buffer_append(&all, data, length);
    (void) buffer_text(&all, "sha256 ");
    CU_ASSERT_EQUAL_FATAL(crypto_sha256(data, length, digest), 0);
    for (i = 0; i < sizeof digest; i++) {
        (void) buffer_format(&all, "%02x", digest[i]);
    }
    (void) buffer_char(&all, '\n');
    help_write(directory, name, all.data, all.length);
    buffer_free(&all);
}

bool help_drop_root(void) {
    enum { NOBODY = 65534 };
    return geteuid() != 0 || (setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

int help_child(int (*run)(void)) {
    int status = 0;
    pid_t pid = fork();
    CU_ASSERT_FATAL(pid >= 0);
    if (pid == 0) {
        _exit(run());
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
