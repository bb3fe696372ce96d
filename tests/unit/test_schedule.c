/* cwmp/schedule: when sessions begin. */
#include <config.h>

#include "cunit.h"
#include "cwmp/schedule.h"

static const struct moment unset = {.mono_ms = 1000, .wall_s = CLOCK_WALL_UNKNOWN};

static struct moment at_ms(uint64_t ms) {
    return (struct moment){.mono_ms = ms, .wall_s = CLOCK_WALL_UNKNOWN};
}

static void nothing_is_due_at_first(void) {
    struct schedule schedule;
    schedule_init(&schedule, 0.5, &unset);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), SCHEDULE_NEVER);
    CU_ASSERT_FALSE(schedule_session_due(&schedule, 1U << 30));
    CU_ASSERT_FALSE(schedule_take_periodic(&schedule, &unset));
}

static void the_phase_is_the_first_periodic_one(void) {
    struct schedule schedule;
    schedule_init(&schedule, 0.5, &unset);
    schedule_configure(&schedule, true, 60, CLOCK_WALL_UNKNOWN, &unset);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), 31000);
    struct moment now = at_ms(30999);
    CU_ASSERT_FALSE(schedule_take_periodic(&schedule, &now));
    now = at_ms(31000);
    CU_ASSERT_TRUE(schedule_take_periodic(&schedule, &now));
    CU_ASSERT_FALSE(schedule_take_periodic(&schedule, &now));
    CU_ASSERT_EQUAL(schedule.periodic_ms, 91000);
    now = at_ms(500000); /* missed ones are one */
    CU_ASSERT_TRUE(schedule_take_periodic(&schedule, &now));
    CU_ASSERT_EQUAL(schedule.periodic_ms, 511000);
    schedule_configure(&schedule, false, 60, CLOCK_WALL_UNKNOWN, &now);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), SCHEDULE_NEVER);
}

static void an_event_ends_the_wait_for_a_retry(void) {
    struct schedule schedule;
    schedule_init(&schedule, 0, &unset);
    schedule_retry_at(&schedule, 9000);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), 9000);
    CU_ASSERT_FALSE(schedule_session_due(&schedule, 8999));
    CU_ASSERT_TRUE(schedule_session_due(&schedule, 9000));
    schedule_want_at(&schedule, 2000); /* a throttled change does not come before a retry */
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), 9000);
    CU_ASSERT_TRUE(schedule_want(&schedule, 1500));
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), 1500);
    CU_ASSERT_EQUAL(schedule.retry_ms, SCHEDULE_NEVER);
}

static void a_later_one_gives_way_to_a_sooner_one(void) {
    struct schedule schedule;
    schedule_init(&schedule, 0, &unset);
    schedule_want_at(&schedule, 9000);
    schedule_want_at(&schedule, 12000);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), 9000);
    schedule_want_at(&schedule, 4000);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), 4000);
}

static void what_comes_in_a_session_gets_the_next_one(void) {
    struct schedule schedule;
    schedule_init(&schedule, 0.5, &unset);
    schedule_configure(&schedule, true, 60, CLOCK_WALL_UNKNOWN, &unset);
    CU_ASSERT_TRUE(schedule_want(&schedule, 1000));
    schedule_begin(&schedule);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), 31000); /* the periodic one goes on */
    CU_ASSERT_FALSE(schedule_session_due(&schedule, 5000));
    CU_ASSERT_FALSE(schedule_want(&schedule, 1200));
    CU_ASSERT_TRUE(schedule_end(&schedule));
    CU_ASSERT_FALSE(schedule_session_due(&schedule, 5000)); /* the caller decides */
    schedule_begin(&schedule);
    CU_ASSERT_FALSE(schedule_end(&schedule));
    schedule_stop(&schedule);
    CU_ASSERT_EQUAL(schedule_next_ms(&schedule), SCHEDULE_NEVER);
}

static void a_clock_that_was_set_is_noticed(void) {
    struct schedule schedule;
    struct moment now = {.mono_ms = 10000, .wall_s = 1700000000};
    schedule_init(&schedule, 0, &now);
    schedule_configure(&schedule, true, 60, 1700000030, &now);
    CU_ASSERT_EQUAL(schedule.periodic_ms, 40000);
    now = (struct moment){.mono_ms = 12000, .wall_s = 1700000003}; /* a second of drift */
    CU_ASSERT_FALSE(schedule_clock_was_set(&schedule, &now));
    now.wall_s = 1700000013;
    CU_ASSERT_TRUE(schedule_clock_was_set(&schedule, &now));
    now.wall_s = CLOCK_WALL_UNKNOWN;
    CU_ASSERT_TRUE(schedule_clock_was_set(&schedule, &now));
    now = (struct moment){.mono_ms = 40000, .wall_s = 1800000000}; /* due: armed anew in a moment */
    CU_ASSERT_FALSE(schedule_clock_was_set(&schedule, &now));
}

int main(void) {
    static CU_TestInfo tests[] = {
        {"nothing is due at first", nothing_is_due_at_first},
        {"the phase is the first periodic one", the_phase_is_the_first_periodic_one},
        {"an event ends the wait for a retry", an_event_ends_the_wait_for_a_retry},
        {"a later one gives way to a sooner one", a_later_one_gives_way_to_a_sooner_one},
        {"what comes in a session gets the next one", what_comes_in_a_session_gets_the_next_one},
        {"a clock that was set is noticed", a_clock_that_was_set_is_noticed},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {CUNIT_SUITE("schedule", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
