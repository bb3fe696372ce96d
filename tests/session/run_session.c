/* Plays the scenarios of this directory against the session machine. README.md describes the files. */
#include <config.h>

#include "messages.h"
#include "world.h"

#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double uniform_value;
static bool verbose;
static struct world *playing; /* whose log it is */
static struct world *playing; /* whose log it is */

/* ---- The box's life ---------------------------------------------------------------------------- */

static double uniform(void) {
    return uniform_value;
}

static void on_ready(void *user) {
    ((struct world *) user)->ready++;
}

static void on_command(void *user, const struct tr069_command *command) {
    struct world *w = user;
    (void) snprintf(w->command, sizeof w->command, "%u %s %s%s%s", command->fault, command->method,
                    command->subject, command->text[0] != '\0' ? " / " : "", command->text);
}

static void open_world(struct world *w, bool booted) {
    const struct session_setup setup = {
        .config = &w->config, .uniform = uniform, .on_command = on_command, .on_ready = on_ready, .user = w};
    char error[256];
    int r = test_box_open(&w->box, w->directory, &setup, booted, error, sizeof error);
    if (r < 0) {
        complain(w, "the box does not start: %s %s", strerror(-r), error);
        exit(99);
    }
    w->open = true;
}

static void close_world(struct world *w) {
    test_box_close(&w->box);
    store_free(w->box.store);
    w->box.store = NULL;
    w->open = false;
}

/* What the agent does with a verdict. */
static void took(struct world *w, enum session_verdict verdict) {
    w->verdict = verdict;
    if (verdict != SESSION_WAIT && store_commit(w->box.store) < 0) {
        complain(w, "the store cannot be written");
    }
    if (verdict == SESSION_SEND && w->output.length > 0) {
        messages_keep(w->output.body, w->output.length);
    }
    power_cut(w);
}

/* ---- Set-up ------------------------------------------------------------------------------------ */

static void do_set(struct world *w, char *rest) {
    const char *key = script_word(&rest);
    if (strcmp(key, "version") == 0) {
        w->config.version = (int) number(w, rest);
    } else if (strcmp(key, "url") == 0) {
        w->config.acs_url = rest;
    } else if (strcmp(key, "serial") == 0) {
        w->config.serial = rest;
    } else if (strcmp(key, "timeout") == 0) {
        w->config.session_timeout_s = number(w, rest);
    } else if (strcmp(key, "call_timeout") == 0) {
        w->config.call_timeout_s = number(w, rest);
    } else if (strcmp(key, "retry") == 0) {
        w->config.retry_minimum_s = number(w, script_word(&rest));
        w->config.retry_multiplier = number(w, rest);
    } else if (strcmp(key, "uniform") == 0) {
        uniform_value = number(w, rest) / 1000.0;
    } else if (strcmp(key, "max_message") == 0) {
        w->config.max_message = number(w, rest);
    } else if (strcmp(key, "max_request") == 0) {
        w->config.limits.octets = number(w, rest);
    } else if (strcmp(key, "inform") == 0 && w->config.inform_count < INFORM_MAX) {
        w->inform[w->config.inform_count++] = rest;
    } else {
        complain(w, "set what?");
    }
}

static void do_keep(struct world *w, char *rest) {
    const char *key = script_word(&rest);
    if (store_put(w->box.store, key, rest) < 0 || store_commit(w->box.store) < 0) {
        complain(w, "cannot be kept");
    }
}

static void do_event(struct world *w, char *rest) {
    const char *key = cut_key(rest);
    if (events_add(w->box.events, rest, key, TR069_NOW) < 0) {
        complain(w, "\"%s\" is no event", rest);
    }
    power_cut_added(w, rest, key);
}

static void do_wall(struct world *w, char *rest) {
    int64_t seconds = CLOCK_WALL_UNKNOWN;
    if (strcmp(rest, "unknown") != 0 && text_parse_int(rest, 0, INT64_MAX, &seconds) < 0) {
        complain(w, "\"%s\" is no time", rest);
    }
    w->box.now.wall_s = seconds;
}

static void do_advance(struct world *w, char *rest) {
    unsigned ms = number(w, rest);
    w->box.now.mono_ms += ms;
    if (w->box.now.wall_s != CLOCK_WALL_UNKNOWN) {
        w->box.now.wall_s += ms / 1000;
    }
}

static void do_software(struct world *w, char *rest) {
    (void) snprintf(w->box.software, sizeof w->box.software, "%s", rest);
    (void) model_changed(w->box.model, "Device.DeviceInfo.SoftwareVersion");
    power_cut_added(w, "4 VALUE CHANGE", "");
}

