/* One HTTP conversation. libcurl does the protocol, authentication and cookies; what a session needs besides
 * stands here: redirects that repeat the request, limits, no silent repeats. Digest section 4. */
#include <config.h>

#include "net/http_internal.h"

#include "base/log.h"
#include "base/text.h"
#include "net/loop_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_ROOM "http"

/* ---- the target -------------------------------------------------------------------------------- */

static bool part(CURLU *url, CURLUPart what, unsigned flags, char *out, size_t size) {
    char *text = NULL;
    bool good = curl_url_get(url, what, &text, flags) == CURLUE_OK && text_copy(out, size, text);
    curl_free(text);
    return good;
}

static bool known_scheme(const char *scheme) {
    return strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
}

/* Takes what `url` says of host and origin, and gives it to libcurl. */
static int use_url(struct http *http, CURLU *url) {
    char scheme[16], host[256], port[8], explicit_port[8];
    char *text = NULL;
    if (!part(url, CURLUPART_SCHEME, 0, scheme, sizeof scheme) || !known_scheme(scheme) ||
        !part(url, CURLUPART_HOST, 0, host, sizeof host) || host[0] == '\0' ||
        !part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) ||
        curl_url_get(url, CURLUPART_URL, &text, 0) != CURLUE_OK) {
        return -EINVAL;
    }
    bool has_port = part(url, CURLUPART_PORT, 0, explicit_port, sizeof explicit_port);
    int result = curl_easy_setopt(http->easy, CURLOPT_URL, text) == CURLE_OK ? 0 : -ENOMEM;
    curl_free(text);
    (void) snprintf(http->host, sizeof http->host, "%s%s%s", host, has_port ? ":" : "",
                    has_port ? explicit_port : "");
    (void) snprintf(http->origin, sizeof http->origin, "%s://%s:%s", scheme, host, port);
    http->over_tls = scheme[4] == 's';
    return result;
}

/* libcurl forgets what challenges gave it; connections, names and TLS sessions stay. */
static int begin_anew(struct http *http) {
    curl_easy_reset(http->easy);
    http->authorized = false;
    int result = http_apply(http);
    return result < 0 ? result : use_url(http, http->url);
}

/* Userinfo in a Location is never used; the fragment is not sent. */
static void strip(CURLU *url) {
    (void) curl_url_set(url, CURLUPART_USER, NULL, 0);
    (void) curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    (void) curl_url_set(url, CURLUPART_OPTIONS, NULL, 0);
    (void) curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
}

static bool follow(struct http *http) {
    char before[sizeof http->origin];
    CURLU *next = curl_url_dup(http->url);
    memcpy(before, http->origin, sizeof before);
    bool good =
        next != NULL && curl_url_set(next, CURLUPART_URL, http->head.location, CURLU_URLENCODE) == CURLUE_OK;
    if (good) {
        strip(next);
        good = use_url(http, next) == 0;
    }
    if (!good) {
        http_fail(http, HTTP_REDIRECT, "redirects to an address that cannot be used");
        curl_url_cleanup(next);
        return false;
    }
    curl_url_cleanup(http->url);
    http->url = next;
    http->challenges = 0;
    http->renewed = false;
    http->preferred[0] = '\0';
    if (strcmp(before, http->origin) != 0 && begin_anew(http) < 0) {
        http_fail(http, HTTP_LOCAL, "out of memory");
        return false;
    }
    return true;
}

/* ---- sockets ----------------------------------------------------------------------------------- */

_Static_assert((int) HTTP_STIRS == (int) CURLINFO_TEXT && (int) HTTP_HEAD_IN == (int) CURLINFO_HEADER_IN &&
                   (int) HTTP_HEAD_OUT == (int) CURLINFO_HEADER_OUT &&
                   (int) HTTP_BODY_IN == (int) CURLINFO_DATA_IN &&
                   (int) HTTP_BODY_OUT == (int) CURLINFO_DATA_OUT,
               "enum http_traffic is libcurl's");

