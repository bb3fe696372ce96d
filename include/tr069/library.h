/* tr069/library.h: a library that is opened when it is needed. For one that costs much to load and is wanted
 * rarely, or not before the first Inform. Its functions are called through a table that has their names:
 *
 *     #define UNZIP_SYMBOLS(symbol) symbol(unzOpen64) symbol(unzClose)
 *     struct unzip {
 *         UNZIP_SYMBOLS(TR069_LIBRARY_POINTER)
 *     };
 *     #define UNZIP_SYMBOL(name) TR069_LIBRARY_SYMBOL(struct unzip, name)
 *     static const struct tr069_symbol symbols[] = {UNZIP_SYMBOLS(UNZIP_SYMBOL)};
 */
#ifndef TR069_LIBRARY_H
#define TR069_LIBRARY_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tr069_symbol {
    const char *name;
    size_t offset; /* of its pointer in the table */
};

/* Of a variable it is the address, as of a function. */
#ifdef __cplusplus
#define TR069_LIBRARY_POINTER(name) __typeof__(::name) *name; /* it is not the member that is meant */
#else
#define TR069_LIBRARY_POINTER(name) __typeof__(name) *name;
#endif
#define TR069_LIBRARY_SYMBOL(table, name) {#name, offsetof(table, name)},

/* Opens the library by its soname and fills the table. The handle for dlclose(), or NULL with what the
 * dynamic linker says in ret_error. Called as often as one likes: it is there once. */
static inline void *tr069_library_open(const char *soname, const struct tr069_symbol *symbols, size_t count,
                                       void *table, char *ret_error, size_t size) {
    void *library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
    bool whole = library != NULL;
    for (size_t i = 0; whole && i < count; i++) {
        void *found = dlsym(library, symbols[i].name);
        whole = found != NULL;
        memcpy((char *) table + symbols[i].offset, &found, sizeof found);
    }
    if (!whole) {
        const char *why = dlerror();
        (void) snprintf(ret_error, size, "%s", why != NULL ? why : soname);
        if (library != NULL) {
            (void) dlclose(library);
        }
        return NULL;
    }
    return library;
}

#ifdef __cplusplus
}
#endif

#endif
