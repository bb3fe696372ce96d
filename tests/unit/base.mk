# the unit tests of core/base
EXTRA_DIST += tests/unit/cunit.h
base_tests = tests/unit/test_arena tests/unit/test_buffer tests/unit/test_clock tests/unit/test_log \
	tests/unit/test_text
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)

tests_unit_test_arena_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_arena_LDADD = core/base/libbase.a $(CUNIT_LIBS)
tests_unit_test_buffer_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_buffer_LDADD = core/base/libbase.a $(CUNIT_LIBS)
tests_unit_test_clock_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_clock_LDADD = core/base/libbase.a $(CUNIT_LIBS)
tests_unit_test_log_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_log_LDADD = core/base/libbase.a $(CUNIT_LIBS)
# libxml2 reads back what text_xml() wrote
tests_unit_test_text_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS) $(XML_CFLAGS)
tests_unit_test_text_LDADD = core/base/libbase.a $(XML_LIBS) $(CUNIT_LIBS)
