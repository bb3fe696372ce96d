#!/bin/sh
# Plugins that are broken: complaint 46. The client says which and why, and the box stays manageable.
. "${top_srcdir:-.}/tests/daemon/lib.sh"

dies() { # dies OPTION...: the daemon is killed by its plugin while it starts
	box_start "$@"
	wait_end "$client_pid" 100
	code=$?
	client_pid=''
	[ "$code" -eq 137 ] || {
		echo "exit code $code"
		return 1
	}
}
bad_says() { printf 'how = "%s"\n' "$1" >"$BOX/plugins.d/70-bad.conf"; }

box_new
acs_start
acs credentials user=cr password=crpw >/dev/null
CREDENTIALS='connection_request_username=cr connection_request_password=crpw'

echo 'this is no object' >"$BOX/plugins/garbage.so"
: >"$BOX/plugins.d/60-garbage.conf"
: >"$BOX/plugins.d/61-nowhere.conf"
box_start
check "an object that is none is left out, with the reason" box_log 'garbage: left out: .*garbage.so'
check "so is one that is missing" box_log 'nowhere: left out: .*nowhere.so'
check "the session comes all the same" acs wait-session 60 "1 BOOT"
box_idle
box_stop
rm "$BOX/plugins.d/60-garbage.conf" "$BOX/plugins.d/61-nowhere.conf"

ln -s "$build/tests/daemon/.libs/bad.so" "$BOX/plugins/bad.so"
bad_says fail
# shellcheck disable=SC2086 # two words
box_start $CREDENTIALS
check "one whose init fails is left out" box_log 'bad: left out: '
check "the session comes" acs wait-session 60
check "what it declared is not there" said 9005 'rpc now GetParameterValues Device.DeviceInfo.X_TR069CLIENT_Bad'
bad_says ''
kill -HUP "$client_pid"
check "mended, it comes with SIGHUP" box_log 'bad: started'
check "a getter that fails is a fault that names the parameter" said '9002.*X_TR069CLIENT_Bad' \
	'rpc now GetParameterValues Device.DeviceInfo.SerialNumber Device.DeviceInfo.X_TR069CLIENT_Bad'
check "the next request works" acs rpc now GetParameterValues Device.DeviceInfo.SerialNumber
bad_says fail
kill -HUP "$client_pid"
check "options that it does not work with leave it with the former ones" \
	box_log 'bad: does not work with its new options: .*; going on with the former'
check "and its parameter stays" said '9002.*X_TR069CLIENT_Bad' \
	'rpc now GetParameterValues Device.DeviceInfo.X_TR069CLIENT_Bad'
box_idle
box_stop

bad_says job
: >"$WORK/client.log"
box_start
check "one that has work on another thread" box_log 'bad: its job begins'
check "informs meanwhile" acs wait-session 60
box_idle
box_stop
check "gets its result, though the client is being ended" box_log 'bad: its job is done'
bad_says 'long job'
: >"$WORK/client.log"
box_start
check "work that takes long" box_log 'bad: its job begins'
check "informs meanwhile, too" acs wait-session 60
box_idle
STOP_PATIENCE=300 # its work takes a minute
box_stop
STOP_PATIENCE=600
check "does not keep the client" box_log 'leaving it behind'

bad_says die
: >"$WORK/client.log"
for time in first second third; do
	check "it kills the client, the $time time" dies
done
box_start
check "then it is left out" box_log 'bad: left out, because the client crashed 3 times'
check "and the box informs" acs wait-session 60
box_idle
box_stop
: >"$WORK/client.log"
box_start
check "it stays left out" box_log 'bad: left out, because'
check "still informing" acs wait-session 60
box_idle
box_stop
bad_says die
: >"$WORK/client.log"
for time in first second third; do
	check "a conf file that did not mend it: it kills the client, the $time time" dies
done
box_start
check "then it is left out again" box_log 'bad: left out, because the client crashed 3 times'
check "and the box informs again" acs wait-session 60
box_idle
box_stop
bad_says mended
box_start
check "once its conf file changed, it is tried again" box_log 'bad: started'
check "and counts from nought" acs wait-session 60
box_idle
box_stop

mkdir -p "$WORK/files"
echo content >"$WORK/files/file"
acs files "$WORK/files" >/dev/null
download() { # download KEY TYPE
	"$TEST_ACS" --talk "$SOCKET" "rpc Download key=$1 type=\"$2\" url=${ACS%/acs}/files/file target=$1" >/dev/null 2>&1 &
	sleep 0.1
}
told_complete() { grep -q "<- TransferComplete.*CommandKey=$1 FaultStruct $2 " "$WORK/transcript"; }
: >"$WORK/client.log"
download late "X 0A1B2C Late"
download next "3 Vendor Configuration File"
box_start install_timeout=1
check "an installer that does not end is given up" box_log 'failed: 9010 the plugin was not done with the file within 1 sec'
check "the next file is not held up" box_log 'Download of "3 Vendor Configuration File": in place'
check "its end comes too late" box_log 'too late'
tries=0
until told_complete next 0 || [ "$tries" -gt 1200 ]; do tries=$((tries + 1)) && sleep 0.05; done
check "the ACS is told of the failure" told_complete late 9010
check "and of the success" told_complete next 0
box_idle
box_stop
bad_says die
check "should it die again" dies
finish
