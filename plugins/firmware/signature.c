/* GnuTLS does the cryptography and reads PKCS#7. It verifies only data that lie in memory, so the parts are
 * put together here: the file is hashed as it streams by, and the key is asked about the hash; where the
 * signature is over "signed attributes", as openssl writes by default, these hold the hash, and their octets
 * are found with libtasn1. */
#define _GNU_SOURCE
#include "signature.h"

#include "archive.h"
#include "certificates.h"

#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/pkcs7.h>
#include <libtasn1.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 65536, PKCS7_MAX = 65536, FOOTER_SIZE = 6, END_SIZE = 22, SIGNERS_MAX = 8, HASH_MAX = 64 };

static const char content_type_oid[] = "1.2.840.113549.1.9.3";
static const char message_digest_oid[] = "1.2.840.113549.1.9.4";
/* DER of the OBJECT IDENTIFIER id-data, 1.2.840.113549.1.7.1 */
static const unsigned char id_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};

/* The hashes that may be asked for, and their results. */
enum { SHA1, SHA256, SHA384, SHA512, HASHES };
static const gnutls_digest_algorithm_t hash_names[HASHES] = {GNUTLS_DIG_SHA1, GNUTLS_DIG_SHA256,
                                                             GNUTLS_DIG_SHA384, GNUTLS_DIG_SHA512};

struct verification {
    const struct signature_setup *setup;
    const atomic_bool *cancel;
    struct tr069_fault *fault;
    int fd;
    uint64_t length; /* of what is signed */
    unsigned char der[PKCS7_MAX];
    unsigned der_length;
    gnutls_pkcs7_t pkcs7;
    struct certificates certificates;
    unsigned char hash[HASHES][HASH_MAX];
    bool wanted[HASHES];
};

/* ---- Where the signature is -------------------------------------------------------------------- */

static int unsigned_image(struct verification *v, const char *why) {
    return firmware_fault(v->fault, CAUSE_UNSIGNED, "%s", why);
}

static int from_comment(struct verification *v) {
    struct archive_end *end = malloc(sizeof *end);
    int r = end != NULL ? firmware_archive_find_end(v->fd, end, v->fault)
                        : firmware_fault(v->fault, CAUSE_READ, "out of memory");
    if (r != TR069_OK) {
        free(end);
        return r;
    }
    const unsigned char *footer = end->record + end->length - FOOTER_SIZE;
    size_t comment = end->length - END_SIZE;
    size_t start = footer[0] | (size_t) footer[1] << 8; /* from the end of the file */
    size_t size = footer[4] | (size_t) footer[5] << 8;
    if (comment < FOOTER_SIZE || footer[2] != 0xff || footer[3] != 0xff) {
        r = unsigned_image(v, "its comment has no signature");
    } else if (size != comment || start > comment || start <= FOOTER_SIZE) {
        r = firmware_fault(v->fault, CAUSE_SIGNATURE, "the footer of its comment is wrong");
    } else {
        for (size_t i = 4; i + 4 <= end->length;
             i++) { /* as recovery does: another reader would take another end */
            if (memcmp(end->record + i, "PK\5\6", 4) == 0) {
                r = firmware_fault(v->fault, CAUSE_SIGNATURE, "its comment holds the mark of an end");
            }
        }
    }
    if (r == TR069_OK) {
        v->der_length = (unsigned) (start - FOOTER_SIZE);
        memcpy(v->der, end->record + end->length - start, v->der_length);
        v->length = end->at + END_SIZE - 2;
    }
    free(end);
    return r;
}

