/* Reads the scenario and goes through its items. */
#include <config.h>

#include "scenario.h"

#include "base/text.h"
#include "connreq.h"
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEM_PAUSE_MS = 100, SESSION_WITHIN_MS = 60000 };

struct reader {
    struct acs *acs;
    struct scenario *scenario;
    const char *path;
    const char *at; /* the rest of the text */
    unsigned line;
    struct item *item; /* the session that steps go to, NULL: none */
    bool broken;       /* its last step breaks the session */
    char error[500];
};

static void step_free(struct step *step) {
    words_free(&step->words);
    free(step->text);
}

static void item_free(struct item *item) {
    for (size_t i = 0; i < item->count; i++) {
        step_free(&item->steps[i]);
    }
    free(item->steps);
    words_free(&item->words);
    free(item->when);
}

void scenario_free(struct scenario *scenario) {
    if (scenario == NULL) {
        return;
    }
    loop_cancel(scenario->acs->loop, scenario->timer);
    for (size_t i = 0; i < scenario->count; i++) {
        item_free(&scenario->items[i]);
    }
    if (scenario->otherwise != NULL) {
        item_free(scenario->otherwise);
        free(scenario->otherwise);
    }
    free(scenario->items);
    free(scenario->directory);
    free(scenario);
}

static int session_options(struct reader *reader, struct item *item) {
    item->repeat = 1;
    item->within_ms = SESSION_WITHIN_MS;
    for (size_t i = 1; i < item->words.count; i += 2) {
        const char *word = item->words.word[i];
        const char *value = i + 1 < item->words.count ? item->words.word[i + 1] : "";
        bool good = false;
        if (strcmp(word, "within") == 0) {
            good = parse_seconds(value, &item->within_ms);
        } else if (strcmp(word, "repeat") == 0) {
            good = parse_number(value, UINT32_MAX, &item->repeat) && item->repeat > 0;
        } else if (strcmp(word, "when") == 0) {
            replace_text(&item->when, value);
            good = *value != '\0';
        }
        if (!good) {
            (void) snprintf(reader->error, sizeof reader->error,
                            "session [within SECONDS] [repeat N] [when EVENT], not \"%s %s\"", word, value);
            return -EINVAL;
        }
    }
    return 0;
}

static int item_options(struct reader *reader, struct item *item) {
    unsigned ms = 0;
    char *error = reader->error;
    switch (item->kind) {
    case ITEM_SESSION:
        return session_options(reader, item);
    case ITEM_WAIT:
    case ITEM_QUIET:
        (void) snprintf(error, sizeof reader->error, "%s SECONDS", item->words.word[0]);
        if (item->words.count != 2 || !parse_seconds(item->words.word[1], &ms)) {
            return -EINVAL;
        }
        item->within_ms = ms;
        return 0;
    case ITEM_CONNECTION_REQUEST: {
        size_t count = item->words.count;
        if (count > 2 && strcmp(item->words.word[count - 2], "expect") == 0) {
            count -= 2;
        }
        (void) snprintf(error, sizeof reader->error,
                        "connection-request [url=] [user=] [password=] [timeout=] [no-auth] [expect STATUS]");
        return connreq_words_are_good((const char *const *) item->words.word + 1, count - 1) ? 0 : -EINVAL;
    }
    case ITEM_SETTING: {
        int rc = settings_apply(reader->acs, &item->words, true, error, sizeof reader->error);
        if (rc == 0) {
            (void) snprintf(error, sizeof reader->error, "\"%s\" is not known here", item->words.word[0]);
        }
        return rc > 0 ? 0 : -EINVAL;
    }
    }
    return -EINVAL;
}

static const struct {
    const char *word;
    enum item_kind kind;
} kinds[] = {
    {"session", ITEM_SESSION},
    {"connection-request", ITEM_CONNECTION_REQUEST},
    {"pause", ITEM_WAIT},
    {"quiet", ITEM_QUIET},
};

