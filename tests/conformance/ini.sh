# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# INI: when a session starts

row_INI_01() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	virtual_time
	start periodic_interval=86400
	acs files "$WORK/files" >/dev/null
	check "first contact" events "0 BOOTSTRAP" "1 BOOT"
	box_reboot
	start periodic_interval=86400
	check "power-up" events "1 BOOT"
	wait_s=$(box_ctl status | sed -n 's/^next periodic inform: in \([0-9]*\) s.*/\1/p')
	forward $((wait_s + 1))
	session 5
	check "a periodic time" events "2 PERIODIC"
	check "a scheduled one is ordered" rpc ScheduleInform delay=600 key=s
	forward 601
	session 5
	check "and comes" events "3 SCHEDULED" "M ScheduleInform:s"
	check "a connection request" acs connection-request
	session 5
	check "is a reason" events "6 CONNECTION REQUEST"
	check "an active value change" box_ctl set Device.DeviceInfo.ProvisioningCode local
	session 5
	check "is one" events "4 VALUE CHANGE"
	check "a transfer" acs rpc now Download key=d type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/file" target=f
	session 5 "7 TRANSFER COMPLETE"
	check "its end is one" events "7 TRANSFER COMPLETE" "M Download:d"
	check "a diagnostic" acs rpc now SetParameterValues Device.IP.Diagnostics.IPPing.Host=127.0.0.1 Device.IP.Diagnostics.IPPing.DiagnosticsState=Requested
	session 10 "8 DIAGNOSTICS COMPLETE"
}

row_INI_02() {
	start
	acs behaviour delay 1 times=1 >/dev/null
	mark
	check "a session is asked for" box_ctl inform
	check "it runs" since '<- Inform'
	check "connection requests meanwhile are accepted" acs connection-request
	check "and what a person at the box wants" box_ctl inform
	check "periodic Informs" box_ctl set Device.ManagementServer.PeriodicInformInterval 1
	session
	session
	check "one after the other" awk '/<- Inform/ { if (open) bad = 1; open = 1 } /session ended/ { open = 0 } END { exit bad }' \
		"$WORK/transcript"
	check "which the ACS saw too" not_said two-sessions violations
}

row_INI_03() {
	start retry_minimum=60 periodic_interval=7200
	acs tolerate session-broken >/dev/null
	check "a notification" rpc SetParameterAttributes Device.Time.NTPServer1 notification=1
	calm
	acs behaviour status 503 times=1 >/dev/null
	mark
	check "a session" box_ctl inform
	check "fails" since '503'
	box_idle
	check "a value changes meanwhile" box_ctl set Device.Time.NTPServer1 local
	check "and a connection request comes" acs connection-request
	session
	check "all causes are in one Inform" events "2 PERIODIC" "4 VALUE CHANGE" "6 CONNECTION REQUEST"
	check "nothing is left for another" no_session 0.5
}

row_INI_04() {
	start
	check "a notification" rpc SetParameterAttributes Device.DeviceInfo.ProvisioningCode notification=2
	calm
	acs behaviour delay 1 times=1 >/dev/null
	mark
	check "a session" box_ctl inform
	check "runs" since '<- Inform'
	check "a value changes" box_ctl set Device.DeviceInfo.ProvisioningCode local
	session
	check "its Inform said nothing of it" events "2 PERIODIC"
	session 2 # right behind
	check "and says that alone" events "4 VALUE CHANGE"
}

row_INI_05() {
	# V01 inform-first and V08 are what the ACS watches; a slow InformResponse gives occasion
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	start
	acs files "$WORK/files" >/dev/null
	check "a transfer, so that the client has a request of its own" acs rpc now Download key=d \
		type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/file" target=f
	acs behaviour delay 1 times=1 >/dev/null
	session 10 "7 TRANSFER COMPLETE"
	check "it comes after the InformResponse" awk '/<- Inform .*7 TRANSFER/ { inform = NR } /-> InformResponse/ { answer = NR }
		/<- TransferComplete/ { exit !(inform && answer == inform + 1 && NR == answer + 1) }' "$WORK/transcript"
}

row_INI_07() {
	virtual_time
	start
	check "a throttle of an hour" put Device.ManagementServer.DefaultActiveNotificationThrottle=xsd:unsignedInt:3600
	check "a notification" rpc SetParameterAttributes Device.DeviceInfo.ProvisioningCode notification=2
	calm
	check "a value changes" box_ctl set Device.DeviceInfo.ProvisioningCode one
	check "is not told at once" no_session 0.5
	forward 3500
	check "nor before the hour is over" no_session 0.5
	forward 101
	session 5 "4 VALUE CHANGE"
	check "another" box_ctl set Device.DeviceInfo.ProvisioningCode two
	check "waits again" no_session 0.5
	check "but other causes do not" acs connection-request
	session 5 "6 CONNECTION REQUEST"
	check "and take it along" events "4 VALUE CHANGE" "6 CONNECTION REQUEST"
	acs behaviour delay 1 times=1 >/dev/null
	mark
	check "a session" acs connection-request
	check "runs" since '<- Inform'
	check "when a value changes" box_ctl set Device.DeviceInfo.ProvisioningCode three
	session 10
	check "which waits as well" no_session 0.5
	forward 3601
	session 5 "4 VALUE CHANGE"
}

# The kernel sleeps with all that runs on it: the clocks that count suspend go on, the boot stays the same.
row_INI_06() {
	virtual_time
	start periodic_interval=7200
	calm
	suspend 8000
	session 10
	check "what was missed, and no boot" events "2 PERIODIC"
	box_stop
	start periodic_interval=7200
	check "nor when the client alone begins anew" events "2 PERIODIC"
}
