#!/bin/sh
# DeviceLogs on the wire, under both roots: the last hundred commands, kept over restarts; the system's logs from
# programs, whatever octets they print; caps, secrets; a program that hangs delays nothing.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

start() {
	box_start connection_request_username=cr connection_request_password=crpw retry_minimum=1 "$@"
}
root=Device
logs() { acs value now "$root.DeviceInfo.DeviceLogs" >"$WORK/logs"; }
logs_say() { logs && grep -q -e "$1" "$WORK/logs"; }
logs_do_not_say() { logs && ! grep -e "$1" "$WORK/logs"; }
block1() { sed '/^== Warnings/,$d; 1d' "$WORK/logs"; }
block2() { sed '1,/^== Warnings/d' "$WORK/logs"; }
lines_are() { [ "$1" -eq "$2" ] || { echo "$1 lines"; return 1; }; }

# ---- block 1
mkdir "$WORK/record"
acs_start --record "$WORK/record"
box_new
start device-logs.save_interval=0
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 60
check "commands of every kind" acs rpc now SetParameterValues key=k Device.DeviceInfo.ProvisioningCode=abc
acs rpc now GetParameterValues Device.DeviceInfo.Nothing >/dev/null 2>&1
acs rpc now SetParameterValues Device.ManagementServer.Password=hunter2 >/dev/null
acs rpc now Download key=d 'type="3 Vendor Configuration File"' url="${ACS%/acs}/files/none?token=hunter2" user=u password=hunter2 target=n >/dev/null
check "its time, name, what it touched, how it ended" \
	logs_say '^20[0-9][0-9]-[0-9-]*T[0-9:]*Z SetParameterValues Device.DeviceInfo.ProvisioningCode: done$'
check "a fault with its number" logs_say 'GetParameterValues Device.DeviceInfo.Nothing: 9005 '
check "a file with its name" logs_say 'Download .*files/none.*: done'
check "a value is not told" logs_do_not_say 'abc\|hunter2'
check "a long session" acs linger 2
n=0
while [ "$n" -lt 99 ]; do
	n=$((n + 1))
	echo "rpc GetParameterNames Device.DeviceInfo. $((n % 2))"
done >"$WORK/many"
"$TEST_ACS" --talk "$SOCKET" connection-request >/dev/null
while read -r line; do
	"$TEST_ACS" --talk "$SOCKET" "$line" >/dev/null || fail "$line"
done <"$WORK/many"
acs linger 0 >/dev/null
box_idle
check "the last hundred" logs
check "are a hundred" lines_are "$(block1 | wc -l)" 100
check "the oldest are dropped" [ "$(block1 | grep -c SetParameterValues)" -eq 0 ]
block1 >"$WORK/before"
box_idle
box_kill
start device-logs.save_interval=0
check "after kill -9" acs wait-session 60
check "the log is there" logs
check "and goes on" sh -c "grep -v -x -f '$WORK/before' '$WORK/logs' | grep -q 'GetParameterValues Device.DeviceInfo.DeviceLogs: done'"
check "with the same lines" [ "$(block1 | grep -c -x -F -f "$WORK/before")" -ge 98 ]
box_stop

