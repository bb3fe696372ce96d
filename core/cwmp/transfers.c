/* The queue of file transfers: what was asked for, how far it is, what has yet to be reported. Each
 * transfer is one value of the store, written anew at every step. */
#include <config.h>

#include "cwmp/transfers_internal.h"

#include "base/text.h"
#include "cwmp/fault.h"

#include <inttypes.h>
#include <stdlib.h>

#define LOG_ROOM "transfers"
#include "base/log.h"

struct transfers {
    struct store *store;
    struct entry *entries[TRANSFERS_MAX + TRANSFERS_INTERNAL_MAX]; /* by id */
    size_t count;
    uint32_t next_id;
};

static void entry_keep(struct transfers *transfers, const struct entry *entry) {
    int result = entry->forgotten ? 0 : entry_store(transfers->store, entry);
    if (result < 0) {
        log_error("the state of transfer %" PRIu32 " could not be stored: %s", entry->transfer.id,
                  strerror(-result));
    }
}

struct loading {
    struct transfers *transfers;
    const struct moment *now;
    int result;
};

static struct entry *find_entry(const struct transfers *transfers, uint32_t id) {
    for (size_t i = 0; i < transfers->count; i++) {
        if (transfers->entries[i]->transfer.id == id) {
            return transfers->entries[i];
        }
    }
    return NULL;
}

