/* How often changed values may cause sessions. */
#include <config.h>

#include "cwmp/throttle.h"

#include "base/text.h"

#include <string.h>

void throttle_configure(struct throttle *throttle, uint32_t interval_ms, uint32_t burst) {
    throttle->interval_ms = interval_ms;
    throttle->burst = burst > 0 ? burst : 1;
}

/* A budget of `burst` is open as long as less than that is still to be paid back. */
static uint64_t due(const struct throttle_budget *budget, uint64_t interval_ms, uint32_t burst,
                    uint64_t now_ms) {
    const uint64_t credit = interval_ms * (burst - 1);
    if (budget == NULL || budget->paid_ms <= now_ms + credit) {
        return now_ms;
    }
    return budget->paid_ms - credit;
}

static void charge(struct throttle_budget *budget, uint64_t interval_ms, uint64_t due_ms) {
    budget->paid_ms = (budget->paid_ms > due_ms ? budget->paid_ms : due_ms) + interval_ms;
}

static const struct throttle_budget *find(const struct throttle *throttle, uint64_t name) {
    for (size_t i = 0; i < THROTTLE_NAMES; i++) {
        if (throttle->names[i].name == name) {
            return &throttle->names[i];
        }
    }
    return NULL;
}

uint64_t throttle_due(const struct throttle *throttle, const char *path, uint64_t now_ms) {
    const uint64_t name = text_hash(path, strlen(path));
    return due(find(throttle, name), throttle->interval_ms, throttle->burst, now_ms);
}

void throttle_charge(struct throttle *throttle, const char *path, uint64_t due_ms) {
    const uint64_t name = text_hash(path, strlen(path));
    struct throttle_budget *budget = &throttle->names[0];
    for (size_t i = 0; i < THROTTLE_NAMES && budget->name != name; i++) {
        if (throttle->names[i].name == name || throttle->names[i].paid_ms < budget->paid_ms) {
            budget = &throttle->names[i];
        }
    }
    if (budget->name != name) {
        *budget = (struct throttle_budget){.name = name};
    }
    charge(budget, throttle->interval_ms, due_ms);
}

uint64_t throttle_due_together(const struct throttle *throttle, uint64_t now_ms) {
    return due(&throttle->together, throttle->interval_ms / THROTTLE_TOGETHER,
               throttle->burst * THROTTLE_TOGETHER, now_ms);
}

void throttle_charge_together(struct throttle *throttle, uint64_t due_ms) {
    charge(&throttle->together, throttle->interval_ms / THROTTLE_TOGETHER, due_ms);
}
