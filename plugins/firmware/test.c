/* The plugin "firmware" against the fake host, with real archives and signatures. */
#define _GNU_SOURCE
#include "cause.h"
#include "image_help.h"
#include "test_sign.h"

#include <tr069/fake_directory.h>
#include <tr069/fake_host.h>

#include <CUnit/Basic.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct tr069_plugin tr069_plugin;

#define FINGERPRINT "acme/box/box:9/PI/2:user"
#define METADATA                                                                                             \
    "ota-type=BLOCK\npost-build=acme/box/box:9/PI/2:user\npost-build-incremental=2\npre-device=box|crate\n"

enum { PATH_SIZE = FAKE_DIRECTORY_SIZE + 32 };
static const char *base;
static char image[PATH_SIZE], beside[PATH_SIZE], rsa_pem[PATH_SIZE], rsa_der[PATH_SIZE], ec_pem[PATH_SIZE],
    ec_der[PATH_SIZE], other_pem[PATH_SIZE], other_der[PATH_SIZE], otacerts[PATH_SIZE],
    recovery_log[PATH_SIZE];
static struct signer rsa, ec, other;
static struct tr069_install order;
static struct tr069_transfer transfer;

static const struct image_entry good[] = {{"META-INF/com/android/metadata", METADATA, 0, true, false},
                                          {"system.img", NULL, 300000, false, false},
                                          {"boot.img", NULL, 100000, true, false},
                                          {"META-INF/", "", 0, false, false},
                                          {0}};
static const struct image_entry nameless[] = {{"system.img", "the system", 0, true, false}, {0}};

/* ---- The box ----------------------------------------------------------------------------------- */

static void certify(struct fake_host *fake, const char *first, const char *second) {
    const char *const list[] = {first, second, NULL};
    fake_option_items(fake, "certificates", list);
}

static struct fake_host *begin(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    (void) unlink(beside);
    (void) unlink(recovery_log);
    certify(fake, rsa_pem, ec_pem);
    fake_property(fake, "ro.build.fingerprint", "acme/box/box:9/PI/1:user");
    fake_property(fake, "ro.product.device", "box");
    fake_parameter(fake, "Device.DeviceInfo.SoftwareVersion", "1.0");
    fake_offer(fake, "install-firmware", 0, "");
    fake_offer(fake, "reboot", 0, "");
    CU_ASSERT_EQUAL_FATAL(fake_start(fake), 0);
    return fake;
}

/* The client asks; what is deferred goes as far as it can. TR069_DEFERRED while the restart is waited for. */
static int ask(struct fake_host *fake) {
    memset(&fake->fault, 0, sizeof fake->fault);
    order = (struct tr069_install){&transfer, image, &fake->fault, fake->ctx, &fake->host};
    unsigned before = fake->installed;
    int r = tr069_plugin.files[0].install(&order);
    if (r == TR069_DEFERRED) {
        fake_settle(fake);
        r = fake->installed > before ? fake->install_verdict : TR069_DEFERRED;
    }
    return r;
}

static void make_good(void) {
    image_write(image, good);
    sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "");
}

static void boots(struct fake_host *fake, const char *boot, const char *fingerprint) {
    fake->boot = boot;
    fake_property(fake, "ro.build.fingerprint", fingerprint);
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
}

static bool failed_with(const struct fake_host *fake, enum firmware_cause cause) {
    const struct firmware_cause_entry *entry = firmware_cause(cause);
    bool right =
        fake->fault.code == entry->code && strncmp(fake->fault.text, entry->words, strlen(entry->words)) == 0;
    if (!right) {
        (void) printf("\n    expected \"%s\", got %u %s\n", entry->words, fake->fault.code, fake->fault.text);
    }
    return right;
}

#define FAILS_WITH(cause)                                                                                    \
    do {                                                                                                     \
        CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);                                                             \
        CU_ASSERT_TRUE(failed_with(fake, cause));                                                            \
    } while (0)

