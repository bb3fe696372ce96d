/* TLS sessions that the next CWMP session takes up again, so that a box that calls each minute does not make
 * a full handshake each minute (RFC 8446 section 2.2, RFC 5077). libcurl would do it by itself, but up to
 * version 8.8 its GnuTLS switches tickets off; so GnuTLS is asked directly. The chain and the host's name are
 * verified again each time all the same: GnuTLS keeps the chain with the ticket. */
#include <config.h>

#include "net/http.h"

#include "base/text.h"
#include "net/loop_internal.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 2,            /* the ACS, and where it redirects to */
    FULL_AFTER_S = 60 * 60 /* then the server must prove itself anew, with a fresh staple if it has one */
};

struct place {
    char *origin; /* NULL: free */
    gnutls_datum_t data;
    uint64_t full_ms; /* of the full handshake that this goes back to */
};

struct http_tickets {
    struct place places[PLACES];
    size_t next;
};

struct http_tickets *http_tickets_new(void) {
    return calloc(1, sizeof(struct http_tickets));
}

static void forget(struct place *place) {
    if (place->data.data != NULL) {
        gnutls_memset(place->data.data, 0, place->data.size);
        gnutls_free(place->data.data);
    }
    free(place->origin);
    *place = (struct place){0};
}

void http_tickets_free(struct http_tickets *tickets) {
    for (size_t i = 0; tickets != NULL && i < PLACES; i++) {
        forget(&tickets->places[i]);
    }
    free(tickets);
}

static struct place *find(struct http_tickets *tickets, const char *origin) {
    for (size_t i = 0; i < PLACES; i++) {
        if (tickets->places[i].origin != NULL && strcmp(tickets->places[i].origin, origin) == 0) {
            return &tickets->places[i];
        }
    }
    return NULL;
}

uint64_t http_tickets_offer(struct http_tickets *tickets, const char *origin, void *session) {
    struct place *place = find(tickets, origin);
    uint64_t full_ms = 0;
    (void) gnutls_session_ticket_enable_client(session);
    if (place == NULL) {
        return 0;
    }
    if (loop_now_ms() - place->full_ms < FULL_AFTER_S * 1000ULL &&
        gnutls_session_set_data(session, place->data.data, place->data.size) == 0) {
        full_ms = place->full_ms;
    }
    forget(place); /* a ticket is for one use, else an eavesdropper could tell whose it is (RFC 8446 C.4) */
    return full_ms;
}

bool http_tickets_keep(struct http_tickets *tickets, const char *origin, void *session, uint64_t full_ms) {
    bool modern = gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3;
    gnutls_datum_t data = {0};
    /* without a ticket of TLS 1.3 there is nothing to keep, and GnuTLS would wait for one */
    if (modern && (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET) == 0) {
        return false;
    }
    if (gnutls_session_get_data2(session, &data) != 0) {
        return true; /* nor will it give it later */
    }
    struct place *place = find(tickets, origin);
    if (place == NULL) {
        place = &tickets->places[tickets->next];
        tickets->next = (tickets->next + 1) % PLACES;
    }
    struct place made = {.origin = text_dup(origin), .data = data, .full_ms = full_ms};
    if (gnutls_session_is_resumed(session) == 0 || full_ms == 0) {
        made.full_ms = loop_now_ms();
    }
    forget(place);
    *place = made;
    if (made.origin == NULL) {
        forget(place);
    }
    return true;
}
