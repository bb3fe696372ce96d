/* The parts of the agent, for the files of this room. */
#ifndef AGENT_AGENT_INTERNAL_H
#define AGENT_AGENT_INTERNAL_H

#include "agent/agent.h"
#include "agent/config.h"
#include "agent/control.h"
#include "agent/plugins.h"
#include "agent/trace.h"
#include "base/clock.h"
#include "base/store.h"
#include "cwmp/du_reports.h"
#include "cwmp/events.h"
#include "cwmp/rpc.h"
#include "cwmp/schedule.h"
#include "cwmp/session.h"
#include "cwmp/throttle.h"
#include "cwmp/transfers.h"
#include "model/model.h"
#include "net/acs_client.h"
#include "net/connection_request.h"
#include "net/fetch.h"
#include "net/loop.h"
#include "net/network.h"
#include "net/send.h"

#include <limits.h>

struct action;
struct installation;
struct management_server;
struct standby;

/* Texts that a struct session_config or acs_target points to, read from the model before a session. */
struct agent_texts {
    char manufacturer[64 * 4 + 1], oui[65], product_class[64 * 4 + 1], serial[64 * 4 + 1]; /* UTF-8 */
    char acs_url[257], username[256 * 4 + 1], password[256 * 4 + 1];
    char request_username[256 * 4 + 1], request_password[256 * 4 + 1];
};

struct agent {
    struct config *config;
    struct config_arguments arguments; /* for reload */
    int64_t clock_not_before;

    struct loop *loop;
    struct store *store;
    struct model *model;
    struct rpcs *rpcs;
    struct events *events;
    struct transfers *transfers;
    struct du_reports *du_reports;
    struct session *session;
    struct acs_client *acs;
    struct trace *trace;
    struct connection_request *listener;
    struct network *network;
    struct plugins *plugins;
    struct management_server *management_server;
    struct control *control;
    struct action *actions; /* under way (agent.c) */

    /* driver.c: sessions and their times */
    struct session_config session_config;
    struct agent_texts texts;
    struct schedule schedule;          /* when sessions begin */
    struct tr069_timer *session_timer; /* the next thing that it holds */
    struct tr069_timer *wait_timer;    /* of a session in WAIT */
    char **inform;                     /* full names */
    size_t inform_count;
    uint64_t last_success_ms;
    bool posted;          /* this session has sent something */
    bool network_changed; /* since it began */
    bool boot_delivered;  /* 1 BOOT of this boot was */
    bool network_is_up;
    bool reload_wanted, stopping;
    bool spent;       /* a session has ended: its memory is to be given back */
    const char *held; /* why the session that is wanted does not start; NULL: none is held */
    char boot_id[65];
    char last_error[256];
    uint64_t sessions_done, sessions_failed;

    /* notify.c */
    struct throttle throttle; /* of sessions for changed values */

    /* light.c */
    struct throttle light_throttle; /* of datagrams */
    struct tr069_timer *light_timer;
    uint64_t light_due_ms; /* of the timer */

    /* agent.c: an ordered reboot is under way, start nothing */
    struct tr069_timer *quiet_timer, *reload_timer;
    bool quiet;

    /* connection.c */
    int listen_error; /* of the last try */
    bool url_made;    /* from now on another URL is a change */
    struct {
        unsigned logged, hidden; /* of the present minute, which ends with the timer */
        char peer[64];           /* of the last hidden one */
        struct tr069_timer *timer;
    } refusals;
    unsigned told_port; /* to the platform; 0: none is open */
    char told_host[256];
    char request_path[48];
    char request_url[384];
    char local_address[64];

    struct tr069_timer *heartbeat_timer; /* heartbeat.c */

    /* standby.c */
    struct standby *standby; /* NULL: the box has none */
    struct plugin *contacts; /* those that told host->contact when (host.c) */

