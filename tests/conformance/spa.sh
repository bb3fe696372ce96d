# shellcheck shell=sh disable=SC2016 # awk's own
# SPA: SetParameterAttributes

NTP=Device.Time.NTPServer1

# attribute NAME NOTIFICATION [ACCESS]
attribute() {
	acs rpc now GetParameterAttributes "$1" >"$WORK/attribute" || return 1
	drain
	found=$(cat "$WORK/attribute")
	[ "$found" = "$1	$2	${3-Subscriber}" ] || {
		echo "$found"
		return 1
	}
}
spa() { rpc SetParameterAttributes "$@"; }

row_SPA_01() {
	start
	for level in 1 2 0; do
		check "set to $level" spa $NTP notification=$level
		check "it is" attribute $NTP $level
		box_reboot
		start
		check "after a reboot too" attribute $NTP $level
	done
	check "set to 2" spa $NTP notification=2
	box_kill
	daemon
	session 10
	check "after a power cut too" attribute $NTP 2
}

row_SPA_02() {
	start
	check "a partial path" spa Device.Time. notification=1
	acs rpc now GetParameterAttributes Device.Time. >"$WORK/below" || fail "GetParameterAttributes"
	drain
	check "all below are set" awk -F '\t' '$2 != 1 { exit bad = 1 } END { exit bad || NR < 3 }' "$WORK/below"
	check "others are not" attribute Device.ManagementServer.URL 0
	check "a table" spa Device.ManagementServer.InformParameter. notification=1
	check "a later entry wins" spa Device.Time. notification=0 $NTP notification=2
	check "over a partial path" attribute $NTP 2
	check "which is there too" attribute Device.Time.NTPServer2 0
}

row_SPA_03() {
	start
	check "both" spa $NTP notification=1 access=
	check "are set" attribute $NTP 1 ''
	check "access alone" spa $NTP access=Subscriber
	check "leaves notification" attribute $NTP 1
	check "notification alone" spa $NTP notification=2
	check "leaves access" attribute $NTP 2
	check "access" spa $NTP access=
	check "notification" spa $NTP notification=0
	check "leaves access" attribute $NTP 0 ''
	check "neither" spa $NTP
	check "changes nothing" attribute $NTP 0 ''
}

row_SPA_04() {
	start
	check "an unknown name at the end" faults 9005 SetParameterAttributes $NTP notification=2 Device.Nothing notification=1
	check "nothing is set" attribute $NTP 0
	check "a refused one" faults 9009 SetParameterAttributes $NTP notification=2 access= \
		Device.DeviceInfo.UpTime notification=2
	check "nothing is set" attribute $NTP 0
	check "a wrong one" faults 9003 SetParameterAttributes $NTP notification=2 Device.Time.NTPServer2 notification=9
	check "nothing is set" attribute $NTP 0
	box_reboot
	start
	check "nor after a reboot" attribute $NTP 0
}

row_SPA_05() {
	start
	check "an unknown parameter" faults 9005 SetParameterAttributes Device.Nothing notification=1
	check "an unknown object" faults 9005 SetParameterAttributes Device.Nothing. notification=1
	check "7" faults 9003 SetParameterAttributes $NTP notification=7
	check "-1" faults 9003 SetParameterAttributes $NTP notification=-1
	check "one that may refuse" faults 9009 SetParameterAttributes Device.DeviceInfo.UpTime notification=2
	check "so does its object" faults 9009 SetParameterAttributes Device.DeviceInfo. notification=2
	check "but not passive" spa Device.DeviceInfo.UpTime notification=1
	calm
	sleep 1 # it counts seconds
	inform
	check "a counter in each Inform" events "2 PERIODIC" "4 VALUE CHANGE"
}

