#!/bin/sh
# Plugins by conf files and SIGHUP: unloaded, loaded, reloaded; nothing queued is lost.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

hangup() {
	: >"$WORK/client.log"
	kill -HUP "$client_pid"
	box_log 'agent: reloaded'
}

acs_start
box_start connection_request_username=cr connection_request_password=crpw periodic_interval=86400
acs "credentials user=cr password=crpw" >/dev/null
check "the first session" acs wait-session 60
check "Time. is there" said '^Device.Time\.' 'rpc now GetParameterNames Device. 1'
mv "$BOX/plugins.d/30-time.conf" "$WORK/"
check "its conf file goes, SIGHUP" hangup
check "Time. is gone" not_said '^Device.Time\.' 'rpc now GetParameterNames Device. 1'
mv "$WORK/30-time.conf" "$BOX/plugins.d/"
check "it comes back, SIGHUP" hangup
check "Time. is there again" said '^Device.Time\.' 'rpc now GetParameterNames Device. 1'
sed -i 's/^enabled = true/enabled = false/' "$BOX/plugins.d/40-reboot.conf"
check "enabled = false, SIGHUP" hangup
check "the RPC is gone" not_said Reboot 'rpc now GetRPCMethods'
check "calling it is 9000" said 9000 'rpc now Reboot key=x'
check "FactoryReset is there" said FactoryReset 'rpc now GetRPCMethods'
sed -i 's/^enabled = true/enabled = false/' "$BOX/plugins.d/05-platform-linux.conf"
check "the platform goes, SIGHUP" hangup
check "what needed it goes too, and says so" box_log 'factory-reset: unloaded: it needs action:factory-reset'
check "FactoryReset is gone" not_said FactoryReset 'rpc now GetRPCMethods'
sed -i 's/^enabled = false/enabled = true/' "$BOX/plugins.d/05-platform-linux.conf"
check "the platform comes back, SIGHUP" hangup
check "and FactoryReset with it" said FactoryReset 'rpc now GetRPCMethods'
echo 'serial_number = {"text:CHANGED' >>"$BOX/plugins.d/10-device-info.conf"
check "a file with a mistake, SIGHUP" hangup
check "is reported with file and line" box_log '10-device-info.conf:[0-9]*: '
check "and once only" sh -c "[ \$(grep -c '10-device-info.conf:' '$WORK/client.log') -eq 1 ]"
check "and the former options stay" said '^SN0001$' 'value now Device.DeviceInfo.SerialNumber'
echo 'serial_number = {"text:OTHER"}' >"$BOX/plugins.d/11-device-info.conf"
check "a second file of a plugin, SIGHUP" hangup
check "is passed over" box_log 'device-info: .*11-device-info.conf is passed over: .*10-device-info.conf'
check "and changes nothing" said '^SN0001$' 'value now Device.DeviceInfo.SerialNumber'
rm "$BOX/plugins.d/11-device-info.conf"
: >"$BOX/plugins.d/09-device-info.conf"
check "one that comes before the file that it had, SIGHUP" hangup
check "takes its place" box_log 'device-info: .*10-device-info.conf is passed over: .*09-device-info.conf'
rm "$BOX/plugins.d/09-device-info.conf"
box_idle
echo 'address = "192.0.2.9"' >>"$BOX/plugins.d/20-wan.conf"
check "another value of a parameter that notifies actively, SIGHUP" hangup
check "is told at once" acs wait-session 60 "4 VALUE CHANGE"
check "as it is now" said 'ExternalIPAddress.*192\.0\.2\.9' last-inform
for _ in 1 2 3 4 5 6 7 8 9 10; do
	kill -HUP "$client_pid"
	"$TEST_ACS" --talk "$SOCKET" connection-request >/dev/null 2>&1
done
check "hangups in the middle of sessions are survived" acs rpc now GetRPCMethods
finish
