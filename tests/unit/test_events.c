/* core/cwmp/events */
#include <config.h>

#include "cwmp/events.h"

#include "base/log.h"
#include "cunit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct store *store;
static struct events *events;

static void fresh(void) {
    events_free(events);
    store_free(store);
    CU_ASSERT_EQUAL_FATAL(store_open(NULL, &store, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(events_new(store, false, &events), 0);
}

/* The client is started again: what only memory knew is gone. */
static void restart(bool booted) {
    events_free(events);
    events = NULL;
    CU_ASSERT_EQUAL_FATAL(events_new(store, booted, &events), 0);
}

static void add(const char *code) {
    CU_ASSERT_EQUAL(events_add(events, code, "", TR069_NOW), 0);
}

static void add_key(const char *code, const char *key) {
    CU_ASSERT_EQUAL(events_add(events, code, key, TR069_NOW), 0);
}

/* "0 BOOTSTRAP|1 BOOT|M Reboot k" */
static const char *taken(int version) {
    static char text[8192];
    struct event *list = NULL;
    const int count = events_take(events, version, &list);
    size_t length = 0;
    int i;
    text[0] = '\0';
    for (i = 0; i < count; i++) {
        length +=
            (size_t) snprintf(text + length, sizeof text - length, "%s%s%s%s", i > 0 ? "|" : "", list[i].code,
                              list[i].command_key[0] != '\0' ? " " : "", list[i].command_key);
    }
    free(list);
    return text;
}

static size_t stored_count;

static int count_stored(void *user, const char *key, const char *value) {
    (void) user;
    (void) key;
    (void) value;
    stored_count++;
    return 0;
}

static size_t stored(void) {
    stored_count = 0;
    (void) store_each(store, "event/", count_stored, NULL);
    return stored_count;
}

/* ---- The table, event by event ---------------------------------------------------------------- */

static const struct {
    const char *code;
    bool method;
    bool informed;        /* delivered by the InformResponse */
    bool retried;         /* after a failed session */
    bool survives;        /* a restart before any session */
    bool survives_failed; /* a restart after a failed session */
    int since;
    const char *needs, *method_of; /* its `M` event; the event that it is the `M` event of */
} table[] = {
    {"0 BOOTSTRAP", false, true, true, true, true, 10, NULL, NULL},
    {"1 BOOT", false, true, true, false, false, 10, NULL, NULL},
    {"2 PERIODIC", false, true, true, false, true, 10, NULL, NULL},
    {"3 SCHEDULED", false, true, true, true, true, 10, "M ScheduleInform", NULL},
    {"4 VALUE CHANGE", false, true, true, false, false, 10, NULL, NULL},
    {"5 KICKED", false, false, true, false, false, 10, NULL, NULL},
    {"6 CONNECTION REQUEST", false, true, false, false, false, 10, NULL, NULL},
    {"7 TRANSFER COMPLETE", false, false, true, true, true, 10, "M Download", NULL},
    {"8 DIAGNOSTICS COMPLETE", false, true, true, false, false, 10, NULL, NULL},
    {"9 REQUEST DOWNLOAD", false, false, true, false, false, 10, NULL, NULL},
    {"10 AUTONOMOUS TRANSFER COMPLETE", false, false, true, true, true, 11, NULL, NULL},
    {"11 DU STATE CHANGE COMPLETE", false, false, true, true, true, 12, "M ChangeDUState", NULL},
    {"12 AUTONOMOUS DU STATE CHANGE COMPLETE", false, false, true, true, true, 12, NULL, NULL},
    {"13 WAKEUP", false, true, true, false, false, 14, NULL, NULL},
    {"14 HEARTBEAT", false, true, false, false, false, 14, NULL, NULL},
    {"M Reboot", true, true, true, true, true, 10, NULL, "1 BOOT"},
    {"M ScheduleInform", true, true, true, true, true, 10, NULL, "3 SCHEDULED"},
    {"M Download", true, false, true, true, true, 10, NULL, "7 TRANSFER COMPLETE"},
    {"M ScheduleDownload", true, false, true, true, true, 12, NULL, "7 TRANSFER COMPLETE"},
    {"M Upload", true, false, true, true, true, 10, NULL, "7 TRANSFER COMPLETE"},
    {"M ChangeDUState", true, false, true, true, true, 12, NULL, "11 DU STATE CHANGE COMPLETE"},
    {"M X_0A1B2C_Fly", true, true, true, true, true, 10, NULL, NULL},
    {"X 0A1B2C the sky falls", false, true, true, false, true, 10, NULL, NULL},
    {"X ACME-COM the sky falls", false, true, true, false, true, 12, NULL, NULL},
};

static void add_row(size_t i) {
    add_key(table[i].code, table[i].method ? "k" : "");
    if (table[i].needs != NULL) {
        add_key(table[i].needs, "k");
    }
}

static void each_is_delivered_by_its_own(void) {
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        fresh();
        add_row(i);
        CU_ASSERT_TRUE(events_pending(events));
        CU_ASSERT_PTR_NOT_NULL(strstr(taken(14), table[i].code));
        CU_ASSERT_FALSE(events_pending(events)); /* it is under way */
        CU_ASSERT_TRUE(events_has(events, table[i].code));
        events_informed(events);
        CU_ASSERT_EQUAL(events_has(events, table[i].code), !table[i].informed);
        CU_ASSERT_FALSE(events_pending(events));
        if (!table[i].informed) {
            events_completed(events, table[i].code, "not this one");
            CU_ASSERT_TRUE(events_has(events, table[i].code));
            if (table[i].needs != NULL) {
                events_completed(events, table[i].needs, "k");
            } else {
                events_completed(events, table[i].code, table[i].method ? "k" : NULL);
            }
            CU_ASSERT_FALSE(events_has(events, table[i].code));
        }
        CU_ASSERT_EQUAL(stored(), 0); /* what was delivered is forgotten on disk, too */
        restart(false);
        CU_ASSERT_FALSE(events_pending(events));
    }
}

static void each_is_retried_or_not(void) {
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        fresh();
        add_row(i);
        (void) taken(14);
        events_failed(events);
        CU_ASSERT_EQUAL(events_has(events, table[i].code), table[i].retried);
        CU_ASSERT_EQUAL(events_pending(events), table[i].retried);
        CU_ASSERT_EQUAL(strstr(taken(14), table[i].code) != NULL, table[i].retried);
    }
}

