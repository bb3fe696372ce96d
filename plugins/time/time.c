/* plugins/time: the clock, its zone and its NTP servers (Device.Time., InternetGatewayDevice.Time.). */
#define _GNU_SOURCE
#include <tr069/plugin.h>

#include <stdlib.h>
#include <sys/timex.h>

struct clock {
    const struct tr069_host *host;
    struct tr069_timer *apply;
    char zone[257]; /* of the box, when the ACS ordered none */
};

/* ---- Status and the time ---------------------------------------------------------------------- */

static int status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    struct timex kernel = {.modes = 0};
    char path[64], enable[8];
    (void) snprintf(path, sizeof path, "%sTime.Enable", at->host->root(at->host));
    if (at->host->get(at->host, path, enable, sizeof enable) == 0 && strcmp(enable, "false") == 0) {
        return tr069_value_string(ret_value, "Disabled");
    }
    /* The kernel knows whether an NTP client keeps its clock, whichever client that is. */
    bool kept = at->host->wall_clock(at->host) != TR069_TIME_UNKNOWN && adjtimex(&kernel) != TIME_ERROR &&
                (kernel.status & STA_UNSYNC) == 0;
    return tr069_value_string(ret_value, kept ? "Synchronized" : "Unsynchronized");
}

/* Local time with its offset, as TR-181 wants it here; every other dateTime is UTC. */
static int local_time_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    time_t now = (time_t) at->host->wall_clock(at->host);
    struct tm local;
    if (at->host->wall_clock(at->host) == TR069_TIME_UNKNOWN) {
        return tr069_value_time(ret_value, TR069_TIME_UNKNOWN);
    }
    tzset(); /* the zone file may have changed */
    if (localtime_r(&now, &local) == NULL) {
        return -errno;
    }
    long minutes = local.tm_gmtoff / 60;
    (void) tr069_value_format(ret_value, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", local.tm_year + 1900,
                              local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                              minutes < 0 ? '-' : '+', labs(minutes) / 60, labs(minutes) % 60);
    ret_value->type = TR069_DATETIME;
    ret_value->time = now;
    return TR069_OK;
}

/* InternetGatewayDevice's old form of the zone: "+02:00". */
static int offset_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    int r = local_time_get(at, ret_value);
    if (r == TR069_OK && ret_value->as.string != NULL) {
        return tr069_value_string(ret_value, ret_value->buffer + strlen("0000-00-00T00:00:00"));
    }
    return r == TR069_OK ? tr069_value_string(ret_value, "") : r;
}

/* ---- The zone --------------------------------------------------------------------------------- */

/* A zone file ends with the zone in the form of POSIX: "\nCET-1CEST,M3.5.0,M10.5.0/3\n". */
static void zone_of_system(const char *file, char *ret_zone, size_t size) {
    char tail[258] = "";
    FILE *in = fopen(file, "rbe");
    if (in == NULL) {
        return;
    }
    if (fseek(in, 0, SEEK_END) == 0 && ftell(in) > 0) {
        long back = ftell(in) < (long) sizeof tail - 1 ? ftell(in) : (long) sizeof tail - 1;
        size_t got = fseek(in, -back, SEEK_END) == 0 ? fread(tail, 1, (size_t) back, in) : 0;
        const char *begin = got > 1 && tail[got - 1] == '\n' ? memrchr(tail, '\n', got - 1) : NULL;
        if (begin != NULL) {
            (void) snprintf(ret_zone, size, "%.*s", (int) (tail + got - 1 - (begin + 1)), begin + 1);
        }
    }
    (void) fclose(in);
}

static int zone_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct clock *clock = tr069_ctx(at);
    const char *ordered = at->host->state_get(at->host, "zone");
    return tr069_value_string(ret_value, ordered != NULL ? ordered : clock->zone);
}

static int zone_set(const struct tr069_at *at, const struct tr069_value *value) {
    int r = at->host->state_put(at->host, "zone", value->as.string);
    return r == 0 ? TR069_APPLIED_LATER : r; /* by the platform, see apply() */
}

/* ---- Telling the platform --------------------------------------------------------------------- */

