# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# UPL: Upload

takes_files() {
	mkdir -p "$WORK/uploads"
	acs uploads "$WORK/uploads" >/dev/null
	put_at=${ACS%/acs}/put
}
# The report of that upload has this fault.
reported() { # reported KEY CODE
	since "TransferComplete CommandKey=$1 FaultStruct $2 "
	box_idle
}

row_UPL_01() {
	start
	takes_files
	check "the order" rpc_says 'Status.*1' Upload key=u type='"2 Vendor Log File"' url="$put_at/log"
	check "the report" reported u 0
	check "its events" transcript 'Inform "7 TRANSFER COMPLETE", "M Upload:u" from'
	check "the log arrived" grep -q 'Commands of the ACS' "$WORK/uploads/log"
	check "something is set" rpc SetParameterValues Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:7200
	check "the configuration" rpc Upload key=c type='"1 Vendor Configuration File"' url="$put_at/config"
	check "is reported" reported c 0
	check "it arrived" grep -q 'ManagementServer.PeriodicInformInterval=7200' "$WORK/uploads/config"
}

row_UPL_02() {
	printf 'a line\n' >"$WORK/messages"
	printf 'a = 1\n' >"$WORK/network"
	[ -d "$BOX" ] || box_new
	cat >"$BOX/plugins.d/50-upload.conf" <<-END
		enabled = true
		log_files = {"messages=$WORK/messages"}
		config_files = {"network=$WORK/network"}
	END
	start
	takes_files
	check "the row of the log" value Device.DeviceInfo.VendorLogFile.2.Name messages
	check "the row of the configuration" value Device.DeviceInfo.VendorConfigFile.2.Name network
	check "the log by its row" rpc Upload key=l type='"4 Vendor Log File 2"' url="$put_at/messages"
	check "is reported" reported l 0
	check "is the file" cmp "$WORK/messages" "$WORK/uploads/messages"
	check "the configuration by its row" rpc Upload key=n type='"3 Vendor Configuration File 2"' url="$put_at/network"
	check "is reported" reported n 0
	check "is the file" cmp "$WORK/network" "$WORK/uploads/network"
	check "a row that is not there" faults 9003 Upload key=x type='"4 Vendor Log File 7"' url="$put_at/x"
}

row_UPL_03() {
	virtual_time
	start
	takes_files
	check "9013 for ftp" faults 9013 Upload key=x type='"2 Vendor Log File"' url=ftp://127.0.0.1/x
	acs files-auth digest me secret >/dev/null
	check "wrong credentials" rpc Upload key=a type='"2 Vendor Log File"' url="$put_at/a" user=me password=wrong
	check "are 9012" reported a 9012
	check "the right ones" rpc Upload key=b type='"2 Vendor Log File"' url="$put_at/b" user=me password=secret
	check "are taken" reported b 0
	acs files-auth none >/dev/null
	acs files http status 507 times=1 >/dev/null
	check "a full server" rpc Upload key=c type='"2 Vendor Log File"' url="$put_at/c"
	check "is 9011" reported c 9011
	check "with a delay" rpc Upload key=d type='"2 Vendor Log File"' url="$put_at/d" delay=600
	forward 590
	check "it is not sent before" no_session 0.5
	check "nothing arrived" test ! -e "$WORK/uploads/d"
	forward 11
	check "but then" reported d 0
}
