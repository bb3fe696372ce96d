/* The scripted ACS of the benches: HTTP on raw sockets, one thread. */
#include <config.h>

#include "bench/runner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_MAX = 64 * 1024 * 1024 };

#define ENVELOPE(id, body)                                                                                   \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                           \
    "<soap-env:Envelope xmlns:soap-enc=\"http://schemas.xmlsoap.org/soap/encoding/\" "                       \
    "xmlns:soap-env=\"http://schemas.xmlsoap.org/soap/envelope/\" "                                          \
    "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "                                                        \
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\">"      \
    "<soap-env:Header><cwmp:ID soap-env:mustUnderstand=\"1\">" id "</cwmp:ID></soap-env:Header>"             \
    "<soap-env:Body>" body "</soap-env:Body></soap-env:Envelope>"

/* With the interval, and a value that is another one each time, so that there is something to do. */
static const char set_values[] = "";
#define SET_VALUES                                                                                           \
    ENVELOPE("3",                                                                                            \
             "<cwmp:SetParameterValues><ParameterList soap-enc:arrayType=\"cwmp:ParameterValueStruct[2]\">"  \
             "<ParameterValueStruct><Name>Device.ManagementServer.PeriodicInformInterval</Name>"             \
             "<Value xsi:type=\"xsd:unsignedInt\">%u</Value></ParameterValueStruct>"                         \
             "<ParameterValueStruct><Name>Device.DeviceInfo.ProvisioningCode</Name>"                         \
             "<Value xsi:type=\"xsd:string\">bench%u</Value></ParameterValueStruct>"                         \
             "</ParameterList><ParameterKey>bench</ParameterKey></cwmp:SetParameterValues>")

/* What is answered to each POST of a session, and what the POST must contain. */
static const struct step {
    const char *expect; /* NULL: the empty POST */
    const char *answer; /* NULL: 204, the end */
} steps[] = {
    {":Inform>", ENVELOPE("@", "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>")},
    {NULL, ENVELOPE("2", "<cwmp:GetParameterValues><ParameterNames soap-enc:arrayType=\"xsd:string[1]\">"
                         "<string></string></ParameterNames></cwmp:GetParameterValues>")},
    {":GetParameterValuesResponse>", set_values},
    {":SetParameterValuesResponse>", NULL},
};
enum { STEPS = sizeof steps / sizeof steps[0] };

static int fail(struct acs *acs, const char *what) {
    (void) snprintf(acs->error, sizeof acs->error, "%s", what);
    return -1;
}

struct acs *acs_new(const char *certificate) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct acs *acs = calloc(1, sizeof *acs);
    if (acs == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < ACS_CONNECTIONS; i++) {
        acs->connections[i].fd = -1;
    }
    acs->tls = certificate != NULL ? acs_tls_new(certificate) : NULL;
    acs->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if ((certificate != NULL && acs->tls == NULL) || acs->fd < 0 ||
        bind(acs->fd, (struct sockaddr *) &address, sizeof address) != 0 || listen(acs->fd, 16) != 0 ||
        getsockname(acs->fd, (struct sockaddr *) &address, &length) != 0) {
        acs_free(acs);
        return NULL;
    }
    (void) snprintf(acs->url, sizeof acs->url, "%s://127.0.0.1:%u/acs", acs->tls != NULL ? "https" : "http",
                    ntohs(address.sin_port));
    return acs;
}

static void drop(struct acs *acs, struct acs_connection *connection) {
    if (connection->fd >= 0) {
        acs_tls_end(connection->tls);
        (void) close(connection->fd);
        acs->pending--;
        acs->open -= connection->step != 0 && connection->step != STEPS;
    }
    free(connection->data);
    *connection = (struct acs_connection){.fd = -1};
}

void acs_forget(struct acs *acs) {
    for (size_t i = 0; i < ACS_CONNECTIONS; i++) {
        drop(acs, &acs->connections[i]);
    }
    acs->sessions = acs->octets_in = acs->octets_out = acs->first_octet_us = 0;
}

void acs_free(struct acs *acs) {
    if (acs == NULL) {
        return;
    }
    acs_forget(acs);
    if (acs->fd >= 0) {
        (void) close(acs->fd);
    }
    acs_tls_free(acs->tls);
    free(acs);
}

/* ---- One request ------------------------------------------------------------------------------ */

