# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# FLT: faults of the CPE. Every fault is also held to the schema of its namespace and to cwmp-rules.sch.
# shellcheck source=tests/conformance/transfers.sh
. "$top/tests/conformance/transfers.sh"
# shellcheck source=tests/conformance/dus.sh
. "$top/tests/conformance/dus.sh"

# xml NAME BODY: for `raw NAME.xml`
xml() {
	printf '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="http://schemas.xmlsoap.org/soap/encoding/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:c="urn:dslforum-org:cwmp-1-2"><e:Header><c:ID e:mustUnderstand="1">{id}</c:ID></e:Header><e:Body>%s</e:Body></e:Envelope>' \
		"$2" >"$WORK/$1.xml"
}

row_FLT_01() {
	xml client '<c:GetParameterValues><ParameterNames n:arrayType="s:string[1]"><string>Device.None</string></ParameterNames></c:GetParameterValues>'
	xml server '<c:NoSuchThing/>'
	play <<-'END'
		session within 20
		  raw client.xml
		  expect fault 9005
		  expect xpath "count(/soap:Envelope/soap:Body/*) = 1"
		  expect xpath "/soap:Envelope/soap:Body/soap:Fault/faultcode = 'soap:Client' or //faultcode = 'Client'"
		  expect xpath "/soap:Envelope/soap:Body/soap:Fault/faultstring = 'CWMP fault'"
		  expect xpath "/soap:Envelope/soap:Body/soap:Fault/detail/cwmp:Fault/FaultCode = '9005'"
		  expect xpath "string-length(/soap:Envelope/soap:Body/soap:Fault/detail/cwmp:Fault/FaultString) > 0"
		  expect header SOAPAction = ""
		  expect header Content-Type ~ text/xml*
		  expect target = /acs
		  raw server.xml
		  expect fault 9000
		  expect xpath "/soap:Envelope/soap:Body/soap:Fault/faultcode = 'soap:Server' or //faultcode = 'Server'"
		  expect xpath "/soap:Envelope/soap:Body/soap:Fault/detail/cwmp:Fault/FaultCode = '9000'"
		  SetParameterValues Device.DeviceInfo.UpTime=xsd:unsignedInt:1
		  expect fault 9003
		  expect xpath "//cwmp:Fault/SetParameterValuesFault/ParameterName = 'Device.DeviceInfo.UpTime'"
		  expect xpath "//cwmp:Fault/SetParameterValuesFault/FaultCode = '9008'"
		  GetRPCMethods
	END
}

row_FLT_02() {
	xml case '<c:getRPCMethods/>'
	play <<-'END'
		session within 20
		  X_NOBODY_Dance step=1
		  expect fault 9000
		  SetVouchers VoucherList=x
		  expect fault 9000
		  raw case.xml
		  expect fault 9000
		  Kicked Command=x
		  expect fault 9000
		  GetRPCMethods
		  expect not name X_NOBODY_Dance
		  expect not name SetVouchers
	END
}

row_FLT_03() {
	[ -d "$BOX" ] || box_new
	ln -s "$build/tests/daemon/.libs/bad.so" "$BOX/plugins/bad.so"
	: >"$BOX/plugins.d/70-bad.conf"
	play <<-'END'
		session within 20
		  note "9001: no maker's certificate, so no firmware is taken"
		  Download key=d type="1 Firmware Upgrade Image" url={base}/files/image
		  expect fault 9001
		  note "9002: a plugin that cannot read its value"
		  GetParameterValues Device.DeviceInfo.X_TR069CLIENT_Bad
		  expect fault 9002
	END
	check "no other code of the box was used" test "$(grep -c -e 'Fault 900[0-9]' "$WORK/transcript")" -eq "$(grep -c -e 'Fault 900[12]' "$WORK/transcript")"
}

