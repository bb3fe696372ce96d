/* plugins/upload: the RPC Upload, and the tables of what can be uploaded: files of the box that its options
 * name, and what other plugins give.
 *
 * A row of a table belongs to a name for good: the numbers are kept in the state. */
#define _GNU_SOURCE
#include <tr069/plugin.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { ROWS_MAX = 32, NAME_SIZE = 64 * 4 + 1 };

#define OWN                                                                                                  \
    "file:" /* of a file that the options name, in front of its name, where the client asks for it           \
             */

struct row {
    uint32_t number;
    bool present;
    char name[NAME_SIZE];
    char help[257];
    char *path; /* of a file that the options name; else another plugin gives it */
    uint64_t max_size;
    bool persistent;
};

/* The rows of one table, by number. A row is made when it is needed, and stays where it is. */
struct table {
    const char *state; /* the key of their numbers */
    const char *option;
    enum tr069_upload_kind kind;
    struct row *rows[ROWS_MAX];
    size_t count;
};

struct upload {
    const struct tr069_host *host;
    struct table configs, logs;
};

/* ---- The rows ---------------------------------------------------------------------------------- */

static struct row *find_name(struct table *table, const char *name) {
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->rows[i]->name, name) == 0) {
            return table->rows[i];
        }
    }
    return NULL;
}

static struct row *find_number(struct table *table, uint32_t number) {
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i]->number == number && table->rows[i]->present) {
            return table->rows[i];
        }
    }
    return NULL;
}

/* Behind all others. There must be a place. NULL: no memory. */
static struct row *add_row(struct table *table, uint32_t number, const char *name, size_t length) {
    struct row *row = calloc(1, sizeof *row);
    if (row != NULL) {
        row->number = number;
        (void) snprintf(row->name, sizeof row->name, "%.*s", (int) length, name);
        table->rows[table->count++] = row;
    }
    return row;
}

/* "3 name\n" a row: rising, also those that are not there now. */
static int load(const struct upload *upload, struct table *table) {
    const char *line = upload->host->state_get(upload->host, table->state);
    while (line != NULL && *line != '\0' && table->count < ROWS_MAX) {
        char *end;
        unsigned long number = strtoul(line, &end, 10);
        size_t length = strcspn(end, "\n");
        if (*end == ' ' && length > 1 && length <= NAME_SIZE && number > 0 && number <= UINT32_MAX &&
            add_row(table, (uint32_t) number, end + 1, length - 1) == NULL) {
            return -ENOMEM;
        }
        line = end + length + (end[length] == '\n' ? 1 : 0);
    }
    return 0;
}

static void save(const struct upload *upload, const struct table *table) {
    char text[ROWS_MAX * (NAME_SIZE + 12) + 1];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < table->count; i++) {
        used += (size_t) snprintf(text + used, sizeof text - used, "%u %s\n",
                                  (unsigned) table->rows[i]->number, table->rows[i]->name);
    }
    int r = upload->host->state_put(upload->host, table->state, text);
    if (r < 0) {
        upload->host->log(upload->host, TR069_ERROR, "the rows of %s were not kept: %s", table->state,
                          strerror(-r));
    }
}

/* The row of that name, with a new number if it never had one: the next after the highest. When all places
 * are taken, the oldest row whose file is gone makes room. NULL: no room, or no memory. */
static struct row *row_for(const struct upload *upload, struct table *table, const char *name) {
    struct row *row = find_name(table, name);
    uint32_t number = table->count > 0 ? table->rows[table->count - 1]->number + 1 : 1; /* they rise */
    size_t gone = 0;
    if (row != NULL) {
        return row;
    }
    if (table->count < ROWS_MAX) {
        row = add_row(table, number, name, strlen(name));
    } else {
        while (gone < ROWS_MAX && table->rows[gone]->present) {
            gone++;
        }
        if (gone == ROWS_MAX) {
            upload->host->log(upload->host, TR069_WARNING, "%s: more than %d files; %s is left out",
                              table->state, ROWS_MAX, name);
            return NULL;
        }
        row = table->rows[gone];
        memmove(&table->rows[gone], &table->rows[gone + 1], (ROWS_MAX - 1 - gone) * sizeof table->rows[0]);
        table->rows[ROWS_MAX - 1] = row;
        free(row->path);
        *row = (struct row){.number = number};
        (void) snprintf(row->name, sizeof row->name, "%s", name);
    }
    if (row != NULL) {
        save(upload, table);
    }
    return row;
}

