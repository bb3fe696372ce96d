/* Basic and Digest (RFC 7617, 2617, 7616), the server's side and what the client's side shares. */
#ifndef ACS_AUTH_H
#define ACS_AUTH_H

#include <stdbool.h>
#include <stddef.h>

struct acs;
struct request;
struct reply;

enum auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_DIGEST, AUTH_STRANGE /* one that nobody knows */ };
enum nonce_rule {
    NONCE_ANY,        /* good for the whole run */
    NONCE_CONNECTION, /* good on its TCP connection only, as GenieACS has it */
    NONCE_ONCE        /* good for one request, then stale=true */
};

enum { NONCE_KEPT = 64 };
struct nonce {
    char text[33];
    unsigned connection;
    unsigned used; /* requests it was good for */
    unsigned last_nc;
};

struct auth_rules {
    enum auth_kind kind;
    char *user;
    char *password;
    char *algorithm; /* "MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "" = not said */
    char *qop;       /* "auth", "auth,auth-int", "" = RFC 2069 */
    char *opaque;    /* "" = none */
    char *form;      /* how the challenge is written (auth.c's table) */
    bool next;       /* Authentication-Info names the next nonce, and only that one is good then */
    enum nonce_rule rule;
    unsigned stale_after; /* uses after which a nonce is stale; 0: never */
    struct nonce nonces[NONCE_KEPT];
    unsigned next_place;
};

enum auth_verdict { AUTH_OK, AUTH_CHALLENGE, AUTH_WRONG };
/* What the Authorization header of the request is worth. Digest rules that it breaks (uri, nc, ...)
 * are put into `fault`, which is "" for none. *ret_stale: the nonce was right once. */
enum auth_verdict auth_check(struct auth_rules *rules, struct request *request, bool *ret_stale, char *fault,
                             size_t fault_size);
/* After a request with good credentials: what the reply says of them. */
void auth_approve(struct auth_rules *rules, struct request *request, struct reply *reply);
/* Puts a challenge into the reply, with a fresh nonce. */
void auth_challenge(struct auth_rules *rules, struct request *request, struct reply *reply, bool stale);

/* "none" | "basic USER PASSWORD" | "digest USER PASSWORD [algorithm=] [qop=] [nonce=] [stale=] [opaque=]
 * [form=] [next]".
 * 0 or -EINVAL. */
int auth_rules_parse(struct auth_rules *rules, const char *const *word, size_t count, char *error,
                     size_t error_size);
void auth_rules_free(struct auth_rules *rules);

/* The value of a directive in a WWW-Authenticate or Authorization header; allocated, NULL if absent. */
char *auth_directive(const char *header, const char *name);

struct digest_input {
    const char *algorithm; /* "" is MD5 */
    const char *user;
    const char *realm;
    const char *password;
    const char *method;
    const char *uri;
    const char *nonce;
    const char *nc;
    const char *cnonce;
    const char *qop;  /* "" = RFC 2069 */
    const void *body; /* for qop auth-int */
    size_t body_length;
};
enum { DIGEST_TEXT = 65 };
/* The response in hexadecimal. False for an algorithm that is not known. */
bool digest_response(const struct digest_input *input, char ret_hex[DIGEST_TEXT]);
/* 32 unguessable hexadecimal digits. */
void random_token(char ret_token[33]);

#endif
