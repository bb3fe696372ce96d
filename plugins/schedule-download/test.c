/* The plugin "schedule-download" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

static int schedule(struct fake_host *fake, const char *windows) {
    return fake_call(fake, "ScheduleDownload", "CommandKey", "key", "FileType", "1 Firmware Upgrade Image",
                     "URL", "http://h/f", "Username", "me", "Password", "secret", "FileSize", "77",
                     "TargetFileName", "f", "TimeWindowList", windows);
}

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void test_the_order(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(schedule(fake, "10|60|3 When Idle||2\n3600|4294967295|4 Confirmation Needed|May I?|-1\n"),
                    TR069_OK);
    CU_ASSERT_EQUAL(fake->replies.count, 0);
    CU_ASSERT_EQUAL(fake->transfers, 1);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "method"), "ScheduleDownload");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "command_key"), "key");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "url"), "http://h/f");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "username"), "me");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "password"), "secret");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "target_name"), "f");
    CU_ASSERT_EQUAL(fake_list_find(&fake->requests, "file_size")->number, 77);
    CU_ASSERT_EQUAL(fake_list_find(&fake->requests, "delay_s")->number, 0);
    CU_ASSERT_EQUAL_FATAL(fake_list_count(&fake->requests, "window"), 2);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "window"), "10-60 mode 3 retries 2");
    CU_ASSERT_STRING_EQUAL(fake->requests.pairs[fake->requests.count - 2].value,
                           "3600-4294967295 mode 4 retries -1");
    CU_ASSERT_STRING_EQUAL(fake->requests.pairs[fake->requests.count - 1].value, "May I?");
    CU_ASSERT_EQUAL(schedule(fake, "0|60|1 At Any Time||0\n"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "window"), "0-60 mode 1 retries 0");
    CU_ASSERT_EQUAL(schedule(fake, "0|60|2 Immediately||0\n"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "window"), "0-60 mode 2 retries 0");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_refusals(void) {
    static const char *const bad[] = {"", "0|60|5 Never||0\n", "0|60|X ACME||0\n",
                                      "0|1|2 Immediately||0\n2|3|2 Immediately||0\n4|5|2 Immediately||0\n"};
    struct fake_host *fake = begin();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_EQUAL(schedule(fake, bad[i]), TR069_FAULT);
        CU_ASSERT_EQUAL(fake->fault.code, 9003);
    }
    fake->transfer_verdict = TR069_FAULT;
    fake->transfer_fault.code = 9004;
    CU_ASSERT_EQUAL(schedule(fake, "0|60|2 Immediately||0\n"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9004);
    CU_ASSERT_EQUAL(fake->transfers, 0);
    CU_ASSERT_EQUAL(tr069_plugin.rpcs[0].since, 12);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("schedule-download", {"the order", test_the_order}, {"refusals", test_refusals});
}
