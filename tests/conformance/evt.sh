# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# EVT: event codes, when they occur, are delivered, kept or dropped
# shellcheck source=tests/conformance/dus.sh
. "$top/tests/conformance/dus.sh"

a_file() { # $FILE is its URL, served by the ACS that runs
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	acs files "$WORK/files" >/dev/null
	FILE=${ACS%/acs}/files/file
}
download() { # download KEY [ARGUMENT...]
	key=$1
	shift
	acs rpc now Download key="$key" type='"3 Vendor Configuration File"' url="$FILE" target="$key" "$@"
}

row_EVT_00() {
	start retry_minimum=1
	a_file
	check "a transfer" download d1
	session 10 "7 TRANSFER COMPLETE"
	check "the next" download d2 delay=1
	box_idle
	mark
	acs behaviour status 503 times=1 >/dev/null
	since 'Inform .*"7 TRANSFER COMPLETE", "M Download:d2"'
	check "a failed Inform removes nothing" since '<- TransferComplete CommandKey=d2'
	session 10 "M Download:d2"
	inform
	check "the TransferCompleteResponse did" events "2 PERIODIC"
}

row_EVT_01() {
	acs_start
	acs behaviour status 503 >/dev/null
	daemon
	check "the Inform" since 'Inform "0 BOOTSTRAP"'
	box_log 'session failed'
	for n in 1 2 3; do
		box_idle
		box_kill
		[ "$n" -ne 2 ] || new_boot_id
		mark
		daemon
		check "is there after crash $n" since 'Inform "0 BOOTSTRAP"'
	done
	box_idle
	acs behaviour off >/dev/null
	box_kill
	daemon
	session 10 "0 BOOTSTRAP"
}

row_EVT_02() {
	start
	box_reboot
	acs behaviour status 503 >/dev/null
	mark
	daemon retry_minimum=1 retry_multiplier=1000
	check "after a boot" since 'Inform "1 BOOT".* retry 0'
	check "it is tried again" since 'Inform "1 BOOT".* retry 1'
	box_kill
	mark
	daemon retry_minimum=1 retry_multiplier=1000
	check "also by a new process" since 'Inform .*"1 BOOT"'
	acs behaviour off >/dev/null
	session 10 "1 BOOT"
	inform
	check "until it was delivered" events "2 PERIODIC"
	box_kill
	new_boot_id # pulled plug
	start
	check "and at the next boot" events "1 BOOT"
}

row_EVT_03() {
	virtual_time
	start periodic_interval=600 retry_minimum=60
	inform
	acs behaviour status 503 >/dev/null
	mark
	forward 601
	check "it is due" since 'Inform "2 PERIODIC"'
	box_log 'session failed'
	forward 601
	forward 601
	box_idle
	check "a reboot in between" box_reboot
	acs behaviour off >/dev/null
	daemon periodic_interval=600
	session 10
	check "one for all, beside the boot" events "1 BOOT" "2 PERIODIC"
}

row_EVT_04() {
	virtual_time
	start
	check "an order" rpc ScheduleInform delay=600 key=s1
	acs behaviour status 503 >/dev/null
	mark
	forward 601
	check "its event, with the order's" since 'Inform "3 SCHEDULED", "M ScheduleInform:s1"'
	box_log 'session failed'
	box_idle
	box_kill
	new_boot_id
	acs behaviour off >/dev/null
	start
	check "are kept over a power cut" events "1 BOOT" "3 SCHEDULED" "M ScheduleInform:s1"
	inform
	check "and told once" events "2 PERIODIC"
}

own_plugin() {
	[ -d "$BOX" ] || box_new
	ln -s "$build/tests/daemon/.libs/own.so" "$BOX/plugins/own.so"
	echo 'enabled = true' >"$BOX/plugins.d/60-own.conf"
}

row_EVT_11() {
	policy=Device.ManagementServer.AutonomousTransferCompletePolicy
	own_plugin
	start retry_minimum=1
	a_file
	head -c 300 /dev/zero >"$WORK/files/file"
	check "the ACS wants to hear of them" put "$policy.Enable=xsd:boolean:true" "$policy.ResultTypeFilter=Both" "$policy.TransferTypeFilter=Both"
	calm
	acs files http drip 16 60 times=1 >/dev/null
	check "a transfer of the box's own" rpc X_TR069CLIENT_Own Direction=Download FileType='"3 Vendor Configuration File"' URL="$FILE"
	box_idle
	acs behaviour status 503 times=1 >/dev/null
	mark
	since '503'
	box_log 'session failed'
	box_idle
	box_kill
	new_boot_id
	acs behaviour off >/dev/null
	start
	check "kept over a failed session and a power cut" events "1 BOOT" "10 AUTONOMOUS TRANSFER COMPLETE"
	check "with its report" transcript '<- AutonomousTransferComplete'
	inform
	check "told once" events "2 PERIODIC"
}