static void each_survives_or_not(void) {
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        int failed;
        for (failed = 0; failed < 2; failed++) {
            int booted;
            for (booted = 0; booted < 2; booted++) {
                const bool survives = failed == 1 ? table[i].survives_failed : table[i].survives;
                fresh();
                add_row(i);
                if (failed == 1) {
                    (void) taken(14);
                    events_failed(events);
                }
                restart(booted == 1);
                CU_ASSERT_EQUAL(events_has(events, table[i].code), survives);
                CU_ASSERT_EQUAL(events_pending(events), survives);
                /* also when it was sent, and the power went before the answer came */
                fresh();
                add_row(i);
                (void) taken(14);
                restart(booted == 1);
                CU_ASSERT_EQUAL(events_pending(events), table[i].survives);
            }
        }
    }
}

static void each_waits_for_its_version(void) {
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        int version;
        for (version = 10; version <= 14; version++) {
            fresh();
            add_row(i);
            CU_ASSERT_EQUAL(strstr(taken(version), table[i].code) != NULL, version >= table[i].since);
            /* what this ACS cannot know starts no sessions, but it is not lost */
            CU_ASSERT_FALSE(events_pending(events));
            CU_ASSERT_TRUE(events_has(events, table[i].code));
            events_informed(events);
            if (version < table[i].since) {
                CU_ASSERT_FALSE(events_pending(events));
                CU_ASSERT_PTR_NOT_NULL(strstr(taken(14), table[i].code));
            }
        }
    }
}

static void each_merges_or_not(void) {
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *first;
        fresh();
        add_row(i);
        add_row(i);
        first = strstr(taken(14), table[i].code);
        CU_ASSERT_PTR_NOT_NULL_FATAL(first);
        CU_ASSERT_EQUAL(strstr(first + 1, table[i].code) != NULL, table[i].method);
    }
}

