/* core/cwmp/retry */
#include <config.h>

#include "cwmp/retry.h"

#include "cunit.h"

#include <math.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static void waits_by_the_table(void) {
    static const unsigned low[] = {5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 2560, 2560};
    unsigned n;
    for (n = 1; n <= 12; n++) {
        CU_ASSERT_EQUAL(retry_wait_ms(n, 5, 2000, 0.0), low[n - 1] * 1000ull);
        CU_ASSERT_EQUAL(retry_wait_ms(n, 5, 2000, 0.5), low[n - 1] * 1500ull);
        CU_ASSERT_EQUAL(retry_wait_ms(n, 5, 2000, 1.0), low[n - 1] * 2000ull);
    }
    CU_ASSERT_EQUAL(retry_wait_ms(4000000000u, 5, 2000, 0.0), 2560000);
    CU_ASSERT_EQUAL(retry_wait_ms(0, 5, 2000, 0.0), 5000); /* there is no retry 0 */
    /* a multiplier of 1 means a constant wait */
    CU_ASSERT_EQUAL(retry_wait_ms(1, 30, 1000, 0.7), 30000);
    CU_ASSERT_EQUAL(retry_wait_ms(10, 30, 1000, 0.7), 30000);
    /* 7 s * 1.5^2 and 1.5^3 */
    CU_ASSERT_EQUAL(retry_wait_ms(3, 7, 1500, 0.0), 15750);
    CU_ASSERT_EQUAL(retry_wait_ms(3, 7, 1500, 1.0), 23625);
}

static void stands_the_extremes(void) {
    unsigned n;
    uint64_t before = 0;
    for (n = 1; n <= 20; n++) {
        const uint64_t least = retry_wait_ms(n, 65535, 65535, 0.0);
        const uint64_t most = retry_wait_ms(n, 65535, 65535, 0.999999);
        CU_ASSERT_TRUE(least <= most);
        CU_ASSERT_TRUE(before <= least); /* it never wraps */
        CU_ASSERT_TRUE(most < UINT64_MAX / 1000000);
        before = least;
    }
    CU_ASSERT_EQUAL(retry_wait_ms(1, 65535, 65535, 0.0), 65535000);
    CU_ASSERT_EQUAL(retry_wait_ms(2, 65535, 65535, 0.0), 4294836225ull);
    CU_ASSERT_EQUAL(retry_wait_ms(1, 0, 0, 0.0), 1000); /* what is out of range is taken as the limit */
    CU_ASSERT_EQUAL(retry_wait_ms(1, 70000, 2000, 0.0), 65535000);
    CU_ASSERT_EQUAL(retry_wait_ms(2, 1, 4000000000u, 0.0), 65535);
    CU_ASSERT_EQUAL(retry_wait_ms(1, 5, 2000, -3.0), 5000);
    CU_ASSERT_EQUAL(retry_wait_ms(1, 5, 2000, 3.0), 10000);
    CU_ASSERT_EQUAL(retry_wait_ms(1, 5, 2000, (double) NAN), 5000);
}

/* Every tenth of the interval is hit as often as `uniform` hits it. */
static void spreads_evenly(void) {
    unsigned tenths[10] = {0}, i;
    for (i = 0; i < 10000; i++) {
        const uint64_t wait = retry_wait_ms(4, 5, 2000, i / 10000.0);
        CU_ASSERT_TRUE_FATAL(wait >= 40000 && wait <= 80000);
        tenths[wait >= 80000 ? 9 : (wait - 40000) / 4000]++;
    }
    for (i = 0; i < 10; i++) {
        CU_ASSERT_TRUE(tenths[i] >= 998 && tenths[i] <= 1002);
    }
}

static struct moment at(uint64_t mono_ms, int64_t wall_s) {
    const struct moment now = {mono_ms, wall_s, 0};
    return now;
}

