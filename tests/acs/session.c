/* Which POSTs belong together, how a session begins and ends. */
#include <config.h>

#include "session.h"

#include "base/text.h"
#include "check.h"
#include "control.h"
#include "engine.h"
#include "record.h"
#include "scenario.h"
#include "validate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define violation(session, what, ...)                                                                        \
    report_violation(&(session)->acs->report, (session)->number, VIOLATION_##what, __VA_ARGS__)

static void drop(struct session *session) {
    struct acs *acs = session->acs;
    for (struct session **at = &acs->sessions; *at != NULL; at = &(*at)->next) {
        if (*at == session) {
            *at = session->next;
            break;
        }
    }
    loop_cancel(acs->loop, session->timer);
    rpc_free(session->outstanding);
    free(session->job);
    free(session->cookie_name);
    free(session->cookie_path);
    free(session->events);
    free(session);
}

static void rearm(struct session *session, unsigned ms, loop_call *call) {
    loop_cancel(session->acs->loop, session->timer);
    session->timer = loop_after(session->acs->loop, ms, call, session);
}

static void on_silence(void *user) {
    struct session *session = user;
    session->timer = NULL;
    if (session->state == SESSION_OPEN && session->doubtful) {
        session_over(session, false, "broken off by the CPE, as it may");
    } else if (session->state == SESSION_OPEN) {
        violation(session, SESSION_BROKEN, "the CPE %s in the middle of the session",
                  session->connection != NULL ? "fell silent" : "went away");
        session_over(session, false, "the CPE went away");
    }
    if (session->connection == NULL) {
        drop(session);
    }
}

static void on_left_open(void *user) {
    struct session *session = user;
    session->timer = NULL;
    if (session->connection != NULL) {
        violation(session, LEFT_OPEN, "%u ms after the end of the session the connection is still open",
                  session->acs->settings.patience_ms[PATIENCE_CLOSE]);
    }
}

static struct device *device_of(struct acs *acs, const char *name) {
    struct device *device = acs->devices;
    while (device != NULL && strcmp(device->name, name) != 0) {
        device = device->next;
    }
    if (device == NULL) {
        device = must_alloc(sizeof *device);
        (void) text_copy(device->name, sizeof device->name, name);
        device->next = acs->devices;
        acs->devices = device;
    }
    return device;
}

void session_over(struct session *session, bool ok, const char *why) {
    struct acs *acs = session->acs;
    if (session->state != SESSION_OPEN) {
        return;
    }
    session->state = ok ? SESSION_ENDED : SESSION_FAILED;
    acs->sessions_ok += ok ? 1 : 0;
    acs->sessions_failed += ok ? 0 : 1;
    struct device *device = device_of(acs, session->device);
    device->known_outcome = true;
    device->last_ok = ok;
    report_line(&acs->report, session->number, "--", "session %s", ok ? "ended" : why);
    if (session->connection != NULL) {
        session->connection->ended_session = ok;
    }
    rearm(session, acs->settings.patience_ms[PATIENCE_CLOSE], ok ? on_left_open : on_silence);
    engine_abandon(session);
    struct item *item = session->item;
    session->item = NULL;
    control_session_over(acs, session, ok);
    scenario_session_over(acs, item);
    if (acs->options.once) {
        loop_stop(acs->loop);
    }
}

/* ---- which session a request belongs to ----------------------------------------------------------- */

static bool has_cookie(const struct session *session, const struct request *request) {
    const char *header = request_header(request, "Cookie");
    return header != NULL && strstr(header, session->token) != NULL;
}

static struct session *by_cookie(struct acs *acs, const struct request *request) {
    struct session *session = acs->sessions;
    while (session != NULL && !has_cookie(session, request)) {
        session = session->next;
    }
    return session;
}

static struct session *by_connection(struct acs *acs, const struct request *request) {
    struct session *found = NULL;
    for (struct session *session = acs->sessions; session != NULL; session = session->next) {
        if (session->connection == request->connection && (found == NULL || session->state == SESSION_OPEN)) {
            found = session;
        }
    }
    return found;
}

/* Without cookie and connection: an open session of that address, best one that lost its connection. */
static struct session *by_address(struct acs *acs, const struct request *request) {
    struct session *found = NULL;
    for (struct session *session = acs->sessions; session != NULL; session = session->next) {
        if (session->state == SESSION_OPEN && strcmp(session->address, request->connection->address) == 0 &&
            (found == NULL || session->connection == NULL)) {
            found = session;
        }
    }
    return found;
}

static void device_name(const struct message *message, char *out, size_t size) {
    char *oui = message_text(message, "DeviceId/OUI");
    char *class = message_text(message, "DeviceId/ProductClass");
    char *serial = message_text(message, "DeviceId/SerialNumber");
    (void) snprintf(out, size, "%s-%s-%s", oui != NULL ? oui : "", class != NULL ? class : "",
                    serial != NULL ? serial : "");
    free(oui);
    free(class);
    free(serial);
}

static void choose_chaos(struct session *session) {
    const struct chaos *chaos = &session->acs->chaos;
    uint64_t x = chaos->seed * 0x9e3779b97f4a7c15u + session->number * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 31)) * 0x94d049bb133111ebu;
    x ^= x >> 29;
    unsigned dice = (unsigned) (x % 100);
    session->chaos = CHAOS_NONE;
    session->chaos_at = (unsigned) ((x >> 20) % 3);
    unsigned edge = 0;
    for (int kind = 0; kind < CHAOS_NONE; kind++) {
        edge += chaos->share[kind];
        if (dice < edge) {
            session->chaos = (enum chaos_kind) kind;
            break;
        }
    }
}

