/* What the files of http.c share. */
#ifndef NET_HTTP_INTERNAL_H
#define NET_HTTP_INTERNAL_H

#include "base/buffer.h"
#include "net/cookies.h"
#include "net/http.h"

#include <curl/curl.h>

enum {
    REDIRECTS_MAX = 5,
    CHALLENGES_MAX = 4, /* answered for one request, where each says that only the nonce was old */
    HEAD_MAX = 64 << 10,
    HEADER_LINE_MAX = 16 << 10,
    ERROR_SIZE = 384,
    STALL_OCTETS = 64,
    KEEP_IDLE_S = 3600, /* a session may think between two requests */
    DNS_KEEP_S = 600    /* a reconnect within a session meets the same host */
};

/* What the head of the answer at hand means. */
enum verdict {
    VERDICT_NONE,      /* not read yet */
    VERDICT_FINAL,     /* it is the caller's */
    VERDICT_REDIRECT,  /* the same request goes to `location` */
    VERDICT_CHALLENGE, /* libcurl sends the same request again, with credentials; or gives up */
    VERDICT_FAILED     /* `error` says why */
};

struct head {
    int status;
    size_t octets;
    enum verdict verdict;
    char *location;
    bool cookies; /* some came */
    int64_t length;
    char etag[128], last_modified[64], content_range[64];
};

struct http {
    struct loop *loop;
    CURL *easy;
    CURLSH *share; /* holds the connection cache, so that closing it closes the connection */
    CURLU *url;
    struct curl_slist *with_body, *without_body; /* header lines of a POST */
    struct curl_slist *extra;                    /* the caller's lines of a GET */
    struct http_tls *tls;
    struct cookies cookies;
    char *username, *password, *interface;
    bool allow_basic_plain;
    unsigned connect_timeout_s, answer_timeout_s, stall_timeout_s;
    int family;
    unsigned dscp, priority;
    const struct http_observer *observer;

    /* whom we talk to */
    bool over_tls;
    char host[300], origin[320];
    bool authorized; /* libcurl has answered a challenge of this origin, and goes on doing it */

    /* the request */
    bool busy;
    struct http_request request;
    unsigned redirects, challenges;
    uint64_t upload_at; /* of a PUT: octets of the file that were given to libcurl */
    bool renewed; /* this request began anew, since it was refused what an earlier challenge had given */
    struct tr069_timer *timer;

    /* the attempt */
    struct head head;
    struct buffer line;     /* a header, until it is known that the next line does not continue it */
    bool sent;              /* something of the request has left */
    bool repeat_ok, denied; /* see close_socket() */
    uint64_t last_sent_ms;
    enum http_failure failure;
    enum http_obstacle obstacle;
    char error[ERROR_SIZE];
    char detail[CURL_ERROR_SIZE];
    char local_address[64], peer_address[64];

    char preferred[64]; /* an address, or "" */
    bool passed_over;   /* others were, in this attempt */
};

/* The first failure is kept; the text gets the host in front. */
void http_fail(struct http *http, enum http_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* http_setup.c: every option of the handle but those of a request, and what goes with an origin: after
 * curl_easy_reset() nothing that an earlier challenge gave is left. 0 or -ENOMEM. */
int http_apply(struct http *http);
/* http.c */
int http_on_debug(CURL *easy, curl_infotype type, char *data, size_t length, void *user);
int http_close_socket(void *user, curl_socket_t fd);
curl_socket_t http_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address);
int http_apply_cookies(struct http *http);

/* http_head.c */
void http_reset_head(struct http *http);
/* For CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION. */
size_t http_on_header(char *data, size_t one, size_t length, void *user);
size_t http_on_data(char *data, size_t one, size_t length, void *user);

#endif
