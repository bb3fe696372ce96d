/* The test ACS is tested: HTTP behaviours, authentication, the scenario's failures, connection requests,
 * files. */
#include <config.h>

#include "fake_cpe.h"
#include "util.h"

#include "../unit/cunit.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void nap(long ms) {
    (void) nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Sessions of a good CPE, each ending as `ended` says (y, n); the ACS must end with `code`. */
static void sessions(const char *scenario, const char *ended, int code, const char *said) {
    struct acs_run run;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, scenario, NULL));
    unsigned retry = 0;
    for (const char *c = ended; *c != '\0'; c++) {
        struct cpe cpe;
        cpe_open(&cpe, &run);
        bool well = cpe_session(&cpe, EVENT_BOOT, retry);
        CU_ASSERT_EQUAL(well, *c == 'y');
        retry = well ? 0 : retry + 1;
        cpe_close(&cpe);
    }
    int got = acs_end(&run, &transcript);
    bool there = said == NULL || strstr(transcript, said) != NULL;
    CU_ASSERT_EQUAL(got, code);
    CU_ASSERT_TRUE(there);
    if (got != code || !there) {
        (void) printf("exit code %d, \"%s\" %s:\n%s\nin\n%s\n", got, said != NULL ? said : "",
                      there ? "found" : "not found", transcript, scenario);
    }
    free(transcript);
}

static void http_behaviours(void) {
    sessions("session\n  http delay 0.1\n  answer\n  http drip 100 1\n  Reboot\n", "y", 0, NULL);
    sessions("session\n  http chunked\n  answer\n  http until-close\n  Reboot\n", "y", 0, NULL);
    sessions("encoding chunked\nsession\n  Reboot\nencoding until-close\nsession\n  Reboot\n", "yy", 0, NULL);
    sessions("keep-alive off\nsession\n  Reboot\n", "y", 0, NULL);
    sessions("session\n  http close\n  answer\n  Reboot\n", "y", 0, NULL);
    sessions("session\n  http pad 3000000\n  answer\n  http header \"X-Y: z\"\n  Reboot\n", "y", 0, NULL);
    sessions("session\n  http status 500 sorry\nsession\n  expect retry-count = 1\n", "ny", 0, "-> 500");
    sessions("session\n  http cut\nsession\n", "ny", 0, "(connection cut)");
    sessions("session\n  http cut-after\nsession\n", "ny", 0, "cut in the middle");
    sessions("session\n  Reboot\n  http cut-after 5\nsession\n", "ny", 0, NULL);
    sessions("session\n  http garbage\nsession\n", "ny", 0, NULL);
    sessions("session\n  http raw \"SSH-2.0 \\n\\n\"\nsession\n", "ny", 0, NULL);
    sessions("session\n  http dtd\nsession\n", "yy", 0, NULL); /* a CPE that does not mind */
    sessions("session\n  fault 8005\n  fault 8005\n  Reboot\n", "y", 0, NULL);
    sessions("session\n  fault 8003\nsession\n", "ny", 0, "Fault 8003");
    sessions("behaviour status 503 times=2\nsession\nsession\nsession\n", "nny", 0, NULL);
}

static void redirects(void) {
    static const int codes[] = {301, 302, 303, 307, 308};
    for (size_t i = 0; i < 5; i++) {
        char *scenario = must_format("session\n  http redirect %d /other\n  answer\n  Reboot\n"
                                     "  http redirect %d {alt}/third\n  FactoryReset\n",
                                     codes[i], codes[i]);
        sessions(scenario, "y", 0, "<- RebootResponse");
        free(scenario);
    }
    sessions("session\n  http redirect 302 /a times=5\n", "y", 0, NULL);
    sessions("cookie on early path=/acs\nsession\n  http redirect 302 /acs/a\n  Reboot\n", "y", 0, NULL);
    sessions("cookie on count=3 refresh\nsession\n  Reboot\n  FactoryReset\n", "y", 0, NULL);
    sessions("cookie off\nsession\n  Reboot\n", "y", 0, NULL);
    sessions("cookie off\nkeep-alive off\nsession\n  Reboot\n", "y", 0, NULL);
}

