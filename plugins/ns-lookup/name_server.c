/* name_server: answers by answers.h at a port of loopback, which it prints first. For tests; ends by a
 * signal. */
#include "ns-lookup/answers.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    union {
        struct sockaddr_in ipv4;
        struct sockaddr any;
    } at = {.ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at.ipv4;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, &at.any, size) < 0 || getsockname(fd, &at.any, &size) < 0) {
        perror("name_server");
        return 1;
    }
    printf("%u\n", ntohs(at.ipv4.sin_port));
    (void) fflush(stdout);
    for (;;) {
        uint8_t question[512], answer[2048];
        size = sizeof at.ipv4;
        ssize_t length = recvfrom(fd, question, sizeof question, 0, &at.any, &size);
        size_t wanted = length > 0 ? answer_to(question, (size_t) length, answer, sizeof answer) : 0;
        if (wanted > 0) {
            (void) !sendto(fd, answer, wanted, 0, &at.any, size);
        }
    }
}
