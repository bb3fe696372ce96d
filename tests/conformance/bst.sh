# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# BST: bootstrap

row_BST_01() {
	play <<-'END'
		session within 20
		  expect event "0 BOOTSTRAP"
		  expect retry-count = 0
	END
}

row_BST_02() {
	start
	inform
	check "no bootstrap any more" events "2 PERIODIC"
	check "FactoryReset" rpc FactoryReset
	check "is carried out" box_log 'action factory-reset'
	box_reboot
	start
	check "a bootstrap follows" events "0 BOOTSTRAP" "1 BOOT"
	box_stop
	# what somebody at the box does: the state is wiped
	rm -rf "$BOX/state" "$BOX/spool"
	new_boot_id
	start
	check "and one after a local reset" events "0 BOOTSTRAP" "1 BOOT"
}

row_BST_03() {
	second_acs
	start
	check "the ACS sets another URL" put "Device.ManagementServer.URL=$ACS2"
	check "the new one is told of a bootstrap" second wait-session 60 '"0 BOOTSTRAP"'
	box_idle
	check "somebody at the box sets it back" box_ctl set Device.ManagementServer.URL "$ACS"
	session 10 "0 BOOTSTRAP"
	box_stop
	acs url >/dev/null
	home=$ACS ACS=$ACS2
	daemon
	check "the firmware brings another one" second wait-session 60 '"0 BOOTSTRAP"'
	ACS=$home
}

row_BST_04() {
	start
	box_reboot
	start
	check "no bootstrap after a reboot" events "1 BOOT"
	second_acs
	mark
	acs behaviour moved 307 "$ACS2" times=1 >/dev/null
	check "a session" box_ctl inform
	check "is redirected" second wait-session 60
	box_idle
	check "without a bootstrap there" sh -c "! grep BOOTSTRAP '$WORK/transcript2'"
	inform
	check "nor when it is back" events "2 PERIODIC"
	box_kill # the name of the ACS has another address now, and is the same ACS
	acs_stop
	TR069_LISTEN=0.0.0.0 acs_start
	ACS=http://acs.test:${ACS##*:}
	names '127.0.0.1 acs.test'
	daemon connection_request_host=127.0.0.1
	session 10 "0 BOOTSTRAP"
	box_stop
	names '127.0.0.2 acs.test'
	daemon connection_request_host=127.0.0.1
	session 10
	check "the same name is the same ACS" events "2 PERIODIC"
}

row_BST_05() {
	start
	check "both in one Inform" events "0 BOOTSTRAP" "1 BOOT"
	check "and in the first" transcript '#1 .*<- Inform "0 BOOTSTRAP", "1 BOOT"'
}

row_BST_06() {
	acs_start --tolerate session-broken
	acs behaviour status 503 >/dev/null
	daemon retry_minimum=1 retry_multiplier=1000
	check "a first Inform" since 'Inform "0 BOOTSTRAP", "1 BOOT"'
	box_log 'session failed'
	mark
	check "the retry has it too" since 'Inform "0 BOOTSTRAP", "1 BOOT" .*retry 1'
	box_kill
	new_boot_id
	mark
	daemon retry_minimum=1 retry_multiplier=1000
	check "and the Inform after a reboot" since 'Inform "0 BOOTSTRAP", "1 BOOT"'
	acs behaviour off >/dev/null
	session 10 "0 BOOTSTRAP"
	inform
	check "until it was answered" events "2 PERIODIC"
}

row_BST_07() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	second_acs
	ACS_OPTIONS='--tolerate session-broken' start retry_minimum=5
	acs files "$WORK/files" >/dev/null
	check "a reboot is ordered" rpc Reboot key=r1
	box_log 'action reboot'
	acs behaviour status 503 times=100 >/dev/null
	box_reboot
	daemon
	check "its event waits" since 'Inform .*M Reboot:r1.*retry'
	box_log 'session failed'
	check "a value changes" box_ctl set Device.DeviceInfo.ProvisioningCode local
	since 'Inform .*4 VALUE CHANGE'
	check "another ACS" box_ctl set Device.ManagementServer.URL "$ACS2"
	check "is told of a bootstrap" second wait-session 60 '"0 BOOTSTRAP"'
	second events >"$WORK/events"
	check "and of nothing else but the boot" sh -c "! grep -v -x -e '0 BOOTSTRAP' -e '1 BOOT' '$WORK/events'"
	mark
	box_idle
	check "not later either" sh -c "sleep 0.5; ! grep -e Reboot -e 'VALUE CHANGE' '$WORK/transcript2'"
}

row_BST_08() {
	play <<-'END'
		session within 20
		  expect event "0 BOOTSTRAP" "1 BOOT"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  http cut
		connection-request
		session within 20
		  expect events "6 CONNECTION REQUEST"
		  expect retry-count = 1
	END
}

row_BST_09() {
	start
	check "the ACS sets a notification" rpc SetParameterAttributes Device.Time.NTPServer1 notification=1
	check "it is set" said 'NTPServer1	1' rpc now GetParameterAttributes Device.Time.NTPServer1
	check "and a ParameterKey" put key=pk Device.DeviceInfo.ProvisioningCode=x
	check "FactoryReset" rpc FactoryReset
	box_log 'action factory-reset'
	box_reboot
	start
	check "the Inform has an empty ParameterKey" informed Device.ManagementServer.ParameterKey '^$'
	check "the notification is at its default" said 'NTPServer1	0' rpc now GetParameterAttributes Device.Time.NTPServer1
}
