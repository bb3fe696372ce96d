/* core/cwmp/redact */
#include <config.h>

#include "cwmp/redact.h"

#include "cunit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool may_show(void *user, const char *path) {
    int *asked = user;
    ++*asked;
    return strcmp(path, "Device.Plain") == 0;
}

static struct buffer out;

/* The message, redacted, in which this stands. */
static bool has(const char *body, const char *text) {
    int asked = 0;
    char message[4096];
    (void) snprintf(
        message, sizeof message,
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"
        "<s:Body>%s</s:Body></s:Envelope>",
        body);
    buffer_free(&out);
    buffer_init(&out, 8192);
    CU_ASSERT_EQUAL(redact_message(message, strlen(message), may_show, &asked, &out), 0);
    return strstr(buffer_string(&out), text) != NULL;
}

static void values_by_their_names(void) {
    CU_ASSERT(has("<P><Name>Device.Plain</Name><Value>seen &amp; <!-- x --></Value></P>", "seen &amp;"));
    CU_ASSERT(has("<P><Name>Device.Hidden</Name><Value>hush</Value></P>", "<Value>*****</Value>"));
    CU_ASSERT(!has("<P><Value>hush</Value><Name>Device.Hidden</Name></P>", "hush"));
    CU_ASSERT(!has("<P><Name/><Value>hush</Value></P>", "hush"));
    CU_ASSERT(!has("<P><Name>Device.Plain<x/></Name><Value>hush</Value></P>", "hush"));
    CU_ASSERT(!has("<P><Name>Device.Hidden</Name><Value><![CDATA[hush]]></Value></P>", "hush"));
    CU_ASSERT(!has("<P><Name>Device.Hidden</Name><Value><x><y>hush</y></x></Value></P>", "hush"));
    CU_ASSERT(has("<P><Name>Device.Hidden</Name><Value/></P>", "<Value/>"));
    CU_ASSERT(!has("<P><a:Name>Device.Hidden</a:Name><a:Value>hush</a:Value></P>", "hush"));
    CU_ASSERT(!has("<P><a:b:Name>Device.Hidden</a:b:Name><a:b:Value>hush</a:b:Value></P>", "hush"));
    CU_ASSERT(!has("<P><Name> Device.Plain2\n</Name><Value>hush</Value></P>", "hush"));
    CU_ASSERT(
        !has("<a:P xmlns:a='urn:x'><a:Name>Device.Hidden</a:Name><a:Value>hush</a:Value></a:P>", "hush"));
}

static void arguments_and_links(void) {
    CU_ASSERT(!has("<Download><Password>hush</Password></Download>", "hush"));
    CU_ASSERT(!has("<X_ACME_Pay><X_AuthTokenText>hush</X_AuthTokenText></X_ACME_Pay>", "hush"));
    CU_ASSERT(has("<Download><CommandKey>k1</CommandKey></Download>", "<CommandKey>k1</CommandKey>"));
    CU_ASSERT(has("<URL>http://me:hush@h/a?token=hush&amp;b=1</URL>", "//h/a"));
    CU_ASSERT_PTR_NULL(strstr(buffer_string(&out), "hush"));
    CU_ASSERT(has("<P><Name>Device.Plain</Name><Value>https://me:hush@h/%26</Value></P>", "https://h/%26"));
}

static void what_is_no_xml(void) {
    int asked = 0;
    static const char *const texts[] = {"hush", "<a>hush", "<!DOCTYPE a [<!ENTITY b 'hush'>]><a>&b;</a>",
                                        "<a>&hush;</a>"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buffer text;
        buffer_init(&text, 1024);
        CU_ASSERT_EQUAL(redact_message(texts[i], strlen(texts[i]), may_show, &asked, &text), 0);
        CU_ASSERT_PTR_NULL(strstr(buffer_string(&text), "hush"));
        CU_ASSERT_PTR_NOT_NULL(strstr(buffer_string(&text), "no XML"));
        buffer_free(&text);
    }
    buffer_free(&out);
    buffer_init(&out, 64);
    CU_ASSERT_EQUAL(redact_message("", 0, may_show, &asked, &out), 0);
    CU_ASSERT_EQUAL(out.length, 0);
    const char *large = "<a><b>0123456789</b><b>0123456789</b><b>0123456789</b></a>";
    CU_ASSERT_EQUAL(redact_message(large, strlen(large), may_show, &asked, &out), -EMSGSIZE);
    buffer_free(&out);
}

static CU_TestInfo tests[] = {
    {"values by their names", values_by_their_names},
    {"arguments and links", arguments_and_links},
    {"what is no XML", what_is_no_xml},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("redact", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
