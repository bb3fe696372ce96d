/* What diagnostics have in common, by one that does nothing: each kind of field, a run without a program. */
#include <tr069/fake_host.h>

#include "ip-ping/diagnostic.h"

#include <CUnit/Basic.h>

#define OBJECT "Device.Test."

struct probe {
    struct diagnostic common;
    char name[16], words[16];
    uint32_t number;
    uint64_t large;
    bool flag;
    int64_t time;
    int begin_result;
    bool ends_at_once;
    unsigned begun, canceled, cleared;
};

static struct probe *probe;

static const struct diagnostic_field fields[] = {DIAGNOSTIC_FIELD("Name", TEXT, struct probe, name),
                                                 DIAGNOSTIC_FIELD("Words", TEXT, struct probe, words),
                                                 DIAGNOSTIC_FIELD("Number", NUMBER, struct probe, number),
                                                 DIAGNOSTIC_PART("Part", struct probe, number, 1000),
                                                 DIAGNOSTIC_FIELD("Large", LARGE, struct probe, large),
                                                 DIAGNOSTIC_FIELD("Flag", FLAG, struct probe, flag),
                                                 DIAGNOSTIC_FIELD("Time", TIME, struct probe, time),
                                                 {0}};

static int begin(void *ctx) {
    CU_ASSERT_PTR_EQUAL(ctx, probe);
    probe->begun++;
    if (probe->ends_at_once) {
        diagnostic_finish(&probe->common, DIAGNOSTIC_COMPLETE);
    }
    return probe->begin_result;
}

static void cancel(void *ctx) {
    (void) ctx;
    probe->canceled++;
}

static void clear(void *ctx) {
    (void) ctx;
    probe->cleared++;
}

static int refuse(const struct tr069_at *at, const struct tr069_value *value) {
    (void) value;
    return tr069_fault(at->fault, TR069_INTERNAL_ERROR, "it cannot be written");
}

static const char *const states[] = {DIAGNOSTIC_NONE,     DIAGNOSTIC_REQUESTED, DIAGNOSTIC_CANCELED,
                                     DIAGNOSTIC_COMPLETE, "Error_Last",         NULL};
static const struct tr069_param params[] = {DIAGNOSTIC_STATE_PARAM(states),
                                            DIAGNOSTIC_INTERFACE_PARAM,
                                            {"Name", TR069_STRING, .max_length = 15, DIAGNOSTIC_INPUT},
                                            {"Large", TR069_ULONG, DIAGNOSTIC_INPUT},
                                            {"Flag", TR069_BOOLEAN, DIAGNOSTIC_INPUT},
                                            {"Words", TR069_STRING, DIAGNOSTIC_RESULT},
                                            {"Number", TR069_UINT, DIAGNOSTIC_RESULT},
                                            {"Part", TR069_UINT, DIAGNOSTIC_RESULT},
                                            {"Time", TR069_DATETIME, DIAGNOSTIC_RESULT},
                                            {"Constant", TR069_STRING, .value = "same"},
                                            {0}};
static const struct tr069_param others[] = {{"Refused", TR069_STRING, .set = refuse}, {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "Test.", params, DIAGNOSTIC_OBJECT}, {TR069_BOTH, "Z.", others}, {0}};
static const struct diagnostic_type type = {
    .fields = fields, .needs = "Name", .begin = begin, .cancel = cancel, .clear = clear};

static int probe_init(const struct tr069_host *host, void **ret_ctx) {
    probe = diagnostic_new(host, &type, sizeof *probe);
    *ret_ctx = probe;
    return probe != NULL ? 0 : -ENOMEM;
}

TR069_PLUGIN(.name = "probe", .version = "1", .summary = "nothing", .objects = objects, .init = probe_init,
             .stop = diagnostic_stop, .destroy = free);

