# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# URL: the address of the ACS

row_URL_07() {
	virtual_time
	ACS=http://127.0.0.1:9/acs
	daemon
	box_log 'session failed'
	for _ in 1 2 3 4 5 6; do
		box_idle
		forward 1000
	done
	check "it goes on with its URL" sh -c "grep -c 'session with http://127.0.0.1:9/acs' '$WORK/client.log' | grep -q '^[2-9]'"
	check "and with no other" sh -c "! grep 'session with' '$WORK/client.log' | grep -v 'http://127.0.0.1:9/acs'"
	# a DHCP client would have a UDP or a packet socket
	ls -l "/proc/$client_pid/fd" | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p' >"$WORK/sockets"
	check "no socket for DHCP is open" awk 'NR == FNR { ours[$1] = 1; next } $10 in ours || $9 in ours { bad = 1 } END { exit bad }' \
		"$WORK/sockets" /proc/net/udp /proc/net/udp6 /proc/net/packet
}

row_URL_09() {
	second_acs
	start
	check "the ACS sets a URL" put "Device.ManagementServer.URL=$ACS2"
	check "it is used" second wait-session 60
	box_idle
	for start in 1 2; do
		box_reboot
		daemon # what the firmware, or a lease, says is the former URL
		check "and stays after boot $start" second wait-session 60 '"1 BOOT"'
		box_idle
	done
	check "the former ACS hears nothing" no_session 0.3
}

row_URL_10() {
	second_acs
	play <<-END
		session within 20
		  SetParameterValues Device.ManagementServer.URL=$ACS2
		  expect response
		  GetParameterValues Device.ManagementServer.URL
		  expect value Device.ManagementServer.URL = $ACS2
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		quiet 1
	END
	check "the new one gets a bootstrap" second wait-session 60 '"0 BOOTSTRAP"'
}

row_URL_11() {
	second_acs
	start
	check "somebody at the box sets the URL" box_ctl set Device.ManagementServer.URL "$ACS2"
	check "the new ACS gets a bootstrap" second wait-session 60 '"0 BOOTSTRAP"'
	check "the former one nothing" no_session 0.3
}

