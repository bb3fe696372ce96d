/* Sessions and when they start: joins the session machine with the ACS client and the timers. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROOM "agent"

enum { INFORM_MAX = 256 };

static void start_session(struct agent *agent);

bool driver_in_session(const struct agent *agent) {
    return session_state(agent->session) != SESSION_IDLE;
}

/* ---- wanting a session ---- */

static void on_schedule(void *user);

/* One timer for all that the schedule holds. */
static void arm(struct agent *agent) {
    const uint64_t due = schedule_next_ms(&agent->schedule), now = clock_mono_ms();
    agent_cancel(agent, &agent->session_timer);
    if (due != SCHEDULE_NEVER && !agent->stopping &&
        loop_timer(agent->loop, due > now ? due - now : 0, on_schedule, agent, &agent->session_timer) < 0) {
        log_error("no memory for a timer: the session waits for the next event");
    }
}

/* A timer that fired is gone: its handle is forgotten first. */
static void on_schedule(void *user) {
    struct agent *agent = user;
    const struct moment now = agent_now(agent);
    agent->session_timer = NULL;
    standby_look(agent);
    if (schedule_take_periodic(&agent->schedule, &now)) {
        (void) events_add(agent->events, "2 PERIODIC", "", TR069_NOW);
        driver_want(agent, "2 PERIODIC");
    }
    if (schedule_session_due(&agent->schedule, now.mono_ms)) {
        start_session(agent);
    }
    arm(agent);
}

void driver_want(struct agent *agent, const char *why) {
    if (agent->stopping) {
        return;
    }
    if (!schedule_want(&agent->schedule, clock_mono_ms())) {
        log_debug("%s: another session follows this one", why);
        return;
    }
    log_debug("session wanted: %s", why);
    arm(agent);
}

void driver_want_at(struct agent *agent, uint64_t ms) {
    if (!agent->stopping) {
        schedule_want_at(&agent->schedule, ms);
        arm(agent);
    }
}

/* ---- what a session needs to know ---- */

void agent_identity(struct agent *agent, const char *name, char *out, size_t size) {
    char path[TR069_NAME_MAX + 1];
    (void) text_join(path, sizeof path, model_root(agent->model), "DeviceInfo.", name, NULL);
    if (model_get(agent->model, path, out, size) < 0) {
        out[0] = '\0';
    }
}

static void forget_inform(struct agent *agent) {
    for (size_t i = 0; i < agent->inform_count; i++) {
        free(agent->inform[i]);
    }
    free(agent->inform);
    agent->inform = NULL;
    agent->inform_count = 0;
}

/* The Inform's own parameters: the configured ones, of which those that exist here are told, and the rows of
 * InformParameter. */
static void build_inform(struct agent *agent) {
    const char *const *configured = settings_list(agent->config->settings, "inform_parameters");
    char *names[INFORM_MAX];
    size_t count = 0;
    forget_inform(agent);
    for (; *configured != NULL && count < INFORM_MAX / 2; configured++) {
        char path[TR069_NAME_MAX + 1];
        bool full = text_starts(*configured, model_root(agent->model));
        const char *name = full ? *configured : agent_path(agent, *configured, path);
        if ((names[count] = text_dup(name)) != NULL) {
            count++;
        }
    }
    count += management_server_inform(agent, names + count, INFORM_MAX - count);
    agent->inform = calloc(count + 1, sizeof *agent->inform);
    for (size_t i = 0; i < count; i++) {
        if (agent->inform != NULL) {
            agent->inform[agent->inform_count++] = names[i];
        } else {
            free(names[i]);
        }
    }
    agent->session_config.inform = (const char *const *) agent->inform;
    agent->session_config.inform_count = agent->inform_count;
}

static void read_model(struct agent *agent) {
    struct agent_texts *texts = &agent->texts;
    struct session_config *config = &agent->session_config;
    agent_identity(agent, "Manufacturer", texts->manufacturer, sizeof texts->manufacturer);
    agent_identity(agent, "ManufacturerOUI", texts->oui, sizeof texts->oui);
    agent_identity(agent, "ProductClass", texts->product_class, sizeof texts->product_class);
    agent_identity(agent, "SerialNumber", texts->serial, sizeof texts->serial);
    management_server_get(agent, "URL", texts->acs_url, sizeof texts->acs_url);
    management_server_get(agent, "Username", texts->username, sizeof texts->username);
    management_server_get(agent, "Password", texts->password, sizeof texts->password);
    /* The firmware's HTTP login wins over its TR-069 login, but not over what the ACS set. */
    bool set = management_server_was_set(agent, "Username") || management_server_was_set(agent, "Password");
    if (!set && agent->config->seeds[SEED_HTTP_USERNAME][0] != '\0') {
        (void) text_copy(texts->username, sizeof texts->username, agent->config->seeds[SEED_HTTP_USERNAME]);
        (void) text_copy(texts->password, sizeof texts->password, agent->config->seeds[SEED_HTTP_PASSWORD]);
    } else if (texts->password[0] == '\0' && management_server_names_itself(agent)) {
        texts->username[0] = '\0'; /* a name that nobody chose is no login: the log says what is missing */
    }
    config->retry_minimum_s = (uint32_t) management_server_int(agent, "CWMPRetryMinimumWaitInterval");
    config->retry_multiplier = (uint32_t) management_server_int(agent, "CWMPRetryIntervalMultiplier");
}

