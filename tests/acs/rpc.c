/* RPCs from their short form. A method is a row of a table: its arguments in the order of the schema. */
#include <config.h>

#include "rpc.h"

#include "base/text.h"
#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RPC_MAX = 64 * 1024 * 1024 };

enum argument_kind {
    TEXT,       /* short=value, or the next bare word */
    NAMES,      /* bare words: ParameterNames */
    VALUES,     /* Name=type:value */
    ATTRIBUTES, /* Name notification=N access=a,b */
    WINDOWS     /* window=start,end,mode,retries */
};

struct argument {
    const char *element;
    const char *word; /* the word before '='; NULL: a bare word */
    const char *otherwise;
    enum argument_kind kind;
};

struct method {
    const char *name;
    struct argument arguments[11];
};

#define KEY                                                                                                  \
    { "CommandKey", "key", "", TEXT }
#define PARAMETER_KEY                                                                                        \
    { "ParameterKey", "key", "", TEXT }
#define USER                                                                                                 \
    {"Username", "user", "", TEXT}, {                                                                        \
        "Password", "password", "", TEXT                                                                     \
    }

static const struct method methods[] = {
    {"GetRPCMethods", {{0}}},
    {"SetParameterValues", {{"ParameterList", NULL, NULL, VALUES}, PARAMETER_KEY}},
    {"GetParameterValues", {{"ParameterNames", NULL, NULL, NAMES}}},
    {"GetParameterNames", {{"ParameterPath", NULL, "", TEXT}, {"NextLevel", NULL, "0", TEXT}}},
    {"SetParameterAttributes", {{"ParameterList", NULL, NULL, ATTRIBUTES}}},
    {"GetParameterAttributes", {{"ParameterNames", NULL, NULL, NAMES}}},
    {"AddObject", {{"ObjectName", NULL, "", TEXT}, PARAMETER_KEY}},
    {"DeleteObject", {{"ObjectName", NULL, "", TEXT}, PARAMETER_KEY}},
    {"Reboot", {KEY}},
    {"FactoryReset", {{0}}},
    {"Download",
     {KEY,
      {"FileType", "type", "", TEXT},
      {"URL", "url", "", TEXT},
      USER,
      {"FileSize", "size", "0", TEXT},
      {"TargetFileName", "target", "", TEXT},
      {"DelaySeconds", "delay", "0", TEXT},
      {"SuccessURL", "success", "", TEXT},
      {"FailureURL", "failure", "", TEXT}}},
    {"Upload",
     {KEY,
      {"FileType", "type", "", TEXT},
      {"URL", "url", "", TEXT},
      USER,
      {"DelaySeconds", "delay", "0", TEXT}}},
    {"ScheduleInform", {{"DelaySeconds", "delay", "0", TEXT}, KEY}},
    {"ScheduleDownload",
     {KEY,
      {"FileType", "type", "", TEXT},
      {"URL", "url", "", TEXT},
      USER,
      {"FileSize", "size", "0", TEXT},
      {"TargetFileName", "target", "", TEXT},
      {"TimeWindowList", "window", NULL, WINDOWS}}},
    {"CancelTransfer", {KEY}},
    {"GetQueuedTransfers", {{0}}},
    {"GetAllQueuedTransfers", {{0}}},
};

