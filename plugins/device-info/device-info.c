/* plugins/device-info: who this box is (DeviceInfo., and what stands at the root about the model).
 *
 * Each value has an option: a list of sources, of which the first that gives something is taken.
 *   property:KEY   a property of the firmware (build.prop)
 *   file:PATH      the first line of a small file
 *   text:WORDS     the words themselves
 *   mac:           the hardware address of the first network interface, 12 hexadecimal digits */
#define _GNU_SOURCE
#include "source.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_USE_CHECK_MS = 60000 };

/* In this order in identity[], identity_params[] and options[]. */
enum {
    MANUFACTURER,
    OUI,
    MODEL,
    DESCRIPTION,
    CLASS,
    SERIAL,
    HARDWARE,
    SOFTWARE,
    MORE_HARDWARE,
    MORE_SOFTWARE,
    TEXTS
};

static const struct {
    const char *option;
    size_t max; /* characters, TR-181 */
} identity[TEXTS] = {{"manufacturer", 64},
                     {"manufacturer_oui", 6},
                     {"model_name", 64},
                     {"description", 256},
                     {"product_class", 64},
                     {"serial_number", 64},
                     {"hardware_version", 64},
                     {"software_version", 64},
                     {"additional_hardware_version", 64},
                     {"additional_software_version", 64}};

struct device {
    const struct tr069_host *host;
    char text[TEXTS][257];
    uint64_t memory_total, memory_free; /* KiB */
    uint64_t busy, all;                 /* ticks of the processor at the last refresh */
    unsigned usage;                     /* percent */
    struct tr069_timer *first_use;
};

/* ---- Identity --------------------------------------------------------------------------------- */

/* An OUI is six upper-case hexadecimal digits. Longer ones (of a MAC address) are cut; one that is
 * not registered to anybody (locally administered) is no OUI. */
static bool make_oui(char *text, bool of_mac) {
    size_t digits = 0;
    for (const char *at = text; *at != '\0' && digits < 6; at++) {
        if (isxdigit((unsigned char) *at)) {
            text[digits++] = (char) toupper((unsigned char) *at);
        } else if (*at != ':' && *at != '-') {
            return false;
        }
    }
    text[digits] = '\0';
    return digits == 6 && (!of_mac || (strtoul(text, NULL, 16) & 0x020000) == 0);
}

static void read_identity(struct device *device) {
    const struct tr069_host *host = device->host;
    char mac[13] = "";
    for (size_t i = 0; i < TEXTS; i++) {
        char text[512] = "";
        const char *const *sources = host->option_list(host, identity[i].option);
        device->text[i][0] = '\0';
        for (; sources != NULL && *sources != NULL && device->text[i][0] == '\0'; sources++) {
            device_info_source(host, *sources, mac, text, sizeof text);
            if (text[0] != '\0' && i == OUI && !make_oui(text, strcmp(*sources, "mac:") == 0)) {
                host->log(host, TR069_WARNING, "%s gives no OUI: six hexadecimal digits are expected",
                          *sources);
                continue;
            }
            device_info_copy(text, identity[i].max, device->text[i], sizeof device->text[i]);
        }
    }
    if (device->text[OUI][0] == '\0') {
        (void) snprintf(device->text[OUI], sizeof device->text[OUI], "000000");
        host->log(host, TR069_WARNING, "no manufacturer_oui is known: the ACS gets 000000");
    }
    if (device->text[SERIAL][0] == '\0') {
        host->log(host, TR069_WARNING, "no serial_number is known: the ACS cannot tell this box from others");
    }
}

/* ---- Memory, processor ------------------------------------------------------------------------ */

/* The beginning of a file of the kernel's, by one read; "" if it cannot be read. */
static void read_beginning(const char *path, char *ret_text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, ret_text, size - 1) : -1;
    if (file >= 0) {
        (void) close(file);
    }
    ret_text[length > 0 ? length : 0] = '\0';
}

static uint64_t number_behind(const char *text, const char *name, uint64_t otherwise) {
    const char *at = strstr(text, name);
    return at != NULL ? strtoull(at + strlen(name), NULL, 10) : otherwise;
}

