/* The plugin "queued-transfers" against the fake host. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    fake_session_begin(fake);
    return fake;
}

/* The response as one text: NAME=VALUE, lists and items in brackets. */
static const char *response(const struct fake_host *fake) {
    static char text[8192];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < fake->replies.count; i++) {
        const struct fake_pair *pair = &fake->replies.pairs[i];
        if (pair->name[0] == '+') {
            used += (size_t) snprintf(text + used, sizeof text - used, "%s%s%s[", pair->name + 1,
                                      pair->value[0] != '\0' ? ":" : "", pair->value);
        } else if (strcmp(pair->name, "-") == 0) {
            used += (size_t) snprintf(text + used, sizeof text - used, "]");
        } else {
            used += (size_t) snprintf(text + used, sizeof text - used, "%s=%s ", pair->name, pair->value);
        }
    }
    return text;
}

static void test_an_empty_queue(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_call(fake, "GetQueuedTransfers"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(response(fake), "TransferList:QueuedTransferStruct[]");
    CU_ASSERT_EQUAL(fake->replies.pairs[0].number, 0);
    CU_ASSERT_EQUAL(fake_call(fake, "GetAllQueuedTransfers"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(response(fake), "TransferList:AllQueuedTransferStruct[]");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_what_is_listed(void) {
    static const struct tr069_transfer download = {.method = "Download",
                                                   .command_key = "d",
                                                   .file_type = "1 Firmware Upgrade Image",
                                                   .target_name = "image.zip",
                                                   .file_size = 1234};
    static const struct tr069_transfer upload = {.method = "Upload",
                                                 .command_key = "u",
                                                 .file_type = "2 Vendor Log File",
                                                 .target_name = "",
                                                 .file_size = 1ULL << 33};
    const struct tr069_queued queue[] = {{&download, 1, true, "1 Firmware Upgrade Image"},
                                         {&download, 2, false, "X 0A1B2C own"},
                                         {&upload, 3, true, "4 Vendor Log File"}};
    struct fake_host *fake = begin();
    fake->queue = queue;
    fake->queue_count = 3;
    CU_ASSERT_EQUAL(fake_call(fake, "GetQueuedTransfers"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(response(fake), "TransferList:QueuedTransferStruct["
                                           "QueuedTransferStruct[CommandKey=d State=1 ]"
                                           "QueuedTransferStruct[CommandKey=u State=3 ]]");
    CU_ASSERT_EQUAL(fake->replies.pairs[0].number, 2);
    CU_ASSERT_EQUAL(fake_call(fake, "GetAllQueuedTransfers"), TR069_OK);
    CU_ASSERT_STRING_EQUAL(
        response(fake),
        "TransferList:AllQueuedTransferStruct["
        "AllQueuedTransferStruct[CommandKey=d State=1 IsDownload=true FileType=1 Firmware Upgrade Image "
        "FileSize=1234 TargetFileName=image.zip ]"
        "AllQueuedTransferStruct[CommandKey= State=2 IsDownload=true FileType=X 0A1B2C own FileSize=1234 "
        "TargetFileName=image.zip ]"
        "AllQueuedTransferStruct[CommandKey=u State=3 IsDownload=false FileType=4 Vendor Log File FileSize=0 "
        "TargetFileName= ]]");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_sixteen_at_most(void) {
    static const struct tr069_transfer download = {
        .method = "Download", .command_key = "d", .file_type = "2 Web Content", .target_name = ""};
    struct tr069_queued queue[20];
    struct fake_host *fake = begin();
    for (size_t i = 0; i < 20; i++) {
        queue[i] = (struct tr069_queued){&download, 1, true, "2 Web Content"};
    }
    fake->queue = queue;
    fake->queue_count = 20;
    CU_ASSERT_EQUAL(fake_call(fake, "GetAllQueuedTransfers"), TR069_OK);
    CU_ASSERT_EQUAL(fake->replies.pairs[0].number, 16);
    CU_ASSERT_EQUAL(fake_list_count(&fake->replies, "FileType"), 16);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_versions(void) {
    CU_ASSERT_EQUAL(tr069_plugin.rpcs[0].since, 10);
    CU_ASSERT_EQUAL(tr069_plugin.rpcs[1].since, 11);
}

int main(void) {
    FAKE_TESTS("queued-transfers", {"an empty queue", test_an_empty_queue},
               {"what is listed", test_what_is_listed}, {"sixteen at most", test_sixteen_at_most},
               {"versions", test_versions});
}
