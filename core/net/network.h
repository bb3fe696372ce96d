/* The network's state by rtnetlink events, not polling: is there an address that could reach an ACS. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "net/loop.h"

#include <stdbool.h>

struct network;

/* told(user, up, changed): the kernel told something of links, addresses or routes (within 200 ms: one call);
 * it may free the network. changed = one of them did (what the kernel tells of them besides, such as their
 * lifetimes or counters, is no change). up = some interface besides loopback is up and has an address beyond
 * link scope, IPv4 or IPv6. network_up() is right when this returns. 0 or -errno. */
int network_new(struct loop *loop, void (*told)(void *user, bool up, bool changed), void *user,
                struct network **ret_network);
void network_free(struct network *network);
/* With `yes` an address of the loopback interface is enough, from now on: a sandbox, a box that talks to a
 * proxy of its own. */
void network_count_loopback(struct network *network, bool yes);
bool network_up(const struct network *network);

#endif
