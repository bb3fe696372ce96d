# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# DLD: Download, its queue, its reports, firmware
# shellcheck source=tests/conformance/transfers.sh
. "$top/tests/conformance/transfers.sh"

has() { # has EVENT: of the last `session`
	grep -q -x "$1" "$WORK/session" || {
		cat "$WORK/session"
		return 1
	}
}
runs_version() { [ "$(acs last-inform | sed -n 's/^Device.DeviceInfo.SoftwareVersion	.*	//p')" = "$1" ]; }

row_DLD_01() {
	transfers
	image good
	check "an order: not done yet, and no times" rpc_says '^Status	1$' Download key=d1 type='"1 Firmware Upgrade Image"' url="$FILES/good"
	check "both unknown" test "$(grep -c 'Time	0001-01-01T00:00:00Z$' "$WORK/said")" -eq 2
	check "the platform installs it, and the box reboots" reboots 1
	check "it was fetched, once" test "$(grep -c 'GET /files/good' "$WORK/transcript")" -eq 1
	check "installed once" installs 1
}

row_DLD_02() {
	transfers
	image good
	check "an order" upgrade d1 good
	check "the box reboots" reboots 1
	check "nothing is told before" transcript_not 'TransferComplete CommandKey'
	recovery
	again
	check "one Inform tells all" events "1 BOOT" "4 VALUE CHANGE" "7 TRANSFER COMPLETE" "M Download:d1"
	check "with the new version" runs_version 2.0.0
	check "then success" ended d1 0
	inform
	check "once" reports 1 d1
}

row_DLD_03() {
	transfers
	image good
	echo refuses >"$BOX/manner"
	check "an image that the installer refuses" upgrade d1 good
	check "is told" ended d1 9010 'refused the image'
	check "with its event" transcript 'Inform .*"M Download:d1"'
	drain
	check "the old one runs" value Device.DeviceInfo.SoftwareVersion 1.0.1
	rm "$BOX/manner"
	check "one that falls back after the restart" upgrade d2 good
	check "the box reboots" reboots 1
	recovery refuses
	again
	check "is told" events "1 BOOT" "7 TRANSFER COMPLETE" "M Download:d2"
	check "with its fault" ended d2 9010 '1.0.1 runs, 2.0.0 was expected'
	check "the old one runs" runs_version 1.0.1
}

row_DLD_04() {
	transfers
	for n in 1 2 3; do
		check "order $n" get d$n file
	done
	check "one that fails" get d4 none
	check "one that is refused" faults 9003 Download key=d5 type='"6 Something"' url="$FILES/file"
	for n in 1 2 3 4; do
		check "$n is told" ended d$n "$([ $n -eq 4 ] && echo 9016 || echo 0)"
	done
	check "all had Status 1" test "$(grep -c '<- DownloadResponse Status=1' "$WORK/transcript")" -eq 4
	inform
	check "once each, and nothing else" test "$(grep -c '<- TransferComplete' "$WORK/transcript")" -eq 4
}

row_DLD_05() {
	transfers
	check "one for later" get d1 file delay=2
	check "one for much later" get d2 file delay=3600
	acs files http drip 1 1000 times=1 >/dev/null
	box_kill
	again
	box_log 'Download of.*file'
	box_kill # while it comes
	acs behaviour status 503 >/dev/null
	# shellcheck disable=SC2046 # options hold no blanks
	daemon $(own_options)
	box_log 'in place'
	box_log 'session failed'
	box_kill # before it is told
	new_boot_id
	acs behaviour off >/dev/null
	again
	check "told with its key, after four lives" ended d1 0
	check "it came" there d1
	check "the other one is still in the queue" rpc_says '^d2	' GetQueuedTransfers
	check "alone" in_queue 1
	image good
	check "firmware" upgrade d3 good
	check "the box reboots" reboots 1
	box_kill # a power cut instead
	boot_other installs
	again
	check "is told with its key" ended d3 0
}

