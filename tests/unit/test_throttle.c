/* cwmp/throttle: how often changed values may cause sessions. */
#include <config.h>

#include "cunit.h"
#include "cwmp/throttle.h"

#include <stdio.h>

static struct throttle throttle;

static void begin(uint32_t interval_ms, uint32_t burst) {
    throttle = (struct throttle){0};
    throttle_configure(&throttle, interval_ms, burst);
}

/* A change now: does it cause a session now? */
static int may(const char *path, uint64_t now) {
    if (throttle_due(&throttle, path, now) > now) {
        return 0;
    }
    throttle_charge(&throttle, path, now);
    return 1;
}

static void a_burst_then_one_an_interval(void) {
    int sessions = 0;
    begin(60000, 10);
    for (uint64_t now = 5000; now < 5000 + 600000; now += 100) {
        sessions += may("Device.A", now);
    }
    CU_ASSERT_EQUAL(sessions, 10 + 9);
    CU_ASSERT_TRUE(may("Device.B", 600000)); /* another one pays for itself */
}

static void what_rests_is_paid_back(void) {
    begin(60000, 3);
    CU_ASSERT_EQUAL(may("Device.A", 1) + may("Device.A", 2) + may("Device.A", 3) + may("Device.A", 4), 3);
    CU_ASSERT_EQUAL(throttle_due(&throttle, "Device.A", 4), 60001);
    CU_ASSERT_FALSE(may("Device.A", 60000));
    CU_ASSERT_TRUE(may("Device.A", 60001));
    CU_ASSERT_FALSE(may("Device.A", 60002));
    CU_ASSERT_EQUAL(may("Device.A", 1000000) + may("Device.A", 1000000) + may("Device.A", 1000000), 3);
    CU_ASSERT_FALSE(may("Device.A", 1000000));
}

static void what_waits_has_paid_for_its_time(void) {
    begin(60000, 1);
    CU_ASSERT_TRUE(may("Device.A", 1000));
    CU_ASSERT_EQUAL(throttle_due(&throttle, "Device.A", 2000), 61000);
    throttle_charge(&throttle, "Device.A", 61000);
    CU_ASSERT_EQUAL(throttle_due(&throttle, "Device.A", 61500), 121000);
}

static void no_interval_is_no_limit(void) {
    begin(0, 1);
    for (uint64_t now = 0; now < 100; now++) {
        CU_ASSERT_TRUE(may("Device.A", now));
        CU_ASSERT_EQUAL(throttle_due_together(&throttle, now), now);
        throttle_charge_together(&throttle, now);
    }
}

static void many_names_take_no_more_room(void) {
    char name[32];
    int again = 0;
    begin(60000, 1);
    for (int i = 0; i < 10 * THROTTLE_NAMES; i++) {
        (void) snprintf(name, sizeof name, "Device.%d", i);
        CU_ASSERT_TRUE(may(name, 1000 + (uint64_t) i));
    }
    for (int i = 0; i < 10 * THROTTLE_NAMES; i++) {
        (void) snprintf(name, sizeof name, "Device.%d", i);
        again += throttle_due(&throttle, name, 2000) <= 2000;
    }
    CU_ASSERT_EQUAL(again, 9 * THROTTLE_NAMES); /* the newest are known */
}

static void all_together_have_a_limit_too(void) {
    int sessions = 0;
    begin(60000, 10);
    for (uint64_t now = 1000; now < 1000 + 60000; now += 10) {
        if (throttle_due_together(&throttle, now) <= now) {
            throttle_charge_together(&throttle, now);
            sessions++;
        }
    }
    CU_ASSERT_EQUAL(sessions, 10 * THROTTLE_TOGETHER + THROTTLE_TOGETHER - 1);
}

int main(void) {
    static CU_TestInfo tests[] = {
        {"a burst, then one an interval", a_burst_then_one_an_interval},
        {"what rests is paid back", what_rests_is_paid_back},
        {"what waits has paid for its time", what_waits_has_paid_for_its_time},
        {"no interval is no limit", no_interval_is_no_limit},
        {"many names take no more room", many_names_take_no_more_room},
        {"all together have a limit too", all_together_have_a_limit_too},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {CUNIT_SUITE("throttle", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
