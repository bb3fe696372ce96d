/* Runs the steps of a session: each POST of the CPE gets exactly one answer. */
#include <config.h>

#include "engine.h"

#include "base/text.h"
#include "check.h"
#include "expect.h"
#include "scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a step did with the POST that waits for its answer. */
enum outcome {
    GO_ON,    /* the next step looks at the same POST */
    ANSWERED, /* the reply is made; the step is done */
    AGAIN     /* the reply is made; the same step looks at the next POST */
};

struct turn {
    struct session *session;
    const struct message *message;
    const struct request *request;
    struct reply *reply;
    const struct step *step;
    const char *const *word; /* expanded */
    size_t count;
};

static void fail(const struct turn *turn, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(const struct turn *turn, const char *format, ...) {
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    report_failure(&turn->session->acs->report, turn->session->number,
                   turn->step != NULL ? turn->step->line : 0, "%s", text);
}

static void tell(const struct session *session, const char *text) {
    report_line(&session->acs->report, session->number, "->", "%s%s", text,
                session->hold ? " (HoldRequests)" : "");
}

/* The ordinary response to a request of the CPE. */
static void respond(struct turn *turn) {
    struct session *session = turn->session;
    const struct message *message = turn->message;
    const char *body = response_body(message->method);
    char text[120];
    if (strcmp(message->method, "Inform") == 0) {
        session_agree(session, message);
    }
    if (body != NULL) {
        (void) snprintf(text, sizeof text, "%sResponse", message->method);
        session_envelope(session, turn->reply, message->id, body);
    } else {
        char *fault = fault_body(8000);
        (void) snprintf(text, sizeof text, "Fault 8000");
        session_envelope(session, turn->reply, message->id, fault);
        free(fault);
    }
    tell(session, text);
    if (strcmp(message->method, "Inform") == 0) {
        session->inform_answered = true;
    }
}

static void send_rpc(struct turn *turn, struct rpc *rpc) {
    struct session *session = turn->session;
    char id[80];
    (void) snprintf(id, sizeof id, "acs-%u-%u", session->number, ++session->ids);
    rpc_free(session->outstanding);
    session->outstanding = rpc;
    if (!rpc->raw) {
        (void) text_copy(session->outstanding_id, sizeof session->outstanding_id, id);
        session_envelope(session, turn->reply, id, rpc->body);
    } else {
        const char *raw_id = rpc->raw_id != NULL ? rpc->raw_id : "";
        const char *place = strstr(rpc->body, "{id}");
        (void) text_copy(session->outstanding_id, sizeof session->outstanding_id,
                         strcmp(raw_id, "{id}") == 0 ? id : raw_id);
        buffer_reset(&turn->reply->body);
        if (place != NULL) {
            (void) buffer_append(&turn->reply->body, rpc->body, (size_t) (place - rpc->body));
            (void) buffer_text(&turn->reply->body, id);
            (void) buffer_text(&turn->reply->body, place + 4);
        } else {
            (void) buffer_text(&turn->reply->body, rpc->body);
        }
        turn->reply->status = 200;
        session->hold_sent = false;
        if (turn->reply->content_type == NULL) {
            replace_text(&turn->reply->content_type, "text/xml; charset=\"utf-8\"");
        }
    }
    tell(session, rpc->text);
}

/* An SetParameterValues of the connection request's credentials, once it has succeeded. */
static void learn_credentials(struct session *session, const struct rpc *rpc) {
    struct message sent;
    char *xml = must_format(
        "<e:Envelope xmlns:e=\"" NS_SOAP "\" xmlns:cwmp=\"" NS_CWMP_PREFIX "0\" xmlns:xsi=\"" NS_XSI
        "\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\"><e:Body>%s</e:Body>"
        "</e:Envelope>",
        rpc->body);
    message_parse(xml, strlen(xml), &sent);
    char *user = message_value(&sent, "*.ManagementServer.ConnectionRequestUsername", NULL);
    char *password = message_value(&sent, "*.ManagementServer.ConnectionRequestPassword", NULL);
    struct settings *settings = &session->acs->settings;
    if (user != NULL) {
        replace_text(&settings->connreq_user, user);
    }
    if (password != NULL) {
        replace_text(&settings->connreq_password, password);
    }
    free(user);
    free(password);
    message_free(&sent);
    free(xml);
}

/* Whether the steps that follow speak about a fault themselves. */
static bool fault_is_expected(const struct session *session) {
    for (size_t i = session->step; session->item != NULL && i < session->item->count; i++) {
        const struct words *words = &session->item->steps[i].words;
        if (strcmp(words->word[0], "expect") != 0 || words->count < 2) {
            return false;
        }
        if (strstr(words->word[1], "fault") != NULL || strcmp(words->word[1], "not") == 0) {
            return true;
        }
    }
    return false;
}

/* The answer to what was sent has come, or something else instead of it. */
static void take_result(struct turn *turn) {
    struct session *session = turn->session;
    struct rpc *rpc = session->outstanding;
    const struct message *message = turn->message;
    bool result = message->kind == MESSAGE_RESPONSE || message->kind == MESSAGE_FAULT;
    if (rpc == NULL) {
        return;
    }
    session->outstanding = NULL;
    check_response(session, rpc, message);
    if (message->kind == MESSAGE_RESPONSE && strcmp(rpc->method, "SetParameterValues") == 0 && !rpc->raw) {
        learn_credentials(session, rpc);
    }
    if (session->job != NULL) {
        struct job *job = session->job;
        session->job = NULL;
        job->call(job->user, result ? message : NULL);
        free(job);
    } else if (message->kind == MESSAGE_FAULT && !fault_is_expected(session)) {
        turn->step =
            session->step > 0 && session->item != NULL ? &session->item->steps[session->step - 1] : NULL;
        fail(turn, "expected %sResponse, got a fault %u", rpc->method, message->fault);
    }
    rpc_free(rpc);
}

/* ---- the steps ------------------------------------------------------------------------------------ */

static enum outcome step_expect(struct turn *turn) {
    char why[500] = "";
    int met = expect_check(turn->word, turn->count, turn->message, turn->request, why, sizeof why);
    if (met > 0) {
        turn->session->acs->report.expectations++;
    } else {
        fail(turn, "%s", why);
    }
    return GO_ON;
}

static enum outcome step_http(struct turn *turn) {
    struct session *session = turn->session;
    char error[300];
    uint64_t times = 1;
    size_t count = turn->count;
    if (count > 1 && word_value(turn->word[count - 1], "times") != NULL) {
        (void) parse_number(word_value(turn->word[count - 1], "times"), UINT64_MAX, &times);
        count--;
    }
    int effect = reply_modify(turn->reply, turn->word, count, error, sizeof error);
    if (effect < 0) {
        fail(turn, "%s", error);
        return GO_ON;
    }
    if (effect == HTTP_MODIFIES) {
        return GO_ON;
    }
    if (effect == HTTP_REPEATS) {
        session->repeat_due = true;
        session->repeat_why = turn->reply->status == 401 ? "401" : "a redirect";
    }
    if (effect == HTTP_ANSWERS && turn->reply->status < 300 && turn->reply->body.length == 0) {
        turn->reply->ends = session->done; /* an empty answer, whatever its status */
        session->hold_sent = false;
    }
    return ++session->step_times < times ? AGAIN : ANSWERED;
}

static enum outcome step_fault(struct turn *turn) {
    struct session *session = turn->session;
    uint64_t code = 0;
    char text[40];
    (void) parse_number(turn->word[0], 8999, &code);
    if (turn->message->kind != MESSAGE_REQUEST) {
        fail(turn, "a fault of the ACS answers a request of the CPE, and none came");
        return GO_ON;
    }
    char *body = fault_body((unsigned) code);
    session_envelope(session, turn->reply, turn->message->id, body);
    free(body);
    (void) snprintf(text, sizeof text, "Fault %u", (unsigned) code);
    tell(session, text);
    if (code == 8005) {
        session->repeat_due = true;
        session->repeat_why = "fault 8005";
    } else if (strcmp(turn->message->method, "Inform") == 0) {
        turn->reply->breaks = true;
    }
    return ANSWERED;
}

static enum outcome step_answer(struct turn *turn) {
    if (turn->message->kind != MESSAGE_REQUEST) {
        return GO_ON;
    }
    respond(turn);
    return ANSWERED;
}

/* request METHOD: waits until the CPE calls it. */
static enum outcome step_request(struct turn *turn) {
    struct session *session = turn->session;
    const struct message *message = turn->message;
    if (message->kind == MESSAGE_REQUEST && glob_match(turn->word[0], message->method)) {
        session->acs->report.expectations++;
        return GO_ON;
    }
    if (message->kind == MESSAGE_REQUEST) {
        respond(turn);
        return AGAIN;
    }
    if (!session->done) { /* it was held: let it speak */
        turn->reply->status = 204;
        session->hold_sent = false;
        return AGAIN;
    }
    char gist[300];
    message_gist(message, gist, sizeof gist);
    fail(turn, "expected the CPE to call %s, got %s", turn->word[0], gist);
    return GO_ON;
}

static enum outcome step_hold(struct turn *turn) {
    turn->session->hold = strcmp(turn->word[0], "on") == 0;
    return GO_ON;
}

static enum outcome step_wait(struct turn *turn) {
    unsigned ms = 0;
    (void) parse_seconds(turn->word[0], &ms);
    turn->reply->delay_ms += ms;
    return GO_ON;
}

/* save value NAME as VARIABLE | save argument PATH as VARIABLE */
static enum outcome step_save(struct turn *turn) {
    char *found = strcmp(turn->word[0], "value") == 0 ? message_value(turn->message, turn->word[1], NULL)
                                                      : message_text(turn->message, turn->word[1]);
    if (found == NULL) {
        fail(turn, "expected %s in the message, to save it", turn->word[1]);
    } else {
        acs_save(turn->session->acs, turn->word[3], found);
    }
    free(found);
    return GO_ON;
}

static enum outcome step_note(struct turn *turn) {
    report_line(&turn->session->acs->report, turn->session->number, "--", "%s", turn->word[0]);
    return GO_ON;
}

static enum outcome send_or_respond(struct turn *turn, struct rpc *rpc) {
    if (turn->message->kind == MESSAGE_REQUEST) {
        rpc_free(rpc);
        respond(turn);
        return AGAIN;
    }
    send_rpc(turn, rpc);
    return ANSWERED;
}

static enum outcome step_raw(struct turn *turn) {
    const struct scenario *scenario = turn->session->acs->scenario;
    char *xml = must_dup(turn->step->text);
    if (xml == NULL) {
        char *path = turn->word[0][0] == '/' || scenario == NULL
                         ? must_dup(turn->word[0])
                         : must_format("%s/%s", scenario->directory, turn->word[0]);
        xml = read_whole_file(path, NULL);
        free(path);
    }
    if (xml == NULL) {
        fail(turn, "%s cannot be read", turn->word[0]);
        return GO_ON;
    }
    struct rpc *rpc = rpc_raw(xml, turn->word[0]);
    free(xml);
    return send_or_respond(turn, rpc);
}

static enum outcome step_rpc(struct turn *turn, const struct words *words) {
    struct rpc *rpc = NULL;
    char error[300];
    if (rpc_parse(words, &rpc, error, sizeof error) < 0) {
        fail(turn, "%s", error);
        return GO_ON;
    }
    return send_or_respond(turn, rpc);
}

static const struct {
    const char *word;
    size_t least;
    size_t most;
    enum outcome (*call)(struct turn *turn);
} rows[] = {
    {"expect", 1, 66, step_expect}, {"http", 1, 9, step_http},       {"fault", 1, 1, step_fault},
    {"answer", 0, 0, step_answer},  {"request", 1, 1, step_request}, {"hold", 1, 1, step_hold},
    {"wait", 1, 1, step_wait},      {"save", 4, 4, step_save},       {"note", 1, 1, step_note},
    {"raw", 1, 1, step_raw},
};

static enum outcome run_step(struct turn *turn, const struct words *words) {
    turn->word = (const char *const *) words->word + 1;
    turn->count = words->count - 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, words->word[0]) == 0) {
            return rows[i].call(turn);
        }
    }
    if (words->word[0][0] >= 'A' && words->word[0][0] <= 'Z') {
        return step_rpc(turn, words);
    }
    char error[300];
    if (settings_apply(turn->session->acs, words, false, error, sizeof error) <= 0) {
        fail(turn, "%s", error);
    }
    return GO_ON;
}

