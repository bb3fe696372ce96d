/* AddObject and DeleteObject, with rows kept by the client and rows kept by a plugin. */
#include "model_help.h"

static struct help help;
static char trail[1024];

static void commit(const struct tr069_at *at) {
    size_t length = strlen(trail);
    CU_ASSERT_EQUAL(tr069_instance(at), at->instance[at->depth - 1]);
    (void) snprintf(trail + length, sizeof trail - length, "commit %s;", at->path);
}

static const struct tr069_param row_params[] = {
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"Name", TR069_STRING, TR069_STORED, .value = "new"},
    {0},
};
static const struct tr069_param count_params[] = {
    {"RowNumberOfEntries", TR069_UINT, .entries_of = "Row."},
    {"PluginNumberOfEntries", TR069_UINT, .entries_of = "Plugin."},
    {0},
};
static const struct tr069_object stored_objects[] = {
    {TR069_BOTH, "", count_params},
    {TR069_BOTH, "Row.{i}.", row_params, TR069_STORED_ROWS, .max_rows = 3, .commit = commit},
    {TR069_BOTH, "Row.{i}.", NULL, .commit = commit}, /* declared twice, committed once */
    {TR069_BOTH, "Row.{i}.Sub.{i}.", row_params, TR069_STORED_ROWS},
    {TR069_BOTH, "Fixed.{i}.", row_params},
    {0},
};
static const struct tr069_plugin stored_plugin = HELP_PLUGIN("stored", stored_objects);
static const struct model_owner stored_owner = {&stored_plugin, NULL, NULL};

/* a plugin with rows of its own */
static uint32_t numbers[8];
static size_t number_count;
static int add_verdict, remove_verdict;

static int own_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    for (size_t i = 0; i < number_count; i++) {
        (void) tr069_row(rows, numbers[i], &numbers[i]);
    }
    return TR069_OK;
}

static int own_add(const struct tr069_at *at, uint32_t *ret_instance) {
    CU_ASSERT_STRING_EQUAL(at->path, "Device.Plugin.");
    CU_ASSERT_EQUAL(at->depth, 0);
    CU_ASSERT_PTR_NULL(at->row);
    if (add_verdict == TR069_FAULT) {
        return tr069_fault(at->fault, TR069_REQUEST_DENIED, "locked");
    }
    if (add_verdict < 0) {
        return add_verdict;
    }
    numbers[number_count] = 10 + (uint32_t) number_count;
    *ret_instance = numbers[number_count++];
    return add_verdict;
}

static int own_remove(const struct tr069_at *at) {
    CU_ASSERT_PTR_EQUAL(at->row, &numbers[number_count - 1]);
    CU_ASSERT_EQUAL(tr069_instance(at), numbers[number_count - 1]);
    if (remove_verdict == TR069_OK) {
        number_count--;
    }
    return remove_verdict;
}

static const struct tr069_object own_objects[] = {
    {TR069_BOTH, "Plugin.{i}.", row_params, .max_rows = 4, .instances = own_rows, .add = own_add,
     .remove = own_remove, .commit = commit},
    {0},
};
static const struct tr069_plugin own_plugin = HELP_PLUGIN("own", own_objects);
static const struct model_owner own_owner = {&own_plugin, NULL, NULL};

static void attach(void) {
    help_attach(&help, &own_owner);
    help_attach(&help, &stored_owner);
}

static void begin(void) {
    trail[0] = '\0';
    number_count = 0;
    add_verdict = remove_verdict = TR069_OK;
    help_begin(&help);
    attach();
}

/* The new row's number, or minus the fault code. */
static long add(const char *path) {
    uint32_t instance = 0;
    int r = model_add_object(help.model, path, &instance, &help.status, &help.fault);
    return r == 0 ? (long) instance : -(long) help.fault.code;
}

static long delete (const char *path) {
    int r = model_delete_object(help.model, path, &help.status, &help.fault);
    return r == 0 ? 0 : -(long) help.fault.code;
}

static void new_row_has_defaults_and_can_be_used_at_once(void) {
    begin();
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    CU_ASSERT_EQUAL(help.status, 0);
    CU_ASSERT_STRING_EQUAL(trail, "commit Device.Row.1.;");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row."), "Device.Row.1.Enable=false\nDevice.Row.1.Name=new\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Name=mine", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Name"), "Device.Row.1.Name=mine\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\n");
    help_end(&help);
}

