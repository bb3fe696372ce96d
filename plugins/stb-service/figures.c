/* plugins/stb-service: counts what the program prints of the main streams. It prints running numbers; what
 * they grew by since the reset is Total., and in a sample interval an item of Sample. */
#define _GNU_SOURCE
#include "stb.h"

#include <stdlib.h>

#define RESPONSE "VideoResponseStats."

static const struct figure figures[] = {
    {"Seconds", SECONDS, BASIC},
    {"SignificantChanges", COUNTER, BASIC},
    {"PVRTimeShift", FLAG, BASIC},
    {"DejitteringStats.Seconds", SECONDS, BASIC},
    {"DejitteringStats.Overruns", COUNTER, BASIC},
    {"DejitteringStats.Underruns", COUNTER, BASIC},
    {"DejitteringStats.EmptyBufferTime", COUNTER, VIDEO},
    {"TCPStats.Seconds", SECONDS, BASIC},
    {"TCPStats.PacketsReceived", COUNTER, BASIC},
    {"TCPStats.PacketsRetransmitted", COUNTER, BASIC},
    {"TCPStats.BytesReceived", COUNTER, BASIC},
    {"RTPStats.Seconds", SECONDS, BASIC},
    {"RTPStats.PacketsReceived", COUNTER, BASIC},
    {"RTPStats.PacketsExpected", COUNTER, BASIC},
    {"RTPStats.PacketsLost", COUNTER, BASIC},
    {"RTPStats.PacketsLostBeforeEC", COUNTER, BASIC},
    {"RTPStats.LossEvents", COUNTER, BASIC},
    {"RTPStats.SevereLossIndexCount", COUNTER, BASIC},
    {"RTPStats.MaximumLossPeriod", LATEST, BASIC},
    {"RTPStats.MinimumLossDistance", LATEST, BASIC},
    {"RTPStats.PacketsReceivedBeforeEC", COUNTER, EC},
    {"RTPStats.RetransmitTimeouts", COUNTER, EC},
    {"RTPStats.LossEventsBeforeEC", COUNTER, EC},
    {"RTPStats.SevereLossIndexCountBeforeEC", COUNTER, EC},
    {"RTPStats.MaximumLossPeriodBeforeEC", LATEST, EC},
    {"RTPStats.MinimumLossDistanceBeforeEC", LATEST, EC},
    {"MPEG2TSStats.Seconds", SECONDS, BASIC},
    {"MPEG2TSStats.TSPacketsReceived", COUNTER, BASIC},
    {"MPEG2TSStats.TSPacketsDrained", COUNTER, BASIC},
    {"MPEG2TSStats.PacketDiscontinuityCounter", COUNTER, BASIC},
    {"VideoDecoderStats.Seconds", SECONDS, BASIC},
    {"VideoDecoderStats.ILostFrames", COUNTER, BASIC},
    {"VideoDecoderStats.FrameRate", LATEST, VIDEO},
    {"VideoDecoderStats.LostFrames", COUNTER, VIDEO},
    {"VideoDecoderStats.DecodedFrames", COUNTER, VIDEO},
    {"VideoDecoderStats.IDecodedFrames", COUNTER, VIDEO},
    {"VideoDecoderStats.ConcealedFrames", COUNTER, VIDEO},
    {"VideoDecoderStats.IConcealedFrames", COUNTER, VIDEO},
    {"AudioDecoderStats.Seconds", SECONDS, AUDIO},
    {"AudioDecoderStats.DecodedFrames", COUNTER, AUDIO},
    {"AudioDecoderStats.DecodingErrors", COUNTER, AUDIO},
    {RESPONSE "Seconds", SECONDS, BASIC},
    {RESPONSE "VideoSystemResponse", TIMES, BASIC},
    {RESPONSE "AverageVideoSystemResponse", MEAN, BASIC},
    {RESPONSE "MinimumVideoSystemResponse", LEAST, BASIC},
    {RESPONSE "MaximumVideoSystemResponse", MOST, BASIC},
};
enum { FIGURES = sizeof figures / sizeof figures[0] };

