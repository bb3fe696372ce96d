/* The cursor over a message: libxml2's push parser tells what it meets, piece by piece; what it told and
 * was not looked at yet waits in a short queue. No tree is built, and nothing is made anew for each
 * message but what libxml2 needs. */
#include <config.h>

#include "cwmp/envelope_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"
#define XSI_NS "http://www.w3.org/2001/XMLSchema-instance"

enum {
    PIECE = 8192,              /* octets that libxml2 gets at once */
    NODES_KEPT = 256,          /* nodes and octets of memory kept from one message to the next */
    RENEW_AFTER = 1024 * 1024, /* octets, then the parser is made anew */
    OPTIONS = XML_PARSE_NONET
};

int reader_fail(struct envelope_reader *reader, int error, const char *format, ...) {
    va_list arguments;
    if (reader->error[0] == '\0') {
        va_start(arguments, format);
        (void) vsnprintf(reader->error, sizeof reader->error, format, arguments);
        va_end(arguments);
    }
    return error;
}

int reader_line(const struct envelope_reader *reader) {
    return reader->node != NULL ? reader->node->line : reader->line;
}

/* ---- What libxml2 tells ------------------------------------------------------------------------- */

/* Ends the parsing; what was told before is still looked at. */
static void stop(struct envelope_reader *reader, int error) {
    if (reader->stopped == 0) {
        reader->stopped = error;
    }
    reader->libxml->xmlStopParser(reader->xml);
}

static void refuse(struct envelope_reader *reader, const char *what) {
    if (reader->stopped == 0) {
        (void) snprintf(reader->why, sizeof reader->why, "line %d: %s", reader->xml->input->line, what);
    }
    stop(reader, -EBADMSG);
}

/* libxml2 tells here what it would print. Undeclared prefixes and the like (level ERROR) are put up
 * with: only what ends the parsing is kept. */
static void structured(void *user, xmlErrorPtr error) {
    struct envelope_reader *reader = user;
    size_t length;
    if (error == NULL || error->level != XML_ERR_FATAL || error->message == NULL || reader->stopped != 0) {
        return;
    }
    length = strlen(error->message);
    while (length > 0 && (error->message[length - 1] == '\n' || error->message[length - 1] == ' ')) {
        length--;
    }
    (void) snprintf(reader->why, sizeof reader->why, "line %d: %.*s", error->line,
                    (int) (length < 150 ? length : 150), error->message);
    reader->stopped = error->code == XML_ERR_NO_MEMORY ? -ENOMEM : -EBADMSG;
}

static struct node *add(struct envelope_reader *reader, enum node_type type, int depth) {
    struct node *node;
    if (reader->node_count == reader->node_capacity) {
        const size_t capacity = reader->node_capacity > 0 ? 2 * reader->node_capacity : 64;
        struct node *nodes = realloc(reader->nodes, capacity * sizeof *nodes);
        if (nodes == NULL) {
            stop(reader, -ENOMEM);
            return NULL;
        }
        reader->nodes = nodes;
        reader->node_capacity = capacity;
    }
    node = &reader->nodes[reader->node_count++];
    *node = (struct node){.type = type, .depth = depth, .line = reader->xml->input->line};
    return node;
}

/* A copy in the queue's text; its place, plus 1. 0 when it could not be made. */
static size_t copy(struct envelope_reader *reader, const xmlChar *text, size_t length) {
    const size_t place = reader->texts.length;
    if (buffer_append(&reader->texts, text, length) < 0 || buffer_append(&reader->texts, "", 1) < 0) {
        stop(reader, buffer_error(&reader->texts));
        return 0;
    }
    return place + 1;
}

