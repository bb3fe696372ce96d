/* The plugin "trace-route" against the fake host. */
#include <tr069/fake_host.h>

#include "trace-route/hops.h"

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define DEV2 "Device.IP.Diagnostics.TraceRoute."
#define IGD "InternetGatewayDevice.TraceRouteDiagnostics."

/* recorded, with other names */
static const char linux_way[] = "traceroute to box.test (192.0.2.9), 30 hops max, 66 byte packets\n"
                                " 1  gateway.test (192.0.2.1)  0.613 ms  1.561 ms  0.551 ms\n"
                                " 2  * * *\n"
                                " 3  one.test (192.0.2.3)  12.541 ms 192.0.2.4 (192.0.2.4)  11.001 ms *\n"
                                " 4  box.test (192.0.2.9)  2.100 ms  3.200 ms  *\n";
static const char busybox[] = "traceroute to 192.0.2.9 (192.0.2.9), 30 hops max, 72 byte packets\n"
                              " 1  *  192.0.2.1 (192.0.2.1)  0.248 ms  *\n"
                              " 2  192.0.2.9 (192.0.2.9)  0.238 ms  0.079 ms  0.010 ms\n";
static const char numeric[] = "traceroute to box.test (2001:db8::9), 30 hops max, 80 byte packets\n"
                              " 1  fe80::1%eth0  1 ms  2.0 ms  3.00 ms\n"
                              " 2  2001:db8::9  4.001 ms  5 ms  6 ms\n";
static const char refused[] = "traceroute to box.test (192.0.2.9), 30 hops max, 66 byte packets\n"
                              " 1  gateway.test (192.0.2.1)  0.613 ms !H  0.561 ms !H  0.551 ms !H\n";
static const char filtered[] = "traceroute to box.test (192.0.2.9), 30 hops max, 66 byte packets\n"
                               " 1  192.0.2.9 (192.0.2.9)  0.613 ms !X  0.561 ms !X  0.551 ms !X\n";
static const char too_far[] = "traceroute to box.test (192.0.2.9), 2 hops max, 66 byte packets\n"
                              " 1  192.0.2.1 (192.0.2.1)  0.613 ms  0.561 ms  0.551 ms\n"
                              " 2  * * *\n";

static struct fake_host *begin(enum tr069_root root, int result, const char *output) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_program(fake, "traceroute", result, output);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* A whole run, with the defaults. */
static struct fake_host *run(enum tr069_root root, int result, const char *output) {
    struct fake_host *fake = begin(root, result, output);
    bool is_igd = root == TR069_IGD1;
    CU_ASSERT_EQUAL(fake_set_all(fake, is_igd ? IGD "Host" : DEV2 "Host", "box.test",
                                 is_igd ? IGD "DiagnosticsState" : DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->events.count, 1);
    return fake;
}

static void test_runs_after_the_session_with_the_inputs(void) {
    struct fake_host *fake = begin(TR069_DEV2, 0, linux_way);
    fake_parameter(fake, "Device.IP.Interface.1.Enable", "true");
    fake_parameter(fake, "Device.IP.Interface.1.Name", "eth0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "MaxHopCount"), "30");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DataBlockSize"), "38");
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Host", "box.test", DEV2 "Interface", "Device.IP.Interface.1",
                                 DEV2 "NumberOfTries", "2", DEV2 "Timeout", "1500", DEV2 "DataBlockSize",
                                 "100", DEV2 "DSCP", "10", DEV2 "MaxHopCount", "12", DEV2 "ProtocolVersion",
                                 "IPv6", DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL_FATAL(fake->runs.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->runs.pairs[0].name,
                           "traceroute -q 2 -w 2 -m 12 -t 40 -i eth0 -6 box.test 128");
    CU_ASSERT_EQUAL(fake->events.count, 0);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Complete");
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].name, "8 DIAGNOSTICS COMPLETE");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.1.RTTimes"), "1,2");
    end(fake);
}

