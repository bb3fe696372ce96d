/* tr069/fake_model.h: a part of tr069/fake_host.h, which includes it: the walk through the tables of the data
 * model. */
#ifndef TR069_FAKE_HOST_H
#include <tr069/fake_host.h>
#elif !defined(TR069_FAKE_MODEL_H)
#define TR069_FAKE_MODEL_H

/* ---- Finding ---------------------------------------------------------------------------------- */

static inline const struct tr069_object *fake_object_at(const struct tr069_plugin *plugin, size_t index) {
    if (plugin->objects == NULL) {
        return NULL;
    }
    const char *at = (const char *) plugin->objects + index * plugin->object_size;
    const struct tr069_object *object = (const struct tr069_object *) (const void *) at;
    return object->path != NULL ? object : NULL;
}

static inline const struct tr069_param *fake_param_at(const struct tr069_plugin *plugin,
                                                      const struct tr069_object *object, size_t index) {
    if (object->params == NULL) {
        return NULL;
    }
    const char *at = (const char *) object->params + index * plugin->param_size;
    const struct tr069_param *param = (const struct tr069_param *) (const void *) at;
    return param->name != NULL ? param : NULL;
}

/* The part below the root. */
static inline const char *fake_below(const struct fake_host *fake, const char *path) {
    size_t length = strlen(fake->root);
    return strncmp(path, fake->root, length) == 0 ? path + length : path;
}

/* Does the path begin with this template? Its instance numbers; the rest of it. */
static inline const char *fake_match(const char *templ, const char *path, uint32_t *instance,
                                     unsigned *ret_depth) {
    unsigned depth = 0;
    while (*templ != '\0') {
        if (strncmp(templ, "{i}", 3) == 0) {
            if (!isdigit((unsigned char) *path) || depth == TR069_DEPTH_MAX) {
                return NULL;
            }
            char *end;
            instance[depth++] = (uint32_t) strtoul(path, &end, 10);
            path = end;
            templ += 3;
        } else if (*templ++ != *path++) {
            return NULL;
        }
    }
    *ret_depth = depth;
    return path;
}

struct fake_rows {
    struct tr069_rows rows;
    struct fake_host *fake;
    uint32_t last, wanted;
    size_t count;
    bool found;
    void *row;
};

static inline int fake_rows_add(struct tr069_rows *rows, uint32_t instance, void *row) {
    struct fake_rows *collect = (struct fake_rows *) (void *) rows;
    if (instance <= collect->last) {
        fake_breach(collect->fake, "rows are not in rising order: %u after %u", instance, collect->last);
    }
    collect->last = instance;
    collect->count++;
    if (instance == collect->wanted) {
        collect->found = true;
        collect->row = row;
    }
    return 0;
}

/* Enumerates the table `prefix` (a template that ends in "{i}.") within at's outer rows. */
static inline int fake_enumerate(struct fake_host *fake, const char *prefix, size_t length,
                                 const struct tr069_at *outer, struct fake_rows *rows) {
    bool declared = false;
    rows->rows.add = fake_rows_add;
    rows->fake = fake;
    const struct tr069_object *object;
    for (size_t i = 0; (object = fake_object_at(fake->plugin, i)) != NULL; i++) {
        if ((object->roots & fake->roots) == 0 || strncmp(object->path, prefix, length) != 0) {
            continue;
        }
        declared = true;
        if (object->path[length] != '\0') {
            continue;
        }
        if ((object->flags & TR069_STORED_ROWS) != 0) {
            char number[16];
            for (size_t r = 0; r < fake->rows.count; r++) {
                if (strcmp(fake->rows.pairs[r].name, outer->path) == 0 && fake->rows.pairs[r].number == 0) {
                    (void) snprintf(number, sizeof number, "%s", fake->rows.pairs[r].value);
                    (void) fake_rows_add(&rows->rows, (uint32_t) strtoul(number, NULL, 10), NULL);
                }
            }
            return 0;
        }
        if (object->instances != NULL) {
            struct tr069_at at = *outer;
            at.object = object;
            return object->instances(&at, &rows->rows);
        }
    }
    return declared ? fake_rows_add(&rows->rows, 1, NULL) : 0;
}