static void do_upgraded(struct world *w, char *rest) { /* while the client was not looking */
    (void) snprintf(w->box.software, sizeof w->box.software, "%s", rest);
    power_cut_added(w, "4 VALUE CHANGE", "");
}

static void do_local(struct world *w, char *rest) { /* somebody at the box sets a parameter */
    const char *path = script_word(&rest);
    struct model_assignment set = {.path = path, .text = rest, .length = strlen(rest)};
    struct tr069_fault fault;
    int status;
    if (model_set(w->box.model, MODEL_LOCAL, &set, 1, &status, &fault) != TR069_OK) {
        complain(w, "%s cannot be set: %s", path, fault.text);
    }
    power_cut_added(w, "4 VALUE CHANGE", "");
}

static void do_scan(struct world *w, char *rest) {
    (void) rest;
    (void) model_changes_scan(w->box.model);
}

static void do_broken(struct world *w, char *rest) {
    w->box.broken = number(w, rest) != 0;
}

static void do_lying(struct world *w, char *rest) {
    w->box.lying = number(w, rest);
}

static void do_boot(struct world *w, char *rest) {
    (void) rest;
    close_world(w);
    open_world(w, true);
    if (events_add(w->box.events, "1 BOOT", "", TR069_NOW) < 0) {
        complain(w, "no boot event");
    }
}

static void do_kill(struct world *w, char *rest) {
    (void) rest;
    close_world(w);
    open_world(w, false);
}

static void do_forget(struct world *w, char *rest) {
    (void) rest;
    events_forget(w->box.events);
    transfers_discard(w->box.transfers, true);
    session_forget(w->box.session);
    model_forget(w->box.model, NULL);
    if (store_commit(w->box.store) < 0) {
        complain(w, "not forgotten");
    }
    power_cut_forgot(w);
}

/* order METHOD KEY, order own METHOD TYPE: what other RPCs, or the box itself, put into the queue */
static void do_order(struct world *w, char *rest) {
    static const struct tr069_window window = {0, 100, TR069_IMMEDIATELY, 1, ""};
    const char *method = script_word(&rest);
    struct tr069_fault fault = {0};
    const bool own = strcmp(method, "own") == 0;
    struct tr069_transfer request = {.method = own ? script_word(&rest) : method,
                                     .command_key = own ? "" : rest,
                                     .file_type = own ? rest : "1 Vendor Configuration File",
                                     .url = "http://f.example/1",
                                     .target_name = "t",
                                     .file_size = 7,
                                     .announce_url = own ? "http://said.example/" : "",
                                     .autonomous = own};
    uint32_t id;
    if (strcmp(method, "ScheduleDownload") == 0) {
        request.windows = &window;
        request.window_count = 1;
    }
    if (transfers_add(w->box.transfers, &request, &w->box.now, &id, &fault) != TR069_OK ||
        store_commit(w->box.store) < 0) {
        complain(w, "not ordered: %s", fault.text);
    }
}

static void do_transfer(struct world *w, char *rest) {
    struct tr069_fault fault = {0};
    uint64_t next;
    const struct transfer *t = transfers_next(w->box.transfers, &w->box.now, &next);
    char event[TRANSFER_EVENT_SIZE];
    const char *key;

    if (t == NULL) {
        complain(w, "no transfer is due");
        return;
    }
    transfers_started(w->box.transfers, t->id, &w->box.now);
    w->box.now.wall_s += 30;
    transfers_fetched(w->box.transfers, t->id, &w->box.now);
    transfer_event(t, event, &key);
    fault.code = number(w, script_word(&rest));
    (void) snprintf(fault.text, sizeof fault.text, "%s", rest);
    if (!transfers_done(w->box.transfers, t->id, &fault, &w->box.now)) {
        (void) store_commit(w->box.store); /* it is tried again */
        return;
    }
    if (events_add(w->box.events, event, key, TR069_NOW) < 0) {
        complain(w, "no event");
    }
    power_cut_ended(w, event, key);
    if (store_commit(w->box.store) < 0) {
        complain(w, "the store cannot be written");
    }
}

static void do_lose_transfers(struct world *w, char *rest) {
    (void) rest;
    transfers_discard(w->box.transfers, true);
    power_cut_forgot(w);
}

/* ---- What happens ------------------------------------------------------------------------------ */

static void do_start(struct world *w, char *rest) {
    (void) rest;
    took(w, session_start(w->box.session, &w->box.now, &w->output));
}

