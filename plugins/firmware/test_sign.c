#define _GNU_SOURCE
#include "test_sign.h"

#include <stdbool.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void need(bool good, const char *what) {
    if (!good) {
        (void) fprintf(stderr, "test_sign: %s failed\n", what);
        exit(2);
    }
}

void write_file(const char *path, const void *data, size_t length) {
    FILE *out = fopen(path, "we");
    need(out != NULL && fwrite(data, 1, length, out) == length && fclose(out) == 0, path);
}

static gnutls_datum_t read_file(const char *path, long length) {
    struct stat info;
    FILE *in = fopen(path, "re");
    need(in != NULL && stat(path, &info) == 0, path);
    gnutls_datum_t data = {NULL, (unsigned) (length < 0 ? info.st_size : length)};
    data.data = malloc(data.size + 1);
    need(data.data != NULL && fread(data.data, 1, data.size, in) == data.size, path);
    (void) fclose(in);
    return data;
}

void signer_new(struct signer *signer, gnutls_pk_algorithm_t kind, const char *name, const char *pem,
                const char *der) {
    static unsigned char serial = 0;
    unsigned bits = kind == GNUTLS_PK_RSA ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    gnutls_datum_t text;
    serial++;
    need(gnutls_x509_privkey_init(&signer->x509_key) >= 0 &&
             gnutls_x509_privkey_generate(signer->x509_key, kind, bits, 0) >= 0 &&
             gnutls_privkey_init(&signer->key) >= 0 &&
             gnutls_privkey_import_x509(signer->key, signer->x509_key, 0) >= 0,
         "making a key");
    gnutls_x509_crt_t crt;
    need(gnutls_x509_crt_init(&crt) >= 0 && gnutls_x509_crt_set_version(crt, 3) >= 0 &&
             gnutls_x509_crt_set_serial(crt, &serial, 1) >= 0 &&
             gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                           (unsigned) strlen(name)) >= 0 &&
             gnutls_x509_crt_set_issuer_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                                  (unsigned) strlen(name)) >= 0 &&
             gnutls_x509_crt_set_activation_time(crt, 1) >= 0 && /* long over: dates do not count */
             gnutls_x509_crt_set_expiration_time(crt, 86400) >= 0 &&
             gnutls_x509_crt_set_key(crt, signer->x509_key) >= 0 &&
             gnutls_x509_crt_sign2(crt, crt, signer->x509_key, GNUTLS_DIG_SHA256, 0) >= 0,
         "making a certificate");
    signer->certificate = crt;
    need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &text) >= 0, "PEM");
    write_file(pem, text.data, text.size);
    gnutls_free(text.data);
    need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &text) >= 0, "DER");
    write_file(der, text.data, text.size);
    gnutls_free(text.data);
}

void signer_free(struct signer *signer) {
    gnutls_x509_crt_deinit(signer->certificate);
    gnutls_privkey_deinit(signer->key);
    gnutls_x509_privkey_deinit(signer->x509_key);
}

gnutls_datum_t sign_file(const struct signer *signer, const char *path, long length,
                         gnutls_digest_algorithm_t hash, unsigned flags) {
    gnutls_pkcs7_t pkcs7;
    gnutls_datum_t data = read_file(path, length), der = {NULL, 0};
    need(gnutls_pkcs7_init(&pkcs7) >= 0 &&
             gnutls_pkcs7_sign(pkcs7, signer->certificate, signer->key, &data, NULL, NULL, hash, flags) >=
                 0 &&
             gnutls_pkcs7_export2(pkcs7, GNUTLS_X509_FMT_DER, &der) >= 0,
         "signing");
    gnutls_pkcs7_deinit(pkcs7);
    free(data.data);
    return der;
}

void sign_comment(const struct signer *signer, const char *path, gnutls_digest_algorithm_t hash,
                  unsigned flags, const char *trouble) {
    struct stat info;
    need(stat(path, &info) == 0, path);
    gnutls_datum_t der = sign_file(signer, path, info.st_size - 2, hash, flags);
    size_t start = der.size + 6, comment = strlen(trouble) + start;
    const unsigned char length[2] = {(unsigned char) comment, (unsigned char) (comment >> 8)};
    const unsigned char footer[6] = {
        (unsigned char) start, (unsigned char) (start >> 8), 0xff, 0xff, length[0], length[1]};
    need(truncate(path, info.st_size - 2) == 0, "truncate");
    FILE *out = fopen(path, "ae");
    need(out != NULL, "the comment");
    const bool written = fwrite(length, 1, 2, out) == 2 && fputs(trouble, out) >= 0 &&
                         fwrite(der.data, 1, der.size, out) == der.size && fwrite(footer, 1, 6, out) == 6;
    need(fclose(out) == 0 && written, "the comment");
    gnutls_free(der.data);
}
