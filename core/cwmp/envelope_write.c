/* Writes envelopes: fixed text of SOAP and CWMP, names that were checked, and values that text_xml() makes
 * fit for XML. An element's name is found again in what was written when it is closed. */
#include <config.h>

#include "cwmp/envelope.h"

#include "base/text.h"
#include "cwmp/fault.h"
#include "model/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_LENGTH = 80,
    NAME_SIZE = 112, /* of a qualified element name, a list's type */
    OPEN_MAX = 24    /* nested elements, the RPC's own among them */
};

/* An open element. A list tells its length before its items: a wrong count must not leave the house. */
struct level {
    size_t name, length; /* where its name is in what was written */
    size_t content;      /* where its content begins */
    bool list;
    size_t expected;
    size_t seen;
};

struct envelope_writer {
    struct buffer out;
    bool begun; /* a message was begun and not ended */
    int error;
    unsigned depth;
    struct level levels[OPEN_MAX]; /* [0]: the RPC */
};

int envelope_writer_new(size_t max, struct envelope_writer **ret_writer) {
    struct envelope_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return -ENOMEM;
    }
    buffer_init(&writer->out, max);
    *ret_writer = writer;
    return 0;
}

void envelope_writer_free(struct envelope_writer *writer) {
    if (writer == NULL) {
        return;
    }
    buffer_free(&writer->out);
    free(writer);
}

/* ---- Elements ----------------------------------------------------------------------------------- */

static void fail(struct envelope_writer *writer, int error) {
    if (writer->error == 0) {
        writer->error = error;
    }
}

/* `attributes`: what stands between the name and '>', with the space before it. */
static void start(struct envelope_writer *writer, const char *name, const char *attributes) {
    struct level *level = &writer->levels[writer->depth];
    *level = (struct level){.name = writer->out.length + 1, .length = strlen(name)};
    (void) buffer_text(&writer->out, "<");
    (void) buffer_append(&writer->out, name, level->length);
    (void) buffer_text(&writer->out, attributes);
    (void) buffer_text(&writer->out, ">");
    level->content = writer->out.length;
}

static void end(struct envelope_writer *writer) {
    const struct level *level = &writer->levels[writer->depth];
    char name[NAME_SIZE] = "";
    if (buffer_error(&writer->out) < 0) {
        return;
    }
    if (level->content == writer->out.length) { /* it is empty */
        buffer_cut(&writer->out, level->content - 1);
        (void) buffer_text(&writer->out, "/>");
        return;
    }
    memcpy(name, writer->out.data + level->name, level->length);
    (void) buffer_text(&writer->out, "</");
    (void) buffer_text(&writer->out, name);
    (void) buffer_text(&writer->out, ">");
}

static void inner(struct envelope_writer *writer, const char *name, const char *attributes) {
    writer->depth++;
    start(writer, name, attributes);
}

static void outer(struct envelope_writer *writer) {
    end(writer);
    writer->depth--;
}

static void leaf_number(struct envelope_writer *writer, const char *name, int64_t number) {
    (void) buffer_format(&writer->out, "<%s>%lld</%s>", name, (long long) number, name);
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
    (void) buffer_text(out, "<");
    (void) buffer_text(out, name);
    (void) buffer_text(out, must ? " soap:mustUnderstand=\"1\">" : " soap:mustUnderstand=\"0\">");
    (void) text_xml(out, text, strlen(text));
    (void) buffer_text(out, "</");
    (void) buffer_text(out, name);
    (void) buffer_text(out, ">");
}

static void headers(struct buffer *out, const struct envelope_header *header) {
    char seconds[24];
    if (header->id == NULL && header->session_timeout == 0 && header->versions == NULL) {
        return;
    }
    (void) buffer_text(out, "<soap:Header>");
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
    (void) buffer_text(out, "</soap:Header>");
}

static const char opening[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\""
                              " xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\""
                              " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
                              " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"";
static const char closing[] = "</soap:Body></soap:Envelope>\n";

static void begin(struct envelope_writer *writer, const struct envelope_header *header, const char *name) {
    struct buffer *out = &writer->out;
    buffer_reset(out);
    writer->error = 0;
    writer->depth = 0;
    writer->begun = true;
    (void) buffer_append(out, opening, sizeof opening - 1);
    (void) buffer_text(out, namespace_of(header->ns));
    (void) buffer_text(out, "\">");
    headers(out, header);
    (void) buffer_text(out, "<soap:Body>");
    start(writer, name, "");
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

static void open_child(struct envelope_writer *writer, const char *name, const char *attributes) {
    if (!child(writer, name)) {
        return;
    }
    if (writer->depth + 1 >= OPEN_MAX) {
        fail(writer, -EINVAL);
        return;
    }
    inner(writer, name, attributes);
}

void envelope_open(struct envelope_writer *writer, const char *name) {
    open_child(writer, name, "");
}

void envelope_close(struct envelope_writer *writer) {
    const struct level *level = &writer->levels[writer->depth];
    if (!writer->begun || writer->depth == 0 || (level->list && level->seen != level->expected)) {
        fail(writer, -EINVAL);
    }
    if (writer->error != 0) {
        return; /* elements may be missing */
    }
    outer(writer);
}

void envelope_element(struct envelope_writer *writer, const char *name, const char *text) {
    if (child(writer, name)) {
        (void) text_xml_element(&writer->out, name, text != NULL ? text : "",
                                text != NULL ? strlen(text) : 0);
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
        (void) text_xml_element(&writer->out, name, "", 0);
        return;
    }
    copy = *value; /* value_text() may write the text into it */
    if (value_text(value->type == TR069_ANY ? TR069_STRING : value->type, &copy, &text, &length) < 0) {
        fail(writer, -EINVAL);
        return;
    }
    (void) text_xml_element(&writer->out, name, text, length);
}

void envelope_list(struct envelope_writer *writer, const char *name, const char *item, size_t count) {
    char attribute[2 * NAME_SIZE];
    enum tr069_type simple;
    if (!good_name(item)) {
        fail(writer, -EINVAL);
        return;
    }
    simple = value_type_of(item, strlen(item));
    (void) snprintf(attribute, sizeof attribute, " soapenc:arrayType=\"%s:%s[%zu]\"",
                    simple == TR069_NONE     ? "cwmp"
                    : simple == TR069_BASE64 ? "soapenc"
                                             : "xsd",
                    item, count);
    open_child(writer, name, attribute);
    if (writer->error == 0) {
        writer->levels[writer->depth].list = true;
        writer->levels[writer->depth].expected = count;
    }
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
    out = &writer->out;
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
        end(writer); /* the RPC */
    }
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
    (void) text_xml_element(&writer->out, "FaultString", text, strlen(text));
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
    (void) text_xml_element(&writer->out, "faultcode", blame, strlen(blame));
    (void) text_xml_element(&writer->out, "faultstring", "CWMP fault", strlen("CWMP fault"));
    inner(writer, "detail", "");
    inner(writer, "cwmp:Fault", "");
    fault_body(writer, header->ns, fault);
    for (i = 0; i < count && code == TR069_INVALID_ARGUMENTS; i++) {
        inner(writer, "SetParameterValuesFault", "");
        (void) text_xml_element(&writer->out, "ParameterName", list[i].path, strlen(list[i].path));
        fault_body(writer, header->ns, &list[i].fault);
        outer(writer);
    }
    outer(writer);
    outer(writer);
    return envelope_end(writer, ret_data, ret_length);
}
