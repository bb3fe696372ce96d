/* plugins/stb-service: what its parts know of each other.
 *
 *   stb-service.c  options, life, what the ACS sets
 *   tables.c       the objects of TR-135, each with the profiles that have it
 *   values.c       the values: declared in the conf file, printed by the box's program, set by the ACS
 *   program.c      runs the box's programs: one reads, one is told what the ACS set
 *   figures.c      counts what the program prints of the main streams: Total. and the items of Sample.
 *   monitoring.c   sample intervals: when they end, what is stored
 *
 * Names are those of the model below Services.STBService.1., such as "Components.FrontEnd.1.Name". */
#ifndef STB_SERVICE_STB_H
#define STB_SERVICE_STB_H

#include <tr069/plugin.h>

#define SERVICE "Services.STBService.{i}."
#define MONITORING "ServiceMonitoring."
#define STREAM MONITORING "MainStream."
#define UNKNOWN_TIME "0001-01-01T00:00:00Z"

enum { ROWS_MAX = 63, STREAMS_MAX = 8, REPORT_MAX = 1000, TEXT_MAX = 1024 };

enum profile { BASELINE = 1 << 0, BASIC = 1 << 1, EC = 1 << 2, VIDEO = 1 << 3, AUDIO = 1 << 4 };

struct stb;

/* ---- tables.c ---- */

struct table {
    unsigned profiles; /* of which the box needs one */
    struct tr069_object object;
};
extern const struct table stb_tables[]; /* ends with an object without path */
extern const char *const stb_service_types[];

/* ---- values.c ---- */

/* A value that is not the table's default. */
struct cell {
    char *name;
    const struct tr069_param *param;
    const char *declared; /* by the conf file, whose text it is; NULL: it is not */
    char *text;           /* what counts; NULL: `declared`, or the default */
    char *staged;         /* set in the request at hand, which may yet fail as a whole */
    bool kept;            /* the ACS set it: it is in the state */
    bool untold;          /* and the program has not been told */
    bool printed;         /* by the program, in this life of the client */
    unsigned tries;
};

/* Takes the declarations of the conf file and what the ACS set. 0; -EINVAL with a line in the log; -ENOMEM.
 */
int stb_values_init(struct stb *stb, const char *const *declarations);
void stb_values_free(struct stb *stb);
/* NULL: it has none. */
struct cell *stb_cell(const struct stb *stb, const char *name);
/* The cell of that name, a new one if need be. */
int stb_cell_make(struct stb *stb, const char *name, const struct tr069_param *param, struct cell **ret_cell);
/* The text of a value, its declaration or its default; never NULL. */
const char *stb_text(const struct stb *stb, const char *name);
uint64_t stb_number(const struct stb *stb, const char *name);
bool stb_is_true(const struct stb *stb, const char *name);
/* A line of the program. False: there is no such value, or it does not fit. */
bool stb_print(struct stb *stb, const char *name, const char *text);
/* The rows of a table: bit N for row N. */
uint64_t stb_rows(const struct stb *stb, const char *table);
/* How many rows of "AVStreams.AVStream." or "AVPlayers.AVPlayer." do something. */
unsigned stb_active(const struct stb *stb, const char *table);
/* A parameter of Capabilities.ServiceMonitoring.: what the conf file says, else what this plugin can do. */
uint64_t stb_capability(const struct stb *stb, const char *name);
/* Part of a full path below the service. */
const char *stb_below(const char *path);
/* The value has changed otherwise than by the ACS. */
void stb_changed(const struct stb *stb, const char *name);
bool stb_parse(const char *text, uint64_t *ret_number);

int stb_value_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_path_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_active_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_capability_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_instances(const struct tr069_at *at, struct tr069_rows *rows);

/* ---- stb-service.c: what the ACS sets ---- */

int stb_own_set(const struct tr069_at *at, const struct tr069_value *value);
int stb_player_set(const struct tr069_at *at, const struct tr069_value *value);
int stb_stream_set(const struct tr069_at *at, const struct tr069_value *value);
int stb_reset_set(const struct tr069_at *at, const struct tr069_value *value);
int stb_force_set(const struct tr069_at *at, const struct tr069_value *value);
int stb_monitoring_check(const struct tr069_at *at, const struct tr069_change *changes, size_t count);
void stb_commit(const struct tr069_at *at);
int stb_refresh(const struct tr069_at *at);
/* The value of the ACS is kept over a power cut; told = the program knows it. */
void stb_keep(struct stb *stb, struct cell *cell, bool told);
/* It is the ACS's no more: the declared one counts until the program prints another. */
void stb_forget(struct stb *stb, struct cell *cell);

/* ---- program.c ---- */

enum reason { REASON_READ = 1 << 0, REASON_SAMPLE = 1 << 1 };

/* Has the program run for this reason as soon as the one that runs has ended; nothing if there is none. */
void stb_program_want(struct stb *stb, enum reason reason);
/* Tells what was not told yet. */
void stb_program_tell(struct stb *stb);
/* Is the program told what the ACS makes of this one? */
bool stb_is_told(const struct stb *stb, const struct cell *cell);
bool stb_program_busy(const struct stb *stb);
void stb_program_stop(struct stb *stb);

/* ---- figures.c ---- */

