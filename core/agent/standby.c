/* Standby (TR-069 Annex L; TR-181 ManagementServer.StandbyPolicy.): whether the box may sleep, who wakes it
 * up for the ACS, and what the ACS is told when it has woken up.
 *
 * A sleep is known in two ways: the platform announces it (tr069-ctl standby, wakeup), or the clock that
 * counts suspend has run ahead of the one that does not. That is looked at before a session begins and at the
 * end of each turn of the loop, and what was missed is judged by what was ahead at the end of the turn
 * before: wherever in a turn the box fell asleep, timers that have fired since do not matter. What was missed
 * is told and done at once: the timers run on over a suspend. */
#include <config.h>

#include "agent/agent_internal.h"
#include "agent/host.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LOG_ROOM "standby"

#ifndef TFD_TIMER_CANCEL_ON_SET
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)
#endif
#ifndef CLOCK_BOOTTIME_ALARM
#define CLOCK_BOOTTIME_ALARM 9
#endif

enum {
    SUSPEND_MIN_MS = 1000,
    LATE_MS = 60000, /* a contact that is made within a minute was not missed */
    SOON_MS = 10000  /* for so short a time nobody goes to sleep */
};

/* When the ACS is next expected to hear of the box; SCHEDULE_NEVER: not. */
struct contacts {
    uint64_t periodic_ms, scheduled_ms;
};

struct standby {
    bool timer_capable;
    int alarm_fd, clock_fd; /* -1: none */
    struct tr069_watch *alarm_watch, *clock_watch;
    uint64_t alarm_ms;     /* what the alarm is set to */
    uint64_t suspended_ms; /* of which we know */
    bool warned;
    /* of the sleep that the platform announced */
    bool announced, reachable;
    uint64_t since_ms;
    struct contacts ahead; /* at its beginning, or when the ACS was last spoken to in it */
    struct contacts next;  /* as they stood when the client last had something to do */
};

static int policy(struct agent *agent, const char *name) {
    char path[64];
    (void) snprintf(path, sizeof path, "StandbyPolicy.%s", name);
    return (int) management_server_int(agent, path);
}

/* ---- contacts ---- */

static struct contacts next_contacts(struct agent *agent) {
    const struct moment now = agent_now(agent);
    struct contacts next = {agent->schedule.periodic_ms, SCHEDULE_NEVER};
    const struct transfer *transfer = transfers_next(agent->transfers, &now, &next.scheduled_ms);
    if (transfer != NULL && transfer->state == TRANSFER_QUEUED) {
        next.scheduled_ms = transfer->due_ms;
    }
    for (const struct plugin *plugin = agent->contacts; plugin != NULL; plugin = plugin->contact_next) {
        if (plugin->contact_ms < next.scheduled_ms) {
            next.scheduled_ms = plugin->contact_ms;
        }
    }
    return next;
}

/* The first for which the ACS wants the box to be awake. What is due already is done by a box that is awake.
 */
static uint64_t wanted_ms(struct agent *agent, const struct contacts *next) {
    const uint64_t now = clock_mono_ms();
    uint64_t wanted = SCHEDULE_NEVER;
    if (policy(agent, "PeriodicAwarenessRequested") != 0 && next->periodic_ms > now) {
        wanted = next->periodic_ms;
    }
    if (policy(agent, "ScheduledAwarenessRequested") != 0 && next->scheduled_ms > now &&
        next->scheduled_ms < wanted) {
        wanted = next->scheduled_ms;
    }
    return wanted;
}

/* ---- the alarm clock ---- */

