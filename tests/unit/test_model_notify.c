/* Attributes, and value changes from their start to their delivery. */
#include "model_help.h"

#include "base/text.h"

static struct help help;

static char version[32];
static char url[64];
static uint32_t uptime;
static char status[4][16];
static size_t rows;
static bool broken;
static unsigned reads; /* calls of getters */
static char *lent;     /* by the getter of Lent, until it is called again */

static int get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const char *name = at->param->name;
    reads++;
    if (broken) {
        return -EIO;
    }
    if (strcmp(name, "SoftwareVersion") == 0) {
        return tr069_value_string(ret_value, version);
    }
    if (strcmp(name, "URL") == 0) {
        return tr069_value_string(ret_value, url);
    }
    if (strcmp(name, "Status") == 0) {
        CU_ASSERT_PTR_EQUAL(at->row, status[tr069_instance(at) - 1]);
        return tr069_value_string(ret_value, at->row);
    }
    return tr069_value_uint(ret_value, uptime);
}

static int set_url(const struct tr069_at *at, const struct tr069_value *value) {
    (void) at;
    (void) snprintf(url, sizeof url, "%s", value->as.string);
    return TR069_OK;
}

static int get_lent(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    free(lent);
    lent = text_dup(version);
    return tr069_value_string(ret_value, lent);
}

static int unit_rows(const struct tr069_at *at, struct tr069_rows *list) {
    (void) at;
    for (uint32_t i = 0; i < rows; i++) {
        (void) tr069_row(list, i + 1, status[i]);
    }
    return TR069_OK;
}

static const struct tr069_param info_params[] = {
    {"SoftwareVersion", TR069_STRING, TR069_INFORM, TR069_NOTIFY_FORCED, .get = get},
    {"Serial", TR069_STRING, TR069_INFORM, .value = "S1"},
    {"UpTime", TR069_UINT, 0, TR069_NOTIFY_CAN_DENY, .get = get},
    {"URL", TR069_STRING, 0, TR069_NOTIFY_DEFAULT_ACTIVE, .get = get, .set = set_url},
    {"Code", TR069_STRING, TR069_STORED},
    {"Lent", TR069_STRING, .get = get_lent},
    {"Plain", TR069_STRING, TR069_STORED},
    {0},
};
static const struct tr069_param unit_params[] = {
    {"Status", TR069_STRING, 0, TR069_NOTIFY_DEFAULT_ACTIVE, .get = get}, {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "Info.", info_params},
    {TR069_BOTH, "Unit.{i}.", unit_params, .instances = unit_rows},
    {0},
};
static const struct tr069_plugin plugin = HELP_PLUGIN("notifier", objects);
static const struct model_owner owner = {&plugin, NULL, NULL};

#define FORCED "Device.Info.Serial=S1\nDevice.Info.SoftwareVersion=1.0\n"

static void first_start(void) {
    (void) snprintf(version, sizeof version, "1.0");
    (void) snprintf(url, sizeof url, "http://a");
    uptime = 1;
    rows = 0;
    broken = false;
    help_begin(&help);
    help_attach(&help, &owner);
}

static void deliver(void) {
    struct model_selection *selection;
    (void) help_inform(&help, &selection);
    help_delivered(&help, selection);
}

/* After the first Inform: what is watched now has been reported. */
static void begin(void) {
    first_start();
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    deliver();
}

static const char *inform(void) {
    struct model_selection *selection;
    const char *text = help_inform(&help, &selection);
    model_selection_free(selection);
    return text;
}

/* ---- Attributes ------------------------------------------------------------------------------- */

static void defaults_are_off_but_for_forced_and_default_active(void) {
    begin();
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info."),
                   "Device.Info.Code=0 Subscriber\nDevice.Info.Lent=0 Subscriber\n"
                   "Device.Info.Plain=0 Subscriber\nDevice.Info.Serial=0 "
                   "Subscriber\nDevice.Info.SoftwareVersion=2 Subscriber\n"
                   "Device.Info.URL=2 Subscriber\nDevice.Info.UpTime=0 Subscriber\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.Nothing"), "fault 9005\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.Code Device.Info.Code"),
                   "Device.Info.Code=0 Subscriber\n");
    help_end(&help);
}

static void attributes_are_kept_over_a_restart(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 2, "Subscriber,X_ME"), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Serial", 1, NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Plain", -1, ""), "0\n");
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_TEXT(
        help_attributes(&help, "Device.Info.Code Device.Info.Serial Device.Info.Plain"),
        "Device.Info.Code=2 Subscriber,X_ME\nDevice.Info.Serial=1 Subscriber\nDevice.Info.Plain=0 \n");
    help_end(&help);
}

