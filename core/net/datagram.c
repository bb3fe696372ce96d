/* Datagrams. The worker touches its own order only. */
#include <config.h>

#include "net/datagram.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_ROOM "net"

struct datagram {
    char host[257];
    char port[8];
    int error;         /* errno */
    const char *words; /* of the resolver */
    size_t length;
    char data[];
};

static int send_to(const struct addrinfo *to, const struct datagram *datagram) {
    const int fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0) {
        if (sendto(fd, datagram->data, datagram->length, MSG_NOSIGNAL, to->ai_addr, to->ai_addrlen) < 0) {
            error = errno;
        }
        (void) close(fd);
    }
    return error;
}

static void work(void *user) {
    struct datagram *datagram = user;
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    const int r = getaddrinfo(datagram->host, datagram->port, &hints, &found);
    if (r != 0) {
        datagram->words = gai_strerror(r);
        return;
    }
    datagram->error = EADDRNOTAVAIL;
    for (const struct addrinfo *to = found; to != NULL && datagram->error != 0; to = to->ai_next) {
        datagram->error = send_to(to, datagram);
    }
    freeaddrinfo(found);
}

static void done(void *user) {
    struct datagram *datagram = user;
    if (datagram->words != NULL || datagram->error != 0) {
        log_warning("a datagram to %s could not be sent: %s", datagram->host,
                    datagram->words != NULL ? datagram->words : strerror(datagram->error));
    }
    free(datagram);
}

int datagram_send(struct loop *loop, const char *host, unsigned port, const void *data, size_t length) {
    struct datagram *datagram = calloc(1, sizeof *datagram + length);
    int r;
    if (datagram == NULL) {
        return -ENOMEM;
    }
    (void) text_copy(datagram->host, sizeof datagram->host, host);
    (void) snprintf(datagram->port, sizeof datagram->port, "%u", port % 65536);
    datagram->length = length;
    memcpy(datagram->data, data, length);
    r = loop_job(loop, work, done, datagram);
    if (r < 0) {
        free(datagram);
    }
    return r;
}