# Names of the box that the model has, by its column: may deny or not.
by_rule() { # by_rule canDeny YES|NO
	awk -F '\t' -v may="$1" '
		function general(name) {
			while (match(name, /\.[0-9]+\./)) {
				name = substr(name, 1, RSTART) "{i}" substr(name, RSTART + RLENGTH - 1)
			}
			return name
		}
		NR == FNR { if ($2 == "parameter") { rule[$1] = $14 }; next }
		{ name = general($1) }
		name in rule && (rule[name] == "canDeny") == (may == "yes") { print $1 }' \
		"$TR069_STANDARDS/dm/tr-181-2-17-0.tsv" "$WORK/all"
}

row_SPA_06() {
	start
	acs rpc now GetParameterAttributes Device. >"$WORK/all" || fail "GetParameterAttributes"
	drain
	by_rule no >"$WORK/normal"
	check "there are some" sh -c "[ \$(wc -l <'$WORK/normal') -gt 40 ]"
	# shellcheck disable=SC2046 # names hold no blanks
	check "every one that may not refuse takes active" spa $(sed 's/$/ notification=2/' "$WORK/normal")
	acs rpc now GetParameterAttributes Device. >"$WORK/all" || fail "GetParameterAttributes"
	drain
	check "and has it" awk -F '\t' 'NR == FNR { wanted[$1]; next } $1 in wanted { seen++; if ($2 != 2) { print; bad = 1 } }
		END { exit bad || seen < 40 }' "$WORK/normal" "$WORK/all"
}

row_SPA_07() {
	start
	for level in 0 1; do
		check "$level for forced ones is accepted" spa Device.DeviceInfo.SoftwareVersion notification=$level
		check "and changes nothing" attribute Device.DeviceInfo.SoftwareVersion 2
	done
	check "by a partial path too" spa Device.DeviceInfo. notification=0
	check "it stays" attribute Device.DeviceInfo.ProvisioningCode 2
	calm
	check "what changes" box_ctl set Device.DeviceInfo.ProvisioningCode x
	session 5
	check "is told" events "4 VALUE CHANGE"
}

row_SPA_08() {
	start
	check "a list" spa $NTP access=
	check "empty: the ACS alone" attribute $NTP 0 ''
	check "which writes all the same" put $NTP=acs
	check "it has" value $NTP acs
	box_reboot
	start
	check "after a reboot too" attribute $NTP 0 ''
	check "what it does not know is left out" spa $NTP access=X_FOO,Subscriber
	check "the rest is reported" attribute $NTP 0 Subscriber
	check "of them alone nothing is left" spa $NTP access=X_FOO
	check "the ACS" attribute $NTP 0 ''
	check "always writes" put $NTP=again
	check "it has" value $NTP again
}

row_SPA_09() {
	start
	check "the box may write" box_ctl set $NTP one
	check "ACS only" spa $NTP access=
	box_ctl set $NTP two >"$WORK/refused" 2>&1 && fail "the box writes"
	check "the box may not" grep -q 'keeps this parameter to itself' "$WORK/refused"
	check "nothing is written" value $NTP one
	check "others only" spa $NTP access=X_FOO
	box_ctl set $NTP two >"$WORK/refused" 2>&1 && fail "the box writes"
	check "the subscriber" spa $NTP access=X_FOO,Subscriber
	check "may write again" box_ctl set $NTP three
	check "it is written" value $NTP three
}

row_SPA_10() {
	start
	check "UDP is supported" value Device.ManagementServer.LightweightNotificationProtocolsSupported UDP
	check "and not used by itself" value Device.ManagementServer.LightweightNotificationProtocolsUsed ''
	for level in 3 4 5 6; do
		check "set to $level" spa $NTP notification=$level
		check "it is" attribute $NTP $level
	done
	box_reboot
	start
	check "after a reboot too" attribute $NTP 6
	check "7" faults 9003 SetParameterAttributes $NTP notification=7
	check "another protocol" faults 9003 SetParameterValues Device.ManagementServer.LightweightNotificationProtocolsUsed=SMS
	check "forced ones stay active" spa Device.DeviceInfo.SoftwareVersion notification=3
	check "as they are" attribute Device.DeviceInfo.SoftwareVersion 2
}
