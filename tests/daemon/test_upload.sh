#!/bin/sh
# The RPC Upload on the wire: which files, by PUT with Digest and Basic, with which faults; a large file costs
# no memory; a kill in the middle costs nothing but time. Rows UPL-01 to UPL-03, QUE-01, QUE-02, FLT-09 to FLT-13.
. "${srcdir:-.}/tests/daemon/lib.sh"

uploads=$WORK/uploads
mkdir "$uploads" "$WORK/record"
awk 'BEGIN { for (i = 0; i < 5000; i++) print i, "a line of the log & <more>" }' >"$WORK/messages"
head -c 200000000 /dev/zero >"$WORK/large"
printf 'lan=dhcp\n' >"$WORK/network"
box_new
cat >"$BOX/plugins.d/50-upload.conf" <<END
enabled = true
log_files = {"messages=$WORK/messages", "large=$WORK/large", "gone=$WORK/gone"}
config_files = {"network=$WORK/network"}
max_size = 1000000000
END

# uploaded KEY FAULT: the session that reports it; more steps follow
uploaded() {
	cat <<-END
		session within 60
		  expect event "7 TRANSFER COMPLETE" "M Upload:$1"
		  request TransferComplete
		  expect argument CommandKey = $1
		  expect argument FaultStruct/FaultCode = $2
		  expect argument StartTime =~ Z\$
		  expect argument CompleteTime =~ Z\$
	END
}
cat >"$WORK/files.scenario" <<END
uploads $uploads
files-auth digest me secret
session
  expect event "0 BOOTSTRAP" "1 BOOT"
  GetRPCMethods
  expect name Upload
  SetParameterValues Device.ManagementServer.PeriodicInformEnable=xsd:boolean:false Device.ManagementServer.ConnectionRequestPassword=hidden-from-all key=k
  GetParameterValues Device.DeviceInfo.VendorLogFileNumberOfEntries Device.DeviceInfo.VendorLogFile. Device.DeviceInfo.VendorConfigFile.
  expect value Device.DeviceInfo.VendorLogFileNumberOfEntries = 4
  expect value Device.DeviceInfo.VendorLogFile.1.Name = device-logs
  expect value Device.DeviceInfo.VendorLogFile.2.Name = messages
  expect value Device.DeviceInfo.VendorConfigFile.1.Name = settings
  expect value Device.DeviceInfo.VendorConfigFile.2.Name = network
  Upload key=no type="4 Vendor Log File 9" url={base}/put/x
  expect fault 9003
  Upload key=no type="1 Firmware Upgrade Image" url={base}/put/x
  expect fault 9003
  Upload key=no type="X 0A1B2C trace" url={base}/put/x
  expect fault 9003
  Upload key=no type="2 Vendor Log File" url=ftp://127.0.0.1/x
  expect fault 9013
  Upload key=no type="2 Vendor Log File" url=http://me:secret@127.0.0.1/x
  expect fault 9003
  GetQueuedTransfers
  expect xpath "count(//QueuedTransferStruct)=0"
  Upload key=u1 type="4 Vendor Log File 2" url={base}/put/messages user=me password=secret
  expect argument Status = 1
  expect argument StartTime = 0001-01-01T00:00:00Z
  Upload key=later type="2 Vendor Log File" url={base}/put/later user=me password=secret delay=3600
  GetQueuedTransfers
  expect xpath "count(//QueuedTransferStruct)=2"
  expect xpath "//QueuedTransferStruct[CommandKey='u1']/State='1'"
  GetAllQueuedTransfers
  expect xpath "//AllQueuedTransferStruct[CommandKey='u1']/FileType='7 Vendor Log File 2'"
  expect xpath "//AllQueuedTransferStruct[CommandKey='later']/FileType='4 Vendor Log File'"
  expect xpath "count(//AllQueuedTransferStruct[IsDownload='false' or IsDownload='0'])=2"
$(uploaded u1 0)
  GetQueuedTransfers
  expect xpath "count(//QueuedTransferStruct)=1"
  Upload key=u2 type="3 Vendor Configuration File 2" url={base}/put/network user=me password=secret
$(uploaded u2 0)
  Upload key=u3 type="1 Vendor Configuration File" url={base}/put/settings user=me password=secret
$(uploaded u3 0)
  Upload key=u4 type="2 Vendor Log File" url={base}/put/logs user=me password=secret
$(uploaded u4 0)
  Upload key=bad type="2 Vendor Log File" url={base}/put/no user=me password=wrong
$(uploaded bad 9012)
  Upload key=none type="2 Vendor Log File" url={base}/put/no
$(uploaded none 9012)
  Upload key=away type="2 Vendor Log File" url=http://127.0.0.1:1/x
