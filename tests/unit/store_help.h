/* For the tests of the store: files as octets, children. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include <tr069/fake_directory.h>

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

void help_empty(const char *directory);
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
