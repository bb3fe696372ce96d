/* Walking the model: everything below a place, a leaf in all its rows, GetParameterNames. */
#include "model/model_internal.h"

static int walk_node(struct cursor *cursor, const struct cursor_visits *visits);

static int walk_rows(struct cursor *cursor, const struct cursor_visits *visits) {
    const struct node *table = cursor->place.node;
    struct row_list *list = &cursor->rows[table->depth];
    size_t length = cursor->place.length;
    int r = cursor_rows(cursor, table, list);
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        if (cursor_enter_row(cursor, table->row, &list->items[i])) {
            r = walk_node(cursor, visits);
        }
        cursor_leave(cursor, table, length);
    }
    return r;
}

static int walk_node(struct cursor *cursor, const struct cursor_visits *visits) {
    const struct node *node = cursor->place.node;
    size_t length = cursor->place.length;
    int r = visits->object != NULL ? visits->object(cursor, visits->user) : 0;
    if (r == 0 && node->row != NULL) {
        return walk_rows(cursor, visits);
    }
    for (size_t i = 0; r == 0 && visits->leaf != NULL && i < node->leaves_count; i++) {
        if (cursor_enter_leaf(cursor, node->leaves[i])) {
            r = visits->leaf(cursor, visits->user);
        }
        cursor_leave(cursor, node, length);
    }
    for (size_t i = 0; r == 0 && i < node->children_count; i++) {
        if (cursor_enter(cursor, node->children[i])) {
            r = walk_node(cursor, visits);
        }
        cursor_leave(cursor, node, length);
    }
    return r;
}

int cursor_walk(struct cursor *cursor, const struct cursor_visits *visits) {
    if (cursor->place.leaf != NULL) {
        return visits->leaf != NULL ? visits->leaf(cursor, visits->user) : 0;
    }
    return walk_node(cursor, visits);
}

/* ---- One leaf in all rows --------------------------------------------------------------------- */

struct leaf_walk {
    const struct leaf *leaf;
    cursor_visit *visit;
    void *user;
};

/* The node on the way from `outer` to the leaf that comes right after `outer`. */
static const struct node *next_on_the_way(const struct node *outer, const struct node *inner) {
    while (inner != NULL && inner->parent != outer) {
        inner = inner->parent;
    }
    return inner;
}

static int walk_leaf_from(struct cursor *cursor, const struct leaf_walk *walk) {
    const struct node *node = cursor->place.node;
    const struct node *next = next_on_the_way(node, walk->leaf->declaration->node);
    size_t length = cursor->place.length;
    int r = 0;
    if (node == walk->leaf->declaration->node) {
        if (cursor_enter_leaf(cursor, walk->leaf)) {
            r = walk->visit(cursor, walk->user);
        }
        cursor_leave(cursor, node, length);
        return r;
    }
    if (next == NULL) {
        return 0;
    }
    if (!next->is_row) {
        if (cursor_enter(cursor, next)) {
            r = walk_leaf_from(cursor, walk);
        }
        cursor_leave(cursor, node, length);
        return r;
    }
    struct row_list *list = &cursor->rows[node->depth];
    r = cursor_rows(cursor, node, list);
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        if (cursor_enter_row(cursor, next, &list->items[i])) {
            r = walk_leaf_from(cursor, walk);
        }
        cursor_leave(cursor, node, length);
    }
    return r;
}

int cursor_walk_leaf(struct cursor *cursor, const struct leaf *leaf, cursor_visit *visit, void *user) {
    const struct leaf_walk walk = {leaf, visit, user};
    cursor_to_root(cursor);
    return walk_leaf_from(cursor, &walk);
}

/* ---- GetParameterNames ------------------------------------------------------------------------ */

struct names {
    model_name_visit *visit;
    void *user;
    bool next_level;
    const char *path; /* as it was asked for */
};

static bool object_writable(const struct node *node) {
    if (node->row != NULL) {
        return rows_adder(node->row) != NULL;
    }
    return node->is_row && rows_remover(node) != NULL;
}

static int name_object(struct cursor *cursor, void *user) {
    const struct names *names = user;
    size_t length;
    const char *name = cursor_shown(cursor, &length);
    return names->visit(names->user, name, length, object_writable(cursor->place.node));
}

static int name_leaf(struct cursor *cursor, void *user) {
    const struct names *names = user;
    size_t length;
    const char *name = cursor_shown(cursor, &length);
    return names->visit(names->user, name, length, leaf_writable(cursor->place.leaf));
}

static int name_children(struct cursor *cursor, struct names *names) {
    const struct node *node = cursor->place.node;
    size_t length = cursor->place.length;
    int r = 0;
    if (node->row != NULL) {
        struct row_list *list = &cursor->rows[node->depth];
        r = cursor_rows(cursor, node, list);
        for (size_t i = 0; r == 0 && i < list->count; i++) {
            r = cursor_enter_row(cursor, node->row, &list->items[i]) ? name_object(cursor, names) : 0;
            cursor_leave(cursor, node, length);
        }
        return r;
    }
    for (size_t i = 0; r == 0 && i < node->leaves_count; i++) {
        r = cursor_enter_leaf(cursor, node->leaves[i]) ? name_leaf(cursor, names) : 0;
        cursor_leave(cursor, node, length);
    }
    for (size_t i = 0; r == 0 && i < node->children_count; i++) {
        r = cursor_enter(cursor, node->children[i]) ? name_object(cursor, names) : 0;
        cursor_leave(cursor, node, length);
    }
    return r;
}

static int names_at(struct cursor *cursor, void *user) {
    struct names *names = user;
    const struct cursor_visits visits = {name_object, name_leaf, names};
    if (!names->next_level) {
        return cursor_walk(cursor, &visits);
    }
    if (cursor->place.leaf != NULL) {
        return tr069_fault(cursor->fault, TR069_INVALID_ARGUMENTS,
                           "%s is a parameter: NextLevel must be false", names->path);
    }
    return names->path[0] == '\0' ? name_object(cursor, names) : name_children(cursor, names);
}

int model_names(struct model *model, const char *path, bool next_level, model_name_visit *visit, void *user,
                struct tr069_fault *fault) {
    struct names names = {visit, user, next_level, path};
    struct cursor cursor;
    int r;
    cursor_begin(&cursor, model, fault);
    r = cursor_find_each(&cursor, path, names_at, &names);
    cursor_end(&cursor);
    return r == -ENOENT ? fault_unknown(fault, path) : r;
}
