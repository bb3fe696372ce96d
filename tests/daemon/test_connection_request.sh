#!/bin/sh
# Line 6 of doc/features.md: the right credentials begin a session at once, the wrong ones nothing; guessing is
# slowed and cannot fill the log; who may ask at all; and the platform is told of the port.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

logged() { grep -c -e "$1" "$WORK/client.log"; }
no_session() { ! acs wait-session "$1" >/dev/null 2>&1; }
ms_of() { # ms_of WHAT COMMAND...: says how long it took
	label=$1 begin=$(date +%s%N)
	shift
	"$@" || return 1
	echo "   $label: $((($(date +%s%N) - begin) / 1000000)) ms" >&3
}
exec 3>&1
box_new
cat >"$BOX/firewall" <<-END
	#!/bin/sh
	echo "\$*" >>"$BOX/ports"
END
chmod +x "$BOX/firewall"
firewall_was_told() { # firewall_was_told PATTERN
	tries=0
	until grep -q -x -e "$1" "$BOX/ports" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || { cat "$BOX/ports" && return 1; }
		sleep 0.05
	done
}
start() {
	box_start connection_request_username=cr connection_request_password=right-word periodic_interval=86400 \
		platform-linux.connection_request_port="$BOX/firewall" "$@"
}

acs_start
start
acs 'credentials user=cr password=right-word' >/dev/null
check "6: the box is there" acs wait-session 60 "1 BOOT"
box_idle
port=$(acs last-inform | sed -n 's|.*ConnectionRequestURL.*http://127.0.0.1:\([0-9]*\)/.*|\1|p')
check "6: the firewall is told of the port" firewall_was_told "open $port 127.0.0.1"

# ---- the right ones
check "6: the right credentials" said 200 connection-request
check "6: a session, at once" ms_of "from the order to the end of the session" acs wait-session 60 "6 CONNECTION REQUEST"
box_idle

# ---- several at once: none of them is taken for a repetition of another, or for a guess
url=$(acs last-inform | sed -n 's/^Device.ManagementServer.ConnectionRequestURL	.*	//p')
all_at_once() { # all_at_once URL: six, in one second (one source has eight connections)
	for n in 1 2 3 4 5 6; do
		curl -s -m 20 -o /dev/null -w '%{http_code}\n' --digest -u cr:right-word "$1" >"$WORK/status-$n" &
		asking="${asking:-} $!"
	done
	# shellcheck disable=SC2086 # process ids
	wait $asking
	cat "$WORK"/status-?
	[ "$(cat "$WORK"/status-? | grep -c -x 200)" -eq 6 ]
}
check "6: six right ones at once" all_at_once "$url"
check "6: none of which is refused" sh -c "! grep 'connection request from .* refused' '$WORK/client.log'"
check "6: a session" acs wait-session 60 "6 CONNECTION REQUEST"
while acs wait-session 1 >/dev/null 2>&1; do :; done # those that came while it ran have one more
box_idle

# ---- the wrong ones
check "6: a wrong password" said 401 'connection-request user=cr password=wrong-word'
check "6: is in the log" box_log 'connection request from 127.0.0.1 refused: a wrong username, password or uri'
check "6: without it" sh -c "! grep -e wrong-word -e right-word '$WORK/client.log'"
check "6: a wrong name" said 401 'connection-request user=other password=right-word'
check "6: no credentials" said 401 'connection-request no-auth'
check "6: nothing starts" no_session 1
for _ in 1 2 3; do
	acs 'connection-request user=cr password=guess' >/dev/null 2>&1
done
check "6: after five wrong ones nobody from there is heard" said 503 'connection-request user=cr password=right-word'
check "6: nothing starts either" no_session 1
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	acs 'connection-request user=cr password=guess' >/dev/null 2>&1
done
check "6: the log has ten lines of it, not more" sh -c "[ '$(logged 'connection request from .* refused')' -eq 10 ]"
box_stop
check "6: the others are counted" box_log 'connection requests refused: 1[0-9] more within a minute, the last from 127.0.0.1'

# ---- who may ask
start connection_request_from=10.0.0.0/8
check "6: a box that hears one network only" acs wait-session 60
box_idle
check "6: does not answer the others" said 'error\|no answer\|closed\|cut\|reset\|empty' connection-request
check "6: and says so" box_log 'refused: not from a network that may ask'
box_stop
start connection_request_from=127.0.0.0/8
check "6: in that network" acs wait-session 60
box_idle
check "6: it answers" said 200 connection-request
check "6: and begins a session" acs wait-session 60 "6 CONNECTION REQUEST"
box_idle
check "6: the ACS switches it off" acs rpc now SetParameterValues Device.ManagementServer.HTTPConnectionRequestEnable=xsd:boolean:false
check "6: the firewall is told" firewall_was_told "close [0-9]* 127.0.0.1"
box_stop
box_start connection_request_from=10.0.0.1/8
check "6: a network that is none ends the start" box_ends 3
check "6: by its name" box_log 'command line: connection_request_from: 10.0.0.1/8 is no network'
finish
