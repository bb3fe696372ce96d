/* Names for the real daemon: loaded by LD_PRELOAD, by tests only. The file of TR069_TEST_NAMES has lines
 * `ADDRESS NAME`; names that end in `.test` come from it, anew each time, all addresses in their order, and
 * no other server is asked for them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int lookup(getaddrinfo_fn *real, const char *node, const char *service, const struct addrinfo *hints,
                  struct addrinfo **ret_list) {
    const char *path = getenv("TR069_TEST_NAMES");
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    char line[512];
    struct addrinfo **end = ret_list;
    *ret_list = NULL;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *name = strchr(line, ' ');
        if (name == NULL) {
            continue;
        }
        *name++ = '\0';
        name[strcspn(name, "\n")] = '\0';
        struct addrinfo numeric = hints != NULL ? *hints : (struct addrinfo){0};
        numeric.ai_flags = AI_NUMERICHOST;
        struct addrinfo *more = NULL;
        if (strcasecmp(name, node) == 0 && real(line, service, &numeric, &more) == 0) {
            *end = more;
            while (*end != NULL) {
                end = &(*end)->ai_next;
            }
        }
    }
    if (file != NULL) {
        (void) fclose(file);
    }
    return *ret_list != NULL ? 0 : EAI_NONAME;
}

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict ret_list) {
    getaddrinfo_fn *real;
    *(void **) &real = dlsym(RTLD_NEXT, "getaddrinfo");
    size_t length = node != NULL ? strlen(node) : 0;
    if (real == NULL) {
        abort();
    }
    if (length > 5 && strcmp(node + length - 5, ".test") == 0) {
        return lookup(real, node, service, hints, ret_list);
    }
    return real(node, service, hints, ret_list);
}
