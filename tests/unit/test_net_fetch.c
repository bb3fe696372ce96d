/* core/net/fetch against scripted servers and a real directory. */
#include <config.h>

#include <tr069/fake_directory.h>

#include "net/fetch.h"

#include "cunit.h"
#include "net_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHOLE "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123456789"
#define CUT "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123"
#define REST                                                                                                 \
    "HTTP/1.1 206 Partial\r\nETag: \"v1\"\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n456789"

static struct loop *loop;
static struct fetch *fetch;
static struct server *server;
static const char *directory;
static char path[128], tag[128 + sizeof FETCH_TAG], url[128];
static struct fetch_setup setup;
static struct {
    unsigned calls, progress;
    enum fetch_cause cause;
    char text[512];
} got;

static void on_done(void *user, enum fetch_cause cause, const char *text) {
    (void) user;
    got.calls++;
    got.cause = cause;
    (void) snprintf(got.text, sizeof got.text, "%s", text);
    fetch_free(fetch); /* from inside of done */
    fetch = NULL;
    loop_stop(loop);
}

static void on_progress(void *user, uint64_t now, uint64_t total) {
    (void) user;
    CU_ASSERT_TRUE(total == 0 || now <= total);
    got.progress++;
}

static void stop(void *user) {
    (void) user;
    loop_stop(loop);
}

static void begin(const struct server_step *script) {
    memset(&got, 0, sizeof got);
    (void) unlink(path);
    (void) unlink(tag);
    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u/file?token=secret", server_port(server));
    server_script(server, script);
    setup = (struct fetch_setup){.url = url,
                                 .username = "user",
                                 .password = "pass",
                                 .path = path,
                                 .max_size = 1000000,
                                 .connect_timeout_s = 30,
                                 .stall_timeout_s = 2,
                                 .done = on_done};
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
}

static void run(void) {
    CU_ASSERT_EQUAL_FATAL(fetch_new(loop, &setup, &fetch), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 1);
    CU_ASSERT_EQUAL(strstr(got.text, "127.0.0.1:"), got.text);
    CU_ASSERT_PTR_NULL(strstr(got.text, "secret"));
    loop_free(loop);
}

/* Once more with the same file and server. */
static void go_on(void) {
    memset(&got, 0, sizeof got);
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
    run();
}

static const char *content(void) {
    static char text[256];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        (void) close(fd);
    }
    return text;
}

static void put(const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t) strlen(text));
    (void) close(fd);
}

static const char *header(unsigned n, const char *name) {
    static char value[512];
    return server_header(server, n, name, value, sizeof value) ? value : "(none)";
}

static void a_file_arrives(void) {
    static const struct server_step script[] = {{WHOLE}, {0}};
    struct stat info;
    begin(script);
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_OK);
    CU_ASSERT_STRING_EQUAL(content(), "0123456789");
    CU_ASSERT_EQUAL(stat(path, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0600);
    CU_ASSERT_EQUAL(strncmp(server_request(server, 0)->text, "GET /file?token=secret HTTP/1.1\r\n", 33), 0);
    CU_ASSERT_STRING_EQUAL(header(0, "Range"), "(none)");
    CU_ASSERT_STRING_EQUAL(header(0, "Authorization"), "(none)");
    CU_ASSERT_STRING_EQUAL(header(0, "Content-Type"), "(none)");
}

