/* Reads what the CPE sent into a tree and answers questions about it. */
#include <config.h>

#include "message.h"

#include "base/text.h"
#include "util.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool named(xmlNodePtr node, const char *name) {
    return node->type == XML_ELEMENT_NODE && strcmp((const char *) node->name, name) == 0;
}

static bool in_space(xmlNodePtr node, const char *space) {
    return node->ns != NULL && node->ns->href != NULL && strcmp((const char *) node->ns->href, space) == 0;
}

xmlNodePtr message_first(xmlNodePtr node) {
    return node != NULL ? xmlFirstElementChild(node) : NULL;
}

xmlNodePtr message_next(xmlNodePtr node) {
    return node != NULL ? xmlNextElementSibling(node) : NULL;
}

xmlNodePtr message_child(xmlNodePtr node, const char *name) {
    for (xmlNodePtr child = message_first(node); child != NULL; child = message_next(child)) {
        if (named(child, name)) {
            return child;
        }
    }
    return NULL;
}

char *message_node_text(xmlNodePtr node) {
    xmlChar *content = node != NULL ? xmlNodeGetContent(node) : NULL;
    char *text = must_dup(content != NULL ? (const char *) content : "");
    xmlFree(content);
    return text;
}

xmlNodePtr message_node(const struct message *message, const char *path) {
    xmlNodePtr node = message->rpc;
    while (node != NULL && *path != '\0') {
        char name[128];
        size_t length = strcspn(path, "/");
        (void) snprintf(name, sizeof name, "%.*s", (int) length, path);
        node = message_child(node, name);
        path += length;
        path += *path == '/' ? 1 : 0;
    }
    return node;
}

char *message_text(const struct message *message, const char *path) {
    xmlNodePtr node = message_node(message, path);
    return node != NULL ? message_node_text(node) : NULL;
}

static void broken(struct message *message, bool not_xml, const char *why) {
    message->kind = MESSAGE_BROKEN;
    message->not_xml = not_xml;
    (void) snprintf(message->error, sizeof message->error, "%s", why);
    for (char *c = message->error; *c != '\0'; c++) {
        *c = *c == '\n' ? ' ' : *c;
    }
}

static void read_header(struct message *message, xmlNodePtr header) {
    for (xmlNodePtr node = message_first(header); node != NULL; node = message_next(node)) {
        if (named(node, "ID")) {
            free(message->id);
            message->id = message_node_text(node);
        }
    }
}

static void read_fault(struct message *message, xmlNodePtr fault) {
    message->kind = MESSAGE_FAULT;
    (void) text_copy(message->method, sizeof message->method, "Fault");
    message->rpc = message_child(message_child(fault, "detail"), "Fault");
    if (message->rpc == NULL) {
        return;
    }
    if (message->rpc->ns != NULL && message->rpc->ns->href != NULL) {
        (void) text_copy(message->space, sizeof message->space, (const char *) message->rpc->ns->href);
    }
    char *code = message_text(message, "FaultCode");
    uint64_t number = 0;
    if (code != NULL && parse_number(code, 99999, &number)) {
        message->fault = (unsigned) number;
    }
    free(code);
}

static void read_body(struct message *message, xmlNodePtr body) {
    xmlNodePtr node = message_first(body);
    if (node == NULL || message_next(node) != NULL) {
        broken(message, false, node == NULL ? "the body is empty" : "the body has more than one element");
        return;
    }
    if (named(node, "Fault") && in_space(node, NS_SOAP)) {
        read_fault(message, node);
        return;
    }
    if (node->ns == NULL || node->ns->href == NULL ||
        !text_starts((const char *) node->ns->href, NS_CWMP_PREFIX)) {
        broken(message, false, "the element in the body is not in a CWMP namespace");
        return;
    }
    message->rpc = node;
    (void) text_copy(message->space, sizeof message->space, (const char *) node->ns->href);
    (void) text_copy(message->method, sizeof message->method, (const char *) node->name);
    message->kind = MESSAGE_REQUEST;
    if (text_ends(message->method, "Response")) {
        message->kind = MESSAGE_RESPONSE;
        message->method[strlen(message->method) - strlen("Response")] = '\0';
    }
}