/* True when a step made the reply. */
static bool run_steps(struct turn *turn) {
    struct session *session = turn->session;
    while (session->item != NULL && session->step < session->item->count) {
        struct words words;
        turn->step = &session->item->steps[session->step];
        acs_expand_words(session->acs, &turn->step->words, &words);
        enum outcome outcome = run_step(turn, &words);
        words_free(&words);
        if (outcome != AGAIN) {
            session->step++;
            session->step_times = 0;
        }
        if (outcome != GO_ON) {
            return true;
        }
    }
    turn->step = NULL;
    return false;
}

static const char *const chaos_words[][4] = {
    [CHAOS_CUT] = {"cut"},
    [CHAOS_HALF] = {"cut-after"},
    [CHAOS_REDIRECT] = {"redirect", "307", NULL},
    [CHAOS_STATUS] = {"status", "500"},
    [CHAOS_GARBAGE] = {"garbage"},
};

/* True when chaos made the reply. */
static bool run_chaos(struct turn *turn) {
    struct session *session = turn->session;
    struct acs *acs = session->acs;
    char error[200];
    enum chaos_kind kind = session->chaos;
    if (kind == CHAOS_CLOSE) {
        turn->reply->close = true;
        acs->chaos.made[kind] += session->answers == 0 ? 1 : 0;
        return false;
    }
    bool at_inform = kind == CHAOS_FAULT || kind == CHAOS_RETRY;
    if (kind == CHAOS_NONE || session->answers != (at_inform ? 0 : session->chaos_at)) {
        return false;
    }
    session->chaos = CHAOS_NONE;
    acs->chaos.made[kind]++;
    report_line(&acs->report, session->number, "--", "chaos");
    if (at_inform) {
        turn->word = (const char *[]){kind == CHAOS_FAULT ? "8002" : "8005"};
        return step_fault(turn) == ANSWERED;
    }
    const char *word[4] = {chaos_words[kind][0], chaos_words[kind][1], chaos_words[kind][2]};
    char *other = must_format("/acs/moved-%u", session->number);
    size_t count = 0;
    if (kind == CHAOS_REDIRECT) {
        word[2] = other;
    }
    while (count < 4 && word[count] != NULL) {
        count++;
    }
    int effect = reply_modify(turn->reply, word, count, error, sizeof error);
    free(other);
    if (effect == HTTP_REPEATS) {
        session->repeat_due = true;
        session->repeat_why = "a redirect";
    }
    return effect > HTTP_MODIFIES;
}

