/* The plugin "udp-echo" against the fake host, with real datagrams on loopback. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

#define DEV2 "Device.IP.Diagnostics.UDPEchoConfig."
#define IGD "InternetGatewayDevice.UDPEchoConfig."

enum { TINY = 20 /* octets of the head of Echo Plus */ };

/* A free port below those that the kernel gives out by itself. */
static unsigned free_port(int family) {
    unsigned candidate = 10000 + (unsigned) getpid() % 20000;
    for (;; candidate++) {
        struct sockaddr_in6 six = {.sin6_family = (sa_family_t) family,
                                   .sin6_port = htons((uint16_t) candidate)}; /* at the place of sin_port */
        int fd = socket(family, SOCK_DGRAM, 0);
        CU_ASSERT_FATAL(fd >= 0);
        bool is_free = bind(fd, (struct sockaddr *) &six,
                            family == AF_INET ? sizeof(struct sockaddr_in) : sizeof six) == 0;
        (void) close(fd);
        if (is_free) {
            return candidate;
        }
    }
}

static unsigned port;
static char port_text[8];

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    port = free_port(AF_INET);
    (void) snprintf(port_text, sizeof port_text, "%u", port);
    return fake;
}

static void enable(struct fake_host *fake, const char *source, const char *plus) {
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Enable", "true", DEV2 "SourceIPAddress", source, DEV2 "UDPPort",
                                 port_text, DEV2 "EchoPlusEnabled", plus),
                    TR069_OK);
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static int sender(const char *address, unsigned from) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t) from)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET, address, &at.sin_addr), 1);
    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *) &at, sizeof at), 0);
    return fd;
}

static void post(int fd, const char *address, const void *data, size_t length) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET, address, &to.sin_addr), 1);
    CU_ASSERT_EQUAL(sendto(fd, data, length, 0, (struct sockaddr *) &to, sizeof to), (ssize_t) length);
}

/* On loopback a datagram is there when sendto() returns: so is its answer when the plugin has looked. -1:
 * none. */
static ssize_t answer(struct fake_host *fake, int fd, void *data, size_t size, struct sockaddr_in *ret_from) {
    socklen_t length = sizeof *ret_from;
    (void) fake_ready(fake);
    return recvfrom(fd, data, size, MSG_DONTWAIT, (struct sockaddr *) ret_from,
                    ret_from != NULL ? &length : NULL);
}

static void test_answers(void) {
    struct fake_host *fake = begin();
    struct sockaddr_in from;
    char data[2000], text[32];
    int fd;
    CU_ASSERT_PTR_NULL(fake->watches);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "Enable"), "false");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "EchoPlusSupported"), "true");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "TimeFirstPacketReceived"), "0001-01-01T00:00:00Z");
    enable(fake, "127.0.0.1", "false");
    CU_ASSERT_PTR_NOT_NULL_FATAL(fake->watches);
    fd = sender("127.0.0.1", 0);
    post(fd, "127.0.0.1", "hello", 5);
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, &from), 5);
    CU_ASSERT_EQUAL(memcmp(data, "hello", 5), 0);
    CU_ASSERT_EQUAL(ntohs(from.sin_port), port);
    fake_advance(fake, 1500);
    post(fd, "127.0.0.1", "", 0); /* also an empty one */
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, &from), 0);
    /* from the address to which it was sent, which is not the one that the route would take */
    post(fd, "127.0.0.9", "x", 1);
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, &from), 1);
    CU_ASSERT_STRING_EQUAL(inet_ntop(AF_INET, &from.sin_addr, text, sizeof text), "127.0.0.9");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsReceived"), "3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsResponded"), "3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "BytesReceived"), "30");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "BytesResponded"), "30");
    CU_ASSERT_EQUAL(strncmp(fake_get(fake, DEV2 "TimeFirstPacketReceived"), "2026-01-02T03:04:0", 18), 0);
    CU_ASSERT_EQUAL(strlen(fake_get(fake, DEV2 "TimeLastPacketReceived")),
                    strlen("2008-04-09T15:01:05.123456Z"));
    (void) snprintf(text, sizeof text, "%s", fake_get(fake, DEV2 "TimeFirstPacketReceived"));
    CU_ASSERT(strcmp(text, fake_get(fake, DEV2 "TimeLastPacketReceived")) < 0);
    /* counters stay until it is enabled anew */
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "Enable", "false"), TR069_OK);
    CU_ASSERT_PTR_NULL(fake->watches);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsReceived"), "3");
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "Enable", "true"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsReceived"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "TimeFirstPacketReceived"), "0001-01-01T00:00:00Z");
    (void) close(fd);
    end(fake);
}

