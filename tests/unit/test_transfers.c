/* core/cwmp/transfers: the queue, its rules over restarts, and a power cut after every step. */
#include <config.h>

#include <tr069/fake_directory.h>

#include "cwmp/transfers.h"

#include "cunit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct moment noon = {.mono_ms = 1000000, .wall_s = 1000000000, .utc_offset_s = 3600};

static struct tr069_transfer request(const char *key, const char *url, uint32_t delay) {
    struct tr069_transfer r = {.method = "Download",
                               .command_key = key,
                               .file_type = "1 Firmware Upgrade Image",
                               .url = url,
                               .username = "user name",
                               .password = "p%20 =\xc3\xa9\n",
                               .target_name = "",
                               .file_size = 12345,
                               .delay_s = delay};
    return r;
}

static struct moment later(uint64_t seconds) {
    struct moment m = noon;
    m.mono_ms += seconds * 1000;
    m.wall_s += (int64_t) seconds;
    return m;
}

static uint32_t add(struct transfers *transfers, const char *key, uint32_t delay, const struct moment *now) {
    struct tr069_transfer r = request(key, "http://files.example/a%20b?x=1", delay);
    struct tr069_fault fault = {0};
    uint32_t id = 0;
    CU_ASSERT_EQUAL_FATAL(transfers_add(transfers, &r, now, &id, &fault), TR069_OK);
    CU_ASSERT_NOT_EQUAL(id, 0);
    return id;
}

static void open_both(struct store *store, const struct moment *now, struct transfers **ret_transfers) {
    CU_ASSERT_EQUAL_FATAL(transfers_new(store, now, ret_transfers), 0);
}

static struct store *memory_store(void) {
    struct store *store;
    const char *note;
    CU_ASSERT_EQUAL_FATAL(store_open(NULL, &store, &note), 0);
    return store;
}

