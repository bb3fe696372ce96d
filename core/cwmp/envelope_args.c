/* Reads the arguments of an RPC by its table (digest section 10, general rules): whatever is wrong is a
 * fault 9003 that names the argument, so that nobody has to guess which of 32 it was. */
#include <config.h>

#include "cwmp/envelope_reader.h"

#include "base/text.h"
#include "model/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STRING_MAX = 65536, LIST_MAX = 4096 };

/* The first field of a structure whose kind its xsi:type tells. No element has such a name. */
#define TYPE_FIELD "@type"

static const char too_big[] = "the request is too big for this device";

/* Where an argument stands, for the words of a fault: ParameterList[3].Name. */
struct place {
    const struct place *outer;
    const char *name; /* NULL or empty: the item itself */
    size_t index;     /* of the item in `outer`, from 1; 0 = not in a list */
};

struct context {
    struct envelope_reader *reader;
    struct tr069_fault *refusal;
};

static void place_text(const struct place *place, struct buffer *out) {
    if (place->outer != NULL) {
        place_text(place->outer, out);
    }
    if (place->index != 0) {
        (void) buffer_format(out, "[%zu]", place->index);
    }
    if (place->name != NULL && place->name[0] != '\0') {
        (void) buffer_format(out, "%s%s", place->outer != NULL ? "." : "", place->name);
    }
}

/* Keeps the first refusal. */
static void refuse(const struct context *context, unsigned code, const struct place *place,
                   const char *what) {
    struct buffer text;
    if (context->refusal->code != 0) {
        return;
    }
    buffer_init(&text, sizeof context->refusal->text);
    place_text(place, &text);
    (void) tr069_fault(context->refusal, code, "argument %s: %s", buffer_string(&text), what);
    buffer_free(&text);
}

static size_t count_of(const struct tr069_arg *args) {
    size_t count = 0;
    while (args != NULL && args[count].name != NULL) {
        count++;
    }
    return count;
}

/* ---- One scalar ------------------------------------------------------------------------------- */

/* The type after the prefix of xsi:type, which may be anything: "xsd:string", "string", "xsd:", "". */
static enum tr069_type sent_type(const struct envelope_reader *reader) {
    const char *attribute = reader_attribute(reader, READER_XSI_TYPE);
    enum tr069_type type = TR069_NONE;
    if (attribute != NULL) {
        const char *colon = strrchr(attribute, ':');
        const char *name = colon != NULL ? colon + 1 : attribute;
        name += strspn(name, " \t\r\n");
        type = value_type_of(name, strcspn(name, " \t\r\n"));
    }
    return type;
}

static bool in_enumeration(const char *const *values, const char *text) {
    if (values == NULL) {
        return true;
    }
    while (*values != NULL && strcmp(*values, text) != 0) {
        values++;
    }
    return *values != NULL;
}

static void judge(const struct context *context, const struct tr069_arg *arg, const struct place *place,
                  const char *text, size_t length) {
    const size_t max = arg->max_length != 0 ? arg->max_length : STRING_MAX;
    char what[64];
    /* there are never more characters than octets: most texts need no counting */
    if (length > max && text_utf8_count(text, length) > max) {
        (void) snprintf(what, sizeof what, "longer than %zu characters", max);
        refuse(context, TR069_INVALID_ARGUMENTS, place, what);
    } else if (!in_enumeration(arg->values, text)) {
        refuse(context, TR069_INVALID_ARGUMENTS, place, "not one of the values that it may have");
    }
}

/* What is left without the white space around it, which pretty-printing ACSs put there. */
static const char *trimmed(const char *text, size_t *length) {
    static const char blanks[] = " \t\r\n";
    const size_t skip = strspn(text, blanks);
    *length -= skip;
    while (*length > 0 && strchr(blanks, text[skip + *length - 1]) != NULL) {
        (*length)--;
    }
    return text + skip;
}

static int read_scalar(const struct context *context, const struct tr069_arg *arg, const struct place *place,
                       struct tr069_value *ret_value) {
    struct envelope_reader *reader = context->reader;
    const struct element element = reader_element(reader);
    const enum tr069_type sent = arg->type == TR069_ANY ? sent_type(reader) : TR069_NONE;
    const char *text;
    size_t length;
    int r = reader_text(reader, &element);
    if (r == -EMSGSIZE) { /* beyond the memory of a message; the rest is passed over */
        refuse(context, TR069_RESOURCES_EXCEEDED, place, "too long for this device");
        return 0;
    }
    if (r < 0) {
        return r;
    }
    text = buffer_string(&reader->text);
    length = reader->text.length;
    if ((arg->flags & TR069_PATH) != 0) {
        text = trimmed(text, &length);
    }
    text = arena_strndup(reader->arena, text, length);
    if (text == NULL) {
        refuse(context, TR069_RESOURCES_EXCEEDED, place, too_big);
        return 0;
    }
    judge(context, arg, place, text, length);
    if (value_parse(arg->type, text, length, ret_value) < 0) {
        char what[64];
        (void) snprintf(what, sizeof what, "not a valid %s", value_type_name(arg->type));
        refuse(context, TR069_INVALID_ARGUMENTS, place, what);
        return 0;
    }
    ret_value->xsi_type = sent;
    return 0;
}