static bool lost_by_reboot(const char *path) {
    struct statfs where;
    if (statfs(path, &where) != 0) {
        return false;
    }
    const uint32_t kind = (uint32_t) where.f_type; /* of 32 bits some systems make a signed number */
    return kind == TMPFS_MAGIC || kind == RAMFS_MAGIC;
}

/* "name=/path" of an option; -EINVAL when it is not that. With `known` only one that has a number already. */
static int add_file(const struct upload *upload, struct table *table, const char *text, bool known) {
    const char *equals = strchr(text, '=');
    char name[NAME_SIZE];
    if (equals == NULL || equals == text || equals - text > 59 || equals[1] != '/' ||
        text[strcspn(text, "\n*")] != '\0') {
        upload->host->log(upload->host, TR069_ERROR,
                          "%s: \"%s\" is not \"name=/path\" with a name of at most 59 octets", table->option,
                          text);
        return -EINVAL;
    }
    (void) snprintf(name, sizeof name, "%.*s", (int) (equals - text), text);
    struct row *row = known ? find_name(table, name) : row_for(upload, table, name);
    if (row != NULL) {
        free(row->path);
        row->path = strdup(equals + 1);
        row->present = row->path != NULL;
        row->max_size = (uint64_t) upload->host->option_int(upload->host, "max_size");
        row->persistent = !lost_by_reboot(equals + 1);
    }
    return row == NULL || row->present ? 0 : -ENOMEM;
}

static int add_upload(void *user, const struct tr069_upload *other) {
    struct upload *upload = user;
    struct table *table = other->kind == TR069_UPLOAD_CONFIG ? &upload->configs
                          : other->kind == TR069_UPLOAD_LOG  ? &upload->logs
                                                             : NULL;
    size_t length = strlen(other->name);
    struct row *row = NULL;
    if (table != NULL && length > 0 && length < NAME_SIZE && other->name[length - 1] != '*') {
        row = row_for(upload, table, other->name);
    }
    if (row != NULL && row->path == NULL) {
        row->present = true;
        row->max_size = other->max_size;
        row->persistent = other->persistent;
        (void) snprintf(row->help, sizeof row->help, "%s", other->help != NULL ? other->help : "");
    }
    return 0;
}

static int add_files(const struct upload *upload, struct table *table) {
    const char *const *files = upload->host->option_list(upload->host, table->option);
    int r = 0;
    for (int pass = 0; pass < 2;
         pass++) { /* first who is there already, so that nobody new takes its place */
        for (size_t i = 0; r == 0 && files != NULL && files[i] != NULL; i++) {
            r = add_file(upload, table, files[i], pass == 0);
        }
    }
    return r;
}

/* What there is now: plugins come and go. */
static void look(struct upload *upload) {
    struct table *tables[] = {&upload->configs, &upload->logs};
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            tables[t]->rows[i]->present = tables[t]->rows[i]->path != NULL;
        }
    }
    (void) upload->host->uploads(upload->host, add_upload, upload);
}

static int tell_rows(const struct tr069_at *at, struct tr069_rows *rows, struct table *table) {
    int r = 0;
    look(tr069_ctx(at));
    for (size_t i = 0; r == 0 && i < table->count; i++) {
        if (table->rows[i]->present) {
            r = tr069_row(rows, table->rows[i]->number, table->rows[i]);
        }
    }
    return r;
}

static int config_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    return tell_rows(at, rows, &((struct upload *) tr069_ctx(at))->configs);
}

static int log_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    return tell_rows(at, rows, &((struct upload *) tr069_ctx(at))->logs);
}

/* ---- Parameters -------------------------------------------------------------------------------- */

static int get_name(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, ((const struct row *) at->row)->name);
}

static int get_description(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, ((const struct row *) at->row)->help);
}

