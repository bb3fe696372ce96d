# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# OTH: the rest

row_OTH_06() {
	passed=$((passed + 1))
	SOAK_SESSIONS=100 "$top/tests/daemon/test_soak.sh"
}

# tests/daemon/test_light.sh has more of it.
row_OTH_01() {
	. "$top/tests/daemon/light.sh"
	light_start
	start acs_username=user acs_password=secret
	check "UDP" put Device.ManagementServer.LightweightNotificationProtocolsUsed=UDP \
		Device.ManagementServer.UDPLightweightNotificationPort=xsd:unsignedInt:"$LIGHT_PORT"
	check "Notification 3 to 6" rpc SetParameterAttributes Device.Time.NTPServer1 notification=3 \
		Device.Time.NTPServer2 notification=4 Device.Time.NTPServer3 notification=5 Device.Time.NTPServer4 notification=6
	for number in 1 2; do
		check "a change" box_ctl set Device.Time.NTPServer$number "v$number"
	done
	check "waits" light_none 0.5
	for number in 3 4; do
		check "a change" box_ctl set Device.Time.NTPServer$number "v$number"
		check "is told, to the ACS's host" light_next
		check "with its value" light_has Device.Time.NTPServer$number "v$number"
		check "valid" light_valid
		check "signed" light_signed secret
		[ $number = 4 ] || check "with what waited" light_has Device.Time.NTPServer1 v1
	done
	inform
	check "what is passive too" events "2 PERIODIC" "4 VALUE CHANGE"
	check "4" informed Device.Time.NTPServer2 '^v2$'
	check "and 6, is told by the Inform" informed Device.Time.NTPServer4 '^v4$'
	light_stop
}
