/* The test ACS is tested: the control socket, recording, TLS, chaos, large messages, speed; and that what it
 * sends itself is valid. */
#include <config.h>

#include "fake_cpe.h"
#include "util.h"
#include "validate.h"

#include "../unit/cunit.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void nap(long ms) {
    (void) nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static double now(void) {
    struct timespec t;
    (void) clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

/* ---- the control socket --------------------------------------------------------------------------- */

/* Says something in a child, so that a session can run meanwhile. */
static pid_t talk_later(const struct acs_run *run, const char *command, const char *name) {
    pid_t pid = fork();
    if (pid == 0) {
        int code = 0;
        char *text = acs_talk(run, command, &code);
        (void) acs_write(run, name, text, strlen(text));
        _exit(code);
    }
    return pid;
}

static int reap(pid_t pid) {
    int status = 0;
    (void) waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void one_session(const struct acs_run *run, const char *events) {
    struct cpe cpe;
    cpe_open(&cpe, run);
    CU_ASSERT_TRUE(cpe_session(&cpe, events, 0));
    cpe_close(&cpe);
}

static void says(const struct acs_run *run, const char *command, int expected, const char *text) {
    int code = 0;
    char *got = acs_talk(run, command, &code);
    CU_ASSERT_EQUAL(code, expected);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, text));
    if (code != expected || strstr(got, text) == NULL) {
        (void) printf("%s: %d \"%s\"\n", command, code, got);
    }
    free(got);
}

static void control_socket(void) {
    struct acs_run run;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, NULL, NULL));
    says(&run, "last-inform", 1, "no Inform has come");
    says(&run, "nonsense", 1, "no such command");
    says(&run, "rpc Reboot kee=1", 1, "unknown or superfluous");
    says(&run, "wait-session 0.1", 1, "no such session");
    pid_t rpc = talk_later(&run, "rpc GetParameterValues Device.DeviceInfo.SoftwareVersion", "answer");
    pid_t wait = talk_later(&run, "wait-session 10 \"2 PERIODIC\"", "waited");
    nap(300);
    one_session(&run, EVENT_BOOT);
    CU_ASSERT_EQUAL(reap(rpc), 0);
    one_session(&run, EVENT_PERIODIC);
    CU_ASSERT_EQUAL(reap(wait), 0);
    char *answer = acs_read(&run, "answer");
    CU_ASSERT_STRING_EQUAL(answer != NULL ? answer : "",
                           "Device.DeviceInfo.SoftwareVersion\txsd:string\t1.2\n");
    free(answer);
    answer = acs_read(&run, "waited");
    CU_ASSERT_STRING_EQUAL(answer != NULL ? answer : "", "2\n2 PERIODIC\n");
    free(answer);
    says(&run, "events", 0, "2 PERIODIC\n");
    says(&run, "last-inform", 0, "Device.ManagementServer.ParameterKey\txsd:string\t1.4\n");
    says(&run, "stats", 0, "sessions\t2\nended\t2\nfailed\t0\n");
    says(&run, "url", 0, run.url);
    says(&run, "verdict", 0, "");
    /* a fault is an error; a bare value */
    rpc = talk_later(&run, "rpc X_Unknown", "answer");
    pid_t value = talk_later(&run, "value Device.DeviceInfo.SoftwareVersion", "value");
    nap(300);
    one_session(&run, EVENT_BOOT);
    CU_ASSERT_EQUAL(reap(rpc), 1);
    CU_ASSERT_EQUAL(reap(value), 0);
    answer = acs_read(&run, "value");
    CU_ASSERT_STRING_EQUAL(answer != NULL ? answer : "", "1.2\n");
    free(answer);
    says(&run, "behaviour status 500 times=1", 0, "");
    struct cpe cpe;
    cpe_open(&cpe, &run);
    CU_ASSERT_FALSE(cpe_session(&cpe, EVENT_BOOT, 0));
    CU_ASSERT_EQUAL(cpe.status, 500);
    cpe_close(&cpe);
    /* a session that breaks takes the command with it */
    rpc = talk_later(&run, "rpc Reboot", "answer");
    nap(300);
    cpe_open(&cpe, &run);
    char *inform = cpe_inform(&cpe, EVENT_BOOT, 1);
    cpe_post(&cpe, inform);
    free(inform);
    cpe_post(&cpe, "");
    CU_ASSERT_STRING_EQUAL(cpe.method, "Reboot");
    says(&run, "patience reconnect=0.1", 0, "");
    cpe_close(&cpe);
    CU_ASSERT_EQUAL(reap(rpc), 1);
    says(&run, "violations", 0, "1\tV13 session-broken");
    says(&run, "verdict", 1, "session-broken");
    says(&run, "quit", 0, "");
    CU_ASSERT_EQUAL(acs_end(&run, NULL), 1);
}

