/* Reading one parameter: getters, stored values, constants, counts; and the words of its faults. */
#include "model/model_internal.h"

#include "base/text.h"

#include <stdlib.h>

const char *null_text(enum tr069_type type) {
    switch (type) {
    case TR069_INT:
    case TR069_LONG:
    case TR069_UINT:
    case TR069_ULONG:
    case TR069_DECIMAL:
        return "0";
    case TR069_BOOLEAN:
        return "false";
    case TR069_DATETIME:
        return "0001-01-01T00:00:00Z";
    case TR069_NONE:
    case TR069_STRING:
    case TR069_BASE64:
    case TR069_HEXBINARY:
    case TR069_ANY:
    case TR069_LIST:
        break;
    }
    return "";
}

/* ---- Faults ----------------------------------------------------------------------------------- */

int fault_at(struct tr069_fault *fault, const char *path, int verdict, const char *what) {
    char words[sizeof fault->text];
    unsigned code = TR069_INTERNAL_ERROR;
    if (verdict == TR069_FAULT) {
        code = fault->code != 0 ? fault->code : TR069_INTERNAL_ERROR;
        (void) text_copy(words, sizeof words, fault->text[0] != '\0' ? fault->text : what);
        if (strstr(words, path) != NULL) {
            fault->code = code;
            return TR069_FAULT;
        }
        return tr069_fault(fault, code, "%s: %s", path, words);
    }
    if (verdict == -ENOMEM || verdict == -ENOSPC) {
        code = TR069_RESOURCES_EXCEEDED;
    }
    if (verdict < 0) {
        return tr069_fault(fault, code, "%s: %s: %s", path, what, strerror(-verdict));
    }
    return tr069_fault(fault, code, "%s: %s: its plugin gave the verdict %d", path, what, verdict);
}

int fault_memory(struct tr069_fault *fault) {
    return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "out of memory");
}

int fault_unknown(struct tr069_fault *fault, const char *path) {
    if (strlen(path) > TR069_NAME_MAX) {
        return tr069_fault(fault, TR069_INVALID_NAME, "a name is longer than 256 characters: %.64s...", path);
    }
    return tr069_fault(fault, TR069_INVALID_NAME, "there is no %s", path);
}

int fault_of_find(struct tr069_fault *fault, int result, const char *path) {
    if (result == 0 || result == TR069_FAULT) {
        return result;
    }
    return fault_unknown(fault, path);
}

/* ---- Values ----------------------------------------------------------------------------------- */

/* From the root down to the table, through the rows that the place is in already. */
static bool enter_table(struct cursor *cursor, const struct node *node, const struct place *from) {
    if (node->parent == NULL) {
        cursor_to_root(cursor);
        return true;
    }
    if (!enter_table(cursor, node->parent, from)) {
        return false;
    }
    if (node->is_row) {
        const struct row row = {from->instance[node->depth - 1], from->row[node->depth - 1]};
        return cursor_enter_row(cursor, node, &row);
    }
    return cursor_enter(cursor, node);
}

static int count_rows(struct cursor *cursor, const struct node *table, uint64_t *ret_count) {
    const struct place here = cursor->place;
    const struct spelling spelled = cursor->spelled;
    int r = 0;
    *ret_count = 0;
    if (table == NULL) {
        return 0;
    }
    if (enter_table(cursor, table, &here)) {
        r = cursor_rows(cursor, table, &cursor->counted);
        *ret_count = r == 0 ? cursor->counted.count : 0;
    }
    cursor->place = here;
    cursor->spelled = spelled;
    return r;
}

