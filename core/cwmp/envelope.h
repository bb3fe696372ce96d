/* SOAP envelopes: reading what an ACS sends, writing what a CPE answers (digest section 6).
 *
 * Liberal in: any prefixes, namespaces compared by their URI; missing xsi:type and arrayType, wrong
 * counts, qualified or unknown elements inside an RPC, comments, CDATA, any order. Strict out: every
 * message passes the schemas of its CWMP namespace. libxml2 reads; no DTD, no entities, no
 * network, depth and size capped. */
#ifndef CWMP_ENVELOPE_H
#define CWMP_ENVELOPE_H

#include "base/buffer.h"

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>

/* CWMP versions as numbers: 10 .. 14 for 1.0 .. 1.4. Namespaces: 10, 11 and 12 (1.2 to 1.4 share it). */
enum { ENVELOPE_NS_1_0 = 10, ENVELOPE_NS_1_1 = 11, ENVELOPE_NS_1_2 = 12 };

/* ---- Reading ---------------------------------------------------------------------------------- */

enum envelope_kind {
    ENVELOPE_REQUEST,  /* an RPC that we serve */
    ENVELOPE_RESPONSE, /* the answer to one of ours: the name ends in "Response" */
    ENVELOPE_FAULT
};

struct envelope {
    enum envelope_kind kind;
    int ns;                         /* of the RPC element: 10, 11, 12; 0 when it was none of ours */
    const char *id;                 /* the ID header, NULL if there was none */
    bool hold_requests;             /* HoldRequests: false when absent */
    int use_version;                /* UseCWMPVersion: 10..14; 0 = absent; -1 = not understood */
    const char *method;             /* "GetParameterValues", "InformResponse", "Fault" */
    const struct tr069_rpc *rpc;    /* of a REQUEST: what lookup gave, or NULL (answer 9000) */
    const struct tr069_value *args; /* of a REQUEST with rpc: as in rpc->args; NULL when it has none or
                                       was refused */
    struct tr069_fault fault;       /* of a FAULT: the ACS's code (0 = none found: malformed) and text */
    bool version_mismatch;          /* of a FAULT: faultcode VersionMismatch */
    struct tr069_fault refusal;     /* of a REQUEST: code 0, or the fault to answer without executing it:
                                       9003 naming the argument (missing, over-long, unparsable, or given
                                       twice: which one is meant nobody knows), 9004 beyond `memory` */
    bool must_understand;           /* a header with mustUnderstand="1" that we do not know: fault with
                                       faultcode MustUnderstand, execute nothing */
};

struct envelope_reader;

struct envelope_limits {
    size_t octets; /* of a message; at least 32768 by TR-069 */
    size_t memory; /* of its parsed form */
    int depth;     /* of nesting */
};

/* Can messages be read? Opens libxml2, as the first message does otherwise. 0, or -ENOENT with a sentence. */
int envelope_readable(char *ret_error, size_t error_size);
int envelope_reader_new(const struct envelope_limits *limits, struct envelope_reader **ret_reader);
void envelope_reader_free(struct envelope_reader *reader);
/* Gives the table of an RPC by its name, or NULL. */
typedef const struct tr069_rpc *envelope_lookup(void *user, const char *method);
/* Takes off what some servers send around a message though XML forbids it: white space and UTF-8's byte
 * order mark in front, and behind it the NUL that ends a string in C. Nothing is left of an empty answer. */
void envelope_trim(const char **data, size_t *length);
/* Reads one message. What *ret_envelope points to lives until the next call. 0; -EBADMSG with a
 * sentence in ret_error (what, and the line) when it is not a SOAP envelope with one RPC or fault;
 * -EMSGSIZE; -ENOMEM. */
int envelope_read(struct envelope_reader *reader, const char *data, size_t length, envelope_lookup *lookup,
                  void *user, struct envelope *ret_envelope, char *ret_error, size_t error_size);

/* ---- Writing ---------------------------------------------------------------------------------- */

struct envelope_writer;

struct envelope_header {
    int ns;                   /* 10, 11, 12 */
    const char *id;           /* NULL: none */
    unsigned session_timeout; /* seconds; 0: no such header */
    const char *versions;     /* SupportedCWMPVersions "1.0,1.1"; NULL: no such header */
};

/* `max` octets a message at most. */
int envelope_writer_new(size_t max, struct envelope_writer **ret_writer);
void envelope_writer_free(struct envelope_writer *writer);

/* Begins a message whose body is <cwmp:NAME>; one that was not ended is given up. Errors are kept:
 * envelope_end() returns the first. Names that XML does not take, elements left open or closed too
 * often and lists of another length than announced are errors. */
void envelope_begin(struct envelope_writer *writer, const struct envelope_header *header, const char *name);
/* Unqualified elements inside. */
void envelope_open(struct envelope_writer *writer, const char *name);
void envelope_close(struct envelope_writer *writer);
void envelope_element(struct envelope_writer *writer, const char *name, const char *text);
void envelope_number(struct envelope_writer *writer, const char *name, int64_t number);
/* A typed value as an element without xsi:type. */
void envelope_value(struct envelope_writer *writer, const char *name, const struct tr069_value *value);
/* <NAME soapenc:arrayType="cwmp:ITEM[COUNT]">; ITEM "string" becomes xsd:string. Exactly COUNT elements
 * follow, then envelope_close(). */
void envelope_list(struct envelope_writer *writer, const char *name, const char *item, size_t count);
/* One ParameterValueStruct. The hot path: it costs what its characters cost. */
void envelope_parameter(struct envelope_writer *writer, const char *path, size_t path_length,
                        enum tr069_type type, const char *text, size_t length);
/* Ends the message. 0, -EMSGSIZE, -ENOMEM, -EINVAL for misuse (of a plugin, most likely). The data
 * lives until the next envelope_begin(). */
int envelope_end(struct envelope_writer *writer, const char **ret_data, size_t *ret_length);

/* One SetParameterValuesFault. */
struct envelope_parameter_fault {
    const char *path;
    struct tr069_fault fault;
};
/* A whole fault message: faultcode Client or Server by the table of digest section 14; an empty text
 * becomes the standard's words; a code that the namespace does not know becomes one that it knows
 * (fault_code_in). The list goes with 9003 only. `must_understand` makes the faultcode MustUnderstand,
 * as SOAP 1.1 has it; CWMP's own two codes do not cover it, so the schemas take that message, and rules
 * that insist on Client or Server do not. */
int envelope_fault(struct envelope_writer *writer, const struct envelope_header *header,
                   const struct tr069_fault *fault, const struct envelope_parameter_fault *list, size_t count,
                   bool must_understand, const char **ret_data, size_t *ret_length);

#endif
