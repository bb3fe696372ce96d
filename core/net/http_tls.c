/* TLS for libcurl: whom to trust, our own certificate, and what libcurl cannot do: a chain verified in all
 * but its dates while the clock is not set (digest section 5), sessions taken up again, and what the server's
 * alert says. */
#include <config.h>

#include "net/http.h"

#include "base/text.h"

#include <curl/curl.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct http_tls {
    char *ca_file, *certificate, *key;
    bool system_store, ignore_dates;
    int64_t not_before;
    const char *problem;
    CURL *easy;
    struct http_tickets *tickets; /* NULL: every handshake is a full one */

    /* the connection */
    bool begun;       /* its handshake was prepared */
    bool kept;        /* its ticket was kept */
    uint64_t full_ms; /* of the full handshake whose ticket was offered */
    int alert;        /* the last one that came; 0: none, or only the farewell */
};

static int copy(char **out, const char *text) {
    if (text != NULL && text[0] != '\0') {
        *out = text_dup(text);
        return *out != NULL ? 0 : -ENOMEM;
    }
    return 0;
}

int http_tls_new(const struct net_tls *setup, struct http_tickets *tickets, struct http_tls **ret_tls) {
    struct http_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        return -ENOMEM;
    }
    bool pinned = setup->ca_file != NULL && setup->ca_file[0] != '\0';
    /* Of all the world's authorities one may have lost a key long ago; so the dates count among them. */
    tls->ignore_dates = setup->ignore_dates && pinned;
    tls->system_store = (setup->system_store && !tls->ignore_dates) || !pinned;
    tls->not_before = setup->not_before;
    tls->tickets = tls->ignore_dates ? NULL : tickets;
    if (copy(&tls->ca_file, setup->ca_file) < 0 || copy(&tls->certificate, setup->certificate) < 0 ||
        copy(&tls->key, setup->key) < 0) {
        http_tls_free(tls);
        return -ENOMEM;
    }
    *ret_tls = tls;
    return 0;
}

void http_tls_free(struct http_tls *tls) {
    if (tls != NULL) {
        free(tls->ca_file);
        free(tls->certificate);
        free(tls->key);
        free(tls);
    }
}

const char *http_tls_problem(const struct http_tls *tls) {
    return tls->problem;
}

int http_tls_alert(const struct http_tls *tls) {
    return tls->alert;
}

bool http_tls_has_certificate(const struct http_tls *tls) {
    return tls->certificate != NULL;
}

/* GnuTLS's session of the connection at hand, or NULL. */
static gnutls_session_t session_of(CURL *easy) {
    struct curl_tlssessioninfo *info = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == NULL ||
        info->backend != CURLSSLBACKEND_GNUTLS) {
        return NULL;
    }
    return info->internals;
}

/* ---- a connection ------------------------------------------------------------------------------ */

void http_tls_connecting(struct http_tls *tls) {
    tls->begun = tls->kept = false;
    tls->full_ms = 0;
    tls->alert = 0;
    tls->problem = NULL;
}

void http_tls_stirs(struct http_tls *tls, void *easy, const char *origin) {
    gnutls_session_t session = session_of(easy);
    if (session == NULL) {
        return;
    }
    if (!tls->begun && tls->tickets != NULL) {
        tls->full_ms = http_tickets_offer(tls->tickets, origin, session);
    }
    tls->begun = true;
    int alert = (int) gnutls_alert_get(session);
    if (alert != 0) {
        tls->alert = alert;
    }
}

void http_tls_answered(struct http_tls *tls, void *easy, const char *origin) {
    gnutls_session_t session = tls->tickets != NULL && !tls->kept ? session_of(easy) : NULL;
    if (session != NULL) {
        tls->kept = http_tickets_keep(tls->tickets, origin, session, tls->full_ms);
    }
}

/* ---- without the time -------------------------------------------------------------------------- */

#if LIBCURL_VERSION_NUM >= 0x075000

