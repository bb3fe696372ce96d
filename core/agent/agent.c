/* Starting, reloading, stopping: the wiring of the rooms. */
#include <config.h>

#include "agent/agent.h"

#include "agent/agent_internal.h"
#include "agent/plugin_offers.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cwmp/envelope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_ROOM "agent"

enum { JOBS_PATIENCE_MS = 600 }; /* SIGTERM ends the client within a second */

struct moment agent_now(const struct agent *agent) {
    return clock_now(agent->clock_not_before);
}

struct moment agent_now_local(const struct agent *agent) {
    return clock_now_local(agent->clock_not_before);
}

const char *agent_path(const struct agent *agent, const char *path, char *buffer) {
    (void) text_join(buffer, TR069_NAME_MAX + 1, model_root(agent->model), path, NULL);
    return buffer;
}

static void configure_log(const struct config *config) {
    const char *const *sinks = settings_list(config->settings, "log_to");
    const char *const *rooms = settings_list(config->settings, "log_rooms");
    struct log_setup setup = {.readable = config->readable_log};
    (void) log_adjust(&setup, config_string(config, "log_level"));
    for (; *rooms != NULL; rooms++) {
        (void) log_adjust(&setup, *rooms); /* config.c has judged them */
    }
    for (; *sinks != NULL; sinks++) {
        setup.to_stderr = setup.to_stderr || strcmp(*sinks, "stderr") == 0;
        setup.to_syslog = setup.to_syslog || strcmp(*sinks, "syslog") == 0;
    }
    setup.to_stderr = setup.to_stderr || config->readable_log;
    log_configure(&setup);
}

void agent_cancel(struct agent *agent, struct tr069_timer **timer) {
    loop_timer_cancel(agent->loop, *timer);
    *timer = NULL;
}

/* ---- an ordered restart: start nothing until it comes ---- */

static void end_quiet(struct agent *agent, const char *why) {
    agent_cancel(agent, &agent->quiet_timer);
    agent->quiet = false;
    log_error("%s; going on", why);
    driver_want(agent, why);
}

/* One action on its way from who asked for it to who does it; either may be unloaded meanwhile. */
struct action {
    struct action *next, **link;
    struct agent *agent;
    const struct plugin *caller, *provider;
    bool restarts;
    tr069_action_done *done;
    void *user;
};

static void unlink_action(struct action *action) {
    *action->link = action->next;
    if (action->next != NULL) {
        action->next->link = action->link;
    }
}

static void on_action_done(void *user, int result, const char *output, size_t length) {
    struct action *action = user;
    struct agent *agent = action->agent;
    unlink_action(action);
    if (action->restarts && result != 0 && agent->quiet && !agent->stopping) {
        end_quiet(agent, "the ordered restart failed");
    }
    if (action->done != NULL) {
        action->done(action->user, result, output, length);
    }
    free(action);
}

void agent_plugin_gone(struct agent *agent, const struct plugin *plugin) {
    for (struct action *action = agent->actions; action != NULL; action = action->next) {
        action->done = action->caller == plugin ? NULL : action->done;
    }
    for (struct action *action = agent->actions; action != NULL;) {
        if (action->provider == plugin) {
            on_action_done(action, -ECANCELED, "", 0);
            action = agent->actions; /* whoever was told may have changed the list */
        } else {
            action = action->next;
        }
    }
}

/* Those after which the box is another. The state is on disk before they begin; what installs firmware does
 * not begin without: a box that forgets at the restart what it tried would try again for ever. */
static const struct restart {
    const char *name;
    bool needs_state;
} restarts[] = {{"reboot", false}, {"factory-reset", false}, {"install-firmware", true}};

static const struct restart *restart_of(const char *name) {
    for (size_t i = 0; i < sizeof restarts / sizeof restarts[0]; i++) {
        if (strcmp(restarts[i].name, name) == 0) {
            return &restarts[i];
        }
    }
    return NULL;
}

static void arm_patience(struct agent *agent);

/* An installer that still works has a time-out of its own. */
static void on_patience_ended(void *user) {
    struct agent *agent = user;
    agent->quiet_timer = NULL;
    for (const struct action *action = agent->actions; action != NULL; action = action->next) {
        if (action->restarts && agent->installer != NULL) {
            arm_patience(agent);
            return;
        }
    }
    end_quiet(agent, "the ordered restart did not come");
}

