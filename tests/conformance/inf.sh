# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# INF: what an Inform says

row_INF_01() {
	mkdir "$WORK/record"
	ACS_OPTIONS="--record $WORK/record" start
	check "the box is who it is" identity
	cp "$WORK/id" "$WORK/id-before"
	box_reboot
	sed -i 's/^ro.build.version.incremental=.*/ro.build.version.incremental=2.0.0/' "$BOX/build.prop"
	start
	check "also after an upgrade" identity
	check "the same" cmp "$WORK/id-before" "$WORK/id"
	check "the OUI is six upper-case digits" grep -q -x -E 'OUI [0-9A-F]{6}' "$WORK/id"
}
identity() {
	inform=$(printf '%s\n' "$WORK"/record/*-Inform.xml | tail -n 1)
	for name in Manufacturer OUI ProductClass SerialNumber; do
		sed -n "s/.*<DeviceId>.*<$name>\([^<]*\)<\/$name>.*<\/DeviceId>.*/$name \1/p" "$inform"
	done >"$WORK/id"
	while read -r name text; do
		[ "$name" != OUI ] || name=ManufacturerOUI
		value "Device.DeviceInfo.$name" "$text" || return 1
	done <"$WORK/id"
	[ "$(wc -l <"$WORK/id")" -eq 4 ]
}

row_INF_02() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	play <<-END
		files $WORK/files
		session within 20
		  expect events "0 BOOTSTRAP" "1 BOOT"
		  Reboot key=r1
		  Reboot key=r2
	END
	box_log 'action reboot'
	box_reboot
	play <<-'END'
		session within 20
		  expect events "1 BOOT" "M Reboot:r1" "M Reboot:r2"
		  expect xpath "count(//EventStruct[not(starts-with(EventCode, 'M '))][CommandKey != '']) = 0"
		  expect xpath "count(//EventStruct[EventCode = '1 BOOT']) = 1"
	END
}

row_INF_03() {
	play <<-'END'
		session within 20
		  expect argument MaxEnvelopes = 1
	END
}

row_INF_04() {
	TZ=XXX-9:30
	export TZ
	mkdir "$WORK/record"
	PLAY_ACS="--record $WORK/record" play <<-'END'
		session within 20
		  expect argument CurrentTime =~ "^20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9:]{8}[.0-9]*\\+09:30$"
	END
	check "it is the local time" near "$(sed -n 's/.*<CurrentTime>\([^<]*\)<.*/\1/p' "$WORK"/record/*-Inform.xml | head -n 1)"
	box_stop
	TZ=UTC
	play clock_not_before=2199-01-01T00:00:00Z <<-'END'
		session within 20
		  expect argument CurrentTime = 0001-01-01T00:00:00Z
	END
}
near() {
	echo "$1"
	within -60 60 $(($(date -d "$1" +%s) - $(date +%s)))
}

row_INF_05() {
	play <<-'END'
		session within 20
		  expect retry-count = 0
		  http status 503
		session within 20
		  expect retry-count = 1
		  http cut
		session within 20
		  expect retry-count = 2
		  http garbage
		session within 30
		  expect retry-count = 3
		connection-request
		session within 5
		  expect retry-count = 0
	END
}

# The same list for every event there is to have.
row_INF_06() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	start
	acs files "$WORK/files" >/dev/null
	check "bootstrap and boot" forced
	inform
	check "periodic" forced
	acs connection-request >/dev/null
	session 10 "6 CONNECTION REQUEST"
	check "connection request" forced
	box_ctl set Device.DeviceInfo.ProvisioningCode local >/dev/null
	session 10 "4 VALUE CHANGE"
	check "value change" forced
	acs rpc now Download key=d type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/file" target=f >/dev/null
	session 10 "7 TRANSFER COMPLETE"
	check "transfer complete" forced
}
forced() {
	acs last-inform >"$WORK/inform"
	for name in RootDataModelVersion DeviceInfo.HardwareVersion DeviceInfo.SoftwareVersion DeviceInfo.ProvisioningCode \
		ManagementServer.ParameterKey ManagementServer.ConnectionRequestURL; do
		grep -q "^Device\.$name	" "$WORK/inform" || {
			echo "Device.$name is missing"
			return 1
		}
	done
}

row_INF_07() {
	play <<-'END'
		session within 20
		  expect value Device.RootDataModelVersion =~ "^2\\.[0-9]+$"
		  expect value Device.DeviceInfo.HardwareVersion = rev-b
		  expect value Device.DeviceInfo.SoftwareVersion = 1.0.1
		  expect value Device.DeviceInfo.ProvisioningCode
		  expect value Device.ManagementServer.ParameterKey = ""
		  expect value Device.ManagementServer.ConnectionRequestURL ~ http://127.0.0.1:*
	END
}

row_INF_09() {
	play root=InternetGatewayDevice:1 <<-'END'
		session within 20
		  expect value InternetGatewayDevice.DeviceSummary
		  expect value InternetGatewayDevice.DeviceInfo.SpecVersion
		  expect value InternetGatewayDevice.DeviceInfo.HardwareVersion = rev-b
		  expect value InternetGatewayDevice.DeviceInfo.SoftwareVersion = 1.0.1
		  expect value InternetGatewayDevice.DeviceInfo.ProvisioningCode
		  expect value InternetGatewayDevice.ManagementServer.ParameterKey
		  expect value InternetGatewayDevice.ManagementServer.ConnectionRequestURL ~ http://127.0.0.1:*
		  expect value InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress
	END
}

