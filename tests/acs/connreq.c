/* A connection request as an ACS makes it: GET, the Digest challenge, GET again. */
#include <config.h>

#include "connreq.h"

#include "auth.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 65536, DEFAULT_TIMEOUT_MS = 30000 };

struct connreq {
    struct connreq *next;
    struct acs *acs;
    connreq_call *call;
    void *user_data;
    char *url;
    char *user;
    char *password;
    bool no_auth;
    char *host; /* for the Host header, with the port */
    char *path;
    struct sockaddr_storage address;
    socklen_t address_length;
    int fd;
    bool connecting;
    bool answered_challenge;
    struct buffer out;
    size_t sent;
    struct buffer in;
    int64_t begun;
    struct timer *timer;
};

static void on_event(void *user);

static void end(struct connreq *request, int status, const char *text) {
    struct connreq_result result = {.status = status, .ms = (unsigned) (loop_now() - request->begun)};
    (void) text_copy(result.text, sizeof result.text, text);
    if (request->fd >= 0) {
        loop_unwatch(request->acs->loop, request->fd);
        (void) close(request->fd);
    }
    loop_cancel(request->acs->loop, request->timer);
    for (struct connreq **at = &request->acs->connreqs; *at != NULL; at = &(*at)->next) {
        if (*at == request) {
            *at = request->next;
            break;
        }
    }
    request->call(request->user_data, &result);
    buffer_free(&request->out);
    buffer_free(&request->in);
    free(request->url);
    free(request->user);
    free(request->password);
    free(request->host);
    free(request->path);
    free(request);
}

static void on_timeout(void *user) {
    struct connreq *request = user;
    request->timer = NULL;
    end(request, 0, "no answer in time");
}

/* Not all is set up yet: the failure is told from the loop, so that the caller has returned. */
static void on_refused(void *user) {
    struct connreq *request = user;
    request->timer = NULL;
    end(request, 0, "cannot connect");
}

