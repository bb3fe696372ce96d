/* The test ACS is tested: a good CPE passes, and each way of being a bad one is caught by its name. */
#include <config.h>

#include "fake_cpe.h"
#include "report.h"
#include "util.h"

#include "../unit/cunit.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The names of the violations in a transcript, each once, separated by blanks; free(). */
static char *violations_in(const char *transcript) {
    char *found = must_dup("");
    for (const char *at = transcript; (at = strstr(at, " V")) != NULL; at++) {
        char name[60];
        if (at[2] < '0' || at[2] > '9' || at[4] != ' ') {
            continue;
        }
        (void) snprintf(name, sizeof name, "%.*s", (int) strcspn(at + 5, ":"), at + 5);
        char *padded = must_format(" %s ", found);
        char *wanted = must_format(" %s ", name);
        if (strstr(padded, wanted) == NULL) {
            char *longer = must_format("%s%s%s", found, *found != '\0' ? " " : "", name);
            free(found);
            found = longer;
        }
        free(padded);
        free(wanted);
    }
    return found;
}

static bool has_standards(void) {
    const char *directory = getenv("TR069_STANDARDS");
    char *path = must_format("%s/xsd/cwmp-1-4.xsd", directory != NULL ? directory : "");
    bool there = access(path, R_OK) == 0;
    free(path);
    return there;
}

static const char get_version[] = "session\n"
                                  "  GetParameterValues Device.DeviceInfo.SoftwareVersion\n"
                                  "  expect value Device.DeviceInfo.SoftwareVersion = 1.2\n";

/* ---- good ----------------------------------------------------------------------------------------- */

/* Plays one ordinary session against a scenario that must pass without any violation. */
static void passes(const char *scenario, unsigned sessions) {
    struct acs_run run;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, scenario, NULL));
    for (unsigned i = 0; i < sessions; i++) {
        struct cpe cpe;
        cpe_open(&cpe, &run);
        CU_ASSERT_TRUE(cpe_session(&cpe, EVENT_BOOT, 0));
        cpe_close(&cpe);
    }
    int code = acs_end(&run, &transcript);
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(transcript, "== passed"));
    char *violations = violations_in(transcript);
    CU_ASSERT_STRING_EQUAL(violations, "");
    if (code != 0) {
        (void) printf("%s\n", transcript);
    }
    free(violations);
    free(transcript);
}

static void a_good_cpe_passes(void) {
    passes(get_version, 1);
    passes("session repeat 3\n  expect events \"1 BOOT\"\n  expect retry-count = 0\n", 3);
}

static void every_rpc_and_expectation(void) {
    passes("session\n"
           "  expect not event \"0 BOOTSTRAP\"\n"
           "  expect event \"1*\"\n"
           "  expect parameter Device.RootDataModelVersion\n"
           "  expect not parameter Device.Nothing\n"
           "  expect type Device.RootDataModelVersion = xsd:string\n"
           "  expect argument DeviceId/OUI = 0A1B2C\n"
           "  expect argument CurrentTime =~ ^2026-\n"
           "  expect xpath \"count(//EventStruct) = 1\"\n"
           "  expect header Content-Type ~ text/xml*\n"
           "  expect namespace 2\n"
           "  expect method Inform\n"
           "  GetRPCMethods\n"
           "  expect name Reboot\n"
           "  expect not name Upload\n"
           "  expect count = 2\n"
           "  GetParameterNames Device. 1\n"
           "  expect name Device.A. read-only\n"
           "  expect name Device.B writable\n"
           "  GetParameterAttributes Device.B\n"
           "  expect attribute Device.B notification=2 access=Subscriber\n"
           "  SetParameterAttributes Device.B notification=2 access=\n"
           "  SetParameterValues key=k Device.B=xsd:int:5 \"Device.C=a <b> & c\"\n"
           "  expect response\n"
           "  expect argument Status = 0\n"
           "  AddObject Device.T. key=k\n"
           "  expect argument InstanceNumber > 6\n"
           "  save argument InstanceNumber as i\n"
           "  DeleteObject Device.T.{i}.\n"
           "  Download key=d type=\"1 Firmware Upgrade Image\" url={base}/files/x size=10 delay=3\n"
           "  ScheduleInform delay=5 key=s\n"
           "  X_VENDOR_Other Argument=1\n"
           "  expect fault 9000\n"
           "  Reboot key=r\n"
           "  FactoryReset\n",
           1);
}

