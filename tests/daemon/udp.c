/* udp: keeps the datagrams that come to it, or sends one and waits for the answer.
 *   udp DIRECTORY   listens on loopback, prints the port; each datagram is a file DIRECTORY/1, 2, ... Ends by
 * a signal.
 *   udp FROM PORT MS HEX   sends these octets from the address FROM to loopback, and prints the answer in
 * hex, or `none` after MS milliseconds. */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static unsigned char data[65536];

static int ask(char **argv) {
    struct sockaddr_in from = {.sin_family = AF_INET};
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t) strtoul(argv[2], NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct pollfd wait = {.fd = socket(AF_INET, SOCK_DGRAM, 0), .events = POLLIN};
    size_t length = strlen(argv[4]) / 2;
    for (size_t i = 0; i < length; i++) {
        const char digits[3] = {argv[4][2 * i], argv[4][2 * i + 1], '\0'};
        data[i] = (unsigned char) strtoul(digits, NULL, 16);
    }
    if (inet_pton(AF_INET, argv[1], &from.sin_addr) != 1 || wait.fd < 0 ||
        bind(wait.fd, (const struct sockaddr *) &from, sizeof from) < 0 ||
        sendto(wait.fd, data, length, 0, (const struct sockaddr *) &to, sizeof to) < 0) {
        perror("udp");
        return 1;
    }
    if (poll(&wait, 1, (int) strtoul(argv[3], NULL, 10)) <= 0) {
        (void) puts("none");
        return 0;
    }
    const ssize_t got = recv(wait.fd, data, sizeof data, 0);
    for (ssize_t i = 0; i < got; i++) {
        (void) printf("%02x", data[i]);
    }
    (void) puts(got < 0 ? "none" : "");
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 5) {
        return ask(argv);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (argc != 2 || fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) < 0 ||
        getsockname(fd, (struct sockaddr *) &address, &length) < 0) {
        perror("udp");
        return 1;
    }
    (void) printf("%u\n", ntohs(address.sin_port));
    (void) fflush(stdout);
    for (unsigned number = 1;; number++) {
        char path[1024], ready[1024];
        const ssize_t got = recv(fd, data, sizeof data, 0);
        (void) snprintf(path, sizeof path, "%s/part", argv[1]);
        (void) snprintf(ready, sizeof ready, "%s/%u", argv[1], number);
        FILE *file = got >= 0 ? fopen(path, "w") : NULL;
        if (file == NULL || fwrite(data, 1, (size_t) got, file) != (size_t) got || fclose(file) != 0 ||
            rename(path, ready) != 0) {
            perror("udp");
            return 1;
        }
    }
}
