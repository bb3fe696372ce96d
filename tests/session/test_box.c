/* The box of the session scenarios; README.md lists what it has. */
#include <config.h>

#include "test_box.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct test_box *box_of(const struct tr069_at *at) {
    return tr069_ctx(at);
}

/* ---- Parameters -------------------------------------------------------------------------------- */

static int get_software(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, box_of(at)->software);
}

static int get_parameter_key(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, session_parameter_key(box_of(at)->session));
}

static int get_broken(const struct tr069_at *at, struct tr069_value *ret_value) {
    if (box_of(at)->broken) {
        return tr069_fault(at->fault, TR069_INTERNAL_ERROR, "the sensor is gone");
    }
    return tr069_value_string(ret_value, "whole");
}

static int get_later(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_uint(ret_value, 1);
}

static int set_later(const struct tr069_at *at, const struct tr069_value *value) {
    (void) at;
    (void) value;
    return TR069_APPLIED_LATER;
}

static int set_refused(const struct tr069_at *at, const struct tr069_value *value) {
    (void) value;
    return tr069_fault(at->fault, TR069_REQUEST_DENIED, "not on a Sunday");
}

static int get_slow(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, box_of(at)->refreshed);
}

static int refresh_slow(const struct tr069_at *at) {
    box_of(at)->refreshes++;
    return TR069_DEFERRED;
}

static int get_one(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_uint(ret_value, 1);
}

/* The table that is another one each time that it is looked at. */
static int lie_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    struct test_box *box = box_of(at);
    int result = 0;
    if (box->lying > 0) {
        box->lying--;
        box->lie_rows++;
    }
    for (uint32_t i = 1; i <= box->lie_rows && result >= 0; i++) {
        result = tr069_row(rows, i, NULL);
    }
    return result;
}

static const struct tr069_param device_info[] = {
    {"HardwareVersion", TR069_STRING, TR069_INFORM, .value = "H1"},
    {"SoftwareVersion", TR069_STRING, TR069_INFORM, TR069_NOTIFY_FORCED, .get = get_software},
    {"ProvisioningCode", TR069_STRING, TR069_INFORM | TR069_STORED, .max_length = 64},
    {0}};
static const struct tr069_param management_server[] = {
    {"ParameterKey", TR069_STRING, TR069_INFORM, .get = get_parameter_key}, {0}};
static const struct tr069_param test[] = {
    {"Fixed", TR069_STRING, .value = "a<b>&\"c\""},
    {"Text", TR069_STRING, TR069_STORED, .value = "old", .max_length = 8},
    {"Number", TR069_UINT, TR069_STORED, .value = "5", .min = 1, .max = 10},
    {"Flag", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"Password", TR069_STRING, TR069_STORED | TR069_SECRET, .max_length = 256},
    {"Counter", TR069_UINT, 0, TR069_NOTIFY_CAN_DENY, .get = get_one},
    {0}};
static const struct tr069_param odd[] = {{"Broken", TR069_STRING, .get = get_broken},
                                         {"Later", TR069_UINT, .get = get_later, .set = set_later},
                                         {"Refused", TR069_UINT, .get = get_one, .set = set_refused},
                                         {0}};
static const struct tr069_param slow[] = {{"Value", TR069_STRING, .get = get_slow}, {0}};
static const struct tr069_param row[] = {{"Name", TR069_STRING, TR069_STORED, .max_length = 32}, {0}};
static const struct tr069_param lie[] = {{"One", TR069_UINT, .get = get_one}, {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "DeviceInfo.", device_info},
    {TR069_DEV2, "ManagementServer.", management_server},
    {TR069_DEV2, "Test.", test},
    {TR069_DEV2, "Test.Odd.", odd},
    {TR069_DEV2, "Test.Slow.", slow, .refresh = refresh_slow, .refresh_ms = 4000},
    {TR069_DEV2, "Test.Row.{i}.", row, TR069_STORED_ROWS, .max_rows = 2},
    {TR069_DEV2, "Test.Lie.{i}.", lie, .instances = lie_rows},
    {0}};

/* ---- RPCs -------------------------------------------------------------------------------------- */