static void a_session_lingers_for_commands(void) {
    struct acs_run run;
    struct cpe cpe;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, NULL, (const char *[]){"--set", "linger 0.8", NULL}));
    pid_t rpc = fork();
    if (rpc == 0) {
        int code = 0;
        nap(300);
        free(acs_talk(&run, "rpc GetRPCMethods", &code));
        int second = 0;
        free(acs_talk(&run, "rpc Reboot", &second));
        _exit(code + second);
    }
    double start = now();
    cpe_open(&cpe, &run);
    CU_ASSERT_TRUE(cpe_session(&cpe, EVENT_BOOT, 0));
    CU_ASSERT_EQUAL(cpe.requests, 4); /* Inform, empty, two responses: all in one session */
    cpe_close(&cpe);
    CU_ASSERT(now() - start > 0.8);
    CU_ASSERT_EQUAL(reap(rpc), 0);
    says(&run, "quit", 0, "");
    CU_ASSERT_EQUAL(acs_end(&run, NULL), 0);
}

static void messages_are_recorded(void) {
    struct acs_run run;
    const char *directory = fake_directory("test-acs-record");
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, NULL, (const char *[]){"--record", directory, "--once", NULL}));
    one_session(&run, EVENT_BOOT);
    CU_ASSERT_EQUAL(acs_end(&run, NULL), 0);
    char *path = must_format("%s/000001-s1-Inform.xml", directory);
    char *text = read_whole_file(path, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<cwmp:Inform>"));
    free(text);
    (void) unlink(path);
    CU_ASSERT_EQUAL(rmdir(directory), 0); /* the empty POST is in no file */
    free(path);
}

/* ---- many sessions -------------------------------------------------------------------------------- */

/* The outcome of each session as a text of y and n; free(). */
static char *chaos(const char *line, unsigned count, double *ret_seconds) {
    struct acs_run run;
    char *outcome = must_alloc(count + 1);
    unsigned retry = 0;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, NULL, (const char *[]){"--set", line, "--quiet", NULL}));
    double start = now();
    for (unsigned i = 0; i < count; i++) {
        struct cpe cpe;
        cpe_open(&cpe, &run);
        outcome[i] = cpe_session(&cpe, EVENT_PERIODIC, retry) ? 'y' : 'n';
        retry = outcome[i] == 'y' ? 0 : retry + 1;
        cpe_close(&cpe);
    }
    *ret_seconds = now() - start;
    says(&run, "quit", 0, "");
    char *transcript = NULL;
    int code = acs_end(&run, &transcript);
    CU_ASSERT_EQUAL(code, 0);
    if (code != 0) {
        (void) printf("%s\n", transcript);
    }
    free(transcript);
    return outcome;
}

static void chaos_is_the_same_for_a_seed(void) {
    double seconds = 0;
    static const char all[] =
        "chaos cut=5 half=5 fault=5 retry=5 redirect=5 status=5 garbage=5 close=5 seed=7";
    char *one = chaos(all, 100, &seconds);
    char *two = chaos(all, 100, &seconds);
    char *three = chaos("chaos cut=40 seed=8", 100, &seconds);
    CU_ASSERT_STRING_EQUAL(one, two);
    CU_ASSERT_STRING_NOT_EQUAL(one, three);
    CU_ASSERT_PTR_NOT_NULL(strchr(one, 'n'));
    CU_ASSERT_PTR_NOT_NULL(strchr(one, 'y'));
    free(one);
    free(two);
    free(three);
}

static void it_keeps_up(void) {
    double seconds = 0;
    free(chaos("chaos off", 500, &seconds));
    (void) printf("\n    %.0f sessions a minute, one after the other, each message validated\n    ",
                  500 / seconds * 60);
    CU_ASSERT(500 / seconds * 60 > 2000);
}

/* ---- TLS ------------------------------------------------------------------------------------------ */

static bool write_pem(const char *path, const gnutls_datum_t *pem) {
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(pem->data, 1, pem->size, file) == pem->size;
    return (file != NULL && fclose(file) == 0) && good;
}

