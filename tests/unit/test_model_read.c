/* The model's reading side: attaching tables, GetParameterNames, GetParameterValues. */
#include "model_help.h"

#include "model/value.h"

/* ---- a plugin to read from -------------------------------------------------------------------- */

static int32_t level = -7;
static bool broken;

static int get_level(const struct tr069_at *at, struct tr069_value *ret_value) {
    if (broken) {
        return tr069_fault(at->fault, TR069_INTERNAL_ERROR, "the sensor is asleep");
    }
    return tr069_value_int(ret_value, level);
}

static int get_timeout(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    (void) ret_value;
    return -ETIMEDOUT;
}

static int set_level(const struct tr069_at *at, const struct tr069_value *value) {
    (void) at;
    level = (int32_t) value->as.integer;
    return TR069_OK;
}

struct port {
    const char *name;
};
static struct port ports[] = {{"wan"}, {"lan"}, {"usb"}};
static size_t port_count = 3;
static unsigned enumerations;

static int port_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    CU_ASSERT_STRING_EQUAL(at->path, "Device.Net.Port.");
    enumerations++;
    for (size_t i = 0; i < port_count; i++) {
        int r = tr069_row(rows, (uint32_t) (i * 2 + 1), &ports[i]); /* gaps are allowed */
        if (r < 0) {
            return r;
        }
    }
    return TR069_OK;
}

static int get_port_name(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct port *port = at->row;
    CU_ASSERT_EQUAL(at->depth, 1);
    CU_ASSERT_PTR_EQUAL(port, &ports[(tr069_instance(at) - 1) / 2]);
    return tr069_value_string(ret_value, port->name);
}

static int address_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    return at->instance[0] == 3 ? TR069_OK : tr069_row(rows, 7, NULL);
}

static int get_address(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_format(ret_value, "10.0.%u.%u", (unsigned) at->instance[0],
                              (unsigned) at->instance[1]);
}

static const struct tr069_param root_params[] = {{"Model", TR069_STRING, .value = "stb"}, {0}};
static const struct tr069_param info_params[] = {
    {"Level", TR069_INT, .get = get_level, .set = set_level},
    {"Enabled", TR069_BOOLEAN, .value = "1"},
    {"Password", TR069_STRING, TR069_STORED | TR069_HIDDEN, .value = "secret"},
    {0},
};
static const struct tr069_param net_params[] = {
    {"PortNumberOfEntries", TR069_UINT, .entries_of = "Net.Port."},
    {0},
};
static const struct tr069_param port_params[] = {
    {"Name", TR069_STRING, .get = get_port_name},
    {"AddressNumberOfEntries", TR069_UINT, .entries_of = "Net.Port.{i}.Address."},
    {0},
};
static const struct tr069_param address_params[] = {{"IP", TR069_STRING, .get = get_address}, {0}};
static const struct tr069_param stats_params[] = {{"Up", TR069_ULONG, .value = "18446744073709551615"}, {0}};
static const struct tr069_param other_params[] = {{"X", TR069_UINT}, {0}};
static const struct tr069_object objects[] = {
    {TR069_BOTH, "", root_params},
    {TR069_BOTH, "Info.", info_params},
    {TR069_BOTH, "Net.", net_params},
    {TR069_BOTH, "Net.Port.{i}.", port_params, .instances = port_rows},
    {TR069_BOTH, "Net.Port.{i}.Address.{i}.", address_params, .instances = address_rows},
    {TR069_BOTH, "Net.Port.{i}.Stats.", stats_params},
    {TR069_BOTH, "Slot.{i}.", other_params}, /* nobody enumerates it */
    {TR069_IGD1, "OnlyInOld.", other_params},
    {TR069_BOTH, "Empty.{i}.", other_params, TR069_STORED_ROWS},
    {0},
};
static const struct tr069_plugin plugin = HELP_PLUGIN("reader", objects);
static const struct model_owner owner = {&plugin, NULL, NULL};

static struct help help;

static int begin(void) {
    level = -7;
    broken = false;
    port_count = 3;
    return 0;
}

static void with_reader(void) {
    (void) begin();
    help_begin(&help);
    help_attach(&help, &owner);
}

/* ---- GetParameterNames ------------------------------------------------------------------------ */

static void names_of_empty_path_next_level_is_the_root_only(void) {
    with_reader();
    CU_ASSERT_TEXT(help_names(&help, "", true), "Device. -\n");
    help_end(&help);
}