static void attributes(struct envelope_reader *reader, struct node *node, const xmlChar **list, int count) {
    static const struct {
        const char *name, *ns;
    } wanted[READER_ATTRIBUTES] = {
        [READER_XSI_TYPE] = {"type", XSI_NS},
        [READER_ACTOR] = {"actor", SOAP_NS},
        [READER_MUST_UNDERSTAND] = {"mustUnderstand", SOAP_NS},
    };
    for (; count > 0; count--, list += 5) { /* name, prefix, namespace, begin and end of the value */
        for (size_t i = 0; list[2] != NULL && i < READER_ATTRIBUTES; i++) {
            if (strcmp((const char *) list[0], wanted[i].name) == 0 &&
                strcmp((const char *) list[2], wanted[i].ns) == 0) {
                node->attributes[i] = copy(reader, list[3], (size_t) (list[4] - list[3]));
            }
        }
    }
}

static void start_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int namespaces, const xmlChar **declared, int count, int defaulted,
                          const xmlChar **list) {
    struct envelope_reader *reader = user;
    const int depth = reader->depth++;
    struct node *node;
    (void) prefix, (void) namespaces, (void) declared, (void) defaulted;
    if (depth >= reader->limits.depth) {
        (void) snprintf(reader->why, sizeof reader->why, "line %d: more than %d elements within each other",
                        reader->xml->input->line, reader->limits.depth);
        stop(reader, -EBADMSG);
        return;
    }
    node = add(reader, NODE_ELEMENT, depth);
    if (node != NULL) {
        node->name = (const char *) name; /* both in libxml2's dictionary */
        node->ns = (const char *) uri;
        attributes(reader, node, list, count);
    }
}

static void end_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    struct envelope_reader *reader = user;
    (void) name, (void) prefix, (void) uri;
    (void) add(reader, NODE_END, --reader->depth);
}

static void characters(void *user, const xmlChar *text, int length) {
    struct envelope_reader *reader = user;
    const size_t place = copy(reader, text, (size_t) length);
    struct node *node = place != 0 ? add(reader, NODE_TEXT, reader->depth) : NULL;
    if (node != NULL) {
        node->text = place - 1;
        node->length = (size_t) length;
    }
}

static void subset(void *user, const xmlChar *name, const xmlChar *id, const xmlChar *uri) {
    (void) name, (void) id, (void) uri;
    refuse(user, "a DTD is not accepted");
}

static void reference(void *user, const xmlChar *name) {
    (void) name;
    refuse(user, "entities are not accepted");
}

/* ---- Feeding it --------------------------------------------------------------------------------- */

static xmlParserCtxtPtr new_parser(struct envelope_reader *reader) {
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                             .startElementNs = start_element,
                             .endElementNs = end_element,
                             .characters = characters,
                             .ignorableWhitespace = characters,
                             .internalSubset = subset,
                             .reference = reference,
                             .serror = structured};
    return reader->libxml->xmlCreatePushParserCtxt(&handler, reader, NULL, 0, NULL);
}

void reader_close(struct envelope_reader *reader, bool keep) {
    if (reader->libxml == NULL) {
        return; /* nothing was begun */
    }
    if (!keep || reader->fed > RENEW_AFTER) {
        reader->libxml->xmlFreeParserCtxt(reader->xml);
        reader->xml = NULL;
    } else if (reader->fed_now > PIECE) {
        reader->libxml->xmlCtxtReset(reader->xml); /* gives back the copy of the message */
    }
    if (reader->node_capacity > NODES_KEPT) {
        free(reader->nodes);
        reader->nodes = NULL;
        reader->node_capacity = 0;
    }
    buffer_shrink(&reader->texts, PIECE);
    reader->node = NULL;
    reader->node_count = 0;
}

