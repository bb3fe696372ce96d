/* plugins/ns-lookup/query.h: one name, asked of the name servers with c-ares; nothing blocks. */
#ifndef NS_LOOKUP_QUERY_H
#define NS_LOOKUP_QUERY_H

#include <tr069/plugin.h>

#include <netinet/in.h>

enum { QUERY_NAME_MAX = 256, QUERY_ADDRESSES_MAX = 10 };

struct query;

struct query_settings {
    const char *name;
    const char *server;      /* address of the one to ask; empty: those of resolv_conf */
    const char *device;      /* network interface to ask on; empty: as the route goes */
    const char *resolv_conf; /* that file */
    uint32_t timeout_ms;     /* for each server */
    uint16_t port;           /* of the servers */
};

struct query_result {
    const char *status; /* as in NSLookupDiagnostics.Result.{i}.Status */
    bool is_authoritative;
    char name[QUERY_NAME_MAX + 1];                          /* canonical; empty: there is none */
    char addresses[QUERY_ADDRESSES_MAX * INET6_ADDRSTRLEN]; /* IPv4 and IPv6, separated by commas */
    char server[INET6_ADDRSTRLEN];                          /* that answered, or was asked first */
    uint32_t response_ms;                                   /* of the first answer; 0 = there was none */
};

#define QUERY_SUCCESS "Success"

typedef void query_done(void *user, const struct query_result *result);

/* Asks for the IPv4 and IPv6 addresses of a name, below the domain of resolv_conf if it is not a whole one.
 * done is called once, later; the query is gone then. 0; -EINVAL: the server is no address; -errno. */
int query_start(const struct tr069_host *host, const struct query_settings *settings, query_done *done,
                void *user, struct query **ret_query);
/* Ends it without done. NULL is fine. */
void query_cancel(struct query *query);

#endif