static void goes_from_queued_to_reported(void) {
    struct store *store = memory_store();
    struct transfers *transfers;
    const struct transfer *t;
    struct moment now = later(5);
    uint64_t next;
    uint32_t id;
    open_both(store, &noon, &transfers);
    id = add(transfers, "k", 0, &noon);
    t = transfers_next(transfers, &noon, &next);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(t->id, id);
    CU_ASSERT_PTR_NULL(transfers_to_report(transfers, 0));
    transfers_started(transfers, id, &now);
    CU_ASSERT_PTR_NULL(transfers_next(transfers, &now, &next)); /* one at a time */
    CU_ASSERT_EQUAL(next, UINT64_MAX);
    transfers_fetched(transfers, id, &now);
    now = later(9);
    CU_ASSERT_TRUE(transfers_done(transfers, id, NULL, &now));
    CU_ASSERT_FALSE(transfers_done(transfers, id, NULL, &now));
    t = transfers_to_report(transfers, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(t->start_s, noon.wall_s + 5);
    CU_ASSERT_EQUAL(t->complete_s, noon.wall_s + 9);
    CU_ASSERT_EQUAL(t->fault.code, 0);
    CU_ASSERT_PTR_NULL(transfers_to_report(transfers, id));
    transfers_reported(transfers, id);
    transfers_reported(transfers, id);
    CU_ASSERT_EQUAL(transfers_count(transfers), 0);
    CU_ASSERT_PTR_NULL(transfers_to_report(transfers, 0));
    CU_ASSERT_NOT_EQUAL(add(transfers, "k", 0, &noon), id); /* ids are not used again */
    transfers_free(transfers);
    store_free(store);
}

static void refuses(const char *url, const char *key, unsigned code) {
    struct store *store = memory_store();
    struct transfers *transfers;
    struct tr069_transfer r = request(key, url, 0);
    struct tr069_fault fault = {0};
    uint32_t id = 0;
    open_both(store, &noon, &transfers);
    CU_ASSERT_EQUAL(transfers_add(transfers, &r, &noon, &id, &fault), TR069_FAULT);
    CU_ASSERT_EQUAL(fault.code, code);
    CU_ASSERT_NOT_EQUAL(fault.text[0], '\0');
    CU_ASSERT_EQUAL(transfers_count(transfers), 0);
    transfers_free(transfers);
    store_free(store);
}

static void refuses_bad_requests(void) {
    char url[300];
    refuses("ftp://files.example/a", "k", 9013);
    refuses("http://me:secret@files.example/a", "k", 9003);
    refuses("", "k", 9003);
    refuses("http://", "k", 9003);
    refuses("http://files.example/a", "123456789012345678901234567890123", 9003);
    memset(url, 'a', sizeof url);
    memcpy(url, "http://x/", 9);
    url[257] = '\0';
    refuses(url, "k", 9003);
}

static void takes_sixteen(void) {
    struct store *store = memory_store();
    struct transfers *transfers;
    struct tr069_transfer r = request("x", "http://files.example/", 0);
    struct tr069_fault fault = {0};
    uint32_t id;
    open_both(store, &noon, &transfers);
    for (int i = 0; i < TRANSFERS_MAX; i++) {
        (void) add(transfers, "k", 0, &noon);
    }
    CU_ASSERT_EQUAL(transfers_add(transfers, &r, &noon, &id, &fault), TR069_FAULT);
    CU_ASSERT_EQUAL(fault.code, 9004);
    transfers_free(transfers);
    open_both(store, &noon, &transfers);
    CU_ASSERT_EQUAL(transfers_count(transfers), TRANSFERS_MAX);
    transfers_free(transfers);
    store_free(store);
}

static void orders_by_due_time(void) {
    struct store *store = memory_store();
    struct transfers *transfers;
    const struct transfer *t;
    struct moment now = later(60);
    uint64_t next = 0;
    uint32_t late, soon;
    open_both(store, &noon, &transfers);
    late = add(transfers, "late", 100, &noon);
    soon = add(transfers, "soon", 50, &noon);
    CU_ASSERT_PTR_NULL(transfers_next(transfers, &noon, &next));
    CU_ASSERT_EQUAL(next, noon.mono_ms + 50000);
    t = transfers_next(transfers, &now, &next);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(t->id, soon);
    CU_ASSERT_EQUAL(transfers_at(transfers, 0)->id, late);
    transfers_free(transfers);
    store_free(store);
}

/* A box whose monotonic clock starts anew. */
static struct moment rebooted(int64_t wall_s) {
    struct moment m = {.mono_ms = 10000, .wall_s = wall_s, .utc_offset_s = 0};
    return m;
}

static uint64_t due_after(const struct moment *asked, const struct moment *boot) {
    struct store *store = memory_store();
    struct transfers *transfers;
    uint64_t next = 0;
    open_both(store, asked, &transfers);
    (void) add(transfers, "k", 600, asked);
    transfers_free(transfers);
    open_both(store, boot, &transfers);
    CU_ASSERT_PTR_NULL(transfers_next(transfers, boot, &next));
    transfers_free(transfers);
    store_free(store);
    return next;
}

static void keeps_delays_over_restarts(void) {
    struct moment boot = rebooted(noon.wall_s + 100);
    struct moment unknown = rebooted(CLOCK_WALL_UNKNOWN);
    struct moment past = rebooted(noon.wall_s - 5000);
    struct moment no_clock = noon;
    no_clock.wall_s = CLOCK_WALL_UNKNOWN;
    /* of the 100 s that the clock shows 99 have passed for certain: never early */
    CU_ASSERT_EQUAL(due_after(&noon, &boot), 10000 + 501 * 1000);
    CU_ASSERT_EQUAL(due_after(&noon, &unknown), 10000 + 600 * 1000);
    CU_ASSERT_EQUAL(due_after(&no_clock, &boot), 10000 + 600 * 1000);
    CU_ASSERT_EQUAL(due_after(&noon, &past), 10000 + 600 * 1000); /* never later than the whole delay */
}

static void learns_the_clock(void) {
    struct store *store = memory_store();
    struct transfers *transfers;
    struct moment boot = rebooted(CLOCK_WALL_UNKNOWN), clock = rebooted(noon.wall_s + 300);
    uint64_t next = 0;
    open_both(store, &noon, &transfers);
    (void) add(transfers, "k", 600, &noon);
    transfers_free(transfers);
    open_both(store, &boot, &transfers);
    CU_ASSERT_PTR_NULL(transfers_next(transfers, &boot, &next));
    CU_ASSERT_EQUAL(next, 610000);
    CU_ASSERT_PTR_NULL(transfers_next(transfers, &clock, &next));
    CU_ASSERT_EQUAL(next, 311000);
    transfers_free(transfers);
    store_free(store);
}

static void reports_only_codes_of_the_schema(void) {
    static const struct {
        unsigned given, kept;
    } cases[] = {{9010, 9010}, {9018, 9018}, {9002, 9002}, {9013, 9010},
                 {9003, 9010}, {9004, 9010}, {9850, 9850}};
    struct store *store = memory_store();
    struct transfers *transfers;
    open_both(store, &noon, &transfers);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t id = add(transfers, "k", 0, &noon);
        struct tr069_fault fault = {.code = cases[i].given, .text = "why"};
        transfers_started(transfers, id, &noon);
        CU_ASSERT_TRUE(transfers_done(transfers, id, &fault, &noon));
        CU_ASSERT_EQUAL(transfers_find(transfers, id)->fault.code, cases[i].kept);
        CU_ASSERT_STRING_EQUAL(transfers_find(transfers, id)->fault.text, "why");
        transfers_reported(transfers, id);
    }
    transfers_free(transfers);
    store_free(store);
}

