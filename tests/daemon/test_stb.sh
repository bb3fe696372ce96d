#!/bin/sh
# The plugin stb-service in the real client: what the player says is told when it changes, and only then; a conf file
# with a mistake; on and off by SIGHUP. The rows DMR-05 and DIA-07 of tests/conformance have the rest.
# shellcheck source=tests/daemon/lib.sh disable=SC2154 # it sets them
. "${top_srcdir:-.}/tests/daemon/lib.sh"
# shellcheck source=tests/conformance/stb.sh
. "$top/tests/conformance/stb.sh"

CONF=$BOX/plugins.d/60-stb-service.conf
STATUS=${STB}AVStreams.AVStream.1.Status
start() {
	: >"$WORK/client.log"
	box_start connection_request_username=cr connection_request_password=crpw periodic_interval=31536000
}
session() { acs wait-session 10; }
# The last Inform tells it. (ConnectionRequestURL may be there, too: each start has a port of its own.)
is_told() { acs last-inform | awk -F '\t' -v name="$STATUS" -v value="$1" '$1 == name && $NF == value { n++ } END { exit n == 0 }'; }
is_not_told() { acs last-inform | awk -F '\t' -v name="$STATUS" '$1 == name { n++ } END { exit n > 0 }'; }
no_session() { ! acs wait-session "$1"; }
comes() { # comes COMMAND...: it is so in the end
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -le 200 ] || return 1
		sleep 0.05
	done
}
quiet() {
	box_idle
	while acs wait-session 0.3 >/dev/null 2>&1; do :; done
}
value_is() {
	value=$(acs value now "$1")
	quiet
	[ "$value" = "$2" ] || {
		echo "$1 is $value, not $2"
		return 1
	}
}
hangup() {
	: >"$WORK/client.log"
	kill -HUP "$client_pid" && box_log 'agent: reloaded'
}

stb_box
# slow at first: the Inform is made before it has ended
sed -i "1a [ ! -e '$BOX/slow' ] || { rm '$BOX/slow'; sleep 0.7; }" "$BOX/player"
player AVStreams.AVStream.1.Status=Enabled
acs_start
start
acs credentials user=cr password=crpw >/dev/null
check "the first session" session
quiet
check "what the player says" value_is "$STATUS" Enabled
check "the ACS wants to know of it" acs rpc now SetParameterAttributes "$STATUS" notification=2
quiet
box_reboot
: >"$BOX/slow"
start
check "the box starts, and the player is slow" session
check "what nobody knows yet is no change" is_not_told
check "nor is it one when it is known" no_session 1.5
check "as it was" value_is "$STATUS" Enabled
box_reboot
player AVStreams.AVStream.1.Status=Error
start
session
quiet
check "what became another one while the box was off" value_is "$STATUS" Error
player AVStreams.AVStream.1.Status=Disabled
check "the player says something else" acs rpc now GetParameterValues "${STB}AVStreams."
session
check "another session tells it" comes is_told Disabled
quiet

sed -i 's/"Components.FrontEnd.1.Name=IP"/"Components.FrontEnd.1.Nmae=IP"/' "$CONF"
check "a mistake, SIGHUP" hangup
check "is named in the log" box_log 'values: "Components.FrontEnd.1.Nmae=IP"'
check "the former file counts" value_is "${STB}Components.FrontEnd.1.Name" IP
box_stop
start
session
quiet
check "a start with the mistake" box_log 'values: "Components.FrontEnd.1.Nmae=IP"'
check "is one without that plugin" value_is Device.DeviceInfo.SupportedDataModelNumberOfEntries 1
sed -i 's/Nmae/Name/' "$CONF"
check "mended, SIGHUP" hangup
check "it is there again" value_is "${STB}Components.FrontEnd.1.Name" IP
sed -i 's/^enabled = true/enabled = false/' "$CONF"
check "off, SIGHUP" hangup
check "it is gone" value_is Device.DeviceInfo.SupportedDataModelNumberOfEntries 1
finish
