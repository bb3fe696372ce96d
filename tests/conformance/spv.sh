# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# SPV: SetParameterValues
. "$top/tests/conformance/tables.sh"

row_SPV_01() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Number=xsd:int:1 key=one
		  expect argument Status = 0
		  SetParameterValues ${V}Number=xsd:int:2 ${V}Flag=xsd:boolean:1 ${V}Kind=Fine ${V}Text=t ${V}Time=xsd:dateTime:2026-01-02T03:04:05Z key=more
		  expect argument Status = 0
		  GetParameterValues ${V} Device.ManagementServer.ParameterKey
		  expect value ${V}Number = 2
		  expect value ${V}Flag = true
		  expect value ${V}Kind = Fine
		  expect value ${V}Text = t
		  expect value ${V}Time = 2026-01-02T03:04:05Z
		  expect value Device.ManagementServer.ParameterKey = more
	END
}

row_SPV_02() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Number=xsd:int:1 ${V}Source=xsd:int:1 key=before
		  SetParameterValues ${V}Number=xsd:int:2 ${V}Kind=Bad ${V}Text=x key=bad
		  expect fault 9003
		  SetParameterValues ${V}Number=xsd:int:2 ${V}Source=xsd:int:2 ${V}Broken=x ${V}Text=x key=bad
		  expect fault 9003
		  expect parameter-fault ${V}Broken 9001
		  SetParameterValues ${V}Text=x Device.Nothing=1 key=bad
		  expect fault 9003
		  GetParameterValues ${V} Device.ManagementServer.ParameterKey
		  expect value ${V}Number = 1
		  expect value ${V}Source = 1
		  expect value ${V}Text = ""
		  expect value ${V}Kind = Good
		  expect value Device.ManagementServer.ParameterKey = before
	END
}

row_SPV_03() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Number=xsd:int:99 ${V}Text=good ${V}Kind=Bad Device.Nothing=1 ${V}Applied=xsd:int:1 ${V}Flag=xsd:boolean:1 key=a
		  expect fault 9003
		  expect parameter-fault ${V}Number 9007
		  expect parameter-fault ${V}Kind 9007
		  expect parameter-fault Device.Nothing 9005
		  expect parameter-fault ${V}Applied 9008
		  expect xpath "count(//SetParameterValuesFault) = 4"
		  expect xpath "not(//SetParameterValuesFault[FaultString = ''])"
	END
}

row_SPV_04() {
	tables
	play <<-END
		session within 20
		  SetParameterValues Device.DeviceInfo.Nothing=x key=a
		  expect parameter-fault Device.DeviceInfo.Nothing 9005
		  SetParameterValues ${R}1.Name=x key=a
		  expect parameter-fault ${R}1.Name 9005
		  SetParameterValues ${V}Number=xsd:boolean:1 key=a
		  expect parameter-fault ${V}Number 9006
		  SetParameterValues ${V}Text=xsd:int:1 key=a
		  expect parameter-fault ${V}Text 9006
		  SetParameterValues ${V}Number=xsd:int:11 key=a
		  expect parameter-fault ${V}Number 9007
		  SetParameterValues ${V}Number=xsd:int:x key=a
		  expect parameter-fault ${V}Number 9007
		  SetParameterValues Device.DeviceInfo.SerialNumber=x key=a
		  expect parameter-fault Device.DeviceInfo.SerialNumber 9008
		  SetParameterValues Device.ManagementServer.ParameterKey=x key=a
		  expect parameter-fault Device.ManagementServer.ParameterKey 9008
	END
}

row_SPV_05() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Text=a key=first
		  GetParameterValues Device.ManagementServer.ParameterKey
		  expect value Device.ManagementServer.ParameterKey = first
		  SetParameterValues ${V}Text=a key=second
		  GetParameterValues Device.ManagementServer.ParameterKey
		  expect value Device.ManagementServer.ParameterKey = second
		  SetParameterValues ${V}Text=b key=
		  GetParameterValues Device.ManagementServer.ParameterKey
		  expect value Device.ManagementServer.ParameterKey = ""
		  SetParameterValues ${V}Text=c key=kept
	END
	box_kill
	PLAY_ACS='' play <<-'END'
		session within 20
		  expect parameter Device.ManagementServer.ParameterKey = kept
	END
}

