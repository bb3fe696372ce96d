/* plugins/wifi-ssid: the name of the wireless network. doc/plugins.md walks through this file.
 *
 * A set-top box is a station of one network. The name comes from the option `ssid`, else from the kernel
 * (nl80211), also when that tells of a change; or, where the driver does not speak that, from a program such
 * as `wpa_cli -i wlan0 status`, run once a session and never waited for. A box without a radio has no row,
 * and no invented name. */
#define _GNU_SOURCE
#include "nl80211.h"

#include "lan/interfaces.h"

#include <tr069/plugin.h>

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

enum { SSID_MAX = 32, OUTPUT_MAX = 4096, ARGS_MAX = 16 };

struct wifi {
    const struct tr069_host *host;
    char interface[32]; /* empty: there is no radio */
    char ssid[SSID_MAX + 1];
    char bssid[18];
    bool started;  /* what is read from now on may be a change */
    bool warned;   /* that the kernel does not tell the name */
    bool watching; /* the kernel tells of each radio that comes or goes */
    struct tr069_child *child;
    const struct tr069_object *waiting; /* the object whose refresh is under way */
};

/* ---- Reading ---------------------------------------------------------------------------------- */

/* "auto": the first interface, by name, that is wireless. */
static void judge_interface(void *user, const char *name, int interface) {
    struct wifi *wifi = user;
    const char *wanted = wifi->host->option_string(wifi->host, "interface");
    const bool ours = strcmp(wanted, "auto") == 0 ? interface_is_radio(interface) : strcmp(wanted, name) == 0;
    const size_t size = strlen(name) + 1;
    if (ours && size <= sizeof wifi->interface &&
        (wifi->interface[0] == '\0' || strcmp(name, wifi->interface) < 0)) {
        memcpy(wifi->interface, name, size);
    }
}

static void find_interface(struct wifi *wifi) {
    wifi->interface[0] = '\0';
    interface_each(wifi->host->option_string(wifi->host, "sysfs"), judge_interface, wifi);
}

/* Both programs write octets that they will not print as \xNN. */
static void decode(const char *from, size_t length, char *ret_text, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < length && used + 1 < size; i++) {
        if (i + 3 < length && from[i] == '\\' && from[i + 1] == 'x' &&
            isxdigit((unsigned char) from[i + 2]) && isxdigit((unsigned char) from[i + 3])) {
            const char digits[] = {from[i + 2], from[i + 3], '\0'};
            ret_text[used++] = (char) strtoul(digits, NULL, 16);
            i += 3;
        } else {
            i += from[i] == '\\' && i + 1 < length && from[i + 1] == '\\';
            ret_text[used++] = from[i];
        }
    }
    ret_text[used] = '\0';
}

/* Finds "SSID: name" (iw link), "ssid name" (iw info), "ssid=name" (wpa_cli); the same for the BSSID,
 * and "Connected to aa:bb:cc:dd:ee:ff". */
static void parse(const char *output, size_t length, char *ret_ssid, char *ret_bssid) {
    const char *end = output + length;
    for (const char *line = output; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t) (end - line));
        line_end = line_end != NULL ? line_end : end;
        while (line < line_end && (*line == ' ' || *line == '\t')) {
            line++;
        }
        size_t size = (size_t) (line_end - line);
        if (size > 6 && strncmp(line, "SSID: ", 6) == 0) {
            decode(line + 6, size - 6, ret_ssid, SSID_MAX + 1);
        } else if (size > 5 && (strncmp(line, "ssid=", 5) == 0 || strncmp(line, "ssid ", 5) == 0)) {
            decode(line + 5, size - 5, ret_ssid, SSID_MAX + 1);
        } else if (size >= 23 && strncmp(line, "bssid=", 6) == 0) {
            decode(line + 6, 17, ret_bssid, 18);
        } else if (size >= 30 && strncmp(line, "Connected to ", 13) == 0) {
            decode(line + 13, 17, ret_bssid, 18);
        }
        line = line_end + 1;
    }
}

static void take_over(struct wifi *wifi, const char *ssid, const char *bssid) {
    char path[TR069_NAME_MAX + 1];
    const char *root = wifi->host->root(wifi->host);
    bool changed = wifi->started && strcmp(wifi->ssid, ssid) != 0;
    (void) snprintf(wifi->ssid, sizeof wifi->ssid, "%s", ssid);
    (void) snprintf(wifi->bssid, sizeof wifi->bssid, "%s", bssid);
    if (changed && wifi->interface[0] != '\0') {
        (void) snprintf(path, sizeof path, "%s%s", root,
                        strcmp(root, "Device.") == 0 ? "WiFi.SSID.1.SSID"
                                                     : "LANDevice.1.WLANConfiguration.1.SSID");
        wifi->host->value_changed(wifi->host, path);
    }
}

