/* Reports on deployment units: one value of the store for each report, and one for each result. */
#include <config.h>

#include "cwmp/du_reports.h"

#include "base/buffer.h"
#include "base/text.h"
#include "cwmp/fault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define LOG_ROOM "du"
#include "base/log.h"

#define KEYS "du/"
#define NEXT "du-next"

enum { KEY_SIZE = 40, VALUE_MAX = 16384, TEXTS = 7 };

struct du_reports {
    struct store *store;
    struct du_report list[TR069_DU_REPORTS_MAX]; /* by id */
    size_t count;
    uint32_t next_id;
};

/* The texts of a result, and how many characters each may have. */
static const struct {
    size_t offset, max;
} texts[TEXTS] = {
    {offsetof(struct tr069_du_result, operation), 16},
    {offsetof(struct tr069_du_result, uuid), 36},
    {offsetof(struct tr069_du_result, unit), TR069_NAME_MAX},
    {offsetof(struct tr069_du_result, version), 32},
    {offsetof(struct tr069_du_result, state), 16},
    {offsetof(struct tr069_du_result, execution_units), 2048},
    {0, 0}, /* of the fault: it is an array */
};

unsigned du_fault_code(unsigned code) {
    static const struct {
        unsigned code, told;
    } others[] = {{0, 0},
                  {TR069_INVALID_ARGUMENTS, 9003},
                  {TR069_RESOURCES_EXCEEDED, TR069_DU_RESOURCES_EXCEEDED},
                  {TR069_DOWNLOAD_FAILURE, TR069_DU_RESOURCES_EXCEEDED},
                  {TR069_TRANSFER_MULTICAST, TR069_TRANSFER_NO_CONTACT},
                  {TR069_TRANSFER_NOT_AUTHENTIC, TR069_TRANSFER_CORRUPTED},
                  {TR069_TRANSFER_WINDOW, TR069_TRANSFER_INCOMPLETE}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (code == others[i].code) {
            return others[i].told;
        }
    }
    if ((code >= 9800 && code <= 9899) ||
        (code >= TR069_TRANSFER_AUTHENTICATION && code <= TR069_TRANSFER_CORRUPTED) ||
        (code >= TR069_DU_UUID_FORMAT && code <= TR069_DU_VERSION_EXISTS)) {
        return code;
    }
    return TR069_REQUEST_DENIED;
}

/* ---- The list ---------------------------------------------------------------------------------- */

static struct du_report *find(struct du_reports *reports, uint32_t id) {
    for (size_t i = 0; i < reports->count; i++) {
        if (reports->list[i].id == id) {
            return &reports->list[i];
        }
    }
    return NULL;
}

static const char *get_text(const struct tr069_du_result *result, size_t index) {
    const char *text = result->fault.text;
    if (texts[index].max != 0) {
        memcpy(&text, (const char *) result + texts[index].offset, sizeof text);
    }
    return text != NULL ? text : "";
}

static void free_result(struct tr069_du_result *result) {
    for (size_t i = 0; i < TEXTS && texts[i].max != 0; i++) {
        char *text;
        memcpy(&text, (const char *) result + texts[i].offset, sizeof text);
        free(text);
    }
}

static int copy_result(struct tr069_du_result *out, const struct tr069_du_result *result) {
    bool whole = true;
    *out = *result;
    for (size_t i = 0; i < TEXTS && texts[i].max != 0; i++) {
        char *text = text_dup(get_text(result, i));
        whole = whole && text != NULL;
        memcpy((char *) out + texts[i].offset, &text, sizeof text);
    }
    if (!whole) {
        free_result(out);
        return -ENOMEM;
    }
    return 0;
}

static void drop(struct du_reports *reports, struct du_report *report) {
    const size_t index = (size_t) (report - reports->list);
    for (size_t i = 0; i < report->count; i++) {
        free_result(&report->results[i]);
    }
    free(report->results);
    reports->count--;
    memmove(report, report + 1, (reports->count - index) * sizeof *report);
}

/* ---- The store --------------------------------------------------------------------------------- */

static int keep(const struct du_reports *reports, const struct du_report *report) {
    char key[KEY_SIZE], value[16 + sizeof report->command_key];
    (void) snprintf(key, sizeof key, KEYS "%010" PRIu32, report->id);
    (void) snprintf(value, sizeof value, "%s %s %s", report->done ? "done" : "open",
                    report->autonomous ? "own" : "ordered", report->command_key);
    return store_put(reports->store, key, value);
}

