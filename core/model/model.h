/* The data model: a tree merged from the tables of the plugins, read and written by full names.
 *
 * TR-106 and digest section 15: names, types, limits; section 10: what each RPC sees; section 11:
 * notification. The model does no I/O: getters of plugins answer from memory, and what must survive
 * is put into the store (keys `model/...`), which the agent commits before the next message leaves.
 *
 * Cost: finding a full name is a binary search a level; walking calls each table's enumerator once and
 * each getter once, with the path built in place: no allocation and no system call a parameter. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/store.h"

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model;
struct model_selection;

/* Who declared a table. Kept by the loader as long as the plugin is attached; ctx may be filled in
 * after model_attach(), when init ran. */
struct model_owner {
    const struct tr069_plugin *plugin;
    const struct tr069_host *host;
    void *ctx;
};

/* `store` is kept, not owned. 0 or -ENOMEM. */
int model_new(enum tr069_root root, struct store *store, struct model **ret_model);
void model_free(struct model *model);
/* "Device." or "InternetGatewayDevice." */
const char *model_root(const struct model *model);

/* Merges the objects of a plugin. All or nothing: -EINVAL with a sentence in ret_error when a table
 * is wrong (a bad name, an impossible default, a row count of nothing) or declared twice; it names
 * both plugins and the path. -ENOMEM. */
int model_attach(struct model *model, const struct model_owner *owner, char *ret_error, size_t error_size);
/* Takes its objects out again. What is stored of them (values, rows, attributes) stays stored. */
void model_detach(struct model *model, const struct model_owner *owner);

/* ---- Names ------------------------------------------------------------------------------------ */

/* Rows have numbers, and where their table has the parameter Alias, names: "A.T.[x].P" (digest section 16).
 * All functions here take both in a path, and keep and tell numbers. While a message of a session is answered
 * or made, model_speak() says its CWMP version (10..14): the names that this version does not know are 9005
 * then, and GetParameterValues, -Names, -Attributes and Informs show rows as they were spelled, else as
 * model_instances() says. 0: that message is done. Wildcards ("A.T.*.P", 1.4) are for what model_select() and
 * model_names() take. */
void model_speak(struct model *model, int version);
/* InstanceMode is InstanceAlias; AutoCreateInstances. */
void model_instances(struct model *model, bool alias_mode, bool auto_create);

/* ---- Reading ---------------------------------------------------------------------------------- */

/* Resolves the names of GetParameterValues or GetParameterAttributes: full names, partial paths, ""
 * for everything. Each parameter is selected once, whatever the names overlap. 0, or TR069_FAULT:
 * 9005 that names the first unknown path, 9004. The names are copied. Free with
 * model_selection_free(), before any model_attach() or model_detach(). */
int model_select(struct model *model, const char *const *paths, size_t count,
                 struct model_selection **ret_selection, struct tr069_fault *fault);
void model_selection_free(struct model_selection *selection);
/* How many parameters there are now: as many as model_selection_values() will visit if no row comes or
 * goes in between. What is gone since it was selected is passed over. */
size_t model_selection_count(const struct model_selection *selection);

/* One value on its way out. `text` is its lexical form for the wire, not yet escaped. */
struct model_value {
    const char *path;
    size_t path_length;
    enum tr069_type type; /* the declared one */
    const char *text;
    size_t length;
};
/* Non-zero ends the walk and is returned. */
typedef int model_value_visit(void *user, const struct model_value *value);
/* 0, what the visitor returned, or TR069_FAULT (a getter failed: its fault, naming the parameter). */
int model_selection_values(const struct model_selection *selection, model_value_visit *visit, void *user,
                           struct tr069_fault *fault);

struct model_attributes {
    const char *path;
    int notification;        /* 0..6 */
    const char *access_list; /* entities separated by commas; "" = the ACS only */
};
typedef int model_attributes_visit(void *user, const struct model_attributes *attributes);
int model_selection_attributes(const struct model_selection *selection, model_attributes_visit *visit,
                               void *user);

/* GetParameterNames: the table of digest section 10. `path` of the visitor ends in '.' for objects. 0,
 * what the visitor returned, or TR069_FAULT: 9005, 9003. */
typedef int model_name_visit(void *user, const char *path, size_t path_length, bool writable);
int model_names(struct model *model, const char *path, bool next_level, model_name_visit *visit, void *user,
                struct tr069_fault *fault);

/* One parameter's text, for the client itself. Hidden values are given in clear. 0, -ENOENT,
 * -ENOSPC (size too small), or -errno of the getter. */
int model_get(struct model *model, const char *path, char *buffer, size_t size);
/* Is this the name of a parameter that every Inform carries by the data model (TR069_INFORM)? */
bool model_is_forced(struct model *model, const char *path);
/* May this parameter's value be shown in a log or a list of commands? False for hidden and secret ones. */
bool model_may_show(struct model *model, const char *path);

/* ---- Slow sources ----------------------------------------------------------------------------- */

/* A session begins: every object with a `refresh` is stale again. */
void model_session_begin(struct model *model);
/* Starts the refreshes that the selection needs and that did not run in this session. Returns how
 * many are under way; *ret_deadline_ms is when the last of them is given up (monotonic). */
size_t model_refresh(struct model *model, const struct model_selection *selection, uint64_t now_ms,
                     uint64_t *ret_deadline_ms);
/* The same for what these names are about, before model_select(): whether a row is there, and which ones a
 * wildcard stands for, its plugin may know only then. */
