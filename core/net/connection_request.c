/* The listener for connection requests. */
#include <config.h>

#include "net/connection_request.h"

#include "base/crypto.h"
#include "base/text.h"
#include "net/digest.h"
#include "net/loop_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <tr069/plugin.h>
#include <unistd.h>

#define REALM "connection request"
#define DIGEST "Digest "

enum {
    BACKLOG = 16,
    CONNECTION_MEMORY = 8 << 10, /* the most that a request's head may have */
    PATH_LEAST = 17,
    RATE_MAX = 256,
    SOURCES = 64,
    FAILURES_MAX = 5,
    BLOCK_MS = 10000, /* the first block; each further wrong answer doubles it */
    BLOCK_DOUBLINGS = 5,
    LIFE = 4 /* times timeout_s */
};

/* Where connections come from: an IPv4 address as ::ffff:a.b.c.d, or the first 64 bits of an IPv6 one. */
struct origin {
    unsigned char octets[NETWORK_ADDRESS_SIZE];
};

/* A source of wrong answers. */
struct source {
    struct origin origin;
    uint64_t last_ms; /* of the last wrong answer; 0: free */
    uint64_t until_ms;
    unsigned failures;
};

struct open_connection {
    int fd;
    uint64_t since_ms;
    struct origin origin;
    bool shut;
    struct open_connection *next, *previous;
};

struct connection_request {
    struct loop *loop;
    struct connection_request_setup setup;
    char *path;
    uint16_t port;
    struct MHD_Daemon *daemon;
    struct tr069_watch *watch;
    struct tr069_timer *timer;
    struct open_connection *connections; /* the newest first */
    unsigned open;                       /* of those, not shut */
    struct network_range *ranges;
    struct MHD_Response *empty, *not_get;
    struct digest_server digest;
    struct source sources[SOURCES];
    unsigned accepted_next;
    uint64_t accepted_ms[]; /* a ring of the last rate_count */
};

/* ---- who asks ---------------------------------------------------------------------------------- */

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

static bool is_mapped(const unsigned char address[NETWORK_ADDRESS_SIZE]) {
    return memcmp(address, mapped, sizeof mapped) == 0;
}

/* The whole address, IPv4 as ::ffff:a.b.c.d. False when it is unknown. */
static bool address_of(const struct sockaddr *from, unsigned char address[NETWORK_ADDRESS_SIZE]) {
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    if (from != NULL && from->sa_family == AF_INET) {
        memcpy(&four, from, sizeof four);
        memcpy(address, mapped, sizeof mapped);
        memcpy(address + sizeof mapped, &four.sin_addr, 4);
    } else if (from != NULL && from->sa_family == AF_INET6) {
        memcpy(&six, from, sizeof six);
        memcpy(address, &six.sin6_addr, NETWORK_ADDRESS_SIZE);
    } else {
        memset(address, 0, NETWORK_ADDRESS_SIZE);
        return false;
    }
    return true;
}

static struct origin origin_of(const struct sockaddr *from) {
    struct origin origin = {0};
    if (address_of(from, origin.octets) && from->sa_family == AF_INET6 && !is_mapped(origin.octets)) {
        memset(origin.octets + 8, 0, 8);
    }
    return origin;
}

static const struct sockaddr *peer_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info != NULL ? info->client_addr : NULL;
}

static void write_peer(const struct sockaddr *from, char text[INET6_ADDRSTRLEN]) {
    unsigned char address[NETWORK_ADDRESS_SIZE];
    bool known = address_of(from, address);
    bool four = known && is_mapped(address);
    if (!known ||
        inet_ntop(four ? AF_INET : AF_INET6, address + (four ? 12 : 0), text, INET6_ADDRSTRLEN) == NULL) {
        (void) text_copy(text, INET6_ADDRSTRLEN, "?");
    }
}

