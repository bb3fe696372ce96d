/* The control socket of the daemon. */
#include <config.h>

#include "agent/control.h"

#include "agent/agent_internal.h"
#include "agent/plugin_offers.h"
#include "base/buffer.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOG_ROOM "control"

enum { CLIENTS_MAX = 8, LINE_MAX_OCTETS = 4096, ANSWER_MAX = 8 << 20, PATIENCE_MS = 10000 };

struct client {
    struct client *next;
    struct control *control;
    int fd;
    struct tr069_watch *watch;
    struct tr069_timer *timer; /* a client that does nothing is dropped */
    struct buffer line, answer;
    size_t written;
};

struct control {
    struct agent *agent;
    int fd;
    struct tr069_watch *watch;
    struct client *clients;
    unsigned count;
    char path[sizeof((struct sockaddr_un *) NULL)->sun_path];
};

/* ---- commands: each writes lines; NULL is success, else why not ---- */

typedef const char *command(struct agent *agent, char *argument, struct buffer *out);

static void say_time(const struct agent *agent, struct buffer *out, const char *name, uint64_t mono_ms) {
    struct moment now = agent_now(agent);
    if (mono_ms != 0) {
        (void) buffer_format(out, "%s: %" PRIu64 " s ago\n", name, (now.mono_ms - mono_ms) / 1000);
    }
}

static const char *status(struct agent *agent, char *argument, struct buffer *out) {
    char shown[256];
    (void) argument;
    text_url_for_log(shown, sizeof shown, agent->texts.acs_url);
    (void) buffer_format(out, "acs: %s\n", shown);
    (void) buffer_format(out, "session: %s\n", session_state_name(session_state(agent->session)));
    (void) buffer_format(out, "sessions: %" PRIu64 " good, %" PRIu64 " failed\n", agent->sessions_done,
                         agent->sessions_failed);
    if (agent->held != NULL) {
        (void) buffer_format(out, "held back: %s\n", agent->held);
    }
    say_time(agent, out, "last good session", agent->last_success_ms);
    (void) buffer_format(out, "retry count: %u\n", session_retry_count(agent->session));
    (void) buffer_format(out, "last error: %s\n", agent->last_error[0] != '\0' ? agent->last_error : "none");
    uint64_t now = clock_mono_ms();
    const struct schedule *schedule = &agent->schedule;
    if (schedule->periodic_ms != SCHEDULE_NEVER && schedule->periodic_ms > now) {
        (void) buffer_format(out, "next periodic inform: in %" PRIu64 " s\n",
                             (schedule->periodic_ms - now) / 1000);
    }
    if (schedule->session_ms != SCHEDULE_NEVER && schedule->session_ms > now) {
        (void) buffer_format(out, "changed values wait: %" PRIu64 " s\n",
                             (schedule->session_ms - now) / 1000);
    }
    if (schedule->retry_ms != SCHEDULE_NEVER && schedule->retry_ms > now) {
        (void) buffer_format(out, "next retry: in %" PRIu64 " s\n", (schedule->retry_ms - now) / 1000);
    }
    standby_status(agent, out);
    (void) buffer_format(out, "network: %s\n", agent->network_is_up ? "up" : "down");
    (void) buffer_format(out, "connection request: %s\n", agent->listener != NULL ? "listening" : "off");
    (void) buffer_format(out, "transfers: %zu\n", transfers_count(agent->transfers));
    if (agent->fetch != NULL) {
        uint64_t octets = agent->transfer_octets, total = agent->transfer_total;
        (void) buffer_format(
            out, "downloading: %" PRIu64 " of %" PRIu64 " octets, %u %%, since %" PRIu64 " s\n", octets,
            total, total > 0 ? (unsigned) ((double) octets * 100.0 / (double) total) : 0,
            (now - agent->transfer_began_ms) / 1000);
    }
    if (agent->send != NULL) {
        uint64_t octets = 0, total = 0;
        send_progress(agent->send, &octets, &total);
        (void) buffer_format(out, "uploading: %" PRIu64 " of %" PRIu64 " octets, since %" PRIu64 " s\n",
                             octets, total, (now - agent->transfer_began_ms) / 1000);
    }
    if (agent->installer != NULL) {
        (void) buffer_format(out, "installing: by %s, since %" PRIu64 " s\n", agent->installer->name,
                             (now - agent->transfer_began_ms) / 1000);
    }
    return NULL;
}

