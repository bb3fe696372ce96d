/* The plugin "lan" against the fake host: the loopback interface has the address, a directory plays
 * /sys/class/net. */
#define _GNU_SOURCE
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

static char sysfs[64];
static const char *const interfaces[] = {"lo", "eth0", "br0", "wlan0"};
static const char *const files[] = {"type", "ifindex", "address", "operstate", "device", "wireless"};

static void put(const char *name, const char *file, const char *text) {
    char path[256];
    (void) snprintf(path, sizeof path, "%s/%s", sysfs, name);
    (void) mkdir(path, 0700);
    (void) snprintf(path, sizeof path, "%s/%s/%s", sysfs, name, file);
    FILE *out = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    (void) fprintf(out, "%s\n", text);
    (void) fclose(out);
}

static void take(const char *name) {
    char path[256];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void) snprintf(path, sizeof path, "%s/%s/%s", sysfs, name, files[i]);
        (void) unlink(path);
    }
    (void) snprintf(path, sizeof path, "%s/%s", sysfs, name);
    (void) rmdir(path);
}

static struct fake_host *prepare(const struct tr069_plugin *plugin, enum tr069_root root,
                                 const char *interface) {
    (void) snprintf(sysfs, sizeof sysfs, "/tmp/lan-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(sysfs));
    put("lo", "type", "772");
    put("br0", "type", "1");
    put("br0", "ifindex", "2");
    put("br0", "address", "aa:aa:aa:aa:aa:aa");
    put("wlan0", "type", "1");
    put("wlan0", "ifindex", "3");
    put("wlan0", "address", "cc:cc:cc:cc:cc:cc");
    put("wlan0", "wireless", "");
    put("eth0", "type", "1");
    put("eth0", "ifindex", "4");
    put("eth0", "address", "a8:5e:45:01:02:0f");
    put("eth0", "operstate", "up");
    put("eth0", "device", "");
    struct fake_host *fake = fake_new(plugin, root);
    fake_option(fake, "sysfs", sysfs);
    fake_option(fake, "interface", interface);
    return fake;
}

static struct fake_host *begin(enum tr069_root root, const char *interface) {
    struct fake_host *fake = prepare(&tr069_plugin, root, interface);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    for (size_t i = 0; i < 4; i++) {
        take(interfaces[i]);
    }
    CU_ASSERT_EQUAL(rmdir(sysfs), 0);
}

static void test_device2(void) {
    struct fake_host *fake = begin(TR069_DEV2, "lo");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.InterfaceNumberOfEntries"), "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.Name"), "lo");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.Status"), "Up");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.LowerLayers"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.InterfaceStackNumberOfEntries"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.IPv4AddressNumberOfEntries"), "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.IPv4Address.1.IPAddress"), "127.0.0.1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.IPv4Address.1.SubnetMask"), "255.0.0.0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.IPv4Address.1.Status"), "Enabled");
    /* hardware goes before the bridge, and the radio is not wired */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.Name"), "eth0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.MACAddress"), "A8:5E:45:01:02:0F");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.Status"), "Up");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.Upstream"), "false");
    CU_ASSERT_PTR_NULL(fake_get(fake, "Device.IP.Interface.2.Name"));
    CU_ASSERT_PTR_NULL(fake_get(fake, "Device.IP.Interface.1.IPv4Address.2.IPAddress"));
    end(fake);
}

/* As getifaddrs() tells it: the interface of the default route, else the first with an address. */
static void expect_auto(char *ret_name, char *ret_address) {
    char line[256];
    struct ifaddrs *list = NULL;
    FILE *routes = fopen("/proc/net/route", "re");
    ret_name[0] = ret_address[0] = '\0';
    while (routes != NULL && ret_name[0] == '\0' && fgets(line, sizeof line, routes) != NULL) {
        if (strstr(line, "\t00000000\t") == line + strcspn(line, "\t")) {
            (void) snprintf(ret_name, IF_NAMESIZE, "%.*s", (int) strcspn(line, "\t"), line);
        }
    }
    if (routes != NULL) {
        (void) fclose(routes);
    }
    CU_ASSERT_EQUAL_FATAL(getifaddrs(&list), 0);
    for (const struct ifaddrs *at = list; at != NULL && ret_address[0] == '\0'; at = at->ifa_next) {
        bool ours =
            ret_name[0] == '\0' ? (at->ifa_flags & IFF_LOOPBACK) == 0 : strcmp(ret_name, at->ifa_name) == 0;
        if (ours && at->ifa_addr != NULL && at->ifa_addr->sa_family == AF_INET) {
            const struct sockaddr_in *in = (const struct sockaddr_in *) (const void *) at->ifa_addr;
            (void) snprintf(ret_name, IF_NAMESIZE, "%.15s", at->ifa_name);
            (void) inet_ntop(AF_INET, &in->sin_addr, ret_address, INET_ADDRSTRLEN);
        }
    }
    freeifaddrs(list);
}

