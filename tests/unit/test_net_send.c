/* core/net/send against a scripted server. */
#include <config.h>

#include <tr069/fake_directory.h>

#include "net/send.h"

#include "cunit.h"
#include "net_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGEST                                                                                               \
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"                 \
    "Content-Length: 0\r\n\r\n"
#define BASIC "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"
#define CREATED "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
#define CONTENT "line one\nline two \x01\xff\n"

static struct loop *loop;
static struct send *sending;
static struct server *server;
static const char *directory;
static char path[128], url[128];
static struct send_setup setup;
static struct {
    unsigned calls;
    enum send_cause cause;
    char text[512];
} got;

static void on_done(void *user, enum send_cause cause, const char *text) {
    (void) user;
    got.calls++;
    got.cause = cause;
    (void) snprintf(got.text, sizeof got.text, "%s", text);
    send_free(sending); /* from inside of done */
    sending = NULL;
    loop_stop(loop);
}

static void put(const char *data, size_t length) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CU_ASSERT_EQUAL(write(fd, data, length), (ssize_t) length);
    (void) close(fd);
}

static void begin(const struct server_step *script) {
    memset(&got, 0, sizeof got);
    put(CONTENT, strlen(CONTENT));
    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u/put/it?token=secret", server_port(server));
    server_script(server, script);
    setup = (struct send_setup){.url = url,
                                .username = "user",
                                .password = "pass",
                                .path = path,
                                .connect_timeout_s = 30,
                                .stall_timeout_s = 30,
                                .done = on_done};
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
}

static void run(void) {
    CU_ASSERT_EQUAL_FATAL(send_new(loop, &setup, &sending), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(got.text, "127.0.0.1:"));
    CU_ASSERT_PTR_NULL(strstr(got.text, "secret"));
    loop_free(loop);
}

static const char *header(unsigned n, const char *name) {
    static char value[512];
    return server_header(server, n, name, value, sizeof value) ? value : "(none)";
}

/* The n-th request has the whole file. */
static void has_file(unsigned n) {
    const struct server_request *request = server_request(server, n);
    CU_ASSERT_EQUAL(request->body_length, strlen(CONTENT));
    CU_ASSERT_STRING_EQUAL(request->body, CONTENT);
}

static void a_file_leaves(void) {
    static const struct server_step script[] = {{CREATED}, {0}};
    begin(script);
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_OK);
    CU_ASSERT_EQUAL(server_request_count(server), 1);
    CU_ASSERT_EQUAL(strncmp(server_request(server, 0)->text, "PUT /put/it?token=secret HTTP/1.1\r\n", 35), 0);
    CU_ASSERT_STRING_EQUAL(header(0, "Content-Length"), "21");
    CU_ASSERT_STRING_EQUAL(header(0, "Content-Type"), "application/octet-stream");
    CU_ASSERT_STRING_EQUAL(header(0, "Authorization"), "(none)"); /* nobody has asked yet */
    has_file(0);
}

static void an_empty_file(void) {
    static const struct server_step script[] = {{"HTTP/1.1 204 No Content\r\n\r\n"}, {0}};
    begin(script);
    put("", 0);
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_OK);
    CU_ASSERT_STRING_EQUAL(header(0, "Content-Length"), "0");
}

static void digest(void) {
    static const struct server_step script[] = {{DIGEST}, {CREATED}, {0}};
    begin(script);
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_OK);
    CU_ASSERT_EQUAL(server_request_count(server), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(header(1, "Authorization"), "Digest username=\"user\""));
    has_file(1);
}

static void basic(void) {
    static const struct server_step script[] = {{BASIC}, {CREATED}, {0}};
    begin(script);
    run(); /* not over plain http */
    CU_ASSERT_EQUAL(got.cause, SEND_AUTHENTICATION);
    CU_ASSERT_EQUAL(server_request_count(server), 1);
    begin(script);
    setup.allow_basic_plain = true;
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_OK);
    CU_ASSERT_STRING_EQUAL(header(1, "Authorization"), "Basic dXNlcjpwYXNz");
    has_file(1);
}

static void refused_credentials(void) {
    static const struct server_step script[] = {{DIGEST}, {DIGEST}, {DIGEST}, {DIGEST},
                                                {DIGEST}, {DIGEST}, {0}};
    begin(script);
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_AUTHENTICATION);
    begin(script);
    setup.username = setup.password = "";
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_AUTHENTICATION);
    CU_ASSERT_EQUAL(server_request_count(server), 1);
}

static void a_redirect(void) {
    static const struct server_step script[] = {
        {"HTTP/1.1 307 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"}, {DIGEST}, {CREATED}, {0}};
    begin(script);
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_OK);
    CU_ASSERT_EQUAL(strncmp(server_request(server, 2)->text, "PUT /there HTTP/1.1\r\n", 21), 0);
    has_file(2);
}

