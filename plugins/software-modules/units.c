/* Deployment units: what is installed, kept over restarts. */
#define _GNU_SOURCE
#include "units.h"

#include <ctype.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#define KEY "unit/%u"

enum { STATE_SIZE = 16384 };

/* ---- UUIDs and versions ------------------------------------------------------------------------ */

bool uuid_is_good(const char *uuid) {
    for (size_t i = 0; i < UUID_SIZE - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? uuid[i] != '-' : isxdigit((unsigned char) uuid[i]) == 0) {
            return false;
        }
    }
    return uuid[UUID_SIZE - 1] == '\0';
}

void uuid_of_name(const char *name, char ret_uuid[UUID_SIZE]) {
    /* the namespace for URLs, RFC 4122 appendix C */
    static const unsigned char space[16] = {0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
                                            0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    unsigned char d[16] = {0};
    gnutls_hash_hd_t hash;
    if (gnutls_hash_init(&hash, GNUTLS_DIG_MD5) == 0) {
        (void) gnutls_hash(hash, space, sizeof space);
        (void) gnutls_hash(hash, name, strlen(name));
        gnutls_hash_deinit(hash, d);
    }
    d[6] = (unsigned char) ((d[6] & 0x0f) | 0x30);
    d[8] = (unsigned char) ((d[8] & 0x3f) | 0x80);
    (void) snprintf(ret_uuid, UUID_SIZE,
                    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1], d[2],
                    d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
}

int version_compare(const char *a, const char *b) {
    while (*a != '\0' || *b != '\0') {
        if (isdigit((unsigned char) *a) != 0 && isdigit((unsigned char) *b) != 0) {
            a += strspn(a, "0");
            b += strspn(b, "0");
            size_t la = strspn(a, "0123456789"), lb = strspn(b, "0123456789");
            int order = la != lb ? (la < lb ? -1 : 1) : strncmp(a, b, la);
            if (order != 0) {
                return order;
            }
            a += la;
            b += lb;
        } else if (*a != *b) {
            return (unsigned char) *a < (unsigned char) *b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return 0;
}

/* ---- The manifest ------------------------------------------------------------------------------ */

/* Copies a line's value, printable; never half of a UTF-8 character. */
static void copy_line(char *out, size_t size, const char *text, size_t length) {
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char) text[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char) text[i];
        out[i] = c < 0x20 || c == 0x7f ? ' ' : (char) c;
    }
    out[length] = '\0';
}

static bool find_line(const char *text, const char *key, char *out, size_t size) {
    size_t key_length = strlen(key);
    out[0] = '\0';
    while (*text != '\0') {
        size_t length = strcspn(text, "\r\n");
        if (length > key_length && strncmp(text, key, key_length) == 0 && text[key_length] == '=') {
            copy_line(out, size, text + key_length + 1, length - key_length - 1);
            return true;
        }
        text += length;
        text += strspn(text, "\r\n");
    }
    return false;
}

/* Names of programs: no path, no option, nothing that a log or a list could misread. */
static bool executable_is_good(const char *name) {
    return name[0] != '\0' && name[0] != '.' && name[0] != '-' &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

static bool read_executables(struct manifest *manifest, char *list) {
    char *rest = NULL;
    for (char *name = strtok_r(list, ", ", &rest); name != NULL; name = strtok_r(NULL, ", ", &rest)) {
        if (manifest->executable_count == EXECUTABLES_MAX || strlen(name) >= EXECUTABLE_SIZE ||
            !executable_is_good(name)) {
            return false;
        }
        copy_line(manifest->executables[manifest->executable_count++], EXECUTABLE_SIZE, name, strlen(name));
    }
    return true;
}

static size_t characters(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char) *text & 0xc0) != 0x80;
    }
    return count;
}

int manifest_read(const char *text, struct manifest *ret_manifest, struct tr069_fault *fault) {
    struct manifest *manifest = ret_manifest;
    char list[1024], uuid[64];
    memset(manifest, 0, sizeof *manifest);
    (void) find_line(text, "uuid", uuid, sizeof uuid);
    (void) find_line(text, "name", manifest->name, sizeof manifest->name);
    (void) find_line(text, "version", manifest->version, sizeof manifest->version);
    (void) find_line(text, "vendor", manifest->vendor, sizeof manifest->vendor);
    (void) find_line(text, "description", manifest->description, sizeof manifest->description);
    (void) find_line(text, "environment", manifest->environment, sizeof manifest->environment);
    (void) find_line(text, "units", list, sizeof list);
    if (manifest->name[0] == '\0' || manifest->version[0] == '\0') {
        return tr069_fault(fault, TR069_TRANSFER_CORRUPTED, "the bundle tells no %s",
                           manifest->name[0] == '\0' ? "name" : "version");
    }
    if (uuid[0] != '\0' && !uuid_is_good(uuid)) {
        return tr069_fault(fault, TR069_TRANSFER_CORRUPTED, "the bundle's uuid is none");
    }
    if (characters(manifest->version) > 32 || characters(manifest->name) > 256 ||
        characters(manifest->vendor) > 128 || characters(manifest->description) > 256) {
        return tr069_fault(fault, TR069_TRANSFER_CORRUPTED,
                           "the bundle's name, version, vendor or "
                           "description is too long");
    }
    if (!read_executables(manifest, list)) {
        return tr069_fault(fault, TR069_TRANSFER_CORRUPTED, "the bundle's units: at most %d plain names",
                           EXECUTABLES_MAX);
    }
    for (size_t i = 0; uuid[i] != '\0'; i++) {
        manifest->uuid[i] = (char) tolower((unsigned char) uuid[i]);
    }
    return TR069_OK;
}

