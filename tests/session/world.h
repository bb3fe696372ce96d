/* A scenario while it is played: what the steps in run_session.c and expect.c share. */
#ifndef TESTS_SESSION_WORLD_H
#define TESTS_SESSION_WORLD_H

#include <tr069/fake_directory.h>

#include "power_cut.h"
#include "script.h"
#include "test_box.h"

enum { INFORM_MAX = 8, TEXT_SIZE = 512, SETTINGS_MAX = 16 };

struct world {
    struct script script;
    struct test_box box;
    struct session_config config;
    const char *inform[INFORM_MAX];
    const char *directory;
    bool open;
    enum session_verdict verdict;
    struct session_output output;
    struct buffer body, expected; /* room for messages */
    struct buffer log;            /* what the client said, without details */
    unsigned ready;
    char command[TEXT_SIZE]; /* the last one, as the scenario writes it */
    size_t repeat_from;
    unsigned repeat_left;
    bool failed, verbose;
    char *setting[SETTINGS_MAX]; /* lines that the configuration points into */
    unsigned settings;
    struct ledger ledger;
};

/* Prints file, line and sentence; the scenario has failed. */
void complain(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
unsigned number(struct world *w, const char *text);
/* Cuts "M Reboot | key" in two; the second half, or "". */
char *cut_key(char *rest);

struct step {
    const char *name;
    void (*run)(struct world *w, char *rest);
};
/* The steps that judge; ends with { 0 }. */
extern const struct step expect_steps[];

#endif
