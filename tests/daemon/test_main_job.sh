#!/bin/sh
# The main job on the wire: informs, is read, is written, adds and deletes, reboots, and informs again.
. "${top_srcdir:-.}/tests/daemon/lib.sh"

acs_start
box_start
check "the first session is a bootstrap and a boot" acs wait-session 10 "1 BOOT"
check "0 BOOTSTRAP is in it" sh -c "'$TEST_ACS' --talk '$SOCKET' events | grep -q '0 BOOTSTRAP'"
check "the RPCs are listed" acs rpc GetRPCMethods
check "the whole tree is read" acs rpc now GetParameterValues Device.
finish