/* `behaviour`: true when it made the reply. */
static bool run_behaviour(struct turn *turn) {
    int effect = behaviour_apply(&turn->session->acs->settings.behaviour, turn->reply);
    if (effect == HTTP_REPEATS) {
        turn->session->repeat_due = true;
        turn->session->repeat_why = turn->reply->status == 401 ? "401" : "a redirect";
    }
    return effect > HTTP_MODIFIES;
}

/* The scenario has nothing more for this session. */
static void run_rest(struct turn *turn) {
    struct session *session = turn->session;
    if (turn->message->kind == MESSAGE_REQUEST) {
        respond(turn);
        return;
    }
    struct job *job = control_next_job(session->acs);
    if (job != NULL) {
        session->job = job;
        struct rpc *rpc = job->rpc;
        job->rpc = NULL;
        send_rpc(turn, rpc);
        return;
    }
    if (session->acs->settings.linger_ms > 0 && !turn->reply->breaks) {
        turn->reply->wait = true;
        return;
    }
    buffer_reset(&turn->reply->body);
    turn->reply->status = 204;
    session->hold_sent = false;
    turn->reply->ends = session->done;
}

void engine_answer(struct session *session, const struct message *message, struct reply *reply) {
    struct turn turn = {.session = session, .message = message, .reply = reply};
    turn.request = reply->of;
    take_result(&turn);
    if (message->kind == MESSAGE_BROKEN) {
        reply->status = 400;
        reply->breaks = true;
        return;
    }
    if (run_chaos(&turn) || run_behaviour(&turn) || run_steps(&turn)) {
        return;
    }
    run_rest(&turn);
}

