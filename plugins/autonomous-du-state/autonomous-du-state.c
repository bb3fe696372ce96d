/* plugins/autonomous-du-state: ManagementServer.DUStateChangeComplPolicy. The client goes by it, and without
 * it tells nothing. */
#include <tr069/plugin.h>

static int init(const struct tr069_host *host, void **ret_ctx) {
    (void) host;
    *ret_ctx = NULL;
    return 0;
}

#define FAULT_CODES                                                                                          \
    "9001,9003,9012,9013,9015,9016,9017,9018,9022,9023,9024,9025,9026,9027,9028,9029,9030,9031,9032"

static const char *const operations[] = {"Install", "Update", "Uninstall", NULL};
static const char *const results[] = {"Success", "Failure", "Both", NULL};
static const char *const codes[] = {"9001", "9003", "9012", "9013", "9015", "9016", "9017",
                                    "9018", "9022", "9023", "9024", "9025", "9026", "9027",
                                    "9028", "9029", "9030", "9031", "9032", NULL};

static const struct tr069_param params[] = {
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"OperationTypeFilter", TR069_STRING, TR069_STORED | TR069_CSV, .value = "Install,Update,Uninstall",
     .values = operations},
    {"ResultTypeFilter", TR069_STRING, TR069_STORED, .value = "Both", .values = results},
    {"FaultCodeFilter", TR069_STRING, TR069_STORED | TR069_CSV, .value = FAULT_CODES, .values = codes},
    {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "ManagementServer.DUStateChangeComplPolicy.", params}, {0}};

TR069_PLUGIN(.name = "autonomous-du-state", .version = "1",
             .summary = "ManagementServer.DUStateChangeComplPolicy", .objects = objects, .init = init);
