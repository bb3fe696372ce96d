/* The connection-request listener: its port, its path, its URL. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_ROOM "connection"

enum {
    PATH_TOKEN = 32,
    REFUSALS_LOGGED = 10, /* a line each; the others of the same minute are one line */
    REFUSALS_MS = 60000,
    RANGES_MAX = 256 /* as many as a list has */
};

static void on_credentials(void *user, const char **ret_username, const char **ret_password) {
    struct agent *agent = user;
    management_server_get(agent, "ConnectionRequestUsername", agent->texts.request_username,
                          sizeof agent->texts.request_username);
    management_server_get(agent, "ConnectionRequestPassword", agent->texts.request_password,
                          sizeof agent->texts.request_password);
    *ret_username = agent->texts.request_username;
    *ret_password = agent->texts.request_password;
}

static void on_accepted(void *user) {
    struct agent *agent = user;
    log_info("connection request");
    (void) events_add(agent->events, "6 CONNECTION REQUEST", "", TR069_NOW);
    driver_want(agent, "6 CONNECTION REQUEST");
}

static void say_refusals(struct agent *agent) {
    if (agent->refusals.hidden > 0) {
        log_notice("connection requests refused: %u more within a minute, the last from %s",
                   agent->refusals.hidden, agent->refusals.peer);
    }
    agent->refusals.logged = agent->refusals.hidden = 0;
}

static void on_refusals_minute(void *user) {
    struct agent *agent = user;
    agent->refusals.timer = NULL;
    say_refusals(agent);
}

/* Whoever knocks cannot fill the log, and none of it is lost: they are counted. */
static void on_refused(void *user, const char *peer, const char *why) {
    struct agent *agent = user;
    if (agent->refusals.timer == NULL &&
        loop_timer(agent->loop, REFUSALS_MS, on_refusals_minute, agent, &agent->refusals.timer) < 0) {
        agent->refusals.timer = NULL;
    }
    if (agent->refusals.logged < REFUSALS_LOGGED) {
        agent->refusals.logged++;
        log_notice("connection request from %s refused: %s", peer, why);
    } else {
        agent->refusals.hidden++;
        (void) text_copy(agent->refusals.peer, sizeof agent->refusals.peer, peer);
    }
}

/* An unguessable path, made once and kept. */
static void make_path(struct agent *agent) {
    const char *known = store_get(agent->store, "agent/request-path");
    if (known == NULL || strlen(known) < PATH_TOKEN) {
        char token[PATH_TOKEN + 1];
        if (crypto_token(token, PATH_TOKEN) == 0) {
            (void) store_put(agent->store, "agent/request-path", token);
        }
        known = store_get(agent->store, "agent/request-path");
    }
    (void) snprintf(agent->request_path, sizeof agent->request_path, "/%s", known != NULL ? known : "");
}

/* The firewall's, if the platform has that action: "open PORT HOST", also when only the host is another one;
 * "close PORT HOST". Programs of both may run at once, so never both for one port. */
static void tell_platform(struct agent *agent, const char *what, unsigned port, const char *host) {
    char number[8];
    const char *const args[] = {what, number, host, NULL};
    (void) snprintf(number, sizeof number, "%u", port);
    int r = agent_action(agent, NULL, "connection-request-port", args, NULL, NULL);
    if (r < 0 && r != -ENOSYS) {
        log_warning("action connection-request-port %s %s: %s", what, number, strerror(-r));
    }
}

static int open_port(struct agent *agent) {
    struct network_range ranges[RANGES_MAX];
    size_t range_count = 0;
    const char *const *networks = settings_list(agent->config->settings, "connection_request_from");
    for (; *networks != NULL && range_count < RANGES_MAX; networks++) { /* config.c has looked at them */
        range_count += network_range_parse(*networks, &ranges[range_count]) == 0 ? 1 : 0;
    }
    const char *address = config_string(agent->config, "connection_request_address");
    struct connection_request_setup setup = {
        .address = address[0] != '\0' ? address : NULL,
        .port = (uint16_t) config_int(agent->config, "connection_request_port"),
        .path = agent->request_path,
        .rate_count = (unsigned) config_int(agent->config, "connection_request_rate"),
        .rate_window_s = 60,
        .max_connections = 16,
        .timeout_s = 10,
        .basic = config_bool(agent->config, "connection_request_basic"),
        .ranges = ranges,
        .range_count = range_count,
        .credentials = on_credentials,
        .accepted = on_accepted,
        .refused = on_refused,
        .user = agent,
    };
    return connection_request_new(agent->loop, &setup, &agent->listener);
}

/* Where the ACS is, if its URL says so by a number; else an address of nobody (RFC 5737), which takes the
 * default route. No name is resolved here: that could block. */
