/* Reads traceroute's lines by their words:
 *     traceroute to box.test (192.0.2.9), 30 hops max, 60 byte packets
 *      1  gateway (192.0.2.1)  0.613 ms  0.561 ms *
 *      2  192.0.2.3  1.200 ms !H other.test (192.0.2.4)  0.532 ms
 */
#include "trace-route/hops.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct word {
    const char *text;
    size_t length;
};

/* The next word of the line; false at its end. */
static bool next_word(const char **at, struct word *ret_word) {
    *at += strspn(*at, " \t\r");
    ret_word->text = *at;
    ret_word->length = strcspn(*at, " \t\r\n");
    *at += ret_word->length;
    return ret_word->length > 0;
}

static bool is_word(const struct word *word, const char *text) {
    return word->length == strlen(text) && memcmp(word->text, text, word->length) == 0;
}

static bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/* What names and addresses are made of; the rest, which a name server may well say, is not shown. */
static void copy_word(char *ret_text, size_t size, const char *text, size_t length) {
    size_t used = 0;
    for (size_t i = 0; i < length && used < size - 1; i++) {
        ret_text[used++] = text[i] > ' ' && text[i] < 0x7f ? text[i] : '?';
    }
    ret_text[used] = '\0';
}

/* The address in "(192.0.2.1)", with or without a comma behind. */
static bool bracketed(const struct word *word, char *ret_address, size_t size) {
    const char *end = memchr(word->text, ')', word->length);
    if (word->text[0] != '(' || end == NULL || (size_t) (end - word->text) - 1 >= size) {
        return false;
    }
    copy_word(ret_address, size, word->text + 1, (size_t) (end - word->text) - 1);
    return true;
}

/* Microseconds of "0.613"; at least 1. */
static bool read_ms(const struct word *word, uint32_t *ret_micros) {
    uint64_t micros = 0;
    uint64_t unit = 1000;
    bool in_fraction = false;
    for (size_t i = 0; i < word->length; i++) {
        uint64_t digit = (uint64_t) (word->text[i] - '0');
        if (word->text[i] == '.' && !in_fraction && i > 0) {
            in_fraction = true;
        } else if (!is_digit(word->text[i])) {
            return false;
        } else {
            unit /= in_fraction ? 10 : 1;
            micros = (in_fraction ? micros : micros * 10) + digit * unit;
        }
    }
    *ret_micros = micros > 0 ? (uint32_t) micros : 1;
    return word->length > 0 && word->length < 16 && micros <= UINT32_MAX;
}

/* "!H" and its like: codes of ICMP's message Destination Unreachable (RFC 792, RFC 1812). */
static const struct {
    const char *mark;
    uint32_t code;
} marks[] = {{"!N", 0}, {"!H", 1}, {"!P", 2}, {"!F", 4}, {"!S", 5}, {"!X", 13}, {"!V", 14}, {"!C", 15}};

static void read_mark(struct hop *hop, const struct word *word) {
    if (word->length == 1) {
        return; /* BSD: the answer came with its last hop */
    }
    hop->is_refused = true;
    if (is_digit(word->text[1]) || word->text[1] == '<') { /* "!9", "!<9>" */
        hop->code = (uint32_t) (strtoul(word->text + (word->text[1] == '<' ? 2 : 1), NULL, 10) % 256);
    }
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (memcmp(word->text, marks[i].mark, 2) == 0) { /* also "!F-1400" */
            hop->code = marks[i].code;
        }
    }
}

static void add_try(struct hop *hop, uint32_t micros) {
    if (hop->tries < HOP_TRIES_MAX) {
        hop->micros[hop->tries++] = micros;
    }
}

/* With or without a scope: "fe80::1%eth0". */
static bool is_address(const char *text) {
    char address[HOP_ADDRESS_SIZE];
    unsigned char binary[16];
    size_t length = strcspn(text, "%");
    memcpy(address, text, length);
    address[length] = '\0';
    return inet_pton(AF_INET, address, binary) == 1 || inet_pton(AF_INET6, address, binary) == 1;
}

/* "name (address)", "(address)" or "address" alone. */
static void read_host(struct hop *hop, const struct word *word, const char *rest) {
    struct word next;
    hop->address[0] = '\0';
    copy_word(hop->host, sizeof hop->host, word->text, word->length);
    if (next_word(&rest, &next)) {
        (void) bracketed(&next, hop->address, sizeof hop->address);
    }
}

/* The rest of a line, behind the number of the hop. */
static void read_hop(struct hop *hop, const char *at, const char *target) {
    struct word word;
    uint32_t micros = 0;
    memset(hop, 0, sizeof *hop);
    while (next_word(&at, &word)) {
        uint32_t number;
        if (is_word(&word, "*")) {
            add_try(hop, 0);
        } else if (word.text[0] == '!') {
            read_mark(hop, &word);
        } else if (read_ms(&word, &number)) {
            micros = number;
        } else if (is_word(&word, "ms")) {
            add_try(hop, micros);
            micros = 0;
        } else if (word.text[0] != '(' && word.text[0] != '[') { /* seen with its name; "[AS65536]" */
            read_host(hop, &word, at);
        }
    }
    const char *own = hop->address[0] != '\0' ? hop->address : hop->host;
    hop->is_target = own[0] != '\0' && strcmp(own, target) == 0;
    if (strcmp(hop->address, hop->host) == 0 || !is_address(hop->address)) {
        hop->address[0] = '\0';
    }
}

/* "traceroute to box.test (192.0.2.9), 30 hops max"; false: it is no such line. */
static bool read_target(const char *at, char *ret_target, size_t size) {
    struct word word;
    if (!next_word(&at, &word) || word.length < strlen("traceroute") ||
        memcmp(word.text, "traceroute", strlen("traceroute")) != 0 || !next_word(&at, &word) ||
        !is_word(&word, "to")) {
        return false;
    }
    return next_word(&at, &word) && next_word(&at, &word) && bracketed(&word, ret_target, size);
}

size_t hops_read(const char *output, struct hop *ret_hops, size_t max, bool *ret_begun) {
    char target[HOP_ADDRESS_SIZE] = "";
    size_t count = 0;
    bool begun = false;
    for (const char *line = output; line != NULL && *line != '\0' && count < max;) {
        const char *at = line;
        struct word word;
        if (!begun) {
            begun = read_target(line, target, sizeof target);
        } else if (next_word(&at, &word) && word.length <= 3 && is_digit(word.text[0]) &&
                   strtoul(word.text, NULL, 10) == count + 1) {
            read_hop(&ret_hops[count++], at, target);
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    *ret_begun = begun;
    return count;
}
