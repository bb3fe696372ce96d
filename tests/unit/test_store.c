/* core/base/store: the entries, and the file as others may leave it. What the disk and the power do to
 * it is in test_store_crash.c. */
#include <config.h>

#include "base/store.h"

#include "cunit.h"
#include "store_help.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *directory;

static int make_directory(void) {
    directory = fake_directory("store");
    return 0;
}

static int remove_directory(void) {
    fake_directory_remove(directory);
    return 0;
}

static struct store *memory(void) {
    struct store *store = NULL;
    CU_ASSERT_EQUAL_FATAL(store_open(NULL, &store, NULL), 0);
    return store;
}

static void puts_and_gets(void) {
    struct store *s = memory();
    CU_ASSERT_PTR_NULL(store_get(s, "a"));
    CU_ASSERT_FALSE(store_dirty(s));
    CU_ASSERT_EQUAL(store_put(s, "b/2", "two"), 0);
    CU_ASSERT_EQUAL(store_put(s, "a/1", "one"), 0);
    CU_ASSERT_EQUAL(store_put(s, "c/3", ""), 0);
    CU_ASSERT_TRUE(store_dirty(s));
    CU_ASSERT_STRING_EQUAL(store_get(s, "a/1"), "one");
    CU_ASSERT_STRING_EQUAL(store_get(s, "b/2"), "two");
    CU_ASSERT_STRING_EQUAL(store_get(s, "c/3"), "");
    CU_ASSERT_PTR_NULL(store_get(s, "b/"));
    CU_ASSERT_EQUAL(store_commit(s), 0);
    CU_ASSERT_FALSE(store_dirty(s));
    CU_ASSERT_EQUAL(store_writes(s), 1);
    /* nothing new: nothing to write */
    CU_ASSERT_EQUAL(store_put(s, "a/1", "one"), 0);
    CU_ASSERT_EQUAL(store_put(s, "none", NULL), 0);
    CU_ASSERT_EQUAL(store_remove_all(s, "none"), 0);
    CU_ASSERT_FALSE(store_dirty(s));
    CU_ASSERT_EQUAL(store_commit(s), 0);
    CU_ASSERT_EQUAL(store_writes(s), 1);
    CU_ASSERT_EQUAL(store_put(s, "a/1", store_get(s, "b/2")), 0);
    CU_ASSERT_STRING_EQUAL(store_get(s, "a/1"), "two");
    CU_ASSERT_TRUE(store_dirty(s));
    CU_ASSERT_EQUAL(store_put(s, "a/1", NULL), 0);
    CU_ASSERT_PTR_NULL(store_get(s, "a/1"));
    store_free(s);
    store_free(NULL);
}

static void numbers(void) {
    struct store *s = memory();
    CU_ASSERT_EQUAL(store_get_int(s, "n", -5), -5);
    CU_ASSERT_EQUAL(store_put_int(s, "n", INT64_MIN), 0);
    CU_ASSERT_EQUAL(store_get_int(s, "n", 0), INT64_MIN);
    CU_ASSERT_EQUAL(store_put_int(s, "n", INT64_MAX), 0);
    CU_ASSERT_EQUAL(store_get_int(s, "n", 0), INT64_MAX);
    CU_ASSERT_EQUAL(store_put(s, "n", "12x"), 0);
    CU_ASSERT_EQUAL(store_get_int(s, "n", 9), 9);
    store_free(s);
}

static void limits(void) {
    struct store *s = memory();
    char key[400], *value = calloc(1, 16 * 1024 + 2);
    int n, r = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    CU_ASSERT_EQUAL(store_put(s, "", "x"), -EINVAL);
    CU_ASSERT_EQUAL(store_put(s, "a b", "x"), -EINVAL);
    CU_ASSERT_EQUAL(store_put(s, "a\n", "x"), -EINVAL);
    CU_ASSERT_EQUAL(store_put(s, "\xc3\xa9", "x"), -EINVAL);
    CU_ASSERT_EQUAL(store_put(s, "\x7f", "x"), -EINVAL);
    memset(key, 'k', sizeof key);
    key[320] = '\0';
    CU_ASSERT_EQUAL(store_put(s, key, "x"), 0);
    key[320] = 'k';
    key[321] = '\0';
    CU_ASSERT_EQUAL(store_put(s, key, "x"), -EINVAL);
    CU_ASSERT_PTR_NULL(store_get(s, key));
    memset(value, 'v', 16 * 1024);
    CU_ASSERT_EQUAL(store_put(s, "big", value), 0);
    value[16 * 1024] = 'v';
    CU_ASSERT_EQUAL(store_put(s, "big", value), -EINVAL);
    CU_ASSERT_EQUAL(strlen(store_get(s, "big")), 16 * 1024);
    value[16 * 1024] = '\0';
    for (n = 0; n < 100 && r == 0; n++) {
        (void) snprintf(key, sizeof key, "big/%d", n);
        r = store_put(s, key, value);
    }
    CU_ASSERT_EQUAL(r, -ENOSPC);
    CU_ASSERT(n > 60 && n < 64);
    CU_ASSERT_EQUAL(store_put(s, "big", "small"), 0); /* gives room again */
    CU_ASSERT_EQUAL(store_put(s, key, value), 0);
    CU_ASSERT_EQUAL(store_remove_all(s, "big"), (size_t) n + 1);
    CU_ASSERT_EQUAL(store_put(s, key, value), 0);
    free(value);
    store_free(s);
}

