/* core/net/acs_client against scripted servers: what a session sends, keeps, repeats and refuses. */
#include <config.h>

#include "net_acs_help.h"

static void stop(void *user) {
    (void) user;
    loop_stop(loop);
}

/* ---- messages ---------------------------------------------------------------------------------- */

static void headers_are_as_the_standard_says(void) {
    static const struct server_step script[] = {{OK}, {EMPTY}, {0}};
    char host[64];
    begin(script);
    post("<inform/>");
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_STRING_EQUAL(got.body, "ok");
    const char *text = server_request(a, 0)->text;
    CU_ASSERT_EQUAL(strncmp(text, "POST /acs?x=1 HTTP/1.1\r\n", 24), 0);
    (void) snprintf(host, sizeof host, "127.0.0.1:%u", server_port(a));
    CU_ASSERT_STRING_EQUAL(header(a, 0, "Host"), host);
    CU_ASSERT_STRING_EQUAL(header(a, 0, "Content-Type"), "text/xml; charset=\"utf-8\"");
    MUST_HAVE(text, "\r\nSOAPAction:\r\n");
    CU_ASSERT_STRING_EQUAL(header(a, 0, "Content-Length"), "9");
    CU_ASSERT_STRING_EQUAL(server_request(a, 0)->body, "<inform/>");
    CU_ASSERT_FALSE(has(text, "Expect"));
    CU_ASSERT_FALSE(has(text, "Authorization"));
    CU_ASSERT_FALSE(has(text, "Cookie"));
    CU_ASSERT_FALSE(has(text, "Accept-Encoding"));
    MUST_HAVE(header(a, 0, "User-Agent"), "tr069-client/");
    post("");
    CU_ASSERT_EQUAL(got.status, 204);
    CU_ASSERT_EQUAL(got.length, 0);
    text = server_request(a, 1)->text;
    CU_ASSERT_STRING_EQUAL(header(a, 1, "Content-Length"), "0");
    CU_ASSERT_FALSE(has(text, "Content-Type"));
    CU_ASSERT_FALSE(has(text, "SOAPAction"));
    CU_ASSERT_FALSE(has(text, "Transfer-Encoding"));
    CU_ASSERT_EQUAL(server_connection_count(a), 1);
    CU_ASSERT_STRING_EQUAL(acs_client_local_address(client), "127.0.0.1");
    end();
}