static void read_memory(struct device *device) {
    char text[256]; /* MemTotal, MemFree, MemAvailable are the first lines */
    read_beginning("/proc/meminfo", text, sizeof text);
    device->memory_total = number_behind(text, "MemTotal:", device->memory_total);
    device->memory_free = number_behind(text, "MemAvailable:", device->memory_free);
}

/* Percent since the last refresh, the first time since boot. */
static void read_processor(struct device *device) {
    char line[256];
    uint64_t ticks[8] = {0}, all = 0, busy;
    read_beginning("/proc/stat", line, sizeof line);
    if (strncmp(line, "cpu ", 4) != 0) {
        return;
    }
    char *at = line + 4;
    for (size_t i = 0; i < 8; i++) {
        ticks[i] = strtoull(at, &at, 10);
        all += ticks[i];
    }
    busy = all - ticks[3] - ticks[4]; /* idle, iowait */
    if (all > device->all && busy >= device->busy) {
        device->usage = (unsigned) ((busy - device->busy) * 100 / (all - device->all));
        device->usage = device->usage > 100 ? 100 : device->usage;
    }
    device->all = all;
    device->busy = busy;
}

static int memory_refresh(const struct tr069_at *at) {
    read_memory(tr069_ctx(at));
    return TR069_OK;
}

static int processor_refresh(const struct tr069_at *at) {
    read_processor(tr069_ctx(at));
    return TR069_OK;
}

/* ---- First use -------------------------------------------------------------------------------- */

/* The first moment at which there was both a network and a clock. */
static void first_use_check(void *user) {
    struct device *device = user;
    const struct tr069_host *host = device->host;
    char text[32];
    int64_t now = host->wall_clock(host);
    device->first_use = NULL;
    if (host->state_get(host, "first_use") != NULL) {
        return;
    }
    if (now != TR069_TIME_UNKNOWN && host->local_address(host)[0] != '\0') {
        (void) snprintf(text, sizeof text, "%lld", (long long) now);
        if (host->state_put(host, "first_use", text) == 0) {
            return;
        }
    }
    (void) host->timer(host, FIRST_USE_CHECK_MS, first_use_check, device, &device->first_use);
}

/* ---- Getters ---------------------------------------------------------------------------------- */

static int identity_get(const struct tr069_at *at, struct tr069_value *ret_value);
static int uptime_get(const struct tr069_at *at, struct tr069_value *ret_value);
static int first_use_get(const struct tr069_at *at, struct tr069_value *ret_value);

static const struct tr069_param identity_params[] = {
    [MANUFACTURER] = {"Manufacturer", TR069_STRING, .max_length = 64, .get = identity_get},
    [OUI] = {"ManufacturerOUI", TR069_STRING, .max_length = 6, .min_length = 6, .pattern = "[0-9A-F]{6}",
             .get = identity_get},
    [MODEL] = {"ModelName", TR069_STRING, .max_length = 64, .get = identity_get},
    [DESCRIPTION] = {"Description", TR069_STRING, .max_length = 256, .get = identity_get},
    [CLASS] = {"ProductClass", TR069_STRING, .max_length = 64, .get = identity_get},
    [SERIAL] = {"SerialNumber", TR069_STRING, .max_length = 64, .get = identity_get},
    [HARDWARE] = {"HardwareVersion", TR069_STRING, TR069_INFORM, .max_length = 64, .get = identity_get},
    [SOFTWARE] = {"SoftwareVersion", TR069_STRING, TR069_INFORM, TR069_NOTIFY_FORCED, .max_length = 64,
                  .get = identity_get},
    [MORE_HARDWARE] = {"AdditionalHardwareVersion", TR069_STRING, TR069_CSV, .max_length = 64,
                       .get = identity_get},
    [MORE_SOFTWARE] = {"AdditionalSoftwareVersion", TR069_STRING, TR069_CSV, .max_length = 64,
                       .get = identity_get},
    {"ProvisioningCode", TR069_STRING, TR069_INFORM | TR069_STORED, TR069_NOTIFY_FORCED, .max_length = 64},
    {"UpTime", TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, .get = uptime_get},
    {"FirstUseDate", TR069_DATETIME, .get = first_use_get},
    {0}};

