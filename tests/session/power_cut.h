/* Pulls the plug at every message of every scenario (EVT-22, DLD-05, BST-06): whatever the store holds when
 * a message leaves, a box that starts from it tells the ACS all that it must, and nothing twice. */
#ifndef TESTS_SESSION_POWER_CUT_H
#define TESTS_SESSION_POWER_CUT_H

#include <stddef.h>

struct world;

/* What the scenario shows of the events, kept apart from what the client thinks of them. */
enum { LEDGER_MAX = 80, LEDGER_TEXT = 112 };

struct ledger_list {
    char items[LEDGER_MAX][LEDGER_TEXT]; /* "CODE|KEY" */
    size_t count;
};

struct ledger {
    struct ledger_list told;     /* by the last Inform */
    struct ledger_list added;    /* since */
    struct ledger_list reports;  /* transfers that ended and are not reported */
    struct ledger_list reported; /* answered with a TransferCompleteResponse */
    int acknowledged;            /* the last Inform was */
};

void power_cut_added(struct world *w, const char *code, const char *key);
void power_cut_ended(struct world *w, const char *code, const char *key); /* a transfer */
void power_cut_forgot(struct world *w);
/* Before the ACS's answer is given to the session. */
void power_cut_answer(struct world *w, const char *answer);
/* After a verdict and its commit. */
void power_cut(struct world *w);

#endif
