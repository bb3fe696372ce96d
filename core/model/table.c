/* Judging the tables of a plugin, entry by entry, before they become part of the model. */
#include "model/model_internal.h"

#include "base/text.h"

#include <regex.h>
#include <stdlib.h>

size_t entry_room(size_t size, size_t entry_size) {
    return entry_size < size ? size : 0;
}

const void *entry_in_our_size(void *room, size_t size, const void *entry, size_t entry_size) {
    if (entry_size >= size) {
        return entry;
    }
    memset(room, 0, size);
    return memcpy(room, entry, entry_size);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(const char *name, size_t length) {
    if (length == 0 || !is_letter(name[0])) {
        return false;
    }
    for (size_t i = 1; i < length; i++) {
        if (!is_letter(name[i]) && !(name[i] >= '0' && name[i] <= '9') && name[i] != '-') {
            return false;
        }
    }
    return true;
}

static int wrong(char *ret_error, size_t error_size, const struct declaration *declaration, const char *name,
                 const char *what) {
    (void) snprintf(ret_error, error_size, "plugin %s: %s%.256s: %s", owner_name(declaration),
                    declaration->object->path, name != NULL ? name : "", what);
    return -EINVAL;
}

static const char *path_mistake(const char *path, size_t room) {
    unsigned depth = 0;
    bool after_row = true; /* the root itself is no table */
    size_t length = 0;
    while (*path != '\0') {
        const char *dot = strchr(path, '.');
        if (dot == NULL) {
            return "an object's path ends with a dot";
        }
        size_t part = (size_t) (dot - path);
        bool row = part == 3 && memcmp(path, "{i}", 3) == 0;
        if (row && after_row) {
            return "{i} stands behind the name of a table";
        }
        if (!row && !is_name(path, part)) {
            return "a part of the path is no name: letters, digits, _ and -, a letter or _ first";
        }
        depth += row ? 1 : 0;
        length += row ? 2 : part + 1;
        after_row = row;
        path = dot + 1;
    }
    if (depth > TR069_DEPTH_MAX) {
        return "more than 8 tables inside each other";
    }
    return length > room ? "the path is longer than 256 characters" : NULL;
}

static bool ends_in_row(const char *path) {
    size_t length = strlen(path);
    return length >= 4 && memcmp(path + length - 4, "{i}.", 4) == 0;
}

static const char *object_mistake(const struct tr069_object *object) {
    bool row = ends_in_row(object->path);
    bool rows_by_plugin = object->instances != NULL || object->add != NULL || object->remove != NULL;
    if (!row && (rows_by_plugin || (object->flags & TR069_STORED_ROWS))) {
        return "only a table, whose path ends with {i}., has rows";
    }
    if (rows_by_plugin && (object->flags & TR069_STORED_ROWS)) {
        return "with TR069_STORED_ROWS the client keeps the rows: no instances, add and remove";
    }
    if ((object->add != NULL || object->remove != NULL) && object->instances == NULL) {
        return "a table with add or remove needs instances";
    }
    return NULL;
}

int table_check(const struct model *model, const struct declaration *declaration, char *ret_error,
                size_t error_size) {
    const struct tr069_object *object = declaration->object;
    const char *mistake = path_mistake(object->path, TR069_NAME_MAX - model->root_length);
    if (mistake == NULL) {
        mistake = object_mistake(object);
    }
    return mistake == NULL ? 0 : wrong(ret_error, error_size, declaration, NULL, mistake);
}

/* ---- Parameters ------------------------------------------------------------------------------- */

static bool is_number(enum tr069_type type) {
    return type == TR069_INT || type == TR069_LONG || type == TR069_UINT || type == TR069_ULONG ||
           type == TR069_DECIMAL;
}

static const char *limits_mistake(const struct tr069_param *param) {
    regex_t regex;
    if (param->min > param->max || ((param->min != 0 || param->max != 0) && !is_number(param->type))) {
        return "min and max fit no value of this type";
    }
    if (param->max_length != 0 && param->min_length > param->max_length) {
        return "min_length is larger than max_length";
    }
    if ((param->values != NULL || param->pattern != NULL || (param->flags & TR069_CSV)) &&
        param->type != TR069_STRING) {
        return "values, pattern and TR069_CSV are for strings";
    }
    if (param->values != NULL && param->values[0] == NULL) {
        return "an enumeration of nothing";
    }
    /* of what nobody sets it only tells the reader */
    if (param->pattern != NULL && leaf_writable(&(struct leaf){.param = param})) {
        if (regcomp(&regex, param->pattern, REG_EXTENDED | REG_NOSUB) != 0) {
            return "the pattern is no extended regular expression";
        }
        regfree(&regex);
    }
    return NULL;
}

static const char *param_mistake(const struct tr069_param *param, bool in_row) {
    if (!is_name(param->name, strlen(param->name))) {
        return "a name has letters, digits, _ and -, a letter or _ first";
    }
    if (param->type < TR069_STRING || param->type > TR069_DECIMAL) {
        return "a parameter cannot have this type";
    }
    if (param->notify > TR069_NOTIFY_CAN_DENY) {
        return "there is no such notification rule";
    }
    if (param->entries_of != NULL &&
        (param->get != NULL || leaf_writable(&(struct leaf){.param = param}) || !is_number(param->type))) {
        return "a count of rows is a read-only number without a getter";
    }
    if ((param->flags & TR069_ALIAS) &&
        (!in_row || param->type != TR069_STRING || !(param->flags & TR069_STORED) || param->get != NULL ||
         param->set != NULL || param->value != NULL || strcmp(param->name, "Alias") != 0)) {
        return "TR069_ALIAS is for TR069_ALIAS_PARAM in the rows of a table";
    }
    if ((param->flags & TR069_REFERENCE) && param->type != TR069_STRING) {
        return "TR069_REFERENCE is for strings";
    }
    return limits_mistake(param);
}

/* The constant or default as it is shown. A null value needs no place in the enumeration. */
static int standard_text(struct leaf *leaf, char *ret_error, size_t error_size) {
    const char *text = leaf->param->value;
    char *own = NULL;
    struct tr069_fault fault = {0};
    struct tr069_value value;
    int r;
    if (text == NULL) {
        leaf->standard = null_text(leaf->param->type);
    } else {
        r = leaf_accept(leaf, text, strlen(text), &value, &own, &fault);
        if (r != TR069_OK && fault.code != TR069_RESOURCES_EXCEEDED) {
            char what[320];
            (void) snprintf(what, sizeof what, "its own default \"%.32s\" %s", text, fault.text);
            return wrong(ret_error, error_size, leaf->declaration, leaf->name, what);
        }
    }
    if (leaf->standard == NULL) {
        if (own == NULL) {
            return -ENOMEM;
        }
        leaf->standard_is_own = strcmp(own, text) != 0;
        leaf->standard = leaf->standard_is_own ? own : text;
        if (!leaf->standard_is_own) {
            free(own);
        }
    }
    leaf->standard_length = (uint32_t) strlen(leaf->standard);
    return 0;
}

int leaf_make(struct declaration *declaration, const struct tr069_param *entry, struct leaf **ret_leaf,
              char *ret_error, size_t error_size) {
    const size_t size = declaration->owner->plugin->param_size, length = strlen(entry->name);
    const char *mistake;
    struct leaf *leaf = calloc(1, sizeof *leaf + entry_room(sizeof *entry, size));
    int r = 0;
    if (leaf == NULL) {
        return -ENOMEM;
    }
    leaf->entry = entry;
    leaf->param = entry_in_our_size(leaf + 1, sizeof *entry, entry, size);
    leaf->declaration = declaration;
    leaf->name = entry->name;
    leaf->name_length = (uint16_t) length;
    mistake = length > TR069_NAME_MAX ? NAME_TOO_LONG
                                      : param_mistake(leaf->param, ends_in_row(declaration->object->path));
    if (mistake != NULL) {
        r = wrong(ret_error, error_size, declaration, leaf->name, mistake);
    } else {
        r = standard_text(leaf, ret_error, error_size);
    }
    if (r < 0) {
        leaf_free(leaf);
        return r;
    }
    *ret_leaf = leaf;
    return 0;
}
