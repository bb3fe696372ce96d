/* Reads envelopes: headers, the RPC or fault, the limits. */
#include <config.h>

#include "cwmp/envelope_reader.h"

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_NEXT "http://schemas.xmlsoap.org/soap/actor/next"
#define CWMP_NS "urn:dslforum-org:cwmp-1-"

enum {
    ITEMS_KEPT = 256 /* values of memory kept from one message to the next */
};

/* 10, 11, 12 for a CWMP namespace (later ones count as 12), 0 for any other. */
static int cwmp_version(const char *uri) {
    const size_t prefix = strlen(CWMP_NS);
    int64_t minor;
    if (strncmp(uri, CWMP_NS, prefix) != 0 || text_parse_int(uri + prefix, 0, 99, &minor) < 0) {
        return 0;
    }
    return minor >= 2 ? ENVELOPE_NS_1_2 : ENVELOPE_NS_1_0 + (int) minor;
}

/* ---- Headers ---------------------------------------------------------------------------------- */

static bool must_understand(const struct envelope_reader *reader) {
    const char *value = reader_attribute(reader, READER_MUST_UNDERSTAND);
    return value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

/* An actor other than the next one means somebody else. */
static bool for_us(const struct envelope_reader *reader) {
    const char *actor = reader_attribute(reader, READER_ACTOR);
    return actor == NULL || actor[0] == '\0' || strcmp(actor, SOAP_NEXT) == 0;
}

static void take_id(struct envelope *envelope, const char *text) {
    if (envelope->id == NULL) {
        envelope->id = text;
    }
}

static void take_hold(struct envelope *envelope, const char *text) {
    bool yes;
    envelope->hold_requests = text_parse_bool(text, &yes) == 0 && yes;
}

static void take_version(struct envelope *envelope, const char *text) {
    int64_t minor;
    while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r') {
        text++;
    }
    envelope->use_version = text[0] == '1' && text[1] == '.' && text[2] >= '0' && text[2] <= '9' &&
                                    text_parse_int(text + 2, 0, 4, &minor) == 0
                                ? ENVELOPE_NS_1_0 + (int) minor
                                : -1;
}

/* The headers that we know; those without `take` mean nothing to a CPE. */
static const struct {
    const char *name;
    void (*take)(struct envelope *envelope, const char *text);
} known_headers[] = {
    {"ID", take_id},          {"HoldRequests", take_hold}, {"UseCWMPVersion", take_version},
    {"NoMoreRequests", NULL}, {"SessionTimeout", NULL},    {"SupportedCWMPVersions", NULL},
};

static int read_header(struct envelope_reader *reader, struct envelope *envelope) {
    const struct element header = reader_element(reader);
    int r;
    while ((r = reader_child(reader, &header)) > 0) {
        const struct element entry = reader_element(reader);
        const char *name = reader_name(reader), *ns = reader_namespace(reader);
        const char *text;
        size_t i, count = cwmp_version(ns) != 0 || ns[0] == '\0'
                              ? sizeof known_headers / sizeof known_headers[0]
                              : 0;
        if (!for_us(reader)) {
            continue;
        }
        for (i = 0; i < count && strcmp(known_headers[i].name, name) != 0; i++) {
        }
        if (i == count) {
            envelope->must_understand |= must_understand(reader);
            continue;
        }
        if (known_headers[i].take == NULL) {
            continue;
        }
        r = reader_text(reader, &entry);
        if (r < 0) {
            return r;
        }
        text = arena_strndup(reader->arena, buffer_string(&reader->text), reader->text.length);
        if (text == NULL) {
            return reader_fail(reader, -EMSGSIZE, "the headers are too long");
        }
        known_headers[i].take(envelope, text);
    }
    return r;
}

/* ---- Faults ----------------------------------------------------------------------------------- */

static int fault_leaf(struct envelope_reader *reader, const struct element *element, const char *name,
                      char *words, size_t size, struct envelope *envelope) {
    uint64_t code;
    const char *colon;
    const int r = reader_text(reader, element);
    const char *text = buffer_string(&reader->text);
    if (r < 0) {
        return r;
    }
    if (strcmp(name, "FaultCode") == 0 && envelope->fault.code == 0) {
        envelope->fault.code = text_parse_uint(text, 99999, &code) == 0 ? (unsigned) code : 0;
    } else if (strcmp(name, "FaultString") == 0 && envelope->fault.text[0] == '\0') {
        (void) text_copy(envelope->fault.text, sizeof envelope->fault.text, text);
    } else if (strcmp(name, "faultstring") == 0 || strcmp(name, "Text") == 0) {
        if (text[0] != '\0') {
            (void) text_copy(words, size, text);
        }
    } else if (strcmp(name, "faultcode") == 0) {
        if (words[0] == '\0') {
            (void) text_copy(words, size, text); /* better than none */
        }
        colon = strrchr(text, ':');
        envelope->version_mismatch = text_starts(colon != NULL ? colon + 1 : text, "VersionMismatch");
    }
    return 0;
}