static bool same_origin(const struct origin *a, const struct origin *b) {
    return memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

static uint64_t longest_block(const struct connection_request *listener) {
    return (uint64_t) listener->setup.block_ms << BLOCK_DOUBLINGS;
}

/* One that has been silent for as long as it may be blocked is forgotten. */
static struct source *find_source(struct connection_request *listener, const struct origin *origin,
                                  uint64_t now) {
    for (size_t i = 0; i < SOURCES; i++) {
        struct source *source = &listener->sources[i];
        uint64_t quiet = source->until_ms > source->last_ms ? source->until_ms : source->last_ms;
        if (source->last_ms != 0 && now >= quiet + longest_block(listener)) {
            *source = (struct source){0};
        }
        if (source->last_ms != 0 && same_origin(&source->origin, origin)) {
            return source;
        }
    }
    return NULL;
}

static void count_failure(struct connection_request *listener, const struct origin *origin, uint64_t now) {
    struct source *source = find_source(listener, origin, now);
    if (source == NULL) {
        source = &listener->sources[0]; /* the longest silent makes room */
        for (size_t i = 1; i < SOURCES; i++) {
            if (listener->sources[i].last_ms < source->last_ms) {
                source = &listener->sources[i];
            }
        }
        *source = (struct source){.origin = *origin};
    }
    source->last_ms = now;
    source->failures++;
    if (source->failures >= FAILURES_MAX) {
        unsigned doublings = source->failures - FAILURES_MAX;
        source->until_ms = now + ((uint64_t) listener->setup.block_ms
                                  << (doublings < BLOCK_DOUBLINGS ? doublings : BLOCK_DOUBLINGS));
    }
}

static void forgive(struct connection_request *listener, const struct origin *origin, uint64_t now) {
    struct source *source = find_source(listener, origin, now);
    if (source != NULL) {
        *source = (struct source){0};
    }
}

/* ---- answers ----------------------------------------------------------------------------------- */

static enum MHD_Result challenge(struct connection_request *listener, struct MHD_Connection *connection,
                                 bool stale) {
    char digest[DIGEST_CHALLENGE_SIZE];
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    digest_challenge(&listener->digest, loop_now_ms(), stale, digest);
    enum MHD_Result result = MHD_add_response_header(response, "WWW-Authenticate", digest);
    if (listener->setup.basic) {
        (void) MHD_add_response_header(response, "WWW-Authenticate", "Basic realm=\"" REALM "\"");
    }
    if (result == MHD_YES) {
        result = MHD_queue_response(connection, 401, response);
    }
    MHD_destroy_response(response);
    return result;
}

static bool within_rate(struct connection_request *listener, uint64_t now) {
    uint64_t *place = &listener->accepted_ms[listener->accepted_next];
    if (*place != 0 && now - *place < (uint64_t) listener->setup.rate_window_s * 1000) {
        return false;
    }
    *place = now;
    listener->accepted_next = (listener->accepted_next + 1) % listener->setup.rate_count;
    return true;
}

static void refuse(struct connection_request *listener, const char *peer, const char *why) {
    if (listener->setup.refused != NULL) {
        listener->setup.refused(listener->setup.user, peer, why);
    }
}

static enum MHD_Result accept_request(struct connection_request *listener, struct MHD_Connection *connection,
                                      const char *peer, uint64_t now) {
    if (!within_rate(listener, now)) {
        refuse(listener, peer, "more connection requests than allowed in this time");
        return MHD_queue_response(connection, 503, listener->empty);
    }
    listener->setup.accepted(listener->setup.user);
    return MHD_queue_response(connection, 200, listener->empty);
}

struct credentials {
    const char *username, *password;
};

static struct credentials credentials_of(const struct connection_request *listener) {
    struct credentials given = {NULL, NULL};
    listener->setup.credentials(listener->setup.user, &given.username, &given.password);
    return (struct credentials){given.username != NULL ? given.username : "",
                                given.password != NULL ? given.password : ""};
}

static enum digest_verdict check_digest(struct connection_request *listener, const char *answer,
                                        uint64_t now) {
    const struct credentials wanted = credentials_of(listener);
    const struct digest_request request = {"GET", listener->path, wanted.username, wanted.password};
    return digest_check(&listener->digest, &request, now, answer);
}

/* As check_digest(): the credentials themselves. */
static enum digest_verdict check_basic(const struct connection_request *listener,
                                       struct MHD_Connection *connection) {
    const struct credentials wanted = credentials_of(listener);
    char *password = NULL;
    char *username = MHD_basic_auth_get_username_password(connection, &password);
    bool good = username != NULL && password != NULL && wanted.username[0] != '\0';
    bool same = good && crypto_equal(username, wanted.username);
    good = good && crypto_equal(password, wanted.password) && same;
    MHD_free(username);
    MHD_free(password);
    return good ? DIGEST_RIGHT : DIGEST_WRONG;
}

static enum MHD_Result answer(struct connection_request *listener, struct MHD_Connection *connection) {
    char peer[INET6_ADDRSTRLEN];
    uint64_t now = loop_now_ms();
    const char *authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    const struct sockaddr *from = peer_of(connection);
    const struct origin origin = origin_of(from);
    write_peer(from, peer);
    if (authorization == NULL) {
        return challenge(listener, connection, false); /* the first step of every request */
    }
    const struct source *source = find_source(listener, &origin, now);
    if (source != NULL && now < source->until_ms) {
        refuse(listener, peer, "too many wrong answers from there");
        return MHD_queue_response(connection, 503, listener->empty);
    }
    const bool basic = listener->setup.basic && strncasecmp(authorization, "Basic ", 6) == 0;
    if (!basic && strncasecmp(authorization, DIGEST, strlen(DIGEST)) != 0) {
        refuse(listener, peer, "credentials that are not Digest");
        return challenge(listener, connection, false);
    }
    const enum digest_verdict verdict = basic ? check_basic(listener, connection)
                                              : check_digest(listener, authorization + strlen(DIGEST), now);
    switch (verdict) {
    case DIGEST_RIGHT:
        forgive(listener, &origin, now);
        return accept_request(listener, connection, peer, now);
    case DIGEST_WRONG:
        count_failure(listener, &origin, now);
        refuse(listener, peer, "a wrong username, password or uri");
        break;
    case DIGEST_REPEATED:
        refuse(listener, peer, "a repeated answer");
        break;
    case DIGEST_OLD:
        break;
    }
    return challenge(listener, connection, verdict != DIGEST_WRONG);
}

/* First for the head, then for each piece of a body (ignored), then for the answer. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *length,
                                  void **context) {
    static char seen;
    struct connection_request *listener = user;
    (void) version;
    (void) data;
    if (*context == NULL) {
        *context = &seen;
        return MHD_YES;
    }
    if (*length > 0) {
        *length = 0;
        return MHD_YES;
    }
    if (!crypto_equal(url, listener->path)) {
        return MHD_queue_response(connection, 404, listener->empty);
    }
    if (strcmp(method, "GET") != 0) {
        return MHD_queue_response(connection, 405, listener->not_get);
    }
    return answer(listener, connection);
}

/* ---- connections ------------------------------------------------------------------------------- */

static void shut(struct connection_request *listener, struct open_connection *open) {
    if (!open->shut) {
        open->shut = true;
        listener->open--;
        (void) shutdown(open->fd, SHUT_RDWR); /* libmicrohttpd sees the end and closes */
    }
}

static unsigned count_from(const struct connection_request *listener, const struct origin *origin) {
    unsigned count = 0;
    for (const struct open_connection *open = listener->connections; open != NULL; open = open->next) {
        count += !open->shut && same_origin(&open->origin, origin) ? 1 : 0;
    }
    return count;
}

/* Whoever holds the most loses its oldest: a request takes milliseconds, so who fills the table is no ACS. */
static void make_room(struct connection_request *listener) {
    struct open_connection *victim = NULL;
    unsigned most = 0;
    for (struct open_connection *open = listener->connections; open != NULL; open = open->next) {
        unsigned count = open->shut ? 0 : count_from(listener, &open->origin);
        if (count > 0 && count >= most) { /* the last of equals is the oldest */
            most = count;
            victim = open;
        }
    }
    if (victim != NULL) {
        shut(listener, victim);
    }
}

static void opened(struct connection_request *listener, struct MHD_Connection *connection, void **context) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct open_connection *open = info != NULL ? calloc(1, sizeof *open) : NULL;
    *context = open;
    if (open == NULL) {
        return;
    }
    *open = (struct open_connection){.fd = info->connect_fd,
                                     .since_ms = loop_now_ms(),
                                     .origin = origin_of(peer_of(connection)),
                                     .next = listener->connections};
    if (open->next != NULL) {
        open->next->previous = open;
    }
    listener->connections = open;
    if (++listener->open > listener->setup.max_connections) {
        make_room(listener);
    }
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what) {
    struct connection_request *listener = user;
    struct open_connection *open = *context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        opened(listener, connection, context);
    } else if (open != NULL) {
        *(open->previous != NULL ? &open->previous->next : &listener->connections) = open->next;
        if (open->next != NULL) {
            open->next->previous = open->previous;
        }
        listener->open -= open->shut ? 0 : 1;
        free(open);
        *context = NULL;
    }
}