/* Checks that all rows on the way to at exist; sets at->row. The object's template is `templ`. */
static inline bool fake_rows_exist(struct fake_host *fake, const char *templ, struct tr069_at *at) {
    const char *mark = templ;
    char concrete[TR069_NAME_MAX + 1];
    size_t used = (size_t) snprintf(concrete, sizeof concrete, "%s", fake->root);
    unsigned depth = 0;
    void *row = NULL;
    while ((mark = strstr(mark, "{i}.")) != NULL) {
        const char *begin = depth == 0 ? templ : strstr(templ, "{i}.");
        for (unsigned d = 1; d < depth; d++) {
            begin = strstr(begin + 4, "{i}.");
        }
        begin = depth == 0 ? begin : begin + 4;
        used +=
            (size_t) snprintf(concrete + used, sizeof concrete - used, "%.*s", (int) (mark - begin), begin);
        struct tr069_at outer = *at;
        struct fake_rows rows = {.wanted = at->instance[depth]};
        outer.depth = depth;
        outer.path = concrete;
        outer.row = row;
        outer.param = NULL;
        if (fake_enumerate(fake, templ, (size_t) (mark + 4 - templ), &outer, &rows) != 0 || !rows.found) {
            return false;
        }
        row = rows.row;
        used += (size_t) snprintf(concrete + used, sizeof concrete - used, "%u.", at->instance[depth]);
        depth++;
        mark += 4;
    }
    at->row = row;
    return true;
}

/* Room that a struct tr069_at points to. */
struct fake_place {
    struct tr069_at at;
    uint32_t instance[TR069_DEPTH_MAX];
    char path[TR069_NAME_MAX + 1];
};

/* Finds a parameter, or an object when the path ends in '.'. Fault 9005 when there is none. */
static inline bool fake_find(struct fake_host *fake, const char *path, struct fake_place *ret_place) {
    const char *below = fake_below(fake, path);
    const struct tr069_object *object;
    memset(&fake->fault, 0, sizeof fake->fault);
    for (size_t i = 0; (object = fake_object_at(fake->plugin, i)) != NULL; i++) {
        unsigned depth;
        if ((object->roots & fake->roots) == 0) {
            continue;
        }
        const char *rest = fake_match(object->path, below, ret_place->instance, &depth);
        if (rest == NULL || strchr(rest, '.') != NULL) {
            continue;
        }
        const struct tr069_param *param = NULL;
        for (size_t p = 0; *rest != '\0' && (param = fake_param_at(fake->plugin, object, p)) != NULL; p++) {
            if (strcmp(param->name, rest) == 0) {
                break;
            }
        }
        if (*rest != '\0' && param == NULL) {
            continue;
        }
        (void) snprintf(ret_place->path, sizeof ret_place->path, "%s%s", fake->root, below);
        struct tr069_at at = {.path = ret_place->path,
                              .instance = ret_place->instance,
                              .depth = depth,
                              .object = object,
                              .param = param,
                              .fault = &fake->fault,
                              .ctx = fake->ctx,
                              .host = &fake->host};
        if (fake_rows_exist(fake, object->path, &at)) {
            ret_place->at = at;
            return true;
        }
    }
    (void) tr069_fault(&fake->fault, TR069_INVALID_NAME, "%s: no such name", path);
    return false;
}

