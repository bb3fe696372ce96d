# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# What the rows of the box's standby have in common.
standby_policy=Device.ManagementServer.StandbyPolicy

sleep_policy() { # sleep_policy NAME=VALUE...: the ACS sets it
	arguments=''
	for argument in "$@"; do
		arguments="$arguments $standby_policy.$argument"
	done
	# shellcheck disable=SC2086 # no blanks
	put $arguments && calm
}

may_sleep() { box_ctl standby "$@"; }
must_not_sleep() { # must_not_sleep WHY
	box_ctl standby 2>"$WORK/asked" && return 1
	grep -e "$1" "$WORK/asked"
}
due() { box_ctl status | sed -n 's/^next periodic inform: in \([0-9]*\) s.*/\1/p'; }
wakes_in() { # wakes_in SECONDS [reachable]: what the platform is told
	wanted=$1
	shift
	within $((wanted - 20)) $((wanted + 1)) "$(box_ctl standby "$@" | sed -n 's/^wake up: in \([0-9]*\) s$/\1/p')"
}

# What the kernel was told, milliseconds from then on.
alarm_ms() { sed 's/^0*\([0-9]\)/\1/' "$alarm_clock"; }
no_alarm() { [ ! -s "$alarm_clock" ] || [ "$(alarm_ms)" -eq 0 ]; }
alarm_in() { within $(($1 - 2)) $(($1 + 20)) $(($(alarm_ms) / 1000)); }