/* "START COMPLETE RESOLVED CODE text text ...", the texts percent-encoded, each with a '=' before it. */
static int keep_result(const struct du_reports *reports, uint32_t id, size_t index,
                       const struct tr069_du_result *result) {
    char key[KEY_SIZE];
    struct buffer value;
    int r;
    buffer_init(&value, VALUE_MAX);
    (void) buffer_format(&value, "%" PRId64 " %" PRId64 " %d %u", result->start, result->complete,
                         result->resolved, result->fault.code);
    for (size_t i = 0; i < TEXTS; i++) {
        (void) buffer_text(&value, " =");
        (void) text_percent_encode(&value, get_text(result, i), "-._/:");
    }
    r = buffer_error(&value);
    if (r == 0) {
        (void) snprintf(key, sizeof key, KEYS "%010" PRIu32 "/%03zu", id, index);
        r = store_put(reports->store, key, buffer_string(&value));
    }
    buffer_free(&value);
    return r;
}

static bool load_report(struct du_reports *reports, uint32_t id, const char *value) {
    struct du_report report = {.id = id};
    const char *kind = strchr(value, ' ');
    const char *key = kind != NULL ? strchr(kind + 1, ' ') : NULL;
    if (key == NULL || reports->count == TR069_DU_REPORTS_MAX) {
        return false;
    }
    report.done = text_starts(value, "done ");
    report.autonomous = text_starts(kind, " own ");
    (void) text_copy(report.command_key, sizeof report.command_key, key + 1);
    reports->list[reports->count++] = report;
    return true;
}

static int append(struct du_report *report, const struct tr069_du_result *result) {
    struct tr069_du_result *results = realloc(report->results, (report->count + 1) * sizeof *report->results);
    int r = -ENOMEM;
    if (results != NULL) {
        report->results = results;
        r = copy_result(&results[report->count], result);
        report->count += r == 0 ? 1 : 0;
    }
    return r;
}

static int parse_result(char *value, struct tr069_du_result *ret_result) {
    char *parts[4 + TEXTS] = {NULL};
    int64_t numbers[4];
    size_t count = 0;
    for (char *part = value, *end; count < 4 + TEXTS; part = end + 1) {
        end = part + strcspn(part, " ");
        bool last = *end == '\0';
        *end = '\0';
        parts[count++] = part;
        if (last) {
            break;
        }
    }
    if (count != 4 + TEXTS) {
        return -EINVAL;
    }
    for (size_t i = 0; i < 4; i++) {
        if (text_parse_int(parts[i], INT64_MIN, INT64_MAX, &numbers[i]) < 0) {
            return -EINVAL;
        }
    }
    *ret_result = (struct tr069_du_result){.start = numbers[0],
                                           .complete = numbers[1],
                                           .resolved = numbers[2] != 0,
                                           .fault = {.code = (unsigned) numbers[3]}};
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = parts[4 + i] + 1;
        text_percent_decode(parts[4 + i]);
        if (texts[i].max != 0) {
            memcpy((char *) ret_result + texts[i].offset, &text, sizeof text);
        } else {
            (void) text_copy(ret_result->fault.text, sizeof ret_result->fault.text, text);
        }
    }
    return 0;
}

static int load_result(struct du_report *report, const char *value) {
    struct tr069_du_result result;
    char *copy = text_dup(value);
    int r = copy != NULL ? parse_result(copy, &result) : -ENOMEM;
    r = r == 0 ? append(report, &result) : r;
    free(copy);
    return r;
}

/* The report comes before its results: keys are in order. */
static int load_one(void *user, const char *key, const char *value) {
    struct du_reports *reports = user;
    const char *slash = strchr(key + strlen(KEYS), '/');
    char digits[16];
    uint64_t id = 0;
    int r = 0;
    (void) text_copy(digits, sizeof digits, key + strlen(KEYS));
    digits[strcspn(digits, "/")] = '\0';
    bool good = text_parse_uint(digits, UINT32_MAX, &id) == 0 && id != 0;
    if (good && slash == NULL) {
        good = load_report(reports, (uint32_t) id, value);
    } else if (good) {
        struct du_report *report = find(reports, (uint32_t) id);
        r = report != NULL ? load_result(report, value) : -EINVAL;
        good = r == 0;
    }
    if (!good) {
        log_error("the stored report %s cannot be understood and is passed over", key);
    }
    return r == -ENOMEM ? r : 0;
}

int du_reports_new(struct store *store, struct du_reports **ret_reports) {
    struct du_reports *reports = calloc(1, sizeof *reports);
    int r;
    if (reports == NULL) {
        return -ENOMEM;
    }
    reports->store = store;
    r = store_each(store, KEYS, load_one, reports);
    if (r < 0) {
        du_reports_free(reports);
        return r;
    }
    reports->next_id = (uint32_t) store_get_int(store, NEXT, 1);
    if (reports->count > 0 && reports->list[reports->count - 1].id >= reports->next_id) {
        reports->next_id = reports->list[reports->count - 1].id + 1;
    }
    for (size_t i = reports->count; i-- > 0;) {
        if (reports->list[i].done && reports->list[i].count == 0) { /* no schema knows an empty report */
            du_reports_delivered(reports, reports->list[i].id);
        }
    }
    *ret_reports = reports;
    return 0;
}

