/* GET /files/NAME for Download and PUT for Upload. */
#ifndef ACS_FILES_H
#define ACS_FILES_H

#include "http.h"

/* True when the request is one for a file (its path begins with /files/, or it is a PUT); the reply
 * is made. */
bool files_serve(struct acs *acs, struct request *request);

#endif
