/* The trace of messages. */
#include <config.h>

#include "agent/trace.h"

#include "base/buffer.h"
#include "base/log.h"
#include "base/text.h"
#include "cwmp/redact.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_ROOM "trace"

struct trace {
    char *path;
    uint64_t max;
    bool on;
};

int trace_new(const char *path, uint64_t max, struct trace **ret_trace) {
    struct trace *trace = calloc(1, sizeof *trace);
    char *copy = text_dup(path);
    if (trace == NULL || copy == NULL) {
        free(trace);
        free(copy);
        return -ENOMEM;
    }
    *trace = (struct trace){.path = copy, .max = max};
    *ret_trace = trace;
    return 0;
}

void trace_free(struct trace *trace) {
    if (trace != NULL) {
        free(trace->path);
        free(trace);
    }
}

void trace_switch(struct trace *trace, bool on) {
    if (trace->on != on) {
        log_notice("messages are %s: %s", on ? "traced" : "no longer traced", trace->path);
    }
    trace->on = on;
}

bool trace_is_on(const struct trace *trace) {
    return trace != NULL && trace->on;
}

const char *trace_path(const struct trace *trace) {
    return trace->path;
}

static bool may_show(void *user, const char *path) {
    return model_may_show(user, path);
}

static int open_file(const struct trace *trace) {
    return open(trace->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

/* Room for so many octets more: what is there becomes FILE.1 first if need be. */
static int open_with_room(const struct trace *trace, size_t length) {
    struct stat status;
    int fd = open_file(trace);
    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        int error = fd < 0 ? errno : EINVAL;
        if (fd >= 0) {
            (void) close(fd);
        }
        return -error;
    }
    if ((uint64_t) status.st_size + length <= trace->max || status.st_size == 0) {
        return fd;
    }
    char *older = malloc(strlen(trace->path) + sizeof ".1");
    (void) close(fd);
    if (older == NULL) {
        return -ENOMEM;
    }
    (void) text_join(older, strlen(trace->path) + sizeof ".1", trace->path, ".1", NULL);
    int r = rename(trace->path, older) < 0 ? -errno : 0;
    free(older);
    fd = r == 0 ? open_file(trace) : r;
    return r == 0 && fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        data += n > 0 ? n : 0;
        length -= n > 0 ? (size_t) n : 0;
    }
    return 0;
}

static int append(const struct trace *trace, const struct buffer *text) {
    int fd = open_with_room(trace, text->length);
    int r = fd < 0 ? fd : write_all(fd, text->data, text->length);
    if (fd >= 0) {
        (void) close(fd);
    }
    return r;
}

void trace_message(struct trace *trace, struct model *model, const struct moment *now, const char *what,
                   const char *message, size_t length) {
    struct buffer text;
    char when[32];
    if (!trace_is_on(trace)) {
        return;
    }
    buffer_init(&text, trace->max);
    text_time_utc(when, now->wall_s);
    (void) buffer_format(&text, "%s %s, %zu octets\n", when, what, length);
    size_t head = text.length;
    if (redact_message(message, length, may_show, model, &text) < 0) {
        buffer_cut(&text, head); /* more than the whole file may have */
    }
    int r = text.data != NULL ? append(trace, &text) : -ENOMEM;
    if (r < 0) {
        log_warning("%s: %s; messages are no longer traced", trace->path, strerror(-r));
        trace->on = false;
    }
    buffer_free(&text);
}