#define EVERY_NAME                                                                                           \
    "Device. -\n"                                                                                            \
    "Device.Model -\n"                                                                                       \
    "Device.Empty. w\n"                                                                                      \
    "Device.Info. -\n"                                                                                       \
    "Device.Info.Enabled -\n"                                                                                \
    "Device.Info.Level w\n"                                                                                  \
    "Device.Info.Password w\n"                                                                               \
    "Device.Net. -\n"                                                                                        \
    "Device.Net.PortNumberOfEntries -\n"                                                                     \
    "Device.Net.Port. -\n"                                                                                   \
    "Device.Net.Port.1. -\n"                                                                                 \
    "Device.Net.Port.1.AddressNumberOfEntries -\n"                                                           \
    "Device.Net.Port.1.Name -\n"                                                                             \
    "Device.Net.Port.1.Address. -\n"                                                                         \
    "Device.Net.Port.1.Address.7. -\n"                                                                       \
    "Device.Net.Port.1.Address.7.IP -\n"                                                                     \
    "Device.Net.Port.1.Stats. -\n"                                                                           \
    "Device.Net.Port.1.Stats.Up -\n"                                                                         \
    "Device.Net.Port.3. -\n"                                                                                 \
    "Device.Net.Port.3.AddressNumberOfEntries -\n"                                                           \
    "Device.Net.Port.3.Name -\n"                                                                             \
    "Device.Net.Port.3.Address. -\n"                                                                         \
    "Device.Net.Port.3.Stats. -\n"                                                                           \
    "Device.Net.Port.3.Stats.Up -\n"

static void names_of_empty_path_is_everything_root_included(void) {
    with_reader();
    port_count = 2;
    CU_ASSERT_TEXT(help_names(&help, "", false), EVERY_NAME "Device.Slot. -\nDevice.Slot.1. -\n"
                                                            "Device.Slot.1.X -\n");
    help_end(&help);
}

static void names_of_object_next_level_are_its_children_without_itself(void) {
    with_reader();
    CU_ASSERT_TEXT(help_names(&help, "Device.Net.", true),
                   "Device.Net.PortNumberOfEntries -\nDevice.Net.Port. -\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.", true),
                   "Device.Model -\nDevice.Empty. w\nDevice.Info. -\nDevice.Net. -\nDevice.Slot. -\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Net.Port.3.", true),
                   "Device.Net.Port.3.AddressNumberOfEntries -\nDevice.Net.Port.3.Name -\n"
                   "Device.Net.Port.3.Address. -\nDevice.Net.Port.3.Stats. -\n");
    help_end(&help);
}

static void names_of_object_begin_with_the_object_itself(void) {
    with_reader();
    CU_ASSERT_TEXT(help_names(&help, "Device.Net.Port.1.Address.", false),
                   "Device.Net.Port.1.Address. -\nDevice.Net.Port.1.Address.7. -\n"
                   "Device.Net.Port.1.Address.7.IP -\n");
    help_end(&help);
}

static void names_of_table_are_its_rows_by_number(void) {
    with_reader();
    CU_ASSERT_TEXT(help_names(&help, "Device.Net.Port.", true),
                   "Device.Net.Port.1. -\nDevice.Net.Port.3. -\nDevice.Net.Port.5. -\n");
    help_end(&help);
}

static void names_of_table_without_rows_are_none(void) {
    with_reader();
    CU_ASSERT_TEXT(help_names(&help, "Device.Net.Port.3.Address.", true), "");
    CU_ASSERT_TEXT(help_names(&help, "Device.Empty.", true), "");
    CU_ASSERT_TEXT(help_names(&help, "Device.Empty.", false), "Device.Empty. w\n");
    help_end(&help);
}

static void names_of_parameter_is_itself(void) {
    with_reader();
    CU_ASSERT_TEXT(help_names(&help, "Device.Info.Level", false), "Device.Info.Level w\n");
    help_end(&help);
}

static void names_of_parameter_next_level_is_9003(void) {
    with_reader();
    CU_ASSERT_TEXT(help_names(&help, "Device.Info.Level", true), "fault 9003\n");
    help_end(&help);
}

