/* A plugin that does what its option `how` says, to see that the client lives on. */
#include <tr069/plugin.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

static int bad_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    (void) ret_value;
    return -EIO;
}

static const struct tr069_param params[] = {{"X_TR069CLIENT_Bad", TR069_STRING, .get = bad_get}, {0}};
static const struct tr069_object objects[] = {{TR069_BOTH, "DeviceInfo.", params}, {0}};

static const struct tr069_option options[] = {
    {"how", TR069_OPTION_STRING, "", .help = "die, fail; otherwise it can be read only with a fault"}, {0}};

static int bad_init(const struct tr069_host *host, void **ret_ctx) {
    const char *how = host->option_string(host, "how");
    *ret_ctx = NULL;
    if (strcmp(how, "die") == 0) {
        (void) raise(SIGKILL);
    }
    return strcmp(how, "fail") == 0 ? -EIO : 0;
}

TR069_PLUGIN(.name = "bad", .version = "1", .summary = "misbehaves", .options = options, .objects = objects,
             .init = bad_init);
