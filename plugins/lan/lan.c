/* plugins/lan: the local address of the box and its Ethernet hardware address.
 *
 * Two interfaces matter, which may be the same one: the one with the local address, and the Ethernet
 * one. Their values are read at start, and when the kernel tells of a change. */
#define _GNU_SOURCE
#include <tr069/plugin.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct values {
    char name[IF_NAMESIZE]; /* of the interface with the address; empty: there is none */
    char address[INET_ADDRSTRLEN];
    char mask[INET_ADDRSTRLEN];
    char ethernet[IF_NAMESIZE]; /* empty: there is none */
    char mac[18];
    bool up, ethernet_up;
};

struct lan {
    const struct tr069_host *host;
    struct values now;
    int netlink;
    bool watching;
};

/* ---- Reading ---------------------------------------------------------------------------------- */

static bool read_line(const struct lan *lan, const char *interface, const char *file, char *ret_line,
                      size_t size) {
    char path[512];
    (void) snprintf(path, sizeof path, "%s/%s/%s", lan->host->option_string(lan->host, "sysfs"), interface,
                    file);
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        return false;
    }
    bool got = fgets(ret_line, (int) size, in) != NULL;
    (void) fclose(in);
    ret_line[got ? strcspn(ret_line, "\n") : 0] = '\0';
    return got;
}

static bool has(const struct lan *lan, const char *interface, const char *file) {
    char path[512];
    (void) snprintf(path, sizeof path, "%s/%s/%s", lan->host->option_string(lan->host, "sysfs"), interface,
                    file);
    return access(path, F_OK) == 0;
}

/* The interface of the default route; empty when there is none. */
static void default_route(char *ret_name, size_t size) {
    char line[256], name[IF_NAMESIZE];
    FILE *in = fopen("/proc/net/route", "re");
    ret_name[0] = '\0';
    while (in != NULL && ret_name[0] == '\0' && fgets(line, sizeof line, in) != NULL) {
        size_t length = strcspn(line, "\t");
        if (length < sizeof name && strncmp(line + length, "\t00000000\t", 10) == 0) {
            (void) snprintf(ret_name, size, "%.*s", (int) length, line);
        }
    }
    if (in != NULL) {
        (void) fclose(in);
    }
}

static void copy_address(const struct sockaddr *from, char *ret_text) {
    if (from != NULL) {
        const struct sockaddr_in *in = (const struct sockaddr_in *) (const void *) from;
        (void) inet_ntop(AF_INET, &in->sin_addr, ret_text, INET_ADDRSTRLEN);
    }
}

/* `interface = "auto"`: the one of the default route, else the first that has an address. */
static void read_address(const struct lan *lan, struct values *values) {
    struct ifaddrs *list = NULL;
    const char *wanted = lan->host->option_string(lan->host, "interface");
    if (strcmp(wanted, "auto") == 0) {
        default_route(values->name, sizeof values->name);
    } else {
        (void) snprintf(values->name, sizeof values->name, "%s", if_nametoindex(wanted) != 0 ? wanted : "");
    }
    if (getifaddrs(&list) < 0) {
        return;
    }
    for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
        bool any =
            values->name[0] == '\0' && strcmp(wanted, "auto") == 0 && (at->ifa_flags & IFF_LOOPBACK) == 0;
        bool ours = any || strcmp(at->ifa_name, values->name) == 0;
        if (ours && at->ifa_addr != NULL && at->ifa_addr->sa_family == AF_INET) {
            (void) snprintf(values->name, sizeof values->name, "%s", at->ifa_name);
            copy_address(at->ifa_addr, values->address);
            copy_address(at->ifa_netmask, values->mask);
            break;
        }
    }
    for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
        values->up =
            values->up || (strcmp(at->ifa_name, values->name) == 0 && (at->ifa_flags & IFF_RUNNING) != 0);
    }
    freeifaddrs(list);
}

