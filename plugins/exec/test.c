/* The plugin "exec" against the fake host. */
#include "declaration.h"

#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define A "DeviceInfo.X_ACME_"
static const char *const declared[] = {A "Text string length=20 get: text-get -x",
                                       A "Mode string values=day,night get: mode-get set: mode-set --",
                                       A "Level int min=-5 max=5 get: level-get set: level-set to=%v now",
                                       "Device." A "On boolean get: on-get set: on-set",
                                       "InternetGatewayDevice." A "Never string get: never",
                                       "X_ACME_Count unsignedLong get: count-get",
                                       A "Pin string secret get: pin-get set: pin-set",
                                       NULL};

static struct fake_host *make(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option_items(fake, "parameters", declared);
    fake_program(fake, "text-get", 0, "hello \n");
    fake_program(fake, "mode-get", 0, "day\n");
    fake_program(fake, "level-get", 0, "3");
    fake_program(fake, "on-get", 0, "1\n");
    fake_program(fake, "count-get", 0, "18446744073709551615\n");
    fake_program(fake, "pin-get", 0, "1234");
    return fake;
}

static struct fake_host *begin(void) {
    struct fake_host *fake = make();
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_settle(fake);
    fake_session_begin(fake);
    return fake;
}

static bool is(struct fake_host *fake, const char *name, const char *value) {
    const char *now = fake_get(fake, name);
    if (now == NULL || strcmp(now, value) != 0) {
        (void) fprintf(stderr, "%s is %s, not %s\n", name, now != NULL ? now : "(null)", value);
    }
    return now != NULL && strcmp(now, value) == 0;
}

static bool ran(const struct fake_host *fake, const char *command) {
    for (size_t i = 0; i < fake->runs.count; i++) {
        if (strcmp(fake->runs.pairs[i].name, command) == 0) {
            return true;
        }
    }
    return false;
}

