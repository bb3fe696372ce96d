# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# ALI: aliases and wildcards
. "$top/tests/conformance/tables.sh"

row_ALI_01() {
	start
	check "in the first Inform" informed Device.ManagementServer.AliasBasedAddressing '^true$'
	inform
	check "and in another one" informed Device.ManagementServer.AliasBasedAddressing '^true$'
	check "InstanceMode" value Device.ManagementServer.InstanceMode InstanceNumber
	check "AutoCreateInstances" value Device.ManagementServer.AutoCreateInstances false
	check "can be set" put Device.ManagementServer.InstanceMode=InstanceAlias Device.ManagementServer.AutoCreateInstances=xsd:boolean:true
	check "to what there is" faults 9003 SetParameterValues Device.ManagementServer.InstanceMode=Other
	box_kill
	daemon
	session 20
	check "and is kept" value Device.ManagementServer.InstanceMode InstanceAlias
}

row_ALI_02() {
	tables
	play <<-END
		session within 20
		  AddObject ${R}[wan]. key=a
		  AddObject ${R}[wan].Sub.[main]. key=a
		  AddObject ${R}[wan].Sub. key=a
		  SetParameterValues ${R}[wan].Sub.[main].Name=a ${R}1.Sub.[cpe-2].Name=b ${R}[wan].Name=c key=a
		  GetParameterValues ${R}1.
		  expect value ${R}1.Sub.1.Name = a
		  expect value ${R}1.Sub.2.Name = b
		  expect value ${R}1.Name = c
		  GetParameterValues ${R}[wan].Sub.2.Name
		  expect count = 1
		  GetParameterNames ${R}1.Sub.[main].Name false
		  expect count = 1
		  SetParameterAttributes ${R}[wan].Sub.[main].Name notification=1
		  GetParameterAttributes ${R}1.Sub.1.Name ${R}[wan].Sub.[main].
		  expect attribute ${R}1.Sub.1.Name notification=1
		  DeleteObject ${R}[wan].Sub.[main]. key=a
		  GetParameterNames ${R}1.Sub. true
		  expect count = 1
		  expect name ${R}1.Sub.2.
		  GetParameterValues ${R}[nobody].Name
		  expect fault 9005
		  GetParameterValues ${R}[].Name
		  expect fault 9005
		  GetParameterValues ${R}[wan.Name
		  expect fault 9005
		  SetParameterValues ${R}[nobody].Name=x key=a
		  expect fault 9003
		  expect parameter-fault ${R}[nobody].Name 9005
		  SetParameterValues ${R}[wan].Name=x ${R}1.Name=y key=a
		  expect fault 9003
	END
}

row_ALI_03() {
	tables
	play <<-END
		session within 20
		  AddObject ${R}[wan]. key=a
		  AddObject ${R}1.Sub.[main]. key=a
		  GetParameterValues ${R}[wan].Sub.
		  expect value ${R}[wan].Sub.1.Name = ""
		  expect count = 2
		  GetParameterNames $R true
		  expect name ${R}1.
		  SetParameterValues Device.ManagementServer.InstanceMode=InstanceAlias key=a
		  GetParameterNames $R true
		  expect name ${R}[wan]. writable
		  GetParameterNames ${R}1.Sub. false
		  expect name ${R}1.Sub.[main].Name writable
		  GetParameterValues ${R}1.Sub.
		  expect value ${R}1.Sub.[main].Name = ""
		  GetParameterAttributes ${R}[wan].Sub.1.
		  expect attribute ${R}[wan].Sub.1.Name notification=0
		  AddObject Device.ManagementServer.InformParameter.[in]. key=a
		  SetParameterValues Device.ManagementServer.InformParameter.[in].ParameterName=${R}1.Name Device.ManagementServer.InformParameter.[in].Enable=xsd:boolean:1 key=a
		  GetParameterValues Device.DeviceInfo.SupportedDataModel.
		  expect value Device.DeviceInfo.SupportedDataModel.[cpe-1].Alias = cpe-1
		connection-request
		session within 20
		  expect parameter ${R}[wan].Name
		  GetParameterValues Device.DeviceInfo.SerialNumber
	END
}

row_ALI_04() {
	tables
	play <<-END
		session within 20
		  AddObject ${R}[new]. key=good
		  expect argument InstanceNumber = 1
		  AddObject ${R}[new]. key=bad
		  expect fault 9005
		  AddObject ${R}[]. key=bad
		  expect fault 9005
		  AddObject ${R}[1st]. key=bad
		  expect fault 9005
		  AddObject ${R}[other].Sub.[x]. key=bad
		  expect fault 9005
		  AddObject Device.DeviceInfo.SupportedDataModel.[x]. key=bad
		  expect fault 9005
		  GetParameterValues ${R}1.Alias Device.ManagementServer.ParameterKey Device.X_TR069CLIENT_RowNumberOfEntries
		  expect value ${R}1.Alias = new
		  expect value Device.ManagementServer.ParameterKey = good
		  expect value Device.X_TR069CLIENT_RowNumberOfEntries = 1
	END
}

row_ALI_05() {
	tables
	play <<-END
		session within 20
		  SetParameterValues ${R}[a].Name=x key=none
		  expect fault 9003
		  expect parameter-fault ${R}[a].Name 9005
		  SetParameterValues Device.ManagementServer.AutoCreateInstances=xsd:boolean:1 key=on
		  SetParameterValues ${R}[a].Name=x ${R}[a].Sub.[s].Name=y ${O}[o].Name=z key=made
		  expect response
		  GetParameterValues ${R}1. ${O}5.
		  expect value ${R}1.Alias = a
		  expect value ${R}1.Name = x
		  expect value ${R}1.Sub.1.Name = y
		  expect value ${O}5.Alias = o
		  SetParameterValues ${R}[b].Name=x ${V}Number=xsd:int:99 key=bad
		  expect fault 9003
		  expect parameter-fault ${V}Number 9007
		  SetParameterValues ${R}[b].Name=x ${V}Broken=x key=bad
		  expect fault 9003
		  expect parameter-fault ${V}Broken 9001
		  SetParameterValues ${R}[b].Name=x ${R}[c].Name=x ${R}[d].Name=x key=bad
		  expect fault 9004
		  SetParameterValues ${R}[b].Name=waytoolongforthatname key=bad
		  expect fault 9003
		  SetParameterValues ${R}[cpe-7].Name=x key=bad
		  expect fault 9003
		  GetParameterValues Device.ManagementServer.ParameterKey Device.X_TR069CLIENT_RowNumberOfEntries
		  expect value Device.ManagementServer.ParameterKey = made
		  expect value Device.X_TR069CLIENT_RowNumberOfEntries = 1
	END
}

row_ALI_06() {
	tables
	start
	for row in 1 2; do
		rpc AddObject "$R" key=a >/dev/null
	done
	check "the CPE's own" value "${R}2.Alias" cpe-2
	check "also of rows that nobody made" value Device.DeviceInfo.SupportedDataModel.1.Alias cpe-1
	check "the ACS's" put "${R}1.Alias=mine" Device.DeviceInfo.SupportedDataModel.1.Alias=root
	check "not twice" faults 9003 SetParameterValues "${R}2.Alias=mine"
	check "not that of another row" faults 9003 SetParameterValues "${R}1.Alias=cpe-2"
	check "not empty" faults 9003 SetParameterValues "${R}1.Alias="
	check "a letter first" faults 9003 SetParameterValues "${R}1.Alias=9a"
	check "not longer than 64" faults 9003 SetParameterValues "${R}1.Alias=$(printf '%065d' 0 | tr 0 a)"
	check "64 are good" put "${R}2.Alias=$(printf '%064d' 0 | tr 0 a)"
	check "swapped" put "${R}1.Alias=two" "${R}2.Alias=mine"
	box_kill
	new_boot_id
	daemon
	session 20
	check "kept over a power cut" value "${R}1.Alias" two
	check "every one" value "${R}2.Alias" mine
	check "of rows of the box too" value Device.DeviceInfo.SupportedDataModel.1.Alias root
}

row_ALI_07() {
	tables
	play <<-END
		use-version 1.4
		session within 20
		  GetParameterValues Device.ManagementServer.InstanceWildcardsSupported
		  expect value Device.ManagementServer.InstanceWildcardsSupported = true
		  GetParameterValues ${R}*.Name
		  expect response
		  expect count = 0
		  AddObject $R key=a
		  AddObject ${R}[b]. key=a
		  AddObject ${R}2.Sub. key=a
		  GetParameterValues ${R}*.Name
		  expect count = 2
		  expect value ${R}1.Name = new
		  expect value ${R}2.Name = new
		  GetParameterValues ${R}*.Sub.*.Name ${R}*.Sub.*.Alias
		  expect count = 2
		  expect value ${R}2.Sub.1.Alias = cpe-1
		  GetParameterValues ${R}[b].Sub.*.
		  expect value ${R}[b].Sub.1.Name = ""
		  GetParameterNames ${R}*.Sub. true
		  expect count = 1
		  expect name ${R}2.Sub.1.
		  GetParameterAttributes ${R}*.Name
		  expect count = 2
		  GetParameterValues ${R}*.Nothing
		  expect fault 9005
		  GetParameterValues Device.*.
		  expect fault 9005
		  SetParameterValues ${R}*.Name=x key=a
		  expect fault 9003
		  SetParameterValues Device.ManagementServer.InstanceMode=InstanceAlias key=a
		  GetParameterValues ${R}*.Name
		  expect value ${R}[b].Name = new
	END
}

row_ALI_08() { # in a version that knows no aliases
	tables
	play <<-END
		use-version 1.2
		session within 20
		  AddObject $R key=a
		  SetParameterValues ${R}1.Alias=wan Device.ManagementServer.InstanceMode=InstanceAlias key=a
		  GetParameterValues ${R}[wan].Name
		  expect fault 9005
		  AddObject ${R}[new]. key=a
		  expect fault 9005
		  GetParameterValues ${R}*.Name
		  expect fault 9005
		  SetParameterValues ${R}[wan].Name=x key=a
		  expect fault 9003
		  expect parameter-fault ${R}[wan].Name 9005
		  GetParameterNames $R true
		  expect name ${R}1.
		use-version 1.3
		connection-request
		session within 20
		  GetParameterValues ${R}[wan].Name
		  expect value ${R}[wan].Name = new
		  GetParameterValues ${R}*.Name
		  expect fault 9005
	END
}
