/* The queue of file transfers: what was asked for, how far it is, what has yet to be reported. Each
 * transfer is one value of the store, written anew at every step. */
#include <config.h>

#include "cwmp/transfers.h"

#include "base/buffer.h"
#include "base/text.h"
#include "cwmp/fault.h"

#include <inttypes.h>
#include <stdlib.h>

#define LOG_ROOM "transfers"
#include "base/log.h"

enum { TEXTS = 7, KEY_SIZE = 32, VALUE_MAX = 16384 };

struct entry {
    struct transfer transfer;
    char *texts[TEXTS]; /* what transfer.request points to, in the order of text_fields */
    int64_t due_s;      /* wall clock, or unknown */
    bool guessed_due;   /* due_ms restarted the delay because the wall clock was unknown */
    bool running;       /* somebody of this process works on it */
    bool silent;        /* never reported: a bootstrap came in between */
    bool forgotten;     /* no longer in the store: here only for who works on it */
    unsigned tries;
};

struct transfers {
    struct store *store;
    struct entry *entries[TRANSFERS_MAX]; /* by id */
    size_t count;
    uint32_t next_id;
};

/* Lengths in characters, as the schema has them. */
static const struct {
    const char *name;
    size_t offset;
    size_t max;
} text_fields[TEXTS] = {
    {"method", offsetof(struct tr069_transfer, method), 64},
    {"key", offsetof(struct tr069_transfer, command_key), TR069_COMMAND_KEY_MAX},
    {"type", offsetof(struct tr069_transfer, file_type), 64},
    {"url", offsetof(struct tr069_transfer, url), 256},
    {"user", offsetof(struct tr069_transfer, username), 256},
    {"password", offsetof(struct tr069_transfer, password), 256},
    {"target", offsetof(struct tr069_transfer, target_name), 256},
};

static const char *get_text(const struct tr069_transfer *request, size_t field) {
    const char *text;
    memcpy(&text, (const char *) request + text_fields[field].offset, sizeof text);
    return text != NULL ? text : "";
}

static void point_texts(struct entry *entry) {
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = entry->texts[i];
        memcpy((char *) &entry->transfer.request + text_fields[i].offset, &text, sizeof text);
    }
}

static void entry_free(struct entry *entry) {
    if (entry != NULL) {
        for (size_t i = 0; i < TEXTS; i++) {
            free(entry->texts[i]);
        }
        free(entry);
    }
}

static struct entry *entry_new(const struct tr069_transfer *request) {
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    entry->transfer.request = *request;
    for (size_t i = 0; i < TEXTS; i++) {
        entry->texts[i] = text_dup(get_text(request, i));
        if (entry->texts[i] == NULL) {
            entry_free(entry);
            return NULL;
        }
    }
    point_texts(entry);
    entry->transfer.start_s = CLOCK_WALL_UNKNOWN;
    entry->transfer.complete_s = CLOCK_WALL_UNKNOWN;
    entry->due_s = CLOCK_WALL_UNKNOWN;
    return entry;
}

static void entry_key(char key[KEY_SIZE], uint32_t id) {
    (void) snprintf(key, KEY_SIZE, "transfer/%010" PRIu32, id);
}

/* ---- The stored form: name=value pairs, values percent-encoded ---------------------------------- */

/* The numbers of an entry by name, so that reading and writing cannot differ. */
enum { NUMBERS = 10 };

static const char *const number_names[NUMBERS] = {"state", "size",  "delay",  "due",  "start",
                                                  "end",   "tries", "silent", "code", "version"};

static void get_numbers(const struct entry *entry, int64_t numbers[NUMBERS]) {
    const struct transfer *t = &entry->transfer;
    const int64_t values[NUMBERS] = {
        (int64_t) t->state, (int64_t) (t->request.file_size > INT64_MAX ? 0 : t->request.file_size),
        t->request.delay_s, entry->due_s,
        t->start_s,         t->complete_s,
        entry->tries,       entry->silent,
        t->fault.code,      1};
    memcpy(numbers, values, sizeof values);
}