/* An `M` event brings what it needs; an event that needs one does not stand without it. */
static void each_comes_with_its_partner(void) {
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].method_of != NULL) {
            char expected[200];
            fresh();
            add_key(table[i].code, "k");
            (void) snprintf(expected, sizeof expected, "%s|%s k", table[i].method_of, table[i].code);
            CU_ASSERT_STRING_EQUAL(taken(14), expected);
            restart(false);
            CU_ASSERT_STRING_EQUAL(taken(14), expected);
        }
        if (table[i].needs != NULL) {
            fresh();
            add(table[i].code);
            CU_ASSERT_FALSE(events_pending(events));
            CU_ASSERT_STRING_EQUAL(taken(14), "");
        }
    }
}

/* ---- Together --------------------------------------------------------------------------------- */

static void orders_as_the_standard(void) {
    fresh();
    add("X 0A1B2C b");
    add("13 WAKEUP");
    add_key("M Upload", "u");
    add_key("M Download", "d2");
    add_key("M Download", "d1");
    add("10 AUTONOMOUS TRANSFER COMPLETE");
    add("8 DIAGNOSTICS COMPLETE");
    add("6 CONNECTION REQUEST");
    add("X 0A1B2C a");
    add("4 VALUE CHANGE");
    add_key("M ScheduleInform", "s");
    add("2 PERIODIC");
    add_key("M Reboot", "r");
    add("1 BOOT");
    CU_ASSERT_STRING_EQUAL(
        taken(14), "1 BOOT|M Reboot r|2 PERIODIC|3 SCHEDULED|M ScheduleInform s|4 VALUE CHANGE|"
                   "6 CONNECTION REQUEST|7 TRANSFER COMPLETE|M Download d2|M Download d1|M Upload u|"
                   "8 DIAGNOSTICS COMPLETE|10 AUTONOMOUS TRANSFER COMPLETE|13 WAKEUP|X 0A1B2C b|X 0A1B2C a");
    events_informed(events);
    CU_ASSERT_STRING_EQUAL(taken(14), "7 TRANSFER COMPLETE|M Download d2|M Download d1|M Upload u|"
                                      "10 AUTONOMOUS TRANSFER COMPLETE");
    events_completed(events, "M Download", "d1");
    events_completed(events, "M Download", "d1"); /* twice is once */
    CU_ASSERT_STRING_EQUAL(taken(14), "7 TRANSFER COMPLETE|M Download d2|M Upload u|"
                                      "10 AUTONOMOUS TRANSFER COMPLETE");
    events_completed(events, "M Download", "d2");
    events_completed(events, "M Upload", "d2"); /* no such key */
    CU_ASSERT_TRUE(events_has(events, "7 TRANSFER COMPLETE"));
    events_completed(events, "M Upload", "u");
    CU_ASSERT_STRING_EQUAL(taken(14), "10 AUTONOMOUS TRANSFER COMPLETE");
    CU_ASSERT_EQUAL(stored(), 1);
    events_completed(events, "no event", "u");
}

/* The list outlives the queue: a change may arise while the Inform is being written. */
static void lends_a_list_that_stays(void) {
    struct event *list;
    int i;
    fresh();
    add_key("M Download", "key");
    add("X 0A1B2C text");
    CU_ASSERT_EQUAL_FATAL(events_take(events, 14, &list), 3);
    for (i = 0; i < 50; i++) {
        add_key("M Reboot", "other");
    }
    events_completed(events, "M Download", "key");
    events_informed(events);
    CU_ASSERT_STRING_EQUAL(list[0].code, "7 TRANSFER COMPLETE");
    CU_ASSERT_STRING_EQUAL(list[1].code, "M Download");
    CU_ASSERT_STRING_EQUAL(list[1].command_key, "key");
    CU_ASSERT_STRING_EQUAL(list[2].code, "X 0A1B2C text");
    free(list);
}