void standby_arm(struct agent *agent) {
    struct standby *standby = agent->standby;
    if (standby == NULL) {
        return;
    }
    standby_look(agent);
    standby->next = next_contacts(agent);
    const uint64_t due = wanted_ms(agent, &standby->next);
    if (!standby->timer_capable && due != SCHEDULE_NEVER && !standby->warned) {
        standby->warned = true;
        log_warning("the ACS wants the box to wake up by itself, which it cannot (standby_timer)");
    }
    if (!standby->timer_capable || standby->alarm_fd < 0 || due == standby->alarm_ms) {
        return;
    }
    struct itimerspec when = {0};
    if (due != SCHEDULE_NEVER) {
        when.it_value = clock_timespec(due);
    }
    if (timerfd_settime(standby->alarm_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0) {
        log_error("the alarm clock cannot be set: %s", strerror(errno));
    }
    standby->alarm_ms = due;
}

/* The box is awake now: the timers that are due fire in this turn. */
static void on_alarm(void *user, int fd, int what) {
    struct agent *agent = user;
    uint64_t count;
    (void) what;
    if (read(fd, &count, sizeof count) == (ssize_t) sizeof count) {
        agent->standby->alarm_ms = SCHEDULE_NEVER;
    }
}

static int open_alarm(struct agent *agent) {
    struct standby *standby = agent->standby;
    standby->alarm_fd = timerfd_create(CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC | TFD_NONBLOCK);
    return standby->alarm_fd < 0 ? -errno
                                 : loop_watch(agent->loop, standby->alarm_fd, TR069_READABLE, on_alarm, agent,
                                              &standby->alarm_watch);
}

/* ---- waking up ---- */

static void set_clock_watch(int fd) {
    const struct itimerspec never = {.it_value.tv_sec =
                                         (time_t) (sizeof(time_t) > 4 ? INT64_MAX : INT32_MAX)};
    (void) timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

/* A resume, or somebody set the clock: the end of this turn looks what it was. */
static void on_clock(void *user, int fd, int what) {
    uint64_t count;
    (void) user;
    (void) what;
    if (read(fd, &count, sizeof count) < 0 && errno == ECANCELED) {
        set_clock_watch(fd);
    }
}

static int watch_clock(struct agent *agent) {
    struct standby *standby = agent->standby;
    standby->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (standby->clock_fd < 0) {
        return -errno;
    }
    set_clock_watch(standby->clock_fd);
    return loop_watch(agent->loop, standby->clock_fd, TR069_READABLE, on_clock, agent, &standby->clock_watch);
}

static bool is_over(int64_t limit, uint64_t value) {
    return limit >= 0 && value > (uint64_t) limit;
}

/* How many of those that are due at that time, and each interval later, the box slept over. */
static uint64_t missed(uint64_t due_ms, uint64_t interval_ms, uint64_t slept_ms) {
    const uint64_t now = clock_mono_ms();
    if (due_ms > now || now - due_ms < LATE_MS || now - due_ms > slept_ms + LATE_MS) {
        return 0; /* to come; on time; before the sleep */
    }
    return 1 + (now - due_ms - LATE_MS) / interval_ms;
}

/* The box has slept for `ms`, when these contacts were ahead. */
static void woke_up(struct agent *agent, uint64_t ms, bool reachable, const struct contacts *ahead) {
    const uint64_t periodic = missed(ahead->periodic_ms, (uint64_t) agent->schedule.interval_s * 1000, ms);
    const bool scheduled = missed(ahead->scheduled_ms, UINT64_MAX, ms) > 0;
    const bool tell =
        (!reachable && is_over((int64_t) policy(agent, "CRUnawarenessMaxDuration") * 1000, ms)) ||
        is_over(policy(agent, "MaxMissedPeriodic"), periodic) ||
        (scheduled && policy(agent, "NotifyMissedScheduled") != 0);
    if (tell || ms >= LATE_MS) { /* a box that naps all the time does not fill its log */
        log_info("woke up after %" PRIu64 " s%s; missed: %" PRIu64 " periodic Informs%s", ms / 1000,
                 reachable ? ", reachable" : "", periodic, scheduled ? ", an order of the ACS" : "");
    }
    agent->standby->announced = false;
    if (tell && events_add(agent->events, "13 WAKEUP", "", TR069_NOW) < 0) {
        log_error("event 13 WAKEUP is lost");
    }
    if (events_pending(agent->events)) {
        driver_want(agent, "woke up");
    }
}

void standby_look(struct agent *agent) {
    struct standby *standby = agent->standby;
    if (standby == NULL || agent->stopping) {
        return;
    }
    const uint64_t suspended = clock_suspended_ms();
    const uint64_t slept = suspended > standby->suspended_ms ? suspended - standby->suspended_ms : 0;
    if (slept < SUSPEND_MIN_MS) {
        return;
    }
    standby->suspended_ms = suspended;
    if (standby->announced) {
        woke_up(agent, clock_mono_ms() - standby->since_ms, standby->reachable, &standby->ahead);
    } else {
        woke_up(agent, slept, config_bool(agent->config, "standby_reachable"), &standby->next);
    }
}

void standby_spoken(struct agent *agent) {
    if (agent->standby != NULL && agent->standby->announced) {
        agent->standby->ahead = next_contacts(agent);
    }
}

/* ---- the platform asks and tells ---- */

/* What must not be slept over; NULL: nothing. */
static const char *busy(struct agent *agent) {
    const struct moment now = agent_now(agent);
    uint64_t next = 0;
    if (agent->quiet) {
        return "the box is about to restart";
    }
    if (driver_in_session(agent)) {
        return "a session runs";
    }
    if (schedule_next_ms(&agent->schedule) <= now.mono_ms) {
        return "a session is due";
    }
    if (agent->fetch != NULL || agent->send != NULL || agent->installer != NULL ||
        transfers_next(agent->transfers, &now, &next) != NULL) {
        return "a transfer is under way";
    }
    return agent->actions != NULL ? "the platform is at work for the ACS" : NULL;
}

/* What the ACS has forbidden; NULL: nothing. */
static const char *forbidden(struct agent *agent, bool reachable) {
    if (reachable && !config_bool(agent->config, "standby_reachable")) {
        return "standby_reachable is false";
    }
    if (!reachable && config_bool(agent->config, "standby_reachable") &&
        policy(agent, "CRAwarenessRequested") != 0) {
        return "the ACS wants to reach the box (CRAwarenessRequested): only standby reachable";
    }
    if (!agent->standby->timer_capable && policy(agent, "ScheduledAwarenessRequested") != 0 &&
        next_contacts(agent).scheduled_ms != SCHEDULE_NEVER) {
        return "an order of the ACS is to be carried out first (ScheduledAwarenessRequested)";
    }
    return NULL;
}

static const char off[] = "standby is false in the configuration";

const char *standby_enter(struct agent *agent, const char *argument, struct buffer *out) {
    struct standby *standby = agent->standby;
    const bool reachable = strcmp(argument, "reachable") == 0;
    if (argument[0] != '\0' && !reachable) {
        return "standby wants nothing, or reachable";
    }
    standby_look(agent);
    if (standby != NULL && standby->announced && standby->reachable != reachable) {
        (void) standby_leave(agent); /* a sleep of another kind ends here */
    }
    const char *why = standby == NULL ? off : busy(agent);
    why = why == NULL ? forbidden(agent, reachable) : why;
    if (why != NULL) {
        return why;
    }
    const struct contacts next = next_contacts(agent);
    const uint64_t now = clock_mono_ms(), wanted = wanted_ms(agent, &next);
    if (standby->timer_capable && wanted < now + SOON_MS) {
        return "a session is due soon";
    }
    if (standby->timer_capable && wanted != SCHEDULE_NEVER) { /* not before it */
        (void) buffer_format(out, "wake up: in %" PRIu64 " s\n", (wanted - now + 999) / 1000);
    }
    if (!standby->announced) {
        standby->since_ms = now;
        standby->ahead = next;
    }
    standby->announced = true;
    standby->reachable = reachable;
    log_info("the box goes to sleep%s", reachable ? ", reachable" : "");
    return NULL;
}

const char *standby_leave(struct agent *agent) {
    struct standby *standby = agent->standby;
    if (standby == NULL) {
        return off;
    }
    standby_look(agent);
    if (standby->announced) {
        woke_up(agent, clock_mono_ms() - standby->since_ms, standby->reachable, &standby->ahead);
    }
    return NULL;
}

void standby_status(const struct agent *agent, struct buffer *out) {
    if (agent->standby != NULL && agent->standby->announced) {
        (void) buffer_format(out, "standby: since %" PRIu64 " s\n",
                             (clock_mono_ms() - agent->standby->since_ms) / 1000);
    }
}

/* ---- ManagementServer.StandbyPolicy. ---- */

static int network_capable_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct agent *agent = at->ctx;
    return tr069_value_bool(ret_value, config_bool(agent->config, "standby_reachable"));
}

static int timer_capable_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct agent *agent = at->ctx;
    return tr069_value_bool(ret_value, agent->standby != NULL && agent->standby->timer_capable);
}

