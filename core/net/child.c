/* Child processes: vfork and exec with nothing inherited, output through pipes, the exit by a pidfd. */
#include <config.h>

#include "net/child.h"

#include "base/buffer.h"
#include "base/log.h"
#include "net/loop_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_ROOM "child"

enum {
    DEADLINE_MS = 60000,
    TERM_MS = 1000,           /* from SIGTERM to SIGKILL */
    DRAIN_MS = 500,           /* after the exit, for the output of those who still hold the pipe */
    OUTPUT_MAX = 16 << 20,    /* more is not kept, whatever was asked for */
    READ_PER_TURN = 64 << 10, /* a flood must not starve the loop */
    LINE_MAX_OCTETS = 512,
    LINES_MAX = 100 /* of stderr that reach the log, per child */
};

extern char **environ;

struct stream {
    int fd; /* -1: at its end */
    struct tr069_watch *watch;
    struct buffer data;
};

struct tr069_child {
    struct loop_guest guest; /* first: guest_end() casts */
    struct loop *loop;
    pid_t pid; /* 0: reaped */
    int pid_fd;
    struct tr069_watch *pid_watch;
    struct loop_listener *listener;
    struct tr069_timer *timer;
    struct stream out, err;
    size_t output_max;
    bool keep_tail;
    bool timed_out, canceled, finished;
    int result;
    unsigned lines;
    tr069_run_done *done;
    void *user;
    char name[32];
};

/* ---- the child's side: async-signal-safe calls only -------------------------------------------- */

struct start {
    const char *program;
    char *const *argv;
    int in, out, err, report;
    bool background;
    sigset_t no_signals;
};

enum { BACKGROUND_NICE = 10 };

static void close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned) first, ~0U, 0) == 0) {
        return;
    }
#endif
    long max = sysconf(_SC_OPEN_MAX);
    if (max < 0 || max > 65536) {
        max = 65536;
    }
    for (int fd = first; fd < (int) max; fd++) {
        (void) close(fd);
    }
}

static void default_signals(const struct start *start) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        (void) sigaction(number, &action, NULL); /* fails for those that cannot be changed */
    }
    (void) pthread_sigmask(SIG_SETMASK, &start->no_signals, NULL);
}

static _Noreturn void become(const struct start *start) {
    (void) setpgid(0, 0);
    if (start->background) {
        (void) !nice(BACKGROUND_NICE);
    }
    /* Above 3 first, so that no dup2() runs over a descriptor that is still needed. */
    int in = fcntl(start->in, F_DUPFD, 10);
    int out = fcntl(start->out, F_DUPFD, 10);
    int err = fcntl(start->err, F_DUPFD, 10);
    int report = fcntl(start->report, F_DUPFD, 10);
    if (in >= 0 && out >= 0 && err >= 0 && report >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 &&
        dup2(err, 2) == 2 && dup2(report, 3) == 3 && fcntl(3, F_SETFD, FD_CLOEXEC) == 0) {
        report = 3;
        close_from(4);
        default_signals(start);
        (void) umask(022); /* what the platform's programs make is not ours to hide */
        (void) execve(start->program, start->argv, environ);
    }
    int error = errno;
    (void) !write(report, &error, sizeof error);
    _exit(127);
}

/* ---- starting ---------------------------------------------------------------------------------- */

static bool is_program(const char *path) {
    return access(path, X_OK) == 0;
}

/* Absolute or with a slash: as it is; else looked up in PATH. */
static int find_program(const char *name, struct buffer *path) {
    int result;
    if (name == NULL || name[0] == '\0') {
        return -EINVAL;
    }
    if (strchr(name, '/') != NULL) {
        return buffer_text(path, name);
    }
    const char *at = getenv("PATH");
    if (at == NULL) {
        at = "/usr/sbin:/usr/bin:/sbin:/bin";
    }
    while (*at != '\0') {
        size_t length = strcspn(at, ":");
        buffer_reset(path);
        (void) buffer_append(path, at, length);
        (void) buffer_char(path, '/');
        result = buffer_text(path, name);
        if (length > 0 && (result < 0 || is_program(buffer_string(path)))) {
            return result;
        }
        at += length + (at[length] == ':' ? 1 : 0);
    }
    return -ENOENT;
}

static void close_both(int pipe_fds[2]) {
    for (int i = 0; i < 2; i++) {
        if (pipe_fds[i] >= 0) {
            (void) close(pipe_fds[i]);
            pipe_fds[i] = -1;
        }
    }
}

