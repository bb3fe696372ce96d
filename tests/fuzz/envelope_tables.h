/* Argument tables of the RPCs that a CPE serves, as the standard gives them (digest section 10): for the
 * tests and the fuzzer of the envelope reader, which know no other room. */
#ifndef TESTS_ENVELOPE_TABLES_H
#define TESTS_ENVELOPE_TABLES_H

#include <tr069/plugin.h>

#include <string.h>

static const struct tr069_arg of_names[] = {{"", TR069_STRING, .max_length = 256}, {0}};
static const struct tr069_arg of_access[] = {{"", TR069_STRING, .max_length = 64}, {0}};
static const struct tr069_arg of_values[] = {
    {"Name", TR069_STRING, .max_length = 256}, {"Value", TR069_ANY}, {0}};
static const struct tr069_arg of_attributes[] = {{"Name", TR069_STRING, .max_length = 256},
                                                 {"NotificationChange", TR069_BOOLEAN},
                                                 {"Notification", TR069_INT},
                                                 {"AccessListChange", TR069_BOOLEAN},
                                                 {"AccessList", TR069_LIST, .fields = of_access},
                                                 {0}};
static const char *const modes[] = {"1 At Any Time", "2 Immediately", "3 When Idle", "4 Confirmation Needed",
                                    NULL};
static const struct tr069_arg of_windows[] = {{"WindowStart", TR069_UINT},
                                              {"WindowEnd", TR069_UINT},
                                              {"WindowMode", TR069_STRING, .max_length = 64, .values = modes},
                                              {"UserMessage", TR069_STRING, .max_length = 256},
                                              {"MaxRetries", TR069_INT},
                                              {0}};

static const struct tr069_arg set_values[] = {{"ParameterList", TR069_LIST, .fields = of_values},
                                              {"ParameterKey", TR069_STRING, .max_length = 32},
                                              {0}};
static const struct tr069_arg get_values[] = {{"ParameterNames", TR069_LIST, .fields = of_names}, {0}};
static const struct tr069_arg get_names[] = {
    {"ParameterPath", TR069_STRING, .max_length = 256}, {"NextLevel", TR069_BOOLEAN}, {0}};
static const struct tr069_arg set_attributes[] = {{"ParameterList", TR069_LIST, .fields = of_attributes},
                                                  {0}};
static const struct tr069_arg object[] = {
    {"ObjectName", TR069_STRING, .max_length = 256}, {"ParameterKey", TR069_STRING, .max_length = 32}, {0}};
static const struct tr069_arg key[] = {{"CommandKey", TR069_STRING, .max_length = 32}, {0}};
static const struct tr069_arg inform_at[] = {
    {"DelaySeconds", TR069_UINT}, {"CommandKey", TR069_STRING, .max_length = 32}, {0}};
static const struct tr069_arg download[] = {{"CommandKey", TR069_STRING, .max_length = 32},
                                            {"FileType", TR069_STRING, .max_length = 64},
                                            {"URL", TR069_STRING, .max_length = 256},
                                            {"Username", TR069_STRING, .max_length = 256},
                                            {"Password", TR069_STRING, .max_length = 256},
                                            {"FileSize", TR069_UINT},
                                            {"TargetFileName", TR069_STRING, .max_length = 256},
                                            {"DelaySeconds", TR069_UINT},
                                            {"SuccessURL", TR069_STRING, TR069_OPTIONAL, 256},
                                            {"FailureURL", TR069_STRING, TR069_OPTIONAL, 256},
                                            {0}};
static const struct tr069_arg upload[] = {{"CommandKey", TR069_STRING, .max_length = 32},
                                          {"FileType", TR069_STRING, .max_length = 64},
                                          {"URL", TR069_STRING, .max_length = 256},
                                          {"Username", TR069_STRING, .max_length = 256},
                                          {"Password", TR069_STRING, .max_length = 256},
                                          {"DelaySeconds", TR069_UINT},
                                          {0}};
static const struct tr069_arg schedule[] = {
    {"CommandKey", TR069_STRING, .max_length = 32},
    {"FileType", TR069_STRING, .max_length = 64},
    {"URL", TR069_STRING, .max_length = 256},
    {"Username", TR069_STRING, .max_length = 256},
    {"Password", TR069_STRING, .max_length = 256},
    {"FileSize", TR069_UINT},
    {"TargetFileName", TR069_STRING, .max_length = 256},
    {"TimeWindowList", TR069_LIST, .max_length = 2, .fields = of_windows},
    {0}};
/* one argument of every type */
static const struct tr069_arg vendor[] = {
    {"Text", TR069_STRING, TR069_OPTIONAL, 8},
    {"Int", TR069_INT, TR069_OPTIONAL},
    {"Long", TR069_LONG, TR069_OPTIONAL},
    {"Uint", TR069_UINT, TR069_OPTIONAL},
    {"Ulong", TR069_ULONG, TR069_OPTIONAL},
    {"Boolean", TR069_BOOLEAN, TR069_OPTIONAL},
    {"Time", TR069_DATETIME, TR069_OPTIONAL},
    {"Base64", TR069_BASE64, TR069_OPTIONAL},
    {"Hex", TR069_HEXBINARY, TR069_OPTIONAL},
    {"Decimal", TR069_DECIMAL, TR069_OPTIONAL},
    {"Any", TR069_ANY, TR069_OPTIONAL},
    {"Numbers", TR069_LIST, TR069_OPTIONAL, 3, .fields = of_windows + 0},
    {0}};

static const struct tr069_arg operation[] = {{"@type", TR069_STRING},
                                             {"URL", TR069_STRING, TR069_OPTIONAL, 1024},
                                             {"UUID", TR069_STRING, TR069_OPTIONAL},
                                             {0}};
static const struct tr069_arg change_units[] = {
    {"Operations", TR069_LIST, TR069_REPEATED, 3, .fields = operation},
    {"CommandKey", TR069_STRING, TR069_OPTIONAL, 32},
    {0}};

static const struct tr069_rpc served[] = {
    {"GetRPCMethods", NULL},
    {"SetParameterValues", set_values},
    {"GetParameterValues", get_values},
    {"GetParameterNames", get_names},
    {"SetParameterAttributes", set_attributes},
    {"GetParameterAttributes", get_values},
    {"AddObject", object},
    {"DeleteObject", object},
    {"Reboot", key},
    {"FactoryReset", NULL},
    {"Download", download},
    {"Upload", upload},
    {"ScheduleInform", inform_at},
    {"ScheduleDownload", schedule, 12},
    {"CancelTransfer", key, 12},
    {"GetQueuedTransfers", NULL},
    {"GetAllQueuedTransfers", NULL, 11},
    {"ChangeDUState", change_units, 12},
    {"X_0A1B2C_Everything", vendor},
};

static inline const struct tr069_rpc *find_served(void *user, const char *method) {
    size_t i;
    (void) user;
    for (i = 0; i < sizeof served / sizeof served[0]; i++) {
        if (strcmp(served[i].method, method) == 0) {
            return &served[i];
        }
    }
    return NULL;
}

#endif
