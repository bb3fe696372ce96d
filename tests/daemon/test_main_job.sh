#!/bin/sh
# The main job on the wire: informs, is read, is written, adds and deletes, is asked to connect, takes a
# file, reboots once, and informs again.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

has_event() { acs events | grep -q -x -e "$1"; }
value_is() { value=$(acs value now "$1") && [ "$value" = "$2" ]; }
faults() { # faults CODE COMMAND...: the RPC is refused with that code
	code=$1
	shift
	acs "$@" 2>&1 | grep -q -i "Fault $code"
}

mkdir -p "$WORK/files"
head -c 300000 /dev/urandom >"$WORK/files/channels.bin"
acs_start --set "files $WORK/files"
box_start connection_request_username=cr connection_request_password=crpw
acs "credentials user=cr password=crpw" >/dev/null

check "the first session is a bootstrap and a boot" acs wait-session 60 "1 BOOT"
check "0 BOOTSTRAP is in it" has_event "0 BOOTSTRAP"
for name in DeviceInfo.Manufacturer DeviceInfo.ModelName DeviceInfo.ProductClass DeviceInfo.SerialNumber \
	DeviceInfo.HardwareVersion DeviceInfo.SoftwareVersion DeviceInfo.DeviceLogs DeviceInfo.ProvisioningCode \
	RootDataModelVersion ManagementServer.ParameterKey ManagementServer.ConnectionRequestURL \
	IP.X_TR069CLIENT_ExternalIPAddress; do
	check "the Inform carries $name" said "Device.$name	" last-inform
done

check "a connection request starts a session at once" acs connection-request
check "it says so" acs wait-session 60 "6 CONNECTION REQUEST"
check "wrong credentials are refused" said 401 'connection-request user=cr password=wrong'

check "the RPCs are listed" said Download 'rpc now GetRPCMethods'
check "the whole tree is read" said SerialNumber 'rpc now GetParameterValues Device.'
check "the empty path is the whole tree too" acs rpc now 'GetParameterValues ""'
check "the root is named" said '^Device\.' 'rpc now GetParameterNames "" 1'
check "an unknown name is 9005" faults 9005 rpc now GetParameterValues Device.Nothing
check "a set is applied" acs rpc now SetParameterValues key=pk1 Device.DeviceInfo.ProvisioningCode=abc
check "and read back" value_is Device.DeviceInfo.ProvisioningCode abc
check "with its ParameterKey" value_is Device.ManagementServer.ParameterKey pk1
check "a wrong set is 9003" faults 9003 rpc now SetParameterValues Device.DeviceInfo.ProvisioningCode=xyz Device.DeviceInfo.UpTime=xsd:unsignedInt:1
check "and changes nothing" value_is Device.DeviceInfo.ProvisioningCode abc
check "a password is taken" acs rpc now SetParameterValues Device.ManagementServer.ConnectionRequestPassword=new
acs "credentials user=cr password=new" >/dev/null
check "and reads as empty" value_is Device.ManagementServer.ConnectionRequestPassword ""
check "and is in force at once" acs connection-request
check "a row is added" acs rpc now AddObject Device.ManagementServer.InformParameter.
check "it is there" value_is Device.ManagementServer.InformParameter.1.Enable false
check "and is deleted" acs rpc now DeleteObject Device.ManagementServer.InformParameter.1.
check "the next one has another number" said 'InstanceNumber	2' 'rpc now AddObject Device.ManagementServer.InformParameter.'
check "attributes are set" acs rpc now SetParameterAttributes Device.DeviceInfo.ProvisioningCode notification=2

check "a file is ordered" said 'Status	1' "rpc now Download key=d1 type=\"3 Vendor Configuration File\" url=${ACS%/acs}/files/channels.bin target=channels.bin"
check "its end is reported" acs wait-session 60 "7 TRANSFER COMPLETE"
check "with its key" has_event "M Download:d1"
check "it arrived byte for byte" cmp "$WORK/files/channels.bin" "$BOX/download/channels.bin"
check "without certificates firmware is refused" said 'Fault 9001 .*takes no firmware' "rpc now Download key=f type=\"1 Firmware Upgrade Image\" url=${ACS%/acs}/files/channels.bin"

check "the log names the commands" said AddObject 'value now Device.DeviceInfo.DeviceLogs'
check "and the system's warnings" said 'something is odd' 'value now Device.DeviceInfo.DeviceLogs'

check "a reboot is ordered" acs rpc now Reboot key=r1
check "it is carried out after the session" box_log 'action reboot'
sleep 0.3
check "once" sh -c "[ \$(wc -l <'$BOX/reboots') -eq 1 ]"
box_reboot
box_start connection_request_username=cr connection_request_password=crpw
check "the box comes back" acs wait-session 60 "1 BOOT"
check "with M Reboot and its key" has_event "M Reboot:r1"
check "without a bootstrap" not_said BOOTSTRAP 'events'
check "what was set is still there" value_is Device.DeviceInfo.ProvisioningCode abc
check "no second reboot follows" sh -c "[ \$(wc -l <'$BOX/reboots') -eq 1 ]"
box_kill
box_start connection_request_username=cr connection_request_password=crpw
check "a start without a boot is no boot" acs wait-session 60 "2 PERIODIC"
check "and does not say M Reboot again" not_said 'Reboot\|BOOT' 'events'

check "a factory reset is ordered" acs rpc now FactoryReset
check "and carried out" box_log 'action factory-reset'
box_reboot
box_start connection_request_username=cr connection_request_password=crpw
check "the box comes back as new" acs wait-session 60 "0 BOOTSTRAP"
check "with nothing of before" value_is Device.DeviceInfo.ProvisioningCode ""
finish
