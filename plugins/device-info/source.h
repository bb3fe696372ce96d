/* plugins/device-info: the sources of a value. */
#ifndef DEVICE_INFO_SOURCE_H
#define DEVICE_INFO_SOURCE_H

#include <tr069/plugin.h>

/* What one source ("property:KEY", "file:PATH", "text:WORDS", "mac:") gives, or an empty text. `mac`: empty,
 * or what was found by the last call that looked for it. */
void device_info_source(const struct tr069_host *host, const char *source, char mac[13], char *ret_text,
                        size_t size);
/* Copies a line: without control characters, without spaces around, cut to `max` characters. */
void device_info_copy(const char *from, size_t max, char *ret_text, size_t size);

#endif
