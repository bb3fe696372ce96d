/* The tree of objects and parameters: nodes, sorted children, what follows from all tables together. */
#include "model/model_internal.h"

#include <stdlib.h>

struct node *node_new(struct node *parent, const char *name, size_t length, bool is_row) {
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL) {
        return NULL;
    }
    node->name = calloc(1, length + 1);
    if (node->name == NULL) {
        free(node);
        return NULL;
    }
    memcpy(node->name, name, length);
    node->name_length = length;
    node->parent = parent;
    node->is_row = is_row;
    node->depth = (parent != NULL ? parent->depth : 0) + (is_row ? 1 : 0);
    return node;
}

void leaf_free(struct leaf *leaf) {
    if (leaf != NULL) {
        if (leaf->standard_is_own) {
            free((void *) (uintptr_t) leaf->standard);
        }
        free(leaf);
    }
}

void node_free(struct node *node) {
    if (node == NULL) {
        return;
    }
    node_free(node->row);
    for (size_t i = 0; i < node->children_count; i++) {
        node_free(node->children[i]);
    }
    for (size_t i = 0; i < node->leaves_count; i++) {
        leaf_free(node->leaves[i]);
    }
    for (size_t i = 0; i < node->declarations_count; i++) {
        free(node->declarations[i]);
    }
    free(node->children);
    free(node->leaves);
    free(node->declarations);
    free(node->name);
    free(node);
}

static int compare_names(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t common = a_length < b_length ? a_length : b_length;
    int r = memcmp(a, b, common);
    return r != 0 ? r : (a_length > b_length) - (a_length < b_length);
}

