/* The model's writing side: SetParameterValues as a transaction, stored parameters. */
#include "model_help.h"

static char trail[2048]; /* what the plugin was called for, in order */

static void note(const char *format, ...) TR069_PRINTF(1, 2);
static void note(const char *format, ...) {
    size_t length = strlen(trail);
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(trail + length, sizeof trail - length, format, arguments);
    va_end(arguments);
}

static char ssid[64];
static uint32_t channel;
static bool enabled;
static const char *fail_set; /* the parameter whose set fails */
static int fail_verdict;
static const char *fail_check;
static bool later;

static int get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const char *name = at->param->name;
    if (strcmp(name, "SSID") == 0) {
        return tr069_value_string(ret_value, ssid);
    }
    if (strcmp(name, "Channel") == 0) {
        return tr069_value_uint(ret_value, channel);
    }
    return tr069_value_bool(ret_value, enabled);
}

static int set(const struct tr069_at *at, const struct tr069_value *value) {
    const char *name = at->param->name;
    if (strcmp(name, "SSID") == 0) {
        note("set %s=%s;", name, value->as.string);
    } else if (strcmp(name, "Channel") == 0) {
        note("set %s=%u;", name, (unsigned) value->as.number);
    } else {
        note("set %s=%d;", name, value->as.boolean);
    }
    if (fail_set != NULL && strcmp(name, fail_set) == 0) {
        return fail_verdict == TR069_FAULT ? tr069_fault(at->fault, TR069_INVALID_VALUE, "the radio says no")
                                           : fail_verdict;
    }
    if (strcmp(name, "SSID") == 0) {
        (void) snprintf(ssid, sizeof ssid, "%s", value->as.string);
    } else if (strcmp(name, "Channel") == 0) {
        channel = (uint32_t) value->as.number;
    } else {
        enabled = value->as.boolean;
    }
    return later ? TR069_APPLIED_LATER : TR069_OK;
}

static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    note("check %s %zu;", at->path, count);
    for (size_t i = 0; i < count; i++) {
        if (fail_check != NULL && strcmp(changes[i].param->name, fail_check) == 0) {
            return tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "does not go with the others");
        }
        if (fail_check != NULL && strcmp(fail_check, "*") == 0) {
            return tr069_fault(at->fault, TR069_REQUEST_DENIED, "not now");
        }
    }
    return TR069_OK;
}

static void commit(const struct tr069_at *at) {
    note("commit %s;", at->path);
}

static const char *const modes[] = {"None", "WPA2", NULL};
static const struct tr069_param wifi_params[] = {
    {"SSID", TR069_STRING, .max_length = 8, .get = get, .set = set},
    {"Channel", TR069_UINT, .min = 1, .max = 13, .get = get, .set = set},
    {"Enable", TR069_BOOLEAN, .get = get, .set = set},
    {"Status", TR069_STRING, .value = "Up"},
    {0},
};
static const struct tr069_param stored_params[] = {
    {"Mode", TR069_STRING, TR069_STORED, .value = "None", .values = modes},
    {"Name", TR069_STRING, TR069_STORED, .max_length = 64},
    {"Interval", TR069_UINT, TR069_STORED, .value = "600", .min = 10, .max = 86400},
    {"On", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"When", TR069_DATETIME, TR069_STORED},
    {"List", TR069_STRING, TR069_STORED | TR069_CSV},
    {"Password", TR069_STRING, TR069_STORED | TR069_HIDDEN},
    {"Big", TR069_STRING, TR069_STORED},
    {0},
};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "WiFi.", wifi_params, .check = check, .commit = commit},
    {TR069_BOTH, "Box.", stored_params, .check = check, .commit = commit},
    {TR069_BOTH, "Row.{i}.", stored_params, TR069_STORED_ROWS, .check = check, .commit = commit},
    {0},
};
static const struct tr069_plugin plugin = HELP_PLUGIN("writer", objects);
static const struct model_owner owner = {&plugin, NULL, NULL};

static struct help help;

static void begin(void) {
    trail[0] = '\0';
    (void) snprintf(ssid, sizeof ssid, "old");
    channel = 6;
    enabled = false;
    fail_set = fail_check = NULL;
    later = false;
    help_begin(&help);
    help_attach(&help, &owner);
}

static bool store_is_empty(void) {
    return store_remove_all(help.store, "") == 0;
}

