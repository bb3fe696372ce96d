/* core/base/store when the power goes: a crash and an error at every single system call of a commit,
 * and SIGKILL at any time. The linker puts the __wrap_ functions in the place of the system calls. */
#include <config.h>

#include "base/store.h"

#include "cunit.h"
#include "store_help.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the faults ------------------------------------------------------------------------------- */

enum fault { NO_FAULT, CRASH, FAIL };

static struct plan {
    enum fault fault;
    int after;     /* so many calls go well before it */
    bool no_links; /* a file system without hard links */
    int calls;
    char trace[64]; /* what was called, a letter each */
} plan;

enum { CRASHED = 77 };

static bool faulty(char what) {
    size_t n = strlen(plan.trace);
    if (n + 1 < sizeof plan.trace) {
        plan.trace[n] = what;
    }
    if (plan.fault == NO_FAULT || plan.calls++ != plan.after) {
        return false;
    }
    if (plan.fault == CRASH) {
        _exit(CRASHED);
    }
    errno = EIO;
    return true;
}

/* Where -D_FILE_OFFSET_BITS=64 makes files wide, another function is called. */
#ifdef _FILE_OFFSET_BITS
#define __real_openat __real_openat64
#define __wrap_openat __wrap_openat64
#endif
int __real_openat(int at, const char *path, int flags, ...);
int __wrap_openat(int at, const char *path, int flags, ...);
int __wrap_openat(int at, const char *path, int flags, ...) {
    va_list arguments;
    mode_t mode;
    va_start(arguments, flags);
    mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return faulty('o') ? -1 : __real_openat(at, path, flags, mode);
}

ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length) {
    if (plan.fault != NO_FAULT && plan.calls == plan.after) { /* torn in the middle */
        ssize_t n = __real_write(fd, data, length / 2);
        if (n < 0 || faulty('w')) {
            return -1;
        }
    }
    return faulty('w') ? -1 : __real_write(fd, data, length);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
    return faulty('s') ? -1 : __real_fsync(fd);
}

int __real_unlinkat(int at, const char *path, int flags);
int __wrap_unlinkat(int at, const char *path, int flags);
int __wrap_unlinkat(int at, const char *path, int flags) {
    return faulty('u') ? -1 : __real_unlinkat(at, path, flags);
}

int __real_linkat(int from_at, const char *from, int to_at, const char *to, int flags);
int __wrap_linkat(int from_at, const char *from, int to_at, const char *to, int flags);
int __wrap_linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    if (faulty('l')) {
        return -1;
    }
    if (plan.no_links) {
        errno = EPERM;
        return -1;
    }
    return __real_linkat(from_at, from, to_at, to, flags);
}

int __real_renameat(int from_at, const char *from, int to_at, const char *to);
int __wrap_renameat(int from_at, const char *from, int to_at, const char *to);
int __wrap_renameat(int from_at, const char *from, int to_at, const char *to) {
    return faulty('r') ? -1 : __real_renameat(from_at, from, to_at, to);
}

/* ---- the tests -------------------------------------------------------------------------------- */

static const char *directory;

static int make_directory(void) {
    directory = fake_directory("store");
    return 0;
}

static int remove_directory(void) {
    fake_directory_remove(directory);
    return 0;
}

static struct store *opened(const char **ret_note) {
    struct store *store = NULL;
    CU_ASSERT_EQUAL_FATAL(store_open(directory, &store, ret_note), 0);
    return store;
}

static int64_t stored(const char **ret_note) {
    struct store *s = opened(NULL);
    int64_t k = store_get_int(s, "k", -1);
    store_free(s);
    s = opened(ret_note);
    *ret_note = *ret_note != NULL ? "noted" : NULL; /* the text goes with the store */
    store_free(s);
    return k;
}

static void commit_to(int64_t k) {
    struct store *s = opened(NULL);
    CU_ASSERT_EQUAL(store_put_int(s, "k", k), 0);
    CU_ASSERT_EQUAL(store_commit(s), 0);
    store_free(s);
}

/* From k=2 to k=3, with the fault that is planned. */
static int commit_three(void) {
    struct store *s = NULL;
    enum fault fault = plan.fault;
    int r;
    plan.fault = NO_FAULT;
    if (store_open(directory, &s, NULL) < 0 || store_put_int(s, "k", 3) < 0) {
        return 1;
    }
    plan.fault = fault;
    r = store_commit(s);
    plan.fault = NO_FAULT;
    store_free(s);
    return r == 0 ? 0 : 2;
}

static void two_generations(void) {
    help_empty(directory);
    commit_to(1);
    commit_to(2);
}

static void crash_everywhere(bool no_links) {
    int after, result = CRASHED;
    for (after = 0; result == CRASHED; after++) {
        const char *note = NULL;
        int64_t k;
        CU_ASSERT_FATAL(after < 100);
        two_generations();
        plan = (struct plan){.fault = CRASH, .after = after, .no_links = no_links};
        result = help_child(commit_three);
        plan.fault = NO_FAULT;
        CU_ASSERT(result == CRASHED || result == 0);
        k = stored(&note);
        CU_ASSERT(k == 3 || (k == 2 && result == CRASHED));
        /* with links there is no instant without the file itself */
        CU_ASSERT(note == NULL || (no_links && k == 2));
        CU_ASSERT_FALSE(help_exists(directory, "state.tmp"));
        CU_ASSERT_FALSE(help_exists(directory, "state.1.tmp"));
        /* there is a second good generation at every instant, but the one just after it was renamed */
        if (help_exists(directory, "state")) {
            help_unlink(directory, "state");
            k = stored(&note);
            CU_ASSERT(k >= 1 && k <= 2);
        }
        commit_to(4);
        CU_ASSERT_EQUAL(stored(&note), 4);
        CU_ASSERT_PTR_NULL(note);
    }
    CU_ASSERT(after > 7); /* the faults do happen */
}

