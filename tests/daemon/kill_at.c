/* kill_at PID FILE OFFSET LINES MICROSECONDS: SIGKILL so long after FILE, a transcript that grows, has that
 * many lines behind OFFSET, or when it has grown and then not for a while. For test_kill.sh: a shell is too
 * slow for it. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { STEP_US = 200, BEGIN_US = 2000000, QUIET_US = 80000 };

static int64_t number(const char *text) {
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0) {
        (void) fprintf(stderr, "kill_at: %s is not a number\n", text);
        exit(2);
    }
    return value;
}

static void pause_us(int64_t us) {
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    while (nanosleep(&time, &time) < 0 && errno == EINTR) {
    }
}

/* How many lines have come to the file since the last call. */
static int64_t new_lines(int fd) {
    char part[4096];
    int64_t lines = 0;
    for (ssize_t got; (got = read(fd, part, sizeof part)) > 0;) {
        for (ssize_t i = 0; i < got; i++) {
            lines += part[i] == '\n';
        }
    }
    return lines;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        (void) fprintf(stderr, "usage: kill_at PID FILE OFFSET LINES MICROSECONDS\n");
        return 2;
    }
    pid_t pid = (pid_t) number(argv[1]);
    int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (pid <= 1 || fd < 0 || lseek(fd, (off_t) number(argv[3]), SEEK_SET) < 0) {
        (void) fprintf(stderr, "kill_at: not a process to kill, or %s cannot be read\n", argv[2]);
        return 2;
    }
    int64_t wanted = number(argv[4]), lines = new_lines(fd);
    for (int64_t silent = 0; lines < wanted && silent < (lines > 0 ? QUIET_US : BEGIN_US);
         silent += STEP_US) {
        pause_us(STEP_US);
        int64_t more = new_lines(fd);
        lines += more;
        silent = more > 0 ? 0 : silent;
    }
    pause_us(number(argv[5]));
    (void) close(fd);
    return kill(pid, SIGKILL) == 0 ? 0 : 1;
}
