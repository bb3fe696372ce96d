/* SetParameterValues as a transaction: judge everything, check objects, apply, save, put back on failure. */
#include "model/model_internal.h"

#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>

#define LOG_ROOM "model"

struct change {
    struct model_assignment *assignment;
    struct place place;
    struct tr069_value value;
    char *text; /* the new value, canonical; NULL: refused */
    char *old;  /* the value before; NULL: its getter failed */
    size_t mark;
    bool missing; /* its row is made for it: AutoCreateInstances */
};

struct transaction {
    struct model *model;
    enum model_writer writer;
    struct change *changes;
    size_t count;
    struct change **by_object; /* changes by object and plugin */
    struct journal journal;
    struct tr069_fault *fault;
    struct place_list made;
    int status;
};

static bool refused(const struct change *change) {
    return change->assignment->fault.code != 0;
}

/* ---- Names, types, limits --------------------------------------------------------------------- */

static int by_path(const void *a, const void *b) {
    const struct model_assignment *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

static int check_twice(struct model_assignment *assignments, size_t count, struct tr069_fault *fault) {
    const struct model_assignment **sorted;
    int r = TR069_OK;
    if (count < 2) {
        return r;
    }
    sorted = calloc(count, sizeof *sorted);
    if (sorted == NULL) {
        return fault_memory(fault);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &assignments[i];
    }
    qsort(sorted, count, sizeof *sorted, by_path);
    for (size_t i = 1; r == TR069_OK && i < count; i++) {
        if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0) {
            r = tr069_fault(fault, TR069_INVALID_ARGUMENTS, "%s is in the list twice", sorted[i]->path);
        }
    }
    free(sorted);
    return r;
}

static bool type_fits(enum tr069_type type, enum tr069_type sent) {
    return sent == type || sent == TR069_STRING || sent == TR069_NONE || sent == TR069_ANY;
}

/* Goes to the parameter; `missing`: to its table entry, if the ACS may make its row by naming it. */
static int go_to(struct transaction *set, struct cursor *cursor, struct change *change) {
    const char *path = change->assignment->path;
    int r = cursor_find(cursor, path, FIND_PRESENT);
    change->missing = r == -ENOENT && set->writer == MODEL_ACS && set->model->auto_create &&
                      cursor->rest[0] == '[' && strchr(path, '*') == NULL &&
                      cursor_find(cursor, path, FIND_TEMPLATE) == 0;
    return change->missing ? 0 : r;
}

static int judge(struct transaction *set, struct cursor *cursor, struct change *change) {
    struct model_assignment *assignment = change->assignment;
    struct tr069_fault *fault = &assignment->fault;
    const struct leaf *leaf;
    int r = go_to(set, cursor, change);
    if (r == TR069_FAULT) {
        *fault = *cursor->fault;
        return r;
    }
    if (r != 0) {
        return fault_unknown(fault, assignment->path);
    }
    leaf = cursor->place.leaf;
    if (leaf == NULL) {
        return tr069_fault(fault, TR069_INVALID_NAME, "is an object: a value needs a full parameter name");
    }
    change->place = cursor->place;
    if (!leaf_writable(leaf)) {
        return tr069_fault(fault, TR069_NOT_WRITABLE, "is read-only");
    }
    if (set->writer == MODEL_LOCAL && !attributes_let_local(set->model, &cursor->place)) {
        return tr069_fault(fault, TR069_REQUEST_DENIED, "the ACS keeps this parameter to itself");
    }
    if (!type_fits(leaf->param->type, assignment->xsi_type)) {
        return tr069_fault(fault, TR069_INVALID_TYPE, "is of the type %s, not %s",
                           value_type_name(leaf->param->type), value_type_name(assignment->xsi_type));
    }
    return leaf_accept(leaf, assignment->text, assignment->length, &change->value, &change->text, fault);
}

static void judge_all(struct transaction *set) {
    struct tr069_fault fault;
    struct cursor cursor;
    cursor_begin(&cursor, set->model, &fault);
    for (size_t i = 0; i < set->count; i++) {
        (void) judge(set, &cursor, &set->changes[i]);
    }
    cursor_end(&cursor);
}