static void arm_patience(struct agent *agent) {
    uint64_t patience = (uint64_t) config_int(agent->config, "reboot_patience") * 1000;
    agent_cancel(agent, &agent->quiet_timer);
    (void) loop_timer(agent->loop, patience, on_patience_ended, agent, &agent->quiet_timer);
}

static int begin_quiet(struct agent *agent, const struct restart *restart) {
    int r = store_commit(agent->store);
    if (r < 0) {
        log_error("state_dir: cannot be written: %s", strerror(-r));
    }
    if (r < 0 && restart->needs_state) {
        return -EIO;
    }
    agent->quiet = true;
    arm_patience(agent);
    log_notice("action %s", restart->name);
    return 0;
}

int agent_action(struct agent *agent, const struct plugin *caller, const char *name, const char *const *args,
                 tr069_action_done *done, void *user) {
    static const char *const none[] = {NULL};
    struct plugin *provider = NULL;
    const struct tr069_action *what = plugins_action(agent->plugins, name, &provider);
    if (what == NULL) {
        return -ENOSYS;
    }
    struct action *action = malloc(sizeof *action);
    if (action == NULL) {
        return -ENOMEM;
    }
    const struct restart *restart = restart_of(name);
    int r = restart != NULL ? begin_quiet(agent, restart) : 0;
    if (r < 0) {
        free(action);
        return r;
    }
    *action = (struct action){agent->actions, &agent->actions, agent, caller,
                              provider,       restart != NULL, done,  user};
    if (action->next != NULL) {
        action->next->link = &action->next;
    }
    agent->actions = action;
    do { /* of several that know it, the first that it is configured for */
        action->provider = provider;
        r = what->run(provider->owner.ctx, args != NULL ? args : none, on_action_done, action);
    } while (r == -ENOSYS && (what = plugins_action(agent->plugins, name, &provider)) != NULL);
    if (r < 0) {
        unlink_action(action);
        free(action);
        if (restart != NULL) {
            end_quiet(agent, "the ordered restart failed"); /* why: whoever ordered it says so */
        }
    }
    return r;
}

void agent_factory_reset(struct agent *agent, bool keep_configuration) {
    char paths[6][TR069_NAME_MAX + 1];
    static const char *const kept[] = {
        "ManagementServer.URL", "ManagementServer.Username", "ManagementServer.Password",
        "ManagementServer.ConnectionRequestUsername", "ManagementServer.ConnectionRequestPassword"};
    const char *keep[6] = {NULL};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        keep[i] = agent_path(agent, kept[i], paths[i]);
    }
    log_notice("factory reset: forgetting events, transfers, attributes and logs");
    plugins_forget(agent->plugins);
    events_forget(agent->events);
    transfer_drop(agent);
    transfers_discard(agent->transfers, true);
    du_reports_discard(agent->du_reports);
    session_forget(agent->session);
    model_forget(agent->model, keep_configuration ? keep : NULL);
    (void) store_remove_all(agent->store, "plugin/");
    (void) store_put(agent->store, "agent/boot-id", NULL);
    (void) store_put(agent->store, "agent/request-path", NULL);
    transfer_work_tidy(agent);
    /* Twice: the generation before must not hold what was forgotten either. */
    (void) store_put(agent->store, "agent/reset", "1");
    (void) store_commit(agent->store);
    (void) store_put(agent->store, "agent/reset", NULL);
    (void) store_commit(agent->store);
}

/* ---- reload ---- */

/* New plugins, changed options; of the daemon's own options those of the log. Others need a restart, and
 * say so. */
void agent_reload(struct agent *agent) {
    char error[640];
    struct config *fresh = NULL;
    agent->reload_wanted = false;
    if (config_load(&agent->arguments, &fresh, error, sizeof error) < 0) {
        log_error("reload: %s; the former configuration stays", error);
    } else {
        size_t at = 0;
        for (const char *name = NULL;
             (name = settings_changed(fresh->settings, agent->config->settings, &at)) != NULL;) {
            if (!text_starts(name, "log_") && strcmp(name, "trace") != 0) {
                log_notice("reload: %s: %s has changed, which needs a restart",
                           settings_origin(fresh->settings, name), name);
            }
        }
        fresh->readable_log = agent->config->readable_log;
        configure_log(fresh);
        trace_switch(agent->trace, config_bool(fresh, "trace"));
        config_free(fresh);
    }
    plugins_scan(agent->plugins);
    driver_configure(agent);
    (void) store_commit(agent->store);
    log_notice("reloaded");
}

