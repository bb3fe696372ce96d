# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# DIA: diagnostics, with a program in place of the system's ping

# shellcheck source=tests/conformance/stb.sh
. "$top/tests/conformance/stb.sh"

PING=Device.IP.Diagnostics.IPPing
# The box's ping does what $BOX/manner says, and notes its arguments.
pings() { # pings [OPTION...]
	[ -d "$BOX" ] || box_new
	cat >"$BOX/ping" <<-END
		#!/bin/sh
		echo "\$*" >>"$BOX/pinged"
		case \$(cat "$BOX/manner" 2>/dev/null) in
		unknown) echo "ping: no.test: Name or service not known" >&2; exit 2 ;;
		hangs) exec sleep 30 ;;
		esac
		echo '3 packets transmitted, 2 received, 33% packet loss, time 2004ms'
		echo 'rtt min/avg/max/mdev = 1.250/2.500/4.000/0.100 ms'
		exit 0
	END
	chmod +x "$BOX/ping"
	start ip-ping.command="$BOX/ping" "$@"
}
order() { acs rpc now SetParameterValues "$PING.Host=box.test" "$PING.DiagnosticsState=Requested" "$@"; }
completed() { session 10 "8 DIAGNOSTICS COMPLETE"; }
running() {
	tries=0
	until [ -s "$BOX/pinged" ]; do
		tries=$((tries + 1)) && [ $tries -lt 200 ] || return 1
		sleep 0.05
	done
}

row_DIA_01() {
	pings
	acs linger 0.5 >/dev/null
	check "the inputs, and Requested" acs rpc now SetParameterValues $PING.Host=box.test $PING.NumberOfRepetitions=xsd:unsignedInt:3 \
		$PING.Timeout=xsd:unsignedInt:1000 $PING.DataBlockSize=xsd:unsignedInt:64 $PING.DSCP=xsd:unsignedInt:0 $PING.DiagnosticsState=Requested
	check "nothing happens in the session" test ! -e "$BOX/pinged"
	session 10 "6 CONNECTION REQUEST"
	acs linger 0 >/dev/null
	completed
	check "then it is told" events "8 DIAGNOSTICS COMPLETE"
	check "the program had the inputs" grep -q -x -e '-q -c 3 -W 1 -s 64 box.test' "$BOX/pinged"
	check "the state" value $PING.DiagnosticsState Complete
	check "the counts" value $PING.SuccessCount 2
	check "of both" value $PING.FailureCount 1
	check "the times" value $PING.MaximumResponseTime 4
	check "in microseconds" value $PING.MinimumResponseTimeDetailed 1250
	box_stop
	rm -rf "$BOX"
	PING=InternetGatewayDevice.IPPingDiagnostics
	pings root=InternetGatewayDevice:1
	check "the other root" order
	completed
	check "too" value $PING.SuccessCount 2
}

row_DIA_02() {
	pings
	echo unknown >"$BOX/manner"
	check "a name that nobody knows" order
	completed
	check "is told" events "8 DIAGNOSTICS COMPLETE"
	check "as such" value $PING.DiagnosticsState Error_CannotResolveHostName
	check "nothing came back" value $PING.SuccessCount 0
	box_stop
	start ip-ping.command="$BOX/none"
	check "no program" order
	completed
	check "is told" events "8 DIAGNOSTICS COMPLETE"
	check "as such" value $PING.DiagnosticsState Error_Internal
}

row_DIA_03() {
	pings
	echo hangs >"$BOX/manner"
	check "an order" order
	running
	check "it runs" value $PING.DiagnosticsState Requested
	check "another input" put "$PING.NumberOfRepetitions=xsd:unsignedInt:5"
	check "ends it" value $PING.DiagnosticsState None
	check "also the program" sh -c "! pgrep -f '^sleep 30$' -P $client_pid"
	check "without an event" no_session 0.5
	rm "$BOX/manner"
	check "the next order" order
	completed
	check "has its own" value $PING.DiagnosticsState Complete
}

