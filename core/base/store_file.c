/* The crash-safe store, on disk.
 *
 *     tr069-client state 1
 *     generation 17
 *     agent/parameter-key abc
 *     log/1 first line\nsecond line, with a \\ backslash
 *     sha256 <of all lines above, in hexadecimal>
 *
 * One line an entry, sorted by key; in a value newline, carriage return and backslash are escaped. */
#include <config.h>

#include "base/buffer.h"
#include "base/crypto.h"
#include "base/store_file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NOW "state"
#define FILE_PREVIOUS "state.1"
#define FILE_NEW "state.tmp"
#define FILE_LINK "state.1.tmp"
#define FILE_LOCK "state.lock"

#define MAGIC "tr069-client state 1\n"
#define GENERATION "generation "
#define CHECKSUM "sha256 "

enum {
    DIGITS = 2 * CRYPTO_SHA256_SIZE,
    TRAILER = sizeof CHECKSUM - 1 + DIGITS + 1,
    FILE_MAX = 2 * STORE_SIZE_MAX + 1024 /* every octet escaped, and the lines around */
};

/* ---- writing ---------------------------------------------------------------------------------- */

static void write_value(struct buffer *out, const char *value) {
    while (*value != '\0') {
        size_t plain = strcspn(value, "\\\n\r");
        (void) buffer_append(out, value, plain);
        value += plain;
        if (*value != '\0') {
            char escaped[2] = {'\\', *value == '\n' ? 'n' : *value == '\r' ? 'r' : '\\'};
            (void) buffer_append(out, escaped, sizeof escaped);
            value++;
        }
    }
}

static int checksum_line(const char *data, size_t length, char ret_line[TRAILER + 1]) {
    unsigned char digest[CRYPTO_SHA256_SIZE];
    size_t i, n = sizeof CHECKSUM - 1;
    int r = crypto_sha256(data, length, digest);
    if (r < 0) {
        return r;
    }
    memcpy(ret_line, CHECKSUM, n);
    for (i = 0; i < sizeof digest; i++) {
        ret_line[n++] = "0123456789abcdef"[digest[i] >> 4];
        ret_line[n++] = "0123456789abcdef"[digest[i] & 15];
    }
    ret_line[n++] = '\n';
    ret_line[n] = '\0';
    return 0;
}

static int serialise(const struct store *store, uint64_t generation, struct buffer *out) {
    char trailer[TRAILER + 1];
    size_t i;
    int r;
    (void) buffer_format(out, MAGIC GENERATION "%" PRIu64 "\n", generation);
    for (i = 0; i < store->count; i++) {
        (void) buffer_text(out, store->entries[i].key);
        (void) buffer_char(out, ' ');
        write_value(out, store->entries[i].value);
        (void) buffer_char(out, '\n');
    }
    if (buffer_error(out) < 0) {
        return buffer_error(out);
    }
    r = checksum_line(out->data, out->length, trailer);
    return r < 0 ? r : buffer_text(out, trailer);
}

static int write_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : -EIO;
        }
        data += n;
        length -= (size_t) n;
    }
    return 0;
}

/* FILE_NEW, complete and on disk; or an error and no FILE_NEW. */
static int write_new(int directory, const struct buffer *content) {
    int fd, r;
    (void) unlinkat(directory, FILE_NEW, 0);
    fd = openat(directory, FILE_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return -errno;
    }
    r = write_all(fd, content->data, content->length);
    if (r == 0 && fsync(fd) < 0) {
        r = -errno;
    }
    if (close(fd) < 0 && r == 0) {
        r = -errno;
    }
    if (r < 0) {
        (void) unlinkat(directory, FILE_NEW, 0);
    }
    return r;
}

/* Makes FILE_NOW the previous generation as well, under both names: there is no instant without it.
 * On a file system without hard links it is renamed, and FILE_PREVIOUS alone is there for an instant. */
static int keep_previous(int directory) {
    (void) unlinkat(directory, FILE_LINK, 0);
    if (linkat(directory, FILE_NOW, directory, FILE_LINK, 0) == 0) {
        int r = renameat(directory, FILE_LINK, directory, FILE_PREVIOUS) < 0 ? -errno : 0;
        /* when both were the same file already, rename() has left the link */
        (void) unlinkat(directory, FILE_LINK, 0);
        return r;
    }
    if (errno == ENOENT) {
        return 0; /* somebody removed it; the previous generation stays what it is */
    }
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) {
        return -errno;
    }
    /* not there when the commit before this one failed just after this step */
    return renameat(directory, FILE_NOW, directory, FILE_PREVIOUS) < 0 && errno != ENOENT ? -errno : 0;
}

