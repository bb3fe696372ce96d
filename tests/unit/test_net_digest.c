/* core/net/digest against the examples of RFC 2617 and RFC 7616, and the grammar of its headers. */
#include <config.h>

#include "net/digest.h"

#include "base/buffer.h"
#include "cunit.h"

#include <string.h>

static void the_examples_of_the_standards(void) {
    static const struct {
        struct digest_input input;
        const char *response;
    } table[] = {
        {{.username = "Mufasa",
          .realm = "testrealm@host.com",
          .password = "Circle Of Life",
          .method = "GET",
          .uri = "/dir/index.html",
          .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
          .nc = "00000001",
          .cnonce = "0a4f113b",
          .qop = "auth"},
         "6629fae49393a05397450978507c4ef1"},
        {{.username = "Mufasa",
          .realm = "http-auth@example.org",
          .password = "Circle of Life",
          .method = "GET",
          .uri = "/dir/index.html",
          .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
          .nc = "00000001",
          .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
          .qop = "auth"},
         "8ca523f5e9506fed4657c9700eebdbec"},
        {{.algorithm = DIGEST_SHA256,
          .username = "Mufasa",
          .realm = "http-auth@example.org",
          .password = "Circle of Life",
          .method = "GET",
          .uri = "/dir/index.html",
          .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
          .nc = "00000001",
          .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
          .qop = "auth"},
         "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
        /* computed with Python's hashlib: RFC 2069, MD5-sess, auth-int */
        {{.username = "u", .realm = "r", .password = "p", .method = "POST", .uri = "/", .nonce = "n"},
         "b42d384f116f87fa53bcb3234a866d2c"},
        {{.session = true,
          .username = "u",
          .realm = "r",
          .password = "p",
          .method = "POST",
          .uri = "/",
          .nonce = "n",
          .nc = "00000001",
          .cnonce = "c",
          .qop = "auth"},
         "b466f8fd1774359f81ab16d20e6a2890"},
        {{.username = "u",
          .realm = "r",
          .password = "p",
          .method = "POST",
          .uri = "/",
          .nonce = "n",
          .nc = "00000001",
          .cnonce = "c",
          .qop = "auth-int",
          .body = "<body/>",
          .length = 7},
         "45850dbb475d21a39970d644e3321631"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char response[DIGEST_HEX_SIZE];
        CU_ASSERT_EQUAL(digest_response(&table[i].input, response), 0);
        CU_ASSERT_STRING_EQUAL(response, table[i].response);
    }
}

/* What the scanner makes of a header: "scheme" or "name=value", separated by '|'. */
static void scan_all(const char *header, struct buffer *out) {
    struct digest_scanner scanner = {.at = header};
    enum digest_piece piece;
    while ((piece = digest_scan(&scanner)) != DIGEST_END) {
        (void) buffer_format(out, "%s%s%s%s", out->length > 0 ? "|" : "", scanner.name,
                             piece == DIGEST_PARAMETER ? "=" : "", scanner.value);
    }
}

static void headers_of_every_form(void) {
    static const struct {
        const char *header, *pieces;
    } table[] = {
        {"", ""},
        {" , ,, ", ""},
        {"Basic realm=\"a\"", "Basic|realm=a"},
        {"Digest realm=\"a, b\\\"c\", nonce = x,qop=\"\" , Basic", "Digest|realm=a, b\"c|nonce=x|qop=|Basic"},
        {"Negotiate abc==, Digest a=\"", "Negotiate|abc==|Digest|a="},
        {"Digest a=\"b", "Digest|a=b"},
        {"Digest a=\"b\\", "Digest|a=b\\"},
        {"===\"\"", ""},
        {"a=,b=c", "a=|b=c"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buffer out;
        buffer_init(&out, 4096);
        scan_all(table[i].header, &out);
        CU_ASSERT_STRING_EQUAL(buffer_string(&out), table[i].pieces);
        buffer_free(&out);
    }
    static char large[5000];
    (void) snprintf(large, sizeof large, "Digest a=\"%04000d\", b=c", 1);
    struct digest_scanner scanner = {.at = large};
    CU_ASSERT_EQUAL(digest_scan(&scanner), DIGEST_SCHEME);
    CU_ASSERT_EQUAL(digest_scan(&scanner), DIGEST_PARAMETER);
    CU_ASSERT_TRUE(scanner.too_long);
    CU_ASSERT_STRING_EQUAL(scanner.value, "");
    CU_ASSERT_EQUAL(digest_scan(&scanner), DIGEST_PARAMETER);
    CU_ASSERT_STRING_EQUAL(scanner.value, "c");
}

static CU_TestInfo tests[] = {
    {"the examples of the standards", the_examples_of_the_standards},
    {"headers of every form", headers_of_every_form},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("digest", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
