/* The plugin "device-logs" against the fake host. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

#define NAME "Device.DeviceInfo.DeviceLogs"

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static bool shows(struct fake_host *fake, const char *text) {
    const char *value = fake_get(fake, NAME);
    return value != NULL && strstr(value, text) != NULL;
}

static void read_system(struct fake_host *fake, const char *output) {
    fake_offer(fake, "device-log", 0, output);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    fake_settle(fake);
}

static void test_never_empty(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_STRING_EQUAL(fake_get(fake, NAME),
                           "== Commands of the ACS: the last 0 ==\n"
                           "== Warnings and errors of the system ==\n(this box has no log for the "
                           "ACS: the action device-log is not configured)\n");
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_OK);
    CU_ASSERT_TRUE(shows(fake, "not configured"));
    fake_offer(fake, "device-log", -EIO, "half");
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->refreshed, 1);
    CU_ASSERT_EQUAL(fake->asked.count, 1);
    CU_ASSERT_TRUE(shows(fake, "could not be read"));
    CU_ASSERT_FALSE(shows(fake, "half"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_commands(void) {
    struct fake_host *fake = begin();
    fake_command(fake, "GetParameterValues", "Device.", 0, "");
    fake->wall_s = TR069_TIME_UNKNOWN;
    fake_command(fake, "SetParameterValues", "Device.A.B", 9007, "too long\nreally\x02");
    CU_ASSERT_TRUE(shows(fake, "the last 2 ==\n2026-01-02T03:04:05Z GetParameterValues Device.: done\n"
                               "- SetParameterValues Device.A.B: 9007 too long really?\n=="));
    fake_command(fake, "FactoryReset", "", 0, NULL);
    CU_ASSERT_TRUE(shows(fake, "- FactoryReset: done\n"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_the_last_hundred_stay_over_a_restart(void) {
    struct fake_host *fake = begin();
    char subject[32];
    for (int i = 0; i < 130; i++) {
        (void) snprintf(subject, sizeof subject, "command-%d-", i);
        fake_command(fake, "X", subject, 0, "");
    }
    CU_ASSERT_TRUE(shows(fake, "the last 100 ==\n2026-01-02T03:04:05Z X command-30-: done\n"));
    CU_ASSERT_FALSE(shows(fake, "command-29-"));
    CU_ASSERT_EQUAL(fake->state_writes, 0); /* not within the session */
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->state_writes, 4);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0); /* kill -9 */
    CU_ASSERT_TRUE(shows(fake, "the last 100 ==\n2026-01-02T03:04:05Z X command-30-: done\n"));
    CU_ASSERT_TRUE(shows(fake, "X command-129-: done\n=="));
    fake_command(fake, "X", "after", 0, "");
    CU_ASSERT_TRUE(shows(fake, "X command-129-: done\n2026-01-02T03:04:05Z X after: done\n=="));
    CU_ASSERT_FALSE(shows(fake, "command-30-"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_flash_is_spared(void) {
    struct fake_host *fake = begin();
    fake_command(fake, "X", "one", 0, "");
    fake_session_end(fake, true);
    CU_ASSERT_EQUAL(fake->state_writes, 1); /* one of the four blocks */
    for (int i = 0; i < 9; i++) {
        fake_session_begin(fake);
        fake_command(fake, "X", "more", 0, "");
        fake_session_end(fake, true);
        fake_advance(fake, 60000);
    }
    CU_ASSERT_EQUAL(fake->state_writes, 1);
    fake_advance(fake, 60000);
    CU_ASSERT_EQUAL(fake->state_writes, 2);
    fake_advance(fake, 86400000); /* nothing new, nothing written */
    CU_ASSERT_EQUAL(fake->state_writes, 2);
    fake_session_begin(fake);
    fake_command(fake, "X", "last", 0, "");
    CU_ASSERT_EQUAL(fake_restart(fake, true), 0); /* an orderly stop keeps it */
    CU_ASSERT_EQUAL(fake->state_writes, 3);
    CU_ASSERT_TRUE(shows(fake, "X last: done"));
    CU_ASSERT_EQUAL(fake_factory_reset(&fake->host, true), 0);
    CU_ASSERT_TRUE(shows(fake, "the last 0 =="));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_foreign_state(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_list_put(&fake->state, "commands0", "no number\n18446744073709551615 x\n\n7 when X kept\n", 0);
    fake_list_put(&fake->state, "commands2", "99999999999999999999999 x", 0);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_TRUE(shows(fake, "\nwhen X kept\n=="));
    fake_command(fake, "X", "new", 0, "");
    CU_ASSERT_TRUE(shows(fake, "\nwhen X kept\n2026-01-02T03:04:05Z X new: done\n=="));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_the_log_is_cut_at_line_ends(void) {
    struct fake_host *fake = begin();
    char output[1024] = "";
    for (int i = 0; i < 50; i++) {
        (void) snprintf(output + strlen(output), sizeof output - strlen(output), "line %02d ab\n", i);
    }
    fake_option(fake, "log_max", "256");
    read_system(fake, output);                              /* 550 octets */
    CU_ASSERT_TRUE(shows(fake, "system ==\nline 27 ab\n")); /* 23 lines of 11 octets */
    CU_ASSERT_TRUE(shows(fake, "line 49 ab\n"));
    memset(output, 'x', sizeof output - 1);
    read_system(fake, output); /* a single line */
    CU_ASSERT_EQUAL(strlen(strrchr(fake_get(fake, NAME), '\n')), 257);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_only_what_xml_can_carry(void) {
    struct fake_host *fake = begin();
    read_system(fake, "a\x02z b\xffz c\xc3\xa9z d\xed\xa0\x80z e\xef\xbf\xbfz f\xf0\x9f\x98\x80z "
                      "g\r\nh\ti\x1b[0m \xe2\x82");
    CU_ASSERT_TRUE(shows(fake, "a?z b?z c\xc3\xa9z d???z e???z f\xf0\x9f\x98\x80z g\nh\ti?[0m ??"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_secrets_are_masked(void) {
    struct fake_host *fake = begin();
    read_system(fake, "login password=hunter2, ok Token: 'abc' PSK=\"x y\"\nget http://me:pw@acs.example/x\n"
                      "Authorization: Basic bWU6cHc=\nnothing here\npassword=one password=two");
    CU_ASSERT_TRUE(
        shows(fake, "login password=*******, ok Token: '***' PSK=\"* y\"\nget http://*****@acs.example/x\n"
                    "Authorization: **************\nnothing here\npassword=*** password=***"));
    fake_command(fake, "Download", "http://u:p@h/f", 9010, "password=abc");
    CU_ASSERT_TRUE(shows(fake, "Download http://***@h/f: 9010 password=***\n"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    fake = begin();
    read_system(fake,
                "{\"Api_Key\":\"k1\", 'psk' = 'k2'} wifi_passphrase\t:k3;x password is long; passwords=4\n"
                "token=\nnext ://a/b@c ://@ authorization:\nend secret:");
    CU_ASSERT_TRUE(shows(
        fake, "{\"Api_Key\":\"**\", 'psk' = '**'} wifi_passphrase\t:**;x password is long; passwords=4\n"
              "token=\nnext ://a/b@c ://@ authorization:\nend secret:"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_masks_of_the_box(void) {
    const char *const words[] = {"pin", "q", NULL}, *const patterns[] = {"card ([0-9]+)", "^x.*", NULL},
                      *const bad[] = {"(", NULL};
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option_items(fake, "secret_words", words);
    fake_option_items(fake, "masks", patterns);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    read_system(fake, "PIN=1234 password=a Q: b\nCard 12 and card 345\nxyz\n xyz");
    CU_ASSERT_TRUE(shows(fake, "PIN=**** password=a Q: *\nCard ** and card ***\n***\n xyz"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option_items(fake, "masks", bad);
    CU_ASSERT_EQUAL(fake_start(fake), -EINVAL);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "masks"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_the_first_inform_need_not_wait(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_offer(fake, "device-log", 0, "early");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->refreshed, 1);
    CU_ASSERT_EQUAL(fake->asked.count, 1);
    CU_ASSERT_TRUE(shows(fake, "early"));
    read_system(fake, "now");
    CU_ASSERT_TRUE(shows(fake, "now"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);

    for (uint64_t after_ms = 10000; after_ms <= 10001; after_ms++) {
        fake = fake_new(&tr069_plugin, TR069_DEV2);
        fake_offer(fake, "device-log", 0, "early");
        CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
        fake_settle(fake);
        CU_ASSERT_EQUAL(fake->refreshed, 0);
        fake_advance(fake, after_ms);
        CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), after_ms > 10000 ? TR069_DEFERRED : TR069_OK);
        fake_settle(fake);
        CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
        CU_ASSERT_EQUAL(fake_free(fake), 0);
    }
}

static void test_several_logs(void) {
    struct fake_host *fake = begin();
    char first[2001], second[2001];
    for (size_t i = 0; i < 2000; i++) {
        first[i] = i % 20 == 19 ? '\n' : 'a';
        second[i] = i % 20 == 19 ? '\n' : 'b';
    }
    first[2000] = second[2000] = '\0';
    fake_option(fake, "log_max", "1000");
    fake_offer(fake, "device-log-3", 0, "kernel: password=x y");
    read_system(fake, "short\n");
    CU_ASSERT_TRUE(shows(fake, "system ==\nshort\n== More of the system, 3 ==\nkernel: password=* y"));
    fake_offer(fake, "device-log-3", 0, second);
    read_system(fake, first); /* each has half of it, in whole lines */
    const char *text = fake_get(fake, NAME), *more = strstr(text, "== More");
    CU_ASSERT_PTR_NOT_NULL_FATAL(more);
    CU_ASSERT_EQUAL(strlen(strchr(more, '\n') + 1), 500);
    CU_ASSERT_EQUAL(more - strstr(text, "aaa"), 500);
    read_system(fake, "12345678901234567890\n"); /* what the one leaves the other has */
    more = strstr(fake_get(fake, NAME), "== More");
    CU_ASSERT_EQUAL(strlen(strchr(more, '\n') + 1), 960);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_who_is_slow_is_not_waited_for(void) {
    struct fake_host *fake = begin();
    read_system(fake, "old\n");
    CU_ASSERT_TRUE(shows(fake, "\nold\n"));
    fake_offer(fake, "device-log", 0, "new\n");
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    fake_advance(fake, 600);
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_OK); /* it hangs: the old one is shown */
    CU_ASSERT_TRUE(shows(fake, "\nold\n"));
    CU_ASSERT_EQUAL(fake->asked.count, 2);
    fake_settle(fake);
    CU_ASSERT_TRUE(shows(fake, "\nnew\n"));
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_OK); /* it was slow: read, but not waited for */
    CU_ASSERT_EQUAL(fake->asked.count, 3);
    fake_settle(fake); /* it was quick */
    CU_ASSERT_EQUAL(fake_refresh(fake, "DeviceInfo."), TR069_DEFERRED);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_an_upload(void) {
    const struct tr069_transfer transfer = {.method = "Upload", .upload = "device-logs"};
    struct fake_host *fake = begin();
    char path[FAKE_DIRECTORY_SIZE + 16], text[512] = "";
    (void) snprintf(path, sizeof path, "%s/transfer-1", fake_directory("device-logs"));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
    fake_settle(fake);
    fake_command(fake, "Reboot", "", 0, "");
    fake_offer(fake, "device-log", 0, "W as it is now\n");
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, path), TR069_OK);
    CU_ASSERT_TRUE(pread(fd, text, sizeof text - 1, 0) > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Reboot: done\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "W as it is now\n"));
    CU_ASSERT_TRUE(fake_produce(fake, &transfer, "/nonexistent/transfer-1") < 0);
    fake_list_remove(&fake->actions, "device-log"); /* a box that has no log for the ACS */
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, path), TR069_OK);
    (void) close(fd);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_the_parameter_of_the_standard(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_IGD1);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    char *output = calloc(1, 40001);
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    memset(output, 'x', 40000);
    output[39000] = '\n';
    fake_option(fake, "log_max", "100000");
    read_system(fake, output);
    CU_ASSERT_EQUAL(strlen(fake_get(fake, "InternetGatewayDevice.DeviceInfo.DeviceLog")), 999);
    CU_ASSERT_TRUE(strlen(fake_get(fake, "InternetGatewayDevice.DeviceInfo.DeviceLogs")) > 40000);
    free(output);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("device-logs", {"never empty", test_never_empty}, {"commands", test_commands},
               {"the last hundred stay over a restart", test_the_last_hundred_stay_over_a_restart},
               {"flash is spared", test_flash_is_spared}, {"a foreign state", test_a_foreign_state},
               {"the log is cut at line ends", test_the_log_is_cut_at_line_ends},
               {"only what XML can carry", test_only_what_xml_can_carry},
               {"the first Inform need not wait", test_the_first_inform_need_not_wait},
               {"secrets are masked", test_secrets_are_masked}, {"masks of the box", test_masks_of_the_box},
               {"several logs", test_several_logs},
               {"who is slow is not waited for", test_who_is_slow_is_not_waited_for},
               {"an upload", test_an_upload},
               {"the parameter of the standard", test_the_parameter_of_the_standard});
}