static void names_of_unknown_paths_are_9005(void) {
    static const char *const unknown[] = {"Device",
                                          "Devic.",
                                          "Device.Nothing.",
                                          "Device.Info",
                                          "Device.Info.Level.",
                                          "Device.Info..",
                                          "Device..",
                                          ".",
                                          "Device.Net.Port.2.",
                                          "Device.Net.Port.01.",
                                          "Device.Net.Port.0.",
                                          "Device.Net.Port.+1.",
                                          "Device.Net.Port.1 .",
                                          "Device.Net.Port.-1.",
                                          "Device.Net.Port.4294967297.",
                                          "Device.Net.Port.99999999999999999999.",
                                          "Device.Net.Port.{i}.",
                                          "Device.Net.Port.[wan].",
                                          "Device.Net.Port.1",
                                          "Device.Net.Port",
                                          "Device.OnlyInOld.",
                                          "InternetGatewayDevice.",
                                          " Device.",
                                          "device.",
                                          NULL};
    with_reader();
    for (size_t i = 0; unknown[i] != NULL; i++) {
        const char *answer = help_names(&help, unknown[i], false);
        if (strcmp(answer, "fault 9005\n") != 0) {
            (void) fprintf(stderr, "%s: %s", unknown[i], answer);
        }
        CU_ASSERT_STRING_EQUAL(answer, "fault 9005\n");
        if (strchr(unknown[i], ' ') == NULL) { /* which would separate two */
            CU_ASSERT_STRING_EQUAL(help_values(&help, unknown[i]), "fault 9005\n");
        }
    }
    help_end(&help);
}

static void names_and_values_agree(void) {
    static char parameters[16384];
    char values[16384];
    size_t length = 0;
    with_reader();
    (void) snprintf(values, sizeof values, "%s", help_values(&help, "*"));
    for (const char *line = help_names(&help, "", false); *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *space = strchr(line, ' ');
        if (space[-1] != '.') {
            length += (size_t) snprintf(parameters + length, sizeof parameters - length, "%.*s ",
                                        (int) (space - line), line);
        }
    }
    CU_ASSERT_FATAL(length > 0);
    parameters[length - 1] = '\0';
    CU_ASSERT_TEXT(help_values(&help, parameters), values);
    help_end(&help);
}

/* ---- GetParameterValues ----------------------------------------------------------------------- */

static void values_of_full_names_mixed_with_partial_paths(void) {
    with_reader();
    CU_ASSERT_TEXT(help_values(&help, "Device.Net.Port.5.Name Device.Info. Device.Model"),
                   "Device.Net.Port.5.Name=usb\n"
                   "Device.Info.Enabled=true\nDevice.Info.Level=-7\nDevice.Info.Password=\n"
                   "Device.Model=stb\n");
    help_end(&help);
}

static void values_of_empty_path_are_the_whole_model(void) {
    with_reader();
    port_count = 1;
    CU_ASSERT_TEXT(help_values(&help, "*"),
                   "Device.Model=stb\n"
                   "Device.Info.Enabled=true\nDevice.Info.Level=-7\nDevice.Info.Password=\n"
                   "Device.Net.PortNumberOfEntries=1\n"
                   "Device.Net.Port.1.AddressNumberOfEntries=1\nDevice.Net.Port.1.Name=wan\n"
                   "Device.Net.Port.1.Address.7.IP=10.0.1.7\n"
                   "Device.Net.Port.1.Stats.Up=18446744073709551615\n"
                   "Device.Slot.1.X=0\n");
    help_end(&help);
}

static void values_are_given_once_whatever_the_names_overlap(void) {
    with_reader();
    CU_ASSERT_TEXT(
        help_values(&help, "Device.Model Device.Info.Level Device.Info. Device.Model Device.Info.Enabled"),
        "Device.Model=stb\nDevice.Info.Enabled=true\nDevice.Info.Level=-7\nDevice.Info.Password=\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Info.Level * Device.Info."), help_values(&help, "Device."));
    help_end(&help);
}