/* A line that begins at the left margin. */
static int add_item(struct reader *reader, struct words *words) {
    struct scenario *scenario = reader->scenario;
    bool otherwise = strcmp(words->word[0], "default") == 0;
    struct item item = {
        .kind = otherwise ? ITEM_SESSION : ITEM_SETTING, .line = reader->line, .words = *words};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        item.kind = strcmp(kinds[i].word, words->word[0]) == 0 ? kinds[i].kind : item.kind;
    }
    *words = (struct words){0};
    int rc = item_options(reader, &item);
    if (rc < 0 || (otherwise && scenario->otherwise != NULL)) {
        item_free(&item);
        return -EINVAL;
    }
    reader->broken = false;
    if (otherwise) {
        scenario->otherwise = must_alloc(sizeof item);
        *scenario->otherwise = item;
        reader->item = scenario->otherwise;
        return 0;
    }
    scenario->items = must_grow(scenario->items, (scenario->count + 1) * sizeof item);
    scenario->items[scenario->count++] = item;
    reader->item = item.kind == ITEM_SESSION ? &scenario->items[scenario->count - 1] : NULL;
    return 0;
}

/* The lines up to `end`, as one text. */
static char *read_heredoc(struct reader *reader, const char *end) {
    const char *start = reader->at;
    while (*reader->at != '\0') {
        size_t length = strcspn(reader->at, "\n");
        const char *line = reader->at;
        reader->line++;
        reader->at += length + (line[length] == '\n' ? 1 : 0);
        if (length == strlen(end) && strncmp(line, end, length) == 0) {
            return must_format("%.*s", (int) (line - start), start);
        }
    }
    return NULL;
}

/* After a broken session nothing can follow; `http status 500` and the like break it. */
static bool breaks(const struct words *words) {
    char error[200];
    struct reply reply;
    if (strcmp(words->word[0], "http") != 0) {
        return false;
    }
    reply_init(&reply);
    int effect =
        reply_modify(&reply, (const char *const *) words->word + 1, words->count - 1, error, sizeof error);
    reply_free(&reply);
    return effect == HTTP_BREAKS;
}

static int add_step(struct reader *reader, struct words *words) {
    struct item *item = reader->item;
    if (item == NULL) {
        (void) snprintf(reader->error, sizeof reader->error, "an indented line belongs to a session");
        return -EINVAL;
    }
    if (reader->broken) {
        (void) snprintf(reader->error, sizeof reader->error,
                        "the line before ended the session: begin a new session block");
        return -EINVAL;
    }
    struct step step = {.line = reader->line, .words = *words};
    *words = (struct words){0};
    if (strcmp(step.words.word[0], "raw") == 0 && step.words.count == 2 &&
        text_starts(step.words.word[1], "<<")) {
        step.text = read_heredoc(reader, step.words.word[1] + 2);
        if (step.text == NULL) {
            (void) snprintf(reader->error, sizeof reader->error, "%s is not ended", step.words.word[1]);
            step_free(&step);
            return -EINVAL;
        }
    }
    if (step_check(reader->acs, reader->scenario->directory, &step, reader->error, sizeof reader->error) <
        0) {
        step_free(&step);
        return -EINVAL;
    }
    reader->broken = breaks(&step.words);
    item->steps = must_grow(item->steps, (item->count + 1) * sizeof step);
    item->steps[item->count++] = step;
    return 0;
}

static int read_line(struct reader *reader) {
    size_t length = strcspn(reader->at, "\n");
    char *line = must_format("%.*s", (int) length, reader->at);
    reader->at += length + (reader->at[length] == '\n' ? 1 : 0);
    reader->line++;
    bool indented = *line == ' ' || *line == '\t';
    struct words words = {0};
    int rc = words_split(line, &words, reader->error, sizeof reader->error);
    if (rc == 0 && words.count > 0) {
        unsigned number = reader->line;
        rc = indented ? add_step(reader, &words) : add_item(reader, &words);
        reader->line = rc < 0 ? number : reader->line;
    }
    words_free(&words);
    free(line);
    return rc;
}

