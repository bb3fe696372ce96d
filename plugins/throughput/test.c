/* The plugin "throughput" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define DOWN "Device.IP.Diagnostics.DownloadDiagnostics."
#define UP "Device.IP.Diagnostics.UploadDiagnostics."
#define IGD_DOWN "InternetGatewayDevice.DownloadDiagnostics."
#define IGD_UP "InternetGatewayDevice.UploadDiagnostics."
#define URL "http://192.0.2.1/file"

enum { SECOND = 1000000 };
#define T0 (INT64_C(1767323045) * SECOND) /* 2026-01-02T03:04:05Z */

static struct fake_host *begin(enum tr069_root root) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake->measured = (struct tr069_measured){.end = TR069_MEASURE_COMPLETE,
                                             .text = "192.0.2.1: HTTP 200",
                                             .open_request_us = T0 + 1,
                                             .open_response_us = T0 + 20,
                                             .request_us = T0 + 300,
                                             .begin_us = T0 + 4000,
                                             .end_us = T0 + 2 * SECOND,
                                             .sent = 111,
                                             .received = 5000000123,
                                             .if_sent = 222,
                                             .if_received = 5000000333,
                                             .address = "192.0.2.7"};
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void is(struct fake_host *fake, const char *path, const char *text) {
    const char *found = fake_get(fake, path);
    if (found == NULL || strcmp(found, text) != 0) {
        (void) fprintf(stderr, "\n%s is %s, not %s\n", path, found != NULL ? found : "(fault)", text);
        CU_FAIL("another value");
    }
}

static void interfaces(struct fake_host *fake) {
    fake_parameter(fake, "Device.IP.Interface.1.Enable", "true");
    fake_parameter(fake, "Device.IP.Interface.1.Name", "eth0");
    fake_parameter(fake, "Device.IP.Interface.2.Enable", "true");
    fake_parameter(fake, "Device.IP.Interface.2.Name", "");
}

static void test_download(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    interfaces(fake);
    is(fake, DOWN "DiagnosticsState", "None");
    is(fake, DOWN "DownloadTransports", "HTTP");
    is(fake, DOWN "ROMTime", "0001-01-01T00:00:00Z");
    CU_ASSERT_EQUAL(fake_set_all(fake, DOWN "DownloadURL", URL, DOWN "DSCP", "46", DOWN "EthernetPriority",
                                 "5", DOWN "ProtocolVersion", "IPv4", DOWN "Interface",
                                 "Device.IP.Interface.1", DOWN "DiagnosticsState", "Requested"),
                    TR069_OK);
    CU_ASSERT_EQUAL(fake->measures.count, 0); /* the session first */
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL_FATAL(fake->measures.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->measures.pairs[0].name, URL);
    CU_ASSERT_STRING_EQUAL(fake->measures.pairs[0].value,
                           "GET 1000000000 octets 0 ms of 120000 ms if=eth0 ip=4 dscp=46 priority=5");
    CU_ASSERT_EQUAL(fake->events.count, 0);
    fake_settle(fake);
    is(fake, DOWN "DiagnosticsState", "Complete");
    is(fake, DOWN "TCPOpenRequestTime", "2026-01-02T03:04:05.000001Z");
    is(fake, DOWN "TCPOpenResponseTime", "2026-01-02T03:04:05.000020Z");
    is(fake, DOWN "ROMTime", "2026-01-02T03:04:05.000300Z");
    is(fake, DOWN "BOMTime", "2026-01-02T03:04:05.004000Z");
    is(fake, DOWN "EOMTime", "2026-01-02T03:04:07.000000Z");
    is(fake, DOWN "TestBytesReceived", "5000000123");
    is(fake, DOWN "TotalBytesReceived", "5000000333");
    is(fake, DOWN "TotalBytesSent", "222");
    is(fake, DOWN "IPAddressUsed", "192.0.2.7");
    CU_ASSERT_EQUAL_FATAL(fake->events.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->events.pairs[0].name, "8 DIAGNOSTICS COMPLETE");
    is(fake, UP "DiagnosticsState", "None"); /* the other one is another one */
    is(fake, UP "UploadURL", "");
    /* without an interface its octets are not to be had */
    CU_ASSERT_EQUAL(fake_set_all(fake, DOWN "Interface", "", DOWN "DiagnosticsState", "Requested"), TR069_OK);
    is(fake, DOWN "TestBytesReceived", "0");
    is(fake, DOWN "ROMTime", "0001-01-01T00:00:00Z");
    fake_settle(fake);
    is(fake, DOWN "TestBytesReceived", "5000000123");
    is(fake, DOWN "TotalBytesReceived", "0");
    is(fake, DOWN "TotalBytesSent", "0");
    /* one that has no name is not replaced by another */
    CU_ASSERT_EQUAL(
        fake_set_all(fake, DOWN "Interface", "Device.IP.Interface.2", DOWN "DiagnosticsState", "Requested"),
        TR069_OK);
    is(fake, DOWN "DiagnosticsState", "Error_Internal");
    CU_ASSERT_EQUAL(fake->measures.count, 2);
    CU_ASSERT_EQUAL(fake->events.count, 3);
    end(fake);
}

