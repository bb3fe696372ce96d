#!/bin/sh
# Changed values on the wire: how often a parameter that never rests may cause sessions.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

informs() { grep -c '<- Inform .*4 VALUE CHANGE' "$WORK/transcript"; }

# The value changes until that has made three sessions, and ten times more.
chatter() {
	number=0 left=10
	while [ "$left" -gt 0 ]; do
		number=$((number + 1))
		[ "$number" -le 1000 ] || return 1
		box_ctl set Device.Time.NTPServer1 "n$number" >/dev/null || return 1
		[ "$(informs)" -lt 3 ] || left=$((left - 1))
		sleep 0.05
	done
}

acs_start
acs credentials user=cr password=crpw >/dev/null
box_start connection_request_username=cr connection_request_password=crpw periodic_interval=3600 \
	notification_burst=3 notification_interval=3600
check "the first session" acs wait-session 60 "0 BOOTSTRAP"
check "active notification" acs rpc now SetParameterAttributes Device.Time.NTPServer1 notification=2 \
	Device.Time.NTPServer2 notification=2
box_idle
check "a value that never rests" chatter
check "is told" acs wait-session 60 "4 VALUE CHANGE"
box_idle
check "in three sessions of its own" [ "$(informs)" -eq 3 ]
check "and that it waits is said" sh -c "'$CTL' -s '$BOX/control' status | grep -q '^changed values wait: 3[0-9]* s'"
check "another one" box_ctl set Device.Time.NTPServer2 other
check "does not wait" sh -c "for i in \$(seq 1200); do [ \$(grep -c '<- Inform .*4 VALUE CHANGE' '$WORK/transcript') -ne 4 ] || exit 0
	sleep 0.05; done; exit 1"
acs last-inform >"$WORK/inform"
check "and takes the first along" grep -q "^Device.Time.NTPServer1	.*n$number\$" "$WORK/inform"
finish
