/* The control socket: commands of a line, answers of some lines and a last one, `ok` or `error ...`. */
#include <config.h>

#include "control.h"

#include "base/text.h"
#include "connreq.h"
#include "engine.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 1024 * 1024, ANSWER_MAX = 256 * 1024 * 1024, SESSIONS_KEPT = 256 };

/* A client; one command at a time. */
struct talker {
    struct talker *next;
    struct acs *acs;
    int fd;
    struct buffer in;
    struct buffer lines; /* of the answer that is being made */
    struct buffer out;   /* what goes over the socket */
    bool busy;           /* a command waits for its answer */
    bool gone;           /* closed while busy: freed when the answer comes */
    bool value_only;
    char *wait_event; /* wait-session */
    unsigned wait_after;
    bool waits_session;
    struct timer *timer;
};

struct done_session {
    unsigned number;
    bool ok;
    char *events;
};

struct control {
    int fd;
    char *path;
    struct talker *talkers;
    struct job *first;
    struct job **last;
    struct done_session done[SESSIONS_KEPT]; /* ring, by the order of their ends */
    unsigned ended;
    unsigned seen; /* how many wait-session has passed */
};

static void on_talker(void *user);

static void talker_free(struct talker *talker) {
    struct control *control = talker->acs->control;
    for (struct talker **at = &control->talkers; *at != NULL; at = &(*at)->next) {
        if (*at == talker) {
            *at = talker->next;
            break;
        }
    }
    loop_cancel(talker->acs->loop, talker->timer);
    buffer_free(&talker->in);
    buffer_free(&talker->lines);
    buffer_free(&talker->out);
    free(talker->wait_event);
    free(talker);
}

static void hang_up(struct talker *talker) {
    if (talker->fd >= 0) {
        loop_unwatch(talker->acs->loop, talker->fd);
        (void) close(talker->fd);
        talker->fd = -1;
    }
    talker->gone = true;
    if (!talker->busy || talker->waits_session) {
        talker_free(talker);
    }
}

static void flush(struct talker *talker) {
    while (talker->out.length > 0) {
        ssize_t put = send(talker->fd, talker->out.data, talker->out.length, MSG_NOSIGNAL);
        if (put < 0 && (errno == EAGAIN || errno == EINTR)) {
            loop_watch(talker->acs->loop, talker->fd, POLLIN | POLLOUT, on_talker, talker);
            return;
        }
        if (put < 0) {
            buffer_reset(&talker->out);
            return;
        }
        memmove(talker->out.data, talker->out.data + put, talker->out.length - (size_t) put);
        buffer_cut(&talker->out, talker->out.length - (size_t) put);
    }
    loop_watch(talker->acs->loop, talker->fd, POLLIN, on_talker, talker);
}

/* Lines of an answer begin with a blank, so that the last one, which does not, is known. */
static void put_lines(struct talker *talker) {
    const char *at = buffer_string(&talker->lines);
    while (*at != '\0') {
        size_t length = strcspn(at, "\n");
        (void) buffer_char(&talker->out, ' ');
        (void) buffer_append(&talker->out, at, length);
        (void) buffer_char(&talker->out, '\n');
        at += length + (at[length] == '\n' ? 1 : 0);
    }
    buffer_shrink(&talker->lines, 65536);
}

/* The last line of an answer. */
static void done(struct talker *talker, const char *error) {
    talker->busy = false;
    talker->waits_session = false;
    talker->value_only = false;
    loop_cancel(talker->acs->loop, talker->timer);
    talker->timer = NULL;
    if (talker->gone) {
        talker_free(talker);
        return;
    }
    put_lines(talker);
    if (error == NULL) {
        (void) buffer_text(&talker->out, "ok\n");
    } else {
        (void) buffer_format(&talker->out, "error %s\n", error);
    }
    flush(talker);
}

/* Text in a line: backslash, newline and tab are written \\ \n \t. */
static void put_text(struct buffer *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '\n' || *text == '\t' || *text == '\r') {
            (void) buffer_char(out, '\\');
            (void) buffer_char(out, *text == '\n' ? 'n' : *text == '\t' ? 't' : *text == '\r' ? 'r' : '\\');
        } else {
            (void) buffer_char(out, *text);
        }
    }
}

