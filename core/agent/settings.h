/* Typed settings from one file, by a table of struct tr069_option: the same mechanism for
 * tr069-client.conf and for the conf file of each plugin. libconfuse reads the file; a mistake is
 * reported with file and line before anything starts. */
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct conf_file;
struct settings;

/* Every option at its default. The tables end with a NULL name and are kept, not copied; `common` (may be
 * NULL) comes first, `options` (may be NULL) is strided by `stride`. `prefix` (may be NULL or "") is put in
 * front of relative TR069_OPTION_PATH values. 0; -EINVAL when a default does not fit its own limits (the
 * option's name is in ret_error); -ENOMEM. */
int settings_new(const struct tr069_option *common, const struct tr069_option *options, size_t stride,
                 const char *prefix, struct settings **ret_settings, char *ret_error, size_t error_size);
void settings_free(struct settings *settings);

/* Reads a file over what is set; with a section (conf_file.h) only that one, and it fills in what nobody has
 * set: a platform profile. -EINVAL with "FILE:LINE: what is wrong" in ret_error: a syntax error, an unknown
 * option, a wrong type, a value outside its limits. -errno when the file could not be read. */
int settings_take(struct settings *settings, const struct conf_file *file, const char *section,
                  char *ret_error, size_t error_size);
/* One option from text: numbers, true/false, lists with spaces between the items. -ENOENT: there is no
 * such option; -EINVAL. `origin` is printed by settings_print(). */
int settings_set(struct settings *settings, const char *name, const char *text, const char *origin,
                 char *ret_error, size_t error_size);
void settings_set_prefix(struct settings *settings, const char *prefix);

/* By name; asking for one that is not in the table is a bug of the caller: "" / 0 / false / {NULL}. */
const char *settings_string(const struct settings *settings, const char *name);
/* A PATH with the prefix in front if it is relative; "" stays "". */
const char *settings_path(const struct settings *settings, const char *name);
int64_t settings_int(const struct settings *settings, const char *name);
bool settings_bool(const struct settings *settings, const char *name);
const char *const *settings_list(const struct settings *settings, const char *name);
/* Is there an option of that name? */
bool settings_knows(const struct settings *settings, const char *name);
/* "default", "FILE:LINE", "command line". */
const char *settings_origin(const struct settings *settings, const char *name);

/* A line an option: `NAME = VALUE  (ORIGIN)`; secrets as `***`. `section` is put before the name. */
void settings_print(const struct settings *settings, const char *section, FILE *out);
/* Both of one table. The next option, from *at on, whose values differ; *at moves behind it. NULL: no more.
 */
const char *settings_changed(const struct settings *a, const struct settings *b, size_t *at);
bool settings_equal(const struct settings *a, const struct settings *b);

#endif
