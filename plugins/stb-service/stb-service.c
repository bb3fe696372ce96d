/* plugins/stb-service: Services.STBService.1. (TR-135): what the conf file says of the box, what its program
 * prints of its state and of its streams, and ServiceMonitoring. of these. stb.h says what is where. */
#define _GNU_SOURCE
#include "stb.h"

#include <stdlib.h>

/* ---- What the ACS sets ------------------------------------------------------------------------ */

static void state_key(const struct cell *cell, char *key, size_t size) {
    (void) snprintf(key, size, "set/%s", cell->name);
}

static void put(struct stb *stb, const struct cell *cell, const char *value) {
    char key[TR069_NAME_MAX + 8];
    state_key(cell, key, sizeof key);
    const int r = stb->host->state_put(stb->host, key, value);
    if (r < 0) {
        stb->host->log(stb->host, TR069_ERROR, "%s is not kept over a power cut: %s", cell->name,
                       strerror(-r));
    }
}

void stb_forget(struct stb *stb, struct cell *cell) {
    free(cell->text);
    cell->text = NULL;
    cell->kept = cell->untold = false;
    cell->tries = 0;
    put(stb, cell, NULL);
}

/* What only gives an order (CancelMute) is done with when it was told. */
void stb_keep(struct stb *stb, struct cell *cell, bool told) {
    char *value;
    if (cell->param->get == NULL && told) {
        stb_forget(stb, cell);
        return;
    }
    cell->kept = true;
    cell->untold = !told;
    if (asprintf(&value, "%s %s", told ? "told" : "new", stb_text(stb, cell->name)) >= 0) {
        put(stb, cell, value);
        free(value);
    }
}

static char *text_of(const struct tr069_value *value) {
    char *text = NULL;
    switch ((int) value->type) {
    case TR069_UINT:
    case TR069_ULONG:
        return asprintf(&text, "%llu", (unsigned long long) value->as.number) < 0 ? NULL : text;
    case TR069_BOOLEAN:
        return strdup(value->as.boolean ? "true" : "false");
    default:
        return strndup(value->as.string, value->length);
    }
}

/* The value counts at once, also for what is set behind it in the same request. The former one is set again
 * when the request fails. */
int stb_own_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct stb *stb = tr069_ctx(at);
    struct cell *cell;
    char *text = text_of(value);
    if (text == NULL || stb_cell_make(stb, stb_below(at->path), at->param, &cell) < 0) {
        free(text);
        return -ENOMEM;
    }
    free(cell->staged);
    cell->staged = NULL;
    if (strcmp(text, stb_text(stb, cell->name)) == 0) {
        free(text);
    } else {
        cell->staged = text;
    }
    return TR069_OK;
}

int stb_player_set(const struct tr069_at *at, const struct tr069_value *value) {
    if (at->host->option_list(at->host, "set")[0] == NULL) {
        return tr069_fault(at->fault, TR069_REQUEST_DENIED,
                           "%s: the box has no program that sets it (option set)", at->path);
    }
    const int r = stb_own_set(at, value);
    return r == TR069_OK ? TR069_APPLIED_LATER : r;
}

/* Streams that a service type stands for: IP includes IPTV and VoD, IP-All the test stream, too. */
static unsigned streams_of(const char *type) {
    static const unsigned streams[] = {1, 2, 1 | 2, 4, 1 | 2 | 4, 8, 16, 32, 64};
    for (size_t i = 0; stb_service_types[i] != NULL; i++) {
        if (strcmp(stb_service_types[i], type) == 0) {
            return streams[i];
        }
    }
    return 0;
}

static unsigned streams_in(const struct stb *stb, uint32_t row) {
    char name[64];
    (void) snprintf(name, sizeof name, STREAM "%u.Enable", row);
    const bool enabled = stb_is_true(stb, name);
    (void) snprintf(name, sizeof name, STREAM "%u.ServiceType", row);
    return enabled ? streams_of(stb_text(stb, name)) : 0;
}

/* Is one of the supported types, or empty. */
static bool is_service_type(const struct stb *stb, const char *type) {
    const char *supported = stb_text(stb, "Capabilities.ServiceMonitoring.ServiceTypes");
    const size_t length = strlen(type);
    if (length == 0) {
        return true;
    }
    for (const char *item = supported; item != NULL;) {
        const size_t size = strcspn(item, ",");
        if (size == length && strncmp(item, type, length) == 0) {
            return true;
        }
        item = item[size] == ',' ? item + size + 1 : NULL;
    }
    return supported[0] == '\0' && streams_of(type) != 0;
}