int reader_open(struct envelope_reader *reader, const char *data, size_t length, bool untrue) {
    /* libxml2 2.9 tells UTF-16 by its first octets in a new parser only, and never forgets IGNORE_ENC */
    const bool odd = untrue || length < 2 || data[0] != '<' || data[1] == '\0';
    if (reader->libxml == NULL) {
        char error[sizeof reader->error];
        reader->libxml = libxml_open(error, sizeof error);
        if (reader->libxml == NULL) {
            return reader_fail(reader, -ENOENT, "%s", error);
        }
    }
    if (reader->xml != NULL && odd) {
        reader->libxml->xmlFreeParserCtxt(reader->xml);
        reader->xml = NULL;
    }
    if (reader->xml == NULL) {
        reader->fed = 0;
        reader->xml = new_parser(reader);
        if (reader->xml == NULL) {
            return -ENOMEM;
        }
    } else if (reader->libxml->xmlCtxtResetPush(reader->xml, NULL, 0, NULL, NULL) != 0) {
        return -ENOMEM;
    }
    (void) reader->libxml->xmlCtxtUseOptions(reader->xml, OPTIONS | (untrue ? XML_PARSE_IGNORE_ENC : 0));
    reader->fed += odd ? RENEW_AFTER + 1 : length;
    reader->fed_now = length;
    reader->data = data;
    reader->left = length;
    reader->depth = 0;
    reader->line = 1;
    reader->stopped = 0;
    reader->ended = false;
    reader->why[0] = '\0';
    reader->node = NULL;
    reader->node_next = reader->node_count = 0;
    buffer_reset(&reader->texts);
    return 0;
}

static void feed(struct envelope_reader *reader) {
    const size_t length = reader->left < PIECE ? reader->left : PIECE;
    reader->node_next = reader->node_count = 0;
    buffer_reset(&reader->texts);
    reader->ended = length == reader->left;
    (void) reader->libxml->xmlParseChunk(reader->xml, reader->data, (int) length, reader->ended);
    reader->data += length;
    reader->left -= length;
    reader->ended |= reader->stopped != 0;
}

/* ---- The cursor --------------------------------------------------------------------------------- */

int reader_next(struct envelope_reader *reader) {
    while (reader->node_next == reader->node_count && !reader->ended) {
        if (reader->node != NULL) {
            reader->line = reader->node->line;
            reader->node = NULL;
        }
        feed(reader);
    }
    if (reader->node_next < reader->node_count) {
        reader->node = &reader->nodes[reader->node_next++];
        return (int) reader->node->type;
    }
    if (reader->stopped == 0) {
        return 0;
    }
    return reader_fail(reader, reader->stopped, "%s",
                       reader->why[0] != '\0' ? reader->why : strerror(-reader->stopped));
}

struct element reader_element(const struct envelope_reader *reader) {
    const struct element element = {reader->node->depth};
    return element;
}

int reader_child(struct envelope_reader *reader, const struct element *parent) {
    int type;
    /* The cursor may stand on the end of the parent already, after a text was read. */
    while ((type = reader_next(reader)) > 0) {
        const int depth = reader->node->depth;
        if (type == NODE_ELEMENT && depth == parent->depth + 1) {
            return 1;
        }
        if (type == NODE_END && depth == parent->depth) {
            return 0;
        }
    }
    return type < 0 ? type : reader_fail(reader, -EBADMSG, "the message is cut off");
}

int reader_text(struct envelope_reader *reader, const struct element *element) {
    int type, r;
    buffer_reset(&reader->text);
    while ((type = reader_next(reader)) > 0) {
        const struct node *node = reader->node;
        if (type == NODE_END && node->depth == element->depth) {
            return 0;
        }
        if (type == NODE_TEXT && node->depth == element->depth + 1) {
            r = buffer_append(&reader->text, reader->texts.data + node->text, node->length);
            if (r < 0) {
                return r;
            }
        }
    }
    return type < 0 ? type : reader_fail(reader, -EBADMSG, "the message is cut off");
}

const char *reader_name(const struct envelope_reader *reader) {
    const char *name = reader->node->name;
    const char *colon = name != NULL ? strrchr(name, ':') : NULL; /* of names with two of them */
    return colon != NULL ? colon + 1 : name != NULL ? name : "";
}

const char *reader_namespace(const struct envelope_reader *reader) {
    return reader->node->ns != NULL ? reader->node->ns : "";
}

const char *reader_attribute(const struct envelope_reader *reader, enum reader_attribute attribute) {
    const size_t place = reader->node->attributes[attribute];
    return place != 0 ? reader->texts.data + place - 1 : NULL;
}
