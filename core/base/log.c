/* The log: one sink, set up once; lines are cleaned before they reach it. */
#include <config.h>

#include "base/log.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 1024, ROOM_MAX_OCTETS = 64 };

/* Before log_configure(): notices and worse, to stderr. */
static struct log_setup log_state = {.level = LOG_LEVEL_NOTICE, .to_stderr = true};
static enum log_level log_most = LOG_LEVEL_NOTICE; /* of all rooms */

void log_configure(const struct log_setup *setup) {
    if (log_state.to_syslog) {
        closelog();
    }
    log_state = *setup;
    log_state.readable = log_state.readable || (log_state.to_stderr && isatty(STDERR_FILENO));
    log_most = setup->level;
    for (size_t i = 0; i < setup->room_count; i++) {
        log_most = setup->rooms[i].level > log_most ? setup->rooms[i].level : log_most;
    }
    if (log_state.to_syslog) {
        openlog("tr069-client", LOG_PID, LOG_DAEMON);
    }
}

const struct log_setup *log_current(void) {
    return &log_state;
}

bool log_enabled(enum log_level level) {
    return level <= log_most;
}

static bool enabled_in(enum log_level level, const char *room) {
    for (size_t i = 0; i < log_state.room_count; i++) {
        if (strcmp(log_state.rooms[i].name, room) == 0) {
            return level <= log_state.rooms[i].level;
        }
    }
    return level <= log_state.level;
}

static const char *const level_names[] = {[LOG_LEVEL_ERROR] = "error",
                                          [LOG_LEVEL_WARNING] = "warning",
                                          [LOG_LEVEL_NOTICE] = "notice",
                                          [LOG_LEVEL_INFO] = "info",
                                          [LOG_LEVEL_DEBUG] = "debug"};

const char *log_level_name(enum log_level level) {
    return level >= LOG_LEVEL_ERROR && level <= LOG_LEVEL_DEBUG ? level_names[level] : "?";
}

static int parse_level(const char *name, enum log_level *ret_level) {
    for (enum log_level level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        if (strcmp(level_names[level], name) == 0) {
            *ret_level = level;
            return 0;
        }
    }
    return -EINVAL;
}

int log_adjust(struct log_setup *setup, const char *text) {
    const char *colon = strchr(text, ':');
    size_t length = colon != NULL ? (size_t) (colon - text) : 0, i = 0;
    enum log_level level = LOG_LEVEL_INFO;
    bool remove = colon != NULL && colon[1] == '\0';
    if ((colon != NULL && (length == 0 || length >= LOG_ROOM_SIZE)) ||
        (!remove && parse_level(colon != NULL ? colon + 1 : text, &level) < 0)) {
        return -EINVAL;
    }
    if (colon == NULL) {
        setup->level = level;
        return 0;
    }
    while (i < setup->room_count &&
           (strncmp(setup->rooms[i].name, text, length) != 0 || setup->rooms[i].name[length] != '\0')) {
        i++;
    }
    if (remove && i < setup->room_count) {
        setup->rooms[i] = setup->rooms[--setup->room_count];
    } else if (!remove && i == LOG_ROOMS_MAX) {
        return -ENOSPC;
    } else if (!remove) {
        memcpy(setup->rooms[i].name, text, length);
        setup->rooms[i].name[length] = '\0';
        setup->rooms[i].level = level;
        setup->room_count += i == setup->room_count;
    }
    return 0;
}

/* Copies what a terminal and a log file can bear; `out` has room for `length` + 1 octets. */
static void clean(char *out, const char *text, size_t length) {
    size_t i = 0;
    while (i < length) {
        uint32_t code = 0;
        if (text[i] >= ' ' && text[i] <= '~') { /* nearly all */
            *out++ = text[i++];
            continue;
        }
        size_t n = text_utf8_char(text + i, length - i, &code);
        if (n == 0) {
            *out++ = '?';
            i++;
            continue;
        }
        if (code == '\n' || code == '\t' || code == '\r') {
            *out++ = ' ';
        } else if (code < 32 || (code >= 127 && code < 160)) {
            *out++ = '?';
        } else {
            memcpy(out, text + i, n);
            out += n;
        }
        i += n;
    }
    *out = '\0';
}

/* Where a line that is too long is cut: before a character that would not be whole. */
static size_t cut_length(const char *text, size_t length) {
    size_t start = length, i;
    for (i = 0; i < 3 && start > 0 && ((unsigned char) text[start] & 0xC0) == 0x80; i++) {
        start--;
    }
    return ((unsigned char) text[start] & 0xC0) == 0xC0 ? start : length;
}

static void to_stderr(enum log_level level, const char *room, const char *line) {
    char out[LINE_MAX_OCTETS + 128];
    int n;
    if (log_state.readable) {
        time_t now = time(NULL);
        struct tm t;
        memset(&t, 0, sizeof t);
        (void) localtime_r(&now, &t);
        n = snprintf(out, sizeof out, "%04d-%02d-%02d %02d:%02d:%02d %s %.*s: %s\n", t.tm_year + 1900,
                     t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, log_level_name(level),
                     ROOM_MAX_OCTETS, room, line);
    } else {
        n = snprintf(out, sizeof out, "<%d>%.*s: %s\n", (int) level, ROOM_MAX_OCTETS, room, line);
    }
    if (n > 0 && (size_t) n >= sizeof out) { /* cannot be, by the sizes above */
        n = (int) sizeof out - 1;
    }
    if (n > 0) {
        ssize_t written;
        do { /* one write, so that lines of several processes do not mix */
            written = write(STDERR_FILENO, out, (size_t) n);
        } while (written < 0 && errno == EINTR);
    }
}

void log_vline(enum log_level level, const char *room, const char *format, va_list arguments) {
    char raw[LINE_MAX_OCTETS + 1], line[LINE_MAX_OCTETS + 1];
    size_t length;
    int n, saved = errno;
    if (!log_enabled(level) || !enabled_in(level, room)) {
        return;
    }
    n = vsnprintf(raw, sizeof raw, format, arguments);
    if (n < 0) {
        n = snprintf(raw, sizeof raw, "a line that could not be formatted");
    }
    if ((size_t) n < sizeof raw) {
        length = (size_t) n;
    } else {
        length = cut_length(raw, LINE_MAX_OCTETS - 3);
        memcpy(raw + length, "...", 3);
        length += 3;
    }
    while (length > 0 && raw[length - 1] == '\n') {
        length--;
    }
    clean(line, raw, length);
    if (log_state.sink != NULL) {
        log_state.sink(log_state.user, level, room, line);
    } else {
        if (log_state.to_stderr) {
            to_stderr(level, room, line);
        }
        if (log_state.to_syslog) {
            syslog((int) level, "%s: %s", room, line);
        }
    }
    errno = saved;
}

void log_line(enum log_level level, const char *room, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_vline(level, room, format, arguments);
    va_end(arguments);
}