# ---- block 2: octets, caps, secrets, several logs; programs of the profiles
{
	head -c 40000 /dev/urandom
	printf '\n]]> &amp; <b> \001\033[1m \377\376 \355\240\200 \357\277\277 \303\251\n'
	i=0
	while [ "$i" -lt 1000 ]; do
		i=$((i + 1))
		echo "line $i of a log: user=u password=hunter2 http://u:hunter2@h/"
	done
} >"$BOX/system.log"
printf 'kernel: odd\n' >"$BOX/kernel.log"
echo "device_log_2 = {\"cat\", \"$BOX/kernel.log\"}" >>"$BOX/plugins.d/05-platform-linux.conf"
start
check "octets of all kinds" acs wait-session 60
check "are valid, the newest lines of them" logs_say '^line 1000 of a log'
check "at most log_max octets of them" [ "$(block2 | wc -c)" -le 16500 ]
check "and not much less" [ "$(block2 | wc -c)" -ge 16200 ]
check "from the beginning of a line" sh -c "sed '1,/^== Warnings/d' '$WORK/logs' | head -n 1 | grep -q '^line [0-9]* of a log: user=u password=\*\*\*'"
check "another log behind it" sh -c "sed -n '/^== More of the system/,\$p' '$WORK/logs' | grep -q 'kernel: odd'"
{
	printf 'a\002b \377 \355\240\200 ]]> <b> &x; é\n'
	head -c 3000 /dev/urandom
} >"$BOX/system.log"
check "noise is valid too" logs_say 'a?b ? ??? \]\]> <b> &x; é'
check "and nothing of it is a control character" sh -c "! tr -d '\n\t\40-\176\200-\377' <'$WORK/logs' | grep -q ."
check "no secret was ever told" sh -c "! grep -r -l hunter2 '$WORK/record'/*Inform* '$WORK/record'/*Response*"
box_stop

# The programs that the profiles and the conf file name for logs: those that are here know their options.
sed -n 's/^[^{]*{\(.*\)}$/\1/p' "$top"/conf/platform/*.conf "$top/plugins/platform-linux/05-platform-linux.conf" |
	grep -E '^"(journalctl|dmesg|tail)"' | sort -u >"$WORK/samples"
check "there are samples" [ "$(wc -l <"$WORK/samples")" -ge 3 ]
while read -r sample; do
	eval "set -- $(echo "$sample" | sed 's/", *"/" "/g')"
	if ! command -v "$1" >/dev/null; then
		echo "skipped: no $1 here"
	else
		LC_ALL=C "$@" </dev/null >"$WORK/sample" 2>&1
		check "$*" sh -c "! head -n 5 '$WORK/sample' | grep -i -e 'unrecognized\|invalid\|unknown\|usage'"
	fi
done <"$WORK/samples"

# ---- InternetGatewayDevice, with the parameter of the standard
root=InternetGatewayDevice
rm -rf "$BOX/state"
start root=InternetGatewayDevice:1
check "the other root" acs wait-session 60 "0 BOOTSTRAP"
check "has the commands" acs rpc now GetParameterNames InternetGatewayDevice. 1
check "in DeviceLogs" logs_say 'GetParameterNames'
check "and in DeviceLog of the standard" said 'GetParameterNames' 'value now InternetGatewayDevice.DeviceInfo.DeviceLog'
check "which has 32 KiB at most" [ "$(acs value now InternetGatewayDevice.DeviceInfo.DeviceLog 2>/dev/null | wc -c)" -le 32768 ]
box_stop
root=Device

# ---- a program that hangs, one that prints without end
waits() { grep -c "was not refreshed in time" "$WORK/client.log"; } # sessions that waited in vain
rm -rf "$BOX/state"
cat >"$BOX/hang" <<-END
	#!/bin/sh
	echo >>"$BOX/hangs"
	exec sleep 600
END
chmod +x "$BOX/hang"
start platform-linux.device_log="$BOX/hang"
check "a log that hangs: the first session" acs wait-session 60 "0 BOOTSTRAP"
check "it hangs" [ -s "$BOX/hangs" ]
before=$(waits)
for turn in 1 2 3 4 5; do
	check "a session, $turn" acs rpc now GetParameterNames Device. 1
done
check "none of the five waited for it" [ "$(waits)" -eq "$before" ]
check "the log says that it was not read" logs_say 'not read yet'
check "one program hangs, no more" [ "$(wc -l <"$BOX/hangs")" -eq 1 ]
box_stop
rm -rf "$BOX/state"
start platform-linux.device_log=yes platform-linux.deadline=1
check "a log without end" acs wait-session 60 "0 BOOTSTRAP"
check "does not keep the next session" acs rpc now GetParameterNames Device. 1
check "it is ended, and that is told" box_log 'yes: did not end in time'
check "to the ACS too" logs_say 'could not be read'
finish