static int sync_directory(int directory) {
    if (fsync(directory) == 0 || errno == EINVAL || errno == EROFS) {
        return 0; /* some file systems have nothing to do for a directory, and say so */
    }
    return -errno;
}

static int replace(struct store *store, const struct buffer *content) {
    int r = write_new(store->directory, content);
    if (r < 0) {
        return r;
    }
    if (store->current_good) {
        r = keep_previous(store->directory);
    }
    if (r == 0 && renameat(store->directory, FILE_NEW, store->directory, FILE_NOW) < 0) {
        r = -errno;
    }
    if (r < 0) {
        (void) unlinkat(store->directory, FILE_NEW, 0);
        return r;
    }
    store->current_good = true;
    store->generation++;
    return sync_directory(store->directory);
}

int store_commit(struct store *store) {
    struct buffer content;
    int r = 0;
    if (!store->dirty) {
        return 0;
    }
    if (store->directory >= 0) {
        buffer_init(&content, FILE_MAX);
        r = serialise(store, store->generation + 1, &content);
        if (r == 0) {
            r = replace(store, &content);
        }
        buffer_free(&content);
    }
    if (r == 0) {
        store->dirty = false;
        store->writes++;
    }
    return r;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* Undoes write_value() in place; false for an escape that it does not write. */
static bool read_value(char *value) {
    char *out = value;
    for (; *value != '\0'; value++) {
        char c = *value;
        if (c == '\\') {
            c = *++value;
            if (c != 'n' && c != 'r' && c != '\\') {
                return false;
            }
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : '\\';
        }
        *out++ = c;
    }
    *out = '\0';
    return true;
}

/* Cuts the next line off; NULL at the end. Lines end with a newline, and hold no NUL. */
static char *next_line(char **text, const char *end) {
    char *line = *text, *newline = memchr(line, '\n', (size_t) (end - line));
    if (newline == NULL || memchr(line, '\0', (size_t) (newline - line)) != NULL) {
        return NULL;
    }
    *newline = '\0';
    *text = newline + 1;
    return line;
}

/* The entries between `text` and `end`. 0, -EBADMSG, -ENOMEM. */
static int read_entries(struct store *store, char *text, const char *end) {
    while (text < end) {
        char *line = next_line(&text, end);
        char *space = line != NULL ? strchr(line, ' ') : NULL;
        int r;
        if (space == NULL) {
            return -EBADMSG;
        }
        *space = '\0';
        if (!read_value(space + 1) ||
            (store->count > 0 && strcmp(store->entries[store->count - 1].key, line) >= 0)) {
            return -EBADMSG;
        }
        r = store_put(store, line, space + 1);
        if (r < 0) {
            return r == -ENOMEM ? r : -EBADMSG;
        }
    }
    return 0;
}

/* What is wrong with the content of a file, or NULL. *ret_error is set when the file is not to blame. */
static const char *read_content(struct store *store, struct buffer *content, int *ret_error) {
    char trailer[TRAILER + 1], *text = content->data, *line;
    uint64_t generation;
    size_t body;
    if (content->length < sizeof MAGIC - 1 + TRAILER) {
        return content->length == 0 ? "is empty" : "is too short";
    }
    if (memcmp(text, MAGIC, sizeof MAGIC - 1) != 0) {
        return "is not a state file of this version";
    }
    body = content->length - TRAILER;
    *ret_error = checksum_line(text, body, trailer);
    if (*ret_error < 0) {
        return "could not be checked";
    }
    if (memcmp(text + body, trailer, TRAILER) != 0) {
        return "is torn or damaged (its checksum is wrong)";
    }
    text += sizeof MAGIC - 1;
    line = next_line(&text, content->data + body);
    if (line == NULL || !text_starts(line, GENERATION) ||
        text_parse_uint(line + sizeof GENERATION - 1, UINT64_MAX - 1, &generation) < 0) {
        return "has no generation number";
    }
    *ret_error = read_entries(store, text, content->data + body);
    if (*ret_error == -EBADMSG) {
        *ret_error = 0;
        return "holds an entry that is not valid";
    }
    if (*ret_error < 0) {
        return "could not be kept in memory";
    }
    store->generation = generation;
    return NULL;
}

static int read_all(int fd, struct buffer *content) {
    for (;;) {
        char *place = buffer_reserve(content, 16384);
        ssize_t n;
        if (place == NULL) {
            return buffer_error(content);
        }
        n = read(fd, place, 16384);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            buffer_added(content, 0);
            return n < 0 ? -errno : 0;
        }
        buffer_added(content, (size_t) n);
    }
}

