# shellcheck shell=sh
# tests/daemon/lib.sh: a sandbox box, the test ACS and the real daemon, for tests that source this file.
#
# A test is a shell script: `. "${srcdir:-.}/tests/daemon/lib.sh"`, then the functions below. Everything lives in
# one temporary directory, listens on loopback only, and is ended by its process id.
# What has to come is waited for patiently, for a minute or so: the machine may be busy. So a test says how long a thing
# may take only where the time is its point, and then by a margin that no load uses up, or by what was logged.
#
#   box_start [OPTION...]   starts the daemon (-o is put before each OPTION); waits for nothing
#   box_stop                SIGTERM; fails unless it ends with 0
#   box_idle                waits until no session runs (the ACS may call it ended a moment before the box knows)
#   box_kill                SIGKILL
#   box_reboot              what the platform's reboot does: the next start is a new boot
#   kill_points             the client dies at the point that $WORK/point tells
#   box_log PATTERN         waits until the log has a line that matches
#   acs_start [OPTION...]   starts the test ACS; $ACS is its URL
#   said PATTERN COMMAND... the same, and the answer has such a line; not_said: it has none
#   acs COMMAND...          tells it something (test-acs --help control); fails as it fails
#   scenario FILE [OPTION...]  the test ACS plays it against the daemon; fails unless all is met
#   check WHAT COMMAND...   one line `ok WHAT`, or the end of the test
#   finish                  counts, cleans up, exit code
set -u

top=${top_srcdir:-.}
build=${top_builddir:-.}
top=$(cd "$top" && pwd)
build=$(cd "$build" && pwd)
CLIENT=${TR069_CLIENT:-$build/core/tr069-client}
CTL=${TR069_CTL:-$build/core/tr069-ctl}
TEST_ACS=${TEST_ACS:-$build/tests/acs/test-acs}
PLUGIN_BUILD=${TR069_PLUGIN_BUILD:-$build/plugins}
: "${TR069_STANDARDS:=$top/../shared/standards}"
export TR069_STANDARDS
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=1:exitcode=86"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/tr069-test.XXXXXX") || exit 99
BOX=$WORK/box
SOCKET=$WORK/acs.sock
client_pid='' acs_pid='' passed=0

cleanup() {
	for pid in $client_pid $acs_pid; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $WORK"
	else
		rm -rf "$WORK"
	fi
}
trap cleanup EXIT
trap 'exit 1' HUP INT PIPE TERM

fail() {
	echo "FAILED: $*"
	echo "--- the daemon's log"
	tail -n 40 "$WORK/client.log" 2>/dev/null
	echo "--- what the ACS has against the box"
	grep -h -e ' !! ' "$WORK/transcript" "$WORK/transcript2" 2>/dev/null | tail -n 20
	echo "--- the transcript of the ACS"
	tail -n 30 "$WORK/transcript" 2>/dev/null
	exit 1
}

check() {
	what=$1
	shift
	"$@" >"$WORK/check.out" 2>&1 || {
		cat "$WORK/check.out"
		fail "$what ($*)"
	}
	passed=$((passed + 1))
	echo "ok $what"
}

finish() {
	[ -z "$client_pid" ] || box_stop
	[ -z "$acs_pid" ] || acs_stop
	echo "$passed checks passed"
	exit 0
}

# ---- the box

new_boot_id() {
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$BOX/boot_id"
}