static struct addrinfo *acs_address(const struct agent *agent) {
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    char literal[257];
    struct addrinfo *found = NULL;
    (void) text_url_host(literal, sizeof literal, agent->texts.acs_url);
    if (getaddrinfo(literal, "9", &hints, &found) != 0 &&
        getaddrinfo("192.0.2.1", "9", &hints, &found) != 0) {
        return NULL;
    }
    return found;
}

/* To connect a datagram socket sends nothing: the kernel only chooses the route, and so the source. */
static void route_address(const struct agent *agent, char *out, size_t size) {
    struct addrinfo *to = acs_address(agent);
    struct sockaddr_storage from = {0};
    struct sockaddr *any = (struct sockaddr *) &from;
    socklen_t length = sizeof from;
    int fd = to != NULL ? socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    out[0] = '\0';
    if (fd >= 0 && connect(fd, to->ai_addr, to->ai_addrlen) == 0 && getsockname(fd, any, &length) == 0) {
        (void) getnameinfo(any, length, out, (socklen_t) size, NULL, 0, NI_NUMERICHOST);
    }
    if (fd >= 0) {
        (void) close(fd);
    }
    if (to != NULL) {
        freeaddrinfo(to);
    }
}

/* Only an address of the box can be bound to. */
bool connection_is_alive(const struct agent *agent) {
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
    const char *address = acs_client_local_address(agent->acs);
    struct addrinfo *found = NULL;
    bool alive = true;
    if (address[0] == '\0' || getaddrinfo(address, NULL, &hints, &found) != 0) {
        return true;
    }
    int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        alive = bind(fd, found->ai_addr, found->ai_addrlen) == 0 || errno != EADDRNOTAVAIL;
        (void) close(fd);
    }
    freeaddrinfo(found);
    return alive;
}

const char *connection_local_address(struct agent *agent) {
    if (agent->local_address[0] == '\0') {
        route_address(agent, agent->local_address, sizeof agent->local_address);
    }
    return agent->local_address;
}

void connection_learn_address(struct agent *agent, const char *address) {
    (void) text_copy(agent->local_address, sizeof agent->local_address, address);
}

static void make_url(struct agent *agent) {
    char url[sizeof agent->request_url] = "", host[256];
    (void) text_copy(host, sizeof host, config_string(agent->config, "connection_request_host"));
    if (host[0] == '\0') {
        (void) text_copy(host, sizeof host, connection_local_address(agent));
    }
    if (agent->listener != NULL && host[0] != '\0') {
        bool v6 = strchr(host, ':') != NULL && host[0] != '[';
        (void) snprintf(url, sizeof url, "http://%s%s%s:%u%s", v6 ? "[" : "", host, v6 ? "]" : "",
                        (unsigned) connection_request_port(agent->listener), agent->request_path);
    }
    if (agent->listener != NULL && host[0] == '\0') {
        return; /* without an address nobody sees the URL; it is no change when the same one comes back */
    }
    if (strcmp(url, agent->request_url) != 0) {
        char path[TR069_NAME_MAX + 1];
        const unsigned port = agent->listener != NULL ? connection_request_port(agent->listener) : 0;
        if (agent->told_port != 0 && agent->told_port != port) {
            tell_platform(agent, "close", agent->told_port, agent->told_host);
        }
        agent->told_port = port;
        (void) text_copy(agent->told_host, sizeof agent->told_host, host);
        if (port != 0) {
            tell_platform(agent, "open", port, agent->told_host);
        }
        (void) text_copy(agent->request_url, sizeof agent->request_url, url);
        log_debug("ConnectionRequestURL has changed");
        if (agent->url_made) {
            notify_changed(agent, agent_path(agent, "ManagementServer.ConnectionRequestURL", path));
        }
    }
}

static bool is_wanted(struct agent *agent) {
    return config_bool(agent->config, "connection_request") &&
           management_server_int(agent, "EnableCWMP") != 0 &&
           (strcmp(model_root(agent->model), "Device.") != 0 ||
            management_server_int(agent, "HTTPConnectionRequestEnable") != 0);
}

void connection_update(struct agent *agent) {
    bool wanted = is_wanted(agent);
    if (wanted && agent->listener == NULL) {
        int r = open_port(agent);
        if (r < 0 && r != agent->listen_error) { /* it is tried again at each session; said once */
            log_error("connection_request_port %lld: %s; the ACS cannot reach this box",
                      (long long) config_int(agent->config, "connection_request_port"), strerror(-r));
        }
        agent->listen_error = r;
    } else if (!wanted && agent->listener != NULL) {
        connection_stop(agent);
    }
    make_url(agent);
}

int connection_start(struct agent *agent) {
    make_path(agent);
    connection_update(agent);
    agent->url_made = true;
    return 0;
}

void connection_stop(struct agent *agent) {
    connection_request_free(agent->listener);
    agent->listener = NULL;
    agent_cancel(agent, &agent->refusals.timer);
    say_refusals(agent);
}
