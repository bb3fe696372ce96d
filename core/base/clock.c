/* The present moment, from the system's clocks. */
#include <config.h>

#include "base/clock.h"

static uint64_t in_ms(const struct timespec *t) {
    return (uint64_t) t->tv_sec * 1000 + (uint64_t) t->tv_nsec / 1000000;
}

static struct timespec since_boot(void) {
    struct timespec t = {0};
    if (clock_gettime(CLOCK_BOOTTIME, &t) < 0) {
        (void) clock_gettime(CLOCK_MONOTONIC, &t);
    }
    return t;
}

uint64_t clock_mono_ms(void) {
    const struct timespec t = since_boot();
    return in_ms(&t);
}

/* What CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC. Read close together: a process that is not scheduled in
 * between would see a sleep. */
uint64_t clock_suspended_ms(void) {
    enum { TRIES = 10, CLOSE_MS = 20 };
    uint64_t before = 0, both = 0, after = 0;
    for (int i = 0; i < TRIES && (i == 0 || after - before > CLOSE_MS); i++) {
        struct timespec first = {0}, t = {0}, last = {0};
        (void) clock_gettime(CLOCK_MONOTONIC, &first);
        if (clock_gettime(CLOCK_BOOTTIME, &t) < 0) {
            return 0;
        }
        (void) clock_gettime(CLOCK_MONOTONIC, &last);
        before = in_ms(&first), both = in_ms(&t), after = in_ms(&last);
    }
    return both > after ? both - after : 0;
}

uint64_t clock_mono_us(void) {
    struct timespec t = since_boot();
    return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

int64_t clock_wall_us(int64_t not_before) {
    static const int64_t year_1 = -62135596800; /* seconds */
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) == 0 && (int64_t) t.tv_sec >= not_before) {
        return (int64_t) t.tv_sec * 1000000 + (int64_t) t.tv_nsec / 1000;
    }
    return year_1 * 1000000 + (int64_t) clock_mono_us();
}

struct moment clock_now(int64_t not_before) {
    struct moment now = {.mono_ms = clock_mono_ms(), .wall_s = CLOCK_WALL_UNKNOWN};
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) == 0 && (int64_t) t.tv_sec >= not_before) {
        now.wall_s = t.tv_sec;
    }
    return now;
}

struct moment clock_now_local(int64_t not_before) {
    struct moment now = clock_now(not_before);
    const time_t seconds = (time_t) now.wall_s;
    struct tm local;
    if (now.wall_s != CLOCK_WALL_UNKNOWN) {
        tzset(); /* the time zone may have been changed since */
        if (localtime_r(&seconds, &local) != NULL) {
            now.utc_offset_s = (int32_t) local.tm_gmtoff;
        }
    }
    return now;
}

struct timespec clock_timespec(uint64_t mono_ms) {
    const uint64_t most_s = INT32_MAX;
    struct timespec t = {0};
    t.tv_sec = (time_t) (mono_ms / 1000 < most_s ? mono_ms / 1000 : most_s);
    t.tv_nsec = (long) (mono_ms % 1000) * 1000000;
    return t;
}
