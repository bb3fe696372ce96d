/* The plugin "upload" against the fake host, with real files. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

static const char *base;
static char log_path[128], config_path[128], spooled[128];

static void write_file(const char *path, const char *content) {
    FILE *out = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    (void) fputs(content, out);
    (void) fclose(out);
}

static const char *content(const char *path) {
    static char text[8192];
    FILE *in = fopen(path, "re");
    (void) snprintf(text, sizeof text, "(none)");
    if (in != NULL) {
        size_t got = fread(text, 1, sizeof text - 1, in);
        text[got] = '\0';
        (void) fclose(in);
    }
    return text;
}

static int unused(const struct tr069_install *file) {
    (void) file;
    return -EIO;
}

static const struct tr069_upload others[] = {
    {"settings", TR069_UPLOAD_CONFIG, "what was set", .produce = unused},
    {"device-logs", TR069_UPLOAD_LOG, "commands", .produce = unused, .max_size = 70000, .persistent = true},
    {"X ACME trace", TR069_UPLOAD_OTHER, .produce = unused}};

/* Files of the box: "messages" and "network". */
static struct fake_host *begin(enum tr069_root root) {
    char log_file[160], config_file[160];
    base = fake_directory("upload");
    (void) snprintf(log_path, sizeof log_path, "%s/messages", base);
    (void) snprintf(config_path, sizeof config_path, "%s/network", base);
    (void) snprintf(spooled, sizeof spooled, "%s/transfer-1", base);
    write_file(log_path, "one\ntwo\nthree\n");
    write_file(config_path, "lan=dhcp\n");
    (void) snprintf(log_file, sizeof log_file, "messages=%s", log_path);
    (void) snprintf(config_file, sizeof config_file, "network=%s", config_path);
    struct fake_host *fake = fake_new(&tr069_plugin, root);
    fake_option_items(fake, "log_files", (const char *const[]){log_file, NULL});
    fake_option_items(fake, "config_files", (const char *const[]){config_file, NULL});
    fake->others = others;
    fake->other_count = 3;
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

static void end(struct fake_host *fake) {
    CU_ASSERT_EQUAL(fake_free(fake), 0);
    (void) unlink(log_path);
    (void) unlink(config_path);
    (void) unlink(spooled);
    CU_ASSERT_EQUAL(rmdir(base), 0);
}

static int upload(struct fake_host *fake, const char *type) {
    return fake_call(fake, "Upload", "CommandKey", "key", "FileType", type, "URL", "https://h/put/here",
                     "Username", "me", "Password", "secret", "DelaySeconds", "60");
}

/* What the order asks the client for, or the fault. */
static const char *source(struct fake_host *fake, const char *type) {
    static char text[300];
    int r = upload(fake, type);
    if (r == TR069_OK) {
        (void) snprintf(text, sizeof text, "%s", fake_list_get(&fake->requests, "upload"));
    } else {
        (void) snprintf(text, sizeof text, "%u", fake->fault.code);
    }
    return text;
}

static void test_the_rpc(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    CU_ASSERT_EQUAL(upload(fake, "2 Vendor Log File"), TR069_OK);
    CU_ASSERT_EQUAL_FATAL(fake->replies.count, 3);
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[0].name, "Status");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[0].value, "1");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[1].name, "StartTime");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[1].value, "0001-01-01T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(fake->replies.pairs[2].name, "CompleteTime");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "method"), "Upload");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "command_key"), "key");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "file_type"), "2 Vendor Log File");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "url"), "https://h/put/here");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "username"), "me");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "password"), "secret");
    CU_ASSERT_EQUAL(fake_list_find(&fake->requests, "delay_s")->number, 60);
    fake->transfer_verdict = TR069_FAULT;
    fake->transfer_fault.code = 9013;
    CU_ASSERT_EQUAL(upload(fake, "2 Vendor Log File"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9013);
    CU_ASSERT_EQUAL(fake->replies.count, 0);
    end(fake);
}

