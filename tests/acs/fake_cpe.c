/* A CPE of libcurl and canned XML, and the starting and ending of the test ACS. */
#include <config.h>

#include "fake_cpe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

static const char *program(void) {
    static char path[1024];
    const char *top = getenv("top_builddir");
    (void) snprintf(path, sizeof path, "%s/tests/acs/test-acs", top != NULL ? top : ".");
    return path;
}

/* Starts it with stdout (and stderr, if `both`) on a pipe; the pid, the read end in *ret_out. */
static pid_t start(const char *const *arguments, bool both, int *ret_out) {
    int ends[2];
    if (pipe(ends) < 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        const char *argv[40] = {"test-acs"};
        for (size_t i = 0; i < 38 && arguments[i] != NULL; i++) {
            argv[i + 1] = arguments[i];
        }
        (void) dup2(ends[1], 1);
        if (both) {
            (void) dup2(ends[1], 2);
        }
        (void) close(ends[0]);
        (void) close(ends[1]);
        (void) execv(program(), (char *const *) (void *) argv);
        _exit(127);
    }
    (void) close(ends[1]);
    *ret_out = ends[0];
    return pid;
}

static char *read_all(int fd, int seconds) {
    char *text = must_alloc(1);
    size_t length = 0;
    time_t until = time(NULL) + seconds;
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (time(NULL) >= until || poll(&wait, 1, 1000) < 0) {
            break;
        }
        if (wait.revents == 0) {
            continue;
        }
        text = must_grow(text, length + 65537);
        ssize_t got = read(fd, text + length, 65536);
        if (got <= 0) {
            break;
        }
        length += (size_t) got;
    }
    text[length] = '\0';
    return text;
}

static int reap(pid_t pid, int seconds) {
    int status = 0;
    for (int i = 0; i < seconds * 100; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid) {
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        (void) nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    (void) kill(pid, SIGKILL);
    (void) waitpid(pid, &status, 0);
    return -1;
}

int acs_just(const char *const *arguments, char **ret_output) {
    int out = -1;
    pid_t pid = start(arguments, true, &out);
    if (pid < 0) {
        return -1;
    }
    *ret_output = read_all(out, 20);
    (void) close(out);
    return reap(pid, 5);
}

bool acs_write(const struct acs_run *run, const char *name, const void *data, size_t length) {
    char path[200];
    (void) snprintf(path, sizeof path, "%s/%s", run->directory, name);
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(data, 1, length, file) == length;
    return (file != NULL && fclose(file) == 0) && good;
}

char *acs_read(const struct acs_run *run, const char *name) {
    char path[200];
    (void) snprintf(path, sizeof path, "%s/%s", run->directory, name);
    return read_whole_file(path, NULL);
}

static bool read_first_line(struct acs_run *run) {
    char line[300] = "";
    size_t length = 0;
    while (length < sizeof line - 1) {
        struct pollfd wait = {.fd = run->out, .events = POLLIN};
        if (poll(&wait, 1, 10000) <= 0 || read(run->out, line + length, 1) != 1) {
            return false;
        }
        if (line[length] == '\n') {
            line[length] = '\0';
            break;
        }
        length++;
    }
    static const char before[] = "listening on ";
    if (strncmp(line, before, sizeof before - 1) != 0) {
        return false;
    }
    (void) snprintf(run->url, sizeof run->url, "%.199s", line + sizeof before - 1);
    (void) snprintf(run->base, sizeof run->base, "%s", run->url);
    char *end = strstr(run->base, "/acs");
    if (end != NULL) {
        *end = '\0';
    }
    return end != NULL;
}

bool acs_begin(struct acs_run *run, const char *scenario, const char *const *arguments) {
    const char *argv[40] = {"--control", run->control, "--transcript", run->transcript, "--timeout", "60"};
    char path[FAKE_DIRECTORY_SIZE + 16];
    size_t count = 6;
    *run = (struct acs_run){.out = -1};
    run->directory = fake_directory("test-acs");
    (void) snprintf(run->transcript, sizeof run->transcript, "%s/transcript", run->directory);
    (void) snprintf(run->control, sizeof run->control, "%s/control", run->directory);
    if (scenario != NULL) {
        (void) snprintf(path, sizeof path, "%s/scenario", run->directory);
        argv[count++] = "--scenario";
        argv[count++] = path;
        if (!acs_write(run, "scenario", scenario, strlen(scenario))) {
            return false;
        }
    }
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL && count < 38; i++) {
        argv[count++] = arguments[i];
    }
    run->pid = start(argv, false, &run->out);
    return run->pid > 0 && read_first_line(run);
}