static int identity_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct device *device = tr069_ctx(at);
    return tr069_value_string(ret_value, device->text[at->param - identity_params]);
}

static int uptime_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_uint(ret_value, at->host->monotonic_ms(at->host) / 1000);
}

static int first_use_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const char *text = at->host->state_get(at->host, "first_use");
    return tr069_value_time(ret_value, text != NULL ? strtoll(text, NULL, 10) : TR069_TIME_UNKNOWN);
}

static int memory_total_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct device *device = tr069_ctx(at);
    return tr069_value_uint(ret_value, device->memory_total);
}

static int memory_free_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct device *device = tr069_ctx(at);
    return tr069_value_uint(ret_value, device->memory_free);
}

static int usage_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct device *device = tr069_ctx(at);
    return tr069_value_uint(ret_value, device->usage);
}

static int summary_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, at->host->option_string(at->host, "device_summary"));
}

/* The documents of the models that are here: the root's, and of each service that a plugin gives. A row's
 * number is its place here. */
static const struct model {
    const char *shown_by; /* this parameter, below the root; NULL: always */
    const char *url, *uuid, *urn;
} models[] = {
    {NULL, NULL, NULL, "urn:broadband-forum-org:tr-181-2-17-0"}, /* what the options say */
    {"Services.STBServiceNumberOfEntries",
     "https://cwmp-data-models.broadband-forum.org/tr-135-1-4-1-cwmp.xml",
     "79184bce-50af-51b2-a6c7-b7deffb7a6c0", "urn:broadband-forum-org:tr-135-1-4-1"},
};

static const struct model *model_at(const struct tr069_at *at) {
    return &models[tr069_instance(at) - 1];
}

static bool model_is_here(const struct tr069_host *host, const struct model *model) {
    char path[TR069_NAME_MAX + 1], value[32];
    if (model->shown_by == NULL) {
        return true;
    }
    (void) snprintf(path, sizeof path, "%s%s", host->root(host), model->shown_by);
    return host->get(host, path, value, sizeof value) == 0;
}

static int model_rows(const struct tr069_at *at, struct tr069_rows *rows) {
    int r = 0;
    for (uint32_t i = 0; i < sizeof models / sizeof models[0] && r == 0; i++) {
        r = model_is_here(at->host, &models[i]) ? rows->add(rows, i + 1, NULL) : 0;
    }
    return r;
}

static int model_url_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const char *url = model_at(at)->url;
    return tr069_value_string(ret_value,
                              url != NULL ? url : at->host->option_string(at->host, "data_model_url"));
}

static int model_uuid_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const char *uuid = model_at(at)->uuid;
    return tr069_value_string(ret_value,
                              uuid != NULL ? uuid : at->host->option_string(at->host, "data_model_uuid"));
}

static int model_urn_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_string(ret_value, model_at(at)->urn);
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static const struct tr069_param igd_params[] = {
    {"SpecVersion", TR069_STRING, TR069_INFORM, .value = "1.0", .max_length = 16}, {0}};
static const struct tr069_param igd_root_params[] = {
    {"DeviceSummary", TR069_STRING, TR069_INFORM, .max_length = 1024, .get = summary_get}, {0}};
static const struct tr069_param dev2_params[] = {
    {"SupportedDataModelNumberOfEntries", TR069_UINT, .entries_of = "DeviceInfo.SupportedDataModel."}, {0}};
static const struct tr069_param dev2_root_params[] = {
    {"RootDataModelVersion", TR069_STRING, TR069_INFORM, .value = "2.17", .max_length = 32}, {0}};
static const struct tr069_param model_params[] = {
    TR069_ALIAS_PARAM,
    {"URL", TR069_STRING, .max_length = 2048, .get = model_url_get},
    {"UUID", TR069_STRING, .max_length = 36, .get = model_uuid_get},
    {"URN", TR069_STRING, .max_length = 256, .get = model_urn_get},
    {"Features", TR069_STRING, TR069_CSV, .value = ""},
    {0}};
