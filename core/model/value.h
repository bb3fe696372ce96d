/* Values and their limits: text to struct tr069_value and back (TR-106 section 3.2, digest 15). */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <tr069/plugin.h>

#include <stddef.h>

/* "string", "unsignedInt": the name after xsd: (base64 stands in soapenc:). "" for NONE and LIST. */
const char *value_type_name(enum tr069_type type);
/* The type of such a name, TR069_NONE if there is none. `base64Binary` counts as base64. */
enum tr069_type value_type_of(const char *name, size_t length);

/* Parses text as this type; checks no limits. The text is borrowed. 0 or -EINVAL, -ERANGE. */
int value_parse(enum tr069_type type, const char *text, size_t length, struct tr069_value *ret_value);
/* Judges a parsed value by the parameter's limits: range, length in characters, enumeration, pattern,
 * list items. TR069_OK or TR069_FAULT 9007 with words that name the limit. */
int value_check(const struct tr069_param *param, const struct tr069_value *value, struct tr069_fault *fault);
/* The lexical form of a value that a getter gave for a parameter of `type`: a getter may give any
 * integer for a number that holds it, STRING for anything textual, and STRING for a number or a
 * boolean as long as the text is one (sources of text: scripts, files). The text is in `value` or in
 * its buffer: valid as long as they are. -EINVAL when the getter gave something of another kind or
 * beyond the type's range. */
int value_text(enum tr069_type type, struct tr069_value *value, const char **ret_text, size_t *ret_length);

#endif
