/* The configuration of the daemon: defaults, the platform's profile, tr069-client.conf, build.prop, the
 * command line; each value knows where it came from (house rules of conf/README.md). */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#include "agent/build_prop.h"
#include "agent/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Values that the firmware seeds and the ACS may change later. */
enum seed {
    SEED_URL,                         /* s0 */
    SEED_USERNAME,                    /* s1 */
    SEED_PASSWORD,                    /* s2 */
    SEED_CONNECTION_REQUEST_USERNAME, /* s3 */
    SEED_CONNECTION_REQUEST_PASSWORD, /* s4 */
    SEED_HTTP_USERNAME,               /* s5: wins over s1 on the wire */
    SEED_HTTP_PASSWORD,               /* s6 */
    SEED_CERTIFICATE,                 /* s7: full path */
    SEED_COUNT
};

struct config {
    struct settings *settings;
    struct build_prop *firmware;
    char *seeds[SEED_COUNT];
    char *origins[SEED_COUNT];
    char **overrides; /* "PLUGIN.KEY=VALUE" of the command line, ends with NULL */
    char *file;
    struct conf_file *profile; /* the platform's defaults; NULL: none */
    bool readable_log;         /* -f: readable lines on stderr */
};

/* What the command line gave. */
struct config_arguments {
    const char *file;       /* NULL: the installed one, which may be absent */
    const char **overrides; /* "KEY=VALUE" and "PLUGIN.KEY=VALUE" */
    size_t count;
};

/* Reads everything. -EINVAL (or -errno) with one clear line in ret_error: file, line, key, what to do. */
int config_load(const struct config_arguments *arguments, struct config **ret_config, char *ret_error,
                size_t error_size);
void config_free(struct config *config);

const char *config_string(const struct config *config, const char *name);
const char *config_path(const struct config *config, const char *name);
int64_t config_int(const struct config *config, const char *name);
bool config_bool(const struct config *config, const char *name);
/* Every effective value with its origin; secrets as ***. */
void config_print(const struct config *config, FILE *out);

#endif