static void expectations_fail(void) {
    sessions("session\n  expect event \"0 BOOTSTRAP\"\n", "y", 1,
             "FAIL line 2: expected the event \"0 BOOTSTRAP\", got \"1 BOOT\"");
    sessions("session\n  expect events \"1 BOOT\" \"2 PERIODIC\"\n", "y", 1, "expected exactly 2 events");
    sessions("session\n  expect not event \"1 BOOT\"\n", "y", 1, "expected it not to be so");
    sessions("session\n  expect parameter Device.RootDataModelVersion = 2\n", "y", 1,
             "expected the value of Device.RootDataModelVersion = 2, got \"1.0\"");
    sessions("session\n  GetRPCMethods\n  expect fault 9001\n", "y", 1, "expected a fault 9001, got GetRPC");
    sessions("session\n  X_Unknown\n", "y", 1, "expected X_UnknownResponse, got a fault 9000");
    sessions("session\n  X_Unknown\n  expect fault 9001\n", "y", 1, "expected a fault 9001, got Fault 9000");
    sessions("session\n  request TransferComplete\n", "y", 1, "expected the CPE to call TransferComplete");
    sessions("session\n  GetRPCMethods\n  expect count = 3\n", "y", 1, "got \"2\"");
    sessions("session\n  expect xpath \"count(//EventStruct) = 9\"\n", "y", 1, "to be true");
    sessions("session\n  expect header X-None\n", "y", 1, "got nothing");
    sessions("session\n  expect namespace 0\n", "y", 1, "the namespace");
    sessions("session\n  GetParameterNames Device. 1\n  expect name Device.B read-only\n", "y", 1,
             "and it is not");
    sessions("session\n  GetParameterAttributes Device.B\n  expect attribute Device.B notification=0\n", "y",
             1, "got 2");
    sessions("session within 0.2\n", "", 1, "expected a session within 0.200 s, none came");
    sessions("session\nquiet 1\n", "yy", 1, "expected no session, one began");
    sessions("session\n  Reboot\n  http status 500\nsession\n  http cut\n", "nn", 0, NULL);
}

static void steps_that_never_ran(void) {
    struct acs_run run;
    struct cpe cpe;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(
        acs_begin(&run, "patience reconnect=0.1\nsession\n  Reboot\n  expect response\n", NULL));
    cpe_open(&cpe, &run);
    char *inform = cpe_inform(&cpe, EVENT_BOOT, 0);
    cpe_post(&cpe, inform);
    free(inform);
    cpe_close(&cpe);
    CU_ASSERT_EQUAL(acs_end(&run, &transcript), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(transcript, "FAIL line 3: the session was over before \"Reboot \""));
    free(transcript);
    /* a CPE that minds a DTD breaks off: that is no violation, and the scenario goes on */
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, "session\n  http dtd\nsession\n", NULL));
    for (unsigned i = 0; i < 2; i++) {
        cpe_open(&cpe, &run);
        inform = cpe_inform(&cpe, EVENT_BOOT, i);
        cpe_post(&cpe, inform);
        CU_ASSERT_EQUAL(strstr(cpe.body, "<!DOCTYPE") != NULL, i == 0);
        if (i == 1) {
            CU_ASSERT_TRUE(cpe_go_on(&cpe));
        }
        free(inform);
        cpe_close(&cpe);
    }
    CU_ASSERT_EQUAL(acs_end(&run, &transcript), 0);
    free(transcript);
    /* ended from outside before the scenario was over */
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, "session\n", NULL));
    acs_kill(&run, SIGTERM);
    CU_ASSERT_EQUAL(acs_end(&run, &transcript), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(transcript, "ended before it was over"));
    free(transcript);
}