/* ---- Rows that are made by naming them ---------------------------------------------------------- */

static int make_row(struct transaction *set, struct cursor *cursor, struct change *change) {
    struct tr069_fault *fault = &change->assignment->fault;
    if (rows_create(cursor, change->assignment->path, &set->made, &set->status) != TR069_OK) {
        *fault = *cursor->fault;
        return TR069_FAULT;
    }
    change->missing = false;
    change->place = cursor->place;
    return TR069_OK;
}

/* Only while nothing is wrong with any of the others: rows may be costly. */
static void make_rows(struct transaction *set) {
    struct tr069_fault fault;
    struct cursor cursor;
    bool good = true;
    for (size_t i = 0; good && i < set->count; i++) {
        good = !refused(&set->changes[i]);
    }
    cursor_begin(&cursor, set->model, &fault);
    for (size_t i = 0; i < set->count; i++) {
        struct change *change = &set->changes[i];
        good = good && (!change->missing || make_row(set, &cursor, change) == TR069_OK);
        if (change->missing) {
            change->place.leaf = NULL; /* there is no such place */
        }
    }
    cursor_end(&cursor);
}

static void unmake_rows(struct transaction *set) {
    struct tr069_fault fault;
    struct cursor cursor;
    int status;
    cursor_begin(&cursor, set->model, &fault);
    while (set->made.count > 0) {
        cursor.place = set->made.items[--set->made.count];
        if (row_delete(&cursor, false, &status) != TR069_OK) {
            log_error("a row that was made for nothing stays: %s", fault.text);
        }
    }
    cursor_end(&cursor);
}

