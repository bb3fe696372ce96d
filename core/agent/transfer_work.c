/* Works on the queue of transfers: fetches, has the file installed, reports. One at a time, and not
 * while a session runs. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/log.h"
#include "base/text.h"
#include "cwmp/fault.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_ROOM "transfer"

static void on_timer(void *user) {
    struct agent *agent = user;
    agent->transfer_timer = NULL;
    transfer_work(agent);
}

static void spool_path(const struct agent *agent, uint32_t id, char *path, size_t size) {
    (void) snprintf(path, size, "%s/transfer-%u", config_path(agent->config, "spool_dir"), id);
}

/* The file goes only when the result is on disk: after a power cut in between, the installer is asked
 * again and must find it. */
static void remove_spooled(struct agent *agent, uint32_t id) {
    char path[PATH_MAX];
    int r = store_commit(agent->store);
    if (r < 0) {
        log_warning("state_dir: cannot be written: %s; the file of the transfer stays in the spool for now",
                    strerror(-r));
        return;
    }
    spool_path(agent, id, path, sizeof path);
    (void) unlink(path);
}

/* Files of transfers that had ended when the power was cut. */
void transfer_work_tidy(struct agent *agent) {
    const char *directory = config_path(agent->config, "spool_dir");
    DIR *spool = opendir(directory);
    for (struct dirent *entry = NULL; spool != NULL && (entry = readdir(spool)) != NULL;) {
        int64_t id = 0;
        if (!text_starts(entry->d_name, "transfer-") ||
            text_parse_int(entry->d_name + strlen("transfer-"), 1, UINT32_MAX, &id) < 0) {
            continue;
        }
        const struct transfer *transfer = transfers_find(agent->transfers, (uint32_t) id);
        if (transfer == NULL || transfer->state == TRANSFER_DONE) {
            (void) unlinkat(dirfd(spool), entry->d_name, 0);
        }
    }
    if (spool != NULL) {
        (void) closedir(spool);
    }
}

/* ---- the end of one ---- */

static void done(struct agent *agent, uint32_t id, const struct tr069_fault *fault) {
    struct moment now = agent_now(agent);
    const struct transfer *transfer = transfers_find(agent->transfers, id);
    char event[64];
    agent->transfer_id = 0;
    agent->installer = NULL;
    if (agent->reload_wanted) {
        agent_want_reload(agent); /* it had to wait for the installer */
    }
    if (transfer == NULL) {
        remove_spooled(agent, id); /* discarded meanwhile */
        return;
    }
    if (fault->code == 0) {
        log_notice("%s of \"%s\": in place", transfer->request.method, transfer->request.file_type);
    } else {
        log_error("%s of \"%s\": failed: %u %s", transfer->request.method, transfer->request.file_type,
                  fault->code, fault->text);
    }
    bool report = transfers_done(agent->transfers, id, fault, &now);
    if (report) { /* else a bootstrap came meanwhile */
        (void) snprintf(event, sizeof event, "M %s", transfer->request.method);
        (void) events_add(agent->events, "7 TRANSFER COMPLETE", "", TR069_NOW);
        (void) events_add(agent->events, event, transfer->request.command_key, TR069_NOW);
        driver_want(agent, "7 TRANSFER COMPLETE");
    }
    remove_spooled(agent, id);
}

/* ---- installing ---- */

static void installed(struct agent *agent, int verdict) {
    struct tr069_fault fault = agent->install_fault;
    if (verdict == TR069_OK || verdict == TR069_APPLIED_LATER) {
        fault.code = 0;
        fault.text[0] = '\0';
    } else {
        fault_from_verdict(verdict, "the file could not be put into use", &fault);
        if (!fault_in_transfer_complete(fault.code)) {
            fault.code = TR069_DOWNLOAD_FAILURE;
        }
    }
    done(agent, agent->transfer_id, &fault);
    transfer_work(agent);
}

void transfer_installed(struct agent *agent, const struct tr069_install *install, int verdict) {
    if (install == &agent->install && agent->installer != NULL) {
        installed(agent, verdict);
    }
}

static void install(struct agent *agent, const struct transfer *transfer) {
    struct plugin *plugin = NULL;
    const struct tr069_file *file = plugins_file(agent->plugins, transfer->request.file_type, &plugin);
    spool_path(agent, transfer->id, agent->install_path, sizeof agent->install_path);
    agent->install_fault = (struct tr069_fault){0};
    if (file == NULL || file->install == NULL) {
        (void) tr069_fault(&agent->install_fault, TR069_DOWNLOAD_FAILURE,
                           "no plugin of this box takes FileType \"%s\"", transfer->request.file_type);
        installed(agent, TR069_FAULT);
        return;
    }
    agent->installer = plugin;
    agent->install = (struct tr069_install){
        .transfer = &transfer->request,
        .path = agent->install_path,
        .fault = &agent->install_fault,
        .ctx = plugin->owner.ctx,
        .host = plugin->owner.host,
    };
    int verdict = file->install(&agent->install);
    if (verdict != TR069_DEFERRED) {
        installed(agent, verdict);
    }
}

/* ---- fetching ---- */

