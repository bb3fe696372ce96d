/* A plugin whose box transfers files of its own accord, by the client's queue or by itself, changes its
 * deployment units and has events of its own. */
#include <tr069/plugin.h>

static int init(const struct tr069_host *host, void **ret_ctx) {
    (void) host;
    *ret_ctx = NULL;
    return 0;
}

/* Direction, FileType, URL; with Code it was done already, with this result. */
static int own_call(const struct tr069_call *call) {
    const struct tr069_value *args = call->args;
    const struct tr069_transfer transfer = {.method = args[0].as.string,
                                            .command_key = "",
                                            .file_type = args[1].as.string,
                                            .url = args[2].as.string,
                                            .username = "",
                                            .password = "",
                                            .target_name = "own.bin",
                                            .announce_url = "http://announced.example/",
                                            .autonomous = true};
    if (args[3].type == TR069_NONE) {
        return call->host->transfer(call->host, &transfer, call->fault);
    }
    const struct tr069_fault end = {(unsigned) args[3].as.number, ""};
    return call->host->transferred(call->host, &transfer, &end, 1700000000, TR069_TIME_UNKNOWN);
}

static void unit_changed(void *user, int result, const char *output, size_t length) {
    (void) user;
    (void) result;
    (void) output;
    (void) length;
}

/* Operation, URL, UUID: by the action of software-modules. */
static int unit_call(const struct tr069_call *call) {
    const char *const words[] = {call->args[0].as.string, call->args[1].as.string, call->args[2].as.string,
                                 NULL};
    return call->host->action(call->host, "change-du", words, unit_changed, NULL);
}

static int event_call(const struct tr069_call *call) {
    int r = call->host->event(call->host, call->args[0].as.string, call->args[1].as.string, TR069_NOW);
    return r == -EINVAL ? tr069_fault(call->fault, TR069_INVALID_ARGUMENTS, "no event of ours") : r;
}

static const struct tr069_arg event_args[] = {{"Code", TR069_STRING}, {"CommandKey", TR069_STRING}, {0}};
static const struct tr069_arg unit_args[] = {
    {"Operation", TR069_STRING}, {"URL", TR069_STRING}, {"UUID", TR069_STRING}, {0}};

static const struct tr069_arg args[] = {{"Direction", TR069_STRING},
                                        {"FileType", TR069_STRING},
                                        {"URL", TR069_STRING},
                                        {"Code", TR069_UINT, TR069_OPTIONAL},
                                        {0}};
static const struct tr069_rpc rpcs[] = {{"X_TR069CLIENT_Own", args, .call = own_call},
                                        {"X_TR069CLIENT_OwnUnit", unit_args, .call = unit_call},
                                        {"X_TR069CLIENT_OwnEvent", event_args, .call = event_call},
                                        {0}};

TR069_PLUGIN(.name = "own", .version = "1", .summary = "transfers of the box's own accord", .rpcs = rpcs,
             .init = init);