static int get_date(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct row *row = at->row;
    struct stat info;
    bool known = row->path != NULL && stat(row->path, &info) == 0 && info.st_mtime > 0;
    return tr069_value_time(ret_value, known ? (int64_t) info.st_mtime : TR069_TIME_UNKNOWN);
}

static int get_max_size(const struct tr069_at *at, struct tr069_value *ret_value) {
    uint64_t size = ((const struct row *) at->row)->max_size;
    return tr069_value_uint(ret_value, size <= UINT32_MAX ? size : 0);
}

static int get_persistent(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_bool(ret_value, ((const struct row *) at->row)->persistent);
}

static const struct tr069_param config_params[] = {
    TR069_ALIAS_PARAM,
    {"Name", TR069_STRING, .max_length = 64, .get = get_name},
    {"Version", TR069_STRING, .max_length = 16, .value = ""},
    {"Date", TR069_DATETIME, .get = get_date},
    {"Description", TR069_STRING, .max_length = 256, .get = get_description},
    {0}};
static const struct tr069_param config_params_2[] = {{"UseForBackupRestore", TR069_BOOLEAN, .value = "false"},
                                                     {0}};
static const struct tr069_param log_params[] = {TR069_ALIAS_PARAM,
                                                {"Name", TR069_STRING, .max_length = 64, .get = get_name},
                                                {"MaximumSize", TR069_UINT, .get = get_max_size},
                                                {"Persistent", TR069_BOOLEAN, .get = get_persistent},
                                                {0}};
static const struct tr069_param info_params[] = {
    {"VendorConfigFileNumberOfEntries", TR069_UINT, .entries_of = "DeviceInfo.VendorConfigFile."},
    {"VendorLogFileNumberOfEntries", TR069_UINT, .entries_of = "DeviceInfo.VendorLogFile."},
    {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "DeviceInfo.VendorConfigFile.{i}.", config_params, .instances = config_rows},
    {TR069_DEV2, "DeviceInfo.VendorConfigFile.{i}.", config_params_2},
    {TR069_BOTH, "DeviceInfo.VendorLogFile.{i}.", log_params, .instances = log_rows},
    {TR069_BOTH, "DeviceInfo.", info_params},
    {0}};

/* ---- The RPC ----------------------------------------------------------------------------------- */

enum { COMMAND_KEY, FILE_TYPE, URL, USERNAME, PASSWORD, DELAY };

/* The row that a file type means, in its table: *ret_row NULL when there is none. False: it is no such type.
 */
static bool find_row(struct upload *upload, const char *type, struct row **ret_row) {
    const struct {
        const char *type;
        struct table *table;
        bool by_number;
    } types[] = {{"1 Vendor Configuration File", &upload->configs, false},
                 {"2 Vendor Log File", &upload->logs, false},
                 {"3 Vendor Configuration File ", &upload->configs, true},
                 {"4 Vendor Log File ", &upload->logs, true}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t length = strlen(types[i].type);
        const char *digits = type + length;
        if (types[i].by_number ? strncmp(type, types[i].type, length) != 0
                               : strcmp(type, types[i].type) != 0) {
            continue;
        }
        *ret_row = NULL;
        if (!types[i].by_number) {
            for (size_t r = 0; *ret_row == NULL && r < types[i].table->count; r++) {
                *ret_row = types[i].table->rows[r]->present ? types[i].table->rows[r] : NULL;
            }
        } else if (*digits != '\0' && *digits != '0' && strspn(digits, "0123456789") == strlen(digits) &&
                   strlen(digits) <= 9) {
            *ret_row = find_number(types[i].table, (uint32_t) strtoul(digits, NULL, 10));
        }
        return true;
    }
    return false;
}