/* "auto": the wired interface with the lowest index; hardware before what is only made of software. */
static void find_ethernet(const struct lan *lan, char *ret_name, size_t size) {
    long best = 0;
    DIR *directory = opendir(lan->host->option_string(lan->host, "sysfs"));
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char type[16], index[16];
        const char *name = entry->d_name;
        if (name[0] == '.' || strlen(name) >= size || !read_line(lan, name, "type", type, sizeof type) ||
            strcmp(type, "1") != 0 || has(lan, name, "wireless") || has(lan, name, "phy80211") ||
            !read_line(lan, name, "ifindex", index, sizeof index)) {
            continue;
        }
        long number = strtol(index, NULL, 10) + (has(lan, name, "device") ? 0 : 1000000);
        if (best == 0 || number < best) {
            best = number;
            memcpy(ret_name, name, strlen(name) + 1);
        }
    }
    if (directory != NULL) {
        (void) closedir(directory);
    }
}

static void read_ethernet(const struct lan *lan, struct values *values) {
    const char *wanted = lan->host->option_string(lan->host, "ethernet");
    char line[32];
    if (strcmp(wanted, "auto") == 0) {
        find_ethernet(lan, values->ethernet, sizeof values->ethernet);
    } else {
        (void) snprintf(values->ethernet, sizeof values->ethernet, "%s",
                        has(lan, wanted, "address") ? wanted : "");
    }
    if (values->ethernet[0] == '\0') {
        return;
    }
    if (read_line(lan, values->ethernet, "address", line, sizeof line) && strlen(line) == 17) {
        for (size_t i = 0; i <= 17; i++) {
            values->mac[i] = (char) toupper((unsigned char) line[i]);
        }
    }
    values->ethernet_up =
        read_line(lan, values->ethernet, "operstate", line, sizeof line) && strcmp(line, "up") == 0;
}

static void tell(const struct lan *lan, bool changed, const char *igd, const char *dev2) {
    char path[TR069_NAME_MAX + 1];
    const char *root = lan->host->root(lan->host);
    if (changed) {
        (void) snprintf(path, sizeof path, "%s%s", root, strcmp(root, "Device.") == 0 ? dev2 : igd);
        lan->host->value_changed(lan->host, path);
    }
}

static struct values read_values(const struct lan *lan) {
    struct values values = {.name = ""};
    read_address(lan, &values);
    read_ethernet(lan, &values);
    return values;
}

/* Reads again, and tells the client what is not as before. */
static void renew(struct lan *lan) {
    struct values old = lan->now;
    lan->now = read_values(lan);
    tell(lan, strcmp(old.address, lan->now.address) != 0,
         "LANDevice.1.LANHostConfigManagement.IPInterface.1.IPInterfaceIPAddress",
         "IP.Interface.1.IPv4Address.1.IPAddress");
    tell(lan, strcmp(old.mac, lan->now.mac) != 0, "LANDevice.1.LANEthernetInterfaceConfig.1.MACAddress",
         "Ethernet.Interface.1.MACAddress");
    tell(lan, old.ethernet_up != lan->now.ethernet_up, "LANDevice.1.LANEthernetInterfaceConfig.1.Status",
         "Ethernet.Interface.1.Status");
}

/* Only where the kernel tells nothing; else the values are those of now. */
static int refresh(const struct tr069_at *at) {
    struct lan *lan = tr069_ctx(at);
    if (!lan->watching) {
        renew(lan);
    }
    return TR069_OK;
}

/* ---- The kernel's news ------------------------------------------------------------------------ */

/* What the news say is of no interest, only that there are some: everything is read again. */
static void netlink_ready(void *user, int fd, int what) {
    struct lan *lan = user;
    char news[8192];
    (void) what;
    ssize_t got;
    do {
        got = recv(fd, news, sizeof news, MSG_DONTWAIT);
    } while (got > 0 || (got < 0 && (errno == ENOBUFS || errno == EINTR)));
    renew(lan);
}

static int netlink_open(struct lan *lan) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR};
    lan->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (lan->netlink < 0 || bind(lan->netlink, (const struct sockaddr *) &address, sizeof address) < 0) {
        return -errno;
    }
    return lan->host->watch(lan->host, lan->netlink, TR069_READABLE, netlink_ready, lan, NULL);
}

/* ---- Getters ---------------------------------------------------------------------------------- */

/* One row each: it is there when the interface is. */
static int address_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    const struct lan *lan = tr069_ctx(at);
    return lan->now.name[0] != '\0' ? tr069_row(rows, 1, NULL) : 0;
}

