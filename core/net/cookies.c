/* The cookies of one session, in libcurl's hands. */
#include <config.h>

#include "net/cookies.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* All of them belong to one place. It is an address, so that no rule about names applies; it is never a
 * request's host: the handle that reads a cookie makes no transfer. */
#define PLACE "; Path=/; Domain=127.0.0.1"

enum { LINE_MAX_OCTETS = 8 << 10 /* libcurl ignores a cookie of more than 5000 */ };

void cookies_clear(struct cookies *cookies) {
    curl_slist_free_all(cookies->lines);
    cookies->lines = NULL;
}

/* The next `stop` outside of quotes, or `end`. */
static const char *find(const char *at, const char *end, char stop) {
    bool quotes = false;
    for (; at < end && (quotes || *at != stop); at++) {
        quotes = quotes != (*at == '"');
    }
    return at;
}

/* Of the attributes only those that say how long, and Secure where there is something to keep secret. */
static bool wanted(const char *attribute, bool tls) {
    return strncasecmp(attribute, "Max-Age", 7) == 0 || strncasecmp(attribute, "Expires", 7) == 0 ||
           (tls && strncasecmp(attribute, "Secure", 6) == 0);
}

static int rewrite(const char *at, const char *end, bool tls, struct buffer *out) {
    const char *stop = find(at, end, ';');
    (void) buffer_text(out, "Set-Cookie: ");
    (void) buffer_append(out, at, (size_t) (stop - at));
    while (stop < end) {
        at = stop + 1 + strspn(stop + 1, " \t");
        stop = find(at, end, ';');
        if (wanted(at, tls)) {
            (void) buffer_char(out, ';');
            (void) buffer_append(out, at, (size_t) (stop - at));
        }
    }
    return buffer_text(out, PLACE);
}

/* Each time a new handle, since one takes 50 cookies in its life as long as it makes no transfer. */
static int take_one(struct cookies *cookies, const char *line) {
    struct curl_slist *lines = NULL;
    CURL *jar = curl_easy_init();
    bool good = jar != NULL;
    for (const struct curl_slist *old = cookies->lines; old != NULL && good; old = old->next) {
        good = curl_easy_setopt(jar, CURLOPT_COOKIELIST, old->data) == CURLE_OK;
    }
    good = good && curl_easy_setopt(jar, CURLOPT_COOKIELIST, line) == CURLE_OK &&
           curl_easy_getinfo(jar, CURLINFO_COOKIELIST, &lines) == CURLE_OK;
    curl_easy_cleanup(jar);
    if (!good) {
        return -ENOMEM;
    }
    cookies_clear(cookies);
    cookies->lines = lines;
    return 0;
}

int cookies_take(struct cookies *cookies, const char *header, bool several, bool tls) {
    const char *end = header + strlen(header);
    int result = 0;
    while (header < end && result == 0) {
        const char *stop = several ? find(header, end, ',') : end;
        size_t name = strcspn(header, "=;,");
        struct buffer line;
        buffer_init(&line, LINE_MAX_OCTETS);
        if (name > 0 && header[name] == '=' && rewrite(header, stop, tls, &line) == 0) {
            result = take_one(cookies, line.data);
        }
        buffer_free(&line);
        header = stop < end ? stop + 1 + strspn(stop + 1, " \t") : end;
    }
    return result;
}

/* A line is: domain, of subdomains, path, secure, expires, name, value; with tabs between. */
static const char *field(const char *line, unsigned n) {
    for (; n > 0 && line != NULL; n--) {
        line = strchr(line, '\t');
        line = line != NULL ? line + 1 : NULL;
    }
    return line;
}

/* libcurl drops an expired one only with the next cookie that comes. */
static bool expired(const char *text) {
    char digits[24] = "";
    int64_t when = 0;
    size_t length = strcspn(text, "\t");
    memcpy(digits, text, length < sizeof digits ? length : 0);
    return text_parse_int(digits, 1, INT64_MAX, &when) == 0 && when <= (int64_t) time(NULL);
}

int cookies_text(const struct cookies *cookies, bool tls, struct buffer *out) {
    for (const struct curl_slist *line = cookies->lines; line != NULL; line = line->next) {
        const char *secure = field(line->data, 3), *expires = field(line->data, 4);
        const char *name = field(line->data, 5), *value = field(line->data, 6);
        bool fits = name != NULL && out->length + strlen(name) + 3 <= out->max; /* else without that one */
        if (value != NULL && fits && (tls || *secure == 'F') && !expired(expires)) {
            (void) buffer_format(out, "%s%.*s=%s", out->length > 0 ? "; " : "", (int) (value - name - 1),
                                 name, value);
        }
    }
    return buffer_error(out);
}
