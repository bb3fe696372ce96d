#!/bin/sh
# The real daemon while memory runs out: in each session one allocation fails, the next one in the next session, of the
# client's or of a library's (libcurl, GnuTLS, libmicrohttpd, libxml2). It lives on; then everything works.
#   torture.sh [--step N]   1: every allocation; N: every N-th
step=${TORTURE_STEP_OF_TEST:-1}
[ "${1-}" != --step ] || step=$2
. "${top_srcdir:-.}/tests/daemon/lib.sh"
DRIVE=$build/tests/daemon/drive
if grep -q 'fsanitize' "$build/config.status" 2>/dev/null; then
	echo "skipped: the sanitizers bring their own malloc"
	exit 77
fi

preload=$build/tests/daemon/.libs/torture_preload.so
daemon=$CLIENT
printf '#!/bin/sh\nLD_PRELOAD=%s TORTURE_COUNT=%s exec %s "$@"\n' "$preload" "$WORK/allocations" "$daemon" >"$WORK/client"
chmod +x "$WORK/client"
CLIENT=$WORK/client
allocations() { tr -d ' ' <"$WORK/allocations"; }
drive() { "$DRIVE" "$BOX/control" "$@" >>"$WORK/driven"; }

acs_start --quiet --no-validate --tolerate "session-broken,left-open,retry-count,cookie"
box_start retry_minimum=1 log_level=warning connection_request_username=cr connection_request_password=crpw
acs "credentials user=cr password=crpw" >/dev/null
check "the first session" acs wait-session 60
(while kill -0 "$acs_pid"; do
	acs rpc SetParameterValues Device.DeviceInfo.ProvisioningCode=busy
	acs rpc GetParameterValues Device.
done >/dev/null 2>&1) & # in each session that comes
busy=$!
check "sessions without a failure" drive 4
most=$(allocations)
echo "figure: $most allocations from one connection to the next"
box_stop

sessions=$((most * 3 / 2 / step))
printf '#!/bin/sh\nLD_PRELOAD=%s TORTURE_STEP=%s TORTURE_SESSIONS=%s exec %s "$@"\n' "$preload" "$step" "$sessions" \
	"$daemon" >"$WORK/client"
box_start retry_minimum=1 log_level=warning connection_request_username=cr connection_request_password=crpw
pid=$client_pid
box_idle
# one that fails before it connects takes no turn
check "a session of each allocation that fails" drive $((sessions * 2 + 2))
kill "$busy"
check "the daemon lives" kill -0 "$pid"
awk '{ good += $1; failed += $5 } END { print "figure: " good " sessions went well, " failed " failed" }' "$WORK/driven"
check "and works" acs rpc now GetParameterValues Device.DeviceInfo.
# not what the loop sets: its last command may still wait
check "the ACS can set" acs rpc now SetParameterValues Device.ManagementServer.UpgradesManaged=xsd:boolean:false
check "which it keeps" said '^false$' value now Device.ManagementServer.UpgradesManaged
finish
