/* Growing octets with a hard maximum.
 *
 * Every buffer that a peer can make grow has a maximum, given when it is made. An append beyond it
 * fails with -EMSGSIZE, out of memory with -ENOMEM; the buffer then keeps the error: later appends
 * do nothing and return it, so that a writer may check once at the end (buffer_error). */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

struct buffer {
    char *data; /* NUL-terminated after `length` octets, or NULL while nothing was appended */
    size_t length;
    size_t capacity;
    size_t max;
    int error;
};

/* The buffer owns its memory; buffer_free() releases it and makes it empty again. */
void buffer_init(struct buffer *buffer, size_t max);
void buffer_free(struct buffer *buffer);
/* Empties it, keeps the memory (for the next message), clears the error. */
void buffer_reset(struct buffer *buffer);
/* As reset, but gives back memory beyond `keep` octets. */
void buffer_shrink(struct buffer *buffer, size_t keep);
/* Gives back what its octets do not need: of one that is kept for long. */
void buffer_fit(struct buffer *buffer);

int buffer_append(struct buffer *buffer, const void *data, size_t length);
int buffer_text(struct buffer *buffer, const char *text);
int buffer_char(struct buffer *buffer, char c);
int buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buffer_vformat(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* Room for `length` more octets at the returned place, or NULL (error kept); buffer_added() says how
 * many were used, at most `length`. */
char *buffer_reserve(struct buffer *buffer, size_t length);
void buffer_added(struct buffer *buffer, size_t length);
/* Appends a whole file, but only a regular one or a character device (/dev/null): nothing that would block.
 * 0, -errno, -EINVAL for another kind, -EFBIG when it does not fit. */
int buffer_read_file(struct buffer *buffer, const char *path);
/* Cuts to `length` octets; does nothing when there are fewer. */
void buffer_cut(struct buffer *buffer, size_t length);
int buffer_error(const struct buffer *buffer);
/* Never NULL. */
const char *buffer_string(const struct buffer *buffer);
/* Hands the memory over to the caller (free()) and makes the buffer empty; "" is allocated too. NULL
 * when the buffer holds an error (which stays, its octets do not) or out of memory. */
char *buffer_take(struct buffer *buffer);

#endif
