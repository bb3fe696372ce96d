/* plugins/firmware: FileType "1 Firmware Upgrade Image".
 *
 *   CHECKING --whole, signed, for this box--> WAITING --the session ended--> INSTALLING --done--> RESTARTING
 *
 * and, after the restart, a look at what runs. How far it came is kept with host->state_put:
 *
 *   checking  nothing was done to the box; counted, so that an image that ends the client is not checked for
 * ever ordered   written, on disk, before the installer begins; counted: at most `attempts` times per order
 *   staged    the installer ended well, the restart is ordered: whatever runs after it is the result
 *
 * The order itself, and that it is INSTALLING, is the client's to remember; it asks again after a restart. */
#define _GNU_SOURCE
#include "archive.h"
#include "cause.h"
#include "minizip.h"
#include "signature.h"
#include "version.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHECKS_MAX = 3, WORD_MAX = 100, LOG_READ = 8192 };

enum phase { IDLE, CHECKING, WAITING, INSTALLING, RESTARTING };
static const char *const phase_names[] = {"idle", "checking", "waiting", "installing", "restarting"};

/* Works on a thread of its own; freed when both the plugin and the worker have let it go. */
struct checking {
    struct firmware *firmware;
    atomic_bool cancel;
    atomic_int owners;
    char *path, *detached;
    char **certificates, **metadata;
    bool allow_sha1;
    struct archive_limits limits;
    /* results */
    int verdict;
    struct tr069_fault fault;
    char digest[SIGNATURE_DIGEST_SIZE];
    char *text; /* the metadata */
};

struct firmware {
    const struct tr069_host *host;
    enum phase phase;
    const struct tr069_install *install; /* under way */
    struct checking *checking;
    struct tr069_timer *timer; /* the restart does not come */
};

static void set_phase(struct firmware *firmware, enum phase phase, const char *why) {
    const struct tr069_host *host = firmware->host;
    host->log(host, TR069_INFO, "%s -> %s (%s)", phase_names[firmware->phase], phase_names[phase], why);
    firmware->phase = phase;
}

/* ---- What survives a restart ------------------------------------------------------------------- */

/* Of the order under way; "installed" and "installed_version" stay. */
enum { PATH, STAGE, CHECKS, ORDERS, BOOT, SOURCE, WANTED, BEFORE, DIGEST, WORD, FIELDS };
static const char *const fields[FIELDS] = {
    [PATH] = "path",     [STAGE] = "stage",   [CHECKS] = "checks", [ORDERS] = "orders", [BOOT] = "boot",
    [SOURCE] = "source", [WANTED] = "wanted", [BEFORE] = "before", [DIGEST] = "digest", [WORD] = "word"};

static const char *recall(const struct firmware *firmware, int field) {
    const char *value = firmware->host->state_get(firmware->host, fields[field]);
    return value != NULL ? value : "";
}

static int keep(const struct firmware *firmware, int field, const char *value) {
    return firmware->host->state_put(firmware->host, fields[field], value);
}

static void forget(const struct firmware *firmware) {
    for (int i = 0; i < FIELDS; i++) {
        (void) keep(firmware, i, NULL);
    }
}

/* Adds one; 0 if it cannot be kept. */
static unsigned count(const struct firmware *firmware, int field) {
    char text[16];
    unsigned number = (unsigned) strtoul(recall(firmware, field), NULL, 10) + 1;
    (void) snprintf(text, sizeof text, "%u", number);
    return keep(firmware, field, text) == 0 ? number : 0;
}

/* ---- The end ----------------------------------------------------------------------------------- */

static void end(struct firmware *firmware, int verdict, const char *why) {
    const struct tr069_install *install = firmware->install;
    firmware->host->timer_cancel(firmware->host, firmware->timer);
    firmware->timer = NULL;
    firmware->install = NULL;
    forget(firmware);
    set_phase(firmware, IDLE, why);
    firmware->host->installed(install, verdict);
}

TR069_PRINTF(3, 4)
static void end_with(struct firmware *firmware, enum firmware_cause cause, const char *format, ...) {
    char detail[256];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    end(firmware, firmware_fault(firmware->install->fault, cause, "%s", detail), "failed");
}

/* The image under way runs: by its digest it is known again where it has no version. */
static void remember_image(const struct firmware *firmware, const char *version) {
    char digest[SIGNATURE_DIGEST_SIZE];
    (void) snprintf(digest, sizeof digest, "%s", recall(firmware, DIGEST));
    (void) firmware->host->state_put(firmware->host, "installed", digest);
    (void) firmware->host->state_put(firmware->host, "installed_version", version);
}

