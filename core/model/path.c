/* Paths: a place in the model, and the cursor that goes to one. Survives any text. */
#include "model/model_internal.h"

#include <stdlib.h>

const char *place_key(struct place *place, const char *prefix) {
    size_t length = strlen(prefix);
    char *key = place->text + PLACE_ROOM - length;
    memcpy(key, prefix, length);
    return key;
}

void place_at(const struct place *place, const struct declaration *declaration, const struct leaf *leaf,
              struct tr069_fault *fault, struct tr069_at *ret_at) {
    ret_at->path = place_path(place);
    ret_at->instance = place->instance;
    ret_at->depth = place->depth;
    ret_at->row = declaration->knows_rows && place->depth > 0 ? place->row[place->depth - 1] : NULL;
    ret_at->object = declaration->entry;
    ret_at->param = leaf != NULL ? leaf->entry : NULL;
    ret_at->fault = fault;
    ret_at->ctx = declaration->owner->ctx;
    ret_at->host = declaration->owner->host;
}

void table_at(const struct place *place, const struct declaration *declaration, struct tr069_fault *fault,
              struct tr069_at *ret_at) {
    place_at(place, declaration, NULL, fault, ret_at);
    ret_at->row = NULL;
    for (const struct node *outer = declaration->node->parent; outer != NULL; outer = outer->parent) {
        if (outer->is_row) {
            if (outer->keeper != NULL && outer->keeper->owner == declaration->owner) {
                ret_at->row = place->row[outer->depth - 1];
            }
            return;
        }
    }
}

void cursor_begin(struct cursor *cursor, struct model *model, struct tr069_fault *fault) {
    cursor->model = model;
    cursor->fault = fault;
    cursor->lenient = false;
    for (size_t i = 0; i < TR069_DEPTH_MAX; i++) {
        row_list_init(&cursor->rows[i]);
    }
    row_list_init(&cursor->counted);
    fault->code = 0;
    fault->text[0] = '\0';
    cursor_to_root(cursor);
}

void cursor_end(struct cursor *cursor) {
    for (size_t i = 0; i < TR069_DEPTH_MAX; i++) {
        row_list_free(&cursor->rows[i]);
    }
    row_list_free(&cursor->counted);
}

void cursor_to_root(struct cursor *cursor) {
    struct place *place = &cursor->place;
    place->node = cursor->model->root;
    place->leaf = NULL;
    place->depth = 0;
    place->length = cursor->model->root_length;
    memcpy(place->text + PLACE_ROOM, cursor->model->root_name, place->length + 1);
}

static bool append(struct place *place, const char *name, size_t length, bool dot) {
    char *at = place->text + PLACE_ROOM + place->length;
    if (place->length + length + (dot ? 1 : 0) > TR069_NAME_MAX) {
        return false;
    }
    memcpy(at, name, length);
    at += length;
    if (dot) {
        *at++ = '.';
    }
    *at = '\0';
    place->length = (size_t) (at - place_path(place));
    return true;
}

bool cursor_enter(struct cursor *cursor, const struct node *child) {
    if (!append(&cursor->place, child->name, child->name_length, true)) {
        return false;
    }
    cursor->place.node = child;
    return true;
}

bool cursor_enter_row(struct cursor *cursor, const struct node *row_node, const struct row *row) {
    struct place *place = &cursor->place;
    char digits[12];
    char *at = digits + sizeof digits;
    uint32_t number = row->instance;
    do {
        *--at = (char) ('0' + number % 10);
        number /= 10;
    } while (number > 0);
    if (place->depth >= TR069_DEPTH_MAX || !append(place, at, (size_t) (digits + sizeof digits - at), true)) {
        return false;
    }
    place->instance[place->depth] = row->instance;
    place->row[place->depth] = row->row;
    place->depth++;
    place->node = row_node;
    return true;
}

bool cursor_enter_leaf(struct cursor *cursor, const struct leaf *leaf) {
    if (!append(&cursor->place, leaf->name, leaf->name_length, false)) {
        return false;
    }
    cursor->place.leaf = leaf;
    return true;
}

void cursor_leave(struct cursor *cursor, const struct node *node, size_t length) {
    struct place *place = &cursor->place;
    place->node = node;
    place->leaf = NULL;
    place->depth = node->depth;
    place->length = length;
    place->text[PLACE_ROOM + length] = '\0';
}

/* ---- Finding ---------------------------------------------------------------------------------- */

/* An instance number as it is written: no sign, no leading zero, nothing around it. */
static bool parse_instance(const char *text, size_t length, uint32_t *ret_instance) {
    uint64_t number = 0;
    if (length == 0 || length > 10 || text[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = number * 10 + (unsigned) (text[i] - '0');
    }
    *ret_instance = (uint32_t) number;
    return number <= UINT32_MAX;
}

static const struct row *find_row(const struct row_list *list, uint32_t instance) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->items[middle].instance == instance) {
            return &list->items[middle];
        }
        if (list->items[middle].instance > instance) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static int find_in_table(struct cursor *cursor, const char *text, size_t length, enum cursor_find how) {
    const struct node *table = cursor->place.node;
    struct row any = {0, NULL};
    const struct row *row = &any;
    if (!parse_instance(text, length, &any.instance)) {
        return -ENOENT;
    }
    if (how == FIND_PRESENT) {
        struct row_list *list = &cursor->rows[cursor->place.depth];
        int r = cursor_rows(cursor, table, list);
        if (r != 0) {
            return r;
        }
        row = find_row(list, any.instance);
    }
    return row != NULL && cursor_enter_row(cursor, table->row, row) ? 0 : -ENOENT;
}

int cursor_find(struct cursor *cursor, const char *path, enum cursor_find how) {
    size_t length = strlen(path);
    size_t root_length = cursor->model->root_length;
    const char *end = path + length;
    cursor_to_root(cursor);
    if (length == 0) {
        return 0;
    }
    if (length > TR069_NAME_MAX || length < root_length ||
        memcmp(path, cursor->model->root_name, root_length) != 0) {
        return -ENOENT;
    }
    path += root_length;
    while (path < end) {
        const struct node *node = cursor->place.node;
        const char *dot = memchr(path, '.', (size_t) (end - path));
        size_t part = (size_t) ((dot != NULL ? dot : end) - path);
        int r = 0;
        if (dot == NULL) {
            const struct leaf *leaf = node_leaf(node, path, part);
            return leaf != NULL && cursor_enter_leaf(cursor, leaf) ? 0 : -ENOENT;
        }
        if (node->row != NULL) {
            r = find_in_table(cursor, path, part, how);
        } else {
            const struct node *child = node_child(node, path, part);
            r = child != NULL && cursor_enter(cursor, child) ? 0 : -ENOENT;
        }
        if (r != 0) {
            return r;
        }
        path = dot + 1;
    }
    return 0;
}