/* How many rows a table has: "WiFi.SSID." or "LANDevice.1.WLANConfiguration.". */
static inline size_t fake_row_count(struct fake_host *fake, const char *path) {
    char with_row[TR069_NAME_MAX + 16];
    uint32_t instance[TR069_DEPTH_MAX];
    (void) snprintf(with_row, sizeof with_row, "%s0.", fake_below(fake, path));
    const struct tr069_object *object;
    for (size_t i = 0; (object = fake_object_at(fake->plugin, i)) != NULL; i++) {
        unsigned depth;
        size_t length = strlen(object->path);
        const char *rest = (object->roots & fake->roots) != 0 && length > 4
                               ? fake_match(object->path, with_row, instance, &depth)
                               : NULL;
        if (rest == NULL || *rest != '\0' || strcmp(object->path + length - 4, "{i}.") != 0) {
            continue;
        }
        char concrete[TR069_NAME_MAX + 32];
        (void) snprintf(concrete, sizeof concrete, "%s%s", fake->root, fake_below(fake, path));
        struct tr069_at outer = {.path = concrete,
                                 .instance = instance,
                                 .depth = depth - 1,
                                 .fault = &fake->fault,
                                 .ctx = fake->ctx,
                                 .host = &fake->host};
        struct fake_rows rows = {.wanted = 0};
        return fake_enumerate(fake, object->path, length, &outer, &rows) == 0 ? rows.count : 0;
    }
    return 0;
}

/* "LANDevice.{i}.X." with the numbers of at. */
static inline void fake_fill_in(const char *templ, const struct tr069_at *at, char *buffer, size_t size) {
    size_t used = 0;
    unsigned depth = 0;
    buffer[0] = '\0';
    while (*templ != '\0' && used + 12 < size) {
        if (strncmp(templ, "{i}", 3) == 0 && depth < at->depth) {
            used += (size_t) snprintf(buffer + used, size - used, "%u", at->instance[depth++]);
            templ += 3;
        } else {
            buffer[used++] = *templ++;
            buffer[used] = '\0';
        }
    }
}

/* ---- Reading and writing ---------------------------------------------------------------------- */

static inline int fake_value(struct fake_host *fake, const struct tr069_at *at,
                             struct tr069_value *ret_value) {
    char table[TR069_NAME_MAX + 1];
    const char *text = at->param->value != NULL ? at->param->value : "";
    memset(ret_value, 0, sizeof *ret_value);
    if (at->param->entries_of != NULL) {
        fake_fill_in(at->param->entries_of, at, table, sizeof table);
        return tr069_value_uint(ret_value, fake_row_count(fake, table));
    }
    if ((at->param->flags & TR069_STORED) != 0) {
        const char *stored = fake_list_get(&fake->stored, at->path);
        return tr069_value_string(ret_value, stored != NULL ? stored : text);
    }
    return at->param->get != NULL ? at->param->get(at, ret_value) : tr069_value_string(ret_value, text);
}

/* The text of a parameter, or NULL with fake->fault filled in. Valid until the next fake_get(). A value
 * that does not fit the parameter's own type and limits is a breach of the contract. */
static inline const char *fake_get(struct fake_host *fake, const char *path) {
    struct fake_place place;
    struct tr069_value value, parsed;
    if (!fake_find(fake, path, &place) || place.at.param == NULL) {
        return NULL;
    }
    int r = fake_value(fake, &place.at, &value);
    if (r != TR069_OK) {
        if (r < 0) {
            (void) tr069_fault(&fake->fault, TR069_INTERNAL_ERROR, "%s: errno %d", path, -r);
        }
        return NULL;
    }
    free(fake->text);
    fake->text = fake_text(&value);
    if (fake->text == NULL) {
        fake_breach(fake, "%s has no value", path);
    } else if (*fake->text != '\0' && (place.at.param->flags & TR069_STORED) == 0 &&
               !(value.type == TR069_DATETIME || fake_fits(place.at.param, fake->text, &parsed))) {
        fake_breach(fake, "%s = \"%s\" does not fit its type and limits", path, fake->text);
    }
    return fake->text;
}

enum { FAKE_SET_MAX = 16 };

/* One line of a SetParameterValues on its way. */
struct fake_write {
    struct fake_place place;
    struct tr069_value value;
    char *old;
};

