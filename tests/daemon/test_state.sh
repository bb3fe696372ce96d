#!/bin/sh
# A state_dir that cannot be written: the ACS hears that nothing was done, and nothing was. What it does hear of as
# done is there after a kill -9.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

code=Device.DeviceInfo.ProvisioningCode
interval=Device.ManagementServer.PeriodicInformInterval
start() { box_start connection_request_username=cr connection_request_password=crpw connection_request_port=0 periodic_interval=86400; }
is() { said "^$2\$" value now "$1"; }
refused() { # refused RPC...: by 9002, which says why
	said '[Ff]ault 9002.*the state cannot be saved: ' rpc now "$@"
}

acs_start
acs 'credentials user=cr password=crpw' >/dev/null
start
check "the first session" acs wait-session 60 "1 BOOT"
check "a value" acs rpc now SetParameterValues key=one $code=first
check "an attribute" acs rpc now SetParameterAttributes $interval notification=1
box_idle

# a folder in the place of the file to be written: no permission that root could ignore
mkdir "$BOX/state/state.tmp"
check "SetParameterValues" refused SetParameterValues key=two $code=second $interval=xsd:unsignedInt:7200
check "a list that is empty: its key" refused SetParameterValues key=two
check "SetParameterAttributes" refused SetParameterAttributes $interval notification=0
check "nothing has changed" is $code first
check "nor that" is $interval 86400
check "nor the key" is Device.ManagementServer.ParameterKey one
check "nor the attribute" said "^$interval	1" rpc now GetParameterAttributes $interval
check "the log says why" box_log 'state_dir .*: cannot be written: '

rmdir "$BOX/state/state.tmp"
check "it can be written again" acs rpc now SetParameterValues key=three $code=third
box_kill
start
check "after kill -9" acs wait-session 60
check "the value is there" is $code third
check "and the key" is Device.ManagementServer.ParameterKey three
finish
