include tests/unit/local.mk
include tests/session/local.mk
include tests/acs/local.mk
include tests/daemon/local.mk
include tests/packaging/local.mk
include tests/conformance/local.mk
include tests/fuzz/local.mk