static void put_numbers(struct entry *entry, const int64_t numbers[NUMBERS]) {
    struct transfer *t = &entry->transfer;
    t->state = numbers[0] >= TRANSFER_QUEUED && numbers[0] <= TRANSFER_DONE ? (enum transfer_state) numbers[0]
                                                                            : TRANSFER_QUEUED;
    t->request.file_size = (uint64_t) numbers[1];
    t->request.delay_s = (uint32_t) numbers[2];
    entry->due_s = numbers[3];
    t->start_s = numbers[4];
    t->complete_s = numbers[5];
    entry->tries = (unsigned) numbers[6];
    entry->silent = numbers[7] != 0;
    t->fault.code = (unsigned) numbers[8];
}

static int entry_store(struct transfers *transfers, const struct entry *entry) {
    char key[KEY_SIZE];
    int64_t numbers[NUMBERS];
    struct buffer value;
    int result;

    buffer_init(&value, VALUE_MAX);
    get_numbers(entry, numbers);
    for (size_t i = 0; i < NUMBERS; i++) {
        (void) buffer_format(&value, "%s=%" PRId64 " ", number_names[i], numbers[i]);
    }
    for (size_t i = 0; i < TEXTS; i++) {
        (void) buffer_format(&value, "%s=", text_fields[i].name);
        (void) text_percent_encode(&value, entry->texts[i], "-._/:");
        (void) buffer_char(&value, ' ');
    }
    (void) buffer_text(&value, "fault=");
    (void) text_percent_encode(&value, entry->transfer.fault.text, "-._/:");
    result = buffer_error(&value);
    if (result == 0) {
        entry_key(key, entry->transfer.id);
        result = store_put(transfers->store, key, buffer_string(&value));
    }
    buffer_free(&value);
    return result;
}

static void entry_keep(struct transfers *transfers, const struct entry *entry) {
    int result = entry->forgotten ? 0 : entry_store(transfers, entry);
    if (result < 0) {
        log_error("the state of transfer %" PRIu32 " could not be stored: %s", entry->transfer.id,
                  strerror(-result));
    }
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes percent-encoding in place. */
static void percent_decode(char *text) {
    char *out = text;
    while (*text != '\0') {
        int high = *text == '%' ? hex_digit(text[1]) : -1;
        int low = high >= 0 ? hex_digit(text[2]) : -1;
        if (low >= 0) {
            *out++ = (char) (high * 16 + low);
            text += 3;
        } else {
            *out++ = *text++;
        }
    }
    *out = '\0';
}

struct loading {
    struct transfers *transfers;
    const struct moment *now;
    int result;
};

static int find_name(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (int) i;
        }
    }
    return -1;
}

/* Takes one name=value pair in; -EINVAL when its number is none. */
static int take_pair(char *pair, int64_t numbers[NUMBERS], struct tr069_transfer *request, char **ret_fault) {
    char *value = strchr(pair, '=');
    int number;
    if (value == NULL) {
        return -EINVAL;
    }
    *value++ = '\0';
    number = find_name(pair, number_names, NUMBERS);
    if (number >= 0) {
        return text_parse_int(value, INT64_MIN, INT64_MAX, &numbers[number]);
    }
    percent_decode(value);
    if (strcmp(pair, "fault") == 0) {
        *ret_fault = value;
    }
    for (size_t i = 0; i < TEXTS; i++) {
        if (strcmp(pair, text_fields[i].name) == 0) {
            const char *text = value;
            memcpy((char *) request + text_fields[i].offset, &text, sizeof text);
        }
    }
    return 0;
}

static struct entry *entry_parse(char *text) {
    int64_t numbers[NUMBERS] = {0};
    struct tr069_transfer request = {0};
    struct entry *entry;
    char *fault = NULL;

    while (*text != '\0') {
        char *end = text + strcspn(text, " ");
        char *next = *end == ' ' ? end + 1 : end;
        *end = '\0';
        if (*text != '\0' && take_pair(text, numbers, &request, &fault) < 0) {
            return NULL;
        }
        text = next;
    }
    if (request.method == NULL || request.url == NULL) {
        return NULL;
    }
    entry = entry_new(&request);
    if (entry != NULL) {
        put_numbers(entry, numbers);
        (void) text_copy(entry->transfer.fault.text, sizeof entry->transfer.fault.text,
                         fault != NULL ? fault : "");
    }
    return entry;
}

