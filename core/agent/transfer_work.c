/* Works on the queue of transfers: fetches, has the file installed; has a file made, sends it; reports. One
 * at a time, and not while a session runs. */
#include <config.h>

#include "agent/agent_internal.h"
#include "agent/plugin_offers.h"
#include "base/log.h"
#include "base/text.h"
#include "cwmp/fault.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_ROOM "transfer"

enum {
    PROGRESS_MS = 30000, /* a line at least so often, besides one every 10 percent */
    BESIDE_MAX = 65536,
    BESIDE_URL_MAX = 256 * 4 + 64 /* 256 characters of UTF-8, and the suffix */
};

static void on_timer(void *user) {
    struct agent *agent = user;
    agent->transfer_timer = NULL;
    transfer_work(agent);
}

static void spool_path(const struct agent *agent, uint32_t id, const char *suffix, char *path, size_t size) {
    (void) snprintf(path, size, "%s/transfer-%u%s", config_path(agent->config, "spool_dir"), id, suffix);
}

/* "transfer-7", "transfer-7.tag": 7. False for other files. */
static bool spool_id(const char *name, uint32_t *ret_id) {
    char digits[24];
    uint64_t id = 0;
    if (!text_starts(name, "transfer-")) {
        return false;
    }
    name += strlen("transfer-");
    size_t length = strcspn(name, ".");
    if (length >= sizeof digits) {
        return false;
    }
    memcpy(digits, name, length);
    digits[length] = '\0';
    if (text_parse_uint(digits, UINT32_MAX, &id) < 0) {
        return false;
    }
    *ret_id = (uint32_t) id;
    return true;
}

/* Removes the files of transfer `only`, or with 0 those of all transfers that are over. */
static void clear_spool(struct agent *agent, uint32_t only) {
    DIR *spool = opendir(config_path(agent->config, "spool_dir"));
    for (struct dirent *entry = NULL; spool != NULL && (entry = readdir(spool)) != NULL;) {
        uint32_t id = 0;
        if (!spool_id(entry->d_name, &id) || (only != 0 && id != only)) {
            continue;
        }
        const struct transfer *transfer = only == 0 ? transfers_find(agent->transfers, id) : NULL;
        if (transfer == NULL || transfer->state == TRANSFER_DONE) {
            (void) unlinkat(dirfd(spool), entry->d_name, 0);
        }
    }
    if (spool != NULL) {
        (void) closedir(spool);
    }
}

/* The file goes only when the result is on disk: after a power cut in between, the installer is asked
 * again and must find it. */
static void remove_spooled(struct agent *agent, uint32_t id) {
    int r = store_commit(agent->store);
    if (r < 0) {
        log_warning("state_dir: cannot be written: %s; the file of the transfer stays in the spool for now",
                    strerror(-r));
        return;
    }
    clear_spool(agent, id);
}

/* Files of transfers that had ended when the power was cut. */
void transfer_work_tidy(struct agent *agent) {
    clear_spool(agent, 0);
}

/* ---- the end of one ---- */

/* It is told by its event, in the same commit. */
static void report(struct agent *agent, const struct transfer *transfer) {
    char event[TRANSFER_EVENT_SIZE];
    const char *key;
    transfer_event(transfer, event, &key);
    (void) events_add(agent->events, event, key, TR069_NOW); /* an `M` event brings `7 TRANSFER COMPLETE` */
    driver_want(agent, transfer->request.autonomous ? event : "7 TRANSFER COMPLETE");
}

static void log_end(const struct transfer *transfer, const struct tr069_fault *fault) {
    const struct tr069_transfer *request = &transfer->request;
    if (fault->code == 0) {
        log_notice("%s of \"%s\": %s", request->method, request->file_type,
                   transfer_is_upload(transfer) ? "sent" : "in place");
    } else {
        log_error("%s of \"%s\": failed: %u %s", request->method, request->file_type, fault->code,
                  fault->text);
    }
}

