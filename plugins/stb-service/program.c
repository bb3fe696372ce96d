/* plugins/stb-service: the box's programs. `command` prints values and figures, `set` is told what the ACS
 * set. One child at a time. */
#define _GNU_SOURCE
#include "stb.h"

#include <stdlib.h>

enum { WORDS_MAX = 32, OUTPUT_MAX = 65536, LINE_SIZE = 4096, TRIES = 3, AGAIN_MS = 30000 };

static void go_on(struct stb *stb);

bool stb_program_busy(const struct stb *stb) {
    return stb->program.child != NULL || stb->program.wanted != 0;
}

static bool can_read(const struct stb *stb) {
    return stb->host->option_list(stb->host, "command")[0] != NULL;
}

/* ---- Reading ---------------------------------------------------------------------------------- */

/* Once aloud: it will print the same again and again. */
static void complain(struct stb *stb, const char *name, const char *value) {
    stb->host->log(stb->host, stb->program.loud ? TR069_DEBUG : TR069_WARNING,
                   "the program printed \"%.64s=%.64s\", which this model does not have", name, value);
    stb->program.loud = true;
}

/* One line, which is ended here: "NAME=VALUE". */
static void read_line(struct stb *stb, char *line) {
    char *value = strchr(line, '=');
    if (line[0] == '\0' || line[0] == '#') {
        return;
    }
    if (value != NULL) {
        *value++ = '\0';
        if (strncmp(line, MONITORING, strlen(MONITORING)) == 0 &&
            stb_figure_print(stb, line + strlen(MONITORING), value)) {
            return;
        }
        if (stb_print(stb, line, value)) {
            return;
        }
    }
    complain(stb, line, value != NULL ? value : "");
}

static void read_lines(struct stb *stb, const char *output, size_t length) {
    char line[LINE_SIZE];
    const bool is_cut = length == OUTPUT_MAX;
    while (length > 0) {
        const char *end = memchr(output, '\n', length);
        const size_t size = end != NULL ? (size_t) (end - output) : length;
        const bool is_whole = size < sizeof line && (end != NULL || !is_cut);
        if (is_whole && memchr(output, '\0', size) == NULL) {
            memcpy(line, output, size);
            line[size] = '\0';
            line[strcspn(line, "\r")] = '\0';
            read_line(stb, line);
        } else {
            complain(stb, "...", "(a line that is too long, or no text)");
        }
        output += size + (end != NULL ? 1 : 0);
        length -= size + (end != NULL ? 1 : 0);
    }
}

/* Is the program to know of it? */
bool stb_is_told(const struct stb *stb, const struct cell *cell) {
    return cell->param->set != stb_own_set && stb->host->option_list(stb->host, "set")[0] != NULL;
}

/* What the ACS set and the program does not print, it may have forgotten with the power: it is told again. */
static void tell_again(struct stb *stb) {
    for (size_t i = 0; i < stb->cell_count; i++) {
        struct cell *cell = stb->cells[i];
        cell->untold = cell->untold || (cell->kept && !cell->printed && stb_is_told(stb, cell));
    }
}

/* What follows from what was printed, and from how the program fared. */
struct outcome {
    unsigned streams, players;
    bool failed;
};

static struct outcome outcome_of(const struct stb *stb) {
    return (struct outcome){stb_active(stb, "AVStreams.AVStream."), stb_active(stb, "AVPlayers.AVPlayer."),
                            stb->program.failed};
}

static void tell_outcome(const struct stb *stb, struct outcome before) {
    const struct outcome now = outcome_of(stb);
    if (now.streams != before.streams) {
        stb_changed(stb, "AVStreams.ActiveAVStreams");
    }
    if (now.players != before.players) {
        stb_changed(stb, "AVPlayers.ActiveAVPlayers");
    }
    for (size_t i = 0; i < stb->stream_count && now.failed != before.failed; i++) {
        char name[64];
        (void) snprintf(name, sizeof name, STREAM "%u.Status", stb->streams[i].instance);
        stb_changed(stb, name);
    }
}

static void reading_ended(struct stb *stb, int result, const char *output, size_t length) {
    struct program *program = &stb->program;
    const struct tr069_host *host = stb->host;
    const uint64_t now = stb_now(stb), elapsed = program->read_ms != 0 ? now - program->read_ms : 0;
    const bool well = result == 0, first = well && program->read_ms == 0;
    const struct outcome before = outcome_of(stb);
    program->child = NULL;
    if (well) {
        read_lines(stb, output, length);
        program->read_ms = now;
    } else if (!program->failed) {
        host->log(host, TR069_WARNING, "%s %s: the former values count",
                  host->option_list(host, "command")[0],
                  result == -ETIMEDOUT ? "did not end in time" : "failed");
    }
    program->failed = !well;
    program->slow = now - program->began_ms > (uint64_t) host->option_int(host, "wait");
    stb_monitoring_read(stb, program->reason, well, elapsed);
    program->attempted = true;
    if (first) {
        tell_again(stb);
    } else {
        tell_outcome(stb, before);
    }
}

