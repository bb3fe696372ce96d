/* plugins/reboot: the RPC Reboot. The box reboots when the session has ended, never during it. */
#include <tr069/plugin.h>

#include <stdlib.h>

struct reboot {
    const struct tr069_host *host;
    bool ordered;
};

static void rebooted(void *user, int result, const char *output, size_t length) {
    struct reboot *reboot = user;
    (void) output;
    (void) length;
    if (result != 0) {
        reboot->ordered = false; /* the box still runs: a later order may try again */
        reboot->host->log(reboot->host, TR069_ERROR, "the action \"reboot\" failed: %s", strerror(-result));
    }
}

static void reboot_now(void *user, bool well) {
    struct reboot *reboot = user;
    (void) well;
    reboot->host->log(reboot->host, TR069_NOTICE, "rebooting, as the ACS ordered");
    int r = reboot->host->action(reboot->host, "reboot", NULL, rebooted, reboot);
    if (r < 0) {
        rebooted(reboot, r, NULL, 0);
    }
}

static void grace_over(void *user) {
    struct reboot *reboot = user;
    int r = reboot->host->after_session(reboot->host, reboot_now, reboot);
    if (r < 0) {
        reboot_now(reboot, false);
    }
}

/* The order was answered. When the session broke afterwards the ACS may or may not know that; either
 * way it waits for the boot with "M Reboot", so the reboot is carried out, after a grace in which the
 * next session can come to its end. */
static void session_ended(void *user, bool well) {
    struct reboot *reboot = user;
    uint64_t grace_s = (uint64_t) reboot->host->option_int(reboot->host, "grace");
    if (well) {
        reboot_now(reboot, true);
    } else if (reboot->host->timer(reboot->host, grace_s * 1000, grace_over, reboot, NULL) < 0) {
        reboot_now(reboot, false);
    }
}

/* Two orders in one session: one reboot, but an event for each of them. */
static int reboot_call(const struct tr069_call *call) {
    struct reboot *reboot = call->ctx;
    int r = call->host->event(call->host, "M Reboot", call->args[0].as.string, TR069_AFTER_BOOT);
    if (r < 0 || reboot->ordered) {
        return r;
    }
    r = call->host->after_session(call->host, session_ended, reboot);
    if (r == 0) {
        reboot->ordered = true;
    }
    return r;
}

static const struct tr069_arg args[] = {{"CommandKey", TR069_STRING, .max_length = TR069_COMMAND_KEY_MAX},
                                        {0}};
static const struct tr069_rpc rpcs[] = {{"Reboot", args, .call = reboot_call}, {0}};
static const struct tr069_option options[] = {
    {"grace", TR069_OPTION_INT, "60", 1, 3600,
     .help = "seconds until the reboot when the session broke after the order"},
    {0}};
static const char *const needs[] = {"action:reboot", NULL};

static int reboot_init(const struct tr069_host *host, void **ret_ctx) {
    struct reboot *reboot = calloc(1, sizeof *reboot);
    if (reboot == NULL) {
        return -ENOMEM;
    }
    reboot->host = host;
    *ret_ctx = reboot;
    return 0;
}

TR069_PLUGIN(.name = "reboot", .version = "1", .summary = "the RPC Reboot", .options = options, .rpcs = rpcs,
             .needs = needs, .init = reboot_init, .destroy = free);
