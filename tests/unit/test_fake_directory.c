/* <tr069/fake_directory.h>: nothing of a test stays behind. */
#include <config.h>

#include <tr069/fake_directory.h>

#include "cunit.h"

#include <sys/wait.h>

static void fill(const char *path) {
    char name[256];
    FILE *file;
    (void) snprintf(name, sizeof name, "%s/one", path);
    CU_ASSERT_EQUAL(mkdir(name, 0700), 0);
    (void) snprintf(name, sizeof name, "%s/one/two", path);
    CU_ASSERT_EQUAL(mkdir(name, 0700), 0);
    (void) snprintf(name, sizeof name, "%s/one/two/file", path);
    file = fopen(name, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void) fclose(file);
    (void) snprintf(name, sizeof name, "%s/one/fifo", path);
    CU_ASSERT_EQUAL(mkfifo(name, 0600), 0);
    (void) snprintf(name, sizeof name, "%s/link", path);
    CU_ASSERT_EQUAL(symlink(getenv("TMPDIR"), name), 0); /* what it leads to is not the test's */
}

/* Runs it in a child that exits; waits for that. */
static void in_child(void (*run)(void)) {
    int status = -1;
    pid_t child;
    (void) fflush(NULL);
    child = fork();
    if (child == 0) {
        (void) close(STDERR_FILENO);
        run();
        exit(7);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static unsigned entries(const char *path) {
    DIR *list = opendir(path);
    unsigned count = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    while (readdir(list) != NULL) {
        count++;
    }
    (void) closedir(list);
    return count - 2;
}

static void make_two(void) {
    fill(fake_directory("a"));
    fill(fake_directory("b"));
}

static void an_exit_removes_them(void) {
    in_child(make_two);
    CU_ASSERT_EQUAL(entries(getenv("TMPDIR")), 0);
}

static void nothing(void) {
}

static void a_childs_exit_does_not(void) {
    const char *mine = fake_directory("mine"), *other = fake_directory("other");
    fill(mine);
    in_child(nothing);
    CU_ASSERT_EQUAL(entries(mine), 2);
    fake_directory_remove(mine);
    CU_ASSERT_EQUAL(access(other, F_OK), 0);
    fake_directory_remove(other);
    CU_ASSERT_EQUAL(entries(getenv("TMPDIR")), 0);
}

static void keep(void) {
    (void) setenv("KEEP", "1", 1);
    (void) fake_directory("kept");
}

static void they_may_be_kept(void) {
    const char *parent = fake_directory("parent");
    char *before = strdup(getenv("TMPDIR"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    CU_ASSERT_EQUAL(setenv("TMPDIR", parent, 1), 0);
    in_child(keep);
    CU_ASSERT_EQUAL(entries(parent), 1);
    CU_ASSERT_EQUAL(setenv("TMPDIR", before, 1), 0);
    free(before);
    fake_directory_remove(parent);
}

int main(void) {
    static CU_TestInfo tests[] = {{"an exit removes them", an_exit_removes_them},
                                  {"a child's exit does not", a_childs_exit_does_not},
                                  {"they may be kept", they_may_be_kept},
                                  CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {CUNIT_SUITE("directories of tests", tests), CU_SUITE_INFO_NULL};
    (void) unsetenv("KEEP");
    (void) setenv("TMPDIR", fake_directory("fake-directory"), 1);
    return cunit_run(suites);
}