void acs_kill(struct acs_run *run, int number) {
    if (run->pid > 0) {
        (void) kill(run->pid, number);
    }
}

int acs_end(struct acs_run *run, char **ret_transcript) {
    char *text = run->out >= 0 ? read_all(run->out, 20) : must_dup("");
    int code = run->pid > 0 ? reap(run->pid, 5) : -1;
    (void) close(run->out);
    fake_directory_remove(run->directory);
    if (ret_transcript != NULL) {
        *ret_transcript = text;
    } else {
        free(text);
    }
    return code;
}

char *acs_talk(const struct acs_run *run, const char *command, int *ret_code) {
    char *text = NULL;
    *ret_code = acs_just((const char *[]){"--talk", run->control, command, NULL}, &text);
    return text;
}

/* ---- the CPE -------------------------------------------------------------------------------------- */

static const char envelope_start[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\""
    " xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" "
    "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\">";

char *cpe_envelope(const char *id, const char *body) {
    char *header = *id != '\0' ? must_format("<soap:Header><cwmp:ID soap:mustUnderstand=\"1\">%s</cwmp:ID>"
                                             "</soap:Header>",
                                             id)
                               : must_dup("");
    char *text = must_format("%s%s<soap:Body>%s</soap:Body></soap:Envelope>", envelope_start, header, body);
    free(header);
    return text;
}

static const char *const forced[] = {"RootDataModelVersion", "DeviceInfo.HardwareVersion",
                                     "DeviceInfo.SoftwareVersion", "DeviceInfo.ProvisioningCode",
                                     "ManagementServer.ParameterKey"};

static char *replaced(const char *text, const char *from, const char *to) {
    const char *at = from != NULL ? strstr(text, from) : NULL;
    return at != NULL ? must_format("%.*s%s%s", (int) (at - text), text, to, at + strlen(from))
                      : must_dup(text);
}

char *cpe_inform(const struct cpe *cpe, const char *events, unsigned retry) {
    size_t count = 0;
    for (const char *at = events; (at = strstr(at, "<EventStruct>")) != NULL; at++) {
        count++;
    }
    char *list = must_dup("");
    for (size_t i = 0; i < sizeof forced / sizeof forced[0]; i++) {
        char *longer =
            must_format("%s<ParameterValueStruct><Name>Device.%s</Name><Value xsi:type=\"xsd:string\">1.%zu"
                        "</Value></ParameterValueStruct>\n",
                        list, forced[i], i);
        free(list);
        list = longer;
    }
    char *body = must_format(
        "<cwmp:Inform><DeviceId><Manufacturer>M</Manufacturer><OUI>0A1B2C</OUI><ProductClass>STB</"
        "ProductClass>"
        "<SerialNumber>0001</SerialNumber></DeviceId><Event "
        "soapenc:arrayType=\"cwmp:EventStruct[%zu]\">%s</Event>"
        "<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-11-22T05:30:00+01:00</CurrentTime>"
        "<RetryCount>%u</RetryCount><ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[6]\">%s"
        "<ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>"
        "<Value xsi:type=\"xsd:string\">http://127.0.0.1:1/cr</Value></ParameterValueStruct></ParameterList>"
        "</cwmp:Inform>",
        count, events, retry, list);
    free(list);
    char *whole = cpe_envelope("cpe-1", body);
    free(body);
    char *changed = replaced(whole, cpe->inform_from, cpe->inform_to);
    free(whole);
    return changed;
}

static size_t take_body(char *data, size_t size, size_t count, void *user) {
    struct cpe *cpe = user;
    cpe->body = must_grow(cpe->body, cpe->length + size * count + 1);
    memcpy(cpe->body + cpe->length, data, size * count);
    cpe->length += size * count;
    cpe->body[cpe->length] = '\0';
    return size * count;
}

/* "name=value; Path=..." */
static void keep_cookie(struct cpe *cpe, const char *text, size_t length) {
    size_t name = strcspn(text, "=") + 1;
    size_t end = strcspn(text, ";\r\n");
    for (size_t i = 0; i < 8 && end < length && end < sizeof cpe->cookies[0]; i++) {
        if (cpe->cookies[i][0] == '\0' || strncmp(cpe->cookies[i], text, name) == 0) {
            (void) snprintf(cpe->cookies[i], sizeof cpe->cookies[i], "%.*s", (int) end, text);
            return;
        }
    }
}

static char *join_cookies(const struct cpe *cpe) {
    char *text = must_dup("");
    for (size_t i = 0; i < 8 && cpe->cookies[i][0] != '\0' && (cpe->wrong & NO_COOKIE) == 0; i++) {
        char *longer = must_format("%s%s%s", text, i > 0 ? "; " : "", cpe->cookies[i]);
        free(text);
        text = longer;
    }
    return text;
}

static size_t take_header(char *data, size_t size, size_t count, void *user) {
    struct cpe *cpe = user;
    int length = (int) (size * count);
    if (length > 10 && strncasecmp(data, "Location: ", 10) == 0) {
        (void) snprintf(cpe->location, sizeof cpe->location, "%.*s", (int) strcspn(data + 10, "\r\n"),
                        data + 10);
    }
    if (length > 12 && strncasecmp(data, "Set-Cookie: ", 12) == 0) {
        keep_cookie(cpe, data + 12, (size_t) length - 12);
    }
    return size * count;
}

void cpe_open(struct cpe *cpe, const struct acs_run *run) {
    *cpe = (struct cpe){.run = run, .curl = curl_easy_init()};
    (void) snprintf(cpe->url, sizeof cpe->url, "%s", run->url);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_TIMEOUT, 20L);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_WRITEFUNCTION, take_body);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_WRITEDATA, cpe);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_HEADERFUNCTION, take_header);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_HEADERDATA, cpe);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_SSL_VERIFYPEER, 0L);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_PROXY, "");
}