static void test_file_types(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    CU_ASSERT_STRING_EQUAL(source(fake, "1 Vendor Configuration File"), "settings");
    CU_ASSERT_STRING_EQUAL(source(fake, "2 Vendor Log File"), "device-logs");
    CU_ASSERT_STRING_EQUAL(source(fake, "3 Vendor Configuration File 1"), "settings");
    CU_ASSERT_STRING_EQUAL(source(fake, "3 Vendor Configuration File 2"), "file:network");
    CU_ASSERT_STRING_EQUAL(source(fake, "4 Vendor Log File 1"), "device-logs");
    CU_ASSERT_STRING_EQUAL(source(fake, "4 Vendor Log File 2"), "file:messages");
    CU_ASSERT_STRING_EQUAL(source(fake, "X ACME trace"), "");
    static const char *const none[] = {"",
                                       "1",
                                       "3 Vendor Configuration File",
                                       "3 Vendor Configuration File ",
                                       "3 Vendor Configuration File 3",
                                       "4 Vendor Log File 0",
                                       "4 Vendor Log File 01",
                                       "4 Vendor Log File -1",
                                       "4 Vendor Log File 4294967297",
                                       "4 Vendor Log File 1 ",
                                       "2 Vendor Log File 1",
                                       "1 Firmware Upgrade Image"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CU_ASSERT_STRING_EQUAL(source(fake, none[i]), "9003");
    }
    end(fake);
}

static void test_rows(enum tr069_root root) {
    struct fake_host *fake = begin(root);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorConfigFileNumberOfEntries"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFileNumberOfEntries"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorConfigFile.2.Name"), "network");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorConfigFile.1.Name"), "settings");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorConfigFile.1.Description"), "what was set");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorConfigFile.1.Date"), "0001-01-01T00:00:00Z");
    CU_ASSERT_STRING_NOT_EQUAL(fake_get(fake, "DeviceInfo.VendorConfigFile.2.Date"), "0001-01-01T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorConfigFile.2.Version"), "");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.2.Name"), "messages");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.2.MaximumSize"), "16777216");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.1.Name"), "device-logs");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.1.MaximumSize"), "70000");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.1.Persistent"), "true");
    end(fake);
}

static void test_rows_of_device2(void) {
    test_rows(TR069_DEV2);
}

static void test_rows_of_igd(void) {
    test_rows(TR069_IGD1);
}

static void test_a_log_in_ram(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    struct stat shm, tmp;
    fake_option_items(fake, "log_files", (const char *const[]){"ram=/dev/shm", "disk=/usr", NULL});
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.2.Persistent"), "true");
    if (stat("/dev/shm", &shm) == 0 && stat("/dev", &tmp) == 0 && shm.st_dev != tmp.st_dev) {
        CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.1.Persistent"), "false");
    }
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* A number stays with its name, and goes to no other. */
static void test_numbers(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    fake->other_count = 0; /* the other plugins are gone */
    fake_option_items(fake, "log_files", (const char *const[]){"new=/tmp/new", NULL});
    CU_ASSERT_EQUAL_FATAL(fake_restart(fake, false), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFileNumberOfEntries"), "1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.3.Name"), "new");
    CU_ASSERT_STRING_EQUAL(source(fake, "4 Vendor Log File 2"), "9003");
    CU_ASSERT_STRING_EQUAL(source(fake, "2 Vendor Log File"), "file:new");
    fake->other_count = 3; /* and back */
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.1.Name"), "device-logs");
    CU_ASSERT_STRING_EQUAL(source(fake, "2 Vendor Log File"), "device-logs");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.3.Name"), "new");
    end(fake);
}

/* Many have come and gone: the oldest make room, numbers go on rising. */
static void test_many_names(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    for (unsigned i = 0; i < 40; i++) {
        char file[64];
        (void) snprintf(file, sizeof file, "log %u=/tmp/x", i);
        fake_option_items(fake, "log_files", (const char *const[]){file, NULL});
        CU_ASSERT_EQUAL_FATAL(fake_restart(fake, false), 0);
    }
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFileNumberOfEntries"), "2");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFile.42.Name"), "log 39");
    end(fake);
}

