/* A transfer by HTTP for the sake of its times (TR-143): what comes is counted and forgotten, what goes is
 * made up. Constant memory, no file, no credentials. */
#ifndef NET_MEASURE_H
#define NET_MEASURE_H

#include "net/acs_client.h"
#include "net/loop.h"

#include <tr069/plugin.h>

struct measure;

struct measure_setup {
    const struct tr069_measure *what; /* copied */
    struct net_tls tls;
    unsigned connect_timeout_s, stall_timeout_s;
    /* Once, never from inside of measure_new(). Times are of clock_mono_us(). The measurement is to be freed
     * before it returns; `measured` lives as long. */
    tr069_measure_done *done;
    void *user;
};

/* 0, -EINVAL for a bad URL, -EPROTONOSUPPORT for another scheme, -ENOMEM. */
int measure_new(struct loop *loop, const struct measure_setup *setup, struct measure **ret_measure);
/* Cancels without done. Accepts NULL. */
void measure_free(struct measure *measure);

#endif
