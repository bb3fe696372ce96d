/* The table of CPE faults (TR-069 A.5.1, digest section 14). */
#ifndef CWMP_FAULT_H
#define CWMP_FAULT_H

#include <tr069/plugin.h>

#include <stdbool.h>

/* The standard's words for a code; "Vendor fault" for 9800..9899; "Internal error" for others. */
const char *fault_name(unsigned code);
/* Is the requester to blame (faultcode Client)? */
bool fault_is_client(unsigned code);
/* May TransferComplete carry it (the schema's list)? */
bool fault_in_transfer_complete(unsigned code);
/* The code as a CWMP namespace (10, 11, 12) knows it: itself, or 9010 for a finer transfer fault of a
 * later version, or 9002 for what is no fault code at all. FLT-13. */
unsigned fault_code_in(unsigned code, int ns);
/* Turns the verdict of a plugin into a fault: TR069_FAULT leaves it (an unset code becomes 9002), a
 * negative errno becomes 9002 (ENOMEM, ENOSPC: 9004) with its words and `what`. */
void fault_from_verdict(int verdict, const char *what, struct tr069_fault *fault);

#endif
