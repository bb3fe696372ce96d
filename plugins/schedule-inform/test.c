/* The plugin "schedule-inform" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define URL "Device.ManagementServer.URL"

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_list_put(&fake->parameters, URL, "http://acs/", 0);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static int order(struct fake_host *fake, const char *delay, const char *key) {
    return fake_call(fake, "ScheduleInform", "DelaySeconds", delay, "CommandKey", key);
}

static void pass(struct fake_host *fake, unsigned seconds) {
    fake_advance(fake, (uint64_t) seconds * 1000);
}

static void test_an_order(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(order(fake, "60", "key"), TR069_OK);
    CU_ASSERT_EQUAL(fake->replies.count, 0);
    CU_ASSERT_EQUAL(fake->state.count, 1); /* it survives */
    pass(fake, 59);
    CU_ASSERT_EQUAL(fake->events.count, 0);
    pass(fake, 1);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].name, "M ScheduleInform");
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].value, "key");
    CU_ASSERT_EQUAL(fake->events.pairs[0].number, TR069_NOW);
    CU_ASSERT_EQUAL(fake->state.count, 0);
    pass(fake, 100000);
    CU_ASSERT_EQUAL(fake->events.count, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_several(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(order(fake, "100", "late"), TR069_OK);
    CU_ASSERT_EQUAL(order(fake, "50", "b"), TR069_OK);
    CU_ASSERT_EQUAL(order(fake, "50", "a"), TR069_OK);
    CU_ASSERT_EQUAL(fake->contact_ms, fake->now_ms + 50000); /* a box in standby wakes up for it */
    pass(fake, 50);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 2);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].value, "b"); /* as they were ordered */
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[1].value, "a");
    CU_ASSERT_EQUAL(fake->contact_ms, fake->now_ms + 50000);
    pass(fake, 50);
    CU_ASSERT_EQUAL(fake->contact_ms, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 3);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[2].value, "late");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_refusals(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(order(fake, "0", "k"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    CU_ASSERT_EQUAL(order(fake, "-1", "k"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    CU_ASSERT_EQUAL(order(fake, "1", "123456789012345678901234567890123"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    CU_ASSERT_EQUAL(order(fake, "4294967295", ""), TR069_OK);
    for (int i = 1; i < 32; i++) {
        CU_ASSERT_EQUAL(order(fake, "10", "k"), TR069_OK);
    }
    CU_ASSERT_EQUAL(order(fake, "10", "k"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9004);
    pass(fake, 10);
    CU_ASSERT_EQUAL(fake->events.count, 31);
    CU_ASSERT_EQUAL(order(fake, "10", "k"), TR069_OK);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* The box restarts: its monotonic clock begins anew. */
static void reboot(struct fake_host *fake, int64_t wall_s) {
    fake->now_ms = 5000;
    fake->wall_s = wall_s;
    CU_ASSERT_EQUAL_FATAL(fake_restart(fake, false), 0);
}

static void test_over_a_reboot(void) {
    struct fake_host *fake = begin();
    int64_t asked = fake->wall_s;
    CU_ASSERT_EQUAL(order(fake, "600", "key \xc3\xa9"), TR069_OK);
    CU_ASSERT_EQUAL(order(fake, "100", "while off"), TR069_OK);
    reboot(fake, asked + 400);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 1); /* at once */
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].value, "while off");
    pass(fake, 199);
    CU_ASSERT_EQUAL(fake->events.count, 1);
    pass(fake, 1);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 2);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[1].value, "key \xc3\xa9");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_clock_that_comes_late(void) {
    struct fake_host *fake = begin();
    int64_t asked = fake->wall_s;
    CU_ASSERT_EQUAL(order(fake, "600", "k"), TR069_OK);
    reboot(fake, TR069_TIME_UNKNOWN);
    pass(fake, 30);
    CU_ASSERT_EQUAL(fake->events.count, 0);
    fake->wall_s = asked + 570;
    pass(fake, 30); /* it is looked at once a minute */
    CU_ASSERT_EQUAL(fake->events.count, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_box_without_clock(void) {
    struct fake_host *fake = begin();
    fake->wall_s = TR069_TIME_UNKNOWN;
    CU_ASSERT_EQUAL(order(fake, "600", "k"), TR069_OK);
    pass(fake, 500);
    reboot(fake, TR069_TIME_UNKNOWN);
    pass(fake, 599); /* all of it again: who knows how long the box was off */
    CU_ASSERT_EQUAL(fake->events.count, 0);
    pass(fake, 1);
    CU_ASSERT_EQUAL(fake->events.count, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_clock_set_back(void) {
    struct fake_host *fake = begin();
    int64_t asked = fake->wall_s;
    CU_ASSERT_EQUAL(order(fake, "600", "k"), TR069_OK);
    reboot(fake, asked - 86400);
    pass(fake, 599); /* never later than the whole delay */
    CU_ASSERT_EQUAL(fake->events.count, 0);
    pass(fake, 1);
    CU_ASSERT_EQUAL(fake->events.count, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_another_acs(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(order(fake, "60", "old"), TR069_OK);
    fake_list_put(&fake->parameters, URL, "http://other/", 0);
    CU_ASSERT_EQUAL(order(fake, "60", "new"), TR069_OK);
    pass(fake, 60);
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].value, "new");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_factory_reset(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(order(fake, "60", "k"), TR069_OK);
    tr069_plugin.forget(fake->ctx);
    fake_list_clear(&fake->state);
    pass(fake, 60);
    CU_ASSERT_EQUAL(fake->events.count, 0);
    CU_ASSERT_EQUAL(order(fake, "60", "k"), TR069_OK);
    pass(fake, 60);
    CU_ASSERT_EQUAL(fake->events.count, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_rubbish_in_the_store(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_list_put(&fake->state, "order-00", "rubbish", 0);
    fake_list_put(&fake->state, "order-01", "1 x 3\nurl\nkey", 0);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "order-00"));
    CU_ASSERT_EQUAL(order(fake, "60", "k"), TR069_OK);
    pass(fake, 60);
    CU_ASSERT_EQUAL(fake->events.count, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("schedule-inform", {"an order", test_an_order}, {"several", test_several},
               {"refusals", test_refusals}, {"over a reboot", test_over_a_reboot},
               {"a clock that comes late", test_a_clock_that_comes_late},
               {"a box without clock", test_a_box_without_clock}, {"a clock set back", test_a_clock_set_back},
               {"another ACS", test_another_acs}, {"a factory reset", test_a_factory_reset},
               {"rubbish in the store", test_rubbish_in_the_store});
}