static const char *inform(struct agent *agent, char *argument, struct buffer *out) {
    (void) argument;
    (void) out;
    (void) events_add(agent->events, "2 PERIODIC", "", TR069_NOW);
    driver_want(agent, "tr069-ctl");
    return NULL;
}

static const char *standby(struct agent *agent, char *argument, struct buffer *out) {
    return standby_enter(agent, argument, out);
}

static const char *wakeup(struct agent *agent, char *argument, struct buffer *out) {
    (void) argument;
    (void) out;
    return standby_leave(agent);
}

static int show_value(void *user, const struct model_value *value) {
    struct buffer *out = user;
    (void) buffer_append(out, value->path, value->path_length);
    (void) buffer_text(out, " = ");
    for (size_t i = 0; i < value->length; i++) { /* one line a parameter */
        (void) buffer_char(out, value->text[i] == '\n' ? ' ' : value->text[i]);
    }
    return buffer_char(out, '\n');
}

static const char *get(struct agent *agent, char *argument, struct buffer *out) {
    const char *path = argument;
    struct model_selection *selection = NULL;
    static struct tr069_fault fault; /* outlives this call: its text is the answer */
    if (model_select(agent->model, &path, 1, &selection, &fault) != 0) {
        return fault.text;
    }
    int r = model_selection_values(selection, show_value, out, &fault);
    model_selection_free(selection);
    return r == 0 ? NULL : r == TR069_FAULT ? fault.text : strerror(-r);
}

static const char *set(struct agent *agent, char *argument, struct buffer *out) {
    static char why[sizeof((struct tr069_fault *) NULL)->text];
    char *value = strchr(argument, ' ');
    (void) out;
    if (value == NULL) {
        return "set wants a full name and a value";
    }
    *value++ = '\0';
    struct model_assignment assignment = {.path = argument, .text = value, .length = strlen(value)};
    struct tr069_fault fault = {0};
    int applied = 0;
    int r = model_set(agent->model, MODEL_LOCAL, &assignment, 1, &applied, &fault);
    if (r == TR069_OK) {
        notify_changed(agent, argument);
        return NULL;
    }
    (void) text_copy(why, sizeof why, assignment.fault.code != 0 ? assignment.fault.text : fault.text);
    return why;
}

static int show_name(void *user, const char *path, size_t length, bool writable) {
    return buffer_format(user, "%.*s%s\n", (int) length, path, writable ? " (writable)" : "");
}

static const char *names(struct agent *agent, char *argument, struct buffer *out) {
    static struct tr069_fault fault;
    int r = model_names(agent->model, argument, argument[0] != '\0', show_name, out, &fault);
    return r == 0 ? NULL : r == TR069_FAULT ? fault.text : strerror(-r);
}

static const char *plugins(struct agent *agent, char *argument, struct buffer *out) {
    (void) argument;
    plugins_list(agent->plugins, out);
    return NULL;
}

static const char *reload(struct agent *agent, char *argument, struct buffer *out) {
    (void) argument;
    (void) out;
    agent_want_reload(agent);
    return NULL;
}

/* Until the configuration is read again. */
static const char *set_log(struct agent *agent, char *argument, struct buffer *out) {
    struct log_setup setup = *log_current();
    (void) agent;
    if (argument[0] != '\0' && log_adjust(&setup, argument) < 0) {
        return "log wants LEVEL or ROOM:LEVEL (error, warning, notice, info, debug); ROOM: takes its level "
               "away";
    }
    log_configure(&setup);
    (void) buffer_format(out, "%s\n", log_level_name(setup.level));
    for (size_t i = 0; i < setup.room_count; i++) {
        (void) buffer_format(out, "%s:%s\n", setup.rooms[i].name, log_level_name(setup.rooms[i].level));
    }
    return NULL;
}

static const char *set_trace(struct agent *agent, char *argument, struct buffer *out) {
    bool on = strcmp(argument, "on") == 0;
    if (argument[0] != '\0' && !on && strcmp(argument, "off") != 0) {
        return "trace wants on or off";
    }
    if (argument[0] != '\0') {
        trace_switch(agent->trace, on);
    }
    (void) buffer_format(out, "%s: %s\n", trace_is_on(agent->trace) ? "on" : "off", trace_path(agent->trace));
    return NULL;
}

static const char *help(struct agent *agent, char *argument, struct buffer *out);

