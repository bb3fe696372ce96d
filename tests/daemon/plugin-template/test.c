/* The plugin "example" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

static void test_parameter_and_rpc(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option(fake, "greeting", "good day");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.X_TR069CLIENT_Example"), "good day 0");
    CU_ASSERT_EQUAL(fake_call(fake, "X_TR069CLIENT_Echo", "Text", "what?"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->replies, "Text"), "what?");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.DeviceInfo.X_TR069CLIENT_Example"), "good day 1");
    CU_ASSERT_EQUAL(fake_list_count(&fake->changes, "Device.DeviceInfo.X_TR069CLIENT_Example"), 1);
    CU_ASSERT_EQUAL(fake_call(fake, "X_TR069CLIENT_Echo", "Text", ""), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("example", {"parameter and RPC", test_parameter_and_rpc});
}
