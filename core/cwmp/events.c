/* The queue of Inform events: one table says for each code how it is stored, delivered and combined. */
#include <config.h>

#include "cwmp/events.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROOM "events"
#include "base/log.h"

#define KEYS "event/"

enum {
    CODE_SIZE = 64 + 1,                       /* EventCode, printable ASCII */
    KEY_SIZE = TR069_COMMAND_KEY_MAX * 4 + 1, /* CommandKey, UTF-8 */
    STORE_KEY_SIZE = sizeof KEYS + 8
};

enum flags {
    METHOD = 1 << 0,       /* an `M` event: one entry per occurrence, with a CommandKey */
    NEEDS_METHOD = 1 << 1, /* stands only together with one of its `M` events */
    BY_COMPLETED = 1 << 2, /* delivered by a response of its own, not by the InformResponse */
    STORED = 1 << 3,       /* must survive a power cut from when it arises */
    STORED_LATE = 1 << 4,  /* survives when a session could not deliver it */
    NO_RETRY = 1 << 5,     /* of this attempt only */
    ALONE = 1 << 6,        /* in its Inform */
    PREFIX = 1 << 7        /* every code that begins so */
};

/* In the order of the Inform. Members of a group go together: `M` events behind the one they need. */
struct kind {
    const char *code;
    unsigned char flags;
    unsigned char since; /* CWMP version */
    unsigned char group;
};

static const struct kind kinds[] = {
    {"0 BOOTSTRAP", STORED, 10, 0},
    {"1 BOOT", 0, 10, 1},
    {"M Reboot", METHOD | STORED, 10, 1},
    {"2 PERIODIC", STORED_LATE, 10, 2},
    {"3 SCHEDULED", NEEDS_METHOD | STORED, 10, 3},
    {"M ScheduleInform", METHOD | STORED, 10, 3},
    {"4 VALUE CHANGE", 0, 10, 4},
    {"5 KICKED", BY_COMPLETED, 10, 5},
    {"6 CONNECTION REQUEST", NO_RETRY, 10, 6},
    {"7 TRANSFER COMPLETE", NEEDS_METHOD | BY_COMPLETED | STORED, 10, 7},
    {"M Download", METHOD | BY_COMPLETED | STORED, 10, 7},
    {"M ScheduleDownload", METHOD | BY_COMPLETED | STORED, 12, 7},
    {"M Upload", METHOD | BY_COMPLETED | STORED, 10, 7},
    {"8 DIAGNOSTICS COMPLETE", 0, 10, 8},
    {"9 REQUEST DOWNLOAD", BY_COMPLETED, 10, 9},
    {"10 AUTONOMOUS TRANSFER COMPLETE", BY_COMPLETED | STORED, 11, 10},
    {"11 DU STATE CHANGE COMPLETE", NEEDS_METHOD | BY_COMPLETED | STORED, 12, 11},
    {"M ChangeDUState", METHOD | BY_COMPLETED | STORED, 12, 11},
    {"12 AUTONOMOUS DU STATE CHANGE COMPLETE", BY_COMPLETED | STORED, 12, 12},
    {"13 WAKEUP", 0, 14, 13},
    {"14 HEARTBEAT", NO_RETRY | ALONE, 14, 14},
    {"M X_", METHOD | STORED | PREFIX, 10, 15},
    {"X ", STORED_LATE | PREFIX, 10, 16},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct entry {
    const struct kind *kind;
    uint32_t serial; /* of its key in the store */
    bool stored;
    bool after_boot; /* waits for the next boot */
    bool sent;
    bool held; /* the last Inform could not have it: its version does not know the code */
    char code[CODE_SIZE];
    char command_key[KEY_SIZE];
};

/* The texts of one in the list that events_take() gives: the entries move when others come and go. */
struct taken {
    char code[CODE_SIZE];
    char command_key[KEY_SIZE];
};

struct events {
    struct store *store;
    struct entry *entries; /* by kind, then by age */
    size_t count, capacity;
    uint32_t serial;
};

/* ---- Codes ------------------------------------------------------------------------------------ */

/* "M X_VENDOR_Method", "X VENDOR text": printable, and the parts are there. */
static bool good_vendor_code(const struct kind *kind, const char *code) {
    const char *rest = code + strlen(kind->code), *c;
    size_t word;
    for (c = code; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~') {
            return false;
        }
    }
    word = strcspn(rest, " ");
    if (word == 0 || (size_t) (c - code) >= CODE_SIZE) {
        return false;
    }
    return (kind->flags & METHOD) != 0 ? rest[word] == '\0' : rest[word] == ' ' && rest[word + 1] != '\0';
}

