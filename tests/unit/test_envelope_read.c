/* core/cwmp/envelope: reading */
#include <config.h>

#include "cwmp/envelope.h"

#include "../fuzz/envelope_tables.h"
#include "cunit.h"

#include <stdlib.h>

#define HEAD                                                                                                 \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                           \
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "                                     \
    "xmlns:e=\"http://schemas.xmlsoap.org/soap/encoding/\" "                                                 \
    "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "                                                        \
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "                                               \
    "xmlns:c=\"urn:dslforum-org:cwmp-1-2\">"
#define ID "<s:Header><c:ID s:mustUnderstand=\"1\">42</c:ID></s:Header>"
#define REQUEST(body) HEAD ID "<s:Body>" body "</s:Body></s:Envelope>"
#define HEADERS(headers)                                                                                     \
    HEAD "<s:Header>" headers "</s:Header><s:Body><c:GetRPCMethods/></s:Body></s:Envelope>"

static struct envelope_reader *reader;
static struct envelope got;
static char error[300];

static int setup(void) {
    const struct envelope_limits limits = {100000, 200000, 16};
    return envelope_reader_new(&limits, &reader);
}

static int teardown(void) {
    envelope_reader_free(reader);
    reader = NULL;
    return 0;
}

/* The message is read from a copy without anything behind it, so that a sanitizer sees a step too far. */
static int parse_octets(const char *data, size_t length) {
    char *copy = malloc(length > 0 ? length : 1);
    int r;
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, data, length);
    memset(&got, 0, sizeof got);
    error[0] = '\0';
    r = envelope_read(reader, copy, length, find_served, NULL, &got, error, sizeof error);
    free(copy);
    return r;
}

static int parse(const char *message) {
    return parse_octets(message, strlen(message));
}

static void reads(const char *message) {
    const int r = parse(message);
    CU_ASSERT_EQUAL(r, 0);
    if (r != 0) {
        (void) fprintf(stderr, "%s\n", error);
        memset(&got, 0, sizeof got);
    }
}

/* Read well, but with a fault for the answer. */
static void refuses(const char *message, unsigned code, const char *words) {
    reads(message);
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_REQUEST);
    CU_ASSERT_EQUAL(got.refusal.code, code);
    CU_ASSERT_STRING_EQUAL(got.refusal.text, words);
    CU_ASSERT_PTR_NULL(got.args);
    CU_ASSERT_TRUE(got.id != NULL && strcmp(got.id, "42") == 0); /* echoed all the same */
}

static void rejects(const char *message, const char *words) {
    CU_ASSERT_EQUAL(parse(message), -EBADMSG);
    if (strstr(error, words) == NULL) {
        (void) fprintf(stderr, "\"%s\" is not in \"%s\"\n", words, error);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(error, words));
}

static bool is(const struct tr069_value *value, const char *text) {
    return value->as.string != NULL && value->length == strlen(text) && strcmp(value->as.string, text) == 0;
}

/* ---- Requests --------------------------------------------------------------------------------- */

