/* core/net/connection_request: asked by raw sockets and by libcurl's own Digest, in one loop. */
#include <config.h>

#include "net/connection_request.h"

#include "cunit.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <tr069/plugin.h>
#include <unistd.h>

#define PATH "/0123456789abcdef"

static struct loop *loop;
static struct connection_request *listener;
static const char *username = "user", *password = "pass";
static unsigned accepted, refused;
static char why[128];

static uint64_t now_ms(void) {
    struct timespec now;
    (void) clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static void credentials(void *user, const char **ret_username, const char **ret_password) {
    (void) user;
    *ret_username = username;
    *ret_password = password;
}

static void on_accepted(void *user) {
    (void) user;
    accepted++;
}

static void on_refused(void *user, const char *peer, const char *text) {
    (void) user;
    CU_ASSERT_TRUE(peer[0] != '\0');
    refused++;
    (void) snprintf(why, sizeof why, "%s", text);
}

static struct connection_request_setup setup_of(void) {
    return (struct connection_request_setup){.address = "127.0.0.1",
                                             .path = PATH,
                                             .rate_count = 100,
                                             .rate_window_s = 60,
                                             .max_connections = 8,
                                             .timeout_s = 10,
                                             .credentials = credentials,
                                             .accepted = on_accepted,
                                             .refused = on_refused};
}

static void begin_with(const struct connection_request_setup *setup) {
    accepted = refused = 0;
    why[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
    CU_ASSERT_EQUAL_FATAL(connection_request_new(loop, setup, &listener), 0);
    CU_ASSERT_NOT_EQUAL(connection_request_port(listener), 0);
}

static void begin(void) {
    struct connection_request_setup setup = setup_of();
    begin_with(&setup);
}

static void end(void) {
    connection_request_free(listener);
    loop_free(loop);
}

static void stop(void *user) {
    (void) user;
    loop_stop(loop);
}

/* ---- raw --------------------------------------------------------------------------------------- */

/* From 127.0.0.LAST: another source each. */
static int dial_from(unsigned last) {
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000000 | last)};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(connection_request_port(listener)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *) &from, sizeof from), 0);
    CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *) &to, sizeof to), 0);
    return fd;
}

static int dial(void) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(connection_request_port(listener)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *) &address, sizeof address), 0);
    return fd;
}

static char answer[8192];
static size_t answer_length;

static void readable(void *user, int fd, int what) {
    (void) user;
    (void) what;
    ssize_t n = recv(fd, answer + answer_length, sizeof answer - 1 - answer_length, MSG_DONTWAIT);
    answer_length += n > 0 ? (size_t) n : 0;
    answer[answer_length] = '\0';
    if (n <= 0 || strstr(answer, "\r\n\r\n") != NULL) {
        loop_stop(loop);
    }
}

/* Sends and waits for the head of an answer, or the end of the connection. */
static const char *talk_on(int fd, const char *request) {
    struct tr069_watch *watch;
    struct tr069_timer *timer;
    answer_length = 0;
    answer[0] = '\0';
    CU_ASSERT_EQUAL(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t) strlen(request));
    (void) loop_watch(loop, fd, TR069_READABLE, readable, NULL, &watch);
    (void) loop_timer(loop, 8000, stop, NULL, &timer);
    (void) loop_run(loop);
    loop_timer_cancel(loop, timer);
    loop_unwatch(loop, watch);
    return answer;
}

static const char *talk(const char *request) {
    int fd = dial();
    (void) talk_on(fd, request);
    (void) close(fd);
    return answer;
}

static int status_of(const char *text) {
    return strncmp(text, "HTTP/1.1 ", 9) == 0 ? (int) strtol(text + 9, NULL, 10) : 0;
}

static void nonce_of(const char *text, char *out, size_t size) {
    const char *at = strstr(text, "nonce=\"");
    out[0] = '\0';
    if (at != NULL) {
        (void) snprintf(out, size, "%.*s", (int) strcspn(at + 7, "\""), at + 7);
    }
}

struct form {
    const char *username, *password, *uri, *nonce, *nc, *qop, *extra, *method;
};

