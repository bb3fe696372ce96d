# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# FAC: the RPC FactoryReset

row_FAC_01() {
	start
	check "values" put Device.DeviceInfo.ProvisioningCode=left-over Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:777
	check "FactoryReset is answered" rpc FactoryReset
	check "the platform resets" box_log 'action factory-reset'
	check "after the end of the session" in_order '<- FactoryResetResponse' '-> 204' 'session ended'
	box_reboot
	start
	check "a bootstrap, at the same URL" events "0 BOOTSTRAP" "1 BOOT"
	check "what was set is gone" value Device.DeviceInfo.ProvisioningCode ''
	check "that too" value Device.ManagementServer.PeriodicInformInterval 31536000
	second_acs
	second credentials user=cr password=crpw >/dev/null
	calm
	check "another URL" put "Device.ManagementServer.URL=$ACS2"
	check "is another ACS" second wait-session 60 '"0 BOOTSTRAP"'
	box_idle
	box_stop
	: >"$WORK/client.log"
	daemon factory-reset.keep_configuration=false
	check "which knows the box" second wait-session 60
	check "and resets it" second rpc now FactoryReset
	box_log 'action factory-reset'
	box_reboot
	daemon
	session 20 "0 BOOTSTRAP"
	check "the factory's URL is in force again" events "0 BOOTSTRAP" "1 BOOT"
}

row_FAC_02() {
	start
	row=Device.ManagementServer.InformParameter.1
	check "a value, with its key" put Device.DeviceInfo.ProvisioningCode=left-over key=left-key
	check "a row" rpc AddObject Device.ManagementServer.InformParameter. key=left-key
	check "an attribute" rpc SetParameterAttributes Device.DeviceInfo.SerialNumber notification=1
	check "an Inform for later" rpc ScheduleInform delay=3 key=left-inform
	check "a transfer for later" rpc Download key=left-transfer type='"3 Vendor Configuration File"' url="${ACS%/acs}/files/x" delay=3600
	check "a reboot that is still to be told" rpc Reboot key=left-reboot
	box_log 'action reboot'
	box_reboot
	acs behaviour status 503 >/dev/null
	daemon
	box_log 'session failed'
	acs behaviour off >/dev/null
	session 20
	check "FactoryReset" rpc FactoryReset
	box_log 'action factory-reset'
	box_reboot
	start
	check "only the bootstrap is told" events "0 BOOTSTRAP" "1 BOOT"
	check "no key" value Device.ManagementServer.ParameterKey ''
	check "no value" value Device.DeviceInfo.ProvisioningCode ''
	check "no row" value Device.ManagementServer.InformParameterNumberOfEntries 0
	check "no attribute" rpc_says '^Device.DeviceInfo.SerialNumber	0' GetParameterAttributes Device.DeviceInfo.SerialNumber
	rpc GetAllQueuedTransfers >"$WORK/queue"
	check "no transfer" test ! -s "$WORK/queue"
	check "no file has a trace" sh -c "! grep -r left- '$BOX/state'"
	check "no Inform was left over" no_session 3
}