void engine_abandon(struct session *session) {
    if (session->job != NULL) {
        struct job *job = session->job;
        session->job = NULL;
        job->call(job->user, NULL);
        free(job);
    }
    if (session->item != NULL && session->step < session->item->count && session->state == SESSION_FAILED) {
        const struct step *step = &session->item->steps[session->step];
        report_failure(&session->acs->report, session->number, step->line,
                       "the session was over before \"%s %s\"", step->words.word[0],
                       step->words.count > 1 ? step->words.word[1] : "");
    }
}

/* ---- looking at a step before it runs -------------------------------------------------------------- */

static int check_words(const struct words *words, char *error, size_t error_size) {
    const char *const *word = (const char *const *) words->word + 1;
    size_t count = words->count - 1;
    const char *name = words->word[0];
    uint64_t number = 0;
    unsigned ms = 0;
    (void) snprintf(error, error_size, "%s: wrong argument \"%s\"", name, count > 0 ? word[0] : "");
    if (strcmp(name, "expect") == 0) {
        return expect_check(word, count, NULL, NULL, error, error_size) < 0 ? -EINVAL : 0;
    }
    if (strcmp(name, "http") == 0) {
        struct behaviour trial = {0};
        int rc = behaviour_set(&trial, word, count, error, error_size);
        words_free(&trial.words);
        return rc;
    }
    if (strcmp(name, "fault") == 0) {
        return parse_number(word[0], 8899, &number) && number >= 8000 ? 0 : -EINVAL;
    }
    if (strcmp(name, "hold") == 0) {
        return strcmp(word[0], "on") == 0 || strcmp(word[0], "off") == 0 ? 0 : -EINVAL;
    }
    if (strcmp(name, "wait") == 0) {
        return parse_seconds(word[0], &ms) ? 0 : -EINVAL;
    }
    if (strcmp(name, "save") == 0) {
        bool kind = strcmp(word[0], "value") == 0 || strcmp(word[0], "argument") == 0;
        return kind && strcmp(word[2], "as") == 0 ? 0 : -EINVAL;
    }
    return 0;
}

