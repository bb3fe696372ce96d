/* plugins/udp-echo: UDPEchoConfig. of TR-143: the ACS lets this box send back the datagrams of one host (RFC
 * 862), with sequence numbers and times in them if it wants that (UDP Echo Plus, TR-143 appendix A.1).
 *
 * What is sent is never more than what came, and goes to the one source that the ACS named, so nobody else
 * gains by it; beyond a rate nothing is sent. What was not sent to this box alone (multicast, broadcast) is
 * not answered, nor are the ports of services that would answer again without end. While it is not enabled
 * there is no socket and no memory.
 */
#define _GNU_SOURCE
#include "ip-ping/diagnostic.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DATAGRAM_MAX = 65536,
    UDP_HEAD = 8,     /* octets that count too */
    BURST = 64,       /* datagrams in a row, then others have their turn */
    RETRY_MS = 60000, /* an interface may come later */
    ADDRESS_MAX = 45
};

/* The head of an Echo Plus datagram, in network order; what follows is the sender's. */
struct plus {
    uint32_t generated; /* TestGenSN: the sender's, left as it is */
    uint32_t sequence;  /* TestRespSN */
    uint32_t received;  /* TestRespRecvTimeStamp, microseconds of a clock that never steps */
    uint32_t replied;   /* TestRespReplyTimeStamp */
    uint32_t failures;  /* TestRespReplyFailureCount */
};

struct config {
    bool enable, plus;
    uint16_t port;
    char interface[IF_NAMESIZE]; /* the system's name, or empty */
    bool nameless;               /* one is wanted that has no name */
    int family;                  /* of the source; 0: there is none */
    unsigned char source[16];
};

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

struct echo {
    const struct tr069_host *host;
    struct config config;
    int fd;
    struct tr069_watch *watch;
    struct tr069_timer *retry;
    bool told;           /* that it cannot listen */
    unsigned char *data; /* DATAGRAM_MAX, while it listens */

    uint64_t filled_ms; /* when credit was counted last */
    uint64_t credit;    /* thousandths of datagrams that may be sent */

    uint32_t packets_received, packets_responded, bytes_received, bytes_responded, failures;
    int64_t first_us, last_us; /* TR069_TIME_UNKNOWN: none came */
};

/* ---- A datagram -------------------------------------------------------------------------------- */

/* What the kernel told of one. */
struct arrival {
    size_t length;
    union address from;
    socklen_t from_size;
    bool is_ours; /* it was sent to an address of this box alone */
    struct in_pktinfo four;
    struct in6_pktinfo six;
    int64_t age_us; /* since the kernel got it */
};

static uint64_t now_us(void) {
    struct timespec now = {0};
    (void) clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static int64_t age_of(const struct timespec *stamp) {
    struct timespec now = {0};
    (void) clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = ((int64_t) now.tv_sec - stamp->tv_sec) * 1000000 + (now.tv_nsec - stamp->tv_nsec) / 1000;
    return age > 0 && age < 1000000 ? age : 0; /* else the clock was set meanwhile */
}

static void take_control(struct arrival *arrival, struct msghdr *message) {
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL; at = CMSG_NXTHDR(message, at)) {
        if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
            memcpy(&arrival->four, CMSG_DATA(at), sizeof arrival->four);
            arrival->is_ours = arrival->four.ipi_addr.s_addr == arrival->four.ipi_spec_dst.s_addr;
        } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
            memcpy(&arrival->six, CMSG_DATA(at), sizeof arrival->six);
            arrival->is_ours = !IN6_IS_ADDR_MULTICAST(&arrival->six.ipi6_addr);
        } else if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS &&
                   at->cmsg_len == CMSG_LEN(sizeof(struct timespec))) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(at), sizeof stamp);
            arrival->age_us = age_of(&stamp);
        }
    }
}

union control {
    struct cmsghdr first; /* for its alignment */
    char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo)) +
              CMSG_SPACE(sizeof(struct timespec))];
};

