# tests/fuzz
include tests/fuzz/envelope.mk