static int ethernet_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    const struct lan *lan = tr069_ctx(at);
    return lan->now.ethernet[0] != '\0' ? tr069_row(rows, 1, NULL) : 0;
}

static int name_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_string(ret_value, lan->now.name);
}

static int status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_string(ret_value, lan->now.up ? "Up" : "Down");
}

/* Whether the IP interface lies on the Ethernet interface of the model. */
static bool is_wired(const struct lan *lan) {
    return lan->now.name[0] != '\0' && strcmp(lan->now.name, lan->now.ethernet) == 0;
}

static int lower_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, is_wired(tr069_ctx(at)) ? "Device.Ethernet.Interface.1" : "");
}

static int stack_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    return is_wired(tr069_ctx(at)) ? tr069_row(rows, 1, NULL) : 0;
}

static int address_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_string(ret_value, lan->now.address);
}

static int mask_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_string(ret_value, lan->now.mask);
}

static int address_enable_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_bool(ret_value, lan->now.address[0] != '\0');
}

static int address_status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_string(ret_value, lan->now.address[0] != '\0' ? "Enabled" : "Disabled");
}

static int ethernet_name_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_string(ret_value, lan->now.ethernet);
}

static int mac_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_string(ret_value, lan->now.mac);
}

static int ethernet_status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    const char *down = strcmp(at->host->root(at->host), "Device.") == 0 ? "Down" : "NoLink";
    return tr069_value_string(ret_value, lan->now.ethernet_up ? "Up" : down);
}

static int upstream_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct lan *lan = tr069_ctx(at);
    return tr069_value_bool(ret_value, strcmp(lan->now.name, lan->now.ethernet) == 0);
}

/* ---- Tables ----------------------------------------------------------------------------------- */

#define MAC_PATTERN "|([0-9A-Fa-f][0-9A-Fa-f]:){5}([0-9A-Fa-f][0-9A-Fa-f])"

static const char *const states[] = {"Up", "Down", NULL};
static const char *const igd_states[] = {"Up", "NoLink", NULL};
static const char *const address_states[] = {"Enabled", "Disabled", NULL};

static const struct tr069_param ip_params[] = {
    {"InterfaceNumberOfEntries", TR069_UINT, .entries_of = "IP.Interface."}, {0}};
static const struct tr069_param ip_interface_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true"},
    {"Status", TR069_STRING, .values = states, .get = status_get},
    {"Name", TR069_STRING, .max_length = 64, .get = name_get},
    {"LowerLayers", TR069_STRING, TR069_CSV, .get = lower_get},
    {"Type", TR069_STRING, .value = "Normal"},
    {"IPv4AddressNumberOfEntries", TR069_UINT, .entries_of = "IP.Interface.{i}.IPv4Address."},
    {0}};
static const struct tr069_param address_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .get = address_enable_get},
    {"Status", TR069_STRING, .values = address_states, .get = address_status_get},
    {"IPAddress", TR069_STRING, .max_length = 15, .get = address_get},
    {"SubnetMask", TR069_STRING, .max_length = 15, .get = mask_get},
    {0}};
static const struct tr069_param ethernet_params[] = {
    {"InterfaceNumberOfEntries", TR069_UINT, .entries_of = "Ethernet.Interface."}, {0}};
static const struct tr069_param ethernet_interface_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true"},
    {"Status", TR069_STRING, .values = states, .get = ethernet_status_get},
    {"Name", TR069_STRING, .max_length = 64, .get = ethernet_name_get},
    {"LowerLayers", TR069_STRING, TR069_CSV, .value = ""},
    {"Upstream", TR069_BOOLEAN, .get = upstream_get},
    {"MACAddress", TR069_STRING, .max_length = 17, .pattern = MAC_PATTERN, .get = mac_get},
    {0}};

static const struct tr069_param dev2_root_params[] = {
    {"InterfaceStackNumberOfEntries", TR069_UINT, .entries_of = "InterfaceStack."}, {0}};
static const struct tr069_param stack_params[] = {
    {"HigherLayer", TR069_STRING, .value = "Device.IP.Interface.1"},
    {"LowerLayer", TR069_STRING, .value = "Device.Ethernet.Interface.1"},
    {0}};

