# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# OTH: the rest

row_OTH_06() {
	passed=$((passed + 1))
	SOAK_SESSIONS=100 "$top/tests/daemon/test_soak.sh"
}
