/* The requests of ours besides Inform: TransferComplete, and the events that go with it. */
#include <config.h>

#include "base/text.h"
#include "cwmp/fault.h"
#include "cwmp/session_internal.h"

#define LOG_ROOM "session"
#include "base/log.h"

enum { EVENT_SIZE = 72 };

static void event_name(char out[EVENT_SIZE], const struct transfer *transfer) {
    (void) snprintf(out, EVENT_SIZE, "M %s", transfer->request.method);
}

static void write_body(struct session *session, const struct transfer *t) {
    struct envelope_writer *writer = session->writer;
    char start[TEXT_TIME_SIZE], complete[TEXT_TIME_SIZE];

    text_time_utc(start, t->start_s);
    text_time_utc(complete, t->complete_s);
    envelope_element(writer, "CommandKey", t->request.command_key);
    envelope_open(writer, "FaultStruct");
    envelope_number(writer, "FaultCode", t->fault.code == 0 ? 0 : fault_code_in(t->fault.code, session->ns));
    envelope_element(writer, "FaultString", t->fault.text);
    envelope_close(writer);
    envelope_element(writer, "StartTime", start);
    envelope_element(writer, "CompleteTime", complete);
}

int report_write(struct session *session) {
    const struct transfer *t = transfers_to_report(session->setup.transfers, session->report_id);
    struct envelope_header header = {.ns = session->ns};
    int result;

    if (t == NULL) {
        return 0;
    }
    session_new_id(session);
    header.id = session->id;
    envelope_begin(session->writer, &header, "TransferComplete");
    write_body(session, t);
    result = envelope_end(session->writer, &session->body, &session->length);
    if (result < 0) {
        return result;
    }
    session->report_id = t->id;
    return 1;
}

/* Strikes one entry of the events that the Inform named. */
static void strike(struct buffer *told, const char *code, const char *key) {
    char *at = told->data;
    char *end = told->data != NULL ? at + told->length : at;
    while (at < end) {
        char *entry_key = at + strlen(at) + 1;
        if (strcmp(at, code) == 0 && strcmp(entry_key, key) == 0) {
            at[0] = '-'; /* no event begins so */
            return;
        }
        at = entry_key + strlen(entry_key) + 1;
    }
}

void report_delivered(struct session *session) {
    const struct transfer *t = transfers_find(session->setup.transfers, session->report_id);
    char code[EVENT_SIZE];

    if (t == NULL) {
        return;
    }
    event_name(code, t);
    events_completed(session->setup.events, code, t->request.command_key);
    strike(&session->told, code, t->request.command_key);
    transfers_reported(session->setup.transfers, t->id);
}

static bool waits_for_report(const struct transfers *transfers, const char *code, const char *key) {
    char name[EVENT_SIZE];
    for (const struct transfer *t = transfers_to_report(transfers, 0); t != NULL;
         t = transfers_to_report(transfers, t->id)) {
        event_name(name, t);
        if (strcmp(name, code) == 0 && strcmp(t->request.command_key, key) == 0) {
            return true;
        }
    }
    return false;
}

void report_heal(struct session *session) {
    const char *at = buffer_string(&session->told);
    const char *end = at + session->told.length;
    while (at < end) {
        const char *key = at + strlen(at) + 1;
        if (at[0] == 'M' && !waits_for_report(session->setup.transfers, at, key)) {
            log_warning("the event %s has no transfer that could be reported; it is dropped", at);
            events_completed(session->setup.events, at, key);
        }
        at = key + strlen(key) + 1;
    }
    buffer_reset(&session->told);
}

void report_queue_events(struct session *session) {
    struct events *events = session->setup.events;
    char code[EVENT_SIZE];

    if (transfers_to_report(session->setup.transfers, 0) == NULL ||
        events_has(events, "7 TRANSFER COMPLETE")) {
        return;
    }
    (void) events_add(events, "7 TRANSFER COMPLETE", "", TR069_NOW);
    for (const struct transfer *t = transfers_to_report(session->setup.transfers, 0); t != NULL;
         t = transfers_to_report(session->setup.transfers, t->id)) {
        event_name(code, t);
        (void) events_add(events, code, t->request.command_key, TR069_NOW);
    }
}
