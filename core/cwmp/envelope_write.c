/* Writes envelopes. libxml2's text writer makes the structure; the leaves, of which there are thousands
 * in a big answer, go straight into the same buffer through text_xml(), which also keeps out what XML
 * cannot hold (libxml2's writer would let it through). */
#include <config.h>

#include "cwmp/envelope.h"

#include "base/text.h"
#include "cwmp/fault.h"
#include "model/value.h"

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

/* BAD_CAST would take the const away. */
#define XML(text) ((const xmlChar *) (text))

enum {
    NAME_MAX_LENGTH = 80,
    OPEN_MAX = 24,   /* nested elements below the RPC */
    NAME_SIZE = 112, /* of a qualified element name, a list's type */
    KEPT = 4 * 1024  /* octets of memory kept between sessions */
};

/* An open element. A list tells its length before its items: a wrong count must not leave the house. */
struct level {
    bool list;
    size_t expected;
    size_t seen;
};

struct envelope_writer {
    struct buffer out;
    xmlTextWriterPtr xml;
    bool begun;  /* elements are open */
    bool direct; /* nothing is left in libxml2's own buffer, and no start tag waits for its '>' */
    int error;
    unsigned depth;
    struct level levels[OPEN_MAX];
};

/* The buffer keeps its error. Reporting it here would make libxml2 print to stderr. */
static int write_out(void *context, const char *data, int length) {
    struct buffer *out = context;
    (void) buffer_append(out, data, (size_t) length);
    return length;
}

static xmlTextWriterPtr new_xml(struct buffer *out) {
    xmlOutputBufferPtr output = xmlOutputBufferCreateIO(write_out, NULL, out, NULL);
    xmlTextWriterPtr xml;
    if (output == NULL) {
        return NULL;
    }
    xml = xmlNewTextWriter(output);
    if (xml == NULL) {
        (void) xmlOutputBufferClose(output);
    }
    return xml;
}

int envelope_writer_new(size_t max, struct envelope_writer **ret_writer) {
    struct envelope_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return -ENOMEM;
    }
    buffer_init(&writer->out, max);
    writer->xml = new_xml(&writer->out);
    if (writer->xml == NULL) {
        envelope_writer_free(writer);
        return -ENOMEM;
    }
    *ret_writer = writer;
    return 0;
}

void envelope_writer_free(struct envelope_writer *writer) {
    if (writer == NULL) {
        return;
    }
    xmlFreeTextWriter(writer->xml);
    buffer_free(&writer->out);
    free(writer);
}

void envelope_writer_shrink(struct envelope_writer *writer) {
    if (!writer->begun) {
        buffer_shrink(&writer->out, KEPT);
    }
}

/* ---- Structure, by libxml2 -------------------------------------------------------------------- */

static void fail(struct envelope_writer *writer, int error) {
    if (writer->error == 0) {
        writer->error = error;
    }
}

/* libxml2 fails for want of memory only: what it is given was checked. */
static void check(struct envelope_writer *writer, int result) {
    writer->direct = false;
    if (result < 0) {
        fail(writer, -ENOMEM);
    }
}

static void start(struct envelope_writer *writer, const char *name) {
    check(writer, xmlTextWriterStartElement(writer->xml, XML(name)));
}

static void end(struct envelope_writer *writer) {
    check(writer, xmlTextWriterEndElement(writer->xml));
}

static void attribute(struct envelope_writer *writer, const char *name, const char *value) {
    check(writer, xmlTextWriterWriteAttribute(writer->xml, XML(name), XML(value)));
}

/* ---- Leaves, straight into the buffer ----------------------------------------------------------- */

static struct buffer *leaves(struct envelope_writer *writer) {
    if (!writer->direct) {
        check(writer, xmlTextWriterWriteRaw(writer->xml, XML(""))); /* the '>' of the start tag */
        check(writer, xmlTextWriterFlush(writer->xml));
        writer->direct = true;
    }
    return &writer->out;
}

static void raw(struct buffer *out, const char *text) {
    (void) buffer_append(out, text, strlen(text));
}

static void leaf(struct envelope_writer *writer, const char *name, const char *text, size_t length) {
    struct buffer *out = leaves(writer);
    raw(out, "<");
    raw(out, name);
    if (length == 0) {
        raw(out, "/>");
        return;
    }
    raw(out, ">");
    (void) text_xml(out, text, length);
    raw(out, "</");
    raw(out, name);
    raw(out, ">");
}

static void leaf_number(struct envelope_writer *writer, const char *name, int64_t number) {
    (void) buffer_format(leaves(writer), "<%s>%lld</%s>", name, (long long) number, name);
}

/* ---- The message -------------------------------------------------------------------------------- */

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

/* Names come from plugins, too. */
static bool good_name(const char *name) {
    size_t length;
    if (name == NULL || name[0] == '\0' || strchr(LETTERS, name[0]) == NULL) {
        return false;
    }
    length = strspn(name, LETTERS "0123456789-.");
    return length <= NAME_MAX_LENGTH && name[length] == '\0';
}

