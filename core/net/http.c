/* One HTTP conversation. libcurl moves the octets of one request; what a session is made of stands here:
 * cookies, challenges, redirects that repeat the request, limits. Digest section 4. */
#include <config.h>

#include "net/http.h"

#include "base/buffer.h"
#include "base/log.h"
#include "base/text.h"
#include "net/auth.h"
#include "net/cookies.h"
#include "net/loop_internal.h"

#include <ctype.h>
#include <curl/curl.h>
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

enum {
    REDIRECTS_MAX = 5,
    CHALLENGES_MAX = 4, /* answered for one request: a safety net below the rule in take_challenge() */
    HEAD_MAX = 64 << 10,
    HEADER_LINE_MAX = 16 << 10,
    ERROR_SIZE = 384,
    STALL_OCTETS = 64,
    KEEP_IDLE_S = 3600, /* a session may think between two requests */
    DNS_KEEP_S = 600    /* a reconnect within a session meets the same host */
};

/* What the head of the answer at hand means. */
enum verdict {
    VERDICT_NONE,     /* not read yet */
    VERDICT_FINAL,    /* it is the caller's */
    VERDICT_REDIRECT, /* the same request goes to `location` */
    VERDICT_ANSWER,   /* the same request goes again, with credentials */
    VERDICT_FAILED    /* `error` says why */
};

struct head {
    int status;
    size_t octets;
    enum verdict verdict;
    char *location;
    struct auth_challenge challenge; /* the strongest usable one */
    bool challenged;                 /* there was one, usable or not */
    int64_t length;
    char etag[128], last_modified[64], content_range[64];
};

struct http {
    struct loop *loop;
    CURL *easy;
    CURLSH *share; /* holds the connection cache, so that closing it closes the connection */
    CURLU *url;
    struct curl_slist *headers;
    struct curl_slist *extra; /* the caller's lines, for every attempt */
    struct http_tls *tls;
    struct cookies cookies;
    struct auth auth;
    char *username, *password, *interface;
    bool allow_basic_plain;
    unsigned connect_timeout_s, answer_timeout_s, stall_timeout_s;

    /* whom we talk to */
    bool over_tls;
    char host[300], origin[320];
    char *target; /* path and query, as sent */

    /* the request */
    bool busy;
    struct http_request request;
    unsigned redirects, challenges;
    bool answered; /* a challenge was answered, for this request and this target */
    struct tr069_timer *timer;

    /* the attempt */
    struct head head;
    struct buffer line;     /* a header, until it is known that the next line does not continue it */
    bool sent;              /* something of the request has left */
    bool with_credentials;  /* Authorization is in it */
    bool repeat_ok, denied; /* see close_socket() */
    uint64_t last_sent_ms;
    enum http_failure failure;
    char error[ERROR_SIZE];
    char detail[CURL_ERROR_SIZE];
    char local_address[64];
};