static void sets_several_and_answers_0(void) {
    begin();
    CU_ASSERT_TEXT(
        help_set(&help, "Device.WiFi.SSID=home", "Device.Box.Interval=30", "Device.WiFi.Enable=1", NULL),
        "0\n");
    CU_ASSERT_STRING_EQUAL(ssid, "home");
    CU_ASSERT_TRUE(enabled);
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Interval"), "Device.Box.Interval=30\n");
    CU_ASSERT_STRING_EQUAL(trail, "check Device.Box. 1;check Device.WiFi. 2;set SSID=home;set Enable=1;"
                                  "commit Device.Box.;commit Device.WiFi.;");
    help_end(&help);
}

static void empty_list_succeeds(void) {
    begin();
    help.status = 9;
    CU_ASSERT_EQUAL(model_set(help.model, MODEL_ACS, NULL, 0, &help.status, &help.fault), 0);
    CU_ASSERT_EQUAL(help.status, 0);
    help_end(&help);
}

static void every_wrong_parameter_has_its_line_and_nothing_changes(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.WiFi.SSID=home", "Device.WiFi.Channel=14",
                            "Device.WiFi.Status=Down", "Device.WiFi.Nothing=1", "Device.WiFi.=1",
                            "Device.WiFi.Enable=maybe", "Device.Box.Interval=30", "Device.Box.Mode=WEP",
                            "Device.Row.1.Name=x", NULL),
                   "9003\n"
                   "Device.WiFi.Channel 9007 must be between 1 and 13\n"
                   "Device.WiFi.Status 9008 is read-only\n"
                   "Device.WiFi.Nothing 9005 there is no Device.WiFi.Nothing\n"
                   "Device.WiFi. 9005 is an object: a value needs a full parameter name\n"
                   "Device.WiFi.Enable 9007 must be 0, 1, false or true\n"
                   "Device.Box.Mode 9007 must be one of: None, WPA2\n"
                   "Device.Row.1.Name 9005 there is no Device.Row.1.Name\n");
    CU_ASSERT_STRING_EQUAL(ssid, "old");
    CU_ASSERT_STRING_EQUAL(trail, "");
    CU_ASSERT_TRUE(store_is_empty());
    help_end(&help);
}

static void limits_are_named_in_the_text(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.WiFi.SSID=123456789", "Device.WiFi.Channel=-3",
                            "Device.Box.Interval=x", "Device.Box.On=", NULL),
                   "9003\n"
                   "Device.WiFi.SSID 9007 must be at most 8 characters, has 9\n"
                   "Device.WiFi.Channel 9007 must be between 1 and 13\n"
                   "Device.Box.Interval 9007 must be a whole number without a sign\n"
                   "Device.Box.On 9007 must be 0, 1, false or true\n");
    help_end(&help);
}

static void a_name_twice_is_9003_without_lines(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.WiFi.SSID=a", "Device.Box.On=1", "Device.WiFi.SSID=b", NULL),
                   "9003\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "Device.WiFi.SSID"));
    CU_ASSERT_STRING_EQUAL(trail, "");
    CU_ASSERT_TRUE(store_is_empty());
    help_end(&help);
}

static int set_typed(const char *path, const char *text, enum tr069_type type, unsigned *ret_code) {
    struct model_assignment assignment = {path, text, strlen(text), type, {0}};
    int r = model_set(help.model, MODEL_ACS, &assignment, 1, &help.status, &help.fault);
    *ret_code = assignment.fault.code;
    return r;
}

static void contradicting_types_are_9006_and_strings_that_fit_pass(void) {
    unsigned code;
    begin();
    CU_ASSERT_EQUAL(set_typed("Device.WiFi.Channel", "5", TR069_UINT, &code), TR069_OK);
    CU_ASSERT_EQUAL(set_typed("Device.WiFi.Channel", "6", TR069_STRING, &code), TR069_OK);
    CU_ASSERT_EQUAL(set_typed("Device.WiFi.Channel", "7", TR069_NONE, &code), TR069_OK);
    CU_ASSERT_EQUAL(channel, 7);
    CU_ASSERT_EQUAL(set_typed("Device.WiFi.Channel", "8", TR069_BOOLEAN, &code), TR069_FAULT);
    CU_ASSERT_EQUAL(code, TR069_INVALID_TYPE);
    CU_ASSERT_EQUAL(help.fault.code, TR069_INVALID_ARGUMENTS);
    CU_ASSERT_EQUAL(set_typed("Device.WiFi.SSID", "8", TR069_UINT, &code), TR069_FAULT);
    CU_ASSERT_EQUAL(code, TR069_INVALID_TYPE);
    CU_ASSERT_EQUAL(set_typed("Device.WiFi.Enable", "1", TR069_INT, &code), TR069_FAULT);
    CU_ASSERT_EQUAL(code, TR069_INVALID_TYPE);
    CU_ASSERT_EQUAL(channel, 7);
    help_end(&help);
}

