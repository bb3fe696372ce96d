/* AddObject and DeleteObject. */
#include "model/model_internal.h"

#include "base/log.h"

#include <stdlib.h>

#define LOG_ROOM "model"

/* Writes the rows of the table at the cursor. */
static int store_rows(struct cursor *cursor, const struct row_list *list, uint32_t next,
                      struct journal *journal) {
    struct buffer text;
    int r;
    buffer_init(&text, 16 * 1024);
    r = rows_write(list, next, &text);
    if (r == 0) {
        r = journal_put(journal, place_key(&cursor->place, MODEL_KEY_ROWS), buffer_string(&text));
    }
    buffer_free(&text);
    return r;
}

static int read_stored(struct cursor *cursor, struct row_list *list, uint32_t *ret_next) {
    const char *text = store_get(cursor->model->store, place_key(&cursor->place, MODEL_KEY_ROWS));
    *ret_next = 1;
    row_list_init(list);
    return text != NULL ? rows_parse(text, list, ret_next) : 0;
}

static int add_stored(struct cursor *cursor, uint32_t *ret_instance) {
    const char *path = place_path(&cursor->place);
    struct journal journal; /* what undoes it is row_delete() */
    struct row_list list;
    uint32_t next;
    int r = read_stored(cursor, &list, &next);
    if (r == 0 && (next == UINT32_MAX || list.base.add(&list.base, next, NULL) < 0)) {
        r = -ENOSPC;
    }
    if (r == 0) {
        journal_begin(&journal, cursor->model->store);
        r = store_rows(cursor, &list, next + 1, &journal);
        journal_end(&journal);
    }
    row_list_free(&list);
    if (r < 0) {
        return fault_at(cursor->fault, path, r == -EMSGSIZE ? -ENOSPC : r, "a row cannot be added");
    }
    *ret_instance = next;
    return TR069_OK;
}

static int add_by_plugin(struct cursor *cursor, const struct declaration *adder, uint32_t *ret_instance,
                         int *ret_status) {
    const char *path = place_path(&cursor->place);
    struct tr069_at at;
    uint32_t instance = 0;
    int verdict;
    table_at(&cursor->place, adder, cursor->fault, &at);
    verdict = adder->object->add(&at, &instance);
    if (verdict == TR069_APPLIED_LATER) {
        *ret_status = 1;
        verdict = TR069_OK;
    }
    if (verdict == TR069_OK && instance == 0) {
        verdict = -EINVAL;
    }
    if (verdict != TR069_OK) {
        return fault_at(cursor->fault, path, verdict, "a row cannot be added");
    }
    *ret_instance = instance;
    return TR069_OK;
}

/* Others are in the way of the plugin's rows now. */
static void rows_changed(struct cursor *cursor) {
    cursor->counted.table = NULL;
    for (size_t i = 0; i < TR069_DEPTH_MAX; i++) {
        cursor->rows[i].table = NULL;
    }
}

static int keep_alias(struct cursor *cursor, const char *alias, size_t length) {
    const struct node *node = cursor->place.node;
    const size_t row_length = cursor->place.length;
    char text[4 * ALIAS_MAX + 1];
    int r = -ENAMETOOLONG;
    memcpy(text, alias, length);
    text[length] = '\0';
    if (cursor_enter_leaf(cursor, node->alias)) {
        r = store_put(cursor->model->store, place_key(&cursor->place, MODEL_KEY_VALUE), text);
    }
    cursor_leave(cursor, node, row_length);
    return r;
}

/* Goes to the new row, which its plugin may not tell of yet. */
static int enter_new(struct cursor *cursor, uint32_t instance, const char *alias, size_t alias_length) {
    const struct node *table = cursor->place.node;
    struct row row = {instance, NULL};
    int r;
    rows_changed(cursor);
    if (cursor_rows(cursor, table, &cursor->counted) == 0) {
        for (size_t i = 0; i < cursor->counted.count; i++) {
            if (cursor->counted.items[i].instance == instance) {
                row = cursor->counted.items[i];
            }
        }
    }
    (void) cursor_enter_row(cursor, table->row, &row); /* that it fits was seen before */
    /* a new row has the defaults */
    (void) stored_forget_below(cursor->model, place_path(&cursor->place), NULL);
    r = alias != NULL ? keep_alias(cursor, alias, alias_length) : 0;
    return r < 0 ? fault_at(cursor->fault, place_path(&cursor->place), r, "its alias cannot be kept")
                 : TR069_OK;
}

/* Takes the row at the cursor away again; the fault stays what it is. TR069_FAULT. */
static int unmake(struct cursor *cursor) {
    const struct tr069_fault why = *cursor->fault;
    int status;
    if (row_delete(cursor, false, &status) != TR069_OK) {
        log_error("a row that was made for nothing stays: %s", cursor->fault->text);
    }
    *cursor->fault = why;
    return TR069_FAULT;
}

