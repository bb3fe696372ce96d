/* What the files of core/model share: the tree, the place in it, the cursor that moves over it. */
#ifndef MODEL_MODEL_INTERNAL_H
#define MODEL_MODEL_INTERNAL_H

#include "model/model.h"
#include "model/value.h"

#include "base/buffer.h"

#define MODEL_KEY_VALUE "model/value/"
#define MODEL_KEY_ROWS "model/rows/"
#define MODEL_KEY_ATTRIBUTES "model/attr/"
#define MODEL_KEY_REPORTED "model/reported/"

enum {
    MODEL_ROWS_MAX = 65536,
    MODEL_ROWS_DEFAULT = 256,
    MODEL_REFRESH_DEFAULT_MS = 5000,
    MODEL_ACCESS_LIST_MAX = 4096,
    MODEL_NAMES_MAX = 16 * 1024 * 1024, /* octets of a list of names that the model itself makes */
    PLACE_ROOM = 16,                    /* before the path, for the prefix of a store's key */
    PLACE_PATH_SIZE = TR069_NAME_MAX + 96
};

/* ---- The tree --------------------------------------------------------------------------------- */

enum refresh_state {
    REFRESH_STALE,
    REFRESH_RUNNING,
    REFRESH_LEFT, /* under way for a session that is over: nobody waits for it */
    REFRESH_GIVEN_UP,
    REFRESH_DONE
};

/* One entry of a plugin's objects[]. */
struct declaration {
    const struct model_owner *owner;
    const struct tr069_object *entry;  /* the plugin's own */
    const struct tr069_object *object; /* the same in our size: it itself, or a copy behind this structure */
    struct node *node;
    bool knows_rows; /* its plugin made the rows of the innermost table: at->row is for it */
    bool warned;
    enum refresh_state refresh;
    uint64_t refresh_deadline_ms;
};

/* There is one for every parameter of every plugin: small. */
struct leaf {
    const char *name;
    const struct tr069_param *entry; /* the plugin's own */
    const struct tr069_param *param; /* the same in our size: it itself, or a copy behind this structure */
    struct declaration *declaration;
    const struct node *counted; /* the table of entries_of; NULL while it is not there */
    const char *standard;       /* lexical form of the constant, the default, or the null value */
    uint32_t standard_length;
    uint16_t name_length;
    bool standard_is_own; /* to be freed, else the plugin's or a constant */
    bool warned;
};

/* An object. A table `T.` has `row`, the node of its rows `T.{i}.`, and neither children nor leaves. */
struct node {
    struct node *parent;
    char *name; /* "" for the root and for rows */
    size_t name_length;
    bool is_row;
    unsigned depth; /* instance numbers in its path */
    struct node *row;
    struct node **children; /* by name */
    size_t children_count;
    struct leaf **leaves; /* by name */
    size_t leaves_count;
    struct declaration **declarations;
    size_t declarations_count;
    struct declaration *keeper; /* of a row: who says which rows there are; NULL: row 1 only */
    const struct leaf *alias;   /* of a row: its parameter Alias; NULL: it has none */
};

/* Leaves or declarations that something is done with without being asked for by name. The memory is
 * kept, so that taking a plugin out needs none. */
struct leaf_list {
    struct leaf **items;
    size_t count, capacity;
};
struct declaration_list {
    struct declaration **items;
    size_t count, capacity;
};

struct pending {
    char *path;
    unsigned changes;  /* enum model_changes: how it is still to be told */
    uint64_t sequence; /* of its last push: what came after an Inform was made is newer */
};

struct model {
    enum tr069_root root_kind;
    const char *root_name;
    size_t root_length;
    struct store *store;
    struct node *root;
    struct leaf_list notifying;         /* forced or default active */
    struct leaf_list informed;          /* TR069_INFORM */
    struct leaf_list references;        /* TR069_REFERENCE, writable */
    struct declaration_list refreshing; /* with a slow source */
    struct pending *pending;            /* by path */
    size_t pending_count, pending_capacity;
    uint64_t sequence;
    int version;            /* see model_speak() */
    bool alias_mode;        /* InstanceMode is InstanceAlias */
    bool auto_create;       /* AutoCreateInstances */
    bool records_of_nobody; /* a row is gone whose reported values are kept */
};

