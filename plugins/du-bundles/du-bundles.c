/* plugins/du-bundles: deployment units as signed .zip bundles in a directory: the back-end of
 * software-modules. How an archive and its signature are checked is the firmware plugin's
 * (plugins/firmware/archive.h, signature.h). */
#define _GNU_SOURCE
#include "extract.h"

#include "firmware/archive.h"
#include "firmware/minizip.h"
#include "firmware/signature.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { RUNS_MAX = 8, OUTPUT_MAX = 2048 };

static const char *const manifest_names[] = {"META-INF/deployment-unit", NULL};

/* What a worker thread does; let go of by two: the thread, and the plugin, which may have stopped meanwhile.
 */
struct work {
    struct bundles *bundles;
    tr069_action_done *done;
    void *user;
    atomic_bool cancel;
    atomic_int owners;
    enum { INSPECT, INSTALL, REMOVE } kind;
    char archive[PATH_MAX], directory[PATH_MAX], name[NAME_MAX + 1];
    char **certificates;
    bool allow_unsigned;
    struct archive_limits limits;
    /* what came of it */
    int result;
    char *manifest;
    struct tr069_fault fault;
};

struct run {
    struct bundles *bundles;
    tr069_action_done *done; /* NULL: free */
    void *user;
};

struct bundles {
    const struct tr069_host *host;
    struct work *work; /* NULL: none runs */
    struct run runs[RUNS_MAX];
};

static void work_release(struct work *work) {
    if (atomic_fetch_sub(&work->owners, 1) != 1) {
        return;
    }
    for (size_t i = 0; work->certificates != NULL && work->certificates[i] != NULL; i++) {
        free(work->certificates[i]);
    }
    free(work->certificates);
    free(work->manifest);
    free(work);
}

/* ---- On the worker thread ---------------------------------------------------------------------- */

static int check(struct work *work) {
    const struct signature_setup setup = {.path = work->archive,
                                          .certificates = (const char *const *) work->certificates};
    char digest[SIGNATURE_DIGEST_SIZE];
    int r = firmware_archive_check(work->archive, &work->limits, manifest_names, &work->cancel,
                                   &work->manifest, &work->fault);
    if (r == TR069_OK && !work->allow_unsigned) {
        r = firmware_signature_check(&setup, &work->cancel, digest, &work->fault);
    }
    if (r == TR069_OK && work->manifest == NULL) {
        r = tr069_fault(&work->fault, TR069_TRANSFER_CORRUPTED, "the bundle has no %s", manifest_names[0]);
    }
    return r;
}

static void do_work(void *user) {
    struct work *work = user;
    if (work->kind == REMOVE) {
        work->result = bundle_remove(work->directory, work->name);
    } else {
        work->result = check(work); /* again when it is unpacked: it is what was verified that is unpacked */
        if (work->result == TR069_OK && work->kind == INSTALL) {
            work->result =
                bundle_put(work->directory, work->name, work->archive, &work->cancel, &work->fault);
        }
    }
    work_release(work);
}

/* ---- Actions ----------------------------------------------------------------------------------- */

static void worked(void *user) {
    struct work *work = user;
    char words[sizeof work->fault.text + 16];
    const char *output = "";
    work->bundles->work = NULL;
    if (work->result == TR069_FAULT) {
        (void) snprintf(words, sizeof words, "%u %s", work->fault.code, work->fault.text);
        output = words;
    } else if (work->result == TR069_OK && work->kind == INSPECT) {
        output = work->manifest;
    }
    work->done(work->user, work->result == TR069_FAULT ? -EIO : work->result, output, strlen(output));
    work_release(work);
}

static char **copy_list(const char *const *list) {
    size_t count = 0;
    while (list != NULL && list[count] != NULL) {
        count++;
    }
    char **copy = calloc(count + 1, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = strdup(list[i]);
        if (copy[i] == NULL) {
            while (i-- > 0) {
                free(copy[i]);
            }
            free(copy);
            return NULL;
        }
    }
    return copy;
}

