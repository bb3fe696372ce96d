/* core/base/text */
#include <config.h>

#include "base/text.h"

#include "cunit.h"

#include <errno.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void parses_int(void) {
    static const struct {
        const char *text;
        int64_t min, max;
        int result;
        int64_t number;
    } cases[] = {
        {"0", 0, 0, 0, 0},
        {"-0", 0, 0, 0, 0},
        {"+17", -100, 100, 0, 17},
        {" \t\r\n-17 \n", -100, 100, 0, -17},
        {"000000000000000000000000000000042", 0, 100, 0, 42},
        {"9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX},
        {"-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN},
        {"9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0},
        {"-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE, 0},
        {"18446744073709551616", INT64_MIN, INT64_MAX, -ERANGE, 0},
        {"99999999999999999999999999", INT64_MIN, INT64_MAX, -ERANGE, 0},
        {"99999999999999999999999999x", INT64_MIN, INT64_MAX, -EINVAL, 0},
        {"2147483648", INT32_MIN, INT32_MAX, -ERANGE, 0},
        {"5", 6, 7, -ERANGE, 0},
        {"8", 6, 7, -ERANGE, 0},
        {"", 0, 9, -EINVAL, 0},
        {" ", 0, 9, -EINVAL, 0},
        {"-", -9, 9, -EINVAL, 0},
        {"+-1", -9, 9, -EINVAL, 0},
        {"- 1", -9, 9, -EINVAL, 0},
        {"1 2", 0, 99, -EINVAL, 0},
        {"1.0", 0, 9, -EINVAL, 0},
        {"1e1", 0, 99, -EINVAL, 0},
        {"0x1", 0, 9, -EINVAL, 0},
        {"\v1", 0, 9, -EINVAL, 0},
        {"\xd9\xa1", 0, 9, -EINVAL, 0},
    };
    size_t i;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t number = -77;
        int r = text_parse_int(cases[i].text, cases[i].min, cases[i].max, &number);
        CU_ASSERT_EQUAL(r, cases[i].result);
        CU_ASSERT_EQUAL(number, r == 0 ? cases[i].number : -77);
    }
}

static void parses_uint(void) {
    uint64_t n = 77;
    CU_ASSERT_EQUAL(text_parse_uint("18446744073709551615", UINT64_MAX, &n), 0);
    CU_ASSERT_EQUAL(n, UINT64_MAX);
    CU_ASSERT_EQUAL(text_parse_uint(" +5 ", 5, &n), 0);
    CU_ASSERT_EQUAL(n, 5);
    CU_ASSERT_EQUAL(text_parse_uint("-0", 5, &n), 0);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(text_parse_uint("-1", UINT64_MAX, &n), -ERANGE);
    CU_ASSERT_EQUAL(text_parse_uint("18446744073709551616", UINT64_MAX, &n), -ERANGE);
    CU_ASSERT_EQUAL(text_parse_uint("6", 5, &n), -ERANGE);
    CU_ASSERT_EQUAL(text_parse_uint("six", 5, &n), -EINVAL);
    CU_ASSERT_EQUAL(text_parse_uint("", 5, &n), -EINVAL);
    CU_ASSERT_EQUAL(n, 0);
}

static void parses_bool(void) {
    static const char *const bad[] = {"",    "2",   "00",    "01",    "TRUE", "True",
                                      "yes", "tru", "true1", "t rue", "on"};
    bool yes = false;
    size_t i;
    CU_ASSERT(text_parse_bool("1", &yes) == 0 && yes);
    CU_ASSERT(text_parse_bool("0", &yes) == 0 && !yes);
    CU_ASSERT(text_parse_bool("\n true\t", &yes) == 0 && yes);
    CU_ASSERT(text_parse_bool(" false ", &yes) == 0 && !yes);
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(text_parse_bool(bad[i], &yes), -EINVAL);
    }
}

static void parses_time(void) {
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00", 0},
        {"2026-11-22T04:30:00Z", 1795321800},
        {" 2026-11-22T05:30:00+01:00\n", 1795321800},
        {"2026-11-21T23:00:00-05:30", 1795321800},
        {"2026-11-22T04:30:00.987654321987Z", 1795321800},
        {"2026-11-22T04:30:00.5+00:00", 1795321800},
        {"2026-11-22T04:30:00-00:00", 1795321800},
        {"1969-12-31T23:59:59Z", -1},
        {"2000-02-29T12:00:00Z", 951825600},
        {"2024-02-29T24:00:00Z", 1709251200},
        {"2024-02-29T24:00:00.000Z", 1709251200},
        {"2038-01-19T03:14:08Z", 2147483648},
        {"9999-12-31T23:59:59Z", 253402300799},
        {"0001-01-02T00:00:00Z", -62135510400},
        {"0999-12-31T23:59:59Z", -30610224001},
        {"1000-01-01T00:00:00", -30610224000},
        {"2026-11-22T04:30:00+14:00", 1795321800 - 14 * 3600},
        {"0001-01-01T00:00:00Z", CLOCK_WALL_UNKNOWN},
        {"0001-01-01T00:00:00.25Z", CLOCK_WALL_UNKNOWN},
        {"0001-01-01T01:00:00+01:00", CLOCK_WALL_UNKNOWN},
        {"0001-01-03T03:04:05", CLOCK_WALL_UNKNOWN}, /* since boot */
        {"0999-12-31T23:59:59", CLOCK_WALL_UNKNOWN},
    };
    static const char *const bad[] = {
        "",
        "now",
        "0000-01-01T00:00:00Z",
        "2026-00-22T04:30:00Z",
        "2026-13-22T04:30:00Z",
        "2026-11-00T04:30:00Z",
        "2026-11-31T04:30:00Z",
        "2026-02-29T04:30:00Z",
        "1900-02-29T04:30:00Z",
        "2100-02-29T04:30:00Z",
        "2026-11-22T25:30:00Z",
        "2026-11-22T24:00:01Z",
        "2026-11-22T24:00:00.1Z",
        "2026-11-22T24:01:00Z",
        "2026-11-22T04:60:00Z",
        "2026-11-22T04:30:60Z",
        "2026-11-22T04:30Z",
        "2026-11-22 04:30:00Z",
        "2026-11-22",
        "2026-11-22T04:30:00.Z",
        "2026-11-22T04:30:00z",
        "2026-11-22T04:30:00ZZ",
        "2026-11-22T04:30:00+1:00",
        "2026-11-22T04:30:00+0100",
        "2026-11-22T04:30:00+14:01",
        "2026-11-22T04:30:00+01:60",
        "2026-11-22T04:30:00+",
        "2026-1-22T04:30:00Z",
        "-2026-11-22T04:30:00Z",
        "12026-11-22T04:30:00Z",
        "+026-11-22T04:30:00Z",
    };
    int64_t seconds;
    size_t i;
    for (i = 0; i < sizeof good / sizeof *good; i++) {
        seconds = 7;
        CU_ASSERT_EQUAL(text_parse_time(good[i].text, &seconds), 0);
        CU_ASSERT_EQUAL(seconds, good[i].seconds);
    }
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        seconds = 7;
        CU_ASSERT_EQUAL(text_parse_time(bad[i], &seconds), -EINVAL);
        CU_ASSERT_EQUAL(seconds, 7);
    }
}

