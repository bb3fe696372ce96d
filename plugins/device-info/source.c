/* plugins/device-info: the sources of a value. */
#define _GNU_SOURCE
#include "source.h"

#include "lan/interfaces.h"

#include <ctype.h>
#include <stdlib.h>

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

static bool has_address(int interface, void *user) {
    char address[64], hex[13];
    if (!interface_line(interface, "address", address, sizeof address) || !mac_digits(address, hex)) {
        return false;
    }
    memcpy(user, hex, sizeof hex);
    return true;
}

void device_info_source(const struct tr069_host *host, const char *source, char mac[13], char *ret_text,
                        size_t size) {
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
        char interface[32];
        if (mac[0] == '\0') {
            (void) interface_first(host->option_string(host, "sysfs"), has_address, mac, interface,
                                   sizeof interface);
        }
        (void) snprintf(ret_text, size, "%s", mac);
    } else {
        host->log(host, TR069_WARNING, "\"%s\" is no source: property:, file:, text: or mac: is expected",
                  source);
    }
}
