/* Floor of figure 2: initialises the four libraries of the client, each ready to do its work, and
 * waits. What it has dirtied is what any program with these libraries pays. */
#include <config.h>

#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <libxml/parser.h>
#include <microhttpd.h>
#include <stdio.h>
#include <unistd.h>

static enum MHD_Result refuse(void *user, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *size,
                              void **request) {
    (void) user, (void) connection, (void) url, (void) method, (void) version, (void) data, (void) size;
    (void) request;
    return MHD_NO;
}

int main(void) {
    struct MHD_Daemon *listener;
    CURLM *multi;
    CURL *easy;
    xmlInitParser();
    if (gnutls_global_init() != GNUTLS_E_SUCCESS || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return 1;
    }
    listener = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, refuse, NULL, MHD_OPTION_END);
    multi = curl_multi_init();
    easy = curl_easy_init();
    if (listener == NULL || multi == NULL || easy == NULL) {
        return 1;
    }
    (void) pause(); /* SIGTERM ends it */
    return 0;
}
