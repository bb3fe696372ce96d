/* What went wrong, as a sentence that an operator can act on. */
#include <config.h>

#include "net/http.h"

#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

/* The bits that GnuTLS gives; the most telling first. */
static const struct {
    unsigned bit;
    const char *text;
} problems[] = {
    {GNUTLS_CERT_REVOKED, "its certificate was revoked"},
    {GNUTLS_CERT_SIGNER_NOT_FOUND,
     "its certificate comes from an unknown issuer (is the right CA configured?)"},
    {GNUTLS_CERT_SIGNER_NOT_CA, "the issuer of its certificate is not a CA"},
    {GNUTLS_CERT_EXPIRED, "its certificate has expired (or the clock here is wrong)"},
    {GNUTLS_CERT_NOT_ACTIVATED, "its certificate is not valid yet (or the clock here is wrong)"},
    {GNUTLS_CERT_UNEXPECTED_OWNER, "its certificate is for another host"},
    {GNUTLS_CERT_INSECURE_ALGORITHM, "its certificate uses an algorithm that is not secure"},
    {GNUTLS_CERT_PURPOSE_MISMATCH, "its certificate is not one for servers"},
    {GNUTLS_CERT_SIGNATURE_FAILURE, "the signature of its certificate is wrong"},
    {GNUTLS_CERT_MISSING_OCSP_STATUS, "its certificate is good only with a staple (OCSP), and there is none"},
    {GNUTLS_CERT_INVALID_OCSP_STATUS, "the staple (OCSP) of its certificate is not valid"},
    {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, "the staple (OCSP) of its certificate is too old"},
    {GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE, "the staple (OCSP) of its certificate is from the future"},
};

const char *http_certificate_problem(unsigned status) {
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        if ((status & problems[i].bit) != 0) {
            return problems[i].text;
        }
    }
    return "its certificate cannot be verified";
}

static const char *problem(const struct http_trouble *trouble) {
    const char *known = http_tls_problem(trouble->tls);
    if (known != NULL) {
        return known;
    }
    if (trouble->verify > 0) {
        return http_certificate_problem((unsigned) trouble->verify);
    }
    /* libcurl tells dates and names in its own words only. */
    if (strstr(trouble->detail, "does not match") != NULL) {
        return "its certificate is for another host";
    }
    if (strstr(trouble->detail, "expiration") != NULL) {
        return "its certificate has expired (or the clock here is wrong)";
    }
    if (strstr(trouble->detail, "activation") != NULL) {
        return "its certificate is not valid yet (or the clock here is wrong)";
    }
    return "its certificate cannot be verified";
}

#define OUR_CERTIFICATE "it refuses our client certificate"
#define OLD_TLS "it speaks no TLS of version 1.2 or later"

/* What the server means when it breaks off with an alert (RFC 8446 section 6.2). */
static const struct {
    int alert;
    const char *with_certificate, *without;
} alerts[] = {
    {GNUTLS_A_CERTIFICATE_REQUIRED, OUR_CERTIFICATE,
     "it demands a client certificate, and none is configured"},
    {GNUTLS_A_BAD_CERTIFICATE, OUR_CERTIFICATE, "it demands a client certificate, and none is configured"},
    {GNUTLS_A_UNSUPPORTED_CERTIFICATE, OUR_CERTIFICATE, NULL},
    {GNUTLS_A_CERTIFICATE_REVOKED, OUR_CERTIFICATE ": revoked", NULL},
    {GNUTLS_A_CERTIFICATE_EXPIRED, OUR_CERTIFICATE ": expired", NULL},
    {GNUTLS_A_CERTIFICATE_UNKNOWN, OUR_CERTIFICATE, NULL},
    {GNUTLS_A_UNKNOWN_CA, OUR_CERTIFICATE ": it does not know its issuer", NULL},
    {GNUTLS_A_ACCESS_DENIED, OUR_CERTIFICATE ": access denied", "it denies access"},
    {GNUTLS_A_HANDSHAKE_FAILURE, "no agreement: no common cipher, or it does not take our client certificate",
     "no agreement: no common cipher, or it demands a client certificate, and none is configured"},
    {GNUTLS_A_INSUFFICIENT_SECURITY, "no agreement: no common cipher", "no agreement: no common cipher"},
    {GNUTLS_A_PROTOCOL_VERSION, "no agreement: " OLD_TLS, "no agreement: " OLD_TLS},
};

static const char *alert(const struct http_trouble *trouble) {
    int number = http_tls_alert(trouble->tls);
    for (size_t i = 0; number != 0 && i < sizeof alerts / sizeof alerts[0]; i++) {
        if (alerts[i].alert == number) {
            return http_tls_has_certificate(trouble->tls) ? alerts[i].with_certificate : alerts[i].without;
        }
    }
    return NULL;
}

