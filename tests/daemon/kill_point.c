/* LD_PRELOAD for test_firmware_kill.sh: the process dies by SIGKILL at the Nth time that it makes something
 * last, N from KILL_POINT. A point is a rename(), just before it or just after it: odd and even N.
 * KILL_POINT=0 only counts, into the file KILL_COUNT. */
#define _GNU_SOURCE
#include <config.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long point(void) {
    const char *text = getenv("KILL_POINT");
    return text != NULL ? strtol(text, NULL, 10) : -1;
}

static void pass(void) {
    static long passed;
    const char *path = getenv("KILL_COUNT");
    char text[32];
    passed++;
    if (passed == point()) {
        (void) kill(getpid(), SIGKILL);
    }
    int fd = point() == 0 && path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        int length = snprintf(text, sizeof text, "%ld\n", passed);
        (void) !write(fd, text, (size_t) length);
        (void) close(fd);
    }
}

/* The store's files only: children inherit the environment, and rename too. */
static int is_state(const char *to) {
    size_t length = strlen(to);
    return point() >= 0 && length >= 5 && strcmp(to + length - 5, "state") == 0;
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *);
    *(void **) (&real) = dlsym(RTLD_NEXT, "rename");
    if (!is_state(to)) {
        return real(from, to);
    }
    pass();
    int r = real(from, to);
    pass();
    return r;
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
    int (*real)(int, const char *, int, const char *);
    *(void **) (&real) = dlsym(RTLD_NEXT, "renameat");
    if (!is_state(to)) {
        return real(from_at, from, to_at, to);
    }
    pass();
    int r = real(from_at, from, to_at, to);
    pass();
    return r;
}
