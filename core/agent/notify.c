/* What happens when a value changes: sessions for active notification, and how often. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/log.h"

#define LOG_ROOM "agent"

void notify_configure(struct agent *agent) {
    throttle_configure(&agent->throttle, (uint32_t) config_int(agent->config, "notification_interval") * 1000,
                       (uint32_t) config_int(agent->config, "notification_burst"));
    light_configure(agent);
}

/* ---- when a session may begin for them ---- */

struct dues {
    struct throttle *throttle;
    uint64_t now, due;
};

static int find_earliest(void *user, const char *path) {
    struct dues *dues = user;
    const uint64_t due = throttle_due(dues->throttle, path, dues->now);
    dues->due = due < dues->due ? due : dues->due;
    return 0;
}

/* Those that cause this session pay for it; the others ride along. */
static int charge(void *user, const char *path) {
    struct dues *dues = user;
    if (throttle_due(dues->throttle, path, dues->now) <= dues->due) {
        throttle_charge(dues->throttle, path, dues->due);
    }
    return 0;
}

/* DefaultActiveNotificationThrottle counts from the last session that ended well, of whatever cause. */
static uint64_t throttled(struct agent *agent, uint64_t due) {
    const uint64_t wait = (uint64_t) management_server_int(agent, "DefaultActiveNotificationThrottle") * 1000;
    const uint64_t until = agent->last_success_ms + wait;
    return agent->last_success_ms != 0 && until > due ? until : due;
}

/* For the change of one parameter, or for all that wait (NULL). */
static void want(struct agent *agent, const char *path) {
    struct dues dues = {&agent->throttle, clock_mono_ms(), UINT64_MAX};
    uint64_t together;
    if (agent->session == NULL || driver_in_session(agent) || agent->schedule.session_ms <= dues.now) {
        return;
    }
    if (path != NULL) {
        (void) find_earliest(&dues, path);
    } else {
        (void) model_changes_each(agent->model, MODEL_ACTIVE, find_earliest, &dues);
    }
    if (dues.due == UINT64_MAX) {
        return;
    }
    together = throttle_due_together(&agent->throttle, dues.now);
    dues.due = throttled(agent, dues.due > together ? dues.due : together);
    if (dues.due >= agent->schedule.session_ms ||
        (dues.due > dues.now && agent->schedule.retry_ms != SCHEDULE_NEVER)) {
        return; /* the session that is due before takes it along */
    }
    if (path != NULL) {
        (void) charge(&dues, path);
    } else {
        (void) model_changes_each(agent->model, MODEL_ACTIVE, charge, &dues);
    }
    throttle_charge_together(&agent->throttle, dues.due);
    if (dues.due <= dues.now) {
        driver_want(agent, path != NULL ? path : "changed values");
    } else {
        log_debug("a session for changed values in %.1f s", (double) (dues.due - dues.now) / 1000);
        driver_want_at(agent, dues.due);
    }
}

void notify_active(struct agent *agent) {
    if (model_changes_pending(agent->model) & MODEL_ACTIVE) {
        want(agent, NULL);
    }
}

void notify_changed(struct agent *agent, const char *path) {
    const unsigned changes = model_changed(agent->model, path);
    if (changes & MODEL_ACTIVE) {
        want(agent, path);
    }
    if (changes & (MODEL_LIGHT_PASSIVE | MODEL_LIGHT_ACTIVE)) {
        light_arm(agent);
    }
}
