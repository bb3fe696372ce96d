#!/bin/sh
# kill -9 at the points at which an upgrade makes something last, before the restart of the box and after it, and the
# power always goes at the restart: the new version runs in the end, reported as a success, and told again only if
# the kill came before its acknowledgement was kept; nothing is installed more than twice.
#   test_firmware_kill.sh [--every]     every point, not every third
# shellcheck source=tests/daemon/firmware.sh
. "${top_srcdir:-.}/tests/daemon/firmware.sh"
step=3
[ "${1:-}" != --every ] || step=1

kill_points

make_key maker
firmware_acs --tolerate session-broken,retry-count
firmware_start
check "the box is there" acs wait-session 60 "1 BOOT"
box_kill

completes() { grep -c "<- TransferComplete.*CommandKey=$1 " "$WORK/transcript"; }

# round KEY BEFORE AFTER: an upgrade; the first process dies at point BEFORE, the one after the restart of the box at
# AFTER. Sets died to how often one did.
round() {
	key=$1 after=$3 died=0 reported=0 lost=0
	restarts=$(wc -l <"$BOX/reboots") installed=$(wc -l <"$BOX/installs")
	"$MAKE_IMAGE" "$WORK/files/image.raw" "META-INF/firmware=version=$version\n" "boot.img=kernel $version" || fail "make_image"
	sign maker "$WORK/files/image.raw" "$WORK/files/image.zip"
	order_later "$key" image.zip
	echo "$2" >"$WORK/point"
	firmware_start
	tries=0
	while [ "$(completes "$key")" -eq 0 ] || ! box_ctl status 2>/dev/null | grep -q -x 'transfers: 0'; do
		tries=$((tries + 1))
		[ "$tries" -le 1000 ] || fail "$key at $2 and $3: no end"
		if ! kill -0 "$client_pid" 2>/dev/null; then
			wait "$client_pid"
			died=$((died + 1)) reported=$(completes "$key")
			echo $no_kill >"$WORK/point"
			# an order whose answer was lost is not given again by this ACS
			grep -q -- "-> Download key=$key " "$WORK/transcript" && lost=1
			firmware_start
		elif [ "$(wc -l <"$BOX/reboots")" -gt "$restarts" ]; then
			restarts=$((restarts + 1))
			box_kill
			boot_other installs
			echo "$after" >"$WORK/point"
			firmware_start
		elif [ "$lost" -eq 1 ] && [ "$tries" -gt 40 ] && [ "$(completes "$key")" -eq 0 ] &&
			box_ctl status 2>/dev/null | grep -q -x 'transfers: 0' && installs "$installed"; then
			break # never taken over
		fi
		sleep 0.03
	done
	box_kill
	echo $no_kill >"$WORK/point"
}

judge() { # judge KEY BEFORE AFTER
	if [ "$(completes "$1")" -eq 0 ]; then
		[ "$lost" -eq 1 ] && return 0
		return 1
	fi
	grep "<- TransferComplete.*CommandKey=$1 " "$WORK/transcript"
	! grep "<- TransferComplete.*CommandKey=$1 " "$WORK/transcript" | grep -v -q "FaultStruct 0 " || return 1
	[ "$(completes "$1")" -le $((1 + reported)) ] || return 1
	done_installs=$(($(wc -l <"$BOX/installs") - installed))
	[ "$done_installs" -ge 1 ] && [ "$done_installs" -le 2 ] || {
		echo "$done_installs installations"
		return 1
	}
	grep -q -x "ro.build.version.incremental=$version" "$BOX/build.prop"
}

number=10
for phase in before after; do
	point=1
	while :; do
		number=$((number + 1)) version=$number.0.0
		[ $phase = before ] && at="$point $no_kill" || at="$no_kill $point"
		# shellcheck disable=SC2086 # two words
		round "k$number" $at
		[ "$died" -ge 1 ] || break
		# shellcheck disable=SC2086
		check "killed at point $point $phase the restart" judge "k$number" $at
		point=$((point + step))
	done
	check "there were such points $phase the restart" test "$point" -gt 3
done
check "nothing is left in the spool" sh -c "[ -z \"\$(ls '$BOX/spool')\" ]"
check "the state is whole" sh -c "! grep -i 'older generation\|torn\|damaged' '$WORK/client.log'"
finish
