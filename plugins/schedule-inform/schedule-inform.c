/* plugins/schedule-inform: the RPC ScheduleInform. Orders are kept over reboots, and go on by the wall clock
 * where it is known, else from their start. One whose ACS is no longer the box's is dropped. */
#include <tr069/plugin.h>

#include <inttypes.h>
#include <stdlib.h>

enum {
    ORDERS_MAX = 32,
    KEY_SIZE = TR069_COMMAND_KEY_MAX * 4 + 1,
    URL_SIZE = 256 * 4 + 1,
    CLOCK_MS = 60000 /* between two looks whether the clock is known by now, while an order waits for that */
};

struct words {
    char key[KEY_SIZE];
    char url[URL_SIZE]; /* of the ACS that ordered it */
};

struct order {
    struct words *words; /* NULL: a free place */
    bool guessed;        /* due_ms restarted, because the wall clock was not known */
    uint64_t serial;     /* which of two with the same time was ordered first */
    uint32_t delay_s;
    uint64_t due_ms; /* monotonic */
    int64_t due_s;   /* wall clock, or unknown */
};

struct schedule {
    const struct tr069_host *host;
    struct order orders[ORDERS_MAX];
    uint64_t serial;
    struct tr069_timer *timer;
};

/* ---- Kept over restarts: a value an order ------------------------------------------------------ */

static void state_key(size_t slot, char out[16]) {
    (void) snprintf(out, 16, "order-%02u", (unsigned) slot % 100);
}

static int keep(const struct schedule *schedule, size_t slot) {
    const struct order *order = &schedule->orders[slot];
    char key[16], value[KEY_SIZE + URL_SIZE + 80];
    state_key(slot, key);
    (void) snprintf(value, sizeof value, "%" PRIu64 " %" PRIu32 " %" PRId64 "\n%s\n%s", order->serial,
                    order->delay_s, order->due_s, order->words->url, order->words->key);
    return schedule->host->state_put(schedule->host, key, value);
}

static void clear(struct order *order) {
    free(order->words);
    order->words = NULL;
}

static void drop(struct schedule *schedule, size_t slot) {
    char key[16];
    state_key(slot, key);
    (void) schedule->host->state_put(schedule->host, key, NULL);
    clear(&schedule->orders[slot]);
}

/* When it is due, by the wall clock if it is known now and was known then. Never later than its whole delay
 * from now, whatever the clock did. */
static void place(const struct schedule *schedule, struct order *order) {
    int64_t now_s = schedule->host->wall_clock(schedule->host);
    int64_t left = order->delay_s;
    order->guessed = order->due_s == TR069_TIME_UNKNOWN || now_s == TR069_TIME_UNKNOWN;
    if (!order->guessed && order->due_s - now_s < left) {
        left = order->due_s > now_s ? order->due_s - now_s : 0;
    }
    order->due_ms = schedule->host->monotonic_ms(schedule->host) + (uint64_t) left * 1000;
}

static bool parse(const char *value, struct order *order) {
    char *end;
    const char *url = strchr(value, '\n');
    const char *key = url != NULL ? strchr(url + 1, '\n') : NULL;
    if (key == NULL || (size_t) (key - url - 1) >= URL_SIZE || strlen(key + 1) >= KEY_SIZE) {
        return false;
    }
    order->words = malloc(sizeof *order->words);
    if (order->words == NULL) {
        return false;
    }
    order->serial = strtoull(value, &end, 10);
    order->delay_s = (uint32_t) strtoull(end, &end, 10);
    order->due_s = strtoll(end, &end, 10);
    (void) snprintf(order->words->url, URL_SIZE, "%.*s", (int) (key - url - 1), url + 1);
    (void) snprintf(order->words->key, KEY_SIZE, "%s", key + 1);
    return end == url;
}

