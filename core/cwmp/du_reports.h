/* Reports on operations on deployment units: what DUStateChangeComplete and its autonomous twin tell (digest
 * section 10). Pure: whoever carries the operations out adds their results; the session delivers. Each step
 * is in the store (keys `du/...`), so that a report survives a power cut together with what it tells.
 *
 *   OPEN --close--> DONE --(Autonomous)DUStateChangeCompleteResponse--> gone */
#ifndef CWMP_DU_REPORTS_H
#define CWMP_DU_REPORTS_H

#include "base/store.h"

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct du_reports;

struct du_report {
    uint32_t id; /* never given twice */
    bool autonomous;
    bool done;
    char command_key[TR069_COMMAND_KEY_MAX * 4 + 1];
    struct tr069_du_result *results; /* all texts are there */
    size_t count;
};

int du_reports_new(struct store *store, struct du_reports **ret_reports);
void du_reports_free(struct du_reports *reports);

/* As du_open, du_result of struct tr069_host. */
int du_reports_open(struct du_reports *reports, const char *command_key, uint32_t *ret_id);
int du_reports_add(struct du_reports *reports, uint32_t id, const struct tr069_du_result *result);
/* 1: it is to be told: the caller queues its event, in the same commit. 0: it had no result and is gone.
 * -ENOENT. */
int du_reports_close(struct du_reports *reports, uint32_t id);
bool du_reports_is_autonomous(const struct du_reports *reports, uint32_t id);

/* The first DONE one after `after_id` (0: from the start), or NULL. `reports` may be NULL. */
const struct du_report *du_reports_next(const struct du_reports *reports, uint32_t after_id);
const struct du_report *du_reports_find(const struct du_reports *reports, uint32_t id);
void du_reports_delivered(struct du_reports *reports, uint32_t id);
/* A bootstrap, a factory reset: nobody is told any more. */
void du_reports_discard(struct du_reports *reports);
/* The event that belongs to it, and the event's CommandKey. */
const char *du_report_event(const struct du_report *report, const char **ret_key);
/* The code as DeploymentUnitFaultStruct may carry it (A.5.1 has a list of its own for it). */
unsigned du_fault_code(unsigned code);

#endif
