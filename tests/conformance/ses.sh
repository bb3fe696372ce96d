# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# SES: the flow of a session. Whose turn it is the test ACS watches in every row.

files_plan() { # a scenario's first lines, with a file to be had
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	echo "files $WORK/files"
}
order='Download key=d type="3 Vendor Configuration File" url={base}/files/file target=f'

row_SES_01() {
	play <<-END
		$(files_plan)
		session within 20
		  answer
		  expect header Content-Length = 0
		  $order
		  expect argument Status = 1
		session within 20
		  expect event "7 TRANSFER COMPLETE"
		  answer
		  expect method TransferComplete
		  answer
		  expect header Content-Length = 0
	END
}

row_SES_02() {
	play <<-'END'
		insist empty-for-response request-for-response wrong-response id-echo
		session within 20
		  GetRPCMethods
		  expect response
		  GetParameterValues Device.DeviceInfo.
		  expect response
		  GetParameterNames Device. 1
		  expect response
		  GetParameterAttributes Device.DeviceInfo.
		  expect response
		  SetParameterValues Device.DeviceInfo.ProvisioningCode=1
		  expect response
		  SetParameterAttributes Device.Time.NTPServer1 notification=1
		  expect response
		  AddObject Device.ManagementServer.InformParameter.
		  expect response
		  GetParameterValues Device.None
		  expect fault 9005
		  DeleteObject Device.ManagementServer.InformParameter.1.
		  expect response
		  Reboot key=x
		  expect response
	END
}

row_SES_03() {
	start
	check "the ACS watches" acs insist request-after-empty
	acs behaviour delay 0.5 times=3 >/dev/null
	mark
	check "a session" box_ctl inform
	since '<- (empty)'
	check "a value changes after its empty POST" box_ctl set Device.DeviceInfo.ProvisioningCode local
	session 10
	session 10
	check "it is told in another session" events "4 VALUE CHANGE"
}

row_SES_04() {
	play <<-'END'
		insist left-open request-after-end
		patience close=2
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		connection-request
		session within 5
		quiet 2.5
	END
	check "one empty POST a session" test "$(grep -c -e '<- (empty)' "$WORK/transcript")" -eq 2
}

row_SES_05() {
	start
	home=$ACS
	second_acs
	acs linger 1 >/dev/null
	box_ctl inform >/dev/null
	mark
	check "a reboot is ordered" acs rpc Reboot key=r
	check "another URL" acs rpc SetParameterValues "Device.ManagementServer.URL=$ACS2"
	check "a connection request" acs connection-request
	check "a value changes" box_ctl set Device.DeviceInfo.ProvisioningCode local
	check "the session goes on" acs rpc GetParameterValues Device.DeviceInfo.SerialNumber
	check "for as long as the ACS likes" acs rpc GetParameterValues Device.DeviceInfo.SoftwareVersion
	check "nothing was done meanwhile" test ! -s "$BOX/reboots"
	session 10
	check "one session" test "$(count_since '<- Inform')" -le 1
	check "afterwards it is" box_log 'action reboot'
	ACS=$home
}

row_SES_06() {
	play <<-END
		insist request-while-held
		$(files_plan)
		session within 20
		  $order
		  expect argument Status = 1
		session within 20
		  expect event "7 TRANSFER COMPLETE"
		  hold on
		  answer
		  expect header Content-Length = 0
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  GetParameterValues Device.None
		  expect fault 9005
		  hold off
		  request TransferComplete
	END
}

row_SES_07() {
	play <<-END
		$(files_plan)
		session within 20
		  $order
		  expect argument Status = 1
		session within 20
		  expect event "7 TRANSFER COMPLETE"
		  hold on
		  answer
		  expect header Content-Length = 0
		  http status 204
		  expect method TransferComplete
		connection-request
		session within 5
		  $order
		  expect argument Status = 1
		session within 20
		  hold on
		  answer
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  request TransferComplete
		  answer
		  expect header Content-Length = 0
	END
}

row_SES_08() {
	virtual_time
	start
	acs behaviour delay 1 times=1 >/dev/null
	mark
	box_ctl inform >/dev/null
	since '<- Inform'
	sleep 0.2
	forward_meanwhile 29
	session 10
	check "an answer after 30 seconds is in time" status 'retry count: 0'
}

row_SES_09() {
	play <<-END
		insist repeat-differs
		$(files_plan)
		session within 20
		  fault 8005
		  expect method Inform
		  expect retry-count = 0
		  $order
		  expect argument Status = 1
		session within 20
		  request TransferComplete
		  fault 8005
		  expect method TransferComplete
	END
}

row_SES_10() {
	for refusal in 8000 8001 8002 8003 8004 8801; do
		fresh
		play <<-END
			$(files_plan)
			session within 20
			  $order
			  expect argument Status = 1
			session within 20
			  request TransferComplete
			  fault $refusal
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect response
			connection-request
			session within 10
			  expect retry-count = 0
		END
	done
}

row_SES_11() {
	for refusal in 8000 8002 8003 8004 8899; do
		fresh
		play <<-END
			session within 20
			  fault $refusal
			session within 20
			  expect retry-count = 1
			  expect events "0 BOOTSTRAP" "1 BOOT"
		END
	done
}

row_SES_12() {
	start
	acs linger 0.5 >/dev/null
	for what in 'Reboot key=r' FactoryReset; do
		: >"$WORK/client.log"
		: >"$BOX/reboots"
		check "$what" acs rpc now "$what"
		check "$what: not within the session" test ! -s "$BOX/reboots"
		check "$what: the session goes on" acs rpc GetParameterValues Device.DeviceInfo.SerialNumber
		check "$what: still not" test ! -s "$BOX/reboots"
		box_log 'action '
		check "$what: after its end" awk '/session: .* -> idle/ { ended = 1 } /agent: action/ { exit !ended }' "$WORK/client.log"
		box_reboot
		daemon
		session 20
	done
	second_acs
	check "another URL" acs rpc now SetParameterValues "Device.ManagementServer.URL=$ACS2"
	check "the session goes on" acs rpc GetParameterValues Device.DeviceInfo.SerialNumber
	check "the new ACS hears of it later" second wait-session 60
}

row_SES_13() {
	many() { # many COUNT
		echo 'session within 20'
		n=0
		while [ $n -lt "$1" ]; do
			n=$((n + 1))
			printf '  GetParameterValues Device.DeviceInfo.\n  expect response\n'
		done
	}
	many 50 >"$WORK/few"
	many 500 >"$WORK/more"
	play <"$WORK/few"
	before=$(awk '/VmHWM/ { print $2 }' "/proc/$client_pid/status")
	box_ctl inform >/dev/null
	play <"$WORK/more"
	after=$(awk '/VmHWM/ { print $2 }' "/proc/$client_pid/status")
	check "no growth: $before kB, then $after kB" test "$after" -lt $((before + 2048))
}
