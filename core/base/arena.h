/* Memory of one message: many small pieces, freed together, with a hard maximum in all. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/* At most `max` octets will ever be given out between two resets. NULL when out of memory. */
struct arena *arena_new(size_t max);
void arena_free(struct arena *arena);
/* Everything given out is gone; one block is kept for the next message. */
void arena_reset(struct arena *arena);
/* Zeroed, aligned for any type; NULL beyond the maximum or out of memory. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_strdup(struct arena *arena, const char *text);

#endif