static void test_upload(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    CU_ASSERT_EQUAL(fake_set_all(fake, UP "UploadURL", "https://[2001:db8::1]:8443/put?x=1",
                                 UP "TestFileLength", "123456", UP "ProtocolVersion", "IPv6",
                                 UP "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL_FATAL(fake->measures.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->measures.pairs[0].value,
                           "PUT 123456 octets 0 ms of 120000 ms if= ip=6 dscp=0 priority=0");
    fake_settle(fake);
    is(fake, UP "DiagnosticsState", "Complete");
    is(fake, UP "TestBytesSent", "111");
    is(fake, UP "BOMTime", "2026-01-02T03:04:05.004000Z");
    CU_ASSERT_FALSE(fake_logged(fake, TR069_DEBUG, "x=1"));
    /* by time */
    CU_ASSERT_EQUAL(fake_set_all(fake, UP "TimeBasedTestDuration", "120", UP "DiagnosticsState", "Requested"),
                    TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake->measures.pairs[1].value,
                           "PUT 1000000000 octets 120000 ms of 150000 ms if= ip=6 dscp=0 priority=0");
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->events.count, 2);
    end(fake);
}

static void test_igd(void) {
    struct fake_host *fake = begin(TR069_IGD1);
    CU_ASSERT_EQUAL(fake_set_all(fake, IGD_DOWN "DownloadURL", URL, IGD_DOWN "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    fake_settle(fake);
    is(fake, IGD_DOWN "DiagnosticsState", "Completed");
    is(fake, IGD_DOWN "TestBytesReceived", "705032827");  /* of 32 bits */
    is(fake, IGD_DOWN "TotalBytesReceived", "705033037"); /* also without an interface */
    CU_ASSERT_PTR_NULL(fake_get(fake, IGD_DOWN "ProtocolVersion"));
    is(fake, "InternetGatewayDevice.Capabilities.PerformanceDiagnostic.UploadTransports", "HTTP");
    CU_ASSERT_EQUAL(fake_set(fake, IGD_DOWN "DiagnosticsState", "Canceled"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake_set_all(fake, IGD_UP "UploadURL", URL, IGD_UP "TestFileLength", "5",
                                 IGD_UP "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_settle(fake);
    is(fake, IGD_UP "DiagnosticsState", "Completed");
    is(fake, IGD_UP "TotalBytesSent", "222");
    end(fake);
}

static void test_outcomes(void) {
    static const struct {
        const char *path, *url;
    } tests[] = {{DOWN, "DownloadURL"}, {UP, "UploadURL"}, {IGD_DOWN, "DownloadURL"}, {IGD_UP, "UploadURL"}};
    static const struct {
        enum tr069_measure_end end;
        const char *states[4];
    } rows[] = {
        {TR069_MEASURE_NO_NAME,
         {"Error_CannotResolveHostName", "Error_CannotResolveHostName", "Error_InitConnectionFailed",
          "Error_InitConnectionFailed"}},
        {TR069_MEASURE_NO_ROUTE,
         {"Error_NoRouteToHost", "Error_NoRouteToHost", "Error_InitConnectionFailed",
          "Error_InitConnectionFailed"}},
        {TR069_MEASURE_NO_CONNECTION,
         {"Error_InitConnectionFailed", "Error_InitConnectionFailed", "Error_InitConnectionFailed",
          "Error_InitConnectionFailed"}},
        {TR069_MEASURE_NO_RESPONSE,
         {"Error_NoResponse", "Error_NoResponse", "Error_NoResponse", "Error_NoResponse"}},
        {TR069_MEASURE_LOGIN,
         {"Error_LoginFailed", "Error_LoginFailed", "Error_LoginFailed", "Error_LoginFailed"}},
        {TR069_MEASURE_FAILED,
         {"Error_TransferFailed", "Error_NoTransferComplete", "Error_TransferFailed",
          "Error_NoTransferComplete"}},
        {TR069_MEASURE_TOO_LARGE,
         {"Error_IncorrectSize", "Error_Other", "Error_IncorrectSize", "Error_NoTransferComplete"}},
        {TR069_MEASURE_TIMEOUT,
         {"Error_Timeout", "Error_Timeout", "Error_Timeout", "Error_NoTransferComplete"}},
        {TR069_MEASURE_LOCAL,
         {"Error_Internal", "Error_Internal", "Error_TransferFailed", "Error_NoTransferComplete"}},
    };
    for (size_t i = 0; i < 4 * (sizeof rows / sizeof rows[0]); i++) {
        char url[128], state[128], rom[128];
        struct fake_host *fake = begin(i % 4 < 2 ? TR069_DEV2 : TR069_IGD1);
        fake->measured = (struct tr069_measured){.end = rows[i / 4].end,
                                                 .text = "why",
                                                 .open_request_us = TR069_TIME_UNKNOWN,
                                                 .open_response_us = TR069_TIME_UNKNOWN,
                                                 .request_us = TR069_TIME_UNKNOWN,
                                                 .begin_us = TR069_TIME_UNKNOWN,
                                                 .end_us = TR069_TIME_UNKNOWN,
                                                 .address = ""};
        (void) snprintf(url, sizeof url, "%s%s", tests[i % 4].path, tests[i % 4].url);
        (void) snprintf(state, sizeof state, "%sDiagnosticsState", tests[i % 4].path);
        (void) snprintf(rom, sizeof rom, "%sROMTime", tests[i % 4].path);
        CU_ASSERT_EQUAL(fake_set_all(fake, url, URL, state, "Requested"), TR069_OK);
        fake_session_end(fake, true);
        fake_settle(fake);
        is(fake, state, rows[i / 4].states[i % 4]);
        is(fake, rom, "0001-01-01T00:00:00Z");
        CU_ASSERT_EQUAL(fake->events.count, 1);
        CU_ASSERT_TRUE(fake_logged(fake, TR069_NOTICE, "why"));
        /* it does not even begin */
        fake->measure_verdict = -ENOMEM;
        CU_ASSERT_EQUAL(fake_set(fake, state, "Requested"), TR069_OK);
        is(fake, state, rows[sizeof rows / sizeof rows[0] - 1].states[i % 4]);
        CU_ASSERT_EQUAL(fake->events.count, 2);
        end(fake);
    }
}

static void test_one_at_a_time(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    CU_ASSERT_EQUAL(fake_set_all(fake, DOWN "DownloadURL", URL, DOWN "DiagnosticsState", "Requested",
                                 UP "UploadURL", URL, UP "TestFileLength", "5", UP "DiagnosticsState",
                                 "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->measures.count, 1);
    is(fake, UP "DiagnosticsState", "Requested");
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->measures.count, 2);
    is(fake, DOWN "DiagnosticsState", "Complete");
    is(fake, UP "DiagnosticsState", "Complete");
    CU_ASSERT_EQUAL(fake->events.count, 2);
    /* what runs is cancelled: the one that waits begins */
    CU_ASSERT_EQUAL(fake_set(fake, UP "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DOWN "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake->measures.count, 3);
    CU_ASSERT_EQUAL(fake_set(fake, UP "DSCP", "1"), TR069_OK);
    CU_ASSERT_EQUAL(fake->measures.count, 4);
    fake_settle(fake);
    is(fake, UP "DiagnosticsState", "None");
    is(fake, DOWN "DiagnosticsState", "Complete");
    CU_ASSERT_EQUAL(fake->events.count, 3);
    /* the one that waits is cancelled */
    CU_ASSERT_EQUAL(fake_set(fake, UP "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DOWN "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DOWN "DiagnosticsState", "Canceled"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->measures.count, 5);
    is(fake, UP "DiagnosticsState", "Complete");
    is(fake, DOWN "DiagnosticsState", "None");
    CU_ASSERT_EQUAL(fake->events.count, 4);
    /* the one that waits cannot begin */
    CU_ASSERT_EQUAL(fake_set(fake, UP "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DOWN "DiagnosticsState", "Requested"), TR069_OK);
    fake->measure_verdict = -ENOMEM;
    fake_settle(fake);
    is(fake, UP "DiagnosticsState", "Complete");
    is(fake, DOWN "DiagnosticsState", "Error_Internal");
    CU_ASSERT_EQUAL(fake->events.count, 6);
    /* both are under way when the client stops */
    fake->measure_verdict = 0;
    CU_ASSERT_EQUAL(fake_set(fake, UP "DiagnosticsState", "Requested"), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, DOWN "DiagnosticsState", "Requested"), TR069_OK);
    end(fake);
}

static void test_refusals(void) {
    static const char *const wrong[][2] = {{DOWN "DiagnosticsState", "Complete"},
                                           {DOWN "DiagnosticsState", "None"},
                                           {DOWN "DiagnosticsState", "Requested"}, /* without a URL */
                                           {UP "DiagnosticsState", "Requested"},
                                           {DOWN "DownloadURL", "ftp://192.0.2.1/x"},
                                           {DOWN "DownloadURL", "file:///etc/passwd"},
                                           {DOWN "DownloadURL", "http://user:pw@192.0.2.1/x"},
                                           {DOWN "DownloadURL", "http:///x"},
                                           {DOWN "DownloadURL", "http://a b/"},
                                           {DOWN "DownloadURL", "x"},
                                           {DOWN "DSCP", "64"},
                                           {DOWN "EthernetPriority", "8"},
                                           {DOWN "TimeBasedTestDuration", "121"},
                                           {DOWN "ProtocolVersion", "IPv5"},
                                           {UP "TestFileLength", "1000000001"},
                                           {UP "TotalBytesSent", "1"},
                                           {UP "Interface", "Device.IP.Interface.7"}};
    struct fake_host *fake = begin(TR069_DEV2);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (fake_set(fake, wrong[i][0], wrong[i][1]) != TR069_FAULT) {
            (void) fprintf(stderr, "\n%s=%s was taken\n", wrong[i][0], wrong[i][1]);
            CU_FAIL("taken");
        }
    }
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->measures.count, 0);
    CU_ASSERT_EQUAL(fake_set(fake, DOWN "DownloadURL", "http://host.test:81/a@b?c=d@e"), TR069_OK);
    end(fake);
}

static void test_before_the_clock_is_set(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    fake->wall_s = TR069_TIME_UNKNOWN;
    fake->measured.request_us = fake->host.time_us(&fake->host);
    CU_ASSERT_EQUAL(fake_set_all(fake, DOWN "DownloadURL", URL, DOWN "DiagnosticsState", "Requested"),
                    TR069_OK);
    fake_session_end(fake, true);
    fake_settle(fake);
    is(fake, DOWN "ROMTime", "0001-01-01T00:16:40.000000");
    end(fake);
}

int main(void) {
    FAKE_TESTS("throughput", {"download", test_download}, {"upload", test_upload},
               {"the other root", test_igd}, {"outcomes", test_outcomes},
               {"one at a time", test_one_at_a_time}, {"refusals", test_refusals},
               {"before the clock is set", test_before_the_clock_is_set});
}
