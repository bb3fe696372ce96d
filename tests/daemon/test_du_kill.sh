#!/bin/sh
# kill -9 at the points at which a ChangeDUState of three operations makes something last: in the end each of them was
# done, is reported in one message, and told again only if the kill came before its acknowledgement was kept.
#   test_du_kill.sh [--every]     every point, not every ninth
# shellcheck source=tests/daemon/du.sh
. "${top_srcdir:-.}/tests/daemon/du.sh"
step=9
[ "${1:-}" != --every ] || step=1

kill_points

make_key maker
acs_start --set "files $WORK/files" --record "$WORK/record" --tolerate session-broken,retry-count
acs "credentials user=cr password=crpw" >/dev/null
bundle one.zip "name=One\nversion=1\nuuid=$uuid_a\nunits=app"
bundle two.zip "name=One\nversion=2\nuuid=$uuid_a\nunits=app"
bundle other.zip "name=Other\nversion=1\nuuid=$uuid_b"
du_start
check "the box is there" acs wait-session 60 "1 BOOT"
box_idle
box_stop

reports() { grep -l "<CommandKey>$1</CommandKey>" "$WORK"/record/*-DUStateChangeComplete.xml 2>/dev/null | wc -l; }
taken() { grep -c -- '-> DUStateChangeCompleteResponse' "$WORK/transcript"; }

# round KEY POINT: a request to a box that dies at that point, and is started again. Sets died.
round() {
	died=0 lost=0 answers=$(grep -c '<- ChangeDUStateResponse' "$WORK/transcript")
	request "$1" "$(install one.zip)" "$(update "$uuid_a" two.zip)" "$(install other.zip)" "$(uninstall "$uuid_a")" \
		"$(uninstall "$uuid_b")" >"$WORK/$1.xml"
	"$TEST_ACS" --talk "$SOCKET" "rpc raw $WORK/$1.xml" >/dev/null 2>&1 &
	sleep 0.1
	echo "$2" >"$WORK/point"
	du_start
	tries=0
	until [ "$(reports "$1")" -gt 0 ] && box_ctl status 2>/dev/null | grep -q -x 'session: idle'; do
		tries=$((tries + 1))
		[ "$tries" -le 1000 ] || fail "$1 at $2: no end"
		if ! kill -0 "$client_pid" 2>/dev/null; then
			wait "$client_pid"
			died=$((died + 1))
			echo $no_kill >"$WORK/point"
			du_start
		elif [ "$died" -gt 0 ] && [ "$tries" -gt 100 ] && [ "$(reports "$1")" -eq 0 ] &&
			[ "$(grep -c '<- ChangeDUStateResponse' "$WORK/transcript")" -eq "$answers" ]; then
			lost=1 # it died before the order was on disk; this ACS does not give it again
			break
		fi
		sleep 0.03
	done
	box_idle
	box_stop
	echo $no_kill >"$WORK/point"
}
judge() { # judge KEY
	[ "$lost" -eq 0 ] || return 0
	[ "$(reports "$1")" -ge 1 ] && [ "$(reports "$1")" -le $((1 + died)) ] || return 1
	results "$(grep -l "<CommandKey>$1</CommandKey>" "$WORK"/record/*-DUStateChangeComplete.xml | tail -n 1)"
	results_are 5 && ! grep -v 'FaultCode=0|' "$WORK/told" && [ "$(places)" -eq 0 ] &&
		! find "$BOX/bundles" "$BOX/spool" -mindepth 1 | grep .
}

point=1
while :; do
	round "k$point" $point
	check "killed at point $point ($died times)" judge "k$point"
	[ "$died" -gt 0 ] || break
	point=$((point + step))
done
check "there are points" test "$point" -gt 20
finish
