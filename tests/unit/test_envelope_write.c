/* core/cwmp/envelope: writing */
#include <config.h>

#include "cwmp/envelope.h"
#include "cwmp/fault.h"

#include "cunit.h"
#include "validate.h"

#include <errno.h>

static struct envelope_writer *writer;
static const int namespaces[] = {ENVELOPE_NS_1_0, ENVELOPE_NS_1_1, ENVELOPE_NS_1_2};
static const char *data;
static size_t length;

static void check_valid(void) {
    CU_ASSERT_TRUE(validate(data, length, false));
}

static void ends(void) {
    data = "";
    length = 0;
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), 0);
    CU_ASSERT_EQUAL(strlen(data), length);
}

static bool has(const char *part) {
    if (strstr(data, part) == NULL) {
        (void) fprintf(stderr, "\"%s\" is not in: %s\n", part, data);
        return false;
    }
    return true;
}

static void parameter(const char *path, enum tr069_type type, const char *text) {
    envelope_parameter(writer, path, strlen(path), type, text, strlen(text));
}

static void event(const char *code, const char *command_key) {
    envelope_open(writer, "EventStruct");
    envelope_element(writer, "EventCode", code);
    envelope_element(writer, "CommandKey", command_key);
    envelope_close(writer);
}

static void begin_inform(int ns) {
    const struct envelope_header header = {ns, "a<b>&\"1", ns == ENVELOPE_NS_1_2 ? 60 : 0,
                                           ns == ENVELOPE_NS_1_2 ? "1.0,1.1,1.2,1.3,1.4" : NULL};
    envelope_begin(writer, &header, "Inform");
    envelope_open(writer, "DeviceId");
    envelope_element(writer, "Manufacturer", "M & M");
    envelope_element(writer, "OUI", "0A1B2C");
    envelope_element(writer, "ProductClass", "");
    envelope_element(writer, "SerialNumber", "1");
    envelope_close(writer);
    envelope_list(writer, "Event", "EventStruct", 2);
    event("1 BOOT", "");
    event("M Reboot", "k1");
    envelope_close(writer);
    envelope_number(writer, "MaxEnvelopes", 1);
    envelope_element(writer, "CurrentTime", "2026-11-22T05:30:00+01:00");
    envelope_number(writer, "RetryCount", 0);
}

