/* core/net/measure against a scripted server. */
#include <config.h>

#include "net/measure.h"

#include "base/clock.h"
#include "cunit.h"
#include "net_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HEAD_200 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
#define CREATED "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"

static struct loop *loop;
static struct measure *measuring;
static struct server *server, *other;
static const struct server_step nothing[] = {{0}};
static char url[128];
static struct tr069_measure what;
static struct {
    unsigned calls;
    struct tr069_measured measured;
    char text[512], address[64];
} got;

static void on_done(void *user, const struct tr069_measured *measured) {
    (void) user;
    got.calls++;
    got.measured = *measured;
    (void) snprintf(got.text, sizeof got.text, "%s", measured->text);
    (void) snprintf(got.address, sizeof got.address, "%s", measured->address);
    measure_free(measuring); /* from inside of done */
    measuring = NULL;
    loop_stop(loop);
}

static void begin(const struct server_step *script) {
    memset(&got, 0, sizeof got);
    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u/file?token=secret", server_port(server));
    server_script(server, script);
    server_ports(server_port(server), server_port(other));
    what = (struct tr069_measure){.url = url, .octets = 1000, .deadline_ms = 60000};
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
}

static int start(unsigned stall_s) {
    const struct measure_setup setup = {
        .what = &what, .connect_timeout_s = 30, .stall_timeout_s = stall_s, .done = on_done};
    return measure_new(loop, &setup, &measuring);
}

static void run(unsigned stall_s, enum tr069_measure_end wanted) {
    CU_ASSERT_EQUAL_FATAL(start(stall_s), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 1);
    if (got.measured.end != wanted) {
        (void) fprintf(stderr, "\nended with %d, not %d: %s\n", (int) got.measured.end, (int) wanted,
                       got.text);
    }
    CU_ASSERT_EQUAL(got.measured.end, wanted);
    CU_ASSERT_PTR_NULL(strstr(got.text, "secret"));
    loop_free(loop);
}

static void in_order(void) {
    const struct tr069_measured *m = &got.measured;
    CU_ASSERT(m->open_request_us > 0);
    CU_ASSERT(m->open_request_us <= m->open_response_us);
    CU_ASSERT(m->open_response_us <= m->request_us);
    CU_ASSERT(m->request_us <= m->begin_us);
    CU_ASSERT(m->begin_us <= m->end_us);
    CU_ASSERT(m->end_us <= (int64_t) clock_mono_us());
}

static void a_download(void) {
    static const struct server_step script[] = {{HEAD_200 "0123456789", .delay_ms = 300}, {0}};
    begin(script);
    int64_t before = (int64_t) clock_mono_us();
    run(30, TR069_MEASURE_COMPLETE);
    in_order();
    CU_ASSERT(got.measured.open_request_us >= before);
    CU_ASSERT(got.measured.begin_us - got.measured.request_us > 100000); /* the server waited */
    CU_ASSERT_EQUAL(got.measured.received, strlen(HEAD_200) + 10);
    CU_ASSERT_STRING_EQUAL(got.address, "127.0.0.1");
    CU_ASSERT_EQUAL(strncmp(server_request(server, 0)->text, "GET /file?token=secret HTTP/1.1\r\n", 33), 0);
}

static void an_upload(void) {
    enum { OCTETS = 200001 };
    static const struct server_step script[] = {{CREATED}, {0}};
    char length[16];
    begin(script);
    what.upload = true;
    what.octets = OCTETS;
    run(30, TR069_MEASURE_COMPLETE);
    in_order();
    const struct server_request *request = server_request(server, 0);
    CU_ASSERT_EQUAL(strncmp(request->text, "PUT /file?token=secret HTTP/1.1\r\n", 33), 0);
    CU_ASSERT_TRUE(server_header(server, 0, "Content-Length", length, sizeof length));
    CU_ASSERT_STRING_EQUAL(length, "200001");
    CU_ASSERT_FALSE(server_header(server, 0, "Expect", length, sizeof length));
    CU_ASSERT_EQUAL(request->body_length, OCTETS);
    CU_ASSERT(got.measured.sent > OCTETS && got.measured.sent < OCTETS + 1000);
    unsigned seen[256] = {0}, kinds = 0; /* not one octet over and over */
    for (size_t i = 0; i < SERVER_TEXT - 1; i++) {
        kinds += seen[(unsigned char) request->body[i]]++ == 0;
    }
    CU_ASSERT(kinds > 250);
}

