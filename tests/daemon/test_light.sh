#!/bin/sh
# Lightweight notifications (Notification 3 to 6) over UDP.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"
# shellcheck source=tests/daemon/light.sh
. "${top_srcdir:-.}/tests/daemon/light.sh"
MS=Device.ManagementServer
NTP=Device.Time.NTPServer

settled() {
	while acs wait-session 0.3 >/dev/null 2>&1; do :; done
	box_idle
}
put() { acs rpc now SetParameterValues "$@" && settled; }
spa() { acs rpc now SetParameterAttributes "$@" && settled; }
change() { box_ctl set "$@"; }

acs_start
acs credentials user=cr password=crpw >/dev/null
light_start
box_start connection_request_username=cr connection_request_password=crpw acs_username=user acs_password=secret \
	periodic_interval=3600 notification_burst=1 notification_interval=12
check "the first session" acs wait-session 60 "0 BOOTSTRAP"
check "all four are taken" spa ${NTP}1 notification=3 ${NTP}2 notification=4 ${NTP}3 notification=5 ${NTP}4 notification=6
check "a change while no protocol is used" change ${NTP}3 early
check "is told to nobody" light_none 0.5
check "UDP is used" put $MS.LightweightNotificationProtocolsUsed=UDP $MS.UDPLightweightNotificationHost=127.0.0.1 \
	$MS.UDPLightweightNotificationPort=xsd:unsignedInt:"$LIGHT_PORT"
check "what waited is told" light_next
check "by name and value" light_has ${NTP}3 early
check "valid by the schema" light_valid
check "signed" light_signed secret
check "of this user" grep -q '<UN>user</UN>' "$WORK/light.xml"
check "of this box" grep -q '<OUI>0A1B2C</OUI><ProductClass>STB</ProductClass><SerialNumber>SN0001</SerialNumber>' "$WORK/light.xml"

check "passive ones" change ${NTP}1 one
check "both" change ${NTP}2 two
check "wait" light_none 0.5
check "for an active one" change ${NTP}4 four
check "which comes" light_next
check "with its value" light_has ${NTP}4 four
check "and theirs" light_has ${NTP}1 one
check "each" light_has ${NTP}2 two
check "signed" light_signed secret
check "no session for any of them" [ "$(acs wait-session 0.3 >/dev/null 2>&1; echo $?)" -eq 1 ]
check "a session" box_ctl inform
check "tells the passive half of 4 and 6" acs wait-session 60 "4 VALUE CHANGE"
acs last-inform | cut -f 1 | grep '^Device.Time' | tr '\n' ' ' >"$WORK/told"
check "and nothing of 3 and 5" grep -q -x "${NTP}2 ${NTP}4 " "$WORK/told"
box_idle

check "special characters" change ${NTP}3 '<&>"'
check "in another one" light_next
check "are escaped" light_has ${NTP}3 '&lt;&amp;&gt;&quot;'
check "valid" light_valid

check "the ACS's own write" put ${NTP}3=acs
check "is told to nobody" light_none 0.5

begin=$(date +%s)
check "a chatty one" sh -c "for i in \$(seq 40); do '$CTL' -s '$BOX/control' set ${NTP}3 c\$i >/dev/null; done"
light_none 0.5
seen=$(find "$WORK/light" -type f | wc -l)
# six at once, one each two seconds; the first ones may be of before, and seconds are rounded
few=$((light_seen + 8 + ($(date +%s) - begin + 1) / 2))
check "sends few" [ "$seen" -le "$few" ]
check "or as many as there were changes" [ "$seen" -lt $((light_seen + 40)) ]
light_seen=$seen

check "a change" change ${NTP}1 later
check "and a trigger interval" put $MS.LightweightNotificationTriggerInterval=xsd:unsignedInt:1
for _ in 1 2 3; do
	light_next || break
	light_has ${NTP}1 later && break
done
check "which tells it" light_has ${NTP}1 later
check "once" light_none 1.5
check "a host that is none" put $MS.UDPLightweightNotificationHost=nobody.invalid
check "a change" change ${NTP}1 lost
check "is lost" box_log 'a datagram to nobody.invalid could not be sent'
light_stop
finish
