/* The box of the session scenarios: one plugin whose parameters and RPCs behave as scenarios need it. */
#ifndef TESTS_SESSION_TEST_BOX_H
#define TESTS_SESSION_TEST_BOX_H

#include "cwmp/session.h"

struct test_box {
    struct model_owner owner;
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
    unsigned well, badly;              /* promises kept and broken */
};

extern const struct tr069_plugin test_box_plugin;
/* Fills in box->owner. */
void test_box_own(struct test_box *box);
/* The refresh of Device.Test.Slow. ends with this value. */
void test_box_refreshed(struct test_box *box, const char *value);
/* Ends X_TEST_Later: OK with an answer, or a fault. */
void test_box_complete(struct test_box *box, const char *text, unsigned code);

#endif
