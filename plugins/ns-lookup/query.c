/* A question of c-ares, with the client's loop: each of its sockets is a watch, its next timeout a timer.
 * c-ares must not be destroyed from within its own callbacks, so these only note what came, and the query is
 * ended when c-ares has returned. */
#define _GNU_SOURCE
#define CARES_NO_DEPRECATED
#include "ns-lookup/query.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SOCKETS_MAX = 16, CLASS_IN = 1, TYPE_A = 1, TYPE_AAAA = 28, FLAG_AUTHORITATIVE = 4 };

struct watched {
    struct tr069_watch *watch; /* NULL: this place is free */
    int fd;
};

/* The question for one family of addresses. */
struct family {
    struct query *query;
    int family;
    int status; /* of c-ares */
};

struct query {
    const struct tr069_host *host;
    query_done *done;
    void *user;
    ares_channel channel;
    bool is_library; /* ares_library_init() was called */
    unsigned pending;
    bool is_unavailable; /* there is no server, which the other family need not find out */
    uint64_t started_ms;
    uint32_t heard_ms; /* after which the first packet came; 0 = none did */
    struct tr069_timer *timer;
    struct watched sockets[SOCKETS_MAX];
    struct family ipv4, ipv6;
    unsigned count; /* of addresses */
    struct query_result result;
};

/* ---- Its end ---------------------------------------------------------------------------------- */

void query_cancel(struct query *query) {
    if (query == NULL) {
        return;
    }
    if (query->channel != NULL) {
        ares_destroy(query->channel); /* which closes its sockets, and says so */
    }
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        if (query->sockets[i].watch != NULL) {
            query->host->unwatch(query->host, query->sockets[i].watch);
        }
    }
    query->host->timer_cancel(query->host, query->timer);
    if (query->is_library) {
        ares_library_cleanup();
    }
    free(query);
}

/* What c-ares says, as the model has it. */
static const struct {
    int status;
    const char *name;
} statuses[] = {
    {ARES_SUCCESS, QUERY_SUCCESS},
    {ARES_ENOTFOUND, "Error_HostNameNotResolved"},
    {ARES_ENODATA, "Error_HostNameNotResolved"},
    {ARES_EBADNAME, "Error_HostNameNotResolved"},
    {ARES_ETIMEOUT, "Error_Timeout"},
    {ARES_ECONNREFUSED, "Error_DNSServerNotAvailable"},
};

static const char *status_name(int status) {
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].status == status) {
            return statuses[i].name;
        }
    }
    return "Error_Other";
}

/* One family is enough; if none has an address, what is worse than that is said. */
static const char *outcome(const struct query *query) {
    if (query->count > 0) {
        return QUERY_SUCCESS;
    }
    if (query->is_unavailable) {
        return status_name(ARES_ECONNREFUSED);
    }
    const char *name = status_name(query->ipv4.status);
    return strcmp(name, status_name(ARES_ENODATA)) == 0 ? status_name(query->ipv6.status) : name;
}

static void finish(struct query *query) {
    struct query_result result = query->result;
    query_done *done = query->done;
    void *user = query->user;
    result.status = outcome(query);
    query_cancel(query);
    done(user, &result);
}

/* ---- The loop --------------------------------------------------------------------------------- */

static void on_timer(void *user);

/* c-ares has returned: it is over, or goes on when something comes or its next timeout does. */
static int settle(struct query *query, bool may_finish) {
    struct timeval room, *next = NULL;
    uint64_t ms = 0;
    query->host->timer_cancel(query->host, query->timer);
    query->timer = NULL;
    bool is_over = query->pending == 0 || query->is_unavailable;
    if (is_over && may_finish) {
        finish(query);
        return 0;
    }
    if (!is_over) {
        next = ares_timeout(query->channel, NULL, &room);
        ms = next != NULL ? (uint64_t) next->tv_sec * 1000 + (uint64_t) next->tv_usec / 1000 + 1 : 1000;
    }
    return query->host->timer(query->host, ms, on_timer, query, &query->timer);
}

static void on_timer(void *user) {
    struct query *query = user;
    query->timer = NULL;
    if (query->pending > 0) {
        ares_process_fd(query->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
    (void) settle(query, true); /* without a timer an answer may come all the same */
}

static void note_server(struct query *query, int fd) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    union {
        struct sockaddr_storage *any;
        struct sockaddr *plain;
        struct sockaddr_in *ipv4;
        struct sockaddr_in6 *ipv6;
    } view = {&peer};
    if (getpeername(fd, view.plain, &length) == 0) {
        const void *address = peer.ss_family == AF_INET ? (const void *) &view.ipv4->sin_addr
                                                        : (const void *) &view.ipv6->sin6_addr;
        (void) inet_ntop(peer.ss_family, address, query->result.server, sizeof query->result.server);
    }
}

static void on_socket(void *user, int fd, int what) {
    struct query *query = user;
    char octet;
    if (query->heard_ms == 0 && recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
        uint64_t ms = query->host->monotonic_ms(query->host) - query->started_ms;
        query->heard_ms = ms > 0 ? (uint32_t) ms : 1;
        note_server(query, fd);
    }
    ares_process_fd(query->channel, (what & TR069_READABLE) != 0 ? fd : ARES_SOCKET_BAD,
                    (what & TR069_WRITABLE) != 0 ? fd : ARES_SOCKET_BAD);
    (void) settle(query, true); /* without a timer an answer may come all the same */
}

/* c-ares has opened a socket, waits for something else at it, or is about to close it. */
static void on_state(void *user, ares_socket_t fd, int readable, int writable) {
    struct query *query = user;
    struct watched *place = NULL;
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        struct watched *at = &query->sockets[i];
        if (at->watch != NULL && at->fd == fd) {
            query->host->unwatch(query->host, at->watch);
            at->watch = NULL;
        }
        place = at->watch == NULL && place == NULL ? at : place;
    }
    int what = (readable ? TR069_READABLE : 0) | (writable ? TR069_WRITABLE : 0);
    if (place != NULL && what != 0) {
        place->fd = fd;
        if (query->host->watch(query->host, fd, what, on_socket, query, &place->watch) < 0) {
            place->watch = NULL; /* the timeout ends it */
        }
    }
}

