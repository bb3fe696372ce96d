/* One HTTP conversation. libcurl moves the octets of one request; what a session is made of stands here:
 * cookies, challenges, redirects that repeat the request, limits. Digest section 4. */
#include <config.h>

#include "net/http_internal.h"

#include "base/log.h"
#include "base/text.h"
#include "net/loop_internal.h"

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

/* Takes what `url` says of host, origin and request-URI. */
static int use_url(struct http *http, CURLU *url) {
    char scheme[16], host[256], port[8];
    char *path = NULL, *query = NULL;
    struct buffer target;
    int result = -EINVAL;
    if (!part(url, CURLUPART_SCHEME, 0, scheme, sizeof scheme) || !known_scheme(scheme) ||
        !part(url, CURLUPART_HOST, 0, host, sizeof host) || host[0] == '\0' ||
        !part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) ||
        curl_url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
        curl_free(path);
        return -EINVAL;
    }
    buffer_init(&target, 16 << 10);
    (void) buffer_text(&target, path);
    if (curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK) {
        (void) buffer_format(&target, "?%s", query);
    }
    char *text = buffer_error(&target) == 0 ? buffer_take(&target) : NULL;
    if (text != NULL) {
        char explicit_port[8];
        bool has_port = part(url, CURLUPART_PORT, 0, explicit_port, sizeof explicit_port);
        (void) snprintf(http->host, sizeof http->host, "%s%s%s", host, has_port ? ":" : "",
                        has_port ? explicit_port : "");
        (void) snprintf(http->origin, sizeof http->origin, "%s://%s:%s", scheme, host, port);
        http->over_tls = scheme[4] == 's';
        free(http->target);
        http->target = text;
        result = 0;
    }
    buffer_free(&target);
    curl_free(path);
    curl_free(query);
    return result;
}

/* Userinfo in a Location is never used; the fragment is not sent. */
static void strip(CURLU *url) {
    (void) curl_url_set(url, CURLUPART_USER, NULL, 0);
    (void) curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    (void) curl_url_set(url, CURLUPART_OPTIONS, NULL, 0);
    (void) curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
}

static bool follow(struct http *http) {
    CURLU *next = curl_url_dup(http->url);
    if (next == NULL ||
        curl_url_set(next, CURLUPART_URL, http->head.location, CURLU_URLENCODE) != CURLUE_OK) {
        http_fail(http, HTTP_REDIRECT, "redirects to an address that cannot be used");
    } else {
        strip(next);
        if (use_url(http, next) < 0) {
            http_fail(http, HTTP_REDIRECT, "redirects to an address that cannot be used");
        } else {
            CURLU *old = http->url;
            http->url = next;
            next = old;
            http->answered = false;
        }
    }
    curl_url_cleanup(next);
    return http->failure == HTTP_NO_FAILURE;
}

/* ---- sockets ----------------------------------------------------------------------------------- */

static int on_debug(CURL *easy, curl_infotype type, char *data, size_t length, void *user) {
    struct http *http = user;
    (void) easy;
    (void) data;
    if (length > 0 && (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT)) {
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
    if (size >= offsetof(struct tcp_info, tcpi_bytes_sent) + sizeof info.tcpi_bytes_sent) {
        return info.tcpi_bytes_sent >= info.tcpi_bytes_acked + LEAST;
    }
    return info.tcpi_unacked > 0; /* Linux before 4.19 */
}

static int close_socket(void *user, curl_socket_t fd) {
    struct http *http = user;
    if (http->sent && http->head.octets == 0) {
        http->repeat_ok = never_arrived(fd);
    }
    return close(fd);
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    struct http *http = user;
    (void) purpose;
    if (http->sent && !http->repeat_ok) {
        http->denied = true;
        return CURL_SOCKET_BAD;
    }
    http->repeat_ok = false; /* once */
    http->sent = false;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- an attempt -------------------------------------------------------------------------------- */

static int add_header(struct http *http, const char *line) {
    struct curl_slist *more = curl_slist_append(http->headers, line);
    if (more == NULL) {
        return -ENOMEM;
    }
    http->headers = more;
    return 0;
}

static int add_credentials(struct http *http, struct buffer *text) {
    const struct auth_request request = {.origin = http->origin,
                                         .method = http->request.post ? "POST" : "GET",
                                         .uri = http->target,
                                         .username = http->username,
                                         .password = http->password,
                                         .body = http->request.body,
                                         .length = http->request.length};
    return auth_header(&http->auth, &request, text, &http->with_credentials);
}

static int build_headers(struct http *http) {
    static const char *const with_body[] = {"Content-Type: text/xml; charset=\"utf-8\"", "SOAPAction;", NULL};
    static const char *const without_body[] = {"Content-Type:", NULL};
    const struct http_request *request = &http->request;
    struct buffer text;
    int result = 0;
    curl_slist_free_all(http->headers);
    http->headers = NULL;
    if (request->post) {
        const char *const *lines = request->length > 0 ? with_body : without_body;
        result = add_header(http, "Expect:");
        for (; *lines != NULL && result == 0; lines++) {
            result = add_header(http, *lines);
        }
    }
    for (const struct curl_slist *line = http->extra; line != NULL && result == 0; line = line->next) {
        result = add_header(http, line->data);
    }
    buffer_init(&text, 32 << 10);
    if (result == 0 && cookies_header(&http->cookies, http->target, http->over_tls, &text) == 0 &&
        text.length > 0) {
        result = add_header(http, text.data);
    }
    buffer_reset(&text);
    if (result == 0) {
        result = add_credentials(http, &text);
    }
    if (result == 0 && http->with_credentials) {
        result = add_header(http, buffer_string(&text));
    }
    if (text.data != NULL) {
        memset(text.data, 0, text.length);
    }
    buffer_free(&text);
    return result;
}

static bool set_request(struct http *http) {
    CURL *easy = http->easy;
    const struct http_request *request = &http->request;
    char *url = NULL;
    bool good = curl_url_get(http->url, CURLUPART_URL, &url, 0) == CURLUE_OK &&
                curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, http->target) == CURLE_OK;
    curl_free(url);
    if (good && request->post) {
        good = curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->length > 0 ? request->body : "") ==
                   CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->length) == CURLE_OK;
    } else if (good) {
        good = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    }
    return good && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK;
}