static void bad_scenarios(void) {
    static const struct {
        const char *text;
        const char *said;
    } rows[] = {
        {"sesion\n", "1: \"sesion\" is not known here"},
        {"session\n\n  # fine\n  expect evnt \"1 BOOT\"\n", "4: expect evnt: there is no such expectation"},
        {"session\n  http explode\n", "2: http explode: no such behaviour"},
        {"session\n  http status 999\n", "2: http status: wrong or missing argument"},
        {"session\n  http status 500\n  Reboot\n", "3: the line before ended the session"},
        {"session\n  SetParameterValues Device.A\n", "2: \"Device.A\" is not Name=type:value"},
        {"session\n  Reboot kee=k\n", "2: Reboot: unknown or superfluous argument"},
        {"session\n  expect parameter \"X\n", "2: a quote is not closed"},
        {"  Reboot\n", "1: an indented line belongs to a session"},
        {"session repeat x\n", "1: session [within"},
        {"session\n  raw /nowhere/at/all\n", "2: /nowhere/at/all cannot be read"},
        {"session\n  raw <<END\n<a/>\n", "<<END is not ended"},
        {"auth digest\n", "1: none, basic"},
        {"tolerate nonsense\n", "there is no violation \"nonsense\""},
        {"chaos cut=60 status=60\n", "the shares are 120 percent"},
        {"session\n  expect parameter A =~ \"(\"\n", "2: expect parameter: wrong"},
        {"session\n  hold perhaps\n", "2: hold: wrong argument"},
        {"session\n  fault 9000\n", "2: fault: wrong argument"},
        {"default\ndefault\n", "2: "},
    };
    char *path = must_format("%s/scenario", fake_directory("test-acs-scenario"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *output = NULL;
        FILE *file = fopen(path, "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        CU_ASSERT_TRUE(fputs(rows[i].text, file) >= 0);
        CU_ASSERT_EQUAL(fclose(file), 0);
        int code = acs_just((const char *[]){"--scenario", path, "--timeout", "2", NULL}, &output);
        CU_ASSERT_EQUAL(code, 2);
        CU_ASSERT_PTR_NOT_NULL(strstr(output, rows[i].said));
        if (code != 2 || strstr(output, rows[i].said) == NULL) {
            (void) printf("exit code %d, expected \"%s\":\n%s\n", code, rows[i].said, output);
        }
        free(output);
    }
    free(path);
}

static void command_line(void) {
    static const char *const topics[] = {"--help", "--help=scenario", "--help=control", "--help=http",
                                         "--help=violations"};
    static const char *const said[] = {"--listen", "expect", "wait-session", "redirect", "V01 inform-first"};
    char *output = NULL;
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(acs_just((const char *[]){topics[i], NULL}, &output), 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(output, said[i]));
        free(output);
    }
    static const char *const wrong[][4] = {{"--listen", "nonsense"}, {"--bogus"},         {"stray"},
                                           {"--tolerate", "x"},      {"--tls", "only"},   {"--help=x"},
                                           {"--scenario", "/none"},  {"--set", "no such"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int code = acs_just(wrong[i], &output);
        CU_ASSERT_EQUAL(code, 2);
        if (code != 2) {
            (void) printf("%s: %d\n%s\n", wrong[i][0], code, output);
        }
        free(output);
    }
    CU_ASSERT_EQUAL(acs_just((const char *[]){"--talk", "/nowhere", "stats", NULL}, &output), 1);
    free(output);
}

/* ---- authentication ------------------------------------------------------------------------------- */

static void authenticated(const char *settings, const char *user, long kind, int code, bool ended) {
    struct acs_run run;
    struct cpe cpe;
    char *transcript = NULL;
    char *scenario = must_format("%s\nsession\n  Reboot\n  FactoryReset\n", settings);
    char *alone = must_format("%s\nsession\n", settings);
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, ended ? scenario : alone, NULL));
    cpe_open(&cpe, &run);
    cpe.user = user;
    cpe.auth = kind;
    bool well = cpe_session(&cpe, EVENT_BOOT, 0);
    cpe_close(&cpe);
    int got = acs_end(&run, &transcript);
    free(alone);
    CU_ASSERT_EQUAL(well, ended);
    CU_ASSERT_EQUAL(got, code);
    if (well != ended || got != code) {
        (void) printf("%s: %d\n%s\n", settings, got, transcript);
    }
    free(transcript);
    free(scenario);
}