static void md5(char hex[33], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void md5(char hex[33], const char *format, ...) {
    unsigned char digest[16];
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    CU_ASSERT_EQUAL(gnutls_hash_fast(GNUTLS_DIG_MD5, text, strlen(text), digest), 0);
    for (size_t i = 0; i < sizeof digest; i++) {
        (void) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
}

static void write_request(char *out, size_t size, const struct form *form) {
    char who[33], what[33], response[33];
    md5(who, "%s:connection request:%s", form->username, form->password);
    md5(what, "GET:%s", form->uri);
    if (form->qop != NULL) {
        md5(response, "%s:%s:%s:c:%s:%s", who, form->nonce, form->nc, form->qop, what);
    } else {
        md5(response, "%s:%s:%s", who, form->nonce, what);
    }
    (void) snprintf(out, size,
                    "GET %s HTTP/1.1\r\nHost: box\r\nAuthorization: Digest username=\"%s\", "
                    "realm=\"connection request\", "
                    "nonce=\"%s\", uri=\"%s\", response=\"%s\"",
                    PATH, form->username, form->nonce, form->uri, response);
    if (form->qop != NULL) {
        size_t length = strlen(out);
        (void) snprintf(out + length, size - length, ", qop=%s, nc=%s, cnonce=\"c\"", form->qop, form->nc);
    }
    size_t length = strlen(out);
    (void) snprintf(out + length, size - length, "%s\r\n\r\n", form->extra != NULL ? form->extra : "");
}

static char nonce[128];

static int ask(struct form form) {
    char request[2048];
    if (form.nonce == NULL) {
        nonce_of(talk("GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n"), nonce, sizeof nonce);
        CU_ASSERT_NOT_EQUAL(nonce[0], '\0');
        form.nonce = nonce;
    }
    form.username = form.username != NULL ? form.username : "user";
    form.password = form.password != NULL ? form.password : "pass";
    form.uri = form.uri != NULL ? form.uri : PATH;
    form.nc = form.nc != NULL ? form.nc : "00000001";
    write_request(request, sizeof request, &form);
    return status_of(talk(request));
}

static void asks_for_digest_only(void) {
    begin();
    const char *text = talk("GET " PATH "?query=1 HTTP/1.1\r\nHost: box\r\n\r\n");
    CU_ASSERT_EQUAL(status_of(text), 401);
    const char *header = strstr(text, "WWW-Authenticate: Digest realm=\"connection request\"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(header);
    CU_ASSERT_PTR_NULL(strstr(header + 1, "WWW-Authenticate"));
    CU_ASSERT_PTR_NOT_NULL(strstr(header, "qop=\"auth\""));
    CU_ASSERT_PTR_NOT_NULL(strcasestr(header, "algorithm=md5"));
    CU_ASSERT_PTR_NULL(strstr(text, "stale"));
    CU_ASSERT_PTR_NULL(strstr(text, "Basic"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Content-Length: 0\r\n"));
    CU_ASSERT_EQUAL(refused, 0); /* the first step of every request */
    text = talk("GET " PATH " HTTP/1.1\r\nHost: box\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n");
    CU_ASSERT_EQUAL(status_of(text), 401);
    CU_ASSERT_EQUAL(refused, 1);
    CU_ASSERT_EQUAL(accepted, 0);
    end();
}

static void the_right_answer_is_accepted(void) {
    begin();
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    CU_ASSERT_EQUAL(accepted, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "Content-Length: 0\r\n"));
    CU_ASSERT_PTR_NULL(strstr(answer, "Server:"));
    CU_ASSERT_EQUAL(
        ask((struct form){.qop = "auth", .nc = "00000002", .extra = ", algorithm=MD5, opaque=\"x\""}), 200);
    CU_ASSERT_EQUAL(accepted, 2);
    CU_ASSERT_EQUAL(refused, 0);
    end();
}

/* As RFC 2069 has it: the nonce is good for one answer then. */
static void without_qop_too(void) {
    char old[128];
    begin();
    CU_ASSERT_EQUAL(ask((struct form){.qop = NULL}), 200);
    CU_ASSERT_EQUAL(accepted, 1);
    (void) snprintf(old, sizeof old, "%s", nonce);
    CU_ASSERT_EQUAL(ask((struct form){.qop = NULL, .nonce = old}), 401);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "stale=true"));
    CU_ASSERT_EQUAL(accepted, 1);
    CU_ASSERT_EQUAL(ask((struct form){.qop = NULL, .password = "other"}), 401);
    CU_ASSERT_PTR_NULL(strstr(answer, "stale"));
    end();
}

/* All are challenged before any answers, within less than a second: none is taken for a repetition of
 * another. */
static void several_ask_at_once(void) {
    char nonces[8][128];
    begin();
    for (unsigned i = 0; i < 8; i++) {
        nonce_of(talk("GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n"), nonces[i], sizeof nonces[i]);
        for (unsigned k = 0; k < i; k++) {
            CU_ASSERT_STRING_NOT_EQUAL(nonces[i], nonces[k]);
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = nonces[i]}), 200);
    }
    CU_ASSERT_EQUAL(accepted, 8);
    CU_ASSERT_EQUAL(refused, 0);
    end();
}

