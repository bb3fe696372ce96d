/* TLS for the ACS of the benches: a certificate made on the spot, for 127.0.0.1, and no resumption, so that
 * every session pays for its handshake. */
#include <config.h>

#include "bench/runner.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct acs_tls {
    gnutls_certificate_credentials_t credentials;
};

static int sign(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key) {
    static const unsigned char serial[] = {1}, address[] = {127, 0, 0, 1};
    const time_t now = time(NULL), day = 86400;
    int r = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    r = r < 0 ? r : gnutls_x509_crt_set_version(certificate, 3);
    r = r < 0 ? r : gnutls_x509_crt_set_serial(certificate, serial, sizeof serial);
    r = r < 0 ? r : gnutls_x509_crt_set_activation_time(certificate, now - day);
    r = r < 0 ? r : gnutls_x509_crt_set_expiration_time(certificate, now + day);
    r = r < 0 ? r : gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, "bench", 5);
    r = r < 0 ? r
              : gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, address, 4,
                                                     GNUTLS_FSAN_SET);
    r = r < 0 ? r : gnutls_x509_crt_set_basic_constraints(certificate, 1, -1);
    r = r < 0 ? r : gnutls_x509_crt_set_key(certificate, key);
    return r < 0 ? r : gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
}

static int write_file(const char *path, const gnutls_datum_t *data) {
    FILE *file = fopen(path, "w");
    const int good = file != NULL && fwrite(data->data, 1, data->size, file) == data->size;
    return file != NULL && fclose(file) == 0 && good ? 0 : -1;
}

struct acs_tls *acs_tls_new(const char *file) {
    struct acs_tls *tls = calloc(1, sizeof *tls);
    gnutls_x509_crt_t certificate = NULL;
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t text = {NULL, 0};
    int good = tls != NULL && gnutls_certificate_allocate_credentials(&tls->credentials) == 0 &&
               gnutls_x509_crt_init(&certificate) == 0 && gnutls_x509_privkey_init(&key) == 0 &&
               sign(certificate, key) == 0 &&
               gnutls_certificate_set_x509_key(tls->credentials, &certificate, 1, key) == 0 &&
               gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &text) == 0 &&
               write_file(file, &text) == 0;
    gnutls_free(text.data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
    if (!good) {
        acs_tls_free(tls);
        return NULL;
    }
    return tls;
}

void acs_tls_free(struct acs_tls *tls) {
    if (tls != NULL) {
        gnutls_certificate_free_credentials(tls->credentials);
        free(tls);
    }
}

void *acs_tls_accept(struct acs_tls *tls, int fd) {
    gnutls_session_t session = NULL;
    int r = gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_TICKETS);
    if (r == 0) {
        (void) gnutls_set_default_priority(session);
        (void) gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->credentials);
        gnutls_transport_set_int(session, fd);
        do {
            r = gnutls_handshake(session);
        } while (r < 0 && !gnutls_error_is_fatal(r));
    }
    if (r < 0) {
        (void) fprintf(stderr, "runner: TLS: %s\n", gnutls_strerror(r));
        acs_tls_end(session);
        return NULL;
    }
    return session;
}

void acs_tls_end(void *session) {
    if (session != NULL) {
        gnutls_deinit(session);
    }
}

/* As read() and write(): also through a session that is none. */
ssize_t acs_read(const struct acs_connection *connection, char *data, size_t size) {
    ssize_t got;
    if (connection->tls == NULL) {
        return recv(connection->fd, data, size, 0);
    }
    do {
        got = gnutls_record_recv(connection->tls, data, size);
    } while (got == GNUTLS_E_INTERRUPTED || got == GNUTLS_E_AGAIN);
    return got;
}

ssize_t acs_write(const struct acs_connection *connection, const char *data, size_t length) {
    ssize_t sent;
    if (connection->tls == NULL) {
        return send(connection->fd, data, length, MSG_NOSIGNAL);
    }
    do {
        sent = gnutls_record_send(connection->tls, data, length);
    } while (sent == GNUTLS_E_INTERRUPTED || sent == GNUTLS_E_AGAIN);
    return sent;
}

/* Octets that were received and no poll() will tell of. */
size_t acs_waiting(const struct acs_connection *connection) {
    return connection->tls != NULL ? gnutls_record_check_pending(connection->tls) : 0;
}