static void writes_an_inform(void) {
    static const char exact[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\""
        " xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\""
        " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
        " xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\">"
        "<soap:Header><cwmp:ID soap:mustUnderstand=\"1\">a&lt;b&gt;&amp;&quot;1</cwmp:ID></soap:Header>"
        "<soap:Body><cwmp:Inform><DeviceId><Manufacturer>M &amp; M</Manufacturer><OUI>0A1B2C</OUI>"
        "<ProductClass/><SerialNumber>1</SerialNumber></DeviceId>"
        "<Event soapenc:arrayType=\"cwmp:EventStruct[2]\">"
        "<EventStruct><EventCode>1 BOOT</EventCode><CommandKey/></EventStruct>"
        "<EventStruct><EventCode>M Reboot</EventCode><CommandKey>k1</CommandKey></EventStruct></Event>"
        "<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-11-22T05:30:00+01:00</CurrentTime>"
        "<RetryCount>0</RetryCount><ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[2]\">"
        "<ParameterValueStruct><Name>Device.A</Name><Value xsi:type=\"xsd:string\">a</Value>"
        "</ParameterValueStruct><ParameterValueStruct><Name>Device.B</Name><Value xsi:type=\"xsd:boolean\"/>"
        "</ParameterValueStruct></ParameterList></cwmp:Inform></soap:Body></soap:Envelope>\n";
    size_t i;
    for (i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++) {
        begin_inform(namespaces[i]);
        envelope_list(writer, "ParameterList", "ParameterValueStruct", 2);
        parameter("Device.A", TR069_STRING, "a");
        parameter("Device.B", i == 0 ? TR069_BOOLEAN : TR069_STRING, "");
        envelope_close(writer);
        ends();
        if (i == 0) {
            CU_ASSERT_STRING_EQUAL(data, exact);
        } else {
            check_valid();
        }
    }
    CU_ASSERT_TRUE(has("<cwmp:SessionTimeout soap:mustUnderstand=\"0\">60</cwmp:SessionTimeout>"));
    CU_ASSERT_TRUE(has("<cwmp:SupportedCWMPVersions soap:mustUnderstand=\"0\">1.0,1.1,1.2,1.3,1.4<"));
}

static void types_every_value(void) {
    static const struct {
        enum tr069_type type;
        const char *text, *expected;
    } values[] = {
        {TR069_STRING, "x", "xsd:string\">x<"},
        {TR069_INT, "-1", "xsd:int\">-1<"},
        {TR069_LONG, "-1", "xsd:long\">-1<"},
        {TR069_UINT, "1", "xsd:unsignedInt\">1<"},
        {TR069_ULONG, "1", "xsd:unsignedLong\">1<"},
        {TR069_BOOLEAN, "true", "xsd:boolean\">true<"},
        {TR069_DATETIME, "0001-01-01T00:00:00Z", "xsd:dateTime\">0001-01-01T00:00:00Z<"},
        {TR069_BASE64, "aGk=", "soapenc:base64\">aGk=<"},
        {TR069_HEXBINARY, "0A", "xsd:hexBinary\">0A<"},
        {TR069_DECIMAL, "1.5", "xsd:decimal\">1.5<"},
    };
    const size_t count = sizeof values / sizeof values[0];
    size_t i, n;
    for (n = 0; n < sizeof namespaces / sizeof namespaces[0]; n++) {
        const struct envelope_header header = {namespaces[n], "7", 0, NULL};
        envelope_begin(writer, &header, "GetParameterValuesResponse");
        envelope_list(writer, "ParameterList", "ParameterValueStruct", count);
        for (i = 0; i < count; i++) {
            char path[20];
            (void) snprintf(path, sizeof path, "Device.%zu", i);
            parameter(path, values[i].type, values[i].text);
        }
        envelope_close(writer);
        ends();
        check_valid();
        for (i = 0; i < count; i++) {
            CU_ASSERT_TRUE(has(values[i].expected));
        }
    }
    /* complaint 9: there is no value without a type */
    envelope_begin(writer, &(struct envelope_header){12, NULL, 0, NULL}, "GetParameterValuesResponse");
    envelope_list(writer, "ParameterList", "ParameterValueStruct", 1);
    parameter("Device.A", TR069_NONE, "x");
    envelope_close(writer);
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
}

/* Complaint 8: whatever a device says, the document is XML. */
static void escapes_everything(void) {
    const struct envelope_header header = {12, "\x01]]>\xFF\"'\r", 0, NULL};
    char all[256];
    size_t i;
    for (i = 0; i < sizeof all; i++) {
        all[i] = (char) i;
    }
    envelope_begin(writer, &header, "GetParameterValuesResponse");
    envelope_list(writer, "ParameterList", "ParameterValueStruct", 2);
    envelope_parameter(writer, "A", 1, TR069_STRING, all, sizeof all);
    parameter("B\x02\"<", TR069_STRING, "]]> \xC3\xA4 \xF0\x9F\x93\xBA \xED\xA0\x80");
    envelope_close(writer);
    ends();
    check_valid();
    CU_ASSERT_TRUE(has("]]&gt; &#xE4; &#x1F4FA; ?"));
    CU_ASSERT_TRUE(has("<Name>B?&quot;&lt;</Name>"));
}

/* What handlers of RPCs write. */
static void writes_responses(void) {
    size_t n;
    for (n = 0; n < sizeof namespaces / sizeof namespaces[0]; n++) {
        const struct envelope_header header = {namespaces[n], "7", 0, NULL};
        struct tr069_value value = {0};
        envelope_begin(writer, &header, "DownloadResponse");
        (void) tr069_value_int(&value, 1);
        envelope_value(writer, "Status", &value);
        (void) tr069_value_time(&value, TR069_TIME_UNKNOWN);
        envelope_value(writer, "StartTime", &value);
        (void) tr069_value_time(&value, 1795321800);
        envelope_value(writer, "CompleteTime", &value);
        ends();
        check_valid();
        CU_ASSERT_TRUE(has("<Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime>"
                           "<CompleteTime>2026-11-22T04:30:00Z</CompleteTime>"));

        envelope_begin(writer, &header, "GetRPCMethodsResponse");
        envelope_list(writer, "MethodList", "string", 2);
        envelope_element(writer, "string", "GetRPCMethods");
        (void) tr069_value_string(&value, "X_0A1B2C_Fly");
        envelope_value(writer, "string", &value);
        envelope_close(writer);
        ends();
        check_valid();
        CU_ASSERT_TRUE(has("<MethodList soapenc:arrayType=\"xsd:string[2]\"><string>GetRPCMethods</string>"));

        envelope_begin(writer, &header, "GetParameterNamesResponse");
        envelope_list(writer, "ParameterList", "ParameterInfoStruct", 0);
        envelope_close(writer);
        ends();
        check_valid();

        envelope_begin(writer, &header, "GetParameterAttributesResponse");
        envelope_list(writer, "ParameterList", "ParameterAttributeStruct", 2);
        envelope_open(writer, "ParameterAttributeStruct");
        envelope_element(writer, "Name", "Device.A");
        envelope_number(writer, "Notification", 2);
        envelope_list(writer, "AccessList", "string", 1);
        envelope_element(writer, "string", "Subscriber");
        envelope_close(writer);
        envelope_close(writer);
        envelope_open(writer, "ParameterAttributeStruct");
        envelope_element(writer, "Name", "Device.B");
        (void) tr069_value_uint(&value, 0);
        envelope_value(writer, "Notification", &value);
        envelope_list(writer, "AccessList", "string", 0);
        envelope_close(writer);
        envelope_close(writer);
        envelope_close(writer);
        ends();
        check_valid();

        envelope_begin(writer, &header, "SetParameterAttributesResponse");
        ends();
        check_valid();
        CU_ASSERT_TRUE(has("<cwmp:SetParameterAttributesResponse/>"));
    }
}

static void writes_no_header_without_need(void) {
    const struct envelope_header header = {12, NULL, 0, NULL};
    envelope_begin(writer, &header, "RebootResponse");
    ends();
    check_valid();
    CU_ASSERT_PTR_NULL(strstr(data, "Header"));
}

static void writes_faults(void) {
    size_t n;
    for (n = 0; n < sizeof namespaces / sizeof namespaces[0]; n++) {
        const struct envelope_header header = {namespaces[n], "7", 0, NULL};
        const struct envelope_parameter_fault list[] = {{"Device.A", {9007, "above <5>"}},
                                                        {"Device.B", {9008, ""}}};
        struct tr069_fault fault = {9003, ""};
        unsigned code;
        CU_ASSERT_EQUAL(envelope_fault(writer, &header, &fault, list, 2, false, &data, &length), 0);
        check_valid();
        CU_ASSERT_TRUE(has(
            "<soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>CWMP fault</faultstring>"
            "<detail><cwmp:Fault><FaultCode>9003</FaultCode><FaultString>Invalid arguments</FaultString>"
            "<SetParameterValuesFault><ParameterName>Device.A</ParameterName><FaultCode>9007</FaultCode>"
            "<FaultString>above &lt;5&gt;</FaultString></SetParameterValuesFault>"
            "<SetParameterValuesFault><ParameterName>Device.B</ParameterName><FaultCode>9008</FaultCode>"
            "<FaultString>Attempt to set a non-writable parameter</FaultString></SetParameterValuesFault>"
            "</cwmp:Fault></detail></soap:Fault></soap:Body>"));
        for (code = 9000; code <= 9032; code++) { /* every namespace takes what goes out in it */
            if (code == 9014) {
                code = 9019; /* 9014 to 9018 are as 9019, and each takes a while */
            } else if (code == 9023) {
                code = 9032;
            }
            fault.code = code;
            (void) snprintf(fault.text, sizeof fault.text, "words %u", code);
            CU_ASSERT_EQUAL(envelope_fault(writer, &header, &fault, NULL, 0, false, &data, &length), 0);
            check_valid();
            CU_ASSERT_TRUE(
                has(fault_is_client(fault_code_in(code, namespaces[n])) ? ">soap:Client<" : ">soap:Server<"));
            CU_ASSERT_TRUE(has(fault.text));
        }
    }
}

/* The code that SOAP 1.1 has for it, which the rules for ordinary faults do not know: the schemas do. */
static void writes_must_understand(void) {
    const struct envelope_header header = {12, "7", 0, NULL};
    const struct tr069_fault fault = {9003, "a header was not understood"};
    CU_ASSERT_EQUAL(envelope_fault(writer, &header, &fault, NULL, 0, true, &data, &length), 0);
    CU_ASSERT_TRUE(validate(data, length, true));
    CU_ASSERT_TRUE(has("<faultcode>soap:MustUnderstand</faultcode><faultstring>CWMP fault</faultstring>"));
    CU_ASSERT_TRUE(has("<FaultCode>9003</FaultCode><FaultString>a header was not understood</FaultString>"));
}

/* Misuse, most likely by a plugin: an error, never a message that is wrong; and the next one is right. */
static void refuses_misuse(void) {
    static const char *const names[] = {"", "1a", "a b", "a<b", "\xC3\xA4", "cwmp:A", NULL};
    const struct envelope_header header = {12, "7", 0, NULL};
    struct tr069_value list = {TR069_LIST, TR069_NONE, 0, {NULL}, 0, ""};
    size_t i;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        envelope_begin(writer, &header, "A");
        envelope_element(writer, names[i], "x");
        CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
        envelope_begin(writer, &header, "A");
        envelope_open(writer, names[i]);
        CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
        envelope_begin(writer, &header, "A");
        envelope_list(writer, "L", names[i], 0);
        CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
        envelope_begin(writer, &header, names[i]);
        CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
    }
    envelope_begin(writer, &header, "A");
    envelope_list(writer, "L", "string", 2);
    envelope_element(writer, "string", "only one");
    envelope_close(writer);
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
    envelope_begin(writer, &header, "A");
    envelope_open(writer, "B"); /* not closed */
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
    envelope_begin(writer, &header, "A");
    envelope_close(writer); /* nothing open */
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
    envelope_begin(writer, &header, "A");
    envelope_value(writer, "B", &list);
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
    envelope_begin(writer, &header, "A");
    for (i = 0; i < 100; i++) {
        envelope_open(writer, "B");
    }
    for (i = 0; i < 100; i++) {
        envelope_close(writer);
    }
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL);
    CU_ASSERT_EQUAL(envelope_end(writer, &data, &length), -EINVAL); /* nothing begun */
    envelope_element(writer, "B", "x");
    /* given up half-way */
    envelope_begin(writer, &header, "A");
    envelope_open(writer, "B");
    envelope_list(writer, "C", "string", 7);
    writes_no_header_without_need();
    writes_an_inform();
}

