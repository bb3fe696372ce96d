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

static CU_TestInfo refreshing[] = {
    {"refresh", slow_source_is_asked_once_a_session_and_only_when_needed},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("refreshing", refreshing), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
