/* The plugin "device-info" against the fake host. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

/* A directory that looks like /sys/class/net. */
static const char *sysfs;

static void put(const char *name, const char *file, const char *text) {
    char path[256];
    (void) snprintf(path, sizeof path, "%s/%s", sysfs, name);
    (void) mkdir(path, 0700);
    (void) snprintf(path, sizeof path, "%s/%s/%s", sysfs, name, file);
    FILE *out = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    (void) fputs(text, out);
    (void) fclose(out);
}

static void interface(const char *name, const char *type, const char *index, const char *address) {
    put(name, "type", type);
    put(name, "ifindex", index);
    put(name, "address", address);
}

static struct fake_host *make(enum tr069_root root) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_option(fake, "sysfs", sysfs);
    return fake;
}

static void test_values_of_build_prop(void) {
    sysfs = fake_directory("device-info");
    struct fake_host *fake = make(TR069_DEV2);
    fake_property(fake, "ro.product.manufacturer", "  Acme \t");
    fake_property(fake, "ro.product.oui", "00256d");
    fake_property(fake, "ro.product.model", "Box 4K");
    fake_property(fake, "ro.product.name", "box");
    fake_property(fake, "ro.serialno", "SN-1");
    fake_property(fake, "ro.hardware", "rev2");
    fake_property(fake, "ro.build.version.incremental", "1.2.3");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.Manufacturer"), "Acme");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ManufacturerOUI"), "00256D");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ModelName"), "Box 4K");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ProductClass"), "box");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.SerialNumber"), "SN-1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.HardwareVersion"), "rev2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.SoftwareVersion"), "1.2.3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.Description"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.UpTime"), "1000");
    CU_ASSERT_FALSE(fake_logged(fake, TR069_WARNING, ""));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    fake_directory_remove(sysfs);
}

static void test_sources(void) {
    sysfs = fake_directory("device-info");
    put("lo", "address", "00:00:00:00:00:00\n");
    char file[128], file_source[160];
    (void) snprintf(file, sizeof file, "%s/lo/type", sysfs);
    (void) snprintf(file_source, sizeof file_source, "file:%s", file);
    struct fake_host *fake = make(TR069_IGD1);
    const char *const serial[] = {"property:none", "file:/nonexistent", "nonsense",
                                  file_source,     "text:last",         NULL};
    const char *const longest[] = {"text:ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääx",
                                   NULL};
    put("lo", "type", "first line\x01 \nsecond line\n");
    fake_option_items(fake, "serial_number", serial);
    fake_option_items(fake, "model_name", longest); /* 65 characters */
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.DeviceInfo.SerialNumber"), "first line");
    CU_ASSERT_EQUAL(strlen(fake_get(fake, "InternetGatewayDevice.DeviceInfo.ModelName")), 128);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "\"nonsense\" is no source"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    fake_directory_remove(sysfs);
}

static void test_addresses(void) {
    sysfs = fake_directory("device-info");
    interface("lo", "772\n", "1\n", "00:00:00:00:00:00\n");
    interface("wlan0", "1\n", "1\n", "00:11:22:aa:bb:cc\n"); /* made of software only */
    interface("eth0", "1\n", "2\n", "a8:5e:45:01:02:0f\n");
    put("eth0", "device", "");
    struct fake_host *fake = make(TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ManufacturerOUI"), "A85E45");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.SerialNumber"), "A85E4501020F");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ProductClass"), "STB");
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    interface("eth0", "1\n", "2\n", "02:42:45:01:02:0f\n"); /* of no manufacturer */
    fake = make(TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ManufacturerOUI"), "000000");
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "no manufacturer_oui"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    fake = make(TR069_DEV2);
    fake_property(fake, "ro.product.oui", "0a1b2c"); /* what the firmware says is taken as it is */
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ManufacturerOUI"), "0A1B2C");
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    fake = make(TR069_DEV2);
    fake_property(fake, "ro.product.oui", "Acme Inc");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ManufacturerOUI"), "000000");
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "property:ro.product.oui gives no OUI"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    fake_directory_remove(sysfs);
}