static void keeps_to_the_reference(void) {
    struct periodic p = {true, HOUR, 1000000 * (int64_t) HOUR + 10 * MINUTE, 0.3, 0};
    const int64_t hour = 1000005 * (int64_t) HOUR;
    struct moment now = at(77123, hour + 9 * MINUTE);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 77123 + 60000);
    now = at(77123, hour + 10 * MINUTE); /* due this very second: strictly after */
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 77123 + 3600000);
    now = at(77123, hour + 11 * MINUTE);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 77123 + 59 * 60000);
    /* in the future it still sets the phase */
    p.reference_s = 2000000 * (int64_t) HOUR + 10 * MINUTE;
    now = at(5, hour + 9 * MINUTE);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 5 + 60000);
    now = at(5, hour + 11 * MINUTE);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 5 + 59 * 60000);
    /* before 1970, the year 9999, and what no calendar knows */
    p.reference_s = -50 * MINUTE;
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 5 + 59 * 60000);
    p.reference_s = 253402300799;
    CU_ASSERT_TRUE(periodic_next_ms(&p, &now) > 5 && periodic_next_ms(&p, &now) <= 5 + 3600000);
    p.reference_s = INT64_MAX;
    now = at(5, INT64_MIN + 1);
    CU_ASSERT_TRUE(periodic_next_ms(&p, &now) > 5 && periodic_next_ms(&p, &now) <= 5 + 3600000);
    p.interval_s = UINT32_MAX;
    p.reference_s = 100;
    now = at(0, 99);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 1000);
    now = at(0, 100);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 1000ull * UINT32_MAX);
}

static void chooses_a_free_phase(void) {
    struct periodic p = {true, 100, CLOCK_WALL_UNKNOWN, 0.25, 1000};
    struct moment now = at(1000, 5000000);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 26000);
    now = at(25999, CLOCK_WALL_UNKNOWN);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 26000);
    now = at(26000, CLOCK_WALL_UNKNOWN);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 126000);
    now = at(1026001, CLOCK_WALL_UNKNOWN); /* missed ones are not made up */
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 1126000);
    /* a reference does not help while the clock is unknown */
    p.reference_s = 5000000;
    now = at(26000, CLOCK_WALL_UNKNOWN);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 126000);
    p.phase = 1.0; /* out of range: within the interval all the same */
    now = at(1000, CLOCK_WALL_UNKNOWN);
    CU_ASSERT_TRUE(periodic_next_ms(&p, &now) <= 101000);
}

static void follows_changes(void) {
    struct periodic p = {true, 100, 0, 0.5, 0};
    struct moment now = at(10000, 1001);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 10000 + 99000);
    now = at(10000, 1099); /* the clock was stepped forward, and back again */
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 10000 + 1000);
    now = at(11000, 903);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 11000 + 97000);
    now = at(11000, 5000099); /* far: one is due, not fifty thousand */
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 11000 + 1000);
    p.interval_s = 10;
    now = at(10000, 1001);
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 10000 + 9000);
    p.interval_s = 0; /* 1 is the least there is */
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), 10000 + 1000);
    p.enabled = false;
    CU_ASSERT_EQUAL(periodic_next_ms(&p, &now), UINT64_MAX);
}

/* A day of Informs at 300 s, each computed at the moment of the one before: evenly, none doubled. */
static void ticks_without_drift(void) {
    const struct periodic p = {true, 300, 1700000000, 0, 0};
    struct moment now = at(123, 1700000017);
    unsigned fired = 0;
    while (now.mono_ms < 123 + DAY * 1000ull) {
        const uint64_t next = periodic_next_ms(&p, &now);
        CU_ASSERT_TRUE_FATAL(next > now.mono_ms);
        now.wall_s += (int64_t) ((next - now.mono_ms) / 1000);
        now.mono_ms = next;
        CU_ASSERT_EQUAL((now.wall_s - p.reference_s) % 300, 0);
        fired++;
    }
    CU_ASSERT_EQUAL(fired, 289);
}

static CU_TestInfo retries[] = {
    {"waits by the table", waits_by_the_table},
    {"stands the extremes", stands_the_extremes},
    {"spreads evenly", spreads_evenly},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo periodics[] = {
    {"keeps to the reference", keeps_to_the_reference},
    {"chooses a free phase", chooses_a_free_phase},
    {"follows changes", follows_changes},
    {"ticks without drift", ticks_without_drift},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("retry", retries), CUNIT_SUITE("periodic", periodics),
                             CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
