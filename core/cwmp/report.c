/* The requests of ours besides Inform: what came of transfers and of operations on deployment units, and the
 * events that go with it. */
#include <config.h>

#include "base/text.h"
#include "cwmp/fault.h"
#include "cwmp/session_internal.h"

#define LOG_ROOM "session"
#include "base/log.h"

static const char *text_of(const char *text) {
    return text != NULL ? text : "";
}

/* An upload has a code of its own for what an old namespace cannot tell more exactly. */
static unsigned fault_code(const struct session *session, const struct transfer *t) {
    unsigned code = t->fault.code == 0 ? 0 : fault_code_in(t->fault.code, session->ns);
    return code == TR069_DOWNLOAD_FAILURE && transfer_is_upload(t) ? TR069_UPLOAD_FAILURE : code;
}

static void write_result(struct session *session, const struct transfer *t) {
    struct envelope_writer *writer = session->writer;
    char start[TEXT_TIME_SIZE], complete[TEXT_TIME_SIZE];

    text_time_utc(start, t->start_s);
    text_time_utc(complete, t->complete_s);
    envelope_open(writer, "FaultStruct");
    envelope_number(writer, "FaultCode", fault_code(session, t));
    envelope_element(writer, "FaultString", t->fault.text);
    envelope_close(writer);
    envelope_element(writer, "StartTime", start);
    envelope_element(writer, "CompleteTime", complete);
}

static void write_autonomous(struct session *session, const struct transfer *t) {
    struct envelope_writer *writer = session->writer;
    char type[TRANSFER_TYPE_SIZE];

    transfer_type(t, session->ns, session->config->oui, type);
    envelope_element(writer, "AnnounceURL", text_of(t->request.announce_url));
    envelope_element(writer, "TransferURL", t->request.url);
    envelope_element(writer, "IsDownload", transfer_is_upload(t) ? "false" : "true");
    envelope_element(writer, "FileType", type);
    envelope_number(writer, "FileSize",
                    t->request.file_size > UINT32_MAX ? 0 : (int64_t) t->request.file_size);
    envelope_element(writer, "TargetFileName", t->request.target_name);
}

/* The entry of this event among those that the Inform named, or NULL. */
static char *find_told(const struct buffer *told, const char *code, const char *key) {
    char *at = told->data;
    char *end = told->data != NULL ? at + told->length : at;
    while (at < end) {
        char *entry_key = at + strlen(at) + 1;
        if (strcmp(at, code) == 0 && strcmp(entry_key, key) == 0) {
            return at;
        }
        at = entry_key + strlen(entry_key) + 1;
    }
    return NULL;
}

/* What ended during this session has no event in its Inform: it waits for the next. CWMP 1.0 does not know
 * AutonomousTransferComplete: it waits for a session of a later version. */
static bool may_report(const struct session *session, const struct transfer *t) {
    char code[TRANSFER_EVENT_SIZE];
    const char *key;
    transfer_event(t, code, &key);
    return find_told(&session->told, code, key) != NULL &&
           (!t->request.autonomous || session->ns >= ENVELOPE_NS_1_1);
}

static const struct transfer *next_report(const struct session *session, uint32_t after) {
    const struct transfer *t = transfers_to_report(session->setup.transfers, after);
    while (t != NULL && !may_report(session, t)) {
        t = transfers_to_report(session->setup.transfers, t->id);
    }
    return t;
}

/* ---- Deployment units ---- */

static void write_du_result(struct session *session, const struct tr069_du_result *result, bool autonomous) {
    struct envelope_writer *writer = session->writer;
    char start[TEXT_TIME_SIZE], complete[TEXT_TIME_SIZE];

    text_time_utc(start, result->start);
    text_time_utc(complete, result->complete);
    envelope_open(writer, "Results");
    envelope_element(writer, "UUID", result->uuid);
    envelope_element(writer, "DeploymentUnitRef", result->unit);
    envelope_element(writer, "Version", result->version);
    envelope_element(writer, "CurrentState", result->state);
    envelope_element(writer, "Resolved", result->resolved ? "true" : "false");
    envelope_element(writer, "ExecutionUnitRefList", result->execution_units);
    envelope_element(writer, "StartTime", start);
    envelope_element(writer, "CompleteTime", complete);
    envelope_open(writer, "Fault");
    envelope_number(writer, "FaultCode", result->fault.code);
    envelope_element(writer, "FaultString", result->fault.text);
    envelope_close(writer);
    if (autonomous) {
        envelope_element(writer, "OperationPerformed", result->operation);
    }
    envelope_close(writer);
}

/* Before CWMP 1.2 nobody knows these messages: they wait. */
static const struct du_report *next_du_report(const struct session *session) {
    return session->ns < ENVELOPE_NS_1_2 ? NULL
                                         : du_reports_next(session->setup.du_reports, session->du_report_id);
}

static int write_du_report(struct session *session) {
    const struct du_report *report = next_du_report(session);
    struct envelope_header header = {.ns = session->ns};
    int result;

    if (report == NULL) {
        return 0;
    }
    session_new_id(session);
    header.id = session->id;
    session->du_report_id = report->id;
    session->reports_du = true;
    envelope_begin(session->writer, &header, report_name(session));
    for (size_t i = 0; i < report->count; i++) {
        write_du_result(session, &report->results[i], report->autonomous);
    }
    if (!report->autonomous) {
        envelope_element(session->writer, "CommandKey", report->command_key);
    }
    result = envelope_end(session->writer, &session->body, &session->length);
    return result < 0 ? result : 1;
}