/* No stream may count in two rows. */
int stb_stream_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct stb *stb = tr069_ctx(at);
    const uint32_t row = at->instance[1];
    if (strcmp(at->param->name, "ServiceType") == 0 && !is_service_type(stb, value->as.string)) {
        return tr069_fault(at->fault, TR069_INVALID_VALUE, "%s: not a service type of this box", at->path);
    }
    const int r = stb_own_set(at, value);
    for (size_t i = 0; i < stb->stream_count && r == TR069_OK; i++) {
        const uint32_t other = stb->streams[i].instance;
        if (other != row && (streams_in(stb, row) & streams_in(stb, other)) != 0) {
            struct cell *cell = stb_cell(stb, stb_below(at->path));
            free(cell->staged);
            cell->staged = NULL;
            return tr069_fault(at->fault, TR069_INVALID_VALUE, "%s: MainStream.%u counts this stream already",
                               at->path, other);
        }
    }
    return r;
}

/* Done when the request as a whole was right. */
int stb_reset_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct stb *stb = tr069_ctx(at);
    stb->ordered_resets = value->as.boolean ? stb->ordered_resets | UINT64_C(1) << at->instance[1]
                                            : stb->ordered_resets & ~(UINT64_C(1) << at->instance[1]);
    return TR069_OK;
}

int stb_force_set(const struct tr069_at *at, const struct tr069_value *value) {
    struct stb *stb = tr069_ctx(at);
    stb->ordered_sample = value->as.boolean;
    return TR069_OK;
}

int stb_monitoring_check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    const struct stb *stb = tr069_ctx(at);
    const uint64_t least = stb_capability(stb, "MinSampleInterval"),
                   most = stb_capability(stb, "MaxReportSamples");
    for (size_t i = 0; i < count; i++) {
        const struct tr069_change *change = &changes[i];
        if (strcmp(change->param->name, "SampleInterval") == 0 && change->value->as.number < least) {
            return tr069_fault(change->fault, TR069_INVALID_VALUE, "MinSampleInterval is %llu",
                               (unsigned long long) least);
        }
        if (strcmp(change->param->name, "ReportSamples") == 0 && change->value->as.number > most) {
            return tr069_fault(change->fault, TR069_INVALID_VALUE, "MaxReportSamples is %llu",
                               (unsigned long long) most);
        }
    }
    return TR069_OK;
}

static void take_staged(struct stb *stb, struct cell *cell) {
    free(cell->text);
    cell->text = cell->staged;
    cell->staged = NULL;
    cell->tries = 0;
    stb_keep(stb, cell, !stb_is_told(stb, cell));
}

void stb_commit(const struct tr069_at *at) {
    struct stb *stb = tr069_ctx(at);
    for (size_t i = 0; i < stb->cell_count; i++) {
        if (stb->cells[i]->staged != NULL) {
            take_staged(stb, stb->cells[i]);
        }
    }
    stb_monitoring_apply(stb);
    for (size_t i = 0; i < stb->stream_count; i++) {
        if ((stb->ordered_resets >> stb->streams[i].instance & 1) != 0) {
            stb_stream_reset(stb, &stb->streams[i]);
        }
        if (stb->streams[i].reset) { /* it counts from here on */
            stb_program_want(stb, REASON_READ);
        }
    }
    if (stb->ordered_sample) {
        stb_monitoring_force(stb);
    }
    stb->ordered_resets = 0;
    stb->ordered_sample = false;
    stb_program_tell(stb);
}

/* ---- What sessions read ----------------------------------------------------------------------- */

/* One reading serves all objects, and a session that follows at once. A program that was slow or failed is
 * not waited for. */
int stb_refresh(const struct tr069_at *at) {
    struct stb *stb = tr069_ctx(at);
    const uint64_t cache_ms = (uint64_t) at->host->option_int(at->host, "cache") * 1000;
    const bool is_fresh = stb->program.read_ms != 0 && stb_now(stb) - stb->program.read_ms <= cache_ms;
    const bool patient = !stb->program.slow && !stb->program.failed;
    if (!is_fresh && !stb_program_busy(stb)) {
        stb_program_want(stb, REASON_READ);
    }
    if (!patient || !stb_program_busy(stb)) {
        return TR069_OK;
    }
    stb->program.awaited = true;
    return TR069_DEFERRED;
}

