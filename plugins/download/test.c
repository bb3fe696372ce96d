/* The plugin "download" against the fake host, with a real folder. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

static const char *base;
static char folder[128], fetched[128];

static void write_file(const char *path, const char *content) {
    FILE *out = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    (void) fputs(content, out);
    (void) fclose(out);
}

/* The content of a file in the folder, or "(none)". */
static const char *content(const char *name) {
    static char text[256];
    char path[512];
    (void) snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "re");
    (void) snprintf(text, sizeof text, "(none)");
    if (in != NULL) {
        size_t got = fread(text, 1, sizeof text - 1, in);
        text[got] = '\0';
        (void) fclose(in);
    }
    return text;
}

/* How many entries the folder has; removes them if so wished. */
static unsigned entries(bool remove) {
    unsigned count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (remove) {
                (void) unlinkat(dirfd(directory), entry->d_name, 0);
                (void) unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
            }
        }
    }
    if (directory != NULL) {
        (void) closedir(directory);
    }
    return count;
}

static struct fake_host *begin(void) {
    base = fake_directory("download");
    (void) snprintf(folder, sizeof folder, "%s/Download", base);
    (void) snprintf(fetched, sizeof fetched, "%s/transfer-1", base);
    write_file(fetched, "content");
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option(fake, "folder", folder);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    (void) entries(true);
    (void) rmdir(folder);
    (void) unlink(fetched);
    CU_ASSERT_EQUAL(rmdir(base), 0);
}

static struct tr069_transfer file(const char *url, const char *target) {
    const struct tr069_transfer transfer = {.method = "Download",
                                            .command_key = "k",
                                            .file_type = "3 Vendor Configuration File",
                                            .url = url,
                                            .username = "",
                                            .password = "",
                                            .target_name = target};
    return transfer;
}

static void test_the_rpc(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "Download", "CommandKey", "key", "FileType", "X ACME logo", "URL",
                              "https://files.example/a/logo.png?x=1", "Username", "me", "Password", "secret",
                              "FileSize", "1234", "TargetFileName", "logo.png", "DelaySeconds", "60",
                              "SuccessURL", "", "FailureURL", ""),
                    TR069_OK);
    CU_ASSERT_EQUAL_FATAL(fake->replies.count, 3);
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[0].name, "Status");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[0].value, "1");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[1].name, "StartTime");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[1].value, "0001-01-01T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[2].name, "CompleteTime");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[2].value, "0001-01-01T00:00:00Z");
    CU_ASSERT_EQUAL(fake->transfers, 1);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "method"), "Download");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "command_key"), "key");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "file_type"), "X ACME logo");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "url"), "https://files.example/a/logo.png?x=1");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "username"), "me");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "password"), "secret");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "target_name"), "logo.png");
    CU_ASSERT_EQUAL(fake_list_find(&fake->requests, "file_size")->number, 1234);
    CU_ASSERT_EQUAL(fake_list_find(&fake->requests, "delay_s")->number, 60);
    end(fake);
}

static void test_a_refused_order(void) {
    struct fake_host *fake = begin();
    const char *arguments[] = {"1 Firmware Upgrade Image", NULL};
    struct tr069_transfer transfer = file("http://h/f", "f");
    fake->transfer_verdict = TR069_FAULT;
    fake->transfer_fault.code = 9013;
    CU_ASSERT_EQUAL(fake_call(fake, "Download", "CommandKey", "", "FileType", "2 Web Content", "URL",
                              "ftp://h/f", "Username", "", "Password", "", "FileSize", "0", "TargetFileName",
                              "", "DelaySeconds", "0"),
                    TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9013);
    CU_ASSERT_EQUAL(fake->replies.count, 0);
    CU_ASSERT_EQUAL(fake_call(fake, "Download", "CommandKey", "", "FileType", "2 Web Content"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    transfer.file_type = arguments[0];
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9001);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "firmware"));
    transfer.file_type = "9 Nothing";
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    transfer.file_type = "X ACME anything";
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_OK);
    end(fake);
}

static void test_a_file_arrives(void) {
    struct fake_host *fake = begin();
    struct tr069_transfer transfer = file("http://h/dir/box%20one.conf?a=/b#/c", "");
    struct stat status;
    char path[256];
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_OK);
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_OK);
    CU_ASSERT_STRING_EQUAL(content("box one.conf"), "content");
    CU_ASSERT_EQUAL(entries(false), 1); /* and no temporary name is left */
    (void) snprintf(path, sizeof path, "%s/box one.conf", folder);
    CU_ASSERT_EQUAL(stat(path, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0644);

    /* the power failed before this was noted: the same again */
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_OK);
    CU_ASSERT_STRING_EQUAL(content("box one.conf"), "content");
    CU_ASSERT_EQUAL(entries(false), 1);

    /* a newer one replaces it, also where a symbolic link lies */
    (void) unlink(fetched);
    write_file(fetched, "newer");
    char outside[256];
    (void) snprintf(outside, sizeof outside, "%s/link", folder);
    CU_ASSERT_EQUAL(symlink("/dev/null", outside), 0);
    transfer.target_name = "link";
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_OK);
    CU_ASSERT_EQUAL(lstat(outside, &status), 0);
    CU_ASSERT_TRUE(S_ISREG(status.st_mode));
    CU_ASSERT_STRING_EQUAL(content("link"), "newer");
    CU_ASSERT_STRING_EQUAL(content("box one.conf"), "content");
    end(fake);
}