static void a_bootstrap_silences(void) {
    struct store *store = memory_store();
    struct transfers *transfers;
    uint32_t done, running;
    open_both(store, &noon, &transfers);
    done = add(transfers, "done", 0, &noon);
    transfers_started(transfers, done, &noon);
    CU_ASSERT_TRUE(transfers_done(transfers, done, NULL, &noon));
    running = add(transfers, "running", 0, &noon);
    transfers_started(transfers, running, &noon);
    transfers_discard(transfers, false);
    CU_ASSERT_PTR_NULL(transfers_to_report(transfers, 0));
    CU_ASSERT_EQUAL(transfers_count(transfers), 1);
    transfers_free(transfers);
    open_both(store, &noon, &transfers); /* also over a restart */
    CU_ASSERT_FALSE(transfers_done(transfers, running, NULL, &noon));
    CU_ASSERT_EQUAL(transfers_count(transfers), 0);
    (void) add(transfers, "other", 0, &noon);
    transfers_discard(transfers, true);
    CU_ASSERT_EQUAL(transfers_count(transfers), 0);
    transfers_free(transfers);
    store_free(store);
}

static int count_key(void *user, const char *key, const char *value) {
    (void) key;
    (void) value;
    *(size_t *) user += 1;
    return 0;
}

/* Who installs a file may look at its order until the end. */
static void a_factory_reset_leaves_the_installer_its_order(void) {
    struct store *store = memory_store();
    struct transfers *transfers;
    size_t kept = 0;
    open_both(store, &noon, &transfers);
    uint32_t id = add(transfers, "installing", 0, &noon);
    transfers_started(transfers, id, &noon);
    transfers_fetched(transfers, id, &noon);
    const struct transfer *transfer = transfers_find(transfers, id);
    (void) store_put(store, "transfer/next", NULL);
    transfers_discard(transfers, true);
    CU_ASSERT_EQUAL(store_each(store, "transfer/", count_key, &kept), 0);
    CU_ASSERT_EQUAL(kept, 0);
    CU_ASSERT_STRING_EQUAL(transfer->request.command_key, "installing");
    CU_ASSERT_FALSE(transfers_done(transfers, id, NULL, &noon));
    CU_ASSERT_EQUAL(transfers_count(transfers), 0);
    CU_ASSERT_EQUAL(store_each(store, "transfer/", count_key, &kept), 0);
    CU_ASSERT_EQUAL(kept, 0);
    transfers_free(transfers);
    store_free(store);
}

/* ---- Power cuts -------------------------------------------------------------------------------- */

static const char *directory;

static void another_box(void) {
    fake_directory_remove(directory);
    directory = fake_directory("transfers");
}

struct box {
    struct store *store;
    struct transfers *transfers;
};

static struct box start_box(const struct moment *now) {
    struct box box = {0};
    const char *note = NULL;
    CU_ASSERT_EQUAL_FATAL(store_open(directory, &box.store, &note), 0);
    CU_ASSERT_PTR_NULL(note);
    open_both(box.store, now, &box.transfers);
    return box;
}

static void cut(struct box *box) { /* what was not committed is gone */
    transfers_free(box->transfers);
    store_free(box->store);
}

/* Does the first `steps` steps of a transfer's life, each committed, then cuts the power. */
static void live(unsigned steps, uint32_t *ret_id) {
    static const struct tr069_fault corrupt = {TR069_TRANSFER_CORRUPTED, "bad \x01 checksum = 5%"};
    struct box box = start_box(&noon);
    struct moment now = later(20);
    for (unsigned step = 1; step <= steps; step++) {
        if (step == 1) {
            *ret_id = add(box.transfers, "key %41 \xc3\xa9", 7, &noon);
        } else if (step == 2) {
            transfers_started(box.transfers, *ret_id, &now);
        } else if (step == 3) {
            transfers_fetched(box.transfers, *ret_id, &now);
        } else if (step == 4) {
            CU_ASSERT_TRUE(transfers_done(box.transfers, *ret_id, &corrupt, &now));
        } else {
            transfers_reported(box.transfers, *ret_id);
        }
        CU_ASSERT_EQUAL(store_commit(box.store), 0);
    }
    cut(&box);
}

