/* A server for tests that does exactly what a script says, octet for octet, on a thread of its own, on
 * loopback. One step answers one request, whatever connection it comes on; what came is kept. */
#ifndef TESTS_NET_SERVER_H
#define TESTS_NET_SERVER_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum server_then {
    THEN_KEEP = 0, /* the connection stays */
    THEN_CLOSE,    /* closed after the answer */
    THEN_RESET,    /* RST after the answer */
    THEN_STALL,    /* nothing more, until the end of the test */
    THEN_DRIP,     /* one octet of "x" each 20 ms until the client goes */
    THEN_FLOOD     /* 64 KiB of "X-Flood: ..." lines, then more, until the client goes */
};

/* `@A` and `@B` in `answer` become the ports of servers A and B. */
struct server_step {
    const char *answer; /* NULL: the script's end */
    enum server_then then;
    unsigned delay_ms; /* before the answer */
    bool unread;       /* does not read the request: waits till octets are there */
};

enum { SERVER_REQUESTS = 64, SERVER_TEXT = 4096 };
struct server_request {
    unsigned connection;    /* 1, 2, ... */
    char text[SERVER_TEXT]; /* head and body, cut */
    size_t body_length;
    char body[SERVER_TEXT];
};

struct server;
/* `tls` NULL: plain. Begins with an empty script, which closes every connection. */
struct server *server_start(gnutls_certificate_credentials_t tls);
/* From now on this script, which is copied; what was kept is forgotten and old connections are closed. */
void server_script(struct server *server, const struct server_step *steps);
void server_stop(struct server *server);
/* For connections to come: a handshake without the client's certificate fails; versions and ciphers. */
void server_wants_certificate(struct server *server, bool yes);
void server_priority(struct server *server, const char *priority);
uint16_t server_port(const struct server *server);
void server_ports(uint16_t a, uint16_t b);

unsigned server_request_count(struct server *server);
unsigned server_connection_count(struct server *server);
/* The n-th, from 0. */
const struct server_request *server_request(struct server *server, unsigned n);
/* The value of a header of it, in `out`; false when it is absent. */
bool server_header(struct server *server, unsigned n, const char *name, char *out, size_t size);

#endif
