/* TLS of core/net: real handshakes with certificates that the test makes. */
#include <config.h>

#include <tr069/fake_directory.h>

#include "net/acs_client.h"
#include "net/fetch.h"

#include "cunit.h"
#include "net/send.h"
#include "net_server.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define BASIC                                                                                                \
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"acs\"\r\nContent-Length: 0\r\n\r\n"
enum { DAY = 86400 };

/* ---- certificates ------------------------------------------------------------------------------ */

struct identity {
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
};

struct want {
    const char *name;    /* a DNS name, or NULL */
    const char *address; /* IPv4, or NULL */
    int from, to;        /* days from now */
    bool ca;
};

static struct identity root, stranger, middle;
static const char *directory;
static unsigned serial;

static struct identity make(const struct want *want, const struct identity *issuer) {
    struct identity identity;
    unsigned char number[5] = {1, 0, 0, 0, (unsigned char) ++serial};
    time_t now = time(NULL);
    char cn[64];
    CU_ASSERT_EQUAL(gnutls_x509_privkey_init(&identity.key), 0);
    CU_ASSERT_EQUAL(gnutls_x509_privkey_generate(identity.key, GNUTLS_PK_ECDSA,
                                                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                    0);
    CU_ASSERT_EQUAL(gnutls_x509_crt_init(&identity.certificate), 0);
    gnutls_x509_crt_t c = identity.certificate;
    (void) gnutls_x509_crt_set_version(c, 3);
    (void) gnutls_x509_crt_set_serial(c, number, sizeof number);
    (void) gnutls_x509_crt_set_activation_time(c, now + (time_t) want->from * DAY);
    (void) gnutls_x509_crt_set_expiration_time(c, now + (time_t) want->to * DAY);
    (void) snprintf(cn, sizeof cn, "test %u", serial);
    (void) gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, cn, (unsigned) strlen(cn));
    (void) gnutls_x509_crt_set_key(c, identity.key);
    (void) gnutls_x509_crt_set_basic_constraints(c, want->ca ? 1 : 0, -1);
    (void) gnutls_x509_crt_set_key_usage(c,
                                         want->ca ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE);
    if (want->name != NULL) {
        (void) gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, want->name,
                                                    (unsigned) strlen(want->name), GNUTLS_FSAN_SET);
    }
    if (want->address != NULL) {
        struct in_addr in;
        CU_ASSERT_EQUAL(inet_pton(AF_INET, want->address, &in), 1);
        (void) gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_IPADDRESS, &in, 4, GNUTLS_FSAN_APPEND);
    }
    const struct identity *by = issuer != NULL ? issuer : &identity;
    CU_ASSERT_EQUAL(gnutls_x509_crt_sign2(c, by->certificate, by->key, GNUTLS_DIG_SHA256, 0), 0);
    return identity;
}

static void forget(struct identity *identity) {
    gnutls_x509_crt_deinit(identity->certificate);
    gnutls_x509_privkey_deinit(identity->key);
}

static void save(const char *path, const struct identity *identity, bool key) {
    gnutls_datum_t out = {0};
    CU_ASSERT_EQUAL(key ? gnutls_x509_privkey_export2(identity->key, GNUTLS_X509_FMT_PEM, &out)
                        : gnutls_x509_crt_export2(identity->certificate, GNUTLS_X509_FMT_PEM, &out),
                    0);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void) fwrite(out.data, 1, out.size, file);
    (void) fclose(file);
    gnutls_free(out.data);
}

static const char *place(const char *name) {
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void) snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

/* ---- a server and a client --------------------------------------------------------------------- */

static struct loop *loop;
static struct acs_client *client;
static struct server *server;
static gnutls_certificate_credentials_t credentials;
static struct acs_target target;
static char url[128];
static struct {
    unsigned calls;
    int status;
    char error[512];
} got;

static void answered(void *user, const struct acs_answer *answer) {
    (void) user;
    got.calls++;
    got.status = answer->status;
    (void) snprintf(got.error, sizeof got.error, "%s", answer->error != NULL ? answer->error : "");
    loop_stop(loop);
}