/* What GnuTLS says in words of its own, when a handshake fails without an alert. */
static const struct {
    int error;
    const char *text;
} handshakes[] = {
    {GNUTLS_E_UNEXPECTED_PACKET, "what answers there does not speak TLS"},
    {GNUTLS_E_UNSUPPORTED_VERSION_PACKET, "no agreement: " OLD_TLS},
    {GNUTLS_E_PREMATURE_TERMINATION,
     "it closed the connection during the handshake; is there https on that port?"},
    {GNUTLS_E_PULL_ERROR, "the connection broke during the handshake; is there https on that port?"},
};

static enum http_failure explain_handshake(const struct http_trouble *trouble, char *text, size_t size) {
    if (strstr(trouble->detail, "key or certificate file") != NULL) { /* GnuTLS; others have a code for it */
        (void) snprintf(text, size, "%s: TLS: the client certificate or its key cannot be used",
                        trouble->host);
        return HTTP_LOCAL;
    }
    for (size_t i = 0; i < sizeof handshakes / sizeof handshakes[0]; i++) {
        if (strstr(trouble->detail, gnutls_strerror(handshakes[i].error)) != NULL) {
            (void) snprintf(text, size, "%s: TLS: %s", trouble->host, handshakes[i].text);
            return HTTP_NO_CONTACT;
        }
    }
    (void) snprintf(text, size, "%s: TLS: no agreement: %s", trouble->host, trouble->detail);
    return HTTP_NO_CONTACT;
}

static const struct {
    int code;
    enum http_failure failure;
    const char *text;
} table[] = {
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_NO_CONTACT, "the name could not be resolved"},
    {CURLE_SSL_CERTPROBLEM, HTTP_LOCAL, "TLS: the client certificate or its key cannot be used"},
    {CURLE_SSL_CACERT_BADFILE, HTTP_LOCAL, "the file of trusted certificates cannot be read"},
    {CURLE_INTERFACE_FAILED, HTTP_LOCAL, "the network interface to use is not there or not allowed"},
    {CURLE_OUT_OF_MEMORY, HTTP_LOCAL, "a header of the answer is too large, or out of memory"},
    {CURLE_GOT_NOTHING, HTTP_BROKEN, "closed the connection without an answer"},
    {CURLE_RECV_ERROR, HTTP_BROKEN, "the connection broke before the answer was complete"},
    {CURLE_PARTIAL_FILE, HTTP_BROKEN, "the answer was cut off"},
    {CURLE_SEND_ERROR, HTTP_BROKEN, "the connection broke while sending"},
    {CURLE_SEND_FAIL_REWIND, HTTP_BROKEN, "the connection broke while sending"},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_BROKEN, "what answers there does not speak HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_BROKEN, "what answers there does not speak HTTP/1.1"},
};

static enum http_failure explain_connect(const struct http_trouble *trouble, char *text, size_t size) {
    (void) snprintf(text, size, "%s: no connection: %s", trouble->host,
                    trouble->os_errno != 0 ? strerror((int) trouble->os_errno) : "the host does not answer");
    return HTTP_NO_CONTACT;
}

static enum http_failure explain_timeout(const struct http_trouble *trouble, char *text, size_t size) {
    if (trouble->connected) {
        (void) snprintf(text, size, "%s: the transfer stalled", trouble->host);
        return HTTP_BROKEN;
    }
    (void) snprintf(text, size, "%s: no connection within %u s", trouble->host, trouble->connect_timeout_s);
    return HTTP_NO_CONTACT;
}

enum http_failure http_explain(const struct http_trouble *trouble, char *text, size_t size) {
    const char *refusal = trouble->code == CURLE_PEER_FAILED_VERIFICATION ? NULL : alert(trouble);
    if (refusal != NULL) { /* with TLS 1.3 it comes when our request has left already */
        (void) snprintf(text, size, "%s: TLS: %s", trouble->host, refusal);
        return HTTP_NO_CONTACT;
    }
    switch (trouble->code) {
    case CURLE_COULDNT_CONNECT:
        return explain_connect(trouble, text, size);
    case CURLE_OPERATION_TIMEDOUT:
        return explain_timeout(trouble, text, size);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_ABORTED_BY_CALLBACK:
        (void) snprintf(text, size, "%s: TLS: %s", trouble->host, problem(trouble));
        return HTTP_NO_CONTACT;
    case CURLE_SSL_CONNECT_ERROR:
        return explain_handshake(trouble, text, size);
    default:
        break;
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].code == trouble->code) {
            /* what is wrong with the head only libcurl knows */
            const bool more = trouble->code == CURLE_WEIRD_SERVER_REPLY && trouble->detail[0] != '\0';
            (void) snprintf(text, size, "%s: %s%s%s%s", trouble->host, table[i].text, more ? " (" : "",
                            more ? trouble->detail : "", more ? ")" : "");
            return table[i].failure;
        }
    }
    (void) snprintf(text, size, "%s: %s", trouble->host, curl_easy_strerror((CURLcode) trouble->code));
    return trouble->connected ? HTTP_BROKEN : HTTP_NO_CONTACT;
}