static void white_space_counts_in_strings_only(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=  two  spaces ", "Device.Box.Interval= 42\n",
                            "Device.Box.On=\ttrue ", "Device.Box.List= a , b c ,d ", NULL),
                   "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Name Device.Box.Interval Device.Box.On Device.Box.List"),
                   "Device.Box.Name=  two  spaces \nDevice.Box.Interval=42\nDevice.Box.On=true\n"
                   "Device.Box.List=a,b c,d\n");
    help_end(&help);
}

static void booleans_have_exactly_four_forms(void) {
    static const char *const good[] = {"0", "1", "false", "true"};
    static const char *const bad[] = {"True", "yes", "on", "2", "-1", "", "tru"};
    begin();
    for (size_t i = 0; i < 4; i++) {
        char line[64];
        (void) snprintf(line, sizeof line, "Device.Box.On=%s", good[i]);
        CU_ASSERT_TEXT(help_set(&help, line, NULL), "0\n");
        CU_ASSERT_TEXT(help_values(&help, "Device.Box.On"),
                       i % 2 == 1 ? "Device.Box.On=true\n" : "Device.Box.On=false\n");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[64];
        (void) snprintf(line, sizeof line, "Device.Box.On=%s", bad[i]);
        CU_ASSERT_TEXT(help_set(&help, line, NULL), "9003\nDevice.Box.On 9007 must be 0, 1, false or true\n");
    }
    help_end(&help);
}

static void times_are_kept_as_utc(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.When=2026-11-22T05:30:00+01:00", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.When"), "Device.Box.When=2026-11-22T04:30:00Z\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.When=1970-01-01T05:52:47.6120+04:00", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.When"), "Device.Box.When=1970-01-01T01:52:47.612Z\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.When=2026-11-22T04:30:00.000Z", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.When"), "Device.Box.When=2026-11-22T04:30:00Z\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.When=0001-01-03T03:04:05", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.When"), "Device.Box.When=0001-01-03T03:04:05\n");
    help_end(&help);
}

static void check_gets_all_changes_of_an_object_in_whatever_order(void) {
    begin();
    fail_check = "SSID";
    CU_ASSERT_TEXT(help_set(&help, "Device.WiFi.SSID=a", "Device.Box.On=1", "Device.WiFi.Channel=3", NULL),
                   "9003\nDevice.WiFi.SSID 9007 does not go with the others\n");
    CU_ASSERT_STRING_EQUAL(trail, "check Device.Box. 1;check Device.WiFi. 2;");
    CU_ASSERT_EQUAL(channel, 6);
    CU_ASSERT_TRUE(store_is_empty());
    trail[0] = '\0';
    fail_check = "*";
    CU_ASSERT_TEXT(help_set(&help, "Device.WiFi.Channel=3", NULL),
                   "9003\nDevice.WiFi.Channel 9001 Device.WiFi.: not now\n");
    help_end(&help);
}

static void failing_set_puts_back_in_reverse_order_and_restores_the_store(void) {
    static const int verdicts[] = {TR069_FAULT, -EIO, -ENOSPC};
    for (size_t i = 0; i < 3; i++) {
        begin();
        CU_ASSERT_TEXT(help_set(&help, "Device.Box.Interval=77", NULL), "0\n");
        trail[0] = '\0';
        fail_set = "Enable";
        fail_verdict = verdicts[i];
        const char *answer =
            help_set(&help, "Device.WiFi.SSID=new", "Device.Box.Interval=600", "Device.Box.Name=x",
                     "Device.WiFi.Channel=11", "Device.WiFi.Enable=1", NULL);
        if (verdicts[i] == TR069_FAULT) {
            CU_ASSERT_TEXT(answer, "9003\nDevice.WiFi.Enable 9007 Device.WiFi.Enable: the radio says no\n");
        } else if (verdicts[i] == -EIO) {
            CU_ASSERT_TEXT(answer, "9003\nDevice.WiFi.Enable 9002 Device.WiFi.Enable: cannot be set: "
                                   "Input/output error\n");
        } else {
            CU_ASSERT_TEXT(answer, "9004\n"); /* at the top only */
        }
        CU_ASSERT_STRING_EQUAL(trail, "check Device.Box. 2;check Device.WiFi. 3;"
                                      "set SSID=new;set Channel=11;set Enable=1;set Channel=6;set SSID=old;");
        CU_ASSERT_STRING_EQUAL(ssid, "old");
        CU_ASSERT_EQUAL(channel, 6);
        CU_ASSERT_STRING_EQUAL(store_get(help.store, "model/value/Device.Box.Interval"), "77");
        CU_ASSERT_PTR_NULL(store_get(help.store, "model/value/Device.Box.Name"));
        help_end(&help);
    }
}