/* ---- After the restart ------------------------------------------------------------------------- */

/* The recovery's own words: the last line of its file that tells of an error, else the last; if the file is
 * not the one of before. `ret_word` is "" when there are none. */
static void recovery_word(const struct firmware *firmware, char *ret_word, size_t size) {
    char text[LOG_READ];
    const char *path = firmware->host->option_string(firmware->host, "recovery_log");
    int fd = path[0] != '\0' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    off_t length = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    off_t from = length > LOG_READ - 1 ? length - (LOG_READ - 1) : 0;
    ssize_t got = fd >= 0 ? pread(fd, text, sizeof text - 1, from) : -1;
    if (fd >= 0) {
        (void) close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
    ret_word[0] = '\0';
    bool error = false;
    for (char *line = text; *line != '\0';) {
        char *stop = line + strcspn(line, "\r\n");
        char *next = stop + strspn(stop, "\r\n");
        *stop = '\0';
        bool tells = strcasestr(line, "error") != NULL || strcasestr(line, "fail") != NULL ||
                     strcasestr(line, "abort") != NULL;
        if (*line != '\0' && (tells || !error)) {
            (void) snprintf(ret_word, size, "%.*s", WORD_MAX, line);
            error = tells;
        }
        line = next;
    }
}

/* Time and size of the recovery's file, to see whether it is written anew. */
static void recovery_stamp(const struct firmware *firmware, char *ret_stamp, size_t size) {
    struct stat info;
    const char *path = firmware->host->option_string(firmware->host, "recovery_log");
    bool there = path[0] != '\0' && stat(path, &info) == 0;
    (void) snprintf(ret_stamp, size, "%lld.%09ld %lld", there ? (long long) info.st_mtim.tv_sec : 0LL,
                    there ? info.st_mtim.tv_nsec : 0L, there ? (long long) info.st_size : -1LL);
}

static int came_back(struct firmware *firmware, const char *running) {
    char word[WORD_MAX + 16] = "", stamp[80];
    const char *wanted = recall(firmware, WANTED);
    bool old = strcmp(running, recall(firmware, BEFORE)) == 0;
    recovery_stamp(firmware, stamp, sizeof stamp);
    if (firmware->host->option_string(firmware->host, "recovery_log")[0] == '\0') {
        /* no words to be had */
    } else if (strcmp(stamp, recall(firmware, WORD)) == 0) {
        (void) snprintf(word, sizeof word, "; the recovery left no word");
    } else {
        char line[WORD_MAX + 1];
        recovery_word(firmware, line, sizeof line);
        (void) snprintf(word, sizeof word, "; recovery: %s", line);
    }
    return firmware_fault(firmware->install->fault, old ? CAUSE_OLD_VERSION : CAUSE_OTHER_VERSION,
                          "%.40s runs, %.40s was expected%s", running,
                          wanted[0] != '\0' ? wanted : "a new one", word);
}

static bool runs_now(const struct firmware *firmware, const char *running) {
    const char *wanted = recall(firmware, WANTED);
    return wanted[0] != '\0' ? strcmp(running, wanted) == 0
                             : running[0] != '\0' && strcmp(running, recall(firmware, BEFORE)) != 0;
}

static void check_again(struct firmware *firmware);
static void restart(struct firmware *firmware);

/* The client was started anew while an order was under way. */
static int go_on(struct firmware *firmware) {
    const struct tr069_host *host = firmware->host;
    char running[VERSION_SIZE];
    bool staged = strcmp(recall(firmware, STAGE), "staged") == 0;
    bool same_boot =
        host->boot_id(host)[0] != '\0' && strcmp(recall(firmware, BOOT), host->boot_id(host)) == 0;
    int64_t orders = (int64_t) strtoul(recall(firmware, ORDERS), NULL, 10);
    firmware_version_running(host, recall(firmware, SOURCE), running, sizeof running);
    if (runs_now(firmware, running)) {
        host->log(host, TR069_NOTICE, "the new version runs: %s", running);
        remember_image(firmware, running);
        return TR069_OK;
    }
    if (same_boot && staged) {
        restart(firmware); /* it was ordered, or nearly */
        return TR069_DEFERRED;
    }
    bool again = orders < host->option_int(host, "attempts");
    /* after an installer that restarts the box by itself nothing tells that it did not end */
    if (!staged && again && (same_boot || host->option_bool(host, "reboot"))) {
        host->log(host, TR069_WARNING, "the installer was interrupted; once more");
        check_again(firmware);
        return TR069_DEFERRED;
    }
    if (staged || !host->option_bool(host, "reboot")) {
        return came_back(firmware, running);
    }
    return firmware_fault(firmware->install->fault, CAUSE_INTERRUPTED, "%lld times; %.60s runs",
                          (long long) orders, running);
}

/* ---- Restarting -------------------------------------------------------------------------------- */

static void restart_missing(void *user) {
    struct firmware *firmware = user;
    const struct tr069_host *host = firmware->host;
    char running[VERSION_SIZE];
    firmware->timer = NULL;
    firmware_version_running(host, recall(firmware, SOURCE), running, sizeof running);
    if (runs_now(firmware, running)) { /* put into use without a restart */
        remember_image(firmware, running);
        end(firmware, TR069_OK, "the new version runs");
        return;
    }
    end_with(firmware, CAUSE_NO_RESTART, "within %lld seconds",
             (long long) host->option_int(host, "restart_timeout"));
}

static void restart_ordered(void *user, int result, const char *output, size_t length) {
    struct firmware *firmware = user;
    (void) output;
    (void) length;
    if (result != 0 && firmware->phase == RESTARTING) {
        end_with(firmware, CAUSE_RESTART, "%s", strerror(-result));
    }
}

static void restart(struct firmware *firmware) {
    const struct tr069_host *host = firmware->host;
    set_phase(firmware, RESTARTING, "the installer ended well");
    int r = host->timer(host, (uint64_t) host->option_int(host, "restart_timeout") * 1000, restart_missing,
                        firmware, &firmware->timer);
    if (r == 0 && host->option_bool(host, "reboot")) {
        r = host->action(host, "reboot", host->option_list(host, "reboot_arguments"), restart_ordered,
                         firmware);
    }
    if (r < 0) {
        end_with(firmware, CAUSE_RESTART, "%s", strerror(-r));
    }
}

/* ---- Installing -------------------------------------------------------------------------------- */

/* The last line of what the installer said. */
static void last_line(const char *output, size_t length, char *ret_line, size_t size) {
    while (length > 0 && (output[length - 1] == '\n' || output[length - 1] == '\r')) {
        length--;
    }
    size_t from = length;
    while (from > 0 && output[from - 1] != '\n' && length - from < WORD_MAX) {
        from--;
    }
    (void) snprintf(ret_line, size, "%.*s", (int) (length - from), output + from);
}

static void installer_ended(void *user, int result, const char *output, size_t length) {
    struct firmware *firmware = user;
    char line[WORD_MAX + 1] = "";
    if (firmware->phase != INSTALLING) {
        return;
    }
    if (result == 0) {
        (void) keep(firmware, STAGE, "staged");
        restart(firmware);
    } else if (result == -ETIMEDOUT) {
        end_with(firmware, CAUSE_INSTALL_TIME, "see its log");
    } else {
        last_line(output, output != NULL ? length : 0, line, sizeof line);
        end_with(firmware, CAUSE_REFUSED, "%s", line[0] != '\0' ? line : strerror(-result));
    }
}

/* Between two sessions. From here on the box may be another at any moment. */
static void begin_install(void *user, bool well) {
    struct firmware *firmware = user;
    const struct tr069_host *host = firmware->host;
    char stamp[80];
    (void) well; /* nothing was promised in that session */
    if (firmware->phase != WAITING) {
        return;
    }
    recovery_stamp(firmware, stamp, sizeof stamp);
    if (count(firmware, ORDERS) == 0 || keep(firmware, STAGE, "ordered") < 0 ||
        keep(firmware, BOOT, host->boot_id(host)) < 0 || keep(firmware, WORD, stamp) < 0 ||
        keep(firmware, CHECKS, NULL) < 0) {
        end_with(firmware, CAUSE_STATE, "%s", strerror(ENOMEM));
        return;
    }
    set_phase(firmware, INSTALLING, "no session runs");
    const char *const args[] = {firmware->install->path, NULL};
    int r = host->action(host, "install-firmware", args, installer_ended,
                         firmware); /* what is kept is on disk then */
    if (r == -ENOSYS) {
        end_with(firmware, CAUSE_NO_INSTALLER, "action install-firmware");
    } else if (r == -EIO) {
        end_with(firmware, CAUSE_STATE, "full or broken; its log says more");
    } else if (r < 0) {
        end_with(firmware, CAUSE_REFUSED, "it could not be started: %s", strerror(-r));
    }
}

/* ---- Checking ---------------------------------------------------------------------------------- */

static void free_list(char **list) {
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

static void checking_release(struct checking *checking) {
    if (checking != NULL && atomic_fetch_sub(&checking->owners, 1) == 1) {
        free(checking->path);
        free(checking->detached);
        free_list(checking->certificates);
        free_list(checking->metadata);
        free(checking->text);
        free(checking);
    }
}

/* On a worker's thread. The archive first: what was damaged on its way is told as that. */
static void check_image(void *user) {
    struct checking *checking = user;
    const struct signature_setup setup = {.path = checking->path,
                                          .detached = checking->detached,
                                          .certificates = (const char *const *) checking->certificates,
                                          .allow_sha1 = checking->allow_sha1};
    checking->verdict =
        firmware_archive_check(checking->path, &checking->limits, (const char *const *) checking->metadata,
                               &checking->cancel, &checking->text, &checking->fault);
    if (checking->verdict == TR069_OK) {
        checking->verdict =
            firmware_signature_check(&setup, &checking->cancel, checking->digest, &checking->fault);
    }
    checking_release(checking);
}

/* The image is what its makers signed. Is there anything to do? */
static void image_is_good(struct firmware *firmware, const char *digest, const char *metadata) {
    const struct tr069_host *host = firmware->host;
    char image[VERSION_SIZE], running[VERSION_SIZE];
    struct version version;
    if (!firmware_version_fits(host, host->option_list(host, "device"), metadata, image, running,
                               sizeof image)) {
        end_with(firmware, CAUSE_DEVICE, "it is for %.80s, this is %.80s", image, running);
        return;
    }
    firmware_version_choose(host, host->option_list(host, "version"), metadata, &version);
    firmware_version_running(host, version.source, running, sizeof running);
    const char *former = host->state_get(host, "installed");
    const char *former_version = host->state_get(host, "installed_version");
    bool same_image = former != NULL && strcmp(former, digest) == 0 && former_version != NULL &&
                      strcmp(former_version, running) == 0;
    if (version.wanted[0] != '\0' ? strcmp(version.wanted, running) == 0 : same_image) {
        host->log(host, TR069_NOTICE, "this version runs already: %s; nothing to install", running);
        end(firmware, TR069_OK, "it runs already");
        return;
    }
    host->log(host, TR069_NOTICE, "the image is whole and signed; %s runs, %s is to be installed", running,
              version.wanted[0] != '\0' ? version.wanted : "an unnamed version");
    if (keep(firmware, SOURCE, version.source) < 0 || keep(firmware, WANTED, version.wanted) < 0 ||
        keep(firmware, BEFORE, running) < 0 || keep(firmware, DIGEST, digest) < 0) {
        end_with(firmware, CAUSE_STATE, "%s", strerror(ENOMEM));
        return;
    }
    set_phase(firmware, WAITING, "whole and signed");
    int r = host->after_session(host, begin_install, firmware);
    if (r < 0) {
        end_with(firmware, CAUSE_STATE, "%s", strerror(-r));
    }
}

static void image_checked(void *user) {
    struct checking *checking = user;
    struct firmware *firmware = checking->firmware;
    firmware->checking = NULL;
    if (checking->verdict == TR069_OK) {
        image_is_good(firmware, checking->digest, checking->text != NULL ? checking->text : "");
    } else {
        *firmware->install->fault = checking->fault;
        end(firmware, checking->verdict, "not to be installed");
    }
    checking_release(checking);
}

static char **copy_list(const char *const *list) {
    size_t count_of = 0;
    while (list != NULL && list[count_of] != NULL) {
        count_of++;
    }
    char **copy = calloc(count_of + 1, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < count_of; i++) {
        copy[i] = strdup(list[i]);
        if (copy[i] == NULL) {
            free_list(copy);
            return NULL;
        }
    }
    return copy;
}

static const char *suffix(const struct firmware *firmware) {
    bool beside = strcmp(firmware->host->option_string(firmware->host, "signature"), "detached") == 0;
    return beside ? ".p7s" : NULL;
}

static struct checking *checking_new(struct firmware *firmware) {
    const struct tr069_host *host = firmware->host;
    struct checking *checking = calloc(1, sizeof *checking);
    if (checking == NULL) {
        return NULL;
    }
    checking->firmware = firmware;
    atomic_init(&checking->cancel, false);
    atomic_init(&checking->owners, 1);
    checking->path = strdup(firmware->install->path);
    const char *ending = suffix(firmware);
    if (ending != NULL) {
        size_t size = strlen(firmware->install->path) + strlen(ending) + 1;
        checking->detached = malloc(size);
        if (checking->detached != NULL) {
            (void) snprintf(checking->detached, size, "%s%s", firmware->install->path, ending);
        }
    }
    checking->certificates = copy_list(host->option_list(host, "certificates"));
    checking->metadata = copy_list(host->option_list(host, "metadata"));
    checking->allow_sha1 = host->option_bool(host, "allow_sha1");
    checking->limits = (struct archive_limits){.entries = (uint64_t) host->option_int(host, "max_entries"),
                                               .total = (uint64_t) host->option_int(host, "max_unpacked"),
                                               .entry = (uint64_t) host->option_int(host, "max_entry"),
                                               .ratio = (uint64_t) host->option_int(host, "max_ratio")};
    if (checking->path == NULL || (ending != NULL && checking->detached == NULL) ||
        checking->certificates == NULL || checking->metadata == NULL) {
        checking_release(checking);
        return NULL;
    }
    return checking;
}

static int begin_checking(struct firmware *firmware) {
    const struct tr069_host *host = firmware->host;
    unsigned checks = count(firmware, CHECKS);
    if (checks == 0 || keep(firmware, PATH, firmware->install->path) < 0 ||
        keep(firmware, STAGE, "checking") < 0) {
        return firmware_fault(firmware->install->fault, CAUSE_STATE, "%s", strerror(ENOMEM));
    }
    if (checks > CHECKS_MAX) {
        return firmware_fault(firmware->install->fault, CAUSE_CHECKS,
                              "the client ended %d times while it did", CHECKS_MAX);
    }
    struct checking *checking = checking_new(firmware);
    if (checking == NULL) {
        return firmware_fault(firmware->install->fault, CAUSE_CHECKS, "%s", strerror(ENOMEM));
    }
    atomic_store(&checking->owners, 2);
    int r = host->job(host, check_image, image_checked, checking);
    if (r < 0) {
        checking_release(checking);
        checking_release(checking);
        return firmware_fault(firmware->install->fault, CAUSE_CHECKS, "%s", strerror(-r));
    }
    firmware->checking = checking;
    set_phase(firmware, CHECKING, "the image is here");
    return TR069_DEFERRED;
}

static void check_again(struct firmware *firmware) {
    int r = begin_checking(firmware);
    if (r != TR069_DEFERRED) {
        end(firmware, r, "failed");
    }
}

/* ---- What the client asks ---------------------------------------------------------------------- */

static int install_image(const struct tr069_install *install) {
    struct firmware *firmware = install->ctx;
    if (firmware->install != NULL) { /* one that took longer than the client had patience for */
        return firmware_fault(install->fault, CAUSE_CHECKS, "another upgrade has not ended");
    }
    bool known = strcmp(recall(firmware, PATH), install->path) == 0;
    if (!known) {
        forget(firmware);
    }
    firmware->install = install;
    bool begun = known && strcmp(recall(firmware, STAGE), "checking") != 0;
    int r = begun ? go_on(firmware) : begin_checking(firmware);
    if (r != TR069_DEFERRED) {
        forget(firmware);
        firmware->install = NULL;
    }
    return r;
}

static int accept_image(void *ctx, const struct tr069_transfer *transfer, struct tr069_fault *fault) {
    const struct firmware *firmware = ctx;
    const struct tr069_host *host = firmware->host;
    (void) transfer;
    const char *const *certificates = host->option_list(host, "certificates");
    if (certificates == NULL || certificates[0] == NULL) {
        return tr069_fault(fault, TR069_REQUEST_DENIED,
                           "this box takes no firmware: no certificates are configured");
    }
    return TR069_OK;
}

static const char *beside_image(void *ctx, const struct tr069_transfer *transfer) {
    (void) transfer;
    return suffix(ctx);
}

static const struct tr069_file files[] = {
    {"1 Firmware Upgrade Image", .accept = accept_image, .install = install_image, .beside = beside_image},
    {0}};

static const char *const signatures[] = {"android", "detached", NULL};
static const char *const needs[] = {"action:install-firmware", NULL};
static const char *const wants[] = {"action:reboot", "object:DeviceInfo.", "rpc:Download", NULL};

static const struct tr069_option options[] = {
    {"certificates", TR069_OPTION_LIST, "",
     .help = "files of those who may sign: PEM, DER, or a .zip of them"},
    {"signature", TR069_OPTION_STRING, "android", .values = signatures, .help = "where it is"},
    {"allow_sha1", TR069_OPTION_BOOL, "false", .help = "take signatures with SHA-1"},
    {"max_entries", TR069_OPTION_INT, "100000", 1, 10000000, .help = "in the archive"},
    {"max_unpacked", TR069_OPTION_INT, "17179869184", 1, INT64_MAX, .help = "octets of all entries"},
    {"max_entry", TR069_OPTION_INT, "8589934592", 1, INT64_MAX, .help = "octets of one entry"},
    {"max_ratio", TR069_OPTION_INT, "250", 1, 100000, .help = "unpacked to packed, of entries above 16 MiB"},
    {"metadata", TR069_OPTION_LIST, "META-INF/com/android/metadata META-INF/firmware",
     .help = "entries with KEY=VALUE lines about the image; the first that is there"},
    {"device", TR069_OPTION_LIST, "pre-device=property:ro.product.device",
     .help = "KEY=SOURCE that must agree"},
    {"version", TR069_OPTION_LIST,
     "post-build=property:ro.build.fingerprint post-build-incremental=property:ro.build.version.incremental "
     "version=parameter:DeviceInfo.SoftwareVersion",
     .help = "KEY=SOURCE by which the new version is known"},
    {"attempts", TR069_OPTION_INT, "2", 1, 10,
     .help = "how often an interrupted installer is begun, per order"},
    {"reboot", TR069_OPTION_BOOL, "true", .help = "restart the box when the installer has ended well"},
    {"reboot_arguments", TR069_OPTION_LIST, "", .help = "for the action reboot"},
    {"restart_timeout", TR069_OPTION_INT, "300", 1, 86400, .help = "seconds for the restart to come"},
    {"recovery_log", TR069_OPTION_PATH, "", .help = "where the recovery leaves its words"},
    {0}};

static int firmware_init(const struct tr069_host *host, void **ret_ctx) {
    struct firmware *firmware = calloc(1, sizeof *firmware);
    if (firmware == NULL) {
        return -ENOMEM;
    }
    firmware->host = host;
    *ret_ctx = firmware;
    return 0;
}

/* A mistake in the certificates is told now, not at the first upgrade. Are there any? */
static bool look_at_certificates(const struct tr069_host *host) {
    struct tr069_fault fault = {0};
    const char *const *certificates = host->option_list(host, "certificates");
    if (certificates == NULL || certificates[0] == NULL) {
        host->log(host, TR069_INFO, "no certificates are configured: firmware is refused");
        return false;
    }
    if (firmware_signature_check_certificates(certificates, &fault) != TR069_OK) {
        host->log(host, TR069_ERROR, "%s", fault.text);
    }
    return true;
}

static int firmware_start(void *ctx) {
    const struct firmware *firmware = ctx;
    (void) look_at_certificates(firmware->host);
    return 0;
}

static void firmware_check(const struct tr069_host *host) {
    if (look_at_certificates(host)) {
        firmware_minizip_check(host);
    }
}

/* done() of the job will not be called any more. */
static void let_checking_go(struct firmware *firmware) {
    if (firmware->checking != NULL) {
        atomic_store(&firmware->checking->cancel, true);
        checking_release(firmware->checking);
        firmware->checking = NULL;
    }
}

static void firmware_stop(void *ctx) {
    struct firmware *firmware = ctx;
    if (firmware->phase == CHECKING) {
        (void) keep(firmware, CHECKS, NULL); /* an orderly end is nobody's fault */
    }
    let_checking_go(firmware);
    firmware->install = NULL;
    firmware->phase = IDLE;
}

static void firmware_destroy(void *ctx) {
    struct firmware *firmware = ctx;
    if (firmware != NULL) {
        let_checking_go(firmware);
    }
    free(firmware);
}

TR069_PLUGIN(.name = "firmware", .version = "1", .summary = "firmware upgrades, checked and signed",
             .options = options, .files = files, .needs = needs, .wants = wants, .init = firmware_init,
             .start = firmware_start, .stop = firmware_stop, .destroy = firmware_destroy,
             .check = firmware_check);