static void test_the_model_itself(void) {
    sysfs = fake_directory("device-info");
    struct fake_host *fake = make(TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.RootDataModelVersion"), "2.17");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.SupportedDataModelNumberOfEntries"), "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.SupportedDataModel.1.URN"),
                           "urn:broadband-forum-org:tr-181-2-17-0");
    CU_ASSERT_EQUAL(strlen(fake_get(fake, "Device.DeviceInfo.SupportedDataModel.1.UUID")), 36);
    CU_ASSERT_PTR_NULL(fake_get(fake, "Device.DeviceInfo.SupportedDataModel.2.URN"));
    fake_parameter(fake, "Device.Services.STBServiceNumberOfEntries", "1"); /* another plugin comes */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.SupportedDataModelNumberOfEntries"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.SupportedDataModel.2.URN"),
                           "urn:broadband-forum-org:tr-135-1-4-1");
    CU_ASSERT_EQUAL(strlen(fake_get(fake, "Device.DeviceInfo.SupportedDataModel.2.UUID")), 36);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_get(fake, "Device.DeviceInfo.SupportedDataModel.2.URL"), "/tr-135-"));
    CU_ASSERT_PTR_NULL(fake_get(fake, "Device.DeviceInfo.SpecVersion"));
    CU_ASSERT_EQUAL(fake_set(fake, "Device.DeviceInfo.ProvisioningCode", "TLCO.GRP2"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, "Device.DeviceInfo.SerialNumber", "x"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9008);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.ProvisioningCode"), "TLCO.GRP2");
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    fake = make(TR069_IGD1);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.DeviceInfo.SpecVersion"), "1.0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.DeviceSummary"),
                           "InternetGatewayDevice:1.14[]()");
    CU_ASSERT_PTR_NULL(fake_get(fake, "InternetGatewayDevice.RootDataModelVersion"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    fake_directory_remove(sysfs);
}

static void test_status_is_read_by_refresh(void) {
    sysfs = fake_directory("device-info");
    struct fake_host *fake = make(TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo.MemoryStatus."), TR069_OK);
    long long total = strtoll(fake_get(fake, "Device.DeviceInfo.MemoryStatus.Total"), NULL, 10);
    long long available = strtoll(fake_get(fake, "Device.DeviceInfo.MemoryStatus.Free"), NULL, 10);
    CU_ASSERT_TRUE(total > 1024 && available > 0 && available <= total);
    CU_ASSERT_TRUE(strtol(fake_get(fake, "Device.DeviceInfo.ProcessStatus.CPUUsage"), NULL, 10) <= 100);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    fake_directory_remove(sysfs);
}

static void test_first_use_needs_a_network_and_a_clock(void) {
    sysfs = fake_directory("device-info");
    struct fake_host *fake = make(TR069_DEV2);
    fake->wall_s = TR069_TIME_UNKNOWN;
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake->address = "192.0.2.1";
    fake_advance(fake, 60000);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.FirstUseDate"), "0001-01-01T00:00:00Z");
    fake->wall_s = 1767323045;
    fake_advance(fake, 60000);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.FirstUseDate"), "2026-01-02T03:05:05Z");
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    fake_advance(fake, 600000);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.FirstUseDate"), "2026-01-02T03:05:05Z");
    CU_ASSERT_EQUAL(fake->state_writes, 1);
    CU_ASSERT_EQUAL(fake_factory_reset(&fake->host, true), 0);
    fake_advance(fake, 60000);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.FirstUseDate"), "2026-01-02T03:16:05Z");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    fake_directory_remove(sysfs);
}

int main(void) {
    FAKE_TESTS("device-info", {"values of build.prop", test_values_of_build_prop}, {"sources", test_sources},
               {"addresses", test_addresses}, {"the model itself", test_the_model_itself},
               {"status is read by refresh", test_status_is_read_by_refresh},
               {"first use needs a network and a clock", test_first_use_needs_a_network_and_a_clock});
}
