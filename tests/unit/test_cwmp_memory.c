/* core/cwmp: every allocation of ours fails once; nothing crashes or leaks, and what is reported is true. */
#include <config.h>

#include "cwmp/envelope.h"
#include "cwmp/events.h"

#include "../fuzz/envelope_tables.h"
#include "cunit.h"
#include "little_memory.h"

#include <errno.h>
#include <stdlib.h>

static const char request[] =
    "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header>"
    "<c:ID xmlns:c='urn:dslforum-org:cwmp-1-2'>7</c:ID></s:Header><s:Body>"
    "<c:SetParameterAttributes xmlns:c='urn:dslforum-org:cwmp-1-2'><ParameterList><S><Name>A</Name>"
    "<NotificationChange>1</NotificationChange><Notification>2</Notification>"
    "<AccessListChange>1</AccessListChange><AccessList><string>a</string><string>b</string></AccessList></S>"
    "</ParameterList></c:SetParameterAttributes></s:Body></s:Envelope>";

/* -ENOMEM, or a refusal 9004 that still has its ID; in any case the next one is read. */
static void reads_with_little_memory(void) {
    const struct envelope_limits limits = {100000, 200000, 16};
    unsigned long n = 0;
    do {
        struct envelope_reader *reader = NULL;
        struct envelope envelope;
        char error[200];
        int r;
        bool failed;
        little_memory_begin(n++, false);
        r = envelope_reader_new(&limits, &reader);
        if (r == 0) {
            r = envelope_read(reader, request, sizeof request - 1, find_served, NULL, &envelope, error,
                              sizeof error);
        }
        failed = little_memory_end();
        CU_ASSERT_TRUE(r == 0 || (failed && (r == -ENOMEM || r == -EMSGSIZE)));
        if (r == 0) {
            CU_ASSERT_STRING_EQUAL(envelope.id, "7");
            CU_ASSERT_EQUAL(envelope.refusal.code, failed ? 9004 : 0);
            CU_ASSERT_EQUAL(envelope.args == NULL, failed);
        }
        if (reader != NULL) {
            r = envelope_read(reader, request, sizeof request - 1, find_served, NULL, &envelope, error,
                              sizeof error);
            CU_ASSERT_EQUAL(r, 0);
            CU_ASSERT_EQUAL(envelope.refusal.code, 0);
        }
        envelope_reader_free(reader);
    } while (little_memory_end());
    CU_ASSERT_TRUE(n > 4);
}

static void writes_with_little_memory(void) {
    const struct envelope_header header = {12, "7", 0, NULL};
    const struct tr069_fault fault = {9004, ""};
    unsigned long n = 0;
    do {
        struct envelope_writer *writer = NULL;
        const char *data;
        size_t length;
        int r;
        bool failed;
        little_memory_begin(n++, false);
        r = envelope_writer_new(100000, &writer);
        if (r == 0) {
            r = envelope_fault(writer, &header, &fault, NULL, 0, false, &data, &length);
        }
        failed = little_memory_end();
        CU_ASSERT_EQUAL(r, failed ? -ENOMEM : 0);
        if (writer != NULL) {
            CU_ASSERT_EQUAL(envelope_fault(writer, &header, &fault, NULL, 0, false, &data, &length), 0);
        }
        envelope_writer_free(writer);
    } while (little_memory_end());
    CU_ASSERT_TRUE(n > 2);
}

/* An event is queued and stored, or refused. */
static void queues_with_little_memory(void) {
    unsigned long n = 0;
    bool failed;
    do {
        struct store *store;
        struct events *events = NULL;
        int r;
        CU_ASSERT_EQUAL_FATAL(store_open(NULL, &store, NULL), 0);
        little_memory_begin(n++, false);
        r = events_new(store, true, &events);
        if (r == 0) {
            r = events_add(events, "M Download", "k", TR069_NOW);
        }
        failed = little_memory_end();
        CU_ASSERT_EQUAL(r, failed ? -ENOMEM : 0);
        if (events != NULL) {
            struct event *list = NULL;
            const bool queued = events_has(events, "M Download");
            events_free(events);
            CU_ASSERT_EQUAL_FATAL(events_new(store, true, &events), 0);
            CU_ASSERT_EQUAL(events_has(events, "M Download"), queued);
            CU_ASSERT_TRUE(queued || r < 0);
            little_memory_begin(0, false);
            CU_ASSERT_EQUAL(events_take(events, 14, &list), -ENOMEM);
            CU_ASSERT_TRUE(little_memory_end());
            CU_ASSERT_EQUAL(events_pending(events), queued); /* none was taken */
            CU_ASSERT_EQUAL(events_take(events, 14, &list), queued ? 2 : 0);
            free(list);
        }
        events_free(events);
        store_free(store);
    } while (failed);
    CU_ASSERT_TRUE(n > 3);
}

static CU_TestInfo tests[] = {
    {"reads with little memory", reads_with_little_memory},
    {"writes with little memory", writes_with_little_memory},
    {"queues with little memory", queues_with_little_memory},
    CU_TEST_INFO_NULL,
};

int main(void) {
    CU_SuiteInfo suites[] = {CUNIT_SUITE("little memory", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
