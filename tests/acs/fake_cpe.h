/* For test_acs: runs the test ACS, and plays a CPE against it over libcurl, well or badly. */
#ifndef ACS_FAKE_CPE_H
#define ACS_FAKE_CPE_H

#include <tr069/fake_directory.h>

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct acs_run {
    pid_t pid;
    const char *directory;                     /* a temporary one; removed at the end */
    char url[200];                             /* of the first line of its output */
    char base[200];                            /* the same without /acs */
    char transcript[FAKE_DIRECTORY_SIZE + 16]; /* the file */
    char control[FAKE_DIRECTORY_SIZE + 16];
    int out;
};

/* Starts it with the scenario (NULL: none) and more arguments (NULL-terminated, may be NULL). */
bool acs_begin(struct acs_run *run, const char *scenario, const char *const *arguments);
/* Waits at most 20 s for its end; the exit code, -1 when it had to be killed or crashed. *ret_transcript
 * is everything that it printed; free(). Afterwards the directory is gone. */
int acs_end(struct acs_run *run, char **ret_transcript);
void acs_kill(struct acs_run *run, int number);
/* A file in the run's directory. */
bool acs_write(const struct acs_run *run, const char *name, const void *data, size_t length);
char *acs_read(const struct acs_run *run, const char *name);
/* test-acs --talk; what it printed (free()), *ret_code its exit code. */
char *acs_talk(const struct acs_run *run, const char *command, int *ret_code);
/* Runs it with these arguments to its end; the exit code. */
int acs_just(const char *const *arguments, char **ret_output);

/* Ways of doing it wrong. */
enum wrong {
    WRONG_NONE = 0,
    NO_COOKIE = 1 << 0,
    NEW_CONNECTION = 1 << 1, /* for each POST */
    EMPTY_ACTION = 1 << 2,
    EMPTY_TYPE = 1 << 3,
    NO_ACTION = 1 << 5,
    VALUE_ACTION = 1 << 6,
    PLAIN_TYPE = 1 << 7,
    EXPECT_100 = 1 << 8,
    SAY_CLOSE = 1 << 9,
    HTTP_1_0 = 1 << 10,
    USE_PUT = 1 << 11,
    WRONG_ID = 1 << 12,
    NO_ID = 1 << 13,
    DIFFERENT_REPEAT = 1 << 14, /* after 8005 and redirects */
    EAGER_AUTH = 1 << 15,
    NO_REDIRECT = 1 << 16
};

struct cpe {
    CURL *curl;
    const struct acs_run *run;
    char url[300]; /* where the session goes on */
    unsigned wrong;
    const char *user;     /* NULL: none */
    long auth;            /* CURLAUTH_... */
    char cookies[8][200]; /* name=value; sent to every host, as digest section 4 has it */
    /* the last answer */
    long status; /* 0: none came */
    char *body;
    size_t length;
    char id[100];
    char method[100]; /* of the request in it, "" for none */
    char location[300];
    /* what it says of itself */
    const char *inform_from; /* text in the Inform that is replaced */
    const char *inform_to;
    const char *answer; /* the body of every response, NULL: the ordinary one */
    const char *tail;   /* of its requests: posted after InformResponse, a body */
    unsigned requests;
    void (*see)(const char *body); /* each answer, if not NULL */
};

void cpe_open(struct cpe *cpe, const struct acs_run *run);
void cpe_close(struct cpe *cpe); /* ends connection and session */
/* The Inform of a box that keeps all rules; free(). */
char *cpe_inform(const struct cpe *cpe, const char *events, unsigned retry);
/* An envelope around the body; free(). */
char *cpe_envelope(const char *id, const char *body);
/* One POST; the answer is in the cpe. Follows redirects as a CPE does. */
void cpe_post(struct cpe *cpe, const char *body);
/* A whole session as the standard has it; true when it ended with an empty answer. */
bool cpe_session(struct cpe *cpe, const char *events, unsigned retry);
/* Goes on after the Inform was answered. */
bool cpe_go_on(struct cpe *cpe);

#define EVENT_BOOT "<EventStruct><EventCode>1 BOOT</EventCode><CommandKey/></EventStruct>"
#define EVENT_PERIODIC "<EventStruct><EventCode>2 PERIODIC</EventCode><CommandKey/></EventStruct>"
#define EVENT_CONNREQ "<EventStruct><EventCode>6 CONNECTION REQUEST</EventCode><CommandKey/></EventStruct>"

#endif
