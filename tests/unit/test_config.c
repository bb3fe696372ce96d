/* The daemon's configuration: settings by table, build.prop, what wins, and what each mistake says. */
#include <config.h>

#include <tr069/fake_directory.h>

#include "agent/conf_file.h"
#include "agent/config.h"
#include "base/crypto.h"
#include "cunit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *directory;

static const char *path_of(const char *name) {
    static char path[128];
    (void) snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(path_of(name), "w");
    if (file != NULL) {
        (void) fputs(text, file);
        (void) fclose(file);
    }
}

/* ---- settings ---- */

static const char *const colours[] = {"red", "green", NULL};
static const struct tr069_option table[] = {
    {"name", TR069_OPTION_STRING, "none"},
    {"colour", TR069_OPTION_STRING, "red", .values = colours},
    {"place", TR069_OPTION_PATH, "a/b"},
    {"count", TR069_OPTION_INT, "3", 1, 10},
    {"octets", TR069_OPTION_INT, "17179869184"},
    {"yes", TR069_OPTION_BOOL, "true"},
    {"words", TR069_OPTION_LIST, "one two"},
    {"secret", TR069_OPTION_STRING, "hush", .secret = true},
    {NULL},
};

static struct settings *settings_or_null(const char *prefix) {
    struct settings *settings = NULL;
    char error[256] = "";
    CU_ASSERT_EQUAL(settings_new(NULL, table, sizeof table[0], prefix, &settings, error, sizeof error), 0);
    return settings;
}

static void defaults_are_typed(void) {
    struct settings *settings = settings_or_null("/box");
    CU_ASSERT_STRING_EQUAL(settings_string(settings, "name"), "none");
    CU_ASSERT_STRING_EQUAL(settings_path(settings, "place"), "/box/a/b");
    CU_ASSERT_EQUAL(settings_int(settings, "count"), 3);
    CU_ASSERT_TRUE(settings_bool(settings, "yes"));
    const char *const *words = settings_list(settings, "words");
    CU_ASSERT_STRING_EQUAL(words[0], "one");
    CU_ASSERT_STRING_EQUAL(words[1], "two");
    CU_ASSERT_PTR_NULL(words[2]);
    CU_ASSERT_STRING_EQUAL(settings_origin(settings, "count"), "default");
    CU_ASSERT_STRING_EQUAL(settings_string(settings, "unknown"), "");
    settings_free(settings);
}

static int take(struct settings *settings, const char *name, const char *section, char *error, size_t size) {
    struct conf_file *file = conf_file_read(path_of(name));
    int r = settings_take(settings, file, section, error, size);
    conf_file_free(file);
    return r;
}

static void a_file_wins_over_defaults_and_is_the_origin(void) {
    struct settings *settings = settings_or_null("");
    char error[256] = "", origin[192];
    write_file("good.conf",
               "# a comment\nname = \"a # b; c\"\n\ncount = 10\nyes = false\nwords = {\"x y\", \"z\"}\n"
               "place = \"/abs\"\n");
    CU_ASSERT_EQUAL(take(settings, "good.conf", NULL, error, sizeof error), 0);
    CU_ASSERT_STRING_EQUAL(settings_string(settings, "name"), "a # b; c");
    CU_ASSERT_EQUAL(settings_int(settings, "count"), 10);
    CU_ASSERT_FALSE(settings_bool(settings, "yes"));
    CU_ASSERT_STRING_EQUAL(settings_list(settings, "words")[0], "x y");
    CU_ASSERT_PTR_NULL(settings_list(settings, "words")[2]);
    CU_ASSERT_STRING_EQUAL(settings_path(settings, "place"), "/abs");
    (void) snprintf(origin, sizeof origin, "%s:4", path_of("good.conf"));
    CU_ASSERT_STRING_EQUAL(settings_origin(settings, "count"), origin);
    CU_ASSERT_STRING_EQUAL(settings_origin(settings, "colour"), "default");
    settings_free(settings);
}

