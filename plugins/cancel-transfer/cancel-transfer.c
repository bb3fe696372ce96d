/* plugins/cancel-transfer: the RPC CancelTransfer. */
#include <tr069/plugin.h>

static int cancel_call(const struct tr069_call *call) {
    return call->host->cancel(call->host, call->args[0].as.string, call->fault);
}

static int init(const struct tr069_host *host, void **ret_ctx) {
    (void) host;
    *ret_ctx = NULL;
    return 0;
}

static const struct tr069_arg args[] = {{"CommandKey", TR069_STRING, .max_length = TR069_COMMAND_KEY_MAX},
                                        {0}};
static const struct tr069_rpc rpcs[] = {{"CancelTransfer", args, 12, cancel_call}, {0}};

TR069_PLUGIN(.name = "cancel-transfer", .version = "1", .summary = "the RPC CancelTransfer", .rpcs = rpcs,
             .init = init);
