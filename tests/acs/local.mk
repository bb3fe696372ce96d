# tests/acs: the test ACS. A peer of the client: of core it may use base only.
noinst_PROGRAMS += tests/acs/test-acs
tests_acs_test_acs_SOURCES = tests/acs/main.c tests/acs/acs.h tests/acs/auth.c tests/acs/auth.h \
	tests/acs/check.c tests/acs/check.h tests/acs/check_content.c tests/acs/connreq.c tests/acs/connreq.h \
	tests/acs/control.c tests/acs/control.h tests/acs/engine.c tests/acs/engine.h tests/acs/envelope.c \
	tests/acs/expect.c tests/acs/expect.h tests/acs/files.c tests/acs/files.h tests/acs/http.c \
	tests/acs/http.h tests/acs/loop.c tests/acs/loop.h tests/acs/manual.c tests/acs/manual.h \
	tests/acs/message.c tests/acs/message.h tests/acs/record.c tests/acs/record.h tests/acs/reply.c \
	tests/acs/report.c tests/acs/report.h tests/acs/rpc.c tests/acs/rpc.h tests/acs/scenario.c \
	tests/acs/scenario.h tests/acs/session.c tests/acs/session.h tests/acs/settings.c tests/acs/tls.c \
	tests/acs/tls.h tests/acs/util.c \
	tests/acs/util.h tests/acs/validate.c tests/acs/validate.h
tests_acs_test_acs_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/acs $(XML_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS)
tests_acs_test_acs_LDADD = core/base/libbase.a $(XML_LIBS) $(MHD_LIBS) $(GNUTLS_LIBS)

# Its own tests: a CPE of libcurl that behaves well, and badly in every way there is a name for.
acs_test_help = tests/acs/fake_cpe.c tests/acs/fake_cpe.h tests/acs/util.c tests/acs/util.h
acs_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/acs $(CUNIT_CFLAGS) $(CURL_CFLAGS) $(MHD_CFLAGS)
acs_test_libs = core/base/libbase.a $(CURL_LIBS) $(MHD_LIBS) $(CUNIT_LIBS)
acs_tests = tests/acs/test_checks tests/acs/test_features tests/acs/test_live
check_PROGRAMS += $(acs_tests)
TESTS += $(acs_tests)
tests_acs_test_checks_SOURCES = tests/acs/test_checks.c $(acs_test_help)
tests_acs_test_checks_CPPFLAGS = $(acs_test_cppflags)
tests_acs_test_checks_LDADD = $(acs_test_libs)
tests_acs_test_features_SOURCES = tests/acs/test_features.c $(acs_test_help)
tests_acs_test_features_CPPFLAGS = $(acs_test_cppflags)
tests_acs_test_features_LDADD = $(acs_test_libs)
tests_acs_test_live_SOURCES = tests/acs/test_live.c tests/acs/loop.c tests/acs/message.c tests/acs/report.c \
	tests/acs/validate.c $(acs_test_help)
tests_acs_test_live_CPPFLAGS = $(acs_test_cppflags) $(XML_CFLAGS) $(GNUTLS_CFLAGS)
tests_acs_test_live_LDADD = $(acs_test_libs) $(XML_LIBS) $(GNUTLS_LIBS)
EXTRA_DIST += tests/acs/README.md