static void truncated_times_are_invalid(void) {
    const char whole[] = "2026-11-22T04:30:00+01:00";
    char text[sizeof whole];
    size_t n;
    for (n = 0; n < sizeof whole - 1; n++) {
        int64_t seconds;
        memcpy(text, whole, n);
        text[n] = '\0';
        CU_ASSERT_EQUAL(text_parse_time(text, &seconds), n == 19 ? 0 : -EINVAL); /* 19: without zone */
    }
}

static void writes_time(void) {
    char out[TEXT_TIME_SIZE];
    struct moment now = {.wall_s = 1795321800, .utc_offset_s = 3600};
    text_time_utc(out, 1795321800);
    CU_ASSERT_STRING_EQUAL(out, "2026-11-22T04:30:00Z");
    text_time_utc(out, CLOCK_WALL_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");
    text_time_utc(out, -1);
    CU_ASSERT_STRING_EQUAL(out, "1969-12-31T23:59:59Z");
    text_time_utc(out, 253402300799);
    CU_ASSERT_STRING_EQUAL(out, "9999-12-31T23:59:59Z");
    text_time_utc(out, 253402300800);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");
    text_time_utc(out, -62135596800);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");
    text_time_utc(out, -62135596801);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");
    text_time_utc(out, INT64_MAX);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");

    text_time_local(out, &now);
    CU_ASSERT_STRING_EQUAL(out, "2026-11-22T05:30:00+01:00");
    now.utc_offset_s = -(5 * 3600 + 1800);
    text_time_local(out, &now);
    CU_ASSERT_STRING_EQUAL(out, "2026-11-21T23:00:00-05:30");
    now.utc_offset_s = 0;
    text_time_local(out, &now);
    CU_ASSERT_STRING_EQUAL(out, "2026-11-22T04:30:00+00:00");
    now.utc_offset_s = -1800;
    text_time_local(out, &now);
    CU_ASSERT_STRING_EQUAL(out, "2026-11-22T04:00:00-00:30");
    now.wall_s = 253402300799;
    now.utc_offset_s = 3600;
    text_time_local(out, &now);
    CU_ASSERT_STRING_EQUAL(out, "9999-12-31T23:59:59Z");
    now.wall_s = CLOCK_WALL_UNKNOWN;
    text_time_local(out, &now);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");
}

static void writes_microseconds(void) {
    char out[TEXT_TIME_SIZE];
    text_time_micros(out, 1795321800, 5);
    CU_ASSERT_STRING_EQUAL(out, "2026-11-22T04:30:00.000005Z");
    text_time_micros(out, -1, 999999);
    CU_ASSERT_STRING_EQUAL(out, "1969-12-31T23:59:59.999999Z");
    text_time_micros(out, -62135596800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 5, 0); /* since boot */
    CU_ASSERT_STRING_EQUAL(out, "0001-01-03T03:04:05.000000");
    text_time_micros(out, CLOCK_WALL_UNKNOWN, 0);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");
}

/* The calendar against the C library's, every day of ten thousand years. */
static void agrees_with_the_c_library(void) {
    char out[TEXT_TIME_SIZE], expected[64];
    int64_t day, seconds;
    for (day = -719161; day <= 2932896; day += 1) {
        time_t t = (time_t) (day * 86400 + (day & 0x3FFF));
        struct tm tm;
        CU_ASSERT_PTR_NOT_NULL_FATAL(gmtime_r(&t, &tm));
        (void) snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                        tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        text_time_utc(out, t);
        if (strcmp(out, expected) != 0) {
            CU_FAIL_FATAL("a day differs");
        }
        if (text_parse_time(out, &seconds) != 0 || seconds != t) {
            CU_FAIL_FATAL("a day does not come back");
        }
    }
}

static void reads_utf8(void) {
    static const struct {
        const char *text;
        size_t length, result;
        uint32_t code;
    } cases[] = {
        {"", 0, 0, 0},
        {"\0", 1, 1, 0},
        {"A", 1, 1, 'A'},
        {"\x7f", 1, 1, 0x7F},
        {"\x80", 1, 0, 0},
        {"\xbf", 1, 0, 0},
        {"\xc0\x80", 2, 0, 0},
        {"\xc1\xbf", 2, 0, 0},
        {"\xc2\x80", 2, 2, 0x80},
        {"\xc2\x80", 1, 0, 0},
        {"\xc2"
         "A",
         2, 0, 0},
        {"\xdf\xbf", 2, 2, 0x7FF},
        {"\xe0\x9f\xbf", 3, 0, 0},
        {"\xe0\xa0\x80", 3, 3, 0x800},
        {"\xed\x9f\xbf", 3, 3, 0xD7FF},
        {"\xed\xa0\x80", 3, 0, 0},
        {"\xed\xbf\xbf", 3, 0, 0},
        {"\xee\x80\x80", 3, 3, 0xE000},
        {"\xef\xbf\xbf", 3, 3, 0xFFFF},
        {"\xef\xbf\xbf", 2, 0, 0},
        {"\xf0\x8f\xbf\xbf", 4, 0, 0},
        {"\xf0\x90\x80\x80", 4, 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 4, 0x10FFFF},
        {"\xf4\x90\x80\x80", 4, 0, 0},
        {"\xf5\x80\x80\x80", 4, 0, 0},
        {"\xff", 1, 0, 0},
    };
    size_t i;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t code = 0;
        CU_ASSERT_EQUAL(text_utf8_char(cases[i].text, cases[i].length, &code), cases[i].result);
        CU_ASSERT_EQUAL(code, cases[i].code);
    }
    CU_ASSERT_EQUAL(text_utf8_count("", 0), 0);
    CU_ASSERT_EQUAL(text_utf8_count("\xc3\xa9t\xc3\xa9", 5), 3);
    CU_ASSERT_EQUAL(text_utf8_count("\xff\xfe\xe2\x82", 4), 4);
    CU_ASSERT_EQUAL(text_utf8_count("\xf0\x9f\x98\x80x", 5), 2);
}

