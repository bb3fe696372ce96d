/* Memory of the model: what it costs to walk a large table, and what happens when there is none left.
 * Linked with --wrap for malloc and its kin. */
#include "little_memory.h"
#include "model_help.h"

#include <limits.h>

static struct help help;

/* ---- A large table ---------------------------------------------------------------------------- */

enum { LARGE_ROWS = 10000 };

static unsigned enumerations, reads;

static int large_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    enumerations++;
    for (uint32_t i = 1; i <= LARGE_ROWS; i++) {
        (void) tr069_row(rows, i, NULL);
    }
    return TR069_OK;
}

static int large_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    reads++;
    return tr069_value_uint(ret_value, tr069_instance(at));
}

static const struct tr069_param large_params[] = {
    {"A", TR069_UINT, .get = large_get},
    {"B", TR069_UINT, .get = large_get},
    {"C", TR069_UINT, .get = large_get},
    {"D", TR069_UINT, .get = large_get},
    {"E", TR069_UINT, .get = large_get},
    {"F", TR069_UINT, .get = large_get},
    {"G", TR069_UINT, .get = large_get},
    {"H", TR069_UINT, .get = large_get},
    {"I", TR069_UINT, .get = large_get},
    {"J", TR069_STRING, TR069_STORED, .value = "x"},
    {0},
};
static const struct tr069_object large_objects[] = {
    {TR069_BOTH, "Large.{i}.", large_params, .instances = large_rows}, {0}};
static const struct tr069_plugin large_plugin = HELP_PLUGIN("large", large_objects);
static const struct model_owner large_owner = {&large_plugin, NULL, NULL};

static int count_value(void *user, const struct model_value *value) {
    (void) value;
    ++*(size_t *) user;
    return 0;
}

static void walking_a_large_table_does_not_allocate_for_each_parameter(void) {
    const char *const paths[] = {""};
    struct model_selection *selection;
    size_t count = 0;
    help_begin(&help);
    help_attach(&help, &large_owner);
    CU_ASSERT_EQUAL_FATAL(model_select(help.model, paths, 1, &selection, &help.fault), 0);
    enumerations = reads = 0;
    little_memory_begin(ULONG_MAX, false);
    CU_ASSERT_EQUAL(model_selection_values(selection, count_value, &count, &help.fault), 0);
    CU_ASSERT_EQUAL(count, LARGE_ROWS * 10);
    CU_ASSERT_EQUAL(reads, LARGE_ROWS * 9);
    CU_ASSERT_EQUAL(enumerations, 1);
    CU_ASSERT_TRUE(little_memory_count() < 20); /* the list of rows grows by doubling */
    model_selection_free(selection);
    help_end(&help);
}

/* ---- No memory left --------------------------------------------------------------------------- */

static char ssid[16] = "old";

static int get(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_string(ret_value, ssid);
}

static int set(const struct tr069_at *at, const struct tr069_value *value) {
    (void) at;
    (void) snprintf(ssid, sizeof ssid, "%s", value->as.string);
    return TR069_OK;
}

static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    (void) at;
    (void) changes;
    (void) count;
    return TR069_OK;
}

static const struct tr069_param params[] = {
    {"SSID", TR069_STRING, TR069_INFORM, TR069_NOTIFY_FORCED, .get = get, .set = set},
    {"Name", TR069_STRING, TR069_STORED, TR069_NOTIFY_DEFAULT_ACTIVE, .value = "n", .pattern = "[a-z]+"},
    {"Rows", TR069_UINT, .entries_of = "Row."},
    {0},
};
static const struct tr069_param row_params[] = {{"X", TR069_STRING, TR069_STORED}, {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "Box.", params, .check = check},
    {TR069_BOTH, "Row.{i}.", row_params, TR069_STORED_ROWS},
    {TR069_BOTH, "Row.{i}.Sub.{i}.", row_params},
    {0},
};
static const struct tr069_plugin plugin = HELP_PLUGIN("memory", objects);
static const struct model_owner owner = {&plugin, NULL, NULL};