static bool was_made(const struct transaction *set, const struct place *place) {
    for (size_t i = 0; i < set->made.count; i++) {
        if (strcmp(place_path(&set->made.items[i]), place_path(place)) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- Names and aliases that must be unlike each other ------------------------------------------- */

static int by_place(const void *a, const void *b) {
    const struct change *const *x = a, *const *y = b;
    return strcmp(place_path(&(*x)->place), place_path(&(*y)->place));
}

static struct change *change_of(const struct transaction *set, const char *path) {
    for (size_t i = 0; i < set->count; i++) {
        if (set->changes[i].place.leaf != NULL && strcmp(place_path(&set->changes[i].place), path) == 0) {
            return &set->changes[i];
        }
    }
    return NULL;
}

/* One parameter by two names. */
static int check_spellings(struct transaction *set) {
    const struct change **sorted;
    bool aliases = false;
    size_t total = 0;
    int r = TR069_OK;
    for (size_t i = 0; i < set->count && !aliases; i++) {
        aliases = strchr(set->changes[i].assignment->path, '[') != NULL;
    }
    if (!aliases || set->count < 2) {
        return TR069_OK;
    }
    sorted = calloc(set->count, sizeof *sorted);
    if (sorted == NULL) {
        return fault_memory(set->fault);
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->changes[i].place.leaf != NULL) {
            sorted[total++] = &set->changes[i];
        }
    }
    qsort(sorted, total, sizeof *sorted, by_place);
    for (size_t i = 1; r == TR069_OK && i < total; i++) {
        if (by_place(&sorted[i - 1], &sorted[i]) == 0) {
            r = tr069_fault(set->fault, TR069_INVALID_ARGUMENTS, "%.200s is in the list twice",
                            sorted[i]->assignment->path);
        }
    }
    free(sorted);
    return r;
}

/* The row with that alias, other than the change's own and not given another one by the same request. */
static int find_holder(struct transaction *set, struct cursor *cursor, const struct change *change,
                       uint32_t *ret_instance) {
    const struct place *place = &change->place;
    const size_t row_length = place->length - place->leaf->name_length;
    const uint32_t own = place->instance[place->depth - 1];
    struct row_list *list = &cursor->rows[place->depth - 1];
    char path[PLACE_PATH_SIZE];
    size_t length = row_length - 1;
    int r;
    cursor->place = *place;
    while (place_path(place)[length - 1] != '.') {
        length--;
    }
    cursor_leave(cursor, place->node->parent, length);
    r = cursor_rows(cursor, place->node->parent, list);
    if (r == 0) {
        r = alias_find(cursor, list, change->text, strlen(change->text), ret_instance);
    }
    if (r != 0 || *ret_instance == own) {
        return -ENOENT;
    }
    (void) snprintf(path, sizeof path, "%.*s%u.Alias", (int) length, place_path(place),
                    (unsigned) *ret_instance);
    return change_of(set, path) != NULL ? -ENOENT : 0;
}

static bool same_table(const struct change *a, const struct change *b) {
    const unsigned outer = a->place.depth - 1;
    return a->place.node == b->place.node &&
           memcmp(a->place.instance, b->place.instance, outer * sizeof a->place.instance[0]) == 0;
}

static void check_alias(struct transaction *set, struct cursor *cursor, struct change *change) {
    struct tr069_fault *fault = &change->assignment->fault;
    const uint32_t own = change->place.instance[change->place.depth - 1];
    const uint32_t reserved = alias_standard_of(change->text, strlen(change->text));
    uint32_t holder;
    if (reserved != 0 && reserved != own) {
        (void) tr069_fault(fault, TR069_INVALID_VALUE, "is kept for row %u", (unsigned) reserved);
        return;
    }
    for (struct change *other = set->changes; other < set->changes + set->count; other++) {
        if (other != change && other->text != NULL && other->place.leaf != NULL &&
            (other->place.leaf->param->flags & TR069_ALIAS) && same_table(other, change) &&
            strcmp(other->text, change->text) == 0) {
            (void) tr069_fault(fault, TR069_INVALID_VALUE, "is given to two rows");
            return;
        }
    }
    if (find_holder(set, cursor, change, &holder) == 0) {
        (void) tr069_fault(fault, TR069_INVALID_VALUE, "is the alias of row %u", (unsigned) holder);
    }
}

/* On the final state, so that rows may swap their aliases. */
static void check_aliases(struct transaction *set) {
    struct tr069_fault fault;
    struct cursor cursor;
    cursor_begin(&cursor, set->model, &fault);
    for (size_t i = 0; i < set->count; i++) {
        const struct leaf *leaf = set->changes[i].place.leaf;
        if (leaf != NULL && (leaf->param->flags & TR069_ALIAS) && !refused(&set->changes[i])) {
            check_alias(set, &cursor, &set->changes[i]);
        }
    }
    cursor_end(&cursor);
}

/* ---- Objects ---------------------------------------------------------------------------------- */

static size_t object_length(const struct place *place) {
    return place->length - place->leaf->name_length;
}

static const struct model_owner *owner_of(const struct change *change) {
    return change->place.leaf->declaration->owner;
}

static int by_object(const void *a, const void *b) {
    const struct change *x = *(struct change *const *) a, *y = *(struct change *const *) b;
    size_t x_length = object_length(&x->place), y_length = object_length(&y->place);
    int r;
    if (x_length != y_length) {
        return x_length < y_length ? -1 : 1;
    }
    r = memcmp(place_path(&x->place), place_path(&y->place), x_length);
    if (r != 0) {
        return r;
    }
    if (owner_of(x) != owner_of(y)) {
        return (uintptr_t) owner_of(x) < (uintptr_t) owner_of(y) ? -1 : 1;
    }
    return (x > y) - (x < y); /* the order of the list */
}

/* The changes of one object and one plugin: by_object[first .. first + n). Refused ones are among them:
 * then the object's final state is not known, and its check() is not asked. */
static size_t group_size(const struct transaction *set, size_t total, size_t first) {
    const struct change *head = set->by_object[first];
    size_t length = object_length(&head->place);
    size_t n = 1;
    while (first + n < total) {
        const struct change *next = set->by_object[first + n];
        if (owner_of(next) != owner_of(head) || object_length(&next->place) != length ||
            memcmp(place_path(&next->place), place_path(&head->place), length) != 0) {
            break;
        }
        n++;
    }
    return n;
}

static void object_place(const struct change *change, struct place *ret_place) {
    *ret_place = change->place;
    ret_place->leaf = NULL;
    ret_place->length = object_length(&change->place);
    ret_place->text[PLACE_ROOM + ret_place->length] = '\0';
}

static bool any_refused(struct change *const *group, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (refused(group[i])) {
            return true;
        }
    }
    return false;
}

/* One declaration's check() of one object. */
static void ask(struct change *const *group, size_t count, const struct declaration *declaration,
                struct tr069_change *changes) {
    struct tr069_fault fault = {0};
    struct place place;
    struct tr069_at at;
    int verdict;
    object_place(group[0], &place);
    place_at(&place, declaration, NULL, &fault, &at);
    for (size_t i = 0; i < count; i++) {
        changes[i].param = group[i]->place.leaf->entry;
        changes[i].value = &group[i]->value;
        changes[i].fault = &group[i]->assignment->fault;
    }
    verdict = declaration->object->check(&at, changes, count);
    if (verdict == TR069_OK || verdict == TR069_APPLIED_LATER) {
        for (size_t i = 0; i < count; i++) {
            group[i]->assignment->fault.code = 0;
        }
        return;
    }
    if (verdict != TR069_FAULT || !any_refused(group, count)) {
        /* Of the object as a whole: it stands in the line of its first parameter. */
        (void) fault_at(&fault, place_path(&place), verdict, "was refused");
        group[0]->assignment->fault = fault;
    }
}

static void check_group(struct change *const *group, size_t count, struct tr069_change *changes) {
    const struct node *node = group[0]->place.node;
    for (size_t i = 0; i < node->declarations_count && !any_refused(group, count); i++) {
        const struct declaration *declaration = node->declarations[i];
        bool again = false;
        if (declaration->owner != owner_of(group[0]) || declaration->object->check == NULL) {
            continue;
        }
        for (size_t j = 0; j < i; j++) {
            again = again || (node->declarations[j]->owner == declaration->owner &&
                              node->declarations[j]->object->check == declaration->object->check);
        }
        if (!again) {
            ask(group, count, declaration, changes);
        }
    }
}

static int group_all(struct transaction *set, size_t *ret_total) {
    size_t total = 0;
    set->by_object = calloc(set->count, sizeof set->by_object[0]);
    if (set->by_object == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->changes[i].place.leaf != NULL) {
            set->by_object[total++] = &set->changes[i];
        }
    }
    qsort(set->by_object, total, sizeof set->by_object[0], by_object);
    *ret_total = total;
    return 0;
}

