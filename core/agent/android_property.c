/* Android's property system, looked up at run time, so that the same binary runs with and without it. */
#include <config.h>

#include "agent/android_property.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { SHORT_MAX = 92 }; /* PROP_VALUE_MAX of <sys/system_properties.h> */

struct property_info; /* prop_info there */

struct functions {
    int (*get)(const char *key, char *value);
    /* Since Android 8: values of ro. properties may be of any length. */
    const struct property_info *(*find)(const char *key);
    void (*read)(const struct property_info *info,
                 void (*call)(void *cookie, const char *key, const char *value, uint32_t serial),
                 void *cookie);
};

/* ISO C knows no cast from an object's to a function's address. */
static void look_up(const char *name, void *ret_function, size_t size) {
    void *found = dlsym(RTLD_DEFAULT, name);
    memcpy(ret_function, &found, size);
}

static struct functions functions_of_libc(void) {
    struct functions functions = {NULL, NULL, NULL};
    look_up("__system_property_get", &functions.get, sizeof functions.get);
    look_up("__system_property_find", &functions.find, sizeof functions.find);
    look_up("__system_property_read_callback", &functions.read, sizeof functions.read);
    return functions;
}

bool android_property_present(void) {
    const struct functions functions = functions_of_libc();
    return functions.get != NULL || (functions.find != NULL && functions.read != NULL);
}

static void take(void *cookie, const char *key, const char *value, uint32_t serial) {
    (void) key;
    (void) serial;
    (void) buffer_text(cookie, value);
}

int android_property_get(const char *key, struct buffer *out) {
    const struct functions functions = functions_of_libc();
    buffer_reset(out);
    if (functions.find != NULL && functions.read != NULL) {
        const struct property_info *info = functions.find(key);
        if (info == NULL) {
            return -ENOENT;
        }
        functions.read(info, take, out);
        return buffer_error(out);
    }
    char value[SHORT_MAX] = "";
    if (functions.get == NULL || functions.get(key, value) <= 0) {
        return -ENOENT;
    }
    value[sizeof value - 1] = '\0';
    return buffer_text(out, value);
}
