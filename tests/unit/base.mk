# the unit tests of core/base, and of the fake host
EXTRA_DIST += tests/unit/cunit.h
base_tests = tests/unit/test_arena tests/unit/test_buffer tests/unit/test_clock tests/unit/test_crypto \
	tests/unit/test_fake_host tests/unit/test_log tests/unit/test_store tests/unit/test_store_crash tests/unit/test_text
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)

tests_unit_test_arena_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_arena_LDADD = core/base/libbase.a $(CUNIT_LIBS)
tests_unit_test_buffer_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_buffer_LDADD = core/base/libbase.a $(CUNIT_LIBS)
tests_unit_test_clock_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_clock_LDADD = core/base/libbase.a $(CUNIT_LIBS)
tests_unit_test_crypto_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_crypto_LDADD = core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
tests_unit_test_fake_host_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_fake_host_LDADD = $(CUNIT_LIBS)
tests_unit_test_log_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_log_LDADD = core/base/libbase.a $(CUNIT_LIBS)
store_help = tests/unit/store_help.c tests/unit/store_help.h
tests_unit_test_store_SOURCES = tests/unit/test_store.c $(store_help)
tests_unit_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_store_LDADD = core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
tests_unit_test_store_crash_SOURCES = tests/unit/test_store_crash.c $(store_help)
tests_unit_test_store_crash_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_store_crash_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=openat,--wrap=openat64 -Wl,--wrap=write -Wl,--wrap=fsync \
	-Wl,--wrap=unlinkat -Wl,--wrap=linkat -Wl,--wrap=renameat
tests_unit_test_store_crash_LDADD = core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
# libxml2 reads back what text_xml() wrote
tests_unit_test_text_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS) $(XML_CFLAGS)
tests_unit_test_text_LDADD = core/base/libbase.a $(XML_LIBS) $(CUNIT_LIBS)
