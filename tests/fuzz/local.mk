# tests/fuzz
include tests/fuzz/digest.mk
include tests/fuzz/envelope.mk
include tests/fuzz/model.mk
include tests/fuzz/session.mk