static void remove_entry(struct transfers *transfers, struct entry *entry) {
    char key[TRANSFER_KEY_SIZE];
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

/* What a restart does to a transfer that was under way. */
static void recover(struct entry *entry, const struct moment *now) {
    struct transfer *t = &entry->transfer;
    switch (t->state) {
    case TRANSFER_QUEUED:
        entry_place(entry, now);
        return;
    case TRANSFER_ACTIVE:
        entry_place(entry, now);
        if (t->request.window_count == 0) {
            t->due_ms = now->mono_ms;
        }
        if (entry->tries >= TRANSFERS_TRIES) {
            t->state = TRANSFER_DONE;
            t->complete_s = now->wall_s;
            (void) tr069_fault(&t->fault,
                               transfer_is_upload(t) ? TR069_UPLOAD_FAILURE : TR069_TRANSFER_INCOMPLETE,
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
    if (transfers->count == TRANSFERS_MAX + TRANSFERS_INTERNAL_MAX) {
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
        if (entry->transfer.state == TRANSFER_DONE && entry->transfer.silent) {
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

static int check_request(const struct tr069_transfer *request, struct tr069_fault *fault) {
    int result = entry_check_texts(request, fault);
    if (result == TR069_OK) {
        result = entry_check_windows(request, fault);
    }
    if (result != TR069_OK) {
        return result;
    }
    if (request->method == NULL || request->method[0] == '\0') {
        return tr069_fault(fault, TR069_INTERNAL_ERROR, "a transfer without a method");
    }
    result = text_url_check(request->url != NULL ? request->url : "");
    if (result == -EPROTONOSUPPORT) {
        return tr069_fault(fault, TR069_TRANSFER_PROTOCOL, "URL: only http and https can be transferred");
    }
    if (result < 0) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "URL: not a valid URL without userinfo");
    }
    return TR069_OK;
}

/* They leave room for what the ACS orders, however long nobody hears of them. */
static size_t count_autonomous(const struct transfers *transfers) {
    size_t count = 0;
    for (size_t i = 0; i < transfers->count; i++) {
        count += transfers->entries[i]->transfer.request.autonomous ? 1 : 0;
    }
    return count;
}

static size_t count_internal(const struct transfers *transfers) {
    size_t count = 0;
    for (size_t i = 0; i < transfers->count; i++) {
        count += transfers->entries[i]->transfer.request.internal ? 1 : 0;
    }
    return count;
}

int transfers_add(struct transfers *transfers, const struct tr069_transfer *request, const struct moment *now,
                  uint32_t *ret_id, struct tr069_fault *fault) {
    struct entry *entry;
    int result = check_request(request, fault);

    if (result != TR069_OK) {
        return result;
    }
    if (request->autonomous && count_autonomous(transfers) >= TRANSFERS_OWN_MAX) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED,
                           "%d transfers of the box's own are queued already", TRANSFERS_OWN_MAX);
    }
    const size_t internal = count_internal(transfers);
    if (request->internal ? internal == TRANSFERS_INTERNAL_MAX
                          : transfers->count - internal == TRANSFERS_MAX) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "%d transfers are queued already",
                           request->internal ? TRANSFERS_INTERNAL_MAX : TRANSFERS_MAX);
    }
    entry = entry_new(request);
    if (entry == NULL) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    entry->transfer.id = transfers->next_id;
    entry_asked(entry, now);
    result = store_put_int(transfers->store, "transfer/next", (int64_t) transfers->next_id + 1);
    if (result == 0) {
        result = entry_store(transfers->store, entry);
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

/* What time has done to those that wait. */
static void look_at_clock(struct transfers *transfers, const struct moment *now) {
    for (size_t i = 0; i < transfers->count; i++) {
        struct entry *entry = transfers->entries[i];
        if (entry->transfer.state == TRANSFER_QUEUED) {
            bool learned = entry_learn_clock(entry, now);
            bool moved = entry->transfer.request.window_count > 0 && entry_schedule(entry, now);
            if (learned || moved) {
                entry_keep(transfers, entry);
            }
        }
    }
}

const struct transfer *transfers_next(struct transfers *transfers, const struct moment *now,
                                      uint64_t *ret_next_ms) {
    const struct entry *first = NULL;

    look_at_clock(transfers, now);
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
        t->fault.code = transfer_is_upload(t) ? TR069_UPLOAD_FAILURE : TR069_DOWNLOAD_FAILURE;
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
    if (entry->transfer.silent) {
        log_info("transfer %" PRIu32 " ended; nobody is told, a bootstrap came in between", id);
        remove_entry(transfers, entry);
        return false;
    }
    entry->running = false;
    if (fault != NULL && fault->code != 0 && entry_try_again(entry, now)) {
        entry->transfer.state = TRANSFER_QUEUED;
        entry_keep(transfers, entry);
        return false;
    }
    entry->transfer.state = TRANSFER_DONE;
    if (entry->transfer.complete_s == CLOCK_WALL_UNKNOWN) {
        entry->transfer.complete_s = now->wall_s;
    }
    keep_fault(&entry->transfer, fault != NULL ? fault : &none);
    entry_keep(transfers, entry);
    return true;
}

void transfers_wait(struct transfers *transfers, uint32_t id, uint64_t until_ms) {
    struct entry *entry = find_entry(transfers, id);
    if (entry != NULL) {
        entry->wait_ms = until_ms;
    }
}

void transfers_agree(struct transfers *transfers, uint32_t id) {
    struct entry *entry = find_entry(transfers, id);
    if (entry != NULL) {
        entry->wait_ms = 0;
        entry->transfer.agreed = true;
    }
}

void transfers_happened(struct transfers *transfers, uint32_t id, int64_t start_s, int64_t complete_s) {
    struct entry *entry = find_entry(transfers, id);
    if (entry != NULL) {
        entry->transfer.start_s = start_s;
        entry->transfer.complete_s = complete_s;
    }
}

void transfers_silence(struct transfers *transfers, uint32_t id) {
    struct entry *entry = find_entry(transfers, id);
    if (entry != NULL && !entry->transfer.silent) {
        entry->transfer.silent = true;
        entry_keep(transfers, entry);
    }
}

/* Out of the store; in memory until whoever works on it has ended. */
static void forget_running(struct transfers *transfers, struct entry *entry) {
    char key[TRANSFER_KEY_SIZE];
    entry_key(key, entry->transfer.id);
    (void) store_put(transfers->store, key, NULL);
    entry->forgotten = true;
    entry->transfer.silent = true;
}

/* Those of a former ACS have keys of their own: they are not meant. */
static bool is_meant(const struct entry *entry, const char *command_key) {
    const struct transfer *t = &entry->transfer;
    return !t->silent && !t->request.autonomous && !t->request.internal &&
           strcmp(t->request.command_key, command_key) == 0;
}

int transfers_cancel(struct transfers *transfers, const char *command_key, uint32_t *ret_running,
                     struct tr069_fault *fault) {
    *ret_running = 0;
    for (size_t i = 0; i < transfers->count; i++) {
        const struct entry *entry = transfers->entries[i];
        if (is_meant(entry, command_key) &&
            (entry->transfer.state == TRANSFER_INSTALLING || entry->transfer.state == TRANSFER_DONE)) {
            return tr069_fault(fault, TR069_TRANSFER_NOT_CANCELABLE, "the transfer %s",
                               entry->transfer.state == TRANSFER_DONE ? "has ended"
                                                                      : "is being put into use already");
        }
    }
    for (size_t i = transfers->count; i-- > 0;) {
        struct entry *entry = transfers->entries[i];
        if (!is_meant(entry, command_key)) {
            continue;
        }
        log_notice("transfer %" PRIu32 " is cancelled", entry->transfer.id);
        if (entry->running) {
            *ret_running = entry->transfer.id;
            forget_running(transfers, entry);
        } else {
            remove_entry(transfers, entry);
        }
    }
    return TR069_OK;
}

/* ---- Reporting --------------------------------------------------------------------------------- */

const struct transfer *transfers_to_report(const struct transfers *transfers, uint32_t after_id) {
    for (size_t i = 0; i < transfers->count; i++) {
        const struct transfer *t = &transfers->entries[i]->transfer;
        if (t->state == TRANSFER_DONE && t->id > after_id && !t->request.internal) {
            return t;
        }
    }
    return NULL;
}

const struct transfer *transfers_internal_done(const struct transfers *transfers) {
    for (size_t i = 0; i < transfers->count; i++) {
        const struct transfer *t = &transfers->entries[i]->transfer;
        if (t->state == TRANSFER_DONE && t->request.internal) {
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
        if (!also_running && entry->transfer.request.internal) {
            continue;
        }
        if (also_running && entry->running) {
            forget_running(transfers, entry);
        } else if (also_running || entry->transfer.state == TRANSFER_DONE) {
            remove_entry(transfers, entry);
        } else if (!entry->transfer.silent) {
            entry->transfer.silent = true;
            entry_keep(transfers, entry);
        }
    }
}

/* ---- What is told of one ----------------------------------------------------------------------- */

bool transfer_is_upload(const struct transfer *transfer) {
    return strcmp(transfer->request.method, "Upload") == 0;
}

void transfer_event(const struct transfer *transfer, char out[TRANSFER_EVENT_SIZE], const char **ret_key) {
    if (transfer->request.autonomous) {
        (void) text_copy(out, TRANSFER_EVENT_SIZE, "10 AUTONOMOUS TRANSFER COMPLETE");
        *ret_key = "";
    } else {
        (void) snprintf(out, TRANSFER_EVENT_SIZE, "M %s", transfer->request.method);
        *ret_key = transfer->request.command_key;
    }
}

/* Does the text begin with the name, and is nothing behind it but the number of a row? */
static bool is_type(const char *text, const char *name, const char **ret_row) {
    size_t length = strlen(name);
    *ret_row = text + length;
    return text_starts(text, name) && (text[length] == '\0' || text[length] == ' ');
}

/* Does the schema of that namespace take it? (TransferFileType) */
static bool is_known_type(const char *text, int ns) {
    static const char *const old_types[] = {"1 Firmware Upgrade Image", "2 Web Content",
                                            "3 Vendor Configuration File", "4 Vendor Log File"};
    for (size_t i = 0; i < sizeof old_types / sizeof old_types[0]; i++) {
        if (strcmp(text, old_types[i]) == 0) {
            return true;
        }
    }
    if (text_starts(text, "X ")) {
        size_t word = strcspn(text + 2, " ");
        bool oui = strspn(text + 2, "0123456789ABCDEF") == 6 && word == 6;
        return (ns >= 12 ? word > 0 : oui) && text[2 + word] == ' ' && text[3 + word] != '\0';
    }
    size_t digits = strspn(text, "0123456789");
    return ns >= 12 && digits > 0 && text[0] != '0' && text[digits] == ' ' && strstr(text, "  ") == NULL &&
           !text_ends(text, " ");
}

void transfer_type(const struct transfer *transfer, int ns, const char *oui, char out[TRANSFER_TYPE_SIZE]) {
    static const struct {
        const char *upload, *name, *old_name;
    } uploads[] = {
        {"1 Vendor Configuration File", "3 Vendor Configuration File", "3 Vendor Configuration File"},
        {"2 Vendor Log File", "4 Vendor Log File", "4 Vendor Log File"},
        {"3 Vendor Configuration File", "6 Vendor Configuration File", "3 Vendor Configuration File"},
        {"4 Vendor Log File", "7 Vendor Log File", "4 Vendor Log File"}};
    const char *type = transfer->request.file_type, *row;

    for (size_t i = 0; transfer_is_upload(transfer) && i < sizeof uploads / sizeof uploads[0]; i++) {
        if (is_type(type, uploads[i].upload, &row)) {
            bool old = ns < 12;
            (void) snprintf(out, TRANSFER_TYPE_SIZE, "%s%s", old ? uploads[i].old_name : uploads[i].name,
                            old ? "" : row);
            return;
        }
    }
    if (is_known_type(type, ns)) {
        (void) text_copy(out, TRANSFER_TYPE_SIZE, type);
    } else {
        (void) snprintf(out, TRANSFER_TYPE_SIZE, "X %.6s %.55s", oui, type);
    }
}
