/* Preloaded into the daemon by torture.sh: in the N-th session, one allocation of all that the process makes
 * fails, its libraries' too: the N times STEP-th after the connection to the ACS is begun. What a session
 * allocates before that, for its Inform, comes when N reaches beyond what the session before it needed.
 *
 * TORTURE_STEP=N      0: none fails
 * TORTURE_SESSIONS=N  in later ones none fails
 * TORTURE_COUNT=F     here it writes how many allocations lay between the last two connections */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* of glibc */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static atomic_ulong count, target;
static unsigned long sessions, last, step;
static int (*real_connect)(int, const struct sockaddr *, socklen_t);

static int fails(void) {
    const unsigned long number = atomic_fetch_add(&count, 1) + 1;
    if (number != atomic_load(&target)) {
        return 0;
    }
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) {
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    return fails() ? NULL : __libc_realloc(memory, size);
}

static unsigned long number(const char *name) {
    const char *text = getenv(name);
    return text != NULL ? strtoul(text, NULL, 10) : 0;
}

static void tell(unsigned long allocations) {
    const char *path = getenv("TORTURE_COUNT");
    char line[64];
    int length = snprintf(line, sizeof line, "%-20lu\n", allocations);
    int file = path != NULL ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file >= 0) {
        (void) !write(file, line, (size_t) length);
        (void) close(file);
    }
}

/* glibc declares the address as a union of pointers */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
int connect(int fd, const struct sockaddr *address, socklen_t length) {
    if (real_connect == NULL) {
        void *found = dlsym(RTLD_NEXT, "connect");
        memcpy(&real_connect, &found, sizeof real_connect);
        step = number("TORTURE_STEP");
        last = number("TORTURE_SESSIONS");
    }
    if (address->sa_family == AF_INET) {
        tell(atomic_exchange(&count, 0));
        atomic_store(&target, ++sessions <= last ? step * sessions : 0);
    }
    return real_connect(fd, address, length);
}
#pragma GCC diagnostic pop