row_DIA_04() {
	pings
	for state in Complete None Error_Other Nonsense; do
		check "$state cannot be written" faults 9003 SetParameterValues "$PING.DiagnosticsState=$state"
		check "9007" grep -q 9007 "$WORK/fault"
	done
	check "nothing runs" test ! -e "$BOX/pinged"
	echo hangs >"$BOX/manner"
	check "an order" order
	running
	check "can be canceled" put $PING.DiagnosticsState=Canceled
	check "it ends" value $PING.DiagnosticsState None
	check "without an event" no_session 0.5
}

row_DIA_06() {
	pings
	check "an order" order
	completed
	inform
	check "the result stays" value $PING.SuccessCount 2
	echo unknown >"$BOX/manner"
	check "until the next" order
	completed
	check "run" value $PING.SuccessCount 0
	rm "$BOX/manner"
	check "that of another" order
	completed
	check "stays" value $PING.SuccessCount 2
	box_reboot
	start ip-ping.command="$BOX/ping"
	check "until a reboot" value $PING.DiagnosticsState None
	check "after which there is none" value $PING.SuccessCount 0
}

# DIA-05: every other diagnostic the same way. A line names a function, which says of one:
#   plugin, object, igd_object   its names; an igd_object that is empty: this root does not have it
#   options                      of the daemon
#   good, results                inputs of a run that ends well; what then is there
#   bad, bad_state               inputs of one that does not, and how it ends
#   slow                         inputs of one that would not end for long
#   input                        another input
#   igd_good, igd_results        where they are others with the other root
#   igd_complete                 what the other root calls a run that ended well
#   also                         a function that looks at the results once more
# Inputs and results are words NAME=VALUE (NAME=xsd:TYPE:VALUE of an input).
diagnostics() {
	cat <<-END
		trace_route
		ns_lookup
		download_test
		upload_test
	END
}

trace_route() {
	plugin=trace-route object=Device.IP.Diagnostics.TraceRoute igd_object=InternetGatewayDevice.TraceRouteDiagnostics
	names '127.0.0.1 box.test' '127.0.0.1 slow.test'
	cat >"$BOX/traceroute" <<-'END'
		#!/bin/sh
		case "$*" in *slow.test*) exec sleep 30 ;; esac
		# to ports that the kernel gives to nobody: a socket there would swallow a probe
		command -v traceroute >/dev/null && exec traceroute -n -p 30000 "$@"
		case "$*" in *nobody.test*) echo 'nobody.test: Name or service not known' >&2 && exit 2 ;; esac
		echo 'traceroute to box.test (127.0.0.1), 3 hops max, 72 byte packets'
		echo ' 1  127.0.0.1  0.022 ms  0.005 ms'
	END
	chmod +x "$BOX/traceroute"
	options="trace-route.command=$BOX/traceroute"
	good='Host=box.test NumberOfTries=xsd:unsignedInt:2 MaxHopCount=xsd:unsignedInt:3 Timeout=xsd:unsignedInt:8000'
	results='RouteHopsNumberOfEntries=1 RouteHops.1.Host=127.0.0.1'
	igd_results='RouteHopsNumberOfEntries=1 RouteHops.1.HopHost=127.0.0.1' also=both_tries
	bad='Host=nobody.test' bad_state=Error_CannotResolveHostName
	slow='Host=slow.test' input='MaxHopCount=xsd:unsignedInt:9'
}

# A name server on loopback; plugins/ns-lookup/answers.h says what it answers.
name_server() {
	[ -n "$name_pid" ] || {
		"$build/plugins/ns-lookup/name_server" >"$WORK/name_port" &
		name_pid=$!
	}
	tries=0
	until [ -s "$WORK/name_port" ]; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || fail "the name server does not start"
		sleep 0.05
	done
}

