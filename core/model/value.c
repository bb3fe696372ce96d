/* Values: parsing text as a type, judging it by a parameter's limits, writing it as text. */
#include "model/value.h"

#include "base/text.h"

#include <limits.h>
#include <regex.h>
#include <stdlib.h>

static const char *const type_names[] = {
    [TR069_NONE] = "",
    [TR069_STRING] = "string",
    [TR069_INT] = "int",
    [TR069_LONG] = "long",
    [TR069_UINT] = "unsignedInt",
    [TR069_ULONG] = "unsignedLong",
    [TR069_BOOLEAN] = "boolean",
    [TR069_DATETIME] = "dateTime",
    [TR069_BASE64] = "base64",
    [TR069_HEXBINARY] = "hexBinary",
    [TR069_DECIMAL] = "decimal",
    [TR069_ANY] = "anySimpleType",
    [TR069_LIST] = "",
};

enum { TYPES = sizeof type_names / sizeof type_names[0] };

const char *value_type_name(enum tr069_type type) {
    return (unsigned) type < TYPES ? type_names[type] : "";
}

enum tr069_type value_type_of(const char *name, size_t length) {
    if (length == 0) {
        return TR069_NONE;
    }
    for (unsigned type = TR069_STRING; type < TYPES; type++) {
        if (strlen(type_names[type]) == length && memcmp(type_names[type], name, length) == 0) {
            return (enum tr069_type) type;
        }
    }
    return length == 12 && memcmp(name, "base64Binary", 12) == 0 ? TR069_BASE64 : TR069_NONE;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void trim(const char **text, size_t *length) {
    while (*length > 0 && is_space(**text)) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && is_space((*text)[*length - 1])) {
        (*length)--;
    }
}

/* ---- Parsing ---------------------------------------------------------------------------------- */

/* The text is trimmed. The magnitude of a number of any length; the sign apart. */
static int parse_magnitude(const char *text, size_t length, bool *ret_negative, uint64_t *ret_magnitude) {
    size_t at = 0;
    uint64_t magnitude = 0;
    bool too_large = false;
    if (length > 0 && (text[0] == '-' || text[0] == '+')) {
        at = 1;
    }
    if (at == length) {
        return -EINVAL;
    }
    for (size_t i = at; i < length; i++) {
        if (!is_digit(text[i])) {
            return -EINVAL;
        }
        unsigned digit = (unsigned) (text[i] - '0');
        if (magnitude > (UINT64_MAX - digit) / 10) {
            too_large = true;
        } else {
            magnitude = magnitude * 10 + digit;
        }
    }
    if (too_large) {
        return -ERANGE;
    }
    *ret_negative = text[0] == '-' && magnitude != 0;
    *ret_magnitude = magnitude;
    return 0;
}

static int parse_signed(enum tr069_type type, const char *text, size_t length, int64_t *ret_number) {
    bool negative = false;
    uint64_t magnitude = 0;
    uint64_t limit = type == TR069_INT ? (uint64_t) INT32_MAX : (uint64_t) INT64_MAX;
    int r = parse_magnitude(text, length, &negative, &magnitude);
    if (r < 0) {
        return r;
    }
    if (magnitude > limit + (negative ? 1 : 0)) {
        return -ERANGE;
    }
    *ret_number = negative ? -(int64_t) (magnitude - 1) - 1 : (int64_t) magnitude;
    return 0;
}

static int parse_unsigned(enum tr069_type type, const char *text, size_t length, uint64_t *ret_number) {
    bool negative = false;
    uint64_t magnitude = 0;
    int r = parse_magnitude(text, length, &negative, &magnitude);
    if (r < 0) {
        return r;
    }
    if (negative || (type == TR069_UINT && magnitude > UINT32_MAX)) {
        return -ERANGE;
    }
    *ret_number = magnitude;
    return 0;
}

static int parse_boolean(const char *text, size_t length, bool *ret_yes) {
    if ((length == 1 && text[0] == '1') || (length == 4 && memcmp(text, "true", 4) == 0)) {
        *ret_yes = true;
        return 0;
    }
    if ((length == 1 && text[0] == '0') || (length == 5 && memcmp(text, "false", 5) == 0)) {
        *ret_yes = false;
        return 0;
    }
    return -EINVAL;
}

static int parse_time(const char *text, size_t length, int64_t *ret_seconds) {
    char copy[64];
    if (length >= sizeof copy || memchr(text, '\0', length) != NULL) {
        return -EINVAL;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return text_parse_time(copy, ret_seconds);
}

static bool base64_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '/';
}