static size_t asked(const struct fake_host *fake, const char *action) {
    return fake_list_count(&fake->asked, action);
}

/* ---- The way of an image ----------------------------------------------------------------------- */

static void test_from_order_to_success(void) {
    struct fake_host *fake = begin();
    make_good();
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_OK);
    CU_ASSERT_PTR_NULL(tr069_plugin.files[0].beside(fake->ctx, &transfer));
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->asked, "install-firmware"), image);
    CU_ASSERT_EQUAL(asked(fake, "reboot"), 1);
    CU_ASSERT_EQUAL(fake->installed, 0);
    boots(fake, "boot-2", FINGERPRINT);
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_NOTICE, "the new version runs"));
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_PTR_NULL(fake_list_find(&fake->state, "path"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_not_while_a_session_runs(void) {
    struct fake_host *fake = begin();
    make_good();
    fake_session_begin(fake);
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    fake_session_end(fake, false);
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_EQUAL(asked(fake, "reboot"), 0); /* not before the installer has ended */
    fake_settle(fake);
    CU_ASSERT_EQUAL(asked(fake, "reboot"), 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_without_certificates_nothing_is_taken(void) {
    struct fake_host *fake = begin();
    const char *const none[] = {NULL};
    fake_option_items(fake, "certificates", none);
    CU_ASSERT_EQUAL(fake_accept(fake, &transfer), TR069_FAULT);
    CU_ASSERT_EQUAL(fake->fault.code, 9001);
    make_good();
    FAILS_WITH(CAUSE_CERTIFICATES); /* taken away after the order */
    certify(fake, rsa_pem, "/nonexistent.pem");
    CU_ASSERT_EQUAL(fake_restart(fake, true), 0);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "/nonexistent.pem"));
    FAILS_WITH(CAUSE_CERTIFICATES);
    certify(fake, rsa_pem, image); /* no certificate in it */
    FAILS_WITH(CAUSE_CERTIFICATES);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_before_the_start(void) {
    struct fake_host *fake = fake_new(&tr069_plugin, TR069_DEV2);
    const char *const none[] = {NULL};
    fake_option_items(fake, "certificates", none);
    CU_ASSERT_EQUAL(fake_check(fake), 0); /* a box that takes no firmware */
    certify(fake, rsa_pem, ec_der);
    CU_ASSERT_EQUAL(fake_check(fake), 0);
    certify(fake, rsa_pem, "/nonexistent.pem");
    CU_ASSERT_EQUAL(fake_check(fake), 1);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_ERROR, "/nonexistent.pem"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* ---- What is no image -------------------------------------------------------------------------- */

static void patch(const char *path, off_t at, const void *octets, size_t length) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    off_t from = at < 0 ? lseek(fd, at, SEEK_END) : at;
    CU_ASSERT_EQUAL(pwrite(fd, octets, length, from), (ssize_t) length);
    (void) close(fd);
}

/* Where these octets are in the file, counted from the `nth` time, 0 the first. */
static off_t find(const char *path, const void *octets, size_t length, unsigned nth) {
    static unsigned char content[1 << 20];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = read(fd, content, sizeof content);
    const unsigned char *at = content;
    (void) close(fd);
    for (;; at++) {
        at = memmem(at, (size_t) (content + got - at), octets, length);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        if (nth-- == 0) {
            return at - content;
        }
    }
}

static void test_names_that_lead_astray(void) {
    static const char *const names[] = {"../x", "a/../../x", "/etc/passwd", "a\\b", "C:x",  "a/..",
                                        "a\nb", "..",        "a\x7f",       "/",    "c:\\x"};
    struct fake_host *fake = begin();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct image_entry entries[] = {good[0], {names[i], "x", 0, false, false}, {0}};
        image_write(image, entries);
        sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "");
        FAILS_WITH(CAUSE_NAME);
    }
    const struct image_entry link[] = {{"link", "/etc", 0, false, true}, {0}};
    image_write(image, link);
    sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "");
    FAILS_WITH(CAUSE_NAME);
    image_write(image, nameless); /* a NUL in it: readers differ about where it ends */
    patch(image, find(image, "system.img", 10, 0) + 3, "", 1);
    patch(image, find(image, "system.img", 10, 0) + 3, "", 1);
    sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "");
    FAILS_WITH(CAUSE_NAME);
    char longest[600];
    memset(longest, 'n', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const struct image_entry far[] = {{longest, "x", 0, false, false}, {0}};
    image_write(image, far);
    FAILS_WITH(CAUSE_NAME);
    const struct image_entry fine[] = {
        {"a..b/...", "x", 0, false, false}, {".hidden", "x", 0, false, false}, {0}};
    image_write(image, fine);
    sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "");
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_limits(void) {
    struct fake_host *fake = begin();
    const struct image_entry bomb[] = {{"zeros", NULL, 32 << 20, true, false}, {0}};
    make_good();
    fake_option(fake, "max_entries", "3");
    FAILS_WITH(CAUSE_ENTRIES);
    fake_option(fake, "max_entries", "4");
    fake_option(fake, "max_entry", "299999");
    FAILS_WITH(CAUSE_TOO_BIG);
    fake_option(fake, "max_entry", "300000");
    fake_option(fake, "max_unpacked", "400000");
    FAILS_WITH(CAUSE_TOO_BIG);
    fake_option(fake, "max_unpacked", "1000000000");
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    boots(fake, "boot-2", FINGERPRINT);
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    fake_option(fake, "max_entry", "1000000000");
    image_write(image, bomb);
    sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "");
    fake_option(fake, "max_ratio", "100");
    FAILS_WITH(CAUSE_RATIO);
    fake_option(fake, "max_ratio", "1000");
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_what_is_not_whole(void) {
    static const unsigned char encrypted[2] = {1, 0}, bzip2[2] = {12, 0}, crc[4] = {1, 2, 3, 4},
                               big[4] = {0, 0, 1, 0};
    struct fake_host *fake = begin();
    struct stat info;
    (void) unlink(image);
    FAILS_WITH(CAUSE_READ);
    write_file(image, "", 0);
    FAILS_WITH(CAUSE_NOT_ZIP);
    write_file(image, "<html>the server's page, not an image</html>", 44);
    FAILS_WITH(CAUSE_NOT_ZIP);
    make_good();
    CU_ASSERT_EQUAL(stat(image, &info), 0);
    for (off_t length = info.st_size - 1; length > 100; length -= info.st_size / 7) {
        make_good();
        CU_ASSERT_EQUAL(truncate(image, length), 0);
        FAILS_WITH(CAUSE_TRUNCATED);
    }
    make_good();
    patch(image, 200000, "x", 1); /* in the stored entry */
    FAILS_WITH(CAUSE_DAMAGED);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "\"system.img\": CRC error"));
    make_good();
    patch(image, find(image, "boot.img", 8, 0) + 20, "\xff\xff\xff\xff", 4); /* in the packed one */
    FAILS_WITH(CAUSE_DAMAGED);
    /* offsets in the directory: method 10, CRC 16, octets 24, name 46 */
    image_write(image, nameless);
    patch(image, find(image, "PK\1\2", 4, 0) + 16, crc, 4);
    FAILS_WITH(CAUSE_DAMAGED);
    image_write(image, nameless);
    patch(image, find(image, "PK\1\2", 4, 0) + 24, big, 4); /* says to be longer than it is, in both places */
    patch(image, 22, big, 4);
    FAILS_WITH(CAUSE_DAMAGED);
    image_write(image, nameless);
    patch(image, find(image, "PK\1\2", 4, 0) + 8, encrypted, 2);
    FAILS_WITH(CAUSE_METHOD);
    image_write(image, nameless);
    patch(image, find(image, "PK\1\2", 4, 0) + 10, bzip2, 2);
    FAILS_WITH(CAUSE_METHOD);
    image_write(image, nameless); /* one entry less than there is */
    patch(image, -14, "\2\0\2\0", 4);
    FAILS_WITH(CAUSE_DAMAGED);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_entries_that_share_octets(void) {
    struct fake_host *fake = begin();
    const struct image_entry two[] = {
        {"a", NULL, 200000, false, false}, {"b", NULL, 200000, false, false}, {0}};
    image_write(image, two);
    off_t directory = find(image, "PK\1\2", 4, 0);
    /* both are the first entry, and there is no second one */
    patch(image, find(image, "PK\1\2", 4, 1) + 42, "\0\0\0\0", 4);
    patch(image, find(image, "PK\1\2", 4, 1) + 46, "a", 1);
    static unsigned char tail[1000];
    int fd = open(image, O_RDWR | O_CLOEXEC);
    ssize_t got = pread(fd, tail, sizeof tail, directory);
    CU_ASSERT_EQUAL(pwrite(fd, tail, (size_t) got, 200031), got);
    CU_ASSERT_EQUAL(ftruncate(fd, 200031 + got), 0);
    (void) close(fd);
    unsigned at = 200031;
    const unsigned char offset[4] = {(unsigned char) at, (unsigned char) (at >> 8),
                                     (unsigned char) (at >> 16), 0};
    patch(image, -6, offset, 4);
    FAILS_WITH(CAUSE_DAMAGED);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "larger than the file"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* ---- Signatures -------------------------------------------------------------------------------- */

static void test_every_good_signature(void) {
    static const gnutls_digest_algorithm_t hashes[] = {GNUTLS_DIG_SHA256, GNUTLS_DIG_SHA384,
                                                       GNUTLS_DIG_SHA512, GNUTLS_DIG_SHA1};
    const struct signer *const signers[] = {&rsa, &ec};
    struct fake_host *fake = begin();
    fake_property(fake, "ro.build.fingerprint", FINGERPRINT); /* runs already: the check is all there is */
    for (unsigned i = 0; i < 32; i++) {
        const struct signer *signer = signers[i & 1];
        unsigned flags = (i & 2) != 0 ? SIGN_ATTRIBUTES : 0;
        bool detached = (i & 4) != 0;
        gnutls_digest_algorithm_t hash = hashes[i >> 3];
        fake_option(fake, "signature", detached ? "detached" : "android");
        fake_option(fake, "allow_sha1", hash == GNUTLS_DIG_SHA1 ? "true" : "false");
        image_write(image, good);
        if (detached) {
            gnutls_datum_t der = sign_file(signer, image, -1, hash, flags);
            write_file(beside, der.data, der.size);
            gnutls_free(der.data);
        } else {
            sign_comment(signer, image, hash, flags, "");
        }
        int r = ask(fake);
        CU_ASSERT_EQUAL(r, TR069_OK);
        if (r != TR069_OK) {
            (void) printf("\n    case %u: %u %s\n", i, fake->fault.code, fake->fault.text);
        }
        patch(image, 10, "\x11", 1); /* the first entry's time: no CRC tells, but the signature does */
        FAILS_WITH(CAUSE_ALTERED);
        fake_option(fake, "allow_sha1", "false");
        if (hash == GNUTLS_DIG_SHA1) {
            FAILS_WITH(CAUSE_WEAK);
        }
    }
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_who_signs(void) {
    static const struct image_entry certs[] = {{"x/", "", 0, false, false}, {0}};
    struct fake_host *fake = begin();
    fake_property(fake, "ro.build.fingerprint", FINGERPRINT);
    image_write(image, good);
    FAILS_WITH(CAUSE_UNSIGNED);
    sign_comment(&other, image, GNUTLS_DIG_SHA256, 0, "");
    FAILS_WITH(CAUSE_SIGNER);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(fake->fault.text, "none of the 2 certificates configured; issuer: CN=somebody"));
    certify(fake, other_der, NULL); /* DER */
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    image_write(otacerts, certs);
    certify(fake, otacerts, NULL); /* a .zip without one */
    FAILS_WITH(CAUSE_CERTIFICATES);
    certify(fake, rsa_pem, other_pem);
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_certificates_in_a_zip(void) {
    char pem[2][8192] = {"", ""};
    const char *const files[2] = {ec_pem, other_pem};
    for (int i = 0; i < 2; i++) {
        FILE *in = fopen(files[i], "re");
        CU_ASSERT_TRUE(fread(pem[i], 1, sizeof pem[i] - 1, in) > 100);
        (void) fclose(in);
    }
    const struct image_entry certs[] = {
        {"ec.x509.pem", pem[0], 0, true, false}, {"other.x509.pem", pem[1], 0, true, false}, {0}};
    struct fake_host *fake = begin();
    fake_property(fake, "ro.build.fingerprint", FINGERPRINT);
    image_write(otacerts, certs);
    certify(fake, otacerts, NULL);
    image_write(image, good);
    sign_comment(&other, image, GNUTLS_DIG_SHA256, 0, "");
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    make_good();
    FAILS_WITH(CAUSE_SIGNER);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_signatures_that_are_none(void) {
    struct fake_host *fake = begin();
    fake_property(fake, "ro.build.fingerprint", FINGERPRINT);
    make_good();
    patch(image, -4, "\xff\xfe", 2); /* the footer's mark */
    FAILS_WITH(CAUSE_UNSIGNED);
    make_good();
    patch(image, -6, "\6\0", 2); /* a signature of no octet */
    FAILS_WITH(CAUSE_SIGNATURE);
    make_good();
    patch(image, -6, "\xff\xff", 2); /* it begins before the comment */
    FAILS_WITH(CAUSE_SIGNATURE);
    make_good();
    patch(image, -2, "\1\0", 2); /* the comment's length, said twice */
    FAILS_WITH(CAUSE_SIGNATURE);
    image_write(image, good);
    sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "PK\5\6"); /* another reader would take it for the end */
    CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);
    CU_ASSERT_TRUE(fake->fault.code == 9018 || fake->fault.code == 9019);
    make_good();
    patch(image, -100, "\0\0\0\0\0\0\0\0", 8); /* in the signature itself */
    FAILS_WITH(CAUSE_ALTERED);
    fake_option(fake, "signature", "detached");
    FAILS_WITH(CAUSE_UNSIGNED); /* nothing lies beside it */
    CU_ASSERT_STRING_EQUAL(tr069_plugin.files[0].beside(fake->ctx, &transfer), ".p7s");
    write_file(beside, "-----BEGIN PKCS7-----", 21);
    FAILS_WITH(CAUSE_SIGNATURE);
    gnutls_datum_t der = sign_file(&rsa, beside, -1, GNUTLS_DIG_SHA256, SIGN_EMBED);
    write_file(beside, der.data, der.size);
    FAILS_WITH(CAUSE_SIGNATURE);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "not detached"));
    gnutls_free(der.data);
    der = sign_file(&rsa, image, -1, GNUTLS_DIG_SHA256, SIGN_ATTRIBUTES);
    for (unsigned length = 1; length < der.size;
         length += 37) { /* cut anywhere: never taken, never a crash */
        write_file(beside, der.data, length);
        CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);
        CU_ASSERT_EQUAL(fake->fault.code, 9019);
    }
    for (unsigned at = 0; at < der.size; at += 3) { /* nor with an octet that is another */
        unsigned char former = der.data[at];
        der.data[at] = (unsigned char) (former ^ 0x55);
        write_file(beside, der.data, der.size);
        if (ask(fake) != TR069_OK) {
            CU_ASSERT_EQUAL(fake->fault.code, 9019);
        }
        der.data[at] = former;
    }
    write_file(beside, der.data, der.size);
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    gnutls_free(der.data);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* ---- Versions ---------------------------------------------------------------------------------- */