static void an_empty_list_is_one(void) {
    static const char *const texts[] = {"words = {}\n", "words = {\"a\"}\nwords = {}\n",
                                        "words = { # none\n}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct settings *settings = settings_or_null("");
        char error[256] = "";
        write_file("empty.conf", texts[i]);
        CU_ASSERT_EQUAL(take(settings, "empty.conf", NULL, error, sizeof error), 0);
        CU_ASSERT_PTR_NULL(settings_list(settings, "words")[0]);
        CU_ASSERT_EQUAL(
            strncmp(settings_origin(settings, "words"), path_of("empty.conf"), strlen(path_of("empty.conf"))),
            0);
        settings_free(settings);
    }
}

static void a_mistake_names_file_line_and_option(void) {
    static const struct {
        const char *text, *line, *says;
    } mistakes[] = {
        {"\ncount = 11\n", ":2: ", "option 'count' is 11, but must be from 1 to 10"},
        {"count = 0\n", ":1: ", "must be from 1 to 10"},
        {"count = 6x\n", ":1: ", "count"},
        {"\n\nyes = perhaps\n", ":3: ", "yes"},
        {"# one\n/* two\n three */ // three\n\nname = \"# no comment \\\" // \" # five\ncount = 99\n",
         ":6: ", "count"},
        {"yes/* a */=/* b\n // */true# c\n \ncount/**/=99// d", ":4: ", "count"},
        {"colour = \"blue\"\n", ":1: ", "must be one of \"red\", \"green\""},
        {"colours = \"red\"\n", ":1: ", "colours"},
        {"name = \"unended\n", ":", ""},
        {"name\n", ":", ""},
        {"words = {\"a\"\n", ":", ""},
        {"}\n", ":1: ", ""},
        {"\nenabled = true\n", ":2: ", "no such option 'enabled'"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct settings *settings = settings_or_null("");
        char error[512] = "";
        write_file("bad.conf", mistakes[i].text);
        CU_ASSERT_EQUAL(take(settings, "bad.conf", NULL, error, sizeof error), -EINVAL);
        char begin[160];
        (void) snprintf(begin, sizeof begin, "%s%s", path_of("bad.conf"), mistakes[i].line);
        bool good = strncmp(error, begin, strlen(begin)) == 0 && strstr(error, mistakes[i].says) != NULL;
        if (!good) {
            (void) printf("mistake %zu says: %s\n", i, error);
        }
        CU_ASSERT_TRUE(good);
        settings_free(settings);
    }
}

static const char profile_text[] = "count = 5\nname = \"top\" # [one]\n"
                                   "[one]  \n\nname = \"[two]\"\nyes = false\n"
                                   "[two]\nwords = {\"a b\",\n\"c\"}\ncount = 6\n"
                                   "[one]\ncount = 7\n[bad]\ncount = 70\n[odd\ncount = 8\n";

static void a_profile_fills_in(void) {
    struct settings *settings = settings_or_null("");
    char error[256] = "", origin[192];
    write_file("mine.conf", "name = \"none\"\n"); /* the default's value, but somebody's word */
    write_file("profile.conf", profile_text);
    CU_ASSERT_EQUAL(take(settings, "mine.conf", NULL, error, sizeof error), 0);
    CU_ASSERT_EQUAL(take(settings, "profile.conf", "one", error, sizeof error), 0);
    CU_ASSERT_STRING_EQUAL(settings_string(settings, "name"), "none");
    CU_ASSERT_FALSE(settings_bool(settings, "yes"));
    CU_ASSERT_EQUAL(settings_int(settings, "count"), 7);
    CU_ASSERT_STRING_EQUAL(settings_list(settings, "words")[0], "one");
    (void) snprintf(origin, sizeof origin, "%s:12", path_of("profile.conf"));
    CU_ASSERT_STRING_EQUAL(settings_origin(settings, "count"), origin);
    settings_free(settings);

    static const struct {
        const char *section, *name, *word;
        int count;
    } sections[] = {{"", "top", "one", 5},
                    {"two", "none", "a b", 6},
                    {"three", "none", "one", 3},
                    {"on", "none", "one", 3},
                    {"one]", "none", "one", 3}};
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        settings = settings_or_null("");
        CU_ASSERT_EQUAL(take(settings, "profile.conf", sections[i].section, error, sizeof error), 0);
        CU_ASSERT_STRING_EQUAL(settings_string(settings, "name"), sections[i].name);
        CU_ASSERT_STRING_EQUAL(settings_list(settings, "words")[0], sections[i].word);
        CU_ASSERT_EQUAL(settings_int(settings, "count"), sections[i].count);
        settings_free(settings);
    }
}

