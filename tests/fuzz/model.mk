# the fuzz target of the model. `make check` replays the corpus; `make fuzz-model` runs libFuzzer (clang)
check_PROGRAMS += tests/fuzz/fuzz_model_path
TESTS += tests/fuzz/fuzz_model_path
EXTRA_DIST += tests/fuzz/corpus/model_path
tests_fuzz_fuzz_model_path_SOURCES = tests/fuzz/fuzz_model_path.c tests/fuzz/replay_main.c
tests_fuzz_fuzz_model_path_LDADD = core/model/libmodel.a core/base/libbase.a $(GNUTLS_LIBS)

FUZZ_MODEL_FLAGS = -max_total_time=60
fuzz-model:
	@mkdir -p tests/fuzz/found
	clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	  $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(GNUTLS_CFLAGS) -o tests/fuzz/found/fuzz_model_path \
	  $(srcdir)/tests/fuzz/fuzz_model_path.c $(srcdir)/core/model/*.c $(srcdir)/core/base/*.c $(GNUTLS_LIBS)
	cd tests/fuzz/found && mkdir -p model_path && ./fuzz_model_path -max_len=2048 -timeout=10 $(FUZZ_MODEL_FLAGS) \
	  model_path $(abs_srcdir)/tests/fuzz/corpus/model_path
.PHONY: fuzz-model
