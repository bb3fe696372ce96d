/* Network interfaces as the kernel shows them. */
#define _GNU_SOURCE
#include "lan/interfaces.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 512, ETHERNET = 1 /* ARPHRD_ETHER */ };

static const char *path_of(char path[PATH_SIZE], const char *sysfs, const char *interface, const char *file) {
    (void) snprintf(path, PATH_SIZE, "%s/%s/%s", sysfs, interface, file);
    return path;
}

bool interface_line(const char *sysfs, const char *interface, const char *file, char *ret_line, size_t size) {
    char path[PATH_SIZE];
    int fd = open(path_of(path, sysfs, interface, file), O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, ret_line, size - 1) : -1;
    if (fd >= 0) {
        (void) close(fd);
    }
    ret_line[length > 0 ? length : 0] = '\0';
    ret_line[strcspn(ret_line, "\n")] = '\0';
    return length > 0;
}

long interface_number(const char *sysfs, const char *interface, const char *file) {
    char line[32];
    return interface_line(sysfs, interface, file, line, sizeof line) ? strtol(line, NULL, 10) : 0;
}

bool interface_has(const char *sysfs, const char *interface, const char *file) {
    char path[PATH_SIZE];
    return access(path_of(path, sysfs, interface, file), F_OK) == 0;
}

bool interface_is_radio(const char *sysfs, const char *interface) {
    return interface_has(sysfs, interface, "phy80211") || interface_has(sysfs, interface, "wireless");
}

/* Among the hardware, or among the rest. */
static bool first_of(DIR *directory, const char *sysfs, bool hardware, interface_test *test, void *user,
                     char *ret_name, size_t size) {
    long best = 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const char *name = entry->d_name;
        if (name[0] == '.' || strlen(name) >= size || interface_has(sysfs, name, "device") != hardware) {
            continue;
        }
        const long index = interface_number(sysfs, name, "ifindex");
        if (index > 0 && (best == 0 || index < best) && interface_number(sysfs, name, "type") == ETHERNET &&
            test(sysfs, name, user)) {
            best = index;
            memcpy(ret_name, name, strlen(name) + 1);
        }
    }
    return best != 0;
}

bool interface_first(const char *sysfs, interface_test *test, void *user, char *ret_name, size_t size) {
    DIR *directory = opendir(sysfs);
    bool found = false;
    ret_name[0] = '\0';
    if (directory != NULL) {
        found = first_of(directory, sysfs, true, test, user, ret_name, size);
        if (!found) {
            rewinddir(directory);
            found = first_of(directory, sysfs, false, test, user, ret_name, size);
        }
        (void) closedir(directory);
    }
    return found;
}