/* The plugin puts down what came of it in the same commit. */
static void end_internal(struct agent *agent, const struct transfer *transfer,
                         const struct tr069_fault *fault) {
    struct plugin *plugin = NULL;
    const struct tr069_file *file = plugins_file(agent->plugins, transfer->request.file_type, &plugin);
    bool knows = file != NULL && plugin->owner.plugin->file_size > offsetof(struct tr069_file, ended);
    const struct moment now = agent_now(agent);
    uint32_t id = transfer->id;
    if (knows && file->ended != NULL) {
        file->ended(plugin->owner.ctx, &transfer->request, fault);
    }
    (void) transfers_done(agent->transfers, id, fault, &now);
    transfers_reported(agent->transfers, id);
}

void transfer_end(struct agent *agent, uint32_t id, const struct tr069_fault *fault) {
    const struct moment now = agent_now(agent);
    const struct transfer *transfer = transfers_find(agent->transfers, id);
    if (transfer == NULL) {
        return; /* discarded meanwhile */
    }
    log_end(transfer, fault);
    if (transfer->request.internal && !transfer->silent) {
        end_internal(agent, transfer, fault);
        return;
    }
    if (transfer->request.autonomous && !transfer_policy(agent, transfer, fault->code)) {
        transfers_silence(agent->transfers, id);
    }
    if (transfers_done(agent->transfers, id, fault, &now)) {
        report(agent, transfer);
        return;
    }
    transfer = transfers_find(agent->transfers, id);
    if (transfer != NULL && transfer->window != NULL) {
        uint64_t wait = transfer->due_ms > now.mono_ms ? transfer->due_ms - now.mono_ms : 0;
        log_notice("%s of \"%s\": another attempt in %llu s", transfer->request.method,
                   transfer->request.file_type, (unsigned long long) wait / 1000);
    }
}

static void done(struct agent *agent, uint32_t id, const struct tr069_fault *fault) {
    agent->transfer_id = 0;
    agent->transfer_dropped = false;
    agent->installer = NULL;
    agent_cancel(agent, &agent->transfer_limit);
    if (agent->reload_wanted) {
        agent_want_reload(agent); /* it had to wait for the installer */
    }
    transfer_end(agent, id, fault);
    const struct transfer *transfer = transfers_find(agent->transfers, id);
    if (transfer != NULL && transfer->state == TRANSFER_QUEUED) {
        (void) store_commit(agent->store); /* what has come of the file serves the next attempt */
    } else {
        remove_spooled(agent, id);
    }
}

void transfer_drop(struct agent *agent) {
    uint32_t id = agent->transfer_id;
    if (agent->fetch == NULL && agent->send == NULL) {
        agent->transfer_dropped = agent->installer != NULL;
        return;
    }
    const struct moment now = agent_now(agent);
    transfer_work_stop(agent);
    agent->transfer_id = 0;
    (void) transfers_done(agent->transfers, id, NULL, &now);
}

/* ---- its time ---- */

static void time_is_up(void *user) {
    struct agent *agent = user;
    struct tr069_fault fault;
    uint32_t id = agent->transfer_id;
    const struct transfer *transfer = transfers_find(agent->transfers, id);
    agent->transfer_limit = NULL;
    if (transfer == NULL || (agent->fetch == NULL && agent->send == NULL)) {
        return; /* a plugin has it; that has a limit of its own */
    }
    (void) tr069_fault(&fault, transfer_is_upload(transfer) ? TR069_UPLOAD_FAILURE : TR069_TRANSFER_WINDOW,
                       "it did not end in its time");
    transfer_work_stop(agent);
    done(agent, id, &fault);
    transfer_work(agent);
}

/* Until its window closes; an upload as long as one may take (a download has its own limit). */
static void limit_time(struct agent *agent, const struct transfer *transfer) {
    uint64_t now = agent_now(agent).mono_ms;
    uint64_t limit = (uint64_t) config_int(agent->config, "download_timeout") * 1000;
    if (transfer->window != NULL) {
        limit = transfer->until_ms > now ? transfer->until_ms - now : 0;
    }
    agent_cancel(agent, &agent->transfer_limit);
    if (transfer->window != NULL || transfer_is_upload(transfer)) {
        (void) loop_timer(agent->loop, limit, time_is_up, agent, &agent->transfer_limit);
    }
}

