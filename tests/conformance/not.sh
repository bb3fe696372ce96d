# shellcheck shell=sh disable=SC2016 # awk's own
# NOT: notification

NTP=Device.Time.NTPServer1

notify() { rpc SetParameterAttributes "$1" "notification=$2"; }
local_set() { box_ctl set "$@"; }

row_NOT_01() {
	start
	check "passive" notify $NTP 1
	calm
	check "a value changes" local_set $NTP one
	check "no session for it" no_session 0.5
	check "one for another cause" acs connection-request
	session
	check "has its event" events "4 VALUE CHANGE" "6 CONNECTION REQUEST"
	check "and its value" informed $NTP '^one$'
	check "a value changes" local_set $NTP two
	inform
	check "whatever the cause" events "2 PERIODIC" "4 VALUE CHANGE"
	check "is" informed $NTP '^two$'
}

row_NOT_02() {
	start
	check "active" notify $NTP 2
	calm
	check "a value changes" local_set $NTP one
	session 5
	check "a session for it" events "4 VALUE CHANGE"
	check "with the value" informed $NTP '^one$'
	calm
	check "the ACS's own write" put $NTP=two
	check "is no change" no_session 0.5
	inform
	check "nor in the next Inform" events "2 PERIODIC"
	check "the value that it already has" local_set $NTP two
	check "is none either" no_session 0.5
}

row_NOT_03() {
	start
	check "a value changes" local_set $NTP one
	check "nobody wants to know" no_session 0.5
	inform
	check "nor in the next Inform" events "2 PERIODIC"
	check "active" notify $NTP 2
	check "off again" notify $NTP 0
	calm
	check "a value changes" local_set $NTP two
	check "nobody wants to know" no_session 0.5
	inform
	check "nor in the next Inform" events "2 PERIODIC"
	check "passive" notify $NTP 1
	calm
	check "a value changes" local_set $NTP three
	check "off before the Inform" rpc SetParameterAttributes $NTP notification=0
	inform
	check "what is pending goes along with it" events "2 PERIODIC"
}

# What the box says of its parameters against the column of the model; vendor's own have none.
defaults_as_model() { # defaults_as_model TABLE
	awk -F '\t' '
		function general(name) {
			while (match(name, /\.[0-9]+\./)) {
				name = substr(name, 1, RSTART) "{i}" substr(name, RSTART + RLENGTH - 1)
			}
			return name
		}
		NR == FNR { if ($2 == "parameter") { rule[$1] = $14 }; next }
		{ name = general($1) }
		!(name in rule) { next }
		{
			seen++
			active += $2 == 2
			wanted = rule[name] ~ /^force/ ? 2 : 0
			if ($2 != wanted) { print $1 " is " $2 ", the model says " rule[name]; wrong++ }
		}
		END { print seen " parameters, " active " active"; exit wrong > 0 || seen < 40 || active < 3 }' \
		"$TR069_STANDARDS/dm/$1" "$WORK/attributes"
}

row_NOT_04() {
	for model in Device:2 InternetGatewayDevice:1; do
		root=${model%:*}
		start root="$model"
		acs rpc now GetParameterAttributes "$root." >"$WORK/attributes" || fail "GetParameterAttributes"
		drain
		if [ "$root" = Device ]; then
			check "$root: forced and default ones are the model's" defaults_as_model tr-181-2-17-0.tsv
		else
			check "$root: forced and default ones are the model's" defaults_as_model tr-098-1-8-0.tsv
		fi
		for level in 0 1; do
			check "$root: set to $level" rpc SetParameterAttributes "$root.DeviceInfo.SoftwareVersion" notification=$level \
				"$root.DeviceInfo.ProvisioningCode" notification=$level
			for name in SoftwareVersion ProvisioningCode; do
				check "$name stays active" rpc_says "$name	2" GetParameterAttributes "$root.DeviceInfo.$name"
			done
		done
		calm
		check "a change of ProvisioningCode" local_set "$root.DeviceInfo.ProvisioningCode" "of $level"
		session 5
		check "starts a session" events "4 VALUE CHANGE"
		box_stop
		acs_stop
		rm -rf "$BOX"
	done
}

row_NOT_05() {
	start
	url=Device.ManagementServer.ConnectionRequestURL
	check "active by itself" rpc_says "ConnectionRequestURL	2" GetParameterAttributes $url
	calm
	box_stop
	cr_port=$((cr_port + 1))
	daemon
	session 10
	check "another URL is told" events "2 PERIODIC" "4 VALUE CHANGE"
	check "it is the new one" informed $url ":$cr_port/"
	check "the ACS says off" notify $url 0
	check "it is off" rpc_says "ConnectionRequestURL	0" GetParameterAttributes $url
	box_stop
	cr_port=$((cr_port + 1))
	daemon
	session 10
	check "then a change is none to tell" events "2 PERIODIC"
	check "the ACS says active" notify $url 2
	check "it is again" rpc_says "ConnectionRequestURL	2" GetParameterAttributes $url
}