static void an_answer_is_good_once(void) {
    char old[128];
    begin();
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    (void) snprintf(old, sizeof old, "%s", nonce);
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = old, .nc = "0000000a"}), 200);
    CU_ASSERT_EQUAL(accepted, 2);
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = old}), 401);
        CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = old, .nc = "0000000a"}), 401);
    }
    CU_ASSERT_EQUAL(accepted, 2);
    CU_ASSERT_EQUAL(refused, 8);
    CU_ASSERT_STRING_EQUAL(why, "a repeated answer");
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = old, .nc = "0000000b"}), 200);
    end();
    begin();
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    (void) snprintf(old, sizeof old, "%s", nonce);
    (void) talk("GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n"); /* a challenge in between */
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = old, .extra = ", odd=1"}), 401);
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = old, .extra = ", x=\"response=\""}), 401);
    CU_ASSERT_EQUAL(accepted, 1);
    end();
}

static void wrong_answers_are_refused(void) {
    static const struct form table[] = {
        {.username = "other", .qop = "auth"},
        {.password = "other", .qop = "auth"},
        {.password = "", .qop = "auth"},
        {.uri = "/", .qop = "auth"},
        {.uri = PATH "x", .qop = "auth"},
        {.qop = "auth-int"},
        {.qop = "auth", .nc = "1"},
        {.qop = "auth", .nc = "00000000"},
        {.qop = NULL, .password = "other"},
        {.qop = "auth", .extra = ", algorithm=MD5-sess"},
        {.qop = "auth", .extra = ", nc=00000001"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        begin();
        CU_ASSERT_EQUAL(ask(table[i]), 401);
        CU_ASSERT_EQUAL(accepted, 0);
        CU_ASSERT_EQUAL(refused, 1);
        CU_ASSERT_PTR_NULL(strstr(answer, "stale"));
        end();
    }
    begin(); /* the password is right, but to a challenge of somebody else: nobody is blocked for that */
    for (unsigned i = 0; i < 10; i++) {
        CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = "made-up"}), 401);
        CU_ASSERT_PTR_NOT_NULL(strstr(answer, "stale=true"));
    }
    CU_ASSERT_EQUAL(accepted, 0);
    CU_ASSERT_EQUAL(refused, 0);
    username = "";
    CU_ASSERT_EQUAL(ask((struct form){.username = "", .qop = "auth"}), 401);
    CU_ASSERT_EQUAL(accepted, 0);
    username = "new";
    password = "word";
    CU_ASSERT_EQUAL(ask((struct form){.username = "new", .password = "word", .qop = "auth"}),
                    200); /* at once */
    username = "user";
    password = "pass";
    end();
}

static void other_paths_and_methods(void) {
    static const struct {
        const char *line;
        int status;
    } table[] = {
        {"GET / HTTP/1.1", 404},
        {"GET " PATH "0 HTTP/1.1", 404},
        {"GET " PATH "/ HTTP/1.1", 404},
        {"POST / HTTP/1.1", 404},
        {"POST " PATH " HTTP/1.1\r\nContent-Length: 0", 405},
        {"POST " PATH " HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", 405},
        {"HEAD " PATH " HTTP/1.1", 405},
        {"DELETE " PATH " HTTP/1.1", 405},
        {"GET " PATH " HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", 401},
        {"GET " PATH "?a=b HTTP/1.0", 401},
    };
    begin();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char request[512];
        bool body = strstr(table[i].line, "\r\n\r\n") != NULL;
        (void) snprintf(request, sizeof request, "%s%s", table[i].line, body ? "" : "\r\nHost: x\r\n\r\n");
        const char *text = talk(request);
        if (body) { /* HTTP/1.1 wants a Host; libmicrohttpd says 400 then */
            CU_ASSERT_TRUE(status_of(text) == table[i].status || status_of(text) == 400);
        } else if (strstr(table[i].line, "1.0") != NULL) {
            CU_ASSERT_TRUE(strstr(text, " 401 ") != NULL);
        } else {
            CU_ASSERT_EQUAL(status_of(text), table[i].status);
        }
        if (table[i].status == 405 && !body) {
            CU_ASSERT_PTR_NOT_NULL(strstr(text, "Allow: GET\r\n"));
        }
    }
    CU_ASSERT_EQUAL(accepted, 0);
    end();
}