static void one_unknown_name_is_9005_for_the_whole_call(void) {
    with_reader();
    CU_ASSERT_TEXT(help_values(&help, "Device.Model Device.Info.Nothing"), "fault 9005\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "Device.Info.Nothing"));
    CU_ASSERT_TEXT(help_values(&help, "* Device.Info.Nothing"), "fault 9005\n");
    help_end(&help);
}

static void table_without_rows_is_an_empty_list(void) {
    with_reader();
    CU_ASSERT_TEXT(help_values(&help, "Device.Net.Port.3.Address."), "");
    CU_ASSERT_TEXT(help_values(&help, "Device.Empty."), "");
    help_end(&help);
}

static void hidden_reads_empty_but_the_client_gets_it_in_clear(void) {
    char text[32];
    with_reader();
    CU_ASSERT_TEXT(help_values(&help, "Device.Info.Password"), "Device.Info.Password=\n");
    CU_ASSERT_EQUAL(model_get(help.model, "Device.Info.Password", text, sizeof text), 0);
    CU_ASSERT_STRING_EQUAL(text, "secret");
    CU_ASSERT_FALSE(model_may_show(help.model, "Device.Info.Password"));
    CU_ASSERT_TRUE(model_may_show(help.model, "Device.Info.Level"));
    CU_ASSERT_FALSE(model_may_show(help.model, "Device.Nothing"));
    help_end(&help);
}

static void number_of_entries_is_the_rows_of_this_moment(void) {
    with_reader();
    for (port_count = 0; port_count <= 3; port_count++) {
        char expected[64];
        (void) snprintf(expected, sizeof expected, "Device.Net.PortNumberOfEntries=%zu\n", port_count);
        CU_ASSERT_TEXT(help_values(&help, "Device.Net.PortNumberOfEntries"), expected);
    }
    port_count = 3;
    CU_ASSERT_TEXT(
        help_values(&help,
                    "Device.Net.Port.3.AddressNumberOfEntries Device.Net.Port.1.AddressNumberOfEntries"),
        "Device.Net.Port.3.AddressNumberOfEntries=0\nDevice.Net.Port.1.AddressNumberOfEntries=1\n");
    help_end(&help);
}

static void failing_getter_is_a_fault_that_names_the_parameter(void) {
    with_reader();
    broken = true;
    CU_ASSERT_TEXT(help_values(&help, "Device.Info."), "fault 9002\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "Device.Info.Level"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "the sensor is asleep"));
    help_end(&help);
}

static int wrong_kind(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_bool(ret_value, true);
}

static void getter_of_another_kind_is_9002_with_the_name(void) {
    static const struct tr069_param params[] = {{"Number", TR069_UINT, .get = wrong_kind}, {0}};
    static const struct tr069_object wrong_objects[] = {{TR069_BOTH, "Wrong.", params}, {0}};
    static const struct tr069_plugin wrong = HELP_PLUGIN("wrong", wrong_objects);
    static const struct model_owner wrong_owner = {&wrong, NULL, NULL};
    help_begin(&help);
    help_attach(&help, &wrong_owner);
    CU_ASSERT_TEXT(help_values(&help, "Device.Wrong."), "fault 9002\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(help.fault.text, "Device.Wrong.Number"));
    help_end(&help);
}

static void get_answers_as_promised(void) {
    static const struct tr069_param params[] = {{"Slow", TR069_STRING, .get = get_timeout}, {0}};
    static const struct tr069_object slow_objects[] = {{TR069_BOTH, "Slow.", params}, {0}};
    static const struct tr069_plugin slow = HELP_PLUGIN("slow", slow_objects);
    static const struct model_owner slow_owner = {&slow, NULL, NULL};
    char text[4];
    with_reader();
    help_attach(&help, &slow_owner);
    CU_ASSERT_EQUAL(model_get(help.model, "Device.Model", text, sizeof text), 0);
    CU_ASSERT_STRING_EQUAL(text, "stb");
    CU_ASSERT_EQUAL(model_get(help.model, "Device.Model", text, 3), -ENOSPC);
    CU_ASSERT_EQUAL(model_get(help.model, "Device.Nothing", text, sizeof text), -ENOENT);
    CU_ASSERT_EQUAL(model_get(help.model, "Device.Info.", text, sizeof text), -ENOENT);
    CU_ASSERT_EQUAL(model_get(help.model, "Device.Slow.Slow", text, sizeof text), -ETIMEDOUT);
    help_end(&help);
}

static void many_names_of_one_table_ask_for_its_rows_once(void) {
    with_reader();
    (void) help_values(&help, "Device.Net.Port.1.Name Device.Net.Port.3.Name Device.Net.Port.5.Name");
    enumerations = 0;
    struct model_selection *selection;
    const char *const paths[] = {"Device.Net.Port.1.Name", "Device.Net.Port.3.Name",
                                 "Device.Net.Port.5.Name"};
    CU_ASSERT_EQUAL(model_select(help.model, paths, 3, &selection, &help.fault), 0);
    CU_ASSERT_EQUAL(enumerations, 1);
    CU_ASSERT_EQUAL(model_selection_count(selection), 3);
    CU_ASSERT_EQUAL(enumerations, 2);
    model_selection_free(selection);
    help_end(&help);
}

/* ---- Attaching -------------------------------------------------------------------------------- */

static int try_attach(const struct model_owner *an_owner, char *ret_error, size_t size) {
    int r = model_attach(help.model, an_owner, ret_error, size);
    if (r == 0) {
        model_detach(help.model, an_owner);
    }
    return r;
}

static void parameter_declared_twice_names_both_plugins_and_the_path(void) {
    static const struct tr069_param params[] = {{"New", TR069_INT}, {"Level", TR069_INT}, {0}};
    static const struct tr069_object second_objects[] = {{TR069_BOTH, "Info.", params}, {0}};
    static const struct tr069_plugin second = HELP_PLUGIN("second", second_objects);
    static const struct model_owner second_owner = {&second, NULL, NULL};
    char error[512];
    with_reader();
    CU_ASSERT_EQUAL(model_attach(help.model, &second_owner, error, sizeof error), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "Device.Info.Level"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "second"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "reader"));
    /* all or nothing */
    CU_ASSERT_TEXT(help_names(&help, "Device.Info.New", false), "fault 9005\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Info.Level", false), "Device.Info.Level w\n");
    help_end(&help);
}

static void object_of_two_plugins_is_merged_and_taken_apart(void) {
    static const struct tr069_param params[] = {{"New", TR069_INT, .value = "5"}, {0}};
    static const struct tr069_object second_objects[] = {
        {TR069_BOTH, "Info.", params}, {TR069_BOTH, "Net.Port.{i}.", params}, {0}};
    static const struct tr069_plugin second = HELP_PLUGIN("second", second_objects);
    static const struct model_owner second_owner = {&second, NULL, NULL};
    char before[16384];
    with_reader();
    (void) snprintf(before, sizeof before, "%s", help_values(&help, "*"));
    help_attach(&help, &second_owner);
    CU_ASSERT_TEXT(
        help_values(&help, "Device.Info.New Device.Net.Port.3."),
        "Device.Info.New=5\nDevice.Net.Port.3.AddressNumberOfEntries=0\nDevice.Net.Port.3.Name=lan\n"
        "Device.Net.Port.3.New=5\nDevice.Net.Port.3.Stats.Up=18446744073709551615\n");
    model_detach(help.model, &second_owner);
    CU_ASSERT_TEXT(help_values(&help, "*"), before);
    model_detach(help.model, &owner);
    CU_ASSERT_TEXT(help_names(&help, "", false), "Device. -\n");
    help_end(&help);
}

static int get_row(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, at->row == NULL ? "none" : "foreign");
}

