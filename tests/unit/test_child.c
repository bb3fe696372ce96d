/* core/net/child: real processes. Built twice: with pidfds and with SIGCHLD. */
#include <config.h>

#include "net/child.h"

#include "base/log.h"
#include "cunit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static struct loop *loop;
static struct {
    unsigned calls;
    int result;
    char output[8192];
    size_t length;
} got;
static char logged[4096];

static uint64_t now_ms(void) {
    struct timespec now;
    (void) clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static void sink(void *user, enum log_level level, const char *room, const char *line) {
    size_t length = strlen(logged);
    (void) user;
    (void) level;
    (void) snprintf(logged + length, sizeof logged - length, "%s|%s\n", room, line);
}

static void over(void *user, int result, const char *output, size_t length) {
    (void) user;
    got.calls++;
    got.result = result;
    got.length = length;
    CU_ASSERT_EQUAL(output[length], '\0');
    memcpy(got.output, output, length < sizeof got.output ? length : sizeof got.output - 1);
    loop_stop(loop);
}

static void begin(void) {
    const struct log_setup setup = {.level = LOG_LEVEL_DEBUG, .sink = sink};
    memset(&got, 0, sizeof got);
    logged[0] = '\0';
    log_configure(&setup);
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
}

static void end(void) {
    loop_free(loop);
    loop = NULL;
}

static void stop(void *user) {
    (void) user;
    loop_stop(loop);
}

/* Runs a script to its end; how long it took. */
static uint64_t run(const char *script, struct tr069_run how) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    how.argv = argv;
    begin();
    uint64_t start = now_ms();
    CU_ASSERT_EQUAL_FATAL(child_run(loop, &how, over, NULL, NULL), 0);
    CU_ASSERT_EQUAL(got.calls, 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 1);
    end();
    CU_ASSERT_EQUAL(got.calls, 1);
    return now_ms() - start;
}

static void output_and_status_come_back(void) {
    (void) run("echo one; echo two; exit 3", (struct tr069_run){.output_max = 100});
    CU_ASSERT_EQUAL(got.result, 3);
    CU_ASSERT_STRING_EQUAL(got.output, "one\ntwo\n");
    (void) run("exit 0", (struct tr069_run){.output_max = 100});
    CU_ASSERT_EQUAL(got.result, 0);
    CU_ASSERT_EQUAL(got.length, 0);
    (void) run("kill -9 $$", (struct tr069_run){.output_max = 100});
    CU_ASSERT_EQUAL(got.result, -ECHILD);
}

static void what_cannot_start_says_so(void) {
    static const struct {
        const char *program;
        int error;
    } table[] = {{"no-such-program-anywhere", -ENOENT},
                 {"/no/such/program", -ENOENT},
                 {"/etc/passwd", -EACCES},
                 {"/", -EACCES},
                 {"", -EINVAL}};
    begin();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *const argv[] = {table[i].program, NULL};
        struct tr069_run how = {.argv = argv};
        CU_ASSERT_EQUAL(child_run(loop, &how, over, NULL, NULL), table[i].error);
    }
    const char *const none[] = {NULL};
    struct tr069_run how = {.argv = none};
    CU_ASSERT_EQUAL(child_run(loop, &how, over, NULL, NULL), -EINVAL);
    CU_ASSERT_EQUAL(got.calls, 0);
    end();
}

static void output_is_capped_at_either_end(void) {
    const char *count = "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done";
    (void) run(count, (struct tr069_run){.output_max = 20});
    CU_ASSERT_STRING_EQUAL(got.output, "line 0\nline 1\nline 2");
    (void) run(count, (struct tr069_run){.output_max = 20, .keep_tail = true});
    CU_ASSERT_STRING_EQUAL(got.output, "line 1998\nline 1999\n");
    (void) run(count, (struct tr069_run){.output_max = 0, .keep_tail = true});
    CU_ASSERT_EQUAL(got.length, 0);
    CU_ASSERT_EQUAL(got.result, 0);
    (void) run("head -c 3000000 /dev/zero | tr '\\0' x",
               (struct tr069_run){.output_max = 5000, .keep_tail = true});
    CU_ASSERT_EQUAL(got.length, 5000);
    CU_ASSERT_EQUAL(got.output[4999], 'x');
}