/* The place of a name among sorted ones: where it is, or where it belongs. */
static size_t child_place(const struct node *node, const char *name, size_t length, bool *ret_there) {
    size_t low = 0, high = node->children_count;
    *ret_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct node *child = node->children[middle];
        int r = compare_names(name, length, child->name, child->name_length);
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

static size_t leaf_place(const struct node *node, const char *name, size_t length, bool *ret_there) {
    size_t low = 0, high = node->leaves_count;
    *ret_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct leaf *leaf = node->leaves[middle];
        int r = compare_names(name, length, leaf->name, leaf->name_length);
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

struct node *node_child(const struct node *node, const char *name, size_t length) {
    bool there;
    size_t place = child_place(node, name, length, &there);
    return there ? node->children[place] : NULL;
}

struct leaf *node_leaf(const struct node *node, const char *name, size_t length) {
    bool there;
    size_t place = leaf_place(node, name, length, &there);
    return there ? node->leaves[place] : NULL;
}

/* Tables of plugins are small: one more at a time is good enough. */
static int insert(void *array_of_pointers, size_t *count, size_t place, void *item) {
    void ***array = array_of_pointers;
    void **grown = realloc(*array, (*count + 1) * sizeof *grown);
    if (grown == NULL) {
        return -ENOMEM;
    }
    memmove(grown + place + 1, grown + place, (*count - place) * sizeof *grown);
    grown[place] = item;
    *array = grown;
    (*count)++;
    return 0;
}

int node_add_child(struct node *node, struct node *child) {
    bool there;
    size_t place = child_place(node, child->name, child->name_length, &there);
    return insert(&node->children, &node->children_count, place, child);
}

int node_add_leaf(struct node *node, struct leaf *leaf) {
    bool there;
    size_t place = leaf_place(node, leaf->name, leaf->name_length, &there);
    return insert(&node->leaves, &node->leaves_count, place, leaf);
}

int node_add_declaration(struct node *node, struct declaration *declaration) {
    return insert(&node->declarations, &node->declarations_count, node->declarations_count, declaration);
}

struct node *tree_find(const struct model *model, const char *path) {
    struct node *node = model->root;
    while (*path != '\0' && node != NULL) {
        const char *dot = strchr(path, '.');
        if (dot == NULL) {
            return NULL;
        }
        size_t length = (size_t) (dot - path);
        if (length == 3 && memcmp(path, "{i}", 3) == 0) {
            node = node->row;
        } else {
            node = node_child(node, path, length);
        }
        path = dot + 1;
    }
    return node;
}

bool leaf_writable(const struct leaf *leaf) {
    return leaf->param->set != NULL || (leaf->param->flags & TR069_STORED) != 0;
}

const char *owner_name(const struct declaration *declaration) {
    const char *name = declaration->owner->plugin->name;
    return name != NULL ? name : "?";
}

/* ---- What follows from all tables together ---------------------------------------------------- */

static const struct declaration *row_keeper(const struct node *node) {
    for (; node != NULL; node = node->parent) {
        if (node->is_row) {
            return node->keeper;
        }
    }
    return NULL;
}

static bool encloses(const struct node *outer, const struct node *inner) {
    for (; inner != NULL; inner = inner->parent) {
        if (inner == outer) {
            return true;
        }
    }
    return false;
}

/* A counted table inside of other tables takes their rows from the leaf's own path. */
static const struct node *counted_table(const struct model *model, const struct leaf *leaf) {
    const struct node *table = tree_find(model, leaf->param->entries_of);
    const struct node *row;
    if (table == NULL || table->row == NULL) {
        return NULL;
    }
    for (row = table; row != NULL && !row->is_row; row = row->parent) {
    }
    return row == NULL || encloses(row, leaf->declaration->node) ? table : NULL;
}

/* At the end; asks for memory only beyond what was ever there. */
static int append(void *array_of_pointers, size_t *count, size_t *capacity, void *item) {
    void ***array = array_of_pointers;
    if (*count == *capacity) {
        size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
        void **grown = realloc(*array, wanted * sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        *array = grown;
        *capacity = wanted;
    }
    (*array)[(*count)++] = item;
    return 0;
}

static int settle_leaf(struct model *model, struct leaf *leaf) {
    int r = 0;
    if (leaf->param->entries_of != NULL) {
        leaf->counted = counted_table(model, leaf);
    }
    if (leaf->param->notify == TR069_NOTIFY_FORCED || leaf->param->notify == TR069_NOTIFY_DEFAULT_ACTIVE) {
        struct leaf_list *list = &model->notifying;
        r = append(&list->items, &list->count, &list->capacity, leaf);
    }
    if (r == 0 && (leaf->param->flags & TR069_INFORM)) {
        struct leaf_list *list = &model->informed;
        r = append(&list->items, &list->count, &list->capacity, leaf);
    }
    if (r == 0 && (leaf->param->flags & TR069_REFERENCE) && leaf_writable(leaf)) {
        struct leaf_list *list = &model->references;
        r = append(&list->items, &list->count, &list->capacity, leaf);
    }
    return r;
}

static void find_keeper(struct node *node) {
    node->keeper = NULL;
    for (size_t i = 0; i < node->declarations_count && node->keeper == NULL; i++) {
        const struct tr069_object *object = node->declarations[i]->object;
        if (object->instances != NULL || (object->flags & TR069_STORED_ROWS)) {
            node->keeper = node->declarations[i];
        }
    }
}

static int settle_node(struct model *model, struct node *node) {
    const struct declaration *keeper;
    int r = 0;
    if (node->is_row) {
        const struct leaf *alias = node_leaf(node, "Alias", strlen("Alias"));
        node->alias = alias != NULL && (alias->param->flags & TR069_ALIAS) ? alias : NULL;
        find_keeper(node);
    }
    keeper = row_keeper(node);
    for (size_t i = 0; i < node->declarations_count && r == 0; i++) {
        struct declaration *declaration = node->declarations[i];
        declaration->knows_rows = keeper != NULL && keeper->owner == declaration->owner;
        if (declaration->object->refresh != NULL) {
            struct declaration_list *list = &model->refreshing;
            r = append(&list->items, &list->count, &list->capacity, declaration);
        }
    }
    for (size_t i = 0; i < node->leaves_count && r == 0; i++) {
        r = settle_leaf(model, node->leaves[i]);
    }
    for (size_t i = 0; i < node->children_count && r == 0; i++) {
        r = settle_node(model, node->children[i]);
    }
    if (r == 0 && node->row != NULL) {
        r = settle_node(model, node->row);
    }
    return r;
}

int tree_settle(struct model *model) {
    model->notifying.count = 0;
    model->informed.count = 0;
    model->references.count = 0;
    model->refreshing.count = 0;
    return settle_node(model, model->root);
}
