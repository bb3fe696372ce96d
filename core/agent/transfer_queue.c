/* The queue of transfers as others see it: what is ordered, listed, cancelled, asked for, wanted to be told.
 */
#include <config.h>

#include "agent/agent_internal.h"
#include "agent/plugin_offers.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

#define LOG_ROOM "transfer"

/* ---- ordering ---- */

const char *transfer_upload_name(const struct tr069_transfer *transfer) {
    return transfer->upload != NULL && transfer->upload[0] != '\0' ? transfer->upload : transfer->file_type;
}

static int accept_upload(struct agent *agent, const struct tr069_transfer *transfer,
                         struct tr069_fault *fault) {
    struct plugin *plugin = NULL;
    const struct tr069_upload *upload =
        plugins_upload(agent->plugins, transfer_upload_name(transfer), &plugin);
    if (upload == NULL) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "no plugin of this box gives FileType \"%s\"",
                           transfer->file_type);
    }
    return upload->accept != NULL ? upload->accept(plugin->owner.ctx, transfer, fault) : TR069_OK;
}

static int accept_download(struct agent *agent, const struct tr069_transfer *transfer,
                           struct tr069_fault *fault) {
    struct plugin *plugin = NULL;
    const struct tr069_file *file = plugins_file(agent->plugins, transfer->file_type, &plugin);
    if (file == NULL) {
        return tr069_fault(fault, TR069_INVALID_ARGUMENTS, "no plugin of this box takes FileType \"%s\"",
                           transfer->file_type);
    }
    return file->accept != NULL ? file->accept(plugin->owner.ctx, transfer, fault) : TR069_OK;
}

/* Of one that is not begun from inside of a session nothing else would remind the client. */
static void on_added(void *user) {
    struct agent *agent = user;
    agent->transfer_timer = NULL;
    transfer_work(agent);
}

static void work_soon(struct agent *agent) {
    agent_cancel(agent, &agent->transfer_timer);
    (void) loop_timer(agent->loop, 0, on_added, agent, &agent->transfer_timer);
}

int transfer_request(struct agent *agent, const struct tr069_transfer *transfer, struct tr069_fault *fault) {
    struct moment now = agent_now(agent);
    uint32_t id = 0;
    bool upload = transfer->method != NULL && strcmp(transfer->method, "Upload") == 0;
    int verdict = (upload ? accept_upload : accept_download)(agent, transfer, fault);
    if (verdict == TR069_OK) {
        verdict = transfers_add(agent->transfers, transfer, &now, &id, fault);
    }
    if (verdict == TR069_OK && !driver_in_session(agent)) {
        work_soon(agent);
    }
    return verdict;
}

/* ---- listing and cancelling ---- */

static unsigned state_of(const struct transfer *transfer) {
    static const unsigned states[] = {
        [TRANSFER_QUEUED] = 1, [TRANSFER_ACTIVE] = 2, [TRANSFER_INSTALLING] = 2, [TRANSFER_DONE] = 3};
    return states[transfer->state];
}

int transfer_list(struct agent *agent, int ns, int (*each)(void *user, const struct tr069_queued *queued),
                  void *user) {
    char oui[65], path[TR069_NAME_MAX + 1], type[TRANSFER_TYPE_SIZE];
    int r = 0;
    if (model_get(agent->model, agent_path(agent, "DeviceInfo.ManufacturerOUI", path), oui, sizeof oui) < 0) {
        (void) text_copy(oui, sizeof oui, "000000");
    }
    for (size_t i = 0; r == 0 && i < transfers_count(agent->transfers); i++) {
        const struct transfer *transfer = transfers_at(agent->transfers, i);
        if (transfer->request.internal) {
            continue;
        }
        const struct tr069_queued queued = {.transfer = &transfer->request,
                                            .state = state_of(transfer),
                                            .ordered = !transfer->request.autonomous && !transfer->silent,
                                            .file_type = type};
        transfer_type(transfer, ns, oui, type);
        r = each(user, &queued);
    }
    return r;
}

int transfer_cancel(struct agent *agent, const char *command_key, struct tr069_fault *fault) {
    uint32_t running = 0;
    int verdict = transfers_cancel(agent->transfers, command_key, &running, fault);
    if (running != 0) {
        transfer_drop(agent);
        transfer_work_tidy(agent);
    }
    return verdict;
}

/* ---- of the box's own accord ---- */

#define POLICY "AutonomousTransferCompletePolicy."

