/* drive CONTROL COUNT [ACS-CONTROL]: makes the client hold COUNT sessions, one after the other, well or not:
 * by `inform` on its control socket, or in turn by a connection request that the test ACS sends. Prints
 * how many went well and how many failed. For soak.sh: a process for each would take longer than they do. */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 120000, STEP_MS = 2 };

/* The last line: 1 ok, -1 error, 0 not there yet. */
static int verdict(const char *answer, size_t length) {
    if (length == 0 || answer[length - 1] != '\n') {
        return 0;
    }
    const char *line = answer + length - 1;
    while (line > answer && line[-1] != '\n') {
        line--;
    }
    return strcmp(line, "ok\n") == 0 ? 1 : strncmp(line, "error", 5) == 0 ? -1 : 0;
}

/* One line to the socket at `path`; what comes until the peer hangs up or says `ok` or `error`. */
static bool ask(const char *path, const char *line, char *answer, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t used = 0;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && strlen(path) < sizeof address.sun_path;
    if (ok) {
        memcpy(address.sun_path, path, strlen(path) + 1);
        ok = connect(fd, (const struct sockaddr *) (const void *) &address, sizeof address) == 0 &&
             send(fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t) strlen(line);
    }
    answer[0] = '\0';
    while (ok && used + 1 < size) {
        ssize_t got = recv(fd, answer + used, size - 1 - used, 0);
        if (got <= 0) {
            break;
        }
        used += (size_t) got;
        answer[used] = '\0';
        if (verdict(answer, used) != 0) {
            break;
        }
    }
    if (fd >= 0) {
        (void) close(fd);
    }
    return ok && verdict(answer, used) > 0;
}

/* What status says: sessions that ended, and is one running? */
static bool look(const char *control, unsigned long *ret_good, unsigned long *ret_failed, bool *ret_idle) {
    char answer[4096], *end = NULL;
    if (!ask(control, "status\n", answer, sizeof answer)) {
        return false;
    }
    const char *sessions = strstr(answer, "sessions: ");
    if (sessions == NULL) {
        return false;
    }
    *ret_good = strtoul(sessions + 10, &end, 10);
    const char *comma = strchr(end, ',');
    *ret_failed = comma != NULL ? strtoul(comma + 1, NULL, 10) : 0;
    *ret_idle = strstr(answer, "session: idle") != NULL;
    return true;
}

int main(int argc, char **argv) {
    char answer[4096];
    unsigned long good = 0, failed = 0, first_good = 0, first_failed = 0;
    bool idle = false;
    if (argc < 3 || !look(argv[1], &first_good, &first_failed, &idle)) {
        (void) fprintf(stderr, "usage: drive CONTROL COUNT [ACS-CONTROL], and the client must run\n");
        return 2;
    }
    unsigned long count = strtoul(argv[2], NULL, 10);
    good = first_good;
    failed = first_failed;
    for (unsigned long i = 0; i < count; i++) {
        unsigned long before = good + failed;
        bool asked = argc > 3 && i % 2 == 1 && ask(argv[3], "connection-request\n", answer, sizeof answer);
        /* twice: one may meet a client that has no memory for it just then */
        if (!asked && !ask(argv[1], "inform\n", answer, sizeof answer) &&
            !ask(argv[1], "inform\n", answer, sizeof answer)) {
            (void) fprintf(stderr, "session %lu is refused: %s\n", i + 1, answer);
            return 1;
        }
        int waited = 0, unheard = 0;
        do {
            struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
            (void) nanosleep(&step, NULL);
            waited += STEP_MS;
            unheard = look(argv[1], &good, &failed, &idle) ? 0 : unheard + 1;
        } while (unheard < 3 && (unheard > 0 || good + failed == before || !idle) && waited < PATIENCE_MS);
        if (good + failed == before) {
            (void) fprintf(stderr, "session %lu does not end: %s\n", i + 1, strerror(errno));
            return 1;
        }
    }
    (void) printf("%lu sessions went well, %lu failed\n", good - first_good, failed - first_failed);
    return 0;
}
