/* Between store.c (memory) and store_file.c (disk); nobody else includes it. */
#ifndef BASE_STORE_FILE_H
#define BASE_STORE_FILE_H

#include "base/store.h"

enum { STORE_KEY_MAX = 320, STORE_VALUE_MAX = 16 * 1024, STORE_SIZE_MAX = 1024 * 1024 };

struct store_entry {
    char *key, *value;
};

struct store {
    struct store_entry *entries; /* sorted by key */
    size_t count, capacity;
    size_t size; /* of all keys and values, as it counts against the maximum */
    bool dirty;

    int directory;       /* descriptor, or -1: in memory only */
    int lock;            /* descriptor of the locked file, or -1 */
    uint64_t generation; /* of the newest file that was read or written */
    bool current_good;   /* FILE itself is valid, so that it may become FILE.1 */
    uint64_t writes;
    char note[256];
};

bool store_key_valid(const char *key);
/* Forgets all entries; not dirty. */
void store_clear(struct store *store);

#endif