int http_on_debug(CURL *easy, curl_infotype type, char *data, size_t length, void *user) {
    struct http *http = user;
    (void) data;
    if (http->observer != NULL && type <= CURLINFO_DATA_OUT) {
        http->observer->traffic(http->observer->user, (enum http_traffic) type, length);
    }
    if (type == CURLINFO_TEXT && http->over_tls) {
        http_tls_stirs(http->tls, easy, http->origin);
    }
    if (length > 0 && (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT)) {
        if (http->head.verdict == VERDICT_CHALLENGE) { /* libcurl answers it */
            http->authorized = true;
            http_reset_head(http);
        }
        http->sent = true;
        http->last_sent_ms = loop_now_ms();
    }
    return 0;
}

/* libcurl repeats a request by itself when a kept connection dies before any octet of the answer. That is
 * right when the peer had closed before it got the request, and wrong when it got it and broke off: the
 * peer would see the same message twice. Its TCP's acknowledgements tell these apart. */
static bool never_arrived(curl_socket_t fd) {
    enum { LEAST = 128 /* a head is longer; TLS's farewell is shorter */ };
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return false;
    }
    if (size >= offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans) {
        return info.tcpi_bytes_sent >= info.tcpi_bytes_retrans + info.tcpi_bytes_acked + LEAST;
    }
    return info.tcpi_unacked > 0; /* Linux before 4.19 */
}

int http_close_socket(void *user, curl_socket_t fd) {
    struct http *http = user;
    if (http->sent && http->head.octets == 0) {
        http->repeat_ok = never_arrived(fd);
    } else if (!http->sent) { /* libcurl 7.88 goes on to the next address only when it is called again */
        loop_wake(http->loop);
    }
    if (http->observer != NULL) {
        http->observer->socket(http->observer->user, fd, false);
    }
    return close(fd);
}

static bool is_address(const struct sockaddr *address, const char *text) {
    char found[INET6_ADDRSTRLEN] = "";
    union {
        const struct sockaddr *any;
        const struct sockaddr_in *four;
        const struct sockaddr_in6 *six;
    } at = {address};
    if (address->sa_family == AF_INET) {
        (void) inet_ntop(AF_INET, &at.four->sin_addr, found, sizeof found);
    } else if (address->sa_family == AF_INET6) {
        (void) inet_ntop(AF_INET6, &at.six->sin6_addr, found, sizeof found);
    }
    return strcmp(found, text) == 0;
}

/* The packets of this connection. What cannot be marked goes unmarked: who measures wants the rest. */
static void mark(const struct http *http, int family, int fd) {
    int service = (int) (http->dscp << 2), priority = (int) http->priority;
    if (service > 0) {
        (void) setsockopt(fd, family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
                          family == AF_INET6 ? IPV6_TCLASS : IP_TOS, &service, sizeof service);
    }
    if (priority > 0) { /* after IP_TOS, which sets one */
        (void) setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority);
    }
}

curl_socket_t http_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    struct http *http = user;
    (void) purpose;
    if (http->sent && !http->repeat_ok && http->head.verdict != VERDICT_CHALLENGE) {
        http->denied = true;
        return CURL_SOCKET_BAD;
    }
    if (http->preferred[0] != '\0' && !is_address(&address->addr, http->preferred)) {
        http->passed_over = true;
        loop_wake(http->loop);
        return CURL_SOCKET_BAD;
    }
    http->repeat_ok = false; /* once */
    http->sent = false;
    http_tls_connecting(http->tls);
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0) {
        mark(http, address->family, fd);
    }
    if (fd >= 0 && http->observer != NULL) {
        http->observer->socket(http->observer->user, fd, true);
    }
    return fd;
}

/* ---- an attempt -------------------------------------------------------------------------------- */

int http_apply_cookies(struct http *http) {
    struct buffer text;
    buffer_init(&text, 32 << 10);
    int result = cookies_text(&http->cookies, http->over_tls, &text);
    if (result == 0 && curl_easy_setopt(http->easy, CURLOPT_COOKIE, text.data) != CURLE_OK) {
        result = -ENOMEM;
    }
    buffer_free(&text);
    return result;
}

static size_t read_file(char *buffer, size_t one, size_t size, void *user) {
    struct http *http = user;
    ssize_t got;
    (void) one;
    if (http->request.produce != NULL) {
        size_t made = http->request.produce(http->request.user, http->upload_at, buffer, size);
        http->upload_at += made;
        return made;
    }
    do {
        got = pread(http->request.file, buffer, size, (off_t) http->upload_at);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        http_fail(http, HTTP_LOCAL, "the file cannot be read: %s", strerror(errno));
        return CURL_READFUNC_ABORT;
    }
    http->upload_at += (uint64_t) got;
    return (size_t) got;
}