static const struct kind *kind_of(const char *code) {
    size_t i;
    for (i = 0; i < KINDS; i++) {
        if ((kinds[i].flags & PREFIX) == 0) {
            if (strcmp(kinds[i].code, code) == 0) {
                return &kinds[i];
            }
        } else if (text_starts(code, kinds[i].code)) {
            return good_vendor_code(&kinds[i], code) ? &kinds[i] : NULL;
        }
    }
    return NULL;
}

/* The event that an `M` event needs, NULL if none. It stands before it in the table. */
static const struct kind *partner_of(const struct kind *kind) {
    const struct kind *partner = kind;
    if ((kind->flags & METHOD) == 0) {
        return NULL;
    }
    while (partner > kinds && partner[-1].group == kind->group) {
        partner--;
    }
    return (partner->flags & METHOD) == 0 ? partner : NULL;
}

/* Six upper-case hexadecimal digits: the one form of a vendor that CWMP before 1.2 knows. */
static bool is_oui(const char *text) {
    return strspn(text, "0123456789ABCDEF") == 6 && text[6] == ' ';
}

static bool known_to(const struct entry *entry, int version) {
    const bool named = (entry->kind->flags & (PREFIX | METHOD)) == PREFIX && !is_oui(entry->code + 2);
    return version >= (named ? 12 : entry->kind->since);
}

/* ---- The store -------------------------------------------------------------------------------- */

static void store_key(const struct entry *entry, char out[STORE_KEY_SIZE]) {
    (void) snprintf(out, STORE_KEY_SIZE, KEYS "%08x", (unsigned) entry->serial);
}

static int keep(struct events *events, struct entry *entry) {
    char key[STORE_KEY_SIZE], value[CODE_SIZE + KEY_SIZE + 8];
    int r;
    store_key(entry, key);
    (void) snprintf(value, sizeof value, "%s %s\n%s", entry->after_boot ? "boot" : "now", entry->code,
                    entry->command_key);
    r = store_put(events->store, key, value);
    if (r == 0) {
        entry->stored = true;
    }
    return r;
}

static void unkeep(struct events *events, const struct entry *entry) {
    char key[STORE_KEY_SIZE];
    if (entry->stored) {
        store_key(entry, key);
        (void) store_put(events->store, key, NULL);
    }
}

/* ---- The queue -------------------------------------------------------------------------------- */

static struct entry *find(const struct events *events, const char *code, bool after_boot, bool sent) {
    size_t i;
    for (i = 0; i < events->count; i++) {
        struct entry *entry = &events->entries[i];
        if (entry->after_boot == after_boot && entry->sent == sent && strcmp(entry->code, code) == 0) {
            return entry;
        }
    }
    return NULL;
}

static void drop(struct events *events, size_t i) {
    unkeep(events, &events->entries[i]);
    events->count--;
    memmove(&events->entries[i], &events->entries[i + 1], (events->count - i) * sizeof *events->entries);
}

/* A full queue gives up the oldest `X` event that is not under way: all others must be delivered, or
 * are so few that they do not fill it. */