static void test_the_running_version_is_not_installed(void) {
    struct fake_host *fake = begin();
    make_good();
    fake_property(fake, "ro.build.fingerprint", FINGERPRINT);
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    CU_ASSERT_EQUAL(fake->asked.count, 0);
    CU_ASSERT_TRUE(fake_logged(fake, TR069_NOTICE, "runs already"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_an_image_without_a_version(void) {
    struct fake_host *fake = begin();
    image_write(image, nameless);
    sign_comment(&ec, image, GNUTLS_DIG_SHA256, 0, "");
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    boots(fake, "boot-2", "acme/box/box:9/PI/1:user");
    CU_ASSERT_EQUAL(ask(fake), TR069_FAULT); /* nothing has changed */
    CU_ASSERT_TRUE(failed_with(fake, CAUSE_OLD_VERSION));
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED); /* ordered again */
    boots(fake, "boot-3", "something new");
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 2);
    CU_ASSERT_EQUAL(ask(fake), TR069_OK); /* and again: this very image runs */
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 2);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_the_box_is_the_right_one(void) {
    struct fake_host *fake = begin();
    make_good();
    fake_property(fake, "ro.product.device", "crate");
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    boots(fake, "boot-2", FINGERPRINT);
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    fake_property(fake, "ro.product.device", "bo");
    FAILS_WITH(CAUSE_DEVICE);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "it is for box|crate, this is bo"));
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_by_a_parameter(void) {
    static const struct image_entry entries[] = {{"META-INF/firmware", "version=2.0\r\n", 0, true, false},
                                                 {0}};
    struct fake_host *fake = begin();
    image_write(image, entries);
    sign_comment(&rsa, image, GNUTLS_DIG_SHA256, 0, "");
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    fake_parameter(fake, "Device.DeviceInfo.SoftwareVersion", "1.5");
    boots(fake, "boot-2", "");
    CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);
    CU_ASSERT_TRUE(failed_with(fake, CAUSE_OTHER_VERSION));
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "1.5 runs, 2.0 was expected"));
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    fake_parameter(fake, "Device.DeviceInfo.SoftwareVersion", "2.0");
    boots(fake, "boot-3", "");
    CU_ASSERT_EQUAL(ask(fake), TR069_OK);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* ---- Installers and restarts ------------------------------------------------------------------- */

