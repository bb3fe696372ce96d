/* What stands in the messages: Inform, parameter lists, responses against their requests. */
#include <config.h>

#include "base/text.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define violation(session, what, ...)                                                                        \
    report_violation(&(session)->acs->report, (session)->number, VIOLATION_##what, __VA_ARGS__)

static bool has_event(const struct message *message, const char *code) {
    xmlNodePtr event = message_first(message_child(message->rpc, "Event"));
    for (; event != NULL; event = message_next(event)) {
        char *found = message_node_text(message_child(event, "EventCode"));
        bool match = strcmp(found, code) == 0;
        free(found);
        if (match) {
            return true;
        }
    }
    return false;
}

/* An event that does not stand without another one (digest section 8). */
static const struct {
    const char *event;
    const char *needs;
} needs[] = {
    {"M Reboot", "1 BOOT"},
    {"M ScheduleInform", "3 SCHEDULED"},
    {"3 SCHEDULED", "M ScheduleInform"},
    {"M Download", "7 TRANSFER COMPLETE"},
    {"M Upload", "7 TRANSFER COMPLETE"},
    {"M ScheduleDownload", "7 TRANSFER COMPLETE"},
    {"M ChangeDUState", "11 DU STATE CHANGE COMPLETE"},
    {"11 DU STATE CHANGE COMPLETE", "M ChangeDUState"},
};

static void check_events(struct session *session, const struct message *message) {
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (has_event(message, needs[i].event) && !has_event(message, needs[i].needs)) {
            violation(session, EVENTS, "%s without %s", needs[i].event, needs[i].needs);
        }
    }
    if (has_event(message, "7 TRANSFER COMPLETE") && !has_event(message, "M Download") &&
        !has_event(message, "M Upload") && !has_event(message, "M ScheduleDownload")) {
        violation(session, EVENTS, "7 TRANSFER COMPLETE without its method event");
    }
    xmlNodePtr event = message_first(message_child(message->rpc, "Event"));
    for (; event != NULL; event = message_next(event)) {
        char *code = message_node_text(message_child(event, "EventCode"));
        char *key = message_node_text(message_child(event, "CommandKey"));
        if (*key != '\0' && !text_starts(code, "M ") && !text_starts(code, "X ")) {
            violation(session, EVENTS, "%s with the CommandKey \"%s\"", code, key);
        }
        xmlNodePtr later = message_next(event);
        for (; later != NULL && !text_starts(code, "M "); later = message_next(later)) {
            char *other = message_node_text(message_child(later, "EventCode"));
            if (strcmp(code, other) == 0) {
                violation(session, EVENTS, "%s stands twice", code);
            }
            free(other);
        }
        free(code);
        free(key);
    }
}

static const char *const forced_dev2[] = {"Device.RootDataModelVersion",
                                          "Device.DeviceInfo.HardwareVersion",
                                          "Device.DeviceInfo.SoftwareVersion",
                                          "Device.DeviceInfo.ProvisioningCode",
                                          "Device.ManagementServer.ParameterKey",
                                          "Device.ManagementServer.ConnectionRequestURL",
                                          NULL};
static const char *const forced_dev1[] = {"Device.DeviceSummary",
                                          "Device.DeviceInfo.HardwareVersion",
                                          "Device.DeviceInfo.SoftwareVersion",
                                          "Device.ManagementServer.ParameterKey",
                                          "Device.ManagementServer.ConnectionRequestURL",
                                          "Device.LAN.IPAddress",
                                          NULL};
static const char *const forced_igd[] = {"InternetGatewayDevice.DeviceSummary",
                                         "InternetGatewayDevice.DeviceInfo.SpecVersion",
                                         "InternetGatewayDevice.DeviceInfo.HardwareVersion",
                                         "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
                                         "InternetGatewayDevice.DeviceInfo.ProvisioningCode",
                                         "InternetGatewayDevice.ManagementServer.ParameterKey",
                                         "InternetGatewayDevice.ManagementServer.ConnectionRequestURL",
                                         NULL};