int row_add(struct cursor *cursor, const char *alias, size_t alias_length, int *ret_status) {
    const struct node *table = cursor->place.node;
    const struct declaration *adder = rows_adder(table->row);
    uint32_t max = adder->object->max_rows != 0 ? adder->object->max_rows : MODEL_ROWS_DEFAULT;
    uint32_t instance = 0;
    int r = cursor_rows(cursor, table, &cursor->counted);
    if (r != 0) {
        return r;
    }
    if (cursor->place.length + sizeof "4294967295" > TR069_NAME_MAX) {
        return tr069_fault(cursor->fault, TR069_RESOURCES_EXCEEDED, "the names of a new row are too long");
    }
    if (cursor->counted.count >= (max < MODEL_ROWS_MAX ? max : MODEL_ROWS_MAX)) {
        return tr069_fault(cursor->fault, TR069_RESOURCES_EXCEEDED, "%s has all the %zu rows it may have",
                           place_path(&cursor->place), cursor->counted.count);
    }
    if (adder->object->flags & TR069_STORED_ROWS) {
        r = add_stored(cursor, &instance);
    } else {
        r = add_by_plugin(cursor, adder, &instance, ret_status);
    }
    if (r == TR069_OK) {
        r = enter_new(cursor, instance, alias, alias_length);
        r = r != TR069_OK ? unmake(cursor) : r;
    }
    return r;
}

/* The alias with which `rest` of a path begins, if rows with it can be made at the cursor's place. */
static bool new_alias(const struct cursor *cursor, const char *rest, const char **ret_alias,
                      size_t *ret_length) {
    const struct node *table = cursor->place.node;
    const char *end = strstr(rest, "].");
    if (rest[0] != '[' || end == NULL || cursor->place.leaf != NULL || table->row == NULL ||
        table->row->alias == NULL || rows_adder(table->row) == NULL ||
        !naming_knows(cursor->model, NAMING_ALIASES)) {
        return false;
    }
    *ret_alias = rest + 1;
    *ret_length = (size_t) (end - rest - 1);
    return alias_mistake(*ret_alias, *ret_length) == NULL && alias_standard_of(*ret_alias, *ret_length) == 0;
}

/* Goes to the table that a row is wanted in; *ret_alias is what `path` calls it, NULL if nothing. */
static int find_adder(struct cursor *cursor, const char *path, const char **ret_alias, size_t *ret_length) {
    const struct node *node;
    int r;
    if (path[0] == '\0') { /* the root's parent, which GetParameterNames knows */
        return fault_of_find(cursor->fault, -ENOENT, path);
    }
    r = cursor_find(cursor, path, FIND_PRESENT);
    if (r == -ENOENT && new_alias(cursor, cursor->rest, ret_alias, ret_length) &&
        strcmp(*ret_alias + *ret_length, "].") == 0) {
        return TR069_OK;
    }
    if (r != 0) {
        return fault_of_find(cursor->fault, r, path);
    }
    node = cursor->place.node;
    if (cursor->place.leaf == NULL && node->is_row && (cursor->spelled.alias >> (node->depth - 1) & 1)) {
        return tr069_fault(cursor->fault, TR069_INVALID_NAME, "%s is there already", path);
    }
    if (cursor->place.leaf != NULL || node->row == NULL || rows_adder(node->row) == NULL) {
        return tr069_fault(cursor->fault, TR069_INVALID_NAME, "%s is no table that rows can be added to",
                           path);
    }
    *ret_alias = NULL;
    *ret_length = 0;
    return TR069_OK;
}

int model_add_object(struct model *model, const char *path, uint32_t *ret_instance, int *ret_status,
                     struct tr069_fault *fault) {
    const char *alias;
    size_t alias_length;
    struct cursor cursor;
    int status = 0;
    int r;
    cursor_begin(&cursor, model, fault);
    r = find_adder(&cursor, path, &alias, &alias_length);
    if (r == 0) {
        r = row_add(&cursor, alias, alias_length, &status);
    }
    if (r == 0 && model_save(model, fault) != TR069_OK) {
        r = unmake(&cursor);
    }
    if (r == 0) {
        *ret_instance = cursor.place.instance[cursor.place.depth - 1];
        *ret_status = status;
        place_commit(&cursor.place, NULL);
    }
    cursor_end(&cursor);
    return r;
}

static int note_place(struct place_list *list, const struct place *place) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        struct place *grown = realloc(list->items, capacity * sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = *place;
    return 0;
}

