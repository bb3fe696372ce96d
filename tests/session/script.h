/* Reading a scenario: lines, words, and messages in their short form (README.md). */
#ifndef TESTS_SESSION_SCRIPT_H
#define TESTS_SESSION_SCRIPT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct script {
    const char *name;
    char *text; /* cut into lines */
    char **lines;
    size_t count;
    size_t at; /* the line to read next; its number for people */
};

/* 0, or -errno with a message on stderr. */
int script_load(const char *path, struct script *ret_script);
void script_free(struct script *script);
/* The next line that is neither empty nor a comment, without leading blanks; NULL at the end. */
char *script_line(struct script *script);
/* The lines up to "." glued together, leading blanks dropped; false when the "." is missing. */
bool script_body(struct script *script, struct buffer *out);

/* The octets of an answer: \n and \xHH in the text are such octets. Then from UTF-8 to `charset`, a name that
 * iconv knows; "" for as they are. False when that cannot be. */
bool script_octets(const struct buffer *text, const char *charset, struct buffer *out);

/* Cuts off the first word; the rest is in *rest. */
char *script_word(char **rest);

/* What stands in front of a message's lines: NAME and the words behind it. */
struct short_form {
    const char *name;  /* of the RPC; "fault"; "raw" */
    const char *id;    /* NULL: none */
    const char *ns;    /* "1-0", "1-1", "1-2" */
    const char *use;   /* UseCWMPVersion */
    const char *extra; /* headers as they are */
    bool hold;
    const char *timeout, *versions;
};
bool script_short_form(char *words, struct short_form *ret_form);
/* The bytes that the client must send. */
void script_ours(const struct short_form *form, const char *body, struct buffer *out);
/* What an ACS sends: other prefixes than ours, indented. */
void script_theirs(const struct short_form *form, const char *body, struct buffer *out);

#endif