static bool is_loopback(const char *url) {
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    return text_starts(host, "127.") || text_starts(host, "[::1]") || text_starts(host, "localhost:") ||
           text_starts(host, "localhost/");
}

static const char *why_not(struct agent *agent) {
    if (agent->quiet) {
        return "the box is about to restart";
    }
    if (management_server_int(agent, "EnableCWMP") == 0) {
        return "EnableCWMP is false";
    }
    if (agent->texts.acs_url[0] == '\0') {
        return "ManagementServer.URL is empty";
    }
    if (!agent->network_is_up && config_bool(agent->config, "wait_for_network") &&
        !is_loopback(agent->texts.acs_url)) {
        return "no network yet";
    }
    if (strlen(agent->texts.oui) != 6 || strspn(agent->texts.oui, "0123456789ABCDEF") != 6) {
        return "DeviceInfo.ManufacturerOUI is not 6 upper-case hex digits: configure the plugin device-info";
    }
    if (agent->texts.serial[0] == '\0') {
        return "DeviceInfo.SerialNumber is empty: configure the plugin device-info";
    }
    return NULL;
}

void agent_fill_tls(const struct agent *agent, struct net_tls *ret_tls) {
    const char *certificate = config_path(agent->config, "tls_certificate");
    const char *ca = agent->config->seeds[SEED_CERTIFICATE];
    *ret_tls = (struct net_tls){
        .ca_file = ca[0] != '\0' ? ca : NULL,
        .system_store = config_bool(agent->config, "tls_system_store"),
        .certificate = certificate[0] != '\0' ? certificate : NULL,
        .key = certificate[0] != '\0' ? config_path(agent->config, "tls_key") : NULL,
        .ignore_dates = agent_now(agent).wall_s == CLOCK_WALL_UNKNOWN,
        .not_before = agent->clock_not_before,
    };
}

static int begin(struct agent *agent) {
    struct acs_target target = {
        .url = agent->texts.acs_url,
        .username = agent->texts.username,
        .password = agent->texts.password,
        .allow_basic_plain = config_bool(agent->config, "allow_basic_without_tls"),
        .connect_timeout_s = (unsigned) config_int(agent->config, "connect_timeout"),
        .answer_timeout_s = (unsigned) config_int(agent->config, "answer_timeout"),
        .max_answer = (size_t) config_int(agent->config, "max_message_in"),
    };
    agent_fill_tls(agent, &target.tls);
    return acs_client_begin(agent->acs, &target);
}

/* ---- one step of a session ---- */

static void drive(struct agent *agent, enum session_verdict verdict, const struct session_output *output);

static void trace_answer(struct agent *agent, const struct acs_answer *answer, const struct moment *now) {
    char what[320];
    if (!trace_is_on(agent->trace)) {
        return;
    }
    if (answer->error != NULL) {
        (void) snprintf(what, sizeof what, "<- no answer: %s", answer->error);
    } else {
        (void) snprintf(what, sizeof what, "<- HTTP %d", answer->status);
    }
    trace_message(agent->trace, agent->model, now, what, answer->body, answer->length);
}

static void on_answer(void *user, const struct acs_answer *answer) {
    struct agent *agent = user;
    struct moment now = agent_now_local(agent);
    struct session_output output;
    trace_answer(agent, answer, &now);
    int status = answer->hung_up ? SESSION_HUNG_UP : answer->status;
    enum session_verdict verdict =
        session_answer(agent->session, status, answer->body, answer->length, answer->error, &now, &output);
    drive(agent, verdict, &output);
}

static void resume(void *user) {
    struct agent *agent = user;
    struct moment now = agent_now_local(agent);
    struct session_output output;
    agent->wait_timer = NULL;
    if (driver_in_session(agent)) {
        enum session_verdict verdict = session_resume(agent->session, &now, &output);
        drive(agent, verdict, &output);
    }
}

/* Called from inside of a plugin: only arranges that resume() comes. */
void driver_ready(void *user) {
    struct agent *agent = user;
    agent_cancel(agent, &agent->wait_timer);
    (void) loop_timer(agent->loop, 0, resume, agent, &agent->wait_timer);
}

