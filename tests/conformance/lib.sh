# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh and the rows use and set the rest
# tests/conformance/lib.sh: what the rows use, besides tests/daemon/lib.sh (box_*, acs_*, acs, said, check, fail).
#
#   play [OPTION...] <<END     the scenario (test-acs --help scenario), played with the real daemon, which is started
#                              if none runs; OPTIONs are the daemon's; not behind a pipe, which is another shell
#   fresh                      before another play: a new box
#   start [OPTION...]          the test ACS and a daemon that has had its first session, for `acs COMMAND`
#   daemon [OPTION...]         the daemon alone, with the credentials cr, crpw for connection requests
#   session [SECONDS] [EVENT]  the next session that ends well, after so many seconds at most, six times that on a busy
#                              machine: where the time is the point it is virtual; afterwards the box is idle
#   calm                       waits until no session runs or is due, and forgets those that were
#   inform                     somebody at the box asks for a session, and it has ended
#   events CODE...             the events of that session are these and no other, e.g. 'M Reboot:key'
#   informed NAME PATTERN      the last Inform has this parameter, and its value matches
#   value NAME TEXT            GetParameterValues says so
#   faults CODE RPC...         the RPC is refused with that fault
#   rpc_says PATTERN RPC...    the same, and the result has such a line
#   put NAME=VALUE...         SetParameterValues, by the ACS
#   transcript PATTERN         the transcript of the ACS has such a line; transcript_not
#   in_order PATTERN...        it has these, one after the other
#   mark; since PATTERN        waits for such a line after the mark; count_since prints how many there are
#   second_acs [OPTION...]     another test ACS: $ACS2; second COMMAND... talks to it
#   status PATTERN             tr069-ctl status has this line
#   no_session SECONDS         none comes meanwhile
#   virtual_time               before the daemon starts: its clocks can be put forward
#   forward SECONDS            by this much, both the monotonic clocks and the wall clock; wall SECONDS: that alone. Once
#                              the session is over: one that is cut short is a violation
#   forward_meanwhile SECONDS  in the midst of a session, where that is the point
#   suspend SECONDS            the machine sleeps so long, between sessions
#   alarm_clock=FILE           before virtual_time: an alarm clock could wake it; FILE gets what it is set to
#   names 'ADDRESS NAME'...    before it starts, and later: what its resolver says of names in .test
#   within LOW HIGH NUMBER     LOW <= NUMBER <= HIGH
#
# A row is a function row_ID (what is no letter or digit becomes _) in the file of its group; it fails by a failing
# check. It must check something. Its daemon and ACS are ended, and must be content, when it returns.

# no periodic Inform comes by chance
DEFAULTS='connection_request_username=cr connection_request_password=crpw periodic_interval=31536000'
acs2_pid='' name_pid='' played=0 marked=0 cr_port=''

# ---- sessions

