/* poke: raw octets to a socket, or from one, for test_malformed.sh.
 *   poke [-n CONNECTIONS] [-d MS] [-w MS] PORT|SOCKET <FILE   sends it over so many connections at once, MS
 *        between octets; waits until the peer closes, at most -w; prints what came over the first one
 *   poke -l [-d MS] [-r TIMES] [-w MS] FILE   listens on loopback, prints the port; answers each request
 *        with the file (TIMES over), then closes, or after -w */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_MAX = 8 << 20 };

static long connections = 1, delay_ms, wait_ms = 3000, times = 1;
static char input[INPUT_MAX];
static size_t input_length;

static void read_input(int fd) {
    ssize_t got = 0;
    while (input_length < sizeof input &&
           (got = read(fd, input + input_length, sizeof input - input_length)) > 0) {
        input_length += (size_t) got;
    }
}

static void pause_ms(long ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    while (nanosleep(&time, &time) < 0 && errno == EINTR) {
    }
}

/* False when the peer does not want any more. */
static bool send_input(int fd) {
    size_t step = delay_ms > 0 ? 1 : input_length;
    for (size_t at = 0; at < input_length;) {
        ssize_t n = send(fd, input + at, step < input_length - at ? step : input_length - at, MSG_NOSIGNAL);
        if (n < 0) {
            return false;
        }
        at += (size_t) n;
        if (delay_ms > 0) {
            pause_ms(delay_ms);
        }
    }
    return true;
}

/* Until the peer closes, or no longer than wait_ms without an octet. */
static void drain(int fd, bool print) {
    char part[4096];
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (poll(&wait, 1, (int) wait_ms) > 0) {
        ssize_t got = recv(fd, part, sizeof part, 0);
        if (got <= 0) {
            return;
        }
        if (print) {
            (void) fwrite(part, 1, (size_t) got, stdout);
        }
    }
    if (print) {
        (void) puts("(still open)");
    }
}

static int open_to(const char *target) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool is_local = target[0] == '/';
    int fd = socket(is_local ? AF_UNIX : AF_INET,
                    SOCK_STREAM | SOCK_CLOEXEC | (connections > 100 ? SOCK_NONBLOCK : 0), 0),
        r = -1; /* with so many, those that the peer does not take are not waited for */
    if (fd >= 0 && is_local && strlen(target) < sizeof local.sun_path) {
        memcpy(local.sun_path, target, strlen(target) + 1);
        r = connect(fd, (const struct sockaddr *) (const void *) &local, sizeof local);
    } else if (fd >= 0) {
        inet.sin_port = htons((uint16_t) strtoul(target, NULL, 10));
        r = connect(fd, (const struct sockaddr *) (const void *) &inet, sizeof inet);
    }
    if (r < 0 && fd >= 0 && errno != EINPROGRESS) {
        (void) close(fd);
        fd = -1;
    }
    return fd;
}

static int poke(const char *target) {
    int *fds = calloc((size_t) connections, sizeof *fds);
    long opened = 0;
    read_input(STDIN_FILENO);
    for (long i = 0; fds != NULL && i < connections; i++) {
        fds[i] = open_to(target);
        opened += fds[i] >= 0;
        if (fds[i] >= 0) {
            (void) send_input(fds[i]);
        }
    }
    for (long i = 0; fds != NULL && i < connections; i++) {
        if (fds[i] >= 0) {
            drain(fds[i], i == 0);
            (void) close(fds[i]);
        }
    }
    free(fds);
    (void) fflush(stdout);
    if (opened < connections) {
        (void) fprintf(stderr, "%ld of %ld connections were opened\n", opened, connections);
    }
    return opened > 0 ? 0 : 1;
}

/* Reads what looks like one whole request: until nothing comes for a moment. */
static void take_request(int fd) {
    char part[4096];
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    for (int patience = 2000; poll(&wait, 1, patience) > 0; patience = 20) {
        if (recv(fd, part, sizeof part, 0) <= 0) {
            return;
        }
    }
}

static int serve(const char *file) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int from = open(file, O_RDONLY | O_CLOEXEC), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (from < 0 || fd < 0 || bind(fd, (const struct sockaddr *) (const void *) &address, length) < 0 ||
        listen(fd, 8) < 0 || getsockname(fd, (struct sockaddr *) (void *) &address, &length) < 0) {
        perror("poke");
        return 2;
    }
    read_input(from);
    (void) printf("%u\n", (unsigned) ntohs(address.sin_port));
    (void) fflush(stdout);
    for (;;) {
        int peer = accept(fd, NULL, NULL);
        if (peer < 0) {
            continue;
        }
        take_request(peer);
        for (long i = 0; i < times && send_input(peer); i++) {
        }
        if (wait_ms > 0) {
            drain(peer, false);
        }
        (void) close(peer);
    }
}

int main(int argc, char **argv) {
    bool listens = false;
    for (int option; (option = getopt(argc, argv, "n:d:w:r:l")) != -1;) {
        switch (option) {
        case 'n':
            connections = strtol(optarg, NULL, 10);
            break;
        case 'd':
            delay_ms = strtol(optarg, NULL, 10);
            break;
        case 'w':
            wait_ms = strtol(optarg, NULL, 10);
            break;
        case 'r':
            times = strtol(optarg, NULL, 10);
            break;
        case 'l':
            listens = true;
            break;
        default:
            return 2;
        }
    }
    if (optind + 1 != argc || connections < 1) {
        (void) fprintf(stderr, "usage: poke [-l] [-n N] [-d MS] [-r TIMES] [-w MS] PORT|SOCKET|FILE\n");
        return 2;
    }
    return listens ? serve(argv[optind]) : poke(argv[optind]);
}