static void standard_error_is_merged_or_logged(void) {
    (void) run("echo a; echo b >&2; echo c", (struct tr069_run){.output_max = 100, .merge_stderr = true});
    CU_ASSERT_STRING_EQUAL(got.output, "a\nb\nc\n");
    CU_ASSERT_STRING_EQUAL(logged, "");
    (void) run("echo a; echo b >&2; printf 'no end' >&2", (struct tr069_run){.output_max = 100});
    CU_ASSERT_STRING_EQUAL(got.output, "a\n");
    CU_ASSERT_STRING_EQUAL(logged, "child|sh: b\nchild|sh: no end\n");
}

static void the_deadline_stops_all_of_the_group(void) {
    uint64_t took = run("sleep 60 & sleep 60", (struct tr069_run){.deadline_ms = 100, .output_max = 10});
    CU_ASSERT_EQUAL(got.result, -ETIMEDOUT);
    CU_ASSERT_TRUE(took >= 100);
    CU_ASSERT_TRUE(took < 900);
}

static void one_that_ignores_sigterm_is_killed(void) {
    uint64_t took = run("trap '' TERM; echo here; while :; do sleep 1; done",
                        (struct tr069_run){.deadline_ms = 100, .output_max = 10});
    CU_ASSERT_EQUAL(got.result, -ETIMEDOUT);
    CU_ASSERT_STRING_EQUAL(got.output, "here\n");
    CU_ASSERT_TRUE(took >= 1100);
    CU_ASSERT_TRUE(took < 5000);
}

static void a_grandchild_with_the_pipe_does_not_hang_us(void) {
    uint64_t took = run("sleep 5 & echo started; exit 7", (struct tr069_run){.output_max = 100});
    CU_ASSERT_EQUAL(got.result, 7);
    CU_ASSERT_STRING_EQUAL(got.output, "started\n");
    CU_ASSERT_TRUE(took < 3000);
}

static bool alive(pid_t pid) {
    for (int i = 0; i < 100; i++) {
        if (kill(pid, 0) != 0) {
            return false;
        }
        char path[64], line[256] = "";
        (void) snprintf(path, sizeof path, "/proc/%d/stat", (int) pid);
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            if (fgets(line, (int) sizeof line, file) == NULL) {
                line[0] = '\0';
            }
            (void) fclose(file);
        }
        if (line[0] == '\0' || strstr(line, ") Z ") != NULL) {
            return false;
        }
        struct timespec pause = {.tv_nsec = 10000000};
        (void) nanosleep(&pause, NULL);
    }
    return true;
}

static void a_grandchild_that_ignores_sigterm_dies_with_the_group(void) {
    (void) run("(trap '' TERM; exec 1>&-; while :; do sleep 1; done) & echo $!; wait",
               (struct tr069_run){.deadline_ms = 200, .output_max = 100});
    CU_ASSERT_EQUAL(got.result, -ETIMEDOUT);
    pid_t pid = (pid_t) strtol(got.output, NULL, 10);
    CU_ASSERT_TRUE_FATAL(pid > 1);
    CU_ASSERT_FALSE(alive(pid));
}

/* Signals 32 and 33 are the C library's own: its posix_spawn(), which make uses, leaves them ignored,
 * and its sigaction() does not touch them; a process with threads has a handler for one of them. */
#define OWN_SIGNALS "s/^0000000[01][08]0000000$/0000000000000000/"

static void nothing_is_inherited(void) {
    int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, on purpose */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t block;
    (void) sigemptyset(&block);
    (void) sigaddset(&block, SIGHUP);
    (void) pthread_sigmask(SIG_BLOCK, &block, NULL);
    (void) sigaction(SIGUSR2, &ignore, NULL);
    (void) run("for f in /proc/$$/fd/*; do [ -e $f ] && printf '%s ' ${f##*/}; done; echo; "
               "sed -n 's/^Sig\\(Blk\\|Ign\\):[\\t ]*//p' /proc/self/status | sed '" OWN_SIGNALS "'; "
               "readlink /proc/$$/fd/0; "
               "set -- $(cat /proc/$$/stat); [ $5 = $$ ] && echo group",
               (struct tr069_run){.output_max = 200});
    CU_ASSERT_STRING_EQUAL(got.output, "0 1 2 \n0000000000000000\n0000000000000000\n/dev/null\ngroup\n");
    (void) pthread_sigmask(SIG_UNBLOCK, &block, NULL);
    (void) close(fd);
}

