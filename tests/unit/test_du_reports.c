/* core/cwmp/du_reports: what is told of deployment units, over restarts and a bootstrap. */
#include <config.h>

#include "cwmp/du_reports.h"

#include "cunit.h"

#include <errno.h>
#include <string.h>

#define UUID "11111111-2222-3333-4444-555555555555"

static struct store *store;
static struct du_reports *reports;

static int make(void) {
    int r = store_open(NULL, &store, NULL);
    return r == 0 ? du_reports_new(store, &reports) : r;
}

static void unmake(void) {
    du_reports_free(reports);
    store_free(store);
}

static void begin(void) {
    du_reports_discard(reports);
}

static void restart(void) {
    du_reports_free(reports);
    reports = NULL;
    CU_ASSERT_EQUAL_FATAL(du_reports_new(store, &reports), 0);
}

static struct tr069_du_result result(unsigned code, const char *text) {
    struct tr069_du_result r = {.operation = "Install",
                                .uuid = UUID,
                                .unit = "Device.SoftwareModules.DeploymentUnit.1",
                                .version = "1 \xc3\xa9%=\n",
                                .state = code == 0 ? "Installed" : "Failed",
                                .resolved = true,
                                .start = 5,
                                .complete = TR069_TIME_UNKNOWN,
                                .fault = {.code = code}};
    (void) snprintf(r.fault.text, sizeof r.fault.text, "%s", text);
    return r;
}

static void one_report(void) {
    uint32_t id = 0, next = 0;
    const struct tr069_du_result well = result(0, "not told"), bad = result(9019, "who signed = that?");
    const char *key;
    begin();
    CU_ASSERT_EQUAL_FATAL(du_reports_open(reports, "key =\n", &id), 0);
    CU_ASSERT_EQUAL(du_reports_add(reports, id, &well), 0);
    restart();
    CU_ASSERT_EQUAL(du_reports_add(reports, id, &bad), 0);
    CU_ASSERT_PTR_NULL(du_reports_next(reports, 0)); /* not complete */
    CU_ASSERT_EQUAL(du_reports_close(reports, id), 1);
    CU_ASSERT_EQUAL(du_reports_close(reports, id), -ENOENT);
    CU_ASSERT_EQUAL(du_reports_add(reports, id, &bad), -ENOENT);
    restart();
    const struct du_report *report = du_reports_next(reports, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(report);
    CU_ASSERT_STRING_EQUAL(du_report_event(report, &key), "M ChangeDUState");
    CU_ASSERT_STRING_EQUAL(key, "key =\n");
    CU_ASSERT_EQUAL_FATAL(report->count, 2);
    CU_ASSERT_STRING_EQUAL(report->results[0].version, "1 \xc3\xa9%=\n");
    CU_ASSERT_STRING_EQUAL(report->results[0].execution_units, "");
    CU_ASSERT_STRING_EQUAL(report->results[0].fault.text, "");
    CU_ASSERT_EQUAL(report->results[1].fault.code, 9018);
    CU_ASSERT_STRING_EQUAL(report->results[1].fault.text, "who signed = that?");
    CU_ASSERT_EQUAL(report->results[1].start, 5);
    CU_ASSERT_EQUAL(report->results[1].complete, TR069_TIME_UNKNOWN);
    CU_ASSERT_TRUE(report->results[1].resolved);
    du_reports_delivered(reports, id);
    restart();
    CU_ASSERT_PTR_NULL(du_reports_find(reports, id));
    CU_ASSERT_EQUAL(du_reports_open(reports, NULL, &next), 0);
    CU_ASSERT(next > id); /* no number is given twice */
    CU_ASSERT_TRUE(du_reports_is_autonomous(reports, next));
    CU_ASSERT_EQUAL(du_reports_close(reports, next), 0); /* nothing to tell */
    CU_ASSERT_PTR_NULL(du_reports_find(reports, next));
}

static void limits(void) {
    struct tr069_du_result wrong = result(0, "");
    uint32_t id = 0, ignored = 0;
    begin();
    CU_ASSERT_EQUAL(du_reports_open(reports, "123456789012345678901234567890123", &id), -EINVAL);
    CU_ASSERT_EQUAL_FATAL(du_reports_open(reports, NULL, &id), 0);
    wrong.uuid = "none";
    CU_ASSERT_EQUAL(du_reports_add(reports, id, &wrong), -EINVAL);
    wrong = result(0, "");
    wrong.version = "123456789012345678901234567890123";
    CU_ASSERT_EQUAL(du_reports_add(reports, id, &wrong), -EINVAL);
    wrong.version = "1";
    for (int i = 0; i < TR069_DU_RESULTS_MAX; i++) {
        CU_ASSERT_EQUAL(du_reports_add(reports, id, &wrong), 0);
    }
    CU_ASSERT_EQUAL(du_reports_add(reports, id, &wrong), -ENOSPC);
    for (int i = 1; i < TR069_DU_REPORTS_MAX; i++) {
        CU_ASSERT_EQUAL(du_reports_open(reports, "", &ignored), 0);
    }
    CU_ASSERT_EQUAL(du_reports_open(reports, "", &ignored), -ENOSPC);
    restart();
    CU_ASSERT_EQUAL(du_reports_find(reports, id)->count, TR069_DU_RESULTS_MAX);
    du_reports_discard(reports); /* a bootstrap */
    CU_ASSERT_EQUAL(du_reports_add(reports, id, &wrong), -ENOENT);
    restart();
    CU_ASSERT_PTR_NULL(du_reports_find(reports, id));
    CU_ASSERT_PTR_NULL(store_get(store, "du/0000000001"));
}

/* DeploymentUnitCPEFaultCodeType of the schema. */
static void fault_codes(void) {
    static const unsigned told[][2] = {{0, 0},       {9000, 9001}, {9001, 9001}, {9002, 9001}, {9003, 9003},
                                       {9004, 9027}, {9010, 9027}, {9012, 9012}, {9013, 9013}, {9014, 9015},
                                       {9015, 9015}, {9018, 9018}, {9019, 9018}, {9020, 9017}, {9021, 9001},
                                       {9022, 9022}, {9032, 9032}, {9033, 9001}, {9850, 9850}, {1, 9001}};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        CU_ASSERT_EQUAL(du_fault_code(told[i][0]), told[i][1]);
    }
}

/* A store of somebody else's making is passed over. */
static void rubbish(void) {
    static const char *const pairs[][2] = {{"du/0000000007", "done"},
                                           {"du/x", "done own "},
                                           {"du/0000000009/000", "1 2 3 4 =a"},
                                           {"du/0000000010", "done own "},
                                           {"du/0000000010/000", "1 x 0 0 = = = = = = ="}};
    begin();
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(store_put(store, pairs[i][0], pairs[i][1]), 0);
    }
    restart();
    CU_ASSERT_PTR_NULL(du_reports_find(reports, 7));
    CU_ASSERT_PTR_NULL(du_reports_find(reports, 10)); /* nothing to tell */
}

static CU_TestInfo tests[] = {{"one report", one_report},
                              {"limits", limits},
                              {"fault codes", fault_codes},
                              {"rubbish", rubbish},
                              CU_TEST_INFO_NULL};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("reports", tests), CU_SUITE_INFO_NULL};
    if (make() < 0) {
        return 99;
    }
    int failures = cunit_run(suites);
    unmake();
    return failures;
}
