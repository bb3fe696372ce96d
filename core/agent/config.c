/* The daemon's options, and what the firmware seeds. */
#include <config.h>

#include "agent/config.h"

#include "agent/conf_file.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/network_range.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEED_TEXT_MAX = 4096, CERTIFICATE_MAX = 4 << 20 };

static const char *const roots[] = {"Device:2", "InternetGatewayDevice:1", NULL};
static const char *const versions[] = {"1.0", "1.1", "1.2", "1.3", "1.4", NULL};
static const char *const standby_timers[] = {"auto", "platform", "none", NULL};
static const char *const levels[] = {"error", "warning", "notice", "info", "debug", NULL};
static const char *const sinks[] = {"stderr", "syslog", NULL};

/* What an Inform carries by default besides what the standard forces; a name that this box does not
 * have is passed over. Names are below the root. */
#define INFORM_DEFAULT                                                                                       \
    "DeviceInfo.Manufacturer DeviceInfo.ModelName DeviceInfo.ProductClass DeviceInfo.SerialNumber "          \
    "DeviceInfo.HardwareVersion DeviceInfo.SoftwareVersion DeviceInfo.DeviceLogs "                           \
    "IP.Interface.1.IPv4Address.1.IPAddress Ethernet.Interface.1.MACAddress "                                \
    "IP.X_TR069CLIENT_ExternalIPAddress WiFi.SSID.1.SSID "                                                   \
    "LANDevice.1.LANHostConfigManagement.IPInterface.1.IPInterfaceIPAddress "                                \
    "LANDevice.1.LANEthernetInterfaceConfig.1.MACAddress "                                                   \
    "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress "                                 \
    "LANDevice.1.WLANConfiguration.1.SSID"

