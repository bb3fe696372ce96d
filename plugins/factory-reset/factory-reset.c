/* plugins/factory-reset: the RPC FactoryReset. When the session has ended the client forgets its
 * state, then the platform's action "factory-reset" does the rest and restarts the box. */
#include <tr069/plugin.h>

#include <stdlib.h>

struct reset {
    const struct tr069_host *host;
    bool ordered;
};

static void reset_done(void *user, int result, const char *output, size_t length) {
    const struct reset *reset = user;
    (void) output;
    (void) length;
    if (result != 0) {
        reset->host->log(reset->host, TR069_ERROR, "the action \"factory-reset\" failed: %s",
                         strerror(-result));
    }
}

/* As with a reboot: not unless the session in which it was ordered ended well. */
static void session_ended(void *user, bool well) {
    struct reset *reset = user;
    const struct tr069_host *host = reset->host;
    reset->ordered = false;
    if (!well) {
        host->log(host, TR069_WARNING, "no factory reset: the session in which it was ordered broke off");
        return;
    }
    host->log(host, TR069_NOTICE, "resetting to factory state, as the ACS ordered");
    int r = host->factory_reset(host, host->option_bool(host, "keep_configuration"));
    if (r < 0) { /* the platform resets all the same: what is left of ours is better than no reset */
        host->log(host, TR069_ERROR, "the client's state was not reset: %s", strerror(-r));
    }
    r = host->action(host, "factory-reset", NULL, reset_done, reset);
    if (r < 0) {
        reset_done(reset, r, NULL, 0);
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
    {"keep_configuration", TR069_OPTION_BOOL, "true", .help = "the ACS's URL and credentials stay"}, {0}};
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