/* Counts a child of the innermost element; false when its name cannot be written. */
static bool child(struct envelope_writer *writer, const char *name) {
    if (!writer->begun || !good_name(name)) {
        fail(writer, -EINVAL);
        return false;
    }
    writer->levels[writer->depth].seen++;
    return true;
}

static const char *namespace_of(int ns) {
    if (ns == ENVELOPE_NS_1_0) {
        return "urn:dslforum-org:cwmp-1-0";
    }
    return ns == ENVELOPE_NS_1_1 ? "urn:dslforum-org:cwmp-1-1" : "urn:dslforum-org:cwmp-1-2";
}

static void header_entry(struct buffer *out, const char *name, bool must, const char *text) {
    raw(out, "<");
    raw(out, name);
    raw(out, must ? " soap:mustUnderstand=\"1\">" : " soap:mustUnderstand=\"0\">");
    (void) text_xml(out, text, strlen(text));
    raw(out, "</");
    raw(out, name);
    raw(out, ">");
}

static void headers(struct buffer *out, const struct envelope_header *header) {
    char seconds[24];
    if (header->id == NULL && header->session_timeout == 0 && header->versions == NULL) {
        return;
    }
    raw(out, "<soap:Header>");
    if (header->id != NULL) {
        header_entry(out, "cwmp:ID", true, header->id);
    }
    if (header->session_timeout != 0) {
        (void) snprintf(seconds, sizeof seconds, "%u", header->session_timeout);
        header_entry(out, "cwmp:SessionTimeout", false, seconds);
    }
    if (header->versions != NULL) {
        header_entry(out, "cwmp:SupportedCWMPVersions", false, header->versions);
    }
    raw(out, "</soap:Header>");
}