static void test_what_the_installer_says(void) {
    struct fake_host *fake = begin();
    make_good();
    fake_offer(fake, "install-firmware", -EIO, "unpacking\nslot B is\tnot writable\n\n");
    FAILS_WITH(CAUSE_REFUSED);
    CU_ASSERT_STRING_EQUAL(strchr(fake->fault.text, ':'), ": slot B is not writable");
    fake_offer(fake, "install-firmware", -EIO, "");
    FAILS_WITH(CAUSE_REFUSED);
    fake_offer(fake, "install-firmware", -ETIMEDOUT, "");
    FAILS_WITH(CAUSE_INSTALL_TIME);
    CU_ASSERT_EQUAL(asked(fake, "reboot"), 0);
    fake_list_remove(&fake->actions, "install-firmware");
    FAILS_WITH(CAUSE_NO_INSTALLER);
    fake_offer(fake, "install-firmware", 0, "");
    fake_offer(fake, "reboot", -EIO, "");
    FAILS_WITH(CAUSE_RESTART);
    fake_list_remove(&fake->actions, "reboot");
    FAILS_WITH(CAUSE_RESTART);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_the_restart_does_not_come(void) {
    struct fake_host *fake = begin();
    const char *const recovery[] = {"recovery", NULL};
    make_good();
    fake_option_items(fake, "reboot_arguments", recovery);
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    CU_ASSERT_STRING_EQUAL(fake_list_get(&fake->asked, "reboot"), "recovery");
    fake_advance(fake, 299000);
    CU_ASSERT_EQUAL(fake->installed, 0);
    fake_advance(fake, 2000);
    CU_ASSERT_EQUAL(fake->installed, 1);
    CU_ASSERT_TRUE(failed_with(fake, CAUSE_NO_RESTART));
    fake_option(fake, "reboot", "false"); /* put into use without a restart */
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    CU_ASSERT_EQUAL(asked(fake, "reboot"), 1);
    fake_property(fake, "ro.build.fingerprint", FINGERPRINT);
    fake_advance(fake, 301000);
    CU_ASSERT_EQUAL(fake->installed, 2);
    CU_ASSERT_EQUAL(fake->install_verdict, TR069_OK);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_the_old_version_comes_back(void) {
    struct fake_host *fake = begin();
    make_good();
    fake_option(fake, "recovery_log", recovery_log);
    write_file(recovery_log, "/cache/a.zip\n1\n", 15);
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    boots(fake, "boot-2", "acme/box/box:9/PI/1:user");
    CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);
    CU_ASSERT_TRUE(failed_with(fake, CAUSE_OLD_VERSION));
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "the recovery left no word"));
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    write_file(recovery_log, "/cache/a.zip\n0\nE: ERROR: no\x01 space on system\ntime: 3\n", 52);
    boots(fake, "boot-3", "acme/box/box:9/PI/1:user");
    CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake->fault.text, "; recovery: E: ERROR: no  space on system"));
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* kill -9 of the client, without a restart of the box, and power cuts. */
static void test_interruptions(void) {
    struct fake_host *fake = begin();
    make_good();
    memset(&fake->fault, 0, sizeof fake->fault);
    for (int i = 0; i < 3; i++) { /* while it is checked */
        order = (struct tr069_install){&transfer, image, &fake->fault, fake->ctx, &fake->host};
        CU_ASSERT_EQUAL(tr069_plugin.files[0].install(&order), TR069_DEFERRED);
        struct fake_pending *job = fake->pending; /* its thread ends all the same */
        job->work(job->user);
        CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    }
    FAILS_WITH(CAUSE_CHECKS);
    CU_ASSERT_EQUAL(fake->asked.count, 0);

    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED); /* after "staged": only the restart is ordered again */
    CU_ASSERT_EQUAL(fake_restart(fake, false), 0);
    CU_ASSERT_EQUAL(ask(fake), TR069_DEFERRED);
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_EQUAL(asked(fake, "reboot"), 2);
    boots(fake, "boot-2", "acme/box/box:9/PI/1:user");
    CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);
    CU_ASSERT_TRUE(failed_with(fake, CAUSE_OLD_VERSION));

    static const char *const later[] = {"boot-3", "boot-4", "boot-5"};
    for (size_t i = 0; i < 3; i++) { /* while the installer works: again, but not for ever */
        order = (struct tr069_install){&transfer, image, &fake->fault, fake->ctx, &fake->host};
        int r = tr069_plugin.files[0].install(&order);
        if (i == 2) {
            CU_ASSERT_EQUAL(r, TR069_FAULT);
            CU_ASSERT_TRUE(failed_with(fake, CAUSE_INTERRUPTED));
            break;
        }
        CU_ASSERT_EQUAL(r, TR069_DEFERRED);
        struct fake_pending *job = fake->pending;
        fake->pending = job->next;
        job->work(job->user);
        job->job_done(job->user);
        fake_pending_free(job);
        CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 2 + i);
        boots(fake, later[i], "acme/box/box:9/PI/1:user");
    }
    CU_ASSERT_EQUAL(asked(fake, "reboot"), 2);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

