/* One conf file, read once: libconfuse, which understands it, gets its text without comments, whole or a
 * section of it. */
#ifndef AGENT_CONF_FILE_H
#define AGENT_CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct conf_file;

/* A regular file of at most 256 KiB of text. One that cannot be read is told by conf_file_text(). NULL when
 * out of memory, or for NULL. */
struct conf_file *conf_file_read(const char *path);
/* Accepts NULL. */
void conf_file_free(struct conf_file *file);
const char *conf_file_path(const struct conf_file *file);

/* The text, with the file's numbers of lines, freed by the caller; *ret_text is NULL when it says nothing.
 * `section` (may be NULL: everything) leaves the lines of that section: those that follow a line "[section]",
 * or, for
 * "", those before the first such line. 0; -errno with a sentence; a file that is NULL is -ENOMEM. */
int conf_file_text(const struct conf_file *file, const char *section, char **ret_text, char *ret_error,
                   size_t error_size);

/* Of a plugin's file, or of a section of the profile: does it say `enabled`? What does not parse says
 * nothing: it is reported when it is read with all its options. */
bool conf_file_enabled(const struct conf_file *file, const char *section, bool *ret_enabled);
/* Is `enabled` all that the file says, as most of a plugin do? Then it need not be parsed. *ret_line: where
 * it says so. */
bool conf_file_is_enabled_only(const struct conf_file *file, bool *ret_enabled, int *ret_line);

#endif