static void test_answers_nobody_else(void) {
    struct fake_host *fake = begin();
    char data[64];
    enable(fake, "127.0.0.1", "false");
    int other = sender("127.0.0.2", 0), fd = sender("127.0.0.1", 0);
    struct pollfd wakes = {.fd = fake->watches->fd, .events = POLLIN};
    post(other, "127.0.0.1", "hello", 5);
    CU_ASSERT_EQUAL(poll(&wakes, 1, 0), 0); /* not even heard */
    CU_ASSERT_EQUAL(answer(fake, other, data, sizeof data, NULL), -1);
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), -1);
    /* to all of a network */
    int on = 1;
    CU_ASSERT_EQUAL(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on), 0);
    post(fd, "127.255.255.255", "hello", 5);
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), -1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsReceived"), "0");
    /* the source is another one now */
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "SourceIPAddress", "127.0.0.2"), TR069_OK);
    post(fd, "127.0.0.1", "hello", 5);
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), -1);
    post(other, "127.0.0.1", "hello", 5);
    CU_ASSERT_EQUAL(answer(fake, other, data, sizeof data, NULL), 5);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsReceived"), "1");
    /* nobody */
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "SourceIPAddress", ""), TR069_OK);
    CU_ASSERT_PTR_NULL(fake->watches);
    (void) close(other);
    (void) close(fd);
    end(fake);
}

static uint32_t number_at(const unsigned char *data, size_t field) {
    uint32_t number;
    memcpy(&number, data + field * sizeof number, sizeof number);
    return ntohl(number);
}

static void test_plus(void) {
    struct fake_host *fake = begin();
    unsigned char sent[100], came[200];
    enable(fake, "127.0.0.1", "true");
    int fd = sender("127.0.0.1", 0);
    memset(sent, 0xa5, sizeof sent);
    uint32_t before = 0;
    for (uint32_t n = 1; n <= 3; n++) {
        post(fd, "127.0.0.1", sent, sizeof sent);
        CU_ASSERT_EQUAL(answer(fake, fd, came, sizeof came, NULL), (ssize_t) sizeof sent);
        CU_ASSERT_EQUAL(number_at(came, 0), 0xa5a5a5a5);
        CU_ASSERT_EQUAL(number_at(came, 1), n);
        uint32_t received = number_at(came, 2), replied = number_at(came, 3);
        CU_ASSERT(replied - received < 2000000); /* microseconds, not in the past */
        CU_ASSERT(n == 1 || received - before < 10000000);
        before = replied;
        CU_ASSERT_EQUAL(number_at(came, 4), 0);
        CU_ASSERT_EQUAL(memcmp(came + TINY, sent + TINY, sizeof sent - TINY), 0);
    }
    post(fd, "127.0.0.1", sent, TINY); /* just large enough */
    CU_ASSERT_EQUAL(answer(fake, fd, came, sizeof came, NULL), TINY);
    CU_ASSERT_EQUAL(number_at(came, 1), 4);
    post(fd, "127.0.0.1", sent, TINY - 1); /* too small: as it came, and no octet more */
    CU_ASSERT_EQUAL(answer(fake, fd, came, sizeof came, NULL), TINY - 1);
    CU_ASSERT_EQUAL(memcmp(came, sent, TINY - 1), 0);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "EchoPlusEnabled", "false"), TR069_OK);
    post(fd, "127.0.0.1", sent, sizeof sent);
    CU_ASSERT_EQUAL(answer(fake, fd, came, sizeof came, NULL), (ssize_t) sizeof sent);
    CU_ASSERT_EQUAL(memcmp(came, sent, sizeof sent), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsResponded"), "6"); /* it was not enabled anew */
    (void) close(fd);
    end(fake);
}

static void test_rate(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    unsigned char sent[TINY] = {0}, came[64];
    fake_option(fake, "rate", "10");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    port = free_port(AF_INET);
    (void) snprintf(port_text, sizeof port_text, "%u", port);
    enable(fake, "127.0.0.1", "true");
    int fd = sender("127.0.0.1", 0);
    unsigned answers = 0;
    for (unsigned i = 0; i < 25; i++) {
        post(fd, "127.0.0.1", sent, sizeof sent);
        answers += answer(fake, fd, came, sizeof came, NULL) > 0;
    }
    CU_ASSERT_EQUAL(answers, 10);
    fake_advance(fake, 100); /* one more */
    for (unsigned i = 0; i < 2; i++) {
        post(fd, "127.0.0.1", sent, sizeof sent);
        answers += answer(fake, fd, came, sizeof came, NULL) > 0;
    }
    CU_ASSERT_EQUAL(answers, 11);
    CU_ASSERT_EQUAL(number_at(came, 1), 11);
    CU_ASSERT_EQUAL(number_at(came, 4), 15);
    fake_advance(fake, 3600000); /* nothing is saved up beyond a second */
    for (unsigned i = 0; i < 25; i++) {
        post(fd, "127.0.0.1", sent, sizeof sent);
        answers += answer(fake, fd, came, sizeof came, NULL) > 0;
    }
    CU_ASSERT_EQUAL(answers, 21);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsReceived"), "52");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "PacketsResponded"), "21");
    (void) close(fd);
    end(fake);
}