static void test_an_installer_that_restarts_the_box_itself(void) {
    struct fake_host *fake = begin();
    make_good();
    fake_option(fake, "reboot", "false");
    order = (struct tr069_install){&transfer, image, &fake->fault, fake->ctx, &fake->host};
    CU_ASSERT_EQUAL(tr069_plugin.files[0].install(&order), TR069_DEFERRED);
    struct fake_pending *job = fake->pending;
    fake->pending = job->next;
    job->work(job->user);
    job->job_done(job->user);
    fake_pending_free(job);
    boots(fake, "boot-2", "acme/box/box:9/PI/1:user"); /* it never ended */
    CU_ASSERT_EQUAL(ask(fake), TR069_FAULT);
    CU_ASSERT_TRUE(failed_with(fake, CAUSE_OLD_VERSION));
    CU_ASSERT_EQUAL(asked(fake, "install-firmware"), 1);
    CU_ASSERT_EQUAL(fake_free(fake), 0);
}

/* ---- The documents ----------------------------------------------------------------------------- */

/* doc/firmware.md tells an operator about each cause, with its code. */
static void test_each_cause_is_documented(void) {
    static char text[1 << 17];
    char path[512], row[256];
    const char *source = getenv("srcdir");
    (void) snprintf(path, sizeof path, "%s/doc/firmware.md", source != NULL ? source : ".");
    FILE *in = fopen(path, "re");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    (void) fclose(in);
    for (int i = 0; i < FIRMWARE_CAUSES; i++) {
        const struct firmware_cause_entry *entry = firmware_cause((enum firmware_cause) i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(entry->words);
        (void) snprintf(row, sizeof row, "| %u | %s", entry->code, entry->words);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, row));
        if (strstr(text, row) == NULL) {
            (void) printf("\n    doc/firmware.md has no row \"%s\"\n", row);
        }
    }
}