bool policy_read(const struct agent *agent, const char *object, const char *name, char *text, size_t size) {
    char path[TR069_NAME_MAX + 1];
    (void) text_join(path, sizeof path, model_root(agent->model), "ManagementServer.", object, name, NULL);
    return model_get(agent->model, path, text, size) >= 0;
}

bool policy_takes(const struct agent *agent, const char *object, const char *name, const char *value) {
    char text[16];
    return policy_read(agent, object, name, text, sizeof text) &&
           (strcmp(text, "Both") == 0 || strcmp(text, value) == 0);
}

bool policy_list_has(const char *list, const char *item) {
    size_t length = strlen(item);
    while (*list != '\0') {
        list += strspn(list, " ,");
        size_t here = strcspn(list, ",");
        if (here == length && strncmp(list, item, length) == 0) {
            return true;
        }
        list += here;
    }
    return false;
}

bool transfer_policy(const struct agent *agent, const struct transfer *transfer, unsigned fault_code) {
    char text[1024 * 4 + 1], type[TRANSFER_TYPE_SIZE];
    if (!policy_read(agent, POLICY, "Enable", text, sizeof text) || strcmp(text, "true") != 0 ||
        !policy_takes(agent, POLICY, "TransferTypeFilter",
                      transfer_is_upload(transfer) ? "Upload" : "Download") ||
        !policy_takes(agent, POLICY, "ResultTypeFilter", fault_code == 0 ? "Success" : "Failure")) {
        return false;
    }
    transfer_type(transfer, 12, "", type);
    return policy_read(agent, POLICY, "FileTypeFilter", text, sizeof text) && policy_list_has(text, type);
}

int transfer_note(struct agent *agent, const struct tr069_transfer *transfer, const struct tr069_fault *fault,
                  int64_t start, int64_t complete) {
    struct tr069_transfer own = *transfer;
    struct tr069_fault refusal = {0};
    struct moment now = agent_now(agent);
    uint32_t id = 0;
    own.autonomous = true;
    own.windows = NULL;
    own.window_count = 0;
    if (transfers_add(agent->transfers, &own, &now, &id, &refusal) != TR069_OK) {
        log_error("a transfer of the box's own cannot be told: %s", refusal.text);
        return refusal.code == TR069_RESOURCES_EXCEEDED ? -ENOSPC : -EINVAL;
    }
    transfers_happened(agent->transfers, id, start, complete);
    transfer_end(agent, id, fault);
    return 0;
}

/* ---- what a window asks for ---- */

enum { ASK_AGAIN_MS = 10000 };

bool transfer_needs_consent(const struct transfer *transfer) {
    return transfer->state == TRANSFER_QUEUED && transfer->window != NULL && !transfer->agreed &&
           (transfer->window->mode == TR069_WHEN_IDLE || transfer->window->mode == TR069_CONFIRMATION_NEEDED);
}

/* A box that is not idle is asked again; a user who said no is not, in this window. */
static void on_answer(void *user, int result, const char *output, size_t length) {
    struct agent *agent = user;
    uint32_t id = agent->asked_id;
    (void) output;
    (void) length;
    agent->asked_id = 0;
    if (agent->stopping) {
        return;
    }
    if (result == 0) {
        transfers_agree(agent->transfers, id);
        work_soon(agent);
    } else {
        log_info("transfer %u has to wait: %s", (unsigned) id, strerror(-result));
    }
}

void transfer_ask(struct agent *agent, const struct transfer *transfer) {
    const struct tr069_window *window = transfer->window;
    const bool confirm = window->mode == TR069_CONFIRMATION_NEEDED;
    const char *args[] = {window->user_message, transfer->request.file_type, NULL};
    uint64_t now = agent_now(agent).mono_ms;
    uint64_t poll = (uint64_t) config_int(agent->config, "idle_poll") * 1000;
    uint32_t id = transfer->id;
    if (agent->asked_id != 0) { /* one after the other */
        transfers_wait(agent->transfers, id, now + ASK_AGAIN_MS);
        return;
    }
    transfers_wait(agent->transfers, id, confirm ? transfer->until_ms : now + poll);
    agent->asked_id = id;
    int r = agent_action(agent, NULL, confirm ? "confirm" : "idle", confirm ? args : NULL, on_answer, agent);
    if (r == 0) {
        return;
    }
    agent->asked_id = 0;
    if (r == -ENOSYS && !confirm) { /* a box that does not tell when it is idle always is */
        transfers_agree(agent->transfers, id);
    } else {
        log_warning("the action \"%s\" of a transfer's time window: %s", confirm ? "confirm" : "idle",
                    r == -ENOSYS ? "this box has none" : strerror(-r));
    }
}
