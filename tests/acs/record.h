/* --record DIR: every received message in a file of its own, NNNNNN-sSESSION-METHOD.xml. */
#ifndef ACS_RECORD_H
#define ACS_RECORD_H

#include "http.h"

void record_message(struct acs *acs, unsigned session, const struct request *request,
                    const struct message *message);

#endif
