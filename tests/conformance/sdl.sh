# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# SDL: ScheduleDownload, CancelTransfer

type='"3 Vendor Configuration File"'

# A box whose platform says whether it is idle, and asks its user.
scheduling() {
	[ -d "$BOX" ] || box_new
	mkdir -p "$WORK/files"
	head -c 1000 /dev/zero >"$WORK/files/one"
	for ask in idle confirm; do
		printf '#!/bin/sh\ntest -e "%s.yes"\n' "$BOX/$ask" >"$BOX/$ask"
		chmod +x "$BOX/$ask"
	done
	virtual_time
	start platform-linux.idle="$BOX/idle" platform-linux.confirm="$BOX/confirm" "$@"
	acs files "$WORK/files" >/dev/null
	files=${ACS%/acs}/files
}
schedule() { # schedule KEY NAME WINDOW...
	key=$1 name=$2 windows=''
	shift 2
	for window in "$@"; do
		windows="$windows window=\"$window\""
	done
	rpc ScheduleDownload key="$key" type="$type" url="$files/$name" "$windows"
}
reported() { # reported KEY CODE
	since "TransferComplete CommandKey=$1 FaultStruct $2 "
	drain
}
refused() { # refused WINDOWS...
	windows=''
	for window in "$@"; do
		windows="$windows window=\"$window\""
	done
	faults 9003 ScheduleDownload key=x type="$type" url="$files/one" "$windows"
}

row_SDL_01() {
	scheduling
	check "one window" schedule a one "0,60,2 Immediately,0"
	check "is accepted" reported a 0
	check "two, the second right after the first" schedule b one "0,60,2 Immediately,0" "60,120,2 Immediately,0"
	check "are accepted" reported b 0
	check "overlapping ones are refused" refused "0,60,2 Immediately,0" "59,120,2 Immediately,0"
	check "in the wrong order, too" refused "60,120,2 Immediately,0" "0,50,2 Immediately,0"
	check "one that ends before it starts" refused "60,50,2 Immediately,0"
	check "one of no length" refused "50,50,2 Immediately,0"
	check "none" refused
	check "three" refused "0,1,2 Immediately,0" "2,3,2 Immediately,0" "4,5,2 Immediately,0"
	check "and nothing is queued" sh -c "test -z '$(acs rpc now GetQueuedTransfers)'"
}

row_SDL_02() {
	scheduling idle_poll=60
	check "at any time, an hour from now" schedule any one "3600,7200,1 At Any Time,0"
	forward 3500
	check "not before" no_session 0.5
	forward 110
	check "in its window" reported any 0
	check "immediately, in an hour" schedule now one "3600,7200,2 Immediately,0"
	forward 3610
	check "when it opens" reported now 0
	check "when idle" schedule idle one "60,7200,3 When Idle,0"
	forward 600
	check "not while somebody watches" no_session 0.5
	: >"$BOX/idle.yes"
	forward 61
	check "but then" reported idle 0
	: >"$BOX/confirm.yes"
	check "with the user's consent" schedule yes one "60,7200,4 Confirmation Needed,0"
	forward 61
	check "when it was given" reported yes 0
	rm "$BOX/confirm.yes"
	check "without it" schedule no one "60,7200,4 Confirmation Needed,0"
	forward 61
	check "not" no_session 0.5
	forward 7200
	check "and that is told" reported no 9020
}

row_SDL_03() {
	scheduling
	check "what is not there, with two retries" schedule a none "0,3600,2 Immediately,2"
	for retry in 1 2; do
		check "retry $retry" box_log "another attempt in"
		: >"$WORK/client.log"
		check "nothing is told yet" no_session 0.3
		forward 60
	done
	check "one report, of the cause" reported a 9016
	check "three attempts" test "$(grep -c 'GET /files/none' "$WORK/transcript")" -eq 3
	box_stop
	daemon
	session 20
	check "windows in which the box is off" schedule b one "60,120,2 Immediately,0" "180,240,2 Immediately,0"
	box_stop
	forward 300
	daemon
	check "are over" reported b 9020
	check "and that is told once" no_session 0.5
}

row_SDL_04() {
	scheduling
	check "an hour from now" schedule a one "3600,7200,2 Immediately,0"
	forward 1800
	box_reboot
	daemon
	session 20 "1 BOOT"
	forward 1700
	check "after a reboot not before" no_session 0.5
	forward 110
	check "an hour after the order" reported a 0
}

row_SDL_05() {
	scheduling
	check "two of one key" schedule a one "3600,7200,2 Immediately,0"
	check "the other" rpc Download key=a type="$type" url="$files/one" delay=3600
	check "one of another" rpc Download key=b type="$type" url="$files/one" target=one delay=7200
	check "an unknown key is fine" rpc CancelTransfer key=unknown
	check "they are cancelled" rpc CancelTransfer key=a
	acs rpc now GetQueuedTransfers >"$WORK/list"
	check "one is left" grep -q '^b' "$WORK/list"
	check "and no other" test "$(wc -l <"$WORK/list")" -eq 1
	drain
	forward 3700
	check "nobody is told of them" no_session 0.5
	box_stop
	acs_stop
	play <<-END
		files $WORK/files
		session
		  Download key=late type="3 Vendor Configuration File" url={base}/files/one target=one
		session within 20
		  expect event "M Download:late"
		  request TransferComplete
		  fault 8003
		  CancelTransfer key=late
		  expect fault 9021
		session within 20
		  request TransferComplete
	END
}