/* ---- sending ---- */

static const unsigned send_faults[] = {
    [SEND_OK] = 0,
    [SEND_NO_CONTACT] = TR069_TRANSFER_NO_CONTACT,
    [SEND_AUTHENTICATION] = TR069_TRANSFER_AUTHENTICATION,
    [SEND_NO_ACCESS] = TR069_TRANSFER_NO_ACCESS,
    [SEND_REFUSED] = TR069_UPLOAD_FAILURE,
    [SEND_BROKEN] = TR069_UPLOAD_FAILURE,
    [SEND_LOCAL] = TR069_UPLOAD_FAILURE,
};

static void on_sent(void *user, enum send_cause cause, const char *text) {
    struct agent *agent = user;
    struct tr069_fault fault = {0};
    send_free(agent->send);
    agent->send = NULL;
    if (cause != SEND_OK) {
        (void) tr069_fault(&fault, send_faults[cause], "%s", text);
    } else {
        log_info("%s", text);
    }
    done(agent, agent->transfer_id, &fault);
    transfer_work(agent);
}

/* The file has been made: it goes out. */
static int send_file(struct agent *agent, const struct transfer *transfer, const char *path) {
    struct send_setup setup = {
        .url = transfer->request.url,
        .username = transfer->request.username,
        .password = transfer->request.password,
        .allow_basic_plain = config_bool(agent->config, "allow_basic_without_tls"),
        .path = path,
        .connect_timeout_s = (unsigned) config_int(agent->config, "connect_timeout"),
        .stall_timeout_s = (unsigned) config_int(agent->config, "stall_timeout"),
        .done = on_sent,
        .user = agent,
    };
    agent_fill_tls(agent, &setup.tls);
    return send_new(agent->loop, &setup, &agent->send);
}

/* ---- a plugin at work: it puts a file into use, or makes one ---- */

/* Handed to a plugin, and its until the plugin has ended it: also when it was given up. */
struct installation {
    struct tr069_install install; /* first */
    struct tr069_fault fault;
    struct installation *next; /* overdue */
    char path[PATH_MAX];
};

static void installed(struct agent *agent, int verdict) {
    struct installation *installation = agent->installation;
    const struct transfer *transfer = transfers_find(agent->transfers, agent->transfer_id);
    const bool upload = transfer != NULL && transfer_is_upload(transfer);
    struct tr069_fault fault = installation->fault;
    agent_cancel(agent, &agent->install_timer);
    agent->installation = NULL;
    agent->installer = NULL;
    if (verdict == TR069_OK && upload && !agent->transfer_dropped) {
        verdict = send_file(agent, transfer, installation->path);
    }
    free(installation);
    if (agent->send != NULL) {
        return;
    }
    if (verdict == TR069_OK || verdict == TR069_APPLIED_LATER) {
        fault.code = 0;
        fault.text[0] = '\0';
    } else {
        fault_from_verdict(verdict, upload ? "the file to send" : "the file could not be put into use",
                           &fault);
    }
    done(agent, agent->transfer_id, &fault);
    transfer_work(agent);
}

void transfer_installed(struct agent *agent, const struct tr069_install *install, int verdict) {
    if (agent->installation != NULL && install == &agent->installation->install) {
        installed(agent, verdict);
        return;
    }
    for (struct installation **link = &agent->overdue; *link != NULL; link = &(*link)->next) {
        struct installation *late = *link;
        if (install == &late->install) {
            log_warning("%s was put into use, or not, too late", late->path);
            *link = late->next;
            free(late);
            return;
        }
    }
}