/* Of 64 bits, also where a long has 32, and decimal, as on the command line. */
static void numbers_of_a_file(void) {
    static const struct {
        const char *text;
        int64_t number; /* -1: refused */
    } numbers[] = {{"8589934592", 8589934592},
                   {"9223372036854775807", INT64_MAX},
                   {"-9223372036854775808", INT64_MIN},
                   {"010", 10},
                   {"\"7\"", 7},
                   {"9223372036854775808", -1},
                   {"0x10", -1},
                   {"10k", -1},
                   {"\"\"", -1}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct settings *settings = settings_or_null("");
        char error[512] = "", text[64], begin[160];
        CU_ASSERT_EQUAL(settings_int(settings, "octets"), 17179869184);
        (void) snprintf(text, sizeof text, "\noctets = %s\n", numbers[i].text);
        write_file("numbers.conf", text);
        int r = take(settings, "numbers.conf", NULL, error, sizeof error);
        if (numbers[i].number == -1) {
            (void) snprintf(begin, sizeof begin, "%s:2: option 'octets' is \"", path_of("numbers.conf"));
            CU_ASSERT_EQUAL(r, -EINVAL);
            CU_ASSERT_TRUE(strncmp(error, begin, strlen(begin)) == 0 &&
                           strstr(error, "not a number") != NULL);
        } else {
            CU_ASSERT_EQUAL(r, 0);
            CU_ASSERT_EQUAL(settings_int(settings, "octets"), numbers[i].number);
        }
        settings_free(settings);
    }
}

static void mistakes_of_a_profile(void) {
    static const struct {
        const char *text, *line, *says;
    } mistakes[] = {
        {"[two]\ncount = 0\n[one]\ncount = 11\n", ":4: ", "must be from 1 to 10"},
        {"# [one]\n[one]\ncolours = \"red\"\n", ":3: ", "colours"},
        {"[one]\ncount = 5\n[one\n", ":3: ", ""},
        {"[one]\n[one] count = 5\n", ":2: ", ""},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct settings *settings = settings_or_null("");
        char error[512] = "", begin[160];
        write_file("bad.conf", mistakes[i].text);
        CU_ASSERT_EQUAL(take(settings, "bad.conf", "one", error, sizeof error), -EINVAL);
        (void) snprintf(begin, sizeof begin, "%s%s", path_of("bad.conf"), mistakes[i].line);
        bool good = strncmp(error, begin, strlen(begin)) == 0 && strstr(error, mistakes[i].says) != NULL;
        if (!good) {
            (void) printf("mistake %zu says: %s\n", i, error);
        }
        CU_ASSERT_TRUE(good);
        settings_free(settings);
    }
}

/* A file that says nothing else is not given to libconfuse: it must mean the same. */
static void enabled_alone_is_what_libconfuse_reads(void) {
    static const struct {
        const char *text;
        bool says, enabled;
        int line; /* 0: libconfuse has it */
    } texts[] = {
        {"enabled = true\n", true, true, 1},
        {"# a\n\r\n\tenabled=no \r\n", true, false, 3},
        {"/* a\nb */enabled\n=\non// c", true, true, 4},
        {"enabled = TRUE\n", true, true, 1},
        {"enabled = \"false\"\n", true, false, 0},
        {"enabled = true\nenabled = off\n", true, false, 0},
        {"enabled = truely\n", false, true, 0},
        {"enabled = true x\n", false, true, 0},
        {"enabled true\n", false, true, 0},
        {"\fenabled = false\n", false, true, 0},
        {"enabled =\vfalse\n", false, true, 0},
        {"\xef\xbb\xbf"
         "enabled = false\n",
         false, true, 0},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        bool enabled = true, alone = true;
        int line = 0;
        write_file("bad.conf", texts[i].text);
        struct conf_file *file = conf_file_read(path_of("bad.conf"));
        CU_ASSERT_EQUAL(conf_file_enabled(file, NULL, &enabled), texts[i].says);
        CU_ASSERT_EQUAL(enabled, texts[i].enabled);
        CU_ASSERT_EQUAL(conf_file_is_enabled_only(file, &alone, &line), texts[i].line > 0);
        CU_ASSERT_EQUAL(line, texts[i].line);
        CU_ASSERT_EQUAL(alone, texts[i].line > 0 ? texts[i].enabled : true);
        conf_file_free(file);
    }
}

