/* The plugin "software-modules" against the fake host: the rules, the queue and its power cuts. */
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>

extern const struct tr069_plugin tr069_plugin;

#define A "11111111-2222-3333-4444-555555555555"
#define B "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE"
#define UNIT "SoftwareModules.DeploymentUnit."
#define EXECUTABLE "SoftwareModules.ExecutionUnit."

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_offer(fake, "du-install", 0, "");
    fake_offer(fake, "du-remove", 0, "");
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=1.0\nuuid=" A "\nunits=app,helper\nvendor=Acme\n");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

/* A request in a session of its own; operations are rows of the list. */
static int change(struct fake_host *fake, const char *operations) {
    fake_session_begin(fake);
    int r = fake_call(fake, "ChangeDUState", "Operations", operations, "CommandKey", "key");
    fake_session_end(fake, true);
    fake_advance(fake, 1);
    fake_settle(fake);
    return r;
}

/* The transfer that the plugin has ordered last. */
static struct tr069_transfer ordered(const struct fake_host *fake) {
    return (struct tr069_transfer){.method = "ChangeDUState",
                                   .file_type = fake_list_get(&fake->requests, "file_type"),
                                   .url = fake_list_get(&fake->requests, "url"),
                                   .target_name = fake_list_get(&fake->requests, "target_name"),
                                   .internal = true};
}

/* The client has fetched it: it is put into place, or not; 0 or the fault code. */
static unsigned fetched(struct fake_host *fake) {
    const struct tr069_transfer transfer = ordered(fake);
    int r = fake_install(fake, &transfer, "/spool/transfer-1");
    if (r == TR069_OK) {
        fake->fault.code = 0;
    }
    const unsigned code = fake->fault.code;
    fake_ended(fake, &transfer);
    fake_advance(fake, 1);
    fake_settle(fake);
    fake_advance(fake, 1);
    fake_settle(fake);
    return code;
}

/* The download failed. */
static void lost(struct fake_host *fake, unsigned code) {
    const struct tr069_transfer transfer = ordered(fake);
    (void) tr069_fault(&fake->fault, code, "lost");
    fake_ended(fake, &transfer);
    fake_advance(fake, 1);
    fake_settle(fake);
}

static const struct fake_pair *last(const struct fake_host *fake) {
    CU_ASSERT_NOT_EQUAL_FATAL(fake->du_results.count, 0);
    return &fake->du_results.pairs[fake->du_results.count - 1];
}

static void expect(const struct fake_host *fake, const char *operation, unsigned code, const char *result) {
    const struct fake_pair *pair = last(fake);
    CU_ASSERT_STRING_EQUAL(pair->name, operation);
    CU_ASSERT_EQUAL(pair->number, code);
    CU_ASSERT_STRING_EQUAL(pair->value, result);
}

static void install(struct fake_host *fake, const char *manifest) {
    fake_offer(fake, "du-inspect", 0, manifest);
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||me|secret|\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 0);
}

