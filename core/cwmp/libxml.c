/* libxml2, when it is needed. */
#include <config.h>

#include "cwmp/libxml.h"

#include "base/memory.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What it says without a parser (a broken encoding, no memory) it would print. */
static void quiet(void *context, const char *message, ...) {
    (void) context;
    (void) message;
}

#ifdef LIBXML2_SONAME

/* With a variable's type it is its address, as a function's is. */
static const struct symbol {
    const char *name;
    size_t offset;
} symbols[] = {
#define LIBXML_SYMBOL(name) {#name, offsetof(struct libxml, name)},
    LIBXML_SYMBOLS(LIBXML_SYMBOL)
#undef LIBXML_SYMBOL
};

static int find_all(void *library, struct libxml *libxml) {
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        void *found = dlsym(library, symbols[i].name);
        if (found == NULL) {
            return -1;
        }
        memcpy((char *) libxml + symbols[i].offset, &found, sizeof found);
    }
    return 0;
}

const struct libxml *libxml_open(char *ret_error, size_t size) {
    static struct libxml libxml;
    static bool opened;
    if (!opened) {
        memory_give_back(); /* libstdc++ allocates 72 KiB for an emergency: let it be pages that nobody
                               touched */
        void *library = dlopen(LIBXML2_SONAME, RTLD_LAZY | RTLD_LOCAL);
        if (library == NULL || find_all(library, &libxml) < 0) {
            const char *why = dlerror();
            (void) snprintf(ret_error, size, "libxml2 cannot be opened: %s",
                            why != NULL ? why : LIBXML2_SONAME);
            if (library != NULL) {
                (void) dlclose(library);
            }
            return NULL;
        }
        libxml.xmlSetGenericErrorFunc(NULL, quiet);
        opened = true;
    }
    return &libxml;
}

#else /* linked in */

const struct libxml *libxml_open(char *ret_error, size_t size) {
    (void) ret_error;
    (void) size;
    static const struct libxml libxml = {
#define LIBXML_ADDRESS(name) .name = &name,
        LIBXML_SYMBOLS(LIBXML_ADDRESS)
#undef LIBXML_ADDRESS
    };
    xmlSetGenericErrorFunc(NULL, quiet);
    return &libxml;
}

#endif