/* Is this peer within the networks that may ask? */
static enum MHD_Result on_accept(void *user, const struct sockaddr *from, socklen_t length) {
    struct connection_request *listener = user;
    unsigned char address[NETWORK_ADDRESS_SIZE];
    char peer[INET6_ADDRSTRLEN];
    bool allowed = listener->setup.range_count == 0;
    (void) length;
    (void) address_of(from, address);
    for (size_t i = 0; i < listener->setup.range_count && !allowed; i++) {
        allowed = network_range_has(&listener->ranges[i], address);
    }
    if (!allowed) {
        write_peer(from, peer);
        refuse(listener, peer, "not from a network that may ask");
    }
    return allowed ? MHD_YES : MHD_NO;
}

/* libmicrohttpd's limit is for silence only; who sends an octet now and then would stay. */
static void shut_old(struct connection_request *listener) {
    uint64_t now = loop_now_ms();
    for (struct open_connection *open = listener->connections; open != NULL; open = open->next) {
        if (now - open->since_ms >= (uint64_t) listener->setup.timeout_s * 1000 * LIFE) {
            shut(listener, open);
        }
    }
}

static void run(struct connection_request *listener);

static void on_timer(void *user) {
    struct connection_request *listener = user;
    listener->timer = NULL;
    run(listener);
}

