/* --help and its topics: scenario, control, http, violations. */
#ifndef ACS_MANUAL_H
#define ACS_MANUAL_H

#include <stdbool.h>

/* `topic` NULL: the command line. False when there is no such topic. */
bool manual_print(const char *topic);

#endif
