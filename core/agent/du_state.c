/* Reports on deployment units: whether the ACS wants them, and the events that tell it. */
#include <config.h>

#include "agent/agent_internal.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define POLICY "DUStateChangeComplPolicy."

enum { LIST_SIZE = 1024 };

bool du_policy(const struct agent *agent, const struct tr069_du_result *result) {
    const unsigned fault = du_fault_code(result->fault.code);
    char list[LIST_SIZE], code[16];
    if (!policy_read(agent, POLICY, "Enable", list, sizeof list) || strcmp(list, "true") != 0 ||
        !policy_takes(agent, POLICY, "ResultTypeFilter", fault == 0 ? "Success" : "Failure") ||
        !policy_read(agent, POLICY, "OperationTypeFilter", list, sizeof list) ||
        !policy_list_has(list, result->operation)) {
        return false;
    }
    (void) snprintf(code, sizeof code, "%u", fault);
    return fault == 0 ||
           (policy_read(agent, POLICY, "FaultCodeFilter", list, sizeof list) && policy_list_has(list, code));
}

int du_close(struct agent *agent, uint32_t id) {
    const char *key;
    int r = du_reports_close(agent->du_reports, id);
    if (r <= 0) {
        return r;
    }
    const struct du_report *report = du_reports_find(agent->du_reports, id);
    const char *event = du_report_event(report, &key);
    (void) events_add(agent->events, event, key, TR069_NOW); /* an `M` event brings `11 ...` */
    driver_want(agent, report->autonomous ? event : "11 DU STATE CHANGE COMPLETE");
    return 0;
}
