/* Text: numbers, time, UTF-8, percent-encoding. No allocation unless said. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buffer.h"
#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers as xsd writes them: white space around is allowed, an optional sign, decimal digits and
 * nothing else. 0, -EINVAL for anything that is not a number, -ERANGE outside [min, max]. */
int text_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_number);
int text_parse_uint(const char *text, uint64_t max, uint64_t *ret_number);
/* Exactly 0, 1, true, false (TR-106); white space around is allowed. 0 or -EINVAL. */
int text_parse_bool(const char *text, bool *ret_yes);

/* xsd:dateTime. *ret_seconds is since 1970 UTC, CLOCK_WALL_UNKNOWN for the unknown time
 * 0001-01-01T00:00:00Z and for times relative to boot (year < 1000 without zone). Fractions are
 * dropped, a missing zone is UTC, an offset is applied. Years 0001 to 9999. 0 or -EINVAL. Digest
 * section 15. */
int text_parse_time(const char *text, int64_t *ret_seconds);
enum { TEXT_TIME_SIZE = 32 };
/* "2026-11-22T04:30:00Z"; the unknown time for CLOCK_WALL_UNKNOWN and for what is outside the years 1
 * to 9999. `out` has TEXT_TIME_SIZE octets. */
void text_time_utc(char *out, int64_t seconds);
/* The same with microseconds (0 to 999999). Before the year 1000 it is a time since boot, which has no zone.
 */
void text_time_micros(char *out, int64_t seconds, unsigned micros);
/* "2026-11-22T05:30:00+01:00", for Inform.CurrentTime. */
void text_time_local(char *out, const struct moment *now);

/* Length of the valid UTF-8 character at `text` (1..4), or 0 for an invalid octet. Overlong forms,
 * surrogates and code points above 10FFFF are invalid. `length` octets may be read. */
size_t text_utf8_char(const char *text, size_t length, uint32_t *ret_code);
/* Number of characters; invalid octets count as one each. */
size_t text_utf8_count(const char *text, size_t length);
/* Appends `text` as XML character data: & < > " escaped, TAB LF as they are, CR and everything
 * outside 32..126 as character references, characters that XML 1.0 cannot hold and invalid UTF-8
 * replaced by '?'. Long plain runs are copied at once. Digest section 6, complaint 8. */
int text_xml(struct buffer *out, const char *text, size_t length);
/* Appends an element with such a text, an empty one as <name/>; `name` stands as it is. */
int text_xml_element(struct buffer *out, const char *name, const char *text, size_t length);

/* Percent-encodes every octet but letters, digits and those in `keep`. */
int text_percent_encode(struct buffer *out, const char *text, const char *keep);
/* Undoes it in place. */
void text_percent_decode(char *text);
/* The URL without userinfo and query: what may be logged. */
void text_url_for_log(char *out, size_t size, const char *url);
/* A valid http or https URL with a host (name, IPv4, or IPv6 in brackets without zone) and, if any, a
 * port of 1 to 65535; without userinfo; printable ASCII without spaces, quotes, < > and backslash.
 * The length is the caller's to check. 0; -EINVAL; -EPROTONOSUPPORT for another scheme. */
int text_url_check(const char *url);

/* The host of a valid URL without userinfo: a name or an address, the latter without brackets. False when it
 * does not fit, or there is none: `out` is then empty. */
bool text_url_host(char *out, size_t size, const char *url);

/* FNV-1a: tells a value from the one before it, cheaply; not for what an adversary chooses, nor for
 * secrets: see crypto_digest64(). */
uint64_t text_hash(const void *data, size_t length);

/* Copies with a terminating NUL; true if all of it fitted. A cut never splits a UTF-8 character. */
bool text_copy(char *out, size_t size, const char *text);
/* Puts texts one behind the other; the last argument is NULL. True if all of them fitted, else `out` is
 * cut anywhere. */
bool text_join(char *out, size_t size, ...) __attribute__((sentinel));
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
/* The directory of a path: what stands in front of its last slashes. False, and `out` is empty, where nothing
 * does ("x", "/x"), or where it does not fit. */
bool text_parent(char *out, size_t size, const char *path);
/* Allocated copy (free()); NULL when out of memory. */
char *text_dup(const char *text);
/* free() of a password: nothing of it stays in memory. Accepts NULL. */
void text_free_secret(char *text);

#endif
