/* Merging the tables of a plugin into the tree, and taking them out again. */
#include "model/model_internal.h"

#include <stdlib.h>

/* One attempt to attach, with what an error message needs. */
struct attach {
    struct model *model;
    const struct model_owner *owner;
    char *error;
    size_t error_size;
};

static const struct declaration *any_declaration(const struct node *node) {
    const struct declaration *found = node->declarations_count > 0 ? node->declarations[0] : NULL;
    for (size_t i = 0; found == NULL && i < node->children_count; i++) {
        found = any_declaration(node->children[i]);
    }
    return found == NULL && node->row != NULL ? any_declaration(node->row) : found;
}

static int clash(struct attach *attach, const struct node *node, const char *path, const char *what) {
    const struct declaration *other = any_declaration(node);
    (void) snprintf(attach->error, attach->error_size, "plugin %s: %s%s: %s (plugin %s)",
                    attach->owner->plugin->name, attach->model->root_name, path, what,
                    other != NULL ? owner_name(other) : "?");
    return -EINVAL;
}

static bool is_plain_object(const struct node *node) {
    return node->children_count > 0 || node->leaves_count > 0 || node->declarations_count > 0;
}

/* One step down, making the node where there is none. */
static int step(struct attach *attach, struct node *node, const char *name, size_t length, const char *path,
                struct node **ret_node) {
    bool row = length == 3 && memcmp(name, "{i}", 3) == 0;
    struct node *next;
    int r;
    if (row && is_plain_object(node)) {
        return clash(attach, node, path, "is a table here and an object elsewhere");
    }
    if (!row && node->row != NULL) {
        return clash(attach, node, path, "is an object here and a table elsewhere");
    }
    next = row ? node->row : node_child(node, name, length);
    if (next == NULL) {
        next = node_new(node, row ? "" : name, row ? 0 : length, row);
        if (next == NULL) {
            return -ENOMEM;
        }
        if (row) {
            node->row = next;
        } else if ((r = node_add_child(node, next)) < 0) {
            node_free(next);
            return r;
        }
    }
    *ret_node = next;
    return 0;
}

static int make_path(struct attach *attach, const char *path, struct node **ret_node) {
    struct node *node = attach->model->root;
    for (const char *part = path; *part != '\0';) {
        const char *dot = strchr(part, '.');
        int r = step(attach, node, part, (size_t) (dot - part), path, &node);
        if (r < 0) {
            return r;
        }
        part = dot + 1;
    }
    if (node->row != NULL) {
        return clash(attach, node, path, "is an object here and a table elsewhere");
    }
    *ret_node = node;
    return 0;
}

/* Two enumerators of one table would have to agree for ever. */
static int check_keepers(struct attach *attach, const struct node *node, const struct tr069_object *object) {
    bool keeps = object->instances != NULL || (object->flags & TR069_STORED_ROWS);
    for (size_t i = 0; keeps && i < node->declarations_count; i++) {
        const struct declaration *other = node->declarations[i];
        bool also = other->object->instances != NULL || (other->object->flags & TR069_STORED_ROWS);
        bool same = other->owner == attach->owner && other->object->instances == object->instances;
        if (also && !same) {
            return clash(attach, node, object->path, "the rows of the table are told twice");
        }
    }
    return 0;
}

static int add_params(struct attach *attach, struct declaration *declaration) {
    const char *at = (const char *) declaration->object->params;
    struct node *node = declaration->node;
    size_t stride = attach->owner->plugin->param_size;
    for (; at != NULL; at += stride) {
        const struct tr069_param *entry = (const struct tr069_param *) (const void *) at;
        const struct leaf *other;
        struct leaf *leaf;
        int r;
        if (entry->name == NULL) {
            break;
        }
        r = leaf_make(declaration, entry, &leaf, attach->error, attach->error_size);
        if (r < 0) {
            return r;
        }
        other = node_leaf(node, leaf->name, leaf->name_length);
        if (other != NULL) {
            (void) snprintf(attach->error, attach->error_size,
                            "%s%s%s is declared by plugin %s and by plugin %s", attach->model->root_name,
                            declaration->object->path, leaf->name, owner_name(other->declaration),
                            owner_name(declaration));
            r = -EINVAL;
        } else {
            r = node_add_leaf(node, leaf);
        }
        if (r < 0) {
            leaf_free(leaf);
            return r;
        }
    }
    return 0;
}

static int add_object(struct attach *attach, const struct tr069_object *entry) {
    const size_t size = attach->owner->plugin->object_size;
    struct declaration *declaration = calloc(1, sizeof *declaration + entry_room(sizeof *entry, size));
    int r;
    if (declaration == NULL) {
        return -ENOMEM;
    }
    declaration->owner = attach->owner;
    declaration->entry = entry;
    declaration->object = entry_in_our_size(declaration + 1, sizeof *entry, entry, size);
    r = table_check(attach->model, declaration, attach->error, attach->error_size);
    if (r == 0) {
        r = make_path(attach, declaration->object->path, &declaration->node);
    }
    if (r == 0) {
        r = check_keepers(attach, declaration->node, declaration->object);
    }
    if (r == 0) {
        r = node_add_declaration(declaration->node, declaration);
    }
    if (r < 0) {
        free(declaration);
        return r;
    }
    return add_params(attach, declaration);
}