/* Every way in which an answer's end may be told, and what HTTP lets a server write in its head. */
static void answers_of_every_form_are_read(void) {
    static const struct {
        const char *answer;
        enum server_then then;
        int status;
        const char *body;
    } table[] = {
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: "
         "1\r\n\r\n",
         THEN_KEEP, 200, "abcde"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", THEN_CLOSE, 200, "to the end"},
        {"HTTP/1.0 200 OK\r\n\r\nold", THEN_CLOSE, 200, "old"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", THEN_KEEP, 200, ""},
        {"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", THEN_CLOSE, 204, ""},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", THEN_KEEP, 200, "ok"},
        {"HTTP/1.1 200\r\ncontent-LENGTH:2\r\nX-Folded: one\r\n two\r\n\r\nok", THEN_KEEP, 200, "ok"},
        {"HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\nfault", THEN_KEEP, 500, "fault"},
        {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", THEN_KEEP, 404, ""},
        {"HTTP/1.1 503 Later\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n", THEN_KEEP, 503, ""},
        {"HTTP/1.1 304 Strange\r\n\r\n", THEN_KEEP, 304, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct server_step script[] = {{table[i].answer, table[i].then}, {OK}, {0}};
        begin(script);
        post("<a/>");
        CU_ASSERT_EQUAL(got.status, table[i].status);
        CU_ASSERT_STRING_EQUAL(got.body, table[i].body);
        post("<b/>"); /* the session goes on, on whatever connection */
        CU_ASSERT_EQUAL(got.status, 200);
        CU_ASSERT_EQUAL(server_connection_count(a), table[i].then == THEN_CLOSE ? 2 : 1);
        end();
    }
}

static void limits_hold_against_the_hostile(void) {
    static const struct {
        struct server_step step;
        const char *error;
    } table[] = {
        {{"HTTP/1.1 200 OK\r\n\r\n", THEN_FLOOD}, "the answer is larger than 100000 octets"},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n", THEN_STALL},
         "the answer is larger than 100000 octets"},
        {{"HTTP/1.1 200 OK\r\n", THEN_FLOOD}, "the head of the answer is larger than 65536 octets"},
        {{"HTTP/1.1 200 OK\r\n\r\n", THEN_DRIP}, "no complete answer within 1 s"},
        {{"HTTP/1.1 200 OK\r\nX-Slow: ", THEN_DRIP}, "no complete answer within 1 s"},
        {{"", THEN_STALL}, "no complete answer within 1 s"},
        {{"HTTP/1.1 204 No Content\r\n", THEN_CLOSE}, "the answer was cut off"},
        {{"HTTP/1.1 204 No Content\r\nServer: x\r\n\r", THEN_CLOSE}, "the answer was cut off"},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", THEN_CLOSE}, "cut off"},
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ncut", THEN_CLOSE},
         "the answer was cut off"},
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ncut", THEN_CLOSE},
         "broke before the answer"},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", THEN_RESET}, "broke before the answer"},
        {{"", THEN_CLOSE}, "closed the connection without an answer"},
        {{"", THEN_RESET}, "broke before the answer"},
        {{"SSH-2.0-OpenSSH_9.2\r\n", THEN_CLOSE}, "does not speak HTTP"},
        {{"HTTP/1.1 2", THEN_CLOSE}, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct server_step script[] = {table[i].step, {OK}, {0}};
        char host[64];
        begin(script);
        target.answer_timeout_s = 1;
        CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
        post("<a/>");
        (void) snprintf(host, sizeof host, "127.0.0.1:%u: ", server_port(a));
        CU_ASSERT_EQUAL(got.status, 0);
        CU_ASSERT_EQUAL(strncmp(got.error, host, strlen(host)), 0);
        MUST_HAVE(got.error, table[i].error);
        CU_ASSERT_FALSE(has(got.error, "x=1"));
        CU_ASSERT_EQUAL(server_request_count(a), 1); /* never a silent repeat */
        end();
    }
}

static void the_limit_counts_from_the_last_octet_sent(void) {
    static const struct server_step script[] = {
        {.answer = OK, .delay_ms = 600}, {.answer = OK, .delay_ms = 600}, {0}};
    begin(script);
    target.answer_timeout_s = 1;
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 200);
    post("<b/>");
    CU_ASSERT_EQUAL(got.status, 200);
    end();
}

