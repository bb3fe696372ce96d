/* Expectations: one row a kind. */
#include <config.h>

#include "expect.h"

#include "base/text.h"

#include <errno.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subject {
    const struct message *message; /* NULL: only look whether the words make sense */
    const struct request *request;
    char *why;
    size_t size;
};

static bool say(const struct subject *subject, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool say(const struct subject *subject, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(subject->why, subject->size, format, arguments);
    va_end(arguments);
    return false;
}

static int compare_number(const char *found, const char *operation, const char *value) {
    int64_t a = 0;
    int64_t b = 0;
    if (text_parse_int(value, INT64_MIN, INT64_MAX, &b) < 0) {
        return -EINVAL;
    }
    if (found == NULL || text_parse_int(found, INT64_MIN, INT64_MAX, &a) < 0) {
        return 0;
    }
    bool orequal = operation[1] == '=';
    return operation[0] == '<' ? a < b || (orequal && a == b) : a > b || (orequal && a == b);
}

int expect_compare(const char *found, const char *operation, const char *value) {
    if (strcmp(operation, "=") == 0) {
        return found != NULL && strcmp(found, value) == 0;
    }
    if (strcmp(operation, "!=") == 0) {
        return found != NULL && strcmp(found, value) != 0;
    }
    if (strcmp(operation, "~") == 0) {
        return found != NULL && glob_match(value, found);
    }
    if (strcmp(operation, "=~") == 0) {
        regex_t regex;
        if (regcomp(&regex, value, REG_EXTENDED | REG_NOSUB) != 0) {
            return -EINVAL;
        }
        int match = found != NULL && regexec(&regex, found, 0, NULL, 0) == 0;
        regfree(&regex);
        return match;
    }
    if (strcmp(operation, "<") == 0 || strcmp(operation, ">") == 0 || strcmp(operation, "<=") == 0 ||
        strcmp(operation, ">=") == 0) {
        return compare_number(found, operation, value);
    }
    return -EINVAL;
}

/* `what` has the text `found` (NULL: it is absent); the words say how it should be, or just that it is. */
static int judge(const struct subject *subject, const char *what, const char *found, const char *const *word,
                 size_t count) {
    if (count != 0 && count != 2) {
        return -EINVAL;
    }
    int met = count == 0 ? found != NULL : expect_compare(found, word[0], word[1]);
    if (met == 0) {
        (void) say(subject, "expected %s %s %s, got %s%.200s%s", what, count == 0 ? "to be there" : word[0],
                   count == 0 ? "" : word[1], found != NULL ? "\"" : "", found != NULL ? found : "nothing",
                   found != NULL ? "\"" : "");
    }
    return met;
}

typedef int check(const struct subject *subject, const char *const *word, size_t count);

static int on_response(const struct subject *subject, const char *const *word, size_t count) {
    const struct message *message = subject->message;
    (void) word;
    (void) count;
    if (message == NULL || message->kind == MESSAGE_RESPONSE) {
        return 1;
    }
    char gist[400];
    message_gist(message, gist, sizeof gist);
    return say(subject, "expected a response, got %s", gist);
}

static int on_fault(const struct subject *subject, const char *const *word, size_t count) {
    const struct message *message = subject->message;
    uint64_t code = 0;
    if (count > 0 && !parse_number(word[0], 99999, &code)) {
        return -EINVAL;
    }
    if (message == NULL || (message->kind == MESSAGE_FAULT && (count == 0 || message->fault == code))) {
        return 1;
    }
    char gist[400];
    message_gist(message, gist, sizeof gist);
    return say(subject, "expected a fault %s, got %s", count > 0 ? word[0] : "", gist);
}

/* parameter-fault NAME CODE: one entry of the SetParameterValuesFault list. */
static int on_parameter_fault(const struct subject *subject, const char *const *word, size_t count) {
    const struct message *message = subject->message;
    (void) count;
    xmlNodePtr node = message != NULL ? message_first(message->rpc) : NULL;
    for (; node != NULL; node = message_next(node)) {
        char *name = message_node_text(message_child(node, "ParameterName"));
        char *code = message_node_text(message_child(node, "FaultCode"));
        bool here = strcmp((const char *) node->name, "SetParameterValuesFault") == 0;
        bool match = here && strcmp(name, word[0]) == 0 && strcmp(code, word[1]) == 0;
        free(name);
        free(code);
        if (match) {
            return 1;
        }
    }
    return message == NULL ? 1
                           : say(subject, "expected a SetParameterValuesFault %s for %s", word[1], word[0]);
}

/* "CODE" or "CODE:KEY"; the key is compared only if it is given. */
static bool event_matches(xmlNodePtr event, const char *wanted) {
    char *code = message_node_text(message_child(event, "EventCode"));
    char *key = message_node_text(message_child(event, "CommandKey"));
    char *both = must_format("%s:%s", code, key);
    bool match = glob_match(wanted, code) || glob_match(wanted, both);
    free(code);
    free(key);
    free(both);
    return match;
}

static char *all_events(const struct message *message) {
    char *text = must_dup("");
    xmlNodePtr event = message_first(message_child(message->rpc, "Event"));
    for (; event != NULL; event = message_next(event)) {
        char *code = message_node_text(message_child(event, "EventCode"));
        char *key = message_node_text(message_child(event, "CommandKey"));
        char *longer = must_format("%s%s\"%s%s%s\"", text, *text != '\0' ? ", " : "", code,
                                   *key != '\0' ? ":" : "", key);
        free(code);
        free(key);
        free(text);
        text = longer;
    }
    return text;
}

static int on_event(const struct subject *subject, const char *const *word, size_t count) {
    const struct message *message = subject->message;
    for (size_t i = 0; message != NULL && i < count; i++) {
        xmlNodePtr event = message_first(message_child(message->rpc, "Event"));
        while (event != NULL && !event_matches(event, word[i])) {
            event = message_next(event);
        }
        if (event == NULL) {
            char *all = all_events(message);
            (void) say(subject, "expected the event \"%s\", got %s", word[i], all);
            free(all);
            return 0;
        }
    }
    return 1;
}

/* Exactly these. */
static int on_events(const struct subject *subject, const char *const *word, size_t count) {
    const struct message *message = subject->message;
    if (message == NULL) {
        return 1;
    }
    xmlNodePtr list = message_child(message->rpc, "Event");
    if (list != NULL && (size_t) xmlChildElementCount(list) != count) {
        char *all = all_events(message);
        (void) say(subject, "expected exactly %zu events, got %s", count, all);
        free(all);
        return 0;
    }
    return on_event(subject, word, count);
}

static int on_value(const struct subject *subject, const char *const *word, size_t count) {
    char what[300];
    (void) snprintf(what, sizeof what, "the value of %s", word[0]);
    char *found = subject->message != NULL ? message_value(subject->message, word[0], NULL) : NULL;
    int met = judge(subject, what, found, word + 1, count - 1);
    free(found);
    return met;
}

static int on_type(const struct subject *subject, const char *const *word, size_t count) {
    char what[300];
    char *type = NULL;
    (void) snprintf(what, sizeof what, "the type of %s", word[0]);
    free(subject->message != NULL ? message_value(subject->message, word[0], &type) : NULL);
    int met = judge(subject, what, type, word + 1, count - 1);
    free(type);
    return met;
}

/* The item of a list with that Name, or NULL. */
static xmlNodePtr find_item(const struct message *message, const char *name) {
    xmlNodePtr item = message != NULL ? message_first(message_list(message)) : NULL;
    for (; item != NULL; item = message_next(item)) {
        char *found =
            message_node_text(message_child(item, "Name") != NULL ? message_child(item, "Name") : item);
        bool match = strcmp(found, name) == 0 || glob_match(name, found);
        free(found);
        if (match) {
            break;
        }
    }
    return item;
}

/* name NAME [writable|read-only]: of GetParameterNames, GetRPCMethods. */
static int on_name(const struct subject *subject, const char *const *word, size_t count) {
    if (count == 2 && strcmp(word[1], "writable") != 0 && strcmp(word[1], "read-only") != 0) {
        return -EINVAL;
    }
    xmlNodePtr item = find_item(subject->message, word[0]);
    if (item == NULL || count == 1) {
        return item != NULL || subject->message == NULL ? 1
                                                        : say(subject, "expected %s in the list", word[0]);
    }
    char *text = message_node_text(message_child(item, "Writable"));
    bool writable = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    free(text);
    return writable == (strcmp(word[1], "writable") == 0)
               ? 1
               : say(subject, "expected %s to be %s, and it is not", word[0], word[1]);
}

/* attribute NAME [notification=N] [access=A,B] */
static int on_attribute(const struct subject *subject, const char *const *word, size_t count) {
    xmlNodePtr item = find_item(subject->message, word[0]);
    int met =
        item != NULL || subject->message == NULL ? 1 : say(subject, "expected attributes of %s", word[0]);
    for (size_t i = 1; i < count && met > 0; i++) {
        const char *notification = word_value(word[i], "notification");
        const char *access = word_value(word[i], "access");
        if (notification == NULL && access == NULL) {
            return -EINVAL;
        }
        if (item == NULL) {
            continue;
        }
        char *found = message_node_text(message_child(item, "Notification"));
        if (access != NULL) {
            replace_text(&found, "");
            xmlNodePtr entity = message_first(message_child(item, "AccessList"));
            for (; entity != NULL; entity = message_next(entity)) {
                char *one = message_node_text(entity);
                char *longer = must_format("%s%s%s", found, *found != '\0' ? "," : "", one);
                free(one);
                free(found);
                found = longer;
            }
        }
        if (strcmp(found, access != NULL ? access : notification) != 0) {
            met = say(subject, "expected %s of %s, got %s", word[i], word[0], found);
        }
        free(found);
    }
    return met;
}

static int on_argument(const struct subject *subject, const char *const *word, size_t count) {
    char *found = subject->message != NULL ? message_text(subject->message, word[0]) : NULL;
    int met = judge(subject, word[0], found, word + 1, count - 1);
    free(found);
    return met;
}

static int on_retry_count(const struct subject *subject, const char *const *word, size_t count) {
    char *found = subject->message != NULL ? message_text(subject->message, "RetryCount") : NULL;
    int met = judge(subject, "RetryCount", found, word, count);
    free(found);
    return met;
}

static int on_count(const struct subject *subject, const char *const *word, size_t count) {
    char text[24] = "0";
    if (subject->message != NULL) {
        (void) snprintf(text, sizeof text, "%zu", message_list_count(subject->message));
    }
    return judge(subject, "the number of entries", text, word, count);
}

static int on_method(const struct subject *subject, const char *const *word, size_t count) {
    return judge(subject, "the method", subject->message != NULL ? subject->message->method : NULL,
                 count == 1 ? (const char *[]){"=", word[0]} : word, 2);
}

static int on_namespace(const struct subject *subject, const char *const *word, size_t count) {
    char *wanted = must_format(NS_CWMP_PREFIX "%s", word[0]);
    (void) count;
    int met = judge(subject, "the namespace", subject->message != NULL ? subject->message->space : NULL,
                    (const char *[]){"=", wanted}, 2);
    free(wanted);
    return met;
}

static int on_header(const struct subject *subject, const char *const *word, size_t count) {
    const char *found = subject->request != NULL ? request_header(subject->request, word[0]) : NULL;
    return judge(subject, word[0], found, word + 1, count - 1);
}

static int on_target(const struct subject *subject, const char *const *word, size_t count) {
    return judge(subject, "the target", subject->request != NULL ? subject->request->url : NULL, word, count);
}

/* An XPath that must be true; prefixes soap, xsi, and local names for the rest. */
static int on_xpath(const struct subject *subject, const char *const *word, size_t count) {
    (void) count;
    xmlXPathCompExprPtr compiled = xmlXPathCompile((const xmlChar *) word[0]);
    if (compiled == NULL) {
        return -EINVAL;
    }
    int met = 1;
    if (subject->message != NULL) {
        xmlXPathContextPtr context =
            subject->message->doc != NULL ? xmlXPathNewContext(subject->message->doc) : NULL;
        if (context != NULL) {
            (void) xmlXPathRegisterNs(context, (const xmlChar *) "soap", (const xmlChar *) NS_SOAP);
            (void) xmlXPathRegisterNs(context, (const xmlChar *) "xsi", (const xmlChar *) NS_XSI);
            (void) xmlXPathRegisterNs(context, (const xmlChar *) "cwmp",
                                      (const xmlChar *) subject->message->space);
        }
        met = context != NULL && xmlXPathCompiledEvalToBoolean(compiled, context) == 1;
        xmlXPathFreeContext(context);
        if (met == 0) {
            (void) say(subject, "expected %s to be true of the message", word[0]);
        }
    }
    xmlXPathFreeCompExpr(compiled);
    return met;
}

static const struct {
    const char *word;
    size_t least;
    size_t most;
    check *call;
} rows[] = {
    {"response", 0, 0, on_response},
    {"fault", 0, 1, on_fault},
    {"parameter-fault", 2, 2, on_parameter_fault},
    {"event", 1, 64, on_event},
    {"events", 0, 64, on_events},
    {"value", 1, 3, on_value},
    {"parameter", 1, 3, on_value},
    {"type", 1, 3, on_type},
    {"name", 1, 2, on_name},
    {"attribute", 1, 3, on_attribute},
    {"argument", 1, 3, on_argument},
    {"retry-count", 2, 2, on_retry_count},
    {"count", 2, 2, on_count},
    {"method", 1, 2, on_method},
    {"namespace", 1, 1, on_namespace},
    {"header", 1, 3, on_header},
    {"target", 1, 2, on_target},
    {"xpath", 1, 1, on_xpath},
};

int expect_check(const char *const *word, size_t count, const struct message *message,
                 const struct request *request, char *why, size_t size) {
    bool no = count > 0 && strcmp(word[0], "not") == 0;
    word += no ? 1 : 0;
    count -= no ? 1 : 0;
    struct subject subject = {.message = message, .request = request, .why = why, .size = size};
    for (size_t i = 0; count > 0 && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, word[0]) != 0) {
            continue;
        }
        int met = count - 1 < rows[i].least || count - 1 > rows[i].most
                      ? -EINVAL
                      : rows[i].call(&subject, word + 1, count - 1);
        if (met < 0) {
            (void) snprintf(why, size, "expect %s: wrong or missing words", word[0]);
        } else if (no && message != NULL) {
            met = met > 0
                      ? say(&subject, "expected it not to be so: %s %s", word[0], count > 1 ? word[1] : "")
                      : 1;
        }
        return met;
    }
    (void) snprintf(why, size, "expect %s: there is no such expectation", count > 0 ? word[0] : "");
    return -EINVAL;
}
