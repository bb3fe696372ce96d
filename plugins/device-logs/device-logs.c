/* plugins/device-logs: DeviceInfo.DeviceLogs, what happened on this box, in two blocks.
 *
 * Block 1: the last 100 commands of the ACS with their results, kept over restarts. Flash wears, so
 * they are written after a session and at most once in `save_interval`, and when the client stops; a
 * kill loses what came since.
 * Block 2: warnings and errors of the system, from the platform's actions "device-log" and its kin, read once
 * a session, the newest `log_max` octets. Who needs longer than WAIT_MS is not waited for again until he was
 * quick once: until then each session gets what the reading before it brought.
 * Both are valid text, and secrets in them are masked. */
#define _GNU_SOURCE
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    COMMANDS = 100,   /* kept */
    LINE_SIZE = 400,  /* octets of one */
    PER_BLOCK = 25,   /* commands in one value of the state: 16 KiB at most */
    EARLY_MS = 10000, /* how long the reading of the start serves */
    WAIT_MS = 500,    /* that a session waits for a reading */
    SOURCES = 3,
    STANDARD_MAX = 32768 /* InternetGatewayDevice.DeviceInfo.DeviceLog, characters */
};

/* One log of the system. */
struct source {
    struct logs *logs;
    const char *action;
    char *text; /* cleaned; NULL: not read yet, or not configured */
    bool reading, slow, none;
    uint64_t since_ms;
};

struct logs {
    const struct tr069_host *host;
    char *lines[COMMANDS]; /* command n is in n % COMMANDS; begins with its number */
    uint64_t next;         /* number of the next command */
    uint64_t saved;        /* all below it are in the state */
    uint64_t saved_ms;
    bool was_saved, saving; /* saving: armed, by the end of the session or a timer */
    struct masks masks;
    struct source sources[SOURCES];      /* block 2 */
    char *text;                          /* both blocks; NULL: to be made */
    const struct tr069_object *waiting;  /* for the end of the reading; NULL: nobody */
    const struct tr069_install *sending; /* a file for the ACS, which waits for all readings; NULL: none */
    bool early;                          /* read at the start, for the first Inform */
    uint64_t early_ms;
};

/* ---- Block 1 ------------------------------------------------------------------------------------ */

static void forget_text(struct logs *logs) {
    free(logs->text);
    logs->text = NULL;
}

/* Of the state. */
static const char *const keys[COMMANDS / PER_BLOCK] = {"commands0", "commands1", "commands2", "commands3"};

static uint64_t oldest(const struct logs *logs) {
    return logs->next > COMMANDS ? logs->next - COMMANDS : 0;
}

/* Writes the blocks that hold commands which are not yet in the state. */
static void save(struct logs *logs) {
    bool touched[COMMANDS / PER_BLOCK] = {false};
    for (uint64_t n = logs->saved > oldest(logs) ? logs->saved : oldest(logs); n < logs->next; n++) {
        touched[n % COMMANDS / PER_BLOCK] = true;
    }
    for (size_t block = 0; block < COMMANDS / PER_BLOCK; block++) {
        char text[PER_BLOCK * (LINE_SIZE + 1) + 1];
        size_t used = 0;
        for (size_t i = block * PER_BLOCK; touched[block] && i < (block + 1) * PER_BLOCK; i++) {
            if (logs->lines[i] != NULL) {
                used += (size_t) snprintf(text + used, sizeof text - used, "%s\n", logs->lines[i]);
            }
        }
        int r = touched[block] ? logs->host->state_put(logs->host, keys[block], text) : 0;
        if (r < 0) {
            logs->host->log(logs->host, TR069_ERROR, "commands of the ACS were not kept: %s", strerror(-r));
            return;
        }
    }
    logs->saved = logs->next;
    logs->saved_ms = logs->host->monotonic_ms(logs->host);
    logs->was_saved = true;
}

static void save_timer(void *user) {
    struct logs *logs = user;
    logs->saving = false;
    save(logs);
}

static void session_ended(void *user, bool well) {
    struct logs *logs = user;
    uint64_t interval = (uint64_t) logs->host->option_int(logs->host, "save_interval") * 1000;
    uint64_t due = logs->was_saved ? logs->saved_ms + interval : 0,
             now = logs->host->monotonic_ms(logs->host);
    (void) well;
    if (due <= now || logs->host->timer(logs->host, due - now, save_timer, logs, NULL) < 0) {
        save_timer(logs);
    }
}

static void keep(struct logs *logs, uint64_t number, const char *line) {
    char *copy = strndup(line, LINE_SIZE);
    if (copy != NULL) {
        free(logs->lines[number % COMMANDS]);
        logs->lines[number % COMMANDS] = copy;
        logs->next = number + 1;
    }
}