/* Whether one of the chain had expired before the time that has passed for certain. */
static bool expired(gnutls_session_t session, int64_t not_before) {
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    bool over = false;
    for (unsigned i = 0; chain != NULL && i < count && !over; i++) {
        gnutls_x509_crt_t certificate = NULL;
        if (gnutls_x509_crt_init(&certificate) != 0) {
            return true;
        }
        over = gnutls_x509_crt_import(certificate, &chain[i], GNUTLS_X509_FMT_DER) != 0 ||
               gnutls_x509_crt_get_expiration_time(certificate) < not_before;
        gnutls_x509_crt_deinit(certificate);
    }
    return over;
}

/* libcurl has loaded whom to trust, and left the verification to us. */
static const char *verify_peer(const struct http_tls *tls, gnutls_session_t session, char *host) {
    gnutls_certificate_credentials_t credentials = NULL;
    char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
    gnutls_typed_vdata_st wanted[] = {
        {.type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *) host},
        {.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *) purpose},
    };
    unsigned status = 0;
    if (access(tls->ca_file, R_OK) != 0) {
        return "the file of trusted certificates cannot be read";
    }
    if (gnutls_credentials_get(session, GNUTLS_CRD_CERTIFICATE, (void **) &credentials) != 0) {
        return "its certificate cannot be verified";
    }
    gnutls_certificate_set_verify_flags(credentials, gnutls_certificate_get_verify_flags(credentials) |
                                                         GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                                                         GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS);
    if (gnutls_certificate_verify_peers(session, wanted, 2, &status) != 0) {
        return "its certificate cannot be verified";
    }
    if (status != 0) {
        return http_certificate_problem(status);
    }
    return expired(session, tls->not_before) ? "its certificate had expired before this firmware was made"
                                             : NULL;
}

/* The handshake is over and nothing was sent. */
static int before_request(void *user, char *ip, char *local_ip, int port, int local_port) {
    struct http_tls *tls = user;
    gnutls_session_t session = NULL;
    char *url = NULL, *host = NULL;
    CURLU *parsed = curl_url();
    (void) ip;
    (void) local_ip;
    (void) port;
    (void) local_port;
    tls->problem = NULL;
    if (curl_easy_getinfo(tls->easy, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || url == NULL ||
        parsed == NULL || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        tls->problem = "out of memory";
    } else if (strncasecmp(url, "https:", 6) == 0) {
        size_t length = strlen(host);
        char *name = host;
        if (host[0] == '[' && length > 2) { /* an IPv6 address */
            host[length - 1] = '\0';
            name = host + 1;
        }
        session = session_of(tls->easy);
        tls->problem = session == NULL ? "without the time it can be verified only by a libcurl with GnuTLS"
                                       : verify_peer(tls, session, name);
    }
    curl_free(host);
    curl_url_cleanup(parsed);
    return tls->problem == NULL ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static bool ignore_dates(struct http_tls *tls, CURL *easy) {
    tls->easy = easy;
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQDATA, tls) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK;
}

#else

/* Without that callback there is no way to look at the chain before something is sent: the dates are
 * checked, and the session fails until the clock is set. */
static bool ignore_dates(struct http_tls *tls, CURL *easy) {
    (void) tls;
    (void) easy;
    return true;
}

#endif

static const char *system_directory(void) {
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
#if LIBCURL_VERSION_NUM >= 0x074600
    if (info->age >= CURLVERSION_SEVENTH && info->capath != NULL) {
        return info->capath;
    }
#endif
    (void) info;
    return "/etc/ssl/certs";
}

int http_tls_apply(struct http_tls *tls, void *easy) {
    bool good = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
                /* what libcurl keeps is never a ticket here; http_ticket.c does that */
                curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK;
    if (good && tls->ca_file != NULL) { /* else libcurl's own default, the system's store */
        good =
            curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca_file) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_CAPATH, tls->system_store ? system_directory() : NULL) == CURLE_OK;
    }
    if (good && tls->certificate != NULL) {
        good = curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->certificate) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key != NULL ? tls->key : tls->certificate) ==
                   CURLE_OK;
    }
    if (good && tls->ignore_dates) {
        good = ignore_dates(tls, easy);
    }
    return good ? 0 : -ENOMEM;
}