static void a_large_message_goes_out_whole(void) {
    static const struct server_step script[] = {{OK}, {0}};
    const size_t length = 900000;
    char *body = malloc(length + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    memset(body, 'y', length);
    body[length] = '\0';
    begin(script);
    post(body);
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_EQUAL(server_request(a, 0)->body_length, length);
    end();
    free(body);
}

static void a_closed_idle_connection_is_replaced(void) {
    static const struct server_step script[] = {{OK, THEN_CLOSE}, {OK, THEN_RESET}, {OK}, {0}};
    struct timespec pause = {.tv_nsec = 20000000};
    begin(script);
    for (unsigned i = 0; i < 3; i++) {
        post("<a/>");
        CU_ASSERT_EQUAL(got.status, 200);
        (void) nanosleep(&pause, NULL);
    }
    CU_ASSERT_EQUAL(server_request_count(a), 3);
    CU_ASSERT_EQUAL(server_connection_count(a), 3);
    end();
}

/* On a kept connection libcurl would repeat the request whenever it dies without an answer. */
static void a_message_that_arrived_is_not_repeated(void) {
    static const struct server_step scripts[][4] = {
        {{OK}, {"", THEN_CLOSE}, {OK}, {0}},
        {{OK}, {"", THEN_RESET, .delay_ms = 300}, {OK}, {0}}, /* its TCP has acknowledged by then */
    };
    for (size_t i = 0; i < 2; i++) {
        begin(scripts[i]);
        post("<a/>");
        post("<b/>");
        CU_ASSERT_EQUAL(got.status, 0);
        MUST_HAVE(got.error, "closed the connection without an answer");
        CU_ASSERT_EQUAL(server_request_count(a), 2);
        CU_ASSERT_EQUAL(server_connection_count(a), 1);
        end();
    }
}

/* The server closed while our message was on its way: it never got it. */
static void a_message_that_did_not_arrive_is_repeated_once(void) {
    static const struct server_step script[] = {{OK}, {"", THEN_RESET, .unread = true}, {OK}, {0}};
    begin(script);
    post("<a/>");
    post("<b/>");
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_EQUAL(server_request_count(a), 2);
    CU_ASSERT_EQUAL(server_connection_count(a), 2);
    CU_ASSERT_STRING_EQUAL(server_request(a, 1)->body, "<b/>");
    end();
}

static void no_server_is_said(void) {
    static const struct server_step script[] = {{0}};
    begin(script);
    target.url = "http://127.0.0.1:1/acs?secret=1";
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post("<a/>");
    CU_ASSERT_STRING_EQUAL(got.error, "127.0.0.1:1: no connection: Connection refused");
    target.url = "http://no-such-host.invalid/acs";
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post("<a/>");
    CU_ASSERT_STRING_EQUAL(got.error, "no-such-host.invalid: the name could not be resolved");
    static const char *const bad[] = {
        "", "ftp://x/", "http://", "acs.example", "http://u:p@host/", "file:///etc/passwd", NULL};
    for (size_t i = 0; bad[i] != NULL; i++) {
        target.url = bad[i];
        CU_ASSERT_EQUAL(acs_client_begin(client, &target), -EINVAL);
        CU_ASSERT_EQUAL(acs_client_post(client, "", 0, answered, NULL), -ENOTCONN);
    }
    end();
}

static void one_post_at_a_time_and_end_drops_it(void) {
    static const struct server_step script[] = {{"", THEN_STALL}, {0}};
    begin(script);
    CU_ASSERT_EQUAL(acs_client_post(client, "<a/>", 4, answered, NULL), 0);
    CU_ASSERT_EQUAL(acs_client_post(client, "<b/>", 4, answered, NULL), -EBUSY);
    memset(&got, 0, sizeof got);
    (void) loop_timer(loop, 50, stop, NULL, NULL);
    (void) loop_run(loop);
    acs_client_end(client);
    (void) loop_timer(loop, 50, stop, NULL, NULL);
    (void) loop_run(loop);
    CU_ASSERT_EQUAL(got.calls, 0);
    CU_ASSERT_EQUAL(server_request_count(a), 1);
    end();
}

static unsigned left;
static void post_again(void *user, const struct acs_answer *answer) {
    (void) user;
    got.calls++;
    if (--left > 0) {
        CU_ASSERT_EQUAL(acs_client_post(client, "<n/>", 4, post_again, NULL), 0);
        CU_ASSERT_EQUAL(answer->length, 2);
        CU_ASSERT_EQUAL(memcmp(answer->body, "ok", 2), 0); /* still there */
    } else {
        acs_client_free(client); /* from inside of done */
        client = NULL;
        CU_ASSERT_EQUAL(memcmp(answer->body, "ok", 2), 0);
        loop_stop(loop);
    }
}

static void done_may_post_and_free(void) {
    static const struct server_step script[] = {{OK}, {OK}, {OK}, {0}};
    begin(script);
    left = 3;
    memset(&got, 0, sizeof got);
    CU_ASSERT_EQUAL(acs_client_post(client, "<n/>", 4, post_again, NULL), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 3);
    CU_ASSERT_EQUAL(server_connection_count(a), 1);
    end();
}

/* ---- authentication ---------------------------------------------------------------------------- */

static void digest_is_answered_and_kept(void) {
    static const struct server_step script[] = {
        {DIGEST("n1", ", qop=\"auth,auth-int\", opaque=\"o\\\"p\"")}, {OK}, {EMPTY}, {0}};
    begin(script);
    post("<inform/>");
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_STRING_EQUAL(header(a, 0, "Authorization"), "(none)");
    CU_ASSERT_STRING_EQUAL(server_request(a, 0)->body, "<inform/>"); /* whole before the challenge too */
    CU_ASSERT_STRING_EQUAL(server_request(a, 1)->body, "<inform/>");
    const char *sent = header(a, 1, "Authorization");
    MUST_HAVE(sent, "Digest username=\"us\\\"er\", realm=\"acs\", nonce=\"n1\", uri=\"/acs?x=1\"");
    MUST_HAVE(sent, ", nc=00000001");
    MUST_HAVE(sent, ", qop=auth,");
    MUST_HAVE(sent, ", cnonce=\"");
    MUST_HAVE(sent, ", opaque=\"o\\\"p\"");
    CU_ASSERT_FALSE(has(sent, "algorithm"));
    CU_ASSERT_FALSE(has(sent, "cnonce=\"\""));
    post("");
    CU_ASSERT_EQUAL(got.status, 204);
    MUST_HAVE(header(a, 2, "Authorization"), "nonce=\"n1\"");
    MUST_HAVE(header(a, 2, "Authorization"), "nc=00000002");
    CU_ASSERT_EQUAL(server_connection_count(a), 1);
    /* the next session starts without */
    static const struct server_step again[] = {{OK}, {0}};
    server_script(a, again);
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post("<inform/>");
    CU_ASSERT_STRING_EQUAL(header(a, 0, "Authorization"), "(none)");
    end();
}

static void the_best_challenge_is_chosen(void) {
    static const struct {
        const char *challenges, *answer;
    } table[] = {
        {"WWW-Authenticate: Basic realm=\"b\"\r\nWWW-Authenticate: Digest realm=\"d\", nonce=\"n\", "
         "qop=\"auth\"\r\n",
         "Digest username=\"us\\\"er\", realm=\"d\""},
        {"WWW-Authenticate: Basic realm=\"b\", Digest realm=\"d\", nonce=\"n\"\r\n",
         "Digest username=\"us\\\"er\", realm=\"d\""},
        {"WWW-Authenticate: Digest realm=\"s\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\r\n"
         "WWW-Authenticate: Digest realm=\"m\", nonce=\"n\", algorithm=MD5, qop=\"auth\"\r\n",
         "algorithm=SHA-256"}, /* the server's first choice: RFC 7616 section 3.7 */
        {"WWW-Authenticate: Negotiate\r\nWWW-Authenticate: digest nonce=n,realm=plain,QOP=auth,stale=FALSE, "
         "domain=\"/ /x\", charset=UTF-8, odd=\"a,b\"\r\n",
         "realm=\"plain\", nonce=\"n\""},
        {"WWW-Authenticate: Digest realm=\"e\", nonce=\"n\", algorithm=MD5-sess, qop=\"auth\"\r\n",
         "algorithm=MD5-sess"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char answer[1024];
        (void) snprintf(answer, sizeof answer, "HTTP/1.1 401 No\r\n%sContent-Length: 0\r\n\r\n",
                        table[i].challenges);
        const struct server_step script[] = {{answer}, {OK}, {0}};
        begin(script);
        target.allow_basic_plain = true;
        CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
        post("<a/>");
        CU_ASSERT_EQUAL(got.status, 200);
        MUST_HAVE(header(a, 1, "Authorization"), table[i].answer);
        end();
    }
}

static void a_challenge_without_qop_is_answered(void) {
    static const struct server_step script[] = {{DIGEST("n1", "")}, {OK}, {0}};
    begin(script);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_FALSE(has(header(a, 1, "Authorization"), "nc="));
    CU_ASSERT_FALSE(has(header(a, 1, "Authorization"), "qop="));
    end();
}

static void basic_is_for_tls_unless_allowed(void) {
    static const struct server_step script[] = {{BASIC}, {OK}, {OK}, {0}};
    begin(script);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 0);
    MUST_HAVE(got.error, "no kind of authentication that is allowed without TLS");
    CU_ASSERT_EQUAL(server_request_count(a), 1);
    end();
    begin(script);
    target.allow_basic_plain = true;
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_STRING_EQUAL(header(a, 0, "Authorization"), "(none)");
    CU_ASSERT_STRING_EQUAL(header(a, 1, "Authorization"), "Basic dXMiZXI6c2VjcmV0");
    post("<b/>");
    CU_ASSERT_STRING_EQUAL(header(a, 2, "Authorization"), "Basic dXMiZXI6c2VjcmV0");
    end();
}

static void new_challenges_in_mid_session_are_answered(void) {
    static const struct server_step script[] = {
        {DIGEST("n1", QOP)},
        {OK},
        {DIGEST("n2", QOP)},  /* not stale: another nonce all the same */
        {DIGEST("n2b", QOP)}, /* we begin anew */
        {OK},
        {DIGEST("n3", QOP ", stale=true")},
        {OK},
        {DIGEST("n4", QOP ", stale=TRUE")},
        {DIGEST("n5", QOP ", stale=true")},
        {OK},
        {0}};
    begin(script);
    for (unsigned i = 0; i < 4; i++) {
        post("<a/>");
        CU_ASSERT_EQUAL(got.status, 200);
    }
    CU_ASSERT_EQUAL_FATAL(server_request_count(a), 10);
    for (unsigned i = 0; i < 10; i++) { /* never one without its body, which would be a message of its own */
        CU_ASSERT_STRING_EQUAL(server_request(a, i)->body, "<a/>");
        CU_ASSERT_STRING_EQUAL(header(a, i, "Content-Type"), "text/xml; charset=\"utf-8\"");
    }
    MUST_HAVE(header(a, 2, "Authorization"), "nonce=\"n1\"");
    MUST_HAVE(header(a, 2, "Authorization"), "nc=00000002");
    CU_ASSERT_STRING_EQUAL(header(a, 3, "Authorization"), "(none)");
    MUST_HAVE(header(a, 4, "Authorization"), "nonce=\"n2b\"");
    MUST_HAVE(header(a, 4, "Authorization"), "nc=00000001");
    MUST_HAVE(header(a, 5, "Authorization"), "nc=00000002");
    MUST_HAVE(header(a, 9, "Authorization"), "nonce=\"n5\"");
    CU_ASSERT_EQUAL(server_connection_count(a), 1);
    end();
}

/* The challenge itself is all that counts of such an answer. */
static void a_challenge_may_close_the_connection(void) {
    static const char challenge[] = "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
                                    "Connection: close\r\nContent-Length: ";
    static const char *const rest[] = {"0\r\n\r\n", "4\r\n\r\nno!\n", "9\r\n\r\ncut"};
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
        char text[256];
        (void) snprintf(text, sizeof text, "%s%s", challenge, rest[i]);
        const struct server_step script[] = {{text, THEN_CLOSE}, {OK}, {OK}, {DIGEST("n2", "")},
                                             {DIGEST("n3", "")}, {OK}, {0}};
        begin(script);
        post("<a/>");
        CU_ASSERT_EQUAL(got.status, 200);
        post("<b/>");
        post("<c/>"); /* what comes later is answered as ever */
        CU_ASSERT_EQUAL(got.status, 200);
        CU_ASSERT_EQUAL_FATAL(server_request_count(a), 6);
        MUST_HAVE(header(a, 5, "Authorization"), "nonce=\"n3\"");
        CU_ASSERT_STRING_EQUAL(server_request(a, 0)->body, "<a/>");
        CU_ASSERT_STRING_EQUAL(server_request(a, 1)->body, "<a/>");
        MUST_HAVE(header(a, 1, "Authorization"), "nonce=\"n\"");
        MUST_HAVE(header(a, 2, "Authorization"), "nonce=\"n\"");
        CU_ASSERT_EQUAL(server_connection_count(a), 2);
        end();
    }
}