static int echo(const struct tr069_call *call) {
    ((struct test_box *) call->ctx)->calls++;
    return rpc_reply(call, "Text", &call->args[0]);
}

static int later(const struct tr069_call *call) {
    struct test_box *box = call->ctx;
    box->calls++;
    box->deferred = call;
    return TR069_DEFERRED;
}

static int at_once(const struct tr069_call *call) {
    struct tr069_value value = {0};
    (void) tr069_value_string(&value, "at once");
    (void) rpc_reply(call, "Text", &value);
    rpc_complete(call, TR069_OK);
    return TR069_DEFERRED;
}

static int list(const struct tr069_call *call) {
    struct tr069_value value = {0};
    (void) rpc_reply_list(call, "List", "string", 2);
    (void) tr069_value_string(&value, "one");
    (void) rpc_reply(call, "string", &value);
    (void) tr069_value_string(&value, "two");
    (void) rpc_reply(call, "string", &value);
    return rpc_reply_end(call);
}

static int list_left_open(const struct tr069_call *call) {
    return rpc_reply_list(call, "List", "string", 0);
}

static int bad_verdict(const struct tr069_call *call) {
    struct tr069_value value = {0};
    (void) tr069_value_string(&value, "never seen");
    (void) rpc_reply(call, "Text", &value);
    return -EIO;
}

static void promised(void *user, bool well) {
    struct test_box *box = user;
    if (well) {
        box->well++;
    } else {
        box->badly++;
    }
}

static int reboot(const struct tr069_call *call) {
    struct test_box *box = call->ctx;
    int result = events_add(box->events, "M Reboot", call->args[0].as.string, TR069_AFTER_BOOT);
    result = result < 0 ? result : session_after(box->session, promised, box);
    box->promised += result >= 0;
    return result;
}

static int download(const struct tr069_call *call) {
    struct test_box *box = call->ctx;
    const struct tr069_value *args = call->args;
    struct tr069_transfer request = {.method = "Download",
                                     .command_key = args[0].as.string,
                                     .file_type = args[1].as.string,
                                     .url = args[2].as.string,
                                     .username = args[3].as.string,
                                     .password = args[4].as.string,
                                     .file_size = args[5].as.number,
                                     .target_name = args[6].as.string,
                                     .delay_s = (uint32_t) args[7].as.number};
    struct tr069_value value = {0};
    uint32_t id;
    int result = transfers_add(box->transfers, &request, &box->now, &id, call->fault);
    if (result != TR069_OK) {
        return result;
    }
    (void) tr069_value_int(&value, 1);
    (void) rpc_reply(call, "Status", &value);
    (void) tr069_value_time(&value, TR069_TIME_UNKNOWN);
    (void) rpc_reply(call, "StartTime", &value);
    return rpc_reply(call, "CompleteTime", &value);
}

static int cancel(const struct tr069_call *call) {
    struct test_box *box = call->ctx;
    uint32_t running;
    return transfers_cancel(box->transfers, call->args[0].as.string, &running, call->fault);
}

static const struct tr069_arg text_args[] = {{"Text", TR069_STRING, .max_length = 16}, {0}};
static const struct tr069_arg key_args[] = {{"CommandKey", TR069_STRING, .max_length = 32}, {0}};
static const struct tr069_arg download_args[] = {{"CommandKey", TR069_STRING, .max_length = 32},
                                                 {"FileType", TR069_STRING, .max_length = 64},
                                                 {"URL", TR069_STRING, .max_length = 256},
                                                 {"Username", TR069_STRING, .max_length = 256},
                                                 {"Password", TR069_STRING, .max_length = 256},
                                                 {"FileSize", TR069_UINT},
                                                 {"TargetFileName", TR069_STRING, .max_length = 256},
                                                 {"DelaySeconds", TR069_UINT},
                                                 {"SuccessURL", TR069_STRING, TR069_OPTIONAL, 256},
                                                 {"FailureURL", TR069_STRING, TR069_OPTIONAL, 256},
                                                 {0}};
