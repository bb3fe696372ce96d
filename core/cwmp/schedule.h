/* When sessions begin. Pure: the driver gives the time and arms one timer for schedule_next_ms(); the
 * simulation of a fleet (tests/unit/fleet.c) does the same in virtual time.
 *
 * A session begins at once when something wants one: the start, the network, a connection request, a change.
 * Besides that there are the periodic Inform (digest section 2) and the retry after a failed session (section
 * 3); an event ends the wait for the retry. What wants a session while one runs gets the next one. */
#ifndef CWMP_SCHEDULE_H
#define CWMP_SCHEDULE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_NEVER UINT64_MAX

/* The members are for reading. Times are monotonic; SCHEDULE_NEVER: not armed. */
struct schedule {
    uint64_t session_ms;  /* one is wanted */
    uint64_t retry_ms;    /* of a session that failed */
    uint64_t periodic_ms; /* the next periodic Inform */
    bool in_session;
    bool again; /* wanted while a session runs */

    double phase;
    uint64_t start_ms;
    bool enabled;
    uint32_t interval_s;
    int64_t reference_s, clock_offset;
};

/* `phase`, uniform in [0, 1), is the box's own: without PeriodicInformTime it spreads boxes that start
 * together over the interval. The periodic Inform is off until schedule_configure(). */
void schedule_init(struct schedule *schedule, double phase, const struct moment *now);
/* Arms the periodic Inform. `reference_s`: PeriodicInformTime, CLOCK_WALL_UNKNOWN = the box's own phase. */
void schedule_configure(struct schedule *schedule, bool enabled, uint32_t interval_s, int64_t reference_s,
                        const struct moment *now);
/* True when the wall clock was set since the periodic Inform was armed: configure anew, unless it is due
 * anyway. */
bool schedule_clock_was_set(const struct schedule *schedule, const struct moment *now);

/* Now, or after the one that runs; false: the latter. */
bool schedule_want(struct schedule *schedule, uint64_t now_ms);
/* Later, unless a session is due before, or a retry. Not while one runs. */
void schedule_want_at(struct schedule *schedule, uint64_t ms);
void schedule_retry_at(struct schedule *schedule, uint64_t ms);

/* The time of the next thing to do; it may have passed. */
uint64_t schedule_next_ms(const struct schedule *schedule);
/* Is a periodic Inform due? If so the next one is armed; the caller wants a session for it. */
bool schedule_take_periodic(struct schedule *schedule, const struct moment *now);
/* Is a session due? */
bool schedule_session_due(const struct schedule *schedule, uint64_t now_ms);

/* A session begins: all that was wanted is. */
void schedule_begin(struct schedule *schedule);
/* It has ended; true when another one was wanted meanwhile. */
bool schedule_end(struct schedule *schedule);
/* Nothing more, for ever. */
void schedule_stop(struct schedule *schedule);

#endif