static void authentication(void) {
    authenticated("auth basic u p", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p nonce=connection opaque=abc", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p qop=auth,auth-int", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p algorithm=MD5-sess", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p algorithm=SHA-256", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p qop=", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p stale=1", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p nonce=once", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p next", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("auth digest u p form=unquoted", "u:p", CURLAUTH_ANY, 0, true);
    authenticated("tolerate all\nauth strange", "u:p", CURLAUTH_ANY, 0, false);
    authenticated("tolerate all\nauth basic u p", "u:wrong", CURLAUTH_BASIC, 0, false);
    authenticated("tolerate all\nauth digest u p", "u:wrong", CURLAUTH_ANY, 0, false);
    authenticated("tolerate all\nauth digest u p", NULL, CURLAUTH_ANY, 0, false);
}

/* ---- requests of the CPE -------------------------------------------------------------------------- */

#define TRANSFER_COMPLETE                                                                                    \
    "<cwmp:TransferComplete><CommandKey>k</CommandKey><FaultStruct><FaultCode>9016</FaultCode>"              \
    "<FaultString>no</FaultString></FaultStruct><StartTime>0001-01-01T00:00:00Z</StartTime>"                 \
    "<CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:TransferComplete>"

static void post(struct cpe *cpe, const char *id, const char *body) {
    char *message = cpe_envelope(id, body);
    cpe_post(cpe, message);
    free(message);
}

static void requests_of_the_cpe(void) {
    struct acs_run run;
    struct cpe cpe;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run,
                                   "session\n  request TransferComplete\n  expect argument CommandKey = k\n"
                                   "  expect argument FaultStruct/FaultCode = 9016\n  fault 8005\n"
                                   "  request TransferComplete\n  request GetRPCMethods\n  request X_Odd\n"
                                   "  Reboot\n",
                                   NULL));
    cpe_open(&cpe, &run);
    char *inform = cpe_inform(&cpe, EVENT_BOOT, 0);
    cpe_post(&cpe, inform);
    free(inform);
    post(&cpe, "a", TRANSFER_COMPLETE);
    CU_ASSERT_PTR_NOT_NULL(strstr(cpe.body, "<FaultCode>8005<"));
    post(&cpe, "a", TRANSFER_COMPLETE);
    CU_ASSERT_STRING_EQUAL(cpe.method, "TransferCompleteResponse");
    CU_ASSERT_STRING_EQUAL(cpe.id, "a");
    post(&cpe, "b", "<cwmp:GetRPCMethods/>");
    CU_ASSERT_STRING_EQUAL(cpe.method, "GetRPCMethodsResponse");
    post(&cpe, "c", "<cwmp:X_Odd/>");
    CU_ASSERT_PTR_NOT_NULL(strstr(cpe.body, "<FaultCode>8000<"));
    cpe_post(&cpe, "");
    CU_ASSERT_TRUE(cpe_go_on(&cpe));
    cpe_close(&cpe);
    int code = acs_end(&run, &transcript);
    /* X_Odd is in no schema: with the schemas there, that is a violation */
    CU_ASSERT_TRUE(code == 0 || strstr(transcript, "V32 schema: X_Odd") != NULL);
    CU_ASSERT_PTR_NULL(strstr(transcript, "FAIL line"));
    free(transcript);
}

