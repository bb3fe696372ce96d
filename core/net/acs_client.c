/* The HTTP client of a session: one http.h conversation per session. */
#include <config.h>

#include "net/acs_client.h"

#include "base/buffer.h"
#include "base/text.h"
#include "net/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 1 << 20, TEXT_SIZE = 448 };

struct acs_client {
    struct loop *loop;
    struct http *http; /* NULL outside of a session */
    struct http_tickets *tickets;
    struct buffer body;
    size_t max_answer;
    bool too_large;
    acs_client_done *done;
    void *user;
    char local_address[64];
    char own_host[300];                    /* of the URL */
    char good_host[300], good_address[64]; /* who gave the last good answer there */
};

int acs_client_new(struct loop *loop, struct acs_client **ret_client) {
    struct acs_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return -ENOMEM;
    }
    client->tickets = http_tickets_new();
    if (client->tickets == NULL) {
        free(client);
        return -ENOMEM;
    }
    client->loop = loop;
    buffer_init(&client->body, ANSWER_MAX);
    *ret_client = client;
    return 0;
}

void acs_client_free(struct acs_client *client) {
    if (client != NULL) {
        acs_client_end(client);
        http_tickets_free(client->tickets);
        buffer_free(&client->body);
        free(client);
    }
}

int acs_client_begin(struct acs_client *client, const struct acs_target *target) {
    const struct http_setup setup = {.url = target->url,
                                     .username = target->username,
                                     .password = target->password,
                                     .allow_basic_plain = target->allow_basic_plain,
                                     .tls = &target->tls,
                                     .tickets = client->tickets,
                                     .connect_timeout_s = target->connect_timeout_s,
                                     .answer_timeout_s =
                                         target->answer_timeout_s > 0 ? target->answer_timeout_s : 30,
                                     .bind_interface = target->bind_interface};
    acs_client_end(client);
    client->max_answer = target->max_answer > 0 ? target->max_answer : ANSWER_MAX;
    client->local_address[0] = '\0';
    int result = http_new(client->loop, &setup, &client->http);
    if (result == 0) {
        (void) text_copy(client->own_host, sizeof client->own_host, http_host(client->http));
        if (strcmp(client->own_host, client->good_host) == 0) {
            http_prefer(client->http, client->good_address);
        }
    }
    return result;
}

/* Of several addresses the next session takes that which answered (digest, section 2). */
static void note_good(struct acs_client *client) {
    if (strcmp(http_host(client->http), client->own_host) == 0) {
        (void) text_copy(client->good_host, sizeof client->good_host, client->own_host);
        (void) text_copy(client->good_address, sizeof client->good_address, http_peer_address(client->http));
    }
}

void acs_client_end(struct acs_client *client) {
    http_free(client->http);
    client->http = NULL;
    client->done = NULL;
    buffer_free(&client->body);
}

static bool on_head(void *user, const struct http_head *head) {
    struct acs_client *client = user;
    client->too_large = head->length > 0 && (uint64_t) head->length > client->max_answer;
    return !client->too_large;
}

static bool on_data(void *user, const char *data, size_t length) {
    struct acs_client *client = user;
    int result = buffer_append(&client->body, data, length);
    client->too_large = result == -EMSGSIZE;
    return result == 0;
}

static void on_done(void *user, int status, enum http_failure failure, const char *error) {
    struct acs_client *client = user;
    acs_client_done *done = client->done;
    char text[TEXT_SIZE];
    struct buffer body = client->body; /* done may begin the next POST while it still reads this one */
    buffer_init(&client->body, client->max_answer);
    if (failure == HTTP_ABORTED) {
        (void) snprintf(text, sizeof text,
                        client->too_large ? "%s: the answer is larger than %zu octets" : "%s: out of memory",
                        http_host(client->http), client->max_answer);
        error = text;
    }
    (void) text_copy(client->local_address, sizeof client->local_address, http_local_address(client->http));
    if (error == NULL && status >= 200 && status < 300) {
        note_good(client);
    }
    const struct acs_answer answer = {.status = error == NULL ? status : 0,
                                      .body = error == NULL ? buffer_string(&body) : "",
                                      .length = error == NULL ? body.length : 0,
                                      .error = error,
                                      .hung_up = failure == HTTP_HUNG_UP};
    done(client->user, &answer);
    buffer_free(&body);
}

int acs_client_post(struct acs_client *client, const char *body, size_t length, acs_client_done *done,
                    void *user) {
    const struct http_request request = {.method = HTTP_POST,
                                         .body = body,
                                         .length = length,
                                         .head = on_head,
                                         .data = on_data,
                                         .done = on_done,
                                         .user = client};
    if (client->http == NULL) {
        return -ENOTCONN;
    }
    int result = http_send(client->http, &request);
    if (result == 0) {
        buffer_free(&client->body);
        buffer_init(&client->body, client->max_answer);
        client->too_large = false;
        client->done = done;
        client->user = user;
    }
    return result;
}

const char *acs_client_local_address(struct acs_client *client) {
    if (client->http != NULL) {
        (void) text_copy(client->local_address, sizeof client->local_address,
                         http_local_address(client->http));
    }
    return client->local_address;
}

const char *acs_client_missing_feature(struct acs_client *client) {
    if (loop_libcurl(client->loop) < 0) {
        return "memory";
    }
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if ((info->features & CURL_VERSION_SSL) == 0) {
        return "TLS";
    }
    if ((info->features & CURL_VERSION_ASYNCHDNS) == 0) {
        return "asynchronous name resolution";
    }
    CURL *easy = curl_easy_init(); /* the options of what was left out of a build are unknown to it */
    bool digest = curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long) CURLAUTH_DIGEST) == CURLE_OK;
    bool cookies = curl_easy_setopt(easy, CURLOPT_COOKIELIST, "ALL") == CURLE_OK;
    curl_easy_cleanup(easy);
    return !digest ? "Digest" : !cookies ? "cookies" : NULL;
}