static struct session *begin(struct acs *acs, struct request *request, const char *device) {
    struct session *session = must_alloc(sizeof *session);
    session->acs = acs;
    session->number = ++acs->session_count;
    session->connection = request->connection;
    session->space = "urn:dslforum-org:cwmp-1-0";
    (void) text_copy(session->device, sizeof session->device, device);
    (void) text_copy(session->address, sizeof session->address, request->connection->address);
    random_token(session->token);
    session->cookie_name = must_dup(acs->settings.cookie_name);
    session->cookie_path = must_dup(acs->settings.cookie_path);
    choose_chaos(session);
    session->next = acs->sessions;
    acs->sessions = session;
    return session;
}

/* Other open sessions of the same CPE: it may have only one. */
static void check_single(struct session *session) {
    struct session *next = NULL;
    for (struct session *other = session->acs->sessions; other != NULL; other = next) {
        next = other->next;
        if (other == session || other->state != SESSION_OPEN || strcmp(other->device, session->device) != 0) {
            continue;
        }
        if (other->connection != NULL) {
            violation(session, TWO_SESSIONS, "session #%u of this CPE is still running", other->number);
        } else if (!other->doubtful) {
            violation(other, SESSION_BROKEN, "the CPE began a new session without ending this one");
        }
        session_over(other, false, "the CPE began another one");
        if (other->connection == NULL) {
            drop(other);
        }
    }
}

static struct session *for_inform(struct acs *acs, struct request *request, const struct message *message) {
    char device[200];
    device_name(message, device, sizeof device);
    struct session *cookie = by_cookie(acs, request);
    struct session *session =
        cookie != NULL && cookie->state == SESSION_OPEN ? cookie : by_connection(acs, request);
    if (session != NULL && session->state == SESSION_OPEN) {
        return session;
    }
    for (struct session *other = acs->sessions; other != NULL; other = other->next) {
        if (other->state == SESSION_OPEN && other->repeat_due && strcmp(other->device, device) == 0) {
            return other;
        }
    }
    const struct session *before = session;
    session = begin(acs, request, device);
    if (cookie != NULL) {
        violation(session, COOKIE_STALE, "the cookie of session #%u came back", cookie->number);
    }
    if (before != NULL && before->state == SESSION_ENDED) {
        violation(session, CONNECTION_REUSED, "Inform on the connection of session #%u", before->number);
    }
    check_single(session);
    return session;
}

