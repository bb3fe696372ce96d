/* Puts into the store that can be taken back until they are saved. */
#include "model/model_internal.h"

#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>

#define LOG_ROOM "model"

void journal_begin(struct journal *journal, struct store *store) {
    memset(journal, 0, sizeof *journal);
    journal->store = store;
}

int journal_put(struct journal *journal, const char *key, const char *value) {
    const char *old = store_get(journal->store, key);
    struct journal_entry entry = {NULL, NULL};
    int r;
    if (old == NULL ? value == NULL : value != NULL && strcmp(old, value) == 0) {
        return 0;
    }
    if (journal->count == journal->capacity) {
        size_t capacity = journal->capacity == 0 ? 16 : journal->capacity * 2;
        struct journal_entry *grown = realloc(journal->entries, capacity * sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        journal->entries = grown;
        journal->capacity = capacity;
    }
    entry.key = text_dup(key);
    entry.old = old != NULL ? text_dup(old) : NULL;
    if (entry.key == NULL || (old != NULL && entry.old == NULL)) {
        r = -ENOMEM;
    } else {
        r = store_put(journal->store, key, value);
    }
    if (r < 0) {
        free(entry.key);
        free(entry.old);
        return r;
    }
    journal->entries[journal->count++] = entry;
    return 0;
}

void journal_undo(struct journal *journal, size_t mark) {
    while (journal->count > mark) {
        struct journal_entry *entry = &journal->entries[--journal->count];
        if (store_put(journal->store, entry->key, entry->old) < 0) {
            log_error("%s could not be put back to what it was", entry->key);
        }
        free(entry->key);
        free(entry->old);
    }
}

void journal_end(struct journal *journal) {
    for (size_t i = 0; i < journal->count; i++) {
        free(journal->entries[i].key);
        free(journal->entries[i].old);
    }
    free(journal->entries);
}

int model_save(struct model *model, struct tr069_fault *fault) {
    const int r = store_commit(model->store);
    switch (-r) {
    case 0:
        return TR069_OK;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMSGSIZE:
    case ENOMEM:
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "the state cannot be saved: %s", strerror(-r));
    default:
        return tr069_fault(fault, TR069_INTERNAL_ERROR, "the state cannot be saved: %s", strerror(-r));
    }
}