/* Takes what it can find in a fault of any shape, at any level but that of single parameters. */
static int read_fault(struct envelope_reader *reader, const struct element *fault,
                      struct envelope *envelope) {
    static const char *const leaves[] = {"FaultCode", "FaultString", "faultcode", "faultstring",
                                         "Text" /* of SOAP 1.2 */};
    char words[sizeof envelope->fault.text] = "";
    int type, skip = INT_MAX, r;
    envelope->kind = ENVELOPE_FAULT;
    while ((type = reader_next(reader)) > 0) {
        const struct element element = reader_element(reader);
        const char *name;
        size_t i;
        if (type == NODE_END && element.depth == fault->depth) {
            break;
        }
        if (type != NODE_ELEMENT || element.depth > skip) {
            continue;
        }
        name = reader_name(reader);
        skip = strcmp(name, "SetParameterValuesFault") == 0 ? element.depth : INT_MAX;
        for (i = 0; i < sizeof leaves / sizeof leaves[0] && strcmp(leaves[i], name) != 0; i++) {
        }
        if (i < sizeof leaves / sizeof leaves[0]) {
            r = fault_leaf(reader, &element, leaves[i], words, sizeof words, envelope);
            if (r < 0) {
                return r;
            }
        }
    }
    if (type <= 0) {
        return type < 0 ? type : reader_fail(reader, -EBADMSG, "the message is cut off");
    }
    if (envelope->fault.text[0] == '\0') {
        (void) text_copy(envelope->fault.text, sizeof envelope->fault.text, words);
    }
    return 0;
}

/* ---- The message ------------------------------------------------------------------------------ */

static int read_entry(struct envelope_reader *reader, envelope_lookup *lookup, void *user,
                      struct envelope *envelope) {
    const struct element entry = reader_element(reader);
    envelope->ns = cwmp_version(reader_namespace(reader));
    envelope->method = arena_strdup(reader->arena, reader_name(reader));
    if (envelope->method == NULL) {
        return reader_fail(reader, -EMSGSIZE, "the name of the RPC is too long");
    }
    if (strcmp(envelope->method, "Fault") == 0) {
        return read_fault(reader, &entry, envelope);
    }
    /* whatever its namespace: a response is never answered with a fault */
    if (text_ends(envelope->method, "Response")) {
        envelope->kind = ENVELOPE_RESPONSE;
        return 0;
    }
    envelope->kind = ENVELOPE_REQUEST;
    envelope->rpc = envelope->ns != 0 ? lookup(user, envelope->method) : NULL;
    return envelope->rpc != NULL ? envelope_args(reader, envelope->rpc, &envelope->args, &envelope->refusal)
                                 : 0;
}

static int read_body(struct envelope_reader *reader, envelope_lookup *lookup, void *user,
                     struct envelope *envelope) {
    const struct element body = reader_element(reader);
    int r;
    while ((r = reader_child(reader, &body)) > 0) {
        if (envelope->method != NULL) {
            return reader_fail(reader, -EBADMSG, "line %d: more than one entry in the SOAP body",
                               reader_line(reader));
        }
        r = read_entry(reader, lookup, user, envelope);
        if (r < 0) {
            return r;
        }
    }
    return r;
}

static int read_envelope(struct envelope_reader *reader, envelope_lookup *lookup, void *user,
                         struct envelope *envelope) {
    struct element root;
    int r;
    while ((r = reader_next(reader)) > 0 && r != NODE_ELEMENT) {
    }
    if (r <= 0) {
        return r < 0 ? r : reader_fail(reader, -EBADMSG, "the message is empty");
    }
    if (strcmp(reader_name(reader), "Envelope") != 0 || strcmp(reader_namespace(reader), SOAP_NS) != 0) {
        return reader_fail(reader, -EBADMSG, "line %d: not a SOAP 1.1 envelope but {%.60s}%.40s",
                           reader_line(reader), reader_namespace(reader), reader_name(reader));
    }
    root = reader_element(reader);
    while ((r = reader_child(reader, &root)) > 0) {
        if (strcmp(reader_namespace(reader), SOAP_NS) != 0) {
            continue;
        }
        if (strcmp(reader_name(reader), "Header") == 0) {
            r = read_header(reader, envelope);
        } else if (strcmp(reader_name(reader), "Body") == 0) {
            r = read_body(reader, lookup, user, envelope);
        }
        if (r < 0) {
            return r;
        }
    }
    while (r == 0 &&
           (r = reader_next(reader)) > 0) { /* to the end: what comes after must be well-formed, too */
        r = 0;
    }
    if (r == 0 && envelope->method == NULL) {
        r = reader_fail(reader, -EBADMSG, "no entry in the SOAP body");
    }
    return r;
}

