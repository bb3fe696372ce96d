/* Aliases of rows, wildcards, rows that are made by naming them, references to rows. */
#include "model_help.h"

static struct help help;
static char trail[1024];

static void commit(const struct tr069_at *at) {
    size_t length = strlen(trail);
    (void) snprintf(trail + length, sizeof trail - length, "%s;", at->path);
}

static const char *const kinds[] = {"good", "fine", NULL};
static const struct tr069_param row_params[] = {
    TR069_ALIAS_PARAM,
    {"Kind", TR069_STRING, TR069_STORED, .value = "good", .values = kinds},
    {"SubNumberOfEntries", TR069_UINT, .entries_of = "Row.{i}.Sub."},
    {0},
};
static const struct tr069_param sub_params[] = {
    TR069_ALIAS_PARAM,
    {"Name", TR069_STRING, TR069_STORED, .value = ""},
    {"Fixed", TR069_STRING, .value = "x"},
    {0},
};
static const struct tr069_param nameless_params[] = {{"Name", TR069_STRING, TR069_STORED, .value = ""}, {0}};
static const struct tr069_param reference_params[] = {
    {"One", TR069_STRING, TR069_STORED | TR069_REFERENCE, .value = ""},
    {"Other", TR069_STRING, TR069_STORED | TR069_REFERENCE, .value = ""},
    {"List", TR069_STRING, TR069_STORED | TR069_REFERENCE | TR069_CSV, .value = ""},
    {"Text", TR069_STRING, TR069_STORED, .value = ""},
    {0},
};

/* rows of a plugin */
static uint32_t numbers[16];
static size_t number_count;
static bool add_fails, hides;

static int own_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    (void) at;
    for (size_t i = 0; i < number_count && !hides; i++) {
        (void) tr069_row(rows, numbers[i], &numbers[i]);
    }
    return TR069_OK;
}

static int own_add(const struct tr069_at *at, uint32_t *ret_instance) {
    if (add_fails) {
        return tr069_fault(at->fault, TR069_REQUEST_DENIED, "locked");
    }
    numbers[number_count] = 10 + (uint32_t) number_count;
    *ret_instance = numbers[number_count++];
    return TR069_OK;
}

static int own_remove(const struct tr069_at *at) {
    CU_ASSERT_EQUAL(tr069_instance(at), numbers[number_count - 1]);
    number_count--;
    return TR069_OK;
}

static const struct tr069_object objects[] = {
    {TR069_BOTH, "Row.{i}.", row_params, TR069_STORED_ROWS, .max_rows = 4, .commit = commit},
    {TR069_BOTH, "Row.{i}.Sub.{i}.", sub_params, TR069_STORED_ROWS, .commit = commit},
    {TR069_BOTH, "Own.{i}.", sub_params, .instances = own_rows, .add = own_add, .remove = own_remove,
     .commit = commit},
    {TR069_BOTH, "Nameless.{i}.", nameless_params, TR069_STORED_ROWS},
    {TR069_BOTH, "Fixed.{i}.", sub_params},
    {TR069_BOTH, "Reference.", reference_params, .commit = commit},
    {0},
};
static const struct tr069_plugin plugin = HELP_PLUGIN("alias", objects);
static const struct model_owner owner = {&plugin, NULL, NULL};

static long add(const char *path) {
    uint32_t instance = 0;
    int r = model_add_object(help.model, path, &instance, &help.status, &help.fault);
    return r == 0 ? (long) instance : -(long) help.fault.code;
}

static long delete (const char *path) {
    int r = model_delete_object(help.model, path, &help.status, &help.fault);
    return r == 0 ? 0 : -(long) help.fault.code;
}

static void begin(void) {
    help_begin(&help);
    number_count = 0;
    add_fails = hides = false;
    help_attach(&help, &owner);
    model_speak(help.model, 14);
    CU_ASSERT_EQUAL(add("Device.Row."), 1);
    CU_ASSERT_EQUAL(add("Device.Row.[wan]."), 2);
    CU_ASSERT_EQUAL(add("Device.Row.[wan].Sub.[main]."), 1);
    trail[0] = '\0';
}

static void standard_alias_is_cpe_and_the_number(void) {
    begin();
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Alias Device.Row.2.Alias Device.Fixed.1.Alias"),
                   "Device.Row.1.Alias=cpe-1\nDevice.Row.2.Alias=wan\nDevice.Fixed.1.Alias=cpe-1\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[cpe-1].Kind"), "Device.Row.[cpe-1].Kind=good\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[cpe-2].Kind"), "fault 9005\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=lan", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[cpe-1].Kind"), "fault 9005\n");
    help_end(&help);
}

