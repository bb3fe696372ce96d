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
    cursor->spelled = (struct spelling){0, 0};
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

/* A part of a path in brackets, up to and with the closing one; 0: it does not end. */
static size_t bracket_length(const char *text, const char *end) {
    for (const char *at = text + 1; at < end; at++) {
        if (*at == ']' && (at + 1 == end || at[1] == '.')) {
            return (size_t) (at + 1 - text);
        }
    }
    return 0;
}

static bool is_wildcard(const char *text, size_t length) {
    return length == 1 && text[0] == '*';
}

/* The number of the row that a part of a path names. 0, -ENOENT, TR069_FAULT. */
static int name_row(struct cursor *cursor, const struct row_list *list, const char *text, size_t length,
                    enum cursor_find how, uint32_t *ret_instance) {
    const uint8_t bit = (uint8_t) (1U << cursor->place.depth);
    if (text[0] == '[') {
        if (!naming_knows(cursor->model, NAMING_ALIASES) || cursor->place.node->row->alias == NULL) {
            return -ENOENT;
        }
        cursor->spelled.alias |= bit;
        *ret_instance = 0;
        return how == FIND_PRESENT ? alias_find(cursor, list, text + 1, length - 2, ret_instance) : 0;
    }
    if (how == FIND_TEMPLATE && is_wildcard(text, length)) {
        *ret_instance = 0;
        return naming_knows(cursor->model, NAMING_WILDCARDS) ? 0 : -ENOENT;
    }
    cursor->spelled.number |= bit;
    return parse_instance(text, length, ret_instance) ? 0 : -ENOENT;
}

static int find_in_table(struct cursor *cursor, const char *text, size_t length, enum cursor_find how) {
    const struct node *table = cursor->place.node;
    struct row_list *list;
    struct row row = {0, NULL};
    int r = 0;
    if (cursor->place.depth >= TR069_DEPTH_MAX) {
        return -ENOENT;
    }
    list = &cursor->rows[cursor->place.depth];
    if (how == FIND_PRESENT && text[0] == '[') {
        r = cursor_rows(cursor, table, list);
    }
    if (r == 0) {
        r = name_row(cursor, list, text, length, how, &row.instance);
    }
    if (r == 0 && how == FIND_PRESENT) {
        r = cursor_row(cursor, table, row.instance, &row);
    }
    if (r != 0) {
        return r;
    }
    return cursor_enter_row(cursor, table->row, &row) ? 0 : -ENOENT;
}

/* Length of the first part of a path, which may be the last; its dot or `end` follows. */
static size_t part_length(const struct node *node, const char *path, const char *end) {
    const char *dot;
    if (node->row != NULL && path[0] == '[') {
        return bracket_length(path, end);
    }
    dot = memchr(path, '.', (size_t) (end - path));
    return (size_t) ((dot != NULL ? dot : end) - path);
}

/* One part further. cursor->rest is then what follows, or on -ENOENT the part that is not there. */
static int find_part(struct cursor *cursor, const char *end, enum cursor_find how) {
    const struct node *node = cursor->place.node;
    const char *path = cursor->rest;
    size_t part = part_length(node, path, end);
    const struct node *child;
    int r;
    if (part == 0) {
        return -ENOENT;
    }
    if (path + part == end) {
        const struct leaf *leaf = node_leaf(node, path, part);
        if (leaf == NULL || !cursor_enter_leaf(cursor, leaf)) {
            return -ENOENT;
        }
        cursor->rest = end;
        return 0;
    }
    if (node->row != NULL) {
        r = find_in_table(cursor, path, part, how);
    } else {
        child = node_child(node, path, part);
        r = child != NULL && cursor_enter(cursor, child) ? 0 : -ENOENT;
    }
    if (r == 0) {
        cursor->rest = path + part + 1;
    }
    return r;
}

/* Behind the root's name. */
static int find_root(struct cursor *cursor, const char *path, size_t length) {
    size_t root_length = cursor->model->root_length;
    cursor_to_root(cursor);
    cursor->rest = path;
    if (length == 0) {
        return 0;
    }
    if (length > TR069_NAME_MAX || length < root_length ||
        memcmp(path, cursor->model->root_name, root_length) != 0) {
        return -ENOENT;
    }
    cursor->rest = path + root_length;
    return 0;
}

int cursor_find(struct cursor *cursor, const char *path, enum cursor_find how) {
    size_t length = strlen(path);
    int r = find_root(cursor, path, length);
    while (r == 0 && cursor->rest < path + length) {
        r = find_part(cursor, path + length, how);
    }
    return r;
}

bool path_is_wild(const char *path) {
    return strstr(path, ".*.") != NULL;
}

static int find_each(struct cursor *cursor, const char *end, cursor_visit *visit, void *user) {
    const struct node *table;
    const char *rest;
    struct row_list *list;
    size_t length;
    int r = 0;
    while (r == 0 && cursor->rest < end) {
        if (cursor->place.node->row != NULL && cursor->rest[0] == '*') {
            break;
        }
        r = find_part(cursor, end, FIND_PRESENT);
    }
    if (r != 0) { /* what is spelled out stands in other rows, or nowhere */
        return r == -ENOENT ? 0 : r;
    }
    if (cursor->rest == end) {
        return visit(cursor, user);
    }
    table = cursor->place.node;
    length = cursor->place.length;
    rest = cursor->rest + 2; /* "*." */
    list = &cursor->rows[table->depth];
    r = cursor_rows(cursor, table, list);
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        cursor->rest = rest;
        if (cursor_enter_row(cursor, table->row, &list->items[i])) {
            r = find_each(cursor, end, visit, user);
        }
        cursor_leave(cursor, table, length);
    }
    return r;
}

int cursor_find_each(struct cursor *cursor, const char *path, cursor_visit *visit, void *user) {
    int r;
    if (!path_is_wild(path)) {
        r = cursor_find(cursor, path, FIND_PRESENT);
        return r != 0 ? r : visit(cursor, user);
    }
    r = cursor_find(cursor, path, FIND_TEMPLATE);
    if (r == 0) {
        (void) find_root(cursor, path, strlen(path));
        r = find_each(cursor, path + strlen(path), visit, user);
    }
    return r;
}