static void rows_of_another_plugin_are_not_lent(void) {
    static const struct tr069_param params[] = {{"Row", TR069_STRING, .get = get_row}, {0}};
    static const struct tr069_object second_objects[] = {{TR069_BOTH, "Net.Port.{i}.", params}, {0}};
    static const struct tr069_plugin second = HELP_PLUGIN("second", second_objects);
    static const struct model_owner second_owner = {&second, NULL, NULL};
    with_reader();
    help_attach(&help, &second_owner);
    CU_ASSERT_TEXT(help_values(&help, "Device.Net.Port.1.Row"), "Device.Net.Port.1.Row=none\n");
    help_end(&help);
}

#define MISTAKE(name, ...) static const struct tr069_param name[] = {__VA_ARGS__, {0}}
static const char *const nothing[] = {NULL};
static const char *const on_off[] = {"On", "Off", NULL};
MISTAKE(bad_name, {"Bad Name", TR069_STRING});
MISTAKE(bad_type, {"Bad", TR069_LIST});
MISTAKE(bad_default, {"Bad", TR069_INT, .value = "ten"});
MISTAKE(bad_range, {"Bad", TR069_INT, .value = "9", .min = 1, .max = 5});
MISTAKE(bad_limits, {"Bad", TR069_INT, .min = 5, .max = 1});
MISTAKE(bad_length, {"Bad", TR069_STRING, .value = "abcd", .max_length = 3});
MISTAKE(bad_lengths, {"Bad", TR069_STRING, .min_length = 4, .max_length = 3});
MISTAKE(bad_values, {"Bad", TR069_STRING, .value = "Up", .values = on_off});
MISTAKE(bad_enumeration, {"Bad", TR069_STRING, .values = nothing});
MISTAKE(bad_pattern, {"Bad", TR069_STRING, TR069_STORED, .pattern = "("});
MISTAKE(bad_count, {"Bad", TR069_UINT, .entries_of = "Nothing."});
MISTAKE(bad_count_object, {"Bad", TR069_UINT, .entries_of = "Info."});
MISTAKE(bad_count_text, {"Bad", TR069_STRING, .entries_of = "Net.Port."});
MISTAKE(good, {"Good", TR069_STRING, .value = "On", .values = on_off});