row_FLT_04() {
	long=$(printf '%033d' 0)
	xml level '<c:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>perhaps</NextLevel></c:GetParameterNames>'
	xml none '<c:GetParameterNames><ParameterPath>Device.</ParameterPath></c:GetParameterNames>'
	xml number '<c:ScheduleInform><DelaySeconds>-1</DelaySeconds><CommandKey>k</CommandKey></c:ScheduleInform>'
	xml key '<c:SetParameterValues><ParameterList n:arrayType="c:ParameterValueStruct[1]"><ParameterValueStruct><Name>Device.DeviceInfo.ProvisioningCode</Name><Value i:type="s:string">x</Value></ParameterValueStruct></ParameterList></c:SetParameterValues>'
	play <<-END
		session within 20
		  raw level.xml
		  expect fault 9003
		  raw none.xml
		  expect fault 9003
		  raw number.xml
		  expect fault 9003
		  raw key.xml
		  expect fault 9003
		  Reboot key=$long
		  expect fault 9003
		  SetParameterValues key=$long Device.DeviceInfo.ProvisioningCode=x
		  expect fault 9003
		  expect not parameter-fault * 9003
		  SetParameterValues Device.DeviceInfo.ProvisioningCode=$long$long
		  expect fault 9003
		  expect parameter-fault Device.DeviceInfo.ProvisioningCode 9007
		  GetParameterValues Device.DeviceInfo.ProvisioningCode Device.ManagementServer.ParameterKey
		  expect value Device.DeviceInfo.ProvisioningCode = ""
		  expect value Device.ManagementServer.ParameterKey = ""
	END
}

row_FLT_05() {
	{
		echo 'session within 20'
		for n in $(seq 65); do
			echo '  AddObject Device.ManagementServer.InformParameter.'
		done
		echo '  expect fault 9004'
		echo '  expect xpath "not(//SetParameterValuesFault)"'
		for n in $(seq 17); do
			echo "  Download key=d$n type=\"3 Vendor Configuration File\" url={base}/files/x delay=3600"
		done
		echo '  expect fault 9004'
		echo '  expect xpath "not(//SetParameterValuesFault)"'
	} >"$WORK/steps"
	play <"$WORK/steps"
}

row_FLT_06() {
	play <<-'END'
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber Device.None
		  expect fault 9005
		  GetParameterValues None.
		  expect fault 9005
		  GetParameterNames Device.None. 1
		  expect fault 9005
		  GetParameterAttributes Device.None
		  expect fault 9005
		  SetParameterAttributes Device.None notification=1
		  expect fault 9005
		  AddObject Device.None.
		  expect fault 9005
		  AddObject Device.DeviceInfo.
		  expect fault 9005
		  DeleteObject Device.ManagementServer.InformParameter.7.
		  expect fault 9005
		  SetParameterValues Device.None=x
		  expect fault 9003
		  expect parameter-fault Device.None 9005
		  SetParameterValues Device.DeviceInfo.=x
		  expect fault 9003
		  expect parameter-fault Device.DeviceInfo. 9005
	END
}

row_FLT_07() {
	play <<-'END'
		session within 20
		  SetParameterValues Device.ManagementServer.PeriodicInformInterval=xsd:boolean:true
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.PeriodicInformInterval 9006
		  SetParameterValues Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:0
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.PeriodicInformInterval 9007
		  SetParameterValues Device.DeviceInfo.SerialNumber=x
		  expect fault 9003
		  expect parameter-fault Device.DeviceInfo.SerialNumber 9008
		  note "all of one request"
		  SetParameterValues Device.ManagementServer.PeriodicInformEnable=xsd:int:1 Device.DeviceInfo.UpTime=xsd:unsignedInt:1 Device.DeviceInfo.ProvisioningCode=good Device.ManagementServer.PeriodicInformTime=xsd:dateTime:yesterday
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.PeriodicInformEnable 9006
		  expect parameter-fault Device.DeviceInfo.UpTime 9008
		  expect parameter-fault Device.ManagementServer.PeriodicInformTime 9007
		  expect xpath "count(//SetParameterValuesFault) = 3"
	END
}

row_FLT_08() {
	play <<-'END'
		session within 20
		  note "values that change all the time"
		  SetParameterAttributes Device.DeviceInfo.UpTime notification=2
		  expect fault 9009
		  SetParameterAttributes Device.Time.CurrentLocalTime notification=2
		  expect fault 9009
		  note "nor is anything else of that request done"
		  SetParameterAttributes Device.Time.NTPServer1 notification=2 Device.DeviceInfo.UpTime notification=2
		  expect fault 9009
		  GetParameterAttributes Device.Time.NTPServer1 Device.DeviceInfo.UpTime
		  expect attribute Device.Time.NTPServer1 notification=0
		  expect attribute Device.DeviceInfo.UpTime notification=0
		  SetParameterAttributes Device.Time.NTPServer1 notification=2
		  expect response
	END
}

row_FLT_09() {
	transfers
	mkdir "$BOX/download/d1"
	check "a file that cannot be put where it belongs" get d1 file
	check "ends with 9010" ended d1 9010
	acs files http status 507 times=1 >/dev/null
	check "an upload that the server does not take" rpc Upload key=u1 type='"2 Vendor Log File"' url="${ACS%/acs}/put/u1"
	check "ends with 9011" ended u1 9011
}

