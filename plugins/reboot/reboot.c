/* plugins/reboot: the RPC Reboot. The box reboots when the session has ended, never during it. */
#include <tr069/plugin.h>

#include <stdlib.h>

enum { ORDERS_MAX = 16 };

struct reboot {
    const struct tr069_host *host;
    char keys[ORDERS_MAX][TR069_COMMAND_KEY_MAX * 4 + 1]; /* of the orders in this session, UTF-8 */
    size_t orders;
};

static void rebooted(void *user, int result, const char *output, size_t length) {
    const struct reboot *reboot = user;
    (void) output;
    (void) length;
    if (result != 0) {
        reboot->host->log(reboot->host, TR069_ERROR, "the action \"reboot\" failed: %s", strerror(-result));
    }
}

/* A session that broke may have lost the answer: then the ACS does not know that it was obeyed, and
 * would order again. So nothing happens unless the session ended well. The events are on disk before the
 * action begins. */
static void session_ended(void *user, bool well) {
    struct reboot *reboot = user;
    const struct tr069_host *host = reboot->host;
    size_t orders = reboot->orders;
    reboot->orders = 0;
    if (!well) {
        host->log(host, TR069_WARNING, "no reboot: the session in which it was ordered broke off");
        return;
    }
    for (size_t i = 0; i < orders; i++) {
        (void) host->event(host, "M Reboot", reboot->keys[i], TR069_AFTER_BOOT);
    }
    host->log(host, TR069_NOTICE, "rebooting, as the ACS ordered");
    int r = host->action(host, "reboot", NULL, rebooted, reboot);
    if (r < 0) {
        rebooted(reboot, r, NULL, 0);
    }
}

/* Several orders in one session: one reboot, but an event for each of them. */
static int reboot_call(const struct tr069_call *call) {
    struct reboot *reboot = call->ctx;
    if (reboot->orders == ORDERS_MAX) {
        return tr069_fault(call->fault, TR069_RESOURCES_EXCEEDED, "%d reboots are ordered already",
                           ORDERS_MAX);
    }
    int r = reboot->orders == 0 ? call->host->after_session(call->host, session_ended, reboot) : 0;
    if (r == 0) {
        char *key = reboot->keys[reboot->orders++];
        (void) snprintf(key, sizeof reboot->keys[0], "%s", call->args[0].as.string);
    }
    return r;
}

static const struct tr069_arg args[] = {{"CommandKey", TR069_STRING, .max_length = TR069_COMMAND_KEY_MAX},
                                        {0}};
static const struct tr069_rpc rpcs[] = {{"Reboot", args, .call = reboot_call}, {0}};
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

TR069_PLUGIN(.name = "reboot", .version = "1", .summary = "the RPC Reboot", .rpcs = rpcs, .needs = needs,
             .init = reboot_init, .destroy = free);
