/* tr069/plugin.h: everything that the author of a plugin reads.
 *
 * A plugin makes a box speak about one more thing: a few parameters of the data model, an RPC, a
 * file type it can install, an action of the platform. It is one shared object that exports one
 * constant descriptor (TR069_PLUGIN below) and executes nothing while it is being loaded. The
 * descriptor declares; the client does the rest: it parses the options, builds the data model,
 * checks types and limits, answers the ACS, stores what must survive a power cut.
 *
 * Call sequence
 *
 *   load     abi and size are checked; options[] of the plugin's conf file are parsed and checked;
 *            the tables are merged into the data model (a path or method declared twice is an
 *            error that names both plugins)
 *   check    by --check-config only, which ends there: what would be missing when it is needed
 *   init     once: keep the host, make the context. No other service than log, options, property,
 *            state_get may be used yet
 *   start    once, when every plugin was initialised: all services may be used. Of an `eager` one it
 *            comes earlier, behind its own init
 *   ...      getters, setters, RPC handlers, actions, file handlers, timers, as they are needed
 *   reload   the options changed (SIGHUP); without it the plugin is stopped and started anew
 *   stop     once: timers, watches, children and jobs of the plugin are cancelled after it returns
 *   destroy  once: free the context. Also called when init failed, with what init left behind
 *
 * Threads: one. Every function of a plugin is called on the one thread of the client, and every
 * service of the host must be called on it. The exception is the `work` function of a job, which
 * runs elsewhere, touches only its own data and calls no service.
 * Nothing may block: not a getter, not a setter, not init. Slow work is a child process
 * (host->run), a job (host->job), or a `refresh` of an object.
 *
 * Ownership: what the client passes in belongs to the client and is valid during the call, unless
 * stated otherwise. What a plugin lends in a struct tr069_value must stay valid until the client
 * calls that plugin again or returns to its loop. Descriptors and tables are static and constant.
 *
 * Verdicts: callbacks return enum tr069_verdict, or a negative errno, which reaches the ACS as
 * fault 9002 with the errno's text. tr069_fault() makes a fault with a code and words of your own.
 *
 * Version history of the ABI
 *   1.0  first
 *   1.1  uploads; transfers with time windows, and of the box's own accord; struct tr069_queued, and what
 *        lists and cancels transfers; `version` of a call; aliases of rows, references to rows; `find` of
 *        an object
 *   1.2  deployment units: repeated arguments and their xsi:type, transfers of a plugin's own, du_open and
 *        its kin
 *   1.3  measured transfers, times in microseconds, contact; `eager`
 *   1.4  news of the network; `check`; children in the background
 *
 * A minor version adds fields at the end of structures; every structure that a plugin defines in an
 * array is strided by the size that the plugin was compiled with, so older plugins go on working.
 */
#ifndef TR069_PLUGIN_H
#define TR069_PLUGIN_H

#include <tr069/value.h>

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TR069_ABI_MAJOR 1
#define TR069_ABI_MINOR 4

#if defined(__GNUC__)
#define TR069_EXPORT __attribute__((visibility("default")))
#else
#define TR069_EXPORT
#endif

/* Limits that TR-069 and TR-106 set. */
#define TR069_NAME_MAX 256       /* a parameter's full name, characters */
#define TR069_COMMAND_KEY_MAX 32 /* a CommandKey, characters */
#define TR069_DEPTH_MAX 8        /* nested tables: LANDevice.{i}.X.{i}. is 2 */

/* Limits of the client's own. */
enum { TR069_DU_REPORTS_MAX = 8, TR069_DU_RESULTS_MAX = 64 };

struct tr069_host;
struct tr069_object;
struct tr069_param;
struct tr069_rpc;

/* ---- Where a callback is called --------------------------------------------------------------- */

struct tr069_at {
    const char *path;                  /* full name: "Device.WiFi.SSID.2.SSID"; an object's ends in '.' */
    const uint32_t *instance;          /* instance[0] stands for the first {i} of the path */
    unsigned depth;                    /* how many there are */
    void *row;                         /* what tr069_row() gave for the innermost row, else NULL */
    const struct tr069_object *object; /* the table entry */
    const struct tr069_param *param;   /* the table entry; NULL where an object is meant */
    struct tr069_fault *fault;         /* for tr069_fault() */
    void *ctx;                         /* what init returned */
    const struct tr069_host *host;
};

static inline void *tr069_ctx(const struct tr069_at *at) {
    return at->ctx;
}

/* The innermost instance number; 0 where the path has none. */
static inline uint32_t tr069_instance(const struct tr069_at *at) {
    return at->depth > 0 ? at->instance[at->depth - 1] : 0;
}

/* ---- The data model --------------------------------------------------------------------------- */

/* Root data models that a table entry is for; `root =` of the configuration chooses one. */
enum tr069_root {
    TR069_IGD1 = 1, /* InternetGatewayDevice:1 (TR-098) */
    TR069_DEV2 = 2, /* Device:2 (TR-181 issue 2) */
    TR069_BOTH = 3
};

