/* minizip, when it is needed. */
#include "minizip.h"

#include <errno.h>

#ifdef MINIZIP_SONAME

#define MINIZIP_SYMBOL(name) TR069_LIBRARY_SYMBOL(struct minizip, name)
static const struct tr069_symbol symbols[] = {MINIZIP_SYMBOLS(MINIZIP_SYMBOL)};

int firmware_minizip_open(struct minizip *ret_minizip, char *ret_error, size_t size) {
    char why[256];
    ret_minizip->library = tr069_library_open(MINIZIP_SONAME, symbols, sizeof symbols / sizeof symbols[0],
                                              ret_minizip, why, sizeof why);
    if (ret_minizip->library == NULL) {
        (void) snprintf(ret_error, size, "minizip cannot be opened: %s", why);
        return -ENOENT;
    }
    return 0;
}

#else /* linked in */

int firmware_minizip_open(struct minizip *ret_minizip, char *ret_error, size_t size) {
    (void) ret_error;
    (void) size;
#define MINIZIP_ADDRESS(name) .name = name,
    *ret_minizip = (struct minizip){MINIZIP_SYMBOLS(MINIZIP_ADDRESS)};
#undef MINIZIP_ADDRESS
    return 0;
}

#endif

void firmware_minizip_check(const struct tr069_host *host) {
    struct minizip minizip = {0};
    char why[300];
    if (firmware_minizip_open(&minizip, why, sizeof why) != 0) {
        host->log(host, TR069_ERROR, "archives cannot be read: %s. On Debian: apt-get install libminizip1",
                  why);
    }
    firmware_minizip_close(&minizip);
}

void firmware_minizip_close(struct minizip *minizip) {
    if (minizip->library != NULL) {
        (void) dlclose(minizip->library);
        minizip->library = NULL;
    }
}