static const unsigned cause_faults[] = {
    [FETCH_OK] = 0,
    [FETCH_NO_CONTACT] = TR069_TRANSFER_NO_CONTACT,
    [FETCH_AUTHENTICATION] = TR069_TRANSFER_AUTHENTICATION,
    [FETCH_NO_ACCESS] = TR069_TRANSFER_NO_ACCESS,
    [FETCH_INCOMPLETE] = TR069_TRANSFER_INCOMPLETE,
    [FETCH_TOO_LARGE] = TR069_TRANSFER_CORRUPTED,
    [FETCH_NO_SPACE] = TR069_DOWNLOAD_FAILURE,
    [FETCH_LOCAL] = TR069_DOWNLOAD_FAILURE,
};

static void on_progress(void *user, uint64_t octets, uint64_t total) {
    struct agent *agent = user;
    unsigned percent = total > 0 ? (unsigned) (octets * 100 / total) : 0;
    agent->transfer_octets = octets;
    agent->transfer_total = total;
    if (total > 0 && percent >= agent->transfer_percent + 10) {
        agent->transfer_percent = percent;
        log_info("%u %% of %llu octets", percent, (unsigned long long) total);
    }
}

static void on_fetched(void *user, enum fetch_cause cause, const char *text) {
    struct agent *agent = user;
    struct moment now = agent_now(agent);
    fetch_free(agent->fetch);
    agent->fetch = NULL;
    const struct transfer *transfer = transfers_find(agent->transfers, agent->transfer_id);
    if (cause != FETCH_OK) {
        struct tr069_fault fault;
        (void) tr069_fault(&fault, cause_faults[cause], "%s", text);
        done(agent, agent->transfer_id, &fault);
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

static void fetch(struct agent *agent, const struct transfer *transfer) {
    char path[PATH_MAX], shown[256];
    struct moment now = agent_now(agent);
    uint32_t id = transfer->id;
    spool_path(agent, id, path, sizeof path);
    if (transfer->state == TRANSFER_QUEUED) {
        (void) unlink(path); /* of an older transfer that had this number */
    }
    text_url_for_log(shown, sizeof shown, transfer->request.url);
    log_info("%s of \"%s\" from %s", transfer->request.method, transfer->request.file_type, shown);
    struct fetch_setup setup = {
        .url = transfer->request.url,
        .username = transfer->request.username,
        .password = transfer->request.password,
        .path = path,
        .expected_size = transfer->request.file_size,
        .max_size = (uint64_t) config_int(agent->config, "max_download"),
        .keep_free = (uint64_t) config_int(agent->config, "keep_free"),
        .connect_timeout_s = (unsigned) config_int(agent->config, "connect_timeout"),
        .stall_timeout_s = (unsigned) config_int(agent->config, "stall_timeout"),
        .resumes = (unsigned) config_int(agent->config, "download_resumes"),
        .progress = on_progress,
        .done = on_fetched,
        .user = agent,
    };
    agent_fill_tls(agent, &setup.tls);
    agent->transfer_percent = 0;
    transfers_started(agent->transfers, id, &now);
    (void) store_commit(agent->store);
    (void) mkdir(config_path(agent->config, "spool_dir"), 0700);
    int r = fetch_new(agent->loop, &setup, &agent->fetch);
    if (r < 0) {
        struct tr069_fault fault;
        (void) tr069_fault(&fault, TR069_DOWNLOAD_FAILURE, "the download could not begin: %s", strerror(-r));
        done(agent, id, &fault);
    }
}

void transfer_work(struct agent *agent) {
    agent_cancel(agent, &agent->transfer_timer);
    if (agent->stopping || agent->quiet || agent->fetch != NULL || agent->installer != NULL ||
        driver_in_session(agent)) {
        return;
    }
    struct moment now = agent_now(agent);
    uint64_t next = UINT64_MAX;
    const struct transfer *transfer = transfers_next(agent->transfers, &now, &next);
    if (transfer == NULL) {
        if (next != UINT64_MAX) {
            uint64_t wait = next > now.mono_ms ? next - now.mono_ms : 0;
            (void) loop_timer(agent->loop, wait, on_timer, agent, &agent->transfer_timer);
        }
        return;
    }
    agent->transfer_id = transfer->id;
    if (transfer->state == TRANSFER_INSTALLING) { /* again, after a restart */
        transfers_fetched(agent->transfers, transfer->id, &now);
        install(agent, transfer);
    } else {
        fetch(agent, transfer);
    }
}

int transfer_request(struct agent *agent, const struct tr069_transfer *transfer, struct tr069_fault *fault) {
    struct plugin *plugin = NULL;
    const struct tr069_file *file = plugins_file(agent->plugins, transfer->file_type, &plugin);
    if (file == NULL) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "no plugin of this box takes FileType \"%s\"",
                           transfer->file_type);
    }
    int verdict = file->accept != NULL ? file->accept(plugin->owner.ctx, transfer, fault) : TR069_OK;
    if (verdict != TR069_OK) {
        return verdict;
    }
    struct moment now = agent_now(agent);
    uint32_t id = 0;
    return transfers_add(agent->transfers, transfer, &now, &id, fault);
}

void transfer_work_stop(struct agent *agent) {
    fetch_free(agent->fetch);
    agent->fetch = NULL;
    agent_cancel(agent, &agent->transfer_timer);
}