/* Notification rules of the data model (digest section 11). */
enum tr069_notify {
    TR069_NOTIFY_NORMAL = 0,
    TR069_NOTIFY_FORCED,         /* always Active (forceEnabled) */
    TR069_NOTIFY_DEFAULT_ACTIVE, /* Active until the ACS says otherwise (forceDefaultEnabled) */
    TR069_NOTIFY_CAN_DENY        /* Active is refused with 9009 (canDeny): counters, times */
};

enum tr069_param_flags {
    TR069_STORED = 1 << 0,   /* writable; the client keeps the value, over reboots; get and set are
                                not needed; `value` is the default */
    TR069_HIDDEN = 1 << 1,   /* reads as empty: passwords. The client hides it: the getter gives the
                                real value, which a failed request puts back */
    TR069_INFORM = 1 << 2,   /* forced: in every Inform */
    TR069_CSV = 1 << 3,      /* a comma-separated list; limits hold for each item */
    TR069_SECRET = 1 << 4,   /* never logged, and hidden */
    TR069_ALIAS = 1 << 5,    /* ABI 1.1: of TR069_ALIAS_PARAM, nowhere else */
    TR069_REFERENCE = 1 << 6 /* ABI 1.1: a STRING that is the path of a row, or with TR069_CSV a list of
                                them: "Device.WiFi.Radio.1", or of a parameter in a row. When the row is
                                deleted, the client sets the parameter to what is left without it */
};

/* The parameter Alias of a row: a name for the row that the ACS may change and use in paths. The client keeps
 * it, and sees to it that it is unlike the others of the table; until the ACS says otherwise it is "cpe-" and
 * the instance number. Every table whose data model has Alias should begin with it. */
#define TR069_ALIAS_PARAM                                                                                    \
    { "Alias", TR069_STRING, TR069_STORED | TR069_ALIAS, .max_length = 64 }

/* One parameter. An array of these ends with { 0 }.
 * A parameter with neither get nor TR069_STORED is the constant `value`.
 * It is writable when it has `set` or is TR069_STORED. */
struct tr069_param {
    const char *name; /* the last part of the path: "SSID" */
    enum tr069_type type;
    unsigned flags; /* enum tr069_param_flags */
    enum tr069_notify notify;
    const char *value; /* text of the constant, or the default of a stored one; NULL = null value */
    size_t max_length; /* STRING in characters, BASE64 and HEXBINARY in octets decoded; 0 = no limit */
    size_t min_length;
    int64_t min, max;          /* numbers; both 0 = the type's own range */
    const char *const *values; /* enumeration, ends with NULL */
    const char *pattern;       /* POSIX extended regular expression that the whole value matches; beside
                                * `values`, what else is allowed */
    const char *entries_of;    /* "WiFi.SSID.": the value is the number of rows of that table */
    /* Gives the value. Must not block, and answers from memory. OK, FAULT or -errno. */
    int (*get)(const struct tr069_at *at, struct tr069_value *ret_value);
    /* Applies a value that passed type and limits. OK, APPLIED_LATER, FAULT or -errno. When a later
     * parameter of the same request fails, the client sets the old value again. */
    int (*set)(const struct tr069_at *at, const struct tr069_value *value);
    const char *help; /* one line, for people */
};

/* Collects the rows of a table; made by the client. */
struct tr069_rows {
    int (*add)(struct tr069_rows *rows, uint32_t instance, void *row);
};

/* Names a row: its instance number (1..), which stays with it over reboots and is never given to
 * another row, and whatever pointer its getters want to find in at->row: valid until the client returns
 * to its loop or the row is removed, also while other callbacks of the plugin run. */
static inline int tr069_row(struct tr069_rows *rows, uint32_t instance, void *row) {
    return rows->add(rows, instance, row);
}

/* One parameter's new value in a check. */
struct tr069_change {
    const struct tr069_param *param;
    const struct tr069_value *value;
    struct tr069_fault *fault; /* for tr069_fault(): this parameter's line in the fault */
};

enum tr069_object_flags {
    TR069_STORED_ROWS = 1 << 0 /* a table that the ACS may add to and delete from; the client keeps
                                  the rows and numbers; parameters are TR069_STORED */
};

/* One object or table. An array of these ends with { 0 }. The same object may be declared more than
 * once, by several plugins too, as long as no parameter is declared twice. Objects on the way to a
 * declared one need no entry; a table that nobody enumerates has the single row 1. */