static void what_is_not_to_change_stays(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 1, "X_A"), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 2, NULL), "0\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.Code"), "Device.Info.Code=2 X_A\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", -1, "X_B"), "0\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.Code"), "Device.Info.Code=2 X_B\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", -1, NULL), "0\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.Code"), "Device.Info.Code=2 X_B\n");
    help_end(&help);
}

static void partial_path_means_the_parameters_that_exist_now(void) {
    begin();
    rows = 2;
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Unit.", 1, NULL), "0\n");
    rows = 3;
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Unit."),
                   "Device.Unit.1.Status=1 Subscriber\nDevice.Unit.2.Status=1 Subscriber\n"
                   "Device.Unit.3.Status=2 Subscriber\n");
    help_end(&help);
}

static void faults_of_attributes(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Nothing", 1, NULL), "fault 9005\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 7, NULL), "fault 9003\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 3, NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.UpTime", 2, NULL), "fault 9009\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.UpTime", 1, NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.", 2, NULL), "fault 9009\n");
    const struct model_attributes_change negative = {"Device.Info.Code", true, -1, false, NULL};
    CU_ASSERT_EQUAL(model_set_attributes(help.model, &negative, 1, &help.fault), TR069_FAULT);
    CU_ASSERT_EQUAL(help.fault.code, TR069_INVALID_ARGUMENTS);
    help_end(&help);
}

static void one_wrong_entry_changes_nothing(void) {
    const struct model_attributes_change changes[] = {
        {"Device.Info.Code", true, 2, true, "X_A"},
        {"Device.Info.UpTime", true, 2, false, NULL},
    };
    begin();
    CU_ASSERT_EQUAL(model_set_attributes(help.model, changes, 2, &help.fault), TR069_FAULT);
    CU_ASSERT_EQUAL(help.fault.code, TR069_NOTIFICATION_REJECTED);
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.Code"), "Device.Info.Code=0 Subscriber\n");
    CU_ASSERT_PTR_NULL(store_get(help.store, "model/reported/Device.Info.Code"));
    help_end(&help);
}

static void later_entries_win(void) {
    const struct model_attributes_change changes[] = {
        {"Device.Info.", true, 1, false, NULL},
        {"Device.Info.Code", true, 0, false, NULL},
    };
    begin();
    CU_ASSERT_EQUAL(model_set_attributes(help.model, changes, 2, &help.fault), 0);
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.Code Device.Info.Plain"),
                   "Device.Info.Code=0 Subscriber\nDevice.Info.Plain=1 Subscriber\n");
    help_end(&help);
}

static void full_store_undoes_all_attributes(void) {
    static char filler[16000];
    char key[64];
    begin();
    rows = 3;
    memset(filler, 'f', sizeof filler - 1);
    for (size_t size = sizeof filler - 1, i = 0; size > 40;) {
        filler[size] = '\0';
        (void) snprintf(key, sizeof key, "filler/%zu", i++);
        if (store_put(help.store, key, filler) < 0) {
            size /= 2;
        }
    }
    char before[4096];
    (void) snprintf(before, sizeof before, "%s", help_attributes(&help, "*"));
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.", 1, "X_SOMEBODY_WITH_A_LONG_NAME"), "fault 9004\n");
    CU_ASSERT_TEXT(help_attributes(&help, "*"), before);
    help_end(&help);
}

static void forced_stays_active_whatever_is_asked(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.SoftwareVersion", 0, NULL), "0\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.SoftwareVersion"),
                   "Device.Info.SoftwareVersion=2 Subscriber\n");
    (void) snprintf(version, sizeof version, "2.0");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.SoftwareVersion"), MODEL_ACTIVE);
    help_end(&help);
}

static void default_active_until_the_acs_says_otherwise(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.URL", 0, NULL), "0\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Info.URL"), "Device.Info.URL=0 Subscriber\n");
    (void) snprintf(url, sizeof url, "http://b");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_UNCHANGED);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.URL", 2, NULL), "0\n");
    CU_ASSERT_PTR_NULL(store_get(help.store, "model/attr/Device.Info.URL")); /* as if never set */
    help_end(&help);
}

/* ---- Changes ---------------------------------------------------------------------------------- */

static void passive_waits_for_the_next_inform_active_does_not(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 1, NULL), "0\n");
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Code=c", NULL), "0\n");
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_PASSIVE);
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_ACTIVE);
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_PASSIVE | MODEL_ACTIVE);
    CU_ASSERT_TEXT(inform(), "changed\n" FORCED "Device.Info.Code=c\nDevice.Info.URL=http://a\n");
    help_end(&help);
}