static void has_read(void *user, int result, const char *output, size_t length) {
    reading_ended(user, result, output != NULL ? output : "", output != NULL ? length : 0);
    go_on(user);
}

/* ---- Telling ---------------------------------------------------------------------------------- */

static void again(void *user) {
    struct stb *stb = user;
    stb->program.again = NULL;
    go_on(stb);
}

static void telling_ended(struct stb *stb, int result) {
    struct program *program = &stb->program;
    struct cell *cell = program->told;
    const bool newer = program->given != NULL && strcmp(program->given, stb_text(stb, cell->name)) != 0;
    program->child = NULL;
    program->told = NULL;
    free(program->given);
    program->given = NULL;
    if (newer) { /* it was set once more meanwhile */
        cell->tries = 0;
    } else if (result == 0) {
        stb_keep(stb, cell, true);
        program->wanted |= can_read(stb) ? REASON_READ : 0; /* did it do what it said? */
    } else if (++cell->tries < TRIES) {
        (void) stb->host->timer(stb->host, AGAIN_MS, again, stb, &program->again);
    } else {
        stb->host->log(stb->host, TR069_ERROR,
                       "%s: the program failed %d times: the value of the ACS is not in force", cell->name,
                       TRIES);
        stb_forget(stb, cell);
        stb_changed(stb, cell->name);
    }
}

static void was_told(void *user, int result, const char *output, size_t length) {
    (void) output;
    (void) length;
    telling_ended(user, result);
    go_on(user);
}

static struct cell *untold(const struct stb *stb) {
    for (size_t i = 0; i < stb->cell_count; i++) {
        if (stb->cells[i]->untold) {
            return stb->cells[i];
        }
    }
    return NULL;
}

/* ---- Running ---------------------------------------------------------------------------------- */

/* `last` in place of the word %r, or behind the others. */
static int start(struct stb *stb, const char *option, const char *last, tr069_run_done *done) {
    const struct tr069_host *host = stb->host;
    const char *const *command = host->option_list(host, option);
    const char *argv[WORDS_MAX + 2];
    const bool append = done == was_told;
    size_t count = 0;
    for (; count < WORDS_MAX && command[count] != NULL; count++) {
        argv[count] = !append && strcmp(command[count], "%r") == 0 ? last : command[count];
    }
    if (append) {
        argv[count++] = last;
    }
    argv[count] = NULL;
    const struct tr069_run run = {.argv = argv,
                                  .deadline_ms = (uint32_t) host->option_int(host, "deadline") * 1000,
                                  .output_max = OUTPUT_MAX};
    stb->program.began_ms = stb_now(stb);
    return command[0] != NULL ? host->run(host, &run, done, stb, &stb->program.child) : -ENOENT;
}

static void start_reading(struct stb *stb) {
    struct program *program = &stb->program;
    program->reason = (program->wanted & REASON_SAMPLE) != 0 ? REASON_SAMPLE : REASON_READ;
    program->wanted &= ~(unsigned) program->reason;
    const int r = start(stb, "command", program->reason == REASON_SAMPLE ? "sample" : "read", has_read);
    if (r < 0) {
        reading_ended(stb, r, "", 0);
    }
}

static void start_telling(struct stb *stb, struct cell *cell) {
    struct program *program = &stb->program;
    char *line = NULL;
    int r = -ENOMEM;
    program->told = cell;
    program->given = strdup(stb_text(stb, cell->name));
    if (program->given != NULL && asprintf(&line, "%s=%s", cell->name, program->given) >= 0) {
        r = start(stb, "set", line, was_told);
        free(line);
    }
    if (r < 0) {
        telling_ended(stb, r);
    }
}

/* A session that waits has what it wants when no reading is under way or due. */
static void answer(struct stb *stb) {
    struct program *program = &stb->program;
    if (program->awaited && !stb_program_busy(stb)) {
        program->awaited = false;
        for (const struct tr069_object *object = stb->objects; object->path != NULL; object++) {
            if (object->refresh != NULL) {
                stb->host->refreshed(stb->host, object);
            }
        }
    }
}

/* The end of an interval first: there the time counts. */
static void go_on(struct stb *stb) {
    struct program *program = &stb->program;
    struct cell *cell;
    while (program->child == NULL) {
        if ((program->wanted & REASON_SAMPLE) != 0) {
            start_reading(stb);
        } else if (program->again == NULL && (cell = untold(stb)) != NULL) {
            start_telling(stb, cell);
        } else if (program->wanted != 0) {
            start_reading(stb);
        } else {
            break;
        }
    }
    answer(stb);
}

void stb_program_want(struct stb *stb, enum reason reason) {
    stb->program.wanted |= can_read(stb) ? reason : 0;
    go_on(stb);
}

void stb_program_tell(struct stb *stb) {
    go_on(stb);
}

void stb_program_stop(struct stb *stb) {
    struct program *program = &stb->program;
    if (program->child != NULL) {
        stb->host->run_cancel(stb->host, program->child);
        program->child = NULL;
    }
    free(program->given);
    program->given = NULL;
}
