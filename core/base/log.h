/* The log: the only global state of the program is its sink.
 *
 * A line is `<priority>room: text`. Secrets are never passed to it; URLs are passed through
 * text_url_for_log() first. A function either logs or returns an error, never both. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* The priorities of syslog(3). */
enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

/* Receives each line that passes the level; `line` has no newline and no control characters. */
typedef void log_sink(void *user, enum log_level level, const char *room, const char *line);

enum { LOG_ROOMS_MAX = 32, LOG_ROOM_SIZE = 40 };

/* A room, or a plugin, with a level of its own. */
struct log_room {
    char name[LOG_ROOM_SIZE];
    enum log_level level;
};

struct log_setup {
    enum log_level level;                 /* less urgent lines are dropped before they are formatted */
    struct log_room rooms[LOG_ROOMS_MAX]; /* the first `room_count`: other levels */
    size_t room_count;
    bool to_stderr; /* with time stamps and level names if stderr is a terminal or `readable`, */
    bool readable;  /* else with the prefix <N>, which journald understands */
    bool to_syslog;
    log_sink *sink; /* for tests; replaces the others */
    void *user;
};

void log_configure(const struct log_setup *setup);
/* Puts "LEVEL" or "ROOM:LEVEL" into a setup ("ROOM:" takes the room's own level away). 0; -EINVAL for
 * something else; -ENOSPC for one room too many. */
int log_adjust(struct log_setup *setup, const char *text);
/* What is in force. */
const struct log_setup *log_current(void);
const char *log_level_name(enum log_level level);
/* May a line of this level be written, in some room at least? */
bool log_enabled(enum log_level level);
/* Control characters and bad UTF-8 in the text are replaced; long lines are cut at 1024 octets. */
void log_line(enum log_level level, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_vline(enum log_level level, const char *room, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* Each .c file that logs says `#define LOG_ROOM "session"` before these. */
#define log_error(...) log_line(LOG_LEVEL_ERROR, LOG_ROOM, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, LOG_ROOM, __VA_ARGS__)
#define log_notice(...) log_line(LOG_LEVEL_NOTICE, LOG_ROOM, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, LOG_ROOM, __VA_ARGS__)
#define log_debug(...)                                                                                       \
    do {                                                                                                     \
        if (log_enabled(LOG_LEVEL_DEBUG)) {                                                                  \
            log_line(LOG_LEVEL_DEBUG, LOG_ROOM, __VA_ARGS__);                                                \
        }                                                                                                    \
    } while (0)

#endif