/* How many octets the text stands for; -EINVAL if it is not Base64. */
static int base64_octets(const char *text, size_t length, size_t *ret_octets) {
    size_t padding = 0;
    if (length % 4 != 0) {
        return -EINVAL;
    }
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=') {
        padding++;
    }
    for (size_t i = 0; i < length - padding; i++) {
        if (!base64_digit(text[i])) {
            return -EINVAL;
        }
    }
    *ret_octets = length / 4 * 3 - padding;
    return 0;
}

static bool is_hex(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f') &&
            !(text[i] >= 'A' && text[i] <= 'F')) {
            return false;
        }
    }
    return length % 2 == 0;
}

static bool is_decimal(const char *text, size_t length) {
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < length; i++) {
        if (is_digit(text[i])) {
            digits++;
        } else if (text[i] == '.') {
            points++;
        } else if (i > 0 || (text[i] != '-' && text[i] != '+')) {
            return false;
        }
    }
    return digits > 0 && points <= 1 && length < 64;
}

int value_parse(enum tr069_type type, const char *text, size_t length, struct tr069_value *ret_value) {
    struct tr069_value value;
    size_t octets;
    int r = 0;
    if (type != TR069_STRING && type != TR069_ANY) {
        trim(&text, &length);
    }
    memset(&value, 0, sizeof value);
    value.type = type;
    switch (type) {
    case TR069_INT:
    case TR069_LONG:
        r = parse_signed(type, text, length, &value.as.integer);
        break;
    case TR069_UINT:
    case TR069_ULONG:
        r = parse_unsigned(type, text, length, &value.as.number);
        break;
    case TR069_BOOLEAN:
        r = parse_boolean(text, length, &value.as.boolean);
        break;
    case TR069_DATETIME:
        r = parse_time(text, length, &value.time);
        break;
    case TR069_BASE64:
        r = base64_octets(text, length, &octets);
        break;
    case TR069_HEXBINARY:
        r = is_hex(text, length) ? 0 : -EINVAL;
        break;
    case TR069_DECIMAL:
        r = is_decimal(text, length) ? 0 : -EINVAL;
        break;
    case TR069_STRING:
    case TR069_ANY:
        r = memchr(text, '\0', length) == NULL ? 0 : -EINVAL;
        break;
    case TR069_NONE:
    case TR069_LIST:
        r = -EINVAL;
        break;
    }
    if (r < 0) {
        return r;
    }
    if (type >= TR069_DATETIME || type == TR069_STRING) {
        value.as.string = text;
        value.length = length;
    }
    *ret_value = value;
    return 0;
}

/* ---- Limits ----------------------------------------------------------------------------------- */

static int check_length(const struct tr069_param *param, size_t length, const char *unit, const char *what,
                        struct tr069_fault *fault) {
    if (param->max_length != 0 && length > param->max_length) {
        return tr069_fault(fault, TR069_INVALID_VALUE, "%smust be at most %zu %s, has %zu", what,
                           param->max_length, unit, length);
    }
    if (length < param->min_length) {
        return tr069_fault(fault, TR069_INVALID_VALUE, "%smust be at least %zu %s, has %zu", what,
                           param->min_length, unit, length);
    }
    return TR069_OK;
}

static bool is_listed(const char *const *values, const char *text, size_t length) {
    while (values != NULL && *values != NULL &&
           (strlen(*values) != length || memcmp(*values, text, length) != 0)) {
        values++;
    }
    return values != NULL && *values != NULL;
}

/* The parameter's pattern, compiled when the first text is judged by it. */
struct pattern {
    const struct tr069_param *param;
    regex_t regex;
    bool compiled;
};