/* ---- The state --------------------------------------------------------------------------------- */

static void put_number(const struct units *units, const char *key, uint32_t number) {
    char text[16];
    (void) snprintf(text, sizeof text, "%" PRIu32, number);
    (void) units->host->state_put(units->host, key, text);
}

static uint32_t get_number(const struct units *units, const char *key) {
    const char *text = units->host->state_get(units->host, key);
    uint32_t number = text != NULL ? (uint32_t) strtoul(text, NULL, 10) : 0;
    return number > 0 ? number : 1;
}

static int keep(const struct units *units, const struct unit *unit) {
    char key[32], *text = malloc(STATE_SIZE);
    const struct manifest *m = &unit->manifest;
    int length, r = -ENOMEM;
    if (text == NULL) {
        return -ENOMEM;
    }
    length = snprintf(text, STATE_SIZE,
                      "instance=%" PRIu32 "\nduid=%s\nuuid=%s\nname=%s\nversion=%s\nvendor=%s\n"
                      "description=%s\nurl=%s\ninstalled=%" PRId64 "\nupdated=%" PRId64 "\nunits=",
                      unit->instance, unit->duid, m->uuid, m->name, m->version, m->vendor, m->description,
                      unit->url, unit->installed, unit->updated);
    for (size_t i = 0; i < m->executable_count && length < STATE_SIZE; i++) {
        length += snprintf(text + length, STATE_SIZE - (size_t) length, "%s%s", i > 0 ? "," : "",
                           m->executables[i]);
    }
    for (size_t i = 0; i < m->executable_count && length < STATE_SIZE; i++) {
        length += snprintf(text + length, STATE_SIZE - (size_t) length, "\nnumber%zu=%" PRIu32, i,
                           unit->executables[i].instance);
    }
    if (length < STATE_SIZE) {
        (void) snprintf(key, sizeof key, KEY, (unsigned) (unit - units->list));
        r = units->host->state_put(units->host, key, text);
    }
    free(text);
    return r;
}

static int64_t find_number(const char *text, const char *key) {
    char value[32];
    return find_line(text, key, value, sizeof value) ? strtoll(value, NULL, 10) : 0;
}

static bool load(struct unit *unit, const char *text) {
    struct tr069_fault fault;
    char key[32];
    memset(unit, 0, sizeof *unit);
    (void) find_line(text, "duid", unit->duid, sizeof unit->duid);
    (void) find_line(text, "url", unit->url, sizeof unit->url);
    unit->installed = find_number(text, "installed");
    unit->updated = find_number(text, "updated");
    if (unit->duid[0] == '\0' || manifest_read(text, &unit->manifest, &fault) != TR069_OK ||
        unit->manifest.uuid[0] == '\0') {
        return false;
    }
    for (size_t i = 0; i < unit->manifest.executable_count; i++) {
        struct executable *executable = &unit->executables[i];
        (void) snprintf(key, sizeof key, "number%zu", i);
        executable->instance = (uint32_t) find_number(text, key);
        executable->unit = unit;
        memcpy(executable->name, unit->manifest.executables[i], sizeof executable->name);
    }
    unit->instance = (uint32_t) find_number(text, "instance");
    return unit->instance != 0;
}

void units_load(struct units *units, const struct tr069_host *host) {
    char key[32];
    memset(units, 0, sizeof *units);
    units->host = host;
    for (unsigned i = 0; i < UNITS_MAX; i++) {
        (void) snprintf(key, sizeof key, KEY, i);
        const char *text = host->state_get(host, key);
        if (text != NULL && !load(&units->list[i], text)) {
            host->log(host, TR069_ERROR, "the stored deployment unit %u cannot be understood", i);
            memset(&units->list[i], 0, sizeof units->list[i]);
        }
    }
    units->next_unit = get_number(units, "next-unit");
    units->next_executable = get_number(units, "next-executable");
    units->next_serial = get_number(units, "next-serial");
}

