/* Lightweight notifications: when they leave, and to whom (digest section 17; TR-181 ManagementServer). */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/log.h"
#include "base/text.h"
#include "cwmp/light.h"
#include "cwmp/retry.h"
#include "net/datagram.h"

#include <errno.h>
#include <string.h>

#define LOG_ROOM "agent"

enum {
    LIGHT = MODEL_LIGHT_PASSIVE | MODEL_LIGHT_ACTIVE,
    DATAGRAMS_MAX = 16 /* one after the other; the rest a moment later */
};

void light_configure(struct agent *agent) {
    throttle_configure(&agent->light_throttle,
                       (uint32_t) config_int(agent->config, "notification_interval") * 1000,
                       (uint32_t) config_int(agent->config, "notification_burst"));
}

static bool is_used(struct agent *agent) {
    char used[64];
    management_server_get(agent, "LightweightNotificationProtocolsUsed", used, sizeof used);
    return strcmp(used, "UDP") == 0 && management_server_int(agent, "EnableCWMP") != 0;
}

/* ---- the datagram ---- */

/* ManagementServer.Username is told as it is there, not the firmware's HTTP login (xsd: UN). */
static void describe(struct agent *agent, struct light_sender *sender, char host[257], char username[1025],
                     char password[1025]) {
    management_server_get(agent, "UDPLightweightNotificationHost", host, 257);
    if (host[0] == '\0') {
        char url[257];
        management_server_get(agent, "URL", url, sizeof url);
        (void) text_url_host(host, 257, url);
    }
    management_server_get(agent, "Username", username, 1025);
    management_server_get(agent, "Password", password, 1025);
    *sender = (struct light_sender){
        .host = host,
        .port = (unsigned) management_server_int(agent, "UDPLightweightNotificationPort"),
        .username = username,
        .password = password,
        .oui = agent->texts.oui,
        .product_class = agent->texts.product_class,
        .serial = agent->texts.serial,
        .wall_s = agent_now(agent).wall_s,
    };
}

/* One datagram of what waits. 0 when it left, else -errno. */
static int tell(struct agent *agent, const struct light_sender *sender) {
    struct model_selection *selection = NULL;
    struct buffer datagram;
    size_t params = 0;
    int r = model_select_light(agent->model, &selection);
    if (r < 0) {
        return r;
    }
    buffer_init(&datagram, 16 * 1024 * 1024);
    r = model_selection_count(selection) > 0 ? light_write(sender, selection, &datagram, &params) : -ENODATA;
    if (r == 0 && params == 0) {
        log_warning("a changed value is too large for a lightweight notification");
        model_light_sent(agent->model, selection);
    } else if (r == 0) {
        r = datagram_send(agent->loop, sender->host, sender->port, datagram.data, datagram.length);
        if (r == 0) {
            log_debug("a lightweight notification of %zu values", params);
            model_light_sent(agent->model, selection);
        }
    }
    buffer_free(&datagram);
    model_selection_free(selection);
    return r;
}

static void on_due(void *user) {
    struct agent *agent = user;
    struct light_sender sender;
    char host[257], username[1025], password[1025];
    int r = 0;
    agent->light_timer = NULL;
    if (!is_used(agent)) {
        return;
    }
    describe(agent, &sender, host, username, password);
    if (host[0] == '\0' || agent->texts.serial[0] == '\0') {
        log_debug("no lightweight notification: there is nobody to send it to, or no identity yet");
        return;
    }
    for (size_t i = 0; r == 0 && i < DATAGRAMS_MAX && (model_changes_pending(agent->model) & LIGHT); i++) {
        throttle_charge_together(&agent->light_throttle, clock_mono_ms());
        r = tell(agent, &sender);
    }
    explicit_bzero(password, sizeof password);
    if (r < 0 && r != -ENODATA) {
        log_warning("no lightweight notification: %s", strerror(-r));
        return; /* the next change tries again */
    }
    light_arm(agent);
}

/* ---- when ---- */

static uint64_t passive_due(struct agent *agent) {
    char text[48];
    const struct moment now = agent_now(agent);
    struct periodic trigger = {.enabled = true, .reference_s = CLOCK_WALL_UNKNOWN};
    int64_t interval;
    if (strcmp(model_root(agent->model), "Device.") != 0) {
        return UINT64_MAX;
    }
    interval = management_server_int(agent, "LightweightNotificationTriggerInterval");
    if (interval <= 0) {
        return UINT64_MAX;
    }
    management_server_get(agent, "LightweightNotificationTriggerTime", text, sizeof text);
    (void) text_parse_time(text, &trigger.reference_s);
    trigger.interval_s = (uint32_t) interval;
    trigger.phase = agent->schedule.phase;
    trigger.start_ms = agent->schedule.start_ms;
    return periodic_next_ms(&trigger, &now);
}

void light_arm(struct agent *agent) {
    const unsigned changes = model_changes_pending(agent->model) & LIGHT;
    const uint64_t now = clock_mono_ms();
    uint64_t due = UINT64_MAX;
    if (changes == 0 && agent->light_timer == NULL) {
        return;
    }
    if (changes != 0 && agent->session != NULL && !agent->stopping && is_used(agent)) {
        if (changes & MODEL_LIGHT_ACTIVE) {
            due = throttle_due_together(&agent->light_throttle, now);
        }
        if (changes & MODEL_LIGHT_PASSIVE) {
            const uint64_t passive = passive_due(agent);
            due = passive < due ? passive : due;
        }
    }
    if (agent->light_timer != NULL && due == agent->light_due_ms) {
        return;
    }
    agent_cancel(agent, &agent->light_timer);
    if (due != UINT64_MAX &&
        loop_timer(agent->loop, due > now ? due - now : 0, on_due, agent, &agent->light_timer) == 0) {
        agent->light_due_ms = due;
    }
}