/* Notification, how a change waits, what is left after a lightweight notification, after the Inform. */
static void lightweight_and_inform_are_told_apart(void) {
    static const struct {
        int notification;
        unsigned changes, after_light, after_inform;
    } expected[] = {
        {3, MODEL_LIGHT_PASSIVE, 0, MODEL_LIGHT_PASSIVE},
        {4, MODEL_PASSIVE | MODEL_LIGHT_PASSIVE, MODEL_PASSIVE, MODEL_LIGHT_PASSIVE},
        {5, MODEL_LIGHT_ACTIVE, 0, MODEL_LIGHT_ACTIVE},
        {6, MODEL_PASSIVE | MODEL_LIGHT_ACTIVE, MODEL_PASSIVE, MODEL_LIGHT_ACTIVE},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct model_selection *selection = NULL;
        begin();
        CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", expected[i].notification, NULL), "0\n");
        CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Code=c", NULL), "0\n");
        CU_ASSERT_EQUAL(model_changes_pending(help.model), expected[i].changes);
        CU_ASSERT_EQUAL(model_select_light(help.model, &selection), 0);
        CU_ASSERT_EQUAL(model_selection_count(selection), 1);
        model_light_sent(help.model, selection);
        model_selection_free(selection);
        CU_ASSERT_EQUAL(model_changes_pending(help.model), expected[i].after_light);
        CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Code=d", NULL), "0\n");
        CU_ASSERT_EQUAL(model_changes_pending(help.model), expected[i].changes);
        deliver();
        CU_ASSERT_EQUAL(model_changes_pending(help.model), expected[i].after_inform);
        help_end(&help);
    }
}

static void newer_change_survives_a_lightweight_notification(void) {
    struct model_selection *selection = NULL;
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 5, NULL), "0\n");
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Code=c", NULL), "0\n");
    CU_ASSERT_EQUAL(model_select_light(help.model, &selection), 0);
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Code=d", NULL), "0\n");
    model_light_sent(help.model, selection);
    model_selection_free(selection);
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_LIGHT_ACTIVE);
    help_end(&help);
}

static void off_means_nothing(void) {
    begin();
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Plain=c", NULL), "0\n");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.Plain"), MODEL_UNCHANGED);
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Nothing"), MODEL_UNCHANGED);
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info."), MODEL_UNCHANGED);
    CU_ASSERT_EQUAL(model_changed(help.model, ""), MODEL_UNCHANGED);
    CU_ASSERT_TEXT(inform(), FORCED);
    help_end(&help);
}

static void same_value_written_locally_is_no_change(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 2, NULL), "0\n");
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Code=", NULL), "0\n");
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_UNCHANGED);
    help_end(&help);
}

static void changes_while_off_are_in_the_first_inform_after(void) {
    begin();
    (void) snprintf(version, sizeof version, "2.0");
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_ACTIVE);
    CU_ASSERT_TEXT(inform(), "changed\nDevice.Info.Serial=S1\nDevice.Info.SoftwareVersion=2.0\n");
    deliver();
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    help_end(&help);
}

static void first_start_ever_has_no_changes(void) {
    first_start();
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    CU_ASSERT_TEXT(inform(), FORCED);
    CU_ASSERT_FALSE(store_dirty(help.store));
    help_end(&help);
}

static void change_not_delivered_is_found_again_after_a_restart(void) {
    begin();
    (void) snprintf(url, sizeof url, "http://b");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_ACTIVE);
    (void) inform();
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_ACTIVE);
    help_end(&help);
}

static void changed_and_changed_back_is_reported(void) {
    begin();
    (void) snprintf(url, sizeof url, "http://b");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_ACTIVE);
    (void) snprintf(url, sizeof url, "http://a");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_ACTIVE);
    CU_ASSERT_TEXT(inform(), "changed\n" FORCED "Device.Info.URL=http://a\n");
    help_end(&help);
}

static void changed_twice_is_there_once_with_the_newest_value(void) {
    begin();
    (void) snprintf(url, sizeof url, "http://b");
    (void) model_changed(help.model, "Device.Info.URL");
    (void) snprintf(url, sizeof url, "http://c");
    (void) model_changed(help.model, "Device.Info.URL");
    (void) snprintf(version, sizeof version, "1.1"); /* forced in the Inform and changed: once too */
    (void) model_changed(help.model, "Device.Info.SoftwareVersion");
    CU_ASSERT_TEXT(inform(), "changed\nDevice.Info.Serial=S1\nDevice.Info.SoftwareVersion=1.1\n"
                             "Device.Info.URL=http://c\n");
    help_end(&help);
}