static void test_values_come_from_programs(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_TRUE(ran(fake, "text-get -x"));
    CU_ASSERT_FALSE(ran(fake, "never"));
    CU_ASSERT_TRUE(is(fake, A "Text", "hello"));
    CU_ASSERT_TRUE(is(fake, A "Mode", "day"));
    CU_ASSERT_TRUE(is(fake, A "Level", "3"));
    CU_ASSERT_TRUE(is(fake, A "On", "true"));
    CU_ASSERT_TRUE(is(fake, "X_ACME_Count", "18446744073709551615"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_what_is_fresh_is_not_read(void) {
    struct fake_host *fake = begin();
    size_t runs = fake->runs.count;
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_OK);
    CU_ASSERT_EQUAL(fake->runs.count, runs);
    fake_advance(fake, 11000);
    fake_program(fake, "text-get", 0, "newer");
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake->runs.count, runs + 4); /* RUNNING_MAX, then the others */
    CU_ASSERT_TRUE(is(fake, A "Text", "hello"));
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, A "Text", "newer"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_what_is_no_value(void) {
    struct fake_host *fake = make();
    fake_program(fake, "level-get", 0, "6");
    fake_program(fake, "mode-get", 0, "noon");
    fake_program(fake, "count-get", 3, "1");
    fake_program(fake, "on-get", 0, "perhaps");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, A "Level", "0"));
    CU_ASSERT_TRUE(is(fake, A "Mode", ""));
    CU_ASSERT_TRUE(is(fake, A "On", "false"));
    CU_ASSERT_TRUE(is(fake, "X_ACME_Count", "0"));
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "level-get printed no value"));
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "count-get failed"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_who_is_slow_is_not_waited_for(void) {
    struct fake_host *fake = begin();
    fake_advance(fake, 11000);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    fake_advance(fake, 1000);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_OK);
    CU_ASSERT_TRUE(is(fake, A "Text", "hello"));
    fake_settle(fake);
    fake_advance(fake, 11000);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_OK);
    fake_settle(fake); /* quick again */
    fake_advance(fake, 11000);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_set(void) {
    struct fake_host *fake = begin();
    fake_program(fake, "mode-set", 0, "");
    fake_program(fake, "level-set", 0, "");
    CU_ASSERT_EQUAL(fake_set(fake, A "Mode", "night"), TR069_APPLIED_LATER);
    CU_ASSERT_EQUAL(fake_set(fake, A "Level", "-2"), TR069_APPLIED_LATER);
    CU_ASSERT_TRUE(is(fake, A "Mode", "night")); /* at once */
    CU_ASSERT_FALSE(ran(fake, "mode-set -- night"));
    fake_program(fake, "mode-get", 0, "night");
    fake_program(fake, "level-get", 0, "-2");
    fake_session_end(fake, false);
    CU_ASSERT_TRUE(ran(fake, "mode-set -- night"));
    CU_ASSERT_TRUE(ran(fake, "level-set to=-2 now"));
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, A "Mode", "night"));
    CU_ASSERT_TRUE(is(fake, A "Level", "-2"));
    CU_ASSERT_EQUAL(fake->state.count, 0);
    CU_ASSERT_NOT_EQUAL(fake_set(fake, A "Mode", "noon"), TR069_APPLIED_LATER);
    CU_ASSERT_NOT_EQUAL(fake_set(fake, A "Level", "9"), TR069_APPLIED_LATER);
    CU_ASSERT_EQUAL(fake_set(fake, A "Pin", "--help"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9007);
    CU_ASSERT_NOT_EQUAL(fake_set(fake, A "Text", "read-only"), TR069_OK);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_set_survives_a_power_cut(void) {
    struct fake_host *fake = begin();
    fake_program(fake, "on-set", 0, "");
    CU_ASSERT_EQUAL(fake_set(fake, A "On", "false"), TR069_APPLIED_LATER);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_TRUE(is(fake, A "On", "false"));
    CU_ASSERT_TRUE(ran(fake, "on-set false"));
    fake_program(fake, "on-get", 0, "0");
    fake_settle(fake);
    CU_ASSERT_TRUE(is(fake, A "On", "false"));
    CU_ASSERT_EQUAL(fake->state.count, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_set_that_fails(void) {
    struct fake_host *fake = begin();
    fake_program(fake, "mode-set", 1, "");
    CU_ASSERT_EQUAL(fake_set(fake, A "Mode", "night"), TR069_APPLIED_LATER);
    fake_session_end(fake, true);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(fake->state.count, 1);
        fake_settle(fake);
        fake_advance(fake, 30000);
    }
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->state.count, 0);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "not in force"));
    CU_ASSERT_TRUE(is(fake, A "Mode", "day"));
    CU_ASSERT_TRUE(fake->changes.count > 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_changes_are_seen(void) {
    struct fake_host *fake = make();
    fake_option(fake, "poll", "60");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->changes.count, 0);
    fake_program(fake, "mode-get", 0, "night");
    fake_advance(fake, 60000);
    fake_settle(fake);
    CU_ASSERT_EQUAL_FATAL(fake->changes.count, 1);
    CU_ASSERT_STRING_EQUAL(fake->changes.pairs[0].name, "Device." A "Mode");
    fake_advance(fake, 60000);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->changes.count, 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_wrong_declarations(void) {
    static const char *const wrong[] = {"",
                                        "A",
                                        "A. string get: x",
                                        "A.{i}.B string get: x",
                                        "A.B blob get: x",
                                        "A.B string",
                                        "A.B string get:",
                                        "A.B string set: x",
                                        "A.B string get: x get: y",
                                        "A.B int min=1 get: x",
                                        "A.B int min=2 max=1 get: x",
                                        "A.B int min=a max=1 get: x",
                                        "A.B string length=0 get: x",
                                        "A.B string loud get: x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const list[] = {wrong[i], NULL};
        struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
        fake_option_items(fake, "parameters", list);
        CU_ASSERT_EQUAL(fake_start(fake), -EINVAL);
        CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, wrong[i]));
        CU_ASSERT_EQUAL(fake_free(fake), 0);
    }
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL(fake_start(fake), 0); /* none at all */
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("exec", {"values come from programs", test_values_come_from_programs},
               {"what is fresh is not read", test_what_is_fresh_is_not_read},
               {"what is no value", test_what_is_no_value},
               {"who is slow is not waited for", test_who_is_slow_is_not_waited_for}, {"set", test_set},
               {"a set survives a power cut", test_a_set_survives_a_power_cut},
               {"a set that fails", test_a_set_that_fails}, {"changes are seen", test_changes_are_seen},
               {"wrong declarations", test_wrong_declarations});
}