/* Every fault on the way is "out of memory" and nothing else. */
static void expect(int r) {
    if (r == TR069_FAULT) {
        CU_ASSERT_EQUAL(help.fault.code, TR069_RESOURCES_EXCEEDED);
    } else {
        CU_ASSERT_TRUE(r == 0 || r == -ENOMEM);
    }
}

static int count_name(void *user, const char *path, size_t length, bool writable) {
    (void) path;
    (void) length;
    (void) writable;
    ++*(size_t *) user;
    return 0;
}

static void read_everything(void) {
    static const char *const paths[] = {"Device.Row.", "Device.Box.SSID", "Device.Box."};
    struct model_selection *selection;
    size_t count = 0;
    int r = model_select(help.model, paths, 3, &selection, &help.fault);
    expect(r);
    if (r == 0) {
        expect(model_selection_values(selection, count_value, &count, &help.fault));
        (void) model_selection_count(selection);
        model_selection_free(selection);
    }
    expect(model_names(help.model, "", false, count_name, &count, &help.fault));
}

static void write_something(void) {
    struct model_assignment assignments[] = {
        {"Device.Box.Name", "longer", 6, TR069_STRING, {0}},
        {"Device.Box.SSID", "new", 3, TR069_STRING, {0}},
        {"Device.Row.1.X", "x", 1, TR069_STRING, {0}},
    };
    uint32_t instance;
    int status;
    int r = model_add_object(help.model, "Device.Row.", &instance, &status, &help.fault);
    expect(r);
    if (r != 0) {
        return;
    }
    (void) snprintf(ssid, sizeof ssid, "old");
    r = model_set(help.model, MODEL_LOCAL, assignments, 3, &status, &help.fault);
    expect(r);
    /* all or nothing, also now */
    CU_ASSERT_STRING_EQUAL(ssid, r == 0 ? "new" : "old");
    CU_ASSERT_EQUAL(store_get(help.store, "model/value/Device.Box.Name") != NULL, r == 0);
    CU_ASSERT_EQUAL(store_get(help.store, "model/value/Device.Row.1.X") != NULL, r == 0);
}

static void notify_something(void) {
    const struct model_attributes_change change = {"Device.", true, 1, true, "X_A"};
    struct model_selection *selection;
    size_t count = 0;
    bool changed;
    int r = model_set_attributes(help.model, &change, 1, &help.fault);
    expect(r);
    CU_ASSERT_EQUAL(store_get(help.store, "model/attr/Device.Box.Name") != NULL, r == 0);
    CU_ASSERT_EQUAL(store_get(help.store, "model/attr/Device.Box.SSID") != NULL, r == 0);
    (void) model_changed(help.model, "Device.Box.SSID");
    (void) model_changes_scan(help.model);
    r = model_select_inform(help.model, NULL, 0, &selection, &changed);
    expect(r);
    if (r == 0) {
        CU_ASSERT_EQUAL(model_selection_values(selection, count_value, &count, &help.fault), 0);
        model_changes_delivered(help.model, selection);
        model_selection_free(selection);
    }
    int status = 0;
    (void) model_delete_object(help.model, "Device.Row.1.", &status, &help.fault);
}

static void every_allocation_may_fail(void) {
    char error[256];
    unsigned long n = 0;
    bool failed;
    do {
        help_begin(&help);
        little_memory_begin(n++, false);
        int r = model_attach(help.model, &owner, error, sizeof error);
        expect(r);
        if (r == 0) {
            read_everything();
            write_something();
            notify_something();
        }
        failed = little_memory_end();
        if (r != 0) { /* nothing of it is left behind */
            CU_ASSERT_TEXT(help_names(&help, "", false), "Device. -\n");
            help_attach(&help, &owner);
        }
        help_end(&help);
    } while (failed && n < 5000);
    CU_ASSERT_TRUE(n > 50);
    CU_ASSERT_TRUE(n < 5000);
}

static CU_TestInfo tests[] = {
    {"a large table", walking_a_large_table_does_not_allocate_for_each_parameter},
    {"every allocation may fail", every_allocation_may_fail},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("memory", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
