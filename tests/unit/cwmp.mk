# the unit tests of core/cwmp: one block a test
cwmp_libs = core/cwmp/libcwmp.a core/model/libmodel.a core/base/libbase.a

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
tests_unit_test_events_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(CUNIT_LIBS)
