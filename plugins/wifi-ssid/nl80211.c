/* Three questions to the kernel by generic netlink: the family's number, the interface, its stations. */
#define _GNU_SOURCE
#include "nl80211.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 16384, REQUEST_MAX = 64, ANSWERS_MAX = 64 };

struct attribute {
    uint16_t type, length;
    const unsigned char *data;
};

/* Takes one attribute from *at on; false at the end, or where the rest is no attribute. */
static bool next_attribute(const unsigned char **at, const unsigned char *end,
                           struct attribute *ret_attribute) {
    struct nlattr head;
    if ((size_t) (end - *at) < sizeof head) {
        return false;
    }
    memcpy(&head, *at, sizeof head);
    if (head.nla_len < NLA_HDRLEN || head.nla_len > end - *at) {
        return false;
    }
    *ret_attribute = (struct attribute){head.nla_type & NLA_TYPE_MASK, (uint16_t) (head.nla_len - NLA_HDRLEN),
                                        *at + NLA_HDRLEN};
    const size_t step = NLA_ALIGN(head.nla_len);
    *at = step < (size_t) (end - *at) ? *at + step : end;
    return true;
}

struct question {
    uint16_t family, flags;
    uint8_t command;
    uint16_t attribute;
    const void *data;
    uint16_t length;
    /* Each answer's attributes. */
    void (*take)(void *user, const struct attribute *attribute);
    void *user;
};

static int send_question(int fd, const struct question *question, uint32_t sequence) {
    const struct genlmsghdr command = {.cmd = question->command, .version = 1};
    const struct nlattr attribute = {.nla_len = (uint16_t) (NLA_HDRLEN + question->length),
                                     .nla_type = question->attribute};
    unsigned char octets[REQUEST_MAX] = {0};
    const struct nlmsghdr head = {.nlmsg_len =
                                      NLMSG_LENGTH(GENL_HDRLEN) + (uint32_t) NLA_ALIGN(attribute.nla_len),
                                  .nlmsg_type = question->family,
                                  .nlmsg_flags = (uint16_t) (NLM_F_REQUEST | question->flags),
                                  .nlmsg_seq = sequence};
    if (head.nlmsg_len > sizeof octets) {
        return -EMSGSIZE;
    }
    memcpy(octets, &head, sizeof head);
    memcpy(octets + NLMSG_HDRLEN, &command, sizeof command);
    memcpy(octets + NLMSG_HDRLEN + GENL_HDRLEN, &attribute, sizeof attribute);
    memcpy(octets + NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN, question->data, question->length);
    return send(fd, octets, head.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* One message: 1 when more follow, 0 at the end, -errno. */
static int take_message(const struct question *question, const struct nlmsghdr *head,
                        const unsigned char *data) {
    const unsigned char *end = data + (head->nlmsg_len - NLMSG_HDRLEN), *at = data + GENL_HDRLEN;
    struct attribute attribute;
    if (head->nlmsg_type == NLMSG_DONE) {
        return 0;
    }
    if (head->nlmsg_type == NLMSG_ERROR) {
        int error = 0;
        if (end - data < (int) sizeof error) {
            return -EBADMSG;
        }
        memcpy(&error, data, sizeof error);
        return error < 0 ? error : 0;
    }
    if (head->nlmsg_type == question->family && at <= end) {
        while (next_attribute(&at, end, &attribute)) {
            question->take(question->user, &attribute);
        }
    }
    return (head->nlmsg_flags & NLM_F_MULTI) != 0 ? 1 : 0;
}

/* One datagram of messages; as take_message(). */
static int take_answer(const struct question *question, const unsigned char *octets, size_t length,
                       uint32_t sequence) {
    struct nlmsghdr head;
    int r = 1;
    while (r > 0 && length >= sizeof head) {
        memcpy(&head, octets, sizeof head);
        if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > length) {
            return -EBADMSG;
        }
        r = head.nlmsg_seq == sequence ? take_message(question, &head, octets + NLMSG_HDRLEN) : 1;
        const size_t step = NLMSG_ALIGN(head.nlmsg_len);
        octets += step < length ? step : length;
        length -= step < length ? step : length;
    }
    return r;
}

static int ask(int fd, const struct question *question, uint32_t sequence) {
    unsigned char octets[ANSWER_MAX];
    int r = send_question(fd, question, sequence);
    r = r == 0 ? 1 : r;
    for (unsigned i = 0; r > 0 && i < ANSWERS_MAX; i++) {
        const ssize_t length = recv(fd, octets, sizeof octets, 0);
        r = length < 0 ? -errno : take_answer(question, octets, (size_t) length, sequence);
    }
    return r > 0 ? -EBADMSG : r;
}

static void take_family(void *user, const struct attribute *attribute) {
    if (attribute->type == CTRL_ATTR_FAMILY_ID && attribute->length == sizeof(uint16_t)) {
        memcpy(user, attribute->data, sizeof(uint16_t));
    }
}

static void take_ssid(void *user, const struct attribute *attribute) {
    struct nl80211_link *link = user;
    if (attribute->type == NL80211_ATTR_SSID && attribute->length <= NL80211_SSID_MAX) {
        memcpy(link->ssid, attribute->data, attribute->length);
        link->ssid[attribute->length] = '\0';
    }
}

/* A station has one station: its access point. */
static void take_station(void *user, const struct attribute *attribute) {
    struct nl80211_link *link = user;
    const unsigned char *mac = attribute->data;
    if (attribute->type == NL80211_ATTR_MAC && attribute->length == 6 && link->bssid[0] == '\0') {
        (void) snprintf(link->bssid, sizeof link->bssid, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                        mac[2], mac[3], mac[4], mac[5]);
    }
}

int nl80211_link(unsigned interface_index, struct nl80211_link *ret_link) {
    static const char name[] = NL80211_GENL_NAME;
    struct nl80211_link link = {.ssid = "", .bssid = ""};
    const uint32_t index = interface_index;
    uint16_t family = 0;
    /* the kernel has answered before send() returns: what is not there then never comes */
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);
    if (fd < 0) {
        return -errno;
    }
    const struct question questions[] = {
        {GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name, sizeof name, take_family, &family},
        {0, 0, NL80211_CMD_GET_INTERFACE, NL80211_ATTR_IFINDEX, &index, sizeof index, take_ssid, &link},
        {0, NLM_F_DUMP, NL80211_CMD_GET_STATION, NL80211_ATTR_IFINDEX, &index, sizeof index, take_station,
         &link},
    };
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < sizeof questions / sizeof questions[0]; i++) {
        struct question question = questions[i];
        if (i > 0) {
            question.family = family;
        }
        r = i > 0 && family == 0 ? -ENOENT : ask(fd, &question, i + 1);
        if (i == 2 && r < 0) {
            r = 0; /* some drivers tell no stations */
        }
    }
    (void) close(fd);
    if (r == 0) {
        *ret_link = link;
        if (link.ssid[0] == '\0') {
            ret_link->bssid[0] = '\0';
        }
    }
    return r;
}