void du_reports_free(struct du_reports *reports) {
    if (reports != NULL) {
        while (reports->count > 0) {
            drop(reports, &reports->list[reports->count - 1]);
        }
        free(reports);
    }
}

/* ---- Making one -------------------------------------------------------------------------------- */

int du_reports_open(struct du_reports *reports, const char *command_key, uint32_t *ret_id) {
    struct du_report report = {.id = reports->next_id, .autonomous = command_key == NULL};
    const char *key = command_key != NULL ? command_key : "";
    int r;
    if (text_utf8_count(key, strlen(key)) > TR069_COMMAND_KEY_MAX ||
        !text_copy(report.command_key, sizeof report.command_key, key)) {
        return -EINVAL;
    }
    if (reports->count == TR069_DU_REPORTS_MAX) {
        return -ENOSPC;
    }
    r = store_put_int(reports->store, NEXT, (int64_t) report.id + 1);
    r = r == 0 ? keep(reports, &report) : r;
    if (r == 0) {
        reports->next_id++;
        reports->list[reports->count++] = report;
        *ret_id = report.id;
    }
    return r;
}

static bool good_result(const struct tr069_du_result *result) {
    for (size_t i = 0; i < TEXTS && texts[i].max != 0; i++) {
        const char *text = get_text(result, i);
        if (text_utf8_count(text, strlen(text)) > texts[i].max) {
            return false;
        }
    }
    return strlen(get_text(result, 1)) == 36 && get_text(result, 4)[0] != '\0';
}

int du_reports_add(struct du_reports *reports, uint32_t id, const struct tr069_du_result *result) {
    struct du_report *report = find(reports, id);
    struct tr069_du_result told = *result;
    int r;
    if (report == NULL || report->done) {
        return -ENOENT;
    }
    if (report->count == TR069_DU_RESULTS_MAX) {
        return -ENOSPC;
    }
    if (!good_result(result)) {
        return -EINVAL;
    }
    told.fault.code = du_fault_code(told.fault.code);
    if (told.fault.code == 0) {
        told.fault.text[0] = '\0';
    } else if (told.fault.text[0] == '\0') {
        (void) text_copy(told.fault.text, sizeof told.fault.text, fault_name(told.fault.code));
    }
    r = keep_result(reports, id, report->count, &told);
    return r == 0 ? append(report, &told) : r;
}

static void remove_stored(struct du_reports *reports, const struct du_report *report) {
    char key[KEY_SIZE];
    (void) snprintf(key, sizeof key, KEYS "%010" PRIu32, report->id);
    (void) store_put(reports->store, key, NULL);
    for (size_t i = 0; i < report->count; i++) {
        (void) snprintf(key, sizeof key, KEYS "%010" PRIu32 "/%03zu", report->id, i);
        (void) store_put(reports->store, key, NULL);
    }
}

int du_reports_close(struct du_reports *reports, uint32_t id) {
    struct du_report *report = find(reports, id);
    if (report == NULL || report->done) {
        return -ENOENT;
    }
    if (report->count == 0) {
        du_reports_delivered(reports, id);
        return 0;
    }
    report->done = true;
    const int r = keep(reports, report);
    return r < 0 ? r : 1;
}

bool du_reports_is_autonomous(const struct du_reports *reports, uint32_t id) {
    const struct du_report *report = du_reports_find(reports, id);
    return report != NULL && report->autonomous;
}

/* ---- Telling it -------------------------------------------------------------------------------- */

const struct du_report *du_reports_next(const struct du_reports *reports, uint32_t after_id) {
    for (size_t i = 0; reports != NULL && i < reports->count; i++) {
        if (reports->list[i].done && reports->list[i].id > after_id) {
            return &reports->list[i];
        }
    }
    return NULL;
}

const struct du_report *du_reports_find(const struct du_reports *reports, uint32_t id) {
    for (size_t i = 0; reports != NULL && i < reports->count; i++) {
        if (reports->list[i].id == id) {
            return &reports->list[i];
        }
    }
    return NULL;
}

void du_reports_delivered(struct du_reports *reports, uint32_t id) {
    struct du_report *report = find(reports, id);
    if (report != NULL) {
        remove_stored(reports, report);
        drop(reports, report);
    }
}

void du_reports_discard(struct du_reports *reports) {
    while (reports != NULL && reports->count > 0) {
        du_reports_delivered(reports, reports->list[reports->count - 1].id);
    }
}

const char *du_report_event(const struct du_report *report, const char **ret_key) {
    *ret_key = report->autonomous ? "" : report->command_key;
    return report->autonomous ? "12 AUTONOMOUS DU STATE CHANGE COMPLETE" : "M ChangeDUState";
}