static void a_missing_file_is_an_error_of_its_own(void) {
    struct settings *settings = settings_or_null("");
    char error[256] = "";
    CU_ASSERT_EQUAL(take(settings, "none.conf", NULL, error, sizeof error), -ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "none.conf"));
    settings_free(settings);
}

static void text_sets_one_option_or_leaves_it(void) {
    struct settings *settings = settings_or_null("");
    char error[256] = "";
    CU_ASSERT_EQUAL(settings_set(settings, "count", "7", "command line", error, sizeof error), 0);
    CU_ASSERT_EQUAL(settings_int(settings, "count"), 7);
    CU_ASSERT_STRING_EQUAL(settings_origin(settings, "count"), "command line");
    CU_ASSERT_EQUAL(settings_set(settings, "count", "70", "command line", error, sizeof error), -EINVAL);
    CU_ASSERT_EQUAL(settings_set(settings, "count", "seven", "command line", error, sizeof error), -EINVAL);
    CU_ASSERT_EQUAL(settings_set(settings, "count", "", "command line", error, sizeof error), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "option 'count' is \"\", which is not a number"));
    CU_ASSERT_EQUAL(settings_set(settings, "yes", "", "command line", error, sizeof error), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "must be true or false"));
    CU_ASSERT_EQUAL(settings_int(settings, "count"), 7);
    CU_ASSERT_EQUAL(settings_set(settings, "words", " a  b ", "command line", error, sizeof error), 0);
    CU_ASSERT_STRING_EQUAL(settings_list(settings, "words")[1], "b");
    CU_ASSERT_EQUAL(settings_set(settings, "nothing", "1", "command line", error, sizeof error), -ENOENT);
    settings_free(settings);
}

static void secrets_are_not_printed(void) {
    struct settings *settings = settings_or_null("");
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    settings_print(settings, "plugin.", out);
    (void) fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "plugin.secret = ***  (default)\n"));
    CU_ASSERT_PTR_NULL(strstr(text, "hush"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "plugin.words = {\"one\", \"two\"}  (default)\n"));
    free(text);
    settings_free(settings);
}

static void equal_means_every_value(void) {
    struct settings *a = settings_or_null(""), *b = settings_or_null("");
    char error[256];
    CU_ASSERT_TRUE(settings_equal(a, b));
    CU_ASSERT_EQUAL(settings_set(b, "words", "one", "x", error, sizeof error), 0);
    size_t at = 0;
    CU_ASSERT_PTR_NOT_NULL(settings_changed(a, b, &at));
    CU_ASSERT_PTR_NULL(settings_changed(a, b, &at));
    CU_ASSERT_FALSE(settings_equal(a, b));
    settings_free(a);
    settings_free(b);
}

/* ---- build.prop ---- */

static void build_prop_reads_keys_and_lines(void) {
    struct build_prop *prop = NULL;
    char origin[192], expected[192];
    write_file(
        "build.prop",
        "# ro.x=no\nimport /vendor.prop\n\nro.model = Box = 1 # not a comment \r\nro.empty=\nro.twice=1\n"
        "ro.twice=2");
    CU_ASSERT_EQUAL(build_prop_read(path_of("build.prop"), &prop), 0);
    CU_ASSERT_STRING_EQUAL(build_prop_get(prop, "ro.model"), "Box = 1 # not a comment");
    CU_ASSERT_STRING_EQUAL(build_prop_get(prop, "ro.empty"), "");
    CU_ASSERT_STRING_EQUAL(build_prop_get(prop, "ro.twice"), "2");
    CU_ASSERT_PTR_NULL(build_prop_get(prop, "ro.x"));
    build_prop_origin(prop, "ro.model", origin, sizeof origin);
    (void) snprintf(expected, sizeof expected, "%s:4", path_of("build.prop"));
    CU_ASSERT_STRING_EQUAL(origin, expected);
    build_prop_free(prop);
}