static const struct tr069_option options[] = {
    /* places */
    {"prefix", TR069_OPTION_STRING, "", .help = "put in front of every relative path of this file"},
    {"build_prop", TR069_OPTION_PATH, "/system/build.prop", .help = "what the firmware says"},
    {"platform", TR069_OPTION_STRING, PLATFORM,
     .help = "the profile with the defaults of this platform; empty: none"},
    {"user", TR069_OPTION_STRING, "", .help = "become this user; empty: stay who started the client"},
    {"group", TR069_OPTION_STRING, "", .help = "become this group; empty: the one of the user"},
    {"plugin_dir", TR069_OPTION_PATH, PLUGINDIR, .help = "where the plugins are"},
    {"plugin_conf_dir", TR069_OPTION_PATH, CONFDIR "/plugins.d", .help = "NN-name.conf: one file a plugin"},
    {"state_dir", TR069_OPTION_PATH, STATEDIR, .help = "what must survive a power cut"},
    {"spool_dir", TR069_OPTION_PATH, STATEDIR "/spool", .help = "files on their way"},
    {"boot_id_file", TR069_OPTION_PATH, "/proc/sys/kernel/random/boot_id", .help = "changes with each boot"},
    {"control_socket", TR069_OPTION_PATH, RUNDIR "/control", .help = "for tr069-ctl; empty: none"},
    /* the ACS */
    {"root", TR069_OPTION_STRING, "Device:2", .values = roots, .help = "the root data model"},
    {"acs_url", TR069_OPTION_STRING, "", .help = "wins over ro.stb.management.s0"},
    {"acs_username", TR069_OPTION_STRING, "", .help = "wins over s1"},
    {"acs_password", TR069_OPTION_STRING, "", .help = "wins over s2", .secret = true},
    {"http_username", TR069_OPTION_STRING, "", .help = "wins over s5"},
    {"http_password", TR069_OPTION_STRING, "", .help = "wins over s6", .secret = true},
    {"cwmp_version", TR069_OPTION_STRING, "1.4", .values = versions, .help = "the highest to speak"},
    {"inform_parameters", TR069_OPTION_LIST, INFORM_DEFAULT,
     .help = "in every Inform, besides the forced ones"},
    {"allow_basic_without_tls", TR069_OPTION_BOOL, "false",
     .help = "answer a Basic challenge over plain http"},
    /* when */
    {"periodic_interval", TR069_OPTION_INT, "60", 1, 31536000, .help = "seconds; the ACS may change it"},
    {"periodic_enable", TR069_OPTION_BOOL, "true", .help = "the ACS may change it"},
    {"retry_minimum", TR069_OPTION_INT, "5", 1, 65535, .help = "seconds; CWMPRetryMinimumWaitInterval"},
    {"retry_multiplier", TR069_OPTION_INT, "2000", 1000, 65535, .help = "CWMPRetryIntervalMultiplier"},
    {"notification_burst", TR069_OPTION_INT, "10", 1, 10000,
     .help = "sessions that one changing parameter may cause at once"},
    {"notification_interval", TR069_OPTION_INT, "60", 0, 86400,
     .help = "seconds until it may cause one more; 0: no limit"},
    {"session_timeout", TR069_OPTION_INT, "60", 30, 3600, .help = "seconds; what the ACS is told"},
    {"connect_timeout", TR069_OPTION_INT, "30", 1, 600, .help = "seconds for TCP and TLS"},
    {"answer_timeout", TR069_OPTION_INT, "60", 1, 3600, .help = "seconds for one answer of the ACS"},
    {"wait_for_network", TR069_OPTION_BOOL, "true", .help = "false: do not look at the interfaces"},
    {"clock_not_before", TR069_OPTION_STRING, "2024-01-01T00:00:00Z",
     .help = "an earlier clock counts as not set"},
    /* standby */
    {"standby", TR069_OPTION_BOOL, "false",
     .help = "the box has a standby: ManagementServer.StandbyPolicy., tr069-ctl standby and wakeup"},
    {"standby_reachable", TR069_OPTION_BOOL, "false", .help = "connection requests can wake it up"},
    {"standby_timer", TR069_OPTION_STRING, "auto", .values = standby_timers,
     .help = "who wakes it up for the ACS: auto (the client, if the kernel lets it), platform, none"},
    /* connection requests */
    {"connection_request", TR069_OPTION_BOOL, "true", .help = "listen for connection requests"},
    {"connection_request_address", TR069_OPTION_STRING, "", .help = "to listen on; empty: all"},
    {"connection_request_port", TR069_OPTION_INT, "7547", 0, 65535, .help = "0: the system chooses"},
    {"connection_request_host", TR069_OPTION_STRING, "", .help = "told to the ACS; empty: the local address"},
    {"connection_request_username", TR069_OPTION_STRING, "", .help = "wins over s3"},
    {"connection_request_password", TR069_OPTION_STRING, "", .help = "wins over s4", .secret = true},
    {"connection_request_from", TR069_OPTION_LIST, "", .help = "networks that may ask; empty: all"},
    {"connection_request_basic", TR069_OPTION_BOOL, "false", .help = "take Basic as well as Digest"},
    {"connection_request_rate", TR069_OPTION_INT, "20", 1, 10000, .help = "accepted ones a minute"},
    /* TLS */
    {"tls_ca_file", TR069_OPTION_PATH, "", .help = "trusted besides the system's store; wins over s7"},
    {"tls_system_store", TR069_OPTION_BOOL, "true", .help = "trust the system's store"},
    {"tls_certificate", TR069_OPTION_PATH, "", .help = "of this box, PEM"},
    {"tls_key", TR069_OPTION_PATH, "", .help = "its key, PEM"},
    /* limits */
    {"max_message_in", TR069_OPTION_INT, "1048576", 32768, 67108864,
     .help = "octets of a message of the ACS"},
    {"max_message_out", TR069_OPTION_INT, "33554432", 65536, 268435456,
     .help = "octets of a message of ours"},
    {"max_depth", TR069_OPTION_INT, "32", 8, 256, .help = "nesting of a message of the ACS"},
    {"max_download", TR069_OPTION_INT, "2147483647", 1024, INT64_MAX, .help = "octets of a file"},
    {"keep_free", TR069_OPTION_INT, "4194304", 0, INT64_MAX, .help = "octets that a download leaves free"},
    {"stall_timeout", TR069_OPTION_INT, "60", 1, 3600,
     .help = "seconds without an octet that end a download"},
    {"download_timeout", TR069_OPTION_INT, "3600", 1, 604800,
     .help = "seconds that one download or upload may take"},
    {"download_resumes", TR069_OPTION_INT, "5", 0, 100, .help = "how often a cut download goes on"},
    {"install_timeout", TR069_OPTION_INT, "7200", 1, 604800,
     .help = "seconds that one installation may take"},
    {"idle_poll", TR069_OPTION_INT, "60", 1, 3600,
     .help = "seconds between two looks whether the box is idle, for a download that waits for that"},
    {"reboot_patience", TR069_OPTION_INT, "300", 1, 86400, .help = "seconds to wait for an ordered reboot"},
    {"plugin_crashes", TR069_OPTION_INT, "3", 1, 100,
     .help = "a plugin that crashes so often at start is left out"},
    /* the log */
    {"log_level", TR069_OPTION_STRING, "info", .values = levels, .help = "least urgent line to write"},
    {"log_rooms", TR069_OPTION_LIST, "",
     .help = "other levels: ROOM:LEVEL, such as session:debug, lan:error"},
    {"log_to", TR069_OPTION_LIST, "stderr", .values = sinks, .help = "stderr, syslog"},
    {"trace", TR069_OPTION_BOOL, "false", .help = "every message into trace_file, without secrets"},
    {"trace_file", TR069_OPTION_PATH, STATEDIR "/trace", .help = "and FILE.1, the one before it"},
    {"trace_max", TR069_OPTION_INT, "1048576", 4096, 1073741824, .help = "octets of each of the two"},
    {NULL},
};

