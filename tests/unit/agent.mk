# the unit tests of core/agent
check_PROGRAMS += tests/unit/test_config
TESTS += tests/unit/test_config
tests_unit_test_config_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_config_LDADD = core/agent/libagent.a core/base/libbase.a $(CONFUSE_LIBS) $(GNUTLS_LIBS) $(CUNIT_LIBS)
