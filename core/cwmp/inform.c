/* The Inform: what it tells, how it is written, what its response settles (digest sections 8 and 9). */
#include <config.h>

#include "base/text.h"
#include "cwmp/rpc_call.h"
#include "cwmp/session_internal.h"

#include <stdlib.h>

#define LOG_ROOM "session"
#include "base/log.h"

#define BOOTSTRAP_MARK "session/bootstrap"

/* ---- Bootstrap --------------------------------------------------------------------------------- */

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

static int write_identity(struct session *session) {
    const struct session_config *config = session->config;
    struct buffer *out = &session->identity;
    const char *const parts[] = {config->acs_url, config->oui, config->product_class, config->serial};

    buffer_reset(out);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (i > 0) {
            (void) buffer_char(out, ' ');
        }
        (void) text_percent_encode(out, or_empty(parts[i]), ":/.-_");
    }
    return buffer_error(out);
}

/* A bootstrap discards everything else but `1 BOOT`: also the changes that the former ACS did not hear of. */
static int queue_bootstrap(struct session *session) {
    int result = events_add(session->setup.events, "0 BOOTSTRAP", "", TR069_NOW);

    if (result == 0) {
        transfers_discard(session->setup.transfers, false);
        du_reports_discard(session->setup.du_reports);
        model_changes_discard(session->setup.model);
    }
    return result;
}

int inform_check_bootstrap(struct session *session) {
    const char *mark;
    int result = write_identity(session);

    if (result < 0) {
        return result;
    }
    mark = store_get(session->setup.store, BOOTSTRAP_MARK);
    if (mark != NULL && strcmp(mark, buffer_string(&session->identity)) == 0) {
        return 0;
    }
    return events_has(session->setup.events, "0 BOOTSTRAP") ? 0 : queue_bootstrap(session);
}

/* ---- What it tells ----------------------------------------------------------------------------- */

static int select_parameters(struct session *session, bool *ret_changed) {
    model_selection_free(session->selection);
    session->selection = NULL;
    return model_select_inform(session->setup.model, session->config->inform, session->config->inform_count,
                               &session->selection, ret_changed);
}

int inform_prepare(struct session *session, size_t *ret_refreshes) {
    bool changed;
    int result;

    model_session_begin(session->setup.model);
    result = select_parameters(session, &changed);
    if (result < 0) {
        return result;
    }
    *ret_refreshes = model_refresh(session->setup.model, session->selection, session->now.mono_ms,
                                   &session->refresh_until_ms);
    return 0;
}

/* Takes the events of this Inform; `4 VALUE CHANGE` exactly when there are changes. *ret_list is to be
 * freed. */
static int take_events(struct session *session, bool changed, struct event **ret_list, size_t *ret_count) {
    struct events *events = session->setup.events;
    int count;

    if (changed && events_add(events, "4 VALUE CHANGE", "", TR069_NOW) == -ENOMEM) {
        return -ENOMEM;
    }
    report_queue_events(session);
    count = events_take(events, session->version, ret_list);
    if (count < 0) {
        return count;
    }
    buffer_reset(&session->told);
    session->bootstrapping = false;
    session->told_changes = !changed;
    *ret_count = 0;
    for (int i = 0; i < count; i++) {
        const struct event event = (*ret_list)[i];
        if (strcmp(event.code, "4 VALUE CHANGE") == 0) {
            if (!changed) {
                continue;
            }
            session->told_changes = true;
        }
        (*ret_list)[(*ret_count)++] = event;
        session->bootstrapping = session->bootstrapping || strcmp(event.code, "0 BOOTSTRAP") == 0;
        if (report_is_event(event.code)) {
            (void) buffer_append(&session->told, event.code, strlen(event.code) + 1);
            (void) buffer_append(&session->told, event.command_key, strlen(event.command_key) + 1);
        }
    }
    if (count > 0 && *ret_count == 0) {
        events_informed(events); /* a change that is none any more */
    }
    return buffer_error(&session->told);
}

/* ---- The parameters ---------------------------------------------------------------------------- */

