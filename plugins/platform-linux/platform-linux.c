/* plugins/platform-linux: actions of the platform as programs: each one is an argv of the option file. */
#define _POSIX_C_SOURCE 200809L
#include <tr069/plugin.h>

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { ARGV_MAX = 64 };

struct platform {
    const struct tr069_host *host;
    struct step *steps;
};

/* An action under way. The client cancels its program when the plugin stops, without a word. */
struct step {
    struct step *next;
    struct platform *platform;
    const char *option;
    tr069_action_done *done;
    void *user;
};

static void step_ended(void *user, int result, const char *output, size_t length) {
    struct step *step = user;
    const struct tr069_host *host = step->platform->host;
    struct step **link = &step->platform->steps;
    while (*link != step) {
        link = &(*link)->next;
    }
    *link = step->next;
    if (result > 0) {
        host->log(host, TR069_WARNING, "the program of %s ended with status %d", step->option, result);
    }
    step->done(step->user, result > 0 ? -EIO : result, output, length);
    free(step);
}

/* The argv of the option, then the caller's arguments. */
static int run_within(struct platform *platform, const char *option, const char *deadline,
                      const char *const *args, tr069_action_done *done, void *user) {
    const struct tr069_host *host = platform->host;
    const char *argv[ARGV_MAX + 1] = {NULL};
    size_t count = 0;
    const char *const *configured = host->option_list(host, option);
    if (configured == NULL || configured[0] == NULL) {
        return -ENOSYS;
    }
    for (; *configured != NULL && count < ARGV_MAX; configured++) {
        argv[count++] = *configured;
    }
    for (; args != NULL && *args != NULL && count < ARGV_MAX; args++) {
        argv[count++] = *args;
    }
    if (*configured != NULL || (args != NULL && *args != NULL)) {
        return -E2BIG;
    }
    struct step *step = calloc(1, sizeof *step);
    if (step == NULL) {
        return -ENOMEM;
    }
    *step = (struct step){platform->steps, platform, option, done, user};
    const struct tr069_run order = {.argv = argv,
                                    .deadline_ms = (uint32_t) host->option_int(host, deadline) * 1000,
                                    .output_max = (size_t) host->option_int(host, "output_max"),
                                    .keep_tail = true,
                                    .merge_stderr = strcmp(option, "install_firmware") == 0,
                                    .background = strncmp(option, "device_log", 10) == 0};
    int r = host->run(host, &order, step_ended, step, NULL);
    if (r < 0) {
        host->log(host, TR069_WARNING, "%s could not be started: %s", argv[0], strerror(-r));
        free(step);
    } else {
        platform->steps = step;
    }
    /* -ENOSYS is for what is not configured; a program that is missing is another matter */
    return r == -ENOSYS ? -ENOEXEC : r;
}

static int run(struct platform *platform, const char *option, const char *const *args,
               tr069_action_done *done, void *user) {
    return run_within(platform, option, "deadline", args, done, user);
}

static int run_reboot(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "reboot", args, done, user);
}
static int run_factory_reset(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "factory_reset", args, done, user);
}
static int run_device_log(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "device_log", args, done, user);
}
static int run_device_log_2(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "device_log_2", args, done, user);
}
static int run_device_log_3(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "device_log_3", args, done, user);
}
static int run_ntp(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "ntp", args, done, user);
}
static int run_port(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "connection_request_port", args, done, user);
}
static int run_install_firmware(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run_within(ctx, "install_firmware", "install_deadline", args, done, user);
}
static int run_idle(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run(ctx, "idle", args, done, user);
}
static int run_confirm(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return run_within(ctx, "confirm", "confirm_deadline", args, done, user);
}