static int make_room(struct events *events) {
    size_t i;
    if (events->count >= EVENTS_MAX) {
        for (i = 0; i < events->count; i++) {
            const struct entry *entry = &events->entries[i];
            if ((entry->kind->flags & (PREFIX | METHOD)) == PREFIX && !entry->sent) {
                log_warning("the queue is full, event \"%s\" is dropped", entry->code);
                drop(events, i);
                return 0;
            }
        }
        return -ENOSPC;
    }
    if (events->count == events->capacity) {
        const size_t capacity = events->capacity > 0 ? 2 * events->capacity : 8;
        struct entry *entries = realloc(events->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return -ENOMEM;
        }
        events->entries = entries;
        events->capacity = capacity;
    }
    return 0;
}

static void insert(struct events *events, const struct entry *entry) {
    size_t i = events->count;
    while (i > 0 &&
           (events->entries[i - 1].kind > entry->kind ||
            (events->entries[i - 1].kind == entry->kind && events->entries[i - 1].serial > entry->serial))) {
        i--;
    }
    memmove(&events->entries[i + 1], &events->entries[i], (events->count - i) * sizeof *events->entries);
    events->entries[i] = *entry;
    events->count++;
}

static int append(struct events *events, const struct kind *kind, const char *code, const char *command_key,
                  bool after_boot) {
    struct entry entry = {.kind = kind, .after_boot = after_boot};
    int r;
    if ((kind->flags & METHOD) == 0 && find(events, code, after_boot, false) != NULL) {
        return 0; /* merged */
    }
    r = make_room(events);
    if (r < 0) {
        return r;
    }
    (void) text_copy(entry.code, sizeof entry.code, code);
    (void) text_copy(entry.command_key, sizeof entry.command_key, command_key);
    entry.serial = events->serial;
    if (after_boot || (kind->flags & STORED) != 0) {
        r = keep(events, &entry);
        if (r < 0) {
            return r;
        }
    }
    events->serial++;
    insert(events, &entry);
    return 0;
}

/* The event that this `M` event needs, if it is not queued (sent or not). */
static int append_partner(struct events *events, const struct kind *method) {
    const struct kind *partner = partner_of(method);
    if (partner == NULL || find(events, partner->code, false, false) != NULL ||
        find(events, partner->code, false, true) != NULL) {
        return 0;
    }
    return append(events, partner, partner->code, "", false);
}

static void append_partners(struct events *events) {
    size_t i;
    for (i = 0; i < events->count; i++) {
        const struct entry *entry = &events->entries[i];
        const struct kind *kind = entry->kind;
        if (!entry->after_boot && append_partner(events, kind) < 0) {
            log_error("no room for the event that \"%s\" needs", kind->code);
        }
    }
}

/* A single-type event that arose anew while it was under way is queued twice: one of them goes. */
static void collapse(struct events *events) {
    size_t i, j;
    for (i = 0; i < events->count; i++) {
        const struct entry *entry = &events->entries[i];
        for (j = i + 1; (entry->kind->flags & METHOD) == 0 && j < events->count &&
                        events->entries[j].kind == entry->kind;) {
            if (events->entries[j].after_boot == entry->after_boot &&
                strcmp(events->entries[j].code, entry->code) == 0) {
                drop(events, j);
            } else {
                j++;
            }
        }
    }
}

/* Does any `M` event of the group wait or stand under way? */
static bool has_method(const struct events *events, const struct kind *kind, int version) {
    size_t i;
    for (i = 0; i < events->count; i++) {
        const struct entry *entry = &events->entries[i];
        if (entry->kind->group == kind->group && (entry->kind->flags & METHOD) != 0 && !entry->after_boot &&
            known_to(entry, version)) {
            return true;
        }
    }
    return false;
}

/* Can it stand in an Inform of this version at all? */
static bool ready(const struct events *events, const struct entry *entry, int version) {
    return !entry->after_boot && known_to(entry, version) &&
           ((entry->kind->flags & NEEDS_METHOD) == 0 || has_method(events, entry->kind, version));
}

/* ---- Making and loading ----------------------------------------------------------------------- */

struct loading {
    struct events *events;
    bool booted;
};