/* ---- Structures and lists --------------------------------------------------------------------- */

static int read_list(const struct context *context, const struct tr069_arg *arg, const struct place *place,
                     struct tr069_value *ret_value);

static int read_repeated(const struct context *context, const struct tr069_arg *arg,
                         const struct place *place, struct tr069_value *list);

static int read_arg(const struct context *context, const struct tr069_arg *arg, const struct place *place,
                    struct tr069_value *ret_value) {
    return arg->type == TR069_LIST ? read_list(context, arg, place, ret_value)
                                   : read_scalar(context, arg, place, ret_value);
}

/* Values on the stack of items, which may move whenever something is pushed: they are named by index. */
static int push(struct envelope_reader *reader, size_t count) {
    const size_t needed = reader->item_count + count;
    if (needed > reader->item_capacity) {
        const size_t capacity = needed > 2 * reader->item_capacity ? needed + 16 : 2 * reader->item_capacity;
        struct tr069_value *items;
        if (needed > reader->limits.memory / sizeof *items) {
            return -EMSGSIZE;
        }
        items = realloc(reader->items, capacity * sizeof *items);
        if (items == NULL) {
            return -ENOMEM;
        }
        reader->items = items;
        reader->item_capacity = capacity;
    }
    if (count > 0) {
        memset(reader->items + reader->item_count, 0, count * sizeof *reader->items);
    }
    reader->item_count = needed;
    return 0;
}

/* The name of the type behind the prefix: "cwmp:InstallOpStruct". */
static void read_own_type(const struct context *context, const struct tr069_arg *arg,
                          const struct place *place, struct tr069_value *ret_value) {
    const char *attribute = reader_attribute(context->reader, READER_XSI_TYPE);
    const char *colon = attribute != NULL ? strrchr(attribute, ':') : NULL;
    const char *name = colon != NULL ? colon + 1 : attribute != NULL ? attribute : "";
    size_t length = 0;
    name += strspn(name, " \t\r\n");
    length = strcspn(name, " \t\r\n");
    const char *text = arena_strndup(context->reader->arena, name, length);
    if (text == NULL) {
        refuse(context, TR069_RESOURCES_EXCEEDED, place, too_big);
        return;
    }
    judge(context, arg, place, text, length);
    ret_value->type = TR069_STRING;
    ret_value->as.string = text;
    ret_value->length = length;
}

/* Reads the children of the cursor's element by a table into items[first...], which stand there. */
static int read_fields(const struct context *context, const struct tr069_arg *args, size_t count,
                       const struct place *outer, size_t index, size_t first) {
    struct envelope_reader *reader = context->reader;
    const struct element element = reader_element(reader);
    struct place place = {outer, NULL, index};
    size_t i;
    int r;
    if (count > 0 && strcmp(args[0].name, TYPE_FIELD) == 0) {
        place.name = args[0].name;
        read_own_type(context, &args[0], &place, &reader->items[first]);
    }
    while ((r = reader_child(reader, &element)) > 0) {
        struct tr069_value value = {0};
        const char *name = reader_name(reader);
        for (i = 0; i < count && strcmp(args[i].name, name) != 0; i++) {
        }
        if (i == count) {
            continue; /* unknown extra elements are ignored */
        }
        place.name = args[i].name;
        if ((args[i].flags & TR069_REPEATED) != 0) {
            value = reader->items[first + i];
            r = read_repeated(context, &args[i], &place, &value);
            if (r < 0) {
                return r;
            }
            reader->items[first + i] = value;
            continue;
        }
        if (reader->items[first + i].type != TR069_NONE) {
            /* which of the two is meant nobody can tell, and a request is better not executed than wrongly */
            refuse(context, TR069_INVALID_ARGUMENTS, &place, "given more than once");
        }
        r = read_arg(context, &args[i], &place, &value);
        if (r < 0) {
            return r;
        }
        reader->items[first + i] = value;
    }
    for (i = 0; r == 0 && i < count; i++) {
        if (reader->items[first + i].type == TR069_NONE && (args[i].flags & TR069_OPTIONAL) == 0) {
            place.name = args[i].name;
            refuse(context, TR069_INVALID_ARGUMENTS, &place, "missing");
        }
    }
    return r;
}

