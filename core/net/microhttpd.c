/* libmicrohttpd, when it is needed. */
#include <config.h>

#include "net/microhttpd.h"

#ifdef MHD_SONAME

#define MICROHTTPD_SYMBOL(name) TR069_LIBRARY_SYMBOL(struct microhttpd, name)
static const struct tr069_symbol symbols[] = {MICROHTTPD_SYMBOLS(MICROHTTPD_SYMBOL)};

const struct microhttpd *microhttpd_open(char *ret_error, size_t size) {
    static struct microhttpd microhttpd;
    static bool opened;
    if (!opened) {
        char why[256];
        if (tr069_library_open(MHD_SONAME, symbols, sizeof symbols / sizeof symbols[0], &microhttpd, why,
                               sizeof why) == NULL) {
            (void) snprintf(ret_error, size, "libmicrohttpd cannot be opened: %s", why);
            return NULL;
        }
        opened = true;
    }
    return &microhttpd;
}

#else /* linked in */

const struct microhttpd *microhttpd_open(char *ret_error, size_t size) {
    (void) ret_error;
    (void) size;
    static const struct microhttpd microhttpd = {
#define MICROHTTPD_ADDRESS(name) .name = &name,
        MICROHTTPD_SYMBOLS(MICROHTTPD_ADDRESS)
#undef MICROHTTPD_ADDRESS
    };
    return &microhttpd;
}

#endif
