/* tr069-ctl: asks a running tr069-client over its control socket. */
#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char usage[] =
    "usage: tr069-ctl [-s SOCKET] COMMAND [ARGUMENT...]\n"
    "\n"
    "  -s, --socket SOCKET   control_socket of the daemon (" RUNDIR "/control)\n"
    "  -h, --help            prints this\n"
    "\n"
    "  tr069-ctl status      the last session, the next one, what is being downloaded\n"
    "  tr069-ctl inform      starts a session now\n"
    "  tr069-ctl get Device.DeviceInfo.\n"
    "  tr069-ctl help        all commands\n"
    "\n"
    "exit codes: 0 done, 1 the daemon refused or does not run, 2 wrong usage\n";

static int open_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *) (const void *) &address, sizeof address) == 0) {
        return fd;
    }
    int error = errno;
    if (fd >= 0) {
        (void) close(fd);
    }
    errno = error;
    return -1;
}

static bool send_all(int fd, const char *text, size_t length) {
    while (length > 0) {
        ssize_t n = send(fd, text, length, MSG_NOSIGNAL);
        if (n < 0) {
            return false;
        }
        text += n;
        length -= (size_t) n;
    }
    return true;
}

/* A command is one line: the daemon would read half of it. */
static bool is_one_line(char **words, int count) {
    for (int i = 0; i < count; i++) {
        if (strpbrk(words[i], "\r\n") != NULL) {
            return false;
        }
    }
    return true;
}

static bool ask(int fd, char **words, int count) {
    for (int i = 0; i < count; i++) {
        if (!send_all(fd, words[i], strlen(words[i])) || !send_all(fd, i + 1 < count ? " " : "\n", 1)) {
            return false;
        }
    }
    return true;
}

/* Prints the lines; the last one decides. */
static int print_answer(int fd) {
    FILE *stream = fdopen(fd, "r");
    char *line = NULL;
    size_t size = 0;
    int code = 1;
    bool answered = false;
    while (stream != NULL && getline(&line, &size, stream) > 0) {
        answered = true;
        if (strcmp(line, "ok\n") == 0) {
            code = 0;
        } else if (strncmp(line, "error: ", 7) == 0) {
            (void) fprintf(stderr, "tr069-ctl: %s", line + 7);
        } else {
            (void) fputs(line, stdout);
        }
    }
    if (!answered) {
        (void) fputs("tr069-ctl: tr069-client gave no answer: it is busy with others, or ended\n", stderr);
    }
    free(line);
    if (stream != NULL) {
        (void) fclose(stream);
    }
    return code;
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *path = RUNDIR "/control";
    for (int c = 0; (c = getopt_long(argc, argv, "+s:h", options, NULL)) != -1;) {
        if (c == 'h') {
            (void) fputs(usage, stdout);
            return 0;
        }
        if (c != 's') {
            (void) fputs(usage, stderr);
            return 2;
        }
        path = optarg;
    }
    if (optind == argc) {
        (void) fputs(usage, stderr);
        return 2;
    }
    if (!is_one_line(argv + optind, argc - optind)) {
        (void) fputs("tr069-ctl: an argument holds a line break; a command is one line\n", stderr);
        return 2;
    }
    int fd = open_socket(path);
    if (fd < 0 || !ask(fd, argv + optind, argc - optind)) {
        (void) fprintf(stderr, "tr069-ctl: %s: %s (%s)\n", path, strerror(errno),
                       errno == EACCES ? "its user and root may" : "does tr069-client run?");
        return 1;
    }
    return print_answer(fd);
}
