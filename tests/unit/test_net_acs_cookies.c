/* core/net/acs_client against scripted servers: cookies and redirects. */
#include <config.h>

#include "net_acs_help.h"

/* ---- cookies ----------------------------------------------------------------------------------- */

#define COOKIES(text) "HTTP/1.1 200 OK\r\n" text "Content-Length: 2\r\n\r\nok"

static void cookies_come_back(void) {
    static const struct {
        const char *path, *first, *second, *sent;
    } table[] = {
        {"/acs", "Set-Cookie: session=abc\r\n", "", "session=abc"},
        {"/acs", "Set-Cookie: session=abc; Path=/acs; HttpOnly; SameSite=Lax\r\n", "", "session=abc"},
        {"/acs", "Set-Cookie: session=abc; Path=/\r\n", "", "session=abc"},
        {"/a/b/acs?x", "Set-Cookie: session=abc; Path=/a\r\n", "", "session=abc"},
        {"/acs", "Set-Cookie: session=abc; Path=/cwmp\r\n", "", "session=abc"}, /* behind a proxy */
        {"/acs", "Set-Cookie: session=abc; Domain=other.example\r\n", "", "session=abc"},
        {"/acs", "Set-Cookie: session=abc; Secure\r\n", "", "session=abc"},
        {"/acs", "Set-Cookie: a=1\r\nSet-Cookie: b=2; path=/\r\nset-cookie: c=\r\n", "", "a=1; b=2; c="},
        {"/acs", "Set-Cookie: a=1\r\n", "Set-Cookie: a=2; Path=/\r\n", "a=2"},
        {"/acs", "Set-Cookie: a=1; Path=/acs\r\n", "Set-Cookie: a=2; Path=/\r\n", "a=2"},
        {"/acs", "Set-Cookie: a=1; Path=/other\r\nSet-Cookie: a=2; Path=/acs\r\n", "", "a=2"},
        {"/acs", "Set-Cookie: a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT\r\n", "", "a=1"},
        {"/acs", "Set-Cookie: a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=100\r\n", "", "a=1"},
        {"/acs", "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", "Set-Cookie: a=; Max-Age=0\r\n", "b=2"},
        {"/acs", "Set-Cookie: a=1\r\n", "Set-Cookie: a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT\r\n",
         "(none)"},
        {"/acs", "Set-Cookie: a=1\r\n",
         "Set-Cookie: a=x; Max-Age=-5; Expires=Wed, 09 Jun 2100 10:18:14 GMT\r\n", "(none)"},
        {"/acs", "Set-Cookie2: a=\"x,y\"; Version=1; Path=\"/z\"; Discard, b=2;Max-Age=\"300\";Port\r\n", "",
         "a=\"x,y\"; b=2"},
        {"/acs", "Set-Cookie: __Host-a=1; Path=/; Max-Age=9\r\nSet-Cookie: path=2; Domain=.com\r\n", "",
         "path=2"},
        {"/acs", "Set-Cookie: a=1=2==\r\nSet-Cookie: =x\r\nSet-Cookie: novalue\r\nSet-Cookie: \r\n", "",
         "a=1=2=="},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char first[512], second[512];
        (void) snprintf(first, sizeof first, COOKIES("%s"), table[i].first);
        (void) snprintf(second, sizeof second, COOKIES("%s"), table[i].second);
        const struct server_step script[] = {{first}, {second}, {OK, THEN_CLOSE}, {OK}, {OK}, {0}};
        begin_at(table[i].path, script, NULL);
        post("<a/>");
        post("<b/>");
        CU_ASSERT_STRING_NOT_EQUAL(header(a, 1, "Cookie"), "(none)");
        post("");
        CU_ASSERT_STRING_EQUAL(header(a, 2, "Cookie"), table[i].sent);
        post("<c/>"); /* on a new connection too */
        CU_ASSERT_STRING_EQUAL(header(a, 3, "Cookie"), table[i].sent);
        CU_ASSERT_EQUAL(server_request(a, 3)->connection, 2);
        CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
        post("<new session/>");
        CU_ASSERT_STRING_EQUAL(header(a, 4, "Cookie"), "(none)");
        end();
    }
}

/* More than the 50 that libcurl takes for one request. */
/* Of more than the 50 that libcurl takes for one request. */
static void cookies_come_with_every_answer(void) {
    enum { POSTS = 30 };
    static char text[POSTS][160];
    struct server_step script[POSTS + 1] = {{0}};
    for (unsigned i = 0; i < POSTS; i++) {
        (void) snprintf(text[i], sizeof text[i],
                        COOKIES("Set-Cookie: a=%u\r\nSet-Cookie: b=%u\r\nSet-Cookie: c=%u\r\n"), i, i, i);
        script[i].answer = text[i];
    }
    begin(script);
    post("");
    CU_ASSERT_STRING_EQUAL(header(a, 0, "Cookie"), "(none)");
    for (unsigned i = 1; i < POSTS; i++) {
        char expected[48];
        post("");
        (void) snprintf(expected, sizeof expected, "a=%u; b=%u; c=%u", i - 1, i - 1, i - 1);
        CU_ASSERT_STRING_EQUAL(header(a, i, "Cookie"), expected);
    }
    end();
}