/* ---- Any ---- */

int report_write(struct session *session) {
    const struct transfer *t = next_report(session, session->report_id);
    struct envelope_header header = {.ns = session->ns};
    int result;

    if (t == NULL) {
        return write_du_report(session);
    }
    session_new_id(session);
    header.id = session->id;
    if (t->request.autonomous) {
        envelope_begin(session->writer, &header, "AutonomousTransferComplete");
        write_autonomous(session, t);
    } else {
        envelope_begin(session->writer, &header, "TransferComplete");
        envelope_element(session->writer, "CommandKey", t->request.command_key);
    }
    write_result(session, t);
    result = envelope_end(session->writer, &session->body, &session->length);
    if (result < 0) {
        return result;
    }
    session->report_id = t->id;
    session->reports_du = false;
    return 1;
}

const char *report_name(const struct session *session) {
    if (session->reports_du) {
        return du_reports_is_autonomous(session->setup.du_reports, session->du_report_id)
                   ? "AutonomousDUStateChangeComplete"
                   : "DUStateChangeComplete";
    }
    const struct transfer *t = transfers_find(session->setup.transfers, session->report_id);
    return t != NULL && t->request.autonomous ? "AutonomousTransferComplete" : "TransferComplete";
}

bool report_is_event(const char *code) {
    static const char *const codes[] = {"M Download",         "M Upload",
                                        "M ScheduleDownload", "10 AUTONOMOUS TRANSFER COMPLETE",
                                        "M ChangeDUState",    "12 AUTONOMOUS DU STATE CHANGE COMPLETE"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (strcmp(code, codes[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Strikes one entry of the events that the Inform named. */
static void strike(const struct buffer *told, const char *code, const char *key) {
    char *at = find_told(told, code, key);
    if (at != NULL) {
        at[0] = '-'; /* no event begins so */
    }
}

/* Is there something whose report delivers this event? */
static bool waits_for_report(const struct session_setup *setup, const char *code, const char *key) {
    char name[TRANSFER_EVENT_SIZE];
    const char *its_key;
    for (const struct transfer *t = transfers_to_report(setup->transfers, 0); t != NULL;
         t = transfers_to_report(setup->transfers, t->id)) {
        transfer_event(t, name, &its_key);
        if (strcmp(name, code) == 0 && strcmp(its_key, key) == 0) {
            return true;
        }
    }
    for (const struct du_report *du = du_reports_next(setup->du_reports, 0); du != NULL;
         du = du_reports_next(setup->du_reports, du->id)) {
        if (strcmp(du_report_event(du, &its_key), code) == 0 && strcmp(its_key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* The event of the report that is out, which is done with; false if that is gone. */
static bool end_report(struct session *session, char code[TRANSFER_EVENT_SIZE], char *key, size_t key_size) {
    const struct session_setup *setup = &session->setup;
    const struct transfer *t = transfers_find(setup->transfers, session->report_id);
    const struct du_report *du = du_reports_find(setup->du_reports, session->du_report_id);
    const char *its_key;

    if (session->reports_du && du != NULL) {
        (void) text_copy(code, TRANSFER_EVENT_SIZE, du_report_event(du, &its_key));
        (void) text_copy(key, key_size, its_key);
        du_reports_delivered(setup->du_reports, du->id);
        return true;
    }
    if (!session->reports_du && t != NULL) {
        transfer_event(t, code, &its_key);
        (void) text_copy(key, key_size, its_key);
        transfers_reported(setup->transfers, t->id);
        return true;
    }
    return false;
}

void report_delivered(struct session *session) {
    char code[TRANSFER_EVENT_SIZE], key[TR069_COMMAND_KEY_MAX * 4 + 1];

    if (!end_report(session, code, key, sizeof key)) {
        return;
    }
    const bool one_for_all = code[0] != 'M';
    if (one_for_all && waits_for_report(&session->setup, code, key)) {
        return;
    }
    events_completed(session->setup.events, code, key);
    strike(&session->told, code, key);
}

void report_heal(struct session *session) {
    const char *at = buffer_string(&session->told);
    const char *end = at + session->told.length;
    while (at < end) {
        const char *key = at + strlen(at) + 1;
        if (at[0] != '-' && !waits_for_report(&session->setup, at, key)) {
            log_warning("the event %s has nothing (any more) that could be reported; it is dropped", at);
            events_completed(session->setup.events, at, key);
        }
        at = key + strlen(key) + 1;
    }
    buffer_reset(&session->told);
}

void report_queue_events(struct session *session) {
    struct events *events = session->setup.events;
    char code[TRANSFER_EVENT_SIZE];
    const char *key;
    const bool told = events_has(events, "7 TRANSFER COMPLETE");

    for (const struct transfer *t = transfers_to_report(session->setup.transfers, 0); t != NULL;
         t = transfers_to_report(session->setup.transfers, t->id)) {
        transfer_event(t, code, &key);
        if (t->request.autonomous ? !events_has(events, code) : !told) {
            (void) events_add(events, code, key, TR069_NOW);
        }
    }
    const bool du_told = events_has(events, "11 DU STATE CHANGE COMPLETE");
    for (const struct du_report *du = du_reports_next(session->setup.du_reports, 0); du != NULL;
         du = du_reports_next(session->setup.du_reports, du->id)) {
        const char *event = du_report_event(du, &key);
        if (du->autonomous ? !events_has(events, event) : !du_told) {
            (void) events_add(events, event, key, TR069_NOW);
        }
    }
}
