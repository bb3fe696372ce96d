/* Messages without secrets. libxml2's tree serves here, since nobody waits for it. */
#include <config.h>

#include "cwmp/redact.h"

#include "base/text.h"
#include "cwmp/envelope_reader.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

static const char stars[] = "*****";

/* The name as the reader of messages takes it: behind a prefix that is not declared, too. */
static bool is_named(const xmlNode *node, const char *name) {
    if (node->type != XML_ELEMENT_NODE) {
        return false;
    }
    const char *colon = strrchr((const char *) node->name, ':');
    return strcmp(colon != NULL ? colon + 1 : (const char *) node->name, name) == 0;
}

/* The text of an element that holds nothing but one; NULL when there is none. */
static const char *text_of(const xmlNode *node) {
    const xmlNode *child = node->children;
    bool is_text = child != NULL && child->next == NULL &&
                   (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE);
    return is_text ? (const char *) child->content : NULL;
}

/* Value of a ParameterValueStruct: its Name decides. */
static bool value_may_be_seen(const xmlNode *value, redact_may_show *may_show, void *user) {
    const xmlNode *name = value->parent != NULL ? value->parent->children : NULL;
    while (name != NULL && !is_named(name, "Name")) {
        name = name->next;
    }
    const char *path = name != NULL ? text_of(name) : NULL;
    return name == NULL || (path != NULL && may_show(user, path));
}

static bool name_is_secret(const char *name) {
    static const char *const words[] = {"password", "passphrase", "secret", "token", "credential"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (const char *at = name; *at != '\0'; at++) {
            if (strncasecmp(at, words[i], strlen(words[i])) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void redact_element(const struct libxml *libxml, xmlNode *node, redact_may_show *may_show,
                           void *user) {
    const char *text = text_of(node);
    bool seen = is_named(node, "Value") ? value_may_be_seen(node, may_show, user)
                                        : !name_is_secret((const char *) node->name);
    if (!seen && node->children != NULL) {
        libxml->xmlNodeSetContent(node, (const xmlChar *) stars);
    } else if (text != NULL && strstr(text, "://") != NULL && strpbrk(text, " \t\r\n") == NULL) {
        char shown[512];
        text_url_for_log(shown, sizeof shown, text);
        libxml->xmlNodeSetContent(node, NULL);
        libxml->xmlNodeAddContent(node, (const xmlChar *) shown); /* as text: no entity is meant */
    }
}

/* In the order of the document, without recursion. */
static void redact_tree(const struct libxml *libxml, xmlNode *root, redact_may_show *may_show, void *user) {
    for (xmlNode *node = root; node != NULL;) {
        if (node->type == XML_ELEMENT_NODE) {
            redact_element(libxml, node, may_show, user);
        }
        if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
            node = node->children;
            continue;
        }
        while (node != root && node->next == NULL) {
            node = node->parent;
        }
        node = node != root ? node->next : NULL;
    }
}

int redact_message(const char *message, size_t length, redact_may_show *may_show, void *user,
                   struct buffer *out) {
    /* a survey comes first, as for every message: it refuses what would keep the parser busy */
    bool untrue = false;
    char error[256] = "";
    envelope_trim(&message, &length);
    const struct libxml *libxml = libxml_open(error, sizeof error);
    if (libxml == NULL) {
        return buffer_format(out, "(%zu octets: %s)\n", length, error);
    }
    bool fit = length > 0 && length <= INT_MAX && envelope_survey(message, length, &untrue) == NULL;
    xmlDoc *document =
        fit ? libxml->xmlReadMemory(message, (int) length, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                        XML_PARSE_NOBLANKS | (untrue ? XML_PARSE_IGNORE_ENC : 0))
            : NULL;
    xmlNode *root = document != NULL ? libxml->xmlDocGetRootElement(document) : NULL;
    xmlChar *text = NULL;
    int size = 0;
    if (root != NULL) {
        redact_tree(libxml, root, may_show, user);
        libxml->xmlDocDumpFormatMemory(document, &text, &size, 1);
    }
    int result = text != NULL ? buffer_append(out, text, (size_t) size)
                 : length > 0 ? buffer_format(out, "(%zu octets that are no XML)\n", length)
                              : 0;
    (*libxml->xmlFree)(text);
    libxml->xmlFreeDoc(document);
    return result;
}