/* Waits for the exec, which takes as long as a fork: whatever failed in the child comes as its errno. */
static int exec_error(int report) {
    int error = 0;
    ssize_t length;
    do {
        length = read(report, &error, sizeof error);
    } while (length < 0 && errno == EINTR);
    return length == (ssize_t) sizeof error ? -error : 0;
}

/* vfork(): to copy the page tables of a process with forty libraries, and then to copy each page that is
 * written, costs more than the program that is started. The child borrows our memory until its exec, and
 * become() writes to nothing but its own stack. All signals are blocked meanwhile, so that no handler of ours
 * runs in the child. */
static int fork_child(struct start *start, pid_t *ret_pid) {
    int report[2];
    sigset_t all, before;
    if (pipe2(report, O_CLOEXEC) != 0) {
        return -errno;
    }
    start->report = report[1];
    (void) sigemptyset(&start->no_signals);
    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0) {
        become(start);
    }
    int result = pid < 0 ? -errno : 0;
    (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void) close(report[1]);
    if (pid > 0) {
        result = exec_error(report[0]);
        if (result < 0) {
            (void) waitpid(pid, NULL, 0);
        } else {
            *ret_pid = pid;
        }
    }
    (void) close(report[0]);
    return result;
}

/* ---- the end ----------------------------------------------------------------------------------- */

static void stream_close(struct tr069_child *child, struct stream *stream) {
    if (stream->fd >= 0) {
        loop_unwatch(child->loop, stream->watch);
        (void) close(stream->fd);
        stream->fd = -1;
        stream->watch = NULL;
    }
}

static void child_free(struct tr069_child *child) {
    stream_close(child, &child->out);
    stream_close(child, &child->err);
    loop_timer_cancel(child->loop, child->timer);
    loop_unwatch(child->loop, child->pid_watch);
    loop_unlisten(child->loop, child->listener);
    if (child->pid_fd >= 0) {
        (void) close(child->pid_fd);
    }
    buffer_free(&child->out.data);
    buffer_free(&child->err.data);
    loop_leave(child->loop, &child->guest);
    free(child);
}

static void signal_group(const struct tr069_child *child, int number) {
    if (child->pid > 0) {
        (void) kill(-child->pid, number);
    }
}