/* A list entry: NAME TAB TYPE TAB VALUE for values; the texts of its children for others. */
static void put_item(struct buffer *out, xmlNodePtr item) {
    xmlNodePtr child = message_first(item);
    const char *between = "";
    if (child == NULL) {
        char *text = message_node_text(item);
        put_text(out, text);
        free(text);
    }
    for (; child != NULL; child = message_next(child)) {
        char *text = message_node_text(child);
        (void) buffer_text(out, between);
        xmlChar *type = xmlGetNsProp(child, (const xmlChar *) "type", (const xmlChar *) NS_XSI);
        if (type != NULL) {
            put_text(out, (const char *) type);
            (void) buffer_char(out, '\t');
        }
        put_text(out, text);
        between = "\t";
        xmlFree(type);
        free(text);
    }
    (void) buffer_char(out, '\n');
}

static void put_message(struct buffer *out, const struct message *message) {
    for (xmlNodePtr node = message_first(message->rpc); node != NULL; node = message_next(node)) {
        if (text_ends((const char *) node->name, "List") || strcmp((const char *) node->name, "Event") == 0) {
            for (xmlNodePtr item = message_first(node); item != NULL; item = message_next(item)) {
                put_item(out, item);
            }
        } else {
            (void) buffer_format(out, "%s\t", (const char *) node->name);
            put_item(out, node);
        }
    }
}

static void on_result(void *user, const struct message *message) {
    struct talker *talker = user;
    char gist[600];
    if (message == NULL) {
        done(talker, "the session broke before the answer came");
        return;
    }
    if (message->kind == MESSAGE_FAULT) {
        message_gist(message, gist, sizeof gist);
        done(talker, gist);
        return;
    }
    if (talker->value_only) {
        char *value = message_value(message, "*", NULL);
        (void) buffer_text(&talker->lines, value != NULL ? value : "");
        (void) buffer_char(&talker->lines, '\n');
        free(value);
    } else {
        put_message(&talker->lines, message);
    }
    done(talker, NULL);
}

static void queue_job(struct talker *talker, struct rpc *rpc) {
    struct control *control = talker->acs->control;
    struct job *job = must_alloc(sizeof *job);
    *job = (struct job){.rpc = rpc, .call = on_result, .user = talker};
    *control->last = job;
    control->last = &job->next;
    talker->busy = true;
    struct session *session = session_lingering(talker->acs);
    if (session != NULL) {
        session_continue(session, false);
    }
}

struct job *control_next_job(struct acs *acs) {
    struct control *control = acs->control;
    struct job *job = control != NULL ? control->first : NULL;
    if (job != NULL) {
        control->first = job->next;
        job->next = NULL;
        if (control->first == NULL) {
            control->last = &control->first;
        }
    }
    return job;
}

/* ---- commands ------------------------------------------------------------------------------------- */

static void ignore_connreq(void *user, const struct connreq_result *result) {
    struct acs *acs = user;
    report_line(&acs->report, 0, "<-", "connection request: %d %s", result->status, result->text);
}

/* rpc [now] METHOD ARGUMENTS... */
static void on_rpc(struct talker *talker, const struct words *words) {
    char error[300];
    bool now = words->count > 1 && strcmp(words->word[1], "now") == 0;
    struct words rest = {.word = words->word + (now ? 2 : 1), .count = words->count - (now ? 2 : 1)};
    struct rpc *rpc = NULL;
    if (rest.count == 2 && strcmp(rest.word[0], "raw") == 0) {
        char *xml = read_whole_file(rest.word[1], NULL);
        rpc = xml != NULL ? rpc_raw(xml, rest.word[1]) : NULL;
        free(xml);
        (void) snprintf(error, sizeof error, "%s cannot be read", rest.word[1]);
    } else {
        (void) rpc_parse(&rest, &rpc, error, sizeof error);
    }
    if (rpc == NULL) {
        done(talker, error);
        return;
    }
    if (now && session_lingering(talker->acs) == NULL &&
        connreq_start(talker->acs, NULL, 0, ignore_connreq, talker->acs, error, sizeof error) < 0) {
        rpc_free(rpc);
        done(talker, error);
        return;
    }
    queue_job(talker, rpc);
}

