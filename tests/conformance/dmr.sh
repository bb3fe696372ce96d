# shellcheck shell=sh disable=SC2034,SC2154 # of lib.sh
# DMR: the data model, against the Broadband Forum's tables (TR069_STANDARDS), under both roots

# shellcheck source=tests/conformance/stb.sh
. "$top/tests/conformance/stb.sh"

root_table() { # root_table ROOT: $ROOT, $TABLE
	case $1 in
	Device:2) ROOT=Device. TABLE=$TR069_STANDARDS/dm/tr-181-2-17-0.tsv ;;
	*) ROOT=InternetGatewayDevice. TABLE=$TR069_STANDARDS/dm/tr-098-1-8-0.tsv ;;
	esac
	[ -r "$TABLE" ] || fail "there is no $TABLE"
}
# Runs the box with that root; its names and values are in $WORK/names, $WORK/values, the table is $TABLE.
model() { # model ROOT [OPTION...]
	root_table "$1"
	[ -z "$client_pid" ] || box_stop
	rm -rf "$BOX"
	root=$1
	shift
	box_new
	sed -i 's/^enabled = false/enabled = true/' "$BOX"/plugins.d/40-*.conf # diagnostics that are off at first
	start root="$root" standby=true "$@"
	# a row of the ACS's own
	rpc AddObject "${ROOT}ManagementServer.InformParameter." >"$WORK/added"
	look
}
look() { # look [PATH]
	rpc GetParameterNames "${1:-$ROOT}" 0 >"$WORK/names"
	rpc GetParameterValues "${1:-$ROOT}" >"$WORK/values"
}
holds() { # holds WHAT [LEAST]: at least so many were looked at
	awk -v what="$1" -v least="${2:-1}" -v profile="${3:-}" -f "$top/tests/conformance/model.awk" "$TABLE" "$WORK/names" "$WORK/values"
}
both() { # both WHAT LEAST
	for root in Device:2 InternetGatewayDevice:1; do
		model "$root"
		check "$root" holds "$1" "$2"
	done
}

row_DMR_01() { both names 40; }

row_DMR_02() {
	for root in Device:2 InternetGatewayDevice:1; do
		model "$root"
		check "$root: types" holds types 40
		check "$root: access" holds names 40
		check "$root: values are within length, range and enumeration" holds values 20
		holds wrong >"$WORK/wrong"
		check "$root: there are values beyond them" test "$(wc -l <"$WORK/wrong")" -gt 8
		while read -r assignment; do
			acs rpc now SetParameterValues "\"$assignment\"" >"$WORK/fault" 2>&1 && fail "accepted: $assignment"
			echo "${assignment%%=*}	$(cat "$WORK/fault")" >>"$WORK/refusals"
		done <"$WORK/wrong"
		drain
		check "$root: each is refused" test "$(grep -c 'Fault 9003' "$WORK/refusals")" -eq "$(wc -l <"$WORK/refusals")"
		look
		check "$root: and changes nothing" holds values 20
	done
	check "each as a value that is wrong" test "$(grep -c '"9007\|9007' "$WORK/refusals")" -eq "$(wc -l <"$WORK/refusals")"
}

# What the plugins of diagnostics have when they are on.
tr143() {
	for profile in IPPing:1 Download:1 DownloadTCP:1 Upload:1 UploadTCP:1 UDPEcho:1 UDPEchoPlus:1; do
		check "$ROOT: $profile is complete" holds profile 1 "$profile"
	done
}

row_DMR_03() {
	model InternetGatewayDevice:1
	summary=$(acs value now InternetGatewayDevice.DeviceSummary)
	drain
	check "DeviceSummary has its form" sh -c "echo '$summary' | grep -x 'InternetGatewayDevice:1\.[0-9]*\[\](\([A-Za-z0-9]*:[0-9]*\(, [A-Za-z0-9]*:[0-9]*\)*\)\{0,1\})'"
	echo "$summary" | sed 's/.*(\(.*\))/\1/' | tr ',' '\n' | tr -d ' ' | grep . >"$WORK/claimed"
	while read -r profile; do
		check "$profile is complete" holds profile 1 "$profile"
	done <"$WORK/claimed"
	check "one that it has not is found out" sh -c "! awk -v what=profile -v profile=UserInterface:1 -f '$top/tests/conformance/model.awk' '$TABLE' '$WORK/names' '$WORK/values'"
	tr143
	model Device:2
	tr143
	check "Device:2 claims none" value Device.DeviceInfo.SupportedDataModel.1.Features ''
	check "Time:1, which it could claim there, is complete" holds profile 7 Time:1
}