static int from_file(struct verification *v) {
    int fd = open(v->setup->detached, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = fd >= 0 ? read(fd, v->der, sizeof v->der) : -1;
    off_t length = lseek(v->fd, 0, SEEK_END);
    if (fd >= 0) {
        (void) close(fd);
    }
    if (got <= 0 || length < 0) {
        return unsigned_image(v, "no detached signature was fetched with it");
    }
    v->der_length = (unsigned) got;
    v->length = (uint64_t) length;
    return TR069_OK;
}

static int read_pkcs7(struct verification *v) {
    const gnutls_datum_t der = {v->der, v->der_length};
    gnutls_datum_t content;
    int r = gnutls_pkcs7_init(&v->pkcs7);
    r = r < 0 ? r : gnutls_pkcs7_import(v->pkcs7, &der, GNUTLS_X509_FMT_DER);
    if (r < 0) {
        return firmware_fault(v->fault, CAUSE_SIGNATURE, "no PKCS#7 in DER: %s", gnutls_strerror(r));
    }
    if (gnutls_pkcs7_get_embedded_data(v->pkcs7, 0, &content) >= 0) {
        gnutls_free(content.data);
        return firmware_fault(v->fault, CAUSE_SIGNATURE, "it is not detached: it signs what it brings along");
    }
    r = gnutls_pkcs7_get_signature_count(v->pkcs7);
    if (r <= 0 || r > SIGNERS_MAX) {
        return firmware_fault(v->fault, CAUSE_SIGNATURE, "it has %d signers", r);
    }
    return TR069_OK;
}

/* ---- Signed attributes, in the octets that were signed ------------------------------------------ */

struct der {
    const unsigned char *at;
    long left;
};

/* Takes the next element. False when there is none, or its length is not definite or too long. */
static bool der_next(struct der *in, unsigned long *ret_tag, unsigned char *ret_class,
                     struct der *ret_content, struct der *ret_whole) {
    int tag_length = 0, length_length = 0;
    if (in->left <= 0 ||
        asn1_get_tag_der(in->at, (int) in->left, ret_class, &tag_length, ret_tag) != ASN1_SUCCESS ||
        tag_length >= in->left) {
        return false;
    }
    long length = asn1_get_length_der(in->at + tag_length, (int) in->left - tag_length, &length_length);
    long head = (long) tag_length + length_length;
    if (length < 0 || length > in->left - head) {
        return false;
    }
    *ret_whole = (struct der){in->at, head + length};
    *ret_content = (struct der){in->at + head, length};
    in->at += head + length;
    in->left -= head + length;
    return true;
}

/* Goes into the next element, which must be this one: class | 0x20, tag. */
static bool der_enter(struct der *in, unsigned char class, unsigned long tag) {
    struct der content, whole;
    unsigned long found;
    unsigned char found_class;
    if (!der_next(in, &found, &found_class, &content, &whole) || found != tag || found_class != class) {
        return false;
    }
    *in = content;
    return true;
}

static bool der_skip(struct der *in, unsigned count) {
    struct der content, whole;
    unsigned long tag;
    unsigned char class;
    while (count > 0 && der_next(in, &tag, &class, &content, &whole)) {
        count--;
    }
    return count == 0;
}

/* The signed attributes of a signer (RFC 5652 section 5.3), as they stand. */
static bool find_attributes(const struct verification *v, unsigned signer, struct der *ret_attributes) {
    const unsigned char sequence = ASN1_CLASS_STRUCTURED,
                        context = ASN1_CLASS_CONTEXT_SPECIFIC | ASN1_CLASS_STRUCTURED;
    struct der at = {v->der, (long) v->der_length}, content, whole;
    unsigned long tag;
    unsigned char class;
    /* ContentInfo: contentType, [0]: SignedData: version, digestAlgorithms, encapContentInfo */
    if (!der_enter(&at, sequence, ASN1_TAG_SEQUENCE) || !der_skip(&at, 1) || !der_enter(&at, context, 0) ||
        !der_enter(&at, sequence, ASN1_TAG_SEQUENCE) || !der_skip(&at, 3)) {
        return false;
    }
    do { /* [0] certificates, [1] crls, both optional */
        if (!der_next(&at, &tag, &class, &content, &whole)) {
            return false;
        }
    } while (class == context);
    /* signerInfos, a SET: version, sid, digestAlgorithm, [0] signedAttrs */
    if (class != ASN1_CLASS_STRUCTURED || tag != ASN1_TAG_SET || !der_skip(&content, signer) ||
        !der_enter(&content, sequence, ASN1_TAG_SEQUENCE) || !der_skip(&content, 3) ||
        !der_next(&content, &tag, &class, &at, &whole) || class != context || tag != 0) {
        return false;
    }
    *ret_attributes = whole;
    return true;
}

/* They must say that they are about data, and whose hash it is: each exactly once. */
static bool attributes_fit(gnutls_pkcs7_attrs_t attributes, const unsigned char *hash, unsigned length) {
    unsigned digests = 0, types = 0;
    bool good = true;
    char *oid = NULL;
    gnutls_datum_t value = {NULL, 0};
    for (unsigned i = 0; gnutls_pkcs7_get_attr(attributes, i, &oid, &value, 0) >= 0; i++) {
        if (strcmp(oid, message_digest_oid) == 0) { /* an OCTET STRING of at most 64 octets */
            digests++;
            good = good && value.size == length + 2 && value.data[0] == 0x04 && value.data[1] == length &&
                   gnutls_memcmp(value.data + 2, hash, length) == 0;
        } else if (strcmp(oid, content_type_oid) == 0) {
            types++;
            good = good && value.size == sizeof id_data && memcmp(value.data, id_data, sizeof id_data) == 0;
        }
        gnutls_free(value.data);
    }
    return good && digests == 1 && types == 1;
}

/* ---- One signer -------------------------------------------------------------------------------- */

static int hash_of(gnutls_sign_algorithm_t algorithm) {
    gnutls_digest_algorithm_t name = gnutls_sign_get_hash_algorithm(algorithm);
    for (int i = 0; i < HASHES; i++) {
        if (hash_names[i] == name) {
            return i;
        }
    }
    return -1;
}

static bool key_verifies(struct verification *v, gnutls_x509_crt_t certificate, unsigned signer,
                         const gnutls_pkcs7_signature_info_st *info) {
    const int hash = hash_of(info->algo);
    if (hash < 0) {
        return false;
    }
    unsigned length = gnutls_hash_get_len(hash_names[hash]);
    unsigned flags = hash == SHA1 ? GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 : 0;
    const gnutls_datum_t digest = {v->hash[hash], length};
    gnutls_pubkey_t key = NULL;
    bool good = false;
    if (gnutls_pubkey_init(&key) < 0 || gnutls_pubkey_import_x509(key, certificate, 0) < 0) {
        gnutls_pubkey_deinit(key);
        return false;
    }
    if (info->signed_attrs == NULL) {
        good = gnutls_pubkey_verify_hash2(key, info->algo, flags, &digest, &info->sig) >= 0;
    } else {
        struct der found;
        unsigned char *attributes = NULL;
        if (attributes_fit(info->signed_attrs, v->hash[hash], length) && find_attributes(v, signer, &found) &&
            (attributes = malloc((size_t) found.left)) != NULL) {
            memcpy(attributes, found.at, (size_t) found.left);
            attributes[0] =
                ASN1_CLASS_STRUCTURED | ASN1_TAG_SET; /* signed as a SET OF, RFC 5652 section 5.4 */
            const gnutls_datum_t data = {attributes, (unsigned) found.left};
            good = gnutls_pubkey_verify_data2(key, info->algo, flags, &data, &info->sig) >= 0;
        }
        free(attributes);
    }
    gnutls_pubkey_deinit(key);
    return good;
}

/* Does the signature name this certificate? */
static bool names(const gnutls_pkcs7_signature_info_st *info, gnutls_x509_crt_t certificate) {
    unsigned char id[512];
    size_t size = sizeof id;
    gnutls_datum_t issuer = {NULL, 0};
    if (info->issuer_keyid.data != NULL) {
        return gnutls_x509_crt_get_subject_key_id(certificate, id, &size, NULL) >= 0 &&
               size == info->issuer_keyid.size && memcmp(id, info->issuer_keyid.data, size) == 0;
    }
    bool same = gnutls_x509_crt_get_serial(certificate, id, &size) >= 0 && size == info->signer_serial.size &&
                memcmp(id, info->signer_serial.data, size) == 0 &&
                gnutls_x509_crt_get_raw_issuer_dn(certificate, &issuer) >= 0 &&
                issuer.size == info->issuer_dn.size &&
                memcmp(issuer.data, info->issuer_dn.data, issuer.size) == 0;
    gnutls_free(issuer.data);
    return same;
}

static int stranger(struct verification *v, const gnutls_pkcs7_signature_info_st *info) {
    char name[160] = "unknown";
    size_t size = sizeof name;
    if (info->issuer_dn.data == NULL || gnutls_x509_rdn_get(&info->issuer_dn, name, &size) < 0) {
        (void) snprintf(name, sizeof name, "unknown");
    }
    return firmware_fault(v->fault, CAUSE_SIGNER, "none of the %u certificates configured; issuer: %s",
                          v->certificates.count, name);
}

static int check_signer(struct verification *v, unsigned signer) {
    gnutls_pkcs7_signature_info_st info;
    memset(&info, 0, sizeof info);
    int r = gnutls_pkcs7_get_signature_info(v->pkcs7, signer, &info);
    if (r < 0) {
        return firmware_fault(v->fault, CAUSE_SIGNATURE, "%s", gnutls_strerror(r));
    }
    int hash = hash_of(info.algo);
    bool named = false, good = false;
    if (hash < 0 || (hash == SHA1 && !v->setup->allow_sha1)) {
        const char *name = gnutls_sign_get_name(info.algo);
        r = firmware_fault(v->fault, CAUSE_WEAK, "%s is not accepted", name != NULL ? name : "its algorithm");
        gnutls_pkcs7_signature_info_deinit(&info);
        return r;
    }
    for (unsigned i = 0; !good && i < v->certificates.count; i++) {
        named = named || names(&info, v->certificates.list[i]);
        good = key_verifies(v, v->certificates.list[i], signer, &info);
    }
    if (good) {
        r = TR069_OK;
    } else if (named) {
        r = firmware_fault(v->fault, CAUSE_ALTERED,
                           "the signature of a known signer does not fit its content");
    } else {
        r = stranger(v, &info);
    }
    gnutls_pkcs7_signature_info_deinit(&info);
    return r;
}

/* ---- The file ---------------------------------------------------------------------------------- */

static void choose_hashes(struct verification *v, int signers) {
    v->wanted[SHA256] = true; /* the image's name, in any case */
    for (unsigned i = 0; i < (unsigned) signers; i++) {
        gnutls_pkcs7_signature_info_st info;
        memset(&info, 0, sizeof info);
        if (gnutls_pkcs7_get_signature_info(v->pkcs7, i, &info) >= 0) {
            int hash = hash_of(info.algo);
            if (hash >= 0) {
                v->wanted[hash] = true;
            }
            gnutls_pkcs7_signature_info_deinit(&info);
        }
    }
}

static int feed(struct verification *v, gnutls_hash_hd_t *hashes, unsigned char *chunk) {
    for (uint64_t done = 0; done < v->length;) {
        size_t part = v->length - done < CHUNK ? (size_t) (v->length - done) : CHUNK;
        ssize_t got = pread(v->fd, chunk, part, (off_t) done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 || atomic_load(v->cancel)) {
            return firmware_fault(v->fault, CAUSE_READ, "%s",
                                  got < 0    ? strerror(errno)
                                  : got == 0 ? "it became shorter"
                                             : "the client ends");
        }
        for (int i = 0; i < HASHES; i++) {
            if (hashes[i] != NULL && gnutls_hash(hashes[i], chunk, (size_t) got) < 0) {
                return firmware_fault(v->fault, CAUSE_READ, "it cannot be hashed");
            }
        }
        done += (uint64_t) got;
    }
    return TR069_OK;
}

static int hash_file(struct verification *v) {
    gnutls_hash_hd_t hashes[HASHES] = {NULL};
    unsigned char *chunk = malloc(CHUNK);
    int r = chunk != NULL ? TR069_OK : firmware_fault(v->fault, CAUSE_READ, "out of memory");
    for (int i = 0; r == TR069_OK && i < HASHES; i++) {
        if (v->wanted[i] && gnutls_hash_init(&hashes[i], hash_names[i]) < 0) {
            r = firmware_fault(v->fault, CAUSE_READ, "out of memory");
        }
    }
    (void) posix_fadvise(v->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    r = r == TR069_OK ? feed(v, hashes, chunk) : r;
    for (int i = 0; i < HASHES; i++) {
        if (hashes[i] != NULL) {
            gnutls_hash_deinit(hashes[i], v->hash[i]);
        }
    }
    free(chunk);
    return r;
}

static int verify(struct verification *v) {
    int r = v->setup->detached != NULL ? from_file(v) : from_comment(v);
    r = r == TR069_OK ? read_pkcs7(v) : r;
    r = r == TR069_OK ? firmware_certificates_load(v->setup->certificates, &v->certificates, v->fault) : r;
    if (r != TR069_OK) {
        return r;
    }
    int signers = gnutls_pkcs7_get_signature_count(v->pkcs7);
    choose_hashes(v, signers);
    r = hash_file(v);
    if (r != TR069_OK) {
        return r;
    }
    r = TR069_FAULT;
    for (unsigned i = 0; r != TR069_OK && i < (unsigned) signers; i++) {
        r = check_signer(v, i);
    }
    return r;
}

int firmware_signature_check(const struct signature_setup *setup, const atomic_bool *cancel,
                             char ret_digest[SIGNATURE_DIGEST_SIZE], struct tr069_fault *fault) {
    struct verification *v = calloc(1, sizeof *v);
    if (v == NULL) {
        return firmware_fault(fault, CAUSE_READ, "out of memory");
    }
    v->setup = setup;
    v->cancel = cancel;
    v->fault = fault;
    v->fd = open(setup->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int r = v->fd >= 0 ? verify(v) : firmware_fault(fault, CAUSE_READ, "%s", strerror(errno));
    if (r == TR069_OK) {
        for (unsigned i = 0; i < 32; i++) {
            (void) snprintf(ret_digest + (size_t) 2 * i, 3, "%02x", v->hash[SHA256][i]);
        }
    }
    if (v->fd >= 0) {
        (void) close(v->fd);
    }
    if (v->pkcs7 != NULL) {
        gnutls_pkcs7_deinit(v->pkcs7);
    }
    firmware_certificates_free(&v->certificates);
    free(v);
    return r;
}

int firmware_signature_check_certificates(const char *const *certificates, struct tr069_fault *fault) {
    struct certificates loaded = {.count = 0};
    int r = firmware_certificates_load(certificates, &loaded, fault);
    if (r == TR069_OK) {
        firmware_certificates_free(&loaded);
    }
    return r;
}
