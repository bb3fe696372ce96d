/* Why a firmware upgrade failed: one table from cause to fault code and words. doc/firmware.md has the same
 * table, with what an operator does about each. */
#ifndef FIRMWARE_CAUSE_H
#define FIRMWARE_CAUSE_H

#include <tr069/plugin.h>

enum firmware_cause {
    CAUSE_NOT_ZIP,
    CAUSE_TRUNCATED,
    CAUSE_DAMAGED,
    CAUSE_NAME,
    CAUSE_ENTRIES,
    CAUSE_TOO_BIG,
    CAUSE_RATIO,
    CAUSE_METHOD,
    CAUSE_DEVICE,
    CAUSE_UNSIGNED,
    CAUSE_SIGNATURE,
    CAUSE_SIGNER,
    CAUSE_ALTERED,
    CAUSE_WEAK,
    CAUSE_CERTIFICATES,
    CAUSE_READ,
    CAUSE_CHECKS,
    CAUSE_STATE,
    CAUSE_NO_INSTALLER,
    CAUSE_REFUSED,
    CAUSE_INSTALL_TIME,
    CAUSE_INTERRUPTED,
    CAUSE_RESTART,
    CAUSE_NO_RESTART,
    CAUSE_OLD_VERSION,
    CAUSE_OTHER_VERSION,
    FIRMWARE_CAUSES
};

struct firmware_cause_entry {
    unsigned code;     /* 9010, 9018, 9019 */
    const char *words; /* how the FaultString begins */
};

const struct firmware_cause_entry *firmware_cause(enum firmware_cause cause);

/* "WORDS: DETAIL". Returns TR069_FAULT. Control characters of the detail become blanks. */
TR069_PRINTF(3, 4)
int firmware_fault(struct tr069_fault *fault, enum firmware_cause cause, const char *format, ...);

#endif