static void every_form_of_an_end(void) {
    static const struct {
        struct server_step step;
        uint64_t expected;
        enum fetch_cause cause;
    } table[] = {
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n", THEN_KEEP},
         10,
         FETCH_OK},
        {{"HTTP/1.1 200 OK\r\n\r\n0123456789", THEN_CLOSE}, 0, FETCH_OK},
        {{"HTTP/1.1 200 OK\r\n\r\n0123456789", THEN_CLOSE}, 10, FETCH_OK},
        {{"HTTP/1.1 200 OK\r\n\r\n012345678", THEN_CLOSE}, 10, FETCH_INCOMPLETE},
        {{CUT, THEN_CLOSE}, 10, FETCH_INCOMPLETE},
        {{CUT, THEN_RESET}, 0, FETCH_INCOMPLETE},
        {{CUT, THEN_STALL}, 0, FETCH_INCOMPLETE},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", THEN_DRIP}, 0, FETCH_INCOMPLETE},
        {{"", THEN_CLOSE}, 0, FETCH_INCOMPLETE},
        {{"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno", THEN_KEEP}, 0, FETCH_NO_ACCESS},
        {{"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", THEN_KEEP}, 0, FETCH_NO_ACCESS},
        {{"HTTP/1.1 204 No\r\n\r\n", THEN_KEEP}, 0, FETCH_NO_ACCESS},
        {{"HTTP/1.1 206 Odd\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\n0123456789",
          THEN_KEEP},
         0,
         FETCH_NO_ACCESS},
        {{"HTTP/1.1 416 Odd\r\nContent-Length: 0\r\n\r\n", THEN_KEEP}, 0, FETCH_NO_ACCESS},
        {{"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", THEN_KEEP}, 0, FETCH_AUTHENTICATION},
        {{"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno", THEN_KEEP}, 0, FETCH_AUTHENTICATION},
        {{"HTTP/1.1 302 No\r\nContent-Length: 0\r\n\r\n", THEN_KEEP}, 0, FETCH_NO_ACCESS},
        {{WHOLE, THEN_KEEP}, 11, FETCH_WRONG_SIZE},
        {{WHOLE, THEN_KEEP}, 9, FETCH_WRONG_SIZE},
        {{"HTTP/1.1 200 OK\r\n\r\n0123456789", THEN_CLOSE}, 9, FETCH_WRONG_SIZE},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n", THEN_STALL}, 0, FETCH_TOO_LARGE},
        {{"HTTP/1.1 200 OK\r\n\r\n", THEN_FLOOD}, 0, FETCH_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct server_step script[] = {table[i].step, {0}};
        begin(script);
        setup.expected_size = table[i].expected;
        run();
        CU_ASSERT_EQUAL(got.cause, table[i].cause);
        if (got.cause != table[i].cause) {
            (void) printf("\n    case %zu: %d, %s\n", i, (int) got.cause, got.text);
        }
        CU_ASSERT_TRUE(got.cause != FETCH_OK || strcmp(content(), "0123456789") == 0);
    }
}

static void a_cut_is_resumed(void) {
    static const struct server_step script[] = {{CUT, THEN_CLOSE}, {REST}, {0}};
    begin(script);
    setup.resumes = 1;
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_OK);
    CU_ASSERT_STRING_EQUAL(content(), "0123456789");
    CU_ASSERT_STRING_EQUAL(header(1, "Range"), "bytes=4-");
    CU_ASSERT_STRING_EQUAL(header(1, "If-Range"), "\"v1\"");
}

static void what_is_not_the_rest_begins_anew(void) {
    static const char *const answers[] = {
        "HTTP/1.1 206 P\r\nContent-Range: bytes 3-9/10\r\nContent-Length: 7\r\n\r\n3456789",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 4-9/11\r\nContent-Length: 6\r\n\r\n456789",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 4-9/*\r\nContent-Length: 6\r\n\r\n456789",
        "HTTP/1.1 206 P\r\nContent-Range: octets 4-9/10\r\nContent-Length: 6\r\n\r\n456789",
        "HTTP/1.1 206 P\r\nContent-Length: 6\r\n\r\n456789",
        "HTTP/1.1 416 Range\r\nContent-Range: bytes */3\r\nContent-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct server_step script[] = {{CUT, THEN_CLOSE}, {answers[i]}, {WHOLE}, {0}};
        begin(script);
        setup.resumes = 1;
        run();
        CU_ASSERT_EQUAL(got.cause, FETCH_OK);
        CU_ASSERT_STRING_EQUAL(content(), "0123456789");
        CU_ASSERT_STRING_EQUAL(header(2, "Range"), "(none)");
    }
    /* a server that knows no ranges, or has another file now */
    static const struct server_step script[] = {
        {CUT, THEN_CLOSE}, {"HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 3\r\n\r\nnew"}, {0}};
    begin(script);
    setup.resumes = 1;
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_OK);
    CU_ASSERT_STRING_EQUAL(content(), "new");
}

