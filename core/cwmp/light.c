/* Lightweight notifications: the message. */
#include <config.h>

#include "cwmp/light.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "model/value.h"

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <string.h>

#define NAMESPACE "urn:broadband-forum-org:cwmp:lwnotif-1-0"
/* BAD_CAST would take the const away. */
#define XML(text) ((const xmlChar *) (text))

enum { NONCE_LENGTH = 24, TEXT_MAX = 8 * LIGHT_SIZE_MAX };

struct body {
    xmlTextWriterPtr xml;
    struct buffer text; /* one value, escaped */
    size_t params;
    bool failed;
};

static void element(struct body *body, const char *name, const char *text, size_t length) {
    buffer_reset(&body->text);
    (void) text_xml(&body->text, text, length);
    body->failed = body->failed || buffer_error(&body->text) < 0 ||
                   xmlTextWriterStartElement(body->xml, XML(name)) < 0 ||
                   xmlTextWriterWriteRaw(body->xml, XML(buffer_string(&body->text))) < 0 ||
                   xmlTextWriterEndElement(body->xml) < 0;
}

static void element_text(struct body *body, const char *name, const char *text) {
    element(body, name, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static int param(void *user, const struct model_value *value) {
    struct body *body = user;
    char type[32];
    (void) text_join(type, sizeof type, "xs:", /* SOAP's name of it is not XML Schema's */
                     value->type == TR069_BASE64 ? "base64Binary" : value_type_name(value->type), NULL);
    body->failed = body->failed || xmlTextWriterStartElement(body->xml, XML("Param")) < 0;
    element(body, "Name", value->path, value->path_length);
    buffer_reset(&body->text);
    (void) text_xml(&body->text, value->text, value->length);
    body->failed = body->failed || buffer_error(&body->text) < 0 ||
                   xmlTextWriterStartElement(body->xml, XML("Value")) < 0 ||
                   xmlTextWriterWriteAttribute(body->xml, XML("xsi:type"), XML(type)) < 0 ||
                   xmlTextWriterWriteRaw(body->xml, XML(buffer_string(&body->text))) < 0 ||
                   xmlTextWriterEndElement(body->xml) < 0 || xmlTextWriterEndElement(body->xml) < 0;
    body->params++;
    return body->failed ? -ENOMEM : 0;
}

/* TS is an xs:int, which ends in 2038; 0 while the time is not known. */
static void timestamp(struct body *body, int64_t wall_s) {
    char text[24];
    const int64_t seconds = wall_s == CLOCK_WALL_UNKNOWN || wall_s < 0 ? 0 : wall_s;
    (void) snprintf(text, sizeof text, "%lld", (long long) (seconds < INT32_MAX ? seconds : INT32_MAX));
    element_text(body, "TS", text);
}

static int write_body(struct body *body, const struct light_sender *sender,
                      const struct model_selection *selection, const char *nonce) {
    struct tr069_fault fault = {0};
    body->failed = xmlTextWriterStartDocument(body->xml, NULL, "UTF-8", NULL) < 0 ||
                   xmlTextWriterStartElement(body->xml, XML("Notification")) < 0 ||
                   xmlTextWriterWriteAttribute(body->xml, XML("xmlns"), XML(NAMESPACE)) < 0 ||
                   xmlTextWriterWriteAttribute(body->xml, XML("xmlns:xs"),
                                               XML("http://www.w3.org/2001/XMLSchema")) < 0 ||
                   xmlTextWriterWriteAttribute(body->xml, XML("xmlns:xsi"),
                                               XML("http://www.w3.org/2001/XMLSchema-instance")) < 0;
    timestamp(body, sender->wall_s);
    element_text(body, "UN", sender->username);
    element_text(body, "CN", nonce);
    element_text(body, "OUI", sender->oui);
    element_text(body, "ProductClass", sender->product_class);
    element_text(body, "SerialNumber", sender->serial);
    if (body->failed || model_selection_values(selection, param, body, &fault) != 0) {
        return -ENOMEM;
    }
    return xmlTextWriterEndDocument(body->xml) < 0 || xmlTextWriterFlush(body->xml) < 0 ? -ENOMEM : 0;
}

/* Implementations differ in the name of the header with the signature: it is there by both. */
static int write_datagram(const struct light_sender *sender, const char *body, size_t length,
                          struct buffer *out) {
    static const char digits[] = "0123456789ABCDEF";
    unsigned char digest[CRYPTO_SHA1_SIZE];
    char signature[2 * CRYPTO_SHA1_SIZE + 1];
    if (crypto_hmac_sha1(sender->password, body, length, digest) < 0) {
        return -EIO;
    }
    for (size_t i = 0; i < sizeof digest; i++) {
        signature[2 * i] = digits[digest[i] >> 4];
        signature[2 * i + 1] = digits[digest[i] & 15];
    }
    signature[2 * sizeof digest] = '\0';
    buffer_reset(out);
    (void) buffer_format(out,
                         "POST / HTTP/1.1\r\nHost: %s:%u\r\nContent-Type: text/xml; charset=utf-8\r\n"
                         "Content-Length: %zu\r\nSignature: %s\r\nAuthorization: SIGNATURE=\"%s\"\r\n\r\n",
                         sender->host, sender->port, length, signature, signature);
    return buffer_append(out, body, length);
}

static int write_selection(const struct light_sender *sender, const struct model_selection *selection,
                           struct buffer *out, size_t *ret_params) {
    char nonce[NONCE_LENGTH + 1];
    xmlBufferPtr memory = xmlBufferCreate();
    struct body body = {.xml = memory != NULL ? xmlNewTextWriterMemory(memory, 0) : NULL};
    int r = body.xml != NULL ? crypto_token(nonce, NONCE_LENGTH) : -ENOMEM;
    buffer_init(&body.text, TEXT_MAX);
    if (r == 0) {
        r = write_body(&body, sender, selection, nonce);
    }
    if (r == 0) {
        r = write_datagram(sender, (const char *) xmlBufferContent(memory), (size_t) xmlBufferLength(memory),
                           out);
    }
    if (buffer_error(&body.text) == -EMSGSIZE) {
        r = -EMSGSIZE;
    }
    *ret_params = body.params;
    if (body.xml != NULL) {
        xmlFreeTextWriter(body.xml);
    }
    if (memory != NULL) {
        xmlBufferFree(memory);
    }
    buffer_free(&body.text);
    return r;
}

int light_write(const struct light_sender *sender, struct model_selection *selection, struct buffer *out,
                size_t *ret_params) {
    size_t params = 0;
    int r = write_selection(sender, selection, out, &params);
    while (model_selection_count(selection) > 1 &&
           (r == -EMSGSIZE || (r == 0 && out->length > LIGHT_SIZE_WANTED))) {
        (void) model_selection_fewer_changes(selection);
        r = write_selection(sender, selection, out, &params);
    }
    if (r == -EMSGSIZE || (r == 0 && out->length > LIGHT_SIZE_MAX)) {
        params = 0;
        r = 0;
    }
    *ret_params = params;
    return r;
}
