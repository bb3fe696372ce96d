# core/net
NET_TEST_LIBS = core/net/libnet.a core/base/libbase.a $(CURL_LIBS) $(MHD_LIBS) $(GNUTLS_LIBS) $(CUNIT_LIBS) -lpthread
NET_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS)

check_PROGRAMS += tests/unit/test_loop tests/unit/test_child tests/unit/test_child_sigchld
TESTS += tests/unit/test_loop tests/unit/test_child tests/unit/test_child_sigchld

tests_unit_test_loop_SOURCES = tests/unit/test_loop.c tests/unit/cunit.h
tests_unit_test_loop_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_loop_LDADD = $(NET_TEST_LIBS)
tests_unit_test_child_SOURCES = tests/unit/test_child.c tests/unit/cunit.h
tests_unit_test_child_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_child_LDADD = $(NET_TEST_LIBS)
# The same once more, as on a kernel before 5.3.
tests_unit_test_child_sigchld_SOURCES = tests/unit/test_child.c tests/unit/cunit.h core/net/child.c
tests_unit_test_child_sigchld_CPPFLAGS = $(NET_TEST_CPPFLAGS) -DCHILD_NO_PIDFD
tests_unit_test_child_sigchld_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_acs
TESTS += tests/unit/test_net_acs
tests_unit_test_net_acs_SOURCES = tests/unit/test_net_acs.c tests/unit/net_acs_help.h tests/unit/net_server.c \
	tests/unit/net_server.h
tests_unit_test_net_acs_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_acs_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_acs_cookies
TESTS += tests/unit/test_net_acs_cookies
tests_unit_test_net_acs_cookies_SOURCES = tests/unit/test_net_acs_cookies.c tests/unit/net_acs_help.h \
	tests/unit/net_server.c tests/unit/net_server.h
tests_unit_test_net_acs_cookies_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_acs_cookies_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_cr
TESTS += tests/unit/test_net_cr
tests_unit_test_net_cr_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_cr_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_digest
TESTS += tests/unit/test_net_digest
tests_unit_test_net_digest_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_digest_LDADD = core/net/libnet.a core/base/libbase.a $(GNUTLS_LIBS) $(CUNIT_LIBS)

check_PROGRAMS += tests/unit/test_net_network
TESTS += tests/unit/test_net_network
tests_unit_test_net_network_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_network_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_send
TESTS += tests/unit/test_net_send
tests_unit_test_net_send_SOURCES = tests/unit/test_net_send.c tests/unit/net_server.c tests/unit/net_server.h
tests_unit_test_net_send_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_send_LDADD = $(NET_TEST_LIBS)
check_PROGRAMS += tests/unit/test_net_measure
TESTS += tests/unit/test_net_measure
tests_unit_test_net_measure_SOURCES = tests/unit/test_net_measure.c tests/unit/net_server.c tests/unit/net_server.h
tests_unit_test_net_measure_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_measure_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_fetch
TESTS += tests/unit/test_net_fetch
tests_unit_test_net_fetch_SOURCES = tests/unit/test_net_fetch.c tests/unit/net_server.c tests/unit/net_server.h
tests_unit_test_net_fetch_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_fetch_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_tls
TESTS += tests/unit/test_net_tls
tests_unit_test_net_tls_SOURCES = tests/unit/test_net_tls.c tests/unit/net_server.c tests/unit/net_server.h
tests_unit_test_net_tls_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_tls_LDADD = $(NET_TEST_LIBS)

EXTRA_DIST += tests/unit/net_server.h
