/* Keys and signatures for the test, by GnuTLS; scripts/sign-firmware does the same with openssl. */
#ifndef FIRMWARE_TEST_SIGN_H
#define FIRMWARE_TEST_SIGN_H

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>

struct signer {
    gnutls_x509_privkey_t x509_key;
    gnutls_privkey_t key;
    gnutls_x509_crt_t certificate;
};

/* A key and its own certificate, written as PEM and, with another ending, DER. */
void signer_new(struct signer *signer, gnutls_pk_algorithm_t kind, const char *name, const char *pem,
                const char *der);
void signer_free(struct signer *signer);

enum { SIGN_ATTRIBUTES = GNUTLS_PKCS7_INCLUDE_TIME, SIGN_EMBED = GNUTLS_PKCS7_EMBED_DATA };

/* Detached PKCS#7 over the first `length` octets of a file (all of them: -1); free with gnutls_free. */
gnutls_datum_t sign_file(const struct signer *signer, const char *path, long length,
                         gnutls_digest_algorithm_t hash, unsigned flags);
/* Android's whole-file signature, put into the comment; `trouble` is inserted before it. */
void sign_comment(const struct signer *signer, const char *path, gnutls_digest_algorithm_t hash,
                  unsigned flags, const char *trouble);
void write_file(const char *path, const void *data, size_t length);

#endif
