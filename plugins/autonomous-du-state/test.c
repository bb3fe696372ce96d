/* The plugin "autonomous-du-state" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define POLICY "ManagementServer.DUStateChangeComplPolicy."

static void test_parameters(enum tr069_root root) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, POLICY "Enable"), "false");
    CU_ASSERT_EQUAL(fake_set(fake, POLICY "Enable", "true"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, POLICY "OperationTypeFilter", "Update,Uninstall"), TR069_OK);
    CU_ASSERT_NOT_EQUAL(fake_set(fake, POLICY "OperationTypeFilter", "Update,Both"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, POLICY "ResultTypeFilter", "Failure"), TR069_OK);
    CU_ASSERT_NOT_EQUAL(fake_set(fake, POLICY "ResultTypeFilter", "both"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, POLICY "FaultCodeFilter", "9018,9032"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, POLICY "FaultCodeFilter", ""), TR069_OK);
    CU_ASSERT_NOT_EQUAL(fake_set(fake, POLICY "FaultCodeFilter", "9000"), TR069_OK);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, POLICY "OperationTypeFilter"), "Update,Uninstall");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, POLICY "ResultTypeFilter"), "Failure");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_device2(void) {
    test_parameters(TR069_DEV2);
}

static void test_igd(void) {
    test_parameters(TR069_IGD1);
}

int main(void) {
    FAKE_TESTS("autonomous-du-state", {"Device:2", test_device2}, {"InternetGatewayDevice:1", test_igd});
}
