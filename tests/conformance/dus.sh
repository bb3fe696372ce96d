# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# DUS: ChangeDUState

# A box that takes bundles, with some to be had.
units() {
	# shellcheck source=tests/daemon/du.sh
	. "$top/tests/daemon/du.sh"
	make_key maker
	du_acs
	du_box
	ln -sf "$build/tests/daemon/.libs/own.so" "$BOX/plugins/own.so"
	echo 'enabled = true' >"$BOX/plugins.d/60-own.conf"
	bundle one.zip "name=One\nversion=1.0\nuuid=$uuid_a\nunits=app"
	bundle one-2.zip "name=One\nversion=2.0\nuuid=$uuid_a\nunits=app"
	unit_box
	session 20 "1 BOOT"
}
unit_box() {
	[ -n "$cr_port" ] || choose_port
	du_start connection_request_port="$cr_port" periodic_interval=31536000
}
policy() { # policy [NAME=VALUE...]
	check "the policy" put Device.ManagementServer.DUStateChangeComplPolicy.Enable=xsd:boolean:true
	for setting in "$@"; do
		check "$setting" put "Device.ManagementServer.DUStateChangeComplPolicy.$setting"
	done
}
own() { # own OPERATION URL UUID
	check "the box: $1" rpc X_TR069CLIENT_OwnUnit Operation="$1" URL="$2" UUID="$3"
}
# In time for what comes next: bundles arrive slowly, once.
slow() { acs files http drip 16 25 times=1 >/dev/null; }
# The ACS is not there when it is to be told, and then the power goes: it is told all the same, once.
kept_until_told() { # kept_until_told EVENT...
	acs behaviour status 503 times=1 >/dev/null
	check "nobody listens" box_log 'session failed'
	box_kill
	new_boot_id
	unit_box
	check "it is told after all" acs wait-session 60 "\"$1\""
	for event in "$@"; do
		check "with $event" acs_event "$event"
	done
	box_idle
	inform
	check "once only" events "2 PERIODIC"
}
acs_event() { acs events | grep -q -x -e "$1"; }

row_DUS_01() {
	units
	check "three operations" change k1 "$(install one.zip)" "$(update "$uuid_a" one-2.zip)" "$(uninstall "$uuid_a")"
	check "are told" told k1
	check "and carried out after the response" in_order '<- ChangeDUStateResponse' 'GET /files/one.zip' 'GET /files/one-2.zip'
	check "installed" result 1 CurrentState=Installed Version=1.0 FaultCode=0
	check "updated" result 2 CurrentState=Installed Version=2.0 FaultCode=0
	check "uninstalled" result 3 CurrentState=Uninstalled FaultCode=0
	check "each on its own" change k2 "$(install none.zip)" "$(install one.zip)"
	check "this is told, too" told k2
	check "one failed" result 1 FaultCode=9016
	check "and the other did not" result 2 FaultCode=0
}

row_DUS_02() {
	units
	check "two operations" change k1 "$(install one.zip)" "$(uninstall "$uuid_b")"
	check "one report" told k1
	check "two results" results_are 2
	check "in order" result 2 FaultCode=9028 UUID="$uuid_b"
	check "with 11 and M ChangeDUState" transcript '<- Inform "11 DU STATE CHANGE COMPLETE", "M ChangeDUState:k1"'
	# the power goes while a bundle comes
	slow
	check "another" change k2 "$(update "$uuid_a" one-2.zip)"
	check "is being fetched" box_log 'files/one-2.zip'
	box_kill
	new_boot_id
	unit_box
	check "it is carried out after the restart, and told" told k2
	check "well" result 1 FaultCode=0 Version=2.0 CurrentState=Installed
	check "it is in the model" value Device.SoftwareModules.DeploymentUnit.1.Version 2.0
}

row_DUS_03() {
	units
	bundle old.zip "name=One\nversion=0.9\nuuid=$uuid_a"
	bundle osgi.zip "name=Else\nversion=1\nenvironment=osgi"
	check "an order" change d1 "$(install one.zip)"
	check "is told" told d1
	check "bad ones" change d2 "$(uninstall 12-34)" "$(install one.zip '' Device.SoftwareModules.ExecEnv.9)" \
		"$(install osgi.zip)" "$(install one.zip)" "$(update "$uuid_b")" "$(update "$uuid_a" old.zip)" "$(update "$uuid_a" one.zip)"
	check "are told" told d2
	n=0
	for code in 9022 9023 9025 9026 9028 9030 9032; do
		n=$((n + 1))
		check "$code" result $n FaultCode=$code
	done
	check "the environment is disabled" put Device.SoftwareModules.ExecEnv.1.Enable=xsd:boolean:false
	check "another" change d3 "$(install one.zip)"
	check "is told" told d3
	check "9024" result 1 FaultCode=9024
}

row_DUS_04() {
	units
	own Install "$(url_of one.zip)" ''
	check "is done" box_log "Install of $uuid_a 1.0: done"
	inform
	check "without the policy it is not told" events "2 PERIODIC"
	policy OperationTypeFilter=Update,Uninstall ResultTypeFilter=Success
	own Install "$(url_of one-2.zip)" ''
	check "is done" box_log "Install of $uuid_a 2.0: done"
	inform
	check "nor what it leaves out" events "2 PERIODIC"
	own Uninstall '' "$uuid_a"
	check "what it asks for is" since 'Inform .*"12 AUTONOMOUS DU STATE CHANGE COMPLETE"'
	check "with its report" since '<- AutonomousDUStateChangeComplete'
	box_idle
	results "$(ls "$WORK"/record/*-AutonomousDUStateChangeComplete.xml)"
	check "both versions in one" results_are 2
	check "with the operation" result 1 OperationPerformed=Uninstall CurrentState=Uninstalled FaultCode=0 UUID="$uuid_a"
}

row_DUS_05() {
	start
	check "not listed" rpc_says '^' GetRPCMethods
	check "ChangeDUState is not there" sh -c "! grep -q ChangeDUState '$WORK/said'"
	# shellcheck source=tests/daemon/du.sh
	. "$top/tests/daemon/du.sh"
	change no "$(uninstall "$uuid_a")" >"$WORK/answer" 2>&1
	check "9000" grep -q 9000 "$WORK/answer"
}
