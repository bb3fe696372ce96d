/* Fuzz target: the session machine, by a grammar. The input is a program of steps: each octet chooses what
 * happens next (an event, an answer of the ACS, time, a power cut, a plugin that is done) and its details.
 * Messages are put together from pieces that a server may send, so that one octet reaches deep.
 *
 * What holds whatever happens: verdicts fit the state, a WAIT ends, every message of ours is
 * well-formed, a promise is kept or broken once, what must be told stays queued until it was, and afterwards
 * an ACS that behaves gets a good session. */
#include <config.h>

#include "base/buffer.h"
#include "base/log.h"
#include "session/test_box.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            (void) fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);            \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

enum { STEPS_MAX = 400, WAITS_MAX = 64, KEYS = 4 };

struct run {
    const uint8_t *at, *end;
    struct test_box box;
    struct session_config config;
    struct session_output output;
    enum session_verdict verdict;
    struct buffer message;
    char ns[32];   /* of our last message */
    unsigned owed; /* bit K: M Reboot with key K was queued and no InformResponse took it */
    unsigned told; /* of these, in the Inform that is out */
    bool told_now; /* an Inform is out */
};

static const char *const inform[] = {"Device.Test.Text", "Device.Test.Slow.", "Device.Test.Odd.Broken"};

static double half(void) {
    return 0.5;
}

static uint8_t next(struct run *run) {
    return run->at < run->end ? *run->at++ : 0;
}

static const char *one_of(struct run *run, const char *const *texts, size_t count) {
    return texts[next(run) % count];
}
#define ONE_OF(run, texts) one_of(run, texts, sizeof(texts) / sizeof *(texts))

/* ---- What an ACS says ---------------------------------------------------------------------------- */

static const char *const namespaces[] = {"urn:dslforum-org:cwmp-1-0",
                                         "urn:dslforum-org:cwmp-1-1",
                                         "urn:dslforum-org:cwmp-1-2",
                                         "urn:dslforum-org:cwmp-1-3",
                                         "urn:dslforum-org:cwmp-1-4",
                                         "urn:dslforum-org:cwmp-2-0",
                                         "",
                                         "urn:dslforum-org:cwmp-1-2"};
static const char *const names[] = {"Device.",
                                    "Device.Test.",
                                    "",
                                    "Device.Test.Text",
                                    "Device.Test.Number",
                                    "Device.Test.Flag",
                                    "Device.Test.Password",
                                    "Device.Test.Counter",
                                    "Device.Test.Odd.Later",
                                    "Device.Test.Odd.Refused",
                                    "Device.Test.Odd.Broken",
                                    "Device.Test.Slow.Value",
                                    "Device.Test.Row.",
                                    "Device.Test.Row.1.",
                                    "Device.Test.Row.1.Name",
                                    "Device.Test.Row.4294967295.Name",
                                    "Device.Test.Row.0.",
                                    "Device.Test.Lie.",
                                    "Device.ManagementServer.ParameterKey",
                                    "Device.Test.Row.*.Name",
                                    "Device..Text",
                                    ".",
                                    "Device.DeviceInfo.SoftwareVersion",
                                    "InternetGatewayDevice."};
static const char *const values[] = {"",
                                     "new",
                                     "7",
                                     "0",
                                     "true",
                                     "1",
                                     "-1",
                                     "99999999999999999999",
                                     " ",
                                     "a&lt;b&gt;",
                                     "longer than eight",
                                     "false",
                                     "&#x1F600;",
                                     "]]&gt;"};
static const char *const types[] = {"",
                                    " xsi:type='xsd:string'",
                                    " xsi:type='xsd:unsignedInt'",
                                    " xsi:type='xsd:boolean'",
                                    " xsi:type='xsd:nonsense'",
                                    " xsi:type=''"};
