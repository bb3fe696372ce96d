/* The envelopes that the ACS sends. */
#include <config.h>

#include "message.h"
#include "rpc.h"

#include <stdio.h>
#include <string.h>

int envelope_write(struct buffer *out, const struct envelope *envelope, const char *body) {
    (void) buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (envelope->dtd) {
        (void) buffer_text(out,
                           "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>\n");
    }
    (void) buffer_format(out,
                         "<soap-env:Envelope xmlns:soap-env=\"" NS_SOAP "\""
                         " xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\""
                         " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"" NS_XSI "\""
                         " xmlns:cwmp=\"%s\">",
                         envelope->space);
    if (envelope->id != NULL || envelope->hold || envelope->use_version != NULL) {
        (void) buffer_text(out, "<soap-env:Header>");
        if (envelope->id != NULL) {
            (void) buffer_format(out, "<cwmp:ID soap-env:mustUnderstand=\"1\">%s</cwmp:ID>", envelope->id);
        }
        if (envelope->hold) {
            (void) buffer_text(out, "<cwmp:HoldRequests soap-env:mustUnderstand=\"1\">1</cwmp:HoldRequests>");
        }
        if (envelope->use_version != NULL) {
            (void) buffer_format(
                out, "<cwmp:UseCWMPVersion soap-env:mustUnderstand=\"1\">%s</cwmp:UseCWMPVersion>",
                envelope->use_version);
        }
        (void) buffer_text(out, "</soap-env:Header>");
    }
    if (envelope->pad > 0) {
        (void) buffer_text(out, "<!--");
        for (size_t left = envelope->pad; left > 0;) {
            static const char filler[] = "padding padding padding padding padding padding padding padding ";
            size_t part = left < sizeof filler - 1 ? left : sizeof filler - 1;
            (void) buffer_append(out, filler, part);
            left -= part;
        }
        (void) buffer_text(out, " -->");
    }
    (void) buffer_format(out, "<soap-env:Body>%s</soap-env:Body></soap-env:Envelope>\n", body);
    return buffer_error(out);
}

struct response_row {
    const char *method;
    const char *body;
};

static const struct response_row responses[] = {
    {"Inform", "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"},
    {"TransferComplete", "<cwmp:TransferCompleteResponse/>"},
    {"AutonomousTransferComplete", "<cwmp:AutonomousTransferCompleteResponse/>"},
    {"DUStateChangeComplete", "<cwmp:DUStateChangeCompleteResponse/>"},
    {"AutonomousDUStateChangeComplete", "<cwmp:AutonomousDUStateChangeCompleteResponse/>"},
    {"RequestDownload", "<cwmp:RequestDownloadResponse/>"},
    {"Kicked", "<cwmp:KickedResponse><NextURL/></cwmp:KickedResponse>"},
    {"GetRPCMethods", "<cwmp:GetRPCMethodsResponse><MethodList soapenc:arrayType=\"xsd:string[7]\">"
                      "<string>Inform</string><string>GetRPCMethods</string><string>TransferComplete</string>"
                      "<string>AutonomousTransferComplete</string><string>DUStateChangeComplete</string>"
                      "<string>AutonomousDUStateChangeComplete</string><string>RequestDownload</string>"
                      "</MethodList></cwmp:GetRPCMethodsResponse>"},
};

const char *response_body(const char *method) {
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        if (strcmp(responses[i].method, method) == 0) {
            return responses[i].body;
        }
    }
    return NULL;
}

struct fault_row {
    unsigned code;
    const char *text;
};

static const struct fault_row faults[] = {
    {8000, "Method not supported"},
    {8001, "Request denied"},
    {8002, "Internal error"},
    {8003, "Invalid arguments"},
    {8004, "Resources exceeded"},
    {8005, "Retry request"},
    {8006, "ACS version incompatible with CPE"},
};

char *fault_body(unsigned code) {
    const char *text = "Vendor fault";
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        text = faults[i].code == code ? faults[i].text : text;
    }
    bool client = code == 8003 || code == 8005 || code == 8006;
    return must_format(
        "<soap-env:Fault><faultcode>%s</faultcode><faultstring>CWMP fault</faultstring><detail>"
        "<cwmp:Fault><FaultCode>%u</FaultCode><FaultString>%s</FaultString></cwmp:Fault>"
        "</detail></soap-env:Fault>",
        client ? "soap-env:Client" : "soap-env:Server", code, text);
}
