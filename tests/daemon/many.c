/* A plugin with as many parameters as its option says, ten a row, for what a large model costs. */
#include <tr069/plugin.h>

#include <stdlib.h>

enum { PER_ROW = 10 };

struct many {
    const struct tr069_host *host;
    uint32_t rows;
    unsigned version; /* of all values */
    struct tr069_timer *timer;
    uint64_t values, lists, finds; /* what was asked of it */
};

static int value(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct many *many = tr069_ctx(at);
    many->values++;
    return tr069_value_format(ret_value, "%s of %u, %u", at->param->name, tr069_instance(at), many->version);
}

static int instances(const struct tr069_at *at, struct tr069_rows *rows) {
    struct many *many = tr069_ctx(at);
    int r = 0;
    many->lists++;
    for (uint32_t i = 1; r == 0 && i <= many->rows; i++) {
        r = tr069_row(rows, i, NULL);
    }
    return r;
}

static int find(const struct tr069_at *at, uint32_t instance, void **ret_row) {
    struct many *many = tr069_ctx(at);
    many->finds++;
    *ret_row = NULL;
    return instance <= many->rows ? TR069_OK : -ENOENT;
}

static const struct tr069_param params[] = {{"P0", TR069_STRING, .get = value},
                                            {"P1", TR069_STRING, .get = value},
                                            {"P2", TR069_STRING, .get = value},
                                            {"P3", TR069_STRING, .get = value},
                                            {"P4", TR069_STRING, .get = value},
                                            {"P5", TR069_STRING, .get = value},
                                            {"P6", TR069_STRING, .get = value},
                                            {"P7", TR069_STRING, .get = value},
                                            {"P8", TR069_STRING, .get = value},
                                            {"P9", TR069_STRING, .get = value},
                                            {0}};
static int asked(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct many *many = tr069_ctx(at);
    return tr069_value_format(ret_value, "%llu values, %llu lists, %llu rows",
                              (unsigned long long) many->values, (unsigned long long) many->lists,
                              (unsigned long long) many->finds);
}

static const struct tr069_param asked_params[] = {
    {"X_TR069CLIENT_Asked", TR069_STRING, .get = asked, .help = "of this plugin, so far"}, {0}};

static const struct tr069_object objects[] = {
    {TR069_BOTH, "DeviceInfo.", asked_params},
    {TR069_BOTH, "X_TR069CLIENT_Many.{i}.", params, .max_rows = 65536, .instances = instances, .find = find},
    {0}};

static const struct tr069_option options[] = {
    {"parameters", TR069_OPTION_INT, "1000", PER_ROW, 600000, .help = "how many"},
    {"tick", TR069_OPTION_INT, "0", 0, 3600000,
     .help = "milliseconds until all values change, once, and P0 of "
             "the first row is told; 0: never"},
    {0}};

static void tick(void *user) {
    struct many *many = user;
    char path[64];
    many->timer = NULL;
    many->version++;
    (void) snprintf(path, sizeof path, "%sX_TR069CLIENT_Many.1.P0", many->host->root(many->host));
    many->host->value_changed(many->host, path);
}

static int init(const struct tr069_host *host, void **ret_ctx) {
    struct many *many = calloc(1, sizeof *many);
    if (many == NULL) {
        return -ENOMEM;
    }
    many->host = host;
    many->rows = (uint32_t) (host->option_int(host, "parameters") / PER_ROW);
    *ret_ctx = many;
    return 0;
}

static int start(void *ctx) {
    struct many *many = ctx;
    const int64_t ms = many->host->option_int(many->host, "tick");
    return ms > 0 ? many->host->timer(many->host, (uint64_t) ms, tick, many, &many->timer) : 0;
}

TR069_PLUGIN(.name = "many", .version = "1", .summary = "many parameters", .options = options,
             .objects = objects, .init = init, .start = start, .destroy = free);