/* -EAGAIN when a table changed while it was read: the count that was announced is wrong. */
static int write_parameters(struct session *session) {
    struct values_out out = {session->writer, model_selection_count(session->selection), 0};
    struct tr069_fault fault = {0};
    int result;

    envelope_list(session->writer, "ParameterList", "ParameterValueStruct", out.expected);
    model_speak(session->setup.model, session->version);
    result = model_selection_values(session->selection, values_write, &out, &fault);
    model_speak(session->setup.model, 0);
    if (result == TR069_FAULT) { /* a getter that fails gives an empty value here: this is another reason */
        log_error("%s", fault.text);
        return -EIO;
    }
    if (result != 0 || out.seen != out.expected) {
        return -EAGAIN;
    }
    envelope_close(session->writer);
    return 0;
}

/* ---- The message ------------------------------------------------------------------------------- */

static void write_device_id(struct envelope_writer *writer, const struct session_config *config) {
    envelope_open(writer, "DeviceId");
    envelope_element(writer, "Manufacturer", or_empty(config->manufacturer));
    envelope_element(writer, "OUI", or_empty(config->oui));
    envelope_element(writer, "ProductClass", or_empty(config->product_class));
    envelope_element(writer, "SerialNumber", or_empty(config->serial));
    envelope_close(writer);
}

static void write_events(struct envelope_writer *writer, const struct event *events, size_t count) {
    envelope_list(writer, "Event", "EventStruct", count);
    for (size_t i = 0; i < count; i++) {
        envelope_open(writer, "EventStruct");
        envelope_element(writer, "EventCode", events[i].code);
        envelope_element(writer, "CommandKey", events[i].command_key);
        envelope_close(writer);
    }
    envelope_close(writer);
}

static int write_message(struct session *session, const struct event *events, size_t count) {
    struct envelope_header header = {.ns = session->ns, .id = session->id};
    char time[TEXT_TIME_SIZE];
    int result;

    if (session->version >= 13) {
        header.session_timeout =
            session->config->session_timeout_s < 30 ? 30 : session->config->session_timeout_s;
    }
    if (session->version >= 14) {
        header.versions = version_list(session->version);
    }
    text_time_local(time, &session->now);
    envelope_begin(session->writer, &header, "Inform");
    write_device_id(session->writer, session->config);
    write_events(session->writer, events, count);
    envelope_element(session->writer, "MaxEnvelopes", "1");
    envelope_element(session->writer, "CurrentTime", time);
    envelope_number(session->writer, "RetryCount", session->retry_count);
    result = write_parameters(session);
    return result < 0 ? result : envelope_end(session->writer, &session->body, &session->length);
}

/* Changes that do not fit must not keep the box from its ACS: some of them wait for the next Inform. */
static int write_what_fits(struct session *session, const struct event *events, size_t count) {
    int result;
    size_t left = 1;
    session->shortened = false;
    do {
        result = write_message(session, events, count);
        if (result == -EAGAIN) {
            result = write_message(session, events, count);
        }
        if (result != -EMSGSIZE || left == 0) {
            return result;
        }
        left = model_selection_fewer_changes(session->selection);
        session->shortened = left > 0;
        log_warning("the Inform is too large; %zu changed values stay in it", left);
    } while (true);
}

int inform_write(struct session *session) {
    struct event *events = NULL;
    size_t count = 0;
    bool changed = false;
    int result = select_parameters(session, &changed);

    if (result == 0) {
        result = take_events(session, changed, &events, &count);
    }
    if (result == 0 && count > 0) {
        session_new_id(session);
        result = write_what_fits(session, events, count);
        result = result == 0 ? 1 : result;
    }
    free(events);
    return result;
}

void inform_delivered(struct session *session) {
    int result;
    events_informed(session->setup.events);
    if (session->told_changes) { /* else their event did not fit: the next Inform has both */
        model_changes_delivered(session->setup.model, session->selection);
    }
    if (session->shortened) {
        (void) events_add(session->setup.events, "4 VALUE CHANGE", "", TR069_NOW);
    }
    model_selection_free(session->selection);
    session->selection = NULL;
    if (!session->bootstrapping) {
        return;
    }
    result = store_put(session->setup.store, BOOTSTRAP_MARK, buffer_string(&session->identity));
    if (result < 0) {
        log_error("the bootstrap could not be noted: %s; it will be told again", strerror(-result));
    }
}
