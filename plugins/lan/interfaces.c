/* Network interfaces as the kernel shows them. */
#define _GNU_SOURCE
#include "lan/interfaces.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ETHERNET = 1 /* ARPHRD_ETHER */, DIRECTORY = O_PATH | O_DIRECTORY | O_CLOEXEC };

int interface_open(const char *sysfs, const char *name) {
    int all = open(sysfs, DIRECTORY);
    int interface = all >= 0 ? openat(all, name, DIRECTORY) : -1;
    if (all >= 0) {
        (void) close(all);
    }
    return interface;
}

bool interface_line(int interface, const char *file, char *ret_line, size_t size) {
    int fd = interface >= 0 ? openat(interface, file, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t length = fd >= 0 ? read(fd, ret_line, size - 1) : -1;
    if (fd >= 0) {
        (void) close(fd);
    }
    ret_line[length > 0 ? length : 0] = '\0';
    ret_line[strcspn(ret_line, "\n")] = '\0';
    return length > 0;
}

long interface_number(int interface, const char *file) {
    char line[32];
    return interface_line(interface, file, line, sizeof line) ? strtol(line, NULL, 10) : 0;
}

bool interface_has(int interface, const char *file) {
    return interface >= 0 && faccessat(interface, file, F_OK, 0) == 0;
}

bool interface_is_radio(int interface) {
    return interface_has(interface, "phy80211") || interface_has(interface, "wireless");
}

void interface_each(const char *sysfs, interface_show *show, void *user) {
    DIR *directory = opendir(sysfs);
    for (const struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        int interface = entry->d_name[0] != '.' ? openat(dirfd(directory), entry->d_name, DIRECTORY) : -1;
        if (interface >= 0) {
            show(user, entry->d_name, interface);
            (void) close(interface);
        }
    }
    if (directory != NULL) {
        (void) closedir(directory);
    }
}

struct first {
    bool hardware; /* among it, or among the rest */
    interface_test *test;
    void *user;
    long best; /* index; 0: none */
    char *ret_name;
    size_t size;
};

static void judge(void *user, const char *name, int interface) {
    struct first *first = user;
    if (strlen(name) >= first->size || interface_has(interface, "device") != first->hardware) {
        return;
    }
    const long index = interface_number(interface, "ifindex");
    if (index > 0 && (first->best == 0 || index < first->best) &&
        interface_number(interface, "type") == ETHERNET && first->test(interface, first->user)) {
        first->best = index;
        memcpy(first->ret_name, name, strlen(name) + 1);
    }
}

bool interface_first(const char *sysfs, interface_test *test, void *user, char *ret_name, size_t size) {
    struct first first = {.hardware = true, .test = test, .user = user, .ret_name = ret_name, .size = size};
    ret_name[0] = '\0';
    interface_each(sysfs, judge, &first);
    if (first.best == 0) {
        first.hardware = false;
        interface_each(sysfs, judge, &first);
    }
    return first.best != 0;
}
