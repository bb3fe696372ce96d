/* The box of the session scenarios: one plugin whose parameters and RPCs behave as scenarios need it. */
#ifndef TESTS_SESSION_TEST_BOX_H
#define TESTS_SESSION_TEST_BOX_H

#include "cwmp/session.h"

struct test_box {
    struct model_owner owner;
    struct store *store;
    struct model *model;
    struct rpcs *rpcs;
    struct session *session;
    struct events *events;
    struct transfers *transfers;
    struct moment now;
    char software[32];  /* Device.DeviceInfo.SoftwareVersion */
    char refreshed[32]; /* Device.Test.Slow.Value */
    bool broken;        /* the getter of Device.Test.Broken fails */
    unsigned lying;     /* so often the table Device.Test.Lie. grows while it is read */
    unsigned lie_rows;
    unsigned refreshes;
    const struct tr069_call *deferred; /* X_TEST_Later that waits */
    unsigned calls;                    /* of handlers */
    unsigned promised, well, badly;    /* promises: made, kept, broken */
};

extern const struct tr069_plugin test_box_plugin;
/* Starts the box from the store in `directory` (NULL: an empty one in memory, unless box->store is there
 * already and then that one). Takes from `setup` what is not the box's own. 0 or -errno with a sentence;
 * test_box_close() in any case. */
int test_box_open(struct test_box *box, const char *directory, const struct session_setup *setup, bool booted,
                  char *ret_error, size_t error_size);
/* Frees all of it but the store, which is the caller's to free, as after a power cut. */
void test_box_close(struct test_box *box);
/* The refresh of Device.Test.Slow. ends with this value. */
void test_box_refreshed(struct test_box *box, const char *value);
/* Ends X_TEST_Later: OK with an answer, or a fault. */
void test_box_complete(struct test_box *box, const char *text, unsigned code);

#endif