static const struct method *find_method(const char *name) {
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

static void element(struct buffer *out, const char *name, const char *text) {
    (void) buffer_format(out, "<%s>", name);
    (void) text_xml(out, text, strlen(text));
    (void) buffer_format(out, "</%s>", name);
}

/* The words that no `word=` argument of the method took: the bare ones. */
static bool is_taken(const struct method *method, const char *word) {
    for (const struct argument *argument = method->arguments; argument->element != NULL; argument++) {
        if (argument->word != NULL && word_value(word, argument->word) != NULL) {
            return true;
        }
    }
    return false;
}

static size_t count_bare(const struct method *method, const struct words *words) {
    size_t count = 0;
    for (size_t i = 1; i < words->count; i++) {
        count += is_taken(method, words->word[i]) ? 0 : 1;
    }
    return count;
}

static void remember(struct rpc *rpc, const char *name) {
    rpc->names.word = must_grow(rpc->names.word, (rpc->names.count + 1) * sizeof *rpc->names.word);
    rpc->names.word[rpc->names.count++] = must_dup(name);
}

static void write_names(struct buffer *out, struct rpc *rpc, const struct words *words) {
    (void) buffer_format(out, "<ParameterNames soapenc:arrayType=\"xsd:string[%zu]\">", words->count - 1);
    for (size_t i = 1; i < words->count; i++) {
        element(out, "string", words->word[i]);
        remember(rpc, words->word[i]);
    }
    (void) buffer_text(out, "</ParameterNames>");
}

/* "xsd:int:5" -> type "xsd:int", value "5"; "none:5" -> no type; else xsd:string. */
static const char *split_type(const char *text, char *type, size_t size) {
    static const char *const prefixes[] = {"xsd:", "soapenc:", "none:"};
    (void) text_copy(type, size, "xsd:string");
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(text, prefixes[i], length) != 0) {
            continue;
        }
        if (i == 2) {
            type[0] = '\0';
            return text + length;
        }
        const char *colon = strchr(text + length, ':');
        size_t letters =
            strspn(text + length, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        if (colon != NULL && text + length + letters == colon && (size_t) (colon - text) < size) {
            (void) snprintf(type, size, "%.*s", (int) (colon - text), text);
            return colon + 1;
        }
    }
    return text;
}

static int write_values(struct buffer *out, struct rpc *rpc, const struct method *method,
                        const struct words *words, char *error, size_t error_size) {
    (void) buffer_format(out, "<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[%zu]\">",
                         count_bare(method, words));
    for (size_t i = 1; i < words->count; i++) {
        if (is_taken(method, words->word[i])) {
            continue;
        }
        char *name = must_dup(words->word[i]);
        char *equals = strchr(name, '=');
        char type[64];
        if (equals == NULL) {
            (void) snprintf(error, error_size, "\"%s\" is not Name=type:value", name);
            free(name);
            return -EINVAL;
        }
        *equals = '\0';
        const char *value = split_type(equals + 1, type, sizeof type);
        (void) buffer_text(out, "<ParameterValueStruct>");
        element(out, "Name", name);
        (void) buffer_format(out, *type != '\0' ? "<Value xsi:type=\"%s\">" : "<Value>", type);
        (void) text_xml(out, value, strlen(value));
        (void) buffer_text(out, "</Value></ParameterValueStruct>");
        remember(rpc, name);
        free(name);
    }
    return buffer_text(out, "</ParameterList>");
}

struct attribute {
    const char *name;
    const char *notification;
    const char *access;
};

static void write_attribute(struct buffer *out, const struct attribute *attribute) {
    (void) buffer_text(out, "<SetParameterAttributesStruct>");
    element(out, "Name", attribute->name);
    element(out, "NotificationChange", attribute->notification != NULL ? "true" : "false");
    element(out, "Notification", attribute->notification != NULL ? attribute->notification : "0");
    element(out, "AccessListChange", attribute->access != NULL ? "true" : "false");
    size_t count = attribute->access != NULL && *attribute->access != '\0' ? 1 : 0;
    for (const char *c = attribute->access; count > 0 && *c != '\0'; c++) {
        count += *c == ',' ? 1 : 0;
    }
    (void) buffer_format(out, "<AccessList soapenc:arrayType=\"xsd:string[%zu]\">", count);
    const char *at = attribute->access;
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(at, ",");
        (void) buffer_text(out, "<string>");
        (void) text_xml(out, at, length);
        (void) buffer_text(out, "</string>");
        at += length + 1;
    }
    (void) buffer_text(out, "</AccessList></SetParameterAttributesStruct>");
}