static void garbage_is_survived(void) {
    static const char *const table[] = {
        "\r\n\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
        "GET\r\n\r\n",
        "GET " PATH "\r\n\r\n",
        "GET " PATH " HTTP/1.1\r\nAuthorization: Digest\r\nHost: x\r\n\r\n",
        "GET " PATH " HTTP/1.1\r\nAuthorization: Digest ,,==\"\",=\r\nHost: x\r\n\r\n",
        "GET " PATH " HTTP/1.1\r\nAuthorization: Digest username=\"\\\r\nHost: x\r\n\r\n"};
    begin();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int fd = dial();
        CU_ASSERT_TRUE(send(fd, table[i], strlen(table[i]), MSG_NOSIGNAL) > 0);
        (void) loop_timer(loop, 5, stop, NULL, NULL);
        (void) loop_run(loop);
        (void) close(fd);
    }
    char *large = malloc(40000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    memset(large, 'a', 39999);
    large[39999] = '\0';
    memcpy(large, "GET " PATH " HTTP/1.1\r\nX: ", strlen("GET " PATH " HTTP/1.1\r\nX: "));
    int status = status_of(talk(large));
    CU_ASSERT_TRUE(status == 0 || status >= 400);
    free(large);
    CU_ASSERT_EQUAL(accepted, 0);
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    end();
}

/* Three are good, the fourth is one too many. False when that took longer than the second that the limit is
 * for. */
static bool fill_the_second(void) {
    const uint64_t start = now_ms();
    for (unsigned i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    }
    const int status = ask((struct form){.qop = "auth"});
    if (now_ms() - start >= 1000) {
        return false;
    }
    CU_ASSERT_EQUAL(status, 503);
    return true;
}

static void too_many_good_ones_get_503(void) {
    struct connection_request_setup setup = setup_of();
    bool in_time = false;
    setup.rate_count = 3;
    setup.rate_window_s = 1;
    for (unsigned i = 0; i < 20 && !in_time; i++) { /* a busy machine */
        if (i > 0) {
            end();
        }
        begin_with(&setup);
        for (unsigned k = 0; k < 10; k++) { /* these do not count */
            CU_ASSERT_EQUAL(status_of(talk("GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n")), 401);
        }
        in_time = fill_the_second();
    }
    CU_ASSERT_TRUE(in_time);
    CU_ASSERT_PTR_NULL(strstr(answer, "Retry-After"));
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "Content-Length: 0\r\n"));
    CU_ASSERT_EQUAL(accepted, 3);
    (void) loop_timer(loop, 1050, stop, NULL, NULL);
    (void) loop_run(loop);
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200); /* normal again */
    CU_ASSERT_EQUAL(accepted, 4);
    end();
}

static void guessing_is_slowed(void) {
    begin();
    for (unsigned i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(ask((struct form){.password = "guess", .qop = "auth"}), 401);
    }
    CU_ASSERT_EQUAL(ask((struct form){.password = "guess", .qop = "auth"}), 503);
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 503); /* not even looked at */
    CU_ASSERT_PTR_NULL(strstr(answer, "Retry-After"));
    CU_ASSERT_EQUAL(accepted, 0);
    /* from elsewhere it goes on: 127.0.0.2 is another source */
    char request[2048];
    write_request(request, sizeof request,
                  &(struct form){.username = "user",
                                 .password = "pass",
                                 .uri = PATH,
                                 .nonce = nonce,
                                 .nc = "00000002",
                                 .qop = "auth"});
    int fd = dial_from(2);
    CU_ASSERT_EQUAL(status_of(talk_on(fd, request)), 200);
    (void) close(fd);
    end();
}

static void pass_ms(uint64_t ms) {
    (void) loop_timer(loop, ms, stop, NULL, NULL);
    (void) loop_run(loop);
}