/* Sequence E of the digest. */
static void hold_requests(void) {
    struct acs_run run;
    struct cpe cpe;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(
        acs_begin(&run,
                  "session\n  hold on\n  answer\n  GetParameterValues "
                  "Device.DeviceInfo.SoftwareVersion\n  hold off\n  request TransferComplete\n",
                  NULL));
    cpe_open(&cpe, &run);
    char *inform = cpe_inform(&cpe, EVENT_BOOT, 0);
    cpe_post(&cpe, inform);
    free(inform);
    CU_ASSERT_PTR_NOT_NULL(strstr(cpe.body, "HoldRequests soap-env:mustUnderstand=\"1\">1<"));
    cpe_post(&cpe, "");
    CU_ASSERT_STRING_EQUAL(cpe.method, "GetParameterValues");
    post(
        &cpe, cpe.id,
        "<cwmp:GetParameterValuesResponse><ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[1]\">"
        "<ParameterValueStruct><Name>Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1"
        "</Value></ParameterValueStruct></ParameterList></cwmp:GetParameterValuesResponse>");
    CU_ASSERT_EQUAL(cpe.status, 204);
    post(&cpe, "t", TRANSFER_COMPLETE);
    CU_ASSERT_STRING_EQUAL(cpe.method, "TransferCompleteResponse");
    cpe_post(&cpe, "");
    CU_ASSERT_EQUAL(cpe.status, 204);
    cpe_close(&cpe);
    CU_ASSERT_EQUAL(acs_end(&run, &transcript), 0);
    if (strstr(transcript, "passed") == NULL) {
        (void) printf("%s\n", transcript);
    }
    free(transcript);
}

/* ---- connection requests -------------------------------------------------------------------------- */

/* The CPE's listener, by libmicrohttpd's own Digest: a second opinion on ours. */
struct listener {
    struct MHD_Daemon *daemon;
    unsigned port;
    bool basic;    /* offers Basic too */
    bool talks;    /* a body in the answer */
    bool busy;     /* 503 */
    unsigned good; /* how many were accepted */
};

static enum MHD_Result on_connreq(void *user, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **context) {
    struct listener *listener = user;
    (void) url, (void) method, (void) version, (void) data, (void) size, (void) context;
    const char *text = listener->talks ? "hello" : "";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), must_dup(text), MHD_RESPMEM_MUST_FREE);
    char *name = MHD_digest_auth_get_username(mhd);
    enum MHD_Result result = MHD_NO;
    if (listener->busy) {
        result = MHD_queue_response(mhd, 503, response);
    } else if (name == NULL ||
               MHD_digest_auth_check2(mhd, "cpe", "cruser", "crpass", 300, MHD_DIGEST_ALG_MD5) != MHD_YES) {
        if (listener->basic) {
            (void) MHD_add_response_header(response, "WWW-Authenticate", "Basic realm=\"cpe\"");
        }
        result = MHD_queue_auth_fail_response2(mhd, "cpe", "opaque", response, MHD_NO, MHD_DIGEST_ALG_MD5);
    } else {
        listener->good++;
        result = MHD_queue_response(mhd, 200, response);
    }
    MHD_free(name);
    MHD_destroy_response(response);
    return result;
}

static void listener_start(struct listener *listener) {
    *listener = (struct listener){0};
    listener->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL,
                                        on_connreq, listener, MHD_OPTION_DIGEST_AUTH_RANDOM, (size_t) 8,
                                        "12345678", MHD_OPTION_NONCE_NC_SIZE, 100u, MHD_OPTION_END);
    CU_ASSERT_PTR_NOT_NULL_FATAL(listener->daemon);
    listener->port = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* One session that says where the listener is, then a connection request, then `more` sessions. */