static int append_key(void *user, const char *key, const char *value) {
    char *keys = user;
    (void) snprintf(keys + strlen(keys), 100 - strlen(keys), "%s=%s;", key, value);
    return strcmp(value, "stop") == 0 ? 42 : 0;
}

static void prefixes(void) {
    struct store *s = memory();
    char keys[100] = "";
    CU_ASSERT(store_put(s, "b/2", "2") == 0 && store_put(s, "a", "0") == 0 && store_put(s, "b/1", "1") == 0);
    CU_ASSERT(store_put(s, "b", "x") == 0 && store_put(s, "b0", "y") == 0 && store_put(s, "c", "z") == 0);
    CU_ASSERT_EQUAL(store_each(s, "b/", append_key, keys), 0);
    CU_ASSERT_STRING_EQUAL(keys, "b/1=1;b/2=2;");
    keys[0] = '\0';
    CU_ASSERT_EQUAL(store_each(s, "", append_key, keys), 0);
    CU_ASSERT_STRING_EQUAL(keys, "a=0;b=x;b/1=1;b/2=2;b0=y;c=z;");
    keys[0] = '\0';
    CU_ASSERT_EQUAL(store_put(s, "b/1", "stop"), 0);
    CU_ASSERT_EQUAL(store_each(s, "b", append_key, keys), 42);
    CU_ASSERT_STRING_EQUAL(keys, "b=x;b/1=stop;");
    CU_ASSERT_EQUAL(store_remove_all(s, "b/"), 2);
    keys[0] = '\0';
    CU_ASSERT_EQUAL(store_each(s, "", append_key, keys), 0);
    CU_ASSERT_STRING_EQUAL(keys, "a=0;b=x;b0=y;c=z;");
    CU_ASSERT_EQUAL(store_remove_all(s, ""), 4);
    CU_ASSERT_EQUAL(store_each(s, "", append_key, keys), 0);
    store_free(s);
}

static struct store *opened(const char **ret_note) {
    struct store *store = NULL;
    CU_ASSERT_EQUAL_FATAL(store_open(directory, &store, ret_note), 0);
    return store;
}

static void keeps_any_text(void) {
    static const char *const values[] = {"",
                                         " ",
                                         " lead and trail ",
                                         "a\nb\r\nc\n",
                                         "\\",
                                         "\\n \\\\ \\r",
                                         "\t",
                                         "\x01\x7f\x1b",
                                         "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                                         "\xff\xfe",
                                         "sha256 0000",
                                         "generation 5\n"};
    char key[32];
    size_t i;
    const char *note = "?";
    struct store *s = opened(&note);
    CU_ASSERT_PTR_NULL(note); /* the first start is no mishap */
    for (i = 0; i < sizeof values / sizeof *values; i++) {
        (void) snprintf(key, sizeof key, "value/%zu", i);
        CU_ASSERT_EQUAL(store_put(s, key, values[i]), 0);
    }
    CU_ASSERT_EQUAL(store_commit(s), 0);
    CU_ASSERT_EQUAL(store_writes(s), 1);
    store_free(s);
    s = opened(&note);
    CU_ASSERT_PTR_NULL(note);
    CU_ASSERT_FALSE(store_dirty(s));
    for (i = 0; i < sizeof values / sizeof *values; i++) {
        (void) snprintf(key, sizeof key, "value/%zu", i);
        CU_ASSERT_STRING_EQUAL(store_get(s, key), values[i]);
    }
    store_free(s);
}

