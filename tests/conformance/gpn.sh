# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# GPN: GetParameterNames
. "$top/tests/conformance/tables.sh"

row_GPN_01() {
	play <<-'END'
		session within 20
		  GetParameterNames "" true
		  expect count = 1
		  expect name Device. read-only
	END
	fresh
	play root=InternetGatewayDevice:1 <<-'END'
		session within 20
		  GetParameterNames "" true
		  expect count = 1
		  expect name InternetGatewayDevice.
	END
}

row_GPN_02() {
	play <<-'END'
		session within 20
		  GetParameterNames "" false
		  expect name Device. read-only
		  expect name Device.DeviceInfo. read-only
		  expect name Device.DeviceInfo.SerialNumber read-only
		  expect name Device.ManagementServer.InformParameter. writable
		  expect name Device.DeviceInfo.SupportedDataModel.1.URL
		  expect count >= 100
	END
	fresh
	start
	rpc GetParameterNames Device. false >"$WORK/root"
	rpc GetParameterNames '""' false >"$WORK/all"
	check "the same as from the root" diff "$WORK/root" "$WORK/all"
	check "which are many" test "$(wc -l <"$WORK/all")" -ge 100
}

row_GPN_03() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  GetParameterNames ${R}1. true
		  expect count = 5
		  expect name ${R}1.Alias writable
		  expect name ${R}1.Sub. writable
		  expect not name ${R}1.
		  GetParameterNames Device. true
		  expect name Device.DeviceInfo.
		  expect name Device.RootDataModelVersion
		  expect not name Device.
		  expect not name Device.DeviceInfo.SerialNumber
	END
}

row_GPN_04() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  AddObject ${R}1.Sub. key=a
		  GetParameterNames ${R}1. false
		  expect name ${R}1.
		  expect name ${R}1.Name
		  expect name ${R}1.Sub.
		  expect name ${R}1.Sub.1.
		  expect name ${R}1.Sub.1.Name
		  expect count = 9
	END
}

row_GPN_05() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  AddObject $R key=a
		  DeleteObject ${R}1. key=a
		  AddObject $R key=a
		  GetParameterNames $R true
		  expect count = 2
		  expect name ${R}2. writable
		  expect name ${R}3. writable
		  GetParameterNames "" false
		  expect not name *{i}*
	END
}

row_GPN_06() {
	tables
	play <<-END
		session within 20
		  GetParameterNames $R true
		  expect response
		  expect count = 0
		  GetParameterNames $R false
		  expect count = 1
		  expect name $R writable
		  GetParameterNames Device.WiFi.SSID. true
		  expect count = 0
	END
}

row_GPN_07() {
	play <<-'END'
		session within 20
		  GetParameterNames Device.DeviceInfo.SerialNumber false
		  expect count = 1
		  expect name Device.DeviceInfo.SerialNumber read-only
		  GetParameterNames Device.DeviceInfo.ProvisioningCode 0
		  expect count = 1
		  expect name Device.DeviceInfo.ProvisioningCode writable
	END
}

row_GPN_08() {
	play <<-'END'
		session within 20
		  GetParameterNames Device.DeviceInfo.SerialNumber true
		  expect fault 9003
	END
}

row_GPN_09() {
	tables
	play <<-END
		session within 20
		  GetParameterNames Device.Nothing. false
		  expect fault 9005
		  GetParameterNames Device.DeviceInfo false
		  expect fault 9005
		  GetParameterNames Device.DeviceInfo true
		  expect fault 9005
		  GetParameterNames Device.DeviceInfo.Nothing false
		  expect fault 9005
		  GetParameterNames Device.DeviceInfo.Nothing true
		  expect fault 9005
		  GetParameterNames ${R}1. true
		  expect fault 9005
		  GetParameterNames ${R}{i}. true
		  expect fault 9005
		  GetParameterNames InternetGatewayDevice. true
		  expect fault 9005
		  GetParameterNames device. true
		  expect fault 9005
		  GetParameterNames .Device. true
		  expect fault 9005
	END
}

row_GPN_10() {
	tables
	play <<-END
		session within 20
		  AddObject $R key=a
		  AddObject $O key=a
		  GetParameterNames Device. false
		  expect name Device. read-only
		  expect name Device.DeviceInfo. read-only
		  expect name Device.DeviceInfo.SupportedDataModel. read-only
		  expect name Device.DeviceInfo.SupportedDataModel.1. read-only
		  expect name Device.DeviceInfo.ProvisioningCode writable
		  expect name Device.DeviceInfo.SerialNumber read-only
		  expect name Device.ManagementServer.InformParameter. writable
		  expect name $R writable
		  expect name ${R}1. writable
		  expect name ${R}1.Name writable
		  expect name ${R}1.SubNumberOfEntries read-only
		  expect name ${O}5. writable
		  expect name ${V}Applied read-only
		  expect name ${V}Secret writable
	END
}

row_GPN_11() {
	tables
	for root in Device:2 InternetGatewayDevice:1; do
		fresh
		tables
		start root=$root
		rpc AddObject "${root%%:*}.X_TR069CLIENT_Row." key=a >/dev/null
		rpc GetParameterNames "${root%%:*}." false | cut -f 1 | grep -v '\.$' | sort >"$WORK/names"
		rpc GetParameterValues "${root%%:*}." | cut -f 1 | sort >"$WORK/values"
		check "$root: there are many" test "$(wc -l <"$WORK/values")" -ge 60
		check "$root: the same names" diff "$WORK/names" "$WORK/values"
	done
}

row_GPN_12() {
	play <<-'END'
		session within 20
		  GetParameterNames Device.DeviceInfo.SupportedDataModel. 1
		  expect count = 1
		  GetParameterNames Device.DeviceInfo.SupportedDataModel. true
		  expect count = 1
		  GetParameterNames Device.DeviceInfo.SupportedDataModel. 0
		  expect count >= 6
		  GetParameterNames Device.DeviceInfo.SupportedDataModel. false
		  expect count >= 6
		  raw <<GPN
		<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><soap:Header><cwmp:ID soap:mustUnderstand="1">{id}</cwmp:ID></soap:Header><soap:Body><cwmp:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>yes</NextLevel></cwmp:GetParameterNames></soap:Body></soap:Envelope>
		GPN
		  expect fault 9003
	END
}
