/* Who signed an image? Reads it once, in constant memory. For a worker thread, as archive.h.
 *
 * Android's whole-file signature (bootable/recovery, verifier): the last 6 octets of the file, which are the
 * end of the .zip's comment, tell where in the comment a PKCS#7 signature begins; signed is the file up to
 * the comment's length. A detached signature is a file of its own, PKCS#7 in DER, and signed is the whole
 * file. */
#ifndef FIRMWARE_SIGNATURE_H
#define FIRMWARE_SIGNATURE_H

#include "cause.h"

#include <stdatomic.h>

struct signature_setup {
    const char *path;                /* of the image */
    const char *detached;            /* of its signature; NULL: in the comment */
    const char *const *certificates; /* files: PEM, DER, or a .zip of such; ends with NULL */
    bool allow_sha1;
};

enum { SIGNATURE_DIGEST_SIZE = 65 };

/* OK if one of the certificates' keys has signed it; then *ret_digest is the SHA-256 of what was signed, in
 * hexadecimal. Dates of certificates do not count: the box's clock may not be set, and recovery does not
 * look either. */
int firmware_signature_check(const struct signature_setup *setup, const atomic_bool *cancel,
                             char ret_digest[SIGNATURE_DIGEST_SIZE], struct tr069_fault *fault);

/* Can the certificates be read? For a word at the start rather than at the first upgrade. */
int firmware_signature_check_certificates(const char *const *certificates, struct tr069_fault *fault);

#endif