static const char *const codes[] = {"8000", "8005", "8006", "9002", "", "x", "8800"};
static const char *const methods[] = {
    "GetRPCMethods", "TransferComplete", "InformX", "X_TEST_List", "X_TEST_Open", "X_TEST_Bad",
    "X_TEST_AtOnce", "Kicked",           "Upload",  "Inform",      "GetOptions",  "GetAllQueuedTransfers"};
static const char *const keys[KEYS] = {"k0", "k1", "k2", "k3"};
static const char *const cwmp_events[] = {
    "2 PERIODIC",       "4 VALUE CHANGE",         "6 CONNECTION REQUEST",
    "X 0A1B2C Thing",   "8 DIAGNOSTICS COMPLETE", "3 SCHEDULED",
    "M ScheduleInform", "14 HEARTBEAT",           "0 BOOTSTRAP",
    "1 BOOT",           "7 TRANSFER COMPLETE"};

static void put_names(struct run *run, const char *element) {
    unsigned count = next(run) % 4;
    (void) buffer_text(&run->message, "<L>");
    while (count-- > 0) {
        (void) buffer_format(&run->message, "<%s>%s</%s>", element, ONE_OF(run, names), element);
    }
    (void) buffer_text(&run->message, "</L>");
}

static void get_values(struct run *run) {
    (void) buffer_text(&run->message, "<c:GetParameterValues>");
    put_names(run, "string");
    (void) buffer_text(&run->message, "</c:GetParameterValues>");
}

static void get_attributes(struct run *run) {
    (void) buffer_text(&run->message, "<c:GetParameterAttributes>");
    put_names(run, "string");
    (void) buffer_text(&run->message, "</c:GetParameterAttributes>");
}

static void get_names(struct run *run) {
    (void) buffer_format(&run->message,
                         "<c:GetParameterNames><ParameterPath>%s</ParameterPath><NextLevel>%s</NextLevel>"
                         "</c:GetParameterNames>",
                         ONE_OF(run, names), ONE_OF(run, values));
}

static void set_some(struct run *run) {
    unsigned count = next(run) % 4;
    (void) buffer_text(&run->message, "<c:SetParameterValues><ParameterList>");
    while (count-- > 0) {
        const char *name = ONE_OF(run, names), *type = ONE_OF(run, types);
        (void) buffer_format(
            &run->message, "<ParameterValueStruct><Name>%s</Name><Value%s>%s</Value></ParameterValueStruct>",
            name, type, ONE_OF(run, values));
    }
    (void) buffer_format(&run->message,
                         "</ParameterList><ParameterKey>%s</ParameterKey></c:SetParameterValues>",
                         ONE_OF(run, keys));
}

static void set_attributes(struct run *run) {
    const char *name = ONE_OF(run, names);
    (void) buffer_format(
        &run->message,
        "<c:SetParameterAttributes><ParameterList><SetParameterAttributesStruct><Name>%s</Name>"
        "<NotificationChange>1</NotificationChange><Notification>%u</Notification>"
        "<AccessListChange>%u</AccessListChange><AccessList><string>Subscriber</string>"
        "</AccessList></SetParameterAttributesStruct></ParameterList>"
        "</c:SetParameterAttributes>",
        name, next(run) % 8, next(run) % 2);
}

static void add_object(struct run *run) {
    const char *method = next(run) % 2 == 0 ? "AddObject" : "DeleteObject";
    (void) buffer_format(&run->message,
                         "<c:%s><ObjectName>%s</ObjectName><ParameterKey>%s</ParameterKey></c:%s>", method,
                         ONE_OF(run, names), ONE_OF(run, keys), method);
}

static void reboot(struct run *run) {
    (void) buffer_format(&run->message, "<c:Reboot><CommandKey>%s</CommandKey></c:Reboot>",
                         ONE_OF(run, keys));
}