row_EVT_17() {
	virtual_time
	start
	check "an order" rpc ScheduleInform delay=600 key=s1
	check "another" rpc ScheduleInform delay=600 key=s2
	check "of the same key" rpc ScheduleInform delay=600 key=s2
	check "and one that is later" rpc ScheduleInform delay=6000 key=s3
	forward 605
	session 5
	calm
	check "one entry for each" test "$(grep -o 'M ScheduleInform:s[12]"' "$WORK/transcript" | wc -l)" -eq 3
	forward 6000
	session 5
	check "the later one" events "3 SCHEDULED" "M ScheduleInform:s3"
}

row_EVT_05() {
	start retry_minimum=1
	check "a notification" rpc SetParameterAttributes Device.Time.NTPServer1 notification=2
	check "a change" box_ctl set Device.Time.NTPServer1 one
	session 5
	check "makes the event" events "4 VALUE CHANGE"
	check "with the value" informed Device.Time.NTPServer1 '^one$'
	inform
	check "once" events "2 PERIODIC"
	check "and no value" not_there Device.Time.NTPServer1
	acs behaviour status 503 times=1 >/dev/null
	mark
	check "a change whose Inform fails" box_ctl set Device.Time.NTPServer1 two
	since '503'
	session 10
	check "is told again" events "4 VALUE CHANGE"
	check "with the value" informed Device.Time.NTPServer1 '^two$'
	acs behaviour status 503 times=1 >/dev/null
	mark
	check "before a reboot" box_ctl set Device.Time.NTPServer1 three
	since '503'
	box_log 'session failed.*retry 1'
	box_kill
	new_boot_id
	start
	check "event and value stay, or go, together" together
}
not_there() {
	acs last-inform >"$WORK/inform"
	! grep "^$1	" "$WORK/inform"
}
together() {
	acs last-inform >"$WORK/inform"
	if grep -q '^4 VALUE CHANGE$' "$WORK/session"; then
		grep -q 'NTPServer1	.*three' "$WORK/inform"
	else
		! grep -q NTPServer1 "$WORK/inform"
	fi
}

row_EVT_07() {
	start retry_minimum=4 retry_multiplier=1000
	acs behaviour status 503 times=1 >/dev/null
	mark
	check "a connection request" acs connection-request
	check "is in its Inform" since 'Inform "6 CONNECTION REQUEST"'
	check "and not tried again for its own sake" box_log 'session failed.*nothing is left to report'
	check "no retry is due" no_retry
	inform
	check "nor told by the next one" events "2 PERIODIC"
	acs behaviour status 503 times=2 >/dev/null
	mark
	box_ctl set Device.DeviceInfo.ProvisioningCode local >/dev/null
	since '503'
	acs connection-request >/dev/null
	check "with another event" since 'Inform "4 VALUE CHANGE", "6 CONNECTION REQUEST"'
	session 10
	check "only that one is tried again" events "4 VALUE CHANGE"
}
no_retry() { ! box_ctl status | grep '^next retry: in'; }

row_EVT_08() {
	start
	a_file
	check "a transfer" download d1
	session 10 "7 TRANSFER COMPLETE"
	FILE=${ACS%/acs}/files/none
	check "another" download d2 delay=1
	box_idle
	acs behaviour status 503 >/dev/null
	mark
	since '503'
	for n in 1 2 3; do
		box_idle # its failure is written down, which the ACS judges by
		box_kill
		mark
		[ "$n" -ne 2 ] || new_boot_id
		daemon retry_minimum=1
		since 503
	done
	acs behaviour off >/dev/null
	session 10 "7 TRANSFER COMPLETE"
	check "with its M Download" grep -q 'M Download:d2' "$WORK/session"
	box_kill
	start
	check "once" sh -c "! grep TRANSFER '$WORK/session'"
}