static void survives_a_cut_after_every_step(void) {
    static const enum transfer_state after[] = {TRANSFER_QUEUED, TRANSFER_QUEUED, TRANSFER_INSTALLING,
                                                TRANSFER_DONE};
    for (unsigned steps = 1; steps <= 5; steps++) {
        struct moment boot = rebooted(noon.wall_s + 30);
        const struct transfer *t;
        struct box box;
        uint64_t next;
        uint32_t id = 0;
        another_box();
        live(steps, &id);
        box = start_box(&boot);
        t = transfers_find(box.transfers, id);
        if (steps == 5) {
            CU_ASSERT_PTR_NULL(t);
            cut(&box);
            continue;
        }
        CU_ASSERT_PTR_NOT_NULL_FATAL(t);
        CU_ASSERT_EQUAL(t->state, after[steps - 1]);
        CU_ASSERT_STRING_EQUAL(t->request.command_key, "key %41 \xc3\xa9");
        CU_ASSERT_STRING_EQUAL(t->request.url, "http://files.example/a%20b?x=1");
        CU_ASSERT_STRING_EQUAL(t->request.password, "p%20 =\xc3\xa9\n");
        CU_ASSERT_STRING_EQUAL(t->request.target_name, "");
        CU_ASSERT_EQUAL(t->request.file_size, 12345);
        CU_ASSERT_EQUAL(t->request.delay_s, 7);
        if (steps < 4) { /* it goes on by itself, and is reported once */
            CU_ASSERT_PTR_EQUAL(transfers_next(box.transfers, &boot, &next), t);
            CU_ASSERT_PTR_NULL(transfers_to_report(box.transfers, 0));
        } else {
            CU_ASSERT_PTR_NULL(transfers_next(box.transfers, &boot, &next));
            CU_ASSERT_PTR_EQUAL(transfers_to_report(box.transfers, 0), t);
            CU_ASSERT_EQUAL(t->fault.code, 9018);
            CU_ASSERT_STRING_EQUAL(t->fault.text, "bad \x01 checksum = 5%");
            CU_ASSERT_EQUAL(t->start_s, noon.wall_s + 20);
            CU_ASSERT_EQUAL(t->complete_s, noon.wall_s + 20);
        }
        cut(&box);
    }
    another_box();
}

static void gives_up_what_keeps_breaking_the_box(void) {
    struct moment boot = rebooted(noon.wall_s);
    struct box box;
    uint32_t id = 0;
    uint64_t next;
    another_box();
    live(1, &id);
    for (int i = 0; i < TRANSFERS_TRIES; i++) {
        boot.wall_s += 60;
        box = start_box(&boot);
        CU_ASSERT_PTR_NOT_NULL(transfers_next(box.transfers, &boot, &next));
        transfers_started(box.transfers, id, &boot);
        CU_ASSERT_EQUAL(store_commit(box.store), 0);
        cut(&box);
    }
    box = start_box(&boot);
    CU_ASSERT_PTR_NULL(transfers_next(box.transfers, &boot, &next));
    CU_ASSERT_PTR_NOT_NULL_FATAL(transfers_to_report(box.transfers, 0));
    CU_ASSERT_EQUAL(transfers_to_report(box.transfers, 0)->fault.code, 9017);
    cut(&box);
    another_box();
}

static void passes_over_what_it_cannot_read(void) {
    struct store *store = memory_store();
    struct transfers *transfers;
    CU_ASSERT_EQUAL(store_put(store, "transfer/0000000007", "state=x url="), 0);
    CU_ASSERT_EQUAL(store_put(store, "transfer/0000000008", "rubbish"), 0);
    CU_ASSERT_EQUAL(store_put(store, "transfer/zz", "state=1"), 0);
    open_both(store, &noon, &transfers);
    CU_ASSERT_EQUAL(transfers_count(transfers), 0);
    transfers_free(transfers);
    store_free(store);
    transfers_free(NULL);
}

static CU_TestInfo queue[] = {
    {"goes from queued to reported", goes_from_queued_to_reported},
    {"refuses bad requests", refuses_bad_requests},
    {"takes sixteen", takes_sixteen},
    {"orders by due time", orders_by_due_time},
    {"reports only codes of the schema", reports_only_codes_of_the_schema},
    {"a bootstrap silences", a_bootstrap_silences},
    {"a factory reset leaves the installer its order", a_factory_reset_leaves_the_installer_its_order},
    CU_TEST_INFO_NULL};
static CU_TestInfo restarts[] = {
    {"keeps delays over restarts", keeps_delays_over_restarts},
    {"learns the clock", learns_the_clock},
    {"survives a cut after every step", survives_a_cut_after_every_step},
    {"gives up what keeps breaking the box", gives_up_what_keeps_breaking_the_box},
    {"passes over what it cannot read", passes_over_what_it_cannot_read},
    CU_TEST_INFO_NULL};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("queue", queue), CUNIT_SUITE("restarts", restarts),
                             CU_SUITE_INFO_NULL};
    directory = fake_directory("transfers");
    return cunit_run(suites);
}
