/* Figure 3, our side: the real model and the real envelope writer build a GetParameterValuesResponse of
 * a table of 10 parameters a row, whose getters compute their values.
 *
 *   response ROWS [OUT [ARRAY]]    OUT: the document; ARRAY: the same values for floor_response
 *
 * Only bench_build() is counted: everything from the names that the ACS sent to the finished message,
 * with a writer that holds no memory yet. */
#include <config.h>

#include "base/store.h"
#include "cwmp/envelope.h"
#include "model/model.h"
#include "model/value.h"

#include <tr069/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MESSAGE_MAX = 256 * 1024 * 1024 };

static uint32_t rows;

/* ---- The plugin ------------------------------------------------------------------------------- */

static int name_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_format(ret_value, "row-%u", tr069_instance(at));
}

static int enable_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_bool(ret_value, tr069_instance(at) % 3 != 0);
}

static int status_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    static const char *const words[] = {"Up", "Down", "LowerLayerDown", "Dormant"};
    return tr069_value_string(ret_value, words[tr069_instance(at) % 4]);
}

static int channel_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_uint(ret_value, 1 + tr069_instance(at) % 13);
}

static int signal_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_int(ret_value, -30 - (int64_t) (tr069_instance(at) % 60));
}

static int octets_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_uint(ret_value, UINT64_C(123456789) * tr069_instance(at));
}

static int seen_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_time(ret_value, INT64_C(1700000000) + INT64_C(37) * tr069_instance(at));
}

static int mac_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const uint32_t row = tr069_instance(at);
    return tr069_value_format(ret_value, "02:00:%02X:%02X:%02X:%02X", row >> 24, row >> 16 & 255,
                              row >> 8 & 255, row & 255);
}

static int ssid_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    return tr069_value_format(ret_value, "Tom & Jerry's <%u>", tr069_instance(at));
}

static int alias_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    (void) at;
    return tr069_value_string(ret_value, "A description of some sixty characters, as vendors write");
}

static const struct tr069_param params[] = {{"Alias", TR069_STRING, .get = alias_get},
                                            {"BytesReceived", TR069_ULONG, .get = octets_get},
                                            {"Channel", TR069_UINT, .get = channel_get},
                                            {"Enable", TR069_BOOLEAN, .get = enable_get},
                                            {"LastSeen", TR069_DATETIME, .get = seen_get},
                                            {"MACAddress", TR069_STRING, .get = mac_get},
                                            {"Name", TR069_STRING, .get = name_get},
                                            {"SSID", TR069_STRING, .get = ssid_get},
                                            {"SignalStrength", TR069_INT, .get = signal_get},
                                            {"Status", TR069_STRING, .get = status_get},
                                            {0}};

static int row_instances(const struct tr069_at *at, struct tr069_rows *list) {
    int result = 0;
    (void) at;
    for (uint32_t i = 1; i <= rows && result == 0; i++) {
        result = tr069_row(list, i, NULL);
    }
    return result;
}

static const struct tr069_object objects[] = {
    {TR069_BOTH, "X_BENCH_Station.{i}.", params, .instances = row_instances}, {0}};

TR069_PLUGIN(.name = "bench", .objects = objects);

/* ---- What is measured ------------------------------------------------------------------------- */

static int add(void *user, const struct model_value *value) {
    envelope_parameter(user, value->path, value->path_length, value->type, value->text, value->length);
    return 0;
}

__attribute__((noinline)) int bench_build(struct model *model, struct envelope_writer *writer,
                                          const char **ret_data, size_t *ret_length);

int bench_build(struct model *model, struct envelope_writer *writer, const char **ret_data,
                size_t *ret_length) {
    static const char *const names[] = {"Device.X_BENCH_Station."};
    const struct envelope_header header = {.ns = ENVELOPE_NS_1_0, .id = "1"};
    struct model_selection *selection;
    struct tr069_fault fault = {0};
    int result = model_select(model, names, 1, &selection, &fault);
    if (result == 0) {
        envelope_begin(writer, &header, "GetParameterValuesResponse");
        envelope_list(writer, "ParameterList", "ParameterValueStruct", model_selection_count(selection));
        result = model_selection_values(selection, add, writer, &fault);
        envelope_close(writer);
        model_selection_free(selection);
    }
    if (result != 0) {
        (void) fprintf(stderr, "response: %u %s\n", fault.code, fault.text);
        return -1;
    }
    return envelope_end(writer, ret_data, ret_length);
}

/* ---- The rest --------------------------------------------------------------------------------- */

static int write_line(void *user, const struct model_value *value) {
    return fprintf(user, "%.*s\txsd:%s\t%.*s\n", (int) value->path_length, value->path,
                   value_type_name(value->type), (int) value->length, value->text) < 0;
}

static int write_array(struct model *model, const char *path) {
    static const char *const names[] = {"Device.X_BENCH_Station."};
    struct model_selection *selection;
    struct tr069_fault fault;
    FILE *out = fopen(path, "w");
    int result = -1;
    if (out == NULL) {
        return -1;
    }
    if (model_select(model, names, 1, &selection, &fault) == 0) {
        result = model_selection_values(selection, write_line, out, &fault);
        model_selection_free(selection);
    }
    return fclose(out) == 0 ? result : -1;
}

static int write_document(const char *path, const char *data, size_t length) {
    FILE *out = fopen(path, "w");
    const int good = out != NULL && fwrite(data, 1, length, out) == length;
    return out != NULL && fclose(out) == 0 && good ? 0 : -1;
}

static int run(struct model *model, struct envelope_writer *writer, int argc, char **argv) {
    struct timespec begun, ended;
    const char *data;
    size_t length;
    int result;
    (void) clock_gettime(CLOCK_MONOTONIC, &begun);
    result = bench_build(model, writer, &data, &length);
    (void) clock_gettime(CLOCK_MONOTONIC, &ended);
    if (result != 0) {
        (void) fprintf(stderr, "response: no message (%d)\n", result);
        return -1;
    }
    (void) printf("%u %zu %lld\n", rows * 10, length,
                  (ended.tv_sec - begun.tv_sec) * 1000000LL + (ended.tv_nsec - begun.tv_nsec) / 1000);
    if ((argc > 2 && write_document(argv[2], data, length) != 0) ||
        (argc > 3 && write_array(model, argv[3]) != 0)) {
        perror("response");
        return -1;
    }
    return 0;
}

int main(int argc, char **argv) {
    static const struct tr069_host host = {.size = sizeof host};
    const struct model_owner owner = {.plugin = &tr069_plugin, .host = &host};
    struct envelope_writer *writer = NULL;
    struct store *store = NULL;
    struct model *model = NULL;
    char error[256] = "";
    int result = 1;
    rows = argc > 1 ? (uint32_t) strtoul(argv[1], NULL, 10) : 0;
    if (rows == 0) {
        (void) fprintf(stderr, "response ROWS [OUT [ARRAY]]\n");
        return 1;
    }
    if (store_open(NULL, &store, NULL) == 0 && model_new(TR069_DEV2, store, &model) == 0 &&
        model_attach(model, &owner, error, sizeof error) == 0 &&
        envelope_writer_new(MESSAGE_MAX, &writer) == 0 && run(model, writer, argc, argv) == 0) {
        result = 0;
    }
    if (error[0] != '\0') {
        (void) fprintf(stderr, "response: %s\n", error);
    }
    envelope_writer_free(writer);
    if (model != NULL) {
        model_detach(model, &owner);
    }
    model_free(model);
    store_free(store);
    return result;
}