static void reload_now(void *user) {
    struct agent *agent = user;
    agent->reload_timer = NULL;
    if (agent->reload_wanted && !driver_in_session(agent) && agent->installer == NULL) {
        agent_reload(agent);
        (void) model_changes_scan(agent->model); /* a plugin that began anew knows not what it said before */
        notify_active(agent);
    }
}

/* Not from inside of whoever asks: a plugin may be unloaded by it. */
void agent_want_reload(struct agent *agent) {
    agent->reload_wanted = true;
    if (agent->reload_timer == NULL) {
        (void) loop_timer(agent->loop, 0, reload_now, agent, &agent->reload_timer);
    }
}

static void on_hangup(void *user, int signal_number) {
    (void) signal_number;
    agent_want_reload(user);
}

static void on_terminate(void *user, int signal_number) {
    struct agent *agent = user;
    log_notice("%s: ending", strsignal(signal_number));
    loop_stop(agent->loop);
}

static void on_turn(void *user) {
    struct agent *agent = user;
    driver_clock(agent);
    standby_arm(agent);
    if (store_dirty(agent->store) && !driver_in_session(agent)) {
        (void) store_commit(agent->store);
    }
    if (agent->spent && !driver_in_session(agent)) {
        agent->spent = false;
        memory_give_back(); /* a session leaves a hundred kilobytes free between what stays */
    }
}

/* ---- starting and stopping ---- */

/* A boot is new when the kernel's boot id is not the one whose `1 BOOT` was delivered last. */
static bool read_boot(struct agent *agent) {
    const char *path = config_path(agent->config, "boot_id_file");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, agent->boot_id, sizeof agent->boot_id - 1) : -1;
    if (fd >= 0) {
        (void) close(fd);
    }
    agent->boot_id[n > 0 ? n : 0] = '\0';
    agent->boot_id[strcspn(agent->boot_id, "\r\n")] = '\0';
    if (agent->boot_id[0] == '\0') {
        log_warning("boot_id_file %s cannot be read: every start counts as a boot", path);
        return true;
    }
    const char *known = store_get(agent->store, "agent/boot-id");
    return known == NULL || strcmp(known, agent->boot_id) != 0;
}

static int open_state(struct agent *agent) {
    const char *directory = config_path(agent->config, "state_dir");
    const char *note = NULL;
    int r = mkdir(directory, 0700) < 0 && errno != EEXIST ? -errno : 0;
    r = r == 0 ? store_open(directory, &agent->store, &note) : r;
    if (r < 0) {
        log_error("state_dir %s: %s%s", directory, strerror(-r),
                  r == -EBUSY ? " (does another tr069-client run?)" : "");
    } else if (note != NULL) {
        log_warning("state_dir %s: %s", directory, note);
    }
    return r;
}

static double uniform(void) {
    return crypto_uniform();
}

static void on_command(void *user, const struct tr069_command *command) {
    struct agent *agent = user;
    if (command->fault == 0) {
        log_info("%s %s", command->method, command->subject);
    } else {
        log_info("%s %s: fault %u %s", command->method, command->subject, command->fault, command->text);
    }
    plugins_command(agent->plugins, command);
}

static int version_of(const char *text) {
    return (text[0] - '0') * 10 + (text[2] - '0');
}

