/* Text: xsd:dateTime, read and written without locale, time zone or 32-bit surprises. */
#include <config.h>

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UNKNOWN_TIME "0001-01-01T00:00:00Z"

enum { DAY_S = 86400, ERA_DAYS = 146097, EPOCH_DAYS = 719468 /* 0000-03-01 to 1970-01-01 */ };

static bool is_leap(unsigned year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(unsigned year, unsigned month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970 of a date of the Gregorian calendar, also before its invention, as ISO 8601 has
 * it. Years begin in March, so that the leap day is the last one. */
static int64_t days_of(unsigned year, unsigned month, unsigned day) {
    int64_t y = (int64_t) year - (month <= 2 ? 1 : 0);
    int64_t era = y / 400; /* year >= 1, so y >= 0 */
    int64_t in_era = y - era * 400;
    int64_t in_year = (153 * (int64_t) (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + in_year - EPOCH_DAYS;
}

struct date {
    unsigned year, month, day, hour, minute, second;
};

/* `seconds` is in the years 1 to 9999. */
static struct date date_of(int64_t seconds) {
    int64_t days = (seconds + (int64_t) EPOCH_DAYS * DAY_S) / DAY_S; /* not negative */
    int64_t rest = (seconds + (int64_t) EPOCH_DAYS * DAY_S) % DAY_S;
    int64_t era = days / ERA_DAYS, in_era = days % ERA_DAYS;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    struct date date;
    date.day = (unsigned) (in_year - (153 * month + 2) / 5 + 1);
    date.month = (unsigned) (month < 10 ? month + 3 : month - 9);
    date.year = (unsigned) (year + era * 400 + (date.month <= 2 ? 1 : 0));
    date.hour = (unsigned) (rest / 3600);
    date.minute = (unsigned) (rest / 60 % 60);
    date.second = (unsigned) (rest % 60);
    return date;
}

static bool in_calendar(int64_t seconds) {
    return seconds >= days_of(1, 1, 1) * DAY_S && seconds < (days_of(9999, 12, 31) + 1) * DAY_S;
}

/* Exactly `digits` digits, then `then` (unless it is NUL). */
static bool take(const char **text, unsigned digits, char then, unsigned *ret_number) {
    const char *p = *text;
    unsigned number = 0;
    for (; digits > 0; digits--, p++) {
        if (*p < '0' || *p > '9') {
            return false;
        }
        number = number * 10 + (unsigned) (*p - '0');
    }
    if (then != '\0' && *p++ != then) {
        return false;
    }
    *ret_number = number;
    *text = p;
    return true;
}

static const char *skip_space(const char *text) {
    return text + strspn(text, " \t\r\n");
}

/* "Z", "+01:00", "-14:00" or nothing; false if it is something else. */
static bool take_zone(const char **text, bool *ret_zone, int *ret_offset) {
    unsigned hours, minutes;
    char sign = **text;
    *ret_zone = sign == 'Z' || sign == '+' || sign == '-';
    *ret_offset = 0;
    if (!*ret_zone) {
        return true;
    }
    (*text)++;
    if (sign == 'Z') {
        return true;
    }
    if (!take(text, 2, ':', &hours) || !take(text, 2, '\0', &minutes) || minutes > 59 ||
        hours * 60 + minutes > 14 * 60) {
        return false;
    }
    *ret_offset = (int) (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

static bool take_fraction(const char **text) {
    size_t digits;
    if (**text != '.') {
        return true;
    }
    digits = strspn(*text + 1, "0123456789");
    *text += 1 + digits;
    return digits > 0;
}

static bool date_valid(const struct date *date, bool fraction) {
    if (date->year < 1 || date->month < 1 || date->month > 12 || date->day < 1 ||
        date->day > month_days(date->year, date->month)) {
        return false;
    }
    if (date->hour == 24) { /* the end of the day, which XML Schema allows */
        return date->minute == 0 && date->second == 0 && !fraction;
    }
    return date->hour < 24 && date->minute < 60 && date->second < 60;
}

int text_parse_time(const char *text, int64_t *ret_seconds) {
    struct date d;
    bool zone, fraction;
    int offset;
    int64_t seconds;
    text = skip_space(text);
    if (!take(&text, 4, '-', &d.year) || !take(&text, 2, '-', &d.month) || !take(&text, 2, 'T', &d.day) ||
        !take(&text, 2, ':', &d.hour) || !take(&text, 2, ':', &d.minute) ||
        !take(&text, 2, '\0', &d.second)) {
        return -EINVAL;
    }
    /* 24:00:00.000 is valid as well, 24:00:00.5 is not */
    fraction = *text == '.' && strspn(text + 1, "0") < strspn(text + 1, "0123456789");
    if (!take_fraction(&text) || !take_zone(&text, &zone, &offset) || *skip_space(text) != '\0' ||
        !date_valid(&d, fraction)) {
        return -EINVAL;
    }
    seconds = days_of(d.year, d.month, d.day) * DAY_S + (int64_t) d.hour * 3600 + d.minute * 60 + d.second;
    if ((!zone && d.year < 1000) || seconds - offset == days_of(1, 1, 1) * DAY_S) {
        *ret_seconds = CLOCK_WALL_UNKNOWN;
    } else {
        *ret_seconds = seconds - offset;
    }
    return 0;
}

void text_time_utc(char *out, int64_t seconds) {
    struct date d;
    if (!in_calendar(seconds)) {
        (void) text_copy(out, TEXT_TIME_SIZE, UNKNOWN_TIME);
        return;
    }
    d = date_of(seconds);
    (void) snprintf(out, TEXT_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ", d.year % 10000, d.month % 100,
                    d.day % 100, d.hour % 100, d.minute % 100, d.second % 100);
}

void text_time_micros(char *out, int64_t seconds, unsigned micros) {
    struct date d;
    if (!in_calendar(seconds)) {
        (void) text_copy(out, TEXT_TIME_SIZE, UNKNOWN_TIME);
        return;
    }
    d = date_of(seconds);
    (void) snprintf(out, TEXT_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%06u%s", d.year % 10000,
                    d.month % 100, d.day % 100, d.hour % 100, d.minute % 100, d.second % 100,
                    micros % 1000000, d.year < 1000 ? "" : "Z");
}

void text_time_local(char *out, const struct moment *now) {
    /* XML Schema has no seconds in an offset, and none beyond 14 hours */
    int offset = now->utc_offset_s / 60;
    int minutes = offset < 0 ? -offset : offset;
    struct date d;
    if (now->wall_s == CLOCK_WALL_UNKNOWN || minutes > 14 * 60 || !in_calendar(now->wall_s) ||
        !in_calendar(now->wall_s + (int64_t) offset * 60)) {
        text_time_utc(out, now->wall_s);
        return;
    }
    d = date_of(now->wall_s + (int64_t) offset * 60);
    (void) snprintf(out, TEXT_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u%c%02d:%02d", d.year % 10000,
                    d.month % 100, d.day % 100, d.hour % 100, d.minute % 100, d.second % 100,
                    offset < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}