static void files_are_private(void) {
    static const char *const names[] = {"state", "state.1", "state.lock"};
    mode_t before = umask(0);
    struct store *s = opened(NULL);
    size_t i;
    CU_ASSERT(store_put(s, "k", "1") == 0 && store_commit(s) == 0);
    CU_ASSERT(store_put(s, "k", "2") == 0 && store_commit(s) == 0);
    store_free(s);
    (void) umask(before);
    for (i = 0; i < 3; i++) {
        struct stat info;
        char *path = help_path(directory, names[i]);
        CU_ASSERT_EQUAL(stat(path, &info), 0);
        CU_ASSERT_EQUAL(info.st_mode & 07777, 0600);
        free(path);
    }
}

static int another_process(void) {
    struct store *second = NULL;
    return store_open(directory, &second, NULL) == -EBUSY && second == NULL ? 0 : 1;
}

static void one_process_at_a_time(void) {
    struct store *s = opened(NULL);
    CU_ASSERT_EQUAL(help_child(another_process), 0);
    store_free(s);
    s = opened(NULL);
    store_free(s);
}

/* Killed between the fork of a child and its exec: the child, which has the descriptors still, locks nobody
 * out. */
static void a_child_does_not_lock(void) {
    int told[2], held[2];
    char c = 0;
    CU_ASSERT_EQUAL_FATAL(pipe(told) + pipe(held), 0);
    const pid_t client = fork();
    if (client == 0) {
        struct store *s = NULL;
        (void) close(held[1]);
        c = store_open(directory, &s, NULL) == 0 && fork() >= 0 ? 'x' : '!';
        if (write(told[1], &c, 1) == 1 && read(held[0], &c, 1) == 0) { /* both; until the test ends */
            _exit(0);
        }
        _exit(1);
    }
    (void) close(held[0]);
    CU_ASSERT_EQUAL(read(told[0], &c, 1), 1);
    CU_ASSERT_EQUAL(c, 'x');
    CU_ASSERT_EQUAL(read(told[0], &c, 1), 1);
    (void) kill(client, SIGKILL);
    CU_ASSERT_EQUAL(waitpid(client, NULL, 0), client);
    store_free(opened(NULL));
    (void) close(held[1]);
    (void) close(told[0]);
    (void) close(told[1]);
}

/* Generation 1 says k=1, generation 2 says k=2 and more; the files' octets. */
static void two_generations(struct buffer *now, struct buffer *previous) {
    struct store *s;
    help_empty(directory);
    s = opened(NULL);
    CU_ASSERT(store_put(s, "k", "1") == 0 && store_commit(s) == 0);
    CU_ASSERT(store_put(s, "k", "2") == 0 && store_put(s, "text", "line\n\\ 2") == 0 && store_commit(s) == 0);
    store_free(s);
    buffer_init(now, 100000);
    buffer_init(previous, 100000);
    help_read(directory, "state", now);
    help_read(directory, "state.1", previous);
    CU_ASSERT_FATAL(now->length > 100 && previous->length > 100);
}

static void expect(const char *value, bool noted) {
    const char *note = NULL;
    struct store *s = opened(&note);
    const char *got = store_get(s, "k");
    CU_ASSERT(value == NULL ? got == NULL : got != NULL && strcmp(got, value) == 0);
    CU_ASSERT_EQUAL(note != NULL, noted);
    store_free(s);
}

static void torn_anywhere(void) {
    struct buffer now, previous;
    size_t i;
    two_generations(&now, &previous);
    expect("2", false);
    for (i = 0; i < now.length; i++) {
        help_write(directory, "state", now.data, i);
        expect("1", true);
    }
    help_write(directory, "state", now.data, now.length);
    expect("2", false);
    buffer_free(&now);
    buffer_free(&previous);
}

static void damaged_anywhere(void) {
    static const unsigned char masks[] = {0x01, 0x20, 0x80, 0xFF};
    struct buffer now, previous;
    size_t i, m;
    two_generations(&now, &previous);
    for (i = 0; i < now.length; i++) {
        char was = now.data[i];
        for (m = 0; m < sizeof masks + 2; m++) {
            now.data[i] = m < sizeof masks ? (char) (was ^ masks[m]) : m == sizeof masks ? '\0' : '\n';
            if (now.data[i] != was) {
                help_write(directory, "state", now.data, now.length);
                expect("1", true);
            }
        }
        now.data[i] = was;
    }
    CU_ASSERT_EQUAL(buffer_text(&now, "x"), 0);
    help_write(directory, "state", now.data, now.length);
    expect("1", true);
    /* blocks of zeros, as some file systems leave them */
    memset(now.data, 0, now.length);
    help_write(directory, "state", now.data, now.length);
    expect("1", true);
    buffer_free(&now);
    buffer_free(&previous);
}