struct tr069_object {
    enum tr069_root roots;
    const char *path; /* below the root: "WiFi.SSID.{i}."; "" is the root itself */
    const struct tr069_param *params;
    unsigned flags;    /* enum tr069_object_flags */
    uint32_t max_rows; /* AddObject beyond it is 9004; 0 = 256 */
    /* Names the rows that exist now, in rising order. at->instance holds the outer ones. */
    int (*instances)(const struct tr069_at *at, struct tr069_rows *rows);
    /* AddObject: makes a row, returns its number. OK, APPLIED_LATER, FAULT, -errno. */
    int (*add)(const struct tr069_at *at, uint32_t *ret_instance);
    /* DeleteObject of the row at. */
    int (*remove)(const struct tr069_at *at);
    /* Judges new values of one object together, on the final state, before anything is applied. */
    int (*check)(const struct tr069_at *at, const struct tr069_change *changes, size_t count);
    /* Once for each object that a successful SetParameterValues, AddObject or DeleteObject touched,
     * after all of it was applied and saved. */
    void (*commit)(const struct tr069_at *at);
    /* Starts to read a slow source. Called once per session before parameters of this object are
     * read. OK: nothing to wait for. DEFERRED: call host->refreshed(host, object) when the values
     * are there; after refresh_ms the old values are used, and a warning names the plugin. The next
     * session may call again while the one that was given up still runs. */
    int (*refresh)(const struct tr069_at *at);
    uint32_t refresh_ms; /* 0 = 5000 */
    /* Finds one row, besides `instances` and in agreement with it, for tables of thousands: what is asked
     * for by name then costs nothing for the other rows. at is that of `instances`. OK with the pointer for
     * at->row; -ENOENT; FAULT or -errno. (ABI 1.1) */
    int (*find)(const struct tr069_at *at, uint32_t instance, void **ret_row);
};

/* ---- RPCs ------------------------------------------------------------------------------------- */

enum tr069_arg_flags {
    TR069_OPTIONAL = 1 << 0, /* may be missing; its value then has the type TR069_NONE */
    TR069_PATH = 1 << 1,     /* names a parameter or an object: white space around it is taken off */
    TR069_REPEATED = 1 << 2  /* ABI 1.2: of a LIST that is no array: each element of that name is an item */
};

/* One argument, in the order of the standard. An array of these ends with { 0 }. */
struct tr069_arg {
    const char *name;
    enum tr069_type type;
    unsigned flags;                 /* enum tr069_arg_flags */
    size_t max_length;              /* characters of a string; items of a list; 0 = 65536 or 4096 */
    const char *const *values;      /* enumeration, ends with NULL */
    const struct tr069_arg *fields; /* of a LIST: the fields of its structures; a list of strings has
                                       one field with an empty name. ABI 1.2: a first STRING named "@type"
                                       is the item's xsi:type without prefix, empty if it has none */
};

/* One call of an RPC by the ACS. It stays valid until the handler returned or, when it returned
 * TR069_DEFERRED, until host->complete() was called, also if the session has ended meanwhile. */
struct tr069_call {
    const struct tr069_rpc *rpc;
    const struct tr069_value *args; /* as in rpc->args */
    struct tr069_fault *fault;
    void *ctx;
    const struct tr069_host *host;
    unsigned version; /* ABI 1.1: of the session's namespace: 10, 11 or 12 (which is 1.2 to 1.4) */
};

/* One RPC that the ACS may call. An array of these ends with { 0 }. Names of the vendor's own begin
 * with X_<VENDOR>_ . */
struct tr069_rpc {
    const char *method;
    const struct tr069_arg *args; /* NULL: none */
    unsigned since;               /* CWMP version that knows it: 10, 11, 12; 0 = 10. In a session of an
                                     earlier one it is not listed, and refused with 9000 */
    /* Executes the call. Elements of the response are written with host->reply() in the order of the
     * standard. OK, FAULT, -errno or DEFERRED. What ends the session (a reboot) waits for
     * host->after_session(). */
    int (*call)(const struct tr069_call *call);
};

/* ---- Transfers -------------------------------------------------------------------------------- */

enum { TR069_WINDOWS_MAX = 2 };

enum tr069_window_mode {
    TR069_AT_ANY_TIME = 1,
    TR069_IMMEDIATELY = 2,
    TR069_WHEN_IDLE = 3,          /* the action "idle" says so by ending with 0 */
    TR069_CONFIRMATION_NEEDED = 4 /* the action "confirm", with the message and the file type, does */
};

/* A time in which a transfer may run and its file be put into use (TimeWindowStruct). Seconds count from
 * when the transfer was ordered, also over reboots. */
struct tr069_window {
    uint32_t start_s, end_s;
    enum tr069_window_mode mode;
    int32_t max_retries;      /* in this window; -1: as the client sees fit */
    const char *user_message; /* at most 256 characters */
};

/* What Download and its kin ask for (digest section 12). Kept over reboots until reported. */
struct tr069_transfer {
    const char *method; /* "Download", "Upload", "ScheduleDownload": the event is "M " and this */
    const char *command_key;
    const char *file_type; /* "1 Firmware Upgrade Image" */
    const char *url;       /* http or https, no userinfo */
    const char *username;  /* empty = none */
    const char *password;
    const char *target_name; /* TargetFileName: a suggestion of the peer, never a path to trust */
    uint64_t file_size;      /* octets; 0 = unknown */
    uint32_t delay_s;        /* not before this; 0 = after this session */
    /* ABI 1.1 */
    const char *upload;       /* Upload: the name of the struct tr069_upload; NULL or empty: file_type is */
    const char *announce_url; /* of an autonomous one: what told the box to do it; may be empty */
    bool autonomous;          /* the ACS did not order it: AutonomousTransferComplete tells it, if the
                                 policy asks for that. method is "Download" or "Upload" */
    const struct tr069_window *windows; /* ScheduleDownload: one or two, in order, not overlapping */
    size_t window_count;
    /* ABI 1.2: a need of the plugin that takes its file type: neither reported to the ACS nor listed or
     * cancelled by it; that plugin is told by `ended`. URL: at most 1024 characters. */
    bool internal;
};