row_DLD_06() {
	ACS_OPTIONS='--tolerate session-broken'
	transfers
	check "an order" get d1 file delay=1
	box_idle
	acs behaviour status 500 times=1 >/dev/null
	mark
	check "an Inform that fails" since 'Inform.*M Download:d1'
	check "is repeated, and the report comes" since '<- TransferComplete CommandKey=d1 '
	session 10 "M Download:d1"
	inform
	check "acknowledged: once" reports 1 d1
	box_stop
	acs_stop
	fresh
	play retry_minimum=1 <<-END
		files $WORK/files
		tolerate session-broken
		session within 20
		  Download key=d2 type="3 Vendor Configuration File" url={base}/files/file target=d2
		session within 20
		  expect events "7 TRANSFER COMPLETE" "M Download:d2"
		  request TransferComplete
		  http cut
		session within 20
		  expect event "7 TRANSFER COMPLETE" "M Download:d2"
		  request TransferComplete
		  fault 8002
		session within 20
		  request TransferComplete
		connection-request
		session within 20
		  expect events "6 CONNECTION REQUEST"
	END
	check "three times in all" reports 3 d2
}

row_DLD_07() {
	virtual_time
	transfers
	acs linger 1 >/dev/null
	check "an order" get now file
	check "is not carried out within its session" ended now 0
	check "but after it" in_order '<- DownloadResponse' 'session ended' 'GET /files/file'
	acs linger 0 >/dev/null
	calm
	mark
	check "one with a delay" get later file delay=600
	forward 595
	check "not before its time" no_session 0.5
	check "nor is it fetched" test "$(count_since 'GET /files')" -eq 0
	forward 6
	check "then at once" ended later 0
}

row_DLD_20() {
	virtual_time
	transfers stall_timeout=60
	check "a delay" get d1 file delay=3600
	forward 3601
	check "the transfer begins when it is over" ended d1 0
	acs files http drip 1 5000 times=10 >/dev/null
	printf '%0200d' 0 >"$WORK/files/slow"
	check "a server that hangs" get d2 slow
	box_log 'files/slow'
	tries=0
	until grep -q '<- TransferComplete CommandKey=d2' "$WORK/transcript"; do
		tries=$((tries + 1))
		[ "$tries" -lt 36 ] || break
		forward 100
		sleep 0.2
	done
	check "is given up within the hour" ended d2 9017
}

row_DLD_08() {
	transfers
	for scheme in basic digest; do
		acs files-auth $scheme fu fp >/dev/null
		case $scheme in
		basic) box_stop && again allow_basic_without_tls=true ;;
		esac
		check "$scheme" get d-$scheme file user=fu password=fp
		check "comes" ended d-$scheme 0
		check "there it is" there d-$scheme
		box_stop
		again
	done
	acs files-auth none >/dev/null
	echo other >"$WORK/files/other"
	acs files http redirect 302 "$FILES/file" times=1 >/dev/null
	check "a redirect" get moved other
	check "is followed" ended moved 0
	check "to the file" there moved
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 2 \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$WORK/tls.key" -out "$WORK/tls.pem" 2>/dev/null
	second_acs --tls "$WORK/tls.pem" "$WORK/tls.key" --set "files $WORK/files"
	check "https, with a certificate that nobody vouches for" rpc Download key=tls1 type="$file_type" url="${ACS2%/acs}/files/file" target=tls1
	check "9015" ended tls1 9015
	check "nothing came" test ! -e "$BOX/download/tls1"
	box_stop
	again tls_ca_file="$WORK/tls.pem"
	check "one that is trusted" rpc Download key=tls2 type="$file_type" url="${ACS2%/acs}/files/file" target=tls2
	check "is fetched" ended tls2 0
	check "there it is" there tls2
}