/* A checksum proves that we wrote it, not that this version may read it: these have a right one. */
static void foreign_content(void) {
    static const char *const bodies[] = {
        "tr069-client state 2\ngeneration 1\n",
        "tr069-client state 1\n",
        "tr069-client state 1\ngeneration\n",
        "tr069-client state 1\ngeneration -1\n",
        "tr069-client state 1\ngeneration 18446744073709551615\n",
        "tr069-client state 1\ngeneration 5\nk\n",
        "tr069-client state 1\ngeneration 5\n\n",
        "tr069-client state 1\ngeneration 5\n v\n",
        "tr069-client state 1\ngeneration 5\nk v\\\n",
        "tr069-client state 1\ngeneration 5\nk v\\t\n",
        "tr069-client state 1\ngeneration 5\nk 1\nk 2\n",
        "tr069-client state 1\ngeneration 5\nl 1\nk 2\n",
        "tr069-client state 1\ngeneration 5\nk\xc3 2\n",
    };
    struct buffer now, previous;
    size_t i;
    two_generations(&now, &previous);
    for (i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        help_write_signed(directory, "state", bodies[i], strlen(bodies[i]));
        expect("1", true);
    }
    help_write_signed(directory, "state", "tr069-client state 1\ngeneration 5\nk a\0b\n", 41);
    expect("1", true);
    help_write_signed(directory, "state", "tr069-client state 1\ngeneration 5\nk ours\n", 41);
    expect("ours", false); /* the helper signs rightly */
    buffer_free(&now);
    buffer_free(&previous);
}

static void both_damaged(void) {
    struct buffer now, previous;
    two_generations(&now, &previous);
    help_write(directory, "state", "x", 1);
    help_write(directory, "state.1", "x", 1);
    expect(NULL, true);
    help_unlink(directory, "state.1");
    expect(NULL, true);
    help_write(directory, "state.1", previous.data, previous.length);
    help_unlink(directory, "state");
    expect("1", true);
    buffer_free(&now);
    buffer_free(&previous);
}

static void good_generation_outlives_a_damaged_one(void) {
    struct buffer now, previous, after;
    struct store *s;
    two_generations(&now, &previous);
    help_write(directory, "state", "torn", 4);
    s = opened(NULL);
    CU_ASSERT(store_put(s, "k", "3") == 0 && store_commit(s) == 0);
    store_free(s);
    expect("3", false);
    buffer_init(&after, 100000);
    help_read(directory, "state.1", &after); /* not "torn" */
    CU_ASSERT(after.length == previous.length && memcmp(after.data, previous.data, after.length) == 0);
    buffer_free(&after);
    buffer_free(&now);
    buffer_free(&previous);
}

static void odd_things_in_the_place_of_files(void) {
    struct buffer now, previous;
    char *path = help_path(directory, "state");
    two_generations(&now, &previous);
    help_unlink(directory, "state");
    CU_ASSERT_EQUAL(symlink("state.1", path), 0);
    expect("1", true);
    help_unlink(directory, "state");
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0); /* does not hang */
    expect("1", true);
    help_unlink(directory, "state");
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    expect("1", true);
    CU_ASSERT_EQUAL(rmdir(path), 0);
    help_write(directory, "state.tmp", "left over", 9);
    help_write(directory, "state.1.tmp", "left over", 9);
    expect("1", true);
    CU_ASSERT_FALSE(help_exists(directory, "state.tmp"));
    CU_ASSERT_FALSE(help_exists(directory, "state.1.tmp"));
    free(path);
    buffer_free(&now);
    buffer_free(&previous);
}

static void no_directory(void) {
    struct store *s = NULL;
    char *path = help_path(directory, "none");
    CU_ASSERT_EQUAL(store_open(path, &s, NULL), -ENOENT);
    help_write(directory, "none", "", 0);
    CU_ASSERT_EQUAL(store_open(path, &s, NULL), -ENOTDIR);
    CU_ASSERT_PTR_NULL(s);
    free(path);
}

/* In a child, since a test may run as root, whom no permission stops. */
static int without_permission(void) {
    struct store *s = NULL;
    char *path = help_path(directory, "state");
    int r;
    if (chmod(path, 0) < 0 || chmod(directory, 0777) < 0 || !help_drop_root()) {
        return 1;
    }
    /* a state that may not be read is not taken for none */
    r = store_open(directory, &s, NULL);
    free(path);
    return r == -EACCES ? 0 : 2;
}

