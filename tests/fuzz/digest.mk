# the fuzz target of the connection requests' Digest. `make check` replays the corpus; scripts/check fuzz runs libFuzzer
check_PROGRAMS += tests/fuzz/fuzz_digest
TESTS += tests/fuzz/fuzz_digest
EXTRA_DIST += tests/fuzz/corpus/digest
tests_fuzz_fuzz_digest_SOURCES = tests/fuzz/fuzz_digest.c tests/fuzz/replay_main.c
tests_fuzz_fuzz_digest_LDADD = core/net/libnet.a core/base/libbase.a $(GNUTLS_LIBS)