/* libcurl begins anew when a challenge came. */
static int seek_file(void *user, curl_off_t offset, int origin) {
    struct http *http = user;
    if (origin != SEEK_SET || offset < 0) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    http->upload_at = (uint64_t) offset;
    return CURL_SEEKFUNC_OK;
}

/* libcurl asks first whether the file is wanted (Expect: 100-continue), so that it need not be sent twice for
 * the sake of a challenge; unless a header of the caller's forbids it. */
static bool set_upload(struct http *http) {
    CURL *easy = http->easy;
    http->upload_at = 0;
    return curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t) http->request.size) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_file) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_file) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SEEKDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->extra) == CURLE_OK;
}

static bool set_request(struct http *http) {
    CURL *easy = http->easy;
    const struct http_request *request = &http->request;
    if (request->method == HTTP_PUT) {
        return set_upload(http);
    }
    if (request->method == HTTP_GET) {
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->extra) == CURLE_OK;
    }
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->length > 0 ? request->body : "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->length) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                            request->length > 0 ? http->with_body : http->without_body) == CURLE_OK;
}

static void attempt_done(void *user, int code);

static int attempt(struct http *http) {
    http_reset_head(http);
    http->sent = http->repeat_ok = http->denied = http->passed_over = false;
    http->failure = HTTP_NO_FAILURE;
    http->detail[0] = '\0';
    return set_request(http) ? loop_curl_add(http->loop, http->easy, attempt_done, http) : -ENOMEM;
}

static void finish(struct http *http, int status) {
    struct http_request request = http->request;
    enum http_failure failure = http->failure;
    char error[ERROR_SIZE];
    (void) text_copy(error, sizeof error, failure != HTTP_NO_FAILURE ? http->error : "");
    loop_timer_cancel(http->loop, http->timer);
    http->timer = NULL;
    http->busy = false;
    /* From here on `http` may be freed, or busy with the next request. */
    request.done(request.user, failure == HTTP_NO_FAILURE ? status : 0, failure,
                 failure == HTTP_NO_FAILURE ? NULL : error);
}

static void note_addresses(struct http *http) {
    char *text = NULL;
    if (curl_easy_getinfo(http->easy, CURLINFO_LOCAL_IP, &text) == CURLE_OK && text != NULL &&
        text[0] != '\0') {
        (void) text_copy(http->local_address, sizeof http->local_address, text);
    }
    if (curl_easy_getinfo(http->easy, CURLINFO_PRIMARY_IP, &text) == CURLE_OK && text != NULL &&
        text[0] != '\0') {
        (void) text_copy(http->peer_address, sizeof http->peer_address, text);
    }
}

static void explain(struct http *http, int code) {
    struct http_trouble trouble = {.code = code,
                                   .host = http->host,
                                   .detail = http->detail,
                                   .connected = http->sent,
                                   .connect_timeout_s = http->connect_timeout_s,
                                   .tls = http->tls};
    char text[ERROR_SIZE];
    if (http->failure != HTTP_NO_FAILURE) {
        return;
    }
    if (http->denied) {
        trouble.code = CURLE_GOT_NOTHING;
    }
    (void) curl_easy_getinfo(http->easy, CURLINFO_SSL_VERIFYRESULT, &trouble.verify);
    (void) curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &trouble.os_errno);
    http->failure = http_explain(&trouble, text, sizeof text);
    http->obstacle = trouble.code == CURLE_COULDNT_RESOLVE_HOST ? HTTP_NO_NAME
                     : trouble.os_errno == ENETUNREACH || trouble.os_errno == EHOSTUNREACH
                         ? HTTP_NO_ROUTE
                         : HTTP_NO_CONNECTION;
    if (http->sent && http->head.octets == 0 &&
        (trouble.code == CURLE_GOT_NOTHING || trouble.code == CURLE_RECV_ERROR)) {
        http->failure = HTTP_HUNG_UP;
    }
    (void) text_copy(http->error, sizeof http->error, text);
}

/* libcurl left the challenge at hand to us: did it give up, or is there something to do yet? To libcurl a
 * nonce that changes in mid-session without stale=true is a refusal. */