/* ---- Finding ---------------------------------------------------------------------------------- */

static size_t figure_named(const char *name, size_t length) {
    size_t i = 0;
    while (i < FIGURES &&
           (strlen(figures[i].name) != length || strncmp(figures[i].name, name, length) != 0)) {
        i++;
    }
    return i;
}

static struct stream *stream_numbered(struct stb *stb, uint32_t instance) {
    for (size_t i = 0; i < stb->stream_count; i++) {
        if (stb->streams[i].instance == instance) {
            return &stb->streams[i];
        }
    }
    return NULL;
}

/* "RTPStats.TotalSeconds" -> the track of "RTPStats.Seconds". */
static struct track *track_at(const struct tr069_at *at, const char *part, const struct figure **ret_figure,
                              struct stream **ret_stream) {
    char name[TR069_NAME_MAX];
    const char *behind = strstr(at->path, part);
    struct stream *stream = at->depth > 1 ? stream_numbered(tr069_ctx(at), at->instance[1]) : NULL;
    if (behind == NULL || stream == NULL) {
        return NULL;
    }
    behind += strlen(part);
    const char *seconds = strstr(behind, part[1] == 'T' ? "TotalSeconds" : "SampleSeconds");
    (void) snprintf(name, sizeof name, "%.*s%s",
                    (int) (seconds != NULL ? seconds - behind : (long) strlen(behind)), behind,
                    seconds != NULL ? "Seconds" : "");
    const size_t i = figure_named(name, strlen(name));
    *ret_figure = i < FIGURES ? &figures[i] : NULL;
    *ret_stream = stream;
    return i < FIGURES ? &stream->tracks[i] : NULL;
}

/* ---- Reading ---------------------------------------------------------------------------------- */

static size_t item_count(const char *list, char between) {
    size_t count = *list != '\0' ? 1 : 0;
    for (; (list = strchr(list, between)) != NULL; list++) {
        count++;
    }
    return count;
}

/* They are those of the interval so far. Fewer than before: the program began anew. */
static bool read_times(struct stream *stream, const char *text) {
    struct times read = {.least = UINT64_MAX};
    struct times *times = &stream->times;
    times->skip = item_count(text, ':') < times->count ? 0 : times->skip;
    for (const char *at = text; *at != '\0';) {
        char number[24];
        uint64_t value;
        const size_t length = strcspn(at, ":");
        (void) snprintf(number, sizeof number, "%.*s", (int) (length < sizeof number ? length : 0), at);
        if (!stb_parse(number, &value) || value > UINT32_MAX) {
            return false;
        }
        read.count++;
        read.sum += value;
        read.least = value < read.least ? value : read.least;
        read.most = value > read.most ? value : read.most;
        if (read.count > times->skip && stream->enabled) {
            times->total_least =
                times->total_least == 0 || value < times->total_least ? value : times->total_least;
            times->total_most = value > times->total_most ? value : times->total_most;
        }
        at += length + (at[length] == ':' ? 1 : 0);
    }
    times->count = read.count;
    times->sum = read.sum;
    times->least = read.count > 0 ? read.least : 0;
    times->most = read.most;
    return true;
}

static bool read_figure(struct stream *stream, size_t i, const char *text) {
    struct track *track = &stream->tracks[i];
    bool well = figures[i].kind < MEAN;
    if (figures[i].kind == TIMES) {
        well = read_times(stream, text);
    } else if (figures[i].kind == FLAG) {
        track->printed = strcmp(text, "true") == 0;
        well = track->printed != 0 || strcmp(text, "false") == 0;
    } else {
        well = well && stb_parse(text, &track->printed) && track->printed <= UINT64_MAX / 1000;
    }
    track->is_printed = well;
    return well;
}

