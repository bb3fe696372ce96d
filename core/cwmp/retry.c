/* When the next session is due: waits between retries, periodic Informs. */
#include <config.h>

#include "cwmp/retry.h"

enum { STEP_MAX = 10, MINIMUM_MAX = 65535, MULTIPLIER_MIN = 1000, MULTIPLIER_MAX = 65535 };

/* The longest wait, 34 years of milliseconds: the extreme settings reach 10^22 s, and callers add the
 * result to a clock. */
static const double WAIT_MAX_MS = 1099511627776.0;

static uint32_t clamp(uint32_t number, uint32_t min, uint32_t max) {
    if (number < min) {
        return min;
    }
    return number > max ? max : number;
}

uint64_t retry_wait_ms(unsigned n, uint32_t minimum, uint32_t multiplier, double uniform) {
    const double factor = clamp(multiplier, MULTIPLIER_MIN, MULTIPLIER_MAX) / 1000.0;
    double low = clamp(minimum, 1, MINIMUM_MAX) * 1000.0;
    double wait;
    for (unsigned step = 1; step < n && step < STEP_MAX; step++) {
        low *= factor;
    }
    if (!(uniform >= 0.0)) {
        uniform = 0.0; /* also what is not a number */
    } else if (uniform > 1.0) {
        uniform = 1.0;
    }
    wait = low + low * (factor - 1.0) * uniform;
    return wait < WAIT_MAX_MS ? (uint64_t) (wait + 0.5) : (uint64_t) WAIT_MAX_MS;
}

static int64_t modulo(int64_t number, int64_t divisor) {
    const int64_t rest = number % divisor;
    return rest < 0 ? rest + divisor : rest;
}

uint64_t periodic_next_ms(const struct periodic *periodic, const struct moment *now) {
    const uint32_t interval_s = periodic->interval_s > 0 ? periodic->interval_s : 1;
    const uint64_t interval_ms = (uint64_t) interval_s * 1000;
    uint64_t first, passed;
    if (!periodic->enabled) {
        return UINT64_MAX;
    }
    if (periodic->reference_s != CLOCK_WALL_UNKNOWN && now->wall_s != CLOCK_WALL_UNKNOWN) {
        /* each reduced first: neither the year 9999 nor a wild clock overflows the difference */
        const int64_t ahead =
            modulo(modulo(periodic->reference_s, interval_s) - modulo(now->wall_s, interval_s), interval_s);
        return now->mono_ms + (ahead > 0 ? (uint64_t) ahead * 1000 : interval_ms);
    }
    first = (uint64_t) (periodic->phase * (double) interval_ms);
    first = periodic->start_ms + (first < interval_ms ? first : interval_ms - 1);
    if (first > now->mono_ms) {
        return first;
    }
    passed = (now->mono_ms - first) / interval_ms;
    return first + (passed + 1) * interval_ms;
}
