# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# AUT: how the CPE authenticates itself to the ACS. The ACS holds every Authorization to RFC 7616 by itself.

count_401() { grep -c -e '-> 401' "$WORK/transcript"; }

row_od128_test_1_1() {
	play acs_username=cpe acs_password=secret allow_basic_without_tls=true <<-'END'
		auth basic cpe secret
		session within 20
		  expect header Authorization = "Basic Y3BlOnNlY3JldA=="
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
	END
	check "one challenge" test "$(count_401)" -eq 1
}

row_od128_test_1_2() {
	play acs_username=cpe acs_password=secret <<-'END'
		auth digest cpe secret
		session within 20
		  expect header Authorization ~ "Digest *"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
	END
	check "one challenge" test "$(count_401)" -eq 1
}

row_AUT_01() {
	play acs_username=cpe acs_password=secret <<-'END'
		insist auth-unasked
		session within 20
		  expect not header Authorization
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect not header Authorization
		auth digest cpe secret
		connection-request
		session within 5
		  expect header Authorization ~ "Digest *"
		connection-request
		session within 5
	END
	check "each session waits for its challenge" test "$(count_401)" -eq 2
}

row_AUT_02() {
	play acs_username=cpe acs_password=secret <<-'END'
		auth digest cpe secret qop=auth
		session within 20
		  expect header Authorization =~ "qop=\"?auth\"?(,|$)"
		  expect header Authorization =~ "nc=00000001(,|$)"
		  expect header Authorization =~ "cnonce=\"[^\"]+\""
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Authorization =~ "nc=00000003(,|$)"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Authorization =~ "nc=00000004(,|$)"
		  http unauthorized
		  expect header Authorization =~ "nc=00000001(,|$)"
	END
}

row_AUT_03() {
	for rules in 'algorithm=MD5' 'algorithm=MD5-sess' 'qop=' 'algorithm=MD5 qop=' 'algorithm=SHA-256'; do
		fresh
		play acs_username=cpe acs_password=secret <<-END
			auth digest cpe secret $rules
			session within 20
			  expect header Authorization ~ "Digest *"
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect response
		END
	done
}

row_AUT_04() {
	play acs_username=cpe acs_password=secret allow_basic_without_tls=true <<-'END'
		auth digest cpe secret qop=auth,auth-int
		session within 20
		  expect header Authorization =~ "qop=\"?auth\"?(,|$)"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  http header "WWW-Authenticate: Basic realm=\"weak\""
		  http unauthorized
		  expect header Authorization ~ "Digest *"
	END
}

row_AUT_05() {
	play acs_username=cpe acs_password=secret <<-'END'
		insist auth-connection keep-alive repeat-differs
		auth digest cpe secret
		session within 20
		  expect header Authorization ~ "Digest *"
		  GetParameterValues Device.DeviceInfo.
		  http unauthorized
		  expect response
	END
	fresh
	play acs_username=cpe acs_password=secret <<-'END'
		keep-alive off
		auth digest cpe secret
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
	END
}

row_AUT_06() {
	play acs_username=cpe acs_password=secret <<-'END'
		auth digest cpe secret
		session within 20
		  GetParameterValues Device.DeviceInfo.
		  http unauthorized
		  expect response
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  http unauthorized
		  expect response
	END
	fresh
	play acs_username=cpe acs_password=secret <<-'END'
		auth digest cpe secret stale=2
		session within 20
		  GetParameterValues Device.DeviceInfo.
		  expect response
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		connection-request
		session within 5
		  expect retry-count = 0
	END
}

row_AUT_07() {
	play acs_username=cpe acs_password=secret <<-'END'
		auth digest cpe secret
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Authorization ~ "Digest *"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Authorization ~ "Digest *"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Authorization ~ "Digest *"
	END
	check "one challenge for all of them" test "$(count_401)" -eq 1
}