static void test_over_file_systems_it_is_copied(void) {
    struct fake_host *fake = begin();
    struct tr069_transfer transfer = file("http://h/f", "copied");
    struct stat here, there;
    char other[] = "/dev/shm/download-XXXXXX";
    int fd = mkstemp(other);
    if (fd < 0 || fstat(fd, &there) != 0 || stat(base, &here) != 0 || here.st_dev == there.st_dev) {
        (void) fprintf(stderr, "skipped: /dev/shm is no file system of its own here ");
    } else {
        CU_ASSERT_EQUAL(ftruncate(fd, 200001), 0);
        CU_ASSERT_EQUAL(pwrite(fd, "end", 3, 200001), 3);
        CU_ASSERT_EQUAL(fake_install(fake, &transfer, other), TR069_OK);
        char path[256];
        (void) snprintf(path, sizeof path, "%s/copied", folder);
        CU_ASSERT_EQUAL(stat(path, &there), 0);
        CU_ASSERT_EQUAL(there.st_size, 200004);
        CU_ASSERT_EQUAL(entries(false), 1);
    }
    if (fd >= 0) {
        (void) close(fd);
        (void) unlink(other);
    }
    end(fake);
}

static void test_the_folder_is_not_left(void) {
    struct fake_host *fake = begin();
    static const char *const targets[] = {"../escape", "/etc/passwd", "a/b",  "..",   ".",
                                          ".hidden",   "a\\b",        "a\nb", "\x7f", "tab\there"};
    static const char *const urls[] = {
        "http://h",        "http://h/",      "http://h/dir/",   "http://h?f=x",      "http://h/..",
        "http://h/%2e%2e", "http://h/a%2fb", "http://h/%2Fetc", "http://h/a%00.png", "http://h/%0a",
        "http://h/.ssh",   "http://h/a%5cb", "http://h/%ff",    "http://h/%c0%af",   "http://h/a%c2%85"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct tr069_transfer transfer = file("http://h/good", targets[i]);
        CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_FAULT);
        CU_ASSERT_EQUAL(fake->fault.code, 9003);
        CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_FAULT);
    }
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct tr069_transfer transfer = file(urls[i], "");
        CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_FAULT);
        CU_ASSERT_EQUAL(fake->fault.code, 9003);
    }
    char longest[257];
    memset(longest, 'n', sizeof longest);
    longest[256] = '\0';
    struct tr069_transfer transfer = file("http://h/good", longest);
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_FAULT);
    longest[255] = '\0';
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_OK);
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_OK);
    transfer = file("http://h/100%25%zz%4", ""); /* decoded once; what is no escape stays */
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_OK);
    CU_ASSERT_STRING_EQUAL(content("100%%zz%4"), "content");
    CU_ASSERT_EQUAL(entries(false), 2);
    end(fake);
}

static void test_what_cannot_be_placed(void) {
    struct fake_host *fake = begin();
    struct tr069_transfer transfer = file("http://h/f", "f");
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, "/nonexistent/transfer-1"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9010);
    char path[256];
    (void) snprintf(path, sizeof path, "%s/f", folder);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0); /* a folder lies where the file should */
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9010);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "renaming"));
    CU_ASSERT_EQUAL(entries(false), 1);
    fake_option(fake, "folder", "/nonexistent/a/b");
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_FAULT);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "Download folder"));
    char link[300];
    (void) snprintf(link, sizeof link, "%s/link", base);
    CU_ASSERT_EQUAL(symlink(folder, link), 0);
    fake_option(fake, "folder", link);
    transfer.target_name = "g";
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_FAULT);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "symbolic link"));
    CU_ASSERT_EQUAL(entries(false), 1);
    (void) unlink(link);
    fake_option(fake, "folder", folder);
    transfer.file_size = UINT64_MAX / 2;
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9004);
    end(fake);
}

static void test_options(void) {
    struct fake_host *fake = begin();
    struct tr069_transfer transfer = file("http://h/f", "f");
    struct stat status;
    char path[256], user[16];
    (void) snprintf(user, sizeof user, "%u", (unsigned) geteuid());
    fake_option(fake, "mode", "0600");
    fake_option(fake, "owner", user);
    CU_ASSERT_EQUAL(fake_restart(fake, true), 0);
    CU_ASSERT_EQUAL(fake_install(fake, &transfer, fetched), TR069_OK);
    (void) snprintf(path, sizeof path, "%s/f", folder);
    CU_ASSERT_EQUAL(stat(path, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
    CU_ASSERT_EQUAL(status.st_uid, geteuid());
    fake_option(fake, "mode", "rw");
    CU_ASSERT_EQUAL(fake_restart(fake, true), -EINVAL);
    fake_option(fake, "mode", "4755");
    CU_ASSERT_EQUAL(fake_restart(fake, true), -EINVAL);
    fake_option(fake, "mode", "0644");
    fake_option(fake, "group", "no such group");
    CU_ASSERT_EQUAL(fake_restart(fake, true), -EINVAL);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "no such group"));
    end(fake);
}

int main(void) {
    FAKE_TESTS("download", {"the RPC", test_the_rpc}, {"a refused order", test_a_refused_order},
               {"a file arrives", test_a_file_arrives},
               {"over file systems it is copied", test_over_file_systems_it_is_copied},
               {"the folder is not left", test_the_folder_is_not_left},
               {"what cannot be placed", test_what_cannot_be_placed}, {"options", test_options});
}