/* The next transfer shall not wait for ever. What the plugin still does is its own affair. */
static void on_install_timeout(void *user) {
    static const struct tr069_transfer over = {"", "", "", "", "", "", "", 0, 0};
    struct agent *agent = user;
    struct tr069_fault fault;
    agent->install_timer = NULL;
    (void) tr069_fault(&fault, TR069_DOWNLOAD_FAILURE,
                       "the plugin was not done with the file within %u seconds",
                       (unsigned) config_int(agent->config, "install_timeout"));
    agent->installation->install.transfer = &over; /* the order may be gone when the plugin looks again */
    agent->installation->next = agent->overdue;
    agent->overdue = agent->installation;
    agent->installation = NULL;
    done(agent, agent->transfer_id, &fault);
    transfer_work(agent);
}

/* Calls the plugin; `work` NULL: there is none (any more). */
static void hand_over(struct agent *agent, const struct transfer *transfer, struct plugin *plugin,
                      int (*work)(const struct tr069_install *file)) {
    struct tr069_fault fault = {0};
    struct installation *installation = calloc(1, sizeof *installation);
    if (installation == NULL || work == NULL) {
        (void) tr069_fault(&fault, TR069_DOWNLOAD_FAILURE, "%s FileType \"%s\"",
                           installation == NULL           ? "out of memory for"
                           : transfer_is_upload(transfer) ? "no plugin of this box gives"
                                                          : "no plugin of this box takes",
                           transfer->request.file_type);
        free(installation);
        done(agent, agent->transfer_id, &fault);
        transfer_work(agent);
        return;
    }
    spool_path(agent, transfer->id, "", installation->path, sizeof installation->path);
    installation->install = (struct tr069_install){
        .transfer = &transfer->request,
        .path = installation->path,
        .fault = &installation->fault,
        .ctx = plugin->owner.ctx,
        .host = plugin->owner.host,
    };
    agent->installer = plugin;
    agent->installation = installation;
    agent->transfer_began_ms = agent_now(agent).mono_ms;
    (void) loop_timer(agent->loop, (uint64_t) config_int(agent->config, "install_timeout") * 1000,
                      on_install_timeout, agent, &agent->install_timer);
    int verdict = work(&installation->install);
    if (verdict != TR069_DEFERRED) {
        installed(agent, verdict);
    }
}

static void install(struct agent *agent, const struct transfer *transfer) {
    struct plugin *plugin = NULL;
    const struct tr069_file *file = plugins_file(agent->plugins, transfer->request.file_type, &plugin);
    hand_over(agent, transfer, plugin, file != NULL ? file->install : NULL);
}

/* What an earlier attempt made of the file is made anew. */
static void upload(struct agent *agent, const struct transfer *transfer) {
    struct plugin *plugin = NULL;
    const struct tr069_upload *source =
        plugins_upload(agent->plugins, transfer_upload_name(&transfer->request), &plugin);
    char path[PATH_MAX];
    spool_path(agent, transfer->id, "", path, sizeof path);
    (void) unlink(path);
    hand_over(agent, transfer, plugin, source != NULL ? source->produce : NULL);
}

void transfer_work_free(struct agent *agent) {
    free(agent->installation);
    agent->installation = NULL;
    while (agent->overdue != NULL) {
        struct installation *late = agent->overdue;
        agent->overdue = late->next;
        free(late);
    }
}

/* ---- fetching ---- */

static const unsigned cause_faults[] = {
    [FETCH_OK] = 0,
    [FETCH_NO_CONTACT] = TR069_TRANSFER_NO_CONTACT,
    [FETCH_AUTHENTICATION] = TR069_TRANSFER_AUTHENTICATION,
    [FETCH_NO_ACCESS] = TR069_TRANSFER_NO_ACCESS,
    [FETCH_INCOMPLETE] = TR069_TRANSFER_INCOMPLETE,
    [FETCH_TOO_LARGE] = TR069_DOWNLOAD_FAILURE,
    [FETCH_WRONG_SIZE] = TR069_TRANSFER_CORRUPTED,
    [FETCH_NO_SPACE] = TR069_DOWNLOAD_FAILURE,
    [FETCH_LOCAL] = TR069_DOWNLOAD_FAILURE,
};