struct node *node_new(struct node *parent, const char *name, size_t length, bool is_row);
void node_free(struct node *node);
struct node *node_child(const struct node *node, const char *name, size_t length);
struct leaf *node_leaf(const struct node *node, const char *name, size_t length);
int node_add_child(struct node *node, struct node *child);
int node_add_leaf(struct node *node, struct leaf *leaf);
int node_add_declaration(struct node *node, struct declaration *declaration);
void leaf_free(struct leaf *leaf);
/* The node of a template path below the root ("A.{i}.B."), NULL if there is none. */
struct node *tree_find(const struct model *model, const char *path);
/* Works out again what depends on all tables together: keepers, counted tables, lists. */
int tree_settle(struct model *model);
bool leaf_writable(const struct leaf *leaf);
const char *owner_name(const struct declaration *declaration);
/* What tables need to be told of a wrong one: see model_attach(). */
int table_check(const struct model *model, const struct declaration *declaration, char *ret_error,
                size_t error_size);
int leaf_make(struct declaration *declaration, const struct tr069_param *entry, struct leaf **ret_leaf,
              char *ret_error, size_t error_size);
#define NAME_TOO_LONG "the name is longer than 256 characters"
/* An entry of a plugin's table in our size. That of an older ABI is smaller: it is copied to `room`, which
 * has entry_room() octets, and the fields that it does not know are zero. */
size_t entry_room(size_t size, size_t entry_size);
const void *entry_in_our_size(void *room, size_t size, const void *entry, size_t entry_size);

/* ---- A place in the model --------------------------------------------------------------------- */

struct row {
    uint32_t instance;
    void *row;
};

/* A concrete path, with what stands there. */
struct place {
    const struct node *node; /* the object, or the one that the leaf is in */
    const struct leaf *leaf; /* NULL: an object */
    unsigned depth;
    uint32_t instance[TR069_DEPTH_MAX];
    void *row[TR069_DEPTH_MAX];
    size_t length;
    char text[PLACE_ROOM + PLACE_PATH_SIZE];
};

static inline const char *place_path(const struct place *place) {
    return place->text + PLACE_ROOM;
}
/* The key of this path under a prefix; valid until the next call or move. */
const char *place_key(struct place *place, const char *prefix);
/* Fills in where a callback is called. It points into `place`. */
void place_at(const struct place *place, const struct declaration *declaration, const struct leaf *leaf,
              struct tr069_fault *fault, struct tr069_at *ret_at);

/* The same at a table: the innermost row is then one of the table outside of this one. */
void table_at(const struct place *place, const struct declaration *declaration, struct tr069_fault *fault,
              struct tr069_at *ret_at);

/* The rows of one table, collected from its plugin. */
struct row_list {
    struct tr069_rows base;
    struct row *items;
    size_t count, capacity;
    bool unordered;
    int error;
    const struct node *table; /* NULL: not valid */
    uint32_t outer[TR069_DEPTH_MAX];
};

/* How a request spelled the rows of a path: bit n stands for the row of the (n + 1)th {i}. Neither: it did
 * not, InstanceMode decides. */
struct spelling {
    uint8_t number, alias;
};

/* Moves over the model during one operation; keeps the rows that it has seen. */
struct cursor {
    struct model *model;
    struct tr069_fault *fault;
    bool lenient; /* a table that cannot name its rows has none, instead of a fault */
    struct place place;
    struct row_list rows[TR069_DEPTH_MAX];
    struct row_list counted;
    const char *rest; /* of the path that is looked for: see cursor_find() */
    struct spelling spelled;
    char shown[TR069_NAME_MAX + 1];
};

void cursor_begin(struct cursor *cursor, struct model *model, struct tr069_fault *fault);
void cursor_end(struct cursor *cursor);
void cursor_to_root(struct cursor *cursor);
/* Appends a name or a number and a dot; false when the path would be longer than names may be. The
 * length before is what cursor_leave() wants. */
bool cursor_enter(struct cursor *cursor, const struct node *child);
bool cursor_enter_row(struct cursor *cursor, const struct node *row_node, const struct row *row);
bool cursor_enter_leaf(struct cursor *cursor, const struct leaf *leaf);
void cursor_leave(struct cursor *cursor, const struct node *node, size_t length);
/* The rows of the table at the cursor's place. 0 or TR069_FAULT. */
int cursor_rows(struct cursor *cursor, const struct node *table, struct row_list *list);
/* One of them; the others are asked for only if their plugin cannot find one. 0, -ENOENT or TR069_FAULT. */
int cursor_row(struct cursor *cursor, const struct node *table, uint32_t instance, struct row *ret_row);
enum cursor_find { FIND_PRESENT, FIND_TEMPLATE /* any instance number will do */ };
/* Goes to a full or partial path. 0, -ENOENT, or TR069_FAULT (a table's rows cannot be told). On -ENOENT the
 * cursor stands where it came to, and cursor->rest is what was not there. */
int cursor_find(struct cursor *cursor, const char *path, enum cursor_find how);