static void on_ready(void *user, int fd, int what) {
    (void) fd;
    (void) what;
    run(user);
}

static void run(struct connection_request *listener) {
    MHD_UNSIGNED_LONG_LONG ms = 0;
    shut_old(listener);
    (void) MHD_run(listener->daemon);
    loop_timer_cancel(listener->loop, listener->timer);
    listener->timer = NULL;
    if (MHD_get_timeout(listener->daemon, &ms) == MHD_YES) {
        (void) loop_timer(listener->loop, ms, on_timer, listener, &listener->timer);
    }
}

/* ---- the port ---------------------------------------------------------------------------------- */

static int open_socket(const struct sockaddr *address, socklen_t size) {
    const int on = 1, off = 0;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (address->sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) ||
        bind(fd, address, size) != 0 || listen(fd, BACKLOG) != 0) {
        int error = -errno;
        (void) close(fd);
        return error;
    }
    return fd;
}

static int open_port(const char *address, uint16_t port) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (address == NULL || address[0] == '\0') {
        int fd = open_socket((struct sockaddr *) &six, sizeof six); /* serves IPv4 too */
        if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL) {
            fd = open_socket((struct sockaddr *) &four, sizeof four);
        }
        return fd;
    }
    if (inet_pton(AF_INET, address, &four.sin_addr) == 1) {
        return open_socket((struct sockaddr *) &four, sizeof four);
    }
    if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
        return open_socket((struct sockaddr *) &six, sizeof six);
    }
    return -EINVAL;
}

static uint16_t port_of(int fd) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *) &address, &size) != 0) {
        return 0;
    }
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &address)->sin6_port
                                               : ((struct sockaddr_in *) &address)->sin_port);
}

