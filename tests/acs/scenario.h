/* The scenario: a plain text file, a line a step, told by `test-acs --help scenario`. */
#ifndef ACS_SCENARIO_H
#define ACS_SCENARIO_H

#include "acs.h"
#include "http.h"

enum item_kind { ITEM_SESSION, ITEM_CONNECTION_REQUEST, ITEM_WAIT, ITEM_QUIET, ITEM_SETTING };

struct step {
    unsigned line;
    struct words words;
    char *text; /* of raw: the XML, if it stood in the scenario */
};

/* What happens one after the other; a session has steps of its own. */
struct item {
    enum item_kind kind;
    unsigned line;
    struct words words;
    struct step *steps;
    size_t count;
    uint64_t repeat;
    unsigned within_ms;
    char *when; /* a glob: only a session with such an event */
};

struct scenario {
    struct acs *acs;
    char *directory; /* of the file: what `raw FILE` is relative to */
    struct item *items;
    size_t count;
    size_t at;
    uint64_t rounds;        /* of the present item */
    struct item *otherwise; /* `default` */
    struct timer *timer;
    unsigned pending; /* connection requests without a result */
    bool finished;
};

/* Reads and checks all of it. NULL after a line on stderr that names file and line. */
struct scenario *scenario_load(struct acs *acs, const char *path);
void scenario_free(struct scenario *scenario);
/* Begins; and goes on when something has happened. */
void scenario_start(struct scenario *scenario);
/* The steps for a session that begins with this Inform; NULL: just answer it. */
struct item *scenario_session(struct acs *acs, const struct message *inform);
/* A session with steps is over. */
void scenario_session_over(struct acs *acs, struct item *item);

#endif