/* ---- Answers ---------------------------------------------------------------------------------- */

static void add_address(struct query *query, int family, const void *address) {
    char *text = query->result.addresses;
    size_t length = strlen(text);
    char one[INET6_ADDRSTRLEN];
    if (query->count < QUERY_ADDRESSES_MAX && inet_ntop(family, address, one, sizeof one) != NULL) {
        (void) snprintf(text + length, sizeof query->result.addresses - length, "%s%s",
                        query->count > 0 ? "," : "", one);
        query->count++;
    }
}

static void on_answer(void *user, int status, int timeouts, unsigned char *octets, int length) {
    struct family *family = user;
    struct query *query = family->query;
    struct hostent *host = NULL;
    (void) timeouts;
    query->pending--;
    query->is_unavailable = query->is_unavailable || status == ARES_ECONNREFUSED;
    if (status <= ARES_EREFUSED || status == ARES_EBADRESP) { /* what a server says */
        query->result.response_ms = query->heard_ms;
    }
    if (status == ARES_SUCCESS) {
        status = family->family == AF_INET ? ares_parse_a_reply(octets, length, &host, NULL, NULL)
                                           : ares_parse_aaaa_reply(octets, length, &host, NULL, NULL);
    }
    family->status = status;
    if (status != ARES_SUCCESS || host->h_addr_list[0] == NULL) {
        if (host != NULL) {
            ares_free_hostent(host);
            family->status = ARES_ENODATA;
        }
        return;
    }
    query->result.is_authoritative = query->result.is_authoritative || (octets[2] & FLAG_AUTHORITATIVE) != 0;
    if (query->result.name[0] == '\0') {
        (void) snprintf(query->result.name, sizeof query->result.name, "%s", host->h_name);
    }
    for (char **at = host->h_addr_list; *at != NULL; at++) {
        add_address(query, family->family, *at);
    }
    ares_free_hostent(host);
}

/* ---- Its beginning ---------------------------------------------------------------------------- */

static int of_ares(int status) {
    return status == ARES_SUCCESS ? 0 : status == ARES_ENOMEM ? -ENOMEM : -EINVAL;
}

static int open_channel(struct query *query, const struct query_settings *settings) {
    struct ares_options options = {.timeout = (int) settings->timeout_ms,
                                   .tries = 1,
                                   .udp_port = settings->port,
                                   .tcp_port = settings->port,
                                   .sock_state_cb = on_state,
                                   .sock_state_cb_data = query};
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT |
               ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF;
    char *path = strdup(settings->resolv_conf);
    if (path == NULL) {
        return -ENOMEM;
    }
    options.resolvconf_path = path;
    if (settings->server[0] != '\0') {
        options.flags =
            ARES_FLAG_NOCHECKRESP; /* there is no other server to try: what this one says counts */
        mask |= ARES_OPT_FLAGS;
    }
    int r = of_ares(ares_init_options(&query->channel, &options, mask));
    free(path);
    if (r == 0 && settings->server[0] != '\0') {
        r = of_ares(ares_set_servers_csv(query->channel, settings->server));
    }
    if (r == 0 && settings->device[0] != '\0') {
        ares_set_local_dev(query->channel, settings->device);
    }
    return r;
}

static void first_server(struct query *query) {
    struct ares_addr_node *list = NULL;
    if (ares_get_servers(query->channel, &list) == ARES_SUCCESS && list != NULL) {
        (void) inet_ntop(list->family, &list->addr, query->result.server, sizeof query->result.server);
    }
    ares_free_data(list);
}

int query_start(const struct tr069_host *host, const struct query_settings *settings, query_done *done,
                void *user, struct query **ret_query) {
    struct query *query = calloc(1, sizeof *query);
    if (query == NULL) {
        return -ENOMEM;
    }
    query->host = host;
    query->done = done;
    query->user = user;
    query->started_ms = host->monotonic_ms(host);
    query->ipv4 = (struct family){query, AF_INET, ARES_ENODATA};
    query->ipv6 = (struct family){query, AF_INET6, ARES_ENODATA};
    int r = of_ares(ares_library_init(ARES_LIB_INIT_ALL));
    query->is_library = r == 0;
    r = r < 0 ? r : open_channel(query, settings);
    if (r < 0) {
        query_cancel(query);
        return r;
    }
    first_server(query);
    query->pending = 2;
    ares_search(query->channel, settings->name, CLASS_IN, TYPE_A, on_answer, &query->ipv4);
    ares_search(query->channel, settings->name, CLASS_IN, TYPE_AAAA, on_answer, &query->ipv6);
    r = settle(query, false);
    if (r < 0) {
        query_cancel(query);
        return r;
    }
    *ret_query = query;
    return 0;
}