    /* transfer_work.c */
    struct fetch *fetch;
    struct send *send;
    struct tr069_timer *transfer_timer;
    struct installation *installation; /* of the transfer that is being installed */
    struct installation *overdue;      /* given up, their plugins have not ended them */
    struct plugin *installer;
    struct tr069_timer *install_timer;
    uint32_t transfer_id;
    bool transfer_dropped;              /* its order is gone: it goes no further */
    struct tr069_timer *transfer_limit; /* it may not run longer */
    uint32_t asked_id;    /* of the transfer whose window wants the box idle, or a confirmation: asked for */
    bool fetching_beside; /* the small file before the transfer's own */
    unsigned transfer_percent;  /* last one logged */
    uint64_t transfer_told_ms;  /* when */
    uint64_t transfer_began_ms; /* fetching, making, sending or installing */
    uint64_t transfer_octets, transfer_total;
};

struct moment agent_now(const struct agent *agent);
/* For a step of the session: an Inform tells the local time. */
struct moment agent_now_local(const struct agent *agent);
/* "Device." + path, in a buffer of TR069_NAME_MAX + 1. */
const char *agent_path(const struct agent *agent, const char *path, char *buffer);

/* Cancels a timer, if it is set, and forgets it. A callback of one forgets it first. */
void agent_cancel(struct agent *agent, struct tr069_timer **timer);

/* driver.c */
/* DeviceInfo.NAME of the box; "" if it has none. */
void agent_identity(struct agent *agent, const char *name, char *out, size_t size);
int driver_start(struct agent *agent);
void driver_stop(struct agent *agent);
/* A session is wanted: now, or right after the present one. */
void driver_want(struct agent *agent, const char *why);
/* Not before this time (monotonic), unless one is due before or a retry is waited for. Not in a session. */
void driver_want_at(struct agent *agent, uint64_t ms);
/* ManagementServer.* changed: re-arms the periodic Inform, takes what the ACS set. */
void driver_configure(struct agent *agent);
void driver_ready(void *agent);
bool driver_in_session(const struct agent *agent);
void driver_network(void *agent, bool up, bool changed);
/* Looks whether the clock was set: PeriodicInformTime is a time of day. */
void driver_clock(struct agent *agent);

/* notify.c: what happens when a value changes */
/* The parameter with this full name changed, by something else than the ACS. */
void notify_changed(struct agent *agent, const char *path);
/* Changes with active notification wait: a session for them as soon as the throttles let it. */
void notify_active(struct agent *agent);
/* Before the first session. */
void notify_configure(struct agent *agent);

/* light.c: lightweight notifications */
/* Something that they are to tell waits, or when they are to do so was changed: arms the timer. */
void light_arm(struct agent *agent);
void light_configure(struct agent *agent);

/* heartbeat.c */
/* As HeartbeatPolicy says now, by the clock as it is now. */
void heartbeat_arm(struct agent *agent);
struct tr069_object heartbeat_object(void);

/* standby.c */
/* Before the first session, if `standby` says so; else nothing. */
int standby_start(struct agent *agent);
void standby_stop(struct agent *agent);
/* Has the box slept? Before a session begins, so that its Inform tells it. */
void standby_look(struct agent *agent);
/* Looks, and sets the alarm clock that wakes the box up; at the end of a turn. */
void standby_arm(struct agent *agent);
/* A session has ended well: what was due before it was not missed. */
void standby_spoken(struct agent *agent);
/* Commands of tr069-ctl: the box wants to sleep; it has woken up. NULL, or why not. */
const char *standby_enter(struct agent *agent, const char *argument, struct buffer *out);
const char *standby_leave(struct agent *agent);
void standby_status(const struct agent *agent, struct buffer *out);
/* The table of ManagementServer.StandbyPolicy. */
struct tr069_object standby_object(void);

/* connection.c: the connection-request listener and its URL */
int connection_start(struct agent *agent);
void connection_stop(struct agent *agent);
/* Opens or closes the port as configured, and makes the URL from the local address. */
void connection_update(struct agent *agent);
/* The local address of the last session; before it, and when the network has changed since, the one that
 * the route to the ACS would use. "" without a route. */
const char *connection_local_address(struct agent *agent);
/* Is the local address of the session's connection, if it is known, still one of the box's? */
bool connection_is_alive(const struct agent *agent);
/* A session told it, or "" when the network has changed; connection_update() makes the URL of it. */
void connection_learn_address(struct agent *agent, const char *address);