/* "Length of the path": a leaf's own name counts too, and a table that is counted must be there. */
static int check_leaves(struct attach *attach, const struct node *node, size_t length) {
    int r = 0;
    for (size_t i = 0; i < node->leaves_count; i++) {
        const struct leaf *leaf = node->leaves[i];
        const char *what = NULL;
        if (leaf->declaration->owner != attach->owner) {
            continue;
        }
        if (length + leaf->name_length > TR069_NAME_MAX) {
            what = NAME_TOO_LONG;
        } else if (leaf->param->entries_of != NULL && leaf->counted == NULL) {
            what = "it counts the rows of what is no table (of this or an earlier plugin)";
        }
        if (what != NULL) {
            (void) snprintf(attach->error, attach->error_size, "plugin %s: %s%s: %s",
                            attach->owner->plugin->name, leaf->declaration->object->path, leaf->name, what);
            return -EINVAL;
        }
    }
    for (size_t i = 0; i < node->children_count && r == 0; i++) {
        r = check_leaves(attach, node->children[i], length + node->children[i]->name_length + 1);
    }
    return r == 0 && node->row != NULL ? check_leaves(attach, node->row, length + 2) : r;
}

static int add_objects(struct attach *attach) {
    const struct tr069_plugin *plugin = attach->owner->plugin;
    const char *at = (const char *) plugin->objects;
    for (; at != NULL; at += plugin->object_size) {
        const struct tr069_object *entry = (const struct tr069_object *) (const void *) at;
        int r;
        if (entry->path == NULL) {
            break;
        }
        if (!(entry->roots & attach->model->root_kind)) {
            continue;
        }
        r = add_object(attach, entry);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* What the client reads of each entry before it looks at the sizes. */
static bool knows_the_basics(const struct tr069_plugin *plugin) {
    return plugin->object_size >= offsetof(struct tr069_object, flags) &&
           plugin->param_size >= offsetof(struct tr069_param, flags);
}

static bool is_attached(const struct node *node, const struct model_owner *owner) {
    bool found = node->row != NULL && is_attached(node->row, owner);
    for (size_t i = 0; !found && i < node->declarations_count; i++) {
        found = node->declarations[i]->owner == owner;
    }
    for (size_t i = 0; !found && i < node->children_count; i++) {
        found = is_attached(node->children[i], owner);
    }
    return found;
}

int model_attach(struct model *model, const struct model_owner *owner, char *ret_error, size_t error_size) {
    struct attach attach = {model, owner, ret_error, error_size};
    int r;
    if (error_size > 0) {
        ret_error[0] = '\0';
    }
    if (!knows_the_basics(owner->plugin) || is_attached(model->root, owner)) {
        (void) snprintf(ret_error, error_size, "plugin %s: %s", owner->plugin->name,
                        is_attached(model->root, owner) ? "its objects are in the model already"
                                                        : "the sizes in its descriptor are wrong");
        return -EINVAL;
    }
    if (owner->plugin->objects == NULL) { /* half of them only bring an RPC */
        return 0;
    }
    r = add_objects(&attach);
    if (r == 0) {
        r = tree_settle(model);
    }
    if (r == 0) {
        r = check_leaves(&attach, model->root, model->root_length);
    }
    if (r == 0) {
        r = stored_judge(model, owner);
    }
    if (r < 0) {
        model_detach(model, owner);
    }
    return r;
}

/* ---- Detaching -------------------------------------------------------------------------------- */

static bool is_bare(const struct node *node) {
    return node->declarations_count == 0 && node->leaves_count == 0 && node->children_count == 0 &&
           node->row == NULL;
}

static void drop_owner(struct node *node, const struct model_owner *owner) {
    size_t kept = 0;
    for (size_t i = 0; i < node->leaves_count; i++) {
        if (node->leaves[i]->declaration->owner == owner) {
            leaf_free(node->leaves[i]);
        } else {
            node->leaves[kept++] = node->leaves[i];
        }
    }
    node->leaves_count = kept;
    kept = 0;
    for (size_t i = 0; i < node->declarations_count; i++) {
        if (node->declarations[i]->owner == owner) {
            free(node->declarations[i]);
        } else {
            node->declarations[kept++] = node->declarations[i];
        }
    }
    node->declarations_count = kept;
    kept = 0;
    for (size_t i = 0; i < node->children_count; i++) {
        drop_owner(node->children[i], owner);
        if (is_bare(node->children[i])) {
            node_free(node->children[i]);
        } else {
            node->children[kept++] = node->children[i];
        }
    }
    node->children_count = kept;
    if (node->row != NULL) {
        drop_owner(node->row, owner);
        if (is_bare(node->row)) {
            node_free(node->row);
            node->row = NULL;
        }
    }
}

void model_detach(struct model *model, const struct model_owner *owner) {
    drop_owner(model->root, owner);
    /* Only shrinks the lists, which keep their memory: this cannot fail. */
    (void) tree_settle(model);
}
