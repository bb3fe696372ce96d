# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# SOA: SOAP. Every message of every row is held to the schemas and to cwmp-rules.sch by the test ACS.

SOAP='xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="http://schemas.xmlsoap.org/soap/encoding/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:c="urn:dslforum-org:cwmp-1-2"'

# xml NAME HEADERS BODY: for `raw NAME.xml`
xml() {
	printf '<?xml version="1.0" encoding="UTF-8"?>\n<e:Envelope %s><e:Header>%s</e:Header><e:Body>%s</e:Body></e:Envelope>' \
		"$SOAP" "$2" "$3" >"$WORK/$1.xml"
}
get() { # get NAME: GetParameterValues of one parameter
	printf '<c:GetParameterValues><ParameterNames n:arrayType="s:string[1]"><string>%s</string></ParameterNames></c:GetParameterValues>' "$1"
}
put_code() { # put_code XML-TEXT: SetParameterValues of ProvisioningCode
	printf '<c:SetParameterValues><ParameterList n:arrayType="c:ParameterValueStruct[1]"><ParameterValueStruct><Name>Device.DeviceInfo.ProvisioningCode</Name><Value i:type="s:string">%s</Value></ParameterValueStruct></ParameterList><ParameterKey>k</ParameterKey></c:SetParameterValues>' "$1"
}
ID='<c:ID e:mustUnderstand="1">{id}</c:ID>'
serial=Device.DeviceInfo.SerialNumber

row_SOA_01() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	play <<-END
		insist not-soap not-xml schema rules
		files $WORK/files
		session within 20
		  expect xpath "/soap:Envelope/soap:Body/cwmp:Inform"
		  GetRPCMethods
		  GetParameterNames "" 0
		  GetParameterValues Device.
		  GetParameterAttributes Device.
		  SetParameterValues Device.DeviceInfo.UpTime=xsd:unsignedInt:1 Device.None=x
		  expect fault 9003
		  AddObject Device.ManagementServer.InformParameter.
		  DeleteObject Device.ManagementServer.InformParameter.1.
		  SetParameterAttributes Device.Time.NTPServer1 notification=1
		  Download key=d type="3 Vendor Configuration File" url={base}/files/file target=f
		  expect argument Status = 1
		session within 20
		  request TransferComplete
		  expect xpath "/soap:Envelope/soap:Body/cwmp:TransferComplete"
	END
	check "they were validated" transcript 'messages are validated: schemas yes, rules yes'
}

row_SOA_02() {
	odd=' a&lt;b  {\id} "x" &#233;'
	xml one "<c:ID e:mustUnderstand=\"1\">$odd</c:ID>" "$(get $serial)"
	xml two "<c:ID e:mustUnderstand=\"1\">$odd</c:ID>" "$(get Device.None)"
	xml three '<c:ID e:mustUnderstand="1"></c:ID>' "$(get $serial)"
	play <<-'END'
		session within 20
		  raw one.xml
		  expect response
		  expect xpath "//cwmp:ID = ' a<b  {\\id} \"x\" é' or contains(//cwmp:ID, ' a<b  {')"
		  expect xpath "string-length(//cwmp:ID) = 17"
		  raw two.xml
		  expect fault 9005
		  expect xpath "string-length(//cwmp:ID) = 17"
		  raw three.xml
		  expect response
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
	END
}

row_SOA_03() {
	xml one '' "$(get $serial)"
	xml two '' "$(get Device.None)"
	play <<-'END'
		session within 20
		  raw one.xml
		  expect response
		  expect xpath "not(//cwmp:ID)"
		  raw two.xml
		  expect fault 9005
		  expect xpath "not(//cwmp:ID)"
	END
}

row_SOA_04() {
	mkdir -p "$WORK/files" "$WORK/record"
	echo x >"$WORK/files/file"
	PLAY_ACS="--record $WORK/record"
	play <<-END
		files $WORK/files
		session within 20
		  expect xpath "//cwmp:ID[@soap:mustUnderstand = '1'] != ''"
		  Download key=d type="3 Vendor Configuration File" url={base}/files/file target=f
		  expect argument Status = 1
		session within 20
		  request TransferComplete
		  expect xpath "//cwmp:ID[@soap:mustUnderstand = '1'] != ''"
	END
	for file in "$WORK"/record/*-Inform.xml "$WORK"/record/*-TransferComplete.xml; do
		sed -n 's/.*<cwmp:ID[^>]*>\([^<]*\)<.*/\1/p' "$file"
	done >"$WORK/ids"
	check "three requests" test "$(wc -l <"$WORK/ids")" -eq 3
	check "the ID of TransferComplete is another than its Inform's" test "$(sed 1d "$WORK/ids" | sort -u | wc -l)" -eq 2
	box_stop
	PLAY_ACS=''
	: >"$WORK/client.log"
	play <<-'END'
		tolerate inform-first
		session within 20
		  http body "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:c='urn:dslforum-org:cwmp-1-2'><e:Header><c:ID>not-yours</c:ID></e:Header><e:Body><c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse></e:Body></e:Envelope>"
	END
	check "an answer with another ID is noticed" box_log 'ID\|not-yours'
}