/* A certificate for 127.0.0.1 that has signed itself. */
static void make_certificate(const char *certificate, const char *key) {
    gnutls_x509_privkey_t private = NULL;
    gnutls_x509_crt_t crt = NULL;
    gnutls_datum_t pem = {0};
    static const unsigned char address[4] = {127, 0, 0, 1};
    CU_ASSERT_EQUAL(gnutls_x509_privkey_init(&private), 0);
    CU_ASSERT_EQUAL(gnutls_x509_privkey_generate(private, GNUTLS_PK_ECDSA,
                                                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                    0);
    CU_ASSERT_EQUAL(gnutls_x509_crt_init(&crt), 0);
    (void) gnutls_x509_crt_set_version(crt, 3);
    (void) gnutls_x509_crt_set_serial(crt, "\1", 1);
    (void) gnutls_x509_crt_set_activation_time(crt, time(NULL) - 3600);
    (void) gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 86400);
    (void) gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "test-acs", 8);
    (void) gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address, 4, GNUTLS_FSAN_SET);
    (void) gnutls_x509_crt_set_key(crt, private);
    CU_ASSERT_EQUAL(gnutls_x509_crt_sign2(crt, crt, private, GNUTLS_DIG_SHA256, 0), 0);
    CU_ASSERT_EQUAL(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), 0);
    CU_ASSERT_TRUE(write_pem(certificate, &pem));
    gnutls_free(pem.data);
    CU_ASSERT_EQUAL(gnutls_x509_privkey_export2(private, GNUTLS_X509_FMT_PEM, &pem), 0);
    CU_ASSERT_TRUE(write_pem(key, &pem));
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(private);
}

static void tls(void) {
    const char *directory = fake_directory("test-acs-tls");
    char *certificate = must_format("%s/cert", directory);
    char *key = must_format("%s/key", directory);
    char *output = NULL;
    struct acs_run run;
    struct cpe cpe;
    make_certificate(certificate, key);
    CU_ASSERT_TRUE_FATAL(acs_begin(&run,
                                   "auth basic u p\nsession\n  http delay 0.1\n  answer\n"
                                   "  GetParameterValues Device.DeviceInfo.SoftwareVersion\n"
                                   "session\n  http cut-after\nsession\n",
                                   (const char *[]){"--tls", certificate, key, NULL}));
    CU_ASSERT_EQUAL(strncmp(run.url, "https://", 8), 0);
    for (unsigned i = 0; i < 3; i++) {
        cpe_open(&cpe, &run);
        cpe.user = "u:p";
        cpe.auth = CURLAUTH_ANY;
        (void) curl_easy_setopt(cpe.curl, CURLOPT_SSL_VERIFYPEER, 1L);
        (void) curl_easy_setopt(cpe.curl, CURLOPT_CAINFO, certificate);
        CU_ASSERT_EQUAL(cpe_session(&cpe, EVENT_BOOT, i == 2 ? 1 : 0), i != 1);
        cpe_close(&cpe);
    }
    int code = acs_end(&run, &output);
    CU_ASSERT_EQUAL(code, 0);
    if (code != 0) {
        (void) printf("%s\n", output);
    }
    free(output);
    CU_ASSERT_EQUAL(acs_just((const char *[]){"--tls", certificate, "/none", NULL}, &output), 2);
    free(output);
    CU_ASSERT_EQUAL(acs_just((const char *[]){"--tls", certificate, certificate, NULL}, &output), 2);
    free(output);
    fake_directory_remove(directory);
    free(certificate);
    free(key);
}

/* ---- what it sends -------------------------------------------------------------------------------- */

static struct validator *own_validator;
static struct report own_report;
static unsigned seen;

static void see(const char *body) {
    struct message message;
    message_parse(body, strlen(body), &message);
    if (message.kind != MESSAGE_EMPTY) {
        validator_check_schema(own_validator, &own_report, 0, &message);
        seen++;
    }
    message_free(&message);
}