static uint64_t guessed_ms; /* the last guess that was looked at was sent then */

/* How long after a wrong answer was sent the next one is looked at: at least as long as the block. */
static uint64_t blocked_ms(void) {
    const uint64_t before = guessed_ms;
    int status = 503;
    while (status == 503 && now_ms() - before < 8000) {
        guessed_ms = now_ms();
        status = ask((struct form){.password = "guess", .qop = "auth"});
        if (status == 503) {
            pass_ms(5);
        }
    }
    CU_ASSERT_EQUAL(status, 401);
    return now_ms() - before;
}

static void each_further_guess_costs_double(void) {
    struct connection_request_setup setup = setup_of();
    setup.block_ms = 60;
    begin_with(&setup);
    for (unsigned i = 0; i < 5; i++) {
        guessed_ms = now_ms();
        CU_ASSERT_EQUAL(ask((struct form){.password = "guess", .qop = "auth"}), 401);
    }
    for (uint64_t block = 60; block <= 480; block *= 2) {
        uint64_t took = blocked_ms();
        CU_ASSERT_TRUE(took >= block);
        CU_ASSERT_TRUE(took < block + 5000);
    }
    pass_ms(1000); /* a block of 960 ms is over: the right answer makes up for all */
    CU_ASSERT_EQUAL(ask((struct form){.nc = "00001000", .qop = "auth"}), 200);
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(ask((struct form){.password = "guess", .qop = "auth"}), 401);
    }
    CU_ASSERT_EQUAL(ask((struct form){.nc = "00001001", .qop = "auth"}), 200);
    end();
}

/* Eight connections that say nothing, from two sources: a third one is served all the same. */
static void silent_connections_make_room(void) {
    int fds[8];
    begin();
    for (unsigned i = 0; i < 8; i++) {
        fds[i] = dial_from(2 + i % 2);
    }
    pass_ms(20);
    for (unsigned i = 0; i < 8; i++) {
        int fd = dial_from(9);
        CU_ASSERT_EQUAL(status_of(talk_on(fd, "GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n")), 401);
        (void) close(fd);
    }
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    unsigned open = 0;
    for (unsigned i = 0; i < 8; i++) {
        char c;
        open += recv(fds[i], &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN ? 1 : 0;
        (void) close(fds[i]);
    }
    CU_ASSERT_TRUE(open < 8 && open >= 4);
    end();
}

static void only_some_networks_may_ask(void) {
    struct network_range ranges[2];
    struct connection_request_setup setup = setup_of();
    CU_ASSERT_EQUAL(network_range_parse("127.0.0.8/30", &ranges[0]), 0);
    CU_ASSERT_EQUAL(network_range_parse("2001:db8::/32", &ranges[1]), 0);
    setup.ranges = ranges;
    setup.range_count = 2;
    begin_with(&setup);
    int fd = dial_from(12);
    CU_ASSERT_EQUAL(status_of(talk_on(fd, "GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n")), 0);
    (void) close(fd);
    CU_ASSERT_EQUAL(refused, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "network"));
    fd = dial_from(11);
    CU_ASSERT_EQUAL(status_of(talk_on(fd, "GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n")), 401);
    (void) close(fd);
    end();
}

static void basic_if_it_is_allowed(void) {
    struct connection_request_setup setup = setup_of();
    static const char good[] =
        "GET " PATH " HTTP/1.1\r\nHost: box\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n";
    static const char bad[] =
        "GET " PATH " HTTP/1.1\r\nHost: box\r\nAuthorization: Basic dXNlcjpwYXN0\r\n\r\n";
    begin();
    CU_ASSERT_EQUAL(status_of(talk(good)), 401);
    CU_ASSERT_PTR_NULL(strstr(answer, "Basic"));
    CU_ASSERT_EQUAL(accepted, 0);
    end();
    setup.basic = true;
    begin_with(&setup);
    CU_ASSERT_EQUAL(status_of(talk(bad)), 401);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "Basic realm="));
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "Digest realm="));
    CU_ASSERT_EQUAL(status_of(talk(good)), 200);
    CU_ASSERT_EQUAL(accepted, 1);
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    for (unsigned i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(status_of(talk(bad)), 401);
    }
    CU_ASSERT_EQUAL(status_of(talk(good)), 503); /* guessing is slowed here too */
    end();
}

