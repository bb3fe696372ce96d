# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# DIA: diagnostics, with a program in place of the system's ping

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