bool stb_figure_print(struct stb *stb, const char *name, const char *text) {
    char number[16];
    uint64_t instance;
    const size_t prefix = strlen("MainStream.");
    if (strncmp(name, "MainStream.", prefix) != 0) {
        return false;
    }
    const size_t digits = strspn(name + prefix, "0123456789");
    (void) snprintf(number, sizeof number, "%.*s", (int) (digits < sizeof number ? digits : 0),
                    name + prefix);
    struct stream *stream = stb_parse(number, &instance) ? stream_numbered(stb, (uint32_t) instance) : NULL;
    const char *rest = name + prefix + digits;
    if (stream == NULL || *rest != '.') {
        return false;
    }
    const size_t i = figure_named(rest + 1, strlen(rest + 1));
    return i < FIGURES && read_figure(stream, i, text);
}

/* ---- Counting --------------------------------------------------------------------------------- */

/* A number that became smaller was begun anew by the program. One that was not there at the first reading
 * began since. */
static uint64_t growth(const struct stb *stb, const struct track *track) {
    if (!track->is_known && !stb->program.attempted) {
        return 0;
    }
    return track->is_known && track->printed >= track->last ? track->printed - track->last : track->printed;
}

static size_t category_length(const char *name) {
    const char *dot = strchr(name, '.');
    return dot != NULL ? (size_t) (dot - name) + 1 : 0;
}

/* Did the program print anything of it? */
static bool category_is_printed(const struct stream *stream, const char *seconds) {
    const size_t length = category_length(seconds);
    for (size_t i = 0; i < FIGURES; i++) {
        if (stream->tracks[i].is_printed && strncmp(figures[i].name, seconds, length) == 0) {
            return true;
        }
    }
    return false;
}

static void count_track(const struct stb *stb, const struct stream *stream, size_t i, uint64_t elapsed_ms,
                        bool in_interval) {
    struct track *track = &stream->tracks[i];
    const enum kind kind = figures[i].kind;
    uint64_t more = 0;
    if (track->is_printed && (kind == COUNTER || kind == SECONDS)) {
        more = growth(stb, track) * (kind == SECONDS ? 1000 : 1);
        track->last = track->printed;
        track->is_known = true;
    } else if (kind == SECONDS && category_is_printed(stream, figures[i].name)) {
        more = elapsed_ms;
    } else if (track->is_printed && kind == LATEST) {
        track->total = stream->enabled ? track->printed : track->total;
        track->interval = stream->enabled ? track->printed : 0;
    } else if (track->is_printed && kind == FLAG) {
        track->interval |= stream->enabled ? track->printed : 0;
    }
    if (stream->enabled) {
        track->total += more;
        track->interval += in_interval ? more : 0;
    }
}

static void reset_now(struct stream *stream) {
    for (size_t i = 0; i < FIGURES; i++) {
        stream->tracks[i].total = 0;
    }
    stream->times.total_least = stream->times.total_most = 0;
    stream->times.skip = stream->times.count;
    stream->reset = false;
}

static uint32_t total_of(const struct stream *stream, size_t i) {
    const struct track *track = &stream->tracks[i];
    const enum kind kind = figures[i].kind;
    const uint64_t number = kind == SECONDS ? track->total / 1000
                            : kind == LEAST ? stream->times.total_least
                            : kind == MOST  ? stream->times.total_most
                                            : track->total;
    return stream->reset ? 0 : (uint32_t) number;
}

/* What has no such parameter is no change to the client. */
static void changed(const struct stb *stb, const struct stream *stream, size_t i, const char *part) {
    char name[TR069_NAME_MAX];
    const size_t category = category_length(figures[i].name);
    const bool seconds = figures[i].kind == SECONDS;
    (void) snprintf(name, sizeof name, STREAM "%u.%s.%.*s%s%s", stream->instance, part, (int) category,
                    figures[i].name, seconds ? part : "", figures[i].name + category);
    stb_changed(stb, name);
}

static void tell_totals(const struct stb *stb, const struct stream *stream) {
    for (size_t i = 0; i < FIGURES; i++) {
        const uint32_t total = total_of(stream, i);
        if (total != stream->tracks[i].shown && stb->program.attempted) {
            changed(stb, stream, i, "Total");
        }
        stream->tracks[i].shown = total;
    }
}