row_FLT_10() {
	transfers
	acs files-auth digest fu fp >/dev/null
	check "without credentials" get d1 file
	check "9012" ended d1 9012
	check "with wrong ones" get d2 file user=fu password=wrong
	check "9012" ended d2 9012
	check "with the right ones" get d3 file user=fu password=fp
	check "it comes" ended d3 0
}

row_FLT_11() {
	transfers
	for scheme in ftp sftp tftp rtp x; do
		check "$scheme is refused in the answer" faults 9013 Download key=d type="$file_type" url=$scheme://127.0.0.1/file
	done
	check "so is an upload" faults 9013 Upload key=u type='"2 Vendor Log File"' url=ftp://127.0.0.1/file
	check "and a scheduled one" faults 9013 ScheduleDownload key=s type="$file_type" url=ftp://127.0.0.1/file window='"0,60,2 Immediately,0"'
	check "nothing is queued" in_queue 0
	check "nothing was reported" transcript_not '<- TransferComplete'
}

row_FLT_13() {
	transfers stall_timeout=1 download_resumes=0
	check "a server that is not there" rpc Download key=d15 type="$file_type" url=http://127.0.0.1:1/file target=x
	check "9015" ended d15 9015
	check "a file that is not there" get d16 none
	check "9016" ended d16 9016
	acs files http cut-after 1 times=1 >/dev/null
	check "one that breaks off" get d17 file
	check "9017" ended d17 9017
	version=3.0.0
	image good
	printf x | dd of="$WORK/files/good" bs=1 seek=1000 conv=notrunc 2>/dev/null
	check "an image that is damaged" upgrade d18 good
	check "9018" ended d18 9018
	make_key stranger
	unsigned raw a=1
	sign stranger "$WORK/files/raw" "$WORK/files/foreign"
	check "an image of somebody else" upgrade d19 foreign
	check "9019" ended d19 9019
}

row_FLT_14() {
	virtual_time
	transfers platform-linux.idle=/bin/false
	check "one that waits for the box to be idle" rpc ScheduleDownload key=s1 type="$file_type" url="$FILES/file" target=s window='"0,60,3 When Idle,0"'
	forward 70
	check "is not done in its window: 9020" ended s1 9020
	box_stop
	fresh
	acs_stop
	play retry_minimum=1 <<-END
		files $WORK/files
		session within 20
		  Download key=d1 type="3 Vendor Configuration File" url={base}/files/file target=d1
		session within 20
		  request TransferComplete
		  fault 8002
		  note "it has ended, and is not acknowledged"
		  CancelTransfer key=d1
		  expect fault 9021
		  GetQueuedTransfers
		  expect xpath "//QueuedTransferStruct[CommandKey='d1']/State = '3'"
		session within 20
		  request TransferComplete
	END
}

row_FLT_16() {
	play <<-'END'
		session within 20
		  SetParameterValues key=k1 Device.DeviceInfo.ProvisioningCode=before
		  note "one bad value of three"
		  SetParameterValues key=k2 Device.DeviceInfo.ProvisioningCode=after Device.Time.NTPServer1=after Device.Time.Enable=xsd:boolean:maybe
		  expect fault 9003
		  SetParameterAttributes Device.Time.NTPServer1 notification=2 Device.None notification=2
		  expect fault 9005
		  AddObject key=k3 Device.None.
		  expect fault 9005
		  DeleteObject key=k4 Device.None.1.
		  expect fault 9005
		  Download key=d type="3 Vendor Configuration File" url=ftp://127.0.0.1/x delay=60
		  expect fault 9013
		  ScheduleInform delay=0 key=x
		  expect fault 9003
		  GetParameterValues Device.DeviceInfo.ProvisioningCode Device.Time.NTPServer1 Device.ManagementServer.ParameterKey Device.ManagementServer.InformParameterNumberOfEntries
		  expect value Device.DeviceInfo.ProvisioningCode = before
		  expect value Device.Time.NTPServer1 = ""
		  expect value Device.ManagementServer.ParameterKey = k1
		  expect value Device.ManagementServer.InformParameterNumberOfEntries = 0
		  GetParameterAttributes Device.Time.NTPServer1
		  expect attribute Device.Time.NTPServer1 notification=0
		  GetAllQueuedTransfers
		  expect xpath "count(//AllQueuedTransferStruct) = 0"
		quiet 1
	END
}

row_FLT_15() {
	row_DUS_03
}
