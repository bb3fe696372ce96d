/* A fleet after a power cut, in virtual time: the scheduler, its retries and its random source are those of
 * the client (cwmp/schedule, cwmp/retry, base/crypto). Sessions are counted by the second in which they
 * begin.
 *
 * usage: test_fleet [BOXES]; scripts/fleet runs it with 1,000,000. */
#include <config.h>

#include "base/crypto.h"
#include "cunit.h"
#include "cwmp/retry.h"
#include "cwmp/schedule.h"

#include <stdlib.h>
#include <string.h>

enum {
    TICK_MS = 100,
    TICKS_S = 1000 / TICK_MS,
    SECONDS = 600,
    TICKS = SECONDS * TICKS_S,
    INTERVAL_S = 60,
    SESSION_MS = 300,
    REFUSAL_MS = 100,
    RETRY_MINIMUM_S = 5,
    RETRY_MULTIPLIER = 2000
};

struct box {
    struct schedule schedule;
    uint64_t ends_ms; /* of a session */
    uint32_t next;    /* of the list of its tick; 0: none, else number + 1 */
    uint16_t failed;  /* in a row */
    bool refused, served;
};

struct fleet {
    struct box *boxes;
    uint32_t count;
    uint32_t at[TICKS];
    unsigned begun[SECONDS]; /* sessions */
    unsigned capacity;       /* sessions a second that the ACS takes; it refuses the others */
    uint32_t unserved;
    unsigned all_served_s; /* when the last box had its first session */
};

static uint32_t boxes_wanted = 100000;

/* The tick at which a box has something to do: not before its time. */
static void queue(struct fleet *fleet, uint32_t number) {
    struct box *box = &fleet->boxes[number];
    uint64_t due = schedule_next_ms(&box->schedule);
    if (box->schedule.in_session && box->ends_ms < due) {
        due = box->ends_ms;
    }
    if (due < (uint64_t) SECONDS * 1000 - TICK_MS) {
        size_t tick = (size_t) ((due + TICK_MS - 1) / TICK_MS);
        box->next = fleet->at[tick];
        fleet->at[tick] = number + 1;
    }
}

static void begin_session(struct fleet *fleet, struct box *box, const struct moment *now) {
    unsigned *begun = &fleet->begun[now->mono_ms / 1000];
    schedule_begin(&box->schedule);
    box->refused = ++*begun > fleet->capacity;
    box->ends_ms = now->mono_ms + (box->refused ? REFUSAL_MS : SESSION_MS);
}

static void end_session(struct fleet *fleet, struct box *box, const struct moment *now) {
    const bool again = schedule_end(&box->schedule);
    if (box->refused) {
        box->failed++;
        schedule_retry_at(&box->schedule, now->mono_ms + retry_wait_ms(box->failed, RETRY_MINIMUM_S,
                                                                       RETRY_MULTIPLIER, crypto_uniform()));
    } else {
        box->failed = 0;
        if (!box->served && --fleet->unserved == 0) {
            fleet->all_served_s = (unsigned) (now->mono_ms / 1000);
        }
        box->served = true;
    }
    if (again) {
        (void) schedule_want(&box->schedule, now->mono_ms);
    }
}

/* What the driver does when its timer fires. */
static void step(struct fleet *fleet, struct box *box, const struct moment *now) {
    if (box->schedule.in_session && box->ends_ms <= now->mono_ms) {
        end_session(fleet, box, now);
    }
    if (schedule_take_periodic(&box->schedule, now)) {
        (void) schedule_want(&box->schedule, now->mono_ms);
    }
    if (schedule_session_due(&box->schedule, now->mono_ms)) {
        begin_session(fleet, box, now);
    }
}

