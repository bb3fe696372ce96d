/* What the tests of core/net/acs_client share: two servers, a client, one POST. */
#ifndef TESTS_NET_ACS_HELP_H
#define TESTS_NET_ACS_HELP_H

#include "cunit.h"
#include "net/acs_client.h"
#include "net_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define EMPTY "HTTP/1.1 204 No Content\r\n\r\n"
#define DIGEST(nonce, more)                                                                                  \
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"acs\", nonce=\"" nonce "\"" more          \
    "\r\nContent-Length: 4\r\n\r\nno!\n"
#define BASIC                                                                                                \
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"acs\"\r\nContent-Length: 0\r\n\r\n"
#define QOP ", qop=\"auth\", algorithm=MD5"
#define MOVED(status, to) "HTTP/1.1 " status " Moved\r\nLocation: " to "\r\nContent-Length: 5\r\n\r\nmoved"

static struct loop *loop;
static struct acs_client *client;
static struct server *a, *b;
static struct acs_target target;
static char url[256];

static struct {
    unsigned calls;
    int status;
    char body[256];
    size_t length;
    char error[512];
} got;

static void answered(void *user, const struct acs_answer *answer) {
    (void) user;
    got.calls++;
    got.status = answer->status;
    got.length = answer->length;
    (void) snprintf(got.body, sizeof got.body, "%s", answer->body);
    (void) snprintf(got.error, sizeof got.error, "%s", answer->error != NULL ? answer->error : "");
    CU_ASSERT_TRUE((answer->status == 0) == (answer->error != NULL));
    CU_ASSERT_EQUAL(strlen(answer->body), answer->length);
    loop_stop(loop);
}

static void post(const char *body) {
    memset(&got, 0, sizeof got);
    int result = acs_client_post(client, body, strlen(body), answered, NULL);
    CU_ASSERT_EQUAL(result, 0);
    CU_ASSERT_EQUAL(got.calls, 0);
    if (result == 0) {
        CU_ASSERT_EQUAL(loop_run(loop), 0);
        CU_ASSERT_EQUAL(got.calls, 1);
    }
}

static void begin_at(const char *path, const struct server_step *script, const struct server_step *script_b) {
    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server_port(a), path);
    server_script(a, script);
    if (script_b != NULL) {
        server_script(b, script_b);
    }
    target = (struct acs_target){.url = url,
                                 .username = "us\"er",
                                 .password = "secret",
                                 .connect_timeout_s = 30,
                                 .answer_timeout_s = 30,
                                 .max_answer = 100000};
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
    CU_ASSERT_EQUAL_FATAL(acs_client_new(loop, &client), 0);
    CU_ASSERT_EQUAL_FATAL(acs_client_begin(client, &target), 0);
}

static void begin(const struct server_step *script) {
    begin_at("/acs?x=1", script, NULL);
}

static void end(void) {
    acs_client_free(client);
    loop_free(loop);
    client = NULL;
    loop = NULL;
}

static const char *header(struct server *server, unsigned n, const char *name) {
    static char value[1024];
    return server_header(server, n, name, value, sizeof value) ? value : "(none)";
}

static bool has(const char *text, const char *piece) {
    return strstr(text, piece) != NULL;
}

#define MUST_HAVE(text, piece)                                                                               \
    do {                                                                                                     \
        if (!has(text, piece)) {                                                                             \
            (void) printf("\n    \"%s\" is not in: %s\n", piece, text);                                      \
            CU_FAIL("a piece is missing");                                                                   \
        } else {                                                                                             \
            CU_PASS("found");                                                                                \
        }                                                                                                    \
    } while (0)

static int run(CU_SuiteInfo *suites) {
    a = server_start(NULL);
    b = server_start(NULL);
    server_ports(server_port(a), server_port(b));
    int result = cunit_run(suites);
    server_stop(a);
    server_stop(b);
    return result;
}

#endif
