/* The RPCs that this CPE serves: those of core and those of plugins in one registry (digest section 10).
 * GetRPCMethods answers from it. */
#ifndef CWMP_RPC_H
#define CWMP_RPC_H

#include "cwmp/envelope.h"
#include "model/model.h"

#include <tr069/plugin.h>

struct rpcs;

int rpcs_new(struct rpcs **ret_rpcs);
void rpcs_free(struct rpcs *rpcs);
/* Adds the methods of a plugin. -EEXIST with a sentence that names both plugins. */
int rpcs_attach(struct rpcs *rpcs, const struct model_owner *owner, char *ret_error, size_t error_size);
void rpcs_detach(struct rpcs *rpcs, const struct model_owner *owner);

/* A call from start to end, kept by the session. The struct tr069_call that a handler of a plugin gets
 * is inside of one; the services reply* and complete of the host end here. */
struct rpc_call;

/* Services of struct tr069_host, for the agent's host table. */
int rpc_reply(const struct tr069_call *call, const char *name, const struct tr069_value *value);
int rpc_reply_list(const struct tr069_call *call, const char *name, const char *item, size_t count);
int rpc_reply_item(const struct tr069_call *call, const char *item);
int rpc_reply_end(const struct tr069_call *call);
void rpc_complete(const struct tr069_call *call, int verdict);

#endif