static void ranges_are_read(void) {
    static const char *const wrong[] = {
        "", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.1.0.0/8", "2001:db8::/129", "name", "::1/0"};
    struct network_range range;
    unsigned char address[16];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(network_range_parse(wrong[i], &range), -EINVAL);
    }
    CU_ASSERT_EQUAL(network_range_parse("10.32.0.0/11", &range), 0);
    (void) inet_pton(AF_INET6, "::ffff:10.63.255.255", address);
    CU_ASSERT_TRUE(network_range_has(&range, address));
    (void) inet_pton(AF_INET6, "::ffff:10.64.0.0", address);
    CU_ASSERT_FALSE(network_range_has(&range, address));
    CU_ASSERT_EQUAL(network_range_parse("0.0.0.0/0", &range), 0); /* IPv4, all of it, and nothing else */
    CU_ASSERT_TRUE(network_range_has(&range, address));
    (void) inet_pton(AF_INET6, "2001:db8::1", address);
    CU_ASSERT_FALSE(network_range_has(&range, address));
    CU_ASSERT_EQUAL(network_range_parse("2001:db8::1", &range), 0);
    CU_ASSERT_TRUE(network_range_has(&range, address));
    CU_ASSERT_EQUAL(network_range_parse("::/0", &range), 0);
    CU_ASSERT_TRUE(network_range_has(&range, address));
}

static void slow_clients_are_dropped(void) {
    struct connection_request_setup setup = setup_of();
    setup.timeout_s = 1;
    begin_with(&setup);
    uint64_t start = now_ms();
    (void) talk("GET /half");                /* silent: until the time limit */
    CU_ASSERT_TRUE(now_ms() - start < 7900); /* talk() gives up later */
    /* one octet each 200 ms is never silent for a second, unless this process was */
    int fd = dial();
    bool gone = false;
    uint64_t last = now_ms(), longest = 0;
    start = last;
    while (!gone && now_ms() - start < 20000) {
        char c;
        longest = now_ms() - last > longest ? now_ms() - last : longest;
        last = now_ms();
        gone = send(fd, "x", 1, MSG_NOSIGNAL) != 1 || recv(fd, &c, 1, MSG_DONTWAIT) == 0;
        (void) loop_timer(loop, 200, stop, NULL, NULL);
        (void) loop_run(loop);
    }
    CU_ASSERT_TRUE(gone);
    CU_ASSERT_TRUE(now_ms() - start >= 3900 || longest >= 900);
    (void) close(fd);
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    end();
}

static void one_source_cannot_take_all_connections(void) {
    int fds[12];
    begin();
    for (size_t i = 0; i < 12; i++) {
        fds[i] = dial();
    }
    (void) loop_timer(loop, 50, stop, NULL, NULL);
    (void) loop_run(loop);
    unsigned open = 0;
    for (size_t i = 0; i < 12; i++) {
        char c;
        ssize_t n = recv(fds[i], &c, 1, MSG_DONTWAIT);
        open += n < 0 && errno == EAGAIN ? 1 : 0;
        (void) close(fds[i]);
    }
    CU_ASSERT_EQUAL(open, 4);
    end();
}

static void listening(void) {
    struct connection_request_setup setup = setup_of();
    struct connection_request *other;
    begin();
    setup.port = connection_request_port(listener);
    CU_ASSERT_EQUAL(connection_request_new(loop, &setup, &other), -EADDRINUSE);
    connection_request_free(listener); /* and again at once, also after connections */
    CU_ASSERT_EQUAL(connection_request_new(loop, &setup, &listener), 0);
    CU_ASSERT_EQUAL(status_of(talk("GET / HTTP/1.1\r\nHost: box\r\n\r\n")), 404);
    setup.port = 0;
    setup.path = "/short";
    CU_ASSERT_EQUAL(connection_request_new(loop, &setup, &other), -EINVAL);
    setup.path = PATH;
    setup.address = "not an address";
    CU_ASSERT_EQUAL(connection_request_new(loop, &setup, &other), -EINVAL);
    end();
    setup.address = NULL; /* both families on one socket */
    begin_with(&setup);
    CU_ASSERT_EQUAL(status_of(talk("GET / HTTP/1.1\r\nHost: box\r\n\r\n")), 404);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons(connection_request_port(listener)),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *) &six, sizeof six) == 0) {
        CU_ASSERT_EQUAL(status_of(talk_on(fd, "GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n")), 401);
    } else {
        (void) printf("no IPv6 on loopback: skipped ");
    }
    if (fd >= 0) {
        (void) close(fd);
    }
    end();
}