ping() { # ping HOST: ordered by the ACS
	acs rpc now SetParameterValues Device.IP.Diagnostics.IPPing.Host="$1" \
		Device.IP.Diagnostics.IPPing.DiagnosticsState=Requested
}

row_EVT_09() {
	start retry_minimum=600
	check "a diagnostic" ping 127.0.0.1
	session 20 "8 DIAGNOSTICS COMPLETE"
	check "its end is told" events "8 DIAGNOSTICS COMPLETE"
	check "one that cannot succeed" ping no-such-host.invalid
	session 60 "8 DIAGNOSTICS COMPLETE"
	check "is told too" events "8 DIAGNOSTICS COMPLETE"
	inform
	check "once" events "2 PERIODIC"
	acs linger 0.3 >/dev/null
	check "another" ping 127.0.0.1
	acs linger 0 >/dev/null
	acs behaviour status 503 times=1 >/dev/null
	mark
	since 'Inform "8 DIAGNOSTICS COMPLETE".*retry 0'
	box_log 'session failed'
	box_idle
	box_ctl inform >/dev/null
	session 10 "8 DIAGNOSTICS COMPLETE"
	check "it is kept until it was delivered" transcript 'Inform .*"8 DIAGNOSTICS COMPLETE".* retry 1'
}

row_EVT_14() {
	. "$top/tests/conformance/standby.sh"
	virtual_time
	start standby=true retry_minimum=600 periodic_enable=false
	calm
	suspend 5000
	check "by default a box that woke up says nothing" no_session 0.3
	row=Device.ManagementServer.InformParameter.1
	check "a parameter" rpc AddObject Device.ManagementServer.InformParameter.
	check "goes with the event" put "$row.ParameterName=Device.DeviceInfo.UpTime" "$row.EventList=\"13 WAKEUP\"" \
		"$row.Enable=xsd:boolean:1"
	check "a limit" sleep_policy CRUnawarenessMaxDuration=xsd:int:100
	suspend 95
	check "a shorter sleep is none of its business" no_session 0.3
	suspend 105
	session 20
	check "a longer one is" events "13 WAKEUP"
	check "and brings the parameter" informed Device.DeviceInfo.UpTime '^[0-9]'
	check "the platform may sleep" may_sleep
	forward 105
	check "without a suspend" no_session 0.3
	check "and says when it wakes up" box_ctl wakeup
	session 20
	check "which is the same" events "13 WAKEUP"
	check "and once" box_ctl wakeup
	check "is enough" no_session 0.3
	acs behaviour status 503 times=1 >/dev/null
	mark
	suspend 200
	check "it is tried" since 'Inform "13 WAKEUP".* retry 0'
	box_log 'session failed'
	box_idle
	box_ctl inform >/dev/null
	session 20
	check "again, until it was delivered" events "13 WAKEUP" "2 PERIODIC"
	inform
	check "and then no more" events "2 PERIODIC"
	check "false" sleep_policy CRUnawarenessMaxDuration=xsd:int:-1
	suspend 100000
	check "ends it" no_session 0.3
	box_stop
	start standby=true standby_reachable=true periodic_enable=false
	check "a box that can be reached while it sleeps" sleep_policy CRUnawarenessMaxDuration=xsd:int:0
	suspend 1000
	check "has nothing to say" no_session 0.3
	check "unless it slept otherwise" may_sleep
	suspend 1000
	session 20
	check "once" events "13 WAKEUP"
}

beats() { # beats NAME=VALUE...: the ACS sets HeartbeatPolicy
	arguments=''
	for argument in "$@"; do
		arguments="$arguments Device.ManagementServer.HeartbeatPolicy.$argument"
	done
	# shellcheck disable=SC2086 # no blanks
	put $arguments && calm
}

