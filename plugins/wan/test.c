/* The plugin "wan" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define DEV2_NAME "Device.IP.X_TR069CLIENT_ExternalIPAddress"
#define IGD_NAME "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress"

static void test_the_address_of_the_session(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake->address = "198.51.100.7";
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2_NAME), "198.51.100.7");
    CU_ASSERT_TRUE(fake_news(fake)); /* news of the kernel, but nothing is new */
    CU_ASSERT_EQUAL(fake->changes.count, 0);
    fake->address = "2001:db8::7";
    CU_ASSERT_TRUE(fake_news(fake));
    CU_ASSERT_EQUAL(fake->changes.count, 1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2_NAME), "2001:db8::7");
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, DEV2_NAME), 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_internet_gateway_device(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_IGD1);
    struct fake_place place;
    fake_option(fake, "address", "203.0.113.9");
    fake->address = "10.0.0.2";
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD_NAME), "203.0.113.9");
    CU_ASSERT_STRING_EQUAL(
        fake_get(
            fake,
            "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ConnectionStatus"),
        "Connected");
    CU_ASSERT_STRING_EQUAL(
        fake_get(fake,
                 "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANIPConnectionNumberOfEntries"),
        "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.WANDeviceNumberOfEntries"), "1");
    CU_ASSERT_TRUE_FATAL(fake_find(fake, IGD_NAME, &place));
    CU_ASSERT_EQUAL(place.at.param->flags, TR069_INFORM); /* TR-098: forced */
    CU_ASSERT_EQUAL(place.at.param->notify, TR069_NOTIFY_DEFAULT_ACTIVE);
    CU_ASSERT_PTR_NULL(fake_get(fake, "InternetGatewayDevice.IP.X_TR069CLIENT_ExternalIPAddress"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("wan", {"the address of the session", test_the_address_of_the_session},
               {"InternetGatewayDevice:1", test_internet_gateway_device});
}
