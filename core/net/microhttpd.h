/* libmicrohttpd, when it is needed: at the first connection on the port for connection requests. The start
 * and the first Inform do without it, and a box that nobody asks never has it in memory. */
#ifndef NET_MICROHTTPD_H
#define NET_MICROHTTPD_H

#include <microhttpd.h>
#include <tr069/library.h>

#define MICROHTTPD_SYMBOLS(symbol)                                                                           \
    symbol(MHD_add_response_header) symbol(MHD_basic_auth_get_username_password)                             \
        symbol(MHD_create_response_from_buffer) symbol(MHD_destroy_response) symbol(MHD_free)                \
            symbol(MHD_get_connection_info) symbol(MHD_get_daemon_info) symbol(MHD_get_timeout)              \
                symbol(MHD_lookup_connection_value) symbol(MHD_queue_response) symbol(MHD_run)               \
                    symbol(MHD_start_daemon) symbol(MHD_stop_daemon)

/* Its functions, by their own names. */
struct microhttpd {
    MICROHTTPD_SYMBOLS(TR069_LIBRARY_POINTER)
};

/* Opened once for the process and never closed. NULL when it is not there or broken, with a sentence in
 * ret_error; the next call tries again. */
const struct microhttpd *microhttpd_open(char *ret_error, size_t size);

#endif