int rows_create(struct cursor *cursor, const char *path, struct place_list *made, int *ret_status) {
    for (unsigned i = 0; i <= TR069_DEPTH_MAX; i++) {
        const char *alias;
        size_t length;
        int r = cursor_find(cursor, path, FIND_PRESENT);
        if (r != -ENOENT) {
            return r;
        }
        if (!new_alias(cursor, cursor->rest, &alias, &length)) {
            return fault_unknown(cursor->fault, path);
        }
        r = row_add(cursor, alias, length, ret_status);
        if (r != TR069_OK) {
            return r;
        }
        if (note_place(made, &cursor->place) < 0) {
            int status;
            (void) row_delete(cursor, false, &status);
            return fault_memory(cursor->fault);
        }
    }
    return tr069_fault(cursor->fault, TR069_INTERNAL_ERROR, "the plugin does not tell the row it has made");
}

/* ---- DeleteObject ----------------------------------------------------------------------------- */

/* At the table: takes the number out of what is stored. The next number stays. */
static int remove_stored(struct cursor *cursor, uint32_t instance, struct journal *journal) {
    struct row_list list;
    uint32_t next;
    size_t kept = 0;
    int r = read_stored(cursor, &list, &next);
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].instance != instance) {
            list.items[kept++] = list.items[i];
        }
    }
    list.count = kept;
    if (r == 0) {
        r = store_rows(cursor, &list, next, journal);
    }
    row_list_free(&list);
    return r;
}

static bool is_stored(const struct declaration *remover) {
    return (remover->object->flags & TR069_STORED_ROWS) != 0;
}

static int remove_row(struct cursor *cursor, const struct declaration *remover, struct journal *journal,
                      int *ret_status) {
    const struct place here = cursor->place;
    struct tr069_at at;
    int verdict;
    if (is_stored(remover)) {
        size_t length = here.length - 1;
        while (place_path(&here)[length - 1] != '.') {
            length--;
        }
        cursor_leave(cursor, here.node->parent, length);
        verdict = remove_stored(cursor, here.instance[here.depth - 1], journal);
        cursor->place = here;
        return verdict == -EMSGSIZE ? -ENOSPC : verdict;
    }
    place_at(&cursor->place, remover, NULL, cursor->fault, &at);
    verdict = remover->object->remove(&at);
    if (verdict == TR069_APPLIED_LATER) {
        *ret_status = 1;
        return TR069_OK;
    }
    return verdict;
}

/* What a plugin removed cannot be put back: whether the store can be written is seen before it is asked. */
static int remove_saved(struct cursor *cursor, const struct declaration *remover, bool save,
                        int *ret_status) {
    struct model *model = cursor->model;
    struct journal journal;
    int verdict = save && !is_stored(remover) ? model_save(model, cursor->fault) : TR069_OK;
    journal_begin(&journal, model->store);
    if (verdict == TR069_OK) {
        verdict = remove_row(cursor, remover, &journal, ret_status);
    }
    if (verdict == TR069_OK && is_stored(remover)) {
        verdict = stored_forget_below(model, place_path(&cursor->place), &journal);
        if (verdict == TR069_OK && save) {
            verdict = model_save(model, cursor->fault);
        }
        if (verdict != TR069_OK) {
            journal_undo(&journal, 0);
        }
    } else if (verdict == TR069_OK) {
        (void) stored_forget_below(model, place_path(&cursor->place), NULL);
    }
    journal_end(&journal);
    return verdict;
}

int row_delete(struct cursor *cursor, bool save, int *ret_status) {
    const struct declaration *remover = rows_remover(cursor->place.node);
    int verdict = remover != NULL ? remove_saved(cursor, remover, save, ret_status) : -ENOTSUP;
    if (verdict != TR069_OK) {
        return fault_at(cursor->fault, place_path(&cursor->place), verdict, "cannot be deleted");
    }
    rows_changed(cursor);
    pending_drop_below(cursor->model, place_path(&cursor->place));
    cursor->place.row[cursor->place.depth - 1] = NULL; /* what it pointed to is gone */
    return TR069_OK;
}

int model_delete_object(struct model *model, const char *path, int *ret_status, struct tr069_fault *fault) {
    struct buffer references;
    struct cursor cursor;
    int status = 0;
    int r;
    buffer_init(&references, MODEL_NAMES_MAX);
    cursor_begin(&cursor, model, fault);
    r = fault_of_find(fault, path[0] != '\0' ? cursor_find(&cursor, path, FIND_PRESENT) : -ENOENT, path);
    if (r == 0) {
        const struct node *node = cursor.place.node;
        if (cursor.place.leaf != NULL || !node->is_row || rows_remover(node) == NULL) {
            r = tr069_fault(fault, TR069_INVALID_NAME, "%s is no row that can be deleted", path);
        }
    }
    if (r == 0) {
        r = references_find(model, place_path(&cursor.place), &references, fault);
    }
    if (r == 0) {
        r = row_delete(&cursor, true, &status);
    }
    if (r == 0) {
        place_commit(&cursor.place, NULL);
        references_empty(model, &references, &status);
        *ret_status = status;
    }
    cursor_end(&cursor);
    buffer_free(&references);
    return r;
}