/* "now CODE\nKEY" or "boot CODE\nKEY" */
static bool parse_entry(const char *value, struct entry *entry) {
    const char *code, *end;
    if (text_starts(value, "now ")) {
        code = value + strlen("now ");
    } else if (text_starts(value, "boot ")) {
        code = value + strlen("boot ");
        entry->after_boot = true;
    } else {
        return false;
    }
    end = strchr(code, '\n');
    if (end == NULL || (size_t) (end - code) >= sizeof entry->code) {
        return false;
    }
    memcpy(entry->code, code, (size_t) (end - code));
    entry->kind = kind_of(entry->code);
    return entry->kind != NULL && text_copy(entry->command_key, sizeof entry->command_key, end + 1);
}

static int load_entry(void *user, const char *key, const char *value) {
    const struct loading *loading = user;
    struct events *events = loading->events;
    struct entry entry = {.stored = true};
    char *end;
    const unsigned long serial = strtoul(key + strlen(KEYS), &end, 16);
    int r;
    if (end != key + STORE_KEY_SIZE - 1 || *end != '\0' || serial >= UINT32_MAX ||
        !parse_entry(value, &entry)) {
        log_warning("the store has an event that is none (%s)", key);
        return 0;
    }
    entry.serial = (uint32_t) serial;
    if (entry.serial >= events->serial) {
        events->serial = entry.serial + 1;
    }
    r = make_room(events);
    if (r == 0) {
        insert(events, &entry);
    }
    return r == -ENOSPC ? 0 : r;
}

/* What waited for this boot is pending now, also if the client is started once more before it is sent. */
static int release(struct events *events) {
    size_t i;
    int r;
    for (i = 0; i < events->count; i++) {
        struct entry *entry = &events->entries[i];
        if (entry->after_boot) {
            entry->after_boot = false;
            r = keep(events, entry);
            if (r < 0) {
                return r;
            }
        }
    }
    return 0;
}

int events_new(struct store *store, bool booted, struct events **ret_events) {
    struct events *events = calloc(1, sizeof *events);
    struct loading loading = {events, booted};
    int r;
    if (events == NULL) {
        return -ENOMEM;
    }
    events->store = store;
    r = store_each(store, KEYS, load_entry, &loading);
    if (r == 0 && booted) {
        r = release(events);
    }
    if (r < 0) {
        events_free(events);
        return r;
    }
    collapse(events);
    append_partners(events);
    *ret_events = events;
    return 0;
}

void events_free(struct events *events) {
    if (events != NULL) {
        free(events->entries);
        free(events);
    }
}

void events_forget(struct events *events) {
    events->count = 0;
    (void) store_remove_all(events->store, KEYS);
}

/* ---- Adding and asking ------------------------------------------------------------------------ */

/* A new ACS is not told what the one before it did not hear; that the box booted is news to it, too. */
static void discard_for_bootstrap(struct events *events) {
    size_t i;
    for (i = events->count; i-- > 0;) {
        if (strcmp(events->entries[i].code, "1 BOOT") != 0 || events->entries[i].after_boot) {
            drop(events, i);
        }
    }
}

int events_add(struct events *events, const char *code, const char *command_key, enum tr069_event_when when) {
    const struct kind *kind = kind_of(code);
    const bool after_boot = when == TR069_AFTER_BOOT;
    int r;
    if (command_key == NULL) {
        command_key = "";
    }
    if (kind == NULL || ((kind->flags & METHOD) == 0 && command_key[0] != '\0') ||
        text_utf8_count(command_key, strlen(command_key)) > TR069_COMMAND_KEY_MAX) {
        return -EINVAL;
    }
    if (kind == &kinds[0] && !after_boot && find(events, code, false, false) == NULL) {
        discard_for_bootstrap(events);
    }
    r = append(events, kind, code, command_key, after_boot);
    return r < 0 || after_boot ? r : append_partner(events, kind);
}

bool events_deliverable(const char *code) {
    const struct kind *kind = kind_of(code);
    return kind != NULL && ((kind->flags & BY_COMPLETED) == 0 || kind->group == kind_of("M Download")->group);
}

