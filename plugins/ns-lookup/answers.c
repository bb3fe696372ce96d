/* Answers of a name server (RFC 1035), as data. */
#include "ns-lookup/answers.h"

#include <stdbool.h>
#include <string.h>

enum { HEADER = 12, TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, ROOM = 64 };

static const uint8_t ipv4_7[] = {192, 0, 2, 7}, ipv4_4[] = {192, 0, 2, 4}, ipv4_8[] = {192, 0, 2, 8};
static const uint8_t loopback[] = {127, 0, 0, 1};
static const uint8_t ipv6_7[16] = {0x20, 1, 0xd, 0xb8, [15] = 7}, ipv6_6[16] = {0x20, 1, 0xd, 0xb8, [15] = 6};
static const uint8_t real_name[] = {4, 'r', 'e', 'a', 'l', 4, 't', 'e', 's', 't', 0};

static const struct {
    const char *label;
    const uint8_t *ipv4, *ipv6;
    unsigned ipv4_count;
    bool knows; /* is authoritative */
    bool is_alias;
    uint8_t error; /* RCODE */
} names[] = {
    {"box", ipv4_7, ipv6_7, 1, .knows = true},
    {"four", ipv4_4, NULL, 1},
    {"six", NULL, ipv6_6, 0},
    {"alias", ipv4_8, NULL, 1, .is_alias = true},
    {"many", ipv4_7, NULL, 12},
    {"server", loopback, NULL, 1, .knows = true},
    {"cut", ipv4_7, ipv6_7, 1},
    {"loop", ipv4_7, ipv6_7, 1},
    {"other", ipv4_7, ipv6_7, 1},
    {"stray", ipv4_7, ipv6_7, 1},
    {"refused", .error = 5},
    {"failed", .error = 2},
};
enum { NAMES = sizeof names / sizeof names[0] };

/* Behind the name and the type of the question; 0: it is none. */
static size_t end_of_question(const uint8_t *question, size_t length) {
    size_t at = HEADER;
    while (at < length && question[at] != 0) {
        at += (size_t) question[at] + 1;
    }
    return at + 5 <= length ? at + 5 : 0;
}

static bool is_label(const uint8_t *question, size_t length, const char *label) {
    size_t size = strlen(label);
    return length > HEADER + size && question[HEADER] == size &&
           memcmp(question + HEADER + 1, label, size) == 0;
}

/* One record, whose name is at `name` of the answer. */
static size_t record(uint8_t *to, size_t name, uint8_t type, const uint8_t *data, uint8_t length) {
    const uint8_t head[] = {
        (uint8_t) (0xc0 | name >> 8), (uint8_t) name, 0, type, 0, 1, 0, 0, 0, 60, 0, length};
    memcpy(to, head, sizeof head);
    memcpy(to + sizeof head, data, length);
    return sizeof head + length;
}

static size_t spoilt(const char *label, uint8_t *answer, size_t length, size_t question_end) {
    if (strcmp(label, "cut") == 0) {
        return length - 3;
    }
    if (strcmp(label, "loop") == 0) { /* the name of the first record points at itself */
        answer[question_end] = (uint8_t) (0xc0 | question_end >> 8);
        answer[question_end + 1] = (uint8_t) question_end;
    }
    if (strcmp(label, "other") == 0) {
        answer[0] ^= 0xff;
    }
    return strcmp(label, "stray") == 0 ? 7 : length;
}

size_t answer_to(const uint8_t *question, size_t length, uint8_t *ret_answer, size_t size) {
    size_t end = end_of_question(question, length);
    if (end == 0 || size < end + ROOM * 12 || is_label(question, length, "slow")) {
        return 0;
    }
    uint8_t type = question[end - 3];
    size_t used = end, name = HEADER, i = 0;
    uint8_t count = 0;
    while (i < NAMES && !is_label(question, length, names[i].label)) {
        i++;
    }
    memcpy(ret_answer, question, end);
    memset(ret_answer + 4, 0, HEADER - 4);
    ret_answer[2] = (uint8_t) (0x81 | (i < NAMES && names[i].knows ? 4 : 0));
    ret_answer[3] = (uint8_t) (0x80 | (i < NAMES ? names[i].error : 3));
    ret_answer[5] = 1;
    if (i == NAMES) {
        return used;
    }
    if (names[i].is_alias) {
        used += record(ret_answer + used, name, TYPE_CNAME, real_name, sizeof real_name);
        name = used - sizeof real_name;
        count++;
    }
    for (unsigned n = 0; type == TYPE_A && n < names[i].ipv4_count; n++, count++) {
        used += record(ret_answer + used, name, TYPE_A, names[i].ipv4, 4);
        ret_answer[used - 1] = (uint8_t) (ret_answer[used - 1] + n);
    }
    if (type == TYPE_AAAA && names[i].ipv6 != NULL) {
        used += record(ret_answer + used, name, TYPE_AAAA, names[i].ipv6, 16);
        count++;
    }
    ret_answer[7] = count;
    return spoilt(names[i].label, ret_answer, used, end);
}
