/* The plugin "platform-android" against the fake host, with a real folder. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

static const char *base;
static char folder[FAKE_DIRECTORY_SIZE + 16], command[160], part[176];

static const char *content(const char *path) {
    static char text[1024];
    FILE *in = fopen(path, "re");
    size_t got = in != NULL ? fread(text, 1, sizeof text - 1, in) : 0;
    text[got] = '\0';
    if (in != NULL) {
        (void) fclose(in);
    }
    return in != NULL ? text : "(none)";
}

static struct fake_host *begin(void) {
    base = fake_directory("android");
    (void) snprintf(folder, sizeof folder, "%s/recovery", base);
    (void) snprintf(command, sizeof command, "%s/command", folder);
    (void) snprintf(part, sizeof part, "%s.part", command);
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option(fake, "recovery_command", command);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    (void) unlink(command);
    (void) unlink(part);
    (void) rmdir(folder);
    CU_ASSERT_EQUAL(rmdir(base), 0);
}

static int install(struct fake_host *fake, const char *path) {
    const char *const args[] = {path, NULL};
    int r = fake_action(fake, "install-firmware", args);
    return r == TR069_OK ? fake->action_result : r;
}

static void test_the_command_file(void) {
    struct fake_host *fake = begin();
    const char *const more[] = {"--locale=en_US", NULL};
    struct stat info;
    CU_ASSERT_EQUAL(install(fake, "/cache/spool/transfer-7"), 0);
    CU_ASSERT_STRING_EQUAL(content(command), "--update_package=/cache/spool/transfer-7\n");
    CU_ASSERT_EQUAL(stat(command, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0600);
    CU_ASSERT_NOT_EQUAL(access(part, F_OK), 0);
    fake_option_items(fake, "recovery_arguments", more);
    fake_option(fake, "package_folder", "/data/cache/spool");
    CU_ASSERT_EQUAL(install(fake, "/cache/spool/transfer-8"), 0); /* over the former one */
    CU_ASSERT_STRING_EQUAL(content(command),
                           "--update_package=/data/cache/spool/transfer-8\n--locale=en_US\n");
    CU_ASSERT_EQUAL(fake->action_ends, 2);
    end(fake);
}

static void test_what_cannot_be_written(void) {
    struct fake_host *fake = begin();
    char deep[160], longest[5000];
    CU_ASSERT_EQUAL(install(fake, "/cache/a\n--wipe_data"), -EINVAL);
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    CU_ASSERT_EQUAL(install(fake, longest), -ENOSPC);
    CU_ASSERT_NOT_EQUAL(access(command, F_OK), 0);
    (void) snprintf(deep, sizeof deep, "%s/no/such/command", base);
    fake_option(fake, "recovery_command", deep);
    CU_ASSERT_EQUAL(install(fake, "/cache/a"), -ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->action_output, "/no/such/command: No such file"));
    fake_option(fake, "recovery_command", "");
    CU_ASSERT_EQUAL(install(fake, "/cache/a"), -ENOSYS);
    fake_option(fake, "recovery_command", command);
    CU_ASSERT_EQUAL(install(fake, NULL), -ENOSYS);
    CU_ASSERT_EQUAL(mkdir(folder, 0700), 0);
    CU_ASSERT_EQUAL(mkdir(command, 0700), 0); /* a folder where the file should be */
    CU_ASSERT_TRUE(install(fake, "/cache/a") < 0);
    CU_ASSERT_NOT_EQUAL(access(part, F_OK), 0);
    CU_ASSERT_EQUAL(rmdir(command), 0);
    end(fake);
}

static void test_a_command_that_was_not_taken(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(install(fake, "/cache/a"), 0);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0); /* of the client: it is still for this restart */
    CU_ASSERT_EQUAL(access(command, F_OK), 0);
    fake->boot = "boot-2";
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_NOT_EQUAL(access(command, F_OK), 0);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_WARNING, "taken back"));
    CU_ASSERT_EQUAL(install(fake, "/cache/a"), 0);
    FILE *out = fopen(command, "we");
    (void) fputs("--wipe_data\n", out); /* somebody else's by now */
    (void) fclose(out);
    fake->boot = "boot-3";
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_STRING_EQUAL(content(command), "--wipe_data\n");
    end(fake);
}

int main(void) {
    FAKE_TESTS("platform-android", {"the command file", test_the_command_file},
               {"what cannot be written", test_what_cannot_be_written},
               {"a command that was not taken", test_a_command_that_was_not_taken});
}