static int read_item(const struct context *context, const struct tr069_arg *arg, size_t fields,
                     const struct place *place, size_t index) {
    struct envelope_reader *reader = context->reader;
    const size_t first = reader->item_count;
    const struct place item = {place, NULL, index};
    struct tr069_value value = {0};
    int r = push(reader, fields);
    if (r < 0) {
        refuse(context, TR069_RESOURCES_EXCEEDED, &item, too_big);
        return 0;
    }
    if (fields == 1 && arg->fields[0].name[0] == '\0') {
        r = read_arg(context, &arg->fields[0], &item, &value);
        reader->items[first] = value;
        return r;
    }
    return read_fields(context, arg->fields, fields, place, index, first);
}

/* Moves the items from `first` on off the stack to where they stay. NULL when there is no room. */
static const struct tr069_value *settle(struct envelope_reader *reader, size_t first) {
    const size_t count = reader->item_count - first;
    struct tr069_value *items = arena_alloc(reader->arena, (count > 0 ? count : 1) * sizeof *items);
    if (items != NULL && count > 0) {
        memcpy(items, reader->items + first, count * sizeof *items);
    }
    reader->item_count = first;
    return items;
}

static int read_list(const struct context *context, const struct tr069_arg *arg, const struct place *place,
                     struct tr069_value *ret_value) {
    struct envelope_reader *reader = context->reader;
    const struct element element = reader_element(reader);
    const size_t fields = count_of(arg->fields), first = reader->item_count;
    const size_t max = arg->max_length != 0 ? arg->max_length : LIST_MAX;
    size_t count = 0;
    char what[64];
    int r;
    ret_value->type = TR069_LIST;
    while ((r = reader_child(reader, &element)) > 0) {
        count++;
        if (count > max) {
            (void) snprintf(what, sizeof what, "more than %zu items", max);
            refuse(context, TR069_INVALID_ARGUMENTS, place, what);
        }
        if (context->refusal->code != 0 || fields == 0) {
            continue; /* it will not be executed: the rest is only checked for being XML */
        }
        r = read_item(context, arg, fields, place, count);
        if (r < 0) {
            return r;
        }
    }
    if (r < 0) {
        return r;
    }
    ret_value->as.items = settle(reader, first);
    if (ret_value->as.items == NULL) {
        refuse(context, TR069_RESOURCES_EXCEEDED, place, too_big);
        return 0;
    }
    ret_value->length = count;
    return 0;
}

/* One more element of a list that is no array: the items move together to a longer place. */
static int read_repeated(const struct context *context, const struct tr069_arg *arg,
                         const struct place *place, struct tr069_value *list) {
    struct envelope_reader *reader = context->reader;
    const size_t fields = count_of(arg->fields), first = reader->item_count, before = list->length;
    const size_t max = arg->max_length != 0 ? arg->max_length : LIST_MAX;
    const struct place named = {place->outer, arg->name, place->index};
    const struct tr069_value *items;
    int r = 0;
    list->type = TR069_LIST;
    list->length++;
    if (list->length > max) {
        char what[64];
        (void) snprintf(what, sizeof what, "more than %zu of them", max);
        refuse(context, TR069_INVALID_ARGUMENTS, &named, what);
    }
    if (context->refusal->code != 0 || fields == 0) {
        return 0; /* it will not be executed */
    }
    r = push(reader, before * fields);
    if (r == 0 && before > 0) {
        memcpy(reader->items + first, list->as.items, before * fields * sizeof *list->as.items);
    }
    if (r == 0) {
        r = read_item(context, arg, fields, &named, list->length);
        if (r < 0) {
            return r;
        }
    }
    items = r == 0 ? settle(reader, first) : NULL;
    if (items == NULL) {
        refuse(context, TR069_RESOURCES_EXCEEDED, &named, too_big);
        return 0;
    }
    list->as.items = items;
    return 0;
}

int envelope_args(struct envelope_reader *reader, const struct tr069_rpc *rpc,
                  const struct tr069_value **ret_args, struct tr069_fault *refusal) {
    const struct context context = {reader, refusal};
    const struct place place = {NULL, rpc->method, 0};
    const size_t count = count_of(rpc->args);
    const struct tr069_value *args = NULL;
    int r;
    if (push(reader, count) < 0) {
        refuse(&context, TR069_RESOURCES_EXCEEDED, &place, too_big);
        return 0;
    }
    r = read_fields(&context, rpc->args, count, NULL, 0, 0);
    if (r < 0) {
        return r;
    }
    if (count > 0 && refusal->code == 0) {
        args = settle(reader, 0);
        if (args == NULL) {
            refuse(&context, TR069_RESOURCES_EXCEEDED, &place, too_big);
        }
    }
    *ret_args = args;
    return 0;
}
