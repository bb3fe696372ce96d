/* plugins/download: the RPC Download, and files of all kinds into the Download folder.
 *
 * A file arrives whole or not at all: under a temporary name in the folder, synced, then renamed over
 * what was there. What the ACS says about its name is a suggestion: it can name a file in the folder,
 * and nothing else. Firmware is a plugin of its own. */
#define _GNU_SOURCE
#include <tr069/plugin.h>
#include <tr069/utf8.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FILE_NAME_MAX = 255 };

/* One file is placed at a time, so one temporary name is enough, and what a power cut left under it goes with
 * the next file. Its leading dot keeps it out of reach of the ACS. */
static const char part_name[] = ".tr069-client.part";

struct download {
    const struct tr069_host *host;
    mode_t mode;
    uid_t owner; /* -1: as it is */
    gid_t group;
};

/* ---- The RPC ----------------------------------------------------------------------------------- */

enum { COMMAND_KEY, FILE_TYPE, URL, USERNAME, PASSWORD, FILE_SIZE, TARGET, DELAY };

static int download_call(const struct tr069_call *call) {
    const struct tr069_value *args = call->args;
    const struct tr069_transfer transfer = {.method = "Download",
                                            .command_key = args[COMMAND_KEY].as.string,
                                            .file_type = args[FILE_TYPE].as.string,
                                            .url = args[URL].as.string,
                                            .username = args[USERNAME].as.string,
                                            .password = args[PASSWORD].as.string,
                                            .target_name = args[TARGET].as.string,
                                            .file_size = args[FILE_SIZE].as.number,
                                            .delay_s = (uint32_t) args[DELAY].as.number};
    int r = call->host->transfer(call->host, &transfer, call->fault);
    return r == TR069_OK ? tr069_reply_not_done(call) : r;
}

static const struct tr069_arg args[] = {
    [COMMAND_KEY] = {"CommandKey", TR069_STRING, .max_length = TR069_COMMAND_KEY_MAX},
    [FILE_TYPE] = {"FileType", TR069_STRING, .max_length = 64},
    [URL] = {"URL", TR069_STRING, .max_length = 256},
    [USERNAME] = {"Username", TR069_STRING, .max_length = 256},
    [PASSWORD] = {"Password", TR069_STRING, .max_length = 256},
    [FILE_SIZE] = {"FileSize", TR069_UINT},
    [TARGET] = {"TargetFileName", TR069_STRING, .max_length = 256},
    [DELAY] = {"DelaySeconds", TR069_UINT},
    {"SuccessURL", TR069_STRING, TR069_OPTIONAL, .max_length = 256}, /* for browsers: there is none */
    {"FailureURL", TR069_STRING, TR069_OPTIONAL, .max_length = 256},
    {0}};
static const struct tr069_rpc rpcs[] = {{"Download", args, .call = download_call}, {0}};

/* ---- The name of the file ---------------------------------------------------------------------- */

static int digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The last component of the URL's path, percent-decoded once. Empty when there is none. */
static void name_of_url(const char *url, char *ret_name, size_t size) {
    const char *path = strstr(url, "://");
    path = path != NULL ? path + 3 : url;
    const char *end = path + strcspn(path, "?#");
    const char *slash = memrchr(path, '/', (size_t) (end - path));
    size_t used = 0;
    for (const char *at = slash != NULL ? slash + 1 : end; at < end && used + 1 < size; at++) {
        bool escaped = *at == '%' && end - at > 2 && digit(at[1]) >= 0 && digit(at[2]) >= 0;
        ret_name[used++] = (char) (escaped ? digit(at[1]) * 16 + digit(at[2]) : *at);
        at += escaped ? 2 : 0;
        if (ret_name[used - 1] == '\0') { /* %00 would end the name early */
            ret_name[used - 1] = '\n';
        }
    }
    ret_name[used] = '\0';
}

/* A plain name of a visible file, in UTF-8: the rules hold for what is left after decoding. */
static bool is_plain(const char *name) {
    size_t length = strlen(name), size;
    for (const char *at = name; *at != '\0'; at += size) {
        unsigned char octet = (unsigned char) *at;
        size = tr069_utf8(at, length - (size_t) (at - name));
        bool c1 = size == 2 && octet == 0xc2 && (unsigned char) at[1] < 0xa0;
        if (size == 0 || c1 || octet < 0x20 || octet == 0x7f || octet == '/' || octet == '\\') {
            return false;
        }
    }
    return length > 0 && length <= FILE_NAME_MAX && name[0] != '.';
}

/* TargetFileName if there is one, else the URL's. *ret_name has room for 257 octets. */
static int choose_name(const struct tr069_transfer *transfer, char *ret_name, size_t size,
                       struct tr069_fault *fault) {
    bool named = transfer->target_name != NULL && transfer->target_name[0] != '\0';
    if (named) {
        (void) snprintf(ret_name, size, "%s", transfer->target_name);
    } else {
        name_of_url(transfer->url, ret_name, size);
    }
    if (!is_plain(ret_name)) {
        return tr069_fault(
            fault, TR069_INVALID_ARGUMENTS,
            "%s: the file must have a plain name in UTF-8: no slash, no leading dot, no control character, "
            "at most %d octets",
            named ? "TargetFileName" : "no TargetFileName, and the URL's last part", FILE_NAME_MAX);
    }
    return TR069_OK;
}

