/* CPE fault codes: words, who is to blame, where each may stand. */
#include <config.h>

#include "cwmp/fault.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

enum { VENDOR_FIRST = 9800, VENDOR_LAST = 9899 };

enum { CLIENT = 1 << 0, COMPLETE = 1 << 1 };

struct row {
    unsigned short code;
    unsigned char flags;
    unsigned char since; /* namespace that knows it */
    const char *name;
};

static const struct row rows[] = {
    {9000, 0, 10, "Method not supported"},
    {9001, COMPLETE, 10, "Request denied"},
    {9002, COMPLETE, 10, "Internal error"},
    {9003, CLIENT, 10, "Invalid arguments"},
    {9004, 0, 10, "Resources exceeded"},
    {9005, CLIENT, 10, "Invalid parameter name"},
    {9006, CLIENT, 10, "Invalid parameter type"},
    {9007, CLIENT, 10, "Invalid parameter value"},
    {9008, CLIENT, 10, "Attempt to set a non-writable parameter"},
    {9009, 0, 10, "Notification request rejected"},
    {9010, COMPLETE, 10, "File transfer failure"},
    {9011, COMPLETE, 10, "Upload failure"},
    {9012, COMPLETE, 10, "File transfer server authentication failure"},
    {9013, 0, 10, "Unsupported protocol for file transfer"},
    {9014, COMPLETE, 11, "File transfer failure: unable to join multicast group"},
    {9015, COMPLETE, 11, "File transfer failure: unable to contact file server"},
    {9016, COMPLETE, 11, "File transfer failure: unable to access file"},
    {9017, COMPLETE, 11, "File transfer failure: unable to complete download"},
    {9018, COMPLETE, 11, "File transfer failure: file corrupted"},
    {9019, COMPLETE, 11, "File transfer failure: file authentication failure"},
    {9020, COMPLETE, 12, "File transfer failure: unable to complete download within specified time windows"},
    {9021, CLIENT, 12, "Cancelation of file transfer not permitted in current transfer state"},
    {9022, CLIENT, 12, "Invalid UUID format"},
    {9023, CLIENT, 12, "Unknown execution environment"},
    {9024, CLIENT, 12, "Disabled execution environment"},
    {9025, CLIENT, 12, "Deployment unit to execution environment mismatch"},
    {9026, CLIENT, 12, "Duplicate deployment unit"},
    {9027, 0, 12, "System resources exceeded"},
    {9028, CLIENT, 12, "Unknown deployment unit"},
    {9029, CLIENT, 12, "Invalid deployment unit state"},
    {9030, CLIENT, 12, "Invalid deployment unit update: downgrade not permitted"},
    {9031, CLIENT, 12, "Invalid deployment unit update: version not specified"},
    {9032, CLIENT, 12, "Invalid deployment unit update: version already exists"},
};

static const struct row *find(unsigned code) {
    const unsigned first = rows[0].code;
    return code >= first && code - first < sizeof rows / sizeof rows[0] ? &rows[code - first] : NULL;
}

static bool is_vendor(unsigned code) {
    return code >= VENDOR_FIRST && code <= VENDOR_LAST;
}

const char *fault_name(unsigned code) {
    const struct row *row = find(code);
    if (is_vendor(code)) {
        return "Vendor fault";
    }
    return row != NULL ? row->name : "Internal error";
}

bool fault_is_client(unsigned code) {
    const struct row *row = find(code);
    return row != NULL && (row->flags & CLIENT) != 0;
}

bool fault_in_transfer_complete(unsigned code) {
    const struct row *row = find(code);
    return is_vendor(code) || (row != NULL && (row->flags & COMPLETE) != 0);
}

unsigned fault_code_in(unsigned code, int ns) {
    const struct row *row = find(code);
    if (is_vendor(code)) {
        return code;
    }
    if (row == NULL) {
        return TR069_INTERNAL_ERROR;
    }
    if (row->since <= ns) {
        return code;
    }
    return (row->flags & COMPLETE) != 0 ? TR069_DOWNLOAD_FAILURE : TR069_INTERNAL_ERROR;
}

void fault_from_verdict(int verdict, const char *what, struct tr069_fault *fault) {
    if (verdict == TR069_FAULT) {
        if (fault->code == 0) {
            fault->code = TR069_INTERNAL_ERROR;
        }
        if (fault->text[0] == '\0') {
            (void) text_copy(fault->text, sizeof fault->text, fault_name(fault->code));
        }
        return;
    }
    if (verdict < 0) {
        const bool resources = verdict == -ENOMEM || verdict == -ENOSPC;
        (void) tr069_fault(fault, resources ? TR069_RESOURCES_EXCEEDED : TR069_INTERNAL_ERROR, "%s: %s", what,
                           strerror(-verdict));
        return;
    }
    (void) tr069_fault(fault, TR069_INTERNAL_ERROR, "%s: unexpected verdict %d", what, verdict);
}
