# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# PER: the periodic Inform

due() { box_ctl status | sed -n 's/^next periodic inform: in \([0-9]*\) s.*/\1/p'; }
now() { echo $(($(date +%s) + wall_ms / 1000)); }

# The next Inform comes when it is due, not before, and the one after it an interval later.
comes() { # comes INTERVAL
	wait_s=$(due)
	forward $((wait_s - 30)) # real time passes too
	no_session 0.3 || return 1
	forward 31
	acs wait-session 30 '"2 PERIODIC"' || return 1
	box_idle
	within $(($1 - 90)) "$1" "$(due)"
}

row_PER_01() {
	virtual_time
	start periodic_interval=3600
	check "within the first interval" within 0 3600 "$(due)"
	forward $(($(due) + 1))
	session 5 "2 PERIODIC"
	check "an hour later" comes 3600
	check "says only that" events "2 PERIODIC"
	check "and again" comes 3600
	check "and again" comes 3600
}

# The time until phase + n * 3600, by our own sum.
until_phase() { echo $(((($1 - $(now)) % 3600 + 3600) % 3600)); }
aligned() { # aligned TIME
	wanted=$(until_phase "$1")
	got=$(due)
	difference=$(((got - wanted + 3600 + 2) % 3600))
	within 0 4 "$difference" || echo "due in $got s, not $wanted"
}

row_PER_02() {
	virtual_time
	start periodic_interval=3600
	for offset in -86473 -1000000007 250000 86400; do
		time=$(($(now) + offset))
		check "a time $offset s away" put "Device.ManagementServer.PeriodicInformTime=xsd:dateTime:$(in_utc $time)"
		calm
		check "gives the phase" aligned $time
		forward $(($(due) + 1))
		session 5 "2 PERIODIC"
		check "also of the next" aligned $time
	done
}

row_PER_03() {
	acs_start
	: >"$WORK/phases"
	for n in 1 2 3 4 5 6; do
		daemon periodic_interval=86400
		session 20
		due >>"$WORK/phases"
		[ "$n" -gt 1 ] || check "the time is unknown" acs_value_unknown
		box_stop
		rm -rf "$BOX/state"
	done
	# by chance two of six may be alike; all within a minute of a day happens once in 10^14
	check "boxes differ" awk 'NR == 1 { low = high = $1 } $1 < low { low = $1 } $1 > high { high = $1 }
		END { print low, high; exit NR < 6 || high - low < 60 || high > 86400 }' "$WORK/phases"
}
acs_value_unknown() {
	box_ctl get Device.ManagementServer.PeriodicInformTime | grep -q ' = 0001-01-01T00:00:00Z$'
}

row_PER_04() {
	virtual_time
	start periodic_interval=86400
	check "a shorter interval" put Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:600
	calm
	check "is in force at once" within 0 600 "$(due)"
	check "a time" put "Device.ManagementServer.PeriodicInformTime=xsd:dateTime:$(in_utc $(($(now) + 300)))"
	calm
	check "too" within 280 301 "$(due)"
	check "false" put Device.ManagementServer.PeriodicInformEnable=xsd:boolean:0
	calm
	check "too" test -z "$(due)"
	check "true" put Device.ManagementServer.PeriodicInformEnable=xsd:boolean:1
	calm
	check "too" within 200 301 "$(due)"
	forward $(($(due) + 1))
	session 5 "2 PERIODIC"
	check "the next" within 580 600 "$(due)"
}

row_PER_05() {
	virtual_time
	start periodic_interval=60
	check "false" put Device.ManagementServer.PeriodicInformEnable=xsd:boolean:false
	calm
	for day in 1 2 3; do
		forward 86400
		check "nothing on day $day" no_session 0.3
	done
	box_reboot
	start periodic_interval=60
	forward 86400
	check "nor after a boot" no_session 0.3
}

row_PER_06() {
	virtual_time
	start periodic_interval=600 answer_timeout=3600
	calm
	mark
	forward 60000 # a hundred intervals, as in suspend
	session 5 "2 PERIODIC"
	check "one Inform for all that were missed" no_other
	box_stop
	mono_ms=$((mono_ms + 60000000)) wall_ms=$((wall_ms + 60000000))
	write_clock
	daemon periodic_interval=600 answer_timeout=3600
	session 5
	check "one after the box was off" no_other
	acs behaviour delay 1 times=1 >/dev/null
	box_ctl inform >/dev/null
	mark
	sleep 0.3
	forward_meanwhile 3000
	session 5
	check "at most one after a long session" at_most_one
	wall 86400
	check "at most one when the clock is set forward" at_most_one
	wall -172800
	check "and when it is set back" at_most_one
	check "the next is due within an interval" within 0 600 "$(due)"
	forward $(($(due) + 1))
	session 5 "2 PERIODIC"
}
at_most_one() {
	acs wait-session 0.5
	no_other
}
# The phase is anywhere: the next one may happen to be due just now.
no_other() { [ "$(due)" -lt 30 ] || no_session 0.5; }