static bool has_parameter(const struct message *message, const char *name) {
    char *value = message_value(message, name, NULL);
    free(value);
    return value != NULL;
}

static void check_forced(struct session *session, const struct message *message) {
    const char *const *forced = forced_dev2;
    if (has_parameter(message, "InternetGatewayDevice.*")) {
        forced = forced_igd;
    } else if (has_parameter(message, "Device.DeviceSummary")) {
        forced = forced_dev1;
    }
    for (; *forced != NULL; forced++) {
        if (!has_parameter(message, *forced)) {
            violation(session, FORCED_PARAMETER, "the Inform lacks %s", *forced);
        }
    }
}

static struct device *device_of(struct acs *acs, const char *name) {
    for (struct device *device = acs->devices; device != NULL; device = device->next) {
        if (strcmp(device->name, name) == 0) {
            return device;
        }
    }
    return NULL;
}

static void check_retry(struct session *session, const struct message *message) {
    const struct device *device = device_of(session->acs, session->device);
    char *text = message_text(message, "RetryCount");
    uint64_t count = 0;
    if (device != NULL && device->known_outcome && text != NULL && parse_number(text, UINT32_MAX, &count)) {
        if (device->last_ok && count != 0) {
            violation(session, RETRY_COUNT, "RetryCount %s after a session that succeeded", text);
        } else if (!device->last_ok && count == 0) {
            violation(session, RETRY_COUNT, "RetryCount 0 after a session that failed");
        }
    }
    free(text);
}

void check_inform(struct session *session, const struct message *message) {
    char *envelopes = message_text(message, "MaxEnvelopes");
    char *time = message_text(message, "CurrentTime");
    if (envelopes == NULL || strcmp(envelopes, "1") != 0) {
        violation(session, MAX_ENVELOPES, "MaxEnvelopes is \"%s\"",
                  envelopes != NULL ? envelopes : "(absent)");
    }
    size_t length = time != NULL ? strlen(time) : 0;
    bool zone =
        length > 19 && (time[length - 1] == 'Z' || (length > 6 && time[length - 3] == ':' &&
                                                    (time[length - 6] == '+' || time[length - 6] == '-')));
    if (!zone) {
        violation(session, CURRENT_TIME, "CurrentTime is \"%s\"", time != NULL ? time : "(absent)");
    }
    free(envelopes);
    free(time);
    check_events(session, message);
    check_forced(session, message);
    check_retry(session, message);
}

static int compare_text(const void *a, const void *b) {
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The names of a list, sorted; *ret_count of them. */
static char **sorted_names(xmlNodePtr list, size_t *ret_count) {
    size_t count = list != NULL ? (size_t) xmlChildElementCount(list) : 0;
    char **names = must_alloc((count + 1) * sizeof *names);
    size_t i = 0;
    for (xmlNodePtr item = message_first(list); item != NULL && i < count; item = message_next(item)) {
        names[i++] = message_node_text(message_child(item, "Name"));
    }
    qsort(names, i, sizeof *names, compare_text);
    *ret_count = i;
    return names;
}

static void names_free(char **names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(names[i]);
    }
    free(names);
}

void check_values(struct session *session, const struct message *message) {
    xmlNodePtr list = message_child(message->rpc, "ParameterList");
    if (list == NULL) {
        return;
    }
    for (xmlNodePtr item = message_first(list); item != NULL; item = message_next(item)) {
        xmlNodePtr value = message_child(item, "Value");
        bool typed =
            value != NULL && xmlHasNsProp(value, (const xmlChar *) "type", (const xmlChar *) NS_XSI) != NULL;
        if (!typed && strcmp((const char *) item->name, "ParameterValueStruct") == 0) {
            char *name = message_node_text(message_child(item, "Name"));
            violation(session, VALUE_TYPE, "%s has no %s", name, value != NULL ? "xsi:type" : "Value");
            free(name);
            break;
        }
    }
    size_t count = 0;
    char **names = sorted_names(list, &count);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            violation(session, DUPLICATE, "%s stands twice", names[i]);
            break;
        }
    }
    names_free(names, count);
}