void message_parse(const char *data, size_t length, struct message *ret_message) {
    struct message *message = ret_message;
    *message = (struct message){.kind = MESSAGE_EMPTY};
    if (length == 0) {
        return;
    }
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    if (parser == NULL || length > INT32_MAX) {
        xmlFreeParserCtxt(parser);
        broken(message, true, "out of memory");
        return;
    }
    message->doc =
        xmlCtxtReadMemory(parser, data, (int) length, "message.xml", NULL,
                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
    if (message->doc == NULL) {
        xmlErrorPtr error = xmlCtxtGetLastError(parser);
        broken(message, true, error != NULL && error->message != NULL ? error->message : "not XML");
    } else if (xmlGetIntSubset(message->doc) != NULL) {
        broken(message, true, "a document type declaration");
    }
    xmlFreeParserCtxt(parser);
    if (message->kind == MESSAGE_BROKEN) {
        return;
    }
    xmlNodePtr root = xmlDocGetRootElement(message->doc);
    xmlNodePtr body = message_child(root, "Body");
    if (!named(root, "Envelope") || !in_space(root, NS_SOAP) || body == NULL || !in_space(body, NS_SOAP)) {
        broken(message, false, "no SOAP 1.1 envelope with a body");
        return;
    }
    read_header(message, message_child(root, "Header"));
    read_body(message, body);
}

void message_free(struct message *message) {
    free(message->id);
    if (message->doc != NULL) {
        xmlFreeDoc(message->doc);
    }
    *message = (struct message){.kind = MESSAGE_EMPTY};
}

xmlNodePtr message_list(const struct message *message) {
    static const char *const names[] = {"ParameterList", "MethodList", "TransferList", "Results", "Event"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        xmlNodePtr list = message_child(message->rpc, names[i]);
        if (list != NULL) {
            return list;
        }
    }
    return NULL;
}

size_t message_list_count(const struct message *message) {
    xmlNodePtr list = message_list(message);
    return list != NULL ? (size_t) xmlChildElementCount(list) : 0;
}

char *message_value(const struct message *message, const char *name, char **ret_type) {
    xmlNodePtr item = message_first(message_child(message->rpc, "ParameterList"));
    for (; item != NULL; item = message_next(item)) {
        char *found = message_node_text(message_child(item, "Name"));
        bool match = strcmp(found, name) == 0 || glob_match(name, found);
        free(found);
        if (!match) {
            continue;
        }
        xmlNodePtr value = message_child(item, "Value");
        if (ret_type != NULL) {
            xmlChar *type = value != NULL
                                ? xmlGetNsProp(value, (const xmlChar *) "type", (const xmlChar *) NS_XSI)
                                : NULL;
            *ret_type = must_dup(type != NULL ? (const char *) type : "");
            xmlFree(type);
        }
        return message_node_text(value);
    }
    return NULL;
}

char *message_events(const struct message *message) {
    char *text = must_dup("");
    xmlNodePtr event = message_first(message_child(message->rpc, "Event"));
    for (; event != NULL; event = message_next(event)) {
        char *code = message_node_text(message_child(event, "EventCode"));
        char *key = message_node_text(message_child(event, "CommandKey"));
        char *longer = must_format("%s%s%s%s\n", text, code, *key != '\0' ? ":" : "", key);
        free(code);
        free(key);
        free(text);
        text = longer;
    }
    return text;
}

static void add(char *out, size_t size, const char *text) {
    size_t length = strlen(out);
    (void) snprintf(out + length, size - length, "%s", text);
}

static void gist_inform(const struct message *message, char *out, size_t size) {
    char part[200];
    const char *between = " ";
    xmlNodePtr event = message_first(message_child(message->rpc, "Event"));
    for (; event != NULL; event = message_next(event)) {
        char *code = message_node_text(message_child(event, "EventCode"));
        char *key = message_node_text(message_child(event, "CommandKey"));
        (void) snprintf(part, sizeof part, *key != '\0' ? "%s\"%s:%s\"" : "%s\"%s\"", between, code, key);
        add(out, size, part);
        between = ", ";
        free(code);
        free(key);
    }
    char *oui = message_text(message, "DeviceId/OUI");
    char *serial = message_text(message, "DeviceId/SerialNumber");
    char *retry = message_text(message, "RetryCount");
    (void) snprintf(part, sizeof part, " from %s-%s, retry %s, %zu parameters", oui != NULL ? oui : "?",
                    serial != NULL ? serial : "?", retry != NULL ? retry : "?", message_list_count(message));
    add(out, size, part);
    free(oui);
    free(serial);
    free(retry);
}

static void gist_fault(const struct message *message, char *out, size_t size) {
    char part[300];
    char *text = message_text(message, "FaultString");
    (void) snprintf(part, sizeof part, " %u %s", message->fault, text != NULL ? text : "");
    add(out, size, part);
    free(text);
    for (xmlNodePtr node = message_first(message->rpc); node != NULL; node = message_next(node)) {
        if (!named(node, "SetParameterValuesFault")) {
            continue;
        }
        char *name = message_node_text(message_child(node, "ParameterName"));
        char *code = message_node_text(message_child(node, "FaultCode"));
        (void) snprintf(part, sizeof part, "; %s: %s", name, code);
        add(out, size, part);
        free(name);
        free(code);
    }
}

static void gist_arguments(const struct message *message, char *out, size_t size) {
    char part[200];
    for (xmlNodePtr node = message_first(message->rpc); node != NULL; node = message_next(node)) {
        const char *name = (const char *) node->name;
        size_t children = (size_t) xmlChildElementCount(node);
        if (text_ends(name, "List")) {
            (void) snprintf(part, sizeof part, " %zu in %s", children, name);
        } else if (children == 0) {
            char *text = message_node_text(node);
            (void) snprintf(part, sizeof part, " %s=%s", name, text);
            free(text);
        } else {
            char *code = message_node_text(message_child(node, "FaultCode"));
            (void) snprintf(part, sizeof part, " %s %s", name, code);
            free(code);
        }
        add(out, size, part);
    }
}

void message_gist(const struct message *message, char *out, size_t size) {
    out[0] = '\0';
    switch (message->kind) {
    case MESSAGE_EMPTY:
        add(out, size, "(empty)");
        return;
    case MESSAGE_BROKEN:
        add(out, size, "(not a message: ");
        add(out, size, message->error);
        add(out, size, ")");
        return;
    case MESSAGE_FAULT:
        add(out, size, "Fault");
        gist_fault(message, out, size);
        return;
    case MESSAGE_RESPONSE:
        add(out, size, message->method);
        add(out, size, "Response");
        gist_arguments(message, out, size);
        return;
    case MESSAGE_REQUEST:
        add(out, size, message->method);
        if (strcmp(message->method, "Inform") == 0) {
            gist_inform(message, out, size);
        } else {
            gist_arguments(message, out, size);
        }
        return;
    }
}