static struct session *find_session(struct acs *acs, struct request *request, const struct message *message) {
    if (message->kind == MESSAGE_REQUEST && strcmp(message->method, "Inform") == 0) {
        return for_inform(acs, request, message);
    }
    struct session *session = by_cookie(acs, request);
    session = session != NULL ? session : by_connection(acs, request);
    session = session != NULL ? session : by_address(acs, request);
    if (session != NULL && session->state == SESSION_OPEN) {
        return session;
    }
    if (session != NULL && session->cut && session->repeat_hash == message->hash) {
        /* HTTP clients do that on their own when a connection that was in use breaks */
        report_line(&acs->report, session->number, "--", "the message whose answer was cut came again");
        return NULL;
    }
    if (session != NULL) {
        violation(session, REQUEST_AFTER_END, "a POST after the session was over");
        return NULL;
    }
    session = begin(acs, request, "?");
    return session;
}

/* ---- one POST ------------------------------------------------------------------------------------- */

static void move_connection(struct session *session, struct request *request) {
    if (session->connection != request->connection) {
        if (!session->may_reconnect && session->repeat_due && strcmp(session->repeat_why, "401") == 0) {
            violation(session, AUTH_CONNECTION, "the challenge is answered on another connection");
        } else if (!session->may_reconnect) {
            violation(session, KEEP_ALIVE, "the session goes on over another connection");
        }
        session->connection = request->connection;
    }
    session->may_reconnect = false;
}

static bool is_repeat(struct session *session, const struct request *request, uint64_t hash) {
    if (!session->repeat_due) {
        return false;
    }
    session->repeat_due = false;
    if (hash != session->repeat_hash) {
        violation(session, REPEAT_DIFFERS, "another message than the one that got %s", session->repeat_why);
    }
    (void) request;
    return true;
}

static void set_cookies(struct session *session, struct reply *reply) {
    const struct settings *settings = &session->acs->settings;
    bool good = reply->status == 200 || reply->status == 204 || settings->cookie_early;
    bool due = session->cookie_count == 0 || settings->cookie_refresh;
    if (!settings->cookies || !good || !due || reply->cut) {
        return;
    }
    session->cookie_generation += session->cookie_count > 0 ? 1 : 0;
    session->cookie_count = settings->cookie_count;
    for (unsigned i = 0; i < session->cookie_count; i++) {
        char text[400];
        char suffix[12] = "";
        if (i > 0) {
            (void) snprintf(suffix, sizeof suffix, "%u", i);
        }
        (void) snprintf(text, sizeof text, "%s%s=%s-%u%s%s", session->cookie_name, suffix, session->token,
                        session->cookie_generation, session->cookie_path != NULL ? "; Path=" : "",
                        session->cookie_path != NULL ? session->cookie_path : "");
        reply_header(reply, "Set-Cookie", text);
    }
}

static void tell_reply(struct session *session, const struct reply *reply) {
    struct report *report = &session->acs->report;
    if (reply->cut || reply->raw != NULL) {
        report_line(report, session->number, "->", reply->cut ? "(connection cut)" : "(raw octets, cut)");
        return;
    }
    bool message = reply->status == 200 && reply->body.length > 0;
    if (message && !reply->cut_inside) {
        return; /* session_envelope() told what is in it */
    }
    const char *location = "";
    for (size_t i = 0; i < reply->header_count; i++) {
        location = strcmp(reply->headers[i].name, "Location") == 0 ? reply->headers[i].value : location;
    }
    report_line(report, session->number, "->", "%u %s%s", reply->status, location,
                reply->cut_inside ? "(cut in the middle)" : "");
}

void session_envelope(struct session *session, struct reply *reply, const char *id, const char *body) {
    const struct settings *settings = &session->acs->settings;
    struct envelope envelope = {.space = session->space,
                                .id = id,
                                .hold = session->hold,
                                .pad = reply->pad,
                                .dtd = reply->dtd,
                                .use_version =
                                    strstr(body, "InformResponse") != NULL ? settings->use_version : NULL};
    buffer_reset(&reply->body);
    (void) envelope_write(&reply->body, &envelope, body);
    session->hold_sent = session->hold;
    reply->status = 200;
    if (reply->content_type == NULL) {
        replace_text(&reply->content_type, "text/xml; charset=\"utf-8\"");
    }
}