/* A fetched file on its way into use. Valid until installed() was called or OK/FAULT returned. */
struct tr069_install {
    const struct tr069_transfer *transfer;
    /* The complete file, in the spool directory, mode 0600; move or read it. The name stays with the
     * transfer over restarts, and no other transfer ever has it. */
    const char *path;
    struct tr069_fault *fault;
    void *ctx;
    const struct tr069_host *host;
};

/* A file type that the plugin takes. An array of these ends with { 0 }. The most exact one wins; of equals
 * that of the plugin whose conf file comes first: a vendor's 20-NAME.conf goes before 50-download.conf. */
struct tr069_file {
    const char *file_type; /* "3 Vendor Configuration File"; "X *" takes every type that begins so */
    /* At the time of the RPC: may refuse (FAULT) before anything is fetched. NULL = accept. */
    int (*accept)(void *ctx, const struct tr069_transfer *transfer, struct tr069_fault *fault);
    /* The file is there: put it into use. OK, FAULT (its code and text go into TransferComplete),
     * -errno, or DEFERRED and host->installed() later, within `install_timeout` of the configuration. It is
     * asked again after a restart of the client in between, with the same path. */
    int (*install)(const struct tr069_install *install);
    /* A small file (at most 64 KiB) that lies beside it on the server and is fetched before it: what the path
     * of its URL and install->path get at their ends (".p7s"). The transfer fails if it is not to be had.
     * NULL, or gives NULL: there is none. */
    const char *(*beside)(void *ctx, const struct tr069_transfer *transfer);
    /* ABI 1.2: an internal transfer has ended, also one that never came to install; fault->code 0 = well.
     * What it puts into the state is on disk together with the end of the transfer, or neither is. */
    void (*ended)(void *ctx, const struct tr069_transfer *transfer, const struct tr069_fault *fault);
};

enum tr069_upload_kind {
    TR069_UPLOAD_OTHER = 0,  /* a file type of the vendor's: `name` is "X <VENDOR> ..." */
    TR069_UPLOAD_CONFIG = 1, /* a row of DeviceInfo.VendorConfigFile.{i}. */
    TR069_UPLOAD_LOG = 2     /* a row of DeviceInfo.VendorLogFile.{i}. */
};

/* A file that the ACS may have (ABI 1.1). An array of these ends with { 0 }. The most exact one wins. */
struct tr069_upload {
    const char *name; /* at most 64 characters; one that ends with '*' takes every name that begins
                         so, and is no row of itself */
    enum tr069_upload_kind kind;
    const char *help; /* one line, for people: Description of a configuration file */
    /* At the time of the RPC: may refuse (FAULT). NULL = accept. */
    int (*accept)(void *ctx, const struct tr069_transfer *transfer, struct tr069_fault *fault);
    /* Write the file to file->path, which is not there yet. OK, FAULT (its code and text go into
     * TransferComplete), -errno, or DEFERRED and host->installed() later. After a power cut it is asked
     * again. */
    int (*produce)(const struct tr069_install *file);
    uint64_t max_size; /* of a log: octets that it never exceeds; 0 = no limit */
    bool persistent;   /* of a log: it is kept over reboots */
};

/* One transfer of the queue, for GetQueuedTransfers and its kin (ABI 1.1). */
struct tr069_queued {
    const struct tr069_transfer *transfer;
    unsigned state;        /* 1 not started, 2 in progress, 3 completed but not acknowledged */
    bool ordered;          /* by this ACS */
    const char *file_type; /* as AllQueuedTransferStruct names it in that version of CWMP */
};

/* What came of one operation on a deployment unit: OpResultStruct (ABI 1.2). Texts may be NULL. */
struct tr069_du_result {
    const char *operation; /* "Install", "Update", "Uninstall" */
    const char *uuid;      /* 8-4-4-4-12 hexadecimal digits */
    const char *unit;      /* full name of the row: "Device.SoftwareModules.DeploymentUnit.1"; or empty */
    const char *version;   /* at most 32 characters */
    const char *state;     /* "Installed", "Uninstalled", "Failed" */
    bool resolved;         /* all its dependencies are there */
    const char *execution_units; /* full names, separated by commas */
    int64_t start, complete;     /* seconds since 1970 UTC or TR069_TIME_UNKNOWN */
    struct tr069_fault fault;    /* code 0 = well */
};

/* ---- Measured transfers (ABI 1.3) ------------------------------------------------------------- */

/* A transfer by HTTP for the sake of its times (TR-143): nothing of it is stored, and what is sent is made up
 * as it goes. No credentials are sent; redirects are followed, and the times are those of the last request.
 */