static bool ask_again(struct http *http, int code) {
    long offered = 0;
    (void) curl_easy_getinfo(http->easy, CURLINFO_HTTPAUTH_AVAIL, &offered);
    bool allowed = (offered & (long) CURLAUTH_DIGEST) != 0 ||
                   ((offered & (long) CURLAUTH_BASIC) != 0 && (http->over_tls || http->allow_basic_plain));
    if (http->username[0] == '\0') {
        http_fail(http, HTTP_AUTHENTICATION,
                  "asks for credentials (HTTP 401), but no username is configured");
    } else if (allowed && code != CURLE_OK && !http->authorized) {
        http->authorized = true; /* only the body of it broke off, which nobody wanted */
        return true;
    } else if (http->authorized && !http->renewed && http->challenges == 1 &&
               (offered & (long) CURLAUTH_DIGEST) != 0) {
        http->renewed = true;
        http->challenges = 0;
        if (begin_anew(http) == 0) {
            return true;
        }
        http_fail(http, HTTP_LOCAL, "out of memory");
    } else if (http->authorized || allowed) {
        http_fail(http, HTTP_AUTHENTICATION, "refuses our username or password (HTTP 401)");
    } else {
        http_fail(http, HTTP_AUTHENTICATION,
                  http->over_tls
                      ? "asks for a kind of authentication that is not supported (HTTP 401)"
                      : "asks for no kind of authentication that is allowed without TLS (HTTP 401)");
    }
    return false;
}

/* Begins the next attempt; false when there is none. */
static bool go_on(struct http *http, int code) {
    if (http->head.verdict == VERDICT_REDIRECT) {
        http->redirects++;
        if (!follow(http)) {
            return false;
        }
        log_debug("redirected to %s", http->host);
    } else if (!ask_again(http, code)) {
        return false;
    }
    if (attempt(http) < 0) {
        http_fail(http, HTTP_LOCAL, "out of memory");
        return false;
    }
    return true;
}

static void attempt_done(void *user, int code) {
    struct http *http = user;
    note_addresses(http);
    bool again = http->head.verdict == VERDICT_REDIRECT || http->head.verdict == VERDICT_CHALLENGE;
    if (code != CURLE_OK && http->passed_over && !http->sent) { /* the preferred one is no more, or dead */
        http->preferred[0] = '\0';
        if (attempt(http) == 0) {
            return;
        }
    }
    /* What is wanted of such an answer is its head, and that came whole. */
    if (code != CURLE_OK && !again) {
        explain(http, code);
    } else if (http->head.verdict == VERDICT_NONE) { /* libcurl is content with the beginning of a head */
        http_fail(http, HTTP_BROKEN, "the answer was cut off");
    }
    if (again && go_on(http, code)) {
        return;
    }
    finish(http, http->head.status);
}

/* ---- the time limit of an answer --------------------------------------------------------------- */

static void time_is_up(void *user);

static void watch_time(struct http *http, uint64_t ms) {
    http->timer = NULL;
    if (loop_timer(http->loop, ms, time_is_up, http, &http->timer) < 0) {
        http->timer = NULL;
    }
}

/* While connecting, libcurl's own limit holds; while sending, every octet that leaves moves the limit. */
static void time_is_up(void *user) {
    struct http *http = user;
    uint64_t limit = (uint64_t) http->answer_timeout_s * 1000;
    uint64_t passed = loop_now_ms() - http->last_sent_ms;
    http->timer = NULL;
    if (!http->sent) {
        watch_time(http, 1000);
    } else if (passed < limit) {
        watch_time(http, limit - passed);
    } else {
        loop_curl_remove(http->loop, http->easy);
        http_fail(http, HTTP_BROKEN, "no complete answer within %u s", http->answer_timeout_s);
        finish(http, 0);
    }
}

/* ---- the interface ----------------------------------------------------------------------------- */

static int add_lines(struct curl_slist **list, const char *const *lines) {
    for (; lines != NULL && *lines != NULL; lines++) {
        struct curl_slist *more = curl_slist_append(*list, *lines);
        if (more == NULL) {
            return -ENOMEM;
        }
        *list = more;
    }
    return 0;
}