static inline int fake_write_prepare(struct fake_host *fake, const char *path, const char *text,
                                     struct fake_write *ret_write) {
    struct tr069_value old;
    if (!fake_find(fake, path, &ret_write->place) || ret_write->place.at.param == NULL) {
        return TR069_FAULT;
    }
    const struct tr069_param *param = ret_write->place.at.param;
    if (param->set == NULL && (param->flags & TR069_STORED) == 0) {
        return tr069_fault(&fake->fault, TR069_NOT_WRITABLE, "%s is read-only", path);
    }
    if (!fake_fits(param, text, &ret_write->value)) {
        return tr069_fault(&fake->fault, TR069_INVALID_VALUE, "%s: does not fit", path);
    }
    ret_write->old = fake_value(fake, &ret_write->place.at, &old) == TR069_OK ? fake_text(&old) : NULL;
    return TR069_OK;
}

static inline int fake_write_check(struct fake_write *writes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct tr069_at *at = &writes[i].place.at;
        struct tr069_change changes[FAKE_SET_MAX];
        size_t touched = 0;
        for (size_t j = 0; j < count; j++) {
            const struct tr069_at *other = &writes[j].place.at;
            if (other->object == at->object &&
                memcmp(other->instance, at->instance, at->depth * sizeof *at->instance) == 0) {
                changes[touched].param = other->param;
                changes[touched].value = &writes[j].value;
                changes[touched++].fault = at->fault;
            }
        }
        int r = at->object->check != NULL ? at->object->check(at, changes, touched) : TR069_OK;
        if (r != TR069_OK) {
            return r;
        }
    }
    return TR069_OK;
}

static inline int fake_write_apply(struct fake_host *fake, const struct fake_write *write,
                                   const struct tr069_value *value) {
    const struct tr069_at *at = &write->place.at;
    int r = at->param->set != NULL ? at->param->set(at, value) : TR069_OK;
    if ((r == TR069_OK || r == TR069_APPLIED_LATER) && (at->param->flags & TR069_STORED) != 0) {
        char *text = fake_text(value);
        fake_list_put(&fake->stored, at->path, text, 0);
        free(text);
    }
    return r;
}

/* Sets all of them; on a failure puts the old values back. */
static inline int fake_write_all(struct fake_host *fake, struct fake_write *writes, size_t count,
                                 bool *ret_later) {
    int r = TR069_OK;
    size_t applied = 0;
    for (; applied < count; applied++) {
        r = fake_write_apply(fake, &writes[applied], &writes[applied].value);
        if (r != TR069_OK && r != TR069_APPLIED_LATER) {
            break;
        }
        *ret_later = *ret_later || r == TR069_APPLIED_LATER;
    }
    if (applied == count) {
        return TR069_OK;
    }
    while (applied-- > 0) {
        struct tr069_value old;
        if (writes[applied].old != NULL &&
            fake_parse(writes[applied].place.at.param->type, writes[applied].old, &old) == 0) {
            (void) fake_write_apply(fake, &writes[applied], &old);
        }
    }
    return r;
}

static inline void fake_write_commit(struct fake_write *writes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct tr069_object *object = writes[i].place.at.object;
        if (object->commit != NULL && (i == 0 || object != writes[i - 1].place.at.object)) {
            object->commit(&writes[i].place.at);
        }
    }
}

/* SetParameterValues: fake_set_all(fake, path, text, path, text, ...), all or nothing, as the client does it:
 * limits, check, set, the old values put back on a failure, commit. OK, APPLIED_LATER, or FAULT with
 * fake->fault. */