struct tr069_measure {
    const char *url;      /* http or https, no userinfo */
    bool upload;          /* PUT; else GET */
    uint64_t octets;      /* to send; of a download the most that is taken */
    uint32_t duration_ms; /* > 0: it ends well that long after its first octet, if it lasts so long; an upload
                             then sends without saying how much, and `octets` are the most */
    uint32_t deadline_ms; /* for all of it */
    const char *interface; /* the system's name of the one to use; NULL or empty: as the route goes */
    unsigned ip_version;   /* 4, 6; 0: any */
    unsigned dscp;         /* of what is sent: 0 to 63 */
    unsigned priority;     /* of what is sent, for the VLAN's: 0 to 7 */
};

enum tr069_measure_end {
    TR069_MEASURE_COMPLETE = 0,
    TR069_MEASURE_NO_NAME,       /* the host's name is not known */
    TR069_MEASURE_NO_ROUTE,      /* no way to it */
    TR069_MEASURE_NO_CONNECTION, /* no TCP connection, or no TLS that can be trusted */
    TR069_MEASURE_NO_RESPONSE,   /* a connection, but no answer */
    TR069_MEASURE_LOGIN,         /* it wants credentials */
    TR069_MEASURE_FAILED,        /* it said no, or broke off */
    TR069_MEASURE_TOO_LARGE,     /* the download has more than `octets` */
    TR069_MEASURE_TIMEOUT,       /* the deadline */
    TR069_MEASURE_LOCAL          /* no memory, no such interface */
};

/* What was measured, as far as it came. Times in microseconds for tr069_value_time_us(); TR069_TIME_UNKNOWN:
 * it did not come to that. */
struct tr069_measured {
    enum tr069_measure_end end;
    const char *text;        /* a sentence for the log */
    int64_t open_request_us; /* the TCP connection was asked for */
    int64_t open_response_us;
    int64_t request_us;            /* the request was sent */
    int64_t begin_us;              /* first octets: of a download received, of an upload sent */
    int64_t end_us;                /* last octets of a download; the answer to an upload */
    uint64_t sent, received;       /* octets of this transfer from begin to end, with the heads of HTTP */
    uint64_t if_sent, if_received; /* octets of the interface, by the system's counters, from begin to end */
    const char *address;           /* of ours, as text; empty: there was no connection */
};
/* What is lent lives during the call. */
typedef void tr069_measure_done(void *user, const struct tr069_measured *measured);

/* ---- Actions ---------------------------------------------------------------------------------- */

/* Called once when an action ended: 0 or -errno (an argv that exits non-zero: -EIO); its output. */
typedef void tr069_action_done(void *user, int result, const char *output, size_t length);

/* What a platform does for others: "reboot", "factory-reset", "install-firmware", "device-log". An
 * array of these ends with { 0 }. */
struct tr069_action {
    const char *name;
    /* Begins the action; calls done(user, ...) when it ended, at once or later. args ends with NULL
     * and is the caller's. OK, or -errno and then done is not called. -ENOSYS = not configured: another
     * plugin that provides it is asked. */
    int (*run)(void *ctx, const char *const *args, tr069_action_done *done, void *user);
};

/* ---- Commands of the ACS, for those who keep a log of them ------------------------------------- */

struct tr069_command {
    int64_t time; /* seconds since 1970 UTC, or TR069_TIME_UNKNOWN */
    const char *method;
    const char *subject; /* what it touched: parameter names, a file; no secret */
    unsigned fault;      /* 0 = done, else the fault code answered */
    const char *text;    /* FaultString, or empty */
};

/* ---- Options ---------------------------------------------------------------------------------- */

enum tr069_option_type {
    TR069_OPTION_STRING,
    TR069_OPTION_PATH, /* absolute, or relative to the configuration's `prefix` */
    TR069_OPTION_INT,
    TR069_OPTION_BOOL,
    TR069_OPTION_LIST /* of strings: {"a", "b"} */
};

/* One option of the plugin's conf file. An array of these ends with { 0 }. */
struct tr069_option {
    const char *name;
    enum tr069_option_type type;
    const char *value;         /* default, as text; a list: items separated by spaces */
    int64_t min, max;          /* INT; both 0 = any */
    const char *const *values; /* enumeration of a STRING, ends with NULL */
    const char *help;          /* one line */
    bool secret;               /* never printed */
};

/* ---- The host: services for a plugin ---------------------------------------------------------- */

enum tr069_log_level {
    TR069_ERROR = 3,
    TR069_WARNING = 4,
    TR069_NOTICE = 5,
    TR069_INFO = 6,
    TR069_DEBUG = 7
};

enum tr069_event_when {
    TR069_NOW = 0,       /* start a session for it */
    TR069_AFTER_BOOT = 1 /* keep it; it goes into the Inform of the next boot */
};

struct tr069_timer;
struct tr069_watch;
struct tr069_child;
struct tr069_measurement;

enum { TR069_READABLE = 1, TR069_WRITABLE = 2 };

