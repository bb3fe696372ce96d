/* Inside of the queue of transfers: what transfers.c, transfer_entry.c and transfer_time.c share. */
#ifndef CWMP_TRANSFERS_INTERNAL_H
#define CWMP_TRANSFERS_INTERNAL_H

#include "cwmp/transfers.h"

enum { TRANSFER_TEXTS = 11, TRANSFER_KEY_SIZE = 32 };

struct entry {
    struct transfer transfer;
    char *texts[TRANSFER_TEXTS]; /* what transfer.request points to, in the order of the table */
    struct tr069_window windows[TR069_WINDOWS_MAX];
    int64_t asked_s;  /* wall clock when it was ordered, or unknown */
    int64_t base_ms;  /* the same on the monotonic clock of this boot: may lie before its start */
    bool guessed;     /* base_ms restarted because the wall clock was unknown */
    bool running;     /* somebody of this process works on it */
    bool forgotten;   /* no longer in the store: here only for who works on it */
    unsigned tries;   /* begun without an end */
    size_t window;    /* index of transfer.window; window_count: all are over */
    int32_t attempts; /* that failed in this window */
    uint64_t wait_ms; /* monotonic: not before, after a failed attempt or while it is not agreed */
};

/* transfer_entry.c: an entry and its stored form */

/* Copies the request. NULL when out of memory. */
struct entry *entry_new(const struct tr069_transfer *request);
void entry_free(struct entry *entry);
/* TR069_OK, or FAULT when a text is longer than the schema allows. */
int entry_check_texts(const struct tr069_transfer *request, struct tr069_fault *fault);
void entry_key(char key[TRANSFER_KEY_SIZE], uint32_t id);
int entry_store(struct store *store, const struct entry *entry);
/* From the stored form, which is overwritten; NULL when it cannot be understood (or memory is out). */
struct entry *entry_parse(char *text);

/* transfer_time.c: when */

/* TR069_OK, or FAULT 9003. */
int entry_check_windows(const struct tr069_transfer *request, struct tr069_fault *fault);
/* Ordered now. */
void entry_asked(struct entry *entry, const struct moment *now);
/* After a restart: by the wall clock if it is known now and was known then, else from the start. Never later
 * than its whole delay from now, whatever the clock did. */
void entry_place(struct entry *entry, const struct moment *now);
/* The wall clock came to be known: puts guesses right. True: something is to be stored. */
bool entry_learn_clock(struct entry *entry, const struct moment *now);
/* Passes over windows that have closed, and says when it is due. True: something is to be stored. */
bool entry_schedule(struct entry *entry, const struct moment *now);
/* An attempt failed: true when there will be another one. */
bool entry_try_again(struct entry *entry, const struct moment *now);

#endif
