/* Changes that wait to be told: by the next Inform, by a lightweight notification, or by both. */
#include "model/model_internal.h"

#include "base/text.h"

#include <stdlib.h>

static size_t pending_place(const struct model *model, const char *path, bool *ret_there) {
    size_t low = 0, high = model->pending_count;
    *ret_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int r = strcmp(path, model->pending[middle].path);
        if (r == 0) {
            *ret_there = true;
            return middle;
        }
        if (r < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

struct pending *pending_find(const struct model *model, const char *path) {
    bool there;
    size_t place = pending_place(model, path, &there);
    return there ? &model->pending[place] : NULL;
}

static void pending_remove(struct model *model, size_t place) {
    free(model->pending[place].path);
    model->pending_count--;
    memmove(model->pending + place, model->pending + place + 1,
            (model->pending_count - place) * sizeof model->pending[0]);
}

int pending_add(struct model *model, const char *path, unsigned changes) {
    bool there;
    size_t place = pending_place(model, path, &there);
    struct pending *pending;
    char *copy;
    if (there) {
        model->pending[place].changes = changes;
        model->pending[place].sequence = ++model->sequence;
        return 0;
    }
    if (model->pending_count == model->pending_capacity) {
        size_t capacity = model->pending_capacity == 0 ? 8 : model->pending_capacity * 2;
        pending = realloc(model->pending, capacity * sizeof *pending);
        if (pending == NULL) {
            return -ENOMEM;
        }
        model->pending = pending;
        model->pending_capacity = capacity;
    }
    copy = text_dup(path);
    if (copy == NULL) {
        return -ENOMEM;
    }
    pending = &model->pending[place];
    memmove(pending + 1, pending, (model->pending_count - place) * sizeof *pending);
    pending->path = copy;
    pending->changes = changes;
    pending->sequence = ++model->sequence;
    model->pending_count++;
    return 0;
}

void pending_drop(struct model *model, const char *path) {
    bool there;
    size_t place = pending_place(model, path, &there);
    if (there) {
        pending_remove(model, place);
    }
}

void pending_drop_below(struct model *model, const char *prefix) {
    bool there;
    size_t place = pending_place(model, prefix, &there);
    while (place < model->pending_count && text_starts(model->pending[place].path, prefix)) {
        pending_remove(model, place);
    }
}

void pending_clear(struct model *model) {
    for (size_t i = 0; i < model->pending_count; i++) {
        free(model->pending[i].path);
    }
    free(model->pending);
    model->pending = NULL;
    model->pending_count = model->pending_capacity = 0;
}

/* What is told already is not told again because the attribute is another one now. */
static unsigned still_wanted(unsigned pending, unsigned attribute) {
    const unsigned inform = (pending & MODEL_BY_INFORM) != 0 ? attribute & MODEL_BY_INFORM : 0;
    const unsigned light = (pending & MODEL_BY_LIGHT) != 0 ? attribute & MODEL_BY_LIGHT : 0;
    return inform | light;
}

void pending_settle(struct model *model, const char *path, unsigned changes) {
    bool there;
    size_t place = pending_place(model, path, &there);
    if (there) {
        model->pending[place].changes &= ~changes;
        if (model->pending[place].changes == 0) {
            pending_remove(model, place);
        }
    }
}

/* Drops what is no longer there or no longer wanted. */
void pending_review(struct model *model) {
    struct tr069_fault fault;
    struct cursor cursor;
    size_t i = 0;
    cursor_begin(&cursor, model, &fault);
    while (i < model->pending_count) {
        struct pending *pending = &model->pending[i];
        int r = cursor_find(&cursor, pending->path, FIND_PRESENT);
        if (r == 0 && cursor.place.leaf != NULL) {
            const int notification = attributes_notification(model, &cursor.place, cursor.place.leaf);
            pending->changes = still_wanted(pending->changes, notification_changes(notification));
        }
        if (r == -ENOENT || pending->changes == 0) {
            pending_remove(model, i);
        } else {
            i++;
        }
    }
    cursor_end(&cursor);
}

unsigned model_changes_pending(const struct model *model) {
    unsigned changes = 0;
    for (size_t i = 0; i < model->pending_count; i++) {
        changes |= model->pending[i].changes;
    }
    return changes;
}

int model_changes_each(const struct model *model, unsigned changes,
                       int (*visit)(void *user, const char *path), void *user) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < model->pending_count; i++) {
        if (model->pending[i].changes & changes) {
            r = visit(user, model->pending[i].path);
        }
    }
    return r;
}
