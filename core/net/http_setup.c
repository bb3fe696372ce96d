/* What http.c asks of libcurl, apart from the request. */
#include <config.h>

#include "net/http_internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

static bool set_callbacks(struct http *http) {
    CURL *easy = http->easy;
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_data) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, http_on_debug) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DEBUGDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L) == CURLE_OK && /* for http_on_debug */
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, http_close_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->detail) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SHARE, http->share) == CURLE_OK;
}

static bool set_protocols(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long) (CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
}

static bool set_limits(struct http *http) {
    CURL *easy = http->easy;
    bool good = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long) http->connect_timeout_s) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long) KEEP_IDLE_S) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, (long) DNS_KEEP_S) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK;
    if (good && http->stall_timeout_s > 0) {
        good = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long) STALL_OCTETS) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) http->stall_timeout_s) == CURLE_OK;
    }
    return good;
}

/* Two bits, since of a single one libcurl would not wait for the challenge but send the first POST without
 * its body. libcurl takes Digest before Basic. */
static bool set_credentials(struct http *http) {
    CURL *easy = http->easy;
    unsigned long other = http->over_tls || http->allow_basic_plain ? CURLAUTH_BASIC : CURLAUTH_ONLY;
    return http->username[0] == '\0' ||
           (curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long) (CURLAUTH_DIGEST | other)) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_USERNAME, http->username) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_PASSWORD, http->password) == CURLE_OK);
}

int http_apply(struct http *http) {
    CURL *easy = http->easy;
    bool good = set_callbacks(http) && set_protocols(easy) && set_limits(http) &&
                curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK && /* whatever the environment says */
                curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION) == CURLE_OK;
    if (good && http->interface != NULL) {
        char text[128];
        (void) snprintf(text, sizeof text, "if!%s", http->interface);
        good = curl_easy_setopt(easy, CURLOPT_INTERFACE, text) == CURLE_OK;
    }
    if (good && http->family != 0) {
        good = curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
                                http->family == AF_INET6 ? (long) CURL_IPRESOLVE_V6
                                                         : (long) CURL_IPRESOLVE_V4) == CURLE_OK;
    }
    good = good && set_credentials(http) && http_apply_cookies(http) == 0;
    return good && http_tls_apply(http->tls, easy) == 0 ? 0 : -ENOMEM;
}