static int start(struct connection_request *listener, int fd) {
    const struct connection_request_setup *setup = &listener->setup;
    unsigned each = setup->max_connections > 1 ? setup->max_connections / 2 : 1;
    /* Those that were shut are on their way out: libmicrohttpd, which accepts none at its limit, has room for
     * them. */
    unsigned limit = setup->max_connections + setup->max_connections / 2 + 1;
    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL, 0, on_accept, listener, on_request, listener, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_PER_IP_CONNECTION_LIMIT, each,
        MHD_OPTION_CONNECTION_TIMEOUT, setup->timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t) CONNECTION_MEMORY, MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_END);
    if (listener->daemon == NULL) {
        (void) close(fd);
        return -ENOMEM;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL || info->epoll_fd < 0) {
        return -ENOTSUP;
    }
    return loop_watch(listener->loop, info->epoll_fd, TR069_READABLE, on_ready, listener, &listener->watch);
}

static unsigned rate_of(const struct connection_request_setup *given) {
    return given->rate_count == 0 ? 1 : given->rate_count < RATE_MAX ? given->rate_count : RATE_MAX;
}

static void take_setup(struct connection_request *listener, const struct connection_request_setup *given) {
    struct connection_request_setup *setup = &listener->setup;
    *setup = *given;
    setup->address = setup->path = NULL; /* lent; not needed after the start */
    setup->ranges = NULL;
    if (setup->block_ms == 0) {
        setup->block_ms = BLOCK_MS;
    }
    setup->rate_count = rate_of(given);
    if (setup->max_connections == 0) {
        setup->max_connections = 16;
    }
    if (setup->timeout_s == 0) {
        setup->timeout_s = 10;
    }
}

int connection_request_new(struct loop *loop, const struct connection_request_setup *setup,
                           struct connection_request **ret_listener) {
    if (setup->path == NULL || setup->path[0] != '/' || strlen(setup->path) < PATH_LEAST) {
        return -EINVAL;
    }
    struct connection_request *listener =
        calloc(1, sizeof *listener + rate_of(setup) * sizeof listener->accepted_ms[0]);
    if (listener == NULL) {
        return -ENOMEM;
    }
    listener->loop = loop;
    take_setup(listener, setup);
    listener->path = text_dup(setup->path);
    listener->ranges = calloc(setup->range_count + 1, sizeof *listener->ranges);
    if (listener->ranges != NULL && setup->range_count > 0) {
        memcpy(listener->ranges, setup->ranges, setup->range_count * sizeof *listener->ranges);
    }
    listener->empty = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    listener->not_get = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    int result = digest_begin(&listener->digest, REALM);
    if (result == 0 && (listener->path == NULL || listener->ranges == NULL || listener->empty == NULL ||
                        listener->not_get == NULL ||
                        MHD_add_response_header(listener->not_get, "Allow", "GET") != MHD_YES)) {
        result = -ENOMEM;
    }
    if (result == 0) {
        int fd = open_port(setup->address, setup->port);
        listener->port = fd >= 0 ? port_of(fd) : 0;
        result = fd < 0 ? fd : start(listener, fd);
    }
    if (result < 0) {
        connection_request_free(listener);
        return result;
    }
    *ret_listener = listener;
    return 0;
}

void connection_request_free(struct connection_request *listener) {
    if (listener == NULL) {
        return;
    }
    loop_unwatch(listener->loop, listener->watch);
    loop_timer_cancel(listener->loop, listener->timer);
    if (listener->daemon != NULL) {
        MHD_stop_daemon(listener->daemon); /* closes the port and all connections */
    }
    if (listener->empty != NULL) {
        MHD_destroy_response(listener->empty);
    }
    if (listener->not_get != NULL) {
        MHD_destroy_response(listener->not_get);
    }
    free(listener->ranges);
    free(listener->path);
    free(listener);
}

uint16_t connection_request_port(const struct connection_request *listener) {
    return listener->port;
}
