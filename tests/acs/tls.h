/* TLS as the tests want it, good or bad: libmicrohttpd makes the sessions, this gives them what they show. */
#ifndef ACS_TLS_H
#define ACS_TLS_H

#include <stdbool.h>
#include <stddef.h>

struct acs;
struct tls;

/* The words after `tls` (--help scenario), for connections to come; what is not said is as on the command
 * line. With `dry`, only looks whether it is right. 0, or -EINVAL with a sentence. */
int tls_set(struct acs *acs, const char *const *word, size_t count, bool dry, char *error, size_t error_size);
/* A connection is there, its handshake is not. `session`: gnutls_session_t. */
void tls_prepare(struct acs *acs, void *session);
/* "TLS1.3, resumed": what the handshake was, for the transcript. */
const char *tls_describe(void *session);
/* When no connection is left. */
void tls_free(struct acs *acs);

#endif
