/* Lightweight notifications: the message. */
#include <config.h>

#include "cwmp/light.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "model/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char opening[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<Notification xmlns=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\""
                              " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\""
                              " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">";
static const char closing[] = "</Notification>\n";

enum { NONCE_LENGTH = 24, BODY_MAX = 8 * LIGHT_SIZE_MAX };

struct body {
    struct buffer xml;
    size_t params;
};

static void element(struct body *body, const char *name, const char *text) {
    (void) text_xml_element(&body->xml, name, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static int param(void *user, const struct model_value *value) {
    struct body *body = user;
    struct buffer *xml = &body->xml;
    (void) buffer_text(xml, "<Param>");
    (void) text_xml_element(xml, "Name", value->path, value->path_length);
    (void) buffer_format(xml, "<Value xsi:type=\"xs:%s\">", /* SOAP's name of it is not XML Schema's */
                         value->type == TR069_BASE64 ? "base64Binary" : value_type_name(value->type));
    (void) text_xml(xml, value->text, value->length);
    body->params++;
    return buffer_text(xml, "</Value></Param>");
}

/* TS is an xs:int, which ends in 2038; 0 while the time is not known. */
static void timestamp(struct body *body, int64_t wall_s) {
    const int64_t seconds = wall_s == CLOCK_WALL_UNKNOWN || wall_s < 0 ? 0 : wall_s;
    (void) buffer_format(&body->xml, "<TS>%lld</TS>",
                         (long long) (seconds < INT32_MAX ? seconds : INT32_MAX));
}

static int write_body(struct body *body, const struct light_sender *sender,
                      const struct model_selection *selection, const char *nonce) {
    struct tr069_fault fault = {0};
    (void) buffer_text(&body->xml, opening);
    timestamp(body, sender->wall_s);
    element(body, "UN", sender->username);
    element(body, "CN", nonce);
    element(body, "OUI", sender->oui);
    element(body, "ProductClass", sender->product_class);
    element(body, "SerialNumber", sender->serial);
    if (model_selection_values(selection, param, body, &fault) != 0 && buffer_error(&body->xml) == 0) {
        return -ENOMEM;
    }
    return buffer_text(&body->xml, closing);
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
    struct body body = {.params = 0};
    int r = crypto_token(nonce, NONCE_LENGTH);
    buffer_init(&body.xml, BODY_MAX);
    if (r == 0) {
        r = write_body(&body, sender, selection, nonce);
    }
    if (r == 0) {
        r = write_datagram(sender, buffer_string(&body.xml), body.xml.length, out);
    }
    *ret_params = body.params;
    buffer_free(&body.xml);
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