#define fake_set_all(fake, ...) fake_set_words(fake, (const char *const[]){__VA_ARGS__, NULL})
static inline int fake_set_words(struct fake_host *fake, const char *const *words) {
    struct fake_write *writes = (struct fake_write *) calloc(FAKE_SET_MAX, sizeof *writes);
    size_t count = 0;
    int r = TR069_OK;
    bool later = false;
    if (writes == NULL) {
        abort();
    }
    for (; words[0] != NULL && words[1] != NULL && count < FAKE_SET_MAX && r == TR069_OK; words += 2) {
        r = fake_write_prepare(fake, words[0], words[1], &writes[count++]);
    }
    r = r == TR069_OK ? fake_write_check(writes, count) : r;
    r = r == TR069_OK ? fake_write_all(fake, writes, count, &later) : r;
    if (r == TR069_OK) {
        fake_write_commit(writes, count);
    } else if (r < 0) {
        (void) tr069_fault(&fake->fault, TR069_INTERNAL_ERROR, "errno %d", -r);
    }
    for (size_t i = 0; i < count; i++) {
        free(writes[i].old);
    }
    free(writes);
    return r != TR069_OK ? TR069_FAULT : later ? TR069_APPLIED_LATER : TR069_OK;
}

static inline int fake_set(struct fake_host *fake, const char *path, const char *text) {
    return fake_set_all(fake, path, text);
}

/* The number of a new row; 0 with fake->fault. */
static inline uint32_t fake_row_make(struct fake_host *fake, const struct tr069_at *at) {
    const struct tr069_object *object = at->object;
    uint32_t instance = 0;
    char number[16];
    if (fake_row_count(fake, at->path) >= (object->max_rows != 0 ? object->max_rows : 256)) {
        (void) tr069_fault(&fake->fault, TR069_RESOURCES_EXCEEDED, "%s has all the rows it may have",
                           at->path);
        return 0;
    }
    if ((object->flags & TR069_STORED_ROWS) == 0) {
        const int r = object->add(at, &instance);
        return r == TR069_OK || r == TR069_APPLIED_LATER ? instance : 0;
    }
    instance = (uint32_t) fake_list_count(&fake->rows, at->path) + 1; /* of those removed, too */
    (void) snprintf(number, sizeof number, "%u", instance);
    fake_list_add(&fake->rows, at->path, number, 0);
    return instance;
}

/* AddObject on "WiFi.SSID."; the number of the new row, or 0 with fake->fault. */
static inline uint32_t fake_add(struct fake_host *fake, const char *path) {
    struct fake_place place, made;
    char row[TR069_NAME_MAX + 16];
    const struct tr069_object *object;
    (void) snprintf(row, sizeof row, "%s0.", fake_below(fake, path));
    for (size_t i = 0; (object = fake_object_at(fake->plugin, i)) != NULL; i++) {
        unsigned depth;
        const char *rest =
            (object->roots & fake->roots) != 0 ? fake_match(object->path, row, place.instance, &depth) : NULL;
        if (rest == NULL || *rest != '\0' ||
            (object->add == NULL && (object->flags & TR069_STORED_ROWS) == 0)) {
            continue;
        }
        (void) snprintf(place.path, sizeof place.path, "%s%s", fake->root, fake_below(fake, path));
        struct tr069_at at = {.path = place.path,
                              .instance = place.instance,
                              .depth = depth - 1,
                              .object = object,
                              .fault = &fake->fault,
                              .ctx = fake->ctx,
                              .host = &fake->host};
        const uint32_t instance = fake_row_make(fake, &at);
        (void) snprintf(row, sizeof row, "%s%u.", fake_below(fake, path), instance);
        if (instance != 0 && !fake_find(fake, row, &made)) {
            fake_breach(fake, "%s was added and is not there", row);
        } else if (instance != 0 && object->commit != NULL) {
            object->commit(&made.at);
        }
        return instance;
    }
    (void) tr069_fault(&fake->fault, TR069_INVALID_NAME, "%s: no such table", path);
    return 0;
}

/* The client's own part of it: the row, and what it kept of it. */
static inline void fake_row_drop(struct fake_host *fake, const char *path) {
    const size_t length = strlen(path);
    for (size_t i = 0; i < fake->rows.count; i++) {
        const struct fake_pair *row = &fake->rows.pairs[i];
        const size_t table = strlen(row->name), number = strlen(row->value);
        if (table + number + 1 == length && strncmp(path, row->name, table) == 0 &&
            strncmp(path + table, row->value, number) == 0) {
            fake->rows.pairs[i].number = 1; /* its number is never given again */
        }
    }
    for (size_t i = fake->stored.count; i-- > 0;) {
        if (strncmp(fake->stored.pairs[i].name, path, length) == 0) {
            char *name = fake_copy(fake->stored.pairs[i].name);
            fake_list_remove(&fake->stored, name);
            free(name);
        }
    }
}

