#define _GNU_SOURCE
#include "certificates.h"

#include "minizip.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, ENTRIES_MAX = CERTIFICATES_MAX };

/* One or more PEM certificates, or one in DER. 0 or a GnuTLS error. */
static int import(struct certificates *certificates, const unsigned char *data, size_t length) {
    const gnutls_datum_t datum = {(unsigned char *) (uintptr_t) data, (unsigned) length};
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    int r = gnutls_x509_crt_list_import2(&list, &count, &datum, GNUTLS_X509_FMT_PEM, 0);
    if (r == GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR || r == GNUTLS_E_NO_CERTIFICATE_FOUND ||
        r == GNUTLS_E_BASE64_DECODING_ERROR) {
        r = gnutls_x509_crt_list_import2(&list, &count, &datum, GNUTLS_X509_FMT_DER, 0);
    }
    if (r < 0) {
        return r;
    }
    for (unsigned i = 0; i < count; i++) {
        if (certificates->count < CERTIFICATES_MAX) {
            certificates->list[certificates->count++] = list[i];
        } else {
            gnutls_x509_crt_deinit(list[i]);
            r = GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
        }
    }
    gnutls_free(list);
    return r < 0 ? r : 0;
}

static int import_zip(struct certificates *certificates, const struct minizip *minizip, const char *path,
                      unsigned char *buffer) {
    unzFile zip = minizip->unzOpen64(path);
    int r = zip != NULL ? 0 : GNUTLS_E_FILE_ERROR;
    int at = zip != NULL ? minizip->unzGoToFirstFile(zip) : UNZ_OK;
    for (unsigned i = 0; r == 0 && at == UNZ_OK && i < ENTRIES_MAX; i++, at = minizip->unzGoToNextFile(zip)) {
        int length = minizip->unzOpenCurrentFile(zip) == UNZ_OK
                         ? minizip->unzReadCurrentFile(zip, buffer, FILE_MAX)
                         : -1;
        if (length != 0) { /* a folder has an entry too */
            r = length < 0 ? GNUTLS_E_FILE_ERROR : import(certificates, buffer, (size_t) length);
        }
        if (minizip->unzCloseCurrentFile(zip) != UNZ_OK) {
            r = GNUTLS_E_FILE_ERROR;
        }
    }
    if (zip != NULL) {
        (void) minizip->unzClose(zip);
    }
    return r;
}

static int import_file(struct certificates *certificates, const char *path, unsigned char *buffer,
                       struct tr069_fault *fault) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got = -1;
    while (fd >= 0 && length < FILE_MAX && (got = read(fd, buffer + length, FILE_MAX - length)) > 0) {
        length += (size_t) got;
    }
    int error = errno;
    if (fd >= 0) {
        (void) close(fd);
    }
    if (got < 0) {
        return firmware_fault(fault, CAUSE_CERTIFICATES, "%s: %s", path, strerror(error));
    }
    bool zip = length > 4 && memcmp(buffer, "PK\3\4", 4) == 0;
    struct minizip minizip = {0};
    char why[300];
    if (zip && firmware_minizip_open(&minizip, why, sizeof why) != 0) {
        return firmware_fault(fault, CAUSE_CERTIFICATES, "%s: %s", path, why);
    }
    unsigned before = certificates->count;
    int r = zip ? import_zip(certificates, &minizip, path, buffer) : import(certificates, buffer, length);
    firmware_minizip_close(&minizip);
    if (r < 0 || certificates->count == before) {
        return firmware_fault(fault, CAUSE_CERTIFICATES, "%s: %s", path,
                              r < 0 ? gnutls_strerror(r) : "no certificate in it");
    }
    return TR069_OK;
}

int firmware_certificates_load(const char *const *files, struct certificates *ret_certificates,
                               struct tr069_fault *fault) {
    struct certificates certificates = {.count = 0};
    unsigned char *buffer = malloc(FILE_MAX);
    int r = buffer != NULL ? TR069_OK : firmware_fault(fault, CAUSE_CERTIFICATES, "out of memory");
    for (size_t i = 0; r == TR069_OK && files[i] != NULL; i++) {
        r = import_file(&certificates, files[i], buffer, fault);
    }
    free(buffer);
    if (r == TR069_OK && certificates.count == 0) {
        r = firmware_fault(fault, CAUSE_CERTIFICATES, "none is configured");
    }
    if (r == TR069_OK) {
        *ret_certificates = certificates;
    } else {
        firmware_certificates_free(&certificates);
    }
    return r;
}

void firmware_certificates_free(struct certificates *certificates) {
    for (unsigned i = 0; i < certificates->count; i++) {
        gnutls_x509_crt_deinit(certificates->list[i]);
    }
    certificates->count = 0;
}