static void check_xml(const char *text, size_t length, const char *expected) {
    struct buffer b;
    buffer_init(&b, 100000);
    CU_ASSERT_EQUAL(text_xml(&b, text, length), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), expected);
    buffer_free(&b);
}

static void escapes_xml(void) {
    check_xml("", 0, "");
    check_xml("plain text, 'quoted'", 20, "plain text, 'quoted'");
    check_xml("<a b=\"c\">&</a>", 14, "&lt;a b=&quot;c&quot;&gt;&amp;&lt;/a&gt;");
    check_xml("x]]>y", 5, "x]]&gt;y");
    check_xml("a\tb\nc\rd", 7, "a\tb\nc&#xD;d");
    check_xml("\0\x02\x1f\x7f", 4, "???&#x7F;");
    check_xml("\xc2\x85\xc3\xa9\xe2\x82\xac", 7, "&#x85;&#xE9;&#x20AC;");
    check_xml("\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf", 8, "&#x1F600;&#x10FFFF;");
    check_xml("\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf", 9, "&#xFFFD;??");
    check_xml("\xed\xa0\x80", 3, "???");
    check_xml("\xc3", 1, "?");
    check_xml("ok\xe2\x82", 4, "ok??");
    check_xml("\xc0\xafx", 3, "??x");
}

