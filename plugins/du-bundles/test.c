/* The plugin "du-bundles" against the fake host, with real archives, signatures and directories. */
#define _GNU_SOURCE
#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include "firmware/image_help.h"
#include "firmware/test_sign.h"

#include <CUnit/Basic.h>

#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

enum { PATH_SIZE = FAKE_DIRECTORY_SIZE + 32 };
static const char *base;
static char certificate[PATH_SIZE], unused[PATH_SIZE], archive[PATH_SIZE], directory[PATH_SIZE];
static struct signer maker;

#define MANIFEST                                                                                             \
    { "META-INF/deployment-unit", "name=One\nversion=1\n", 0, true, false }

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    fake_option(fake, "directory", directory);
    fake_option_items(fake, "certificates", (const char *const[]){certificate, NULL});
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

static void make(const struct image_entry *entries) {
    image_write(archive, entries);
    sign_comment(&maker, archive, GNUTLS_DIG_SHA256, 0, "");
}

/* The fault code with which the action ends; 0 = well. */
static unsigned act(struct fake_host *fake, const char *name, const char *first, const char *second) {
    unsigned before = fake->action_ends;
    CU_ASSERT_EQUAL_FATAL(fake_action(fake, name, (const char *[]){first, second, NULL}), 0);
    fake_settle(fake);
    CU_ASSERT_EQUAL_FATAL(fake->action_ends, before + 1);
    return fake->action_result == 0 ? 0 : (unsigned) strtoul(fake->action_output, NULL, 10);
}

static bool is_there(const char *path, mode_t mode) {
    char full[PATH_MAX];
    struct stat info;
    (void) snprintf(full, sizeof full, "%s/%s", directory, path);
    return lstat(full, &info) == 0 && (info.st_mode & 07777) == mode;
}