static int read_getter(struct cursor *cursor, const struct leaf *leaf, struct tr069_value *value,
                       const char **ret_text, size_t *ret_length, int *ret_verdict) {
    struct place *place = &cursor->place;
    struct tr069_at at;
    int verdict;
    place_at(place, leaf->declaration, leaf, cursor->fault, &at);
    value->type = TR069_NONE;
    value->as.string = NULL;
    value->length = 0;
    verdict = leaf->param->get(&at, value);
    if (verdict == TR069_OK) {
        if (value_text(leaf->param->type, value, ret_text, ret_length) == 0) {
            return TR069_OK;
        }
        verdict = -EINVAL;
        (void) tr069_fault(cursor->fault, TR069_INTERNAL_ERROR, "%s: plugin %s gave a value that is no %s",
                           place_path(place), owner_name(leaf->declaration),
                           value_type_name(leaf->param->type));
    } else {
        (void) fault_at(cursor->fault, place_path(place), verdict, "cannot be read");
    }
    if (ret_verdict != NULL) {
        *ret_verdict = verdict;
    }
    return TR069_FAULT;
}

int leaf_read(struct cursor *cursor, struct tr069_value *value, const char **ret_text, size_t *ret_length,
              int *ret_verdict) {
    const struct leaf *leaf = cursor->place.leaf;
    if (leaf->param->get != NULL) {
        return read_getter(cursor, leaf, value, ret_text, ret_length, ret_verdict);
    }
    if (leaf->param->entries_of != NULL) {
        int r = count_rows(cursor, leaf->counted, &value->as.number);
        if (r != 0) {
            if (ret_verdict != NULL) {
                *ret_verdict = r;
            }
            return r;
        }
        value->type = TR069_ULONG;
        return value_text(TR069_ULONG, value, ret_text, ret_length);
    }
    if (leaf->param->flags & TR069_STORED) {
        const char *stored = store_get(cursor->model->store, place_key(&cursor->place, MODEL_KEY_VALUE));
        if (stored != NULL) {
            *ret_text = stored;
            *ret_length = strlen(stored);
            return TR069_OK;
        }
    }
    if (leaf->param->flags & TR069_ALIAS) {
        alias_standard(value->buffer, cursor->place.instance[cursor->place.depth - 1]);
        *ret_text = value->buffer;
        *ret_length = strlen(value->buffer);
        return TR069_OK;
    }
    *ret_text = leaf->standard;
    *ret_length = leaf->standard_length;
    return TR069_OK;
}

/* ---- For the client itself -------------------------------------------------------------------- */

int model_get(struct model *model, const char *path, char *buffer, size_t size) {
    struct tr069_fault fault;
    struct tr069_value value;
    struct cursor cursor;
    const char *text;
    size_t length;
    int verdict = -EIO;
    int r;
    cursor_begin(&cursor, model, &fault);
    r = cursor_find(&cursor, path, FIND_PRESENT);
    if (r == 0 && cursor.place.leaf == NULL) {
        r = -ENOENT;
    }
    if (r == 0) {
        r = leaf_read(&cursor, &value, &text, &length, &verdict);
        if (r != TR069_OK) {
            r = verdict < 0 ? verdict : -EIO;
        } else if (length >= size) {
            r = -ENOSPC;
        } else {
            memcpy(buffer, text, length);
            buffer[length] = '\0';
        }
    }
    cursor_end(&cursor);
    return r > 0 ? -EIO : r;
}

/* The flags of a parameter's table entry, whether its row is there or not; `none` when there is no such
 * entry. */
static unsigned flags_of(struct model *model, const char *path, unsigned none) {
    struct tr069_fault fault;
    struct cursor cursor;
    unsigned flags = none;
    cursor_begin(&cursor, model, &fault);
    if (cursor_find(&cursor, path, FIND_TEMPLATE) == 0 && cursor.place.leaf != NULL) {
        flags = cursor.place.leaf->param->flags;
    }
    cursor_end(&cursor);
    return flags;
}

bool model_is_forced(struct model *model, const char *path) {
    return (flags_of(model, path, 0) & TR069_INFORM) != 0;
}

bool model_may_show(struct model *model, const char *path) {
    return (flags_of(model, path, TR069_SECRET) & (TR069_HIDDEN | TR069_SECRET)) == 0;
}