/* 1 or 0; -ENOMEM. */
static int pattern_fits(struct pattern *pattern, const char *text, size_t length) {
    regmatch_t match = {0};
    if (!pattern->compiled && regcomp(&pattern->regex, pattern->param->pattern, REG_EXTENDED) != 0) {
        return -ENOMEM;
    }
    pattern->compiled = true;
    char *copy = malloc(length + 1);
    if (copy == NULL) {
        return -ENOMEM;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    /* POSIX gives the leftmost and then the longest match: a whole match shows itself as such. */
    bool fits = regexec(&pattern->regex, copy, 1, &match, 0) == 0 && match.rm_so == 0 &&
                (size_t) match.rm_eo == length;
    free(copy);
    return fits;
}

static int refuse_text(const struct tr069_param *param, const char *what, struct tr069_fault *fault) {
    char list[160] = "";
    size_t used = 0;
    for (const char *const *value = param->values; value != NULL && *value != NULL; value++) {
        int n = snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", *value);
        if (n > 0) {
            used = used + (size_t) n < sizeof list ? used + (size_t) n : sizeof list - 1;
        }
    }
    return tr069_fault(fault, TR069_INVALID_VALUE, "%smust %s%s%s%s%s%s", what,
                       param->values != NULL ? "be one of: " : "", list, used == sizeof list - 1 ? "..." : "",
                       param->values != NULL && param->pattern != NULL ? ", or " : "",
                       param->pattern != NULL ? "match the pattern " : "",
                       param->pattern != NULL ? param->pattern : "");
}

/* A string, or one item of a list. */
static int check_text(struct pattern *pattern, const char *text, size_t length, const char *what,
                      struct tr069_fault *fault) {
    const struct tr069_param *param = pattern->param;
    int r = check_length(param, text_utf8_count(text, length), "characters", what, fault);
    if (r != TR069_OK || is_listed(param->values, text, length) ||
        (param->values == NULL && param->pattern == NULL)) {
        return r;
    }
    int fits = param->pattern != NULL ? pattern_fits(pattern, text, length) : 0;
    if (fits < 0) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "out of memory");
    }
    return fits ? TR069_OK : refuse_text(param, what, fault);
}

static int check_list(struct pattern *pattern, const char *text, size_t length, struct tr069_fault *fault) {
    const char *end = text + length, *rest = text;
    size_t left = length;
    unsigned number = 0;
    trim(&rest, &left);
    if (left == 0) {
        return TR069_OK;
    }
    for (const char *item = text;;) {
        const char *comma = memchr(item, ',', (size_t) (end - item));
        const char *from = item;
        size_t size = (size_t) ((comma != NULL ? comma : end) - item);
        char what[32];
        trim(&from, &size);
        number++;
        (void) snprintf(what, sizeof what, "item %u ", number);
        int r = check_text(pattern, from, size, what, fault);
        if (r != TR069_OK || comma == NULL) {
            return r;
        }
        item = comma + 1;
    }
}

static int check_string(const struct tr069_param *param, const char *text, size_t length,
                        struct tr069_fault *fault) {
    struct pattern pattern = {.param = param};
    int r = param->flags & TR069_CSV ? check_list(&pattern, text, length, fault)
                                     : check_text(&pattern, text, length, "", fault);
    if (pattern.compiled) {
        regfree(&pattern.regex);
    }
    return r;
}

static int check_range(const struct tr069_param *param, const struct tr069_value *value,
                       struct tr069_fault *fault) {
    bool fits;
    if (param->min == 0 && param->max == 0) {
        return TR069_OK;
    }
    if (value->type == TR069_UINT || value->type == TR069_ULONG) {
        fits = (param->min <= 0 || value->as.number >= (uint64_t) param->min) && param->max >= 0 &&
               value->as.number <= (uint64_t) param->max;
    } else if (value->type == TR069_DECIMAL) {
        char copy[64] = "";
        memcpy(copy, value->as.string, value->length < sizeof copy ? value->length : 0);
        double number = strtod(copy, NULL);
        fits = number >= (double) param->min && number <= (double) param->max;
    } else {
        fits = value->as.integer >= param->min && value->as.integer <= param->max;
    }
    return fits ? TR069_OK
                : tr069_fault(fault, TR069_INVALID_VALUE, "must be between %lld and %lld",
                              (long long) param->min, (long long) param->max);
}

int value_check(const struct tr069_param *param, const struct tr069_value *value, struct tr069_fault *fault) {
    size_t octets = 0;
    switch (value->type) {
    case TR069_STRING:
        return check_string(param, value->as.string, value->length, fault);
    case TR069_BASE64:
        if (base64_octets(value->as.string, value->length, &octets) < 0) {
            return tr069_fault(fault, TR069_INVALID_VALUE, "must be Base64");
        }
        return check_length(param, octets, "octets", "", fault);
    case TR069_HEXBINARY:
        return check_length(param, value->length / 2, "octets", "", fault);
    case TR069_INT:
    case TR069_LONG:
    case TR069_UINT:
    case TR069_ULONG:
    case TR069_DECIMAL:
        return check_range(param, value, fault);
    case TR069_BOOLEAN:
    case TR069_DATETIME:
    case TR069_NONE:
    case TR069_ANY:
    case TR069_LIST:
        break;
    }
    return TR069_OK;
}

