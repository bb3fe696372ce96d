/* A message of CWMP for people: indented, and without secrets. */
#ifndef CWMP_REDACT_H
#define CWMP_REDACT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* May the value of this parameter be seen? Of one that is not known here it may not. */
typedef bool redact_may_show(void *user, const char *path);

/* Appends the message; stars stand for values of parameters that may not be seen, for arguments whose name
 * says password or the like; links lose their userinfo and query. What is no XML is told by its length alone,
 * and without libxml2 everything. 0, or the error of `out`. */
int redact_message(const char *message, size_t length, redact_may_show *may_show, void *user,
                   struct buffer *out);

#endif