static void versions_and_raw(void) {
    struct acs_run run;
    struct cpe cpe;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(
        acs_begin(&run,
                  "session\n"
                  "  use-version 1.0\n"
                  "  raw <<END\n"
                  "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" "
                  "xmlns:c=\"urn:dslforum-org:cwmp-1-2\"><e:Header><c:ID>{id}</c:ID></e:Header>"
                  "<e:Body><c:GetRPCMethods/></e:Body></e:Envelope>\n"
                  "END\n"
                  "  expect fault 9000\n",
                  NULL));
    cpe_open(&cpe, &run);
    char *inform = cpe_inform(&cpe, EVENT_BOOT, 0);
    cpe_post(&cpe, inform);
    CU_ASSERT_PTR_NOT_NULL(strstr(cpe.body, "UseCWMPVersion soap-env:mustUnderstand=\"1\">1.0<"));
    CU_ASSERT_PTR_NOT_NULL(strstr(cpe.body, "cwmp-1-0"));
    cpe_post(&cpe, "");
    CU_ASSERT_PTR_NOT_NULL(strstr(cpe.body, "<c:ID>acs-1-1</c:ID>"));
    char *fault = cpe_envelope("acs-1-1", "<soap:Fault><faultcode>Server</faultcode><faultstring>CWMP fault"
                                          "</faultstring><detail><cwmp:Fault><FaultCode>9000</FaultCode>"
                                          "<FaultString>x</FaultString></cwmp:Fault></detail></soap:Fault>");
    cpe_post(&cpe, fault);
    CU_ASSERT_EQUAL(cpe.status, 204);
    cpe_close(&cpe);
    CU_ASSERT_EQUAL(acs_end(&run, &transcript), 0);
    free(transcript);
    free(inform);
    free(fault);
}

/* ---- bad: one row a way --------------------------------------------------------------------------- */

struct bad {
    const char *violation;
    unsigned wrong;
    const char *from; /* in the Inform */
    const char *to;
    const char *answer; /* to the RPC */
    const char *tail;   /* a request of its own */
    const char *scenario;
    const char *also; /* another violation that comes along */
};

#define TRANSFER_COMPLETE                                                                                    \
    "<cwmp:TransferComplete><CommandKey>k</CommandKey><FaultStruct><FaultCode>0</FaultCode><FaultString/>"   \
    "</FaultStruct><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z"            \
    "</CompleteTime></cwmp:TransferComplete>"
#define VALUES(list, count)                                                                                  \
    "<cwmp:GetParameterValuesResponse><ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[" count   \
    "]\">" list "</ParameterList></cwmp:GetParameterValuesResponse>"
#define VALUE(name)                                                                                          \
    "<ParameterValueStruct><Name>" name "</Name><Value xsi:type=\"xsd:string\">1.2</Value>"                  \
    "</ParameterValueStruct>"