static void test_six(void) {
    struct fake_host *fake = begin();
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    char data[64];
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *) &to, sizeof to) != 0) {
        (void) fprintf(stderr, "skipped: there is no IPv6 here\n");
    } else {
        port = free_port(AF_INET6);
        (void) snprintf(port_text, sizeof port_text, "%u", port);
        enable(fake, "::1", "false");
        to.sin6_port = htons((uint16_t) port);
        CU_ASSERT_EQUAL(sendto(fd, "hello", 5, 0, (struct sockaddr *) &to, sizeof to), 5);
        CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), 5);
        enable(fake, "::2", "false");
        CU_ASSERT_EQUAL(sendto(fd, "hello", 5, 0, (struct sockaddr *) &to, sizeof to), 5);
        CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), -1);
    }
    (void) close(fd);
    end(fake);
}

static void test_kept_over_restarts(void) {
    struct fake_host *fake = begin();
    char data[64];
    enable(fake, "127.0.0.1", "false");
    CU_ASSERT_EQUAL_FATAL(fake_restart(fake, false), 0);
    int fd = sender("127.0.0.1", 0);
    post(fd, "127.0.0.1", "hello", 5);
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), 5);
    fake->plugin->forget(fake->ctx);
    CU_ASSERT_PTR_NULL(fake->watches);
    (void) close(fd);
    end(fake);
}

static void test_a_port_that_is_taken(void) {
    struct fake_host *fake = begin();
    char data[64];
    int taken = sender("127.0.0.1", port), fd = sender("127.0.0.1", 0);
    enable(fake, "127.0.0.1", "false");
    CU_ASSERT_PTR_NULL(fake->watches);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "cannot listen"));
    (void) close(taken);
    fake_advance(fake, 60000); /* it tries again */
    post(fd, "127.0.0.1", "hello", 5);
    CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), 5);
    CU_ASSERT_PTR_NULL(fake->timers);
    (void) close(fd);
    end(fake);
}

static void test_interface(void) {
    struct fake_host *fake = begin();
    char data[64];
    fake_parameter(fake, "Device.IP.Interface.1.Enable", "true");
    fake_parameter(fake, "Device.IP.Interface.1.Name", "lo");
    fake_parameter(fake, "Device.IP.Interface.2.Enable", "true");
    fake_parameter(fake, "Device.IP.Interface.2.Name", "");
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "Interface", "Device.IP.Interface.2"), TR069_OK);
    enable(fake, "127.0.0.1", "false");
    CU_ASSERT_PTR_NULL(fake->watches); /* not on all of them instead */
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "Interface", "Device.IP.Interface.1"), TR069_OK);
    if (fake->watches == NULL) {
        (void) fprintf(stderr, "skipped: no right to use one interface alone\n");
    } else {
        int fd = sender("127.0.0.1", 0);
        post(fd, "127.0.0.1", "hello", 5);
        CU_ASSERT_EQUAL(answer(fake, fd, data, sizeof data, NULL), 5);
        (void) close(fd);
    }
    end(fake);
}

static void test_refusals(void) {
    static const char *const wrong[][2] = {
        {DEV2 "SourceIPAddress", "host.test"},       {DEV2 "SourceIPAddress", "1.2.3"},
        {DEV2 "SourceIPAddress", "1.2.3.4/8"},       {DEV2 "UDPPort", "65536"},
        {DEV2 "Interface", "Device.IP.Interface.7"}, {DEV2 "EchoPlusSupported", "false"}};
    struct fake_host *fake = begin();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(fake_set(fake, wrong[i][0], wrong[i][1]), TR069_FAULT);
    }
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "Enable", "true"), TR069_OK); /* whom, it is told later */
    CU_ASSERT_PTR_NULL(fake->watches);
    end(fake);
}

static void test_other_root(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_IGD1);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    (void) snprintf(port_text, sizeof port_text, "%u", free_port(AF_INET));
    CU_ASSERT_EQUAL(fake_set_all(fake, IGD "Enable", "true", IGD "SourceIPAddress", "127.0.0.1",
                                 IGD "UDPPort", port_text),
                    TR069_OK);
    CU_ASSERT_PTR_NOT_NULL(fake->watches);
    end(fake);
}

int main(void) {
    FAKE_TESTS("udp-echo", {"answers", test_answers}, {"answers nobody else", test_answers_nobody_else},
               {"Echo Plus", test_plus}, {"the rate", test_rate}, {"IPv6", test_six},
               {"kept over restarts", test_kept_over_restarts},
               {"a port that is taken", test_a_port_that_is_taken}, {"interface", test_interface},
               {"refusals", test_refusals}, {"the other root", test_other_root});
}