static void on_progress(void *user, uint64_t octets, uint64_t total) {
    struct agent *agent = user;
    uint64_t now = agent_now(agent).mono_ms;
    unsigned percent = total > 0 ? (unsigned) (octets * 100.0 / (double) total) : 0;
    agent->transfer_octets = octets;
    agent->transfer_total = total;
    if (percent < agent->transfer_percent + 10 && now < agent->transfer_told_ms + PROGRESS_MS) {
        return;
    }
    agent->transfer_percent = percent;
    agent->transfer_told_ms = now;
    if (total > 0) {
        log_info("%u %% of %llu octets", percent, (unsigned long long) total);
    } else {
        log_info("%llu octets so far", (unsigned long long) octets);
    }
}

static void begin_fetch(struct agent *agent, const struct transfer *transfer, bool beside);

static void on_fetched(void *user, enum fetch_cause cause, const char *text) {
    struct agent *agent = user;
    struct moment now = agent_now(agent);
    fetch_free(agent->fetch);
    agent->fetch = NULL;
    const struct transfer *transfer = transfers_find(agent->transfers, agent->transfer_id);
    if (cause != FETCH_OK) {
        struct tr069_fault fault;
        (void) tr069_fault(&fault, cause_faults[cause], "%s%s", agent->fetching_beside ? "signature: " : "",
                           text);
        done(agent, agent->transfer_id, &fault);
    } else if (transfer != NULL && agent->fetching_beside) {
        begin_fetch(agent, transfer, false);
        return;
    } else if (transfer != NULL) {
        transfers_fetched(agent->transfers, agent->transfer_id, &now);
        (void) store_commit(agent->store);
        install(agent, transfer);
        return;
    } else {
        remove_spooled(agent, agent->transfer_id); /* discarded meanwhile */
    }
    transfer_work(agent);
}

/* The suffix of the small file that belongs to it, or NULL. */
static const char *suffix_of(struct agent *agent, const struct transfer *transfer) {
    struct plugin *plugin = NULL;
    const struct tr069_file *file = plugins_file(agent->plugins, transfer->request.file_type, &plugin);
    bool knows = file != NULL && plugin->owner.plugin->file_size > offsetof(struct tr069_file, beside);
    const char *suffix =
        knows && file->beside != NULL ? file->beside(plugin->owner.ctx, &transfer->request) : NULL;
    return suffix != NULL && suffix[0] == '.' && strchr(suffix, '/') == NULL ? suffix : NULL;
}

/* The suffix goes to the end of the path, before a query. */
static void url_beside(const char *url, const char *suffix, char *ret_url, size_t size) {
    size_t length = strcspn(url, "?#");
    (void) snprintf(ret_url, size, "%.*s%s%s", (int) length, url, suffix, url + length);
}

static void begin_fetch(struct agent *agent, const struct transfer *transfer, bool beside) {
    char path[PATH_MAX], url[BESIDE_URL_MAX];
    const char *suffix = beside ? suffix_of(agent, transfer) : NULL;
    uint32_t id = transfer->id;
    spool_path(agent, id, suffix != NULL ? suffix : "", path, sizeof path);
    url_beside(transfer->request.url, suffix != NULL ? suffix : "", url, sizeof url);
    struct fetch_setup setup = {
        .url = url,
        .username = transfer->request.username,
        .password = transfer->request.password,
        .allow_basic_plain = config_bool(agent->config, "allow_basic_without_tls"),
        .path = path,
        .expected_size = suffix != NULL ? 0 : transfer->request.file_size,
        .max_size = suffix != NULL ? BESIDE_MAX : (uint64_t) config_int(agent->config, "max_download"),
        .keep_free = (uint64_t) config_int(agent->config, "keep_free"),
        .connect_timeout_s = (unsigned) config_int(agent->config, "connect_timeout"),
        .stall_timeout_s = (unsigned) config_int(agent->config, "stall_timeout"),
        .deadline_s = (unsigned) config_int(agent->config, "download_timeout"),
        .resumes = (unsigned) config_int(agent->config, "download_resumes"),
        .progress = on_progress,
        .done = on_fetched,
        .user = agent,
    };
    agent_fill_tls(agent, &setup.tls);
    agent->fetching_beside = suffix != NULL;
    int r = fetch_new(agent->loop, &setup, &agent->fetch);
    if (r < 0) {
        struct tr069_fault fault;
        (void) tr069_fault(&fault, TR069_DOWNLOAD_FAILURE, "the download could not begin: %s", strerror(-r));
        done(agent, id, &fault);
    }
}