void units_forget(struct units *units) {
    memset(units->list, 0, sizeof units->list);
    units->next_unit = units->next_executable = units->next_serial = 1;
}

/* ---- Finding ----------------------------------------------------------------------------------- */

struct unit *units_find(struct units *units, uint32_t instance) {
    for (size_t i = 0; i < UNITS_MAX; i++) {
        if (units->list[i].instance == instance && instance != 0) {
            return &units->list[i];
        }
    }
    return NULL;
}

static bool is_asked(const char *asked) {
    return asked != NULL && asked[0] != '\0';
}

size_t units_select(struct units *units, const char *uuid, const char *version, const char *url,
                    struct unit *ret_list[UNITS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < UNITS_MAX; i++) {
        struct unit *unit = &units->list[i];
        if (unit->instance == 0 || (is_asked(uuid) && strcasecmp(uuid, unit->manifest.uuid) != 0) ||
            (is_asked(version) && strcmp(version, unit->manifest.version) != 0) ||
            (is_asked(url) && strcmp(url, unit->url) != 0)) {
            continue;
        }
        size_t at = count++;
        while (at > 0 && ret_list[at - 1]->instance > unit->instance) {
            ret_list[at] = ret_list[at - 1];
            at--;
        }
        ret_list[at] = unit;
    }
    return count;
}

size_t units_count(const struct units *units) {
    size_t count = 0;
    for (size_t i = 0; i < UNITS_MAX; i++) {
        count += units->list[i].instance != 0;
    }
    return count;
}

void units_executables(const struct units *units, const struct unit *unit, bool active, char *text,
                       size_t size) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < UNITS_MAX; i++) {
        const struct unit *at = &units->list[i];
        for (size_t k = 0; at->instance != 0 && (unit == NULL || unit == at) &&
                           k < at->manifest.executable_count && length < size;
             k++) {
            if (!active || at->executables[k].active) {
                length += (size_t) snprintf(
                    text + length, size - length, "%s%sSoftwareModules.ExecutionUnit.%" PRIu32,
                    length > 0 ? "," : "", units->host->root(units->host), at->executables[k].instance);
            }
        }
    }
}

/* ---- Changing ---------------------------------------------------------------------------------- */

void units_new_duid(const struct units *units, const char *uuid, char ret_duid[DUID_SIZE]) {
    (void) snprintf(ret_duid, DUID_SIZE, "%.36s.%" PRIu32, uuid, units->next_serial);
}

static struct unit *free_place(struct units *units) {
    for (size_t i = 0; i < UNITS_MAX; i++) {
        if (units->list[i].instance == 0) {
            return &units->list[i];
        }
    }
    return NULL;
}

static void number_executables(struct units *units, struct unit *unit, const struct unit *old) {
    for (size_t i = 0; i < unit->manifest.executable_count; i++) {
        struct executable *executable = &unit->executables[i];
        memset(executable, 0, sizeof *executable);
        memcpy(executable->name, unit->manifest.executables[i], sizeof executable->name);
        executable->unit = unit;
        for (size_t k = 0; k < old->manifest.executable_count; k++) {
            if (strcmp(old->executables[k].name, executable->name) == 0) {
                executable->instance = old->executables[k].instance;
            }
        }
        if (executable->instance == 0) {
            executable->instance = units->next_executable++;
        }
    }
    put_number(units, "next-executable", units->next_executable);
}

struct unit *units_put(struct units *units, struct unit *unit, const char *duid,
                       const struct manifest *manifest, const char *url, int64_t now) {
    static const struct unit none;
    struct unit *old = NULL;
    bool fresh = unit == NULL;
    unit = fresh ? free_place(units) : unit;
    if (unit == NULL || (!fresh && (old = malloc(sizeof *old)) == NULL)) {
        return NULL;
    }
    if (fresh) {
        memset(unit, 0, sizeof *unit);
        unit->instance = units->next_unit++;
        unit->installed = now;
        put_number(units, "next-unit", units->next_unit);
    } else {
        *old = *unit;
    }
    unit->status = NULL;
    unit->updated = now;
    unit->manifest = *manifest;
    (void) snprintf(unit->duid, sizeof unit->duid, "%s", duid);
    (void) snprintf(unit->url, sizeof unit->url, "%s", url);
    number_executables(units, unit, old != NULL ? old : &none);
    units->next_serial++;
    put_number(units, "next-serial", units->next_serial);
    if (keep(units, unit) < 0) {
        if (fresh) {
            unit->instance = 0;
        } else {
            *unit = *old;
        }
        unit = NULL;
    }
    free(old);
    return unit;
}

void units_remove(struct units *units, struct unit *unit) {
    char key[32];
    (void) snprintf(key, sizeof key, KEY, (unsigned) (unit - units->list));
    (void) units->host->state_put(units->host, key, NULL);
    memset(unit, 0, sizeof *unit);
}
