/* The messages of all scenarios, as files, and the schemas' judgement of them. */
#include <config.h>

#include "messages.h"

#include <tr069/fake_directory.h>

#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGES_MAX = 4096, PATH_SIZE = FAKE_DIRECTORY_SIZE + 16, CHUNK = 200 };

static const char *directory = "";
static uint64_t seen[MESSAGES_MAX];
static size_t count;
static size_t vendors;
static int failure; /* some message could not be kept */

static void path_of(size_t index, char path[PATH_SIZE]) {
    (void) snprintf(path, PATH_SIZE, "%s/%04zu.xml", directory, index);
}

void messages_keep(const char *data, size_t length) {
    uint64_t digest = crypto_digest64(data, length);
    char path[PATH_SIZE];
    FILE *file;

    if (strstr(data, "<cwmp:X_") != NULL) { /* no schema can have the RPCs of a vendor */
        vendors++;
        return;
    }

    for (size_t i = 0; i < count; i++) {
        if (seen[i] == digest) {
            return;
        }
    }
    if (count == 0) {
        directory = fake_directory("session-messages");
    }
    if (count == MESSAGES_MAX) {
        failure = ENOSPC;
        return;
    }
    path_of(count, path);
    seen[count++] = digest;
    file = fopen(path, "w");
    if (file == NULL || fwrite(data, 1, length, file) != length || fclose(file) != 0) {
        failure = errno;
    }
}

/* faultcode MustUnderstand is right, but a rule of the set knows Client and Server only. */
static int breaks_a_rule(const char *path) {
    char text[4096] = "";
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        (void) fclose(file);
    }
    return strstr(text, "soap:MustUnderstand<") != NULL;
}

static int run(char *const argv[], const char *log, int without_rules) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ||
            (without_rules && setenv("ACS", "1", 1) < 0)) {
            _exit(126);
        }
        (void) execv(argv[0], argv);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int validate(const char *script, const char *log, int without_rules) {
    static char paths[CHUNK][PATH_SIZE];
    char *argv[CHUNK + 2] = {0};
    char program[PATH_SIZE * 8];
    size_t used = 0;
    int result = 0;

    (void) snprintf(program, sizeof program, "%s", script);
    argv[0] = program;
    for (size_t i = 0; i < count; i++) {
        path_of(i, paths[used]);
        if (breaks_a_rule(paths[used]) == without_rules) {
            argv[1 + used] = paths[used];
            used++;
        }
        if (used == CHUNK || (i + 1 == count && used > 0)) {
            argv[1 + used] = NULL;
            result |= run(argv, log, without_rules);
            used = 0;
        }
    }
    return result;
}

static void show(const char *log) {
    char line[1024];
    FILE *file = fopen(log, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strstr(line, " validates") == NULL) {
            (void) fputs(line, stdout);
        }
    }
    if (file != NULL) {
        (void) fclose(file);
    }
}

int messages_validate(void) {
    const char *standards = getenv("TR069_STANDARDS");
    char script[PATH_SIZE * 8], log[PATH_SIZE];
    int result;

    (void) snprintf(script, sizeof script, "%s/validate.sh", standards != NULL ? standards : "");
    if (failure != 0) {
        (void) printf("FAIL  messages could not be kept: %s\n", strerror(failure));
        return 1;
    }
    if (standards == NULL || access(script, X_OK) < 0) {
        (void) printf("SKIP  %zu messages are not held to the schemas: no $TR069_STANDARDS/validate.sh\n",
                      count);
        return 0;
    }
    (void) snprintf(log, sizeof log, "%s/log", directory);
    result = validate(script, log, 0) | validate(script, log, 1);
    if (result == 0) {
        (void) printf("PASS  %zu different messages are valid; %zu of a vendor's RPCs are in no schema\n",
                      count, vendors);
    } else {
        show(log);
        (void) setenv("KEEP", "1", 1); /* to be looked at */
        (void) printf("FAIL  messages that are not valid, in %s\n", directory);
    }
    return result;
}
