/* core/base/log */
#include <config.h>

#include "base/log.h"

#include "cunit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_ROOM "test"

static struct {
    int lines;
    enum log_level level;
    char room[32], line[2048];
} got;

static void keep(void *user, enum log_level level, const char *room, const char *line) {
    CU_ASSERT_PTR_EQUAL(user, &got);
    got.lines++;
    got.level = level;
    (void) snprintf(got.room, sizeof got.room, "%s", room);
    (void) snprintf(got.line, sizeof got.line, "%s", line);
}

static void use_sink(enum log_level level) {
    struct log_setup setup = {.level = level, .sink = keep, .user = &got};
    memset(&got, 0, sizeof got);
    log_configure(&setup);
}

static int evaluated;
static const char *costly(void) {
    evaluated++;
    return "costly";
}

static void drops_by_level(void) {
    use_sink(LOG_LEVEL_NOTICE);
    log_info("%s", "dropped");
    evaluated = 0;
    log_debug("%s", costly());
    CU_ASSERT_EQUAL(evaluated, 0);
    CU_ASSERT_EQUAL(got.lines, 0);
    log_notice("%s %d", "kept", 1);
    CU_ASSERT_EQUAL(got.lines, 1);
    CU_ASSERT_EQUAL(got.level, LOG_LEVEL_NOTICE);
    CU_ASSERT_STRING_EQUAL(got.room, "test");
    CU_ASSERT_STRING_EQUAL(got.line, "kept 1");
    log_warning("w");
    CU_ASSERT_EQUAL(got.level, LOG_LEVEL_WARNING);
    log_error("e");
    CU_ASSERT_EQUAL(got.level, LOG_LEVEL_ERROR);
    CU_ASSERT_EQUAL(got.lines, 3);
    CU_ASSERT(log_enabled(LOG_LEVEL_NOTICE) && !log_enabled(LOG_LEVEL_INFO));
    use_sink(LOG_LEVEL_DEBUG);
    log_debug("%s", costly());
    CU_ASSERT_EQUAL(evaluated, 1);
    CU_ASSERT_STRING_EQUAL(got.line, "costly");
}

static void cleans_lines(void) {
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"two\nlines", "two lines"},
        {"ends\n", "ends"},
        {"ends\r\n\n", "ends "},
        {"tab\there", "tab here"},
        {"\x1b[31mred\x07", "?[31mred?"},
        {"del\x7f", "del?"},
        {"c1 \xc2\x9b", "c1 ?"},
        {"\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
         "\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"bad \xff\xc3.", "bad ??."},
        {"", ""},
    };
    size_t i;
    use_sink(LOG_LEVEL_INFO);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        log_info("%s", cases[i].text);
        CU_ASSERT_STRING_EQUAL(got.line, cases[i].line);
    }
    CU_ASSERT_EQUAL(got.lines, (int) i);
}

static void cuts_long_lines(void) {
    char text[4000];
    size_t n;
    use_sink(LOG_LEVEL_INFO);
    memset(text, 'x', sizeof text);
    for (n = 1020; n < 1030; n++) {
        text[n] = '\0';
        log_info("%s", text);
        CU_ASSERT_EQUAL(strlen(got.line), n <= 1024 ? n : 1024);
        CU_ASSERT_EQUAL(strcmp(got.line + strlen(got.line) - 3, "...") == 0, n > 1024);
        text[n] = 'x';
    }
    /* at any place of a character of four octets: never half of it */
    for (n = 1010; n < 1024; n++) {
        size_t i;
        memset(text, 'x', sizeof text);
        for (i = n; i + 4 < 2000; i += 4) {
            memcpy(text + i, "\xf0\x9f\x98\x80", 4);
        }
        text[i] = '\0';
        log_info("%s", text);
        CU_ASSERT(strlen(got.line) <= 1024 && strlen(got.line) > 1017);
        CU_ASSERT_PTR_NULL(strchr(got.line, '?'));
    }
}

static void keeps_errno(void) {
    use_sink(LOG_LEVEL_INFO);
    errno = ENOSPC;
    log_info("%s", strerror(errno));
    CU_ASSERT_STRING_EQUAL(got.line, strerror(ENOSPC));
    CU_ASSERT_EQUAL(errno, ENOSPC);
}