static struct entry *find_entry(const struct transfers *transfers, uint32_t id) {
    for (size_t i = 0; i < transfers->count; i++) {
        if (transfers->entries[i]->transfer.id == id) {
            return transfers->entries[i];
        }
    }
    return NULL;
}

static void remove_entry(struct transfers *transfers, struct entry *entry) {
    char key[KEY_SIZE];
    size_t i = 0;
    entry_key(key, entry->transfer.id);
    (void) store_put(transfers->store, key, NULL);
    while (transfers->entries[i] != entry) {
        i++;
    }
    transfers->count--;
    memmove(&transfers->entries[i], &transfers->entries[i + 1],
            (transfers->count - i) * sizeof transfers->entries[0]);
    entry_free(entry);
}

/* ---- Opening ----------------------------------------------------------------------------------- */

/* When a queued transfer is due, by the wall clock if it is known now and was known then. Never later
 * than its whole delay from now, whatever the clock did. */
static void rearm(struct entry *entry, const struct moment *now) {
    int64_t left = entry->transfer.request.delay_s;
    entry->guessed_due = entry->due_s == CLOCK_WALL_UNKNOWN || now->wall_s == CLOCK_WALL_UNKNOWN;
    if (!entry->guessed_due) {
        int64_t by_clock = entry->due_s - now->wall_s;
        left = by_clock < 0 ? 0 : (by_clock < left ? by_clock : left);
    }
    entry->transfer.due_ms = now->mono_ms + (uint64_t) left * 1000;
}

/* What a restart does to a transfer that was under way. */
static void recover(struct entry *entry, const struct moment *now) {
    struct transfer *t = &entry->transfer;
    switch (t->state) {
    case TRANSFER_QUEUED:
        rearm(entry, now);
        return;
    case TRANSFER_ACTIVE:
        t->due_ms = now->mono_ms;
        if (entry->tries >= TRANSFERS_TRIES) {
            t->state = TRANSFER_DONE;
            t->complete_s = now->wall_s;
            (void) tr069_fault(&t->fault, TR069_TRANSFER_INCOMPLETE,
                               "the box restarted %u times while the file was transferred", entry->tries);
        } else {
            t->state = TRANSFER_QUEUED;
        }
        return;
    case TRANSFER_INSTALLING:
    case TRANSFER_DONE:
        return;
    }
}

static int load_one(void *user, const char *key, const char *value) {
    struct loading *loading = user;
    struct transfers *transfers = loading->transfers;
    struct entry *entry;
    uint64_t id;
    char *text;

    if (text_parse_uint(key + strlen("transfer/"), UINT32_MAX, &id) < 0 || id == 0) {
        return 0;
    }
    if (transfers->count == TRANSFERS_MAX) {
        log_error("more than %d transfers are stored; %s is passed over", TRANSFERS_MAX, key);
        return 0;
    }
    text = text_dup(value);
    if (text == NULL) {
        return -ENOMEM;
    }
    entry = entry_parse(text);
    free(text);
    if (entry == NULL) {
        log_error("the stored transfer %s cannot be understood and is passed over", key);
        return 0;
    }
    entry->transfer.id = (uint32_t) id;
    recover(entry, loading->now);
    transfers->entries[transfers->count++] = entry;
    return 0;
}

int transfers_new(struct store *store, const struct moment *now, struct transfers **ret_transfers) {
    struct transfers *transfers = calloc(1, sizeof *transfers);
    struct loading loading = {transfers, now, 0};
    int result;

    if (transfers == NULL) {
        return -ENOMEM;
    }
    transfers->store = store;
    result = store_each(store, "transfer/", load_one, &loading);
    if (result < 0) {
        transfers_free(transfers);
        return result;
    }
    transfers->next_id = (uint32_t) store_get_int(store, "transfer/next", 1);
    for (size_t i = transfers->count; i-- > 0;) {
        struct entry *entry = transfers->entries[i];
        if (entry->transfer.id >= transfers->next_id) {
            transfers->next_id = entry->transfer.id + 1;
        }
        if (entry->transfer.state == TRANSFER_DONE && entry->silent) {
            remove_entry(transfers, entry);
        } else if (entry->transfer.state == TRANSFER_DONE) {
            entry_keep(transfers, entry);
        }
    }
    *ret_transfers = transfers;
    return 0;
}

