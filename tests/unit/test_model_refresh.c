/* The model's slow sources: asked once a session, with a deadline, and only when they are needed. */
#include "model_help.h"

static const struct tr069_param log_params[] = {{"Model", TR069_STRING, .value = "stb"}, {0}};
static const struct tr069_param fast_params[] = {{"Level", TR069_INT, .value = "1"}, {0}};

static struct help help;
static unsigned refreshes;
static int refresh_verdict;

static int refresh_log(const struct tr069_at *at) {
    CU_ASSERT_STRING_EQUAL(at->path, "Device.Log.");
    refreshes++;
    return refresh_verdict;
}

static const struct tr069_object slow_objects[] = {
    {TR069_BOTH, "Log.", log_params, .refresh = refresh_log, .refresh_ms = 100},
    {TR069_BOTH, "Log.Fast.", fast_params},
    {0},
};
static const struct tr069_plugin slow_plugin = HELP_PLUGIN("slow", slow_objects);
static const struct model_owner slow_owner = {&slow_plugin, NULL, NULL};

static size_t refresh_for(const char *path, uint64_t *ret_deadline) {
    struct model_selection *selection;
    CU_ASSERT_EQUAL_FATAL(model_select(help.model, &path, 1, &selection, &help.fault), 0);
    size_t running = model_refresh(help.model, selection, 1000, ret_deadline);
    model_selection_free(selection);
    return running;
}

static void slow_source_is_asked_once_a_session_and_only_when_needed(void) {
    uint64_t deadline;
    refreshes = 0;
    refresh_verdict = TR069_DEFERRED;
    help_begin(&help);
    help_attach(&help, &slow_owner);
    model_session_begin(help.model);
    CU_ASSERT_EQUAL(refresh_for("Device.Log.Fast.", &deadline), 0);
    CU_ASSERT_EQUAL(refreshes, 0);
    CU_ASSERT_EQUAL(refresh_for("Device.Log.Model", &deadline), 1);
    CU_ASSERT_EQUAL(deadline, 1100);
    CU_ASSERT_EQUAL(refresh_for("", &deadline), 1);
    CU_ASSERT_EQUAL(refreshes, 1);
    model_refreshed(help.model, &slow_owner, &slow_objects[0]);
    CU_ASSERT_EQUAL(model_refresh_pending(help.model), 0);
    CU_ASSERT_EQUAL(refresh_for("", &deadline), 0);
    CU_ASSERT_EQUAL(refreshes, 1);
    model_session_begin(help.model);
    CU_ASSERT_EQUAL(refresh_for("", &deadline), 1);
    CU_ASSERT_EQUAL(refreshes, 2);
    model_refresh_expire(help.model);
    CU_ASSERT_EQUAL(help.warnings, 1);
    CU_ASSERT_EQUAL(model_refresh_pending(help.model), 0);
    CU_ASSERT_EQUAL(refresh_for("", &deadline), 0); /* not again in this session */
    model_session_begin(help.model);
    refresh_verdict = TR069_OK;
    CU_ASSERT_EQUAL(refresh_for("", &deadline), 0);
    CU_ASSERT_EQUAL(refreshes, 3);
    model_session_begin(help.model);
    refresh_verdict = -EIO;
    CU_ASSERT_EQUAL(refresh_for("", &deadline), 0);
    CU_ASSERT_EQUAL(help.warnings, 2);
    help_end(&help);
}

/* ---- A table whose rows are known only when it was read --------------------------------------- */

static uint32_t late_rows;

static int refresh_late(const struct tr069_at *at) {
    CU_ASSERT_STRING_EQUAL(at->path, "Device.Late.");
    refreshes++;
    return TR069_DEFERRED;
}

static int late_instances(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    for (uint32_t i = 1; i <= late_rows; i++) {
        (void) tr069_row(rows, i, NULL);
    }
    return TR069_OK;
}

static const struct tr069_object late_objects[] = {
    {TR069_BOTH, "Late.{i}.", log_params, .instances = late_instances, .refresh = refresh_late},
    {TR069_BOTH, "Late.{i}.Inner.", fast_params},
    {TR069_BOTH, "Other.{i}.", fast_params},
    {0},
};
static const struct tr069_plugin late_plugin = HELP_PLUGIN("late", late_objects);
static const struct model_owner late_owner = {&late_plugin, NULL, NULL};

static size_t refresh_names(const char *path) {
    uint64_t deadline;
    return model_refresh_paths(help.model, &path, 1, 1000, &deadline);
}

static size_t selected(const char *path) {
    struct model_selection *selection;
    if (model_select(help.model, &path, 1, &selection, &help.fault) != 0) {
        return help.fault.code;
    }
    const size_t count = model_selection_count(selection);
    model_selection_free(selection);
    return count;
}

static void rows_are_asked_for_before_names_are_resolved(void) {
    static const struct {
        const char *path;
        bool slow;
        size_t before, after;
    } table[] = {
        {"Device.Late.*.Model", true, 0, 2},
        {"Device.Late.*.", true, 0, 4},
        {"Device.Late.*.Inner.Level", true, 0, 2}, /* its rows are those of the slow one */
        {"Device.Late.2.Inner.Level", true, 9005, 1},
        {"Device.Late.3.Model", true, 9005, 9005},
        {"Device.Late.", true, 0, 4},
        {"", true, 1, 5},
        {"Device.Other.*.Level", false, 1, 1},
        {"Device.Late.Nothing", false, 9005, 9005},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        refreshes = 0;
        late_rows = 0;
        help_begin(&help);
        help_attach(&help, &late_owner);
        model_speak(help.model, 14); /* wildcards are of Amendment 6 */
        model_session_begin(help.model);
        CU_ASSERT_EQUAL(selected(table[i].path), table[i].before);
        CU_ASSERT_EQUAL(refresh_names(table[i].path), table[i].slow ? 1 : 0);
        CU_ASSERT_EQUAL(refreshes, table[i].slow ? 1 : 0);
        late_rows = 2;
        model_refreshed(help.model, &late_owner, &late_objects[0]);
        CU_ASSERT_EQUAL(refresh_names(table[i].path), 0);
        CU_ASSERT_EQUAL(refreshes, table[i].slow ? 1 : 0); /* once a session */
        CU_ASSERT_EQUAL(selected(table[i].path), table[i].after);
        help_end(&help);
    }
}

static CU_TestInfo refreshing[] = {
    {"refresh", slow_source_is_asked_once_a_session_and_only_when_needed},
    {"rows are asked for before names are resolved", rows_are_asked_for_before_names_are_resolved},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("refreshing", refreshing), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
