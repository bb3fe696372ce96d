/* The queue of file transfers (digest section 12): one mechanism for Download, Upload and
 * ScheduleDownload. Pure: it decides and remembers (keys `transfer/...` of the store); the agent
 * fetches, sends and installs.
 *
 *   QUEUED --due--> ACTIVE --fetched--> INSTALLING --in use--> DONE --TransferCompleteResponse--> gone
 *    | ^              |                     |                   ^
 *    | +- in windows -+------ failure ------+-------------------+ (with a fault)
 *    +--CancelTransfer--> gone
 *
 * An upload goes from ACTIVE to DONE. With time windows a failure leads back to QUEUED while there are
 * retries or windows left.
 *
 * Found ACTIVE after a restart: done again, at most TRANSFERS_TRIES times, then it fails with 9017 (an
 * upload with 9011). Found INSTALLING: transfers_next gives it in that state: the installer is asked again
 * (and transfers_fetched called), or it fails with 9010.
 *
 * Delays and windows go on over a restart by the wall clock where it is known, else from their start. */
#ifndef CWMP_TRANSFERS_H
#define CWMP_TRANSFERS_H

#include "base/clock.h"
#include "base/store.h"

#include <tr069/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transfers;

/* The 16 are what GetAllQueuedTransfers can list; 8 of them may be of the box's own accord. */
/* Besides them there is room for some internal ones. */
enum {
    TRANSFERS_MAX = 16,
    TRANSFERS_INTERNAL_MAX = 4,
    TRANSFERS_OWN_MAX = 8,
    TRANSFERS_TRIES = 3,
    TRANSFER_TYPE_SIZE = 64 * 4 + 1
};

enum transfer_state { TRANSFER_QUEUED, TRANSFER_ACTIVE, TRANSFER_INSTALLING, TRANSFER_DONE };

struct transfer {
    uint32_t id; /* stays with it over restarts */
    enum transfer_state state;
    struct tr069_transfer request;
    uint64_t due_ms;             /* monotonic; while QUEUED */
    int64_t start_s, complete_s; /* wall clock, CLOCK_WALL_UNKNOWN */
    struct tr069_fault fault;    /* DONE: code 0 = success */
    bool silent;                 /* never reported: a bootstrap came in between, or nobody wants to know */

    /* with windows */
    const struct tr069_window *window; /* the one that is open or opens next; NULL: all are over, or none */
    uint64_t until_ms;                 /* monotonic: when it closes; UINT64_MAX without windows */
    bool agreed;                       /* what its mode asks for was had: idle, or confirmed */
};

int transfers_new(struct store *store, const struct moment *now, struct transfers **ret_transfers);
void transfers_free(struct transfers *transfers);

/* Takes a request over, everything checked and stored; its strings are copied. TR069_OK or TR069_FAULT:
 * 9003 (bad URL, userinfo, a text longer than the schema allows, windows that overlap or end before they
 * start), 9013 (scheme), 9004 (queue full). A delay of 0 is due when the session has ended. */
int transfers_add(struct transfers *transfers, const struct tr069_transfer *request, const struct moment *now,
                  uint32_t *ret_id, struct tr069_fault *fault);
/* The transfer to work on now: one at a time, by due time. NULL; then *ret_next_ms is when to ask
 * again (UINT64_MAX: never). Not while in a session. With windows, but without `window`: they are over,
 * and it is to be ended with 9020. */
const struct transfer *transfers_next(struct transfers *transfers, const struct moment *now,
                                      uint64_t *ret_next_ms);
/* Steps, each stored. They are ignored for an id that is gone. A fault that TransferComplete may not
 * carry becomes 9010 (Upload: 9011) with the same words. transfers_done() is true when the result is
 * to be reported: the caller then queues the event of transfer_event(), in the same commit. It is false
 * when it is to be tried again, in this window or the next one. */
void transfers_started(struct transfers *transfers, uint32_t id, const struct moment *now);
void transfers_fetched(struct transfers *transfers, uint32_t id, const struct moment *now);
bool transfers_done(struct transfers *transfers, uint32_t id, const struct tr069_fault *fault,
                    const struct moment *now);
/* What the mode of its window asks for is not there yet: not before until_ms again. Not stored. */
void transfers_wait(struct transfers *transfers, uint32_t id, uint64_t until_ms);
/* It is there: `agreed`, for the next attempt. Not stored. */
void transfers_agree(struct transfers *transfers, uint32_t id);
/* It was done elsewhere, at that time (wall clock). */
void transfers_happened(struct transfers *transfers, uint32_t id, int64_t start_s, int64_t complete_s);
/* Nobody wants to know how it ends (the policy says so). */
void transfers_silence(struct transfers *transfers, uint32_t id);
/* CancelTransfer: OK, or FAULT 9021 when one of that key is being installed or has ended; then nothing is
 * done. *ret_running: the one of them that is being worked on, or 0: it stays in memory until
 * transfers_done(), as after transfers_discard(). */
int transfers_cancel(struct transfers *transfers, const char *command_key, uint32_t *ret_running,
                     struct tr069_fault *fault);
/* The first DONE internal one, whose plugin is to be told, or NULL. */
const struct transfer *transfers_internal_done(const struct transfers *transfers);
/* The first DONE one that waits for its report after `after_id` (0: from the start), or NULL. */
const struct transfer *transfers_to_report(const struct transfers *transfers, uint32_t after_id);
void transfers_reported(struct transfers *transfers, uint32_t id);
const struct transfer *transfers_find(const struct transfers *transfers, uint32_t id);
size_t transfers_count(const struct transfers *transfers);
/* By index below transfers_count(), in the order of their ids. */
const struct transfer *transfers_at(const struct transfers *transfers, size_t index);
/* A bootstrap discards results that were not reported, and the others go on without being reported
 * (digest section 8), internal ones as if nothing had been; with also_running (factory reset) all are
 * dropped: one that is being worked on stays in memory, for whoever works on it, until transfers_done(). */
void transfers_discard(struct transfers *transfers, bool also_running);

/* ---- What is told of one ------------------------------------------------------------------------ */

enum { TRANSFER_EVENT_SIZE = 72 };

bool transfer_is_upload(const struct transfer *transfer);
/* The event that belongs to its report, and the event's CommandKey. */
void transfer_event(const struct transfer *transfer, char out[TRANSFER_EVENT_SIZE], const char **ret_key);
/* Its file type as GetAllQueuedTransfers and AutonomousTransferComplete name it in a namespace: they number
 * the types of uploads otherwise than Upload does, and 1.1 knows four only; the others become the vendor's,
 * of that OUI. */
void transfer_type(const struct transfer *transfer, int ns, const char *oui, char out[TRANSFER_TYPE_SIZE]);

#endif
