/* Attributes: notification and access list, kept sparsely ("2", "- Subscriber,X_FOO", "1 "). */
#include "model/model_internal.h"

#include <stdlib.h>

#define ACCESS_DEFAULT "Subscriber"

enum { NOTIFICATION_DEFAULT = -1, NOTIFICATION_ACTIVE = 2, NOTIFICATION_MAX = 6 };

struct stored {
    int notification;   /* NOTIFICATION_DEFAULT: never set */
    const char *access; /* NULL: never set */
};

static struct stored read_stored(const struct model *model, struct place *place) {
    struct stored stored = {NOTIFICATION_DEFAULT, NULL};
    const char *text = store_get(model->store, place_key(place, MODEL_KEY_ATTRIBUTES));
    if (text == NULL || text[0] == '\0') {
        return stored;
    }
    if (text[0] >= '0' && text[0] <= '0' + NOTIFICATION_MAX) {
        stored.notification = text[0] - '0';
    }
    if (text[1] == ' ') {
        stored.access = text + 2;
    }
    return stored;
}

static int in_force(const struct leaf *leaf, int notification) {
    switch (leaf->param->notify) {
    case TR069_NOTIFY_FORCED:
        return NOTIFICATION_ACTIVE;
    case TR069_NOTIFY_DEFAULT_ACTIVE:
        return notification == NOTIFICATION_DEFAULT ? NOTIFICATION_ACTIVE : notification;
    case TR069_NOTIFY_NORMAL:
    case TR069_NOTIFY_CAN_DENY:
        break;
    }
    return notification == NOTIFICATION_DEFAULT ? 0 : notification;
}

int attributes_notification(const struct model *model, struct place *place, const struct leaf *leaf) {
    return in_force(leaf, read_stored(model, place).notification);
}

bool attributes_let_local(const struct model *model, struct place *place) {
    const char *list = read_stored(model, place).access;
    if (list == NULL) {
        return true;
    }
    for (const char *item = list; item != NULL;) {
        const char *comma = strchr(item, ',');
        size_t length = comma != NULL ? (size_t) (comma - item) : strlen(item);
        if (length == strlen(ACCESS_DEFAULT) && memcmp(item, ACCESS_DEFAULT, length) == 0) {
            return true;
        }
        item = comma != NULL ? comma + 1 : NULL;
    }
    return false;
}

unsigned notification_changes(int notification) {
    static const unsigned table[NOTIFICATION_MAX + 1] = {
        0,
        MODEL_PASSIVE,
        MODEL_ACTIVE,
        MODEL_LIGHT_PASSIVE,
        MODEL_PASSIVE | MODEL_LIGHT_PASSIVE,
        MODEL_LIGHT_ACTIVE,
        MODEL_PASSIVE | MODEL_LIGHT_ACTIVE,
    };
    return notification >= 0 && notification <= NOTIFICATION_MAX ? table[notification] : 0;
}

/* ---- GetParameterAttributes ------------------------------------------------------------------- */

struct show {
    model_attributes_visit *visit;
    void *user;
};

static int show_leaf(struct cursor *cursor, void *user) {
    const struct show *show = user;
    const struct stored stored = read_stored(cursor->model, &cursor->place);
    size_t length;
    const struct model_attributes attributes = {
        .path = cursor_shown(cursor, &length),
        .notification = in_force(cursor->place.leaf, stored.notification),
        .access_list = stored.access != NULL ? stored.access : ACCESS_DEFAULT,
    };
    return show->visit(show->user, &attributes);
}

int model_selection_attributes(const struct model_selection *selection, model_attributes_visit *visit,
                               void *user) {
    struct show show = {visit, user};
    const struct cursor_visits visits = {NULL, show_leaf, &show};
    struct tr069_fault fault;
    struct cursor cursor;
    int r = 0;
    cursor_begin(&cursor, selection->model, &fault);
    cursor.lenient = true; /* the selection has judged the names already */
    for (size_t i = 0; r == 0 && i < selection->count; i++) {
        if (selection_go(&cursor, &selection->items[i]) == 0) {
            r = cursor_walk(&cursor, &visits);
        }
    }
    cursor_end(&cursor);
    return r;
}

/* ---- SetParameterAttributes ------------------------------------------------------------------- */

