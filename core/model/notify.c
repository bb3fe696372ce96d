/* Value changes: pushed by plugins or found by comparing with what was last reported. */
#include "model/model_internal.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>

#define LOG_ROOM "model"

/* ---- What was reported: "0123456789abcdef", with an 'a' behind it when the ACS wrote it ---------- */

struct record {
    bool known;
    bool by_acs;
    uint64_t digest;
};

enum { RECORD_DIGITS = 16 };

static struct record read_record(const struct model *model, struct place *place) {
    const char *text = store_get(model->store, place_key(place, MODEL_KEY_REPORTED));
    struct record record = {false, false, 0};
    if (text == NULL || strlen(text) < RECORD_DIGITS) {
        return record;
    }
    for (size_t i = 0; i < RECORD_DIGITS; i++) {
        char c = text[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
            return record;
        }
        record.digest = record.digest << 4 | (unsigned) (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    record.known = true;
    record.by_acs = text[RECORD_DIGITS] == 'a';
    return record;
}

static void record_text(char out[RECORD_DIGITS + 2], uint64_t digest, bool by_acs) {
    (void) snprintf(out, RECORD_DIGITS + 2, "%016llx%s", (unsigned long long) digest, by_acs ? "a" : "");
}

/* `journal` may be NULL. */
static void write_record(struct model *model, struct place *place, uint64_t digest, bool by_acs,
                         struct journal *journal) {
    const char *key = place_key(place, MODEL_KEY_REPORTED);
    char text[RECORD_DIGITS + 2];
    record_text(text, digest, by_acs);
    int r = journal != NULL ? journal_put(journal, key, text) : store_put(model->store, key, text);
    if (r < 0) {
        log_warning("%s: that it was reported cannot be kept: %s", place_path(place), strerror(-r));
    }
}

/* The store is no place to guess a secret from. */
uint64_t changes_digest_of(const struct leaf *leaf, const char *text, size_t length) {
    return leaf->param->flags & (TR069_HIDDEN | TR069_SECRET) ? crypto_digest64(text, length)
                                                              : text_hash(text, length);
}

uint64_t changes_digest(struct cursor *cursor, bool *ret_known) {
    struct tr069_value value;
    const char *text;
    size_t length;
    *ret_known = leaf_read(cursor, &value, &text, &length, NULL) == TR069_OK;
    cursor->fault->code = 0;
    return *ret_known ? changes_digest_of(cursor->place.leaf, text, length) : 0;
}

void changes_acs_wrote(struct cursor *cursor, struct journal *journal) {
    struct model *model = cursor->model;
    bool known;
    uint64_t digest;
    if (journal == NULL) {
        pending_drop(model, place_path(&cursor->place));
    }
    if (attributes_notification(model, &cursor->place, cursor->place.leaf) == 0) {
        return;
    }
    digest = changes_digest(cursor, &known);
    if (known) {
        write_record(model, &cursor->place, digest, true, journal);
    }
}

int changes_rewatched(struct cursor *cursor, struct journal *journal, int before, int after) {
    char text[RECORD_DIGITS + 2];
    bool known = true;
    uint64_t digest;
    if ((before == 0) == (after == 0)) {
        return 0;
    }
    if (after == 0) {
        return journal_put(journal, place_key(&cursor->place, MODEL_KEY_REPORTED), NULL);
    }
    digest = changes_digest(cursor, &known);
    if (!known) {
        return 0;
    }
    record_text(text, digest, false);
    return journal_put(journal, place_key(&cursor->place, MODEL_KEY_REPORTED), text);
}

/* ---- Pushed ----------------------------------------------------------------------------------- */

/* A plugin may tell late of what the ACS itself wrote: the ACS knows that value. */
static bool is_echo(struct cursor *cursor) {
    struct record record = read_record(cursor->model, &cursor->place);
    bool known;
    uint64_t digest;
    if (!record.known || !record.by_acs) {
        return false;
    }
    digest = changes_digest(cursor, &known);
    return known && digest == record.digest;
}

unsigned model_changed(struct model *model, const char *path) {
    struct tr069_fault fault;
    struct cursor cursor;
    unsigned level = MODEL_UNCHANGED;
    char numbers[TR069_NAME_MAX + 1];
    cursor_begin(&cursor, model, &fault);
    if (strchr(path, '[') != NULL && cursor_find(&cursor, path, FIND_PRESENT) == 0 &&
        text_copy(numbers, sizeof numbers, place_path(&cursor.place))) {
        path = numbers; /* whatever it was called by */
    }
    if (cursor_find(&cursor, path, FIND_TEMPLATE) == 0 && cursor.place.leaf != NULL) {
        level = notification_changes(attributes_notification(model, &cursor.place, cursor.place.leaf));
    }
    if (level != MODEL_UNCHANGED && pending_find(model, path) == NULL) {
        /* The getter of a row wants the row as its plugin named it. */
        if (cursor.place.depth > 0 && cursor_find(&cursor, path, FIND_PRESENT) != 0) {
            level = MODEL_UNCHANGED;
        } else if (is_echo(&cursor)) {
            level = MODEL_UNCHANGED;
        }
    }
    if (level != MODEL_UNCHANGED && pending_add(model, path, level) < 0) {
        log_error("%s: out of memory, its change is not reported", path);
    }
    cursor_end(&cursor);
    return level;
}

/* ---- Compared --------------------------------------------------------------------------------- */

/* The names of the watched parameters: set by the ACS, and those that the tables watch. */
struct watched {
    struct model *model;
    struct buffer names;
};

static int watch_by_attribute(void *user, const char *key, const char *value) {
    struct watched *watched = user;
    const char *path = key + strlen(MODEL_KEY_ATTRIBUTES);
    return value[0] >= '1' && value[0] <= '9' ? names_add(&watched->names, path, strlen(path)) : 0;
}

static int watch_by_table(struct cursor *cursor, void *user) {
    struct watched *watched = user;
    const char *text = store_get(cursor->model->store, place_key(&cursor->place, MODEL_KEY_ATTRIBUTES));
    if (text != NULL && text[0] >= '0' && text[0] <= '9') {
        if (text[0] != '0' || cursor->place.leaf->param->notify != TR069_NOTIFY_FORCED) {
            return 0; /* the attribute decides, and is in the list already if it says so */
        }
    }
    return names_add(&watched->names, place_path(&cursor->place), cursor->place.length);
}

static int watched_collect(struct watched *watched, struct model *model, struct cursor *cursor) {
    int r;
    watched->model = model;
    buffer_init(&watched->names, MODEL_NAMES_MAX);
    r = store_each(model->store, MODEL_KEY_ATTRIBUTES, watch_by_attribute, watched);
    for (size_t i = 0; r == 0 && i < model->notifying.count; i++) {
        r = cursor_walk_leaf(cursor, model->notifying.items[i], watch_by_table, watched);
    }
    return r;
}

static bool was_reported(const struct model *model, const char *path) {
    char key[sizeof MODEL_KEY_REPORTED + PLACE_PATH_SIZE];
    (void) text_join(key, sizeof key, MODEL_KEY_REPORTED, path, NULL);
    return store_get(model->store, key) != NULL;
}

static void scan_one(struct cursor *cursor, const char *path) {
    struct model *model = cursor->model;
    struct record record;
    bool known;
    uint64_t digest;
    const int found = cursor_find(cursor, path, FIND_PRESENT);
    if (found == -ENOENT && !model->records_of_nobody) {
        model->records_of_nobody = was_reported(model, path);
    }
    if (found != 0 || cursor->place.leaf == NULL || pending_find(model, path) != NULL) {
        return;
    }
    record = read_record(model, &cursor->place);
    if (!record.known) {
        return;
    }
    digest = changes_digest(cursor, &known);
    if (known && digest != record.digest) {
        int notification = attributes_notification(model, &cursor->place, cursor->place.leaf);
        if (pending_add(model, path, notification_changes(notification)) < 0) {
            log_error("%s: out of memory, its change is not reported", path);
        }
    }
}

unsigned model_changes_scan(struct model *model) {
    struct tr069_fault fault;
    struct watched watched;
    struct cursor cursor;
    pending_review(model);
    cursor_begin(&cursor, model, &fault);
    cursor.lenient = true;
    if (watched_collect(&watched, model, &cursor) < 0) {
        log_error("out of memory, values are not compared");
    }
    for (const char *path = NULL; (path = names_next(&watched.names, path)) != NULL;) {
        scan_one(&cursor, path);
    }
    buffer_free(&watched.names);
    cursor_end(&cursor);
    return model_changes_pending(model);
}

/* ---- The Inform ------------------------------------------------------------------------------- */

static int select_here(struct cursor *cursor, void *user) {
    struct selection_item *item;
    int r = selection_add(user, &cursor->place, &item);
    if (r == 0) {
        item->forced = true;
    }
    return r;
}

/* Adds what waits to be told in one of the ways `changes`; *ret_any: there is something. */
static int select_pending(struct cursor *cursor, unsigned changes, struct model_selection *selection,
                          bool *ret_any) {
    const struct model *model = cursor->model;
    int r = 0;
    *ret_any = false;
    for (size_t i = 0; r == 0 && i < model->pending_count; i++) {
        struct selection_item *item;
        if ((model->pending[i].changes & changes) == 0 ||
            cursor_find(cursor, model->pending[i].path, FIND_TEMPLATE) != 0) {
            continue;
        }
        *ret_any = true;
        r = selection_add(selection, &cursor->place, &item);
        if (r == 0) {
            item->changed = true;
            item->sequence = model->pending[i].sequence;
        }
    }
    return r;
}

int model_select_inform(struct model *model, const char *const *extra, size_t count,
                        struct model_selection **ret_selection, bool *ret_changed) {
    struct model_selection *selection = selection_new(model);
    struct tr069_fault fault;
    struct cursor cursor;
    int r = 0;
    *ret_changed = false;
    if (selection == NULL) {
        return -ENOMEM;
    }
    selection->inform = true;
    pending_review(model);
    cursor_begin(&cursor, model, &fault);
    cursor.lenient = true;
    for (size_t i = 0; r == 0 && i < model->informed.count; i++) {
        r = cursor_walk_leaf(&cursor, model->informed.items[i], select_here, selection);
    }
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (cursor_find(&cursor, extra[i], FIND_PRESENT) == 0 && cursor.place.leaf != NULL) {
            r = select_here(&cursor, selection);
        }
    }
    r = r == 0 ? select_pending(&cursor, MODEL_BY_INFORM, selection, ret_changed) : r;
    cursor_end(&cursor);
    if (r != 0) {
        model_selection_free(selection);
        return -ENOMEM;
    }
    selection_settle(selection);
    *ret_selection = selection;
    return 0;
}

size_t model_selection_fewer_changes(struct model_selection *selection) {
    size_t changes = 0, left = 0, kept = 0;
    for (size_t i = 0; i < selection->count; i++) {
        changes += selection->items[i].changed ? 1 : 0;
    }
    for (size_t i = 0; i < selection->count; i++) {
        struct selection_item *item = &selection->items[i];
        if (item->changed && left == changes / 2) {
            item->changed = false;
            if (!item->forced) {
                free(item->path);
                continue;
            }
        }
        left += item->changed ? 1 : 0;
        selection->items[kept++] = *item;
    }
    selection->count = kept;
    return left;
}

/* What is watched and was never reported counts from now on. How many have been reported. */
static size_t begin_records(struct cursor *cursor, const struct buffer *names) {
    size_t reported = 0;
    for (const char *path = NULL; (path = names_next(names, path)) != NULL;) {
        if (was_reported(cursor->model, path)) {
            reported++;
        } else if (cursor_find(cursor, path, FIND_PRESENT) == 0 && cursor->place.leaf != NULL) {
            bool known;
            uint64_t digest = changes_digest(cursor, &known);
            if (known) {
                write_record(cursor->model, &cursor->place, digest, false, NULL);
                reported++;
            }
        }
    }
    return reported;
}

static int count_record(void *user, const char *key, const char *value) {
    (void) key;
    (void) value;
    ++*(size_t *) user;
    return 0;
}

static int list_record(void *user, const char *key, const char *value) {
    const char *path = key + strlen(MODEL_KEY_REPORTED);
    (void) value;
    return names_add(user, path, strlen(path));
}

/* Records of rows that are gone, and of parameters that nobody watches. Those of a plugin that is not
 * there now stay. */
static void drop_records(struct cursor *cursor) {
    struct model *model = cursor->model;
    struct buffer names;
    buffer_init(&names, MODEL_NAMES_MAX);
    (void) store_each(model->store, MODEL_KEY_REPORTED, list_record, &names);
    for (const char *path = NULL; (path = names_next(&names, path)) != NULL;) {
        bool gone;
        if (cursor_find(cursor, path, FIND_TEMPLATE) != 0 || cursor->place.leaf == NULL) {
            continue;
        }
        gone = attributes_notification(model, &cursor->place, cursor->place.leaf) == 0;
        if (!gone && cursor->place.depth > 0) {
            gone = cursor_find(cursor, path, FIND_PRESENT) == -ENOENT;
            (void) cursor_find(cursor, path, FIND_TEMPLATE);
        }
        if (gone) {
            (void) store_put(model->store, place_key(&cursor->place, MODEL_KEY_REPORTED), NULL);
        }
    }
    buffer_free(&names);
}

static void report_one(struct cursor *cursor, const struct selection_item *item) {
    struct model *model = cursor->model;
    const struct pending *pending = pending_find(model, item->path);
    if (!item->changed) {
        return;
    }
    if (item->known && cursor_find(cursor, item->path, FIND_TEMPLATE) == 0) {
        write_record(model, &cursor->place, item->digest, false, NULL);
    }
    if (pending != NULL && pending->sequence == item->sequence) {
        pending_settle(model, item->path, MODEL_BY_INFORM);
    }
}

void model_changes_delivered(struct model *model, const struct model_selection *selection) {
    struct tr069_fault fault;
    struct watched watched;
    struct cursor cursor;
    cursor_begin(&cursor, model, &fault);
    cursor.lenient = true;
    for (size_t i = 0; i < selection->count; i++) {
        report_one(&cursor, &selection->items[i]);
    }
    if (watched_collect(&watched, model, &cursor) == 0) {
        size_t wanted = begin_records(&cursor, &watched.names), kept = 0;
        (void) store_each(model->store, MODEL_KEY_REPORTED, count_record, &kept);
        if (kept != wanted || model->records_of_nobody) {
            drop_records(&cursor);
            model->records_of_nobody = false;
        }
    }
    buffer_free(&watched.names);
    cursor_end(&cursor);
}

void model_changes_discard(struct model *model) {
    pending_clear(model);
    (void) store_remove_all(model->store, MODEL_KEY_REPORTED);
}

/* ---- Lightweight notifications ---------------------------------------------------------------- */

int model_select_light(struct model *model, struct model_selection **ret_selection) {
    struct model_selection *selection = selection_new(model);
    struct tr069_fault fault;
    struct cursor cursor;
    bool any;
    int r;
    if (selection == NULL) {
        return -ENOMEM;
    }
    selection->inform = true;
    pending_review(model);
    cursor_begin(&cursor, model, &fault);
    cursor.lenient = true;
    r = select_pending(&cursor, MODEL_BY_LIGHT, selection, &any);
    cursor_end(&cursor);
    if (r != 0) {
        model_selection_free(selection);
        return r;
    }
    *ret_selection = selection;
    return 0;
}

/* What the Inform is still to tell is not reported yet. */
void model_light_sent(struct model *model, const struct model_selection *selection) {
    struct tr069_fault fault;
    struct cursor cursor;
    char text[RECORD_DIGITS + 2];
    cursor_begin(&cursor, model, &fault);
    for (size_t i = 0; i < selection->count; i++) {
        const struct selection_item *item = &selection->items[i];
        const struct pending *pending = pending_find(model, item->path);
        if (pending == NULL || pending->sequence != item->sequence) {
            continue;
        }
        if (item->known && (pending->changes & MODEL_BY_INFORM) == 0 &&
            cursor_find(&cursor, item->path, FIND_TEMPLATE) == 0) {
            record_text(text, item->digest, false);
            (void) store_put_later(model->store, place_key(&cursor.place, MODEL_KEY_REPORTED), text);
        }
        pending_settle(model, item->path, MODEL_BY_LIGHT);
    }
    cursor_end(&cursor);
}
