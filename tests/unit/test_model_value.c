/* Values: their lexical forms and limits (TR-106 section 3.2). */
#include "model/value.h"

#include "cunit.h"

#include <stdlib.h>

struct form {
    enum tr069_type type;
    const char *text;
    int expected; /* of value_parse() */
};

static const struct form forms[] = {
    {TR069_STRING, "", 0},
    {TR069_STRING, "  two  ", 0},
    {TR069_INT, "0", 0},
    {TR069_INT, "-0", 0},
    {TR069_INT, " +7\n", 0},
    {TR069_INT, "-2147483648", 0},
    {TR069_INT, "2147483647", 0},
    {TR069_INT, "2147483648", -ERANGE},
    {TR069_INT, "-2147483649", -ERANGE},
    {TR069_INT, "", -EINVAL},
    {TR069_INT, "-", -EINVAL},
    {TR069_INT, "1.0", -EINVAL},
    {TR069_INT, "1e3", -EINVAL},
    {TR069_INT, "0x10", -EINVAL},
    {TR069_INT, "1 2", -EINVAL},
    {TR069_INT, "--1", -EINVAL},
    {TR069_LONG, "-9223372036854775808", 0},
    {TR069_LONG, "9223372036854775807", 0},
    {TR069_LONG, "9223372036854775808", -ERANGE},
    {TR069_LONG, "-9223372036854775809", -ERANGE},
    {TR069_UINT, "4294967295", 0},
    {TR069_UINT, "0000000000000000000000000007", 0},
    {TR069_UINT, "4294967296", -ERANGE},
    {TR069_UINT, "-1", -ERANGE},
    {TR069_UINT, "-0", 0},
    {TR069_ULONG, "18446744073709551615", 0},
    {TR069_ULONG, "18446744073709551616", -ERANGE},
    {TR069_ULONG, "99999999999999999999999999999999", -ERANGE},
    {TR069_ULONG, "9999999999999999999999999999999x", -EINVAL},
    {TR069_BOOLEAN, "0", 0},
    {TR069_BOOLEAN, "1", 0},
    {TR069_BOOLEAN, "true", 0},
    {TR069_BOOLEAN, " false ", 0},
    {TR069_BOOLEAN, "True", -EINVAL},
    {TR069_BOOLEAN, "TRUE", -EINVAL},
    {TR069_BOOLEAN, "yes", -EINVAL},
    {TR069_BOOLEAN, "2", -EINVAL},
    {TR069_BOOLEAN, "", -EINVAL},
    {TR069_DATETIME, "2026-11-22T04:30:00Z", 0},
    {TR069_DATETIME, "2026-11-22T05:30:00+01:00", 0},
    {TR069_DATETIME, "0001-01-01T00:00:00Z", 0},
    {TR069_DATETIME, "0001-01-03T03:04:05", 0},
    {TR069_DATETIME, "2026-13-22T04:30:00Z", -EINVAL},
    {TR069_DATETIME, "yesterday", -EINVAL},
    {TR069_DATETIME, "2026-11-22T04:30:00.00000000000000000000000000000000000000000000000000000000000Z",
     -EINVAL},
    {TR069_BASE64, "", 0},
    {TR069_BASE64, "QUJD", 0},
    {TR069_BASE64, " QQ== ", 0},
    {TR069_BASE64, "QQ=", -EINVAL},
    {TR069_BASE64, "Q===", -EINVAL},
    {TR069_BASE64, "====", -EINVAL},
    {TR069_BASE64, "QU D", -EINVAL},
    {TR069_BASE64, "QU*D", -EINVAL},
    {TR069_HEXBINARY, "", 0},
    {TR069_HEXBINARY, "00fF", 0},
    {TR069_HEXBINARY, "0", -EINVAL},
    {TR069_HEXBINARY, "0g", -EINVAL},
    {TR069_DECIMAL, "-1.50", 0},
    {TR069_DECIMAL, ".5", 0},
    {TR069_DECIMAL, "5.", 0},
    {TR069_DECIMAL, ".", -EINVAL},
    {TR069_DECIMAL, "1.2.3", -EINVAL},
    {TR069_DECIMAL, "1e5", -EINVAL},
    {TR069_NONE, "1", -EINVAL},
    {TR069_LIST, "1", -EINVAL},
};

static void forms_are_accepted_and_refused_exactly(void) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tr069_value value;
        /* not ended by NUL: what lies behind must not be read */
        size_t length = strlen(forms[i].text);
        char *exact = malloc(length > 0 ? length : 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
        memcpy(exact, forms[i].text, length);
        int r = value_parse(forms[i].type, exact, length, &value);
        if (r != forms[i].expected) {
            (void) fprintf(stderr, "%s \"%s\": %d\n", value_type_name(forms[i].type), forms[i].text, r);
        }
        CU_ASSERT_EQUAL(r, forms[i].expected);
        free(exact);
    }
}