void cpe_close(struct cpe *cpe) {
    curl_easy_cleanup(cpe->curl);
    free(cpe->body);
    *cpe = (struct cpe){0};
}

static struct curl_slist *make_headers(const struct cpe *cpe, const char *body) {
    struct curl_slist *list = NULL;
    bool empty = *body == '\0';
    if ((empty && (cpe->wrong & EMPTY_ACTION) != 0) || (!empty && (cpe->wrong & NO_ACTION) == 0)) {
        list = curl_slist_append(list, (cpe->wrong & VALUE_ACTION) != 0 ? "SOAPAction: cwmp" : "SOAPAction;");
    }
    if (empty) {
        list = curl_slist_append(list,
                                 (cpe->wrong & EMPTY_TYPE) != 0 ? "Content-Type: text/xml" : "Content-Type:");
    } else {
        list =
            curl_slist_append(list, (cpe->wrong & PLAIN_TYPE) != 0 ? "Content-Type: text/plain"
                                                                   : "Content-Type: text/xml; charset=utf-8");
    }
    if ((cpe->wrong & SAY_CLOSE) != 0) {
        list = curl_slist_append(list, "Connection: close");
    }
    return curl_slist_append(list, (cpe->wrong & EXPECT_100) != 0 ? "Expect: 100-continue" : "Expect:");
}