static int write_all(struct acs *acs, const struct acs_connection *connection, const char *data,
                     size_t length) {
    acs->octets_out += length;
    while (length > 0) {
        const ssize_t sent = acs_write(connection, data, length);
        if (sent < 0) {
            return fail(acs, "an answer could not be sent");
        }
        data += sent;
        length -= (size_t) sent;
    }
    return 0;
}

static int keep(struct acs *acs, const char *name, unsigned step, const char *data, size_t length) {
    char path[512];
    FILE *file;
    bool good;
    if (acs->record == NULL || acs->sessions != acs->target * 3 / 5) {
        return 0;
    }
    (void) snprintf(path, sizeof path, "%s/%s.%u", acs->record, name, step);
    file = fopen(path, "w");
    if (file == NULL) {
        return fail(acs, "the record's directory cannot be written");
    }
    good = fwrite(data, 1, length, file) == length;
    return fclose(file) == 0 && good ? 0 : fail(acs, "the record cannot be written");
}

/* The ID of the request, as a response must have it. */
static void take_id(const char *body, size_t length, char *id, size_t size) {
    const char *begin = memmem(body, length, ":ID", 3);
    const char *end;
    id[0] = '\0';
    begin = begin != NULL ? memchr(begin, '>', length - (size_t) (begin - body)) : NULL;
    end = begin != NULL ? memchr(begin, '<', length - (size_t) (begin - body)) : NULL;
    if (end != NULL && (size_t) (end - begin) <= size) {
        (void) memcpy(id, begin + 1, (size_t) (end - begin) - 1);
        id[end - begin - 1] = '\0';
    }
}

static void write_answer(const struct acs *acs, const struct step *step, const char *id, char *text,
                         size_t size) {
    const char *place = strstr(step->answer, "@");
    if (step->answer == set_values) { /* the last session is followed by a long silence */
        (void) snprintf(text, size, SET_VALUES, acs->sessions + 1 < acs->target ? 1U : 3600U,
                        (unsigned) (acs->sessions % 10));
    } else if (place != NULL) {
        (void) snprintf(text, size, "%.*s%s%s", (int) (place - step->answer), step->answer, id, place + 1);
    } else {
        (void) snprintf(text, size, "%s", step->answer);
    }
}

static int answer(struct acs *acs, struct acs_connection *connection, const char *headers,
                  size_t headers_length, const char *body, size_t length) {
    const struct step *step = &steps[connection->step];
    char text[4096], whole[4608], id[64];
    int size;
    if (step->expect == NULL ? length != 0
                             : memmem(body, length, step->expect, strlen(step->expect)) == NULL) {
        (void) snprintf(acs->error, sizeof acs->error, "POST %u of the session: expected %s, got %.*s",
                        connection->step + 1, step->expect != NULL ? step->expect : "nothing",
                        length > 150 ? 150 : (int) length, length > 600 ? body + 450 : body);
        return -1;
    }
    if (keep(acs, "body", connection->step, body, length) != 0 ||
        keep(acs, "headers", connection->step, headers, headers_length) != 0) {
        return -1;
    }
    if (step->answer == NULL) {
        size = snprintf(whole, sizeof whole, "HTTP/1.1 204 No Content\r\n\r\n");
        acs->sessions++;
        acs->open--;
    } else {
        take_id(body, length, id, sizeof id);
        write_answer(acs, step, id, text, sizeof text);
        size = snprintf(
            whole, sizeof whole,
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=\"utf-8\"\r\nContent-Length: %zu\r\n"
            "%s\r\n%s",
            strlen(text), connection->step == 0 ? "Set-Cookie: session=5f3759df; Path=/\r\n" : "", text);
        acs->open += connection->step == 0;
    }
    connection->step++;
    return write_all(acs, connection, whole, (size_t) size);
}

/* Is it an answer to this connection's challenge? Whether it is right is not the bench's business. */
static bool let_in(const struct acs *acs, const struct acs_connection *connection, size_t headers) {
    char nonce[32];
    const int length = snprintf(nonce, sizeof nonce, "nonce=\"%08u\"", connection->nonce);
    return acs->tls == NULL || memmem(connection->data, headers, nonce, (size_t) length) != NULL;
}

static int challenge(struct acs *acs, const struct acs_connection *connection) {
    char text[256];
    const int length = snprintf(text, sizeof text,
                                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"bench\", "
                                "nonce=\"%08u\", qop=\"auth\", stale=true\r\nContent-Length: 0\r\n\r\n",
                                connection->nonce);
    return write_all(acs, connection, text, (size_t) length);
}