static void do_resume(struct world *w, char *rest) {
    (void) rest;
    took(w, session_resume(w->box.session, &w->box.now, &w->output));
}

static void do_answer(struct world *w, char *rest) {
    char *word = script_word(&rest);
    int status = strcmp(word, "hung-up") == 0 ? SESSION_HUNG_UP : (int) number(w, word);
    took(w, session_answer(w->box.session, status, NULL, 0, *rest != '\0' ? rest : NULL, &w->box.now,
                           &w->output));
}

static void give(struct world *w, int status, const struct buffer *message) {
    power_cut_answer(w, buffer_string(message));
    took(w, session_answer(w->box.session, status, buffer_string(message), message->length, NULL, &w->box.now,
                           &w->output));
}

static void do_acs(struct world *w, char *rest) {
    struct short_form form;
    buffer_reset(&w->body);
    buffer_reset(&w->expected);
    if (!script_short_form(rest, &form) || !script_body(&w->script, &w->body)) {
        complain(w, "not a message");
        return;
    }
    script_theirs(&form, buffer_string(&w->body), &w->expected);
    give(w, 200, &w->expected);
}

static void do_raw(struct world *w, char *rest) {
    const char *status = script_word(&rest);
    buffer_reset(&w->body);
    buffer_reset(&w->expected);
    if (!script_body(&w->script, &w->body) || !script_octets(&w->body, rest, &w->expected)) {
        complain(w, "not a message");
        return;
    }
    give(w, (int) number(w, status), &w->expected);
}

static void do_informed(struct world *w, char *rest) {
    char words[TEXT_SIZE];
    struct short_form form;
    (void) snprintf(words, sizeof words, "InformResponse %s", rest);
    if (!script_short_form(words, &form)) {
        complain(w, "not a message");
        return;
    }
    buffer_reset(&w->expected);
    script_theirs(&form, "<MaxEnvelopes>1</MaxEnvelopes>", &w->expected);
    give(w, 200, &w->expected);
}

/* An ACS that knows this box already. */
static void do_settled(struct world *w, char *rest) {
    (void) rest;
    if (store_put(w->box.store, "session/bootstrap", "http://acs.example/cwmp 0A1B2C STB 000001") < 0 ||
        store_commit(w->box.store) < 0) {
        complain(w, "not settled");
    }
}

/* The way to the ACS's first request. */
static void do_open(struct world *w, char *rest) {
    char id[] = "id 1", none[] = "", periodic[] = "2 PERIODIC";
    do_settled(w, none);
    do_event(w, periodic);
    do_start(w, none);
    do_informed(w, *rest != '\0' ? rest : id);
}

static void do_acs_fault(struct world *w, char *rest) {
    const char *code = script_word(&rest);
    struct short_form form = {.name = "fault", .ns = "1-2", .id = "1"};
    buffer_reset(&w->body);
    buffer_reset(&w->expected);
    (void) buffer_format(&w->body,
                         "<faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault>"
                         "<FaultCode>%s</FaultCode><FaultString>%s</FaultString></c:Fault></detail>",
                         code, rest);
    script_theirs(&form, buffer_string(&w->body), &w->expected);
    give(w, 200, &w->expected);
}

static void do_refreshed(struct world *w, char *rest) {
    test_box_refreshed(&w->box, rest);
}

static void do_complete(struct world *w, char *rest) {
    unsigned code = number(w, script_word(&rest));
    test_box_complete(&w->box, rest, code);
}

static void do_withdraw(struct world *w, char *rest) {
    (void) rest;
    rpcs_detach(w->box.rpcs, &w->box.owner);
}

static void do_abort(struct world *w, char *rest) {
    took(w, session_abort(w->box.session, rest, &w->box.now, &w->output));
}

static void do_repeat(struct world *w, char *rest) {
    w->repeat_left = number(w, rest);
    w->repeat_from = w->script.at;
}

static const struct step steps[] = {{"set", do_set},
                                    {"keep", do_keep},
                                    {"event", do_event},
                                    {"wall", do_wall},
                                    {"advance", do_advance},
                                    {"software", do_software},
                                    {"upgraded", do_upgraded},
                                    {"local", do_local},
                                    {"scan", do_scan},
                                    {"broken", do_broken},
                                    {"lying", do_lying},
                                    {"boot", do_boot},
                                    {"kill", do_kill},
                                    {"forget", do_forget},
                                    {"order", do_order},
                                    {"transfer", do_transfer},
                                    {"lose-transfers", do_lose_transfers},
                                    {"settled", do_settled},
                                    {"open", do_open},
                                    {"start", do_start},
                                    {"resume", do_resume},
                                    {"answer", do_answer},
                                    {"acs", do_acs},
                                    {"raw", do_raw},
                                    {"informed", do_informed},
                                    {"acs-fault", do_acs_fault},
                                    {"refreshed", do_refreshed},
                                    {"complete", do_complete},
                                    {"withdraw", do_withdraw},
                                    {"abort", do_abort},
                                    {"repeat", do_repeat},
                                    {0}};