static void fail(struct http *http, enum http_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct http *http, enum http_failure failure, const char *format, ...) {
    va_list arguments;
    if (http->failure != HTTP_NO_FAILURE) {
        return; /* the first one tells the cause */
    }
    http->failure = failure;
    int length = snprintf(http->error, sizeof http->error, "%s: ", http->host);
    va_start(arguments, format);
    if (length >= 0 && (size_t) length < sizeof http->error) {
        (void) vsnprintf(http->error + length, sizeof http->error - (size_t) length, format, arguments);
    }
    va_end(arguments);
}

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
        fail(http, HTTP_REDIRECT, "redirects to an address that cannot be used");
    } else {
        strip(next);
        if (use_url(http, next) < 0) {
            fail(http, HTTP_REDIRECT, "redirects to an address that cannot be used");
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

/* ---- the head of the answer -------------------------------------------------------------------- */

static void reset_head(struct http *http) {
    free(http->head.location);
    http->head = (struct head){.length = -1};
    buffer_reset(&http->line);
}

static void on_location(struct http *http, const char *value) {
    free(http->head.location);
    http->head.location = text_dup(value);
}

static void on_challenge(struct http *http, const char *value) {
    http->head.challenged = true;
    auth_read(value, http->over_tls || http->allow_basic_plain, &http->head.challenge);
}

static void on_cookie(struct http *http, const char *value) {
    (void) cookies_take(&http->cookies, value, false, http->target, http->over_tls);
}

static void on_cookie2(struct http *http, const char *value) {
    (void) cookies_take(&http->cookies, value, true, http->target, http->over_tls);
}

static void on_length(struct http *http, const char *value) {
    if (text_parse_int(value, 0, INT64_MAX, &http->head.length) < 0) {
        http->head.length = -1;
    }
}

static void on_etag(struct http *http, const char *value) {
    if (!text_copy(http->head.etag, sizeof http->head.etag, value)) {
        http->head.etag[0] = '\0';
    }
}

static void on_last_modified(struct http *http, const char *value) {
    (void) text_copy(http->head.last_modified, sizeof http->head.last_modified, value);
}

static void on_content_range(struct http *http, const char *value) {
    (void) text_copy(http->head.content_range, sizeof http->head.content_range, value);
}

static const struct {
    const char *name;
    void (*take)(struct http *http, const char *value);
} headers[] = {
    {"Location", on_location},           {"WWW-Authenticate", on_challenge},  {"Set-Cookie", on_cookie},
    {"Set-Cookie2", on_cookie2},         {"Content-Length", on_length},       {"ETag", on_etag},
    {"Last-Modified", on_last_modified}, {"Content-Range", on_content_range},
};

static void take_header(struct http *http) {
    const char *line = buffer_string(&http->line);
    size_t name = strcspn(line, ":");
    if (line[name] != ':' || buffer_error(&http->line) != 0) {
        buffer_reset(&http->line);
        return;
    }
    const char *value = line + name + 1;
    value += strspn(value, " \t");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (strlen(headers[i].name) == name && strncasecmp(line, headers[i].name, name) == 0) {
            headers[i].take(http, value);
        }
    }
    buffer_reset(&http->line);
}

static bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static enum verdict judge_redirect(struct http *http) {
    if (http->head.location == NULL || http->head.location[0] == '\0') {
        fail(http, HTTP_REDIRECT, "HTTP %d without saying where to go", http->head.status);
    } else if (http->redirects >= REDIRECTS_MAX) {
        fail(http, HTTP_REDIRECT, "more than %d redirects in a row", REDIRECTS_MAX);
    } else {
        return VERDICT_REDIRECT;
    }
    return VERDICT_FAILED;
}

/* A challenge is answered once per request and target; a second refusal counts, unless the server says
 * that only the nonce was old. A refusal of what an earlier challenge gave (a new connection, an old
 * nonce) is not one of the credentials. */
static enum verdict judge_challenge(struct http *http) {
    const struct auth_challenge *challenge = &http->head.challenge;
    if (http->username[0] == '\0') {
        fail(http, HTTP_AUTHENTICATION, "asks for credentials (HTTP 401), but no username is configured");
    } else if (http->answered && http->with_credentials &&
               (!challenge->stale || http->challenges >= CHALLENGES_MAX)) {
        fail(http, HTTP_AUTHENTICATION, "refuses our username or password (HTTP 401)");
    } else if (challenge->scheme == AUTH_NONE && http->with_credentials && !http->head.challenged) {
        fail(http, HTTP_AUTHENTICATION, "refuses our username or password (HTTP 401)");
    } else if (challenge->scheme == AUTH_NONE) {
        fail(http, HTTP_AUTHENTICATION,
             http->over_tls ? "asks for a kind of authentication that is not supported (HTTP 401)"
                            : "asks for no kind of authentication that is allowed without TLS (HTTP 401)");
    } else {
        return VERDICT_ANSWER;
    }
    return VERDICT_FAILED;
}

static bool judge(struct http *http) {
    struct head *head = &http->head;
    if (is_redirect(head->status)) {
        head->verdict = judge_redirect(http);
    } else if (head->status == 401) {
        head->verdict = judge_challenge(http);
    } else {
        head->verdict = VERDICT_FINAL;
        const struct http_head final = {.status = head->status,
                                        .length = head->length,
                                        .etag = head->etag,
                                        .last_modified = head->last_modified,
                                        .content_range = head->content_range};
        if (http->request.head != NULL && !http->request.head(http->request.user, &final)) {
            fail(http, HTTP_ABORTED, "aborted");
            head->verdict = VERDICT_FAILED;
        }
    }
    return head->verdict != VERDICT_FAILED;
}

static bool is_status_line(const char *data, size_t length) {
    return length > 5 && strncmp(data, "HTTP/", 5) == 0;
}

static void take_status(struct http *http, const char *data, size_t length) {
    size_t octets = http->head.octets;
    size_t at = 0;
    reset_head(http);
    http->head.octets = octets; /* the limit is for all heads of one attempt */
    while (at < length && data[at] != ' ') {
        at++;
    }
    for (at++; at < length && isdigit((unsigned char) data[at]) && http->head.status < 1000; at++) {
        http->head.status = http->head.status * 10 + (data[at] - '0');
    }
}

/* One line of a head, or of a trailer. */
static size_t on_header(char *data, size_t one, size_t length, void *user) {
    struct http *http = user;
    size_t whole = length;
    (void) one;
    http->head.octets += length;
    if (http->head.octets > HEAD_MAX) {
        fail(http, HTTP_BROKEN, "the head of the answer is larger than %d octets", HEAD_MAX);
        return 0;
    }
    if (is_status_line(data, length)) {
        take_status(http, data, length);
        return whole;
    }
    if (http->head.verdict != VERDICT_NONE) { /* a trailer */
        return whole;
    }
    while (length > 0 && (data[length - 1] == '\r' || data[length - 1] == '\n')) {
        length--;
    }
    if (length > 0 && (data[0] == ' ' || data[0] == '\t')) {
        (void) buffer_append(&http->line, data, length);
        return whole;
    }
    take_header(http);
    if (length > 0) {
        (void) buffer_append(&http->line, data, length);
        return whole;
    }
    return http->head.status < 200 || judge(http) ? whole : 0; /* 1xx: another head follows */
}

static size_t on_data(char *data, size_t one, size_t length, void *user) {
    struct http *http = user;
    (void) one;
    if (http->head.verdict != VERDICT_FINAL) {
        return length; /* nobody wants to read it, but the connection goes on after it */
    }
    if (length > 0 && !http->request.data(http->request.user, data, length)) {
        fail(http, HTTP_ABORTED, "aborted");
        return 0;
    }
    return length;
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
    reset_head(http);
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
            fail(http, HTTP_LOCAL, "no random numbers");
            return false;
        }
    }
    if (attempt(http) < 0) {
        fail(http, HTTP_LOCAL, "out of memory");
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
        fail(http, HTTP_BROKEN, "no complete answer within %u s", http->answer_timeout_s);
        finish(http, 0);
    }
}

/* ---- the interface ----------------------------------------------------------------------------- */

static bool set_callbacks(struct http *http) {
    CURL *easy = http->easy;
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data) == CURLE_OK &&
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
    reset_head(http);
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
