/* plugins/queued-transfers: the RPCs GetQueuedTransfers (what this ACS ordered) and GetAllQueuedTransfers. */
#include <tr069/plugin.h>

#include <stdlib.h>

enum { LISTED_MAX = 16 }; /* of the schema */

static int init(const struct tr069_host *host, void **ret_ctx) {
    (void) host;
    *ret_ctx = NULL;
    return 0;
}

struct listing {
    const struct tr069_call *call;
    bool all; /* also what this ACS did not order */
    size_t count;
    bool counting; /* an array tells its length first */
    int result;
};

static int reply_text(const struct tr069_call *call, const char *name, const char *text) {
    struct tr069_value value = {.type = TR069_NONE};
    (void) tr069_value_string(&value, text);
    return call->host->reply(call, name, &value);
}

static int reply_number(const struct tr069_call *call, const char *name, uint64_t number) {
    struct tr069_value value = {.type = TR069_NONE};
    (void) tr069_value_uint(&value, number);
    return call->host->reply(call, name, &value);
}

static int reply_more(const struct tr069_call *call, const struct tr069_queued *queued) {
    const struct tr069_transfer *transfer = queued->transfer;
    struct tr069_value value = {.type = TR069_NONE};
    (void) tr069_value_bool(&value, strcmp(transfer->method, "Upload") != 0);
    int r = call->host->reply(call, "IsDownload", &value);
    r = r == 0 ? reply_text(call, "FileType", queued->file_type) : r;
    r = r == 0 ? reply_number(call, "FileSize", transfer->file_size <= UINT32_MAX ? transfer->file_size : 0)
               : r;
    return r == 0 ? reply_text(call, "TargetFileName", transfer->target_name) : r;
}

static int list_one(void *user, const struct tr069_queued *queued) {
    struct listing *listing = user;
    const struct tr069_call *call = listing->call;
    if ((!listing->all && !queued->ordered) || listing->count == LISTED_MAX) {
        return 0;
    }
    listing->count++;
    if (listing->counting) {
        return 0;
    }
    int r = call->host->reply_item(call, listing->all ? "AllQueuedTransferStruct" : "QueuedTransferStruct");
    /* the key of another ACS is none of this one's business */
    r = r == 0 ? reply_text(call, "CommandKey", queued->ordered ? queued->transfer->command_key : "") : r;
    r = r == 0 ? reply_number(call, "State", queued->state) : r;
    r = r == 0 && listing->all ? reply_more(call, queued) : r;
    listing->result = r == 0 ? call->host->reply_end(call) : r;
    return listing->result;
}

static int list(const struct tr069_call *call, bool all) {
    const struct tr069_host *host = call->host;
    struct listing listing = {.call = call, .all = all, .counting = true};
    (void) host->transfers(host, call->version, list_one, &listing);
    int r = host->reply_list(call, "TransferList", all ? "AllQueuedTransferStruct" : "QueuedTransferStruct",
                             listing.count);
    listing.count = 0;
    listing.counting = false;
    if (r == 0) {
        (void) host->transfers(host, call->version, list_one, &listing);
        r = listing.result;
    }
    return r == 0 ? host->reply_end(call) : r;
}

static int get_queued(const struct tr069_call *call) {
    return list(call, false);
}

static int get_all(const struct tr069_call *call) {
    return list(call, true);
}

static const struct tr069_rpc rpcs[] = {
    {"GetQueuedTransfers", NULL, 10, get_queued}, {"GetAllQueuedTransfers", NULL, 11, get_all}, {0}};

TR069_PLUGIN(.name = "queued-transfers", .version = "1",
             .summary = "the RPCs GetQueuedTransfers and GetAllQueuedTransfers", .rpcs = rpcs, .init = init);