static void crash_at_every_call(void) {
    crash_everywhere(false);
}

static void crash_at_every_call_without_links(void) {
    crash_everywhere(true);
}

static void fail_everywhere(bool no_links) {
    int after, failed = 0;
    for (after = 0; after < 20; after++) {
        const char *note = NULL;
        struct store *s;
        int64_t k;
        int r;
        two_generations();
        s = opened(NULL);
        CU_ASSERT_EQUAL(store_put_int(s, "k", 3), 0);
        plan = (struct plan){.fault = FAIL, .after = after, .no_links = no_links};
        r = store_commit(s);
        plan.fault = NO_FAULT;
        failed += r < 0;
        CU_ASSERT(r == 0 || r == -EIO);
        CU_ASSERT_EQUAL(store_dirty(s), r < 0);
        CU_ASSERT_EQUAL(store_writes(s), r < 0 ? 0 : 1);
        store_free(s);
        k = stored(&note);
        CU_ASSERT(r == 0 ? k == 3 : k == 2 || k == 3);
        /* and the same store goes on when the disk does */
        two_generations();
        s = opened(NULL);
        CU_ASSERT_EQUAL(store_put_int(s, "k", 3), 0);
        plan = (struct plan){.fault = FAIL, .after = after, .no_links = no_links};
        (void) store_commit(s);
        plan.fault = NO_FAULT;
        CU_ASSERT_EQUAL(store_put_int(s, "k", 5), 0);
        CU_ASSERT_EQUAL(store_commit(s), 0);
        store_free(s);
        CU_ASSERT_EQUAL(stored(&note), 5);
        CU_ASSERT_PTR_NULL(note);
        plan.no_links = false;
    }
    CU_ASSERT(failed >= 5);
}

static void error_at_every_call(void) {
    fail_everywhere(false);
}

static void error_at_every_call_without_links(void) {
    fail_everywhere(true);
}

/* What a killed process cannot show: the content is on disk before it gets its name, and the names are
 * on disk before the commit is acknowledged. */
static void synced_in_order(void) {
    struct store *s;
    two_generations();
    s = opened(NULL);
    CU_ASSERT_EQUAL(store_put_int(s, "k", 3), 0);
    plan = (struct plan){.fault = NO_FAULT};
    CU_ASSERT_EQUAL(store_commit(s), 0);
    /* clear, open, write, sync the new file; link the old one; rename; sync the directory */
    CU_ASSERT_STRING_EQUAL(plan.trace, "uowsulrurs");
    plan = (struct plan){.fault = NO_FAULT};
    CU_ASSERT_EQUAL(store_put_int(s, "k", 3), 0);
    CU_ASSERT_EQUAL(store_commit(s), 0);
    CU_ASSERT_STRING_EQUAL(plan.trace, ""); /* nothing changed, nothing touched */
    store_free(s);
}

/* Commits 1, 2, 3 ... and reports each when it is acknowledged. */
static void commit_for_ever(int report) {
    struct store *s = NULL;
    int64_t k;
    if (store_open(directory, &s, NULL) < 0) {
        _exit(1);
    }
    for (k = store_get_int(s, "k", 0) + 1;; k++) {
        if (store_put_int(s, "k", k) < 0 || store_commit(s) < 0 ||
            write(report, &k, sizeof k) != (ssize_t) sizeof k) {
            _exit(2);
        }
    }
}

static void killed_at_any_time(void) {
    int64_t last = 0, commits = 0;
    int round;
    help_empty(directory);
    for (round = 0; round < 60; round++) {
        const char *note = NULL;
        int64_t k, acknowledged = last;
        int ends[2], status = 0;
        struct pollfd wait;
        pid_t pid;
        CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
        pid = fork();
        CU_ASSERT_FATAL(pid >= 0);
        if (pid == 0) {
            (void) close(ends[0]);
            commit_for_ever(ends[1]);
        }
        (void) close(ends[1]);
        wait = (struct pollfd){.fd = ends[0], .events = POLLIN};
        CU_ASSERT_EQUAL(poll(&wait, 1, 10000), 1); /* it runs */
        (void) usleep((useconds_t) (rand() % 8000));
        CU_ASSERT_EQUAL(kill(pid, SIGKILL), 0);
        CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
        CU_ASSERT(WIFSIGNALED(status));
        while (read(ends[0], &k, sizeof k) == (ssize_t) sizeof k) {
            CU_ASSERT_EQUAL(k, acknowledged + 1);
            acknowledged = k;
            commits++;
        }
        (void) close(ends[0]);
        k = stored(&note);
        CU_ASSERT(k == acknowledged || k == acknowledged + 1);
        CU_ASSERT_PTR_NULL(note);
        last = k;
    }
    CU_ASSERT(commits >= 60);
}

static CU_TestInfo tests[] = {
    {"a crash at every call", crash_at_every_call},
    {"a crash at every call, without hard links", crash_at_every_call_without_links},
    {"an error at every call", error_at_every_call},
    {"an error at every call, without hard links", error_at_every_call_without_links},
    {"synced in order", synced_in_order},
    {"killed at any time", killed_at_any_time},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {
        {.pName = "store and crashes",
         .pInitFunc = make_directory,
         .pCleanupFunc = remove_directory,
         .pTests = tests},
        CU_SUITE_INFO_NULL,
    };
    return cunit_run(suites);
}