/* loop_free(): the loop will not see the exit any more. */
static void guest_end(struct loop_guest *guest) {
    struct tr069_child *child = (struct tr069_child *) guest;
    if (child->pid > 0) {
        signal_group(child, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        child->pid = 0;
    }
    child_free(child);
}

static void log_lines(struct tr069_child *child, bool all);

static void cut_output(struct tr069_child *child, const char **ret_output, size_t *ret_length) {
    *ret_output = buffer_string(&child->out.data);
    *ret_length = child->out.data.length;
    if (*ret_length > child->output_max) { /* the tail: its beginning may be too old */
        *ret_output += *ret_length - child->output_max;
        *ret_length = child->output_max;
    }
}

static void finish(struct tr069_child *child) {
    const char *output;
    size_t length;
    log_lines(child, true);
    stream_close(child, &child->out);
    stream_close(child, &child->err);
    child->finished = true;
    cut_output(child, &output, &length);
    if (!child->canceled) {
        child->done(child->user, child->timed_out ? -ETIMEDOUT : child->result, output, length);
    }
    child_free(child);
}

static void finish_if_over(struct tr069_child *child) {
    if (child->pid == 0 &&
        ((child->out.fd < 0 && child->err.fd < 0) || child->canceled || child->timed_out)) {
        finish(child);
    }
}

/* ---- deadlines --------------------------------------------------------------------------------- */

static void timer_fired(void *user);

static void set_timer(struct tr069_child *child, uint64_t ms) {
    loop_timer_cancel(child->loop, child->timer);
    child->timer = NULL;
    /* Without memory for a timer: no patience. */
    if (loop_timer(child->loop, ms, timer_fired, child, &child->timer) < 0 && child->pid > 0) {
        signal_group(child, SIGKILL);
    }
}

static void timer_fired(void *user) {
    struct tr069_child *child = user;
    child->timer = NULL;
    if (child->pid == 0) { /* it exited; somebody else keeps its output open */
        finish(child);
    } else if (!child->timed_out) {
        child->timed_out = true;
        log_notice("%s: did not end in time, stopping it", child->name);
        signal_group(child, SIGTERM);
        set_timer(child, TERM_MS);
    } else {
        signal_group(child, SIGKILL);
    }
}

/* ---- output ------------------------------------------------------------------------------------ */

static void keep(struct tr069_child *child, const char *data, size_t length) {
    struct buffer *buffer = &child->out.data;
    if (!child->keep_tail) {
        size_t room = child->output_max - buffer->length;
        (void) buffer_append(buffer, data, length < room ? length : room);
        return;
    }
    if (length > child->output_max) {
        data += length - child->output_max;
        length = child->output_max;
    }
    if (buffer->length + length > 2 * child->output_max) {
        size_t old = child->output_max - length;
        memmove(buffer->data, buffer->data + buffer->length - old, old);
        buffer_cut(buffer, old);
    }
    (void) buffer_append(buffer, data, length);
}

static void log_one(struct tr069_child *child, const char *text, size_t length) {
    child->lines++;
    if (child->lines <= LINES_MAX) {
        log_info("%s: %.*s", child->name, (int) length, text);
    } else if (child->lines == LINES_MAX + 1) {
        log_info("%s: more lines of its standard error are dropped", child->name);
    }
}

/* Logs whole lines, or (`all`) what is left too. */
static void log_lines(struct tr069_child *child, bool all) {
    struct buffer *buffer = &child->err.data;
    size_t at = 0;
    while (at < buffer->length) {
        const char *text = buffer->data + at;
        const char *end = memchr(text, '\n', buffer->length - at);
        size_t length = end != NULL ? (size_t) (end - text) : buffer->length - at;
        if (end == NULL && !all && length < LINE_MAX_OCTETS) {
            break;
        }
        if (length > 0) {
            log_one(child, text, length);
        }
        at += length + (end != NULL ? 1 : 0);
    }
    if (at > 0) {
        memmove(buffer->data, buffer->data + at, buffer->length - at);
        buffer_cut(buffer, buffer->length - at);
    }
}

static void read_stream(struct tr069_child *child, struct stream *stream) {
    char data[4096];
    for (size_t total = 0; total < READ_PER_TURN;) {
        ssize_t length = read(stream->fd, data, sizeof data);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0 && errno == EAGAIN) {
            return;
        }
        if (length <= 0) {
            stream_close(child, stream);
            return;
        }
        total += (size_t) length;
        if (stream == &child->out) {
            keep(child, data, (size_t) length);
        } else {
            (void) buffer_append(&stream->data, data, (size_t) length);
            log_lines(child, false);
        }
    }
}

static void out_ready(void *user, int fd, int what) {
    struct tr069_child *child = user;
    (void) fd;
    (void) what;
    read_stream(child, &child->out);
    finish_if_over(child);
}

static void err_ready(void *user, int fd, int what) {
    struct tr069_child *child = user;
    (void) fd;
    (void) what;
    read_stream(child, &child->err);
    finish_if_over(child);
}

/* ---- the exit ---------------------------------------------------------------------------------- */

