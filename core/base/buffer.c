/* Growing octets with a hard maximum. */
#include <config.h>

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_FIRST = 64, READ_STEP = 4096 };

static int fail(struct buffer *buffer, int error) {
    buffer->error = error;
    return error;
}

void buffer_init(struct buffer *buffer, size_t max) {
    /* half of the address space, so that no sum below can overflow */
    *buffer = (struct buffer){.max = max < SIZE_MAX / 2 - 1 ? max : SIZE_MAX / 2 - 1};
}

void buffer_free(struct buffer *buffer) {
    if (buffer != NULL) {
        free(buffer->data);
        *buffer = (struct buffer){.max = buffer->max};
    }
}

void buffer_reset(struct buffer *buffer) {
    buffer->length = 0;
    buffer->error = 0;
    if (buffer->data != NULL) {
        buffer->data[0] = '\0';
    }
}

void buffer_shrink(struct buffer *buffer, size_t keep) {
    buffer_reset(buffer);
    if (buffer->capacity > keep) {
        char *data = keep > 0 ? realloc(buffer->data, keep) : NULL;
        if (data == NULL) {
            free(buffer->data);
            keep = 0;
        }
        buffer->data = data;
        buffer->capacity = keep;
    }
}

void buffer_fit(struct buffer *buffer) {
    char *data = buffer->data != NULL ? realloc(buffer->data, buffer->length + 1) : NULL;
    if (data != NULL) {
        buffer->data = data;
        buffer->capacity = buffer->length + 1;
    }
}

/* Makes room for `length` more octets and a NUL. */
static int grow(struct buffer *buffer, size_t length) {
    size_t capacity, wanted;
    char *data;
    if (length > buffer->max - buffer->length) {
        return fail(buffer, -EMSGSIZE);
    }
    wanted = buffer->length + length + 1;
    if (wanted <= buffer->capacity) {
        return 0;
    }
    capacity = buffer->capacity < BUFFER_FIRST ? BUFFER_FIRST : buffer->capacity * 2;
    if (capacity > buffer->max + 1) {
        capacity = buffer->max + 1;
    }
    if (capacity < wanted) {
        capacity = wanted;
    }
    data = realloc(buffer->data, capacity);
    if (data == NULL) {
        return fail(buffer, -ENOMEM);
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
}

int buffer_append(struct buffer *buffer, const void *data, size_t length) {
    int r;
    if (buffer->error != 0) {
        return buffer->error;
    }
    if (length >= buffer->capacity - buffer->length) { /* both 0 before the first append */
        r = grow(buffer, length);
        if (r < 0) {
            return r;
        }
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, data, length);
    }
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
    return 0;
}

int buffer_text(struct buffer *buffer, const char *text) {
    return buffer_append(buffer, text, strlen(text));
}

int buffer_char(struct buffer *buffer, char c) {
    return buffer_append(buffer, &c, 1);
}

int buffer_vformat(struct buffer *buffer, const char *format, va_list arguments) {
    va_list again;
    size_t room;
    int n, r = 0;
    if (buffer->error != 0) {
        return buffer->error;
    }
    room = buffer->capacity - buffer->length;
    va_copy(again, arguments);
    n = vsnprintf(room > 0 ? buffer->data + buffer->length : NULL, room, format, arguments);
    if (n < 0) {
        r = fail(buffer, -EINVAL);
    } else if ((size_t) n >= room) {
        r = grow(buffer, (size_t) n);
        if (r == 0) {
            n = vsnprintf(buffer->data + buffer->length, (size_t) n + 1, format, again);
            r = n < 0 ? fail(buffer, -EINVAL) : 0;
        }
    }
    va_end(again);
    if (r == 0) {
        buffer->length += (size_t) n;
    } else if (buffer->data != NULL) {
        buffer->data[buffer->length] = '\0';
    }
    return r;
}

int buffer_format(struct buffer *buffer, const char *format, ...) {
    va_list arguments;
    int r;
    va_start(arguments, format);
    r = buffer_vformat(buffer, format, arguments);
    va_end(arguments);
    return r;
}

char *buffer_reserve(struct buffer *buffer, size_t length) {
    if (buffer->error != 0 || grow(buffer, length) < 0) {
        return NULL;
    }
    return buffer->data + buffer->length;
}

void buffer_added(struct buffer *buffer, size_t length) {
    if (buffer->data != NULL) {
        size_t room = buffer->capacity - buffer->length - 1;
        buffer->length += length < room ? length : room;
        buffer->data[buffer->length] = '\0';
    }
}

void buffer_cut(struct buffer *buffer, size_t length) {
    if (length < buffer->length) {
        buffer->length = length;
        buffer->data[length] = '\0';
    }
}

int buffer_error(const struct buffer *buffer) {
    return buffer->error;
}

const char *buffer_string(const struct buffer *buffer) {
    return buffer->data != NULL ? buffer->data : "";
}

char *buffer_take(struct buffer *buffer) {
    char *data;
    int error = buffer->error;
    if (error == 0 && buffer->data == NULL) {
        error = grow(buffer, 0);
        if (error == 0) {
            buffer->data[0] = '\0';
        }
    }
    if (error != 0) {
        buffer_free(buffer);
        buffer->error = error;
        return NULL;
    }
    data = buffer->data;
    buffer_init(buffer, buffer->max);
    return data;
}

int buffer_read_file(struct buffer *buffer, const char *path) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return -errno;
    }
    int r = fstat(fd, &status) < 0 ? -errno : 0;
    if (r == 0 && !S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
        r = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    }
    /* a file of the kernel's has no size; another one ends where it says */
    const uint64_t end =
        r == 0 && status.st_size > 0 ? buffer->length + (uint64_t) status.st_size : UINT64_MAX;
    for (ssize_t n = 1; r == 0 && n != 0 && buffer->length < end;) {
        char *room = buffer_reserve(buffer, READ_STEP);
        n = room != NULL ? read(fd, room, READ_STEP) : 0;
        if (room == NULL) {
            r = buffer_error(buffer) == -EMSGSIZE ? -EFBIG : buffer_error(buffer);
        } else if (n > 0) {
            buffer_added(buffer, (size_t) n);
        } else if (n < 0 && errno != EINTR) {
            r = -errno;
        }
    }
    (void) close(fd);
    return r;
}