static int upload_call(const struct tr069_call *call) {
    const struct tr069_value *args = call->args;
    char name[NAME_SIZE + sizeof OWN] = "";
    struct row *row = NULL;
    look(call->ctx);
    if (find_row(call->ctx, args[FILE_TYPE].as.string, &row)) {
        if (row == NULL) {
            return tr069_fault(call->fault, TR069_INVALID_ARGUMENTS,
                               "FileType \"%s\": this box has no such file", args[FILE_TYPE].as.string);
        }
        (void) snprintf(name, sizeof name, "%s%s", row->path != NULL ? OWN : "", row->name);
    } else if (strncmp(args[FILE_TYPE].as.string, "X ", 2) != 0) {
        return tr069_fault(call->fault, TR069_INVALID_ARGUMENTS, "FileType \"%s\" cannot be uploaded",
                           args[FILE_TYPE].as.string);
    }
    const struct tr069_transfer transfer = {.method = "Upload",
                                            .command_key = args[COMMAND_KEY].as.string,
                                            .file_type = args[FILE_TYPE].as.string,
                                            .url = args[URL].as.string,
                                            .username = args[USERNAME].as.string,
                                            .password = args[PASSWORD].as.string,
                                            .target_name = "",
                                            .upload = name,
                                            .delay_s = (uint32_t) args[DELAY].as.number};
    int r = call->host->transfer(call->host, &transfer, call->fault);
    return r == TR069_OK ? tr069_reply_not_done(call) : r;
}

static const struct tr069_arg args[] = {
    [COMMAND_KEY] = {"CommandKey", TR069_STRING, .max_length = TR069_COMMAND_KEY_MAX},
    [FILE_TYPE] = {"FileType", TR069_STRING, .max_length = 64},
    [URL] = {"URL", TR069_STRING, .max_length = 256},
    [USERNAME] = {"Username", TR069_STRING, .max_length = 256},
    [PASSWORD] = {"Password", TR069_STRING, .max_length = 256},
    [DELAY] = {"DelaySeconds", TR069_UINT},
    {0}};
static const struct tr069_rpc rpcs[] = {{"Upload", args, .call = upload_call}, {0}};

/* ---- A file of the options: copied on a worker thread ------------------------------------------ */

struct copying {
    const struct tr069_install *file;
    char *from, *to;
    uint64_t max_size;
    bool tail; /* of a larger one, the end */
    int result;
    const char *step; /* what failed */
};

static void copying_free(struct copying *copying) {
    if (copying != NULL) {
        free(copying->from);
        free(copying->to);
        free(copying);
    }
}

/* Where to begin: at the beginning, or of what is too large, behind the first end of a line that fits. */
static int find_start(const struct copying *copying, int from, uint64_t size, uint64_t *ret_start) {
    char buffer[4096];
    *ret_start = 0;
    if (size <= copying->max_size) {
        return 0;
    }
    if (!copying->tail) {
        return -EFBIG;
    }
    *ret_start = size - copying->max_size;
    ssize_t got = pread(from, buffer, sizeof buffer, (off_t) *ret_start);
    const char *line = got > 0 ? memchr(buffer, '\n', (size_t) got) : NULL;
    *ret_start += line != NULL ? (uint64_t) (line - buffer) + 1 : 0;
    return 0;
}

/* As much as there was when it was opened: a log may grow faster than it is copied. */
static int copy(int from, uint64_t at, uint64_t end, int to) {
    char buffer[65536];
    while (at < end) {
        size_t want = end - at < sizeof buffer ? (size_t) (end - at) : sizeof buffer;
        ssize_t got = pread(from, buffer, want, (off_t) at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : 0; /* it was cut short */
        }
        for (ssize_t put = 0; put < got;) {
            ssize_t n = write(to, buffer + put, (size_t) (got - put));
            if (n < 0 && errno != EINTR) {
                return -errno;
            }
            put += n > 0 ? n : 0;
        }
        at += (uint64_t) got;
    }
    return 0;
}

