/* core/base/arena */
#include <config.h>

#include "base/arena.h"

#include "cunit.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

static void gives_zeroed_aligned_separate_pieces(void) {
    struct arena *arena = arena_new(1000000);
    unsigned char *pieces[300];
    size_t i, j;
    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    for (int round = 0; round < 3; round++) {
        for (i = 0; i < 300; i++) {
            pieces[i] = arena_alloc(arena, i * 7);
            CU_ASSERT_PTR_NOT_NULL_FATAL(pieces[i]);
            CU_ASSERT_EQUAL((uintptr_t) pieces[i] % alignof(max_align_t), 0);
            for (j = 0; j < i * 7; j++) {
                CU_ASSERT_EQUAL_FATAL(pieces[i][j], 0);
            }
            memset(pieces[i], (int) (i & 0xFF), i * 7);
        }
        for (i = 0; i < 300; i++) {
            for (j = 0; j < i * 7; j++) {
                CU_ASSERT_EQUAL_FATAL(pieces[i][j], i & 0xFF);
            }
        }
        arena_reset(arena);
    }
    arena_free(arena);
}

static void ends_at_the_maximum(void) {
    struct arena *arena = arena_new(64 * 1024);
    size_t given = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    CU_ASSERT_PTR_NULL(arena_alloc(arena, 64 * 1024 + 1));
    CU_ASSERT_PTR_NULL(arena_alloc(arena, SIZE_MAX));
    CU_ASSERT_PTR_NULL(arena_alloc(arena, SIZE_MAX - 8));
    CU_ASSERT_PTR_NULL(arena_strndup(arena, "", SIZE_MAX));
    while (arena_alloc(arena, 1000) != NULL) {
        given += 1000;
    }
    CU_ASSERT(given > 60 * 1024 && given <= 64 * 1024);
    CU_ASSERT_PTR_NULL(arena_alloc(arena, 1000));
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(arena, 16)); /* a smaller one still fits */
    arena_reset(arena);
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(arena, 64 * 1024));
    CU_ASSERT_PTR_NULL(arena_alloc(arena, 1));
    arena_free(arena);
}

static void empty_pieces_count_too(void) {
    /* else a peer could make endless many of them */
    struct arena *arena = arena_new(1024);
    size_t n = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    while (n < 5000 && arena_alloc(arena, 0) != NULL) {
        n++;
    }
    CU_ASSERT(n <= 1024);
    arena_free(arena);
}

static void copies_text(void) {
    struct arena *arena = arena_new(4096);
    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    CU_ASSERT_STRING_EQUAL(arena_strdup(arena, "Device."), "Device.");
    CU_ASSERT_STRING_EQUAL(arena_strndup(arena, "Device.", 3), "Dev");
    CU_ASSERT_STRING_EQUAL(arena_strndup(arena, NULL, 0), "");
    CU_ASSERT_STRING_EQUAL(arena_strdup(arena, ""), "");
    arena_free(arena);
    arena_free(NULL);
}

static CU_TestInfo tests[] = {
    {"gives zeroed, aligned, separate pieces", gives_zeroed_aligned_separate_pieces},
    {"ends at the maximum", ends_at_the_maximum},
    {"empty pieces count too", empty_pieces_count_too},
    {"copies text", copies_text},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("arena", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