static int say(char *ret_error, size_t error_size, const char *where, const char *name, const char *what) {
    (void) snprintf(ret_error, error_size, "%s: %s: %s", where, name, what);
    return -EINVAL;
}

/* A bare host, address or [IPv6], with or without port and path, means http on port 7547. */
static char *complete_url(const char *text) {
    struct buffer url;
    buffer_init(&url, 2 * SEED_TEXT_MAX);
    if (strstr(text, "://") != NULL || text[0] == '\0') {
        (void) buffer_text(&url, text);
    } else {
        size_t host = strcspn(text, "/?#");
        const char *bracket = text[0] == '[' ? memchr(text, ']', host) : NULL;
        const char *from = bracket != NULL ? bracket : text;
        bool port = memchr(from, ':', host - (size_t) (from - text)) != NULL;
        (void) buffer_format(&url, "http://%.*s%s%s%s", (int) host, text, port ? "" : ":7547",
                             text[host] != '/' ? "/" : "", text + host);
    }
    char *taken = buffer_error(&url) == 0 ? buffer_take(&url) : NULL;
    buffer_free(&url);
    return taken;
}

/* Each check of a seed: true, or what is wrong. No value is part of it: mistakes are logged. */
static bool check_link(const char *url, char *why, size_t size) {
    if (url[0] == '\0' || (strlen(url) <= 256 && text_url_check(url) == 0)) {
        return true;
    }
    (void) text_copy(
        why, size,
        "not a link to an ACS; write http://host:port/path, https://host/path, a host name or an "
        "address (IPv6 in brackets), without user name, at most 256 characters");
    return false;
}

static bool check_login(const char *text, char *why, size_t size) {
    size_t count = 0;
    for (size_t i = 0, n = 0; text[i] != '\0'; i += n, count++) {
        uint32_t code = 0;
        n = text_utf8_char(text + i, strlen(text + i), &code);
        if (n == 0) {
            (void) text_copy(why, size, "not UTF-8");
            return false;
        }
    }
    if (count > 256) {
        (void) text_copy(why, size, "longer than 256 characters");
    }
    return count <= 256;
}

static bool check_certificate(const char *path, char *why, size_t size) {
    struct buffer text;
    if (path[0] == '\0') {
        return true;
    }
    if (path[0] != '/') {
        (void) text_copy(why, size, "not the full path of a certificate, which begins with a /");
        return false;
    }
    buffer_init(&text, CERTIFICATE_MAX);
    int r = buffer_read_file(&text, path);
    bool good = r == 0 && crypto_certificates(buffer_string(&text), text.length) > 0;
    buffer_free(&text);
    if (r < 0) {
        (void) snprintf(why, size, "the certificate cannot be read: %s", strerror(-r));
    } else if (!good) {
        (void) text_copy(
            why, size,
            "the file holds no certificate in PEM (from DER: openssl x509 -inform der), or a damaged one");
    }
    return good;
}

/* Where each seed comes from, and what it has to be. */
static const struct {
    const char *option, *property;
    bool (*check)(const char *text, char *why, size_t size);
} sources[SEED_COUNT] = {
    [SEED_URL] = {"acs_url", "ro.stb.management.s0", check_link},
    [SEED_USERNAME] = {"acs_username", "ro.stb.management.s1", check_login},
    [SEED_PASSWORD] = {"acs_password", "ro.stb.management.s2", check_login},
    [SEED_CONNECTION_REQUEST_USERNAME] = {"connection_request_username", "ro.stb.management.s3", check_login},
    [SEED_CONNECTION_REQUEST_PASSWORD] = {"connection_request_password", "ro.stb.management.s4", check_login},
    [SEED_HTTP_USERNAME] = {"http_username", "ro.stb.management.s5", check_login},
    [SEED_HTTP_PASSWORD] = {"http_password", "ro.stb.management.s6", check_login},
    [SEED_CERTIFICATE] = {"tls_ca_file", "ro.stb.management.s7", check_certificate},
};