static void download(struct run *run) {
    static const char *const urls[] = {"http://acs.example/f", "ftp://acs.example/f", "", "http://u:p@h/f"};
    const char *key = ONE_OF(run, keys);
    (void) buffer_format(
        &run->message,
        "<c:Download><CommandKey>%s</CommandKey><FileType>3 Vendor Configuration File</FileType>"
        "<URL>%s</URL><Username></Username><Password></Password><FileSize>%u</FileSize>"
        "<TargetFileName>x</TargetFileName><DelaySeconds>%u</DelaySeconds><SuccessURL/>"
        "<FailureURL/></c:Download>",
        key, ONE_OF(run, urls), next(run), next(run));
}

static void vendors(struct run *run) {
    const char *method = next(run) % 2 == 0 ? "X_TEST_Later" : "X_TEST_Echo";
    (void) buffer_format(&run->message, "<c:%s><Text>%s</Text></c:%s>", method, ONE_OF(run, values), method);
}

static void bare(struct run *run) {
    (void) buffer_format(&run->message, "<c:%s/>", ONE_OF(run, methods));
}

static void fault(struct run *run) {
    (void) buffer_format(&run->message,
                         "<s:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail>"
                         "<c:Fault><FaultCode>%s</FaultCode><FaultString>no</FaultString></c:Fault></detail>"
                         "</s:Fault>",
                         ONE_OF(run, codes));
}

static void inform_response(struct run *run) {
    (void) buffer_text(&run->message, "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes>");
    (void) buffer_format(&run->message, "%s</c:InformResponse>",
                         next(run) % 8 == 0 ? "<UseCWMPVersion>1.9</UseCWMPVersion>" : "");
}

static void complete_response(struct run *run) {
    (void) buffer_text(&run->message, "<c:TransferCompleteResponse/>");
}

static void garbage(struct run *run) {
    unsigned count = next(run) % 32;
    while (count-- > 0) {
        (void) buffer_char(&run->message, (char) next(run));
    }
}

static void (*const bodies[])(struct run *) = {inform_response,
                                               inform_response,
                                               complete_response,
                                               get_values,
                                               get_names,
                                               set_some,
                                               set_attributes,
                                               get_attributes,
                                               add_object,
                                               reboot,
                                               download,
                                               vendors,
                                               bare,
                                               fault,
                                               garbage,
                                               inform_response};

/* An envelope with the ID that the box expects, mostly. */
static void compose(struct run *run) {
    static const char *const headers[] = {"",
                                          "<c:HoldRequests s:mustUnderstand='1'>1</c:HoldRequests>",
                                          "<c:HoldRequests>0</c:HoldRequests>",
                                          "<c:NoMoreRequests>1</c:NoMoreRequests>",
                                          "<c:UseCWMPVersion s:mustUnderstand='1'>1.1</c:UseCWMPVersion>",
                                          "<c:UseCWMPVersion s:mustUnderstand='1'>1.0</c:UseCWMPVersion>",
                                          "<x:Odd xmlns:x='urn:x' s:mustUnderstand='1'/>",
                                          "<c:SessionTimeout>5</c:SessionTimeout>"};
    const unsigned kind = next(run) % (sizeof bodies / sizeof *bodies), shape = next(run);
    char id[64] = "a1";
    const char *own =
        run->output.body != NULL && run->output.length > 0 ? strstr(run->output.body, "ID ") : NULL;
    if (own != NULL && (own = strchr(own, '>')) != NULL && shape % 8 != 0) {
        (void) snprintf(id, sizeof id, "%.*s", (int) strcspn(own + 1, "<") % 60, own + 1);
    }
    buffer_reset(&run->message);
    (void) buffer_format(&run->message,
                         "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' "
                         "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                         "xmlns:xsd='http://www.w3.org/2001/XMLSchema' xmlns:c='%s'><s:Header>",
                         shape % 16 < 12 ? run->ns : namespaces[shape % 8]);
    if (shape % 32 != 31) {
        (void) buffer_format(&run->message, "<c:ID s:mustUnderstand='1'>%s</c:ID>", id);
    }
    (void) buffer_format(&run->message, "%s</s:Header><s:Body>", ONE_OF(run, headers));
    bodies[kind](run);
    if (shape < 250) {
        (void) buffer_text(&run->message, "</s:Body></s:Envelope>");
    }
}