static void numbers_and_aliases_mix_and_come_back_as_spelled(void) {
    begin();
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[wan].Sub.1.Name Device.Row.2.Sub.[main].Fixed"),
                   "Device.Row.[wan].Sub.1.Name=\nDevice.Row.2.Sub.[main].Fixed=x\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[wan]."),
                   "Device.Row.[wan].Alias=wan\nDevice.Row.[wan].Kind=good\n"
                   "Device.Row.[wan].SubNumberOfEntries=1\nDevice.Row.[wan].Sub.1.Alias=main\n"
                   "Device.Row.[wan].Sub.1.Fixed=x\nDevice.Row.[wan].Sub.1.Name=\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.2.Kind Device.Row.[wan].Kind Device.Row.2.Kind"),
                   "Device.Row.2.Kind=good\nDevice.Row.[wan].Kind=good\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.[wan].Sub.", true), "Device.Row.[wan].Sub.1. w\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.[wan].Kind", false), "Device.Row.[wan].Kind w\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Row.[wan].Sub.[main].Name", 1, NULL), "0\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Row.2.Sub.[main].Name"),
                   "Device.Row.2.Sub.[main].Name=1 Subscriber\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[wan].Sub.[main].Name=n", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.2.Sub.1.Name"), "Device.Row.2.Sub.1.Name=n\n");
    CU_ASSERT_EQUAL(delete ("Device.Row.2.Sub.[main]."), 0);
    CU_ASSERT_EQUAL(delete ("Device.Row.[nobody]."), -9005);
    CU_ASSERT_EQUAL(delete ("Device.Row.[wan]."), 0);
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\n");
    help_end(&help);
}

static void instance_mode_decides_what_was_not_spelled(void) {
    begin();
    model_instances(help.model, true, false);
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.[cpe-1]. w\nDevice.Row.[wan]. w\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.2.Sub."),
                   "Device.Row.2.Sub.[main].Alias=main\nDevice.Row.2.Sub.[main].Fixed=x\n"
                   "Device.Row.2.Sub.[main].Name=\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Row.[wan].Kind"), "Device.Row.[wan].Kind=0 Subscriber\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Nameless.", true), "");
    CU_ASSERT_EQUAL(add("Device.Nameless."), 1);
    CU_ASSERT_TEXT(help_names(&help, "Device.Nameless.", true), "Device.Nameless.1. w\n");
    model_speak(help.model, 12); /* before 1.3 there are no aliases */
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\nDevice.Row.2. w\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[wan].Kind"), "fault 9005\n");
    CU_ASSERT_EQUAL(add("Device.Row.[x]."), -9005);
    model_speak(help.model, 0); /* the box itself */
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[wan].Kind"), "Device.Row.2.Kind=good\n");
    help_end(&help);
}

static void inform_follows_instance_mode(void) {
    struct model_selection *selection;
    begin();
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Row.2.Kind", 2, NULL), "0\n");
    model_speak(help.model, 0);
    CU_ASSERT_TEXT(help_inform(&help, &selection), "");
    help_delivered(&help, selection);
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Row.2.Kind=fine", NULL), "0\n");
    model_instances(help.model, true, false);
    model_speak(help.model, 13);
    CU_ASSERT_TEXT(help_inform(&help, &selection), "changed\nDevice.Row.[wan].Kind=fine\n");
    help_delivered(&help, selection);
    CU_ASSERT_TEXT(help_inform(&help, &selection), "");
    help_delivered(&help, selection);
    help_end(&help);
}

static void name_that_would_be_too_long_has_numbers(void) {
    char alias[65], text[128], path[300];
    begin();
    memset(alias, 'a', 64);
    alias[64] = '\0';
    (void) snprintf(text, sizeof text, "Device.Row.1.Alias=%s", alias);
    CU_ASSERT_TEXT(help_set(&help, text, NULL), "0\n");
    model_instances(help.model, true, false);
    (void) snprintf(path, sizeof path, "Device.Row.[%s].Alias=%s\nDevice.Row.[wan].Alias=wan\n", alias,
                    alias);
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.*.Alias"), path);
    help_end(&help);
}