static void what_it_sends_is_valid(void) {
    static const char *const versions[] = {"1.0", "1.1", "1.2", "1.4"};
    own_report = (struct report){.to_stdout = stdout};
    own_validator = validator_new(true, &own_report);
    if (!validator_works(own_validator)) {
        (void) printf("SKIPPED: no schemas\n");
        validator_free(own_validator);
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        struct acs_run run;
        struct cpe cpe;
        char *scenario = must_format(
            "tolerate all\nversion %s\n%s%s\nsession\n  fault 8005\n  hold on\n  answer\n  hold off\n"
            "  GetRPCMethods\n  GetParameterValues Device. Device.A\n  GetParameterNames \"\" 1\n"
            "  SetParameterValues key=k Device.A=xsd:int:5 \"Device.B=a <b> & \\\"c\\\"\"\n"
            "  GetParameterAttributes Device.\n"
            "  SetParameterAttributes Device.A notification=1 Device.B access= Device.C access=Subscriber\n"
            "  AddObject Device.T. key=k\n  DeleteObject Device.T.1.\n"
            "  Download key=k type=\"1 Firmware Upgrade Image\" url=http://x/y user=u password=p size=1 "
            "target=t "
            "delay=2\n"
            "  ScheduleInform delay=5 key=k\n  Reboot key=k\n  FactoryReset\n%s",
            versions[i], i == 3 ? "use-version 1.4" : "", "",
            i < 2 ? ""
                  : "  Upload key=k type=\"1 Vendor Configuration File\" url=http://x/y delay=1\n  expect "
                    "fault\n"
                    "  ScheduleDownload key=k type=\"1 Firmware Upgrade Image\" url=http://x/y "
                    "window=10,20 window=30,40,\"2 Immediately\",3\n  expect fault\n"
                    "  CancelTransfer key=k\n  expect fault\n  GetAllQueuedTransfers\n  expect fault\n"
                    "  GetQueuedTransfers\n  expect fault\n");
        CU_ASSERT_TRUE_FATAL(acs_begin(&run, scenario, NULL));
        cpe_open(&cpe, &run);
        cpe.see = see;
        CU_ASSERT_TRUE(cpe_session(&cpe, EVENT_BOOT, 0));
        cpe_close(&cpe);
        char *transcript = NULL;
        int code = acs_end(&run, &transcript);
        CU_ASSERT_EQUAL(code, 0);
        if (code != 0) {
            (void) printf("%s\n", transcript);
        }
        free(transcript);
        free(scenario);
    }
    CU_ASSERT_EQUAL(own_report.violations, 0);
    CU_ASSERT(seen > 50);
    validator_free(own_validator);
}

/* 100,000 parameters in an answer: found wrong in reasonable time, and right too. */
static void large_messages(void) {
    enum { COUNT = 100000 };
    struct acs_run run;
    struct cpe cpe;
    char *list = must_alloc((size_t) COUNT * 130);
    size_t length = 0;
    for (int i = 0; i < COUNT; i++) {
        length += (size_t) snprintf(list + length, 130,
                                    "<ParameterValueStruct><Name>Device.Big.%d.Value</Name>"
                                    "<Value xsi:type=\"xsd:string\">%d</Value></ParameterValueStruct>",
                                    i, i);
    }
    char *answer = must_format("<cwmp:GetParameterValuesResponse><ParameterList "
                               "soapenc:arrayType=\"cwmp:ParameterValueStruct[%d]\">%s</ParameterList>"
                               "</cwmp:GetParameterValuesResponse>",
                               COUNT, list);
    free(list);
    CU_ASSERT_TRUE_FATAL(acs_begin(&run,
                                   "session\n  GetParameterValues Device.Big.\n  expect count = 100000\n"
                                   "  expect value Device.Big.99999.Value = 99999\n",
                                   NULL));
    double start = now();
    cpe_open(&cpe, &run);
    cpe.answer = answer;
    CU_ASSERT_TRUE(cpe_session(&cpe, EVENT_BOOT, 0));
    cpe_close(&cpe);
    (void) printf("\n    %.2f s for 100,000 parameters\n    ", now() - start);
    CU_ASSERT(now() - start < 15);
    char *transcript = NULL;
    CU_ASSERT_EQUAL(acs_end(&run, &transcript), 0);
    free(transcript);
    free(answer);
}

int main(void) {
    static CU_TestInfo live[] = {{"the control socket", control_socket},
                                 {"a session lingers", a_session_lingers_for_commands},
                                 {"messages are recorded", messages_are_recorded},
                                 {"TLS", tls},
                                 {"what it sends is valid", what_it_sends_is_valid},
                                 CU_TEST_INFO_NULL};
    static CU_TestInfo many[] = {{"chaos by seed", chaos_is_the_same_for_a_seed},
                                 {"large messages", large_messages},
                                 {"it keeps up", it_keeps_up},
                                 CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {CUNIT_SUITE("live", live), CUNIT_SUITE("many", many), CU_SUITE_INFO_NULL};
    (void) signal(SIGPIPE, SIG_IGN);
    (void) curl_global_init(CURL_GLOBAL_ALL);
    int code = cunit_run(suites);
    curl_global_cleanup();
    return code;
}
