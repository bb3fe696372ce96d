/* Selections: the parameters that names and partial paths mean, each once; their values. */
#include "model/model_internal.h"

#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>

/* Places that names with wildcards mean. */
enum { SELECTION_MAX = 65536 };

#define LOG_ROOM "model"

struct model_selection *selection_new(struct model *model) {
    struct model_selection *selection = calloc(1, sizeof *selection);
    if (selection != NULL) {
        selection->model = model;
    }
    return selection;
}

void model_selection_free(struct model_selection *selection) {
    if (selection == NULL) {
        return;
    }
    for (size_t i = 0; i < selection->count; i++) {
        free(selection->items[i].path);
    }
    free(selection->items);
    free(selection);
}

int selection_add(struct model_selection *selection, const struct place *place,
                  struct selection_item **ret_item) {
    struct selection_item *item;
    if (selection->count == selection->capacity) {
        size_t capacity = selection->capacity == 0 ? 8 : selection->capacity * 2;
        item = realloc(selection->items, capacity * sizeof *item);
        if (item == NULL) {
            return -ENOMEM;
        }
        selection->items = item;
        selection->capacity = capacity;
    }
    item = &selection->items[selection->count];
    memset(item, 0, sizeof *item);
    item->path = text_dup(place_path(place));
    if (item->path == NULL) {
        return -ENOMEM;
    }
    item->length = place->length;
    item->node = place->node;
    item->leaf = place->leaf;
    item->order = selection->count++;
    if (ret_item != NULL) {
        *ret_item = item;
    }
    return 0;
}

/* Outside of tables nothing comes or goes: only rows are looked for again. */
int selection_go(struct cursor *cursor, const struct selection_item *item) {
    if (item->node->depth > 0) {
        int r = cursor_find(cursor, item->path, FIND_PRESENT);
        cursor->spelled = item->spelled;
        return r;
    }
    cursor->spelled = item->spelled;
    cursor_leave(cursor, item->node, item->length);
    cursor->place.leaf = item->leaf;
    memcpy(cursor->place.text + PLACE_ROOM, item->path, item->length);
    return 0;
}

static int by_path(const void *a, const void *b) {
    const struct selection_item *x = a, *y = b;
    int r = (int) x->aliases - (int) y->aliases;
    r = r != 0 ? r : strcmp(x->path, y->path);
    if (r == 0) { /* the one that knows of a change stays */
        r = (int) y->changed - (int) x->changed;
    }
    return r != 0 ? r : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b) {
    const struct selection_item *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* A parameter that was asked for by two names is answered by both. */
static bool covers(const struct selection_item *wide, const struct selection_item *item) {
    if (wide->aliases != item->aliases) {
        return false;
    }
    return wide->leaf != NULL ? strcmp(wide->path, item->path) == 0 : text_starts(item->path, wide->path);
}

/* Sorted by path, whatever a partial path covers comes right behind it. */
void selection_settle(struct model_selection *selection) {
    size_t kept = 0;
    if (selection->count < 2) {
        return;
    }
    qsort(selection->items, selection->count, sizeof selection->items[0], by_path);
    for (size_t i = 0; i < selection->count; i++) {
        if (kept > 0 && covers(&selection->items[kept - 1], &selection->items[i])) {
            if (selection->items[i].order < selection->items[kept - 1].order) {
                selection->items[kept - 1].order = selection->items[i].order;
            }
            selection->items[kept - 1].forced |= selection->items[i].forced;
            free(selection->items[i].path);
        } else {
            selection->items[kept++] = selection->items[i];
        }
    }
    selection->count = kept;
    qsort(selection->items, kept, sizeof selection->items[0], by_order);
}

static int select_place(struct cursor *cursor, void *user) {
    struct model_selection *selection = user;
    struct selection_item *item;
    if (selection->count >= SELECTION_MAX || selection_add(selection, &cursor->place, &item) < 0) {
        return tr069_fault(cursor->fault, TR069_RESOURCES_EXCEEDED, "too many rows at once");
    }
    item->spelled = cursor->spelled;
    item->aliases = aliases_shown(cursor->model, &cursor->spelled);
    return 0;
}

int model_select(struct model *model, const char *const *paths, size_t count,
                 struct model_selection **ret_selection, struct tr069_fault *fault) {
    struct model_selection *selection = selection_new(model);
    struct cursor cursor;
    int r = selection != NULL ? 0 : fault_memory(fault);
    cursor_begin(&cursor, model, fault);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = fault_of_find(fault, cursor_find_each(&cursor, paths[i], select_place, selection), paths[i]);
    }
    cursor_end(&cursor);
    if (r != 0) {
        if (selection == NULL) {
            (void) fault_memory(fault);
        }
        model_selection_free(selection);
        return r;
    }
    selection_settle(selection);
    *ret_selection = selection;
    return 0;
}

