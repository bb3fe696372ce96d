/* plugins/wan: the address by which the ACS sees the box.
 *
 * It is the local address of the last session with the ACS; before the first one, the one that the route
 * to the ACS would use. A box behind NAT does not know the address outside.
 *
 * InternetGatewayDevice:1 has a place for it and forces it into every Inform. Device:2 has none: the
 * standard leaves it to whoever asks to find the interface with the default route. So that an ACS need
 * not search, it is Device.IP.X_TR069CLIENT_ExternalIPAddress there. */
#define _GNU_SOURCE
#include <tr069/plugin.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

struct wan {
    const struct tr069_host *host;
    char address[INET6_ADDRSTRLEN];
};

static void read_address(struct wan *wan) {
    const struct tr069_host *host = wan->host;
    const char *fixed = host->option_string(host, "address");
    (void) snprintf(wan->address, sizeof wan->address, "%s",
                    fixed[0] != '\0' ? fixed : host->local_address(host));
}

/* What is shown is read afresh, since a session may have had another local address. */
static void look(void *user) {
    struct wan *wan = user;
    const struct tr069_host *host = wan->host;
    char before[sizeof wan->address], path[TR069_NAME_MAX + 1];
    (void) snprintf(before, sizeof before, "%s", wan->address);
    read_address(wan);
    if (strcmp(before, wan->address) != 0) {
        bool igd = strcmp(host->root(host), "Device.") != 0;
        (void) snprintf(path, sizeof path, "%s%s", host->root(host),
                        igd ? "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress"
                            : "IP.X_TR069CLIENT_ExternalIPAddress");
        host->value_changed(host, path);
    }
}

static int address_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct wan *wan = tr069_ctx(at);
    read_address(wan);
    return tr069_value_string(ret_value, wan->address);
}

static int status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct wan *wan = tr069_ctx(at);
    return tr069_value_string(ret_value, wan->address[0] != '\0' ? "Connected" : "Disconnected");
}

static const char *const statuses[] = {"Connected", "Disconnected", NULL};

static const struct tr069_param dev2_params[] = {
    {"X_TR069CLIENT_ExternalIPAddress", TR069_STRING, .notify = TR069_NOTIFY_DEFAULT_ACTIVE, .max_length = 45,
     .get = address_get, .help = "the address by which the ACS sees the box"},
    {0}};
static const struct tr069_param root_params[] = {
    {"WANDeviceNumberOfEntries", TR069_UINT, .entries_of = "WANDevice."}, {0}};
static const struct tr069_param device_params[] = {
    TR069_ALIAS_PARAM,
    {"WANConnectionNumberOfEntries", TR069_UINT, .entries_of = "WANDevice.{i}.WANConnectionDevice."},
    {0}};
static const struct tr069_param connections_params[] = {
    TR069_ALIAS_PARAM,
    {"WANIPConnectionNumberOfEntries", TR069_UINT,
     .entries_of = "WANDevice.{i}.WANConnectionDevice.{i}.WANIPConnection."},
    {"WANPPPConnectionNumberOfEntries", TR069_UINT, .value = "0"},
    {0}};
static const struct tr069_param connection_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true"},
    {"ConnectionStatus", TR069_STRING, .values = statuses, .get = status_get},
    {"PossibleConnectionTypes", TR069_STRING, TR069_CSV, .value = "IP_Routed"},
    {"ConnectionType", TR069_STRING, .value = "IP_Routed"},
    {"Name", TR069_STRING, .value = "acs", .max_length = 256},
    {"ExternalIPAddress", TR069_STRING, TR069_INFORM, TR069_NOTIFY_DEFAULT_ACTIVE, .max_length = 45,
     .get = address_get},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "IP.", dev2_params},
    {TR069_IGD1, "", root_params},
    {TR069_IGD1, "WANDevice.{i}.", device_params},
    {TR069_IGD1, "WANDevice.{i}.WANConnectionDevice.{i}.", connections_params},
    {TR069_IGD1, "WANDevice.{i}.WANConnectionDevice.{i}.WANIPConnection.{i}.", connection_params},
    {0}};
static const struct tr069_option options[] = {
    {"address", TR069_OPTION_STRING, "", .help = "a fixed address; empty: the real one"}, {0}};

static int wan_init(const struct tr069_host *host, void **ret_ctx) {
    struct wan *wan = calloc(1, sizeof *wan);
    if (wan == NULL) {
        return -ENOMEM;
    }
    wan->host = host;
    *ret_ctx = wan;
    return 0;
}

static int wan_start(void *ctx) {
    struct wan *wan = ctx;
    int r = wan->host->network(wan->host, look, wan);
    if (r < 0) {
        wan->host->log(wan->host, TR069_WARNING, "changes of the address are noticed late: %s", strerror(-r));
    }
    read_address(wan); /* what changes from now on is told */
    return 0;
}

static void wan_destroy(void *ctx) {
    free(ctx);
}

TR069_PLUGIN(.name = "wan", .version = "1", .summary = "the address by which the ACS sees the box",
             .options = options, .objects = objects, .init = wan_init, .start = wan_start,
             .destroy = wan_destroy);