static int make_session(struct agent *agent) {
    const struct config *config = agent->config;
    agent->session_config = (struct session_config){
        .manufacturer = agent->texts.manufacturer,
        .oui = agent->texts.oui,
        .product_class = agent->texts.product_class,
        .serial = agent->texts.serial,
        .acs_url = agent->texts.acs_url,
        .version = version_of(config_string(config, "cwmp_version")),
        .session_timeout_s = (unsigned) config_int(config, "session_timeout"),
        .limits = {.octets = (size_t) config_int(config, "max_message_in"),
                   .memory = (size_t) config_int(config, "max_message_in") * 8,
                   .depth = (int) config_int(config, "max_depth")},
        .max_message = (size_t) config_int(config, "max_message_out"),
    };
    const struct session_setup setup = {
        .config = &agent->session_config,
        .model = agent->model,
        .store = agent->store,
        .events = agent->events,
        .transfers = agent->transfers,
        .du_reports = agent->du_reports,
        .rpcs = agent->rpcs,
        .uniform = uniform,
        .on_command = on_command,
        .on_ready = driver_ready,
        .user = agent,
    };
    return session_new(&setup, &agent->session);
}

static enum tr069_root root_of(const struct config *config) {
    return strcmp(config_string(config, "root"), "Device:2") == 0 ? TR069_DEV2 : TR069_IGD1;
}

static int make_rooms(struct agent *agent) {
    struct moment now = agent_now(agent);
    int r = loop_new(&agent->loop);
    r = r == 0 ? loop_signal(agent->loop, SIGTERM, on_terminate, agent) : r;
    r = r == 0 ? loop_signal(agent->loop, SIGINT, on_terminate, agent) : r;
    r = r == 0 ? loop_signal(agent->loop, SIGHUP, on_hangup, agent) : r;
    r = r == 0 ? open_state(agent) : r;
    if (r < 0) {
        return r;
    }
    loop_on_turn(agent->loop, on_turn, agent);
    bool booted = read_boot(agent);
    agent->boot_delivered = !booted;
    r = model_new(root_of(agent->config), agent->store, &agent->model);
    r = r == 0 ? rpcs_new(&agent->rpcs) : r;
    r = r == 0 ? events_new(agent->store, booted, &agent->events) : r;
    r = r == 0 ? transfers_new(agent->store, &now, &agent->transfers) : r;
    r = r == 0 ? du_reports_new(agent->store, &agent->du_reports) : r;
    r = r == 0 ? acs_client_new(agent->loop, &agent->acs) : r;
    r = r == 0 ? trace_new(config_path(agent->config, "trace_file"),
                           (uint64_t) config_int(agent->config, "trace_max"), &agent->trace)
               : r;
    if (r == 0) {
        trace_switch(agent->trace, config_bool(agent->config, "trace"));
    }
    r = r == 0 ? make_session(agent) : r;
    r = r == 0 ? plugins_new(agent, &agent->plugins) : r;
    if (r == 0) {
        /* A daemon that starts again without a boot says so by an Inform too. */
        r = events_add(agent->events, booted ? "1 BOOT" : "2 PERIODIC", "", TR069_NOW);
    }
    return r;
}

static int start(struct agent *agent) {
    const struct tr069_plugin *descriptor = NULL;
    int r = management_server_new(agent, &descriptor);
    r = r == 0 ? plugins_add_builtin(agent->plugins, descriptor) : r;
    if (r < 0) {
        return r;
    }
    management_server_get(agent, "URL", agent->texts.acs_url, sizeof agent->texts.acs_url);
    r = network_new(agent->loop, driver_network, agent, &agent->network); /* plugins hear of it */
    if (r < 0) {
        log_warning("the network's state is unknown (%s): trying as if it were up", strerror(-r));
    }
    agent->network_is_up = r < 0 || network_up(agent->network);
    plugins_scan(agent->plugins);
    (void) connection_start(agent);
    const char *path = config_path(agent->config, "control_socket");
    const char *why = control_new(agent, path, &agent->control);
    if (why != NULL) {
        log_warning("control_socket %s: %s; tr069-ctl will not work", path, why);
    }
    const char *missing = acs_client_missing_feature(agent->acs); /* not earlier: libcurl is being set up */
    if (missing != NULL) {
        log_warning("this build of libcurl lacks %s", missing);
    }
    r = driver_start(agent);
    r = r == 0 ? standby_start(agent) : r;
    transfer_work_tidy(agent);
    transfer_work(agent);
    (void) store_commit(agent->store);
    return r;
}

/* Nothing can stop a thread, and the platform does not wait: all that is kept is on disk. */
static void leave_jobs(struct agent *agent, int code) {
    log_warning("work of a plugin on another thread has not ended: leaving it behind");
    if (agent->store != NULL) {
        (void) store_commit(agent->store);
    }
    _exit(code);
}

