/* What Android's libc has and this one has not: the property system, for a daemon that is started with this
 * object in LD_PRELOAD. Properties are the lines KEY=VALUE of the file $TR069_TEST_PROPERTIES. With
 * BEFORE_ANDROID_8 there is only the older function, which gives 91 octets at most. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct prop_info {
    char key[256], value[8192];
};

static struct prop_info found;

static const struct prop_info *look(const char *key) {
    const char *path = getenv("TR069_TEST_PROPERTIES");
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    const struct prop_info *info = NULL;
    char line[sizeof found];
    while (file != NULL && info == NULL && fgets(line, sizeof line, file) != NULL) {
        char *equals = strchr(line, '=');
        line[strcspn(line, "\n")] = '\0';
        if (equals != NULL && (size_t) (equals - line) == strlen(key) &&
            strncmp(line, key, strlen(key)) == 0) {
            (void) snprintf(found.key, sizeof found.key, "%s", key);
            (void) snprintf(found.value, sizeof found.value, "%.8191s", equals + 1);
            info = &found;
        }
    }
    if (file != NULL) {
        (void) fclose(file);
    }
    return info;
}

EXPORT int __system_property_get(const char *key, char *value);
EXPORT int __system_property_get(const char *key, char *value) {
    const struct prop_info *info = look(key);
    return snprintf(value, 92, "%.91s", info != NULL ? info->value : "");
}

#ifndef BEFORE_ANDROID_8
typedef void told(void *cookie, const char *key, const char *value, uint32_t serial);

EXPORT const struct prop_info *__system_property_find(const char *key);
EXPORT const struct prop_info *__system_property_find(const char *key) {
    return look(key);
}

EXPORT void __system_property_read_callback(const struct prop_info *info, told *call, void *cookie);
EXPORT void __system_property_read_callback(const struct prop_info *info, told *call, void *cookie) {
    call(cookie, info->key, info->value, 0);
}
#endif
