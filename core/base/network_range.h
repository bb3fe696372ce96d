/* Ranges of IP addresses, as 10.0.0.0/8, 2001:db8::/32 or one address. */
#ifndef BASE_NETWORK_RANGE_H
#define BASE_NETWORK_RANGE_H

#include <stdbool.h>

enum { NETWORK_ADDRESS_SIZE = 16 };

/* An address as the kernel gives it on a socket of both families: IPv4 as ::ffff:a.b.c.d. */
struct network_range {
    unsigned char address[NETWORK_ADDRESS_SIZE];
    unsigned bits; /* of the 128 that count */
};

/* -EINVAL for anything else, also for bits behind the prefix (10.1.2.3/8 is a slip). */
int network_range_parse(const char *text, struct network_range *ret_range);
bool network_range_has(const struct network_range *range, const unsigned char address[NETWORK_ADDRESS_SIZE]);

#endif