/* ---- What holds ------------------------------------------------------------------------------------ */

/* Which M Reboot the Inform that just left tells. */
static unsigned told_by(const char *body) {
    unsigned told = 0;
    const char *at = body;
    while ((at = strstr(at, "<EventCode>M Reboot</EventCode><CommandKey>")) != NULL) {
        at = strchr(strchr(at + 1, '/'), '<') + strlen("<CommandKey>");
        told |= at[0] == 'k' && at[1] >= '0' && at[1] < '0' + KEYS ? 1u << (at[1] - '0') : 0;
    }
    return told;
}

static void sent(struct run *run) {
    xmlDoc *message;
    const char *ns;
    HOLDS(session_state(run->box.session) != SESSION_IDLE);
    if (run->output.length == 0) {
        return;
    }
    HOLDS(strlen(run->output.body) == run->output.length);
    message = xmlReadMemory(run->output.body, (int) run->output.length, NULL, NULL, XML_PARSE_NONET);
    HOLDS(message != NULL);
    xmlFreeDoc(message);
    ns = strstr(run->output.body, "urn:dslforum-org:cwmp-1-");
    HOLDS(ns != NULL);
    (void) snprintf(run->ns, sizeof run->ns, "%.*s", (int) strcspn(ns, "\""), ns);
    run->told_now = session_state(run->box.session) == SESSION_INFORMING;
    if (run->told_now) {
        run->told = told_by(run->output.body);
        /* all of them, but for a bootstrap, which discards, and for what does not fit: it comes next */
        if (strstr(run->output.body, "EventStruct[64]") == NULL) {
            HOLDS((run->owed & ~run->told) == 0 || strstr(run->output.body, "0 BOOTSTRAP") != NULL);
            run->owed = run->told;
        }
    }
}

