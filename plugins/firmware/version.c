#include "version.h"

bool firmware_version_metadata(const char *metadata, const char *key, char *ret_value, size_t size) {
    size_t length = strlen(key);
    for (const char *line = metadata; line != NULL && *line != '\0';) {
        const char *end = line + strcspn(line, "\r\n");
        if (strncmp(line, key, length) == 0 && line[length] == '=') {
            const char *value = line + length + 1;
            size_t value_length = (size_t) (end - value);
            if (value_length == 0 || value_length >= size) {
                return false;
            }
            memcpy(ret_value, value, value_length);
            ret_value[value_length] = '\0';
            return true;
        }
        line = end + strspn(end, "\r\n");
    }
    return false;
}

void firmware_version_running(const struct tr069_host *host, const char *source, char *ret_value,
                              size_t size) {
    ret_value[0] = '\0';
    if (strncmp(source, "property:", 9) == 0) {
        const char *value = host->property(host, source + 9);
        (void) snprintf(ret_value, size, "%s", value != NULL ? value : "");
    } else if (strncmp(source, "parameter:", 10) == 0) {
        char path[TR069_NAME_MAX + 1];
        (void) snprintf(path, sizeof path, "%s%s", host->root(host), source + 10);
        if (host->get(host, path, ret_value, size) < 0) {
            ret_value[0] = '\0';
        }
    }
}

/* "KEY=SOURCE". */
static bool split(const char *pair, char *ret_key, size_t size, const char **ret_source) {
    const char *sign = strchr(pair, '=');
    if (sign == NULL || (size_t) (sign - pair) >= size) {
        return false;
    }
    memcpy(ret_key, pair, (size_t) (sign - pair));
    ret_key[sign - pair] = '\0';
    *ret_source = sign + 1;
    return true;
}

void firmware_version_choose(const struct tr069_host *host, const char *const *pairs, const char *metadata,
                             struct version *ret_version) {
    char key[64], running[VERSION_SIZE];
    const char *source;
    *ret_version = (struct version){.source = ""};
    for (; *pairs != NULL; pairs++) {
        struct version found = {.source = ""};
        if (!split(*pairs, key, sizeof key, &source)) {
            continue;
        }
        firmware_version_running(host, source, running, sizeof running);
        if (running[0] == '\0') {
            continue;
        }
        (void) snprintf(found.source, sizeof found.source, "%s", source);
        if (firmware_version_metadata(metadata, key, found.wanted, sizeof found.wanted)) {
            *ret_version = found;
            return;
        }
        if (ret_version->source[0] == '\0') {
            *ret_version = found;
        }
    }
}

static bool list_has(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0'; at += *at != '\0') {
        size_t part = strcspn(at, "|,");
        if (part == length && memcmp(at, word, length) == 0) {
            return true;
        }
        at += part;
    }
    return false;
}

bool firmware_version_fits(const struct tr069_host *host, const char *const *pairs, const char *metadata,
                           char *ret_image, char *ret_box, size_t size) {
    char key[64];
    const char *source;
    for (; *pairs != NULL; pairs++) {
        if (!split(*pairs, key, sizeof key, &source) ||
            !firmware_version_metadata(metadata, key, ret_image, size)) {
            continue;
        }
        firmware_version_running(host, source, ret_box, size);
        if (ret_box[0] != '\0' && !list_has(ret_image, ret_box)) {
            return false;
        }
    }
    return true;
}