void stb_figures_count(struct stb *stb, uint64_t elapsed_ms, bool in_interval) {
    for (size_t s = 0; s < stb->stream_count; s++) {
        struct stream *stream = &stb->streams[s];
        for (size_t i = 0; i < FIGURES; i++) {
            count_track(stb, stream, i, elapsed_ms, in_interval);
        }
        for (size_t i = 0; i < FIGURES; i++) {
            stream->tracks[i].is_printed = false;
        }
        tell_totals(stb, stream);
    }
}

void stb_figures_reset(struct stb *stb) {
    for (size_t s = 0; s < stb->stream_count; s++) {
        if (stb->streams[s].reset) {
            reset_now(&stb->streams[s]);
            tell_totals(stb, &stb->streams[s]);
        }
    }
}

void stb_figures_clear(struct stb *stb) {
    for (size_t s = 0; s < stb->stream_count; s++) {
        struct times *times = &stb->streams[s].times;
        for (size_t i = 0; i < FIGURES; i++) {
            stb->streams[s].tracks[i].interval = 0;
        }
        times->sum = times->least = times->most = 0;
    }
}

void stb_figures_begin(struct stb *stb) {
    stb_figures_clear(stb);
    for (size_t s = 0; s < stb->stream_count; s++) {
        stb->streams[s].times.count = stb->streams[s].times.skip = 0;
    }
}

void stb_stream_reset(struct stb *stb, struct stream *stream) {
    stream->reset = true;
    stream->reset_ms = stb_now(stb);
}

/* ---- Samples ---------------------------------------------------------------------------------- */

static uint64_t item_number(const struct stream *stream, size_t i, uint64_t length_ms) {
    const struct times *times = &stream->times;
    const uint64_t number = stream->tracks[i].interval;
    switch (stream->enabled ? figures[i].kind : LATEST) {
    case SECONDS:
        return ((number < length_ms ? number : length_ms) + 500) / 1000;
    case MEAN:
        return times->count > 0 ? times->sum / times->count : 0;
    case LEAST:
        return times->least;
    case MOST:
        return times->most;
    default:
        return number;
    }
}

static const char *without_last(const char *list) {
    const char *comma = strrchr(list, ',');
    return comma != NULL ? comma : list;
}

/* `keep` characters from `from`, and the item. */
static int put_item(struct track *track, const char *from, size_t keep, const char *item) {
    char *list;
    if (asprintf(&list, "%.*s%s%s", (int) keep, from, keep > 0 ? "," : "", item) < 0) {
        return -ENOMEM;
    }
    track->is_changed = track->is_changed || track->list == NULL || strcmp(track->list, list) != 0;
    free(track->list);
    track->list = list;
    return 0;
}

static const char *behind_oldest(const char *list, size_t too_many) {
    for (; too_many > 0; too_many--) {
        const char *comma = strchr(list, ',');
        list = comma != NULL ? comma + 1 : list + strlen(list);
    }
    return list;
}

static int store(const struct stream *stream, size_t i, bool instead, uint64_t length_ms, size_t most) {
    char item[24];
    struct track *track = &stream->tracks[i];
    const char *list = track->list != NULL ? track->list : "";
    const size_t length = instead ? (size_t) (without_last(list) - list) : strlen(list);
    const size_t count = item_count(list, ',') + (instead ? 0 : 1);
    const char *from = behind_oldest(list, count > most ? count - most : 0);
    const uint64_t number = length_ms == 0 ? 0 : item_number(stream, i, length_ms);
    if (figures[i].kind == FLAG) {
        (void) snprintf(item, sizeof item, "%s", number != 0 ? "true" : "false");
    } else {
        (void) snprintf(item, sizeof item, "%u", (unsigned) (number & UINT32_MAX));
    }
    return put_item(track, from, from < list + length ? (size_t) (list + length - from) : 0, item);
}

static bool has_list(const struct stb *stb, size_t i) {
    return figures[i].kind != TIMES && (figures[i].profiles & stb->profiles) != 0;
}

