# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# RED: redirects. That the same message is sent again the test ACS insists on.

row_RED_01() {
	play <<-'END'
		insist repeat-differs
		session within 20
		  expect target = /acs
		  http redirect 302 {base}/other
		  expect target = /other
		  expect events "0 BOOTSTRAP" "1 BOOT"
		  GetParameterValues Device.DeviceInfo.
		  http redirect 302 {alt}/acs/third?x=1
		  expect target = /acs/third?x=1
		  expect count > 5
	END
}

row_RED_02() {
	play <<-'END'
		insist repeat-differs
		session within 20
		  http redirect 307 {base}/other
		  expect target = /other
		  expect events "0 BOOTSTRAP" "1 BOOT"
		  GetParameterValues Device.DeviceInfo.
		  http redirect 307 {alt}/acs/third
		  expect target = /acs/third
		  expect count > 5
	END
}

row_RED_03() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	play <<-END
		files $WORK/files
		session within 20
		  http redirect 302 {base}/1
		  expect target = /1
		  answer
		  http redirect 302 {base}/2
		  expect target = /2
		  expect header Content-Length = 0
		  Download key=d type="3 Vendor Configuration File" url={base}/files/file target=f
		  http redirect 302 {base}/3
		  expect target = /3
		  GetParameterValues Device.DeviceInfo.
		  http redirect 302 {base}/4
		  expect target = /4
		  expect count > 5
		session within 20
		  request TransferComplete
		  http redirect 302 {base}/5
		  expect target = /5
		  expect method TransferComplete
	END
}

row_RED_04() {
	play <<-'END'
		session within 20
		  http redirect 302 {base}/other
		  expect target = /other
		  answer
		  expect target = /other
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect target = /other
		  http close
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect target = /other
	END
}

row_RED_05() {
	play <<-'END'
		session within 20
		  http redirect 302 {base}/other
		  expect target = /other
		  GetParameterValues Device.ManagementServer.URL
		  expect value Device.ManagementServer.URL = {base}/acs
		connection-request
		session within 5
		  expect target = /acs
		  expect events "6 CONNECTION REQUEST"
	END
}

row_RED_06() {
	play <<-'END'
		session within 20
		  http redirect 302 {base}/a times=5
		  expect retry-count = 0
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  http redirect 307 {base}/b times=5
		  expect response
	END
	box_stop
	port=${ACS##*:}
	ACS_PORT=${port%%/*} acs_start --tolerate all
	acs behaviour redirect 302 "$ACS" times=1000 >/dev/null
	: >"$WORK/client.log"
	daemon retry_minimum=600
	check "it does not go on for ever" box_log 'session failed: .*redirect.*; retry'
	check "it gave up at the sixth" within 5 7 "$(grep -c -e '-> 302' "$WORK/transcript")"
}

row_RED_07() {
	. "$top/tests/daemon/certs.sh"
	authority root
	certificate good root IP:127.0.0.1
	certificate other root DNS:other.test
	second_acs --tls "$CERTS/good.pem" "$CERTS/good.key" --tolerate retry-count
	ACS_OPTIONS='--tolerate retry-count' start tls_ca_file="$CERTS/root.pem" tls_system_store=false retry_minimum=600
	acs behaviour moved 302 "$ACS2" times=1 >/dev/null
	box_ctl inform >/dev/null
	check "from http to https" second wait-session 60
	box_idle
	second tls certificate="$CERTS/other.pem" key="$CERTS/other.key" tickets=off >/dev/null
	acs behaviour moved 302 "$ACS2" times=1 >/dev/null
	box_ctl inform >/dev/null
	check "whose certificate must name it" box_log 'session failed: .*TLS: .*another host'
	box_stop
	second tls certificate="$CERTS/good.pem" key="$CERTS/good.key" >/dev/null
	second behaviour moved 307 "$ACS" times=1 >/dev/null
	plain=$ACS ACS=$ACS2
	drain_acs
	rm -rf "$BOX/state"
	box_start connection_request_port="$cr_port" acs_url="$ACS2" tls_ca_file="$CERTS/root.pem" tls_system_store=false
	check "from https to http" acs wait-session 60
	ACS=$plain
}
drain_acs() { while acs wait-session 0 >/dev/null 2>&1; do :; done; }

row_RED_08() {
	second_acs
	second auth digest cpe secret >/dev/null
	start acs_username=cpe acs_password=secret
	acs behaviour moved 302 "$ACS2" times=1 >/dev/null
	box_ctl inform >/dev/null
	check "the target's challenge is answered" second wait-session 60
	check "there" grep -q -e '-> 401' "$WORK/transcript2"
}

row_RED_09() {
	second_acs
	second insist auth-unasked >/dev/null
	second auth digest cpe secret >/dev/null
	acs_start
	acs auth digest cpe secret >/dev/null
	daemon acs_username=cpe acs_password=secret
	session 20
	acs behaviour moved 302 "$ACS2" times=1 >/dev/null
	box_ctl inform >/dev/null
	check "the target challenges by itself" second wait-session 60
	check "and was given nothing before" not_said2 auth-unasked
	check "its challenge came first" awk '/<- Inform/ { n++ } /-> 401/ { exit n != 1 }' "$WORK/transcript2"
}
not_said2() { ! second violations | grep "$1"; }

row_RED_10() {
	play <<-'END'
		session within 20
		  http status 302
		session within 20
		  expect retry-count = 1
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  http header "Location: ftp://127.0.0.1/"
		  http status 302
		connection-request
		session within 20
		  expect retry-count = 2
		  expect target = /acs
	END
}