/* "17 2026-01-02T03:04:05Z SetParameterValues Device.X.Y: 9007 too long" */
static void command(void *ctx, const struct tr069_command *command) {
    struct logs *logs = ctx;
    char line[LINE_SIZE + 1], cleaned[LINE_SIZE + 1], when[32] = "-";
    time_t seconds = (time_t) command->time;
    struct tm utc;
    if (command->time != TR069_TIME_UNKNOWN && gmtime_r(&seconds, &utc) != NULL) {
        (void) strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    const char *subject = command->subject != NULL ? command->subject : "";
    int length = snprintf(line, sizeof line, "%llu %s %.64s%s%.200s", (unsigned long long) logs->next, when,
                          command->method, subject[0] != '\0' ? " " : "", subject);
    if (command->fault == 0) {
        (void) snprintf(line + length, sizeof line - (size_t) length, ": done");
    } else {
        (void) snprintf(line + length, sizeof line - (size_t) length, ": %u %s", command->fault,
                        command->text != NULL ? command->text : "");
    }
    for (char *at = line; *at != '\0'; at++) {
        *at = *at == '\n' ? ' ' : *at;
    }
    (void) device_logs_clean(line, strlen(line), cleaned);
    device_logs_mask(&logs->masks, cleaned);
    keep(logs, logs->next, cleaned);
    forget_text(logs);
    if (!logs->saving) {
        logs->saving = true; /* outside a session it is called at once */
        if (logs->host->after_session(logs->host, session_ended, logs) < 0) {
            logs->saving = false;
        }
    }
}

/* The number that a kept line begins with, or UINT64_MAX. */
static uint64_t number_of(const char *line) {
    char *end;
    errno = 0;
    uint64_t number = strtoull(line, &end, 10);
    return errno == 0 && end > line && *end == ' ' ? number : UINT64_MAX;
}

static void load(struct logs *logs) {
    uint64_t next = 0;
    for (size_t block = 0; block < COMMANDS / PER_BLOCK; block++) {
        const char *line = logs->host->state_get(logs->host, keys[block]);
        for (; line != NULL && *line != '\0'; line = *line != '\0' ? line + 1 : line) {
            size_t length = strcspn(line, "\n");
            char copy[LINE_SIZE + 1];
            (void) snprintf(copy, sizeof copy, "%.*s", (int) length, line);
            uint64_t number = number_of(copy);
            if (number < UINT64_MAX - 1) {
                keep(logs, number, copy);
                next = number + 1 > next ? number + 1 : next;
            }
            line += length;
        }
    }
    logs->next = next;
    logs->saved = next;
}

/* ---- Block 2 ------------------------------------------------------------------------------------ */

/* Where the newest `max` octets begin, at the beginning of a line if there is one. */
static size_t cut(const char *text, size_t length, size_t max) {
    size_t skip = length > max ? length - max : 0;
    if (skip > 0) {
        const char *line = memchr(text + skip - 1, '\n', length - skip + 1);
        skip = line != NULL && line + 1 < text + length ? (size_t) (line + 1 - text) : skip;
    }
    return skip;
}

static void take_over(struct source *source, const char *output, size_t length) {
    struct logs *logs = source->logs;
    size_t skip = cut(output, length, (size_t) logs->host->option_int(logs->host, "log_max"));
    char *text = malloc(length - skip + 1);
    if (text == NULL) {
        return;
    }
    (void) device_logs_clean(output + skip, length - skip, text);
    device_logs_mask(&logs->masks, text);
    free(source->text);
    source->text = text;
    forget_text(logs);
}

static void take_failure(struct source *source, int result) {
    char text[128];
    int size = snprintf(text, sizeof text, "(the log of the system could not be read: %s)\n",
                        strerror(result < 0 ? -result : EIO));
    take_over(source, text, (size_t) size);
}

static uint64_t reading_ms(const struct source *source) {
    const struct tr069_host *host = source->logs->host;
    return host->monotonic_ms(host) - source->since_ms;
}

/* Is there a reading that a session waits for? */
static bool wait_for(struct logs *logs) {
    bool wait = false;
    for (size_t i = 0; i < SOURCES; i++) {
        struct source *source = &logs->sources[i];
        source->slow = source->slow || (source->reading && reading_ms(source) >= WAIT_MS);
        wait = wait || (source->reading && !source->slow);
    }
    return wait;
}

static bool is_reading(const struct logs *logs) {
    for (size_t i = 0; i < SOURCES; i++) {
        if (logs->sources[i].reading) {
            return true;
        }
    }
    return false;
}

static int write_file(struct logs *logs, const char *path);

static void was_read(void *user, int result, const char *output, size_t length) {
    struct source *source = user;
    struct logs *logs = source->logs;
    source->reading = false;
    source->slow = reading_ms(source) >= WAIT_MS;
    if (result == 0) {
        take_over(source, output != NULL ? output : "", output != NULL ? length : 0);
    } else {
        take_failure(source, result);
    }
    if (logs->waiting != NULL && !wait_for(logs)) {
        logs->host->refreshed(logs->host, logs->waiting);
    }
    if (logs->sending != NULL && !is_reading(logs)) {
        const struct tr069_install *file = logs->sending;
        logs->sending = NULL;
        file->host->installed(file, write_file(logs, file->path));
    }
}

/* All at once: one that hangs keeps no other. False when none could begin. */
static bool begin_reading(struct logs *logs) {
    bool begun = false;
    for (size_t i = 0; i < SOURCES; i++) {
        struct source *source = &logs->sources[i];
        if (source->reading) {
            continue;
        }
        source->reading = true; /* done may be called before action returns */
        source->since_ms = logs->host->monotonic_ms(logs->host);
        int r = logs->host->action(logs->host, source->action, NULL, was_read, source);
        source->reading = source->reading && r >= 0;
        source->none = r == -ENOSYS;
        begun = begun || r >= 0;
        if (r < 0 && r != -ENOSYS) {
            take_failure(source, r);
        }
    }
    return begun;
}

static int refresh(const struct tr069_at *at) {
    struct logs *logs = tr069_ctx(at);
    bool fresh = logs->early && logs->host->monotonic_ms(logs->host) - logs->early_ms <= EARLY_MS;
    logs->early = false;
    logs->waiting = NULL; /* what ends within this call ends nobody's wait */
    if (!fresh) {
        (void) begin_reading(logs);
    }
    logs->waiting = at->object;
    forget_text(logs);
    return wait_for(logs) ? TR069_DEFERRED : TR069_OK;
}

/* ---- The value ---------------------------------------------------------------------------------- */

static const char *text_of(const struct source *source) {
    return source->text != NULL ? source->text : "(not read yet)\n";
}

/* Block 2 has log_max octets for all: who needs less than his share leaves it to the others. */
static size_t share_of(const struct logs *logs) {
    size_t max = (size_t) logs->host->option_int(logs->host, "log_max"), share = max / SOURCES;
    for (size_t pass = 0; pass < SOURCES; pass++) {
        size_t left = max, large = 0;
        for (size_t i = 0; i < SOURCES; i++) {
            size_t length = logs->sources[i].none ? 0 : strlen(text_of(&logs->sources[i]));
            large += length > share;
            left -= length > share ? 0 : length;
        }
        share = large > 0 ? left / large : max;
    }
    return share;
}

static void write_sources(const struct logs *logs, FILE *out) {
    size_t share = share_of(logs), shown = 0;
    bool line_is_open = false;
    for (size_t i = 0; i < SOURCES; i++) {
        if (logs->sources[i].none) {
            continue;
        }
        const char *text = text_of(&logs->sources[i]);
        size_t length = strlen(text), skip = cut(text, length, share);
        if (shown++ > 0) {
            (void) fprintf(out, "%s== More of the system, %zu ==\n", line_is_open ? "\n" : "", i + 1);
        }
        (void) fputs(text + skip, out);
        line_is_open = length > 0 && text[length - 1] != '\n';
    }
    if (shown == 0) {
        (void) fputs("(this box has no log for the ACS: the action device-log is not configured)\n", out);
    }
}

static int make_text(struct logs *logs) {
    size_t size = 0;
    FILE *out = open_memstream(&logs->text, &size);
    if (out == NULL) {
        return -ENOMEM;
    }
    (void) fprintf(out, "== Commands of the ACS: the last %u ==\n", (unsigned) (logs->next - oldest(logs)));
    for (uint64_t n = oldest(logs); n < logs->next; n++) {
        const char *line = logs->lines[n % COMMANDS];
        if (line != NULL && number_of(line) == n) {
            (void) fprintf(out, "%s\n", strchr(line, ' ') + 1);
        }
    }
    (void) fputs("== Warnings and errors of the system ==\n", out);
    write_sources(logs, out);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        forget_text(logs);
        return -ENOMEM;
    }
    return 0;
}

