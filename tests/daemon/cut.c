/* cut PORT PLAN: a relay on loopback to the ACS at PORT that cuts connections where the plan says; prints its
 * own port. For test_cut.sh.
 *
 * HTTP messages are counted as they come: in a session number 1 is the Inform, 2 its response, and so on.
 * Each connection takes the next line of the plan, `MESSAGE OCTETS`: so many octets of that message pass,
 * then both sides are closed. A request may pass whole before; an answer lacks an octet at least, since
 * behind a whole one the session may rightly go on by another connection. `0 0`, or no line: nothing is cut.
 * It prints a line a connection: `cut` or `whole`, and the octets of each message that passed. */
#define _GNU_SOURCE
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGES_MAX = 64, MESSAGE_MAX = 1 << 20, PATIENCE_MS = 20000 };

static struct sockaddr_in loopback(unsigned port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t) port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int fail(const char *what) {
    perror(what);
    return 2;
}

static int listen_here(void) {
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *) (const void *) &address, size) < 0 ||
        listen(fd, 16) < 0 || getsockname(fd, (struct sockaddr *) (void *) &address, &size) < 0) {
        return -1;
    }
    (void) printf("%u\n", (unsigned) ntohs(address.sin_port));
    return fd;
}

static int connect_to(unsigned port) {
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0 || connect(fd, (const struct sockaddr *) (const void *) &address, sizeof address) < 0) {
        return -1;
    }
    (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static bool send_all(int fd, const char *octets, size_t count) {
    while (count > 0) {
        ssize_t n = send(fd, octets, count, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        octets += n;
        count -= (size_t) n;
    }
    return true;
}

struct relay {
    int side[2];              /* the box, the ACS */
    unsigned message, octets; /* where to cut */
    unsigned now;             /* messages up to now */
    size_t lengths[MESSAGES_MAX];
    size_t have[2]; /* octets of a message that is not whole yet, by who says it */
    char part[2][MESSAGE_MAX + 1];
};

/* The octets of the whole message whose beginning this is; 0 when that is not known yet. */
static size_t whole_length(const char *text) {
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
    if (end == NULL) {
        return 0;
    }
    size_t body =
        length != NULL && length < end ? strtoul(length + strlen("\r\nContent-Length:"), NULL, 10) : 0;
    return (size_t) (end + 4 - text) + body;
}

/* A message is whole: passes it, or some of it. False when that was the end, which says so. */
static bool pass(struct relay *relay, int from, bool *ret_cut) {
    size_t count = relay->have[from], number = relay->now < MESSAGES_MAX ? relay->now++ : MESSAGES_MAX - 1;
    size_t most = from == 0 ? count : count - 1;
    if (relay->message == number + 1) {
        *ret_cut = true;
        count = relay->octets < most ? relay->octets : most;
    }
    relay->lengths[number] = count;
    relay->have[from] = 0;
    return send_all(relay->side[1 - from], relay->part[from], count) && !*ret_cut;
}

static bool take(struct relay *relay, int from, bool *ret_cut) {
    char *part = relay->part[from];
    ssize_t got = recv(relay->side[from], part + relay->have[from], MESSAGE_MAX - relay->have[from], 0);
    if (got <= 0) {
        return false;
    }
    relay->have[from] += (size_t) got;
    part[relay->have[from]] = '\0';
    size_t length = whole_length(part);
    return length == 0 || relay->have[from] < length || pass(relay, from, ret_cut);
}

static bool run(struct relay *relay) {
    bool cut = false, open = true;
    while (open) {
        struct pollfd waits[2] = {{.fd = relay->side[0], .events = POLLIN},
                                  {.fd = relay->side[1], .events = POLLIN}};
        if (poll(waits, 2, PATIENCE_MS) <= 0) {
            return false;
        }
        for (int i = 0; i < 2 && open; i++) {
            open = waits[i].revents == 0 || take(relay, i, &cut);
        }
    }
    return cut;
}

int main(int argc, char **argv) {
    static struct relay relay;
    unsigned cuts = 0;
    FILE *plan = argc == 3 ? fopen(argv[2], "r") : NULL;
    if (plan == NULL) {
        (void) fputs("cut PORT PLAN\n", stderr);
        return 2;
    }
    (void) signal(SIGPIPE, SIG_IGN);
    (void) setvbuf(stdout, NULL, _IOLBF, 0);
    int listener = listen_here();
    if (listener < 0) {
        return fail("listen");
    }
    for (;;) {
        char line[64];
        memset(&relay, 0, offsetof(struct relay, part));
        relay.side[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (relay.side[0] < 0) {
            return fail("accept");
        }
        if (fgets(line, sizeof line, plan) != NULL) {
            char *rest = NULL;
            relay.message = (unsigned) strtoul(line, &rest, 10);
            relay.octets = (unsigned) strtoul(rest, NULL, 10);
        } else {
            clearerr(plan); /* what is added to the plan later counts */
        }
        relay.side[1] = connect_to((unsigned) strtoul(argv[1], NULL, 10));
        bool cut = relay.side[1] >= 0 && run(&relay);
        /* Every other cut inside of an answer is a reset. Before an answer it would leave the box in doubt
         * whether its request arrived, which it may then repeat. */
        struct linger reset = {.l_onoff = 1, .l_linger = 0};
        if (cut && relay.message % 2 == 0 && relay.octets > 0 && ++cuts % 2 == 0) {
            (void) setsockopt(relay.side[0], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        }
        (void) close(relay.side[0]);
        if (relay.side[1] >= 0) {
            (void) close(relay.side[1]);
        }
        (void) fputs(cut ? "cut" : "whole", stdout);
        for (unsigned i = 0; i < relay.now; i++) {
            (void) printf(" %zu", relay.lengths[i]);
        }
        (void) putchar('\n');
    }
}