row_DMR_04() {
	model Device:2
	check "the version of the model" value Device.RootDataModelVersion 2.17
	check "a row of SupportedDataModel" value Device.DeviceInfo.SupportedDataModelNumberOfEntries 1
	check "with its document" value Device.DeviceInfo.SupportedDataModel.1.URN urn:broadband-forum-org:tr-181-2-17-0
	check "of that name" value Device.DeviceInfo.SupportedDataModel.1.URL https://cwmp-data-models.broadband-forum.org/tr-181-2-17-0-cwmp.xml
	check "which holds every name" holds names 40
	check "no DeviceSummary there" faults 9005 GetParameterValues Device.DeviceSummary
	model InternetGatewayDevice:1
	check "but here" informed InternetGatewayDevice.DeviceSummary '^InternetGatewayDevice:1\.'
	check "and no RootDataModelVersion" faults 9005 GetParameterValues InternetGatewayDevice.RootDataModelVersion
}

# Services. and what is below it, against the service's own table: its profiles are called as those of the root.
stb_model() { # stb_model ROOT
	[ -z "$client_pid" ] || box_stop
	rm -rf "$BOX"
	stb_box
	player 'Components.FrontEnd.1.Status=Enabled' 'Components.AudioDecoder.1.AudioStandard=DOLBY-AC3' \
		'Components.VideoDecoder.1.MPEG4Part10=Capabilities.VideoDecoder.MPEG4Part10.ProfileLevel.1' \
		'Components.AudioOutput.1.AudioLevel=35' 'Components.VideoOutput.1.VideoFormat=HDMI' \
		'AVStreams.AVStream.1.Status=Enabled' 'AVPlayers.AVPlayer.1.MainStream=AVStreams.AVStream.1' \
		'ServiceMonitoring.MainStream.1.AVStream=AVStreams.AVStream.1'
	STB=${1%%:*}.Services.STBService.1.
	root_table "$1"
	{
		sed "s/Device\.Services/${ROOT}Services/" "$TR069_STANDARDS/dm/tr-135-1-4-1.tsv"
		grep -F "${ROOT}Services.	" "$TABLE"
	} >"$WORK/table"
	TABLE=$WORK/table
	start root="$1"
	look "${ROOT}Services."
}

row_DMR_05() {
	for root in Device:2 InternetGatewayDevice:1; do
		stb_model "$root"
		check "$root: there is one" value "${ROOT}Services.STBServiceNumberOfEntries" 1
		for profile in Baseline:1:90 Baseline:2:95 BasicPerfMon:2:60 ECPerfMon:1:10 VideoPerfMon:1:10 AudioPerfMon:1:4; do
			check "$root: ${profile%:*} is complete" holds profile "${profile##*:}" "${profile%:*}"
		done
		check "$root: one that it has not is found out" sh -c \
			"! awk -v what=profile -v profile=DTT:1 -f '$top/tests/conformance/model.awk' '$TABLE' '$WORK/names' '$WORK/values'"
		check "$root: names and access" holds names 250
		check "$root: types" holds types 190
		check "$root: values" holds values 40
		check "$root: lists" holds lists 60
		check "$root: a row for each entry, and no other" holds entries 12
		check "$root: references" holds references 12
		check "$root: what is in the conf file" value "${STB}Capabilities.VideoOutput.VideoFormats" HDMI,CVBS
		check "$root: what the player says" value "${STB}AVStreams.ActiveAVStreams" 1
		check "$root: a full name" value "${STB}AVPlayers.AVPlayer.1.MainStream" "${STB}AVStreams.AVStream.1"
	done
	check "a player that has none" value "${STB}AVPlayers.AVPlayer.1.PIPStreams" ''
	check "the ACS turns it down" put "${STB}Components.AudioOutput.1.AudioLevel=xsd:unsignedInt:20"
	check "which the player is told" asked 'set Components.AudioOutput.1.AudioLevel=20' 1
	check "and does" grep -q -x 'Components.AudioOutput.1.AudioLevel=20' "$BOX/player.txt"
	check "the value is what the player says" value "${STB}Components.AudioOutput.1.AudioLevel" 20
	check "as long as the model allows it" faults 9003 SetParameterValues "${STB}Components.AudioOutput.1.AudioLevel=xsd:unsignedInt:101"
	stb_model Device:2
	check "its model is among those that are supported" value Device.DeviceInfo.SupportedDataModelNumberOfEntries 2
	check "by its name" value Device.DeviceInfo.SupportedDataModel.2.URN urn:broadband-forum-org:tr-135-1-4-1
	box_stop
	rm -rf "$BOX"
	start
	check "a box whose maker did not say so has none" faults 9005 GetParameterValues Device.Services.STBServiceNumberOfEntries
}

