#!/bin/sh
# The ACS orders a reboot, or a factory reset, in every session, and the connection is cut at octets all over the
# session: before the ACS has taken the response and the box has the end of the session, nothing happens; with it,
# once.
#   test_cut.sh [--every]      at every octet, which takes minutes
every=''
[ "${1:-}" != --every ] || every=1
. "${top_srcdir:-.}/tests/daemon/lib.sh"

CUT=$build/tests/daemon/cut
relay_pid=''
trap '[ -z "$relay_pid" ] || kill "$relay_pid" 2>/dev/null; cleanup' EXIT

acts() { wc -l <"$BOX/reboots"; }
connections() { wc -l <"$WORK/relay"; }
# Until the relay has seen so many connections, its port's line among them, and the box is done with the last.
after() {
	tries=0
	until [ "$(connections)" -ge "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1000 ] || fail "no session"
		sleep 0.01
	done
	tries=0
	until box_ctl status 2>/dev/null | grep -q -x 'session: idle'; do
		tries=$((tries + 1))
		[ "$tries" -le 1000 ] || fail "the session does not end"
		sleep 0.01
	done
}
session() {
	seen=$(connections)
	box_ctl inform >/dev/null || fail "tr069-ctl inform"
	after $((seen + 1))
}
start() {
	box_start acs_url="http://127.0.0.1:$port/acs" retry_minimum=600 periodic_interval=31536000 \
		cwmp_version=1.0 # an ACS that only hangs up is offered no older one, whose Inform is shorter than the plan says
}

# orders METHOD: an ACS that says it in each session; the box's first session is whole and tells the messages' octets
orders() {
	printf '%s\n' 'tolerate session-broken retry-count two-sessions' default "  $1" 'pause 3600' >"$WORK/orders"
	acs_start --scenario "$WORK/orders" --timeout 3600 --quiet
	echo '0 0' >"$WORK/plan"
	: >"$WORK/relay"
	"$CUT" "$(echo "$ACS" | sed 's,.*:\([0-9]*\)/.*,\1,')" "$WORK/plan" >"$WORK/relay" &
	relay_pid=$!
	tries=0
	until [ "$(connections)" -ge 1 ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "the relay does not start"
		sleep 0.05
	done
	port=$(head -n 1 "$WORK/relay")
	start
	after 2
	check "$1: a whole session: it is done" box_log 'action '
	tries=0
	until [ "$(acts)" -eq 1 ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "it is not done"
		sleep 0.05
	done
	read -r whole inform informed empty order response end rest <<-END
		$(tail -n 1 "$WORK/relay")
	END
	[ "$whole" = whole ] && [ -z "$rest" ] && [ -n "$end" ] || fail "the session has other messages: $(cat "$WORK/relay")"
	: >"$BOX/reboots"
}
quit() {
	kill "$relay_pid"
	wait "$relay_pid" 2>/dev/null
	relay_pid=''
	# orders that could not be given are failures of a scenario; here they are what is tried
	check "no violation but sessions that broke" sh -c "! '$TEST_ACS' --talk '$SOCKET' violations | grep -v 'session-broken\|retry-count\|two-sessions'"
	acs quit >/dev/null
	wait "$acs_pid"
	acs_pid=''
}
# offsets LENGTH STEP: octets of a message after which it is cut, with its first and last ones
offsets() {
	awk -v length_="$1" -v step="${every:-$2}" 'BEGIN {
		for (i = 0; i < length_; i++) if (i < 2 || i % step == 0 || i > length_ - 5) print i }'
}
plan() { # plan STEP: the cuts, in the order of the session
	message=0
	for length in "$inform" "$informed" "$empty" "$order" "$response" "$end"; do
		message=$((message + 1)) step=$1
		[ "$message" -lt 5 ] || step=$(($1 / 8 + 1))
		offsets "$length" "$step" | sed "s/^/$message /"
		# a request that arrived whole, and no answer; behind an answer the session may go on by another connection
		[ $((message % 2)) -eq 0 ] || echo "$message $length"
	done
}
cuts() { # cuts STEP: a session for each; counts them
	plan "$1" >"$WORK/cuts"
	count=0
	while read -r message octets; do
		echo "$message $octets" >>"$WORK/plan"
		session
		count=$((count + 1))
		[ "$(tail -n 1 "$WORK/relay" | cut -d ' ' -f 1)" = cut ] || fail "message $message octet $octets: not cut"
		[ "$(acts)" -eq 0 ] || fail "message $message octet $octets: it was done all the same"
	done <"$WORK/cuts"
	check "$count sessions are cut: it is not done in any" [ "$(acts)" -eq 0 ]
	check "each of them failed" [ "$(grep -c 'session failed' "$WORK/client.log")" -ge "$count" ]
	check "nothing was begun" sh -c "! grep ' action ' '$WORK/client.log'"
}

# ---- Reboot

orders 'Reboot key=cut'
box_reboot
: >"$WORK/client.log"
echo '2 0' >>"$WORK/plan" # the session of the start
start
after 3
cuts 100
session
check "the session that is whole: it is done" box_log 'action reboot'
sleep 0.3
check "once" [ "$(acts)" -eq 1 ]
box_reboot
: >"$BOX/reboots"
echo '4 0' >>"$WORK/plan" # its events are taken, its order is not
start
after "$(($(connections) + 1))"
quit

# ---- FactoryReset

box_stop
rm -rf "$BOX/state"
orders FactoryReset
box_reboot
: >"$WORK/client.log"
echo '2 0' >>"$WORK/plan"
start
after 3
kept() { box_ctl set Device.ManagementServer.PeriodicInformInterval 7777; }
check "a value" kept
cuts 400
check "the value is still there" [ "$(box_ctl get Device.ManagementServer.PeriodicInformInterval | grep -c 7777)" -eq 1 ]
session
check "the session that is whole: it is done" box_log 'action factory-reset'
sleep 0.3
check "once" [ "$(acts)" -eq 1 ]
check "the value is gone" [ "$(box_ctl get Device.ManagementServer.PeriodicInformInterval | grep -c 7777)" -eq 0 ]
quit
finish