/* ---- One scenario ------------------------------------------------------------------------------ */

static const struct step *find_step(const struct step *list, const char *name) {
    for (; list->name != NULL; list++) {
        if (strcmp(list->name, name) == 0) {
            return list;
        }
    }
    return NULL;
}

/* Steps cut their line into words; a repeated one needs it whole. What is set is pointed to: it stays. */
static void play_line(struct world *w, const char *line) {
    char *copy = text_dup(line), *rest = copy;
    const char *name = script_word(&rest);
    const bool set = strcmp(name, "set") == 0;
    const struct step *step = find_step(steps, name);

    if (!w->open && !set) {
        open_world(w, true);
    }
    if (step == NULL) {
        step = find_step(expect_steps, name);
    }
    if (step == NULL) {
        complain(w, "\"%s\" is no step", name);
    } else {
        step->run(w, rest);
    }
    if (set) {
        if (w->settings == SETTINGS_MAX) {
            complain(w, "too many settings");
        } else {
            w->setting[w->settings++] = copy;
            copy = NULL;
        }
    }
    free(copy);
}

static void play(struct world *w) {
    const char *line;
    while (!w->failed && (line = script_line(&w->script)) != NULL) {
        if (strcmp(line, "end") == 0) {
            if (w->repeat_left > 1) {
                w->repeat_left--;
                w->script.at = w->repeat_from;
            }
            continue;
        }
        play_line(w, line);
    }
}

static bool run_scenario(const char *path) {
    struct world *w = calloc(1, sizeof *w);
    const char *slash = strrchr(path, '/');
    bool good;

    if (w == NULL || script_load(path, &w->script) < 0) {
        free(w);
        return false;
    }
    uniform_value = 0.5;
    w->config = (struct session_config){.manufacturer = "Maker",
                                        .oui = "0A1B2C",
                                        .product_class = "STB",
                                        .serial = "000001",
                                        .acs_url = "http://acs.example/cwmp",
                                        .inform = w->inform,
                                        .version = 12,
                                        .session_timeout_s = 60,
                                        .retry_minimum_s = 5,
                                        .retry_multiplier = 2000,
                                        .limits = {65536, 1024 * 1024, 32},
                                        .max_message = 1024 * 1024};
    w->box.now = (struct moment){.mono_ms = 100000, .wall_s = 1795000000, .utc_offset_s = 3600};
    (void) snprintf(w->box.software, sizeof w->box.software, "S1");
    buffer_init(&w->body, 1024 * 1024);
    buffer_init(&w->expected, 1024 * 1024);
    buffer_init(&w->log, 1024 * 1024);
    playing = w;
    w->directory = fake_directory("session");
    w->verbose = verbose;
    play(w);
    good = !w->failed;
    if (w->open) {
        close_world(w);
    }
    fake_directory_remove(w->directory);
    (void) printf("%s  %s\n", good ? "PASS" : "FAIL", slash != NULL ? slash + 1 : path);
    playing = NULL;
    buffer_free(&w->body);
    buffer_free(&w->expected);
    buffer_free(&w->log);
    script_free(&w->script);
    while (w->settings > 0) {
        free(w->setting[--w->settings]);
    }
    free(w);
    return good;
}

static void keep_log(void *user, enum log_level level, const char *room, const char *line) {
    (void) user;
    if (playing != NULL && level < LOG_LEVEL_DEBUG) {
        (void) buffer_format(&playing->log, "%s: %s\n", room, line);
    }
    if (verbose) {
        (void) printf("      <%d>%s: %s\n", (int) level, room, line);
    }
}

int main(int argc, char **argv) {
    const struct log_setup setup = {.level = LOG_LEVEL_DEBUG, .sink = keep_log};
    unsigned passed = 0, failed = 0;
    int first = 1;

    (void) setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && strcmp(argv[1], "-v") == 0) {
        verbose = true;
        first = 2;
    }
    log_configure(&setup);
    for (int i = first; i < argc; i++) {
        if (run_scenario(argv[i])) {
            passed++;
        } else {
            failed++;
        }
    }
    if (messages_validate() != 0) {
        failed++;
    }
    (void) printf("%u scenarios passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