static const struct tr069_rpc rpcs[] = {
    {"Reboot", key_args, .call = reboot},       {"Download", download_args, .call = download},
    {"CancelTransfer", key_args, 12, cancel},   {"X_TEST_Echo", text_args, .call = echo},
    {"X_TEST_Later", text_args, .call = later}, {"X_TEST_AtOnce", NULL, .call = at_once},
    {"X_TEST_List", NULL, .call = list},        {"X_TEST_Open", NULL, .call = list_left_open},
    {"X_TEST_Bad", NULL, .call = bad_verdict},  {0}};

static int init(const struct tr069_host *host, void **ret_ctx) {
    (void) host;
    (void) ret_ctx;
    return 0;
}

const struct tr069_plugin test_box_plugin = {.abi_major = TR069_ABI_MAJOR,
                                             .abi_minor = TR069_ABI_MINOR,
                                             .size = sizeof(struct tr069_plugin),
                                             .param_size = sizeof(struct tr069_param),
                                             .object_size = sizeof(struct tr069_object),
                                             .rpc_size = sizeof(struct tr069_rpc),
                                             .arg_size = sizeof(struct tr069_arg),
                                             .file_size = sizeof(struct tr069_file),
                                             .action_size = sizeof(struct tr069_action),
                                             .option_size = sizeof(struct tr069_option),
                                             .name = "test-box",
                                             .version = "1",
                                             .summary = "the box of the session scenarios",
                                             .objects = objects,
                                             .rpcs = rpcs,
                                             .init = init};

int test_box_open(struct test_box *box, const char *directory, const struct session_setup *setup, bool booted,
                  char *ret_error, size_t error_size) {
    static const struct tr069_host host = {.size = sizeof host};
    struct session_setup own = *setup;
    const char *note = NULL;
    int r = box->store == NULL ? store_open(directory, &box->store, &note) : 0;

    box->owner = (struct model_owner){&test_box_plugin, &host, box};
    (void) snprintf(ret_error, error_size, "%s", note != NULL ? note : "");
    r = r == 0 && note != NULL ? -EBADMSG : r;
    r = r == 0 ? model_new(TR069_DEV2, box->store, &box->model) : r;
    r = r == 0 ? model_attach(box->model, &box->owner, ret_error, error_size) : r;
    r = r == 0 ? rpcs_new(&box->rpcs) : r;
    r = r == 0 ? rpcs_attach(box->rpcs, &box->owner, ret_error, error_size) : r;
    r = r == 0 ? events_new(box->store, booted, &box->events) : r;
    r = r == 0 ? transfers_new(box->store, &box->now, &box->transfers) : r;
    own.model = box->model;
    own.store = box->store;
    own.events = box->events;
    own.transfers = box->transfers;
    own.rpcs = box->rpcs;
    return r == 0 ? session_new(&own, &box->session) : r;
}

void test_box_close(struct test_box *box) {
    session_free(box->session);
    transfers_free(box->transfers);
    events_free(box->events);
    rpcs_free(box->rpcs);
    model_free(box->model);
    box->session = NULL;
    box->transfers = NULL;
    box->events = NULL;
    box->rpcs = NULL;
    box->model = NULL;
    box->deferred = NULL;
}

/* ---- What scenarios make it do ------------------------------------------------------------------ */

static const struct tr069_object *object_with_refresh(void) {
    const struct tr069_object *object = objects;
    while (object->refresh == NULL) {
        object++;
    }
    return object;
}

void test_box_refreshed(struct test_box *box, const char *value) {
    (void) snprintf(box->refreshed, sizeof box->refreshed, "%s", value);
    model_refreshed(box->model, &box->owner, object_with_refresh());
    session_refreshed(box->session);
}

void test_box_complete(struct test_box *box, const char *text, unsigned code) {
    const struct tr069_call *call = box->deferred;
    struct tr069_value value = {0};
    box->deferred = NULL;
    if (call == NULL) {
        return;
    }
    if (code != 0) {
        rpc_complete(call, tr069_fault(call->fault, code, "%s", text));
        return;
    }
    (void) tr069_value_string(&value, call->args[0].as.string); /* it must still be there */
    (void) rpc_reply(call, "Text", &value);
    (void) tr069_value_string(&value, text);
    (void) rpc_reply(call, "Result", &value);
    rpc_complete(call, TR069_OK);
}