static void acknowledged_is_not_reported_again(void) {
    begin();
    (void) snprintf(url, sizeof url, "http://b");
    (void) model_changed(help.model, "Device.Info.URL");
    deliver();
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_UNCHANGED);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    CU_ASSERT_TEXT(inform(), FORCED);
    help_end(&help);
}

static void change_during_a_session_waits_for_a_new_one(void) {
    struct model_selection *selection;
    begin();
    (void) snprintf(url, sizeof url, "http://b");
    (void) model_changed(help.model, "Device.Info.URL");
    (void) help_inform(&help, &selection);
    (void) snprintf(url, sizeof url, "http://c");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_ACTIVE);
    help_delivered(&help, selection);
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_ACTIVE);
    CU_ASSERT_TEXT(inform(), "changed\n" FORCED "Device.Info.URL=http://c\n");
    help_end(&help);
}

static void silent_change_between_inform_and_its_answer_is_found(void) {
    struct model_selection *selection;
    begin();
    (void) snprintf(url, sizeof url, "http://b");
    (void) model_changed(help.model, "Device.Info.URL");
    (void) help_inform(&help, &selection);
    (void) snprintf(url, sizeof url, "http://c"); /* nobody says so */
    help_delivered(&help, selection);
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_UNCHANGED);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_ACTIVE);
    help_end(&help);
}

static void what_the_acs_wrote_is_no_change_and_clears_a_pending_one(void) {
    begin();
    (void) snprintf(url, sizeof url, "http://b");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_ACTIVE);
    CU_ASSERT_TEXT(help_set(&help, "Device.Info.URL=http://acs", NULL), "0\n");
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_UNCHANGED);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    /* the plugin tells of it late */
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_UNCHANGED);
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    (void) snprintf(url, sizeof url, "http://own");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.URL"), MODEL_ACTIVE);
    help_end(&help);
}

static void rows_that_are_gone_take_their_changes_along(void) {
    begin();
    rows = 3;
    (void) snprintf(status[1], sizeof status[1], "Up");
    deliver();
    (void) snprintf(status[1], sizeof status[1], "Down");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Unit.2.Status"), MODEL_ACTIVE);
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Unit.4.Status"), MODEL_UNCHANGED);
    rows = 1;
    CU_ASSERT_TEXT(inform(), FORCED);
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_UNCHANGED);
    CU_ASSERT_PTR_NOT_NULL(store_get(help.store, "model/reported/Device.Unit.2.Status"));
    deliver();
    CU_ASSERT_PTR_NULL(store_get(help.store, "model/reported/Device.Unit.2.Status"));
    CU_ASSERT_PTR_NOT_NULL(store_get(help.store, "model/reported/Device.Unit.1.Status"));
    help_end(&help);
}

static void new_row_counts_from_its_first_inform_on(void) {
    begin();
    rows = 1;
    (void) snprintf(status[0], sizeof status[0], "Up");
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    deliver();
    (void) snprintf(status[0], sizeof status[0], "Down");
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_ACTIVE);
    CU_ASSERT_TEXT(inform(), "changed\n" FORCED "Device.Unit.1.Status=Down\n");
    help_end(&help);
}

static void switching_notification_off_drops_what_is_pending(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 2, NULL), "0\n");
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Info.Code=c", NULL), "0\n");
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_ACTIVE);
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 1, NULL), "0\n");
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_PASSIVE);
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Code", 0, NULL), "0\n");
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_UNCHANGED);
    CU_ASSERT_PTR_NULL(store_get(help.store, "model/reported/Device.Info.Code"));
    help_end(&help);
}

static void polled_values_count_from_the_attribute_on(void) {
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.UpTime", 1, NULL), "0\n");
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    uptime = 2;
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_PASSIVE);
    CU_ASSERT_TEXT(inform(), "changed\n" FORCED "Device.Info.UpTime=2\n");
    help_end(&help);
}

static void failing_getter_does_not_stop_the_inform(void) {
    begin();
    broken = true;
    CU_ASSERT_TEXT(inform(), "Device.Info.Serial=S1\nDevice.Info.SoftwareVersion=\n");
    CU_ASSERT_TEXT(inform(), "Device.Info.Serial=S1\nDevice.Info.SoftwareVersion=\n");
    CU_ASSERT_EQUAL(help.warnings, 1);
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    deliver();
    broken = false;
    CU_ASSERT_EQUAL(model_changes_scan(help.model), MODEL_UNCHANGED);
    help_end(&help);
}