static void cookies_are_many_and_long(void) {
    char answer[9000] = "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
    char expected[9000] = "";
    for (unsigned i = 0; i < 20; i++) {
        size_t length = strlen(answer);
        (void) snprintf(answer + length, sizeof answer - length, "Set-Cookie: c%u=%0200u\r\n", i, i);
        length = strlen(expected);
        (void) snprintf(expected + length, sizeof expected - length, "%sc%u=%0200u", i == 0 ? "" : "; ", i,
                        i);
    }
    size_t used = strlen(answer);
    (void) snprintf(answer + used, sizeof answer - used, "Content-Length: 0\r\n\r\n");
    const struct server_step script[] = {{answer}, {OK}, {0}};
    begin(script);
    post("<a/>"); /* a cookie may come with the challenge */
    CU_ASSERT_EQUAL(got.status, 200);
    MUST_HAVE(server_request(a, 1)->text, "Cookie: c0=");
    CU_ASSERT_PTR_NOT_NULL(strstr(server_request(a, 1)->text, "c1=00"));
    CU_ASSERT_TRUE(strlen(expected) > 4000);
    end();
}

static void more_cookies_than_fit_leave_some_out(void) {
    static char answer[60000];
    (void) snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nSet-Cookie: first=1\r\n");
    for (unsigned i = 0; i < 14; i++) {
        size_t length = strlen(answer);
        (void) snprintf(answer + length, sizeof answer - length, "Set-Cookie: c%u=%04000u\r\n", i, i);
    }
    size_t used = strlen(answer);
    (void) snprintf(answer + used, sizeof answer - used, "Content-Length: 2\r\n\r\nok");
    const struct server_step script[] = {{answer}, {OK}, {0}};
    begin(script);
    post("<a/>");
    post("<b/>");
    CU_ASSERT_EQUAL(got.status, 200);
    MUST_HAVE(server_request(a, 1)->text, "Cookie: first=1; c0=0000");
    end();
}

/* ---- redirects --------------------------------------------------------------------------------- */

static void redirects_repeat_the_post(void) {
    static const char *const statuses[] = {"301", "302", "303", "307", "308"};
    for (size_t i = 0; i < 5; i++) {
        char moved[256];
        (void) snprintf(moved, sizeof moved, MOVED("%s", "http://%s:@B/new?y=2#frag"), statuses[i],
                        i == 4 ? "localhost" : "127.0.0.1");
        const struct server_step script[] = {{COOKIES("Set-Cookie: a=1; Path=/acs\r\n")}, {moved}, {OK}, {0}};
        const struct server_step script_b[] = {{OK}, {COOKIES("Set-Cookie: b=2\r\n")}, {OK}, {0}};
        begin_at("/acs", script, script_b);
        post("<inform/>");
        post("<more/>");
        CU_ASSERT_EQUAL(got.status, 200);
        CU_ASSERT_EQUAL(strncmp(server_request(b, 0)->text, "POST /new?y=2 HTTP/1.1\r\n", 24), 0);
        CU_ASSERT_STRING_EQUAL(server_request(b, 0)->body, "<more/>");
        CU_ASSERT_STRING_EQUAL(header(b, 0, "Cookie"), "a=1");
        CU_ASSERT_STRING_EQUAL(header(b, 0, "Content-Type"), "text/xml; charset=\"utf-8\"");
        post(""); /* the target serves the rest */
        post("<last/>");
        CU_ASSERT_EQUAL(server_request_count(b), 3);
        MUST_HAVE(header(b, 2, "Cookie"), "b=2");
        MUST_HAVE(header(b, 2, "Cookie"), "a=1");
        CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
        post("<next session/>"); /* at the URL again */
        CU_ASSERT_EQUAL(server_request_count(a), 3);
        CU_ASSERT_STRING_EQUAL(server_request(a, 2)->body, "<next session/>");
        end();
    }
}

static void an_empty_post_is_redirected_too(void) {
    static const struct server_step script[] = {{OK}, {MOVED("302", "http://127.0.0.1:@B/")}, {0}};
    static const struct server_step script_b[] = {{EMPTY}, {0}};
    begin_at("/acs", script, script_b);
    post("<inform/>");
    post("");
    CU_ASSERT_EQUAL(got.status, 204);
    CU_ASSERT_STRING_EQUAL(header(b, 0, "Content-Length"), "0");
    CU_ASSERT_STRING_EQUAL(header(b, 0, "Content-Type"), "(none)");
    CU_ASSERT_EQUAL(strncmp(server_request(b, 0)->text, "POST / ", 7), 0);
    end();
}

