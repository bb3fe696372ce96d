/* Plays the scenarios of this directory against the session machine. README.md describes the files. */
#include <config.h>

#include "messages.h"
#include "script.h"
#include "test_box.h"

#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INFORM_MAX = 8, TEXT_SIZE = 512 };

struct world {
    struct script script;
    struct test_box box;
    struct session_config config;
    const char *inform[INFORM_MAX];
    struct store *store;
    char directory[64];
    bool open;
    enum session_verdict verdict;
    struct session_output output;
    struct buffer body, expected; /* room for messages */
    unsigned ready;
    char command[TEXT_SIZE]; /* the last one, as the scenario writes it */
    size_t repeat_from;
    unsigned repeat_left;
    bool failed;
};

static double uniform_value;
static bool verbose;

static void complain(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void complain(struct world *w, const char *format, ...) {
    va_list arguments;
    w->failed = true;
    (void) printf("%s:%zu: ", w->script.name, w->script.at);
    va_start(arguments, format);
    (void) vprintf(format, arguments);
    va_end(arguments);
    (void) printf("\n");
}

/* ---- The box's life ---------------------------------------------------------------------------- */

static double uniform(void) {
    return uniform_value;
}

static void on_ready(void *user) {
    ((struct world *) user)->ready++;
}

static void on_command(void *user, const struct tr069_command *command) {
    struct world *w = user;
    (void) snprintf(w->command, sizeof w->command, "%u %s %s%s%s", command->fault, command->method,
                    command->subject, command->text[0] != '\0' ? " / " : "", command->text);
}

static void open_world(struct world *w, bool booted) {
    struct session_setup setup = {
        .config = &w->config, .uniform = uniform, .on_command = on_command, .on_ready = on_ready, .user = w};
    const char *note = NULL;
    char error[256] = "";
    int r = store_open(w->directory, &w->store, &note);

    test_box_own(&w->box);
    r = r == 0 ? model_new(TR069_DEV2, w->store, &w->box.model) : r;
    r = r == 0 ? model_attach(w->box.model, &w->box.owner, error, sizeof error) : r;
    r = r == 0 ? rpcs_new(&w->box.rpcs) : r;
    r = r == 0 ? rpcs_attach(w->box.rpcs, &w->box.owner, error, sizeof error) : r;
    r = r == 0 ? events_new(w->store, booted, &w->box.events) : r;
    r = r == 0 ? transfers_new(w->store, &w->box.now, &w->box.transfers) : r;
    setup.model = w->box.model;
    setup.store = w->store;
    setup.events = w->box.events;
    setup.transfers = w->box.transfers;
    setup.rpcs = w->box.rpcs;
    r = r == 0 ? session_new(&setup, &w->box.session) : r;
    if (r < 0 || note != NULL) {
        complain(w, "the box does not start: %s %s %s", strerror(-r), error, note != NULL ? note : "");
        exit(99);
    }
    w->open = true;
}

static void close_world(struct world *w) {
    session_free(w->box.session);
    transfers_free(w->box.transfers);
    events_free(w->box.events);
    rpcs_free(w->box.rpcs);
    model_free(w->box.model);
    store_free(w->store);
    w->box.deferred = NULL;
    w->open = false;
}

/* What the agent does with a verdict. */
static void took(struct world *w, enum session_verdict verdict) {
    w->verdict = verdict;
    if (verdict != SESSION_WAIT && store_commit(w->store) < 0) {
        complain(w, "the store cannot be written");
    }
    if (verdict == SESSION_SEND && w->output.length > 0) {
        messages_keep(w->output.body, w->output.length);
    }
}

/* ---- Set-up ------------------------------------------------------------------------------------ */

static unsigned number(struct world *w, const char *text) {
    uint64_t value = 0;
    if (text_parse_uint(text, UINT32_MAX, &value) < 0) {
        complain(w, "\"%s\" is no number", text);
    }
    return (unsigned) value;
}

static void do_set(struct world *w, char *rest) {
    const char *key = script_word(&rest);
    if (strcmp(key, "version") == 0) {
        w->config.version = (int) number(w, rest);
    } else if (strcmp(key, "url") == 0) {
        w->config.acs_url = rest;
    } else if (strcmp(key, "serial") == 0) {
        w->config.serial = rest;
    } else if (strcmp(key, "timeout") == 0) {
        w->config.session_timeout_s = number(w, rest);
    } else if (strcmp(key, "call_timeout") == 0) {
        w->config.call_timeout_s = number(w, rest);
    } else if (strcmp(key, "retry") == 0) {
        w->config.retry_minimum_s = number(w, script_word(&rest));
        w->config.retry_multiplier = number(w, rest);
    } else if (strcmp(key, "uniform") == 0) {
        uniform_value = number(w, rest) / 1000.0;
    } else if (strcmp(key, "max_message") == 0) {
        w->config.max_message = number(w, rest);
    } else if (strcmp(key, "max_request") == 0) {
        w->config.limits.octets = number(w, rest);
    } else if (strcmp(key, "inform") == 0 && w->config.inform_count < INFORM_MAX) {
        w->inform[w->config.inform_count++] = rest;
    } else {
        complain(w, "set what?");
    }
}

static void do_keep(struct world *w, char *rest) {
    const char *key = script_word(&rest);
    if (store_put(w->store, key, rest) < 0 || store_commit(w->store) < 0) {
        complain(w, "cannot be kept");
    }
}

/* "M Reboot | key" */
static char *cut_key(char *rest) {
    char *bar = strstr(rest, " | ");
    if (bar == NULL) {
        return rest + strlen(rest);
    }
    *bar = '\0';
    return bar + strlen(" | ");
}

static void do_event(struct world *w, char *rest) {
    const char *key = cut_key(rest);
    if (events_add(w->box.events, rest, key, TR069_NOW) < 0) {
        complain(w, "\"%s\" is no event", rest);
    }
}

static void do_wall(struct world *w, char *rest) {
    int64_t seconds = CLOCK_WALL_UNKNOWN;
    if (strcmp(rest, "unknown") != 0 && text_parse_int(rest, 0, INT64_MAX, &seconds) < 0) {
        complain(w, "\"%s\" is no time", rest);
    }
    w->box.now.wall_s = seconds;
}

static void do_advance(struct world *w, char *rest) {
    unsigned ms = number(w, rest);
    w->box.now.mono_ms += ms;
    if (w->box.now.wall_s != CLOCK_WALL_UNKNOWN) {
        w->box.now.wall_s += ms / 1000;
    }
}

static void do_software(struct world *w, char *rest) {
    (void) snprintf(w->box.software, sizeof w->box.software, "%s", rest);
    (void) model_changed(w->box.model, "Device.DeviceInfo.SoftwareVersion");
}

static void do_upgraded(struct world *w, char *rest) { /* while the client was not looking */
    (void) snprintf(w->box.software, sizeof w->box.software, "%s", rest);
}

static void do_scan(struct world *w, char *rest) {
    (void) rest;
    (void) model_changes_scan(w->box.model);
}

static void do_broken(struct world *w, char *rest) {
    w->box.broken = number(w, rest) != 0;
}

static void do_lying(struct world *w, char *rest) {
    w->box.lying = number(w, rest);
}

static void do_boot(struct world *w, char *rest) {
    (void) rest;
    close_world(w);
    open_world(w, true);
    if (events_add(w->box.events, "1 BOOT", "", TR069_NOW) < 0) {
        complain(w, "no boot event");
    }
}

static void do_kill(struct world *w, char *rest) {
    (void) rest;
    close_world(w);
    open_world(w, false);
}

static void do_forget(struct world *w, char *rest) {
    (void) rest;
    events_forget(w->box.events);
    transfers_discard(w->box.transfers, true);
    session_forget(w->box.session);
    model_forget(w->box.model, NULL);
    if (store_commit(w->store) < 0) {
        complain(w, "not forgotten");
    }
}

static void do_transfer(struct world *w, char *rest) {
    struct tr069_fault fault = {0};
    uint64_t next;
    const struct transfer *t = transfers_next(w->box.transfers, &w->box.now, &next);
    char event[80];

    if (t == NULL) {
        complain(w, "no transfer is due");
        return;
    }
    transfers_started(w->box.transfers, t->id, &w->box.now);
    w->box.now.wall_s += 30;
    transfers_fetched(w->box.transfers, t->id, &w->box.now);
    (void) snprintf(event, sizeof event, "M %s", t->request.method);
    fault.code = number(w, script_word(&rest));
    (void) snprintf(fault.text, sizeof fault.text, "%s", rest);
    if (events_add(w->box.events, event, t->request.command_key, TR069_NOW) < 0) {
        complain(w, "no event");
    }
    (void) transfers_done(w->box.transfers, t->id, &fault, &w->box.now);
    if (store_commit(w->store) < 0) {
        complain(w, "the store cannot be written");
    }
}

static void do_lose_transfers(struct world *w, char *rest) {
    (void) rest;
    transfers_discard(w->box.transfers, true);
}

/* ---- What happens ------------------------------------------------------------------------------ */

static void do_start(struct world *w, char *rest) {
    (void) rest;
    took(w, session_start(w->box.session, &w->box.now, &w->output));
}

static void do_resume(struct world *w, char *rest) {
    (void) rest;
    took(w, session_resume(w->box.session, &w->box.now, &w->output));
}

static void do_answer(struct world *w, char *rest) {
    int status = (int) number(w, script_word(&rest));
    took(w, session_answer(w->box.session, status, NULL, 0, *rest != '\0' ? rest : NULL, &w->box.now,
                           &w->output));
}

static void give(struct world *w, int status, const struct buffer *message) {
    took(w, session_answer(w->box.session, status, buffer_string(message), message->length, NULL, &w->box.now,
                           &w->output));
}

static void do_acs(struct world *w, char *rest) {
    struct short_form form;
    buffer_reset(&w->body);
    buffer_reset(&w->expected);
    if (!script_short_form(rest, &form) || !script_body(&w->script, &w->body)) {
        complain(w, "not a message");
        return;
    }
    script_theirs(&form, buffer_string(&w->body), &w->expected);
    give(w, 200, &w->expected);
}

static void do_raw(struct world *w, char *rest) {
    buffer_reset(&w->body);
    if (!script_body(&w->script, &w->body)) {
        complain(w, "not a message");
        return;
    }
    give(w, (int) number(w, rest), &w->body);
}

static void do_informed(struct world *w, char *rest) {
    char words[TEXT_SIZE];
    struct short_form form;
    (void) snprintf(words, sizeof words, "InformResponse %s", rest);
    if (!script_short_form(words, &form)) {
        complain(w, "not a message");
        return;
    }
    buffer_reset(&w->expected);
    script_theirs(&form, "<MaxEnvelopes>1</MaxEnvelopes>", &w->expected);
    give(w, 200, &w->expected);
}

/* An ACS that knows this box already. */
static void do_settled(struct world *w, char *rest) {
    (void) rest;
    if (store_put(w->store, "session/bootstrap", "http://acs.example/cwmp 0A1B2C STB 000001") < 0 ||
        store_commit(w->store) < 0) {
        complain(w, "not settled");
    }
}

/* The way to the ACS's first request. */
static void do_open(struct world *w, char *rest) {
    char id[] = "id 1", none[] = "", periodic[] = "2 PERIODIC";
    do_settled(w, none);
    do_event(w, periodic);
    do_start(w, none);
    do_informed(w, *rest != '\0' ? rest : id);
}

static void do_acs_fault(struct world *w, char *rest) {
    const char *code = script_word(&rest);
    struct short_form form = {.name = "fault", .ns = "1-2", .id = "1"};
    buffer_reset(&w->body);
    buffer_reset(&w->expected);
    (void) buffer_format(&w->body,
                         "<faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault>"
                         "<FaultCode>%s</FaultCode><FaultString>%s</FaultString></c:Fault></detail>",
                         code, rest);
    script_theirs(&form, buffer_string(&w->body), &w->expected);
    give(w, 200, &w->expected);
}

static void do_refreshed(struct world *w, char *rest) {
    test_box_refreshed(&w->box, rest);
}

static void do_complete(struct world *w, char *rest) {
    unsigned code = number(w, script_word(&rest));
    test_box_complete(&w->box, rest, code);
}

static void do_withdraw(struct world *w, char *rest) {
    (void) rest;
    rpcs_detach(w->box.rpcs, &w->box.owner);
}

static void do_abort(struct world *w, char *rest) {
    took(w, session_abort(w->box.session, rest, &w->box.now, &w->output));
}

/* ---- What is expected -------------------------------------------------------------------------- */

static bool expect_verdict(struct world *w, enum session_verdict verdict) {
    static const char *const names[] = {"SEND", "WAIT", "DONE", "FAILED"};
    if (w->verdict != verdict) {
        complain(w, "expected %s, got %s%s%s", names[verdict], names[w->verdict],
                 w->verdict == SESSION_FAILED ? ": " : "",
                 w->verdict == SESSION_FAILED ? w->output.reason : "");
        if (w->verdict == SESSION_SEND) {
            (void) printf("  %.*s\n", (int) w->output.length, w->output.body);
        }
        return false;
    }
    return true;
}

static void compare(struct world *w) {
    const struct buffer *want = &w->expected;
    size_t at = 0;
    if (!expect_verdict(w, SESSION_SEND) || buffer_error(want) < 0) {
        return;
    }
    while (at < want->length && at < w->output.length && want->data[at] == w->output.body[at]) {
        at++;
    }
    if (at < want->length || at < w->output.length) {
        size_t from = at > 60 ? at - 60 : 0;
        complain(w, "another message, from octet %zu on:", at);
        (void) printf("  expected ...%.200s\n  got      ...%.200s\n", buffer_string(want) + from,
                      w->output.length > 0 ? w->output.body + from : "(the empty POST)");
        if (verbose) {
            (void) printf("  %.*s\n", (int) w->output.length, w->output.body);
        }
    }
}

static void do_expect(struct world *w, char *rest) {
    struct short_form form;
    buffer_reset(&w->body);
    buffer_reset(&w->expected);
    if (!script_short_form(rest, &form) || !script_body(&w->script, &w->body)) {
        complain(w, "not a message");
        return;
    }
    script_ours(&form, buffer_string(&w->body), &w->expected);
    compare(w);
}

static void do_expect_empty(struct world *w, char *rest) {
    (void) rest;
    if (expect_verdict(w, SESSION_SEND) && w->output.length > 0) {
        complain(w, "expected the empty POST, got %.*s", (int) w->output.length, w->output.body);
    }
}

static void expect_fault_lines(struct world *w, const char *blame, const char *code, const char *text,
                               const char *list, const char *words) {
    char copy[TEXT_SIZE];
    struct short_form form;
    (void) snprintf(copy, sizeof copy, "fault %s", words);
    if (!script_short_form(copy, &form)) {
        complain(w, "not a fault");
        return;
    }
    buffer_reset(&w->expected);
    {
        struct buffer inner;
        buffer_init(&inner, 65536);
        (void) buffer_format(&inner,
                             "<faultcode>soap:%s</faultcode><faultstring>CWMP fault</faultstring><detail>"
                             "<cwmp:Fault><FaultCode>%s</FaultCode><FaultString>%s</FaultString>%s"
                             "</cwmp:Fault></detail>",
                             blame, code, text, list);
        script_ours(&form, buffer_string(&inner), &w->expected);
        buffer_free(&inner);
    }
    compare(w);
}

/* fault BLAME CODE TEXT | id A ns 1-2 */
static void do_fault(struct world *w, char *rest) {
    const char *words = cut_key(rest);
    const char *blame = script_word(&rest), *code = script_word(&rest);
    expect_fault_lines(w, blame, code, rest, "", words);
}

/* Only the code: the words are another room's. */
static void do_fault_code(struct world *w, char *rest) {
    char code[64];
    (void) snprintf(code, sizeof code, "<cwmp:Fault><FaultCode>%s</FaultCode>", rest);
    if (expect_verdict(w, SESSION_SEND) && (w->output.length == 0 || strstr(w->output.body, code) == NULL)) {
        complain(w, "not the fault %s: %.*s", rest, (int) w->output.length, w->output.body);
    }
}

/* spv-fault TEXT | id A, then lines NAME CODE TEXT up to "." */
static void do_spv_fault(struct world *w, char *rest) {
    const char *words = cut_key(rest);
    char *line;
    buffer_reset(&w->body);
    while ((line = script_line(&w->script)) != NULL && strcmp(line, ".") != 0) {
        const char *name = script_word(&line), *code = script_word(&line);
        (void) buffer_format(&w->body,
                             "<SetParameterValuesFault><ParameterName>%s</ParameterName><FaultCode>%s"
                             "</FaultCode><FaultString>%s</FaultString></SetParameterValuesFault>",
                             name, code, line);
    }
    expect_fault_lines(w, "Client", "9003", rest, buffer_string(&w->body), words);
}

static void write_value_struct(struct buffer *out, const char *path, const char *value) {
    (void) buffer_format(out, "<ParameterValueStruct><Name>%s</Name>", path);
    (void) buffer_format(out,
                         value[0] != '\0' ? "<Value xsi:type=\"xsd:string\">%s</Value>"
                                          : "<Value xsi:type=\"xsd:string\"/>%s",
                         value);
    (void) buffer_text(out, "</ParameterValueStruct>");
}

/* In the order of the model: objects and names sorted; the extra ones are below Device.Test. */
static void write_inform_parameters(struct world *w, struct buffer *out, size_t extra, char **lines) {
    char code[72] = "";
    (void) model_get(w->box.model, "Device.DeviceInfo.ProvisioningCode", code, sizeof code);
    (void) buffer_format(out, "<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[%zu]\">",
                         4 + extra);
    write_value_struct(out, "Device.DeviceInfo.HardwareVersion", "H1");
    write_value_struct(out, "Device.DeviceInfo.ProvisioningCode", code);
    write_value_struct(out, "Device.DeviceInfo.SoftwareVersion", w->box.software);
    write_value_struct(out, "Device.ManagementServer.ParameterKey", session_parameter_key(w->box.session));
    for (size_t i = 0; i < extra; i++) {
        const char *name = script_word(&lines[i]);
        write_value_struct(out, name, lines[i]);
    }
    (void) buffer_text(out, "</ParameterList>");
}

static void write_events(struct buffer *out, char *list) {
    struct buffer inner;
    unsigned count = 0;
    buffer_init(&inner, 65536);
    while (*list != '\0') {
        char *end = list + strcspn(list, ";");
        char *next = *end != '\0' ? end + 1 + strspn(end + 1, " ") : end;
        char *key;
        *end = '\0';
        key = strchr(list, '=');
        if (key != NULL) {
            *key++ = '\0';
        }
        (void) buffer_format(&inner, "<EventStruct><EventCode>%s</EventCode>", list);
        (void) buffer_format(&inner, key != NULL ? "<CommandKey>%s</CommandKey>" : "<CommandKey/>%s",
                             key != NULL ? key : "");
        (void) buffer_text(&inner, "</EventStruct>");
        count++;
        list = next;
    }
    (void) buffer_format(out, "<Event soapenc:arrayType=\"cwmp:EventStruct[%u]\">%s</Event>", count,
                         buffer_string(&inner));
    buffer_free(&inner);
}

/* expect-inform RETRY EVENT; M EVENT=key | id 1 ns 1-2 timeout 60 versions ...; then lines NAME TEXT of
 * the parameters besides the forced ones, up to "." */
static void do_expect_inform(struct world *w, char *rest) {
    const char *words = cut_key(rest);
    const char *retry = script_word(&rest);
    char copy[TEXT_SIZE], time[TEXT_TIME_SIZE];
    char *lines[INFORM_MAX], *line;
    size_t extra = 0;
    struct short_form form;

    (void) snprintf(copy, sizeof copy, "Inform %s", words);
    while ((line = script_line(&w->script)) != NULL && strcmp(line, ".") != 0 && extra < INFORM_MAX) {
        lines[extra++] = line;
    }
    buffer_reset(&w->body);
    buffer_reset(&w->expected);
    (void) buffer_format(&w->body,
                         "<DeviceId><Manufacturer>Maker</Manufacturer><OUI>0A1B2C</OUI><ProductClass>STB"
                         "</ProductClass><SerialNumber>%s</SerialNumber></DeviceId>",
                         w->config.serial);
    write_events(&w->body, rest);
    text_time_local(time, &w->box.now);
    (void) buffer_format(&w->body,
                         "<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>%s</CurrentTime>"
                         "<RetryCount>%s</RetryCount>",
                         time, retry);
    write_inform_parameters(w, &w->body, extra, lines);
    if (!script_short_form(copy, &form)) {
        complain(w, "not an Inform");
        return;
    }
    script_ours(&form, buffer_string(&w->body), &w->expected);
    compare(w);
}

static void do_wait(struct world *w, char *rest) {
    if (expect_verdict(w, SESSION_WAIT) && w->output.wait_until_ms != w->box.now.mono_ms + number(w, rest)) {
        complain(w, "waits %lld ms", (long long) (w->output.wait_until_ms - w->box.now.mono_ms));
    }
}

static void check_retry(struct world *w, char **rest) {
    const char *low = script_word(rest);
    if (strcmp(low, "never") == 0) {
        if (w->output.retry_ms != UINT64_MAX) {
            complain(w, "retries after %llu ms", (unsigned long long) w->output.retry_ms);
        }
        return;
    }
    unsigned from = number(w, low), to = number(w, script_word(rest));
    if (w->output.retry_ms < from || w->output.retry_ms > to) {
        complain(w, "retries after %llu ms", (unsigned long long) w->output.retry_ms);
    }
}

static void do_done(struct world *w, char *rest) {
    char none[] = "0 0";
    char *limits = *rest != '\0' ? rest : none;
    if (expect_verdict(w, SESSION_DONE)) {
        check_retry(w, &limits);
    }
    if (session_state(w->box.session) != SESSION_IDLE) {
        complain(w, "not idle");
    }
}

static void do_failed(struct world *w, char *rest) {
    if (!expect_verdict(w, SESSION_FAILED)) {
        return;
    }
    check_retry(w, &rest);
    if (*rest == '\0' || strstr(w->output.reason, rest) == NULL) {
        complain(w, "the reason is \"%s\"", w->output.reason);
    }
    if (session_state(w->box.session) != SESSION_IDLE) {
        complain(w, "not idle");
    }
}

static void do_state(struct world *w, char *rest) {
    const char *name = session_state_name(session_state(w->box.session));
    if (strcmp(name, rest) != 0) {
        complain(w, "the state is %s", name);
    }
}

static void do_stored(struct world *w, char *rest) {
    const char *key = script_word(&rest);
    const char *value = store_get(w->store, key);
    if (value == NULL || strcmp(value, rest) != 0) {
        complain(w, "%s is \"%s\"", key, value != NULL ? value : "(none)");
    }
}

static void do_not_stored(struct world *w, char *rest) {
    const char *value = store_get(w->store, rest);
    if (value != NULL && value[0] != '\0') {
        complain(w, "%s is \"%s\"", rest, value);
    }
}

static void do_value(struct world *w, char *rest) {
    const char *path = script_word(&rest);
    char value[TEXT_SIZE] = "";
    int r = model_get(w->box.model, path, value, sizeof value);
    if (r < 0 || strcmp(value, rest) != 0) {
        complain(w, "%s is \"%s\" (%d)", path, value, r);
    }
}

static void do_has(struct world *w, char *rest) {
    if (!events_has(w->box.events, rest)) {
        complain(w, "%s is not queued", rest);
    }
}

static void do_has_not(struct world *w, char *rest) {
    if (events_has(w->box.events, rest)) {
        complain(w, "%s is queued", rest);
    }
}

static void do_pending(struct world *w, char *rest) {
    if (events_pending(w->box.events) != (strcmp(rest, "yes") == 0)) {
        complain(w, "pending: not %s", rest);
    }
}

static void expect_count(struct world *w, const char *what, unsigned have, const char *want) {
    if (have != number(w, want)) {
        complain(w, "%s: %u", what, have);
    }
}

static void do_ready(struct world *w, char *rest) {
    expect_count(w, "ready", w->ready, rest);
}

static void do_calls(struct world *w, char *rest) {
    expect_count(w, "calls", w->box.calls, rest);
}

static void do_refreshes(struct world *w, char *rest) {
    expect_count(w, "refreshes", w->box.refreshes, rest);
}

static void do_transfers(struct world *w, char *rest) {
    expect_count(w, "transfers", (unsigned) transfers_count(w->box.transfers), rest);
}

static void do_promises(struct world *w, char *rest) {
    const char *well = script_word(&rest);
    expect_count(w, "kept promises", w->box.well, well);
    expect_count(w, "broken promises", w->box.badly, rest);
}

static void do_command(struct world *w, char *rest) {
    if (strcmp(w->command, rest) != 0) {
        complain(w, "the command was \"%s\"", w->command);
    }
}

static void do_writes(struct world *w, char *rest) {
    expect_count(w, "writes of the store", (unsigned) store_writes(w->store), rest);
}

static void do_repeat(struct world *w, char *rest) {
    w->repeat_left = number(w, rest);
    w->repeat_from = w->script.at;
}

static const struct step {
    const char *name;
    void (*run)(struct world *w, char *rest);
} steps[] = {{"set", do_set},
             {"keep", do_keep},
             {"event", do_event},
             {"wall", do_wall},
             {"advance", do_advance},
             {"software", do_software},
             {"upgraded", do_upgraded},
             {"scan", do_scan},
             {"broken", do_broken},
             {"lying", do_lying},
             {"boot", do_boot},
             {"kill", do_kill},
             {"forget", do_forget},
             {"transfer", do_transfer},
             {"lose-transfers", do_lose_transfers},
             {"settled", do_settled},
             {"open", do_open},
             {"start", do_start},
             {"resume", do_resume},
             {"answer", do_answer},
             {"acs", do_acs},
             {"raw", do_raw},
             {"informed", do_informed},
             {"acs-fault", do_acs_fault},
             {"refreshed", do_refreshed},
             {"complete", do_complete},
             {"withdraw", do_withdraw},
             {"abort", do_abort},
             {"expect", do_expect},
             {"expect-empty", do_expect_empty},
             {"expect-inform", do_expect_inform},
             {"fault", do_fault},
             {"fault-code", do_fault_code},
             {"spv-fault", do_spv_fault},
             {"wait", do_wait},
             {"done", do_done},
             {"failed", do_failed},
             {"state", do_state},
             {"stored", do_stored},
             {"not-stored", do_not_stored},
             {"value", do_value},
             {"has", do_has},
             {"has-not", do_has_not},
             {"pending", do_pending},
             {"ready", do_ready},
             {"calls", do_calls},
             {"refreshes", do_refreshes},
             {"transfers", do_transfers},
             {"promises", do_promises},
             {"command", do_command},
             {"writes", do_writes},
             {"repeat", do_repeat}};

/* ---- One scenario ------------------------------------------------------------------------------ */

/* Steps cut their line into words; a repeated one needs it whole. */
static void play_line(struct world *w, const char *line) {
    char *copy = text_dup(line), *rest = copy;
    const char *name = script_word(&rest);
    bool known = false;

    if (!w->open && strcmp(name, "set") != 0) {
        open_world(w, true);
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (strcmp(name, steps[i].name) == 0) {
            known = true;
            /* What is set is pointed to. */
            steps[i].run(w, strcmp(name, "set") == 0 ? w->script.lines[w->script.at - 1] + (rest - copy) +
                                                           strspn(w->script.lines[w->script.at - 1], " \t")
                                                     : rest);
            break;
        }
    }
    if (!known) {
        complain(w, "\"%s\" is no step", name);
    }
    free(copy);
}

static void play(struct world *w) {
    const char *line;
    while (!w->failed && (line = script_line(&w->script)) != NULL) {
        if (strcmp(line, "end") == 0) {
            if (w->repeat_left > 1) {
                w->repeat_left--;
                w->script.at = w->repeat_from;
            }
            continue;
        }
        play_line(w, line);
    }
}

static void wipe(const char *directory) {
    static const char *const names[] = {"state", "state.1", "state.tmp", "state.new"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void) snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        (void) unlink(path);
    }
    (void) rmdir(directory);
}