/* What the other side's parser makes of `text`, between two tags; NULL if it refuses. */
static char *xml_read_back(const char *text, size_t length) {
    struct buffer b;
    xmlDoc *doc;
    char *back = NULL;
    size_t i;
    buffer_init(&b, 1 << 20);
    CU_ASSERT_EQUAL(buffer_text(&b, "<v>"), 0);
    CU_ASSERT_EQUAL(text_xml(&b, text, length), 0);
    CU_ASSERT_EQUAL(buffer_text(&b, "</v>"), 0);
    for (i = 0; i < b.length; i++) {
        unsigned char c = (unsigned char) b.data[i];
        CU_ASSERT_FATAL((c >= 32 && c < 127) || c == '\t' || c == '\n');
    }
    doc = xmlReadMemory(b.data, (int) b.length, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR);
    if (doc != NULL) {
        xmlChar *content = xmlNodeGetContent(xmlDocGetRootElement(doc));
        back = content != NULL ? strdup((const char *) content) : NULL;
        xmlFree(content);
        xmlFreeDoc(doc);
    }
    buffer_free(&b);
    return back;
}

static size_t utf8_encode(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char) code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char) (0xC0 | code >> 6);
        out[1] = (char) (0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char) (0xE0 | code >> 12);
        out[1] = (char) (0x80 | (code >> 6 & 63));
        out[2] = (char) (0x80 | (code & 63));
        return 3;
    }
    out[0] = (char) (0xF0 | code >> 18);
    out[1] = (char) (0x80 | (code >> 12 & 63));
    out[2] = (char) (0x80 | (code >> 6 & 63));
    out[3] = (char) (0x80 | (code & 63));
    return 4;
}

