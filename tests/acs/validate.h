/* Schemas and rules of $TR069_STANDARDS/xsd, loaded once. */
#ifndef ACS_VALIDATE_H
#define ACS_VALIDATE_H

#include "message.h"
#include "report.h"

struct validator;

/* Never NULL; without $TR069_STANDARDS, or with `wanted` false, it validates nothing and says so once in
 * the transcript. */
struct validator *validator_new(bool wanted, struct report *report);
void validator_free(struct validator *validator);
bool validator_works(const struct validator *validator);
/* Only the schema, which holds for both directions. */
void validator_check_schema(struct validator *validator, struct report *report, unsigned session,
                            const struct message *message);
/* Reports VIOLATION_SCHEMA and VIOLATION_RULES. */
void validator_check(struct validator *validator, struct report *report, unsigned session,
                     const struct message *message);

#endif
