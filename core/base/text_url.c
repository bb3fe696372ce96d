/* Text: URLs and percent-encoding. */
#include <config.h>

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

enum { HOST_MAX = 253 };

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

int text_percent_encode(struct buffer *out, const char *text, const char *keep) {
    static const char hex[] = "0123456789ABCDEF";
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char) *text;
        if (is_alnum(*text) || strchr(keep, *text) != NULL) {
            (void) buffer_char(out, *text);
        } else {
            char code[3] = {'%', hex[c >> 4], hex[c & 15]};
            (void) buffer_append(out, code, sizeof code);
        }
    }
    return buffer_error(out);
}

/* The part behind "scheme://", or NULL. */
static const char *behind_scheme(const char *url) {
    const char *p = url;
    if (!is_letter(*p)) {
        return NULL;
    }
    while (is_alnum(*p) || *p == '+' || *p == '-' || *p == '.') {
        p++;
    }
    return text_starts(p, "://") ? p + 3 : NULL;
}

/* What ends in a number is meant as an IPv4 address, and must be one: no name has such a last label. */
static bool number_valid(const char *host, size_t length) {
    char address[INET_ADDRSTRLEN];
    struct in_addr ignored;
    size_t digits = 0;
    while (digits < length && host[length - 1 - digits] >= '0' && host[length - 1 - digits] <= '9') {
        digits++;
    }
    if (digits == 0 || (digits < length && host[length - 1 - digits] != '.')) {
        return true;
    }
    if (length >= sizeof address) {
        return false;
    }
    memcpy(address, host, length);
    address[length] = '\0';
    return inet_pton(AF_INET, address, &ignored) == 1;
}

/* A name of labels: no empty one but after a last dot. An IPv4 address is one too. */
static bool name_valid(const char *host, size_t length) {
    size_t i, label = 0;
    if (length == 0 || length > HOST_MAX) {
        return false;
    }
    for (i = 0; i < length; i++) {
        if (host[i] == '.') {
            if (label == 0) {
                return false;
            }
            label = 0;
        } else if ((is_alnum(host[i]) || host[i] == '-' || host[i] == '_') && label < 63) {
            label++;
        } else {
            return false;
        }
    }
    return number_valid(host, length);
}

static bool port_valid(const char *port, size_t length) {
    char digits[8];
    uint64_t number;
    size_t i;
    if (length == 0 || length >= sizeof digits) {
        return false;
    }
    for (i = 0; i < length; i++) {
        if (port[i] < '0' || port[i] > '9') {
            return false;
        }
    }
    memcpy(digits, port, length);
    digits[length] = '\0';
    return text_parse_uint(digits, 65535, &number) == 0 && number > 0;
}

/* host, host:port, [address], [address]:port; no userinfo. */
static bool authority_valid(const char *text, size_t length) {
    const char *end = text + length, *host_end;
    if (length > 0 && *text == '[') {
        char address[INET6_ADDRSTRLEN];
        struct in6_addr ignored;
        host_end = memchr(text, ']', length);
        if (host_end == NULL || (size_t) (host_end - text - 1) >= sizeof address) {
            return false;
        }
        memcpy(address, text + 1, (size_t) (host_end - text - 1));
        address[host_end - text - 1] = '\0';
        if (inet_pton(AF_INET6, address, &ignored) != 1) {
            return false;
        }
        host_end++;
    } else {
        host_end = memchr(text, ':', length);
        host_end = host_end != NULL ? host_end : end;
        if (!name_valid(text, (size_t) (host_end - text))) {
            return false;
        }
    }
    return host_end == end || (*host_end == ':' && port_valid(host_end + 1, (size_t) (end - host_end - 1)));
}

int text_url_check(const char *url) {
    const char *authority = behind_scheme(url), *p;
    if (authority == NULL) {
        return -EINVAL;
    }
    for (p = url; *p != '\0'; p++) {
        if (*p <= ' ' || *p >= 127 || strchr("\"<>\\", *p) != NULL) {
            return -EINVAL;
        }
    }
    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) {
        return -EPROTONOSUPPORT;
    }
    return authority_valid(authority, strcspn(authority, "/?#")) ? 0 : -EINVAL;
}

/* Where the host begins. A password may hold the / ? # that it should have encoded: when what stands
 * before them is no host, the last @ of all ends the userinfo. */
static const char *behind_userinfo(const char *authority) {
    size_t length = strcspn(authority, "/?#"), i;
    const char *at;
    for (i = length; i > 0; i--) {
        if (authority[i - 1] == '@') {
            return authority + i;
        }
    }
    at = strrchr(authority, '@');
    return at == NULL || authority_valid(authority, length) ? authority : at + 1;
}

void text_url_for_log(char *out, size_t size, const char *url) {
    const char *authority = behind_scheme(url), *host;
    size_t n = 0;
    if (size == 0) {
        return;
    }
    if (authority == NULL) {
        authority = url;
    }
    host = behind_userinfo(authority);
    for (; url < authority && n + 1 < size; url++) {
        out[n++] = *url;
    }
    for (; *host != '\0' && *host != '?' && *host != '#' && n + 1 < size; host++) {
        unsigned char c = (unsigned char) *host;
        out[n++] = c <= ' ' || c == 127 ? '?' : *host;
    }
    out[n] = '\0';
}

bool text_url_host(char *out, size_t size, const char *url) {
    const char *host = strstr(url, "://");
    const bool bracket = host != NULL && host[3] == '[';
    size_t length;
    out[0] = '\0';
    if (host == NULL) {
        return false;
    }
    host += bracket ? 4 : 3;
    length = strcspn(host, bracket ? "]" : ":/?#");
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(out, host, length);
    out[length] = '\0';
    return true;
}