static void between(const char *text, const char *start, const char *end, char *out, size_t size) {
    const char *from = strstr(text, start);
    const char *to = from != NULL ? strstr(from + strlen(start), end) : NULL;
    *out = '\0';
    if (to != NULL) {
        from += strlen(start);
        (void) snprintf(out, size, "%.*s", (int) (to - from), from);
    }
}

/* What the answer asks for. */
static void read_answer(struct cpe *cpe) {
    const char *text = cpe->body != NULL ? cpe->body : "";
    between(text, "<cwmp:ID soap-env:mustUnderstand=\"1\">", "<", cpe->id, sizeof cpe->id);
    between(text, "<soap-env:Body><cwmp:", ">", cpe->method, sizeof cpe->method);
    cpe->method[strcspn(cpe->method, " />")] = '\0';
}

static void post_once(struct cpe *cpe, const char *body) {
    struct curl_slist *headers = make_headers(cpe, body);
    cpe->length = 0;
    free(cpe->body);
    cpe->body = NULL;
    cpe->location[0] = '\0';
    (void) curl_easy_setopt(cpe->curl, CURLOPT_URL, cpe->url);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_POSTFIELDSIZE, (long) strlen(body));
    (void) curl_easy_setopt(cpe->curl, CURLOPT_POSTFIELDS, body);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_HTTPHEADER, headers);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_FRESH_CONNECT, (cpe->wrong & NEW_CONNECTION) != 0 ? 1L : 0L);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_CUSTOMREQUEST, (cpe->wrong & USE_PUT) != 0 ? "OPTIONS" : NULL);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_HTTP_VERSION,
                            (cpe->wrong & HTTP_1_0) != 0 ? CURL_HTTP_VERSION_1_0 : CURL_HTTP_VERSION_1_1);
    char *cookies = join_cookies(cpe);
    (void) curl_easy_setopt(cpe->curl, CURLOPT_COOKIE, *cookies != '\0' ? cookies : NULL);
    free(cookies);
    if (cpe->user != NULL) {
        (void) curl_easy_setopt(cpe->curl, CURLOPT_USERPWD, cpe->user);
        (void) curl_easy_setopt(cpe->curl, CURLOPT_HTTPAUTH,
                                (cpe->wrong & EAGER_AUTH) != 0 ? (long) CURLAUTH_BASIC : cpe->auth);
    }
    cpe->status = 0;
    if (curl_easy_perform(cpe->curl) == CURLE_OK) {
        (void) curl_easy_getinfo(cpe->curl, CURLINFO_RESPONSE_CODE, &cpe->status);
    }
    curl_slist_free_all(headers);
    cpe->requests++;
    read_answer(cpe);
    if (cpe->see != NULL && cpe->body != NULL) {
        cpe->see(cpe->body);
    }
}

void cpe_post(struct cpe *cpe, const char *body) {
    post_once(cpe, body);
    for (int i = 0; i < 10 && cpe->status >= 300 && cpe->status < 400 && (cpe->wrong & NO_REDIRECT) == 0;
         i++) {
        if (cpe->location[0] == '/') {
            (void) snprintf(cpe->url, sizeof cpe->url, "%s%.90s", cpe->run->base, cpe->location);
        } else {
            (void) snprintf(cpe->url, sizeof cpe->url, "%.290s", cpe->location);
        }
        char *other = (cpe->wrong & DIFFERENT_REPEAT) != 0 ? must_format("%s\n", body) : must_dup(body);
        post_once(cpe, other);
        free(other);
    }
}