static void test_install(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "SoftwareModules.DeploymentUnitNumberOfEntries"), "0");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/one.zip|||me|secret|\n"), TR069_OK);
    CU_ASSERT_EQUAL(fake->du_opened, 1);
    CU_ASSERT_FALSE(fake->du_own);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "url"), "http://h/one.zip");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "password"), "secret");
    CU_ASSERT_EQUAL(fake->du_results.count, 0);
    CU_ASSERT_EQUAL(fetched(fake), 0);
    CU_ASSERT_EQUAL(fake->du_closed, 1);
    expect(fake, "Install", 0,
           A " 1.0 Installed Device." UNIT "1 Device." EXECUTABLE "1,Device." EXECUTABLE "2");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->asked, "du-install"), "/spool/transfer-1 " A ".1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "1.DUID"), A ".1");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "1.Vendor"), "Acme");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, EXECUTABLE "2.Name"), "helper");
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "1.Version"), "1.0");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "1.ExecutionUnitList"),
                           "Device." EXECUTABLE "1,Device." EXECUTABLE "2");
    for (size_t i = 0; i < fake->logs.count; i++) {
        CU_ASSERT_PTR_NULL(strstr(fake->logs.pairs[i].name, "secret"));
    }
    for (size_t i = 0; i < fake->state.count; i++) { /* done: nobody keeps the password */
        CU_ASSERT_PTR_NULL(strstr(fake->state.pairs[i].value, "secret"));
    }
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_without_a_uuid(void) {
    struct fake_host *fake = begin();
    install(fake, "name=Two\nversion=1\n");
    char first[64];
    (void) snprintf(first, sizeof first, "%s", fake_get(fake, UNIT "1.UUID"));
    CU_ASSERT_EQUAL(first[14], '3');
    fake_offer(fake, "du-inspect", 0, "name=Two\nversion=2\n");
    CU_ASSERT_EQUAL(change(fake, "UpdateOpStruct||||||\n"), TR069_OK); /* all of them */
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->requests, "url"), "http://h/b");
    CU_ASSERT_EQUAL(fetched(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "1.UUID"), first);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "1.Version"), "2");
    fake_offer(fake, "du-inspect", 0, "name=Asked\nversion=1\n");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/c|" B "||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "2.UUID"), "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_update(void) {
    struct fake_host *fake = begin();
    install(fake, "name=One\nversion=1.9\nuuid=" A "\nunits=app,helper\n");
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=1.10\nuuid=" A "\nunits=other,app\n");
    CU_ASSERT_EQUAL(change(fake, "UpdateOpStruct|http://h/new|" A "||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 0);
    expect(fake, "Update", 0,
           A " 1.10 Installed Device." UNIT "1 Device." EXECUTABLE "3,Device." EXECUTABLE "1");
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->asked, "du-remove"), A ".1");
    CU_ASSERT_PTR_NULL(fake_list_get(&fake->state, "leftover"));
    CU_ASSERT_STRING_EQUAL(fake_get(fake, UNIT "1.URL"), "http://h/new");
    CU_ASSERT_EQUAL(change(fake, "UpdateOpStruct|http://h/new|||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9032);
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=1.2\nuuid=" A "\n");
    CU_ASSERT_EQUAL(change(fake, "UpdateOpStruct||" A "||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9030);
    expect(fake, "Update", 9030,
           A " 1.10 Installed Device." UNIT "1 Device." EXECUTABLE "3,Device." EXECUTABLE "1");
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=3\nuuid=" B "\n");
    CU_ASSERT_EQUAL(change(fake, "UpdateOpStruct||" A "||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9003);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_refusals(void) {
    static const struct {
        const char *operation;
        unsigned code;
    } rows[] = {
        {"InstallOpStruct|http://h/b|12||||\n", 9022},
        {"InstallOpStruct|http://h/b|||||Device.SoftwareModules.ExecEnv.2\n", 9023},
        {"UpdateOpStruct||" B "||||\n", 9028},
        {"UpdateOpStruct||" A "|9|||\n", 9028},
        {"UpdateOpStruct|http://h/unknown|||||\n", 9028},
        {"UpdateOpStruct|http://h/b|||||\n", 9031},
        {"UninstallOpStruct||" B "||||\n", 9028},
        {"UninstallOpStruct||" A "||||Device.X.\n", 9023},
    };
    struct fake_host *fake = begin();
    install(fake, "name=One\nversion=1\nuuid=" A "\n");
    install(fake, "name=One\nversion=2\nuuid=" A "\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT_EQUAL(change(fake, rows[i].operation), TR069_OK);
        CU_ASSERT_EQUAL(last(fake)->number, rows[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(last(fake)->value, "Failed"));
        CU_ASSERT_EQUAL(fake->du_closed, fake->du_opened);
    }
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||.SoftwareModules.ExecEnv.1.\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9026);
    CU_ASSERT_EQUAL(fake_set(fake, "SoftwareModules.ExecEnv.1.Enable", "false"), TR069_OK);
    CU_ASSERT_EQUAL(fake_restart(fake, true), 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "SoftwareModules.ExecEnv.1.Status"), "Disabled");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(last(fake)->number, 9024);
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct||" A "||||\n"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9003);
    CU_ASSERT_EQUAL(change(fake, "UninstallOpStruct||||||\n"), TR069_FAULT);
    CU_ASSERT_EQUAL(change(fake, "ReplaceOpStruct||||||\n"), TR069_FAULT);
    fake->du_verdict = -ENOSPC;
    CU_ASSERT_EQUAL(change(fake, "UninstallOpStruct||" A "||||\n"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9004);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_back_end_fails(void) {
    struct fake_host *fake = begin();
    fake_offer(fake, "du-inspect", -EIO, "9018 it is damaged\n");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9018);
    CU_ASSERT_STRING_EQUAL(fake->fault.text, "it is damaged");
    fake_offer(fake, "du-inspect", 0, "name=One\n");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9018);
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=1\nunits=../x\n");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9018);
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=1\nenvironment=osgi\n");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9025);
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=1\nuuid=" A "\n");
    fake_offer(fake, "du-install", -EIO, "9027 no space");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(fetched(fake), 9027);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "SoftwareModules.DeploymentUnitNumberOfEntries"), "0");
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/b|||||\n"), TR069_OK);
    lost(fake, 9016);
    CU_ASSERT_EQUAL(last(fake)->number, 9016);
    fake_offer(fake, "du-install", 0, "");
    install(fake, "name=One\nversion=1\nuuid=" A "\n");
    fake_offer(fake, "du-remove", -EIO, "it is in use");
    CU_ASSERT_EQUAL(change(fake, "UninstallOpStruct||" A "||||\n"), TR069_OK);
    expect(fake, "Uninstall", 9001, A " 1 Installed Device." UNIT "1 ");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* Two requests; the client is killed at each step, and begins that step again. */
static void test_power_cuts(void) {
    struct fake_host *fake = begin();
    install(fake, "name=Zero\nversion=1\nuuid=" B "\n");
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(fake_call(fake, "ChangeDUState", "Operations",
                              "InstallOpStruct|http://h/1|||me|secret|\nUninstallOpStruct||" B "||||\n",
                              "CommandKey", "key"),
                    TR069_OK);
    CU_ASSERT_EQUAL(fake_call(fake, "ChangeDUState", "Operations", "UninstallOpStruct||" A "||||\n"),
                    TR069_OK);
    fake_session_end(fake, false);
    CU_ASSERT_EQUAL(fake->transfers, 1);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0); /* before it began */
    fake_advance(fake, 1);
    fake_advance(fake, 1);
    CU_ASSERT_EQUAL(fake->transfers, 2);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0); /* the client has the transfer: it is not ordered again */
    fake_advance(fake, 1);
    CU_ASSERT_EQUAL(fake->transfers, 2);
    fake_offer(fake, "du-inspect", 0, "name=One\nversion=1\nuuid=" A "\n");
    const struct tr069_transfer transfer = ordered(fake);
    struct tr069_install half = {&transfer, "/spool/1", &fake->fault, fake->ctx, &fake->host};
    CU_ASSERT_EQUAL(tr069_plugin.files[0].install(&half), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0); /* while it was being installed */
    CU_ASSERT_EQUAL(fetched(fake), 0);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->asked, "du-remove"),
                           "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee.1");
    fake_advance(fake, 1);
    fake_settle(fake);
    fake_advance(fake, 1);
    fake_settle(fake);
    CU_ASSERT_EQUAL_FATAL(fake->du_results.count, 4);
    CU_ASSERT_EQUAL(fake->du_closed, 3);
    expect(fake, "Uninstall", 0, A " 1 Uninstalled Device." UNIT "2 ");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "SoftwareModules.DeploymentUnitNumberOfEntries"), "0");
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    fake_advance(fake, 1);
    CU_ASSERT_EQUAL(fake->du_results.count, 4);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_running(void) {
    struct fake_host *fake = begin();
    install(fake, "name=One\nversion=1\nuuid=" A "\nunits=app\n");
    CU_ASSERT_EQUAL(fake_set(fake, EXECUTABLE "1.RequestedState", "Active"), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9001);
    fake_offer(fake, "du-start", 0, "");
    fake_offer(fake, "du-stop", -EIO, "");
    CU_ASSERT_EQUAL(fake_set(fake, EXECUTABLE "1.RequestedState", "Active"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->asked, "du-start"), A ".1 app");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, EXECUTABLE "1.Status"), "Active");
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "SoftwareModules.ExecEnv.1.ActiveExecutionUnits"),
                           "Device." EXECUTABLE "1");
    CU_ASSERT_EQUAL(change(fake, "UninstallOpStruct||" A "||||\n"), TR069_OK);
    CU_ASSERT_EQUAL(last(fake)->number, 9029);
    fake_offer(fake, "du-stop", 0, "");
    CU_ASSERT_EQUAL(change(fake, "UninstallOpStruct||" A "||||\n"), TR069_OK);
    fake_settle(fake);
    CU_ASSERT_EQUAL(last(fake)->number, 0);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->asked, "du-stop"), A ".1 app");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_own_accord(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_action(fake, "change-du", (const char *[]){"Replace", NULL}), -EINVAL);
    CU_ASSERT_EQUAL(fake_action(fake, "change-du", (const char *[]){"Install", "http://h/own", NULL}), 0);
    CU_ASSERT_TRUE(fake->du_own);
    fake_advance(fake, 1);
    fake_advance(fake, 1);
    CU_ASSERT_STRING_EQUAL_FATAL(fake_list_get(&fake->requests, "url"), "http://h/own");
    CU_ASSERT_EQUAL(fetched(fake), 0);
    CU_ASSERT_EQUAL(last(fake)->number, 0);
    fake->du_verdict = -ENOSPC; /* nobody can be told; it is done all the same */
    CU_ASSERT_EQUAL(fake_action(fake, "change-du", (const char *[]){"Uninstall", "", A, NULL}), 0);
    fake_advance(fake, 1);
    fake_advance(fake, 1);
    fake_settle(fake);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "SoftwareModules.DeploymentUnitNumberOfEntries"), "0");
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_a_factory_reset_in_between(void) {
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(change(fake, "InstallOpStruct|http://h/1|||||\n"), TR069_OK);
    const struct tr069_transfer transfer = ordered(fake);
    struct tr069_install half = {&transfer, "/spool/1", &fake->fault, fake->ctx, &fake->host};
    CU_ASSERT_EQUAL(tr069_plugin.files[0].install(&half), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake->host.factory_reset(&fake->host, false), 0);
    fake_settle(fake);
    CU_ASSERT_EQUAL(fake->installed, 1);
    CU_ASSERT_EQUAL(fake->install_verdict, TR069_FAULT);
    CU_ASSERT_EQUAL(fake->du_results.count, 0);
    CU_ASSERT_STRING_EQUAL(fake_get(fake, "SoftwareModules.DeploymentUnitNumberOfEntries"), "0");
    const struct tr069_transfer foreign = {.file_type = transfer.file_type, .target_name = "x"};
    CU_ASSERT_EQUAL(fake_accept(fake, &foreign), TR069_FAULT);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

int main(void) {
    FAKE_TESTS("software-modules", {"install", test_install}, {"without a UUID", test_without_a_uuid},
               {"update", test_update}, {"refusals", test_refusals},
               {"the back-end fails", test_back_end_fails}, {"power cuts", test_power_cuts},
               {"running", test_running}, {"own accord", test_own_accord},
               {"a factory reset in between", test_a_factory_reset_in_between});
}
