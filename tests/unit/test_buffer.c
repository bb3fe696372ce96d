/* core/base/buffer */
#include <config.h>

#include "base/buffer.h"

#include "cunit.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Memory that is not to be had is part of the test: AddressSanitizer shall refuse it, not abort. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void grows_and_stays_terminated(void) {
    struct buffer b;
    size_t i;
    buffer_init(&b, 100000);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "");
    for (i = 0; i < 10000; i++) {
        CU_ASSERT_EQUAL_FATAL(buffer_char(&b, (char) ('a' + i % 26)), 0);
        CU_ASSERT_EQUAL_FATAL(b.length, i + 1);
        CU_ASSERT_EQUAL_FATAL(b.data[b.length], '\0');
    }
    for (i = 0; i < 10000; i++) {
        CU_ASSERT_EQUAL_FATAL(b.data[i], (char) ('a' + i % 26));
    }
    CU_ASSERT_EQUAL(buffer_append(&b, "x\0y", 3), 0);
    CU_ASSERT_EQUAL(memcmp(b.data + 10000, "x\0y", 4), 0);
    CU_ASSERT_EQUAL(buffer_append(&b, NULL, 0), 0);
    CU_ASSERT_EQUAL(b.length, 10003);
    buffer_free(&b);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "");
    CU_ASSERT_EQUAL(buffer_text(&b, "again"), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "again");
    buffer_free(&b);
    buffer_free(NULL);
}

static void keeps_the_error_at_the_maximum(void) {
    struct buffer b;
    buffer_init(&b, 10);
    CU_ASSERT_EQUAL(buffer_text(&b, "0123456789"), 0); /* exactly the maximum */
    CU_ASSERT_EQUAL(buffer_text(&b, ""), 0);
    CU_ASSERT_EQUAL(buffer_char(&b, 'x'), -EMSGSIZE);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "0123456789");
    buffer_cut(&b, 2);
    CU_ASSERT_EQUAL(buffer_text(&b, "y"), -EMSGSIZE); /* there is room, but the error stays */
    CU_ASSERT_EQUAL(buffer_format(&b, "%d", 1), -EMSGSIZE);
    CU_ASSERT_PTR_NULL(buffer_reserve(&b, 1));
    CU_ASSERT_EQUAL(buffer_error(&b), -EMSGSIZE);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "01");
    buffer_reset(&b);
    CU_ASSERT_EQUAL(buffer_error(&b), 0);
    CU_ASSERT_EQUAL(buffer_text(&b, "z"), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "z");
    CU_ASSERT_EQUAL(buffer_append(&b, "", SIZE_MAX), -EMSGSIZE);
    buffer_free(&b);

    buffer_init(&b, 0);
    CU_ASSERT_EQUAL(buffer_text(&b, ""), 0);
    CU_ASSERT_EQUAL(buffer_char(&b, 'x'), -EMSGSIZE);
    buffer_free(&b);

    buffer_init(&b, SIZE_MAX);
    CU_ASSERT_EQUAL(buffer_text(&b, "any"), 0);
    CU_ASSERT_EQUAL(buffer_append(&b, "", SIZE_MAX), -EMSGSIZE);
    buffer_reset(&b);
#if SIZE_MAX > UINT32_MAX                                     /* there may be 2 GiB */
    CU_ASSERT_PTR_NULL(buffer_reserve(&b, SIZE_MAX / 2 - 1)); /* no such memory */
    CU_ASSERT_EQUAL(buffer_error(&b), -ENOMEM);
#endif
    buffer_free(&b);
}