static const struct bad bads[] = {
    {"id-echo", .wrong = WRONG_ID},
    {"id-echo", .wrong = NO_ID},
    {"wrong-response", .answer = "<cwmp:RebootResponse/>"},
    {"request-for-response", .answer = TRANSFER_COMPLETE, .also = "request-after-empty"},
    {"request-while-held", .tail = TRANSFER_COMPLETE,
     .scenario = "session\n  hold on\n  answer\n  hold off\n"},
    {"cookie", .wrong = NO_COOKIE},
    {"keep-alive", .wrong = NEW_CONNECTION},
    {"keep-alive", .wrong = SAY_CLOSE},
    {"empty-soapaction", .wrong = EMPTY_ACTION},
    {"empty-content-type", .wrong = EMPTY_TYPE},
    {"soapaction", .wrong = NO_ACTION},
    {"soapaction", .wrong = VALUE_ACTION},
    {"content-type", .wrong = PLAIN_TYPE},
    {"expect", .wrong = EXPECT_100},
    {"method", .wrong = HTTP_1_0, .also = "keep-alive"},
    {"method", .wrong = USE_PUT},
    {"auth-unasked", .wrong = EAGER_AUTH, .scenario = "auth basic u p\nsession\n"},
    {"repeat-differs", .wrong = DIFFERENT_REPEAT, .scenario = "session\n  fault 8005\n"},
    {"repeat-differs", .wrong = DIFFERENT_REPEAT, .scenario = "session\n  http redirect 302 /there\n"},
    {"max-envelopes", .from = "<MaxEnvelopes>1<", .to = "<MaxEnvelopes>2<", .also = "rules"},
    {"current-time", .from = "+01:00", .to = ""},
    {"forced-parameter", .from = "Device.DeviceInfo.ProvisioningCode", .to = "Device.DeviceInfo.Other"},
    {"duplicate",
     .from = "Device.RootDataModelVersion</Name><Value xsi:type=\"xsd:string\">1.0</Value>"
             "</ParameterValueStruct>",
     .to = "Device.RootDataModelVersion</Name><Value xsi:type=\"xsd:string\">1</Value></ParameterValueStruct>"
           "<ParameterValueStruct><Name>Device.RootDataModelVersion</Name><Value xsi:type=\"xsd:string\">1.0"
           "</Value></ParameterValueStruct>",
     .also = "rules"},
    {"value-type", .from = " xsi:type=\"xsd:string\"", .to = "", .also = "rules"},
    {"events", .from = "1 BOOT", .to = "M Reboot", .also = "rules"},
    {"events", .from = "<CommandKey/>", .to = "<CommandKey>k</CommandKey>", .also = "rules"},
    {"not-soap", .answer = "<cwmp:GetParameterValuesResponse/><x/>", .also = "schema rules"},
    {"not-xml", .answer = "<a>&undeclared;</b>"},
    {"response-content", .answer = VALUES(VALUE("Device.DeviceInfo.HardwareVersion"), "1")},
    {"response-content", .answer = VALUES("", "0")},
    {"response-content", .scenario = "session\n  GetParameterNames Device. 1\n",
     .answer =
         "<cwmp:GetParameterNamesResponse><ParameterList soapenc:arrayType=\"cwmp:ParameterInfoStruct[1]\">"
         "<ParameterInfoStruct><Name>Device.A.B</Name><Writable>0</Writable></ParameterInfoStruct>"
         "</ParameterList></cwmp:GetParameterNamesResponse>"},
    {"namespace",
     .scenario = "version 1.0\nsession\n  GetParameterValues Device.DeviceInfo.SoftwareVersion\n"},
    {"schema", .answer = "<cwmp:GetParameterValuesResponse><Wrong/></cwmp:GetParameterValuesResponse>",
     .also = "response-content"},
    {"rules", .answer = VALUES(VALUE("Device.DeviceInfo.SoftwareVersion"), "3")},
};

/* Each word of `found` is expected, and the expected one is there. */
static bool only(const char *found, const char *violation, const char *also) {
    char *expected = must_format(" %s %s ", violation, also != NULL ? also : "");
    bool seen = false;
    bool good = true;
    while (*found != '\0') {
        size_t length = strcspn(found, " ");
        char *word = must_format(" %.*s ", (int) length, found);
        good = good && strstr(expected, word) != NULL;
        seen = seen || (length == strlen(violation) && strncmp(found, violation, length) == 0);
        free(word);
        found += length + (found[length] == ' ' ? 1 : 0);
    }
    free(expected);
    return good && seen;
}

static void run_bad(const struct bad *bad) {
    struct acs_run run;
    struct cpe cpe;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run,
                                   bad->scenario != NULL
                                       ? bad->scenario
                                       : "session\n  GetParameterValues Device.DeviceInfo.SoftwareVersion\n",
                                   NULL));
    cpe_open(&cpe, &run);
    cpe.wrong = bad->wrong;
    cpe.inform_from = bad->from;
    cpe.inform_to = bad->to;
    cpe.answer = bad->answer;
    cpe.tail = bad->tail;
    if ((bad->wrong & EAGER_AUTH) != 0) {
        cpe.user = "u:p";
    }
    (void) cpe_session(&cpe, EVENT_BOOT, 0);
    cpe_close(&cpe);
    int code = acs_end(&run, &transcript);
    char *found = violations_in(transcript);
    bool caught = only(found, bad->violation, bad->also);
    CU_ASSERT_EQUAL(code, 1);
    CU_ASSERT_TRUE(caught);
    if (code != 1 || !caught) {
        (void) printf("expected %s, exit code %d, found \"%s\":\n%s\n", bad->violation, code, found,
                      transcript);
    }
    free(found);
    free(transcript);
}