static void build_prop_by_an_odd_editor(void) {
    static const char text[] = "\xef\xbb\xbfro.first=1\nro.torn=a\0b\n\0\nro.last=2\n";
    struct build_prop *prop = NULL;
    FILE *file = fopen(path_of("build.prop"), "w");
    (void) fwrite(text, 1, sizeof text - 1, file);
    (void) fclose(file);
    CU_ASSERT_EQUAL(build_prop_read(path_of("build.prop"), &prop), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(build_prop_get(prop, "ro.first"));
    CU_ASSERT_STRING_EQUAL(build_prop_get(prop, "ro.first"), "1");
    CU_ASSERT_STRING_EQUAL(build_prop_get(prop, "ro.torn"), "a\1b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(build_prop_get(prop, "ro.last"));
    CU_ASSERT_STRING_EQUAL(build_prop_get(prop, "ro.last"), "2");
    build_prop_free(prop);
}

static void build_prop_may_be_absent_or_long(void) {
    struct build_prop *prop = NULL;
    CU_ASSERT_EQUAL(build_prop_read(path_of("no.prop"), &prop), 0);
    CU_ASSERT_PTR_NULL(build_prop_get(prop, "x"));
    build_prop_free(prop);
    FILE *file = fopen(path_of("long.prop"), "w");
    for (int i = 0; i < 3000; i++) {
        (void) fprintf(file, "key.%d=%d\n", i, i);
    }
    (void) fclose(file);
    CU_ASSERT_EQUAL(build_prop_read(path_of("long.prop"), &prop), 0);
    CU_ASSERT_STRING_EQUAL(build_prop_get(prop, "key.2999"), "2999");
    build_prop_free(prop);
    CU_ASSERT_EQUAL(truncate(path_of("long.prop"), 2 << 20), 0);
    CU_ASSERT_EQUAL(build_prop_read(path_of("long.prop"), &prop), -EFBIG);
    CU_ASSERT_EQUAL(truncate(path_of("long.prop"), (off_t) 1 << 32), 0); /* 0 in a size_t of 32 bits */
    CU_ASSERT_EQUAL(build_prop_read(path_of("long.prop"), &prop), -EFBIG);
    CU_ASSERT_EQUAL(unlink(path_of("long.prop")), 0);
}

/* ---- the whole ---- */

static char *encode(const char *text) {
    static char encoded[512];
    struct buffer out;
    buffer_init(&out, sizeof encoded);
    (void) crypto_base64_encode(text, strlen(text), &out);
    (void) snprintf(encoded, sizeof encoded, "%s", buffer_string(&out));
    buffer_free(&out);
    return encoded;
}

static int load(struct config **ret_config, const char *const *overrides, size_t count, char *error,
                size_t size) {
    const char *all[8];
    char prop[160];
    (void) snprintf(prop, sizeof prop, "build_prop=%s", path_of("box.prop"));
    all[0] = prop;
    for (size_t i = 0; i < count; i++) {
        all[i + 1] = overrides[i];
    }
    struct config_arguments arguments = {NULL, all, count + 1};
    return config_load(&arguments, ret_config, error, size);
}

static void prop_with(const char *key, const char *value) {
    char text[700];
    (void) snprintf(text, sizeof text, "\n%s=%s\n", key, value);
    write_file("box.prop", text);
}

static void an_acs_link_may_be_short(void) {
    static const char *const links[][2] = {
        {"http://acs.example/cwmp", "http://acs.example/cwmp"},
        {"https://10.0.0.1:8443", "https://10.0.0.1:8443"},
        {"acs.example", "http://acs.example:7547/"},
        {"10.0.0.1:80", "http://10.0.0.1:80/"},
        {"acs.example/a/b", "http://acs.example:7547/a/b"},
        {"[2001:db8::1]", "http://[2001:db8::1]:7547/"},
        {"[2001:db8::1]:99/x", "http://[2001:db8::1]:99/x"},
        {"acs.example?box=1", "http://acs.example:7547/?box=1"},
        {"10.0.0.1", "http://10.0.0.1:7547/"},
        {"10.0.0.1:8080/acs?a=b", "http://10.0.0.1:8080/acs?a=b"},
        {"https://acs.example", "https://acs.example"},
        {"HTTPS://[2001:db8::1]:8443/x", "HTTPS://[2001:db8::1]:8443/x"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct config *config = NULL;
        char error[640] = "";
        prop_with("ro.stb.management.s0", encode(links[i][0]));
        CU_ASSERT_EQUAL(load(&config, NULL, 0, error, sizeof error), 0);
        if (config != NULL) {
            CU_ASSERT_STRING_EQUAL(config->seeds[SEED_URL], links[i][1]);
        }
        config_free(config);
    }
}

static void a_bad_build_prop_names_the_key_and_not_the_value(void) {
    static const struct {
        const char *key, *value;
        bool plain;
        const char *says;
    } bad[] = {
        {"ro.stb.management.s0", "http://x y", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "ftp://host/", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "http://user:hunter2@host/", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "http://host:99999/", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "http://host:0/", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "http:///path", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "http://10.0.0.256/", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "10.1", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "2001:db8::1", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "[2001:db8::g]", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "[2001:db8::1", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "host:", false, "not a link to an ACS"},
        {"ro.stb.management.s0", "!!hunter2", true, "not Base64"},
        {"ro.stb.management.s2", "aHVudGVyMgo", true, "not Base64"},
        {"ro.stb.management.s2", "hunter2\n", false, "printf"},
        {"ro.stb.management.s1", "hunter2\tx", false, "control character"},
        {"ro.stb.management.s3", "hunter2\x7f", false, "control character"},
        {"ro.stb.management.s5", "hunter2\xc2\x85", false, "control character"},
        {"ro.stb.management.s2", "hunter2\xff", false, "not UTF-8"},
        {"ro.stb.management.s7", "/no/such/hunter2.pem", false, "cannot be read: No such file"},
        {"ro.stb.management.s7", "/", false, "cannot be read: Is a directory"},
        {"ro.stb.management.s7", "hunter2.pem", false, "full path"},
        {"ro.stb.management.s7", "/dev/null", false, "holds no certificate"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct config *config = NULL;
        char error[640] = "", where[160];
        prop_with(bad[i].key, bad[i].plain ? bad[i].value : encode(bad[i].value));
        CU_ASSERT_EQUAL(load(&config, NULL, 0, error, sizeof error), -EINVAL);
        (void) snprintf(where, sizeof where, "%s:2: %s: ", path_of("box.prop"), bad[i].key);
        bool good = strncmp(error, where, strlen(where)) == 0 && strstr(error, bad[i].says) != NULL &&
                    strstr(error, "hunter2") == NULL;
        if (!good) {
            (void) printf("bad %zu says: %s\n", i, error);
        }
        CU_ASSERT_TRUE(good);
        config_free(config);
    }
}

static void an_option_wins_over_the_firmware(void) {
    static const char *const overrides[] = {"acs_url=other.example", "device-logs.size=5", "log_level=debug"};
    struct config *config = NULL;
    char error[640] = "";
    prop_with("ro.stb.management.s0", encode("acs.example"));
    CU_ASSERT_EQUAL(load(&config, overrides, 3, error, sizeof error), 0);
    CU_ASSERT_STRING_EQUAL(config->seeds[SEED_URL], "http://other.example:7547/");
    CU_ASSERT_STRING_EQUAL(config->origins[SEED_URL], "command line");
    CU_ASSERT_STRING_EQUAL(config->overrides[0], "device-logs.size=5");
    CU_ASSERT_STRING_EQUAL(config_string(config, "log_level"), "debug");
    config_free(config);
}

static void wrong_overrides_are_refused(void) {
    static const char *const wrong[] = {"nothing=1", "periodic_interval=0", "periodic_interval",
                                        "=x",        "log_level=loud",      "clock_not_before=noon"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct config *config = NULL;
        char error[640] = "";
        prop_with("ro.x", "");
        CU_ASSERT_EQUAL(load(&config, &wrong[i], 1, error, sizeof error), -EINVAL);
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "command line: "));
        config_free(config);
    }
}

static void the_platforms_profile(void) {
    char path[160], error[640] = "";
    struct config *config = NULL;
    (void) snprintf(path, sizeof path, "platform=%s", path_of("profile.conf"));
    const char *const overrides[] = {path, "session_timeout=40"};
    write_file("profile.conf", "session_timeout = 50\nanswer_timeout = 51\nstate_dir = \"there\"\n"
                               "prefix = \"/box\"\n[x]\nconnect_timeout = 52\n");
    prop_with("ro.x", "");
    CU_ASSERT_EQUAL(load(&config, overrides, 2, error, sizeof error), 0);
    CU_ASSERT_EQUAL(config_int(config, "session_timeout"), 40);
    CU_ASSERT_EQUAL(config_int(config, "answer_timeout"), 51);
    CU_ASSERT_EQUAL(config_int(config, "connect_timeout"), 30);
    CU_ASSERT_STRING_EQUAL(config_path(config, "state_dir"), "/box/there");
    CU_ASSERT_STRING_EQUAL(conf_file_path(config->profile), path_of("profile.conf"));
    config_free(config);

    static const char *const none[] = {"platform="}, *const wrong[] = {"platform=../x"},
                             *const absent[] = {"platform=nosuch"};
    config = NULL;
    CU_ASSERT_EQUAL(load(&config, none, 1, error, sizeof error), 0);
    CU_ASSERT_PTR_NULL(config->profile);
    config_free(config);
    CU_ASSERT_EQUAL(load(&config, wrong, 1, error, sizeof error), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "command line: platform: neither a name"));
    CU_ASSERT_EQUAL(load(&config, absent, 1, error, sizeof error), -ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "/platform/nosuch.conf: No such file"));
    write_file("profile.conf", "\nfolder = \"x\"\n");
    CU_ASSERT_EQUAL(load(&config, overrides, 1, error, sizeof error), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "profile.conf:2: "));
}

