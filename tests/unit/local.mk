# tests/unit: a file a module; each room keeps its entries in a fragment of its own.
include tests/unit/base.mk
include tests/unit/cwmp.mk
include tests/unit/cwmp_session.mk
include tests/unit/net.mk
include tests/unit/agent.mk
include tests/unit/model.mk

check_PROGRAMS += tests/unit/test_leak_fails tests/unit/test_fake_directory
TESTS += tests/unit/test_leak_fails tests/unit/test_fake_directory
tests_unit_test_fake_directory_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_fake_directory_LDADD = $(CUNIT_LIBS)