/* A child process. No shell is involved. */
struct tr069_run {
    const char *const *argv; /* argv[0] is an absolute path or is looked up in PATH; ends with NULL */
    uint32_t deadline_ms;    /* then it is killed, with all its process group, and -ETIMEDOUT; 0 = 60000 */
    size_t output_max;       /* octets of stdout that are kept */
    bool keep_tail;          /* beyond output_max keep the newest output; else the oldest */
    bool merge_stderr;       /* stderr with stdout; else it goes to the log */
    bool background;         /* ABI 1.4: others of the box go first (nice): for what only looks */
};
/* result: 0 = exited 0; > 0 = exit status; -ETIMEDOUT; -ECHILD = killed by a signal. */
typedef void tr069_run_done(void *user, int result, const char *output, size_t length);

/* The table of services. `size` grows with minor versions. Strings passed in are copied. */
struct tr069_host {
    size_t size;
    unsigned abi_major, abi_minor;

    /* Logs a line, prefixed with the plugin's name. Never log secrets. */
    TR069_PRINTF(3, 4)
    void (*log)(const struct tr069_host *host, enum tr069_log_level level, const char *format, ...);

    /* Typed options, as declared; asking for an undeclared one is a bug and logs an error. Strings and
     * lists are valid until `reload` returned, else until `destroy` did. */
    const char *(*option_string)(const struct tr069_host *host, const char *name);
    int64_t (*option_int)(const struct tr069_host *host, const char *name);
    bool (*option_bool)(const struct tr069_host *host, const char *name);
    const char *const *(*option_list)(const struct tr069_host *host, const char *name); /* ends with NULL */

    /* A property of the firmware (build.prop, or Android's property system); NULL if not there. */
    const char *(*property)(const struct tr069_host *host, const char *key);

    /* Small state that survives a power cut, in a namespace of this plugin. state_get gives NULL if
     * there is none; the pointer is valid until the next state_put. A NULL value deletes. It is on
     * disk before the client's next message to the ACS. At most 16 KiB a value. */
    const char *(*state_get)(const struct tr069_host *host, const char *key);
    int (*state_put)(const struct tr069_host *host, const char *key, const char *value);

    /* Other parameters, by full name. get: the text into buffer; -ENOENT, -ENOSPC. set: as a local
     * writer, with the checks of the model; a change counts for notification. */
    int (*get)(const struct tr069_host *host, const char *path, char *buffer, size_t size);
    int (*set)(const struct tr069_host *host, const char *path, const char *value);
    /* The full name that a path below the root has here: "Device." or "InternetGatewayDevice." first. */
    const char *(*root)(const struct tr069_host *host);

    /* The value of this parameter (full name) changed, by something else than the ACS. */
    void (*value_changed)(const struct tr069_host *host, const char *path);
    /* The refresh of this object (the table entry) has ended. */
    void (*refreshed)(const struct tr069_host *host, const struct tr069_object *object);

    /* Queues an event for the Inform: "M Reboot", "8 DIAGNOSTICS COMPLETE", "X <OUI> text". -EINVAL for
     * a code that is none, a key that does not go with it, or an event that only a request delivers
     * which this client does not send (5, 9 to 12, "M ChangeDUState"); -ENOSPC, -ENOMEM. */
    int (*event)(const struct tr069_host *host, const char *code, const char *command_key,
                 enum tr069_event_when when);
    /* Calls back once when the present session has ended (at once if there is none): well = the ACS
     * ended it normally. What was promised to the ACS is done only then, and only if well. */
    int (*after_session)(const struct tr069_host *host, void (*call)(void *user, bool well), void *user);

    /* Elements of an RPC's response, in order. reply_list opens a soapenc array of `item` elements,
     * reply_item opens one structure in it; reply_end closes the innermost. -ECANCELED: the session of a
     * deferred call is over, or it was given up; complete() it all the same. */
    int (*reply)(const struct tr069_call *call, const char *name, const struct tr069_value *value);
    int (*reply_list)(const struct tr069_call *call, const char *name, const char *item, size_t count);
    int (*reply_item)(const struct tr069_call *call, const char *item);
    int (*reply_end)(const struct tr069_call *call);
    /* Ends a deferred call: TR069_OK, TR069_FAULT (call->fault filled in) or -errno. */
    void (*complete)(const struct tr069_call *call, int verdict);

    /* Takes over a transfer: queued, kept over reboots, fetched, installed by whoever takes its file
     * type, reported with TransferComplete. FAULT when it is refused. */
    int (*transfer)(const struct tr069_host *host, const struct tr069_transfer *transfer,
                    struct tr069_fault *fault);
    /* Ends a deferred install, or produce of an upload. */
    void (*installed)(const struct tr069_install *install, int verdict);

    /* Calls an action of whichever plugin provides it. -ENOSYS: nobody. -EIO: not begun, since what
     * state_put keeps could not be written to disk (install-firmware only). */
    int (*action)(const struct tr069_host *host, const char *name, const char *const *args,
                  tr069_action_done *done, void *user);

