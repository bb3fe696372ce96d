/* A full session once for each of its allocations, which fails: and, a second time, with none left from there
 * on until the session is over. It must end, well or not, without a crash and without a leak (the sanitizers
 * and valgrind look); then, with memory again, an ACS that behaves is told everything. */
#include <config.h>

#include "little_memory.h"
#include "session/test_box.h"

#include "base/log.h"

#include <libxml/parser.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES_MAX = 64, SESSIONS_MAX = 6 };

struct run {
    struct test_box box;
    struct session_config config;
    struct session_output output;
    enum session_verdict verdict;
    unsigned long row;  /* added last */
    size_t request;     /* the next one of `requests` */
    bool rebooted;      /* `M Reboot` was told in an Inform that was answered */
    unsigned informs;   /* answered */
    unsigned completed; /* TransferComplete was answered */
};

static const char *const inform[] = {"Device.Test.Text", "Device.Test.Slow."};
static unsigned long number; /* of the failing allocation */
static bool lasting;

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            (void) printf("%s:%d: allocation %lu%s: does not hold: %s\n", __FILE__, __LINE__, number,        \
                          lasting ? " and all that follow" : "", #condition);                                \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

/* What the ACS asks for, in this order: each kind of work that a session does. {i} is the row just added. */
static const char *const requests[] = {
    "<c:GetRPCMethods/>",
    "<c:GetParameterNames><ParameterPath></ParameterPath><NextLevel>0</NextLevel></c:GetParameterNames>",
    "<c:GetParameterValues><ParameterNames><string>Device.</string></ParameterNames></c:GetParameterValues>",
    "<c:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.Test.Text</Name><Value>new</"
    "Value>"
    "</ParameterValueStruct><ParameterValueStruct><Name>Device.Test.Number</Name><Value>7</Value>"
    "</ParameterValueStruct></ParameterList><ParameterKey>k</ParameterKey></c:SetParameterValues>",
    "<c:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.Test.Nowhere</Name><Value>1</"
    "Value>"
    "</ParameterValueStruct></ParameterList><ParameterKey>no</ParameterKey></c:SetParameterValues>",
    "<c:AddObject><ObjectName>Device.Test.Row.</ObjectName><ParameterKey>k2</ParameterKey></c:AddObject>",
    "<c:SetParameterAttributes><ParameterList><SetParameterAttributesStruct><Name>Device.Test.Row.{i}.Name</"
    "Name>"
    "<NotificationChange>1</NotificationChange><Notification>2</Notification><AccessListChange>1"
    "</AccessListChange><AccessList><string>Subscriber</string></AccessList></SetParameterAttributesStruct>"
    "</ParameterList></c:SetParameterAttributes>",
    "<c:GetParameterAttributes><ParameterNames><string>Device.Test.</string></ParameterNames>"
    "</c:GetParameterAttributes>",
    "<c:DeleteObject><ObjectName>Device.Test.Row.{i}.</ObjectName><ParameterKey>k3</ParameterKey></"
    "c:DeleteObject>",
    "<c:X_TEST_Later><Text>wait</Text></c:X_TEST_Later>",
    "<c:X_TEST_List/>",
    "<c:Download><CommandKey>d2</CommandKey><FileType>X A file</FileType><URL>http://acs.example/f</URL>"
    "<Username></Username><Password></Password><FileSize>0</FileSize><TargetFileName></TargetFileName>"
    "<DelaySeconds>3600</DelaySeconds><SuccessURL/><FailureURL/></c:Download>",
    "<c:Reboot><CommandKey>b2</CommandKey></c:Reboot>",
};

/* libxml2 2.9 forgets an element that it could not push, when it has no memory: its leak, not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:xmlTextWriterStartElement\n";
}

static double half(void) {
    return 0.5;
}

static void no_log(void *user, enum log_level level, const char *room, const char *line) {
    (void) user;
    if (getenv("TORTURE_LOG") != NULL) {
        (void) printf("<%d>%s: %s\n", (int) level, room, line);
    }
}

/* ---- The box ---------------------------------------------------------------------------------------- */

/* A box with a past: an ACS that knows it, a reboot and a download to tell of. */
static void open_run(struct run *run) {
    const struct session_setup setup = {.config = &run->config, .uniform = half, .user = run};
    const struct tr069_transfer transfer = {.method = "Download",
                                            .command_key = "d1",
                                            .file_type = "X A file",
                                            .url = "http://acs.example/f",
                                            .username = "",
                                            .password = "",
                                            .target_name = ""};
    const struct tr069_fault none = {0};
    struct tr069_fault fault;
    uint32_t id;
    char error[256];
    memset(run, 0, sizeof *run);
    run->config = (struct session_config){.manufacturer = "Maker",
                                          .oui = "0A1B2C",
                                          .product_class = "STB",
                                          .serial = "000001",
                                          .acs_url = "http://acs.example/cwmp",
                                          .inform = inform,
                                          .inform_count = sizeof inform / sizeof *inform,
                                          .version = 12,
                                          .session_timeout_s = 60,
                                          .retry_minimum_s = 5,
                                          .retry_multiplier = 2000,
                                          .limits = {65536, 1024 * 1024, 32},
                                          .max_message = 256 * 1024};
    run->box.now = (struct moment){.mono_ms = 100000, .wall_s = 1795000000};
    (void) snprintf(run->box.software, sizeof run->box.software, "S1");
    HOLDS(test_box_open(&run->box, NULL, &setup, true, error, sizeof error) == 0);
    HOLDS(store_put(run->box.store, "session/bootstrap", "http://acs.example/cwmp 0A1B2C STB 000001") == 0);
    HOLDS(events_add(run->box.events, "M Reboot", "b1", TR069_NOW) == 0);
    HOLDS(transfers_add(run->box.transfers, &transfer, &run->box.now, &id, &fault) == TR069_OK);
    transfers_started(run->box.transfers, id, &run->box.now);
    transfers_fetched(run->box.transfers, id, &run->box.now);
    HOLDS(events_add(run->box.events, "M Download", "d1", TR069_NOW) == 0);
    HOLDS(transfers_done(run->box.transfers, id, &none, &run->box.now));
}

static void close_run(struct run *run) {
    test_box_close(&run->box);
    store_free(run->box.store);
    xmlCleanupParser();
}

/* ---- The ACS ---------------------------------------------------------------------------------------- */

static void say(struct run *run, const char *body) {
    char text[4096];
    int length =
        snprintf(text, sizeof text,
                 "<E:Envelope xmlns:E=\"http://schemas.xmlsoap.org/soap/envelope/\" "
                 "xmlns:c=\"urn:dslforum-org:cwmp-1-2\"><E:Header><c:ID E:mustUnderstand=\"1\">7</c:ID>"
                 "</E:Header><E:Body>%s</E:Body></E:Envelope>",
                 body);
    run->verdict =
        session_answer(run->box.session, 200, text, (size_t) length, NULL, &run->box.now, &run->output);
}

static void ask(struct run *run, const char *request) {
    const char *mark = strstr(request, "{i}"), *added;
    char body[2048];
    if (mark != NULL) {
        (void) snprintf(body, sizeof body, "%.*s%lu%s", (int) (mark - request), request, run->row, mark + 3);
        request = body;
    }
    say(run, request);
    added = run->verdict == SESSION_SEND ? strstr(run->output.body, "<InstanceNumber>") : NULL;
    if (added != NULL) {
        run->row = strtoul(strchr(added, '>') + 1, NULL, 10);
    }
}

static void step(struct run *run) {
    const char *body = run->output.body;
    if (run->verdict == SESSION_WAIT) {
        if (run->box.deferred != NULL) {
            test_box_complete(&run->box, "done", 0);
        } else {
            test_box_refreshed(&run->box, "fresh");
        }
        run->box.now.mono_ms = run->output.wait_until_ms;
        run->verdict = session_resume(run->box.session, &run->box.now, &run->output);
        return;
    }
    switch (session_state(run->box.session)) {
    case SESSION_INFORMING: {
        const bool told = strstr(body, "<EventCode>M Reboot</EventCode><CommandKey>b1<") != NULL;
        say(run, "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>");
        run->rebooted |= told;
        run->informs += run->verdict != SESSION_FAILED;
        break;
    }
    case SESSION_REQUESTING:
        HOLDS(strstr(body, "<CommandKey>d1<") != NULL);
        say(run, "<c:TransferCompleteResponse/>");
        run->completed++;
        break;
    default:
        if (run->request < sizeof requests / sizeof *requests) {
            ask(run, requests[run->request++]);
        } else {
            run->verdict = session_answer(run->box.session, 204, NULL, 0, NULL, &run->box.now, &run->output);
        }
        break;
    }
}

static void session(struct run *run) {
    unsigned messages = 0;
    (void) model_changes_scan(run->box.model);
    run->verdict = session_start(run->box.session, &run->box.now, &run->output);
    while (session_state(run->box.session) != SESSION_IDLE) {
        HOLDS(messages++ < MESSAGES_MAX);
        (void) store_commit(run->box.store);
        step(run);
    }
    (void) store_commit(run->box.store);
    HOLDS(run->verdict == SESSION_DONE || (run->verdict == SESSION_FAILED && run->output.reason != NULL));
    HOLDS(run->box.well + run->box.badly == run->box.promised);
}

/* With memory again: what there was to tell is told, and the box works. */
static void afterwards(struct run *run) {
    unsigned sessions = 0;
    char text[64];
    do {
        HOLDS(sessions++ < SESSIONS_MAX);
        run->box.now.mono_ms += 3600000;
        (void) events_add(run->box.events, "2 PERIODIC", "", TR069_NOW);
        run->request = sessions == 1 ? 0 : sizeof requests / sizeof *requests;
        session(run);
        HOLDS(run->verdict == SESSION_DONE);
    } while (events_pending(run->box.events));
    HOLDS(run->rebooted && run->completed > 0);
    HOLDS(model_get(run->box.model, "Device.Test.Text", text, sizeof text) >= 0 && strcmp(text, "new") == 0);
    HOLDS(strcmp(session_parameter_key(run->box.session), "k3") == 0);
}

/* Returns whether an allocation failed: else the session has fewer. */
static bool tortured(void) {
    struct run *run = malloc(sizeof *run);
    bool failed;
    HOLDS(run != NULL);
    open_run(run);
    little_memory_begin(number, lasting);
    session(run);
    failed = little_memory_end();
    HOLDS(failed || run->verdict == SESSION_DONE);
    afterwards(run);
    close_run(run);
    free(run);
    return failed;
}

int main(int argc, char **argv) {
    const struct log_setup log = {.level = LOG_LEVEL_DEBUG, .sink = no_log};
    unsigned long first = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, last = argc > 1 ? first : ULONG_MAX - 1;
    unsigned long runs[2] = {0, 0};
    log_configure(&log);
    little_memory_libxml2();
    for (int mode = 0; mode < 2; mode++) {
        lasting = mode == 1;
        for (number = first; number <= last && tortured(); number++) {
            runs[mode]++;
        }
    }
    (void) printf("%lu sessions with one allocation failing, %lu with none left: nothing lost\n", runs[0],
                  runs[1]);
    return argc > 1 || (runs[0] > 100 && runs[1] > 100) ? 0 : 1;
}