static void wrong_tables_are_refused_with_a_sentence(void) {
    static const struct {
        const char *path;
        const struct tr069_param *params;
        unsigned flags;
        bool rows;
    } wrong[] = {
        {"New.", bad_name, 0, false},
        {"New.", bad_type, 0, false},
        {"New.", bad_default, 0, false},
        {"New.", bad_range, 0, false},
        {"New.", bad_limits, 0, false},
        {"New.", bad_length, 0, false},
        {"New.", bad_lengths, 0, false},
        {"New.", bad_values, 0, false},
        {"New.", bad_enumeration, 0, false},
        {"New.", bad_pattern, 0, false},
        {"New.", bad_count, 0, false},
        {"New.", bad_count_object, 0, false},
        {"New.", bad_count_text, 0, false},
        {"New", good, 0, false},
        {"New..", good, 0, false},
        {".", good, 0, false},
        {"1New.", good, 0, false},
        {"{i}.", good, 0, false},
        {"New.{i}.{i}.", good, 0, false},
        {"New.{j}.", good, 0, false},
        {"Net.Port.", good, 0, false},      /* a table elsewhere */
        {"Net.Port.Name.", good, 0, false}, /* a table elsewhere */
        {"Info.{i}.", good, 0, false},      /* an object elsewhere */
        {"New.", good, TR069_STORED_ROWS, false},
        {"New.", good, 0, true},
        {"New.{i}.", good, TR069_STORED_ROWS, true},
        {"Net.Port.{i}.", good, TR069_STORED_ROWS, false}, /* whose rows? */
        {"A.{i}.B.{i}.C.{i}.D.{i}.E.{i}.F.{i}.G.{i}.H.{i}.I.{i}.", good, 0, false},
    };
    char before[16384];
    with_reader();
    (void) snprintf(before, sizeof before, "%s", help_names(&help, "", false));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct tr069_object wrong_objects[] = {{TR069_BOTH, wrong[i].path, wrong[i].params,
                                                      wrong[i].flags,
                                                      .instances = wrong[i].rows ? port_rows : NULL},
                                                     {0}};
        const struct tr069_plugin wrong_plugin = HELP_PLUGIN("wrong", wrong_objects);
        const struct model_owner wrong_owner = {&wrong_plugin, NULL, NULL};
        char error[512] = "";
        int r = try_attach(&wrong_owner, error, sizeof error);
        if (r != -EINVAL || strstr(error, "wrong") == NULL) {
            (void) fprintf(stderr, "case %zu: %d %s\n", i, r, error);
        }
        CU_ASSERT_EQUAL(r, -EINVAL);
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "wrong"));
        CU_ASSERT_TEXT(help_names(&help, "", false), before);
    }
    help_end(&help);
}

static void longest_names_work_and_longer_ones_are_refused(void) {
    static char name[65536 + 8];
    struct tr069_param params[2] = {{name, TR069_STRING, .value = "far"}, {0}};
    const struct tr069_object long_objects[] = {{TR069_BOTH, "Long.", params}, {0}};
    const struct tr069_plugin long_plugin = HELP_PLUGIN("long", long_objects);
    const struct model_owner long_owner = {&long_plugin, NULL, NULL};
    char error[512];
    char path[400];
    memset(name, 'n', sizeof name);
    name[TR069_NAME_MAX - strlen("Device.Long.")] = '\0';
    help_begin(&help);
    help_attach(&help, &long_owner);
    (void) snprintf(path, sizeof path, "Device.Long.%.300s", name);
    CU_ASSERT_EQUAL(strlen(path), 256);
    CU_ASSERT_PTR_NOT_NULL(strstr(help_values(&help, path), "=far\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_values(&help, "*"), "=far\n"));
    model_detach(help.model, &long_owner);
    name[strlen(name)] = 'n';
    name[TR069_NAME_MAX - strlen("Device.Long.") + 1] = '\0';
    CU_ASSERT_EQUAL(model_attach(help.model, &long_owner, error, sizeof error), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "256"));
    memset(name, 'n', sizeof name); /* a length that 16 bits do not hold */
    name[sizeof name - 1] = '\0';
    CU_ASSERT_EQUAL(model_attach(help.model, &long_owner, error, sizeof error), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "256"));
    help_end(&help);
}

