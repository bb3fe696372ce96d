/* Giving up root. */
#include <config.h>

#include "agent/user.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct identity {
    const char *name; /* for initgroups(); NULL: a number that no account has */
    uid_t uid;
    gid_t gid;
};

static int complain(const struct config *config, const char *option, const char *what, char *ret_error,
                    size_t error_size) {
    (void) snprintf(ret_error, error_size, "%s: %s = \"%s\": %s", settings_origin(config->settings, option),
                    option, config_string(config, option), what);
    return -EINVAL;
}

static int find_group(const struct config *config, gid_t *ret_gid, char *ret_error, size_t error_size) {
    const char *name = config_string(config, "group");
    const struct group *group = getgrnam(name);
    uint64_t number = 0;
    if (group == NULL && text_parse_uint(name, UINT32_MAX - 1, &number) < 0) {
        return complain(config, "group", "there is no such group", ret_error, error_size);
    }
    *ret_gid = group != NULL ? group->gr_gid : (gid_t) number;
    return 0;
}

static int find_user(const struct config *config, struct identity *ret_identity, char *ret_error,
                     size_t error_size) {
    const char *name = config_string(config, "user");
    const struct passwd *user = getpwnam(name);
    uint64_t number = 0;
    if (user == NULL) {
        if (text_parse_uint(name, UINT32_MAX - 1, &number) < 0) {
            return complain(config, "user", "there is no such user", ret_error, error_size);
        }
        user = getpwuid((uid_t) number);
    }
    *ret_identity =
        (struct identity){user != NULL ? user->pw_name : NULL, user != NULL ? user->pw_uid : (uid_t) number,
                          user != NULL ? user->pw_gid : (gid_t) -1};
    if (config_string(config, "group")[0] != '\0') {
        return find_group(config, &ret_identity->gid, ret_error, error_size);
    }
    return user != NULL ? 0
                        : complain(config, "user", "no account has this number: say which group", ret_error,
                                   error_size);
}

/* What is there already belongs to whom it belongs; only a directory made here is given away. */
static int make_directory(const struct config *config, const char *option, const char *path,
                          const struct identity *identity, char *ret_error, size_t error_size) {
    int fd = -1, r = 0;
    if (mkdir(path, 0700) < 0) {
        if (errno == EEXIST) {
            return 0;
        }
        r = -errno;
    } else {
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        r = fd < 0 || fchown(fd, identity->uid, identity->gid) < 0 ? -errno : 0;
    }
    if (fd >= 0) {
        (void) close(fd);
    }
    if (r < 0) {
        (void) snprintf(ret_error, error_size, "%s: %s: %s: %s", settings_origin(config->settings, option),
                        option, path, strerror(-r));
    }
    return r;
}

static int make_directories(const struct config *config, const struct identity *identity, char *ret_error,
                            size_t error_size) {
    static const char *const needed[] = {"state_dir", "spool_dir"};
    char path[PATH_MAX];
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof needed / sizeof needed[0]; i++) {
        r = make_directory(config, needed[i], config_path(config, needed[i]), identity, ret_error,
                           error_size);
    }
    if (r == 0 && text_parent(path, sizeof path, config_path(config, "control_socket"))) {
        /* the client works without, and says then why tr069-ctl does not */
        (void) make_directory(config, "control_socket", path, identity, ret_error, error_size);
    }
    return r;
}

static int change(const struct identity *identity) {
    int r = identity->name != NULL ? initgroups(identity->name, identity->gid) : setgroups(1, &identity->gid);
    if (r < 0 || setresgid(identity->gid, identity->gid, identity->gid) < 0 ||
        setresuid(identity->uid, identity->uid, identity->uid) < 0) {
        return -errno;
    }
    /* a kernel or a container that only seems to obey would leave everything open */
    return identity->uid != 0 && (setuid(0) == 0 || seteuid(0) == 0) ? -EPERM : 0;
}

int user_become(const struct config *config, bool prepare, bool *ret_changed, char *ret_error,
                size_t error_size) {
    struct identity identity = {.gid = (gid_t) -1};
    *ret_changed = false;
    if (config_string(config, "user")[0] == '\0') {
        return config_string(config, "group")[0] == '\0'
                   ? 0
                   : complain(config, "group", "means nothing without user", ret_error, error_size);
    }
    int r = find_user(config, &identity, ret_error, error_size);
    if (r < 0 || (geteuid() == identity.uid && getuid() == identity.uid)) {
        return r;
    }
    if (geteuid() != 0) {
        return complain(config, "user", "only root can become another user", ret_error, error_size);
    }
    r = prepare ? make_directories(config, &identity, ret_error, error_size) : 0;
    if (r == 0) {
        r = change(&identity);
        if (r < 0) {
            (void) complain(config, "user", strerror(-r), ret_error, error_size);
        }
    }
    *ret_changed = r == 0;
    return r;
}
