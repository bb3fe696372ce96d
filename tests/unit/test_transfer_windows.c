/* core/cwmp/transfers: time windows, retries in them, CancelTransfer, uploads, what the box does of its own
 * accord, and the names of file types. */
#include <config.h>

#include "cwmp/transfers.h"

#include "cunit.h"

#include <stdlib.h>
#include <string.h>

static const struct moment noon = {.mono_ms = 1000000, .wall_s = 1000000000, .utc_offset_s = 3600};
static const struct tr069_fault gone = {TR069_TRANSFER_NO_ACCESS, "not there"};

static struct moment later(uint64_t seconds) {
    struct moment m = noon;
    m.mono_ms += seconds * 1000;
    m.wall_s += (int64_t) seconds;
    return m;
}

/* A box whose monotonic clock starts anew, seconds after noon. */
static struct moment rebooted(int64_t seconds) {
    struct moment m = {.mono_ms = 10000, .wall_s = noon.wall_s + seconds, .utc_offset_s = 0};
    return m;
}

struct box {
    struct store *store;
    struct transfers *transfers;
};

static struct box new_box(void) {
    struct box box;
    const char *note;
    CU_ASSERT_EQUAL_FATAL(store_open(NULL, &box.store, &note), 0);
    CU_ASSERT_EQUAL_FATAL(transfers_new(box.store, &noon, &box.transfers), 0);
    return box;
}

static void restart(struct box *box, const struct moment *now) {
    transfers_free(box->transfers);
    CU_ASSERT_EQUAL_FATAL(transfers_new(box->store, now, &box->transfers), 0);
}

static void end(struct box *box) {
    transfers_free(box->transfers);
    store_free(box->store);
}

static int order(struct box *box, const char *method, const char *key, const struct tr069_window *windows,
                 size_t count, uint32_t *ret_id, struct tr069_fault *fault) {
    const struct tr069_transfer request = {.method = method,
                                           .command_key = key,
                                           .file_type = "1 Firmware Upgrade Image",
                                           .url = "http://files.example/a",
                                           .username = "",
                                           .password = "",
                                           .target_name = "",
                                           .windows = windows,
                                           .window_count = count};
    return transfers_add(box->transfers, &request, &noon, ret_id, fault);
}

static uint32_t schedule(struct box *box, const struct tr069_window *windows, size_t count) {
    struct tr069_fault fault = {0};
    uint32_t id = 0;
    CU_ASSERT_EQUAL_FATAL(order(box, "ScheduleDownload", "k", windows, count, &id, &fault), TR069_OK);
    return id;
}

/* Is it due at that second? Else when the next look is, in seconds after noon (0: never). */
static bool due(struct box *box, const struct moment *now, uint64_t *ret_next_s) {
    uint64_t next = UINT64_MAX;
    const struct transfer *t = transfers_next(box->transfers, now, &next);
    *ret_next_s = next == UINT64_MAX ? 0 : (next - noon.mono_ms) / 1000;
    return t != NULL;
}

static bool fails(struct box *box, uint32_t id, const struct moment *now) {
    transfers_started(box->transfers, id, now);
    return transfers_done(box->transfers, id, &gone, now);
}