static void test_hops(void) {
    struct fake_host *fake = run(TR069_DEV2, 0, linux_way);
    CU_ASSERT_STRING_EQUAL(fake->runs.pairs[0].name, "traceroute -q 3 -w 5 -m 30 box.test 72");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Complete");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHopsNumberOfEntries"), "4");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResponseTime"), "3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.1.Host"), "gateway.test");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.1.HostAddress"), "192.0.2.1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.1.ErrorCode"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.1.RTTimes"), "1,2,1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.2.Host"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.2.RTTimes"), "0,0,0");
    /* the one that answered last; the address stands with a name only */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.3.Host"), "192.0.2.4");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.3.HostAddress"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.3.RTTimes"), "13,12,0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.4.HostAddress"), "192.0.2.9");
    /* another one begins from nothing */
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHopsNumberOfEntries"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResponseTime"), "0");
    fake_session_end(fake, true);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHopsNumberOfEntries"), "4");
    end(fake);
}

static void test_the_other_programs_and_root(void) {
    struct fake_host *fake = run(TR069_IGD1, 0, busybox);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "DiagnosticsState"), "Complete");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "RouteHopsNumberOfEntries"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "RouteHops.1.HopHost"), "192.0.2.1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "RouteHops.1.HopHostAddress"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "RouteHops.1.HopErrorCode"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "RouteHops.1.HopRTTimes"), "0,1,0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "ResponseTime"), "1");
    CU_ASSERT_PTR_NULL(fake_get(fake, IGD "ProtocolVersion"));
    end(fake);
    fake = run(TR069_DEV2, 0, numeric);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Complete");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.1.Host"), "fe80::1%eth0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.1.RTTimes"), "1,2,3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHops.2.RTTimes"), "5,5,6");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResponseTime"), "5");
    end(fake);
}

static void test_outcomes(void) {
    static const struct {
        int result;
        const char *output, *dev2, *igd, *hops;
    } rows[] = {
        {0, filtered, "Complete", "Complete", "1"},
        {0, refused, "Error_NoRouteToHost", "Error_MaxHopCountExceeded", "1"},
        {2, "no.test: Name or service not known\nCannot handle \"host\" cmdline arg `no.test'\n",
         "Error_CannotResolveHostName", "Error_CannotResolveHostName", "0"},
        {1, "traceroute: bad address 'no.test'\n", "Error_CannotResolveHostName",
         "Error_CannotResolveHostName", "0"},
        {1, "traceroute to 192.0.2.9 (192.0.2.9), 30 hops max\ntraceroute: sendto: Network is unreachable\n",
         "Error_NoRouteToHost", "Error_MaxHopCountExceeded", "0"},
        {1, "traceroute to unreachable.test (192.0.2.9), 30 hops max\nstrange\n", "Error_Other",
         "Error_MaxHopCountExceeded", "0"},
        {1, "traceroute: socket: Operation not permitted\n", "Error_Other", "Error_MaxHopCountExceeded", "0"},
        {0, "", "Error_Other", "Error_MaxHopCountExceeded", "0"},
        {-ETIMEDOUT, linux_way, "Error_Internal", "Error_MaxHopCountExceeded", "0"},
        {-ECHILD, "", "Error_Internal", "Error_MaxHopCountExceeded", "0"},
    };
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof rows[0]); i++) {
        bool is_igd = i % 2 != 0;
        struct fake_host *fake =
            run(is_igd ? TR069_IGD1 : TR069_DEV2, rows[i / 2].result, rows[i / 2].output);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, is_igd ? IGD "DiagnosticsState" : DEV2 "DiagnosticsState"),
                               is_igd ? rows[i / 2].igd : rows[i / 2].dev2);
        CU_ASSERT_STRING_EQUAL(
            fake_get(fake, is_igd ? IGD "RouteHopsNumberOfEntries" : DEV2 "RouteHopsNumberOfEntries"),
            rows[i / 2].hops);
        end(fake);
    }
}

