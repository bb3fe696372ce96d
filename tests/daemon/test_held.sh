#!/bin/sh
# Sessions that are held back: EnableCWMP false, an identity that is none. They come when that is over.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

no_session() { ! acs wait-session "$1"; }
status_is() { box_ctl status | grep -qx -e "$1"; }

acs_start
box_new
box_start
check "the first session" acs wait-session 60
box_idle
check "EnableCWMP false" box_ctl set Device.ManagementServer.EnableCWMP false
check "there is no session" box_log 'no session now: EnableCWMP is false'
check "tr069-ctl says why" status_is 'held back: EnableCWMP is false'
check "the port is closed" status_is 'connection request: off'
check "the URL is empty" sh -c "'$CTL' -s '$BOX/control' get Device.ManagementServer.ConnectionRequestURL |
	grep -qx 'Device.ManagementServer.ConnectionRequestURL = '"
check "EnableCWMP true" box_ctl set Device.ManagementServer.EnableCWMP true
check "a session comes at once" acs wait-session 60 "4 VALUE CHANGE"
box_idle
check "the port is open" status_is 'connection request: listening'
check "nothing is held" sh -c "! '$CTL' -s '$BOX/control' status | grep 'held back'"

box_ctl set Device.ManagementServer.EnableCWMP false >/dev/null
box_reboot
box_start
check "not even a boot makes a session" no_session 2
check "until it is true again" box_ctl set Device.ManagementServer.EnableCWMP true
check "then it does" acs wait-session 60 "1 BOOT"
box_idle
box_stop

echo 'serial_number = {}' >>"$BOX/plugins.d/10-device-info.conf"
box_start
check "a box without a serial number is silent and says why" \
	box_log 'no session now: DeviceInfo.SerialNumber is empty'
check "no session" no_session 1
sed -i '/^serial_number = {}/d' "$BOX/plugins.d/10-device-info.conf"
kill -HUP "$client_pid"
check "mended, SIGHUP is enough" acs wait-session 60
box_idle
box_stop

: >"$WORK/client.log"
box_start periodic_interval=86400 platform-linux.reboot=/no/such/program connection_request_username=cr connection_request_password=crpw
acs credentials user=cr password=crpw >/dev/null
check "a session" acs wait-session 60
box_idle
check "a reboot is ordered" acs rpc now Reboot key=k
check "a program that is missing is said" box_log 'the ordered restart failed; going on'
sleep 0.5 # one that followed would be seen
box_idle
check "a session in which nothing was to tell is none" status_is 'sessions: 2 good, 0 failed'
finish