enum kind {
    COUNTER, /* printed as a number that only grows */
    LATEST,  /* the newest; a sample has that of its interval */
    FLAG,    /* true at any time of the interval */
    SECONDS, /* of a category; counted here unless it is printed */
    TIMES,   /* "837:453": measurements of the interval so far; the next three follow from it */
    MEAN,
    LEAST,
    MOST
};
struct figure {
    const char *name; /* of the model, without Total. or Sample.; "Seconds" for TotalSeconds, SampleSeconds */
    enum kind kind;
    unsigned profiles;
};

/* A figure of a stream. Numbers of SECONDS are milliseconds. */
struct track {
    uint64_t printed, last;   /* now, and at the reading before */
    uint64_t total, interval; /* since the reset; in the sample interval that runs */
    uint32_t shown;           /* of the total, at the reading before */
    bool is_printed, is_known;
    char *list;      /* the items of the stored samples */
    bool is_changed; /* and nobody was told */
};
struct times {
    uint64_t count, sum, least, most; /* in this interval */
    uint64_t skip;                    /* so many of them were before the reset */
    uint64_t total_least, total_most;
};
struct stream {
    uint32_t instance;
    struct track *tracks;
    struct times times;
    uint64_t reset_ms; /* when its totals began */
    bool enabled, reset;
};

int stb_figures_init(struct stb *stb);
void stb_figures_free(struct stb *stb);
/* "MainStream.1.RTPStats.PacketsLost" behind "ServiceMonitoring.", and what was printed. False: no such. */
bool stb_figure_print(struct stb *stb, const char *name, const char *text);
/* What was printed is counted; `elapsed_ms` since the reading before. Without `in_interval` it is not known
 * to which interval it belongs. */
void stb_figures_count(struct stb *stb, uint64_t elapsed_ms, bool in_interval);
/* Totals whose reset was waiting for a reading are zero from now on. */
void stb_figures_reset(struct stb *stb);
/* An interval begins, of which nothing was read yet. */
void stb_figures_clear(struct stb *stb);
/* The same, and the program has begun one, too. */
void stb_figures_begin(struct stb *stb);
/* An item for each list, in place of the last one or behind it, of an interval of this length (0: zeros); the
 * oldest go when there are more than `most`. -ENOMEM: the lists are no longer of one length. */
int stb_figures_store(struct stb *stb, bool instead, uint64_t length_ms, size_t most);
/* Tells which lists are other ones now. */
void stb_figures_stored(struct stb *stb);
void stb_figures_truncate(struct stb *stb, size_t most);
void stb_figures_discard(struct stb *stb);
void stb_stream_reset(struct stb *stb, struct stream *stream);

int stb_total_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_sample_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_reset_time_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_stream_status_get(const struct tr069_at *at, struct tr069_value *ret_value);

/* ---- monitoring.c ---- */

struct moment {
    uint64_t mono_ms;
    int64_t wall_s; /* or TR069_TIME_UNKNOWN */
};
enum boundary { NO_BOUNDARY, BEGINS, ENDS };
struct sampling {
    bool on;
    uint64_t interval_s;
    int64_t reference; /* or TR069_TIME_UNKNOWN */
    struct tr069_timer *timer;
    enum boundary boundary;         /* the program has been asked for the figures there */
    struct moment begin, due;       /* of the interval that runs */
    struct moment was_begin, ended; /* of the one that ENDS, */
    uint64_t missed;                /* and how many went by while the box slept */
    int64_t number;                 /* of the boundary that came last: FetchSamples counts them */
    int64_t before, ended_number;   /* those at the ends of the one that ENDS */
    struct moment *begins;          /* of the stored samples */
    size_t count, room;
    struct moment end; /* of the last of them */
    bool forced;       /* ForceSample waits for the program */
    bool partial;      /* the last stored sample is of the interval that runs */
    bool astray;       /* figures are missing: the next ones have no interval */
};

/* What the ACS set is in force from now on. */
void stb_monitoring_apply(struct stb *stb);
/* The program was read, `elapsed_ms` after the reading before; or could not be. */
void stb_monitoring_read(struct stb *stb, enum reason reason, bool well, uint64_t elapsed_ms);
void stb_monitoring_force(struct stb *stb);
void stb_monitoring_free(struct stb *stb);

int stb_state_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_report_start_get(const struct tr069_at *at, struct tr069_value *ret_value);
int stb_report_end_get(const struct tr069_at *at, struct tr069_value *ret_value);

/* ---- All of it ---- */

struct program {
    struct tr069_child *child;
    struct tr069_timer *again;
    unsigned wanted;    /* enum reason */
    enum reason reason; /* of the one that runs; 0: it is told something */
    struct cell *told;  /* and this */
    char *given;        /* with this value */
    uint64_t began_ms;  /* of the one that runs */
    uint64_t read_ms;   /* of the last that read well; 0: none */
    bool attempted;     /* it ran, well or not */
    bool failed, slow;  /* the last one */
    bool awaited;       /* a session waits */
    bool loud;          /* what it prints wrong was logged */
};

struct stb {
    const struct tr069_host *host;
    unsigned profiles;
    uint64_t start_ms;
    struct tr069_object *objects;
    struct cell **cells; /* by name */
    size_t cell_count, cell_room;
    struct program program;
    struct stream streams[STREAMS_MAX];
    size_t stream_count;
    struct sampling sampling;
    uint64_t ordered_resets;    /* in the request at hand: bit N for row N; */
    bool ordered_sample;        /* and ForceSample */
    char scratch[TEXT_MAX + 1]; /* of the last getter */
};

static inline uint64_t stb_now(const struct stb *stb) {
    return stb->host->monotonic_ms(stb->host);
}

#endif