static int without_directory_permission(void) {
    struct store *s = NULL;
    if (chmod(directory, 0555) < 0 || !help_drop_root()) {
        return 1;
    }
    return store_open(directory, &s, NULL) == -EACCES ? 0 : 2;
}

static void permissions(void) {
    struct buffer now, previous;
    two_generations(&now, &previous);
    help_unlink(directory, "state.lock");
    CU_ASSERT_EQUAL(help_child(without_directory_permission), 0);
    CU_ASSERT_EQUAL(chmod(directory, 0777), 0);
    CU_ASSERT_EQUAL(help_child(without_permission), 0);
    buffer_free(&now);
    buffer_free(&previous);
}

static int with_a_full_disk(void) {
    struct rlimit limit = {.rlim_cur = 200, .rlim_max = 200};
    struct store *s = NULL;
    char value[1001];
    memset(value, 'v', 1000);
    value[1000] = '\0';
    (void) signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0 || store_open(directory, &s, NULL) < 0) {
        return 1;
    }
    if (store_put(s, "text", value) < 0 || store_commit(s) != -EFBIG || !store_dirty(s) ||
        store_writes(s) != 0 || help_exists(directory, "state.tmp")) {
        return 2;
    }
    /* it fits again */
    if (store_put(s, "text", NULL) < 0 || store_put(s, "k", "3") < 0 || store_commit(s) < 0) {
        return 3;
    }
    store_free(s);
    return 0;
}

static void full_disk(void) {
    struct buffer now, previous;
    two_generations(&now, &previous);
    CU_ASSERT_EQUAL(help_child(with_a_full_disk), 0);
    expect("3", false);
    buffer_free(&now);
    buffer_free(&previous);
}

/* Thousands of random changes against the simplest model there is. */
static void agrees_with_a_model(void) {
    enum { KEYS = 150 };
    char model[KEYS][16] = {{0}}, key[32];
    uint32_t seed = 4711;
    struct store *s;
    int step, i;
    help_empty(directory);
    s = opened(NULL);
    for (step = 1; step <= 6000; step++) {
        seed = seed * 1664525 + 1013904223;
        i = (int) (seed >> 16) % KEYS;
        (void) snprintf(key, sizeof key, "r%d/k%d", i % 3, i);
        if (seed >> 30 == 0) {
            model[i][0] = '\0';
            CU_ASSERT_EQUAL(store_put(s, key, NULL), 0);
        } else {
            (void) snprintf(model[i], sizeof model[i], "%" PRIu32, seed % 1000);
            CU_ASSERT_EQUAL(store_put(s, key, model[i]), 0);
        }
        if (step % 1000 == 0) {
            CU_ASSERT_EQUAL((int) store_remove_all(s, "r1/") > 0, true);
            for (i = 1; i < KEYS; i += 3) {
                model[i][0] = '\0';
            }
            CU_ASSERT_EQUAL(store_commit(s), 0);
            store_free(s);
            s = opened(NULL);
        }
        if (step % 500 == 0) {
            for (i = 0; i < KEYS; i++) {
                const char *value;
                (void) snprintf(key, sizeof key, "r%d/k%d", i % 3, i);
                value = store_get(s, key);
                CU_ASSERT(model[i][0] == '\0' ? value == NULL
                                              : value != NULL && strcmp(value, model[i]) == 0);
            }
        }
    }
    store_free(s);
}

static CU_TestInfo in_memory[] = {
    {"puts and gets", puts_and_gets}, {"numbers", numbers}, {"limits", limits},
    {"prefixes", prefixes},           CU_TEST_INFO_NULL,
};
static CU_TestInfo on_disk[] = {
    {"keeps any text", keeps_any_text},
    {"files are private", files_are_private},
    {"one process at a time", one_process_at_a_time},
    {"a child does not lock", a_child_does_not_lock},
    {"torn at every octet", torn_anywhere},
    {"damaged at every octet", damaged_anywhere},
    {"foreign content", foreign_content},
    {"both generations damaged", both_damaged},
    {"a good generation outlives a damaged one", good_generation_outlives_a_damaged_one},
    {"odd things in the place of files", odd_things_in_the_place_of_files},
    {"no directory", no_directory},
    {"a full disk", full_disk},
    {"agrees with a model", agrees_with_a_model},
    {"permissions", permissions},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {
        CUNIT_SUITE("store in memory", in_memory),
        {.pName = "store on disk",
         .pInitFunc = make_directory,
         .pCleanupFunc = remove_directory,
         .pTests = on_disk},
        CU_SUITE_INFO_NULL,
    };
    return cunit_run(suites);
}