/* What libcurl repeats is under the same rule as what we send. */
static void a_broken_repeat_is_not_repeated(void) {
    static const struct server_step script[] = {{DIGEST("n1", QOP)}, {"", THEN_CLOSE}, {OK}, {0}};
    begin(script);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 0);
    MUST_HAVE(got.error, "closed the connection without an answer");
    CU_ASSERT_EQUAL(server_request_count(a), 2);
    end();
}

static void refused_twice_is_refused(void) {
    static const struct {
        struct server_step script[8];
        unsigned requests;
    } table[] = {
        {{{DIGEST("n1", QOP)}, {DIGEST("n2", QOP)}, {OK}, {0}}, 2},
        {{{DIGEST("n1", QOP)}, {"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"}, {OK}, {0}}, 2},
        {{{DIGEST("n1", QOP)}, {DIGEST("n2", QOP ", stale=true")}, {DIGEST("n3", QOP)}, {OK}, {0}}, 3},
        {{{DIGEST("n1", QOP)},
          {DIGEST("n", QOP ", stale=true")},
          {DIGEST("n", QOP ", stale=true")},
          {DIGEST("n", QOP ", stale=true")},
          {DIGEST("n", QOP ", stale=true")},
          {OK},
          {0}},
         5},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        begin(table[i].script);
        post("<a/>");
        CU_ASSERT_EQUAL(got.status, 0);
        MUST_HAVE(got.error, "refuses our username or password (HTTP 401)");
        CU_ASSERT_EQUAL(server_request_count(a), table[i].requests);
        end();
    }
    static const struct server_step later[] = {
        {DIGEST("n1", QOP)}, {OK}, {DIGEST("n2", QOP)}, {DIGEST("n3", QOP)}, {DIGEST("n4", QOP)}, {OK}, {0}};
    begin(later);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 200);
    post("<b/>");
    MUST_HAVE(got.error, "refuses our username or password (HTTP 401)");
    CU_ASSERT_EQUAL(server_request_count(a), 5);
    end();
    static const struct server_step basic[] = {{BASIC}, {OK}, {BASIC}, {OK}, {0}};
    begin(basic);
    target.allow_basic_plain = true;
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post("<a/>");
    CU_ASSERT_EQUAL(got.status, 200);
    post("<b/>");
    MUST_HAVE(got.error, "refuses our username or password (HTTP 401)");
    CU_ASSERT_EQUAL(server_request_count(a), 3);
    end();
    static const struct server_step script[] = {{DIGEST("n1", QOP)}, {OK}, {0}};
    begin(script);
    target.username = NULL;
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post("<a/>");
    MUST_HAVE(got.error, "no username is configured");
    CU_ASSERT_EQUAL(server_request_count(a), 1);
    end();
}

