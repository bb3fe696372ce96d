/* The head of an answer: what it says of cookies, challenges and redirects, and what follows from that. */
#include <config.h>

#include "net/http_internal.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void http_fail(struct http *http, enum http_failure failure, const char *format, ...) {
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

void http_reset_head(struct http *http) {
    free(http->head.location);
    http->head = (struct head){.length = -1};
    buffer_reset(&http->line);
}

static void on_location(struct http *http, const char *value) {
    free(http->head.location);
    http->head.location = text_dup(value);
}

static void take_cookies(struct http *http, const char *value, bool several) {
    if (cookies_take(&http->cookies, value, several, http->over_tls) == 0) {
        http->head.cookies = true;
    }
}

static void on_cookie(struct http *http, const char *value) {
    take_cookies(http, value, false);
}

static void on_cookie2(struct http *http, const char *value) {
    take_cookies(http, value, true);
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
    {"Location", on_location},           {"Set-Cookie", on_cookie}, {"Set-Cookie2", on_cookie2},
    {"Content-Length", on_length},       {"ETag", on_etag},         {"Last-Modified", on_last_modified},
    {"Content-Range", on_content_range},
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static void take_header(struct http *http) {
    while (http->line.length > 0 && is_blank(http->line.data[http->line.length - 1])) {
        buffer_cut(&http->line, http->line.length - 1);
    }
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
        http_fail(http, HTTP_REDIRECT, "HTTP %d without saying where to go", http->head.status);
    } else if (http->redirects >= REDIRECTS_MAX) {
        http_fail(http, HTTP_REDIRECT, "more than %d redirects in a row", REDIRECTS_MAX);
    } else {
        return VERDICT_REDIRECT;
    }
    return VERDICT_FAILED;
}

/* libcurl answers it once, and again when it says that only the nonce was old. */
static enum verdict judge_challenge(struct http *http) {
    if (++http->challenges > CHALLENGES_MAX) {
        http_fail(http, HTTP_AUTHENTICATION, "refuses our username or password (HTTP 401)");
        return VERDICT_FAILED;
    }
    return VERDICT_CHALLENGE;
}

static bool judge(struct http *http) {
    struct head *head = &http->head;
    if (http->over_tls) {
        http_tls_answered(http->tls, http->easy, http->origin);
    }
    if (head->cookies && http_apply_cookies(http) < 0) {
        http_fail(http, HTTP_LOCAL, "out of memory");
        head->verdict = VERDICT_FAILED;
    } else if (is_redirect(head->status)) {
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
            http_fail(http, HTTP_ABORTED, "aborted");
            head->verdict = VERDICT_FAILED;
        }
    }
    return head->verdict != VERDICT_FAILED;
}

static bool is_status_line(const char *data, size_t length) {
    return length > 5 && strncasecmp(data, "HTTP/", 5) == 0; /* libcurl takes it in lower case */
}

static void take_status(struct http *http, const char *data, size_t length) {
    size_t octets = http->head.octets;
    size_t at = 0;
    http_reset_head(http);
    http->head.octets = octets; /* the limit is for all heads of one attempt */
    while (at < length && data[at] != ' ') {
        at++;
    }
    for (at++; at < length && isdigit((unsigned char) data[at]) && http->head.status < 1000; at++) {
        http->head.status = http->head.status * 10 + (data[at] - '0');
    }
}

/* One line of a head, or of a trailer. */
size_t http_on_header(char *data, size_t one, size_t length, void *user) {
    struct http *http = user;
    size_t whole = length;
    (void) one;
    http->head.octets += length;
    if (http->head.octets > HEAD_MAX) {
        http_fail(http, HTTP_BROKEN, "the head of the answer is larger than %d octets", HEAD_MAX);
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
    if (length > 0 && is_blank(data[0])) {
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

size_t http_on_data(char *data, size_t one, size_t length, void *user) {
    struct http *http = user;
    (void) one;
    if (http->head.verdict != VERDICT_FINAL) {
        return length; /* nobody wants to read it, but the connection goes on after it */
    }
    if (length > 0 && !http->request.data(http->request.user, data, length)) {
        http_fail(http, HTTP_ABORTED, "aborted");
        return 0;
    }
    return length;
}
