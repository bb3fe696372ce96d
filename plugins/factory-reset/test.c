/* The plugin "factory-reset" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_offer(fake, "factory-reset", 0, "");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void test_resets_after_the_session_only(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "FactoryReset"), TR069_OK);
    CU_ASSERT_EQUAL(fake_call(fake, "FactoryReset"), TR069_OK);
    CU_ASSERT_EQUAL(fake->factory_resets, 0);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->factory_resets, 1);
    CU_ASSERT_TRUE(fake->kept_configuration);
    CU_ASSERT_EQUAL_FATAL(fake->asked.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->asked.pairs[0].name, "factory-reset");
    CU_ASSERT_EQUAL(fake->events.count, 0); /* no M event */
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_everything_may_go(void) {
    struct fake_host *fake = begin();
    fake_option(fake, "keep_configuration", "false");
    CU_ASSERT_EQUAL(fake_call(fake, "FactoryReset"), TR069_OK);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->factory_resets, 1);
    CU_ASSERT_FALSE(fake->kept_configuration);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_broken_session_means_no_reset(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "FactoryReset"), TR069_OK);
    fake_session_end(fake, false);
    fake_advance(fake, 3600000);
    CU_ASSERT_EQUAL(fake->factory_resets, 0);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(fake_call(fake, "FactoryReset"), TR069_OK);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->factory_resets, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_failed_action_is_told_and_can_be_repeated(void) {
    struct fake_host *fake = begin();
    fake_offer(fake, "factory-reset", -EIO, "");
    CU_ASSERT_EQUAL(fake_call(fake, "FactoryReset"), TR069_OK);
    fake_session_end(fake, true);
    fake_settle(fake);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "failed"));
    CU_ASSERT_EQUAL(fake_call(fake, "FactoryReset"), TR069_OK);
    CU_ASSERT_EQUAL(fake->asked.count, 2);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("factory-reset", {"after the session only", test_resets_after_the_session_only},
               {"everything may go", test_everything_may_go},
               {"a broken session means no reset", test_a_broken_session_means_no_reset},
               {"a failed action is told", test_a_failed_action_is_told_and_can_be_repeated});
}
