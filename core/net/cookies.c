/* The cookies of one session. */
#include <config.h>

#include "net/cookies.h"

#include "base/text.h"
#include "net/loop_internal.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* A box without a battery may think it is 1970; "expired" in any sense is before this (2020). */
enum { LONG_AGO = 1577836800 };

static void free_cookie(struct cookie *cookie) {
    free(cookie->name);
    free(cookie->value);
    free(cookie->path);
    *cookie = (struct cookie){0};
}

static void remove_at(struct cookies *cookies, size_t at) {
    free_cookie(&cookies->list[at]);
    cookies->count--;
    memmove(&cookies->list[at], &cookies->list[at + 1], (cookies->count - at) * sizeof cookies->list[0]);
    cookies->list[cookies->count] = (struct cookie){0};
}

void cookies_clear(struct cookies *cookies) {
    while (cookies->count > 0) {
        remove_at(cookies, cookies->count - 1);
    }
}

/* ---- reading ----------------------------------------------------------------------------------- */

struct span {
    const char *text;
    size_t length;
};

static struct span trimmed(const char *text, const char *end) {
    while (text < end && (*text == ' ' || *text == '\t')) {
        text++;
    }
    while (end > text && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    return (struct span){text, (size_t) (end - text)};
}

static bool is(struct span span, const char *word) {
    return span.length == strlen(word) && strncasecmp(span.text, word, span.length) == 0;
}

static struct span unquoted(struct span span) {
    if (span.length >= 2 && span.text[0] == '"' && span.text[span.length - 1] == '"') {
        return (struct span){span.text + 1, span.length - 2};
    }
    return span;
}

/* The next of `stops`, outside of quotes, or the end. */
static const char *find_stop(const char *at, const char *stops) {
    bool quotes = false;
    for (; *at != '\0'; at++) {
        if (*at == '"') {
            quotes = !quotes;
        } else if (!quotes && strchr(stops, *at) != NULL) {
            break;
        }
    }
    return at;
}

/* Splits "name=value" up to `end`. */
static bool split(const char *at, const char *end, struct span *ret_name, struct span *ret_value) {
    const char *equals = memchr(at, '=', (size_t) (end - at));
    *ret_name = trimmed(at, equals != NULL ? equals : end);
    *ret_value = equals != NULL ? trimmed(equals + 1, end) : (struct span){end, 0};
    return equals != NULL;
}

static char *copy(struct span span) {
    char *text = malloc(span.length + 1);
    if (text != NULL) {
        memcpy(text, span.text, span.length);
        text[span.length] = '\0';
    }
    return text;
}

struct attributes {
    struct span path;
    bool secure, has_age, gone;
    uint64_t expires_ms;
};

static void read_age(struct attributes *attributes, struct span value) {
    char text[24];
    int64_t age;
    value = unquoted(value);
    attributes->has_age = true;
    if (value.length >= sizeof text) {
        return;
    }
    memcpy(text, value.text, value.length);
    text[value.length] = '\0';
    if (text_parse_int(text, INT64_MIN, INT32_MAX, &age) == 0) {
        attributes->gone = age <= 0;
        attributes->expires_ms = age <= 0 ? 0 : loop_now_ms() + (uint64_t) age * 1000;
    }
}

static void read_expires(struct attributes *attributes, struct span value) {
    char text[64];
    value = unquoted(value);
    if (attributes->has_age || value.length >= sizeof text) {
        return; /* Max-Age wins, wherever it stands */
    }
    memcpy(text, value.text, value.length);
    text[value.length] = '\0';
    time_t when = curl_getdate(text, NULL);
    time_t now = time(NULL);
    attributes->gone = when != -1 && when <= (now > LONG_AGO ? now : LONG_AGO);
}

static void read_attribute(struct attributes *attributes, const char *at, const char *end) {
    struct span name, value;
    (void) split(at, end, &name, &value);
    if (is(name, "Path")) {
        value = unquoted(value);
        if (value.length > 0 && value.text[0] == '/') {
            attributes->path = value;
        }
    } else if (is(name, "Secure")) {
        attributes->secure = true;
    } else if (is(name, "Max-Age")) {
        if (!attributes->has_age) {
            attributes->gone = false;
        }
        read_age(attributes, value);
    } else if (is(name, "Expires")) {
        read_expires(attributes, value);
    }
}

/* ---- keeping ----------------------------------------------------------------------------------- */

static int add(struct cookies *cookies, const struct cookie *cookie) {
    for (size_t i = 0; i < cookies->count; i++) {
        if (strcmp(cookies->list[i].name, cookie->name) == 0 &&
            strcmp(cookies->list[i].path, cookie->path) == 0) {
            remove_at(cookies, i);
            break;
        }
    }
    if (cookies->count == COOKIES_MAX) {
        return -ENOSPC;
    }
    cookies->list[cookies->count++] = *cookie;
    return 0;
}

static void drop(struct cookies *cookies, const char *name, const char *path) {
    for (size_t i = cookies->count; i-- > 0;) {
        if (strcmp(cookies->list[i].name, name) == 0 && strcmp(cookies->list[i].path, path) == 0) {
            remove_at(cookies, i);
        }
    }
}

static int take_one(struct cookies *cookies, struct span name, struct span value,
                    const struct attributes *attributes, bool tls) {
    if (name.length == 0 || name.length + value.length > COOKIES_OCTETS || attributes->path.length > 1024) {
        return 0;
    }
    struct cookie cookie = {.name = copy(name),
                            .value = copy(value),
                            .path = copy(attributes->path),
                            /* over plain http there is nothing to keep secret */
                            .secure = attributes->secure && tls,
                            .expires_ms = attributes->expires_ms};
    int result = 0;
    if (cookie.name == NULL || cookie.value == NULL || cookie.path == NULL) {
        result = -ENOMEM;
    } else if (attributes->gone) {
        drop(cookies, cookie.name, cookie.path);
        result = -ESTALE;
    } else {
        result = add(cookies, &cookie);
    }
    if (result != 0) {
        free_cookie(&cookie);
    }
    return result == -ENOMEM ? result : 0;
}

/* RFC 6265 section 5.1.4: the path up to its last slash. */
static struct span default_path(const char *target) {
    size_t length = strcspn(target, "?#");
    while (length > 1 && target[length - 1] != '/') {
        length--;
    }
    if (length > 1) {
        length--;
    }
    return length > 0 && target[0] == '/' ? (struct span){target, length} : (struct span){"/", 1};
}

int cookies_take(struct cookies *cookies, const char *header, bool several, const char *target, bool tls) {
    const char *stops = several ? ";," : ";";
    int result = 0;
    while (*header != '\0' && result == 0) {
        struct span name, value;
        struct attributes attributes = {.path = default_path(target), .expires_ms = UINT64_MAX};
        const char *end = find_stop(header, stops);
        bool good = split(header, end, &name, &value);
        while (*end == ';') {
            const char *at = end + 1;
            end = find_stop(at, stops);
            read_attribute(&attributes, at, end);
        }
        if (good) {
            result = take_one(cookies, name, value, &attributes, tls);
        }
        header = *end == ',' ? end + 1 : end;
    }
    return result;
}

/* ---- sending ----------------------------------------------------------------------------------- */

/* RFC 6265 section 5.1.4. */
static bool fits(const struct cookie *cookie, const char *path) {
    size_t length = strlen(cookie->path);
    size_t whole = strcspn(path, "?#");
    return length <= whole && strncmp(cookie->path, path, length) == 0 &&
           (length == whole || cookie->path[length - 1] == '/' || path[length] == '/');
}

/* One of the same name fits, or fits closer. */
static bool better_one(const struct cookies *cookies, const struct cookie *cookie, const char *path) {
    for (size_t i = 0; i < cookies->count; i++) {
        const struct cookie *other = &cookies->list[i];
        if (other != cookie && strcmp(other->name, cookie->name) == 0 && fits(other, path) &&
            !fits(cookie, path)) {
            return true;
        }
    }
    return false;
}

static void drop_old(struct cookies *cookies) {
    uint64_t now = loop_now_ms();
    for (size_t i = cookies->count; i-- > 0;) {
        if (cookies->list[i].expires_ms <= now) {
            remove_at(cookies, i);
        }
    }
}

/* Longer paths first, as RFC 6265 section 5.4 orders them; else in the order of arrival. */
static int by_path(const void *a, const void *b) {
    const struct cookie *const *one = a, *const *two = b;
    size_t first = strlen((*one)->path), second = strlen((*two)->path);
    if (first != second) {
        return first > second ? -1 : 1;
    }
    return *one < *two ? -1 : *one > *two;
}

int cookies_header(struct cookies *cookies, const char *target, bool tls, struct buffer *out) {
    const struct cookie *order[COOKIES_MAX];
    size_t count = 0;
    drop_old(cookies);
    for (size_t i = 0; i < cookies->count; i++) {
        const struct cookie *cookie = &cookies->list[i];
        if ((tls || !cookie->secure) && !better_one(cookies, cookie, target)) {
            order[count++] = cookie;
        }
    }
    qsort(order, count, sizeof order[0], by_path);
    for (size_t i = 0; i < count; i++) {
        (void) buffer_format(out, "%s%s=%s", i == 0 ? "Cookie: " : "; ", order[i]->name, order[i]->value);
    }
    return buffer_error(out);
}
