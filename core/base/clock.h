/* Time, injected. Rooms without I/O get a struct moment and never ask the system. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_WALL_UNKNOWN INT64_MIN

struct moment {
    uint64_t mono_ms;     /* CLOCK_BOOTTIME: goes on in suspend, never steps */
    int64_t wall_s;       /* seconds since 1970 UTC, or CLOCK_WALL_UNKNOWN */
    int32_t utc_offset_s; /* of local time at that second; east is positive; 0 unless it was asked for */
};

/* The present moment. The wall clock counts as unknown while it shows a time before `not_before`
 * (seconds since 1970): a box without a battery starts in 1970 or at its build date. */
struct moment clock_now(int64_t not_before);
/* With the offset of the time zone, which costs more than all the rest: for who writes a local time. */
struct moment clock_now_local(int64_t not_before);
/* Its mono_ms alone. */
uint64_t clock_mono_ms(void);
/* The same in microseconds. */
uint64_t clock_mono_us(void);
/* Microseconds since 1970 UTC; while the wall clock is unknown, as above, the time since boot counted from
 * the year 1 on, which is how a data model writes a relative time (TR-106 section 3.2.1). */
int64_t clock_wall_us(int64_t not_before);
/* How long the machine has been suspended since its boot, in all; 0 where the kernel cannot tell. */
uint64_t clock_suspended_ms(void);
/* Milliseconds since boot for a timerfd, or as much of them as a time_t of 32 bits holds, 68 years: a timer
 * set to that goes off early, and whoever set it looks what is due. */
struct timespec clock_timespec(uint64_t mono_ms);

#endif
