#!/bin/sh
# Complaints of people who live with such clients, on the wire; the numbers are those of doc/regressions.md.
. "${top_srcdir:-.}/tests/daemon/lib.sh"

start() {
	box_start connection_request_username=cr connection_request_password=crpw "$@"
	acs "credentials user=cr password=crpw" >/dev/null
}
events_are() { acs events | sort >"$WORK/events" && printf '%s\n' "$@" | sort | diff - "$WORK/events"; }
no_session() { ! acs wait-session "$1"; }
within_ms() { # within_ms LIMIT COMMAND...
	limit=$1 begin=$(date +%s%N)
	shift
	"$@" || return 1
	took=$((($(date +%s%N) - begin) / 1000000))
	[ "$took" -le "$limit" ] || {
		echo "$took ms"
		return 1
	}
}
status_is() { box_ctl status | tee "$WORK/status" | grep -q -x -e "$1" || { cat "$WORK/status" && false; }; }
inform_says() { # inform_says NAME PATTERN: that parameter is in the last Inform, and its value matches
	acs last-inform >"$WORK/inform"
	awk -F '\t' -v name="$1" '$1 == name { print $NF }' "$WORK/inform" | grep -q -e "$2" && return 0
	cat "$WORK/inform"
	return 1
}
fault_of() { # fault_of KEY ARGUMENT...: orders that download; TransferComplete comes, be it in this session or the next
	key=$1 n=0
	shift
	acs rpc now Download key="$key" "$@" >/dev/null || return 1
	until report=$(grep -l "<CommandKey>$key<" "$WORK"/record/*-TransferComplete.xml 2>/dev/null) && [ -n "$report" ]; do
		n=$((n + 1))
		[ "$n" -le 1200 ] || return 1
		sleep 0.05
	done
}
# The fault of that TransferComplete: its code, and a pattern of its words.
told() {
	grep -q "<FaultCode>$1</FaultCode>" "$report" && grep -q "<FaultString>.*$2.*</FaultString>" "$report" && return 0
	cat "$report"
	return 1
}
calm() { # no session runs or is due
	while acs wait-session 1 >/dev/null 2>&1; do :; done
	box_idle
}
again() { # ends the daemon, between two sessions, and starts it with these options
	calm
	box_stop
	start "$@"
}

# ---- 1, 2, 3: cookies: the test ACS insists that each comes back while it applies, and in no other session
mkdir -p "$WORK/record"
acs_start --record "$WORK/record"
start
check "2: an ACS without cookies" acs wait-session 60 "1 BOOT"
for cookies in "on" "on path=/acs count=3" "on path=/ count=2 refresh" "on early refresh"; do
	acs "cookie $cookies" >/dev/null
	check "1 2 3: cookies $cookies" acs rpc now GetParameterValues Device.DeviceInfo.SerialNumber
done
acs "cookie off" >/dev/null

# ---- 15: the whole tree is read in one request, and what ACSs ask for by habit is there
check "15: VendorConfigFile is there" acs rpc now GetParameterValues Device.DeviceInfo.VendorConfigFile.
check "15: and its number" acs value now Device.DeviceInfo.VendorConfigFileNumberOfEntries

# ---- 16: what the ACS writes is no reason for a session; the timer is armed anew at once
check "16: notification of what the ACS is about to write" acs rpc now SetParameterAttributes \
	Device.ManagementServer.PeriodicInformInterval notification=2 Device.DeviceInfo.ProvisioningCode notification=2
check "16: a longer interval" acs rpc now SetParameterValues \
	Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:900 Device.DeviceInfo.ProvisioningCode=a1
calm
check "16: no session follows" no_session 2
check "16: a shorter one" acs rpc now SetParameterValues Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:2
check "16: is in force without a start" acs wait-session 60 "2 PERIODIC"
check "16: and is all there is to say" events_are "2 PERIODIC"
check "16: the former one again" acs rpc now SetParameterValues \
	Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:900

# ---- 21, 22: the credentials of connection requests are parameters, kept over a crash
check "21: the ACS sets both" acs rpc now SetParameterValues Device.ManagementServer.ConnectionRequestUsername=ann \
	Device.ManagementServer.ConnectionRequestPassword=p1
check "22: the name can be read" sh -c "'$TEST_ACS' --talk '$SOCKET' 'value now Device.ManagementServer.ConnectionRequestUsername' | grep -qx ann"
box_kill
box_start connection_request_username=cr connection_request_password=crpw
check "21: killed and started again" acs wait-session 60 "2 PERIODIC"
check "21: the former ones are refused" said 401 connection-request user=cr password=crpw
check "21: those of the ACS are in force" acs connection-request user=ann password=p1

# ---- 39: the firmware's value gives way to the ACS's, until a firmware brings another one
calm
box_stop
box_start connection_request_username=cr2 connection_request_password=crpw2
check "39: a firmware with new credentials" box_log 'the firmware brings a new value'
check "39: informs" acs wait-session 60 "2 PERIODIC"
check "39: the new ones are in force" acs connection-request user=cr2 password=crpw2

# ---- 23, 24: the answer comes at once and the first time, whatever the box is busy with
cat >"$BOX/slow" <<-END
	#!/bin/sh
	[ ! -e "$BOX/be-slow" ] || { : >"$BOX/slow-runs" && sleep 30; }
	echo 'W late'
END
chmod +x "$BOX/slow"
again platform-linux.device_log="$BOX/slow"
check "24: a box with a slow program" acs wait-session 60
: >"$BOX/be-slow"
check "24: informs" box_ctl inform
n=0
until [ -e "$BOX/slow-runs" ] || [ "$n" -gt 1200 ]; do
	n=$((n + 1))
	sleep 0.05
done
check "24: the program runs" test -e "$BOX/slow-runs"
check "23 24: the first connection request is answered meanwhile" within_ms 20000 acs connection-request
check "23 24: and its session follows" acs wait-session 60 "6 CONNECTION REQUEST"
rm "$BOX/be-slow"

# ---- 25: another URL for connection requests is told without being asked
again connection_request_host=localhost
check "25: another URL" acs wait-session 60 "4 VALUE CHANGE"
check "25: is in the Inform" inform_says Device.ManagementServer.ConnectionRequestURL '^http://localhost:[0-9]*/'

# ---- 27: one path, that nobody can guess
url=$(acs last-inform | awk -F '\t' '$1 ~ /ConnectionRequestURL$/ { print $NF }')
check "27: the path is long and random" sh -c "echo '$url' | grep -q -E '/[0-9A-Za-z_-]{32}\$'"
check "27: there is no other" said 404 "connection-request url=${url%/*}/ user=cr password=crpw"
for password in a b c; do
	check "27: a wrong password" said 401 "connection-request user=cr password=$password"
done
check "27: are in the log, without them" box_log 'connection request from .* refused'

# ---- 54: a change is told at once, by whoever sees it
check "54: active notification" acs rpc now SetParameterAttributes Device.DeviceInfo.ProvisioningCode notification=2
calm
check "54: a change at the box" box_ctl set Device.DeviceInfo.ProvisioningCode local1
check "54: is told at once" acs wait-session 20 "4 VALUE CHANGE"
check "54: with its value" inform_says Device.DeviceInfo.ProvisioningCode '^local1$'

# ---- 31, 32, 38: what went wrong with a file, in the words of whoever has to mend it
mkdir -p "$WORK/files"
head -c 20000 /dev/urandom >"$WORK/files/a.bin"
acs "files $WORK/files" >/dev/null
check "31: a file that is not there" fault_of d1 type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/none" target=a
check "31: is 9016, with the cause" told 9016 'HTTP 404'
check "32: a server that does not listen" fault_of d2 type='"3 Vendor Configuration File"' url=http://127.0.0.1:1/a target=a
check "32: is 9015, with the cause" told 9015 refused
check "32: and both are in the log, with the host" grep -q '127.0.0.1.*HTTP 404' "$WORK/client.log"
again keep_free=9223372036854775807
check "38: a file that does not fit" fault_of d3 type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/a.bin" target=a
check "38: is told before it is fetched" told 9010 'space\|free'
check "38: nothing is left in the spool" sh -c "! find '$BOX/spool' -type f | grep ."

# ---- 28: connection requests can be switched off
calm
box_stop
box_start connection_request=false
check "28: without connection requests" acs wait-session 60 "2 PERIODIC"
check "28: there is no URL" inform_says Device.ManagementServer.ConnectionRequestURL '^$'
check "28: and nobody listens" status_is 'connection request: off'

# ---- 35: a clock that is not set
again clock_not_before=2199-01-01T00:00:00Z
check "35: without a clock it informs" acs wait-session 60 "2 PERIODIC"
check "35: with the unknown time" said '0001-01-01T00:00:00Z' last-inform

# ---- 47, 48: what it does, for people
again
check "47: a good session" acs wait-session 60
check "47: the status says so" status_is 'retry count: 0'
check "47: with the next Inform" status_is 'next periodic inform: in [0-9]* s'
acs "behaviour status 500" >/dev/null
check "47: a bad one" box_ctl inform
check "47: is logged" box_log 'session failed'
check "47: the status says why" status_is 'last error: .*HTTP.* 500.*'
check "47: and counts" status_is 'retry count: 1'
check "48: no password is in the log" sh -c "! grep -e crpw -e crpw2 -e p1 '$WORK/client.log'"
acs "tolerate session-broken" >/dev/null
acs_stop
box_stop

# ---- 41: names that do not resolve, addresses that do not answer
ACS=http://no-such-host.invalid:7547/acs
: >"$WORK/client.log"
box_start retry_minimum=1
check "41: a name that does not resolve" box_log 'no-such-host.invalid.*resolved'
check "41: is a failed session" status_is 'retry count: [1-9]'
finish
