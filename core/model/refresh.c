/* Slow sources: asked once a session, waited for until a deadline. */
#include "model/model_internal.h"

#include "base/log.h"

#define LOG_ROOM "model"

void model_session_begin(struct model *model) {
    for (size_t i = 0; i < model->refreshing.count; i++) {
        struct declaration *declaration = model->refreshing.items[i];
        declaration->refresh = declaration->refresh == REFRESH_RUNNING ? REFRESH_LEFT : REFRESH_STALE;
    }
}

static bool is_below(const struct node *node, const struct node *outer) {
    while (node != NULL && node != outer) {
        node = node->parent;
    }
    return node != NULL;
}

/* Does it give the values of this parameter, or of something below this object? */
static bool serves(const struct declaration *declaration, const struct node *node, const struct leaf *leaf) {
    return leaf != NULL ? leaf->declaration == declaration : is_below(declaration->node, node);
}

/* Does it tell the rows of a table on the way there? */
static bool tells_rows(const struct declaration *declaration, const struct node *node) {
    for (; node != NULL; node = node->parent) {
        if (node->is_row && node->keeper == declaration) {
            return true;
        }
    }
    return false;
}

/* The object's path up to its first {i}: the entry as a whole is refreshed, not one row. */
static void go_to_object(struct cursor *cursor, const struct node *node) {
    if (node->parent == NULL) {
        cursor_to_root(cursor);
        return;
    }
    go_to_object(cursor, node->parent);
    if (node->depth == 0) {
        (void) cursor_enter(cursor, node);
    }
}

static void start(struct cursor *cursor, struct declaration *declaration, uint64_t now_ms) {
    struct tr069_fault fault = {0};
    struct tr069_at at;
    uint32_t wait = declaration->object->refresh_ms;
    bool under_way = declaration->refresh == REFRESH_LEFT;
    int verdict;
    go_to_object(cursor, declaration->node);
    place_at(&cursor->place, declaration, NULL, &fault, &at);
    /* Before the call: the plugin may tell at once that it has ended. */
    declaration->refresh = REFRESH_RUNNING;
    declaration->refresh_deadline_ms = now_ms + (wait != 0 ? wait : MODEL_REFRESH_DEFAULT_MS);
    if (under_way) {
        return;
    }
    verdict = declaration->object->refresh(&at);
    if (verdict == TR069_DEFERRED) {
        return;
    }
    declaration->refresh = REFRESH_DONE;
    if (verdict != TR069_OK) {
        (void) fault_at(&fault, place_path(&cursor->place), verdict, "cannot be refreshed");
        log_warning("plugin %s: %s; the old values count", owner_name(declaration), fault.text);
    }
}

static void want(struct cursor *cursor, struct declaration *declaration, uint64_t now_ms) {
    if (declaration->refresh == REFRESH_STALE || declaration->refresh == REFRESH_LEFT) {
        start(cursor, declaration, now_ms);
    }
}

static size_t under_way(const struct model *model, uint64_t now_ms, uint64_t *ret_deadline_ms) {
    size_t running = 0;
    *ret_deadline_ms = now_ms;
    for (size_t i = 0; i < model->refreshing.count; i++) {
        const struct declaration *declaration = model->refreshing.items[i];
        if (declaration->refresh == REFRESH_RUNNING) {
            running++;
            if (declaration->refresh_deadline_ms > *ret_deadline_ms) {
                *ret_deadline_ms = declaration->refresh_deadline_ms;
            }
        }
    }
    return running;
}

size_t model_refresh(struct model *model, const struct model_selection *selection, uint64_t now_ms,
                     uint64_t *ret_deadline_ms) {
    struct tr069_fault fault;
    struct cursor cursor;
    cursor_begin(&cursor, model, &fault);
    for (size_t i = 0; i < model->refreshing.count; i++) {
        struct declaration *declaration = model->refreshing.items[i];
        bool needed = false;
        for (size_t k = 0; k < selection->count && !needed; k++) {
            needed = serves(declaration, selection->items[k].node, selection->items[k].leaf);
        }
        if (needed) {
            want(&cursor, declaration, now_ms);
        }
    }
    cursor_end(&cursor);
    return under_way(model, now_ms, ret_deadline_ms);
}

size_t model_refresh_paths(struct model *model, const char *const *paths, size_t count, uint64_t now_ms,
                           uint64_t *ret_deadline_ms) {
    struct tr069_fault fault;
    struct cursor cursor;
    cursor_begin(&cursor, model, &fault);
    for (size_t i = 0; i < count && model->refreshing.count > 0; i++) {
        if (cursor_find(&cursor, paths[i], FIND_TEMPLATE) != 0) {
            continue;
        }
        const struct node *node = cursor.place.node;
        const struct leaf *leaf = cursor.place.leaf;
        for (size_t k = 0; k < model->refreshing.count; k++) {
            struct declaration *declaration = model->refreshing.items[k];
            if (serves(declaration, node, leaf) || tells_rows(declaration, node)) {
                want(&cursor, declaration, now_ms);
            }
        }
    }
    cursor_end(&cursor);
    return under_way(model, now_ms, ret_deadline_ms);
}

void model_refreshed(struct model *model, const struct model_owner *owner,
                     const struct tr069_object *object) {
    for (size_t i = 0; i < model->refreshing.count; i++) {
        struct declaration *declaration = model->refreshing.items[i];
        if (declaration->owner == owner && declaration->entry == object) {
            declaration->refresh = REFRESH_DONE;
        }
    }
}

size_t model_refresh_pending(const struct model *model) {
    size_t running = 0;
    for (size_t i = 0; i < model->refreshing.count; i++) {
        running += model->refreshing.items[i]->refresh == REFRESH_RUNNING ? 1 : 0;
    }
    return running;
}

void model_refresh_expire(struct model *model) {
    for (size_t i = 0; i < model->refreshing.count; i++) {
        struct declaration *declaration = model->refreshing.items[i];
        if (declaration->refresh == REFRESH_RUNNING) {
            declaration->refresh = REFRESH_GIVEN_UP;
            log_warning("plugin %s: %s was not refreshed in time; the old values count",
                        owner_name(declaration), declaration->object->path);
        }
    }
}
