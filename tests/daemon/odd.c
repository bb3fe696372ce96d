/* odd DIRECTORY: a server on loopback that answers each request, on whatever connection, with the octets of
 * the directory's first file, which it removes; for test_quirks.sh. Prints its port; then a line a request:
 * `CONNECTION PATH COOKIE WHAT`, with `-` for no cookie, WHAT: Inform, empty or other. A file whose name ends
 * in `.close` closes the connection behind it; where there is no file, no answer is given. */
#define _GNU_SOURCE
#include <config.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEERS = 16, REQUEST_MAX = 1 << 18, ANSWER_MAX = 1 << 20 };

static struct peer {
    int fd; /* 0: free */
    unsigned number;
    size_t length;
    char request[REQUEST_MAX];
} peers[PEERS];
static unsigned connections;
static char answer[ANSWER_MAX];

static void hang_up(struct peer *peer) {
    (void) close(peer->fd);
    peer->fd = 0;
}

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

/* Takes the first file of the directory into `answer`; its length, or -1. */
static ssize_t take_answer(const char *directory, bool *ret_close) {
    struct dirent **names = NULL;
    char path[512];
    ssize_t length = -1;
    const int count = scandir(directory, &names, visible, alphasort);
    for (int i = 0; i < count; i++) {
        if (i == 0) {
            FILE *file;
            (void) snprintf(path, sizeof path, "%s/%s", directory, names[i]->d_name);
            *ret_close = strstr(names[i]->d_name, ".close") != NULL;
            file = fopen(path, "r");
            if (file != NULL) {
                length = (ssize_t) fread(answer, 1, sizeof answer, file);
                (void) fclose(file);
                (void) unlink(path);
            }
        }
        free(names[i]);
    }
    free(names);
    return length;
}

/* The value of a header, up to the end of its line; NULL if there is none. */
static const char *header(const char *head, const char *name) {
    const char *line = strcasestr(head, name);
    return line != NULL ? line + strlen(name) : NULL;
}

static void tell(const struct peer *peer, const char *body) {
    const char *path = strchr(peer->request, ' '), *cookie = header(peer->request, "\r\nCookie: ");
    path = path != NULL ? path + 1 : "";
    cookie = cookie != NULL ? cookie : "-";
    (void) printf("%u %.*s %.*s %s\n", peer->number, (int) strcspn(path, " "), path,
                  (int) strcspn(cookie, "\r"), cookie,
                  body[0] == '\0'                         ? "empty"
                  : strstr(body, "<cwmp:Inform>") != NULL ? "Inform"
                                                          : "other");
    (void) fflush(stdout);
}

/* A whole request, and what it gets. */
static void serve(struct peer *peer, const char *directory) {
    const char *end = strstr(peer->request, "\r\n\r\n"),
               *length = header(peer->request, "\r\nContent-Length: ");
    bool closes = true;
    ssize_t octets, at = 0, n = 0;
    if (end == NULL || peer->length < (size_t) (end + 4 - peer->request) +
                                          (length != NULL ? strtoul(length, NULL, 10) : 0)) {
        return;
    }
    tell(peer, end + 4);
    peer->length = 0;
    octets = take_answer(directory, &closes);
    /* the end of the connection comes together with that of the answer: nobody can send in between */
    const int flags = MSG_NOSIGNAL | (closes ? MSG_MORE : 0);
    while (at < octets && (n = send(peer->fd, answer + at, (size_t) (octets - at), flags)) > 0) {
        at += n;
    }
    if (closes || n < 0) {
        hang_up(peer);
    }
}

static void hear(struct peer *peer, const char *directory) {
    const ssize_t got =
        recv(peer->fd, peer->request + peer->length, sizeof peer->request - 1 - peer->length, 0);
    if (got <= 0) {
        hang_up(peer);
        return;
    }
    peer->length += (size_t) got;
    peer->request[peer->length] = '\0';
    serve(peer, directory);
}

static void welcome(int listener) {
    const int fd = accept(listener, NULL, NULL);
    for (size_t i = 0; fd >= 0 && i < PEERS; i++) {
        if (peers[i].fd == 0) {
            peers[i].fd = fd;
            peers[i].number = ++connections;
            peers[i].length = 0;
            return;
        }
    }
    if (fd >= 0) {
        (void) close(fd);
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (argc != 2 || listener < 0 ||
        bind(listener, (const struct sockaddr *) (const void *) &address, size) < 0 ||
        listen(listener, PEERS) < 0 ||
        getsockname(listener, (struct sockaddr *) (void *) &address, &size) < 0) {
        perror("odd");
        return 2;
    }
    (void) printf("%u\n", (unsigned) ntohs(address.sin_port));
    (void) fflush(stdout);
    for (;;) {
        struct pollfd fds[PEERS + 1] = {{.fd = listener, .events = POLLIN}};
        for (size_t i = 0; i < PEERS; i++) {
            fds[i + 1] = (struct pollfd){.fd = peers[i].fd != 0 ? peers[i].fd : -1, .events = POLLIN};
        }
        if (poll(fds, PEERS + 1, -1) < 0) {
            continue;
        }
        for (size_t i = 0; i < PEERS; i++) {
            if (fds[i + 1].fd >= 0 && fds[i + 1].revents != 0) {
                hear(&peers[i], argv[1]);
            }
        }
        if (fds[0].revents != 0) {
            welcome(listener);
        }
    }
}
