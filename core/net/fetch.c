/* A file by HTTP(S): written as it comes, resumed after a cut, synced before it is called done. */
#include <config.h>

#include "net/fetch.h"

#include "base/log.h"
#include "base/text.h"
#include "net/http.h"
#include "net/loop_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LOG_ROOM "fetch"

enum {
    CHECK_EVERY = 1 << 20, /* octets between two looks at the free space */
    PROGRESS_MS = 1000,
    RESUME_MS = 1000, /* before the first; doubled each time up to 32 times */
    TEXT_SIZE = 448
};

/* fsync() of a large file takes seconds: a worker does it. It outlives a cancelled fetch. */
struct sync_job {
    struct loop_guest guest; /* first */
    struct loop *loop;
    struct fetch *fetch; /* NULL: canceled */
    int fd;
    char *directory;
    int error;
};

struct fetch {
    struct loop *loop;
    struct fetch_setup setup;
    char *url, *username, *password, *path, *tag_path, *ca_file, *certificate, *key;
    struct http *http;
    struct tr069_timer *progress_timer, *resume_timer, *deadline_timer;
    struct sync_job *job;
    int fd;
    uint64_t offset;    /* what the file has */
    uint64_t total;     /* 0: unknown */
    uint64_t unchecked; /* octets since the last look at the free space */
    uint64_t told;      /* the last progress */
    unsigned resumed;
    bool begun;   /* an answer with content came */
    bool restart; /* what is there does not fit: from the beginning */
    bool over;
    char validator[128]; /* for If-Range: the ETag or date of what the file has */
    enum fetch_cause cause;
    char text[TEXT_SIZE];
};

static void fail(struct fetch *fetch, enum fetch_cause cause, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct fetch *fetch, enum fetch_cause cause, const char *format, ...) {
    va_list arguments;
    if (fetch->cause != FETCH_OK) {
        return;
    }
    fetch->cause = cause;
    int length = snprintf(fetch->text, sizeof fetch->text, "%s: ", http_host(fetch->http));
    va_start(arguments, format);
    if (length >= 0 && (size_t) length < sizeof fetch->text) {
        (void) vsnprintf(fetch->text + length, sizeof fetch->text - (size_t) length, format, arguments);
    }
    va_end(arguments);
}

static void cancel_timers(struct fetch *fetch) {
    struct tr069_timer **timers[] = {&fetch->progress_timer, &fetch->resume_timer, &fetch->deadline_timer};
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++) {
        loop_timer_cancel(fetch->loop, *timers[i]);
        *timers[i] = NULL;
    }
}

static void finish(struct fetch *fetch) {
    struct fetch_setup setup = fetch->setup;
    enum fetch_cause cause = fetch->cause;
    char text[TEXT_SIZE];
    (void) text_copy(text, sizeof text, fetch->text);
    fetch->over = true;
    cancel_timers(fetch);
    http_free(fetch->http);
    fetch->http = NULL;
    setup.done(setup.user, cause, text); /* may free `fetch` */
}

/* ---- the file ---------------------------------------------------------------------------------- */

