/* tables of the fake host: rows come and go as the client lets them. */
#include <config.h>

#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

static unsigned commits;
static bool there[4]; /* rows 1 to 3 of Own. */

static void committed(const struct tr069_at *at) {
    (void) at;
    commits++;
}

static int own_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    int r = 0;
    (void) at;
    for (uint32_t i = 1; r == 0 && i < 4; i++) {
        r = there[i] ? tr069_row(rows, i, &there[i]) : 0;
    }
    return r;
}

static int own_add(const struct tr069_at *at, uint32_t *ret_instance) {
    (void) at;
    *ret_instance = !there[1] ? 1 : !there[2] ? 2 : 3;
    there[*ret_instance] = true;
    return TR069_OK;
}

static int own_remove(const struct tr069_at *at) {
    *(bool *) at->row = false;
    return TR069_OK;
}

static const struct tr069_param params[] = {{"Name", TR069_STRING, TR069_STORED, .value = "new"}, {0}};
static const struct tr069_param own_params[] = {{"Kind", TR069_STRING, .value = "own"}, {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "X_ACME_Kept.{i}.", params, TR069_STORED_ROWS, .max_rows = 2, .commit = committed},
    {TR069_BOTH, "X_ACME_Own.{i}.", own_params, .max_rows = 2, .instances = own_rows, .add = own_add,
     .remove = own_remove, .commit = committed},
    {0}};

TR069_PLUGIN(.name = "rows", .objects = objects);

static void rows_that_the_client_keeps(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    commits = 0;
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_add(fake, "X_ACME_Kept."), 1);
    CU_ASSERT_EQUAL(fake_add(fake, "Device.X_ACME_Kept."), 2);
    CU_ASSERT_EQUAL(commits, 2);
    CU_ASSERT_EQUAL(fake_add(fake, "X_ACME_Kept."), 0); /* max_rows */
    CU_ASSERT_EQUAL(fake->fault.code, 9004);
    CU_ASSERT_EQUAL(fake_set(fake, "X_ACME_Kept.2.Name", "Second"), TR069_OK);
    CU_ASSERT_EQUAL(fake_remove(fake, "X_ACME_Kept.2."), TR069_OK);
    CU_ASSERT_EQUAL(commits, 4);
    CU_ASSERT_PTR_NULL(fake_get(fake, "X_ACME_Kept.2.Name"));
    CU_ASSERT_EQUAL(fake_row_count(fake, "X_ACME_Kept."), 1);
    CU_ASSERT_EQUAL(fake_remove(fake, "X_ACME_Kept.2."), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9005);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_EQUAL(fake_add(fake, "X_ACME_Kept."), 3); /* a number is given once */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "X_ACME_Kept.3.Name"), "new");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void rows_of_the_plugin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_IGD1);
    commits = 0;
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_EQUAL(fake_add(fake, "X_ACME_Own."), 1);
    CU_ASSERT_EQUAL(fake_add(fake, "X_ACME_Own."), 2);
    CU_ASSERT_EQUAL(fake_add(fake, "X_ACME_Own."), 0);
    CU_ASSERT_EQUAL(fake->fault.code, 9004);
    CU_ASSERT_FALSE(there[3]);
    CU_ASSERT_EQUAL(fake_remove(fake, "X_ACME_Own.1."), TR069_OK);
    CU_ASSERT_EQUAL(commits, 3);
    CU_ASSERT_PTR_NULL(fake_get(fake, "X_ACME_Own.1.Kind"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("fake host", {"rows that the client keeps", rows_that_the_client_keeps},
               {"rows of the plugin", rows_of_the_plugin});
}
