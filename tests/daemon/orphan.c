/* orphan SOCKET: what a kill -9 may leave behind. Who listened there is dead, a child of his still holds the
 * socket; prints the child's process id. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) {
        return 2;
    }
    memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *) (const void *) &address, sizeof address) < 0 ||
        listen(fd, 1) < 0) {
        perror("orphan");
        return 1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void) close(STDOUT_FILENO); /* somebody waits for its end */
        (void) alarm(300);
        (void) pause();
    } else {
        (void) printf("%ld\n", (long) pid);
    }
    (void) close(fd);
    return pid < 0;
}