static void load(struct schedule *schedule) {
    for (size_t i = 0; i < ORDERS_MAX; i++) {
        struct order *order = &schedule->orders[i];
        char key[16];
        state_key(i, key);
        const char *value = schedule->host->state_get(schedule->host, key);
        if (value == NULL) {
            continue;
        }
        if (!parse(value, order)) {
            clear(order);
            schedule->host->log(schedule->host, TR069_ERROR, "the stored %s cannot be understood", key);
        } else {
            place(schedule, order);
            schedule->serial = order->serial >= schedule->serial ? order->serial + 1 : schedule->serial;
        }
    }
}

/* ---- When they are due ------------------------------------------------------------------------- */

static void read_url(const struct schedule *schedule, char *url, size_t size) {
    char path[64];
    const struct tr069_host *host = schedule->host;
    (void) snprintf(path, sizeof path, "%sManagementServer.URL", host->root(host));
    if (host->get(host, path, url, size) < 0) {
        url[0] = '\0';
    }
}

static void learn_clock(struct schedule *schedule) {
    int64_t now_s = schedule->host->wall_clock(schedule->host);
    uint64_t now = schedule->host->monotonic_ms(schedule->host);
    for (size_t i = 0; now_s != TR069_TIME_UNKNOWN && i < ORDERS_MAX; i++) {
        struct order *order = &schedule->orders[i];
        if (order->words == NULL || !order->guessed) {
            continue;
        }
        uint64_t guess = order->due_ms;
        if (order->due_s == TR069_TIME_UNKNOWN) {
            order->due_s = now_s + (guess > now ? (int64_t) ((guess - now) / 1000) : 0);
            order->guessed = false;
            (void) keep(schedule, i);
        } else {
            place(schedule, order);
            order->due_ms = order->due_ms < guess ? order->due_ms : guess;
        }
    }
}

/* The earliest, of those at the same time the one that was ordered first; ORDERS_MAX: none. */
static size_t first(const struct schedule *schedule) {
    size_t found = ORDERS_MAX;
    for (size_t i = 0; i < ORDERS_MAX; i++) {
        const struct order *order = &schedule->orders[i], *best = &schedule->orders[found % ORDERS_MAX];
        if (order->words != NULL && (found == ORDERS_MAX || order->due_ms < best->due_ms ||
                                     (order->due_ms == best->due_ms && order->serial < best->serial))) {
            found = i;
        }
    }
    return found;
}

static bool any_guessed(const struct schedule *schedule) {
    for (size_t i = 0; i < ORDERS_MAX; i++) {
        if (schedule->orders[i].words != NULL && schedule->orders[i].guessed) {
            return true;
        }
    }
    return false;
}

/* The event and the end of the order are on disk together. Without room for the event it comes later. */
static void fire(struct schedule *schedule, size_t slot, const char *url) {
    const struct tr069_host *host = schedule->host;
    struct order *order = &schedule->orders[slot];
    if (strcmp(order->words->url, url) != 0) {
        host->log(host, TR069_NOTICE, "an order of a former ACS is dropped");
    } else if (host->event(host, "M ScheduleInform", order->words->key, TR069_NOW) < 0) {
        order->due_ms = host->monotonic_ms(host) + CLOCK_MS;
        return;
    }
    drop(schedule, slot);
}

static void look(void *user) {
    struct schedule *schedule = user;
    const struct tr069_host *host = schedule->host;
    char url[URL_SIZE];
    schedule->timer = NULL;
    learn_clock(schedule);
    read_url(schedule, url, sizeof url);
    uint64_t now = host->monotonic_ms(host);
    size_t slot = first(schedule);
    for (; slot < ORDERS_MAX && schedule->orders[slot].due_ms <= now; slot = first(schedule)) {
        fire(schedule, slot, url);
    }
    host->contact(host, slot < ORDERS_MAX ? schedule->orders[slot].due_ms : UINT64_MAX);
    if (slot < ORDERS_MAX) {
        uint64_t wait = schedule->orders[slot].due_ms - now;
        wait = any_guessed(schedule) && wait > CLOCK_MS ? CLOCK_MS : wait;
        if (host->timer(host, wait, look, schedule, &schedule->timer) < 0) {
            host->log(host, TR069_ERROR, "no memory for a timer: orders wait for the next one");
            schedule->timer = NULL;
        }
    }
}