static void bad_cpes_are_caught(void) {
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        bool needs = strcmp(bads[i].violation, "schema") == 0 || strcmp(bads[i].violation, "rules") == 0;
        if (needs && !has_standards()) {
            (void) printf("  skipped: %s needs TR069_STANDARDS\n", bads[i].violation);
            continue;
        }
        run_bad(&bads[i]);
    }
}

/* Misbehaviour that is a sequence of its own. */
typedef void play(struct cpe *cpe);

static void caught(const char *violation, const char *scenario, play *misbehave, const char *also) {
    struct acs_run run;
    struct cpe cpe;
    char *transcript = NULL;
    CU_ASSERT_TRUE_FATAL(acs_begin(&run, scenario, NULL));
    cpe_open(&cpe, &run);
    misbehave(&cpe);
    if (cpe.curl != NULL) {
        cpe_close(&cpe);
    }
    int code = acs_end(&run, &transcript);
    char *found = violations_in(transcript);
    CU_ASSERT_EQUAL(code, 1);
    CU_ASSERT_TRUE(only(found, violation, also));
    if (code != 1 || !only(found, violation, also)) {
        (void) printf("expected %s, exit code %d, found \"%s\":\n%s\n", violation, code, found, transcript);
    }
    free(found);
    free(transcript);
}

static void post_inform(struct cpe *cpe) {
    char *inform = cpe_inform(cpe, EVENT_BOOT, 0);
    cpe_post(cpe, inform);
    free(inform);
}

static void post_body(struct cpe *cpe, const char *id, const char *body) {
    char *message = cpe_envelope(id, body);
    cpe_post(cpe, message);
    free(message);
}

static void play_empty_first(struct cpe *cpe) {
    cpe_post(cpe, "");
}

static void play_inform_twice(struct cpe *cpe) {
    post_inform(cpe);
    post_inform(cpe);
    (void) cpe_go_on(cpe);
}

static void play_unasked(struct cpe *cpe) {
    post_inform(cpe);
    post_body(cpe, "x", "<cwmp:RebootResponse/>");
    cpe_post(cpe, "");
}

static void play_empty_for_response(struct cpe *cpe) {
    post_inform(cpe);
    cpe_post(cpe, "");
    cpe_post(cpe, "");
}

static void play_request_after_empty(struct cpe *cpe) {
    post_inform(cpe);
    cpe_post(cpe, "");
    post_body(cpe, "acs-1-1", "<cwmp:RebootResponse/>");
    post_body(cpe, "c", TRANSFER_COMPLETE);
    (void) cpe_go_on(cpe);
}

static void play_after_end(struct cpe *cpe) {
    (void) cpe_session(cpe, EVENT_BOOT, 0);
    cpe_post(cpe, "");
}

static void play_two_sessions(struct cpe *cpe) {
    struct cpe other;
    post_inform(cpe);
    cpe_open(&other, cpe->run);
    (void) cpe_session(&other, EVENT_BOOT, 0);
    cpe_close(&other);
}

static void play_broken(struct cpe *cpe) {
    const struct acs_run *run = cpe->run;
    post_inform(cpe);
    cpe_close(cpe);
    (void) nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    cpe_open(cpe, run);
    (void) cpe_session(cpe, EVENT_BOOT, 1);
}

static void play_left_open(struct cpe *cpe) {
    (void) cpe_session(cpe, EVENT_BOOT, 0);
    (void) nanosleep(&(struct timespec){.tv_nsec = 600000000}, NULL);
}

static void play_reused(struct cpe *cpe) {
    (void) cpe_session(cpe, EVENT_BOOT, 0);
    memset(cpe->cookies, 0, sizeof cpe->cookies);
    (void) cpe_session(cpe, EVENT_BOOT, 0);
}

static void play_stale_cookie(struct cpe *cpe) {
    (void) cpe_session(cpe, EVENT_BOOT, 0);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_FRESH_CONNECT, 1L);
    cpe->wrong = NEW_CONNECTION;
    post_inform(cpe);
    cpe->wrong = 0;
    (void) cpe_go_on(cpe);
}

