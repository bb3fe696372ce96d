/* The steps of a scenario that judge what the client sent and what it kept. */
#include <config.h>

#include "world.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void complain(struct world *w, const char *format, ...) {
    va_list arguments;
    w->failed = true;
    (void) printf("%s:%zu: ", w->script.name, w->script.at);
    va_start(arguments, format);
    (void) vprintf(format, arguments);
    va_end(arguments);
    (void) printf("\n");
}

unsigned number(struct world *w, const char *text) {
    uint64_t value = 0;
    if (text_parse_uint(text, UINT32_MAX, &value) < 0) {
        complain(w, "\"%s\" is no number", text);
    }
    return (unsigned) value;
}

char *cut_key(char *rest) {
    char *bar = strstr(rest, " | ");
    if (bar == NULL) {
        return rest + strlen(rest);
    }
    *bar = '\0';
    return bar + strlen(" | ");
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
        if (w->verbose) {
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
    const char *value = store_get(w->box.store, key);
    if (value == NULL || strcmp(value, rest) != 0) {
        complain(w, "%s is \"%s\"", key, value != NULL ? value : "(none)");
    }
}

static void do_not_stored(struct world *w, char *rest) {
    const char *value = store_get(w->box.store, rest);
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
    expect_count(w, "writes of the store", (unsigned) store_writes(w->box.store), rest);
}

static void do_logged(struct world *w, char *rest) {
    if (strstr(buffer_string(&w->log), rest) == NULL) {
        complain(w, "the log is:\n%s", buffer_string(&w->log));
    }
}

const struct step expect_steps[] = {{"expect", do_expect},
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
                                    {"logged", do_logged},
                                    {0}};