static void what_an_earlier_run_left_is_resumed(void) {
    static const struct server_step cut[] = {{CUT, THEN_CLOSE}, {REST}, {0}};
    static const struct server_step changed[] = {
        {CUT, THEN_CLOSE}, {"HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 10\r\n\r\nabcdefghij"}, {0}};
    static const struct server_step whole[] = {{WHOLE}, {0}};
    begin(cut);
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_INCOMPLETE);
    CU_ASSERT_EQUAL(access(tag, F_OK), 0);
    go_on(); /* another process, later */
    CU_ASSERT_EQUAL(got.cause, FETCH_OK);
    CU_ASSERT_STRING_EQUAL(content(), "0123456789");
    CU_ASSERT_STRING_EQUAL(header(1, "Range"), "bytes=4-");
    CU_ASSERT_STRING_EQUAL(header(1, "If-Range"), "\"v1\"");
    CU_ASSERT_NOT_EQUAL(access(tag, F_OK), 0);
    begin(changed); /* the server has another file of that size now */
    run();
    go_on();
    CU_ASSERT_STRING_EQUAL(content(), "abcdefghij");
    begin(whole); /* nothing tells whose part it is, whatever the size */
    put("abcd");
    setup.expected_size = 10;
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_OK);
    CU_ASSERT_STRING_EQUAL(content(), "0123456789");
    CU_ASSERT_STRING_EQUAL(header(0, "Range"), "(none)");
    begin(whole); /* as long as it should be, but who knows */
    put("abcdefghij");
    setup.expected_size = 10;
    run();
    CU_ASSERT_STRING_EQUAL(content(), "0123456789");
}

static void there_is_a_deadline(void) {
    static const struct server_step script[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", THEN_DRIP}, {0}};
    begin(script);
    setup.deadline_s = 1;
    setup.stall_timeout_s = 60;
    setup.resumes = 5;
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_INCOMPLETE);
    CU_ASSERT_PTR_NOT_NULL(strstr(got.text, "not done within 1 seconds"));
    CU_ASSERT_EQUAL(server_request_count(server), 1);
}

static void resumes_are_counted(void) {
    static const struct server_step script[] = {
        {CUT, THEN_CLOSE},
        {"", THEN_CLOSE},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n45", THEN_RESET},
        {WHOLE},
        {0}};
    begin(script);
    setup.resumes = 2;
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_INCOMPLETE);
    CU_ASSERT_EQUAL(server_request_count(server), 3);
    CU_ASSERT_STRING_EQUAL(content(), "012345"); /* stays for later */
}

static void credentials_and_redirects(void) {
    static const struct server_step script[] = {
        {"HTTP/1.1 302 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"},
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
         "qop=\"auth\"\r\nContent-Length: 0\r\n\r\n"},
        {WHOLE},
        {0}};
    begin(script);
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(header(2, "Authorization"), "Digest username=\"user\""));
    CU_ASSERT_EQUAL(strncmp(server_request(server, 2)->text, "GET /elsewhere ", 15), 0);
    CU_ASSERT_STRING_EQUAL(content(), "0123456789");
}

static void space_is_kept_free(void) {
    static const struct server_step script[] = {{WHOLE}, {0}};
    begin(script);
    setup.keep_free = UINT64_MAX / 2;
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_NO_SPACE);
    CU_ASSERT_STRING_EQUAL(content(), "");
}

static void a_device_is_no_place(void) {
    static const struct server_step script[] = {{WHOLE}, {0}};
    if (access("/dev/full", W_OK) != 0) {
        return;
    }
    begin(script);
    setup.path = "/dev/full"; /* no regular file: nothing is ever written to a device */
    CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), -EEXIST);
    loop_free(loop);
}