static void deleted_row_is_gone_with_everything_below(void) {
    begin();
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    CU_ASSERT_EQUAL(add("Device.Row."), 2);
    CU_ASSERT_EQUAL(add("Device.Row.1.Sub."), 1);
    CU_ASSERT_TEXT(
        help_set(&help, "Device.Row.1.Name=a", "Device.Row.1.Sub.1.Name=b", "Device.Row.2.Name=c", NULL),
        "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Row.1.", 1, NULL), "0\n");
    trail[0] = '\0';
    CU_ASSERT_EQUAL(delete ("Device.Row.1."), 0);
    CU_ASSERT_STRING_EQUAL(trail, "commit Device.Row.1.;");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1."), "fault 9005\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Name"), "fault 9005\n");
    CU_ASSERT_EQUAL(delete ("Device.Row.1."), -9005);
    CU_ASSERT_TEXT(help_values(&help, "Device.RowNumberOfEntries"), "Device.RowNumberOfEntries=1\n");
    CU_ASSERT_EQUAL(store_remove_all(help.store, "model/value/Device.Row.1."), 0);
    CU_ASSERT_EQUAL(store_remove_all(help.store, "model/rows/Device.Row.1."), 0);
    CU_ASSERT_EQUAL(store_remove_all(help.store, "model/attr/Device.Row.1."), 0);
    CU_ASSERT_EQUAL(store_remove_all(help.store, "model/reported/Device.Row.1."), 0);
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.2.Name"), "Device.Row.2.Name=c\n");
    help_end(&help);
}

static void numbers_are_never_given_again_also_after_a_restart(void) {
    begin();
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    CU_ASSERT_EQUAL(add("Device.Row."), 2);
    CU_ASSERT_EQUAL(delete ("Device.Row.2."), 0);
    CU_ASSERT_EQUAL(add("Device.Row."), 3);
    CU_ASSERT_EQUAL(delete ("Device.Row.3."), 0);
    CU_ASSERT_EQUAL(delete ("Device.Row.1."), 0);
    help_restart(&help);
    attach();
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "");
    CU_ASSERT_EQUAL(add("Device.Row."), 4);
    help_end(&help);
}

static void rows_and_numbers_survive_a_restart(void) {
    begin();
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    CU_ASSERT_EQUAL(add("Device.Row."), 2);
    CU_ASSERT_EQUAL(add("Device.Row."), 3);
    CU_ASSERT_EQUAL(delete ("Device.Row.2."), 0);
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.3.Name=three", NULL), "0\n");
    help_restart(&help);
    attach();
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Name Device.Row.3.Name"),
                   "Device.Row.1.Name=new\nDevice.Row.3.Name=three\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.2."), "fault 9005\n");
    help_end(&help);
}

static void rows_survive_a_plugin_that_comes_and_goes(void) {
    begin();
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    model_detach(help.model, &stored_owner);
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "fault 9005\n");
    help_attach(&help, &stored_owner);
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\n");
    CU_ASSERT_EQUAL(add("Device.Row."), 2);
    help_end(&help);
}

static void paths_that_are_no_writable_table_are_9005(void) {
    static const char *const wrong[] = {"",
                                        "Device.",
                                        "Device.Row",
                                        "Device.Row.1.",
                                        "Device.Row.2.",
                                        "Device.Row.2.Sub.",
                                        "Device.Fixed.",
                                        "Device.Fixed.1.",
                                        "Device.Nothing.",
                                        "Device.RowNumberOfEntries",
                                        "Device.Row.[a].",
                                        "Device.Row.*.",
                                        "Device.Row.{i}."};
    begin();
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(add(wrong[i]), -9005);
    }
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\n");
    help_end(&help);
}

static void paths_that_are_no_row_to_delete_are_9005(void) {
    static const char *const wrong[] = {"",
                                        "Device.",
                                        "Device.Row.",
                                        "Device.Row",
                                        "Device.Row.1",
                                        "Device.Row.01.",
                                        "Device.Row.2.",
                                        "Device.Row.1.Name",
                                        "Device.Row.1.Sub.",
                                        "Device.Row.1.Sub.1.",
                                        "Device.Fixed.1.",
                                        "Device.Nothing.1."};
    begin();
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(delete (wrong[i]), -9005);
    }
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\n");
    help_end(&help);
}

