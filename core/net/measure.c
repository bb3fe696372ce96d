/* What a transfer's times are is TR-143's: the connection is asked for and there, the request has left, the
 * first and the last octets. Each is taken where it happens, not from libcurl's sums, which count a redirect
 * in. */
#include <config.h>

#include "net/measure.h"

#include "base/clock.h"
#include "base/text.h"
#include "net/http.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOCKETS_MAX = 8 /* of one attempt: an address each */, TEXT_SIZE = 448, ESTABLISHED = 1 };

struct measure {
    struct loop *loop;
    struct http *http;
    struct http_observer observer;
    tr069_measure_done *done;
    void *user;
    bool upload;
    uint64_t octets, duration_us;
    struct tr069_timer *deadline, *duration;

    /* sockets that may become the connection */
    struct {
        int fd; /* -1: none */
        int64_t opened_us;
    } sockets[SOCKETS_MAX];
    int connection;               /* -1: none yet */
    struct sockaddr_storage ours; /* our end of it */
    char address[64];

    /* the request at hand */
    bool answered, begun;
    int status;
    uint64_t body; /* octets of it */
    char interface[IF_NAMESIZE];
    uint64_t if_sent, if_received; /* when it began */

    bool over; /* it ended, by us: `result.end` says how */
    struct tr069_measured result;
    char text[TEXT_SIZE];
};

static int64_t now_us(void) {
    return (int64_t) clock_mono_us();
}

/* ---- the interface's counters ------------------------------------------------------------------ */

static uint64_t counter(const char *interface, const char *name) {
    char path[128], text[32];
    uint64_t value = 0;
    (void) snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", interface, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        (void) close(fd);
    }
    if (length > 0) {
        text[length] = '\0';
        text[strcspn(text, "\n")] = '\0';
        (void) text_parse_uint(text, UINT64_MAX, &value);
    }
    return value;
}

static bool same_address(const struct sockaddr *a, const struct sockaddr_storage *b) {
    union {
        const struct sockaddr *any;
        const struct sockaddr_in *four;
        const struct sockaddr_in6 *six;
    } one = {a}, other = {(const struct sockaddr *) b};
    if (a == NULL || a->sa_family != b->ss_family) {
        return false;
    }
    return a->sa_family == AF_INET
               ? one.four->sin_addr.s_addr == other.four->sin_addr.s_addr
               : a->sa_family == AF_INET6 &&
                     memcmp(&one.six->sin6_addr, &other.six->sin6_addr, sizeof one.six->sin6_addr) == 0;
}

/* Where nobody said which interface it is: the one that has the connection's address. */
static void find_interface(struct measure *measure) {
    struct ifaddrs *all = NULL;
    if (measure->interface[0] != '\0' || measure->connection < 0 || getifaddrs(&all) != 0) {
        return;
    }
    for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
        if (same_address(at->ifa_addr, &measure->ours)) {
            (void) text_copy(measure->interface, sizeof measure->interface, at->ifa_name);
            break;
        }
    }
    freeifaddrs(all);
}

/* ---- times ------------------------------------------------------------------------------------- */

static void forget_socket(struct measure *measure, int fd) {
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        if (measure->sockets[i].fd == fd) {
            measure->sockets[i].fd = -1;
        }
    }
    if (measure->connection == fd) {
        measure->connection = -1;
    }
}

/* libcurl asks for a connection, perhaps for several at once, of which the first one wins; or for another one
 * after a redirect. */
static void on_socket(void *user, int fd, bool is_open) {
    struct measure *measure = user;
    if (!is_open) {
        forget_socket(measure, fd);
        return;
    }
    if (measure->connection >= 0) {
        forget_socket(measure, measure->connection);
        measure->result.open_request_us = measure->result.open_response_us = TR069_TIME_UNKNOWN;
    }
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        if (measure->sockets[i].fd < 0) {
            measure->sockets[i].fd = fd;
            measure->sockets[i].opened_us = now_us();
            return;
        }
    }
}

