# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# ADD: AddObject and DeleteObject
. "$top/tests/conformance/tables.sh"

row_ADD_01() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=k1
		  expect response
		  expect argument InstanceNumber = 1
		  expect argument Status = 0
		  GetParameterValues Device.ManagementServer.ParameterKey
		  expect value Device.ManagementServer.ParameterKey = k1
		  AddObject $O key=k2
		  expect argument InstanceNumber = 5
		  expect argument Status = 1
		  AddObject $R key=
		  expect argument InstanceNumber = 2
		  GetParameterValues Device.ManagementServer.ParameterKey
		  expect value Device.ManagementServer.ParameterKey = ""
	END
}

row_ADD_02() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  AddObject ${R}1.Sub. key=a
		  SetParameterValues ${R}1.Enable=xsd:boolean:1 ${R}1.Name=x ${R}1.Sub.1.Name=y key=a
		  SetParameterAttributes ${R}1.Name notification=1
		  AddObject $R key=a
		  GetParameterValues ${R}2.
		  expect value ${R}2.Enable = false
		  expect value ${R}2.Name = new
		  expect value ${R}2.SubNumberOfEntries = 0
		  expect count = 4
		  GetParameterAttributes ${R}2.Name
		  expect attribute ${R}2.Name notification=0
	END
}

row_ADD_03() {
	tables
	play <<-END
		session within 20
		  AddObject $O key=a
		  expect argument Status = 1
		  SetParameterValues ${O}5.Name=now key=b
		  expect argument Status = 0
		  GetParameterValues ${O}5.
		  expect value ${O}5.Name = now
		  GetParameterNames ${O} true
		  expect name ${O}5. writable
		  AddObject Device.ManagementServer.InformParameter. key=c
		  SetParameterValues Device.ManagementServer.InformParameter.1.ParameterName=Device.DeviceInfo.ModelName key=d
		  GetParameterValues Device.ManagementServer.InformParameter.1.
		  expect value Device.ManagementServer.InformParameter.1.ParameterName = Device.DeviceInfo.ModelName
	END
}

row_ADD_04() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  AddObject $R key=a
		  AddObject ${R}1.Sub. key=a
		  SetParameterValues ${R}1.Sub.1.Name=x key=a
		  GetParameterValues Device.X_TR069CLIENT_RowNumberOfEntries
		  expect value Device.X_TR069CLIENT_RowNumberOfEntries = 2
		  DeleteObject ${R}1. key=gone
		  expect argument Status = 0
		  GetParameterValues Device.X_TR069CLIENT_RowNumberOfEntries Device.ManagementServer.ParameterKey
		  expect value Device.X_TR069CLIENT_RowNumberOfEntries = 1
		  expect value Device.ManagementServer.ParameterKey = gone
		  GetParameterValues ${R}1.
		  expect fault 9005
		  GetParameterValues ${R}1.Sub.1.Name
		  expect fault 9005
		  DeleteObject ${R}1. key=b
		  expect fault 9005
		  GetParameterNames $R false
		  expect name ${R}2.
		  expect not name ${R}1.
	END
}

row_ADD_05() {
	tables
	start
	for row in 1 2; do
		rpc AddObject "$R" key=a >/dev/null
	done
	check "the last row goes" rpc DeleteObject "${R}2." key=a
	check "its number is not given again" rpc_says 'InstanceNumber	3$' AddObject "$R" key=a
	check "all go" rpc DeleteObject "${R}3." key=a
	check "every one" rpc DeleteObject "${R}1." key=a
	box_kill
	new_boot_id
	daemon
	session 20
	check "after a power cut neither" rpc_says 'InstanceNumber	4$' AddObject "$R" key=a
}

row_ADD_06() {
	tables
	start
	for row in 1 2 3; do
		rpc AddObject "$R" key=a >/dev/null
	done
	check "a row in between goes" rpc DeleteObject "${R}2." key=a
	check "one has a value" put "${R}3.Name=three"
	box_kill
	new_boot_id
	daemon
	session 20
	check "a power cut later the number is its" value "${R}3.Name" three
	check "and the other one gone" faults 9005 GetParameterValues "${R}2."
	box_stop
	sed -i 's/1\.0\.1/1.0.2/' "$BOX/build.prop"
	new_boot_id
	daemon
	session 20
	check "the box was upgraded" value Device.DeviceInfo.SoftwareVersion 1.0.2
	check "and it still is" value "${R}3.Name" three
}

row_ADD_07() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=before
		  AddObject Device.WiFi.SSID. key=x
		  expect fault 9005
		  AddObject Device.Nothing. key=x
		  expect fault 9005
		  AddObject Device.X_TR069CLIENT_Row key=x
		  expect fault 9005
		  AddObject ${R}1. key=x
		  expect fault 9005
		  AddObject Device.DeviceInfo. key=x
		  expect fault 9005
		  DeleteObject $R key=x
		  expect fault 9005
		  DeleteObject Device.X_TR069CLIENT_Row.1 key=x
		  expect fault 9005
		  DeleteObject ${R}7. key=x
		  expect fault 9005
		  DeleteObject Device.DeviceInfo. key=x
		  expect fault 9005
		  DeleteObject Device.DeviceInfo.SupportedDataModel.1. key=x
		  expect fault 9005
		  GetParameterNames $R true
		  expect count = 1
	END
}

row_ADD_08() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  AddObject $R key=a
		  AddObject $R key=a
		  AddObject $R key=a
		  expect fault 9004
		  DeleteObject ${R}2. key=a
		  AddObject $R key=a
		  expect argument InstanceNumber = 4
	END
}

row_ADD_09() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=good
		  AddObject Device.Nothing. key=bad
		  expect fault 9005
		  AddObject $O key=good
		  AddObject $O key=good
		  AddObject $O key=bad
		  expect fault 9001
		  DeleteObject ${R}9. key=bad
		  expect fault 9005
		  GetParameterValues Device.ManagementServer.ParameterKey
		  expect value Device.ManagementServer.ParameterKey = good
	END
}

row_ADD_10() {
	tables
	start
	for row in 1 2; do
		rpc AddObject "$R" key=a >/dev/null
	done
	check "references" put "${V}Reference=${R}1" "${V}References=${R}1,${R}2"
	check "somebody wants to know" rpc SetParameterAttributes "${V}Reference" notification=2
	inform
	mark
	check "the row goes" acs rpc now DeleteObject "${R}1." key=b
	check "which is a value change" since '4 VALUE CHANGE'
	drain
	check "of the reference" informed "${V}Reference" '^$'
	check "the reference is empty" value "${V}Reference" ''
	check "the list has the other one" value "${V}References" "${R}2"
	box_kill
	daemon
	session 20
	check "also after a power cut" value "${V}Reference" ''
}

row_ADD_11() {
	play <<-'END'
		session within 20
		  GetParameterNames Device.ManagementServer. true
		  expect name Device.ManagementServer.InformParameter. writable
		  AddObject Device.ManagementServer.InformParameter. key=a
		  expect argument InstanceNumber = 1
		  GetParameterValues Device.ManagementServer.
		  expect value Device.ManagementServer.InformParameterNumberOfEntries = 1
		  expect value Device.ManagementServer.InformParameter.1.Enable = false
		  DeleteObject Device.ManagementServer.InformParameter.1. key=b
	END
}
