/* What the ACS sends: RPCs from their short form, and the envelopes around them. */
#ifndef ACS_RPC_H
#define ACS_RPC_H

#include "base/buffer.h"
#include "util.h"

#include <stdbool.h>

struct rpc {
    char *method; /* "" for raw XML that is not a message */
    char *text;   /* the short form, for the transcript */
    char *body;   /* the element of the body; of raw XML, the whole message */
    char *raw_id; /* the ID in raw XML, NULL if it has none */
    bool raw;
    struct words names; /* what the response must speak of: the names that are read or set */
    bool next_level;    /* of GetParameterNames */
};

/* The words of a short form ("GetParameterValues", "Device.DeviceInfo.", ...), see --help scenario. */
int rpc_parse(const struct words *words, struct rpc **ret_rpc, char *error, size_t error_size);
/* XML sent as it is; "{id}" in it becomes an ID. */
struct rpc *rpc_raw(const char *xml, const char *name);
void rpc_free(struct rpc *rpc);
/* A line for each method that has a short form. */
void rpc_help(struct buffer *out);

struct envelope {
    const char *space;       /* the CWMP namespace */
    const char *id;          /* NULL: none */
    bool hold;               /* HoldRequests 1 */
    const char *use_version; /* UseCWMPVersion, NULL: none */
    size_t pad;              /* octets of a comment in front of the body: a huge message */
    bool dtd;                /* a document type declaration in front */
};
/* `body` is the element in the body, in XML, with the prefix cwmp. */
int envelope_write(struct buffer *out, const struct envelope *envelope, const char *body);
/* The response of the ACS to a method of the CPE; NULL when it knows no such method. */
const char *response_body(const char *method);
/* Allocated. */
char *fault_body(unsigned code);

#endif
