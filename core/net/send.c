/* A file by HTTP(S) PUT: read as it goes, from the beginning again when a challenge or redirect asks for it.
 */
#include <config.h>

#include "net/send.h"

#include "base/text.h"
#include "net/http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TEXT_SIZE = 448,
    ASK_FIRST = 1 << 20 /* octets; of a smaller file it is quicker to send it twice than to wait for a
                           server that does not answer Expect: 100-continue */
};

struct send {
    struct http *http;
    int fd;
    uint64_t size;
    int status;
    void (*done)(void *user, enum send_cause cause, const char *text);
    void *user;
};

static bool on_head(void *user, const struct http_head *head) {
    struct send *send = user;
    send->status = head->status;
    return true;
}

/* What the server has to say about it does not matter. */
static bool on_data(void *user, const char *data, size_t length) {
    (void) user;
    (void) data;
    (void) length;
    return true;
}

static enum send_cause cause_of_status(int status) {
    if (status >= 200 && status < 300) {
        return SEND_OK;
    }
    if (status == 401 || status == 403 || status == 407) {
        return SEND_AUTHENTICATION;
    }
    return status == 404 || status == 409 || status == 410 ? SEND_NO_ACCESS : SEND_REFUSED;
}

static enum send_cause cause_of_failure(enum http_failure failure) {
    switch (failure) {
    case HTTP_NO_CONTACT:
        return SEND_NO_CONTACT;
    case HTTP_AUTHENTICATION:
        return SEND_AUTHENTICATION;
    case HTTP_REDIRECT:
        return SEND_NO_ACCESS;
    case HTTP_NO_FAILURE:
    case HTTP_BROKEN:
    case HTTP_HUNG_UP:
    case HTTP_ABORTED:
        return SEND_BROKEN;
    case HTTP_LOCAL:
        return SEND_LOCAL;
    }
    return SEND_LOCAL;
}

static void on_done(void *user, int status, enum http_failure failure, const char *error) {
    const struct send *send = user;
    enum send_cause cause;
    char text[TEXT_SIZE];
    /* An answer that says no is one also when the connection broke while we went on sending. */
    bool refused = send->status >= 400 && failure != HTTP_AUTHENTICATION;
    if (failure == HTTP_NO_FAILURE || refused) {
        int said = status != 0 ? status : send->status;
        cause = cause_of_status(said);
        (void) snprintf(text, sizeof text, "%s: %s (HTTP %d)", http_host(send->http),
                        cause == SEND_OK               ? "the file was taken"
                        : cause == SEND_AUTHENTICATION ? "access refused"
                                                       : "the file was not taken",
                        said);
    } else {
        cause = cause_of_failure(failure);
        (void) text_copy(text, sizeof text, error != NULL ? error : "");
    }
    send->done(send->user, cause, text); /* may free `send` */
}

static int open_file(struct send *send, const char *path) {
    struct stat info;
    send->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (send->fd < 0 || fstat(send->fd, &info) != 0) {
        return -errno;
    }
    send->size = (uint64_t) info.st_size;
    return S_ISREG(info.st_mode) ? 0 : -EINVAL;
}

static int begin(struct loop *loop, struct send *send, const struct send_setup *setup) {
    static const char *const headers[] = {"Content-Type: application/octet-stream", NULL};
    static const char *const at_once[] = {"Content-Type: application/octet-stream", "Expect:", NULL};
    const struct http_setup how = {.url = setup->url,
                                   .username = setup->username,
                                   .password = setup->password,
                                   .allow_basic_plain = setup->allow_basic_plain,
                                   .tls = &setup->tls,
                                   .connect_timeout_s = setup->connect_timeout_s,
                                   .stall_timeout_s =
                                       setup->stall_timeout_s > 0 ? setup->stall_timeout_s : 60};
    int result = open_file(send, setup->path);
    result = result == 0 ? http_new(loop, &how, &send->http) : result;
    if (result == 0) {
        const struct http_request request = {.method = HTTP_PUT,
                                             .file = send->fd,
                                             .size = send->size,
                                             .headers = send->size < ASK_FIRST ? at_once : headers,
                                             .head = on_head,
                                             .data = on_data,
                                             .done = on_done,
                                             .user = send};
        result = http_send(send->http, &request);
    }
    return result;
}

int send_new(struct loop *loop, const struct send_setup *setup, struct send **ret_send) {
    struct send *send = calloc(1, sizeof *send);
    if (send == NULL) {
        return -ENOMEM;
    }
    send->fd = -1;
    send->done = setup->done;
    send->user = setup->user;
    int result = begin(loop, send, setup);
    if (result < 0) {
        send_free(send);
        return result;
    }
    *ret_send = send;
    return 0;
}

void send_progress(const struct send *send, uint64_t *ret_now, uint64_t *ret_total) {
    *ret_now = http_sent(send->http);
    *ret_total = send->size;
}

void send_free(struct send *send) {
    if (send != NULL) {
        http_free(send->http);
        if (send->fd >= 0) {
            (void) close(send->fd);
        }
        free(send);
    }
}