static void applied_later_is_status_1_and_reads_the_new_value(void) {
    begin();
    later = true;
    CU_ASSERT_TEXT(help_set(&help, "Device.WiFi.SSID=soon", NULL), "1\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.WiFi.SSID"), "Device.WiFi.SSID=soon\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.On=1", NULL), "0\n");
    help_end(&help);
}

static void stored_values_survive_and_untouched_ones_take_no_room(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Mode=WPA2", "Device.Box.Password=pw", NULL), "0\n");
    CU_ASSERT_PTR_NULL(store_get(help.store, "model/value/Device.Box.Interval"));
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Mode Device.Box.Interval Device.Box.Password"),
                   "Device.Box.Mode=WPA2\nDevice.Box.Interval=600\nDevice.Box.Password=\n");
    help_end(&help);
}

/* What the ACS ordered stays, also if it was the default, and the next firmware has another one. */
static void default_that_was_ordered_survives_another_default(void) {
    static const struct tr069_param old_params[] = {{"Mode", TR069_STRING, TR069_STORED, .value = "a"}, {0}};
    static const struct tr069_param new_params[] = {{"Mode", TR069_STRING, TR069_STORED, .value = "b"}, {0}};
    static const struct tr069_object old_objects[] = {{TR069_BOTH, "X.", old_params}, {0}};
    static const struct tr069_object new_objects[] = {{TR069_BOTH, "X.", new_params}, {0}};
    static const struct tr069_plugin old_plugin = HELP_PLUGIN("x", old_objects);
    static const struct tr069_plugin new_plugin = HELP_PLUGIN("x", new_objects);
    static const struct model_owner old_owner = {&old_plugin, NULL, NULL};
    static const struct model_owner new_owner = {&new_plugin, NULL, NULL};
    begin();
    help_attach(&help, &old_owner);
    CU_ASSERT_TEXT(help_set(&help, "Device.X.Mode=a", NULL), "0\n");
    help_restart(&help);
    help_attach(&help, &new_owner);
    CU_ASSERT_TEXT(help_values(&help, "Device.X.Mode"), "Device.X.Mode=a\n");
    help_end(&help);
}

static void stored_value_that_no_longer_fits_is_the_default_with_one_warning(void) {
    begin();
    help_restart(&help);
    CU_ASSERT_EQUAL(store_put(help.store, "model/value/Device.Box.Interval", "5"), 0);
    CU_ASSERT_EQUAL(store_put(help.store, "model/value/Device.Box.Name", "kept"), 0);
    CU_ASSERT_EQUAL(store_put(help.store, "model/value/Device.Gone.Name", "of a plugin that is not here"), 0);
    help_attach(&help, &owner);
    CU_ASSERT_EQUAL(help.warnings, 1);
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Interval Device.Box.Name"),
                   "Device.Box.Interval=600\nDevice.Box.Name=kept\n");
    CU_ASSERT_EQUAL(help.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(store_get(help.store, "model/value/Device.Gone.Name"));
    help_end(&help);
}

static void value_that_the_store_cannot_hold_is_refused(void) {
    static char line[40000];
    begin();
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "Device.Box.Big=", 15);
    CU_ASSERT_EQUAL(strncmp(help_set(&help, "Device.Box.On=1", line, NULL), "9003\nDevice.Box.Big 9007", 23),
                    0);
    CU_ASSERT_TRUE(store_is_empty());
    help_end(&help);
}