static bool run_scenario(const char *path) {
    struct world *w = calloc(1, sizeof *w);
    const char *slash = strrchr(path, '/');
    bool good;

    if (w == NULL || script_load(path, &w->script) < 0) {
        free(w);
        return false;
    }
    uniform_value = 0.5;
    w->config = (struct session_config){.manufacturer = "Maker",
                                        .oui = "0A1B2C",
                                        .product_class = "STB",
                                        .serial = "000001",
                                        .acs_url = "http://acs.example/cwmp",
                                        .inform = w->inform,
                                        .version = 12,
                                        .session_timeout_s = 60,
                                        .retry_minimum_s = 5,
                                        .retry_multiplier = 2000,
                                        .limits = {65536, 1024 * 1024, 32},
                                        .max_message = 1024 * 1024};
    w->box.now = (struct moment){.mono_ms = 100000, .wall_s = 1795000000, .utc_offset_s = 3600};
    (void) snprintf(w->box.software, sizeof w->box.software, "S1");
    buffer_init(&w->body, 1024 * 1024);
    buffer_init(&w->expected, 1024 * 1024);
    (void) snprintf(w->directory, sizeof w->directory, "/tmp/session-store.XXXXXX");
    if (mkdtemp(w->directory) == NULL) {
        perror("mkdtemp");
        exit(99);
    }
    play(w);
    good = !w->failed;
    if (w->open) {
        close_world(w);
    }
    wipe(w->directory);
    (void) printf("%s  %s\n", good ? "PASS" : "FAIL", slash != NULL ? slash + 1 : path);
    buffer_free(&w->body);
    buffer_free(&w->expected);
    script_free(&w->script);
    free(w);
    return good;
}

static void no_log(void *user, enum log_level level, const char *room, const char *line) {
    (void) user;
    if (verbose) {
        (void) printf("      <%d>%s: %s\n", (int) level, room, line);
    }
}

int main(int argc, char **argv) {
    const struct log_setup setup = {.level = LOG_LEVEL_DEBUG, .sink = no_log};
    unsigned passed = 0, failed = 0;
    int first = 1;

    (void) setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && strcmp(argv[1], "-v") == 0) {
        verbose = true;
        first = 2;
    }
    log_configure(&setup);
    for (int i = first; i < argc; i++) {
        if (run_scenario(argv[i])) {
            passed++;
        } else {
            failed++;
        }
    }
    if (messages_validate() != 0) {
        failed++;
    }
    (void) printf("%u scenarios passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
