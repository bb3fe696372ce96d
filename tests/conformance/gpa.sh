# shellcheck shell=sh disable=SC2016 # awk's own
# GPA: GetParameterAttributes

NTP=Device.Time.NTPServer1

# gpa NAME...: the answer is in $WORK/attributes: NAME TAB NOTIFICATION TAB ACCESS
gpa() {
	acs rpc now GetParameterAttributes "$@" >"$WORK/attributes" || return 1
	drain
}
lines() { wc -l <"$WORK/attributes" | grep -q -x "$1"; }
has() { grep -q -x "$1" "$WORK/attributes"; }

row_GPA_01() {
	start
	check "a name" gpa $NTP
	check "one answer" lines 1
	check "its notification and access" has "$NTP	0	Subscriber"
	check "a forced one" gpa Device.DeviceInfo.SoftwareVersion
	check "is active" has "Device.DeviceInfo.SoftwareVersion	2	Subscriber"
}

row_GPA_02() {
	start
	check "a partial path" gpa Device.Time.
	check "all below" lines '[1-9][0-9]*'
	check "nothing else" sh -c "! grep -v '^Device\.Time\.' '$WORK/attributes'"
	check "names" acs rpc now GetParameterNames Device. 0
	drain
	grep -v '\.	' "$WORK/check.out" | cut -f 1 | sort >"$WORK/names"
	for all in '""' Device.; do
		check "everything: $all" gpa "$all"
		cut -f 1 "$WORK/attributes" | sort | check "each once" cmp - "$WORK/names"
	done
}

row_GPA_03() {
	start
	check "mixed" gpa Device.Time. Device.DeviceInfo.SoftwareVersion Device.ManagementServer.InformParameter.
	check "below the path" has "$NTP	0	Subscriber"
	check "and the name" has "Device.DeviceInfo.SoftwareVersion	2	Subscriber"
	check "overlapping" gpa $NTP Device.Time. $NTP
	check "are each once" sh -c "[ \$(grep -c -F '$NTP	' '$WORK/attributes') -eq 1 ]"
}

row_GPA_04() {
	start
	check "an unknown one" faults 9005 GetParameterAttributes Device.Nothing
	check "behind a known one" faults 9005 GetParameterAttributes $NTP Device.Nothing
	check "an unknown object" faults 9005 GetParameterAttributes Device.Nothing.
	check "a row that is not there" faults 9005 GetParameterAttributes Device.ManagementServer.InformParameter.7.
}

row_GPA_05() {
	start
	check "all" gpa Device.
	check "off or active, and the subscriber may write" awk -F '\t' '$2 != 0 && $2 != 2 || $3 != "Subscriber" { print; bad = 1 } END { exit bad }' \
		"$WORK/attributes"
	check "active are only the forced and default ones" sh -c "cut -f 1,2 '$WORK/attributes' | grep '	2\$' | cut -f 1 | sort >'$WORK/active'
		grep -v X_TR069CLIENT_ '$WORK/active' | tr '\n' ' ' | grep -x \
			'Device.DeviceInfo.ProvisioningCode Device.DeviceInfo.SoftwareVersion Device.ManagementServer.ConnectionRequestURL '"
}

row_GPA_06() {
	start
	check "set" rpc SetParameterAttributes $NTP notification=1 access= Device.Time.NTPServer2 notification=2
	check "get" gpa Device.Time.
	check "one" has "$NTP	1	"
	check "the other" has "Device.Time.NTPServer2	2	Subscriber"
	check "a row" rpc AddObject Device.ManagementServer.InformParameter.
	check "set" rpc SetParameterAttributes Device.ManagementServer.InformParameter.1. notification=1
	check "get" gpa Device.ManagementServer.InformParameter.1.Enable
	check "it is there" has "Device.ManagementServer.InformParameter.1.Enable	1	Subscriber"
	check "its row is deleted" rpc DeleteObject Device.ManagementServer.InformParameter.1.
	check "another one" rpc AddObject Device.ManagementServer.InformParameter.
	check "begins anew" gpa Device.ManagementServer.InformParameter.2.Enable
	check "with the default" has "Device.ManagementServer.InformParameter.2.Enable	0	Subscriber"
}
