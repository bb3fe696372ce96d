/* What the standard demands of a CPE, looked at message by message. Each finding is a violation of
 * the table in report.h. */
#ifndef ACS_CHECK_H
#define ACS_CHECK_H

#include "session.h"

/* The HTTP around the message (digest section 4). */
void check_http(struct session *session, const struct request *request, const struct message *message);
/* Turn, ID and namespace (sections 6 and 7). */
void check_turn(struct session *session, const struct message *message, bool repeated);
void check_cookies(struct session *session, const struct request *request);
void check_inform(struct session *session, const struct message *message);
/* Types and duplicates of parameter lists. */
void check_values(struct session *session, const struct message *message);
/* A response against what was asked for (section 10). */
void check_response(struct session *session, const struct rpc *rpc, const struct message *message);

#endif