/* By PEM, since given as objects only the first certificate is sent. */
static void use(const struct identity *identity, bool with_middle) {
    gnutls_datum_t own = {0}, above = {0}, key = {0};
    char text[8192];
    (void) gnutls_x509_crt_export2(identity->certificate, GNUTLS_X509_FMT_PEM, &own);
    (void) gnutls_x509_crt_export2(middle.certificate, GNUTLS_X509_FMT_PEM, &above);
    (void) gnutls_x509_privkey_export2(identity->key, GNUTLS_X509_FMT_PEM, &key);
    (void) snprintf(text, sizeof text, "%s%s", (const char *) own.data,
                    with_middle ? (const char *) above.data : "");
    gnutls_datum_t chain = {(unsigned char *) text, (unsigned) strlen(text)};
    CU_ASSERT_EQUAL(gnutls_certificate_set_x509_key_mem(credentials, &chain, &key, GNUTLS_X509_FMT_PEM), 0);
    gnutls_free(own.data);
    gnutls_free(above.data);
    gnutls_free(key.data);
}

static void begin(struct identity *identity, bool with_middle, const struct server_step *script) {
    CU_ASSERT_EQUAL(gnutls_certificate_allocate_credentials(&credentials), 0);
    use(identity, with_middle);
    server = server_start(credentials);
    server_ports(server_port(server), server_port(server));
    server_script(server, script);
    (void) snprintf(url, sizeof url, "https://127.0.0.1:%u/acs", server_port(server));
    target = (struct acs_target){.url = url,
                                 .username = "user",
                                 .password = "pass",
                                 .connect_timeout_s = 30,
                                 .answer_timeout_s = 30,
                                 .max_answer = 100000,
                                 .tls.ca_file = place("root.pem")};
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
    CU_ASSERT_EQUAL_FATAL(acs_client_new(loop, &client), 0);
}

static void end(void) {
    acs_client_free(client);
    loop_free(loop);
    server_stop(server);
    gnutls_certificate_free_credentials(credentials);
}