static int logs_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct logs *logs = tr069_ctx(at);
    int r = logs->text == NULL ? make_text(logs) : 0;
    return r == 0 ? tr069_value_string(ret_value, logs->text) : r;
}

/* The standard's parameter has a limit: of a longer text it has the end, from the beginning of a line. */
static int standard_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    int r = logs_get(at, ret_value);
    if (r == TR069_OK && ret_value->length > STANDARD_MAX) {
        const char *from = ret_value->as.string + ret_value->length - STANDARD_MAX;
        const char *line = strchr(from, '\n');
        for (from = line != NULL ? line + 1 : from; ((unsigned char) *from & 0xc0) == 0x80;) {
            from++;
        }
        return tr069_value_string(ret_value, from);
    }
    return r;
}

/* ---- Upload ------------------------------------------------------------------------------------ */

/* OK or -errno. */
static int write_file(struct logs *logs, const char *path) {
    int r = logs->text == NULL ? make_text(logs) : 0;
    int fd = r == 0 ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL) {
        r = r == 0 ? -errno : r;
        if (fd >= 0) {
            (void) close(fd);
        }
        return r;
    }
    bool failed = fputs(logs->text, out) == EOF;
    return fclose(out) != 0 || failed ? -EIO : TR069_OK;
}

/* The logs of the system as they are now, also those that a session would not wait for. */
static int produce(const struct tr069_install *file) {
    struct logs *logs = file->ctx;
    (void) begin_reading(logs);
    if (!is_reading(logs)) {
        return write_file(logs, file->path);
    }
    logs->sending = file;
    return TR069_DEFERRED;
}

