# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# OTH: the rest

row_OTH_06() {
	passed=$((passed + 1))
	SOAK_SESSIONS=100 "$top/tests/daemon/test_soak.sh"
}

row_OTH_02() {
	. "$top/tests/conformance/standby.sh"
	alarm_clock=$WORK/alarm
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	virtual_time
	start standby=true periodic_interval=3600
	acs files "$WORK/files" >/dev/null
	# none comes by chance
	check "a time" put "Device.ManagementServer.PeriodicInformTime=xsd:dateTime:$(in_utc $(($(date +%s) + 1800)))"
	calm
	check "the kernel has an alarm clock" value "$standby_policy.SelfTimerCapable" true
	check "which is not set without need" no_alarm
	check "the ACS wants all periodic Informs" sleep_policy PeriodicAwarenessRequested=xsd:boolean:true
	check "it is set for the next" alarm_in "$(due)"
	check "and the platform is told" wakes_in "$(due)"
	check "the ACS wants to hear of any that is missed" sleep_policy MaxMissedPeriodic=xsd:int:0
	suspend $(($(due) + 2))
	session 20
	check "the box wakes up for it, and missed none" events "2 PERIODIC"
	check "it is set for the one after it" alarm_in "$(due)"
	check "the ACS wants those no more" sleep_policy PeriodicAwarenessRequested=xsd:boolean:false \
		MaxMissedPeriodic=xsd:int:1
	check "it is set no more" no_alarm
	suspend $(($(due) + 120))
	session 20
	check "one missed is told late" events "2 PERIODIC"
	suspend $(($(due) + 3720))
	session 20
	check "two are more than the ACS allows" events "2 PERIODIC" "13 WAKEUP"
	check "an order" rpc ScheduleInform delay=600 key=s1
	suspend 700
	session 20
	check "that is slept over is carried out late" events "3 SCHEDULED" "M ScheduleInform:s1"
	check "the ACS wants to hear of that" sleep_policy NotifyMissedScheduled=xsd:boolean:true
	check "another" rpc ScheduleInform delay=600 key=s2
	suspend 700
	session 20
	check "is told" events "3 SCHEDULED" "M ScheduleInform:s2" "13 WAKEUP"
	check "a window" rpc ScheduleDownload key=w type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/file" \
		window='"100,200,2 Immediately,0"' window='"9000,9100,2 Immediately,0"'
	suspend 1000
	session 20
	check "that is slept over is told, too" events "13 WAKEUP"
	check "though there is another one" rpc CancelTransfer key=w
	check "the ACS wants all of them" sleep_policy ScheduledAwarenessRequested=xsd:boolean:true
	check "the next" rpc ScheduleInform delay=900 key=s3
	check "sets the alarm clock" alarm_in 900
	check "and the platform is told" wakes_in 900
	suspend 901
	session 20
	check "the box wakes up for it" events "3 SCHEDULED" "M ScheduleInform:s3"
	check "a download for later" rpc Download key=d type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/file" target=f \
		delay=500
	check "is an order, too" alarm_in 500
	box_stop

	start standby=true standby_timer=none periodic_interval=360000
	check "without an alarm clock" value "$standby_policy.SelfTimerCapable" false
	calm
	check "no sleep before it" must_not_sleep ScheduledAwarenessRequested
	suspend 501
	session 10 "7 TRANSFER COMPLETE"
	calm
	check "but afterwards" may_sleep
	check "connection requests" sleep_policy CRAwarenessRequested=xsd:boolean:true
	check "do not keep awake who sleeps always deaf" may_sleep
	box_stop

	start standby=true standby_reachable=true standby_timer=platform periodic_interval=3600
	check "but who can sleep otherwise" value "$standby_policy.NetworkAwarenessCapable" true
	check "does so" must_not_sleep CRAwarenessRequested
	check "in that way" may_sleep reachable
	check "periodic Informs" sleep_policy PeriodicAwarenessRequested=xsd:boolean:true
	check "the platform wakes it up" wakes_in "$(due)" reachable
	acs behaviour delay 2 times=1 >/dev/null
	mark
	check "a session" box_ctl inform
	since '<- Inform'
	check "is not slept over" must_not_sleep 'a session runs'
	session 10
}

row_OTH_03() {
	. "$top/tests/conformance/evt.sh"
	virtual_time
	start periodic_enable=false
	check "off by itself" value Device.ManagementServer.HeartbeatPolicy.Enable false
	check "half a minute at least" faults 9003 SetParameterValues \
		Device.ManagementServer.HeartbeatPolicy.ReportingInterval=xsd:unsignedInt:29
	now_s=$(($(date +%s) + wall_ms / 1000))
	check "at a time, every hour" beats Enable=xsd:boolean:true ReportingInterval=xsd:unsignedInt:3600 \
		"InitiationTime=xsd:dateTime:$(in_utc $((now_s + 900 - 36000000)))"
	forward 840
	check "not before it" no_session 0.5
	forward 62
	session 20
	check "then" events "14 HEARTBEAT"
	forward 3500
	check "and no more" no_session 0.5
	forward 102
	session 20
	check "until an hour later" events "14 HEARTBEAT"
	check "another time" beats "InitiationTime=xsd:dateTime:$(in_utc $((now_s + wall_ms / 1000 + 300)))"
	forward 302
	session 20
	check "is in force at once" events "14 HEARTBEAT"
	suspend 36000
	session 20
	check "many that were slept over" events "14 HEARTBEAT"
	check "are one" no_session 0.5
	box_reboot
	start periodic_enable=false
	check "after a boot" events "1 BOOT"
	forward 3601
	session 20
	check "it goes on" events "14 HEARTBEAT"
	check "false" beats Enable=xsd:boolean:false
	forward 36000
	check "ends it" no_session 0.5
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