static struct tr069_transfer ordered(const char *type, const char *name) {
    const struct tr069_transfer transfer = {.method = "Upload",
                                            .command_key = "k",
                                            .file_type = type,
                                            .url = "http://h/",
                                            .username = "",
                                            .password = "",
                                            .target_name = "",
                                            .upload = name};
    return transfer;
}

static void test_a_file_is_made(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    struct tr069_transfer transfer = ordered("2 Vendor Log File", "file:messages");
    struct stat info;
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_OK);
    CU_ASSERT_STRING_EQUAL(content(spooled), "one\ntwo\nthree\n");
    CU_ASSERT_EQUAL(stat(spooled, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0600);
    transfer = ordered("1 Vendor Configuration File", "file:network");
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_OK);
    CU_ASSERT_STRING_EQUAL(content(spooled), "lan=dhcp\n");
    end(fake);
}

static void test_a_large_file(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    struct tr069_transfer transfer = ordered("2 Vendor Log File", "file:messages");
    FILE *out = fopen(log_path, "we");
    for (unsigned i = 0; out != NULL && i < 1000; i++) {
        (void) fprintf(out, "line %u\n", i);
    }
    if (out != NULL) {
        (void) fclose(out);
    }
    fake_option(fake, "max_size", "1024");
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_OK);
    CU_ASSERT_EQUAL(strncmp(content(spooled), "line 887\n", 9), 0); /* whole lines of the end */
    CU_ASSERT_PTR_NOT_NULL(strstr(content(spooled), "line 999\n"));
    CU_ASSERT_TRUE(strlen(content(spooled)) <= 1024);
    fake_option(fake, "max_size", "8");
    transfer = ordered("1 Vendor Configuration File", "file:network");
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9011);
    end(fake);
}

static void test_what_cannot_be_made(void) {
    struct fake_host *fake = begin(TR069_DEV2);
    struct tr069_transfer transfer = ordered("2 Vendor Log File", "file:messages");
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, "/nonexistent/transfer-1"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9011);
    (void) unlink(log_path);
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_FAULT);
    CU_ASSERT_EQUAL(mkfifo(log_path, 0600), 0); /* and nobody waits for a writer */
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_FAULT);
    transfer.upload = "file:none";
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9011);
    CU_ASSERT_EQUAL(symlink("/dev/null", spooled), 0);
    write_file(config_path, "secret");
    transfer = ordered("1 Vendor Configuration File", "file:network");
    CU_ASSERT_EQUAL(fake_produce(fake, &transfer, spooled), TR069_FAULT); /* no link is followed */
    end(fake);
}

static void test_options(void) {
    static const char *const bad[] = {
        "",       "name",  "=/x",     "name=",
        "name=x", "a*=/x", "a\nb=/x", "123456789012345678901234567890123456789012345678901234567890=/x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
        fake_option_items(fake, "log_files", (const char *const[]){bad[i], NULL});
        CU_ASSERT_EQUAL(fake_start(fake), -EINVAL);
        CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "log_files"));
        CU_ASSERT_EQUAL(fake_free(fake), 0);
    }
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL(fake_start(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "DeviceInfo.VendorLogFileNumberOfEntries"), "0");
    CU_ASSERT_STRING_EQUAL(source(fake, "2 Vendor Log File"), "9003");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("upload", {"the RPC", test_the_rpc}, {"file types", test_file_types},
               {"rows of Device:2", test_rows_of_device2},
               {"rows of InternetGatewayDevice:1", test_rows_of_igd}, {"a log in RAM", test_a_log_in_ram},
               {"numbers", test_numbers}, {"many names", test_many_names},
               {"a file is made", test_a_file_is_made}, {"a large file", test_a_large_file},
               {"what cannot be made", test_what_cannot_be_made}, {"options", test_options});
}