/* An array of a plugin that was compiled with an older or newer header. */
static void tables_are_strided_by_the_size_the_plugin_knew(void) {
    enum { OLD = offsetof(struct tr069_param, get), NEW = sizeof(struct tr069_param) + 16 };
    static const size_t sizes[] = {OLD, NEW};
    for (size_t s = 0; s < 2; s++) {
        char *memory = calloc(3, sizes[s]);
        char *object_memory = calloc(2, sizeof(struct tr069_object) + 8);
        const struct tr069_param params[2] = {{"One", TR069_STRING, .value = "1"},
                                              {"Two", TR069_UINT, .value = "2"}};
        CU_ASSERT_FATAL(memory != NULL && object_memory != NULL);
        for (size_t i = 0; i < 2; i++) {
            /* what lies behind a smaller entry is the next one, and must not be taken for a getter */
            memcpy(memory + i * sizes[s], &params[i],
                   sizes[s] < sizeof params[i] ? sizes[s] : sizeof params[i]);
        }
        const struct tr069_object object = {TR069_BOTH, "Old.", (const struct tr069_param *) (void *) memory};
        memcpy(object_memory, &object, sizeof object);
        struct tr069_plugin old = HELP_PLUGIN("old", (const struct tr069_object *) (void *) object_memory);
        old.param_size = sizes[s];
        old.object_size = sizeof(struct tr069_object) + 8;
        const struct model_owner old_owner = {&old, NULL, NULL};
        help_begin(&help);
        help_attach(&help, &old_owner);
        CU_ASSERT_TEXT(help_values(&help, "*"), "Device.Old.One=1\nDevice.Old.Two=2\n");
        help_end(&help);
        free(memory);
        free(object_memory);
    }
}

static const struct tr069_param loose_params[] = {{"Row", TR069_UINT, .get = get_level}, {0}};

static int disorderly(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    (void) tr069_row(rows, 9, NULL);
    (void) tr069_row(rows, 0, NULL);
    (void) tr069_row(rows, 2, NULL);
    (void) tr069_row(rows, 9, NULL);
    return TR069_OK;
}

static int endless(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    for (uint32_t i = 1; i < 100000; i++) {
        int r = tr069_row(rows, i, NULL);
        if (r < 0) {
            CU_ASSERT_EQUAL(i, 65537);
            return r;
        }
    }
    CU_FAIL("more than 65536 rows were taken");
    return TR069_OK;
}

static const struct tr069_object odd_objects[] = {{TR069_BOTH, "Odd.", good}, {0}};

static void plugin_is_attached_once_and_with_sane_sizes(void) {
    struct tr069_plugin odd = HELP_PLUGIN("odd", odd_objects);
    const struct model_owner odd_owner = {&odd, NULL, NULL};
    char error[512], before[16384];
    with_reader();
    (void) snprintf(before, sizeof before, "%s", help_names(&help, "", false));
    CU_ASSERT_EQUAL(model_attach(help.model, &owner, error, sizeof error), -EINVAL);
    odd.param_size = 0;
    CU_ASSERT_EQUAL(model_attach(help.model, &odd_owner, error, sizeof error), -EINVAL);
    odd.param_size = sizeof(struct tr069_param);
    odd.object_size = 0;
    CU_ASSERT_EQUAL(model_attach(help.model, &odd_owner, error, sizeof error), -EINVAL);
    CU_ASSERT_TEXT(help_names(&help, "", false), before);
    help_end(&help);
}

static void names_longer_than_256_are_unknown(void) {
    char path[600] = "Device.";
    with_reader();
    memset(path + 7, 'x', sizeof path - 8);
    CU_ASSERT_TEXT(help_names(&help, path, false), "fault 9005\n");
    CU_ASSERT_TEXT(help_values(&help, path), "fault 9005\n");
    help_end(&help);
}

static void rows_out_of_order_or_twice_are_put_in_order(void) {
    static const struct tr069_object loose_objects[] = {
        {TR069_BOTH, "Loose.{i}.", loose_params, .instances = disorderly}, {0}};
    static const struct tr069_plugin loose = HELP_PLUGIN("loose", loose_objects);
    static const struct model_owner loose_owner = {&loose, NULL, NULL};
    help_begin(&help);
    help_attach(&help, &loose_owner);
    CU_ASSERT_TEXT(help_names(&help, "Device.Loose.", true), "Device.Loose.2. -\nDevice.Loose.9. -\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Loose.2.", true), "Device.Loose.2.Row -\n");
    help_end(&help);
}