static void test_too_many_hops(void) {
    struct fake_host *fake = begin(TR069_DEV2, 0, too_far);
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Host", "box.test", DEV2 "MaxHopCount", "2",
                                 DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Error_MaxHopCountExceeded");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "RouteHopsNumberOfEntries"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "ResponseTime"), "0");
    end(fake);
}

static void test_writing_ends_it(void) {
    struct fake_host *fake = begin(TR069_DEV2, 0, linux_way);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Host", "a", DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake->runs.count, 1);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "MaxHopCount", "10"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Canceled"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(fake->events.count, 0);
    end(fake);
}

static void test_refusals(void) {
    static const char *const wrong[][2] = {{DEV2 "DiagnosticsState", "Complete"},
                                           {DEV2 "DiagnosticsState", "Error_MaxHopCountExceeded"},
                                           {DEV2 "DiagnosticsState", "Requested"}, /* without a Host */
                                           {DEV2 "Host", "-i"},
                                           {DEV2 "Host", "a b"},
                                           {DEV2 "Host", "$(reboot)"},
                                           {DEV2 "NumberOfTries", "4"},
                                           {DEV2 "NumberOfTries", "0"},
                                           {DEV2 "MaxHopCount", "65"},
                                           {DEV2 "Interface", "Device.IP.Interface.7"}};
    struct fake_host *fake = begin(TR069_DEV2, 0, linux_way);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(fake_set(fake, wrong[i][0], wrong[i][1]), TR069_FAULT);
    }
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    end(fake);
}