/* Takes one request off the connection's data; 1 when there was one, 0 when more must come. */
static int request(struct acs *acs, struct acs_connection *connection) {
    const char *end = memmem(connection->data, connection->length, "\r\n\r\n", 4);
    const char *field;
    size_t headers, length = 0;
    if (end == NULL) {
        return connection->length > 65536 ? fail(acs, "endless headers") : 0;
    }
    headers = (size_t) (end - connection->data) + 4;
    if (strcasestr(connection->data, "\r\nTransfer-Encoding:") != NULL) {
        return fail(acs, "a chunked request: the bench ACS wants Content-Length");
    }
    field = strcasestr(connection->data, "\r\nContent-Length:");
    if (field != NULL && field < end) {
        length = strtoul(field + 17, NULL, 10);
    }
    if (acs->first_octet_us == 0 && connection->length > headers) {
        acs->first_octet_us = now_us();
    }
    field = strcasestr(connection->data, "\r\nExpect: 100-continue");
    if (field != NULL && field < end && connection->length == headers) {
        (void) acs_write(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        return 0;
    }
    if (length > MESSAGE_MAX) {
        return fail(acs, "a request too long");
    }
    if (connection->length < headers + length) {
        return 0;
    }
    if (connection->step == STEPS) { /* keep-alive and a second session on it: floors may */
        connection->step = 0;
    }
    if (!let_in(acs, connection, headers)) {
        if (challenge(acs, connection) != 0) {
            return -1;
        }
    } else if (answer(acs, connection, connection->data, headers, connection->data + headers, length) != 0) {
        return -1;
    }
    acs->octets_in += headers + length;
    connection->length -= headers + length;
    (void) memmove(connection->data, connection->data + headers + length, connection->length + 1);
    return 1;
}

static int read_some(struct acs *acs, struct acs_connection *connection) {
    ssize_t got;
    int result;
    if (connection->length + 65536 + 1 > connection->capacity) {
        const size_t capacity = connection->capacity * 2 + 131072;
        char *data = realloc(connection->data, capacity);
        if (data == NULL) {
            return fail(acs, "out of memory");
        }
        connection->data = data;
        connection->capacity = capacity;
    }
    got = acs_read(connection, connection->data + connection->length, 65536);
    if (got <= 0) {
        drop(acs, connection);
        return 0;
    }
    connection->length += (size_t) got;
    connection->data[connection->length] = '\0';
    do {
        result = request(acs, connection);
    } while (result > 0);
    return result;
}

static int readable(struct acs *acs, struct acs_connection *connection) {
    int result;
    do {
        result = read_some(acs, connection);
    } while (result == 0 && connection->fd >= 0 && acs_waiting(connection) > 0);
    return result;
}

static int accept_one(struct acs *acs) {
    const int one = 1;
    for (size_t i = 0; i < ACS_CONNECTIONS; i++) {
        if (acs->connections[i].fd < 0) {
            acs->connections[i].fd = accept4(acs->fd, NULL, NULL, SOCK_CLOEXEC);
            if (acs->connections[i].fd < 0) {
                return fail(acs, strerror(errno));
            }
            acs->pending++;
            (void) setsockopt(acs->connections[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            if (acs->tls != NULL) {
                acs->connections[i].nonce = ++acs->nonce;
                acs->connections[i].tls = acs_tls_accept(acs->tls, acs->connections[i].fd);
                return acs->connections[i].tls != NULL ? 0 : fail(acs, "the handshake failed");
            }
            return 0;
        }
    }
    return fail(acs, "more connections than sessions: does the client close them?");
}

int acs_turn(struct acs *acs, int ms) {
    struct pollfd wait[ACS_CONNECTIONS + 1];
    wait[ACS_CONNECTIONS] = (struct pollfd){.fd = acs->fd, .events = POLLIN};
    for (size_t i = 0; i < ACS_CONNECTIONS; i++) {
        wait[i] = (struct pollfd){.fd = acs->connections[i].fd, .events = POLLIN}; /* -1 is passed over */
    }
    if (poll(wait, ACS_CONNECTIONS + 1, ms) <= 0) {
        return 0;
    }
    for (size_t i = 0; i < ACS_CONNECTIONS; i++) {
        if (wait[i].revents != 0 && readable(acs, &acs->connections[i]) != 0) {
            return -1;
        }
    }
    return wait[ACS_CONNECTIONS].revents != 0 ? accept_one(acs) : 0;
}