static void play_retry_after_success(struct cpe *cpe) {
    const struct acs_run *run = cpe->run;
    (void) cpe_session(cpe, EVENT_BOOT, 0);
    cpe_close(cpe);
    cpe_open(cpe, run);
    (void) cpe_session(cpe, EVENT_BOOT, 3);
}

static void play_no_retry_after_failure(struct cpe *cpe) {
    const struct acs_run *run = cpe->run;
    (void) cpe_session(cpe, EVENT_BOOT, 0);
    cpe_close(cpe);
    cpe_open(cpe, run);
    (void) cpe_session(cpe, EVENT_BOOT, 0);
}

static void play_request_first(struct cpe *cpe) {
    post_body(cpe, "c", TRANSFER_COMPLETE);
    (void) cpe_go_on(cpe);
}

/* curl answers a challenge on the same connection; here it is forced to take another. */
static void play_auth_elsewhere(struct cpe *cpe) {
    post_inform(cpe);
    CU_ASSERT_EQUAL(cpe->status, 401);
    cpe->wrong = NEW_CONNECTION;
    cpe->user = "u:p";
    cpe->auth = CURLAUTH_BASIC;
    post_inform(cpe);
    cpe->wrong = 0;
    (void) cpe_go_on(cpe);
}

static int dial(const struct cpe *cpe) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t) strtoul(strrchr(cpe->run->base, ':') + 1, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (const struct sockaddr *) (const void *) &address, sizeof address), 0);
    return fd;
}

static size_t read_until(int fd, const char *text, int times) {
    char part[8192];
    size_t length = 0;
    int seen = 0;
    struct timeval wait = {.tv_sec = 5};
    (void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    while (length < sizeof part - 1 && seen < times) {
        ssize_t got = recv(fd, part + length, sizeof part - 1 - length, 0);
        if (got <= 0) {
            break;
        }
        length += (size_t) got;
        part[length] = '\0';
        seen = 0;
        for (const char *at = part; (at = strstr(at, text)) != NULL; at++) {
            seen++;
        }
    }
    return length;
}

/* Inform and the empty POST in one write; or the second one while the first waits for its answer. */
static void pipeline(const struct cpe *cpe, bool later) {
    char *inform = cpe_inform(cpe, EVENT_BOOT, 0);
    char *both = must_format("POST /acs HTTP/1.1\r\nHost: x\r\nSOAPAction:\r\nContent-Type: text/xml\r\n"
                             "Content-Length: %zu\r\n\r\n%s",
                             strlen(inform), inform);
    static const char empty[] = "POST /acs HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    char *whole = must_format("%s%s", both, later ? "" : empty);
    int fd = dial(cpe);
    CU_ASSERT_EQUAL(send(fd, whole, strlen(whole), 0), (ssize_t) strlen(whole));
    if (later) {
        (void) nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        CU_ASSERT_EQUAL(send(fd, empty, strlen(empty), 0), (ssize_t) strlen(empty));
    }
    CU_ASSERT(read_until(fd, "HTTP/1.1", 2) > 0);
    (void) close(fd);
    free(inform);
    free(both);
    free(whole);
}

static void play_pipelined(struct cpe *cpe) {
    pipeline(cpe, false);
}

static void play_pipelined_later(struct cpe *cpe) {
    pipeline(cpe, true);
}

/* An empty POST without Content-Length: 0. */
static void play_chunked(struct cpe *cpe) {
    static const char chunked[] =
        "POST /acs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    char *inform = cpe_inform(cpe, EVENT_BOOT, 0);
    char *first = must_format("POST /acs HTTP/1.1\r\nHost: x\r\nSOAPAction:\r\nContent-Type: text/xml\r\n"
                              "Content-Length: %zu\r\n\r\n%s",
                              strlen(inform), inform);
    int fd = dial(cpe);
    CU_ASSERT_EQUAL(send(fd, first, strlen(first), 0), (ssize_t) strlen(first));
    CU_ASSERT(read_until(fd, "</soap-env:Envelope>", 1) > 0);
    CU_ASSERT_EQUAL(send(fd, chunked, strlen(chunked), 0), (ssize_t) strlen(chunked));
    CU_ASSERT(read_until(fd, "204", 1) > 0);
    (void) close(fd);
    free(inform);
    free(first);
}

static int keep_authorization(CURL *curl, curl_infotype type, char *data, size_t size, void *user) {
    char *kept = user;
    (void) curl;
    for (size_t i = 0; type == CURLINFO_HEADER_OUT && i + 15 < size; i++) {
        if (strncmp(data + i, "Authorization: ", 15) == 0) {
            (void) snprintf(kept, 1000, "%.*s", (int) strcspn(data + i, "\r"), data + i);
        }
    }
    return 0;
}

/* The same Authorization again: its nc does not rise. */
static void play_digest_replay(struct cpe *cpe) {
    char kept[1000] = "";
    cpe->user = "u:p";
    cpe->auth = CURLAUTH_ANY;
    (void) curl_easy_setopt(cpe->curl, CURLOPT_DEBUGFUNCTION, keep_authorization);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_DEBUGDATA, kept);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_VERBOSE, 1L);
    post_inform(cpe);
    CU_ASSERT_EQUAL(cpe->status, 200);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_VERBOSE, 0L);
    struct curl_slist *headers = curl_slist_append(NULL, kept);
    headers = curl_slist_append(headers, "Content-Type:");
    cpe->user = NULL;
    (void) curl_easy_setopt(cpe->curl, CURLOPT_USERPWD, NULL);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_HTTPAUTH, 0L);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_HTTPHEADER, headers);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_POSTFIELDS, "");
    (void) curl_easy_setopt(cpe->curl, CURLOPT_POSTFIELDSIZE, 0L);
    CU_ASSERT_EQUAL(curl_easy_perform(cpe->curl), CURLE_OK);
    curl_slist_free_all(headers);
}