static void connection_request(struct listener *listener, const char *scenario, unsigned more, int code,
                               const char *said) {
    struct acs_run run;
    char *transcript = NULL;
    char *to = must_format("http://127.0.0.1:%u/cr", listener->port);
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, scenario, NULL));
    unsigned before = listener->good;
    for (unsigned i = 0; i <= more; i++) {
        struct cpe cpe;
        for (int wait = 0; i > 0 && listener->good == before && wait < 300; wait++) {
            nap(10);
        }
        cpe_open(&cpe, &run);
        cpe.inform_from = "http://127.0.0.1:1/cr";
        cpe.inform_to = to;
        CU_ASSERT_TRUE(cpe_session(&cpe, i == 0 ? EVENT_BOOT : EVENT_CONNREQ, 0));
        cpe_close(&cpe);
    }
    int got = acs_end(&run, &transcript);
    CU_ASSERT_EQUAL(got, code);
    CU_ASSERT_PTR_NOT_NULL(strstr(transcript, said));
    if (got != code || strstr(transcript, said) == NULL) {
        (void) printf("%d, expected \"%s\":\n%s\n", got, said, transcript);
    }
    free(transcript);
    free(to);
}

static void connection_requests(void) {
    struct listener listener;
    listener_start(&listener);
    /* credentials as the scenario gives them, and as the ACS itself has set them */
    connection_request(&listener,
                       "session\nconnection-request user=cruser password=crpass\nsession within 5\n"
                       "  expect events \"6 CONNECTION REQUEST\"\n",
                       1, 0, "connection request: 200");
    connection_request(&listener,
                       "session\n"
                       "  SetParameterValues Device.ManagementServer.ConnectionRequestUsername=cruser "
                       "Device.ManagementServer.ConnectionRequestPassword=crpass\n"
                       "connection-request\nsession within 5\n",
                       1, 0, "connection request: 200");
    connection_request(&listener, "session\nconnection-request user=cruser password=wrong\n", 0, 1,
                       "expected 200 to the connection request, got 401");
    connection_request(&listener, "session\nconnection-request user=cruser password=wrong expect 401\n", 0, 0,
                       "passed");
    connection_request(&listener, "session\nconnection-request no-auth expect 401\n", 0, 0, "passed");
    connection_request(&listener, "session\nconnection-request url=http://127.0.0.1:1/x\n", 0, 1, "got 0");
    connection_request(&listener,
                       "session\nconnection-request user=cruser password=crpass\nsession within 0.3\n", 0, 1,
                       "none came");
    listener.talks = true;
    connection_request(&listener, "session\nconnection-request user=cruser password=crpass\n", 0, 1,
                       "connection-request-body");
    listener.talks = false;
    listener.basic = true;
    connection_request(&listener, "session\nconnection-request user=cruser password=crpass\n", 0, 1,
                       "connection-request-basic");
    listener.busy = true;
    connection_request(&listener, "session\nconnection-request expect 503\n", 0, 0, "passed");
    MHD_stop_daemon(listener.daemon);
}

/* ---- files ---------------------------------------------------------------------------------------- */

struct got {
    char *data;
    size_t length;
};

static size_t take(char *data, size_t size, size_t count, void *user) {
    struct got *got = user;
    got->data = must_grow(got->data, got->length + size * count + 1);
    memcpy(got->data + got->length, data, size * count);
    got->length += size * count;
    return size * count;
}

static long fetch(const struct acs_run *run, const char *name, const char *range, const char *user,
                  const char *put, struct got *got) {
    CURL *curl = curl_easy_init();
    char *url = must_format("%s/files/%s", run->base, name);
    long status = 0;
    *got = (struct got){0};
    (void) curl_easy_setopt(curl, CURLOPT_URL, url);
    (void) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void) curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    (void) curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    (void) curl_easy_setopt(curl, CURLOPT_RANGE, range);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEDATA, got);
    (void) curl_easy_setopt(curl, CURLOPT_USERPWD, user);
    (void) curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long) CURLAUTH_ANY);
    if (put != NULL) {
        (void) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
        (void) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, put);
    }
    if (curl_easy_perform(curl) == CURLE_OK) {
        (void) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_easy_cleanup(curl);
    free(url);
    return status;
}