static int count_name(void *user, const char *path, size_t length, bool writable) {
    (void) path;
    (void) length;
    (void) writable;
    ++*(size_t *) user;
    return 0;
}

static void tables_have_at_most_65536_rows(void) {
    static const struct tr069_object many_objects[] = {
        {TR069_BOTH, "Many.{i}.", loose_params, .instances = endless}, {0}};
    static const struct tr069_plugin many = HELP_PLUGIN("many", many_objects);
    static const struct model_owner many_owner = {&many, NULL, NULL};
    size_t count = 0;
    help_begin(&help);
    help_attach(&help, &many_owner);
    CU_ASSERT_EQUAL(model_names(help.model, "Device.Many.", true, count_name, &count, &help.fault), 0);
    CU_ASSERT_EQUAL(count, 65536);
    CU_ASSERT_EQUAL(help.warnings, 1);
    help_end(&help);
}

static int stop_at_second(void *user, const struct model_value *value) {
    (void) value;
    return ++*(int *) user == 2 ? 77 : 0;
}

static void visitor_ends_the_walk(void) {
    const char *const paths[] = {""};
    struct model_selection *selection;
    int count = 0;
    with_reader();
    CU_ASSERT_EQUAL_FATAL(model_select(help.model, paths, 1, &selection, &help.fault), 0);
    CU_ASSERT_EQUAL(model_selection_values(selection, stop_at_second, &count, &help.fault), 77);
    CU_ASSERT_EQUAL(count, 2);
    model_selection_free(selection);
    help_end(&help);
}

static CU_TestInfo names[] = {
    {"GPN-01 empty path, NextLevel: the root only", names_of_empty_path_next_level_is_the_root_only},
    {"GPN-02 empty path: everything", names_of_empty_path_is_everything_root_included},
    {"GPN-03 object, NextLevel: children", names_of_object_next_level_are_its_children_without_itself},
    {"GPN-04 object: itself first", names_of_object_begin_with_the_object_itself},
    {"GPN-05 table: rows by number", names_of_table_are_its_rows_by_number},
    {"GPN-06 table without rows: empty", names_of_table_without_rows_are_none},
    {"GPN-07 parameter: itself", names_of_parameter_is_itself},
    {"GPN-08 parameter, NextLevel: 9003", names_of_parameter_next_level_is_9003},
    {"GPN-09 unknown: 9005", names_of_unknown_paths_are_9005},
    {"GPN-11 names and values agree", names_and_values_agree},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo values[] = {
    {"GPV-01 02 03 full and partial mixed", values_of_full_names_mixed_with_partial_paths},
    {"GPV-04 empty: the whole model", values_of_empty_path_are_the_whole_model},
    {"each parameter once", values_are_given_once_whatever_the_names_overlap},
    {"GPV-05 one unknown: 9005", one_unknown_name_is_9005_for_the_whole_call},
    {"GPV-06 table without rows: empty", table_without_rows_is_an_empty_list},
    {"GPV-07 hidden reads empty", hidden_reads_empty_but_the_client_gets_it_in_clear},
    {"DMR-06 NumberOfEntries", number_of_entries_is_the_rows_of_this_moment},
    {"a failing getter is named", failing_getter_is_a_fault_that_names_the_parameter},
    {"a getter of another kind is named", getter_of_another_kind_is_9002_with_the_name},
    {"get", get_answers_as_promised},
    {"many names, one enumeration", many_names_of_one_table_ask_for_its_rows_once},
    {"the visitor ends the walk", visitor_ends_the_walk},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo attaching[] = {
    {"declared twice", parameter_declared_twice_names_both_plugins_and_the_path},
    {"an object of two plugins", object_of_two_plugins_is_merged_and_taken_apart},
    {"rows are not lent to others", rows_of_another_plugin_are_not_lent},
    {"wrong tables", wrong_tables_are_refused_with_a_sentence},
    {"256 characters", longest_names_work_and_longer_ones_are_refused},
    {"once, sane sizes", plugin_is_attached_once_and_with_sane_sizes},
    {"more than 256 characters", names_longer_than_256_are_unknown},
    {"strides", tables_are_strided_by_the_size_the_plugin_knew},
    {"rows out of order", rows_out_of_order_or_twice_are_put_in_order},
    {"65536 rows", tables_have_at_most_65536_rows},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("names", names), CUNIT_SUITE("values", values),
                             CUNIT_SUITE("attaching", attaching), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
