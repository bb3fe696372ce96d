/* core/net/network: the state is known at once, changes are told once they have settled. Real changes are
 * made where the test may make a network namespace of its own; elsewhere it says that it skips them. */
#include <config.h>

#include "net/network.h"

#include "cunit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;
static struct network *network;
static unsigned news, calls;
static bool last;

static void told(void *user, bool up, bool changed) {
    (void) user;
    news++;
    calls += changed ? 1 : 0;
    last = up;
}

static void stop(void *user) {
    (void) user;
    loop_stop(loop);
}

static void run_for(uint64_t ms) {
    (void) loop_timer(loop, ms, stop, NULL, NULL);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
}

static void begin(void) {
    news = calls = 0;
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
    CU_ASSERT_EQUAL_FATAL(network_new(loop, told, NULL, &network), 0);
}

static void end(void) {
    network_free(network);
    loop_free(loop);
}

static void the_state_is_known_at_once(void) {
    begin();
    bool without = network_up(network);
    network_count_loopback(network, true);
    CU_ASSERT_TRUE(network_up(network)); /* the tests need a loopback anyway */
    network_count_loopback(network, false);
    CU_ASSERT_EQUAL(network_up(network), without);
    run_for(20);
    CU_ASSERT_EQUAL(news, 0);
    end();
    network_free(NULL);
}

static void set_flags(const char *name, bool up) {
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void) strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    CU_ASSERT_EQUAL(ioctl(fd, SIOCGIFFLAGS, &request), 0);
    request.ifr_flags = (short) (up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    CU_ASSERT_EQUAL(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    (void) close(fd);
}

static void set_mtu(const char *name, int mtu) {
    struct ifreq request = {.ifr_mtu = mtu};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void) strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    CU_ASSERT_EQUAL(ioctl(fd, SIOCSIFMTU, &request), 0);
    (void) close(fd);
}

static void set_address(const char *name, in_addr_t address) {
    struct ifreq request = {0};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void) strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    memcpy(&request.ifr_addr, &in, sizeof in);
    CU_ASSERT_EQUAL(ioctl(fd, SIOCSIFADDR, &request), 0);
    (void) close(fd);
}

static int make_interface(const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    (void) strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) != 0) {
        (void) close(fd);
        fd = -1;
    }
    return fd;
}

static void changes_are_told_once(void) {
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        (void) printf("no network namespace (%s): skipped ", strerror(errno));
        return;
    }
    begin();
    network_count_loopback(network, true);
    CU_ASSERT_FALSE(network_up(network)); /* a new namespace has its loopback down */
    set_flags("lo", true);
    set_address("lo", htonl(0x7f000002));
    set_address("lo", htonl(0x7f000001));
    run_for(100);
    CU_ASSERT_EQUAL(calls, 0); /* it has to settle */
    run_for(300);
    CU_ASSERT_EQUAL(calls, 1);
    CU_ASSERT_TRUE(last);
    CU_ASSERT_TRUE(network_up(network));
    network_count_loopback(network, false);
    CU_ASSERT_FALSE(network_up(network)); /* a box that sees only itself */
    network_count_loopback(network, true);
    set_flags("lo", false);
    run_for(400);
    CU_ASSERT_EQUAL(calls, 2);
    CU_ASSERT_FALSE(last);
    CU_ASSERT_FALSE(network_up(network));
    run_for(300);
    CU_ASSERT_EQUAL(calls, 2); /* quiet */
    news = 0;
    set_mtu("lo", 9000); /* news, but for those only who want more than an address */
    run_for(400);
    CU_ASSERT_EQUAL(news, 1);
    CU_ASSERT_EQUAL(calls, 2);
    /* An interface that is no loopback. */
    int tun = make_interface("tr0");
    if (tun >= 0) {
        set_flags("tr0", true);
        run_for(400);
        CU_ASSERT_FALSE(network_up(network)); /* at most a link-local IPv6 address */
        set_address("tr0", htonl(0xc0000201));
        run_for(400);
        CU_ASSERT_TRUE(network_up(network));
        network_count_loopback(network, false);
        CU_ASSERT_TRUE(network_up(network));
        set_flags("tr0", false);
        run_for(400);
        CU_ASSERT_FALSE(network_up(network));
        (void) close(tun);
    } else {
        (void) printf("no interface besides the loopback can be made: skipped ");
    }
    end();
}

static CU_TestInfo tests[] = {
    {"the state is known at once", the_state_is_known_at_once},
    {"changes are told once", changes_are_told_once}, /* last: it leaves the network */
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("network", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
