# tests/session: sessions as data; each scenario is a file (README.md)
check_PROGRAMS += tests/session/run_session
tests_session_run_session_SOURCES = tests/session/run_session.c tests/session/expect.c tests/session/world.h \
	tests/session/script.c tests/session/script.h \
	tests/session/test_box.c tests/session/test_box.h tests/session/messages.c tests/session/messages.h \
	tests/session/power_cut.c tests/session/power_cut.h
tests_session_run_session_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/session
tests_session_run_session_LDADD = core/cwmp/libcwmp.a core/model/libmodel.a core/base/libbase.a \
	$(XML_LIBS) $(GNUTLS_LIBS) -lm
TESTS += tests/session/run-sessions.sh
# the same sessions with little memory
check_PROGRAMS += tests/session/torture
TESTS += tests/session/torture
tests_session_torture_SOURCES = tests/session/torture.c tests/session/test_box.c tests/session/test_box.h \
	$(little_memory_files)
tests_session_torture_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(XML_CFLAGS)
tests_session_torture_LDFLAGS = $(little_memory_link)
tests_session_torture_LDADD = $(tests_session_run_session_LDADD)
EXTRA_DIST += tests/session/run-sessions.sh tests/session/README.md
EXTRA_DIST += tests/session/quirks
include tests/session/scenarios.mk
