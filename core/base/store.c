/* The crash-safe store, in memory: a sorted array of keys and values. */
#include <config.h>

#include "base/store.h"

#include "base/store_file.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an entry counts besides its octets: the space and the newline of its line. */
enum { ENTRY_EXTRA = 2 };

static size_t entry_size(const char *key, const char *value) {
    return strlen(key) + strlen(value) + ENTRY_EXTRA;
}

/* The first entry whose key is not before `key`. */
static size_t lower_bound(const struct store *store, const char *key) {
    size_t low = 0, high = store->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(store->entries[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct store_entry *find(const struct store *store, const char *key) {
    size_t i = lower_bound(store, key);
    return i < store->count && strcmp(store->entries[i].key, key) == 0 ? &store->entries[i] : NULL;
}

bool store_key_valid(const char *key) {
    size_t length = 0;
    for (; key[length] != '\0'; length++) {
        if (key[length] <= ' ' || key[length] >= 127 || length >= STORE_KEY_MAX) {
            return false;
        }
    }
    return length > 0;
}

const char *store_get(const struct store *store, const char *key) {
    const struct store_entry *entry = find(store, key);
    return entry != NULL ? entry->value : NULL;
}

int64_t store_get_int(const struct store *store, const char *key, int64_t otherwise) {
    const char *value = store_get(store, key);
    int64_t number;
    return value != NULL && text_parse_int(value, INT64_MIN, INT64_MAX, &number) == 0 ? number : otherwise;
}

static void remove_range(struct store *store, size_t from, size_t to) {
    size_t i;
    for (i = from; i < to; i++) {
        store->size -= entry_size(store->entries[i].key, store->entries[i].value);
        free(store->entries[i].key);
        free(store->entries[i].value);
    }
    if (to > from) {
        memmove(store->entries + from, store->entries + to, (store->count - to) * sizeof *store->entries);
        store->count -= to - from;
        store->dirty = true;
    }
}

static int insert(struct store *store, size_t at, const char *key, char *value) {
    char *copy;
    if (store->count == store->capacity) {
        size_t capacity = store->capacity > 0 ? store->capacity * 2 : 32;
        struct store_entry *entries = realloc(store->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return -ENOMEM;
        }
        store->entries = entries;
        store->capacity = capacity;
    }
    copy = strdup(key);
    if (copy == NULL) {
        return -ENOMEM;
    }
    memmove(store->entries + at + 1, store->entries + at, (store->count - at) * sizeof *store->entries);
    store->entries[at] = (struct store_entry){.key = copy, .value = value};
    store->count++;
    return 0;
}

int store_put(struct store *store, const char *key, const char *value) {
    struct store_entry *entry;
    size_t at, size, old;
    char *copy;
    if (!store_key_valid(key)) {
        return -EINVAL;
    }
    at = lower_bound(store, key);
    entry = at < store->count && strcmp(store->entries[at].key, key) == 0 ? &store->entries[at] : NULL;
    if (value == NULL) {
        remove_range(store, at, entry != NULL ? at + 1 : at);
        return 0;
    }
    if (strnlen(value, STORE_VALUE_MAX + 1) > STORE_VALUE_MAX) {
        return -EINVAL;
    }
    if (entry != NULL && strcmp(entry->value, value) == 0) {
        return 0;
    }
    size = entry_size(key, value);
    old = entry != NULL ? entry_size(key, entry->value) : 0;
    if (store->size - old + size > STORE_SIZE_MAX) {
        return -ENOSPC;
    }
    copy = strdup(value);
    if (copy == NULL) {
        return -ENOMEM;
    }
    if (entry != NULL) {
        free(entry->value);
        entry->value = copy;
    } else if (insert(store, at, key, copy) < 0) {
        free(copy);
        return -ENOMEM;
    }
    store->size = store->size - old + size;
    store->dirty = true;
    return 0;
}

int store_put_later(struct store *store, const char *key, const char *value) {
    const bool dirty = store->dirty;
    const int r = store_put(store, key, value);
    store->dirty = dirty;
    return r;
}

int store_put_int(struct store *store, const char *key, int64_t number) {
    char text[24];
    (void) snprintf(text, sizeof text, "%" PRId64, number);
    return store_put(store, key, text);
}

/* The end of the entries, from `from` on, that begin with `prefix`. */
static size_t prefix_end(const struct store *store, size_t from, const char *prefix) {
    while (from < store->count && text_starts(store->entries[from].key, prefix)) {
        from++;
    }
    return from;
}

size_t store_remove_all(struct store *store, const char *prefix) {
    size_t from = lower_bound(store, prefix), to = prefix_end(store, from, prefix);
    remove_range(store, from, to);
    return to - from;
}

int store_each(const struct store *store, const char *prefix,
               int (*call)(void *user, const char *key, const char *value), void *user) {
    size_t i = lower_bound(store, prefix);
    int r = 0;
    for (; r == 0 && i < store->count && text_starts(store->entries[i].key, prefix); i++) {
        r = call(user, store->entries[i].key, store->entries[i].value);
    }
    return r;
}

void store_clear(struct store *store) {
    remove_range(store, 0, store->count);
    store->dirty = false;
}

bool store_dirty(const struct store *store) {
    return store->dirty;
}

uint64_t store_writes(const struct store *store) {
    return store->writes;
}