static const struct {
    const char *name, *argument, *text;
    command *run;
} commands[] = {
    {"status", "", "the last session, the next one, what is being downloaded", status},
    {"inform", "", "starts a session now", inform},
    {"get", " PATH", "a parameter, or all below a path that ends in '.'", get},
    {"set", " NAME VALUE", "a parameter, as a person at the box would", set},
    {"names", " [PATH.]", "the names below an object", names},
    {"standby", " [reachable]", "may the box sleep now, and until when", standby},
    {"wakeup", "", "it has slept", wakeup},
    {"plugins", "", "what is loaded", plugins},
    {"reload", "", "reads the configuration again, as SIGHUP does", reload},
    {"log", " [LEVEL|ROOM:LEVEL]", "what the log has from now on, until the configuration is read again",
     set_log},
    {"trace", " [on|off]", "every message into trace_file, without secrets", set_trace},
    {"help", "", "this list", help},
};

static const char *help(struct agent *agent, char *argument, struct buffer *out) {
    (void) agent;
    (void) argument;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char left[48];
        (void) snprintf(left, sizeof left, "%s%s", commands[i].name, commands[i].argument);
        (void) buffer_format(out, "  %-24s %s\n", left, commands[i].text);
    }
    return NULL;
}

static void execute(struct client *client) {
    char *line = client->line.data;
    line[strcspn(line, "\r\n")] = '\0';
    char *argument = line + strcspn(line, " ");
    if (*argument != '\0') {
        *argument++ = '\0';
    }
    const char *why = "there is no such command; try help";
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, line) == 0) {
            why = commands[i].run(client->control->agent, argument, &client->answer);
        }
    }
    if (buffer_error(&client->answer) != 0) {
        buffer_reset(&client->answer);
        why = "the answer is too long";
    }
    (void) buffer_format(&client->answer, why == NULL ? "ok\n" : "error: %s\n", why);
}

/* ---- clients ---- */

static void client_free(struct client *client) {
    struct control *control = client->control;
    struct client **link = &control->clients;
    while (*link != client) {
        link = &(*link)->next;
    }
    *link = client->next;
    control->count--;
    loop_timer_cancel(control->agent->loop, client->timer);
    loop_unwatch(control->agent->loop, client->watch);
    (void) close(client->fd);
    buffer_free(&client->line);
    buffer_free(&client->answer);
    free(client);
}

static void on_patience(void *user) {
    struct client *client = user;
    client->timer = NULL;
    client_free(client);
}

static void write_more(struct client *client) {
    size_t left = client->answer.length - client->written;
    ssize_t n = send(client->fd, client->answer.data + client->written, left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    client->written += n > 0 ? (size_t) n : 0;
    if (n <= 0 || client->written == client->answer.length) {
        client_free(client);
    }
}

static void on_client(void *user, int fd, int what);

static void read_more(struct client *client) {
    char part[512];
    ssize_t n = recv(client->fd, part, sizeof part, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0 || buffer_append(&client->line, part, (size_t) n) < 0) {
        client_free(client);
        return;
    }
    if (memchr(client->line.data, '\n', client->line.length) == NULL) {
        return;
    }
    struct loop *loop = client->control->agent->loop;
    execute(client);
    loop_unwatch(loop, client->watch);
    client->watch = NULL;
    if (loop_watch(loop, client->fd, TR069_WRITABLE, on_client, client, &client->watch) < 0) {
        client_free(client);
    }
}

static void on_client(void *user, int fd, int what) {
    struct client *client = user;
    (void) fd;
    if (client->answer.length > 0) {
        write_more(client);
    } else if ((what & TR069_READABLE) != 0) {
        read_more(client);
    }
}

static void on_connect(void *user, int fd, int what) {
    struct control *control = user;
    struct loop *loop = control->agent->loop;
    (void) what;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct client *client = peer >= 0 && control->count < CLIENTS_MAX ? calloc(1, sizeof *client) : NULL;
    if (client == NULL) {
        if (peer >= 0) {
            (void) close(peer);
        }
        return;
    }
    client->control = control;
    client->fd = peer;
    client->next = control->clients;
    control->clients = client;
    control->count++;
    buffer_init(&client->line, LINE_MAX_OCTETS);
    buffer_init(&client->answer, ANSWER_MAX);
    if (loop_watch(loop, peer, TR069_READABLE, on_client, client, &client->watch) < 0 ||
        loop_timer(loop, PATIENCE_MS, on_patience, client, &client->timer) < 0) {
        client_free(client);
    }
}

/* ---- the socket: each step says NULL, or why not ---- */

/* Makes it where it is missing. Where everybody may write, somebody may have put something under its name: a
 * link to elsewhere, a directory of his own. The kernel's protection of such links ends with the last name of
 * a path, which is that of the socket. */
static const char *prepare_directory(const char *path) {
    char directory[PATH_MAX], parent[PATH_MAX];
    struct stat there, above;
    if (!text_parent(directory, sizeof directory, path)) {
        return NULL;
    }
    int r = lstat(directory, &there);
    if (r < 0 && errno == ENOENT) {
        r = mkdir(directory, 0700) < 0 && errno != EEXIST ? -1 : lstat(directory, &there);
    }
    if (r < 0) {
        return strerror(errno);
    }
    if (S_ISDIR(there.st_mode) && (there.st_uid == 0 || there.st_uid == geteuid())) {
        return NULL;
    }
    bool named = text_parent(parent, sizeof parent, directory);
    if (stat(named ? parent : directory[0] == '/' ? "/" : ".", &above) < 0) {
        return strerror(errno);
    }
    return (above.st_mode & S_IWOTH) == 0
               ? NULL
               : "its directory is a link or somebody else's, where everybody may put one";
}

/* After a kill -9 a child that has not come to its exec still holds the socket: what counts is the process
 * that listened. One that we cannot see or may not reach counts as alive. */
static bool is_in_use(const struct sockaddr_un *address) {
    struct ucred peer = {.pid = 0};
    socklen_t length = sizeof peer;
    bool dead = false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return true;
    }
    if (connect(fd, (const struct sockaddr *) (const void *) address, sizeof *address) < 0) {
        dead = errno == ECONNREFUSED;
    } else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0) {
        dead = peer.pid > 0 && kill(peer.pid, 0) < 0 && errno == ESRCH;
    }
    (void) close(fd);
    return !dead;
}

