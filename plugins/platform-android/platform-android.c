/* plugins/platform-android: the action install-firmware as Android's recovery knows it: a command file that
 * tells it what to install at its next start. The restart is ordered by whoever asked. */
#define _GNU_SOURCE
#include <tr069/plugin.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMAND_MAX = 4096 };

struct android {
    const struct tr069_host *host;
};

/* One argument of the recovery a line. -ENOSPC if it does not fit, -EINVAL if a line would be two. */
static int make_command(const struct tr069_host *host, const char *package, char *ret_text, size_t size) {
    const char *folder = host->option_string(host, "package_folder");
    const char *name = strrchr(package, '/');
    bool elsewhere = folder[0] != '\0' && name != NULL;
    int used = snprintf(ret_text, size, "--update_package=%s%s\n", elsewhere ? folder : "",
                        elsewhere ? name : package);
    if (strpbrk(package, "\r\n") != NULL) {
        return -EINVAL;
    }
    const char *const *arguments = host->option_list(host, "recovery_arguments");
    for (; arguments != NULL && *arguments != NULL && used >= 0 && (size_t) used < size; arguments++) {
        int more = snprintf(ret_text + used, size - (size_t) used, "%s\n", *arguments);
        used = more < 0 ? more : used + more;
    }
    return used >= 0 && (size_t) used < size ? 0 : -ENOSPC;
}

static int write_all(int fd, const char *text) {
    for (size_t left = strlen(text); left > 0;) {
        ssize_t put = write(fd, text, left);
        if (put < 0 && errno != EINTR) {
            return -errno;
        }
        text += put > 0 ? put : 0;
        left -= put > 0 ? (size_t) put : 0;
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

/* Whole or not at all: recovery, after a power cut, reads what is there. */
static int write_command(const char *path, const char *text) {
    char folder[COMMAND_MAX], part[COMMAND_MAX + 16];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || strlen(path) >= sizeof folder) {
        return -EINVAL;
    }
    (void) snprintf(folder, sizeof folder, "%.*s/", (int) (slash - path), path);
    (void) snprintf(part, sizeof part, "%s.part", path);
    if (mkdir(folder, 0770) != 0 && errno != EEXIST) {
        return -errno;
    }
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void) unlink(part);
    int fd = directory >= 0 ? open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    int r = fd >= 0 ? write_all(fd, text) : -errno;
    if (fd >= 0 && close(fd) != 0 && r == 0) {
        r = -errno;
    }
    if (r == 0 && rename(part, path) != 0) {
        r = -errno;
    }
    if (r == 0) {
        (void) fsync(directory);
    } else if (fd >= 0) {
        (void) unlink(part);
    }
    if (directory >= 0) {
        (void) close(directory);
    }
    return r;
}

static int install_firmware(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    const struct android *android = ctx;
    const struct tr069_host *host = android->host;
    const char *path = host->option_string(host, "recovery_command");
    char text[COMMAND_MAX];
    if (args[0] == NULL || path[0] == '\0') {
        return -ENOSYS;
    }
    int r = make_command(host, args[0], text, sizeof text);
    r = r == 0 ? write_command(path, text) : r;
    if (r < 0) {
        char why[COMMAND_MAX];
        int length = snprintf(why, sizeof why, "%s: %s", path, strerror(-r));
        done(user, r, why, length > 0 && (size_t) length < sizeof why ? (size_t) length : 0);
        return TR069_OK;
    }
    host->log(host, TR069_NOTICE, "the recovery is told to install %s", args[0]);
    /* to know it again, should the recovery never read it */
    (void) host->state_put(host, "boot", host->boot_id(host));
    (void) host->state_put(host, "command", text);
    done(user, 0, "", 0);
    return TR069_OK;
}

/* A command of an earlier boot that the recovery has not taken is about a file that will be gone: whoever
 * starts the recovery later, to wipe the box perhaps, must not find it. */
static int android_start(void *ctx) {
    const struct android *android = ctx;
    const struct tr069_host *host = android->host;
    const char *boot = host->state_get(host, "boot");
    char text[COMMAND_MAX];
    if (boot == NULL || strcmp(boot, host->boot_id(host)) == 0) {
        return 0;
    }
    const char *path = host->option_string(host, "recovery_command");
    const char *command = host->state_get(host, "command");
    int fd = path[0] != '\0' ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    text[got > 0 ? got : 0] = '\0';
    if (fd >= 0) {
        (void) close(fd);
    }
    if (command != NULL && got > 0 && strcmp(command, text) == 0 && unlink(path) == 0) {
        host->log(host, TR069_WARNING, "the recovery did not take its command; it is taken back");
    }
    (void) host->state_put(host, "boot", NULL);
    (void) host->state_put(host, "command", NULL);
    return 0;
}

static const struct tr069_action actions[] = {{"install-firmware", install_firmware}, {0}};

static const struct tr069_option options[] = {
    {"recovery_command", TR069_OPTION_PATH, "", .help = "what the recovery reads when it starts"},
    {"recovery_arguments", TR069_OPTION_LIST, "", .help = "further lines for it"},
    {"package_folder", TR069_OPTION_STRING, "",
     .help = "the spool's name as the recovery sees it; empty: the same"},
    {0}};

static int android_init(const struct tr069_host *host, void **ret_ctx) {
    struct android *android = calloc(1, sizeof *android);
    if (android == NULL) {
        return -ENOMEM;
    }
    android->host = host;
    *ret_ctx = android;
    return 0;
}

TR069_PLUGIN(.name = "platform-android", .version = "1", .summary = "firmware by Android's recovery",
             .options = options, .actions = actions, .init = android_init, .start = android_start,
             .destroy = free);