row_AUT_08() {
	for scheme in digest basic; do
		[ -z "$client_pid" ] || fresh
		[ -z "$acs_pid" ] || acs_stop
		rm -f "$WORK/transcript"
		acs_start --tolerate session-broken
		acs auth $scheme cpe secret >/dev/null
		daemon acs_username=cpe acs_password=wrong retry_minimum=600 allow_basic_without_tls=true
		check "$scheme: the session fails" box_log 'session failed: .*retry 1 in'
		check "$scheme: without a loop" within 1 3 "$(count_401)"
		check "$scheme: and says why" box_log 'session failed: .*\(401\|credentials\)'
		check "$scheme: no secret is in the log" sh -c "! grep wrong '$WORK/client.log'"
	done
}

row_AUT_09() {
	acs_start # for its port
	port=${ACS##*:} port=${port%/acs}
	acs_stop
	ACS="http://127.0.0.1:$port/a%20b?x=1&y=%2F"
	ACS_PORT=$port daemon acs_username='c"pe' acs_password='s\ecret' retry_minimum=1
	box_log 'session failed'
	ACS_PORT=$port play <<-'END'
		auth digest "c\"pe" "s\\ecret" opaque="o p=,/que"
		session within 20
		  expect target = "/a%20b?x=1&y=%2F"
		  expect header Authorization =~ "uri=\"/a%20b\\?x=1&y=%2F\""
		  expect header Authorization =~ "username=\"c.\"pe\""
		  expect header Authorization ~ "*opaque=\"o p=,/que\"*"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
	END
}

row_AUT_10() {
	play acs_username=cpe acs_password=secret <<-'END'
		auth digest cpe secret
		session within 20
		  SetParameterValues Device.ManagementServer.Username=new Device.ManagementServer.Password=other
		  expect response
		  GetParameterValues Device.ManagementServer.Username
		  expect header Authorization ~ "*username=\"cpe\"*"
		  expect value Device.ManagementServer.Username = new
		auth digest new other
		connection-request
		session within 5
		  expect header Authorization ~ "*username=\"new\"*"
	END
	box_stop
	port=${ACS##*:}
	ACS_PORT=${port%%/*} acs_start
	acs auth digest new other >/dev/null
	daemon acs_username=cpe acs_password=secret
	session 10
	check "and is kept" transcript 'session ended'
}

row_AUT_11() {
	start
	check "OUI, class and serial, or OUI and serial" sh -c "'$CTL' -s '$BOX/control' get Device.ManagementServer.Username |
		grep -q -x -e '.* = 0A1B2C-STB-SN0001' -e '.* = 0A1B2C-SN0001'"
	box_stop
	sed -i 's/^ro.serialno=.*/ro.serialno=A b\/1-2/' "$BOX/build.prop"
	start
	check "other characters are encoded" sh -c "'$CTL' -s '$BOX/control' get Device.ManagementServer.Username |
		grep -q -x -i -e '.* = 0A1B2C-STB-A%20b%2F1%2D2' -e '.* = 0A1B2C-A%20b%2F1%2D2'"
	box_stop
	sed -i -e "s/^ro.product.name=.*/ro.product.name=$(printf '%040d' 0 | tr 0 +)/" \
		-e "s/^ro.serialno=.*/ro.serialno=$(printf '%050d' 0 | tr 0 +)/" "$BOX/build.prop"
	start
	check "with a class for which there is no room it goes without" sh -c \
		"'$CTL' -s '$BOX/control' get Device.ManagementServer.Username | grep -q -x '.* = 0A1B2C-\(%2B\)\{50\}'"
	check "what the ACS sets wins" put Device.ManagementServer.Username=its-own
	check "it" value Device.ManagementServer.Username its-own
}

row_AUT_12() {
	play acs_username=cpe acs_password=secret <<-'END'
		session within 20
		  GetParameterValues Device.ManagementServer.Password
		  expect value Device.ManagementServer.Password = ""
		  SetParameterValues Device.ManagementServer.Password=other
		  expect response
		  GetParameterValues Device.ManagementServer.Password Device.ManagementServer.ConnectionRequestPassword
		  expect value Device.ManagementServer.Password = ""
		  expect value Device.ManagementServer.ConnectionRequestPassword = ""
	END
	check "nor is it in the log" sh -c "! grep -e secret -e other '$WORK/client.log'"
}