    /* Timers, on the monotonic clock. They fire once. cancel accepts NULL. */
    int (*timer)(const struct tr069_host *host, uint64_t ms, void (*call)(void *user), void *user,
                 struct tr069_timer **ret_timer);
    void (*timer_cancel)(const struct tr069_host *host, struct tr069_timer *timer);
    /* Watches a descriptor for TR069_READABLE and TR069_WRITABLE. */
    int (*watch)(const struct tr069_host *host, int fd, int what, void (*call)(void *user, int fd, int what),
                 void *user, struct tr069_watch **ret_watch);
    void (*unwatch)(const struct tr069_host *host, struct tr069_watch *watch);
    /* Runs a child; done is called once, later, unless it is cancelled (which kills it). */
    int (*run)(const struct tr069_host *host, const struct tr069_run *run, tr069_run_done *done, void *user,
               struct tr069_child **ret_child);
    void (*run_cancel)(const struct tr069_host *host, struct tr069_child *child);
    /* Runs work(user) on a worker thread, then done(user) on the client's thread. */
    int (*job)(const struct tr069_host *host, void (*work)(void *user), void (*done)(void *user), void *user);

    /* Milliseconds since boot, also over suspend; seconds since 1970 UTC or TR069_TIME_UNKNOWN. */
    uint64_t (*monotonic_ms)(const struct tr069_host *host);
    int64_t (*wall_clock)(const struct tr069_host *host);
    /* The local address of the last session with the ACS; before the first, and when the network changed
     * since, the one that the route to the ACS would use. Empty without a route. */
    const char *(*local_address)(const struct tr069_host *host);
    /* A text that is another one after each boot of the box; "" if it cannot be told. */
    const char *(*boot_id)(const struct tr069_host *host);
    /* The box is about to lose its state: forget events, transfers, attributes, rows, logs, and what
     * the ACS set; with keep_configuration the ACS's URL and credentials stay. */
    int (*factory_reset)(const struct tr069_host *host, bool keep_configuration);

    /* ---- ABI 1.1 ---- */

    /* Calls back for each transfer of the queue, in the order of their coming; `version` as in struct
     * tr069_call. What is lent lives during the call. A return value other than 0 ends it. */
    int (*transfers)(const struct tr069_host *host, unsigned version,
                     int (*each)(void *user, const struct tr069_queued *queued), void *user);
    /* CancelTransfer: drops what this ACS ordered with that key, unreported. None is fine. FAULT 9021 when
     * one of them has gone too far; then nothing was dropped. */
    int (*cancel)(const struct tr069_host *host, const char *command_key, struct tr069_fault *fault);
    /* A transfer that the box did of its own accord and by itself has ended: fault->code 0 = well. Times in
     * seconds since 1970 UTC or TR069_TIME_UNKNOWN. -EINVAL, -ENOSPC, -ENOMEM. */
    int (*transferred)(const struct tr069_host *host, const struct tr069_transfer *transfer,
                       const struct tr069_fault *fault, int64_t start, int64_t complete);
    /* Calls back for each file that a plugin lets the ACS have, also those of the caller. */
    int (*uploads)(const struct tr069_host *host, int (*each)(void *user, const struct tr069_upload *upload),
                   void *user);

    /* ---- ABI 1.2 ---- */

    /* Begins a report on deployment units; it is kept over reboots. With a CommandKey (it may be empty) it
     * becomes a DUStateChangeComplete. NULL: the ACS did not order it: AutonomousDUStateChangeComplete, with
     * those of its results that DUStateChangeComplPolicy wants. -ENOSPC: TR069_DU_REPORTS_MAX are open or
     * not delivered yet; -EINVAL, -ENOMEM. */
    int (*du_open)(const struct tr069_host *host, const char *command_key, uint32_t *ret_report);
    /* Adds the result of an operation: at most TR069_DU_RESULTS_MAX. A code that the message may not carry
     * becomes the nearest one. -ENOENT: the report is gone (a bootstrap, a factory reset): nobody wants it
     * any more; -ENOSPC, -EINVAL, -ENOMEM. */
    int (*du_result)(const struct tr069_host *host, uint32_t report, const struct tr069_du_result *result);
    /* It is complete, and is told with its events; without a result it is dropped. */
    int (*du_close)(const struct tr069_host *host, uint32_t report);

    /* ---- ABI 1.3 ---- */

    /* Begins a measured transfer; done is called once, later, unless it is cancelled. TLS is verified as for
     * every transfer of the client. -EINVAL: a URL that cannot be; -ENOMEM. */
    int (*measure)(const struct tr069_host *host, const struct tr069_measure *measure,
                   tr069_measure_done *done, void *user, struct tr069_measurement **ret_measurement);
    /* Accepts NULL. */
    void (*measure_cancel)(const struct tr069_host *host, struct tr069_measurement *measurement);
    /* The present time in microseconds, for tr069_value_time_us(): since 1970 UTC; while the clock is not
     * set, since boot, counted from the year 1 on, which the client then writes as a relative time. */
    int64_t (*time_us)(const struct tr069_host *host);
    /* When (as monotonic_ms) the plugin next does what the ACS ordered for a certain time: a scheduled
     * contact of StandbyPolicy, for which a box wakes up if the ACS wants it to. Each call replaces the last;
     * UINT64_MAX: none. Its timer is its own. */
    void (*contact)(const struct tr069_host *host, uint64_t ms);