static void alias_is_judged(void) {
    char text[128], alias[66];
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=", NULL),
                   "9003\nDevice.Row.1.Alias 9007 an alias may not be empty\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=1x", NULL),
                   "9003\nDevice.Row.1.Alias 9007 an alias begins with a letter\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=a]b", NULL),
                   "9003\nDevice.Row.1.Alias 9007 an alias has no brackets and no control characters\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=wan", NULL),
                   "9003\nDevice.Row.1.Alias 9007 is the alias of row 2\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=cpe-7", NULL),
                   "9003\nDevice.Row.1.Alias 9007 is kept for row 7\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=x", "Device.Row.2.Alias=x", NULL),
                   "9003\nDevice.Row.1.Alias 9007 is given to two rows\n"
                   "Device.Row.2.Alias 9007 is given to two rows\n");
    memset(alias, 'a', 65);
    alias[65] = '\0';
    (void) snprintf(text, sizeof text, "Device.Row.1.Alias=%s", alias);
    CU_ASSERT_PTR_NOT_NULL(strstr(help_set(&help, text, NULL), " 9007 "));
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Alias"), "Device.Row.1.Alias=cpe-1\n");
    /* good ones */
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=cpe-1", NULL), "0\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.2.Alias=wan", NULL), "0\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.2.Sub.1.Alias=wan", NULL), "0\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=b.*.c", NULL), "0\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[b.*.c].Kind"), "Device.Row.[b.*.c].Kind=good\n");
    help_end(&help);
}

static void aliases_can_be_swapped_and_survive_a_restart(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=lan", NULL), "0\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.1.Alias=wan", "Device.Row.[wan].Alias=lan", NULL), "0\n");
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Alias Device.Row.2.Alias"),
                   "Device.Row.1.Alias=wan\nDevice.Row.2.Alias=lan\n");
    /* a stored one that is none any more is dropped */
    CU_ASSERT_EQUAL(store_put(help.store, "model/value/Device.Row.1.Alias", "7"), 0);
    help_restart(&help);
    help_attach(&help, &owner);
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Alias"), "Device.Row.1.Alias=cpe-1\n");
    help_end(&help);
}

static void add_object_takes_an_alias(void) {
    static const char *const wrong[] = {
        "Device.Row.[wan].",     "Device.Row.[]",        "Device.Row.[].",
        "Device.Row.[1].",       "Device.Row.[a",        "Device.Row.[a]",
        "Device.Row.[a]x.",      "Device.Row.[a].Sub.",  "Device.Row.[a].Sub.[b].",
        "Device.Row.[cpe-9].",   "Device.Nameless.[a].", "Device.Fixed.[a].",
        "Device.Row.[wan].[a].", "Device.[a].",          "Device.Row.[wan].Kind.[a]",
        "Device.Row.*.Sub.[x]."};
    begin();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(add(wrong[i]), -9005);
    }
    CU_ASSERT_STRING_EQUAL(trail, "");
    CU_ASSERT_EQUAL(add("Device.Own.[a]."), 10);
    CU_ASSERT_STRING_EQUAL(trail, "Device.Own.10.;");
    CU_ASSERT_TEXT(help_values(&help, "Device.Own.[a].Name"), "Device.Own.[a].Name=\n");
    CU_ASSERT_EQUAL(delete ("Device.Own.[a]."), 0);
    CU_ASSERT_EQUAL(number_count, 0);
    /* the number is given again: the alias of before is not its */
    CU_ASSERT_EQUAL(add("Device.Own."), 10);
    CU_ASSERT_TEXT(help_values(&help, "Device.Own.10.Alias"), "Device.Own.10.Alias=cpe-10\n");
    help_end(&help);
}

static void rows_are_made_by_naming_them(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[new].Kind=fine", NULL),
                   "9003\nDevice.Row.[new].Kind 9005 there is no Device.Row.[new].Kind\n");
    model_instances(help.model, false, true);
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[new].Kind=fine", "Device.Row.[new].Sub.[s].Name=n",
                            "Device.Row.1.Kind=fine", "Device.Own.[o].Name=m", NULL),
                   "0\n");
    CU_ASSERT_STRING_EQUAL(trail, "Device.Row.3.;Device.Row.3.Sub.1.;Device.Own.10.;Device.Row.1.;");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.3.Kind Device.Row.3.Alias Device.Row.[new].Sub.[s].Name"),
                   "Device.Row.3.Kind=fine\nDevice.Row.3.Alias=new\nDevice.Row.[new].Sub.[s].Name=n\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Own.[o].Name"), "Device.Own.[o].Name=m\n");
    /* by somebody at the box they are not */
    CU_ASSERT_TEXT(help_set_local(&help, "Device.Row.[x].Kind=fine", NULL),
                   "9003\nDevice.Row.[x].Kind 9005 there is no Device.Row.[x].Kind\n");
    help_end(&help);
}

