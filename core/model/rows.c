/* Rows of tables: collected from plugins, or kept in the store ("next ranges": "8 1-3 7"). */
#include "model/model_internal.h"

#include "base/log.h"

#include <stdlib.h>

#define LOG_ROOM "model"

static int add_row(struct tr069_rows *rows, uint32_t instance, void *row) {
    struct row_list *list = (struct row_list *) rows;
    if (list->error == -ENOSPC || list->error == -ENOMEM) {
        return list->error;
    }
    if (instance == 0) { /* the others still count */
        return list->error = -EINVAL;
    }
    if (list->count >= MODEL_ROWS_MAX) {
        return list->error = -ENOSPC;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        struct row *grown = realloc(list->items, capacity * sizeof *grown);
        if (grown == NULL) {
            return list->error = -ENOMEM;
        }
        list->items = grown;
        list->capacity = capacity;
    }
    if (list->count > 0 && instance <= list->items[list->count - 1].instance) {
        list->unordered = true;
    }
    list->items[list->count].instance = instance;
    list->items[list->count].row = row;
    list->count++;
    return 0;
}

void row_list_init(struct row_list *list) {
    memset(list, 0, sizeof *list);
    list->base.add = add_row;
}

void row_list_free(struct row_list *list) {
    free(list->items);
    row_list_init(list);
}

static void row_list_reset(struct row_list *list) {
    list->count = 0;
    list->unordered = false;
    list->error = 0;
    list->table = NULL;
}

static int compare_rows(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    return (x->instance > y->instance) - (x->instance < y->instance);
}

static void put_in_order(struct row_list *list) {
    size_t kept = 0;
    qsort(list->items, list->count, sizeof list->items[0], compare_rows);
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || list->items[kept - 1].instance != list->items[i].instance) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

/* ---- The stored form -------------------------------------------------------------------------- */

static bool parse_number(const char **text, uint32_t *ret_number) {
    uint64_t number = 0;
    const char *at = *text;
    while (*at >= '0' && *at <= '9' && number <= UINT32_MAX) {
        number = number * 10 + (unsigned) (*at++ - '0');
    }
    if (at == *text || number == 0 || number > UINT32_MAX) {
        return false;
    }
    *text = at;
    *ret_number = (uint32_t) number;
    return true;
}

int rows_parse(const char *text, struct row_list *list, uint32_t *ret_next) {
    uint32_t next = 1;
    if (!parse_number(&text, &next)) {
        return -EINVAL;
    }
    while (*text == ' ') {
        uint32_t first, last;
        text++;
        if (!parse_number(&text, &first)) {
            return -EINVAL;
        }
        last = first;
        if (*text == '-') {
            text++;
            if (!parse_number(&text, &last) || last < first) {
                return -EINVAL;
            }
        }
        for (uint64_t number = first; number <= last; number++) {
            int r = add_row(&list->base, (uint32_t) number, NULL);
            if (r < 0) {
                return r;
            }
        }
        next = last >= next && last < UINT32_MAX ? last + 1 : next;
    }
    *ret_next = next;
    return *text == '\0' ? 0 : -EINVAL;
}

int rows_write(const struct row_list *list, uint32_t next, struct buffer *out) {
    (void) buffer_format(out, "%u", (unsigned) next);
    for (size_t i = 0; i < list->count;) {
        size_t last = i;
        while (last + 1 < list->count && list->items[last + 1].instance == list->items[last].instance + 1) {
            last++;
        }
        if (last > i) {
            (void) buffer_format(out, " %u-%u", (unsigned) list->items[i].instance,
                                 (unsigned) list->items[last].instance);
        } else {
            (void) buffer_format(out, " %u", (unsigned) list->items[i].instance);
        }
        i = last + 1;
    }
    return buffer_error(out);
}

/* ---- The rows that exist now ------------------------------------------------------------------ */

static void warn_once(struct declaration *keeper, const char *path, const char *what) {
    if (!keeper->warned) {
        keeper->warned = true;
        log_warning("plugin %s: the rows of %s %s", owner_name(keeper), path, what);
    }
}

