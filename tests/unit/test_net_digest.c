/* core/net/digest: what an answer may look like, how long a nonce lives, and what is a repetition. */
#include <config.h>

#include "net/digest.h"

#include "base/crypto.h"
#include "cunit.h"

#include <string.h>

#define REALM "the realm"
#define PATH "/0123456789abcdef"

static struct digest_server server;
static const struct digest_request request = {"GET", PATH, "user \"x\" \\", "pass"};
static uint64_t now;

static void begin(void) {
    now = 5000;
    CU_ASSERT_EQUAL_FATAL(digest_begin(&server, REALM), 0);
}

static void challenge(char nonce[64], bool stale) {
    char text[DIGEST_CHALLENGE_SIZE];
    digest_challenge(&server, now, stale, text);
    const char *at = strstr(text, "nonce=\"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    CU_ASSERT_EQUAL(strncmp(text, "Digest realm=\"" REALM "\", ", strlen("Digest realm=\"" REALM "\", ")), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "qop=\"auth\", algorithm=MD5"));
    CU_ASSERT_EQUAL(strstr(text, ", stale=true") != NULL, stale);
    (void) snprintf(nonce, 64, "%.*s", (int) strcspn(at + 7, "\""), at + 7);
}

/* RFC 2617 section 3.2.2 once more, by the book; nc NULL: without qop. */
static void respond(char hex[CRYPTO_MD5_HEX], const char *uri, const char *nonce, const char *nc) {
    char who[CRYPTO_MD5_HEX], what[CRYPTO_MD5_HEX];
    CU_ASSERT_EQUAL(crypto_md5_hex((const char *[]){request.username, REALM, request.password, NULL}, who),
                    0);
    CU_ASSERT_EQUAL(crypto_md5_hex((const char *[]){"GET", uri, NULL}, what), 0);
    if (nc != NULL) {
        CU_ASSERT_EQUAL(crypto_md5_hex((const char *[]){who, nonce, nc, "c n", "auth", what, NULL}, hex), 0);
    } else {
        CU_ASSERT_EQUAL(crypto_md5_hex((const char *[]){who, nonce, what, NULL}, hex), 0);
    }
}

#define USER "username=\"user \\\"x\\\" \\\\\""

/* Fills in N nonce, R response, U username of a form. */
static enum digest_verdict say(const char *form, const char *nonce, const char *response) {
    char text[2048];
    size_t length = 0;
    for (; *form != '\0'; form++) {
        const char *value = *form == 'N' ? nonce : *form == 'R' ? response : *form == 'U' ? USER : NULL;
        if (value != NULL) {
            length += (size_t) snprintf(text + length, sizeof text - length, "%s", value);
        } else {
            text[length++] = *form;
        }
    }
    text[length] = '\0';
    return digest_check(&server, &request, now, text);
}

static enum digest_verdict answer(const char *nonce, const char *nc) {
    char response[CRYPTO_MD5_HEX], form[256];
    respond(response, PATH, nonce, nc);
    (void) snprintf(form, sizeof form, "U, nonce=\"N\", uri=\"%s\", response=\"R\"%s%s", PATH,
                    nc != NULL ? ", qop=auth, cnonce=\"c n\", nc=" : "", nc != NULL ? nc : "");
    return say(form, nonce, response);
}

static void by_the_book(void) {
    /* RFC 2617 section 3.5 */
    char who[CRYPTO_MD5_HEX], what[CRYPTO_MD5_HEX], hex[CRYPTO_MD5_HEX];
    const char *nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    (void) crypto_md5_hex((const char *[]){"Mufasa", "testrealm@host.com", "Circle Of Life", NULL}, who);
    (void) crypto_md5_hex((const char *[]){"GET", "/dir/index.html", NULL}, what);
    (void) crypto_md5_hex((const char *[]){who, nonce, "00000001", "0a4f113b", "auth", what, NULL}, hex);
    CU_ASSERT_STRING_EQUAL(hex, "6629fae49393a05397450978507c4ef1");
    (void) crypto_md5_hex((const char *[]){"", NULL}, hex);
    CU_ASSERT_STRING_EQUAL(hex, "d41d8cd98f00b204e9800998ecf8427e");
}

