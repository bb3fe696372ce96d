/* The ACS is told that something was done only when it is on disk: else it is a fault, and nothing has
 * changed. */
#include <config.h>

#include "model_help.h"
#include "store_help.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct help help;
static const char *directory;

/* ---- a plugin that keeps a value and rows of its own -------------------------------------------- */

static char kept[64];
static uint32_t rows;
static unsigned sets, adds, removes, commits;

static int get(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_string(ret_value, kept);
}

static int set(const struct tr069_at *at, const struct tr069_value *value) {
    (void) at;
    (void) snprintf(kept, sizeof kept, "%s", value->as.string);
    sets++;
    return TR069_OK;
}

static int instances(const struct tr069_at *at, struct tr069_rows *list) {
    (void) at;
    for (uint32_t i = 1; i <= rows; i++) {
        (void) tr069_row(list, i, NULL);
    }
    return TR069_OK;
}

static int add(const struct tr069_at *at, uint32_t *ret_instance) {
    (void) at;
    *ret_instance = ++rows;
    adds++;
    return TR069_OK;
}

static int take(const struct tr069_at *at) {
    (void) at;
    rows--;
    removes++;
    return TR069_OK;
}

static void commit(const struct tr069_at *at) {
    (void) at;
    commits++;
}

static const struct tr069_param own_params[] = {{"Own", TR069_STRING, .get = get, .set = set}, {0}};
static const struct tr069_param params[] = {TR069_ALIAS_PARAM, {"Name", TR069_STRING, TR069_STORED}, {0}};
static const struct tr069_param box_params[] = {{"Name", TR069_STRING, TR069_STORED}, {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "Box.", box_params, .commit = commit},
    {TR069_BOTH, "Wifi.", own_params, .commit = commit},
    {TR069_BOTH, "Row.{i}.", params, TR069_STORED_ROWS, .commit = commit},
    {TR069_BOTH, "Own.{i}.", params, .instances = instances, .add = add, .remove = take, .commit = commit},
    {0},
};
static const struct tr069_plugin plugin = HELP_PLUGIN("saver", objects);
static const struct model_owner owner = {&plugin, NULL, NULL};

static void begin(void) {
    const char *note;
    (void) snprintf(kept, sizeof kept, "old");
    rows = 1;
    sets = adds = removes = commits = 0;
    directory = fake_directory("model-save");
    help_begin(&help);
    model_free(help.model);
    store_free(help.store);
    CU_ASSERT_FATAL(store_open(directory, &help.store, &note) == 0);
    CU_ASSERT_FATAL(model_new(TR069_DEV2, help.store, &help.model) == 0);
    help_attach(&help, &owner);
}

static void end(void) {
    help_end(&help);
    fake_directory_remove(directory);
}

/* What is on disk, as another start of the box would find it. */
static void reopen(void) {
    const char *note;
    model_free(help.model);
    store_free(help.store);
    CU_ASSERT_FATAL(store_open(directory, &help.store, &note) == 0);
    CU_ASSERT_FATAL(model_new(TR069_DEV2, help.store, &help.model) == 0);
    help_attach(&help, &owner);
}

/* The place of the new file is taken by a folder: nothing can be written. */
static void block(bool on) {
    char *path = help_path(directory, "state.tmp");
    CU_ASSERT_EQUAL(on ? mkdir(path, 0700) : rmdir(path), 0);
    free(path);
}

static unsigned add_object(const char *path) {
    uint32_t instance = 0;
    return model_add_object(help.model, path, &instance, &help.status, &help.fault) == TR069_OK
               ? instance
               : help.fault.code;
}

static unsigned delete_object(const char *path) {
    const int r = model_delete_object(help.model, path, &help.status, &help.fault);
    return r == TR069_OK ? 0 : help.fault.code;
}

/* ---- the tests ---------------------------------------------------------------------------------- */

static void what_is_set_is_on_disk(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=new", "Device.Wifi.Own=new", NULL), "0\n");
    CU_ASSERT_EQUAL(add_object("Device.Row."), 1);
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Name=first", NULL), "0\n");
    CU_ASSERT_EQUAL(add_object("Device.Row."), 2);
    CU_ASSERT_EQUAL(delete_object("Device.Row.2."), 0);
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Row.1.Name", 2, NULL), "0\n");
    CU_ASSERT_FALSE(store_dirty(help.store));
    reopen();
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Name Device.Row."),
                   "Device.Box.Name=new\nDevice.Row.1.Alias=cpe-1\nDevice.Row.1.Name=first\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Row.1.Name"), "Device.Row.1.Name=2 Subscriber\n");
    end();
}

