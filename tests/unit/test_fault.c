/* core/cwmp/fault */
#include <config.h>

#include "cwmp/fault.h"

#include "cunit.h"

#include <string.h>

static void names_every_code(void) {
    unsigned code, other;
    for (code = 9000; code <= 9032; code++) {
        CU_ASSERT_NOT_EQUAL(fault_name(code)[0], '\0');
        for (other = 9000; other < code; other++) {
            CU_ASSERT_STRING_NOT_EQUAL(fault_name(code), fault_name(other));
        }
    }
    CU_ASSERT_STRING_EQUAL(fault_name(9005), "Invalid parameter name");
    CU_ASSERT_STRING_EQUAL(fault_name(9021),
                           "Cancelation of file transfer not permitted in current transfer state");
    CU_ASSERT_STRING_EQUAL(fault_name(9800), "Vendor fault");
    CU_ASSERT_STRING_EQUAL(fault_name(9899), "Vendor fault");
    CU_ASSERT_STRING_EQUAL(fault_name(9900), "Internal error");
    CU_ASSERT_STRING_EQUAL(fault_name(0), "Internal error");
    CU_ASSERT_STRING_EQUAL(fault_name(8999), "Internal error");
}

static void blames_the_requester(void) {
    static const unsigned client[] = {9003, 9005, 9006, 9007, 9008, 9021, 9022, 9023,
                                      9024, 9025, 9026, 9028, 9029, 9030, 9031, 9032};
    unsigned code, seen = 0;
    for (code = 8990; code < 9910; code++) {
        if (fault_is_client(code)) {
            CU_ASSERT_FATAL(seen < sizeof client / sizeof client[0]);
            CU_ASSERT_EQUAL(code, client[seen]);
            seen++;
        }
    }
    CU_ASSERT_EQUAL(seen, sizeof client / sizeof client[0]);
}

static void knows_what_transfer_complete_carries(void) {
    static const unsigned complete[] = {9001, 9002, 9010, 9011, 9012, 9014, 9015,
                                        9016, 9017, 9018, 9019, 9020, 9800, 9899};
    static const unsigned never[] = {0, 9000, 9003, 9004, 9005, 9013, 9021, 9032, 9799, 9900};
    size_t i;
    for (i = 0; i < sizeof complete / sizeof complete[0]; i++) {
        CU_ASSERT_TRUE(fault_in_transfer_complete(complete[i]));
    }
    for (i = 0; i < sizeof never / sizeof never[0]; i++) {
        CU_ASSERT_FALSE(fault_in_transfer_complete(never[i]));
    }
}

static void speaks_older_versions(void) {
    CU_ASSERT_EQUAL(fault_code_in(9015, 10), 9010);
    CU_ASSERT_EQUAL(fault_code_in(9015, 11), 9015);
    CU_ASSERT_EQUAL(fault_code_in(9020, 11), 9010);
    CU_ASSERT_EQUAL(fault_code_in(9020, 12), 9020);
    CU_ASSERT_EQUAL(fault_code_in(9021, 11), 9002);
    CU_ASSERT_EQUAL(fault_code_in(9003, 10), 9003);
    CU_ASSERT_EQUAL(fault_code_in(9850, 10), 9850);
    CU_ASSERT_EQUAL(fault_code_in(0, 12), 9002);
    CU_ASSERT_EQUAL(fault_code_in(8001, 12), 9002);
}

static void turns_verdicts_into_faults(void) {
    struct tr069_fault fault = {0};
    (void) tr069_fault(&fault, 9811, "the tuner is busy");
    fault_from_verdict(TR069_FAULT, "X", &fault);
    CU_ASSERT_EQUAL(fault.code, 9811);
    CU_ASSERT_STRING_EQUAL(fault.text, "the tuner is busy");
    memset(&fault, 0, sizeof fault);
    fault_from_verdict(TR069_FAULT, "X", &fault); /* the plugin forgot to fill it in */
    CU_ASSERT_EQUAL(fault.code, 9002);
    CU_ASSERT_STRING_EQUAL(fault.text, "Internal error");
    memset(&fault, 0, sizeof fault);
    fault_from_verdict(-EIO, "Device.X", &fault);
    CU_ASSERT_EQUAL(fault.code, 9002);
    CU_ASSERT_PTR_NOT_NULL(strstr(fault.text, "Device.X: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault.text, strerror(EIO)));
    fault_from_verdict(-ENOMEM, "X", &fault);
    CU_ASSERT_EQUAL(fault.code, 9004);
    fault_from_verdict(-ENOSPC, "X", &fault);
    CU_ASSERT_EQUAL(fault.code, 9004);
    memset(&fault, 0, sizeof fault);
    fault_from_verdict(77, "X", &fault);
    CU_ASSERT_EQUAL(fault.code, 9002);
}

static CU_TestInfo tests[] = {
    {"names every code", names_every_code},
    {"blames the requester", blames_the_requester},
    {"knows what TransferComplete carries", knows_what_transfer_complete_carries},
    {"speaks older versions", speaks_older_versions},
    {"turns verdicts into faults", turns_verdicts_into_faults},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("fault", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
