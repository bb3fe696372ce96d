/* build.prop: what the firmware says. Lines `key=value`; `#` begins a comment at the start of a line
 * only; `import` lines are passed over; a value may hold anything up to the end of its line. Where there is
 * no file that we may read and the libc has Android's property system, the same keys are asked of that. */
#ifndef AGENT_BUILD_PROP_H
#define AGENT_BUILD_PROP_H

#include "base/buffer.h"

#include <stddef.h>

struct build_prop;

/* Reads the file; a file that is not there is an empty one. 0, -errno, -EFBIG above 1 MiB, -ENOMEM. Only ever
 * read: what the ACS sets is in the store. */
int build_prop_read(const char *path, struct build_prop **ret_prop);
void build_prop_free(struct build_prop *prop);
/* NULL when there is none; of a key given twice the last counts. Lives as long as prop. */
const char *build_prop_get(const struct build_prop *prop, const char *key);
/* The value of a key that is written in Base64, decoded; an absent or empty one is "". -EINVAL with
 * "FILE:LINE: KEY: what is wrong" in ret_error (bad Base64, a control character, not UTF-8), or the property
 * system in place of FILE:LINE; the value itself is never in it. */
int build_prop_decode(const struct build_prop *prop, const char *key, struct buffer *out, char *ret_error,
                      size_t error_size);
/* "FILE:LINE" of a key, or the property system, "" when there is none. */
void build_prop_origin(const struct build_prop *prop, const char *key, char *out, size_t size);
/* The file's path, or the property system. */
const char *build_prop_source(const struct build_prop *prop);

#endif