static void stop(struct agent *agent, int code) {
    bool ended = true;
    if (agent->loop != NULL) {
        driver_stop(agent);
        standby_stop(agent);
        transfer_work_stop(agent);
        connection_stop(agent);
        control_free(agent->control);
        agent->control = NULL;
        network_free(agent->network);
        ended = loop_finish_jobs(agent->loop,
                                 JOBS_PATIENCE_MS); /* while their plugins can take the results over */
        agent_cancel(agent, &agent->quiet_timer);
        agent_cancel(agent, &agent->reload_timer);
    }
    plugins_unload(agent->plugins);
    if (agent->loop != NULL && !loop_finish_jobs(agent->loop, ended ? 100 : 0)) {
        leave_jobs(agent, code);
    }
    plugins_free(agent->plugins);
    transfer_work_free(agent);
    management_server_free(agent);
    session_free(agent->session);
    acs_client_free(agent->acs);
    trace_free(agent->trace);
    transfers_free(agent->transfers);
    du_reports_free(agent->du_reports);
    events_free(agent->events);
    rpcs_free(agent->rpcs);
    model_free(agent->model);
    if (agent->store != NULL) {
        (void) store_commit(agent->store);
        store_free(agent->store);
    }
    loop_free(agent->loop);
    config_free(agent->config);
    free(agent);
}

int agent_run(struct config *config, const struct config_arguments *arguments) {
    configure_log(config);
    if (config->seeds[SEED_URL][0] == '\0') {
        log_notice("no ACS: ro.stb.management.s0 is empty (%s); nothing to do",
                   build_prop_source(config->firmware));
        config_free(config);
        return AGENT_EXIT_OK;
    }
    struct agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL) {
        config_free(config);
        return AGENT_EXIT_FAILURE;
    }
    agent->config = config;
    agent->arguments = *arguments;
    (void) text_parse_time(config_string(config, "clock_not_before"), &agent->clock_not_before);
    (void) signal(SIGPIPE, SIG_IGN);
    int r = make_rooms(agent);
    r = r == 0 ? start(agent) : r;
    if (r == 0) {
        log_notice("tr069-client " VERSION " started");
        r = loop_run(agent->loop);
    }
    if (r < 0) {
        log_error("cannot go on: %s", strerror(-r));
    }
    int code = r < 0 ? AGENT_EXIT_FAILURE : AGENT_EXIT_OK;
    stop(agent, code);
    return code;
}

/* What open_state() would stumble over; a directory that is not there yet is made. */
static unsigned check_state(const struct config *config, FILE *errors) {
    const char *directory = config_path(config, "state_dir");
    struct stat status;
    int error = 0;
    if (stat(directory, &status) == 0) {
        error = !S_ISDIR(status.st_mode) ? ENOTDIR : access(directory, R_OK | W_OK | X_OK) < 0 ? errno : 0;
    } else if (errno == ENOENT) {
        char parent[PATH_MAX];
        if (text_parent(parent, sizeof parent, directory)) {
            error = stat(parent, &status) < 0 ? errno : 0;
        }
    } else {
        error = errno;
    }
    if (error != 0) {
        (void) fprintf(errors, "%s: state_dir: %s: %s\n", settings_origin(config->settings, "state_dir"),
                       directory, strerror(error));
    }
    return error != 0;
}

/* The start does without it: it is opened when the first message is read. */
static unsigned check_libxml(FILE *errors) {
    char error[256];
    if (envelope_readable(error, sizeof error) == 0) {
        return 0;
    }
    (void) fprintf(errors, "messages of the ACS cannot be read: %s. On Debian: apt-get install libxml2\n",
                   error);
    return 1;
}

int agent_check(struct config *config, FILE *out, FILE *errors) {
    struct agent agent = {.config = config};
    struct plugins *plugins = NULL;
    config_print(config, out);
    if (plugins_new(&agent, &plugins) < 0) {
        return AGENT_EXIT_FAILURE;
    }
    unsigned mistakes =
        plugins_check(plugins, out, errors) + check_state(config, errors) + check_libxml(errors);
    plugins_free(plugins);
    return mistakes == 0 ? AGENT_EXIT_OK : AGENT_EXIT_CONFIG;
}