/* value [now] NAME */
static void on_value(struct talker *talker, const struct words *words) {
    char *word[4] = {words->word[0], NULL, NULL, NULL};
    size_t count = 1;
    bool now = words->count == 3 && strcmp(words->word[1], "now") == 0;
    char method[] = "GetParameterValues";
    if (now) {
        word[count++] = words->word[1];
    }
    word[count++] = method;
    word[count++] = words->word[words->count - 1];
    talker->value_only = true;
    on_rpc(talker, &(struct words){.word = word, .count = count});
}

static void on_connreq(void *user, const struct connreq_result *result) {
    struct talker *talker = user;
    char text[300];
    (void) snprintf(text, sizeof text, "%d after %u ms %s", result->status, result->ms, result->text);
    report_line(&talker->acs->report, 0, "<-", "connection request: %s", text);
    (void) buffer_format(&talker->lines, "%d\t%u ms\n", result->status, result->ms);
    done(talker, result->status == 200 || result->status == 204 ? NULL : text);
}

static void on_connection_request(struct talker *talker, const struct words *words) {
    char error[300];
    report_line(&talker->acs->report, 0, "->", "connection request");
    talker->busy = true;
    if (connreq_start(talker->acs, (const char *const *) words->word + 1, words->count - 1, on_connreq,
                      talker, error, sizeof error) < 0) {
        done(talker, error);
    }
}

/* True when a session that ended since the last wait-session is the one waited for. */
static bool find_done(struct talker *talker) {
    struct control *control = talker->acs->control;
    while (control->seen < control->ended) {
        if (control->ended - control->seen > SESSIONS_KEPT) {
            control->seen = control->ended - SESSIONS_KEPT;
        }
        const struct done_session *session = &control->done[control->seen % SESSIONS_KEPT];
        control->seen++;
        char *with_newline = must_format("\n%s", session->events);
        char *pattern = must_format("*\n%s*", talker->wait_event != NULL ? talker->wait_event : "");
        bool match = session->ok && (talker->wait_event == NULL || glob_match(pattern, with_newline));
        free(with_newline);
        free(pattern);
        if (match) {
            (void) buffer_format(&talker->lines, "%u\n%s", session->number, session->events);
            return true;
        }
    }
    return false;
}

static void on_wait_over(void *user) {
    struct talker *talker = user;
    talker->timer = NULL;
    done(talker, "no such session has ended in time");
}

/* wait-session [SECONDS] [EVENT] */
static void on_wait_session(struct talker *talker, const struct words *words) {
    unsigned ms = 30000;
    if (words->count > 1 && !parse_seconds(words->word[1], &ms)) {
        done(talker, "wait-session [SECONDS] [EVENT]");
        return;
    }
    replace_text(&talker->wait_event, words->count > 2 ? words->word[2] : NULL);
    if (find_done(talker)) {
        done(talker, NULL);
        return;
    }
    talker->busy = true;
    talker->waits_session = true;
    talker->timer = loop_after(talker->acs->loop, ms, on_wait_over, talker);
}

void control_session_over(struct acs *acs, const struct session *session, bool ok) {
    struct control *control = acs->control;
    if (control == NULL) {
        return;
    }
    struct done_session *place = &control->done[control->ended++ % SESSIONS_KEPT];
    place->number = session->number;
    place->ok = ok;
    replace_text(&place->events, session->events != NULL ? session->events : "");
    struct talker *next = NULL;
    for (struct talker *talker = control->talkers; talker != NULL; talker = next) {
        next = talker->next;
        if (talker->waits_session && find_done(talker)) {
            done(talker, NULL);
        }
    }
}

static void on_last_inform(struct talker *talker, const struct words *words) {
    (void) words;
    if (talker->acs->last_inform.kind == MESSAGE_EMPTY) {
        done(talker, "no Inform has come");
        return;
    }
    put_message(&talker->lines, &talker->acs->last_inform);
    done(talker, NULL);
}

