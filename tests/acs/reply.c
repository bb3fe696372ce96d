/* How an answer is sent: the words after `http`, one row a word. */
#include <config.h>

#include "http.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reply_init(struct reply *reply) {
    *reply = (struct reply){0};
    buffer_init(&reply->body, BODY_MAX);
}

void reply_free(struct reply *reply) {
    buffer_free(&reply->body);
    free(reply->content_type);
    free(reply->raw);
    free(reply->head);
    for (size_t i = 0; i < reply->header_count; i++) {
        free(reply->headers[i].name);
        free(reply->headers[i].value);
    }
}

void reply_header(struct reply *reply, const char *name, const char *value) {
    if (reply->header_count < sizeof reply->headers / sizeof reply->headers[0]) {
        reply->headers[reply->header_count++] =
            (struct header){.name = must_dup(name), .value = must_dup(value)};
    }
}

typedef int modify(struct reply *reply, const char *const *word, size_t count);

static int number(const char *text, uint64_t max, uint64_t otherwise, uint64_t *ret_number) {
    *ret_number = otherwise;
    return text == NULL || parse_number(text, max, ret_number) ? 0 : -EINVAL;
}

static int on_status(struct reply *reply, const char *const *word, size_t count) {
    uint64_t code = 0;
    if (number(word[1], 599, 0, &code) < 0 || code < 200) {
        return -EINVAL;
    }
    reply->status = (unsigned) code;
    if (count > 2) {
        buffer_reset(&reply->body);
        (void) buffer_text(&reply->body, word[2]);
    }
    return code < 300 ? HTTP_ANSWERS : HTTP_BREAKS;
}

static int on_redirect(struct reply *reply, const char *const *word, size_t count) {
    uint64_t code = 0;
    if (number(word[1], 308, 0, &code) < 0 || code < 300) {
        return -EINVAL;
    }
    (void) count;
    reply->status = (unsigned) code;
    buffer_reset(&reply->body);
    (void) buffer_text(&reply->body, "<html>moved</html>\n");
    replace_text(&reply->content_type, "text/html");
    reply_header(reply, "Location", word[2]);
    return HTTP_REPEATS;
}

/* A redirect to another server, which has the session from now on. */
static int on_moved(struct reply *reply, const char *const *word, size_t count) {
    int effect = on_redirect(reply, word, count);
    reply->ends = effect == HTTP_REPEATS;
    return effect == HTTP_REPEATS ? HTTP_ANSWERS : effect;
}

/* 401 with a challenge, though the credentials were right. */
static int on_unauthorized(struct reply *reply, const char *const *word, size_t count) {
    (void) word;
    (void) count;
    reply->status = 401;
    return HTTP_REPEATS;
}

static int on_cut(struct reply *reply, const char *const *word, size_t count) {
    (void) word;
    (void) count;
    reply->cut = true;
    return HTTP_BREAKS;
}

static int on_cut_after(struct reply *reply, const char *const *word, size_t count) {
    uint64_t after = 0;
    int rc = number(count > 1 ? word[1] : NULL, BODY_MAX, SIZE_MAX, &after);
    reply->cut_inside = true;
    reply->cut_after = (size_t) after;
    reply->breaks = true;
    return rc < 0 ? rc : HTTP_MODIFIES;
}

static int on_garbage(struct reply *reply, const char *const *word, size_t count) {
    (void) word;
    (void) count;
    reply->status = 200;
    buffer_reset(&reply->body);
    (void) buffer_append(&reply->body, "<<\1\2 this is <not> & XML \377\376\0\0", 29);
    replace_text(&reply->content_type, "text/xml");
    return HTTP_BREAKS;
}

static int on_raw(struct reply *reply, const char *const *word, size_t count) {
    (void) count;
    replace_text(&reply->raw, word[1]);
    return HTTP_BREAKS;
}

/* Closed afterwards: so a new connection is right. */
static int on_head(struct reply *reply, const char *const *word, size_t count) {
    (void) count;
    replace_text(&reply->head, word[1]);
    reply->close = true;
    return HTTP_MODIFIES;
}

static int on_continue(struct reply *reply, const char *const *word, size_t count) {
    (void) word;
    (void) count;
    reply->interim = true;
    return HTTP_MODIFIES;
}

static int on_body(struct reply *reply, const char *const *word, size_t count) {
    (void) count;
    reply->status = 200;
    buffer_reset(&reply->body);
    (void) buffer_text(&reply->body, word[1]);
    replace_text(&reply->content_type, "text/xml");
    reply->doubtful = true;
    return HTTP_ANSWERS;
}

static int on_delay(struct reply *reply, const char *const *word, size_t count) {
    unsigned ms = 0;
    (void) count;
    if (!parse_seconds(word[1], &ms)) {
        return -EINVAL;
    }
    reply->delay_ms += ms;
    return HTTP_MODIFIES;
}

static int on_drip(struct reply *reply, const char *const *word, size_t count) {
    uint64_t size = 0;
    uint64_t ms = 0;
    if (number(count > 1 ? word[1] : NULL, BODY_MAX, 16, &size) < 0 || size == 0 ||
        number(count > 2 ? word[2] : NULL, 60000, 20, &ms) < 0) {
        return -EINVAL;
    }
    reply->drip_size = (size_t) size;
    reply->drip_ms = (unsigned) ms;
    return HTTP_MODIFIES;
}

