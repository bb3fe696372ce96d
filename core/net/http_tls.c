/* TLS for libcurl: whom to trust, our own certificate, and the one case that libcurl cannot do: a chain
 * verified in all but its dates, while the clock is not set (digest section 5). */
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

struct http_tls {
    char *ca_file, *certificate, *key;
    bool system_store, ignore_dates;
    gnutls_x509_trust_list_t trust; /* with ignore_dates, made when first needed */
    const char *problem;
    CURL *easy;
};

static int copy(char **out, const char *text) {
    if (text != NULL && text[0] != '\0') {
        *out = text_dup(text);
        return *out != NULL ? 0 : -ENOMEM;
    }
    return 0;
}

int http_tls_new(const struct net_tls *setup, struct http_tls **ret_tls) {
    struct http_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        return -ENOMEM;
    }
    tls->system_store = setup->system_store || setup->ca_file == NULL || setup->ca_file[0] == '\0';
    tls->ignore_dates = setup->ignore_dates;
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
        if (tls->trust != NULL) {
            gnutls_x509_trust_list_deinit(tls->trust, 1);
        }
        free(tls);
    }
}

const char *http_tls_problem(const struct http_tls *tls) {
    return tls->problem;
}

#if LIBCURL_VERSION_NUM >= 0x075000

static int open_trust(struct http_tls *tls) {
    if (tls->trust != NULL) {
        return 0;
    }
    if (gnutls_x509_trust_list_init(&tls->trust, 0) != 0) {
        tls->trust = NULL;
        return -ENOMEM;
    }
    if (tls->system_store) {
        (void) gnutls_x509_trust_list_add_system_trust(tls->trust, 0, 0);
    }
    if (tls->ca_file != NULL && gnutls_x509_trust_list_add_trust_file(tls->trust, tls->ca_file, NULL,
                                                                      GNUTLS_X509_FMT_PEM, 0, 0) < 0) {
        return -EINVAL;
    }
    return 0;
}

static const char *verify_chain(struct http_tls *tls, gnutls_x509_crt_t *chain, unsigned count,
                                const char *host) {
    unsigned status = 0;
    const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID};
    char oid[] = GNUTLS_KP_TLS_WWW_SERVER;
    purpose.data = (unsigned char *) oid;
    if (gnutls_x509_trust_list_verify_crt2(tls->trust, chain, count, &purpose, 1, flags, &status, NULL) < 0) {
        return "its certificate cannot be verified";
    }
    if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0) {
        return "its certificate comes from an unknown issuer (is the right CA configured?)";
    }
    if (status != 0) {
        return "its certificate cannot be verified";
    }
    return gnutls_x509_crt_check_hostname(chain[0], host) != 0 ? NULL : "its certificate is for another host";
}

static const char *verify_peer(struct http_tls *tls, gnutls_session_t session, const char *host) {
    enum { CHAIN_MAX = 16 };
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned given = 0, count = 0;
    const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &given);
    const char *problem = peers == NULL || given == 0 ? "it shows no certificate" : NULL;
    while (problem == NULL && count < given && count < CHAIN_MAX) {
        if (gnutls_x509_crt_init(&chain[count]) != 0) {
            problem = "out of memory";
            break;
        }
        count++;
        if (gnutls_x509_crt_import(chain[count - 1], &peers[count - 1], GNUTLS_X509_FMT_DER) != 0) {
            problem = "its certificate cannot be read";
        }
    }
    if (problem == NULL) {
        problem = verify_chain(tls, chain, count, host);
    }
    while (count > 0) {
        gnutls_x509_crt_deinit(chain[--count]);
    }
    return problem;
}

/* The handshake is over and nothing was sent. */
static int before_request(void *user, char *ip, char *local_ip, int port, int local_port) {
    struct http_tls *tls = user;
    struct curl_tlssessioninfo *info = NULL;
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
        const char *name = host;
        if (host[0] == '[' && length > 2) { /* an IPv6 address */
            host[length - 1] = '\0';
            name = host + 1;
        }
        if (curl_easy_getinfo(tls->easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == NULL ||
            info->backend != CURLSSLBACKEND_GNUTLS || info->internals == NULL) {
            tls->problem = "without the time it can be verified only by a libcurl with GnuTLS";
        } else if (open_trust(tls) < 0) {
            tls->problem = "the file of trusted certificates cannot be read";
        } else {
            tls->problem = verify_peer(tls, info->internals, name);
        }
    }
    curl_free(host);
    curl_url_cleanup(parsed);
    return tls->problem == NULL ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static bool ignore_dates(struct http_tls *tls, CURL *easy) {
    tls->easy = easy;
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQDATA, tls) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
           /* a resumed session would not show the chain again */
           curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK;
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
                curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
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