static void on_events(struct talker *talker, const struct words *words) {
    char *events = message_events(&talker->acs->last_inform);
    (void) words;
    (void) buffer_text(&talker->lines, events);
    free(events);
    done(talker, NULL);
}

static void on_stats(struct talker *talker, const struct words *words) {
    const struct acs *acs = talker->acs;
    (void) words;
    (void) buffer_format(&talker->lines,
                         "sessions\t%u\nended\t%u\nfailed\t%u\nmessages\t%u\nviolations\t%u\nfailures\t%u\n",
                         acs->session_count, acs->sessions_ok, acs->sessions_failed, acs->messages,
                         acs->report.violations, acs->report.failures);
    done(talker, NULL);
}

static void on_violations(struct talker *talker, const struct words *words) {
    const struct report *report = &talker->acs->report;
    (void) words;
    for (int i = 0; i < VIOLATION_COUNT; i++) {
        if (report->count[i] > 0) {
            (void) buffer_format(&talker->lines, "%u\tV%02d %s\t%s\n", report->count[i], i + 1,
                                 violation_name(i), report->tolerated[i] ? "tolerated" : "");
        }
    }
    done(talker, NULL);
}

static void on_verdict(struct talker *talker, const struct words *words) {
    const struct report *report = &talker->acs->report;
    (void) words;
    done(talker, report->failures > 0 ? report->first : NULL);
}

static void on_url(struct talker *talker, const struct words *words) {
    (void) words;
    (void) buffer_format(&talker->lines, "%s/acs\n", server_base(talker->acs));
    done(talker, NULL);
}

static void on_quit(struct talker *talker, const struct words *words) {
    (void) words;
    loop_stop(talker->acs->loop);
    done(talker, NULL);
}

static const struct {
    const char *word;
    size_t least;
    void (*call)(struct talker *talker, const struct words *words);
} commands[] = {
    {"rpc", 2, on_rpc},
    {"value", 2, on_value},
    {"connection-request", 1, on_connection_request},
    {"wait-session", 1, on_wait_session},
    {"last-inform", 1, on_last_inform},
    {"events", 1, on_events},
    {"stats", 1, on_stats},
    {"violations", 1, on_violations},
    {"verdict", 1, on_verdict},
    {"url", 1, on_url},
    {"quit", 1, on_quit},
};

static void run_command(struct talker *talker, const char *line) {
    struct words words;
    char error[400] = "";
    if (words_split(line, &words, error, sizeof error) < 0) {
        done(talker, error);
        return;
    }
    if (words.count == 0) {
        done(talker, "an empty command");
        words_free(&words);
        return;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].word, words.word[0]) == 0 && words.count >= commands[i].least) {
            commands[i].call(talker, &words);
            words_free(&words);
            return;
        }
    }
    struct words expanded;
    acs_expand_words(talker->acs, &words, &expanded);
    int rc = settings_apply(talker->acs, &expanded, false, error, sizeof error);
    words_free(&expanded);
    if (rc == 0) {
        (void) snprintf(error, sizeof error, "\"%s\": no such command, or arguments are missing",
                        words.word[0]);
    }
    words_free(&words);
    done(talker, rc > 0 ? NULL : error);
}

/* The next complete line, unless a command is running. True when one was taken; the talker may be gone
 * then. */
static bool next_line(struct talker *talker) {
    char *end = talker->in.length > 0 ? memchr(talker->in.data, '\n', talker->in.length) : NULL;
    if (end == NULL || talker->busy) {
        return false;
    }
    size_t length = (size_t) (end - talker->in.data);
    char *line = must_format("%.*s", (int) length, talker->in.data);
    memmove(talker->in.data, end + 1, talker->in.length - length - 1);
    buffer_cut(&talker->in, talker->in.length - length - 1);
    run_command(talker, line);
    free(line);
    return true;
}

static void on_talker(void *user) {
    struct talker *talker = user;
    char part[4096];
    if (talker->out.length > 0) {
        flush(talker);
    }
    ssize_t got = recv(talker->fd, part, sizeof part, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0 || buffer_append(&talker->in, part, (size_t) got) < 0) {
        hang_up(talker);
        return;
    }
    (void) next_line(talker);
}