/* The boot is reported once its event left the queue. */
static void note_boot(struct agent *agent) {
    if (!agent->boot_delivered && session_state(agent->session) >= SESSION_REQUESTING &&
        !events_has(agent->events, "1 BOOT")) {
        agent->boot_delivered = true;
        (void) store_put(agent->store, "agent/boot-id", agent->boot_id);
    }
}

static void commit(struct agent *agent) {
    int r = store_commit(agent->store);
    if (r < 0) {
        log_error("state_dir %s: cannot be written: %s; events may be reported again after a power cut",
                  config_path(agent->config, "state_dir"), strerror(-r));
    }
}

static void fail(struct agent *agent, const char *reason) {
    struct moment now = agent_now(agent);
    struct session_output output;
    drive(agent, session_abort(agent->session, reason, &now, &output), &output);
}

static void retry_in(struct agent *agent, uint64_t ms) {
    schedule_retry_at(&agent->schedule, clock_mono_ms() + ms);
    arm(agent);
}

static void ended_well(struct agent *agent) {
    agent->sessions_done++;
    agent->last_success_ms = clock_mono_ms();
    agent->last_error[0] = '\0';
    log_info("session ended");
    standby_spoken(agent);
    connection_learn_address(agent, acs_client_local_address(agent->acs));
}

static void ended_badly(struct agent *agent, const struct session_output *output) {
    agent->sessions_failed++;
    (void) text_copy(agent->last_error, sizeof agent->last_error,
                     output->reason != NULL ? output->reason : "");
    if (output->retry_ms == UINT64_MAX) {
        log_warning("session failed: %s; nothing is left to report", agent->last_error);
        return;
    }
    /* what failed over the former network begins anew over this one: once a change */
    const bool at_once = agent->network_changed && agent->network_is_up;
    log_warning("session failed: %s; retry %u in %.1f s", agent->last_error,
                session_retry_count(agent->session), at_once ? 0.0 : (double) output->retry_ms / 1000);
    retry_in(agent, at_once ? 0 : output->retry_ms);
}

static bool url_changed(struct agent *agent) {
    char url[sizeof agent->texts.acs_url];
    management_server_get(agent, "URL", url, sizeof url);
    return strcmp(url, agent->texts.acs_url) != 0;
}

static void finish(struct agent *agent, enum session_verdict verdict, const struct session_output *output) {
    const bool again = schedule_end(&agent->schedule);
    acs_client_end(agent->acs);
    agent->spent = true;
    agent_cancel(agent, &agent->wait_timer);
    commit(agent); /* before the log says so: whoever then pulls the plug finds it so */
    if (verdict == SESSION_DONE && !agent->posted) {
        log_debug("nothing was to tell: no session");
    } else if (verdict == SESSION_DONE) {
        ended_well(agent);
    } else {
        ended_badly(agent, output);
    }
    if (agent->stopping) {
        return;
    }
    connection_update(agent); /* a new address; or the ACS has switched it, also in a session that broke */
    if (agent->reload_wanted) {
        agent_want_reload(agent);
    }
    bool left = verdict == SESSION_DONE && events_pending(agent->events);
    bool news = again && events_pending(agent->events);
    if (news || url_changed(agent) || (left && output->retry_ms == 0)) {
        driver_want(agent, "more to report");
    } else if (verdict == SESSION_DONE && output->retry_ms > 0) {
        retry_in(agent, output->retry_ms); /* the ACS refused a report: not at once again */
    }
    if (agent->schedule.retry_ms == SCHEDULE_NEVER) {
        notify_active(agent); /* what changed meanwhile; a retry would take it along */
    }
    arm(agent);
    transfer_work(agent);
}

static void drive(struct agent *agent, enum session_verdict verdict, const struct session_output *output) {
    switch (verdict) {
    case SESSION_SEND: {
        note_boot(agent);
        agent->posted = true;
        commit(agent); /* what this message promises is on disk before it leaves */
        if (trace_is_on(agent->trace)) {
            struct moment now = agent_now(agent);
            trace_message(agent->trace, agent->model, &now, "-> POST", output->body, output->length);
        }
        int r = acs_client_post(agent->acs, output->body, output->length, on_answer, agent);
        if (r < 0) {
            fail(agent, strerror(-r));
        }
        break;
    }
    case SESSION_WAIT: {
        uint64_t now = clock_mono_ms();
        uint64_t wait = output->wait_until_ms > now ? output->wait_until_ms - now : 0;
        agent_cancel(agent, &agent->wait_timer);
        if (loop_timer(agent->loop, wait, resume, agent, &agent->wait_timer) < 0) {
            fail(agent, "out of memory");
        }
        break;
    }
    case SESSION_DONE:
    case SESSION_FAILED:
        finish(agent, verdict, output);
        break;
    }
}

