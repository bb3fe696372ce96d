/* Ranges of IP addresses. */
#include <config.h>

#include "base/network_range.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

static unsigned mask(unsigned bits, unsigned octet) {
    const unsigned from = octet * 8;
    return bits >= from + 8 ? 0xff : bits <= from ? 0 : 0xff & (0xff << (from + 8 - bits));
}

int network_range_parse(const char *text, struct network_range *ret_range) {
    struct network_range range = {.bits = 128};
    char address[INET6_ADDRSTRLEN];
    uint64_t bits = 0;
    const size_t length = strcspn(text, "/");
    unsigned skipped = 0;
    if (length >= sizeof address) {
        return -EINVAL;
    }
    memcpy(address, text, length);
    address[length] = '\0';
    if (inet_pton(AF_INET, address, range.address + 12) == 1) {
        memcpy(range.address, mapped, sizeof mapped);
        skipped = 96;
    } else if (inet_pton(AF_INET6, address, range.address) != 1) {
        return -EINVAL;
    }
    if (text[length] == '/') {
        if (text_parse_uint(text + length + 1, 128 - skipped, &bits) < 0) {
            return -EINVAL;
        }
        range.bits = skipped + (unsigned) bits;
    }
    for (unsigned i = 0; i < NETWORK_ADDRESS_SIZE; i++) {
        if ((range.address[i] & ~mask(range.bits, i)) != 0) {
            return -EINVAL;
        }
    }
    *ret_range = range;
    return 0;
}

bool network_range_has(const struct network_range *range, const unsigned char address[NETWORK_ADDRESS_SIZE]) {
    for (unsigned i = 0; i < NETWORK_ADDRESS_SIZE; i++) {
        if (((range->address[i] ^ address[i]) & mask(range->bits, i)) != 0) {
            return false;
        }
    }
    return true;
}
