/* What the test ACS has to say: the transcript, failed expectations, violations of the standard. */
#ifndef ACS_REPORT_H
#define ACS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What the standard demands of a CPE and this ACS watches. A number never changes its meaning: new
 * ones go to the end. name, sentence. */
#define VIOLATIONS(X)                                                                                        \
    X(INFORM_FIRST, "inform-first", "a session begins with Inform")                                          \
    X(INFORM_ONCE, "inform-once",                                                                            \
      "Inform is sent once in a session, repeated only after 401, redirect, 8005")                           \
    X(REPEAT_DIFFERS, "repeat-differs", "after 401, a redirect or 8005 the very same message is sent again") \
    X(ID_ECHO, "id-echo", "a response or fault carries the ID of its request")                               \
    X(WRONG_RESPONSE, "wrong-response", "a request is answered by its own response or a fault")              \
    X(UNASKED_RESPONSE, "unasked-response", "no response or fault without a request")                        \
    X(EMPTY_FOR_RESPONSE, "empty-for-response", "a request is answered before anything else")                \
    X(REQUEST_FOR_RESPONSE, "request-for-response", "no own request while an answer is due")                 \
    X(REQUEST_AFTER_EMPTY, "request-after-empty", "after an empty POST the CPE sends no requests")           \
    X(REQUEST_WHILE_HELD, "request-while-held", "no request of the CPE under HoldRequests")                  \
    X(REQUEST_AFTER_END, "request-after-end", "nothing is sent once the session has ended")                  \
    X(TWO_SESSIONS, "two-sessions", "one session at a time")                                                 \
    X(SESSION_BROKEN, "session-broken", "the CPE does not end a session early")                              \
    X(METHOD, "method", "every message is an HTTP/1.1 POST")                                                 \
    X(EMPTY_LENGTH, "empty-length", "an empty POST has Content-Length: 0")                                   \
    X(EMPTY_SOAPACTION, "empty-soapaction", "an empty POST has no SOAPAction")                               \
    X(EMPTY_CONTENT_TYPE, "empty-content-type", "an empty POST has no Content-Type")                         \
    X(SOAPACTION, "soapaction", "an envelope comes with SOAPAction, and that is empty")                      \
    X(CONTENT_TYPE, "content-type", "an envelope comes as text/xml")                                         \
    X(EXPECT, "expect", "no Expect: 100-continue")                                                           \
    X(COOKIE, "cookie", "every cookie of the session comes back in each later POST, with its newest value")  \
    X(COOKIE_STALE, "cookie-stale", "cookies are forgotten at the end of the session")                       \
    X(KEEP_ALIVE, "keep-alive", "one TCP connection for the whole session, unless the ACS closes it")        \
    X(PIPELINING, "pipelining", "no request before the answer to the last one")                              \
    X(LEFT_OPEN, "left-open", "the CPE closes the connection at the end of the session")                     \
    X(CONNECTION_REUSED, "connection-reused", "a new session uses a new connection")                         \
    X(AUTH_UNASKED, "auth-unasked", "credentials are sent only after a challenge")                           \
    X(AUTH_CONNECTION, "auth-connection", "a challenge is answered on the same connection")                  \
    X(DIGEST, "digest", "Digest as challenged: uri, qop, opaque, cnonce, rising nc")                         \
    X(NOT_XML, "not-xml", "a message is well-formed XML without a DTD")                                      \
    X(NOT_SOAP, "not-soap", "a message is a SOAP 1.1 envelope whose body has one CWMP element")              \
    X(SCHEMA, "schema", "a message is valid by the schema of its namespace")                                 \
    X(RULES, "rules", "a message keeps the rules of cwmp-rules.sch")                                         \
    X(NAMESPACE, "namespace", "after InformResponse the agreed namespace is used")                           \
    X(MAX_ENVELOPES, "max-envelopes", "Inform says MaxEnvelopes 1")                                          \
    X(EVENTS, "events", "the events of an Inform fit together")                                              \
    X(VALUE_TYPE, "value-type", "every Value carries xsi:type")                                              \
    X(DUPLICATE, "duplicate", "a parameter appears once in a list")                                          \
    X(FORCED_PARAMETER, "forced-parameter", "every Inform carries the forced parameters of its root")        \
    X(CURRENT_TIME, "current-time", "CurrentTime is a dateTime with a zone")                                 \
    X(RETRY_COUNT, "retry-count", "RetryCount is 0 if and only if the last session succeeded")               \
    X(RESPONSE_CONTENT, "response-content", "a response holds what was asked for")                           \
    X(CONNREQ_BODY, "connection-request-body", "a connection request is answered with an empty body")        \
    X(CONNREQ_BASIC, "connection-request-basic", "a connection request is challenged with Digest only")

#define VIOLATION_ENUM(id, name, sentence) VIOLATION_##id,
enum violation { VIOLATIONS(VIOLATION_ENUM) VIOLATION_COUNT };
#undef VIOLATION_ENUM

struct report {
    FILE *to_stdout;   /* NULL with --quiet */
    FILE *to_file;     /* NULL without --transcript */
    unsigned failures; /* failed expectations and violations that are not tolerated */
    char first[1024];  /* the first failure, in a sentence */
    unsigned count[VIOLATION_COUNT];
    bool tolerated[VIOLATION_COUNT];
    unsigned violations;
    unsigned expectations; /* that were met */
};

const char *violation_name(enum violation violation);
const char *violation_sentence(enum violation violation);
/* A name of the table, or "all". False when there is none. */
bool report_tolerate(struct report *report, const char *name, bool tolerate);

/* One line of the transcript: time, session (0: none), a mark of two characters, text. Control
 * characters are replaced. */
void report_line(struct report *report, unsigned session, const char *mark, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_violation(struct report *report, unsigned session, enum violation violation, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));
/* A failed expectation of line `line` of the scenario (0: none). */
void report_failure(struct report *report, unsigned session, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The last lines: what was seen, and the verdict. */
void report_end(struct report *report, unsigned sessions, unsigned messages);

#endif