static void asked(void *user, int result, const char *output, size_t length) {
    struct wifi *wifi = user;
    char ssid[SSID_MAX + 1] = "", bssid[18] = "";
    wifi->child = NULL;
    if (result == 0) {
        parse(output, length, ssid, bssid);
    } else {
        wifi->host->log(wifi->host, TR069_WARNING, "the program that tells the SSID ended with %d", result);
    }
    take_over(wifi, ssid, bssid);
    wifi->host->refreshed(wifi->host, wifi->waiting);
}

static bool uses_kernel(const struct wifi *wifi) {
    const char *const *command = wifi->host->option_list(wifi->host, "command");
    return wifi->host->option_string(wifi->host, "ssid")[0] == '\0' &&
           (command == NULL || command[0] == NULL);
}

static void ask_kernel(struct wifi *wifi) {
    struct nl80211_link link = {.ssid = ""};
    const int interface = interface_open(wifi->host->option_string(wifi->host, "sysfs"), wifi->interface);
    int r = nl80211_link((unsigned) interface_number(interface, "ifindex"), &link);
    if (interface >= 0) {
        (void) close(interface);
    }
    if (r < 0 && !wifi->warned) {
        wifi->host->log(
            wifi->host, TR069_WARNING,
            "the kernel does not tell the name of the network (nl80211: %s); see the option command",
            strerror(-r));
    }
    wifi->warned = r < 0;
    take_over(wifi, link.ssid, link.bssid);
}

/* The link of a station goes and comes with its network. What the news are does not matter here. */
static void on_network(void *user) {
    struct wifi *wifi = user;
    find_interface(wifi);
    if (wifi->interface[0] != '\0') {
        ask_kernel(wifi);
    }
}

/* Once a session, before values are read. The session does not wait for ever: see refresh_ms. */
static int refresh(const struct tr069_at *at) {
    struct wifi *wifi = tr069_ctx(at);
    const struct tr069_host *host = at->host;
    const char *fixed = host->option_string(host, "ssid");
    const char *const *command = host->option_list(host, "command");
    const char *argv[ARGS_MAX + 1] = {NULL};
    if (!wifi->watching) {
        find_interface(wifi);
    }
    if (wifi->interface[0] != '\0' && uses_kernel(wifi)) {
        ask_kernel(wifi);
        return TR069_OK;
    }
    if (wifi->interface[0] == '\0' || fixed[0] != '\0') {
        take_over(wifi, wifi->interface[0] != '\0' ? fixed : "", "");
        return TR069_OK;
    }
    for (size_t i = 0; i < ARGS_MAX && command[i] != NULL; i++) {
        argv[i] = strcmp(command[i], "%i") == 0 ? wifi->interface : command[i];
    }
    if (wifi->child == NULL) {
        const struct tr069_run run = {.argv = argv, .deadline_ms = 3000, .output_max = OUTPUT_MAX};
        int r = host->run(host, &run, asked, wifi, &wifi->child);
        if (r < 0) {
            host->log(host, TR069_WARNING, "%s could not be started: %s", argv[0], strerror(-r));
            take_over(wifi, "", "");
            return TR069_OK;
        }
    }
    wifi->waiting = at->object;
    return TR069_DEFERRED;
}

/* ---- Getters ---------------------------------------------------------------------------------- */

static int rows(const struct tr069_at *at, struct tr069_rows *rows) {
    const struct wifi *wifi = tr069_ctx(at);
    return wifi->interface[0] != '\0' ? tr069_row(rows, 1, NULL) : 0;
}

static int ssid_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct wifi *wifi = tr069_ctx(at);
    return tr069_value_string(ret_value, wifi->ssid);
}

static int bssid_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct wifi *wifi = tr069_ctx(at);
    return tr069_value_string(ret_value, wifi->bssid);
}

static int name_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct wifi *wifi = tr069_ctx(at);
    return tr069_value_string(ret_value, wifi->interface);
}