/* ---- Writing ---------------------------------------------------------------------------------- */

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536"
                                  "37383940414243444546474849505152535455565758596061626364656667686970717273"
                                  "74757677787980818283848586878889909192939495969798"
                                  "99";

/* By hand: this is half the cost of a large table's walk. */
static void write_number(struct tr069_value *value, uint64_t magnitude, bool negative, const char **ret_text,
                         size_t *ret_length) {
    char *end = value->buffer + sizeof value->buffer - 1;
    char *at = end;
    *end = '\0';
    while (magnitude >= 100) {
        unsigned pair = (unsigned) (magnitude % 100) * 2;
        magnitude /= 100;
        *--at = digit_pairs[pair + 1];
        *--at = digit_pairs[pair];
    }
    if (magnitude >= 10) {
        *--at = digit_pairs[magnitude * 2 + 1];
        *--at = digit_pairs[magnitude * 2];
    } else {
        *--at = (char) ('0' + magnitude);
    }
    if (negative) {
        *--at = '-';
    }
    *ret_text = at;
    *ret_length = (size_t) (end - at);
}

static int text_of_number(enum tr069_type type, struct tr069_value *value, const char **ret_text,
                          size_t *ret_length) {
    bool negative = false;
    uint64_t magnitude;
    uint64_t limit;
    if (value->type == TR069_INT || value->type == TR069_LONG) {
        negative = value->as.integer < 0;
        magnitude = negative ? (uint64_t) 0 - (uint64_t) value->as.integer : (uint64_t) value->as.integer;
    } else if (value->type == TR069_UINT || value->type == TR069_ULONG) {
        magnitude = value->as.number;
    } else {
        return -EINVAL;
    }
    switch ((int) type) {
    case TR069_INT:
        limit = (uint64_t) INT32_MAX + negative;
        break;
    case TR069_LONG:
    case TR069_DECIMAL:
        limit = (uint64_t) INT64_MAX + negative;
        break;
    case TR069_UINT:
        limit = negative ? 0 : UINT32_MAX;
        break;
    default:
        limit = negative ? 0 : UINT64_MAX;
        break;
    }
    if (magnitude > limit) {
        return -EINVAL;
    }
    write_number(value, magnitude, negative, ret_text, ret_length);
    return 0;
}

static bool is_textual(enum tr069_type type) {
    return type == TR069_STRING || type == TR069_ANY || (type >= TR069_DATETIME && type <= TR069_DECIMAL);
}

static int text_as_it_is(struct tr069_value *value, const char **ret_text, size_t *ret_length) {
    *ret_text = value->as.string != NULL ? value->as.string : "";
    *ret_length = value->as.string != NULL ? value->length : 0;
    return 0;
}

/* Of a source of text (a script, a file): it goes out as what the type demands, or not at all. */
static int text_of_text(enum tr069_type type, struct tr069_value *value, const char **ret_text,
                        size_t *ret_length) {
    struct tr069_value parsed;
    if (type == TR069_STRING || type == TR069_ANY) {
        return text_as_it_is(value, ret_text, ret_length);
    }
    if (value->as.string == NULL || value_parse(type, value->as.string, value->length, &parsed) < 0) {
        return -EINVAL;
    }
    if (is_textual(type)) {
        return text_as_it_is(&parsed, ret_text, ret_length);
    }
    *value = parsed;
    return value_text(type, value, ret_text, ret_length);
}

int value_text(enum tr069_type type, struct tr069_value *value, const char **ret_text, size_t *ret_length) {
    if (type == TR069_DATETIME && value->type == TR069_DATETIME && value->as.string == NULL) {
        int64_t seconds = value->time == TR069_TIME_UNKNOWN ? CLOCK_WALL_UNKNOWN : value->time;
        if (value->length > 0) { /* of tr069_value_time_us() */
            text_time_micros(value->buffer, seconds, (unsigned) (value->length - 1));
        } else {
            text_time_utc(value->buffer, seconds);
        }
        *ret_text = value->buffer;
        *ret_length = strlen(value->buffer);
        return 0;
    }
    if (is_textual(value->type)) {
        return text_of_text(type, value, ret_text, ret_length);
    }
    if (type == TR069_BOOLEAN || value->type == TR069_BOOLEAN) {
        if (type != value->type) {
            return -EINVAL;
        }
        *ret_text = value->as.boolean ? "true" : "false";
        *ret_length = value->as.boolean ? 4 : 5;
        return 0;
    }
    if (is_textual(type) && type != TR069_DECIMAL) {
        return -EINVAL;
    }
    return text_of_number(type, value, ret_text, ret_length);
}
