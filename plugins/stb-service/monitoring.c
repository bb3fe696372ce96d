/* plugins/stb-service: sample intervals. Their ends are timed here, to the schedule that TimeReference sets;
 * the figures come from the program, which is asked at each end. A program that does not answer, or a box
 * that slept, changes nothing of the schedule: such an interval has zeros. */
#define _GNU_SOURCE
#include "stb.h"

#include <stdlib.h>

static void interval_ended(void *user);

/* ---- Time ------------------------------------------------------------------------------------- */

static struct moment now_of(const struct stb *stb) {
    return (struct moment){stb_now(stb), stb->host->wall_clock(stb->host)};
}

/* A moment `ms` later, or earlier. */
static struct moment shifted(struct moment moment, int64_t ms) {
    moment.mono_ms += (uint64_t) ms;
    moment.wall_s += moment.wall_s != TR069_TIME_UNKNOWN ? ms / 1000 : 0;
    return moment;
}

/* When it was; of one before the clock was set, as the clock is now. */
static int64_t wall_of(const struct stb *stb, struct moment moment) {
    const struct moment now = now_of(stb);
    if (moment.wall_s != TR069_TIME_UNKNOWN || now.wall_s == TR069_TIME_UNKNOWN) {
        return moment.wall_s;
    }
    return now.wall_s - (int64_t) (now.mono_ms - moment.mono_ms) / 1000;
}

static int64_t floor_divided(int64_t number, int64_t by) {
    return number / by - (number % by < 0 ? 1 : 0);
}

/* Days since 1970, for years from 1 on. */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2 ? 1 : 0;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return floor_divided(year, 400) * 146097 + (year - floor_divided(year, 400) * 400) * 365 +
           (year - floor_divided(year, 400) * 400) / 4 - (year - floor_divided(year, 400) * 400) / 100 +
           of_year - 719468;
}

/* YYYY-MM-DDThh:mm:ss, with a fraction, Z or a zone behind it: the client has judged that it is one. */
static int64_t time_of(const char *text) {
    struct tm tm = {0};
    const char *zone = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    int64_t offset = 0;
    if (strcmp(text, UNKNOWN_TIME) == 0 || zone == NULL) {
        return TR069_TIME_UNKNOWN;
    }
    zone += strcspn(zone, "+-");
    if (*zone != '\0' && strlen(zone) >= strlen("+hh:mm")) {
        offset = strtol(zone + 1, NULL, 10) * 3600 + strtol(zone + 4, NULL, 10) * 60;
        offset = *zone == '-' ? -offset : offset;
    }
    return days_of(tm.tm_year + INT64_C(1900), tm.tm_mon + 1, tm.tm_mday) * 86400 +
           tm.tm_hour * INT64_C(3600) + tm.tm_min * 60 + tm.tm_sec - offset;
}

/* ---- The schedule ----------------------------------------------------------------------------- */

enum { CLOCKS_APART_S = 2 };

/* The end of the interval that begins now: with TimeReference the next one of its schedule, so the first may
 * be short, and one in which the clock was set. A timer may fire a moment before the clock says so. */
static void schedule(struct stb *stb, bool first) {
    struct sampling *sampling = &stb->sampling;
    const struct moment now = now_of(stb);
    const int64_t interval = (int64_t) sampling->interval_s;
    if (sampling->reference == TR069_TIME_UNKNOWN || now.wall_s == TR069_TIME_UNKNOWN) {
        sampling->due = shifted(sampling->begin, interval * 1000);
    } else {
        const int64_t early = interval / 2 < CLOCKS_APART_S ? interval / 2 : CLOCKS_APART_S;
        const int64_t since = now.wall_s - sampling->reference + (first ? 0 : early);
        sampling->number = floor_divided(since, interval);
        sampling->due.wall_s = sampling->reference + (sampling->number + 1) * interval;
        sampling->due.mono_ms = now.mono_ms + (uint64_t) (sampling->due.wall_s - now.wall_s) * 1000;
    }
    const uint64_t wait = sampling->due.mono_ms > now.mono_ms ? sampling->due.mono_ms - now.mono_ms : 0;
    const int r = stb->host->timer(stb->host, wait, interval_ended, stb, &sampling->timer);
    if (r < 0) {
        stb->host->log(stb->host, TR069_ERROR, "sampling stops: %s", strerror(-r));
        sampling->timer = NULL;
        sampling->on = false;
    }
}

/* ---- Samples ---------------------------------------------------------------------------------- */

static void discard(struct stb *stb) {
    stb_figures_discard(stb);
    free(stb->sampling.begins);
    stb->sampling.begins = NULL;
    stb->sampling.count = stb->sampling.room = 0;
    stb->sampling.partial = false;
}