static void removes_one_of_equal_keys(void) {
    fresh();
    add_key("M Download", "");
    add_key("M Download", "");
    CU_ASSERT_STRING_EQUAL(taken(14), "7 TRANSFER COMPLETE|M Download|M Download");
    events_completed(events, "M Download", "");
    CU_ASSERT_STRING_EQUAL(taken(14), "7 TRANSFER COMPLETE|M Download");
    events_completed(events, "M Download", "");
    CU_ASSERT_STRING_EQUAL(taken(14), "");
}

static void keeps_what_arises_in_a_session(void) {
    fresh();
    add("2 PERIODIC");
    add("4 VALUE CHANGE");
    add_key("M ScheduleInform", "one");
    (void) taken(14);
    add("2 PERIODIC");
    add("8 DIAGNOSTICS COMPLETE");
    add_key("M ScheduleInform", "two");
    CU_ASSERT_TRUE(events_pending(events));
    events_informed(events); /* speaks of the first only */
    CU_ASSERT_TRUE(events_pending(events));
    CU_ASSERT_STRING_EQUAL(taken(14), "2 PERIODIC|3 SCHEDULED|M ScheduleInform two|8 DIAGNOSTICS COMPLETE");
    events_informed(events);
    CU_ASSERT_FALSE(events_pending(events));

    /* and when the session fails it is one event all the same */
    add("2 PERIODIC");
    add("6 CONNECTION REQUEST");
    (void) taken(14);
    add("2 PERIODIC");
    add("6 CONNECTION REQUEST");
    events_failed(events);
    CU_ASSERT_STRING_EQUAL(taken(14),
                           "2 PERIODIC|6 CONNECTION REQUEST"); /* the second request was not tried */
    events_failed(events);
    CU_ASSERT_STRING_EQUAL(taken(14), "2 PERIODIC");
}

/* A transfer that ended and was reported within one session needs no event. */
static void forgets_what_was_reported_at_once(void) {
    fresh();
    add("2 PERIODIC");
    (void) taken(14);
    add_key("M Download", "k");
    events_informed(events);
    CU_ASSERT_TRUE(events_pending(events));
    events_completed(events, "M Download", "k");
    CU_ASSERT_FALSE(events_pending(events));
    CU_ASSERT_EQUAL(stored(), 0);
}

/* The ACS refused the TransferComplete: not a reason to call at once, but to tell it again. */
static void takes_unreported_transfers_along(void) {
    fresh();
    add_key("M Download", "k");
    (void) taken(14);
    events_informed(events);
    CU_ASSERT_FALSE(events_pending(events));
    add("2 PERIODIC");
    CU_ASSERT_STRING_EQUAL(taken(14), "2 PERIODIC|7 TRANSFER COMPLETE|M Download k");
    events_informed(events);
    restart(true);
    CU_ASSERT_TRUE(events_pending(events));
}

static void discards_for_a_bootstrap(void) {
    fresh();
    add("1 BOOT");
    add_key("M Reboot", "r");
    add("2 PERIODIC");
    add("6 CONNECTION REQUEST");
    add_key("M Download", "d");
    CU_ASSERT_EQUAL(events_add(events, "M Reboot", "later", TR069_AFTER_BOOT), 0);
    (void) taken(14); /* also what is under way */
    add("0 BOOTSTRAP");
    CU_ASSERT_STRING_EQUAL(taken(14), "0 BOOTSTRAP|1 BOOT");
    CU_ASSERT_EQUAL(stored(), 1);
    add("4 VALUE CHANGE"); /* what comes after it stays */
    add_key("M Upload", "u");
    events_failed(events);
    add("0 BOOTSTRAP"); /* still the same one */
    CU_ASSERT_STRING_EQUAL(taken(14), "0 BOOTSTRAP|1 BOOT|4 VALUE CHANGE|7 TRANSFER COMPLETE|M Upload u");
    restart(true);
    CU_ASSERT_STRING_EQUAL(taken(14), "0 BOOTSTRAP|7 TRANSFER COMPLETE|M Upload u");
    events_informed(events);
    restart(true);
    CU_ASSERT_STRING_EQUAL(taken(14), "7 TRANSFER COMPLETE|M Upload u"); /* BST-08 */
}