/* management_server.c */
/* Descriptor of ManagementServer.*; values of the firmware are its defaults. Freed with the plugin. */
int management_server_new(struct agent *agent, const struct tr069_plugin **ret_descriptor);
void management_server_free(struct agent *agent);
void management_server_get(struct agent *agent, const char *name, char *buffer, size_t size);
int64_t management_server_int(struct agent *agent, const char *name); /* booleans as 0 and 1 */
/* Did the ACS set it to something else than the firmware says? */
bool management_server_was_set(struct agent *agent, const char *name);
/* Neither the firmware nor the ACS gave a Username: it is made of the box's identity. */
bool management_server_names_itself(struct agent *agent);
/* Tells the model InstanceMode and AutoCreateInstances. */
void management_server_names(struct agent *agent);
/* Allocated names of the enabled InformParameter rows whose events are pending; returns how many. */
size_t management_server_inform(struct agent *agent, char **list, size_t room);

/* transfer_work.c */
/* Looks for a transfer to work on, if no session runs. */
void transfer_work(struct agent *agent);
void transfer_work_tidy(struct agent *agent);
void transfer_work_stop(struct agent *agent);
/* The plugins are gone. */
void transfer_work_free(struct agent *agent);
void transfer_installed(struct agent *agent, const struct tr069_install *install, int verdict);
/* The transfer at work ends without a word: its order is gone. A plugin at work cannot be called off. */
void transfer_drop(struct agent *agent);
/* Puts its end down, and what tells it into the queue of events. */
void transfer_end(struct agent *agent, uint32_t id, const struct tr069_fault *fault);

/* vendor_config.c: produce() of the upload "settings" (struct tr069_upload) */
int vendor_config_produce(const struct tr069_install *file);

/* transfer_queue.c: what is ordered, listed, cancelled */
int transfer_request(struct agent *agent, const struct tr069_transfer *transfer, struct tr069_fault *fault);
/* By which an upload is looked up: the name, else the file type. */
const char *transfer_upload_name(const struct tr069_transfer *transfer);
/* Does AutonomousTransferCompletePolicy want to hear of it? */
bool transfer_policy(const struct agent *agent, const struct transfer *transfer, unsigned fault_code);
/* Its window wants the box idle, or its user's consent, and that was not had yet. */
bool transfer_needs_consent(const struct transfer *transfer);
/* Asks for it; the transfer waits meanwhile. */
void transfer_ask(struct agent *agent, const struct transfer *transfer);
/* A parameter below ManagementServer.: false if there is none. */
bool policy_read(const struct agent *agent, const char *object, const char *name, char *text, size_t size);
bool policy_list_has(const char *list, const char *item);
/* Does a filter of Success, Failure, Both and the like take it? */
bool policy_takes(const struct agent *agent, const char *object, const char *name, const char *value);
/* Services of struct tr069_host. */
int transfer_list(struct agent *agent, int ns, int (*each)(void *user, const struct tr069_queued *queued),
                  void *user);
int transfer_cancel(struct agent *agent, const char *command_key, struct tr069_fault *fault);
int transfer_note(struct agent *agent, const struct tr069_transfer *transfer, const struct tr069_fault *fault,
                  int64_t start, int64_t complete);

/* du_state.c: reports on deployment units */
/* Does DUStateChangeComplPolicy want to hear of it? */
bool du_policy(const struct agent *agent, const struct tr069_du_result *result);
/* It is complete: told by its event, in the same commit. */
int du_close(struct agent *agent, uint32_t report);

/* agent.c */
/* Not while a session or an installation runs, nor from inside of a plugin. */
void agent_reload(struct agent *agent);
/* Now, or when the present session has ended. */
void agent_want_reload(struct agent *agent);
void agent_fill_tls(const struct agent *agent, struct net_tls *ret_tls); /* driver.c */
void agent_factory_reset(struct agent *agent, bool keep_configuration);
/* `caller` NULL: the client itself. */
int agent_action(struct agent *agent, const struct plugin *caller, const char *name, const char *const *args,
                 tr069_action_done *done, void *user);
/* A plugin stops: its actions are told to nobody, and who waits for one of it is told -ECANCELED. */
void agent_plugin_gone(struct agent *agent, const struct plugin *plugin);

#endif
