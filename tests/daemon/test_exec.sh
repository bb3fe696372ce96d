#!/bin/sh
# Parameters that programs read and write, declared in a conf file: read, set, kept over kill -9, slow and hanging
# programs, hostile values, changes told, the declarations changed while it runs.
# shellcheck source=tests/daemon/lib.sh
. "${top_srcdir:-.}/tests/daemon/lib.sh"

P=Device.DeviceInfo.X_ACME_
start() {
	box_start connection_request_username=cr connection_request_password=crpw
}
value_is() { value=$(acs value now "$1") && [ "$value" = "$2" ] || { echo "$value"; return 1; }; }
comes_to() { # comes_to FILE TEXT
	tries=0
	until [ "$(cat "$1" 2>/dev/null)" = "$2" ]; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || { cat "$1"; return 1; }
		sleep 0.05
	done
}
declare_them() {
	cat >"$BOX/plugins.d/60-exec.conf"
}
hangup() {
	: >"$WORK/client.log"
	kill -HUP "$client_pid" && box_log 'agent: reloaded'
}
box_new
echo day >"$BOX/mode"
cat >"$BOX/set-mode" <<-END
	#!/bin/sh
	echo "\$#:\$*" >>"$BOX/calls"
	[ ! -e "$BOX/broken" ] || exit 1
	printf '%s\n' "\$2" >"$BOX/mode"
END
chmod +x "$BOX/set-mode"
declare_them <<-END
	enabled = true
	cache = 0
	wait = 400
	parameters = {
		"DeviceInfo.X_ACME_Mode string length=40 get: cat $BOX/mode set: $BOX/set-mode --",
		"DeviceInfo.X_ACME_Load int min=0 max=100 get: echo 42",
		"DeviceInfo.X_ACME_Bad int get: echo many",
		"Device.X_ACME_Where string get: pwd",
		"InternetGatewayDevice.X_ACME_Other string get: pwd",
	}
END
acs_start
start
acs credentials user=cr password=crpw >/dev/null
check "the first session" acs wait-session 60 "1 BOOT"
check "a program's output is a value" value_is "${P}Mode" day
check "with its type" said 'unsignedInt\|int	42' "rpc now GetParameterValues ${P}Load"
check "below any object" said '/' 'value now Device.X_ACME_Where'
check "of this root only" said 9005 'rpc now GetParameterValues Device.X_ACME_Other'
check "output that is no number does no harm" acs rpc now GetParameterValues Device.
check "and is told in the log" box_log 'X_ACME_Bad: echo printed no value'
echo dusk >"$BOX/mode"
check "another session, another value" value_is "${P}Mode" dusk

check "a set: it comes later, says Status" said 'Status	1' "rpc now SetParameterValues ${P}Mode=night"
check "the program has it" comes_to "$BOX/mode" night
check "and reads back" value_is "${P}Mode" night
# shellcheck disable=SC2016 # it is for the box not to expand
hostile='a;touch$IFS/x`id`|$(id)&'
check "what a shell would do something with" acs rpc now SetParameterValues "\"${P}Mode=$hostile\""
check "is one argument" comes_to "$BOX/mode" "$hostile"
check "one that looks like an option stands behind --" acs rpc now SetParameterValues "${P}Mode=--help"
check "so it is none" comes_to "$BOX/mode" --help
check "two arguments each time" sh -c "! grep -v '^2:-- ' '$BOX/calls'"
check "a longer one is refused" said 'Fault 9003' "rpc now SetParameterValues ${P}Mode=12345678901234567890123456789012345678901"
check "a read-only one too" said 'Fault 9003' "rpc now SetParameterValues ${P}Load=xsd:int:1"
check "a request that fails as a whole" said 'Fault 9003' "rpc now SetParameterValues ${P}Mode=never Device.DeviceInfo.UpTime=xsd:unsignedInt:1"
check "changes nothing" value_is "${P}Mode" --help
check "and runs nothing" sh -c "! grep never '$BOX/calls'"

# ---- a power cut between the promise and the program
cat >"$BOX/slow" <<-END
	#!/bin/sh
	[ -e "$BOX/go" ] || sleep 600
	exec "$BOX/set-mode" "\$@"
END
chmod +x "$BOX/slow"
sed -i "s,set: $BOX/set-mode,set: $BOX/slow," "$BOX/plugins.d/60-exec.conf"
check "another program, SIGHUP" hangup
check "a value" acs rpc now SetParameterValues "${P}Mode=kept"
box_idle
box_kill
touch "$BOX/go"
start
check "after kill -9 the program has it" comes_to "$BOX/mode" kept
check "the box is there" acs rpc now GetRPCMethods
box_idle

# ---- a program that hangs
waits() { grep -c "was not refreshed in time" "$WORK/client.log"; } # sessions that waited in vain
cat >"$BOX/hang" <<-END
	#!/bin/sh
	[ ! -e "$BOX/hang-now" ] || exec sleep 600
	echo quick
END
chmod +x "$BOX/hang"
sed -i "s,get: echo 42,get: $BOX/hang,; s,X_ACME_Load int min=0 max=100,X_ACME_Hang string," "$BOX/plugins.d/60-exec.conf"
check "SIGHUP" hangup
check "it is quick" value_is "${P}Hang" quick
touch "$BOX/hang-now"
check "it hangs: the former value" value_is "${P}Hang" quick
before=$(waits)
for turn in 1 2 3 4 5; do
	check "a session, $turn" value_is "${P}Hang" quick
done
check "none of the five waited for it" [ "$(waits)" -eq "$before" ]

# ---- changes are told
sed -i 's/^cache = 0/poll = 1/' "$BOX/plugins.d/60-exec.conf"
check "SIGHUP" hangup
check "the ACS wants to hear of it" acs rpc now SetParameterAttributes "${P}Mode" notification=2
box_idle
echo noticed >"$BOX/mode"
heard() { # an Inform of it; others may come before
	tries=0
	until acs last-inform | grep -q 'Mode.*noticed'; do
		tries=$((tries + 1))
		[ "$tries" -le 1200 ] || return 1
		sleep 0.05
	done
}
check "it hears of it" heard

# ---- mistakes
echo 'parameters = {"DeviceInfo.X_ACME_Mode strange get: x"}' >>"$BOX/plugins.d/60-exec.conf"
check "a mistake, SIGHUP" hangup
check "is named" box_log 'strange get: x": there is no such type'
check "what was there goes on" value_is "${P}Mode" noticed
declare_them <<-END
	enabled = true
	parameters = {"DeviceInfo.SerialNumber string get: pwd"}
END
check "what another plugin has, SIGHUP" hangup
check "is named" box_log 'SerialNumber.*device-info\|device-info.*SerialNumber'
check "and the box is there" acs rpc now GetParameterValues Device.DeviceInfo.SerialNumber
finish