static void forms_of_an_answer(void) {
    static const struct {
        const char *form;
        const char *uri;
        const char *nc;
        enum digest_verdict verdict;
    } table[] = {
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\"", PATH, NULL, DIGEST_RIGHT},
        {"  U,nonce=N,uri=" PATH ",response=R", PATH, NULL, DIGEST_RIGHT},
        {",, U\t,\t, nOnCE = \"N\" , urI\t=\"" PATH "\",responSE=\"R\",,", PATH, NULL, DIGEST_RIGHT},
        {"U, nonce=\"N\", uri=\"" PATH "?a=b,c\", response=\"R\"", PATH "?a=b,c", NULL, DIGEST_RIGHT},
        {"U, nonce=\"N\", uri=\"http://box:7547" PATH "\", response=\"R\"", "http://box:7547" PATH, NULL,
         DIGEST_RIGHT},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", realm=\"x, qop=auth\", opaque=\"\", odd=", PATH,
         NULL, DIGEST_RIGHT},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", algorithm=\"md5\"", PATH, NULL, DIGEST_RIGHT},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=\"auth\", nc=00000001, cnonce=\"c n\"", PATH,
         "00000001", DIGEST_RIGHT},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=auth, nc=\"0000000A\", cnonce=\"c n\"", PATH,
         "0000000A", DIGEST_RIGHT},
        /* none, or another one */
        {"", PATH, NULL, DIGEST_WRONG},
        {"U", PATH, NULL, DIGEST_WRONG},
        {"nonce=\"N\", uri=\"" PATH "\", response=\"R\"", PATH, NULL, DIGEST_WRONG},
        {"U, uri=\"" PATH "\", response=\"R\"", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", response=\"R\"", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\"", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"\"", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R0\"", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", U", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\\", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\"x=1", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", odd", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", =1", PATH, NULL, DIGEST_WRONG},
        {"U nonce=\"N\" uri=\"" PATH "\" response=\"R\" x", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "0\", response=\"R\"", PATH "0", NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"/\", response=\"R\"", "/", NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"http://box\", response=\"R\"", "http://box", NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\"", PATH "?other", NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", algorithm=SHA-256", PATH, NULL, DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=auth-int, nc=00000001, cnonce=\"c n\"", PATH,
         "00000001", DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=auth, nc=00000001", PATH, "00000001",
         DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=auth, cnonce=\"c n\"", PATH, "00000001",
         DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=auth, nc=0000001, cnonce=\"c n\"", PATH,
         "0000001", DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=auth, nc=0000000x, cnonce=\"c n\"", PATH,
         "0000000x", DIGEST_WRONG},
        {"U, nonce=\"N\", uri=\"" PATH "\", response=\"R\", qop=auth, nc=00000000, cnonce=\"c n\"", PATH,
         "00000000", DIGEST_WRONG},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char nonce[64], response[CRYPTO_MD5_HEX];
        begin();
        challenge(nonce, false);
        respond(response, table[i].uri, nonce, table[i].nc);
        if (say(table[i].form, nonce, response) != table[i].verdict) {
            CU_FAIL("another verdict");
            (void) printf("%s\n", table[i].form);
        }
    }
    char nonce[64], response[CRYPTO_MD5_HEX], large[5000];
    begin();
    challenge(nonce, false);
    respond(response, PATH, nonce, NULL);
    for (char *at = response; *at != '\0'; at++) { /* large letters are the same number */
        *at = *at >= 'a' ? (char) (*at - 'a' + 'A') : *at;
    }
    CU_ASSERT_EQUAL(say("U, nonce=\"N\", uri=\"" PATH "\", response=\"R\"", nonce, response), DIGEST_RIGHT);
    memset(large, 'a', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    CU_ASSERT_EQUAL(digest_check(&server, &request, now, large), DIGEST_WRONG);
    memset(large, ',', sizeof large - 1);
    CU_ASSERT_EQUAL(digest_check(&server, &request, now, large), DIGEST_WRONG);
}

static void nobody_is_refused(void) {
    const struct digest_request nobody = {"GET", PATH, "", ""};
    char who[CRYPTO_MD5_HEX], what[CRYPTO_MD5_HEX], response[CRYPTO_MD5_HEX], nonce[64], text[512];
    begin();
    challenge(nonce, true);
    (void) crypto_md5_hex((const char *[]){"", REALM, "", NULL}, who);
    (void) crypto_md5_hex((const char *[]){"GET", PATH, NULL}, what);
    (void) crypto_md5_hex((const char *[]){who, nonce, what, NULL}, response);
    (void) snprintf(text, sizeof text, "username=\"\", nonce=\"%s\", uri=\"" PATH "\", response=\"%s\"",
                    nonce, response);
    CU_ASSERT_EQUAL(digest_check(&server, &nobody, now, text), DIGEST_WRONG);
}