static int accept_file(void *ctx, const struct tr069_transfer *transfer, struct tr069_fault *fault) {
    const struct download *download = ctx;
    const char *folder = download->host->option_string(download->host, "folder");
    char name[257];
    struct statvfs room;
    int r = choose_name(transfer, name, sizeof name, fault);
    if (r == TR069_OK && statvfs(folder, &room) == 0 && room.f_frsize > 0 &&
        transfer->file_size / room.f_frsize >= (uint64_t) room.f_bavail && transfer->file_size > 0) {
        return tr069_fault(fault, TR069_RESOURCES_EXCEEDED, "the Download folder has no room for %llu octets",
                           (unsigned long long) transfer->file_size);
    }
    return r;
}

/* ---- Into the folder, on a worker thread: a copy may take long --------------------------------- */

struct placing {
    const struct tr069_install *install;
    char *folder, *path;
    char name[257];
    mode_t mode;
    uid_t owner;
    gid_t group;
    int result;
    const char *step; /* what failed */
};

static int copy(int from, int to) {
    char buffer[65536];
    for (;;) {
        ssize_t got = read(from, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : 0;
        }
        for (ssize_t put = 0; put < got;) {
            ssize_t n = write(to, buffer + put, (size_t) (got - put));
            if (n < 0 && errno != EINTR) {
                return -errno;
            }
            put += n > 0 ? n : 0;
        }
    }
}

/* A file system that is filled to the brim on the way to a failure would hurt others for nothing. */
static bool has_room(int from, int folder) {
    struct stat file;
    struct statvfs room;
    return fstat(from, &file) < 0 || fstatvfs(folder, &room) < 0 || room.f_frsize == 0 ||
           (uint64_t) file.st_size / room.f_frsize < (uint64_t) room.f_bavail;
}

/* A second link to the fetched file, which stays where it is until the transfer is done: should the
 * power fail, all of this is simply done again. Where links cannot be made, a copy. */
static int make_part(struct placing *placing, int folder, int *ret_fd) {
    int r = 0, from = open(placing->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), to;
    if (from < 0) {
        return -errno;
    }
    (void) unlinkat(folder, part_name, 0);
    if (linkat(AT_FDCWD, placing->path, folder, part_name, 0) == 0) {
        *ret_fd = from;
        return 0;
    }
    r = has_room(from, folder) ? 0 : -ENOSPC;
    to = r == 0 ? openat(folder, part_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    r = r == 0 && to < 0 ? -errno : r;
    r = r == 0 ? copy(from, to) : r;
    (void) close(from);
    if (r == 0) {
        *ret_fd = to;
    } else if (to >= 0) {
        (void) close(to);
    }
    return r;
}

static int failed(struct placing *placing, const char *step) {
    int error = errno;
    placing->step = step;
    return -error;
}

static int place_in(struct placing *placing, int folder) {
    int fd = -1, r = make_part(placing, folder, &fd);
    placing->step = "writing the file";
    if (r < 0) {
        return r;
    }
    bool owned = placing->owner == (uid_t) -1 && placing->group == (gid_t) -1;
    if (!owned && fchown(fd, placing->owner, placing->group) < 0) {
        r = failed(placing, "setting its owner");
    } else if (fchmod(fd, placing->mode) < 0) {
        r = failed(placing, "setting its mode");
    } else if (fsync(fd) < 0) {
        r = failed(placing, "writing the file");
    } else if (renameat(folder, part_name, folder, placing->name) < 0) {
        r = failed(placing, "renaming the file");
    } else if (fsync(folder) < 0) {
        r = failed(placing, "writing the folder");
    }
    (void) close(fd);
    return r;
}

/* The folder itself: what is a link there may have been put by somebody else. */
static int open_folder(const char *path) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0 && errno == ENOENT && mkdir(path, 0755) == 0) {
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        (void) fchmod(folder, 0755); /* the client's umask is tight, but these files are for others */
        int parent = folder >= 0 ? openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (parent >= 0) { /* a folder that a power cut takes away takes the file along */
            (void) fsync(parent);
            (void) close(parent);
        }
    }
    return folder;
}

static void place(void *user) {
    struct placing *placing = user;
    struct stat status;
    int folder = open_folder(placing->folder);
    if (folder < 0) {
        placing->result = failed(placing, "opening the Download folder");
        if (lstat(placing->folder, &status) == 0 && S_ISLNK(status.st_mode)) {
            placing->step = "opening the Download folder, which is a symbolic link,";
        }
        return;
    }
    placing->result = place_in(placing, folder);
    /* also after success: a rename of two links to one file (see make_part) leaves both */
    (void) unlinkat(folder, part_name, 0);
    (void) close(folder);
}

