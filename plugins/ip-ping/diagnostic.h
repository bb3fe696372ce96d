/* plugins/ip-ping/diagnostic.h: what every diagnostic that the ACS orders has in common (digest section 15,
 * DiagnosticsState of TR-181 and TR-098). Requested is written; when the session has ended the diagnostic
 * runs; when it is over, well or not, the ACS is told by 8 DIAGNOSTICS COMPLETE. Whatever is written
 * meanwhile ends it without an event, and so does Canceled; then the state is None. Nothing is kept over a
 * restart.
 *
 * A plugin has a context that begins with struct diagnostic, a table of where in it the parameters are, and a
 * function that begins a run: a child program (diagnostic_run), or work of its own with the host's watches,
 * timers and jobs that ends with diagnostic_finish(). Of the parameters of its object those with `set` are
 * inputs, the others results: they are emptied when a run is ordered, and told when it is over.
 */
#ifndef IP_PING_DIAGNOSTIC_H
#define IP_PING_DIAGNOSTIC_H

#include <tr069/plugin.h>

enum {
    DIAGNOSTIC_PATH_MAX = 256,                          /* characters of Interface, Host and their like */
    DIAGNOSTIC_TEXT_SIZE = DIAGNOSTIC_PATH_MAX * 4 + 1, /* room for them in UTF-8 */
    DIAGNOSTIC_ARGS_MAX = 32,                           /* words of a command line */
    DIAGNOSTIC_PREFIX_MAX = 16                          /* of those, at most, from the conf file */
};

#define DIAGNOSTIC_REQUESTED "Requested"
#define DIAGNOSTIC_CANCELED "Canceled"
#define DIAGNOSTIC_NONE "None"
#define DIAGNOSTIC_COMPLETE "Complete"

enum diagnostic_kind {
    DIAGNOSTIC_TEXT,   /* char[], ends with NUL */
    DIAGNOSTIC_NUMBER, /* uint32_t */
    DIAGNOSTIC_LARGE,  /* uint64_t */
    DIAGNOSTIC_FLAG,   /* bool */
    DIAGNOSTIC_TIME    /* int64_t, microseconds as of host->time_us(), shown with all of them; 0 = unknown */
};

/* Where in the plugin's context a parameter is, by its name. An array of these ends with { 0 }. */
struct diagnostic_field {
    const char *name;
    enum diagnostic_kind kind;
    size_t offset, size; /* octets */
    uint32_t divisor;    /* of a NUMBER: what is shown is that part of it, rounded; 0 = 1 */
};

