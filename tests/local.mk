# tests whose memory runs out
little_memory_files = tests/little_memory.c tests/little_memory.h
little_memory_link = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
include tests/unit/local.mk
include tests/session/local.mk
include tests/acs/local.mk
include tests/daemon/local.mk
include tests/packaging/local.mk
include tests/conformance/local.mk
include tests/fuzz/local.mk
