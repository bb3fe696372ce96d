/* libmicrohttpd under the loop: collects requests, hands them on, sends the replies. */
#include <config.h>

#include "http.h"

#include "base/text.h"
#include "files.h"
#include "session.h"
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    struct acs *acs;
    struct MHD_Daemon *daemon;
    struct connection *connections;
    unsigned connection_count;
    unsigned port;
    uint64_t round;
    char *base;
    char *certificate;
    char *key;
};

/* A body that is sent by and by, or only in part. */
struct stream {
    struct connection *connection;
    struct MHD_Connection *mhd;
    struct buffer body;
    size_t drip_size;
    unsigned drip_ms;
    int64_t next;
    size_t stop; /* cut there; SIZE_MAX: not */
    struct timer *timer;
};

const char *request_header(const struct request *request, const char *name) {
    return MHD_lookup_connection_value(request->mhd, MHD_HEADER_KIND, name);
}

const char *server_base(const struct acs *acs) {
    return acs->server->base;
}

unsigned server_port(const struct acs *acs) {
    return acs->server->port;
}

static void suspend(struct connection *connection) {
    connection->suspended = true;
    MHD_suspend_connection(connection->mhd);
}

static void resume(struct connection *connection) {
    if (connection->suspended) {
        connection->suspended = false;
        MHD_resume_connection(connection->mhd);
    }
}

static void stream_due(void *user) {
    struct stream *stream = user;
    stream->timer = NULL;
    resume(stream->connection);
}

static ssize_t stream_read(void *user, uint64_t pos, char *out, size_t max) {
    struct stream *stream = user;
    size_t end = stream->stop < stream->body.length ? stream->stop : stream->body.length;
    if (pos >= end) {
        return end == stream->body.length ? MHD_CONTENT_READER_END_OF_STREAM
                                          : MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t part = end - (size_t) pos < max ? end - (size_t) pos : max;
    if (stream->drip_size > 0) {
        int64_t now = loop_now();
        if (now < stream->next) {
            suspend(stream->connection);
            stream->timer = loop_after(stream->connection->acs->loop, (unsigned) (stream->next - now),
                                       stream_due, stream);
            return 0;
        }
        stream->next = now + stream->drip_ms;
        part = part < stream->drip_size ? part : stream->drip_size;
    }
    memcpy(out, stream->body.data + pos, part);
    return (ssize_t) part;
}

static void stream_free(void *user) {
    struct stream *stream = user;
    loop_cancel(stream->connection->acs->loop, stream->timer);
    buffer_free(&stream->body);
    free(stream);
}

static struct MHD_Response *make_stream(struct request *request) {
    struct reply *reply = &request->reply;
    struct stream *stream = must_alloc(sizeof *stream);
    *stream = (struct stream){.connection = request->connection,
                              .mhd = request->mhd,
                              .body = reply->body,
                              .drip_size = reply->drip_size,
                              .drip_ms = reply->drip_ms,
                              .stop = SIZE_MAX};
    buffer_init(&reply->body, BODY_MAX);
    if (reply->cut_inside) {
        stream->stop = reply->cut_after == SIZE_MAX ? stream->body.length / 2 : reply->cut_after;
    }
    uint64_t size = reply->encoding == ENCODING_LENGTH ? stream->body.length : MHD_SIZE_UNKNOWN;
    struct MHD_Response *response =
        MHD_create_response_from_callback(size, 16384, stream_read, stream, stream_free);
    if (response != NULL && reply->encoding == ENCODING_CLOSE) {
        (void) MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    }
    return response;
}

/* gnutls_session_t, or NULL without TLS. */
static void *tls_session(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info != NULL ? info->tls_session : NULL;
}

static int connection_fd(struct request *request) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? info->connect_fd : -1;
}