/* DIAGNOSTIC_FIELD("Host", TEXT, struct ping, target); and a NUMBER of which a part is shown. */
#define DIAGNOSTIC_FIELD(name, kind, type, member)                                                           \
    { name, DIAGNOSTIC_##kind, offsetof(type, member), sizeof(((type *) NULL)->member), 1 }
#define DIAGNOSTIC_PART(name, type, member, divisor)                                                         \
    { name, DIAGNOSTIC_NUMBER, offsetof(type, member), sizeof(((type *) NULL)->member), divisor }

/* What a plugin says of its diagnostic; constant. */
struct diagnostic_type {
    const struct diagnostic_field *fields; /* DiagnosticsState and Interface need no entry */
    const char *needs; /* the TEXT without which nothing can be Requested: "Host"; NULL = none */
    /* Begins a run; the inputs stay as they are until it is over. It is over with diagnostic_finish(), which
     * may also be called in here. 0; -errno: the state is Error_Internal. */
    int (*begin)(void *ctx);
    /* Ends what begin began, without diagnostic_finish(); a child of diagnostic_run() is ended already. NULL:
     * there is nothing else. A job cannot be ended: what it brings later must be recognised and dropped. */
    void (*cancel)(void *ctx);
    /* Empties results that are not in `fields`: rows. NULL: there are none. */
    void (*clear)(void *ctx);
};

/* Judges how a program ended: exit status, and all that was kept of its output as a text. Returns the state,
 * or NULL when it has begun something else. */
typedef const char *diagnostic_judge(void *ctx, int result, const char *output);

/* The beginning of a plugin's context. */
struct diagnostic {
    const struct tr069_host *host;
    const struct diagnostic_type *type;
    const struct tr069_object *object; /* that was written last */
    struct tr069_child *child;
    diagnostic_judge *judge;
    bool ordered; /* Requested was written, and is not committed yet */
    bool waiting; /* for the end of the session */
    bool running;
    char state[40];
    char interface[DIAGNOSTIC_TEXT_SIZE];
};

/* ---- For the plugin's tables ------------------------------------------------------------------- */

int diagnostic_get(const struct tr069_at *at, struct tr069_value *ret_value);
int diagnostic_set(const struct tr069_at *at, const struct tr069_value *value);
/* Of the object: a state other than Requested and Canceled is refused with 9007, and so is an interface that
 * there is not. */
int diagnostic_check(const struct tr069_at *at, const struct tr069_change *changes, size_t count);
void diagnostic_commit(const struct tr069_at *at);

#define DIAGNOSTIC_INPUT .get = diagnostic_get, .set = diagnostic_set
#define DIAGNOSTIC_RESULT .get = diagnostic_get
/* The states of this root, end with NULL. The last one stands for a state that this root does not know. */
#define DIAGNOSTIC_STATE_PARAM(states)                                                                       \
    { "DiagnosticsState", TR069_STRING, .values = (states), DIAGNOSTIC_INPUT }
#define DIAGNOSTIC_INTERFACE_PARAM                                                                           \
    {                                                                                                        \
        "Interface", TR069_STRING, .max_length = DIAGNOSTIC_PATH_MAX, DIAGNOSTIC_INPUT,                      \
                                   .help = "the path of an interface; empty: as the route goes"              \
    }
/* A host's name or address that comes to a program's command line: it is no option of it. */
#define DIAGNOSTIC_HOST_PATTERN "^([A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*)?$"
#define DIAGNOSTIC_OBJECT .check = diagnostic_check, .commit = diagnostic_commit
/* What diagnostic_run() runs: DEFAULT are the words that it begins with. */
#define DIAGNOSTIC_COMMAND_OPTION(words)                                                                     \
    { "command", TR069_OPTION_LIST, words, .help = "the program; its arguments follow" }

/* ---- For the plugin's functions ---------------------------------------------------------------- */

/* A context of that many octets, all zero but what is in struct diagnostic; for free(). NULL: no memory. */
void *diagnostic_new(const struct tr069_host *host, const struct diagnostic_type *type, size_t size);
/* `stop` of the plugin: ends what runs. */
void diagnostic_stop(void *ctx);

/* It is over: the state becomes this one, and the ACS is told. Nothing happens if none runs. */
void diagnostic_finish(struct diagnostic *diagnostic, const char *state);

/* Whether a path names an interface, as far as the model goes; the empty one does. And the system's name of
 * that interface; false: it has none, or the path is empty. */
bool diagnostic_is_interface(const struct tr069_host *host, const char *path);
bool diagnostic_name_of(const struct tr069_host *host, const char *path, char *ret_name, size_t size);

/* The system's name of the interface that the ACS means. False: it means none, or it has no name. */
bool diagnostic_interface(const struct diagnostic *diagnostic, char *ret_name, size_t size);

/* A word of a command line, or two. */
struct diagnostic_word {
    const char *option, *value; /* value: NULL = the option alone */
    bool is_wanted;
};

/* Runs the program of the option "command" with these words behind. deadline_ms and output_max as in struct
 * tr069_run; the newest output is kept, with what goes to stderr. A program that is killed, or does not end
 * in time, makes the state Error_Internal; else `judge` says it. 0 or -errno. */
int diagnostic_run(struct diagnostic *diagnostic, const struct diagnostic_word *words, size_t count,
                   uint32_t deadline_ms, size_t output_max, diagnostic_judge *judge);

/* The state that follows from what ping and traceroute say when they fail. */
const char *diagnostic_error(const char *output);

#endif
