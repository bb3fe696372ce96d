/* The session machine: one step for each answer of the ACS and for each thing of the box that became
 * ready (digest section 7). No I/O, no clock. */
#include <config.h>

#include "cwmp/session.h"

#include "base/text.h"
#include "cwmp/retry.h"
#include "cwmp/session_internal.h"

#include <stdarg.h>
#include <stdlib.h>

#define LOG_ROOM "session"
#include "base/log.h"

#define RETRY_COUNT "session/retry_count"

enum { ACS_RETRY_REQUEST = 8005, ACS_VERSION = 8006, IDENTITY_MAX = 8192, TOLD_MAX = 65536 };

enum input_kind { INPUT_START, INPUT_ANSWER, INPUT_RESUME };

struct input {
    enum input_kind kind;
    int status;
    const char *body;
    size_t length;
    const char *error;
};

/* What an answer is. */
enum answer_kind { ANSWER_EMPTY, ANSWER_MESSAGE, ANSWER_TOO_LONG, ANSWER_BAD };

static const char *const state_names[] = {"idle",       "preparing", "informing",
                                          "requesting", "listening", "working"};

const char *session_state_name(enum session_state state) {
    return state_names[state];
}

enum session_state session_state(const struct session *session) {
    return session->state;
}

static void set_state(struct session *session, enum session_state state, const char *why) {
    log_debug("%s -> %s (%s)", state_names[session->state], state_names[state], why);
    session->state = state;
}

void session_new_id(struct session *session) {
    (void) snprintf(session->id, sizeof session->id, "%u", ++session->last_id);
}

/* ---- Verdicts ---------------------------------------------------------------------------------- */

static enum session_verdict send_body(struct session *session, enum session_state state, const char *why,
                                      struct session_output *out) {
    set_state(session, state, why);
    out->body = session->body;
    out->length = session->length;
    return SESSION_SEND;
}

static enum session_verdict send_empty(struct session *session, const char *why, struct session_output *out) {
    session->body = "";
    session->length = 0;
    return send_body(session, SESSION_LISTENING, why, out);
}

static enum session_verdict wait_until(struct session *session, uint64_t until_ms,
                                       struct session_output *out) {
    session->waiting = true;
    out->wait_until_ms = until_ms;
    return SESSION_WAIT;
}

/* A call that its handler may still complete keeps the reader, which holds its arguments. */
static void drop_call(struct session *session) {
    if (session->call != NULL && rpc_call_orphan(session->call, session->reader)) {
        session->reader = NULL;
    }
    session->call = NULL;
}

static void free_envelopes(struct session *session) {
    envelope_reader_free(session->reader);
    envelope_writer_free(session->writer);
    session->reader = NULL;
    session->writer = NULL;
    session->body = NULL;
    session->length = 0;
}

/* The session is over: what it needed of memory is given back, since most of the time there is none. Whoever
 * waits for its end may already begin something new. */
static void leave(struct session *session, bool well, const char *why) {
    struct promise *promises = session->promises;
    size_t count = session->promise_count;

    drop_call(session);
    model_selection_free(session->selection);
    session->selection = NULL;
    buffer_shrink(&session->told, 0);
    buffer_shrink(&session->identity, 0);
    free_envelopes(session);
    session->promises = NULL;
    session->promise_count = 0;
    set_state(session, SESSION_IDLE, why);
    for (size_t i = 0; i < count; i++) {
        promises[i].call(promises[i].user, well);
    }
    free(promises);
}

static void keep_retry_count(struct session *session) {
    int result = session->retry_count == 0
                     ? store_put(session->setup.store, RETRY_COUNT, NULL)
                     : store_put_int(session->setup.store, RETRY_COUNT, session->retry_count);
    if (result < 0) {
        log_error("RetryCount could not be stored: %s", strerror(-result));
    }
}

static uint64_t wait_after(const struct session *session, unsigned failures) {
    return retry_wait_ms(failures, session->config->retry_minimum_s, session->config->retry_multiplier,
                         session->setup.uniform());
}

static enum session_verdict end_well(struct session *session, struct session_output *out) {
    if (session->retry_count != 0) {
        session->retry_count = 0;
        keep_retry_count(session);
    }
    session->failures = 0;
    session->unreported_times = session->unreported ? session->unreported_times + 1 : 0;
    out->retry_ms = session->unreported ? wait_after(session, session->unreported_times) : 0;
    leave(session, true, "the ACS ended it");
    return SESSION_DONE;
}