static void formats(void) {
    struct buffer b;
    size_t n;
    buffer_init(&b, 300);
    for (n = 0; n < 300; n++) { /* every fill level of the memory */
        char *expected = malloc(n + 8);
        CU_ASSERT_PTR_NOT_NULL_FATAL(expected);
        memset(expected, '.', n);
        buffer_shrink(&b, 0);
        CU_ASSERT_EQUAL(buffer_append(&b, expected, n), 0);
        memcpy(expected + n, "7-seven", 8);
        if (n + 7 <= 300) {
            CU_ASSERT_EQUAL(buffer_format(&b, "%d-%s", 7, "seven"), 0);
            CU_ASSERT_STRING_EQUAL(buffer_string(&b), expected);
            CU_ASSERT_EQUAL(b.length, n + 7);
        } else {
            CU_ASSERT_EQUAL(buffer_format(&b, "%d-%s", 7, "seven"), -EMSGSIZE);
            CU_ASSERT_EQUAL(b.length, n);
            CU_ASSERT_EQUAL(strlen(buffer_string(&b)), n);
        }
        free(expected);
    }
    buffer_free(&b);
}

static void reserves(void) {
    struct buffer b;
    char *place;
    buffer_init(&b, 1000);
    place = buffer_reserve(&b, 500);
    CU_ASSERT_PTR_NOT_NULL_FATAL(place);
    memset(place, 'r', 500);
    buffer_added(&b, 3);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "rrr");
    CU_ASSERT_EQUAL(buffer_text(&b, "s"), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "rrrs");
    CU_ASSERT_PTR_NOT_NULL(buffer_reserve(&b, 996));
    buffer_added(&b, 5000); /* a caller's mistake does not lead out of the memory */
    CU_ASSERT_EQUAL(b.length, 1000);
    CU_ASSERT_PTR_NULL(buffer_reserve(&b, 1));
    buffer_free(&b);
}

static void cuts_and_shrinks(void) {
    struct buffer b;
    buffer_init(&b, 10000);
    buffer_cut(&b, 0);
    CU_ASSERT_EQUAL(buffer_text(&b, "abcdef"), 0);
    buffer_cut(&b, 9);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "abcdef");
    buffer_cut(&b, 3);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "abc");
    CU_ASSERT_PTR_NOT_NULL(buffer_reserve(&b, 5000));
    buffer_shrink(&b, 128);
    CU_ASSERT(b.capacity <= 128);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "");
    CU_ASSERT_EQUAL(buffer_text(&b, "small"), 0);
    buffer_shrink(&b, 0);
    CU_ASSERT_PTR_NULL(b.data);
    CU_ASSERT_EQUAL(buffer_text(&b, "small"), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "small");
    CU_ASSERT_PTR_NOT_NULL(buffer_reserve(&b, 5000));
    buffer_fit(&b);
    CU_ASSERT_EQUAL(b.capacity, sizeof "small");
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "small");
    CU_ASSERT_EQUAL(buffer_text(&b, "er"), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "smaller");
    buffer_free(&b);
    buffer_fit(&b);
    CU_ASSERT_PTR_NULL(b.data);
}

static void hands_over(void) {
    struct buffer b;
    char *text;
    buffer_init(&b, 5);
    text = buffer_take(&b);
    CU_ASSERT_STRING_EQUAL(text, "");
    free(text);
    CU_ASSERT_EQUAL(buffer_text(&b, "abc"), 0);
    text = buffer_take(&b);
    CU_ASSERT_STRING_EQUAL(text, "abc");
    free(text);
    CU_ASSERT_EQUAL(b.length, 0);
    CU_ASSERT_EQUAL(b.max, 5);
    CU_ASSERT_EQUAL(buffer_text(&b, "abcdef"), -EMSGSIZE);
    CU_ASSERT_PTR_NULL(buffer_take(&b)); /* never half a message */
    CU_ASSERT_EQUAL(buffer_error(&b), -EMSGSIZE);
    buffer_free(&b);
}

static CU_TestInfo tests[] = {
    {"grows and stays terminated", grows_and_stays_terminated},
    {"keeps the error at the maximum", keeps_the_error_at_the_maximum},
    {"formats", formats},
    {"reserves", reserves},
    {"cuts and shrinks", cuts_and_shrinks},
    {"hands over", hands_over},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("buffer", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
