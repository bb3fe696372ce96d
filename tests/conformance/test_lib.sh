#!/bin/sh
# What the tests themselves rest on: time goes forward between sessions, and an ACS that is not content says why.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"
# shellcheck source=tests/conformance/lib.sh
. "$top/tests/conformance/lib.sh"

virtual_time
start
acs linger 1 >/dev/null # the session goes on when the value is known
check "a value is known" acs value now Device.DeviceInfo.UpTime
forward 1000
box_idle
check "no session is cut short by the clock" sh -c "! grep 'session failed' '$WORK/client.log'"
box_stop

curl -s -m 60 -o /dev/null "$ACS" # no POST
pid=$acs_pid
(acs_stop) >"$WORK/told" # in a shell of its own, which ends with it
acs_pid=''
wait "$pid"
check "an ACS that is not content says why" grep '^FAILED: the test ACS is not content .*: session [0-9]*: V[0-9]* [a-z-]*: ' \
	"$WORK/told"
check "and all that it has against the box is shown" grep ' !! V[0-9]* [a-z-]*: ' "$WORK/told"
finish