static const struct tr069_param igd_root_params[] = {
    {"LANDeviceNumberOfEntries", TR069_UINT, .entries_of = "LANDevice."}, {0}};
static const struct tr069_param lan_params[] = {TR069_ALIAS_PARAM,
                                                {"LANEthernetInterfaceNumberOfEntries", TR069_UINT,
                                                 .entries_of = "LANDevice.{i}.LANEthernetInterfaceConfig."},
                                                {"LANUSBInterfaceNumberOfEntries", TR069_UINT, .value = "0"},
                                                {0}};
static const struct tr069_param management_params[] = {
    {"IPInterfaceNumberOfEntries", TR069_UINT,
     .entries_of = "LANDevice.{i}.LANHostConfigManagement.IPInterface."},
    {0}};
static const struct tr069_param igd_address_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .get = address_enable_get},
    {"IPInterfaceIPAddress", TR069_STRING, .max_length = 45, .get = address_get},
    {"IPInterfaceSubnetMask", TR069_STRING, .max_length = 45, .get = mask_get},
    {0}};
static const struct tr069_param igd_ethernet_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true"},
    {"Status", TR069_STRING, .values = igd_states, .get = ethernet_status_get},
    {"Name", TR069_STRING, .max_length = 16, .get = ethernet_name_get},
    {"MACAddress", TR069_STRING, .max_length = 17, .pattern = MAC_PATTERN, .get = mac_get},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "IP.", ip_params},
    {TR069_DEV2, "IP.Interface.{i}.", ip_interface_params, .instances = address_rows, .refresh = refresh},
    {TR069_DEV2, "IP.Interface.{i}.IPv4Address.{i}.", address_params, .instances = address_rows,
     .refresh = refresh},
    {TR069_DEV2, "Ethernet.", ethernet_params},
    {TR069_DEV2, "Ethernet.Interface.{i}.", ethernet_interface_params, .instances = ethernet_rows,
     .refresh = refresh},
    {TR069_DEV2, "", dev2_root_params},
    {TR069_DEV2, "InterfaceStack.{i}.", stack_params, .instances = stack_rows, .refresh = refresh},
    {TR069_IGD1, "", igd_root_params},
    {TR069_IGD1, "LANDevice.{i}.", lan_params},
    {TR069_IGD1, "LANDevice.{i}.LANHostConfigManagement.", management_params},
    {TR069_IGD1, "LANDevice.{i}.LANHostConfigManagement.IPInterface.{i}.", igd_address_params,
     .instances = address_rows, .refresh = refresh},
    {TR069_IGD1, "LANDevice.{i}.LANEthernetInterfaceConfig.{i}.", igd_ethernet_params,
     .instances = ethernet_rows, .refresh = refresh},
    {0}};
static const struct tr069_option options[] = {
    {"interface", TR069_OPTION_STRING, "auto", .help = "the interface with the local address"},
    {"ethernet", TR069_OPTION_STRING, "auto", .help = "the Ethernet interface"},
    {"sysfs", TR069_OPTION_PATH, "/sys/class/net", .help = "where network interfaces are found"},
    {0}};

/* ---- Life ------------------------------------------------------------------------------------- */

static int lan_init(const struct tr069_host *host, void **ret_ctx) {
    struct lan *lan = calloc(1, sizeof *lan);
    if (lan == NULL) {
        return -ENOMEM;
    }
    lan->host = host;
    lan->netlink = -1;
    lan->now = read_values(lan);
    *ret_ctx = lan;
    return 0;
}

/* Without the kernel's news the values are read once a session only. */
static int lan_start(void *ctx) {
    struct lan *lan = ctx;
    int r = netlink_open(lan);
    lan->watching = r == 0;
    if (r < 0) {
        lan->host->log(lan->host, TR069_WARNING, "changes of addresses are noticed late: %s", strerror(-r));
    }
    return 0;
}

static void lan_destroy(void *ctx) {
    struct lan *lan = ctx;
    if (lan != NULL && lan->netlink >= 0) {
        (void) close(lan->netlink);
    }
    free(lan);
}

TR069_PLUGIN(.name = "lan", .version = "1", .summary = "the local address and the Ethernet interface",
             .options = options, .objects = objects, .init = lan_init, .start = lan_start,
             .destroy = lan_destroy);