row_INF_10() {
	play <<-'END'
		session within 20
		  expect xpath "count(//ParameterValueStruct) > 6"
		  expect xpath "not(//ParameterValueStruct[Name = preceding-sibling::ParameterValueStruct/Name])"
		  expect xpath "not(//ParameterValueStruct[not(starts-with(Name, 'Device.')) or contains(Name, '{')])"
		  expect type Device.DeviceInfo.SoftwareVersion = xsd:string
		  SetParameterAttributes Device.ManagementServer.PeriodicInformInterval notification=1 Device.ManagementServer.PeriodicInformTime notification=1 Device.ManagementServer.EnableCWMP notification=1
		  GetParameterValues Device.ManagementServer.PeriodicInformInterval
		connection-request
		session within 5
	END
	mkdir -p "$WORK/two"
	box_stop
	start
	rpc SetParameterAttributes Device.ManagementServer.PeriodicInformInterval notification=1 \
		Device.ManagementServer.PeriodicInformTime notification=1 >/dev/null
	box_ctl set Device.ManagementServer.PeriodicInformInterval 4711 >/dev/null
	box_ctl set Device.ManagementServer.PeriodicInformTime 2020-01-01T00:00:00Z >/dev/null
	inform
	acs last-inform >"$WORK/inform"
	check "an unsignedInt, as it is now" grep -q 'PeriodicInformInterval	xsd:unsignedInt	4711' "$WORK/inform"
	check "a dateTime" grep -q 'PeriodicInformTime	xsd:dateTime	2020-01-01T00:00:00Z' "$WORK/inform"
}

row_INF_11() {
	start
	check "a row" rpc AddObject Device.ManagementServer.InformParameter.
	row=Device.ManagementServer.InformParameter.1
	check "for connection requests" put "$row.ParameterName=Device.Time.CurrentLocalTime" \
		"$row.EventList=\"6 CONNECTION REQUEST\"" "$row.Enable=xsd:boolean:1"
	acs connection-request >/dev/null
	session 10 "6 CONNECTION REQUEST"
	check "it is there" informed Device.Time.CurrentLocalTime '^20'
	inform
	check "and not with other events" not_informed Device.Time.CurrentLocalTime
	check "for all" put "$row.EventList=\"\""
	inform
	check "an empty list is for every Inform" informed Device.Time.CurrentLocalTime '^20'
	check "disabled" put "$row.Enable=xsd:boolean:0"
	acs connection-request >/dev/null
	session 10 "6 CONNECTION REQUEST"
	check "it is gone" not_informed Device.Time.CurrentLocalTime
}
not_informed() { ! informed "$1" ''; }

row_INF_12() {
	play acs_username=u acs_password=p <<-'END'
		auth digest u p
		session within 20
		  expect events "0 BOOTSTRAP" "1 BOOT"
		  expect retry-count = 0
		  http redirect 307 {base}/other
		  expect events "0 BOOTSTRAP" "1 BOOT"
		  expect retry-count = 0
		  expect value Device.DeviceInfo.SoftwareVersion
		  fault 8005
		  expect events "0 BOOTSTRAP" "1 BOOT"
		  expect retry-count = 0
		  expect value Device.DeviceInfo.SoftwareVersion
	END
}

# 32 scheduled Informs, 16 reboots and 16 transfers, all of them undelivered at once: 67 events.
row_INF_13() {
	virtual_time
	mkdir "$WORK/record"
	ACS_OPTIONS="--record $WORK/record" start
	n=0
	while [ $n -lt 32 ]; do
		n=$((n + 1))
		[ $n -gt 16 ] || echo "Download key=d$n type=\"3 Vendor Configuration File\" url=${ACS%/acs}/files/none target=f delay=600"
		echo "ScheduleInform delay=600 key=s$n"
	done >"$WORK/orders"
	acs linger 2 >/dev/null
	box_ctl inform >/dev/null
	while read -r line; do
		acs rpc "$line" >/dev/null || fail "refused: $line"
	done <"$WORK/orders"
	n=0
	while [ $n -lt 16 ]; do
		n=$((n + 1))
		acs rpc Reboot key=r$n >/dev/null || fail "refused: r$n"
	done
	acs linger 0 >/dev/null
	box_log 'action reboot'
	acs behaviour status 503 >/dev/null
	box_reboot
	daemon retry_minimum=600
	box_log 'session failed'
	forward 700
	tries=0
	until box_idle && [ "$(acs events | wc -l)" -ge 64 ]; do
		tries=$((tries + 1))
		[ $tries -le 20 ] || fail "there are only $(acs events | wc -l) events"
		sleep 0.3
		box_ctl inform >/dev/null
	done
	rm -f "$WORK"/record/*
	acs behaviour off >/dev/null
	box_ctl inform >/dev/null
	session 10
	session 10
	calm
	for inform in "$WORK"/record/*-Inform.xml; do
		tr '>' '\n' <"$inform" >"$WORK/lines"
		check "never more than 64 in an Inform" test "$(grep -c '^<EventStruct$' "$WORK/lines")" -le 64
	done
	for key in s1 s32 r1 r16 d1 d16; do
		check "$key is delivered, once" test "$(cat "$WORK"/record/*-Inform.xml | grep -o "<CommandKey>$key<" | wc -l)" -eq 1
	done
}

row_INF_14() {
	start
	acs last-inform >"$WORK/inform"
	url=$(awk -F '\t' '$1 ~ /ConnectionRequestURL$/ { print $NF }' "$WORK/inform")
	check "it is whole" sh -c "echo '$url' | grep -q -E '^http://127\.0\.0\.1:[0-9]+/[^ ]+\$'"
	check "it works as it stands" acs connection-request url="$url" user=cr password=crpw
	session 10 "6 CONNECTION REQUEST"
}