/* All boxes are on at the same instant, and their clocks are not set. */
static struct fleet *play(uint32_t count, unsigned capacity, double (*phase)(void)) {
    struct fleet *fleet = calloc(1, sizeof *fleet);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fleet);
    fleet->boxes = calloc(count, sizeof *fleet->boxes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fleet->boxes);
    fleet->count = fleet->unserved = count;
    fleet->capacity = capacity;
    struct moment now = {.wall_s = CLOCK_WALL_UNKNOWN};
    for (uint32_t i = 0; i < count; i++) {
        struct schedule *schedule = &fleet->boxes[i].schedule;
        schedule_init(schedule, phase(), &now);
        schedule_configure(schedule, true, INTERVAL_S, CLOCK_WALL_UNKNOWN, &now);
        (void) schedule_want(schedule, 0);
        queue(fleet, i);
    }
    for (size_t tick = 0; tick < TICKS; tick++) {
        now.mono_ms = (uint64_t) tick * TICK_MS;
        /* a box may come back to this tick's list: it is put in front */
        while (fleet->at[tick] != 0) {
            uint32_t number = fleet->at[tick] - 1;
            fleet->at[tick] = fleet->boxes[number].next;
            step(fleet, &fleet->boxes[number], &now);
            queue(fleet, number);
        }
    }
    return fleet;
}

static void end(struct fleet *fleet) {
    free(fleet->boxes);
    free(fleet);
}

/* The busiest second of [from, to), as a multiple of the average rate: each box once an interval. */
static double worst(const struct fleet *fleet, size_t from, size_t to) {
    unsigned most = 0;
    for (size_t i = from; i < to; i++) {
        most = fleet->begun[i] > most ? fleet->begun[i] : most;
    }
    return most / ((double) fleet->count / INTERVAL_S);
}

static unsigned in_all(const struct fleet *fleet, size_t from, size_t to) {
    unsigned sum = 0;
    for (size_t i = from; i < to; i++) {
        sum += fleet->begun[i];
    }
    return sum;
}

static void a_power_cut(void) {
    struct fleet *fleet = play(boxes_wanted, UINT32_MAX, crypto_uniform);
    const double most = worst(fleet, 60, SECONDS - 1);
    (void) printf("\n%u boxes on at once: from the second minute on at most %.3f times the average rate ",
                  boxes_wanted, most);
    CU_ASSERT_EQUAL(fleet->begun[0] / boxes_wanted, 1); /* each at once, at its start */
    CU_ASSERT_TRUE(most <= 1.5);
    /* and each once an interval: none is lost or doubled. A session that ran when the next was due shifts
     * one. */
    const double sum = in_all(fleet, 120, 540);
    CU_ASSERT_DOUBLE_EQUAL(sum / boxes_wanted, 7.0, 0.01);
    end(fleet);
}

/* The ACS takes 1.5 times the average and refuses the others: their retries must not add up. */
static void an_acs_that_is_too_small(void) {
    struct fleet *fleet = play(boxes_wanted, boxes_wanted / INTERVAL_S * 3 / 2, crypto_uniform);
    (void) printf(
        "\nan ACS for 1.5 times the average: all served after %u s; at most %.2f in minute 2, %.2f in "
        "minute 3, %.3f from minute 6 on ",
        fleet->all_served_s, worst(fleet, 60, 120), worst(fleet, 120, 180), worst(fleet, 300, SECONDS - 1));
    CU_ASSERT_EQUAL(fleet->unserved, 0);
    CU_ASSERT_TRUE(worst(fleet, 300, SECONDS - 1) <= 1.5);
    end(fleet);
}

static double same(void) {
    return 0.5;
}

/* That the measure measures: boxes of one phase come all together. */
static void one_phase_for_all(void) {
    struct fleet *fleet = play(6000, UINT32_MAX, same);
    CU_ASSERT_TRUE(worst(fleet, 60, SECONDS - 1) > 50);
    end(fleet);
}

int main(int argc, char **argv) {
    static CU_TestInfo tests[] = {
        {"after a power cut", a_power_cut},
        {"an ACS that is too small", an_acs_that_is_too_small},
        {"one phase for all", one_phase_for_all},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {CUNIT_SUITE("fleet", tests), CU_SUITE_INFO_NULL};
    if (argc > 1) {
        boxes_wanted = (uint32_t) strtoul(argv[1], NULL, 10);
    }
    return boxes_wanted >= 6000 ? cunit_run(suites) : 2;
}