static const struct tr069_upload uploads[] = {{"device-logs", TR069_UPLOAD_LOG,
                                               "commands of the ACS, then warnings and errors of the system",
                                               .produce = produce, .persistent = true},
                                              {0}};

static const struct tr069_param params[] = {
    {"DeviceLogs", TR069_STRING, .notify = TR069_NOTIFY_CAN_DENY, .get = logs_get,
     .help = "commands of the ACS, then warnings and errors of the system"},
    {0}};
static const struct tr069_param igd_params[] = {
    {"DeviceLogs", TR069_STRING, .notify = TR069_NOTIFY_CAN_DENY, .get = logs_get},
    {"DeviceLog", TR069_STRING, .notify = TR069_NOTIFY_CAN_DENY, .max_length = STANDARD_MAX,
     .get = standard_get},
    {0}};
/* One object a root, so that one reading is for all of its parameters. */
static const struct tr069_object objects[] = {
    {TR069_DEV2, "DeviceInfo.", params, .refresh = refresh, .refresh_ms = WAIT_MS},
    {TR069_IGD1, "DeviceInfo.", igd_params, .refresh = refresh, .refresh_ms = WAIT_MS},
    {0}};
static const struct tr069_option options[] = {
    {"log_max", TR069_OPTION_INT, "16384", 256, 1048576, .help = "octets of the system's log, the newest"},
    {"save_interval", TR069_OPTION_INT, "600", 0, 86400,
     .help = "seconds between two writes of the commands"},
    {"secret_words", TR069_OPTION_LIST, "password passwd passphrase psk secret token apikey api_key api-key",
     .help = "what follows WORD= or WORD: is masked"},
    {"masks", TR069_OPTION_LIST, "",
     .help = "extended regular expressions; the last group of a match is masked"},
    {0}};
static const char *const actions[SOURCES] = {"device-log", "device-log-2", "device-log-3"};
static const char *const wants[] = {"action:device-log", NULL};

/* ---- Life --------------------------------------------------------------------------------------- */

static int logs_init(const struct tr069_host *host, void **ret_ctx) {
    struct logs *logs = calloc(1, sizeof *logs);
    if (logs == NULL) {
        return -ENOMEM;
    }
    *ret_ctx = logs;
    logs->host = host;
    for (size_t i = 0; i < SOURCES; i++) {
        logs->sources[i] = (struct source){.logs = logs, .action = actions[i], .none = i > 0};
    }
    load(logs);
    return device_logs_masks_read(&logs->masks, host);
}

/* The first Inform comes at once, and would wait for the program. */
static int logs_start(void *ctx) {
    struct logs *logs = ctx;
    logs->early = begin_reading(logs); /* if not, the refresh tries again */
    logs->early_ms = logs->host->monotonic_ms(logs->host);
    return 0;
}

static void logs_stop(void *ctx) {
    struct logs *logs = ctx;
    if (logs->saved < logs->next) {
        save(logs);
    }
}

static void logs_forget(void *ctx) {
    struct logs *logs = ctx;
    for (size_t i = 0; i < COMMANDS; i++) {
        free(logs->lines[i]);
        logs->lines[i] = NULL;
    }
    logs->next = 0;
    logs->saved = 0;
    forget_text(logs);
}

static void logs_destroy(void *ctx) {
    struct logs *logs = ctx;
    if (logs == NULL) {
        return;
    }
    logs_forget(logs);
    device_logs_masks_free(&logs->masks);
    for (size_t i = 0; i < SOURCES; i++) {
        free(logs->sources[i].text);
    }
    free(logs);
}

TR069_PLUGIN(.name = "device-logs", .version = "1", .summary = "commands of the ACS and the system's log",
             .options = options, .objects = objects, .wants = wants, .init = logs_init, .start = logs_start,
             .stop = logs_stop, .destroy = logs_destroy, .command = command, .forget = logs_forget,
             .uploads = uploads, .eager = true);
