/* AddObject and DeleteObject. */
#include "model/model_internal.h"

#include <stdlib.h>

/* Writes the rows of the table at the cursor. */
static int store_rows(struct cursor *cursor, const struct row_list *list, uint32_t next) {
    struct buffer text;
    int r;
    buffer_init(&text, 16 * 1024);
    r = rows_write(list, next, &text);
    if (r == 0) {
        r = store_put(cursor->model->store, place_key(&cursor->place, MODEL_KEY_ROWS), buffer_string(&text));
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
    struct row_list list;
    uint32_t next;
    int r = read_stored(cursor, &list, &next);
    if (r == 0 && (next == UINT32_MAX || list.base.add(&list.base, next, NULL) < 0)) {
        r = -ENOSPC;
    }
    if (r == 0) {
        r = store_rows(cursor, &list, next + 1);
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
    verdict = adder->object.add(&at, &instance);
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

static int add_row(struct cursor *cursor, const struct declaration *adder, uint32_t *ret_instance,
                   int *ret_status) {
    const struct node *table = cursor->place.node;
    uint32_t max = adder->object.max_rows != 0 ? adder->object.max_rows : MODEL_ROWS_DEFAULT;
    struct row row = {0, NULL};
    int r = cursor_rows(cursor, table, &cursor->counted);
    if (r != 0) {
        return r;
    }
    if (cursor->counted.count >= (max < MODEL_ROWS_MAX ? max : MODEL_ROWS_MAX)) {
        return tr069_fault(cursor->fault, TR069_RESOURCES_EXCEEDED, "%s has all the %zu rows it may have",
                           place_path(&cursor->place), cursor->counted.count);
    }
    if (adder->object.flags & TR069_STORED_ROWS) {
        r = add_stored(cursor, &row.instance);
    } else {
        r = add_by_plugin(cursor, adder, &row.instance, ret_status);
    }
    if (r != TR069_OK) {
        return r;
    }
    *ret_instance = row.instance;
    cursor->counted.table = NULL; /* the rows are others now */
    if (cursor_rows(cursor, table, &cursor->counted) == 0) {
        for (size_t i = 0; i < cursor->counted.count; i++) {
            if (cursor->counted.items[i].instance == row.instance) {
                row = cursor->counted.items[i];
            }
        }
    }
    if (cursor_enter_row(cursor, table->row, &row)) {
        stored_forget_below(cursor->model, place_path(&cursor->place)); /* a new row has the defaults */
        place_commit(&cursor->place, NULL);
    }
    return TR069_OK;
}

int model_add_object(struct model *model, const char *path, uint32_t *ret_instance, int *ret_status,
                     struct tr069_fault *fault) {
    const struct declaration *adder = NULL;
    struct cursor cursor;
    uint32_t instance = 0;
    int status = 0;
    int r;
    cursor_begin(&cursor, model, fault);
    r = fault_of_find(fault, path[0] != '\0' ? cursor_find(&cursor, path, FIND_PRESENT) : -ENOENT, path);
    if (r == 0) {
        const struct node *node = cursor.place.node;
        adder = cursor.place.leaf == NULL && node->row != NULL ? rows_adder(node->row) : NULL;
        if (adder == NULL) {
            r = tr069_fault(fault, TR069_INVALID_NAME, "%s is no table that rows can be added to", path);
        }
    }
    if (r == 0) {
        r = add_row(&cursor, adder, &instance, &status);
    }
    cursor_end(&cursor);
    if (r == 0) {
        *ret_instance = instance;
        *ret_status = status;
    }
    return r;
}

/* ---- DeleteObject ----------------------------------------------------------------------------- */

/* At the table: takes the number out of what is stored. The next number stays. */
static int remove_stored(struct cursor *cursor, uint32_t instance) {
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
        r = store_rows(cursor, &list, next);
    }
    row_list_free(&list);
    return r;
}

static int delete_row(struct cursor *cursor, const struct declaration *remover, int *ret_status) {
    const struct place here = cursor->place;
    int verdict;
    if (remover->object.flags & TR069_STORED_ROWS) {
        size_t length = here.length - 1;
        while (place_path(&here)[length - 1] != '.') {
            length--;
        }
        cursor_leave(cursor, here.node->parent, length);
        verdict = remove_stored(cursor, here.instance[here.depth - 1]);
        verdict = verdict == -EMSGSIZE ? -ENOSPC : verdict;
        cursor->place = here;
    } else {
        struct tr069_at at;
        place_at(&cursor->place, remover, NULL, cursor->fault, &at);
        verdict = remover->object.remove(&at);
        if (verdict == TR069_APPLIED_LATER) {
            *ret_status = 1;
            verdict = TR069_OK;
        }
    }
    if (verdict != TR069_OK) {
        return fault_at(cursor->fault, place_path(&cursor->place), verdict, "cannot be deleted");
    }
    stored_forget_below(cursor->model, place_path(&cursor->place));
    pending_drop_below(cursor->model, place_path(&cursor->place));
    cursor->place.row[cursor->place.depth - 1] = NULL; /* what it pointed to is gone */
    place_commit(&cursor->place, NULL);
    return TR069_OK;
}

int model_delete_object(struct model *model, const char *path, int *ret_status, struct tr069_fault *fault) {
    const struct declaration *remover = NULL;
    struct cursor cursor;
    int status = 0;
    int r;
    cursor_begin(&cursor, model, fault);
    r = fault_of_find(fault, path[0] != '\0' ? cursor_find(&cursor, path, FIND_PRESENT) : -ENOENT, path);
    if (r == 0) {
        const struct node *node = cursor.place.node;
        remover = cursor.place.leaf == NULL && node->is_row ? rows_remover(node) : NULL;
        if (remover == NULL) {
            r = tr069_fault(fault, TR069_INVALID_NAME, "%s is no row that can be deleted", path);
        }
    }
    if (r == 0) {
        r = delete_row(&cursor, remover, &status);
    }
    cursor_end(&cursor);
    if (r == 0) {
        *ret_status = status;
    }
    return r;
}
