#!/bin/sh
# Orders of reboot: as many reboots as were acknowledged, each with its event and key, and nothing in between.
# (A session that breaks: test_cut.sh.)
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

start() {
	box_start connection_request_username=cr connection_request_password=crpw "$@"
}
acts() { wc -l <"$BOX/reboots"; }
done_so_often() { # until the platform was told so often; not oftener
	tries=0
	until [ "$(acts)" -ge "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || break
		sleep 0.05
	done
	[ "$(acts)" -eq "$1" ] || { echo "$(acts) reboots"; return 1; }
}
keys_are() { # the M Reboot events of the last Inform
	acs events | sed -n 's/^ *M Reboot://p' | sort | tr '\n' ' ' >"$WORK/keys"
	[ "$(cat "$WORK/keys")" = "$1" ] || { acs events; return 1; }
}

acs_start
start
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 60 "1 BOOT"
check "no reboot was ordered" keys_are ''

# ---- ten orders, a session each: the server asks in every session that it gets
n=0
while [ "$n" -lt 10 ]; do
	n=$((n + 1))
	key=$(printf 's%02d' "$n")
	check "reboot $n is ordered" acs rpc now Reboot "key=$key"
	check "it is the $n. one" done_so_often "$n"
	box_reboot
	start
	check "the box is back" acs wait-session 60 "1 BOOT"
	check "with this key, no other" keys_are "$key "
done
box_idle
check "ten were acknowledged, ten were done" done_so_often 10

# ---- ten orders in one session: all are acknowledged, the box restarts once and tells them all
check "a long session" acs linger 1
n=0
while [ "$n" -lt 10 ]; do
	n=$((n + 1))
	"$TEST_ACS" --talk "$SOCKET" "rpc Reboot $(printf 'key=t%02d' "$n")" >>"$WORK/orders" 2>&1 &
done
check "ten orders" acs connection-request
check "in one session" acs wait-session 60 "6 CONNECTION REQUEST"
check "one reboot" done_so_often 11
check "all were answered" [ "$(grep -c '<- RebootResponse' "$WORK/transcript")" -eq 20 ]
acs linger 0 >/dev/null
box_reboot
start
check "the box is back" acs wait-session 60 "1 BOOT"
check "with ten keys" keys_are 't01 t02 t03 t04 t05 t06 t07 t08 t09 t10 '
box_kill
start
check "a start that is no boot" acs wait-session 60 "2 PERIODIC"
check "tells none of them again" keys_are ''

# ---- until the restart comes there is no session in which to order another
cat >"$BOX/reboot" <<-END
	#!/bin/sh
	echo reboot >>"$BOX/reboots"
	exec sleep 60
END
check "a platform that takes its time" acs rpc now Reboot key=slow
check "is told" done_so_often 12
"$TEST_ACS" --talk "$SOCKET" "rpc Reboot key=more" >>"$WORK/orders" 2>&1 &
: >"$WORK/client.log"
before=$(acs stats | sed -n 's/^sessions	//p')
check "a connection request meanwhile is taken" acs connection-request
check "and starts nothing" box_log 'no session now: the box is about to restart'
check "nor does tr069-ctl" box_ctl inform
check "nor anything else" [ "$(acs stats | sed -n 's/^sessions	//p')" = "$before" ]
check "there was one reboot" done_so_often 12
box_reboot
cat >"$BOX/reboot" <<-END
	#!/bin/sh
	echo reboot >>"$BOX/reboots"
END
start
check "the box is back" acs wait-session 60 "1 BOOT"
check "with its key" keys_are 'slow '
check "what was waiting is done now" done_so_often 13
box_reboot

# ---- a restart that does not come, and one by somebody else
start reboot_patience=1
check "the box is back" acs wait-session 60 "1 BOOT"
check "with its key" keys_are 'more '
check "a reboot is ordered" acs rpc now Reboot key=lost
check "the platform is told" done_so_often 14
check "it does not come: the client goes on" box_log 'the ordered restart did not come; going on'
check "and can be ordered again" acs rpc now Reboot key=again
check "the platform is told again" done_so_often 15
box_reboot
start
check "the box is back" acs wait-session 60 "1 BOOT"
check "with both keys" keys_are 'again lost '
box_reboot
start
check "a reboot of somebody else" acs wait-session 60 "1 BOOT"
check "has no key" keys_are ''
finish
