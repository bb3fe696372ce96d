/* The plugin "platform-linux" against the fake host. */
#define _POSIX_C_SOURCE 200809L
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static void test_an_action_is_its_program(void) {
    struct fake_host *fake = begin();
    const char *const argv[] = {"/usr/bin/log tool", "-x", NULL}, *const args[] = {"one", "two three", NULL};
    fake_option_items(fake, "device_log", argv);
    fake_program(fake, "log tool", 0, "line 1\nline 2\n");
    CU_ASSERT_EQUAL(fake_action(fake, "device-log", args), TR069_OK);
    CU_ASSERT_EQUAL(fake->action_ends, 0);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->action_ends, 1);
    CU_ASSERT_EQUAL(fake->action_result, 0);
    CU_ASSERT_STRING_EQUAL(fake->action_output, "line 1\nline 2\n");
    CU_ASSERT_STRING_EQUAL(fake->runs.pairs[0].name, "/usr/bin/log tool -x one two three");
    CU_ASSERT_EQUAL(fake->runs.pairs[0].number, 30000);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_results(void) {
    struct fake_host *fake = begin();
    fake_program(fake, "reboot", 3, "");
    CU_ASSERT_EQUAL(fake_action(fake, "reboot", NULL), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->action_result, -EIO);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "status 3"));
    fake_program(fake, "reboot", -ETIMEDOUT, "");
    CU_ASSERT_EQUAL(fake_action(fake, "factory-reset", NULL), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->action_result, -ETIMEDOUT);
    CU_ASSERT_EQUAL(fake->action_ends, 2);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_what_cannot_be_done(void) {
    struct fake_host *fake = begin();
    const char *const none[] = {NULL};
    char *many[101];
    for (size_t i = 0; i < 100; i++) {
        many[i] = fake_copy("x");
    }
    many[100] = NULL;
    CU_ASSERT_EQUAL(fake_action(fake, "ntp", NULL), -ENOSYS);        /* empty by default */
    CU_ASSERT_EQUAL(fake_action(fake, "device-log", NULL), -ENOENT); /* no such program here */
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "journalctl could not be started"));
    fake_program(fake, "/sbin/reboot", 0, "");
    CU_ASSERT_EQUAL(fake_action(fake, "reboot", (const char *const *) many), -E2BIG);
    fake_option_items(fake, "reboot", none);
    CU_ASSERT_EQUAL(fake_action(fake, "reboot", NULL), -ENOSYS);
    CU_ASSERT_EQUAL(fake->action_ends, 0);
    for (size_t i = 0; i < 100; i++) {
        free(many[i]);
    }
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_output_is_capped_to_the_newest(void) {
    struct fake_host *fake = begin();
    char *big = calloc(1, 5001);
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    memset(big, 'a', 4999);
    big[4999] = 'z';
    fake_option(fake, "output_max", "1024");
    fake_program(fake, "journalctl", 0, big);
    CU_ASSERT_EQUAL(fake_action(fake, "device-log", NULL), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_EQUAL_FATAL(strlen(fake->action_output), 1024);
    CU_ASSERT_EQUAL(fake->action_output[1023], 'z');
    free(big);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_programs_that_are_not_there(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    const char *const absolute[] = {"/bin/sh", "-c", "x", NULL}, *const by_path[] = {"sh", NULL};
    const char *const nowhere[] = {"/bin/no/such", "x", NULL}, *const unknown[] = {"no-such-program", NULL};
    const char *const folder[] = {"./no-such-program", NULL};
    fake_option_items(fake, "reboot", absolute);
    fake_option_items(fake, "factory_reset", by_path);
    fake_option_items(fake, "device_log", by_path);
    CU_ASSERT_EQUAL(fake_check(fake), 0);
    CU_ASSERT_EQUAL(fake->logs.count, 0); /* nor a word about what is not configured */
    fake_option_items(fake, "reboot", nowhere);
    fake_option_items(fake, "ntp", unknown);
    fake_option_items(fake, "idle", folder);
    CU_ASSERT_EQUAL(fake_check(fake), 0); /* the box lives without */
    CU_ASSERT_EQUAL(fake->logs.count, 3);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "reboot: there is no program /bin/no/such"));
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "ntp: there is no program no-such-program"));
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "idle: there is no program ./no-such-program"));
    CU_ASSERT_EQUAL(fake->runs.count, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("platform-linux", {"an action is its program", test_an_action_is_its_program},
               {"results", test_results}, {"what cannot be done", test_what_cannot_be_done},
               {"output is capped to the newest", test_output_is_capped_to_the_newest},
               {"programs that are not there", test_programs_that_are_not_there});
}
