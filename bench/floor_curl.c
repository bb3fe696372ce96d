/* Floor of figures 1 and 4: a bare libcurl program that POSTs recorded bodies and nothing else.
 *
 *   floor_curl URL SESSIONS BODY...    a session: each file is one POST, all on one connection
 *
 * With BENCH_CERTIFICATE=FILE in the environment it trusts that one and has an account, for Digest.
 *
 * Written as one would who knows libcurl: one easy handle, cookies on, answers gathered in memory, a
 * new connection a session. */
#include <config.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POSTS_MAX = 16 };

struct body {
    char *data;
    long length;
};

struct answer {
    char *data;
    size_t length, capacity;
};

static size_t receive(char *data, size_t size, size_t count, void *user) {
    struct answer *answer = user;
    const size_t length = size * count;
    if (answer->length + length > answer->capacity) {
        const size_t capacity = 2 * (answer->length + length);
        char *grown = realloc(answer->data, capacity);
        if (grown == NULL) {
            return 0;
        }
        answer->data = grown;
        answer->capacity = capacity;
    }
    (void) memcpy(answer->data + answer->length, data, length);
    answer->length += length;
    return length;
}

static int read_body(const char *path, struct body *body) {
    FILE *file = fopen(path, "r");
    int result = -1;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (body->length = ftell(file)) < 0 ||
        fseek(file, 0, SEEK_SET) != 0) {
        perror(path);
    } else {
        body->data = malloc((size_t) body->length + 1);
        if (body->data != NULL &&
            fread(body->data, 1, (size_t) body->length, file) == (size_t) body->length) {
            result = 0;
        }
    }
    if (file != NULL) {
        (void) fclose(file);
    }
    return result;
}

static int post(CURL *easy, const struct body *body, struct curl_slist *with, struct curl_slist *without,
                struct answer *answer) {
    CURLcode code;
    answer->length = 0;
    (void) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, body->length > 0 ? with : without);
    (void) curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, body->length);
    (void) curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data);
    code = curl_easy_perform(easy);
    if (code != CURLE_OK) {
        (void) fprintf(stderr, "floor_curl: %s\n", curl_easy_strerror(code));
    }
    return code == CURLE_OK ? 0 : -1;
}

/* Each session has its handshake, as a box's has: most come when what could be resumed is long forgotten. */
static void use_account(CURL *easy, const char *certificate) {
    (void) curl_easy_setopt(easy, CURLOPT_CAINFO, certificate);
    (void) curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    (void) curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    (void) curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    (void) curl_easy_setopt(easy, CURLOPT_USERNAME, "bench");
    (void) curl_easy_setopt(easy, CURLOPT_PASSWORD, "secret");
    (void) curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long) (CURLAUTH_DIGEST | CURLAUTH_BASIC));
}

int main(int argc, char **argv) {
    struct body bodies[POSTS_MAX] = {0};
    struct answer answer = {0};
    struct curl_slist *with = NULL, *without = NULL;
    const int posts = argc - 3;
    int result = 1;
    CURL *easy;
    if (posts < 1 || posts > POSTS_MAX || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        (void) fprintf(stderr, "floor_curl URL SESSIONS BODY...\n");
        return 1;
    }
    for (int i = 0; i < posts; i++) {
        if (read_body(argv[3 + i], &bodies[i]) != 0) {
            return 1;
        }
    }
    with = curl_slist_append(with, "Content-Type: text/xml; charset=\"utf-8\"");
    with = curl_slist_append(with, "SOAPAction:;");
    with = curl_slist_append(with, "Expect:");
    without = curl_slist_append(without, "Content-Type:");
    without = curl_slist_append(without, "Expect:");
    easy = curl_easy_init();
    if (easy == NULL) {
        return 1;
    }
    (void) curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
    (void) curl_easy_setopt(easy, CURLOPT_USERAGENT, "tr069-client/0.1.0");
    (void) curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    (void) curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void) curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void) curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    (void) curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    (void) curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
    if (getenv("BENCH_CERTIFICATE") != NULL) {
        use_account(easy, getenv("BENCH_CERTIFICATE"));
    }
    for (long session = strtol(argv[2], NULL, 10); session > 0; session--) {
        (void) curl_easy_setopt(easy, CURLOPT_COOKIELIST, "ALL"); /* the cookies of the last session */
        for (int i = 0; i < posts; i++) {
            (void) curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, i == posts - 1 ? 1L : 0L);
            if (post(easy, &bodies[i], with, without, &answer) != 0) {
                goto end;
            }
        }
    }
    result = 0;
end:
    curl_easy_cleanup(easy);
    curl_slist_free_all(with);
    curl_slist_free_all(without);
    curl_global_cleanup();
    for (int i = 0; i < posts; i++) {
        free(bodies[i].data);
    }
    free(answer.data);
    return result;
}
