#!/bin/sh
# A long life in one process: thousands of sessions, some cut, faulty, redirected, answered with garbage; the
# ACS away for a while; SIGHUPs and connection requests in between. Memory and descriptors stay where they were.
#   soak.sh [--sessions N] [--warm N] [--away N] [--seed N]
# Prints what it measured. VALGRIND=1 runs the client under valgrind (a few hundred sessions then).
sessions=${SOAK_SESSIONS:-10000} warm='' away='' seed=${SOAK_SEED:-1}
while [ $# -gt 1 ]; do
	case $1 in
	--sessions) sessions=$2 ;;
	--warm) warm=$2 ;;
	--away) away=$2 ;;
	--seed) seed=$2 ;;
	*) echo "usage: soak.sh [--sessions N] [--warm N] [--away N] [--seed N]" && exit 2 ;;
	esac
	shift 2
done
warm=${warm:-$((sessions >= 2000 ? 500 : sessions / 3))}
away=${away:-$((sessions >= 2000 ? sessions : sessions / 3))}
. "${top_srcdir:-.}/tests/daemon/lib.sh"
DRIVE=$build/tests/daemon/drive

validate=''
[ "$sessions" -lt 2000 ] || validate=--no-validate # it would take most of the time
slack=64 # KiB that memory may differ; at most 2 %. A short run has not settled: what leaks, leaks more
if [ -n "${VALGRIND:-}" ]; then
	printf '#!/bin/sh\nexec valgrind -q --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect --track-fds=yes --error-exitcode=87 --log-file=%s %s "$@"\n' \
		"$WORK/valgrind" "$CLIENT" >"$WORK/client"
	chmod +x "$WORK/client"
	CLIENT=$WORK/client STOP_PATIENCE=600 slack=''
fi
grep -q 'fsanitize' "$build/config.status" 2>/dev/null && slack='' # these keep freed memory on purpose
[ "$sessions" -ge 2000 ] || [ -z "$slack" ] || slack=256

private() { # dirty memory of its own, KiB
	sed -n 's/^Private_Dirty: *\([0-9]*\) kB/\1/p' "/proc/$client_pid/smaps_rollup"
}
descriptors() { # "/proc/PID/fd", but for those that valgrind adds
	find "/proc/$client_pid/fd" -type l 2>/dev/null | wc -l
}
figure() {
	echo "figure: $1: private dirty $(private) KiB, $(descriptors) descriptors"
}
flat() { # flat BEFORE NOW: no more than 2 % or 64 KiB above
	[ -n "$slack" ] || return 0
	echo "$1 KiB before, $2 KiB now"
	[ "$2" -le $(($1 + ($1 / 50 > slack ? $1 / 50 : slack))) ]
}
drive() { "$DRIVE" "$BOX/control" "$@"; }
hangup() { # at once, and once more in the middle of a session
	kill -HUP "$client_pid"
	(sleep 0.07 && kill -HUP "$client_pid") &
}

# shellcheck disable=SC2086 # no word, or one
acs_start --quiet $validate --tolerate "session-broken,left-open,retry-count"
port=${ACS#http://127.0.0.1:}
port=${port%%/*}
box_start connection_request_username=cr connection_request_password=crpw retry_minimum=1 log_level=warning
acs "credentials user=cr password=crpw" >/dev/null
check "the first session" acs wait-session 60

# The same life, first short, then long; what is measured is at rest after it.
live() { # live SESSIONS AWAY
	acs "chaos cut=4 half=3 fault=4 retry=4 redirect=4 status=4 garbage=4 close=4 seed=$seed" >/dev/null
	n=0
	while [ "$n" -lt 10 ]; do
		n=$((n + 1))
		acs rpc GetParameterValues Device. >/dev/null 2>&1 &
		drive $(($1 / 10)) "$SOCKET" >>"$WORK/driven" || return 1
		hangup
	done
	acs "chaos off" >/dev/null
	acs quit >/dev/null
	wait "$acs_pid" || { objection; return 1; }
	drive "$2" >>"$WORK/driven" || return 1
	# shellcheck disable=SC2086 # no word, or one
	ACS_PORT=$port acs_start --quiet $validate --tolerate "session-broken,left-open,retry-count"
	acs "credentials user=cr password=crpw" >/dev/null
	drive 10 >>"$WORK/driven" || return 1
	acs rpc now GetParameterValues Device. >/dev/null
}

check "$warm sessions, then $((warm / 2)) while the ACS is away" live "$warm" $((warm / 2))
memory=$(private) fds=$(descriptors)
figure "after $warm sessions and $((warm / 2)) failed connects"
check "$((sessions - warm)) sessions more, then $away while the ACS is away" live $((sessions - warm)) "$away"
figure "after $sessions sessions and $((away + warm / 2)) failed connects"
awk '{ good += $1; failed += $5 } END { print "figure: " good " sessions went well, " failed " failed" }' "$WORK/driven"
check "memory is flat" flat "$memory" "$(private)"
check "no descriptor is left open" [ "$(descriptors)" -le "$fds" ]
box_stop
if [ -n "${VALGRIND:-}" ]; then
	# errors and leaks have ended it with another exit code than 0
	echo "ok valgrind: no error, no leak"
	check "valgrind: no descriptor of its own is left open" awk '/Open (file descriptor|AF_)/ { open = $0 } /inherited from parent|\/valgrind$/ { open = "" }
		open != "" && !/Open/ { print open; bad = 1; open = "" } END { if (open != "") print open; exit bad || open != "" }' "$WORK/valgrind"
fi
finish
