/* The network's state by rtnetlink: which interfaces are up and have an address of global scope, and
 * whether routes have changed. */
#include <config.h>

#include "net/network.h"

#include "base/text.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <tr069/plugin.h>
#include <unistd.h>

enum { SETTLE_MS = 200, ANSWER_SIZE = 8 << 10, LINKS_MAX = 256 };

/* An interface with an address. */
struct link {
    int index;
    bool usable; /* an address of it may reach an ACS; else it is the host's own */
    bool loopback, running;
};

struct network {
    struct loop *loop;
    void (*told)(void *user, bool up, bool changed);
    void *user;
    bool loopback_counts;
    int fd;
    struct tr069_watch *watch;
    struct tr069_timer *timer;
    bool up, known;
    /* A dump of all addresses rebuilds the picture: simple, and right also after lost messages. */
    bool dumping;
    uint32_t sequence;
    bool again; /* something changed during the dump */
    struct link links[LINKS_MAX];
    size_t link_count;
    uint64_t picture, former; /* digests of links and addresses: much that the kernel tells changes neither */
    bool routes;              /* changed since the last picture */
};

static int ask(struct network *network) {
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg address;
    } request;
    memset(&request, 0, sizeof request);
    request.header = (struct nlmsghdr){.nlmsg_len = sizeof request,
                                       .nlmsg_type = RTM_GETADDR,
                                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                                       .nlmsg_seq = ++network->sequence};
    return send(network->fd, &request, sizeof request, 0) < 0 ? -errno : 0;
}

static void begin_dump(struct network *network) {
    network->again = false;
    network->link_count = 0;
    network->picture = 0;
    network->dumping = ask(network) == 0;
}

static void settled(void *user) {
    struct network *network = user;
    network->timer = NULL;
    if (!network->dumping) {
        begin_dump(network);
    } else {
        network->again = true;
    }
}

static void something_changed(struct network *network) {
    if (network->timer == NULL &&
        loop_timer(network->loop, SETTLE_MS, settled, network, &network->timer) < 0) {
        network->timer = NULL;
    }
}

/* NULL: there are too many. */
static struct link *link_of(struct network *network, int index) {
    for (size_t i = 0; i < network->link_count; i++) {
        if (network->links[i].index == index) {
            return &network->links[i];
        }
    }
    if (network->link_count == LINKS_MAX) {
        return NULL;
    }
    network->links[network->link_count] = (struct link){.index = index};
    return &network->links[network->link_count++];
}

/* One thing of the picture; in whatever order the kernel tells them. */
static void add_to_picture(struct network *network, const void *data, size_t length) {
    network->picture += text_hash(data, length);
}

/* Link-local, tentative, duplicate and deprecated IPv6 addresses reach no ACS. */
static void take_address(struct network *network, const struct nlmsghdr *header) {
    struct ifaddrmsg info;
    memcpy(&info, (const char *) header + NLMSG_HDRLEN, sizeof info);
    bool usable = info.ifa_scope < RT_SCOPE_LINK &&
                  (info.ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED)) == 0;
    struct link *link =
        usable || info.ifa_scope == RT_SCOPE_HOST ? link_of(network, (int) info.ifa_index) : NULL;
    if (link != NULL && usable) {
        link->usable = true;
    }
    if (usable) {
        struct rtattr attribute;
        const char *at = (const char *) header + NLMSG_SPACE(sizeof info);
        size_t rest =
            header->nlmsg_len > NLMSG_SPACE(sizeof info) ? header->nlmsg_len - NLMSG_SPACE(sizeof info) : 0;
        while (rest >= sizeof attribute) {
            memcpy(&attribute, at, sizeof attribute);
            if (attribute.rta_len < sizeof attribute || attribute.rta_len > rest) {
                break;
            }
            if (attribute.rta_type == IFA_ADDRESS || attribute.rta_type == IFA_LOCAL) {
                add_to_picture(network, at, attribute.rta_len); /* but not how long it lives */
            }
            const size_t step = RTA_ALIGN(attribute.rta_len);
            at += step < rest ? step : rest;
            rest -= step < rest ? step : rest;
        }
        add_to_picture(network, &info.ifa_index, sizeof info.ifa_index);
    }
}

/* A route by which packets may go, not an entry of a cache. */
static bool is_route(const struct nlmsghdr *header) {
    struct rtmsg info;
    if (header->nlmsg_len < NLMSG_LENGTH(sizeof info)) {
        return false;
    }
    memcpy(&info, (const char *) header + NLMSG_HDRLEN, sizeof info);
    return info.rtm_type == RTN_UNICAST && info.rtm_table != RT_TABLE_LOCAL &&
           (info.rtm_flags & RTM_F_CLONED) == 0;
}

/* Only of those with an address: a dump of all interfaces takes longer than all else here. What cannot be
 * asked counts as running. */
