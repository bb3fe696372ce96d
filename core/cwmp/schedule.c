/* When sessions begin. */
#include <config.h>

#include "cwmp/schedule.h"

#include "cwmp/retry.h"

enum { CLOCK_STEP_S = 2 };

/* What the two clocks differ by, in seconds. */
static int64_t clock_offset(const struct moment *now) {
    return now->wall_s == CLOCK_WALL_UNKNOWN ? CLOCK_WALL_UNKNOWN
                                             : now->wall_s - (int64_t) (now->mono_ms / 1000);
}

void schedule_init(struct schedule *schedule, double phase, const struct moment *now) {
    *schedule = (struct schedule){.session_ms = SCHEDULE_NEVER,
                                  .retry_ms = SCHEDULE_NEVER,
                                  .periodic_ms = SCHEDULE_NEVER,
                                  .phase = phase,
                                  .start_ms = now->mono_ms,
                                  .interval_s = 1,
                                  .reference_s = CLOCK_WALL_UNKNOWN,
                                  .clock_offset = clock_offset(now)};
}

static void arm_periodic(struct schedule *schedule, const struct moment *now) {
    const struct periodic periodic = {.enabled = schedule->enabled,
                                      .interval_s = schedule->interval_s,
                                      .reference_s = schedule->reference_s,
                                      .phase = schedule->phase,
                                      .start_ms = schedule->start_ms};
    schedule->periodic_ms = periodic_next_ms(&periodic, now);
    schedule->clock_offset = clock_offset(now);
}

void schedule_configure(struct schedule *schedule, bool enabled, uint32_t interval_s, int64_t reference_s,
                        const struct moment *now) {
    schedule->enabled = enabled;
    schedule->interval_s = interval_s;
    schedule->reference_s = reference_s;
    arm_periodic(schedule, now);
}

bool schedule_clock_was_set(const struct schedule *schedule, const struct moment *now) {
    const int64_t offset = clock_offset(now), former = schedule->clock_offset;
    if (schedule->periodic_ms <= now->mono_ms) {
        return false; /* armed anew in a moment */
    }
    if (offset == CLOCK_WALL_UNKNOWN || former == CLOCK_WALL_UNKNOWN) {
        return offset != former;
    }
    return offset - former > CLOCK_STEP_S || former - offset > CLOCK_STEP_S;
}

bool schedule_want(struct schedule *schedule, uint64_t now_ms) {
    if (schedule->in_session) {
        schedule->again = true;
        return false;
    }
    schedule->retry_ms = SCHEDULE_NEVER;
    schedule->session_ms = now_ms;
    return true;
}

void schedule_want_at(struct schedule *schedule, uint64_t ms) {
    if (ms < schedule->session_ms && schedule->retry_ms == SCHEDULE_NEVER) {
        schedule->session_ms = ms;
    }
}

void schedule_retry_at(struct schedule *schedule, uint64_t ms) {
    schedule->retry_ms = ms;
}

uint64_t schedule_next_ms(const struct schedule *schedule) {
    uint64_t next = schedule->periodic_ms;
    if (!schedule->in_session) {
        next = schedule->session_ms < next ? schedule->session_ms : next;
        next = schedule->retry_ms < next ? schedule->retry_ms : next;
    }
    return next;
}

bool schedule_take_periodic(struct schedule *schedule, const struct moment *now) {
    if (schedule->periodic_ms == SCHEDULE_NEVER || schedule->periodic_ms > now->mono_ms) {
        return false;
    }
    arm_periodic(schedule, now);
    return true;
}

bool schedule_session_due(const struct schedule *schedule, uint64_t now_ms) {
    return !schedule->in_session && (schedule->session_ms <= now_ms || schedule->retry_ms <= now_ms);
}

void schedule_begin(struct schedule *schedule) {
    schedule->in_session = true;
    schedule->again = false;
    schedule->session_ms = schedule->retry_ms = SCHEDULE_NEVER;
}

bool schedule_end(struct schedule *schedule) {
    const bool again = schedule->again;
    schedule->in_session = schedule->again = false;
    return again;
}

void schedule_stop(struct schedule *schedule) {
    schedule->session_ms = schedule->retry_ms = schedule->periodic_ms = SCHEDULE_NEVER;
    schedule->enabled = false;
}
