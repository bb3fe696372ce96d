/* Heartbeat (TR-069 Annex O; TR-181 ManagementServer.HeartbeatPolicy.): an Inform with `14 HEARTBEAT` alone,
 * at InitiationTime plus or minus whole intervals. One that fails is not tried again. While another session
 * waits for its retry there is none: the wait stays what it is, and the retry tells that the box lives. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/log.h"
#include "base/text.h"
#include "cwmp/retry.h"

#define LOG_ROOM "agent"

static void on_due(void *user) {
    struct agent *agent = user;
    agent->heartbeat_timer = NULL;
    if (agent->schedule.retry_ms == SCHEDULE_NEVER &&
        events_add(agent->events, "14 HEARTBEAT", "", TR069_NOW) == 0) {
        driver_want(agent, "14 HEARTBEAT");
    }
    heartbeat_arm(agent);
}

void heartbeat_arm(struct agent *agent) {
    const struct moment now = agent_now(agent);
    struct periodic heartbeat = {.phase = agent->schedule.phase,
                                 .start_ms = agent->schedule.start_ms,
                                 .reference_s = CLOCK_WALL_UNKNOWN};
    char time[48];
    agent_cancel(agent, &agent->heartbeat_timer);
    if (agent->stopping || management_server_int(agent, "HeartbeatPolicy.Enable") == 0 ||
        management_server_int(agent, "EnableCWMP") == 0) {
        return;
    }
    heartbeat.enabled = true;
    heartbeat.interval_s = (uint32_t) management_server_int(agent, "HeartbeatPolicy.ReportingInterval");
    management_server_get(agent, "HeartbeatPolicy.InitiationTime", time, sizeof time);
    (void) text_parse_time(time, &heartbeat.reference_s);
    if (loop_timer(agent->loop, periodic_next_ms(&heartbeat, &now) - now.mono_ms, on_due, agent,
                   &agent->heartbeat_timer) < 0) {
        log_error("no memory for a timer: no heartbeats until HeartbeatPolicy is set anew");
    }
}

static const struct tr069_param params[] = {
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"ReportingInterval", TR069_UINT, TR069_STORED, .value = "86400", .min = 30, .max = UINT32_MAX},
    {"InitiationTime", TR069_DATETIME, TR069_STORED, .value = "0001-01-01T00:00:00Z"},
    {NULL},
};

static void commit(const struct tr069_at *at) {
    heartbeat_arm(at->ctx);
}

struct tr069_object heartbeat_object(void) {
    return (struct tr069_object){TR069_DEV2, "ManagementServer.HeartbeatPolicy.", params, .commit = commit};
}
