# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# VER: version headers and agreement

row_VER_01() {
	for version in 1.3 1.4; do
		fresh
		play cwmp_version=$version <<-'END'
			session within 20
			  expect xpath "//cwmp:SessionTimeout >= 30"
			  expect xpath "//cwmp:SessionTimeout/@soap:mustUnderstand = '0'"
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect xpath "not(//cwmp:SessionTimeout)"
		END
	done
	fresh
	play cwmp_version=1.2 <<-'END'
		session within 20
		  expect xpath "not(//cwmp:SessionTimeout)"
	END
}

row_VER_02() {
	play cwmp_version=1.4 <<-'END'
		session within 20
		  expect xpath "//cwmp:SupportedCWMPVersions = '1.0,1.1,1.2,1.3,1.4'"
		  expect xpath "not(//cwmp:SupportedCWMPVersions/@soap:mustUnderstand) or //cwmp:SupportedCWMPVersions/@soap:mustUnderstand = '0'"
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect xpath "not(//cwmp:SupportedCWMPVersions)"
	END
	fresh
	play cwmp_version=1.3 <<-'END'
		session within 20
		  expect xpath "not(//cwmp:SupportedCWMPVersions)"
	END
}

row_VER_03() {
	for version in 1.0 1.1 1.2 1.3 1.4; do
		fresh
		namespace=${version#1.}
		[ "$namespace" -le 2 ] || namespace=2
		play <<-END
			use-version $version
			session within 20
			  expect namespace 2
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect namespace $namespace
		END
	done
}

row_VER_04() {
	for version in 1.0 1.1 1.2; do
		fresh
		play <<-END
			version $version
			use-version none
			session within 20
			  expect namespace 2
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect namespace ${version#1.}
			connection-request
			session within 5
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect namespace ${version#1.}
		END
	done
}

row_VER_05() {
	mkdir -p "$WORK/files"
	echo x >"$WORK/files/file"
	play <<-END
		files $WORK/files
		version 1.0
		session within 20
		  GetParameterValues Device.DeviceInfo.
		  expect namespace 0
		  expect xpath "count(/soap:Envelope/soap:Header/*) = 1"
		  GetRPCMethods
		  expect xpath "count(//string[starts-with(., 'GetParameter')]) = 3"
		  Download key=d type="3 Vendor Configuration File" url={base}/files/none target=f
		  expect argument Status = 1
		session within 20
		  request TransferComplete
		  expect namespace 0
		  expect argument FaultStruct/FaultCode =~ "^(0|90(0[0-9]|1[0-3]))$"
	END
	fresh
	play cwmp_version=1.0 <<-'END'
		session within 20
		  expect namespace 0
		  expect xpath "count(/soap:Envelope/soap:Header/*) = 1"
		  expect xpath "not(//EventStruct[starts-with(EventCode, '1') and string-length(substring-before(EventCode, ' ')) = 2])"
	END
}

falls_back() { # falls_back STEP...: after this the next Inform is of an older namespace, and so on down to 1.0
	fresh
	play <<-END
		session within 20
		  expect namespace 2
		  $1
		session within 20
		  expect namespace 1
		  $1
		session within 20
		  expect namespace 0
		  GetParameterValues Device.DeviceInfo.SerialNumber
		  expect namespace 0
		connection-request
		session within 5
		  expect namespace 0
	END
}

row_VER_06() {
	falls_back "fault 8006"
	falls_back "http status 400"
	falls_back "http status 500"
	falls_back "http cut"
	mismatch="<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><e:Fault><faultcode>e:VersionMismatch</faultcode><faultstring>no</faultstring></e:Fault></e:Body></e:Envelope>"
	falls_back "http status 500 \"$mismatch\""
}

row_VER_07() {
	for version in 1.2 1.3 1.4; do
		fresh
		play cwmp_version=$version <<-'END'
			session within 20
			  expect namespace 2
			  GetParameterValues Device.DeviceInfo.SerialNumber
			  expect namespace 2
		END
	done
}