/* Whose part the file is. Not synced: without it the file is fetched from its beginning. */
static void write_tag(const struct fetch *fetch) {
    int fd = open(fetch->tag_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t length = strlen(fetch->validator);
    if (fd < 0) {
        return;
    }
    bool good = write(fd, fetch->validator, length) == (ssize_t) length;
    (void) close(fd);
    if (!good) {
        (void) unlink(fetch->tag_path);
    }
}

static void read_tag(struct fetch *fetch) {
    int fd = open(fetch->tag_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, fetch->validator, sizeof fetch->validator - 1) : 0;
    fetch->validator[length > 0 ? length : 0] = '\0';
    fetch->validator[strcspn(fetch->validator, "\r\n")] = '\0';
    if (fd >= 0) {
        (void) close(fd);
    }
}

static bool empty_file(struct fetch *fetch) {
    (void) unlink(fetch->tag_path);
    if (ftruncate(fetch->fd, 0) != 0) {
        fail(fetch, FETCH_LOCAL, "the file cannot be emptied: %s", strerror(errno));
        return false;
    }
    fetch->offset = fetch->unchecked = 0;
    fetch->validator[0] = '\0';
    return true;
}

static bool has_space(struct fetch *fetch, uint64_t octets) {
    struct statvfs info;
    if (fstatvfs(fetch->fd, &info) != 0) {
        return true; /* the write will tell */
    }
    uint64_t free_octets = (uint64_t) info.f_bavail * info.f_frsize;
    if (octets > free_octets || free_octets - octets < fetch->setup.keep_free) {
        fail(fetch, FETCH_NO_SPACE, "not enough space: %llu octets to write, %llu free, %llu to be left free",
             (unsigned long long) octets, (unsigned long long) free_octets,
             (unsigned long long) fetch->setup.keep_free);
        return false;
    }
    return true;
}

static bool within_size(struct fetch *fetch, uint64_t size) {
    const struct fetch_setup *setup = &fetch->setup;
    if (setup->max_size > 0 && size > setup->max_size) {
        fail(fetch, FETCH_TOO_LARGE, "the file is larger than the %llu octets that are allowed",
             (unsigned long long) setup->max_size);
        return false;
    }
    if (setup->expected_size > 0 && size > setup->expected_size) {
        fail(fetch, FETCH_WRONG_SIZE, "the file is larger than the %llu octets that were announced",
             (unsigned long long) setup->expected_size);
        return false;
    }
    return true;
}

static bool write_all(struct fetch *fetch, const char *data, size_t length) {
    while (length > 0) {
        ssize_t n = pwrite(fetch->fd, data, length, (off_t) fetch->offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            bool full = n == 0 || errno == ENOSPC || errno == EDQUOT;
            fail(fetch, full ? FETCH_NO_SPACE : FETCH_LOCAL, "the file cannot be written: %s",
                 n == 0 ? "no space" : strerror(errno));
            return false;
        }
        data += n;
        length -= (size_t) n;
        fetch->offset += (size_t) n;
        fetch->unchecked += (size_t) n;
    }
    return true;
}

static bool on_data(void *user, const char *data, size_t length) {
    struct fetch *fetch = user;
    if (!within_size(fetch, fetch->offset + length) || !write_all(fetch, data, length)) {
        return false;
    }
    if (fetch->unchecked >= CHECK_EVERY) {
        fetch->unchecked = 0;
#ifdef SYNC_FILE_RANGE_WRITE
        /* begins to write out now, so that the fsync at the end is short and memory stays clean */
        (void) sync_file_range(fetch->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
        return has_space(fetch, 0);
    }
    return true;
}

/* ---- the answer's head ------------------------------------------------------------------------- */

/* "bytes 5-9/10"; the total may be '*'. */
static bool read_range(const char *text, uint64_t *ret_first, uint64_t *ret_total) {
    char first[24], total[24];
    const char *dash = strchr(text, '-');
    const char *slash = strchr(text, '/');
    if (!text_starts(text, "bytes ") || dash == NULL || slash == NULL || slash < dash) {
        return false;
    }
    text += 6;
    if ((size_t) (dash - text) >= sizeof first || !text_copy(total, sizeof total, slash + 1)) {
        return false;
    }
    memcpy(first, text, (size_t) (dash - text));
    first[dash - text] = '\0';
    *ret_total = 0;
    return text_parse_uint(first, INT64_MAX, ret_first) == 0 &&
           (strcmp(total, "*") == 0 || text_parse_uint(total, INT64_MAX, ret_total) == 0);
}

/* Only what is surely a piece of the same file is appended. */
static bool take_rest(struct fetch *fetch, const struct http_head *head) {
    uint64_t first = 0, total = 0;
    uint64_t known = fetch->setup.expected_size > 0 ? fetch->setup.expected_size : fetch->total;
    if (!read_range(head->content_range, &first, &total) || first != fetch->offset ||
        (known > 0 && total != known) || (known == 0 && fetch->validator[0] == '\0')) {
        fetch->restart = true;
        return false;
    }
    fetch->total = total;
    return true;
}

static bool take_whole(struct fetch *fetch, const struct http_head *head) {
    if (fetch->offset > 0 && !empty_file(fetch)) {
        return false;
    }
    fetch->total = head->length > 0 ? (uint64_t) head->length : 0;
    return true;
}

static void note_validator(struct fetch *fetch, const struct http_head *head) {
    bool strong = head->etag[0] == '"'; /* a weak one is no promise about octets */
    const char *validator = strong ? head->etag : head->last_modified;
    if (strcmp(fetch->validator, validator) != 0 || fetch->offset == 0) {
        if (!text_copy(fetch->validator, sizeof fetch->validator, validator)) {
            fetch->validator[0] = '\0'; /* part of one would match nothing */
        }
        (void) unlink(fetch->tag_path);
        if (fetch->validator[0] != '\0') {
            write_tag(fetch);
        }
    }
}

static bool refused(struct fetch *fetch, int status) {
    if (status == 416 && fetch->offset > 0) {
        fetch->restart = true;
    } else if (status == 401 || status == 403 || status == 407) {
        fail(fetch, FETCH_AUTHENTICATION, "access refused (HTTP %d)", status);
    } else {
        fail(fetch, FETCH_NO_ACCESS, "the file is not to be had (HTTP %d)", status);
    }
    return false;
}

static bool on_head(void *user, const struct http_head *head) {
    struct fetch *fetch = user;
    bool good;
    if (head->status == 200) {
        good = take_whole(fetch, head);
    } else if (head->status == 206 && fetch->offset > 0) {
        good = take_rest(fetch, head);
    } else {
        return refused(fetch, head->status);
    }
    if (!good) {
        return false;
    }
    fetch->begun = true;
    note_validator(fetch, head);
    if (fetch->total > 0 && fetch->setup.expected_size > 0 && fetch->total < fetch->setup.expected_size) {
        fail(fetch, FETCH_WRONG_SIZE, "the file has %llu octets, %llu were announced",
             (unsigned long long) fetch->total, (unsigned long long) fetch->setup.expected_size);
        return false;
    }
    return within_size(fetch, fetch->total) &&
           has_space(fetch, fetch->total > fetch->offset ? fetch->total - fetch->offset : 0);
}

/* ---- the end ----------------------------------------------------------------------------------- */

static void free_job(struct sync_job *job) {
    loop_leave(job->loop, &job->guest);
    (void) close(job->fd);
    free(job->directory);
    free(job);
}

static void guest_end(struct loop_guest *guest) {
    free_job((struct sync_job *) guest);
}

/* On a worker's thread. */
static void sync_file(void *user) {
    struct sync_job *job = user;
    int directory;
    job->error = fsync(job->fd) != 0 ? errno : 0;
    directory = open(job->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        (void) fsync(directory); /* not every file system can */
        (void) close(directory);
    }
}

static void file_synced(void *user) {
    struct sync_job *job = user;
    struct fetch *fetch = job->fetch;
    int error = job->error;
    free_job(job);
    if (fetch == NULL) {
        return;
    }
    fetch->job = NULL;
    if (error != 0) {
        fail(fetch, error == ENOSPC || error == EDQUOT ? FETCH_NO_SPACE : FETCH_LOCAL,
             "the file cannot be written: %s", strerror(error));
    } else {
        (void) unlink(fetch->tag_path);
        (void) snprintf(fetch->text, sizeof fetch->text, "%s: %llu octets", http_host(fetch->http),
                        (unsigned long long) fetch->offset);
    }
    finish(fetch);
}

static struct sync_job *make_job(struct fetch *fetch) {
    struct sync_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return NULL;
    }
    const char *slash = strrchr(fetch->path, '/');
    job->directory = slash == NULL          ? text_dup(".")
                     : slash == fetch->path ? text_dup("/")
                                            : text_dup(fetch->path);
    job->fd = fcntl(fetch->fd, F_DUPFD_CLOEXEC, 3);
    if (job->fd < 0 || job->directory == NULL) {
        if (job->fd >= 0) {
            (void) close(job->fd);
        }
        free(job->directory);
        free(job);
        return NULL;
    }
    if (slash != NULL && slash != fetch->path) {
        job->directory[slash - fetch->path] = '\0';
    }
    job->guest.end = guest_end;
    job->loop = fetch->loop;
    job->fetch = fetch;
    loop_enter(fetch->loop, &job->guest);
    return job;
}

static void complete(struct fetch *fetch) {
    struct sync_job *job = make_job(fetch);
    if (job == NULL) {
        fail(fetch, FETCH_LOCAL, "out of memory or descriptors");
        finish(fetch);
        return;
    }
    fetch->job = job;
    if (loop_job(fetch->loop, sync_file, file_synced, job) < 0) {
        sync_file(job); /* all workers are busy: then here */
        file_synced(job);
    }
}

/* ---- attempts ---------------------------------------------------------------------------------- */

static int begin(struct fetch *fetch);

static void resume(void *user) {
    struct fetch *fetch = user;
    fetch->resume_timer = NULL;
    http_free(fetch->http);
    fetch->http = NULL;
    if (begin(fetch) < 0) {
        fetch->cause = FETCH_LOCAL;
        (void) text_copy(fetch->text, sizeof fetch->text, "out of memory");
        finish(fetch);
    }
}

/* True when another attempt is on its way. */
static bool try_again(struct fetch *fetch, const char *why) {
    if (fetch->resumed >= fetch->setup.resumes) {
        return false;
    }
    uint64_t wait = (uint64_t) RESUME_MS << (fetch->resumed < 5 ? fetch->resumed : 5);
    if (loop_timer(fetch->loop, fetch->restart ? 0 : wait, resume, fetch, &fetch->resume_timer) < 0) {
        fetch->resume_timer = NULL;
        return false;
    }
    fetch->resumed++;
    log_info("%s; going on at octet %llu", why, (unsigned long long) fetch->offset);
    return true;
}

static enum fetch_cause cause_of(const struct fetch *fetch, enum http_failure failure) {
    switch (failure) {
    case HTTP_NO_CONTACT:
        return fetch->begun ? FETCH_INCOMPLETE : FETCH_NO_CONTACT;
    case HTTP_AUTHENTICATION:
        return FETCH_AUTHENTICATION;
    case HTTP_REDIRECT:
        return FETCH_NO_ACCESS;
    case HTTP_NO_FAILURE:
    case HTTP_BROKEN:
    case HTTP_HUNG_UP:
    case HTTP_ABORTED:
        return FETCH_INCOMPLETE;
    case HTTP_LOCAL:
        return FETCH_LOCAL;
    }
    return FETCH_LOCAL;
}

/* A server that does not know the piece that is asked for: once more from the beginning. */
static void start_over(struct fetch *fetch) {
    if (!empty_file(fetch)) {
        finish(fetch);
        return;
    }
    fetch->total = 0;
    fetch->setup.resumes += 1; /* this one is not the network's fault, and cannot come twice: no Range */
    if (!try_again(fetch, "the server has another file now")) {
        fail(fetch, FETCH_LOCAL, "out of memory");
        finish(fetch);
    }
    fetch->restart = false;
}

static void on_done(void *user, int status, enum http_failure failure, const char *error) {
    struct fetch *fetch = user;
    (void) status;
    if (fetch->restart) {
        start_over(fetch);
        return;
    }
    if (fetch->cause == FETCH_OK && failure == HTTP_NO_FAILURE) {
        uint64_t wanted = fetch->setup.expected_size > 0 ? fetch->setup.expected_size : fetch->total;
        if (wanted == 0 || fetch->offset == wanted) {
            complete(fetch);
            return;
        }
        fail(fetch, FETCH_INCOMPLETE, "only %llu of %llu octets came", (unsigned long long) fetch->offset,
             (unsigned long long) wanted);
    } else if (fetch->cause == FETCH_OK) {
        fetch->cause = cause_of(fetch, failure);
        (void) text_copy(fetch->text, sizeof fetch->text, error != NULL ? error : "");
    }
    if (fetch->cause == FETCH_INCOMPLETE && try_again(fetch, fetch->text)) {
        fetch->cause = FETCH_OK;
        return;
    }
    finish(fetch);
}

static int send_request(struct fetch *fetch) {
    char range[64], condition[160];
    const char *headers[3] = {NULL, NULL, NULL};
    if (fetch->offset > 0) {
        (void) snprintf(range, sizeof range, "Range: bytes=%llu-", (unsigned long long) fetch->offset);
        headers[0] = range;
        if (fetch->validator[0] != '\0') {
            (void) snprintf(condition, sizeof condition, "If-Range: %s", fetch->validator);
            headers[1] = condition;
        }
    }
    const struct http_request request = {
        .headers = headers, .head = on_head, .data = on_data, .done = on_done, .user = fetch};
    return http_send(fetch->http, &request);
}

/* A conversation for each attempt: redirects and challenges begin anew. */
static int begin(struct fetch *fetch) {
    const struct fetch_setup *setup = &fetch->setup;
    const struct http_setup how = {.url = fetch->url,
                                   .username = fetch->username,
                                   .password = fetch->password,
                                   .allow_basic_plain = setup->allow_basic_plain,
                                   .tls = &setup->tls,
                                   .connect_timeout_s = setup->connect_timeout_s,
                                   .stall_timeout_s =
                                       setup->stall_timeout_s > 0 ? setup->stall_timeout_s : 60};
    int result = http_new(fetch->loop, &how, &fetch->http);
    return result < 0 ? result : send_request(fetch);
}

/* ---- progress ---------------------------------------------------------------------------------- */

static void tell_progress(void *user) {
    struct fetch *fetch = user;
    uint64_t now = fetch->offset, before = fetch->told;
    fetch->told = now;
    fetch->progress_timer = NULL;
    if (loop_timer(fetch->loop, PROGRESS_MS, tell_progress, fetch, &fetch->progress_timer) < 0) {
        fetch->progress_timer = NULL;
    }
    if (now != before) {
        fetch->setup.progress(fetch->setup.user, now, fetch->total); /* may free `fetch` */
    }
}

/* ---- the deadline ------------------------------------------------------------------------------ */

static void on_deadline(void *user) {
    struct fetch *fetch = user;
    fetch->deadline_timer = NULL;
    if (fetch->job != NULL) {
        return; /* all has come */
    }
    fail(fetch, FETCH_INCOMPLETE, "not done within %u seconds: %llu octets came", fetch->setup.deadline_s,
         (unsigned long long) fetch->offset);
    finish(fetch);
}

/* ---- the interface ----------------------------------------------------------------------------- */

/* What an earlier run left is worth something only if the server can be asked whether it is the same file. */
static int open_file(struct fetch *fetch) {
    struct stat info;
    fetch->fd = open(fetch->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fetch->fd < 0) {
        return -errno;
    }
    if (fstat(fetch->fd, &info) != 0 || fchmod(fetch->fd, 0600) != 0) {
        return -errno;
    }
    if (!S_ISREG(info.st_mode) || info.st_nlink != 1) {
        return -EEXIST;
    }
    fetch->offset = (uint64_t) info.st_size;
    if (fetch->offset == 0) {
        return 0;
    }
    read_tag(fetch);
    bool beyond = fetch->setup.expected_size > 0 && fetch->offset >= fetch->setup.expected_size;
    if (fetch->validator[0] == '\0' || beyond) {
        (void) unlink(fetch->tag_path);
        fetch->validator[0] = '\0';
        fetch->offset = 0;
        return ftruncate(fetch->fd, 0) == 0 ? 0 : -errno;
    }
    log_info("going on with the %llu octets that are there", (unsigned long long) fetch->offset);
    return 0;
}

static int copy(char **out, const char *text) {
    *out = text_dup(text != NULL ? text : "");
    return *out != NULL ? 0 : -ENOMEM;
}

static int copy_setup(struct fetch *fetch, const struct fetch_setup *given) {
    struct fetch_setup *setup = &fetch->setup;
    *setup = *given;
    if (copy(&fetch->url, given->url) < 0 || copy(&fetch->username, given->username) < 0 ||
        copy(&fetch->password, given->password) < 0 || copy(&fetch->path, given->path) < 0 ||
        copy(&fetch->ca_file, given->tls.ca_file) < 0 ||
        copy(&fetch->certificate, given->tls.certificate) < 0 || copy(&fetch->key, given->tls.key) < 0) {
        return -ENOMEM;
    }
    fetch->tag_path = malloc(strlen(fetch->path) + sizeof FETCH_TAG);
    if (fetch->tag_path == NULL) {
        return -ENOMEM;
    }
    (void) text_join(fetch->tag_path, strlen(fetch->path) + sizeof FETCH_TAG, fetch->path, FETCH_TAG, NULL);
    setup->url = setup->username = setup->password = setup->path = NULL; /* were lent */
    setup->tls.ca_file = fetch->ca_file;
    setup->tls.certificate = fetch->certificate;
    setup->tls.key = fetch->key;
    return 0;
}

int fetch_new(struct loop *loop, const struct fetch_setup *setup, struct fetch **ret_fetch) {
    if (setup->path == NULL || setup->path[0] == '\0' || setup->done == NULL) {
        return -EINVAL;
    }
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL) {
        return -ENOMEM;
    }
    fetch->loop = loop;
    fetch->fd = -1;
    int result = copy_setup(fetch, setup);
    if (result == 0) {
        result = text_url_check(fetch->url);
    }
    if (result == 0) {
        result = open_file(fetch);
    }
    if (result == 0) {
        result = begin(fetch);
    }
    if (result == 0 && setup->progress != NULL) {
        result = loop_timer(loop, PROGRESS_MS, tell_progress, fetch, &fetch->progress_timer);
    }
    if (result == 0 && setup->deadline_s > 0) {
        result =
            loop_timer(loop, (uint64_t) setup->deadline_s * 1000, on_deadline, fetch, &fetch->deadline_timer);
    }
    if (result < 0) {
        fetch_free(fetch);
        return result;
    }
    *ret_fetch = fetch;
    return 0;
}

void fetch_free(struct fetch *fetch) {
    if (fetch == NULL) {
        return;
    }
    http_free(fetch->http);
    cancel_timers(fetch);
    if (fetch->job != NULL) {
        fetch->job->fetch = NULL;
    }
    if (fetch->fd >= 0) {
        (void) close(fetch->fd);
    }
    free(fetch->url);
    free(fetch->username);
    text_free_secret(fetch->password);
    free(fetch->path);
    free(fetch->tag_path);
    free(fetch->ca_file);
    free(fetch->certificate);
    free(fetch->key);
    free(fetch);
}