/* Every character of Unicode, 256 at a time: comes back as it was, or as '?' where XML has none. */
static void xml_comes_back(void) {
    uint32_t first, code;
    for (first = 0; first <= 0x10FFFF; first += 256) {
        char text[256 * 4 + 1], expected[256 * 4 + 1], *back;
        size_t n = 0, m = 0;
        for (code = first; code < first + 256; code++) {
            bool surrogate = code >= 0xD800 && code <= 0xDFFF;
            bool none = (code < 32 && code != '\t' && code != '\n' && code != '\r') || code == 0xFFFE ||
                        code == 0xFFFF;
            n += utf8_encode(code, text + n);
            if (none || surrogate) {
                memset(expected + m, '?', surrogate ? 3 : 1);
                m += surrogate ? 3 : 1;
            } else {
                m += utf8_encode(code, expected + m);
            }
        }
        expected[m] = '\0';
        back = xml_read_back(text, n);
        if (back == NULL || strcmp(back, expected) != 0) {
            CU_FAIL("a block of 256 characters does not come back");
        }
        free(back);
    }
}

/* Random octets, mostly broken UTF-8: always parsed, and read back with as many characters. */
static void xml_of_noise_is_valid(void) {
    uint32_t seed = 12345;
    int round;
    for (round = 0; round < 3000; round++) {
        static const unsigned char leads[] = {0xC2, 0xE0, 0xE2, 0xED, 0xEF, 0xF0,
                                              0xF4, 0xFF, ']',  '>',  '&',  0};
        char text[64], *back;
        size_t i, length;
        seed = seed * 1664525 + 1013904223;
        length = seed >> 26;
        for (i = 0; i < length; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char) ((seed >> 30) == 0 ? leads[(seed >> 16) % sizeof leads] : seed >> 20 & 0xFF);
        }
        back = xml_read_back(text, length);
        CU_ASSERT_PTR_NOT_NULL_FATAL(back);
        CU_ASSERT_EQUAL(text_utf8_count(back, strlen(back)), text_utf8_count(text, length));
        free(back);
    }
    xmlCleanupParser();
}

static void xml_keeps_the_maximum(void) {
    struct buffer b;
    size_t max;
    for (max = 0; max < 12; max++) {
        buffer_init(&b, max);
        CU_ASSERT_EQUAL(text_xml(&b, "ab\xc3\xa9<", 5), max >= 12 ? 0 : -EMSGSIZE);
        buffer_free(&b);
    }
    buffer_init(&b, 12);
    CU_ASSERT_EQUAL(text_xml(&b, "ab\xc3\xa9<", 5), 0);
    CU_ASSERT_EQUAL(text_xml(&b, "<", 1), -EMSGSIZE);
    buffer_free(&b);
}

static void percent_encodes(void) {
    struct buffer b;
    buffer_init(&b, 1000);
    CU_ASSERT_EQUAL(text_percent_encode(&b, "aZ09-._~ /%\xc3\xa9\n", "-._~"), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "aZ09-._~%20%2F%25%C3%A9%0A");
    buffer_reset(&b);
    CU_ASSERT_EQUAL(text_percent_encode(&b, "a-b", ""), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&b), "a%2Db");
    buffer_free(&b);
    buffer_init(&b, 2);
    CU_ASSERT_EQUAL(text_percent_encode(&b, " ", ""), -EMSGSIZE);
    buffer_free(&b);
}

static void url_for_the_log(void) {
    static const struct {
        const char *url, *logged;
    } cases[] = {
        {"http://acs.example/cwmp", "http://acs.example/cwmp"},
        {"https://user:secret@acs.example:7547/cwmp?token=secret#x", "https://acs.example:7547/cwmp"},
        {"http://user@acs.example", "http://acs.example"},
        {"http://u:p@a@acs.example/x", "http://acs.example/x"},
        {"http://user:se/cret@acs.example/x", "http://acs.example/x"},
        {"http://user:se?cret@acs.example/x?y", "http://acs.example/x"},
        {"http://user:se#cret@acs.example/x", "http://acs.example/x"},
        {"http://acs.example/@scope/file", "http://acs.example/@scope/file"},
        {"http://acs.example/x?mail=a@b", "http://acs.example/x"},
        {"http://[::1]:80/x#frag", "http://[::1]:80/x"},
        {"user:secret@host/path", "host/path"},
        {"http://a/\n<6>forged", "http://a/?<6>forged"},
        {"", ""},
        {"?secret", ""},
    };
    char out[64], small[12];
    size_t i;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        text_url_for_log(out, sizeof out, cases[i].url);
        CU_ASSERT_STRING_EQUAL(out, cases[i].logged);
    }
    for (i = 0; i <= sizeof small; i++) {
        memset(small, '#', sizeof small);
        text_url_for_log(small, i, "https://user:secret@acs.example/");
        CU_ASSERT(i == 0 || strlen(small) == i - 1);
        CU_ASSERT(i == 0 || strncmp(small, "https://acs.example/", i - 1) == 0);
    }
}