static void a_nonce_grows_old(void) {
    char nonce[64], other[64];
    begin();
    challenge(nonce, false);
    now += DIGEST_NONCE_S * 1000;
    CU_ASSERT_EQUAL(answer(nonce, "00000001"), DIGEST_RIGHT);
    now += 1;
    CU_ASSERT_EQUAL(answer(nonce, "00000002"), DIGEST_OLD);
    challenge(nonce, false);
    (void) snprintf(other, sizeof other, "%s", nonce);
    other[3] = other[3] == '0' ? '1' : '0';
    CU_ASSERT_EQUAL(answer(other, NULL), DIGEST_OLD); /* not made here */
    (void) snprintf(other, sizeof other, "%s", nonce);
    other[40] = other[40] == '0' ? '1' : '0';
    CU_ASSERT_EQUAL(answer(other, NULL), DIGEST_OLD);
    CU_ASSERT_EQUAL(answer("", NULL), DIGEST_OLD);
    CU_ASSERT_EQUAL(answer(nonce, NULL), DIGEST_RIGHT);
    (void) snprintf(other, sizeof other, "%s", nonce);
    begin(); /* nor here */
    CU_ASSERT_EQUAL(answer(other, NULL), DIGEST_OLD);
}

static void a_count_rises(void) {
    char nonce[64], other[64];
    begin();
    challenge(nonce, false);
    challenge(other, false);
    CU_ASSERT_STRING_NOT_EQUAL(nonce, other);
    CU_ASSERT_EQUAL(answer(nonce, "00000001"), DIGEST_RIGHT);
    CU_ASSERT_EQUAL(answer(nonce, "00000001"), DIGEST_REPEATED);
    CU_ASSERT_EQUAL(answer(nonce, "0000000f"), DIGEST_RIGHT);
    CU_ASSERT_EQUAL(answer(nonce, "00000002"), DIGEST_REPEATED);
    CU_ASSERT_EQUAL(answer(nonce, "0000000F"), DIGEST_REPEATED);
    CU_ASSERT_EQUAL(answer(other, "00000001"), DIGEST_RIGHT);
    CU_ASSERT_EQUAL(answer(nonce, NULL), DIGEST_RIGHT); /* uses it up */
    CU_ASSERT_EQUAL(answer(nonce, NULL), DIGEST_REPEATED);
    CU_ASSERT_EQUAL(answer(nonce, "ffffffff"), DIGEST_REPEATED);
    CU_ASSERT_EQUAL(answer(other, "00000002"), DIGEST_RIGHT);
}

/* More are answered than are remembered: none of them is ever good again, in whatever order they were. */
static void the_table_overflows(void) {
    enum { MANY = 3 * DIGEST_USED };
    static char nonces[MANY][64];
    begin();
    for (unsigned i = 0; i < MANY; i++) {
        challenge(nonces[i], false);
        now += i % 3 == 0 ? 7 : 0;
    }
    for (unsigned i = 0; i < MANY; i++) {
        const unsigned which = i * 5 % MANY; /* 5 and 192 have no divisor in common: each comes once */
        const enum digest_verdict first = answer(nonces[which], "00000001");
        CU_ASSERT_TRUE(i >= DIGEST_USED || first == DIGEST_RIGHT);
        CU_ASSERT_TRUE(first == DIGEST_RIGHT || first == DIGEST_OLD);
        for (unsigned k = 0; k <= i; k++) {
            const enum digest_verdict again = answer(nonces[k * 5 % MANY], "00000001");
            CU_ASSERT_TRUE(again == DIGEST_REPEATED || again == DIGEST_OLD);
        }
    }
    char fresh[64];
    challenge(fresh, false);
    CU_ASSERT_EQUAL(answer(fresh, "00000001"), DIGEST_RIGHT);
}

static CU_TestInfo tests[] = {
    {"by the book", by_the_book},
    {"forms of an answer", forms_of_an_answer},
    {"nobody is refused", nobody_is_refused},
    {"a nonce grows old", a_nonce_grows_old},
    {"a count rises", a_count_rises},
    {"the table overflows", the_table_overflows},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("digest", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
