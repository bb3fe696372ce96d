# the fuzz target of the session machine; `make check` replays the corpus
check_PROGRAMS += tests/fuzz/fuzz_session
TESTS += tests/fuzz/fuzz_session
EXTRA_DIST += tests/fuzz/corpus/session
tests_fuzz_fuzz_session_SOURCES = tests/fuzz/fuzz_session.c tests/fuzz/replay_main.c \
	tests/session/test_box.c tests/session/test_box.h
tests_fuzz_fuzz_session_LDADD = core/cwmp/libcwmp.a core/model/libmodel.a core/base/libbase.a \
	$(XML_LIBS) $(GNUTLS_LIBS) -lm
tests_fuzz_fuzz_session_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(XML_CFLAGS)
