/* core/base/clock */
#include <config.h>

#include "base/clock.h"

#include "cunit.h"

#include <stdlib.h>
#include <time.h>

static void never_runs_backwards(void) {
    struct moment before = clock_now(0), now;
    int i;
    CU_ASSERT(before.mono_ms > 0);
    for (i = 0; i < 1000; i++) {
        now = clock_now(0);
        CU_ASSERT_FATAL(now.mono_ms >= before.mono_ms);
        before = now;
    }
}

static void counts_milliseconds(void) {
    struct timespec wait = {.tv_nsec = 20000000};
    struct moment before = clock_now(0), after;
    CU_ASSERT_EQUAL(nanosleep(&wait, NULL), 0);
    after = clock_now(0);
    CU_ASSERT(after.mono_ms >= before.mono_ms + 19);
    CU_ASSERT(after.mono_ms < before.mono_ms + 10000);
}

/* A machine that runs tests does not go to sleep meanwhile; a process may be kept waiting at any time. */
static void a_sleep_is_the_machines(void) {
    const uint64_t before = clock_suspended_ms();
    int i;
    for (i = 0; i < 1000; i++) {
        const uint64_t now = clock_suspended_ms();
        CU_ASSERT_FATAL(now + 200 > before && before + 200 > now);
    }
}

static void wall_clock_may_be_unknown(void) {
    int64_t now = (int64_t) time(NULL);
    struct moment m = clock_now(0);
    CU_ASSERT(m.wall_s >= now && m.wall_s < now + 10);
    m = clock_now(now + 1000);
    CU_ASSERT_EQUAL(m.wall_s, CLOCK_WALL_UNKNOWN);
    CU_ASSERT_EQUAL(m.utc_offset_s, 0);
    CU_ASSERT(clock_now(now).wall_s >= now); /* the limit itself is known */
}

static void counts_microseconds(void) {
    int64_t before = (int64_t) time(NULL);
    uint64_t ms = clock_mono_ms(), us = clock_mono_us();
    CU_ASSERT(us >= ms * 1000 && us < (ms + 10000) * 1000);
    CU_ASSERT(clock_wall_us(0) / 1000000 >= before && clock_wall_us(0) / 1000000 < before + 10);
    int64_t boot = clock_wall_us(before + 1000) - INT64_C(-62135596800000000); /* the year 1 */
    CU_ASSERT(boot >= (int64_t) us && boot < (int64_t) us + 10000000);
}

/* Whatever time_t is */
static void a_timerfd_takes_any_moment(void) {
    struct timespec t = clock_timespec(12345678);
    CU_ASSERT(t.tv_sec == 12345 && t.tv_nsec == 678000000);
    t = clock_timespec((uint64_t) INT32_MAX * 1000 + 999);
    CU_ASSERT(t.tv_sec == INT32_MAX && t.tv_nsec == 999000000);
    t = clock_timespec((uint64_t) INT32_MAX * 1000 + 1000);
    CU_ASSERT(t.tv_sec == INT32_MAX && t.tv_nsec == 0);
    t = clock_timespec(UINT64_MAX);
    CU_ASSERT(t.tv_sec == INT32_MAX && t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
}

static void follows_the_time_zone(void) {
    CU_ASSERT_EQUAL(setenv("TZ", "EST+5", 1), 0);
    CU_ASSERT_EQUAL(clock_now_local(0).utc_offset_s, -5 * 3600);
    CU_ASSERT_EQUAL(setenv("TZ", "IST-5:30", 1), 0);
    CU_ASSERT_EQUAL(clock_now_local(0).utc_offset_s, 19800);
    CU_ASSERT_EQUAL(clock_now_local(INT64_MAX).utc_offset_s, 0);
    CU_ASSERT_EQUAL(clock_now_local(INT64_MAX).wall_s, CLOCK_WALL_UNKNOWN);
    CU_ASSERT_EQUAL(unsetenv("TZ"), 0);
}

static CU_TestInfo tests[] = {
    {"never runs backwards", never_runs_backwards},
    {"counts milliseconds", counts_milliseconds},
    {"a sleep is the machine's", a_sleep_is_the_machines},
    {"the wall clock may be unknown", wall_clock_may_be_unknown},
    {"counts microseconds", counts_microseconds},
    {"a timerfd takes any moment", a_timerfd_takes_any_moment},
    {"follows the time zone", follows_the_time_zone},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("clock", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