static void test_install_and_remove(void) {
    static const struct image_entry first[] = {MANIFEST,
                                               {"bin/", "", 0, false, false},
                                               {"bin/app", "one", 0, true, false},
                                               {"a//b/./c", "odd", 0, false, false},
                                               {0}};
    static const struct image_entry second[] = {MANIFEST, {"bin/other", "two", 0, true, false}, {0}};
    struct fake_host *fake = begin();
    make(first);
    CU_ASSERT_EQUAL(act(fake, "du-inspect", archive, NULL), 0);
    CU_ASSERT_STRING_EQUAL(fake->action_output, "name=One\nversion=1\n");
    CU_ASSERT_FALSE(is_there("x.1", 0755));
    CU_ASSERT_EQUAL(act(fake, "du-install", archive, "x.1"), 0);
    CU_ASSERT_TRUE(is_there("x.1", 0755));
    CU_ASSERT_TRUE(is_there("x.1/bin", 0755));
    CU_ASSERT_TRUE(is_there("x.1/bin/app", 0644));
    CU_ASSERT_TRUE(is_there("x.1/a/b/c", 0644));
    make(second); /* again, after a power cut: what was there is replaced */
    CU_ASSERT_EQUAL(act(fake, "du-install", archive, "x.1"), 0);
    CU_ASSERT_TRUE(is_there("x.1/bin/other", 0644));
    CU_ASSERT_FALSE(is_there("x.1/bin/app", 0644));
    CU_ASSERT_EQUAL(act(fake, "du-remove", "x.1", NULL), 0);
    CU_ASSERT_FALSE(is_there("x.1", 0755));
    CU_ASSERT_FALSE(is_there(".gone", 0755));
    CU_ASSERT_EQUAL(act(fake, "du-remove", "x.1", NULL), 0);
    CU_ASSERT_EQUAL(fake_action(fake, "du-remove", (const char *[]){"../x", NULL}), -EINVAL);
    CU_ASSERT_EQUAL(fake_action(fake, "du-install", (const char *[]){archive, ".", NULL}), -EINVAL);
    CU_ASSERT_EQUAL(act(fake, "du-install", archive, "x.2"), 0);
    CU_ASSERT_EQUAL(fake->host.factory_reset(&fake->host, false), 0);
    CU_ASSERT_FALSE(is_there("x.2", 0755));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_refusals(void) {
    static const struct {
        struct image_entry entries[4];
        unsigned code;
    } rows[] = {{{{"bin/app", "no manifest", 0, true, false}}, 9018},
                {{MANIFEST, {"../escaped", "x", 0, true, false}}, 9018},
                {{MANIFEST, {"bin/../../escaped", "x", 0, true, false}}, 9018},
                {{MANIFEST, {"/escaped", "x", 0, true, false}}, 9018},
                {{MANIFEST, {"link", "/etc", 0, false, true}}, 9018},
                {{MANIFEST, {"twice", "x", 0, true, false}, {"twice", "y", 0, true, false}}, 9018},
                {{MANIFEST, {"file", "x", 0, true, false}, {"file/below", "y", 0, true, false}}, 9001},
                {{MANIFEST, {"large", NULL, 2000000, true, false}}, 9018},
                {{MANIFEST, {"1", "", 0, true, false}, {"2", "", 0, true, false}}, 0}};
    struct fake_host *fake = begin();
    fake_option(fake, "max_unpacked", "1000000");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make(rows[i].entries);
        CU_ASSERT_EQUAL(act(fake, "du-install", archive, "bad"), rows[i].code);
        CU_ASSERT_EQUAL(is_there("bad", 0755), rows[i].code == 0);
        CU_ASSERT_FALSE(is_there(".new", 0700) || is_there(".new", 0755));
    }
    fake_option(fake, "max_entries", "2");
    CU_ASSERT_EQUAL(act(fake, "du-inspect", archive, NULL), 9018);
    CU_ASSERT_EQUAL(act(fake, "du-inspect", "/nowhere", NULL), 9010);
    CU_ASSERT_EQUAL(act(fake, "du-remove", "bad", NULL), 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_signatures(void) {
    static const struct image_entry entries[] = {MANIFEST, {0}};
    struct signer stranger;
    struct fake_host *fake = begin();
    signer_new(&stranger, GNUTLS_PK_ECDSA, "stranger", unused, unused);
    image_write(archive, entries);
    CU_ASSERT_EQUAL(act(fake, "du-inspect", archive, NULL), 9019);
    CU_ASSERT_EQUAL(act(fake, "du-install", archive, "x"), 9019);
    sign_comment(&stranger, archive, GNUTLS_DIG_SHA256, 0, "");
    CU_ASSERT_EQUAL(act(fake, "du-install", archive, "x"), 9019);
    CU_ASSERT_FALSE(is_there("x", 0755));
    fake_option(fake, "allow_unsigned", "true");
    CU_ASSERT_EQUAL(act(fake, "du-inspect", archive, NULL), 0);
    signer_free(&stranger);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* A file that may not grow is what a full flash is. */
static void test_no_space(void) {
    static const struct image_entry entries[] = {MANIFEST, {"large", NULL, 900000, true, false}, {0}};
    struct fake_host *fake = begin();
    struct rlimit before, small;
    make(entries);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100000;
    (void) signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    CU_ASSERT_EQUAL(act(fake, "du-install", archive, "full"), 9027);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    CU_ASSERT_FALSE(is_there("full", 0755));
    CU_ASSERT_FALSE(is_there(".new", 0700));
    CU_ASSERT_EQUAL(act(fake, "du-install", archive, "full"), 0);
    CU_ASSERT_EQUAL(act(fake, "du-remove", "full", NULL), 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_launcher(void) {
    char line[256];
    struct fake_host *fake = begin();
    CU_ASSERT_EQUAL(fake_action(fake, "du-start", (const char *[]){"x", "app", NULL}), -ENOSYS);
    fake_option_items(fake, "launcher", (const char *const[]){"/bin/run", "-q", NULL});
    fake_program(fake, "run", 0, "");
    CU_ASSERT_EQUAL(act(fake, "du-start", "x", "app"), 0);
    (void) snprintf(line, sizeof line, "/bin/run -q start %s/x app", directory);
    CU_ASSERT_PTR_NOT_NULL(fake_list_find(&fake->runs, line));
    fake_program(fake, "run", 3, "no");
    (void) act(fake, "du-stop", "x", "app");
    CU_ASSERT_EQUAL(fake->action_result, -EIO);
    CU_ASSERT_EQUAL(fake_action(fake, "du-stop", (const char *[]){"../x", "app", NULL}), -EINVAL);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* The plugin stops while the thread works. */
static void test_stopped_at_work(void) {
    static const struct image_entry entries[] = {MANIFEST, {0}};
    struct fake_host *fake = begin();
    make(entries);
    CU_ASSERT_EQUAL(fake_action(fake, "du-inspect", (const char *[]){archive, NULL}), 0);
    CU_ASSERT_EQUAL(fake_action(fake, "du-inspect", (const char *[]){archive, NULL}), -EBUSY);
    fake->pending->work(fake->pending->user);
    CU_ASSERT_EQUAL(fake_restart(fake, true), 0);
    CU_ASSERT_EQUAL(fake->action_ends, 0);
    CU_ASSERT_EQUAL(act(fake, "du-inspect", archive, NULL), 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void remove_files(void) {
    (void) unlink(certificate);
    (void) unlink(unused);
    (void) unlink(archive);
    (void) rmdir(directory);
    CU_ASSERT_EQUAL(rmdir(base), 0); /* nothing is left */
}

int main(void) {
    (void) umask(077);
    base = fake_directory("du-bundles");
    (void) snprintf(certificate, sizeof certificate, "%s/maker.pem", base);
    (void) snprintf(unused, sizeof unused, "%s/unused", base);
    (void) snprintf(archive, sizeof archive, "%s/bundle.zip", base);
    (void) snprintf(directory, sizeof directory, "%s/bundles", base);
    signer_new(&maker, GNUTLS_PK_ECDSA, "maker", certificate, unused);
    FAKE_TESTS("du-bundles", {"install and remove", test_install_and_remove}, {"refusals", test_refusals},
               {"signatures", test_signatures}, {"no space", test_no_space}, {"launcher", test_launcher},
               {"stopped at work", test_stopped_at_work}, {"nothing is left", remove_files});
}