row_DMR_06() {
	both entries 4
	for n in 2 3 4; do
		rpc AddObject "${ROOT}ManagementServer.InformParameter." >"$WORK/added"
	done
	rpc DeleteObject "${ROOT}ManagementServer.InformParameter.2." >"$WORK/deleted"
	look
	check "also when rows came and went" holds entries 4
	check "to three" value "${ROOT}ManagementServer.InformParameterNumberOfEntries" 3
}

row_DMR_07() {
	both dates 3
	model Device:2 clock_not_before=2100-01-01T00:00:00Z
	check "before the clock is set" holds dates 3
	check "none says now" sh -c "! grep 'xsd:dateTime	$(date -u +%Y)' '$WORK/values'"
}

row_DMR_08() { both lists 2; }

row_DMR_09() {
	model Device:2
	check "each points to what is there, or nowhere" holds references 1
	check "one does" grep -q 'LowerLayers	xsd:string	Device' "$WORK/values"
}

row_DMR_10() {
	model Device:2
	awk -F '\t' '$1 ~ /\.LowerLayers$/ && $3 != "" { sub(/\.LowerLayers$/, "", $1); n = split($3, item, ","); for (i = 1; i <= n; i++) print $1, item[i] }' \
		"$WORK/values" | sort >"$WORK/layers"
	awk -F '\t' '$1 ~ /^Device\.InterfaceStack\..*\.HigherLayer$/ { higher = $3 } $1 ~ /^Device\.InterfaceStack\..*\.LowerLayer$/ { print higher, $3 }' \
		"$WORK/values" | sort >"$WORK/stack"
	check "the rows are the LowerLayers" diff "$WORK/layers" "$WORK/stack"
	check "there are some" test -s "$WORK/stack"
	check "as many as it says" value Device.InterfaceStackNumberOfEntries "$(wc -l <"$WORK/stack")"
}

row_DMR_11() {
	virtual_time
	model Device:2
	check "UpTime counts" within 0 4294967295 "$(acs value now Device.DeviceInfo.UpTime)"
	drain
	first=$(acs value now Device.DeviceInfo.UpTime)
	forward 1000
	calm
	check "up" within $((first + 1000)) $((first + 1010)) "$(acs value now Device.DeviceInfo.UpTime)"
	drain
	for root in Device:2 InternetGatewayDevice:1; do
		model "$root"
		# what a diagnostic measured is a result of one run
		check "$root shows no other statistics" sh -c \
			"! grep -v -E 'Diagnostics\.|UDPEchoConfig\.' '$WORK/names' | grep -E '\.(Stats|Statistics)\.|(Sent|Received)	'"
	done
}

row_DMR_12() {
	play <<-'END'
		session within 20
		  SetParameterValues Device.ManagementServer.Password=hidden-1 Device.ManagementServer.ConnectionRequestPassword=hidden-2
		  GetParameterValues Device.ManagementServer.
		  expect value Device.ManagementServer.Password = ""
		  expect value Device.ManagementServer.ConnectionRequestPassword = ""
	END
}
