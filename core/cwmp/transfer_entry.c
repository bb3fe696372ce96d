/* One entry of the queue of transfers, and its stored form: name=value pairs, values percent-encoded. */
#include <config.h>

#include "cwmp/transfers_internal.h"

#include "base/buffer.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>

enum { VALUE_MAX = 16384 };

/* Lengths in characters, as the schemas have them: of what the ACS orders, and of what the box does of its
 * own accord. A name that the stored form had before stays. */
static const struct {
    const char *name, *argument;
    size_t offset;
    size_t max, autonomous_max;
} text_fields[] = {
    {"method", "method", offsetof(struct tr069_transfer, method), 64, 64},
    {"key", "CommandKey", offsetof(struct tr069_transfer, command_key), TR069_COMMAND_KEY_MAX, 0},
    {"type", "FileType", offsetof(struct tr069_transfer, file_type), 64, 64},
    {"url", "URL", offsetof(struct tr069_transfer, url), 256, 1024},
    {"user", "Username", offsetof(struct tr069_transfer, username), 256, 256},
    {"password", "Password", offsetof(struct tr069_transfer, password), 256, 256},
    {"target", "TargetFileName", offsetof(struct tr069_transfer, target_name), 256, 256},
    {"upload", "the name of the upload", offsetof(struct tr069_transfer, upload), 64, 64},
    {"announce", "AnnounceURL", offsetof(struct tr069_transfer, announce_url), 0, 1024},
};
enum { FIELDS = sizeof text_fields / sizeof text_fields[0], MESSAGE_MAX = 256 };
_Static_assert(FIELDS + TR069_WINDOWS_MAX == TRANSFER_TEXTS, "a text for each window's message, too");

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

/* By index: the fields of the table, then the windows' messages. */
static const char *get_text(const struct tr069_transfer *request, size_t index) {
    const char *text;
    if (index >= FIELDS) {
        index -= FIELDS;
        return index < request->window_count ? or_empty(request->windows[index].user_message) : "";
    }
    memcpy(&text, (const char *) request + text_fields[index].offset, sizeof text);
    return or_empty(text);
}

static void point_texts(struct entry *entry) {
    for (size_t i = 0; i < FIELDS; i++) {
        const char *text = entry->texts[i];
        memcpy((char *) &entry->transfer.request + text_fields[i].offset, &text, sizeof text);
    }
    for (size_t i = 0; i < TR069_WINDOWS_MAX; i++) {
        entry->windows[i].user_message = entry->texts[FIELDS + i];
    }
    entry->transfer.request.windows = entry->windows;
}

int entry_check_texts(const struct tr069_transfer *request, struct tr069_fault *fault) {
    for (size_t i = 0; i < TRANSFER_TEXTS; i++) {
        const char *text = get_text(request, i);
        size_t max = i >= FIELDS                                ? MESSAGE_MAX
                     : request->autonomous || request->internal ? text_fields[i].autonomous_max
                                                                : text_fields[i].max;
        if (text_utf8_count(text, strlen(text)) > max) {
            return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "%s is longer than %zu characters",
                               i < FIELDS ? text_fields[i].argument : "UserMessage", max);
        }
    }
    return TR069_OK;
}

void entry_free(struct entry *entry) {
    if (entry != NULL) {
        for (size_t i = 0; i < TRANSFER_TEXTS; i++) {
            free(entry->texts[i]);
        }
        free(entry);
    }
}

struct entry *entry_new(const struct tr069_transfer *request) {
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < TRANSFER_TEXTS; i++) {
        entry->texts[i] = text_dup(get_text(request, i));
        if (entry->texts[i] == NULL) {
            entry_free(entry);
            return NULL;
        }
    }
    for (size_t i = 0; i < request->window_count && i < TR069_WINDOWS_MAX; i++) {
        entry->windows[i] = request->windows[i];
    }
    entry->transfer.request = *request;
    point_texts(entry);
    entry->transfer.start_s = CLOCK_WALL_UNKNOWN;
    entry->transfer.complete_s = CLOCK_WALL_UNKNOWN;
    entry->asked_s = CLOCK_WALL_UNKNOWN;
    return entry;
}

void entry_key(char key[TRANSFER_KEY_SIZE], uint32_t id) {
    (void) snprintf(key, TRANSFER_KEY_SIZE, "transfer/%010" PRIu32, id);
}

/* ---- The stored form ---------------------------------------------------------------------------- */

/* The numbers of an entry by name, so that reading and writing cannot differ. One that is missing, from a
 * store of an earlier version, is 0. */
enum { NUMBERS = 23 };

static const char *const number_names[NUMBERS] = {
    "state",  "size",    "delay",   "due",    "start",    "end",     "tries",   "silent",
    "code",   "version", "own",     "window", "attempts", "count",   "w0start", "w0end",
    "w0mode", "w0tries", "w1start", "w1end",  "w1mode",   "w1tries", "internal"};

static void get_numbers(const struct entry *entry, int64_t numbers[NUMBERS]) {
    const struct transfer *t = &entry->transfer;
    const struct tr069_transfer *r = &t->request;
    const int64_t values[] = {
        (int64_t) t->state,
        (int64_t) (r->file_size > INT64_MAX ? 0 : r->file_size),
        r->delay_s,
        entry->asked_s == CLOCK_WALL_UNKNOWN ? CLOCK_WALL_UNKNOWN : entry->asked_s + r->delay_s,
        t->start_s,
        t->complete_s,
        entry->tries,
        t->silent,
        t->fault.code,
        1,
        r->autonomous,
        (int64_t) entry->window,
        entry->attempts,
        (int64_t) r->window_count,
    };
    memcpy(numbers, values, sizeof values);
    numbers += sizeof values / sizeof values[0];
    for (size_t i = 0; i < TR069_WINDOWS_MAX; i++) {
        const struct tr069_window *window = &entry->windows[i];
        *numbers++ = window->start_s;
        *numbers++ = window->end_s;
        *numbers++ = window->mode;
        *numbers++ = window->max_retries;
    }
    *numbers = r->internal;
}