static int check_all(struct transaction *set) {
    size_t total;
    struct tr069_change *changes = calloc(set->count, sizeof *changes);
    if (changes == NULL || group_all(set, &total) < 0) {
        free(changes);
        return fault_memory(set->fault);
    }
    for (size_t i = 0; i < total;) {
        size_t n = group_size(set, total, i);
        check_group(set->by_object + i, n, changes);
        i += n;
    }
    free(changes);
    return TR069_OK;
}

/* Also declared twice, an object is committed once. */
void place_commit(const struct place *place, const struct model_owner *owner) {
    const struct node *node = place->node;
    struct tr069_fault fault = {0};
    for (size_t i = 0; i < node->declarations_count; i++) {
        const struct declaration *declaration = node->declarations[i];
        bool again = false;
        if ((owner != NULL && declaration->owner != owner) || declaration->object->commit == NULL) {
            continue;
        }
        for (size_t j = 0; j < i; j++) {
            again = again || (node->declarations[j]->owner == declaration->owner &&
                              node->declarations[j]->object->commit == declaration->object->commit);
        }
        if (!again) {
            struct tr069_at at;
            place_at(place, declaration, NULL, &fault, &at);
            declaration->object->commit(&at);
        }
    }
}

/* ---- Applying --------------------------------------------------------------------------------- */

static int call_set(struct change *change, const struct tr069_value *value, struct tr069_fault *fault) {
    struct tr069_at at;
    place_at(&change->place, change->place.leaf->declaration, change->place.leaf, fault, &at);
    return change->place.leaf->param->set(&at, value);
}

