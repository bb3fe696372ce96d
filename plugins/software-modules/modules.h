/* Inside of the plugin "software-modules": what its parts share. */
#ifndef SOFTWARE_MODULES_H
#define SOFTWARE_MODULES_H

#include "units.h"

enum { OPERATIONS_MAX = 16, REQUESTS_MAX = TR069_DU_REPORTS_MAX, STARTS_MAX = 8, TAG_SIZE = 32 };

#define BUNDLE_TYPE "X TR069CLIENT Deployment Unit"

enum operation_kind { OPERATION_INSTALL, OPERATION_UPDATE, OPERATION_UNINSTALL, OPERATION_KINDS };

/* By index: the texts of an operation. */
enum operation_text {
    TEXT_URL,
    TEXT_UUID,
    TEXT_VERSION,
    TEXT_USERNAME,
    TEXT_PASSWORD,
    TEXT_ENVIRONMENT,
    TEXTS
};

struct operation {
    enum operation_kind kind;
    char *texts[TEXTS]; /* empty: not given */
    /* once it has begun */
    bool begun;
    bool fetching; /* the client has its transfer */
    int64_t start;
    uint32_t targets[UNITS_MAX]; /* deployment units that wait for it; the first is being worked on */
    size_t target_count;
};

/* One ChangeDUState, or something of the box's own accord. */
struct request {
    uint32_t serial;
    uint32_t report; /* 0: nobody is told */
    size_t count, at;
    struct operation operations[OPERATIONS_MAX];
};

/* A start or stop of an execution unit that the ACS asked for. */
struct start {
    struct modules *modules;
    uint32_t instance; /* 0: free */
    bool start;
};

struct modules {
    const struct tr069_host *host;
    bool started, enabled;
    struct units units;
    struct request *requests[REQUESTS_MAX]; /* by age */
    size_t request_count;
    uint32_t next_serial;
    struct tr069_timer *timer;
    struct start starts[STARTS_MAX];

    /* the operation at work */
    bool busy;                           /* an action runs */
    const struct tr069_install *install; /* the client waits for its end */
    struct manifest manifest;            /* of the bundle */
    char duid[DUID_SIZE];                /* under which it is being put into place */
    uint32_t done;                       /* DeploymentUnit that came of it; 0: none */
    void (*after_stop)(struct modules *modules);
};

/* operations.c */
void operations_load(struct modules *modules);
void operations_free(struct modules *modules);
/* TR069_OK: taken over; or FAULT 9004, 9003. The texts are copied; NULL is empty. command_key NULL: of the
 * box's own accord. */
struct order {
    enum operation_kind kind;
    const char *texts[TEXTS];
};
int operations_add(struct modules *modules, const struct order *orders, size_t count, const char *command_key,
                   struct tr069_fault *fault);
/* Goes on with them, soon. */
void operations_work_soon(struct modules *modules);
int operations_install(const struct tr069_install *install);
void operations_ended(void *ctx, const struct tr069_transfer *transfer, const struct tr069_fault *fault);

/* judge.c: what TR-069 says of an operation. OK or FAULT */
bool environment_is_ours(const struct modules *modules, const char *reference);
/* Checks an operation as it begins, and finds the deployment units that it is for. */
int judge_begin(struct modules *modules, struct operation *operation, struct tr069_fault *fault);
/* Does the bundle fit what was asked for? `unit`: the one to update, or NULL. Completes the manifest's uuid.
 */
int judge_bundle(struct modules *modules, const struct operation *operation, const struct unit *unit,
                 struct manifest *manifest, struct tr069_fault *fault);

/* software-modules.c */
void modules_changed(const struct modules *modules, const char *table, uint32_t instance, const char *name);

#endif
