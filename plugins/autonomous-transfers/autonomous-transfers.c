/* plugins/autonomous-transfers: ManagementServer.AutonomousTransferCompletePolicy. The client goes by it, and
 * without it tells nothing. */
#include <tr069/plugin.h>

static int init(const struct tr069_host *host, void **ret_ctx) {
    (void) host;
    *ret_ctx = NULL;
    return 0;
}

static const char *const transfer_types[] = {"Upload", "Download", "Both", NULL};
static const char *const result_types[] = {"Success", "Failure", "Both", NULL};

static const char *const file_types[] = {"1 Firmware Upgrade Image", "2 Web Content",
                                         "3 Vendor Configuration File", "4 Vendor Log File", NULL};

static const struct tr069_param params[] = {
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"TransferTypeFilter", TR069_STRING, TR069_STORED, .value = "Both", .values = transfer_types},
    {"ResultTypeFilter", TR069_STRING, TR069_STORED, .value = "Both", .values = result_types},
    {"FileTypeFilter", TR069_STRING, TR069_STORED | TR069_CSV,
     .value = "1 Firmware Upgrade Image,2 Web Content,3 Vendor Configuration File,4 Vendor Log File",
     .max_length = 1024, .values = file_types, .pattern = "X [0-9A-F]{6} .*"},
    {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "ManagementServer.AutonomousTransferCompletePolicy.", params}, {0}};

TR069_PLUGIN(.name = "autonomous-transfers", .version = "1",
             .summary = "ManagementServer.AutonomousTransferCompletePolicy", .objects = objects,
             .init = init);