static void waits_for_the_boot(void) {
    fresh();
    CU_ASSERT_EQUAL(events_add(events, "M Reboot", "k\n1 \"&", TR069_AFTER_BOOT), 0);
    CU_ASSERT_EQUAL(events_add(events, "8 DIAGNOSTICS COMPLETE", NULL, TR069_AFTER_BOOT), 0);
    CU_ASSERT_FALSE(events_pending(events));
    CU_ASSERT_FALSE(events_has(events, "M Reboot"));
    CU_ASSERT_STRING_EQUAL(taken(14), "");
    add("2 PERIODIC");
    CU_ASSERT_STRING_EQUAL(taken(14), "2 PERIODIC");
    events_informed(events);
    restart(false); /* the client alone */
    CU_ASSERT_FALSE(events_pending(events));
    restart(true);
    add("1 BOOT");
    CU_ASSERT_STRING_EQUAL(taken(14), "1 BOOT|M Reboot k\n1 \"&|8 DIAGNOSTICS COMPLETE");
    restart(false); /* it crashed: that boot was not told yet */
    CU_ASSERT_STRING_EQUAL(taken(14), "1 BOOT|M Reboot k\n1 \"&|8 DIAGNOSTICS COMPLETE");
    events_informed(events);
    restart(true);
    CU_ASSERT_FALSE(events_pending(events));
}

static void sends_64_at_most(void) {
    char key[20];
    const char *text;
    size_t i;
    int count;
    struct event *list;
    fresh();
    add("1 BOOT");
    for (i = 0; i < 100; i++) {
        (void) snprintf(key, sizeof key, "s%zu", i);
        add_key("M ScheduleInform", key);
    }
    add_key("M Download", "d");
    count = events_take(events, 14, &list);
    CU_ASSERT_EQUAL(count, 64);
    CU_ASSERT_STRING_EQUAL(list[1].code, "3 SCHEDULED");
    CU_ASSERT_STRING_EQUAL(list[63].command_key, "s61");
    free(list);
    events_informed(events);
    CU_ASSERT_TRUE(events_pending(events)); /* the rest in the next session */
    count = events_take(events, 14, &list);
    CU_ASSERT_EQUAL_FATAL(count, 1 + 38 + 2);
    CU_ASSERT_STRING_EQUAL(list[0].code, "3 SCHEDULED"); /* which needs it again */
    CU_ASSERT_STRING_EQUAL(list[1].command_key, "s62");
    CU_ASSERT_STRING_EQUAL(list[39].code, "7 TRANSFER COMPLETE");
    free(list);
    events_informed(events);
    CU_ASSERT_FALSE(events_pending(events));
    /* one place is too few for an event and its `M` event */
    fresh();
    for (i = 0; i < 62; i++) {
        (void) snprintf(key, sizeof key, "s%zu", i);
        add_key("M ScheduleInform", key);
    }
    add_key("M Download", "d");
    add("8 DIAGNOSTICS COMPLETE");
    text = taken(14);
    CU_ASSERT_PTR_NULL(strstr(text, "TRANSFER"));
    CU_ASSERT_PTR_NULL(strstr(text, "M Download"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "|8 DIAGNOSTICS COMPLETE"));
    events_informed(events);
    CU_ASSERT_STRING_EQUAL(taken(14), "7 TRANSFER COMPLETE|M Download d");
}

static void a_heartbeat_stands_alone(void) {
    fresh();
    add("14 HEARTBEAT");
    add("2 PERIODIC");
    CU_ASSERT_STRING_EQUAL(taken(14), "2 PERIODIC");
    events_informed(events);
    CU_ASSERT_TRUE(events_pending(events));
    CU_ASSERT_STRING_EQUAL(taken(14), "14 HEARTBEAT");
    events_informed(events);
    CU_ASSERT_FALSE(events_pending(events));
}