static void on_knock(void *user) {
    struct acs *acs = user;
    int fd = accept4(acs->control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    struct talker *talker = must_alloc(sizeof *talker);
    talker->acs = acs;
    talker->fd = fd;
    buffer_init(&talker->in, LINE_MAX_OCTETS);
    buffer_init(&talker->lines, ANSWER_MAX);
    buffer_init(&talker->out, ANSWER_MAX);
    talker->next = acs->control->talkers;
    acs->control->talkers = talker;
    loop_watch(acs->loop, fd, POLLIN, on_talker, talker);
}

static bool socket_address(const char *path, struct sockaddr_un *ret_address) {
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    return text_copy(ret_address->sun_path, sizeof ret_address->sun_path, path);
}

int control_start(struct acs *acs, const char *path) {
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool good = fd >= 0 && socket_address(path, &address);
    if (good) {
        (void) unlink(path);
        good = bind(fd, (const struct sockaddr *) (const void *) &address, sizeof address) == 0 &&
               listen(fd, 16) == 0;
    }
    if (!good) {
        (void) fprintf(stderr, "test-acs: cannot listen on the control socket %s: %s\n", path,
                       strerror(errno));
        if (fd >= 0) {
            (void) close(fd);
        }
        return -EINVAL;
    }
    struct control *control = must_alloc(sizeof *control);
    control->fd = fd;
    control->path = must_dup(path);
    control->last = &control->first;
    acs->control = control;
    loop_watch(acs->loop, fd, POLLIN, on_knock, acs);
    return 0;
}

void control_stop(struct acs *acs) {
    struct control *control = acs->control;
    if (control == NULL) {
        return;
    }
    for (struct job *job = control_next_job(acs); job != NULL; job = control_next_job(acs)) {
        job->call(job->user, NULL);
        rpc_free(job->rpc);
        free(job);
    }
    while (control->talkers != NULL) {
        control->talkers->busy = false;
        hang_up(control->talkers);
    }
    for (size_t i = 0; i < SESSIONS_KEPT; i++) {
        free(control->done[i].events);
    }
    (void) close(control->fd);
    (void) unlink(control->path);
    free(control->path);
    free(control);
    acs->control = NULL;
}

/* ---- the client ----------------------------------------------------------------------------------- */

/* Prints whole lines; the exit code when the last one came, -1 before. */
static int print_lines(struct buffer *in) {
    size_t at = 0;
    int code = -1;
    char *end = NULL;
    while (code < 0 && at < in->length && (end = memchr(in->data + at, '\n', in->length - at)) != NULL) {
        const char *line = in->data + at;
        size_t length = (size_t) (end - line);
        if (*line == ' ') {
            (void) fwrite(line + 1, 1, length, stdout); /* with its newline */
        } else if (length == 2 && strncmp(line, "ok", 2) == 0) {
            code = 0;
        } else {
            size_t word = length > 6 ? 6 : length;
            (void) fprintf(stderr, "%.*s\n", (int) (length - word), line + word);
            code = 1;
        }
        at += length + 1;
    }
    memmove(in->data, in->data + at, in->length - at);
    buffer_cut(in, in->length - at);
    return code;
}

int control_talk(const char *path, const char *command) {
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || !socket_address(path, &address) ||
        connect(fd, (const struct sockaddr *) (const void *) &address, sizeof address) < 0) {
        (void) fprintf(stderr, "test-acs: no test ACS at %s: %s\n", path, strerror(errno));
        return 1;
    }
    char *line = must_format("%s\n", command);
    struct buffer in;
    char part[65536];
    int code = send(fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t) strlen(line) ? -1 : 1;
    buffer_init(&in, ANSWER_MAX);
    while (code < 0) {
        ssize_t got = recv(fd, part, sizeof part, 0);
        if (got <= 0 || buffer_append(&in, part, (size_t) got) < 0) {
            (void) fprintf(stderr, "test-acs: the connection was closed without an answer\n");
            code = 1;
            break;
        }
        code = print_lines(&in);
    }
    buffer_free(&in);
    free(line);
    (void) close(fd);
    return code;
}
