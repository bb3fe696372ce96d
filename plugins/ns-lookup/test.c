/* The plugin "ns-lookup" against the fake host, and a name server of its own on loopback. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include "ns-lookup/answers.h"

#include <CUnit/Basic.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

#define DEV2 "Device.DNS.Diagnostics.NSLookupDiagnostics."
#define IGD "InternetGatewayDevice.NSLookupDiagnostics."

enum { WATCHES_MAX = 8, PATIENCE = 3000 /* turns of 10 ms */ };

static int server = -1;
static unsigned questions;
static char port[16], resolv_conf[FAKE_DIRECTORY_SIZE + 16];

static void serve(void) {
    struct sockaddr_in from;
    union {
        struct sockaddr_in *ipv4;
        struct sockaddr *any;
    } view = {&from};
    socklen_t size = sizeof from;
    uint8_t question[512], answer[2048];
    ssize_t length = recvfrom(server, question, sizeof question, MSG_DONTWAIT, view.any, &size);
    if (length <= 0) {
        return;
    }
    questions++;
    size_t wanted = answer_to(question, (size_t) length, answer, sizeof answer);
    if (wanted > 0) {
        (void) !sendto(server, answer, wanted, 0, view.any, size);
    }
}

/* One turn of the client's loop, and of the server's; the client's clock goes as the system's does. */
static void turn(struct fake_host *fake) {
    struct pollfd fds[WATCHES_MAX];
    struct tr069_watch *watches[WATCHES_MAX];
    nfds_t count = 1;
    fds[0] = (struct pollfd){.fd = server, .events = POLLIN};
    for (struct tr069_watch *at = fake->watches; at != NULL && count < WATCHES_MAX; at = at->next) {
        watches[count] = at;
        fds[count++] = (struct pollfd){.fd = at->fd,
                                       .events = (short) (((at->what & TR069_READABLE) != 0 ? POLLIN : 0) |
                                                          ((at->what & TR069_WRITABLE) != 0 ? POLLOUT : 0))};
    }
    CU_ASSERT_FATAL(poll(fds, count, 10) >= 0);
    if (fds[0].revents != 0) {
        serve();
    }
    for (nfds_t i = 1; i < count; i++) {
        if (fds[i].revents != 0) {
            struct tr069_watch *watch = watches[i];
            int what = (fds[i].revents & POLLOUT) != 0 ? TR069_WRITABLE : TR069_READABLE;
            watch->call(watch->user, watch->fd, what);
            break; /* the others may be gone by that */
        }
    }
    fake_advance(fake, 10);
}

static struct fake_host *begin(enum tr069_root root) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_option(fake, "port", port);
    fake_option(fake, "resolv_conf", resolv_conf);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_PTR_NULL(fake->watches);
    CU_ASSERT_PTR_NULL(fake->timers);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void until_told(struct fake_host *fake, size_t events) {
    for (unsigned i = 0; i < PATIENCE && fake->events.count < events; i++) {
        turn(fake);
    }
    CU_ASSERT_EQUAL_FATAL(fake->events.count, events);
}

/* A whole run with the server's address, once. What is answered has all the time of a busy machine. */
static struct fake_host *run(const char *name, bool is_answered) {
    struct fake_host *fake = begin(TR069_DEV2);
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "HostName", name, DEV2 "DNSServer", "127.0.0.1", DEV2 "Timeout",
                                 is_answered ? "30000" : "100", DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    until_told(fake, 1);
    return fake;
}