ns_lookup() {
	plugin=ns-lookup object=Device.DNS.Diagnostics.NSLookupDiagnostics igd_object=InternetGatewayDevice.NSLookupDiagnostics
	name_server
	options="ns-lookup.port=$(cat "$WORK/name_port")"
	good='HostName=server.test DNSServer=127.0.0.1 NumberOfRepetitions=xsd:unsignedInt:2 Timeout=xsd:unsignedInt:20000'
	results='SuccessCount=2 ResultNumberOfEntries=2 Result.2.Status=Success Result.2.AnswerType=Authoritative
		Result.2.HostNameReturned=server.test Result.2.IPAddresses=127.0.0.1 Result.2.DNSServerIP=127.0.0.1'
	bad='HostName=nobody.test' bad_state=Error_Other
	slow='HostName=slow.test Timeout=xsd:unsignedInt:60000' input='NumberOfRepetitions=xsd:unsignedInt:1'
}

# A server that has files and takes some; and another that is slow.
test_server() {
	mkdir -p "$WORK/files" "$WORK/uploads"
	head -c 1500000 /dev/zero >"$WORK/files/large"
	[ -n "$acs_pid" ] || acs_start
	acs files "$WORK/files" >/dev/null
	acs uploads "$WORK/uploads" >/dev/null
	[ -n "$acs2_pid" ] || second_acs --set "files $WORK/files" --set "uploads $WORK/uploads" --set "files http delay 60 times=1000"
	SERVER=${ACS%/*} SLOW=${ACS2%/*}
	names '127.0.0.1 box.test'
}
# These times of the object are in order, each with its microseconds.
stamped() { # stamped NAME...
	acs rpc now GetParameterValues "$object." >"$WORK/times" || return 1
	drain
	for name in "$@"; do
		awk -F '\t' -v name="$object.$name" '$1 == name { print $NF }' "$WORK/times"
	done >"$WORK/stamps"
	cat "$WORK/stamps"
	[ "$(grep -c -x '20[0-9-]*T[0-9:]*\.[0-9]\{6\}Z' "$WORK/stamps")" -eq $# ] && sort -c "$WORK/stamps"
}
timed() { stamped TCPOpenRequestTime TCPOpenResponseTime ROMTime BOMTime EOMTime; }
octets() { # octets NAME OCTETS: so many, and a head
	found=$(acs value now "$object.$1") || return 1
	drain
	within "$2" $(($2 + 1000)) "$found"
}

download_test() {
	plugin=throughput object=Device.IP.Diagnostics.DownloadDiagnostics igd_object=InternetGatewayDevice.DownloadDiagnostics
	test_server
	good="DownloadURL=$SERVER/files/large DSCP=xsd:unsignedInt:10" results='IPAddressUsed=127.0.0.1 DSCP=10 TotalBytesReceived=0'
	igd_results='DSCP=10' igd_complete=Completed also=downloaded
	bad='DownloadURL=http://nobody.test/large' bad_state=Error_CannotResolveHostName
	slow="DownloadURL=$SLOW/files/large" input='EthernetPriority=xsd:unsignedInt:3'
}
downloaded() {
	timed && octets TestBytesReceived 1500000 && box_keeps_nothing
}
# Whatever came is nowhere on the box.
box_keeps_nothing() { [ -z "$(find "$BOX" -size +1000k)" ]; }

upload_test() {
	plugin=throughput object=Device.IP.Diagnostics.UploadDiagnostics igd_object=InternetGatewayDevice.UploadDiagnostics
	test_server
	good="UploadURL=$SERVER/sent TestFileLength=xsd:unsignedLong:700001" results='IPAddressUsed=127.0.0.1 TestFileLength=700001 TotalBytesSent=0'
	igd_good="UploadURL=$SERVER/sent TestFileLength=xsd:unsignedInt:700001" igd_results='TestFileLength=700001' igd_complete=Completed
	also=uploaded
	bad="UploadURL=http://127.0.0.1:9/sent" bad_state=Error_InitConnectionFailed
	slow="UploadURL=$SLOW/sent" input='DSCP=xsd:unsignedInt:3'
}
uploaded() {
	timed && [ "$(wc -c <"$WORK/uploads/sent")" -eq 700001 ] && rm "$WORK/uploads/sent"
}

# How long they took is the machine's business.
both_tries() {
	acs rpc now GetParameterValues "$object." >"$WORK/has" || return 1
	drain
	grep -q -E 'RTTimes	.*	[0-9]+,[0-9]+$' "$WORK/has" && grep -q -E 'ResponseTime	.*	[1-9][0-9]*$' "$WORK/has"
}

dia_start() { # dia_start DIAGNOSTIC [OPTION...]: a box that has it
	box_new
	options='' igd_good='' igd_results='' igd_complete=Complete also=true
	"$1"
	shift
	sed -i 's/^enabled = false/enabled = true/' "$BOX"/plugins.d/[0-9][0-9]-"$plugin.conf"
	# shellcheck disable=SC2086 # words
	start $options "$@"
}
# Words NAME=VALUE as parameters of the object.
below() {
	for word in $1; do
		printf '%s ' "$object.$word"
	done
}
# shellcheck disable=SC2046 # words
requested() { acs rpc now SetParameterValues $(below "$1") "$object.DiagnosticsState=Requested"; }
# shellcheck disable=SC2046
written() { put $(below "$1"); }
has() { # has RESULTS: words NAME=VALUE
	acs rpc now GetParameterValues "$object." >"$WORK/has" || return 1
	drain
	for word in $1; do
		awk -F '\t' -v name="$object.${word%%=*}" -v text="${word#*=}" '$1 == name && $NF == text { found = 1 } END { exit !found }' \
			"$WORK/has" || { echo "not $word" && cat "$WORK/has" && return 1; }
	done
}

same_way() { # same_way DIAGNOSTIC
	dia_start "$1"
	check "$plugin: an order" requested "$good"
	completed
	check "is told" events "8 DIAGNOSTICS COMPLETE"
	check "the state" value "$object.DiagnosticsState" Complete
	check "the results" has "$results"
	check "all of them" $also
	inform
	check "they stay" has "$results"
	for state in Complete None Error_Internal Nonsense; do
		check "$state cannot be written" faults 9003 SetParameterValues "$object.DiagnosticsState=$state"
		check "9007" grep -q 9007 "$WORK/fault"
	done
	check "$plugin: one that fails" requested "$bad"
	completed
	check "is told" events "8 DIAGNOSTICS COMPLETE"
	check "as such" value "$object.DiagnosticsState" "$bad_state"
	check "$plugin: one that lasts" requested "$slow"
	check "runs" value "$object.DiagnosticsState" Requested
	check "another input" written "$input"
	check "ends it" value "$object.DiagnosticsState" None
	check "one that lasts" requested "$slow"
	check "can be canceled" put "$object.DiagnosticsState=Canceled"
	check "it ends" value "$object.DiagnosticsState" None
	check "without an event" no_session 0.5
	check "$plugin: the next" requested "$good"
	completed
	check "has its own" has "$results"
	box_stop
	start
	check "until a restart" value "$object.DiagnosticsState" None
	[ -n "$igd_object" ] || return 0
	fresh
	dia_start "$1" root=InternetGatewayDevice:1
	object=$igd_object
	check "$plugin: the other root" requested "${igd_good:-$good}"
	completed
	check "too" value "$object.DiagnosticsState" "$igd_complete"
	check "all of it" $also
	check "has results" has "${igd_results:-$results}"
}

# UDPEchoConfig. is no diagnostic with a state: it answers as long as it is enabled.
echo_box() { # echo_box [OPTION...]: $echo_port is free
	box_new
	sed -i 's/^enabled = false/enabled = true/' "$BOX"/plugins.d/40-udp-echo.conf
	echo_port=$((11000 + $$ % 20000))
	while grep -q -i "^ *[0-9]*: [0-9A-F]*:$(printf %04x "$echo_port") " /proc/net/udp; do
		echo_port=$((echo_port + 1))
	done
	start "$@"
}
asks() { "$build/tests/daemon/udp" "$1" "$echo_port" "$2" "$3" >"$WORK/answer"; } # asks FROM MS HEX
answers() { # answers HEX PATTERN: 127.0.0.1 does
	asks 127.0.0.1 10000 "$1" && grep -x -e "$2" "$WORK/answer" && return 0
	cat "$WORK/answer"
	return 1
}
silent() { asks "$1" 300 "$2" && grep -q none "$WORK/answer"; } # silent FROM HEX

echoes() {
	echo_box
	object=Device.IP.Diagnostics.UDPEchoConfig # box_start has one of its own
	check "udp-echo: at first it is off" value "$object.Enable" false
	check "and no port is open" sh -c "! grep -i ':$(printf %04x "$echo_port") ' /proc/net/udp"
	check "the ACS enables it" written "SourceIPAddress=127.0.0.1 UDPPort=xsd:unsignedInt:$echo_port Enable=xsd:boolean:true"
	check "what comes goes back" answers 68656c6c6f 68656c6c6f
	check "to that host alone" silent 127.0.0.2 68656c6c6f
	check "Echo Plus" written EchoPlusEnabled=xsd:boolean:true
	# TestGenSN as it came, TestRespSN, two times, no failure, the rest as it came
	check "has its numbers and times" answers 00000007ffffffffffffffffffffffffffffffffabcd \
		'0000000700000002[0-9a-f]\{16\}00000000abcd'
	check "what is too short goes back as it is" answers 0102 0102
	check "the counts" has "PacketsReceived=3 PacketsResponded=3 BytesReceived=53 BytesResponded=53"
	check "the times" stamped TimeFirstPacketReceived TimeLastPacketReceived
	check "an address that is none" faults 9003 SetParameterValues "$object.SourceIPAddress=box.test"
	check "9007" grep -q 9007 "$WORK/fault"
	box_stop
	start
	check "enabled over a restart" answers 0102 0102
	check "counted anew" has "PacketsReceived=1"
	check "disabled" written Enable=xsd:boolean:false
	check "it does not answer" silent 127.0.0.1 0102
	check "what was counted stays" has "PacketsReceived=1"
	fresh
	echo_box root=InternetGatewayDevice:1
	object=InternetGatewayDevice.UDPEchoConfig
	check "the other root" written "SourceIPAddress=127.0.0.1 UDPPort=xsd:unsignedInt:$echo_port Enable=xsd:boolean:true"
	check "too" answers 0102 0102
}

row_DIA_05() {
	for diagnostic in $(diagnostics); do
		if [ "$diagnostic" = ns_lookup ] && [ ! -e "$build/plugins/ns-lookup/ns-lookup.la" ]; then
			echo "without c-ares ns-lookup was not built"
			continue
		fi
		[ ! -d "$BOX" ] || fresh
		same_way "$diagnostic"
	done
	fresh
	echoes
}

# ---- DIA-07: an interval of ten minutes passes at once, in virtual time

# The stream as it has been up to now; the next interval begins.
interval() { # interval PACKETS LOST
	packets=$((packets + $1)) lost=$((lost + $2)) intervals=$((intervals + 1))
	player "ServiceMonitoring.MainStream.1.RTPStats.PacketsReceived=$packets" \
		"ServiceMonitoring.MainStream.1.RTPStats.PacketsLost=$lost"
	forward 600
	asked sample $((intervals + 1)) # one at the beginning
}
rtp() { value "${MONITORING}MainStream.1.$1" "$2"; }
seconds_of() {
	date -u -d "$(acs value now "${MONITORING}Report$1Time")" +%s
	drain
}

row_DIA_07() {
	packets=0 lost=0 intervals=0
	virtual_time
	stb_box
	player "ServiceMonitoring.MainStream.1.RTPStats.PacketsReceived=0" "ServiceMonitoring.MainStream.1.RTPStats.PacketsLost=0"
	start
	check "at first it is off" value "${MONITORING}SampleState" Disabled
	check "and nothing is stored" value "${MONITORING}ReportStartTime" 0001-01-01T00:00:00Z
	check "the ACS wants to know" rpc SetParameterAttributes "${MONITORING}SampleState" notification=2
	check "and begins" put "${MONITORING}SampleInterval=xsd:unsignedInt:600" "${MONITORING}ReportSamples=xsd:unsignedInt:3" \
		"${MONITORING}FetchSamples=xsd:unsignedInt:2" "${MONITORING}SampleEnable=xsd:boolean:true"
	check "it is on" value "${MONITORING}SampleState" Enabled
	check "the interval runs from now on" asked sample 1
	calm
	check "an interval" interval 1000 10
	check "is a sample" rtp Sample.RTPStats.PacketsReceived 1000
	check "of its length" rtp Sample.SampleSeconds 600
	check "no notification yet" no_session 0.5
	check "another one" interval 500 0
	session 20 "4 VALUE CHANGE"
	check "FetchSamples of them: the ACS is told" events "4 VALUE CHANGE"
	check "by SampleState, which is what it was" informed "${MONITORING}SampleState" '^Enabled$'
	check "the list goes from the oldest to the newest" rtp Sample.RTPStats.PacketsLost 10,0
	check "a third one" interval 200 2
	check "and a fourth" interval 300 3
	session 20 "4 VALUE CHANGE"
	check "ReportSamples of them stay" rtp Sample.RTPStats.PacketsReceived 500,200,300
	check "in each list" rtp Sample.DejitteringStats.Overruns 0,0,0
	check "with the times of the first and the last" within 1799 1801 $(($(seconds_of End) - $(seconds_of Start)))
	packets=$((packets + 50))
	player "ServiceMonitoring.MainStream.1.RTPStats.PacketsReceived=$packets"
	check "ForceSample" put "${MONITORING}ForceSample=xsd:boolean:true"
	check "shows what there is" rtp Sample.RTPStats.PacketsReceived 200,300,50
	check "and is false" value "${MONITORING}ForceSample" false
	packets=$((packets + 10))
	player "ServiceMonitoring.MainStream.1.RTPStats.PacketsReceived=$packets"
	check "once more" put "${MONITORING}ForceSample=xsd:boolean:true"
	check "it is brought up to date" rtp Sample.RTPStats.PacketsReceived 200,300,60
	check "and the interval goes on" interval 40 0
	check "to its end" rtp Sample.RTPStats.PacketsReceived 200,300,100
	check "the totals go on, too" rtp Total.RTPStats.PacketsReceived 2100
	check "until they are reset" put "${MONITORING}MainStream.1.Total.Reset=xsd:boolean:true"
	check "then they are zero" rtp Total.RTPStats.PacketsReceived 0
	check "and the samples are not" rtp Sample.RTPStats.PacketsReceived 200,300,100
	check "no interval of nothing" faults 9003 SetParameterValues "${MONITORING}SampleInterval=xsd:unsignedInt:0"
	check "nor more samples than it can store" faults 9003 SetParameterValues "${MONITORING}ReportSamples=xsd:unsignedInt:1001"
	check "9007" grep -q 9007 "$WORK/fault"
	check "nor streams that the box has not" faults 9003 SetParameterValues "${MONITORING}MainStream.1.ServiceType=DTT"
	check "fewer samples" put "${MONITORING}ReportSamples=xsd:unsignedInt:2"
	check "the newest stay" rtp Sample.RTPStats.PacketsReceived 300,100
	box_kill
	start
	check "after a power cut it goes on" value "${MONITORING}SampleState" Enabled
	check "with new samples" rtp Sample.RTPStats.PacketsReceived ''
	check "it ends" put "${MONITORING}SampleEnable=xsd:boolean:false"
	check "by the ACS" value "${MONITORING}SampleState" Disabled
}
