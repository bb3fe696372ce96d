/* The test ACS as a whole: what its files share. Who does what stands at the top of main.c. */
#ifndef ACS_ACS_H
#define ACS_ACS_H

#include "auth.h"
#include "loop.h"
#include "message.h"
#include "report.h"
#include "util.h"

#include <stdbool.h>
#include <stdint.h>

enum { TOKEN_SIZE = 33, COOKIE_MAX = 8, BODY_MAX = 256 * 1024 * 1024 };

enum encoding { ENCODING_LENGTH, ENCODING_CHUNKED, ENCODING_CLOSE };

/* What the command line says. */
struct options {
    char *listen_address;
    unsigned port;
    const char *certificate;
    const char *key;
    const char *scenario;
    const char *record;
    const char *control;
    bool once;
    bool stay;
    bool validate;
    unsigned timeout_ms; /* of the whole run; 0: none */
};

/* Words of `http`, kept to be applied to later answers. */
struct behaviour {
    struct words words;
    uint64_t times; /* answers left; 0: off */
};

/* How long the ACS waits for the CPE before it is a violation. */
enum patience {
    PATIENCE_CLOSE,     /* to close the connection after the end of the session */
    PATIENCE_RECONNECT, /* to go on after the connection was lost */
    PATIENCE_SILENCE    /* to say something */
};

/* What scenario lines and control commands change while it runs. */
struct settings {
    struct auth_rules auth;
    struct auth_rules files_auth;
    bool cookies;
    unsigned cookie_count;
    bool cookie_early;   /* set on 401 and redirects too */
    bool cookie_refresh; /* a new value with every answer */
    char *cookie_name;
    char *cookie_path; /* NULL: no Path */
    enum encoding encoding;
    bool close;        /* Connection: close with every answer */
    char *version;     /* namespace of the answers, "1.0"; NULL: as the Inform */
    char *use_version; /* UseCWMPVersion; NULL: none */
    unsigned linger_ms;
    unsigned patience_ms[3]; /* by enum patience */
    char *files;             /* directory, NULL: none */
    char *uploads;           /* directory, NULL: none */
    struct behaviour behaviour;
    struct behaviour files_behaviour;
    char *connreq_url; /* NULL: the one of the last Inform */
    char *connreq_user;
    char *connreq_password;
};

/* Failing a share of the sessions on purpose, the same ones for the same seed. In percent. */
struct chaos {
    unsigned share[8]; /* by enum chaos_kind */
    uint64_t seed;
    unsigned made[8];
};
enum chaos_kind {
    CHAOS_CUT,
    CHAOS_HALF,
    CHAOS_FAULT,
    CHAOS_RETRY,
    CHAOS_REDIRECT,
    CHAOS_STATUS,
    CHAOS_GARBAGE,
    CHAOS_CLOSE,
    CHAOS_NONE
};

/* What is remembered of a CPE from one session to the next. */
struct device {
    struct device *next;
    char name[200];
    bool known_outcome;
    bool last_ok;
};

struct acs {
    struct options options;
    struct settings settings;
    struct chaos chaos;
    struct loop *loop;
    struct report report;
    struct validator *validator;
    struct server *server;
    struct tls *tls; /* NULL: libmicrohttpd's own way */
    struct scenario *scenario;
    struct control *control;
    struct connreq *connreqs; /* under way */
    struct session *sessions; /* open ones, and ended ones whose connection is still there */
    struct device *devices;
    struct message last_inform;
    char last_address[64]; /* the client's address as the ACS saw it */
    unsigned session_count;
    unsigned sessions_ok;
    unsigned sessions_failed;
    unsigned messages;
    char *variables[32]; /* name=value, of `save` */
};

/* Copies `text` with {base}, {alt} and {saved names} filled in; allocated. */
char *acs_expand(struct acs *acs, const char *text);
void acs_expand_words(struct acs *acs, const struct words *words, struct words *ret_words);
void acs_save(struct acs *acs, const char *name, const char *value);

/* A settings line (settings.c): 1 when the first word is a setting and was taken over, 0 when it is
 * none, -EINVAL with a sentence in `error`. With `dry`, only looks whether it is right. */
int settings_apply(struct acs *acs, const struct words *words, bool dry, char *error, size_t error_size);
void settings_init(struct settings *settings);
void settings_free(struct settings *settings);

#endif
