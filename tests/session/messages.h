/* Keeps every message that the client emitted and holds them all to the schemas at the end. */
#ifndef TESTS_SESSION_MESSAGES_H
#define TESTS_SESSION_MESSAGES_H

#include <stddef.h>

/* Keeps one (each different one once). */
void messages_keep(const char *data, size_t length);
/* Runs validate.sh of $TR069_STANDARDS over them. Prints a line. 0 = valid or skipped. */
int messages_validate(void);

#endif