static void printing_shows_origins_and_no_secret(void) {
    static const char *const overrides[] = {"acs_password=hunter2", "http_password=hunter2"};
    struct config *config = NULL;
    char error[640] = "", *text = NULL;
    size_t size = 0;
    prop_with("ro.stb.management.s4", encode("hunter2"));
    CU_ASSERT_EQUAL(load(&config, overrides, 2, error, sizeof error), 0);
    FILE *out = open_memstream(&text, &size);
    config_print(config, out);
    (void) fclose(out);
    CU_ASSERT_PTR_NULL(strstr(text, "hunter2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "acs_password = ***  (command line)\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "box.prop:2)"));
    free(text);
    config_free(config);
}

int main(void) {
    static CU_TestInfo settings_tests[] = {
        {"defaults are typed", defaults_are_typed},
        {"an empty list is one", an_empty_list_is_one},
        {"a profile fills in", a_profile_fills_in},
        {"numbers of a file", numbers_of_a_file},
        {"mistakes of a profile", mistakes_of_a_profile},
        {"a file wins over defaults and is the origin", a_file_wins_over_defaults_and_is_the_origin},
        {"a mistake names file, line and option", a_mistake_names_file_line_and_option},
        {"enabled alone is what libconfuse reads", enabled_alone_is_what_libconfuse_reads},
        {"a missing file is an error of its own", a_missing_file_is_an_error_of_its_own},
        {"text sets one option or leaves it", text_sets_one_option_or_leaves_it},
        {"secrets are not printed", secrets_are_not_printed},
        {"equal means every value", equal_means_every_value},
        CU_TEST_INFO_NULL,
    };
    static CU_TestInfo config_tests[] = {
        {"build.prop: keys and lines", build_prop_reads_keys_and_lines},
        {"build.prop by an odd editor", build_prop_by_an_odd_editor},
        {"build.prop may be absent or long", build_prop_may_be_absent_or_long},
        {"an ACS link may be short", an_acs_link_may_be_short},
        {"a bad build.prop names the key and not the value",
         a_bad_build_prop_names_the_key_and_not_the_value},
        {"an option wins over the firmware", an_option_wins_over_the_firmware},
        {"the platform's profile", the_platforms_profile},
        {"wrong overrides are refused", wrong_overrides_are_refused},
        {"printing shows origins and no secret", printing_shows_origins_and_no_secret},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {CUNIT_SUITE("settings", settings_tests), CUNIT_SUITE("config", config_tests),
                             CU_SUITE_INFO_NULL};
    directory = fake_directory("config");
    return cunit_run(suites);
}