static void nothing_is_made_when_anything_is_wrong(void) {
    begin();
    model_instances(help.model, false, true);
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[new].Kind=fine", "Device.Row.1.Kind=bad", NULL),
                   "9003\nDevice.Row.1.Kind 9007 must be one of: good, fine\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[new].Kind=fine", "Device.Row.[new].Nothing=1", NULL),
                   "9003\nDevice.Row.[new].Nothing 9005 there is no Device.Row.[new].Nothing\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[new].Sub.[x].Fixed=1", NULL),
                   "9003\nDevice.Row.[new].Sub.[x].Fixed 9008 is read-only\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[1].Kind=fine", NULL),
                   "9003\nDevice.Row.[1].Kind 9005 there is no Device.Row.[1].Kind\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Fixed.[x].Name=fine", NULL),
                   "9003\nDevice.Fixed.[x].Name 9005 there is no Device.Fixed.[x].Name\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\nDevice.Row.2. w\n");
    CU_ASSERT_STRING_EQUAL(trail, "");
    help_end(&help);
}

static void what_was_made_is_gone_when_a_later_step_fails(void) {
    begin();
    model_instances(help.model, false, true);
    add_fails = true;
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[new].Sub.[s].Name=n", "Device.Own.[o].Name=m", NULL),
                   "9003\nDevice.Own.[o].Name 9001 Device.Own.: locked\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\nDevice.Row.2. w\n");
    add_fails = false;
    CU_ASSERT_TEXT(
        help_set(&help, "Device.Own.[o].Name=m", "Device.Own.[o].Alias=p", "Device.Own.[q].Alias=p", NULL),
        "9003\nDevice.Own.[o].Alias 9007 is given to two rows\n"
        "Device.Own.[q].Alias 9007 is given to two rows\n");
    CU_ASSERT_EQUAL(number_count, 0);
    /* a plugin that does not tell the row it has made is asked a few times, not for ever */
    hides = true;
    CU_ASSERT_PTR_NOT_NULL(strstr(help_set(&help, "Device.Own.[o].Name=m", NULL), " 9002 "));
    hides = false;
    CU_ASSERT_EQUAL(number_count, 0);
    /* the table is full: 9004 for the call */
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[a].Kind=fine", "Device.Row.[b].Kind=fine",
                            "Device.Row.[c].Kind=fine", NULL),
                   "9004\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.", true), "Device.Row.1. w\nDevice.Row.2. w\n");
    CU_ASSERT_EQUAL(store_remove_all(help.store, "model/value/Device.Row.3."), 0);
    CU_ASSERT_STRING_EQUAL(trail, "");
    help_end(&help);
}

static void one_parameter_by_two_names_is_9003(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.[wan].Kind=fine", "Device.Row.2.Kind=good", NULL), "9003\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.2.Kind"), "Device.Row.2.Kind=good\n");
    help_end(&help);
}

static void wildcards_mean_every_row(void) {
    begin();
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.*.Kind"),
                   "Device.Row.1.Kind=good\nDevice.Row.2.Kind=good\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.*.Sub.*.Fixed"), "Device.Row.2.Sub.1.Fixed=x\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.*.Sub.[main].Fixed"), "Device.Row.2.Sub.[main].Fixed=x\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.[wan].Sub.*.Fixed"), "Device.Row.[wan].Sub.1.Fixed=x\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Own.*.Name"), "");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.*.Nothing"), "fault 9005\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Own.*.Nothing"), "fault 9005\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.*.Kind"), "fault 9005\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.*"), "fault 9005\n");
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.1.Kind Device.Row.*.Kind"),
                   "Device.Row.1.Kind=good\nDevice.Row.2.Kind=good\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.*.Sub.", true), "Device.Row.2.Sub.1. w\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.*.", false),
                   "Device.Row.1. w\nDevice.Row.1.Alias w\nDevice.Row.1.Kind w\n"
                   "Device.Row.1.SubNumberOfEntries -\nDevice.Row.1.Sub. w\n"
                   "Device.Row.2. w\nDevice.Row.2.Alias w\nDevice.Row.2.Kind w\n"
                   "Device.Row.2.SubNumberOfEntries -\nDevice.Row.2.Sub. w\n"
                   "Device.Row.2.Sub.1. w\nDevice.Row.2.Sub.1.Alias w\nDevice.Row.2.Sub.1.Fixed -\n"
                   "Device.Row.2.Sub.1.Name w\n");
    CU_ASSERT_TEXT(help_names(&help, "Device.Row.*.Kind", true), "fault 9003\n");
    CU_ASSERT_TEXT(help_attributes(&help, "Device.Row.*.Kind"),
                   "Device.Row.1.Kind=0 Subscriber\nDevice.Row.2.Kind=0 Subscriber\n");
    CU_ASSERT_TEXT(help_set(&help, "Device.Row.*.Kind=fine", NULL),
                   "9003\nDevice.Row.*.Kind 9005 there is no Device.Row.*.Kind\n");
    CU_ASSERT_EQUAL(delete ("Device.Row.*."), -9005);
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Row.*.Kind", 1, NULL), "fault 9005\n");
    model_speak(help.model, 13); /* wildcards are 1.4's */
    CU_ASSERT_TEXT(help_values(&help, "Device.Row.*.Kind"), "fault 9005\n");
    help_end(&help);
}