/* What comes out of stderr, which is a pipe meanwhile. */
static void capture(bool readable, char *out, size_t size) {
    struct log_setup setup = {.level = LOG_LEVEL_INFO, .to_stderr = true, .readable = readable};
    int ends[2], saved = dup(STDERR_FILENO);
    ssize_t n;
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_FATAL(saved >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
    log_configure(&setup);
    log_notice("an %s", "Inform");
    log_debug("not this");
    (void) dup2(saved, STDERR_FILENO);
    (void) close(saved);
    (void) close(ends[1]);
    n = read(ends[0], out, size - 1);
    (void) close(ends[0]);
    out[n > 0 ? n : 0] = '\0';
}

/* '0' in the pattern is any digit. */
static bool looks_like(const char *text, const char *pattern) {
    for (; *pattern != '\0'; pattern++, text++) {
        if (*pattern == '0' ? *text < '0' || *text > '9' : *text != *pattern) {
            return false;
        }
    }
    return *text == '\0';
}

static void writes_to_stderr(void) {
    char out[256];
    capture(false, out, sizeof out);
    CU_ASSERT_STRING_EQUAL(out, "<5>test: an Inform\n");
    capture(true, out, sizeof out);
    CU_ASSERT_TRUE(looks_like(out, "0000-00-00 00:00:00 notice test: an Inform\n"));
}

static void rooms_have_levels(void) {
    struct log_setup setup = {.level = LOG_LEVEL_NOTICE, .sink = keep, .user = &got};
    CU_ASSERT_EQUAL(log_adjust(&setup, "test:debug"), 0);
    CU_ASSERT_EQUAL(log_adjust(&setup, "other:error"), 0);
    CU_ASSERT_EQUAL(setup.room_count, 2);
    memset(&got, 0, sizeof got);
    log_configure(&setup);
    log_debug("%s", "seen");
    CU_ASSERT_EQUAL(got.lines, 1);
    log_line(LOG_LEVEL_WARNING, "other", "not seen");
    log_line(LOG_LEVEL_INFO, "third", "not seen");
    CU_ASSERT_EQUAL(got.lines, 1);
    log_line(LOG_LEVEL_ERROR, "other", "seen");
    log_line(LOG_LEVEL_NOTICE, "third", "seen");
    log_line(LOG_LEVEL_NOTICE, "tes", "a beginning is not the room");
    CU_ASSERT_EQUAL(got.lines, 4);
    CU_ASSERT(log_enabled(LOG_LEVEL_DEBUG));

    setup = *log_current();
    CU_ASSERT_EQUAL(log_adjust(&setup, "test:warning"), 0); /* another one, not a second */
    CU_ASSERT_EQUAL(setup.room_count, 2);
    CU_ASSERT_EQUAL(log_adjust(&setup, "other:"), 0);
    CU_ASSERT_EQUAL(log_adjust(&setup, "never:"), 0);
    CU_ASSERT_EQUAL(setup.room_count, 1);
    CU_ASSERT_EQUAL(log_adjust(&setup, "error"), 0);
    CU_ASSERT_EQUAL(setup.level, LOG_LEVEL_ERROR);
    log_configure(&setup);
    CU_ASSERT(!log_enabled(LOG_LEVEL_NOTICE));
    static const char *const wrong[] = {"",
                                        "loud",
                                        "test:loud",
                                        ":debug",
                                        "debug:",
                                        "a:b:debug",
                                        "a name that is longer than any room's is:debug"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(log_adjust(&setup, wrong[i]), i == 4 ? 0 : -EINVAL);
    }
    for (int i = 0; i < LOG_ROOMS_MAX + 5; i++) {
        char text[32];
        (void) snprintf(text, sizeof text, "room%d:info", i);
        CU_ASSERT_EQUAL(log_adjust(&setup, text), i < LOG_ROOMS_MAX - 1 ? 0 : -ENOSPC);
    }
    CU_ASSERT_STRING_EQUAL(log_level_name(LOG_LEVEL_INFO), "info");
    use_sink(LOG_LEVEL_DEBUG);
}

static CU_TestInfo tests[] = {
    {"drops by level, before formatting", drops_by_level},
    {"cleans lines", cleans_lines},
    {"cuts long lines", cuts_long_lines},
    {"keeps errno", keeps_errno},
    {"writes to stderr", writes_to_stderr},
    {"rooms have levels", rooms_have_levels},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("log", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