static void start_session(struct agent *agent) {
    if (agent->stopping || driver_in_session(agent)) {
        return;
    }
    if (agent->reload_wanted && agent->installer == NULL) {
        agent_reload(agent); /* it waited for the last session; this one sees the new plugins */
    }
    read_model(agent);
    connection_update(agent);
    schedule_begin(&agent->schedule); /* this is also the session that a change of the URL just wanted */
    agent->network_changed = false;
    agent->held = why_not(agent);
    if (agent->held != NULL) {
        log_notice("no session now: %s", agent->held);
        (void) schedule_end(&agent->schedule);
        return;
    }
    build_inform(agent);
    (void) model_changes_scan(agent->model);
    light_arm(agent);
    char shown[256];
    text_url_for_log(shown, sizeof shown, agent->texts.acs_url);
    struct moment now = agent_now_local(agent); /* the Inform tells it */
    struct session_output output;
    agent->posted = false;
    enum session_verdict verdict = session_start(agent->session, &now, &output);
    if (verdict == SESSION_DONE) { /* nothing to tell */
        (void) schedule_end(&agent->schedule);
        return;
    }
    log_info("session with %s", shown);
    const int r = verdict != SESSION_FAILED ? begin(agent) : 0;
    if (r < 0) {
        fail(agent, r == -EINVAL ? "ManagementServer.URL is not a link to an ACS" : strerror(-r));
        return;
    }
    drive(agent, verdict, &output);
}

/* ---- periodic ---- */

static void configure_periodic(struct agent *agent) {
    char text[48];
    int64_t reference = CLOCK_WALL_UNKNOWN;
    const struct moment now = agent_now(agent);
    management_server_get(agent, "PeriodicInformTime", text, sizeof text);
    (void) text_parse_time(text, &reference);
    schedule_configure(&agent->schedule,
                       management_server_int(agent, "PeriodicInformEnable") != 0 &&
                           management_server_int(agent, "EnableCWMP") != 0,
                       (uint32_t) management_server_int(agent, "PeriodicInformInterval"), reference, &now);
    arm(agent);
    heartbeat_arm(agent);
}

void driver_clock(struct agent *agent) {
    const struct moment now = agent_now(agent);
    const bool unknown = agent->schedule.clock_offset == CLOCK_WALL_UNKNOWN;
    if (agent->stopping || !schedule_clock_was_set(&agent->schedule, &now)) {
        return;
    }
    log_info("the clock was set");
    configure_periodic(agent);
    if (unknown && agent->schedule.retry_ms != SCHEDULE_NEVER) {
        driver_want(agent, "the clock was set"); /* a certificate may be valid now */
    }
}

void driver_configure(struct agent *agent) {
    management_server_names(agent);
    configure_periodic(agent);
    light_arm(agent);
    if (!driver_in_session(agent)) {
        connection_update(agent);
        if (url_changed(agent)) {
            driver_want(agent, "another ACS");
        } else if (agent->held != NULL) {
            driver_want(agent, "what held it may be over");
        }
    }
}

/* ---- network, start, stop ---- */

static void take_change(struct agent *agent, bool up) {
    if (up != agent->network_is_up) {
        log_notice("network is %s", up ? "up" : "down");
    }
    agent->network_is_up = up;
    connection_learn_address(agent, "");
    connection_update(agent);
    const bool waiting =
        agent->schedule.retry_ms != SCHEDULE_NEVER || agent->held != NULL || events_pending(agent->events);
    if (driver_in_session(agent)) {
        agent->network_changed = true;
        if (!connection_is_alive(agent)) {
            fail(agent, "the local address has gone");
        }
    } else if (up && waiting) {
        driver_want(agent, "network");
    }
}

void driver_network(void *user, bool up, bool changed) {
    struct agent *agent = user;
    if (changed) {
        take_change(agent, up);
    }
    plugins_tell_network(agent->plugins);
}

int driver_start(struct agent *agent) {
    const struct moment now = agent_now(agent);
    notify_configure(agent);
    schedule_init(&agent->schedule, crypto_uniform(), &now);
    (void) model_changes_scan(agent->model);
    management_server_names(agent);
    configure_periodic(agent);
    driver_want(agent, "start");
    return 0;
}

void driver_stop(struct agent *agent) {
    agent->stopping = true;
    if (agent->session != NULL && driver_in_session(agent)) {
        fail(agent, "the client is being stopped");
    }
    schedule_stop(&agent->schedule);
    agent_cancel(agent, &agent->session_timer);
    agent_cancel(agent, &agent->wait_timer);
    agent_cancel(agent, &agent->light_timer);
    agent_cancel(agent, &agent->heartbeat_timer);
    forget_inform(agent);
}
