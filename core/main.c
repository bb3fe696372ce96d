/* tr069-client: a TR-069 (CWMP) client for set-top boxes. This file is the command line.
 *
 * A map of every file. Imports run down: main -> agent -> net, cwmp -> model -> base.
 *
 *   agent/   the wiring
 *     agent             starting, reloading, stopping; actions that restart the box
 *     driver            when a session starts, and its steps: session machine <-> ACS client
 *     connection        connection requests: port, path, URL
 *     transfer_work     fetches files and has them installed
 *     heartbeat         Informs that say only that the box lives
 *     standby           may the box sleep, what it missed, what wakes it up
 *     management_server ManagementServer.*, as a built-in plugin
 *     plugins           the loader: order, start, reload; plugin_open: from conf file to descriptor;
 *                       plugin_offers: who gives what;
 *                       plugin_guard leaves out what crashes at start
 *     host              the services that a plugin gets
 *     control           the socket that tr069-ctl (ctl.c) talks to
 *     config            the daemon's options; settings: typed options by table; conf_file: its text;
 *                       build_prop: the firmware's, android_property where there is no such file;
 *                       user: gives up root
 *   cwmp/    the protocol, without I/O
 *     session           the state machine; inform: its first message
 *     envelope_*        SOAP, in and out; libxml: opens libxml2 for it; redact: messages without secrets
 *     rpc*              the RPCs of core and the registry of all
 *     schedule          when sessions begin; retry: how long it waits
 *     events, transfers, fault
 *   model/   the data model: tree, values, writing, rows, attributes, notification
 *   net/     the I/O: loop, acs_client, connection_request, fetch, child, network
 *   base/    buffer, arena, memory, log, clock, text, crypto, store
 */
#include <config.h>

#include "agent/agent.h"
#include "agent/user.h"
#include "base/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOG_ROOM "main"

static const char help[] =
    "tr069-client lets an ACS manage this box by TR-069 (CWMP).\n"
    "\n"
    "usage: tr069-client [-c FILE] [-f] [-o KEY=VALUE]... [-v]\n"
    "       tr069-client [-c FILE] [-o KEY=VALUE]... --check-config\n"
    "\n"
    "  -c, --config FILE    the configuration file (" CONFDIR "/tr069-client.conf)\n"
    "  -f, --foreground     readable log on stderr; the daemon never goes into the background by itself\n"
    "  -o, --option K=V     sets an option over the file; PLUGIN.KEY=VALUE sets one of a plugin\n"
    "      --check-config   prints every effective value and where it comes from; fails on a mistake\n"
    "  -v, --verbose        logs more; the same as -o log_level=debug\n"
    "      --version        prints the version\n"
    "  -h, --help           prints this\n"
    "\n"
    "signals: TERM and INT end it within a second, HUP reads the configuration again (plugins are\n"
    "loaded, unloaded and reloaded)\n"
    "exit codes: 0 ended, or no ACS is configured (ro.stb.management.s0 is empty); 1 the system refused\n"
    "something; 2 wrong usage; 3 a mistake in the configuration or in build.prop\n"
    "\n"
    "try it without touching the system:\n"
    "  tr069-client -f -o acs_url=http://127.0.0.1:7547/acs -o connection_request_port=0 \\\n"
    "    -o state_dir=/tmp/tr069 -o spool_dir=/tmp/tr069 -o control_socket=/tmp/tr069/control\n"
    "\n"
    "more: tr069-client(8)\n";

enum { OPTION_CHECK = 256, OPTION_VERSION };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'}, {"foreground", no_argument, NULL, 'f'},
    {"option", required_argument, NULL, 'o'}, {"check-config", no_argument, NULL, OPTION_CHECK},
    {"verbose", no_argument, NULL, 'v'},      {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

struct command_line {
    struct config_arguments arguments;
    bool check, foreground, verbose;
    int exit_code; /* -1: go on */
};

static void parse(int argc, char **argv, struct command_line *ret_line) {
    struct command_line *line = ret_line;
    for (int c = 0;
         line->exit_code < 0 && (c = getopt_long(argc, argv, "c:fo:vh", long_options, NULL)) != -1;) {
        switch (c) {
        case 'c':
            line->arguments.file = optarg;
            break;
        case 'f':
            line->foreground = true;
            break;
        case 'o':
            line->arguments.overrides[line->arguments.count++] = optarg;
            break;
        case 'v': /* once: -vvv is one argument, and there is room for one override an argument */
            if (!line->verbose) {
                line->arguments.overrides[line->arguments.count++] = "log_level=debug";
            }
            line->verbose = true;
            break;
        case OPTION_CHECK:
            line->check = true;
            break;
        case OPTION_VERSION:
            (void) puts("tr069-client " VERSION);
            line->exit_code = AGENT_EXIT_OK;
            break;
        case 'h':
            (void) fputs(help, stdout);
            line->exit_code = AGENT_EXIT_OK;
            break;
        default:
            (void) fputs("try: tr069-client --help\n", stderr);
            line->exit_code = AGENT_EXIT_USAGE;
            break;
        }
    }
    if (line->exit_code < 0 && optind < argc) {
        (void) fprintf(stderr, "tr069-client: unexpected argument %s; try: tr069-client --help\n",
                       argv[optind]);
        line->exit_code = AGENT_EXIT_USAGE;
    }
}

/* Reads the configuration, and becomes the user that it names: what he may not read is a mistake now, not at
 * the first reload. */
static int load(const struct command_line *line, struct config **ret_config, char *ret_error,
                size_t error_size) {
    bool changed = false;
    int r = config_load(&line->arguments, ret_config, ret_error, error_size);
    if (r == 0) {
        bool runs = !line->check && (*ret_config)->seeds[SEED_URL][0] != '\0';
        r = user_become(*ret_config, runs, &changed, ret_error, error_size);
    }
    if (r == 0 && changed) {
        config_free(*ret_config);
        *ret_config = NULL;
        r = config_load(&line->arguments, ret_config, ret_error, error_size);
    }
    return r;
}

static int run(const struct command_line *line) {
    char error[640];
    struct config *config = NULL;
    (void) umask(0077);
    if (load(line, &config, error, sizeof error) < 0) {
        (void) fprintf(stderr, "tr069-client: %s\n", error);
        config_free(config);
        return AGENT_EXIT_CONFIG;
    }
    if (line->check) {
        int code = agent_check(config, stdout, stderr);
        config_free(config);
        return code;
    }
    config->readable_log = line->foreground;
    return agent_run(config, &line->arguments);
}

int main(int argc, char **argv) {
    struct command_line line = {.exit_code = -1};
    line.arguments.overrides = calloc((size_t) argc + 1, sizeof *line.arguments.overrides);
    if (line.arguments.overrides == NULL) {
        return AGENT_EXIT_FAILURE;
    }
    parse(argc, argv, &line);
    int code = line.exit_code >= 0 ? line.exit_code : run(&line);
    free(line.arguments.overrides);
    return code;
}