static void redirects(void) {
    static const struct server_step to_b[] = {
        {"HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:@B/other\r\nContent-Length: 3\r\n\r\nabc"}, {0}};
    static const struct server_step here[] = {
        {"HTTP/1.1 307 There\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", .delay_ms = 100},
        {HEAD_200 "0123456789"},
        {0}};
    static const struct server_step file[] = {{HEAD_200 "0123456789"}, {0}};
    begin(to_b);
    server_script(other, file);
    run(30, TR069_MEASURE_COMPLETE);
    in_order();
    CU_ASSERT_EQUAL(server_request_count(other), 1);
    CU_ASSERT_EQUAL(got.measured.received, strlen(HEAD_200) + 10); /* of the last answer alone */
    begin(here);
    run(30, TR069_MEASURE_COMPLETE);
    CU_ASSERT(got.measured.open_request_us <= got.measured.open_response_us);
    CU_ASSERT(got.measured.request_us - got.measured.open_response_us > 50000); /* the second request's */
    CU_ASSERT(got.measured.request_us <= got.measured.begin_us);
    CU_ASSERT_EQUAL(got.measured.received, strlen(HEAD_200) + 10);
    CU_ASSERT_EQUAL(server_connection_count(server), 1);
}

static void failures(void) {
    static const struct {
        struct server_step step;
        bool upload;
        enum tr069_measure_end end;
    } rows[] = {
        {{"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"}, false, TR069_MEASURE_FAILED},
        {{"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"}, true, TR069_MEASURE_FAILED},
        {{"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"},
         false,
         TR069_MEASURE_LOGIN},
        {{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"}, true, TR069_MEASURE_LOGIN},
        {{"", THEN_CLOSE}, false, TR069_MEASURE_NO_RESPONSE},
        {{"", THEN_STALL}, false, TR069_MEASURE_NO_RESPONSE},
        {{"", THEN_CLOSE}, true, TR069_MEASURE_FAILED},
        {{"hello\r\n\r\n", THEN_CLOSE}, false, TR069_MEASURE_NO_RESPONSE},
        {{HEAD_200 "0123", THEN_CLOSE}, false, TR069_MEASURE_FAILED},
        {{HEAD_200 "0123", THEN_STALL}, false, TR069_MEASURE_FAILED},
        {{"HTTP/1.1 302 There\r\nLocation: gopher://x/\r\nContent-Length: 0\r\n\r\n"},
         false,
         TR069_MEASURE_FAILED},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", THEN_STALL}, false, TR069_MEASURE_TOO_LARGE},
        {{"HTTP/1.1 200 OK\r\n\r\n", THEN_FLOOD}, false, TR069_MEASURE_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct server_step script[] = {rows[i].step, {0}};
        begin(script);
        what.upload = rows[i].upload;
        run(1, rows[i].end);
    }
}

static void nobody_there(void) {
    begin(nothing);
    what.url = "http://127.0.0.1:1/file";
    run(30, TR069_MEASURE_NO_CONNECTION);
    CU_ASSERT_EQUAL(got.measured.request_us, TR069_TIME_UNKNOWN);
    CU_ASSERT_EQUAL(got.measured.begin_us, TR069_TIME_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(got.address, "");
    begin(nothing);
    what.url = "http://no-such-host.invalid/file";
    run(30, TR069_MEASURE_NO_NAME);
    CU_ASSERT_EQUAL(got.measured.open_request_us, TR069_TIME_UNKNOWN);
    begin(nothing);
    what.url = "http://255.255.255.255/file"; /* nobody connects to all */
    run(30, TR069_MEASURE_NO_ROUTE);
    begin(nothing);
    what.interface = "none-such";
    run(30, TR069_MEASURE_LOCAL);
    begin(nothing);
    what.ip_version = 6; /* it has an address of version 4 alone */
    run(30, TR069_MEASURE_NO_CONNECTION);
}

static void the_deadline(void) {
    static const struct server_step script[] = {{HEAD_200 "0123", THEN_STALL}, {0}};
    begin(script);
    what.deadline_ms = 200;
    run(30, TR069_MEASURE_TIMEOUT);
    CU_ASSERT(got.measured.begin_us > 0);
}

static void by_time(void) {
    static const struct server_step drips[] = {{"HTTP/1.1 200 OK\r\n\r\n", THEN_DRIP}, {0}};
    static const struct server_step stalls[] = {{"HTTP/1.1 200 OK\r\n\r\n0123", THEN_STALL}, {0}};
    begin(drips);
    what.duration_ms = 300;
    run(30, TR069_MEASURE_COMPLETE);
    in_order();
    CU_ASSERT((int64_t) clock_mono_us() - got.measured.begin_us >= 299000);
    CU_ASSERT(got.measured.received > strlen("HTTP/1.1 200 OK\r\n\r\n"));
    CU_ASSERT(got.measured.if_received > 0); /* the counters of lo */
    CU_ASSERT(got.measured.if_sent > 0);
    begin(stalls);
    what.duration_ms = 100;
    run(30, TR069_MEASURE_COMPLETE);
    CU_ASSERT_EQUAL(got.measured.received, strlen("HTTP/1.1 200 OK\r\n\r\n0123"));
}

static unsigned marked;

static void look(void *user) {
    (void) user;
    for (int fd = 3; fd < 256; fd++) {
        int service = 0, priority = 0;
        socklen_t size = sizeof service, priority_size = sizeof priority;
        marked += getsockopt(fd, IPPROTO_IP, IP_TOS, &service, &size) == 0 && service == 46 << 2 &&
                  getsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, &priority_size) == 0 && priority == 5;
    }
    loop_stop(loop);
}

static void marks_and_cancels(void) {
    static const struct server_step script[] = {{"", THEN_STALL}, {0}};
    struct tr069_timer *timer;
    begin(script);
    what.dscp = 46;
    what.priority = 5;
    CU_ASSERT_EQUAL_FATAL(start(30), 0);
    CU_ASSERT_EQUAL(loop_timer(loop, 200, look, NULL, &timer), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(marked, 1);
    measure_free(measuring);
    measuring = NULL;
    measure_free(NULL);
    loop_free(loop);
    CU_ASSERT_EQUAL(got.calls, 0);
}

static void what_cannot_be(void) {
    static const char *const urls[] = {
        "", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://user:pw@host/x", "http://", "http://a b/"};
    begin(nothing);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        what.url = urls[i];
        CU_ASSERT(start(30) < 0);
    }
    loop_free(loop);
    CU_ASSERT_EQUAL(got.calls, 0);
}

static CU_TestInfo tests[] = {{"a download", a_download},
                              {"an upload", an_upload},
                              {"redirects", redirects},
                              {"failures", failures},
                              {"nobody there", nobody_there},
                              {"the deadline", the_deadline},
                              {"by time", by_time},
                              {"marks and cancels", marks_and_cancels},
                              {"what cannot be", what_cannot_be},
                              CU_TEST_INFO_NULL};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("measure", tests), CU_SUITE_INFO_NULL};
    server = server_start(NULL);
    other = server_start(NULL);
    int result = cunit_run(suites);
    server_stop(other);
    server_stop(server);
    return result;
}