static void checks_urls(void) {
    static const char *const good[] = {
        "http://acs.example",
        "http://acs.example/",
        "HTTPS://ACS.example:7547/cwmp/?a=b&c=%20#d",
        "http://a?q",
        "http://a#f",
        "http://127.0.0.1:1/",
        "http://[::1]",
        "http://[2001:db8::1]:65535/x",
        "http://[::ffff:1.2.3.4]/",
        "http://my_box-1.lan.:80/",
        "http://host/a@b:c",
    };
    static const char *const bad[] = {
        "",
        "http:",
        "http:/",
        "http://",
        "http:///path",
        "http://?q",
        "http://:80/",
        "acs.example/cwmp",
        "//acs.example",
        "localhost:80",
        "http://user@host/",
        "http://user:pass@host/",
        "http://@host/",
        "http://host:/",
        "http://host:0/",
        "http://host:65536/",
        "http://host:-1/",
        "http://host:+1/",
        "http://host: 1/",
        "http://host:80x/",
        "http://host:99999999999999999999/",
        "http://host:80:80/",
        "http://ho st/",
        "http://host/a b",
        " http://host/",
        "http://host/\n",
        "http://host/\x01",
        "http://host/\x7f",
        "http://host/\xc3\xa9",
        "http://h\xc3\xb6st/",
        "http://host\\x/",
        "http://host/<x>",
        "http://host/\"",
        "http://.host/",
        "http://a..b/",
        "http://./",
        "http://ho%73t/",
        "http://::1/",
        "http://[::1/",
        "http://[]/",
        "http://[::1]x/",
        "http://[::1]:/",
        "http://[::1]:0",
        "http://[1.2.3.4]/",
        "http://[::1%25eth0]/",
        "http://[12345::]/",
        "http://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]/",
    };
    static const char *const other[] = {"ftp://host/", "tftp://host/x", "httpx://host/", "file:///etc/passwd",
                                        "h2+ws.x-1://host"};
    char url[300];
    size_t i;
    for (i = 0; i < sizeof good / sizeof *good; i++) {
        CU_ASSERT_EQUAL(text_url_check(good[i]), 0);
    }
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(text_url_check(bad[i]), -EINVAL);
    }
    for (i = 0; i < sizeof other / sizeof *other; i++) {
        CU_ASSERT_EQUAL(text_url_check(other[i]), -EPROTONOSUPPORT);
    }
    memcpy(url, "http://", 7);
    memset(url + 7, 'a', 64);
    url[7 + 63] = '\0';
    CU_ASSERT_EQUAL(text_url_check(url), 0);
    url[7 + 63] = 'a';
    url[7 + 64] = '\0'; /* a label of 64 */
    CU_ASSERT_EQUAL(text_url_check(url), -EINVAL);
}

static void joins(void) {
    char out[8] = "x";
    CU_ASSERT_TRUE(text_join(out, sizeof out, "ab", "", "cde", NULL));
    CU_ASSERT_STRING_EQUAL(out, "abcde");
    CU_ASSERT_TRUE(text_join(out, sizeof out, "abc", "defg", NULL));
    CU_ASSERT_STRING_EQUAL(out, "abcdefg");
    CU_ASSERT_FALSE(text_join(out, sizeof out, "abc", "defgh", "i", NULL));
    CU_ASSERT_STRING_EQUAL(out, "abcdefg");
    CU_ASSERT_TRUE(text_join(out, sizeof out, NULL));
    CU_ASSERT_STRING_EQUAL(out, "");
    CU_ASSERT_FALSE(text_join(out, 0, "a", NULL));
}