/* A getter that fails is no reason to refuse: then nothing can be put back, which put_back() tells. */
static int remember_old(struct transaction *set, struct change *change) {
    struct tr069_fault fault;
    struct tr069_value value;
    struct cursor cursor;
    const char *text;
    size_t length;
    int r = TR069_OK;
    cursor_begin(&cursor, set->model, &fault);
    cursor.place = change->place;
    if (leaf_read(&cursor, &value, &text, &length, NULL) == TR069_OK) {
        change->old = malloc(length + 1);
        if (change->old != NULL) {
            memcpy(change->old, text, length);
            change->old[length] = '\0';
        } else {
            r = fault_memory(&change->assignment->fault);
        }
    }
    cursor_end(&cursor);
    return r;
}

/* Also when it is the default: the next firmware's may be another one (SPV-10). */
static int keep(struct transaction *set, struct change *change) {
    struct tr069_fault *fault = &change->assignment->fault;
    int r = journal_put(&set->journal, place_key(&change->place, MODEL_KEY_VALUE), change->text);
    if (r == -EINVAL) {
        return tr069_fault(fault, TR069_INVALID_VALUE, "is too long to be kept");
    }
    return r < 0 ? tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "cannot be kept: %s", strerror(-r))
                 : TR069_OK;
}

static int apply(struct transaction *set, struct change *change) {
    const struct leaf *leaf = change->place.leaf;
    struct tr069_fault *fault = &change->assignment->fault;
    int verdict;
    change->mark = set->journal.count;
    verdict = remember_old(set, change);
    if (verdict == TR069_OK && (leaf->param->flags & TR069_STORED)) {
        verdict = keep(set, change);
    }
    if (verdict == TR069_OK && leaf->param->set != NULL) {
        verdict = call_set(change, &change->value, fault);
        if (verdict == TR069_APPLIED_LATER) {
            set->status = 1;
            verdict = TR069_OK;
        }
        if (verdict != TR069_OK) {
            (void) fault_at(fault, place_path(&change->place), verdict, "cannot be set");
        }
    }
    if (verdict == TR069_OK) {
        fault->code = 0;
        return TR069_OK;
    }
    journal_undo(&set->journal, change->mark);
    return TR069_FAULT;
}

static void put_back(struct transaction *set, struct change *change) {
    const struct leaf *leaf = change->place.leaf;
    struct tr069_fault fault = {0};
    struct tr069_value value;
    int verdict = -ENODATA;
    journal_undo(&set->journal, change->mark);
    if (leaf->param->set == NULL) {
        return;
    }
    if (change->old != NULL &&
        value_parse(leaf->param->type, change->old, strlen(change->old), &value) == 0) {
        verdict = call_set(change, &value, &fault);
    }
    if (verdict != TR069_OK && verdict != TR069_APPLIED_LATER) {
        log_error("%s could not be put back to its old value: %s", place_path(&change->place),
                  verdict < 0 ? strerror(-verdict) : fault.text);
    }
}

static void put_back_all(struct transaction *set, size_t count) {
    while (count > 0) {
        put_back(set, &set->changes[--count]);
    }
}

static bool apply_all(struct transaction *set) {
    for (size_t i = 0; i < set->count; i++) {
        if (apply(set, &set->changes[i]) != TR069_OK) {
            put_back_all(set, i);
            return false;
        }
    }
    return true;
}

static void acs_wrote(struct transaction *set, struct journal *journal) {
    struct tr069_fault fault;
    struct cursor cursor;
    cursor_begin(&cursor, set->model, &fault);
    for (size_t i = 0; i < set->count; i++) {
        cursor.place = set->changes[i].place;
        changes_acs_wrote(&cursor, journal);
    }
    cursor_end(&cursor);
}

/* What somebody at the box sets is on disk with the next thing that the ACS is told. */
static bool save(struct transaction *set) {
    if (set->writer != MODEL_ACS) {
        return true;
    }
    acs_wrote(set, &set->journal);
    if (model_save(set->model, set->fault) == TR069_OK) {
        return true;
    }
    put_back_all(set, set->count);
    return false;
}

static void tell_changes(struct transaction *set) {
    if (set->writer == MODEL_ACS) {
        acs_wrote(set, NULL);
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct change *change = &set->changes[i];
        if (change->old == NULL || strcmp(change->old, change->text) != 0) {
            (void) model_changed(set->model, place_path(&change->place));
        }
    }
}