static const struct tr069_action actions[] = {{"reboot", run_reboot},
                                              {"factory-reset", run_factory_reset},
                                              {"device-log", run_device_log},
                                              {"device-log-2", run_device_log_2},
                                              {"device-log-3", run_device_log_3},
                                              {"ntp", run_ntp},
                                              {"connection-request-port", run_port},
                                              {"install-firmware", run_install_firmware},
                                              {"idle", run_idle},
                                              {"confirm", run_confirm},
                                              {0}};

static const struct tr069_option options[] = {
    {"reboot", TR069_OPTION_LIST, "/sbin/reboot", .help = "restarts the box"},
    {"factory_reset", TR069_OPTION_LIST, "/sbin/reboot",
     .help = "erases the box's own settings, restarts it"},
    {"device_log", TR069_OPTION_LIST, "journalctl --quiet --no-pager --priority=warning --lines=400",
     .help = "prints warnings and errors of the system, the newest last"},
    {"device_log_2", TR069_OPTION_LIST, "", .help = "another log of the system, shown behind it"},
    {"device_log_3", TR069_OPTION_LIST, "", .help = "a third one"},
    {"ntp", TR069_OPTION_LIST, "", .help = "gets: true or false, the zone, NTP servers"},
    {"idle", TR069_OPTION_LIST, "", .help = "ends with 0 if nobody would mind an interruption now"},
    {"confirm", TR069_OPTION_LIST, "", .help = "gets: a message for the user, the file type; 0 is a yes"},
    {"confirm_deadline", TR069_OPTION_INT, "3600", 1, 86400, .help = "seconds that the user may take"},
    {"connection_request_port", TR069_OPTION_LIST, "",
     .help = "gets: open or close, the port, the address: for a firewall"},
    {"install_firmware", TR069_OPTION_LIST, "", .help = "installs firmware; gets the path of the image"},
    {"install_deadline", TR069_OPTION_INT, "1800", 1, 86400,
     .help = "seconds that install_firmware may take"},
    {"deadline", TR069_OPTION_INT, "30", 1, 3600, .help = "seconds that a program may take"},
    {"output_max", TR069_OPTION_INT, "131072", 1024, 1048576, .help = "octets of output that are kept"},
    {0}};

/* As host->run looks for it, by the PATH of who asks. */
static bool is_there(const char *program) {
    const char *folder = getenv("PATH");
    bool found = strchr(program, '/') != NULL && access(program, X_OK) == 0;
    while (!found && folder != NULL && strchr(program, '/') == NULL) {
        char path[PATH_MAX];
        const size_t length = strcspn(folder, ":");
        found = snprintf(path, sizeof path, "%.*s/%s", (int) length, folder, program) < (int) sizeof path &&
                access(path, X_OK) == 0;
        folder = folder[length] == ':' ? folder + length + 1 : NULL;
    }
    return found;
}

/* A box may live without a log; that it can do something is said before the ACS asks for it. */
static void platform_check(const struct tr069_host *host) {
    for (const struct tr069_option *option = options; option->name != NULL; option++) {
        const char *const *argv =
            option->type == TR069_OPTION_LIST ? host->option_list(host, option->name) : NULL;
        if (argv != NULL && argv[0] != NULL && !is_there(argv[0])) {
            host->log(host, TR069_WARNING, "%s: there is no program %s", option->name, argv[0]);
        }
    }
}

static int platform_init(const struct tr069_host *host, void **ret_ctx) {
    struct platform *platform = calloc(1, sizeof *platform);
    if (platform == NULL) {
        return -ENOMEM;
    }
    platform->host = host;
    *ret_ctx = platform;
    return 0;
}

static void platform_destroy(void *ctx) {
    struct platform *platform = ctx;
    while (platform != NULL && platform->steps != NULL) {
        struct step *step = platform->steps;
        platform->steps = step->next;
        free(step);
    }
    free(platform);
}

TR069_PLUGIN(.name = "platform-linux", .version = "1", .summary = "actions of the platform as programs",
             .options = options, .actions = actions, .init = platform_init, .destroy = platform_destroy,
             .check = platform_check);