static void judge(struct run *run) {
    const enum session_state state = session_state(run->box.session);
    (void) store_commit(run->box.store);
    switch (run->verdict) {
    case SESSION_SEND:
        if (run->told_now && state != SESSION_INFORMING) {
            run->owed &= ~run->told; /* the InformResponse came */
            run->told_now = false;
        }
        sent(run);
        break;
    case SESSION_WAIT:
        HOLDS(state == SESSION_PREPARING || state == SESSION_WORKING);
        HOLDS(run->output.wait_until_ms != UINT64_MAX);
        break;
    case SESSION_DONE:
    case SESSION_FAILED:
        HOLDS(state == SESSION_IDLE);
        HOLDS(run->verdict == SESSION_DONE || (run->output.reason != NULL && run->output.reason[0] != '\0'));
        HOLDS(run->box.well + run->box.badly == run->box.promised);
        run->told_now = false;
        break;
    }
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

static void open_box(struct run *run, bool booted) {
    const struct session_setup setup = {.config = &run->config, .uniform = half, .user = run};
    char error[256];
    int r = test_box_open(&run->box, NULL, &setup, booted, error, sizeof error);
    HOLDS(r == 0);
}

static void step_event(struct run *run) {
    (void) events_add(run->box.events, ONE_OF(run, cwmp_events), "", TR069_NOW);
}

static void step_owed(struct run *run) {
    const unsigned key = next(run) % KEYS;
    if (session_state(run->box.session) == SESSION_IDLE &&
        events_add(run->box.events, "M Reboot", keys[key], TR069_NOW) == 0) {
        run->owed |= 1u << key;
    }
}

static void step_start(struct run *run) {
    if (session_state(run->box.session) == SESSION_IDLE) {
        (void) model_changes_scan(run->box.model);
        run->verdict = session_start(run->box.session, &run->box.now, &run->output);
        judge(run);
    }
}

static bool waits_for_answer(const struct run *run) {
    const enum session_state state = session_state(run->box.session);
    return state == SESSION_INFORMING || state == SESSION_REQUESTING || state == SESSION_LISTENING;
}

static void answer(struct run *run, int status, const char *body, size_t length, const char *error) {
    if (waits_for_answer(run)) {
        run->verdict =
            session_answer(run->box.session, status, body, length, error, &run->box.now, &run->output);
        judge(run);
    }
}

static void step_answer(struct run *run) {
    compose(run);
    answer(run, 200, buffer_string(&run->message), run->message.length, NULL);
}

static void step_nothing(struct run *run) {
    static const int statuses[] = {204, 204, 200, 404, 500, 503, 401, 302, 204, 100};
    answer(run, statuses[next(run) % (sizeof statuses / sizeof *statuses)], NULL, 0, NULL);
}

static void step_cut(struct run *run) {
    answer(run, 0, NULL, 0, "the connection was cut");
}

static void step_wait(struct run *run) {
    run->box.now.mono_ms += (uint64_t) next(run) * 1000;
    if (run->box.now.wall_s != CLOCK_WALL_UNKNOWN) {
        run->box.now.wall_s += 7;
    }
    if (run->verdict == SESSION_WAIT && session_state(run->box.session) != SESSION_IDLE) {
        run->verdict = session_resume(run->box.session, &run->box.now, &run->output);
        judge(run);
    }
}

static void step_done(struct run *run) {
    test_box_complete(&run->box, "done", next(run) % 4 == 0 ? 9001 : 0);
}

static void step_refreshed(struct run *run) {
    test_box_refreshed(&run->box, "fresh");
}

static void step_abort(struct run *run) {
    if (session_state(run->box.session) != SESSION_IDLE) {
        run->verdict = session_abort(run->box.session, "the end", &run->box.now, &run->output);
        judge(run);
    }
}

/* The plug: what was committed is what there is; then a boot, or only the daemon again. */
static void step_power(struct run *run) {
    test_box_close(&run->box);
    run->box.well = run->box.badly = run->box.promised = 0;
    run->told_now = false;
    run->verdict = SESSION_DONE;
    run->output = (struct session_output){0};
    open_box(run, next(run) % 2 == 0);
}

static void step_transfer(struct run *run) {
    uint64_t when;
    const struct transfer *transfer = transfers_next(run->box.transfers, &run->box.now, &when);
    const struct tr069_fault result = {next(run) % 2 == 0 ? 0 : 9010, "x"};
    if (transfer == NULL || session_state(run->box.session) != SESSION_IDLE) {
        return;
    }
    transfers_started(run->box.transfers, transfer->id, &run->box.now);
    transfers_fetched(run->box.transfers, transfer->id, &run->box.now);
    (void) events_add(run->box.events, "M Download", transfer->request.command_key, TR069_NOW);
    (void) transfers_done(run->box.transfers, transfer->id, &result, &run->box.now);
}

static void step_clock(struct run *run) {
    run->box.now.wall_s = next(run) % 2 == 0 ? CLOCK_WALL_UNKNOWN : 1795000000;
}

static void step_lie(struct run *run) {
    run->box.lying = next(run) % 8;
    run->box.broken = next(run) % 2 == 0;
}

static void step_upgrade(struct run *run) {
    (void) snprintf(run->box.software, sizeof run->box.software, "S%u", next(run));
}

static void (*const steps[])(struct run *) = {
    step_event,    step_owed,  step_start, step_answer,  step_answer,    step_answer, step_answer,
    step_nothing,  step_cut,   step_wait,  step_done,    step_refreshed, step_abort,  step_power,
    step_transfer, step_clock, step_lie,   step_upgrade, step_start,     step_answer};

/* ---- Afterwards ------------------------------------------------------------------------------------ */

/* Whatever state it is in, silence and time end the session. */
static void leave(struct run *run) {
    unsigned n = 0;
    while (session_state(run->box.session) != SESSION_IDLE) {
        HOLDS(n++ < WAITS_MAX);
        if (run->verdict == SESSION_WAIT) {
            run->box.now.mono_ms = run->output.wait_until_ms;
            run->verdict = session_resume(run->box.session, &run->box.now, &run->output);
            judge(run);
        } else {
            step_cut(run);
        }
    }
}

static void behave(struct run *run) {
    char text[512];
    const char *name = NULL;
    if (session_state(run->box.session) == SESSION_INFORMING) {
        name = "InformResponse";
    } else if (session_state(run->box.session) == SESSION_REQUESTING) {
        name = strstr(run->output.body, "TransferComplete") != NULL ? "TransferCompleteResponse"
                                                                    : "GetRPCMethodsResponse";
    }
    if (name == NULL) {
        answer(run, 204, NULL, 0, NULL);
        return;
    }
    (void) snprintf(text, sizeof text,
                    "<E:Envelope xmlns:E=\"http://schemas.xmlsoap.org/soap/envelope/\" "
                    "xmlns:c=\"%s\"><E:Body><c:%s/></E:Body></E:Envelope>",
                    run->ns, name);
    answer(run, 200, text, strlen(text), NULL);
}

/* An ACS that does what it should gets all that was kept for it. */
static void good_sessions(struct run *run) {
    unsigned sessions = 0, n;
    run->box.broken = false;
    run->box.lying = 0;
    (void) events_add(run->box.events, "2 PERIODIC", "", TR069_NOW);
    do {
        HOLDS(sessions++ < 8);
        run->box.now.mono_ms += 3600000;
        step_start(run);
        n = 0;
        while (session_state(run->box.session) != SESSION_IDLE) {
            HOLDS(n++ < WAITS_MAX);
            if (run->verdict == SESSION_WAIT) {
                run->box.now.mono_ms = run->output.wait_until_ms;
                run->verdict = session_resume(run->box.session, &run->box.now, &run->output);
                judge(run);
            } else {
                behave(run);
            }
        }
        HOLDS(run->verdict == SESSION_DONE);
    } while (events_pending(run->box.events));
    HOLDS(run->owed == 0);
}

static void no_log(void *user, enum log_level level, const char *room, const char *line) {
    (void) user;
    if (getenv("FUZZ_LOG") != NULL) {
        (void) fprintf(stderr, "<%d>%s: %s\n", (int) level, room, line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct log_setup log = {.level = LOG_LEVEL_DEBUG, .sink = no_log};
    struct run *run = calloc(1, sizeof *run);
    unsigned count = 0;
    HOLDS(run != NULL);
    log_configure(&log);
    run->at = data;
    run->end = data + size;
    run->config = (struct session_config){.manufacturer = "Maker",
                                          .oui = "0A1B2C",
                                          .product_class = "STB",
                                          .serial = "000001",
                                          .acs_url = "http://acs.example/cwmp",
                                          .inform = inform,
                                          .inform_count = sizeof inform / sizeof *inform,
                                          .version = 10 + next(run) % 5,
                                          .session_timeout_s = 60,
                                          .retry_minimum_s = 5,
                                          .retry_multiplier = 2000,
                                          .limits = {65536, 1024 * 1024, 32},
                                          .max_message = 64 * 1024};
    run->box.now = (struct moment){.mono_ms = 100000, .wall_s = 1795000000, .utc_offset_s = 3600};
    (void) snprintf(run->box.software, sizeof run->box.software, "S1");
    (void) snprintf(run->ns, sizeof run->ns, "%s", namespaces[2]);
    buffer_init(&run->message, 65536);
    open_box(run, true);
    while (run->at < run->end && count++ < STEPS_MAX) {
        steps[next(run) % (sizeof steps / sizeof *steps)](run);
    }
    leave(run);
    good_sessions(run);
    test_box_close(&run->box);
    store_free(run->box.store);
    buffer_free(&run->message);
    free(run);
    return 0;
}
