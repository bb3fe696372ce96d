#!/bin/sh
# What the log has, by room, and the trace of messages: set by the configuration, switched by tr069-ctl while it
# runs; no secret in either.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

TRACE=$BOX/trace
start() {
	box_start connection_request_username=cr connection_request_password=crpw acs_username=box acs_password=hush-acs \
		trace_file=trace "$@"
}
ctl_says() { pattern=$1; shift; box_ctl "$@" >"$WORK/ctl" 2>&1; grep -q -x -e "$pattern" "$WORK/ctl" || { cat "$WORK/ctl"; return 1; }; }
traced() { # session: everything that it said is in the trace
	grep -q -e "$1" "$TRACE"
}
mkdir "$WORK/files"
echo one >"$WORK/files/one"
acs_start --set "files $WORK/files" --set 'auth digest box hush-acs'
box_new
start log_level=warning log_rooms=session:debug
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 60 "1 BOOT"
box_idle
check "a room with a level of its own" box_log 'debug session: informing'
check "the others have the general one" sh -c "! grep -e ' info agent:' -e ' debug agent:' '$WORK/client.log'"
check "there is no trace" [ ! -e "$TRACE" ]
check "the levels are told" ctl_says 'session:debug' log
check "an own level is taken away" box_ctl log session:
check "another room gets one" ctl_says 'agent:info' log agent:info
: >"$WORK/client.log"
check "a session" acs rpc now GetRPCMethods
box_idle
check "the room that was asked for" box_log 'info agent: session ended'
check "and no other" sh -c "! grep ' session: ' '$WORK/client.log'"
check "a plugin is a room" box_ctl log download:error
check "the general one" ctl_says 'debug' log debug
check "what is no level is refused" sh -c "! '$CTL' -s '$BOX/control' log loud"

check "the trace is off" ctl_says "off: $TRACE" trace
check "it is switched on" ctl_says "on: $TRACE" trace on
check "values, secret ones too" acs rpc now SetParameterValues key=k Device.DeviceInfo.ProvisioningCode=open-code \
	Device.ManagementServer.ConnectionRequestPassword=hush-cr Device.ManagementServer.Username=box
acs credentials user=cr password=hush-cr >/dev/null
check "a file, with a login" acs rpc now Download key=d 'type="2 Web Content"' "url=${ACS%/acs}/files/one?key=hush-query" \
	user=u password=hush-file target=one
check "its end" acs wait-session 60 "7 TRANSFER COMPLETE"
check "what was set is read" acs rpc now GetParameterValues Device.
box_idle
check "the trace has both ways" sh -c "grep -q '^20.*-> POST, [0-9]* octets' '$TRACE' && grep -q '^20.*<- HTTP 200, [0-9]* octets' '$TRACE'"
check "the end of a session" traced '<- HTTP 204, 0 octets'
check "the messages" traced '<EventCode>7 TRANSFER COMPLETE</EventCode>'
check "the values" traced '<Value[^>]*>open-code</Value>'
check "stars for secret ones" sh -c "grep -A 1 'ConnectionRequestPassword</Name>' '$TRACE' | grep -q -F '*****'"
check "and for the login of a file" traced '<Password>\*\*\*\*\*</Password>'
check "a link without its query" traced '<URL>http://[0-9.:]*/files/one</URL>'
check "no secret at all" sh -c "! grep -e hush '$TRACE' '$WORK/client.log'"
check "nobody else may read it" [ "$(stat -c %a "$TRACE")" = 600 ]
check "it is switched off" ctl_says "off: $TRACE" trace off
size=$(stat -c %s "$TRACE")
check "a session" acs rpc now GetRPCMethods
box_idle
check "leaves no trace" [ "$(stat -c %s "$TRACE")" -eq "$size" ]
box_stop

start trace=true trace_max=20000
n=0
while [ "$n" -lt 6 ]; do
	n=$((n + 1))
	check "a session, $n" acs rpc now GetParameterValues Device.DeviceInfo.
done
box_idle
check "by the configuration too, two files at most" [ "$(find "$BOX" -maxdepth 1 -name 'trace*' | wc -l)" -eq 2 ]
check "of at most so many octets" [ "$(stat -c %s "$TRACE")" -le 20000 ]
check "a message that is larger is told by its size" acs rpc now GetParameterValues Device.
box_idle
check "and does not stop the trace" ctl_says "on: $TRACE" trace
rm "$TRACE"
ln -s "$BOX/build.prop" "$TRACE"
cp "$BOX/build.prop" "$WORK/build.prop"
check "a link in its place: the session goes on" acs rpc now GetRPCMethods
check "the trace ends, and it is said" box_log 'messages are no longer traced'
check "what it points to is untouched" cmp "$BOX/build.prop" "$WORK/build.prop"
box_stop
"$CLIENT" --check-config -o prefix="$BOX" -o log_rooms=session >"$WORK/check" 2>&1
check "what is no ROOM:LEVEL is a mistake of the configuration" grep -q 'log_rooms.*ROOM:LEVEL' "$WORK/check"
finish