static int copy_opened(struct copying *copying, int from) {
    struct stat info;
    uint64_t start = 0;
    copying->step = "reading the file";
    if (fstat(from, &info) != 0) {
        return -errno;
    }
    if (!S_ISREG(info.st_mode)) {
        return -EISDIR;
    }
    int r = find_start(copying, from, (uint64_t) info.st_size, &start);
    int to = r == 0 ? open(copying->to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    if (r < 0) {
        return r;
    }
    copying->step = "making a copy of it";
    r = to < 0 ? -errno : copy(from, start, (uint64_t) info.st_size, to);
    if (to >= 0 && close(to) != 0 && r == 0) {
        r = -errno;
    }
    return r;
}

static void work(void *user) {
    struct copying *copying = user;
    int from = open(copying->from, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    copying->step = "opening the file";
    copying->result = from < 0 ? -errno : copy_opened(copying, from);
    if (from >= 0) {
        (void) close(from);
    }
}

static void copied(void *user) {
    struct copying *copying = user;
    const struct tr069_install *file = copying->file;
    int verdict = TR069_OK;
    if (copying->result < 0) {
        verdict = tr069_fault(file->fault, TR069_UPLOAD_FAILURE, "%s failed: %s", copying->step,
                              strerror(-copying->result));
    }
    copying_free(copying);
    file->host->installed(file, verdict);
}

static int produce(const struct tr069_install *file) {
    struct upload *upload = file->ctx;
    const char *name = file->transfer->upload + strlen(OWN);
    const struct row *config = find_name(&upload->configs, name), *log = find_name(&upload->logs, name);
    bool of_config = strstr(file->transfer->file_type, "Configuration") != NULL;
    const struct row *row = of_config ? config : log;
    if (row == NULL || row->path == NULL) {
        return tr069_fault(file->fault, TR069_UPLOAD_FAILURE, "\"%s\" is no file of this box any more", name);
    }
    struct copying *copying = calloc(1, sizeof *copying);
    if (copying == NULL) {
        return -ENOMEM;
    }
    copying->file = file;
    copying->from = strdup(row->path);
    copying->to = strdup(file->path);
    copying->max_size = (uint64_t) upload->host->option_int(upload->host, "max_size");
    copying->tail = !of_config;
    int r = copying->from != NULL && copying->to != NULL ? file->host->job(file->host, work, copied, copying)
                                                         : -ENOMEM;
    if (r < 0) {
        copying_free(copying);
        return r;
    }
    return TR069_DEFERRED;
}

static const struct tr069_upload uploads[] = {{OWN "*", TR069_UPLOAD_OTHER, .produce = produce}, {0}};

/* ---- Life -------------------------------------------------------------------------------------- */

static const struct tr069_option options[] = {
    {"log_files", TR069_OPTION_LIST, "", .help = "\"name=/path\" of logs that the ACS may have"},
    {"config_files", TR069_OPTION_LIST, "",
     .help = "\"name=/path\" of configuration files that the ACS may have"},
    {"max_size", TR069_OPTION_INT, "16777216", 1024, INT64_MAX, .help = "octets of a file"},
    {0}};

static int upload_init(const struct tr069_host *host, void **ret_ctx) {
    struct upload *upload = calloc(1, sizeof *upload);
    if (upload == NULL) {
        return -ENOMEM;
    }
    upload->host = host;
    upload->configs =
        (struct table){.state = "configs", .option = "config_files", .kind = TR069_UPLOAD_CONFIG};
    upload->logs = (struct table){.state = "logs", .option = "log_files", .kind = TR069_UPLOAD_LOG};
    *ret_ctx = upload;
    int r = load(upload, &upload->configs);
    return r == 0 ? load(upload, &upload->logs) : r;
}

static int upload_start(void *ctx) {
    struct upload *upload = ctx;
    look(upload);
    int r = add_files(upload, &upload->configs);
    return r == 0 ? add_files(upload, &upload->logs) : r;
}

/* A factory reset: the numbers begin anew with the next start; until then they stay. */
static void upload_destroy(void *ctx) {
    struct upload *upload = ctx;
    if (upload != NULL) {
        struct table *tables[] = {&upload->configs, &upload->logs};
        for (size_t t = 0; t < 2; t++) {
            for (size_t i = 0; i < tables[t]->count; i++) {
                free(tables[t]->rows[i]->path);
                free(tables[t]->rows[i]);
            }
        }
        free(upload);
    }
}

TR069_PLUGIN(.name = "upload", .version = "1", .summary = "the RPC Upload, and files that the ACS may have",
             .options = options, .objects = objects, .rpcs = rpcs, .uploads = uploads, .init = upload_init,
             .start = upload_start, .destroy = upload_destroy);