/* What every message begins and ends with is plain text; libxml2 starts at the RPC. */
static const char opening[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\""
                              " xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\""
                              " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
                              " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"";
static const char closing[] = "</soap:Body></soap:Envelope>\n";

static void begin(struct envelope_writer *writer, const struct envelope_header *header, const char *name) {
    struct buffer *out = &writer->out;
    if (writer->begun) { /* given up half-way: libxml2 closes what is open */
        (void) xmlTextWriterEndDocument(writer->xml);
        (void) xmlTextWriterFlush(writer->xml);
    }
    buffer_reset(&writer->out);
    writer->error = 0;
    writer->depth = 0;
    writer->levels[0].list = false;
    writer->begun = true;
    writer->direct = true;
    (void) buffer_append(out, opening, sizeof opening - 1);
    raw(out, namespace_of(header->ns));
    raw(out, "\">");
    headers(out, header);
    raw(out, "<soap:Body>");
    start(writer, name);
}

void envelope_begin(struct envelope_writer *writer, const struct envelope_header *header, const char *name) {
    char qualified[NAME_SIZE];
    const bool good = good_name(name);
    (void) snprintf(qualified, sizeof qualified, "cwmp:%s", good ? name : "_");
    begin(writer, header, qualified);
    if (!good) {
        fail(writer, -EINVAL);
    }
}

void envelope_open(struct envelope_writer *writer, const char *name) {
    if (!child(writer, name)) {
        return;
    }
    if (writer->depth + 1 >= OPEN_MAX) {
        fail(writer, -EINVAL);
        return;
    }
    writer->depth++;
    writer->levels[writer->depth] = (struct level){0};
    start(writer, name);
}

void envelope_close(struct envelope_writer *writer) {
    const struct level *level = &writer->levels[writer->depth];
    if (!writer->begun || writer->depth == 0 || (level->list && level->seen != level->expected)) {
        fail(writer, -EINVAL);
    }
    if (writer->error != 0) {
        return; /* elements may be missing: leave the closing to the next begin() */
    }
    writer->depth--;
    end(writer);
}

void envelope_element(struct envelope_writer *writer, const char *name, const char *text) {
    if (child(writer, name)) {
        leaf(writer, name, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    }
}

void envelope_number(struct envelope_writer *writer, const char *name, int64_t number) {
    if (child(writer, name)) {
        leaf_number(writer, name, number);
    }
}

void envelope_value(struct envelope_writer *writer, const char *name, const struct tr069_value *value) {
    struct tr069_value copy;
    const char *text;
    size_t length;
    if (!child(writer, name)) {
        return;
    }
    if (value->type == TR069_NONE) {
        leaf(writer, name, "", 0);
        return;
    }
    copy = *value; /* value_text() may write the text into it */
    if (value_text(value->type == TR069_ANY ? TR069_STRING : value->type, &copy, &text, &length) < 0) {
        fail(writer, -EINVAL);
        return;
    }
    leaf(writer, name, text, length);
}

void envelope_list(struct envelope_writer *writer, const char *name, const char *item, size_t count) {
    char type[NAME_SIZE];
    enum tr069_type simple;
    if (!good_name(item)) {
        fail(writer, -EINVAL);
        return;
    }
    envelope_open(writer, name);
    if (writer->error != 0) {
        return;
    }
    writer->levels[writer->depth].list = true;
    writer->levels[writer->depth].expected = count;
    simple = value_type_of(item, strlen(item));
    (void) snprintf(type, sizeof type, "%s:%s[%zu]",
                    simple == TR069_NONE     ? "cwmp"
                    : simple == TR069_BASE64 ? "soapenc"
                                             : "xsd",
                    item, count);
    attribute(writer, "soapenc:arrayType", type);
}

/* What stands between name and value, by type: one piece instead of four. */
#define BETWEEN(name)                                                                                        \
    { "</Name><Value xsi:type=\"" name "\">", sizeof "</Name><Value xsi:type=\"" name "\">" - 1 }
static const struct between {
    const char *text;
    size_t length;
} between[] = {
    [TR069_NONE] = {NULL, 0},
    [TR069_STRING] = BETWEEN("xsd:string"),
    [TR069_INT] = BETWEEN("xsd:int"),
    [TR069_LONG] = BETWEEN("xsd:long"),
    [TR069_UINT] = BETWEEN("xsd:unsignedInt"),
    [TR069_ULONG] = BETWEEN("xsd:unsignedLong"),
    [TR069_BOOLEAN] = BETWEEN("xsd:boolean"),
    [TR069_DATETIME] = BETWEEN("xsd:dateTime"),
    [TR069_BASE64] = BETWEEN("soapenc:base64"),
    [TR069_HEXBINARY] = BETWEEN("xsd:hexBinary"),
    [TR069_DECIMAL] = BETWEEN("xsd:decimal"),
};

void envelope_parameter(struct envelope_writer *writer, const char *path, size_t path_length,
                        enum tr069_type type, const char *text, size_t length) {
    static const char head[] = "<ParameterValueStruct><Name>", tail[] = "</Value></ParameterValueStruct>",
                      tail_empty[] = "/></ParameterValueStruct>";
    const struct between *piece;
    struct buffer *out;
    if (!writer->begun || (size_t) type >= sizeof between / sizeof between[0] || between[type].text == NULL) {
        fail(writer, -EINVAL); /* never an empty type: complaint 9 */
        return;
    }
    piece = &between[type];
    writer->levels[writer->depth].seen++;
    out = leaves(writer);
    (void) buffer_append(out, head, sizeof head - 1);
    (void) text_xml(out, path, path_length);
    if (length == 0) { /* there is always a Value: complaint 7 */
        (void) buffer_append(out, piece->text, piece->length - 1);
        (void) buffer_append(out, tail_empty, sizeof tail_empty - 1);
        return;
    }
    (void) buffer_append(out, piece->text, piece->length);
    (void) text_xml(out, text, length);
    (void) buffer_append(out, tail, sizeof tail - 1);
}

int envelope_end(struct envelope_writer *writer, const char **ret_data, size_t *ret_length) {
    int error;
    if (!writer->begun || writer->depth != 0) {
        fail(writer, -EINVAL);
    }
    if (writer->error == 0) {
        end(writer); /* the RPC; fails when libxml2 lost an element for want of memory, which it does not tell
                      */
    }
    if (writer->error != 0) {
        (void) xmlTextWriterEndDocument(writer->xml); /* whatever is open still */
    }
    check(writer, xmlTextWriterFlush(writer->xml));
    (void) buffer_append(&writer->out, closing, sizeof closing - 1);
    writer->begun = false;
    error = buffer_error(&writer->out);
    if (error == 0) {
        error = writer->error;
    }
    if (error != 0) {
        return error;
    }
    *ret_data = buffer_string(&writer->out);
    *ret_length = writer->out.length;
    return 0;
}

/* ---- Faults ------------------------------------------------------------------------------------- */

static void fault_body(struct envelope_writer *writer, int ns, const struct tr069_fault *fault) {
    const unsigned code = fault_code_in(fault->code, ns);
    const char *text = fault->text[0] != '\0' ? fault->text : fault_name(code);
    leaf_number(writer, "FaultCode", code);
    leaf(writer, "FaultString", text, strlen(text));
}

int envelope_fault(struct envelope_writer *writer, const struct envelope_header *header,
                   const struct tr069_fault *fault, const struct envelope_parameter_fault *list, size_t count,
                   bool must_understand, const char **ret_data, size_t *ret_length) {
    const unsigned code = fault_code_in(fault->code, header->ns);
    const char *blame = fault_is_client(code) ? "soap:Client" : "soap:Server";
    size_t i;
    begin(writer, header, "soap:Fault");
    if (must_understand) {
        blame = "soap:MustUnderstand";
    }
    leaf(writer, "faultcode", blame, strlen(blame));
    leaf(writer, "faultstring", "CWMP fault", strlen("CWMP fault"));
    start(writer, "detail");
    start(writer, "cwmp:Fault");
    fault_body(writer, header->ns, fault);
    for (i = 0; i < count && code == TR069_INVALID_ARGUMENTS; i++) {
        start(writer, "SetParameterValuesFault");
        leaf(writer, "ParameterName", list[i].path, strlen(list[i].path));
        fault_body(writer, header->ns, &list[i].fault);
        end(writer);
    }
    end(writer);
    end(writer);
    return envelope_end(writer, ret_data, ret_length);
}