struct change {
    const struct model_attributes_change *wanted;
    struct journal *journal;
};

static int judge_leaf(struct cursor *cursor, void *user) {
    const struct change *change = user;
    const struct leaf *leaf = cursor->place.leaf;
    const char *path = place_path(&cursor->place);
    int notification = change->wanted->notification;
    if (!change->wanted->change_notification) {
        return TR069_OK;
    }
    if (notification == NOTIFICATION_ACTIVE && leaf->param->notify == TR069_NOTIFY_CAN_DENY) {
        return tr069_fault(cursor->fault, TR069_NOTIFICATION_REJECTED,
                           "%s changes too often for active notification", path);
    }
    return TR069_OK;
}

static int apply_leaf(struct cursor *cursor, void *user) {
    const struct change *change = user;
    const struct leaf *leaf = cursor->place.leaf;
    struct stored stored = read_stored(cursor->model, &cursor->place);
    char text[MODEL_ACCESS_LIST_MAX + 4];
    int before = in_force(leaf, stored.notification);
    bool nothing;
    int r;
    if (change->wanted->change_notification && leaf->param->notify != TR069_NOTIFY_FORCED) {
        stored.notification = change->wanted->notification;
        if (in_force(leaf, NOTIFICATION_DEFAULT) == stored.notification) {
            stored.notification = NOTIFICATION_DEFAULT;
        }
    }
    if (change->wanted->change_access_list) {
        stored.access = change->wanted->access_list;
        if (strcmp(stored.access, ACCESS_DEFAULT) == 0) {
            stored.access = NULL;
        }
    }
    nothing = stored.notification == NOTIFICATION_DEFAULT && stored.access == NULL;
    (void) snprintf(text, sizeof text, "%c%s%s",
                    stored.notification == NOTIFICATION_DEFAULT ? '-' : '0' + stored.notification,
                    stored.access != NULL ? " " : "", stored.access != NULL ? stored.access : "");
    r = journal_put(change->journal, place_key(&cursor->place, MODEL_KEY_ATTRIBUTES), nothing ? NULL : text);
    if (r == 0) {
        r = changes_rewatched(cursor, change->journal, before, in_force(leaf, stored.notification));
    }
    return r < 0 ? fault_at(cursor->fault, place_path(&cursor->place), r, "attributes cannot be kept") : 0;
}

static int judge_change(const struct model_attributes_change *wanted, struct tr069_fault *fault) {
    if (wanted->change_notification &&
        (wanted->notification < 0 || wanted->notification > NOTIFICATION_MAX)) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "%s: Notification is 0 to 6, not %d", wanted->path,
                           wanted->notification);
    }
    if (wanted->change_access_list && strlen(wanted->access_list) > MODEL_ACCESS_LIST_MAX) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "%s: the access list is longer than %d octets",
                           wanted->path, MODEL_ACCESS_LIST_MAX);
    }
    return TR069_OK;
}

static int each_leaf(struct cursor *cursor, const struct model_attributes_change *changes, size_t count,
                     cursor_visit *visit, struct journal *journal) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct change change = {&changes[i], journal};
        const struct cursor_visits visits = {NULL, visit, &change};
        r = judge_change(&changes[i], cursor->fault);
        if (r == 0) {
            r = fault_of_find(cursor->fault, cursor_find(cursor, changes[i].path, FIND_PRESENT),
                              changes[i].path);
        }
        if (r == 0) {
            r = cursor_walk(cursor, &visits);
        }
    }
    return r;
}

int model_set_attributes(struct model *model, const struct model_attributes_change *changes, size_t count,
                         struct tr069_fault *fault) {
    struct journal journal;
    struct cursor cursor;
    int r;
    journal_begin(&journal, model->store);
    cursor_begin(&cursor, model, fault);
    r = each_leaf(&cursor, changes, count, judge_leaf, &journal);
    if (r == 0) {
        r = each_leaf(&cursor, changes, count, apply_leaf, &journal);
        r = r == 0 ? model_save(model, fault) : r;
        if (r != 0) {
            journal_undo(&journal, 0);
        }
    }
    cursor_end(&cursor);
    journal_end(&journal);
    if (r == 0) {
        pending_review(model);
    }
    return r;
}