static void placing_free(struct placing *placing) {
    if (placing != NULL) {
        free(placing->folder);
        free(placing->path);
        free(placing);
    }
}

static void placed(void *user) {
    struct placing *placing = user;
    const struct tr069_install *install = placing->install;
    int verdict = TR069_OK;
    if (placing->result < 0) {
        verdict = tr069_fault(install->fault, TR069_DOWNLOAD_FAILURE, "%s failed: %s", placing->step,
                              strerror(-placing->result));
    } else {
        install->host->log(install->host, TR069_NOTICE, "%s is in the Download folder", placing->name);
    }
    placing_free(placing);
    install->host->installed(install, verdict);
}

static int install_file(const struct tr069_install *install) {
    const struct download *download = install->ctx;
    struct placing *placing = calloc(1, sizeof *placing);
    int r = placing != NULL
                ? choose_name(install->transfer, placing->name, sizeof placing->name, install->fault)
                : -ENOMEM;
    if (r != TR069_OK) {
        placing_free(placing);
        return r;
    }
    placing->install = install;
    placing->folder = strdup(install->host->option_string(install->host, "folder"));
    placing->path = strdup(install->path);
    placing->mode = download->mode;
    placing->owner = download->owner;
    placing->group = download->group;
    r = placing->folder != NULL && placing->path != NULL
            ? install->host->job(install->host, place, placed, placing)
            : -ENOMEM;
    if (r < 0) {
        placing_free(placing);
        return r;
    }
    return TR069_DEFERRED;
}

static int refuse_firmware(void *ctx, const struct tr069_transfer *transfer, struct tr069_fault *fault) {
    (void) ctx;
    return tr069_fault(fault, TR069_REQUEST_DENIED,
                       "FileType \"%s\": this box has no plugin that installs firmware", transfer->file_type);
}

/* A plugin for firmware declares the exact type, and so goes before the "1 ..." here. */
static const struct tr069_file files[] = {{"1 Firmware *", .accept = refuse_firmware},
                                          {"2 Web Content", accept_file, install_file},
                                          {"3 Vendor Configuration File", accept_file, install_file},
                                          {"4 Tone File", accept_file, install_file},
                                          {"5 Ringer File", accept_file, install_file},
                                          {"X *", accept_file, install_file},
                                          {0}};

/* ---- Options ----------------------------------------------------------------------------------- */

static const struct tr069_option options[] = {
    {"folder", TR069_OPTION_PATH, "/var/lib/tr069-client/Download", .help = "where files go"},
    {"mode", TR069_OPTION_STRING, "0644", .help = "of the files, octal"},
    {"owner", TR069_OPTION_STRING, "", .help = "name or number; empty: the client's"},
    {"group", TR069_OPTION_STRING, "", .help = "name or number; empty: the client's"},
    {0}};

/* A number in this base from 0 to max, or -1. */
static int64_t number(const char *text, int base, int64_t max) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, base);
    return errno == 0 && end > text && *end == '\0' && value >= 0 && value <= max ? value : -1;
}

static int read_options(struct download *download) {
    const struct tr069_host *host = download->host;
    const char *mode = host->option_string(host, "mode"), *owner = host->option_string(host, "owner"),
               *group = host->option_string(host, "group");
    int64_t bits = number(mode, 8, 0777), uid = number(owner, 10, UINT32_MAX - 1),
            gid = number(group, 10, UINT32_MAX - 1);
    /* no other thread looks users up */
    /* cppcheck-suppress getpwnamCalled */
    const struct passwd *user = uid < 0 && owner[0] != '\0' ? getpwnam(owner) : NULL;
    /* cppcheck-suppress getgrnamCalled */
    const struct group *entry = gid < 0 && group[0] != '\0' ? getgrnam(group) : NULL;
    if (bits < 0) {
        host->log(host, TR069_ERROR, "mode = \"%s\": an octal number up to 0777 is expected", mode);
        return -EINVAL;
    }
    if ((owner[0] != '\0' && uid < 0 && user == NULL) || (group[0] != '\0' && gid < 0 && entry == NULL)) {
        host->log(host, TR069_ERROR, "owner \"%s\" or group \"%s\" is not known here", owner, group);
        return -EINVAL;
    }
    download->mode = (mode_t) bits;
    download->owner = user != NULL ? user->pw_uid : (uid_t) uid;
    download->group = entry != NULL ? entry->gr_gid : (gid_t) gid;
    return 0;
}

static int download_init(const struct tr069_host *host, void **ret_ctx) {
    struct download *download = calloc(1, sizeof *download);
    if (download == NULL) {
        return -ENOMEM;
    }
    download->host = host;
    *ret_ctx = download;
    return read_options(download);
}

TR069_PLUGIN(.name = "download", .version = "1", .summary = "the RPC Download, and files into a folder",
             .options = options, .rpcs = rpcs, .files = files, .init = download_init, .destroy = free);