static void references_are_emptied(void) {
    begin();
    CU_ASSERT_TEXT(help_set(&help, "Device.Reference.One=Device.Row.2", "Device.Reference.Other=Device.Row.1",
                            "Device.Reference.List=Device.Row.1,Device.Row.[wan].Sub.[main],Device.Row.22",
                            "Device.Reference.Text=Device.Row.2", NULL),
                   "0\n");
    CU_ASSERT_TEXT(help_set_attributes(&help, "Device.Reference.One", 1, "X_NOBODY"), "0\n");
    trail[0] = '\0';
    CU_ASSERT_EQUAL(delete ("Device.Row.[wan]."), 0);
    CU_ASSERT_TEXT(help_values(&help, "Device.Reference."),
                   "Device.Reference.List=Device.Row.1,Device.Row.22\nDevice.Reference.One=\n"
                   "Device.Reference.Other=Device.Row.1\nDevice.Reference.Text=Device.Row.2\n");
    CU_ASSERT_STRING_EQUAL(trail, "Device.Row.2.;Device.Reference.;Device.Reference.;");
    CU_ASSERT_EQUAL(model_changes_pending(help.model), MODEL_PASSIVE);
    help_end(&help);
}

static void table_entries_that_are_no_aliases(void) {
    static const struct tr069_param wrong_params[] = {{"Other", TR069_STRING, TR069_STORED | TR069_ALIAS},
                                                      {0}};
    static const struct tr069_object wrong_objects[] = {{TR069_BOTH, "Wrong.{i}.", wrong_params}, {0}};
    static const struct tr069_object outside_objects[] = {{TR069_BOTH, "Wrong.", row_params}, {0}};
    static const struct tr069_param number_params[] = {{"N", TR069_UINT, TR069_STORED | TR069_REFERENCE},
                                                       {0}};
    static const struct tr069_object number_objects[] = {{TR069_BOTH, "Wrong.", number_params}, {0}};
    const struct tr069_plugin plugins[] = {HELP_PLUGIN("a", wrong_objects), HELP_PLUGIN("b", outside_objects),
                                           HELP_PLUGIN("c", number_objects)};
    char error[512];
    begin();
    for (size_t i = 0; i < sizeof plugins / sizeof plugins[0]; i++) {
        const struct model_owner other = {&plugins[i], NULL, NULL};
        CU_ASSERT_EQUAL(model_attach(help.model, &other, error, sizeof error), -EINVAL);
    }
    help_end(&help);
}

static CU_TestInfo tests[] = {
    {"ALI-06 the standard alias", standard_alias_is_cpe_and_the_number},
    {"ALI-02 03 numbers and aliases mix", numbers_and_aliases_mix_and_come_back_as_spelled},
    {"ALI-03 InstanceMode", instance_mode_decides_what_was_not_spelled},
    {"ALI-03 the Inform", inform_follows_instance_mode},
    {"long names", name_that_would_be_too_long_has_numbers},
    {"ALI-06 aliases are judged", alias_is_judged},
    {"ALI-06 aliases are swapped and kept", aliases_can_be_swapped_and_survive_a_restart},
    {"ALI-04 AddObject", add_object_takes_an_alias},
    {"ALI-05 rows made by naming them", rows_are_made_by_naming_them},
    {"ALI-05 all", nothing_is_made_when_anything_is_wrong},
    {"ALI-05 or nothing", what_was_made_is_gone_when_a_later_step_fails},
    {"SPV-07 two names", one_parameter_by_two_names_is_9003},
    {"ALI-07 wildcards", wildcards_mean_every_row},
    {"ADD-10 references", references_are_emptied},
    {"wrong tables", table_entries_that_are_no_aliases},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("aliases", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