static int check_raw(const char *directory, const struct step *step, char *error, size_t error_size) {
    if (step->text != NULL || strchr(step->words.word[1], '{') != NULL) {
        return 0;
    }
    char *path = step->words.word[1][0] == '/' ? must_dup(step->words.word[1])
                                               : must_format("%s/%s", directory, step->words.word[1]);
    char *data = read_whole_file(path, NULL);
    if (data == NULL) {
        (void) snprintf(error, error_size, "%s cannot be read", path);
    }
    free(path);
    free(data);
    return data != NULL ? 0 : -EINVAL;
}

int step_check(struct acs *acs, const char *directory, struct step *step, char *error, size_t error_size) {
    const char *name = step->words.word[0];
    size_t count = step->words.count - 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, name) != 0) {
            continue;
        }
        if (count < rows[i].least || count > rows[i].most) {
            (void) snprintf(error, error_size, "%s: too few or too many words", name);
            return -EINVAL;
        }
        int rc = check_words(&step->words, error, error_size);
        return rc == 0 && strcmp(name, "raw") == 0 ? check_raw(directory, step, error, error_size) : rc;
    }
    if (*name >= 'A' && *name <= 'Z') {
        struct rpc *rpc = NULL;
        int rc = rpc_parse(&step->words, &rpc, error, error_size);
        if (rc == 0) {
            rpc_free(rpc);
        }
        return rc;
    }
    int rc = settings_apply(acs, &step->words, true, error, error_size);
    if (rc == 0) {
        (void) snprintf(error, error_size, "\"%s\" is no step", name);
    }
    return rc > 0 ? 0 : -EINVAL;
}