void transfers_free(struct transfers *transfers) {
    if (transfers != NULL) {
        for (size_t i = 0; i < transfers->count; i++) {
            entry_free(transfers->entries[i]);
        }
        free(transfers);
    }
}

/* ---- Taking over ------------------------------------------------------------------------------- */

static const char *argument_name(size_t field) {
    static const char *const names[TEXTS] = {"method",   "CommandKey", "FileType",      "URL",
                                             "Username", "Password",   "TargetFileName"};
    return names[field];
}

static int check_request(const struct tr069_transfer *request, struct tr069_fault *fault) {
    int result;
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = get_text(request, i);
        if (text_utf8_count(text, strlen(text)) > text_fields[i].max) {
            return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "%s is longer than %zu characters",
                               argument_name(i), text_fields[i].max);
        }
    }
    if (get_text(request, 0)[0] == '\0') {
        return tr069_fault(fault, TR069_INTERNAL_ERROR, "a transfer without a method");
    }
    result = text_url_check(get_text(request, 3));
    if (result == -EPROTONOSUPPORT) {
        return tr069_fault(fault, TR069_TRANSFER_PROTOCOL, "URL: only http and https can be transferred");
    }
    if (result < 0) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "URL: not a valid URL without userinfo");
    }
    return TR069_OK;
}

int transfers_add(struct transfers *transfers, const struct tr069_transfer *request, const struct moment *now,
                  uint32_t *ret_id, struct tr069_fault *fault) {
    struct entry *entry;
    int result = check_request(request, fault);

    if (result != TR069_OK) {
        return result;
    }
    if (transfers->count == TRANSFERS_MAX) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "%d transfers are queued already", TRANSFERS_MAX);
    }
    entry = entry_new(request);
    if (entry == NULL) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    entry->transfer.id = transfers->next_id;
    entry->transfer.due_ms = now->mono_ms + (uint64_t) request->delay_s * 1000;
    if (now->wall_s != CLOCK_WALL_UNKNOWN) {
        entry->due_s = now->wall_s + (int64_t) request->delay_s;
    }
    result = store_put_int(transfers->store, "transfer/next", (int64_t) transfers->next_id + 1);
    if (result == 0) {
        result = entry_store(transfers, entry);
    }
    if (result < 0) {
        entry_free(entry);
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "the transfer cannot be stored: %s",
                           strerror(-result));
    }
    transfers->next_id++;
    transfers->entries[transfers->count++] = entry;
    *ret_id = entry->transfer.id;
    return TR069_OK;
}

/* ---- Working on them --------------------------------------------------------------------------- */

/* The wall clock came to be known: puts guesses right and remembers when queued ones are due. */
static void learn_clock(struct transfers *transfers, const struct moment *now) {
    if (now->wall_s == CLOCK_WALL_UNKNOWN) {
        return;
    }
    for (size_t i = 0; i < transfers->count; i++) {
        struct entry *entry = transfers->entries[i];
        if (entry->transfer.state != TRANSFER_QUEUED) {
            continue;
        }
        if (entry->due_s == CLOCK_WALL_UNKNOWN) {
            uint64_t due = entry->transfer.due_ms;
            entry->due_s = now->wall_s + (due > now->mono_ms ? (int64_t) ((due - now->mono_ms) / 1000) : 0);
            entry->guessed_due = false;
            entry_keep(transfers, entry);
        } else if (entry->guessed_due) {
            uint64_t before = entry->transfer.due_ms;
            rearm(entry, now);
            if (entry->transfer.due_ms > before) {
                entry->transfer.due_ms = before;
            }
        }
    }
}

const struct transfer *transfers_next(struct transfers *transfers, const struct moment *now,
                                      uint64_t *ret_next_ms) {
    const struct entry *first = NULL;

    learn_clock(transfers, now);
    *ret_next_ms = UINT64_MAX;
    for (size_t i = 0; i < transfers->count; i++) {
        const struct entry *entry = transfers->entries[i];
        if (entry->running) {
            return NULL;
        }
        if (entry->transfer.state == TRANSFER_INSTALLING) {
            return &entry->transfer;
        }
        if (entry->transfer.state == TRANSFER_QUEUED &&
            (first == NULL || entry->transfer.due_ms < first->transfer.due_ms)) {
            first = entry;
        }
    }
    if (first != NULL && first->transfer.due_ms > now->mono_ms) {
        *ret_next_ms = first->transfer.due_ms;
        return NULL;
    }
    return first != NULL ? &first->transfer : NULL;
}

