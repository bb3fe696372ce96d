/* tr069/fake_value.h: a part of tr069/fake_host.h, which includes it: values, their texts and limits. */
#ifndef TR069_FAKE_HOST_H
#include <tr069/fake_host.h>
#elif !defined(TR069_FAKE_VALUE_H)
#define TR069_FAKE_VALUE_H

#include <regex.h>

static inline size_t fake_characters(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char) *text & 0xc0) != 0x80;
    }
    return count;
}

static inline bool fake_matches(const char *pattern, const char *text) {
    char anchored[1024];
    regex_t regex;
    (void) snprintf(anchored, sizeof anchored, "^(%s)$", pattern);
    if (regcomp(&regex, anchored, REG_EXTENDED | REG_NOSUB) != 0) {
        return false;
    }
    bool matches = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

/* Days since 1970 of a date, for years from 1 on. */
static inline int64_t fake_days(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* YYYY-MM-DDThh:mm:ssZ only. */
static inline int fake_parse_time(const char *text, int64_t *ret_seconds) {
    if (!fake_matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text)) {
        return -EINVAL;
    }
    if (strcmp(text, "0001-01-01T00:00:00Z") == 0) {
        *ret_seconds = TR069_TIME_UNKNOWN;
        return 0;
    }
    *ret_seconds =
        fake_days(strtol(text, NULL, 10), strtol(text + 5, NULL, 10), strtol(text + 8, NULL, 10)) * 86400 +
        strtol(text + 11, NULL, 10) * 3600 + strtol(text + 14, NULL, 10) * 60 + strtol(text + 17, NULL, 10);
    return 0;
}

static inline int fake_parse_number(enum tr069_type type, const char *text, struct tr069_value *ret_value) {
    char *end = NULL;
    bool is_signed = type == TR069_INT || type == TR069_LONG;
    errno = 0;
    if (is_signed) {
        ret_value->as.integer = strtoll(text, &end, 10);
    } else {
        ret_value->as.number = strtoull(text, &end, 10);
    }
    if (errno != 0 || end == text || *end != '\0' || (!is_signed && strchr(text, '-') != NULL)) {
        return -EINVAL;
    }
    if (type == TR069_INT && (ret_value->as.integer > INT32_MAX || ret_value->as.integer < INT32_MIN)) {
        return -ERANGE;
    }
    return type == TR069_UINT && ret_value->as.number > UINT32_MAX ? -ERANGE : 0;
}

/* Text as a value of this type. The text is lent. 0, -EINVAL, -ERANGE. */
static inline int fake_parse(enum tr069_type type, const char *text, struct tr069_value *ret_value) {
    memset(ret_value, 0, sizeof *ret_value);
    ret_value->type = type;
    switch (type) {
    case TR069_NONE:
    case TR069_LIST:
        return -EINVAL;
    case TR069_INT:
    case TR069_LONG:
    case TR069_UINT:
    case TR069_ULONG:
        return fake_parse_number(type, text, ret_value);
    case TR069_BOOLEAN:
        ret_value->as.boolean = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
        return ret_value->as.boolean || strcmp(text, "false") == 0 || strcmp(text, "0") == 0 ? 0 : -EINVAL;
    case TR069_DATETIME:
    case TR069_STRING:
    case TR069_BASE64:
    case TR069_HEXBINARY:
    case TR069_DECIMAL:
    case TR069_ANY:
        break;
    }
    ret_value->as.string = text;
    ret_value->length = strlen(text);
    return type == TR069_DATETIME ? fake_parse_time(text, &ret_value->time) : 0;
}

/* The text of a DATETIME from the year 1 on, also where a time_t has 32 bits. Free it. */
static inline char *fake_time_text(const struct tr069_value *value) {
    static const int64_t day_s = 86400, days_400_years = 146097;
    const int64_t first = fake_days(1, 1, 1);
    char text[96], zone[16] = "Z";
    if (value->time < first * day_s) { /* TR069_TIME_UNKNOWN, too */
        return fake_copy("0001-01-01T00:00:00Z");
    }
    const int64_t since = value->time - first * day_s, days = since / day_s + first;
    const int second = (int) (since % day_s);
    int64_t year = 1 + since / day_s / days_400_years * 400;
    int month = 1;
    while (fake_days(year + 1, 1, 1) <= days) {
        year++;
    }
    while (month < 12 && fake_days(year, month + 1, 1) <= days) {
        month++;
    }
    if (value->length > 0) { /* of tr069_value_time_us(); the time since boot has no zone */
        (void) snprintf(zone, sizeof zone, ".%06u%s", (unsigned) ((value->length - 1) % 1000000),
                        year >= 1000 ? "Z" : "");
    }
    (void) snprintf(text, sizeof text, "%04lld-%02d-%02dT%02d:%02d:%02d%s", (long long) year, month,
                    (int) (days - fake_days(year, month, 1)) + 1, second / 3600, second / 60 % 60,
                    second % 60, zone);
    return fake_copy(text);
}

/* The text of a value; NULL for what has none. Free it. */
static inline char *fake_text(const struct tr069_value *value) {
    char text[64];
    switch (value->type) {
    case TR069_NONE:
    case TR069_LIST:
        return NULL;
    case TR069_INT:
    case TR069_LONG:
        (void) snprintf(text, sizeof text, "%lld", (long long) value->as.integer);
        return fake_copy(text);
    case TR069_UINT:
    case TR069_ULONG:
        (void) snprintf(text, sizeof text, "%llu", (unsigned long long) value->as.number);
        return fake_copy(text);
    case TR069_BOOLEAN:
        return fake_copy(value->as.boolean ? "true" : "false");
    case TR069_DATETIME:
        if (value->as.string == NULL) {
            return fake_time_text(value);
        }
        break;
    case TR069_STRING:
    case TR069_BASE64:
    case TR069_HEXBINARY:
    case TR069_DECIMAL:
    case TR069_ANY:
        break;
    }
    char *copy = (char *) calloc(1, value->length + 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, value->as.string, value->length);
    return copy;
}

static inline bool fake_in_range(const struct tr069_param *param, const struct tr069_value *value) {
    if (param->min == 0 && param->max == 0) {
        return true;
    }
    if (value->type == TR069_INT || value->type == TR069_LONG) {
        return value->as.integer >= param->min && value->as.integer <= param->max;
    }
    if (value->type == TR069_UINT || value->type == TR069_ULONG) {
        return value->as.number >= (uint64_t) param->min && value->as.number <= (uint64_t) param->max;
    }
    return true;
}

/* One text, or one item of a list, against length, enumeration and pattern. */
static inline bool fake_item_fits(const struct tr069_param *param, const char *text) {
    size_t length = fake_characters(text);
    bool known = param->values == NULL && param->pattern == NULL;
    for (size_t i = 0; !known && param->values != NULL && param->values[i] != NULL; i++) {
        known = strcmp(param->values[i], text) == 0;
    }
    return (known || (param->pattern != NULL && fake_matches(param->pattern, text))) &&
           (param->max_length == 0 || length <= param->max_length) && length >= param->min_length;
}

/* Does this text fit the parameter's type and limits? *ret_value borrows the text. */
static inline bool fake_fits(const struct tr069_param *param, const char *text,
                             struct tr069_value *ret_value) {
    if (fake_parse(param->type, text, ret_value) != 0 || !fake_in_range(param, ret_value)) {
        return false;
    }
    if (param->type != TR069_STRING) {
        return true;
    }
    if ((param->flags & TR069_CSV) == 0) {
        return fake_item_fits(param, text);
    }
    char *copy = fake_copy(text), *item = copy;
    bool fits = true;
    while (fits && *item != '\0') {
        char *comma = strchr(item, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        fits = fake_item_fits(param, item);
        item = comma != NULL ? comma + 1 : item + strlen(item);
    }
    free(copy);
    return fits;
}

#endif