static void nul_in_a_string_is_refused(void) {
    struct tr069_value value;
    CU_ASSERT_EQUAL(value_parse(TR069_STRING, "a\0b", 3, &value), -EINVAL);
    CU_ASSERT_EQUAL(value_parse(TR069_DATETIME, "2026-11-22T04:30:00Z\0x", 22, &value), -EINVAL);
}

static void parsed_values_are_right(void) {
    struct tr069_value value;
    CU_ASSERT_EQUAL(value_parse(TR069_LONG, "-9223372036854775808", 20, &value), 0);
    CU_ASSERT_EQUAL(value.as.integer, INT64_MIN);
    CU_ASSERT_EQUAL(value_parse(TR069_ULONG, "18446744073709551615", 20, &value), 0);
    CU_ASSERT_EQUAL(value.as.number, UINT64_MAX);
    CU_ASSERT_EQUAL(value_parse(TR069_BOOLEAN, "1", 1, &value), 0);
    CU_ASSERT_TRUE(value.as.boolean);
    CU_ASSERT_EQUAL(value_parse(TR069_STRING, " a ", 3, &value), 0);
    CU_ASSERT_EQUAL(value.length, 3);
    CU_ASSERT_EQUAL(value_parse(TR069_HEXBINARY, " ab ", 4, &value), 0);
    CU_ASSERT_EQUAL(value.length, 2);
    CU_ASSERT_EQUAL(value_parse(TR069_DATETIME, "1970-01-01T01:00:10+01:00", 25, &value), 0);
    CU_ASSERT_EQUAL(value.time, 10);
    CU_ASSERT_EQUAL(value_parse(TR069_DATETIME, "0001-01-01T00:00:00Z", 20, &value), 0);
    CU_ASSERT_EQUAL(value.time, TR069_TIME_UNKNOWN);
}

static void type_names_go_both_ways(void) {
    for (int type = TR069_STRING; type <= TR069_DECIMAL; type++) {
        const char *name = value_type_name((enum tr069_type) type);
        CU_ASSERT_EQUAL(value_type_of(name, strlen(name)), (enum tr069_type) type);
        CU_ASSERT_EQUAL(value_type_of(name, strlen(name) - 1), TR069_NONE);
    }
    CU_ASSERT_EQUAL(value_type_of("base64Binary", 12), TR069_BASE64);
    CU_ASSERT_EQUAL(value_type_of("", 0), TR069_NONE);
    CU_ASSERT_EQUAL(value_type_of("String", 6), TR069_NONE);
    CU_ASSERT_STRING_EQUAL(value_type_name(TR069_NONE), "");
    CU_ASSERT_STRING_EQUAL(value_type_name((enum tr069_type) 99), "");
}

static const char *const on_off[] = {"On", "Off", NULL};

