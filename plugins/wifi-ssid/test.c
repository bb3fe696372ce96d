/* The plugin "wifi-ssid" against the fake host. */
#define _GNU_SOURCE
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

static char sysfs[64];
static const char *const iw[] = {"iw", "dev", "%i", "link", NULL};
static const char *const folders[] = {"/wlan0/wireless", "/wlan1/phy80211", "/eth0", "/wlan0", "/wlan1", ""};

static void folder(const char *name) {
    char path[256];
    (void) snprintf(path, sizeof path, "%s/%s", sysfs, name);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
}

static struct fake_host *prepare(enum tr069_root root, bool radio) {
    (void) snprintf(sysfs, sizeof sysfs, "/tmp/wifi-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(sysfs));
    folder("eth0");
    if (radio) {
        folder("wlan1");
        folder("wlan1/phy80211");
        folder("wlan0");
        folder("wlan0/wireless");
    }
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_option(fake, "sysfs", sysfs);
    return fake;
}

/* One that asks this program, NULL: the kernel. */
static struct fake_host *make(enum tr069_root root, bool radio, const char *const *command) {
    struct fake_host *fake = prepare(root, radio);
    if (command != NULL) {
        fake_option_items(fake, "command", command);
    }
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static void end(struct fake_host *fake) {
    char path[256];
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void) snprintf(path, sizeof path, "%s%s", sysfs, folders[i]);
        (void) rmdir(path);
    }
}

static void test_asks_the_program(void) {
    struct fake_host *fake = make(TR069_DEV2, true, iw);
    fake_program(fake, "iw", 0,
                 "Connected to 02:00:5e:10:00:ff (on wlan0)\n\tSSID: Caf\\xc3\\xa9 \\\\ 1\n\tfreq: 5180\n");
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake->refreshed, 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "");
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->refreshed, 1);
    CU_ASSERT_STRING_EQUAL(fake->runs.pairs[0].name, "iw dev wlan0 link");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "Caf\xc3\xa9 \\ 1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.BSSID"), "02:00:5e:10:00:ff");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.Name"), "wlan0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.Status"), "Up");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSIDNumberOfEntries"), "1");
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.WiFi.SSID.1.SSID"), 1);

    fake_program(fake, "iw", 0, "Not connected.\n");
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.Status"), "Down");
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.WiFi.SSID.1.SSID"), 2);
    end(fake);
}

static void test_wpa_cli_and_the_other_root(void) {
    struct fake_host *fake = make(TR069_IGD1, true, iw);
    const char *const command[] = {"wpa_cli", "-i", "%i", "status", NULL};
    fake_option_items(fake, "command", command);
    fake_option(fake, "interface", "wlan1");
    fake_program(fake, "wpa_cli", 0,
                 "bssid=02:00:01:02:03:04\nfreq=2412\nssid=Home\nid=0\nwpa_state=COMPLETED\n");
    CU_ASSERT_EQUAL(fake_refresh(fake, "LANDevice.{i}.WLANConfiguration.{i}."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake->runs.pairs[0].name, "wpa_cli -i wlan1 status");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.SSID"),
                           "Home");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.BSSID"),
                           "02:00:01:02:03:04");
    CU_ASSERT_STRING_EQUAL(
        fake_get(fake, "InternetGatewayDevice.LANDevice.1.LANWLANConfigurationNumberOfEntries"), "1");
    CU_ASSERT_EQUAL(fake->changes.count, 1);
    end(fake);
}

static void test_a_program_that_fails(void) {
    struct fake_host *fake = make(TR069_DEV2, true, iw);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK); /* there is no iw */
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "iw could not be started"));
    fake_program(fake, "iw", -ETIMEDOUT, "SSID: half");
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_DEFERRED); /* one at a time */
    CU_ASSERT_EQUAL(fake->runs.count, 2);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->refreshed, 1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "");
    fake_program(fake, "iw", 0, "SSID: 0123456789012345678901234567890123456789\nSSID: \nSSID");
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "01234567890123456789012345678901");
    end(fake);
}

static void test_a_fixed_name(void) {
    struct fake_host *fake = make(TR069_DEV2, true, iw);
    fake_option(fake, "ssid", "Shop");
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "Shop");
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    CU_ASSERT_EQUAL(fake_set(fake, "Device.WiFi.SSID.1.SSID", "x"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9008);
    end(fake);
}