/* The engine's answer, and what belongs to it of authentication. */
static void answer_it(struct session *session, const struct message *message, struct request *request) {
    struct auth_rules *rules = &session->acs->settings.auth;
    engine_answer(session, message, &request->reply);
    if (request->reply.status == 401) {
        auth_challenge(rules, request, &request->reply, false);
    } else if (!request->reply.wait) {
        auth_approve(rules, request, &request->reply);
    }
}

static void on_linger(void *user) {
    struct session *session = user;
    session->timer = NULL;
    session_continue(session, true);
}

/* After the reply is made: cookies, connection, what must come next. */
static void finish(struct session *session, struct request *request, uint64_t hash) {
    struct reply *reply = &request->reply;
    const struct settings *settings = &session->acs->settings;
    if (reply->wait) {
        session->waiting = request;
        session->waiting_hash = hash;
        rearm(session, settings->linger_ms, on_linger);
        return;
    }
    session->answers++;
    session->doubtful = reply->doubtful;
    if (reply->cut_inside && reply->body.length == 0) {
        reply->cut = true;
    }
    if (settings->close) {
        reply->close = true;
    }
    set_cookies(session, reply);
    tell_reply(session, reply);
    bool moved = reply->status >= 300 && reply->status < 400;
    session->may_reconnect =
        session->may_reconnect || moved || reply->close || reply->encoding == ENCODING_CLOSE;
    session->cut = reply->cut || reply->cut_inside || reply->raw != NULL;
    session->repeat_hash = hash;
    if (session->state == SESSION_OPEN) {
        rearm(session, settings->patience_ms[PATIENCE_SILENCE] + reply->delay_ms, on_silence);
    }
    if (reply->breaks) {
        session_over(session, false, "broken by the ACS");
    } else if (reply->ends) {
        session_over(session, true, "");
    }
}

/* True when the request may go on; else the reply challenges. */
static bool authorized(struct session *session, struct request *request) {
    struct auth_rules *rules = &session->acs->settings.auth;
    struct connection *connection = request->connection;
    bool sent = request_header(request, "Authorization") != NULL;
    bool stale = false;
    char fault[300];
    if (sent && !connection->challenged && session->messages == 1) {
        violation(session, AUTH_UNASKED, "credentials came before any challenge");
    }
    enum auth_verdict verdict = auth_check(rules, request, &stale, fault, sizeof fault);
    if (*fault != '\0') {
        violation(session, DIGEST, "%s", fault);
    }
    if (verdict == AUTH_OK) {
        connection->authenticated = true;
        return true;
    }
    if (verdict == AUTH_WRONG) {
        report_line(&session->acs->report, session->number, "--", "wrong credentials");
    }
    auth_challenge(rules, request, &request->reply, stale);
    return false;
}

static void repeat(struct session *session, const char *why) {
    session->repeat_due = true;
    session->repeat_why = why;
}

/* The answer's namespace: what the scenario says, else that of the Inform. */
void session_agree(struct session *session, const struct message *message) {
    const struct settings *settings = &session->acs->settings;
    const char *version = settings->use_version != NULL ? settings->use_version : settings->version;
    if (version == NULL) {
        version = text_ends(message->space, "1-0") ? "1.0" : text_ends(message->space, "1-1") ? "1.1" : "1.2";
    }
    session->space = strcmp(version, "1.0") == 0   ? "urn:dslforum-org:cwmp-1-0"
                     : strcmp(version, "1.1") == 0 ? "urn:dslforum-org:cwmp-1-1"
                                                   : "urn:dslforum-org:cwmp-1-2";
}

static void inspect(struct session *session, struct request *request, struct message *message, bool again) {
    struct acs *acs = session->acs;
    if (!again) {
        record_message(acs, session->number, request, message);
        validator_check(acs->validator, &acs->report, session->number, message);
        check_values(session, message);
    }
    check_http(session, request, message);
    check_cookies(session, request);
    check_turn(session, message, again);
    if (message->kind != MESSAGE_REQUEST || strcmp(message->method, "Inform") != 0) {
        return;
    }
    if (!again) {
        check_inform(session, message);
        session_agree(session, message);
    }
}

