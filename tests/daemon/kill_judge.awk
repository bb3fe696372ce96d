# Judges the transcript of the test ACS against what a client may do that is killed at any instant.
# First file, the notes: `url URL` (of the first session), `boot N` (a new boot after session N), `rebooted N` (ordered in
# session N, and carried out), `row N` (rows at the end),
# `inform N KEY CODE` (values in the Inform of session N). Second file: the transcript.
function wrong(text) {
	print "session " session ": " text ": " $0
	mistakes++
}

# The client went on: what was answered to it before has been taken in.
function goes_on(s) {
	if (answered[s]) {
		for (event in informed) {
			split(event, part, SUBSEP)
			if (part[1] == s) {
				acknowledged(part[2])
				delete informed[event]
			}
		}
		answered[s] = 0
	}
	if (complete_answered[s] != "") {
		completed[complete_answered[s]] = 1
		complete_answered[s] = ""
	}
}

function acknowledged(event) {
	if (event == "0 BOOTSTRAP") {
		bootstrap = "none"
		bootstrap_url = inform_url
	} else if (event == "1 BOOT") {
		boot = "acknowledged"
	} else if (event ~ /^M Reboot:/) {
		delivered[event] = 1
	}
}

# A bootstrap discards what was pending (digest section 8).
function discard(	key) {
	for (key in promised) {
		dropped[key] = 1
	}
}

# Bootstrap is due when the URL is not that of the last one that was delivered; `bootstrap` tells of one that is
# under way. A set of the URL without its response leaves the URL unknown, until an Inform shows what became of it.
function on_bootstrap(there) {
	if (there) {
		if (bootstrap == "none" && url == bootstrap_url && url != "?") {
			wrong("0 BOOTSTRAP without a cause")
		}
		if (bootstrap == "none" && url == "?" && bootstrap_url == url_before) {
			url = url_asked
		}
		bootstrap = "sent"
		discard()
	} else if (bootstrap == "sent") {
		wrong("0 BOOTSTRAP is lost")
	} else {
		if (bootstrap == "answered") {
			bootstrap_url = inform_url
		}
		bootstrap = "none"
		if (url == "?" && bootstrap_url != "?") {
			url = bootstrap_url
		}
		if (url != bootstrap_url && url != "?" && bootstrap_url != "?") {
			wrong("0 BOOTSTRAP is missing: the URL is " url)
		}
	}
	inform_url = url
}

function on_inform(	i, n, list, event, told) {
	n = split(text, list, "\"")
	for (i = 2; i <= n; i += 2) {
		event = list[i]
		told = told "|" event "|"
		informed[session, event] = 1
		events++
		if (event in delivered) {
			wrong("told again after it was acknowledged: " event)
		}
		if (event ~ /^M Download:/ && (substr(event, 12) in completed)) {
			wrong("told again after its TransferComplete was acknowledged: " event)
		}
		if (event ~ /^M / && !(event in promised) && !(event in asked)) {
			wrong("nobody asked for " event)
		}
	}
	on_bootstrap(index(told, "|0 BOOTSTRAP|") > 0)
	while (boots > 0 && session > boot_after[boots_done + 1] && boots_done < boots) {
		boots_done++
		boot = "due"
	}
	if (boot == "acknowledged" && index(told, "|1 BOOT|")) {
		wrong("1 BOOT is told again")
	}
	if (boot == "due" && !index(told, "|1 BOOT|")) {
		wrong("1 BOOT is lost")
	}
	if (session in inform_values) {
		if (inform_values[session] == maybe) {
			values = maybe
		}
		if (inform_values[session] != values) {
			wrong("has the values " inform_values[session] ", not " values (maybe != "" ? " or " maybe : ""))
			values = inform_values[session]
		}
		values_seen++
	}
	maybe = ""
}

function value_of(name,	i) {
	for (i = 1; i <= NF; i++) {
		if (index($i, name "=") == 1) {
			return substr($i, length(name) + 2)
		}
	}
	return ""
}

# What the ACS asks.
function on_request(	part) {
	request = $4
	key = value_of("key")
	split(values, part, " ")
	maybe = ""
	if (request == "Reboot") {
		asked["M Reboot:" key] = 1
	} else if (request == "Download") {
		asked["M Download:" key] = 1
	} else if (request == "AddObject") {
		maybe = key " " part[2]
	} else if (request == "DeleteObject") {
		object = $5
		sub(/\.$/, "", object)
		sub(/.*\./, "", object)
		maybe = key " " part[2]
		unsure_row[object] = 1
	} else if (request == "SetParameterValues" && text ~ /ProvisioningCode=/) {
		maybe = key " " value_of("Device.DeviceInfo.ProvisioningCode")
	} else if (request == "SetParameterValues") {
		maybe = key " " part[2]
		url_asked = value_of("Device.ManagementServer.URL")
		url_before = url
		url = url == url_asked ? url : "?"
	}
}

