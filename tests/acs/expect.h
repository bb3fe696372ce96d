/* `expect ...`: looks at a message and says what is not as expected. */
#ifndef ACS_EXPECT_H
#define ACS_EXPECT_H

#include "http.h"
#include "message.h"

/* The words after `expect`. 1 met, 0 not met (`why` says what was expected and what came), -EINVAL when
 * they cannot be understood. With `message` NULL only the latter is looked at. */
int expect_check(const char *const *word, size_t count, const struct message *message,
                 const struct request *request, char *why, size_t size);
/* OP VALUE: =, !=, ~ (glob), =~ (regular expression), < > <= >= (numbers). As above. */
int expect_compare(const char *found, const char *operation, const char *value);

#endif
