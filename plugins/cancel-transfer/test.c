/* The plugin "cancel-transfer" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

static void test_the_rpc(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_call(fake, "CancelTransfer", "CommandKey", "key"), TR069_OK);
    CU_ASSERT_EQUAL(fake->replies.count, 0);
    CU_ASSERT_EQUAL(fake_list_count(&fake->cancelled, "key"), 1);
    CU_ASSERT_EQUAL(fake_call(fake, "CancelTransfer"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    fake->transfer_verdict = TR069_FAULT;
    fake->transfer_fault.code = 9021;
    CU_ASSERT_EQUAL(fake_call(fake, "CancelTransfer", "CommandKey", "late"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9021);
    CU_ASSERT_EQUAL(tr069_plugin.rpcs[0].since, 12);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("cancel-transfer", {"the RPC", test_the_rpc});
}