row_DLD_09() {
	virtual_time
	transfers
	calm
	check "three at once" get d1 file delay=600
	check "the second" get d2 none delay=600
	check "the third" get d3 file delay=600
	check "are queued" in_queue 3
	forward 601
	check "the first has its report" ended d1 0
	check "the second its own" ended d2 9016
	check "the third its own" ended d3 0
	for key in d1 d2 d3; do
		check "an event for $key" transcript "Inform .*M Download:$key"
	done
	check "and nothing is left" in_queue 0
}

row_DLD_10() {
	transfers
	check "an unknown type" faults 9003 Download key=d type='"9 Something"' url="$FILES/file"
	check "a scheme" faults 9013 Download key=d type="$file_type" url=ftp://127.0.0.1/file
	check "userinfo" faults 9003 Download key=d type="$file_type" url=http://u:p@127.0.0.1/file
	check "nothing is queued" in_queue 0
	check "nothing was fetched" transcript_not 'GET /files'
	box_stop
	again keep_free=9000000000000000
	check "no room" get full file
	check "9010" ended full 9010 "not enough space"
}

row_DLD_11() {
	transfers
	check "size 0" get d1 file size=0
	check "is unknown" ended d1 0
	check "the right size" get d2 file size=4
	check "is right" ended d2 0
	check "too small" get d3 file size=3
	check "is corrupt" ended d3 9018
	check "too large" get d4 file size=5
	check "is corrupt" ended d4 9018
	check "and not in place" test ! -e "$BOX/download/d4"
}

row_DLD_12() {
	[ -d "$BOX" ] || box_new
	printf 'config_files = {"zones=%s"}\n' "$BOX/download/settings.conf" >"$BOX/plugins.d/50-upload.conf"
	transfers
	printf 'zone = 7\n' >"$WORK/files/settings.conf"
	check "a configuration file" rpc Download key=c1 type="$file_type" url="$FILES/settings.conf"
	check "is taken" ended c1 0
	check "byte for byte" cmp "$BOX/download/settings.conf" "$WORK/files/settings.conf"
	rpc GetParameterValues Device.DeviceInfo.VendorConfigFile. >"$WORK/rows"
	check "it has a row" grep -q '\.2\.Name	xsd:string	zones$' "$WORK/rows"
	check "with its time" grep -q "\.2\.Date	xsd:dateTime	$(date -u +%Y)" "$WORK/rows"
}

row_DLD_13() {
	virtual_time
	transfers download_resumes=0
	check "a file that is not there" get d1 none
	check "fails" ended d1 9016
	acs files http cut-after 1 times=100 >/dev/null
	check "one that breaks off" get d2 file
	check "fails" ended d2 9017
	calm
	mark
	forward 86400
	check "a day later" no_session 0.5
	check "nothing was fetched" test "$(count_since 'GET /files')" -eq 0
	check "one attempt at what is not there" test "$(grep -c 'GET /files/none' "$WORK/transcript")" -eq 1
}

utc='[0-9]*-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'
report_of() { grep "<- TransferComplete CommandKey=$1 " "$WORK/transcript"; }
row_DLD_14() {
	transfers
	before=$(date +%s)
	check "an order" get d1 file
	check "is done" ended d1 0
	check "its times are in UTC" sh -c "grep 'TransferComplete CommandKey=d1 .*StartTime=$utc CompleteTime=$utc' '$WORK/transcript'"
	check "and true" within "$before" "$(date +%s)" "$(date -d "$(report_of d1 | sed 's/.*StartTime=\([^ ]*\).*/\1/')" +%s)"
	check "the end, too" within "$before" "$(date +%s)" "$(date -d "$(report_of d1 | sed 's/.*CompleteTime=\([^ ]*\).*/\1/')" +%s)"
	box_stop
	again clock_not_before=2100-01-01T00:00:00Z
	check "without a clock" get d2 file
	check "it is done" ended d2 0
	check "the times are unknown" sh -c "grep 'TransferComplete CommandKey=d2 .*StartTime=0001-01-01T00:00:00Z CompleteTime=0001-01-01T00:00:00Z' '$WORK/transcript'"
}

