/* Plays the ACS of the benches and runs the program to be measured against itself: a scripted session,
 * answered as fast as a socket allows, so that what is measured is the client.
 *
 *   runner serve SESSIONS [DIR] -- COMMAND   counts octets; DIR: keeps the bodies of a session in the middle
 *   runner memory SESSIONS MS -- COMMAND     Private_Dirty of the process, MS after its last session
 *   runner first RUNS -- COMMAND -- COMMAND  exec to the first octet of the first body, interleaved
 *
 * With BENCH_CERTIFICATE=FILE in the environment it speaks https, wants Digest, and writes its certificate
 * there.
 * @URL@ in an argument is replaced. A session is Inform, the empty POST (answered by
 * GetParameterValues of everything), the response (SetParameterValues), its response (204). */
#include <config.h>

#include "bench/runner.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 64, RUNS_MAX = 1000, DEADLINE_S = 240, REST_MS = 30 };

extern char **environ;

static _Noreturn void __attribute__((format(printf, 1, 2))) die(const char *format, ...) {
    va_list arguments;
    (void) fputs("runner: ", stderr);
    va_start(arguments, format);
    (void) vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void) fputc('\n', stderr);
    exit(1);
}

uint64_t now_us(void) {
    struct timespec now;
    (void) clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000U + (uint64_t) now.tv_nsec / 1000U;
}

static long number(const char *text) {
    char *end;
    const long result = strtol(text, &end, 10);
    if (end == text || *end != '\0' || result < 0) {
        die("not a number: %s", text);
    }
    return result;
}

/* ---- The program under test ------------------------------------------------------------------- */

/* Copies of the arguments with the URL put in; they live as long as the runner does. */
static char **command_of(char *const *arguments, int count, const char *url) {
    char **result = calloc((size_t) count + 1, sizeof *result);
    if (result == NULL || count == 0) {
        die("no command");
    }
    for (int i = 0; i < count; i++) {
        const char *place = strstr(arguments[i], "@URL@");
        if (place == NULL) {
            result[i] = arguments[i];
        } else if (asprintf(&result[i], "%.*s%s%s", (int) (place - arguments[i]), arguments[i], url,
                            place + 5) < 0) {
            die("out of memory");
        }
    }
    return result;
}

static pid_t start(char *const *command) {
    pid_t pid;
    const int error = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);
    if (error != 0) {
        die("%s: %s", command[0], strerror(error));
    }
    return pid;
}

static bool over(pid_t pid, int *ret_status) {
    const pid_t got = waitpid(pid, ret_status, WNOHANG);
    return got == pid || (got < 0 && errno == ECHILD);
}

/* Ends a client: SIGTERM, which is how a box stops its daemon; a floor has often ended by itself. */
static void stop(pid_t pid, const char *name) {
    const uint64_t until = now_us() + 10U * 1000000U;
    int status = 0;
    (void) kill(pid, SIGTERM);
    while (!over(pid, &status)) {
        if (now_us() > until) {
            (void) kill(pid, SIGKILL);
            (void) waitpid(pid, &status, 0);
            die("%s did not end within 10 seconds of SIGTERM", name);
        }
        (void) usleep(500);
    }
    if ((WIFEXITED(status) && WEXITSTATUS(status) != 0) ||
        (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM)) {
        die("%s failed (status %d)", name, status);
    }
}

/* Serves until so many sessions are done. A program that `may_end` after its first message may do so. */
static void serve(struct acs *acs, pid_t pid, uint64_t sessions, bool may_end, const char *name) {
    const uint64_t until = now_us() + (uint64_t) DEADLINE_S * 1000000U;
    int status = 0;
    acs->target = sessions;
    while (acs->sessions < sessions) {
        if (acs_turn(acs, 20) < 0) {
            (void) kill(pid, SIGKILL);
            die("%s: %s", name, acs->error);
        }
        if (acs->pending == 0 && over(pid, &status)) {
            if (status == 0 && may_end && acs->first_octet_us != 0) {
                return;
            }
            die("%s ended early (status %d) after %" PRIu64 " sessions", name, status, acs->sessions);
        }
        if (now_us() > until) {
            (void) kill(pid, SIGKILL);
            die("%s: %" PRIu64 " of %" PRIu64 " sessions in %d seconds", name, acs->sessions, sessions,
                DEADLINE_S);
        }
    }
}

/* ---- Figures ---------------------------------------------------------------------------------- */

static void serve_command(struct acs *acs, char **arguments, int count) {
    char **command;
    pid_t pid;
    int used = 1;
    if (count < 3) {
        die("serve SESSIONS [DIR] -- COMMAND");
    }
    if (strcmp(arguments[1], "--") != 0) {
        acs->record = arguments[used++];
    }
    used++;
    command = command_of(arguments + used, count - used, acs->url);
    pid = start(command);
    serve(acs, pid, (uint64_t) number(arguments[0]), false, command[0]);
    stop(pid, command[0]);
    (void) printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", acs->sessions, acs->octets_in, acs->octets_out);
}

