/* The queue of Inform events (digest section 8): what is pending, what a session delivers, what
 * survives a power cut. Pure: the store keeps it (keys `event/...`). */
#ifndef CWMP_EVENTS_H
#define CWMP_EVENTS_H

#include "base/store.h"

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct events;

enum { EVENTS_MAX_INFORM = 64, EVENTS_MAX = 256 };

/* Reads what the store kept. `after_boot` entries become pending when `booted`. */
int events_new(struct store *store, bool booted, struct events **ret_events);
void events_free(struct events *events);

/* Queues an event; a single-type one merges with one that was not sent yet. An `M` event brings the
 * event that it needs (`7 TRANSFER COMPLETE` for `M Download`). `0 BOOTSTRAP` discards all others but
 * `1 BOOT` of this boot, unless it is pending already. `2 PERIODIC` and events of the vendor are put
 * into the store only by events_failed(), so that no flash is written each minute. 0, -EINVAL for a
 * code that is none or a command key that does not go with it, -ENOSPC (a vendor's `X` event is dropped
 * before that), -ENOMEM. */
int events_add(struct events *events, const char *code, const char *command_key, enum tr069_event_when when);
/* Can this client ever deliver it? Not what needs a request that it does not send: `5 KICKED`, `9 REQUEST
 * DOWNLOAD`, `10`, `11`, `12` and `M ChangeDUState`: they would stand in every Inform for ever. */
bool events_deliverable(const char *code);
/* Is anything pending that wants a session now? Not what was sent and waits for its own response (the
 * next session takes it along), nor what the version agreed with the ACS does not know. */
bool events_pending(const struct events *events);
/* Is it queued, sent or not? Not if it waits for the next boot. */
bool events_has(const struct events *events, const char *code);

struct event {
    const char *code;
    const char *command_key;
};
/* Takes the events of one Inform: at most EVENTS_MAX_INFORM, in the order of the standard, `M`
 * events with the event that they need (`M Download` with `7 TRANSFER COMPLETE`), `14 HEARTBEAT` only
 * when it is alone. They stay queued, marked as sent. Returns how many, and the list with its texts, to
 * be freed by free(), which does not change whatever happens to the queue; or -ENOMEM, and none was taken. */
int events_take(struct events *events, int cwmp_version, struct event **ret_list);
/* The InformResponse came: sent events that it delivers leave the queue and the store. */
void events_informed(struct events *events);
/* A TransferCompleteResponse (DUStateChangeCompleteResponse, ...) came: one `M` event with this key
 * leaves; the last one takes `7 TRANSFER COMPLETE` (or `11`) with it. */
void events_completed(struct events *events, const char *code, const char *command_key);
/* The session failed: sent events are pending again, `6 CONNECTION REQUEST` and `14 HEARTBEAT` are
 * dropped, what must survive is stored. */
void events_failed(struct events *events);
/* Drops everything, also from the store (factory reset). */
void events_forget(struct events *events);

#endif