static int on_close(struct reply *reply, const char *const *word, size_t count) {
    (void) word;
    (void) count;
    reply->close = true;
    return HTTP_MODIFIES;
}

static int on_encoding(struct reply *reply, const char *const *word, size_t count) {
    (void) count;
    reply->encoding = strcmp(word[0], "length") == 0    ? ENCODING_LENGTH
                      : strcmp(word[0], "chunked") == 0 ? ENCODING_CHUNKED
                                                        : ENCODING_CLOSE;
    return HTTP_MODIFIES;
}

static int on_header(struct reply *reply, const char *const *word, size_t count) {
    (void) count;
    char *name = must_dup(word[1]);
    char *colon = strchr(name, ':');
    if (colon == NULL) {
        free(name);
        return -EINVAL;
    }
    *colon = '\0';
    reply_header(reply, name, colon + 1 + strspn(colon + 1, " "));
    free(name);
    return HTTP_MODIFIES;
}

static int on_content_type(struct reply *reply, const char *const *word, size_t count) {
    (void) count;
    replace_text(&reply->content_type, word[1]);
    return HTTP_MODIFIES;
}

static int on_pad(struct reply *reply, const char *const *word, size_t count) {
    uint64_t size = 0;
    (void) count;
    if (number(word[1], BODY_MAX / 2, 0, &size) < 0) {
        return -EINVAL;
    }
    reply->pad = (size_t) size;
    reply->doubtful = true;
    return HTTP_MODIFIES;
}

static int on_dtd(struct reply *reply, const char *const *word, size_t count) {
    (void) word;
    (void) count;
    reply->dtd = true;
    reply->doubtful = true;
    return HTTP_MODIFIES;
}

static const struct {
    const char *word;
    size_t least;
    size_t most;
    modify *call;
} rows[] = {
    {"status", 2, 3, on_status},
    {"redirect", 3, 3, on_redirect},
    {"moved", 3, 3, on_moved},
    {"unauthorized", 1, 1, on_unauthorized},
    {"cut", 1, 1, on_cut},
    {"cut-after", 1, 2, on_cut_after},
    {"garbage", 1, 1, on_garbage},
    {"raw", 2, 2, on_raw},
    {"head", 2, 2, on_head},
    {"continue", 1, 1, on_continue},
    {"body", 2, 2, on_body},
    {"delay", 2, 2, on_delay},
    {"drip", 1, 3, on_drip},
    {"close", 1, 1, on_close},
    {"length", 1, 1, on_encoding},
    {"chunked", 1, 1, on_encoding},
    {"until-close", 1, 1, on_encoding},
    {"header", 2, 2, on_header},
    {"content-type", 2, 2, on_content_type},
    {"pad", 2, 2, on_pad},
    {"dtd", 1, 1, on_dtd},
};

int reply_modify(struct reply *reply, const char *const *word, size_t count, char *error, size_t error_size) {
    for (size_t i = 0; count > 0 && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, word[0]) != 0) {
            continue;
        }
        int effect =
            count < rows[i].least || count > rows[i].most ? -EINVAL : rows[i].call(reply, word, count);
        if (effect < 0) {
            (void) snprintf(error, error_size, "http %s: wrong or missing argument", word[0]);
        } else if (effect == HTTP_BREAKS) {
            reply->breaks = true;
        }
        return effect;
    }
    (void) snprintf(error, error_size, "http %s: no such behaviour", count > 0 ? word[0] : "");
    return -EINVAL;
}

int behaviour_apply(struct behaviour *behaviour, struct reply *reply) {
    char error[200];
    if (behaviour->times == 0 || behaviour->words.count == 0) {
        return HTTP_MODIFIES;
    }
    behaviour->times--;
    int effect = reply_modify(reply, (const char *const *) behaviour->words.word, behaviour->words.count,
                              error, sizeof error);
    return effect < 0 ? HTTP_MODIFIES : effect;
}

int behaviour_set(struct behaviour *behaviour, const char *const *word, size_t count, char *error,
                  size_t error_size) {
    uint64_t times = UINT64_MAX;
    if (count > 1 && word_value(word[count - 1], "times") != NULL) {
        if (!parse_number(word_value(word[count - 1], "times"), UINT64_MAX, &times)) {
            (void) snprintf(error, error_size, "times= needs a number");
            return -EINVAL;
        }
        count--;
    }
    bool off = count == 1 && strcmp(word[0], "off") == 0;
    if (!off) {
        struct reply trial;
        reply_init(&trial);
        int rc = reply_modify(&trial, word, count, error, error_size);
        reply_free(&trial);
        if (rc < 0) {
            return rc;
        }
    }
    words_free(&behaviour->words);
    behaviour->times = off ? 0 : times;
    behaviour->words.word = must_alloc((count + 1) * sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        behaviour->words.word[behaviour->words.count++] = must_dup(word[i]);
    }
    return 0;
}