static int write_attributes(struct buffer *out, struct rpc *rpc, const struct words *words, char *error,
                            size_t error_size) {
    struct attribute attribute = {0};
    size_t count = 0;
    for (size_t i = 1; i < words->count; i++) {
        count += strchr(words->word[i], '=') == NULL ? 1 : 0;
    }
    (void) buffer_format(out, "<ParameterList soapenc:arrayType=\"cwmp:SetParameterAttributesStruct[%zu]\">",
                         count);
    for (size_t i = 1; i < words->count; i++) {
        const char *word = words->word[i];
        if (strchr(word, '=') == NULL) {
            attribute = (struct attribute){.name = word};
            remember(rpc, word);
        } else if (attribute.name != NULL && word_value(word, "notification") != NULL) {
            attribute.notification = word_value(word, "notification");
        } else if (attribute.name != NULL && word_value(word, "access") != NULL) {
            attribute.access = word_value(word, "access");
        } else {
            (void) snprintf(error, error_size, "\"%s\": a name, then notification=N and access=A,B", word);
            return -EINVAL;
        }
        if (attribute.name != NULL && (i + 1 == words->count || strchr(words->word[i + 1], '=') == NULL)) {
            write_attribute(out, &attribute);
        }
    }
    return buffer_text(out, "</ParameterList>");
}

/* window=start,end,mode,retries */
static void write_windows(struct buffer *out, const struct words *words) {
    static const char *const elements[] = {"WindowStart", "WindowEnd", "WindowMode", "MaxRetries"};
    static const char *const otherwise[] = {"0", "3600", "1 At Any Time", "0"};
    size_t count = 0;
    for (size_t i = 1; i < words->count; i++) {
        count += word_value(words->word[i], "window") != NULL ? 1 : 0;
    }
    (void) buffer_format(out, "<TimeWindowList soapenc:arrayType=\"cwmp:TimeWindowStruct[%zu]\">", count);
    for (size_t i = 1; i < words->count; i++) {
        const char *at = word_value(words->word[i], "window");
        if (at == NULL) {
            continue;
        }
        (void) buffer_text(out, "<TimeWindowStruct>");
        for (size_t e = 0; e < 4; e++) {
            size_t length = strcspn(at, ",");
            char part[80];
            (void) snprintf(part, sizeof part, "%.*s", (int) length, at);
            if (e == 3) {
                element(out, "UserMessage", "");
            }
            element(out, elements[e], length > 0 ? part : otherwise[e]);
            at += length + (at[length] == ',' ? 1 : 0);
        }
        (void) buffer_text(out, "</TimeWindowStruct>");
    }
    (void) buffer_text(out, "</TimeWindowList>");
}

static void write_text(struct buffer *out, struct rpc *rpc, const struct method *method,
                       const struct argument *argument, const struct words *words, size_t *bare) {
    const char *text = argument->otherwise;
    size_t seen = 0;
    for (size_t i = 1; i < words->count; i++) {
        const char *value = argument->word != NULL ? word_value(words->word[i], argument->word) : NULL;
        if (value != NULL) {
            text = value;
        } else if (argument->word == NULL && !is_taken(method, words->word[i]) && seen++ == *bare) {
            text = words->word[i];
            *bare += 1;
            break;
        }
    }
    element(out, argument->element, text);
    if (strcmp(argument->element, "NextLevel") == 0) {
        rpc->next_level = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    } else if (argument->word == NULL) {
        remember(rpc, text);
    }
}

static int write_arguments(struct buffer *out, struct rpc *rpc, const struct method *method,
                           const struct words *words, char *error, size_t error_size) {
    size_t bare = 0;
    int rc = 0;
    bool lists = false;
    for (const struct argument *argument = method->arguments; argument->element != NULL; argument++) {
        lists = lists || (argument->kind != TEXT && argument->kind != WINDOWS);
        switch (argument->kind) {
        case TEXT:
            write_text(out, rpc, method, argument, words, &bare);
            break;
        case NAMES:
            write_names(out, rpc, words);
            break;
        case VALUES:
            rc = write_values(out, rpc, method, words, error, error_size);
            break;
        case ATTRIBUTES:
            rc = write_attributes(out, rpc, words, error, error_size);
            break;
        case WINDOWS:
            write_windows(out, words);
            break;
        }
        if (rc < 0) {
            return rc;
        }
    }
    if (!lists && count_bare(method, words) > bare) {
        (void) snprintf(error, error_size, "%s: unknown or superfluous argument", method->name);
        return -EINVAL;
    }
    return 0;
}

