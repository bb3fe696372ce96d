/* Aliases of rows (digest section 16): which are good, whose they are, and names that hold them. */
#include "model/model_internal.h"

#include "base/text.h"

#define STANDARD "cpe-"

enum { STANDARD_LENGTH = sizeof STANDARD - 1 };

void model_speak(struct model *model, int version) {
    model->version = version;
}

void model_instances(struct model *model, bool alias_mode, bool auto_create) {
    model->alias_mode = alias_mode;
    model->auto_create = auto_create;
}

bool naming_knows(const struct model *model, enum naming naming) {
    return model->version == 0 || model->version >= (int) naming;
}

/* TR-106 section 3.6.1: not empty, a letter first. Brackets and control characters would not survive a path.
 */
const char *alias_mistake(const char *text, size_t length) {
    if (length == 0) {
        return "an alias may not be empty";
    }
    if (!((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'))) {
        return "an alias begins with a letter";
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char) text[i] < ' ' || text[i] == '[' || text[i] == ']') {
            return "an alias has no brackets and no control characters";
        }
    }
    return text_utf8_count(text, length) > ALIAS_MAX ? "an alias has 64 characters at most" : NULL;
}

void alias_standard(char *out, uint32_t instance) {
    (void) snprintf(out, ALIAS_SIZE, STANDARD "%u", (unsigned) instance);
}

uint32_t alias_standard_of(const char *text, size_t length) {
    uint64_t number = 0;
    if (length <= STANDARD_LENGTH || length >= ALIAS_SIZE || memcmp(text, STANDARD, STANDARD_LENGTH) != 0 ||
        text[STANDARD_LENGTH] == '0') {
        return 0;
    }
    for (size_t i = STANDARD_LENGTH; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return 0;
        }
        number = number * 10 + (unsigned) (text[i] - '0');
    }
    return number <= UINT32_MAX ? (uint32_t) number : 0;
}

/* What was given to the row whose number this is, at its table; NULL: nothing. */
static const char *given(struct cursor *cursor, const struct row *row) {
    const struct node *table = cursor->place.node;
    size_t length = cursor->place.length;
    const char *alias = NULL;
    if (cursor_enter_row(cursor, table->row, row) && cursor_enter_leaf(cursor, table->row->alias)) {
        alias = store_get(cursor->model->store, place_key(&cursor->place, MODEL_KEY_VALUE));
    }
    cursor_leave(cursor, table, length);
    return alias;
}

int alias_find(struct cursor *cursor, const struct row_list *list, const char *text, size_t length,
               uint32_t *ret_instance) {
    uint32_t own = alias_standard_of(text, length);
    if (alias_mistake(text, length) != NULL) {
        return -ENOENT;
    }
    for (size_t i = 0; i < list->count; i++) {
        const char *alias;
        if (own != 0 && list->items[i].instance != own) {
            continue;
        }
        alias = given(cursor, &list->items[i]);
        if (alias != NULL ? strlen(alias) == length && memcmp(alias, text, length) == 0 : own != 0) {
            *ret_instance = list->items[i].instance;
            return 0;
        }
    }
    return -ENOENT;
}

/* ---- Names for the ACS ------------------------------------------------------------------------- */

struct shown {
    char *out;
    size_t length;
};

static bool show(struct shown *shown, const char *text, size_t length) {
    if (shown->length + length > TR069_NAME_MAX + 1) { /* with its NUL */
        return false;
    }
    memcpy(shown->out + shown->length, text, length);
    shown->length += length;
    return true;
}

/* "[alias]." of the row whose path, up to and with its dot, is that long. */
static bool show_alias(struct cursor *cursor, struct shown *shown, size_t row_length, uint32_t instance) {
    char key[sizeof MODEL_KEY_VALUE + PLACE_PATH_SIZE + sizeof "Alias"], own[ALIAS_SIZE];
    const char *alias;
    (void) snprintf(key, sizeof key, MODEL_KEY_VALUE "%.*sAlias", (int) row_length,
                    place_path(&cursor->place));
    alias = store_get(cursor->model->store, key);
    if (alias == NULL) {
        alias_standard(own, instance);
        alias = own;
    }
    return show(shown, "[", 1) && show(shown, alias, strlen(alias)) && show(shown, "].", 2);
}

static bool show_all(struct cursor *cursor, unsigned aliases, struct shown *shown) {
    const struct place *place = &cursor->place;
    const char *path = place_path(place);
    const char *part = path + cursor->model->root_length;
    const struct node *node = cursor->model->root;
    bool fits = show(shown, path, cursor->model->root_length);
    while (fits && node != place->node) {
        size_t length = strcspn(part, ".") + 1;
        const struct node *table = node;
        node = table->row != NULL ? table->row : node_child(table, part, length - 1);
        if (table->row != NULL && node->alias != NULL && (aliases & 1U << table->depth)) {
            fits = show_alias(cursor, shown, (size_t) (part - path) + length, place->instance[table->depth]);
        } else {
            fits = show(shown, part, length);
        }
        part += length;
    }
    return fits && show(shown, part, strlen(part) + 1);
}

uint8_t aliases_shown(const struct model *model, const struct spelling *spelled) {
    if (model->version < NAMING_ALIASES) {
        return 0;
    }
    return (uint8_t) (spelled->alias | (model->alias_mode ? ~spelled->number : 0));
}

const char *cursor_shown(struct cursor *cursor, size_t *ret_length) {
    struct shown shown = {cursor->shown, 0};
    const uint8_t aliases = aliases_shown(cursor->model, &cursor->spelled);
    if (aliases == 0 || cursor->place.depth == 0 || !show_all(cursor, aliases, &shown)) {
        *ret_length = cursor->place.length;
        return place_path(&cursor->place);
    }
    *ret_length = shown.length - 1;
    return cursor->shown;
}