    /* ---- ABI 1.4 ---- */

    /* Calls back when network interfaces, their addresses or routes have come, gone or changed, or may have:
     * what the kernel tells within 200 ms is one call. What is read behind this call and again in each
     * callback is never out of date. Each call replaces the last; NULL ends it, as the plugin's stop does.
     * -EIO: the kernel tells nothing here. */
    int (*network)(const struct tr069_host *host, void (*call)(void *user), void *user);
};

/* The answer of Download and Upload to a transfer that was taken over: not done yet, TransferComplete tells
 * (TR-069 A.3.2.8). What reply gave. */
static inline int tr069_reply_not_done(const struct tr069_call *call) {
    struct tr069_value value;
    int r;
    memset(&value, 0, sizeof value);
    (void) tr069_value_int(&value, 1);
    r = call->host->reply(call, "Status", &value);
    (void) tr069_value_time(&value, TR069_TIME_UNKNOWN);
    r = r == 0 ? call->host->reply(call, "StartTime", &value) : r;
    return r == 0 ? call->host->reply(call, "CompleteTime", &value) : r;
}

/* ---- The descriptor --------------------------------------------------------------------------- */

struct tr069_plugin {
    unsigned abi_major, abi_minor; /* filled in by TR069_PLUGIN, as are the sizes */
    size_t size, param_size, object_size, rpc_size, arg_size, file_size, action_size, option_size;

    const char *name;    /* as in its conf file */
    const char *version; /* the vendor's */
    const char *summary; /* one line */

    const struct tr069_option *options;
    const struct tr069_object *objects;
    const struct tr069_rpc *rpcs;
    const struct tr069_file *files;
    const struct tr069_action *actions;
    const char *const *needs; /* "action:reboot", "rpc:Download", "object:DeviceInfo."; ends with
                                 NULL. Without one of them the plugin is not loaded, and says so
                                 (not named `requires`, which is a keyword of C++20) */
    const char *const *wants; /* the same, soft: only the order follows from it */

    /* Makes the context. 0 or -errno; *ret_ctx may be set even on failure, destroy gets it. */
    int (*init)(const struct tr069_host *host, void **ret_ctx);
    int (*start)(void *ctx);
    int (*reload)(void *ctx);
    void (*stop)(void *ctx);
    void (*destroy)(void *ctx);
    /* Every command of the ACS, after it was answered. */
    void (*command)(void *ctx, const struct tr069_command *command);
    /* The client forgets its state (factory reset): delete what you keep elsewhere than in state_put. */
    void (*forget)(void *ctx);

    /* ABI 1.1 */
    const struct tr069_upload *uploads;
    /* Objects that follow from the options, where `objects` cannot say them. Asked once, after init; NULL =
     * none. Valid until destroy. */
    const struct tr069_object *(*tables)(void *ctx);
    size_t upload_size; /* filled in by TR069_PLUGIN */

    /* ABI 1.3: init and start come at once, at the client's start before those whose conf files follow are
     * opened if all that it wants has been, and start only if those that give it have none: for what takes
     * time and is needed by the first Inform. In start only what this plugin and those that it wants declare
     * is sure to be there. */
    bool eager;

    /* ABI 1.4: what --check-config asks besides the options, and no start of the client pays for: are the
     * files, programs and libraries there that are opened only when they are needed? No init came before it.
     * Only log, options and property may be used: a line at TR069_ERROR is a mistake, with which
     * --check-config fails, one at TR069_WARNING is told; others are not. May block, shortly. */
    void (*check)(const struct tr069_host *host);
};

/* A static build gives each plugin a symbol of its own. */
#ifndef TR069_PLUGIN_SYMBOL
#define TR069_PLUGIN_SYMBOL tr069_plugin
#endif

/* TR069_PLUGIN(.name = "wifi-ssid", .objects = objects, .init = wifi_init, .destroy = wifi_destroy); */
#define TR069_PLUGIN(...)                                                                                    \
    extern TR069_EXPORT const struct tr069_plugin TR069_PLUGIN_SYMBOL;                                       \
    const struct tr069_plugin TR069_PLUGIN_SYMBOL = {.abi_major = TR069_ABI_MAJOR,                           \
                                                     .abi_minor = TR069_ABI_MINOR,                           \
                                                     .size = sizeof(struct tr069_plugin),                    \
                                                     .param_size = sizeof(struct tr069_param),               \
                                                     .object_size = sizeof(struct tr069_object),             \
                                                     .rpc_size = sizeof(struct tr069_rpc),                   \
                                                     .arg_size = sizeof(struct tr069_arg),                   \
                                                     .file_size = sizeof(struct tr069_file),                 \
                                                     .action_size = sizeof(struct tr069_action),             \
                                                     .option_size = sizeof(struct tr069_option),             \
                                                     __VA_ARGS__,                                            \
                                                     .upload_size = sizeof(struct tr069_upload)}

#ifdef __cplusplus
}
#endif

#endif