static void full_store_is_9004_and_nothing_changed(void) {
    static char filler[16000];
    char key[64];
    begin();
    memset(filler, 'f', sizeof filler - 1);
    for (unsigned i = 0; i < 200; i++) {
        (void) snprintf(key, sizeof key, "filler/%u", i);
        if (store_put(help.store, key, filler) < 0) {
            break;
        }
    }
    memset(filler, 0, sizeof filler);
    static char line[16000];
    memset(line, 'x', 15500);
    memcpy(line, "Device.Box.Big=", 15);
    CU_ASSERT_TEXT(help_set(&help, "Device.WiFi.SSID=new", line, NULL), "9004\n");
    CU_ASSERT_STRING_EQUAL(ssid, "old");
    CU_ASSERT_PTR_NULL(store_get(help.store, "model/value/Device.Box.Big"));
    help_end(&help);
}

static void longest_name_and_value_can_be_set(void) {
    static char name[256], path[300], value[65], line[400];
    memset(name, 'n', sizeof name);
    name[256 - strlen("Device.Far.")] = '\0';
    const struct tr069_param params[] = {{name, TR069_STRING, TR069_STORED, .max_length = 64}, {0}};
    const struct tr069_object far_objects[] = {{TR069_BOTH, "Far.", params}, {0}};
    const struct tr069_plugin far_plugin = HELP_PLUGIN("far", far_objects);
    const struct model_owner far_owner = {&far_plugin, NULL, NULL};
    begin();
    help_attach(&help, &far_owner);
    memset(value, 'v', 64);
    (void) snprintf(path, sizeof path, "Device.Far.%s", name);
    (void) snprintf(line, sizeof line, "%s=%s", path, value);
    CU_ASSERT_TEXT(help_set(&help, line, NULL), "0\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(help_values(&help, path), value));
    help_end(&help);
}

static void access_list_without_subscriber_stops_local_writers_only(void) {
    begin();
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Box.Name=me", NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", -1, ""), "0\n");
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Box.Name=again", NULL),
                   "9003\nDevice.Box.Name 9001 the ACS keeps this parameter to itself\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Name=acs", NULL), "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", -1, "X_ME,Subscriber"), "0\n");
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Box.Name=again", NULL), "0\n");
    help_end(&help);
}

static void forget_keeps_what_it_is_told_to(void) {
    static const char *const keep[] = {"Device.Box.Password", NULL};
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Box.Password=pw", "Device.Box.Name=n", "Device.Box.On=1", NULL),
                   "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Box.Name", 2, NULL), "0\n");
    uint32_t instance;
    CU_ASSERT_EQUAL(model_add_object(help.model, "Device.Row.", &instance, &help.status, &help.fault), 0);
    model_forget(help.model, keep);
    CU_ASSERT_STRING_EQUAL(store_get(help.store, "model/value/Device.Box.Password"), "pw");
    CU_ASSERT_EQUAL(store_remove_all(help.store, ""), 1);
    CU_ASSERT_TEXT(help_values(&help, "Device.Box.Name Device.Row."), "Device.Box.Name=\n");
    help_end(&help);
}

static CU_TestInfo tests[] = {
    {"SPV-01 set several, Status 0", sets_several_and_answers_0},
    {"empty list", empty_list_succeeds},
    {"SPV-02 03 04 08 a line for each wrong one, nothing changes",
     every_wrong_parameter_has_its_line_and_nothing_changes},
    {"SPV-12 limits in words", limits_are_named_in_the_text},
    {"SPV-07 a name twice", a_name_twice_is_9003_without_lines},
    {"9006 by xsi:type", contradicting_types_are_9006_and_strings_that_fit_pass},
    {"SPV-13 DMR-08 white space", white_space_counts_in_strings_only},
    {"SPV-11 booleans", booleans_have_exactly_four_forms},
    {"DMR-07 times", times_are_kept_as_utc},
    {"SPV-06 checks on the final state", check_gets_all_changes_of_an_object_in_whatever_order},
    {"SPV-02 a failing set", failing_set_puts_back_in_reverse_order_and_restores_the_store},
    {"SPV-09 GPV-08 Status 1", applied_later_is_status_1_and_reads_the_new_value},
    {"SPV-10 stored values", stored_values_survive_and_untouched_ones_take_no_room},
    {"SPV-10 an ordered default", default_that_was_ordered_survives_another_default},
    {"stored values of an older firmware", stored_value_that_no_longer_fits_is_the_default_with_one_warning},
    {"too long to keep", value_that_the_store_cannot_hold_is_refused},
    {"store full: 9004", full_store_is_9004_and_nothing_changed},
    {"SPV-16 longest", longest_name_and_value_can_be_set},
    {"SPV-09 local writers (SPA-09)", access_list_without_subscriber_stops_local_writers_only},
    {"forget", forget_keeps_what_it_is_told_to},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("set", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