int stb_figures_store(struct stb *stb, bool instead, uint64_t length_ms, size_t most) {
    int r = 0;
    for (size_t s = 0; s < stb->stream_count; s++) {
        for (size_t i = 0; i < FIGURES && r == 0; i++) {
            r = has_list(stb, i) ? store(&stb->streams[s], i, instead, length_ms, most) : 0;
        }
    }
    return r;
}

void stb_figures_stored(struct stb *stb) {
    for (size_t s = 0; s < stb->stream_count; s++) {
        for (size_t i = 0; i < FIGURES; i++) {
            if (stb->streams[s].tracks[i].is_changed) {
                stb->streams[s].tracks[i].is_changed = false;
                changed(stb, &stb->streams[s], i, "Sample");
            }
        }
    }
}

void stb_figures_truncate(struct stb *stb, size_t most) {
    for (size_t s = 0; s < stb->stream_count; s++) {
        for (size_t i = 0; i < FIGURES; i++) {
            char *list = stb->streams[s].tracks[i].list;
            const size_t count = list != NULL ? item_count(list, ',') : 0;
            if (count > most) {
                const char *from = behind_oldest(list, count - most);
                memmove(list, from, strlen(from) + 1);
            }
        }
    }
}

void stb_figures_discard(struct stb *stb) {
    for (size_t s = 0; s < stb->stream_count; s++) {
        for (size_t i = 0; i < FIGURES; i++) {
            free(stb->streams[s].tracks[i].list);
            stb->streams[s].tracks[i].list = NULL;
        }
    }
}

/* ---- Getters ---------------------------------------------------------------------------------- */

int stb_total_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct figure *figure;
    struct stream *stream;
    if (track_at(at, ".Total.", &figure, &stream) == NULL) {
        return -ENOENT;
    }
    return tr069_value_uint(ret_value, total_of(stream, (size_t) (figure - figures)));
}

int stb_sample_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct figure *figure;
    struct stream *stream;
    const struct track *track = track_at(at, ".Sample.", &figure, &stream);
    return track != NULL ? tr069_value_string(ret_value, track->list) : -ENOENT;
}

int stb_reset_time_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct stb *stb = tr069_ctx(at);
    const struct stream *stream = stream_numbered(stb, at->instance[1]);
    if (stream == NULL) {
        return -ENOENT;
    }
    return tr069_value_uint(ret_value,
                            stream->enabled ? (stb_now(stb) - stream->reset_ms) / 1000 & UINT32_MAX : 0);
}

int stb_stream_status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct stb *stb = tr069_ctx(at);
    const struct stream *stream = stream_numbered(stb, at->instance[1]);
    return tr069_value_string(ret_value, stream == NULL || !stream->enabled ? "Disabled"
                                         : stb->program.failed              ? "Error"
                                                                            : "Enabled");
}

/* ---- Life ------------------------------------------------------------------------------------- */

int stb_figures_init(struct stb *stb) {
    const uint64_t rows = (stb->profiles & BASIC) != 0 ? stb_rows(stb, STREAM) : 0;
    for (uint32_t row = 1; row <= ROWS_MAX; row++) {
        if ((rows >> row & 1) == 0) {
            continue;
        }
        if (stb->stream_count == STREAMS_MAX) {
            stb->host->log(stb->host, TR069_ERROR, "values: more than %d rows of " STREAM, STREAMS_MAX);
            return -EINVAL;
        }
        struct track *tracks = calloc(FIGURES, sizeof *tracks);
        if (tracks == NULL) {
            return -ENOMEM;
        }
        stb->streams[stb->stream_count++] =
            (struct stream){.instance = row, .tracks = tracks, .reset_ms = stb_now(stb)};
    }
    return 0;
}

void stb_figures_free(struct stb *stb) {
    stb_figures_discard(stb);
    for (size_t s = 0; s < stb->stream_count; s++) {
        free(stb->streams[s].tracks);
    }
}