static void look(struct tr069_child *child) {
    int status;
    siginfo_t info = {0};
    if (child->pid == 0 || waitid(P_PID, (id_t) child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != child->pid) {
        return;
    }
    /* While it is not reaped its number, and its group's, cannot be another's. */
    if (child->timed_out || child->canceled) {
        signal_group(child, SIGKILL);
    }
    if (waitpid(child->pid, &status, 0) == child->pid) {
        child->result = WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
    }
    child->pid = 0;
    loop_unwatch(child->loop, child->pid_watch);
    child->pid_watch = NULL;
    loop_unlisten(child->loop, child->listener);
    child->listener = NULL;
    set_timer(child, DRAIN_MS);
    /* What it wrote is in the pipes already. */
    if (child->out.fd >= 0) {
        read_stream(child, &child->out);
    }
    if (child->err.fd >= 0) {
        read_stream(child, &child->err);
    }
    finish_if_over(child);
}

static void watch_child(void *user, int fd, int what) {
    (void) fd;
    (void) what;
    look(user);
}

static void signal_came(void *user, int signal_number) {
    (void) signal_number;
    look(user);
}

static int open_pidfd(pid_t pid) {
#if defined(SYS_pidfd_open) && !defined(CHILD_NO_PIDFD)
    return (int) syscall(SYS_pidfd_open, pid, 0);
#else
    (void) pid;
    return -1;
#endif
}

/* Linux 5.3 has pidfds; before it SIGCHLD has to do, listened to since before the fork. */
static int watch_exit(struct tr069_child *child) {
    if (child->listener != NULL) {
        return 0;
    }
    child->pid_fd = open_pidfd(child->pid);
    if (child->pid_fd < 0) {
        return -errno;
    }
    return loop_watch(child->loop, child->pid_fd, TR069_READABLE, watch_child, child, &child->pid_watch);
}

static int watch_stream(struct tr069_child *child, struct stream *stream,
                        void (*call)(void *user, int fd, int what)) {
    if (stream->fd < 0) {
        return 0;
    }
    (void) fcntl(stream->fd, F_SETFL, O_NONBLOCK);
    return loop_watch(child->loop, stream->fd, TR069_READABLE, call, child, &stream->watch);
}

/* ---- the interface ----------------------------------------------------------------------------- */

static struct tr069_child *child_new(struct loop *loop, const struct tr069_run *run, tr069_run_done *done,
                                     void *user) {
    struct tr069_child *child = calloc(1, sizeof *child);
    if (child != NULL) {
        size_t max = run->output_max < OUTPUT_MAX ? run->output_max : OUTPUT_MAX;
        *child = (struct tr069_child){.guest.end = guest_end,
                                      .loop = loop,
                                      .pid_fd = -1,
                                      .out.fd = -1,
                                      .err.fd = -1,
                                      .output_max = max,
                                      .keep_tail = run->keep_tail,
                                      .done = done,
                                      .user = user};
        buffer_init(&child->out.data, run->keep_tail ? 2 * max : max);
        buffer_init(&child->err.data, LINE_MAX_OCTETS + 4096 + 1);
        const char *slash = run->argv[0] != NULL ? strrchr(run->argv[0], '/') : NULL;
        const char *name = slash != NULL ? slash + 1 : run->argv[0];
        if (name != NULL) {
            memcpy(child->name, name, strnlen(name, sizeof child->name - 1));
        }
        loop_enter(loop, &child->guest);
    }
    return child;
}

static int start_child(struct tr069_child *child, const struct tr069_run *run, const char *program) {
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    union {
        const char *const *given;
        char *const *wanted; /* execve() changes none of them */
    } argv = {run->argv};
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int result = nothing < 0 ? -errno : 0;
    if (result == 0 && (pipe2(out, O_CLOEXEC) != 0 || (!run->merge_stderr && pipe2(err, O_CLOEXEC) != 0))) {
        result = -errno;
    }
    if (result == 0) {
        struct start start = {.program = program,
                              .argv = argv.wanted,
                              .in = nothing,
                              .background = run->background,
                              .out = out[1],
                              .err = run->merge_stderr ? out[1] : err[1]};
        result = fork_child(&start, &child->pid);
    }
    if (result == 0) {
        child->out.fd = out[0];
        child->err.fd = err[0];
        out[0] = err[0] = -1;
    }
    close_both(out);
    close_both(err);
    if (nothing >= 0) {
        (void) close(nothing);
    }
    return result;
}

int child_run(struct loop *loop, const struct tr069_run *run, tr069_run_done *done, void *user,
              struct tr069_child **ret_child) {
    struct buffer program;
    struct tr069_child *child = NULL;
    buffer_init(&program, 4096);
    int result = run->argv == NULL ? -EINVAL : find_program(run->argv[0], &program);
    if (result == 0) {
        child = child_new(loop, run, done, user);
        result = child == NULL ? -ENOMEM : 0;
    }
    if (result == 0) {
        int probe = open_pidfd(getpid());
        if (probe >= 0) {
            (void) close(probe);
        } else {
            result = loop_listen(loop, SIGCHLD, signal_came, child, &child->listener);
        }
    }
    if (result == 0) {
        result = start_child(child, run, buffer_string(&program));
    }
    buffer_free(&program);
    if (result == 0 && (result = watch_exit(child)) == 0 &&
        (result = watch_stream(child, &child->out, out_ready)) == 0) {
        result = watch_stream(child, &child->err, err_ready);
    }
    if (result < 0) {
        if (child != NULL) {
            guest_end(&child->guest);
        }
        return result;
    }
    set_timer(child, run->deadline_ms > 0 ? run->deadline_ms : DEADLINE_MS);
    if (ret_child != NULL) {
        *ret_child = child;
    }
    return 0;
}

void child_cancel(struct tr069_child *child) {
    if (child == NULL || child->finished || child->canceled) {
        return;
    }
    child->canceled = true;
    signal_group(child, SIGKILL);
    stream_close(child, &child->out);
    stream_close(child, &child->err);
    loop_timer_cancel(child->loop, child->timer);
    child->timer = NULL;
    if (child->pid == 0) {
        set_timer(child, 0); /* else the exit frees it */
    }
}