static const struct tr069_param params[] = {
    {"CRUnawarenessMaxDuration", TR069_INT, TR069_STORED, .value = "-1", .min = -1, .max = INT32_MAX},
    {"MaxMissedPeriodic", TR069_INT, TR069_STORED, .value = "-1", .min = -1, .max = INT32_MAX},
    {"NotifyMissedScheduled", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"NetworkAwarenessCapable", TR069_BOOLEAN, .get = network_capable_get},
    {"SelfTimerCapable", TR069_BOOLEAN, .get = timer_capable_get},
    {"CRAwarenessRequested", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"PeriodicAwarenessRequested", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"ScheduledAwarenessRequested", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {NULL},
};

struct tr069_object standby_object(void) {
    return (struct tr069_object){TR069_BOTH, "ManagementServer.StandbyPolicy.", params};
}

/* ---- life ---- */

int standby_start(struct agent *agent) {
    if (!config_bool(agent->config, "standby")) {
        return 0;
    }
    struct standby *standby = calloc(1, sizeof *standby);
    if (standby == NULL) {
        return -ENOMEM;
    }
    *standby = (struct standby){
        .alarm_fd = -1, .clock_fd = -1, .alarm_ms = SCHEDULE_NEVER, .suspended_ms = clock_suspended_ms()};
    agent->standby = standby;
    const char *timer = config_string(agent->config, "standby_timer");
    const int r = strcmp(timer, "auto") == 0 ? open_alarm(agent) : 0;
    standby->timer_capable = r == 0 && strcmp(timer, "none") != 0;
    if (r < 0) {
        log_notice("the client cannot wake the box up: %s (CAP_WAKE_ALARM, and a clock chip that can)",
                   strerror(-r));
    }
    standby_arm(agent);
    return watch_clock(agent);
}

static void close_watch(struct agent *agent, struct tr069_watch *watch, int fd) {
    loop_unwatch(agent->loop, watch);
    if (fd >= 0) {
        (void) close(fd);
    }
}

void standby_stop(struct agent *agent) {
    struct standby *standby = agent->standby;
    if (standby != NULL) {
        close_watch(agent, standby->alarm_watch, standby->alarm_fd);
        close_watch(agent, standby->clock_watch, standby->clock_fd);
        free(standby);
        agent->standby = NULL;
    }
}