/* What follows in `name` behind `asked`, where * stands for a row; NULL: it does not begin so. */
static const char *behind(const char *name, const char *asked) {
    for (; *asked != '\0'; asked++) {
        if (*asked != '*') {
            if (*name++ != *asked) {
                return NULL;
            }
            continue;
        }
        size_t row = *name == '[' ? strcspn(name, "]") + 1 : strspn(name, "0123456789");
        if (row == 0 || strlen(name) < row) {
            return NULL;
        }
        name += row;
    }
    return name;
}

static bool asked_for(const struct rpc *rpc, const char *name) {
    for (size_t i = 0; i < rpc->names.count; i++) {
        const char *asked = rpc->names.word[i];
        bool partial = *asked == '\0' || text_ends(asked, ".");
        const char *rest = behind(name, asked);
        if (rest != NULL && (partial || *rest == '\0')) {
            return true;
        }
    }
    return false;
}

/* GetParameterValues and -Attributes: every full name that was asked for, and nothing else. */
static void check_asked(struct session *session, const struct rpc *rpc, const struct message *message) {
    size_t count = 0;
    char **names = sorted_names(message_child(message->rpc, "ParameterList"), &count);
    for (size_t i = 0; i < count; i++) {
        if (!asked_for(rpc, names[i])) {
            violation(session, RESPONSE_CONTENT, "%s was not asked for", names[i]);
            break;
        }
        if (text_ends(names[i], ".")) {
            violation(session, RESPONSE_CONTENT, "%s is no parameter", names[i]);
            break;
        }
    }
    for (size_t i = 0; i < rpc->names.count; i++) {
        char *key = rpc->names.word[i];
        if (*key != '\0' && !text_ends(key, ".") && strchr(key, '*') == NULL &&
            bsearch(&key, names, count, sizeof *names, compare_text) == NULL) {
            violation(session, RESPONSE_CONTENT, "%s is missing in the response", key);
        }
    }
    names_free(names, count);
}

/* Whether `name` may stand in the answer to GetParameterNames(path, next_level), digest section 10. */
static bool name_fits(const char *path, bool next_level, const char *name) {
    const char *rest = behind(name, path);
    if (rest == NULL) {
        return false;
    }
    if (*path != '\0' && !text_ends(path, ".")) {
        return *rest == '\0';
    }
    if (!next_level) {
        return true;
    }
    size_t child = strcspn(rest, ".");
    return *rest != '\0' && (rest[child] == '\0' || rest[child + 1] == '\0');
}

static void check_names(struct session *session, const struct rpc *rpc, const struct message *message) {
    const char *path = rpc->names.count > 0 ? rpc->names.word[0] : "";
    size_t count = 0;
    char **names = sorted_names(message_child(message->rpc, "ParameterList"), &count);
    for (size_t i = 0; i < count; i++) {
        if (!name_fits(path, rpc->next_level, names[i])) {
            violation(session, RESPONSE_CONTENT, "%s does not belong to GetParameterNames \"%s\" %d",
                      names[i], path, rpc->next_level ? 1 : 0);
            break;
        }
    }
    char *key = must_dup(path);
    if (!rpc->next_level && *path != '\0' && strchr(path, '*') == NULL &&
        bsearch(&key, names, count, sizeof *names, compare_text) == NULL) {
        violation(session, RESPONSE_CONTENT, "%s itself is missing in the response", path);
    }
    free(key);
    names_free(names, count);
}

void check_response(struct session *session, const struct rpc *rpc, const struct message *message) {
    if (message->kind != MESSAGE_RESPONSE || rpc->raw || strcmp(rpc->method, message->method) != 0) {
        return;
    }
    if (strcmp(rpc->method, "GetParameterValues") == 0 ||
        strcmp(rpc->method, "GetParameterAttributes") == 0) {
        check_asked(session, rpc, message);
    } else if (strcmp(rpc->method, "GetParameterNames") == 0) {
        check_names(session, rpc, message);
    }
}