static const struct tr069_param memory_params[] = {
    {"Total", TR069_UINT, .get = memory_total_get, .help = "KiB"},
    {"Free", TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, .get = memory_free_get, .help = "KiB"},
    {0}};
static const struct tr069_param processor_params[] = {
    {"CPUUsage", TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, .max = 100, .get = usage_get}, {0}};

static const struct tr069_object objects[] = {
    {TR069_BOTH, "DeviceInfo.", identity_params},
    {TR069_IGD1, "DeviceInfo.", igd_params},
    {TR069_IGD1, "", igd_root_params},
    {TR069_DEV2, "DeviceInfo.", dev2_params},
    {TR069_DEV2, "", dev2_root_params},
    {TR069_DEV2, "DeviceInfo.SupportedDataModel.{i}.", model_params, .instances = model_rows},
    {TR069_DEV2, "DeviceInfo.MemoryStatus.", memory_params, .refresh = memory_refresh},
    {TR069_DEV2, "DeviceInfo.ProcessStatus.", processor_params, .refresh = processor_refresh},
    {0}};

static const struct tr069_option options[] = {
    {"manufacturer", TR069_OPTION_LIST,
     "property:ro.product.manufacturer property:ro.product.brand file:/sys/class/dmi/id/sys_vendor"},
    {"manufacturer_oui", TR069_OPTION_LIST, "property:ro.product.oui mac:"},
    {"model_name", TR069_OPTION_LIST,
     "property:ro.product.model file:/proc/device-tree/model file:/sys/class/dmi/id/product_name"},
    {"description", TR069_OPTION_LIST, "property:ro.build.description"},
    {"product_class", TR069_OPTION_LIST, "property:ro.product.name property:ro.product.device text:STB"},
    {"serial_number", TR069_OPTION_LIST,
     "property:ro.serialno property:ro.boot.serialno file:/proc/device-tree/serial-number mac:"},
    {"hardware_version", TR069_OPTION_LIST,
     "property:ro.boot.hardware.revision property:ro.hardware property:ro.product.board"},
    {"software_version", TR069_OPTION_LIST,
     "property:ro.build.version.incremental property:ro.build.display.id file:/proc/sys/kernel/osrelease"},
    {"additional_hardware_version", TR069_OPTION_LIST, ""},
    {"additional_software_version", TR069_OPTION_LIST, "file:/proc/sys/kernel/osrelease"},
    {"device_summary", TR069_OPTION_STRING, "InternetGatewayDevice:1.14[]()"},
    {"data_model_url", TR069_OPTION_STRING,
     "https://cwmp-data-models.broadband-forum.org/tr-181-2-17-0-cwmp.xml",
     .help = "the DT instance of this box"},
    {"data_model_uuid", TR069_OPTION_STRING, "a551fec6-4f5e-50ee-aa8f-162cd1ac9136",
     .help = "the uuid of that document"},
    {"sysfs", TR069_OPTION_PATH, "/sys/class/net", .help = "where network interfaces are found"},
    {0}};

/* ---- Life ------------------------------------------------------------------------------------- */

static int device_init(const struct tr069_host *host, void **ret_ctx) {
    struct device *device = calloc(1, sizeof *device);
    if (device == NULL) {
        return -ENOMEM;
    }
    device->host = host;
    read_identity(device);
    *ret_ctx = device;
    return 0;
}

static int device_start(void *ctx) {
    first_use_check(ctx);
    return 0;
}

static void device_forget(void *ctx) {
    struct device *device = ctx;
    if (device->first_use == NULL) {
        (void) device->host->timer(device->host, FIRST_USE_CHECK_MS, first_use_check, device,
                                   &device->first_use);
    }
}

TR069_PLUGIN(.name = "device-info", .version = "1", .summary = "who this box is", .options = options,
             .objects = objects, .init = device_init, .start = device_start, .destroy = free,
             .forget = device_forget);
