/* Memory that runs out: for tests linked with little_memory.c and $(little_memory_link), which lead the
 * allocations of our objects to it. */
#ifndef TESTS_LITTLE_MEMORY_H
#define TESTS_LITTLE_MEMORY_H

#include <stdbool.h>

/* After `allowed` more allocations the next one fails, or with `for_good` every one until
 * little_memory_end(). Starts the count anew. */
void little_memory_begin(unsigned long allowed, bool for_good);
/* None fails any more. Did one? */
bool little_memory_end(void);
/* Allocations since little_memory_begin() or the start. */
unsigned long little_memory_count(void);
/* Lets libxml2 allocate here too; before anything of libxml2 is used. */
void little_memory_libxml2(void);

#endif