static int load_seed(struct config *config, enum seed seed, char *ret_error, size_t error_size) {
    const char *option = sources[seed].option;
    const char *name = option;
    const char *text = seed == SEED_CERTIFICATE ? settings_path(config->settings, option)
                                                : settings_string(config->settings, option);
    char where[512] = "";
    struct buffer decoded;
    buffer_init(&decoded, SEED_TEXT_MAX);
    int r = 0;
    (void) text_copy(where, sizeof where, settings_origin(config->settings, option));
    if (text[0] == '\0') {
        name = sources[seed].property;
        r = build_prop_decode(config->firmware, name, &decoded, ret_error, error_size);
        text = buffer_string(&decoded);
        if (build_prop_get(config->firmware, name) != NULL) {
            build_prop_origin(config->firmware, name, where, sizeof where);
        }
    }
    if (r == 0) {
        config->seeds[seed] = seed == SEED_URL ? complete_url(text) : text_dup(text);
        config->origins[seed] = text_dup(where);
        r = config->seeds[seed] != NULL && config->origins[seed] != NULL ? 0 : -ENOMEM;
    }
    char why[256];
    if (r == 0 && !sources[seed].check(config->seeds[seed], why, sizeof why)) {
        r = say(ret_error, error_size, where, name, why);
    }
    buffer_free(&decoded);
    return r;
}

static int add_override(struct config *config, const char *text) {
    size_t count = 0;
    while (config->overrides[count] != NULL) {
        count++;
    }
    char **list = realloc(config->overrides, (count + 2) * sizeof *list);
    if (list == NULL) {
        return -ENOMEM;
    }
    config->overrides = list;
    list[count] = text_dup(text);
    list[count + 1] = NULL;
    return list[count] != NULL ? 0 : -ENOMEM;
}

static int apply_override(struct config *config, const char *text, char *ret_error, size_t error_size) {
    const char *equals = strchr(text, '=');
    char name[128];
    if (equals == NULL || equals == text || (size_t) (equals - text) >= sizeof name) {
        return say(ret_error, error_size, "command line", text, "-o wants KEY=VALUE or PLUGIN.KEY=VALUE");
    }
    (void) snprintf(name, sizeof name, "%.*s", (int) (equals - text), text);
    if (strchr(name, '.') != NULL) {
        return add_override(config, text); /* the loader knows the plugins' options */
    }
    char why[512];
    int r = settings_set(config->settings, name, equals + 1, "command line", why, sizeof why);
    return r < 0 && r != -ENOMEM ? say(ret_error, error_size, "command line", name, why) : r;
}

static int check_clock(const struct config *config, char *ret_error, size_t error_size) {
    int64_t seconds = 0;
    if (text_parse_time(config_string(config, "clock_not_before"), &seconds) == 0) {
        return 0;
    }
    return say(ret_error, error_size, settings_origin(config->settings, "clock_not_before"),
               "clock_not_before", "not a time; write it as 2024-01-01T00:00:00Z");
}

/* The profile: PLATFORM.conf in the configuration directory, or a full path. One that nobody asked for,
 * because it is the default, may be absent. */
