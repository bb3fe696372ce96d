#!/bin/sh
# Line 7 of doc/features.md, the name of the wireless network: from the kernel (nl80211), as the real client asks it.
# The radio is one that answers as the kernel would (plugins/wifi-ssid/fake_radio.c); where this machine has a real
# one, that too.
if [ -z "${TR069_IN_NAMESPACE:-}" ] && unshare -rn ip link add tr0 type veth peer name tr1 2>/dev/null; then
	TR069_IN_NAMESPACE=1 exec unshare -rn "$0"
fi
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

inform_says() { # inform_says NAME VALUE
	acs last-inform >"$WORK/inform"
	value=$(awk -F '\t' -v name="$1" '$1 == name { print $NF }' "$WORK/inform")
	[ "$value" = "$2" ] && return 0
	echo "$1 is $value, not $2"
	return 1
}
value_is() {
	value=$(acs value now "$1")
	[ "$value" = "$2" ] && return 0
	echo "$1 is $value, not $2"
	return 1
}

no_change() { ! grep '<- Inform' "$WORK/transcript" | tail -n 1 | grep 'VALUE CHANGE'; }
sessions_begun() { grep -c '<- Inform' "$WORK/transcript"; }

[ -z "${TR069_IN_NAMESPACE:-}" ] || ip link set lo up
mkdir -p "$WORK/sys/wlan0/wireless"
echo 7 >"$WORK/sys/wlan0/ifindex"
printf 'Shop & Co' >"$WORK/ssid"
daemon=$CLIENT
cat >"$WORK/client" <<-END
	#!/bin/sh
	LD_PRELOAD=$build/tests/daemon/.libs/radio.so FAKE_RADIO_SSID=$WORK/ssid \
		ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 exec $daemon "\$@"
END
chmod +x "$WORK/client"
CLIENT=$WORK/client
start() {
	box_start connection_request_username=cr connection_request_password=crpw wifi-ssid.sysfs="$WORK/sys" \
		periodic_interval=86400 connection_request_port="$port" "$@"
}
acs_start
free_port 16000 # always the same one: ConnectionRequestURL is no change
port=$free
acs 'credentials user=cr password=crpw' >/dev/null
start
check "7: a box with a radio" acs wait-session 60 "1 BOOT"
check "7: the Inform has the name of the network" inform_says Device.WiFi.SSID.1.SSID 'Shop & Co'
check "7: its access point can be read" value_is Device.WiFi.SSID.1.BSSID 02:00:5e:10:00:ff
check "7: it is up" value_is Device.WiFi.SSID.1.Status Up
if [ -n "${TR069_IN_NAMESPACE:-}" ]; then
	check "7: active notification" acs rpc now SetParameterAttributes Device.WiFi.SSID.1.SSID notification=2
	box_idle
	printf Other >"$WORK/ssid"
	ip link add tr0 type veth peer name tr1 # links that come are news, as a radio's own
	check "7: another network is told at once" acs wait-session 60 "4 VALUE CHANGE"
	check "7: with its name" inform_says Device.WiFi.SSID.1.SSID Other
	box_idle
	box_stop
	start
	check "7: it starts again" acs wait-session 60
	check "7: with the same name, which is no change" no_change
	box_idle
	echo 'interface = "wlan0"' >>"$BOX/plugins.d/20-wifi-ssid.conf"
	kill -HUP "$client_pid"
	check "7: its options change" box_log 'wifi-ssid: reloaded'
	sessions=$(sessions_begun)
	ip link set tr0 up # news, and none of the name
	check "7: a session, for something else" acs rpc now SetParameterAttributes Device.WiFi.SSID.1.SSID notification=2
	check "7: has the same name, which is no change" no_change
	check "7: and is the only one" sh -c "[ $(sessions_begun) -eq $((sessions + 1)) ]"
else
	echo "SKIP of the kernel's news: no network namespace with unshare -rn, ip and veth"
fi
: >"$WORK/ssid"
check "7: without a network the name is empty" value_is Device.WiFi.SSID.1.SSID ''
check "7: and it is down" value_is Device.WiFi.SSID.1.Status Down
box_idle
box_stop
mkdir "$WORK/none"
start wifi-ssid.sysfs="$WORK/none"
check "7: a box without a radio" acs wait-session 60
check "7: has no row" value_is Device.WiFi.SSIDNumberOfEntries 0
not_in_inform() { ! acs last-inform | grep '^Device.WiFi'; }
check "7: and no name in the Inform" not_in_inform
box_idle
box_stop

CLIENT=$daemon
radio=$(for path in /sys/class/net/*/phy80211; do [ -e "$path" ] && basename "$(dirname "$path")"; done | head -n 1)
if [ -n "$radio" ] && command -v iw >/dev/null && [ -z "${TR069_IN_NAMESPACE:-}" ]; then
	box_start connection_request_username=cr connection_request_password=crpw wifi-ssid.interface="$radio"
	check "7: the radio of this machine" acs wait-session 60
	check "7: is in the network that iw says" value_is Device.WiFi.SSID.1.SSID \
		"$(iw dev "$radio" link | sed -n 's/^[[:space:]]*SSID: //p')"
else
	echo "SKIP of a real radio: this machine has none that can be asked here"
fi
finish
