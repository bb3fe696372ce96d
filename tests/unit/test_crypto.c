/* core/base/crypto */
#include <config.h>

#include "base/crypto.h"

#include "cunit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void hashes(void) {
    /* FIPS 180-2, appendix B.1 */
    static const unsigned char abc[CRYPTO_SHA256_SIZE] = {
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
        0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    unsigned char digest[CRYPTO_SHA256_SIZE];
    CU_ASSERT_EQUAL(crypto_sha256("abc", 3, digest), 0);
    CU_ASSERT_EQUAL(memcmp(digest, abc, sizeof abc), 0);
    CU_ASSERT_EQUAL(crypto_sha256(NULL, 0, digest), 0);
    CU_ASSERT(digest[0] == 0xe3 && digest[31] == 0x55);
    CU_ASSERT_EQUAL(crypto_digest64("abc", 3), 0xba7816bf8f01cfeau);
    CU_ASSERT_NOT_EQUAL(crypto_digest64("abd", 3), crypto_digest64("abc", 3));
}

static int decode(const char *text, struct buffer *out) {
    buffer_reset(out);
    (void) buffer_text(out, "<");
    return crypto_base64_decode(text, strlen(text), out);
}

static void base64(void) {
    /* RFC 4648 section 10 */
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};
    static const char *const bad[] = {"Z",     "Zg",     "Zg=",          "Zg===",    "=",    "==",
                                      "===",   "====",   "Z===",         "Zg==Zg==", "Zm=v", "Z=9v",
                                      "Zm9v=", "Zm 9v",  "Zm9\n",        "Zm9v\x01", "Zm-_", "Zh==",
                                      "Zm9=",  "Zm\n9v", "Zm9v\xc3\xa9", "Zg== =",   "Zm9vZ"};
    struct buffer out;
    size_t i;
    buffer_init(&out, 100);
    for (i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        buffer_reset(&out);
        CU_ASSERT_EQUAL(crypto_base64_encode(vectors[i][0], strlen(vectors[i][0]), &out), 0);
        CU_ASSERT_STRING_EQUAL(buffer_string(&out), vectors[i][1]);
        CU_ASSERT_EQUAL(decode(vectors[i][1], &out), 0);
        CU_ASSERT_STRING_EQUAL(buffer_string(&out) + 1, vectors[i][0]);
    }
    CU_ASSERT_EQUAL(decode(" \t\r\nZm9v\n ", &out), 0);
    CU_ASSERT_STRING_EQUAL(buffer_string(&out), "<foo");
    CU_ASSERT_EQUAL(decode(" \n", &out), 0);
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(decode(bad[i], &out), -EINVAL);
        CU_ASSERT_STRING_EQUAL(buffer_string(&out), "<"); /* as it was */
        CU_ASSERT_EQUAL(buffer_error(&out), 0);
    }
    buffer_free(&out);
    buffer_init(&out, 4);
    CU_ASSERT_EQUAL(decode("Zm9v", &out), 0);
    CU_ASSERT_EQUAL(decode("Zm9vYg==", &out), -EMSGSIZE);
    buffer_reset(&out);
    CU_ASSERT_EQUAL(crypto_base64_encode("abcd", 4, &out), -EMSGSIZE);
    buffer_free(&out);
}

static void base64_comes_back(void) {
    unsigned char data[300];
    struct buffer text, back;
    size_t n;
    buffer_init(&text, 1000);
    buffer_init(&back, 1000);
    for (n = 0; n <= sizeof data; n++) {
        CU_ASSERT_EQUAL(crypto_random(data, n), 0);
        buffer_reset(&text);
        buffer_reset(&back);
        CU_ASSERT_EQUAL(crypto_base64_encode(data, n, &text), 0);
        CU_ASSERT_EQUAL(text.length, (n + 2) / 3 * 4);
        CU_ASSERT_EQUAL(crypto_base64_decode(text.data, text.length, &back), 0);
        CU_ASSERT(back.length == n && memcmp(back.data, data, n) == 0);
    }
    buffer_free(&text);
    buffer_free(&back);
}

static void random_is_spread(void) {
    enum { ROUNDS = 20000 };
    unsigned tenths[10] = {0}, i;
    unsigned char a[32], b[32];
    CU_ASSERT(crypto_random(a, sizeof a) == 0 && crypto_random(b, sizeof b) == 0);
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, sizeof a), 0);
    for (i = 0; i < ROUNDS; i++) {
        double x = crypto_uniform();
        CU_ASSERT_FATAL(x >= 0 && x < 1);
        tenths[(unsigned) (x * 10)]++;
    }
    for (i = 0; i < 10; i++) { /* 2000 expected; 10 standard deviations are 424 */
        CU_ASSERT(tenths[i] > 1500 && tenths[i] < 2500);
    }
}

static void tokens(void) {
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    unsigned seen[256] = {0};
    char token[1001], other[17], one[17];
    size_t i, n;
    for (n = 0; n <= 1000; n += 125) {
        memset(token, '#', sizeof token);
        CU_ASSERT_EQUAL(crypto_token(token, n), 0);
        CU_ASSERT_EQUAL(strlen(token), n);
        CU_ASSERT_EQUAL(strspn(token, alphabet), n);
    }
    for (n = 0; n < 40; n++) {
        CU_ASSERT_EQUAL(crypto_token(token, 1000), 0);
        for (i = 0; i < 1000; i++) {
            seen[(unsigned char) token[i]]++;
        }
    }
    for (i = 0; i < 36; i++) { /* 1111 expected, deviation 33 */
        CU_ASSERT(seen[(unsigned char) alphabet[i]] > 800 && seen[(unsigned char) alphabet[i]] < 1450);
    }
    CU_ASSERT(crypto_token(one, 16) == 0 && crypto_token(other, 16) == 0);
    CU_ASSERT_STRING_NOT_EQUAL(one, other);
}

static void compares(void) {
    CU_ASSERT(crypto_equal("", "") && crypto_equal("secret", "secret"));
    CU_ASSERT(!crypto_equal("secret", "secreT") && !crypto_equal("secret", "secre"));
    CU_ASSERT(!crypto_equal("", "x") && !crypto_equal("xsecret", "ysecret"));
}

static CU_TestInfo tests[] = {
    {"hashes", hashes},
    {"Base64", base64},
    {"Base64 comes back", base64_comes_back},
    {"random is spread", random_is_spread},
    {"tokens", tokens},
    {"compares", compares},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("crypto", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