static void locations_of_every_form(void) {
    static const struct {
        const char *location, *line;
    } table[] = {
        {"/other", "POST /other HTTP"},
        {"other?z", "POST /a/other?z HTTP"},
        {"../up", "POST /up HTTP"},
        {"?q=1", "POST /a/acs?q=1 HTTP"},
        {"//127.0.0.1:@A/net", "POST /net HTTP"},
        {"HTTP://127.0.0.1:@A/scheme", "POST /scheme HTTP"},
        {"http://u:p@127.0.0.1:@A/user", "POST /user HTTP"},
        {"/sp ace", "POST /sp%20ace HTTP"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char moved[256];
        char location[128];
        /* the script's own '@' */
        (void) snprintf(location, sizeof location, "%s", table[i].location);
        char *user = strstr(location, "u:p@");
        if (user != NULL) {
            memcpy(user, "u:p%", 4); /* no userinfo: refused below */
        }
        (void) snprintf(moved, sizeof moved,
                        "HTTP/1.1 302 Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", location);
        const struct server_step script[] = {{moved}, {OK}, {0}};
        begin_at("/a/acs", script, NULL);
        post("<a/>");
        if (user == NULL) {
            CU_ASSERT_EQUAL(got.status, 200);
            MUST_HAVE(server_request(a, 1)->text, table[i].line);
        }
        CU_ASSERT_FALSE(has(server_request(a, 1)->text, "Authorization"));
        end();
    }
}

static void useless_redirects_fail(void) {
    static const char *const table[] = {
        "HTTP/1.1 302 Moved\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Moved\r\nLocation:\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Moved\r\nLocation: ftp://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Moved\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Moved\r\nLocation: http://127.0.0.1:99999/\r\nContent-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct server_step script[] = {{table[i]}, {OK}, {0}};
        begin(script);
        post("<a/>");
        CU_ASSERT_EQUAL(got.status, 0);
        CU_ASSERT_TRUE(has(got.error, "redirects to an address that cannot be used") ||
                       has(got.error, "HTTP 302 without saying where to go"));
        CU_ASSERT_EQUAL(server_request_count(a), 1);
        end();
    }
}

static void five_redirects_and_no_more(void) {
    static const struct server_step script[] = {{MOVED("302", "/1")},
                                                {MOVED("307", "/2")},
                                                {MOVED("302", "/3")},
                                                {MOVED("302", "/4")},
                                                {MOVED("302", "/5")},
                                                {OK},
                                                {MOVED("302", "/1")},
                                                {MOVED("302", "/2")},
                                                {MOVED("302", "/3")},
                                                {MOVED("302", "/4")},
                                                {MOVED("302", "/5")},
                                                {MOVED("302", "/6")},
                                                {OK},
                                                {0}};
    begin(script);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 200);
    MUST_HAVE(server_request(a, 5)->text, "POST /5 ");
    post("<b/>");
    CU_ASSERT_EQUAL(got.status, 0);
    MUST_HAVE(got.error, "more than 5 redirects in a row");
    CU_ASSERT_EQUAL(server_request_count(a), 12);
    end();
}

static void the_target_has_to_ask_for_itself(void) {
    static const struct server_step script[] = {
        {DIGEST("nA", QOP)}, {MOVED("302", "http://127.0.0.1:@B/b")}, {0}};
    static const struct server_step script_b[] = {{DIGEST("nB", QOP)}, {OK}, {OK}, {0}};
    begin_at("/acs", script, script_b);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 200);
    MUST_HAVE(header(a, 1, "Authorization"), "nonce=\"nA\"");
    CU_ASSERT_STRING_EQUAL(header(b, 0, "Authorization"), "(none)");
    MUST_HAVE(header(b, 1, "Authorization"), "nonce=\"nB\", uri=\"/b\"");
    post("<b/>");
    MUST_HAVE(header(b, 2, "Authorization"), "nc=00000002");
    end();
}

static CU_TestInfo cookies[] = {
    {"cookies come back", cookies_come_back},
    {"cookies come with every answer", cookies_come_with_every_answer},
    {"cookies are many and long", cookies_are_many_and_long},
    {"more cookies than fit leave some out", more_cookies_than_fit_leave_some_out},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo redirects[] = {
    {"redirects repeat the POST", redirects_repeat_the_post},
    {"an empty POST is redirected too", an_empty_post_is_redirected_too},
    {"locations of every form", locations_of_every_form},
    {"useless redirects fail", useless_redirects_fail},
    {"five redirects and no more", five_redirects_and_no_more},
    {"the target has to ask for itself", the_target_has_to_ask_for_itself},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("cookies", cookies), CUNIT_SUITE("redirects", redirects),
                             CU_SUITE_INFO_NULL};
    return run(suites);
}