$(uploaded away 9015)
  Upload key=nowhere type="2 Vendor Log File" url={base}/put/ user=me password=secret
$(uploaded nowhere 9016)
  Upload key=gone type="4 Vendor Log File 4" url={base}/put/no user=me password=secret
$(uploaded gone 9011)
  files http status 507 times=1
  files-auth none
  Upload key=full type="2 Vendor Log File" url={base}/put/full
$(uploaded full 9011)
  files-auth basic me secret
  Upload key=basic type="2 Vendor Log File" url={base}/put/basic user=me password=secret
$(uploaded basic 9012)
  files-auth digest me secret
  CancelTransfer key=later
  GetQueuedTransfers
  expect xpath "count(//QueuedTransferStruct)=0"
  Upload key=big type="4 Vendor Log File 3" url={base}/put/large user=me password=secret
$(uploaded big 0)
END
scenario "$WORK/files.scenario"
check "the log arrived as it is" cmp "$WORK/messages" "$uploads/messages"
check "the configuration file, too" cmp "$WORK/network" "$uploads/network"
check "the large one, too" cmp "$WORK/large" "$uploads/large"
check "the settings have what was set" grep -q '^Device.ManagementServer.PeriodicInformEnable=false$' "$uploads/settings"
check "and no secret" sh -c "! grep -q hidden-from-all '$uploads/settings'"
check "a password is there without its value" grep -q '^Device.ManagementServer.ConnectionRequestPassword=$' "$uploads/settings"
check "the log of commands has the order" grep -q 'Upload u4 2 Vendor Log File' "$uploads/logs"
check "and the system's" grep -q 'W something is odd' "$uploads/logs"
check "what was not taken is not there" sh -c "! ls '$uploads' | grep -x -e no -e later -e basic"
check "nothing is left in the spool" sh -c "! ls '$BOX/spool' | grep transfer-"
peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$client_pid/status")
if nm "$CLIENT" 2>/dev/null | grep -q __asan_init; then
	echo "skipped: the memory of a sanitized client says nothing (peak $peak kB)"
else
	check "200 MB cost no memory (peak $peak kB)" test "$peak" -lt 40000
fi

# ---- Basic where it is allowed; a kill while the file is made or sent; nobody who gives it any more
box_stop
rm -f "$uploads"/*
acs_start --set "uploads $uploads" --set "files-auth basic me secret" --record "$WORK/record" --tolerate session-broken
start() {
	box_start allow_basic_without_tls=true periodic_interval=3600 connection_request_username=cr \
		connection_request_password=crpw
}
start
acs credentials user=cr password=crpw >/dev/null
check "another ACS" acs wait-session 60
check "an upload with Basic" acs rpc now Upload key=b type='"4 Vendor Log File 2"' url="${ACS%/acs}/put/basic" user=me password=secret
check "over http, since that is allowed" acs wait-session 60 '"7 TRANSFER COMPLETE"'
check "the file is there" cmp "$WORK/messages" "$uploads/basic"
: >"$WORK/client.log"
check "a large one" acs rpc now Upload key=killed type='"4 Vendor Log File 3"' url="${ACS%/acs}/put/large" user=me password=secret
check "it is under way" box_log 'Upload of "4 Vendor Log File 3" to'
box_kill
rm -f "$uploads/large"
start
check "after a kill it is told" acs wait-session 60 '"7 TRANSFER COMPLETE"'
check "the file is there, whole" cmp "$WORK/large" "$uploads/large"
check "it was told once" sh -c "test \$(grep -l '<CommandKey>killed<' '$WORK'/record/*-TransferComplete.xml | wc -l) = 1"
check "as done" sh -c "grep -q '<FaultCode>0<' \$(grep -l '<CommandKey>killed<' '$WORK'/record/*-TransferComplete.xml)"

check "one for later" acs rpc now Upload key=left type='"4 Vendor Log File 2"' url="${ACS%/acs}/put/left" user=me password=secret delay=3
rm "$BOX/plugins.d/50-upload.conf"
kill -HUP "$client_pid"
check "the plugin goes" box_log 'upload: unloaded'
check "and with it the RPC" said 'Fault 9000' 'rpc now Upload key=x type="2 Vendor Log File" url=http://127.0.0.1/'
check "it is not listed" not_said 'Upload' 'rpc now GetRPCMethods'
check "what it had been asked for is told, too" acs wait-session 60 '"7 TRANSFER COMPLETE"'
check "as failed" sh -c "grep -q '<FaultCode>9011<' \$(grep -l '<CommandKey>left<' '$WORK'/record/*-TransferComplete.xml)"
finish
