# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# RTY: failed sessions and retry

# The wait before retry N that the box has announced last, in whole seconds.
announced() { sed -n "s/.*; retry $1 in \([0-9]*\)[.0-9]* s.*/\1/p" "$WORK/client.log" | tail -n 1; }

fails() { # fails BEHAVIOUR...: the session fails, and a retry is due
	before=$(grep -c 'session failed' "$WORK/client.log")
	# shellcheck disable=SC2068
	acs behaviour $@ >/dev/null
	box_ctl inform >/dev/null
	tries=0
	until [ "$(grep -c 'session failed' "$WORK/client.log")" -gt "$before" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 200 ] || return 1
		sleep 0.05
	done
	box_idle
	tail -n 3 "$WORK/client.log" | grep -q 'session failed.*retry [0-9]* in'
}

row_RTY_01() {
	virtual_time
	start retry_minimum=600 answer_timeout=60 connect_timeout=30
	for status in 400 403 404 500 503; do
		check "HTTP $status" fails status $status
	done
	check "garbage" fails garbage
	check "no answer" fails cut
	check "an answer that is cut off" fails cut-after 100
	acs tolerate repeat-differs two-sessions session-broken >/dev/null # it cannot know which redirect is one too many
	check "a seventh redirect" fails redirect 302 /again times=7
	acs behaviour off >/dev/null
	kill -STOP "$acs_pid" # the system accepts connections for it, and nobody answers
	box_ctl inform >/dev/null
	sleep 0.3
	forward_meanwhile 25
	sleep 0.2
	check "an answer is waited for, 30 seconds and more" status 'session: informing'
	forward_meanwhile 60
	check "but not for ever" box_log 'session failed: .*answer.*retry'
	kill -CONT "$acs_pid"
	box_stop
	acs tolerate all >/dev/null
	home=$ACS ACS=http://127.0.0.1:9/acs
	: >"$WORK/client.log"
	daemon
	check "a connection that is refused" box_log 'session failed: .*; retry [0-9]* in'
	box_stop
	kill -STOP "$acs_pid"
	ACS=$(printf '%s' "$home" | sed 's/^http:/https:/')
	: >"$WORK/client.log"
	ACS_TIMEOUT=0.1 daemon connect_timeout=30
	box_log 'session with https'
	sleep 0.3
	forward_meanwhile 25
	sleep 0.2
	check "a TLS handshake may take 30 seconds" status 'session: informing'
	forward_meanwhile 60
	check "but not for ever" box_log 'session failed: .*retry'
	kill -CONT "$acs_pid"
	ACS=$home
}

# Retry N comes after a wait in [LOW, HIGH], not before and not after; forgiving one second at each end.
retry_comes() { # retry_comes N LOW HIGH
	box_log "; retry $1 in " 300 || return 1
	box_idle
	wait_s=$(announced "$1")
	within "$2" "$3" "$wait_s" || return 1
	mark
	forward $((wait_s - 1))
	sleep 0.1
	[ "$(count_since '<- Inform')" -eq 0 ] || {
		echo "retry $1 came before its time"
		return 1
	}
	forward 2
	since '<- Inform'
}

row_RTY_02() {
	virtual_time
	acs_start
	acs behaviour status 503 >/dev/null
	daemon periodic_enable=false
	low=5 high=10
	for n in 1 2 3 4 5 6 7 8 9; do
		check "retry $n within $low and $high s" retry_comes $n $low $high
		low=$high high=$((high * 2))
	done
}

row_RTY_03() {
	virtual_time
	acs_start
	acs behaviour status 503 >/dev/null
	daemon periodic_enable=false
	n=1
	while [ $n -lt 10 ]; do
		box_log "; retry $n in " 300
		box_idle
		forward $(($(announced $n) + 1))
		n=$((n + 1))
	done
	while [ $n -lt 16 ]; do
		check "retry $n within 2560 and 5120 s" retry_comes $n 2560 5120
		n=$((n + 1))
	done
}

