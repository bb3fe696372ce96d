/* A message as it came: parsed by libxml2 into a tree, and the few things that everybody asks of it.
 * This is a reader of its own on purpose: it shares nothing with the client it judges. */
#ifndef ACS_MESSAGE_H
#define ACS_MESSAGE_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_SOAP "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define NS_CWMP_PREFIX "urn:dslforum-org:cwmp-1-"

enum message_kind {
    MESSAGE_EMPTY,    /* no body */
    MESSAGE_REQUEST,  /* a method of the CPE's own */
    MESSAGE_RESPONSE, /* method + "Response"; `method` is without it */
    MESSAGE_FAULT,
    MESSAGE_BROKEN /* `error` says why */
};

struct message {
    enum message_kind kind;
    char method[80];
    char space[64]; /* the CWMP namespace, "" if none */
    char *id;       /* NULL when it has none */
    unsigned fault; /* FaultCode of a fault */
    xmlDocPtr doc;  /* NULL when it is not XML */
    xmlNodePtr rpc; /* the element of the RPC; of a fault, the detail's cwmp:Fault or NULL */
    uint64_t hash;  /* of its octets, if the caller wants that */
    bool not_xml;   /* BROKEN because of the XML, not of the SOAP */
    char error[256];
};

/* Never fails: what cannot be read is MESSAGE_BROKEN. message_free() in any case. */
void message_parse(const char *data, size_t length, struct message *ret_message);
void message_free(struct message *message);

/* The first child element of that local name, or NULL. */
xmlNodePtr message_child(xmlNodePtr node, const char *name);
/* The first and next child elements, of whatever name. */
xmlNodePtr message_first(xmlNodePtr node);
xmlNodePtr message_next(xmlNodePtr node);
/* The text of a node; allocated, never NULL ("" for none). */
char *message_node_text(xmlNodePtr node);
/* The text of a descendant of the RPC, "DeviceId/OUI"; allocated, NULL when there is none. */
char *message_text(const struct message *message, const char *path);
/* The node of a descendant of the RPC, or NULL. */
xmlNodePtr message_node(const struct message *message, const char *path);
/* The list that the message is about (ParameterList, MethodList, TransferList), or NULL. */
xmlNodePtr message_list(const struct message *message);
size_t message_list_count(const struct message *message);
/* The value of a parameter in the message; `name` may be a glob. Allocated, NULL when it is not
 * there. *ret_type (may be NULL) is its xsi:type, allocated. */
char *message_value(const struct message *message, const char *name, char **ret_type);
/* The events of an Inform, a line each: CODE, or CODE:KEY. Allocated. */
char *message_events(const struct message *message);
/* One line: method, events, names, number of values, fault. */
void message_gist(const struct message *message, char *out, size_t size);

#endif