static void each_is_written_once(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=a", NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", 2, NULL), "0\n");
    const uint64_t before = store_writes(help.store);
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=b", NULL), "0\n"); /* and that the ACS knows of it */
    CU_ASSERT_FALSE(store_dirty(help.store));
    CU_ASSERT_EQUAL(store_writes(help.store), before + 1);
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=b", NULL), "0\n");
    CU_ASSERT_EQUAL(store_writes(help.store), before + 1);
    end();
}

static void a_set_that_cannot_be_saved(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=old", NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", 2, NULL), "0\n");
    commits = sets = 0;
    block(true);
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=new", "Device.Wifi.Own=new", NULL), "9002\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "the state cannot be saved: "));
    CU_ASSERT_EQUAL(commits, 0);
    CU_ASSERT_EQUAL(sets, 2); /* there and back */
    CU_ASSERT_STRING_EQUAL(kept, "old");
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Name"), "Device.Box.Name=old\n");
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    block(false);
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=new", "Device.Wifi.Own=new", NULL), "0\n");
    CU_ASSERT_EQUAL(commits, 2);
    reopen();
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Name"), "Device.Box.Name=new\n");
    end();
}

/* There is no room: that has a fault of its own. */
static void a_full_file_system(void) {
    struct rlimit limit, none = {0, 0};
    begin();
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
    none.rlim_max = limit.rlim_max;
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &none), 0);
    const unsigned added = add_object("Device.Row.");
    const int r = model_save(help.model, &help.fault);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void) signal(SIGXFSZ, before);
    CU_ASSERT_EQUAL(added, TR069_RESOURCES_EXCEEDED);
    CU_ASSERT_TRUE(r == TR069_OK || help.fault.code == TR069_RESOURCES_EXCEEDED);
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "");
    CU_ASSERT_EQUAL(add_object("Device.Row."), 2); /* the number was used up */
    end();
}

static void rows_that_cannot_be_saved(void) {
    begin();
    CU_ASSERT_EQUAL(add_object("Device.Row."), 1);
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Name=first", "Device.Own.1.Name=mine", NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Row.1.Name", 2, NULL), "0\n");
    commits = 0;
    (void) store_put(help.store, "key", "another"); /* ParameterKey */
    block(true);
    CU_ASSERT_EQUAL(add_object("Device.Row."), 9002);
    CU_ASSERT_EQUAL(add_object("Device.Own."), 9002);
    CU_ASSERT_EQUAL(adds, 1);
    CU_ASSERT_EQUAL(removes, 1); /* its plugin was asked to take it back */
    CU_ASSERT_EQUAL(delete_object("Device.Row.1."), 9002);
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "Device.Row.1.: the state cannot be saved: "));
    CU_ASSERT_EQUAL(delete_object("Device.Own.1."), 9002);
    CU_ASSERT_EQUAL(removes, 1); /* what it removes could not be put back */
    CU_ASSERT_EQUAL(commits, 0);
    CU_ASSERT_TEXT(help_values(&help, "Device.Row. Device.Own."),
                   "Device.Row.1.Alias=cpe-1\nDevice.Row.1.Name=first\n"
                   "Device.Own.1.Alias=cpe-1\nDevice.Own.1.Name=mine\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Row.1.Name"), "Device.Row.1.Name=2 Subscriber\n");
    block(false);
    CU_ASSERT_EQUAL(delete_object("Device.Row.1."), 0);
    CU_ASSERT_EQUAL(delete_object("Device.Own.1."), 0);
    CU_ASSERT_EQUAL(removes, 2);
    CU_ASSERT_EQUAL(commits, 2);
    CU_ASSERT_TEXT(help_values(&help, "Device.Row."), "");
    end();
}

static void attributes_that_cannot_be_saved(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", 1, ""), "0\n");
    block(true);
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", 2, "Subscriber"), "fault 9002\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Box.Name"), "Device.Box.Name=1 \n");
    block(false);
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", 2, "Subscriber"), "0\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Box.Name"), "Device.Box.Name=2 Subscriber\n");
    end();
}

/* Somebody at the box: it is on disk with what the ACS is told next, and no fault. */
static void a_local_set_is_saved_later(void) {
    begin();
    block(true);
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Box.Name=new", NULL), "0\n");
    CU_ASSERT_TRUE(store_dirty(help.store));
    block(false);
    CU_ASSERT_TEXT(help_set(&help, "Device.Wifi.Own=x", NULL), "0\n");
    reopen();
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Name"), "Device.Box.Name=new\n");
    end();
}

static CU_TestInfo tests[] = {
    {"what is set is on disk", what_is_set_is_on_disk},
    {"each is written once", each_is_written_once},
    {"a set that cannot be saved", a_set_that_cannot_be_saved},
    {"a full file system", a_full_file_system},
    {"rows that cannot be saved", rows_that_cannot_be_saved},
    {"attributes that cannot be saved", attributes_that_cannot_be_saved},
    {"a local set is saved later", a_local_set_is_saved_later},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("saving", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
