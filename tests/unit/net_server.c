/* A scripted server. */
#include <config.h>

#include "net_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 16, INPUT = 1 << 20, STEPS = 32 };

struct connection {
    int fd;
    unsigned number;
    gnutls_session_t tls;
    char *input;
    size_t length;
    bool stalled;
};

struct server {
    int listener, wake[2];
    uint16_t port;
    pthread_t thread;
    gnutls_certificate_credentials_t tls;
    const char *priority;
    bool wants_certificate;
    pthread_mutex_t lock;
    const struct server_step *steps;
    struct server_step own[STEPS]; /* copied: a test may end before its connections do */
    bool stop, fresh;
    unsigned connections, requests;
    struct server_request kept[SERVER_REQUESTS];
    struct connection list[CONNECTIONS];
};

static uint16_t port_a, port_b;

void server_ports(uint16_t a, uint16_t b) {
    port_a = a;
    port_b = b;
}

static void pause_ms(unsigned ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long) (ms % 1000) * 1000000};
    (void) nanosleep(&time, NULL);
}

static void end_connection(struct connection *connection, bool reset) {
    if (connection->fd >= 0) {
        struct linger hard = {.l_onoff = 1};
        if (reset) {
            (void) setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        } else if (connection->tls != NULL) {
            (void) gnutls_bye(connection->tls, GNUTLS_SHUT_WR);
        }
        (void) close(connection->fd);
        if (connection->tls != NULL) {
            gnutls_deinit(connection->tls);
        }
        free(connection->input);
        *connection = (struct connection){.fd = -1};
    }
}

static ssize_t receive(struct connection *connection, char *out, size_t size) {
    return connection->tls != NULL ? gnutls_record_recv(connection->tls, out, size)
                                   : recv(connection->fd, out, size, 0);
}

