/* A leak must end a test of the sanitizer build badly, or "no leaks" would mean nothing: complaint 44. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static void leak(void) {
    char *volatile lost = NULL;
    for (int i = 0; i < 100; i++) { /* the traces of one may still be in a register or on the stack */
        // cppcheck-suppress memleak
        lost = malloc(100);
        if (lost != NULL) {
            memset(lost, 1, 100);
        }
    }
    // cppcheck-suppress memleak
    lost = NULL;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        leak();
        return 0;
    }
#ifndef SANITIZED
    (void) argv;
    (void) puts("SKIP: only with --enable-sanitizers");
    return 77;
#else
    pid_t child = fork();
    if (child == 0) {
        (void) fclose(stderr); /* its report is expected */
        (void) execl(argv[0], argv[0], "leak", (char *) NULL);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return 99;
    }
    (void) printf("a leaking process ended with status %d\n", status);
    return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? 0 : 1;
#endif
}