/* Our end of the connection. */
static void note_address(struct measure *measure, int fd) {
    socklen_t size = sizeof measure->ours;
    if (getsockname(fd, (struct sockaddr *) &measure->ours, &size) != 0 ||
        getnameinfo((const struct sockaddr *) &measure->ours, size, measure->address, sizeof measure->address,
                    NULL, 0, NI_NUMERICHOST) != 0) {
        measure->address[0] = '\0';
    }
    measure->address[strcspn(measure->address, "%")] = '\0'; /* the zone of a link-local one */
}

/* The kernel measured the handshake itself; its time is better than that at which we came to look, but only
 * if nothing had to be sent twice. */
static void note_connection(struct measure *measure) {
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        struct tcp_info info = {0};
        socklen_t size = sizeof info;
        int fd = measure->sockets[i].fd;
        if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
            info.tcpi_state != ESTABLISHED) {
            continue;
        }
        int64_t asked = measure->sockets[i].opened_us, seen = now_us();
        int64_t told = asked + (int64_t) info.tcpi_rtt;
        measure->connection = fd;
        note_address(measure, fd);
        measure->result.open_request_us = asked;
        measure->result.open_response_us =
            info.tcpi_rtt > 0 && info.tcpi_total_retrans == 0 && told < seen ? told : seen;
        return;
    }
}

static void request_anew(struct measure *measure) {
    struct tr069_measured *result = &measure->result;
    result->request_us = now_us();
    result->begin_us = result->end_us = TR069_TIME_UNKNOWN;
    result->sent = result->received = 0;
    measure->answered = measure->begun = false;
    measure->body = 0;
    loop_timer_cancel(measure->loop, measure->duration);
    measure->duration = NULL;
}

static void on_duration(void *user);

static void begin(struct measure *measure) {
    measure->begun = true;
    measure->result.begin_us = now_us();
    find_interface(measure);
    measure->if_sent = counter(measure->interface, "tx_bytes");
    measure->if_received = counter(measure->interface, "rx_bytes");
    if (measure->duration_us > 0 && measure->duration == NULL &&
        loop_timer(measure->loop, (measure->duration_us + 999) / 1000, on_duration, measure,
                   &measure->duration) < 0) {
        measure->duration = NULL; /* then it ends with the next octets */
    }
}

/* Of what comes, on_head and on_data see more. */
static void on_traffic(void *user, enum http_traffic what, size_t octets) {
    struct measure *measure = user;
    struct tr069_measured *result = &measure->result;
    if (measure->connection < 0) {
        note_connection(measure);
    }
    switch (what) {
    case HTTP_STIRS:
    case HTTP_BODY_IN:
        break;
    case HTTP_HEAD_OUT:
        if (result->request_us == TR069_TIME_UNKNOWN || measure->answered) {
            request_anew(measure);
        }
        result->sent += octets;
        break;
    case HTTP_BODY_OUT:
        if (measure->upload && !measure->begun) {
            begin(measure);
        }
        result->sent += octets;
        break;
    case HTTP_HEAD_IN:
        if (!measure->upload && !measure->begun) {
            begin(measure);
        }
        measure->answered = true;
        result->received += octets;
        result->end_us = now_us();
        break;
    }
}

static bool time_is_over(const struct measure *measure) {
    return measure->duration_us > 0 && measure->begun &&
           (uint64_t) (now_us() - measure->result.begin_us) >= measure->duration_us;
}

/* ---- the exchange ------------------------------------------------------------------------------ */

/* False, as the callbacks of http want it when it is over. */
TR069_PRINTF(3, 4)
static bool end(struct measure *measure, enum tr069_measure_end how, const char *format, ...) {
    va_list arguments;
    if (!measure->over) {
        measure->over = true;
        measure->result.end = how;
        int length = snprintf(measure->text, sizeof measure->text, "%s: ", http_host(measure->http));
        va_start(arguments, format);
        if (length >= 0 && (size_t) length < sizeof measure->text) {
            (void) vsnprintf(measure->text + length, sizeof measure->text - (size_t) length, format,
                             arguments);
        }
        va_end(arguments);
    }
    return false;
}

