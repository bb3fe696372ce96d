/* plugins/factory-reset: the RPC FactoryReset. When the session has ended the client forgets its
 * state, then the platform's action "factory-reset" does the rest and restarts the box. */
#include <tr069/plugin.h>

#include <stdlib.h>

struct reset {
    const struct tr069_host *host;
    bool ordered;
};

static void reset_done(void *user, int result, const char *output, size_t length) {
    struct reset *reset = user;
    (void) output;
    (void) length;
    reset->ordered = false;
    if (result != 0) {
        reset->host->log(reset->host, TR069_ERROR, "the action \"factory-reset\" failed: %s",
                         strerror(-result));
    }
}

static void reset_now(void *user, bool well) {
    struct reset *reset = user;
    bool keep = reset->host->option_bool(reset->host, "keep_configuration");
    (void) well;
    reset->host->log(reset->host, TR069_NOTICE, "resetting to factory state, as the ACS ordered");
    int r = reset->host->factory_reset(reset->host, keep);
    if (r < 0) { /* the platform resets all the same: what is left of ours is better than no reset */
        reset->host->log(reset->host, TR069_ERROR, "the client's state was not reset: %s", strerror(-r));
    }
    r = reset->host->action(reset->host, "factory-reset", NULL, reset_done, reset);
    if (r < 0) {
        reset_done(reset, r, NULL, 0);
    }
}

static void grace_over(void *user) {
    struct reset *reset = user;
    int r = reset->host->after_session(reset->host, reset_now, reset);
    if (r < 0) {
        reset_now(reset, false);
    }
}

/* As with a reboot: an order that was answered is carried out, even if the session broke after it. */
static void session_ended(void *user, bool well) {
    struct reset *reset = user;
    uint64_t grace_s = (uint64_t) reset->host->option_int(reset->host, "grace");
    if (well) {
        reset_now(reset, true);
    } else if (reset->host->timer(reset->host, grace_s * 1000, grace_over, reset, NULL) < 0) {
        reset_now(reset, false);
    }
}

static int reset_call(const struct tr069_call *call) {
    struct reset *reset = call->ctx;
    if (reset->ordered) {
        return TR069_OK;
    }
    int r = call->host->after_session(call->host, session_ended, reset);
    if (r == 0) {
        reset->ordered = true;
    }
    return r;
}

static const struct tr069_rpc rpcs[] = {{"FactoryReset", .call = reset_call}, {0}};
static const struct tr069_option options[] = {
    {"keep_configuration", TR069_OPTION_BOOL, "true", .help = "the ACS's URL and credentials stay"},
    {"grace", TR069_OPTION_INT, "60", 1, 3600,
     .help = "seconds until the reset when the session broke after the order"},
    {0}};
static const char *const needs[] = {"action:factory-reset", NULL};

static int reset_init(const struct tr069_host *host, void **ret_ctx) {
    struct reset *reset = calloc(1, sizeof *reset);
    if (reset == NULL) {
        return -ENOMEM;
    }
    reset->host = host;
    *ret_ctx = reset;
    return 0;
}

TR069_PLUGIN(.name = "factory-reset", .version = "1", .summary = "the RPC FactoryReset", .options = options,
             .rpcs = rpcs, .needs = needs, .init = reset_init, .destroy = free);
