# the unit tests of core/cwmp: sessions and transfers
check_PROGRAMS += tests/unit/test_transfers
TESTS += tests/unit/test_transfers
tests_unit_test_transfers_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_transfers_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/test_transfer_windows
TESTS += tests/unit/test_transfer_windows
tests_unit_test_transfer_windows_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_transfer_windows_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/test_du_reports
TESTS += tests/unit/test_du_reports
tests_unit_test_du_reports_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_du_reports_LDADD = core/cwmp/libcwmp.a core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)