struct scenario *scenario_load(struct acs *acs, const char *path) {
    char *text = read_whole_file(path, NULL);
    if (text == NULL) {
        (void) fprintf(stderr, "test-acs: %s cannot be read\n", path);
        return NULL;
    }
    struct scenario *scenario = must_alloc(sizeof *scenario);
    struct reader reader = {.acs = acs, .scenario = scenario, .path = path, .at = text};
    const char *slash = strrchr(path, '/');
    scenario->acs = acs;
    scenario->directory = slash != NULL ? must_format("%.*s", (int) (slash - path), path) : must_dup(".");
    int rc = 0;
    while (rc == 0 && *reader.at != '\0') {
        rc = read_line(&reader);
    }
    free(text);
    if (rc < 0) {
        (void) fprintf(stderr, "test-acs: %s:%u: %s\n", path, reader.line, reader.error);
        scenario_free(scenario);
        return NULL;
    }
    return scenario;
}

/* ---- going through it ----------------------------------------------------------------------------- */

static void advance(struct scenario *scenario);

static struct item *present(const struct scenario *scenario) {
    return scenario->at < scenario->count ? &scenario->items[scenario->at] : NULL;
}

static void next(struct scenario *scenario) {
    loop_cancel(scenario->acs->loop, scenario->timer);
    scenario->timer = NULL;
    scenario->at++;
    scenario->rounds = 0;
}

static void on_pause_over(void *user) {
    struct scenario *scenario = user;
    scenario->timer = NULL;
    next(scenario);
    advance(scenario);
}

static void on_no_session(void *user) {
    struct scenario *scenario = user;
    struct item *item = present(scenario);
    scenario->timer = NULL;
    report_failure(&scenario->acs->report, 0, item->line,
                   "expected a session%s%s within %u.%03u s, none came", item->when != NULL ? " with " : "",
                   item->when != NULL ? item->when : "", item->within_ms / 1000, item->within_ms % 1000);
    next(scenario);
    advance(scenario);
}

struct pending {
    struct scenario *scenario;
    unsigned line;
    uint64_t expected;
    bool waits; /* the scenario goes on when it is done */
};

static void on_connreq(void *user, const struct connreq_result *result) {
    struct pending *pending = user;
    struct scenario *scenario = pending->scenario;
    struct report *report = &scenario->acs->report;
    report_line(report, 0, "<-", "connection request: %d%s%s, %u ms", result->status,
                *result->text != '\0' ? " " : "", result->text, result->ms);
    if ((uint64_t) result->status == pending->expected ||
        (pending->expected == 200 && result->status == 204)) {
        report->expectations++;
    } else {
        report_failure(report, 0, pending->line, "expected %u to the connection request, got %d %s",
                       (unsigned) pending->expected, result->status, result->text);
    }
    scenario->pending--;
    if (pending->waits) {
        next(scenario);
    }
    free(pending);
    advance(scenario);
}

static void send_connreq(void *user) {
    struct scenario *scenario = user;
    struct item *item = present(scenario);
    struct acs *acs = scenario->acs;
    struct words words;
    char error[200];
    scenario->timer = NULL;
    acs_expand_words(acs, &item->words, &words);
    struct pending *pending = must_alloc(sizeof *pending);
    *pending = (struct pending){.scenario = scenario, .line = item->line, .expected = 200};
    size_t count = words.count;
    if (count > 2 && strcmp(words.word[count - 2], "expect") == 0) {
        (void) parse_number(words.word[count - 1], 999, &pending->expected);
        count -= 2;
    }
    /* The session may begin before the answer has been read: be ready for it. */
    bool session_next = scenario->at + 1 < scenario->count && item[1].kind == ITEM_SESSION;
    pending->waits = !session_next;
    report_line(&acs->report, 0, "->", "connection request");
    int rc = connreq_start(acs, (const char *const *) words.word + 1, count - 1, on_connreq, pending, error,
                           sizeof error);
    words_free(&words);
    if (rc < 0) {
        report_failure(&acs->report, 0, item->line, "%s", error);
        free(pending);
        next(scenario);
    } else {
        scenario->pending++;
        if (session_next) {
            next(scenario);
        }
    }
    if (rc < 0 || session_next) {
        advance(scenario);
    }
}