static void full_table_is_9004(void) {
    begin();
    for (long i = 1; i <= 3; i++) {
        CU_ASSERT_EQUAL(add("Device.Row."), i);
    }
    CU_ASSERT_EQUAL(add("Device.Row."), -9004);
    CU_ASSERT_EQUAL(delete ("Device.Row.1."), 0);
    CU_ASSERT_EQUAL(add("Device.Row."), 4);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_TRUE(add("Device.Plugin.") > 0);
    }
    CU_ASSERT_EQUAL(add("Device.Plugin."), -9004);
    CU_ASSERT_EQUAL(number_count, 4);
    help_end(&help);
}

static void last_number_is_not_given_out_twice(void) {
    begin();
    CU_ASSERT_EQUAL(store_put(help.store, "model/rows/Device.Row.", "4294967295 7"), 0);
    CU_ASSERT_EQUAL(add("Device.Row."), -9004);
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.7. w\n");
    help_end(&help);
}

static void rows_stored_in_another_form_do_no_harm(void) {
    static const char *const bad[] = {"",
                                      "x",
                                      "0 1",
                                      "5 x",
                                      "5 1-",
                                      "5 3-1",
                                      "5  1",
                                      "5 0",
                                      "5 -1",
                                      "99999999999 1",
                                      "5 1-99999999999",
                                      "5,1",
                                      "5 1-70000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin();
        CU_ASSERT_EQUAL(store_put(help.store, "model/rows/Device.Row.", bad[i]), 0);
        (void) help_names(&help, "Device.Row.1.", true); /* only must not crash */
        CU_ASSERT_EQUAL(help.warnings, 1);
        help_end(&help);
    }
}

static void next_number_is_beyond_the_rows_whatever_is_stored(void) {
    begin();
    CU_ASSERT_EQUAL(store_put(help.store, "model/rows/Device.Row.", "2 1 5"), 0);
    CU_ASSERT_EQUAL(add("Device.Row."), 6);
    CU_ASSERT_STRING_EQUAL(store_get(help.store, "model/rows/Device.Row."), "7 1 5-6");
    help_end(&help);
}

static void rows_of_a_plugin_are_added_and_removed_by_it(void) {
    begin();
    CU_ASSERT_EQUAL(add("Device.Plugin."), 10);
    CU_ASSERT_STRING_EQUAL(trail, "commit Device.Plugin.10.;");
    CU_ASSERT_TEXT(
        help_values(&help, "Device.Plugin. Device.PluginNumberOfEntries"),
        "Device.Plugin.10.Enable=false\nDevice.Plugin.10.Name=new\nDevice.PluginNumberOfEntries=1\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Plugin.10.Name=x", NULL), "0\n");
    CU_ASSERT_EQUAL(delete ("Device.Plugin.10."), 0);
    CU_ASSERT_TEXT(help_values(&help, "Device.PluginNumberOfEntries"), "Device.PluginNumberOfEntries=0\n");
    /* the plugin gives the number again: the new row has its defaults all the same */
    CU_ASSERT_EQUAL(add("Device.Plugin."), 10);
    CU_ASSERT_TEXT(help_values(&help, "Device.Plugin.10.Name"), "Device.Plugin.10.Name=new\n");
    help_end(&help);
}

/* A plugin that can find one row among many. */
static unsigned found, listed;
static int find_verdict;

static int many_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    listed++;
    for (uint32_t i = 1; i <= 3; i++) {
        (void) tr069_row(rows, i, &numbers[i]);
    }
    return TR069_OK;
}

static int many_find(const struct tr069_at *at, uint32_t instance, void **ret_row) {
    CU_ASSERT_STRING_EQUAL(at->path, "Device.Many.");
    CU_ASSERT_EQUAL(at->depth, 0);
    found++;
    if (find_verdict == TR069_FAULT) {
        return tr069_fault(at->fault, TR069_REQUEST_DENIED, "locked");
    }
    if (instance > 3) {
        return -ENOENT;
    }
    *ret_row = &numbers[instance];
    return find_verdict;
}

static int many_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    CU_ASSERT_PTR_EQUAL(at->row, &numbers[tr069_instance(at)]);
    return tr069_value_string(ret_value, "v");
}