/* What it is depends on where the test runs; a machine with nothing but the loopback has no row. */
static void test_auto(void) {
    char name[IF_NAMESIZE], address[INET_ADDRSTRLEN];
    expect_auto(name, address);
    struct fake_host *fake = begin(TR069_DEV2, "auto");
    if (name[0] == '\0') {
        CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.InterfaceNumberOfEntries"), "0");
    } else {
        CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.Name"), name);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.Interface.1.IPv4Address.1.IPAddress"), address);
    }
    end(fake);
}

static void test_internet_gateway_device(void) {
    struct fake_host *fake = begin(TR069_IGD1, "lo");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.LANDeviceNumberOfEntries"), "1");
    CU_ASSERT_STRING_EQUAL(
        fake_get(
            fake,
            "InternetGatewayDevice.LANDevice.1.LANHostConfigManagement.IPInterface.1.IPInterfaceIPAddress"),
        "127.0.0.1");
    CU_ASSERT_STRING_EQUAL(
        fake_get(fake,
                 "InternetGatewayDevice.LANDevice.1.LANHostConfigManagement.IPInterfaceNumberOfEntries"),
        "1");
    CU_ASSERT_STRING_EQUAL(
        fake_get(fake, "InternetGatewayDevice.LANDevice.1.LANEthernetInterfaceConfig.1.MACAddress"),
        "A8:5E:45:01:02:0F");
    CU_ASSERT_STRING_EQUAL(
        fake_get(fake, "InternetGatewayDevice.LANDevice.1.LANEthernetInterfaceConfig.1.Status"), "Up");
    end(fake);
}

static void test_changes_are_told(void) {
    struct fake_host *fake = begin(TR069_DEV2, "lo");
    CU_ASSERT_TRUE(fake_news(fake)); /* news, but nothing is new */
    CU_ASSERT_EQUAL(fake->changes.count, 0);
    put("eth0", "address", "a8:5e:45:01:02:10");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.MACAddress"), "A8:5E:45:01:02:0F");
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_EQUAL(fake->changes.count, 1);
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.Ethernet.Interface.1.MACAddress"), 1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.MACAddress"), "A8:5E:45:01:02:10");
    put("eth0", "operstate", "down");
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.Ethernet.Interface.1.Status"), 1);
    fake_option(fake, "interface", "none"); /* as if its address went away */
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.IP.Interface.1.IPv4Address.1.IPAddress"), 1);
    end(fake);
}

static void test_no_interface_no_row(void) {
    struct fake_host *fake = begin(TR069_DEV2, "none");
    take("eth0");
    take("br0");
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.IP.InterfaceNumberOfEntries"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.InterfaceNumberOfEntries"), "0");
    CU_ASSERT_PTR_NULL(fake_get(fake, "Device.IP.Interface.1.IPv4Address.1.IPAddress"));
    CU_ASSERT_EQUAL(fake->fault.code, 9005);
    put("eth0", "type", "1"); /* plugged in, without an address of its own yet */
    put("eth0", "ifindex", "9");
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.MACAddress"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.Status"), "Down");
    end(fake);
}

static int init_before_the_name(const struct tr069_host *host, void **ret_ctx) {
    int r = tr069_plugin.init(host, ret_ctx);
    put("eth0", "address", "a8:5e:45:01:02:10");
    return r;
}

/* At a boot interfaces are set up while the client starts. */
static void test_a_change_while_it_starts(void) {
    struct tr069_plugin late = tr069_plugin;
    late.init = init_before_the_name;
    struct fake_host *fake = prepare(&late, TR069_DEV2, "lo");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.MACAddress"), "A8:5E:45:01:02:10");
    end(fake);
}

/* Then a session reads afresh. */
static void test_a_kernel_that_tells_nothing(void) {
    struct fake_host *fake = prepare(&tr069_plugin, TR069_DEV2, "lo");
    fake->network_verdict = -EIO;
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "noticed late"));
    put("eth0", "operstate", "down");
    CU_ASSERT_EQUAL(fake_refresh(fake, "Ethernet.Interface.{i}."), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Ethernet.Interface.1.Status"), "Down");
    end(fake);
}

int main(void) {
    FAKE_TESTS("lan", {"Device:2", test_device2}, {"InternetGatewayDevice:1", test_internet_gateway_device},
               {"the interface of the default route", test_auto}, {"changes are told", test_changes_are_told},
               {"a change while it starts", test_a_change_while_it_starts},
               {"a kernel that tells nothing", test_a_kernel_that_tells_nothing},
               {"no interface, no row", test_no_interface_no_row});
}