/* Octets that wait in the socket before the answer was sent: the next request came too early. */
static bool more_is_there(struct request *request) {
    char octet;
    return request->connection->acs->options.certificate == NULL &&
           recv(connection_fd(request), &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void send_text(struct request *request, const char *text, size_t length) {
    (void) send(connection_fd(request), text, length, MSG_NOSIGNAL);
}

/* The answer with a head of our own, in full; then the connection is closed, whatever the head says. */
static void send_by_hand(struct request *request) {
    struct reply *reply = &request->reply;
    struct buffer text;
    buffer_init(&text, 2 * BODY_MAX);
    (void) buffer_format(&text, "HTTP/1.1 %u Odd\r\n", reply->status);
    for (const char *at = reply->head; *at != '\0'; at++) {
        (void) buffer_append(&text, *at == '|' ? "\r\n" : at, *at == '|' ? 2 : 1);
    }
    if (reply->encoding != ENCODING_CLOSE) {
        (void) buffer_format(&text, "\r\nContent-Length: %zu", reply->body.length);
    }
    (void) buffer_text(&text, "\r\n\r\n");
    (void) buffer_append(&text, buffer_string(&reply->body), reply->body.length);
    /* with the FIN in the same segment: closed between this answer and the next request, without a doubt */
    (void) send(connection_fd(request), buffer_string(&text), text.length, MSG_NOSIGNAL | MSG_MORE);
    (void) shutdown(connection_fd(request), SHUT_WR);
    buffer_free(&text);
}

static enum MHD_Result queue_reply(struct request *request) {
    struct reply *reply = &request->reply;
    request->stage = REQUEST_ANSWERED;
    request->pipelined = more_is_there(request);
    if (reply->interim) {
        send_text(request, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    }
    if (reply->raw != NULL) {
        send_text(request, reply->raw, strlen(reply->raw));
    } else if (reply->head != NULL) {
        send_by_hand(request);
    }
    if (reply->cut || reply->raw != NULL || reply->head != NULL) {
        return MHD_NO;
    }
    bool empty = reply->body.length == 0;
    bool plain = empty || (reply->encoding == ENCODING_LENGTH && reply->drip_size == 0 && !reply->cut_inside);
    struct MHD_Response *response = NULL;
    if (plain) {
        char *copy = must_alloc(reply->body.length + 1);
        memcpy(copy, buffer_string(&reply->body), reply->body.length);
        response = MHD_create_response_from_buffer(reply->body.length, copy, MHD_RESPMEM_MUST_FREE);
    } else {
        response = make_stream(request);
    }
    if (response == NULL) {
        return MHD_NO;
    }
    for (size_t i = 0; i < reply->header_count; i++) {
        (void) MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    }
    if (!empty && reply->content_type != NULL) {
        (void) MHD_add_response_header(response, "Content-Type", reply->content_type);
    }
    if (reply->close) {
        (void) MHD_add_response_header(response, "Connection", "close");
    }
    request->connection->told_to_close = reply->close || (!plain && reply->encoding == ENCODING_CLOSE);
    enum MHD_Result result = MHD_queue_response(request->mhd, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static void delay_over(void *user) {
    struct request *request = user;
    request->timer = NULL;
    request->stage = REQUEST_READY;
    resume(request->connection);
}

void request_answer(struct request *request) {
    if (request->reply.delay_ms > 0) {
        request->stage = REQUEST_WAITING;
        request->timer =
            loop_after(request->connection->acs->loop, request->reply.delay_ms, delay_over, request);
    } else {
        request->stage = REQUEST_READY;
        resume(request->connection);
    }
}

/* The request is complete: make the reply, and wait with it if it says so. */
static enum MHD_Result dispatch(struct request *request) {
    struct acs *acs = request->connection->acs;
    if (request->connection->requests++ == 0 && tls_session(request->mhd) != NULL) {
        report_line(&request->connection->acs->report, 0, "--", "connection %u: %s",
                    request->connection->number, tls_describe(tls_session(request->mhd)));
    }
    if (files_serve(acs, request)) {
        /* done */
    } else {
        session_post(acs, request);
    }
    if (request->reply.wait || request->reply.delay_ms > 0) {
        suspend(request->connection);
        if (!request->reply.wait) {
            request_answer(request);
        }
        return MHD_YES;
    }
    return queue_reply(request);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **context) {
    struct request *request = *context;
    (void) user;
    if (request == NULL) {
        return MHD_NO;
    }
    if (request->method == NULL) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        if (info == NULL || info->socket_context == NULL) {
            return MHD_NO;
        }
        request->connection = info->socket_context;
        request->mhd = mhd;
        request->method = must_dup(method);
        (void) url; /* the URL as it was sent is kept by on_uri */
        request->version = must_dup(version);
        return MHD_YES;
    }
    switch (request->stage) {
    case REQUEST_READING:
        if (*size > 0) {
            int rc = buffer_append(&request->body, data, *size);
            *size = 0;
            return rc < 0 ? MHD_NO : MHD_YES;
        }
        return dispatch(request);
    case REQUEST_READY:
        return queue_reply(request);
    case REQUEST_WAITING:
    case REQUEST_ANSWERED:
        return MHD_YES;
    }
    return MHD_NO;
}

static struct connection *find_connection(struct server *server, struct MHD_Connection *mhd) {
    struct connection *connection = server->connections;
    while (connection != NULL && connection->mhd != mhd) {
        connection = connection->next;
    }
    return connection;
}

/* The first that is heard of a request: its URL as sent. What follows the last answer without another
 * read from the socket was sent before that answer. */
static void *on_uri(void *user, const char *uri, struct MHD_Connection *mhd) {
    struct server *server = user;
    struct connection *connection = find_connection(server, mhd);
    struct request *request = must_alloc(sizeof *request);
    buffer_init(&request->body, BODY_MAX);
    reply_init(&request->reply);
    request->reply.of = request;
    request->url = must_dup(uri);
    if (connection != NULL && connection->requests > 0 && connection->completed_round == server->round) {
        report_violation(&server->acs->report, 0, VIOLATION_PIPELINING,
                         "a request came before the answer to the one before");
    }
    return request;
}

static void on_completed(void *user, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode why) {
    struct server *server = user;
    struct request *request = *context;
    (void) mhd;
    (void) why;
    if (request == NULL) {
        return;
    }
    if (request->connection != NULL) {
        request->connection->completed_round = server->round;
        session_request_gone(server->acs, request);
        loop_cancel(server->acs->loop, request->timer);
        if (request->pipelined) {
            report_violation(&server->acs->report, 0, VIOLATION_PIPELINING,
                             "a request came before the answer to the one before");
        }
    }
    reply_free(&request->reply);
    buffer_free(&request->body);
    free(request->method);
    free(request->url);
    free(request->version);
    free(request);
    *context = NULL;
}

static void name_peer(struct MHD_Connection *mhd, char *out, size_t size) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info != NULL ? info->client_addr : NULL;
    const void *address = NULL;
    if (peer != NULL && peer->sa_family == AF_INET) {
        address = &((const struct sockaddr_in *) (const void *) peer)->sin_addr;
    } else if (peer != NULL && peer->sa_family == AF_INET6) {
        address = &((const struct sockaddr_in6 *) (const void *) peer)->sin6_addr;
    }
    if (address == NULL || inet_ntop(peer->sa_family, address, out, (socklen_t) size) == NULL) {
        (void) snprintf(out, size, "?");
    }
}

static void on_connection(void *user, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    struct server *server = user;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct connection *connection = must_alloc(sizeof *connection);
        connection->acs = server->acs;
        connection->mhd = mhd;
        connection->number = ++server->connection_count;
        if (tls_session(mhd) != NULL) {
            tls_prepare(server->acs, tls_session(mhd));
        }
        name_peer(mhd, connection->address, sizeof connection->address);
        connection->next = server->connections;
        server->connections = connection;
        *context = connection;
        return;
    }
    struct connection *connection = *context;
    *context = NULL;
    for (struct connection **at = &server->connections; *at != NULL; at = &(*at)->next) {
        if (*at == connection) {
            *at = connection->next;
            break;
        }
    }
    if (connection != NULL) {
        session_connection_closed(server->acs, connection);
        free(connection);
    }
}

static int listen_socket(struct server *server, const char *address, unsigned port) {
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t) port)};
    bool six = strchr(address, ':') != NULL;
    int one = 1;
    if ((six ? inet_pton(AF_INET6, address, &in6.sin6_addr) : inet_pton(AF_INET, address, &in4.sin_addr)) !=
        1) {
        return -EINVAL;
    }
    int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    socklen_t length = six ? sizeof in6 : sizeof in4;
    struct sockaddr *bound = six ? (struct sockaddr *) (void *) &in6 : (struct sockaddr *) (void *) &in4;
    if (bind(fd, bound, length) < 0 || listen(fd, 512) < 0 || getsockname(fd, bound, &length) < 0) {
        int rc = -errno;
        (void) close(fd);
        return rc;
    }
    server->port = ntohs(six ? in6.sin6_port : in4.sin_port);
    return fd;
}

