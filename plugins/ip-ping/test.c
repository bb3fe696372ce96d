/* The plugin "ip-ping" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define DEV2 "Device.IP.Diagnostics.IPPing."
#define IGD "InternetGatewayDevice.IPPingDiagnostics."

static const char iputils[] =
    "PING box.test (192.0.2.1) 56(84) bytes of data.\n\n--- box.test ping statistics ---\n"
    "5 packets transmitted, 4 received, 20% packet loss, time 4004ms\n"
    "rtt min/avg/max/mdev = 0.405/1.600/12.049/0.008 ms\n";
static const char busybox[] =
    "PING 192.0.2.1 (192.0.2.1): 56 data bytes\n\n--- 192.0.2.1 ping statistics ---\n"
    "3 packets transmitted, 3 packets received, 0% packet loss\n"
    "round-trip min/avg/max = 1.0/2.25/3 ms\n";
static const char nobody[] =
    "PING 192.0.2.1 (192.0.2.1): 56 data bytes\n\n--- 192.0.2.1 ping statistics ---\n"
    "3 packets transmitted, 0 packets received, 100% packet loss\n";

static struct fake_host *begin(enum tr069_root root, int result, const char *output) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_program(fake, "ping", result, output);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_runs_after_the_session_with_the_inputs(void) {
    struct fake_host *fake = begin(TR069_DEV2, 0, iputils);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Host", "box.test", DEV2 "NumberOfRepetitions", "5",
                                 DEV2 "Timeout", "1500", DEV2 "DataBlockSize", "100", DEV2 "DSCP", "10",
                                 DEV2 "ProtocolVersion", "IPv4", DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Requested");
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL_FATAL(fake->runs.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->runs.pairs[0].name, "ping -q -c 5 -W 2 -s 100 -Q 40 -4 box.test");
    CU_ASSERT_EQUAL(fake->events.count, 0);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Complete");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "SuccessCount"), "4");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "FailureCount"), "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "MinimumResponseTime"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "AverageResponseTime"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "MaximumResponseTime"), "12");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "MinimumResponseTimeDetailed"), "405");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "MaximumResponseTimeDetailed"), "12049");
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].name, "8 DIAGNOSTICS COMPLETE");
    CU_ASSERT_EQUAL(fake->events.pairs[0].number, TR069_NOW);
    /* another one begins from nothing */
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "SuccessCount"), "0");
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "SuccessCount"), "4");
    end(fake);
}

static void test_the_other_programs_and_root(void) {
    struct fake_host *fake = begin(TR069_IGD1, 0, busybox);
    CU_ASSERT_EQUAL(fake_set_all(fake, IGD "Host", "192.0.2.1", IGD "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, false);
    CU_ASSERT_STRING_EQUAL(fake->runs.pairs[0].name, "ping -q -c 3 -W 5 -s 56 192.0.2.1");
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "SuccessCount"), "3");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "AverageResponseTime"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, IGD "MaximumResponseTime"), "3");
    CU_ASSERT_PTR_NULL(fake_get(fake, IGD "ProtocolVersion"));
    end(fake);
}

static void test_outcomes(void) {
    static const struct {
        int result;
        const char *output, *dev2, *igd;
    } rows[] = {
        {1, nobody, "Complete", "Complete"},
        {2, "ping: no.test: Name or service not known\n", "Error_CannotResolveHostName",
         "Error_CannotResolveHostName"},
        {1, "ping: bad address 'no.test'\n", "Error_CannotResolveHostName", "Error_CannotResolveHostName"},
        {2, "ping: connect: Network is unreachable\n", "Error_NoRouteToHost", "Error_Other"},
        {127, "something else", "Error_Other", "Error_Other"},
        {-ETIMEDOUT, "", "Error_Internal", "Error_Internal"},
        {-ECHILD, "", "Error_Internal", "Error_Internal"},
    };
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof rows[0]); i++) {
        bool is_igd = i % 2 != 0;
        struct fake_host *fake =
            begin(is_igd ? TR069_IGD1 : TR069_DEV2, rows[i / 2].result, rows[i / 2].output);
        CU_ASSERT_EQUAL(fake_set_all(fake, is_igd ? IGD "Host" : DEV2 "Host", "no.test",
                                     is_igd ? IGD "DiagnosticsState" : DEV2 "DiagnosticsState", "Requested"),
                        TR069_OK);
        fake_session_end(fake, true);
        fake_settle(fake);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, is_igd ? IGD "DiagnosticsState" : DEV2 "DiagnosticsState"),
                               is_igd ? rows[i / 2].igd : rows[i / 2].dev2);
        CU_ASSERT_STRING_EQUAL(fake_get(fake, is_igd ? IGD "SuccessCount" : DEV2 "SuccessCount"), "0");
        CU_ASSERT_EQUAL(fake->events.count, 1);
        end(fake);
    }
}

static void test_no_program(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Host", "a", DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Error_Internal");
    CU_ASSERT_EQUAL(fake->events.count, 1);
    end(fake);
}

static void test_writing_ends_it(void) {
    struct fake_host *fake = begin(TR069_DEV2, 0, iputils);
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Host", "a", DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DSCP", "1"), TR069_OK); /* before it began */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake->runs.count, 1);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "Timeout", "1000"), TR069_OK); /* while it runs */
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Canceled"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(fake->events.count, 0);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DEV2 "DiagnosticsState", "Requested"), TR069_OK); /* begins anew */
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "Complete");
    CU_ASSERT_EQUAL(fake->events.count, 1);
    end(fake);
}

static void test_interface(void) {
    struct fake_host *fake = begin(TR069_DEV2, 0, iputils);
    fake_parameter(fake, "Device.IP.Interface.1.Enable", "true");
    fake_parameter(fake, "Device.IP.Interface.1.Name", "eth0");
    CU_ASSERT_EQUAL(fake_set_all(fake, DEV2 "Host", "a", DEV2 "Interface", "Device.IP.Interface.1",
                                 DEV2 "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->runs.pairs[0].name, " -I eth0 a"));
    fake_settle(fake);
    end(fake);
}

static void test_refusals(void) {
    static const char *const wrong[][2] = {{DEV2 "DiagnosticsState", "Complete"},
                                           {DEV2 "DiagnosticsState", "None"},
                                           {DEV2 "DiagnosticsState", "Error_Other"},
                                           {DEV2 "DiagnosticsState", "Nonsense"},
                                           {DEV2 "DiagnosticsState", "Requested"}, /* without a Host */
                                           {DEV2 "Host", "-f"},
                                           {DEV2 "Host", "a b"},
                                           {DEV2 "Host", "$(reboot)"},
                                           {DEV2 "NumberOfRepetitions", "0"},
                                           {DEV2 "DSCP", "64"},
                                           {DEV2 "Interface", "Device.IP.Interface.7"}};
    struct fake_host *fake = begin(TR069_DEV2, 0, iputils);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(fake_set(fake, wrong[i][0], wrong[i][1]), TR069_FAULT);
    }
    CU_ASSERT_STRING_EQUAL(fake_get(fake, DEV2 "DiagnosticsState"), "None");
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    end(fake);
}

int main(void) {
    FAKE_TESTS(
        "ip-ping", {"runs after the session, with the inputs", test_runs_after_the_session_with_the_inputs},
        {"other programs, the other root", test_the_other_programs_and_root}, {"outcomes", test_outcomes},
        {"no program", test_no_program}, {"writing ends it", test_writing_ends_it},
        {"interface", test_interface}, {"refusals", test_refusals});
}