static void bad_sequences_are_caught(void) {
    caught("inform-first", "session\n", play_empty_first, NULL);
    caught("inform-first", "session\n", play_request_first, NULL);
    caught("inform-once", "session\n", play_inform_twice, NULL);
    caught("unasked-response", "session\n", play_unasked, NULL);
    caught("empty-for-response", "session\n  Reboot\n", play_empty_for_response, NULL);
    caught("request-after-empty", "session\n  Reboot\n  FactoryReset\n", play_request_after_empty,
           "request-for-response");
    caught("request-after-end", "session\npause 0.3\n", play_after_end, NULL);
    caught("two-sessions", "session\nsession\n", play_two_sessions, "retry-count");
    caught("session-broken", "session\nsession\n", play_broken, NULL);
    caught("session-broken", "patience reconnect=0.2\nsession\nsession\n", play_broken, NULL);
    caught("left-open", "patience close=0.2\nsession\npause 0.5\n", play_left_open, NULL);
    caught("connection-reused", "session\nsession\n", play_reused, NULL);
    caught("cookie-stale", "session\nsession\n", play_stale_cookie, "keep-alive");
    caught("retry-count", "session\nsession\n", play_retry_after_success, NULL);
    caught("retry-count", "session\n  http status 500\nsession\n", play_no_retry_after_failure, NULL);
    caught("auth-connection", "auth basic u p\nsession\n", play_auth_elsewhere, "keep-alive");
    caught("empty-length", "cookie off\nsession\n", play_chunked, NULL);
    caught("digest", "auth digest u p\nsession\n", play_digest_replay, "cookie");
    caught("pipelining", "session\npause 0.3\n", play_pipelined, "cookie");
    caught("pipelining", "session\n  http delay 0.3\npause 0.3\n", play_pipelined_later, "cookie");
}

int main(void) {
    static CU_TestInfo good[] = {{"a good CPE passes", a_good_cpe_passes},
                                 {"every RPC and expectation", every_rpc_and_expectation},
                                 {"versions and raw XML", versions_and_raw},
                                 CU_TEST_INFO_NULL};
    static CU_TestInfo bad[] = {{"bad CPEs are caught", bad_cpes_are_caught},
                                {"bad sequences are caught", bad_sequences_are_caught},
                                CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {CUNIT_SUITE("good CPEs", good), CUNIT_SUITE("bad CPEs", bad),
                             CU_SUITE_INFO_NULL};
    (void) signal(SIGPIPE, SIG_IGN);
    (void) curl_global_init(CURL_GLOBAL_ALL);
    if (!has_standards()) {
        (void) printf("SKIPPED in part: TR069_STANDARDS names no schemas, nothing is validated\n");
    }
    int code = cunit_run(suites);
    curl_global_cleanup();
    return code;
}
