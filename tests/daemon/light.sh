# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh and the tests use and set the rest
# tests/daemon/light.sh: what receives lightweight notifications.
#   light_start             $LIGHT_PORT, on loopback
#   light_next              waits for the next datagram; its body is $WORK/light.xml, its head $WORK/light.head
#   light_none SECONDS      none comes meanwhile
#   light_signed PASSWORD   the last one is signed by it
#   light_valid             and its body is valid by its schema
#   light_has NAME VALUE    and tells this
#   light_stop
light_pid='' light_seen=0

light_start() {
	mkdir -p "$WORK/light"
	"$build/tests/daemon/udp" "$WORK/light" >"$WORK/light.port" &
	light_pid=$!
	trap 'kill -KILL $light_pid ${acs2_pid:-} 2>/dev/null; cleanup' EXIT
	tries=0
	until [ -s "$WORK/light.port" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || fail "udp does not start"
		sleep 0.05
	done
	LIGHT_PORT=$(cat "$WORK/light.port")
}

light_stop() {
	kill "$light_pid"
	wait "$light_pid" 2>/dev/null
	light_pid=''
}

light_next() {
	light_seen=$((light_seen + 1))
	tries=0
	until [ -e "$WORK/light/$light_seen" ]; do
		tries=$((tries + 1))
		[ "$tries" -le "${1:-1200}" ] || {
			echo "no datagram $light_seen"
			return 1
		}
		sleep 0.05
	done
	sed '/^\r$/q' "$WORK/light/$light_seen" | tr -d '\r' >"$WORK/light.head"
	sed '1,/^\r$/d' "$WORK/light/$light_seen" >"$WORK/light.xml"
	cat "$WORK/light.head" "$WORK/light.xml"
	length=$(sed -n 's/^Content-Length: //p' "$WORK/light.head")
	[ "$length" -eq "$(wc -c <"$WORK/light.xml")" ]
}

light_none() {
	sleep "$1"
	[ ! -e "$WORK/light/$((light_seen + 1))" ]
}

light_signed() {
	signature=$(openssl dgst -sha1 -hmac "$1" "$WORK/light.xml" | sed 's/.*= *//' | tr '[:lower:]' '[:upper:]')
	grep -q -x "Signature: $signature" "$WORK/light.head" &&
		grep -q -x "Authorization: SIGNATURE=\"$signature\"" "$WORK/light.head"
}

light_valid() {
	[ -r "$TR069_STANDARDS/validate.sh" ] || return 0
	SCHEMA=cwmp-UDPLightweightNotification-1-0.xsd ACS=1 "$TR069_STANDARDS/validate.sh" "$WORK/light.xml"
}

light_has() {
	tr -d '\n' <"$WORK/light.xml" | grep -q "<Name>$1</Name><Value xsi:type=\"xs:[a-zA-Z]*\">$2</Value>"
}