static void leaves_out_partners_of_unknown_methods(void) {
    fresh();
    add_key("M ScheduleDownload", "k");
    CU_ASSERT_STRING_EQUAL(taken(11), "");
    CU_ASSERT_FALSE(events_pending(events));
    add_key("M Download", "d");
    CU_ASSERT_TRUE(events_pending(events));
    CU_ASSERT_STRING_EQUAL(taken(11), "7 TRANSFER COMPLETE|M Download d");
    events_completed(events, "M Download", "d");
    CU_ASSERT_STRING_EQUAL(taken(11), "");
    CU_ASSERT_STRING_EQUAL(taken(12), "7 TRANSFER COMPLETE|M ScheduleDownload k");
}

static void is_full_in_the_end(void) {
    char key[40];
    size_t i;
    fresh();
    for (i = 0; i < EVENTS_MAX; i++) {
        (void) snprintf(key, sizeof key, "X 0A1B2C %zu", i);
        add(key);
    }
    add("1 BOOT"); /* the oldest of the vendor's goes */
    CU_ASSERT_FALSE(events_has(events, "X 0A1B2C 0"));
    CU_ASSERT_TRUE(events_has(events, "X 0A1B2C 1"));
    for (i = 0; i < EVENTS_MAX - 2; i++) {
        (void) snprintf(key, sizeof key, "%zu", i);
        add_key("M Download", key);
    }
    CU_ASSERT_FALSE(events_has(events, "X 0A1B2C 255"));
    CU_ASSERT_EQUAL(events_add(events, "M Download", "one more", TR069_NOW), -ENOSPC);
    CU_ASSERT_EQUAL(events_add(events, "X 0A1B2C a", NULL, TR069_NOW), -ENOSPC);
    CU_ASSERT_EQUAL(events_add(events, "1 BOOT", NULL, TR069_NOW), 0); /* merges */
    CU_ASSERT_EQUAL(stored(), EVENTS_MAX - 1);
    restart(false);
    CU_ASSERT_EQUAL(stored(), EVENTS_MAX - 1);
    CU_ASSERT_TRUE(events_has(events, "7 TRANSFER COMPLETE"));
    events_forget(events);
    CU_ASSERT_EQUAL(stored(), 0);
    CU_ASSERT_FALSE(events_pending(events));
}

static void refuses_what_is_no_event(void) {
    static const char *const bad[] = {"",
                                      "1 boot",
                                      "15 NEW",
                                      "BOOT",
                                      "M",
                                      "M ",
                                      "M Fly",
                                      "M X_",
                                      "M X_A b",
                                      "X",
                                      "X ",
                                      "X A",
                                      "X A ",
                                      "X  a",
                                      "X 0A1B2C a\nb",
                                      "X 0A1B2C \xC3\xA4",
                                      "X 0A1B2C 4567890123456789012345678901234567890123456789012345678965"};
    size_t i;
    fresh();
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(events_add(events, bad[i], "", TR069_NOW), -EINVAL);
    }
    CU_ASSERT_EQUAL(events_add(events, "1 BOOT", "key", TR069_NOW), -EINVAL);
    CU_ASSERT_EQUAL(events_add(events, "M Reboot", "123456789012345678901234567890123", TR069_NOW), -EINVAL);
    CU_ASSERT_FALSE(events_pending(events));
    /* 32 characters, in up to 128 octets */
    add_key("M Reboot", "\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA"
                        "\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA"
                        "\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA"
                        "\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA"
                        "\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA"
                        "\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA"
                        "\xF0\x9F\x93\xBA\xF0\x9F\x93\xBA");
    restart(false);
    CU_ASSERT_TRUE(events_has(events, "M Reboot"));
    events_completed(events, "M Reboot", "x");
    events_free(NULL);
}