static void post(void) {
    memset(&got, 0, sizeof got);
    CU_ASSERT_EQUAL(acs_client_post(client, "<a/>", 4, answered, NULL), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(got.calls, 1);
}

/* One session against a server of that certificate; *ret: what an operator reads, "" when it was good. */
static const char *try_with(const struct want *want, const struct identity *issuer, bool with_middle,
                            const struct net_tls *tls) {
    static const struct server_step script[] = {{OK}, {OK}, {0}};
    struct identity identity = make(want, issuer);
    begin(&identity, with_middle, script);
    if (tls != NULL) {
        target.tls = *tls;
    }
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    /* nothing at all reaches a server that is not the right one */
    CU_ASSERT_EQUAL(server_request_count(server), got.status == 200 ? 1 : 0);
    if (got.status == 200) {
        post();
        CU_ASSERT_EQUAL(got.status, 200);
        CU_ASSERT_EQUAL(server_connection_count(server), 1);
    }
    end();
    forget(&identity);
    return got.error;
}

static const struct want good = {.address = "127.0.0.1", .from = -1, .to = 1};
static const struct want expired = {.address = "127.0.0.1", .from = -9, .to = -1};
static const struct want early = {.address = "127.0.0.1", .from = 5, .to = 9};
static const struct want other = {.name = "other.example", .from = -1, .to = 1};
static const struct want other_address = {.address = "127.0.0.2", .from = -1, .to = 1};
static const struct want other_and_expired = {.name = "other.example", .from = -9, .to = -1};

static bool says(const char *text, const char *piece) {
    if (strstr(text, piece) == NULL) {
        (void) printf("\n    \"%s\" is not in \"%s\"\n", piece, text);
        return false;
    }
    return strncmp(text, "127.0.0.1:", 10) == 0;
}

static void a_chain_to_the_anchor_is_trusted(void) {
    CU_ASSERT_STRING_EQUAL(try_with(&good, &root, false, NULL), "");
    CU_ASSERT_STRING_EQUAL(try_with(&good, &middle, true, NULL), "");
    struct net_tls both = {.ca_file = place("root.pem"), .system_store = true};
    CU_ASSERT_STRING_EQUAL(try_with(&good, &root, false, &both), "");
}

static void every_fault_of_a_certificate_is_named(void) {
    CU_ASSERT_TRUE(says(try_with(&good, &stranger, false, NULL), "unknown issuer"));
    CU_ASSERT_TRUE(says(try_with(&good, NULL, false, NULL), "unknown issuer"));
    CU_ASSERT_TRUE(says(try_with(&good, &middle, false, NULL), "unknown issuer")); /* the middle is missing */
    CU_ASSERT_TRUE(says(try_with(&expired, &root, false, NULL), "has expired"));
    CU_ASSERT_TRUE(says(try_with(&early, &root, false, NULL), "not valid yet"));
    CU_ASSERT_TRUE(says(try_with(&other, &root, false, NULL), "for another host"));
    CU_ASSERT_TRUE(says(try_with(&other_address, &root, false, NULL), "for another host"));
    struct net_tls system = {.system_store = true};
    CU_ASSERT_TRUE(says(try_with(&good, &root, false, &system), "unknown issuer"));
    struct net_tls nothing = {.ca_file = NULL};
    CU_ASSERT_TRUE(says(try_with(&good, &root, false, &nothing), "unknown issuer"));
    struct net_tls missing = {.ca_file = "/no/such/file.pem"};
    CU_ASSERT_TRUE(says(try_with(&good, &root, false, &missing), "trusted certificates cannot be read"));
}

static void without_the_time_only_the_dates_are_ignored(void) {
    const struct net_tls tls = {.ca_file = place("root.pem"), .ignore_dates = true};
    CU_ASSERT_STRING_EQUAL(try_with(&good, &root, false, &tls), "");
    CU_ASSERT_STRING_EQUAL(try_with(&expired, &root, false, &tls), "");
    CU_ASSERT_STRING_EQUAL(try_with(&early, &root, false, &tls), "");
    CU_ASSERT_STRING_EQUAL(try_with(&expired, &middle, true, &tls), "");
    CU_ASSERT_TRUE(says(try_with(&expired, &stranger, false, &tls), "unknown issuer"));
    CU_ASSERT_TRUE(says(try_with(&expired, NULL, false, &tls), "unknown issuer"));
    CU_ASSERT_TRUE(says(try_with(&other_and_expired, &root, false, &tls), "for another host"));
    CU_ASSERT_TRUE(says(try_with(&other, &root, false, &tls), "for another host"));
    const struct net_tls missing = {.ca_file = "/no/such/file.pem", .ignore_dates = true};
    CU_ASSERT_TRUE(says(try_with(&good, &root, false, &missing), "trusted certificates cannot be read"));
}

static void basic_is_answered_inside_of_tls(void) {
    static const struct server_step script[] = {{BASIC}, {OK}, {0}};
    char value[128];
    struct identity identity = make(&good, &root);
    begin(&identity, false, script);
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_FALSE(server_header(server, 0, "Authorization", value, sizeof value));
    CU_ASSERT_TRUE(server_header(server, 1, "Authorization", value, sizeof value));
    CU_ASSERT_STRING_EQUAL(value, "Basic dXNlcjpwYXNz");
    end();
    forget(&identity);
}

static void a_redirect_changes_the_scheme_both_ways(void) {
    static const struct server_step tls_script[] = {
        {"HTTP/1.1 200 OK\r\nSet-Cookie: open=1\r\nSet-Cookie: closed=1; Secure\r\nContent-Length: "
         "0\r\n\r\n"},
        {"HTTP/1.1 302 Moved\r\nLocation: http://127.0.0.1:@B/plain\r\nContent-Length: 0\r\n\r\n"},
        {OK},
        {0}};
    static const struct server_step plain_script[] = {
        {"HTTP/1.1 307 Moved\r\nLocation: https://127.0.0.1:@A/again\r\nContent-Length: 0\r\n\r\n"}, {0}};
    char value[128];
    struct identity identity = make(&good, &root);
    begin(&identity, false, tls_script);
    struct server *plain = server_start(NULL);
    server_script(plain, plain_script);
    server_ports(server_port(server), server_port(plain));
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    post();
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_STRING_EQUAL(server_request(server, 2)->body, "<a/>");
    CU_ASSERT_TRUE(server_header(plain, 0, "Cookie", value, sizeof value));
    CU_ASSERT_STRING_EQUAL(value, "open=1"); /* a Secure one stays inside of TLS */
    CU_ASSERT_TRUE(server_header(server, 2, "Cookie", value, sizeof value));
    CU_ASSERT_PTR_NOT_NULL(strstr(value, "closed=1"));
    server_stop(plain);
    end();
    forget(&identity);
}

static void a_redirect_to_the_wrong_host_is_refused(void) {
    static const struct server_step plain_script[] = {
        {"HTTP/1.1 302 Moved\r\nLocation: https://127.0.0.1:@A/\r\nContent-Length: 0\r\n\r\n"}, {0}};
    static const struct server_step tls_script[] = {{OK}, {0}};
    struct identity identity = make(&other, &root);
    begin(&identity, false, tls_script);
    struct server *plain = server_start(NULL);
    server_script(plain, plain_script);
    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u/acs", server_port(plain));
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    CU_ASSERT_TRUE(says(got.error, "for another host"));
    CU_ASSERT_EQUAL(server_request_count(server), 0);
    server_stop(plain);
    end();
    forget(&identity);
}

static void our_certificate_is_shown(void) {
    static const struct server_step script[] = {{OK}, {0}};
    struct identity own = make(&good, &root);
    struct identity identity = make(&good, &root);
    save(place("own.pem"), &own, false);
    save(place("own.key"), &own, true);
    for (int with = 0; with < 2; with++) {
        begin(&identity, false, script);
        gnutls_certificate_set_verify_flags(credentials, 0);
        target.tls.certificate = with != 0 ? place("own.pem") : NULL;
        target.tls.key = with != 0 ? place("own.key") : NULL;
        server_wants_certificate(server, true);
        CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
        post();
        CU_ASSERT_EQUAL(got.status, with != 0 ? 200 : 0);
        end();
    }
    begin(&identity, false, script);
    target.tls.certificate = "/no/such/own.pem";
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    CU_ASSERT_TRUE(says(got.error, "client certificate or its key cannot be used"));
    end();
    forget(&own);
    forget(&identity);
}

static void old_tls_and_no_tls_are_refused(void) {
    static const struct server_step script[] = {{OK}, {0}};
    struct identity identity = make(&good, &root);
    begin(&identity, false, script);
    server_priority(server, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0:%VERIFY_ALLOW_SIGN_WITH_SHA1");
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    CU_ASSERT_TRUE(says(got.error, "TLS: no agreement"));
    server_priority(server, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
    server_script(server, script);
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    CU_ASSERT_EQUAL(got.status, 200);
    struct server *plain = server_start(NULL);
    static const struct server_step nonsense[] = {
        {"HTTP/1.1 400 What\r\nContent-Length: 0\r\n\r\n", .unread = true, .then = THEN_CLOSE}, {0}};
    server_script(plain, nonsense);
    (void) snprintf(url, sizeof url, "https://127.0.0.1:%u/acs", server_port(plain));
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    post();
    CU_ASSERT_TRUE(says(got.error, "TLS"));
    server_stop(plain);
    end();
    forget(&identity);
}

static void a_new_connection_in_the_session(void) {
    static const struct server_step script[] = {
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", THEN_CLOSE},
        {OK, THEN_CLOSE},
        {OK},
        {"", THEN_CLOSE},
        {OK},
        {0}};
    struct timespec pause = {.tv_nsec = 30000000};
    struct identity identity = make(&good, &root);
    begin(&identity, false, script);
    CU_ASSERT_EQUAL(acs_client_begin(client, &target), 0);
    for (unsigned i = 0; i < 3; i++) {
        post();
        CU_ASSERT_EQUAL(got.status, 200);
        (void) nanosleep(&pause, NULL);
    }
    CU_ASSERT_EQUAL(server_connection_count(server), 3);
    post(); /* it arrived and had no answer: no repeat, inside of TLS too */
    CU_ASSERT_EQUAL(got.status, 0);
    CU_ASSERT_EQUAL(server_request_count(server), 4);
    CU_ASSERT_EQUAL(server_connection_count(server), 3);
    end();
    forget(&identity);
}

static enum fetch_cause fetched;
static char fetched_text[256];
static void fetch_over(void *user, enum fetch_cause cause, const char *text) {
    (void) user;
    fetched = cause;
    (void) snprintf(fetched_text, sizeof fetched_text, "%s", text);
    loop_stop(loop);
}

static void files_follow_the_same_rules(void) {
    static const struct server_step script[] = {{OK}, {0}};
    static const struct {
        const struct want *want;
        enum fetch_cause cause;
    } table[] = {{&good, FETCH_OK}, {&other, FETCH_NO_CONTACT}, {&expired, FETCH_NO_CONTACT}};
    for (size_t i = 0; i < 3; i++) {
        struct identity identity = make(table[i].want, &root);
        struct fetch *fetch;
        begin(&identity, false, script);
        const struct fetch_setup setup = {
            .url = url, .path = place("file"), .tls = target.tls, .done = fetch_over};
        CU_ASSERT_EQUAL(fetch_new(loop, &setup, &fetch), 0);
        (void) loop_run(loop);
        CU_ASSERT_EQUAL(fetched, table[i].cause);
        fetch_free(fetch);
        end();
        forget(&identity);
    }
    CU_ASSERT_TRUE(says(fetched_text, "has expired"));
}

static void certificates_are_made(void) {
    const struct want ca = {.from = -100, .to = 100, .ca = true};
    root = make(&ca, NULL);
    stranger = make(&ca, NULL);
    middle = make(&ca, &root);
    save(place("root.pem"), &root, false);
}

static void sent(void *user, enum send_cause cause, const char *text) {
    (void) text;
    *(enum send_cause *) user = cause;
    loop_stop(loop);
}

/* A file to upload, with Basic, which is allowed here. */
static enum send_cause send_to(const struct want *want) {
    static const struct server_step script[] = {
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"}, {OK}, {0}};
    struct identity identity = make(want, &root);
    enum send_cause cause = SEND_LOCAL;
    struct send *sending = NULL;
    begin(&identity, false, script);
    const struct send_setup setup = {.url = url,
                                     .username = "user",
                                     .password = "pass",
                                     .path = place("root.pem"),
                                     .connect_timeout_s = 30,
                                     .tls = target.tls,
                                     .done = sent,
                                     .user = &cause};
    CU_ASSERT_EQUAL(send_new(loop, &setup, &sending), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    if (cause == SEND_OK) {
        CU_ASSERT_EQUAL(server_request_count(server), 2);
        CU_ASSERT_PTR_NOT_NULL(strstr(server_request(server, 1)->body, "BEGIN CERTIFICATE"));
    } else {
        CU_ASSERT_EQUAL(server_request_count(server), 0);
    }
    send_free(sending);
    end();
    forget(&identity);
    return cause;
}

static void files_go_out(void) {
    CU_ASSERT_EQUAL(send_to(&good), SEND_OK);
    CU_ASSERT_EQUAL(send_to(&expired), SEND_NO_CONTACT);
    CU_ASSERT_EQUAL(send_to(&other), SEND_NO_CONTACT);
}

static CU_TestInfo tests[] = {
    {"certificates are made", certificates_are_made}, /* first: the others need them */
    {"a chain to the anchor is trusted", a_chain_to_the_anchor_is_trusted},
    {"every fault of a certificate is named", every_fault_of_a_certificate_is_named},
    {"without the time only the dates are ignored", without_the_time_only_the_dates_are_ignored},
    {"Basic is answered inside of TLS", basic_is_answered_inside_of_tls},
    {"a redirect changes the scheme both ways", a_redirect_changes_the_scheme_both_ways},
    {"a redirect to the wrong host is refused", a_redirect_to_the_wrong_host_is_refused},
    {"our certificate is shown", our_certificate_is_shown},
    {"old TLS and no TLS are refused", old_tls_and_no_tls_are_refused},
    {"a new connection in the session", a_new_connection_in_the_session},
    {"files follow the same rules", files_follow_the_same_rules},
    {"files go out", files_go_out},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("TLS", tests), CU_SUITE_INFO_NULL};
    directory = fake_directory("net-tls");
    int result = cunit_run(suites);
    forget(&root);
    forget(&stranger);
    forget(&middle);
    return result;
}
