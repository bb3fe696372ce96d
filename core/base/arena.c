/* Memory of one message: blocks that pieces are cut from, freed together. */
#include <config.h>

#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_FIRST = 4096, ARENA_BLOCK_MAX = 65536 };

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) char data[];
};

struct arena {
    size_t max, given;
    struct block *blocks; /* the newest, which pieces are cut from, first */
};

struct arena *arena_new(size_t max) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->max = max;
    }
    return arena;
}

static void free_blocks(struct block *block) {
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_free(struct arena *arena) {
    if (arena != NULL) {
        free_blocks(arena->blocks);
        free(arena);
    }
}

void arena_reset(struct arena *arena) {
    struct block *block = arena->blocks, *kept = NULL;
    /* The oldest one is kept: it is small, and enough for most messages. */
    while (block != NULL) {
        struct block *next = block->next;
        if (next == NULL && block->size <= ARENA_BLOCK_MAX) {
            kept = block;
            kept->used = 0;
        } else {
            free(block);
        }
        block = next;
    }
    arena->blocks = kept;
    arena->given = 0;
}

static struct block *new_block(struct arena *arena, size_t size) {
    size_t usual = arena->blocks == NULL ? ARENA_FIRST : arena->blocks->size * 2;
    struct block *block;
    usual = usual < ARENA_BLOCK_MAX ? usual : ARENA_BLOCK_MAX;
    size = size > usual ? size : usual;
    if (size > SIZE_MAX - sizeof *block) {
        return NULL;
    }
    block = malloc(sizeof *block + size);
    if (block != NULL) {
        *block = (struct block){.next = arena->blocks, .size = size};
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    const size_t align = alignof(max_align_t);
    struct block *block = arena->blocks;
    void *piece;
    if (size > SIZE_MAX - align) {
        return NULL;
    }
    size = size > 0 ? (size + align - 1) / align * align : align;
    if (size > arena->max - arena->given) {
        return NULL;
    }
    if (block == NULL || size > block->size - block->used) {
        block = new_block(arena, size);
        if (block == NULL) {
            return NULL;
        }
    }
    piece = block->data + block->used;
    block->used += size;
    arena->given += size;
    return memset(piece, 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length) {
    char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;
    if (copy != NULL && length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}
