/* A lightweight notification over UDP (TR-069 Annex M, digest section 17): what an HTTP request looks like,
 * in one datagram, never answered. */
#ifndef CWMP_LIGHT_H
#define CWMP_LIGHT_H

#include "base/buffer.h"
#include "model/model.h"

enum {
    LIGHT_SIZE_WANTED = 1400, /* octets that fit into one packet of nearly every network */
    LIGHT_SIZE_MAX = 60000    /* a single value may need more */
};

struct light_sender {
    const char *host; /* where it goes, for the header; an IPv6 address in brackets */
    unsigned port;
    const char *username, *password; /* ManagementServer.Username and Password */
    const char *oui, *product_class, *serial;
    int64_t wall_s;
};

/* Writes the selection of model_select_light(). What does not fit is taken out of the selection and waits for
 * the next one; a single value that is too large is left out of `out`: *ret_params is 0 then. 0, -ENOMEM,
 * -EIO. */
int light_write(const struct light_sender *sender, struct model_selection *selection, struct buffer *out,
                size_t *ret_params);

#endif
