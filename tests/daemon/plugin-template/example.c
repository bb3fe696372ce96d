/* A plugin outside of the tree: one parameter, X_TR069CLIENT_Example, and one RPC, X_TR069CLIENT_Echo.
 * Copy this folder, replace TR069CLIENT by your own vendor prefix, and go on from here. */
#include <tr069/plugin.h>

#include <stdlib.h>

struct example {
    const struct tr069_host *host;
    uint64_t echoes;
};

/* Device.DeviceInfo.X_TR069CLIENT_Example: the option `greeting`, and how often Echo was called. */
static int example_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct example *example = tr069_ctx(at);
    return tr069_value_format(ret_value, "%.40s %llu", at->host->option_string(at->host, "greeting"),
                              (unsigned long long) example->echoes);
}

/* X_TR069CLIENT_Echo(Text) -> Text */
static int echo_call(const struct tr069_call *call) {
    struct example *example = call->ctx;
    char path[TR069_NAME_MAX + 1];
    if (call->args[0].length == 0) {
        return tr069_fault(call->fault, TR069_INVALID_ARGUMENTS, "Text is empty: there is nothing to echo");
    }
    example->echoes++;
    (void) snprintf(path, sizeof path, "%sDeviceInfo.X_TR069CLIENT_Example", call->host->root(call->host));
    call->host->value_changed(call->host, path);
    return call->host->reply(call, "Text", &call->args[0]);
}

static const struct tr069_param params[] = {
    {"X_TR069CLIENT_Example", TR069_STRING, .max_length = 64, .get = example_get, .help = "an example"}, {0}};
static const struct tr069_object objects[] = {{TR069_BOTH, "DeviceInfo.", params}, {0}};

static const struct tr069_arg echo_args[] = {{"Text", TR069_STRING, .max_length = 256}, {0}};
static const struct tr069_rpc rpcs[] = {{"X_TR069CLIENT_Echo", echo_args, .call = echo_call}, {0}};

static const struct tr069_option options[] = {
    {"greeting", TR069_OPTION_STRING, "hello", .help = "what the parameter says"}, {0}};

static int example_init(const struct tr069_host *host, void **ret_ctx) {
    struct example *example = calloc(1, sizeof *example);
    if (example == NULL) {
        return -ENOMEM;
    }
    example->host = host;
    *ret_ctx = example;
    return 0;
}

TR069_PLUGIN(.name = "example", .version = "1", .summary = "a parameter and an RPC", .options = options,
             .objects = objects, .rpcs = rpcs, .init = example_init, .destroy = free);
