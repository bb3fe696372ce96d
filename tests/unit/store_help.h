/* For the tests of the store: directories, files as octets, children. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* A new directory; NULL when there is none to be had. */
char *help_directory(void);
void help_empty(const char *directory);
/* The directory with all in it; frees the name too. */
void help_remove(char *directory);
char *help_path(const char *directory, const char *name);
bool help_exists(const char *directory, const char *name);
void help_unlink(const char *directory, const char *name);
void help_read(const char *directory, const char *name, struct buffer *out);
void help_write(const char *directory, const char *name, const char *data, size_t length);
/* With a right checksum at the end. */
void help_write_signed(const char *directory, const char *name, const char *data, size_t length);
bool help_drop_root(void);
/* Runs it in a child; its result, or -1 when the child was killed. */
int help_child(int (*run)(void));

#endif