/* False: there is none left. */
static bool receive(const struct echo *echo, struct arrival *ret_arrival) {
    union control control;
    struct iovec data = {echo->data, DATAGRAM_MAX};
    *ret_arrival = (struct arrival){0};
    struct msghdr message = {.msg_name = &ret_arrival->from,
                             .msg_namelen = sizeof ret_arrival->from,
                             .msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(echo->fd, &message, MSG_DONTWAIT);
    if (length < 0) {
        return errno == EINTR;
    }
    ret_arrival->length = (size_t) length;
    ret_arrival->from_size = message.msg_namelen;
    take_control(ret_arrival, &message);
    return true;
}

/* Two of these would talk for ever: echo, daytime, quote, chargen, time. */
static bool is_chatty(unsigned port) {
    static const unsigned short ports[] = {0, 7, 13, 17, 19, 37};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        if (ports[i] == port) {
            return true;
        }
    }
    return false;
}

static bool is_valid(const struct echo *echo, const struct arrival *arrival) {
    const struct config *config = &echo->config;
    const union address *from = &arrival->from;
    if (!arrival->is_ours || from->any.sa_family != config->family) {
        return false;
    }
    if (config->family == AF_INET) {
        return memcmp(&from->four.sin_addr, config->source, 4) == 0 && !is_chatty(ntohs(from->four.sin_port));
    }
    return memcmp(&from->six.sin6_addr, config->source, 16) == 0 && !is_chatty(ntohs(from->six.sin6_port));
}

/* A bucket that holds what may be sent in a second. */
static bool may_send(struct echo *echo) {
    uint64_t rate = (uint64_t) echo->host->option_int(echo->host, "rate");
    uint64_t now = echo->host->monotonic_ms(echo->host), passed = now - echo->filled_ms;
    echo->credit += (passed < 1000 ? passed : 1000) * rate;
    echo->credit = echo->credit < rate * 1000 ? echo->credit : rate * 1000;
    echo->filled_ms = now;
    if (echo->credit < 1000) {
        return false;
    }
    echo->credit -= 1000;
    return true;
}

static void fill_in(struct echo *echo, const struct arrival *arrival, uint64_t received_us) {
    struct plus plus;
    if (!echo->config.plus || arrival->length < sizeof plus) {
        return;
    }
    memcpy(&plus, echo->data, sizeof plus);
    plus.sequence = htonl(echo->packets_responded + 1);
    plus.received = htonl((uint32_t) received_us);
    plus.failures = htonl(echo->failures);
    plus.replied = htonl((uint32_t) now_us());
    memcpy(echo->data, &plus, sizeof plus);
}

/* From the address to which it was sent. */
static bool send_back(const struct echo *echo, const struct arrival *arrival) {
    union control control = {.room = {0}};
    union address to = arrival->from;
    struct iovec data = {echo->data, arrival->length};
    struct msghdr message = {.msg_name = &to,
                             .msg_namelen = arrival->from_size,
                             .msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control};
    bool is_four = echo->config.family == AF_INET;
    struct in_pktinfo four = {.ipi_spec_dst = arrival->four.ipi_spec_dst};
    size_t size = is_four ? sizeof four : sizeof arrival->six;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = is_four ? IPPROTO_IP : IPPROTO_IPV6;
    head->cmsg_type = is_four ? IP_PKTINFO : IPV6_PKTINFO;
    head->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(head), is_four ? (const void *) &four : (const void *) &arrival->six, size);
    return sendmsg(echo->fd, &message, MSG_DONTWAIT) == (ssize_t) arrival->length;
}

static void answer(struct echo *echo, const struct arrival *arrival) {
    uint64_t received_us = now_us() - (uint64_t) arrival->age_us;
    echo->packets_received++;
    echo->bytes_received += (uint32_t) arrival->length + UDP_HEAD;
    echo->last_us = echo->host->time_us(echo->host) - arrival->age_us;
    if (echo->first_us == TR069_TIME_UNKNOWN) {
        echo->first_us = echo->last_us;
    }
    bool sent = may_send(echo);
    if (sent) {
        fill_in(echo, arrival, received_us);
        sent = send_back(echo, arrival);
    }
    if (sent) {
        echo->packets_responded++;
        echo->bytes_responded += (uint32_t) arrival->length + UDP_HEAD;
    } else {
        echo->failures++;
    }
}