/* ---- work ---- */

static void begin(struct agent *agent, const struct transfer *transfer) {
    char shown[256];
    struct moment now = agent_now(agent);
    const bool sends = transfer_is_upload(transfer);
    text_url_for_log(shown, sizeof shown, transfer->request.url);
    log_info("%s of \"%s\" %s %s", transfer->request.method, transfer->request.file_type,
             sends ? "to" : "from", shown);
    agent->transfer_percent = 0;
    agent->transfer_octets = agent->transfer_total = 0;
    agent->transfer_told_ms = agent->transfer_began_ms = now.mono_ms;
    transfers_started(agent->transfers, transfer->id, &now);
    (void) store_commit(agent->store);
    (void) mkdir(config_path(agent->config, "spool_dir"), 0700);
    limit_time(agent, transfer);
    if (sends) {
        upload(agent, transfer);
    } else {
        begin_fetch(agent, transfer, suffix_of(agent, transfer) != NULL);
    }
}

/* What can be done at once with one that is due: true when it needs no work (now). */
static bool put_off(struct agent *agent, const struct transfer *transfer) {
    if (transfer->state == TRANSFER_QUEUED && transfer->request.window_count > 0 &&
        transfer->window == NULL) {
        struct tr069_fault fault;
        (void) tr069_fault(&fault, TR069_TRANSFER_WINDOW, "its time windows are over");
        transfer_end(agent, transfer->id, &fault);
        return true;
    }
    if (transfer_needs_consent(transfer)) {
        transfer_ask(agent, transfer);
        return true;
    }
    return false;
}

void transfer_work(struct agent *agent) {
    agent_cancel(agent, &agent->transfer_timer);
    if (agent->stopping || agent->quiet || agent->fetch != NULL || agent->send != NULL ||
        agent->installer != NULL || driver_in_session(agent)) {
        return;
    }
    for (const struct transfer *over; (over = transfers_internal_done(agent->transfers)) != NULL;) {
        end_internal(agent, over, &over->fault); /* it ended with the restart */
    }
    struct moment now = agent_now(agent);
    uint64_t next = UINT64_MAX;
    const struct transfer *transfer = transfers_next(agent->transfers, &now, &next);
    while (transfer != NULL && put_off(agent, transfer)) {
        next = UINT64_MAX;
        transfer = transfers_next(agent->transfers, &now, &next);
    }
    if (transfer == NULL) {
        if (next != UINT64_MAX) {
            uint64_t wait = next > now.mono_ms ? next - now.mono_ms : 0;
            agent_cancel(agent, &agent->transfer_timer); /* somebody was asked, and has answered */
            (void) loop_timer(agent->loop, wait, on_timer, agent, &agent->transfer_timer);
        }
        return;
    }
    agent->transfer_id = transfer->id;
    if (transfer->state == TRANSFER_INSTALLING) { /* again, after a restart */
        transfers_fetched(agent->transfers, transfer->id, &now);
        install(agent, transfer);
    } else {
        begin(agent, transfer);
    }
}

void transfer_work_stop(struct agent *agent) {
    fetch_free(agent->fetch);
    agent->fetch = NULL;
    send_free(agent->send);
    agent->send = NULL;
    agent_cancel(agent, &agent->transfer_timer);
    agent_cancel(agent, &agent->transfer_limit);
}
