/* When a session may begin whose only cause is a changed value: so that a parameter that never rests does
 * not keep box, network and ACS busy. DefaultActiveNotificationThrottle is the ACS's means; this one is
 * ours, there without being asked for. Pure.
 *
 * Each parameter may cause `burst` sessions at once, and one more every `interval`. All of them together may
 * cause THROTTLE_TOGETHER times as many. A change that has to wait rides along in any session before. */
#ifndef CWMP_THROTTLE_H
#define CWMP_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

enum { THROTTLE_NAMES = 64, THROTTLE_TOGETHER = 6 };

/* A budget: what was used up is paid back at this time. */
struct throttle_budget {
    uint64_t name; /* digest of the parameter's */
    uint64_t paid_ms;
};

struct throttle {
    uint32_t interval_ms; /* 0: no limit */
    uint32_t burst;
    struct throttle_budget together;
    struct throttle_budget names[THROTTLE_NAMES]; /* beyond them the one that is paid first is forgotten */
};

void throttle_configure(struct throttle *throttle, uint32_t interval_ms, uint32_t burst);
/* The time at which a change of this parameter may cause a session: now_ms or later. */
uint64_t throttle_due(const struct throttle *throttle, const char *path, uint64_t now_ms);
/* It causes one at that time. */
void throttle_charge(struct throttle *throttle, const char *path, uint64_t due_ms);
/* The same for the session itself, once. */
uint64_t throttle_due_together(const struct throttle *throttle, uint64_t now_ms);
void throttle_charge_together(struct throttle *throttle, uint64_t due_ms);

#endif
