/* When the next session is due: back-off after failures (digest section 3), periodic Informs. Pure. */
#ifndef CWMP_RETRY_H
#define CWMP_RETRY_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds to wait before retry number n (1, 2, ...): uniform in [m*(k/1000)^(n-1), m*(k/1000)^n]
 * seconds, n capped at 10; `minimum` 1..65535 s, `multiplier` 1000..65535, `uniform` in [0, 1). */
uint64_t retry_wait_ms(unsigned n, uint32_t minimum, uint32_t multiplier, double uniform);

struct periodic {
    bool enabled;
    uint32_t interval_s; /* at least 1 */
    int64_t reference_s; /* PeriodicInformTime, seconds since 1970 UTC; CLOCK_WALL_UNKNOWN = free phase */
    double phase;        /* [0, 1): of the box, for a free phase */
    uint64_t start_ms;   /* monotonic: the free phase counts from here */
};
/* Monotonic time of the next periodic Inform, strictly after `now`; UINT64_MAX when disabled. With a
 * reference and a known wall clock: reference + n * interval, n of any sign. */
uint64_t periodic_next_ms(const struct periodic *periodic, const struct moment *now);

#endif
