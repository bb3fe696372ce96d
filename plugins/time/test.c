/* The plugin "time" against the fake host. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

static struct fake_host *begin(enum tr069_root root) {
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static void test_local_time_has_an_offset(void) {
    setenv("TZ", "XYZ-5:30", 1);
    struct fake_host *fake = begin(TR069_DEV2);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Time.CurrentLocalTime"), "2026-01-02T08:34:05+05:30");
    setenv("TZ", "ABC3", 1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Time.CurrentLocalTime"), "2026-01-02T00:04:05-03:00");
    fake->wall_s = TR069_TIME_UNKNOWN;
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Time.CurrentLocalTime"), "0001-01-01T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Time.Status"), "Unsynchronized");
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    fake = begin(TR069_IGD1);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "InternetGatewayDevice.Time.LocalTimeZone"), "-03:00");
    CU_ASSERT_PTR_NULL(fake_get(fake, "InternetGatewayDevice.Time.Nothing"));
    CU_ASSERT_EQUAL(fake->fault.code, 9005);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    unsetenv("TZ");
}

static void test_zone_comes_from_the_zone_file(void) {
    char name[FAKE_DIRECTORY_SIZE + 16];
    (void) snprintf(name, sizeof name, "%s/zone", fake_directory("time"));
    FILE *file = fopen(name, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    static const char content[] = "TZif2 binary\0\x01\x02\nCET-1CEST,M3.5.0,M10.5.0/3\n";
    CU_ASSERT_EQUAL(fwrite(content, 1, sizeof content - 1, file), sizeof content - 1);
    CU_ASSERT_EQUAL(fclose(file), 0);
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option(fake, "zone_file", name);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Time.LocalTimeZone"), "CET-1CEST,M3.5.0,M10.5.0/3");
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option(fake, "zone_file", "/nonexistent");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Time.LocalTimeZone"), "");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_settings_reach_the_platform_and_stay(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    fake_offer(fake, "ntp", 0, "");
    CU_ASSERT_EQUAL(fake_set_all(fake, "Device.Time.NTPServer1", "ntp1.example", "Device.Time.NTPServer3",
                                 "ntp3.example"),
                    TR069_OK);
    fake_advance(fake, 1000);
    fake_settle(fake);
    CU_ASSERT_EQUAL_FATAL(fake->asked.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->asked.pairs[0].value, " ntp1.example ntp3.example"));
    CU_ASSERT_EQUAL(fake_set(fake, "Device.Time.LocalTimeZone", "EET-2"), TR069_APPLIED_LATER);
    fake_advance(fake, 1000);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake->asked.pairs[1].value, "true EET-2 ntp1.example ntp3.example");
    CU_ASSERT_EQUAL(fake_set(fake, "Device.Time.Enable", "false"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Time.Status"), "Disabled");

    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Time.LocalTimeZone"), "EET-2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "Device.Time.NTPServer3"), "ntp3.example");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_limits_and_a_platform_that_cannot(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    char longest[66];
    memset(longest, 'a', sizeof longest - 1);
    longest[65] = '\0';
    CU_ASSERT_EQUAL(fake_set(fake, "Device.Time.NTPServer2", longest), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9007);
    CU_ASSERT_EQUAL(fake_set(fake, "Device.Time.Status", "Synchronized"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9008);
    CU_ASSERT_EQUAL(fake_set(fake, "Device.Time.NTPServer2", longest + 1), TR069_OK);
    fake_advance(fake, 1000);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_NOTICE, "no platform plugin"));
    fake_offer(fake, "ntp", -EIO, "");
    CU_ASSERT_EQUAL(fake_set(fake, "Device.Time.NTPServer2", ""), TR069_OK);
    fake_advance(fake, 1000);
    fake_settle(fake);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "failed"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("time", {"local time has an offset", test_local_time_has_an_offset},
               {"the zone comes from the zone file", test_zone_comes_from_the_zone_file},
               {"settings reach the platform and stay", test_settings_reach_the_platform_and_stay},
               {"limits, and a platform that cannot", test_limits_and_a_platform_that_cannot});
}