/* ---- Life ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum profile profile;
} profiles[] = {{"BasicPerfMon", BASIC}, {"ECPerfMon", EC}, {"VideoPerfMon", VIDEO}, {"AudioPerfMon", AUDIO}};

static int read_profiles(struct stb *stb) {
    const struct tr069_host *host = stb->host;
    const char *const *names = host->option_list(host, "profiles");
    stb->profiles = BASELINE;
    for (; *names != NULL; names++) {
        size_t i = 0;
        while (i < sizeof profiles / sizeof profiles[0] && strcmp(profiles[i].name, *names) != 0) {
            i++;
        }
        if (i == sizeof profiles / sizeof profiles[0]) {
            host->log(host, TR069_ERROR, "profiles: there is no \"%s\"", *names);
            return -EINVAL;
        }
        stb->profiles |= profiles[i].profile;
    }
    if (stb->profiles != BASELINE &&
        ((stb->profiles & BASIC) == 0 || host->option_list(host, "command")[0] == NULL)) {
        host->log(host, TR069_ERROR,
                  "profiles: they need BasicPerfMon, and a command that prints the figures");
        return -EINVAL;
    }
    return 0;
}

static int make_objects(struct stb *stb) {
    size_t count = 0;
    for (const struct table *table = stb_tables; table->object.path != NULL; table++) {
        count += (table->profiles & stb->profiles) != 0 ? 1 : 0;
    }
    stb->objects = calloc(count + 1, sizeof *stb->objects);
    if (stb->objects == NULL) {
        return -ENOMEM;
    }
    struct tr069_object *object = stb->objects;
    for (const struct table *table = stb_tables; table->object.path != NULL; table++) {
        if ((table->profiles & stb->profiles) != 0) {
            *object = table->object;
            object->refresh_ms = (uint32_t) stb->host->option_int(stb->host, "wait");
            object++;
        }
    }
    return 0;
}

static int stb_init(const struct tr069_host *host, void **ret_ctx) {
    struct stb *stb = calloc(1, sizeof *stb);
    if (stb == NULL) {
        return -ENOMEM;
    }
    stb->host = host;
    *ret_ctx = stb;
    int r = read_profiles(stb);
    r = r == 0 ? make_objects(stb) : r;
    r = r == 0 ? stb_values_init(stb, host->option_list(host, "values")) : r;
    return r == 0 ? stb_figures_init(stb) : r;
}

static const struct tr069_object *stb_objects(void *ctx) {
    return ((const struct stb *) ctx)->objects;
}

/* The first reading is what the totals count from. */
static int stb_start(void *ctx) {
    struct stb *stb = ctx;
    stb->start_ms = stb_now(stb);
    stb_monitoring_apply(stb);
    stb_program_want(stb, REASON_READ);
    return 0;
}

static void stb_stop(void *ctx) {
    stb_program_stop(ctx);
}

static void stb_destroy(void *ctx) {
    struct stb *stb = ctx;
    if (stb != NULL) {
        stb_figures_free(stb);
        stb_monitoring_free(stb);
        stb_values_free(stb);
        free(stb->program.given);
        free(stb->objects);
        free(stb);
    }
}

/* A factory reset: what the ACS set counts no more. */
static void stb_forget_all(void *ctx) {
    struct stb *stb = ctx;
    for (size_t i = 0; i < stb->cell_count; i++) {
        struct cell *cell = stb->cells[i];
        if (cell->kept) {
            free(cell->text);
            cell->text = NULL;
            cell->kept = cell->untold = false;
        }
    }
    stb_monitoring_apply(stb);
}

static const struct tr069_option options[] = {
    {"values", TR069_OPTION_LIST, "", .help = "NAME=VALUE below Services.STBService.1.: what the box has"},
    {"command", TR069_OPTION_LIST, "", .help = "prints NAME=VALUE; %r becomes read or sample"},
    {"set", TR069_OPTION_LIST, "", .help = "is told NAME=VALUE that the ACS set"},
    {"profiles", TR069_OPTION_LIST, "", .help = "figures that the command prints: BasicPerfMon..."},
    {"deadline", TR069_OPTION_INT, "5", 1, 300, .help = "seconds that a program may take"},
    {"cache", TR069_OPTION_INT, "1", 0, 3600, .help = "seconds that what was read serves"},
    {"wait", TR069_OPTION_INT, "1000", 1, 60000, .help = "milliseconds that a session waits"},
    {0}};

TR069_PLUGIN(.name = "stb-service", .version = "1", .summary = "STBService (TR-135): the box and its streams",
             .options = options, .init = stb_init, .start = stb_start, .stop = stb_stop,
             .destroy = stb_destroy, .forget = stb_forget_all, .tables = stb_objects);