static void on_readable(void *user, int fd, int what) {
    struct echo *echo = user;
    struct arrival arrival;
    (void) fd;
    (void) what;
    for (unsigned i = 0; i < BURST && receive(echo, &arrival); i++) {
        if (is_valid(echo, &arrival)) {
            answer(echo, &arrival);
        }
    }
}

/* ---- The socket -------------------------------------------------------------------------------- */

static void let_go(struct echo *echo) {
    if (echo->fd >= 0) {
        (void) close(echo->fd);
    }
    echo->fd = -1;
    free(echo->data);
    echo->data = NULL;
}

static void end(struct echo *echo) {
    echo->host->unwatch(echo->host, echo->watch);
    echo->host->timer_cancel(echo->host, echo->retry);
    echo->watch = NULL;
    echo->retry = NULL;
    let_go(echo);
}

static bool set(int fd, int level, int option) {
    int on = 1;
    return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

/* The kernel drops what comes from elsewhere, so that a flood of it wakes nobody. What passes is looked at
 * again. */
static void filter(const struct echo *echo) {
    enum { SOURCE_OF_4 = 12, SOURCE_OF_6 = 8, WORDS = 4 };
    struct sock_filter code[2 * WORDS + 2];
    unsigned short count = 0;
    unsigned words = echo->config.family == AF_INET ? 1 : WORDS;
    for (unsigned i = 0; i < words; i++) {
        uint32_t word, at = (echo->config.family == AF_INET ? SOURCE_OF_4 : SOURCE_OF_6) + 4 * i;
        memcpy(&word, echo->config.source + (size_t) 4 * i, sizeof word);
        code[count++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t) SKF_NET_OFF + at);
        code[count++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(word), 0,
                                                      (unsigned char) (2 * (words - i) - 1));
    }
    code[count++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    code[count++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, 0);
    const struct sock_fprog program = {.len = count, .filter = code};
    (void) setsockopt(echo->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int bind_socket(const struct echo *echo) {
    const struct config *config = &echo->config;
    bool is_four = config->family == AF_INET;
    union address any = {.six = {.sin6_family = AF_INET6, .sin6_port = htons(config->port)}};
    if (is_four) {
        any = (union address){.four = {.sin_family = AF_INET, .sin_port = htons(config->port)}};
    }
    bool good =
        set(echo->fd, SOL_SOCKET, SO_TIMESTAMPNS) &&
        (is_four ? set(echo->fd, IPPROTO_IP, IP_PKTINFO)
                 : set(echo->fd, IPPROTO_IPV6, IPV6_V6ONLY) && set(echo->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO));
    if (good && config->interface[0] != '\0') {
        good = setsockopt(echo->fd, SOL_SOCKET, SO_BINDTODEVICE, config->interface,
                          (socklen_t) strlen(config->interface) + 1) == 0;
    }
    filter(echo);
    good = good && bind(echo->fd, &any.any, is_four ? sizeof any.four : sizeof any.six) == 0;
    return good ? 0 : -errno;
}

static int listen_now(struct echo *echo) {
    if (echo->config.nameless) {
        return -ENODEV;
    }
    echo->fd = socket(echo->config.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (echo->fd < 0) {
        return -errno;
    }
    echo->data = malloc(DATAGRAM_MAX);
    int r = echo->data != NULL ? bind_socket(echo) : -ENOMEM;
    return r < 0 ? r
                 : echo->host->watch(echo->host, echo->fd, TR069_READABLE, on_readable, echo, &echo->watch);
}

static void apply(struct echo *echo);

static void on_retry(void *user) {
    struct echo *echo = user;
    echo->retry = NULL;
    apply(echo);
}

/* By the configuration as it is. */
static void begin(struct echo *echo) {
    const struct tr069_host *host = echo->host;
    const struct config *config = &echo->config;
    if (config->family == 0 || config->port == 0) {
        host->log(host, TR069_NOTICE, "enabled, but without SourceIPAddress and UDPPort nobody is answered");
        return;
    }
    int r = listen_now(echo);
    if (r == 0) {
        echo->told = false;
        echo->credit = (uint64_t) host->option_int(host, "rate") * 1000;
        echo->filled_ms = host->monotonic_ms(host);
        host->log(host, TR069_INFO, "listens on port %u", config->port);
        return;
    }
    end(echo);
    host->log(host, echo->told ? TR069_DEBUG : TR069_WARNING, "cannot listen on port %u, trying again: %s",
              config->port, strerror(-r));
    echo->told = true;
    if (host->timer(host, RETRY_MS, on_retry, echo, &echo->retry) < 0) {
        echo->retry = NULL;
    }
}

/* ---- Configuration ----------------------------------------------------------------------------- */

static bool get_own(const struct echo *echo, const char *name, char *ret_text, size_t size) {
    char path[TR069_NAME_MAX + 1];
    bool is_dev2 = strcmp(echo->host->root(echo->host), "Device.") == 0;
    (void) snprintf(path, sizeof path, "%s%sUDPEchoConfig.%s", echo->host->root(echo->host),
                    is_dev2 ? "IP.Diagnostics." : "", name);
    return echo->host->get(echo->host, path, ret_text, size) == 0;
}

/* The family, or 0. */
static int parse_address(const char *text, unsigned char *ret_address) {
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (inet_pton(families[i], text, ret_address) == 1) {
            return families[i];
        }
    }
    return 0;
}

static struct config read_config(const struct echo *echo) {
    struct config config;
    char flag[8] = "", port[16] = "", source[ADDRESS_MAX * 4 + 1] = "", interface[DIAGNOSTIC_TEXT_SIZE] = "";
    memset(&config, 0, sizeof config); /* it is compared whole */
    config.enable = get_own(echo, "Enable", flag, sizeof flag) && strcmp(flag, "true") == 0;
    config.plus = get_own(echo, "EchoPlusEnabled", flag, sizeof flag) && strcmp(flag, "true") == 0;
    if (get_own(echo, "UDPPort", port, sizeof port)) {
        config.port = (uint16_t) strtoul(port, NULL, 10);
    }
    if (get_own(echo, "SourceIPAddress", source, sizeof source)) {
        config.family = parse_address(source, config.source);
    }
    if (get_own(echo, "Interface", interface, sizeof interface) && interface[0] != '\0') {
        config.nameless =
            !diagnostic_name_of(echo->host, interface, config.interface, sizeof config.interface);
    }
    return config;
}

static void clear(struct echo *echo) {
    echo->packets_received = echo->packets_responded = echo->bytes_received = echo->bytes_responded = 0;
    echo->failures = 0;
    echo->first_us = echo->last_us = TR069_TIME_UNKNOWN;
}

/* Takes the configuration over. What was counted stays, but when it becomes enabled. */
static void apply(struct echo *echo) {
    struct config config = read_config(echo);
    bool was_enabled = echo->config.enable, listens = echo->fd >= 0;
    echo->config.plus = config.plus;
    if (listens && memcmp(&config, &echo->config, sizeof config) == 0) {
        return;
    }
    end(echo);
    echo->config = config;
    if (config.enable && !was_enabled) {
        clear(echo);
    }
    if (config.enable) {
        begin(echo);
    }
}

static void commit(const struct tr069_at *at) {
    apply(tr069_ctx(at));
}

static int check(const struct tr069_at *at, const struct tr069_change *changes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *name = changes[i].param->name, *text = changes[i].value->as.string;
        unsigned char address[16];
        if (strcmp(name, "SourceIPAddress") == 0 && text[0] != '\0' && parse_address(text, address) == 0) {
            return tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "this is no IP address");
        }
        if (strcmp(name, "Interface") == 0 && !diagnostic_is_interface(at->host, text)) {
            return tr069_fault(changes[i].fault, TR069_INVALID_VALUE, "there is no such interface");
        }
    }
    return TR069_OK;
}

/* ---- Results ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t offset;
} counters[] = {{"PacketsReceived", offsetof(struct echo, packets_received)},
                {"PacketsResponded", offsetof(struct echo, packets_responded)},
                {"BytesReceived", offsetof(struct echo, bytes_received)},
                {"BytesResponded", offsetof(struct echo, bytes_responded)}};

static int counter_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const char *echo = tr069_ctx(at);
    size_t i = 0;
    while (i < sizeof counters / sizeof counters[0] - 1 && strcmp(counters[i].name, at->param->name) != 0) {
        i++;
    }
    uint32_t number;
    memcpy(&number, echo + counters[i].offset, sizeof number);
    return tr069_value_uint(ret_value, number);
}

static int time_get(const struct tr069_at *at, struct tr069_value *ret_value) {
    const struct echo *echo = tr069_ctx(at);
    bool is_first = strcmp(at->param->name, "TimeFirstPacketReceived") == 0;
    return tr069_value_time_us(ret_value, is_first ? echo->first_us : echo->last_us);
}

/* ---- Tables ------------------------------------------------------------------------------------ */

#define COUNTER TR069_UINT, .notify = TR069_NOTIFY_CAN_DENY, .get = counter_get
#define TIME TR069_DATETIME, .notify = TR069_NOTIFY_CAN_DENY, .get = time_get

static const struct tr069_param params[] = {
    {"Enable", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"Interface", TR069_STRING, TR069_STORED | TR069_REFERENCE, .max_length = DIAGNOSTIC_PATH_MAX,
     .help = "the path of an interface; empty: all"},
    {"SourceIPAddress", TR069_STRING, TR069_STORED, .max_length = ADDRESS_MAX,
     .help = "who is answered; empty: nobody"},
    {"UDPPort", TR069_UINT, TR069_STORED, .max = 65535, .help = "0: it does not listen"},
    {"EchoPlusEnabled", TR069_BOOLEAN, TR069_STORED, .value = "false"},
    {"EchoPlusSupported", TR069_BOOLEAN, .value = "true"},
    {"PacketsReceived", COUNTER},
    {"PacketsResponded", COUNTER},
    {"BytesReceived", COUNTER, .help = "with the heads of UDP"},
    {"BytesResponded", COUNTER, .help = "with the heads of UDP"},
    {"TimeFirstPacketReceived", TIME},
    {"TimeLastPacketReceived", TIME},
    {0}};
static const struct tr069_object objects[] = {
    {TR069_DEV2, "IP.Diagnostics.UDPEchoConfig.", params, .check = check, .commit = commit},
    {TR069_IGD1, "UDPEchoConfig.", params, .check = check, .commit = commit},
    {0}};
static const struct tr069_option options[] = {
    {"rate", TR069_OPTION_INT, "1000", 1, 100000, .help = "datagrams a second that are sent back, at most"},
    {0}};

static int echo_init(const struct tr069_host *host, void **ret_ctx) {
    struct echo *echo = calloc(1, sizeof *echo);
    if (echo == NULL) {
        return -ENOMEM;
    }
    echo->host = host;
    echo->fd = -1;
    clear(echo);
    *ret_ctx = echo;
    return 0;
}

static int echo_start(void *ctx) {
    apply(ctx);
    return 0;
}

static void echo_stop(void *ctx) {
    end(ctx);
}

static void echo_destroy(void *ctx) {
    struct echo *echo = ctx;
    if (echo != NULL) {
        let_go(echo);
        free(echo);
    }
}

/* What the ACS set is gone. */
static void echo_forget(void *ctx) {
    struct echo *echo = ctx;
    end(echo);
    memset(&echo->config, 0, sizeof echo->config);
}

TR069_PLUGIN(.name = "udp-echo", .version = "1", .summary = "UDP Echo and UDP Echo Plus, UDPEchoConfig",
             .options = options, .objects = objects, .init = echo_init, .start = echo_start,
             .stop = echo_stop, .destroy = echo_destroy, .forget = echo_forget);
