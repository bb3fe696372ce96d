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

void log_configure(const struct log_setup *setup) {
    if (log_state.to_syslog) {
        closelog();
    }
    log_state = *setup;
    if (log_state.to_syslog) {
        openlog("tr069-client", LOG_PID, LOG_DAEMON);
    }
}

bool log_enabled(enum log_level level) {
    return level <= log_state.level;
}

static const char *level_name(enum log_level level) {
    switch (level) {
    case LOG_LEVEL_ERROR:
        return "error";
    case LOG_LEVEL_WARNING:
        return "warning";
    case LOG_LEVEL_NOTICE:
        return "notice";
    case LOG_LEVEL_INFO:
        return "info";
    case LOG_LEVEL_DEBUG:
        return "debug";
    }
    return "?";
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
    if (log_state.readable || isatty(STDERR_FILENO)) {
        time_t now = time(NULL);
        struct tm t;
        memset(&t, 0, sizeof t);
        (void) localtime_r(&now, &t);
        n = snprintf(out, sizeof out, "%04d-%02d-%02d %02d:%02d:%02d %s %.*s: %s\n", t.tm_year + 1900,
                     t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, level_name(level),
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
    if (!log_enabled(level)) {
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