static int status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct wifi *wifi = tr069_ctx(at);
    const char *down = strcmp(at->host->root(at->host), "Device.") == 0 ? "Down" : "Disabled";
    return tr069_value_string(ret_value, wifi->ssid[0] != '\0' ? "Up" : down);
}

/* ---- Tables ----------------------------------------------------------------------------------- */

#define MAC_PATTERN "|([0-9A-Fa-f][0-9A-Fa-f]:){5}([0-9A-Fa-f][0-9A-Fa-f])"

static const char *const dev2_states[] = {"Up", "Down", NULL};
static const char *const igd_states[] = {"Up", "Disabled", NULL};

static const struct tr069_param wifi_params[] = {
    {"SSIDNumberOfEntries", TR069_UINT, .entries_of = "WiFi.SSID."}, {0}};
static const struct tr069_param ssid_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true"},
    {"Status", TR069_STRING, .values = dev2_states, .get = status_get},
    {"Name", TR069_STRING, .max_length = 64, .get = name_get},
    {"BSSID", TR069_STRING, .max_length = 17, .pattern = MAC_PATTERN, .get = bssid_get},
    {"SSID", TR069_STRING, .max_length = SSID_MAX, .get = ssid_get},
    {0}};
static const struct tr069_param lan_params[] = {
    {"LANWLANConfigurationNumberOfEntries", TR069_UINT, .entries_of = "LANDevice.{i}.WLANConfiguration."},
    {0}};
static const struct tr069_param wlan_params[] = {
    TR069_ALIAS_PARAM,
    {"Enable", TR069_BOOLEAN, .value = "true"},
    {"Status", TR069_STRING, .values = igd_states, .get = status_get},
    {"Name", TR069_STRING, .max_length = 16, .get = name_get},
    {"BSSID", TR069_STRING, .pattern = MAC_PATTERN, .get = bssid_get},
    {"SSID", TR069_STRING, .max_length = SSID_MAX, .get = ssid_get},
    {0}};

static const struct tr069_object objects[] = {
    {TR069_DEV2, "WiFi.", wifi_params},
    {TR069_DEV2, "WiFi.SSID.{i}.", ssid_params, .instances = rows, .refresh = refresh, .refresh_ms = 3500},
    {TR069_IGD1, "LANDevice.{i}.", lan_params},
    {TR069_IGD1, "LANDevice.{i}.WLANConfiguration.{i}.", wlan_params, .instances = rows, .refresh = refresh,
     .refresh_ms = 3500},
    {0}};
static const struct tr069_option options[] = {
    {"interface", TR069_OPTION_STRING, "auto", .help = "the wireless interface"},
    {"ssid", TR069_OPTION_STRING, "", .help = "a fixed name; empty: the kernel's or the command's"},
    {"command", TR069_OPTION_LIST, "", .help = "tells the name; %i is the interface; empty: the kernel does"},
    {"sysfs", TR069_OPTION_PATH, "/sys/class/net", .help = "where network interfaces are found"},
    {0}};

/* ---- Life ------------------------------------------------------------------------------------- */

static int wifi_init(const struct tr069_host *host, void **ret_ctx) {
    struct wifi *wifi = calloc(1, sizeof *wifi);
    if (wifi == NULL) {
        return -ENOMEM;
    }
    wifi->host = host;
    *ret_ctx = wifi;
    return 0;
}

/* Without the kernel's news interface and name are read once a session only. */
static int wifi_start(void *ctx) {
    struct wifi *wifi = ctx;
    if (uses_kernel(wifi)) {
        int r = wifi->host->network(wifi->host, on_network, wifi);
        wifi->watching = r == 0;
        if (r < 0) {
            wifi->host->log(wifi->host, TR069_WARNING, "changes of the network are noticed late: %s",
                            strerror(-r));
        }
    }
    find_interface(wifi); /* one that comes from now on is told */
    if (wifi->interface[0] != '\0' && uses_kernel(wifi)) {
        ask_kernel(wifi); /* else the name of the last start would count as changed */
    } else if (wifi->interface[0] != '\0') {
        take_over(wifi, wifi->host->option_string(wifi->host, "ssid"), "");
    }
    wifi->started = true;
    return 0;
}

static void wifi_destroy(void *ctx) {
    free(ctx);
}

TR069_PLUGIN(.name = "wifi-ssid", .version = "1", .summary = "the name of the wireless network",
             .options = options, .objects = objects, .init = wifi_init, .start = wifi_start,
             .destroy = wifi_destroy);