/* A method that is not in the table: Argument=value becomes an element each. */
static int write_unknown(struct buffer *out, const struct words *words, char *error, size_t error_size) {
    for (size_t i = 1; i < words->count; i++) {
        char *name = must_dup(words->word[i]);
        char *equals = strchr(name, '=');
        if (equals == NULL) {
            (void) snprintf(error, error_size, "%s: \"%s\" is not Argument=value", words->word[0], name);
            free(name);
            return -EINVAL;
        }
        *equals = '\0';
        element(out, name, equals + 1);
        free(name);
    }
    return 0;
}

static char *join(const struct words *words) {
    char *text = must_dup("");
    for (size_t i = 0; i < words->count && strlen(text) < 300; i++) {
        const char *word = words->word[i];
        bool secret = strstr(word, "assword=") != NULL;
        char *longer =
            must_format("%s%s%.*s%s", text, i > 0 ? " " : "", secret ? (int) (strchr(word, '=') - word) : 200,
                        word, secret ? "=(hidden)" : "");
        free(text);
        text = longer;
    }
    return text;
}

int rpc_parse(const struct words *words, struct rpc **ret_rpc, char *error, size_t error_size) {
    if (words->count == 0 || words->word[0][0] < 'A' || words->word[0][0] > 'Z') {
        (void) snprintf(error, error_size, "\"%s\" is no method", words->count > 0 ? words->word[0] : "");
        return -EINVAL;
    }
    struct rpc *rpc = must_alloc(sizeof *rpc);
    struct buffer body;
    buffer_init(&body, RPC_MAX);
    rpc->method = must_dup(words->word[0]);
    rpc->text = join(words);
    const struct method *method = find_method(rpc->method);
    (void) buffer_format(&body, "<cwmp:%s>", rpc->method);
    int rc = method != NULL ? write_arguments(&body, rpc, method, words, error, error_size)
                            : write_unknown(&body, words, error, error_size);
    (void) buffer_format(&body, "</cwmp:%s>", rpc->method);
    if (rc == 0 && buffer_error(&body) < 0) {
        (void) snprintf(error, error_size, "%s: too large", rpc->method);
        rc = -EMSGSIZE;
    }
    if (rc == 0) {
        rpc->body = must_dup(buffer_string(&body));
        *ret_rpc = rpc;
    } else {
        rpc_free(rpc);
    }
    buffer_free(&body);
    return rc;
}

struct rpc *rpc_raw(const char *xml, const char *name) {
    struct rpc *rpc = must_alloc(sizeof *rpc);
    struct message message;
    message_parse(xml, strlen(xml), &message);
    rpc->raw = true;
    rpc->method = must_dup(message.kind == MESSAGE_REQUEST ? message.method : "");
    rpc->raw_id = must_dup(message.id);
    rpc->text = must_format("raw %s %s", name, rpc->method);
    rpc->body = must_dup(xml);
    message_free(&message);
    return rpc;
}

void rpc_free(struct rpc *rpc) {
    if (rpc == NULL) {
        return;
    }
    free(rpc->method);
    free(rpc->text);
    free(rpc->body);
    free(rpc->raw_id);
    words_free(&rpc->names);
    free(rpc);
}

void rpc_help(struct buffer *out) {
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        (void) buffer_format(out, "  %s", methods[i].name);
        for (const struct argument *argument = methods[i].arguments; argument->element != NULL; argument++) {
            static const char *const forms[] = {"", " NAME...", " NAME=[TYPE:]VALUE...",
                                                " NAME [notification=N] [access=A,B] ...",
                                                " window=START,END,MODE,RETRIES..."};
            if (argument->kind != TEXT) {
                (void) buffer_text(out, forms[argument->kind]);
            } else if (argument->word != NULL) {
                (void) buffer_format(out, " %s=", argument->word);
            } else {
                (void) buffer_format(out, " %s", argument->element);
            }
        }
        (void) buffer_char(out, '\n');
    }
}