static bool load_tls(struct server *server) {
    const struct options *options = &server->acs->options;
    if (options->certificate == NULL) {
        return true;
    }
    server->certificate = read_whole_file(options->certificate, NULL);
    server->key = read_whole_file(options->key, NULL);
    char error[300];
    return server->certificate != NULL && server->key != NULL &&
           (server->acs->tls != NULL || tls_set(server->acs, NULL, 0, false, error, sizeof error) == 0);
}

static struct MHD_Daemon *start_daemon(struct server *server, int fd) {
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
                                   {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    if (server->certificate != NULL) {
        flags |= MHD_USE_TLS;
    }
    /* libmicrohttpd does not see an end that comes with a client's last octets: such connections stay */
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection, server, MHD_OPTION_URI_LOG_CALLBACK, on_uri, server,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) 131072, MHD_OPTION_CONNECTION_LIMIT,
                            10000u, MHD_OPTION_ARRAY, server->certificate != NULL ? tls : none,
                            MHD_OPTION_END);
}

static void on_readable(void *user) {
    (void) user; /* server_round() runs in every round */
}

int server_start(struct acs *acs) {
    struct server *server = must_alloc(sizeof *server);
    server->acs = acs;
    acs->server = server;
    if (!load_tls(server)) {
        (void) fprintf(stderr, "test-acs: cannot use the certificate or the key\n");
        return -EINVAL;
    }
    int fd = listen_socket(server, acs->options.listen_address, acs->options.port);
    if (fd < 0) {
        (void) fprintf(stderr, "test-acs: cannot listen on %s port %u: %s\n", acs->options.listen_address,
                       acs->options.port, strerror(-fd));
        return -EINVAL;
    }
    server->daemon = start_daemon(server, fd);
    if (server->daemon == NULL) {
        (void) close(fd);
        (void) fprintf(stderr, "test-acs: libmicrohttpd does not start (wrong certificate?)\n");
        return -EINVAL;
    }
    const char *address = acs->options.listen_address;
    address = strcmp(address, "0.0.0.0") == 0 ? "127.0.0.1" : strcmp(address, "::") == 0 ? "::1" : address;
    server->base = must_format(strchr(address, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u",
                               acs->options.certificate != NULL ? "https" : "http", address, server->port);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info != NULL) {
        loop_watch(acs->loop, info->epoll_fd, 1 /* POLLIN */, on_readable, server);
    }
    return 0;
}

void server_stop(struct acs *acs) {
    struct server *server = acs->server;
    if (server == NULL) {
        return;
    }
    if (server->daemon != NULL) {
        for (struct connection *connection = server->connections; connection != NULL;
             connection = connection->next) {
            resume(connection);
        }
        MHD_stop_daemon(server->daemon);
    }
    free(server->base);
    free(server->certificate);
    free(server->key);
    free(server);
    acs->server = NULL;
}

int server_round(struct acs *acs) {
    struct server *server = acs->server;
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    server->round++;
    (void) MHD_run(server->daemon);
    if (MHD_get_timeout(server->daemon, &timeout) != MHD_YES) {
        return -1;
    }
    return timeout > 60000 ? 60000 : (int) timeout;
}