static bool transmit(struct connection *connection, const char *data, size_t length) {
    while (length > 0) {
        ssize_t n = connection->tls != NULL ? gnutls_record_send(connection->tls, data, length)
                                            : send(connection->fd, data, length, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        data += n;
        length -= (size_t) n;
    }
    return true;
}

static bool handshake(struct server *server, struct connection *connection) {
    int result;
    if (server->tls == NULL) {
        return true;
    }
    (void) gnutls_init(&connection->tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
    (void) gnutls_priority_set_direct(connection->tls, server->priority, NULL);
    (void) gnutls_credentials_set(connection->tls, GNUTLS_CRD_CERTIFICATE, server->tls);
    gnutls_certificate_server_set_request(connection->tls, server->wants_certificate ? GNUTLS_CERT_REQUIRE
                                                                                     : GNUTLS_CERT_REQUEST);
    gnutls_transport_set_int(connection->tls, connection->fd);
    do {
        result = gnutls_handshake(connection->tls);
    } while (result < 0 && gnutls_error_is_fatal(result) == 0);
    return result == 0;
}

static void take_connection(struct server *server) {
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    for (size_t i = 0; fd >= 0 && i < CONNECTIONS; i++) {
        struct connection *connection = &server->list[i];
        if (connection->fd < 0) {
            struct timeval limit = {.tv_sec = 5};
            (void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
            *connection =
                (struct connection){.fd = fd, .number = ++server->connections, .input = malloc(INPUT)};
            if (!handshake(server, connection)) {
                end_connection(connection, false);
            }
            return;
        }
    }
    if (fd >= 0) {
        (void) close(fd);
    }
}

/* Length of the whole request in the input, 0 while it is not complete. */
static size_t complete(const struct connection *connection, size_t *ret_head) {
    const char *end = memmem(connection->input, connection->length, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }
    size_t body = 0;
    *ret_head = (size_t) (end - connection->input) + 4;
    for (const char *at = connection->input; at < end;) {
        if (strncasecmp(at, "Content-Length:", 15) == 0) {
            body = (size_t) strtoul(at + 15, NULL, 10);
        }
        at = memmem(at, (size_t) (end - at) + 2, "\r\n", 2);
        at = at == NULL ? end : at + 2;
    }
    return connection->length >= *ret_head + body ? *ret_head + body : 0;
}

static void keep(struct server *server, const struct connection *connection, size_t head, size_t whole) {
    (void) pthread_mutex_lock(&server->lock);
    if (server->requests < SERVER_REQUESTS) {
        struct server_request *request = &server->kept[server->requests++];
        request->connection = connection->number;
        size_t length = whole < SERVER_TEXT ? whole : SERVER_TEXT - 1;
        memcpy(request->text, connection->input, length);
        request->text[length] = '\0';
        request->body_length = whole - head;
        length = request->body_length < SERVER_TEXT ? request->body_length : SERVER_TEXT - 1;
        memcpy(request->body, connection->input + head, length);
        request->body[length] = '\0';
    }
    (void) pthread_mutex_unlock(&server->lock);
}

static bool send_answer(struct connection *connection, const char *text) {
    char port[8];
    while (*text != '\0') {
        const char *at = strchr(text, '@');
        size_t length = at == NULL ? strlen(text) : (size_t) (at - text);
        if (!transmit(connection, text, length)) {
            return false;
        }
        text += length;
        if (at != NULL) {
            (void) snprintf(port, sizeof port, "%u", (unsigned) (at[1] == 'A' ? port_a : port_b));
            if (!transmit(connection, port, strlen(port))) {
                return false;
            }
            text += 2;
        }
    }
    return true;
}

static void go_on_sending(struct server *server, struct connection *connection,
                          const struct server_step *step) {
    char flood[1024];
    memset(flood, 'f', sizeof flood);
    memcpy(flood, "X-Flood: ", 9);
    memcpy(flood + sizeof flood - 2, "\r\n", 2);
    bool drip = step->then == THEN_DRIP;
    while (!server->stop && transmit(connection, drip ? "x" : flood, drip ? 1 : sizeof flood)) {
        if (drip) {
            pause_ms(20);
        }
    }
    end_connection(connection, false);
}

static void play(struct server *server, struct connection *connection) {
    const struct server_step *step = server->steps;
    if (step == NULL || step->answer == NULL) {
        end_connection(connection, false);
        return;
    }
    server->steps++;
    pause_ms(step->delay_ms);
    if (!send_answer(connection, step->answer)) {
        end_connection(connection, false);
        return;
    }
    switch (step->then) {
    case THEN_KEEP:
        break;
    case THEN_CLOSE:
    case THEN_RESET:
        end_connection(connection, step->then == THEN_RESET);
        break;
    case THEN_STALL:
        connection->stalled = true;
        break;
    case THEN_DRIP:
    case THEN_FLOOD:
        go_on_sending(server, connection, step);
        break;
    }
}

static void serve(struct server *server, struct connection *connection) {
    size_t head, whole;
    if (server->steps != NULL && server->steps->answer != NULL && server->steps->unread) {
        play(server, connection);
        return;
    }
    ssize_t n = receive(connection, connection->input + connection->length, INPUT - connection->length);
    if (n <= 0) {
        if (n == 0 || (n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED)) {
            end_connection(connection, false);
        }
        return;
    }
    connection->length += (size_t) n;
    while (connection->fd >= 0 && (whole = complete(connection, &head)) > 0) {
        keep(server, connection, head, whole);
        connection->length -= whole;
        memmove(connection->input, connection->input + whole, connection->length);
        play(server, connection);
    }
}

static void *work(void *argument) {
    struct server *server = argument;
    for (;;) {
        struct pollfd polls[CONNECTIONS + 2];
        polls[0] = (struct pollfd){.fd = server->wake[0], .events = POLLIN};
        polls[1] = (struct pollfd){.fd = server->listener, .events = POLLIN};
        for (size_t i = 0; i < CONNECTIONS; i++) {
            struct connection *connection = &server->list[i];
            bool pending = connection->fd >= 0 && connection->tls != NULL &&
                           gnutls_record_check_pending(connection->tls) > 0;
            if (pending) {
                serve(server, connection);
            }
            polls[i + 2] = (struct pollfd){.fd = connection->stalled ? -1 : connection->fd, .events = POLLIN};
        }
        if (poll(polls, CONNECTIONS + 2, -1) < 0) {
            continue;
        }
        if (polls[0].revents != 0) {
            char c;
            (void) !read(server->wake[0], &c, 1);
            if (c == 'q') {
                break;
            }
            for (size_t i = 0; i < CONNECTIONS; i++) {
                end_connection(&server->list[i], false);
            }
            (void) pthread_mutex_lock(&server->lock);
            server->fresh = true;
            (void) pthread_mutex_unlock(&server->lock);
            continue;
        }
        for (size_t i = 0; i < CONNECTIONS; i++) {
            if (polls[i + 2].revents != 0 && server->list[i].fd >= 0) {
                serve(server, &server->list[i]);
            }
        }
        if (polls[1].revents != 0) {
            take_connection(server);
        }
    }
    for (size_t i = 0; i < CONNECTIONS; i++) {
        end_connection(&server->list[i], false);
    }
    return NULL;
}

struct server *server_start(gnutls_certificate_credentials_t tls) {
    struct server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (server == NULL) {
        abort();
    }
    for (size_t i = 0; i < CONNECTIONS; i++) {
        server->list[i].fd = -1;
    }
    server->tls = tls;
    server->priority = "NORMAL";
    (void) pthread_mutex_init(&server->lock, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listener, (struct sockaddr *) &address, size) != 0 ||
        listen(server->listener, 16) != 0 ||
        getsockname(server->listener, (struct sockaddr *) &address, &size) != 0 || pipe(server->wake) != 0 ||
        pthread_create(&server->thread, NULL, work, server) != 0) {
        abort();
    }
    server->port = ntohs(address.sin_port);
    return server;
}

static void free_steps(struct server *server) {
    for (size_t i = 0; i < STEPS; i++) {
        union {
            const char *lent;
            char *own;
        } answer = {server->own[i].answer};
        free(answer.own);
        server->own[i] = (struct server_step){0};
    }
}

static void copy_steps(struct server *server, const struct server_step *steps) {
    for (size_t i = 0; steps[i].answer != NULL; i++) {
        if (i + 1 >= STEPS) {
            abort();
        }
        server->own[i] = steps[i];
        server->own[i].answer = strdup(steps[i].answer);
    }
}

void server_script(struct server *server, const struct server_step *steps) {
    bool fresh = false;
    (void) pthread_mutex_lock(&server->lock);
    server->fresh = false;
    server->stop = true; /* ends a drip */
    (void) pthread_mutex_unlock(&server->lock);
    (void) !write(server->wake[1], "s", 1);
    while (!fresh) {
        pause_ms(1);
        (void) pthread_mutex_lock(&server->lock);
        fresh = server->fresh;
        (void) pthread_mutex_unlock(&server->lock);
    }
    (void) pthread_mutex_lock(&server->lock);
    server->stop = false;
    free_steps(server); /* every connection is closed: nobody reads them */
    copy_steps(server, steps);
    server->steps = server->own;
    server->connections = server->requests = 0;
    (void) pthread_mutex_unlock(&server->lock);
}

void server_stop(struct server *server) {
    server->stop = true;
    (void) !write(server->wake[1], "q", 1);
    (void) pthread_join(server->thread, NULL);
    (void) close(server->listener);
    (void) close(server->wake[0]);
    (void) close(server->wake[1]);
    (void) pthread_mutex_destroy(&server->lock);
    free_steps(server);
    free(server);
}

void server_wants_certificate(struct server *server, bool yes) {
    server->wants_certificate = yes;
}

void server_priority(struct server *server, const char *priority) {
    server->priority = priority;
}

uint16_t server_port(const struct server *server) {
    return server->port;
}

unsigned server_request_count(struct server *server) {
    (void) pthread_mutex_lock(&server->lock);
    unsigned count = server->requests;
    (void) pthread_mutex_unlock(&server->lock);
    return count;
}

unsigned server_connection_count(struct server *server) {
    (void) pthread_mutex_lock(&server->lock);
    unsigned count = server->connections;
    (void) pthread_mutex_unlock(&server->lock);
    return count;
}

const struct server_request *server_request(struct server *server, unsigned n) {
    static const struct server_request none;
    return n < server_request_count(server) ? &server->kept[n] : &none;
}

bool server_header(struct server *server, unsigned n, const char *name, char *out, size_t size) {
    const char *at = server_request(server, n)->text;
    size_t length = strlen(name);
    out[0] = '\0';
    while ((at = strstr(at, "\r\n")) != NULL && strncmp(at, "\r\n\r\n", 4) != 0) {
        at += 2;
        if (strncasecmp(at, name, length) == 0 && at[length] == ':') {
            const char *value = at + length + 1;
            value += strspn(value, " ");
            (void) snprintf(out, size, "%.*s", (int) strcspn(value, "\r"), value);
            return true;
        }
    }
    return false;
}
