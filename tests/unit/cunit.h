/* What every unit test needs of CUnit: a table of suites, run, non-zero when anything failed.
 *
 *     static void adds(void) { CU_ASSERT_EQUAL(1 + 1, 2); }
 *     static CU_TestInfo sums[] = {{"adds", adds}, CU_TEST_INFO_NULL};
 *     int main(void) {
 *         CU_SuiteInfo suites[] = {CUNIT_SUITE("sums", sums), CU_SUITE_INFO_NULL};
 *         return cunit_run(suites);
 *     }
 */
#ifndef TESTS_CUNIT_H
#define TESTS_CUNIT_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <stdio.h>

/* By name, since older CUnits have fewer fields. */
#define CUNIT_SUITE(name, tests)                                                                             \
    { .pName = name, .pTests = tests }

static inline int cunit_run(CU_SuiteInfo *suites) {
    unsigned failures;
    (void) setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        (void) fprintf(stderr, "CUnit: %s\n", CU_get_error_msg());
        return 99; /* automake: hard error */
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (CU_basic_run_tests() != CUE_SUCCESS) {
        (void) fprintf(stderr, "CUnit: %s\n", CU_get_error_msg());
        CU_cleanup_registry();
        return 99;
    }
    failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}

#endif