static bool on_head(void *user, const struct http_head *head) {
    struct measure *measure = user;
    measure->status = head->status;
    if (head->status < 200 || head->status >= 300) {
        bool login = head->status == 403 || head->status == 407;
        return end(measure, login ? TR069_MEASURE_LOGIN : TR069_MEASURE_FAILED, "answers HTTP %d",
                   head->status);
    }
    if (!measure->upload && measure->duration_us == 0 && head->length >= 0 &&
        (uint64_t) head->length > measure->octets) {
        return end(measure, TR069_MEASURE_TOO_LARGE, "the file has %lld octets, more than %llu",
                   (long long) head->length, (unsigned long long) measure->octets);
    }
    return true;
}

static bool on_data(void *user, const char *data, size_t length) {
    struct measure *measure = user;
    (void) data;
    measure->result.received += length;
    if (measure->upload) {
        return true;
    }
    measure->result.end_us = now_us();
    measure->body += length;
    if (time_is_over(measure)) {
        return end(measure, TR069_MEASURE_COMPLETE, "the time of the test is over");
    }
    if (measure->body > measure->octets) {
        return end(measure, TR069_MEASURE_TOO_LARGE, "more than %llu octets came",
                   (unsigned long long) measure->octets);
    }
    return true;
}

/* What no link can compress (xorshift64*); begins anew with `at`, since it may be asked for twice. */
static void make_up(uint64_t at, char *buffer, size_t size) {
    uint64_t state = at * UINT64_C(0x9e3779b97f4a7c15) | 1;
    for (size_t i = 0; i < size; i += sizeof state) {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        uint64_t octets = state * UINT64_C(0x2545f4914f6cdd1d);
        memcpy(buffer + i, &octets, size - i < sizeof octets ? size - i : sizeof octets);
    }
}

static size_t produce(void *user, uint64_t at, char *buffer, size_t size) {
    struct measure *measure = user;
    uint64_t left = at < measure->octets ? measure->octets - at : 0;
    size_t count = time_is_over(measure) ? 0 : left < size ? (size_t) left : size;
    make_up(at, buffer, count);
    measure->body = at + count;
    return count;
}

/* ---- the end ----------------------------------------------------------------------------------- */

/* May free `measure`. */
static void finish(struct measure *measure) {
    struct tr069_measured *result = &measure->result;
    result->text = measure->text;
    result->address = measure->address;
    if (measure->begun && measure->interface[0] != '\0') {
        result->if_sent = counter(measure->interface, "tx_bytes") - measure->if_sent;
        result->if_received = counter(measure->interface, "rx_bytes") - measure->if_received;
    }
    measure->done(measure->user, result);
}

static enum tr069_measure_end end_of(const struct measure *measure, enum http_failure failure) {
    static const enum tr069_measure_end obstacles[] = {[HTTP_NO_CONNECTION] = TR069_MEASURE_NO_CONNECTION,
                                                       [HTTP_NO_NAME] = TR069_MEASURE_NO_NAME,
                                                       [HTTP_NO_ROUTE] = TR069_MEASURE_NO_ROUTE};
    switch (failure) {
    case HTTP_NO_FAILURE:
        return TR069_MEASURE_COMPLETE;
    case HTTP_NO_CONTACT:
        return obstacles[http_obstacle(measure->http)];
    case HTTP_AUTHENTICATION:
        return TR069_MEASURE_LOGIN;
    case HTTP_BROKEN:
    case HTTP_HUNG_UP:
        return measure->answered || (measure->upload && measure->begun) ? TR069_MEASURE_FAILED
                                                                        : TR069_MEASURE_NO_RESPONSE;
    case HTTP_REDIRECT:
    case HTTP_ABORTED:
        return TR069_MEASURE_FAILED;
    case HTTP_LOCAL:
        return TR069_MEASURE_LOCAL;
    }
    return TR069_MEASURE_LOCAL;
}