static void put_numbers(struct entry *entry, const int64_t numbers[NUMBERS]) {
    struct transfer *t = &entry->transfer;
    t->state = numbers[0] >= TRANSFER_QUEUED && numbers[0] <= TRANSFER_DONE ? (enum transfer_state) numbers[0]
                                                                            : TRANSFER_QUEUED;
    t->request.file_size = (uint64_t) numbers[1];
    t->request.delay_s = (uint32_t) numbers[2];
    entry->asked_s =
        numbers[3] == CLOCK_WALL_UNKNOWN ? CLOCK_WALL_UNKNOWN : numbers[3] - (int64_t) t->request.delay_s;
    t->start_s = numbers[4];
    t->complete_s = numbers[5];
    entry->tries = (unsigned) numbers[6];
    t->silent = numbers[7] != 0;
    t->fault.code = (unsigned) numbers[8];
    t->request.autonomous = numbers[10] != 0;
    entry->window =
        numbers[11] >= 0 && numbers[11] < TR069_WINDOWS_MAX ? (size_t) numbers[11] : TR069_WINDOWS_MAX;
    entry->attempts = (int32_t) numbers[12];
    t->request.window_count = numbers[13] >= 0 && numbers[13] <= TR069_WINDOWS_MAX ? (size_t) numbers[13] : 0;
    numbers += 14;
    for (size_t i = 0; i < TR069_WINDOWS_MAX; i++, numbers += 4) {
        struct tr069_window *window = &entry->windows[i];
        window->start_s = (uint32_t) numbers[0];
        window->end_s = (uint32_t) numbers[1];
        window->mode = (enum tr069_window_mode) numbers[2];
        window->max_retries = (int32_t) numbers[3];
    }
    t->request.internal = numbers[0] != 0;
}

static void text_name(size_t index, char out[16]) {
    if (index < FIELDS) {
        (void) text_copy(out, 16, text_fields[index].name);
    } else {
        (void) snprintf(out, 16, "message%u", (unsigned) (index - FIELDS) % 10);
    }
}

int entry_store(struct store *store, const struct entry *entry) {
    char key[TRANSFER_KEY_SIZE], name[16];
    int64_t numbers[NUMBERS];
    struct buffer value;
    int result;

    buffer_init(&value, VALUE_MAX);
    get_numbers(entry, numbers);
    for (size_t i = 0; i < NUMBERS; i++) {
        (void) buffer_format(&value, "%s=%" PRId64 " ", number_names[i], numbers[i]);
    }
    for (size_t i = 0; i < TRANSFER_TEXTS; i++) {
        text_name(i, name);
        (void) buffer_format(&value, "%s=", name);
        (void) text_percent_encode(&value, entry->texts[i], "-._/:");
        (void) buffer_char(&value, ' ');
    }
    (void) buffer_text(&value, "fault=");
    (void) text_percent_encode(&value, entry->transfer.fault.text, "-._/:");
    result = buffer_error(&value);
    if (result == 0) {
        entry_key(key, entry->transfer.id);
        result = store_put(store, key, buffer_string(&value));
    }
    buffer_free(&value);
    return result;
}

/* What a stored form says. */
struct parsed {
    int64_t numbers[NUMBERS];
    char *texts[TRANSFER_TEXTS], *fault; /* NULL: not there */
};

/* Takes one name=value pair in; -EINVAL when its number is none. */
static int take_pair(char *pair, struct parsed *parsed) {
    char *value = strchr(pair, '=');
    char name[16];
    if (value == NULL) {
        return -EINVAL;
    }
    *value++ = '\0';
    for (size_t i = 0; i < NUMBERS; i++) {
        if (strcmp(pair, number_names[i]) == 0) {
            return text_parse_int(value, INT64_MIN, INT64_MAX, &parsed->numbers[i]);
        }
    }
    text_percent_decode(value);
    if (strcmp(pair, "fault") == 0) {
        parsed->fault = value;
    }
    for (size_t i = 0; i < TRANSFER_TEXTS; i++) {
        text_name(i, name);
        if (strcmp(pair, name) == 0) {
            parsed->texts[i] = value;
        }
    }
    return 0;
}

struct entry *entry_parse(char *text) {
    struct parsed parsed = {{0}, {NULL}, NULL};
    struct tr069_window windows[TR069_WINDOWS_MAX] = {{0}};
    struct tr069_transfer request = {.windows = windows, .window_count = TR069_WINDOWS_MAX};
    struct entry *entry;

    while (*text != '\0') {
        char *end = text + strcspn(text, " ");
        char *next = *end == ' ' ? end + 1 : end;
        *end = '\0';
        if (*text != '\0' && take_pair(text, &parsed) < 0) {
            return NULL;
        }
        text = next;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        const char *field = parsed.texts[i];
        memcpy((char *) &request + text_fields[i].offset, &field, sizeof field);
    }
    for (size_t i = 0; i < TR069_WINDOWS_MAX; i++) {
        windows[i].user_message = parsed.texts[FIELDS + i];
    }
    if (request.method == NULL || request.url == NULL) {
        return NULL;
    }
    entry = entry_new(&request);
    if (entry != NULL) {
        put_numbers(entry, parsed.numbers);
        (void) text_copy(entry->transfer.fault.text, sizeof entry->transfer.fault.text,
                         or_empty(parsed.fault));
    }
    return entry;
}
