/* HTTP, turns and cookies: what every POST of a CPE is held to. */
#include <config.h>

#include "check.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define violation(session, what, ...)                                                                        \
    report_violation(&(session)->acs->report, (session)->number, VIOLATION_##what, __VA_ARGS__)

static void check_empty(struct session *session, const struct request *request) {
    const char *length = request_header(request, "Content-Length");
    if (length == NULL || strcmp(length, "0") != 0) {
        violation(session, EMPTY_LENGTH, "Content-Length of an empty POST is \"%s\"",
                  length != NULL ? length : "(absent)");
    }
    if (request_header(request, "SOAPAction") != NULL) {
        violation(session, EMPTY_SOAPACTION, "an empty POST came with SOAPAction");
    }
    if (request_header(request, "Content-Type") != NULL) {
        violation(session, EMPTY_CONTENT_TYPE, "an empty POST came with Content-Type \"%s\"",
                  request_header(request, "Content-Type"));
    }
}

static void check_full(struct session *session, const struct request *request) {
    const char *action = request_header(request, "SOAPAction");
    const char *type = request_header(request, "Content-Type");
    if (action == NULL || *action != '\0') {
        violation(session, SOAPACTION, "SOAPAction is \"%s\", not empty",
                  action != NULL ? action : "(absent)");
    }
    size_t length = type != NULL ? strcspn(type, "; \t") : 0;
    if (length != strlen("text/xml") || strncasecmp(type, "text/xml", length) != 0) {
        violation(session, CONTENT_TYPE, "Content-Type is \"%s\"", type != NULL ? type : "(absent)");
    }
}

void check_http(struct session *session, const struct request *request, const struct message *message) {
    if (strcmp(request->method, "POST") != 0 || strcmp(request->version, "HTTP/1.1") != 0) {
        violation(session, METHOD, "%s %s instead of POST HTTP/1.1", request->method, request->version);
    }
    if (request_header(request, "Expect") != NULL) {
        violation(session, EXPECT, "Expect: %s", request_header(request, "Expect"));
    }
    const char *connection = request_header(request, "Connection");
    if (connection != NULL && strcasecmp(connection, "close") == 0) {
        violation(session, KEEP_ALIVE, "the CPE says Connection: close");
    }
    if (message->kind == MESSAGE_EMPTY) {
        check_empty(session, request);
    } else {
        check_full(session, request);
    }
}

/* The value of a cookie in the header; allocated, NULL if it is not there. */
static char *cookie_value(const char *header, const char *name) {
    size_t length = strlen(name);
    for (const char *at = header; at != NULL && *at != '\0';) {
        at += strspn(at, "; \t");
        size_t part = strcspn(at, ";");
        if (part > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            return must_format("%.*s", (int) (part - length - 1), at + length + 1);
        }
        at += part;
    }
    return NULL;
}

void check_cookies(struct session *session, const struct request *request) {
    const char *header = request_header(request, "Cookie");
    if (session->cookie_path != NULL && !text_starts(request->url, session->cookie_path)) {
        return;
    }
    for (unsigned i = 0; i < session->cookie_count; i++) {
        char name[80];
        char value[TOKEN_SIZE + 16];
        (void) snprintf(name, sizeof name, i > 0 ? "%s%u" : "%s", session->cookie_name, i);
        (void) snprintf(value, sizeof value, "%s-%u", session->token, session->cookie_generation);
        char *found = cookie_value(header, name);
        if (found == NULL || strcmp(found, value) != 0) {
            violation(session, COOKIE, "cookie %s %s", name,
                      found == NULL ? "did not come back" : "came back with an old value");
        }
        free(found);
    }
}

static void check_request_turn(struct session *session, const struct message *message, bool repeated) {
    if (strcmp(message->method, "Inform") == 0) {
        if (session->messages > 1 && !repeated) {
            violation(session, INFORM_ONCE, "a second Inform in the session");
        }
        return;
    }
    if (!session->inform_answered) {
        violation(session, INFORM_FIRST, "the session begins with %s", message->method);
    }
    if (session->outstanding != NULL) {
        violation(session, REQUEST_FOR_RESPONSE, "%s instead of the answer to %s", message->method,
                  session->outstanding->method);
    }
    if (session->hold_sent) {
        violation(session, REQUEST_WHILE_HELD, "%s though HoldRequests is 1", message->method);
    }
    if (session->done) {
        violation(session, REQUEST_AFTER_EMPTY, "%s after an empty POST", message->method);
    }
}

static void check_answer_turn(struct session *session, const struct message *message) {
    const struct rpc *rpc = session->outstanding;
    if (rpc == NULL) {
        violation(session, UNASKED_RESPONSE, "%s without a request", message->method);
        return;
    }
    bool has_id = session->outstanding_id[0] != '\0';
    if (has_id && (message->id == NULL || strcmp(message->id, session->outstanding_id) != 0)) {
        violation(session, ID_ECHO, "ID is \"%s\", the request's was \"%s\"",
                  message->id != NULL ? message->id : "(absent)", session->outstanding_id);
    }
    if (!has_id && message->id != NULL && !rpc->raw) {
        violation(session, ID_ECHO, "ID is \"%s\", the request had none", message->id);
    }
    if (message->kind == MESSAGE_RESPONSE && rpc->method[0] != '\0' &&
        strcmp(rpc->method, message->method) != 0) {
        violation(session, WRONG_RESPONSE, "%sResponse answers %s", message->method, rpc->method);
    }
}

void check_turn(struct session *session, const struct message *message, bool repeated) {
    switch (message->kind) {
    case MESSAGE_BROKEN:
        if (message->not_xml) {
            violation(session, NOT_XML, "%s", message->error);
        } else {
            violation(session, NOT_SOAP, "%s", message->error);
        }
        return;
    case MESSAGE_EMPTY:
        if (!session->inform_answered) {
            violation(session, INFORM_FIRST, "an empty POST before Inform");
        }
        if (session->outstanding != NULL) {
            violation(session, EMPTY_FOR_RESPONSE, "an empty POST instead of the answer to %s",
                      session->outstanding->method);
        }
        return;
    case MESSAGE_REQUEST:
        check_request_turn(session, message, repeated);
        break;
    case MESSAGE_RESPONSE:
    case MESSAGE_FAULT:
        if (!repeated) { /* it was looked at when it came first */
            check_answer_turn(session, message);
        }
        break;
    }
    bool raw = session->outstanding != NULL && session->outstanding->raw;
    if (session->inform_answered && !raw && message->space[0] != '\0' &&
        strcmp(message->space, session->space) != 0) {
        violation(session, NAMESPACE, "%s is in %s, agreed is %s", message->method, message->space,
                  session->space);
    }
}