row_DLD_15() {
	transfers download_resumes=0 stall_timeout=1
	acs files-auth digest fu fp >/dev/null
	check "credentials" get d1 file
	check "fail" ended d1 9012
	acs files-auth none >/dev/null
	check "nothing there" get d2 none
	check "fails" ended d2 9016
	acs files http redirect 302 ftp://127.0.0.1/file times=1 >/dev/null
	check "a redirect to what it cannot fetch" get d3 file
	check "fails" since '<- TransferComplete CommandKey=d3 '
	head -c 100001 /dev/zero >"$WORK/files/large"
	box_stop
	again max_download=100000
	check "too large a file" get d4 large
	check "fails" ended d4 9010
	drain
	sed -n 's/.*<- TransferComplete.*FaultStruct \([0-9]*\).*/\1/p' "$WORK/transcript" >"$WORK/codes"
	check "with codes that may be there" test -z "$(grep -v -x -e 0 -e 9001 -e 9002 -e 901[0-24-9] -e 9020 "$WORK/codes")"
	check "four of them" test "$(wc -l <"$WORK/codes")" -eq 4
}

row_DLD_16() {
	transfers
	echo ro.product.device=box >>"$BOX/build.prop"
	box_stop
	again
	version=3.0.0
	"$MAKE_IMAGE" "$WORK/files/raw" 'META-INF/com/android/metadata=post-build-incremental=3.0.0\npre-device=crate\n'
	sign maker "$WORK/files/raw" "$WORK/files/other"
	check "an image of another product" upgrade d1 other
	check "is refused" ended d1 9018 'for another device'
	unsigned plain a=1
	check "one without a signature" upgrade d2 plain
	check "is refused" ended d2 9019 'not signed'
	make_key stranger
	sign stranger "$WORK/files/plain" "$WORK/files/foreign"
	check "one of somebody else" upgrade d3 foreign
	check "is refused" ended d3 9019 'somebody else'
	check "nothing was installed" installs 0
	check "nor was the box restarted" reboots 0
}

row_DLD_17() {
	transfers
	n=0
	for type in '2 Web Content' '4 Tone File' '5 Ringer File'; do
		n=$((n + 1))
		check "$type" rpc Download key=t$n type="\"$type\"" url="$FILES/file" target=t$n
		check "comes" ended t$n 0
		check "into the folder" there t$n
	done
}

row_DLD_18() {
	transfers
	check "stored images are not offered" faults 9003 Download key=d type='"6 Stored Firmware Image"' url="$FILES/file"
	check "nor is their table" faults 9005 GetParameterValues Device.DeviceInfo.FirmwareImage.
}

row_DLD_19() {
	[ -d "$BOX" ] || box_new
	ln -s "$build/tests/daemon/.libs/own.so" "$BOX/plugins/own.so"
	echo 'enabled = true' >"$BOX/plugins.d/60-own.conf"
	transfers
	policy=Device.ManagementServer.AutonomousTransferCompletePolicy
	check "without a policy" rpc X_TR069CLIENT_Own Direction=Download FileType="$file_type" URL=http://own.example/1 Code=0
	check "nobody is told" no_session 0.5
	check "a policy" put "$policy.Enable=xsd:boolean:true" "$policy.ResultTypeFilter=Failure" "$policy.TransferTypeFilter=Download"
	check "what it leaves out: success" rpc X_TR069CLIENT_Own Direction=Download FileType="$file_type" URL=http://own.example/2 Code=0
	check "and uploads" rpc X_TR069CLIENT_Own Direction=Upload FileType='"2 Vendor Log File"' URL=http://own.example/3 Code=9011
	check "is not told" no_session 0.5
	check "what it asks for" rpc X_TR069CLIENT_Own Direction=Download FileType="$file_type" URL="$FILES/none"
	check "is" since 'Inform .*"10 AUTONOMOUS TRANSFER COMPLETE"'
	check "by its report" since '<- AutonomousTransferComplete'
	check "one" test "$(grep -c '<- AutonomousTransferComplete' "$WORK/transcript")" -eq 1
}
