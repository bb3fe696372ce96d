/* Android's property system. Its functions are libc's there; elsewhere there are none, unless something that
 * was loaded before brings them (a test). */
#ifndef AGENT_ANDROID_PROPERTY_H
#define AGENT_ANDROID_PROPERTY_H

#include "base/buffer.h"

#include <stdbool.h>

bool android_property_present(void);
/* The value of one property into `out`, which is emptied before. -ENOENT: there is none (an empty one counts
 * as none before Android 8); -EMSGSIZE, -ENOMEM: see buffer.h. Before Android 8 at most 91 octets are to be
 * had. */
int android_property_get(const char *key, struct buffer *out);

#endif