function on_response() {
	if ($4 == "RebootResponse") {
		if (session in rebooted) {
			promised["M Reboot:" key] = 1
			reboots++
		}
	} else if ($4 == "DownloadResponse") {
		if (value_of("Status") != 1) {
			wrong("a Download with Status other than 1")
		}
		promised["M Download:" key] = 1
		downloads++
	} else if ($4 == "AddObjectResponse") {
		number = value_of("InstanceNumber") + 0
		if (number <= highest) {
			wrong("an instance number is used again")
		}
		highest = number
		row[number] = 1
		unsure_row[number] = 0
		adds++
	} else if ($4 == "DeleteObjectResponse") {
		row[object] = 0
		unsure_row[object] = 0
	} else if ($4 == "SetParameterValuesResponse" && request_text ~ /ManagementServer\.URL=/) {
		url = url_asked
	}
	if (maybe != "") {
		values = maybe
	}
	maybe = ""
}

BEGIN {
	bootstrap = "sent" # the first Inform must have it
	bootstrap_url = "none"
	values = "- -"
	boot = "due"
}

FNR == NR {
	if ($1 == "boot") {
		boot_after[++boots] = $2
	} else if ($1 == "url") {
		url = inform_url = $2
	} else if ($1 == "rebooted") {
		rebooted[$2] = 1
	} else if ($1 == "row") {
		row_at_end[$2] = 1
	} else if ($1 == "inform") {
		inform_values[$2] = $3 " " $4
	}
	next
}

$2 !~ /^#[0-9]/ {
	next
}

{
	session = substr($2, 2) + 0
	text = $0
}

$3 == "<-" {
	goes_on(session)
	if ($4 == "Inform") {
		sessions++
		on_inform()
	} else if ($4 == "TransferComplete") {
		transfer = value_of("CommandKey")
		if (transfer in completed) {
			wrong("TransferComplete again after it was acknowledged")
		}
		if (!(("M Download:" transfer) in asked)) {
			wrong("a TransferComplete that nobody asked for")
		}
		if (text !~ /FaultStruct (0|9017) /) { # 9017: cut short as often as it is tried
			wrong("the download failed")
		}
		completes++
	} else if ($4 ~ /Response$/) {
		on_response()
	} else if ($4 == "Fault") {
		faults++
		if (request == "DeleteObject" && $5 == 9005 && row[object] && !unsure_row[object]) {
			wrong("a row is lost")
		} else if (!(request == "DeleteObject" && $5 == 9005) && !(request ~ /^(Download|AddObject)$/ && $5 == 9004)) {
			wrong("a fault")
		}
		if (request == "DeleteObject") {
			row[object] = unsure_row[object] = 0
		}
		maybe = ""
	}
}

# From here on the client may have taken it in (and been killed): it may be told again, and need not be.
$3 == "->" && $4 == "InformResponse" {
	answered[session] = 1
	for (event in informed) {
		split(event, part, SUBSEP)
		if (part[1] == session) {
			told_once[part[2]] = 1
		}
	}
	if (told_once["0 BOOTSTRAP"] && bootstrap == "sent") {
		bootstrap = "answered"
	}
	if (told_once["1 BOOT"] && boot == "due") {
		boot = "told"
	}
	delete told_once["0 BOOTSTRAP"]
	delete told_once["1 BOOT"]
	next
}
$3 == "->" && $4 == "TransferCompleteResponse" {
	complete_answered[session] = transfer
	told_once["M Download:" transfer] = 2
	next
}
$3 == "->" && $4 !~ /^[0-9]/ {
	request_text = text
	on_request()
}

END {
	$0 = "(at the end)"
	for (event in promised) {
		if (event in dropped) {
			continue
		}
		if (event ~ /^M Reboot:/ && told_once[event] == 0) {
			wrong("lost: " event)
		}
		if (event ~ /^M Download:/ && told_once[event] != 2) {
			wrong("lost: the TransferComplete of " event)
		}
	}
	for (number in row) {
		if (row[number] && !unsure_row[number] && !(number in row_at_end)) {
			wrong("row " number " is lost")
		}
		if (!row[number] && !unsure_row[number] && (number in row_at_end)) {
			wrong("row " number " was deleted and is there")
		}
	}
	if (bootstrap == "sent") {
		wrong("0 BOOTSTRAP was not delivered")
	}
	printf "%d sessions, %d boots, %d reboots and %d downloads promised, %d TransferComplete, %d rows added, %d faults, %d times values compared\n", \
		sessions, boots, reboots, downloads, completes, adds, faults, values_seen
	if (mistakes == 0 && (sessions == 0 || reboots == 0 || downloads == 0 || adds == 0 || values_seen == 0)) {
		print "this run tested nothing: it was too short"
		mistakes++
	}
	exit mistakes > 0
}