row_SOA_05() {
	cat >"$WORK/one.xml" <<-END
		<Envelope xmlns:zz="http://schemas.xmlsoap.org/soap/encoding/" xmlns="http://schemas.xmlsoap.org/soap/envelope/"
		  xmlns:q2="urn:dslforum-org:cwmp-1-2" xmlns:q1="http://www.w3.org/2001/XMLSchema">
		  <Header><a:ID xmlns:a="urn:dslforum-org:cwmp-1-2" xmlns:b="http://schemas.xmlsoap.org/soap/envelope/"
		    b:mustUnderstand='1'>{id}</a:ID></Header>
		  <Body><GetParameterValues xmlns="urn:dslforum-org:cwmp-1-2"><ParameterNames xmlns="" zz:arrayType="q1:string[1]">
		    <string>$serial</string></ParameterNames></GetParameterValues></Body></Envelope>
	END
	cat >"$WORK/two.xml" <<-END
		<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Header>
		<cwmp:ID xmlns:cwmp="urn:dslforum-org:cwmp-1-2" soap-env:mustUnderstand="1">{id}</cwmp:ID></soap-env:Header>
		<soap-env:Body soap-env:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><m:SetParameterValues
		xmlns:m="urn:dslforum-org:cwmp-1-2"><ParameterList><ParameterValueStruct xmlns:xx="http://www.w3.org/2001/XMLSchema-instance">
		<Name>Device.DeviceInfo.ProvisioningCode</Name><Value xmlns:yy="http://www.w3.org/2001/XMLSchema" xx:type="yy:string">odd</Value>
		</ParameterValueStruct></ParameterList><ParameterKey/></m:SetParameterValues></soap-env:Body></soap-env:Envelope>
	END
	play <<-'END'
		session within 20
		  raw one.xml
		  expect value Device.DeviceInfo.SerialNumber = SN0001
		  raw two.xml
		  expect argument Status = 0
		  GetParameterValues Device.DeviceInfo.ProvisioningCode
		  expect value Device.DeviceInfo.ProvisioningCode = odd
	END
}

row_SOA_06() {
	xml one "<x:Odd xmlns:x=\"urn:x\">1</x:Odd>$ID<x:Odd xmlns:x=\"urn:x\" e:mustUnderstand=\"0\"><x:More/></x:Odd>" "$(get $serial)"
	xml two "$ID<x:Odd xmlns:x=\"urn:x\" e:actor=\"urn:somebody-else\" e:mustUnderstand=\"1\">1</x:Odd>" "$(get $serial)"
	play <<-'END'
		session within 20
		  raw one.xml
		  expect value Device.DeviceInfo.SerialNumber = SN0001
		  raw two.xml
		  expect value Device.DeviceInfo.SerialNumber = SN0001
	END
}

row_SOA_07() {
	xml one "$ID<x:Odd xmlns:x=\"urn:x\" e:mustUnderstand=\"1\">1</x:Odd>" "$(put_code changed)"
	play <<-'END'
		tolerate rules
		session within 20
		  raw one.xml
		  expect fault
		  expect xpath "contains(//faultcode, 'MustUnderstand')"
		  GetParameterValues Device.DeviceInfo.ProvisioningCode
		  expect value Device.DeviceInfo.ProvisioningCode = ""
	END
}

row_SOA_08() {
	xml one "$ID" '<!-- c --><c:GetParameterValues odd="1" x:odd="2" xmlns:x="urn:x"><?pi x?><x:Before>1</x:Before><ParameterNames n:arrayType="s:string[1]"><!-- c --><string odd="1">Device.DeviceInfo.<!-- in the middle -->SerialNumber</string></ParameterNames><After><Deep/></After></c:GetParameterValues><!-- c -->'
	play <<-'END'
		session within 20
		  raw one.xml
		  expect value Device.DeviceInfo.SerialNumber = SN0001
	END
}

row_SOA_09() {
	play <<-'END'
		insist value-type
		session within 20
		  expect xpath "namespace-uri(/soap:Envelope/soap:Body/cwmp:Inform/*[1]) = ''"
		  expect xpath "count(/soap:Envelope/soap:Body/cwmp:Inform//*[namespace-uri() != '']) = 0"
		  expect xpath "contains(//ParameterList/@*[local-name() = 'arrayType'], concat('[', count(//ParameterValueStruct), ']'))"
		  expect xpath "contains(//Event/@*[local-name() = 'arrayType'], concat('[', count(//EventStruct), ']'))"
		  expect xpath "not(//Value[not(@xsi:type)])"
		  GetParameterNames Device. 0
		  expect xpath "contains(//ParameterList/@*[local-name() = 'arrayType'], concat('[', count(//ParameterInfoStruct), ']'))"
		  GetRPCMethods
		  expect xpath "contains(//MethodList/@*[local-name() = 'arrayType'], concat('string[', count(//MethodList/string), ']'))"
		  GetParameterValues Device.DeviceInfo.
		  expect xpath "not(//Value[not(@xsi:type)])"
		  GetParameterValues Device.ManagementServer.InformParameter.
		  expect xpath "contains(//ParameterList/@*[local-name() = 'arrayType'], '[0]')"
	END
}