row_SPV_06() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Low=xsd:int:30 ${V}High=xsd:int:40 key=a
		  expect response
		  SetParameterValues ${V}High=xsd:int:2 ${V}Low=xsd:int:1 key=a
		  expect response
		  SetParameterValues ${V}Low=xsd:int:6 ${V}High=xsd:int:5 key=a
		  expect fault 9003
		  expect parameter-fault ${V}High 9007
		  SetParameterValues ${V}Low=xsd:int:3 key=a
		  expect parameter-fault ${V}Low 9007
		  GetParameterValues ${V}Low ${V}High
		  expect value ${V}Low = 1
		  expect value ${V}High = 2
	END
}

row_SPV_07() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Text=a ${V}Number=xsd:int:1 ${V}Text=b key=bad
		  expect fault 9003
		  SetParameterValues ${V}Text=a ${V}Text=a key=bad
		  expect fault 9003
		  GetParameterValues ${V}Text ${V}Number Device.ManagementServer.ParameterKey
		  expect value ${V}Text = ""
		  expect value ${V}Number = 0
		  expect value Device.ManagementServer.ParameterKey = ""
	END
}

row_SPV_08() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}=x key=a
		  expect fault 9003
		  expect parameter-fault ${V} 9005
		  SetParameterValues Device.DeviceInfo.=x ${V}Text=y key=a
		  expect parameter-fault Device.DeviceInfo. 9005
		  SetParameterValues Device.DeviceInfo=x key=a
		  expect parameter-fault Device.DeviceInfo 9005
		  GetParameterValues ${V}Text
		  expect value ${V}Text = ""
	END
}

row_SPV_09() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Number=xsd:int:1 key=a
		  expect argument Status = 0
		  SetParameterValues ${V}Later=xsd:int:5 ${V}Number=xsd:int:2 key=a
		  expect argument Status = 1
		  SetParameterValues ${V}Later=xsd:int:5 key=a
		  expect argument Status = 0
		  GetParameterValues ${V}Applied ${V}Later
		  expect value ${V}Applied = 0
		  expect value ${V}Later = 5
		connection-request
		session within 20
		  GetParameterValues ${V}Applied
		  expect value ${V}Applied = 5
	END
}

row_SPV_10() {
	tables
	start
	check "values are set" put "${V}Text=kept" "${V}Number=xsd:int:3" Device.DeviceInfo.ProvisioningCode=pc \
		Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:86400
	check "one to what is its default" put "${V}Kind=Good"
	box_kill
	new_boot_id
	daemon
	session 20
	check "kept over a power cut" value "${V}Text" kept
	box_stop
	sed -i 's/1\.0\.1/1.0.2/' "$BOX/build.prop"
	new_boot_id
	daemon
	session 20
	check "the box was upgraded" value Device.DeviceInfo.SoftwareVersion 1.0.2
	check "text" value "${V}Text" kept
	check "number" value "${V}Number" 3
	check "ProvisioningCode" value Device.DeviceInfo.ProvisioningCode pc
	check "PeriodicInformInterval" value Device.ManagementServer.PeriodicInformInterval 86400
}

row_SPV_11() {
	tables
	{
		echo 'session within 20'
		for pair in 1=true 0=false true=true false=false; do
			printf '  SetParameterValues %sFlag=xsd:boolean:%s key=a\n  GetParameterValues %sFlag\n  expect value %sFlag = %s\n' \
				"$V" "${pair%=*}" "$V" "$V" "${pair#*=}"
		done
		for bad in TRUE True yes on 2 -1 '""'; do
			printf '  SetParameterValues %sFlag=xsd:boolean:%s key=a\n  expect parameter-fault %sFlag 9007\n' "$V" "$bad" "$V"
		done
	} >"$WORK/flags"
	play <"$WORK/flags"
}