static void on_done(void *user, int status, enum http_failure failure, const char *error) {
    struct measure *measure = user;
    if (failure == HTTP_NO_FAILURE && measure->upload && measure->duration_us == 0 &&
        measure->body < measure->octets) {
        (void) end(measure, TR069_MEASURE_FAILED, "took only %llu octets (HTTP %d)",
                   (unsigned long long) measure->body, status);
    } else if (failure == HTTP_NO_FAILURE) {
        (void) end(measure, TR069_MEASURE_COMPLETE, "HTTP %d", status);
    } else if (!measure->over) {
        measure->result.end = end_of(measure, failure);
        (void) text_copy(measure->text, sizeof measure->text, error != NULL ? error : "");
    }
    finish(measure);
}

/* With a request under way, which ends without on_done when the measurement is freed. */
static void cut(struct measure *measure, enum tr069_measure_end how, const char *why) {
    (void) end(measure, how, "%s", why);
    finish(measure);
}

static void on_deadline(void *user) {
    struct measure *measure = user;
    measure->deadline = NULL;
    cut(measure, TR069_MEASURE_TIMEOUT, "not done in time");
}

/* An upload has its answer yet to come: `produce` ends it. */
static void on_duration(void *user) {
    struct measure *measure = user;
    measure->duration = NULL;
    if (!measure->upload && measure->begun) {
        cut(measure, TR069_MEASURE_COMPLETE, "the time of the test is over");
    }
}

/* ---- the interface ----------------------------------------------------------------------------- */

static int send_request(struct measure *measure) {
    static const char *const headers[] = {"Content-Type: application/octet-stream", "Expect:", NULL};
    const struct http_request request = {
        .method = measure->upload ? HTTP_PUT : HTTP_GET,
        .file = -1,
        .size = measure->duration_us > 0 ? UINT64_MAX : measure->octets,
        .produce = produce,
        .headers = measure->upload ? headers : NULL,
        .head = on_head,
        .data = on_data,
        .done = on_done,
        .user = measure,
    };
    return http_send(measure->http, &request);
}

static void copy_what(struct measure *measure, const struct tr069_measure *what) {
    measure->upload = what->upload;
    measure->octets = what->octets;
    measure->duration_us = (uint64_t) what->duration_ms * 1000;
    if (what->interface != NULL && strchr(what->interface, '/') == NULL) {
        (void) text_copy(measure->interface, sizeof measure->interface, what->interface);
    }
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        measure->sockets[i].fd = -1;
    }
    measure->connection = -1;
    struct tr069_measured *result = &measure->result;
    result->open_request_us = result->open_response_us = TR069_TIME_UNKNOWN;
    result->request_us = result->begin_us = result->end_us = TR069_TIME_UNKNOWN;
}

int measure_new(struct loop *loop, const struct measure_setup *setup, struct measure **ret_measure) {
    static const int families[] = {[4] = AF_INET, [6] = AF_INET6};
    const struct tr069_measure *what = setup->what;
    struct measure *measure = calloc(1, sizeof *measure);
    if (measure == NULL) {
        return -ENOMEM;
    }
    measure->loop = loop;
    measure->done = setup->done;
    measure->user = setup->user;
    measure->observer = (struct http_observer){on_traffic, on_socket, measure};
    copy_what(measure, what);
    const struct http_setup how = {.url = what->url,
                                   .tls = &setup->tls,
                                   .connect_timeout_s = setup->connect_timeout_s,
                                   .stall_timeout_s = setup->stall_timeout_s,
                                   .bind_interface = what->interface,
                                   .family = what->ip_version <= 6 ? families[what->ip_version] : 0,
                                   .dscp = what->dscp,
                                   .priority = what->priority,
                                   .observer = &measure->observer};
    int result = text_url_check(what->url);
    if (result == 0) {
        result = http_new(loop, &how, &measure->http);
    }
    if (result == 0) {
        result = loop_timer(loop, what->deadline_ms, on_deadline, measure, &measure->deadline);
    }
    if (result == 0) {
        result = send_request(measure);
    }
    if (result < 0) {
        measure_free(measure);
        return result;
    }
    *ret_measure = measure;
    return 0;
}

void measure_free(struct measure *measure) {
    if (measure == NULL) {
        return;
    }
    http_free(measure->http);
    loop_timer_cancel(measure->loop, measure->deadline);
    loop_timer_cancel(measure->loop, measure->duration);
    free(measure);
}