box_new() {
	mkdir -p "$BOX/plugins.d" "$BOX/plugins" "$BOX/download"
	new_boot_id
	cat >"$BOX/build.prop" <<-END
		ro.product.manufacturer=Acme
		ro.product.model=Box One
		ro.product.name=STB
		ro.product.oui=0A1B2C
		ro.serialno=SN0001
		ro.hardware=rev-b
		ro.build.version.incremental=1.0.1
	END
	echo 'W something is odd' >"$BOX/system.log"
	for conf in "$top"/plugins/*/[0-9][0-9]-*.conf; do
		cp "$conf" "$BOX/plugins.d/"
	done
	for object in "$PLUGIN_BUILD"/*/.libs/*.so; do
		[ -e "$object" ] && ln -s "$object" "$BOX/plugins/"
	done
	cat >"$BOX/reboot" <<-END
		#!/bin/sh
		echo reboot >>"$BOX/reboots"
	END
	chmod +x "$BOX/reboot"
	: >"$BOX/reboots"
}

box_start() {
	[ -d "$BOX" ] || box_new
	options=''
	for option in "$@"; do
		options="$options -o $option"
	done
	# shellcheck disable=SC2086 # options hold no blanks
	"$CLIENT" -f -v \
		-o prefix="$BOX" -o platform= -o build_prop=build.prop -o state_dir=state -o spool_dir=spool -o control_socket=control \
		-o boot_id_file=boot_id -o plugin_dir=plugins -o plugin_conf_dir=plugins.d \
		-o connection_request_address=127.0.0.1 -o connection_request_port=0 -o connection_request_rate=10000 \
		-o download.folder="$BOX/download" \
		-o platform-linux.reboot="$BOX/reboot" -o platform-linux.factory_reset="$BOX/reboot" \
		-o platform-linux.device_log="cat $BOX/system.log" \
		-o acs_url="${ACS:-http://127.0.0.1:9/}" $options >>"$WORK/client.log" 2>&1 &
	client_pid=$!
}

# Waits until the process has ended; its exit code.
wait_end() {
	tries=0
	while kill -0 "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -le "$2" ] || return 124
		sleep 0.05
	done
	wait "$1"
}

box_stop() {
	# a session that the ACS calls ended may not have reached the box; a test that stops it in the middle waits in vain
	tries=0
	while [ "$tries" -lt 10 ] && box_ctl status 2>/dev/null | grep -q '^session: [^i]'; do
		tries=$((tries + 1))
		sleep 0.05
	done
	kill -TERM "$client_pid" || fail "the daemon is gone already"
	wait_end "$client_pid" "${STOP_PATIENCE:-600}"
	code=$?
	[ "$code" -ne 124 ] || kill -KILL "$client_pid"
	client_pid=''
	[ "$code" -eq 0 ] || fail "the daemon ended with $code"
}

box_idle() {
	tries=0
	until box_ctl status 2>/dev/null | grep -q -x 'session: idle'; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "the session does not end"
		sleep 0.05
	done
}

box_kill() {
	kill -KILL "$client_pid" 2>/dev/null
	wait "$client_pid" 2>/dev/null
	client_pid=''
}

box_reboot() {
	box_stop
	new_boot_id
}

# The daemon ends by itself, with this exit code.
box_ends() {
	wait_end "$client_pid" 600
	code=$?
	[ "$code" -ne 124 ] || kill -KILL "$client_pid"
	client_pid=''
	[ "$code" -eq "$1" ] || {
		echo "exit code $code, not $1"
		return 1
	}
}

# From the next box_start on, the client dies, as by kill -9, at the point that $WORK/point tells: so many things were
# made last before. $no_kill: at none.
kill_points() {
	no_kill=1000000
	real=$CLIENT
	CLIENT=$WORK/client
	cat >"$CLIENT" <<-END
		#!/bin/sh
		export ASAN_OPTIONS="\${ASAN_OPTIONS:-}:verify_asan_link_order=0"
		exec env LD_PRELOAD="$build/tests/daemon/.libs/kill_point.so" KILL_POINT="\$(cat "$WORK/point")" "$real" "\$@"
	END
	chmod +x "$CLIENT"
	echo $no_kill >"$WORK/point"
}

box_log() {
	tries=0
	until grep -q -e "$1" "$WORK/client.log"; do
		tries=$((tries + 1))
		[ "$tries" -le "${2:-1200}" ] || {
			echo "no such line in the log: $1"
			return 1
		}
		sleep 0.05
	done
}

box_ctl() {
	"$CTL" -s "$BOX/control" "$@"
}

# ---- the ACS

# $free: a port that nobody has, from FROM on. Below 32768, so that it is still free when the ACS or the box comes back to
# it: above, the kernel gives them out.
free_port() { # free_port FROM
	free=$1
	while cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q -i "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$free") "; do
		free=$((free + 1))
	done
}

acs_launch() {
	[ -n "${ACS_PORT:-}" ] || free_port $((20000 + ($$ + launched) % 12000))
	launched=$((launched + 1))
	"$TEST_ACS" --listen "${TR069_LISTEN:-127.0.0.1}:${ACS_PORT:-$free}" --control "$SOCKET" --transcript "$WORK/transcript" "$@" \
		>"$WORK/acs.out" 2>"$WORK/acs.err" &
	acs_pid=$!
}

acs_start() {
	tries=0 launched=0
	acs_launch "$@"
	until grep -q '^listening on ' "$WORK/acs.out" 2>/dev/null && { [ -S "$SOCKET" ] || [ -n "${NO_CONTROL:-}" ]; }; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "the test ACS does not start: $(cat "$WORK/acs.err")"
		# somebody else was faster
		kill -0 "$acs_pid" 2>/dev/null || ! grep -q 'in use' "$WORK/acs.err" || acs_launch "$@"
		sleep 0.05
	done
	ACS=$(sed -n 's/^listening on //p' "$WORK/acs.out" | head -n 1)
}

acs() {
	timeout "${ACS_TIMEOUT:-120}" "$TEST_ACS" --talk "$SOCKET" "$*"
}

# said PATTERN COMMAND...: the answer of the ACS, or its error, has such a line.
said() {
	pattern=$1
	shift
	acs "$@" >"$WORK/said" 2>&1
	grep -q -e "$pattern" "$WORK/said" && return 0
	cat "$WORK/said"
	return 1
}

not_said() {
	pattern=$1
	shift
	acs "$@" >"$WORK/said" 2>&1 || return 1
	! grep -e "$pattern" "$WORK/said"
}

# Why a test ACS that ended is not content: its verdict, and what it says on stderr.
objection() { # objection [STDERR TRANSCRIPT]
	sed -n 's/.*== FAILED/FAILED/p' "${2:-$WORK/transcript}" 2>/dev/null | tail -n 1
	tail -n 5 "${1:-$WORK/acs.err}" 2>/dev/null
}

# Ends the ACS; its verdict (all expectations met, no violation) counts.
acs_stop() {
	acs quit >"$WORK/quit" 2>&1 || cat "$WORK/quit"
	wait_end "$acs_pid" 600
	code=$?
	[ "$code" -ne 124 ] || kill -KILL "$acs_pid"
	acs_pid=''
	[ "$code" -eq 0 ] || fail "the test ACS is not content ($code): $(objection)"
}

scenario() {
	file=$1
	shift
	acs_start --scenario "$file" --timeout 300 "$@"
	# shellcheck disable=SC2086 # options hold no blanks
	[ -n "$client_pid" ] || box_start ${BOX_OPTIONS:-}
	wait_end "$acs_pid" 6400
	code=$?
	[ "$code" -ne 124 ] || kill -KILL "$acs_pid"
	acs_pid=''
	[ "$code" -eq 0 ] || fail "scenario ${file##*/}: $(objection)"
	passed=$((passed + 1))
	echo "ok $file"
}