static void odd_places_are_refused(void) {
    static const struct server_step script[] = {{0}};
    char other[160];
    begin(script);
    (void) snprintf(other, sizeof other, "%s.other", path);
    CU_ASSERT_EQUAL(symlink(other, path), 0);
    CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), -ELOOP);
    CU_ASSERT_NOT_EQUAL(access(other, F_OK), 0);
    (void) unlink(path);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), -EEXIST);
    (void) unlink(path);
    put("x");
    CU_ASSERT_EQUAL(link(path, other), 0); /* somebody else's file by another name */
    CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), -EEXIST);
    (void) unlink(other);
    setup.path = directory;
    CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), -EISDIR);
    setup.path = "/no/such/directory/file";
    CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), -ENOENT);
    setup.path = path;
    setup.url = "ftp://127.0.0.1/x";
    CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), -EPROTONOSUPPORT);
    setup.url = "http://127.0.0.1:1/x?secret";
    run();
    CU_ASSERT_EQUAL(got.cause, FETCH_NO_CONTACT);
}

static void canceling_leaves_the_part(void) {
    static const struct server_step script[] = {{CUT, THEN_STALL}, {0}};
    begin(script);
    setup.progress = on_progress;
    CU_ASSERT_EQUAL_FATAL(fetch_new(loop, &setup, &fetch), 0);
    (void) loop_timer(loop, 1100, stop, NULL, NULL);
    (void) loop_run(loop);
    CU_ASSERT_EQUAL(got.progress, 1);
    fetch_free(fetch);
    fetch_free(NULL);
    CU_ASSERT_EQUAL(got.calls, 0);
    CU_ASSERT_STRING_EQUAL(content(), "0123");
    loop_free(loop);
}

static void free_later(void *user) {
    (void) user;
    fetch_free(fetch);
    fetch = NULL;
}

static void canceling_at_any_moment(void) {
    static const struct server_step script[] = {{CUT, THEN_CLOSE}, {REST}, {0}};
    for (uint64_t ms = 0; ms < 12; ms++) {
        begin(script);
        setup.resumes = 3;
        CU_ASSERT_EQUAL_FATAL(fetch_new(loop, &setup, &fetch), 0);
        (void) loop_timer(loop, ms, free_later, NULL, NULL);
        (void) loop_timer(loop, ms + 5, stop, NULL, NULL);
        (void) loop_run(loop);
        CU_ASSERT_EQUAL(got.calls, 0);
        loop_free(loop);
    }
    static const struct server_step whole[] = {{WHOLE}, {0}};
    for (uint64_t ms = 0; ms < 8; ms++) { /* the worker may be syncing when the loop ends */
        begin(whole);
        CU_ASSERT_EQUAL_FATAL(fetch_new(loop, &setup, &fetch), 0);
        (void) loop_timer(loop, ms, stop, NULL, NULL);
        (void) loop_run(loop);
        fetch_free(fetch);
        fetch = NULL;
        loop_free(loop);
    }
}

static CU_TestInfo tests[] = {
    {"a file arrives", a_file_arrives},
    {"every form of an end", every_form_of_an_end},
    {"a cut is resumed", a_cut_is_resumed},
    {"what is not the rest begins anew", what_is_not_the_rest_begins_anew},
    {"what an earlier run left is resumed", what_an_earlier_run_left_is_resumed},
    {"there is a deadline", there_is_a_deadline},
    {"resumes are counted", resumes_are_counted},
    {"credentials and redirects", credentials_and_redirects},
    {"space is kept free", space_is_kept_free},
    {"a device is no place", a_device_is_no_place},
    {"odd places are refused", odd_places_are_refused},
    {"canceling leaves the part", canceling_leaves_the_part},
    {"canceling at any moment", canceling_at_any_moment},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("fetch", tests), CU_SUITE_INFO_NULL};
    directory = fake_directory("net-fetch");
    (void) snprintf(path, sizeof path, "%s/file", directory);
    (void) snprintf(tag, sizeof tag, "%s" FETCH_TAG, path);
    server = server_start(NULL);
    int result = cunit_run(suites);
    server_stop(server);
    return result;
}