static CU_TestInfo messages[] = {
    {"headers are as the standard says", headers_are_as_the_standard_says},
    {"answers of every form are read", answers_of_every_form_are_read},
    {"limits hold against the hostile", limits_hold_against_the_hostile},
    {"the limit counts from the last octet sent", the_limit_counts_from_the_last_octet_sent},
    {"a large message goes out whole", a_large_message_goes_out_whole},
    {"a closed idle connection is replaced", a_closed_idle_connection_is_replaced},
    {"a message that arrived is not repeated", a_message_that_arrived_is_not_repeated},
    {"a message that did not arrive is repeated once", a_message_that_did_not_arrive_is_repeated_once},
    {"no server is said", no_server_is_said},
    {"one POST at a time, and end drops it", one_post_at_a_time_and_end_drops_it},
    {"done may post and free", done_may_post_and_free},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo authentication[] = {
    {"Digest is answered and kept", digest_is_answered_and_kept},
    {"the best challenge is chosen", the_best_challenge_is_chosen},
    {"a challenge without qop is answered", a_challenge_without_qop_is_answered},
    {"Basic is for TLS unless allowed", basic_is_for_tls_unless_allowed},
    {"new challenges in mid-session are answered", new_challenges_in_mid_session_are_answered},
    {"a challenge may close the connection", a_challenge_may_close_the_connection},
    {"a broken repeat is not repeated", a_broken_repeat_is_not_repeated},
    {"refused twice is refused", refused_twice_is_refused},
    CU_TEST_INFO_NULL,
};
int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("messages", messages), CUNIT_SUITE("authentication", authentication),
                             CU_SUITE_INFO_NULL};
    return run(suites);
}