static int open_connection(struct connreq *request) {
    request->fd = socket(request->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (request->fd < 0) {
        return -errno;
    }
    request->connecting = true;
    if (connect(request->fd, (const struct sockaddr *) (const void *) &request->address,
                request->address_length) < 0 &&
        errno != EINPROGRESS) {
        return -errno;
    }
    loop_watch(request->acs->loop, request->fd, POLLOUT, on_event, request);
    return 0;
}

static void write_request(struct connreq *request, const char *authorization) {
    buffer_reset(&request->out);
    buffer_reset(&request->in);
    request->sent = 0;
    (void) buffer_format(&request->out, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: test-acs\r\n",
                         request->path, request->host);
    if (authorization != NULL) {
        (void) buffer_format(&request->out, "Authorization: %s\r\n", authorization);
    }
    (void) buffer_text(&request->out, "\r\n");
}

/* The value of a header in the answer; allocated, NULL when it is not there. */
static char *header(const struct buffer *in, const char *name, size_t which) {
    size_t length = strlen(name);
    const char *at = strstr(buffer_string(in), "\r\n");
    while (at != NULL && strncmp(at, "\r\n\r\n", 4) != 0) {
        at += 2;
        if (strncasecmp(at, name, length) == 0 && at[length] == ':' && which-- == 0) {
            const char *value = at + length + 1 + strspn(at + length + 1, " \t");
            return must_format("%.*s", (int) strcspn(value, "\r\n"), value);
        }
        at = strstr(at, "\r\n");
    }
    return NULL;
}

static char *authorization(struct connreq *request, const char *challenge) {
    static const char *const names[] = {"realm", "nonce", "opaque", "qop", "algorithm"};
    char *value[5];
    char cnonce[33];
    char response[DIGEST_TEXT];
    for (size_t i = 0; i < 5; i++) {
        value[i] = auth_directive(challenge, names[i]);
        value[i] = value[i] != NULL ? value[i] : must_dup("");
    }
    random_token(cnonce);
    const char *qop = strstr(value[3], "auth") != NULL ? "auth" : "";
    struct digest_input input = {.algorithm = value[4],
                                 .user = request->user != NULL ? request->user : "",
                                 .realm = value[0],
                                 .password = request->password != NULL ? request->password : "",
                                 .method = "GET",
                                 .uri = request->path,
                                 .nonce = value[1],
                                 .nc = "00000001",
                                 .cnonce = cnonce,
                                 .qop = qop};
    char *text = NULL;
    if (digest_response(&input, response)) {
        struct buffer out;
        buffer_init(&out, 8192);
        (void) buffer_format(
            &out, "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\"",
            input.user, value[0], value[1], request->path, response);
        if (*value[4] != '\0') {
            (void) buffer_format(&out, ", algorithm=%s", value[4]);
        }
        if (*qop != '\0') {
            (void) buffer_format(&out, ", qop=auth, nc=00000001, cnonce=\"%s\"", cnonce);
        }
        if (*value[2] != '\0') {
            (void) buffer_format(&out, ", opaque=\"%s\"", value[2]);
        }
        text = buffer_take(&out);
        buffer_free(&out);
    }
    for (size_t i = 0; i < 5; i++) {
        free(value[i]);
    }
    return text;
}

static char *find_challenge(struct connreq *request) {
    char *digest = NULL;
    char *one = NULL;
    for (size_t i = 0; (one = header(&request->in, "WWW-Authenticate", i)) != NULL; i++) {
        if (strncasecmp(one, "Basic", 5) == 0) {
            report_violation(&request->acs->report, 0, VIOLATION_CONNREQ_BASIC,
                             "the connection request is offered Basic");
        }
        if (digest == NULL && strncasecmp(one, "Digest ", 7) == 0) {
            digest = one;
        } else {
            free(one);
        }
    }
    return digest;
}

/* Sends the request again, with credentials, on the same connection if it stays. */
static bool answer_challenge(struct connreq *request, bool closed) {
    char *challenge = find_challenge(request);
    char *text = challenge != NULL ? authorization(request, challenge) : NULL;
    free(challenge);
    if (text == NULL) {
        return false;
    }
    write_request(request, text);
    free(text);
    request->answered_challenge = true;
    if (!closed) {
        loop_watch(request->acs->loop, request->fd, POLLOUT, on_event, request);
        return true;
    }
    loop_unwatch(request->acs->loop, request->fd);
    (void) close(request->fd);
    request->fd = -1;
    return open_connection(request) == 0;
}

static void on_answer(struct connreq *request, bool closed, size_t body) {
    const char *text = buffer_string(&request->in);
    uint64_t status = 0;
    char digits[4] = "";
    if (strncmp(text, "HTTP/1.", 7) == 0 && strlen(text) > 12) {
        memcpy(digits, text + 9, 3);
    }
    if (!parse_number(digits, 599, &status)) {
        end(request, 0, "not an HTTP answer");
        return;
    }
    char *connection = header(&request->in, "Connection", 0);
    closed = closed || (connection != NULL && strcasecmp(connection, "close") == 0);
    free(connection);
    if (status == 401 && !request->answered_challenge && !request->no_auth &&
        answer_challenge(request, closed)) {
        return;
    }
    if ((status == 200 || status == 204) && body > 0) {
        report_violation(&request->acs->report, 0, VIOLATION_CONNREQ_BODY, "%zu octets in the answer", body);
    }
    end(request, (int) status, "");
}

/* Reads until the answer is complete. */
static void on_readable(struct connreq *request) {
    char part[4096];
    ssize_t got = recv(request->fd, part, sizeof part, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got > 0 && buffer_append(&request->in, part, (size_t) got) < 0) {
        end(request, 0, "too long an answer");
        return;
    }
    const char *text = buffer_string(&request->in);
    const char *body = strstr(text, "\r\n\r\n");
    if (body == NULL) {
        if (got <= 0) {
            end(request, 0, "the connection was closed without an answer");
        }
        return;
    }
    size_t have = request->in.length - (size_t) (body + 4 - text);
    char *length = header(&request->in, "Content-Length", 0);
    uint64_t wanted = 0;
    bool known = length != NULL && parse_number(length, ANSWER_MAX, &wanted);
    known = known || strncmp(text + 9, "204", 3) == 0;
    free(length);
    if (got <= 0 || (known && have >= wanted)) {
        on_answer(request, got <= 0, have);
    }
}

static void on_writable(struct connreq *request) {
    int error = 0;
    socklen_t size = sizeof error;
    if (request->connecting) {
        request->connecting = false;
        if (getsockopt(request->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0) {
            end(request, 0, error != 0 ? strerror(error) : "cannot connect");
            return;
        }
    }
    ssize_t put = send(request->fd, request->out.data + request->sent, request->out.length - request->sent,
                       MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
        end(request, 0, strerror(errno));
        return;
    }
    request->sent += put > 0 ? (size_t) put : 0;
    if (request->sent == request->out.length) {
        loop_watch(request->acs->loop, request->fd, POLLIN, on_event, request);
    }
}

static void on_event(void *user) {
    struct connreq *request = user;
    if (request->sent < request->out.length) {
        on_writable(request);
    } else {
        on_readable(request);
    }
}

/* http://host[:port]/path */
static int split_url(struct connreq *request) {
    if (!text_starts(request->url, "http://")) {
        return -EINVAL;
    }
    const char *host = request->url + 7;
    size_t length = strcspn(host, "/");
    request->host = must_format("%.*s", (int) length, host);
    request->path = must_dup(host[length] != '\0' ? host + length : "/");
    char *name = must_dup(request->host[0] == '[' ? request->host + 1 : request->host);
    char *end_of_name = request->host[0] == '[' ? strchr(name, ']') : strchr(name, ':');
    const char *port = "80";
    if (end_of_name != NULL) {
        port = *end_of_name == ']' ? (end_of_name[1] == ':' ? end_of_name + 2 : "80") : end_of_name + 1;
        *end_of_name = '\0';
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(name, port, &hints, &found) == 0 ? 0 : -EINVAL;
    if (rc == 0) { /* "localhost" is ::1 first on many machines, where no client of a test listens */
        const struct addrinfo *best = found;
        while (best->ai_family != AF_INET && best->ai_next != NULL) {
            best = best->ai_next;
        }
        memcpy(&request->address, best->ai_addr, best->ai_addrlen);
        request->address_length = best->ai_addrlen;
        freeaddrinfo(found);
    }
    free(name);
    return rc;
}

static bool read_words(struct connreq *request, unsigned *timeout, const char *const *word, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (word_value(word[i], "url") != NULL) {
            replace_text(&request->url, word_value(word[i], "url"));
        } else if (word_value(word[i], "user") != NULL) {
            replace_text(&request->user, word_value(word[i], "user"));
        } else if (word_value(word[i], "password") != NULL) {
            replace_text(&request->password, word_value(word[i], "password"));
        } else if (strcmp(word[i], "no-auth") == 0) {
            request->no_auth = true;
        } else if (word_value(word[i], "timeout") == NULL ||
                   !parse_seconds(word_value(word[i], "timeout"), timeout)) {
            return false;
        }
    }
    return true;
}

bool connreq_words_are_good(const char *const *word, size_t count) {
    struct connreq trial = {0};
    unsigned timeout = 0;
    bool good = read_words(&trial, &timeout, word, count);
    free(trial.url);
    free(trial.user);
    free(trial.password);
    return good;
}

static void release(struct connreq *request) {
    free(request->url);
    free(request->user);
    free(request->password);
    free(request->host);
    free(request->path);
    free(request);
}

int connreq_start(struct acs *acs, const char *const *word, size_t count, connreq_call *call, void *user,
                  char *error, size_t error_size) {
    struct connreq *request = must_alloc(sizeof *request);
    unsigned timeout = DEFAULT_TIMEOUT_MS;
    request->acs = acs;
    request->call = call;
    request->user_data = user;
    request->fd = -1;
    request->begun = loop_now();
    request->user = must_dup(acs->settings.connreq_user);
    request->password = must_dup(acs->settings.connreq_password);
    request->url = must_dup(acs->settings.connreq_url);
    if (request->url == NULL) {
        request->url = message_value(&acs->last_inform, "*.ManagementServer.ConnectionRequestURL", NULL);
    }
    if (!read_words(request, &timeout, word, count)) {
        (void) snprintf(error, error_size,
                        "connection-request [url=] [user=] [password=] [timeout=] [no-auth]");
        release(request);
        return -EINVAL;
    }
    if (request->url == NULL || split_url(request) < 0) {
        (void) snprintf(error, error_size, "the ConnectionRequestURL is %s%s",
                        request->url != NULL ? "of no use: " : "not known: no Inform has told it",
                        request->url != NULL ? request->url : "");
        release(request);
        return -EINVAL;
    }
    buffer_init(&request->out, ANSWER_MAX);
    buffer_init(&request->in, ANSWER_MAX);
    write_request(request, NULL);
    request->next = acs->connreqs;
    acs->connreqs = request;
    if (open_connection(request) < 0) {
        request->timer = loop_after(acs->loop, 0, on_refused, request);
        return 0;
    }
    request->timer = loop_after(acs->loop, timeout, on_timeout, request);
    return 0;
}

void connreq_stop(struct acs *acs) {
    while (acs->connreqs != NULL) {
        end(acs->connreqs, 0, "the ACS ends");
    }
}