static bool fill(char *out, size_t size, const char *text) {
    return snprintf(out, size, "%s", text) < (int) size;
}

static struct work *work_new(struct bundles *bundles) {
    const struct tr069_host *host = bundles->host;
    struct work *work = calloc(1, sizeof *work);
    if (work == NULL) {
        return NULL;
    }
    work->bundles = bundles;
    atomic_init(&work->cancel, false);
    atomic_init(&work->owners, 1);
    work->certificates = copy_list(host->option_list(host, "certificates"));
    work->allow_unsigned = host->option_bool(host, "allow_unsigned");
    work->limits = (struct archive_limits){.entries = (uint64_t) host->option_int(host, "max_entries"),
                                           .total = (uint64_t) host->option_int(host, "max_unpacked"),
                                           .entry = (uint64_t) host->option_int(host, "max_unpacked"),
                                           .ratio = (uint64_t) host->option_int(host, "max_ratio")};
    if (work->certificates == NULL ||
        !fill(work->directory, sizeof work->directory, host->option_string(host, "directory"))) {
        work_release(work);
        return NULL;
    }
    return work;
}

static int begin(struct bundles *bundles, int kind, const char *archive, const char *name,
                 tr069_action_done *done, void *user) {
    if (bundles->work != NULL) {
        return -EBUSY;
    }
    struct work *work = work_new(bundles);
    if (work == NULL) {
        return -ENOMEM;
    }
    work->kind = kind == INSPECT ? INSPECT : kind == INSTALL ? INSTALL : REMOVE;
    work->done = done;
    work->user = user;
    if (!fill(work->archive, sizeof work->archive, archive) || !fill(work->name, sizeof work->name, name)) {
        work_release(work);
        return -ENAMETOOLONG;
    }
    atomic_store(&work->owners, 2);
    int r = bundles->host->job(bundles->host, do_work, worked, work);
    if (r < 0) {
        atomic_store(&work->owners, 1);
        work_release(work);
        return r;
    }
    bundles->work = work;
    return 0;
}

static int inspect(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return args != NULL && args[0] != NULL ? begin(ctx, INSPECT, args[0], "", done, user) : -EINVAL;
}

static int install(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    bool good = args != NULL && args[0] != NULL && args[1] != NULL && bundle_name_is_good(args[1]);
    return good ? begin(ctx, INSTALL, args[0], args[1], done, user) : -EINVAL;
}

static int take_away(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    bool good = args != NULL && args[0] != NULL && bundle_name_is_good(args[0]);
    return good ? begin(ctx, REMOVE, "", args[0], done, user) : -EINVAL;
}

/* ---- Starting and stopping --------------------------------------------------------------------- */

static void run_ended(void *user, int result, const char *output, size_t length) {
    struct run *run = user;
    tr069_action_done *done = run->done;
    run->done = NULL;
    done(run->user, result > 0 ? -EIO : result, output, length);
}

static int launch(struct bundles *bundles, const char *verb, const char *const *args, tr069_action_done *done,
                  void *user) {
    const struct tr069_host *host = bundles->host;
    const char *const *launcher = host->option_list(host, "launcher");
    const char *words[16] = {NULL};
    char path[PATH_MAX];
    struct run *run = NULL;
    size_t count = 0;
    if (launcher[0] == NULL) {
        return -ENOSYS;
    }
    if (args == NULL || args[0] == NULL || args[1] == NULL || !bundle_name_is_good(args[0]) ||
        snprintf(path, sizeof path, "%s/%s", host->option_string(host, "directory"), args[0]) >=
            (int) sizeof path) {
        return -EINVAL;
    }
    for (size_t i = 0; i < RUNS_MAX; i++) {
        run = bundles->runs[i].done == NULL ? &bundles->runs[i] : run;
    }
    if (run == NULL) {
        return -EBUSY;
    }
    while (count < sizeof words / sizeof words[0] - 4 && launcher[count] != NULL) {
        words[count] = launcher[count];
        count++;
    }
    words[count++] = verb;
    words[count++] = path;
    words[count] = args[1];
    const struct tr069_run program = {.argv = words, .output_max = OUTPUT_MAX, .merge_stderr = true};
    *run = (struct run){bundles, done, user};
    int r = host->run(host, &program, run_ended, run, NULL);
    if (r < 0) {
        run->done = NULL;
    }
    return r;
}

