/* The agent: joins the rooms into a daemon. */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "agent/config.h"

#include <stdio.h>

/* Exit codes of the daemon; tr069-client(8). */
enum {
    AGENT_EXIT_OK = 0,      /* ended by a signal, or nothing to manage (empty ACS URL) */
    AGENT_EXIT_FAILURE = 1, /* the system refused something that is needed */
    AGENT_EXIT_USAGE = 2,   /* the command line */
    AGENT_EXIT_CONFIG = 3   /* a mistake in a configuration file or in build.prop */
};

/* Runs the daemon until SIGTERM or SIGINT. Takes over the configuration. Returns an exit code. */
int agent_run(struct config *config, const struct config_arguments *arguments);
/* --check-config: prints everything, returns an exit code. */
int agent_check(struct config *config, FILE *out, FILE *errors);

#endif