static void test_runs_after_the_session_with_the_inputs(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResultNumberOfEntries"), "0");
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "HostName", "box.test", DEV2 "DNSServer", "127.0.0.1",
                                 DEV2 "NumberOfRepetitions", "3", DEV2 "Timeout", "20000",
                                 DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    questions = 0;
    turn(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Requested");
    CU_ASSERT_PTR_NULL(fake->watches);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->events.count, 0);
    until_told(fake, 1);
    CU_ASSERT_EQUAL(questions, 6);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].name, "8 DIAGNOSTICS COMPLETE");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Complete");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "SuccessCount"), "3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResultNumberOfEntries"), "3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.3.Status"), "Success");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.3.AnswerType"), "Authoritative");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.3.HostNameReturned"), "box.test");
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_get(fake, DEV2 "Result.3.IPAddresses"), "192.0.2.7"));
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_get(fake, DEV2 "Result.3.IPAddresses"), "2001:db8::7"));
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.3.DNSServerIP"), "127.0.0.1");
    CU_ASSERT_TRUE(strtoul(fake_get(fake, DEV2 "Result.3.ResponseTime"), NULL, 10) > 0);
    /* another one begins from nothing */
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "HostName", "four.test", DEV2 "NumberOfRepetitions", "1",
                                 DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResultNumberOfEntries"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "SuccessCount"), "0");
    fake_session_end(fake, true);
    until_told(fake, 2);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResultNumberOfEntries"), "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.IPAddresses"), "192.0.2.4");
    end(fake);
}

static void test_answers(void) {
    static const struct {
        const char *name, *state, *status, *type, *returned, *addresses;
        bool answered;
    } rows[] = {
        {"four.test", "Complete", "Success", "NonAuthoritative", "four.test", "192.0.2.4", true},
        {"six.test", "Complete", "Success", "NonAuthoritative", "six.test", "2001:db8::6", true},
        {"alias.test", "Complete", "Success", "NonAuthoritative", "real.test", "192.0.2.8", true},
        {"many.test", "Complete", "Success", "NonAuthoritative", "many.test",
         "192.0.2.7,192.0.2.8,192.0.2.9,192.0.2.10,192.0.2.11,192.0.2.12,192.0.2.13,192.0.2.14,192.0.2.15,"
         "192.0.2.16",
         true},
        {"nobody.test", "Error_Other", "Error_HostNameNotResolved", "None", "", "", true},
        {"slow.test", "Error_Other", "Error_Timeout", "None", "", "", false},
        {"other.test", "Error_Other", "Error_Timeout", "None", "", "", false},
        {"refused.test", "Error_Other", "Error_Other", "None", "", "", true},
        {"failed.test", "Error_Other", "Error_Other", "None", "", "", true},
        {"cut.test", "Error_Other", "Error_Other", "None", "", "", true},
        {"loop.test", "Error_Other", "Error_Other", "None", "", "", true},
        {"stray.test", "Error_Other", "Error_Timeout", "None", "", "", false},
        {"a..b.test", "Error_Other", "Error_HostNameNotResolved", "None", "", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake_host *fake = run(rows[i].name, rows[i].answered);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), rows[i].state);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResultNumberOfEntries"), "1");
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.Status"), rows[i].status);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.AnswerType"), rows[i].type);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.HostNameReturned"), rows[i].returned);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.IPAddresses"), rows[i].addresses);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.DNSServerIP"), "127.0.0.1");
        bool answered = strcmp(fake_get(fake, DEV2 "Result.1.ResponseTime"), "0") != 0;
        CU_ASSERT_EQUAL(answered, rows[i].answered);
        end(fake);
    }
}

/* Nobody listens at that port. */
static void test_no_server(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    char closed[16];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    union {
        struct sockaddr_in *ipv4;
        struct sockaddr *any;
    } view = {&at};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* of TCP: so nobody else's UDP, by chance */
    CU_ASSERT_FATAL(fd >= 0 && bind(fd, view.any, size) == 0 && getsockname(fd, view.any, &size) == 0);
    (void) snprintf(closed, sizeof closed, "%u", ntohs(at.sin_port));
    fake_option(fake, "port", closed);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "HostName", "box.test", DEV2 "DNSServer", "127.0.0.1",
                                 DEV2 "Timeout", "20000", DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    until_told(fake, 1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Error_Other");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.Status"), "Error_DNSServerNotAvailable");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Result.1.ResponseTime"), "0");
    (void) close(fd);
    end(fake);
}

