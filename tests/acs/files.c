/* The file server: Range, authentication, slow, cut; uploads land in a directory. */
#include <config.h>

#include "files.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(struct reply *reply, unsigned status) {
    reply->status = status;
    buffer_reset(&reply->body);
}

/* The last component of the path, percent-encoding as it is; NULL for what would leave the directory. */
static char *file_name(const char *url) {
    char *path = must_dup(url);
    path[strcspn(path, "?#")] = '\0';
    const char *slash = strrchr(path, '/');
    char *name = must_dup(slash != NULL ? slash + 1 : path);
    free(path);
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        free(name);
        return NULL;
    }
    return name;
}

/* FNV-1a: tells one content from another, no more. */
static unsigned checksum(const char *data, size_t length) {
    uint32_t sum = 2166136261U;
    for (size_t i = 0; i < length; i++) {
        sum = (sum ^ (unsigned char) data[i]) * 16777619U;
    }
    return sum;
}

/* "bytes=FROM-[TO]": true when it is one range that can be served. */
static bool parse_range(const char *header, size_t length, size_t *ret_from, size_t *ret_to) {
    char text[64];
    uint64_t from = 0;
    uint64_t to = length > 0 ? length - 1 : 0;
    if (!text_starts(header, "bytes=") || !text_copy(text, sizeof text, header + 6)) {
        return false;
    }
    char *dash = strchr(text, '-');
    if (dash == NULL || strchr(text, ',') != NULL) {
        return false;
    }
    *dash = '\0';
    if (!parse_number(text, SIZE_MAX, &from) || (dash[1] != '\0' && !parse_number(dash + 1, SIZE_MAX, &to)) ||
        from >= length || to < from) {
        return false;
    }
    *ret_from = (size_t) from;
    *ret_to = to < length ? (size_t) to : length - 1;
    return true;
}

static void get_file(struct acs *acs, struct request *request, const char *name) {
    struct reply *reply = &request->reply;
    size_t length = 0;
    char *path = must_format("%s/%s", acs->settings.files != NULL ? acs->settings.files : "", name);
    char *data = acs->settings.files != NULL ? read_whole_file(path, &length) : NULL;
    free(path);
    if (data == NULL) {
        fail(reply, 404);
        return;
    }
    const char *range = request_header(request, "Range");
    const char *condition = request_header(request, "If-Range");
    char etag[64];
    (void) snprintf(etag, sizeof etag, "\"%zu-%08x\"", length, checksum(data, length));
    reply_header(reply, "ETag", etag);
    if (condition != NULL && strcmp(condition, etag) != 0) {
        range = NULL; /* another file by now */
    }
    size_t from = 0;
    size_t to = length > 0 ? length - 1 : 0;
    reply_header(reply, "Accept-Ranges", "bytes");
    replace_text(&reply->content_type, "application/octet-stream");
    if (range != NULL && !parse_range(range, length, &from, &to)) {
        fail(reply, 416);
    } else {
        reply->status = range != NULL ? 206 : 200;
        buffer_free(&reply->body);
        buffer_init(&reply->body, length + 1); /* a file may be larger than any message */
        (void) buffer_append(&reply->body, data + from, length > 0 ? to - from + 1 : 0);
    }
    if (reply->status == 206) {
        char text[100];
        (void) snprintf(text, sizeof text, "bytes %zu-%zu/%zu", from, to, length);
        reply_header(reply, "Content-Range", text);
    }
    free(data);
}

static void put_file(struct acs *acs, struct request *request, const char *name) {
    struct reply *reply = &request->reply;
    if (acs->settings.uploads == NULL) {
        fail(reply, 403);
        return;
    }
    char *path = must_format("%s/%s", acs->settings.uploads, name);
    FILE *file = fopen(path, "wb");
    free(path);
    if (file == NULL) {
        fail(reply, 500);
        return;
    }
    size_t written = fwrite(buffer_string(&request->body), 1, request->body.length, file);
    bool good = fclose(file) == 0 && written == request->body.length;
    fail(reply, good ? 201 : 500);
}

static bool authorized(struct acs *acs, struct request *request) {
    bool stale = false;
    char fault[200];
    struct auth_rules *rules = &acs->settings.files_auth;
    enum auth_verdict verdict = auth_check(rules, request, &stale, fault, sizeof fault);
    if (*fault != '\0') {
        report_violation(&acs->report, 0, VIOLATION_DIGEST, "%s", fault);
    }
    if (verdict == AUTH_OK) {
        auth_approve(rules, request, &request->reply);
        return true;
    }
    auth_challenge(rules, request, &request->reply, stale);
    return false;
}

bool files_serve(struct acs *acs, struct request *request) {
    bool put = strcmp(request->method, "PUT") == 0;
    if (!put && !text_starts(request->url, "/files/")) {
        return false;
    }
    struct reply *reply = &request->reply;
    char *name = file_name(request->url);
    const char *range = request_header(request, "Range");
    if (name == NULL) {
        fail(reply, 404);
    } else if (!authorized(acs, request)) {
        /* challenged */
    } else if (put) {
        put_file(acs, request, name);
    } else if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0) {
        get_file(acs, request, name);
    } else {
        fail(reply, 405);
    }
    if (reply->status < 300) {
        (void) behaviour_apply(&acs->settings.files_behaviour, reply);
    }
    report_line(&acs->report, 0, "<-", "%s /files/%s%s%s, %zu octets", request->method,
                name != NULL ? name : "?", range != NULL ? " " : "", range != NULL ? range : "",
                request->body.length);
    report_line(&acs->report, 0, "->", "%u, %zu octets%s", reply->status, reply->body.length,
                reply->cut || reply->cut_inside ? " (cut)" : "");
    free(name);
    return true;
}