void transfers_started(struct transfers *transfers, uint32_t id, const struct moment *now) {
    struct entry *entry = find_entry(transfers, id);
    if (entry != NULL && entry->transfer.state != TRANSFER_DONE) {
        entry->transfer.state = TRANSFER_ACTIVE;
        entry->transfer.start_s = now->wall_s;
        entry->running = true;
        entry->tries++;
        entry_keep(transfers, entry);
    }
}

void transfers_fetched(struct transfers *transfers, uint32_t id, const struct moment *now) {
    struct entry *entry = find_entry(transfers, id);
    (void) now;
    if (entry != NULL && entry->transfer.state != TRANSFER_DONE) {
        entry->transfer.state = TRANSFER_INSTALLING;
        entry->running = true;
        entry_keep(transfers, entry);
    }
}

/* TransferComplete has a list of its own; the rest is "file transfer failure". */
static void keep_fault(struct transfer *t, const struct tr069_fault *fault) {
    t->fault = *fault;
    if (fault->code != 0 && !fault_in_transfer_complete(fault->code)) {
        t->fault.code =
            strcmp(t->request.method, "Upload") == 0 ? TR069_UPLOAD_FAILURE : TR069_DOWNLOAD_FAILURE;
    }
    if (t->fault.code == 0) {
        t->fault.text[0] = '\0';
    } else if (t->fault.text[0] == '\0') {
        (void) text_copy(t->fault.text, sizeof t->fault.text, fault_name(t->fault.code));
    }
}

bool transfers_done(struct transfers *transfers, uint32_t id, const struct tr069_fault *fault,
                    const struct moment *now) {
    static const struct tr069_fault none = {0};
    struct entry *entry = find_entry(transfers, id);

    if (entry == NULL || entry->transfer.state == TRANSFER_DONE) {
        return false;
    }
    if (entry->silent) {
        log_info("transfer %" PRIu32 " ended; nobody is told, a bootstrap came in between", id);
        remove_entry(transfers, entry);
        return false;
    }
    entry->transfer.state = TRANSFER_DONE;
    entry->transfer.complete_s = now->wall_s;
    entry->running = false;
    keep_fault(&entry->transfer, fault != NULL ? fault : &none);
    entry_keep(transfers, entry);
    return true;
}

/* ---- Reporting --------------------------------------------------------------------------------- */

const struct transfer *transfers_to_report(const struct transfers *transfers, uint32_t after_id) {
    for (size_t i = 0; i < transfers->count; i++) {
        const struct transfer *t = &transfers->entries[i]->transfer;
        if (t->state == TRANSFER_DONE && t->id > after_id) {
            return t;
        }
    }
    return NULL;
}

void transfers_reported(struct transfers *transfers, uint32_t id) {
    struct entry *entry = find_entry(transfers, id);
    if (entry != NULL && entry->transfer.state == TRANSFER_DONE) {
        remove_entry(transfers, entry);
    }
}

const struct transfer *transfers_find(const struct transfers *transfers, uint32_t id) {
    const struct entry *entry = find_entry(transfers, id);
    return entry != NULL ? &entry->transfer : NULL;
}

size_t transfers_count(const struct transfers *transfers) {
    return transfers->count;
}

const struct transfer *transfers_at(const struct transfers *transfers, size_t index) {
    return index < transfers->count ? &transfers->entries[index]->transfer : NULL;
}

void transfers_discard(struct transfers *transfers, bool also_running) {
    for (size_t i = transfers->count; i-- > 0;) {
        struct entry *entry = transfers->entries[i];
        if (also_running && entry->running) {
            char key[KEY_SIZE];
            entry_key(key, entry->transfer.id);
            (void) store_put(transfers->store, key, NULL);
            entry->forgotten = true;
            entry->silent = true;
        } else if (also_running || entry->transfer.state == TRANSFER_DONE) {
            remove_entry(transfers, entry);
        } else if (!entry->silent) {
            entry->silent = true;
            entry_keep(transfers, entry);
        }
    }
}
