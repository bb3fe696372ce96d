/* plugins/device-info: the sources of a value. */
#define _GNU_SOURCE
#include "source.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

void device_info_copy(const char *from, size_t max, char *ret_text, size_t size) {
    size_t used = 0, characters = 0;
    for (from += strspn(from, " \t"); *from != '\0' && *from != '\n' && used + 1 < size; from++) {
        unsigned char octet = (unsigned char) *from;
        bool begins = (octet & 0xc0) != 0x80;
        if (octet < 0x20 || octet == 0x7f) {
            continue;
        }
        if (begins && characters == max) {
            break;
        }
        characters += begins;
        ret_text[used++] = (char) octet;
    }
    while (used > 0 && ret_text[used - 1] == ' ') {
        used--;
    }
    ret_text[used] = '\0';
}

static bool read_line(const char *path, char *ret_line, size_t size) {
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        return false;
    }
    bool got = fgets(ret_line, (int) size, in) != NULL;
    (void) fclose(in);
    return got && ret_line[0] != '\0';
}

/* 12 hexadecimal digits of "a8:5e:45:01:02:0f"; false when it is no address. */
static bool mac_digits(const char *address, char ret_hex[13]) {
    size_t digits = 0;
    for (; *address != '\0' && digits < 12; address++) {
        if (isxdigit((unsigned char) *address)) {
            ret_hex[digits++] = (char) toupper((unsigned char) *address);
        }
    }
    ret_hex[digits] = '\0';
    return digits == 12 && strcmp(ret_hex, "000000000000") != 0;
}

static bool read_of(const char *sysfs, const char *interface, const char *file, char *ret_line, size_t size) {
    char path[512];
    (void) snprintf(path, sizeof path, "%s/%s/%s", sysfs, interface, file);
    return read_line(path, ret_line, size);
}

/* The address of the Ethernet-like interface with the lowest index: it stays the same over boots.
 * Hardware goes before bridges and the like, whose addresses may be made anew at each boot. */
static void read_mac(const char *sysfs, char *ret_hex, size_t size) {
    long best = 0;
    DIR *directory = opendir(sysfs);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char path[512], type[32], index[32], address[64], hex[13];
        const char *name = entry->d_name;
        if (name[0] == '.' || !read_of(sysfs, name, "type", type, sizeof type) ||
            strtol(type, NULL, 10) != 1 || !read_of(sysfs, name, "ifindex", index, sizeof index) ||
            !read_of(sysfs, name, "address", address, sizeof address) || !mac_digits(address, hex)) {
            continue;
        }
        (void) snprintf(path, sizeof path, "%s/%s/device", sysfs, name);
        long number = strtol(index, NULL, 10) + (access(path, F_OK) == 0 ? 0 : 1000000);
        if (best == 0 || number < best) {
            best = number;
            (void) snprintf(ret_hex, size, "%s", hex);
        }
    }
    if (directory != NULL) {
        (void) closedir(directory);
    }
}

void device_info_source(const struct tr069_host *host, const char *source, char *ret_text, size_t size) {
    ret_text[0] = '\0';
    if (strncmp(source, "property:", 9) == 0) {
        const char *value = host->property(host, source + 9);
        (void) snprintf(ret_text, size, "%s", value != NULL ? value : "");
    } else if (strncmp(source, "file:", 5) == 0) {
        if (!read_line(source + 5, ret_text, size)) {
            ret_text[0] = '\0';
        }
    } else if (strncmp(source, "text:", 5) == 0) {
        (void) snprintf(ret_text, size, "%s", source + 5);
    } else if (strcmp(source, "mac:") == 0) {
        read_mac(host->option_string(host, "sysfs"), ret_text, size);
    } else {
        host->log(host, TR069_WARNING, "\"%s\" is no source: property:, file:, text: or mac: is expected",
                  source);
    }
}