static void finds_the_directory(void) {
    char out[8] = "x";
    CU_ASSERT_TRUE(text_parent(out, sizeof out, "/run/a/b"));
    CU_ASSERT_STRING_EQUAL(out, "/run/a");
    CU_ASSERT_TRUE(text_parent(out, sizeof out, "a/b"));
    CU_ASSERT_STRING_EQUAL(out, "a");
    CU_ASSERT_TRUE(text_parent(out, sizeof out, "/a//b"));
    CU_ASSERT_STRING_EQUAL(out, "/a");
    CU_ASSERT_TRUE(text_parent(out, sizeof out, "1234567/x"));
    CU_ASSERT_STRING_EQUAL(out, "1234567");
    static const char *const none[] = {"b", "/b", "//b", "", "/", "12345678/x"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CU_ASSERT_FALSE(text_parent(out, sizeof out, none[i]));
        CU_ASSERT_STRING_EQUAL(out, "");
    }
    CU_ASSERT_FALSE(text_parent(out, 0, "a/b"));
}

static void hashes(void) { /* the vectors of its authors */
    CU_ASSERT_EQUAL(text_hash("", 0), 0xcbf29ce484222325u);
    CU_ASSERT_EQUAL(text_hash("a", 1), 0xaf63dc4c8601ec8cu);
    CU_ASSERT_EQUAL(text_hash("foobar", 6), 0x85944171f73967e8u);
}

static void copies(void) {
    char out[8];
    CU_ASSERT_TRUE(text_copy(out, sizeof out, "1234567"));
    CU_ASSERT_STRING_EQUAL(out, "1234567");
    CU_ASSERT_FALSE(text_copy(out, sizeof out, "12345678"));
    CU_ASSERT_STRING_EQUAL(out, "1234567");
    CU_ASSERT_FALSE(text_copy(out, sizeof out, "12345\xe2\x82\xac"));
    CU_ASSERT_STRING_EQUAL(out, "12345");
    CU_ASSERT_TRUE(text_copy(out, sizeof out, "1234\xe2\x82\xac"));
    CU_ASSERT_STRING_EQUAL(out, "1234\xe2\x82\xac");
    CU_ASSERT_TRUE(text_copy(out, 1, ""));
    CU_ASSERT_FALSE(text_copy(out, 1, "x"));
    CU_ASSERT_STRING_EQUAL(out, "");
    out[0] = '!';
    CU_ASSERT_FALSE(text_copy(out, 0, ""));
    CU_ASSERT_EQUAL(out[0], '!');
}

static void compares_ends(void) {
    char *copy;
    CU_ASSERT(text_starts("Device.X", "Device.") && text_starts("x", "") && text_starts("x", "x"));
    CU_ASSERT(!text_starts("Dev", "Device.") && !text_starts("", "x"));
    CU_ASSERT(text_ends("Device.", ".") && text_ends("x", "") && text_ends("x", "x"));
    CU_ASSERT(!text_ends("x", "yx") && !text_ends("", "x") && !text_ends("ab", "a"));
    copy = text_dup("copy");
    CU_ASSERT_STRING_EQUAL(copy, "copy");
    free(copy);
}

static CU_TestInfo numbers[] = {
    {"int", parses_int}, {"uint", parses_uint}, {"bool", parses_bool}, CU_TEST_INFO_NULL};
static CU_TestInfo times[] = {
    {"read", parses_time},
    {"truncated", truncated_times_are_invalid},
    {"writes microseconds", writes_microseconds},
    {"written", writes_time},
    {"every day of the calendar", agrees_with_the_c_library},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo xml[] = {
    {"UTF-8", reads_utf8},
    {"escapes", escapes_xml},
    {"every character comes back from a parser", xml_comes_back},
    {"noise gives valid XML", xml_of_noise_is_valid},
    {"the maximum", xml_keeps_the_maximum},
    CU_TEST_INFO_NULL,
};
static CU_TestInfo urls[] = {
    {"percent-encoding", percent_encodes},
    {"for the log", url_for_the_log},
    {"check", checks_urls},
    {"copy", copies},
    {"join", joins},
    {"directory", finds_the_directory},
    {"hash", hashes},
    {"starts and ends", compares_ends},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("numbers", numbers), CUNIT_SUITE("time", times),
                             CUNIT_SUITE("UTF-8 and XML", xml), CUNIT_SUITE("URLs and copies", urls),
                             CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