size_t model_refresh_paths(struct model *model, const char *const *paths, size_t count, uint64_t now_ms,
                           uint64_t *ret_deadline_ms);
/* A plugin says that the refresh of its object ended. */
void model_refreshed(struct model *model, const struct model_owner *owner, const struct tr069_object *object);
size_t model_refresh_pending(const struct model *model);
/* Gives up what is still under way; logs a warning that names the plugin. */
void model_refresh_expire(struct model *model);

/* ---- Writing ---------------------------------------------------------------------------------- */

enum model_writer {
    MODEL_ACS,        /* its writes are never value changes */
    MODEL_LOCAL,      /* a plugin or a person at the box */
    MODEL_CONSEQUENCE /* the client, of what was written before: no access list stops it */
};

/* What the ACS is told has been done must outlive a power cut. Writes the store; TR069_OK, or TR069_FAULT
 * with 9004 (no room) or 9002, and all is to be put back. The functions below do it for the ACS, before
 * commit()s. */
int model_save(struct model *model, struct tr069_fault *fault);

/* One line of SetParameterValues. */
struct model_assignment {
    const char *path;
    const char *text; /* the lexical form */
    size_t length;
    enum tr069_type xsi_type; /* TR069_NONE: none was sent */
    struct tr069_fault fault; /* out: code 0, or why this one was refused (9001 9002 9005..9008) */
};
/* All or nothing. First every name, type, limit and access, then check() of the objects, then set()s
 * with the old values put back if one fails, then commit()s. TR069_OK with *ret_status 0 or 1 (some
 * are applied later); TR069_FAULT with fault 9003 and the assignments' own faults, or 9004, or 9002.
 * A text that fits is accepted for xsd:string and for a missing type (digest section 6); a type that
 * contradicts the parameter's is 9006. With AutoCreateInstances the ACS's new aliases make rows, which are
 * gone again if it fails. */
int model_set(struct model *model, enum model_writer writer, struct model_assignment *assignments,
              size_t count, int *ret_status, struct tr069_fault *fault);
/* `path`: a table, or a table and the new row's alias ("A.T.[x]."; 9005 when it is there). */
int model_add_object(struct model *model, const char *path, uint32_t *ret_instance, int *ret_status,
                     struct tr069_fault *fault);
/* Parameters that refer to the row (TR069_REFERENCE) are emptied. */
int model_delete_object(struct model *model, const char *path, int *ret_status, struct tr069_fault *fault);

/* ---- Attributes and notification -------------------------------------------------------------- */

/* One line of SetParameterAttributes. */
struct model_attributes_change {
    const char *path; /* a parameter or a partial path */
    bool change_notification;
    int notification;
    bool change_access_list;
    const char *access_list; /* entities separated by commas */
};
/* All or nothing. TR069_OK or TR069_FAULT: 9005, 9003, 9009, 9004, 9002. */
int model_set_attributes(struct model *model, const struct model_attributes_change *changes, size_t count,
                         struct tr069_fault *fault);

/* How changes are to be told: bits. */
enum model_changes {
    MODEL_UNCHANGED = 0,
    MODEL_PASSIVE = 1 << 0,       /* in the next Inform */
    MODEL_ACTIVE = 1 << 1,        /* in a session for it */
    MODEL_LIGHT_PASSIVE = 1 << 2, /* in the next lightweight notification */
    MODEL_LIGHT_ACTIVE = 1 << 3   /* in a lightweight notification for it */
};

/* A parameter changed, by something else than the ACS. Cheap when nobody wants to know. The answer (enum
 * model_changes) is how it is to be told. What the ACS itself wrote last is no change, even when a
 * plugin tells of it late. */
unsigned model_changed(struct model *model, const char *path);
/* Compares the parameters with notification whose values were last reported (or, at start, were
 * stored as last reported) with their present values. */
unsigned model_changes_scan(struct model *model);
/* What waits to be told, in all: enum model_changes. */
unsigned model_changes_pending(const struct model *model);
/* The changes that are to be told in one of these ways, by name. Non-zero ends it and is returned. */
int model_changes_each(const struct model *model, unsigned changes,
                       int (*visit)(void *user, const char *path), void *user);
/* Makes the selection of an Inform: forced parameters, `extra` full names (an unknown one is passed
 * over), and, if there are any, the changed ones; *ret_changed tells that 4 VALUE CHANGE belongs
 * into it. 0 or -ENOMEM. */
int model_select_inform(struct model *model, const char *const *extra, size_t count,
                        struct model_selection **ret_selection, bool *ret_changed);
/* It grew too large: leaves out half of its changes, which stay pending. How many are left; forced and extra
 * parameters stay in it. */
size_t model_selection_fewer_changes(struct model_selection *selection);
/* The Inform of that selection was answered: its changes are reported, others (newer) stay pending. */
void model_changes_delivered(struct model *model, const struct model_selection *selection);
/* The changes that lightweight notifications are to tell (Notification 3 to 6), for model_selection_values().
 * 0 or -ENOMEM. */
int model_select_light(struct model *model, struct model_selection **ret_selection);
/* A notification with this selection left. That it did is on disk only with the next session. */
void model_light_sent(struct model *model, const struct model_selection *selection);
/* Another ACS: changes that were not reported are forgotten; what counts as reported begins anew with the
 * next Inform that is answered. */
void model_changes_discard(struct model *model);

/* Forgets everything stored: values, rows, attributes, reported values; parameters whose full name
 * begins with one of `keep` (ends with NULL; may be NULL) keep their values. */
void model_forget(struct model *model, const char *const *keep);

#endif