static void name(char *path, size_t size, const char *file) {
    (void) snprintf(path, size, "%s/%s", base, file);
}

static void clear(void) {
    signer_free(&rsa);
    signer_free(&ec);
    signer_free(&other);
}

int main(void) {
    base = fake_directory("firmware");
    name(image, sizeof image, "transfer-1");
    name(beside, sizeof beside, "transfer-1.p7s");
    name(rsa_pem, sizeof rsa_pem, "rsa.pem");
    name(rsa_der, sizeof rsa_der, "rsa.der");
    name(ec_pem, sizeof ec_pem, "ec.pem");
    name(ec_der, sizeof ec_der, "ec.der");
    name(other_pem, sizeof other_pem, "other.pem");
    name(other_der, sizeof other_der, "other.der");
    name(otacerts, sizeof otacerts, "otacerts.zip");
    name(recovery_log, sizeof recovery_log, "last_install");
    signer_new(&rsa, GNUTLS_PK_RSA, "maker", rsa_pem, rsa_der);
    signer_new(&ec, GNUTLS_PK_ECDSA, "maker", ec_pem, ec_der);
    signer_new(&other, GNUTLS_PK_ECDSA, "somebody", other_pem, other_der);
    transfer = (struct tr069_transfer){.method = "Download",
                                       .command_key = "k",
                                       .file_type = "1 Firmware Upgrade Image",
                                       .url = "http://h/firmware.zip",
                                       .username = "",
                                       .password = "",
                                       .target_name = ""};
    (void) atexit(clear);
    FAKE_TESTS(
        "firmware", {"from order to success", test_from_order_to_success},
        {"not while a session runs", test_not_while_a_session_runs},
        {"without certificates nothing is taken", test_without_certificates_nothing_is_taken},
        {"before the start", test_before_the_start}, {"names that lead astray", test_names_that_lead_astray},
        {"limits", test_limits}, {"what is not whole", test_what_is_not_whole},
        {"entries that share octets", test_entries_that_share_octets},
        {"every good signature", test_every_good_signature}, {"who signs", test_who_signs},
        {"certificates in a zip", test_certificates_in_a_zip},
        {"signatures that are none", test_signatures_that_are_none},
        {"the running version is not installed", test_the_running_version_is_not_installed},
        {"an image without a version", test_an_image_without_a_version},
        {"the box is the right one", test_the_box_is_the_right_one}, {"by a parameter", test_by_a_parameter},
        {"what the installer says", test_what_the_installer_says},
        {"the restart does not come", test_the_restart_does_not_come},
        {"the old version comes back", test_the_old_version_comes_back},
        {"interruptions", test_interruptions},
        {"an installer that restarts the box itself", test_an_installer_that_restarts_the_box_itself},
        {"each cause is documented", test_each_cause_is_documented});
}