static void refuses_windows(void) {
    static const struct {
        struct tr069_window windows[2];
        size_t count;
        bool good;
    } cases[] = {
        {{{10, 20, TR069_IMMEDIATELY, 0, ""}}, 1, true},
        {{{10, 20, TR069_IMMEDIATELY, -1, ""}, {20, 30, TR069_WHEN_IDLE, 5, "x"}}, 2, true},
        {{{20, 20, TR069_IMMEDIATELY, 0, ""}}, 1, false},
        {{{30, 20, TR069_IMMEDIATELY, 0, ""}}, 1, false},
        {{{0, 0, TR069_IMMEDIATELY, 0, ""}}, 1, false},
        {{{10, 20, TR069_IMMEDIATELY, 0, ""}, {19, 30, TR069_IMMEDIATELY, 0, ""}}, 2, false},
        {{{30, 40, TR069_IMMEDIATELY, 0, ""}, {10, 20, TR069_IMMEDIATELY, 0, ""}}, 2, false},
        {{{10, 20, TR069_IMMEDIATELY, -2, ""}}, 1, false},
        {{{10, 20, (enum tr069_window_mode) 0, 0, ""}}, 1, false},
        {{{10, 20, (enum tr069_window_mode) 5, 0, ""}}, 1, false},
        {{{10, 20, TR069_IMMEDIATELY, 0, ""}}, 3, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct box box = new_box();
        struct tr069_fault fault = {0};
        uint32_t id = 0;
        int verdict = order(&box, "ScheduleDownload", "k", cases[i].windows, cases[i].count, &id, &fault);
        CU_ASSERT_EQUAL(verdict, cases[i].good ? TR069_OK : TR069_FAULT);
        CU_ASSERT_EQUAL(fault.code, cases[i].good ? 0 : 9003);
        end(&box);
    }
    char message[258];
    memset(message, 'm', sizeof message);
    message[257] = '\0';
    const struct tr069_window long_one = {0, 1, TR069_WHEN_IDLE, 0, message};
    struct box box = new_box();
    struct tr069_fault fault = {0};
    uint32_t id = 0;
    CU_ASSERT_EQUAL(order(&box, "ScheduleDownload", "k", &long_one, 1, &id, &fault), TR069_FAULT);
    CU_ASSERT_EQUAL(fault.code, 9003);
    message[256] = '\0';
    CU_ASSERT_EQUAL(order(&box, "ScheduleDownload", "k", &long_one, 1, &id, &fault), TR069_OK);
    end(&box);
}

static void runs_in_its_window(void) {
    static const struct tr069_window window = {100, 200, TR069_AT_ANY_TIME, 0, ""};
    struct box box = new_box();
    struct moment now = later(99);
    uint64_t next;
    uint32_t id = schedule(&box, &window, 1);
    CU_ASSERT_FALSE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(next, 100);
    now = later(100);
    CU_ASSERT_TRUE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(transfers_find(box.transfers, id)->until_ms, noon.mono_ms + 200 * 1000);
    transfers_started(box.transfers, id, &now);
    transfers_fetched(box.transfers, id, &now);
    now = later(300); /* what is being put into use is not called off */
    CU_ASSERT_TRUE(transfers_done(box.transfers, id, NULL, &now));
    CU_ASSERT_EQUAL(transfers_to_report(box.transfers, 0)->fault.code, 0);
    end(&box);
}

static void is_missed(void) {
    static const struct tr069_window windows[] = {{10, 20, TR069_IMMEDIATELY, 0, ""},
                                                  {30, 40, TR069_IMMEDIATELY, 0, ""}};
    static const struct tr069_fault over = {TR069_TRANSFER_WINDOW, "over"};
    struct box box = new_box();
    struct moment now = later(25);
    uint64_t next;
    uint32_t id = schedule(&box, windows, 2);
    CU_ASSERT_FALSE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(next, 30);
    now = later(40);
    CU_ASSERT_TRUE(due(&box, &now, &next)); /* to be ended */
    CU_ASSERT_PTR_NULL(transfers_find(box.transfers, id)->window);
    CU_ASSERT_TRUE(transfers_done(box.transfers, id, &over, &now));
    CU_ASSERT_EQUAL(transfers_to_report(box.transfers, 0)->fault.code, 9020);
    end(&box);
}

static void retries_in_its_window(void) {
    static const struct tr069_window window = {0, 1000, TR069_IMMEDIATELY, 2, ""};
    struct box box = new_box();
    uint64_t next;
    uint32_t id = schedule(&box, &window, 1);
    struct moment now = noon;
    CU_ASSERT_TRUE(due(&box, &now, &next));
    CU_ASSERT_FALSE(fails(&box, id, &now));
    CU_ASSERT_FALSE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(next, 10);
    now = later(10);
    CU_ASSERT_TRUE(due(&box, &now, &next));
    CU_ASSERT_FALSE(fails(&box, id, &now));
    CU_ASSERT_FALSE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(next, 30);
    now = later(30);
    CU_ASSERT_TRUE(fails(&box, id, &now)); /* one attempt and two retries */
    CU_ASSERT_EQUAL(transfers_to_report(box.transfers, 0)->fault.code, 9016); /* why, rather than 9020 */
    end(&box);
}

static void goes_on_in_the_second_window(void) {
    static const struct tr069_window windows[] = {{0, 10, TR069_IMMEDIATELY, 0, ""},
                                                  {100, 1000, TR069_IMMEDIATELY, -1, ""}};
    static const struct tr069_fault over = {TR069_TRANSFER_WINDOW, "over"};
    struct box box = new_box();
    struct moment now = noon;
    uint64_t next;
    uint32_t id = schedule(&box, windows, 2);
    CU_ASSERT_FALSE(fails(&box, id, &now)); /* no retries in the first */
    CU_ASSERT_FALSE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(next, 100);
    for (int i = 0; i < 3; i++) { /* the client sees fit to retry three times */
        now = later(100 + (uint64_t) i * 100);
        CU_ASSERT_TRUE(due(&box, &now, &next));
        CU_ASSERT_FALSE(fails(&box, id, &now));
    }
    now = later(400);
    CU_ASSERT_TRUE(fails(&box, id, &now));
    end(&box);

    box = new_box(); /* the first closes while it is fetched, the second has opened: that was no try in it */
    static const struct tr069_window adjacent[] = {{0, 10, TR069_IMMEDIATELY, 0, ""},
                                                   {10, 20, TR069_IMMEDIATELY, 0, ""}};
    id = schedule(&box, adjacent, 2);
    transfers_started(box.transfers, id, &noon);
    now = later(10);
    CU_ASSERT_FALSE(transfers_done(box.transfers, id, &over, &now));
    CU_ASSERT_TRUE(due(&box, &now, &next));
    transfers_started(box.transfers, id, &now);
    now = later(20);
    CU_ASSERT_TRUE(transfers_done(box.transfers, id, &over, &now));
    CU_ASSERT_EQUAL(transfers_to_report(box.transfers, 0)->fault.code, 9020);
    end(&box);
}

/* No retry begins that could not begin in time. */
static void does_not_wait_beyond_its_window(void) {
    static const struct tr069_window window = {0, 9, TR069_IMMEDIATELY, 5, ""};
    struct box box = new_box();
    uint32_t id = schedule(&box, &window, 1);
    CU_ASSERT_TRUE(fails(&box, id, &noon));
    end(&box);
}

static void windows_survive(void) {
    static const struct tr069_window windows[] = {{0, 10, TR069_IMMEDIATELY, 0, ""},
                                                  {100, 200, TR069_CONFIRMATION_NEEDED, 1, "May I? 100%\n"}};
    struct box box = new_box();
    const struct transfer *t;
    uint64_t next;
    uint32_t id = schedule(&box, windows, 2);
    CU_ASSERT_FALSE(fails(&box, id, &noon));
    struct moment boot = rebooted(40); /* more than 60 s are left, at most 61 */
    restart(&box, &boot);
    t = transfers_find(box.transfers, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_PTR_NULL(transfers_next(box.transfers, &boot, &next));
    CU_ASSERT_EQUAL(next, 10000 + 61 * 1000);
    CU_ASSERT_EQUAL(t->request.window_count, 2);
    CU_ASSERT_PTR_EQUAL(t->window, &t->request.windows[1]);
    CU_ASSERT_EQUAL(t->window->mode, TR069_CONFIRMATION_NEEDED);
    CU_ASSERT_EQUAL(t->window->max_retries, 1);
    CU_ASSERT_STRING_EQUAL(t->window->user_message, "May I? 100%\n");
    CU_ASSERT_EQUAL(t->until_ms, 10000 + 161 * 1000);

    boot.mono_ms += 61 * 1000; /* a power cut while it is fetched: again, if there is time */
    boot.wall_s += 61;
    transfers_started(box.transfers, id, &boot);
    boot = rebooted(150);
    restart(&box, &boot);
    CU_ASSERT_PTR_NOT_NULL(transfers_next(box.transfers, &boot, &next));
    transfers_started(box.transfers, id, &boot);
    boot = rebooted(250);
    restart(&box, &boot);
    t = transfers_next(box.transfers, &boot, &next);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_PTR_NULL(t->window);
    end(&box);
}

/* Attempts count over restarts; a retry's wait does not. */
static void retries_survive(void) {
    static const struct tr069_window window = {0, 1000, TR069_IMMEDIATELY, 1, ""};
    struct box box = new_box();
    struct moment boot = rebooted(1);
    uint64_t next;
    uint32_t id = schedule(&box, &window, 1);
    CU_ASSERT_FALSE(fails(&box, id, &noon));
    restart(&box, &boot);
    CU_ASSERT_PTR_NOT_NULL(transfers_next(box.transfers, &boot, &next));
    CU_ASSERT_TRUE(fails(&box, id, &boot));
    end(&box);
}

static void windows_without_a_clock(void) {
    static const struct tr069_window window = {100, 200, TR069_IMMEDIATELY, 0, ""};
    struct box box = new_box();
    struct moment boot = {.mono_ms = 10000, .wall_s = CLOCK_WALL_UNKNOWN}, clock = boot;
    uint64_t next;
    (void) schedule(&box, &window, 1);
    restart(&box, &boot);
    CU_ASSERT_PTR_NULL(transfers_next(box.transfers, &boot, &next));
    CU_ASSERT_EQUAL(next, 110000); /* from the start */
    clock.mono_ms = 20000;
    clock.wall_s = noon.wall_s + 50;
    CU_ASSERT_PTR_NULL(transfers_next(box.transfers, &clock, &next));
    CU_ASSERT_EQUAL(next, 71000); /* now it is known that 49 s have passed */
    end(&box);
}

static void waits_for_consent(void) {
    static const struct tr069_window window = {0, 100, TR069_WHEN_IDLE, 1, ""};
    struct box box = new_box();
    struct moment now = later(1);
    uint64_t next;
    uint32_t id = schedule(&box, &window, 1);
    CU_ASSERT_TRUE(due(&box, &now, &next));
    CU_ASSERT_FALSE(transfers_find(box.transfers, id)->agreed);
    transfers_wait(box.transfers, id, now.mono_ms + 60000);
    CU_ASSERT_FALSE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(next, 61);
    transfers_wait(box.transfers, id, now.mono_ms + 600000);
    CU_ASSERT_FALSE(due(&box, &now, &next));
    CU_ASSERT_EQUAL(next, 100); /* the window is looked after all the same */
    transfers_agree(box.transfers, id);
    CU_ASSERT_TRUE(due(&box, &now, &next));
    CU_ASSERT_TRUE(transfers_find(box.transfers, id)->agreed);
    CU_ASSERT_FALSE(fails(&box, id, &now));
    CU_ASSERT_FALSE(transfers_find(box.transfers, id)->agreed); /* to be had anew for the retry */
    end(&box);
}

static uint32_t plain(struct box *box, const char *method, const char *key) {
    struct tr069_fault fault = {0};
    uint32_t id = 0;
    CU_ASSERT_EQUAL_FATAL(order(box, method, key, NULL, 0, &id, &fault), TR069_OK);
    return id;
}

static void cancels(void) {
    struct box box = new_box();
    struct tr069_fault fault = {0};
    uint32_t running = 99, active, queued, other;
    active = plain(&box, "Download", "k");
    queued = plain(&box, "Upload", "k");
    other = plain(&box, "Download", "other");
    transfers_started(box.transfers, active, &noon);
    CU_ASSERT_EQUAL(transfers_cancel(box.transfers, "none", &running, &fault), TR069_OK);
    CU_ASSERT_EQUAL(running, 0);
    CU_ASSERT_EQUAL(transfers_count(box.transfers), 3);
    CU_ASSERT_EQUAL(transfers_cancel(box.transfers, "k", &running, &fault), TR069_OK);
    CU_ASSERT_EQUAL(running, active);
    CU_ASSERT_PTR_NULL(transfers_find(box.transfers, queued));
    CU_ASSERT_PTR_NOT_NULL(transfers_find(box.transfers, other));
    CU_ASSERT_FALSE(transfers_done(box.transfers, active, NULL, &noon)); /* and nobody is told */
    CU_ASSERT_PTR_NULL(transfers_find(box.transfers, active));
    restart(&box, &noon);
    CU_ASSERT_EQUAL(transfers_count(box.transfers), 1);
    end(&box);
}

static void does_not_cancel_what_is_too_far(void) {
    for (int installing = 0; installing < 2; installing++) {
        struct box box = new_box();
        struct tr069_fault fault = {0};
        uint32_t running = 0, far = plain(&box, "Download", "k");
        (void) plain(&box, "Download", "k");
        transfers_started(box.transfers, far, &noon);
        transfers_fetched(box.transfers, far, &noon);
        if (installing == 0) {
            (void) transfers_done(box.transfers, far, NULL, &noon);
        }
        CU_ASSERT_EQUAL(transfers_cancel(box.transfers, "k", &running, &fault), TR069_FAULT);
        CU_ASSERT_EQUAL(fault.code, 9021);
        CU_ASSERT_EQUAL(running, 0);
        CU_ASSERT_EQUAL(transfers_count(box.transfers), 2); /* none of them */
        end(&box);
    }
}

static void uploads_have_their_faults(void) {
    struct box box = new_box();
    static const struct tr069_fault other = {9004, ""};
    uint32_t id = plain(&box, "Upload", "u");
    transfers_started(box.transfers, id, &noon);
    CU_ASSERT_TRUE(transfers_done(box.transfers, id, &other, &noon));
    CU_ASSERT_EQUAL(transfers_find(box.transfers, id)->fault.code, 9011);
    transfers_reported(box.transfers, id);
    id = plain(&box, "Upload", "u");
    for (int i = 0; i < TRANSFERS_TRIES; i++) {
        transfers_started(box.transfers, id, &noon);
        restart(&box, &noon);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(transfers_to_report(box.transfers, 0));
    CU_ASSERT_EQUAL(transfers_to_report(box.transfers, 0)->fault.code, 9011);
    end(&box);
}

static void of_its_own_accord(void) {
    char announce[1026], event[TRANSFER_EVENT_SIZE];
    const char *key = NULL;
    struct box box = new_box();
    struct tr069_fault fault = {0};
    struct tr069_transfer request = {.method = "Download",
                                     .command_key = "",
                                     .file_type = "2 Web Content",
                                     .url = "http://own.example/a",
                                     .announce_url = announce,
                                     .autonomous = true};
    uint32_t id = 0;
    memset(announce, 'a', sizeof announce);
    announce[1025] = '\0';
    CU_ASSERT_EQUAL(transfers_add(box.transfers, &request, &noon, &id, &fault), TR069_FAULT);
    announce[1024] = '\0';
    CU_ASSERT_EQUAL_FATAL(transfers_add(box.transfers, &request, &noon, &id, &fault), TR069_OK);
    restart(&box, &noon);
    const struct transfer *t = transfers_find(box.transfers, id);
    CU_ASSERT_TRUE(t->request.autonomous);
    CU_ASSERT_STRING_EQUAL(t->request.announce_url, announce);
    transfer_event(t, event, &key);
    CU_ASSERT_STRING_EQUAL(event, "10 AUTONOMOUS TRANSFER COMPLETE");
    CU_ASSERT_STRING_EQUAL(key, "");
    transfers_happened(box.transfers, id, 1234, 5678);
    CU_ASSERT_TRUE(transfers_done(box.transfers, id, NULL, &noon));
    CU_ASSERT_EQUAL(t->start_s, 1234);
    CU_ASSERT_EQUAL(t->complete_s, 5678);
    uint32_t running = 0; /* it has no key, and is not what the empty key means */
    CU_ASSERT_EQUAL(transfers_cancel(box.transfers, "", &running, &fault), TR069_OK);
    CU_ASSERT_PTR_NOT_NULL(transfers_find(box.transfers, id));
    transfers_reported(box.transfers, id);
    CU_ASSERT_EQUAL_FATAL(transfers_add(box.transfers, &request, &noon, &id, &fault), TR069_OK);
    transfers_silence(box.transfers, id);
    CU_ASSERT_FALSE(transfers_done(box.transfers, id, NULL, &noon));
    CU_ASSERT_EQUAL(transfers_count(box.transfers), 0);
    end(&box);
}

static void leaves_room_for_orders(void) {
    struct box box = new_box();
    struct tr069_fault fault = {0};
    const struct tr069_transfer request = {.method = "Download",
                                           .file_type = "2 Web Content",
                                           .url = "http://own.example/a",
                                           .autonomous = true};
    uint32_t id;
    for (int i = 0; i < TRANSFERS_OWN_MAX; i++) {
        CU_ASSERT_EQUAL(transfers_add(box.transfers, &request, &noon, &id, &fault), TR069_OK);
    }
    CU_ASSERT_EQUAL(transfers_add(box.transfers, &request, &noon, &id, &fault), TR069_FAULT);
    CU_ASSERT_EQUAL(fault.code, 9004);
    for (int i = TRANSFERS_OWN_MAX; i < TRANSFERS_MAX; i++) {
        (void) plain(&box, "Download", "k");
    }
    end(&box);
}

static void names_file_types(void) {
    static const struct {
        const char *method, *type, *in_1_1, *in_1_2;
    } cases[] = {
        {"Download", "1 Firmware Upgrade Image", "1 Firmware Upgrade Image", "1 Firmware Upgrade Image"},
        {"Download", "3 Vendor Configuration File", "3 Vendor Configuration File",
         "3 Vendor Configuration File"},
        {"Download", "4 Tone File", "X 0A1B2C 4 Tone File", "4 Tone File"},
        {"Download", "X 001122 logo", "X 001122 logo", "X 001122 logo"},
        {"Download", "X ACME logo", "X 0A1B2C X ACME logo", "X ACME logo"},
        {"Download", "X logo", "X 0A1B2C X logo", "X 0A1B2C X logo"},
        {"Download", "X ACME ", "X 0A1B2C X ACME ", "X 0A1B2C X ACME "},
        {"Download", "7  odd", "X 0A1B2C 7  odd", "X 0A1B2C 7  odd"},
        {"Upload", "1 Vendor Configuration File", "3 Vendor Configuration File",
         "3 Vendor Configuration File"},
        {"Upload", "2 Vendor Log File", "4 Vendor Log File", "4 Vendor Log File"},
        {"Upload", "3 Vendor Configuration File 7", "3 Vendor Configuration File",
         "6 Vendor Configuration File 7"},
        {"Upload", "4 Vendor Log File 12", "4 Vendor Log File", "7 Vendor Log File 12"},
        {"Upload", "X 001122 trace", "X 001122 trace", "X 001122 trace"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct transfer t = {.request = {.method = cases[i].method, .file_type = cases[i].type}};
        char type[TRANSFER_TYPE_SIZE];
        transfer_type(&t, 11, "0A1B2C", type);
        CU_ASSERT_STRING_EQUAL(type, cases[i].in_1_1);
        transfer_type(&t, 12, "0A1B2C", type);
        CU_ASSERT_STRING_EQUAL(type, cases[i].in_1_2);
    }
}

static CU_TestInfo windows[] = {{"refuses windows", refuses_windows},
                                {"runs in its window", runs_in_its_window},
                                {"is missed", is_missed},
                                {"retries in its window", retries_in_its_window},
                                {"goes on in the second window", goes_on_in_the_second_window},
                                {"does not wait beyond its window", does_not_wait_beyond_its_window},
                                {"windows survive", windows_survive},
                                {"retries survive", retries_survive},
                                {"windows without a clock", windows_without_a_clock},
                                {"waits for consent", waits_for_consent},
                                CU_TEST_INFO_NULL};
static CU_TestInfo others[] = {{"cancels", cancels},
                               {"does not cancel what is too far", does_not_cancel_what_is_too_far},
                               {"uploads have their faults", uploads_have_their_faults},
                               {"of its own accord", of_its_own_accord},
                               {"leaves room for orders", leaves_room_for_orders},
                               {"names file types", names_file_types},
                               CU_TEST_INFO_NULL};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("windows", windows), CUNIT_SUITE("others", others),
                             CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