static void finish(struct scenario *scenario) {
    if (scenario->finished || scenario->pending > 0) {
        return;
    }
    scenario->finished = true;
    report_line(&scenario->acs->report, 0, "--", "the scenario is over");
    if (!scenario->acs->options.stay) {
        loop_stop(scenario->acs->loop);
    }
}

static void on_finish(void *user) {
    struct scenario *scenario = user;
    scenario->timer = NULL;
    finish(scenario);
}

/* Begins the present item; settings are done at once. */
static void advance(struct scenario *scenario) {
    struct acs *acs = scenario->acs;
    struct item *item = present(scenario);
    char error[300];
    for (; item != NULL && item->kind == ITEM_SETTING; item = present(scenario)) {
        struct words words;
        acs_expand_words(acs, &item->words, &words);
        if (settings_apply(acs, &words, false, error, sizeof error) < 0) {
            report_failure(&acs->report, 0, item->line, "%s", error);
        }
        words_free(&words);
        next(scenario);
    }
    if (scenario->timer != NULL || scenario->finished) {
        return;
    }
    if (item == NULL) {
        /* time for the client to close its connection, which is watched too */
        scenario->timer = loop_after(acs->loop, ITEM_PAUSE_MS, on_finish, scenario);
        return;
    }
    switch (item->kind) {
    case ITEM_SESSION:
        scenario->timer = loop_after(acs->loop, item->within_ms, on_no_session, scenario);
        return;
    case ITEM_WAIT:
    case ITEM_QUIET:
        scenario->timer = loop_after(acs->loop, item->within_ms, on_pause_over, scenario);
        return;
    case ITEM_CONNECTION_REQUEST:
        if (scenario->pending == 0) {
            scenario->timer = loop_after(acs->loop, ITEM_PAUSE_MS, send_connreq, scenario);
        }
        return;
    case ITEM_SETTING:
        return;
    }
}

void scenario_start(struct scenario *scenario) {
    advance(scenario);
}

static bool fits(const struct item *item, const struct message *inform) {
    if (item->when == NULL) {
        return true;
    }
    char *events = message_events(inform);
    bool match = false;
    for (const char *at = events; *at != '\0' && !match;) {
        char line[200];
        size_t length = strcspn(at, "\n");
        (void) snprintf(line, sizeof line, "%.*s", (int) length, at);
        match = glob_match(item->when, line);
        at += length + 1;
    }
    free(events);
    return match;
}

struct item *scenario_session(struct acs *acs, const struct message *inform) {
    struct scenario *scenario = acs->scenario;
    if (scenario == NULL) {
        return NULL;
    }
    struct item *item = present(scenario);
    if (item != NULL && item->kind == ITEM_QUIET) {
        report_failure(&acs->report, 0, item->line, "expected no session, one began");
    }
    if (item == NULL || item->kind != ITEM_SESSION || !fits(item, inform)) {
        return scenario->otherwise;
    }
    loop_cancel(acs->loop, scenario->timer);
    scenario->timer = NULL;
    return item;
}

void scenario_session_over(struct acs *acs, struct item *item) {
    struct scenario *scenario = acs->scenario;
    if (scenario == NULL || item == NULL || item == scenario->otherwise || item != present(scenario)) {
        return;
    }
    if (++scenario->rounds >= item->repeat) {
        next(scenario);
    }
    advance(scenario);
}