/* ---- libcurl as the ACS ------------------------------------------------------------------------ */

static int code_got;
static void transfer_done(void *user, int code) {
    (void) user;
    code_got = code;
    loop_stop(loop);
}

static void libcurl_gets_through_quickly(void) {
    char url[128];
    long status = 0;
    double fastest = 1.0;
    begin();
    CU_ASSERT_EQUAL_FATAL(loop_libcurl(loop), 0);
    CURL *easy = curl_easy_init();
    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u" PATH, connection_request_port(listener));
    (void) curl_easy_setopt(easy, CURLOPT_URL, url);
    (void) curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long) CURLAUTH_DIGEST);
    (void) curl_easy_setopt(easy, CURLOPT_USERPWD, "user:pass");
    (void) curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    for (unsigned i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(loop_curl_add(loop, easy, transfer_done, NULL), 0);
        (void) loop_run(loop);
        CU_ASSERT_EQUAL(code_got, 0);
        (void) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        CU_ASSERT_EQUAL(status, 200);
        double total = 1.0;
        (void) curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME, &total);
        fastest = total < fastest ? total : fastest;
    }
    CU_ASSERT_TRUE(fastest <
                   0.1); /* a few hundred microseconds; the others may have had to wait for the machine */
    (void) curl_easy_setopt(easy, CURLOPT_USERPWD, "user:wrong");
    CU_ASSERT_EQUAL(loop_curl_add(loop, easy, transfer_done, NULL), 0);
    (void) loop_run(loop);
    (void) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    CU_ASSERT_EQUAL(status, 401);
    CU_ASSERT_EQUAL(accepted, 20);
    curl_easy_cleanup(easy);
    end();
}

static void idle_is_asleep(void) {
    struct rusage before, after;
    begin();
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth"}), 200);
    (void) getrusage(RUSAGE_THREAD, &before);
    (void) loop_timer(loop, 1000, stop, NULL, NULL);
    (void) loop_run(loop);
    (void) getrusage(RUSAGE_THREAD, &after);
    CU_ASSERT_TRUE(after.ru_nvcsw - before.ru_nvcsw <= 4);
    end();
}

/* Challenges that nobody answers do not push out the one that the ACS is answering. */
static void a_flood_of_challenges_hurts_nobody(void) {
    char mine[128];
    begin();
    nonce_of(talk("GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n"), mine, sizeof mine);
    for (unsigned i = 0; i < 1000; i++) {
        CU_ASSERT_EQUAL(status_of(talk("GET " PATH " HTTP/1.1\r\nHost: box\r\n\r\n")), 401);
    }
    CU_ASSERT_EQUAL(ask((struct form){.qop = "auth", .nonce = mine}), 200);
    CU_ASSERT_EQUAL(accepted, 1);
    end();
}

static CU_TestInfo tests[] = {
    {"asks for Digest only", asks_for_digest_only},
    {"the right answer is accepted", the_right_answer_is_accepted},
    {"without qop too", without_qop_too},
    {"several ask at once", several_ask_at_once},
    {"an answer is good once", an_answer_is_good_once},
    {"wrong answers are refused", wrong_answers_are_refused},
    {"other paths and methods", other_paths_and_methods},
    {"garbage is survived", garbage_is_survived},
    {"too many good ones get 503", too_many_good_ones_get_503},
    {"guessing is slowed", guessing_is_slowed},
    {"each further guess costs double", each_further_guess_costs_double},
    {"silent connections make room", silent_connections_make_room},
    {"only some networks may ask", only_some_networks_may_ask},
    {"Basic, if it is allowed", basic_if_it_is_allowed},
    {"ranges are read", ranges_are_read},
    {"slow clients are dropped", slow_clients_are_dropped},
    {"one source cannot take all connections", one_source_cannot_take_all_connections},
    {"listening", listening},
    {"libcurl gets through quickly", libcurl_gets_through_quickly},
    {"idle is asleep", idle_is_asleep},
    {"a flood of challenges hurts nobody", a_flood_of_challenges_hurts_nobody},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("connection request", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