static void limits_are_judged_with_words(void) {
    static const struct {
        struct tr069_param param;
        const char *text;
        const char *words; /* NULL: fits */
    } cases[] = {
        {{"P", TR069_INT, .min = -5, .max = 5}, "-5", NULL},
        {{"P", TR069_INT, .min = -5, .max = 5}, "5", NULL},
        {{"P", TR069_INT, .min = -5, .max = 5}, "6", "must be between -5 and 5"},
        {{"P", TR069_INT, .min = -5, .max = 5}, "-6", "must be between -5 and 5"},
        {{"P", TR069_INT, .min = -5, .max = 0}, "1", "must be between -5 and 0"},
        {{"P", TR069_UINT, .min = 1, .max = 10}, "0", "must be between 1 and 10"},
        {{"P", TR069_UINT, .min = 1, .max = 10}, "10", NULL},
        {{"P", TR069_UINT, .min = 1, .max = 10}, "11", "must be between 1 and 10"},
        {{"P", TR069_ULONG, .min = 0, .max = INT64_MAX},
         "9223372036854775808",
         "must be between 0 and 9223372036854775807"},
        {{"P", TR069_DECIMAL, .min = 0, .max = 1}, "0.5", NULL},
        {{"P", TR069_DECIMAL, .min = 0, .max = 1}, "1.01", "must be between 0 and 1"},
        {{"P", TR069_STRING, .max_length = 4}, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", NULL},
        {{"P", TR069_STRING, .max_length = 3},
         "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f",
         "must be at most 3 characters, has 4"},
        {{"P", TR069_STRING, .min_length = 2}, "a", "must be at least 2 characters, has 1"},
        {{"P", TR069_STRING, .values = on_off}, "On", NULL},
        {{"P", TR069_STRING, .values = on_off}, "on", "must be one of: On, Off"},
        {{"P", TR069_STRING, .values = on_off}, " On", "must be one of: On, Off"},
        {{"P", TR069_STRING, .values = on_off}, "", "must be one of: On, Off"},
        {{"P", TR069_STRING, .pattern = "[0-9]+|abc"}, "123", NULL},
        {{"P", TR069_STRING, .pattern = "[0-9]+|abc"}, "123x", "must match the pattern [0-9]+|abc"},
        {{"P", TR069_STRING, .pattern = "[0-9]+|abc"}, "xabc", "must match the pattern [0-9]+|abc"},
        {{"P", TR069_STRING, .pattern = "a|ab"}, "ab", NULL},
        {{"P", TR069_STRING, .values = on_off, .pattern = "[0-9]+"}, "On", NULL},
        {{"P", TR069_STRING, .values = on_off, .pattern = "[0-9]+"}, "12", NULL},
        {{"P", TR069_STRING, .values = on_off, .pattern = "[0-9]+"},
         "on",
         "must be one of: On, Off, or match the pattern [0-9]+"},
        {{"P", TR069_STRING, TR069_CSV, .values = on_off, .pattern = "[0-9]+"}, "On,12,Off", NULL},
        {{"P", TR069_STRING, TR069_CSV, .values = on_off, .pattern = "[0-9]+"},
         "12,13,a",
         "item 3 must be one of: On, Off, or match the pattern [0-9]+"},
        {{"P", TR069_STRING, TR069_CSV, .values = on_off}, "", NULL},
        {{"P", TR069_STRING, TR069_CSV, .values = on_off}, "On , Off", NULL},
        {{"P", TR069_STRING, TR069_CSV, .values = on_off}, "On,,Off", "item 2 must be one of: On, Off"},
        {{"P", TR069_STRING, TR069_CSV, .values = on_off}, "On,off", "item 2 must be one of: On, Off"},
        {{"P", TR069_STRING, TR069_CSV, .max_length = 2}, "ab,cd,ef", NULL},
        {{"P", TR069_STRING, TR069_CSV, .max_length = 2},
         "ab,cde",
         "item 2 must be at most 2 characters, has 3"},
        {{"P", TR069_BASE64, .max_length = 2}, "QUI=", NULL},
        {{"P", TR069_BASE64, .max_length = 2}, "QUJD", "must be at most 2 octets, has 3"},
        {{"P", TR069_HEXBINARY, .min_length = 2}, "00", "must be at least 2 octets, has 1"},
        {{"P", TR069_BOOLEAN}, "true", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tr069_fault fault = {0};
        struct tr069_value value;
        CU_ASSERT_EQUAL_FATAL(value_parse(cases[i].param.type, cases[i].text, strlen(cases[i].text), &value),
                              0);
        int r = value_check(&cases[i].param, &value, &fault);
        if (cases[i].words == NULL) {
            CU_ASSERT_EQUAL(r, TR069_OK);
        } else {
            CU_ASSERT_EQUAL(r, TR069_FAULT);
            CU_ASSERT_EQUAL(fault.code, TR069_INVALID_VALUE);
            CU_ASSERT_STRING_EQUAL(fault.text, cases[i].words);
        }
    }
}

static void text_of_values_of_getters(void) {
    struct tr069_value value;
    const char *text;
    size_t length;
#define TEXT(type, make, expected)                                                                           \
    do {                                                                                                     \
        memset(&value, 0, sizeof value);                                                                     \
        (void) make;                                                                                         \
        CU_ASSERT_EQUAL_FATAL(value_text(type, &value, &text, &length), 0);                                  \
        CU_ASSERT_EQUAL(length, strlen(expected));                                                           \
        CU_ASSERT_EQUAL(memcmp(text, expected, length), 0);                                                  \
    } while (0)
#define NO_TEXT(type, make)                                                                                  \
    do {                                                                                                     \
        memset(&value, 0, sizeof value);                                                                     \
        (void) make;                                                                                         \
        CU_ASSERT_EQUAL(value_text(type, &value, &text, &length), -EINVAL);                                  \
    } while (0)
    TEXT(TR069_INT, tr069_value_int(&value, 0), "0");
    TEXT(TR069_INT, tr069_value_int(&value, -9), "-9");
    TEXT(TR069_INT, tr069_value_int(&value, 10), "10");
    TEXT(TR069_INT, tr069_value_int(&value, -99), "-99");
    TEXT(TR069_INT, tr069_value_int(&value, 100), "100");
    TEXT(TR069_INT, tr069_value_int(&value, INT32_MIN), "-2147483648");
    NO_TEXT(TR069_INT, tr069_value_int(&value, (int64_t) INT32_MIN - 1));
    NO_TEXT(TR069_INT, tr069_value_int(&value, (int64_t) INT32_MAX + 1));
    TEXT(TR069_INT, tr069_value_uint(&value, 7), "7");
    TEXT(TR069_LONG, tr069_value_int(&value, INT64_MIN), "-9223372036854775808");
    NO_TEXT(TR069_LONG, tr069_value_uint(&value, UINT64_MAX));
    TEXT(TR069_UINT, tr069_value_int(&value, 42), "42");
    TEXT(TR069_UINT, tr069_value_uint(&value, UINT32_MAX), "4294967295");
    NO_TEXT(TR069_UINT, tr069_value_int(&value, -1));
    NO_TEXT(TR069_UINT, tr069_value_uint(&value, (uint64_t) UINT32_MAX + 1));
    TEXT(TR069_ULONG, tr069_value_uint(&value, UINT64_MAX), "18446744073709551615");
    TEXT(TR069_BOOLEAN, tr069_value_bool(&value, true), "true");
    TEXT(TR069_BOOLEAN, tr069_value_bool(&value, false), "false");
    NO_TEXT(TR069_BOOLEAN, tr069_value_int(&value, 1));
    NO_TEXT(TR069_INT, tr069_value_bool(&value, true));
    NO_TEXT(TR069_STRING, tr069_value_bool(&value, true));
    NO_TEXT(TR069_STRING, tr069_value_int(&value, 1));
    NO_TEXT(TR069_STRING, (void) 0); /* a getter that gave nothing */
    TEXT(TR069_STRING, tr069_value_string(&value, " as it is "), " as it is ");
    TEXT(TR069_STRING, tr069_value_string(&value, NULL), "");
    TEXT(TR069_BASE64, tr069_value_string(&value, "QUJD"), "QUJD");
    TEXT(TR069_DATETIME, tr069_value_time(&value, 0), "1970-01-01T00:00:00Z");
    TEXT(TR069_DATETIME, tr069_value_time(&value, TR069_TIME_UNKNOWN), "0001-01-01T00:00:00Z");
    TEXT(TR069_DATETIME, tr069_value_time_us(&value, 1000000), "1970-01-01T00:00:01.000000Z");
    TEXT(TR069_DATETIME, tr069_value_time_us(&value, -1), "1969-12-31T23:59:59.999999Z");
    TEXT(TR069_DATETIME, tr069_value_time_us(&value, TR069_TIME_UNKNOWN), "0001-01-01T00:00:00Z");
    TEXT(TR069_DATETIME, tr069_value_string(&value, "9999-12-31T23:59:59Z"), "9999-12-31T23:59:59Z");
    TEXT(TR069_DECIMAL, tr069_value_string(&value, "1.5"), "1.5");
    TEXT(TR069_DECIMAL, tr069_value_int(&value, -3), "-3");
    /* sources of text: as long as it is a value of the type */
    TEXT(TR069_UINT, tr069_value_string(&value, " 17\n"), "17");
    TEXT(TR069_BOOLEAN, tr069_value_string(&value, "1"), "true");
    NO_TEXT(TR069_UINT, tr069_value_string(&value, "many"));
    NO_TEXT(TR069_BOOLEAN, tr069_value_string(&value, "on"));
    TEXT(TR069_DATETIME, tr069_value_string(&value, "2026-11-22T04:30:00Z\n"), "2026-11-22T04:30:00Z");
    TEXT(TR069_HEXBINARY, tr069_value_string(&value, ""), "");
    NO_TEXT(TR069_DATETIME, tr069_value_string(&value, "yesterday"));
    NO_TEXT(TR069_DATETIME, tr069_value_string(&value, ""));
    NO_TEXT(TR069_HEXBINARY, tr069_value_string(&value, "abc"));
    NO_TEXT(TR069_BASE64, tr069_value_string(&value, "?"));
    NO_TEXT(TR069_DECIMAL, tr069_value_string(&value, "1,5"));
    for (uint64_t number = 1, i = 0; i < 64; i++, number = number * 3 + i) {
        char expected[24];
        (void) snprintf(expected, sizeof expected, "%llu", (unsigned long long) number);
        TEXT(TR069_ULONG, tr069_value_uint(&value, number), expected);
    }
}

static CU_TestInfo tests[] = {
    {"forms (SPV-11, SPV-13, DMR-07)", forms_are_accepted_and_refused_exactly},
    {"NUL", nul_in_a_string_is_refused},
    {"parsed", parsed_values_are_right},
    {"type names", type_names_go_both_ways},
    {"limits (SPV-12)", limits_are_judged_with_words},
    {"text", text_of_values_of_getters},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("values", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
