/* A kernel with a radio, for tests: socket() and send() as they behave with nl80211. Linked to a test, or
 * loaded into the real client by LD_PRELOAD. It is a station of the network whose name is in the file
 * $FAKE_RADIO_SSID (empty: connected to nothing), with the access point 02:00:5e:10:00:ff. Other sockets are
 * the system's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { FAMILY = 28 };

static int ours = -1, kernel = -1;

typedef int socket_function(int, int, int);
typedef ssize_t send_function(int, const void *, size_t, int);

static void real(const char *name, void *ret_function, size_t size) {
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(ret_function, &found, size);
}

EXPORT int socket(int domain, int type, int protocol) {
    socket_function *real_socket;
    int pair[2];
    real("socket", &real_socket, sizeof real_socket);
    if (domain != AF_NETLINK || protocol != NETLINK_GENERIC ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        return real_socket(domain, type, protocol);
    }
    if (kernel >= 0) {
        (void) close(kernel);
    }
    kernel = pair[0];
    ours = pair[1];
    return ours;
}

struct answer {
    unsigned char octets[512];
    size_t length;
};

static void put(struct answer *answer, uint16_t type, const void *data, size_t length) {
    const struct nlattr head = {.nla_len = (uint16_t) (NLA_HDRLEN + length), .nla_type = type};
    memcpy(answer->octets + answer->length, &head, sizeof head);
    memcpy(answer->octets + answer->length + NLA_HDRLEN, data, length);
    answer->length += NLA_ALIGN(head.nla_len);
}

static void say(const struct nlmsghdr *asked, uint16_t type, uint16_t flags, struct answer *answer) {
    send_function *real_send;
    real("send", &real_send, sizeof real_send);
    const struct nlmsghdr head = {.nlmsg_len = (uint32_t) answer->length,
                                  .nlmsg_type = type,
                                  .nlmsg_flags = flags,
                                  .nlmsg_seq = asked->nlmsg_seq};
    memcpy(answer->octets, &head, sizeof head);
    (void) real_send(kernel, answer->octets, answer->length, 0);
}

static void begin(struct answer *answer, uint8_t command) {
    const struct genlmsghdr head = {.cmd = command, .version = 1};
    *answer = (struct answer){.length = NLMSG_LENGTH(GENL_HDRLEN)};
    memcpy(answer->octets + NLMSG_HDRLEN, &head, sizeof head);
}

static size_t read_ssid(char *ssid, size_t size) {
    const char *path = getenv("FAKE_RADIO_SSID");
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    size_t length = file != NULL ? fread(ssid, 1, size, file) : 0;
    if (file != NULL) {
        (void) fclose(file);
    }
    return length;
}

static void refuse(const struct nlmsghdr *asked, int error) {
    struct answer answer = {.length = NLMSG_LENGTH(sizeof(struct nlmsgerr))};
    memcpy(answer.octets + NLMSG_HDRLEN, &error, sizeof error);
    say(asked, NLMSG_ERROR, 0, &answer);
}

static void tell_family(const struct nlmsghdr *asked, const char *name) {
    const uint16_t family = FAMILY;
    struct answer answer;
    if (strcmp(name, NL80211_GENL_NAME) != 0 || getenv("FAKE_RADIO_SSID") == NULL) {
        refuse(asked, -ENOENT);
        return;
    }
    begin(&answer, CTRL_CMD_NEWFAMILY);
    put(&answer, CTRL_ATTR_FAMILY_NAME, NL80211_GENL_NAME, sizeof NL80211_GENL_NAME);
    put(&answer, CTRL_ATTR_FAMILY_ID, &family, sizeof family);
    say(asked, GENL_ID_CTRL, 0, &answer);
}

static void tell_interface(const struct nlmsghdr *asked, uint32_t index) {
    char ssid[32];
    const size_t length = read_ssid(ssid, sizeof ssid);
    const uint32_t station = NL80211_IFTYPE_STATION;
    struct answer answer;
    if (index == 0) {
        refuse(asked, -ENODEV);
        return;
    }
    begin(&answer, NL80211_CMD_NEW_INTERFACE);
    put(&answer, NL80211_ATTR_IFINDEX, &index, sizeof index);
    put(&answer, NL80211_ATTR_IFNAME, "wlan0", 6);
    put(&answer, NL80211_ATTR_IFTYPE, &station, sizeof station);
    if (length > 0) {
        put(&answer, NL80211_ATTR_SSID, ssid, length);
    }
    say(asked, FAMILY, 0, &answer);
}

/* A dump: a datagram for the station, another one for the end. */
static void tell_stations(const struct nlmsghdr *asked) {
    static const unsigned char access_point[6] = {0x02, 0x00, 0x5e, 0x10, 0x00, 0xff};
    const int none = 0;
    char ssid[32];
    struct answer answer;
    if (read_ssid(ssid, sizeof ssid) > 0) {
        begin(&answer, NL80211_CMD_NEW_STATION);
        put(&answer, NL80211_ATTR_MAC, access_point, sizeof access_point);
        say(asked, FAMILY, NLM_F_MULTI, &answer);
    }
    answer = (struct answer){.length = NLMSG_LENGTH(sizeof none)};
    say(asked, NLMSG_DONE, NLM_F_MULTI, &answer);
}

EXPORT ssize_t send(int fd, const void *data, size_t length, int flags) {
    struct nlmsghdr head;
    struct genlmsghdr command;
    unsigned char value[64] = {0};
    send_function *real_send;
    real("send", &real_send, sizeof real_send);
    if (fd != ours || fd < 0 || length < NLMSG_LENGTH(GENL_HDRLEN) + NLA_HDRLEN) {
        return real_send(fd, data, length, flags);
    }
    const char *octets = data;
    const size_t rest = length - NLMSG_LENGTH(GENL_HDRLEN) - NLA_HDRLEN;
    memcpy(&head, octets, sizeof head);
    memcpy(&command, octets + NLMSG_HDRLEN, sizeof command);
    memcpy(value, octets + length - rest, rest < sizeof value ? rest : sizeof value - 1);
    uint32_t index;
    memcpy(&index, value, sizeof index);
    if (head.nlmsg_len != length || (head.nlmsg_flags & NLM_F_REQUEST) == 0) {
        errno = EINVAL;
        return -1;
    }
    if (head.nlmsg_type == GENL_ID_CTRL && command.cmd == CTRL_CMD_GETFAMILY) {
        tell_family(&head, (const char *) value);
    } else if (head.nlmsg_type == FAMILY && command.cmd == NL80211_CMD_GET_INTERFACE) {
        tell_interface(&head, index);
    } else if (head.nlmsg_type == FAMILY && command.cmd == NL80211_CMD_GET_STATION &&
               (head.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) {
        tell_stations(&head);
    } else {
        refuse(&head, -EOPNOTSUPP);
    }
    return (ssize_t) length;
}