static int load_profile(struct config *config, char *ret_error, size_t error_size) {
    static const char wanted[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const char *platform = config_string(config, "platform");
    const char *origin = settings_origin(config->settings, "platform");
    char path[PATH_MAX];
    if (platform[0] == '\0') {
        return 0;
    }
    if (platform[0] != '/' && strspn(platform, wanted) != strlen(platform)) {
        return say(ret_error, error_size, origin, "platform",
                   "neither a name (small letters, digits, -) nor a full path");
    }
    int n = platform[0] == '/' ? snprintf(path, sizeof path, "%s", platform)
                               : snprintf(path, sizeof path, CONFDIR "/platform/%s.conf", platform);
    if (n >= (int) sizeof path) {
        return say(ret_error, error_size, origin, "platform", "too long");
    }
    if (access(path, F_OK) != 0 && strcmp(origin, "default") == 0) {
        return 0;
    }
    config->profile = conf_file_read(path);
    return settings_take(config->settings, config->profile, "", ret_error, error_size);
}

static int check_networks(const struct config *config, char *ret_error, size_t error_size) {
    const char *const *list = settings_list(config->settings, "connection_request_from");
    struct network_range ignored;
    for (; *list != NULL; list++) {
        if (network_range_parse(*list, &ignored) < 0) {
            char what[256];
            (void) snprintf(what, sizeof what,
                            "%.100s is no network; write 10.0.0.0/8, 2001:db8::/32 or an address", *list);
            return say(ret_error, error_size, settings_origin(config->settings, "connection_request_from"),
                       "connection_request_from", what);
        }
    }
    return 0;
}

static int check_rooms(const struct config *config, char *ret_error, size_t error_size) {
    const char *const *rooms = settings_list(config->settings, "log_rooms");
    struct log_setup scratch = {.room_count = 0};
    for (; *rooms != NULL; rooms++) {
        if (strchr(*rooms, ':') == NULL || log_adjust(&scratch, *rooms) < 0) {
            return say(ret_error, error_size, settings_origin(config->settings, "log_rooms"), "log_rooms",
                       "write ROOM:LEVEL, such as session:debug, at most 32 of them");
        }
    }
    return 0;
}

static int load(struct config *config, const struct config_arguments *arguments, char *ret_error,
                size_t error_size) {
    int r = settings_new(NULL, options, sizeof options[0], "", &config->settings, ret_error, error_size);
    config->file = text_dup(arguments->file != NULL ? arguments->file : CONFDIR "/tr069-client.conf");
    config->overrides = calloc(1, sizeof *config->overrides);
    if (r == 0 && (config->file == NULL || config->overrides == NULL)) {
        r = -ENOMEM;
    }
    if (r == 0 && (arguments->file != NULL || access(config->file, F_OK) == 0)) {
        struct conf_file *file = conf_file_read(config->file);
        r = settings_take(config->settings, file, NULL, ret_error, error_size);
        conf_file_free(file);
    }
    for (size_t i = 0; r == 0 && i < arguments->count; i++) {
        r = apply_override(config, arguments->overrides[i], ret_error, error_size);
    }
    r = r == 0 ? load_profile(config, ret_error, error_size) : r;
    if (r < 0) {
        return r;
    }
    settings_set_prefix(config->settings, config_string(config, "prefix"));
    r = build_prop_read(config_path(config, "build_prop"), &config->firmware);
    if (r < 0) {
        (void) snprintf(ret_error, error_size, "%s: %s", config_path(config, "build_prop"), strerror(-r));
        return r;
    }
    for (enum seed seed = 0; r == 0 && seed < SEED_COUNT; seed++) {
        r = load_seed(config, seed, ret_error, error_size);
    }
    r = r == 0 ? check_networks(config, ret_error, error_size) : r;
    r = r == 0 ? check_clock(config, ret_error, error_size) : r;
    return r == 0 ? check_rooms(config, ret_error, error_size) : r;
}

int config_load(const struct config_arguments *arguments, struct config **ret_config, char *ret_error,
                size_t error_size) {
    struct config *config = calloc(1, sizeof *config);
    (void) snprintf(ret_error, error_size, "out of memory");
    int r = config != NULL ? load(config, arguments, ret_error, error_size) : -ENOMEM;
    if (r < 0) {
        config_free(config);
        return r;
    }
    *ret_config = config;
    return 0;
}

void config_free(struct config *config) {
    if (config == NULL) {
        return;
    }
    for (int i = 0; i < SEED_COUNT; i++) {
        free(config->seeds[i]);
        free(config->origins[i]);
    }
    for (size_t i = 0; config->overrides != NULL && config->overrides[i] != NULL; i++) {
        free(config->overrides[i]);
    }
    free(config->overrides);
    free(config->file);
    conf_file_free(config->profile);
    build_prop_free(config->firmware);
    settings_free(config->settings);
    free(config);
}

const char *config_string(const struct config *config, const char *name) {
    return settings_string(config->settings, name);
}

const char *config_path(const struct config *config, const char *name) {
    return settings_path(config->settings, name);
}

int64_t config_int(const struct config *config, const char *name) {
    return settings_int(config->settings, name);
}

bool config_bool(const struct config *config, const char *name) {
    return settings_bool(config->settings, name);
}

/* A seed that the firmware gave is printed where it came from; the option above it shows as empty. */
void config_print(const struct config *config, FILE *out) {
    settings_print(config->settings, "", out);
    for (int i = 0; i < SEED_COUNT; i++) {
        bool shown = i == SEED_URL || i == SEED_CERTIFICATE;
        bool empty = config->seeds[i][0] == '\0';
        (void) fprintf(out, "%s = \"%s\"  (%s)\n", sources[i].property,
                       shown || empty ? config->seeds[i] : "***", config->origins[i]);
    }
}