row_URL_12() {
	acs_start # for its port
	names '127.0.0.1 an.odd-name.test'
	port=${ACS##*:} port=${port%/acs}
	acs_stop
	ACS="http://an.odd-name.test:$port/a/b%20c/d?x=1&y=%2F;z"
	daemon connection_request_host=127.0.0.1 retry_minimum=1
	box_log 'session failed'
	ACS_PORT=$port play <<-END
		session within 20
		  expect target = "/a/b%20c/d?x=1&y=%2F;z"
		  expect header Host = an.odd-name.test:$port
		  GetParameterValues Device.ManagementServer.URL
		  expect target = "/a/b%20c/d?x=1&y=%2F;z"
		  expect value Device.ManagementServer.URL = "http://an.odd-name.test:$port/a/b%20c/d?x=1&y=%2F;z"
	END
}

row_URL_13() {
	play <<-'END'
		session within 20
		  SetParameterValues Device.ManagementServer.URL=ftp://127.0.0.1/acs
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.URL 9007
		  SetParameterValues Device.ManagementServer.URL="not a URL"
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.URL 9007
		  SetParameterValues Device.ManagementServer.URL=http://
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.URL 9007
		  SetParameterValues Device.ManagementServer.URL=//127.0.0.1/acs
		  expect fault 9003
		  SetParameterValues Device.ManagementServer.URL=http://127.0.0.1:99999/
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.URL 9007
		  GetParameterValues Device.ManagementServer.URL
		  expect value Device.ManagementServer.URL ~ http://127.0.0.1:*/acs
		quiet 0.5
	END
}

row_URL_14() {
	play <<-'END'
		session within 20
		  expect not header Authorization
		  expect target = /acs
		  SetParameterValues Device.ManagementServer.URL=http://user:secret@127.0.0.1/acs
		  expect fault 9003
		  expect parameter-fault Device.ManagementServer.URL 9007
	END
	box_stop
	ACS=http://user:secret@127.0.0.1:9/
	daemon
	check "a URL with them is refused at the start" box_ends 3
	check "and they are not in the log" sh -c "! grep secret '$WORK/client.log'"
}

# Two ACSs at one name; which one had the session that was just asked for: 1 or 2.
twins() {
	acs_start --tolerate all
	port=${ACS##*:} port=${port%/acs}
	second_acs --listen "127.0.0.2:$port" --tolerate all
	names '127.0.0.1 twins.test' '127.0.0.2 twins.test'
	ACS=http://twins.test:$port/acs
}
count_informs() { grep -c '<- Inform' "$1"; }

row_URL_15() {
	twins
	acs behaviour status 503 >/dev/null # no session succeeds, so that none is preferred
	second behaviour status 503 >/dev/null
	daemon connection_request_host=127.0.0.1
	n=0
	while [ "$n" -lt 24 ]; do
		n=$((n + 1))
		box_log "retry $n in"
		[ "$n" -eq 24 ] || box_ctl inform >/dev/null
	done
	first=$(count_informs "$WORK/transcript") other=$(count_informs "$WORK/transcript2")
	check "both are tried" within 2 22 "$first"
	check "one in each session" test $((first + other)) -eq 24
	box_stop
	acs behaviour off >/dev/null
	# .3 to .9 refuse the connection; the good one is last once in eight times
	names '127.0.0.1 twins.test' '127.0.0.3 twins.test' '127.0.0.4 twins.test' '127.0.0.5 twins.test' \
		'127.0.0.6 twins.test' '127.0.0.7 twins.test' '127.0.0.8 twins.test' '127.0.0.9 twins.test'
	for n in 1 2 3; do
		daemon connection_request_host=127.0.0.1
		session 5
		check "addresses that fail are passed over" status 'retry count: 0'
		box_stop
	done
}

row_URL_16() {
	twins
	names '127.0.0.1 twins.test'
	daemon connection_request_host=127.0.0.1
	session 20
	calm
	names '127.0.0.2 twins.test'
	check "another session" box_ctl inform
	check "goes to the new address" second wait-session 60
	box_idle
	names '127.0.0.1 twins.test'
	check "and another" box_ctl inform
	session 10
}

row_URL_17() {
	twins
	daemon connection_request_host=127.0.0.1
	box_log 'session ended'
	box_idle
	calm
	first=$(count_informs "$WORK/transcript")
	n=0
	while [ "$n" -lt 12 ]; do
		n=$((n + 1))
		box_ctl inform >/dev/null
		sleep 0.05
		box_idle
	done
	calm
	all=$(cat "$WORK/transcript" "$WORK/transcript2" | grep -c '<- Inform')
	check "there were sessions" within 10 16 "$all"
	if [ "$first" -gt 0 ]; then
		check "all at the address of the first" test "$(count_informs "$WORK/transcript")" -eq "$all"
		names '127.0.0.2 twins.test'
		box_ctl inform >/dev/null
		check "until it is not listed any more" second wait-session 60
	else
		check "all at the address of the first" test "$(count_informs "$WORK/transcript2")" -eq "$all"
		names '127.0.0.1 twins.test'
		box_ctl inform >/dev/null
		check "until it is not listed any more" acs wait-session 60
	fi
}

row_URL_18() {
	second_acs
	start factory-reset.keep_configuration=false
	check "the ACS sets a URL" put "Device.ManagementServer.URL=$ACS2"
	check "it is used" second wait-session 60 '"0 BOOTSTRAP"'
	box_idle
	box_reboot
	daemon
	check "after a reboot" second wait-session 60 '"1 BOOT"'
	box_idle
	box_reboot
	sed -i 's/^ro.build.version.incremental=.*/ro.build.version.incremental=2.0.0/' "$BOX/build.prop"
	daemon factory-reset.keep_configuration=false
	check "after an upgrade" second wait-session 60 '"1 BOOT"'
	box_idle
	second credentials user=cr password=crpw >/dev/null
	check "a factory reset" second rpc now FactoryReset
	box_log 'action factory-reset'
	box_reboot
	start
	check "brings back that of the factory" events "0 BOOTSTRAP" "1 BOOT"
}

row_URL_19() {
	start
	check "EnableCWMP false" box_ctl set Device.ManagementServer.EnableCWMP false
	box_log 'no session now: EnableCWMP is false'
	box_ctl inform >/dev/null
	check "no session" no_session 0.5
	check "EnableCWMP true" box_ctl set Device.ManagementServer.EnableCWMP true
	session 10
	box_stop
	home=$ACS ACS=''
	rm -rf "$BOX/state"
	box_start acs_url=
	check "an empty URL: nothing is started" box_ends 0
	check "and no session" no_session 0.3
	ACS=$home
}

row_URL_20() {
	TR069_LISTEN='[::1]' acs_start
	home=$ACS
	check "the URL has brackets" test "${home#http://\[::1\]:}" != "$home"
	start
	check "an address in brackets" status 'sessions: 1 good'
	box_stop
	port=${home##*:} port=${port%/acs}
	ACS=http://six.test:$port/acs
	names '::1 six.test'
	start connection_request_host=127.0.0.1
	check "a name with AAAA only" status 'sessions: 1 good'
	box_stop
	names '127.0.0.1 six.test' '::1 six.test'
	start connection_request_host=127.0.0.1
	check "A and AAAA, A is dead" status 'sessions: 1 good'
	box_stop
	acs_stop
	TR069_LISTEN='127.0.0.1' ACS_PORT=$port acs_start
	ACS=http://six.test:$port/acs
	start connection_request_host=127.0.0.1
	check "A and AAAA, AAAA is dead" status 'sessions: 1 good'
	box_stop
	TR069_LISTEN='127.0.0.1'
}