/* Something has the name: the lock of the state directory keeps out who has our state, not who has one of his
 * own. */
static const char *make_way(const struct sockaddr_un *address) {
    struct stat there;
    if (lstat(address->sun_path, &there) < 0) {
        return errno == ENOENT ? NULL : strerror(errno);
    }
    if (!S_ISSOCK(there.st_mode)) {
        return strerror(EEXIST); /* nobody's file is deleted for a slip in the configuration */
    }
    if (is_in_use(address)) {
        return "another tr069-client listens there: name one for this one alone";
    }
    return unlink(address->sun_path) < 0 && errno != ENOENT ? strerror(errno) : NULL;
}

static int bind_private(int fd, const struct sockaddr_un *address) {
    mode_t mask = umask(0177);
    int r = bind(fd, (const struct sockaddr *) (const void *) address, sizeof *address) < 0 ? -errno : 0;
    (void) umask(mask);
    return r;
}

static const char *open_socket(struct control *control, const struct sockaddr_un *address) {
    const char *why = prepare_directory(address->sun_path);
    if (why != NULL) {
        return why;
    }
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int r = control->fd < 0 ? -errno : bind_private(control->fd, address);
    if (r == -EADDRINUSE) {
        why = make_way(address);
        if (why != NULL) {
            return why;
        }
        r = bind_private(control->fd, address);
    }
    if (r < 0) {
        return strerror(-r);
    }
    (void) text_copy(control->path, sizeof control->path, address->sun_path);
    return listen(control->fd, CLIENTS_MAX) < 0 ? strerror(errno) : NULL;
}

const char *control_new(struct agent *agent, const char *path, struct control **ret_control) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path[0] == '\0') {
        return NULL;
    }
    if (!text_copy(address.sun_path, sizeof address.sun_path, path)) {
        return strerror(ENAMETOOLONG);
    }
    struct control *control = calloc(1, sizeof *control);
    if (control == NULL) {
        return strerror(ENOMEM);
    }
    control->agent = agent;
    control->fd = -1;
    const char *why = open_socket(control, &address);
    if (why == NULL) {
        int r = loop_watch(agent->loop, control->fd, TR069_READABLE, on_connect, control, &control->watch);
        why = r < 0 ? strerror(-r) : NULL;
    }
    if (why != NULL) {
        control_free(control);
        return why;
    }
    *ret_control = control;
    return NULL;
}

void control_free(struct control *control) {
    if (control == NULL) {
        return;
    }
    while (control->clients != NULL) {
        client_free(control->clients);
    }
    loop_unwatch(control->agent->loop, control->watch);
    if (control->path[0] != '\0') { /* while it is ours: once closed, it is anybody's to replace */
        (void) unlink(control->path);
    }
    if (control->fd >= 0) {
        (void) close(control->fd);
    }
    free(control);
}