static const struct tr069_param many_params[] = {{"V", TR069_STRING, .get = many_get}, {0}};
static const struct tr069_object many_objects[] = {
    {TR069_BOTH, "Many.{i}.", many_params, .instances = many_rows, .find = many_find}, {0}};
static const struct tr069_plugin many_plugin = HELP_PLUGIN("many", many_objects);
static const struct model_owner many_owner = {&many_plugin, NULL, NULL};

static void one_row_is_found_without_the_others(void) {
    begin();
    help_attach(&help, &many_owner);
    found = listed = 0;
    find_verdict = TR069_OK;
    CU_ASSERT_TEXT(help_values(&help, "Device.Many.2.V"), "Device.Many.2.V=v\n");
    CU_ASSERT_EQUAL(listed, 0);
    CU_ASSERT_TRUE(found > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(help_values(&help, "Device.Many.4.V"), "9005"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_values(&help, "Device.Many.0.V"), "9005"));
    CU_ASSERT_EQUAL(listed, 0);
    find_verdict = TR069_FAULT;
    CU_ASSERT_PTR_NOT_NULL(strstr(help_values(&help, "Device.Many.2.V"), "9001"));
    find_verdict = -EIO;
    CU_ASSERT_PTR_NOT_NULL(strstr(help_values(&help, "Device.Many.2.V"), "9002"));
    find_verdict = TR069_OK;
    CU_ASSERT_TEXT(help_values(&help, "Device.Many."),
                   "Device.Many.1.V=v\nDevice.Many.2.V=v\nDevice.Many.3.V=v\n");
    CU_ASSERT_TRUE(listed > 0);
    help_end(&help);
}

static void verdicts_of_a_plugin_become_faults_and_status(void) {
    begin();
    add_verdict = TR069_FAULT;
    CU_ASSERT_EQUAL(add("Device.Plugin."), -9001);
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "locked"));
    add_verdict = -EIO;
    CU_ASSERT_EQUAL(add("Device.Plugin."), -9002);
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "Device.Plugin."));
    add_verdict = -ENOSPC;
    CU_ASSERT_EQUAL(add("Device.Plugin."), -9004);
    CU_ASSERT_STRING_EQUAL(trail, "");
    add_verdict = TR069_APPLIED_LATER;
    CU_ASSERT_EQUAL(add("Device.Plugin."), 10);
    CU_ASSERT_EQUAL(help.status, 1);
    CU_ASSERT_TEXT(help_set(&help, "Device.Plugin.10.Name=x", NULL), "0\n");
    remove_verdict = -EBUSY;
    CU_ASSERT_EQUAL(delete ("Device.Plugin.10."), -9002);
    CU_ASSERT_TEXT(help_values(&help, "Device.Plugin.10.Name"), "Device.Plugin.10.Name=x\n");
    remove_verdict = TR069_APPLIED_LATER;
    CU_ASSERT_EQUAL(delete ("Device.Plugin.10."), 0);
    CU_ASSERT_EQUAL(help.status, 1);
    help_end(&help);
}

static CU_TestInfo tests[] = {
    {"ADD-01 02 03 a new row", new_row_has_defaults_and_can_be_used_at_once},
    {"ADD-04 a deleted row", deleted_row_is_gone_with_everything_below},
    {"ADD-05 numbers are not reused", numbers_are_never_given_again_also_after_a_restart},
    {"ADD-06 rows survive a restart", rows_and_numbers_survive_a_restart},
    {"rows survive a detached plugin", rows_survive_a_plugin_that_comes_and_goes},
    {"ADD-07 wrong paths to add to", paths_that_are_no_writable_table_are_9005},
    {"ADD-07 wrong paths to delete", paths_that_are_no_row_to_delete_are_9005},
    {"ADD-08 full table", full_table_is_9004},
    {"the last number", last_number_is_not_given_out_twice},
    {"rows stored badly", rows_stored_in_another_form_do_no_harm},
    {"the next number", next_number_is_beyond_the_rows_whatever_is_stored},
    {"rows of a plugin", rows_of_a_plugin_are_added_and_removed_by_it},
    {"one row", one_row_is_found_without_the_others},
    {"verdicts", verdicts_of_a_plugin_become_faults_and_status},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("rows", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