static long private_dirty(pid_t pid) {
    char line[256];
    long result = -1;
    FILE *file;
    (void) snprintf(line, sizeof line, "/proc/%ld/smaps_rollup", (long) pid);
    file = fopen(line, "r");
    if (file == NULL) {
        die("%s: %s", line, strerror(errno));
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Private_Dirty:", 14) == 0) {
            result = strtol(line + 14, NULL, 10);
        }
    }
    (void) fclose(file);
    return result;
}

/* Keeps the detailed map beside the figure: it says where the pages are. */
static void keep_map(pid_t pid) {
    const char *name = getenv("BENCH_SMAPS");
    char line[512];
    FILE *in, *out;
    if (name == NULL) {
        return;
    }
    (void) snprintf(line, sizeof line, "/proc/%ld/smaps", (long) pid);
    in = fopen(line, "r");
    out = fopen(name, "w");
    while (in != NULL && out != NULL && fgets(line, sizeof line, in) != NULL) {
        (void) fputs(line, out);
    }
    if (in != NULL) {
        (void) fclose(in);
    }
    if (out != NULL) {
        (void) fclose(out);
    }
}

static void memory_command(struct acs *acs, char **arguments, int count) {
    char **command;
    uint64_t until;
    long sessions;
    pid_t pid;
    if (count < 4) {
        die("memory SESSIONS MS -- COMMAND");
    }
    sessions = number(arguments[0]);
    command = command_of(arguments + 3, count - 3, acs->url);
    pid = start(command);
    if (sessions > 0) {
        serve(acs, pid, (uint64_t) sessions, false, command[0]);
    }
    until = now_us() + (uint64_t) number(arguments[1]) * 1000U;
    while (now_us() < until) {
        if (acs_turn(acs, 20) < 0) {
            die("%s", acs->error);
        }
    }
    if (acs->open != 0) {
        die("a session is under way when the memory is read: not idle");
    }
    (void) printf("%ld\n", private_dirty(pid));
    keep_map(pid);
    stop(pid, command[0]);
}

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;
    return (x > y) - (x < y);
}

/* Each run begins after the same rest: how long the machine was idle before makes one faster or slower by a
 * tenth. */
static uint64_t first_octet(struct acs *acs, char *const *command) {
    uint64_t begun;
    pid_t pid;
    acs_forget(acs);
    (void) usleep(REST_MS * 1000U);
    begun = now_us();
    pid = start(command);
    serve(acs, pid, 1, true, command[0]);
    stop(pid, command[0]);
    return acs->first_octet_us - begun;
}

/* One run of each in turn, so that whatever else the machine does falls on both. Prints the medians, then
 * the fastest runs. */
static void first_command(struct acs *acs, char **arguments, int count) {
    static uint64_t times[2][RUNS_MAX];
    const long runs = count > 1 ? number(arguments[0]) : 0;
    char **commands[2];
    int split = 2;
    while (split < count && strcmp(arguments[split], "--") != 0) {
        split++;
    }
    if (runs < 1 || runs > RUNS_MAX || split + 1 >= count) {
        die("first RUNS -- COMMAND -- COMMAND");
    }
    commands[0] = command_of(arguments + 2, split - 2, acs->url);
    commands[1] = command_of(arguments + split + 1, count - split - 1, acs->url);
    for (long run = -2; run < runs; run++) { /* the first two warm the page cache */
        for (int which = 0; which < 2; which++) {
            const uint64_t time = first_octet(acs, commands[which]);
            if (run >= 0) {
                times[which][run] = time;
            }
        }
    }
    for (int which = 0; which < 2; which++) {
        qsort(times[which], (size_t) runs, sizeof times[which][0], by_value);
    }
    (void) printf("%" PRIu64 " %" PRIu64 "\n", times[0][runs / 2], times[1][runs / 2]);
    (void) printf("%" PRIu64 " %" PRIu64 "\n", times[0][0], times[1][0]);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(struct acs *acs, char **arguments, int count);
    } figures[] = {{"serve", serve_command}, {"memory", memory_command}, {"first", first_command}};
    struct acs *acs;
    if (argc < 2) {
        die("serve, memory or first");
    }
    acs = acs_new(getenv("BENCH_CERTIFICATE"));
    if (acs == NULL) {
        die("no socket on loopback: %s", strerror(errno));
    }
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (strcmp(argv[1], figures[i].name) == 0) {
            figures[i].run(acs, argv + 2, argc - 2);
            acs_free(acs);
            return 0;
        }
    }
    die("unknown: %s", argv[1]);
}
