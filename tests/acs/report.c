/* The transcript, a line a message, and the count of what went wrong. */
#include <config.h>

#include "report.h"

#include "loop.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

struct violation_row {
    const char *name;
    const char *sentence;
};

#define VIOLATION_ROW(id, name, sentence) {name, sentence},
static const struct violation_row rows[VIOLATION_COUNT] = {VIOLATIONS(VIOLATION_ROW)};
#undef VIOLATION_ROW

const char *violation_name(enum violation violation) {
    return rows[violation].name;
}

const char *violation_sentence(enum violation violation) {
    return rows[violation].sentence;
}

bool report_tolerate(struct report *report, const char *name, bool tolerate) {
    bool found = false;
    for (int i = 0; i < VIOLATION_COUNT; i++) {
        if (strcmp(name, "all") == 0 || strcmp(name, rows[i].name) == 0) {
            report->tolerated[i] = tolerate;
            found = true;
        }
    }
    return found;
}

static void write_line(struct report *report, unsigned session, const char *mark, char *text) {
    static int64_t start;
    if (start == 0) {
        start = loop_now();
    }
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char) *c < ' ' || *c == 127) {
            *c = ' ';
        }
    }
    int64_t now = loop_now() - start;
    char number[16] = "   -";
    if (session != 0) {
        (void) snprintf(number, sizeof number, "#%-3u", session);
    }
    FILE *files[] = {report->to_stdout, report->to_file};
    for (size_t i = 0; i < 2; i++) {
        if (files[i] != NULL) {
            (void) fprintf(files[i], "%4lld.%03lld %s %s %s\n", (long long) (now / 1000),
                           (long long) (now % 1000), number, mark, text);
            (void) fflush(files[i]);
        }
    }
}

void report_line(struct report *report, unsigned session, const char *mark, const char *format, ...) {
    if (report->to_stdout == NULL && report->to_file == NULL) {
        return;
    }
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line(report, session, mark, text);
}

static void failed(struct report *report, const char *text) {
    if (report->failures++ == 0) {
        (void) snprintf(report->first, sizeof report->first, "%.1000s", text);
    }
}

void report_violation(struct report *report, unsigned session, enum violation violation, const char *format,
                      ...) {
    char detail[800];
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    bool tolerated = report->tolerated[violation];
    (void) snprintf(text, sizeof text, "V%02d %s: %s%s", (int) violation + 1, rows[violation].name, detail,
                    tolerated ? " (tolerated)" : "");
    report->count[violation]++;
    report->violations++;
    write_line(report, session, tolerated ? "??" : "!!", text);
    if (!tolerated) {
        char whole[sizeof report->first];
        (void) snprintf(whole, sizeof whole, "session %u: %.1000s", session, text);
        failed(report, whole);
    }
}

void report_failure(struct report *report, unsigned session, unsigned line, const char *format, ...) {
    char detail[800];
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    if (line != 0) {
        (void) snprintf(text, sizeof text, "FAIL line %u: %s", line, detail);
    } else {
        (void) snprintf(text, sizeof text, "FAIL %s", detail);
    }
    write_line(report, session, "!!", text);
    failed(report, text);
}

void report_end(struct report *report, unsigned sessions, unsigned messages) {
    char text[1400];
    (void) snprintf(text, sizeof text, "%u sessions, %u messages, %u expectations met, %u violations",
                    sessions, messages, report->expectations, report->violations);
    write_line(report, 0, "==", text);
    if (report->failures > 0) {
        (void) snprintf(text, sizeof text, "FAILED (%u): first: %s", report->failures, report->first);
        if (report->to_stdout == NULL) {
            (void) printf("%s\n", text);
        }
    } else {
        (void) snprintf(text, sizeof text, "passed");
    }
    write_line(report, 0, "==", text);
    (void) fflush(stdout);
}