static struct fake_host *begin_test(void) {
    struct fake_host *fake = fake_new(&TR069_PLUGIN_SYMBOL, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(
        fake_set_all(fake, OBJECT "Name", "a", OBJECT "Large", "18446744073709551615", OBJECT "Flag", "true"),
        TR069_OK);
    return fake;
}

static int order(struct fake_host *fake) {
    return fake_set(fake, OBJECT "DiagnosticsState", "Requested");
}

static void test_fields(void) {
    struct fake_host *fake = begin_test();
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Name"), "a");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Large"), "18446744073709551615");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Flag"), "true");
    CU_ASSERT_EQUAL(order(fake), TR069_OK);
    CU_ASSERT_EQUAL(probe->begun, 1);
    memcpy(probe->words, "said", sizeof "said");
    probe->number = 1500;
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Number"), "1500");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Part"), "2");
    diagnostic_finish(&probe->common, DIAGNOSTIC_COMPLETE);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Words"), "said");
    /* what is told: the state and the results; neither inputs nor what never changes */
    CU_ASSERT_EQUAL_FATAL(fake->changes.count, 5);
    CU_ASSERT_STRING_EQUAL(fake->changes.pairs[0].name, OBJECT "DiagnosticsState");
    CU_ASSERT_STRING_EQUAL(fake->changes.pairs[1].name, OBJECT "Words");
    CU_ASSERT_STRING_EQUAL(fake->changes.pairs[4].name, OBJECT "Time");
    /* the next order empties results, and leaves inputs */
    CU_ASSERT_EQUAL(order(fake), TR069_OK);
    CU_ASSERT_EQUAL(probe->cleared, 2);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Words"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Number"), "0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Name"), "a");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Flag"), "true");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_ends(void) {
    struct fake_host *fake = begin_test();
    diagnostic_finish(&probe->common, DIAGNOSTIC_COMPLETE); /* of nothing */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(fake->events.count, 0);
    probe->ends_at_once = true;
    CU_ASSERT_EQUAL(order(fake), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "DiagnosticsState"), "Complete");
    CU_ASSERT_EQUAL(fake->events.count, 1);
    diagnostic_finish(&probe->common, "Error_Last"); /* once more, too late */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "DiagnosticsState"), "Complete");
    CU_ASSERT_EQUAL(fake->events.count, 1);
    /* an error that this root does not know */
    probe->ends_at_once = false;
    probe->begin_result = -ENOMEM;
    CU_ASSERT_EQUAL(order(fake), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "DiagnosticsState"), "Error_Last");
    CU_ASSERT_EQUAL(fake->events.count, 2);
    CU_ASSERT_EQUAL(probe->canceled, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_cancel(void) {
    struct fake_host *fake = begin_test();
    CU_ASSERT_EQUAL(order(fake), TR069_OK);
    CU_ASSERT_EQUAL(fake_set(fake, OBJECT "Flag", "false"), TR069_OK);
    CU_ASSERT_EQUAL(probe->canceled, 1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(fake_set(fake, OBJECT "Flag", "true"), TR069_OK); /* nothing runs */
    CU_ASSERT_EQUAL(probe->canceled, 1);
    CU_ASSERT_EQUAL(order(fake), TR069_OK);
    CU_ASSERT_EQUAL(order(fake), TR069_OK); /* begins anew */
    CU_ASSERT_EQUAL(probe->canceled, 2);
    CU_ASSERT_EQUAL(probe->begun, 3);
    CU_ASSERT_EQUAL(fake->events.count, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* What a later parameter of the request undoes was never ordered, nor does it end what runs. */
static void test_a_request_that_fails(void) {
    struct fake_host *fake = begin_test();
    CU_ASSERT_EQUAL(order(fake), TR069_OK);
    CU_ASSERT_EQUAL(probe->begun, 1);
    CU_ASSERT_EQUAL(fake_set_all(fake, OBJECT "DiagnosticsState", "Requested", OBJECT "Flag", "false",
                                 "Device.Z.Refused", "a"),
                    TR069_FAULT);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "DiagnosticsState"), "Requested");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "Flag"), "true");
    CU_ASSERT_EQUAL(probe->begun, 1);
    CU_ASSERT_EQUAL(probe->canceled, 0);
    CU_ASSERT_EQUAL(fake_set(fake, OBJECT "Flag", "false"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, OBJECT "DiagnosticsState"), "None");
    CU_ASSERT_EQUAL(probe->begun, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("diagnostic", {"fields", test_fields}, {"ends", test_ends}, {"cancel", test_cancel},
               {"a request that fails", test_a_request_that_fails});
}