/* Errors that say nothing about the file's content: trying again later may succeed. */
static bool not_the_files_fault(int error) {
    return error == -EACCES || error == -EPERM || error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

/* 1: read; 0: passed over, *ret_what says why (NULL: it is not there); -errno: cannot go on. */
static int read_file(struct store *store, const char *name, const char **ret_what) {
    struct buffer content;
    struct stat info;
    int r, fd = openat(store->directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    *ret_what = NULL;
    if (fd < 0) {
        if (errno == ENOENT) {
            return 0;
        }
        *ret_what = "cannot be opened";
        return not_the_files_fault(-errno) ? -errno : 0;
    }
    buffer_init(&content, FILE_MAX + 16384);
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        *ret_what = "is not a regular file";
        r = 0;
    } else {
        r = read_all(fd, &content);
        if (r < 0) {
            *ret_what = r == -EMSGSIZE ? "is too large" : "cannot be read";
            r = not_the_files_fault(r) ? r : 0;
        } else {
            *ret_what = read_content(store, &content, &r);
        }
    }
    (void) close(fd);
    buffer_free(&content);
    if (*ret_what != NULL) {
        store_clear(store);
    }
    store->dirty = false;
    return r < 0 ? r : *ret_what == NULL ? 1 : 0;
}

static int read_state(struct store *store) {
    const char *now, *previous;
    int r = read_file(store, FILE_NOW, &now);
    if (r != 0) {
        store->current_good = r > 0;
        return r < 0 ? r : 0;
    }
    r = read_file(store, FILE_PREVIOUS, &previous);
    if (r < 0) {
        return r;
    }
    if (r > 0) {
        (void) snprintf(store->note, sizeof store->note,
                        "%s %s; the previous generation (%" PRIu64 ") is used", FILE_NOW,
                        now != NULL ? now : "is missing", store->generation);
    } else if (previous != NULL) {
        (void) snprintf(store->note, sizeof store->note, "%s %s, and %s %s; starting with an empty state",
                        FILE_NOW, now != NULL ? now : "is missing", FILE_PREVIOUS, previous);
    } else if (now != NULL) {
        (void) snprintf(store->note, sizeof store->note,
                        "%s %s, and there is no previous generation; starting with an empty state", FILE_NOW,
                        now);
    }
    return 0;
}

static int open_directory(struct store *store, const char *directory) {
    store->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->directory < 0) {
        return -errno;
    }
    store->lock = openat(store->directory, FILE_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0) {
        return -errno;
    }
    /* A lock of this process alone: that of flock() is a child's too, and one that has not yet come to its
     * exec when the client is killed would keep the next start out. */
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(store->lock, F_SETLK, &all) < 0) {
        return errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
    }
    /* what a power cut or a kill left behind */
    (void) unlinkat(store->directory, FILE_NEW, 0);
    (void) unlinkat(store->directory, FILE_LINK, 0);
    return read_state(store);
}

int store_open(const char *directory, struct store **ret_store, const char **ret_note) {
    struct store *store = calloc(1, sizeof *store);
    int r;
    if (store == NULL) {
        return -ENOMEM;
    }
    store->directory = -1;
    store->lock = -1;
    if (directory != NULL) {
        r = open_directory(store, directory);
        if (r < 0) {
            store_free(store);
            return r;
        }
    }
    *ret_store = store;
    if (ret_note != NULL) {
        *ret_note = store->note[0] != '\0' ? store->note : NULL;
    }
    return 0;
}

void store_free(struct store *store) {
    if (store != NULL) {
        store_clear(store);
        free(store->entries);
        if (store->lock >= 0) {
            (void) close(store->lock);
        }
        if (store->directory >= 0) {
            (void) close(store->directory);
        }
        free(store);
    }
}