static int start_unit(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return launch(ctx, "start", args, done, user);
}

static int stop_unit(void *ctx, const char *const *args, tr069_action_done *done, void *user) {
    return launch(ctx, "stop", args, done, user);
}

static const struct tr069_action actions[] = {{"du-inspect", inspect},  {"du-install", install},
                                              {"du-remove", take_away}, {"du-start", start_unit},
                                              {"du-stop", stop_unit},   {0}};

/* ---- The plugin -------------------------------------------------------------------------------- */

static const struct tr069_option options[] = {
    {"directory", TR069_OPTION_PATH, "/var/lib/tr069-client/bundles", .help = "where bundles are put"},
    {"certificates", TR069_OPTION_LIST, "", .help = "files of certificates whose keys may sign bundles"},
    {"allow_unsigned", TR069_OPTION_BOOL, "false",
     .help = "take bundles without a signature (for development)"},
    {"max_entries", TR069_OPTION_INT, "10000", 1, 1000000, .help = "entries of a bundle"},
    {"max_unpacked", TR069_OPTION_INT, "1073741824", 1, INT64_C(1) << 40,
     .help = "octets of a bundle, unpacked"},
    {"max_ratio", TR069_OPTION_INT, "250", 1, 100000, .help = "unpacked to packed, of a large entry"},
    {"launcher", TR069_OPTION_LIST, "",
     .help = "program that gets start|stop, the bundle's directory, the unit"},
    {0}};

static int init(const struct tr069_host *host, void **ret_ctx) {
    struct bundles *bundles = calloc(1, sizeof *bundles);
    if (bundles == NULL) {
        return -ENOMEM;
    }
    bundles->host = host;
    *ret_ctx = bundles;
    return 0;
}

/* Is any bundle taken? */
static bool look_at_certificates(const struct tr069_host *host) {
    const char *const *certificates = host->option_list(host, "certificates");
    struct tr069_fault fault;
    if (host->option_bool(host, "allow_unsigned")) {
        host->log(host, TR069_WARNING, "allow_unsigned: bundles are taken whoever made them");
    } else if (certificates[0] == NULL) {
        host->log(host, TR069_WARNING, "certificates: there are none, so every bundle is refused");
        return false;
    } else if (firmware_signature_check_certificates(certificates, &fault) != TR069_OK) {
        host->log(host, TR069_ERROR, "%s", fault.text);
    }
    return true;
}

static int start(void *ctx) {
    const struct bundles *bundles = ctx;
    (void) look_at_certificates(bundles->host);
    return 0;
}

static void check_config(const struct tr069_host *host) {
    if (look_at_certificates(host)) {
        firmware_minizip_check(host);
    }
}

/* done() of the job, and of the children, will not be called any more. */
static void stop(void *ctx) {
    struct bundles *bundles = ctx;
    if (bundles->work != NULL) {
        atomic_store(&bundles->work->cancel, true);
        work_release(bundles->work);
        bundles->work = NULL;
    }
    memset(bundles->runs, 0, sizeof bundles->runs);
}

static void destroy(void *ctx) {
    if (ctx != NULL) {
        stop(ctx);
    }
    free(ctx);
}

static void forget(void *ctx) {
    const struct bundles *bundles = ctx;
    int r = bundle_remove_all(bundles->host->option_string(bundles->host, "directory"));
    if (r < 0) {
        bundles->host->log(bundles->host, TR069_WARNING, "the bundles could not be removed: %s",
                           strerror(-r));
    }
}

TR069_PLUGIN(.name = "du-bundles", .version = "1",
             .summary = "deployment units as signed bundles in a directory", .options = options,
             .actions = actions, .init = init, .start = start, .stop = stop, .destroy = destroy,
             .forget = forget, .check = check_config);