static void test_no_radio_no_row(void) {
    struct fake_host *fake = make(TR069_DEV2, false, iw);
    fake_option(fake, "ssid", "Shop");
    fake_program(fake, "iw", 0, "SSID: x\n");
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSIDNumberOfEntries"), "0");
    CU_ASSERT_PTR_NULL(fake_get(fake, "Device.WiFi.SSID.1.SSID"));
    CU_ASSERT_EQUAL(fake->fault.code, 9005);
    CU_ASSERT_EQUAL(fake->runs.count + fake->changes.count, 0);
    end(fake);
}

static void network(const char *name, size_t length) {
    char path[256];
    (void) snprintf(path, sizeof path, "%s/ssid", sysfs);
    FILE *file = fopen(path, "w");
    (void) fwrite(name, 1, length, file);
    (void) fclose(file);
    CU_ASSERT_EQUAL(setenv("FAKE_RADIO_SSID", path, 1), 0);
}

static void index_of(const char *interface, const char *text) {
    char path[256];
    (void) snprintf(path, sizeof path, "%s/%s/ifindex", sysfs, interface);
    FILE *file = fopen(path, "w");
    (void) fputs(text, file);
    (void) fclose(file);
}

static void forget_files(void) {
    char path[256];
    (void) unsetenv("FAKE_RADIO_SSID");
    (void) snprintf(path, sizeof path, "%s/ssid", sysfs);
    (void) unlink(path);
    (void) snprintf(path, sizeof path, "%s/wlan0/ifindex", sysfs);
    (void) unlink(path);
}

static void test_asks_the_kernel(void) {
    static const char octets[32] = "\001bcdefghijklmnopqrstuvwxyz12345\377";
    struct fake_host *fake = prepare(TR069_DEV2, true);
    index_of("wlan0", "7\n");
    network("Caf\xc3\xa9", 5);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "Caf\xc3\xa9");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.BSSID"), "02:00:5e:10:00:ff");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.Status"), "Up");
    CU_ASSERT_EQUAL(fake->changes.count, 0); /* it is as it was at start */
    network("", 0);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK);
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.WiFi.SSID.1.SSID"), 1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.BSSID"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.Status"), "Down");
    network(octets, sizeof octets);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK);
    CU_ASSERT_EQUAL(strlen(fake_get(fake, "Device.WiFi.SSID.1.SSID")), 32);
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    forget_files();
    end(fake);
}

static void test_a_kernel_that_does_not_tell(void) {
    struct fake_host *fake = prepare(TR069_DEV2, true);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK); /* it has no nl80211 */
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "does not tell the name of the network"));
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "");
    network("x", 1);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK); /* the interface has no number */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "");
    forget_files();
    end(fake);
}

static int init_before_the_driver(const struct tr069_host *host, void **ret_ctx) {
    int r = tr069_plugin.init(host, ret_ctx);
    folder("wlan0");
    folder("wlan0/wireless");
    index_of("wlan0", "7\n");
    return r;
}

/* At a boot the radio's driver is loaded while the client starts. */
static void test_a_radio_that_comes_meanwhile(void) {
    struct tr069_plugin late = tr069_plugin;
    late.init = init_before_the_driver;
    struct fake_host *fake = prepare(TR069_DEV2, false);
    fake->plugin = &late;
    network("Shop", 4);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_refresh(fake, "WiFi.SSID.{i}."), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSIDNumberOfEntries"), "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "Shop");
    forget_files();
    end(fake);
}

/* News come with each change of the network: nothing is asked twice. */
static void test_news_of_the_network(void) {
    struct fake_host *fake = prepare(TR069_DEV2, false);
    network("Shop", 4);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSIDNumberOfEntries"), "0");
    folder("wlan0");
    folder("wlan0/wireless");
    index_of("wlan0", "7\n");
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.WiFi.SSID.1.SSID"), "Shop");
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.WiFi.SSID.1.SSID"), 1);
    forget_files();
    end(fake);
}

int main(void) {
    FAKE_TESTS("wifi-ssid", {"asks the kernel", test_asks_the_kernel},
               {"a kernel that does not tell", test_a_kernel_that_does_not_tell},
               {"news of the network", test_news_of_the_network},
               {"a radio that comes meanwhile", test_a_radio_that_comes_meanwhile},
               {"asks the program", test_asks_the_program},
               {"wpa_cli, and the other root", test_wpa_cli_and_the_other_root},
               {"a program that fails", test_a_program_that_fails}, {"a fixed name", test_a_fixed_name},
               {"no radio, no row", test_no_radio_no_row});
}