bool events_pending(const struct events *events) {
    size_t i;
    for (i = 0; i < events->count; i++) {
        const struct entry *entry = &events->entries[i];
        if (!entry->sent && !entry->held && ready(events, entry, INT32_MAX)) {
            return true;
        }
    }
    return false;
}

bool events_has(const struct events *events, const char *code) {
    return find(events, code, false, false) != NULL || find(events, code, false, true) != NULL;
}

/* ---- A session -------------------------------------------------------------------------------- */

int events_take(struct events *events, int cwmp_version, struct event **ret_list) {
    size_t most, i;
    int count = 0, group = -1; /* of the last event taken that `M` events may follow */
    struct event *list;
    struct taken *texts;
    collapse(events);
    most = events->count < EVENTS_MAX_INFORM ? events->count : EVENTS_MAX_INFORM;
    list = malloc(most * (sizeof *list + sizeof *texts) + 1);
    if (list == NULL) {
        return -ENOMEM;
    }
    texts = (struct taken *) (void *) (list + most);
    for (i = 0; i < events->count; i++) {
        struct entry *entry = &events->entries[i];
        const unsigned flags = entry->kind->flags;
        const int room = EVENTS_MAX_INFORM - count;
        bool take = ready(events, entry, cwmp_version);
        if (!entry->after_boot) {
            entry->held = !take;
        }
        take &= room >= ((flags & NEEDS_METHOD) != 0 ? 2 : 1) && ((flags & ALONE) == 0 || count == 0);
        if (partner_of(entry->kind) != NULL) {
            take &= group == entry->kind->group;
        }
        if (take) {
            group = entry->kind->group;
            entry->sent = true;
            memcpy(texts[count].code, entry->code, sizeof entry->code);
            memcpy(texts[count].command_key, entry->command_key, sizeof entry->command_key);
            list[count].code = texts[count].code;
            list[count].command_key = texts[count].command_key;
            count++;
            if ((flags & ALONE) != 0) {
                break;
            }
        }
    }
    *ret_list = list;
    return count;
}

void events_informed(struct events *events) {
    size_t i;
    for (i = events->count; i-- > 0;) {
        if (events->entries[i].sent && (events->entries[i].kind->flags & BY_COMPLETED) == 0) {
            drop(events, i);
        }
    }
    append_partners(events); /* of `M` events that did not fit */
}

/* The oldest one with this key, of several one that was sent; events->count if there is none. */
static size_t find_completed(const struct events *events, const char *code, const char *command_key) {
    size_t i, found = events->count;
    for (i = 0; i < events->count; i++) {
        const struct entry *entry = &events->entries[i];
        if (!entry->after_boot && strcmp(entry->code, code) == 0 &&
            strcmp(entry->command_key, command_key) == 0 &&
            (found == events->count || (entry->sent && !events->entries[found].sent))) {
            found = i;
        }
    }
    return found;
}

void events_completed(struct events *events, const char *code, const char *command_key) {
    const size_t found = find_completed(events, code, command_key != NULL ? command_key : "");
    const struct kind *kind, *partner;
    size_t i;
    if (found == events->count) {
        return;
    }
    kind = events->entries[found].kind;
    partner = partner_of(kind);
    drop(events, found);
    if (partner == NULL || (partner->flags & BY_COMPLETED) == 0 || has_method(events, kind, INT32_MAX)) {
        return;
    }
    for (i = events->count; i-- > 0;) {
        if (events->entries[i].kind == partner && !events->entries[i].after_boot) {
            drop(events, i);
        }
    }
}

void events_failed(struct events *events) {
    size_t i;
    for (i = events->count; i-- > 0;) {
        struct entry *entry = &events->entries[i];
        if (entry->sent && (entry->kind->flags & NO_RETRY) != 0) {
            drop(events, i);
            continue;
        }
        if ((entry->kind->flags & STORED_LATE) != 0 && !entry->stored && keep(events, entry) < 0) {
            log_warning("no room in the store for the event \"%s\"", entry->code);
        }
        entry->sent = false;
    }
    collapse(events);
}