play() {
	played=$((played + 1))
	cat >"$WORK/scenario-$played"
	[ -n "$cr_port" ] || choose_port
	BOX_OPTIONS="connection_request_port=$cr_port $DEFAULTS retry_minimum=1 retry_multiplier=1000 $*"
	sed -i '1i credentials user=cr password=crpw' "$WORK/scenario-$played"
	[ "$played" -eq 1 ] || { port=${ACS#*//*:} && ACS_PORT=${port%%/*}; } # it stays the same ACS
	# shellcheck disable=SC2086
	scenario "$WORK/scenario-$played" ${PLAY_ACS:-}
}

# The same over all starts of the box, so that ConnectionRequestURL does not change.
choose_port() {
	free_port $((10000 + $$ % 10000))
	cr_port=$free
}

# Another box, as from the factory, for another play in the same row.
fresh() {
	[ -z "$client_pid" ] || box_stop
	rm -rf "$BOX"
	: >"$WORK/client.log"
}

daemon() {
	[ ! -S "$SOCKET" ] || while acs wait-session 0 >/dev/null 2>&1; do :; done
	[ -n "$cr_port" ] || choose_port
	# shellcheck disable=SC2086 # options hold no blanks
	box_start connection_request_port="$cr_port" $DEFAULTS "$@"
}

start() {
	[ -n "$acs_pid" ] || acs_start ${ACS_OPTIONS:-}
	acs credentials user=cr password=crpw >/dev/null
	daemon "$@"
	session 20
}

session() {
	acs wait-session $((${1:-10} * 6)) ${2:+"\"$2\""} >"$WORK/session" || fail "no session${2:+ with $2}"
	box_idle
}

in_utc() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
in_order() { # in_order PATTERN...: the transcript has them one after the other
	printf '%s\n' "$@" | awk 'NR == FNR { pattern[++count] = $0; next } next_one < count && $0 ~ pattern[next_one + 1] { next_one++ }
		END { if (next_one < count) { print "not there, in this order: " pattern[next_one + 1]; exit 1 } }' - "$WORK/transcript"
}

drain() {
	box_idle
	while acs wait-session 0 >/dev/null 2>&1; do :; done
}

calm() {
	while acs wait-session 0.3 >/dev/null 2>&1; do :; done
	box_idle
}

inform() {
	calm
	box_ctl inform >/dev/null
	session 10
}

no_session() { ! acs wait-session "$1"; }

# ---- what was said

events() {
	sed 1d "$WORK/session" | sort >"$WORK/events"
	printf '%s\n' "$@" | sort | diff - "$WORK/events"
}

informed() {
	acs last-inform >"$WORK/inform"
	awk -F '\t' -v name="$1" '$1 == name { print $NF }' "$WORK/inform" | grep -q -e "$2" && return 0
	cat "$WORK/inform"
	return 1
}

value() {
	found=$(acs value now "$1") || return 1
	drain
	[ "$found" = "$2" ] || {
		echo "$1 is '$found', not '$2'"
		return 1
	}
}

faults() {
	code=$1
	shift
	acs rpc now "$@" >"$WORK/fault" 2>&1 && {
		echo "no fault:"
		cat "$WORK/fault"
		return 1
	}
	drain
	grep -q -i "fault $code" "$WORK/fault" && return 0
	cat "$WORK/fault"
	return 1
}

# What the ACS does by itself; its session, and what came before, are not for `session`.
rpc() {
	acs rpc now "$@" || return 1
	drain
}
rpc_says() {
	pattern=$1
	shift
	rpc "$@" >"$WORK/said" 2>&1 && grep -q -e "$pattern" "$WORK/said" && return 0
	cat "$WORK/said"
	return 1
}
put() { rpc SetParameterValues "$@"; }
transcript() { grep -q -e "$1" "$WORK/transcript"; }
transcript_not() { ! grep -e "$1" "$WORK/transcript"; }
mark() { marked=$(wc -l <"$WORK/transcript"); }
count_since() { tail -n "+$((marked + 1))" "$WORK/transcript" | grep -c -e "$1"; }
since() {
	tries=0
	until [ "$(count_since "$1")" -gt 0 ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || {
			echo "nothing in the transcript: $1"
			return 1
		}
		sleep 0.05
	done
}
status() { box_ctl status | grep -q -e "^$1" || { box_ctl status && false; }; }
within() { [ "$1" -le "$3" ] && [ "$3" -le "$2" ] || { echo "$3 is not in $1 .. $2" && false; }; }

# ---- another ACS

second_acs() {
	"$TEST_ACS" --listen 127.0.0.1:0 --control "$WORK/acs2.sock" --transcript "$WORK/transcript2" "$@" \
		>"$WORK/acs2.out" 2>"$WORK/acs2.err" &
	acs2_pid=$!
	tries=0
	until grep -q '^listening on ' "$WORK/acs2.out" 2>/dev/null && [ -S "$WORK/acs2.sock" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "the second ACS does not start: $(cat "$WORK/acs2.err")"
		sleep 0.05
	done
	ACS2=$(sed -n 's/^listening on //p' "$WORK/acs2.out" | head -n 1)
}

second() { timeout "${ACS_TIMEOUT:-120}" "$TEST_ACS" --talk "$WORK/acs2.sock" "$*"; }

second_stop() {
	second quit >/dev/null 2>&1
	wait_end "$acs2_pid" 600
	code=$?
	acs2_pid=''
	[ "$code" -eq 0 ] || fail "the second ACS is not content ($code): $(objection "$WORK/acs2.err" "$WORK/transcript2")"
}

# ---- time

mono_ms=0 wall_ms=0 slept_ms=0

write_clock() { printf '%020d %020d %020d' "$mono_ms" "$wall_ms" "$slept_ms" 1<>"$WORK/clock"; }

# What is loaded into the daemon when it starts next: clock.c, names.c.
load() {
	case ${preload:-} in *"/$1.so"*) return ;; esac
	if [ -z "${preload:-}" ]; then
		real_client=$CLIENT CLIENT=$WORK/client
	fi
	library=$build/tests/conformance/.libs/$1.so
	[ -e "$library" ] || fail "$library is not built"
	preload="${preload:+$preload:}$library"
	cat >"$WORK/client" <<-END
		#!/bin/sh
		LD_PRELOAD=$preload TR069_TEST_CLOCK=$WORK/clock TR069_TEST_NAMES=$WORK/names TR069_TEST_ALARM=${alarm_clock:-}
		ASAN_OPTIONS=\$ASAN_OPTIONS:verify_asan_link_order=0
		export LD_PRELOAD TR069_TEST_CLOCK TR069_TEST_NAMES TR069_TEST_ALARM ASAN_OPTIONS
		exec "$real_client" "\$@"
	END
	chmod +x "$WORK/client"
}

virtual_time() {
	write_clock
	load clock
}

# Those of before are gone.
names() {
	printf '%s\n' "$@" >"$WORK/names.new"
	mv "$WORK/names.new" "$WORK/names"
	load names
}

# What a command of the ACS brought may be known while its session still runs.
between_sessions() { [ -z "$client_pid" ] || box_idle; }

forward() {
	between_sessions
	forward_meanwhile "$1"
}

forward_meanwhile() {
	mono_ms=$((mono_ms + $1 * 1000)) wall_ms=$((wall_ms + $1 * 1000))
	write_clock
	box_ctl status >/dev/null # wakes it up
}

# The machine is suspended, with all that runs on it.
suspend() {
	between_sessions
	kill -STOP "$client_pid"
	mono_ms=$((mono_ms + $1 * 1000)) wall_ms=$((wall_ms + $1 * 1000)) slept_ms=$((slept_ms + $1 * 1000))
	write_clock
	kill -CONT "$client_pid"
	box_ctl status >/dev/null
}

wall() {
	wall_ms=$((wall_ms + $1 * 1000))
	write_clock
	box_ctl status >/dev/null
}
