/* libxml2, when it is needed. */
#include <config.h>

#include "cwmp/libxml.h"

#include "base/memory.h"

#include <stdio.h>

/* What it says without a parser (a broken encoding, no memory) it would print. */
static void quiet(void *context, const char *message, ...) {
    (void) context;
    (void) message;
}

#ifdef XML_SONAME

#define LIBXML_SYMBOL(name) TR069_LIBRARY_SYMBOL(struct libxml, name)
static const struct tr069_symbol symbols[] = {LIBXML_SYMBOLS(LIBXML_SYMBOL)};

const struct libxml *libxml_open(char *ret_error, size_t size) {
    static struct libxml libxml;
    static bool opened;
    if (!opened) {
        char why[256];
        memory_give_back(); /* libstdc++ allocates 72 KiB for an emergency: let it be pages that nobody
                               touched */
        if (tr069_library_open(XML_SONAME, symbols, sizeof symbols / sizeof symbols[0], &libxml, why,
                               sizeof why) == NULL) {
            (void) snprintf(ret_error, size, "libxml2 cannot be opened: %s", why);
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
