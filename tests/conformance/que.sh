# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# QUE: GetQueuedTransfers, GetAllQueuedTransfers

row_QUE_01() {
	mkdir -p "$WORK/files"
	head -c 1000 /dev/zero >"$WORK/files/one"
	play <<-END
		files $WORK/files
		session
		  expect event "1 BOOT"
		  Download key=a type="3 Vendor Configuration File" url={base}/files/one target=one
		  Download key=b type="3 Vendor Configuration File" url={base}/files/one target=one delay=3600
		  GetQueuedTransfers
		  expect xpath "//QueuedTransferStruct[CommandKey='a']/State='1'"
		  expect xpath "//QueuedTransferStruct[CommandKey='b']/State='1'"
		session within 20
		  expect event "M Download:a"
		  request TransferComplete
		  fault 8003
		  GetQueuedTransfers
		  expect xpath "//QueuedTransferStruct[CommandKey='a']/State='3'"
		session within 20
		  expect event "M Download:a"
		  request TransferComplete
		  GetQueuedTransfers
		  expect xpath "count(//QueuedTransferStruct)=1"
		  expect xpath "//QueuedTransferStruct[CommandKey='b']/State='1'"
	END
	acs_start --set "files $WORK/files"
	acs files http drip 16 200 times=1 >/dev/null
	acs credentials user=cr password=crpw >/dev/null
	box_stop
	daemon
	session 20
	check "one that takes long" rpc Download key=c type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/one" target=one
	check "is in progress" rpc_says '^c.*2' GetQueuedTransfers
}

row_QUE_02() {
	start
	check "a download" rpc Download key=d type='"3 Vendor Configuration File"' url=http://127.0.0.1/x size=77 target=image.zip delay=3600
	check "an upload" rpc Upload key=u type='"2 Vendor Log File"' url=http://127.0.0.1/x delay=3600
	acs rpc now GetAllQueuedTransfers >"$WORK/list"
	check "the download" grep -q '^d.*1.*\(1\|true\).*3 Vendor Configuration File.*77.*image.zip' "$WORK/list"
	check "and the upload" grep -q '^u.*1.*\(0\|false\).*4 Vendor Log File' "$WORK/list"
}

row_QUE_03() {
	start
	acs rpc now GetQueuedTransfers >"$WORK/list"
	check "an empty list" test ! -s "$WORK/list"
	acs rpc now GetAllQueuedTransfers >"$WORK/list"
	check "an empty list of all" test ! -s "$WORK/list"
	i=0
	while [ $i -lt 16 ]; do
		i=$((i + 1))
		rpc Upload key=k$i type='"2 Vendor Log File"' url=http://127.0.0.1/x delay=3600 >/dev/null || fail "order $i"
	done
	check "one more has no place" faults 9004 Upload key=x type='"2 Vendor Log File"' url=http://127.0.0.1/x delay=3600
	acs rpc now GetQueuedTransfers >"$WORK/list"
	check "sixteen are listed" test "$(wc -l <"$WORK/list")" -eq 16
}