row_NOT_06() {
	start
	check "passive" notify $NTP 1
	calm
	box_stop
	sed -i 's/^ro.build.version.incremental=.*/ro.build.version.incremental=1.0.2/' "$BOX/build.prop"
	new_boot_id
	start
	check "an upgrade" events "1 BOOT" "4 VALUE CHANGE"
	check "with the new version" informed Device.DeviceInfo.SoftwareVersion '^1.0.2$'
	check "a local change" local_set $NTP local
	box_stop
	start
	check "that was not told when the daemon ended is told when it is back" events "2 PERIODIC" "4 VALUE CHANGE"
	check "with its value" informed $NTP '^local$'
	box_reboot
	start
	check "once" events "1 BOOT"
	check "a local change" local_set $NTP again
	box_kill
	new_boot_id
	start
	check "so is it after a power cut" events "1 BOOT" "4 VALUE CHANGE"
	check "with its value" informed $NTP '^again$'
}

row_NOT_07() {
	start
	check "passive" notify $NTP 1
	check "a first value" put $NTP=first
	calm
	check "it changes" local_set $NTP other
	check "and changes back" local_set $NTP first
	inform
	check "is a change" events "2 PERIODIC" "4 VALUE CHANGE"
	check "with the value of now" informed $NTP '^first$'
}

row_NOT_08() {
	start
	check "passive" notify $NTP 1
	calm
	for value in a b c d; do
		check "it changes to $value" local_set $NTP $value
	done
	inform
	check "one event" events "2 PERIODIC" "4 VALUE CHANGE"
	check "the newest value" informed $NTP '^d$'
	check "once" sh -c "[ \$(grep -c '^$NTP	' '$WORK/inform') -eq 1 ]"
}

row_NOT_09() {
	ACS_OPTIONS='--tolerate session-broken' start retry_minimum=1
	check "passive" notify $NTP 1
	calm
	check "a value changes" local_set $NTP one
	inform
	check "told" events "2 PERIODIC" "4 VALUE CHANGE"
	inform
	check "and never again" events "2 PERIODIC"
	check "a value changes" local_set $NTP two
	mark
	acs behaviour status 503 times=1 >/dev/null
	box_ctl inform
	check "not acknowledged" since '503'
	session 20 "4 VALUE CHANGE"
	check "it is told again" informed $NTP '^two$'
	check "a value changes" local_set $NTP three
	calm
	box_ctl inform
	session 10 "4 VALUE CHANGE"
	box_kill
	daemon
	session 10
	check "nor after a kill" events "2 PERIODIC"
}

row_NOT_10() {
	start
	check "active" notify $NTP 2
	calm
	acs behaviour delay 1 times=1 >/dev/null
	mark
	check "a session" box_ctl inform
	check "runs" since '<- Inform'
	check "a value changes meanwhile" local_set $NTP one
	check "and another time" local_set $NTP two
	session
	check "its Inform said nothing of it" events "2 PERIODIC"
	session 5
	check "a new one does" events "4 VALUE CHANGE"
	check "with the newest value" informed $NTP '^two$'
	calm
	acs behaviour delay 1 times=1 >/dev/null
	mark
	check "a change" local_set $NTP three
	check "is being told" since '<- Inform "4 VALUE CHANGE"'
	check "when the value changes again" local_set $NTP four
	session
	check "told" events "4 VALUE CHANGE"
	session 5
	check "a new session tells the second" events "4 VALUE CHANGE"
	check "with its value" informed $NTP '^four$'
}

# The order to delete the row is for the running session, whose Inform is from before the change.
row_NOT_11() {
	rows=Device.ManagementServer.InformParameter
	start
	check "a row" rpc_says 'InstanceNumber	1' AddObject $rows.
	check "another" rpc_says 'InstanceNumber	2' AddObject $rows.
	check "passive" rpc SetParameterAttributes $rows. notification=1
	calm
	acs behaviour delay 1 times=1 >/dev/null
	mark
	acs rpc DeleteObject $rows.1. >/dev/null 2>&1 &
	check "a session" box_ctl inform
	check "begins" since '<- Inform'
	check "the value in one row changes" box_ctl set $rows.1.EventList 4
	check "and in the other" box_ctl set $rows.2.EventList 5
	check "the first is deleted in that session" since 'DeleteObjectResponse'
	session 10
	inform
	check "the other one's change is told" events "2 PERIODIC" "4 VALUE CHANGE"
	check "with its value" informed $rows.2.EventList '^5$'
	check "that of the deleted one is not" sh -c "! grep '^$rows.1\\.' '$WORK/inform'"
	inform
	check "nor later" events "2 PERIODIC"
}
