/* udp: keeps the datagrams that come to it.
 *   udp DIRECTORY   listens on loopback, prints the port; each datagram is a file DIRECTORY/1, 2, ... Ends by
 * a signal. */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    static char data[65536];
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