static int copy_setup(struct http *http, const struct http_setup *setup) {
    static const char *const with_body[] = {"Expect:", "Content-Type: text/xml; charset=\"utf-8\"",
                                            "SOAPAction;", NULL};
    static const char *const without_body[] = {"Expect:", "Content-Type:", NULL};
    if (add_lines(&http->with_body, with_body) < 0 || add_lines(&http->without_body, without_body) < 0) {
        return -ENOMEM;
    }
    http->username = text_dup(setup->username != NULL ? setup->username : "");
    http->password = text_dup(setup->password != NULL ? setup->password : "");
    if (setup->bind_interface != NULL && setup->bind_interface[0] != '\0') {
        http->interface = text_dup(setup->bind_interface);
        if (http->interface == NULL) {
            return -ENOMEM;
        }
    }
    http->allow_basic_plain = setup->allow_basic_plain;
    http->connect_timeout_s = setup->connect_timeout_s > 0 ? setup->connect_timeout_s : 30;
    http->answer_timeout_s = setup->answer_timeout_s;
    http->stall_timeout_s = setup->stall_timeout_s;
    http->family = setup->family;
    http->dscp = setup->dscp;
    http->priority = setup->priority;
    http->observer = setup->observer;
    return http->username != NULL && http->password != NULL ? 0 : -ENOMEM;
}

static int open_url(struct http *http, const char *url) {
    http->url = curl_url();
    if (http->url == NULL) {
        return -ENOMEM;
    }
    if (url == NULL || text_url_check(url) < 0 ||
        curl_url_set(http->url, CURLUPART_URL, url, CURLU_PATH_AS_IS) != CURLUE_OK) {
        return -EINVAL;
    }
    strip(http->url);
    return use_url(http, http->url);
}

int http_new(struct loop *loop, const struct http_setup *setup, struct http **ret_http) {
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL) {
        return -ENOMEM;
    }
    http->loop = loop;
    buffer_init(&http->line, HEADER_LINE_MAX);
    int result = loop_libcurl(loop);
    if (result == 0) {
        http->easy = curl_easy_init();
        http->share = curl_share_init();
        result = copy_setup(http, setup);
    }
    if (result == 0) {
        result = http_tls_new(setup->tls, setup->tickets, &http->tls);
    }
    if (result == 0 &&
        (http->easy == NULL || http->share == NULL ||
         curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK ||
         curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK)) {
        result = -ENOMEM;
    }
    if (result == 0) {
        result = open_url(http, setup->url);
    }
    if (result == 0) {
        result = http_apply(http);
    }
    if (result < 0) {
        http_free(http);
        return result;
    }
    *ret_http = http;
    return 0;
}

void http_free(struct http *http) {
    if (http == NULL) {
        return;
    }
    if (http->easy != NULL) {
        loop_curl_remove(http->loop, http->easy);
        curl_easy_cleanup(http->easy);
    }
    loop_timer_cancel(http->loop, http->timer);
    (void) curl_share_cleanup(http->share); /* closes the connection */
    curl_slist_free_all(http->with_body);
    curl_slist_free_all(http->without_body);
    curl_slist_free_all(http->extra);
    curl_url_cleanup(http->url);
    http_tls_free(http->tls);
    cookies_clear(&http->cookies);
    http_reset_head(http);
    buffer_free(&http->line);
    free(http->interface);
    text_free_secret(http->username);
    text_free_secret(http->password);
    free(http);
}

int http_send(struct http *http, const struct http_request *request) {
    if (http->busy) {
        return -EBUSY;
    }
    curl_slist_free_all(http->extra);
    http->extra = NULL;
    if (add_lines(&http->extra, request->headers) < 0) {
        return -ENOMEM;
    }
    http->request = *request;
    http->request.headers = NULL; /* were lent */
    http->redirects = http->challenges = 0;
    http->renewed = false;
    int result = attempt(http);
    if (result == 0) {
        http->busy = true;
        if (http->answer_timeout_s > 0) {
            watch_time(http, (uint64_t) http->answer_timeout_s * 1000);
        }
    }
    return result;
}

const char *http_local_address(struct http *http) {
    if (http->busy) {
        note_addresses(http);
    }
    return http->local_address;
}

const char *http_peer_address(const struct http *http) {
    return http->peer_address;
}

void http_prefer(struct http *http, const char *address) {
    (void) text_copy(http->preferred, sizeof http->preferred, address);
}

uint64_t http_sent(const struct http *http) {
    return http->upload_at;
}

const char *http_host(const struct http *http) {
    return http->host;
}

enum http_obstacle http_obstacle(const struct http *http) {
    return http->obstacle;
}
