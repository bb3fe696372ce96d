/* Certificates, staples, tickets and versions of the connections of the test ACS. */
#include <config.h>

#include "acs.h"
#include "tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One `tls` line. Older ones stay, since connections use them. */
struct tls {
    struct tls *next;
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
    gnutls_datum_t ticket_key; /* empty: no tickets */
    gnutls_datum_t staple;     /* as it is: GnuTLS itself would load no bad one */
    bool wants_certificate;
};

struct wish {
    const char *certificate, *key, *staple, *clients, *priority, *tickets;
};

static bool read_wish(struct wish *wish, const char *const *word, size_t count) {
    const struct {
        const char *name;
        const char **place;
    } rows[] = {{"certificate", &wish->certificate}, {"key", &wish->key},
                {"staple", &wish->staple},           {"clients", &wish->clients},
                {"priority", &wish->priority},       {"tickets", &wish->tickets}};
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        good = false;
        for (size_t n = 0; n < sizeof rows / sizeof rows[0] && !good; n++) {
            const char *value = word_value(word[i], rows[n].name);
            if (value != NULL) {
                *rows[n].place = value;
                good = true;
            }
        }
    }
    return good && (strcmp(wish->tickets, "on") == 0 || strcmp(wish->tickets, "off") == 0);
}

static void discard(struct tls *tls) {
    if (tls->credentials != NULL) {
        gnutls_certificate_free_credentials(tls->credentials);
    }
    if (tls->priority != NULL) {
        gnutls_priority_deinit(tls->priority);
    }
    gnutls_free(tls->ticket_key.data);
    free(tls->staple.data);
    free(tls);
}

static int give_staple(gnutls_session_t session, void *user, gnutls_datum_t *ret_staple) {
    const struct tls *tls = user;
    (void) session;
    ret_staple->data = gnutls_malloc(tls->staple.size);
    if (ret_staple->data == NULL) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    memcpy(ret_staple->data, tls->staple.data, tls->staple.size);
    ret_staple->size = tls->staple.size;
    return 0;
}

/* NULL when all is there, else what is wrong. */
static const char *make(struct tls *tls, const struct wish *wish) {
    if (gnutls_certificate_allocate_credentials(&tls->credentials) != 0 || wish->certificate == NULL ||
        gnutls_certificate_set_x509_key_file(tls->credentials, wish->certificate, wish->key,
                                             GNUTLS_X509_FMT_PEM) < 0) {
        return "the certificate or its key cannot be read";
    }
    if (wish->staple != NULL) {
        size_t length = 0;
        tls->staple.data = (unsigned char *) read_whole_file(wish->staple, &length);
        tls->staple.size = (unsigned) length;
        if (tls->staple.data == NULL) {
            return "the staple cannot be read";
        }
        gnutls_certificate_set_ocsp_status_request_function(tls->credentials, give_staple, tls);
    }
    if (wish->clients != NULL &&
        gnutls_certificate_set_x509_trust_file(tls->credentials, wish->clients, GNUTLS_X509_FMT_PEM) < 0) {
        return "the issuers of clients cannot be read";
    }
    if (gnutls_priority_init(&tls->priority, wish->priority, NULL) != 0) {
        return "that is no priority of GnuTLS";
    }
    tls->wants_certificate = wish->clients != NULL;
    if (strcmp(wish->tickets, "on") == 0 && gnutls_session_ticket_key_generate(&tls->ticket_key) != 0) {
        return "no key for tickets";
    }
    return NULL;
}

int tls_set(struct acs *acs, const char *const *word, size_t count, bool dry, char *error,
            size_t error_size) {
    struct wish wish = {.certificate = acs->options.certificate,
                        .key = acs->options.key,
                        .priority = "NORMAL",
                        .tickets = "on"};
    if (!read_wish(&wish, word, count)) {
        return -EINVAL; /* the help of the row says how */
    }
    if (dry) {
        return 0;
    }
    struct tls *tls = must_alloc(sizeof *tls);
    const char *wrong = make(tls, &wish);
    if (wrong != NULL) {
        (void) snprintf(error, error_size, "tls: %s", wrong);
        discard(tls);
        return -EINVAL;
    }
    tls->next = acs->tls;
    acs->tls = tls;
    return 0;
}

void tls_prepare(struct acs *acs, void *session) {
    const struct tls *tls = acs->tls;
    if (tls == NULL) {
        return;
    }
    (void) gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->credentials);
    (void) gnutls_priority_set(session, tls->priority);
    if (tls->ticket_key.size > 0) {
        (void) gnutls_session_ticket_enable_server(session, &tls->ticket_key);
    }
    if (tls->wants_certificate) {
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
        gnutls_session_set_verify_cert(session, NULL, 0);
    }
}

const char *tls_describe(void *session) {
    static char text[64];
    (void) snprintf(text, sizeof text, "%s, %s",
                    gnutls_protocol_get_name(gnutls_protocol_get_version(session)),
                    gnutls_session_is_resumed(session) != 0 ? "resumed" : "full handshake");
    return text;
}

void tls_free(struct acs *acs) {
    while (acs->tls != NULL) {
        struct tls *tls = acs->tls;
        acs->tls = tls->next;
        discard(tls);
    }
}