static void answer(struct session *session, struct request *request, struct message *message) {
    if (!authorized(session, request)) {
        repeat(session, "401");
        request->reply.doubtful = true; /* without the right credentials it can but give up */
        return;
    }
    if (message->kind == MESSAGE_EMPTY && !session->hold_sent) {
        session->done = true;
    }
    answer_it(session, message, request);
}

static void keep_inform(struct acs *acs, const struct request *request, struct message *message) {
    if (message->kind == MESSAGE_REQUEST && strcmp(message->method, "Inform") == 0) {
        message_free(&acs->last_inform);
        acs->last_inform = *message;
        *message = (struct message){.kind = MESSAGE_EMPTY};
        (void) text_copy(acs->last_address, sizeof acs->last_address, request->connection->address);
    }
}

void session_post(struct acs *acs, struct request *request) {
    struct message message;
    char gist[900];
    acs->messages++;
    request->reply.encoding = acs->settings.encoding;
    message_parse(buffer_string(&request->body), request->body.length, &message);
    message.hash = hash_octets(buffer_string(&request->body), request->body.length);
    message_gist(&message, gist, sizeof gist);
    struct session *session = find_session(acs, request, &message);
    report_line(&acs->report, session != NULL ? session->number : 0, "<-", "%s", gist);
    if (session == NULL) {
        request->reply.status = 400;
        report_line(&acs->report, 0, "->", "400");
        message_free(&message);
        return;
    }
    session->messages++;
    uint64_t hash = message.hash;
    bool was_due = session->repeat_due;
    move_connection(session, request);
    bool again = is_repeat(session, request, hash);
    inspect(session, request, &message, again && was_due);
    if (session->messages == 1) {
        session->events = message_events(&message);
        session->item = scenario_session(acs, &message);
    }
    answer(session, request, &message);
    keep_inform(acs, request, &message);
    finish(session, request, hash);
    message_free(&message);
}

/* ---- connections ---------------------------------------------------------------------------------- */

void session_connection_closed(struct acs *acs, struct connection *connection) {
    struct session *next = NULL;
    for (struct session *session = acs->sessions; session != NULL; session = next) {
        next = session->next;
        if (session->connection != connection) {
            continue;
        }
        session->connection = NULL;
        if (session->state == SESSION_FAILED && session->cut) {
            rearm(session, acs->settings.patience_ms[PATIENCE_RECONNECT], on_silence);
        } else if (session->state != SESSION_OPEN) {
            drop(session);
        } else if (session->doubtful && !session->may_reconnect) {
            session_over(session, false, "broken off by the CPE, as it may");
            drop(session);
        } else if (session->inform_answered && !session->done && session->outstanding == NULL &&
                   session->answers > 2) {
            session_over(session, true, ""); /* held, released, and nothing more to say */
        } else {
            rearm(session, acs->settings.patience_ms[PATIENCE_RECONNECT], on_silence);
        }
    }
}

void session_request_gone(struct acs *acs, struct request *request) {
    for (struct session *session = acs->sessions; session != NULL; session = session->next) {
        if (session->waiting == request) {
            session->waiting = NULL;
        }
    }
}

void session_continue(struct session *session, bool time_over) {
    struct request *request = session->waiting;
    struct message empty = {.kind = MESSAGE_EMPTY};
    if (request == NULL) {
        return;
    }
    session->waiting = NULL;
    request->reply.wait = false;
    if (time_over) {
        request->reply.status = 204;
        request->reply.ends = true;
    } else {
        answer_it(session, &empty, request);
    }
    finish(session, request, session->waiting_hash);
    if (!request->reply.wait) {
        request_answer(request);
    }
}

struct session *session_lingering(struct acs *acs) {
    struct session *session = acs->sessions;
    while (session != NULL && session->waiting == NULL) {
        session = session->next;
    }
    return session;
}

void sessions_free(struct acs *acs) {
    while (acs->sessions != NULL) {
        drop(acs->sessions);
    }
    while (acs->devices != NULL) {
        struct device *device = acs->devices;
        acs->devices = device->next;
        free(device);
    }
    message_free(&acs->last_inform);
}