row_RTY_04() {
	virtual_time
	start periodic_enable=false
	check "what the ACS sets" put Device.ManagementServer.CWMPRetryMinimumWaitInterval=xsd:unsignedInt:100 \
		Device.ManagementServer.CWMPRetryIntervalMultiplier=xsd:unsignedInt:3000
	acs behaviour status 503 >/dev/null
	box_ctl inform >/dev/null
	check "is in force at once: retry 1" retry_comes 1 100 300
	check "retry 2" retry_comes 2 300 900
	check "retry 3" retry_comes 3 900 2700
	box_idle
	acs behaviour off >/dev/null
	inform
	for pair in 0:2000 65536:2000 5:999 5:65536; do
		check "out of range: $pair" faults 9003 SetParameterValues \
			Device.ManagementServer.CWMPRetryMinimumWaitInterval=xsd:unsignedInt:${pair%:*} \
			Device.ManagementServer.CWMPRetryIntervalMultiplier=xsd:unsignedInt:${pair#*:}
	done
	check "the extremes" put Device.ManagementServer.CWMPRetryMinimumWaitInterval=xsd:unsignedInt:65535 \
		Device.ManagementServer.CWMPRetryIntervalMultiplier=xsd:unsignedInt:65535
	acs behaviour status 503 >/dev/null
	: >"$WORK/client.log"
	box_ctl inform >/dev/null
	check "retry 1" retry_comes 1 65535 4294837
	n=2
	while [ $n -le 12 ]; do # each asked for by hand: nobody waits for them
		box_log "; retry $n in "
		check "retry $n is far away" test "$(announced $n)" -ge 4294836
		box_ctl inform >/dev/null
		n=$((n + 1))
	done
	acs behaviour off >/dev/null
	inform
	check "the smallest" put Device.ManagementServer.CWMPRetryMinimumWaitInterval=xsd:unsignedInt:1 \
		Device.ManagementServer.CWMPRetryIntervalMultiplier=xsd:unsignedInt:1000
	acs behaviour status 503 >/dev/null
	: >"$WORK/client.log"
	box_ctl inform >/dev/null
	for n in 1 2 3; do
		check "retry $n after a second" retry_comes $n 0 1
	done
}

row_RTY_05() {
	virtual_time
	acs_start
	acs behaviour status 503 >/dev/null
	daemon periodic_enable=false retry_minimum=1000 retry_multiplier=2000
	n=1
	while [ $n -le 9 ]; do
		box_log "; retry $n in " 300
		box_idle
		forward $(($(announced $n) + 1))
		n=$((n + 1))
	done
	: >"$WORK/waits"
	while [ $n -le 40 ]; do # from here on the interval is the same: 512000 to 1024000
		box_log "; retry $n in " 300
		box_idle
		announced $n >>"$WORK/waits"
		forward $(($(announced $n) + 1))
		n=$((n + 1))
	done
	# 31 of them: that a quarter stays empty by chance happens once in 1800 runs; a third at either end once in 10^5
	check "the waits fill their interval" awk '{ part[int(($1 - 512000) * 3 / 512000)]++; if ($1 < 511999 || $1 > 1024001) bad = 1 }
		END { print part[0], part[1], part[2]; exit bad || !part[0] || !part[1] || !part[2] }' "$WORK/waits"
}

row_RTY_06() {
	virtual_time
	acs_start
	acs behaviour status 503 >/dev/null
	daemon
	for n in 1 2 3 4; do
		box_log "; retry $n in "
		box_idle
		forward $(($(announced $n) + 1))
	done
	box_log "; retry 5 in "
	box_reboot
	: >"$WORK/client.log"
	daemon
	check "the first wait after a boot" box_log '; retry [0-9]* in '
	check "is of the first interval" within 5 10 "$(sed -n 's/.*; retry [0-9]* in \([0-9]*\)[.0-9]* s.*/\1/p' "$WORK/client.log" | head -n 1)"
}

row_RTY_07() {
	start retry_minimum=3600
	check "the session fails" fails status 503 times=1
	mark
	check "a value changes during the wait" box_ctl set Device.DeviceInfo.ProvisioningCode local
	check "the retry is at once" acs wait-session 60 '"4 VALUE CHANGE"'
	check "with what waited" transcript 'Inform "2 PERIODIC", "4 VALUE CHANGE" .* retry 1'
	box_idle
	check "another fails" fails status 503 times=1
	check "a connection request during the wait" acs connection-request
	session 3 "6 CONNECTION REQUEST"
	check "also with what waited" events "2 PERIODIC" "6 CONNECTION REQUEST"
}

row_RTY_08() {
	virtual_time
	start periodic_enable=false
	acs behaviour status 503 times=3 >/dev/null
	box_ctl inform >/dev/null
	for n in 1 2 3; do
		box_log "; retry $n in "
		box_idle
		forward $(($(announced $n) + 1))
	done
	session 10
	: >"$WORK/client.log"
	check "the Inform after a success" inform
	check "says 0" sh -c "tail -n 6 '$WORK/transcript' | grep -q ' retry 0,'"
	acs behaviour status 503 times=1 >/dev/null
	box_ctl inform >/dev/null
	check "and the wait is the first again" retry_comes 1 5 10
	session 10
}

row_RTY_09() {
	start retry_minimum=1
	check "a notification" rpc SetParameterAttributes Device.Time.NTPServer1 notification=2
	acs behaviour status 503 times=2 >/dev/null
	mark
	check "a change" box_ctl set Device.Time.NTPServer1 one
	since 503
	check "another value, before the retry" box_ctl set Device.Time.NTPServer1 two
	session 10
	check "the events are kept" events "4 VALUE CHANGE"
	check "the value is that of now" informed Device.Time.NTPServer1 '^two$'
}

row_RTY_10() {
	second_acs
	start retry_minimum=1
	second behaviour status 503 times=1 >/dev/null
	acs tolerate retry-count >/dev/null # how it ended elsewhere is not known here
	acs behaviour moved 302 "$ACS2" times=1 >/dev/null
	box_ctl inform >/dev/null
	box_log 'session failed'
	drain
	session 10
	check "the redirected one failed at the target" test "$(grep -c '<- Inform' "$WORK/transcript2")" -eq 1
	check "the retry is here" transcript '<- Inform "2 PERIODIC" .* retry 1'
}

row_RTY_11() {
	play acs_username=u acs_password=p <<-'END'
		auth digest u p
		session within 20
		  expect retry-count = 0
		  http redirect 302 {base}/other
		  expect retry-count = 0
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  http redirect 307 {base}/third
		  expect response
		connection-request
		session within 5
		  expect retry-count = 0
	END
}

row_RTY_12() {
	play <<-'END'
		session within 20
		  http close
		  answer
		  http head "Content-Type: text/xml"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  http until-close
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		connection-request
		session within 5
		  expect retry-count = 0
	END
}

row_RTY_13() {
	play <<-'END'
		session within 20
		  http cut
		session within 20
		  expect retry-count = 1
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  http cut
		connection-request
		session within 5
		  expect retry-count = 2
	END
}