static void stands_a_foreign_store(void) {
    static const char *const bad[] = {
        "", "now", "now 1 BOOT", "now 99 NEW\n", "later 1 BOOT\n", "now M Fly\nk"};
    char key[40];
    size_t i;
    fresh();
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void) snprintf(key, sizeof key, "event/%08zx", i);
        CU_ASSERT_EQUAL(store_put(store, key, bad[i]), 0);
    }
    CU_ASSERT_EQUAL(store_put(store, "event/", "now 0 BOOTSTRAP\n"), 0);
    CU_ASSERT_EQUAL(store_put(store, "event/zz", "now 0 BOOTSTRAP\n"), 0);
    CU_ASSERT_EQUAL(store_put(store, "event/ffffffffff", "now 0 BOOTSTRAP\n"), 0);
    CU_ASSERT_EQUAL(store_put(store, "event/00000100", "now M Download\nk"), 0);
    restart(true);
    add_key("M Download", "l");
    CU_ASSERT_STRING_EQUAL(taken(14), "7 TRANSFER COMPLETE|M Download k|M Download l");
}

/* A box at rest writes nothing: a periodic Inform a minute would wear its flash out. */
static void spares_the_flash(void) {
    int i;
    fresh();
    CU_ASSERT_EQUAL(store_commit(store), 0);
    for (i = 0; i < 100; i++) {
        add("2 PERIODIC");
        add("6 CONNECTION REQUEST");
        add("4 VALUE CHANGE");
        (void) taken(14);
        events_informed(events);
        CU_ASSERT_FALSE(store_dirty(store));
    }
}

static void only_what_a_request_of_this_client_delivers_is_deliverable(void) {
    static const char *const never[] = {"5 KICKED",
                                        "9 REQUEST DOWNLOAD",
                                        "10 AUTONOMOUS TRANSFER COMPLETE",
                                        "11 DU STATE CHANGE COMPLETE",
                                        "M ChangeDUState",
                                        "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
                                        "none"};
    static const char *const good[] = {"1 BOOT",   "7 TRANSFER COMPLETE",    "M Download",   "M Upload",
                                       "M Reboot", "8 DIAGNOSTICS COMPLETE", "X 0A1B2C one", "M X_ME_Do",
                                       "13 WAKEUP"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        CU_ASSERT_FALSE(events_deliverable(never[i]));
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CU_ASSERT_TRUE(events_deliverable(good[i]));
    }
}

static CU_TestInfo rows[] = {
    {"each is delivered by its own response", each_is_delivered_by_its_own},
    {"each is retried or not", each_is_retried_or_not},
    {"each survives or not", each_survives_or_not},
    {"each waits for its version", each_waits_for_its_version},
    {"each merges or not", each_merges_or_not},
    {"each comes with its partner", each_comes_with_its_partner},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo together[] = {
    {"orders as the standard", orders_as_the_standard},
    {"lends a list that stays", lends_a_list_that_stays},
    {"removes one of equal keys", removes_one_of_equal_keys},
    {"keeps what arises in a session", keeps_what_arises_in_a_session},
    {"forgets what was reported at once", forgets_what_was_reported_at_once},
    {"takes unreported transfers along", takes_unreported_transfers_along},
    {"discards for a bootstrap", discards_for_a_bootstrap},
    {"deliverable", only_what_a_request_of_this_client_delivers_is_deliverable},
    {"waits for the boot", waits_for_the_boot},
    {"sends 64 at most", sends_64_at_most},
    {"a heartbeat stands alone", a_heartbeat_stands_alone},
    {"leaves out partners of unknown methods", leaves_out_partners_of_unknown_methods},
    {"is full in the end", is_full_in_the_end},
    {"refuses what is no event", refuses_what_is_no_event},
    {"stands a foreign store", stands_a_foreign_store},
    {"spares the flash", spares_the_flash},
    CU_TEST_INFO_NULL,
};

static void silent(void *user, enum log_level level, const char *room, const char *line) {
    (void) user;
    (void) level;
    (void) room;
    (void) line;
}

int main(void) {
    const struct log_setup log = {.level = LOG_LEVEL_ERROR, .sink = silent};
    CU_SuiteInfo suites[] = {CUNIT_SUITE("events, by the table", rows),
                             CUNIT_SUITE("events, together", together), CU_SUITE_INFO_NULL};
    int r;
    log_configure(&log);
    r = cunit_run(suites);
    events_free(events);
    store_free(store);
    return r;
}