static size_t report_samples(const struct stb *stb) {
    const uint64_t samples = stb_number(stb, MONITORING "ReportSamples");
    return samples < 1 ? 1 : samples > REPORT_MAX ? REPORT_MAX : (size_t) samples;
}

static void drop_oldest(struct sampling *sampling, size_t most) {
    if (sampling->count > most) {
        memmove(sampling->begins, sampling->begins + (sampling->count - most),
                most * sizeof *sampling->begins);
        sampling->count = most;
    }
}

static int add_begin(struct sampling *sampling, struct moment begin, size_t most) {
    if (sampling->count == sampling->room) {
        const size_t room = sampling->room == 0 ? 16 : 2 * sampling->room;
        struct moment *grown = realloc(sampling->begins, room * sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        sampling->begins = grown;
        sampling->room = room;
    }
    sampling->begins[sampling->count++] = begin;
    drop_oldest(sampling, most);
    return 0;
}

/* What there is of the figures becomes the newest sample, in place of a partial one. */
static void store(struct stb *stb, struct moment begin, struct moment end, bool empty) {
    struct sampling *sampling = &stb->sampling;
    const size_t most = report_samples(stb);
    const bool instead = sampling->partial;
    int r = instead ? 0 : add_begin(sampling, begin, most);
    const uint64_t length_ms = empty ? 0 : end.mono_ms - begin.mono_ms;
    r = r == 0 ? stb_figures_store(stb, instead, length_ms, most) : r;
    sampling->end = end;
    sampling->partial = false;
    if (r < 0) {
        stb->host->log(stb->host, TR069_ERROR, "out of memory, the stored samples are given up");
        discard(stb);
    }
}

static void tell_stored(struct stb *stb) {
    stb_changed(stb, MONITORING "ReportStartTime");
    stb_changed(stb, MONITORING "ReportEndTime");
    stb_figures_stored(stb);
}

/* FetchSamples: once for all the intervals that ended since. */
static bool is_trigger(const struct stb *stb, int64_t before, int64_t number) {
    const uint64_t fetch = stb_number(stb, MONITORING "FetchSamples");
    return fetch >= 1 && fetch <= report_samples(stb) &&
           floor_divided(before, (int64_t) fetch) != floor_divided(number, (int64_t) fetch);
}

/* The interval that ended is stored, and those that nobody timed. SampleState goes to Trigger and back at
 * once, which is one change of its value. */
static void finish(struct stb *stb) {
    struct sampling *sampling = &stb->sampling;
    const int64_t interval_ms = (int64_t) sampling->interval_s * 1000;
    const uint64_t most = report_samples(stb);
    store(stb, sampling->was_begin, sampling->ended, false);
    for (uint64_t i = sampling->missed < most ? sampling->missed : most; i > 0; i--) {
        const struct moment begin = shifted(sampling->begin, -(int64_t) i * interval_ms);
        store(stb, begin, shifted(begin, interval_ms), true);
    }
    tell_stored(stb);
    if (is_trigger(stb, sampling->before, sampling->ended_number)) {
        stb_changed(stb, MONITORING "SampleState");
    }
}

/* The clock may have been set since the interval began. A second more or less is rounding. */
static int64_t as_the_clock_says(const struct stb *stb, struct moment moment) {
    const int64_t expected = moment.wall_s;
    moment.wall_s = TR069_TIME_UNKNOWN;
    const int64_t wall_s = wall_of(stb, moment);
    const bool both = expected != TR069_TIME_UNKNOWN && wall_s != TR069_TIME_UNKNOWN;
    return both && llabs(expected - wall_s) < CLOCKS_APART_S ? expected : wall_s;
}

static void interval_ended(void *user) {
    struct stb *stb = user;
    struct sampling *sampling = &stb->sampling;
    const uint64_t interval_ms = sampling->interval_s * 1000, now = stb_now(stb);
    sampling->timer = NULL;
    if (sampling->boundary == ENDS) { /* the program has not answered in a whole interval */
        finish(stb);
        stb_figures_clear(stb);
        sampling->astray = true;
    }
    sampling->boundary = ENDS;
    sampling->was_begin = sampling->begin;
    sampling->due.wall_s = as_the_clock_says(stb, sampling->due);
    sampling->ended = sampling->due;
    sampling->missed = now > sampling->due.mono_ms ? (now - sampling->due.mono_ms) / interval_ms : 0;
    sampling->begin = shifted(sampling->due, (int64_t) (sampling->missed * interval_ms));
    sampling->before = sampling->number;
    sampling->number += 1 + (int64_t) sampling->missed;
    sampling->ended_number = sampling->number;
    schedule(stb, false);
    stb_program_want(stb, REASON_SAMPLE);
}

/* ---- The program ------------------------------------------------------------------------------ */

void stb_monitoring_read(struct stb *stb, enum reason reason, bool well, uint64_t elapsed_ms) {
    struct sampling *sampling = &stb->sampling;
    const bool is_newest = stb->program.wanted == 0;
    if (well) {
        stb_figures_count(stb, elapsed_ms, !sampling->astray);
    }
    sampling->astray = sampling->astray && !well;
    if (is_newest) {
        stb_figures_reset(stb);
    }
    if (reason == REASON_SAMPLE && sampling->boundary != NO_BOUNDARY) {
        if (sampling->boundary == ENDS) {
            finish(stb);
        }
        sampling->boundary = NO_BOUNDARY;
        sampling->astray = !well;
        stb_figures_begin(stb);
    }
    if (is_newest && sampling->forced && sampling->boundary == NO_BOUNDARY) {
        sampling->forced = false;
        store(stb, sampling->begin, now_of(stb), false);
        sampling->partial = sampling->count > 0;
        tell_stored(stb);
    }
}

void stb_monitoring_force(struct stb *stb) {
    if (stb->sampling.on) {
        stb->sampling.forced = true;
        stb_program_want(stb, REASON_READ);
    }
}

/* ---- What the ACS set ------------------------------------------------------------------------- */

static void stop(struct stb *stb) {
    struct sampling *sampling = &stb->sampling;
    stb->host->timer_cancel(stb->host, sampling->timer);
    sampling->timer = NULL;
    sampling->on = sampling->forced = sampling->partial = false;
    sampling->boundary = NO_BOUNDARY;
}

static void begin(struct stb *stb, uint64_t interval_s, int64_t reference) {
    struct sampling *sampling = &stb->sampling;
    stop(stb);
    discard(stb);
    sampling->on = true;
    sampling->interval_s = interval_s;
    sampling->reference = reference;
    sampling->number = 0;
    sampling->begin = now_of(stb);
    sampling->boundary = BEGINS;
    sampling->astray = false;
    stb_figures_clear(stb);
    schedule(stb, true);
    stb_program_want(stb, REASON_SAMPLE);
}

static void apply_to_stream(struct stb *stb, struct stream *stream) {
    char name[64];
    (void) snprintf(name, sizeof name, STREAM "%u.ServiceType", stream->instance);
    const bool has_type = stb_text(stb, name)[0] != '\0';
    (void) snprintf(name, sizeof name, STREAM "%u.Enable", stream->instance);
    const bool enabled = has_type && stb_is_true(stb, name);
    if (enabled && !stream->enabled) {
        stb_stream_reset(stb, stream);
    }
    stream->enabled = enabled;
}

void stb_monitoring_apply(struct stb *stb) {
    const struct sampling *sampling = &stb->sampling;
    if ((stb->profiles & BASIC) == 0) {
        return;
    }
    for (size_t i = 0; i < stb->stream_count; i++) {
        apply_to_stream(stb, &stb->streams[i]);
    }
    const bool on = stb_is_true(stb, MONITORING "SampleEnable");
    const uint64_t interval_s = stb_number(stb, MONITORING "SampleInterval");
    const int64_t reference = time_of(stb_text(stb, MONITORING "TimeReference"));
    if (!on) {
        stop(stb);
    } else if (!sampling->on || sampling->interval_s != interval_s || sampling->reference != reference) {
        begin(stb, interval_s, reference);
    }
    stb_figures_truncate(stb, report_samples(stb));
    drop_oldest(&stb->sampling, report_samples(stb));
}

void stb_monitoring_free(struct stb *stb) {
    free(stb->sampling.begins);
}

/* ---- Getters ---------------------------------------------------------------------------------- */

int stb_state_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct stb *stb = tr069_ctx(at);
    return tr069_value_string(ret_value, stb->sampling.on ? "Enabled" : "Disabled");
}

int stb_report_start_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct stb *stb = tr069_ctx(at);
    const struct sampling *sampling = &stb->sampling;
    return tr069_value_time(ret_value,
                            sampling->count > 0 ? wall_of(stb, sampling->begins[0]) : TR069_TIME_UNKNOWN);
}

int stb_report_end_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct stb *stb = tr069_ctx(at);
    return tr069_value_time(ret_value,
                            stb->sampling.count > 0 ? wall_of(stb, stb->sampling.end) : TR069_TIME_UNKNOWN);
}
