/* The model as a whole: making it, freeing it, forgetting what is stored. */
#include "model/model_internal.h"

#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>

#define LOG_ROOM "model"

int model_new(enum tr069_root root, struct store *store, struct model **ret_model) {
    struct model *model = calloc(1, sizeof *model);
    if (model == NULL) {
        return -ENOMEM;
    }
    model->root = node_new(NULL, "", 0, false);
    if (model->root == NULL) {
        free(model);
        return -ENOMEM;
    }
    model->root_kind = root;
    model->root_name = root == TR069_IGD1 ? "InternetGatewayDevice." : "Device.";
    model->root_length = strlen(model->root_name);
    model->store = store;
    *ret_model = model;
    return 0;
}

void model_free(struct model *model) {
    if (model == NULL) {
        return;
    }
    pending_clear(model);
    node_free(model->root);
    free(model->notifying.items);
    free(model->informed.items);
    free(model->references.items);
    free(model->refreshing.items);
    free(model);
}

const char *model_root(const struct model *model) {
    return model->root_name;
}

/* ---- Lists of names --------------------------------------------------------------------------- */

int names_add(struct buffer *names, const char *name, size_t length) {
    (void) buffer_append(names, name, length);
    return buffer_char(names, '\0');
}

const char *names_next(const struct buffer *names, const char *name) {
    if (names->length == 0) {
        return NULL;
    }
    name = name == NULL ? names->data : name + strlen(name) + 1;
    return name < names->data + names->length ? name : NULL;
}

/* ---- Forgetting ------------------------------------------------------------------------------- */

static int copy_key(void *user, const char *key, const char *value) {
    (void) value;
    return text_copy(user, PLACE_ROOM + PLACE_PATH_SIZE, key) ? 1 : 0;
}

int stored_forget_below(struct model *model, const char *path, struct journal *journal) {
    static const char *const prefixes[] = {MODEL_KEY_VALUE, MODEL_KEY_ROWS, MODEL_KEY_ATTRIBUTES,
                                           MODEL_KEY_REPORTED};
    char prefix[PLACE_ROOM + PLACE_PATH_SIZE], key[PLACE_ROOM + PLACE_PATH_SIZE];
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof prefixes / sizeof prefixes[0]; i++) {
        (void) snprintf(prefix, sizeof prefix, "%s%s", prefixes[i], path);
        while (r == 0 && journal != NULL && store_each(model->store, prefix, copy_key, key) == 1) {
            r = journal_put(journal, key, NULL);
        }
        if (journal == NULL) {
            (void) store_remove_all(model->store, prefix);
        }
    }
    return r;
}

enum { FORGET_BATCH = 32, FORGET_KEY_SIZE = 324 };

struct forget {
    const char *const *keep;
    size_t count;
    char keys[FORGET_BATCH][FORGET_KEY_SIZE];
};

static int collect_forgotten(void *user, const char *key, const char *value) {
    struct forget *forget = user;
    const char *path = key + strlen(MODEL_KEY_VALUE);
    (void) value;
    for (const char *const *keep = forget->keep; keep != NULL && *keep != NULL; keep++) {
        if (text_starts(path, *keep)) {
            return 0;
        }
    }
    if (!text_copy(forget->keys[forget->count], FORGET_KEY_SIZE, key)) {
        return 0;
    }
    return ++forget->count == FORGET_BATCH ? 1 : 0;
}

void model_forget(struct model *model, const char *const *keep) {
    struct forget forget;
    (void) store_remove_all(model->store, MODEL_KEY_ROWS);
    (void) store_remove_all(model->store, MODEL_KEY_ATTRIBUTES);
    model_changes_discard(model);
    /* In batches, as the store must not change while it is being listed. */
    forget.keep = keep;
    do {
        forget.count = 0;
        (void) store_each(model->store, MODEL_KEY_VALUE, collect_forgotten, &forget);
        for (size_t i = 0; i < forget.count; i++) {
            (void) store_put(model->store, forget.keys[i], NULL);
        }
    } while (forget.count > 0);
}

/* ---- Stored values of an earlier firmware ------------------------------------------------------ */

struct judge {
    struct cursor *cursor;
    const struct model_owner *owner;
    struct buffer names;
};

static int judge_value(void *user, const char *key, const char *text) {
    struct judge *judge = user;
    const char *path = key + strlen(MODEL_KEY_VALUE);
    const struct leaf *leaf;
    struct tr069_fault fault = {0};
    struct tr069_value value;
    char *canonical = NULL;
    if (cursor_find(judge->cursor, path, FIND_TEMPLATE) != 0) {
        return 0;
    }
    leaf = judge->cursor->place.leaf;
    if (leaf == NULL || leaf->declaration->owner != judge->owner || !(leaf->param->flags & TR069_STORED)) {
        return 0;
    }
    int r = leaf_accept(leaf, text, strlen(text), &value, &canonical, &fault);
    free(canonical);
    if (r == TR069_OK) {
        return 0;
    }
    if (fault.code == TR069_RESOURCES_EXCEEDED) {
        return -ENOMEM;
    }
    log_warning("%s: the stored value no longer fits (%s); its default counts", path, fault.text);
    return names_add(&judge->names, key, strlen(key));
}

int stored_judge(struct model *model, const struct model_owner *owner) {
    struct tr069_fault fault;
    struct cursor cursor;
    struct judge judge = {.cursor = &cursor, .owner = owner};
    int r;
    cursor_begin(&cursor, model, &fault);
    buffer_init(&judge.names, MODEL_NAMES_MAX);
    r = store_each(model->store, MODEL_KEY_VALUE, judge_value, &judge);
    for (const char *key = NULL; r == 0 && (key = names_next(&judge.names, key)) != NULL;) {
        (void) store_put(model->store, key, NULL);
    }
    buffer_free(&judge.names);
    cursor_end(&cursor);
    return r;
}
