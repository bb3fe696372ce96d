/* One HTTP conversation for acs_client and fetch: requests one after the other on one kept connection
 * (libcurl's), with cookies, authentication, redirects and TLS, and errors in plain words. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "net/acs_client.h"

#include <stdint.h>

struct http;

/* What goes by, for whom it matters when. */
enum http_traffic {
    HTTP_STIRS, /* libcurl has something to tell of its connection: it may stand now */
    HTTP_HEAD_IN,
    HTTP_HEAD_OUT, /* some of a request's head has left */
    HTTP_BODY_IN,
    HTTP_BODY_OUT
};
struct http_observer {
    void (*traffic)(void *user, enum http_traffic what, size_t octets);
    /* A socket is going to be connected, or is closed. Neither may call into this file. */
    void (*socket)(void *user, int fd, bool is_open);
    void *user;
};

struct http_setup {
    const char *url;
    const char *username, *password;
    bool allow_basic_plain;
    const struct net_tls *tls;
    struct http_tickets *tickets; /* outlives this; NULL: no TLS session is taken up again */
    unsigned connect_timeout_s;
    unsigned answer_timeout_s; /* from the last octet sent to the whole answer; 0: no such limit */
    unsigned stall_timeout_s;  /* less than 64 octets a second for that long; 0: no such limit */
    const char *bind_interface;
    int family;                           /* AF_INET or AF_INET6 only; 0: any */
    unsigned dscp, priority;              /* of the packets: DiffServ code point, SO_PRIORITY */
    const struct http_observer *observer; /* outlives this; NULL: nobody */
};

enum http_failure {
    HTTP_NO_FAILURE = 0,
    HTTP_NO_CONTACT,     /* no name, no connection, TLS */
    HTTP_AUTHENTICATION, /* credentials missing or refused */
    HTTP_REDIRECT,       /* too many, or to nowhere */
    HTTP_BROKEN,         /* the exchange broke off, stalled or was not HTTP */
    HTTP_HUNG_UP,        /* the peer closed after it was asked, without an octet of an answer */
    HTTP_ABORTED,        /* by a callback */
    HTTP_LOCAL           /* out of memory and the like */
};

/* Of the final answer; the texts are "" where the header is absent, and valid during the call. */
struct http_head {
    int status;
    int64_t length; /* of the body; -1 unknown */
    const char *etag, *last_modified, *content_range;
};

/* Why a contact was not made. */
enum http_obstacle { HTTP_NO_CONNECTION, HTTP_NO_NAME, HTTP_NO_ROUTE };

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT };

struct http_request {
    enum http_method method;
    const char *body; /* of a POST; must stay until done */
    size_t length;    /* of it */
    int file;         /* of a PUT: read from, and from its beginning again as often as is needed */
    uint64_t size;    /* of it; UINT64_MAX: unknown */
    /* Of a PUT, instead of the file: the octets from `at` on; 0 = the end. */
    size_t (*produce)(void *user, uint64_t at, char *buffer, size_t size);
    const char *const *headers; /* lines of a GET or PUT, or NULL; ends with NULL; copied */
    /* head and data: false aborts. data may come without octets never. None may call into this file. */
    bool (*head)(void *user, const struct http_head *head);
    bool (*data)(void *user, const char *data, size_t length);
    /* Once. status 0 when there is no complete answer; then `error` is a sentence. */
    void (*done)(void *user, int status, enum http_failure failure, const char *error);
    void *user;
};

/* 0, -EINVAL for a bad URL, -ENOMEM. Strings are copied. */
int http_new(struct loop *loop, const struct http_setup *setup, struct http **ret_http);
/* Closes the connection; a request under way is dropped without done. Accepts NULL. */
void http_free(struct http *http);
/* -EBUSY while one is under way. done is never called from inside of this. */
int http_send(struct http *http, const struct http_request *request);
/* Of the last connection, also of the one in use; "" before the first. */
const char *http_local_address(struct http *http);
/* Octets of the file of a PUT that libcurl has taken, in the present attempt. */
uint64_t http_sent(const struct http *http);
/* The address of the last connection, "" before the first. */
const char *http_peer_address(const struct http *http);
/* Of the addresses of the URL's host, this one first, while the name still has it; until a redirect. */
void http_prefer(struct http *http, const char *address);
/* Of the last failure, if it was HTTP_NO_CONTACT. */
enum http_obstacle http_obstacle(const struct http *http);
/* "host" or "host:port" of whom we talk to now. */
const char *http_host(const struct http *http);

/* ---- between http*.c --------------------------------------------------------------------------- */

/* Sets what TLS needs on an easy handle (CURL *). 0 or -ENOMEM. */
struct http_tls;
int http_tls_new(const struct net_tls *setup, struct http_tickets *tickets, struct http_tls **ret_tls);
void http_tls_free(struct http_tls *tls);
int http_tls_apply(struct http_tls *tls, void *easy);
/* A new connection begins; libcurl has something to tell of it (during the handshake too, and after a failure
 * while its session is still there); the head of an answer is here. */
void http_tls_connecting(struct http_tls *tls);
void http_tls_stirs(struct http_tls *tls, void *easy, const char *origin);
void http_tls_answered(struct http_tls *tls, void *easy, const char *origin);
/* What is wrong with the peer's certificate, in words; NULL: nothing known. Only with ignore_dates. */
const char *http_tls_problem(const struct http_tls *tls);
/* The last alert of the server (gnutls_alert_description_t); 0: none. */
int http_tls_alert(const struct http_tls *tls);
bool http_tls_has_certificate(const struct http_tls *tls);

/* http_ticket.c: TLS sessions of origins, kept in memory only. `session` is a gnutls_session_t. */
struct http_tickets;
struct http_tickets *http_tickets_new(void); /* NULL: out of memory */
void http_tickets_free(struct http_tickets *tickets);
/* Before the ClientHello. When the full handshake was that what is offered goes back to; 0: nothing is. */
uint64_t http_tickets_offer(struct http_tickets *tickets, const char *origin, void *session);
/* After the handshake, with what offer gave. False: nothing to keep yet. */
bool http_tickets_keep(struct http_tickets *tickets, const char *origin, void *session, uint64_t full_ms);

/* The bits of gnutls_certificate_status_t in words, the most telling one; never NULL. */
const char *http_certificate_problem(unsigned status);

/* What libcurl's failure means. `detail` is libcurl's own text. */
struct http_trouble {
    int code; /* CURLcode */
    const char *host, *detail;
    bool connected; /* the request had begun to leave */
    long verify;    /* CURLINFO_SSL_VERIFYRESULT */
    long os_errno;
    unsigned connect_timeout_s;
    const struct http_tls *tls;
};
enum http_failure http_explain(const struct http_trouble *trouble, char *text, size_t size);

#endif
