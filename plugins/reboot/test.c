/* The plugin "reboot" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_offer(fake, "reboot", 0, "");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void test_reboots_after_the_session_only(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "key 1"), TR069_OK);
    CU_ASSERT_EQUAL(fake->replies.count, 0);
    fake_advance(fake, 100000);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    CU_ASSERT_EQUAL(fake->events.count, 0);
    fake_session_end(fake, true);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->events, "M Reboot"), "key 1");
    CU_ASSERT_EQUAL(fake_list_find(&fake->events, "M Reboot")->number, TR069_AFTER_BOOT);
    CU_ASSERT_EQUAL_FATAL(fake->asked.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->asked.pairs[0].name, "reboot");
    CU_ASSERT_STRING_EQUAL(fake->asked.pairs[0].value, "");
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_two_orders_one_reboot_two_events(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "a"), TR069_OK);
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", ""), TR069_OK);
    fake_session_end(fake, true);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->asked.count, 1);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 2);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].value, "a");
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[1].value, "");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_broken_session_means_no_reboot(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "k"), TR069_OK);
    fake_session_end(fake, false);
    fake_advance(fake, 3600000);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    CU_ASSERT_EQUAL(fake->events.count, 0);
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "again"), TR069_OK);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->asked.count, 1);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].value, "again");
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_orders_have_a_maximum(void) {
    struct fake_host *fake = begin();
    for (int i = 0; i < 16; i++) {
        CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "k"), TR069_OK);
    }
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "k"), TR069_FAULT);
    fake_session_end(fake, false);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_failed_action_is_told_and_can_be_repeated(void) {
    struct fake_host *fake = begin();
    fake_offer(fake, "reboot", -EIO, "");
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "k"), TR069_OK);
    fake_session_end(fake, true);
    fake_settle(fake);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "failed"));
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "k"), TR069_OK);
    fake_list_remove(&fake->actions, "reboot");
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->asked.count, 1);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, strerror(ENOSYS)));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_arguments(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "123456789012345678901234567890123"),
                    TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    CU_ASSERT_EQUAL(fake_call(fake, "Reboot", "CommandKey", "12345678901234567890123456789012"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(tr069_plugin.needs[0], "action:reboot");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("reboot", {"after the session only", test_reboots_after_the_session_only},
               {"two orders: one reboot, two events", test_two_orders_one_reboot_two_events},
               {"a broken session means no reboot", test_a_broken_session_means_no_reboot},
               {"orders have a maximum", test_orders_have_a_maximum},
               {"a failed action is told", test_a_failed_action_is_told_and_can_be_repeated},
               {"arguments", test_arguments});
}
