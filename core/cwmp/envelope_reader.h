/* Inside of the envelope reader: the cursor over libxml2's push parser that its parts share. */
#ifndef CWMP_ENVELOPE_READER_H
#define CWMP_ENVELOPE_READER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "cwmp/envelope.h"
#include "cwmp/libxml.h"

#include <stdarg.h>

/* Attributes that mean something to us. */
enum reader_attribute { READER_XSI_TYPE, READER_ACTOR, READER_MUST_UNDERSTAND, READER_ATTRIBUTES };

enum node_type { NODE_ELEMENT = 1, NODE_END, NODE_TEXT };

/* One thing that the parser told. Texts are places in envelope_reader.texts. */
struct node {
    enum node_type type;
    int depth; /* 0: the outermost element; a text has that of its element's children */
    int line;
    const char *name, *ns;                /* ELEMENT; ns may be NULL */
    size_t text, length;                  /* TEXT */
    size_t attributes[READER_ATTRIBUTES]; /* ELEMENT: the place plus 1, 0 = none */
};

struct envelope_reader {
    struct envelope_limits limits;
    const struct libxml *libxml; /* NULL before the first message */
    xmlParserCtxtPtr xml;
    size_t fed;       /* octets since `xml` was made: its dictionary of names only grows */
    size_t fed_now;   /* of this message */
    const char *data; /* what it was not fed yet */
    size_t left;
    bool ended;    /* it got all that it will get */
    int stopped;   /* negative errno: why it went no further, */
    char why[200]; /* in words */
    int depth;     /* of the elements that are open */
    /* What it told and was not looked at yet. */
    struct node *nodes;
    size_t node_count, node_capacity, node_next;
    struct buffer texts;
    const struct node *node; /* the cursor; NULL before the first and after the last */
    int line;                /* where it was last */
    struct arena *arena;
    struct buffer text; /* of the element being read */
    /* Items of the lists that are open, innermost last: their number is known at the end only. */
    struct tr069_value *items;
    size_t item_count, item_capacity;
    char error[200]; /* the first thing that was wrong, with its line */
};

/* The element that the cursor stands on, before its content is read. */
struct element {
    int depth;
};

/* Begins a message, which must stay until reader_close(); with an `untrue` encoding it is UTF-8 whatever it
 * says. 0; -ENOMEM; -ENOENT: no libxml2. */
int reader_open(struct envelope_reader *reader, const char *data, size_t length, bool untrue);
/* Ends it; `keep` the parser for the next one, unless the message was broken. */
void reader_close(struct envelope_reader *reader, bool keep);
/* Moves on: enum node_type, 0 at the end, negative errno. */
int reader_next(struct envelope_reader *reader);
struct element reader_element(const struct envelope_reader *reader);
/* Moves to the next child of `parent`: 1, 0 when there is none any more, negative errno. Whatever is
 * left of the child before is passed over. */
int reader_child(struct envelope_reader *reader, const struct element *parent);
/* The text directly inside of `element`, in reader->text; comments, instructions and elements in the
 * midst of it are passed over. 0, negative errno. */
int reader_text(struct envelope_reader *reader, const struct element *element);
/* The name of the cursor's element behind the last colon, and its namespace ("" for none). */
const char *reader_name(const struct envelope_reader *reader);
const char *reader_namespace(const struct envelope_reader *reader);
/* NULL when the element has none. Valid until the cursor moves. */
const char *reader_attribute(const struct envelope_reader *reader, enum reader_attribute attribute);
int reader_line(const struct envelope_reader *reader);
/* Keeps the first error's sentence; returns `error`. */
int reader_fail(struct envelope_reader *reader, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Looks at the octets before libxml2 does: what must not even be parsed. NULL, or the sentence why. The
 * encoding that is declared may be untrue and is then UTF-8. */
const char *envelope_survey(const char *data, size_t length, bool *ret_untrue);

/* Reads the arguments of the RPC element at the cursor by its table. What is wrong with them goes into
 * `refusal` (first one), and reading goes on. *ret_args is NULL without arguments. 0, negative errno. */
int envelope_args(struct envelope_reader *reader, const struct tr069_rpc *rpc,
                  const struct tr069_value **ret_args, struct tr069_fault *refusal);

#endif
