/* The network's state by rtnetlink events, not polling: is there an address and a route. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "net/loop.h"

#include <stdbool.h>

struct network;

/* changed(user, up): something about links, addresses or default routes changed (several changes
 * within 200 ms are one call); up = some interface besides loopback is up and has an address of global
 * scope. 0 or -errno. */
int network_new(struct loop *loop, void (*changed)(void *user, bool up), void *user,
                struct network **ret_network);
void network_free(struct network *network);
bool network_up(const struct network *network);

#endif