static void files(void) {
    struct acs_run run;
    struct got got;
    enum { SIZE = 300000 };
    char *data = must_alloc(SIZE);
    int code = 0;
    for (size_t i = 0; i < SIZE; i++) {
        data[i] = (char) (i * 7 + i / 251);
    }
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, NULL, NULL));
    CU_ASSERT_TRUE(acs_write(&run, "image", data, SIZE));
    char *command = must_format("files %s", run.directory);
    free(acs_talk(&run, command, &code));
    CU_ASSERT_EQUAL(code, 0);
    free(command);
    CU_ASSERT_EQUAL(fetch(&run, "image", NULL, NULL, NULL, &got), 200);
    CU_ASSERT_TRUE(got.length == SIZE && memcmp(got.data, data, SIZE) == 0);
    free(got.data);
    CU_ASSERT_EQUAL(fetch(&run, "image", "100000-", NULL, NULL, &got), 206);
    CU_ASSERT_TRUE(got.length == SIZE - 100000 && memcmp(got.data, data + 100000, got.length) == 0);
    free(got.data);
    CU_ASSERT_EQUAL(fetch(&run, "image", "10-19", NULL, NULL, &got), 206);
    CU_ASSERT_TRUE(got.length == 10 && memcmp(got.data, data + 10, 10) == 0);
    free(got.data);
    CU_ASSERT_EQUAL(fetch(&run, "image", "900000-", NULL, NULL, &got), 416);
    free(got.data);
    CU_ASSERT_EQUAL(fetch(&run, "nothing", NULL, NULL, NULL, &got), 404);
    free(got.data);
    CU_ASSERT_EQUAL(fetch(&run, "..", NULL, NULL, NULL, &got), 404);
    free(got.data);
    free(acs_talk(&run, "files http cut-after 1000 times=1", &code));
    CU_ASSERT_EQUAL(fetch(&run, "image", NULL, NULL, NULL, &got), 0);
    CU_ASSERT_EQUAL(got.length, 1000);
    free(got.data);
    free(acs_talk(&run, "files-auth digest fu fp", &code));
    CU_ASSERT_EQUAL(fetch(&run, "image", NULL, NULL, NULL, &got), 401);
    free(got.data);
    CU_ASSERT_EQUAL(fetch(&run, "image", NULL, "fu:fp", NULL, &got), 200);
    CU_ASSERT_EQUAL(got.length, SIZE);
    free(got.data);
    free(acs_talk(&run, "files-auth none", &code));
    CU_ASSERT_EQUAL(fetch(&run, "log", NULL, NULL, "lines\n", &got), 403);
    free(got.data);
    command = must_format("uploads %s", run.directory);
    free(acs_talk(&run, command, &code));
    free(command);
    CU_ASSERT_EQUAL(fetch(&run, "log", NULL, NULL, "lines\n", &got), 201);
    free(got.data);
    char *log = acs_read(&run, "log");
    CU_ASSERT_TRUE(log != NULL && strcmp(log, "lines\n") == 0);
    free(log);
    free(data);
    free(acs_talk(&run, "quit", &code));
    CU_ASSERT_EQUAL(acs_end(&run, NULL), 0);
}

int main(void) {
    static CU_TestInfo behaviours[] = {{"HTTP behaviours", http_behaviours},
                                       {"redirects and cookies", redirects},
                                       {"authentication", authentication},
                                       {"requests of the CPE", requests_of_the_cpe},
                                       {"HoldRequests", hold_requests},
                                       {"files", files},
                                       CU_TEST_INFO_NULL};
    static CU_TestInfo scenarios[] = {{"expectations fail", expectations_fail},
                                      {"steps that never ran", steps_that_never_ran},
                                      {"bad scenarios", bad_scenarios},
                                      {"the command line", command_line},
                                      {"connection requests", connection_requests},
                                      CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {CUNIT_SUITE("behaviours", behaviours), CUNIT_SUITE("scenarios", scenarios),
                             CU_SUITE_INFO_NULL};
    (void) signal(SIGPIPE, SIG_IGN);
    (void) curl_global_init(CURL_GLOBAL_ALL);
    int code = cunit_run(suites);
    curl_global_cleanup();
    return code;
}