/* DeleteObject on "WiFi.SSID.2.". OK, APPLIED_LATER, FAULT, -errno. */
static inline int fake_remove(struct fake_host *fake, const char *path) {
    struct fake_place place;
    if (!fake_find(fake, path, &place)) {
        return TR069_FAULT;
    }
    const struct tr069_object *object = place.at.object;
    const bool stored = (object->flags & TR069_STORED_ROWS) != 0;
    if (object->remove == NULL && !stored) {
        return tr069_fault(&fake->fault, TR069_INVALID_NAME, "%s: no row that can be deleted", path);
    }
    const int r = object->remove != NULL ? object->remove(&place.at) : TR069_OK;
    if (r < 0 || r == TR069_FAULT) {
        return r;
    }
    if (stored) {
        fake_row_drop(fake, place.path);
    }
    place.at.row = NULL; /* it is the plugin's no more */
    if (object->commit != NULL) {
        object->commit(&place.at);
    }
    return r;
}

/* The refresh of an object, by its template: "DeviceInfo.". OK, DEFERRED, -errno; -ENOENT: it has none. */
static inline int fake_refresh(struct fake_host *fake, const char *templ) {
    const struct tr069_object *object;
    for (size_t i = 0; (object = fake_object_at(fake->plugin, i)) != NULL; i++) {
        if ((object->roots & fake->roots) != 0 && object->refresh != NULL &&
            strcmp(object->path, templ) == 0) {
            struct tr069_at at = {.path = templ,
                                  .object = object,
                                  .fault = &fake->fault,
                                  .ctx = fake->ctx,
                                  .host = &fake->host};
            return object->refresh(&at);
        }
    }
    return -ENOENT;
}

/* host->get and host->set: other parameters, else the plugin's own. */
static inline int fake_other_get(const struct tr069_host *host, const char *path, char *buffer, size_t size) {
    struct fake_host *fake = fake_started(host, "get");
    const char *text = fake_list_get(&fake->parameters, path);
    text = text != NULL ? text : fake_get(fake, path);
    if (text == NULL) {
        return -ENOENT;
    }
    if (strlen(text) >= size) {
        return -ENOSPC;
    }
    (void) snprintf(buffer, size, "%s", text);
    return 0;
}

static inline int fake_other_set(const struct tr069_host *host, const char *path, const char *value) {
    struct fake_host *fake = fake_started(host, "set");
    if (fake_list_find(&fake->parameters, path) != NULL) {
        fake_list_put(&fake->parameters, path, value, 0);
        return 0;
    }
    return fake_set(fake, path, value) <= TR069_OK ? 0 : -EINVAL;
}

/* Names and defaults of the tables, at start. */
static inline void fake_tables_check(struct fake_host *fake) {
    const struct tr069_object *object;
    const struct tr069_param *param;
    struct tr069_value value;
    for (size_t i = 0; (object = fake_object_at(fake->plugin, i)) != NULL; i++) {
        size_t length = strlen(object->path);
        if (length > 0 && object->path[length - 1] != '.') {
            fake_breach(fake, "object %s does not end in '.'", object->path);
        }
        for (size_t p = 0; (param = fake_param_at(fake->plugin, object, p)) != NULL; p++) {
            if (!fake_matches("[A-Za-z_][A-Za-z0-9_-]*", param->name)) {
                fake_breach(fake, "%s%s is not a name", object->path, param->name);
            }
            if (param->value != NULL && *param->value != '\0' && !fake_fits(param, param->value, &value)) {
                fake_breach(fake, "%s%s: its default does not fit", object->path, param->name);
            }
        }
    }
}

#endif