static void look_at_links(struct network *network) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (size_t i = 0; i < network->link_count; i++) {
        struct link *link = &network->links[i];
        struct ifreq request = {.ifr_ifindex = link->index};
        if (fd >= 0 && ioctl(fd, SIOCGIFNAME, &request) == 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
            link->loopback = (request.ifr_flags & IFF_LOOPBACK) != 0;
            link->running = (request.ifr_flags & IFF_UP) != 0 &&
                            ((request.ifr_flags & IFF_RUNNING) != 0 || link->loopback);
        } else {
            link->running = fd < 0;
        }
        const int what[2] = {link->index, link->running};
        add_to_picture(network, what, sizeof what);
    }
    if (fd >= 0) {
        (void) close(fd);
    }
}

static bool judge(const struct network *network) {
    for (size_t i = 0; i < network->link_count; i++) {
        const struct link *link = &network->links[i];
        if (link->running && (link->loopback ? network->loopback_counts : link->usable)) {
            return true;
        }
    }
    return false;
}

static void dump_ended(struct network *network) {
    network->dumping = false;
    look_at_links(network);
    const bool first = !network->known, changed = network->picture != network->former || network->routes;
    network->former = network->picture;
    network->routes = false;
    network->up = judge(network);
    network->known = true;
    if (network->again) {
        something_changed(network);
    }
    if (!first) {
        network->told(network->user, network->up, changed); /* may free us */
    }
}

/* false: `network` may be gone. */
static bool take(struct network *network, const struct nlmsghdr *header) {
    const bool ours = network->dumping && header->nlmsg_seq == network->sequence;
    switch (header->nlmsg_type) {
    case NLMSG_DONE:
    case NLMSG_ERROR:
        if (ours) {
            dump_ended(network);
            return false;
        }
        break;
    case RTM_NEWADDR:
        if (!ours || (header->nlmsg_flags & NLM_F_MULTI) == 0) {
            something_changed(network);
        } else if (header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifaddrmsg))) {
            take_address(network, header);
        }
        break;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        if (is_route(header)) {
            network->routes = true;
            something_changed(network);
        }
        break;
    default: /* links, and deletions */
        something_changed(network);
        break;
    }
    return true;
}

static void ready(void *user, int fd, int what) {
    struct network *network = user;
    union {
        char octets[ANSWER_SIZE];
        struct nlmsghdr header;
    } answer;
    (void) what;
    ssize_t received = recv(fd, &answer, sizeof answer, MSG_DONTWAIT);
    if (received < 0) {
        if (errno == ENOBUFS) { /* messages were lost */
            network->dumping = false;
            network->routes = true; /* perhaps */
            something_changed(network);
        }
        return;
    }
    size_t length = (size_t) received;
    const struct nlmsghdr *header = &answer.header;
    while (length >= sizeof *header && header->nlmsg_len >= sizeof *header && header->nlmsg_len <= length) {
        if (!take(network, header)) {
            return;
        }
        size_t step = NLMSG_ALIGN(header->nlmsg_len);
        if (step > length) {
            return;
        }
        length -= step;
        header = (const struct nlmsghdr *) (const void *) ((const char *) header + step);
    }
}

/* The first picture, before network_new() returns. The kernel answers a dump at once. */
static int first_picture(struct network *network) {
    begin_dump(network);
    for (unsigned i = 0; network->dumping && i < 1000; i++) {
        ready(network, network->fd, TR069_READABLE);
    }
    return network->known ? 0 : -EIO;
}

int network_new(struct loop *loop, void (*told)(void *user, bool up, bool changed), void *user,
                struct network **ret_network) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                                               RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    struct network *network = calloc(1, sizeof *network);
    int result = 0;
    if (network == NULL) {
        return -ENOMEM;
    }
    *network = (struct network){.loop = loop, .told = told, .user = user};
    network->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (network->fd < 0 || bind(network->fd, (struct sockaddr *) &address, sizeof address) != 0) {
        result = -errno;
    }
    if (result == 0) {
        result = first_picture(network);
    }
    if (result == 0) {
        result = loop_watch(loop, network->fd, TR069_READABLE, ready, network, &network->watch);
    }
    if (result < 0) {
        network_free(network);
        return result;
    }
    *ret_network = network;
    return 0;
}

void network_free(struct network *network) {
    if (network != NULL) {
        loop_unwatch(network->loop, network->watch);
        loop_timer_cancel(network->loop, network->timer);
        if (network->fd >= 0) {
            (void) close(network->fd);
        }
        free(network);
    }
}

bool network_up(const struct network *network) {
    return network->up;
}

void network_count_loopback(struct network *network, bool yes) {
    network->loopback_counts = yes;
    if (!network->dumping) { /* else its end judges */
        network->up = judge(network);
    }
}
