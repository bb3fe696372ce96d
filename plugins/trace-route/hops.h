/* plugins/trace-route/hops.h: what traceroute says, in the forms of Linux's, BSD's, BusyBox's and Toybox's.
 */
#ifndef TRACE_ROUTE_HOPS_H
#define TRACE_ROUTE_HOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOP_TRIES_MAX = 3, HOP_HOST_MAX = 256, HOP_ADDRESS_SIZE = 64 };

struct hop {
    char host[HOP_HOST_MAX + 1]; /* name, or else address, of the one that answered last; empty: nobody did */
    char address[HOP_ADDRESS_SIZE]; /* of the host that has a name */
    uint32_t micros[HOP_TRIES_MAX]; /* round trips; 0 = no answer */
    unsigned tries;
    uint32_t code; /* of the ICMP message, where the program tells it */
    bool is_target;
    bool is_refused; /* the route ends here, by what the host answers */
};

/* Reads what the program wrote: at most `max` hops, in their order; what is no hop is passed over. Returns
 * how many there are; *ret_begun: the target has an address. */
size_t hops_read(const char *output, struct hop *ret_hops, size_t max, bool *ret_begun);

#endif
