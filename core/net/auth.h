/* HTTP authentication as the client: answers challenges, Digest before Basic, the strongest first.
 * Nothing is sent before a challenge, and an answer goes only to the origin that asked. Ours rather than
 * libcurl's: that one takes a new nonce without stale=true in mid-session for a refusal, and answers
 * auth-int without the body. Digest section 4. */
#ifndef NET_AUTH_H
#define NET_AUTH_H

#include "base/buffer.h"
#include "net/digest.h"

#include <stdbool.h>
#include <stddef.h>

enum { AUTH_TEXT_SIZE = 512 };

struct auth_challenge {
    enum { AUTH_NONE, AUTH_BASIC, AUTH_DIGEST } scheme;
    enum digest_algorithm algorithm;
    bool session, names_algorithm, has_opaque;
    bool stale;
    const char *qop; /* NULL, "auth" or "auth-int" */
    char realm[AUTH_TEXT_SIZE], nonce[AUTH_TEXT_SIZE], opaque[AUTH_TEXT_SIZE];
};

struct auth {
    struct auth_challenge challenge; /* the one that is being answered */
    char origin[320];                /* of whom: "http://host:port" */
    char cnonce[33];
    unsigned nc;
};

/* Reads one WWW-Authenticate header; `best` becomes the strongest usable challenge seen so far. */
void auth_read(const char *value, bool basic_allowed, struct auth_challenge *best);
/* From now on answers this challenge of that origin. 0 or -EIO (no random numbers). */
int auth_accept(struct auth *auth, const struct auth_challenge *challenge, const char *origin);
void auth_forget(struct auth *auth);
/* Appends "Authorization: ..." for a request to `origin`; nothing when there is no challenge of it.
 * 0 or negative errno. *ret_sent: whether something was appended. */
struct auth_request {
    const char *origin, *method, *uri;
    const char *username, *password;
    const char *body;
    size_t length;
};
int auth_header(struct auth *auth, const struct auth_request *request, struct buffer *out, bool *ret_sent);

#endif
