/* A plugin that does what its option `how` says, to see that the client lives on. */
#define _GNU_SOURCE
#include <tr069/plugin.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int bad_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    (void) ret_value;
    return -EIO;
}

static const struct tr069_param params[] = {{"X_TR069CLIENT_Bad", TR069_STRING, .get = bad_get}, {0}};
static const struct tr069_object objects[] = {{TR069_BOTH, "DeviceInfo.", params}, {0}};

static const struct tr069_option options[] = {
    {"how", TR069_OPTION_STRING, "",
     .help = "die, fail, job, long job; otherwise it can be read only with a fault"},
    {0}};

/* A job that takes a while, and what it works on. */
struct work {
    const struct tr069_host *host;
    struct timespec time;
};

static void work(void *user) {
    const struct work *order = user;
    (void) nanosleep(&order->time, NULL);
}

static void worked(void *user) {
    struct work *done = user;
    done->host->log(done->host, TR069_NOTICE, "its job is done");
    free(done);
}

static int bad_start(void *ctx) {
    const struct tr069_host *host = ctx;
    const char *how = host->option_string(host, "how");
    bool is_long = strcmp(how, "long job") == 0;
    if (!is_long && strcmp(how, "job") != 0) {
        return 0;
    }
    struct work *order = calloc(1, sizeof *order);
    if (order == NULL) {
        return -ENOMEM;
    }
    order->host = host;
    order->time.tv_sec = is_long ? 60 : 0;
    order->time.tv_nsec = is_long ? 0 : 500 * 1000 * 1000;
    host->log(host, TR069_NOTICE, "its job begins");
    return host->job(host, work, worked, order);
}

/* A file that is put into use long after the client's patience. */
static const struct tr069_install *late;

static void install_late(void *user) {
    (void) user;
    late->host->installed(late, TR069_OK);
}

static int bad_install(const struct tr069_install *install) {
    late = install;
    int r = install->host->timer(install->host, 2500, install_late, NULL, NULL);
    return r < 0 ? r : TR069_DEFERRED;
}

static const struct tr069_file files[] = {{"X 0A1B2C Late", .install = bad_install}, {0}};

static int bad_init(const struct tr069_host *host, void **ret_ctx) {
    const char *how = host->option_string(host, "how");
    *ret_ctx = (void *) (uintptr_t) host;
    if (strcmp(how, "die") == 0) {
        (void) raise(SIGKILL);
    }
    return strcmp(how, "fail") == 0 ? -EIO : 0;
}

TR069_PLUGIN(.name = "bad", .version = "1", .summary = "misbehaves", .options = options, .objects = objects,
             .files = files, .init = bad_init, .start = bad_start);
