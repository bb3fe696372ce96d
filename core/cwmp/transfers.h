/* The queue of file transfers (digest section 12): one mechanism for Download, Upload and
 * ScheduleDownload. Pure: it decides and remembers (keys `transfer/...` of the store); the agent
 * fetches and installs.
 *
 *   QUEUED --due--> ACTIVE --fetched--> INSTALLING --in use--> DONE --TransferCompleteResponse--> gone
 *      |              |                     |                   ^
 *      |              +------ failure ------+-------------------+ (with a fault)
 *
 * Found ACTIVE after a restart: fetched again, at most TRANSFERS_TRIES times, then it fails with 9017.
 * Found INSTALLING: transfers_next gives it in that state: the installer is asked again (and
 * transfers_fetched called), or it fails with 9010.
 *
 * Delays go on over a restart by the wall clock where it is known, else from their start. */
#ifndef CWMP_TRANSFERS_H
#define CWMP_TRANSFERS_H

#include "base/clock.h"
#include "base/store.h"

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transfers;

enum { TRANSFERS_MAX = 16, TRANSFERS_TRIES = 3 };

enum transfer_state { TRANSFER_QUEUED, TRANSFER_ACTIVE, TRANSFER_INSTALLING, TRANSFER_DONE };

struct transfer {
    uint32_t id; /* stays with it over restarts */
    enum transfer_state state;
    struct tr069_transfer request;
    uint64_t due_ms;             /* monotonic; while QUEUED */
    int64_t start_s, complete_s; /* wall clock, CLOCK_WALL_UNKNOWN */
    struct tr069_fault fault;    /* DONE: code 0 = success */
};

int transfers_new(struct store *store, const struct moment *now, struct transfers **ret_transfers);
void transfers_free(struct transfers *transfers);

/* Takes a request over, everything checked and stored; its strings are copied. TR069_OK or TR069_FAULT:
 * 9003 (bad URL, userinfo, a text longer than the schema allows), 9013 (scheme), 9004 (queue full). A
 * delay of 0 is due when the session has ended. */
int transfers_add(struct transfers *transfers, const struct tr069_transfer *request, const struct moment *now,
                  uint32_t *ret_id, struct tr069_fault *fault);
/* The transfer to work on now: one at a time, by due time. NULL; then *ret_next_ms is when to ask
 * again (UINT64_MAX: never). Not while in a session. */
const struct transfer *transfers_next(struct transfers *transfers, const struct moment *now,
                                      uint64_t *ret_next_ms);
/* Steps, each stored. They are ignored for an id that is gone. A fault that TransferComplete may not
 * carry becomes 9010 (Upload: 9011) with the same words. transfers_done() is true when the result is
 * to be reported: the caller then queues `7 TRANSFER COMPLETE` and `M METHOD`, in the same commit. */
void transfers_started(struct transfers *transfers, uint32_t id, const struct moment *now);
void transfers_fetched(struct transfers *transfers, uint32_t id, const struct moment *now);
bool transfers_done(struct transfers *transfers, uint32_t id, const struct tr069_fault *fault,
                    const struct moment *now);
/* The first DONE one that waits for its TransferComplete after `after_id` (0: from the start), or NULL. */
const struct transfer *transfers_to_report(const struct transfers *transfers, uint32_t after_id);
void transfers_reported(struct transfers *transfers, uint32_t id);
const struct transfer *transfers_find(const struct transfers *transfers, uint32_t id);
size_t transfers_count(const struct transfers *transfers);
/* By index below transfers_count(), in the order of their ids. */
const struct transfer *transfers_at(const struct transfers *transfers, size_t index);
/* A bootstrap discards results that were not reported, and the others go on without being reported
 * (digest section 8); with also_running (factory reset) all are dropped: one that is being worked on stays
 * in memory, for whoever works on it, until transfers_done(). */
void transfers_discard(struct transfers *transfers, bool also_running);

#endif
