/* What the unit tests of the model share: a model over a store in memory, and what it answers as text. */
#ifndef TESTS_MODEL_HELP_H
#define TESTS_MODEL_HELP_H

#include "base/log.h"
#include "model/model.h"

#include "cunit.h"

#include <stdlib.h>

/* A plugin of these objects, compiled with the present header. */
#define HELP_PLUGIN(its_name, its_objects)                                                                   \
    {                                                                                                        \
        .abi_major = TR069_ABI_MAJOR, .abi_minor = TR069_ABI_MINOR, .size = sizeof(struct tr069_plugin),     \
        .param_size = sizeof(struct tr069_param), .object_size = sizeof(struct tr069_object),                \
        .name = its_name, .objects = its_objects                                                             \
    }

struct help {
    struct store *store;
    struct model *model;
    struct tr069_fault fault;
    int status;
    unsigned warnings; /* lines of the log of level warning or worse */
    char text[65536];  /* what was answered last: "path=value\n" or "path w\n" */
    size_t length;
};

/* A model of Device:2 over an empty store; help_end() frees everything. */
void help_begin(struct help *help);
/* The same store, a new model: as after a reboot. */
void help_restart(struct help *help);
void help_end(struct help *help);
/* Attaches and insists that it works. */
void help_attach(struct help *help, const struct model_owner *owner);

/* "path=value\n" for each; or "fault 9005\n". Paths are separated by spaces; "*" is the empty path. */
const char *help_values(struct help *help, const char *paths);
/* "path w\n" or "path -\n" for each; or "fault 9005\n". */
const char *help_names(struct help *help, const char *path, bool next_level);
/* "path=2 Subscriber\n" for each. */
const char *help_attributes(struct help *help, const char *paths);
/* Sets by the ACS, "path=value" each, ends with NULL. "0\n", "1\n", or "9003\npath 9007 text\n". */
const char *help_set(struct help *help, ...);
const char *help_set_local(struct help *help, ...);
/* "0\n", or "fault 9005\n". list < NULL: not changed. notification -1: not changed. */
const char *help_set_attributes(struct help *help, const char *path, int notification, const char *list);
/* Builds an Inform's selection, walks it, says what it holds; "changed\n" first if it has changes. The
 * selection stays for help_delivered(). */
const char *help_inform(struct help *help, struct model_selection **ret_selection);
void help_delivered(struct help *help, struct model_selection *selection);

#define CU_ASSERT_TEXT(actual, expected)                                                                     \
    do {                                                                                                     \
        const char *is_ = (actual), *should_ = (expected);                                                   \
        if (strcmp(is_, should_) != 0) {                                                                     \
            (void) fprintf(stderr, "%s:%d:\n--- is\n%s--- should be\n%s---\n", __FILE__, __LINE__, is_,      \
                           should_);                                                                         \
        }                                                                                                    \
        CU_ASSERT_STRING_EQUAL(is_, should_);                                                                \
    } while (0)

#endif