/* ---- Faults ----------------------------------------------------------------------------------- */

/* What may stand in one parameter's line: others mean the same with another number. */
static unsigned line_code(unsigned code) {
    switch (code) {
    case TR069_REQUEST_DENIED:
    case TR069_INTERNAL_ERROR:
    case TR069_RESOURCES_EXCEEDED:
    case TR069_INVALID_NAME:
    case TR069_INVALID_TYPE:
    case TR069_INVALID_VALUE:
    case TR069_NOT_WRITABLE:
        return code;
    case TR069_INVALID_ARGUMENTS:
        return TR069_INVALID_VALUE;
    default:
        return code >= 9800 && code <= 9899 ? code : TR069_INTERNAL_ERROR;
    }
}

static int sum_up(struct transaction *set) {
    const struct model_assignment *first = NULL;
    size_t refusals = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct model_assignment *assignment = set->changes[i].assignment;
        if (assignment->fault.code == 0) {
            continue;
        }
        assignment->fault.code = line_code(assignment->fault.code);
        refusals++;
        if (assignment->fault.code == TR069_RESOURCES_EXCEEDED) {
            (void) tr069_fault(set->fault, TR069_RESOURCES_EXCEEDED, "%s: %s", assignment->path,
                               assignment->fault.text);
            for (size_t j = 0; j < set->count; j++) { /* 9004 has no lines of its own */
                set->changes[j].assignment->fault.code = 0;
            }
            return TR069_FAULT;
        }
        first = first != NULL ? first : assignment;
    }
    if (first == NULL) {
        return TR069_OK;
    }
    return tr069_fault(set->fault, TR069_INVALID_ARGUMENTS, "Invalid arguments: %zu of %zu refused, first %s",
                       refusals, set->count, first->path);
}

static void commit_all(struct transaction *set) {
    struct place place;
    for (size_t i = 0; i < set->made.count; i++) {
        place_commit(&set->made.items[i], NULL);
    }
    for (size_t total = 0; total < set->count;) {
        size_t n = group_size(set, set->count, total);
        object_place(set->by_object[total], &place);
        if (!was_made(set, &place)) {
            place_commit(&place, owner_of(set->by_object[total]));
        }
        total += n;
    }
}

static int run(struct transaction *set) {
    judge_all(set);
    make_rows(set);
    if (check_spellings(set) != TR069_OK) {
        return TR069_FAULT;
    }
    check_aliases(set);
    if (check_all(set) != TR069_OK || sum_up(set) != TR069_OK) {
        return TR069_FAULT;
    }
    if (!apply_all(set)) {
        return sum_up(set);
    }
    if (!save(set)) {
        return TR069_FAULT;
    }
    commit_all(set);
    tell_changes(set);
    return TR069_OK;
}

int model_set(struct model *model, enum model_writer writer, struct model_assignment *assignments,
              size_t count, int *ret_status, struct tr069_fault *fault) {
    struct transaction set = {.model = model, .writer = writer, .count = count, .fault = fault};
    int r;
    for (size_t i = 0; i < count; i++) {
        assignments[i].fault.code = 0;
        assignments[i].fault.text[0] = '\0';
    }
    if (count == 0) {
        *ret_status = 0;
        return TR069_OK;
    }
    r = check_twice(assignments, count, fault);
    if (r != TR069_OK) {
        return r;
    }
    set.changes = calloc(count, sizeof set.changes[0]);
    if (set.changes == NULL) {
        return fault_memory(fault);
    }
    for (size_t i = 0; i < count; i++) {
        set.changes[i].assignment = &assignments[i];
    }
    journal_begin(&set.journal, model->store);
    r = run(&set);
    if (r == TR069_OK) {
        *ret_status = set.status;
    } else {
        unmake_rows(&set);
    }
    journal_end(&set.journal);
    for (size_t i = 0; i < count; i++) {
        free(set.changes[i].text);
        free(set.changes[i].old);
    }
    free(set.changes);
    free(set.by_object);
    free(set.made.items);
    return r;
}
