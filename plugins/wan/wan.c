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
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct wan {
    const struct tr069_host *host;
    int netlink;
    char address[INET6_ADDRSTRLEN];
};

static void read_address(struct wan *wan) {
    const struct tr069_host *host = wan->host;
    const char *fixed = host->option_string(host, "address");
    (void) snprintf(wan->address, sizeof wan->address, "%s",
                    fixed[0] != '\0' ? fixed : host->local_address(host));
}

/* What is shown is read afresh, since a session may have had another local address. */
static void look(struct wan *wan) {
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

/* The kernel tells of addresses and routes that come and go; what they are does not matter here. */
static void netlink_ready(void *user, int fd, int what) {
    char news[8192];
    ssize_t got;
    (void) what;
    do {
        got = recv(fd, news, sizeof news, MSG_DONTWAIT);
    } while (got > 0 || (got < 0 && (errno == ENOBUFS || errno == EINTR)));
    look(user);
}

static int watch_routes(struct wan *wan) {
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                        .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE |
                                                     RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE};
    wan->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (wan->netlink < 0 || bind(wan->netlink, (const struct sockaddr *) &address, sizeof address) < 0) {
        return -errno;
    }
    return wan->host->watch(wan->host, wan->netlink, TR069_READABLE, netlink_ready, wan, NULL);
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
    wan->netlink = -1;
    *ret_ctx = wan;
    return 0;
}

static int wan_start(void *ctx) {
    struct wan *wan = ctx;
    read_address(wan);
    return watch_routes(wan);
}

static void wan_destroy(void *ctx) {
    struct wan *wan = ctx;
    if (wan != NULL && wan->netlink >= 0) {
        (void) close(wan->netlink);
    }
    free(wan);
}

TR069_PLUGIN(.name = "wan", .version = "1", .summary = "the address by which the ACS sees the box",
             .options = options, .objects = objects, .init = wan_init, .start = wan_start,
             .destroy = wan_destroy);
