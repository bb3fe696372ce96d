/* The plugin loader: plugins.d/NN-name.conf present and `enabled = true` loads `name`.
 *
 * A plugin passes through: found -> opened (symbol of the main program first, else dlopen) -> ABI
 * checked -> options checked -> attached (model, RPCs) -> initialised -> started. Whatever goes wrong
 * leaves that plugin out, with one line that says why, and the others go on. The order is that of the
 * files, but what a plugin needs or wants comes before it. */
#ifndef AGENT_PLUGINS_H
#define AGENT_PLUGINS_H

#include "agent/settings.h"
#include "base/buffer.h"
#include "model/model.h"

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>

struct agent;
struct plugin;
struct plugins;
struct resource;

/* The host table of one plugin: what its callbacks get, and how we find our way back. */
struct host {
    struct tr069_host table; /* first */
    struct plugin *plugin;
};

struct plugin {
    struct plugin *next;
    char *name;
    char *file;   /* its conf file; NULL for what is built in */
    void *handle; /* of dlopen; NULL when linked in */
    struct settings *settings;
    struct model_owner owner;      /* descriptor, host, context */
    struct tr069_plugin more;      /* the descriptor with the tables that it gave after init, */
    struct model_owner more_owner; /* and who they belong to: more.objects is NULL when there are none */
    struct host host;
    struct agent *agent;
    struct resource *resources;  /* timers, watches, children, measurements that it holds (host.c) */
    struct plugin *contact_next; /* in agent->contacts, of those that have one */
    uint64_t contact_ms;
    void (*network)(void *user); /* news of the network; NULL: it wants none */
    void *network_user;
    unsigned jobs; /* of it under way */
    bool attached, initialised, started, seen, gone;
};

int plugins_new(struct agent *agent, struct plugins **ret_plugins);
/* Stops and unloads all, in reverse order; one whose job still runs when that has ended. Accepts NULL. */
void plugins_unload(struct plugins *plugins);
/* Unloads, and frees. No job may be under way. Accepts NULL. */
void plugins_free(struct plugins *plugins);

/* Attaches and starts a descriptor of the client itself (ManagementServer). */
int plugins_add_builtin(struct plugins *plugins, const struct tr069_plugin *descriptor);
/* Reads the directory: new ones load, removed or disabled ones unload, changed options reload. Not
 * while a session runs. */
void plugins_scan(struct plugins *plugins);
/* Only checks: opens everything, parses all options, prints each effective value, asks plugins that have a
 * check of their own. Returns how many
 * mistakes there are; each was printed to `errors`. */
unsigned plugins_check(struct plugins *plugins, FILE *out, FILE *errors);

/* In the order of starting; NULL: none. */
struct plugin *plugins_first(const struct plugins *plugins);
/* The kernel told something of the network. */
void plugins_tell_network(struct plugins *plugins);
/* A job of a plugin ended: one that is gone is unloaded now. */
void plugins_job_done(struct plugins *plugins, struct plugin *plugin);

#endif