row_SOA_10() {
	mkdir -p "$WORK/record"
	xml one "$ID" "$(put_code '<![CDATA[a<b&]]>c&#233;&lt;&#x20AC;"&apos;é')"
	PLAY_ACS="--record $WORK/record"
	play <<-'END'
		session within 20
		  raw one.xml
		  expect argument Status = 0
		  GetParameterValues Device.DeviceInfo.ProvisioningCode
		  expect value Device.DeviceInfo.ProvisioningCode = "a<b&cé<€\"'é"
		connection-request
		session within 5
		  expect value Device.DeviceInfo.ProvisioningCode = "a<b&cé<€\"'é"
	END
	check "markup is escaped" grep -q 'a&lt;b&amp;c' "$WORK"/record/*-GetParameterValuesResponse.xml
	check "what goes out is ASCII" sh -c "! LC_ALL=C grep -q '[^ -~[:space:]]' '$WORK'/record/*.xml"
}

row_SOA_11() {
	acs_start --tolerate session-broken
	acs credentials user=cr password=crpw >/dev/null
	daemon retry_minimum=1 retry_multiplier=1000
	session 20
	deep=$(printf '%02000d' 0 | sed 's/0/<x>/g') # and never closed
	closed=$deep$(printf '%02000d' 0 | sed 's/0/<\/x>/g')
	printf '<!DOCTYPE e:Envelope [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><e:Envelope %s><e:Header>%s</e:Header><e:Body>%s</e:Body></e:Envelope>' \
		"$SOAP" "$ID" "$(get '&c;')" >"$WORK/bomb.xml"
	printf '<!DOCTYPE e:Envelope SYSTEM "http://127.0.0.1:9/x.dtd"><e:Envelope %s><e:Header>%s</e:Header><e:Body>%s</e:Body></e:Envelope>' \
		"$SOAP" "$ID" "$(get $serial)" >"$WORK/dtd.xml"
	xml deep "$ID" "<c:GetParameterValues>$closed</c:GetParameterValues>"
	printf '<e:Envelope %s><e:Header>%s</e:Header><e:Body><c:GetParameterValues>%s' "$SOAP" "$ID" "$deep" >"$WORK/open.xml"
	xml whole "$ID" "$(get $serial)"
	head -c 300 "$WORK/whole.xml" >"$WORK/cut.xml"
	printf '<e:Envelope %s><e:Header>%s</e:Header><e:Body>%s</e:Body></e:Envelope> <more/>' "$SOAP" "$ID" "$(get $serial)" >"$WORK/more.xml"
	for file in bomb dtd deep open cut more; do
		answer=$(ACS_TIMEOUT=1.5 acs rpc now raw "$WORK/$file.xml" 2>&1)
		case $answer in
		*SN0001*) fail "$file: it was carried out: $answer" ;;
		esac
		check "$file: the client goes on" kill -0 "$client_pid"
		box_idle
		drain
	done
	check "and works" rpc raw "$WORK/whole.xml"
	check "without growth" awk '/VmHWM/ { print; exit $2 > 200000 }' "/proc/$client_pid/status"
}

row_SOA_12() {
	for version in 1.0 1.1 1.2; do
		fresh
		play <<-END
			insist namespace
			version $version
			session within 20
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect namespace ${version#1.}
			  GetParameterValues Device.None
			  expect fault 9005
			  expect namespace ${version#1.}
			  GetRPCMethods
			  expect namespace ${version#1.}
		END
	done
}

row_SOA_13() {
	acs_start --tolerate all
	daemon retry_minimum=600
	session 20
	fault='<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-2"><e:Body><e:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault><FaultCode>8003</FaultCode><FaultString>x</FaultString></c:Fault></detail></e:Fault></e:Body></e:Envelope>'
	response='<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-2"><e:Body><c:TransferCompleteResponse/></e:Body></e:Envelope>'
	for body in "$fault" "$response"; do
		mark
		acs behaviour body "'$body'" times=50 >/dev/null 2>&1 || acs "behaviour body \"$(printf '%s' "$body" | sed 's/"/\\"/g')\" times=50" >/dev/null
		box_ctl inform >/dev/null
		since '<- Inform'
		box_idle
		check "it ends by itself" within 1 12 "$(count_since '<- ')"
		check "and answers with no fault" test "$(count_since '<- Fault')" -eq 0
		acs behaviour off >/dev/null
	done
	drain
	inform
}

row_SOA_14() {
	xml one "$ID<c:NoMoreRequests e:mustUnderstand=\"0\">1</c:NoMoreRequests>" "$(get $serial)"
	xml two "$ID<c:NoMoreRequests>1</c:NoMoreRequests>" "$(get $serial)"
	play cwmp_version=1.0 <<-'END'
		session within 20
		  expect xpath "not(//cwmp:NoMoreRequests)"
		  raw one.xml
		  expect value Device.DeviceInfo.SerialNumber = SN0001
		  expect xpath "not(//cwmp:NoMoreRequests)"
		  raw two.xml
		  expect value Device.DeviceInfo.SerialNumber = SN0001
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
	END
}
