/* Holds a message to the schemas: $TR069_STANDARDS/validate.sh. Where that is absent the test says that
 * it skips, and goes on. */
#ifndef TESTS_VALIDATE_H
#define TESTS_VALIDATE_H

#include <tr069/fake_directory.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The script's path, or NULL; says once why not. */
static inline char *validate_script(void) {
    static char path[1024];
    static bool asked;
    const char *standards = getenv("TR069_STANDARDS");
    if (!asked) {
        asked = true;
        (void) snprintf(path, sizeof path, "%s/validate.sh", standards != NULL ? standards : "");
        if (standards == NULL || access(path, X_OK) != 0) {
            (void) fprintf(stderr,
                           "skipped: messages are not validated, TR069_STANDARDS/validate.sh is absent\n");
            path[0] = '\0';
        }
    }
    return path[0] != '\0' ? path : NULL;
}

static inline bool validate_run(char *script, char *message, bool quiet) {
    char *argv[] = {script, message, NULL};
    posix_spawn_file_actions_t actions;
    int status = -1;
    pid_t child;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return false;
    }
    if (quiet) {
        (void) posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        (void) posix_spawn_file_actions_adddup2(&actions, 1, 2);
    }
    if (posix_spawn(&child, script, &actions, NULL, argv, environ) == 0) {
        (void) waitpid(child, &status, 0);
    }
    (void) posix_spawn_file_actions_destroy(&actions);
    return status == 0;
}

/* Is the message valid (or cannot be judged here)? `schemas_only` leaves out the Schematron rules. */
static inline bool validate(const char *data, size_t length, bool schemas_only) {
    static const char *directory;
    char *script = validate_script();
    char name[FAKE_DIRECTORY_SIZE + 16];
    bool good;
    FILE *file;
    if (script == NULL) {
        return true;
    }
    if (directory == NULL) {
        directory = fake_directory("message");
    }
    (void) snprintf(name, sizeof name, "%s/message.xml", directory);
    file = fopen(name, "w");
    if (file == NULL) {
        perror(name);
        return false;
    }
    (void) (schemas_only ? setenv("ACS", "1", 1) : unsetenv("ACS"));
    good = fwrite(data, 1, length, file) == length;
    good = fclose(file) == 0 && good;
    if (good && !validate_run(script, name, true)) {
        (void) fprintf(stderr, "not valid: %.*s\n", (int) length, data);
        (void) validate_run(script, name, false); /* again, for its words */
        good = false;
    }
    return good;
}

#endif