static void caps_size(void) {
    const struct envelope_header header = {12, "7", 0, NULL};
    struct envelope_writer *small;
    const char *text;
    size_t size, i;
    CU_ASSERT_EQUAL_FATAL(envelope_writer_new(2000, &small), 0);
    for (i = 1; i < 40; i++) {
        size_t n;
        int r;
        envelope_begin(small, &header, "GetParameterValuesResponse");
        envelope_list(small, "ParameterList", "ParameterValueStruct", i);
        for (n = 0; n < i; n++) {
            envelope_parameter(small, "Device.A", 8, TR069_STRING, "some text", 9);
        }
        envelope_close(small);
        size = 0;
        r = envelope_end(small, &text, &size);
        if (r == 0) {
            CU_ASSERT_TRUE(size <= 2000);
        }
        CU_ASSERT_EQUAL(r, i <= 12 ? 0 : -EMSGSIZE);
    }
    CU_ASSERT_EQUAL(
        envelope_fault(small, &header, &(struct tr069_fault){9004, ""}, NULL, 0, false, &text, &size), 0);
    envelope_writer_free(small);
}

/* Ten thousand parameters, and the writer is as good as new. */
static void writes_much(void) {
    const struct envelope_header header = {12, "7", 0, NULL};
    enum { MANY = 10000 };
    size_t i;
    envelope_begin(writer, &header, "GetParameterValuesResponse");
    envelope_list(writer, "ParameterList", "ParameterValueStruct", MANY);
    for (i = 0; i < MANY; i++) {
        char path[40];
        const int n = snprintf(path, sizeof path, "Device.T.%zu.P", i);
        envelope_parameter(writer, path, (size_t) n, TR069_UINT, "17", 2);
    }
    envelope_close(writer);
    ends();
    CU_ASSERT_TRUE(has("<Name>Device.T.9999.P</Name><Value xsi:type=\"xsd:unsignedInt\">17</Value>"));
    CU_ASSERT_TRUE(validate(data, length, true)); /* the Schematron rules compare each with each */
    writes_no_header_without_need();
    envelope_writer_free(NULL);
}

static CU_TestInfo tests[] = {
    {"writes an Inform", writes_an_inform},
    {"types every value", types_every_value},
    {"escapes everything", escapes_everything},
    {"writes responses", writes_responses},
    {"writes no header without need", writes_no_header_without_need},
    {"writes faults", writes_faults},
    {"writes MustUnderstand", writes_must_understand},
    {"refuses misuse", refuses_misuse},
    {"caps size", caps_size},
    {"writes much", writes_much},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("envelope, writing", tests), CU_SUITE_INFO_NULL};
    int r;
    if (envelope_writer_new(16 * 1024 * 1024, &writer) < 0) {
        return 99;
    }
    r = cunit_run(suites);
    envelope_writer_free(writer);
    return r;
}
