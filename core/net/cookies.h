/* The cookies of one session. libcurl reads, replaces and drops them; what stands here is only our
 * leniency: whatever the ACS, or a proxy in front of it, says of domain and path, a session needs all of its
 * cookies back, on every host that it is redirected to (digest section 4). */
#ifndef NET_COOKIES_H
#define NET_COOKIES_H

#include "base/buffer.h"

#include <curl/curl.h>
#include <stdbool.h>

struct cookies {
    struct curl_slist *lines; /* libcurl's own, of CURLINFO_COOKIELIST */
};

void cookies_clear(struct cookies *cookies);
/* The value of one Set-Cookie, or (`several`) Set-Cookie2 header. `tls`: it came over TLS. What libcurl does
 * not take is dropped. 0 or -ENOMEM. */
int cookies_take(struct cookies *cookies, const char *header, bool several, bool tls);
/* Appends "a=b; c=d" for a request, as many as fit; nothing when there is none. */
int cookies_text(const struct cookies *cookies, bool tls, struct buffer *out);

#endif