static void attempt_done(void *user, int code);

static int attempt(struct http *http) {
    http_reset_head(http);
    http->sent = http->repeat_ok = http->denied = http->with_credentials = false;
    http->failure = HTTP_NO_FAILURE;
    http->detail[0] = '\0';
    int result = build_headers(http);
    if (result == 0 && !set_request(http)) {
        result = -ENOMEM;
    }
    return result < 0 ? result : loop_curl_add(http->loop, http->easy, attempt_done, http);
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
    (void) text_copy(http->error, sizeof http->error, text);
}

/* Prepares the next attempt; false when there is none. */
static bool go_on(struct http *http) {
    if (http->head.verdict == VERDICT_REDIRECT) {
        http->redirects++;
        if (!follow(http)) {
            return false;
        }
        log_debug("redirected to %s", http->host);
    } else {
        http->challenges++;
        http->answered = true;
        if (auth_accept(&http->auth, &http->head.challenge, http->origin) < 0) {
            http_fail(http, HTTP_LOCAL, "no random numbers");
            return false;
        }
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
    bool again = http->head.verdict == VERDICT_REDIRECT || http->head.verdict == VERDICT_ANSWER;
    /* What is wanted of such an answer is its head, and that came whole. */
    if (code != CURLE_OK && !again) {
        explain(http, code);
    }
    if (again && go_on(http)) {
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

static bool set_callbacks(struct http *http) {
    CURL *easy = http->easy;
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_data) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DEBUGDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L) == CURLE_OK && /* for on_debug */
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->detail) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SHARE, http->share) == CURLE_OK;
}

static bool set_protocols(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long) (CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
}

static bool set_limits(struct http *http) {
    CURL *easy = http->easy;
    bool good = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long) http->connect_timeout_s) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long) KEEP_IDLE_S) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, (long) DNS_KEEP_S) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK;
    if (good && http->stall_timeout_s > 0) {
        good = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long) STALL_OCTETS) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) http->stall_timeout_s) == CURLE_OK;
    }
    return good;
}

static bool set_general(struct http *http) {
    CURL *easy = http->easy;
    bool good = set_callbacks(http) && set_protocols(easy) && set_limits(http) &&
                curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK && /* whatever the environment says */
                curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION) == CURLE_OK;
    if (good && http->interface != NULL) {
        char text[128];
        (void) snprintf(text, sizeof text, "if!%s", http->interface);
        good = curl_easy_setopt(easy, CURLOPT_INTERFACE, text) == CURLE_OK;
    }
    return good && http_tls_apply(http->tls, easy) == 0;
}

static int copy_setup(struct http *http, const struct http_setup *setup) {
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
    http->easy = curl_easy_init();
    http->share = curl_share_init();
    int result = copy_setup(http, setup);
    if (result == 0) {
        result = open_url(http, setup->url);
    }
    if (result == 0) {
        result = http_tls_new(setup->tls, &http->tls);
    }
    if (result == 0 &&
        (http->easy == NULL || http->share == NULL ||
         curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK ||
         curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK ||
         !set_general(http))) {
        result = -ENOMEM;
    }
    if (result < 0) {
        http_free(http);
        return result;
    }
    *ret_http = http;
    return 0;
}

static void free_secret(char *text) {
    if (text != NULL) {
        memset(text, 0, strlen(text));
        free(text);
    }
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
    curl_slist_free_all(http->headers);
    curl_slist_free_all(http->extra);
    curl_url_cleanup(http->url);
    http_tls_free(http->tls);
    cookies_clear(&http->cookies);
    auth_forget(&http->auth);
    http_reset_head(http);
    buffer_free(&http->line);
    free(http->target);
    free(http->interface);
    free_secret(http->username);
    free_secret(http->password);
    free(http);
}

static int keep_headers(struct http *http, const char *const *lines) {
    curl_slist_free_all(http->extra);
    http->extra = NULL;
    for (; lines != NULL && *lines != NULL; lines++) {
        struct curl_slist *more = curl_slist_append(http->extra, *lines);
        if (more == NULL) {
            return -ENOMEM;
        }
        http->extra = more;
    }
    return 0;
}

int http_send(struct http *http, const struct http_request *request) {
    if (http->busy) {
        return -EBUSY;
    }
    if (keep_headers(http, request->headers) < 0) {
        return -ENOMEM;
    }
    http->request = *request;
    http->request.headers = NULL; /* were lent */
    http->redirects = http->challenges = 0;
    http->answered = false;
    int result = attempt(http);
    if (result == 0) {
        http->busy = true;
        if (http->answer_timeout_s > 0) {
            watch_time(http, (uint64_t) http->answer_timeout_s * 1000);
        }
    }
    return result;
}

const char *http_local_address(const struct http *http) {
    return http->local_address;
}

const char *http_host(const struct http *http) {
    return http->host;
}
