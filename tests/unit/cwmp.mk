# the unit tests of core/cwmp: one block a test
check_PROGRAMS += tests/unit/test_fault
TESTS += tests/unit/test_fault
tests_unit_test_fault_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_fault_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(CUNIT_LIBS)

check_PROGRAMS += tests/unit/test_retry
TESTS += tests/unit/test_retry
tests_unit_test_retry_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_retry_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(CUNIT_LIBS)

check_PROGRAMS += tests/unit/test_events
TESTS += tests/unit/test_events
tests_unit_test_events_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_events_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)

EXTRA_DIST += tests/unit/validate.h
envelope_libs = core/cwmp/libcwmp.a core/model/libmodel.a core/base/libbase.a $(XML_LIBS) $(GNUTLS_LIBS)
check_PROGRAMS += tests/unit/test_envelope_read tests/unit/test_envelope_write
TESTS += tests/unit/test_envelope_read tests/unit/test_envelope_write
tests_unit_test_envelope_read_SOURCES = tests/unit/test_envelope_read.c tests/fuzz/envelope_tables.h
tests_unit_test_envelope_read_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_envelope_read_LDADD = $(envelope_libs) $(CUNIT_LIBS)
tests_unit_test_envelope_write_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_envelope_write_LDADD = $(envelope_libs) $(CUNIT_LIBS)

check_PROGRAMS += tests/unit/test_redact
TESTS += tests/unit/test_redact
tests_unit_test_redact_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_redact_LDADD = $(envelope_libs) $(CUNIT_LIBS)

check_PROGRAMS += tests/unit/test_cwmp_memory
TESTS += tests/unit/test_cwmp_memory
tests_unit_test_cwmp_memory_SOURCES = tests/unit/test_cwmp_memory.c tests/fuzz/envelope_tables.h \
	$(little_memory_files)
tests_unit_test_cwmp_memory_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(XML_CFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_cwmp_memory_LDFLAGS = $(little_memory_link)
tests_unit_test_cwmp_memory_LDADD = $(envelope_libs) $(CUNIT_LIBS)

# the scheduler; crypto is its random source
check_PROGRAMS += tests/unit/test_schedule tests/unit/test_fleet
TESTS += tests/unit/test_schedule tests/unit/test_fleet
tests_unit_test_schedule_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_schedule_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(CUNIT_LIBS)
tests_unit_test_fleet_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_fleet_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
EXTRA_DIST += scripts/fleet

check_PROGRAMS += tests/unit/test_throttle
TESTS += tests/unit/test_throttle
tests_unit_test_throttle_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_throttle_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(CUNIT_LIBS)