static void canceling_kills_without_a_word(void) {
    const char *const argv[] = {"sh", "-c", "sleep 60 & sleep 60", NULL};
    struct tr069_run how = {.argv = argv};
    struct tr069_child *child;
    begin();
    CU_ASSERT_EQUAL_FATAL(child_run(loop, &how, over, NULL, &child), 0);
    child_cancel(child);
    child_cancel(child);
    child_cancel(NULL);
    (void) loop_timer(loop, 100, stop, NULL, NULL);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 0);
    end();
}

static struct tr069_child *self;
static void cancel_self(void *user, int result, const char *output, size_t length) {
    child_cancel(self);
    over(user, result, output, length);
}

static void canceling_from_done_is_harmless(void) {
    const char *const argv[] = {"true", NULL};
    struct tr069_run how = {.argv = argv};
    begin();
    CU_ASSERT_EQUAL_FATAL(child_run(loop, &how, cancel_self, NULL, &self), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 1);
    end();
}

static void the_end_of_the_loop_kills(void) {
    const char *const argv[] = {"sleep", "60", NULL};
    struct tr069_run how = {.argv = argv};
    begin();
    CU_ASSERT_EQUAL_FATAL(child_run(loop, &how, over, NULL, NULL), 0);
    uint64_t start = now_ms();
    end();
    CU_ASSERT_TRUE(now_ms() - start < 2000);
    CU_ASSERT_EQUAL(got.calls, 0);
}

static void count_over(void *user, int result, const char *output, size_t length) {
    (void) user;
    (void) output;
    (void) length;
    CU_ASSERT_EQUAL(result, 0);
    if (++got.calls == 20) {
        loop_stop(loop);
    }
}

static void many_at_once(void) {
    const char *const argv[] = {"sh", "-c", "echo x", NULL};
    struct tr069_run how = {.argv = argv, .output_max = 10};
    begin();
    for (int i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(child_run(loop, &how, count_over, NULL, NULL), 0);
    }
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 20);
    end();
}

static void what_only_looks_lets_others_go_first(void) {
    char expected[16];
    const int own = getpriority(PRIO_PROCESS, 0);
    (void) run("nice", (struct tr069_run){.output_max = 100});
    (void) snprintf(expected, sizeof expected, "%d\n", own);
    CU_ASSERT_STRING_EQUAL(got.output, expected);
    (void) run("nice", (struct tr069_run){.output_max = 100, .background = true});
    (void) snprintf(expected, sizeof expected, "%d\n", own + 10 < 19 ? own + 10 : 19);
    CU_ASSERT_STRING_EQUAL(got.output, expected);
    CU_ASSERT_EQUAL(getpriority(PRIO_PROCESS, 0), own);
}

static CU_TestInfo tests[] = {
    {"output and status come back", output_and_status_come_back},
    {"what cannot start says so", what_cannot_start_says_so},
    {"output is capped at either end", output_is_capped_at_either_end},
    {"standard error is merged or logged", standard_error_is_merged_or_logged},
    {"the deadline stops all of the group", the_deadline_stops_all_of_the_group},
    {"one that ignores SIGTERM is killed", one_that_ignores_sigterm_is_killed},
    {"a grandchild with the pipe does not hang us", a_grandchild_with_the_pipe_does_not_hang_us},
    {"a grandchild that ignores SIGTERM dies with the group",
     a_grandchild_that_ignores_sigterm_dies_with_the_group},
    {"nothing is inherited", nothing_is_inherited},
    {"what only looks lets others go first", what_only_looks_lets_others_go_first},
    {"canceling kills without a word", canceling_kills_without_a_word},
    {"canceling from done is harmless", canceling_from_done_is_harmless},
    {"the end of the loop kills", the_end_of_the_loop_kills},
    {"many at once", many_at_once},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("child", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