static void extra_names_are_in_the_inform_and_unknown_ones_are_not(void) {
    static const char *const extra[] = {"Device.Info.Plain", "Device.Nothing", "Device.Info.Serial",
                                        "Device.Info."};
    struct model_selection *selection;
    bool changed;
    begin();
    CU_ASSERT_EQUAL(model_select_inform(help.model, extra, 4, &selection, &changed), 0);
    CU_ASSERT_FALSE(changed);
    CU_ASSERT_EQUAL(model_selection_count(selection), 3);
    model_selection_free(selection);
    help_end(&help);
}

static void scan_reads_the_watched_parameters_only(void) {
    begin();
    rows = 3;
    deliver();
    reads = 0;
    (void) model_changes_scan(help.model);
    CU_ASSERT_EQUAL(reads, 5); /* SoftwareVersion, URL, three Status; not UpTime */
    reads = 0;
    (void) model_changed(help.model, "Device.Info.UpTime");
    CU_ASSERT_EQUAL(reads, 0);
    help_end(&help);
}

static void scan_and_unchanged_delivery_write_nothing(void) {
    begin();
    uint64_t digests = store_remove_all(help.store, "nothing/");
    CU_ASSERT_EQUAL(digests, 0);
    CU_ASSERT_EQUAL(store_commit(help.store), 0);
    (void) model_changes_scan(help.model);
    deliver();
    CU_ASSERT_FALSE(store_dirty(help.store));
    help_end(&help);
}

static void value_in_an_inform_is_read_once(void) {
    struct model_selection *selection;
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Info.Lent", 2, NULL), "0\n");
    (void) snprintf(version, sizeof version, "2.0");
    CU_ASSERT_EQUAL(model_changed(help.model, "Device.Info.Lent"), MODEL_ACTIVE);
    CU_ASSERT_PTR_NOT_NULL(strstr(help_inform(&help, &selection), "Device.Info.Lent=2.0\n"));
    help_delivered(&help, selection);
    free(lent);
    lent = NULL;
    help_end(&help);
}

static CU_TestInfo attributes[] = {
    {"GPA-01 04 05 defaults", defaults_are_off_but_for_forced_and_default_active},
    {"SPA-01 08 GPA-06 kept over a restart", attributes_are_kept_over_a_restart},
    {"SPA-03 what is not to change stays", what_is_not_to_change_stays},
    {"SPA-02 GPA-02 partial paths", partial_path_means_the_parameters_that_exist_now},
    {"SPA-05 06 faults", faults_of_attributes},
    {"SPA-04 all or nothing", one_wrong_entry_changes_nothing},
    {"later entries win", later_entries_win},
    {"SPA-04 store full", full_store_undoes_all_attributes},
    {"SPA-07 NOT-04 forced", forced_stays_active_whatever_is_asked},
    {"NOT-05 default active", default_active_until_the_acs_says_otherwise},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo changes[] = {
    {"NOT-01 02 passive and active", passive_waits_for_the_next_inform_active_does_not},
    {"NOT-03 off", off_means_nothing},
    {"SPV-15 the same value", same_value_written_locally_is_no_change},
    {"NOT-06 changed while off", changes_while_off_are_in_the_first_inform_after},
    {"the first start ever", first_start_ever_has_no_changes},
    {"not delivered, restarted", change_not_delivered_is_found_again_after_a_restart},
    {"NOT-07 changed back", changed_and_changed_back_is_reported},
    {"NOT-08 once, newest", changed_twice_is_there_once_with_the_newest_value},
    {"NOT-09 acknowledged", acknowledged_is_not_reported_again},
    {"NOT-10 during a session", change_during_a_session_waits_for_a_new_one},
    {"NOT-10 silently during a session", silent_change_between_inform_and_its_answer_is_found},
    {"SPV-14 written by the ACS", what_the_acs_wrote_is_no_change_and_clears_a_pending_one},
    {"NOT-11 deleted rows", rows_that_are_gone_take_their_changes_along},
    {"new rows", new_row_counts_from_its_first_inform_on},
    {"lightweight", lightweight_and_inform_are_told_apart},
    {"newer than a lightweight one", newer_change_survives_a_lightweight_notification},
    {"switched off", switching_notification_off_drops_what_is_pending},
    {"polled", polled_values_count_from_the_attribute_on},
    {"read once", value_in_an_inform_is_read_once},
    {"a failing getter", failing_getter_does_not_stop_the_inform},
    {"extra names", extra_names_are_in_the_inform_and_unknown_ones_are_not},
    {"cost of a scan", scan_reads_the_watched_parameters_only},
    {"flash is spared", scan_and_unchanged_delivery_write_nothing},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("attributes", attributes), CUNIT_SUITE("changes", changes),
                             CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
