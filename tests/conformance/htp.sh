# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# HTP: HTTP. Much of it the test ACS insists on in every session of every row (test-acs --help violations).

row_HTP_01() {
	acs_start # for its port
	port=${ACS##*:} port=${port%/acs}
	acs_stop
	ACS=http://127.0.0.1:$port/some/path
	ACS_PORT=$port daemon retry_minimum=1
	box_log 'session failed'
	ACS_PORT=$port play <<-END
		insist method
		session within 20
		  expect target = /some/path
		  expect header Host = 127.0.0.1:$port
	END
	box_stop
	ACS_PORT=80 # who may not have it tests the other half
	if TR069_LISTEN=127.0.0.80 acs_may_listen; then
		names '127.0.0.80 default-port.test'
		ACS=http://default-port.test/acs
		box_start acs_url=http://default-port.test/acs retry_minimum=1 connection_request_host=127.0.0.1
		box_log 'session failed'
		played=0 TR069_LISTEN=127.0.0.80 play <<-END
			session within 20
			  expect header Host = default-port.test
		END
	fi
	ACS_PORT=''
}
acs_may_listen() {
	timeout 5 "$TEST_ACS" --listen "$TR069_LISTEN:$ACS_PORT" --timeout 0.1 2>&1 | grep -q '^listening on'
}

row_HTP_02() {
	play <<-'END'
		session within 20
		  expect header Content-Type =~ "^text/xml"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Content-Type =~ "^text/xml"
		  GetParameterValues Device.None
		  expect fault 9005
		  expect header Content-Type =~ "^text/xml"
	END
}

row_HTP_03() {
	play <<-'END'
		session within 20
		  expect header SOAPAction = ""
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header SOAPAction = ""
		  GetParameterValues Device.None
		  expect fault 9005
		  expect header SOAPAction = ""
	END
}

row_HTP_04() {
	play <<-'END'
		session within 20
		  answer
		  expect header Content-Length = 0
		  expect not header SOAPAction
		  expect not header Content-Type
	END
}

row_HTP_05() {
	for encoding in length chunked until-close; do
		fresh
		play <<-END
			encoding $encoding
			session within 20
			  GetParameterValues Device.DeviceInfo.
			  expect count > 5
			  SetParameterValues Device.DeviceInfo.ProvisioningCode=$encoding
			  expect response
		END
	done
	fresh
	play <<-'END'
		session within 20
		  http chunked
		  answer
		  http until-close
		  GetParameterValues Device.DeviceInfo.
		  expect count > 5
		  http length
		  GetParameterValues Device.DeviceInfo.
		  expect count > 5
		  http chunked
		  http drip 7 1
		  GetParameterValues Device.DeviceInfo.
		  expect count > 5
	END
}

row_HTP_06() {
	play <<-'END'
		insist keep-alive
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  GetParameterNames Device. 1
		  expect response
		  GetParameterValues Device.None
		  expect fault 9005
		  SetParameterValues Device.DeviceInfo.ProvisioningCode=x
		  expect response
	END
}

row_HTP_07() {
	play <<-'END'
		keep-alive off
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		connection-request
		session within 5
		  expect retry-count = 0
	END
}

row_HTP_08() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	play <<-END
		insist pipelining
		files $WORK/files
		session within 20
		  Download key=d type="3 Vendor Configuration File" url={base}/files/file target=f
		  expect argument Status = 1
		session within 20
		  http delay 0.5
		  request TransferComplete
		  http delay 0.5
		  answer
		  http delay 0.5
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  http delay 0.5
	END
}

row_HTP_09() {
	play <<-'END'
		session within 20
		  answer
		  http status 200
		connection-request
		session within 5
		  expect retry-count = 0
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  http status 204
		connection-request
		session within 5
		  expect retry-count = 0
	END
}

row_HTP_10() {
	play <<-'END'
		session within 20
		  http continue
		  http header "X-Unknown: something"
		  answer
		  http continue
		  http header "x-LOWER-case: 1"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  http head "content-TYPE: text/xml; charset=utf-8|X-Folded: one|	two| three|SERVER: odd|connection: Close"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  http head "Content-Type:text/xml|set-cookie:odd=1|Connection:close"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  expect header Cookie ~ *odd=1*
	END
}

row_HTP_11() {
	{
		printf 'session within 20\n  http pad 32768\n  GetParameterValues Device.DeviceInfo.SerialNumber\n  expect response\n'
		printf '  SetParameterValues'
		n=0
		while [ $n -lt 100 ]; do # some 200 octets each, and one fault for each
			n=$((n + 1))
			printf ' Device.DeviceInfo.X_TR069CLIENT_None%d=%0150d' $n $n
		done
		printf '\n  expect fault 9003\n  expect parameter-fault Device.DeviceInfo.X_TR069CLIENT_None100 9005\n'
		printf '  GetParameterValues'
		n=0
		while [ $n -lt 800 ]; do
			n=$((n + 1))
			printf ' Device.DeviceInfo.SerialNumber'
		done
		printf '\n  expect response\n'
	} >"$WORK/plan"
	play <"$WORK/plan"
}

row_HTP_12() {
	for answer in 400 401 403 404 500 503; do
		case $answer in
		401) continue ;;
		500) body='<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring>busy</faultstring></soap:Fault></soap:Body></soap:Envelope>' ;;
		*) body='' ;;
		esac
		fresh
		play <<-END
			session within 20
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  http status $answer "$body"
			connection-request
			session within 20
			  expect retry-count = 1
		END
	done
}

row_HTP_13() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	play <<-END
		files $WORK/files
		session within 20
		  Download key=d1 type="3 Vendor Configuration File" url={base}/files/file target=f delay=1
		  expect argument Status = 1
		  Download key=d2 type="3 Vendor Configuration File" url={base}/files/none target=g delay=1
		  expect argument Status = 1
		session within 20
		  expect xpath "count(/soap:Envelope/soap:Body/*) = 1"
		  request TransferComplete
		  expect xpath "count(/soap:Envelope/soap:Body/*) = 1"
	END
}

row_HTP_14() {
	start
	check "nothing is compressed unasked" sh -c "! grep -i 'content-encoding\|9002' '$WORK/transcript'"
	acs rpc now GetParameterNames Device.ManagementServer. 1 >"$WORK/names.txt"
	if grep -q HTTPCompressionSupported "$WORK/names.txt"; then
		fail "HTTPCompression is offered, and not tested"
	fi
	check "it is not offered: 9005" faults 9005 GetParameterValues Device.ManagementServer.HTTPCompression
}

row_HTP_15() {
	long=$(printf '%020000d' 0)
	acs_start --tolerate session-broken
	daemon retry_minimum=1 retry_multiplier=1000 stall_timeout=60
	session 20
	for behaviour in "header \"X-Long: $long\"" "pad 3000000" "garbage" "raw \"HTTP/1.1 999 $long\"" 'raw "HTTP/1.1 200 OK"'; do
		mark
		acs behaviour "$behaviour" times=1 >/dev/null || fail "the ACS does not know: $behaviour"
		box_ctl inform >/dev/null
		n=0
		check "a session follows: $(printf '%.20s' "$behaviour")" acs wait-session 60
		box_idle
	done
	check "memory stays within bounds" awk '/VmHWM/ { print; exit $2 > 200000 }' "/proc/$client_pid/status"
}