row_EVT_15() {
	virtual_time
	start retry_minimum=1200 answer_timeout=3600 periodic_enable=false
	check "heartbeats" beats Enable=xsd:boolean:true ReportingInterval=xsd:unsignedInt:600 \
		"InitiationTime=xsd:dateTime:$(in_utc $(($(date +%s) + 300)))"
	forward 302
	session 20
	check "come" events "14 HEARTBEAT"
	forward 600
	session 20
	check "and come" events "14 HEARTBEAT"
	acs behaviour status 503 times=1 >/dev/null
	mark
	forward 600
	check "one that fails" since 'Inform "14 HEARTBEAT"'
	box_log 'session failed.*nothing is left to report'
	check "is not tried again" no_retry
	forward 600
	session 20
	check "the next one is another" events "14 HEARTBEAT"
	acs behaviour delay 2 times=1 >/dev/null
	mark
	check "with other news" box_ctl inform
	since '<- Inform "2 PERIODIC"'
	forward_meanwhile 600
	session 20
	session 20
	check "it stays alone" events "14 HEARTBEAT"
	calm
	acs behaviour status 503 times=1 >/dev/null
	mark
	check "a session" box_ctl inform
	since '503'
	box_log 'session failed.*retry 1'
	box_idle
	forward 700
	check "that waits for its retry waits as before" no_session 0.5
	forward 1800
	session 20
	check "until that comes" events "2 PERIODIC"
}
row_EVT_16() {
	start
	check "an order" rpc Reboot key=order-1
	box_log 'action reboot'
	box_reboot
	acs behaviour status 503 >/dev/null
	mark
	daemon
	check "the boot tells it" since 'Inform "1 BOOT", "M Reboot:order-1"'
	box_log 'session failed'
	box_idle
	box_kill
	new_boot_id # a power cut while it waits
	acs behaviour off >/dev/null
	start
	check "kept over another boot" events "1 BOOT" "M Reboot:order-1"
	inform
	check "told once" events "2 PERIODIC"
}

row_EVT_18() {
	start retry_minimum=1
	a_file
	check "one" download d1 delay=1
	check "and another" download d2 delay=1
	for key in d1 d2; do
		since "<- TransferComplete CommandKey=$key"
	done
	calm
	for key in d1 d2; do
		check "$key: one event" transcript "Inform .*M Download:$key"
		check "$key: one TransferComplete" test "$(grep -c "<- TransferComplete CommandKey=$key" "$WORK/transcript")" -eq 1
	done
	check "a third" download d3 delay=1
	box_idle
	acs behaviour status 503 times=1 >/dev/null
	mark
	since '503'
	box_idle
	box_kill
	start
	check "is kept over a crash" grep -q 'M Download:d3' "$WORK/session"
}

row_EVT_20() {
	own_plugin
	start
	mark
	check "an event of the vendor's" rpc X_TR069CLIENT_OwnEvent Code='"X 0A1B2C Remote lost"' CommandKey=""
	check "is told" since 'Inform "X 0A1B2C Remote lost"'
	check "one of a method of the vendor's" rpc X_TR069CLIENT_OwnEvent Code='"M X_TR069CLIENT_Own"' CommandKey=k
	check "is told, too" since 'Inform "M X_TR069CLIENT_Own:k"'
	calm
	for code in '"15 REMOTE LOST"' '"X"' '"REMOTE LOST"' '"M Own"' '"M X_"' '""'; do
		check "$code is none" faults 9003 X_TR069CLIENT_OwnEvent Code="$code" CommandKey=""
	done
}

row_EVT_21() {
	play <<-'END'
		session within 20
		  expect events "0 BOOTSTRAP" "1 BOOT"
		  GetParameterValues Device.DeviceInfo.
		  http status 500
		connection-request
		session within 20
		  expect events "6 CONNECTION REQUEST"
		  answer
		  http garbage
		connection-request
		session within 20
		  expect events "6 CONNECTION REQUEST"
	END
}

row_EVT_22() {
	passed=$((passed + 1))
	KILL_SEED=7 "$top/tests/daemon/test_kill.sh" --sessions 25
}

row_EVT_12() {
	units
	slow
	check "an order" change d1 "$(install one.zip)"
	kept_until_told "11 DU STATE CHANGE COMPLETE" "M ChangeDUState:d1"
}

row_EVT_13() {
	units
	policy
	slow
	own Install "$(url_of one.zip)" ''
	kept_until_told "12 AUTONOMOUS DU STATE CHANGE COMPLETE"
}

row_EVT_19() {
	units
	check "two orders" change d1 "$(install one.zip)"
	check "one after the other" change d2 "$(uninstall "$uuid_b")"
	check "the first is told" told d1
	check "the second, too" told d2
	check "each with its event" transcript '<- Inform.*M ChangeDUState:d1'
	check "of its own key" transcript '<- Inform.*M ChangeDUState:d2'
	inform
	check "and never again" events "2 PERIODIC"
}
