/* One UDP datagram to a host by name: never answered, never repeated. */
#ifndef NET_DATAGRAM_H
#define NET_DATAGRAM_H

#include "net/loop.h"

#include <stddef.h>

/* Everything is copied. A name is resolved by a worker; that it could not be, or that sending failed, is
 * logged. 0; -EAGAIN when too much waits already; -ENOMEM. */
int datagram_send(struct loop *loop, const char *host, unsigned port, const void *data, size_t length);

#endif
