#!/bin/sh
# Line 5 and 7 of doc/features.md: a session as soon as link, address or route come; the interval and its phase; and
# what the Inform says of the network is what `ip` says. Two network namespaces, joined by a cable: the box's and
# the ACS's.
if [ -z "${TR069_IN_NAMESPACE:-}" ]; then
	unshare -rnm sh -c 'mount -t sysfs none /sys && ip link set lo up && ip link add tr0 type veth peer name tr1 && command -v nsenter' \
		>/dev/null 2>&1 || {
		echo "SKIP: no network namespace with unshare -rnm, a sysfs of its own, nsenter, ip and veth"
		exit 77
	}
	TR069_IN_NAMESPACE=1 exec unshare -rnm "$0"
fi
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

# ---- the other end of the cable: 10.11.12.2, and behind it the ACS at 203.0.113.7
unshare -n sleep 600 &
there_pid=$!
trap 'kill -KILL $there_pid 2>/dev/null; cleanup' EXIT
tries=0
while [ "$(readlink /proc/$there_pid/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do
	tries=$((tries + 1))
	[ "$tries" -le 1200 ] || fail "no second namespace"
	sleep 0.02
done
there() { nsenter -t $there_pid -n "$@"; }
mount -t sysfs none /sys # of this namespace
ip link set lo up
ip link add tr0 address 02:00:5e:00:53:17 type veth peer name tr1
ip link set tr1 netns $there_pid
there ip link set lo up
there ip address add 10.11.12.2/24 dev tr1
there ip address add 203.0.113.7/32 dev lo
there ip link set tr1 up
cat >"$WORK/test-acs" <<-END
	#!/bin/sh
	exec nsenter -t $there_pid -n "$TEST_ACS" "\$@"
END
chmod +x "$WORK/test-acs"
TEST_ACS=$WORK/test-acs

within_ms() { # within_ms LIMIT COMMAND...
	limit=$1 begin=$(date +%s%N)
	shift
	"$@" || return 1
	took=$((($(date +%s%N) - begin) / 1000000))
	echo "   $took ms" >&3
	[ "$took" -le "$limit" ]
}
exec 3>&1
inform_says() { # inform_says NAME VALUE
	acs last-inform >"$WORK/inform"
	value=$(awk -F '\t' -v name="$1" '$1 == name { print $NF }' "$WORK/inform")
	[ "$value" = "$2" ] && return 0
	echo "$1 is $value, not $2"
	return 1
}
next_inform() { box_ctl status | sed -n 's/^next periodic inform: in \([0-9]*\) s$/\1/p'; }
failed_sessions() { box_ctl status | sed -n 's/^sessions: .*, \([0-9]*\) failed$/\1/p'; }
no_session() { ! acs wait-session "$1" >/dev/null 2>&1; }

TR069_LISTEN=203.0.113.7 acs_start
# what would begin a session by itself is hours away
box_start retry_minimum=3600 periodic_interval=86400 connection_request_address=0.0.0.0 \
	connection_request_username=cr connection_request_password=crpw
acs 'credentials user=cr password=crpw' >/dev/null
check "5: without a link nothing is tried" box_log 'no session now: no network yet'
ip link set tr0 up
check "5: nor without an address" no_session 1
ip address add 10.11.12.1/24 dev tr0
check "5: an address without a route to the ACS: it is tried" box_log 'session failed: .*'
check "5: and the next try is far" box_log 'retry 1 in [0-9]\{4,\}'
ip link set tr0 alias cable
ip address change 10.11.12.1/24 dev tr0 valid_lft 5000 preferred_lft 4000
check "5: other news of the kernel are no reason" no_session 1
check "5: for another try" sh -c "[ '$(failed_sessions)' = 1 ]"
ip route add default via 10.11.12.2
check "5: the default route comes: a session" within_ms 30000 acs wait-session 60 "1 BOOT"
box_idle
check "6: a connection request over the LAN" said 200 connection-request
check "6: its session" within_ms 30000 acs wait-session 60 "6 CONNECTION REQUEST"

# ---- 7: what the Inform says is what the system says
address=$(ip -4 -o address show dev tr0 | sed 's|.* inet \([0-9.]*\)/.*|\1|')
mac=$(ip -o link show dev tr0 | sed 's|.*link/ether \([0-9a-f:]*\) .*|\1|' | tr a-f A-F)
check "7: the local address" inform_says Device.IP.Interface.1.IPv4Address.1.IPAddress "$address"
check "7: the hardware address" inform_says Device.Ethernet.Interface.1.MACAddress "$mac"
check "7: the address by which the ACS sees it" inform_says Device.IP.X_TR069CLIENT_ExternalIPAddress "$address"
check "7: the URL for connection requests" sh -c "grep -q 'ConnectionRequestURL.*http://$address:' '$WORK/inform'"
for pair in Manufacturer=Acme ModelName='Box One' ProductClass=STB SerialNumber=SN0001 HardwareVersion=rev-b \
	SoftwareVersion=1.0.1; do
	check "7: ${pair%%=*}" inform_says "Device.DeviceInfo.${pair%%=*}" "${pair#*=}"
done
check "7: the log of the system" said 'something is odd' last-inform
uptime_is_right() {
	told=$(acs value now Device.DeviceInfo.UpTime) && now=$(cut -d. -f1 /proc/uptime) &&
		[ "$told" -ge $((now - 5)) ] && [ "$told" -le "$now" ]
}
check "7: UpTime is the kernel's" uptime_is_right
memory_is_right() {
	[ "$(acs value now Device.DeviceInfo.MemoryStatus.Total)" = "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" ]
}
check "7: so is the memory" memory_is_right

# ---- 5: another address, alone and in the middle of a session
box_idle
ip address flush dev tr0
ip address add 10.11.12.9/24 dev tr0
ip route add default via 10.11.12.2
check "5: another address: a session" within_ms 30000 acs wait-session 60 "4 VALUE CHANGE"
check "7: with it" inform_says Device.IP.Interface.1.IPv4Address.1.IPAddress 10.11.12.9
check "7: from it" inform_says Device.IP.X_TR069CLIENT_ExternalIPAddress 10.11.12.9
check "6: where connection requests are answered" said 200 connection-request
check "6: and begin a session" acs wait-session 60 "6 CONNECTION REQUEST"
box_idle
acs "tolerate session-broken two-sessions" >/dev/null
acs "behaviour delay 50 times=1" >/dev/null
check "5: a session whose answer takes long" box_ctl inform
check "5: is under way" box_log 'preparing -> informing'
tries=0
until there ss -tn state established 2>/dev/null | grep -q 10.11.12.9 || [ $tries -gt 40 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
ip address flush dev tr0
check "5: is given up when its address goes" box_log 'session failed: the local address has gone'
ip address add 10.11.12.3/24 dev tr0
ip route add default via 10.11.12.2
check "5: and begins anew with the next one" within_ms 30000 acs wait-session 60
check "7: from there" inform_says Device.IP.X_TR069CLIENT_ExternalIPAddress 10.11.12.3
box_idle
box_stop

# ---- 5: the interval, and a phase for each box
box_start connection_request=false
check "5: within 60 s by default" acs wait-session 60
check "5: from now on" sh -c "[ '$(next_inform)' -ge 0 ] && [ '$(next_inform)' -lt 60 ]"
box_stop
phases=''
for _ in 1 2 3 4 5; do
	box_start connection_request=false periodic_interval=86400
	acs wait-session 60 >/dev/null || fail "no session"
	next=$(next_inform)
	[ "${next:-86400}" -lt 86400 ] || fail "the next periodic Inform is in $next s"
	phases="$phases $next"
	box_stop
done
spread() {
	echo "$phases"
	[ "$(echo "$phases" | tr ' ' '\n' | grep -c .)" -eq 5 ] &&
		[ "$(echo "$phases" | tr ' ' '\n' | grep . | sort -u | wc -l)" -eq 5 ]
}
check "5: five starts have five phases" spread
box_start connection_request=false periodic_interval=1
for _ in 1 2 3 4; do
	check "5: every interval a session" acs wait-session 60 "2 PERIODIC"
done
finish