static void reads_values_to_set(void) {
    const struct tr069_value *items;
    reads(REQUEST(
        "<c:SetParameterValues><ParameterList e:arrayType=\"c:ParameterValueStruct[2]\">"
        "<ParameterValueStruct><Name>Device.A</Name><Value xsi:type=\"xsd:string\"> a &lt;b&gt; </Value>"
        "</ParameterValueStruct><ParameterValueStruct><Name>Device.B</Name>"
        "<Value xsi:type=\"xsd:unsignedInt\">7</Value></ParameterValueStruct></ParameterList>"
        "<ParameterKey>k1</ParameterKey></c:SetParameterValues>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_REQUEST);
    CU_ASSERT_EQUAL(got.ns, ENVELOPE_NS_1_2);
    CU_ASSERT_STRING_EQUAL(got.id, "42");
    CU_ASSERT_STRING_EQUAL(got.method, "SetParameterValues");
    CU_ASSERT_PTR_EQUAL(got.rpc, find_served(NULL, "SetParameterValues"));
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    CU_ASSERT_FALSE(got.must_understand);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_EQUAL_FATAL(got.args[0].type, TR069_LIST);
    CU_ASSERT_EQUAL_FATAL(got.args[0].length, 2);
    items = got.args[0].as.items;
    CU_ASSERT_TRUE(is(&items[0], "Device.A"));
    CU_ASSERT_EQUAL(items[1].type, TR069_ANY);
    CU_ASSERT_EQUAL(items[1].xsi_type, TR069_STRING);
    CU_ASSERT_TRUE(is(&items[1], " a <b> ")); /* white space as sent */
    CU_ASSERT_TRUE(is(&items[2], "Device.B"));
    CU_ASSERT_EQUAL(items[3].xsi_type, TR069_UINT);
    CU_ASSERT_TRUE(is(&items[3], "7"));
    CU_ASSERT_TRUE(is(&got.args[1], "k1"));
}

static void reads_lists_in_lists(void) {
    const struct tr069_value *items;
    reads(REQUEST("<c:SetParameterAttributes><ParameterList>"
                  "<SetParameterAttributesStruct><Name>A.</Name><NotificationChange>1</NotificationChange>"
                  "<Notification>2</Notification><AccessListChange>true</AccessListChange>"
                  "<AccessList e:arrayType=\"xsd:string[2]\"><string>Subscriber</string><string>X_Y</string>"
                  "</AccessList></SetParameterAttributesStruct>"
                  "<SetParameterAttributesStruct><AccessList/><Name>B.</Name>"
                  "<NotificationChange>false</NotificationChange><Notification>0</Notification>"
                  "<AccessListChange>0</AccessListChange></SetParameterAttributesStruct>"
                  "</ParameterList></c:SetParameterAttributes>"));
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_EQUAL_FATAL(got.args[0].length, 2);
    items = got.args[0].as.items;
    CU_ASSERT_TRUE(items[1].as.boolean);
    CU_ASSERT_EQUAL(items[2].as.integer, 2);
    CU_ASSERT_TRUE(items[3].as.boolean);
    CU_ASSERT_EQUAL_FATAL(items[4].length, 2);
    CU_ASSERT_TRUE(is(&items[4].as.items[0], "Subscriber"));
    CU_ASSERT_TRUE(is(&items[4].as.items[1], "X_Y"));
    CU_ASSERT_TRUE(is(&items[5], "B.")); /* any order */
    CU_ASSERT_FALSE(items[6].as.boolean);
    CU_ASSERT_EQUAL(items[9].type, TR069_LIST);
    CU_ASSERT_EQUAL(items[9].length, 0);
}

#define OPERATION(type, fields) "<Operations xsi:type=\"" type "\">" fields "</Operations>"
#define CHANGE(operations) REQUEST("<c:ChangeDUState>" operations "</c:ChangeDUState>")

static void reads_repeated_elements(void) {
    const struct tr069_value *items;
    reads(CHANGE(
        OPERATION("c:InstallOpStruct", "<UUID>1</UUID><URL>u</URL>") "<CommandKey>k</CommandKey>" OPERATION(
            " UninstallOpStruct ", "<UUID/>") "<Operations><URL>x</URL></Operations>"));
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_EQUAL(got.args[0].type, TR069_LIST);
    CU_ASSERT_EQUAL_FATAL(got.args[0].length, 3);
    items = got.args[0].as.items;
    CU_ASSERT_TRUE(is(&items[0], "InstallOpStruct"));
    CU_ASSERT_TRUE(is(&items[1], "u"));
    CU_ASSERT_TRUE(is(&items[2], "1"));
    CU_ASSERT_TRUE(is(&items[3], "UninstallOpStruct"));
    CU_ASSERT_EQUAL(items[4].type, TR069_NONE);
    CU_ASSERT_TRUE(is(&items[5], ""));
    CU_ASSERT_TRUE(is(&items[6], ""));
    CU_ASSERT_TRUE(is(&items[7], "x"));
    CU_ASSERT_TRUE(is(&got.args[1], "k"));
    refuses(CHANGE(OPERATION("a", "") OPERATION("b", "") OPERATION("c", "") OPERATION("d", "")), 9003,
            "argument Operations: more than 3 of them");
    refuses(CHANGE("<CommandKey/>"), 9003, "argument Operations: missing");
    refuses(CHANGE(OPERATION("a", "") OPERATION("b", "<URL>1</URL><URL>2</URL>")), 9003,
            "argument Operations[2].URL: given more than once");
}

static void reads_every_type(void) {
    reads(REQUEST("<c:X_0A1B2C_Everything><Text>\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xE2\x82\xAC&#x20AC;78</Text>"
                  "<Int> -5 </Int><Long>-9223372036854775808</Long><Uint>4294967295</Uint>"
                  "<Ulong>18446744073709551615</Ulong><Boolean>true</Boolean>"
                  "<Time>2026-11-22T05:30:00.123+01:00</Time><Base64>aGk=</Base64><Hex>0aFF</Hex>"
                  "<Decimal>-1.5</Decimal></c:X_0A1B2C_Everything>"));
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_EQUAL(got.args[0].type, TR069_STRING); /* 8 characters in 15 octets */
    CU_ASSERT_EQUAL(got.args[1].as.integer, -5);
    CU_ASSERT_EQUAL(got.args[2].as.integer, INT64_MIN);
    CU_ASSERT_EQUAL(got.args[3].as.number, UINT32_MAX);
    CU_ASSERT_EQUAL(got.args[4].as.number, UINT64_MAX);
    CU_ASSERT_TRUE(got.args[5].as.boolean);
    CU_ASSERT_EQUAL(got.args[6].time, 1795321800);
    CU_ASSERT_TRUE(is(&got.args[7], "aGk="));
    CU_ASSERT_TRUE(is(&got.args[8], "0aFF"));
    CU_ASSERT_TRUE(is(&got.args[9], "-1.5"));
    CU_ASSERT_EQUAL(got.args[10].type, TR069_NONE); /* optional */
    CU_ASSERT_EQUAL(got.args[11].type, TR069_NONE);
}

/* SOA-05, SOA-08, SOA-10, complaint 18 */
static void is_liberal(void) {
    const struct tr069_value *items;
    /* default namespaces, qualified arguments and items, no arrayType or a wrong one, extra elements */
    reads("<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body>"
          "<GetParameterValues xmlns='urn:dslforum-org:cwmp-1-0'><Extra><ParameterNames/></Extra>"
          "<ParameterNames q:arrayType='foo[99]' xmlns:q='http://schemas.xmlsoap.org/soap/encoding/'>"
          "<!-- one --><string>A.</string><x:string xmlns:x='urn:x'>B.</x:string><anything>C</anything>"
          "</ParameterNames><?pi pi?></GetParameterValues></Body></Envelope>");
    CU_ASSERT_EQUAL(got.ns, ENVELOPE_NS_1_0);
    CU_ASSERT_PTR_NULL(got.id);
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_EQUAL_FATAL(got.args[0].length, 3);
    CU_ASSERT_TRUE(is(&got.args[0].as.items[1], "B."));
    CU_ASSERT_TRUE(is(&got.args[0].as.items[2], "C"));

    /* CDATA, references, comments and elements in the midst of a text; the type with any prefix */
    reads(REQUEST("<c:SetParameterValues><ParameterList><ParameterValueStruct>"
                  "<Name>De<!-- x -->vice.<![CDATA[A]]><b>no</b>&#46;B</Name>"
                  "<Value xmlns:t='http://www.w3.org/2001/XMLSchema' xsi:type='t:int'>"
                  "<![CDATA[<&]]>&amp;&#x41;\r\n</Value></ParameterValueStruct></ParameterList>"
                  "<ParameterKey/></c:SetParameterValues>"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    items = got.args[0].as.items;
    CU_ASSERT_TRUE(is(&items[0], "Device.A.B"));
    CU_ASSERT_EQUAL(items[1].xsi_type, TR069_INT);
    CU_ASSERT_TRUE(is(&items[1], "<&&A\n"));
    CU_ASSERT_TRUE(is(&got.args[1], ""));

    /* white space before the declaration, a byte order mark, XML 1.1 */
    reads("\r\n " REQUEST("<c:GetRPCMethods/>"));
    reads("\xEF\xBB\xBF" REQUEST("<c:GetRPCMethods/>"));
    CU_ASSERT_PTR_NOT_NULL(got.rpc);
    CU_ASSERT_PTR_NULL(got.args);
    reads("<?xml version='1.1'?><s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>"
          "<c:FactoryReset xmlns:c='urn:dslforum-org:cwmp-1-1'/></s:Body></s:Envelope>\n\n");
    CU_ASSERT_EQUAL(got.ns, ENVELOPE_NS_1_1);
    CU_ASSERT_PTR_NOT_NULL(got.rpc);
}

/* Complaint 9: a type without a name. */
static void stands_odd_types(void) {
    static const char *const types[] = {
        "xsd:", ":", "", "string", "xsd:string:", " xsd:string ", "xsd:Strange"};
    static const enum tr069_type expected[] = {TR069_NONE, TR069_NONE,   TR069_NONE, TR069_STRING,
                                               TR069_NONE, TR069_STRING, TR069_NONE};
    size_t i;
    for (i = 0; i < sizeof types / sizeof types[0]; i++) {
        char message[2000];
        (void) snprintf(message, sizeof message,
                        REQUEST("<c:X_0A1B2C_Everything><Any xsi:type='%s'>v</Any></c:X_0A1B2C_Everything>"),
                        types[i]);
        reads(message);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
        CU_ASSERT_EQUAL(got.args[10].xsi_type, expected[i]);
        CU_ASSERT_TRUE(is(&got.args[10], "v"));
    }
}

static void converts(const char *encoding, const char *text, char *out, size_t *length, bool big) {
    size_t i, n = 0;
    (void) encoding;
    out[n++] = big ? '\xFE' : '\xFF';
    out[n++] = big ? '\xFF' : '\xFE';
    for (i = 0; text[i] != '\0'; i++) {
        out[n++] = big ? '\0' : text[i];
        out[n++] = big ? text[i] : '\0';
    }
    *length = n;
}

static void reads_other_encodings(void) {
    static const char utf16[] =
        "<?xml version='1.0' encoding='UTF-16'?><s:Envelope "
        "xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
        "<s:Body><c:Reboot xmlns:c='urn:dslforum-org:cwmp-1-2'><CommandKey>k</CommandKey></c:Reboot></s:Body>"
        "</s:Envelope>";
    char wide[2000];
    size_t length;
    int big;
    for (big = 0; big < 2; big++) {
        converts("UTF-16", utf16, wide, &length, big == 1);
        CU_ASSERT_EQUAL(parse_octets(wide, length), 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
        CU_ASSERT_TRUE(is(&got.args[0], "k"));
        converts("UTF-16", "<!--c--><!DOCTYPE x><x/>", wide, &length, big == 1);
        CU_ASSERT_EQUAL(parse_octets(wide, length), -EBADMSG);
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "DTD"));
    }
    reads("<?xml version='1.0' encoding='ISO-8859-1'?>"
          "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
          "<s:Body><c:Reboot xmlns:c='urn:dslforum-org:cwmp-1-2'><CommandKey>\xE4</CommandKey></c:Reboot>"
          "</s:Body></s:Envelope>");
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_TRUE(is(&got.args[0], "\xC3\xA4"));
}

/* Complaint 11: the fault says which argument it was. */
static void names_the_bad_argument(void) {
    char names[4][300], message[3000];
    size_t i;
    refuses(REQUEST("<c:GetParameterNames><ParameterPath>A.</ParameterPath></c:GetParameterNames>"), 9003,
            "argument NextLevel: missing");
    refuses(REQUEST("<c:GetParameterNames/>"), 9003, "argument ParameterPath: missing");
    refuses(REQUEST("<c:GetParameterValues/>"), 9003, "argument ParameterNames: missing");
    refuses(REQUEST("<c:GetParameterNames><ParameterPath/><NextLevel>yes</NextLevel></c:GetParameterNames>"),
            9003, "argument NextLevel: not a valid boolean");
    refuses(REQUEST("<c:GetParameterNames><ParameterPath/><NextLevel/></c:GetParameterNames>"), 9003,
            "argument NextLevel: not a valid boolean");
    refuses(REQUEST("<c:GetParameterNames><NextLevel>1</NextLevel><ParameterPath>A</ParameterPath>"
                    "<ParameterPath>B</ParameterPath></c:GetParameterNames>"),
            9003, "argument ParameterPath: given more than once");
    refuses(REQUEST("<c:Reboot><CommandKey>123456789012345678901234567890123</CommandKey></c:Reboot>"), 9003,
            "argument CommandKey: longer than 32 characters");
    refuses(
        REQUEST("<c:ScheduleInform><DelaySeconds>4294967296</DelaySeconds><CommandKey/></c:ScheduleInform>"),
        9003, "argument DelaySeconds: not a valid unsignedInt");
    refuses(REQUEST("<c:ScheduleInform><DelaySeconds>-1</DelaySeconds><CommandKey/></c:ScheduleInform>"),
            9003, "argument DelaySeconds: not a valid unsignedInt");
    refuses(REQUEST("<c:X_0A1B2C_Everything><Time>tomorrow</Time></c:X_0A1B2C_Everything>"), 9003,
            "argument Time: not a valid dateTime");
    refuses(REQUEST("<c:SetParameterValues><ParameterList><ParameterValueStruct><Name>A</Name><Value/>"
                    "</ParameterValueStruct><ParameterValueStruct><Name>B</Name></ParameterValueStruct>"
                    "</ParameterList><ParameterKey/></c:SetParameterValues>"),
            9003, "argument ParameterList[2].Value: missing");
    refuses(REQUEST("<c:SetParameterAttributes><ParameterList><S><Name>A</Name>"
                    "<NotificationChange>1</NotificationChange><Notification>two</Notification>"
                    "<AccessListChange>1</AccessListChange><AccessList/></S></ParameterList>"
                    "</c:SetParameterAttributes>"),
            9003, "argument ParameterList[1].Notification: not a valid int");
    for (i = 0; i < 4; i++) {
        (void) memset(names[i], 'n', sizeof names[i]);
        names[i][i == 2 ? 257 : 256] = '\0';
    }
    (void) snprintf(message, sizeof message,
                    REQUEST("<c:GetParameterValues><ParameterNames><string>%s</string><string>%s</string>"
                            "<string>%s</string><string>%s</string></ParameterNames></c:GetParameterValues>"),
                    names[0], names[1], names[2], names[3]);
    refuses(message, 9003, "argument ParameterNames[3]: longer than 256 characters");
}

static void judges_enumerations_and_list_lengths(void) {
#define WINDOW(mode)                                                                                         \
    "<TimeWindowStruct><WindowStart>0</WindowStart><WindowEnd>9</WindowEnd><WindowMode>" mode                \
    "</WindowMode><UserMessage/><MaxRetries>0</MaxRetries></TimeWindowStruct>"
#define SCHEDULE(windows)                                                                                    \
    REQUEST("<c:ScheduleDownload><CommandKey/><FileType>1</FileType><URL>u</URL><Username/><Password/>"      \
            "<FileSize>0</FileSize><TargetFileName/><TimeWindowList>" windows                                \
            "</TimeWindowList></c:ScheduleDownload>")
    reads(SCHEDULE(WINDOW("1 At Any Time") WINDOW("3 When Idle")));
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    refuses(SCHEDULE(WINDOW("1 At Any Time") WINDOW("9 Never")), 9003,
            "argument TimeWindowList[2].WindowMode: not one of the values that it may have");
    refuses(SCHEDULE(WINDOW("1 At Any Time") WINDOW("3 When Idle") WINDOW("3 When Idle")), 9003,
            "argument TimeWindowList: more than 2 items");
}

static void knows_what_it_does_not_serve(void) {
    reads(REQUEST("<c:Fly><High>1</High></c:Fly>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_REQUEST);
    CU_ASSERT_EQUAL(got.ns, ENVELOPE_NS_1_2);
    CU_ASSERT_PTR_NULL(got.rpc);
    CU_ASSERT_STRING_EQUAL(got.method, "Fly");
    reads(REQUEST("<x:Reboot xmlns:x='urn:other'><CommandKey/></x:Reboot>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_REQUEST);
    CU_ASSERT_EQUAL(got.ns, 0);
    CU_ASSERT_PTR_NULL(got.rpc);
    reads(REQUEST("<x:Reboot xmlns:x='urn:dslforum-org:cwmp-1-7'><CommandKey/></x:Reboot>"));
    CU_ASSERT_EQUAL(got.ns, ENVELOPE_NS_1_2); /* a minor version to come */
    CU_ASSERT_PTR_NOT_NULL(got.rpc);
    reads(REQUEST("<x:Reboot xmlns:x='urn:dslforum-org:cwmp-1-x'><CommandKey/></x:Reboot>"));
    CU_ASSERT_EQUAL(got.ns, 0);
    reads(REQUEST("<Reboot><CommandKey/></Reboot>"));
    CU_ASSERT_EQUAL(got.ns, 0);
}

/* A declaration that was made for a string of UTF-16, which was written as UTF-8 then; and no later message
 * is read that way. */
static void reads_utf16_in_name_only(void) {
    static const char *const names[] = {"utf-16", "UTF-16", "UTF-16LE"};
    char message[1000];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void) snprintf(message, sizeof message,
                        "<?xml version='1.0' encoding='%s'?>"
                        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><c:Reboot "
                        "xmlns:c='urn:dslforum-org:cwmp-1-2'><CommandKey>\xC3\xA4</CommandKey></c:Reboot>"
                        "</s:Body></s:Envelope>",
                        names[i]);
        reads(message);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
        CU_ASSERT_TRUE(is(&got.args[0], "\xC3\xA4"));
        reads_other_encodings();
    }
    rejects("<?xml version='1.0' encoding='utf-16'?>\n<s:Envelope "
            "xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>\xE4</s:Envelope>",
            "line 2: ");
}

static void takes_off(const char *octets, size_t length, size_t before, size_t left) {
    const char *data = octets;
    envelope_trim(&data, &length);
    CU_ASSERT_PTR_EQUAL(data, octets + before);
    CU_ASSERT_EQUAL(length, left);
}

static void trims_what_is_around(void) {
    takes_off("", 0, 0, 0);
    takes_off("\xEF\xBB\xBF", 3, 3, 0);
    takes_off("\xEF\xBB", 2, 0, 2);
    takes_off(" \r\n\xEF\xBB\xBF\n\xEF\xBB\xBF<a/>\n", 15, 10, 5);
    takes_off("\0", 1, 0, 0);
    takes_off("\0\0\0", 3, 0, 0);
    takes_off("\n\0", 2, 1, 0);
    takes_off("<a/>\0\0", 6, 0, 4);
    takes_off("<\0a\0/\0>\0", 8, 0, 8); /* UTF-16 of either end */
    takes_off("\0<\0a\0/\0>", 8, 0, 8);
    takes_off("\xFF\xFE<\0a\0/\0>\0", 10, 0, 10);
}

/* ---- Responses, headers, faults --------------------------------------------------------------- */

static void reads_responses(void) {
    reads(REQUEST("<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_RESPONSE);
    CU_ASSERT_STRING_EQUAL(got.method, "InformResponse");
    CU_ASSERT_EQUAL(got.ns, ENVELOPE_NS_1_2);
    CU_ASSERT_EQUAL(got.use_version, 0);
    CU_ASSERT_FALSE(got.hold_requests);
    reads(REQUEST("<c:TransferCompleteResponse/>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_RESPONSE);
    reads(REQUEST("<x:OddResponse xmlns:x='urn:x'><a><b/></a></x:OddResponse>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_RESPONSE); /* a fault in answer to it would be wrong whatever it is */
    CU_ASSERT_EQUAL(got.ns, 0);
}

static void reads_headers(void) {
    static const struct {
        const char *text;
        int version;
    } versions[] = {{"1.0", 10}, {"1.4", 14}, {" 1.2\n", 12}, {"1.5", -1}, {"2.0", -1},
                    {"", -1},    {"1.", -1},  {"1.-1", -1},   {"x", -1},   {"1.4.1", -1}};
    char message[2000];
    size_t i;
    reads(HEADERS(
        "<c:ID s:mustUnderstand='1'> a&amp;b </c:ID><c:HoldRequests s:mustUnderstand='1'>1</c:HoldRequests>"
        "<c:NoMoreRequests s:mustUnderstand='1'>1</c:NoMoreRequests>"));
    CU_ASSERT_STRING_EQUAL(got.id, " a&b "); /* opaque */
    CU_ASSERT_TRUE(got.hold_requests);
    CU_ASSERT_FALSE(got.must_understand);
    reads(HEADERS("<c:HoldRequests>true</c:HoldRequests>"));
    CU_ASSERT_TRUE(got.hold_requests);
    CU_ASSERT_PTR_NULL(got.id);
    reads(HEADERS("<c:HoldRequests>0</c:HoldRequests>"));
    CU_ASSERT_FALSE(got.hold_requests);
    reads(HEADERS("<c:HoldRequests>maybe</c:HoldRequests>"));
    CU_ASSERT_FALSE(got.hold_requests);
    for (i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        (void) snprintf(message, sizeof message,
                        HEADERS("<c:UseCWMPVersion s:mustUnderstand='1'>%s</c:UseCWMPVersion>"),
                        versions[i].text);
        reads(message);
        CU_ASSERT_EQUAL(got.use_version, versions[i].version);
    }
}

/* SOA-06, SOA-07 */
static void minds_must_understand(void) {
    reads(HEADERS("<x:New xmlns:x='urn:x' s:mustUnderstand='1'>1</x:New><c:ID>7</c:ID>"));
    CU_ASSERT_TRUE(got.must_understand);
    CU_ASSERT_STRING_EQUAL(got.id, "7");
    reads(HEADERS("<x:ID xmlns:x='urn:x' s:mustUnderstand='1'>1</x:ID>")); /* not our ID */
    CU_ASSERT_TRUE(got.must_understand);
    CU_ASSERT_PTR_NULL(got.id);
    reads(HEADERS("<c:New s:mustUnderstand='1' s:actor='http://schemas.xmlsoap.org/soap/actor/next'/>"));
    CU_ASSERT_TRUE(got.must_understand);
    reads(HEADERS("<c:New s:mustUnderstand='1' s:actor=''/>"));
    CU_ASSERT_TRUE(got.must_understand);
    reads(HEADERS("<c:New s:mustUnderstand='1' s:actor='urn:somebody'/><c:New s:mustUnderstand='0'/><c:New/>"
                  "<c:New mustUnderstand='1'/>"));
    CU_ASSERT_FALSE(got.must_understand);
    CU_ASSERT_PTR_NOT_NULL(got.rpc);
}

static void reads_faults(void) {
    reads(REQUEST("<s:Fault><faultcode>s:Server</faultcode><faultstring>CWMP fault</faultstring><detail>"
                  "<c:Fault><FaultCode>8005</FaultCode><FaultString>Retry request</FaultString></c:Fault>"
                  "</detail></s:Fault>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_FAULT);
    CU_ASSERT_STRING_EQUAL(got.method, "Fault");
    CU_ASSERT_EQUAL(got.fault.code, 8005);
    CU_ASSERT_STRING_EQUAL(got.fault.text, "Retry request");
    CU_ASSERT_FALSE(got.version_mismatch);
    /* everything qualified, unknown things in between; parameters' faults do not count */
    reads(
        REQUEST("<s:Fault><s:faultcode>Client</s:faultcode><s:detail><o/><c:Fault><c:SetParameterValuesFault>"
                "<c:FaultCode>9007</c:FaultCode><c:FaultString>no</c:FaultString>"
                "</c:SetParameterValuesFault><c:FaultCode> 8003 </c:FaultCode></c:Fault></s:detail>"
                "<s:faultstring>words</s:faultstring></s:Fault>"));
    CU_ASSERT_EQUAL(got.fault.code, 8003);
    CU_ASSERT_STRING_EQUAL(got.fault.text, "words");
    /* no detail */
    reads(REQUEST("<s:Fault><faultcode>s:VersionMismatch</faultcode><faultstring/></s:Fault>"));
    CU_ASSERT_TRUE(got.version_mismatch);
    CU_ASSERT_EQUAL(got.fault.code, 0);
    reads(REQUEST("<s:Fault/>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_FAULT);
    CU_ASSERT_EQUAL(got.fault.code, 0);
    reads(REQUEST(
        "<s:Fault><faultcode/><detail><c:Fault><FaultCode>many</FaultCode></c:Fault></detail></s:Fault>"));
    CU_ASSERT_EQUAL(got.fault.code, 0);
    /* two colons in a name, as an ACS in wide use writes it */
    reads(REQUEST(
        "<s:Body:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail>"
        "<c:Fault><FaultCode>8000</FaultCode><FaultString>Method not supported</FaultString></c:Fault>"
        "</detail></s:Body:Fault>"));
    CU_ASSERT_EQUAL(got.kind, ENVELOPE_FAULT);
    CU_ASSERT_EQUAL(got.fault.code, 8000);
    CU_ASSERT_STRING_EQUAL(got.fault.text, "Method not supported");
}

/* ---- What is no message ----------------------------------------------------------------------- */

static void rejects_what_is_no_envelope(void) {
    rejects("", "empty");
    rejects(" \n", "empty");
    rejects("<html><body>It works!</body></html>", "line 1: not a SOAP 1.1 envelope but {}html");
    rejects("404 not found", "not XML");
    rejects("<", "not XML");
    rejects("<x", "line 1: ");
    rejects("<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body/></s:Envelope>",
            "2003/05/soap-envelope");
    rejects(HEAD "</s:Envelope>", "no entry in the SOAP body");
    rejects(HEAD "<s:Body/></s:Envelope>", "no entry in the SOAP body");
    rejects(REQUEST("\n<c:GetRPCMethods/>\n<c:GetRPCMethods/>"), "line 4: more than one entry");
    rejects(HEAD "<s:Body><c:FactoryReset/></s:Body><s:Body><c:FactoryReset/></s:Body></s:Envelope>",
            "more than one entry");
    rejects(REQUEST("<c:FactoryReset/>") "<more/>", "line 2: ");
    rejects(REQUEST("\n\n<c:FactoryReset></c:Factory>"), "line 4: ");
    rejects(REQUEST("<c:Reboot><CommandKey>\x02</CommandKey></c:Reboot>"), "line 2: ");
    rejects(REQUEST("<c:Reboot><CommandKey>\xC3(</CommandKey></c:Reboot>"), "line 2: ");
    rejects(REQUEST("<c:Reboot><CommandKey>&x;</CommandKey></c:Reboot>"), "line 2: ");
    rejects(REQUEST("<c:Reboot><CommandKey>&#0;</CommandKey></c:Reboot>"), "line 2: ");
    reads(REQUEST("<c:FactoryReset/>")); /* and goes on */
}

/* Every piece of a message that ends too early. */
static void rejects_what_is_cut_off(void) {
    static const char message[] = REQUEST(
        "<c:SetParameterValues><ParameterList><S><Name>A</Name><Value xsi:type='xsd:int'>1</Value></S>"
        "</ParameterList><ParameterKey>&lt;<![CDATA[k]]></ParameterKey></c:SetParameterValues>");
    size_t length;
    for (length = 0; length < sizeof message - 1; length++) {
        CU_ASSERT_EQUAL(parse_octets(message, length), -EBADMSG);
        CU_ASSERT_NOT_EQUAL(error[0], '\0');
    }
    reads(message);
}

/* SOA-11 */
static void refuses_dtds(void) {
    static const char bomb[] =
        "<?xml version='1.0'?><!-- <x> --><?p <x> ?><!DOCTYPE lolz [<!ENTITY a 'aaaaaaaaaa'>"
        "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><x>&b;</x>";
    rejects(bomb, "a DTD is not accepted");
    rejects("\xEF\xBB\xBF<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/x'><x/>", "a DTD is not accepted");
    rejects("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "a DTD is not accepted");
    /* the same octets in a text are nothing to fear */
    reads(REQUEST("<c:Reboot><CommandKey><![CDATA[<!DOCTYPE x>]]></CommandKey></c:Reboot>"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_TRUE(is(&got.args[0], "<!DOCTYPE x>"));
}

/* libxml2 needs quadratic time for them. */
static void caps_attributes(void) {
    char message[12000], quotes[1000];
    unsigned count, i;
    for (count = 250; count < 260; count++) {
        size_t length = (size_t) snprintf(message, sizeof message, "%s", HEAD ID "<s:Body><c:FactoryReset");
        for (i = 0; i < count; i++) { /* what looks like the end of the tag is none */
            length += (size_t) snprintf(message + length, sizeof message - length, " a%u%s", i,
                                        i % 2 ? "='\">'" : " = \"/>'\"");
        }
        (void) snprintf(message + length, sizeof message - length, "/></s:Body></s:Envelope>");
        if (count <= 256) {
            reads(message);
        } else {
            rejects(message, "too many attributes");
        }
    }
    /* quotes elsewhere do not count */
    memset(quotes, '\'', sizeof quotes - 1);
    quotes[sizeof quotes - 1] = '\0';
    (void) snprintf(message, sizeof message,
                    REQUEST("<c:FactoryReset>%s<!-- <a %s --><![CDATA[<a %s]]></c:FactoryReset>"), quotes,
                    quotes, quotes);
    reads(message);
}

/* An encoding that writes '<' otherwise would pass by the survey. */
static void refuses_odd_encodings(void) {
    static const char ucs4[][9] = {"\0\0\0<\0\0\0x", "<\0\0\0x\0\0\0", "\0\0<\0\0\0x\0", "\0<\0\0\0x\0\0",
                                   "\xFF\xFE\0\0<\0\0\0"};
    size_t i;
    rejects("<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x+AD4-", "encoding");
    rejects("<?xml version='1.0' encoding=\"ISO-2022-JP\"?><x/>", "encoding");
    rejects("<?xml version='1.0' encoding=''?><x/>", "encoding");
    rejects("\x4C\x6F\xA7\x94\x93", "not XML"); /* EBCDIC */
    for (i = 0; i < sizeof ucs4 / sizeof ucs4[0]; i++) {
        CU_ASSERT_EQUAL(parse_octets(ucs4[i], 8), -EBADMSG);
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "not XML"));
    }
    reads("<?xml version='1.0' encoding=\"utf-8\"?>"
          "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
          "<s:Body><c:FactoryReset xmlns:c='urn:dslforum-org:cwmp-1-2' "
          "encoding='UTF-7'/></s:Body></s:Envelope>");
    reads("<?xml version='1.0'?>"
          "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
          "<s:Body><c:FactoryReset xmlns:c='urn:dslforum-org:cwmp-1-2' "
          "encoding='UTF-7'/></s:Body></s:Envelope>");
}

static void caps_depth(void) {
    char message[4000];
    int depth, i;
    for (depth = 1; depth < 40; depth++) {
        size_t length;
        message[0] = '\0';
        length = (size_t) snprintf(message, sizeof message, "%s", HEAD "<s:Body><c:FactoryReset>");
        for (i = 0; i < depth; i++) {
            length += (size_t) snprintf(message + length, sizeof message - length, "<a>");
        }
        for (i = 0; i < depth; i++) {
            length += (size_t) snprintf(message + length, sizeof message - length, "</a>");
        }
        (void) snprintf(message + length, sizeof message - length, "</c:FactoryReset></s:Body></s:Envelope>");
        if (depth + 3 <= 16) {
            reads(message);
        } else {
            rejects(message, "more than 16 elements within each other");
        }
    }
}

static char *big_request(size_t items, size_t value, size_t *ret_length) {
    const size_t size = items * (value + 80) + 2000;
    char *message = malloc(size);
    size_t length, i;
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    length = (size_t) snprintf(message, size, "%s", HEAD ID "<s:Body><c:SetParameterValues><ParameterList>");
    for (i = 0; i < items; i++) {
        length += (size_t) snprintf(message + length, size - length, "<S><Name>A.%zu</Name><Value>", i);
        memset(message + length, 'v', value);
        length += value;
        length += (size_t) snprintf(message + length, size - length, "</Value></S>");
    }
    length +=
        (size_t) snprintf(message + length, size - length, "%s",
                          "</ParameterList><ParameterKey/></c:SetParameterValues></s:Body></s:Envelope>");
    *ret_length = length;
    return message;
}

static void caps_size(void) {
    size_t length;
    char *message = big_request(1, 99000, &length);
    CU_ASSERT_EQUAL(parse_octets(message, length), 0);
    CU_ASSERT_EQUAL(got.refusal.code, 9003); /* 65536 without a limit of its own */
    free(message);
    message = big_request(1, 65536, &length);
    CU_ASSERT_EQUAL(parse_octets(message, length), 0);
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    free(message);
    message = big_request(1, 100000, &length);
    CU_ASSERT_EQUAL(parse_octets(message, length), -EMSGSIZE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "more than 100000"));
    free(message);
    /* small on the wire, big in memory: refused, with its ID */
    message = big_request(2000, 0, &length);
    CU_ASSERT_EQUAL(parse_octets(message, length), 0);
    CU_ASSERT_EQUAL(got.refusal.code, 9004);
    CU_ASSERT_PTR_NULL(got.args);
    CU_ASSERT_STRING_EQUAL(got.id, "42");
    free(message);
    message = big_request(700, 1, &length);
    CU_ASSERT_EQUAL(parse_octets(message, length), 0);
    CU_ASSERT_EQUAL(got.refusal.code, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
    CU_ASSERT_EQUAL(got.args[0].length, 700);
    CU_ASSERT_TRUE(is(&got.args[0].as.items[2 * 699], "A.699"));
    free(message);
}

/* Much is read with one reader: it goes on working, whatever names it was fed with. */
static void lasts(void) {
    char message[2000];
    int i;
    for (i = 0; i < 3000; i++) {
        (void) snprintf(message, sizeof message,
                        REQUEST("<c:Reboot><CommandKey>%d</CommandKey><Extra%d a%d='1'/></c:Reboot>"), i, i,
                        i);
        if (i % 7 == 3) {
            message[strlen(message) - 20] = '\0';
            CU_ASSERT_EQUAL(parse(message), -EBADMSG);
        } else {
            char number[20];
            reads(message);
            CU_ASSERT_PTR_NOT_NULL_FATAL(got.args);
            (void) snprintf(number, sizeof number, "%d", i);
            CU_ASSERT_TRUE(is(&got.args[0], number));
        }
    }
}

static CU_TestInfo requests[] = {
    {"reads values to set", reads_values_to_set},
    {"reads lists in lists", reads_lists_in_lists},
    {"reads repeated elements", reads_repeated_elements},
    {"reads every type", reads_every_type},
    {"is liberal", is_liberal},
    {"stands odd types", stands_odd_types},
    {"reads other encodings", reads_other_encodings},
    {"reads UTF-16 in name only", reads_utf16_in_name_only},
    {"trims what is around", trims_what_is_around},
    {"names the bad argument", names_the_bad_argument},
    {"judges enumerations and list lengths", judges_enumerations_and_list_lengths},
    {"knows what it does not serve", knows_what_it_does_not_serve},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo others[] = {
    {"reads responses", reads_responses},
    {"reads headers", reads_headers},
    {"minds mustUnderstand", minds_must_understand},
    {"reads faults", reads_faults},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo broken[] = {
    {"rejects what is no envelope", rejects_what_is_no_envelope},
    {"rejects what is cut off", rejects_what_is_cut_off},
    {"refuses DTDs", refuses_dtds},
    {"caps attributes", caps_attributes},
    {"refuses odd encodings", refuses_odd_encodings},
    {"caps depth", caps_depth},
    {"caps size", caps_size},
    {"lasts", lasts},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("requests", requests), CUNIT_SUITE("others", others),
                             CUNIT_SUITE("broken", broken), CU_SUITE_INFO_NULL};
    int r;
    if (setup() < 0) {
        return 99;
    }
    r = cunit_run(suites);
    (void) teardown();
    return r;
}
