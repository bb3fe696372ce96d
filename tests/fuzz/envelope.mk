# the fuzz target of the envelope reader. `make check` replays the corpus; `make fuzz-envelope` runs
# libFuzzer (clang) on it: FUZZ_FLAGS='-max_total_time=600 -jobs=2'
check_PROGRAMS += tests/fuzz/fuzz_envelope
TESTS += tests/fuzz/fuzz_envelope
EXTRA_DIST += tests/fuzz/corpus/envelope
tests_fuzz_fuzz_envelope_SOURCES = tests/fuzz/fuzz_envelope.c tests/fuzz/replay_main.c \
	tests/fuzz/envelope_tables.h
tests_fuzz_fuzz_envelope_LDADD = core/cwmp/libcwmp.a core/model/libmodel.a core/base/libbase.a \
	$(XML_LIBS) $(GNUTLS_LIBS)

fuzz_envelope_sources = $(srcdir)/tests/fuzz/fuzz_envelope.c $(srcdir)/core/cwmp/envelope_args.c \
	$(srcdir)/core/cwmp/envelope_cursor.c $(srcdir)/core/cwmp/envelope_read.c $(srcdir)/core/cwmp/envelope_survey.c \
	$(srcdir)/core/cwmp/envelope_write.c $(srcdir)/core/cwmp/fault.c $(srcdir)/core/cwmp/libxml.c \
	$(srcdir)/core/model/value.c $(srcdir)/core/base/*.c
FUZZ_FLAGS = -max_total_time=60
fuzz-envelope:
	@mkdir -p tests/fuzz/found
	clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	  $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(XML_CFLAGS) $(GNUTLS_CFLAGS) \
	  -o tests/fuzz/found/fuzz_envelope $(fuzz_envelope_sources) $(XML_LIBS) $(GNUTLS_LIBS)
	cd tests/fuzz/found && mkdir -p envelope && ./fuzz_envelope -max_len=8192 -timeout=10 $(FUZZ_FLAGS) \
	  envelope $(abs_srcdir)/tests/fuzz/corpus/envelope
.PHONY: fuzz-envelope
