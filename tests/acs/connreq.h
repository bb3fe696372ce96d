/* The ACS's side of a connection request: GET with Digest, nothing waits for it. */
#ifndef ACS_CONNREQ_H
#define ACS_CONNREQ_H

#include "acs.h"
#include "base/buffer.h"

struct connreq_result {
    int status; /* 0: no answer */
    unsigned ms;
    char text[200]; /* what went wrong, "" for nothing */
};

typedef void connreq_call(void *user, const struct connreq_result *result);

/* Words: [url=] [user=] [password=] [timeout=SECONDS] [no-auth]; what is not said comes from the
 * settings, the last Inform and what the ACS itself has set. The callback comes once, later. 0 or
 * -EINVAL with a sentence. */
int connreq_start(struct acs *acs, const char *const *word, size_t count, connreq_call *call, void *user,
                  char *error, size_t error_size);
/* Those under way come to nothing, their callbacks are called. */
void connreq_stop(struct acs *acs);
bool connreq_words_are_good(const char *const *word, size_t count);

#endif