/* Lines that no program should write: nothing of them is taken for what it is not. */
static void test_odd_lines(void) {
    static const struct {
        const char *line, *host, *address;
        unsigned tries;
        uint32_t first, code;
        bool refused;
    } rows[] = {
        {" 1", "", "", 0, 0, 0, false},
        {" 1  ", "", "", 0, 0, 0, false},
        {" 1  192.0.2.1 (192.0", "192.0.2.1", "", 0, 0, 0, false},
        {" 1  a.test (192.0.2.1)  0.61", "a.test", "192.0.2.1", 0, 0, 0, false},
        {" 1  a.test (not-an-address)  1 ms", "a.test", "", 1, 1000, 0, false},
        {" 1  a.test (192.0.2.1)  1 ms  2 ms  3 ms  4 ms  5 ms", "a.test", "192.0.2.1", 3, 1000, 0, false},
        {" 1  a.test (192.0.2.1)  59999.999 ms", "a.test", "192.0.2.1", 1, 59999999, 0, false},
        {" 1  a.test (192.0.2.1)  999999999999999 ms", "999999999999999", "", 1, 0, 0, false},
        {" 1  a.test (192.0.2.1)  0.000 ms !", "a.test", "192.0.2.1", 1, 1, 0, false},
        {" 1  a.test (192.0.2.1)  1 ms !F-1400", "a.test", "192.0.2.1", 1, 1000, 4, true},
        {" 1  a.test (192.0.2.1)  1 ms !<9>", "a.test", "192.0.2.1", 1, 1000, 9, true},
        {" 1  a.test (192.0.2.1)  1 ms !10", "a.test", "192.0.2.1", 1, 1000, 10, true},
        {" 1  a.test (192.0.2.1) [AS65536]  1 ms", "a.test", "192.0.2.1", 1, 1000, 0, false},
        {" 1  a\x01\xff;b (192.0.2.1)  1 ms", "a??;b", "192.0.2.1", 1, 1000, 0, false},
        {" 1\t192.0.2.1\t1 ms\r", "192.0.2.1", "", 1, 1000, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char output[256];
        struct hop hops[2];
        bool begun;
        (void) snprintf(output, sizeof output, "traceroute to b.test (192.0.2.9), 30 hops max\n%s\n",
                        rows[i].line);
        CU_ASSERT_EQUAL_FATAL(hops_read(output, hops, 2, &begun), 1);
        CU_ASSERT_TRUE(begun);
        CU_ASSERT_STRING_EQUAL(hops[0].host, rows[i].host);
        CU_ASSERT_STRING_EQUAL(hops[0].address, rows[i].address);
        CU_ASSERT_EQUAL(hops[0].tries, rows[i].tries);
        CU_ASSERT_EQUAL(hops[0].micros[0], rows[i].first);
        CU_ASSERT_EQUAL(hops[0].code, rows[i].code);
        CU_ASSERT_EQUAL(hops[0].is_refused, rows[i].refused);
        CU_ASSERT_FALSE(hops[0].is_target);
    }
}

static void test_odd_outputs(void) {
    static const struct {
        const char *output;
        size_t count;
        bool begun;
    } rows[] = {{"", 0, false},
                {"\n\n\n", 0, false},
                {" 1  192.0.2.1  1 ms\n", 0, false}, /* without a first line */
                {"traceroute to", 0, false},
                {"traceroute to a.test", 0, false},
                {"traceroute to a.test (", 0, false},
                {"traceroute to a.test (192.0.2.9)", 0, true},
                {"traceroute6 to a.test (::9) from ::1, 30 hops max\n 1 ::9 1 ms\n", 1, true},
                {"traceroute to a.test (192.0.2.9)\n 2  192.0.2.9  1 ms\n", 0, true}, /* out of order */
                {"traceroute to a.test (192.0.2.9)\n 1  * * *\n 1  * * *\n 2  *", 2, true},
                {"traceroute to a.test (192.0.2.9)\n 1  *\n 2  *\n 3  *\n 4  *\n", 3, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hop hops[3];
        bool begun;
        CU_ASSERT_EQUAL(hops_read(rows[i].output, hops, 3, &begun), rows[i].count);
        CU_ASSERT_EQUAL(begun, rows[i].begun);
    }
    /* a name longer than names are, and an address longer than those */
    char output[2048];
    struct hop hop;
    bool begun;
    memset(output, 'a', sizeof output);
    memcpy(output, "traceroute to b (192.0.2.9)\n 1  ", 32);
    memcpy(output + 1000, " (", 2);
    memcpy(output + 2000, ")  1 ms\n", 9);
    CU_ASSERT_EQUAL(hops_read(output, &hop, 1, &begun), 1);
    CU_ASSERT_EQUAL(strlen(hop.host), HOP_HOST_MAX);
    CU_ASSERT_STRING_EQUAL(hop.address, "");
}

/* Cut off anywhere, and with any octet changed. */
static void test_damage(void) {
    struct hop hops[8];
    bool begun;
    for (size_t length = 0; length < sizeof linux_way; length++) {
        char *copy = malloc(length + 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
        memcpy(copy, linux_way, length);
        copy[length] = '\0';
        CU_ASSERT_TRUE(hops_read(copy, hops, 8, &begun) <= 4);
        free(copy);
        if (length < sizeof linux_way - 1) {
            char changed[sizeof linux_way];
            memcpy(changed, linux_way, sizeof changed);
            for (int octet = 1; octet < 256; octet++) {
                changed[length] = (char) octet;
                CU_ASSERT_TRUE(hops_read(changed, hops, 8, &begun) <= 5);
            }
        }
    }
}

int main(void) {
    FAKE_TESTS("trace-route",
               {"runs after the session, with the inputs", test_runs_after_the_session_with_the_inputs},
               {"hops", test_hops}, {"other programs, the other root", test_the_other_programs_and_root},
               {"outcomes", test_outcomes}, {"too many hops", test_too_many_hops},
               {"writing ends it", test_writing_ends_it}, {"refusals", test_refusals},
               {"odd lines", test_odd_lines}, {"odd outputs", test_odd_outputs}, {"damage", test_damage});
}