typedef int cursor_visit(struct cursor *cursor, void *user);
struct cursor_visits {
    cursor_visit *object; /* may be NULL */
    cursor_visit *leaf;   /* may be NULL */
    void *user;
};
/* Visits what a path means that may have `*` in place of rows: nothing, when no row fits. 0, -ENOENT (no
 * table knows such a path), TR069_FAULT, or what `visit` returned. */
int cursor_find_each(struct cursor *cursor, const char *path, cursor_visit *visit, void *user);
bool path_is_wild(const char *path);
/* Visits what is below the cursor's place, and the object itself. */
int cursor_walk(struct cursor *cursor, const struct cursor_visits *visits);
/* Visits a leaf in each row that there is. */
int cursor_walk_leaf(struct cursor *cursor, const struct leaf *leaf, cursor_visit *visit, void *user);

/* ---- Aliases (digest section 16) --------------------------------------------------------------- */

enum naming { NAMING_ALIASES = 13, NAMING_WILDCARDS = 14 };
/* Does whoever speaks to the model now know such names? */
bool naming_knows(const struct model *model, enum naming naming);

enum { ALIAS_MAX = 64, ALIAS_SIZE = 16 /* of "cpe-" and a number */ };
/* What is wrong with a text as an alias; NULL: nothing. */
const char *alias_mistake(const char *text, size_t length);
/* The alias that a row has as long as nobody gave it another one. No row but this one ever has it. */
void alias_standard(char *out, uint32_t instance);
/* The number in an alias of that form; 0: it is another one. */
uint32_t alias_standard_of(const char *text, size_t length);
/* At the table: the row of `list` (its rows) with this alias. 0 or -ENOENT. */
int alias_find(struct cursor *cursor, const struct row_list *list, const char *text, size_t length,
               uint32_t *ret_instance);
/* The rows of a path so spelled that are shown by alias, if they have one: bits as in struct spelling. */
uint8_t aliases_shown(const struct model *model, const struct spelling *spelled);
/* The name of the cursor's place for the ACS: rows as cursor->spelled and InstanceMode say. With numbers
 * where it would be longer than names may be. Valid until the cursor moves. */
const char *cursor_shown(struct cursor *cursor, size_t *ret_length);

/* ---- Reading ---------------------------------------------------------------------------------- */

/* The value of the leaf at the cursor, hidden or not, valid as long as `value` and the plugin's own.
 * TR069_OK, or TR069_FAULT with a fault that names the parameter. *ret_verdict (may be NULL): what the
 * getter itself returned. */
int leaf_read(struct cursor *cursor, struct tr069_value *value, const char **ret_text, size_t *ret_length,
              int *ret_verdict);
const char *null_text(enum tr069_type type);
/* Makes a fault of a plugin's verdict; the text then begins with the path (complaint 11). */
int fault_at(struct tr069_fault *fault, const char *path, int verdict, const char *what);
int fault_memory(struct tr069_fault *fault);
int fault_unknown(struct tr069_fault *fault, const char *path);
/* Of cursor_find(): 0 and TR069_FAULT stay, -ENOENT becomes 9005. */
int fault_of_find(struct tr069_fault *fault, int result, const char *path);

/* ---- Undo of what was put into the store ------------------------------------------------------ */

struct journal_entry {
    char *key;
    char *old; /* NULL: there was none */
};
struct journal {
    struct store *store;
    struct journal_entry *entries;
    size_t count, capacity;
};
void journal_begin(struct journal *journal, struct store *store);
/* A NULL value removes. 0 or the error of store_put(). */
int journal_put(struct journal *journal, const char *key, const char *value);
/* Puts back everything that was put after `mark` entries. */
void journal_undo(struct journal *journal, size_t mark);
void journal_end(struct journal *journal);

/* Tells the plugins (one of them, or NULL: all) that the object at this place was changed. */
void place_commit(const struct place *place, const struct model_owner *owner);

/* ---- Rows ------------------------------------------------------------------------------------- */

/* Which declaration may add to or delete from the table with this row node; NULL: none. */
const struct declaration *rows_adder(const struct node *row_node);
const struct declaration *rows_remover(const struct node *row_node);
/* Reads "next ranges" as rows; the next number. */
/* At the table: makes a row, with this alias (NULL: its own) that was judged before; the cursor is at it
 * then. Its plugins are not told yet (place_commit()). TR069_OK with *ret_status 1 if it is applied later, or
 * FAULT. */
int row_add(struct cursor *cursor, const char *alias, size_t alias_length, int *ret_status);
/* At the row: deletes it and what is stored below it; plugins are not told yet. With `save` that is on disk
 * then, or it is a fault and the row is there as before. */
int row_delete(struct cursor *cursor, bool save, int *ret_status);
/* Makes the rows whose aliases in `path` nobody has, the outer ones first; their places are appended.
 * TR069_OK or FAULT; what was made until then is in the list. */