/* ---- The RPC ----------------------------------------------------------------------------------- */

static int schedule_call(const struct tr069_call *call) {
    struct schedule *schedule = call->ctx;
    const struct tr069_host *host = call->host;
    uint32_t delay = (uint32_t) call->args[0].as.number;
    size_t slot = 0;
    if (delay == 0) {
        return tr069_fault(call->fault, TR069_INVALID_ARGUMENTS, "DelaySeconds is 0");
    }
    while (slot < ORDERS_MAX && schedule->orders[slot].words != NULL) {
        slot++;
    }
    if (slot == ORDERS_MAX) {
        return tr069_fault(call->fault, TR069_RESOURCES_EXCEEDED, "%d Informs are scheduled already",
                           ORDERS_MAX);
    }
    struct order *order = &schedule->orders[slot];
    int64_t now_s = host->wall_clock(host);
    order->words = malloc(sizeof *order->words);
    if (order->words == NULL) {
        return -ENOMEM;
    }
    order->serial = schedule->serial;
    order->delay_s = delay;
    order->due_ms = host->monotonic_ms(host) + (uint64_t) delay * 1000;
    order->due_s = now_s != TR069_TIME_UNKNOWN ? now_s + (int64_t) delay : TR069_TIME_UNKNOWN;
    order->guessed = now_s == TR069_TIME_UNKNOWN;
    (void) snprintf(order->words->key, KEY_SIZE, "%s", call->args[1].as.string);
    read_url(schedule, order->words->url, URL_SIZE);
    int r = keep(schedule, slot);
    if (r < 0) {
        clear(order);
        return r;
    }
    schedule->serial++;
    host->timer_cancel(host, schedule->timer);
    look(schedule);
    return TR069_OK;
}

static const struct tr069_arg args[] = {
    {"DelaySeconds", TR069_UINT}, {"CommandKey", TR069_STRING, .max_length = TR069_COMMAND_KEY_MAX}, {0}};
static const struct tr069_rpc rpcs[] = {{"ScheduleInform", args, .call = schedule_call}, {0}};

/* ---- Life -------------------------------------------------------------------------------------- */

static int schedule_init(const struct tr069_host *host, void **ret_ctx) {
    struct schedule *schedule = calloc(1, sizeof *schedule);
    if (schedule == NULL) {
        return -ENOMEM;
    }
    schedule->host = host;
    *ret_ctx = schedule;
    return 0;
}

static int schedule_start(void *ctx) {
    struct schedule *schedule = ctx;
    load(schedule);
    look(schedule);
    return 0;
}

static void schedule_stop(void *ctx) {
    struct schedule *schedule = ctx;
    schedule->host->timer_cancel(schedule->host, schedule->timer);
    schedule->timer = NULL;
}

/* A factory reset: what is kept goes by itself. */
static void schedule_forget(void *ctx) {
    struct schedule *schedule = ctx;
    schedule_stop(schedule);
    for (size_t i = 0; i < ORDERS_MAX; i++) {
        clear(&schedule->orders[i]);
    }
}

static void schedule_destroy(void *ctx) {
    struct schedule *schedule = ctx;
    for (size_t i = 0; schedule != NULL && i < ORDERS_MAX; i++) {
        clear(&schedule->orders[i]);
    }
    free(schedule);
}

TR069_PLUGIN(.name = "schedule-inform", .version = "1", .summary = "the RPC ScheduleInform", .rpcs = rpcs,
             .init = schedule_init, .start = schedule_start, .stop = schedule_stop,
             .destroy = schedule_destroy, .forget = schedule_forget);
