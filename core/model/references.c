/* References to rows (TR069_REFERENCE): they are emptied when the row is deleted (TR-106 section 3.2.4). */
#include "model/model_internal.h"

#include "base/log.h"

#include <stdlib.h>

#define LOG_ROOM "model"

struct search {
    const char *gone; /* the row's path, with its dot */
    size_t length;    /* without it */
    struct cursor other;
    struct tr069_fault fault;
    struct buffer left, *list;
};

static bool is_gone(const struct search *search, const char *text, size_t length) {
    return length >= search->length && memcmp(text, search->gone, search->length) == 0 &&
           (length == search->length || text[search->length] == '.');
}

/* Does this item name the row or something in it? It may do so by aliases. */
static bool refers(struct search *search, const char *item, size_t length) {
    char path[TR069_NAME_MAX + 2];
    if (memchr(item, '[', length) == NULL) {
        return is_gone(search, item, length);
    }
    if (length > TR069_NAME_MAX) {
        return false;
    }
    (void) snprintf(path, sizeof path, "%.*s%s", (int) length, item, item[length - 1] == '.' ? "" : ".");
    if (cursor_find(&search->other, path, FIND_PRESENT) != 0) {
        path[length] = '\0';
        if (cursor_find(&search->other, path, FIND_PRESENT) != 0) {
            return false;
        }
    }
    return is_gone(search, place_path(&search->other.place), search->other.place.length);
}

/* What is left of a value without the row; false: all of it. */
static bool strip(struct search *search, const struct leaf *leaf, const char *text, size_t length) {
    const bool list = (leaf->param->flags & TR069_CSV) != 0;
    bool found = false;
    buffer_reset(&search->left);
    for (size_t at = 0; at < length;) {
        const char *comma = list ? memchr(text + at, ',', length - at) : NULL;
        const size_t item = (size_t) ((comma != NULL ? comma : text + length) - (text + at));
        if (item > 0 && refers(search, text + at, item)) {
            found = true;
        } else {
            (void) buffer_text(&search->left, search->left.length > 0 ? "," : "");
            (void) buffer_append(&search->left, text + at, item);
        }
        at += item + 1;
    }
    return found;
}

/* A getter that fails is no reason to keep the row. */
static int search_leaf(struct cursor *cursor, void *user) {
    struct search *search = user;
    const struct leaf *leaf = cursor->place.leaf;
    const char *path = place_path(&cursor->place);
    struct tr069_value value;
    const char *text;
    size_t length;
    if (is_gone(search, path, cursor->place.length) ||
        leaf_read(cursor, &value, &text, &length, NULL) != TR069_OK || !strip(search, leaf, text, length)) {
        return 0;
    }
    (void) names_add(search->list, path, cursor->place.length);
    (void) names_add(search->list, buffer_string(&search->left), search->left.length);
    return buffer_error(&search->left) != 0 || buffer_error(search->list) != 0 ? -ENOMEM : 0;
}

int references_find(struct model *model, const char *gone, struct buffer *ret_list,
                    struct tr069_fault *fault) {
    struct search search = {.gone = gone, .length = strlen(gone) - 1, .list = ret_list};
    struct cursor cursor;
    int r = 0;
    if (model->references.count == 0) {
        return TR069_OK;
    }
    buffer_init(&search.left, MODEL_NAMES_MAX);
    cursor_begin(&search.other, model, &search.fault);
    cursor_begin(&cursor, model, fault);
    cursor.lenient = true;
    for (size_t i = 0; r == 0 && i < model->references.count; i++) {
        r = cursor_walk_leaf(&cursor, model->references.items[i], search_leaf, &search);
    }
    cursor_end(&cursor);
    cursor_end(&search.other);
    buffer_free(&search.left);
    if (r == -ENOMEM) {
        return fault_memory(fault);
    }
    fault->code = 0;
    fault->text[0] = '\0';
    return TR069_OK;
}

void references_empty(struct model *model, const struct buffer *list, int *ret_status) {
    for (const char *path = names_next(list, NULL); path != NULL;) {
        const char *text = names_next(list, path);
        struct model_assignment assignment = {.path = path, .text = text, .length = strlen(text)};
        struct tr069_fault fault;
        int status = 0;
        if (model_set(model, MODEL_CONSEQUENCE, &assignment, 1, &status, &fault) != TR069_OK) {
            log_warning("%s refers to a row that is gone, and cannot be emptied: %s", path,
                        assignment.fault.code != 0 ? assignment.fault.text : fault.text);
        }
        *ret_status = status != 0 ? status : *ret_status;
        path = names_next(list, text);
    }
}