static const struct {
    const char *method;
    const char *body;
} responses[] = {
    {"GetParameterValues",
     "<cwmp:GetParameterValuesResponse><ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[1]\">"
     "<ParameterValueStruct><Name>Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1.2"
     "</Value></ParameterValueStruct></ParameterList></cwmp:GetParameterValuesResponse>"},
    {"SetParameterValues",
     "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>"},
    {"GetParameterNames",
     "<cwmp:GetParameterNamesResponse><ParameterList soapenc:arrayType=\"cwmp:ParameterInfoStruct[2]\">"
     "<ParameterInfoStruct><Name>Device.A.</Name><Writable>0</Writable></ParameterInfoStruct>"
     "<ParameterInfoStruct><Name>Device.B</Name><Writable>1</Writable></ParameterInfoStruct>"
     "</ParameterList></cwmp:GetParameterNamesResponse>"},
    {"GetParameterAttributes",
     "<cwmp:GetParameterAttributesResponse><ParameterList "
     "soapenc:arrayType=\"cwmp:ParameterAttributeStruct[1]\">"
     "<ParameterAttributeStruct><Name>Device.B</Name><Notification>2</Notification>"
     "<AccessList soapenc:arrayType=\"xsd:string[1]\"><string>Subscriber</string></AccessList>"
     "</ParameterAttributeStruct></ParameterList></cwmp:GetParameterAttributesResponse>"},
    {"SetParameterAttributes", "<cwmp:SetParameterAttributesResponse/>"},
    {"AddObject",
     "<cwmp:AddObjectResponse><InstanceNumber>7</InstanceNumber><Status>0</Status></cwmp:AddObjectResponse>"},
    {"DeleteObject", "<cwmp:DeleteObjectResponse><Status>0</Status></cwmp:DeleteObjectResponse>"},
    {"Reboot", "<cwmp:RebootResponse/>"},
    {"FactoryReset", "<cwmp:FactoryResetResponse/>"},
    {"Download", "<cwmp:DownloadResponse><Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime>"
                 "<CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:DownloadResponse>"},
    {"ScheduleInform", "<cwmp:ScheduleInformResponse/>"},
    {"GetRPCMethods", "<cwmp:GetRPCMethodsResponse><MethodList "
                      "soapenc:arrayType=\"xsd:string[2]\"><string>GetRPCMethods</string>"
                      "<string>Reboot</string></MethodList></cwmp:GetRPCMethodsResponse>"},
};

static const char unknown[] =
    "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>"
    "<FaultCode>9000</FaultCode><FaultString>Method not "
    "supported</FaultString></cwmp:Fault></detail></soap:Fault>";

static char *answer_to(const struct cpe *cpe) {
    const char *body = unknown;
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        body = strcmp(responses[i].method, cpe->method) == 0 ? responses[i].body : body;
    }
    body = cpe->answer != NULL ? cpe->answer : body;
    const char *id = (cpe->wrong & WRONG_ID) != 0 ? "wrong" : (cpe->wrong & NO_ID) != 0 ? "" : cpe->id;
    return cpe_envelope(id, body);
}

bool cpe_go_on(struct cpe *cpe) {
    if (cpe->tail != NULL) {
        char *message = cpe_envelope("cpe-2", cpe->tail);
        cpe_post(cpe, message);
        free(message);
    }
    for (int i = 0; i < 50; i++) {
        if (cpe->status == 200 && cpe->method[0] != '\0' && strstr(cpe->method, "Response") == NULL) {
            char *message = answer_to(cpe);
            cpe_post(cpe, message);
            free(message);
        } else if (cpe->status == 200) {
            cpe_post(cpe, "");
        } else {
            return cpe->status == 204;
        }
    }
    return false;
}

bool cpe_session(struct cpe *cpe, const char *events, unsigned retry) {
    char *message = cpe_inform(cpe, events, retry);
    char *other = (cpe->wrong & DIFFERENT_REPEAT) != 0 ? must_format("%s\n", message) : must_dup(message);
    cpe_post(cpe, message);
    for (int i = 0; i < 5 && cpe->status == 200 && strstr(cpe->body, "<FaultCode>8005<") != NULL; i++) {
        cpe_post(cpe, other);
    }
    free(message);
    free(other);
    return strcmp(cpe->method, "InformResponse") == 0 && cpe_go_on(cpe);
}