static void answers(void) {
    static const struct {
        struct server_step step;
        enum send_cause cause;
    } cases[] = {{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, SEND_OK},
                 {{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"}, SEND_AUTHENTICATION},
                 {{"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"}, SEND_NO_ACCESS},
                 {{"HTTP/1.1 409 No\r\nContent-Length: 0\r\n\r\n"}, SEND_NO_ACCESS},
                 {{"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"}, SEND_REFUSED},
                 {{"HTTP/1.1 507 Full\r\nContent-Length: 0\r\n\r\n"}, SEND_REFUSED},
                 {{"HTTP/1.1 413 Large\r\nConnection: close\r\n\r\n", THEN_CLOSE}, SEND_REFUSED},
                 {{"", THEN_CLOSE}, SEND_BROKEN},
                 {{"", THEN_RESET}, SEND_BROKEN},
                 {{"HTTP/1.1 201 Cre", THEN_CLOSE}, SEND_BROKEN},
                 {{"SSH-2.0-x\r\n", THEN_CLOSE}, SEND_BROKEN}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct server_step script[] = {cases[i].step, {0}};
        begin(script);
        run();
        if (got.cause != cases[i].cause) {
            (void) fprintf(stderr, "\ncase %zu: %d, %s", i, (int) got.cause, got.text);
        }
        CU_ASSERT_EQUAL(got.cause, cases[i].cause);
    }
}

/* A server that has heard enough of a large file says so and goes: that is its answer. */
static void refused_in_the_middle(void) {
    static const struct server_step script[] = {
        {"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", THEN_CLOSE, 0, true},
        {0}};
    static char large[900000]; /* no Expect */
    begin(script);
    put(large, sizeof large);
    run();
    CU_ASSERT_TRUE(got.cause == SEND_REFUSED ||
                   got.cause == SEND_BROKEN); /* a reset may overtake the answer */
}

static void a_server_that_stalls(void) {
    static const struct server_step script[] = {{"", THEN_STALL}, {0}};
    begin(script);
    setup.stall_timeout_s = 1;
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_BROKEN);
}

static void nobody_there(void) {
    static const struct server_step script[] = {{0}};
    begin(script);
    setup.url = "http://127.0.0.1:1/x";
    run();
    CU_ASSERT_EQUAL(got.cause, SEND_NO_CONTACT);
}

static void what_cannot_be_sent(void) {
    static const struct server_step script[] = {{0}};
    char link_path[160];
    begin(script);
    setup.path = directory;
    CU_ASSERT_EQUAL(send_new(loop, &setup, &sending), -EINVAL);
    setup.path = "/nonexistent/file";
    CU_ASSERT_EQUAL(send_new(loop, &setup, &sending), -ENOENT);
    (void) snprintf(link_path, sizeof link_path, "%s/link", directory);
    CU_ASSERT_EQUAL(symlink(path, link_path), 0);
    setup.path = link_path;
    CU_ASSERT_EQUAL(send_new(loop, &setup, &sending), -ELOOP);
    (void) unlink(link_path);
    setup.path = path;
    setup.url = "ftp://127.0.0.1/x";
    CU_ASSERT_TRUE(send_new(loop, &setup, &sending) < 0);
    send_free(NULL);
    loop_free(loop);
    CU_ASSERT_EQUAL(got.calls, 0);
}

static void stop(void *user) {
    (void) user;
    loop_stop(loop);
}

static void cancelled(void) {
    static const struct server_step script[] = {{"", THEN_STALL}, {0}};
    struct tr069_timer *timer;
    uint64_t now = 1, total = 1;
    begin(script);
    CU_ASSERT_EQUAL_FATAL(send_new(loop, &setup, &sending), 0);
    send_progress(sending, &now, &total);
    CU_ASSERT_EQUAL(now, 0);
    CU_ASSERT_EQUAL(total, strlen(CONTENT));
    CU_ASSERT_EQUAL(loop_timer(loop, 200, stop, NULL, &timer), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    send_progress(sending, &now, &total);
    CU_ASSERT_EQUAL(now, strlen(CONTENT));
    send_free(sending);
    sending = NULL;
    loop_free(loop);
    CU_ASSERT_EQUAL(got.calls, 0);
}

static CU_TestInfo tests[] = {{"a file leaves", a_file_leaves},
                              {"an empty file", an_empty_file},
                              {"Digest", digest},
                              {"Basic", basic},
                              {"refused credentials", refused_credentials},
                              {"a redirect", a_redirect},
                              {"answers", answers},
                              {"refused in the middle", refused_in_the_middle},
                              {"a server that stalls", a_server_that_stalls},
                              {"nobody there", nobody_there},
                              {"what cannot be sent", what_cannot_be_sent},
                              {"cancelled", cancelled},
                              CU_TEST_INFO_NULL};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("send", tests), CU_SUITE_INFO_NULL};
    directory = fake_directory("net-send");
    (void) snprintf(path, sizeof path, "%s/file", directory);
    server = server_start(NULL);
    int result = cunit_run(suites);
    server_stop(server);
    return result;
}
