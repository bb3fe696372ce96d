/* The certificates whose keys may sign firmware. */
#ifndef FIRMWARE_CERTIFICATES_H
#define FIRMWARE_CERTIFICATES_H

#include "cause.h"

#include <gnutls/x509.h>

enum { CERTIFICATES_MAX = 64 };

struct certificates {
    gnutls_x509_crt_t list[CERTIFICATES_MAX];
    unsigned count;
};

/* Each of `files`: PEM (one or more), DER, or a .zip of such (Android's otacerts.zip). On a fault nothing is
 * left to free. */
int firmware_certificates_load(const char *const *files, struct certificates *ret_certificates,
                               struct tr069_fault *fault);
void firmware_certificates_free(struct certificates *certificates);

#endif