/* What was there when it was selected may be gone: such an item selects nothing. */
static int visit_items(const struct model_selection *selection, struct cursor *cursor,
                       const struct cursor_visits *visits, struct selection_item **ret_current) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < selection->count; i++) {
        r = selection_go(cursor, &selection->items[i]);
        if (r == -ENOENT) {
            r = 0;
            continue;
        }
        if (ret_current != NULL) {
            *ret_current = &selection->items[i];
        }
        if (r == 0) {
            r = cursor_walk(cursor, visits);
        }
    }
    return r;
}

static int count_leaf(struct cursor *cursor, void *user) {
    (void) cursor;
    ++*(size_t *) user;
    return 0;
}

size_t model_selection_count(const struct model_selection *selection) {
    size_t count = 0;
    const struct cursor_visits visits = {NULL, count_leaf, &count};
    struct tr069_fault fault;
    struct cursor cursor;
    cursor_begin(&cursor, selection->model, &fault);
    cursor.lenient = selection->inform;
    (void) visit_items(selection, &cursor, &visits, NULL);
    cursor_end(&cursor);
    return count;
}

/* ---- Values ----------------------------------------------------------------------------------- */

struct value_walk {
    model_value_visit *visit;
    void *user;
    struct selection_item *item;
    bool inform;
};

/* An Inform goes out whatever a getter does. */
static void read_failed(struct cursor *cursor, struct leaf *leaf) {
    if (!leaf->warned) {
        leaf->warned = true;
        log_warning("%s; the Inform goes out with an empty value", cursor->fault->text);
    }
    cursor->fault->code = 0;
    cursor->fault->text[0] = '\0';
}

static void hide(const struct leaf *leaf, struct model_value *out) {
    out->text = null_text(leaf->param->type);
    out->length = strlen(out->text);
}

/* What was read is lent until its plugin is called again: the digest is taken of it, not read anew. */
static int visit_value(struct cursor *cursor, void *user) {
    struct value_walk *walk = user;
    const struct leaf *leaf = cursor->place.leaf;
    const bool hidden = (leaf->param->flags & (TR069_HIDDEN | TR069_SECRET)) != 0;
    struct tr069_value value;
    struct model_value out = {.text = ""};
    int r = TR069_OK;
    if (!hidden || walk->item->changed) {
        r = leaf_read(cursor, &value, &out.text, &out.length, NULL);
    }
    if (walk->item->changed) {
        walk->item->known = r == TR069_OK;
        walk->item->digest = r == TR069_OK ? changes_digest_of(leaf, out.text, out.length) : 0;
    }
    if (r != TR069_OK && !walk->inform) {
        return r;
    }
    if (r != TR069_OK) {
        read_failed(cursor, node_leaf(cursor->place.node, leaf->name, leaf->name_length));
    }
    if (hidden || r != TR069_OK) {
        hide(leaf, &out);
    }
    out.path = cursor_shown(cursor, &out.path_length);
    out.type = leaf->param->type;
    return walk->visit(walk->user, &out);
}

int model_selection_values(const struct model_selection *selection, model_value_visit *visit, void *user,
                           struct tr069_fault *fault) {
    struct value_walk walk = {visit, user, NULL, selection->inform};
    const struct cursor_visits visits = {NULL, visit_value, &walk};
    struct cursor cursor;
    int r;
    cursor_begin(&cursor, selection->model, fault);
    cursor.lenient = selection->inform;
    r = visit_items(selection, &cursor, &visits, &walk.item);
    cursor_end(&cursor);
    return r;
}