struct place_list {
    struct place *items;
    size_t count, capacity;
};
int rows_create(struct cursor *cursor, const char *path, struct place_list *made, int *ret_status);
int rows_parse(const char *text, struct row_list *list, uint32_t *ret_next);
int rows_write(const struct row_list *list, uint32_t next, struct buffer *out);
void row_list_init(struct row_list *list);
void row_list_free(struct row_list *list);

/* ---- References ------------------------------------------------------------------------------- */

/* Parameters that refer to a row or something below it, each with the text that is left without: names and
 * texts, one after the other. TR069_OK or FAULT. */
int references_find(struct model *model, const char *gone, struct buffer *ret_list,
                    struct tr069_fault *fault);
/* Sets them, when the row is gone: a change that the ACS is told of if it wants to know. What a plugin
 * refuses is logged. */
void references_empty(struct model *model, const struct buffer *list, int *ret_status);

/* ---- Attributes and changes ------------------------------------------------------------------- */

/* The notification in force for the leaf at this place, 0..6. */
int attributes_notification(const struct model *model, struct place *place, const struct leaf *leaf);
/* Does the access list let others than the ACS write? */
bool attributes_let_local(const struct model *model, struct place *place);
/* How a change of a parameter with this notification is to be told: enum model_changes. */
unsigned notification_changes(int notification);

enum {
    MODEL_BY_INFORM = MODEL_PASSIVE | MODEL_ACTIVE,
    MODEL_BY_LIGHT = MODEL_LIGHT_PASSIVE | MODEL_LIGHT_ACTIVE
};
/* A change that is the newest now. 0 or -ENOMEM. */
int pending_add(struct model *model, const char *path, unsigned changes);
/* These ways of telling it are done with. */
void pending_settle(struct model *model, const char *path, unsigned changes);
void pending_drop(struct model *model, const char *path);
void pending_drop_below(struct model *model, const char *prefix);
struct pending *pending_find(const struct model *model, const char *path);
void pending_clear(struct model *model);
/* The ACS wrote the parameter at the cursor: no change is pending, its new value is known to it. Once with
 * the journal, so that it is saved together with the value, and once with NULL when it is certain. */
void changes_acs_wrote(struct cursor *cursor, struct journal *journal);
/* The notification of the parameter at the cursor went from `before` to `after`: from when on its
 * changes count. 0 or the error of the store. */
int changes_rewatched(struct cursor *cursor, struct journal *journal, int before, int after);
/* The attributes are others now: what is pending follows. */
void pending_review(struct model *model);
/* What is kept of a value that was reported: enough to tell another one from it. */
uint64_t changes_digest_of(const struct leaf *leaf, const char *text, size_t length);
/* Of the present value of the parameter at the cursor; not known when its getter fails. */
uint64_t changes_digest(struct cursor *cursor, bool *ret_known);

/* Lists of names: NUL-terminated one after the other. */
int names_add(struct buffer *names, const char *name, size_t length);
const char *names_next(const struct buffer *names, const char *name);

struct selection_item {
    char *path;
    size_t length;
    struct spelling spelled;
    uint8_t aliases;         /* bits of the rows that are shown by alias */
    const struct node *node; /* what the path means: as long as the tables are attached */
    const struct leaf *leaf; /* NULL: an object */
    size_t order;
    bool forced;       /* of an Inform: stands in each */
    bool changed;      /* of an Inform: reported as a change */
    uint64_t sequence; /* of the pending change when it was selected */
    bool known;        /* the digest was taken */
    uint64_t digest;   /* of the value that went out */
};
struct model_selection {
    struct model *model;
    bool inform;
    struct selection_item *items;
    size_t count, capacity;
};
struct model_selection *selection_new(struct model *model);
/* Adds the place as it is now. */
int selection_add(struct model_selection *selection, const struct place *place,
                  struct selection_item **ret_item);
/* Goes to what was selected: 0, -ENOENT when its row is gone, or TR069_FAULT. */
int selection_go(struct cursor *cursor, const struct selection_item *item);
/* Drops what another item covers; keeps the order. */
void selection_settle(struct model_selection *selection);

/* What is stored below a path is gone with the row. 0; with a journal, which may be NULL, its error. */
int stored_forget_below(struct model *model, const char *path, struct journal *journal);
/* Removes stored values that the tables of this owner no longer allow; warns of each. */
int stored_judge(struct model *model, const struct model_owner *owner);
/* Parses and judges a text for a leaf, as canonical text in *ret_text (free() it). TR069_OK,
 * TR069_FAULT (9007, 9004). */
int leaf_accept(const struct leaf *leaf, const char *text, size_t length, struct tr069_value *ret_value,
                char **ret_text, struct tr069_fault *fault);

#endif
