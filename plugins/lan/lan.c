/* plugins/lan: the local address of the box and its Ethernet hardware address.
 *
 * Two interfaces matter, which may be the same one: the one with the local address, and the Ethernet
 * one. Their values are read at start, and when the kernel tells of a change. */
#define _GNU_SOURCE
#include "lan/interfaces.h"

#include <tr069/plugin.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INTERFACES_MAX = 64 };

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
    bool watching;
};

/* ---- Reading ---------------------------------------------------------------------------------- */

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

/* One question about an IPv4 interface; the text of the address that is the answer, or "". */
static void ask_address(int fd, unsigned long question, const char *name, char *ret_text) {
    struct ifreq request = {.ifr_addr.sa_family = AF_INET};
    struct sockaddr_in answer;
    (void) snprintf(request.ifr_name, sizeof request.ifr_name, "%.*s", IF_NAMESIZE - 1, name);
    ret_text[0] = '\0';
    if (ioctl(fd, question, &request) == 0) {
        memcpy(&answer, &request.ifr_addr, sizeof answer);
        (void) inet_ntop(AF_INET, &answer.sin_addr, ret_text, INET_ADDRSTRLEN);
    }
}

/* Negative: there is no such interface. */
static int flags_of(int fd, const char *name) {
    struct ifreq request = {0};
    (void) snprintf(request.ifr_name, sizeof request.ifr_name, "%.*s", IF_NAMESIZE - 1, name);
    return ioctl(fd, SIOCGIFFLAGS, &request) == 0 ? (unsigned short) request.ifr_flags : -1;
}

/* The first interface that has an IPv4 address, but for the loopback one. */
static void first_with_address(int fd, char *ret_name, size_t size) {
    struct ifreq list[INTERFACES_MAX];
    struct ifconf all = {.ifc_len = sizeof list, .ifc_req = list};
    size_t count = ioctl(fd, SIOCGIFCONF, &all) == 0 ? (size_t) all.ifc_len / sizeof list[0] : 0;
    for (size_t i = 0; i < count && ret_name[0] == '\0'; i++) {
        const int flags = flags_of(fd, list[i].ifr_name);
        if (flags >= 0 && (flags & IFF_LOOPBACK) == 0) {
            (void) snprintf(ret_name, size, "%.15s", list[i].ifr_name);
        }
    }
}

/* `interface = "auto"`: the one of the default route, else the first that has an address. Asked by ioctl:
 * where getifaddrs() has the kernel tell all that it knows of every interface, three questions are enough. */
static void read_address(const struct lan *lan, struct values *values) {
    const char *wanted = lan->host->option_string(lan->host, "interface");
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    if (strcmp(wanted, "auto") == 0) {
        default_route(values->name, sizeof values->name);
        if (values->name[0] == '\0') {
            first_with_address(fd, values->name, sizeof values->name);
        }
    } else if (flags_of(fd, wanted) >= 0) {
        (void) snprintf(values->name, sizeof values->name, "%s", wanted);
    }
    const int flags = values->name[0] != '\0' ? flags_of(fd, values->name) : -1;
    values->up = flags >= 0 && (flags & IFF_RUNNING) != 0;
    if (flags >= 0) {
        ask_address(fd, SIOCGIFADDR, values->name, values->address);
        ask_address(fd, SIOCGIFNETMASK, values->name, values->mask);
    }
    (void) close(fd);
}

static bool is_wired_one(int interface, void *user) {
    (void) user;
    return !interface_is_radio(interface);
}

static void read_ethernet(const struct lan *lan, struct values *values) {
    const char *wanted = lan->host->option_string(lan->host, "ethernet");
    const char *sysfs = lan->host->option_string(lan->host, "sysfs");
    char name[IF_NAMESIZE], line[32];
    if (strcmp(wanted, "auto") == 0) {
        (void) interface_first(sysfs, is_wired_one, NULL, name, sizeof name);
    } else {
        (void) snprintf(name, sizeof name, "%s", wanted);
    }
    const int interface = name[0] != '\0' ? interface_open(sysfs, name) : -1;
    if (interface < 0) {
        return;
    }
    memcpy(values->ethernet, name, sizeof name);
    if (interface_line(interface, "address", line, sizeof line) && strlen(line) == 17) {
        for (size_t i = 0; i <= 17; i++) {
            values->mac[i] = (char) toupper((unsigned char) line[i]);
        }
    }
    values->ethernet_up =
        interface_line(interface, "operstate", line, sizeof line) && strcmp(line, "up") == 0;
    (void) close(interface);
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
static void renew(void *user) {
    struct lan *lan = user;
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
    *ret_ctx = lan;
    return 0;
}

/* Without the kernel's news the values are read once a session only. */
static int lan_start(void *ctx) {
    struct lan *lan = ctx;
    int r = lan->host->network(lan->host, renew, lan);
    lan->watching = r == 0;
    lan->now = read_values(lan); /* what changes from now on is told */
    if (r < 0) {
        lan->host->log(lan->host, TR069_WARNING, "changes of addresses are noticed late: %s", strerror(-r));
    }
    return 0;
}

static void lan_destroy(void *ctx) {
    free(ctx);
}

TR069_PLUGIN(.name = "lan", .version = "1", .summary = "the local address and the Ethernet interface",
             .options = options, .objects = objects, .init = lan_init, .start = lan_start,
             .destroy = lan_destroy);