/* The system's server and domain; a server that has a name, and one whose name there is not. */
static void test_servers(void) {
    static const struct {
        const char *server, *name, *state;
    } rows[] = {{"", "box.test", "Complete"},
                {"", "box", "Complete"}, /* box.test, by the domain */
                {"server.test", "box.test", "Complete"},
                {"nobody.test", "box.test", "Error_DNSServerNotResolved"}};
    struct fake_host *fake = begin(TR069_IGD1);
    fake_session_end(fake, true);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT_EQUAL(fake_set_all(fake, IGD "HostName", rows[i].name, IGD "DNSServer", rows[i].server,
                                     IGD "DiagnosticsState", "Requested"),
                        TR069_OK);
        until_told(fake, i + 1);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "DiagnosticsState"), rows[i].state);
        bool complete = strcmp(rows[i].state, "Complete") == 0;
        CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "ResultNumberOfEntries"), complete ? "1" : "0");
        if (complete) {
            CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "Result.1.HostNameReturned"), "box.test");
            CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "Result.1.DNSServerIP"), "127.0.0.1");
        }
    }
    end(fake);
}

static void test_writing_ends_it(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    fake_session_end(fake, true);
    for (size_t i = 0; i < 4; i++) { /* with an address, and with a name, which is looked up before */
        CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "HostName", "slow.test", DEV2 "DNSServer",
                                     i % 2 == 0 ? "127.0.0.1" : "slow.test", DEV2 "Timeout", "60000",
                                     DEV2 "DiagnosticsState", "Requested"),
                        TR069_OK);
        turn(fake);
        CU_ASSERT_PTR_NOT_NULL(fake->watches);
        CU_ASSERT_EQUAL(i < 2 ? fake_set(fake, DEV2 "Timeout", "1000")
                              : fake_set(fake, DEV2 "DiagnosticsState", "Canceled"),
                        TR069_OK);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
        CU_ASSERT_PTR_NULL(fake->watches);
        CU_ASSERT_PTR_NULL(fake->timers);
    }
    CU_ASSERT_EQUAL(fake->events.count, 0);
    /* and a stop of the plugin ends it */
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_PTR_NOT_NULL(fake->watches);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_refusals(void) {
    static const char *const wrong[][2] = {{DEV2 "DiagnosticsState", "Complete"},
                                           {DEV2 "DiagnosticsState", "Error_DNSServerNotResolved"},
                                           {DEV2 "DiagnosticsState", "Requested"}, /* without a HostName */
                                           {DEV2 "HostName", "a b"},
                                           {DEV2 "DNSServer", "127.0.0.1,127.0.0.2"},
                                           {DEV2 "NumberOfRepetitions", "0"},
                                           {DEV2 "NumberOfRepetitions", "101"},
                                           {DEV2 "Timeout", "60001"},
                                           {DEV2 "Interface", "Device.IP.Interface.7"}};
    struct fake_host *fake = begin(TR069_DEV2);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(fake_set(fake, wrong[i][0], wrong[i][1]), TR069_FAULT);
    }
    fake_session_end(fake, true);
    end(fake);
}

static void begin_server(void) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    union {
        struct sockaddr_in *ipv4;
        struct sockaddr *any;
    } view = {&at};
    socklen_t size = sizeof at;
    static const char text[] = "nameserver 127.0.0.1\nsearch test\n";
    server = socket(AF_INET, SOCK_DGRAM, 0);
    (void) snprintf(resolv_conf, sizeof resolv_conf, "%s/resolv.conf", fake_directory("ns-lookup"));
    FILE *file = fopen(resolv_conf, "w");
    if (server < 0 || file == NULL || bind(server, view.any, size) < 0 ||
        getsockname(server, view.any, &size) < 0 || fputs(text, file) < 0 || fclose(file) != 0) {
        perror("the name server");
        exit(1);
    }
    (void) snprintf(port, sizeof port, "%u", ntohs(at.sin_port));
}

static void end_server(void) {
    (void) close(server);
}

int main(void) {
    begin_server();
    (void) atexit(end_server);
    FAKE_TESTS("ns-lookup",
               {"runs after the session, with the inputs", test_runs_after_the_session_with_the_inputs},
               {"answers", test_answers}, {"no server", test_no_server}, {"servers", test_servers},
               {"writing ends it", test_writing_ends_it}, {"refusals", test_refusals});
}