row_SPV_12() {
	tables
	{
		echo 'session within 20'
		for good in Number=xsd:int:-5 Number=xsd:int:10 Unsigned=xsd:unsignedInt:0 Unsigned=xsd:unsignedInt:4294967295 \
			Text=12345678 Text=äöüäöüäö Text= Kind=Good Kind=Fine; do
			printf '  SetParameterValues %s%s key=a\n  expect argument Status = 0\n' "$V" "$good"
		done
		for bad in Number=xsd:int:-6 Number=xsd:int:11 Number=xsd:int:99999999999 Unsigned=xsd:unsignedInt:4294967296 \
			Unsigned=xsd:unsignedInt:-1 Text=123456789 Text=äöüäöüäöü Kind=good Kind=Goo Kind=Goods Kind=; do
			printf '  SetParameterValues %s%s key=a\n  expect parameter-fault %s%s 9007\n' "$V" "$bad" "$V" "${bad%%=*}"
		done
		for bad in 0 4294967296; do
			printf '  SetParameterValues Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:%s key=a\n' "$bad"
			echo '  expect parameter-fault Device.ManagementServer.PeriodicInformInterval 9007'
		done
	} >"$WORK/limits"
	play <"$WORK/limits"
}

row_SPV_13() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${V}Text="  a  b " ${V}Number="xsd:int: 7 " ${V}Flag="xsd:boolean: 1 " key=a
		  expect response
		  GetParameterValues ${V}
		  expect value ${V}Text = "  a  b "
		  expect value ${V}Number = 7
		  expect value ${V}Flag = true
		  SetParameterValues ${V}Text="   " key=a
		  GetParameterValues ${V}Text
		  expect value ${V}Text = "   "
	END
}

row_SPV_14() {
	tables
	start
	check "both are watched" rpc SetParameterAttributes "${V}Source" notification=2 "${V}Consequence" notification=2
	inform
	mark
	check "one is written" put "${V}Source=xsd:int:4"
	check "a value change is told" since '4 VALUE CHANGE'
	box_idle
	check "of what follows from it" informed "${V}Consequence" '^8$'
	check "not of what the ACS wrote" sh -c "! cut -f 1 '$WORK/inform' | grep -q -x '${V}Source'"
	mark
	calm
	check "watched alone" rpc SetParameterAttributes "${V}Consequence" notification=0
	inform
	mark
	check "it is written again" put "${V}Source=xsd:int:5"
	calm
	check "nothing is told" test "$(count_since '4 VALUE CHANGE')" -eq 0
}

row_SPV_15() {
	tables
	start
	check "a value is set and watched" put "${V}Text=same"
	check "actively" rpc SetParameterAttributes "${V}Text" notification=2
	inform
	mark
	check "written again it is well" rpc_says 'Status	0$' SetParameterValues "${V}Text=same" key=a
	calm
	inform
	check "and no change" test "$(count_since '4 VALUE CHANGE')" -eq 0
	check "nor at the box" box_ctl set "${V}Text" same
	calm
	check "of the same value" test "$(count_since '4 VALUE CHANGE')" -eq 0
}

row_SPV_16() {
	tables
	long=Device.$(printf '%0249d' 0 | tr 0 a)
	text=$(printf '%0256d' 0 | tr 0 d)
	key=$(printf '%032d' 0 | tr 0 k)
	play <<-END
		session within 20
		  SetParameterValues $long=x key=a
		  expect fault 9003
		  expect parameter-fault $long 9005
		  AddObject Device.ManagementServer.InformParameter. key=$key
		  SetParameterValues Device.ManagementServer.InformParameter.1.ParameterName=$text Device.ManagementServer.Username=$text key=$key
		  expect response
		  GetParameterValues Device.ManagementServer.InformParameter.1.ParameterName Device.ManagementServer.ParameterKey
		  expect value Device.ManagementServer.InformParameter.1.ParameterName = $text
		  expect value Device.ManagementServer.ParameterKey = $key
		  SetParameterValues Device.ManagementServer.InformParameter.1.ParameterName=${text}x key=a
		  expect parameter-fault Device.ManagementServer.InformParameter.1.ParameterName 9007
		  SetParameterValues ${V}Text=x key=${key}x
		  expect fault 9003
		  GetParameterValues ${V}Text Device.ManagementServer.ParameterKey
		  expect value ${V}Text = ""
		  expect value Device.ManagementServer.ParameterKey = $key
	END
}
