/* The HTTP server: libmicrohttpd, driven by the loop of the test ACS; every way of answering badly. */
#ifndef ACS_HTTP_H
#define ACS_HTTP_H

#include "acs.h"
#include "base/buffer.h"

#include <microhttpd.h>

/* One TCP connection of a client. */
struct connection {
    struct connection *next;
    struct acs *acs;
    struct MHD_Connection *mhd;
    unsigned number;
    unsigned requests;
    char address[64];
    char nonce[TOKEN_SIZE]; /* of the last challenge given on it */
    bool challenged;
    bool authenticated;
    bool told_to_close; /* our last answer said Connection: close */
    bool ended_session; /* a session ended on it */
    bool suspended;
    uint64_t completed_round;
};

enum request_stage { REQUEST_READING, REQUEST_WAITING, REQUEST_READY, REQUEST_ANSWERED };

struct header {
    char *name;
    char *value;
};

/* How a request is answered. */
struct request;
struct reply {
    const struct request *of;
    unsigned status; /* 0: not decided */
    struct buffer body;
    char *content_type;
    struct header headers[24];
    size_t header_count;
    unsigned delay_ms;
    size_t drip_size; /* octets at a time, 0: all at once */
    unsigned drip_ms;
    bool close;
    enum encoding encoding;
    bool cut;         /* no answer at all */
    bool cut_inside;  /* only `cut_after` octets of the body */
    size_t cut_after; /* SIZE_MAX: half */
    char *raw;        /* written to the socket instead of an HTTP answer */
    char *head;       /* lines of the head, `|` between them; the rest is made as ever */
    bool interim;     /* 100 Continue comes first */
    bool wait;        /* nothing to say yet: the session asks again later */
    size_t pad;       /* for the envelope */
    bool dtd;
    bool doubtful; /* the CPE may refuse it and break off */
    bool ends;     /* after this answer the session has ended well */
    bool breaks;   /* after this answer the session has failed, by our doing */
};

struct request {
    struct connection *connection;
    struct MHD_Connection *mhd;
    char *method;
    char *url;
    char *version;
    struct buffer body;
    enum request_stage stage;
    struct reply reply;
    struct timer *timer;
    bool pipelined;
};

/* Listens as the options say. 0, or -EINVAL after a line on stderr. */
int server_start(struct acs *acs);
void server_stop(struct acs *acs);
/* One round; how long the next wait may last (milliseconds, -1: for ever). */
int server_round(struct acs *acs);
/* "http://127.0.0.1:7547" */
const char *server_base(const struct acs *acs);
unsigned server_port(const struct acs *acs);

const char *request_header(const struct request *request, const char *name);
/* Closes the socket under a connection as soon as it can be done. */
void request_answer(struct request *request);

void reply_init(struct reply *reply);
void reply_free(struct reply *reply);
void reply_header(struct reply *reply, const char *name, const char *value);

enum http_effect {
    HTTP_MODIFIES, /* the answer is made as ever, but sent differently */
    HTTP_ANSWERS,  /* this is the answer, and the session goes on */
    HTTP_REPEATS,  /* this is the answer, and the CPE must send the same message again */
    HTTP_BREAKS    /* this is the answer, and the session has failed */
};
/* The words after `http`: "status 500", "delay 3", ... (http.c's table, --help scenario). An enum
 * http_effect or -EINVAL with a sentence. */
int reply_modify(struct reply *reply, const char *const *word, size_t count, char *error, size_t error_size);
/* Applies a kept behaviour; an enum http_effect. */
int behaviour_apply(struct behaviour *behaviour, struct reply *reply);
int behaviour_set(struct behaviour *behaviour, const char *const *word, size_t count, char *error,
                  size_t error_size);

#endif