static void applied(void *user, int result, const char *output, size_t length) {
    struct clock *clock = user;
    (void) output;
    (void) length;
    if (result != 0) {
        clock->host->log(clock->host, TR069_ERROR, "the action \"ntp\" failed: %s", strerror(-result));
    }
}

/* Hands all of it to the action "ntp": enable, zone, then the servers that are set. */
static void apply(void *user) {
    struct clock *clock = user;
    const struct tr069_host *host = clock->host;
    clock->apply = NULL;
    char path[64], text[7][257];
    const char *args[8] = {NULL};
    size_t count = 0;
    static const char *const names[] = {"Enable",     "NTPServer1", "NTPServer2",
                                        "NTPServer3", "NTPServer4", "NTPServer5"};
    const char *zone = host->state_get(host, "zone");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void) snprintf(path, sizeof path, "%sTime.%s", host->root(host), names[i]);
        if (host->get(host, path, text[count], sizeof text[count]) == 0 && text[count][0] != '\0') {
            args[count] = text[count];
            count++;
        }
        if (i == 0) {
            args[count++] = zone != NULL ? zone : clock->zone;
        }
    }
    int r = host->action(host, "ntp", args, applied, clock);
    if (r == -ENOSYS) {
        host->log(host, TR069_NOTICE,
                  "time settings are kept, but no platform plugin takes the action \"ntp\"");
    } else if (r < 0) {
        host->log(host, TR069_ERROR, "the action \"ntp\" failed: %s", strerror(-r));
    }
}

/* One SetParameterValues may touch both of our objects, which shall not run the action twice. */
static void apply_soon(const struct tr069_at *at) {
    struct clock *clock = tr069_ctx(at);
    if (clock->apply == NULL && at->host->timer(at->host, 100, apply, clock, &clock->apply) < 0) {
        at->host->log(at->host, TR069_ERROR,
                      "time settings are kept, but could not be applied: out of memory");
    }
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static const char *const statuses[] = {"Disabled", "Unsynchronized", "Synchronized", NULL};

static const struct tr069_param common_params[] = {
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "true", .help = "does the box set its clock by NTP?"},
    {"Status", TR069_STRING, .values = statuses, .get = status_get},
    {"NTPServer1", TR069_STRING, TR069_STORED, .max_length = 64},
    {"NTPServer2", TR069_STRING, TR069_STORED, .max_length = 64},
    {"NTPServer3", TR069_STRING, TR069_STORED, .max_length = 64},
    {"NTPServer4", TR069_STRING, TR069_STORED, .max_length = 64},
    {"NTPServer5", TR069_STRING, TR069_STORED, .max_length = 64},
    {"CurrentLocalTime", TR069_DATETIME, .notify = TR069_NOTIFY_CAN_DENY, .get = local_time_get},
    {0}};
static const struct tr069_param igd_params[] = {
    {"LocalTimeZone", TR069_STRING, .max_length = 6, .get = offset_get},
    {"LocalTimeZoneName", TR069_STRING, .max_length = 64, .get = zone_get, .set = zone_set},
    {0}};
static const struct tr069_param dev2_params[] = {
    {"LocalTimeZone", TR069_STRING, .max_length = 256, .get = zone_get, .set = zone_set}, {0}};

static const struct tr069_object objects[] = {{TR069_BOTH, "Time.", common_params, .commit = apply_soon},
                                              {TR069_IGD1, "Time.", igd_params, .commit = apply_soon},
                                              {TR069_DEV2, "Time.", dev2_params, .commit = apply_soon},
                                              {0}};
static const struct tr069_option options[] = {
    {"zone_file", TR069_OPTION_PATH, "/etc/localtime", .help = "where the zone of the box is found"}, {0}};

static const char *const wants[] = {"action:ntp", NULL};

static int time_init(const struct tr069_host *host, void **ret_ctx) {
    struct clock *clock = calloc(1, sizeof *clock);
    if (clock == NULL) {
        return -ENOMEM;
    }
    clock->host = host;
    zone_of_system(host->option_string(host, "zone_file"), clock->zone, sizeof clock->zone);
    *ret_ctx = clock;
    return 0;
}

TR069_PLUGIN(.name = "time", .version = "1", .summary = "the clock, its zone and its NTP servers",
             .options = options, .objects = objects, .wants = wants, .init = time_init, .destroy = free);
