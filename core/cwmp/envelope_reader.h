/* Inside of the envelope reader: the cursor over libxml2's reader that its two halves share. */
#ifndef CWMP_ENVELOPE_READER_H
#define CWMP_ENVELOPE_READER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "cwmp/envelope.h"

#include <libxml/xmlreader.h>
#include <stdarg.h>

/* BAD_CAST would take the const away. */
#define XML(text) ((const xmlChar *) (text))

struct envelope_reader {
    struct envelope_limits limits;
    xmlTextReaderPtr xml;
    size_t fed; /* octets since `xml` was made: its dictionary of names only grows */
    struct arena *arena;
    struct buffer text; /* of the element being read */
    /* Items of the lists that are open, innermost last: their number is known at the end only. */
    struct tr069_value *items;
    size_t item_count, item_capacity;
    bool no_memory;  /* libxml2 said so */
    char error[200]; /* the first thing that was wrong, with its line */
};

/* The element that the cursor stands on, before its content is read. */
struct element {
    int depth;
    bool empty;
};

struct element reader_element(struct envelope_reader *reader);
/* Moves to the next child of `parent`: 1, 0 when there is none any more, negative errno. Whatever is
 * left of the child before is passed over. */
int reader_child(struct envelope_reader *reader, const struct element *parent);
/* The text directly inside of `element`, in reader->text; comments, instructions and elements in the
 * midst of it are passed over. 0, negative errno. */
int reader_text(struct envelope_reader *reader, const struct element *element);
/* The name of the cursor's element behind the last colon, and its namespace ("" for none). */
const char *reader_name(struct envelope_reader *reader);
const char *reader_namespace(struct envelope_reader *reader);
/* Keeps the first error's sentence; returns `error`. */
int reader_fail(struct envelope_reader *reader, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Looks at the octets before libxml2 does: what must not even be parsed. NULL, or the sentence why. */
const char *envelope_survey(const char *data, size_t length);

/* Reads the arguments of the RPC element at the cursor by its table. What is wrong with them goes into
 * `refusal` (first one), and reading goes on. *ret_args is NULL without arguments. 0, negative errno. */
int envelope_args(struct envelope_reader *reader, const struct tr069_rpc *rpc,
                  const struct tr069_value **ret_args, struct tr069_fault *refusal);

#endif
