/* When a transfer is due: its delay, its time windows, and the clocks they are measured by. */
#include <config.h>

#include "cwmp/transfers_internal.h"

/* Of retries within a window; MaxRetries -1 leaves their number to us. */
enum { RETRIES = 3, RETRY_MS = 10000, RETRY_DOUBLINGS = 5 };

static int refuse_window(const struct tr069_window *window, const struct tr069_window *before,
                         struct tr069_fault *fault) {
    if (window->end_s <= window->start_s) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS,
                           "TimeWindowList: a window ends at %u, it starts at %u", (unsigned) window->end_s,
                           (unsigned) window->start_s);
    }
    if (before != NULL && window->start_s < before->end_s) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS,
                           "TimeWindowList: the second window begins before the first one has ended");
    }
    if (window->max_retries < -1) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "TimeWindowList: MaxRetries %d is below -1",
                           (int) window->max_retries);
    }
    return window->mode >= TR069_AT_ANY_TIME && window->mode <= TR069_CONFIRMATION_NEEDED
               ? TR069_OK
               : tr069_fault(fault, TR069_INVALID_ARGUMENTS, "TimeWindowList: unknown WindowMode");
}

int entry_check_windows(const struct tr069_transfer *request, struct tr069_fault *fault) {
    int verdict = TR069_OK;
    if (request->window_count > TR069_WINDOWS_MAX) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "TimeWindowList: more than %d windows",
                           TR069_WINDOWS_MAX);
    }
    for (size_t i = 0; verdict == TR069_OK && i < request->window_count; i++) {
        verdict = refuse_window(&request->windows[i], i > 0 ? &request->windows[i - 1] : NULL, fault);
    }
    return verdict;
}

static uint64_t on_clock(const struct entry *entry, uint32_t seconds) {
    int64_t ms = entry->base_ms + (int64_t) seconds * 1000;
    return ms > 0 ? (uint64_t) ms : 0;
}

static void show_window(struct entry *entry) {
    struct transfer *t = &entry->transfer;
    t->window = entry->window < t->request.window_count ? &entry->windows[entry->window] : NULL;
    t->until_ms = t->window != NULL ? on_clock(entry, t->window->end_s) : UINT64_MAX;
}

static void set_due(struct entry *entry) {
    struct transfer *t = &entry->transfer;
    show_window(entry);
    t->due_ms = on_clock(entry, t->window != NULL ? t->window->start_s : t->request.delay_s);
    if (t->request.window_count > 0 && t->window == NULL) {
        t->due_ms = 0; /* to be ended */
    } else if (t->due_ms < entry->wait_ms) {
        t->due_ms = entry->wait_ms < t->until_ms ? entry->wait_ms : t->until_ms;
    }
}

void entry_asked(struct entry *entry, const struct moment *now) {
    entry->asked_s = now->wall_s;
    entry->base_ms = (int64_t) now->mono_ms;
    set_due(entry);
}

void entry_place(struct entry *entry, const struct moment *now) {
    int64_t passed = 0;
    entry->guessed = entry->asked_s == CLOCK_WALL_UNKNOWN || now->wall_s == CLOCK_WALL_UNKNOWN;
    if (!entry->guessed && now->wall_s > entry->asked_s) {
        passed = now->wall_s - entry->asked_s - 1; /* both are whole seconds: at least so much */
    }
    if (passed > UINT32_MAX) { /* no delay is longer */
        passed = UINT32_MAX;
    }
    entry->base_ms = (int64_t) now->mono_ms - passed * 1000;
    set_due(entry);
}

bool entry_learn_clock(struct entry *entry, const struct moment *now) {
    int64_t before = entry->base_ms;
    if (now->wall_s == CLOCK_WALL_UNKNOWN) {
        return false;
    }
    if (entry->asked_s == CLOCK_WALL_UNKNOWN) {
        entry->asked_s = now->wall_s - ((int64_t) now->mono_ms - before) / 1000;
        entry->guessed = false;
        return true;
    }
    if (entry->guessed) {
        entry_place(entry, now);
        entry->base_ms = entry->base_ms < before ? entry->base_ms : before;
        set_due(entry);
    }
    return false;
}

static void next_window(struct entry *entry) {
    entry->window++;
    entry->attempts = 0;
    entry->wait_ms = 0;
    entry->transfer.agreed = false;
}

bool entry_schedule(struct entry *entry, const struct moment *now) {
    size_t before = entry->window;
    show_window(entry);
    while (entry->transfer.window != NULL && now->mono_ms >= entry->transfer.until_ms) {
        next_window(entry);
        show_window(entry);
    }
    set_due(entry);
    return entry->window != before;
}

bool entry_try_again(struct entry *entry, const struct moment *now) {
    if (entry->transfer.request.window_count == 0) {
        return false;
    }
    const bool over = entry_schedule(entry, now); /* the window in which it failed */
    const struct tr069_window *window = entry->transfer.window;
    if (!over && window != NULL) {
        int32_t allowed = window->max_retries < 0 ? RETRIES : window->max_retries;
        int32_t doublings = entry->attempts < RETRY_DOUBLINGS ? entry->attempts : RETRY_DOUBLINGS;
        entry->attempts++;
        entry->wait_ms = now->mono_ms + ((uint64_t) RETRY_MS << doublings);
        entry->transfer.agreed = false;
        if (entry->attempts > allowed || entry->wait_ms >= entry->transfer.until_ms) {
            next_window(entry);
        }
    }
    entry->tries = 0;
    set_due(entry);
    return entry->transfer.window != NULL;
}
