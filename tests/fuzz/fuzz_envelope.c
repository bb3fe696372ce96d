/* Fuzz target: the envelope reader, and the writer with what was read. What our writer makes of any
 * input our reader reads back as it was: ID, names and values. */
#include <config.h>

#include "cwmp/envelope.h"

#include "envelope_tables.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct envelope_reader *reader, *again;
static struct envelope_writer *writer;

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            (void) fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);            \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static bool same(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Every value by its table: all of the pointers and lengths are good. */
static size_t walk(const struct tr069_arg *args, const struct tr069_value *values) {
    size_t sum = 0, i, row;
    for (i = 0; args != NULL && args[i].name != NULL; i++) {
        const struct tr069_value *value = &values[i];
        HOLDS(value->type == args[i].type ||
              (value->type == TR069_NONE && (args[i].flags & TR069_OPTIONAL) != 0));
        if (value->type == TR069_LIST) {
            size_t fields = 0;
            while (args[i].fields[fields].name != NULL) {
                fields++;
            }
            for (row = 0; row < value->length; row++) {
                sum += walk(args[i].fields, value->as.items + row * fields);
            }
        } else if (value->type == TR069_STRING || value->type == TR069_ANY) {
            HOLDS(strlen(value->as.string) == value->length);
            sum += value->length;
        }
    }
    return sum;
}

static void write_back_values(const struct envelope *envelope) {
    const struct tr069_value *list = &envelope->args[0];
    const struct envelope_header header = {envelope->ns, envelope->id, 0, NULL};
    const char *text;
    struct envelope back;
    char error[256];
    size_t length, i;
    int r;
    /* a request with the same values: what we write for an answer, under a name that has arguments */
    envelope_begin(writer, &header, "SetParameterValues");
    envelope_list(writer, "ParameterList", "ParameterValueStruct", list->length);
    for (i = 0; i < list->length; i++) {
        const struct tr069_value *row = &list->as.items[2 * i];
        envelope_parameter(writer, row[0].as.string, row[0].length,
                           row[1].xsi_type != TR069_NONE ? row[1].xsi_type : TR069_STRING, row[1].as.string,
                           row[1].length);
    }
    envelope_close(writer);
    envelope_value(writer, "ParameterKey", &envelope->args[1]);
    HOLDS(envelope_end(writer, &text, &length) == 0);
    r = envelope_read(again, text, length, find_served, NULL, &back, error, sizeof error);
    HOLDS(r == 0 && back.refusal.code == 0 && same(back.id, envelope->id) && back.ns == envelope->ns);
    HOLDS(back.args[0].length == list->length && same(back.args[1].as.string, envelope->args[1].as.string));
    for (i = 0; i < 2 * list->length; i++) {
        HOLDS(same(back.args[0].as.items[i].as.string, list->as.items[i].as.string));
    }
}

static void write_back_fault(const struct envelope *envelope) {
    const struct envelope_header header = {envelope->ns != 0 ? envelope->ns : 12, envelope->id, 0, NULL};
    struct tr069_fault fault = envelope->kind == ENVELOPE_FAULT ? envelope->fault : envelope->refusal;
    struct envelope back;
    char error[256];
    const char *text;
    size_t length;
    int r;
    fault.code = fault.code >= 9000 && fault.code <= 9032 ? fault.code : 9002;
    HOLDS(envelope_fault(writer, &header, &fault, NULL, 0, envelope->must_understand, &text, &length) == 0);
    r = envelope_read(again, text, length, find_served, NULL, &back, error, sizeof error);
    HOLDS(r == 0 && back.kind == ENVELOPE_FAULT && back.fault.code >= 9000 && same(back.id, envelope->id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct envelope_limits limits = {65536, 131072, 12}, wide = {1 << 20, 1 << 21, 16};
    struct envelope envelope;
    char error[256] = "";
    int r;
    if (reader == NULL) {
        HOLDS(envelope_reader_new(&limits, &reader) == 0 && envelope_reader_new(&wide, &again) == 0 &&
              envelope_writer_new(1 << 20, &writer) == 0);
    }
    r = envelope_read(reader, (const char *) data, size, find_served, NULL, &envelope, error, sizeof error);
    if (r < 0) {
        HOLDS((r == -EBADMSG || r == -EMSGSIZE) && error[0] != '\0');
        return 0;
    }
    HOLDS(envelope.method != NULL && envelope.use_version >= -1 && envelope.use_version <= 14);
    HOLDS(envelope.rpc == NULL || envelope.ns != 0);
    write_back_fault(&envelope);
    if (envelope.rpc != NULL && envelope.refusal.code == 0 && envelope.rpc->args != NULL) {
        (void) walk(envelope.rpc->args, envelope.args);
        if (envelope.rpc->args == set_values) {
            write_back_values(&envelope);
        }
    }
    return 0;
}
