/* plugins/schedule-download: the RPC ScheduleDownload. The client keeps the queue and the time. */
#include <tr069/plugin.h>

enum { COMMAND_KEY, FILE_TYPE, URL, USERNAME, PASSWORD, FILE_SIZE, TARGET, WINDOWS };
enum { START, END, MODE, MESSAGE, RETRIES, FIELDS };

static const char *const modes[] = {"1 At Any Time", "2 Immediately", "3 When Idle", "4 Confirmation Needed",
                                    NULL};

static enum tr069_window_mode mode_of(const char *text) {
    int i = 0;
    while (modes[i] != NULL && strcmp(modes[i], text) != 0) {
        i++;
    }
    return (enum tr069_window_mode)(i + 1);
}

static int schedule_call(const struct tr069_call *call) {
    const struct tr069_value *args = call->args;
    struct tr069_window windows[TR069_WINDOWS_MAX];
    size_t count = args[WINDOWS].length;
    if (count == 0) {
        return tr069_fault(call->fault, TR069_INVALID_ARGUMENTS, "TimeWindowList: no window");
    }
    for (size_t i = 0; i < count && i < TR069_WINDOWS_MAX; i++) {
        const struct tr069_value *field = args[WINDOWS].as.items + i * FIELDS;
        windows[i] = (struct tr069_window){.start_s = (uint32_t) field[START].as.number,
                                           .end_s = (uint32_t) field[END].as.number,
                                           .mode = mode_of(field[MODE].as.string),
                                           .max_retries = (int32_t) field[RETRIES].as.integer,
                                           .user_message = field[MESSAGE].as.string};
    }
    const struct tr069_transfer transfer = {.method = "ScheduleDownload",
                                            .command_key = args[COMMAND_KEY].as.string,
                                            .file_type = args[FILE_TYPE].as.string,
                                            .url = args[URL].as.string,
                                            .username = args[USERNAME].as.string,
                                            .password = args[PASSWORD].as.string,
                                            .target_name = args[TARGET].as.string,
                                            .file_size = args[FILE_SIZE].as.number,
                                            .windows = windows,
                                            .window_count = count};
    return call->host->transfer(call->host, &transfer, call->fault);
}

static int init(const struct tr069_host *host, void **ret_ctx) {
    (void) host;
    *ret_ctx = NULL;
    return 0;
}

static const struct tr069_arg window_fields[] = {[START] = {"WindowStart", TR069_UINT},
                                                 [END] = {"WindowEnd", TR069_UINT},
                                                 [MODE] = {"WindowMode", TR069_STRING, .values = modes},
                                                 [MESSAGE] = {"UserMessage", TR069_STRING, .max_length = 256},
                                                 [RETRIES] = {"MaxRetries", TR069_INT},
                                                 {0}};
static const struct tr069_arg args[] = {
    [COMMAND_KEY] = {"CommandKey", TR069_STRING, .max_length = TR069_COMMAND_KEY_MAX},
    [FILE_TYPE] = {"FileType", TR069_STRING, .max_length = 64},
    [URL] = {"URL", TR069_STRING, .max_length = 256},
    [USERNAME] = {"Username", TR069_STRING, .max_length = 256},
    [PASSWORD] = {"Password", TR069_STRING, .max_length = 256},
    [FILE_SIZE] = {"FileSize", TR069_UINT},
    [TARGET] = {"TargetFileName", TR069_STRING, .max_length = 256},
    [WINDOWS] = {"TimeWindowList", TR069_LIST, .max_length = TR069_WINDOWS_MAX, .fields = window_fields},
    {0}};
static const struct tr069_rpc rpcs[] = {{"ScheduleDownload", args, 12, schedule_call}, {0}};

TR069_PLUGIN(.name = "schedule-download", .version = "1", .summary = "the RPC ScheduleDownload", .rpcs = rpcs,
             .init = init);