static int read_message(struct envelope_reader *reader, const char *data, size_t length, bool untrue,
                        envelope_lookup *lookup, void *user, struct envelope *envelope) {
    int r = reader_open(reader, data, length, untrue);
    if (r == 0) {
        r = read_envelope(reader, lookup, user, envelope);
    }
    reader_close(reader, r == 0); /* no state of a broken message is carried on */
    return r;
}

static size_t blanks(const char *data, size_t length) {
    size_t count = 0;
    while (count < length &&
           (data[count] == '\n' || data[count] == '\r' || data[count] == ' ' || data[count] == '\t')) {
        count++;
    }
    return length - count >= 3 && memcmp(data + count, "\xEF\xBB\xBF", 3) == 0 ? count + 3 : count;
}

void envelope_trim(const char **data, size_t *length) {
    size_t skip;
    while ((skip = blanks(*data, *length)) > 0) {
        *data += skip;
        *length -= skip;
    }
    if (*length >= 2 &&
        ((unsigned char) (*data)[0] >= 0xFE || ((*data)[0] == '\0') != ((*data)[1] == '\0'))) {
        return; /* UTF-16: a NUL is half of a character */
    }
    while (*length > 0 && (*data)[*length - 1] == '\0') {
        (*length)--;
    }
}

int envelope_read(struct envelope_reader *reader, const char *data, size_t length, envelope_lookup *lookup,
                  void *user, struct envelope *ret_envelope, char *ret_error, size_t error_size) {
    struct envelope envelope = {0};
    const char *objection;
    bool untrue;
    int r;
    reader->error[0] = '\0';
    reader->item_count = 0;
    arena_reset(reader->arena);
    envelope_trim(&data, &length);
    if (length > reader->limits.octets) {
        r = reader_fail(reader, -EMSGSIZE, "the message has %zu octets, more than %zu", length,
                        reader->limits.octets);
    } else if (length == 0) {
        r = reader_fail(reader, -EBADMSG, "the message is empty");
    } else if ((objection = envelope_survey(data, length, &untrue)) != NULL) {
        r = reader_fail(reader, -EBADMSG, "%s", objection);
    } else {
        r = read_message(reader, data, length, untrue, lookup, user, &envelope);
    }
    if (reader->item_capacity > ITEMS_KEPT) {
        free(reader->items);
        reader->items = NULL;
        reader->item_capacity = 0;
    }
    buffer_shrink(&reader->text, ITEMS_KEPT);
    if (r < 0) {
        (void) text_copy(ret_error, error_size, reader->error[0] != '\0' ? reader->error : strerror(-r));
        return r;
    }
    *ret_envelope = envelope;
    return 0;
}

int envelope_readable(char *ret_error, size_t error_size) {
    return libxml_open(ret_error, error_size) != NULL ? 0 : -ENOENT;
}

int envelope_reader_new(const struct envelope_limits *limits, struct envelope_reader **ret_reader) {
    struct envelope_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return -ENOMEM;
    }
    reader->limits = *limits;
    if (reader->limits.octets > INT_MAX / 2) {
        reader->limits.octets = INT_MAX / 2; /* libxml2 counts in int */
    }
    buffer_init(&reader->text, limits->memory);
    buffer_init(&reader->texts, limits->memory);
    reader->arena = arena_new(limits->memory);
    if (reader->arena == NULL) {
        free(reader);
        return -ENOMEM;
    }
    *ret_reader = reader;
    return 0;
}

void envelope_reader_free(struct envelope_reader *reader) {
    if (reader == NULL) {
        return;
    }
    if (reader->xml != NULL) {
        reader->libxml->xmlFreeParserCtxt(reader->xml);
    }
    free(reader->nodes);
    buffer_free(&reader->texts);
    arena_free(reader->arena);
    buffer_free(&reader->text);
    free(reader->items);
    free(reader);
}
