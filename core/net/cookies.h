/* The cookies of one session. Lenient on purpose: whatever the ACS, or a proxy in front of it, says of
 * domain and path, a session needs all of its cookies back (digest section 4). So domains are not looked
 * at, and a cookie for another path is left out only when one of the same name fits. */
#ifndef NET_COOKIES_H
#define NET_COOKIES_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COOKIES_MAX = 64, COOKIES_OCTETS = 4096 /* name and value of one */ };

struct cookie {
    char *name, *value, *path;
    bool secure;
    uint64_t expires_ms; /* CLOCK_BOOTTIME; UINT64_MAX: with the session */
};

struct cookies {
    struct cookie list[COOKIES_MAX];
    size_t count;
};

void cookies_clear(struct cookies *cookies);
/* The value of one Set-Cookie, or (`several`) Set-Cookie2 header in the answer to a request for `target`
 * (path and query). Beyond the limits it is dropped. `tls`: it came over TLS. 0 or -ENOMEM. */
int cookies_take(struct cookies *cookies, const char *header, bool several, const char *target, bool tls);
/* Appends "Cookie: a=b; c=d" for a request; nothing when there is none. */
int cookies_header(struct cookies *cookies, const char *target, bool tls, struct buffer *out);

#endif