/* The sentence is in session->reason. */
static enum session_verdict give_up(struct session *session, struct session_output *out) {
    events_failed(session->setup.events);
    out->reason = session->reason;
    out->retry_ms = events_pending(session->setup.events) ||
                            (model_changes_pending(session->setup.model) & MODEL_ACTIVE) != 0
                        ? wait_after(session, session->failures)
                        : UINT64_MAX;
    leave(session, false, session->reason);
    return SESSION_FAILED;
}

static enum session_verdict end_badly(struct session *session, struct session_output *out) {
    if (session->retry_count < UINT32_MAX) {
        session->retry_count++;
    }
    session->failures++;
    keep_retry_count(session);
    return give_up(session, out);
}

static enum session_verdict fail(struct session *session, struct session_output *out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum session_verdict fail(struct session *session, struct session_output *out, const char *format,
                                 ...) {
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(session->reason, sizeof session->reason, format, arguments);
    va_end(arguments);
    return end_badly(session, out);
}

/* ---- Our turn ---------------------------------------------------------------------------------- */

static enum session_verdict our_turn(struct session *session, struct session_output *out) {
    if (session->hold) {
        return send_empty(session, "the ACS holds our requests", out);
    }
    if (!session->final_sent) {
        int result = report_write(session);
        if (result < 0) {
            return fail(session, out, "a report cannot be written: %s", strerror(-result));
        }
        if (result > 0) {
            session->repeats = 0;
            return send_body(session, SESSION_REQUESTING, report_name(session), out);
        }
        report_heal(session);
        session->final_sent = true;
    }
    return send_empty(session, "no request of ours", out);
}

static enum session_verdict again(struct session *session, struct session_output *out) {
    session->repeats++;
    return send_body(session, session->state, "fault 8005: the same again", out);
}

/* ---- Requests of the ACS ------------------------------------------------------------------------ */

static void tell_command(struct session *session, const struct rpc_call *call,
                         const struct tr069_fault *fault) {
    const struct tr069_command command = {.time = session->now.wall_s,
                                          .method = call->method,
                                          .subject = call->subject,
                                          .fault = fault->code,
                                          .text = fault->code != 0 ? fault->text : ""};
    if (session->setup.on_command != NULL) {
        session->setup.on_command(session->setup.user, &command);
    }
}

/* The request goes on as far as it can. */
static enum session_verdict work(struct session *session, struct session_output *out) {
    struct tr069_fault fault;
    int result;

    session->scope.now = session->now;
    if (!rpc_call_run(session->call)) {
        return wait_until(session, session->call->wait_until_ms, out);
    }
    result = rpc_call_answer(session->call, &session->body, &session->length, &fault);
    if (result < 0) {
        return fail(session, out, "the answer to %.64s cannot be written: %s", session->call->method,
                    strerror(-result));
    }
    tell_command(session, session->call, &fault);
    drop_call(session);
    return send_body(session, SESSION_LISTENING, fault.code == 0 ? "a response" : "a fault", out);
}

static enum session_verdict serve(struct session *session, const struct envelope *request,
                                  struct session_output *out) {
    const struct envelope_header header = {.ns = request->ns != 0 ? request->ns : session->ns,
                                           .id = request->id};
    session->call = rpc_call_new(&session->scope, request, &header);
    if (session->call == NULL) {
        return fail(session, out, "out of memory");
    }
    set_state(session, SESSION_WORKING, request->method);
    return work(session, out);
}

/* ---- Answers ----------------------------------------------------------------------------------- */

static bool is_blank(const char *body, size_t length) {
    envelope_trim(&body, &length);
    return length == 0;
}

static bool status_is_good(const struct input *input) {
    return input->status >= 200 && input->status < 300;
}

/* A fault comes with status 500 by SOAP 1.1 (6.2), with 200 by CWMP; it is the same fault. */
static bool is_fault_by_status(const struct input *input, enum answer_kind kind,
                               const struct envelope *envelope) {
    return input->status >= 400 && kind == ANSWER_MESSAGE && envelope->kind == ENVELOPE_FAULT;
}

/* What the ACS's fault says, for the log. */
static const char *fault_words(struct session *session, const struct envelope *envelope) {
    const struct tr069_fault *fault = &envelope->fault;
    if (fault->code == 0) { /* malformed */
        (void) snprintf(session->words, sizeof session->words, "a fault without FaultCode: %.200s",
                        fault->text);
    } else {
        (void) snprintf(session->words, sizeof session->words, "%u %.200s", fault->code, fault->text);
    }
    return session->words;
}

static void status_reason(struct session *session, const struct input *input) {
    if (input->status <= 0) {
        (void) snprintf(session->reason, sizeof session->reason, "no answer: %s",
                        input->error != NULL ? input->error : "no reason known");
    } else {
        (void) snprintf(session->reason, sizeof session->reason, "the ACS answered with HTTP status %d",
                        input->status);
    }
}

static int make_reader(struct session *session) {
    return session->reader != NULL ? 0 : envelope_reader_new(&session->config->limits, &session->reader);
}

/* Reads the answer; what it says about HoldRequests counts from now on. The reason of a bad one is in
 * session->reason. */
static enum answer_kind read_answer(struct session *session, const struct input *input,
                                    struct envelope *ret_envelope) {
    char error[160] = "";
    int result;

    if (is_blank(input->body, input->length)) {
        session->hold = false;
        return ANSWER_EMPTY;
    }
    result = make_reader(session);
    if (result == 0) {
        result = envelope_read(session->reader, input->body, input->length, rpcs_lookup, session->setup.rpcs,
                               ret_envelope, error, sizeof error);
    }
    if (result == 0) {
        session->hold = ret_envelope->hold_requests;
        return ANSWER_MESSAGE;
    }
    (void) snprintf(session->reason, sizeof session->reason, "the ACS's message cannot be read: %s",
                    error[0] != '\0' ? error : strerror(-result));
    return result == -EMSGSIZE ? ANSWER_TOO_LONG : ANSWER_BAD;
}

/* An answer with another ID is tolerated: which request it answers is clear all the same. */
static void check_id(const struct session *session, const struct envelope *envelope) {
    if (envelope->id == NULL || strcmp(envelope->id, session->id) != 0) {
        log_info("%.64s has the ID \"%.32s\" instead of \"%s\"", envelope->method,
                 envelope->id != NULL ? envelope->id : "", session->id);
    }
}

/* ---- PREPARING --------------------------------------------------------------------------------- */

static enum session_verdict send_inform(struct session *session, struct session_output *out) {
    int result = inform_write(session);
    if (result < 0) {
        return fail(session, out, "the Inform cannot be written: %s", strerror(-result));
    }
    if (result == 0) {
        out->retry_ms = 0;
        leave(session, true, "nothing to tell");
        return SESSION_DONE;
    }
    session->repeats = 0;
    return send_body(session, SESSION_INFORMING, "Inform", out);
}

static enum session_verdict state_preparing(struct session *session, struct session_output *out) {
    if (model_refresh_pending(session->setup.model) > 0) {
        if (session->now.mono_ms < session->refresh_until_ms) {
            return wait_until(session, session->refresh_until_ms, out);
        }
        model_refresh_expire(session->setup.model);
    }
    return send_inform(session, out);
}

static enum session_verdict begin(struct session *session, struct session_output *out) {
    size_t refreshes = 0;
    int result;

    session->hold = false;
    session->final_sent = false;
    session->unreported = false;
    session->odd_answers = 0;
    session->report_id = 0;
    session->du_report_id = 0;
    session->reports_du = false;
    session->bootstrapping = false;
    set_state(session, SESSION_PREPARING, "start");
    version_choose(&session->versions, session->config, session->now.mono_ms, &session->ns,
                   &session->version);
    result = envelope_writer_new(session->config->max_message, &session->writer);
    session->scope.writer = session->writer;
    if (result == 0) {
        result = inform_check_bootstrap(session);
    }
    if (result == 0) {
        result = inform_prepare(session, &refreshes);
    }
    if (result < 0) {
        return fail(session, out, "the Inform cannot be prepared: %s", strerror(-result));
    }
    return refreshes > 0 ? wait_until(session, session->refresh_until_ms, out) : send_inform(session, out);
}

/* ---- INFORMING --------------------------------------------------------------------------------- */

/* Which version the rest of the session has. False: none that we offered. */
static bool agree(struct session *session, const struct envelope *response) {
    if (response->use_version != 0) {
        if (response->use_version < 10 || response->use_version > session->version) {
            return false;
        }
        session->version = response->use_version;
    } else if (response->ns != 0 && response->ns < session->version) {
        session->version = response->ns == ENVELOPE_NS_1_2 ? 13 : response->ns;
        if (session->config->version < session->version) {
            session->version = session->config->version;
        }
    }
    session->ns = session->version > ENVELOPE_NS_1_2 ? ENVELOPE_NS_1_2 : session->version;
    session->scope.version = session->version;
    return true;
}

static enum session_verdict informed(struct session *session, const struct envelope *response,
                                     struct session_output *out) {
    if (strcmp(response->method, "InformResponse") != 0) {
        return fail(session, out, "the ACS answered the Inform with %.64s", response->method);
    }
    check_id(session, response);
    if (!agree(session, response)) {
        version_refused(&session->versions, session->config, true);
        return fail(session, out, "the ACS wants a CWMP version that was not offered");
    }
    version_accepted(&session->versions, session->now.mono_ms);
    inform_delivered(session);
    return our_turn(session, out);
}

/* An ACS that does not know our version may say so by these only. */
static bool may_mean_version(const struct input *input) {
    return input->status == 400 || input->status == 500 || input->status == SESSION_HUNG_UP;
}

static enum session_verdict inform_refused(struct session *session, const struct input *input,
                                           const struct envelope *envelope, struct session_output *out) {
    if (envelope->fault.code == ACS_RETRY_REQUEST && session->repeats < SESSION_REPEATS) {
        return again(session, out);
    }
    const bool sure = envelope->fault.code == ACS_VERSION || envelope->version_mismatch;
    if (sure || may_mean_version(input)) {
        version_refused(&session->versions, session->config, sure);
    }
    return fail(session, out, "the ACS refused the Inform: %s", fault_words(session, envelope));
}

static enum session_verdict state_informing(struct session *session, const struct input *input,
                                            struct session_output *out) {
    struct envelope envelope = {0};
    const enum answer_kind kind = read_answer(session, input, &envelope);

    if (!status_is_good(input) && !is_fault_by_status(input, kind, &envelope)) {
        if (may_mean_version(input)) {
            version_refused(&session->versions, session->config, false);
        }
        status_reason(session, input);
        return end_badly(session, out);
    }
    switch (kind) {
    case ANSWER_EMPTY:
        return fail(session, out, "the ACS answered the Inform with nothing");
    case ANSWER_TOO_LONG:
    case ANSWER_BAD:
        return end_badly(session, out);
    case ANSWER_MESSAGE:
        break;
    }
    switch (envelope.kind) {
    case ENVELOPE_REQUEST:
        return fail(session, out, "the ACS answered the Inform with a request, %.64s", envelope.method);
    case ENVELOPE_RESPONSE:
        return informed(session, &envelope, out);
    case ENVELOPE_FAULT:
        break;
    }
    return inform_refused(session, input, &envelope, out);
}

/* ---- REQUESTING -------------------------------------------------------------------------------- */

static enum session_verdict requested(struct session *session, const struct envelope *response,
                                      struct session_output *out) {
    check_id(session, response);
    const char *name = report_name(session);
    if (strncmp(response->method, name, strlen(name)) != 0) {
        /* Else it would be sent for ever: freeacs#289. */
        log_warning("the ACS answered %s with %.64s; taken as its response", name, response->method);
    }
    report_delivered(session);
    return our_turn(session, out);
}

static enum session_verdict request_refused(struct session *session, const struct envelope *envelope,
                                            struct session_output *out) {
    if (envelope->fault.code == ACS_RETRY_REQUEST && session->repeats < SESSION_REPEATS && !session->hold) {
        return again(session, out);
    }
    log_warning("the ACS refused %s: %s; it is kept for a later session", report_name(session),
                fault_words(session, envelope));
    session->unreported = true;
    return our_turn(session, out);
}

static enum session_verdict state_requesting(struct session *session, const struct input *input,
                                             struct session_output *out) {
    struct envelope envelope = {0};
    const enum answer_kind kind = read_answer(session, input, &envelope);

    if (!status_is_good(input) && !is_fault_by_status(input, kind, &envelope)) {
        status_reason(session, input);
        return end_badly(session, out);
    }
    switch (kind) {
    case ANSWER_EMPTY:
        log_warning("the ACS did not answer %s; it is kept for a later session", report_name(session));
        session->unreported = true;
        return our_turn(session, out);
    case ANSWER_TOO_LONG:
    case ANSWER_BAD:
        return end_badly(session, out);
    case ANSWER_MESSAGE:
        break;
    }
    switch (envelope.kind) {
    case ENVELOPE_REQUEST:
        log_warning("the ACS sent %.64s instead of an answer to %s", envelope.method, report_name(session));
        session->unreported = true;
        return serve(session, &envelope, out);
    case ENVELOPE_RESPONSE:
        return requested(session, &envelope, out);
    case ENVELOPE_FAULT:
        break;
    }
    return request_refused(session, &envelope, out);
}

/* ---- LISTENING --------------------------------------------------------------------------------- */

/* Never answered with a fault (SOA-13), and not for ever. */
static enum session_verdict odd(struct session *session, const struct envelope *envelope,
                                struct session_output *out) {
    if (++session->odd_answers > SESSION_ODDITIES) {
        return fail(session, out, "the ACS goes on sending %.64s, which nobody asked for", envelope->method);
    }
    log_warning("the ACS sent %.64s, which nobody asked for%s%s", envelope->method,
                envelope->kind == ENVELOPE_FAULT ? ": " : "",
                envelope->kind == ENVELOPE_FAULT ? fault_words(session, envelope) : "");
    return our_turn(session, out);
}

/* Its ID is not known: it was not read. */
static enum session_verdict too_long(struct session *session, struct session_output *out) {
    const struct envelope_header header = {.ns = session->ns};
    struct tr069_fault fault;
    int result;

    if (++session->odd_answers > SESSION_ODDITIES) {
        return end_badly(session, out);
    }
    (void) tr069_fault(&fault, TR069_RESOURCES_EXCEEDED, "the request is too long");
    result =
        envelope_fault(session->writer, &header, &fault, NULL, 0, false, &session->body, &session->length);
    return result < 0 ? end_badly(session, out)
                      : send_body(session, SESSION_LISTENING, "a request that is too long", out);
}

static enum session_verdict state_listening(struct session *session, const struct input *input,
                                            struct session_output *out) {
    struct envelope envelope = {0};
    const enum answer_kind kind = read_answer(session, input, &envelope);

    if (is_fault_by_status(input, kind, &envelope)) { /* to no request of ours: the ACS broke off */
        return fail(session, out, "the ACS answered with HTTP status %d: %s", input->status,
                    fault_words(session, &envelope));
    }
    if (!status_is_good(input)) {
        status_reason(session, input);
        return end_badly(session, out);
    }
    switch (kind) {
    case ANSWER_EMPTY:
        return session->final_sent ? end_well(session, out) : our_turn(session, out);
    case ANSWER_TOO_LONG:
        return too_long(session, out);
    case ANSWER_BAD:
        return end_badly(session, out);
    case ANSWER_MESSAGE:
        break;
    }
    switch (envelope.kind) {
    case ENVELOPE_REQUEST:
        return serve(session, &envelope, out);
    case ENVELOPE_RESPONSE:
    case ENVELOPE_FAULT:
        break;
    }
    return odd(session, &envelope, out);
}

/* ---- The machine ------------------------------------------------------------------------------- */

/* Something that does not belong into this state: nothing happens but a line in the log. */
static enum session_verdict misuse(struct session *session, const struct input *input,
                                   struct session_output *out) {
    static const char *const names[] = {"start", "answer", "resume"};
    enum { LOOK_AGAIN_MS = 60000 };
    if (input->kind != INPUT_RESUME) {
        log_error("%s while %s", names[input->kind], state_names[session->state]);
    }
    return wait_until(session, session->now.mono_ms + LOOK_AGAIN_MS, out);
}

static enum session_verdict step(struct session *session, const struct moment *now, const struct input *input,
                                 struct session_output *ret_output) {
    *ret_output = (struct session_output){0};
    session->now = *now;
    session->waiting = false;
    switch (session->state) {
    case SESSION_IDLE:
        return input->kind == INPUT_START ? begin(session, ret_output) : misuse(session, input, ret_output);
    case SESSION_PREPARING:
        return input->kind == INPUT_RESUME ? state_preparing(session, ret_output)
                                           : misuse(session, input, ret_output);
    case SESSION_INFORMING:
        return input->kind == INPUT_ANSWER ? state_informing(session, input, ret_output)
                                           : misuse(session, input, ret_output);
    case SESSION_REQUESTING:
        return input->kind == INPUT_ANSWER ? state_requesting(session, input, ret_output)
                                           : misuse(session, input, ret_output);
    case SESSION_LISTENING:
        return input->kind == INPUT_ANSWER ? state_listening(session, input, ret_output)
                                           : misuse(session, input, ret_output);
    case SESSION_WORKING:
        return input->kind == INPUT_RESUME ? work(session, ret_output) : misuse(session, input, ret_output);
    }
    *ret_output =
        (struct session_output){.reason = "no such state", .retry_ms = UINT64_MAX}; /* not reached */
    return SESSION_FAILED;
}

enum session_verdict session_start(struct session *session, const struct moment *now,
                                   struct session_output *ret_output) {
    const struct input input = {.kind = INPUT_START};
    return step(session, now, &input, ret_output);
}

enum session_verdict session_answer(struct session *session, int http_status, const char *body, size_t length,
                                    const char *error, const struct moment *now,
                                    struct session_output *ret_output) {
    const struct input input = {INPUT_ANSWER, http_status, body != NULL ? body : "",
                                body != NULL ? length : 0, error};
    return step(session, now, &input, ret_output);
}

enum session_verdict session_resume(struct session *session, const struct moment *now,
                                    struct session_output *ret_output) {
    const struct input input = {.kind = INPUT_RESUME};
    return step(session, now, &input, ret_output);
}

void session_refreshed(struct session *session) {
    if (session->waiting && session->setup.on_ready != NULL &&
        model_refresh_pending(session->setup.model) == 0) {
        session->setup.on_ready(session->setup.user);
    }
}

enum session_verdict session_abort(struct session *session, const char *reason, const struct moment *now,
                                   struct session_output *ret_output) {
    *ret_output = (struct session_output){.reason = reason, .retry_ms = UINT64_MAX};
    session->now = *now;
    session->waiting = false;
    if (session->state == SESSION_IDLE) {
        return SESSION_FAILED;
    }
    if (session->state == SESSION_PREPARING) { /* nothing left the box: no attempt, so RetryCount stays */
        (void) snprintf(session->reason, sizeof session->reason, "%s", reason);
        return give_up(session, ret_output);
    }
    return fail(session, ret_output, "%s", reason);
}

/* ---- Around sessions --------------------------------------------------------------------------- */

int session_after(struct session *session, void (*call)(void *user, bool well), void *user) {
    struct promise *grown;
    if (session->state == SESSION_IDLE) {
        call(user, true);
        return 0;
    }
    if (session->promise_count == SESSION_PROMISES) {
        return -ENOSPC;
    }
    grown = realloc(session->promises, (session->promise_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return -ENOMEM;
    }
    session->promises = grown;
    session->promises[session->promise_count++] = (struct promise){call, user};
    return 0;
}

unsigned session_retry_count(const struct session *session) {
    return session->retry_count;
}

void session_forget(struct session *session) {
    (void) store_remove_all(session->setup.store, "session/");
    session->retry_count = 0;
    session->failures = 0;
    session->unreported_times = 0;
    version_free(&session->versions);
}

const char *session_parameter_key(const struct session *session) {
    const char *key = store_get(session->setup.store, RPC_PARAMETER_KEY);
    return key != NULL ? key : "";
}

int session_new(const struct session_setup *setup, struct session **ret_session) {
    struct session *session = calloc(1, sizeof *session);
    int64_t retries;

    if (session == NULL) {
        return -ENOMEM;
    }
    session->setup = *setup;
    session->config = setup->config;
    buffer_init(&session->identity, IDENTITY_MAX);
    buffer_init(&session->told, TOLD_MAX);
    retries = store_get_int(setup->store, RETRY_COUNT, 0);
    session->retry_count = retries > 0 && retries <= UINT32_MAX ? (unsigned) retries : 0;
    session->scope = (struct rpc_scope){.rpcs = setup->rpcs,
                                        .model = setup->model,
                                        .store = setup->store,
                                        .deferred_ms = setup->config->call_timeout_s != 0
                                                           ? (uint64_t) setup->config->call_timeout_s * 1000
                                                           : RPC_DEFERRED_MS,
                                        .on_ready = setup->on_ready,
                                        .user = setup->user};
    *ret_session = session;
    return 0;
}

void session_free(struct session *session) {
    if (session == NULL) {
        return;
    }
    drop_call(session);
    model_selection_free(session->selection);
    free_envelopes(session);
    buffer_free(&session->identity);
    buffer_free(&session->told);
    version_free(&session->versions);
    free(session->promises);
    free(session);
}
