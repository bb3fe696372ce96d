# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# COO: cookies. That each comes back in every later POST, and in no other session, the test ACS insists on.

row_COO_01() {
	play <<-'END'
		insist cookie
		cookie on
		session within 20
		  expect not header Cookie
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ session=*
		  GetParameterValues Device.None
		  expect fault 9005
		  expect header Cookie ~ session=*
	END
}

row_COO_02() {
	play <<-'END'
		cookie on count=3 refresh
		session within 20
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect response
		  http header "Set-Cookie: odd=1"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *odd=1*
		  http header "Set-Cookie: odd=2"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *odd=2*
		  expect not header Cookie ~ *odd=1*
		  expect header Cookie ~ *session*
	END
}

row_COO_03() {
	long=$(printf '%0506d' 0) half=$(printf '%0256d' 0)
	play <<-END
		cookie off
		session within 20
		  http header "Set-Cookie: a=$half"
		  http header "Set-Cookie: b=$half"
		  answer
		  http header "Set-Cookie: c=$long"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *a=$half*
		  expect header Cookie ~ *b=$half*
		  expect header Cookie ~ *c=$long*
	END
}

row_COO_04() {
	play <<-'END'
		cookie off
		session within 20
		  http header "Set-Cookie: a=1; Path=/; SameSite=Lax; Odd; Priority=High; HttpOnly"
		  http header "Set-Cookie2: b=2; Version=\"1\"; Path=\"/acs\"; Discard"
		  answer
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *a=1*
		  expect header Cookie ~ *b=2*
	END
}

row_COO_05() {
	play <<-'END'
		insist cookie-stale
		cookie on
		session within 20
		  http header "Set-Cookie: odd=1; Path=/; Max-Age=86400"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *odd=1*
		connection-request
		session within 5
		  expect not header Cookie
	END
}

row_COO_06() {
	play <<-'END'
		cookie on
		session within 20
		  http header "Set-Cookie: odd=1"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *odd=1*
		  http redirect 307 {alt}/acs/elsewhere
		  expect header Cookie ~ *odd=1*
		  http close
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *odd=1*
	END
}

row_COO_07() {
	play <<-'END'
		cookie off
		session within 20
		  http header "Set-Cookie: a=1"
		  http header "Set-Cookie: b=1"
		  http header "Set-Cookie: c=1"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie ~ *a=1*
		  http header "Set-Cookie: a=; Max-Age=0"
		  http header "Set-Cookie: b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect header Cookie = c=1
	END
}