static int ask_plugin(struct cursor *cursor, const struct node *table, struct row_list *list) {
    struct declaration *keeper = table->row->keeper;
    const struct place *place = &cursor->place;
    struct tr069_at at;
    int verdict;
    table_at(place, keeper, cursor->fault, &at);
    verdict = keeper->object->instances(&at, &list->base);
    if (list->error == -ENOMEM) {
        return -ENOMEM;
    }
    if (list->error == -ENOSPC) {
        warn_once(keeper, place_path(place), "are too many; the first 65536 count");
        verdict = TR069_OK;
    } else if (list->error != 0) {
        warn_once(keeper, place_path(place), "have the number 0, which is none; it is left out");
        verdict = TR069_OK;
    }
    if (verdict != TR069_OK) {
        return fault_at(cursor->fault, place_path(place), verdict, "its rows cannot be told");
    }
    if (list->unordered) {
        put_in_order(list);
    }
    return 0;
}

static int collect(struct cursor *cursor, const struct node *table, struct row_list *list) {
    struct declaration *keeper = table->row->keeper;
    if (keeper == NULL) {
        return add_row(&list->base, 1, NULL);
    }
    if (keeper->object->flags & TR069_STORED_ROWS) {
        const char *text = store_get(cursor->model->store, place_key(&cursor->place, MODEL_KEY_ROWS));
        uint32_t next;
        int r = text != NULL ? rows_parse(text, list, &next) : 0;
        if (r == -ENOMEM) {
            return r;
        }
        if (r != 0) {
            warn_once(keeper, place_path(&cursor->place), "are stored in a form that is none");
        }
        if (list->unordered) {
            put_in_order(list);
        }
        return 0;
    }
    return ask_plugin(cursor, table, list);
}

static bool is_listed(const struct cursor *cursor, const struct node *table, const struct row_list *list) {
    return list->table == table &&
           memcmp(list->outer, cursor->place.instance, table->depth * sizeof list->outer[0]) == 0;
}

int cursor_rows(struct cursor *cursor, const struct node *table, struct row_list *list) {
    int r;
    if (is_listed(cursor, table, list)) {
        return 0;
    }
    row_list_reset(list);
    r = collect(cursor, table, list);
    if (r == -ENOMEM) {
        return fault_memory(cursor->fault);
    }
    if (r == TR069_FAULT && cursor->lenient) {
        warn_once(table->row->keeper, place_path(&cursor->place), "cannot be told by it");
        list->count = 0;
        r = 0;
    }
    if (r != 0) {
        return r;
    }
    list->table = table;
    memcpy(list->outer, cursor->place.instance, table->depth * sizeof list->outer[0]);
    return 0;
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

static int ask_for_row(struct cursor *cursor, const struct node *table, uint32_t instance, void **ret_row) {
    struct declaration *keeper = table->row->keeper;
    struct tr069_at at;
    int verdict;
    table_at(&cursor->place, keeper, cursor->fault, &at);
    verdict = keeper->object->find(&at, instance, ret_row);
    if (verdict == TR069_OK || verdict == -ENOENT) {
        return verdict;
    }
    verdict = fault_at(cursor->fault, place_path(&cursor->place), verdict, "its rows cannot be told");
    if (cursor->lenient) {
        warn_once(keeper, place_path(&cursor->place), "cannot be told by it");
        return -ENOENT;
    }
    return verdict;
}

int cursor_row(struct cursor *cursor, const struct node *table, uint32_t instance, struct row *ret_row) {
    struct row_list *list = &cursor->rows[table->depth];
    const struct declaration *keeper = table->row->keeper;
    const struct row *row;
    int r;
    if (keeper != NULL && keeper->object->find != NULL && !is_listed(cursor, table, list)) {
        void *found = NULL;
        r = ask_for_row(cursor, table, instance, &found);
        if (r == 0) {
            *ret_row = (struct row){instance, found};
        }
        return r;
    }
    r = cursor_rows(cursor, table, list);
    if (r != 0) {
        return r;
    }
    row = find_row(list, instance);
    if (row == NULL) {
        return -ENOENT;
    }
    *ret_row = *row;
    return 0;
}

const struct declaration *rows_adder(const struct node *row_node) {
    for (size_t i = 0; i < row_node->declarations_count; i++) {
        const struct tr069_object *object = row_node->declarations[i]->object;
        if (object->add != NULL || (object->flags & TR069_STORED_ROWS)) {
            return row_node->declarations[i];
        }
    }
    return NULL;
}

const struct declaration *rows_remover(const struct node *row_node) {
    for (size_t i = 0; i < row_node->declarations_count; i++) {
        const struct tr069_object *object = row_node->declarations[i]->object;
        if (object->remove != NULL || (object->flags & TR069_STORED_ROWS)) {
            return row_node->declarations[i];
        }
    }
    return NULL;
}
