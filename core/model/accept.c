/* Accepting a new value for a parameter: parsing, judging, bringing into canonical form. */
#include "model/model_internal.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *wrong_form(enum tr069_type type) {
    switch (type) {
    case TR069_INT:
    case TR069_LONG:
        return "must be a whole number";
    case TR069_UINT:
    case TR069_ULONG:
        return "must be a whole number without a sign";
    case TR069_BOOLEAN:
        return "must be 0, 1, false or true";
    case TR069_DATETIME:
        return "must be a date and time like 2026-11-22T04:30:00Z";
    case TR069_BASE64:
        return "must be Base64";
    case TR069_HEXBINARY:
        return "must be an even number of hexadecimal digits";
    case TR069_DECIMAL:
        return "must be a decimal number";
    case TR069_STRING:
    case TR069_ANY:
        return "must not hold the character NUL";
    case TR069_NONE:
    case TR069_LIST:
        break;
    }
    return "cannot have a value";
}

static const char *type_range(enum tr069_type type) {
    switch ((int) type) {
    case TR069_INT:
        return "-2147483648 and 2147483647";
    case TR069_LONG:
        return "-9223372036854775808 and 9223372036854775807";
    case TR069_UINT:
        return "0 and 4294967295";
    default:
        return "0 and 18446744073709551615";
    }
}

static int refuse(const struct tr069_param *param, int error, struct tr069_fault *fault) {
    if (error != -ERANGE) {
        return tr069_fault(fault, TR069_INVALID_VALUE, "%s", wrong_form(param->type));
    }
    if (param->min != 0 || param->max != 0) {
        return tr069_fault(fault, TR069_INVALID_VALUE, "must be between %lld and %lld",
                           (long long) param->min, (long long) param->max);
    }
    return tr069_fault(fault, TR069_INVALID_VALUE, "must be between %s", type_range(param->type));
}

/* White space around commas is ignored on input and never sent. */
static void tidy_list(char *text) {
    size_t to = 0;
    for (size_t from = 0; text[from] != '\0'; from++) {
        if (is_space(text[from])) {
            size_t next = from;
            while (is_space(text[next])) {
                next++;
            }
            if (to == 0 || text[to - 1] == ',' || text[next] == ',' || text[next] == '\0') {
                from = next - 1;
                continue;
            }
        }
        text[to++] = text[from];
    }
    text[to] = '\0';
}

/* In UTC, with the fraction of a second that was set: an ACS that compares what it reads finds no difference.
 * Ends with NUL; NULL without memory. */
static char *time_text(const struct tr069_value *value) {
    char utc[TEXT_TIME_SIZE];
    const char *end = value->as.string + value->length;
    const char *point = memchr(value->as.string, '.', value->length);
    const char *stop = point; /* behind the last digit that counts */
    size_t size, fraction;
    char *own;
    for (const char *c = point != NULL ? point + 1 : end; c < end && *c >= '0' && *c <= '9'; c++) {
        if (*c != '0') {
            stop = c + 1;
        }
    }
    fraction = point != NULL ? (size_t) (stop - point) : 0;
    text_time_utc(utc, value->time);
    size = strlen(utc) + fraction + 1;
    own = malloc(size);
    if (own != NULL) {
        (void) snprintf(own, size, "%.*s%.*sZ", (int) strlen(utc) - 1, utc, (int) fraction,
                        fraction > 0 ? point : "");
    }
    return own;
}

/* Our own copy of a canonical text; ends with NUL, as plugins expect of text. */
static char *canonical_text(const struct tr069_param *param, struct tr069_value *value) {
    struct tr069_value copy = *value;
    const char *text;
    size_t length;
    char *own;
    if (param->type == TR069_DATETIME && value->time != TR069_TIME_UNKNOWN) {
        return time_text(value);
    }
    if (value_text(param->type, &copy, &text, &length) < 0) {
        return NULL;
    }
    own = malloc(length + 1);
    if (own == NULL) {
        return NULL;
    }
    memcpy(own, text, length);
    own[length] = '\0';
    if (param->flags & TR069_CSV) {
        tidy_list(own);
    }
    return own;
}

int leaf_accept(const struct leaf *leaf, const char *text, size_t length, struct tr069_value *ret_value,
                char **ret_text, struct tr069_fault *fault) {
    const struct tr069_param *param = leaf->param;
    struct tr069_value value;
    char *own;
    int r = value_parse(param->type, text, length, &value);
    if (r < 0) {
        return refuse(param, r, fault);
    }
    r = value_check(param, &value, fault);
    if (r != TR069_OK) {
        return r;
    }
    if (param->flags & TR069_ALIAS) {
        const char *mistake = alias_mistake(text, length);
        if (mistake != NULL) {
            return tr069_fault(fault, TR069_INVALID_VALUE, "%s", mistake);
        }
    }
    own = canonical_text(param, &value);
    if (own == NULL) {
        return fault_memory(fault);
    }
    if (value.as.string != NULL && (param->type == TR069_STRING || param->type >= TR069_DATETIME)) {
        value.as.string = own;
        value.length = strlen(own);
    }
    *ret_value = value;
    *ret_text = own;
    return TR069_OK;
}
